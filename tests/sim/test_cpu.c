#include "tests/support.h"

#include "sim/cpu.h"

/* One cycle is 1000 ps, but in the tests that say otherwise. */
#define GHZ INT64_C (1000000000)

enum { LOG_MAX = 256, ACCOUNT = 3, OTHER_ACCOUNT = 4 };

static const SimLimits NO_LIMIT = { .until = SIM_TIME_NEVER };

typedef struct Entry {
  char tag;
  int64_t when;
  SimLevel level;
  uint32_t depth;
} Entry;

typedef struct Fixture {
  Sim *sim;
  SimCpu *cpu;
  Entry log[LOG_MAX];
  uint32_t log_count;
  SimResult result;
} Fixture;

static Fixture *
new_fixture (int64_t hz)
{
  Fixture *fixture = g_new0 (Fixture, 1);
  fixture->sim = sim_new (1);
  fixture->cpu =
      sim_cpu_new (fixture->sim, (SimCpuConfig){ .clock = { hz }, .actor_id = 10, .index = 2 });
  return fixture;
}

static void
use_clock (Fixture *fixture, int64_t hz)
{
  sim_cpu_free (fixture->cpu);
  fixture->cpu = sim_cpu_new (fixture->sim, (SimCpuConfig){ .clock = { hz } });
}

static int
set_up (void **state)
{
  *state = new_fixture (GHZ);
  return 0;
}

static int
tear_down (void **state)
{
  Fixture *fixture = *state;
  sim_cpu_free (fixture->cpu);
  sim_free (fixture->sim);
  g_free (fixture);
  return 0;
}

static void
note (Fixture *fixture, SimCpu *cpu, char tag)
{
  assert_true (fixture->log_count < LOG_MAX);
  fixture->log[fixture->log_count++] =
      (Entry){ tag, sim_now (sim_cpu_sim (cpu)).ps, sim_cpu_level (cpu), sim_cpu_depth (cpu) };
}

/* "a@0 b@1000": tags and instants, in order. */
static void
assert_log (const Fixture *fixture, const char *expected)
{
  g_autoptr (GString) seen = g_string_new (NULL);
  for (uint32_t i = 0; i < fixture->log_count; i++)
    g_string_append_printf (seen, "%s%c@%lld", i > 0 ? " " : "", fixture->log[i].tag,
                            (long long)fixture->log[i].when);
  assert_string_equal (seen->str, expected);
}

/* self: the fixture; word 0: tag, word 1: cycles. */
static SimStepArgs
args_of (Fixture *fixture, char tag, uint64_t cycles)
{
  return (SimStepArgs){ .self = fixture, .word = { (uint64_t)tag, cycles } };
}

static void
plain_step (SimCpu *cpu, const SimStepArgs *args)
{
  note (args->self, cpu, (char)args->word[0]);
  sim_cpu_charge (cpu, ACCOUNT, sim_cycles ((int64_t)args->word[1]));
}

/* Notes, charges and leaves a plain step in capitals that costs nothing. */
static void
step_with_end (SimCpu *cpu, const SimStepArgs *args)
{
  Fixture *fixture = args->self;
  plain_step (cpu, args);
  SimStepArgs end = args_of (fixture, (char)g_ascii_toupper ((char)args->word[0]), 0);
  sim_cpu_then (cpu, plain_step, &end);
}

static void
init_work (Fixture *fixture, SimWork *work, SimLevel level, char tag, uint64_t cycles)
{
  sim_work_init (work, level, step_with_end, args_of (fixture, tag, cycles));
}

typedef struct Arrival {
  SimEvent event;
  Fixture *fixture;
  SimWork *work;
} Arrival;

static void
arrive (G_GNUC_UNUSED Sim *sim, void *data)
{
  Arrival *arrival = data;
  sim_cpu_queue (arrival->fixture->cpu, arrival->work);
}

static void
queue_at (Fixture *fixture, Arrival *arrival, SimWork *work, int64_t ps)
{
  *arrival = (Arrival){ .fixture = fixture, .work = work };
  sim_event_init (&arrival->event, SIM_PHASE_DEVICE, 1, arrive, arrival);
  sim_event_schedule (fixture->sim, &arrival->event, (SimTime){ ps });
}

