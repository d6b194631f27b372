#include "lab/report_tables.h"

#include <string.h>

#include "lab/answer.h"
#include "lab/html.h"
#include "lab/human.h"
#include "models/trace/trace_text.h"

static const char *const percentiles[] = { "p50", "p99", "p99.9" };

/* A row of times, one cell for each group and percentile. */
static void
put_times (GString *page, const LabStats *stats, const LabAnswerGroup *groups, size_t n_groups,
           const char *suffix)
{
  for (size_t g = 0; g < n_groups; g++)
    for (size_t p = 0; p < G_N_ELEMENTS (percentiles); p++) {
      g_autofree char *time =
          lab_answer_time (stats, "%s%s.%s", groups[g].prefix, suffix, percentiles[p]);
      html_put (page, "<td class=\"n%s\">%s</td>", p == 0 ? " f" : "", time);
    }
  html_raw (page, "</tr>\n");
}

static void
put_stage (GString *page, const LabReportInput *input, uint32_t column,
           const LabAnswerGroup *groups, size_t n_groups)
{
  g_autofree char *stage = lab_view_stage (input->view, column);
  g_autofree char *suffix = g_strdup_printf (".stage.%s", stage);
  bool is_used = false;

  for (size_t g = 0; g < n_groups; g++) {
    g_autofree char *name = g_strdup_printf ("%s%s.p50", groups[g].prefix, suffix);
    is_used |= lab_stats_find (input->run->stats, name) != NULL;
  }
  if (!is_used)
    return;
  html_put (page, "<tr><td>%s</td>", stage);
  put_times (page, input->run->stats, groups, n_groups, suffix);
}

static void
put_stage_table (GString *page, const LabReportInput *input, const char *title,
                 const LabAnswerGroup *groups, size_t n_groups)
{
  uint32_t way[LAB_WAY_COLUMNS];

  if (n_groups == 0)
    return;
  html_put (page, "<h3>%s</h3>\n<div class=scroll><table><thead><tr><th></th>", title);
  for (size_t g = 0; g < n_groups; g++) {
    html_raw (page, "<th class=g colspan=3>");
    if (*groups[g].style != '\0')
      html_put (page, "<span class=\"dot %s\"></span>", groups[g].style);
    html_put (page, "%s</th>", groups[g].name);
  }
  html_raw (page, "</tr><tr><th>stage</th>");
  for (size_t g = 0; g < n_groups; g++)
    html_raw (page, "<th class=\"n f\">p50</th><th class=n>p99</th><th class=n>p99.9</th>");
  html_raw (page, "</tr></thead><tbody>\n<tr class=total><td>whole</td>");
  put_times (page, input->run->stats, groups, n_groups, "");
  lab_view_way (way);
  for (uint32_t i = 0; i < LAB_WAY_COLUMNS; i++)
    put_stage (page, input, way[i], groups, n_groups);
  html_raw (page, "</tbody></table></div>\n");
}

void
report_stages (GString *page, const LabReportInput *input)
{
  LabAnswerGroup requests[N_LATENCIES], operations[N_LATENCIES];
  size_t n_requests = lab_answer_requests (input->run->stats, requests);
  size_t n_operations = lab_answer_operations (input->run->stats, operations);

  html_raw (
      page,
      "<h2>Latency by stage</h2>\n"
      "<p class=muted>Each stage's own percentiles: they do not sum to those of the whole. In "
      "latency.csv the stages of each single operation do, to the picosecond.</p>\n");
  put_stage_table (page, input, "Requests", requests, n_requests);
  if (n_requests + n_operations == 0)
    html_raw (page, "<p>No operation ended in the measured time.</p>\n");
  put_stage_table (page, input, "Operations on state", operations, n_operations);
}

/* A table of the figures in |names| that the run has. */
static void
put_figures (GString *page, const LabStats *stats, const char *const (*names)[2], size_t n_names)
{
  html_raw (page, "<table><tbody>\n");
  for (size_t i = 0; i < n_names; i++) {
    const LabFigure *figure = lab_stats_find (stats, names[i][0]);
    if (figure == NULL)
      continue;
    g_autofree char *text = lab_figure_text (figure);
    html_put (page, "<tr><td>%s</td><td class=n>%s</td></tr>\n", names[i][1], text);
  }
  html_raw (page, "</tbody></table>\n");
}

