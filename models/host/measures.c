/* What the host tells of itself: statistics, and what must hold when it has come to rest. */
#include <glib.h>

#include "models/host/machine.h"
#include "models/tcp/store.h"
#include "models/host/manager.h"

HostStats
host_stats (const Host *host)
{
  return host->stats;
}

const TcpCounters *
host_tcp_counters (const Host *host)
{
  return &host->tcp_store->counters;
}

static uint32_t
count (const Host *host, HostSet set, bool (*holds) (const Connection *c))
{
  uint32_t n = 0;

  for (uint32_t id = set.first; id <= set.last && id < host->config.n_connections; id++)
    n += host->connection[id].added && holds (&host->connection[id]);
  return n;
}

static bool
is_offloaded (const Connection *c)
{
  return owner_of_state (c->owner) == OWNER_TARGET;
}

static bool
is_everything (const Host *host, HostSet set)
{
  return set.first == 0 && set.last == host->config.n_connections - 1;
}

/* Of all connections: samplers ask for that often. */
static uint32_t
all_offloaded (const Host *host)
{
  uint32_t n = 0;

  for (OwnerState state = 0; state < OWN_N_STATES; state++)
    if (owner_of_state (state) == OWNER_TARGET)
      n += host->n_owner[state];
  return n;
}

uint32_t
host_offloaded (const Host *host, HostSet set)
{
  if (is_everything (host, set))
    return all_offloaded (host);
  return count (host, set, is_offloaded);
}

uint32_t
host_established (const Host *host, HostSet set)
{
  if (is_everything (host, set))
    return host->n_established;
  return count (host, set, connection_is_established);
}

static const Connection *
connection_at (const Host *host, uint32_t id)
{
  SIM_ASSERT (id < host->config.n_connections);
  SIM_ASSERT (host->connection[id].added);
  return &host->connection[id];
}

TCP_OFFLOAD_CONNECTION_STATE
host_state (const Host *host, uint32_t connection_id)
{
  return tcp_state (&connection_at (host, connection_id)->tcb);
}

TraceOwner
host_owner (const Host *host, uint32_t connection_id)
{
  return owner_of_state (connection_at (host, connection_id)->owner);
}

uint32_t
host_object_id (const Host *host, uint32_t connection_id)
{
  return connection_at (host, connection_id)->handle.object_id;
}

uint64_t
host_sent_bytes (const Host *host, uint32_t connection_id)
{
  return connection_at (host, connection_id)->send_offset;
}

uint64_t
host_delivered_bytes (const Host *host, uint32_t connection_id)
{
  return connection_at (host, connection_id)->delivered_offset;
}

SimCycles
host_cycles (const Host *host, AccountPart part, AccountWay way)
{
  SimCycles sum = SIM_CYCLES_ZERO;

  for (uint32_t i = 0; i < host->processors.n; i++)
    sum = sim_cycles_add (sum, sim_cpu_account (host->processors.cpu[i], ACCOUNT (part, way)));
  return sum;
}

/* At rest */

static void
check_connection (const Connection *c, GString *text)
{
  bool is_moving = c->owner != OWN_HOST && c->owner != OWN_OFFLOADED;
  uint32_t posted = c->sends_posted + c->disconnects_posted + c->forwards_posted;

  if (is_moving)
    g_string_append_printf (text, "connection %u is %s\n", c->id, owner_state_name (c->owner));
  if (c->calls_open > 0)
    g_string_append_printf (text, "connection %u has %u calls open\n", c->id, c->calls_open);
  if (c->operations > 0)
    g_string_append_printf (text, "connection %u has %u operations outstanding\n", c->id,
                            c->operations);
  if (c->owner == OWN_HOST && posted + c->receives_posted > 0)
    g_string_append_printf (text, "connection %u has %u requests below and is the host's\n", c->id,
                            posted + c->receives_posted);
  if (c->held_first != NULL)
    g_string_append_printf (text, "connection %u has held segments\n", c->id);
}

static void
check_object (const HostObject *object, const char *kind, uint32_t index, GString *text)
{
  if (object_is_moving (object))
    g_string_append_printf (text, "%s %u is %s\n", kind, index, object_state_name (object->state));
  if (object->state == OBJECT_OFFLOADED && object->dependents == 0)
    g_string_append_printf (text, "%s %u is offloaded and nothing depends on it\n", kind, index);
}

char *
host_check_rest (const Host *host)
{
  GString *text = g_string_new (NULL);

  for (uint32_t id = 0; id < host->config.n_connections; id++)
    if (host->connection[id].added)
      check_connection (&host->connection[id], text);
  for (uint32_t p = 0; p < host->n_paths; p++)
    check_object (&host->path[p].object, "path", p, text);
  for (uint32_t n = 0; n < host->n_neighbors; n++)
    check_object (&host->neighbor[n].object, "neighbor", n, text);
  if (!manager_is_idle (host) && manager_is_held (host))
    g_string_append (text, HOST_HELD_AT_REST);
  else if (!manager_is_idle (host))
    g_string_append (text, "the offload manager has work outstanding\n");
  if (host->stats.broken_bytes > 0)
    g_string_append_printf (text, "%" G_GUINT64_FORMAT " bytes did not continue their stream\n",
                            host->stats.broken_bytes);
  if (text->len == 0) {
    g_string_free (text, TRUE);
    return NULL;
  }
  return g_string_free (text, FALSE);
}
