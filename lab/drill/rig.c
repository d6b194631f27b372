#include "lab/drill/rig.h"

#include "models/ndis/ndis.h"

#define SEED 1
#define HOST_MAC_ID 1
#define PEER_MAC_ID 2
#define WIRE_BITS_PER_S INT64_C (10000000000000)
#define BUS_BITS_PER_S INT64_C (100000000000000)
#define WIRE_QUEUE_BYTES (1 << 26)
#define CLOCK_HZ INT64_C (10000000000)
#define OFFLOAD_MS 5
#define EVENTS_MAX UINT64_C (20000000)

struct DrillRig {
  const DrillSettings *settings;
  Sim *sim;
  SimDist *nothing;
  Host *host;
  Ndis *ndis;
  Target *target;
  Wire *wire;
  GQueue arrivals; /* DrillArrival * */
  SimEvent alarm;
  bool awaits, pauses;
  bool offload_succeeded;
};

static void
arrive (void *data, const TcpSegment *segment)
{
  DrillRig *rig = data;
  DrillArrival *arrival = g_new (DrillArrival, 1);

  *arrival = (DrillArrival){ sim_now (rig->sim), *segment };
  g_queue_push_tail (&rig->arrivals, arrival);
  if (rig->awaits)
    sim_request_stop (rig->sim);
}

static void
socket_changed (void *data, uint32_t connection_id)
{
  DrillRig *rig = data;

  (void)connection_id;
  if (rig->pauses)
    sim_request_stop (rig->sim);
}

static void
ring (Sim *sim, void *data)
{
  (void)sim;
  (void)data;
}

/* Construction */

static Host *
make_host (DrillRig *rig, uint32_t n_connections, uint32_t *actor)
{
  HostConfig config = host_config_default ();

  config.n_cpus = 1;
  config.clock_hz = CLOCK_HZ;
  for (int i = 0; i < HOST_N_COSTS; i++)
    config.cost[i] = rig->nothing;
  config.tcp = rig->settings->tcp;
  config.TtlOrHopLimit = rig->settings->tcp.ttl;
  config.chimney = true;
  config.parameters.TicksPerSecond = config.tcp.ticks_per_s;
  config.parameters.TcpDelayedAckTicks = config.tcp.delayed_ack_ticks;
  config.parameters.TcpAckFrequency = config.tcp.ack_frequency;
  config.parameters.TcpMaximumRetransmissions = config.tcp.retransmissions_max;
  config.parameters.TcpSwsPreventionTicks = config.tcp.sws_prevention_ticks;
  config.parameters.TcpDuplicateAckThreshold = config.tcp.duplicate_ack_threshold;
  config.receive.style = HOST_RECEIVE_INDICATE_AND_POST;
  config.receive.push = true;
  config.receive.request_bytes = 1 << 20;
  config.send.backlog_bytes = 1 << 30;
  config.send.nagle = true;
  config.n_connections = n_connections;
  config.actor_id = *actor;
  *actor += HOST_ACTORS (&config);
  return host_new (rig->sim, &config);
}

static Target *
make_target (DrillRig *rig, uint32_t n_connections, uint32_t *actor)
{
  TargetConfig config;

  target_config_init (&config);
  for (int i = 0; i < TARGET_N_COSTS; i++)
    config.cost[i] = rig->nothing;
  config.engines.clock.hz = CLOCK_HZ;
  config.bus.read_bits_per_s = config.bus.write_bits_per_s = BUS_BITS_PER_S;
  config.interrupts.completions_max = 1;
  config.interrupts.vectors = 1;
  TcpConfig tcp = rig->settings->tcp;
  tcp.role = TCP_ROLE_TARGET;
  config.tcp = tcp;
  config.n_connections = n_connections;
  config.actor_id = *actor;
  config.interface_mac_id = HOST_MAC_ID;
  *actor += TARGET_ACTORS;
  return target_new (rig->sim, &config);
}

static void
start (DrillRig *rig)
{
  NdisDriver drivers[] = { host_driver (rig->host), target_driver (rig->target) };
  HostNeighborSetup neighbor = { .source_mac_id = HOST_MAC_ID, .destination_mac_id = PEER_MAC_ID };
  HostPathSetup path = { .ip_version = rig->settings->ip_version,
                         .source_address_id = DRILL_HOST_ADDRESS_ID,
                         .destination_address_id = DRILL_PEER_ADDRESS_ID,
                         .path_mtu_bytes = rig->settings->mtu_bytes };

  ndis_start (rig->ndis, drivers, G_N_ELEMENTS (drivers));
  path.neighbor_index = host_add_neighbor (rig->host, &neighbor);
  host_add_path (rig->host, &path);
  host_socket_watch (rig->host, socket_changed, rig);
  host_start (rig->host);
  drill_rig_run (rig, DRILL_EPOCH);
}

