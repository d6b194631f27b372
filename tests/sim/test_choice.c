#include "tests/support.h"

#include "sim/choice.h"
#include "sim/sim.h"

enum { SITE = 7, OTHER_SITE = 8, LOG_MAX = 64 };

typedef struct Fixture {
  Sim *sim;
  SimChoices *choices;
  char log[LOG_MAX];
  uint32_t log_count;
} Fixture;

typedef struct Probe {
  SimEvent event;
  Fixture *fixture;
  char tag;
  uint32_t repeats; /* at the same instant */
} Probe;

static const SimLimits NO_LIMIT = { .until = SIM_TIME_NEVER };

static int
set_up (void **state)
{
  Fixture *fixture = g_new0 (Fixture, 1);
  fixture->sim = sim_new (1);
  fixture->choices = sim_choices (fixture->sim);
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
a_closed_site_answers_zero_and_counts_nothing (void **state)
{
  Fixture *fixture = *state;
  size_t count;
  assert_int_equal (sim_choose (fixture->sim, SITE, 1, 5), 0);
  SimChoice schedule = { .site = SITE, .subject = 1, .ordinal = 1, .value = 3 };
  sim_choices_load (fixture->choices, &schedule, 1);
  assert_int_equal (sim_choose (fixture->sim, SITE, 1, 5), 3);
  sim_choices_taken (fixture->choices, &count);
  assert_int_equal (count, 1);
}

static void
an_open_site_without_a_schedule_answers_zero (void **state)
{
  Fixture *fixture = *state;
  size_t count;
  assert_false (sim_choices_is_open (fixture->choices, SITE));
  sim_choices_open (fixture->choices, SITE);
  assert_true (sim_choices_is_open (fixture->choices, SITE));
  assert_false (sim_choices_is_open (fixture->choices, OTHER_SITE));
  assert_int_equal (sim_choose (fixture->sim, SITE, 1, 5), 0);
  sim_choices_taken (fixture->choices, &count);
  assert_int_equal (count, 0);
}

static void
ordinals_count_for_each_site_and_subject_alone (void **state)
{
  Fixture *fixture = *state;
  static const SimChoice schedule[] = {
    { .site = SITE, .subject = 1, .ordinal = 2, .value = 1 },
    { .site = SITE, .subject = 2, .ordinal = 1, .value = 2 },
    { .site = OTHER_SITE, .subject = 1, .ordinal = 3, .value = 3 },
  };
  sim_choices_load (fixture->choices, schedule, G_N_ELEMENTS (schedule));
  assert_int_equal (sim_choose (fixture->sim, SITE, 1, 4), 0);
  assert_int_equal (sim_choose (fixture->sim, SITE, 2, 4), 2);
  assert_int_equal (sim_choose (fixture->sim, OTHER_SITE, 1, 4), 0);
  assert_int_equal (sim_choose (fixture->sim, OTHER_SITE, 1, 4), 0);
  assert_int_equal (sim_choose (fixture->sim, SITE, 1, 4), 1);
  assert_int_equal (sim_choose (fixture->sim, SITE, 1, 4), 0);
  assert_int_equal (sim_choose (fixture->sim, OTHER_SITE, 1, 4), 3);

  size_t count;
  const SimChoice *taken = sim_choices_taken (fixture->choices, &count);
  assert_int_equal (count, 3);
  assert_int_equal (taken[1].site, SITE);
  assert_int_equal (taken[1].subject, 1);
  assert_int_equal (taken[1].ordinal, 2);
  assert_int_equal (taken[1].value, 1);
  assert_int_equal (taken[1].n, 4);
  g_free (sim_choices_unused (fixture->choices, &count));
  assert_int_equal (count, 0);
}

static void
ordinals_of_thousands_of_subjects_are_kept_apart (void **state)
{
  Fixture *fixture = *state;
  enum { SUBJECTS = 5000 };
  SimChoice *schedule = g_new0 (SimChoice, SUBJECTS);
  for (uint64_t i = 0; i < SUBJECTS; i++)
    schedule[i] = (SimChoice){ .site = SITE, .subject = i << 20, .ordinal = 1 + i % 3, .value = 1 };
  sim_choices_load (fixture->choices, schedule, SUBJECTS);
  g_free (schedule);
  for (uint64_t ordinal = 1; ordinal <= 3; ordinal++)
    for (uint64_t i = 0; i < SUBJECTS; i++)
      assert_int_equal (sim_choose (fixture->sim, SITE, i << 20, 2), ordinal == 1 + i % 3);
}

static void
what_a_run_took_replays_it (void **state)
{
  Fixture *fixture = *state;
  static const SimChoice schedule[] = { { .site = SITE, .subject = 9, .ordinal = 2, .value = 1 },
                                        { .site = SITE, .subject = 9, .ordinal = 5, .value = 2 } };
  sim_choices_load (fixture->choices, schedule, 2);
  uint32_t first[6];
  for (unsigned i = 0; i < 6; i++)
    first[i] = sim_choose (fixture->sim, SITE, 9, 3);

  size_t count;
  const SimChoice *taken = sim_choices_taken (fixture->choices, &count);
  Sim *again = sim_new (1);
  sim_choices_load (sim_choices (again), taken, count);
  for (unsigned i = 0; i < 6; i++)
    assert_int_equal (sim_choose (again, SITE, 9, 3), first[i]);
  sim_free (again);
}

static void
a_scheduled_choice_that_is_not_possible_or_never_comes_is_a_divergence (void **state)
{
  Fixture *fixture = *state;
  static const SimChoice schedule[] = {
    { .site = SITE, .subject = 1, .ordinal = 1, .value = 4 },
    { .site = SITE, .subject = 1, .ordinal = 2, .value = 1 },
    { .site = SITE, .subject = 1, .ordinal = 9, .value = 1 },
  };
  sim_choices_load (fixture->choices, schedule, G_N_ELEMENTS (schedule));
  assert_int_equal (sim_choose (fixture->sim, SITE, 1, 4), 0);
  assert_int_equal (sim_choose (fixture->sim, SITE, 1, 4), 1);

  size_t count;
  g_autofree SimChoice *unused = sim_choices_unused (fixture->choices, &count);
  assert_int_equal (count, 2);
  assert_int_equal (unused[0].ordinal, 1);
  assert_int_equal (unused[1].ordinal, 9);
}

static uint32_t
choose_last (void *data, const SimChoice *choice)
{
  uint32_t *asked = data;
  *asked += 1 + choice->value;
  return choice->n - 1;
}

static void
a_chooser_decides_and_sees_what_the_schedule_says (void **state)
{
  Fixture *fixture = *state;
  uint32_t asked = 0;
  SimChoice schedule = { .site = SITE, .subject = 1, .ordinal = 2, .value = 10 };
  sim_choices_load (fixture->choices, &schedule, 1);
  sim_choices_set_chooser (fixture->choices, choose_last, &asked);
  assert_int_equal (sim_choose (fixture->sim, SITE, 1, 20), 19);
  assert_int_equal (sim_choose (fixture->sim, SITE, 1, 20), 19);
  assert_int_equal (sim_choose (fixture->sim, SITE, 1, 1), 0);
  assert_int_equal (sim_choose (fixture->sim, OTHER_SITE, 1, 20), 0); /* closed */
  assert_int_equal (asked, 3 + 10);
  size_t count;
  sim_choices_taken (fixture->choices, &count);
  assert_int_equal (count, 2);
}

/* The order of one instant */

static void
fire (Sim *sim, void *data)
{
  Probe *probe = data;
  Fixture *fixture = probe->fixture;
  assert_true (fixture->log_count < LOG_MAX - 1);
  fixture->log[fixture->log_count++] = probe->tag;
  if (probe->repeats > 0) {
    probe->repeats--;
    sim_event_schedule (sim, &probe->event, sim_now (sim));
  }
}

static void
arm (Fixture *fixture, Probe *probe, char tag, SimPhase phase, uint32_t actor_id, int64_t ps)
{
  *probe = (Probe){ .fixture = fixture, .tag = tag };
  sim_event_init (&probe->event, phase, actor_id, fire, probe);
  sim_event_schedule (fixture->sim, &probe->event, (SimTime){ ps });
}

/* a b of actor 1, c of actor 2, d of actor 3, all at 10 in one phase; e in another, f later. */
static void
arm_tied (Fixture *fixture, Probe *probe)
{
  arm (fixture, &probe[0], 'a', SIM_PHASE_DEVICE, 1, 10);
  arm (fixture, &probe[5], 'f', SIM_PHASE_DEVICE, 9, 11);
  arm (fixture, &probe[3], 'd', SIM_PHASE_DEVICE, 3, 10);
  arm (fixture, &probe[1], 'b', SIM_PHASE_DEVICE, 1, 10);
  arm (fixture, &probe[2], 'c', SIM_PHASE_DEVICE, 2, 10);
  arm (fixture, &probe[4], 'e', SIM_PHASE_HOST, 0, 10);
}

static void
the_open_order_of_an_instant_is_canonical_by_default (void **state)
{
  Fixture *fixture = *state;
  Probe probe[6];
  sim_choices_open (fixture->choices, SIM_SITE_SAME_TIME);
  arm_tied (fixture, probe);
  assert_int_equal (sim_run (fixture->sim, NO_LIMIT), SIM_STOP_IDLE);
  assert_string_equal (fixture->log, "abcdef");
}

static void
a_choice_picks_which_actor_of_an_instant_goes_next (void **state)
{
  Fixture *fixture = *state;
  Probe probe[6];
  /* First of three actors the third, then of two the second. */
  static const SimChoice schedule[] = {
    { .site = SIM_SITE_SAME_TIME, .ordinal = 1, .value = 2 },
    { .site = SIM_SITE_SAME_TIME, .ordinal = 2, .value = 1 },
  };
  sim_choices_load (fixture->choices, schedule, 2);
  arm_tied (fixture, probe);
  sim_run (fixture->sim, NO_LIMIT);
  assert_string_equal (fixture->log, "dcabef");

  size_t count;
  const SimChoice *taken = sim_choices_taken (fixture->choices, &count);
  assert_int_equal (count, 2);
  assert_int_equal (taken[0].n, 3);
  assert_int_equal (taken[0].when.ps, 10);
  assert_int_equal (taken[1].n, 2);
}

static uint32_t
count_choices (void *data, const SimChoice *choice)
{
  uint32_t *count = data;
  *count = *count * 10 + choice->n;
  return choice->value;
}

static void
one_actor_alone_is_no_choice (void **state)
{
  Fixture *fixture = *state;
  Probe probe[6];
  uint32_t asked = 0;
  sim_choices_open (fixture->choices, SIM_SITE_SAME_TIME);
  sim_choices_set_chooser (fixture->choices, count_choices, &asked);
  arm_tied (fixture, probe);
  sim_run (fixture->sim, NO_LIMIT);
  /* a of 3, b of 3, c of 2; d, e and f are alone. */
  assert_int_equal (asked, 332);
}

static void
moved_and_cancelled_events_are_not_among_the_choices (void **state)
{
  Fixture *fixture = *state;
  Probe probe[6], early;
  uint32_t asked = 0;
  sim_choices_open (fixture->choices, SIM_SITE_SAME_TIME);
  sim_choices_set_chooser (fixture->choices, count_choices, &asked);
  arm_tied (fixture, probe);
  arm (fixture, &early, 'x', SIM_PHASE_DEVICE, 5, 10);
  sim_event_schedule (fixture->sim, &early.event, (SimTime){ 12 });
  sim_event_cancel (fixture->sim, &probe[2].event);
  sim_run (fixture->sim, NO_LIMIT);
  assert_string_equal (fixture->log, "abdefx");
  assert_int_equal (asked, 22);
}

static void
choosing_among_many_of_an_instant_loses_none (void **state)
{
  Fixture *fixture = *state;
  enum { N = 30 };
  Probe probe[N];
  uint32_t asked = 0;
  sim_choices_open (fixture->choices, SIM_SITE_SAME_TIME);
  sim_choices_set_chooser (fixture->choices, choose_last, &asked);
  for (uint32_t i = 0; i < N; i++) {
    arm (fixture, &probe[i], (char)('A' + i), SIM_PHASE_HOST, i, 5);
    probe[i].repeats = 1;
  }
  sim_run (fixture->sim, NO_LIMIT);
  assert_int_equal (fixture->log_count, 2 * N);
  for (uint32_t i = 0; i < 2 * N; i++)
    assert_int_equal (fixture->log[i], 'A' + (N - 1 - i / 2));
}

#define TEST(name) cmocka_unit_test_setup_teardown (name, set_up, tear_down)

int
main (void)
{
  const struct CMUnitTest tests[] = {
    TEST (a_closed_site_answers_zero_and_counts_nothing),
    TEST (an_open_site_without_a_schedule_answers_zero),
    TEST (ordinals_count_for_each_site_and_subject_alone),
    TEST (ordinals_of_thousands_of_subjects_are_kept_apart),
    TEST (what_a_run_took_replays_it),
    TEST (a_scheduled_choice_that_is_not_possible_or_never_comes_is_a_divergence),
    TEST (a_chooser_decides_and_sees_what_the_schedule_says),
    TEST (the_open_order_of_an_instant_is_canonical_by_default),
    TEST (a_choice_picks_which_actor_of_an_instant_goes_next),
    TEST (one_actor_alone_is_no_choice),
    TEST (moved_and_cancelled_events_are_not_among_the_choices),
    TEST (choosing_among_many_of_an_instant_loses_none),
  };
  return cmocka_run_group_tests (tests, NULL, NULL);
}
