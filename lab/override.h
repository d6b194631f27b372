/*
 * Overrides: `--set path=value`, and the cells of a sweep, put into the tree of a scenario.
 *
 * A path is dotted; a step into a list is an element's id or its number from 0.  Maps that are not
 * there are made; whether the path means anything is then seen like any other key of the file.
 *
 * Owns        The value's tree must live as long as the scenario's: the caller keeps it.
 * Errors      Go to LabMistakes; the place is the argument itself.
 */
#pragma once

#include "lab/mistakes.h"
#include "lab/tree.h"

typedef struct LabSet {
  const char *path;
  const char *value; /* YAML */
  bool is_sweep;     /* for the origin: a sweep's cell, not an argument */
} LabSet;

/* lab_override_apply puts |set| into |scenario|; the tree it made is returned, NULL if the value is
 * no YAML.  Nodes it put there have line 0, and the file names the argument. */
LabTree *lab_override_apply (const LabSet *set, LabTree *scenario, LabMistakes *mistakes);

/* lab_set_parse splits `path=value` at the first =; false if there is none.  The parts are copied
 * to |ret_path| and |ret_value|, which the caller frees. */
bool lab_set_parse (const char *argument, char **ret_path, char **ret_value);
