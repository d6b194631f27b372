#include "models/host/host.h"

#include <glib.h>

#include "models/host/demux.h"
#include "models/host/machine.h"
#include "models/host/manager.h"
#include "models/host/options.h"
#include "models/host/protocol.h"
#include "models/tcp/store.h"

/* Construction */

Host *
host_new (Sim *sim, const HostConfig *config)
{
  Host *host = g_new0 (Host, 1);

  SIM_ASSERT (config->receive.request_bytes > 0);
  SIM_ASSERT (config->receive.posted_requests <= HOST_POSTED_RECEIVES_MAX);
  SIM_ASSERT (config->send.backlog_bytes > 0);
  SIM_ASSERT (config->parameters.TicksPerSecond > 0);
  host->sim = sim;
  host->trace = sim_trace (sim);
  host->config = *config;
  host->tcp_store = tcp_store_new (0, 0);
  host->config.tcp.store = host->tcp_store;
  for (HostCost cost = 0; cost < HOST_N_COSTS; cost++) {
    g_autofree char *name = g_strdup_printf ("host %s", host_cost_name (cost));
    host->cost_stream[cost] = sim_stream (sim_seed (sim), name);
  }
  host->connection = g_new0 (Connection, config->n_connections + 1);
  host->held_segments = sim_pool_new (sizeof (HeldSegment), 0);
  processors_init (host);
  demux_init (host);
  returns_init (host);
  control_init (host);
  power_init (host);
  chooser_init (host);
  manager_init (host);
  neighbors_init (host);
  sockets_init (host);
  return host;
}

static void
clear_connection (Host *host, Connection *c)
{
  if (!c->added)
    return;
  sim_event_cancel (host->sim, &c->timer);
  connection_drop_held (host, c);
  tcp_clear (&c->tcb);
}

void
host_free (Host *host)
{
  if (host == NULL)
    return;
  for (uint32_t id = 0; id < host->config.n_connections; id++)
    clear_connection (host, &host->connection[id]);
  sockets_clear (host);
  neighbors_clear (host);
  manager_clear (host);
  control_clear (host);
  power_clear (host);
  chooser_clear (host);
  returns_clear (host);
  demux_clear (host);
  processors_clear (host);
  sim_pool_free (host->held_segments);
  tcp_store_free (host->tcp_store);
  g_free (host->connection);
  g_free (host->path);
  g_free (host->neighbor);
  g_free (host);
}

SimCpu *const *
host_cpus (const Host *host)
{
  return host->processors.cpu;
}

NdisDriver
host_driver (Host *host)
{
  return (NdisDriver){ .name = "host", .protocol = &protocol_characteristics, .context = host };
}

uint32_t
host_add_neighbor (Host *host, const HostNeighborSetup *setup)
{
  uint32_t index = host->n_neighbors++;

  SIM_ASSERT (!host->started);
  host->neighbor = g_renew (HostNeighbor, host->neighbor, host->n_neighbors);
  host->neighbor[index] = (HostNeighbor){ .setup = *setup, .confirmed = sim_now (host->sim) };
  return index;
}

uint32_t
host_add_path (Host *host, const HostPathSetup *setup)
{
  uint32_t index = host->n_paths++;

  SIM_ASSERT (!host->started);
  SIM_ASSERT (setup->neighbor_index < host->n_neighbors);
  host->path = g_renew (HostPath, host->path, host->n_paths);
  host->path[index] = (HostPath){ .setup = *setup, .next_index = UINT32_MAX };
  return index;
}

void
host_init_connection (Host *host, Connection *c, const HostConnectionSetup *setup)
{
  uint32_t id = setup->tcp.connection_id;

  SIM_ASSERT (id < host->config.n_connections);
  SIM_ASSERT (setup->path_index < host->n_paths);
  SIM_ASSERT (!c->added);
  SIM_ASSERT (setup->receive == NULL || setup->receive->request_bytes > 0);
  c->added = true;
  c->id = id;
  c->path_index = setup->path_index;
  c->user_priority = setup->user_priority;
  c->send_first_seq = setup->tcp.send_isn + 1;
  c->backlog_bytes = host->config.send.backlog_bytes;
  c->receive = setup->receive != NULL ? setup->receive : &host->config.receive;
  c->rss_hash = processors_hash (setup->tcp.tuple);
  c->cpu_index = c->app_cpu_index = processors_of_hash (host, c->rss_hash);
  c->handle.owner = host;
  c->handle.connection_id = id;
  sim_event_init (&c->timer, SIM_PHASE_HOST, host->config.actor_id + 1 + host->config.n_cpus + id,
                  connection_expire, c);
  app_init (&c->app, setup->traffic);
  host->n_owner[OWN_HOST]++;
}

