#include "models/host/neighbor.h"

#include <glib.h>

#include "models/host/frames.h"
#include "models/host/machine.h"
#include "models/host/manager.h"

#define NONE UINT32_MAX
#define HOP_LIMIT_OF_DISCOVERY 255

static int64_t
tick_ps (const Host *host)
{
  return SIM_PS_PER_S / host->config.parameters.TicksPerSecond;
}

/* The worker's list */

static void
want_work (Host *host, HostNeighbor *neighbor)
{
  HostNeighbors *neighbors = &host->neighbors;
  uint32_t index = (uint32_t)(neighbor - host->neighbor);

  if (neighbor->is_due)
    return;
  neighbor->is_due = true;
  neighbor->next_due = NONE;
  if (neighbors->first_due == NONE)
    neighbors->first_due = index;
  else
    host->neighbor[neighbors->last_due].next_due = index;
  neighbors->last_due = index;
  worker_wake (&neighbors->worker);
}

static void
timer_fired (Sim *sim, void *data)
{
  (void)sim;
  HostNeighbor *neighbor = data;

  want_work (neighbor->object.handle.owner, neighbor);
}

static void
arm (Host *host, HostNeighbor *neighbor, SimDuration delay)
{
  sim_event_schedule (host->sim, &neighbor->timer, sim_time_add (sim_now (host->sim), delay));
}

/* States */

static void
change (Host *host, HostNeighbor *neighbor, HostReach reach)
{
  HostReach before = neighbor->reach;

  if (before == reach)
    return;
  neighbor->reach = reach;
  TRACE (host->trace, host->config.actor_id, REACHABILITY, neighbor->object.handle.object_id,
         before, reach, neighbor->setup.address_id, neighbor->setup.destination_mac_id);
  if (reach == HOST_REACH_REACHABLE || reach == HOST_REACH_STALE)
    sim_event_cancel (host->sim, &neighbor->timer);
}

/* A reachable entry becomes stale by itself; nobody notices before it is looked at. */
static void
let_age (Host *host, HostNeighbor *neighbor)
{
  SimDuration age = sim_time_diff (sim_now (host->sim), neighbor->confirmed);

  if (neighbor->reach == HOST_REACH_REACHABLE && host->config.nud.reachable.ps > 0
      && age.ps > host->config.nud.reachable.ps)
    change (host, neighbor, HOST_REACH_STALE);
}

/* RFC 4861 7.3.3: whoever uses a stale entry waits for a sign, and then asks. */
static void
doubt (Host *host, HostNeighbor *neighbor)
{
  change (host, neighbor, HOST_REACH_DELAY);
  neighbor->doubted = sim_now (host->sim);
  neighbor->asked_by_target = false;
  arm (host, neighbor, host->config.nud.delay_first_probe);
}

static void
begin_probes (Host *host, HostNeighbor *neighbor, HostReach reach)
{
  neighbor->probes = 0;
  change (host, neighbor, reach);
  want_work (host, neighbor);
}

bool
neighbor_is_known (const HostNeighbor *neighbor)
{
  return neighbor->reach != HOST_REACH_INCOMPLETE;
}

bool
neighbor_may_send (Host *host, HostNeighbor *neighbor)
{
  let_age (host, neighbor);
  if (neighbor->reach == HOST_REACH_STALE)
    doubt (host, neighbor);
  if (neighbor->reach != HOST_REACH_INCOMPLETE)
    return true;
  if (!sim_event_is_pending (&neighbor->timer) && !neighbor->is_due)
    begin_probes (host, neighbor, HOST_REACH_INCOMPLETE);
  return false;
}

void
neighbor_confirm (Host *host, HostNeighbor *neighbor, SimTime when)
{
  neighbor->confirmed = sim_time_max (neighbor->confirmed, when);
  if (neighbor->reach == HOST_REACH_INCOMPLETE || neighbor->reach == HOST_REACH_REACHABLE)
    return;
  SimDuration age = sim_time_diff (sim_now (host->sim), neighbor->confirmed);
  if (age.ps <= host->config.nud.reachable.ps)
    change (host, neighbor, HOST_REACH_REACHABLE);
}

/* Asking */

