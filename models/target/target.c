#include "models/target/target.h"

#include "models/target/adapter.h"
#include "models/tcp/store.h"

/* As drawn, the shortest, the mean, the longest. */
#define READ_LATENCY_CHOICES 4

static void
init_bus (Target *target)
{
  const TargetConfig *config = &target->config;

  bus_line_init (&target->doorbells, target->sim,
                 &(BusLineConfig){ .actor_id = config->actor_id + ACTOR_DOORBELLS }, target);
  bus_line_init (&target->reads, target->sim,
                 &(BusLineConfig){ .bits_per_s = config->bus.read_bits_per_s,
                                   .tags = config->bus.read_tags,
                                   .actor_id = config->actor_id + ACTOR_READS },
                 target);
  bus_line_init (&target->writes, target->sim,
                 &(BusLineConfig){ .bits_per_s = config->bus.write_bits_per_s,
                                   .tags = config->bus.write_slots,
                                   .actor_id = config->actor_id + ACTOR_WRITES },
                 target);
}

static void
init_pools (Target *target)
{
  target->ops = sim_pool_new (sizeof (TargetOp), 0);
  target->commands = sim_pool_new (sizeof (TargetCommand), 0);
  target->upcalls = sim_pool_new (sizeof (TargetUpcall), 0);
  target->rx_frames = sim_pool_new (sizeof (RxFrame), 0);
  target->tx_frames = sim_pool_new (sizeof (TxFrame), 0);
}

Target *
target_new (Sim *sim, const TargetConfig *config)
{
  SIM_ASSERT (config->engines.count >= 1 && config->engines.count <= SIM_SERVER_SLOTS_MAX);
  SIM_ASSERT (config->interrupts.vectors >= 1 && config->interrupts.vectors <= TARGET_VECTORS_MAX);
  SIM_ASSERT (config->n_vlan_ids <= TARGET_VLANS_MAX);

  Target *target = g_new0 (Target, 1);
  target->sim = sim;
  target->config = *config;
  target->defects = config->defects;
  target->capabilities = (TargetCapabilities){ .connections = config->tables.tcp,
                                               .ipv4 = config->features.ipv4,
                                               .ipv6 = config->features.ipv6,
                                               .sack = config->features.sack };
  target->store = tcp_store_new (config->tables.tcp, 0);
  target->tcp = config->tcp;
  target->tcp.role = TCP_ROLE_TARGET;
  target->tcp.store = target->store;
  target->tcp.challenges_syn_at_next = config->knobs.syn_at_rcv_nxt == TARGET_SYN_CHALLENGES;
  target->push_ticks = config->push_ticks;
  target->nce_stale_ticks = config->nce_stale_ticks;
  target->cache.entries_max = config->cache.entries;
  target->token_of = g_new0 (NDIS_TOKEN, (size_t)config->n_connections + 1);
  target_costs_init (&target->costs, config, sim_seed (sim) ^ (uint64_t)config->number << 32);
  target_contexts_init (&target->contexts, config);
  target->engines =
      sim_server_new (sim, (SimServerConfig){ .slots = config->engines.count,
                                              .phase = SIM_PHASE_DEVICE,
                                              .actor_id = config->actor_id + ACTOR_ENGINES });
  init_bus (target);
  init_pools (target);
  target_vectors_init (target);
  target_power_init (target);
  target_pnp_init (target);
  target_statistics_init (target);
  return target;
}

/* A run may end with anything under way. */
static void
free_pool (SimPool *pool)
{
  for (uint32_t i = 0; i < sim_pool_out_peak (pool); i++) {
    void *object = sim_pool_at (pool, i);
    if (object != NULL)
      sim_pool_put (pool, object);
  }
  sim_pool_free (pool);
}

/* Gives back what connections hold of the TCP engine. */
static void
clear_connections (Target *target)
{
  for (uint32_t i = 0; i < target->config.tables.tcp; i++) {
    TcpContext *context = (TcpContext *)target_context_at (&target->contexts, OFFLOAD_LAYER_TCP, i);
    if (context == NULL)
      continue;
    sim_event_cancel (target->sim, &context->timer);
    tcp_clear (&context->tcb);
  }
}

void
target_free (Target *target)
{
  if (target == NULL)
    return;
  clear_connections (target);
  for (uint32_t i = 0; i < target->config.interrupts.vectors; i++)
    sim_event_cancel (target->sim, &target->vector[i].event);
  sim_event_cancel (target->sim, &target->power.event);
  target_pnp_clear (target);
  bus_line_clear (&target->doorbells);
  bus_line_clear (&target->reads);
  bus_line_clear (&target->writes);
  sim_server_free (target->engines);
  target_contexts_clear (&target->contexts);
  tcp_store_free (target->store);
  target_costs_clear (&target->costs);
  free_pool (target->ops);
  free_pool (target->commands);
  free_pool (target->upcalls);
  free_pool (target->rx_frames);
  free_pool (target->tx_frames);
  g_free (target->token_of);
  g_free (target);
}

/* Time, costs and the bus */

