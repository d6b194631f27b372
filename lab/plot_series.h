/*
 * Series: the lines of a latency plot, one for each path of requests, or one for a class of state
 * operations.
 *
 * Owns        A series owns its totals until plot_series_clear.
 */
#pragma once

#include "lab/view.h"

typedef struct PlotSeries {
  const char *key;    /* in a CSV: "host_path", "all" */
  const char *word;   /* "host path", "offloads" */
  const char *colour; /* "#0072b2" */
  int path;           /* LatencyPath, or -1 */
  GArray *totals;     /* int64_t ps, ascending; never empty */
} PlotSeries;

/* plot_series_collect makes the series that have operations and tells how many. */
size_t plot_series_collect (const LabView *view, LatencyClass class,
                            PlotSeries ret_series[LATENCY_N_PATHS]);
void plot_series_clear (PlotSeries *series, size_t n_series);

/* The shortest and the longest of all series. */
void plot_series_range (const PlotSeries *series, size_t n_series, int64_t *ret_least_ps,
                        int64_t *ret_most_ps);

/* "offloads", "requests": how titles call the operations of a class. */
const char *plot_class_words (LatencyClass class);
