#include "lab/sweep_plot.h"

#include <string.h>

#include "lab/grid.h"
#include "lab/value.h"
#include "sim/assert.h"

#define SERIES_MAX 16
#define LINES_MAX 3       /* metrics in one picture */
#define LOG_FACTOR 16     /* an axis that spans more than this is logarithmic */
#define MICRO_PS 1000000. /* figures of latency are in us */

/* Colours that people with a colour vision deficiency can tell apart (Okabe and Ito 2008). */
static const char *const colours[] = { "#0072b2", "#e69f00", "#009e73", "#d55e00",
                                       "#cc79a7", "#56b4e9", "#666666", "#a6761d" };

/* A picture: metrics of one unit. */
typedef struct Picture {
  const char *name, *title, *caption, *axis;
  const char *metric[LINES_MAX];
  const char *word[LINES_MAX]; /* of each line, "" if there is one */
  guint n_metrics;
} Picture;

typedef struct Drawing {
  const LabSweepResults *results;
  const Picture *picture;
  PlotDraft *draft;
  int x_axis;        /* among the axes; -1: no grid, one place */
  GPtrArray *labels; /* char *: the values along the axis */
  GArray *places;    /* double: where each of them stands */
  GPtrArray *series; /* char *: names */
  bool is_log_x;
  double x_least, x_most; /* along the axis */
  double least, most;
  bool has_intervals;
} Drawing;

/* The axis */

static const LabAxis *
axis_at (const Drawing *drawing, guint i)
{
  return lab_sweep_axes (drawing->results->sweep)->pdata[i];
}

static bool
is_quantity (const Drawing *drawing, const LabAxis *axis)
{
  const LabScenario *scenario = lab_sweep_scenario (drawing->results->sweep);
  LabType type = lab_scenario_find (scenario, axis->path)->field->type;
  return type == LAB_QUANTITY || type == LAB_DISTRIBUTION;
}

static int
choose_axis (const Drawing *drawing)
{
  const GPtrArray *axes = lab_sweep_axes (drawing->results->sweep);
  int best = -1;
  guint best_rank = 0;

  for (guint i = 0; i < axes->len; i++) {
    const LabAxis *axis = axes->pdata[i];
    guint n = g_strv_length (axis->values);
    guint rank = n + (is_quantity (drawing, axis) && n > 1 ? LAB_GRID_CELLS_MAX : 0);
    if (rank > best_rank) {
      best = (int)i;
      best_rank = rank;
    }
  }
  return best;
}

/* The value as a number; false: it is none, or not a positive one. */
static bool
number_of (const Drawing *drawing, const LabAxis *axis, const char *text, double *ret_number)
{
  const LabScenario *scenario = lab_sweep_scenario (drawing->results->sweep);
  const LabField *field = lab_scenario_find (scenario, axis->path)->field;
  g_autofree char *why = NULL;
  int64_t value;

  if (!is_quantity (drawing, axis) || !lab_quantity_read (text, field->dimension, &value, &why))
    return false;
  *ret_number = (double)value;
  return true;
}

/* Values stand where their numbers are, or one after the other if one of them is no number. */
static void
place_values (Drawing *drawing)
{
  const LabAxis *axis = axis_at (drawing, (guint)drawing->x_axis);
  bool are_numbers = true;
  double least = 0, most = 0;

  for (guint i = 0; axis->values[i] != NULL; i++) {
    double number = 0;
    are_numbers = number_of (drawing, axis, axis->values[i], &number) && are_numbers;
    g_array_append_val (drawing->places, number);
    g_ptr_array_add (drawing->labels, axis->values[i]);
    least = i == 0 ? number : MIN (least, number);
    most = i == 0 ? number : MAX (most, number);
  }
  for (guint i = 0; !are_numbers && i < drawing->places->len; i++)
    g_array_index (drawing->places, double, i) = i;
  drawing->x_least = are_numbers ? least : 0;
  drawing->x_most = are_numbers ? most : drawing->places->len - 1;
  drawing->is_log_x = are_numbers && least > 0 && most >= LOG_FACTOR * least;
}

/* Series */

static char *
series_of (const Drawing *drawing, const LabCell *cell)
{
  GString *name = g_string_new (cell->variant);
  guint n_axes = lab_sweep_axes (drawing->results->sweep)->len;

  for (guint i = 0; i < n_axes; i++) {
    if ((int)i == drawing->x_axis || g_strv_length (axis_at (drawing, i)->values) < 2)
      continue;
    const char *dot = strrchr (axis_at (drawing, i)->path, '.');
    const char *word = dot != NULL ? dot + 1 : axis_at (drawing, i)->path;
    g_string_append_printf (name, "%s%s %s", name->len > 0 ? ", " : "", word, cell->at[i]);
  }
  if (name->len == 0)
    g_string_append (name, "all");
  return g_string_free (name, FALSE);
}

