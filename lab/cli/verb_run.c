#include <signal.h>
#include <string.h>

#include "lab/charts.h"
#include "lab/cli/cli.h"
#include "lab/cli/load.h"
#include "lab/cli/progress.h"
#include "lab/cli/recordings.h"
#include "lab/gnuplot.h"
#include "lab/result.h"
#include "lab/schedule.h"
#include "lab/summary.h"

static const CliVerb verb = { "run", "SCENARIO", "one run: results, plots and a report", verb_run };

/* What the command line says. */
typedef struct RunOptions {
  CliLoad load;
  char *out, *schedule, *record, *window, *progress;
  gboolean check_determinism, no_plots, as_json;
} RunOptions;

/* One invocation, as it goes along. */
typedef struct RunJob {
  const RunOptions *options;
  const char *path;
  LabScenario *scenario;
  LabSchedule *schedule;
  WorldConfig config;
  LabFolder *folder;
  CliRecordings recordings;
  CliProgressMode mode;
  CliProgress progress;
} RunJob;

static volatile sig_atomic_t interrupted;

static void
on_interrupt (int signal_number)
{
  interrupted = signal_number;
}

static bool
tell (void *data, SimTime now, SimTime until, uint64_t events)
{
  RunJob *job = data;
  cli_progress_tell (&job->progress, now, until, events);
  return interrupted == 0;
}

static CliExit
usage (const char *message)
{
  cli_message ("chimsim run: %s", message);
  return CLI_USAGE;
}

/* A schedule says what it was made for; for anything else it is taken all the same, and said. */
static void
tell_misfit (const RunJob *job)
{
  const LabSchedule *schedule = job->schedule;
  g_autofree char *digest = lab_scenario_digest (job->scenario);

  if (schedule->scenario != NULL && strcmp (schedule->scenario, digest) != 0)
    cli_message ("%s: note: was made for another scenario, or for another version of this one",
                 job->options->schedule);
  if (schedule->has_seed && schedule->seed != job->config.seed)
    cli_message ("%s: note: was made under seed %" G_GUINT64_FORMAT
                 "; this run has %" G_GUINT64_FORMAT,
                 job->options->schedule, schedule->seed, job->config.seed);
}

/* Loads scenario and schedule and prepares the folder: all that can be refused before time zero. */
static bool
prepare (RunJob *job, GError **error)
{
  const RunOptions *options = job->options;

  job->scenario = cli_load (&options->load, job->path, error);
  if (job->scenario == NULL)
    return false;
  job->config = *lab_scenario_config (job->scenario);
  if (options->schedule != NULL) {
    job->schedule = lab_schedule_load (options->schedule, error);
    if (job->schedule == NULL)
      return false;
    job->config.schedule = job->schedule->choice;
    job->config.n_schedule = job->schedule->count;
    tell_misfit (job);
  }
  if (!options->no_plots && !lab_gnuplot_available (error))
    return false;
  g_autofree char *standard = lab_result_path (job->scenario);
  if (options->record == NULL)
    cli_recordings_take (&job->recordings, job->scenario);
  if (options->window != NULL && !cli_recordings_any (&job->recordings)) {
    g_set_error (error, LAB_ERROR, LAB_ERROR_SCENARIO,
                 "chimsim run: --window: nothing is recorded; write --record events, too");
    return false;
  }
  job->folder = lab_folder_new (options->out != NULL ? options->out : standard, error);
  return job->folder != NULL;
}

static void
observe (void *data, Sim *sim)
{
  RunJob *job = data;
  cli_recordings_begin (&job->recordings, lab_folder_work_path (job->folder), sim_trace (sim));
}

static void
ready (void *data, World *world)
{
  RunJob *job = data;
  cli_recordings_watch (&job->recordings, world);
}

/* The second run of --check-determinism: nothing is kept but its fingerprints. */
static bool
same_again (RunJob *job, const LabRunRequest *request, const LabRun *run)
{
  LabRunRequest bare = { .config = request->config,
                         .progress = request->progress,
                         .progress_data = request->progress_data };
  bool same = true;

  cli_progress_begin (&job->progress, "again", job->mode);
  g_autoptr (LabRun) again = lab_run (&bare);
  cli_progress_end (&job->progress);
  for (SimPrint print = 0; print < SIM_N_PRINTS; print++) {
    if (again->print[print] == run->print[print])
      continue;
    cli_message ("not deterministic: fingerprint %s is %016" G_GINT64_MODIFIER
                 "x, then %016" G_GINT64_MODIFIER "x",
                 lab_print_name (print), run->print[print], again->print[print]);
    same = false;
  }
  return same;
}

