#include "lab/sweep_report.h"

#include "lab/grid.h"
#include "lab/html.h"
#include "lab/outcome_map.h"
#include "lab/plot.h"
#include "lab/report_style.h"
#include "lab/report_svg.h"
#include "lab/sweep_plot.h"
#include "lab/version.h"

static const WorldConfig *
config_of (const LabSweepReport *report)
{
  return lab_scenario_config (lab_sweep_scenario (report->results->sweep));
}

static void
put_head (GString *page, const LabSweepReport *report)
{
  const LabSweepResults *results = report->results;

  html_raw (page, "<!doctype html>\n<html lang=en>\n<head>\n<meta charset=utf-8>\n"
                  "<meta name=viewport content=\"width=device-width,initial-scale=1\">\n");
  html_put (page, "<title>%s · sweep · chimsim</title>\n<style>\n", config_of (report)->name);
  report_style (page);
  html_raw (page, "</style>\n</head>\n<body>\n<main>\n");
  html_put (page, "<h1>%s</h1>\n<p>%s</p>\n", config_of (report)->name,
            lab_scenario_summary (lab_sweep_scenario (results->sweep)));
  html_put (page,
            "<p class=facts><span><b>%u</b> cells</span> <span><b>%u</b> of <b>%u</b> points"
            "</span> <span>first seed <b>%" G_GUINT64_FORMAT
            "</b></span> <span>chimsim <b>%s</b></span></p>\n",
            results->cells->len, results->n_there, results->n_wanted,
            lab_sweep_seed (results->sweep, 0), LAB_VERSION);
}

static void
put_verdict (GString *page, const LabSweepReport *report)
{
  const LabSweepResults *results = report->results;
  guint n_broken = 0, n_none = 0;

  for (guint i = 0; i < results->cells->len; i++) {
    n_broken += lab_cell_verdict (results->cells->pdata[i]) == LAB_VERDICT_BROKEN;
    n_none += lab_cell_verdict (results->cells->pdata[i]) == LAB_VERDICT_NONE;
  }
  if (n_broken > 0)
    html_put (page,
              "<section class=\"verdict broken\"><strong>Broken</strong><p>%u of %u cells broke a "
              "rule or an expectation.</p></section>\n",
              n_broken, results->cells->len);
  else if (results->n_there < results->n_wanted || n_none > 0)
    html_put (page,
              "<section class=\"verdict none\"><strong>Incomplete</strong><p>%u points are "
              "missing, %u cells stopped without a verdict.</p></section>\n",
              results->n_wanted - results->n_there, n_none);
  else
    html_raw (page, "<section class=\"verdict clean\"><strong>Clean</strong><p>Every rule and "
                    "expectation that a point put to the test held.</p></section>\n");
}

static void
put_plots (GString *page, const GPtrArray *plots)
{
  for (guint i = 0; i < plots->len; i++) {
    const LabPlot *plot = plots->pdata[i];
    if (plot->svg == NULL) {
      html_put (page, "<p class=muted>%s is not drawn: %s.</p>\n", plot->title, plot->caption);
      continue;
    }
    html_raw (page, "<figure>\n");
    report_svg_inline (page, plot->svg, plot->name, plot->title);
    html_put (page,
              "<figcaption>%s <span class=mono>plots/%s.csv, .gp, .svg</span></figcaption>\n"
              "</figure>\n",
              plot->caption, plot->name);
  }
}

static void
put_estimate (GString *page, const LabEstimate *estimate)
{
  g_autofree char *mean = lab_sweep_number (estimate->mean);
  g_autofree char *half = lab_sweep_number (estimate->half_width);

  if (estimate->count == 0)
    html_raw (page, "<td class=n>-</td>");
  else if (estimate->count > 1)
    html_put (page, "<td class=n>%s ± %s</td>", mean, half);
  else
    html_put (page, "<td class=n>%s</td>", mean);
}

static void
put_cell_columns (GString *page, const LabSweep *sweep, const LabCell *cell)
{
  html_put (page, "<td class=n>%u</td>", cell->number);
  if (cell->variant != NULL)
    html_put (page, "<td>%s</td>", cell->variant);
  for (guint i = 0; i < lab_sweep_axes (sweep)->len; i++)
    html_put (page, "<td>%s</td>", cell->at[i]);
}

static void
put_cell_heads (GString *page, const LabSweep *sweep)
{
  html_raw (page, "<th class=n>cell</th>");
  if (lab_sweep_has_variants (sweep))
    html_raw (page, "<th>variant</th>");
  for (guint i = 0; i < lab_sweep_axes (sweep)->len; i++)
    html_put (page, "<th>%s</th>", ((const LabAxis *)lab_sweep_axes (sweep)->pdata[i])->path);
}