static bool
part_is_used (const LabStats *stats, AccountPart part)
{
  for (AccountWay way = 0; way < N_WAYS; way++) {
    g_autofree char *name =
        g_strdup_printf ("cycles.of.%s.%s", trace_part_name (part),
                         (const char *const[]){ "host_path", "chimney", "state" }[way]);
    if (lab_stats_find (stats, name) != NULL)
      return true;
  }
  return false;
}

static void
put_cycles (GString *page, const LabStats *stats)
{
  html_raw (page,
            "<h3>Host cycles by part of the stack, since the begin of the run</h3>\n"
            "<table><thead><tr><th>part</th><th class=n>host path</th><th class=n>chimney</th>"
            "<th class=n>state</th></tr></thead><tbody>\n");
  for (AccountPart part = 0; part < N_PARTS; part++) {
    if (!part_is_used (stats, part))
      continue;
    html_put (page, "<tr><td>%s</td>", trace_part_name (part));
    for (AccountWay way = 0; way < N_WAYS; way++) {
      g_autofree char *name =
          g_strdup_printf ("cycles.of.%s.%s", trace_part_name (part),
                           (const char *const[]){ "host_path", "chimney", "state" }[way]);
      const LabFigure *figure = lab_stats_find (stats, name);
      g_autofree char *count = lab_human_count (figure != NULL ? figure->value : 0);
      html_put (page, "<td class=n>%s</td>", figure != NULL ? count : "");
    }
    html_raw (page, "</tr>\n");
  }
  html_raw (page, "</tbody></table>\n");
}

void
report_resources (GString *page, const LabReportInput *input)
{
  static const char *const names[][2] = {
    { "use.cpu", "host processors busy" },
    { "use.engine", "target engines busy" },
    { "use.wire.out", "wire busy, to the peers" },
    { "use.wire.in", "wire busy, from the peers" },
    { "throughput.wire.out", "wire, to the peers" },
    { "throughput.wire.in", "wire, from the peers" },
    { "wire.out.frames", "frames to the peers" },
    { "wire.in.frames", "frames from the peers" },
    { "wire.lost", "lost on the wire" },
    { "wire.dropped", "dropped by a full queue" },
  };

  html_raw (page, "<h2>Resources</h2>\n");
  put_figures (page, input->run->stats, names, G_N_ELEMENTS (names));
  put_cycles (page, input->run->stats);
}

void
report_state (GString *page, const LabReportInput *input)
{
  static const char *const names[][2] = {
    { "state.offloaded", "offloaded" },
    { "state.offload_failures", "offloads that failed" },
    { "state.uploaded", "uploaded" },
    { "state.initiate_trees", "initiate trees" },
    { "state.terminate_trees", "terminate trees" },
    { "segments.forwarded", "segments forwarded to the target" },
    { "connections.aborted", "connections aborted" },
    { "requests.answered", "requests answered" },
  };

  html_raw (page, "<h2>Operations on state</h2>\n");
  put_figures (page, input->run->stats, names, G_N_ELEMENTS (names));
}

void
report_violation (GString *page, const LabReportInput *input, const RuleViolation *violation)
{
  const RuleInfo *rule = rule_info (violation->rule);
  g_autofree char *when = lab_decimal_text (violation->when.ps, 9);
  g_autofree char *address = lab_view_address (input->view, violation->connection_id);

  html_put (page, "<p><b>%s</b> at %s ms", rule->id, when);
  if (violation->connection_id != RULE_NO_CONNECTION)
    html_put (page, ", connection %s", address);
  html_put (page, ": %s</p>\n<p class=muted>%s (%s)</p>\n", violation->text, rule->text,
            rule->source);
  html_raw (page, "<pre>");
  for (uint32_t i = 0; i < violation->n_records; i++) {
    g_autoptr (GString) line = g_string_new (NULL);
    trace_text_print (line, &violation->records[i], NULL);
    html_put (page, "%s\n", line->str);
  }
  html_raw (page, "</pre>\n");
}