static guint
find_series (Drawing *drawing, const LabCell *cell)
{
  g_autofree char *name = series_of (drawing, cell);

  for (guint i = 0; i < drawing->series->len; i++)
    if (strcmp (drawing->series->pdata[i], name) == 0)
      return i;
  g_ptr_array_add (drawing->series, g_steal_pointer (&name));
  return drawing->series->len - 1;
}

/* Where the cell stands along the axis. */
static double
place_of (const Drawing *drawing, const LabCell *cell)
{
  for (guint i = 0; i < drawing->labels->len; i++)
    if (drawing->x_axis >= 0 && strcmp (drawing->labels->pdata[i], cell->at[drawing->x_axis]) == 0)
      return g_array_index (drawing->places, double, i);
  return 0;
}

/* Data */

static void
put_row (Drawing *drawing, guint series, guint line, const LabCellResult *cell,
         const LabEstimate *estimate)
{
  GString *csv = drawing->draft->csv;
  double low = estimate->mean - estimate->half_width;
  g_autofree char *at = lab_sweep_number (place_of (drawing, cell->cell));
  g_autofree char *mean = lab_sweep_number (estimate->mean);
  g_autofree char *lower = lab_sweep_number (low > 0 ? low : estimate->mean);
  g_autofree char *upper = lab_sweep_number (estimate->mean + estimate->half_width);

  g_string_append_printf (csv, "%u,%u,%s,%s,%s,%s,%u\n", series, line, at, mean, lower, upper,
                          cell->cell->number);
  drawing->least = MIN (drawing->least, estimate->mean);
  drawing->most = MAX (drawing->most, estimate->mean + estimate->half_width);
  drawing->has_intervals = drawing->has_intervals || estimate->half_width > 0;
}

static void
put_data (Drawing *drawing)
{
  const GPtrArray *cells = drawing->results->cells;

  g_string_append (drawing->draft->csv, "series,line,at,mean,low,high,cell\n");
  for (guint i = 0; i < cells->len; i++) {
    const LabCellResult *cell = cells->pdata[i];
    guint series = find_series (drawing, cell->cell);
    for (guint line = 0; line < drawing->picture->n_metrics; line++) {
      LabEstimate estimate =
          lab_cell_estimate (drawing->results, cell, drawing->picture->metric[line]);
      if (estimate.count > 0)
        put_row (drawing, series, line, cell, &estimate);
    }
  }
}

/* Script */

/* A little more than from the first value to the last. */
static void
put_x_range (Drawing *drawing)
{
  double least = drawing->x_least, most = drawing->x_most;
  double margin = most > least ? (most - least) / 20 : 1;
  g_autofree char *low = lab_sweep_number (drawing->is_log_x ? least * 0.8 : least - margin);
  g_autofree char *high = lab_sweep_number (drawing->is_log_x ? most * 1.25 : most + margin);

  plot_script (drawing->draft, ")\nset xrange [%s:%s]\n", low, high);
}

static void
put_x_axis (Drawing *drawing)
{
  const char *path = drawing->x_axis >= 0 ? axis_at (drawing, (guint)drawing->x_axis)->path : "";
  g_autofree char *label = plot_quoted (path);

  if (drawing->is_log_x)
    plot_script (drawing->draft, "set logscale x\n");
  plot_script (drawing->draft, "set xtics (");
  for (guint i = 0; i < drawing->labels->len; i++) {
    g_autofree char *text = plot_quoted (drawing->labels->pdata[i]);
    g_autofree char *at = lab_sweep_number (g_array_index (drawing->places, double, i));
    plot_script (drawing->draft, "%s%s %s", i == 0 ? "" : ", ", text, at);
  }
  put_x_range (drawing);
  plot_script (drawing->draft, "set xlabel %s offset 0,0.2 textcolor rgb '" PLOT_MUTED "'\n",
               label);
}

static void
put_y_axis (Drawing *drawing)
{
  bool is_latency = g_str_has_prefix (drawing->picture->metric[0], "latency.");
  g_autofree char *label = plot_quoted (drawing->picture->axis);

  if (is_latency)
    plot_length_axis (drawing->draft, 'y', (int64_t)(drawing->least * MICRO_PS),
                      (int64_t)(drawing->most * MICRO_PS),
                      drawing->most > LOG_FACTOR * drawing->least);
  else
    plot_script (drawing->draft, "set yrange [0:*]\n");
  plot_script (drawing->draft, "set ylabel %s textcolor rgb '" PLOT_MUTED "' offset -1,0\n", label);
}