static SimClock
tick_clock (const Target *target)
{
  return (SimClock){ .hz = target->tcp.ticks_per_s };
}

uint32_t
target_tick (const Target *target)
{
  uint32_t ticks = (uint32_t)sim_clock_last_edge (tick_clock (target), target_now (target));
  return ticks - target->config.ticks_before_wrap;
}

SimTime
target_tick_after (const Target *target, uint32_t ticks)
{
  SimClock clock = tick_clock (target);
  return sim_clock_edge (clock, sim_clock_last_edge (clock, target_now (target)) + ticks);
}

void
target_charge (Target *target, TargetCost cost, uint32_t count, AccountWay way)
{
  AccountPart part = cost == TARGET_COST_INTERRUPT_ENTRY ? PART_INTERRUPT : PART_MINIPORT;
  int64_t cycles = target_cycles (target, cost, TARGET_NO_SUBJECT);

  SIM_ASSERT (target_cost_unit (cost) == TARGET_HOST_CYCLES);
  sim_cpu_charge (ndis_cpu (target->ndis), ACCOUNT (part, way), sim_cycles (cycles * count));
}

/* A read may be as slow or as fast as its distribution allows: a freedom that a schedule may
 * use. */
static SimDuration
read_latency (Target *target, uint32_t connection_id)
{
  const SimDist *dist = target_cost_dist (&target->costs, TARGET_COST_DMA_READ_LATENCY);
  SimDuration drawn = target_delay (target, TARGET_COST_DMA_READ_LATENCY, connection_id);

  switch (sim_choose (target->sim, SITE_DMA_LATENCY, connection_id, READ_LATENCY_CHOICES)) {
  case 1:
    return sim_ps (sim_dist_min (dist));
  case 2:
    return sim_ps (sim_dist_mean (dist));
  case 3:
    return sim_ps (sim_dist_max (dist));
  default:
    return drawn;
  }
}

void
target_read (Target *target, BusTransfer *transfer, uint32_t bytes, uint32_t connection_id,
             BusArrivedFn arrived)
{
  bus_transfer (&target->reads, transfer, bytes, read_latency (target, connection_id), arrived);
}

void
target_write (Target *target, BusTransfer *transfer, uint32_t bytes, uint32_t connection_id,
              BusArrivedFn arrived)
{
  SimDuration latency = target_delay (target, TARGET_COST_DMA_WRITE_LATENCY, connection_id);

  bus_transfer (&target->writes, transfer, bytes, latency, arrived);
}

bool
target_defect (Target *target, TargetDefect defect, uint32_t object_id)
{
  if (!target_has_defect (target, defect))
    return false;
  TRACE (target_trace (target), target->config.actor_id, DEFECT, defect, object_id);
  return true;
}

LatencyClass
target_op_class (OpKind kind)
{
  static const LatencyClass class_of[N_OP_KINDS] = {
    [OP_INITIATE] = LATENCY_OFFLOAD,      [OP_TERMINATE] = LATENCY_UPLOAD,
    [OP_UPDATE] = LATENCY_UPDATE,         [OP_QUERY] = LATENCY_QUERY,
    [OP_INVALIDATE] = LATENCY_INVALIDATE,
  };
  return class_of[kind];
}

void
target_stage_op (const Target *target, const TargetOp *op, LatencyStage stage)
{
  TRACE (target_trace (target), target->config.actor_id, STAGE, target_op_class (op->kind),
         op->op_id, stage, -1);
}

/* What the world does */

NdisDriver
target_driver (Target *target)
{
  return (NdisDriver){ .name = target->config.name != NULL ? target->config.name : "target",
                       .miniport = &target_miniport,
                       .context = target };
}

static void
link_changed (void *data, bool up)
{
  Target *target = data;

  if (target_is_up (target))
    target_indicate_status (target, up ? NDIS_STATUS_MEDIA_CONNECT : NDIS_STATUS_MEDIA_DISCONNECT);
}

static void
frame_arrived (void *data, const TcpSegment *segment)
{
  target_arrive (data, segment);
}

void
target_attach_wire (Target *target, Wire *wire)
{
  target->wire = wire;
  wire_attach (wire, WIRE_END_NIC,
               &(WireListener){ .arrive = frame_arrived,
                                .room = target_wire_has_room,
                                .link = link_changed,
                                .data = target });
}

void
target_pause (Target *target)
{
  target->paused = true;
  target->parks_initiates = target->config.knobs.on_pause == TARGET_PAUSE_QUEUES;
  target->resumes_when_empty = false;
  target_indicate_status (target, NDIS_STATUS_OFFLOAD_PAUSE);
}

/* The new capabilities are in force from here on. */
static void
change_capabilities (Target *target)
{
  const TargetCapabilities *now = &target->next_capabilities;

  target->changes = false;
  target->capabilities = *now;
  TRACE (target_trace (target), target->config.actor_id, CAPABILITIES, target_layer (target),
         now->connections, now->ipv4, now->ipv6, now->sack);
  target_say_families (target);
  target_report_capabilities (target, &target->capabilities_told);
  target_indicate_status (target, NDIS_STATUS_TCP_CONNECTION_OFFLOAD_HARDWARE_CAPABILITIES);
}

