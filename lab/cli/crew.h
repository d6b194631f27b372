/*
 * A crew: trials carried out by worker processes, several at once.
 *
 * Each trial runs in a process of its own, so that one that breaks the program off is a complaint
 * like any other.
 *
 * Order       |each| is called in the order of the files, whichever trial ends first.
 * Owns        A trial is good for the call of |each|.
 */
#pragma once

#include "lab/trial.h"

typedef void (*CliCrewFn) (void *data, const LabTrial *trial);

/* cli_crew_run puts |files| (char *) to their tests, |n_workers| at a time. */
void cli_crew_run (const GPtrArray *files, bool updates_golden, guint n_workers, CliCrewFn each,
                   void *data);
