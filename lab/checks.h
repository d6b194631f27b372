/*
 * Checks: the expectations, situations and places of coverage of a scenario, resolved.
 *
 * Owns        The expectations.
 * Errors      Go to LabMistakes.
 */
#pragma once

#include "lab/coverage.h"
#include "lab/expectation.h"
#include "lab/situation.h"

typedef struct LabChecks {
  GPtrArray *expectations; /* LabExpectation, in the order of the file */
  LabSituationSet reached; /* that a run is to have met */
  GArray *covers;          /* LabPlace: places of coverage where it is to have been */
} LabChecks;

/* lab_checks_new resolves `checks` of the scenario |root|; what has a mistake is left out. */
LabChecks *lab_checks_new (const LabSetting *root, const WorldConfig *config,
                           LabMistakes *mistakes);
void lab_checks_free (LabChecks *checks);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LabChecks, lab_checks_free)