static void
work_of_a_level_runs_first_come_first_served (void **state)
{
  Fixture *fixture = *state;
  SimWork a, b, c;
  init_work (fixture, &a, SIM_LEVEL_PASSIVE, 'a', 10);
  init_work (fixture, &b, SIM_LEVEL_PASSIVE, 'b', 5);
  init_work (fixture, &c, SIM_LEVEL_PASSIVE, 'c', 1);
  assert_true (sim_cpu_queue (fixture->cpu, &a));
  assert_true (sim_cpu_queue (fixture->cpu, &b));
  assert_true (sim_cpu_queue (fixture->cpu, &c));
  sim_run (fixture->sim, NO_LIMIT);
  assert_log (fixture, "a@0 A@10000 b@10000 B@15000 c@15000 C@16000");
  assert_int_equal (sim_cpu_account (fixture->cpu, ACCOUNT).count, 16);
  assert_int_equal (sim_cpu_busy (fixture->cpu).ps, 16000);
}

static void
a_dpc_goes_before_passive_work (void **state)
{
  Fixture *fixture = *state;
  SimWork passive, dpc;
  init_work (fixture, &passive, SIM_LEVEL_PASSIVE, 'p', 10);
  init_work (fixture, &dpc, SIM_LEVEL_DPC, 'd', 7);
  sim_cpu_queue (fixture->cpu, &passive);
  sim_cpu_queue (fixture->cpu, &dpc);
  sim_run (fixture->sim, NO_LIMIT);
  assert_log (fixture, "d@0 D@7000 p@7000 P@17000");
  assert_int_equal (fixture->log[0].level, SIM_LEVEL_DPC);
  assert_int_equal (fixture->log[2].level, SIM_LEVEL_PASSIVE);
}

static void
a_dpc_cuts_into_a_step_and_its_cycles_pass_afterwards (void **state)
{
  Fixture *fixture = *state;
  SimWork passive, dpc;
  Arrival arrival;
  init_work (fixture, &passive, SIM_LEVEL_PASSIVE, 'p', 100);
  init_work (fixture, &dpc, SIM_LEVEL_DPC, 'd', 30);
  sim_cpu_queue (fixture->cpu, &passive);
  queue_at (fixture, &arrival, &dpc, 40000);
  sim_run (fixture->sim, NO_LIMIT);
  assert_log (fixture, "p@0 d@40000 D@70000 P@130000");
  assert_int_equal (sim_cpu_busy (fixture->cpu).ps, 130000);
}

static void
the_cycle_under_way_belongs_to_whom_it_began_for (void **state)
{
  Fixture *fixture = *state;
  SimWork passive, dpc;
  Arrival arrival;
  init_work (fixture, &passive, SIM_LEVEL_PASSIVE, 'p', 100);
  init_work (fixture, &dpc, SIM_LEVEL_DPC, 'd', 30);
  sim_cpu_queue (fixture->cpu, &passive);
  queue_at (fixture, &arrival, &dpc, 40001); /* one ps into passive's 41st cycle */
  sim_run (fixture->sim, NO_LIMIT);
  assert_log (fixture, "p@0 d@40001 D@71000 P@130000");
}

static void
a_free_dpc_does_not_move_the_end_of_what_it_cuts (void **state)
{
  static const int64_t instants[] = { 1, 999, 1000, 1001, 99000, 99500, 99999, 100000 };
  for (size_t i = 0; i < G_N_ELEMENTS (instants); i++) {
    Fixture *fixture = new_fixture (GHZ);
    SimWork passive, dpc;
    Arrival arrival;
    init_work (fixture, &passive, SIM_LEVEL_PASSIVE, 'p', 100);
    init_work (fixture, &dpc, SIM_LEVEL_DPC, 'd', 0);
    sim_cpu_queue (fixture->cpu, &passive);
    queue_at (fixture, &arrival, &dpc, instants[i]);
    sim_run (fixture->sim, NO_LIMIT);
    assert_int_equal (fixture->log_count, 4);
    assert_int_equal (fixture->log[1].when, instants[i]);
    assert_int_equal (fixture->log[3].tag, 'P');
    assert_int_equal (fixture->log[3].when, 100000);
    void *done = fixture;
    tear_down (&done);
  }
  assert_non_null (*state);
}