static void
resume (Target *target)
{
  if (target->changes)
    change_capabilities (target);
  target->paused = false;
  target->upload_all = false;
  target->resumes_when_empty = false;
  target_indicate_status (target, NDIS_STATUS_OFFLOAD_RESUME);
}

/* STS-09: not before everything that was to be uploaded has been. */
void
target_resume (Target *target)
{
  if (target->upload_all && !target_contexts_are_empty (&target->contexts))
    target->resumes_when_empty = true;
  else
    resume (target);
}

void
target_resume_if_empty (Target *target)
{
  if (target->resumes_when_empty && target_contexts_are_empty (&target->contexts))
    resume (target);
}

void
target_upload_all (Target *target)
{
  target->upload_all = true;
  target_indicate_status (target, NDIS_STATUS_UPLOAD_ALL);
}

bool
target_set_capabilities (Target *target, const TargetCapabilities *capabilities)
{
  SIM_ASSERT (capabilities->connections <= target->config.tables.tcp);
  if (!target_is_up (target) || !target->config.features.chimney)
    return false;
  target->next_capabilities = *capabilities;
  if (target_defect (target, TARGET_DEFECT_CHANGES_AT_ONCE, 0)) {
    change_capabilities (target);
    return true;
  }
  target->changes = true;
  target_pause (target);
  target_upload_all (target);
  return true;
}

static TcpContext *
context_of_connection (const Target *target, uint32_t connection_id)
{
  if (connection_id >= target->config.n_connections)
    return NULL;
  return target_tcp_find (&target->contexts, target->token_of[connection_id]);
}

bool
target_request_upload (Target *target, uint32_t connection_id, TCP_UPLOAD_REASON reason)
{
  TcpContext *context = context_of_connection (target, connection_id);

  if (context == NULL || context->head.closing)
    return false;
  target_retrieve (target, context, reason);
  return true;
}

static void
corrupt (Target *target, TargetContext *context)
{
  context->corrupt = true;
  TRACE (target_trace (target), target->config.actor_id, HARDWARE, context->object_id);
}

void
target_corrupt (Target *target, TcpContext *context)
{
  corrupt (target, &context->head);
}

static bool
fail_context (Target *target, TargetContext *context)
{
  if (context == NULL || context->closing || context->corrupt)
    return false;
  corrupt (target, context);
  return true;
}

static bool
fail_path (Target *target, PathContext *path)
{
  if (path == NULL || !fail_context (target, &path->head))
    return false;
  for (TcpContext *context = path->connections; context != NULL; context = context->next)
    fail_context (target, &context->head);
  return true;
}

static bool
fail_neighbor (Target *target, NeighborContext *neighbor)
{
  if (neighbor == NULL || !fail_context (target, &neighbor->head))
    return false;
  for (PathContext *path = neighbor->paths; path != NULL; path = path->next)
    fail_path (target, path);
  return true;
}

bool
target_fail_hardware (Target *target, OffloadLayer layer, uint32_t connection_id)
{
  TcpContext *context = context_of_connection (target, connection_id);

  if (context == NULL)
    return false;
  switch (layer) {
  case OFFLOAD_LAYER_NEIGHBOR:
    return fail_neighbor (target, target_tcp_neighbor (context));
  case OFFLOAD_LAYER_PATH:
    return fail_path (target, context->path);
  case OFFLOAD_LAYER_TCP:
    return fail_context (target, &context->head);
  case OFFLOAD_N_LAYERS:
    break;
  }
  SIM_UNREACHABLE ();
}

void
target_set_defects (Target *target, uint64_t defects)
{
  target->defects |= defects;
}

bool
target_is_offloaded (const Target *target, uint32_t connection_id)
{
  return context_of_connection (target, connection_id) != NULL;
}

const Tcb *
target_tcb (const Target *target, uint32_t connection_id)
{
  const TcpContext *context = context_of_connection (target, connection_id);
  return context == NULL ? NULL : &context->tcb;
}

uint32_t
target_offloaded (const Target *target)
{
  return target_context_count (&target->contexts, OFFLOAD_LAYER_TCP);
}

NDIS_DEVICE_POWER_STATE
target_power (const Target *target)
{
  return target->power.state;
}

uint32_t
target_actor_id (const Target *target)
{
  return target->config.actor_id;
}

TargetStats
target_stats (const Target *target)
{
  TargetStats stats = target->stats;

  stats.cache_hits = target->cache.hits;
  stats.cache_misses = target->cache.misses;
  stats.contexts = target_offloaded (target);
  stats.contexts_peak = target->contexts.table[OFFLOAD_LAYER_TCP].peak;
  stats.engines = sim_server_stats (target->engines);
  stats.bus_read_busy = target->reads.stats.busy;
  stats.bus_write_busy = target->writes.stats.busy;
  stats.bus_read_bytes = target->reads.stats.bytes;
  stats.bus_write_bytes = target->writes.stats.bytes;
  return stats;
}

const TcpCounters *
target_tcp_counters (const Target *target)
{
  return &target->store->counters;
}
