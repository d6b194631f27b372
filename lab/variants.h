/*
 * The variants of a sweep: designs by name, each a few settings that change together.
 *
 * Owns        A LabVariant owns its name and its sets.
 * Errors      Go to LabMistakes: names that are none, paths that are no settings, values that their
 *             field refuses.
 */
#pragma once

#include <glib.h>

#include "lab/mistakes.h"
#include "lab/override.h"
#include "lab/setting.h"

typedef struct LabVariant {
  char *name;
  LabSet *set;
  guint n_sets;
} LabVariant;

/* lab_variants_read lists `sweep.variants` of |scenario| in the order of the file: a GPtrArray of
 * LabVariant that the caller unrefs; empty if there are none. */
GPtrArray *lab_variants_read (const LabSetting *scenario, LabMistakes *mistakes);
