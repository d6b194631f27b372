#include "lab/summary.h"

#include <string.h>

#include "lab/answer.h"
#include "lab/verdict.h"

/* Stages told; the rest are in latency.csv. */
#define STAGES_MAX 16
#define REQUEST_GROUPS_MAX 2
/* Width of the list of events; the title before it and " and 1023 more" behind it have room. */
#define TIMELINE_COLUMNS 74

static const char *const percentiles[] = { "p50", "p99", "p99.9" };

static void
put_title (GString *out, const LabReportInput *input)
{
  const WorldConfig *config = input->view->config;
  g_autofree char *end = lab_decimal_text (input->view->end.ps / SIM_PS_PER_US, 3);

  g_string_append_printf (
      out,
      "%s: %u connections, %u intermediate driver%s, %s ms simulated, seed %" G_GUINT64_FORMAT
      "\n\n",
      config->name, config->n_connections, config->n_ims, config->n_ims == 1 ? "" : "s", end,
      config->seed);
}

/* A line with a figure of either path; none if neither has one. */
static void
put_pair (GString *out, const LabStats *stats, const char *title, const char *host,
          const char *chimney)
{
  g_autofree char *left = lab_answer (stats, "%s", host);
  g_autofree char *right = lab_answer (stats, "%s", chimney);

  if (strcmp (left, "-") != 0 || strcmp (right, "-") != 0)
    g_string_append_printf (out, "%-26s%18s%18s\n", title, left, right);
}

static void
put_with_state (GString *out, const LabStats *stats)
{
  g_autofree char *with_state = lab_answer (stats, "cycles_per_byte.chimney_with_state");
  g_autofree char *change =
      lab_answer_change (stats, "cycles_per_byte.host_path", "cycles_per_byte.chimney_with_state");

  if (strcmp (with_state, "-") == 0)
    return;
  g_string_append_printf (out, "%-26s%18s%18s", "  with state operations", "", with_state);
  if (change[0] != '\0')
    g_string_append_printf (out, "  %s", change);
  g_string_append_c (out, '\n');
}

static void
put_answers (GString *out, const LabStats *stats)
{
  g_autofree char *cpu = lab_answer (stats, "use.cpu");
  g_autofree char *engine = lab_answer (stats, "use.engine");
  g_autoptr (GString) rows = g_string_new (NULL);

  put_pair (rows, stats, "throughput, received", "throughput.host_path.received",
            "throughput.chimney.received");
  put_pair (rows, stats, "throughput, sent", "throughput.host_path.sent",
            "throughput.chimney.sent");
  put_pair (rows, stats, "host cycles per byte", "cycles_per_byte.host_path",
            "cycles_per_byte.chimney");
  put_with_state (rows, stats);
  if (rows->len > 0)
    g_string_append_printf (out, "%-26s%18s%18s\n%s", "", "host path", "chimney", rows->str);
  g_string_append_printf (out, "%-26sprocessors %s, engines %s\n", "busy", cpu, engine);
}

/* A latency in us with one decimal, cut; "-" if there is none. */
static char *
us_text (const LabFigure *figure)
{
  return figure != NULL ? lab_decimal_text (figure->value / 100, 1) : g_strdup ("-");
}

static void
put_times (GString *out, const LabStats *stats, const char *prefix, const char *suffix)
{
  for (size_t p = 0; p < G_N_ELEMENTS (percentiles); p++) {
    g_autofree char *name = g_strdup_printf ("%s%s.%s", prefix, suffix, percentiles[p]);
    g_autofree char *text = us_text (lab_stats_find (stats, name));
    g_string_append_printf (out, "%12s", text);
  }
}

static void
put_row (GString *out, const LabStats *stats, const char *title, const LabAnswerGroup *groups,
         size_t n_groups, const char *suffix)
{
  g_string_append_printf (out, "%-20s", title);
  for (size_t g = 0; g < n_groups; g++)
    put_times (out, stats, groups[g].prefix, suffix);
  g_string_append_c (out, '\n');
}

/* How long a stage is at its worst: what decides whether it is told. */
static int64_t
weight_of (const LabReportInput *input, uint32_t column, const LabAnswerGroup *groups,
           size_t n_groups)
{
  g_autofree char *stage = lab_view_stage (input->view, column);
  int64_t weight = -1;

  for (size_t g = 0; g < n_groups; g++) {
    g_autofree char *name = g_strdup_printf ("%s.stage.%s.p99", groups[g].prefix, stage);
    const LabFigure *figure = lab_stats_find (input->run->stats, name);
    weight = MAX (weight, figure != NULL ? figure->value : -1);
  }
  return weight;
}

/* The weight that a stage must have to be among the STAGES_MAX longest. */
static int64_t
least_weight (const int64_t *weights)
{
  int64_t least = 0;

  for (;;) {
    size_t n = 0;
    int64_t next = INT64_MAX;
    for (uint32_t i = 0; i < LAB_WAY_COLUMNS; i++)
      if (weights[i] >= least) {
        n++;
        next = MIN (next, weights[i]);
      }
    if (n <= STAGES_MAX)
      return least;
    least = next + 1;
  }
}

