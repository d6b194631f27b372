/*
 * Pictures of a sweep: a figure against the swept value, a line for each series.
 *
 * The axis is the path of the grid with the most values, a quantity before anything else; what is
 * left of a cell (its variant and the other paths) is its series.
 *
 * Owns        A draft is the caller's, to plot_draft_free.
 * Errors      None: what cannot be drawn says why.
 */
#pragma once

#include "lab/plot_draft.h"
#include "lab/sweep_results.h"

/* lab_sweep_plots lists the drafts of the standard pictures: throughput, host cycles per byte, and
 * each latency that was measured.  A GPtrArray of PlotDraft that the caller unrefs. */
GPtrArray *lab_sweep_plots (const LabSweepResults *results);