/* The heads of figures, or of their parts. */
static void
put_metric_heads (GString *page, const LabSweepResults *results, bool of_parts)
{
  for (guint i = 0; i < results->metrics->len; i++) {
    const LabMetric *metric = results->metrics->pdata[i];
    if (metric->is_part == of_parts)
      html_put (page, "<th class=n>%s<br>%s</th>", metric->title, metric->unit);
  }
  html_raw (page, "</tr></thead><tbody>\n");
}

static void
put_estimates (GString *page, const LabSweepResults *results, const LabCellResult *cell,
               bool of_parts)
{
  for (guint i = 0; i < results->metrics->len; i++) {
    const LabMetric *metric = results->metrics->pdata[i];
    LabEstimate estimate = lab_cell_estimate (results, cell, metric->name);
    if (metric->is_part == of_parts)
      put_estimate (page, &estimate);
  }
  html_raw (page, "</tr>\n");
}

static void
put_parts (GString *page, const LabSweepReport *report)
{
  const LabSweepResults *results = report->results;

  html_raw (page, "<h2>Where the cycles go</h2>\n<p>Host cycles per byte of each part of the "
                  "stack; together they are the host cycles per byte above.</p>\n"
                  "<div class=scroll><table><thead><tr>");
  put_cell_heads (page, results->sweep);
  put_metric_heads (page, results, true);
  for (guint c = 0; c < results->cells->len; c++) {
    const LabCellResult *cell = results->cells->pdata[c];
    html_raw (page, "<tr>");
    put_cell_columns (page, results->sweep, cell->cell);
    put_estimates (page, results, cell, true);
  }
  html_raw (page, "</tbody></table></div>\n");
}

static void
put_cells (GString *page, const LabSweepReport *report)
{
  const LabSweepResults *results = report->results;

  html_raw (page, "<h2>Cells</h2>\n<div class=scroll><table><thead><tr>");
  put_cell_heads (page, results->sweep);
  html_raw (page, "<th class=n>runs</th><th>verdict</th>");
  put_metric_heads (page, results, false);
  for (guint c = 0; c < results->cells->len; c++) {
    const LabCellResult *cell = results->cells->pdata[c];
    html_raw (page, "<tr>");
    put_cell_columns (page, results->sweep, cell->cell);
    html_put (page, "<td class=n>%u</td><td>%s</td>", cell->n_there,
              cell->n_there > 0 ? lab_verdict_name (lab_cell_verdict (cell)) : "missing");
    put_estimates (page, results, cell, false);
  }
  html_raw (page, "</tbody></table></div>\n");
  html_raw (page, "<p class=muted>Means over the replications with intervals of Student's t; "
                  "<span class=mono>cells.csv</span> has them as numbers, "
                  "<span class=mono>points.csv</span> every figure of every point.</p>\n");
}

/* One comparison in words. */
static void
put_difference (GString *page, const LabSweepResults *results, const LabCellResult *cell,
                const LabCellResult *baseline, const LabMetric *metric)
{
  LabEstimate base = lab_cell_estimate (results, baseline, metric->name);
  LabEstimate difference = lab_cell_difference (results, cell, baseline, metric->name);

  if (difference.count == 0) {
    html_raw (page, "<td class=n>-</td>");
    return;
  }
  if (difference.count > 1 && !lab_estimate_differs (&difference)) {
    html_raw (page, "<td class=n>no evidence of a difference</td>");
    return;
  }
  g_autofree char *text = lab_sweep_number (difference.mean);
  g_autofree char *half = lab_sweep_number (difference.half_width);
  g_autofree char *share =
      base.mean != 0 ? g_strdup_printf (" (%+d %%)", (int)(difference.mean * 100 / base.mean))
                     : g_strdup ("");
  html_put (page, "<td class=n>%s%s%s%s%s</td>", difference.mean > 0 ? "+" : "", text,
            difference.count > 1 ? " ± " : "", difference.count > 1 ? half : "", share);
}

static void
put_baseline (GString *page, const LabSweepReport *report)
{
  const LabSweepResults *results = report->results;
  bool has_begun = false;

  for (guint c = 0; c < results->cells->len; c++) {
    const LabCellResult *cell = results->cells->pdata[c];
    const LabCellResult *baseline = lab_cell_baseline (results, cell);
    if (baseline == NULL)
      continue;
    if (!has_begun) {
      html_raw (page, "<h2>Against the baseline</h2>\n<p>Differences of pairs that ran under the "
                      "same seed.</p>\n<div class=scroll><table><thead><tr>");
      put_cell_heads (page, results->sweep);
      put_metric_heads (page, results, false);
    }
    has_begun = true;
    html_raw (page, "<tr>");
    put_cell_columns (page, results->sweep, cell->cell);
    for (guint i = 0; i < results->metrics->len; i++) {
      const LabMetric *metric = results->metrics->pdata[i];
      if (!metric->is_part)
        put_difference (page, results, cell, baseline, metric);
    }
    html_raw (page, "</tr>\n");
  }
  if (has_begun)
    html_raw (page, "</tbody></table></div>\n");
}

