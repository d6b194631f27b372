#include "tests/support.h"

#include <string.h>

#include "sim/machine.h"
#include "sim/sim.h"

enum { LOG_MAX = 4096 };

/* Which events fired, in order. */
typedef struct Log {
  uint32_t id[LOG_MAX];
  int64_t when[LOG_MAX];
  uint32_t count;
} Log;

typedef struct Probe {
  SimEvent event;
  Log *log;
  uint32_t id;
  uint64_t repeats; /* fires again so often, after |period| */
  SimDuration period;
} Probe;

typedef struct Fixture {
  Sim *sim;
  Log log;
} Fixture;

static const SimLimits NO_LIMIT = { .until = SIM_TIME_NEVER };

static void
fire (Sim *sim, void *data)
{
  Probe *probe = data;
  if (probe->log->count < LOG_MAX) {
    probe->log->id[probe->log->count] = probe->id;
    probe->log->when[probe->log->count] = sim_now (sim).ps;
  }
  probe->log->count++;
  if (probe->repeats > 0) {
    probe->repeats--;
    sim_event_schedule (sim, &probe->event, sim_time_add (sim_now (sim), probe->period));
  }
}

static void
init_probe (Fixture *fixture, Probe *probe, uint32_t id, SimPhase phase, uint32_t actor_id)
{
  *probe = (Probe){ .log = &fixture->log, .id = id };
  sim_event_init (&probe->event, phase, actor_id, fire, probe);
}

static void
at (Fixture *fixture, Probe *probe, int64_t ps)
{
  sim_event_schedule (fixture->sim, &probe->event, (SimTime){ ps });
}

static int
set_up (void **state)
{
  Fixture *fixture = g_new0 (Fixture, 1);
  fixture->sim = sim_new (1);
  *state = fixture;
  return 0;
}

static int
tear_down (void **state)
{
  Fixture *fixture = *state;
  sim_free (fixture->sim);
  g_free (fixture);
  return 0;
}

static void
assert_log (const Fixture *fixture, const char *ids)
{
  char seen[LOG_MAX + 1];
  for (uint32_t i = 0; i < fixture->log.count; i++)
    seen[i] = (char)('a' + fixture->log.id[i]);
  seen[fixture->log.count] = '\0';
  assert_string_equal (seen, ids);
}

static void
events_fire_by_time_then_phase_then_actor_then_arming (void **state)
{
  Fixture *fixture = *state;
  static const struct {
    SimPhase phase;
    uint32_t actor_id;
    int64_t when;
  } rows[] = {
    /* In the order in which they have to fire. */
    { SIM_PHASE_OBSERVE, 9, 1 }, { SIM_PHASE_WIRE, 7, 2 },
    { SIM_PHASE_WIRE, 8, 2 },    { SIM_PHASE_DEVICE, 1, 2 },
    { SIM_PHASE_HOST, 0, 2 },    { SIM_PHASE_HOST, 1, 2 },
    { SIM_PHASE_HOST, 1, 2 },    { SIM_PHASE_HOST, SIM_ACTORS_MAX - 1, 2 },
    { SIM_PHASE_OBSERVE, 0, 2 }, { SIM_PHASE_WIRE, 0, 3 },
  };
  enum { N = G_N_ELEMENTS (rows) };
  Probe probe[N];

  for (uint32_t i = 0; i < N; i++)
    init_probe (fixture, &probe[i], i, rows[i].phase, rows[i].actor_id);
  /* Armed in another order, but for the two of one actor. */
  for (uint32_t i = 0; i < N; i++) {
    uint32_t k = i * 3 % N;
    if (k == 5)
      continue;
    if (k == 6)
      at (fixture, &probe[5], rows[5].when);
    at (fixture, &probe[k], rows[k].when);
  }
  assert_int_equal (sim_events_pending (fixture->sim), N);
  assert_int_equal (sim_seed (fixture->sim), 1);
  assert_int_equal (sim_run (fixture->sim, NO_LIMIT), SIM_STOP_IDLE);
  assert_log (fixture, "abcdefghij");
  assert_int_equal (sim_events_fired (fixture->sim), N);
}

static void
an_event_armed_again_goes_behind_its_equals (void **state)
{
  Fixture *fixture = *state;
  Probe a, b;
  init_probe (fixture, &a, 0, SIM_PHASE_HOST, 5);
  init_probe (fixture, &b, 1, SIM_PHASE_HOST, 5);
  at (fixture, &a, 10);
  at (fixture, &b, 10);
  at (fixture, &a, 10);
  sim_run (fixture->sim, NO_LIMIT);
  assert_log (fixture, "ba");
}

