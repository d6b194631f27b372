#include "lab/run.h"

#include "lab/coverage.h"

/* A run is cut into this many slices, for progress and interruption. */
#define SLICES 200

typedef struct Observer {
  const LabRunRequest *request;
  LabRun *run;
} Observer;

/* Readers see the trace from its first record on. */
static void
observe (void *data, Sim *sim)
{
  Observer *observer = data;
  const LabRunRequest *request = observer->request;
  LabRun *run = observer->run;
  SimTrace *trace = sim_trace (sim);
  uint32_t n = request->config->n_connections;

  run->apps = apps_new (trace, n);
  if (request->rules)
    run->rules = rule_book_new (sim, NULL);
  if (request->measures) {
    run->latency = latency_new (trace, n, sim_time_add (SIM_TIME_ZERO, request->config->warmup));
    run->ownership = ownership_new (trace, n);
    run->episodes = episodes_new (trace, request->config->n_events);
  }
  if (request->checks != NULL) {
    run->expect = lab_expect_new (trace, request->config, request->checks->expectations);
    run->situations = lab_situations_new (trace, request->config, request->checks->reached);
  }
  if (request->checks != NULL && request->checks->covers->len > 0) {
    run->coverage = lab_coverage_new ();
    lab_coverage_watch (run->coverage, trace, request->config);
  }
  if (request->observe != NULL)
    request->observe (request->observe_data, sim);
}

/* Runs until |until| in slices; false if the run is over before. */
static bool
run_until (const LabRunRequest *request, LabRun *run, SimTime until)
{
  Sim *sim = world_sim (run->world);
  SimTime end = request->config->stop.until;
  SimDuration slice = { MAX (sim_time_is_never (end) ? SIM_PS_PER_MS : end.ps / SLICES, 1) };

  while (sim_time_before (sim_now (sim), until)) {
    SimLimits limits = request->config->stop;
    limits.until =
        until.ps - sim_now (sim).ps < slice.ps ? until : sim_time_add (sim_now (sim), slice);
    run->stop = world_run (run->world, limits);
    if (request->progress != NULL
        && !request->progress (request->progress_data, sim_now (sim), end, sim_events_fired (sim)))
      run->interrupted = true;
    if (run->stop != SIM_STOP_TIME || run->interrupted)
      return false;
  }
  return true;
}

static SimTime
end_of (const LabRun *run)
{
  SimTime until = world_config (run->world)->stop.until;
  bool rests = run->stop == SIM_STOP_IDLE && !sim_time_is_never (until);
  return rests ? until : sim_now (world_sim (run->world));
}

static void
collect (LabRun *run, const LabSample *from)
{
  MeasureInput input = { run->world, run->latency, *from, lab_counters_read (run->world) };
  input.to.when = run->end;

  run->stats = lab_stats_new ();
  measure_run (&input, run->stats);
}

/* By something that is no end of the scenario's. */
static bool
was_cut_short (const LabRun *run)
{
  return run->interrupted || run->stop == SIM_STOP_EVENTS || run->stop == SIM_STOP_LIVELOCK
         || run->stop == SIM_STOP_REQUEST;
}

LabRun *
lab_run (const LabRunRequest *request)
{
  LabRun *run = g_new0 (LabRun, 1);
  Observer observer = { request, run };
  LabSample from;

  run->world = world_new (request->config, observe, &observer);
  if (request->strategy != NULL)
    lab_strategy_attach (request->strategy, sim_choices (world_sim (run->world)));
  if (request->ready != NULL)
    request->ready (request->ready_data, run->world);
  if (request->measures)
    run->counters = lab_counters_new (run->world, request->config->sample_every);
  from = lab_counters_read (run->world);
  SimTime warm = sim_time_add (SIM_TIME_ZERO, request->config->warmup);
  bool goes_on = run_until (request, run, sim_time_min (warm, request->config->stop.until));
  if (goes_on)
    from = lab_counters_read (run->world);
  if (goes_on)
    run_until (request, run, request->config->stop.until);
  run->end = end_of (run);
  if (run->rules != NULL)
    rule_book_finish (run->rules, run->stop != SIM_STOP_IDLE);
  if (run->expect != NULL)
    lab_expect_finish (run->expect, run->end, was_cut_short (run), run->latency);
  if (request->measures)
    collect (run, &from);
  if (run->coverage != NULL)
    lab_coverage_take (run->coverage, run);
  for (SimPrint print = 0; print < SIM_N_PRINTS; print++)
    run->print[print] = sim_trace_print (sim_trace (world_sim (run->world)), print);
  return run;
}

void
lab_run_free (LabRun *run)
{
  if (run == NULL)
    return;
  lab_counters_free (run->counters);
  world_free (run->world);
  rule_book_free (run->rules);
  latency_free (run->latency);
  ownership_free (run->ownership);
  episodes_free (run->episodes);
  lab_expect_free (run->expect);
  lab_situations_free (run->situations);
  lab_coverage_free (run->coverage);
  apps_free (run->apps);
  lab_stats_free (run->stats);
  g_free (run);
}

LabView
lab_run_view (const LabRun *run)
{
  LabView view = { .config = world_config (run->world),
                   .end = run->end,
                   .latency = run->latency,
                   .ownership = run->ownership,
                   .episodes = run->episodes };

  if (run->counters != NULL)
    view.samples = lab_counters_samples (run->counters, &view.n_samples);
  return view;
}

LabRun *
lab_run_twin (const LabRunRequest *request)
{
  g_autofree WorldConfig *config = g_new (WorldConfig, 1);
  LabRunRequest twin = { .config = config,
                         .progress = request->progress,
                         .progress_data = request->progress_data };

  *config = *request->config;
  config->host.chimney = false;
  LabRun *run = lab_run (&twin);
  /* The world goes with its configuration; what the applications saw stays. */
  world_free (g_steal_pointer (&run->world));
  return run;
}

const char *
lab_print_name (SimPrint print)
{
  static const char *const names[SIM_N_PRINTS] = { "order", "timing", "wire", "ownership" };
  return print < SIM_N_PRINTS ? names[print] : NULL;
}
