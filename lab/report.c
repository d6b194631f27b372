#include "lab/report.h"

#include <string.h>

#include "lab/answer.h"
#include "lab/html.h"
#include "lab/human.h"
#include "lab/plot.h"
#include "lab/report_checks.h"
#include "lab/report_style.h"
#include "lab/report_svg.h"
#include "lab/report_tables.h"
#include "lab/verdict.h"
#include "lab/version.h"

char *
lab_report_command (const LabReportInput *input)
{
  return g_strdup_printf ("./chimsim run %s%s", input->file, input->arguments);
}

static void
put_head (GString *page, const LabReportInput *input)
{
  html_raw (page, "<!doctype html>\n<html lang=en>\n<head>\n<meta charset=utf-8>\n"
                  "<meta name=viewport content=\"width=device-width,initial-scale=1\">\n");
  html_put (page, "<title>%s · chimsim</title>\n<style>\n", input->view->config->name);
  report_style (page);
  html_raw (page, "</style>\n</head>\n<body>\n<main>\n");
}

/* The stack from the host down, in a line. */
static char *
stack_text (const WorldConfig *config)
{
  GString *text = g_string_new ("host");

  for (uint32_t i = 0; i < config->n_ims; i++)
    g_string_append_printf (text, " → %s", config->im[i].name);
  g_string_append (text, " → target → wire");
  return g_string_free (text, FALSE);
}

static void
put_title (GString *page, const LabReportInput *input)
{
  const WorldConfig *config = input->view->config;
  g_autofree char *count = lab_human_count (config->n_connections);
  g_autofree char *end = lab_human_time (input->view->end.ps);
  g_autofree char *stack = stack_text (config);

  html_put (page, "<h1>%s</h1>\n<p>%s</p>\n", config->name, lab_scenario_summary (input->scenario));
  html_put (
      page,
      "<p class=facts><span><b>%s</b> connections</span> <span><b>%s</b> simulated</span> <span>%s"
      "</span> <span>seed <b>%" G_GUINT64_FORMAT "</b></span> <span>chimsim <b>%s</b></span></p>\n",
      count, end, stack, config->seed, LAB_VERSION);
}

static void
put_twin (GString *page, const LabReportInput *input)
{
  LabTwin twin = lab_verdict_twin (input->run, input->twin);
  g_autofree char *messages = lab_human_count ((int64_t)twin.compared.messages);
  g_autofree char *bytes = lab_human_count ((int64_t)twin.compared.bytes);

  if (!twin.was_run)
    return;
  if (twin.is_equal) {
    html_put (page,
              "<p>With the chimney off, applications saw the same %s messages and %s bytes.</p>\n",
              messages, bytes);
    return;
  }
  g_autofree char *address = lab_view_address (input->view, twin.first_difference);
  html_put (
      page,
      "<p>With the chimney off, applications saw other messages, first on connection %s.</p>\n",
      address);
}

static void
put_broken (GString *page, const LabReportInput *input)
{
  const RuleBook *book = input->run->rules;
  g_autofree char *command = lab_report_command (input);

  if (!apps_all_in_order (input->run->apps))
    html_raw (page, "<p>An application got bytes out of order, twice, or not at all.</p>\n");
  report_disappointments (page, input);
  for (uint32_t i = 0; book != NULL && i < rule_book_n_violations (book); i++) {
    const RuleViolation *violation = rule_book_violation (book, i);
    if (violation->severity != RULE_VIOLATION)
      continue;
    report_violation (page, input, violation);
    break;
  }
  html_put (page, "<p>Reproduce: <code>%s</code></p>\n", command);
}

static void
put_verdict (GString *page, const LabReportInput *input)
{
  LabVerdict verdict = lab_verdict_of (input->run, input->twin);
  LabRuleCounts counts = lab_verdict_counts (input->run);
  const RuleBook *book = input->run->rules;
  uint64_t n_violations = book != NULL ? rule_book_n_broken (book, RULE_VIOLATION) : 0;

  html_put (page, "<section class=\"verdict %s\">\n", lab_verdict_name (verdict));
  switch (verdict) {
  case LAB_VERDICT_CLEAN:
    html_raw (page, "<strong>Clean</strong>\n<p>");
    if (book != NULL)
      html_put (page, "All %u rules that the run put to the test held. ", counts.of[RULE_HELD]);
    html_raw (page, "Every application got its bytes in order.</p>\n");
    break;
  case LAB_VERDICT_BROKEN:
    html_raw (page, "<strong>Broken</strong>\n");
    if (book != NULL && counts.of[RULE_BROKEN] > 0)
      html_put (page, "<p>%" G_GUINT64_FORMAT " violation%s, %u rule%s broken.</p>\n", n_violations,
                n_violations == 1 ? "" : "s", counts.of[RULE_BROKEN],
                counts.of[RULE_BROKEN] == 1 ? "" : "s");
    put_broken (page, input);
    break;
  case LAB_VERDICT_NONE:
    html_put (page,
              "<strong>No verdict</strong>\n<p>The run stopped early: %s. What it had reached "
              "held.</p>\n",
              input->run->interrupted ? "interrupted" : sim_stop_name (input->run->stop));
    break;
  }
  put_twin (page, input);
  if (book != NULL && rule_book_n_broken (book, RULE_WARNING) > 0)
    html_put (page, "<p>%" G_GUINT64_FORMAT " warnings: see Rules.</p>\n",
              rule_book_n_broken (book, RULE_WARNING));
  html_raw (page, "</section>\n");
}

