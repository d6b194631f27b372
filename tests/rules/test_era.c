#include "tests/support.h"

#include "models/rules/era.h"

/* The store, and the newest era of an object. */
typedef struct Fixture {
  RuleEras eras;
  RuleEra now;
} Fixture;

static int
set_up (void **state)
{
  Fixture *fixture = g_new0 (Fixture, 1);

  rule_eras_init (&fixture->eras);
  *state = fixture;
  return 0;
}

static int
tear_down (void **state)
{
  Fixture *fixture = *state;

  rule_eras_clear (&fixture->eras);
  g_free (fixture);
  return 0;
}

static SimTime
at_ms (int64_t ms)
{
  return sim_time_add (SIM_TIME_ZERO, sim_ms (ms));
}

/* What shows |value| begins. */
static void
begin (Fixture *fixture, int64_t value, int64_t since_ms)
{
  RuleEra era = { .look = { { value } }, .op = (uint32_t)value, .since = at_ms (since_ms) };

  rule_era_begin (&fixture->eras, &fixture->now, &era);
}

static unsigned
count (const Fixture *fixture)
{
  unsigned eras = 0;

  for (const RuleEra *era = &fixture->now; era != NULL; era = rule_era_older (&fixture->eras, era))
    eras++;
  return eras;
}

static void
the_first_era_has_none_before_it (void **state)
{
  Fixture *fixture = *state;

  begin (fixture, 1, 5);

  assert_true (fixture->now.is_known);
  assert_true (sim_time_is_never (fixture->now.until));
  assert_null (rule_era_older (&fixture->eras, &fixture->now));
}

static void
an_era_is_over_when_what_brings_the_next_is_complete (void **state)
{
  Fixture *fixture = *state;

  begin (fixture, 1, 5);
  begin (fixture, 2, 7);
  const RuleEra *older = rule_era_older (&fixture->eras, &fixture->now);
  assert_int_equal (older->look.value[0], 1);
  assert_true (sim_time_is_never (older->until));

  rule_era_settle (&fixture->eras, &fixture->now, at_ms (9));

  assert_int_equal (older->until.ps, at_ms (9).ps);
  assert_true (sim_time_is_never (fixture->now.until));
}

static void
an_era_that_shows_the_same_goes_on (void **state)
{
  Fixture *fixture = *state;

  begin (fixture, 1, 5);
  rule_era_end (&fixture->eras, &fixture->now, at_ms (6));
  begin (fixture, 1, 7);

  assert_int_equal (count (fixture), 1);
  assert_int_equal (fixture->now.since.ps, at_ms (5).ps);
  assert_true (sim_time_is_never (fixture->now.until));
}

static void
another_parent_is_another_era (void **state)
{
  Fixture *fixture = *state;
  RuleEra era = { .look = { { 1 } }, .parent = 3, .since = at_ms (7) };

  begin (fixture, 1, 5);
  rule_era_begin (&fixture->eras, &fixture->now, &era);

  assert_int_equal (count (fixture), 2);
  assert_int_equal (fixture->now.parent, 3);
}

static void
after_a_failure_the_era_before_goes_on (void **state)
{
  Fixture *fixture = *state;

  begin (fixture, 1, 5);
  begin (fixture, 2, 7);
  rule_era_undo (&fixture->eras, &fixture->now);

  assert_int_equal (fixture->now.look.value[0], 1);
  assert_true (sim_time_is_never (fixture->now.until));
  assert_int_equal (count (fixture), 1);
}

static void
what_no_segment_shows_any_more_is_forgotten_and_its_place_used_again (void **state)
{
  Fixture *fixture = *state;
  int64_t queued_ms = RULE_QUEUED_PS / SIM_PS_PER_MS;

  for (int64_t i = 1; i <= 100; i++) {
    begin (fixture, i, i * queued_ms);
    rule_era_settle (&fixture->eras, &fixture->now, at_ms (i * queued_ms + 1));
    assert_true (count (fixture) <= 3);
  }

  assert_true (fixture->eras.past->len <= 3);
}

int
main (void)
{
#define TEST(name) cmocka_unit_test_setup_teardown (name, set_up, tear_down)
  const struct CMUnitTest tests[] = {
    TEST (the_first_era_has_none_before_it),
    TEST (an_era_is_over_when_what_brings_the_next_is_complete),
    TEST (an_era_that_shows_the_same_goes_on),
    TEST (another_parent_is_another_era),
    TEST (after_a_failure_the_era_before_goes_on),
    TEST (what_no_segment_shows_any_more_is_forgotten_and_its_place_used_again),
  };
  return cmocka_run_group_tests_name ("era", tests, NULL, NULL);
}