DrillRig *
drill_rig_new (const DrillSettings *settings, uint32_t n_connections)
{
  DrillRig *rig = g_new0 (DrillRig, 1);
  uint32_t actor = 1;

  rig->settings = settings;
  rig->sim = sim_new (SEED);
  sim_trace_set_kinds (sim_trace (rig->sim), trace_kinds, TRACE_N_KINDS);
  rig->nothing = sim_dist_new_constant (0);
  g_queue_init (&rig->arrivals);
  rig->host = make_host (rig, n_connections, &actor);
  NdisConfig ndis = { .costs = { rig->nothing, rig->nothing, rig->nothing }, .actor_id = actor++ };
  rig->ndis = ndis_new (rig->sim, &ndis, host_cpus (rig->host), 1);
  rig->target = make_target (rig, n_connections, &actor);
  WireConfig wire = { .rate_bits_per_s = WIRE_BITS_PER_S,
                      .one_way = { SIM_PS_PER_NS },
                      .queue_bytes = WIRE_QUEUE_BYTES,
                      .loss_denominator = 1,
                      .actor_id = actor };
  actor += WIRE_ACTORS;
  rig->wire = wire_new (rig->sim, &wire);
  wire_attach (rig->wire, WIRE_END_PEERS, &(WireListener){ .arrive = arrive, .data = rig });
  target_attach_wire (rig->target, rig->wire);
  sim_event_init (&rig->alarm, SIM_PHASE_OBSERVE, actor, ring, NULL);
  start (rig);
  return rig;
}

void
drill_rig_free (DrillRig *rig)
{
  if (rig == NULL)
    return;
  sim_event_cancel (rig->sim, &rig->alarm);
  target_free (rig->target);
  ndis_free (rig->ndis);
  host_free (rig->host);
  wire_free (rig->wire);
  sim_free (rig->sim);
  sim_dist_free (rig->nothing);
  g_queue_clear_full (&rig->arrivals, g_free);
  g_free (rig);
}

Host *
drill_rig_host (const DrillRig *rig)
{
  return rig->host;
}

SimTime
drill_rig_now (const DrillRig *rig)
{
  return sim_now (rig->sim);
}

/* One system makes the buffer a whole number of segments when the peer's MSS is known. */
static uint32_t
receive_buffer (const DrillSettings *s)
{
  uint32_t headers = s->ip_version == 6 ? 60 : 40;
  uint32_t mss = s->mtu_bytes > headers ? s->mtu_bytes - headers : 1;

  if (s->system != DRILL_SYSTEM_BSD)
    return s->receive_buffer_bytes;
  return (s->receive_buffer_bytes + mss - 1) / mss * mss;
}

HostSocketSetup
drill_rig_setup (const DrillRig *rig)
{
  const DrillSettings *s = rig->settings;

  return (HostSocketSetup){
    .tcp = { .tuple = { .source_address_id = DRILL_HOST_ADDRESS_ID,
                        .destination_address_id = DRILL_PEER_ADDRESS_ID },
             .ip_version = s->ip_version,
             .receive_window_bytes = receive_buffer (s),
             .receive_window_scale =
                 drill_window_scale (MAX (s->receive_buffer_max_bytes, s->receive_buffer_bytes)),
             .timestamps = s->timestamps,
             .sack = s->sack,
             .window_scaling = s->window_scaling,
             .nagle = true,
             .path_mtu_bytes = s->mtu_bytes },
    .path_index = 0,
  };
}

/* Time */

/* An event at |until| makes time pass to there even if nothing happens. */
static SimStop
run (DrillRig *rig, SimTime until)
{
  if (!sim_time_before (sim_now (rig->sim), until))
    return SIM_STOP_TIME;
  sim_event_schedule (rig->sim, &rig->alarm, until);
  return sim_run (rig->sim, (SimLimits){ .until = until, .max_events = EVENTS_MAX });
}

void
drill_rig_run (DrillRig *rig, SimTime until)
{
  run (rig, until);
}

void
drill_rig_settle (DrillRig *rig)
{
  drill_rig_run (rig, sim_time_add (sim_now (rig->sim), sim_ps (DRILL_SETTLE_PS)));
}

bool
drill_rig_await (DrillRig *rig, SimTime until, DrillArrival *ret_arrival)
{
  rig->awaits = true;
  while (g_queue_is_empty (&rig->arrivals) && run (rig, until) == SIM_STOP_REQUEST)
    continue;
  rig->awaits = false;
  if (g_queue_is_empty (&rig->arrivals))
    return false;
  *ret_arrival = *(const DrillArrival *)g_queue_peek_head (&rig->arrivals);
  return true;
}

void
drill_rig_take (DrillRig *rig)
{
  g_free (g_queue_pop_head (&rig->arrivals));
}

void
drill_rig_inject (DrillRig *rig, const TcpSegment *segment)
{
  bool taken = wire_send (rig->wire, WIRE_END_PEERS, SIDE_PEER, segment);
  SIM_ASSERT (taken);
}

void
drill_rig_pause_at_change (DrillRig *rig, bool pause)
{
  rig->pauses = pause;
}

static void
note_offload (void *data, uint32_t tag, bool succeeded)
{
  DrillRig *rig = data;

  (void)tag;
  rig->offload_succeeded = succeeded;
  sim_request_stop (rig->sim);
}

bool
drill_rig_offload (DrillRig *rig, uint32_t connection_id)
{
  HostCaller caller = { note_offload, rig, 0 };
  HostSet set = { connection_id, connection_id };
  SimTime until = sim_time_add (sim_now (rig->sim), sim_ms (OFFLOAD_MS));

  rig->offload_succeeded = false;
  host_offload (rig->host, set, NULL, caller);
  while (!rig->offload_succeeded && run (rig, until) == SIM_STOP_REQUEST)
    continue;
  return host_owner (rig->host, connection_id) == OWNER_TARGET;
}

const Tcb *
drill_rig_tcb (const DrillRig *rig, uint32_t connection_id)
{
  const Tcb *tcb = target_tcb (rig->target, connection_id);
  return tcb != NULL ? tcb : host_socket_status (rig->host, connection_id).tcb;
}
