/*
 * Outcomes: what a run in which events were moved came to, in a few words.
 *
 * The words are: what the run broke, the situations that it met, events that did not fire or
 * failed, and where the connections of the moved events were at the end.  The situations are those
 * of the scenario's `checks.reached`, or all if that names none; of those that are about one
 * connection, the ones about the moved events' own.
 *
 * Owns        Borrows scenario and windows.
 * Invariants  A function of the run alone.  The words have no comma in them.
 */
#pragma once

#include "lab/run.h"
#include "lab/window.h"

typedef struct LabOutcome LabOutcome;

LabOutcome *lab_outcome_new (const LabScenario *scenario, const LabWindows *windows);
void lab_outcome_free (LabOutcome *outcome);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LabOutcome, lab_outcome_free)

/* lab_outcome_watch begins to read |trace|; once. */
void lab_outcome_watch (LabOutcome *outcome, SimTrace *trace);

/* lab_outcome_words is what |run| came to; free with g_free. */
char *lab_outcome_words (const LabOutcome *outcome, const LabRun *run);
