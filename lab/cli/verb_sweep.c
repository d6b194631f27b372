#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "lab/cli/sweep_words.h"
#include "lab/crew.h"
#include "lab/gnuplot.h"
#include "lab/sweep_report.h"

static const CliVerb verb = { "sweep", "SCENARIO", "every cell of a grid, side by side",
                              verb_sweep };

#define DONE_WORD "done"
#define INTERRUPTED_WORD "interrupted"

static volatile sig_atomic_t interrupted;

static void
on_interrupt (int signal_number)
{
  interrupted = signal_number;
}

static CliExit
usage (const char *message)
{
  cli_message ("chimsim sweep: %s", message);
  return CLI_USAGE;
}

/* Running */

static bool
go_on (G_GNUC_UNUSED void *data, G_GNUC_UNUSED SimTime now, G_GNUC_UNUSED SimTime until,
       G_GNUC_UNUSED uint64_t events)
{
  return interrupted == 0;
}

/* In a process of its own: a word on how it went. */
static void
run_point (void *data, size_t index, GByteArray *bytes)
{
  const SweepJob *job = data;
  const LabPointPlace *place = &g_array_index (job->tasks, LabPointPlace, index);
  g_autoptr (GError) error = NULL;
  const char *word = DONE_WORD;

  switch (lab_point_run (place, go_on, NULL, &error)) {
  case LAB_POINT_DONE:
    break;
  case LAB_POINT_INTERRUPTED:
    word = INTERRUPTED_WORD;
    break;
  case LAB_POINT_FAILED:
    word = error->message;
    break;
  }
  g_byte_array_append (bytes, (const guint8 *)word, (guint)strlen (word));
}

static void
point_ended (void *data, size_t index, const LabJobResult *result)
{
  SweepJob *job = data;
  const LabPointPlace *place = &g_array_index (job->tasks, LabPointPlace, index);
  g_autofree char *said = g_strndup ((const char *)result->bytes, result->n_bytes);

  if (g_strcmp0 (said, DONE_WORD) == 0) {
    job->n_done++;
    cli_progress_count (&job->progress, job->n_done, job->tasks->len);
    return;
  }
  if (interrupted != 0)
    return;
  g_autofree char *arguments = lab_cell_arguments (place->cell, job->sweep, place->replication);
  job->n_failed++;
  cli_message ("chimsim sweep: a point broke off: %s",
               result->bytes != NULL ? said : result->words);
  cli_message ("reproduce: ./chimsim run %s%s%s", job->path, job->set_arguments, arguments);
}

/* What is to be run: the points that are wanted and not there, equal ones once. */
static void
collect_tasks (SweepJob *job, GHashTable *seen)
{
  g_array_set_size (job->tasks, 0);
  for (guint c = job->shard; c < sweep_n_cells (job); c += job->n_shards)
    for (guint r = 0; r < job->wanted[c]; r++) {
      LabPointPlace place = { job->sweep, sweep_cell (job, c), r, job->points };
      char *name = lab_sweep_point (job->sweep, place.cell, r);
      if (!g_hash_table_add (seen, name))
        continue;
      g_autoptr (LabPoint) point = job->options->resume ? lab_point_read (&place) : NULL;
      if (point == NULL)
        g_array_append_val (job->tasks, place);
    }
}

/* Cells whose interval is still too wide are wanted more often; false: none. */
static bool
want_more (SweepJob *job)
{
  const LabReplications *replications = lab_sweep_replications (job->sweep);
  g_autoptr (LabSweepResults) results = NULL;
  bool wants = false;

  if (replications->metric == NULL)
    return false;
  results = lab_sweep_results_read (job->sweep, job->points, job->wanted);
  for (guint c = job->shard; c < sweep_n_cells (job); c += job->n_shards) {
    guint *wanted = &job->wanted[c];
    if (*wanted >= replications->max || lab_sweep_narrow_enough (results, results->cells->pdata[c]))
      continue;
    *wanted = MIN (*wanted + MAX (*wanted / 2, 1), replications->max);
    wants = true;
  }
  return wants;
}

static void
run_points (SweepJob *job)
{
  g_autoptr (GHashTable) seen = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);

  do {
    collect_tasks (job, seen);
    job->n_done = 0;
    LabCrew crew = { .n_jobs = job->tasks->len,
                     .n_workers = (guint)job->options->n_workers,
                     .data = job,
                     .job = run_point,
                     .each = point_ended };
    cli_progress_begin (&job->progress, lab_scenario_config (lab_sweep_scenario (job->sweep))->name,
                        job->mode);
    lab_crew_run_until (&crew, &interrupted);
    cli_progress_end (&job->progress);
  } while (interrupted == 0 && job->n_failed == 0 && want_more (job));
}

/* The other shards' cells may have been run more often than at least: as far as their points go. */
static void
find_replications (SweepJob *job)
{
  const LabReplications *replications = lab_sweep_replications (job->sweep);

  for (guint c = 0; c < sweep_n_cells (job); c++)
    for (guint r = job->wanted[c]; r < replications->max && replications->metric != NULL; r++) {
      LabPointPlace place = { job->sweep, sweep_cell (job, c), r, job->points };
      g_autoptr (LabPoint) point = lab_point_read (&place);
      if (point == NULL)
        break;
      job->wanted[c] = r + 1;
    }
}

