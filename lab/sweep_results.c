#include "lab/sweep_results.h"

#include <string.h>

#include "lab/grid.h"

#define STANDARD_CONFIDENCE 0.95

static void
metric_free (void *data)
{
  LabMetric *metric = data;
  g_free (metric->name);
  g_free (metric->title);
  g_free (metric);
}

static void
point_free (void *data)
{
  lab_point_free (data);
}

static void
cell_free (void *data)
{
  LabCellResult *cell = data;
  g_ptr_array_unref (cell->points);
  g_free (cell);
}

void
lab_sweep_results_free (LabSweepResults *results)
{
  if (results == NULL)
    return;
  g_ptr_array_unref (results->cells);
  g_ptr_array_unref (results->metrics);
  g_free (results);
}

/* Metrics */

bool
lab_point_figure (const LabPoint *point, const char *name, double *ret_value)
{
  const LabFigure *figure = lab_stats_find (point->stats, name);
  double scale = 1;

  if (figure == NULL)
    return false;
  for (unsigned i = 0; i < figure->n_decimals; i++)
    scale *= 10;
  *ret_value = (double)figure->value / scale;
  return true;
}

/* The unit of the figure, from the first point that has it; NULL: none has. */
static const char *
unit_of (const LabSweepResults *results, const char *name)
{
  for (guint c = 0; c < results->cells->len; c++) {
    const LabCellResult *cell = results->cells->pdata[c];
    for (guint r = 0; r < cell->points->len; r++) {
      const LabPoint *point = cell->points->pdata[r];
      const LabFigure *figure = point != NULL ? lab_stats_find (point->stats, name) : NULL;
      if (figure != NULL)
        return figure->unit;
    }
  }
  return NULL;
}

static void
add_metric (LabSweepResults *results, const char *name, const char *title)
{
  const char *unit = unit_of (results, name);

  if (unit == NULL)
    return;
  LabMetric *metric = g_new0 (LabMetric, 1);
  metric->name = g_strdup (name);
  metric->title = g_strdup (title);
  metric->unit = unit;
  g_ptr_array_add (results->metrics, metric);
}

static void
add_parts (LabSweepResults *results)
{
  for (AccountPart part = 0; part < N_PARTS; part++) {
    guint before = results->metrics->len;
    g_autofree char *name = g_strdup_printf ("cycles_per_byte.of.%s", trace_part_name (part));
    add_metric (results, name, trace_part_name (part));
    if (results->metrics->len > before)
      ((LabMetric *)results->metrics->pdata[before])->is_part = true;
  }
}

static void
add_metrics (LabSweepResults *results)
{
  static const char *const percentiles[] = { "p50", "p99", "p99.9" };
  const char *chosen = lab_sweep_replications (results->sweep)->metric;

  add_metric (results, "throughput.total", "throughput");
  add_metric (results, "cycles_per_byte.total", "host cycles per byte");
  add_metric (results, "use.cpu", "processors busy");
  for (LatencyClass class = 0; class < N_LATENCIES; class ++)
    for (size_t p = 0; p < G_N_ELEMENTS (percentiles); p++) {
      const char *word = trace_latency_name (class);
      g_autofree char *name = g_strdup_printf ("latency.%s.%s", word, percentiles[p]);
      g_autofree char *title = g_strdup_printf ("%s, %s", word, percentiles[p]);
      add_metric (results, name, title);
    }
  for (guint i = 0; chosen != NULL && i < results->metrics->len; i++)
    if (strcmp (((const LabMetric *)results->metrics->pdata[i])->name, chosen) == 0)
      chosen = NULL;
  if (chosen != NULL)
    add_metric (results, chosen, chosen);
  add_parts (results);
}

/* Reading */

static LabCellResult *
read_cell (LabSweepResults *results, const LabCell *cell, const char *points, guint n_wanted)
{
  LabCellResult *result = g_new0 (LabCellResult, 1);

  result->cell = cell;
  result->n_wanted = n_wanted;
  result->points = g_ptr_array_new_with_free_func (point_free);
  for (guint r = 0; r < n_wanted; r++) {
    LabPointPlace place = { results->sweep, cell, r, points };
    LabPoint *point = lab_point_read (&place);
    g_ptr_array_add (result->points, point);
    result->n_there += point != NULL;
  }
  results->n_wanted += n_wanted;
  results->n_there += result->n_there;
  return result;
}

LabSweepResults *
lab_sweep_results_read (const LabSweep *sweep, const char *points, const guint *wanted)
{
  LabSweepResults *results = g_new0 (LabSweepResults, 1);
  const GPtrArray *cells = lab_sweep_cells (sweep);
  const LabReplications *replications = lab_sweep_replications (sweep);

  results->sweep = sweep;
  results->confidence =
      replications->metric != NULL ? replications->confidence : STANDARD_CONFIDENCE;
  results->cells = g_ptr_array_new_with_free_func (cell_free);
  results->metrics = g_ptr_array_new_with_free_func (metric_free);
  for (guint i = 0; i < cells->len; i++)
    g_ptr_array_add (results->cells, read_cell (results, cells->pdata[i], points, wanted[i]));
  add_metrics (results);
  return results;
}

