#include "models/host/chooser.h"

#include <glib.h>

#include "models/host/machine.h"
#include "models/host/manager.h"

struct ChooserEntry {
  uint64_t moved;      /* bytes both ways, at the last look */
  uint64_t recent;     /* since the look before it */
  uint64_t through_us; /* while the connection was the host's */
  SimTime active;      /* the last look that saw it move */
  SimTime not_before;
  SimDuration back_off; /* the next one */
  bool was_away;        /* at the last look the target had it, or was to get it */
};

typedef struct Ranked {
  uint32_t id;
  int64_t rank; /* the smallest first */
} Ranked;

static const HostChooser *
policy_of (const Host *host)
{
  return &host->config.offload.chooser;
}

/* Looking */

static void
come_back (const Host *host, ChooserEntry *entry, SimTime now)
{
  const HostChooser *policy = policy_of (host);

  entry->through_us = 0;
  entry->not_before = sim_time_add (now, entry->back_off);
  entry->back_off = sim_ps (MIN (2 * entry->back_off.ps, policy->back_off_max.ps));
}

static void
look_at (const Host *host, const Connection *c, ChooserEntry *entry, SimTime now)
{
  uint64_t moved = c->delivered_offset + c->una_offset;
  bool is_away = c->owner != OWN_HOST;

  entry->recent = moved - entry->moved;
  entry->moved = moved;
  if (entry->recent > 0)
    entry->active = now;
  if (!is_away)
    entry->through_us += entry->recent;
  if (entry->was_away && !is_away)
    come_back (host, entry, now);
  entry->was_away = is_away;
}

/* Choosing */

static bool
deserves (const Host *host, const ChooserEntry *entry)
{
  const HostChooser *policy = policy_of (host);

  switch (policy->choice) {
  case HOST_CHOOSES_NONE:
  case HOST_CHOOSES_EACH:
    return false;
  case HOST_CHOOSES_ALL:
    return true;
  case HOST_CHOOSES_BYTES:
    return entry->through_us >= policy->after_bytes;
  case HOST_CHOOSES_ACTIVITY:
    return entry->recent >= policy->active_bytes;
  }
  SIM_UNREACHABLE ();
}

static bool
is_candidate (const Host *host, const Connection *c, SimTime now)
{
  const ChooserEntry *entry = &host->chooser.entry[c->id];

  return c->owner == OWN_HOST && !sim_time_before (now, entry->not_before)
         && tcp_state_can_offload (tcp_state (&c->tcb))
         && (c->bits & (CONN_ABORTED | CONN_UPLOAD_WANTED | CONN_HOST_CLOSED)) == 0
         && deserves (host, entry);
}

static int64_t
rank_of (const Host *host, const ChooserEntry *entry)
{
  switch (policy_of (host)->choice) {
  case HOST_CHOOSES_BYTES:
    return -(int64_t)entry->through_us;
  case HOST_CHOOSES_ACTIVITY:
    return -(int64_t)entry->recent;
  case HOST_CHOOSES_NONE:
  case HOST_CHOOSES_ALL:
  case HOST_CHOOSES_EACH:
    break;
  }
  return 0;
}

static gint
compare (gconstpointer a, gconstpointer b)
{
  const Ranked *one = a, *other = b;

  if (one->rank != other->rank)
    return one->rank < other->rank ? -1 : 1;
  return one->id < other->id ? -1 : 1;
}

/* The room that is left, and who wants it, best first. */
static GArray *
rank_candidates (const Host *host, SimTime now)
{
  GArray *ranked = g_array_new (FALSE, FALSE, sizeof (Ranked));

  for (uint32_t id = 0; id < host->config.n_connections; id++) {
    const Connection *c = &host->connection[id];
    if (!c->added || !is_candidate (host, c, now))
      continue;
    Ranked candidate = { id, rank_of (host, &host->chooser.entry[id]) };
    g_array_append_val (ranked, candidate);
  }
  g_array_sort (ranked, compare);
  return ranked;
}

static uint32_t
room (const Host *host)
{
  uint32_t away = 0;

  for (OwnerState state = OWN_PREPARING; state < OWN_N_STATES; state++)
    away += host->n_owner[state];
  return host->chooser.capacity - MIN (host->chooser.capacity, away);
}

/* Taking back */

static void
upload_resting (Host *host, SimTime now)
{
  SimDuration idle_max = policy_of (host)->idle_max;

  for (uint32_t id = 0; idle_max.ps > 0 && id < host->config.n_connections; id++) {
    Connection *c = &host->connection[id];
    const ChooserEntry *entry = &host->chooser.entry[id];
    if (c->added && c->owner == OWN_OFFLOADED
        && sim_time_diff (now, entry->active).ps >= idle_max.ps)
      manager_upload_connection (host, c);
  }
}