/* One answer: the host path and the chimney side by side, and what to know about the difference. */
static void
put_answer (GString *page, const char *title, const char *host, const char *chimney,
            const char *note)
{
  html_put (page, "<div class=answer><h3>%s</h3>\n", title);
  html_put (page, "<div><span><span class=\"dot host\"></span>host path</span><b>%s</b></div>\n",
            host);
  html_put (page, "<div><span><span class=\"dot chimney\"></span>chimney</span><b>%s</b></div>\n",
            chimney);
  html_put (page, "<p>%s</p></div>\n", note);
}

static void
put_throughput (GString *page, const LabStats *stats)
{
  g_autofree char *host =
      lab_answer_sum (stats, "throughput.host_path.received", "throughput.host_path.sent");
  g_autofree char *chimney =
      lab_answer_sum (stats, "throughput.chimney.received", "throughput.chimney.sent");
  put_answer (page, "Throughput, Gbit/s", host, chimney,
              "application data, both directions, over the measured time");
}

static void
put_cycles (GString *page, const LabStats *stats)
{
  g_autofree char *host = lab_answer_number (stats, "cycles_per_byte.host_path");
  g_autofree char *chimney = lab_answer_number (stats, "cycles_per_byte.chimney");
  g_autofree char *with_state = lab_answer_number (stats, "cycles_per_byte.chimney_with_state");
  g_autofree char *change =
      lab_answer_change (stats, "cycles_per_byte.host_path", "cycles_per_byte.chimney");
  g_autofree char *note = g_strdup_printf ("%s%s%s with the handing over of state", change,
                                           *change != '\0' ? "; " : "", with_state);
  put_answer (page, "Host cycles per byte", host, chimney, note);
}

static void
put_latency (GString *page, const LabStats *stats, const char *percentile)
{
  g_autofree char *title = g_strdup_printf ("Requests, %s", percentile);
  g_autofree char *host_name = g_strdup_printf ("latency.request.host_path.%s", percentile);
  g_autofree char *chimney_name = g_strdup_printf ("latency.request.chimney.%s", percentile);
  g_autofree char *host = lab_answer_time (stats, "%s", host_name);
  g_autofree char *chimney = lab_answer_time (stats, "%s", chimney_name);
  g_autofree char *change = lab_answer_change (stats, host_name, chimney_name);
  put_answer (page, title, host, chimney, change);
}

/* A scenario about state alone has nothing to compare. */
static bool
has_traffic (const LabStats *stats)
{
  static const char *const names[] = { "throughput.host_path.received", "throughput.host_path.sent",
                                       "throughput.chimney.received", "throughput.chimney.sent" };

  for (size_t i = 0; i < G_N_ELEMENTS (names); i++) {
    const LabFigure *figure = lab_stats_find (stats, names[i]);
    if (figure != NULL && figure->value > 0)
      return true;
  }
  return false;
}

static void
put_answers (GString *page, const LabStats *stats)
{
  const LabFigure *saved = lab_stats_find (stats, "cycles.saved");

  if (!has_traffic (stats))
    return;
  html_raw (page, "<h2>What the chimney changes</h2>\n<div class=answers>\n");
  put_throughput (page, stats);
  put_cycles (page, stats);
  put_latency (page, stats, "p50");
  put_latency (page, stats, "p99");
  put_latency (page, stats, "p99.9");
  html_raw (page, "</div>\n");
  if (saved == NULL)
    return;
  g_autofree char *count = lab_human_count (saved->value < 0 ? -saved->value : saved->value);
  html_put (page,
            "<p class=muted>At the host path's price per byte, the bytes that took the chimney "
            "would have cost "
            "%s host cycles %s, operations on state included.</p>\n",
            count, saved->value < 0 ? "less" : "more");
}

