/*
 * A sweep: the cells of a scenario's `sweep` section, and the points that each of them is run as.
 *
 * A cell is one design: a variant and a value for each path of the grid.  A point is one run of a
 * cell; replication r of every cell runs under the same seed (the scenario's plus r), so that cells
 * are compared under common random numbers.
 *
 * Order       Variants as written, then the grid's paths as written, the last one turning fastest;
 *             skipped cells are not counted.
 * Owns        A LabSweep owns its cells and the scenario that it was read from; the path and the
 *             sets of the request are borrowed.
 * Errors      GError of LAB_ERROR: the scenario, or one cell of it, is refused.
 * Invariants  A point's name depends on what can change its run or its figures and on nothing else:
 *             equal designs have equal names.
 */
#pragma once

#include "lab/scenario.h"
#include "lab/window.h"

typedef struct LabSweep LabSweep;

typedef struct LabCell {
  uint32_t number;       /* from 0 */
  const char *variant;   /* NULL: there are none */
  const char *const *at; /* the value at each axis */
  const LabSet *set;     /* all of it as overrides */
  guint n_sets;
  char *digest; /* of the scenario with these overrides */
} LabCell;

/* How often a cell is run. */
typedef struct LabReplications {
  uint32_t min, max;
  char *metric; /* a figure's name; NULL: |min| runs and no more */
  double confidence, half_width;
} LabReplications;

/* lab_sweep_new reads the sweep of a scenario.  With |windows| it moves events through their
 * windows, in each cell of the scenario's sweep, if it has one; NULL: none is moved. */
LabSweep *lab_sweep_new (const LabScenarioRequest *request, const LabWindows *windows,
                         GError **error);
void lab_sweep_free (LabSweep *sweep);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LabSweep, lab_sweep_free)

const LabScenario *lab_sweep_scenario (const LabSweep *sweep);
/* LabAxis of lab/grid.h. */
const GPtrArray *lab_sweep_axes (const LabSweep *sweep);
bool lab_sweep_has_variants (const LabSweep *sweep);
/* LabCell, by number. */
const GPtrArray *lab_sweep_cells (const LabSweep *sweep);
/* NULL: no event is moved.  The axes of those that are stand last, the first window's at the end. */
const LabWindows *lab_sweep_windows (const LabSweep *sweep);
const LabReplications *lab_sweep_replications (const LabSweep *sweep);
/* The cell that |cell| is compared with; NULL: none, or it is that one itself. */
const LabCell *lab_sweep_baseline (const LabSweep *sweep, const LabCell *cell);

/* What to call a cell: "chimney, 512 B"; free with g_free. */
char *lab_cell_words (const LabCell *cell, const LabSweep *sweep);
/* The options that make a plain run of a point: " --set a=b --seed 7"; free with g_free. */
char *lab_cell_arguments (const LabCell *cell, const LabSweep *sweep, uint32_t replication);

uint64_t lab_sweep_seed (const LabSweep *sweep, uint32_t replication);
/* lab_sweep_load is the scenario of a point. */
LabScenario *lab_sweep_load (const LabSweep *sweep, const LabCell *cell, uint32_t replication,
                             GError **error);
/* The name of a point, for its folder; free with g_free. */
char *lab_sweep_point (const LabSweep *sweep, const LabCell *cell, uint32_t replication);
