/*
 * Presets: data sheets in which every number says where it comes from.
 *
 * A preset is a file NAME.yaml:
 *
 *   format: chimsim-preset/1
 *   for: target                    which section it fills
 *   summary: one sentence
 *   values:
 *     engine:
 *       clock: {value: 350 MHz, status: derived, source: "..."}
 *
 * |values| has the shape of the section; each value in it is wrapped like the one above.  status is
 * one of verified, abstract, derived, secondary, unverified, assumption.
 *
 * Order       Folders are searched in the order they were given.
 * Owns        Presets own the trees they loaded; nodes are good until lab_presets_free.
 * Errors      Go to LabMistakes.
 */
#pragma once

#include "lab/mistakes.h"
#include "lab/tree.h"

typedef struct LabPresets LabPresets;

/* |folders| ends with NULL and is copied. */
LabPresets *lab_presets_new (const char *const *folders);
void lab_presets_free (LabPresets *presets);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LabPresets, lab_presets_free)

/* lab_presets_get is the |values| of preset |name| for the section |purpose|; NULL with a mistake
 * at |loc| if there is none. */
const LabNode *lab_presets_get (LabPresets *presets, const char *name, const char *purpose,
                                SimLoc loc, LabMistakes *mistakes);

/* What a wrapped value says. */
typedef struct LabCited {
  const LabNode *value;
  const char *status;
  const char *source;
} LabCited;

/* lab_preset_unwrap takes {value, status, source} apart; false with a mistake if it is not that. */
bool lab_preset_unwrap (const LabNode *node, const char *path, LabMistakes *mistakes,
                        LabCited *ret_cited);

/* One preset that can be named, for listings. */
typedef struct LabPresetInfo {
  char *name;
  char *purpose;
  char *summary;
  char *path;
} LabPresetInfo;

void lab_preset_info_free (LabPresetInfo *info);

/* lab_presets_list finds all presets of the folders, by name; a GPtrArray of LabPresetInfo that
 * the caller unrefs.  Files that are no presets are passed over. */
GPtrArray *lab_presets_list (const LabPresets *presets);