static TcpSegment
question (const HostNeighbor *neighbor, bool to_everybody)
{
  const HostNeighborSetup *setup = &neighbor->setup;
  TcpSegment frame = {
    .kind = setup->ip_version == 4 ? TCP_FRAME_ARP_REQUEST : TCP_FRAME_SOLICITATION,
    .connection_id = UINT32_MAX,
    .tuple = { .source_address_id = setup->source_address_id,
               .destination_address_id = setup->address_id },
    .ip_version = setup->ip_version,
    .ttl = HOP_LIMIT_OF_DISCOVERY,
    .source_mac_id = setup->configured_source_mac_id != 0 ? setup->configured_source_mac_id
                                                          : setup->source_mac_id,
    .destination_mac_id = to_everybody ? TCP_MAC_EVERYONE : setup->destination_mac_id
  };

  if (setup->vlan_id != 0) {
    frame.oddities = TCP_VLAN_TAGGED;
    frame.vlan_tag = setup->vlan_id;
  }
  return frame;
}

static void
ask (Host *host, HostNeighbor *neighbor, FrameList *frames)
{
  TcpSegment frame = question (neighbor, neighbor->reach == HOST_REACH_INCOMPLETE);

  neighbor->probes++;
  host->stats.neighbor_questions++;
  processors_charge (host, HOST_COST_FRAME_SEND, PART_HOST_TCP, WAY_HOST, 1);
  frames_append (host, frames, NULL, &frame);
  arm (host, neighbor, host->config.nud.retransmit);
}

/* NUD-11: nobody is there.  Whoever sends by the entry asks anew. */
static void
give_up (Host *host, HostNeighbor *neighbor)
{
  bool was_probing = neighbor->reach == HOST_REACH_PROBE;

  change (host, neighbor, HOST_REACH_INCOMPLETE);
  sim_event_cancel (host->sim, &neighbor->timer);
  if (was_probing && neighbor->object.state != OBJECT_HOST && !neighbor->object.invalid)
    manager_submit_for (host, OPERATION_INVALIDATE, OFFLOAD_LAYER_NEIGHBOR,
                        (uint32_t)(neighbor - host->neighbor));
}

/* NUD-10, NUD-12: of an offloaded neighbor the target knows more. */
static void
end_delay (Host *host, HostNeighbor *neighbor, FrameList *frames)
{
  if (neighbor->object.state == OBJECT_OFFLOADED && !neighbor->object.invalid) {
    manager_submit_for (host, OPERATION_QUERY_NEIGHBOR, OFFLOAD_LAYER_NEIGHBOR,
                        (uint32_t)(neighbor - host->neighbor));
    return;
  }
  neighbor->probes = 0;
  change (host, neighbor, HOST_REACH_PROBE);
  ask (host, neighbor, frames);
}

static void
act (Host *host, HostNeighbor *neighbor, FrameList *frames)
{
  switch (neighbor->reach) {
  case HOST_REACH_DELAY:
    end_delay (host, neighbor, frames);
    return;
  case HOST_REACH_PROBE:
    if (neighbor->probes < host->config.nud.unicast_probes)
      ask (host, neighbor, frames);
    else
      give_up (host, neighbor);
    return;
  case HOST_REACH_INCOMPLETE:
    if (neighbor->probes < host->config.nud.multicast_probes)
      ask (host, neighbor, frames);
    return;
  case HOST_REACH_REACHABLE:
  case HOST_REACH_STALE:
  case HOST_N_REACHES:
    return; /* it was confirmed meanwhile */
  }
  SIM_UNREACHABLE ();
}

static void
work (Host *host)
{
  HostNeighbors *neighbors = &host->neighbors;
  FrameList frames = { 0 };

  while (neighbors->first_due != NONE) {
    HostNeighbor *neighbor = &host->neighbor[neighbors->first_due];
    neighbors->first_due = neighbor->next_due;
    neighbor->is_due = false;
    act (host, neighbor, &frames);
  }
  if (frames.first != NULL)
    frames_send (host, &frames, NULL, NULL);
}

/* Answers */

static HostNeighbor *
neighbor_at (Host *host, const TcpSegment *frame)
{
  for (uint32_t n = 0; n < host->n_neighbors; n++) {
    HostNeighbor *neighbor = &host->neighbor[n];
    if (neighbor->setup.address_id == frame->tuple.source_address_id
        && neighbor->setup.ip_version == frame->ip_version)
      return neighbor;
  }
  return NULL;
}

