#include "lab/measure.h"

#include "lab/part.h"

const MeasurePercentile measure_percentiles[] = {
  { 500000, "p50" },   { 900000, "p90" },  { 990000, "p99" },
  { 999000, "p99.9" }, { 1000000, "max" }, { 0, NULL },
};

const char *
latency_path_name (LatencyPath path)
{
  static const char *const names[LATENCY_N_PATHS] = { "host_path", "chimney", "moved" };
  return path < LATENCY_N_PATHS ? names[path] : NULL;
}

static int64_t
change (const MeasureInput *input, LabCounter counter)
{
  return input->to.value[counter] - input->from.value[counter];
}

static int64_t
span_ps (const MeasureInput *input)
{
  return sim_time_diff (input->to.when, input->from.when).ps;
}

/* |bytes| over the span as Gbit/s with three decimals. */
static void
add_throughput (const MeasureInput *input, LabStats *stats, int64_t bytes, const char *name)
{
  int64_t span_ns = span_ps (input) / SIM_PS_PER_NS;
  lab_stats_add_ratio (stats, "Gbit/s", 3, bytes * 8, span_ns, "throughput.%s", name);
}

/* What applications of the host sent and got, on whichever path. */
static int64_t
application_bytes (const MeasureInput *input)
{
  return change (input, LAB_COUNTER_DELIVERED_HOST) + change (input, LAB_COUNTER_SENT_HOST)
         + change (input, LAB_COUNTER_DELIVERED_CHIMNEY) + change (input, LAB_COUNTER_SENT_CHIMNEY);
}

static void
add_throughputs (const MeasureInput *input, LabStats *stats)
{
  add_throughput (input, stats, change (input, LAB_COUNTER_DELIVERED_HOST), "host_path.received");
  add_throughput (input, stats, change (input, LAB_COUNTER_SENT_HOST), "host_path.sent");
  add_throughput (input, stats, change (input, LAB_COUNTER_DELIVERED_CHIMNEY), "chimney.received");
  add_throughput (input, stats, change (input, LAB_COUNTER_SENT_CHIMNEY), "chimney.sent");
  add_throughput (input, stats, application_bytes (input), "total");
  add_throughput (input, stats, change (input, LAB_COUNTER_WIRE_OUT), "wire.out");
  add_throughput (input, stats, change (input, LAB_COUNTER_WIRE_IN), "wire.in");
}

/* Host cycles: per byte on either path, and what the chimney saved, state operations paid. */
static void
add_cycles (const MeasureInput *input, LabStats *stats)
{
  int64_t host_bytes =
      change (input, LAB_COUNTER_DELIVERED_HOST) + change (input, LAB_COUNTER_SENT_HOST);
  int64_t chimney_bytes =
      change (input, LAB_COUNTER_DELIVERED_CHIMNEY) + change (input, LAB_COUNTER_SENT_CHIMNEY);
  int64_t host = change (input, LAB_COUNTER_CYCLES_HOST);
  int64_t chimney = change (input, LAB_COUNTER_CYCLES_CHIMNEY);
  int64_t state = change (input, LAB_COUNTER_CYCLES_STATE);

  lab_stats_add_ratio (stats, "cycles/B", 3, host, host_bytes, "cycles_per_byte.host_path");
  lab_stats_add_ratio (stats, "cycles/B", 3, chimney, chimney_bytes, "cycles_per_byte.chimney");
  lab_stats_add_ratio (stats, "cycles/B", 3, chimney + state, chimney_bytes,
                       "cycles_per_byte.chimney_with_state");
  lab_stats_add_ratio (stats, "cycles/B", 3, host + chimney + state, application_bytes (input),
                       "cycles_per_byte.total");
  lab_stats_add (stats, "cycles", 0, host, "cycles.host_path");
  lab_stats_add (stats, "cycles", 0, chimney, "cycles.chimney");
  lab_stats_add (stats, "cycles", 0, state, "cycles.state");
  if (host_bytes > 0 && chimney_bytes > 0) {
    __int128 on_host = (__int128)host * chimney_bytes / host_bytes;
    lab_stats_add (stats, "cycles", 0, (int64_t)on_host - chimney - state, "cycles.saved");
  }
}

/* What each part of the stack costs per byte: the parts sum to the total. */
static void
add_cycles_by_part (const MeasureInput *input, LabStats *stats)
{
  for (AccountPart part = 0; part < N_PARTS; part++) {
    int64_t cycles = input->to.part_cycles[part] - input->from.part_cycles[part];
    if (cycles > 0)
      lab_stats_add_ratio (stats, "cycles/B", 3, cycles, application_bytes (input),
                           "cycles_per_byte.of.%s", trace_part_name (part));
  }
}

