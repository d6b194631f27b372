/*
 * The grid of a sweep: which paths take which values.
 *
 * A value is a list, or {from: a, to: b, step: c} for quantities; both ends are included.
 *
 * Owns        A LabGrid owns its values.
 * Errors      Go to LabMistakes: paths that are no settings, values that their field refuses, a
 *             baseline outside the grid, more than LAB_GRID_CELLS_MAX cells.
 */
#pragma once

#include "lab/mistakes.h"
#include "lab/setting.h"

#define LAB_GRID_CELLS_MAX 1000000

/* One path and its values, as --set would take them. */
typedef struct LabAxis {
  char *path;
  char **values; /* NULL-terminated */
} LabAxis;

/* lab_grid_read lists the axes of |scenario|'s `sweep.grid`, in the order of the file: a GPtrArray
 * of LabAxis that the caller unrefs; empty without a sweep. */
GPtrArray *lab_grid_read (const LabSetting *scenario, LabMistakes *mistakes);

/* lab_grid_check refuses a sweep that could not be run. */
void lab_grid_check (const LabSetting *scenario, LabMistakes *mistakes);
