#include "tests/support.h"

#include <inttypes.h>

#include "sim/dist.h"

/* The u that stands for numerator / denominator. */
static uint64_t
quantile (uint64_t numerator, uint64_t denominator)
{
  return (uint64_t)(((unsigned __int128)numerator << 64) / denominator);
}

static void
assert_near (int64_t value, int64_t expected, int64_t tolerance)
{
  if (value < expected - tolerance || value > expected + tolerance)
    fail_msg ("%" PRId64 " is not %" PRId64 " +- %" PRId64, value, expected, tolerance);
}

static void
assert_monotone (const SimDist *dist)
{
  int64_t last = sim_dist_at (dist, 0);
  SimStream stream = sim_stream (7, "monotone");
  assert_int_equal (last, sim_dist_min (dist));
  for (uint64_t i = 0; i < 63; i++) {
    uint64_t low = i == 0 ? 0 : UINT64_C (1) << i;
    for (uint64_t k = 0; k < 200; k++) {
      /* Neighbours, at both ends of the range and on every scale. */
      uint64_t u = low + sim_draw_below (stream, i, k, (UINT64_C (1) << i));
      uint64_t step = 1 + sim_draw_below (stream, i + 64, k, (UINT64_C (1) << i));
      assert_true (sim_dist_at (dist, u) <= sim_dist_at (dist, u + step));
      assert_true (sim_dist_at (dist, ~(u + step)) <= sim_dist_at (dist, ~u));
    }
  }
  assert_int_equal (sim_dist_at (dist, UINT64_MAX), sim_dist_max (dist));
}

static void
a_constant_is_always_itself (G_GNUC_UNUSED void **state)
{
  g_autoptr (SimDist) dist = sim_dist_new_constant (-42);
  assert_int_equal (sim_dist_at (dist, 0), -42);
  assert_int_equal (sim_dist_at (dist, UINT64_MAX), -42);
  assert_int_equal (sim_dist_mean (dist), -42);
}

static void
a_uniform_range_has_both_ends_and_equal_shares (G_GNUC_UNUSED void **state)
{
  g_autoptr (SimDist) dist = sim_dist_new_uniform (10, 13);
  int64_t count[4] = { 0 };
  for (uint64_t i = 0; i < 4096; i++)
    count[sim_dist_at (dist, i << 52) - 10]++;
  for (unsigned i = 0; i < 4; i++)
    assert_int_equal (count[i], 1024);
  assert_int_equal (sim_dist_min (dist), 10);
  assert_int_equal (sim_dist_max (dist), 13);
  assert_int_equal (sim_dist_mean (dist), 11);
}

static void
a_uniform_range_may_be_all_of_int64 (G_GNUC_UNUSED void **state)
{
  g_autoptr (SimDist) dist = sim_dist_new_uniform (INT64_MIN, INT64_MAX);
  assert_int_equal (sim_dist_at (dist, 0), INT64_MIN);
  assert_int_equal (sim_dist_at (dist, UINT64_MAX), INT64_MAX);
  assert_int_equal (sim_dist_at (dist, UINT64_C (1) << 63), 0);
  assert_int_equal (sim_dist_mean (dist), -1);
}

/* -ln (1 - q), from tables: in units of 10^-12 of the mean. */
static void
an_exponential_has_its_quantiles_and_mean (G_GNUC_UNUSED void **state)
{
  static const struct {
    uint64_t numerator, denominator;
    int64_t value;
    int64_t tolerance;
  } rows[] = {
    { 1, 1000000, INT64_C (1000000), INT64_C (100) },
    { 1, 100, INT64_C (10050335854), INT64_C (1000) },
    { 1, 10, INT64_C (105360515658), INT64_C (20000000) },
    { 1, 4, INT64_C (287682072452), INT64_C (50000000) },
    { 1, 2, INT64_C (693147180560), INT64_C (100) },
    { 3, 4, INT64_C (1386294361120), INT64_C (200000000) },
    { 9, 10, INT64_C (2302585092994), INT64_C (200000000) },
    { 99, 100, INT64_C (4605170185988), INT64_C (100) },
    { 999, 1000, INT64_C (6907755278982), INT64_C (200000000) },
    { 999999, 1000000, INT64_C (13815510557964), INT64_C (200000000) },
    { UINT64_C (999999999999), UINT64_C (1000000000000), INT64_C (27631021115929),
      INT64_C (200000000) },
  };
  int64_t mean = INT64_C (1000000000000);
  g_autoptr (SimDist) dist = sim_dist_new_exponential (mean);

  for (size_t i = 0; i < G_N_ELEMENTS (rows); i++)
    assert_near (sim_dist_at (dist, quantile (rows[i].numerator, rows[i].denominator)),
                 rows[i].value, rows[i].tolerance);
  assert_near (sim_dist_mean (dist), mean, mean / 2000);
  assert_int_equal (sim_dist_min (dist), 0);
  assert_monotone (dist);
}

