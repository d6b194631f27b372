#include "tests/support.h"

#include <string.h>

#include "models/rules/book.h"
#include "models/trace/trace_text.h"
#include "models/rules/trace_names.h"

/* A book that reads lines. */
static int
set_up (void **state)
{
  *state = rule_book_new (NULL, NULL);
  return 0;
}

static int
tear_down (void **state)
{
  rule_book_free (*state);
  return 0;
}

static void
read_lines (RuleBook *book, const char *const *lines, size_t n)
{
  for (size_t i = 0; i < n; i++) {
    g_autoptr (GError) error = NULL;
    SimRecord record;
    if (!trace_text_parse (lines[i], &rule_trace_names, &record, &error))
      fail_msg ("%s: %s", lines[i], error->message);
    record.number = i + 1;
    rule_book_read (book, &record);
  }
}

#define READ(book, ...)                                  \
  do {                                                   \
    static const char *const lines_[] = { __VA_ARGS__ }; \
    read_lines (book, lines_, G_N_ELEMENTS (lines_));    \
  } while (0)

/* A send call that returns success, of list |n| on connection object 3. */
#define BAD_SEND(n)                                                                         \
  "10 0 call-begin crossing=" #n " call=MiniportTcpOffloadSend layer=1 op=" #n " object=3", \
      "11 0 call-end crossing=" #n " call=MiniportTcpOffloadSend layer=1 op=" #n            \
      " status=NDIS_STATUS_SUCCESS"
#define GOOD_SEND(n)                                                                        \
  "10 0 call-begin crossing=" #n " call=MiniportTcpOffloadSend layer=1 op=" #n " object=3", \
      "11 0 call-end crossing=" #n " call=MiniportTcpOffloadSend layer=1 op=" #n            \
      " status=NDIS_STATUS_PENDING"

static void
a_rule_that_never_came_up_was_never_exercised (void **state)
{
  assert_int_equal (rule_book_verdict (*state, RULE_SEND_01), RULE_NEVER_EXERCISED);
  assert_int_equal (rule_book_verdict (*state, RULE_CALL_09), RULE_NOT_MONITORED);
}

static void
a_rule_that_was_kept_is_held_and_counted (void **state)
{
  READ (*state, GOOD_SEND (1), GOOD_SEND (2));

  assert_int_equal (rule_book_verdict (*state, RULE_SEND_01), RULE_HELD);
  assert_int_equal (rule_book_tested (*state, RULE_SEND_01), 2);
  assert_int_equal (rule_book_broken (*state, RULE_SEND_01), 0);
}

static void
a_violation_tells_what_when_and_about_whom_and_proves_it (void **state)
{
  READ (*state, BAD_SEND (4));

  assert_int_equal (rule_book_n_violations (*state), 1);
  const RuleViolation *violation = rule_book_violation (*state, 0);
  assert_int_equal (violation->rule, RULE_SEND_01);
  assert_int_equal (violation->severity, RULE_VIOLATION);
  assert_int_equal (violation->when.ps, 11);
  assert_int_equal (violation->nbl_id, 4);
  assert_int_equal (violation->connection_id, RULE_NO_CONNECTION);
  assert_string_equal (violation->text, "MiniportTcpOffloadSend returns NDIS_STATUS_SUCCESS");
  assert_int_equal (violation->n_records, 2);
  assert_int_equal (violation->records[0].kind, TRACE_CALL_BEGIN);
  assert_int_equal (violation->records[1].kind, TRACE_CALL_END);
  assert_int_equal (rule_book_n_broken (*state, RULE_VIOLATION), 1);
  assert_int_equal (rule_book_n_broken (*state, RULE_WARNING), 0);
}

static void
an_object_that_broke_a_rule_is_not_judged_again (void **state)
{
  READ (*state, BAD_SEND (4), BAD_SEND (4), BAD_SEND (5));

  assert_int_equal (rule_book_n_violations (*state), 2);
  assert_int_equal (rule_book_broken (*state, RULE_SEND_01), 2);
  assert_int_equal (rule_book_tested (*state, RULE_SEND_01), 3);
}

