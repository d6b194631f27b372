#include "tests/support.h"

#include "lab/expect.h"
#include "lab/scenario.h"
#include "tests/lab/fragment.h"

#define HEAD                                                                       \
  "format: chimsim/1\n"                                                            \
  "name: x\n"                                                                      \
  "stop: {at: 1 ms}\n"                                                             \
  "target: {tables: {tcp: 2}}\n"                                                   \
  "connections: {web: {count: 3}, mail: {count: 2}}\n"                             \
  "timeline:\n"                                                                    \
  "  - {id: bulk, at: 1 us, do: offload, target: web}\n"                           \
  "  - {id: rst, at: 2 us, do: receive, target: web/1, segment: {flags: [RST]}}\n" \
  "checks:\n"                                                                      \
  "  expect:\n"                                                                    \
  "    - "

#define END_PS 1000000
#define LINES_MAX 12

static LabScenario *
load (const char *expectation)
{
  static const char *const folders[] = { NULL };
  g_autofree char *text = g_strconcat (HEAD, expectation, "\n", NULL);
  LabScenarioRequest request = {
    .path = "x.yaml", .text = text, .n_bytes = strlen (text), .preset_folders = folders
  };
  g_autoptr (GError) error = NULL;
  LabScenario *scenario = lab_scenario_load (&request, &error);

  if (scenario == NULL)
    fail_msg ("%s", error->message);
  return scenario;
}

/* What a fragment makes of an expectation. */
typedef struct Row {
  const char *expectation;
  const char *lines[LINES_MAX];
  LabJudgement judgement;
  int64_t when_ps; /* -1: never */
  const char *why;
} Row;

#define OFFLOAD(when, connection) #when " owner connection=" #connection " owner=target op=1"
#define UPLOAD(when, connection) #when " owner connection=" #connection " owner=host op=1"
#define STATE(when, connection, side, to) \
#when " connection-state connection=" #connection " side=" #side " to=" #to

