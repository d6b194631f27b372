/*
 * A trial: one scenario file, run and held against what its own `test:` section says.
 *
 *   test: {verdict: clean}                                every check held
 *   test: {trips: [SEND-13]}                              these rules are broken, and no others
 *   test: {trips: [SEND-13], clean_otherwise: false}      these and perhaps others
 *   test: {refused: "is out of range"}                    it is not accepted, and this is in the message
 *   test: {golden: [order, wire]}                         these fingerprints are those of NAME.golden beside it
 *
 * A trial is strict: an expectation that was never judged, a situation of `checks.reached` that was
 * not met and a place of `checks.covers` that was not reached fail it.
 *
 * Owns        A LabTrial owns all it holds.
 * Errors      None: what goes wrong is a complaint of the trial.
 * Invariants  Trials share nothing: several may run at once.
 */
#pragma once

#include <glib.h>
#include <stdbool.h>

#include "lab/json.h"

typedef enum LabTrialOutcome {
  LAB_TRIAL_SILENT, /* no scenario, or one without `test:` */
  LAB_TRIAL_PASSED,
  LAB_TRIAL_FAILED,
  LAB_TRIAL_GOLDEN_DIFFERS, /* and everything else is as it should be */
} LabTrialOutcome;

typedef struct LabTrial {
  char *path;
  LabTrialOutcome outcome;
  char *wants;           /* "clean", "trips SEND-13", "refused" */
  GPtrArray *complaints; /* char *: what was otherwise */
} LabTrial;

/* lab_trial_run puts the file at |path| to its test; |updates_golden| writes its fingerprints
 * instead of comparing them. */
LabTrial *lab_trial_run (const char *path, bool updates_golden);
void lab_trial_free (LabTrial *trial);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LabTrial, lab_trial_free)

const char *lab_trial_outcome_name (LabTrialOutcome outcome);

/* lab_trial_json writes it as an object. */
void lab_trial_json (const LabTrial *trial, LabJson *json);

/* lab_trial_files lists the *.yaml files at |paths| and below, those of each path sorted; NULL with
 * |error| if one is not there.  Free with g_ptr_array_unref. */
GPtrArray *lab_trial_files (char *const *paths, int n_paths, GError **error);
