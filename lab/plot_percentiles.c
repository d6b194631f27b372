/* A latency from its median to its worst: the tail, with each further nine as much room as the one
 * before. */
#include "lab/human.h"
#include "lab/plot_kinds.h"
#include "lab/plot_series.h"

/* Operations as slow or slower, counted from the slowest: neighbours differ by a part in this
 * many. */
#define STEPS 18

/* |slower| of |n| operations took at least as long as this one. */
static void
append_point (GString *csv, const PlotSeries *series, uint64_t slower, const char *mark)
{
  uint64_t n = series->totals->len;

  g_string_append_printf (csv, "%s,", series->key);
  plot_number (csv, (int64_t)(n * 1000 / slower), 3);
  g_string_append_c (csv, ',');
  plot_number (csv, g_array_index (series->totals, int64_t, n - slower), 6);
  g_string_append_printf (csv, ",%s\n", mark);
}

/* The rank that latency_percentile takes, counted from the slowest. */
static uint64_t
slower_of (uint64_t n, uint32_t ppm)
{
  uint64_t rank = (n * ppm + 999999) / 1000000;
  return n - (rank > 0 ? rank - 1 : 0);
}

static void
append_series (GString *csv, const PlotSeries *series, const PlotOrder *order)
{
  uint64_t n = series->totals->len;

  for (uint64_t slower = (n + 1) / 2; slower > 0; slower -= MAX (slower / STEPS, 1))
    append_point (csv, series, slower, "-");
  for (uint32_t i = 0; i < order->n_ppm; i++) {
    g_autoptr (GString) mark = g_string_new ("p");
    plot_number (mark, order->ppm[i], 4);
    if (order->ppm[i] >= 500000)
      append_point (csv, series, slower_of (n, order->ppm[i]),
                    order->ppm[i] == 1000000 ? "max" : mark->str);
  }
}

static void
draw_series (PlotDraft *draft, const PlotSeries *series, bool is_first)
{
  g_autofree char *p99 = lab_human_time (latency_percentile (series->totals, 990000));
  g_autofree char *worst = lab_human_time (latency_percentile (series->totals, 1000000));
  g_autofree char *count = lab_human_count (series->totals->len);

  plot_script (draft,
               "%s'%s.csv' skip 1 using (strcol(1) eq '%s' && strcol(4) eq '-' ? $2 : NaN):3 "
               "with lines linewidth 2 linecolor rgb '%s' title '%s: p99 %s, max %s, n = %s'",
               is_first ? "plot " : ", \\\n  ", draft->name, series->key, series->colour,
               series->word, p99, worst, count);
  plot_script (draft,
               ", \\\n  '%s.csv' skip 1 using (strcol(1) eq '%s' && strcol(4) ne '-' ? $2 : NaN):3 "
               "with points pointtype 7 pointsize 0.6 linecolor rgb '%s' notitle",
               draft->name, series->key, series->colour);
}

/* Room for the most operations, with a mark at each nine. */
static void
write_percentile_axis (PlotDraft *draft, uint64_t n)
{
  static const char *const names[] = { "p50",    "p90",     "p99",      "p99.9",
                                       "p99.99", "p99.999", "p99.9999", "p99.99999" };
  uint64_t one_in = 1;

  plot_script (draft, "set logscale x\nset xrange [1.9:%" G_GUINT64_FORMAT "]\nset xtics (",
               MAX (n + n / 6, 20));
  for (size_t i = 0; i < G_N_ELEMENTS (names); i++) {
    plot_script (draft, "%s'%s' %" G_GUINT64_FORMAT, i == 0 ? "" : ", ", names[i],
                 i == 0 ? 2 : one_in);
    one_in *= 10;
  }
  plot_script (draft,
               ")\nset grid xtics\n"
               "set xlabel 'percentile' offset 0,0.2 textcolor rgb '" PLOT_MUTED "'\n"
               "set ylabel 'time from begin to end' textcolor rgb '" PLOT_MUTED "' offset -1,0\n"
               "set key vertical\n");
}

static void
draw (PlotDraft *draft, const PlotSeries *series, size_t n_series)
{
  int top = PLOT_KEY_TOP + PLOT_KEY_ROW * (int)n_series + 14;
  PlotFrame frame = { top + 360, 92, 776, top, top + 300 };
  int64_t least = INT64_MAX, most = 0;
  uint64_t n = 0;

  for (size_t i = 0; i < n_series; i++) {
    const GArray *totals = series[i].totals;
    least = MIN (least, g_array_index (totals, int64_t, totals->len / 2));
    most = MAX (most, g_array_index (totals, int64_t, totals->len - 1));
    n = MAX (n, totals->len);
  }
  plot_draft_begin (draft, &frame);
  plot_length_axis (draft, 'y', least, most, true);
  write_percentile_axis (draft, n);
  for (size_t i = 0; i < n_series; i++)
    draw_series (draft, &series[i], i == 0);
  plot_script (draft, "\n");
  plot_draft_end (draft);
}

/* One operation alone has no tail: leaves the series that have one and tells how many. */
static size_t
keep_tails (PlotSeries *series, size_t n_series)
{
  size_t kept = 0;

  for (size_t i = 0; i < n_series; i++)
    if (series[i].totals->len > 1)
      series[kept++] = series[i];
    else
      plot_series_clear (&series[i], 1);
  return kept;
}

PlotDraft *
plot_percentiles (const LabView *view, const PlotOrder *order)
{
  const char *words = plot_class_words (order->class);
  g_autofree char *title =
      g_strdup_printf ("The tail of %s, from the median to the slowest", words);
  g_autofree char *caption =
      g_strdup_printf ("How long the slowest %s took: each step to the right is ten times as rare; "
                       "a flat line has no tail.",
                       words);
  PlotDraft *draft = plot_draft_new (order->name, title, caption);
  PlotSeries series[LATENCY_N_PATHS];
  size_t n_collected = plot_series_collect (view, order->class, series);
  size_t n_series = keep_tails (series, n_collected);

  if (n_series == 0) {
    plot_draft_refuse (draft, view->latency == NULL ? "latencies were not measured"
                              : n_collected == 0    ? "no such operation ended"
                                                    : "one operation alone has no tail");
    return draft;
  }
  g_string_append (draft->csv, "series,one_in,latency_us,mark\n");
  for (size_t i = 0; i < n_series; i++)
    append_series (draft->csv, &series[i], order);
  draw (draft, series, n_series);
  plot_series_clear (series, n_series);
  return draft;
}