static void
put_reproduction (GString *page, const LabSweepReport *report)
{
  const LabSweepResults *results = report->results;

  html_put (page, "<h2>Reproduce</h2>\n<pre>./chimsim sweep %s%s</pre>\n", report->file,
            report->arguments);
  html_raw (page, "<details><summary>One cell as a run of its own, with report</summary>\n<pre>");
  for (guint c = 0; c < results->cells->len; c++) {
    const LabCellResult *cell = results->cells->pdata[c];
    g_autofree char *arguments = lab_cell_arguments (cell->cell, results->sweep, 0);
    html_put (page, "./chimsim run %s%s%s -o results/%s.cell%u\n", report->file, report->set,
              arguments, config_of (report)->name, cell->cell->number);
  }
  html_raw (page, "</pre></details>\n");
}

/* Of moved events the map is the picture: along hundreds of offsets the others say nothing. */
static GPtrArray *
make_drafts (const LabSweepReport *report, const LabOutcomeMap *map)
{
  if (map == NULL)
    return lab_sweep_plots (report->results);
  GPtrArray *drafts = g_ptr_array_new_with_free_func ((GDestroyNotify)plot_draft_free);
  g_ptr_array_add (drafts, lab_outcome_map_plot (map));
  return drafts;
}

static GPtrArray *
draw (const LabSweepReport *report, const LabOutcomeMap *map, LabFolder *folder, GError **error)
{
  g_autoptr (GPtrArray) drafts = make_drafts (report, map);
  g_autoptr (GPtrArray) plots = lab_plots_new ();

  for (guint i = 0; report->plots && i < drafts->len; i++)
    if (!lab_plots_add (plots, drafts->pdata[i], folder, error))
      return NULL;
  return g_steal_pointer (&plots);
}

static char *
manifest_json (const LabSweepReport *report, const LabFolder *folder)
{
  LabJson *json = lab_json_new ();
  const LabSweepResults *results = report->results;

  lab_json_begin_object (json, NULL);
  lab_json_string (json, "format", "chimsim-sweep/1");
  lab_json_string (json, "version", LAB_VERSION);
  lab_json_string (json, "scenario", config_of (report)->name);
  lab_json_unsigned (json, "cells", results->cells->len);
  lab_json_unsigned (json, "points", results->n_there);
  lab_json_boolean (json, "complete", results->n_there == results->n_wanted);
  lab_folder_to_json (folder, json);
  lab_json_end_object (json);
  return lab_json_free_to_text (json);
}

static void
put_outcomes (GString *page, const LabSweepReport *report, const LabOutcomeMap *map)
{
  g_autofree char *command = g_strdup_printf ("./chimsim run %s%s", report->file, report->set);

  lab_outcome_map_html (map, command, page);
  html_put (page, "<h2>Reproduce</h2>\n<pre>./chimsim sweep %s%s</pre>\n", report->file,
            report->arguments);
}

static char *
page_text (const LabSweepReport *report, const LabOutcomeMap *map, const GPtrArray *plots)
{
  GString *page = g_string_new (NULL);

  put_head (page, report);
  put_verdict (page, report);
  html_raw (page, "<h2>Pictures</h2>\n");
  put_plots (page, plots);
  if (map != NULL) {
    put_outcomes (page, report, map);
  } else {
    put_cells (page, report);
    put_parts (page, report);
    put_baseline (page, report);
    put_reproduction (page, report);
  }
  html_raw (page, "</main>\n</body>\n</html>\n");
  return g_string_free (page, FALSE);
}

bool
lab_sweep_report_write (const LabSweepReport *report, LabFolder *folder, GError **error)
{
  g_autofree char *cells = lab_sweep_cells_csv (report->results);
  g_autofree char *points = lab_sweep_points_csv (report->results);
  g_autoptr (LabOutcomeMap) map = lab_sweep_windows (report->results->sweep) != NULL
                                      ? lab_outcome_map_new (report->results)
                                      : NULL;
  g_autofree char *outcomes = map != NULL ? lab_outcome_map_csv (map) : NULL;
  g_autoptr (GPtrArray) plots = draw (report, map, folder, error);

  if (plots == NULL)
    return false;
  g_autofree char *page = page_text (report, map, plots);
  if (outcomes != NULL && !lab_folder_write (folder, "outcomes.csv", outcomes, -1, error))
    return false;
  if (!lab_folder_write (folder, "cells.csv", cells, -1, error)
      || !lab_folder_write (folder, "points.csv", points, -1, error)
      || !lab_folder_write (folder, "index.html", page, -1, error))
    return false;
  g_autofree char *manifest = manifest_json (report, folder);
  return lab_folder_write (folder, "manifest.json", manifest, -1, error)
         && lab_folder_commit (folder, error);
}