/* Since the begin of the run, by part of the stack. */
static void
add_accounts (const MeasureInput *input, LabStats *stats)
{
  const Host *host = world_host (input->world);

  for (AccountPart part = 0; part < N_PARTS; part++)
    for (AccountWay way = 0; way < N_WAYS; way++) {
      int64_t cycles = host_cycles (host, part, way).count;
      static const char *const ways[N_WAYS] = { "host_path", "chimney", "state" };
      if (cycles > 0)
        lab_stats_add (stats, "cycles", 0, cycles, "cycles.of.%s.%s", trace_part_name (part),
                       ways[way]);
    }
}

static void
add_frames (LabStats *stats, uint64_t out, uint64_t in, const char *what)
{
  if (out + in > 0)
    lab_stats_add (stats, "frames", 0, (int64_t)(out + in), "wire.%s", what);
}

/* What only some wires do. */
static void
add_impairments (LabStats *stats, const WireStats *out, const WireStats *in)
{
  add_frames (stats, out->dropped_early, in->dropped_early, "dropped_early");
  add_frames (stats, out->marked, in->marked, "marked");
  add_frames (stats, out->corrupted, in->corrupted, "corrupted");
  add_frames (stats, out->duplicated, in->duplicated, "duplicated");
  add_frames (stats, out->reordered, in->reordered, "reordered");
}

/* What a further target and its wire did. */
static void
add_branch (const MeasureInput *input, LabStats *stats, uint32_t number)
{
  const WorldBranch *branch = &world_config (input->world)->branch[number - 1];
  const Wire *wire = world_wire_at (input->world, number);
  TargetStats target = target_stats (world_target_at (input->world, number));
  WireStats out = wire_stats (wire, WIRE_END_NIC);
  WireStats in = wire_stats (wire, WIRE_END_PEERS);
  int64_t hundredth_ps = input->to.when.ps / 100;
  g_autofree char *name = lab_part_target_name (world_config (input->world), number);

  lab_stats_add_ratio (stats, "%", 2, target.engines.busy.ps,
                       hundredth_ps * branch->target.engines.count, "%s.use.engine", name);
  lab_stats_add_ratio (stats, "%", 2, out.busy.ps, hundredth_ps, "%s.use.wire.out", name);
  lab_stats_add_ratio (stats, "%", 2, in.busy.ps, hundredth_ps, "%s.use.wire.in", name);
  lab_stats_add (stats, "frames", 0, (int64_t)out.frames, "%s.wire.out.frames", name);
  lab_stats_add (stats, "frames", 0, (int64_t)in.frames, "%s.wire.in.frames", name);
  lab_stats_add (stats, "connections", 0, (int64_t)target.initiates, "%s.offloaded", name);
  lab_stats_add (stats, "connections", 0, (int64_t)target.uploads, "%s.uploaded", name);
}

static void
add_uses (const MeasureInput *input, LabStats *stats)
{
  const WorldConfig *config = world_config (input->world);
  int64_t span = span_ps (input);
  WireStats out = wire_stats (world_wire (input->world), WIRE_END_NIC);
  WireStats in = wire_stats (world_wire (input->world), WIRE_END_PEERS);

  lab_stats_add_ratio (stats, "%", 2, change (input, LAB_COUNTER_CPU_BUSY),
                       span / 100 * config->host.n_cpus, "use.cpu");
  lab_stats_add_ratio (stats, "%", 2, change (input, LAB_COUNTER_ENGINE_BUSY),
                       span / 100 * config->target.engines.count, "use.engine");
  lab_stats_add_ratio (stats, "%", 2, out.busy.ps, input->to.when.ps / 100, "use.wire.out");
  lab_stats_add_ratio (stats, "%", 2, in.busy.ps, input->to.when.ps / 100, "use.wire.in");
  lab_stats_add (stats, "frames", 0, (int64_t)out.frames, "wire.out.frames");
  lab_stats_add (stats, "frames", 0, (int64_t)in.frames, "wire.in.frames");
  lab_stats_add (stats, "frames", 0, (int64_t)(out.lost + in.lost), "wire.lost");
  lab_stats_add (stats, "frames", 0, (int64_t)(out.dropped + in.dropped), "wire.dropped");
  add_impairments (stats, &out, &in);
  for (uint32_t i = 1; i < world_n_targets (input->world); i++)
    add_branch (input, stats, i);
}