/* The end */

static CliExit
exit_of (const SweepJob *job, const LabSweepResults *results)
{
  CliExit code = CLI_OK;

  if (job->n_failed > 0)
    return CLI_INTERNAL;
  if (results->n_there < results->n_wanted)
    return CLI_INCOMPLETE;
  for (guint i = 0; i < results->cells->len; i++) {
    const LabCellResult *cell = results->cells->pdata[i];
    if (lab_cell_verdict (cell) == LAB_VERDICT_BROKEN) {
      g_autofree char *arguments = lab_cell_arguments (cell->cell, job->sweep, 0);
      cli_message ("reproduce: ./chimsim run %s%s%s", job->path, job->set_arguments, arguments);
      return CLI_CHECK_FAILED;
    }
    if (lab_cell_hit_limit (cell))
      code = CLI_LIMIT;
  }
  return code;
}

static CliExit
finish (SweepJob *job, GError **error)
{
  if (interrupted != 0) {
    cli_message ("interrupted: what is done stays in %s; go on with --resume", job->points);
    return CLI_INTERRUPTED;
  }
  find_replications (job);
  g_autoptr (LabSweepResults) results =
      lab_sweep_results_read (job->sweep, job->points, job->wanted);
  bool is_part = job->n_shards > 1 && results->n_there < results->n_wanted;
  if (is_part) {
    cli_message ("%u of %u points are there; when the other shards are done: --resume",
                 results->n_there, results->n_wanted);
    return job->n_failed > 0 ? CLI_INTERNAL : CLI_INCOMPLETE;
  }
  g_autoptr (LabFolder) folder = lab_folder_new (job->report, error);
  LabSweepReport report = { results, job->path, job->arguments, job->set_arguments,
                            !job->options->no_plots };
  if (folder == NULL || !lab_sweep_report_write (&report, folder, error))
    return cli_fail (g_steal_pointer (error));
  sweep_print_results (job, results);
  return exit_of (job, results);
}

/* The beginning */

/* i/n, from 1. */
static bool
read_shard (SweepJob *job, const char *text)
{
  char *slash, *end;

  job->n_shards = 1;
  if (text == NULL)
    return true;
  errno = 0;
  unsigned long i = strtoul (text, &slash, 10);
  if (slash == text || *slash != '/' || !g_ascii_isdigit (*text))
    return false;
  unsigned long n = strtoul (slash + 1, &end, 10);
  if (*end != '\0' || !g_ascii_isdigit (slash[1]) || i < 1 || i > n || n > 1000000 || errno != 0)
    return false;
  job->shard = (guint)i - 1;
  job->n_shards = (guint)n;
  return true;
}

/* Which events are moved; false: no good. */
static bool
read_windows (SweepJob *job)
{
  char **ids = job->options->window;

  for (guint i = 0; ids != NULL && ids[i] != NULL; i++) {
    if (i == LAB_WINDOWS_MAX || (i > 0 && strcmp (ids[i], ids[0]) == 0))
      return false;
    job->windows.event[job->windows.n++] = ids[i];
  }
  job->windows.step = job->options->step;
  return (job->windows.n > 0) == (job->options->step != NULL);
}

static char *
with_windows (const SweepJob *job)
{
  GString *text = g_string_new (job->set_arguments);

  for (guint i = 0; i < job->windows.n; i++) {
    g_autofree char *id = g_shell_quote (job->windows.event[i]);
    g_string_append_printf (text, " --window %s", id);
  }
  if (job->windows.n > 0) {
    g_autofree char *step = g_shell_quote (job->windows.step);
    g_string_append_printf (text, " --step %s", step);
  }
  return g_string_free (text, FALSE);
}

static bool
prepare (SweepJob *job, GError **error)
{
  const SweepOptions *options = job->options;

  job->sets = cli_load_sets (&options->load, error);
  if (job->sets == NULL)
    return false;
  LabScenarioRequest request = { .path = job->path,
                                 .sets = (const LabSet *)(void *)job->sets->data,
                                 .n_sets = job->sets->len };
  job->sweep = lab_sweep_new (&request, &job->windows, error);
  if (job->sweep == NULL)
    return false;
  const char *name = lab_scenario_config (lab_sweep_scenario (job->sweep))->name;
  g_autofree char *moved = job->windows.n > 0 ? g_strjoinv (".", options->window) : NULL;
  job->out = options->out != NULL ? g_strdup (options->out)
             : moved != NULL      ? g_strdup_printf ("results/%s.%s.window", name, moved)
                                  : g_strdup_printf ("results/%s.sweep", name);
  job->points = g_build_filename (job->out, "points", NULL);
  job->report = g_build_filename (job->out, "report", NULL);
  job->set_arguments = cli_load_arguments (&options->load);
  job->arguments = with_windows (job);
  job->wanted = g_new (guint, sweep_n_cells (job));
  for (guint c = 0; c < sweep_n_cells (job); c++)
    job->wanted[c] = lab_sweep_replications (job->sweep)->min;
  job->tasks = g_array_new (FALSE, FALSE, sizeof (LabPointPlace));
  return true;
}

