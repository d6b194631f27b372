/*
 * What a sweep has come to so far: the points that are there, and each cell's figures over them.
 *
 * Owns        A LabSweepResults owns the points it has read; it borrows the sweep.
 * Units       A metric has the unit of its figure.
 * Errors      None: a point that is not there is a gap.
 */
#pragma once

#include "lab/estimate.h"
#include "lab/sweep_point.h"

/* A figure that tables and pictures show. */
typedef struct LabMetric {
  char *name;  /* of the figure: "latency.request.p99" */
  char *title; /* "request, p99" */
  const char *unit;
  bool is_part; /* of the host cycles per byte: shown in a table of its own */
} LabMetric;

typedef struct LabCellResult {
  const LabCell *cell;
  GPtrArray *points; /* LabPoint by replication; NULL: not there */
  guint n_wanted, n_there;
} LabCellResult;

typedef struct LabSweepResults {
  const LabSweep *sweep;
  GPtrArray *cells;   /* LabCellResult, by number */
  GPtrArray *metrics; /* LabMetric: those that some point has */
  double confidence;
  guint n_wanted, n_there;
} LabSweepResults;

/* lab_sweep_results_read reads |points|, the folder of all points; |wanted| has the number of
 * replications of each cell. */
LabSweepResults *lab_sweep_results_read (const LabSweep *sweep, const char *points,
                                         const guint *wanted);
void lab_sweep_results_free (LabSweepResults *results);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LabSweepResults, lab_sweep_results_free)

/* lab_point_figure gives the value of a figure; false if the point has none of that name. */
bool lab_point_figure (const LabPoint *point, const char *name, double *ret_value);

/* lab_cell_estimate is over the cell's points that have the figure. */
LabEstimate lab_cell_estimate (const LabSweepResults *results, const LabCellResult *cell,
                               const char *name);
/* lab_cell_difference is from the baseline, over the replications that both have. */
LabEstimate lab_cell_difference (const LabSweepResults *results, const LabCellResult *cell,
                                 const LabCellResult *baseline, const char *name);
/* The result of the cell that |cell| is compared with, or NULL. */
const LabCellResult *lab_cell_baseline (const LabSweepResults *results, const LabCellResult *cell);

/* The worst of the cell's points. */
LabVerdict lab_cell_verdict (const LabCellResult *cell);
bool lab_cell_hit_limit (const LabCellResult *cell);

/* lab_sweep_narrow_enough tells whether a cell needs no more replications. */
bool lab_sweep_narrow_enough (const LabSweepResults *results, const LabCellResult *cell);

/* Tables as CSV; free with g_free.  Cells: a row for each, means and half widths.  Points: a row
 * for each, every figure. */
char *lab_sweep_cells_csv (const LabSweepResults *results);
char *lab_sweep_points_csv (const LabSweepResults *results);

/* |value| with six digits; free with g_free. */
char *lab_sweep_number (double value);
