/*
 * Loading: a scenario's tree, presets and defaults become settings, by the field table.
 *
 * For each row the value comes from --set, the scenario, the preset of its section, or the default,
 * in this order of precedence.
 *
 * Owns        A LabLoaded owns settings, trees and texts.
 * Errors      Go to LabMistakes; what could be read is in the settings all the same, so that later
 *             checks can find more mistakes.
 * Invariants  The default of each row passes its own checks (asserted).
 */
#pragma once

#include "lab/field.h"
#include "lab/mistakes.h"
#include "lab/override.h"
#include "lab/preset.h"
#include "lab/setting.h"
#include "lab/tree.h"

typedef struct LabLoaded {
  LabSetting *root;
  GPtrArray *trees; /* of LabTree: the scenario's first */
  GStringChunk *strings;
  LabPresets *presets;
} LabLoaded;

typedef struct LabSource {
  LabTree *tree; /* the scenario; owned by the LabLoaded from now on */
  const LabSet *sets;
  size_t n_sets;
  const char *const *preset_folders; /* NULL-terminated */
} LabSource;

/* lab_load reads |source| by |root|, a row of type LAB_SECTION. */
LabLoaded *lab_load (const LabField *root, LabSource source, LabMistakes *mistakes);
void lab_loaded_free (LabLoaded *loaded);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LabLoaded, lab_loaded_free)