void
host_add_connection (Host *host, const HostConnectionSetup *setup)
{
  SIM_ASSERT (!host->started);
  SIM_ASSERT (setup->tcp.connection_id < host->config.n_connections);
  Connection *c = &host->connection[setup->tcp.connection_id];
  host_init_connection (host, c, setup);
  if (!traffic_opens (setup->traffic))
    tcp_init_established (&c->tcb, &host->config.tcp, &setup->tcp, sim_now (host->sim));
  else if (setup->traffic->spec.peer_opens)
    tcp_init_listen (&c->tcb, &host->config.tcp, &setup->tcp, sim_now (host->sim));
  else
    tcp_init_closed (&c->tcb, &host->config.tcp, &setup->tcp, sim_now (host->sim));
  options_init (host, c);
  demux_add (host, c);
}

/* Objects are numbered: neighbors from 1, then paths, then connections. */
static void
number_objects (Host *host)
{
  for (uint32_t n = 0; n < host->n_neighbors; n++)
    object_init (&host->neighbor[n].object, host, 1 + n);
  for (uint32_t p = 0; p < host->n_paths; p++)
    object_init (&host->path[p].object, host, 1 + host->n_neighbors + p);
  for (uint32_t id = 0; id < host->config.n_connections; id++)
    host->connection[id].handle.object_id = 1 + host->n_neighbors + host->n_paths + id;
}

HostNeighbor *
host_neighbor_by_object (Host *host, uint32_t object_id)
{
  SIM_ASSERT (object_id >= 1);
  SIM_ASSERT (object_id <= host->n_neighbors);
  return &host->neighbor[object_id - 1];
}

HostPath *
host_path_by_object (Host *host, uint32_t object_id)
{
  SIM_ASSERT (object_id > host->n_neighbors);
  SIM_ASSERT (object_id <= host->n_neighbors + host->n_paths);
  return &host->path[object_id - host->n_neighbors - 1];
}

void
host_start (Host *host)
{
  SIM_ASSERT (!host->started);
  SIM_ASSERT (host->binding != NULL);
  number_objects (host);
  neighbors_start (host);
  host->started = true;
  if (host->config.chimney)
    control_enable (host, NULL);
  chooser_start (host);
  for (uint32_t id = 0; id < host->config.n_connections; id++) {
    Connection *c = &host->connection[id];
    if (!c->added)
      continue;
    connection_settle (host, c);
    app_start (host, c);
  }
}

bool
host_strikes (Host *host, HostDefect defect, uint32_t object_id)
{
  if (!host_has_defect (host, defect))
    return false;
  TRACE (host->trace, host->config.actor_id, DEFECT, defect, object_id);
  return true;
}

/* Verbs */

static void
answer (HostCaller caller, bool succeeded)
{
  if (caller.done != NULL)
    caller.done (caller.data, caller.tag, succeeded);
}

/* The twin has no chimney: what would change the way of a connection changes nothing. */
static bool
without_chimney (const Host *host, HostCaller caller)
{
  if (host->config.chimney)
    return false;
  answer (caller, true);
  return true;
}

void
host_offload (Host *host, HostSet set, const HostBatch *batch, HostCaller caller)
{
  if (!without_chimney (host, caller))
    manager_submit (host, operation_new (host, OPERATION_OFFLOAD, set, batch, caller));
}

void
host_upload (Host *host, HostSet set, const HostBatch *batch, HostCaller caller)
{
  if (!without_chimney (host, caller))
    manager_submit (host, operation_new (host, OPERATION_UPLOAD, set, batch, caller));
}

/* What names a parent goes down as one tree, so that it is named once. */
static Operation *
new_aimed (Host *host, OperationKind kind, HostSet set, HostAim aim, HostCaller caller)
{
  HostBatch one = { .tree = HOST_TREE_ONE };
  const HostBatch *batch = aim == HOST_AIM_CONNECTIONS ? NULL : &one;
  Operation *operation = operation_new (host, kind, set, batch, caller);

  operation->aim = aim;
  return operation;
}

static bool
names_connections (HostAim aim)
{
  return aim == HOST_AIM_CONNECTIONS || aim == HOST_AIM_ALL;
}

