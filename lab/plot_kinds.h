/*
 * The kinds of plots: each drafts one picture from a view.
 *
 * Errors      None: a view without the data gives a draft that says so.
 * Owns        The caller frees the draft.
 */
#pragma once

#include "lab/plot_draft.h"
#include "lab/view.h"

#define PLOT_PERCENTILES_MAX 16

typedef enum PlotKind {
  PLOT_CDF,
  PLOT_PERCENTILES,
  PLOT_BREAKDOWN,
  PLOT_THROUGHPUT,
  PLOT_USE,
  PLOT_OWNERSHIP, /* these six as in the scenario language */
  PLOT_OFFLOADED,
  PLOT_N_KINDS
} PlotKind;

/* One picture that somebody wants. */
typedef struct PlotOrder {
  PlotKind kind;
  char *name;
  LatencyClass class;                 /* CDF, PERCENTILES, BREAKDOWN */
  bool is_linear;                     /* CDF */
  uint32_t ppm[PLOT_PERCENTILES_MAX]; /* PERCENTILES, BREAKDOWN: parts per million, ascending */
  uint32_t n_ppm;
  ConnectionSet of; /* OWNERSHIP */
  GArray *marks;    /* uint32_t: events to mark; NULL: all */
} PlotOrder;

PlotDraft *plot_cdf (const LabView *view, const PlotOrder *order);
PlotDraft *plot_percentiles (const LabView *view, const PlotOrder *order);
PlotDraft *plot_breakdown (const LabView *view, const PlotOrder *order);
PlotDraft *plot_throughput (const LabView *view, const PlotOrder *order);
PlotDraft *plot_use (const LabView *view, const PlotOrder *order);
PlotDraft *plot_offloaded (const LabView *view, const PlotOrder *order);
PlotDraft *plot_ownership (const LabView *view, const PlotOrder *order);
