#include "models/host/processors.h"

#include <glib.h>

#include "models/host/chimney_path.h"
#include "models/host/machine.h"
#include "models/host/tcp_path.h"
#include "sim/mix.h"

#define NO_CONNECTION UINT32_MAX
#define KIB 1024

typedef struct JobRow {
  SimLevel level;
  void (*run) (Host *host, Connection *c);
} JobRow;

static const JobRow jobs[HOST_N_JOBS] = {
  [HOST_JOB_TIMER] = { SIM_LEVEL_DPC, tcp_path_run_timer },
  [HOST_JOB_HELD] = { SIM_LEVEL_DPC, tcp_path_run_held },
  [HOST_JOB_TRANSMIT] = { SIM_LEVEL_DPC, tcp_path_run_transmit },
  [HOST_JOB_CHIMNEY] = { SIM_LEVEL_PASSIVE, chimney_path_run },
  [HOST_JOB_APP] = { SIM_LEVEL_PASSIVE, app_run },
};

static uint8_t
jobs_of_level (SimLevel level)
{
  uint8_t set = 0;
  for (uint32_t job = 0; job < HOST_N_JOBS; job++)
    if (jobs[job].level == level)
      set = (uint8_t)(set | 1u << job);
  return set;
}

static void
append (Processor *p, SimLevel level, Connection *c)
{
  c->next_ready[level] = NO_CONNECTION;
  if (p->first[level] == NO_CONNECTION)
    p->first[level] = c->id;
  else
    p->host->connection[p->last[level]].next_ready[level] = c->id;
  p->last[level] = c->id;
  sim_cpu_queue (p->cpu, &p->work[level]);
}

static Connection *
take_first (Processor *p, SimLevel level)
{
  if (p->first[level] == NO_CONNECTION)
    return NULL;
  Connection *c = &p->host->connection[p->first[level]];
  p->first[level] = c->next_ready[level];
  return c;
}

/* Does one job of the first connection in the queue; the queue goes on as a new work item. */
static void
work_off (Processor *p, SimLevel level)
{
  Connection *c = take_first (p, level);
  if (c == NULL)
    return;

  uint8_t ready = c->jobs & jobs_of_level (level);
  SIM_ASSERT (ready != 0);
  HostJob job = (HostJob)__builtin_ctz (ready);
  c->jobs = (uint8_t)(c->jobs & ~(1u << job));
  if ((ready & (ready - 1)) != 0)
    append (p, level, c);
  else if (p->first[level] != NO_CONNECTION)
    sim_cpu_queue (p->cpu, &p->work[level]);
  jobs[job].run (p->host, c);
}

static void
run_dpc (SimCpu *cpu, const SimStepArgs *args)
{
  (void)cpu;
  work_off (args->self, SIM_LEVEL_DPC);
}

static void
run_passive (SimCpu *cpu, const SimStepArgs *args)
{
  (void)cpu;
  work_off (args->self, SIM_LEVEL_PASSIVE);
}

static void
init_processor (Host *host, uint32_t index)
{
  Processor *p = &host->processors.processor[index];
  SimCpuConfig config = {
    .clock = { .hz = host->config.clock_hz },
    .actor_id = host->config.actor_id + 1 + index,
    .index = index,
  };

  p->host = host;
  p->cpu = sim_cpu_new (host->sim, config);
  host->processors.cpu[index] = p->cpu;
  for (uint32_t level = 0; level < SIM_N_LEVELS; level++)
    p->first[level] = p->last[level] = NO_CONNECTION;
  SimStepArgs args = { .self = p };
  sim_work_init (&p->work[SIM_LEVEL_DPC], SIM_LEVEL_DPC, run_dpc, args);
  sim_work_init (&p->work[SIM_LEVEL_PASSIVE], SIM_LEVEL_PASSIVE, run_passive, args);
}

