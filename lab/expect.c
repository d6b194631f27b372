#include "lab/expect.h"

#include <string.h>

#include "lab/columns.h"
#include "lab/stats.h"
#include "lab/watch.h"
#include "sim/assert.h"

/* One expectation under judgement. */
typedef struct Case {
  const LabExpectation *expectation;
  uint32_t n_terms;
  uint32_t place[LAB_CLAIM_TERMS_MAX]; /* of its claim's terms in the watch */
  LabOrder *order;
  bool has_begun;  /* its event, or the run */
  bool is_fresh;   /* it has begun in this instant */
  bool is_settled; /* nothing more to judge */
  SimTime deadline;
  LabJudged judged;
} Case;

struct LabExpect {
  const WorldConfig *config;
  Case *cases;
  uint32_t count;
  LabWatch *watch;
  SimTime instant; /* that the records seen last are of */
  bool is_dirty;   /* something was changed in it */
  SimTime next_deadline;
};

const char *
lab_judgement_name (LabJudgement judgement)
{
  static const char *const names[] = { "never judged", "held", "violated" };
  return names[judgement];
}

static bool
has_claim (const Case *c)
{
  return c->expectation->claim != NULL;
}

static void
settle (Case *c, LabJudgement judgement, SimTime when, char *why)
{
  SIM_ASSERT (!c->is_settled);
  c->is_settled = true;
  c->judged.judgement = judgement;
  c->judged.when = when;
  c->judged.why = why;
}

static void
prove (Case *c, const SimRecord *record)
{
  SIM_ASSERT (c->judged.n_records < LAB_PROOF_RECORDS);
  if (record != NULL)
    c->judged.record[c->judged.n_records++] = *record;
}

/* Claims */

static void
values_of (const LabExpect *expect, const Case *c, int64_t ret_values[LAB_CLAIM_TERMS_MAX])
{
  for (uint32_t i = 0; i < c->n_terms; i++)
    ret_values[i] = lab_watch_value (expect->watch, c->place[i]);
}

static bool
has_changed (const LabExpect *expect, const Case *c)
{
  for (uint32_t i = 0; i < c->n_terms; i++)
    if (lab_watch_has_changed (expect->watch, c->place[i]))
      return true;
  return false;
}

/* The last record that changed something in the claim. */
static const SimRecord *
cause_of (const LabExpect *expect, const Case *c)
{
  const SimRecord *last = NULL;

  for (uint32_t i = 0; i < c->n_terms; i++) {
    const SimRecord *cause = lab_watch_cause (expect->watch, c->place[i]);
    if (cause != NULL && (last == NULL || cause->number > last->number))
      last = cause;
  }
  return last;
}

static void
settle_claim (const LabExpect *expect, Case *c, LabJudgement judgement, SimTime when)
{
  int64_t values[LAB_CLAIM_TERMS_MAX];

  values_of (expect, c, values);
  settle (c, judgement, when, lab_claim_values (c->expectation->claim, values));
  prove (c, cause_of (expect, c));
}

/* Judges a claim at the end of the instant |when|. */
static void
judge_claim (const LabExpect *expect, Case *c, SimTime when)
{
  int64_t values[LAB_CLAIM_TERMS_MAX];
  bool waits_for = c->expectation->kind == LAB_EXPECT_EVENTUALLY;

  values_of (expect, c, values);
  if (lab_claim_holds (c->expectation->claim, values) == waits_for)
    settle_claim (expect, c, waits_for ? LAB_HELD : LAB_VIOLATED, when);
}

/* The time of a claim is over: what was awaited has not come, what was to stay has stayed. */
static void
expire (const LabExpect *expect, Case *c)
{
  bool waits_for = c->expectation->kind == LAB_EXPECT_EVENTUALLY;

  settle_claim (expect, c, waits_for ? LAB_VIOLATED : LAB_HELD, c->deadline);
}

static void
close_instant (LabExpect *expect)
{
  for (uint32_t i = 0; i < expect->count; i++) {
    Case *c = &expect->cases[i];
    bool is_open = has_claim (c) && c->has_begun && !c->is_settled;
    if (is_open && (c->is_fresh || has_changed (expect, c)))
      judge_claim (expect, c, expect->instant);
    c->is_fresh = false;
  }
  lab_watch_settle (expect->watch);
  expect->is_dirty = false;
}

/* Expires what should have been settled before |now|. */
static void
pass_deadlines (LabExpect *expect, SimTime now)
{
  expect->next_deadline = SIM_TIME_NEVER;
  for (uint32_t i = 0; i < expect->count; i++) {
    Case *c = &expect->cases[i];
    if (!has_claim (c) || !c->has_begun || c->is_settled)
      continue;
    if (sim_time_before (c->deadline, now))
      expire (expect, c);
    else
      expect->next_deadline = sim_time_min (expect->next_deadline, c->deadline);
  }
}

