#include "tests/support.h"

#include "sim/clock.h"
#include "sim/random.h"

static const SimClock CLOCKS[] = {
  { 1 },          { 3 },          { 350000000 },    { 1000000000 },   { 2999999999 },
  { 3000000000 }, { 7777777777 }, { 999999999989 }, { 1000000000000 }
};

static void
edges_of_3_ghz_are_thirds_rounded_down (G_GNUC_UNUSED void **state)
{
  SimClock clock = { 3000000000 };
  static const int64_t edges[] = { 0, 333, 666, 1000, 1333, 1666, 2000 };
  for (int64_t n = 0; n < (int64_t)G_N_ELEMENTS (edges); n++)
    assert_int_equal (sim_clock_edge (clock, n).ps, edges[n]);
}

static void
rounding_of_edges_never_accumulates (G_GNUC_UNUSED void **state)
{
  assert_int_equal (sim_clock_edge ((SimClock){ 3000000000 }, 3000000000).ps, SIM_PS_PER_S);
  assert_int_equal (sim_clock_edge ((SimClock){ 350000000 }, 350000000 * INT64_C (3600)).ps,
                    3600 * SIM_PS_PER_S);
  assert_int_equal (sim_clock_edge ((SimClock){ 3 }, 3000000).ps, 1000000 * SIM_PS_PER_S);
  assert_int_equal (sim_clock_edge ((SimClock){ 3 }, 1).ps, INT64_C (333333333333));
}

/* Plainly: by trying. */
static void
last_and_first_edge_agree_with_the_edges_themselves (G_GNUC_UNUSED void **state)
{
  SimStream stream = sim_stream (1, "edges");
  for (size_t c = 0; c < G_N_ELEMENTS (CLOCKS); c++)
    for (uint64_t i = 0; i < 2000; i++) {
      SimTime t = { (int64_t)sim_draw_below (stream, c, i, UINT64_C (1) << (2 + i % 58)) };
      int64_t last = sim_clock_last_edge (CLOCKS[c], t);
      int64_t first = sim_clock_first_edge (CLOCKS[c], t);
      assert_true (sim_clock_edge (CLOCKS[c], last).ps <= t.ps);
      assert_true (sim_clock_edge (CLOCKS[c], last + 1).ps > t.ps);
      assert_true (sim_clock_edge (CLOCKS[c], first).ps >= t.ps);
      assert_true (first == 0 || sim_clock_edge (CLOCKS[c], first - 1).ps < t.ps);
    }
}

static void
cycles_count_from_the_first_edge_at_or_after (G_GNUC_UNUSED void **state)
{
  SimClock clock = { 3000000000 };
  assert_int_equal (sim_clock_after (clock, (SimTime){ 0 }, sim_cycles (1)).ps, 333);
  assert_int_equal (sim_clock_after (clock, (SimTime){ 333 }, sim_cycles (1)).ps, 666);
  assert_int_equal (sim_clock_after (clock, (SimTime){ 334 }, sim_cycles (1)).ps, 1000);
  assert_int_equal (sim_clock_after (clock, (SimTime){ 666 }, sim_cycles (3)).ps, 1666);
}

static void
no_cycles_take_no_time_and_no_alignment (G_GNUC_UNUSED void **state)
{
  assert_int_equal (sim_clock_after ((SimClock){ 3 }, (SimTime){ 17 }, SIM_CYCLES_ZERO).ps, 17);
}

static void
steps_added_one_by_one_end_where_one_long_step_ends (G_GNUC_UNUSED void **state)
{
  for (size_t c = 0; c < G_N_ELEMENTS (CLOCKS); c++) {
    SimTime t = { 5 };
    for (int64_t n = 1; n <= 1000; n++)
      t = sim_clock_after (CLOCKS[c], t, sim_cycles (1 + n % 3));
    assert_int_equal (t.ps, sim_clock_after (CLOCKS[c], (SimTime){ 5 }, sim_cycles (2000)).ps);
  }
}