static void
add_operations (const MeasureInput *input, LabStats *stats)
{
  HostStats host = host_stats (world_host (input->world));

  lab_stats_add (stats, "connections", 0, (int64_t)host.initiated, "state.offloaded");
  lab_stats_add (stats, "connections", 0, (int64_t)host.initiate_failures,
                 "state.offload_failures");
  lab_stats_add (stats, "connections", 0, (int64_t)host.terminated, "state.uploaded");
  lab_stats_add (stats, "trees", 0, (int64_t)host.initiate_trees, "state.initiate_trees");
  lab_stats_add (stats, "trees", 0, (int64_t)host.terminate_trees, "state.terminate_trees");
  lab_stats_add (stats, "connections", 0, (int64_t)host.aborted, "connections.aborted");
  lab_stats_add (stats, "requests", 0, (int64_t)host.rounds, "requests.answered");
  lab_stats_add (stats, "segments", 0, (int64_t)host.segments_forwarded, "segments.forwarded");
}

static void
add_percentiles (LabStats *stats, const GArray *times, const char *name)
{
  for (const MeasurePercentile *p = measure_percentiles; p->name != NULL; p++)
    lab_stats_add (stats, "us", 3, latency_percentile (times, p->parts_per_million) / SIM_PS_PER_NS,
                   "%s.%s", name, p->name);
}

static void
add_latency (const MeasureInput *input, LabStats *stats, LatencyClass class, int path,
             const char *name)
{
  const WorldConfig *config = world_config (input->world);
  g_autoptr (GArray) totals = latency_totals (input->latency, class, path);
  const char *im_names[WORLD_IMS_MAX];

  if (totals->len == 0)
    return;
  for (uint32_t i = 0; i < config->n_ims; i++)
    im_names[i] = config->im[i].name;
  lab_stats_add (stats, "operations", 0, totals->len, "%s.count", name);
  add_percentiles (stats, totals, name);
  for (uint32_t column = 0; column < LATENCY_COLUMNS; column++) {
    g_autoptr (GArray) times = latency_stage_times (input->latency, class, path, column);
    if (g_array_index (times, int64_t, times->len - 1) == 0)
      continue;
    g_autofree char *stage = latency_column_name (column, im_names, config->n_ims);
    g_autofree char *stage_name = g_strdup_printf ("%s.stage.%s", name, stage);
    add_percentiles (stats, times, stage_name);
  }
}

static void
add_latencies (const MeasureInput *input, LabStats *stats)
{
  for (LatencyClass class = 0; class < N_LATENCIES; class ++) {
    g_autofree char *name = g_strdup_printf ("latency.%s", trace_latency_name (class));
    add_latency (input, stats, class, -1, name);
    for (LatencyPath path = 0; class == LATENCY_REQUEST && path < LATENCY_N_PATHS; path++) {
      g_autofree char *by_path = g_strdup_printf ("%s.%s", name, latency_path_name (path));
      add_latency (input, stats, class, (int)path, by_path);
    }
  }
}

/* What one side's TCP has counted since time zero. */
static void
add_tcp_of (LabStats *stats, const char *side, const TcpCounters *counters)
{
#define X(member, name, help) \
  lab_stats_add (stats, "segments", 0, (int64_t)counters->member, "tcp.%s." name, side);
  TCP_COUNTERS (X)
#undef X
}

static void
add_tcp (const MeasureInput *input, LabStats *stats)
{
  const Host *host = world_host (input->world);
  const Peers *peers = world_peers (input->world);

  add_tcp_of (stats, "host", host_tcp_counters (host));
  lab_stats_add (stats, "segments", 0, (int64_t)host_stats (host).broken_frames,
                 "tcp.host.checksum_drops");
  add_tcp_of (stats, "target", target_tcp_counters (world_target (input->world)));
  add_tcp_of (stats, "peers", peers_tcp_counters (peers));
  lab_stats_add (stats, "segments", 0, (int64_t)peers_stats (peers).broken_segments,
                 "tcp.peers.checksum_drops");
}

void
measure_run (const MeasureInput *input, LabStats *stats)
{
  Sim *sim = world_sim (input->world);

  lab_stats_add (stats, "ms", 6, input->to.when.ps / SIM_PS_PER_NS, "run.end");
  lab_stats_add (stats, "ms", 6, span_ps (input) / SIM_PS_PER_NS, "run.measured");
  lab_stats_add (stats, "events", 0, (int64_t)sim_events_fired (sim), "run.events");
  lab_stats_add (stats, "connections", 0, world_config (input->world)->n_connections,
                 "run.connections");
  add_throughputs (input, stats);
  add_cycles (input, stats);
  add_cycles_by_part (input, stats);
  add_uses (input, stats);
  add_operations (input, stats);
  add_tcp (input, stats);
  add_latencies (input, stats);
  add_accounts (input, stats);
}