static void
put_plot (GString *page, const LabPlot *plot)
{
  html_raw (page, "<figure>\n");
  report_svg_inline (page, plot->svg, plot->name, plot->title);
  html_put (
      page,
      "<figcaption>%s <span class=mono>plots/%s.csv, .gp, .svg</span></figcaption>\n</figure>\n",
      plot->caption, plot->name);
}

/* Names what was not drawn, once for each reason. */
static void
put_absent (GString *page, const GPtrArray *plots)
{
  const char *reason = NULL;

  for (guint i = 0; i < plots->len; i++) {
    const LabPlot *plot = g_ptr_array_index (plots, i);
    if (plot->svg != NULL)
      continue;
    if (reason == NULL || strcmp (reason, plot->caption) != 0)
      html_put (page, "%sNot drawn, since %s: %s", reason == NULL ? "" : "; ", plot->caption,
                plot->name);
    else
      html_put (page, ", %s", plot->name);
    reason = plot->caption;
  }
}

static void
put_plots (GString *page, const GPtrArray *plots)
{
  html_raw (page, "<h2>Pictures</h2>\n");
  if (plots == NULL) {
    html_raw (page, "<p>No plots were wanted.</p>\n");
    return;
  }
  for (guint i = 0; i < plots->len; i++) {
    const LabPlot *plot = g_ptr_array_index (plots, i);
    if (plot->svg != NULL)
      put_plot (page, plot);
  }
  html_raw (page, "<p class=muted>");
  put_absent (page, plots);
  html_raw (page, "</p>\n");
}

static void
put_charts (GString *page, const GPtrArray *charts)
{
  if (charts->len == 0)
    return;
  html_raw (page, "<h2>What happened</h2>\n<p class=muted>One connection around the instant: bars "
                  "show who owned it, host or target, pale while it moved.</p>\n");
  for (guint i = 0; i < charts->len; i++) {
    g_autoptr (LabChartSheet) sheet = lab_chart_sheet (charts->pdata[i]);
    g_autofree char *svg = lab_chart_svg (sheet);
    const char *name = lab_chart_focus (charts->pdata[i])->name;
    html_put (page, "<figure class=chart id=\"chart-%s\">\n", name);
    report_svg_inline (page, svg, name, sheet->title);
    html_put (page,
              "<figcaption><span class=mono>charts/%s.svg, .txt, .mmd</span></figcaption>\n"
              "</figure>\n",
              name);
  }
}

static void
put_scenario (GString *page, const LabReportInput *input)
{
  g_autofree char *text = lab_scenario_resolved (input->scenario);
  html_put (
      page,
      "<h2>Scenario</h2>\n<details><summary>scenario.resolved.yaml: every value, runnable as it is"
      "</summary>\n<pre>%s</pre></details>\n",
      text);
}

static void
put_reproduction (GString *page, const LabReportInput *input)
{
  g_autofree char *command = lab_report_command (input);
  g_autofree char *digest = lab_scenario_digest (input->scenario);

  html_put (page, "<h2>Reproduce</h2>\n<pre>%s</pre>\n", command);
  html_raw (page, "<p class=muted>The same scenario, seed and version give the same fingerprints "
                  "and the same bytes "
                  "in every file but env.json.</p>\n<table><tbody>\n");
  for (SimPrint print = 0; print < SIM_N_PRINTS; print++)
    html_put (page,
              "<tr><td>fingerprint: %s</td><td class=mono>%016" G_GINT64_MODIFIER "x</td></tr>\n",
              lab_print_name (print), input->run->print[print]);
  html_put (page, "<tr><td>scenario digest</td><td class=mono>%s</td></tr>\n", digest);
  html_put (page, "<tr><td>seed</td><td class=mono>%" G_GUINT64_FORMAT "</td></tr>\n",
            input->view->config->seed);
  html_put (page, "<tr><td>stopped by</td><td>%s</td></tr>\n", sim_stop_name (input->run->stop));
  html_put (page, "<tr><td>version</td><td class=mono>chimsim %s</td></tr>\n</tbody></table>\n",
            LAB_VERSION);
}

bool
lab_report_write (const LabReportInput *input, LabFolder *folder, GError **error)
{
  g_autoptr (GString) page = g_string_new (NULL);

  put_head (page, input);
  put_title (page, input);
  put_verdict (page, input);
  put_charts (page, input->charts);
  put_answers (page, input->run->stats);
  put_plots (page, input->plots);
  report_stages (page, input);
  report_resources (page, input);
  report_state (page, input);
  report_figures (page, input);
  report_checks (page, input);
  report_rules (page, input);
  report_timeline (page, input);
  put_scenario (page, input);
  put_reproduction (page, input);
  html_raw (page, "</main>\n</body>\n</html>\n");
  return lab_folder_write (folder, "report.html", page->str, (gssize)page->len, error);
}
