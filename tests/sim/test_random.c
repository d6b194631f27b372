#include "tests/support.h"

#include "sim/mix.h"
#include "sim/random.h"

/* The published vectors of Philox4x32-10 (Random123, kat_vectors): the low half of each block. */
static void
draws_are_philox_4x32_10 (G_GNUC_UNUSED void **state)
{
  SimStream zeros = { { 0, 0 } };
  SimStream ones = { { 0xffffffff, 0xffffffff } };
  SimStream digits = { { 0xa4093822, 0x299f31d0 } };

  assert_int_equal (sim_draw (zeros, 0, 0), UINT64_C (0xe169c58d6627e8d5));
  assert_int_equal (sim_draw (ones, UINT64_MAX, UINT64_MAX), UINT64_C (0x41c83b0e408f276d));
  assert_int_equal (sim_draw (digits, UINT64_C (0x85a308d3243f6a88), UINT64_C (0x0370734413198a2e)),
                    UINT64_C (0x94fdccebd16cfe09));
}

static void
a_draw_depends_on_each_of_seed_stream_subject_and_n (G_GNUC_UNUSED void **state)
{
  uint64_t draw = sim_draw (sim_stream (1, "loss"), 2, 3);
  assert_int_equal (draw, sim_draw (sim_stream (1, "loss"), 2, 3));
  assert_int_not_equal (draw, sim_draw (sim_stream (2, "loss"), 2, 3));
  assert_int_not_equal (draw, sim_draw (sim_stream (1, "losses"), 2, 3));
  assert_int_not_equal (draw, sim_draw (sim_stream (1, "loss"), 3, 3));
  assert_int_not_equal (draw, sim_draw (sim_stream (1, "loss"), 2, 4));
}

/* The first number of SplitMix64 from seed 0. */
static void
the_mixer_is_that_of_splitmix64 (G_GNUC_UNUSED void **state)
{
  assert_int_equal (sim_mix (0), UINT64_C (0xe220a8397b1dcdaf));
}

/* A stream's key is part of every result: it does not change. */
static void
stream_keys_stay_what_they_are (G_GNUC_UNUSED void **state)
{
  SimStream stream = sim_stream (42, "arrivals");
  assert_int_equal (stream.key[0], 0x8763c889);
  assert_int_equal (stream.key[1], 0x38ba34a3);
}

static void
draws_below_a_bound_are_below_and_even (G_GNUC_UNUSED void **state)
{
  enum { BOUND = 7, DRAWS = 70000 };
  SimStream stream = sim_stream (1, "below");
  unsigned count[BOUND] = { 0 };
  for (uint64_t n = 0; n < DRAWS; n++)
    count[sim_draw_below (stream, 0, n, BOUND)]++;
  for (unsigned i = 0; i < BOUND; i++)
    assert_in_range (count[i], DRAWS / BOUND - 400, DRAWS / BOUND + 400);
  assert_int_equal (sim_draw_below (stream, 0, 0, 1), 0);
  expect_assert_failure (sim_draw_below (stream, 0, 0, 0));
}

static void
a_chance_comes_true_as_often_as_it_should (G_GNUC_UNUSED void **state)
{
  SimStream stream = sim_stream (1, "chance");
  unsigned count = 0;
  for (uint64_t n = 0; n < 100000; n++) {
    count += sim_draw_chance (stream, 0, n, 1, 100);
    assert_false (sim_draw_chance (stream, 0, n, 0, 100));
    assert_true (sim_draw_chance (stream, 0, n, 100, 100));
  }
  assert_in_range (count, 900, 1100);
  expect_assert_failure (sim_draw_chance (stream, 0, 0, 2, 1));
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test (draws_are_philox_4x32_10),
    cmocka_unit_test (a_draw_depends_on_each_of_seed_stream_subject_and_n),
    cmocka_unit_test (the_mixer_is_that_of_splitmix64),
    cmocka_unit_test (stream_keys_stay_what_they_are),
    cmocka_unit_test (draws_below_a_bound_are_below_and_even),
    cmocka_unit_test (a_chance_comes_true_as_often_as_it_should),
  };
  return cmocka_run_group_tests (tests, NULL, NULL);
}