static void
no_cycle_is_lost_however_often_a_step_is_cut (void **state)
{
  Fixture *fixture = *state;
  enum { CUTS = 50 };
  SimWork passive, dpc[CUTS];
  Arrival arrival[CUTS];
  use_clock (fixture, 3 * GHZ);
  init_work (fixture, &passive, SIM_LEVEL_PASSIVE, 'p', 3000);
  sim_cpu_queue (fixture->cpu, &passive);
  for (int64_t i = 0; i < CUTS; i++) {
    init_work (fixture, &dpc[i], SIM_LEVEL_DPC, 'd', 7);
    queue_at (fixture, &arrival[i], &dpc[i], 1 + i * 11117);
  }
  sim_run (fixture->sim, NO_LIMIT);
  /* 3000 + 50 * 7 cycles of a third of a nanosecond. */
  assert_int_equal (fixture->log[fixture->log_count - 1].tag, 'P');
  assert_int_equal (fixture->log[fixture->log_count - 1].when, 3350 * 1000 / 3);
  assert_int_equal (sim_cpu_account (fixture->cpu, ACCOUNT).count, 3350);
}

static void
a_dpc_waits_for_a_dpc (void **state)
{
  Fixture *fixture = *state;
  SimWork a, b;
  Arrival arrival;
  init_work (fixture, &a, SIM_LEVEL_DPC, 'a', 10);
  init_work (fixture, &b, SIM_LEVEL_DPC, 'b', 10);
  sim_cpu_queue (fixture->cpu, &a);
  queue_at (fixture, &arrival, &b, 5000);
  sim_run (fixture->sim, NO_LIMIT);
  assert_log (fixture, "a@0 A@10000 b@10000 B@20000");
}

static void
work_queued_twice_runs_once (void **state)
{
  Fixture *fixture = *state;
  SimWork dpc;
  init_work (fixture, &dpc, SIM_LEVEL_DPC, 'd', 1);
  assert_true (sim_cpu_queue (fixture->cpu, &dpc));
  assert_false (sim_cpu_queue (fixture->cpu, &dpc));
  sim_run (fixture->sim, NO_LIMIT);
  assert_log (fixture, "d@0 D@1000");
}

static void
requeue_step (SimCpu *cpu, const SimStepArgs *args)
{
  SimWork *work = args->object;
  plain_step (cpu, args);
  if (--work->args.word[2] > 0)
    assert_true (sim_cpu_queue (cpu, work));
}

static void
work_may_queue_itself_while_it_runs (void **state)
{
  Fixture *fixture = *state;
  SimWork work;
  sim_work_init (&work, SIM_LEVEL_DPC, requeue_step, args_of (fixture, 'r', 4));
  work.args.object = &work;
  work.args.word[2] = 3;
  sim_cpu_queue (fixture->cpu, &work);
  sim_run (fixture->sim, NO_LIMIT);
  assert_log (fixture, "r@0 r@4000 r@8000");
}

static void
queue_dpc_step (SimCpu *cpu, const SimStepArgs *args)
{
  step_with_end (cpu, args);
  sim_cpu_queue (cpu, args->object);
}

static void
a_dpc_queued_by_passive_work_runs_before_that_works_cycles_pass (void **state)
{
  Fixture *fixture = *state;
  SimWork passive, dpc;
  init_work (fixture, &dpc, SIM_LEVEL_DPC, 'd', 3);
  sim_work_init (&passive, SIM_LEVEL_PASSIVE, queue_dpc_step, args_of (fixture, 'p', 10));
  passive.args.object = &dpc;
  sim_cpu_queue (fixture->cpu, &passive);
  sim_run (fixture->sim, NO_LIMIT);
  assert_log (fixture, "p@0 d@0 D@3000 P@13000");
}

/* Calls */

static void
returning_step (SimCpu *cpu, const SimStepArgs *args)
{
  plain_step (cpu, args);
  sim_cpu_return (cpu, (SimResult){ (int64_t)args->word[2], (int64_t)args->word[3] });
}

static void
reading_step (SimCpu *cpu, const SimStepArgs *args)
{
  Fixture *fixture = args->self;
  plain_step (cpu, args);
  fixture->result = sim_cpu_result (cpu);
}

static void
calling_step (SimCpu *cpu, const SimStepArgs *args)
{
  Fixture *fixture = args->self;
  SimStepArgs callee = args_of (fixture, 'k', 20);
  SimStepArgs then = args_of (fixture, 't', 5);
  callee.word[2] = 77;
  callee.word[3] = 88;
  plain_step (cpu, args);
  assert_false (sim_cpu_has_called (cpu));
  sim_cpu_call (cpu, returning_step, &callee, reading_step, &then);
  assert_true (sim_cpu_has_called (cpu));
}

