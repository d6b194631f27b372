#include "lab/verdict.h"

#include <string.h>

#include "models/trace/trace_text.h"

LabTwin
lab_verdict_twin (const LabRun *run, const LabRun *twin)
{
  LabTwin result = { .is_equal = true, .first_difference = UINT32_MAX };

  if (twin == NULL)
    return result;
  result.was_run = true;
  result.first_difference = apps_first_difference (run->apps, twin->apps, &result.compared);
  result.is_equal = result.first_difference == UINT32_MAX;
  return result;
}

LabVerdict
lab_verdict_of (const LabRun *run, const LabRun *twin)
{
  bool breaks_rules = run->rules != NULL && rule_book_n_broken (run->rules, RULE_VIOLATION) > 0;
  bool disappoints = run->expect != NULL && lab_expect_n (run->expect, LAB_VIOLATED) > 0;

  if (breaks_rules || disappoints || !apps_all_in_order (run->apps)
      || !lab_verdict_twin (run, twin).is_equal)
    return LAB_VERDICT_BROKEN;
  if (run->interrupted || run->stop == SIM_STOP_EVENTS || run->stop == SIM_STOP_LIVELOCK
      || run->stop == SIM_STOP_REQUEST)
    return LAB_VERDICT_NONE;
  return LAB_VERDICT_CLEAN;
}

const char *
lab_verdict_name (LabVerdict verdict)
{
  static const char *const names[] = { "clean", "broken", "none" };
  return names[verdict];
}

LabRuleCounts
lab_verdict_counts (const LabRun *run)
{
  LabRuleCounts counts = { .warned = 0 };

  for (RuleId rule = 0; run->rules != NULL && rule < RULE_N; rule++) {
    RuleVerdict verdict = rule_book_verdict (run->rules, rule);
    counts.of[verdict]++;
    counts.warned += verdict == RULE_BROKEN && rule_info (rule)->severity == RULE_WARNING;
  }
  return counts;
}

static void
write_counts (LabJson *json, const LabRun *run)
{
  LabRuleCounts counts = lab_verdict_counts (run);

  lab_json_begin_object (json, "counts");
  lab_json_unsigned (json, "held", counts.of[RULE_HELD]);
  lab_json_unsigned (json, "broken", counts.of[RULE_BROKEN]);
  lab_json_unsigned (json, "never_exercised", counts.of[RULE_NEVER_EXERCISED]);
  lab_json_unsigned (json, "not_monitored", counts.of[RULE_NOT_MONITORED]);
  lab_json_unsigned (json, "violations", rule_book_n_broken (run->rules, RULE_VIOLATION));
  lab_json_unsigned (json, "warnings", rule_book_n_broken (run->rules, RULE_WARNING));
  lab_json_end_object (json);
}

static void
write_rules (LabJson *json, const RuleBook *book)
{
  lab_json_begin_array (json, "rules");
  for (RuleId rule = 0; rule < RULE_N; rule++) {
    RuleVerdict verdict = rule_book_verdict (book, rule);
    if (verdict == RULE_NOT_MONITORED)
      continue;
    lab_json_begin_object (json, NULL);
    lab_json_string (json, "id", rule_info (rule)->id);
    lab_json_string (json, "verdict", rule_verdict_name (verdict));
    lab_json_string (json, "severity", rule_severity_name (rule_info (rule)->severity));
    lab_json_unsigned (json, "tested", rule_book_tested (book, rule));
    lab_json_unsigned (json, "broken", rule_book_broken (book, rule));
    lab_json_end_object (json);
  }
  lab_json_end_array (json);
}

static void
write_record (LabJson *json, const char *name, const SimRecord *record)
{
  g_autoptr (GString) line = g_string_new (NULL);

  trace_text_print (line, record, NULL);
  lab_json_string (json, name, line->str);
}

static void
write_violation (LabJson *json, const RuleViolation *violation)
{
  lab_json_begin_object (json, NULL);
  lab_json_string (json, "rule", rule_info (violation->rule)->id);
  lab_json_string (json, "severity", rule_severity_name (violation->severity));
  lab_json_integer (json, "time_ps", violation->when.ps);
  if (violation->connection_id != RULE_NO_CONNECTION)
    lab_json_unsigned (json, "connection_id", violation->connection_id);
  if (violation->object_id != 0)
    lab_json_unsigned (json, "object_id", violation->object_id);
  if (violation->op_id != 0)
    lab_json_unsigned (json, "op_id", violation->op_id);
  if (violation->nbl_id != 0)
    lab_json_unsigned (json, "nbl_id", violation->nbl_id);
  lab_json_string (json, "what", violation->text);
  lab_json_string (json, "text", rule_info (violation->rule)->text);
  lab_json_string (json, "source", rule_info (violation->rule)->source);
  lab_json_begin_array (json, "proof");
  for (uint32_t i = 0; i < violation->n_records; i++)
    write_record (json, NULL, &violation->records[i]);
  lab_json_end_array (json);
  lab_json_end_object (json);
}

