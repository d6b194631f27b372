/* The cumulative distribution of a latency. */
#include "lab/human.h"
#include "lab/plot_kinds.h"
#include "lab/plot_series.h"

#define POINTS_MAX 500

static void
append_point (GString *csv, const char *key, int64_t ps, uint64_t rank, uint64_t n)
{
  g_string_append_printf (csv, "%s,", key);
  plot_number (csv, ps, 6);
  g_string_append_c (csv, ',');
  plot_number (csv, (int64_t)(rank * 100000000 / n), 6);
  g_string_append_c (csv, '\n');
}

/* A step at each of up to POINTS_MAX ranks, the first from 0. */
static void
append_series (GString *csv, const PlotSeries *series)
{
  uint64_t n = series->totals->len;
  uint64_t n_points = MIN (n, POINTS_MAX);

  append_point (csv, series->key, g_array_index (series->totals, int64_t, 0), 0, n);
  for (uint64_t i = 1; i <= n_points; i++) {
    uint64_t rank = n * i / n_points;
    append_point (csv, series->key, g_array_index (series->totals, int64_t, rank - 1), rank, n);
  }
}

static void
draw_series (PlotDraft *draft, const PlotSeries *series, bool is_first)
{
  g_autofree char *p50 = lab_human_time (latency_percentile (series->totals, 500000));
  g_autofree char *p99 = lab_human_time (latency_percentile (series->totals, 990000));
  g_autofree char *count = lab_human_count (series->totals->len);

  plot_script (draft,
               "%s'%s.csv' skip 1 using (strcol(1) eq '%s' ? $2 : NaN):3 with steps linewidth 2 "
               "linecolor rgb '%s' title '%s: p50 %s, p99 %s, n = %s'",
               is_first ? "plot " : ", \\\n  ", draft->name, series->key, series->colour,
               series->word, p50, p99, count);
}

static void
draw (PlotDraft *draft, const PlotOrder *order, const PlotSeries *series, size_t n_series)
{
  int top = PLOT_KEY_TOP + PLOT_KEY_ROW * (int)n_series + 14;
  PlotFrame frame = { top + 360, 88, 776, top, top + 300 };
  int64_t least, most;

  plot_series_range (series, n_series, &least, &most);
  plot_draft_begin (draft, &frame);
  plot_length_axis (draft, 'x', least, most, !order->is_linear);
  plot_script (
      draft, "set xlabel 'time from begin to end' offset 0,0.2 textcolor rgb '" PLOT_MUTED "'\n"
             "set ylabel 'share done within that time' textcolor rgb '" PLOT_MUTED "'\n"
             "set yrange [0:100]\nset ytics ('0 %%%%' 0, '25 %%%%' 25, '50 %%%%' 50, '75 %%%%' 75, "
             "'90 %%%%' 90, '100 %%%%' 100)\nset grid xtics\n"
             "set key vertical\n");
  for (size_t i = 0; i < n_series; i++)
    draw_series (draft, &series[i], i == 0);
  plot_script (draft, "\n");
  plot_draft_end (draft);
}

PlotDraft *
plot_cdf (const LabView *view, const PlotOrder *order)
{
  const char *words = plot_class_words (order->class);
  g_autofree char *title = g_strdup_printf ("How long %s take", words);
  g_autofree char *caption = g_strdup_printf (
      "The share of %s that took no longer than a time: the further left a curve, the faster.",
      words);
  PlotDraft *draft = plot_draft_new (order->name, title, caption);
  PlotSeries series[LATENCY_N_PATHS];
  size_t n_series = plot_series_collect (view, order->class, series);

  if (n_series == 0) {
    plot_draft_refuse (draft, view->latency == NULL ? "latencies were not measured"
                                                    : "no such operation ended");
    return draft;
  }
  g_string_append (draft->csv, "series,latency_us,share_percent\n");
  for (size_t i = 0; i < n_series; i++)
    append_series (draft->csv, &series[i]);
  draw (draft, order, series, n_series);
  plot_series_clear (series, n_series);
  return draft;
}