static void
an_event_moved_later_fires_once_at_its_last_time (void **state)
{
  Fixture *fixture = *state;
  Probe timer, tick;
  init_probe (fixture, &timer, 0, SIM_PHASE_HOST, 1);
  init_probe (fixture, &tick, 1, SIM_PHASE_HOST, 2);
  at (fixture, &timer, 100);
  at (fixture, &timer, 5000);
  at (fixture, &tick, 200);
  at (fixture, &timer, 300);
  sim_run (fixture->sim, NO_LIMIT);
  assert_log (fixture, "ba");
  assert_int_equal (fixture->log.when[1], 300);
}

static void
moving_an_event_later_adds_no_entry (void **state)
{
  Fixture *fixture = *state;
  Probe timer;
  init_probe (fixture, &timer, 0, SIM_PHASE_HOST, 1);
  for (int64_t ps = 1; ps <= 1000; ps++)
    at (fixture, &timer, ps);
  assert_int_equal (fixture->sim->queue.count, 1);
  assert_int_equal (sim_events_pending (fixture->sim), 1);
  sim_run (fixture->sim, NO_LIMIT);
  assert_int_equal (fixture->log.count, 1);
  assert_int_equal (fixture->log.when[0], 1000);
}

static void
an_event_moved_earlier_fires_once_and_early (void **state)
{
  Fixture *fixture = *state;
  Probe timer, tick;
  init_probe (fixture, &timer, 0, SIM_PHASE_HOST, 1);
  init_probe (fixture, &tick, 1, SIM_PHASE_HOST, 2);
  at (fixture, &timer, 1000);
  at (fixture, &tick, 1000);
  at (fixture, &timer, 10);
  assert_int_equal (sim_events_pending (fixture->sim), 2);
  sim_run (fixture->sim, NO_LIMIT);
  assert_log (fixture, "ab");
  assert_int_equal (fixture->log.when[0], 10);
}

static void
the_order_of_a_moved_event_is_that_of_its_last_arming (void **state)
{
  Fixture *fixture = *state;
  Probe moved, other;
  init_probe (fixture, &moved, 0, SIM_PHASE_HOST, 1);
  init_probe (fixture, &other, 1, SIM_PHASE_HOST, 1);
  at (fixture, &moved, 10);
  at (fixture, &other, 500);
  at (fixture, &moved, 500);
  sim_run (fixture->sim, NO_LIMIT);
  assert_log (fixture, "ba");
}

static void
a_cancelled_event_does_not_fire_and_may_be_freed (void **state)
{
  Fixture *fixture = *state;
  Probe tick;
  init_probe (fixture, &tick, 1, SIM_PHASE_HOST, 2);
  at (fixture, &tick, 1000000);
  for (int64_t i = 0; i < 100; i++) {
    Probe *doomed = g_new (Probe, 1);
    init_probe (fixture, doomed, 0, SIM_PHASE_HOST, 1);
    at (fixture, doomed, i * i * i);
    sim_event_cancel (fixture->sim, &doomed->event);
    assert_false (sim_event_is_pending (&doomed->event));
    memset (doomed, 0xff, sizeof *doomed);
    g_free (doomed);
  }
  assert_int_equal (sim_events_pending (fixture->sim), 1);
  sim_run (fixture->sim, NO_LIMIT);
  assert_log (fixture, "b");
}

static void
cancelling_what_is_not_pending_does_nothing (void **state)
{
  Fixture *fixture = *state;
  Probe probe;
  init_probe (fixture, &probe, 0, SIM_PHASE_HOST, 1);
  sim_event_cancel (fixture->sim, &probe.event);
  at (fixture, &probe, 1);
  sim_run (fixture->sim, NO_LIMIT);
  sim_event_cancel (fixture->sim, &probe.event);
  assert_int_equal (sim_events_pending (fixture->sim), 0);
  assert_log (fixture, "a");
}

static void
what_is_cancelled_does_not_pile_up (void **state)
{
  Fixture *fixture = *state;
  Probe probe[10];
  for (uint32_t i = 0; i < 10; i++)
    init_probe (fixture, &probe[i], i, SIM_PHASE_HOST, i);
  for (int64_t i = 0; i < 100000; i++) {
    at (fixture, &probe[i % 10], 1000000 + i * 977 % 65536);
    if (i % 3 != 0)
      sim_event_cancel (fixture->sim, &probe[i % 10].event);
    assert_true (fixture->sim->queue.count <= 10 + SIM_QUEUE_BURIED_MIN);
  }
}

