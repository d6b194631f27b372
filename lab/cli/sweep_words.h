/*
 * One invocation of `chimsim sweep`, and what it prints: the plan, the commands for others, the
 * results.
 *
 * Owns  A job owns what its members point to, but for options, path and windows: verb_sweep.c makes
 *       it and clears it.
 */
#pragma once

#include "lab/cli/cli.h"
#include "lab/cli/load.h"
#include "lab/cli/progress.h"
#include "lab/sweep_results.h"

/* What the command line says. */
typedef struct SweepOptions {
  CliLoad load;
  char *out, *shard, *executor, *progress, *step;
  char **window; /* ids of events */
  gboolean plan, resume, no_plots, as_json;
  int n_workers;
} SweepOptions;

/* One invocation, as it goes along. */
typedef struct SweepJob {
  const SweepOptions *options;
  const char *path;
  char *set_arguments; /* " --set a=b" */
  char *arguments;     /* these, and what makes it this sweep */
  GArray *sets;
  LabWindows windows;
  LabSweep *sweep;
  char *out, *points, *report;
  guint shard, n_shards; /* cells with number % n_shards == shard */
  guint *wanted;         /* replications, by cell */
  GArray *tasks;         /* LabPointPlace: of this round */
  guint n_done, n_failed;
  CliProgressMode mode;
  CliProgress progress;
} SweepJob;

const LabCell *sweep_cell (const SweepJob *job, guint number);
guint sweep_n_cells (const SweepJob *job);

/* sweep_print_plan lists the points of this shard. */
void sweep_print_plan (const SweepJob *job);
/* sweep_print_commands is somebody else's work: a command line for each cell. */
void sweep_print_commands (const SweepJob *job);
/* sweep_print_results is the end: cells, or outcomes of moved events, and where the report is. */
void sweep_print_results (const SweepJob *job, const LabSweepResults *results);