/* UPD-15: the same next hop by another MAC; the target is told. */
static void
change_mac (Host *host, HostNeighbor *neighbor, uint32_t mac_id)
{
  neighbor->setup.destination_mac_id = mac_id;
  TRACE (host->trace, host->config.actor_id, CHANGED, neighbor->object.handle.object_id);
  if (host_strikes (host, HOST_DEFECT_KEEPS_MAC, neighbor->object.handle.object_id))
    return;
  manager_submit_for (host, OPERATION_UPDATE_PARENTS, OFFLOAD_LAYER_NEIGHBOR,
                      (uint32_t)(neighbor - host->neighbor));
}

/* RFC 4861 7.2.5; an unasked answer is believed (its override flag is set) and proves nothing. */
void
neighbor_receive (Host *host, const TcpSegment *frame)
{
  bool is_answer = frame->kind == TCP_FRAME_ARP_REPLY || frame->kind == TCP_FRAME_ADVERTISEMENT;
  HostNeighbor *neighbor = is_answer ? neighbor_at (host, frame) : NULL;
  bool is_solicited = (frame->flags & TCP_FRAME_SOLICITED) != 0;

  processors_charge (host, HOST_COST_FRAME_RECEIVE, PART_HOST_TCP, WAY_HOST, 1);
  if (neighbor == NULL)
    return;
  bool is_new = neighbor->setup.destination_mac_id != frame->source_mac_id;
  host->stats.neighbor_answers++;
  if (is_solicited) {
    neighbor->confirmed = sim_now (host->sim);
    change (host, neighbor, HOST_REACH_REACHABLE);
  } else if (is_new) {
    change (host, neighbor, HOST_REACH_STALE);
  }
  if (is_new)
    change_mac (host, neighbor, frame->source_mac_id);
}

/* With the target */

uint32_t
neighbor_answer (Host *host, HostNeighbor *neighbor, uint32_t nic_delta)
{
  const NDIS_TCP_CONNECTION_OFFLOAD_PARAMETERS *parameters = &host->config.parameters;
  uint32_t delta =
      neighbor_reachability_delta (neighbor, parameters->TicksPerSecond, sim_now (host->sim));

  let_age (host, neighbor);
  if (neighbor->reach == HOST_REACH_REACHABLE && delta <= parameters->NceStaleTicks)
    return delta;
  if (neighbor->reach == HOST_REACH_REACHABLE || neighbor->reach == HOST_REACH_STALE) {
    doubt (host, neighbor);
    neighbor->asked_by_target = true;
    neighbor->indicated_delta = nic_delta;
  }
  return 0; /* NUD-09 */
}

/* Progress since we began to doubt: the delta is smaller than the one indicated, or the time since
 * then. */
void
neighbor_queried (Host *host, HostNeighbor *neighbor, uint32_t nic_delta)
{
  SimTime now = sim_now (host->sim);
  int64_t since = sim_time_diff (now, neighbor->doubted).ps / tick_ps (host);
  bool has_progress =
      neighbor->asked_by_target ? nic_delta < neighbor->indicated_delta : nic_delta <= since;

  if (neighbor->reach != HOST_REACH_DELAY)
    return;
  if (!has_progress
      || host_strikes (host, HOST_DEFECT_PROBES_ANYWAY, neighbor->object.handle.object_id)) {
    begin_probes (host, neighbor, HOST_REACH_PROBE);
    return;
  }
  neighbor->confirmed =
      sim_time_max (neighbor->confirmed, (SimTime){ MAX (now.ps - nic_delta * tick_ps (host), 0) });
  change (host, neighbor, HOST_REACH_REACHABLE);
}

/* Life */

void
neighbors_init (Host *host)
{
  host->neighbors.first_due = host->neighbors.last_due = NONE;
  worker_init (&host->neighbors.worker, host, work);
}

void
neighbors_start (Host *host)
{
  for (uint32_t n = 0; n < host->n_neighbors; n++) {
    HostNeighbor *neighbor = &host->neighbor[n];
    neighbor->reach = HOST_REACH_REACHABLE;
    sim_event_init (&neighbor->timer, SIM_PHASE_HOST, host->config.actor_id, timer_fired, neighbor);
  }
}

void
neighbors_clear (Host *host)
{
  for (uint32_t n = 0; host->started && n < host->n_neighbors; n++)
    sim_event_cancel (host->sim, &host->neighbor[n].timer);
  worker_clear (&host->neighbors.worker);
}

const char *
neighbor_reach_name (HostReach reach)
{
  static const char *const names[HOST_N_REACHES] = { "reachable", "stale", "delay", "probe",
                                                     "incomplete" };
  return reach < HOST_N_REACHES ? names[reach] : NULL;
}