static void
an_exponential_of_drawn_numbers_has_its_mean (G_GNUC_UNUSED void **state)
{
  enum { DRAWS = 200000 };
  int64_t mean = 1000000;
  g_autoptr (SimDist) dist = sim_dist_new_exponential (mean);
  SimStream stream = sim_stream (1, "exponential");
  int64_t sum = 0;
  for (uint64_t n = 0; n < DRAWS; n++)
    sum += sim_dist_draw (dist, stream, 3, n);
  assert_near (sum / DRAWS, mean, mean / 200);
}

static void
a_small_exponential_stays_whole_and_in_order (G_GNUC_UNUSED void **state)
{
  g_autoptr (SimDist) dist = sim_dist_new_exponential (1);
  assert_int_equal (sim_dist_at (dist, quantile (1, 2)), 1);
  assert_int_equal (sim_dist_max (dist), 44);
  assert_monotone (dist);
}

static void
a_lognormal_goes_through_its_two_quantiles_exactly (G_GNUC_UNUSED void **state)
{
  static const int64_t pairs[][2] = {
    { 1, 1 },
    { 1, 2 },
    { 20000, 90000 },
    { 350000, 350001 },
    { INT64_C (5000000), INT64_C (123456789) },
    { INT64_C (80000000000), INT64_C (3000000000007) },
  };
  for (size_t i = 0; i < G_N_ELEMENTS (pairs); i++) {
    g_autoptr (SimDist) dist = sim_dist_new_lognormal (pairs[i][0], pairs[i][1]);
    assert_int_equal (sim_dist_at (dist, quantile (1, 2)), pairs[i][0]);
    assert_int_equal (sim_dist_at (dist, quantile (1, 2) - 1), pairs[i][0]);
    assert_int_equal (sim_dist_at (dist, quantile (99, 100)), pairs[i][1]);
    assert_int_equal (sim_dist_at (dist, quantile (99, 100) + 1), pairs[i][1]);
    assert_monotone (dist);
  }
}

/* p50 10^9, p99 10^10: the value at z is 10^(9 + z / 2.3263478740408408). */
static void
a_lognormal_has_the_tails_of_a_normal (G_GNUC_UNUSED void **state)
{
  static const struct {
    uint64_t numerator, denominator;
    int64_t value;
  } rows[] = {
    { 1, UINT64_C (1000000000000), INT64_C (946605) }, /* z -7.034484 */
    { 1, 1000, INT64_C (46950251) },                   /* z -3.090232 */
    { 1, 100, INT64_C (100000000) },                   /* z -2.326348 */
    { 1, 4, INT64_C (512938108) },                     /* z -0.674490 */
    { 3, 4, INT64_C (1949552945) },
    { 975, 1000, INT64_C (6958359058) }, /* z 1.959964 */
    { 999, 1000, INT64_C (21299140693) },
    { 999999, 1000000, INT64_C (110483903628) }, /* z 4.753424 */
    { UINT64_C (999999999999), UINT64_C (1000000000000), INT64_C (1056407395477) },
  };
  g_autoptr (SimDist) dist = sim_dist_new_lognormal (INT64_C (1000000000), INT64_C (10000000000));
  for (size_t i = 0; i < G_N_ELEMENTS (rows); i++)
    assert_near (sim_dist_at (dist, quantile (rows[i].numerator, rows[i].denominator)),
                 rows[i].value, rows[i].value / 2000);
}