static void
elapsed_counts_the_edges_after_the_first_instant (G_GNUC_UNUSED void **state)
{
  SimClock clock = { 350000000 }; /* edges at 0, 2857, 5714, 8571 */
  assert_int_equal (sim_clock_elapsed (clock, (SimTime){ 0 }, (SimTime){ 2856 }).count, 0);
  assert_int_equal (sim_clock_elapsed (clock, (SimTime){ 0 }, (SimTime){ 2857 }).count, 1);
  assert_int_equal (sim_clock_elapsed (clock, (SimTime){ 2857 }, (SimTime){ 8571 }).count, 2);
  assert_int_equal (sim_clock_elapsed (clock, (SimTime){ 2856 }, (SimTime){ 8571 }).count, 3);
}

static void
a_rate_hands_its_remainder_on (G_GNUC_UNUSED void **state)
{
  SimRate rate = sim_rate (INT64_C (9600000007));
  int64_t sum = 0;
  for (unsigned i = 0; i < 100000; i++)
    sum += sim_rate_take (&rate, 1514 + i % 2).ps;
  /* 151,450,000 bytes: floor (151450000 * 8 * 10^12 / 9600000007). */
  assert_int_equal (sum, INT64_C (126208333241));
}

static void
ten_gigabit_takes_100_ps_a_bit (G_GNUC_UNUSED void **state)
{
  SimRate rate = sim_rate (INT64_C (10000000000));
  assert_int_equal (sim_rate_take (&rate, 1538).ps, 1538 * 800);
  assert_int_equal (sim_rate_take (&rate, 0).ps, 0);
  assert_int_equal (rate.remainder, 0);
}

static void
a_clock_or_rate_that_cannot_be_asserts (G_GNUC_UNUSED void **state)
{
  SimRate rate = sim_rate (0);
  expect_assert_failure (sim_clock_edge ((SimClock){ 0 }, 1));
  expect_assert_failure (sim_clock_edge ((SimClock){ SIM_PS_PER_S + 1 }, 1));
  expect_assert_failure (sim_clock_edge ((SimClock){ 1 }, -1));
  expect_assert_failure (sim_clock_edge ((SimClock){ 1 }, INT64_C (10000000)));
  expect_assert_failure (sim_clock_after ((SimClock){ 1 }, SIM_TIME_ZERO, sim_cycles (-1)));
  expect_assert_failure (sim_rate_take (&rate, 1));
}

static void
time_arithmetic_that_overflows_asserts (G_GNUC_UNUSED void **state)
{
  SimTime late = { INT64_MAX - 5 };
  expect_assert_failure (sim_time_add (late, sim_ps (6)));
  expect_assert_failure (sim_time_diff ((SimTime){ -2 }, (SimTime){ INT64_MAX }));
  expect_assert_failure (sim_ms (INT64_C (10000000000)));
  expect_assert_failure (sim_duration_add (sim_ps (INT64_MAX), sim_ps (1)));
  expect_assert_failure (sim_cycles_add (sim_cycles (INT64_MAX), sim_cycles (1)));
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test (edges_of_3_ghz_are_thirds_rounded_down),
    cmocka_unit_test (rounding_of_edges_never_accumulates),
    cmocka_unit_test (last_and_first_edge_agree_with_the_edges_themselves),
    cmocka_unit_test (cycles_count_from_the_first_edge_at_or_after),
    cmocka_unit_test (no_cycles_take_no_time_and_no_alignment),
    cmocka_unit_test (steps_added_one_by_one_end_where_one_long_step_ends),
    cmocka_unit_test (elapsed_counts_the_edges_after_the_first_instant),
    cmocka_unit_test (a_rate_hands_its_remainder_on),
    cmocka_unit_test (ten_gigabit_takes_100_ps_a_bit),
    cmocka_unit_test (a_clock_or_rate_that_cannot_be_asserts),
    cmocka_unit_test (time_arithmetic_that_overflows_asserts),
  };
  return cmocka_run_group_tests (tests, NULL, NULL);
}