static void
put_rule (GString *page, const RuleBook *book, RuleId rule)
{
  RuleVerdict verdict = rule_book_verdict (book, rule);

  html_put (page, "<tr><td class=mono>%s</td><td>%s</td>", rule_info (rule)->id,
            rule_verdict_name (verdict));
  html_put (page, "<td class=n>%" G_GUINT64_FORMAT "</td><td>%s</td></tr>\n",
            rule_book_tested (book, rule), rule_info (rule)->text);
}

/* Broken ones first, then those that nothing put to the test. */
static void
put_rules (GString *page, const RuleBook *book)
{
  static const RuleVerdict order[] = { RULE_BROKEN, RULE_NEVER_EXERCISED, RULE_HELD };

  html_raw (
      page,
      "<details><summary>All monitored rules</summary>\n<div class=scroll><table><thead><tr>"
      "<th>rule</th><th>verdict</th><th class=n>tested</th><th>text</th></tr></thead><tbody>\n");
  for (size_t i = 0; i < G_N_ELEMENTS (order); i++)
    for (RuleId rule = 0; rule < RULE_N; rule++)
      if (rule_book_verdict (book, rule) == order[i])
        put_rule (page, book, rule);
  html_raw (page, "</tbody></table></div></details>\n");
}

void
report_rules (GString *page, const LabReportInput *input)
{
  LabRuleCounts counts = lab_verdict_counts (input->run);
  const RuleBook *book = input->run->rules;

  html_raw (page, "<h2>Rules</h2>\n");
  if (book == NULL) {
    html_raw (page, "<p>No rule was judged: the scenario switches them off.</p>\n");
    return;
  }
  html_put (
      page,
      "<p>%u held, %u broken, %u were never put to the test by this run; %u more are in the book "
      "and not monitored.</p>\n",
      counts.of[RULE_HELD], counts.of[RULE_BROKEN], counts.of[RULE_NEVER_EXERCISED],
      counts.of[RULE_NOT_MONITORED]);
  uint32_t n = rule_book_n_violations (book);
  if (n > 1)
    html_put (page, "<details><summary>All %u violations and warnings listed</summary>\n", n);
  for (uint32_t i = 0; n > 1 && i < n; i++)
    report_violation (page, input, rule_book_violation (book, i));
  if (n > 1)
    html_raw (page, "</details>\n");
  put_rules (page, book);
}

static void
put_instant (GString *page, SimTime when)
{
  g_autofree char *text = sim_time_is_never (when) ? g_strdup ("") : lab_decimal_text (when.ps, 9);
  html_put (page, "<td class=n>%s</td>", text);
}

void
report_timeline (GString *page, const LabReportInput *input)
{
  const LabView *view = input->view;

  if (view->config->n_events == 0 || view->episodes == NULL)
    return;
  html_raw (page,
            "<h2>Timeline</h2>\n<table><thead><tr><th>event</th><th>does</th><th class=n>began "
            "(ms)</th><th class=n>ended (ms)</th><th class=n>took</th><th class=n>outcome</th></tr>"
            "</thead><tbody>\n");
  for (uint32_t i = 0; i < view->config->n_events; i++) {
    EpisodeEvent event = episodes_event (view->episodes, i);
    bool has_ended = !sim_time_is_never (event.ended);
    g_autofree char *took = !has_ended || sim_time_equal (event.ended, event.begun)
                                ? g_strdup (has_ended ? "at once" : "")
                                : lab_human_time (sim_time_diff (event.ended, event.begun).ps);
    html_put (page, "<tr><td>%s</td><td>%s</td>", view->config->event[i].id,
              timeline_verb_name (view->config->event[i].verb));
    put_instant (page, event.begun);
    put_instant (page, event.ended);
    html_put (page, "<td class=n>%s</td><td class=n>%s</td></tr>\n", took,
              episode_outcome_name (event.outcome));
  }
  html_raw (page, "</tbody></table>\n");
}

void
report_figures (GString *page, const LabReportInput *input)
{
  const LabStats *stats = input->run->stats;

  html_raw (page, "<details><summary>All figures</summary>\n<table><tbody>\n");
  for (size_t i = 0; i < lab_stats_count (stats); i++) {
    const LabFigure *figure = lab_stats_at (stats, i);
    g_autofree char *text = lab_figure_text (figure);
    html_put (page, "<tr><td class=mono>%s</td><td class=n>%s</td></tr>\n", figure->name, text);
  }
  html_raw (page, "</tbody></table></details>\n");
}