/* Estimates */

LabEstimate
lab_cell_estimate (const LabSweepResults *results, const LabCellResult *cell, const char *name)
{
  g_autofree double *values = g_new (double, cell->points->len + 1);
  guint n = 0;

  for (guint r = 0; r < cell->points->len; r++) {
    const LabPoint *point = cell->points->pdata[r];
    if (point != NULL && lab_point_figure (point, name, &values[n]))
      n++;
  }
  return lab_estimate_of (values, n, results->confidence);
}

LabEstimate
lab_cell_difference (const LabSweepResults *results, const LabCellResult *cell,
                     const LabCellResult *baseline, const char *name)
{
  guint n_both = MIN (cell->points->len, baseline->points->len), n = 0;
  g_autofree double *values = g_new (double, n_both + 1);

  for (guint r = 0; r < n_both; r++) {
    const LabPoint *point = cell->points->pdata[r], *base = baseline->points->pdata[r];
    double own, other;
    if (point != NULL && base != NULL && lab_point_figure (point, name, &own)
        && lab_point_figure (base, name, &other))
      values[n++] = own - other;
  }
  return lab_estimate_of (values, n, results->confidence);
}

const LabCellResult *
lab_cell_baseline (const LabSweepResults *results, const LabCellResult *cell)
{
  const LabCell *baseline = lab_sweep_baseline (results->sweep, cell->cell);
  return baseline != NULL ? results->cells->pdata[baseline->number] : NULL;
}

LabVerdict
lab_cell_verdict (const LabCellResult *cell)
{
  LabVerdict verdict = LAB_VERDICT_CLEAN;

  for (guint r = 0; r < cell->points->len; r++) {
    const LabPoint *point = cell->points->pdata[r];
    if (point != NULL && point->verdict == LAB_VERDICT_BROKEN)
      return LAB_VERDICT_BROKEN;
    if (point != NULL && point->verdict == LAB_VERDICT_NONE)
      verdict = LAB_VERDICT_NONE;
  }
  return verdict;
}

bool
lab_cell_hit_limit (const LabCellResult *cell)
{
  for (guint r = 0; r < cell->points->len; r++) {
    const LabPoint *point = cell->points->pdata[r];
    if (point != NULL && point->hit_limit)
      return true;
  }
  return false;
}

/* A metric may be named as in a report, "offload.p99", or as the figure is. */
bool
lab_sweep_narrow_enough (const LabSweepResults *results, const LabCellResult *cell)
{
  const LabReplications *replications = lab_sweep_replications (results->sweep);

  if (replications->metric == NULL)
    return true;
  LabEstimate estimate = lab_cell_estimate (results, cell, replications->metric);
  if (estimate.count == 0) {
    g_autofree char *name = g_strdup_printf ("latency.%s", replications->metric);
    estimate = lab_cell_estimate (results, cell, name);
  }
  double size = estimate.mean < 0 ? -estimate.mean : estimate.mean;
  return estimate.count == 0
         || (estimate.count > 1 && estimate.half_width <= replications->half_width * size);
}

/* Tables */

char *
lab_sweep_number (double value)
{
  char text[G_ASCII_DTOSTR_BUF_SIZE];
  return g_strdup (g_ascii_formatd (text, sizeof text, "%.6g", value));
}

static void
put_column (GString *csv, const char *text)
{
  bool is_plain = strpbrk (text, ",\"\n") == NULL;

  if (csv->len > 0 && csv->str[csv->len - 1] != '\n')
    g_string_append_c (csv, ',');
  if (is_plain) {
    g_string_append (csv, text);
    return;
  }
  g_string_append_c (csv, '"');
  for (const char *c = text; *c != '\0'; c++)
    g_string_append_printf (csv, *c == '"' ? "\"\"" : "%c", *c);
  g_string_append_c (csv, '"');
}

static void
put_number (GString *csv, double value)
{
  g_autofree char *text = lab_sweep_number (value);
  put_column (csv, text);
}

/* An empty column stays one: the row has begun. */
static void
put_gap (GString *csv)
{
  g_string_append_c (csv, ',');
}

static void
put_cell_head (GString *csv, const LabSweep *sweep)
{
  const GPtrArray *axes = lab_sweep_axes (sweep);

  put_column (csv, "cell");
  if (lab_sweep_has_variants (sweep))
    put_column (csv, LAB_GRID_VARIANT);
  for (guint i = 0; i < axes->len; i++)
    put_column (csv, ((const LabAxis *)axes->pdata[i])->path);
}

static void
put_cell (GString *csv, const LabSweep *sweep, const LabCell *cell)
{
  g_autofree char *number = g_strdup_printf ("%u", cell->number);

  put_column (csv, number);
  if (cell->variant != NULL)
    put_column (csv, cell->variant);
  for (guint i = 0; i < lab_sweep_axes (sweep)->len; i++)
    put_column (csv, cell->at[i]);
}

