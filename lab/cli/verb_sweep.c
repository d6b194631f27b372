#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "lab/cli/cli.h"
#include "lab/cli/load.h"
#include "lab/cli/progress.h"
#include "lab/crew.h"
#include "lab/gnuplot.h"
#include "lab/sweep_report.h"

static const CliVerb verb = { "sweep", "SCENARIO", "every cell of a grid, side by side",
                              verb_sweep };

#define DONE_WORD "done"
#define INTERRUPTED_WORD "interrupted"

/* What the command line says. */
typedef struct SweepOptions {
  CliLoad load;
  char *out, *shard, *executor, *progress;
  gboolean plan, resume, no_plots, as_json;
  int n_workers;
} SweepOptions;

/* One invocation, as it goes along. */
typedef struct SweepJob {
  const SweepOptions *options;
  const char *path;
  char *arguments;
  GArray *sets;
  LabSweep *sweep;
  char *out, *points, *report;
  guint shard, n_shards; /* cells with number % n_shards == shard */
  guint *wanted;         /* replications, by cell */
  GArray *tasks;         /* LabPointPlace: of this round */
  guint n_done, n_failed;
  CliProgressMode mode;
  CliProgress progress;
} SweepJob;

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

static const LabCell *
cell_at (const SweepJob *job, guint number)
{
  return lab_sweep_cells (job->sweep)->pdata[number];
}

static guint
n_cells (const SweepJob *job)
{
  return lab_sweep_cells (job->sweep)->len;
}

/* The plan */

static void
plan_line (GString *text, const SweepJob *job, const LabCell *cell, uint32_t replication)
{
  g_autofree char *point = lab_sweep_point (job->sweep, cell, replication);
  g_autofree char *words = lab_cell_words (cell, job->sweep);

  g_string_append_printf (text, "%s  cell %u  seed %" G_GUINT64_FORMAT "  %s\n", point,
                          cell->number, lab_sweep_seed (job->sweep, replication), words);
}

static void
plan_object (LabJson *json, const SweepJob *job, const LabCell *cell, uint32_t replication)
{
  g_autofree char *point = lab_sweep_point (job->sweep, cell, replication);

  lab_json_begin_object (json, NULL);
  lab_json_string (json, "point", point);
  lab_json_unsigned (json, "cell", cell->number);
  lab_json_unsigned (json, "seed", lab_sweep_seed (job->sweep, replication));
  if (cell->variant != NULL)
    lab_json_string (json, "variant", cell->variant);
  lab_json_begin_object (json, "set");
  for (guint i = 0; i < cell->n_sets; i++)
    lab_json_string (json, cell->set[i].path, cell->set[i].value);
  lab_json_end_object (json);
  lab_json_end_object (json);
}

static CliExit
print_plan (const SweepJob *job)
{
  g_autoptr (GString) text = g_string_new (NULL);
  LabJson *json = job->options->as_json ? lab_json_new () : NULL;
  guint n = 0;

  if (json != NULL)
    lab_json_begin_array (json, NULL);
  for (guint c = 0; c < n_cells (job); c++)
    for (guint r = 0; r < job->wanted[c] && c % job->n_shards == job->shard; r++, n++) {
      if (json != NULL)
        plan_object (json, job, cell_at (job, c), r);
      else
        plan_line (text, job, cell_at (job, c), r);
    }
  if (json != NULL) {
    lab_json_end_array (json);
    g_autofree char *document = lab_json_free_to_text (json);
    cli_print (document);
    return CLI_OK;
  }
  if (lab_sweep_replications (job->sweep)->metric != NULL)
    g_string_append_printf (text, "and up to %u replications of each cell, until %s is known\n",
                            lab_sweep_replications (job->sweep)->max,
                            lab_sweep_replications (job->sweep)->metric);
  g_string_append_printf (text, "%u points of %u cells\n", n, n_cells (job));
  cli_print (text->str);
  return CLI_OK;
}

/* Somebody else's hands: the command lines that do the work, a cell each. */
static CliExit
print_commands (const SweepJob *job)
{
  g_autofree char *file = g_shell_quote (job->path);
  g_autofree char *out = g_shell_quote (job->out);
  g_autofree char *command = g_strdup_printf ("./chimsim sweep %s%s --resume --progress none -j 1 "
                                              "-o %s",
                                              file, job->arguments, out);
  g_autoptr (GString) text = g_string_new (NULL);

  if (strcmp (job->options->executor, "slurm") == 0)
    g_string_append_printf (text,
                            "#!/bin/sh\n"
                            "# sbatch this; when it is through: %s\n"
                            "#SBATCH --array=1-%u\n"
                            "#SBATCH --ntasks=1\n"
                            "%s --shard \"$SLURM_ARRAY_TASK_ID/%u\" || [ $? -eq %d ]\n",
                            command, n_cells (job), command, n_cells (job), CLI_INCOMPLETE);
  else
    for (guint i = 1; i <= n_cells (job); i++)
      g_string_append_printf (text, "%s --shard %u/%u\n", command, i, n_cells (job));
  cli_print (text->str);
  return CLI_OK;
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
  cli_message ("reproduce: ./chimsim run %s%s%s", job->path, job->arguments, arguments);
}