/* Makes room for |wanted| connections, as far as others rest. */
static void
evict (Host *host, uint32_t wanted)
{
  g_autoptr (GArray) ranked = g_array_new (FALSE, FALSE, sizeof (Ranked));

  for (uint32_t id = 0; id < host->config.n_connections; id++) {
    const Connection *c = &host->connection[id];
    const ChooserEntry *entry = &host->chooser.entry[id];
    Ranked resting = { id, entry->active.ps };
    if (c->added && c->owner == OWN_OFFLOADED && entry->recent == 0)
      g_array_append_val (ranked, resting);
  }
  g_array_sort (ranked, compare);
  for (uint32_t i = 0; i < MIN (wanted, ranked->len); i++)
    manager_upload_connection (host, &host->connection[g_array_index (ranked, Ranked, i).id]);
}

/* Candidates that move now: nobody is evicted for one that rests. */
static uint32_t
count_moving (const Host *host, const GArray *ranked)
{
  uint32_t count = 0;

  for (uint32_t i = 0; i < ranked->len; i++)
    count += host->chooser.entry[g_array_index (ranked, Ranked, i).id].recent > 0;
  return count;
}

/* Offering */

static void
offered (void *data, uint32_t tag, bool succeeded)
{
  Host *host = data;

  (void)tag;
  (void)succeeded;
  host->chooser.is_offering = false;
}

/* Who is offered counts as away, so that a refusal is a coming back. */
static void
offer (Host *host, const GArray *ranked, uint32_t count)
{
  HostCaller caller = { offered, host, 0 };
  HostSet none = { .first = 1, .last = 0 };
  g_autofree uint32_t *ids = g_new (uint32_t, count);

  for (uint32_t i = 0; i < count; i++) {
    ids[i] = g_array_index (ranked, Ranked, i).id;
    host->chooser.entry[ids[i]].was_away = true;
  }
  host->chooser.is_offering = true;
  Operation *operation = operation_new (host, OPERATION_OFFLOAD, none, NULL, caller);
  operation_set_ids (host, operation, ids, count);
  manager_submit (host, operation);
}

static bool
may_offer (const Host *host)
{
  const HostManager *manager = host->manager;

  return manager->enabled && !manager->unavailable && !manager->asleep
         && !power_holds_initiates (host) && !host->chooser.is_offering;
}

static void
look (Host *host)
{
  SimTime now = sim_now (host->sim);

  for (uint32_t id = 0; id < host->config.n_connections; id++)
    if (host->connection[id].added)
      look_at (host, &host->connection[id], &host->chooser.entry[id], now);
  upload_resting (host, now);
  if (!may_offer (host))
    return;
  g_autoptr (GArray) ranked = rank_candidates (host, now);
  uint32_t free_places = room (host);
  uint32_t moving = count_moving (host, ranked);
  if (policy_of (host)->eviction == HOST_EVICTS_LRU && moving > free_places)
    evict (host, moving - free_places);
  if (MIN (free_places, ranked->len) > 0)
    offer (host, ranked, MIN (free_places, ranked->len));
}

/* The clock */

static void
arm (Host *host)
{
  sim_event_schedule (host->sim, &host->chooser.event,
                      sim_time_add (sim_now (host->sim), policy_of (host)->interval));
}

static void
fire (Sim *sim, void *data)
{
  Host *host = data;

  (void)sim;
  worker_wake (&host->chooser.worker);
  arm (host);
}

void
chooser_init (Host *host)
{
  sim_event_init (&host->chooser.event, SIM_PHASE_HOST, host->config.actor_id, fire, host);
  worker_init (&host->chooser.worker, host, look);
}

void
chooser_clear (Host *host)
{
  sim_event_cancel (host->sim, &host->chooser.event);
  worker_clear (&host->chooser.worker);
  g_free (host->chooser.entry);
}

/* The policies that compare connections look at regular instants. */
static bool
looks (const HostChooser *policy)
{
  return policy->idle_max.ps > 0
         || (policy->choice != HOST_CHOOSES_NONE && policy->choice != HOST_CHOOSES_EACH);
}

void
chooser_start (Host *host)
{
  const HostChooser *policy = policy_of (host);

  if (!looks (policy))
    return;
  host->chooser.entry = g_new0 (ChooserEntry, MAX (host->config.n_connections, 1));
  for (uint32_t id = 0; id < host->config.n_connections; id++)
    host->chooser.entry[id].back_off = policy->back_off;
  arm (host);
}

void
chooser_look_at (Host *host, Connection *c)
{
  const HostChooser *policy = policy_of (host);
  HostCaller nobody = { 0 };

  if (policy->choice != HOST_CHOOSES_EACH || !host->config.chimney || c->bits & CONN_LOOKED_AT
      || c->owner != OWN_HOST || tcp_state (&c->tcb) != TcpConnectionEstablished
      || c->send_offset + c->delivered_offset < policy->after_bytes)
    return;
  c->bits |= CONN_LOOKED_AT;
  manager_submit (host,
                  operation_new (host, OPERATION_OFFLOAD, (HostSet){ c->id, c->id }, NULL, nobody));
}