static void
put_stages (GString *out, const LabReportInput *input, const LabAnswerGroup *groups,
            size_t n_groups)
{
  uint32_t way[LAB_WAY_COLUMNS];
  int64_t weights[LAB_WAY_COLUMNS];
  size_t n_left_out = 0;

  lab_view_way (way);
  for (uint32_t i = 0; i < LAB_WAY_COLUMNS; i++)
    weights[i] = weight_of (input, way[i], groups, n_groups);
  int64_t least = least_weight (weights);
  for (uint32_t i = 0; i < LAB_WAY_COLUMNS; i++) {
    n_left_out += weights[i] >= 0 && weights[i] < least;
    if (weights[i] < least)
      continue;
    g_autofree char *stage = lab_view_stage (input->view, way[i]);
    g_autofree char *title = g_strdup_printf ("  %s", stage);
    g_autofree char *suffix = g_strdup_printf (".stage.%s", stage);
    put_row (out, input->run->stats, title, groups, n_groups, suffix);
  }
  if (n_left_out > 0)
    g_string_append_printf (out, "  and %zu shorter stages, in report.html\n", n_left_out);
}

static void
put_requests (GString *out, const LabReportInput *input)
{
  LabAnswerGroup groups[N_LATENCIES];
  size_t n = MIN (lab_answer_requests (input->run->stats, groups), REQUEST_GROUPS_MAX);

  if (n == 0)
    return;
  g_string_append_printf (out, "\n%-20s", "latency in us");
  for (size_t g = 0; g < n; g++)
    g_string_append_printf (out, "%36s", groups[g].name);
  g_string_append_printf (out, "\n%-20s", "");
  for (size_t g = 0; g < n; g++)
    g_string_append_printf (out, "%12s%12s%12s", percentiles[0], percentiles[1], percentiles[2]);
  g_string_append_c (out, '\n');
  put_row (out, input->run->stats, "request", groups, n, "");
  put_stages (out, input, groups, n);
}

static void
put_operations (GString *out, const LabStats *stats)
{
  LabAnswerGroup groups[N_LATENCIES];
  size_t n = lab_answer_operations (stats, groups);

  if (n == 0)
    return;
  g_string_append_printf (out, "\n%-20s%12s%12s%12s%12s\n", "latency in us", "p50", "p99", "p99.9",
                          "operations");
  for (size_t g = 0; g < n; g++) {
    g_autofree char *name = g_strdup_printf ("%s.count", groups[g].prefix);
    const LabFigure *count = lab_stats_find (stats, name);
    g_string_append_printf (out, "%-20s", groups[g].name);
    put_times (out, stats, groups[g].prefix, "");
    g_string_append_printf (out, "%12" G_GINT64_FORMAT "\n", count->value);
  }
}

/* The first violation of that severity. */
static void
put_first_of (GString *out, const LabReportInput *input, RuleSeverity severity)
{
  const RuleBook *book = input->run->rules;

  for (uint32_t i = 0; book != NULL && i < rule_book_n_violations (book); i++) {
    const RuleViolation *violation = rule_book_violation (book, i);
    if (violation->severity != severity)
      continue;
    g_autofree char *when = lab_decimal_text (violation->when.ps, 9);
    g_string_append_printf (out, "           %s%s at %s ms: %s\n",
                            severity == RULE_WARNING ? "warning: " : "",
                            rule_info (violation->rule)->id, when, violation->text);
    return;
  }
}

static void
put_twin (GString *out, const LabReportInput *input)
{
  LabTwin twin = lab_verdict_twin (input->run, input->twin);

  if (!twin.was_run)
    return;
  if (twin.is_equal && twin.compared.bytes == 0) {
    g_string_append (out, "twin       nothing to compare: no application got a byte in both\n");
    return;
  }
  if (twin.is_equal) {
    g_string_append_printf (out,
                            "twin       equal: the same %" G_GUINT64_FORMAT
                            " messages, %" G_GUINT64_FORMAT " bytes with the chimney off\n",
                            twin.compared.messages, twin.compared.bytes);
    return;
  }
  g_autofree char *address = lab_view_address (input->view, twin.first_difference);
  g_string_append_printf (out, "twin       different: first on connection %s\n", address);
}

/* Each expectation in a line; one more for what was so then, unless it held. */
static void
put_expectations (GString *out, const LabExpect *expect)
{
  for (uint32_t i = 0; expect != NULL && i < lab_expect_count (expect); i++) {
    const LabExpectation *expectation = lab_expect_expectation (expect, i);
    const LabJudged *judged = lab_expect_judged (expect, i);
    g_string_append_printf (out, "%-11s%s: %s", i == 0 ? "expected" : "", expectation->id,
                            lab_judgement_name (judged->judgement));
    if (!sim_time_is_never (judged->when)) {
      g_autofree char *when = lab_decimal_text (judged->when.ps, 9);
      g_string_append_printf (out, " at %s ms", when);
    }
    g_string_append_c (out, '\n');
    if (judged->judgement != LAB_HELD)
      g_string_append_printf (out, "             %s\n             %s\n", expectation->text,
                              judged->why);
  }
}