static void
a_lognormal_beyond_int64_stops_there (G_GNUC_UNUSED void **state)
{
  g_autoptr (SimDist) dist = sim_dist_new_lognormal (1, INT64_MAX / 2);
  assert_int_equal (sim_dist_min (dist), 0);
  assert_int_equal (sim_dist_max (dist), INT64_MAX);
  assert_monotone (dist);
}

static void
an_empirical_distribution_gives_each_value_its_share (G_GNUC_UNUSED void **state)
{
  static const SimDistPoint points[] = {
    { 1460, 6 }, { -5, 1 }, { 64, 2 }, { 9000, 0 }, { 64, 1 }
  };
  g_autoptr (SimDist) dist = sim_dist_new_empirical (points, G_N_ELEMENTS (points));

  assert_int_equal (sim_dist_at (dist, 0), -5);
  assert_int_equal (sim_dist_at (dist, quantile (1, 10) - 1), -5);
  assert_int_equal (sim_dist_at (dist, quantile (1, 10) + 1), 64);
  assert_int_equal (sim_dist_at (dist, quantile (4, 10) - 1), 64);
  assert_int_equal (sim_dist_at (dist, quantile (4, 10) + 1), 1460);
  assert_int_equal (sim_dist_max (dist), 1460);
  assert_int_equal (sim_dist_mean (dist), (6 * 1460 - 5 + 3 * 64) / 10);
  assert_monotone (dist);
}

static void
an_empirical_mean_below_zero_is_rounded_down (G_GNUC_UNUSED void **state)
{
  static const SimDistPoint points[] = { { -1, 1 }, { 0, 1 } };
  g_autoptr (SimDist) dist = sim_dist_new_empirical (points, G_N_ELEMENTS (points));
  assert_int_equal (sim_dist_mean (dist), -1);
}

/* Every compiler, level and machine has to give this number. */
static void
the_tables_are_the_same_everywhere (G_GNUC_UNUSED void **state)
{
  g_autoptr (SimDist) exponential = sim_dist_new_exponential (INT64_C (123456789012));
  g_autoptr (SimDist) lognormal = sim_dist_new_lognormal (1234567, 98765432);
  SimStream stream = sim_stream (9, "tables");
  uint64_t sum = 0;
  for (uint64_t n = 0; n < 10000; n++) {
    sum = sum * 31 + (uint64_t)sim_dist_draw (exponential, stream, 0, n);
    sum = sum * 31 + (uint64_t)sim_dist_draw (lognormal, stream, 1, n);
  }
  assert_int_equal (sum, UINT64_C (0x2f7281d5b297f6a6));
}

static void
parameters_that_make_no_distribution_assert (G_GNUC_UNUSED void **state)
{
  static const SimDistPoint nothing[] = { { 1, 0 } };
  expect_assert_failure (sim_dist_new_uniform (2, 1));
  expect_assert_failure (sim_dist_new_exponential (0));
  expect_assert_failure (sim_dist_new_lognormal (2, 1));
  expect_assert_failure (sim_dist_new_lognormal (0, 1));
  expect_assert_failure (sim_dist_new_empirical (nothing, 0));
  expect_assert_failure (sim_dist_new_empirical (nothing, 1));
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test (a_constant_is_always_itself),
    cmocka_unit_test (a_uniform_range_has_both_ends_and_equal_shares),
    cmocka_unit_test (a_uniform_range_may_be_all_of_int64),
    cmocka_unit_test (an_exponential_has_its_quantiles_and_mean),
    cmocka_unit_test (an_exponential_of_drawn_numbers_has_its_mean),
    cmocka_unit_test (a_small_exponential_stays_whole_and_in_order),
    cmocka_unit_test (a_lognormal_goes_through_its_two_quantiles_exactly),
    cmocka_unit_test (a_lognormal_has_the_tails_of_a_normal),
    cmocka_unit_test (a_lognormal_beyond_int64_stops_there),
    cmocka_unit_test (an_empirical_distribution_gives_each_value_its_share),
    cmocka_unit_test (an_empirical_mean_below_zero_is_rounded_down),
    cmocka_unit_test (the_tables_are_the_same_everywhere),
    cmocka_unit_test (parameters_that_make_no_distribution_assert),
  };
  return cmocka_run_group_tests (tests, NULL, NULL);
}