static void
a_rule_that_is_off_judges_nothing (G_GNUC_UNUSED void **state)
{
  static const RuleId off[] = { RULE_SEND_01 };
  RuleBook *book = rule_book_new (NULL, &(RuleBookOptions){ .off = off, .n_off = 1 });

  READ (book, BAD_SEND (4));

  assert_int_equal (rule_book_n_violations (book), 0);
  assert_int_equal (rule_book_verdict (book, RULE_SEND_01), RULE_NOT_MONITORED);
  rule_book_free (book);
}

static void
violations_beyond_the_limit_are_counted_only (G_GNUC_UNUSED void **state)
{
  RuleBook *book = rule_book_new (NULL, &(RuleBookOptions){ .violations_max = 1 });

  READ (book, BAD_SEND (4), BAD_SEND (5), BAD_SEND (6));

  assert_int_equal (rule_book_n_violations (book), 1);
  assert_int_equal (rule_book_n_broken (book, RULE_VIOLATION), 3);
  rule_book_free (book);
}

static void
proofs_are_in_order_and_have_each_record_once (void **state)
{
  RuleBook *book = *state;
  READ (book, GOOD_SEND (1));

  rule_report (book, RULE_SEND_01, &(RuleProof){ .nbl = 9, .at = { 2, 1, 0, 2 } }, "made up");

  const RuleViolation *violation = rule_book_violation (book, 0);
  assert_int_equal (violation->n_records, 2);
  assert_int_equal (violation->records[0].number, 1);
  assert_int_equal (violation->records[1].number, 2);
}

static void
evidence_that_is_too_old_is_left_out (G_GNUC_UNUSED void **state)
{
  RuleEvidence evidence;
  SimRecord record = { .kind = TRACE_PUT, .n_columns = TRACE_N_PUT };

  rule_evidence_init (&evidence);
  for (uint64_t i = 1; i <= RULE_EVIDENCE_RECORDS + 5; i++) {
    record.number = i;
    assert_int_equal (rule_evidence_add (&evidence, &record), i);
  }

  assert_null (rule_evidence_at (&evidence, 0));
  assert_null (rule_evidence_at (&evidence, 5));
  assert_int_equal (rule_evidence_at (&evidence, 6)->number, 6);
  assert_null (rule_evidence_at (&evidence, RULE_EVIDENCE_RECORDS + 6));
  rule_evidence_clear (&evidence);
}

/* A run that a limit cut off is not blamed for what is under way. */
static const char *const outstanding[] = {
  "5 0 take what=0 id=7 layer=1 object=3",
  "6 0 take what=0 id=2 layer=1 object=3",
  "10 0 call-begin crossing=1 call=MiniportUpdateOffload layer=1 op=4 arg0=0",
  "11 0 call-end crossing=1 call=MiniportUpdateOffload layer=1 op=4",
};

static void
what_is_under_way_when_a_run_is_cut_off_breaks_nothing (void **state)
{
  read_lines (*state, outstanding, G_N_ELEMENTS (outstanding));

  rule_book_finish (*state, true);

  assert_int_equal (rule_book_n_violations (*state), 0);
}

static void
what_is_outstanding_when_a_run_has_come_to_rest_is_lost (void **state)
{
  read_lines (*state, outstanding, G_N_ELEMENTS (outstanding));

  rule_book_finish (*state, false);

  assert_int_equal (rule_book_broken (*state, RULE_CALL_02), 1);
  assert_int_equal (rule_book_broken (*state, RULE_LEDGER_04), 1);
}

static void
what_is_outstanding_is_listed_by_resource_and_id (void **state)
{
  uint32_t count;
  read_lines (*state, outstanding, G_N_ELEMENTS (outstanding));
  rule_book_finish (*state, true);

  const RuleOutstanding *items = rule_book_outstanding (*state, &count);

  assert_int_equal (count, 2);
  assert_int_equal (items[0].id, 2);
  assert_int_equal (items[1].id, 7);
  assert_int_equal (items[1].taken.ps, 5);
}