static void
an_event_cancelled_and_armed_again_fires_once (void **state)
{
  Fixture *fixture = *state;
  Probe probe;
  init_probe (fixture, &probe, 0, SIM_PHASE_HOST, 1);
  at (fixture, &probe, 50);
  sim_event_cancel (fixture->sim, &probe.event);
  at (fixture, &probe, 70);
  sim_event_cancel (fixture->sim, &probe.event);
  at (fixture, &probe, 60);
  sim_run (fixture->sim, NO_LIMIT);
  assert_log (fixture, "a");
  assert_int_equal (fixture->log.when[0], 60);
}

static void
thousands_of_events_of_one_instant_keep_their_order (void **state)
{
  Fixture *fixture = *state;
  enum { N = 2000 };
  Probe *probe = g_new (Probe, N);
  for (uint32_t i = 0; i < N; i++) {
    init_probe (fixture, &probe[i], i, (SimPhase)(i % 4), i * 7919 % N);
    at (fixture, &probe[i], 1234567);
    probe[i].repeats = i % 2; /* and some again in the same instant */
  }
  sim_run (fixture->sim, NO_LIMIT);
  assert_int_equal (fixture->log.count, N + N / 2);
  assert_int_equal (sim_now (fixture->sim).ps, 1234567);
  uint32_t fired = 0;
  for (uint32_t phase = 0; phase < 4; phase++)
    for (uint32_t actor_id = 0; actor_id < N; actor_id++)
      for (uint32_t i = phase; i < N; i += 4)
        if (i * 7919 % N == actor_id)
          for (uint32_t k = 0; k <= i % 2; k++)
            assert_int_equal (fixture->log.id[fired++], i);
  g_free (probe);
}

typedef struct Reaper {
  SimEvent event;
  Probe *probe;
  uint32_t count;
} Reaper;

static void
cancel_every_other (Sim *sim, void *data)
{
  Reaper *reaper = data;
  for (uint32_t i = 0; i < reaper->count; i += 2) {
    sim_event_cancel (sim, &reaper->probe[i].event);
    memset (&reaper->probe[i], 0xff, sizeof reaper->probe[i]);
  }
}

/* Of |count| events |step| apart, every other is cancelled at |reap_ps|: before its time or in
 * it. */
static void
assert_half_survives (Fixture *fixture, uint32_t count, int64_t step, int64_t reap_ps)
{
  Probe *probe = g_new (Probe, count);
  Reaper reaper = { .probe = probe, .count = count };
  int64_t start = sim_now (fixture->sim).ps + 1000000;
  fixture->log.count = 0;
  for (uint32_t i = 0; i < count; i++) {
    init_probe (fixture, &probe[i], i, SIM_PHASE_HOST, i);
    at (fixture, &probe[i], start + step * i);
  }
  sim_event_init (&reaper.event, SIM_PHASE_DEVICE, 0, cancel_every_other, &reaper);
  sim_event_schedule (fixture->sim, &reaper.event, (SimTime){ start + reap_ps });
  assert_int_equal (sim_run (fixture->sim, NO_LIMIT), SIM_STOP_IDLE);
  assert_int_equal (fixture->log.count, count / 2);
  for (uint32_t i = 0; i < count / 2; i++)
    assert_int_equal (fixture->log.id[i], 2 * i + 1);
  g_free (probe);
}

static void
thousands_may_be_cancelled_at_once (void **state)
{
  Fixture *fixture = *state;
  assert_half_survives (fixture, 6000, 12345, -5);
  assert_half_survives (fixture, 6000, 1, -500000);
  assert_half_survives (fixture, 6000, 0, 0); /* all of one instant, while it lasts */
  assert_half_survives (fixture, 40, 0, 0);
}

static void
a_time_limit_leaves_what_is_later_and_moves_now_to_the_limit (void **state)
{
  Fixture *fixture = *state;
  Probe probe[3];
  for (uint32_t i = 0; i < 3; i++) {
    init_probe (fixture, &probe[i], i, SIM_PHASE_HOST, i);
    at (fixture, &probe[i], 100 * (int64_t)i);
  }
  assert_int_equal (sim_run (fixture->sim, (SimLimits){ .until = { 100 } }), SIM_STOP_TIME);
  assert_log (fixture, "ab");
  assert_int_equal (sim_run (fixture->sim, (SimLimits){ .until = { 150 } }), SIM_STOP_TIME);
  assert_int_equal (sim_now (fixture->sim).ps, 150);
  assert_int_equal (sim_run (fixture->sim, (SimLimits){ .until = { 1000 } }), SIM_STOP_IDLE);
  assert_int_equal (sim_now (fixture->sim).ps, 200);
}

