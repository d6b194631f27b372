/*
 * The outcome map of a sweep that moves events: what each run came to, over the instants of the
 * events.
 *
 * The axis is the offset of the first event in its window.  A row is a cell of the scenario's sweep
 * and a replication, or, if two events are moved, an offset of the second.
 *
 * Order       Outcomes as they come first along the rows.
 * Owns        A map owns its outcomes and borrows the results; its texts are the caller's.
 * Errors      None: what cannot be drawn says why.
 */
#pragma once

#include "lab/plot_draft.h"
#include "lab/sweep_results.h"

typedef struct LabOutcomeMap LabOutcomeMap;

LabOutcomeMap *lab_outcome_map_new (const LabSweepResults *results);
void lab_outcome_map_free (LabOutcomeMap *map);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LabOutcomeMap, lab_outcome_map_free)

PlotDraft *lab_outcome_map_plot (const LabOutcomeMap *map);

/* lab_outcome_map_csv has a row for each stretch of equal runs. */
char *lab_outcome_map_csv (const LabOutcomeMap *map);

/* A line for each outcome, for a terminal; and a table of HTML.  |command| is what runs the
 * scenario: "./chimsim run x.yaml". */
char *lab_outcome_map_text (const LabOutcomeMap *map);
void lab_outcome_map_html (const LabOutcomeMap *map, const char *command, GString *page);