static void
crossings_know_what_they_are_inside_of (void **state)
{
  RuleBook *book = *state;
  READ (book, "1 0 call-begin crossing=1 call=MiniportInitiateOffload layer=1 op=4",
        "2 0 call-begin crossing=2 call=NdisInitiateOffload parent=1 layer=1 op=4",
        "3 0 call-begin crossing=3 call=MiniportInitiateOffload parent=2 layer=2 op=4",
        "4 0 power part=0 from=0 to=1");

  const RuleCrossing *x = rule_crossing_find (&book->crossings, 3);

  assert_non_null (x);
  assert_int_equal (x->edge, 2);
  assert_int_equal (x->verb, RULE_INITIATE);
  assert_int_equal (x->station, RULE_DOWN_HANDLER);
  assert_int_equal (rule_crossing_find (&book->crossings, 2)->edge, 2);
  assert_int_equal (
      rule_crossing_around (&book->crossings, x, RULE_SET_STATE, RULE_DOWN_HANDLER)->id, 1);
  assert_int_equal (book->crossings.target_layer, 2);
}

/* Every call that crosses is one of a verb and a station, and the way back is on the same edge. */
static void
every_call_has_a_verb_and_a_station_that_fits_its_direction (G_GNUC_UNUSED void **state)
{
  for (NdisCall call = NDIS_CALL_NONE + 1; call < NDIS_N_CALLS; call++) {
    RuleStation station = rule_call_station (call);
    bool is_down = station == RULE_DOWN_CALL || station == RULE_DOWN_HANDLER;
    const char *name = trace_call_name (call);
    if (rule_call_verb (call) != RULE_SETUP && is_down != trace_call_is_down (call))
      fail_msg ("%s goes the wrong way", name);
    bool is_handler = station == RULE_DOWN_HANDLER || station == RULE_UP_HANDLER;
    bool is_named_one = g_str_has_prefix (name, "Miniport") || g_str_has_prefix (name, "Protocol");
    if (rule_call_verb (call) != RULE_SETUP && is_handler != is_named_one)
      fail_msg ("%s is at the wrong station", name);
  }
}

static void
a_book_reads_the_trace_of_a_machine (G_GNUC_UNUSED void **state)
{
  Sim *sim = sim_new (1);
  sim_trace_set_kinds (sim_trace (sim), trace_kinds, TRACE_N_KINDS);
  RuleBook *book = rule_book_new (sim, NULL);

  TRACE (sim_trace (sim), 1, TAKE, TRACE_RESOURCE_NBL, 3, 0, 0);
  TRACE (sim_trace (sim), 1, PUT, TRACE_RESOURCE_NBL, 3, 0, 0);
  TRACE (sim_trace (sim), 1, PUT, TRACE_RESOURCE_NBL, 3, 0, 0);

  assert_int_equal (rule_book_tested (book, RULE_LEDGER_03), 3);
  assert_int_equal (rule_book_broken (book, RULE_LEDGER_03), 1);
  rule_book_free (book);
  sim_free (sim);
}

static void
reading_after_the_end_is_a_bug (void **state)
{
  SimRecord record = { .kind = TRACE_POWER, .n_columns = TRACE_N_POWER };
  rule_book_finish (*state, true);
  expect_assert_failure (rule_book_read (*state, &record));
}

int
main (void)
{
#define TEST(name) cmocka_unit_test_setup_teardown (name, set_up, tear_down)
  const struct CMUnitTest tests[] = {
    TEST (a_rule_that_never_came_up_was_never_exercised),
    TEST (a_rule_that_was_kept_is_held_and_counted),
    TEST (a_violation_tells_what_when_and_about_whom_and_proves_it),
    TEST (an_object_that_broke_a_rule_is_not_judged_again),
    TEST (a_rule_that_is_off_judges_nothing),
    TEST (violations_beyond_the_limit_are_counted_only),
    TEST (proofs_are_in_order_and_have_each_record_once),
    TEST (evidence_that_is_too_old_is_left_out),
    TEST (what_is_under_way_when_a_run_is_cut_off_breaks_nothing),
    TEST (what_is_outstanding_when_a_run_has_come_to_rest_is_lost),
    TEST (what_is_outstanding_is_listed_by_resource_and_id),
    TEST (crossings_know_what_they_are_inside_of),
    TEST (every_call_has_a_verb_and_a_station_that_fits_its_direction),
    TEST (a_book_reads_the_trace_of_a_machine),
    TEST (reading_after_the_end_is_a_bug),
  };
  return cmocka_run_group_tests_name ("rule_book", tests, NULL, NULL);
}