static const Row rows[] = {
  /* eventually */
  { "{eventually: offloaded(web) == 2}",
    { OFFLOAD (5, 0), OFFLOAD (9, 2) },
    LAB_HELD,
    9,
    "offloaded(web) is 2" },
  { "{eventually: offloaded(web) == 2}",
    { OFFLOAD (5, 0), OFFLOAD (9, 3) },
    LAB_VIOLATED,
    END_PS,
    "offloaded(web) is 1" },
  { "{eventually: offloaded(web) == 0}", { OFFLOAD (5, 0) }, LAB_HELD, 0, "offloaded(web) is 0" },
  { "{eventually: offloaded(web) == 1, of: bulk}",
    { OFFLOAD (5, 0), UPLOAD (6, 0), "7 timeline event=0 phase=0", OFFLOAD (9, 1) },
    LAB_HELD,
    9,
    "offloaded(web) is 1" },
  { "{eventually: offloaded(web) == 1, of: bulk}",
    { OFFLOAD (5, 0), "7 timeline event=0 phase=0" },
    LAB_HELD,
    7,
    "offloaded(web) is 1" },
  { "{eventually: offloaded(web) == 1, of: bulk}",
    { OFFLOAD (5, 0) },
    LAB_NEVER_JUDGED,
    -1,
    "event bulk did not happen" },
  { "{eventually: offloaded(web) == 1, of: bulk, within: 10 ps}",
    { "7 timeline event=0 phase=0", OFFLOAD (17, 1) },
    LAB_HELD,
    17,
    "offloaded(web) is 1" },
  { "{eventually: offloaded(web) == 1, of: bulk, within: 10 ps}",
    { "7 timeline event=0 phase=0", OFFLOAD (18, 1) },
    LAB_VIOLATED,
    17,
    "offloaded(web) is 0" },
  { "{eventually: offloaded(web) == 1, of: bulk, within: 10 ps}",
    { "7 timeline event=0 phase=0", UPLOAD (900, 1) },
    LAB_VIOLATED,
    17,
    "offloaded(web) is 0" },
  { "{eventually: offloaded(web) == 1, within: 1 us}",
    { UPLOAD (3, 1) },
    LAB_VIOLATED,
    END_PS,
    "offloaded(web) is 0" },
  { "{eventually: offloaded(web) == 1, within: 2 us}",
    { UPLOAD (3, 1) },
    LAB_NEVER_JUDGED,
    -1,
    "the run ended before its time was over" },
  /* always */
  { "{always: offloaded(target) <= tables(target).tcp}",
    { OFFLOAD (5, 0), OFFLOAD (6, 4) },
    LAB_HELD,
    END_PS,
    "offloaded(target) is 2" },
  { "{always: offloaded(target) <= tables(target).tcp}",
    { OFFLOAD (5, 0), OFFLOAD (6, 4), OFFLOAD (7, 1), UPLOAD (8, 1) },
    LAB_VIOLATED,
    7,
    "offloaded(target) is 3" },
  { "{always: offloaded(target) <= target.tables.tcp}",
    { OFFLOAD (5, 0), OFFLOAD (6, 4), OFFLOAD (7, 1) },
    LAB_VIOLATED,
    7,
    "offloaded(target) is 3" },
  { "{always: power(target) == D0 or offloaded(target) == 0}",
    { OFFLOAD (5, 0), "6 power part=1 from=0 to=3" },
    LAB_VIOLATED,
    6,
    "power(target) is D3, offloaded(target) is 1" },
  { "{always: offloaded(web) == 0, within: 10 ps}",
    { OFFLOAD (11, 0) },
    LAB_HELD,
    10,
    "offloaded(web) is 0" },
  { "{always: offloaded(web) == 0, within: 10 ps}",
    { OFFLOAD (10, 0) },
    LAB_VIOLATED,
    10,
    "offloaded(web) is 1" },
  { "{always: offloaded(web) == 0, of: rst}",
    { OFFLOAD (5, 0), UPLOAD (6, 0), "7 timeline event=1 phase=0" },
    LAB_HELD,
    END_PS,
    "offloaded(web) is 0" },
  { "{always: offloaded(web) == 0, of: rst}",
    { OFFLOAD (5, 0), "7 timeline event=1 phase=0" },
    LAB_VIOLATED,
    7,
    "offloaded(web) is 1" },
  /* an instant is seen whole */
  { "{always: offloaded(web) == offloaded(mail)}",
    { OFFLOAD (5, 0), OFFLOAD (5, 3) },
    LAB_HELD,
    END_PS,
    "offloaded(web) is 1, offloaded(mail) is 1" },
  { "{eventually: offloaded(web) == 1}",
    { OFFLOAD (5, 0), UPLOAD (5, 0) },
    LAB_VIOLATED,
    END_PS,
    "offloaded(web) is 0" },
  /* what can be named */
  { "{eventually: state(web/1) == ESTABLISHED and owner(web/1) == host}",
    { STATE (3, 1, 0, 4) },
    LAB_HELD,
    3,
    "state(web/1) is ESTABLISHED, owner(web/1) is host" },
  { "{eventually: state(web/1) == ESTABLISHED}",
    { STATE (3, 1, 1, 4), STATE (4, 1, 2, 4) },
    LAB_VIOLATED,
    END_PS,
    "state(web/1) is CLOSED" },
  { "{eventually: state(web/1) == ESTABLISHED}",
    { STATE (3, 1, 1, 4), OFFLOAD (8, 1) },
    LAB_HELD,
    8,
    "state(web/1) is ESTABLISHED" },
  { "{eventually: owner(web/2) == going-down}",
    { "4 owner connection=2 owner=going-down op=1" },
    LAB_HELD,
    4,
    "owner(web/2) is going-down" },
  { "{eventually: established(mail) == 2}",
    { STATE (1, 3, 0, 4), STATE (2, 4, 1, 4), OFFLOAD (7, 4) },
    LAB_HELD,
    7,
    "established(mail) is 2" },
  { "{always: established(web) >= 1, of: bulk}",
    { STATE (0, 0, 0, 4), "1 timeline event=0 phase=0", STATE (5, 0, 0, 7) },
    LAB_VIOLATED,
    5,
    "established(web) is 0" },
  { "{eventually: delivered(web) >= 1 KiB}",
    { "3 app-deliver connection=0 side=0 bytes=1000", "4 app-deliver connection=0 side=2 bytes=900",
      "5 app-deliver connection=2 side=0 bytes=24" },
    LAB_HELD,
    5,
    "delivered(web) is 1 KiB" },
  { "{always: link(wire) == up}",
    { "3 link up=0", "4 link up=1" },
    LAB_VIOLATED,
    3,
    "link(wire) is down" },
  { "{eventually: event(rst) == done}",
    { "3 timeline event=1 phase=0", "4 timeline event=1 phase=1" },
    LAB_HELD,
    4,
    "event(rst) is done" },
  { "{always: event(rst) != failed}",
    { "3 timeline event=1 phase=0", "4 timeline event=1 phase=2" },
    LAB_VIOLATED,
    4,
    "event(rst) is failed" },
  { "{eventually: \"offloaded(web) + offloaded(mail) - 1 > max(1, 2)\"}",
    { OFFLOAD (1, 0), OFFLOAD (2, 1), OFFLOAD (3, 2), OFFLOAD (4, 3) },
    LAB_HELD,
    4,
    "offloaded(web) is 3, offloaded(mail) is 1" },
  { "{eventually: \"not (offloaded(web) < min(2, 3, offloaded(mail)))\", of: bulk}",
    { OFFLOAD (1, 3), "2 timeline event=0 phase=0", OFFLOAD (3, 0) },
    LAB_HELD,
    3,
    "offloaded(web) is 1, offloaded(mail) is 1" },
};

