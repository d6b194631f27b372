#include "lab/cli/sweep_words.h"

#include <string.h>

#include "lab/outcome_map.h"

const LabCell *
sweep_cell (const SweepJob *job, guint number)
{
  return lab_sweep_cells (job->sweep)->pdata[number];
}

guint
sweep_n_cells (const SweepJob *job)
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

void
sweep_print_plan (const SweepJob *job)
{
  g_autoptr (GString) text = g_string_new (NULL);
  LabJson *json = job->options->as_json ? lab_json_new () : NULL;
  guint n = 0;

  if (json != NULL)
    lab_json_begin_array (json, NULL);
  for (guint c = 0; c < sweep_n_cells (job); c++)
    for (guint r = 0; r < job->wanted[c] && c % job->n_shards == job->shard; r++, n++) {
      if (json != NULL)
        plan_object (json, job, sweep_cell (job, c), r);
      else
        plan_line (text, job, sweep_cell (job, c), r);
    }
  if (json != NULL) {
    lab_json_end_array (json);
    g_autofree char *document = lab_json_free_to_text (json);
    cli_print (document);
    return;
  }
  if (lab_sweep_replications (job->sweep)->metric != NULL)
    g_string_append_printf (text, "and up to %u replications of each cell, until %s is known\n",
                            lab_sweep_replications (job->sweep)->max,
                            lab_sweep_replications (job->sweep)->metric);
  g_string_append_printf (text, "%u points of %u cells\n", n, sweep_n_cells (job));
  cli_print (text->str);
}

/* Somebody else's hands: the command lines that do the work, a cell each. */
void
sweep_print_commands (const SweepJob *job)
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
                            command, sweep_n_cells (job), command, sweep_n_cells (job),
                            CLI_INCOMPLETE);
  else
    for (guint i = 1; i <= sweep_n_cells (job); i++)
      g_string_append_printf (text, "%s --shard %u/%u\n", command, i, sweep_n_cells (job));
  cli_print (text->str);
}

/* Results */

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

static void
print_end (const SweepJob *job, const LabSweepResults *results)
{
  g_autofree char *text =
      g_strdup_printf ("points     %u of %u in %s\nreport     %s/index.html\n", results->n_there,
                       results->n_wanted, job->points, job->report);
  cli_print (text);
}

/* A line for each outcome of moved events. */
static void
print_outcomes (const LabSweepResults *results)
{
  g_autoptr (LabOutcomeMap) map = lab_outcome_map_new (results);
  g_autofree char *text = lab_outcome_map_text (map);
  cli_print (text);
}

/* A line for each cell with the first few metrics. */
static void
print_cells (const LabSweepResults *results)
{
  g_autoptr (GString) text = g_string_new (NULL);
  guint n_metrics = MIN (results->metrics->len, 6);

  for (guint i = 0; i < results->cells->len; i++) {
    const LabCellResult *cell = results->cells->pdata[i];
    g_autofree char *words = lab_cell_words (cell->cell, results->sweep);
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
  cli_print (text->str);
}

void
sweep_print_results (const SweepJob *job, const LabSweepResults *results)
{
  if (job->options->as_json) {
    print_json (job, results);
    return;
  }
  if (job->windows.n > 0)
    print_outcomes (results);
  else
    print_cells (results);
  print_end (job, results);
}