static void
a_call_opens_a_frame_when_the_cycles_have_passed_and_returns_to_the_continuation (void **state)
{
  Fixture *fixture = *state;
  SimWork work, next;
  sim_work_init (&work, SIM_LEVEL_PASSIVE, calling_step, args_of (fixture, 'c', 10));
  init_work (fixture, &next, SIM_LEVEL_PASSIVE, 'n', 0);
  sim_cpu_queue (fixture->cpu, &work);
  sim_cpu_queue (fixture->cpu, &next);
  sim_run (fixture->sim, NO_LIMIT);
  assert_log (fixture, "c@0 k@10000 t@30000 n@35000 N@35000");
  assert_int_equal (fixture->log[0].depth, 1);
  assert_int_equal (fixture->log[1].depth, 2);
  assert_int_equal (fixture->log[2].depth, 1);
  assert_int_equal (fixture->result.status, 77);
  assert_int_equal (fixture->result.value, 88);
}

/* word 2: how many more frames to open; the last returns 5; word 3: whether to return 9 itself. */
static void
tail_calling_step (SimCpu *cpu, const SimStepArgs *args)
{
  plain_step (cpu, args);
  if (args->word[3] != 0)
    sim_cpu_return (cpu, (SimResult){ 9, 0 });
  if (args->word[2] == 0) {
    sim_cpu_return (cpu, (SimResult){ 5, 0 });
    return;
  }
  SimStepArgs next = *args;
  next.word[2]--;
  next.word[3] = 0;
  sim_cpu_call (cpu, tail_calling_step, &next, NULL, NULL);
}

static void
tail_caller_step (SimCpu *cpu, const SimStepArgs *args)
{
  SimStepArgs callee = *args;
  callee.word[0] = 'k';
  SimStepArgs then = args_of (args->self, 't', 0);
  plain_step (cpu, args);
  sim_cpu_call (cpu, tail_calling_step, &callee, reading_step, &then);
}

static int64_t
status_through_tail_calls (uint64_t frames, uint64_t returns_itself)
{
  Fixture *fixture = new_fixture (GHZ);
  SimWork work;
  sim_work_init (&work, SIM_LEVEL_DPC, tail_caller_step, args_of (fixture, 'c', 1));
  work.args.word[2] = frames;
  work.args.word[3] = returns_itself;
  sim_cpu_queue (fixture->cpu, &work);
  sim_run (fixture->sim, NO_LIMIT);
  assert_int_equal (fixture->log[fixture->log_count - 1].tag, 't');
  assert_int_equal (fixture->log[fixture->log_count - 1].when, (int64_t)(frames + 2) * 1000);
  int64_t status = fixture->result.status;
  void *done = fixture;
  tear_down (&done);
  return status;
}

static void
a_frame_without_a_result_hands_on_its_callees (G_GNUC_UNUSED void **state)
{
  assert_int_equal (status_through_tail_calls (0, 0), 5);
  assert_int_equal (status_through_tail_calls (3, 0), 5);
  assert_int_equal (status_through_tail_calls (3, 1), 9);
}

static void
a_continuation_reads_zero_from_a_callee_that_returns_nothing (void **state)
{
  Fixture *fixture = *state;
  SimWork work;
  fixture->result.status = 1;
  sim_work_init (&work, SIM_LEVEL_DPC, step_with_end, args_of (fixture, 'x', 0));
  work.run = reading_step;
  sim_cpu_queue (fixture->cpu, &work);
  sim_run (fixture->sim, NO_LIMIT);
  assert_int_equal (fixture->result.status, 0);
}

static void
silent_step (G_GNUC_UNUSED SimCpu *cpu, G_GNUC_UNUSED const SimStepArgs *args)
{
}

static void
chain_step (SimCpu *cpu, const SimStepArgs *args)
{
  SimStepArgs next = *args;
  if (args->word[2] == 0) {
    plain_step (cpu, args);
    return;
  }
  next.word[2]--;
  sim_cpu_call (cpu, silent_step, NULL, chain_step, &next);
}

static void
a_million_free_steps_take_no_time_and_no_c_stack (void **state)
{
  Fixture *fixture = *state;
  SimWork work;
  sim_work_init (&work, SIM_LEVEL_DPC, chain_step, args_of (fixture, 'e', 0));
  work.args.word[2] = 500000;
  sim_cpu_queue (fixture->cpu, &work);
  sim_run (fixture->sim, NO_LIMIT);
  assert_log (fixture, "e@0");
  assert_int_equal (fixture->log[0].depth, 1);
}