typedef struct Judge {
  LabScenario *scenario;
  Fragment *fragment;
  LabExpect *expect;
} Judge;

static Judge
judge_begin (const char *expectation)
{
  Judge judge = { load (expectation), fragment_new (), NULL };

  judge.expect =
      lab_expect_new (sim_trace (judge.fragment->sim), lab_scenario_config (judge.scenario),
                      lab_scenario_checks (judge.scenario)->expectations);
  return judge;
}

static const LabJudged *
judge_end (Judge *judge, const char *const *lines, bool was_cut_short)
{
  fragment_play (judge->fragment, lines, END_PS);
  lab_expect_finish (judge->expect, (SimTime){ END_PS }, was_cut_short, NULL);
  return lab_expect_judged (judge->expect, 0);
}

static void
judge_clear (Judge *judge)
{
  lab_expect_free (judge->expect);
  fragment_free (judge->fragment);
  lab_scenario_free (judge->scenario);
}

static void
check_rows (const Row *table, size_t count)
{
  for (size_t i = 0; i < count; i++) {
    Judge judge = judge_begin (table[i].expectation);
    const LabJudged *judged = judge_end (&judge, table[i].lines, false);
    int64_t when = sim_time_is_never (judged->when) ? -1 : judged->when.ps;
    if (judged->judgement != table[i].judgement || when != table[i].when_ps
        || strcmp (judged->why, table[i].why) != 0)
      fail_msg ("row %zu, %s: %s at %ld: %s", i, table[i].expectation,
                lab_judgement_name (judged->judgement), (long)when, judged->why);
    judge_clear (&judge);
  }
}

static void
conditions_are_judged_at_the_instant_that_decides (G_GNUC_UNUSED void **state)
{
  check_rows (rows, G_N_ELEMENTS (rows));
}

#define INITIATE(when, op) #when " call-begin crossing=1 call=NdisInitiateOffload layer=0 op=" #op
#define INITIATED(when, op) \
#when " call-begin crossing=2 call=ProtocolInitiateOffloadComplete layer=0 op=" #op
#define OID_TOLD(when, layer) \
#when " call-begin crossing=3 call=ProtocolOidRequestComplete layer=" #layer " op=90 arg0=8"
#define SEND(when) #when " call-begin crossing=4 call=NdisOffloadTcpSend layer=0 op=5"