static void
put_estimate (GString *csv, const LabEstimate *estimate)
{
  if (estimate->count == 0) {
    put_gap (csv);
    put_gap (csv);
    return;
  }
  put_number (csv, estimate->mean);
  if (estimate->count > 1)
    put_number (csv, estimate->half_width);
  else
    put_gap (csv);
}

static void
put_metric_head (GString *csv, const LabMetric *metric, bool has_baseline)
{
  static const char *const suffixes[] = { "", ".half_width", ".difference",
                                          ".difference.half_width" };
  for (size_t i = 0; i < (has_baseline ? 4u : 2u); i++) {
    g_autofree char *name = g_strconcat (metric->name, suffixes[i], NULL);
    put_column (csv, name);
  }
}

static void
put_cell_row (GString *csv, const LabSweepResults *results, const LabCellResult *cell,
              bool has_baseline)
{
  const LabCellResult *baseline = lab_cell_baseline (results, cell);
  g_autofree char *runs = g_strdup_printf ("%u", cell->n_there);

  put_cell (csv, results->sweep, cell->cell);
  put_column (csv, runs);
  put_column (csv, cell->n_there > 0 ? lab_verdict_name (lab_cell_verdict (cell)) : "missing");
  for (guint i = 0; i < results->metrics->len; i++) {
    const LabMetric *metric = results->metrics->pdata[i];
    LabEstimate estimate = lab_cell_estimate (results, cell, metric->name);
    put_estimate (csv, &estimate);
    LabEstimate difference = { 0 };
    if (baseline != NULL)
      difference = lab_cell_difference (results, cell, baseline, metric->name);
    if (has_baseline)
      put_estimate (csv, &difference);
  }
  g_string_append_c (csv, '\n');
}

char *
lab_sweep_cells_csv (const LabSweepResults *results)
{
  GString *csv = g_string_new (NULL);
  bool has_baseline = lab_setting_is_set (
      lab_scenario_find (lab_sweep_scenario (results->sweep), "sweep.baseline"));

  put_cell_head (csv, results->sweep);
  put_column (csv, "runs");
  put_column (csv, "verdict");
  for (guint i = 0; i < results->metrics->len; i++)
    put_metric_head (csv, results->metrics->pdata[i], has_baseline);
  g_string_append_c (csv, '\n');
  for (guint i = 0; i < results->cells->len; i++)
    put_cell_row (csv, results, results->cells->pdata[i], has_baseline);
  return g_string_free (csv, FALSE);
}

/* The names of all figures, in the order in which they first come. */
static GPtrArray *
figure_names (const LabSweepResults *results)
{
  GPtrArray *names = g_ptr_array_new ();
  g_autoptr (GHashTable) seen = g_hash_table_new (g_str_hash, g_str_equal);

  for (guint c = 0; c < results->cells->len; c++) {
    const LabCellResult *cell = results->cells->pdata[c];
    for (guint r = 0; r < cell->points->len; r++) {
      const LabPoint *point = cell->points->pdata[r];
      for (size_t f = 0; point != NULL && f < lab_stats_count (point->stats); f++) {
        const LabFigure *figure = lab_stats_at (point->stats, f);
        if (g_hash_table_add (seen, figure->name))
          g_ptr_array_add (names, figure->name);
      }
    }
  }
  return names;
}

static void
put_point_row (GString *csv, const LabSweepResults *results, const LabCellResult *cell,
               uint32_t replication, const GPtrArray *names)
{
  const LabPoint *point = cell->points->pdata[replication];
  g_autofree char *number = g_strdup_printf ("%u", replication);
  g_autofree char *seed =
      g_strdup_printf ("%" G_GUINT64_FORMAT, lab_sweep_seed (results->sweep, replication));
  g_autofree char *name = lab_sweep_point (results->sweep, cell->cell, replication);

  put_cell (csv, results->sweep, cell->cell);
  put_column (csv, number);
  put_column (csv, seed);
  put_column (csv, name);
  put_column (csv, lab_verdict_name (point->verdict));
  for (guint i = 0; i < names->len; i++) {
    const LabFigure *figure = lab_stats_find (point->stats, names->pdata[i]);
    g_autofree char *value =
        figure != NULL ? lab_decimal_text (figure->value, figure->n_decimals) : NULL;
    if (value != NULL)
      put_column (csv, value);
    else
      put_gap (csv);
  }
  g_string_append_c (csv, '\n');
}

char *
lab_sweep_points_csv (const LabSweepResults *results)
{
  GString *csv = g_string_new (NULL);
  g_autoptr (GPtrArray) names = figure_names (results);

  put_cell_head (csv, results->sweep);
  put_column (csv, "replication");
  put_column (csv, "seed");
  put_column (csv, "point");
  put_column (csv, "verdict");
  for (guint i = 0; i < names->len; i++)
    put_column (csv, names->pdata[i]);
  g_string_append_c (csv, '\n');
  for (guint c = 0; c < results->cells->len; c++) {
    const LabCellResult *cell = results->cells->pdata[c];
    for (guint r = 0; r < cell->points->len; r++)
      if (cell->points->pdata[r] != NULL)
        put_point_row (csv, results, cell, r, names);
  }
  return g_string_free (csv, FALSE);
}
