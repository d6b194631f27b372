/*
 * Charts of a run: of each situation that it met, and of what broke a rule.
 *
 * What is worth a chart is known when the run has ended; then it is run again, and only what
 * happened around the instant to one connection is kept.
 *
 * Owns        The list owns its charts.
 * Errors      None: a run with nothing to show has no charts.
 * Invariants  The second run is the first one again.
 */
#pragma once

#include "lab/chart.h"
#include "lab/run.h"

#define LAB_CHARTS_MAX 12

/* lab_charts_of_run makes the charts of |run|, which |request| asked for; free with
 * g_ptr_array_unref. */
GPtrArray *lab_charts_of_run (const LabRunRequest *request, const LabRun *run);

/* lab_charts_draw runs |request|'s configuration with the charts |charts| (LabChart) watching. */
void lab_charts_draw (const LabRunRequest *request, const GPtrArray *charts);