static void
endless_free_steps_meet_the_event_limit (void **state)
{
  Fixture *fixture = *state;
  SimWork work;
  sim_work_init (&work, SIM_LEVEL_DPC, chain_step, args_of (fixture, 'e', 0));
  work.args.word[2] = UINT64_MAX;
  sim_cpu_queue (fixture->cpu, &work);
  SimLimits limits = { .until = SIM_TIME_NEVER, .livelock_events = 10 };
  assert_int_equal (sim_run (fixture->sim, limits), SIM_STOP_LIVELOCK);
  assert_int_equal (sim_now (fixture->sim).ps, 0);
}

static void
deep_step (SimCpu *cpu, const SimStepArgs *args)
{
  plain_step (cpu, args);
  SimStepArgs next = *args;
  if (--next.word[2] > 0)
    sim_cpu_call (cpu, deep_step, &next, NULL, NULL);
}

static void
frames_nest_to_their_named_maximum (void **state)
{
  Fixture *fixture = *state;
  SimWork work;
  sim_work_init (&work, SIM_LEVEL_DPC, deep_step, args_of (fixture, 'd', 1));
  work.args.word[2] = SIM_CPU_DEPTH_MAX;
  sim_cpu_queue (fixture->cpu, &work);
  sim_run (fixture->sim, NO_LIMIT);
  assert_int_equal (fixture->log_count, SIM_CPU_DEPTH_MAX);
  assert_int_equal (fixture->log[SIM_CPU_DEPTH_MAX - 1].depth, SIM_CPU_DEPTH_MAX);
  assert_int_equal (sim_now (fixture->sim).ps, SIM_CPU_DEPTH_MAX * 1000);
}

static void
a_frame_too_many_asserts (void **state)
{
  Fixture *fixture = *state;
  SimWork work;
  sim_work_init (&work, SIM_LEVEL_DPC, deep_step, args_of (fixture, 'd', 0));
  work.args.word[2] = SIM_CPU_DEPTH_MAX + 1;
  sim_cpu_queue (fixture->cpu, &work);
  expect_assert_failure (sim_run (fixture->sim, NO_LIMIT));
}

static void
twice_calling_step (SimCpu *cpu, G_GNUC_UNUSED const SimStepArgs *args)
{
  sim_cpu_call (cpu, silent_step, NULL, NULL, NULL);
  expect_assert_failure (sim_cpu_call (cpu, silent_step, NULL, NULL, NULL));
  expect_assert_failure (sim_cpu_then (cpu, silent_step, NULL));
  expect_assert_failure (sim_cpu_charge (cpu, SIM_CPU_ACCOUNTS_MAX, sim_cycles (1)));
  expect_assert_failure (sim_cpu_charge (cpu, 0, sim_cycles (-1)));
}

static void
two_calls_in_a_step_or_one_outside_assert (void **state)
{
  static const SimResult nothing;
  Fixture *fixture = *state;
  SimWork work;
  sim_work_init (&work, SIM_LEVEL_DPC, twice_calling_step, args_of (fixture, 'x', 0));
  sim_cpu_queue (fixture->cpu, &work);
  sim_run (fixture->sim, NO_LIMIT);
  expect_assert_failure (sim_cpu_call (fixture->cpu, silent_step, NULL, NULL, NULL));
  expect_assert_failure (sim_cpu_charge (fixture->cpu, 0, sim_cycles (1)));
  expect_assert_failure (sim_cpu_return (fixture->cpu, nothing));
}

static void
looking_step (SimCpu *cpu, const SimStepArgs *args)
{
  Fixture *fixture = args->self;
  assert_true (sim_cpu_in_step (cpu));
  assert_ptr_equal (sim_cpu_current (fixture->sim), cpu);
  assert_int_equal (sim_cpu_level (cpu), SIM_LEVEL_DPC);
  assert_int_equal (sim_cpu_depth (cpu), 1);
  assert_ptr_equal (sim_cpu_sim (cpu), fixture->sim);
  plain_step (cpu, args);
}

static void
a_processor_tells_where_it_is (void **state)
{
  Fixture *fixture = *state;
  SimWork work;
  sim_work_init (&work, SIM_LEVEL_DPC, looking_step, args_of (fixture, 'l', 1));
  sim_cpu_queue (fixture->cpu, &work);
  assert_false (sim_cpu_in_step (fixture->cpu));
  assert_null (sim_cpu_current (fixture->sim));
  sim_run (fixture->sim, NO_LIMIT);
  assert_int_equal (fixture->log_count, 1);
  assert_false (sim_cpu_in_step (fixture->cpu));
  assert_false (sim_cpu_has_called (fixture->cpu));
  assert_int_equal (sim_cpu_level (fixture->cpu), SIM_LEVEL_PASSIVE);
  assert_int_equal (sim_cpu_depth (fixture->cpu), 0);
  assert_int_equal (sim_cpu_index (fixture->cpu), 2);
  assert_int_equal (sim_cpu_clock (fixture->cpu).hz, GHZ);
}