/* The records up to |now| have been seen, those of |now| not yet. */
static void
advance (LabExpect *expect, SimTime now)
{
  if (!sim_time_before (expect->instant, now))
    return;
  if (expect->is_dirty)
    close_instant (expect);
  if (sim_time_before (expect->next_deadline, now))
    pass_deadlines (expect, now);
  expect->instant = now;
}

/* Cases */

static void
begin_case (LabExpect *expect, Case *c, SimTime now)
{
  const LabOrderScope *scope = &c->expectation->scope;

  c->has_begun = c->is_fresh = true;
  c->deadline = scope->has_within ? sim_time_add (now, scope->within) : SIM_TIME_NEVER;
  expect->next_deadline = sim_time_min (expect->next_deadline, c->deadline);
  expect->is_dirty = true;
}

static void
on_timeline (LabExpect *expect, const SimRecord *record)
{
  if (record->column[TIMELINE_PHASE] != 0)
    return;
  for (uint32_t i = 0; i < expect->count; i++)
    if (expect->cases[i].expectation->scope.event == (uint32_t)record->column[TIMELINE_EVENT])
      begin_case (expect, &expect->cases[i], record->when);
}

static void
read_record (void *data, const SimRecord *record)
{
  LabExpect *expect = data;

  advance (expect, record->when);
  if (lab_watch_read (expect->watch, record))
    expect->is_dirty = true;
  if (record->kind == TRACE_TIMELINE)
    on_timeline (expect, record);
  if (record->kind == TRACE_TIMELINE || record->kind == TRACE_CALL_BEGIN)
    for (uint32_t i = 0; i < expect->count; i++)
      if (expect->cases[i].order != NULL)
        lab_order_read (expect->cases[i].order, record);
}

static void
init_case (LabExpect *expect, Case *c, const LabExpectation *expectation)
{
  c->expectation = expectation;
  c->judged.when = SIM_TIME_NEVER;
  c->deadline = SIM_TIME_NEVER;
  if (expectation->kind == LAB_EXPECT_ORDER)
    c->order = lab_order_new (expectation->moment, expectation->n_moments, expectation->scope);
  if (expectation->claim != NULL) {
    const LabTerm *term = lab_claim_terms (expectation->claim, &c->n_terms);
    for (uint32_t i = 0; i < c->n_terms; i++)
      c->place[i] = lab_watch_add (expect->watch, &term[i]);
  }
  if (expectation->scope.event == LAB_NO_EVENT)
    begin_case (expect, c, SIM_TIME_ZERO);
}

static bool
wants (const LabExpect *expect, uint16_t kind)
{
  if (lab_watch_wants (expect->watch, kind))
    return true;
  for (uint32_t i = 0; i < expect->count; i++) {
    const Case *c = &expect->cases[i];
    bool has_event = c->expectation->scope.event != LAB_NO_EVENT;
    if ((kind == TRACE_TIMELINE && has_event)
        || (c->order != NULL && lab_order_wants (c->order, kind)))
      return true;
  }
  return false;
}

LabExpect *
lab_expect_new (SimTrace *trace, const WorldConfig *config, const GPtrArray *expectations)
{
  LabExpect *expect = g_new0 (LabExpect, 1);
  uint16_t kinds[TRACE_N_KINDS];
  size_t n = 0;

  expect->config = config;
  expect->count = expectations->len;
  expect->cases = g_new0 (Case, MAX (expect->count, 1));
  expect->watch = lab_watch_new (config);
  expect->next_deadline = SIM_TIME_NEVER;
  for (uint32_t i = 0; i < expect->count; i++)
    init_case (expect, &expect->cases[i], expectations->pdata[i]);
  for (uint16_t kind = 0; kind < TRACE_N_KINDS; kind++)
    if (wants (expect, kind))
      kinds[n++] = kind;
  if (n > 0)
    sim_trace_add_reader (trace, read_record, expect, kinds, n);
  return expect;
}

void
lab_expect_free (LabExpect *expect)
{
  if (expect == NULL)
    return;
  for (uint32_t i = 0; i < expect->count; i++) {
    lab_order_free (expect->cases[i].order);
    g_free (expect->cases[i].judged.why);
  }
  lab_watch_free (expect->watch);
  g_free (expect->cases);
  g_free (expect);
}

/* The end */

static char *
never_happened (const LabExpect *expect, const Case *c)
{
  return g_strdup_printf ("event %s did not happen",
                          expect->config->event[c->expectation->scope.event].id);
}

