/*
 * Bins: samples of the counters, joined until there are few enough to draw.
 *
 * Order       By time; each bin begins where the one before ends.
 */
#pragma once

#include "lab/view.h"

#define PLOT_BINS_MAX 400

typedef struct PlotBin {
  const LabSample *from, *to;
} PlotBin;

/* plot_bins makes the bins and tells how many; 0 if there are not even two samples. */
size_t plot_bins (const LabView *view, PlotBin ret_bins[PLOT_BINS_MAX]);

/* How much a counter grew in |bin|. */
int64_t plot_bin_change (const PlotBin *bin, LabCounter counter);
/* Its length, never 0. */
int64_t plot_bin_ps (const PlotBin *bin);