/* What is to be run: the points that are wanted and not there, equal ones once. */
static void
collect_tasks (SweepJob *job, GHashTable *seen)
{
  g_array_set_size (job->tasks, 0);
  for (guint c = job->shard; c < n_cells (job); c += job->n_shards)
    for (guint r = 0; r < job->wanted[c]; r++) {
      LabPointPlace place = { job->sweep, cell_at (job, c), r, job->points };
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
  for (guint c = job->shard; c < n_cells (job); c += job->n_shards) {
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

  for (guint c = 0; c < n_cells (job); c++)
    for (guint r = job->wanted[c]; r < replications->max && replications->metric != NULL; r++) {
      LabPointPlace place = { job->sweep, cell_at (job, c), r, job->points };
      g_autoptr (LabPoint) point = lab_point_read (&place);
      if (point == NULL)
        break;
      job->wanted[c] = r + 1;
    }
}

/* The end */

static void
print_json (const SweepJob *job, const LabSweepResults *results)
{
  LabJson *json = lab_json_new ();

  lab_json_begin_object (json, NULL);
  lab_json_string (json, "scenario", lab_scenario_config (lab_sweep_scenario (job->sweep))->name);
  lab_json_string (json, "report", job->report);
  lab_json_unsigned (json, "points", results->n_there);
  lab_json_unsigned (json, "points_wanted", results->n_wanted);
  lab_json_begin_array (json, "cells");
  for (guint i = 0; i < results->cells->len; i++) {
    const LabCellResult *cell = results->cells->pdata[i];
    g_autofree char *words = lab_cell_words (cell->cell, job->sweep);
    lab_json_begin_object (json, NULL);
    lab_json_unsigned (json, "cell", cell->cell->number);
    lab_json_string (json, "name", words);
    lab_json_unsigned (json, "runs", cell->n_there);
    lab_json_string (json, "verdict",
                     cell->n_there > 0 ? lab_verdict_name (lab_cell_verdict (cell)) : NULL);
    lab_json_end_object (json);
  }
  lab_json_end_array (json);
  lab_json_end_object (json);
  g_autofree char *text = lab_json_free_to_text (json);
  cli_print (text);
}

/* A line for each cell with the first few metrics. */
static void
print_table (const SweepJob *job, const LabSweepResults *results)
{
  g_autoptr (GString) text = g_string_new (NULL);
  guint n_metrics = MIN (results->metrics->len, 6);

  for (guint i = 0; i < results->cells->len; i++) {
    const LabCellResult *cell = results->cells->pdata[i];
    g_autofree char *words = lab_cell_words (cell->cell, job->sweep);
    g_string_append_printf (text, "%-36s %s", words,
                            cell->n_there > 0 ? lab_verdict_name (lab_cell_verdict (cell))
                                              : "missing");
    for (guint m = 0; m < n_metrics && cell->n_there > 0; m++) {
      const LabMetric *metric = results->metrics->pdata[m];
      LabEstimate estimate = lab_cell_estimate (results, cell, metric->name);
      g_autofree char *mean = lab_sweep_number (estimate.mean);
      if (estimate.count > 0)
        g_string_append_printf (text, "  %s %s %s", metric->title, mean, metric->unit);
    }
    g_string_append_c (text, '\n');
  }
  g_string_append_printf (text, "points     %u of %u in %s\nreport     %s/index.html\n",
                          results->n_there, results->n_wanted, job->points, job->report);
  cli_print (text->str);
}

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
      cli_message ("reproduce: ./chimsim run %s%s%s", job->path, job->arguments, arguments);
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
  LabSweepReport report = { results, job->path, job->arguments, !job->options->no_plots };
  if (folder == NULL || !lab_sweep_report_write (&report, folder, error))
    return cli_fail (g_steal_pointer (error));
  if (job->options->as_json)
    print_json (job, results);
  else
    print_table (job, results);
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
  job->sweep = lab_sweep_new (&request, error);
  if (job->sweep == NULL)
    return false;
  const char *name = lab_scenario_config (lab_sweep_scenario (job->sweep))->name;
  job->out =
      options->out != NULL ? g_strdup (options->out) : g_strdup_printf ("results/%s.sweep", name);
  job->points = g_build_filename (job->out, "points", NULL);
  job->report = g_build_filename (job->out, "report", NULL);
  job->arguments = cli_load_arguments (&options->load);
  job->wanted = g_new (guint, n_cells (job));
  for (guint c = 0; c < n_cells (job); c++)
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

  if (executor != NULL && strcmp (executor, "local") != 0)
    return print_commands (job);
  if (job->options->plan)
    return print_plan (job);
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
  g_free (options.shard);
  g_free (options.executor);
  g_free (options.progress);
  return cli_flush () || code != CLI_OK ? code : CLI_USAGE;
}