static const Row orders[] = {
  { "{order: [first(NdisInitiateOffload), first(NdisOffloadTcpSend)]}",
    { INITIATE (3, 1), SEND (4), INITIATE (5, 2) },
    LAB_HELD,
    4,
    "first(NdisOffloadTcpSend) came last" },
  { "{order: [last(NdisInitiateOffload), first(NdisOffloadTcpSend)]}",
    { INITIATE (3, 1), SEND (4), INITIATE (5, 2) },
    LAB_VIOLATED,
    4,
    "first(NdisOffloadTcpSend) came before last(NdisInitiateOffload)" },
  { "{order: [first(NdisInitiateOffload), first(NdisOffloadTcpSend)]}",
    { INITIATE (3, 1) },
    LAB_NEVER_JUDGED,
    -1,
    "first(NdisOffloadTcpSend) did not come" },
  { "{order: [first(NdisOffloadTcpSend), first(NdisInitiateOffload)]}",
    { INITIATE (3, 1) },
    LAB_NEVER_JUDGED,
    -1,
    "first(NdisOffloadTcpSend) did not come" },
  /* one instant: the records decide */
  { "{order: [first(NdisOffloadTcpSend), first(NdisInitiateOffload)]}",
    { INITIATE (3, 1), SEND (3) },
    LAB_VIOLATED,
    3,
    "first(NdisInitiateOffload) came before first(NdisOffloadTcpSend)" },
  /* an OID request is complete when the host is told */
  { "{order: [first(NdisOffloadTcpSend), complete(OID_PNP_SET_POWER)]}",
    { OID_TOLD (3, 1), SEND (4), OID_TOLD (5, 0) },
    LAB_HELD,
    5,
    "complete(OID_PNP_SET_POWER) came last" },
  { "{order: [first(NdisOffloadTcpSend), complete(OID_TCP_TASK_OFFLOAD)]}",
    { SEND (4), OID_TOLD (5, 0) },
    LAB_NEVER_JUDGED,
    -1,
    "complete(OID_TCP_TASK_OFFLOAD) did not come" },
  /* events */
  { "{order: [bulk.begun, rst.done, bulk.done]}",
    { "1 timeline event=0 phase=0", "2 timeline event=1 phase=0", "2 timeline event=1 phase=1",
      "9 timeline event=0 phase=1" },
    LAB_HELD,
    9,
    "bulk.done came last" },
  { "{order: [bulk.ended, rst.begun]}",
    { "1 timeline event=0 phase=0", "2 timeline event=1 phase=0", "9 timeline event=0 phase=2" },
    LAB_VIOLATED,
    2,
    "rst.begun came before bulk.ended" },
  { "{order: [bulk.begun, bulk.failed]}",
    { "1 timeline event=0 phase=0", "9 timeline event=0 phase=1" },
    LAB_NEVER_JUDGED,
    -1,
    "bulk.failed did not come" },
  /* what belongs to an event */
  { "{order: [last(ProtocolInitiateOffloadComplete), first(NdisOffloadTcpSend)], of: bulk}",
    { INITIATE (1, 1), "2 timeline event=0 phase=0", INITIATED (3, 1), SEND (4),
      "5 timeline event=0 phase=1", INITIATE (6, 2), INITIATED (7, 2) },
    LAB_HELD,
    4,
    "first(NdisOffloadTcpSend) came last" },
  { "{order: [last(ProtocolInitiateOffloadComplete), first(NdisOffloadTcpSend)], of: bulk}",
    { INITIATE (1, 1), "2 timeline event=0 phase=0", INITIATE (3, 2), INITIATED (3, 1), SEND (4),
      "5 timeline event=0 phase=1", INITIATED (7, 2) },
    LAB_VIOLATED,
    4,
    "first(NdisOffloadTcpSend) came before last(ProtocolInitiateOffloadComplete)" },
  { "{order: [first(NdisInitiateOffload), first(NdisOffloadTcpSend)], of: bulk}",
    { SEND (1), "2 timeline event=0 phase=0", INITIATE (3, 2), "5 timeline event=0 phase=1",
      SEND (7) },
    LAB_NEVER_JUDGED,
    -1,
    "first(NdisOffloadTcpSend) did not come" },
  { "{order: [first(NdisInitiateOffload), first(NdisOffloadTcpSend)], of: bulk, within: 5 ps}",
    { SEND (1), "2 timeline event=0 phase=0", INITIATE (3, 2), "5 timeline event=0 phase=1",
      SEND (7) },
    LAB_HELD,
    7,
    "first(NdisOffloadTcpSend) came last" },
  { "{order: [first(NdisInitiateOffload), first(NdisOffloadTcpSend)], of: rst}",
    { SEND (1), "2 timeline event=1 phase=0", "2 timeline event=1 phase=1", INITIATE (3, 2),
      SEND (7) },
    LAB_HELD,
    7,
    "first(NdisOffloadTcpSend) came last" },
  { "{order: [first(NdisInitiateOffload), first(NdisOffloadTcpSend)], of: rst}",
    { SEND (1) },
    LAB_NEVER_JUDGED,
    -1,
    "event rst did not happen" },
};

static void
orders_are_judged_by_the_records (G_GNUC_UNUSED void **state)
{
  check_rows (orders, G_N_ELEMENTS (orders));
}

static void
a_violation_is_proved_by_the_record_that_made_it (G_GNUC_UNUSED void **state)
{
  static const char *const lines[] = { OFFLOAD (5, 0), OFFLOAD (7, 1), UPLOAD (9, 1), NULL };
  Judge judge = judge_begin ("{always: offloaded(web) < 2}");
  const LabJudged *judged = judge_end (&judge, lines, false);

  assert_int_equal (judged->n_records, 1);
  assert_int_equal (judged->record[0].kind, TRACE_OWNER);
  assert_int_equal (judged->record[0].when.ps, 7);
  assert_int_equal (judged->record[0].column[0], 1);
  judge_clear (&judge);
}