static void
two_account_step (SimCpu *cpu, G_GNUC_UNUSED const SimStepArgs *args)
{
  sim_cpu_charge (cpu, ACCOUNT, sim_cycles (3));
  sim_cpu_charge (cpu, OTHER_ACCOUNT, sim_cycles (4));
  sim_cpu_charge (cpu, ACCOUNT, sim_cycles (5));
}

static void
cycles_are_booked_to_their_accounts_and_make_up_the_busy_time (void **state)
{
  Fixture *fixture = *state;
  SimWork work;
  Arrival arrival;
  sim_work_init (&work, SIM_LEVEL_PASSIVE, two_account_step, args_of (fixture, 'x', 0));
  queue_at (fixture, &arrival, &work, 50000);
  sim_run (fixture->sim, (SimLimits){ .until = { 55000 } });
  assert_int_equal (sim_cpu_busy (fixture->cpu).ps, 5000);
  sim_run (fixture->sim, NO_LIMIT);
  assert_int_equal (sim_cpu_account (fixture->cpu, ACCOUNT).count, 8);
  assert_int_equal (sim_cpu_account (fixture->cpu, OTHER_ACCOUNT).count, 4);
  assert_int_equal (sim_cpu_busy (fixture->cpu).ps, 12000);
}

static void
a_processor_holds_one_pending_event (void **state)
{
  Fixture *fixture = *state;
  SimWork work[20];
  Arrival arrival;
  for (unsigned i = 0; i < 20; i++) {
    init_work (fixture, &work[i], i % 2 ? SIM_LEVEL_DPC : SIM_LEVEL_PASSIVE, 'w', 10);
    sim_cpu_queue (fixture->cpu, &work[i]);
    assert_int_equal (sim_events_pending (fixture->sim), 1);
  }
  SimWork dpc;
  init_work (fixture, &dpc, SIM_LEVEL_DPC, 'd', 1);
  queue_at (fixture, &arrival, &dpc, 150500);
  while (sim_run (fixture->sim, (SimLimits){ .until = SIM_TIME_NEVER,
                                             .max_events = sim_events_fired (fixture->sim) + 1 })
         == SIM_STOP_EVENTS)
    assert_true (sim_events_pending (fixture->sim) <= 2);
  assert_int_equal (sim_now (fixture->sim).ps, 201000);
}

#define TEST(name) cmocka_unit_test_setup_teardown (name, set_up, tear_down)

int
main (void)
{
  const struct CMUnitTest tests[] = {
    TEST (work_of_a_level_runs_first_come_first_served),
    TEST (a_dpc_goes_before_passive_work),
    TEST (a_dpc_cuts_into_a_step_and_its_cycles_pass_afterwards),
    TEST (the_cycle_under_way_belongs_to_whom_it_began_for),
    TEST (a_free_dpc_does_not_move_the_end_of_what_it_cuts),
    TEST (no_cycle_is_lost_however_often_a_step_is_cut),
    TEST (a_dpc_waits_for_a_dpc),
    TEST (work_queued_twice_runs_once),
    TEST (work_may_queue_itself_while_it_runs),
    TEST (a_dpc_queued_by_passive_work_runs_before_that_works_cycles_pass),
    TEST (a_call_opens_a_frame_when_the_cycles_have_passed_and_returns_to_the_continuation),
    TEST (a_frame_without_a_result_hands_on_its_callees),
    TEST (a_continuation_reads_zero_from_a_callee_that_returns_nothing),
    TEST (a_million_free_steps_take_no_time_and_no_c_stack),
    TEST (endless_free_steps_meet_the_event_limit),
    TEST (frames_nest_to_their_named_maximum),
    TEST (a_frame_too_many_asserts),
    TEST (two_calls_in_a_step_or_one_outside_assert),
    TEST (a_processor_tells_where_it_is),
    TEST (cycles_are_booked_to_their_accounts_and_make_up_the_busy_time),
    TEST (a_processor_holds_one_pending_event),
  };
  return cmocka_run_group_tests (tests, NULL, NULL);
}