/* What was taken and not put back when the run ended, by resource. */
static void
write_ledger (LabJson *json, const RuleBook *book)
{
  uint32_t n_outstanding;
  const RuleOutstanding *outstanding = rule_book_outstanding (book, &n_outstanding);
  uint64_t n_of[TRACE_N_RESOURCES] = { 0 };

  for (uint32_t i = 0; i < n_outstanding; i++)
    if (outstanding[i].what >= 0 && outstanding[i].what < TRACE_N_RESOURCES)
      n_of[outstanding[i].what]++;
  lab_json_begin_object (json, "outstanding");
  for (TraceResource what = 0; what < TRACE_N_RESOURCES; what++)
    lab_json_unsigned (json, trace_resource_name (what), n_of[what]);
  lab_json_end_object (json);
}

static void
write_book (LabJson *json, const LabRun *run)
{
  write_counts (json, run);
  write_ledger (json, run->rules);
  lab_json_begin_array (json, "violations");
  for (uint32_t i = 0; i < rule_book_n_violations (run->rules); i++)
    write_violation (json, rule_book_violation (run->rules, i));
  lab_json_end_array (json);
  write_rules (json, run->rules);
}

static void
write_twin (LabJson *json, LabTwin twin)
{
  lab_json_begin_object (json, "twin");
  lab_json_boolean (json, "run", twin.was_run);
  if (twin.was_run) {
    lab_json_boolean (json, "equal", twin.is_equal);
    lab_json_unsigned (json, "messages_compared", twin.compared.messages);
    lab_json_unsigned (json, "bytes_compared", twin.compared.bytes);
    if (!twin.is_equal)
      lab_json_unsigned (json, "first_difference_connection_id", twin.first_difference);
  }
  lab_json_end_object (json);
}

static void
write_expectation (LabJson *json, const LabExpectation *expectation, const LabJudged *judged)
{
  lab_json_begin_object (json, NULL);
  lab_json_string (json, "id", expectation->id);
  lab_json_string (json, "expects", expectation->text);
  lab_json_string (json, "verdict", lab_judgement_name (judged->judgement));
  if (!sim_time_is_never (judged->when))
    lab_json_integer (json, "time_ps", judged->when.ps);
  lab_json_string (json, "why", judged->why);
  lab_json_begin_array (json, "proof");
  for (uint32_t i = 0; i < judged->n_records; i++)
    write_record (json, NULL, &judged->record[i]);
  lab_json_end_array (json);
  lab_json_end_object (json);
}

static void
write_expectations (LabJson *json, const LabExpect *expect)
{
  lab_json_begin_array (json, "expectations");
  for (uint32_t i = 0; expect != NULL && i < lab_expect_count (expect); i++)
    write_expectation (json, lab_expect_expectation (expect, i), lab_expect_judged (expect, i));
  lab_json_end_array (json);
}

static void
write_situations (LabJson *json, const LabSituations *situations)
{
  LabSituationSet wanted = situations != NULL ? lab_situations_wanted (situations) : 0;

  lab_json_begin_array (json, "situations");
  for (LabSituation s = 0; s < LAB_N_SITUATIONS; s++) {
    if ((wanted & LAB_SITUATION_BIT (s)) == 0)
      continue;
    const LabMeeting *meeting = lab_situations_meeting (situations, s);
    lab_json_begin_object (json, NULL);
    lab_json_string (json, "situation", lab_situation_info (s)->name);
    lab_json_unsigned (json, "met", meeting->count);
    if (meeting->count > 0) {
      lab_json_integer (json, "first_ps", meeting->first.when.ps);
      if (meeting->connection != UINT32_MAX)
        lab_json_unsigned (json, "connection_id", meeting->connection);
      write_record (json, "record", &meeting->first);
    }
    lab_json_end_object (json);
  }
  lab_json_end_array (json);
}

char *
lab_verdict_json (const LabRun *run, const LabRun *twin)
{
  LabJson *json = lab_json_new ();

  lab_json_begin_object (json, NULL);
  lab_json_string (json, "verdict", lab_verdict_name (lab_verdict_of (run, twin)));
  lab_json_string (json, "stop", sim_stop_name (run->stop));
  lab_json_boolean (json, "interrupted", run->interrupted);
  lab_json_boolean (json, "bytes_in_order", apps_all_in_order (run->apps));
  write_twin (json, lab_verdict_twin (run, twin));
  write_expectations (json, run->expect);
  write_situations (json, run->situations);
  lab_json_boolean (json, "rules_judged", run->rules != NULL);
  if (run->rules != NULL)
    write_book (json, run);
  lab_json_end_object (json);
  return lab_json_free_to_text (json);
}