static void
put_line (Drawing *drawing, guint series, guint line, bool is_first)
{
  const char *word = drawing->picture->word[line];
  g_autofree char *title = g_strdup_printf ("%s%s%s", (char *)drawing->series->pdata[series],
                                            *word != '\0' ? ", " : "", word);
  g_autofree char *quoted = plot_quoted (title);
  const char *colour = colours[series % G_N_ELEMENTS (colours)];

  plot_script (drawing->draft,
               "%s'%s.csv' skip 1 using ($1==%u && $2==%u ? $3 : NaN):4%s with %s linewidth 2 "
               "dashtype %u pointtype 7 pointsize 0.5 linecolor rgb '%s' title %s",
               is_first ? "plot " : ", \\\n  ", drawing->draft->name, series, line,
               drawing->has_intervals ? ":5:6" : "",
               drawing->has_intervals ? "yerrorlines" : "linespoints",
               drawing->picture->n_metrics - line, colour, quoted);
}

static void
draw (Drawing *drawing)
{
  guint n_lines = drawing->series->len * drawing->picture->n_metrics;
  int top = PLOT_KEY_TOP + PLOT_KEY_ROW * (int)n_lines + 14;
  PlotFrame frame = { top + 350, 92, 776, top, top + 290 };

  plot_draft_begin (drawing->draft, &frame);
  put_x_axis (drawing);
  put_y_axis (drawing);
  plot_script (drawing->draft, "set key vertical\nset datafile missing NaN\n");
  for (guint series = 0; series < drawing->series->len; series++)
    for (guint line = 0; line < drawing->picture->n_metrics; line++)
      put_line (drawing, series, line, series + line == 0);
  plot_script (drawing->draft, "\n");
  plot_draft_end (drawing->draft);
}

static PlotDraft *
make (const LabSweepResults *results, const Picture *picture)
{
  Drawing drawing = { .results = results,
                      .picture = picture,
                      .draft = plot_draft_new (picture->name, picture->title, picture->caption),
                      .labels = g_ptr_array_new (),
                      .places = g_array_new (FALSE, FALSE, sizeof (double)),
                      .series = g_ptr_array_new_with_free_func (g_free),
                      .least = G_MAXDOUBLE };

  drawing.x_axis = choose_axis (&drawing);
  if (drawing.x_axis >= 0)
    place_values (&drawing);
  put_data (&drawing);
  if (drawing.x_axis < 0)
    plot_draft_refuse (drawing.draft, "there is no grid to draw it against");
  else if (drawing.series->len > SERIES_MAX)
    plot_draft_refuse (drawing.draft, "there are more lines than a picture can hold");
  else if (drawing.most == 0)
    plot_draft_refuse (drawing.draft, "there is nothing but zero");
  else
    draw (&drawing);
  g_ptr_array_unref (drawing.labels);
  g_ptr_array_unref (drawing.series);
  g_array_unref (drawing.places);
  return drawing.draft;
}

static bool
has_metric (const LabSweepResults *results, const char *name)
{
  for (guint i = 0; i < results->metrics->len; i++)
    if (strcmp (((const LabMetric *)results->metrics->pdata[i])->name, name) == 0)
      return true;
  return false;
}

static void
add_latency (const LabSweepResults *results, const char *class, GPtrArray *drafts)
{
  g_autofree char *p50 = g_strdup_printf ("latency.%s.p50", class);
  g_autofree char *p99 = g_strdup_printf ("latency.%s.p99", class);
  g_autofree char *name = g_strdup_printf ("latency_%s", class);
  g_autofree char *title = g_strdup_printf ("Latency: %s", class);
  Picture picture = { name,
                      title,
                      "The median (dashed) and the 99th percentile (solid), from begin to end; "
                      "bars are intervals over the replications.",
                      "time from begin to end",
                      { p50, p99 },
                      { "p50", "p99" },
                      2 };

  if (has_metric (results, p99))
    g_ptr_array_add (drafts, make (results, &picture));
}

static void
draft_free (void *data)
{
  plot_draft_free (data);
}

GPtrArray *
lab_sweep_plots (const LabSweepResults *results)
{
  static const Picture standard[] = {
    { "throughput",
      "Throughput",
      "Application data of both directions over the measured time, on whichever path.",
      "Gbit/s",
      { "throughput.total" },
      { "" },
      1 },
    { "cycles_per_byte",
      "Host cycles per byte",
      "All cycles of the host's processors, moving state included, for each byte that its "
      "applications sent or got.",
      "cycles/B",
      { "cycles_per_byte.total" },
      { "" },
      1 },
  };
  GPtrArray *drafts = g_ptr_array_new_with_free_func (draft_free);

  for (size_t i = 0; i < G_N_ELEMENTS (standard); i++)
    if (has_metric (results, standard[i].metric[0]))
      g_ptr_array_add (drafts, make (results, &standard[i]));
  for (LatencyClass class = 0; class < N_LATENCIES; class ++)
    add_latency (results, trace_latency_name (class), drafts);
  return drafts;
}
