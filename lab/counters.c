#include "lab/counters.h"

struct LabCounters {
  const World *world;
  SimDuration interval;
  SimEvent event;
  GArray *samples; /* LabSample */
};

static int64_t
cycles_of (const Host *host, AccountWay way)
{
  SimCycles sum = SIM_CYCLES_ZERO;
  for (AccountPart part = 0; part < N_PARTS; part++)
    sum = sim_cycles_add (sum, host_cycles (host, part, way));
  return sum.count;
}

static int64_t
cycles_of_part (const Host *host, AccountPart part)
{
  SimCycles sum = SIM_CYCLES_ZERO;
  for (AccountWay way = 0; way < N_WAYS; way++)
    sum = sim_cycles_add (sum, host_cycles (host, part, way));
  return sum.count;
}

static int64_t
cpu_busy_ps (const World *world)
{
  SimDuration busy = SIM_DURATION_ZERO;
  SimCpu *const *cpus = host_cpus (world_host (world));

  for (uint32_t i = 0; i < world_config (world)->host.n_cpus; i++)
    busy = sim_duration_add (busy, sim_cpu_busy (cpus[i]));
  return busy.ps;
}

LabSample
lab_counters_read (const World *world)
{
  const Host *host = world_host (world);
  HostSet all = { 0, world_config (world)->n_connections - 1 };
  HostStats stats = host_stats (host);
  WireStats out = wire_stats (world_wire (world), WIRE_END_NIC);
  WireStats in = wire_stats (world_wire (world), WIRE_END_PEERS);
  TargetStats target = target_stats (world_target (world));

  LabSample sample = { sim_now (world_sim (world)),
                       {
                           [LAB_COUNTER_OFFLOADED] = host_offloaded (host, all),
                           [LAB_COUNTER_ESTABLISHED] = host_established (host, all),
                           [LAB_COUNTER_DELIVERED_HOST] = (int64_t)stats.delivered_bytes[PATH_HOST],
                           [LAB_COUNTER_DELIVERED_CHIMNEY] =
                               (int64_t)stats.delivered_bytes[PATH_CHIMNEY],
                           [LAB_COUNTER_SENT_HOST] = (int64_t)stats.sent_bytes[PATH_HOST],
                           [LAB_COUNTER_SENT_CHIMNEY] = (int64_t)stats.sent_bytes[PATH_CHIMNEY],
                           [LAB_COUNTER_WIRE_OUT] = (int64_t)out.bytes,
                           [LAB_COUNTER_WIRE_IN] = (int64_t)in.bytes,
                           [LAB_COUNTER_CPU_BUSY] = cpu_busy_ps (world),
                           [LAB_COUNTER_ENGINE_BUSY] = target.engines.busy.ps,
                           [LAB_COUNTER_CYCLES_HOST] = cycles_of (host, WAY_HOST),
                           [LAB_COUNTER_CYCLES_CHIMNEY] = cycles_of (host, WAY_CHIMNEY),
                           [LAB_COUNTER_CYCLES_STATE] = cycles_of (host, WAY_STATE),
                           [LAB_COUNTER_POWER] = target_power (world_target (world)),
                           [LAB_COUNTER_LINK] = wire_link_is_up (world_wire (world)),
                       },
                       { 0 } };
  for (AccountPart part = 0; part < N_PARTS; part++)
    sample.part_cycles[part] = cycles_of_part (host, part);
  return sample;
}

static void
take_sample (Sim *sim, void *data)
{
  LabCounters *counters = data;
  LabSample sample = lab_counters_read (counters->world);

  g_array_append_val (counters->samples, sample);
  /* A sampler alone keeps no machine running. */
  if (sim_events_pending (sim) > 0)
    sim_event_schedule (sim, &counters->event, sim_time_add (sim_now (sim), counters->interval));
}

LabCounters *
lab_counters_new (const World *world, SimDuration interval)
{
  LabCounters *counters = g_new0 (LabCounters, 1);

  counters->world = world;
  counters->interval = interval;
  counters->samples = g_array_new (FALSE, FALSE, sizeof (LabSample));
  sim_event_init (&counters->event, SIM_PHASE_OBSERVE, TIMELINE_ACTOR, take_sample, counters);
  if (interval.ps > 0)
    sim_event_schedule (world_sim (world), &counters->event, SIM_TIME_ZERO);
  return counters;
}

void
lab_counters_free (LabCounters *counters)
{
  if (counters == NULL)
    return;
  sim_event_cancel (world_sim (counters->world), &counters->event);
  g_array_unref (counters->samples);
  g_free (counters);
}

const LabSample *
lab_counters_samples (const LabCounters *counters, size_t *ret_count)
{
  *ret_count = counters->samples->len;
  return (const LabSample *)(void *)counters->samples->data;
}

static const struct {
  const char *name, *unit;
  bool is_total;
} table[LAB_N_COUNTERS] = {
#define TOTAL true
#define LEVEL false
#define COUNTER(id, name_, unit_, kind) [LAB_COUNTER_##id] = { name_, unit_, kind },
  LAB_COUNTERS (COUNTER)
#undef COUNTER
#undef TOTAL
#undef LEVEL
};

const char *
lab_counter_name (LabCounter counter)
{
  return counter < LAB_N_COUNTERS ? table[counter].name : NULL;
}

const char *
lab_counter_unit (LabCounter counter)
{
  return counter < LAB_N_COUNTERS ? table[counter].unit : NULL;
}

bool
lab_counter_is_total (LabCounter counter)
{
  SIM_ASSERT (counter < LAB_N_COUNTERS);
  return table[counter].is_total;
}

char *
lab_counters_to_csv (const LabCounters *counters)
{
  GString *csv = g_string_new ("time_ps");

  for (LabCounter c = 0; c < LAB_N_COUNTERS; c++)
    g_string_append_printf (csv, ",%s_%s", table[c].name, table[c].unit);
  g_string_append_c (csv, '\n');
  for (guint i = 0; i < counters->samples->len; i++) {
    const LabSample *sample = &g_array_index (counters->samples, LabSample, i);
    g_string_append_printf (csv, "%" G_GINT64_FORMAT, sample->when.ps);
    for (LabCounter c = 0; c < LAB_N_COUNTERS; c++)
      g_string_append_printf (csv, ",%" G_GINT64_FORMAT, sample->value[c]);
    g_string_append_c (csv, '\n');
  }
  return g_string_free (csv, FALSE);
}