static void
events_may_be_armed_before_one_that_was_looked_at (void **state)
{
  Fixture *fixture = *state;
  Probe far, near[200];
  init_probe (fixture, &far, 1, SIM_PHASE_HOST, 0);
  at (fixture, &far, INT64_C (200) * SIM_PS_PER_S);
  sim_run (fixture->sim, (SimLimits){ .until = { 1000 } });
  for (uint32_t i = 0; i < 200; i++) {
    init_probe (fixture, &near[i], 0, SIM_PHASE_HOST, 0);
    at (fixture, &near[i], 1000 + INT64_C (1000000000) * ((i * 37) % 200));
  }
  sim_run (fixture->sim, NO_LIMIT);
  assert_int_equal (fixture->log.count, 201);
  for (uint32_t i = 0; i < 200; i++)
    assert_int_equal (fixture->log.when[i], 1000 + INT64_C (1000000000) * i);
  assert_int_equal (fixture->log.id[200], 1);
}

static void
an_idle_machine_starts_again_where_it_stood (void **state)
{
  Fixture *fixture = *state;
  Probe probe, cancelled;
  init_probe (fixture, &probe, 0, SIM_PHASE_HOST, 0);
  init_probe (fixture, &cancelled, 1, SIM_PHASE_HOST, 0);
  at (fixture, &probe, 7);
  at (fixture, &cancelled, INT64_C (1) << 50);
  sim_event_cancel (fixture->sim, &cancelled.event);
  assert_int_equal (sim_run (fixture->sim, NO_LIMIT), SIM_STOP_IDLE);
  assert_int_equal (sim_now (fixture->sim).ps, 7);
  at (fixture, &probe, 8);
  at (fixture, &cancelled, 9);
  assert_int_equal (sim_run (fixture->sim, NO_LIMIT), SIM_STOP_IDLE);
  assert_log (fixture, "aab");
}

static void
an_event_limit_stops_at_its_number (void **state)
{
  Fixture *fixture = *state;
  Probe probe;
  init_probe (fixture, &probe, 0, SIM_PHASE_HOST, 0);
  probe.repeats = 100;
  probe.period = sim_ps (3);
  at (fixture, &probe, 0);
  SimLimits limits = { .until = SIM_TIME_NEVER, .max_events = 10 };
  assert_int_equal (sim_run (fixture->sim, limits), SIM_STOP_EVENTS);
  assert_int_equal (sim_events_fired (fixture->sim), 10);
  assert_int_equal (sim_now (fixture->sim).ps, 27);
  limits.max_events = 11;
  assert_int_equal (sim_run (fixture->sim, limits), SIM_STOP_EVENTS);
  assert_int_equal (sim_events_fired (fixture->sim), 11);
}

static void
progress_at (Sim *sim, void *data)
{
  (void)data;
  sim_progress (sim);
}

static void
a_livelock_is_so_many_events_without_progress (void **state)
{
  Fixture *fixture = *state;
  Probe probe;
  SimEvent progress;
  init_probe (fixture, &probe, 0, SIM_PHASE_HOST, 0);
  probe.repeats = 1000;
  probe.period = sim_ps (10);
  at (fixture, &probe, 0);
  sim_event_init (&progress, SIM_PHASE_OBSERVE, 0, progress_at, NULL);
  sim_event_schedule (fixture->sim, &progress, (SimTime){ 200 }); /* the 22nd event */
  SimLimits limits = { .until = SIM_TIME_NEVER, .livelock_events = 50 };
  assert_int_equal (sim_run (fixture->sim, limits), SIM_STOP_LIVELOCK);
  assert_int_equal (sim_events_fired (fixture->sim), 22 + 50);
  assert_int_equal (sim_run (fixture->sim, limits), SIM_STOP_LIVELOCK);
  assert_int_equal (sim_events_fired (fixture->sim), 22 + 50 + 50);
}

static void
request_stop_at (Sim *sim, void *data)
{
  (void)data;
  sim_request_stop (sim);
}

