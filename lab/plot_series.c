#include "lab/plot_series.h"

#include "lab/plot_draft.h"

const char *
plot_class_words (LatencyClass class)
{
  static const char *const words[N_LATENCIES] = {
    [LATENCY_OFFLOAD] = "offloads",
    [LATENCY_UPLOAD] = "uploads",
    [LATENCY_UPDATE] = "updates",
    [LATENCY_QUERY] = "queries",
    [LATENCY_INVALIDATE] = "invalidations",
    [LATENCY_REQUEST] = "requests",
    [LATENCY_SEND] = "sends",
    [LATENCY_CONNECT] = "set-ups",
    [LATENCY_FIRST_BYTE] = "first bytes",
    [LATENCY_FLOW] = "connections",
  };
  return words[class];
}

static PlotSeries
series_of (const LabView *view, LatencyClass class, int path)
{
  PlotSeries series = { "all", plot_class_words (class), PLOT_CHIMNEY, path, NULL };

  if (path >= 0) {
    series.key = plot_path_key ((LatencyPath)path);
    series.word = plot_path_word ((LatencyPath)path);
    series.colour = plot_path_colour ((LatencyPath)path);
  }
  series.totals = latency_totals (view->latency, class, path);
  return series;
}

size_t
plot_series_collect (const LabView *view, LatencyClass class,
                     PlotSeries ret_series[LATENCY_N_PATHS])
{
  bool is_by_path = class == LATENCY_REQUEST;
  size_t n = 0;

  if (view->latency == NULL)
    return 0;
  for (int path = is_by_path ? 0 : -1; path < (is_by_path ? (int)LATENCY_N_PATHS : 0); path++) {
    ret_series[n] = series_of (view, class, path);
    if (ret_series[n].totals->len > 0)
      n++;
    else
      g_array_unref (ret_series[n].totals);
  }
  return n;
}

void
plot_series_clear (PlotSeries *series, size_t n_series)
{
  for (size_t i = 0; i < n_series; i++)
    g_clear_pointer (&series[i].totals, g_array_unref);
}

void
plot_series_range (const PlotSeries *series, size_t n_series, int64_t *ret_least_ps,
                   int64_t *ret_most_ps)
{
  *ret_least_ps = INT64_MAX;
  *ret_most_ps = 0;
  for (size_t i = 0; i < n_series; i++) {
    const GArray *totals = series[i].totals;
    *ret_least_ps = MIN (*ret_least_ps, g_array_index (totals, int64_t, 0));
    *ret_most_ps = MAX (*ret_most_ps, g_array_index (totals, int64_t, totals->len - 1));
  }
}