static void
a_run_that_was_cut_short_violates_nothing_that_might_have_come (G_GNUC_UNUSED void **state)
{
  static const char *const lines[] = { OFFLOAD (5, 0), NULL };
  Judge judge = judge_begin ("{eventually: offloaded(web) == 2}");

  assert_int_equal (judge_end (&judge, lines, true)->judgement, LAB_NEVER_JUDGED);
  judge_clear (&judge);
}

/* Operations that took 1, 2, ... 10 us. */
static void
percentiles_are_held_against_their_bounds (G_GNUC_UNUSED void **state)
{
  static const struct {
    const char *expectation;
    LabJudgement judgement;
    const char *why;
  } table[] = {
    { "{latency: offload, p50: <= 5 us, max: < 11 us}", LAB_HELD,
      "p50 is 5.000 us, max is 10.000 us of 10 operations" },
    { "{latency: offload.total, p50: < 5 us}", LAB_VIOLATED, "p50 is 5.000 us of 10 operations" },
    { "{latency: offload.host, p90: '>= 9 us', p99.9: '> 9 us'}", LAB_HELD,
      "p90 is 9.000 us, p99.9 is 10.000 us of 10 operations" },
    { "{latency: offload.engine, max: '> 0 us'}", LAB_VIOLATED,
      "max is 0.000 us of 10 operations" },
    { "{latency: upload, p50: <= 5 us}", LAB_NEVER_JUDGED, "no such operation was measured" },
    { "{latency: request.chimney, p50: <= 5 us}", LAB_NEVER_JUDGED,
      "no such operation was measured" },
  };

  for (size_t i = 0; i < G_N_ELEMENTS (table); i++) {
    Judge judge = judge_begin (table[i].expectation);
    SimTrace *trace = sim_trace (judge.fragment->sim);
    g_autoptr (Latency) latency = latency_new (trace, 5, SIM_TIME_ZERO);
    const char *lines[21] = { NULL };
    for (int n = 0; n < 10; n++)
      lines[n] =
          g_strdup_printf ("0 stage class=%d id=%d stage=%d", LATENCY_OFFLOAD, n, STAGE_HOST);
    for (int n = 0; n < 10; n++)
      lines[10 + n] = g_strdup_printf ("%d000000 stage class=%d id=%d stage=%d", n + 1,
                                       LATENCY_OFFLOAD, n, STAGE_END);
    fragment_play (judge.fragment, lines, 100 * END_PS);
    lab_expect_finish (judge.expect, (SimTime){ 100 * END_PS }, false, latency);
    const LabJudged *judged = lab_expect_judged (judge.expect, 0);
    if (judged->judgement != table[i].judgement || strcmp (judged->why, table[i].why) != 0)
      fail_msg ("%s: %s: %s", table[i].expectation, lab_judgement_name (judged->judgement),
                judged->why);
    for (int n = 0; n < 20; n++)
      g_free ((char *)lines[n]);
    judge_clear (&judge);
  }
}

static void
a_bound_of_latency_reads_no_trace (G_GNUC_UNUSED void **state)
{
  LabScenario *scenario = load ("{latency: offload, p50: <= 5 us}");
  Fragment *fragment = fragment_new ();
  SimTrace *trace = sim_trace (fragment->sim);
  bool before = sim_trace_wants (trace, TRACE_APP_DELIVER);
  g_autoptr (LabExpect) expect = lab_expect_new (trace, lab_scenario_config (scenario),
                                                 lab_scenario_checks (scenario)->expectations);

  assert_int_equal (sim_trace_wants (trace, TRACE_APP_DELIVER), before);
  assert_int_equal (lab_expect_count (expect), 1);
  fragment_free (fragment);
  lab_scenario_free (scenario);
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test (conditions_are_judged_at_the_instant_that_decides),
    cmocka_unit_test (orders_are_judged_by_the_records),
    cmocka_unit_test (a_violation_is_proved_by_the_record_that_made_it),
    cmocka_unit_test (a_run_that_was_cut_short_violates_nothing_that_might_have_come),
    cmocka_unit_test (percentiles_are_held_against_their_bounds),
    cmocka_unit_test (a_bound_of_latency_reads_no_trace),
  };
  return cmocka_run_group_tests (tests, NULL, NULL);
}