static void
a_requested_stop_ends_the_run_after_the_event (void **state)
{
  Fixture *fixture = *state;
  Probe probe;
  SimEvent stop;
  init_probe (fixture, &probe, 0, SIM_PHASE_HOST, 0);
  sim_event_init (&stop, SIM_PHASE_HOST, 0, request_stop_at, NULL);
  sim_event_schedule (fixture->sim, &stop, (SimTime){ 5 });
  at (fixture, &probe, 5);
  assert_int_equal (sim_run (fixture->sim, NO_LIMIT), SIM_STOP_REQUEST);
  assert_int_equal (fixture->log.count, 0);
  assert_int_equal (sim_run (fixture->sim, NO_LIMIT), SIM_STOP_IDLE);
  assert_log (fixture, "a");
}

static void
armings_are_counted_anew_when_the_count_is_used_up (void **state)
{
  Fixture *fixture = *state;
  Probe probe[6];
  for (uint32_t i = 0; i < 6; i++)
    init_probe (fixture, &probe[i], i, SIM_PHASE_HOST, 3);
  at (fixture, &probe[0], 100);
  at (fixture, &probe[1], 10);
  at (fixture, &probe[1], 100); /* lazily behind the first */
  at (fixture, &probe[5], 100);
  sim_event_cancel (fixture->sim, &probe[5].event);
  at (fixture, &probe[2], 50);
  sim_skip_sequence (fixture->sim, UINT64_C (1) << 34);
  at (fixture, &probe[3], 100);
  at (fixture, &probe[2], 100);
  at (fixture, &probe[4], 50);
  assert_true (fixture->sim->sequence < 10);
  assert_int_equal (sim_events_pending (fixture->sim), 5);
  sim_run (fixture->sim, NO_LIMIT);
  assert_log (fixture, "eabdc");
}

static void
arming_in_the_past_or_never_asserts (void **state)
{
  Fixture *fixture = *state;
  Probe probe;
  init_probe (fixture, &probe, 0, SIM_PHASE_HOST, 0);
  at (fixture, &probe, 10);
  sim_run (fixture->sim, NO_LIMIT);
  expect_assert_failure (at (fixture, &probe, 9));
  expect_assert_failure (at (fixture, &probe, INT64_MAX));
  expect_assert_failure (sim_event_init (&probe.event, SIM_PHASE_HOST, SIM_ACTORS_MAX, fire, NULL));
}

static void
every_stop_has_a_name (G_GNUC_UNUSED void **state)
{
  assert_string_equal (sim_stop_name (SIM_STOP_IDLE), "idle");
  assert_string_equal (sim_stop_name (SIM_STOP_TIME), "time");
  assert_string_equal (sim_stop_name (SIM_STOP_EVENTS), "events");
  assert_string_equal (sim_stop_name (SIM_STOP_LIVELOCK), "livelock");
  assert_string_equal (sim_stop_name (SIM_STOP_REQUEST), "request");
}

#define TEST(name) cmocka_unit_test_setup_teardown (name, set_up, tear_down)

int
main (void)
{
  const struct CMUnitTest tests[] = {
    TEST (events_fire_by_time_then_phase_then_actor_then_arming),
    TEST (an_event_armed_again_goes_behind_its_equals),
    TEST (an_event_moved_later_fires_once_at_its_last_time),
    TEST (moving_an_event_later_adds_no_entry),
    TEST (an_event_moved_earlier_fires_once_and_early),
    TEST (the_order_of_a_moved_event_is_that_of_its_last_arming),
    TEST (a_cancelled_event_does_not_fire_and_may_be_freed),
    TEST (cancelling_what_is_not_pending_does_nothing),
    TEST (what_is_cancelled_does_not_pile_up),
    TEST (an_event_cancelled_and_armed_again_fires_once),
    TEST (thousands_of_events_of_one_instant_keep_their_order),
    TEST (thousands_may_be_cancelled_at_once),
    TEST (a_time_limit_leaves_what_is_later_and_moves_now_to_the_limit),
    TEST (events_may_be_armed_before_one_that_was_looked_at),
    TEST (an_idle_machine_starts_again_where_it_stood),
    TEST (an_event_limit_stops_at_its_number),
    TEST (a_livelock_is_so_many_events_without_progress),
    TEST (a_requested_stop_ends_the_run_after_the_event),
    TEST (armings_are_counted_anew_when_the_count_is_used_up),
    TEST (arming_in_the_past_or_never_asserts),
    TEST (every_stop_has_a_name),
  };
  return cmocka_run_group_tests (tests, NULL, NULL);
}