/* Choices of the schedule that did not come up: the replay went another way. */
static bool
schedule_fits (const LabRun *run)
{
  size_t count;
  g_autofree SimChoice *unused = sim_choices_unused (sim_choices (world_sim (run->world)), &count);

  for (size_t i = 0; i < count; i++) {
    g_autofree char *text = lab_choice_text (&unused[i]);
    cli_message ("the schedule did not fit: %s never came up or was not possible", text);
  }
  return count == 0;
}

/* Timeline events whose anchor never came, and those that were refused or failed, are worth a
 * word. */
static void
tell_events (const RunJob *job, const LabRun *run)
{
  const Timeline *timeline = world_timeline (run->world);

  for (uint32_t i = 0; i < job->config.n_events; i++) {
    SimLoc loc = lab_scenario_event_loc (job->scenario, i);
    TimelineState state = timeline_state (timeline, i);
    if (state == TIMELINE_WAITING)
      cli_message ("%s:%u:%u: note: event `%s` did not happen in this run", loc.file, loc.line,
                   loc.column, job->config.event[i].id);
    if (state != TIMELINE_FAILED_STATE)
      continue;
    g_autofree char *when = lab_decimal_text (timeline_ended (timeline, i).ps, 9);
    cli_message ("%s:%u:%u: note: event `%s` failed at %s ms", loc.file, loc.line, loc.column,
                 job->config.event[i].id, when);
  }
}

static CliExit
exit_of (const LabRun *run, LabVerdict verdict)
{
  if (verdict == LAB_VERDICT_BROKEN)
    return CLI_CHECK_FAILED;
  if (run->stop == SIM_STOP_EVENTS || run->stop == SIM_STOP_LIVELOCK)
    return CLI_LIMIT;
  return CLI_OK;
}

static void
print_json (const RunJob *job, const LabRun *run, const LabRun *twin)
{
  LabJson *json = lab_json_new ();

  lab_json_begin_object (json, NULL);
  lab_json_string (json, "scenario", job->config.name);
  lab_json_unsigned (json, "seed", job->config.seed);
  lab_json_string (json, "verdict", lab_verdict_name (lab_verdict_of (run, twin)));
  lab_json_string (json, "stop", sim_stop_name (run->stop));
  lab_json_string (json, "result", lab_folder_path (job->folder));
  lab_json_begin_object (json, "fingerprints");
  for (SimPrint print = 0; print < SIM_N_PRINTS; print++)
    lab_json_hex (json, lab_print_name (print), run->print[print]);
  lab_json_end_object (json);
  lab_stats_to_json (run->stats, json, "stats");
  lab_json_end_object (json);
  g_autofree char *text = lab_json_free_to_text (json);
  cli_print (text);
}

/* The summary as it stands in the folder, with the way to that folder. */
static void
print_summary (const RunJob *job, const char *summary)
{
  g_autofree char *where =
      g_strdup_printf ("report     %s/report.html\n", lab_folder_path (job->folder));
  cli_print (summary);
  cli_print (where);
}

static CliExit
interrupted_exit (void)
{
  cli_message ("interrupted: nothing was written, earlier results are as they were");
  return CLI_INTERRUPTED;
}