/* What can be refused before hours have passed. */
static bool
can_write (const SweepJob *job, GError **error)
{
  if (!job->options->no_plots && !lab_gnuplot_available (error))
    return false;
  g_autoptr (LabFolder) folder = lab_folder_new (job->report, error);
  return folder != NULL;
}

static CliExit
carry_out (SweepJob *job, GError **error)
{
  const char *executor = job->options->executor;

  if (executor != NULL && strcmp (executor, "local") != 0) {
    sweep_print_commands (job);
    return CLI_OK;
  }
  if (job->options->plan) {
    sweep_print_plan (job);
    return CLI_OK;
  }
  if (!can_write (job, error))
    return cli_fail (g_steal_pointer (error));
  signal (SIGINT, on_interrupt);
  signal (SIGTERM, on_interrupt);
  run_points (job);
  return finish (job, error);
}

static void
job_clear (SweepJob *job)
{
  if (job->sets != NULL)
    g_array_unref (job->sets);
  if (job->tasks != NULL)
    g_array_unref (job->tasks);
  lab_sweep_free (job->sweep);
  g_free (job->set_arguments);
  g_free (job->arguments);
  g_free (job->wanted);
  g_free (job->out);
  g_free (job->points);
  g_free (job->report);
}

static CliExit
sweep_one (const SweepOptions *options, const char *path)
{
  static const char *const executors[] = { "local", "parallel", "slurm", NULL };
  SweepJob job = { .options = options, .path = path };
  GError *error = NULL;

  if (!cli_progress_mode (options->progress, &job.mode))
    return usage ("--progress: write auto, plain or none");
  if (options->n_workers < 1 || options->n_workers > LAB_WORKERS_MAX)
    return usage ("-j: write 1 to 256");
  if (!read_shard (&job, options->shard))
    return usage ("--shard: write I/N with I from 1 to N, e.g. --shard 2/8");
  if (options->executor != NULL && !g_strv_contains (executors, options->executor))
    return usage ("--executor: write local, parallel or slurm");
  if (!read_windows (&job))
    return usage ("--window and --step: write both, for one event or two, e.g. --window rst --step "
                  "100ns");
  CliExit code = prepare (&job, &error) ? carry_out (&job, &error) : cli_fail (error);
  job_clear (&job);
  return code;
}

CliExit
verb_sweep (int argc, char **argv)
{
  SweepOptions options = { .n_workers = (int)g_get_num_processors () };
  const GOptionEntry entries[] = {
    CLI_LOAD_OPTIONS (options.load),
    { "out", 'o', 0, G_OPTION_ARG_FILENAME, &options.out,
      "where points and report go (default: results/NAME.sweep)", "DIR" },
    { "plan", 0, 0, G_OPTION_ARG_NONE, &options.plan, "list the points and run nothing", NULL },
    { "jobs", 'j', 0, G_OPTION_ARG_INT, &options.n_workers,
      "how many run at once (default: one a processor)", "N" },
    { "window", 0, 0, G_OPTION_ARG_STRING_ARRAY, &options.window,
      "move an event through its interface window and map the outcomes; twice: two events",
      "EVENT" },
    { "step", 0, 0, G_OPTION_ARG_STRING, &options.step,
      "how far each time, e.g. 100ns, or 1cycle of the target's engines", "LENGTH" },
    { "shard", 0, 0, G_OPTION_ARG_STRING, &options.shard, "only every Nth cell, from the Ith",
      "I/N" },
    { "resume", 0, 0, G_OPTION_ARG_NONE, &options.resume, "keep the points that are there", NULL },
    { "executor", 0, 0, G_OPTION_ARG_STRING, &options.executor,
      "local, or print the commands for: parallel (a line a cell), slurm (a job array)", "WHO" },
    { "no-plots", 0, 0, G_OPTION_ARG_NONE, &options.no_plots, "do without gnuplot", NULL },
    { "progress", 0, 0, G_OPTION_ARG_STRING, &options.progress, "auto, plain or none", "MODE" },
    { "json", 0, 0, G_OPTION_ARG_NONE, &options.as_json, "the plan or the outcome as JSON", NULL },
    G_OPTION_ENTRY_NULL,
  };
  CliExit code = CLI_OK;

  if (!cli_parse (&verb, entries, &argc, &argv, &code))
    return code;
  code = argc == 2 ? sweep_one (&options, argv[1])
                   : usage ("name one scenario, e.g. scenarios/sweeps/table_size.yaml");
  cli_load_clear (&options.load);
  g_free (options.out);
  g_free (options.step);
  g_strfreev (options.window);
  g_free (options.shard);
  g_free (options.executor);
  g_free (options.progress);
  return cli_flush () || code != CLI_OK ? code : CLI_USAGE;
}