static void
put_situations (GString *out, const LabReportInput *input)
{
  const LabSituations *situations = input->run->situations;
  LabSituationSet wanted = situations != NULL ? lab_situations_wanted (situations) : 0;
  const char *title = "reached";

  for (LabSituation s = 0; s < LAB_N_SITUATIONS; s++) {
    if ((wanted & LAB_SITUATION_BIT (s)) == 0)
      continue;
    const LabMeeting *meeting = lab_situations_meeting (situations, s);
    g_string_append_printf (out, "%-11s%s: ", title, lab_situation_info (s)->name);
    title = "";
    if (meeting->count == 0) {
      g_string_append (out, "never\n");
      continue;
    }
    g_autofree char *when = lab_decimal_text (meeting->first.when.ps, 9);
    g_string_append_printf (out, "%" G_GUINT64_FORMAT "%s at %s ms", meeting->count,
                            meeting->count == 1 ? " time," : " times, first", when);
    if (meeting->connection != UINT32_MAX) {
      g_autofree char *address = lab_view_address (input->view, meeting->connection);
      g_string_append_printf (out, " on %s", address);
    }
    g_string_append_c (out, '\n');
  }
}

static void
put_places (GString *out, const LabReportInput *input)
{
  const LabChecks *checks = lab_scenario_checks (input->scenario);
  const LabCoverage *coverage = input->run->coverage;

  for (guint i = 0; coverage != NULL && i < checks->covers->len; i++) {
    LabPlace place = g_array_index (checks->covers, LabPlace, i);
    uint64_t count = lab_coverage_count (coverage, place.table, place.place);
    g_autofree char *name = lab_place_name (place);
    g_string_append_printf (out, "%-11s%s: ", i == 0 ? "covers" : "", name);
    if (count == 0)
      g_string_append (out, "never\n");
    else
      g_string_append_printf (out, "%" G_GUINT64_FORMAT " time%s\n", count, count == 1 ? "" : "s");
  }
}

/* What came of an event of the timeline, in a word; NULL: what was asked for. */
static const char *
miss_of (EpisodeOutcome outcome)
{
  switch (outcome) {
  case EPISODE_NEVER:
    return "did not happen";
  case EPISODE_UNDER_WAY:
    return "did not end";
  case EPISODE_FAILED:
    return "failed";
  case EPISODE_DONE:
    return NULL;
  }
  SIM_UNREACHABLE ();
}

/* The events that did not do what they were to do, as many as a line holds. */
static void
put_timeline (GString *out, const LabReportInput *input)
{
  const WorldConfig *config = input->view->config;
  g_autoptr (GString) line = g_string_new (NULL);
  unsigned n_more = 0;

  if (input->view->episodes == NULL)
    return;
  for (uint32_t i = 0; i < config->n_events; i++) {
    const char *miss = miss_of (episodes_event (input->view->episodes, i).outcome);
    if (miss == NULL)
      continue;
    g_autofree char *words = g_strdup_printf ("%s %s", config->event[i].id, miss);
    if (n_more > 0 || line->len + strlen (words) + 2 > TIMELINE_COLUMNS)
      n_more++;
    else
      g_string_append_printf (line, "%s%s", line->len > 0 ? ", " : "", words);
  }
  if (n_more > 0)
    g_string_append_printf (line, "%s%u more", line->len > 0 ? " and " : "", n_more);
  if (line->len > 0)
    g_string_append_printf (out, "%-11s%s\n", "timeline", line->str);
}

static void
put_verdict (GString *out, const LabReportInput *input)
{
  LabVerdict verdict = lab_verdict_of (input->run, input->twin);
  LabRuleCounts counts = lab_verdict_counts (input->run);

  g_string_append_printf (out, "\nverdict    %s", lab_verdict_name (verdict));
  if (input->run->rules != NULL)
    g_string_append_printf (out, ": %u rules held, %u broken, %u warned about, %u never exercised",
                            counts.of[RULE_HELD], counts.of[RULE_BROKEN] - counts.warned,
                            counts.warned, counts.of[RULE_NEVER_EXERCISED]);
  if (verdict == LAB_VERDICT_NONE)
    g_string_append_printf (out, "; stopped early: %s",
                            input->run->interrupted ? "interrupted"
                                                    : sim_stop_name (input->run->stop));
  g_string_append_c (out, '\n');
  if (!apps_all_in_order (input->run->apps))
    g_string_append (out,
                     "           an application got bytes out of order, twice, or not at all\n");
  put_first_of (out, input, RULE_VIOLATION);
  put_first_of (out, input, RULE_WARNING);
  put_timeline (out, input);
  put_expectations (out, input->run->expect);
  put_situations (out, input);
  put_places (out, input);
  put_twin (out, input);
}

char *
lab_summary_text (const LabReportInput *input)
{
  GString *out = g_string_new (NULL);

  put_title (out, input);
  put_answers (out, input->run->stats);
  put_requests (out, input);
  put_operations (out, input->run->stats);
  put_verdict (out, input);
  return g_string_free (out, FALSE);
}
