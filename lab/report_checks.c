#include "lab/report_checks.h"

#include "lab/html.h"
#include "models/trace/trace_text.h"

static char *
instant_text (SimTime when)
{
  g_autofree char *ms = sim_time_is_never (when) ? NULL : lab_decimal_text (when.ps, 9);
  return ms != NULL ? g_strdup_printf ("%s ms", ms) : g_strdup ("");
}

void
report_disappointments (GString *page, const LabReportInput *input)
{
  const LabExpect *expect = input->run->expect;
  uint32_t n = expect != NULL ? lab_expect_n (expect, LAB_VIOLATED) : 0;

  if (n == 0)
    return;
  html_put (page, "<p>%u expectation%s violated.</p>\n<ul>\n", n, n == 1 ? " was" : "s were");
  for (uint32_t i = 0; i < lab_expect_count (expect); i++) {
    const LabExpectation *expectation = lab_expect_expectation (expect, i);
    const LabJudged *judged = lab_expect_judged (expect, i);
    if (judged->judgement != LAB_VIOLATED)
      continue;
    g_autofree char *when = instant_text (judged->when);
    html_put (page, "<li><b>%s</b>: <code>%s</code>: at %s %s</li>\n", expectation->id,
              expectation->text, when, judged->why);
  }
  html_raw (page, "</ul>\n");
}

static void
put_proof (GString *page, const SimRecord *records, uint32_t count)
{
  if (count == 0)
    return;
  html_raw (page, "<pre>");
  for (uint32_t i = 0; i < count; i++) {
    g_autoptr (GString) line = g_string_new (NULL);
    trace_text_print (line, &records[i], NULL);
    html_put (page, "%s\n", line->str);
  }
  html_raw (page, "</pre>");
}

static void
put_expectations (GString *page, const LabExpect *expect)
{
  html_raw (page,
            "<div class=scroll><table><thead><tr><th>expectation</th><th>verdict</th><th class=n>at"
            "</th><th>what was so then</th></tr></thead><tbody>\n");
  for (uint32_t i = 0; i < lab_expect_count (expect); i++) {
    const LabExpectation *expectation = lab_expect_expectation (expect, i);
    const LabJudged *judged = lab_expect_judged (expect, i);
    g_autofree char *when = instant_text (judged->when);
    html_put (page, "<tr><td>%s<br><code>%s</code></td><td>%s</td><td class=n>%s</td><td>%s",
              expectation->id, expectation->text, lab_judgement_name (judged->judgement), when,
              judged->why);
    put_proof (page, judged->record, judged->n_records);
    html_raw (page, "</td></tr>\n");
  }
  html_raw (page, "</tbody></table></div>\n");
}

static void
put_situation (GString *page, const LabReportInput *input, LabSituation situation)
{
  const LabMeeting *meeting = lab_situations_meeting (input->run->situations, situation);
  const LabSituationInfo *info = lab_situation_info (situation);
  bool has_connection = meeting->count > 0 && meeting->connection != UINT32_MAX;
  g_autofree char *when = instant_text (meeting->count > 0 ? meeting->first.when : SIM_TIME_NEVER);
  g_autofree char *address =
      has_connection ? lab_view_address (input->view, meeting->connection) : g_strdup ("");

  html_put (page, "<tr><td class=mono>%s</td><td>%s</td>", info->name, info->means);
  if (meeting->count == 0)
    html_raw (page, "<td class=n>never</td>");
  else
    html_put (page, "<td class=n>%" G_GUINT64_FORMAT "</td>", meeting->count);
  html_put (page, "<td class=n>%s</td><td>%s</td></tr>\n", when, address);
}

static void
put_places (GString *page, const LabReportInput *input)
{
  const LabChecks *checks = lab_scenario_checks (input->scenario);
  const LabCoverage *coverage = input->run->coverage;

  html_raw (page, "<h2>Places of coverage</h2>\n<div class=scroll><table><thead><tr><th>place</th>"
                  "<th class=n>reached</th></tr></thead><tbody>\n");
  for (guint i = 0; i < checks->covers->len; i++) {
    LabPlace place = g_array_index (checks->covers, LabPlace, i);
    uint64_t count = lab_coverage_count (coverage, place.table, place.place);
    g_autofree char *name = lab_place_name (place);
    html_put (page, "<tr><td>%s</td><td class=n>%" G_GUINT64_FORMAT "</td></tr>\n", name, count);
  }
  html_raw (page, "</tbody></table></div>\n");
}

void
report_checks (GString *page, const LabReportInput *input)
{
  const LabExpect *expect = input->run->expect;
  const LabSituations *situations = input->run->situations;
  LabSituationSet wanted = situations != NULL ? lab_situations_wanted (situations) : 0;

  if (expect != NULL && lab_expect_count (expect) > 0) {
    html_raw (page, "<h2>Expectations</h2>\n");
    put_expectations (page, expect);
  }
  if (input->run->coverage != NULL)
    put_places (page, input);
  if (wanted == 0)
    return;
  html_raw (page, "<h2>Situations</h2>\n<div class=scroll><table><thead><tr><th>situation</th>"
                  "<th>means</th><th class=n>met</th><th class=n>first</th><th>on</th></tr></thead>"
                  "<tbody>\n");
  for (LabSituation s = 0; s < LAB_N_SITUATIONS; s++)
    if (wanted & LAB_SITUATION_BIT (s))
      put_situation (page, input, s);
  html_raw (page, "</tbody></table></div>\n");
}
