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

/* The word that stands for the variants in `skip` and `baseline`. */
#define LAB_GRID_VARIANT "variant"

/* One path and its values, as --set would take them. */
typedef struct LabAxis {
  char *path;
  char **values; /* NULL-terminated */
} LabAxis;

/* lab_grid_read lists the axes of |scenario|'s `sweep.grid`, in the order of the file: a GPtrArray
 * of LabAxis that the caller unrefs; empty without a sweep. */
GPtrArray *lab_grid_read (const LabSetting *scenario, LabMistakes *mistakes);

/* What other parts of a sweep ask of a path and a value: lab_grid_setting is the setting that
 * |node|'s key names, NULL if a sweep cannot change it; lab_grid_value reads |node| as a value of
 * |setting| and keeps nothing of it that would have to be freed. */
const LabSetting *lab_grid_setting (const LabSetting *scenario, const LabNode *node,
                                    LabMistakes *mistakes);
bool lab_grid_value (const LabSetting *setting, const LabNode *node, LabMistakes *mistakes,
                     LabValue *ret_value);

/* lab_grid_bound reads |text| as a bound that a value of |setting| is compared with: it may lie
 * outside the values that the setting takes. */
bool lab_grid_bound (const LabSetting *setting, const char *text, SimLoc loc, LabMistakes *mistakes,
                     LabValue *ret_value);

/* lab_grid_check refuses a sweep that could not be run. */
void lab_grid_check (const LabSetting *scenario, LabMistakes *mistakes);