void
host_update (Host *host, HostSet set, HostAim aim, const HostOptions *options, HostCaller caller)
{
  bool is_theirs = names_connections (aim);

  if (!is_theirs && without_chimney (host, caller))
    return;
  Operation *operation =
      new_aimed (host, is_theirs ? OPERATION_UPDATE : OPERATION_UPDATE_PARENTS, set, aim, caller);
  operation->options = *options;
  manager_submit (host, operation);
}

void
host_query (Host *host, HostSet set, HostAim aim, HostCaller caller)
{
  OperationKind kind = names_connections (aim) ? OPERATION_QUERY : OPERATION_QUERY_PARENTS;

  if (!without_chimney (host, caller))
    manager_submit (host, new_aimed (host, kind, set, aim, caller));
}

void
host_invalidate (Host *host, HostSet set, HostAim aim, HostCaller caller)
{
  SIM_ASSERT (!names_connections (aim)); /* INV-10 */
  if (!without_chimney (host, caller))
    manager_submit (host, new_aimed (host, OPERATION_INVALIDATE, set, aim, caller));
}

void
host_relink (Host *host, HostSet set, uint32_t neighbor_index, bool is_failed, HostCaller caller)
{
  HostBatch batch = { .tree = HOST_TREE_ONE };
  Operation *operation = operation_new (host, OPERATION_RELINK, set, &batch, caller);

  SIM_ASSERT (neighbor_index < host->n_neighbors);
  operation->neighbor_index = neighbor_index;
  operation->is_failed = is_failed;
  manager_submit (host, operation);
}

void
host_set_power (Host *host, NDIS_DEVICE_POWER_STATE state, HostCaller caller)
{
  power_set (host, state, caller);
}

void
host_statistics (Host *host, bool reset, HostCaller caller)
{
  control_statistics (host, reset, caller);
}

void
host_set_system (Host *host, NDIS_DEVICE_POWER_STATE state, HostCaller caller)
{
  power_set_system (host, state, caller);
}

void
host_set_chimney (Host *host, bool on, HostCaller caller)
{
  power_set_chimney (host, on, caller);
}

void
host_set_defect (Host *host, HostDefect defect, bool on)
{
  SIM_ASSERT (defect < HOST_N_DEFECTS);
  if (on)
    host->config.defects |= UINT32_C (1) << defect;
  else
    host->config.defects &= ~(UINT32_C (1) << defect);
  host->parents_changed = true;
  manager_clean_parents (host);
}

static void
for_each (Host *host, HostSet set, void (*visit) (Host *host, Connection *c, uint64_t value),
          uint64_t value)
{
  for (uint32_t id = set.first; id <= set.last && id < host->config.n_connections; id++)
    if (host->connection[id].added)
      visit (host, &host->connection[id], value);
}

static void
send_to (Host *host, Connection *c, uint64_t bytes)
{
  app_send (host, c, bytes);
}

static void
post_receive_on (Host *host, Connection *c, uint64_t bytes)
{
  if (c->owner != OWN_OFFLOADED)
    return;
  c->extra_posts++;
  c->extra_post_bytes = (uint32_t)bytes;
  processors_defer (host, c, HOST_JOB_CHIMNEY);
}

static void
close_it (Host *host, Connection *c, uint64_t value)
{
  (void)value;
  app_close (host, c);
}

static void
abort_it (Host *host, Connection *c, uint64_t value)
{
  (void)value;
  app_abort (host, c);
}

/* The host's own table decides where a connection's segments are processed that come by the
 * ordinary path; whose work has begun stays where it is. */
void
host_set_rss_table (Host *host, const uint32_t *cpu, uint32_t n, HostCaller caller)
{
  NDIS_OID_REQUEST set = { .Oid = OID_GEN_RECEIVE_SCALE_PARAMETERS, .is_set = true };

  SIM_ASSERT (n > 0);
  for (uint32_t i = 0; i < NDIS_RSS_TABLE_ENTRIES; i++)
    set.data.rss.indirection_table[i] = (uint8_t)(cpu[i % n] % host->processors.n);
  control_request_for (host, &set, caller);
}

void
host_send (Host *host, HostSet set, uint64_t bytes)
{
  for_each (host, set, send_to, bytes);
}

void
host_post_receive (Host *host, HostSet set, uint32_t bytes)
{
  for_each (host, set, post_receive_on, bytes);
}

void
host_close (Host *host, HostSet set)
{
  for_each (host, set, close_it, 0);
}

void
host_abort (Host *host, HostSet set)
{
  for_each (host, set, abort_it, 0);
}