/* Runs, checks, writes and prints. */
static CliExit
carry_out (RunJob *job, GError **error)
{
  LabRunRequest request = { .config = &job->config,
                            .rules = lab_scenario_wants_rules (job->scenario),
                            .measures = true,
                            .checks = lab_scenario_checks (job->scenario),
                            .progress = tell,
                            .progress_data = job,
                            .observe = observe,
                            .observe_data = job,
                            .ready = ready,
                            .ready_data = job };
  g_autoptr (LabRun) twin = NULL;

  cli_progress_begin (&job->progress, job->config.name, job->mode);
  g_autoptr (LabRun) run = lab_run (&request);
  gint64 wall_ms = cli_progress_end (&job->progress);
  if (!cli_recordings_close (&job->recordings, job->folder, error))
    return cli_fail (g_steal_pointer (error));
  if (!run->interrupted && lab_scenario_wants_twin (job->scenario)) {
    cli_progress_begin (&job->progress, "twin", job->mode);
    twin = lab_run_twin (&request);
    cli_progress_end (&job->progress);
  }
  bool same = true;
  if (interrupted == 0 && job->options->check_determinism)
    same = same_again (job, &request, run);
  if (interrupted != 0)
    return interrupted_exit ();
  g_autoptr (GPtrArray) charts = lab_charts_of_run (&request, run);
  g_autofree char *arguments = cli_load_arguments (&job->options->load);
  LabResultInput result = { .report = { .run = run,
                                        .twin = twin,
                                        .scenario = job->scenario,
                                        .charts = charts,
                                        .file = job->path,
                                        .arguments = arguments },
                            .plots = !job->options->no_plots,
                            .wall_ms = wall_ms };
  g_autofree char *summary = NULL;
  if (!lab_result_write (&result, job->folder, &summary, error))
    return cli_fail (g_steal_pointer (error));
  if (job->options->as_json)
    print_json (job, run, twin);
  else
    print_summary (job, summary);
  tell_events (job, run);
  CliExit code = exit_of (run, lab_verdict_of (run, twin));
  if (!schedule_fits (run) || !same)
    code = CLI_DIVERGED;
  if (code != CLI_OK)
    cli_message ("reproduce: ./chimsim run %s%s%s%s", job->path, arguments,
                 job->options->schedule != NULL ? " --schedule " : "",
                 job->options->schedule != NULL ? job->options->schedule : "");
  return code;
}

static void
job_clear (RunJob *job)
{
  cli_recordings_clear (&job->recordings);
  lab_folder_free (job->folder);
  lab_schedule_free (job->schedule);
  lab_scenario_free (job->scenario);
}

static CliExit
run_one (const RunOptions *options, const char *path)
{
  RunJob job = { .options = options, .path = path };
  GError *error = NULL;
  CliExit code;

  if (!cli_progress_mode (options->progress, &job.mode))
    return usage ("--progress: write auto, plain or none");
  if (!cli_recordings_read (&job.recordings, options->record, options->window))
    return CLI_USAGE;
  signal (SIGINT, on_interrupt);
  signal (SIGTERM, on_interrupt);
  code = prepare (&job, &error) ? carry_out (&job, &error) : cli_fail (error);
  job_clear (&job);
  return code;
}

CliExit
verb_run (int argc, char **argv)
{
  RunOptions options = { 0 };
  const GOptionEntry entries[] = {
    CLI_LOAD_OPTIONS (options.load),
    { "out", 'o', 0, G_OPTION_ARG_FILENAME, &options.out,
      "where the result goes (default: results/NAME)", "DIR" },
    { "schedule", 0, 0, G_OPTION_ARG_FILENAME, &options.schedule,
      "replay the choices of a schedule file", "FILE" },
    { "record", 0, 0, G_OPTION_ARG_STRING, &options.record,
      "what to record besides: " CLI_RECORDINGS " (a comma-separated list)", "LIST" },
    { "window", 0, 0, G_OPTION_ARG_STRING, &options.window, "record only between two instants",
      "T1..T2" },
    { "check-determinism", 0, 0, G_OPTION_ARG_NONE, &options.check_determinism,
      "run twice and compare the fingerprints", NULL },
    { "no-plots", 0, 0, G_OPTION_ARG_NONE, &options.no_plots, "do without gnuplot", NULL },
    { "progress", 0, 0, G_OPTION_ARG_STRING, &options.progress, "auto, plain or none", "MODE" },
    { "json", 0, 0, G_OPTION_ARG_NONE, &options.as_json, "the summary as one JSON object", NULL },
    G_OPTION_ENTRY_NULL,
  };
  CliExit code = CLI_OK;

  if (!cli_parse (&verb, entries, &argc, &argv, &code))
    return code;
  if (argc == 2)
    code = run_one (&options, argv[1]);
  else
    code = usage ("name one scenario, e.g. scenarios/bulk_offload.yaml");
  cli_load_clear (&options.load);
  g_free (options.out);
  g_free (options.schedule);
  g_free (options.record);
  g_free (options.window);
  g_free (options.progress);
  return cli_flush () || code != CLI_OK ? code : CLI_USAGE;
}