static void
finish_claim (const LabExpect *expect, Case *c, SimTime end, bool was_cut_short)
{
  bool waits_for = c->expectation->kind == LAB_EXPECT_EVENTUALLY;
  bool has_deadline = c->expectation->scope.has_within;

  if (!c->has_begun)
    settle (c, LAB_NEVER_JUDGED, SIM_TIME_NEVER, never_happened (expect, c));
  else if (sim_time_equal (c->deadline, end))
    expire (expect, c);
  else if (!waits_for)
    settle_claim (expect, c, LAB_HELD, end);
  else if (has_deadline || was_cut_short)
    settle (c, LAB_NEVER_JUDGED, SIM_TIME_NEVER,
            g_strdup ("the run ended before its time was over"));
  else
    settle_claim (expect, c, LAB_VIOLATED, end);
}

static void
finish_order (const LabExpect *expect, Case *c)
{
  const LabMoment *moment = c->expectation->moment;
  LabOrderResult result = lab_order_result (c->order);
  uint32_t count = c->expectation->n_moments;

  if (result.late < count) {
    const SimRecord *early = lab_order_record (c->order, result.late);
    const SimRecord *late = lab_order_record (c->order, result.late - 1);
    settle (c, LAB_VIOLATED, early->when,
            g_strdup_printf ("%s came before %s", moment[result.late].text,
                             moment[result.late - 1].text));
    prove (c, early);
    prove (c, late);
  } else if (!lab_order_event_has_begun (c->order)) {
    settle (c, LAB_NEVER_JUDGED, SIM_TIME_NEVER, never_happened (expect, c));
  } else if (result.missing < count) {
    settle (c, LAB_NEVER_JUDGED, SIM_TIME_NEVER,
            g_strdup_printf ("%s did not come", moment[result.missing].text));
  } else {
    const SimRecord *last = lab_order_record (c->order, count - 1);
    settle (c, LAB_HELD, last->when, g_strdup_printf ("%s came last", moment[count - 1].text));
  }
}

static void
append_bound (GString *why, const LabBound *bound, int64_t ps)
{
  g_autofree char *us = lab_decimal_text (ps / SIM_PS_PER_NS, 3);

  g_string_append_printf (why, "%s%s is %s us", why->len > 0 ? ", " : "", bound->percentile->name,
                          us);
}

static void
finish_latency (Case *c, const Latency *latency, SimTime end)
{
  const LabExpectation *expectation = c->expectation;
  g_autoptr (GArray) times =
      latency != NULL ? lab_latency_times (latency, expectation->latency) : NULL;
  GString *why = g_string_new (NULL);
  LabJudgement judgement = LAB_HELD;

  if (times == NULL || times->len == 0) {
    g_string_append (why, "no such operation was measured");
    settle (c, LAB_NEVER_JUDGED, SIM_TIME_NEVER, g_string_free (why, FALSE));
    return;
  }
  for (uint32_t i = 0; i < expectation->n_bounds; i++) {
    const LabBound *bound = &expectation->bound[i];
    int64_t ps = latency_percentile (times, bound->percentile->parts_per_million);
    append_bound (why, bound, ps);
    if (!lab_bound_holds (bound, ps))
      judgement = LAB_VIOLATED;
  }
  g_string_append_printf (why, " of %u operations", times->len);
  settle (c, judgement, end, g_string_free (why, FALSE));
}

void
lab_expect_finish (LabExpect *expect, SimTime end, bool was_cut_short, const Latency *latency)
{
  advance (expect, end);
  if (expect->is_dirty)
    close_instant (expect);
  for (uint32_t i = 0; i < expect->count; i++) {
    Case *c = &expect->cases[i];
    if (c->is_settled)
      continue;
    if (c->order != NULL)
      finish_order (expect, c);
    else if (c->expectation->kind == LAB_EXPECT_LATENCY)
      finish_latency (c, latency, end);
    else
      finish_claim (expect, c, end, was_cut_short);
  }
}

uint32_t
lab_expect_count (const LabExpect *expect)
{
  return expect->count;
}

const LabExpectation *
lab_expect_expectation (const LabExpect *expect, uint32_t index)
{
  SIM_ASSERT (index < expect->count);
  return expect->cases[index].expectation;
}

const LabJudged *
lab_expect_judged (const LabExpect *expect, uint32_t index)
{
  SIM_ASSERT (index < expect->count);
  return &expect->cases[index].judged;
}

uint32_t
lab_expect_n (const LabExpect *expect, LabJudgement judgement)
{
  uint32_t n = 0;

  for (uint32_t i = 0; i < expect->count; i++)
    n += expect->cases[i].judged.judgement == judgement;
  return n;
}