void
processors_init (Host *host)
{
  Processors *ps = &host->processors;

  SIM_ASSERT (host->config.n_cpus >= 1);
  SIM_ASSERT (host->config.n_cpus <= HOST_CPUS_MAX);
  ps->n = host->config.n_cpus;
  ps->processor = g_new0 (Processor, ps->n);
  ps->cpu = g_new0 (SimCpu *, ps->n);
  for (uint32_t i = 0; i < ps->n; i++)
    init_processor (host, i);
  for (uint32_t i = 0; i < NDIS_RSS_TABLE_ENTRIES; i++)
    ps->table[i] = (uint8_t)(host->config.stateless.rss ? i % ps->n : 0);
}

void
processors_clear (Host *host)
{
  for (uint32_t i = 0; i < host->processors.n; i++)
    sim_cpu_free (host->processors.cpu[i]);
  g_free (host->processors.cpu);
  g_free (host->processors.processor);
}

uint32_t
processors_hash (TcpTuple tuple)
{
  uint64_t addresses = (uint64_t)tuple.source_address_id << 32 | tuple.destination_address_id;
  uint64_t ports = (uint64_t)tuple.source_port << 16 | tuple.destination_port;

  return (uint32_t)sim_mix (sim_mix (addresses) ^ ports);
}

uint8_t
processors_of_hash (const Host *host, uint32_t hash)
{
  return host->processors.table[hash % NDIS_RSS_TABLE_ENTRIES];
}

/* Work at passive level is at home where the connection is; a schedule may have a thread on another
 * processor do it, when nothing of it can be under way where it was last. */
static uint8_t
processor_of_level (Host *host, Connection *c, SimLevel level)
{
  Processors *ps = &host->processors;

  if (level != SIM_LEVEL_PASSIVE)
    return c->cpu_index;
  if (sim_cpu_rests (ps->cpu[c->app_cpu_index], SIM_LEVEL_PASSIVE)) {
    uint32_t choice = sim_choose (host->sim, SITE_APP_PROCESSOR, c->id, ps->n);
    c->app_cpu_index = (uint8_t)((c->cpu_index + choice) % ps->n);
  }
  return c->app_cpu_index;
}

void
processors_defer (Host *host, Connection *c, HostJob job)
{
  SIM_ASSERT (job < HOST_N_JOBS);
  if (host->power.frozen >> job & 1) {
    c->frozen_jobs = (uint8_t)(c->frozen_jobs | 1u << job);
    return;
  }
  SimLevel level = jobs[job].level;
  bool is_queued = (c->jobs & jobs_of_level (level)) != 0;

  c->jobs = (uint8_t)(c->jobs | 1u << job);
  if (!is_queued)
    append (&host->processors.processor[processor_of_level (host, c, level)], level, c);
}

void
processors_thaw (Host *host)
{
  for (uint32_t id = 0; id < host->config.n_connections; id++) {
    Connection *c = &host->connection[id];
    uint8_t jobs_due = c->frozen_jobs;
    c->frozen_jobs = 0;
    for (HostJob job = 0; job < HOST_N_JOBS; job++)
      if (jobs_due >> job & 1)
        processors_defer (host, c, job);
  }
}

static int64_t
draw_cycles (Host *host, HostCost cost)
{
  const SimDist *dist = host->config.cost[cost];

  if (dist == NULL)
    return host_cost_default_cycles (cost);
  if (sim_dist_min (dist) == sim_dist_max (dist))
    return sim_dist_min (dist);
  return sim_dist_draw (dist, host->cost_stream[cost], 0, host->cost_draws[cost]++);
}

void
processors_charge (Host *host, HostCost cost, AccountPart part, AccountWay way, uint64_t units)
{
  if (units == 0)
    return;

  int64_t each = draw_cycles (host, cost);
  int64_t cycles;
  bool overflow = __builtin_mul_overflow (each, (int64_t)units, &cycles);
  SIM_ASSERT (!overflow);
  if (host_cost_per (cost) == HOST_PER_KIB)
    cycles /= KIB;
  sim_cpu_charge (sim_cpu_current (host->sim), ACCOUNT (part, way), sim_cycles (cycles));
}

void
processors_then (Host *host, SimStepFn step, void *object)
{
  SimStepArgs args = { .self = host, .object = object };
  sim_cpu_then (sim_cpu_current (host->sim), step, &args);
}
