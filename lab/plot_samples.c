#include "lab/plot_samples.h"

size_t
plot_bins (const LabView *view, PlotBin ret_bins[PLOT_BINS_MAX])
{
  size_t n_spans = view->n_samples > 0 ? view->n_samples - 1 : 0;
  size_t per_bin = (n_spans + PLOT_BINS_MAX - 1) / PLOT_BINS_MAX;
  size_t n = 0;

  for (size_t first = 0; first < n_spans; first += per_bin) {
    const LabSample *to = &view->samples[MIN (first + per_bin, n_spans)];
    ret_bins[n++] = (PlotBin){ &view->samples[first], to };
  }
  return n;
}

int64_t
plot_bin_change (const PlotBin *bin, LabCounter counter)
{
  return bin->to->value[counter] - bin->from->value[counter];
}

int64_t
plot_bin_ps (const PlotBin *bin)
{
  int64_t ps = sim_time_diff (bin->to->when, bin->from->when).ps;
  SIM_ASSERT (ps > 0);
  return ps;
}
