#include "tests/support.h"

#include "lab/strategy.h"
#include "sim/sim.h"

#define N_CHOICES 2000
#define N_WAYS 5

/* What |strategy| answers to many choices of five ways. */
static void
ask (LabStrategy *strategy, uint32_t *ret_answers)
{
  Sim *sim = sim_new (1);

  sim_choices_open (sim_choices (sim), 3);
  lab_strategy_attach (strategy, sim_choices (sim));
  for (uint32_t i = 0; i < N_CHOICES; i++)
    ret_answers[i] = sim_choose (sim, 3, i % 7, N_WAYS);
  sim_free (sim);
}

static void
the_same_number_makes_the_same_choices (void **state)
{
  (void)state;
  uint32_t first[N_CHOICES], again[N_CHOICES], other[N_CHOICES];
  LabStrategy strategy = lab_strategy_random (4), same = strategy;
  LabStrategy different = lab_strategy_random (5);

  ask (&strategy, first);
  ask (&same, again);
  ask (&different, other);
  assert_memory_equal (first, again, sizeof first);
  assert_memory_not_equal (first, other, sizeof first);
}

static void
choices_deviate_as_often_as_it_says_and_all_ways_alike (void **state)
{
  (void)state;
  uint32_t answers[N_CHOICES], count[N_WAYS] = { 0 };
  LabStrategy strategy = lab_strategy_random (1);

  strategy.one_in = 2;
  ask (&strategy, answers);
  for (uint32_t i = 0; i < N_CHOICES; i++)
    count[answers[i]]++;
  assert_in_range (count[0], N_CHOICES * 45 / 100, N_CHOICES * 55 / 100);
  for (uint32_t way = 1; way < N_WAYS; way++)
    assert_in_range (count[way], N_CHOICES * 10 / 100, N_CHOICES * 15 / 100);
}

static void
one_way_is_no_choice (void **state)
{
  (void)state;
  Sim *sim = sim_new (1);
  LabStrategy strategy = lab_strategy_random (1);

  strategy.one_in = 1;
  sim_choices_open (sim_choices (sim), 3);
  lab_strategy_attach (&strategy, sim_choices (sim));
  for (uint32_t i = 0; i < 100; i++)
    assert_int_equal (sim_choose (sim, 3, 0, 1), 0);
  sim_free (sim);
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test (the_same_number_makes_the_same_choices),
    cmocka_unit_test (choices_deviate_as_often_as_it_says_and_all_ways_alike),
    cmocka_unit_test (one_way_is_no_choice),
  };
  return cmocka_run_group_tests (tests, NULL, NULL);
}
