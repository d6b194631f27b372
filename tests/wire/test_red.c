#include "tests/support.h"

#include "models/wire/red.h"

#include <glib.h>

#define KIB 1024

/* Marks with chance 1/50 at the upper end; the average follows at once. */
static const RedConfig quick = { .min_bytes = 50 * KIB,
                                 .max_bytes = 150 * KIB,
                                 .chance_numerator = 1,
                                 .chance_denominator = 50,
                                 .weight_numerator = 1,
                                 .weight_denominator = 1 };

static RedArrival
finding (uint32_t queue_bytes)
{
  return (RedArrival){ .queue_bytes = queue_bytes, .small_frame = { SIM_PS_PER_US } };
}

/* Chosen frames among |count| that all find |queue_bytes|, and the longest run without one. */
typedef struct Run {
  unsigned chosen;
  unsigned longest;
} Run;

static Run
run (const RedConfig *config, uint32_t queue_bytes, unsigned count)
{
  SimStream stream = sim_stream (7, "red");
  Red red = red_new_state ();
  RedArrival arrival = finding (queue_bytes);
  Run result = { 0 };
  unsigned since = 0;

  for (unsigned i = 0; i < count; i++) {
    since++;
    if (red_decide (&red, config, &arrival, stream, 0) == RED_PASS)
      continue;
    result.chosen++;
    result.longest = MAX (result.longest, since);
    since = 0;
  }
  return result;
}

static void
nothing_is_chosen_below_min_and_all_at_max (G_GNUC_UNUSED void **state)
{
  assert_int_equal (run (&quick, 0, 1000).chosen, 0);
  assert_int_equal (run (&quick, 50 * KIB - 1, 1000).chosen, 0);
  assert_int_equal (run (&quick, 150 * KIB, 1000).chosen, 1000);
  assert_int_equal (run (&quick, 1000 * KIB, 1000).chosen, 1000);
}

/* With probability p = chance * (average - min) / (max - min) the gap from one chosen frame to the
 * next is uniform on 1 to 1/p - 1 (figure 2 counts a frame before it decides): its mean is 1 / (2
 * p), its variance ((1/p - 1)^2 - 1) / 12.  The count in |N| frames is then within five standard
 * deviations of 2 p N. */
static void
the_rate_follows_the_curve (G_GNUC_UNUSED void **state)
{
  static const unsigned per_mille[] = { 100, 250, 500, 750, 1000 };
  const unsigned frames = 200000;

  for (size_t i = 0; i < G_N_ELEMENTS (per_mille); i++) {
    uint32_t queue = 50 * KIB + 100 * KIB / 1000 * per_mille[i];
    uint32_t above = queue - 50 * KIB;
    if (above == 100 * KIB)
      queue--;
    double p = above / (50.0 * 100 * KIB);
    double gap = 1 / (2 * p);
    double gap_variance = ((1 / p - 1) * (1 / p - 1) - 1) / 12;
    double expected = frames / gap;
    double deviation_squared = frames * gap_variance / (gap * gap * gap);
    Run result = run (&quick, queue, frames);

    double off = result.chosen - expected;
    if (off * off > 25 * deviation_squared + 25)
      fail_msg ("at %u per mille: %u chosen, expected %f", per_mille[i], result.chosen, expected);
    assert_true (result.longest <= 1 / p);
    assert_true (result.longest > 0.9 / p); /* spread over all of it */
  }
}

static void
the_average_follows_with_its_weight (G_GNUC_UNUSED void **state)
{
  RedConfig config = quick;
  config.weight_denominator = 512;
  Red red = red_new_state ();
  RedArrival arrival = finding (100000);

  for (unsigned n = 0; n < 512; n++)
    red_decide (&red, &config, &arrival, sim_stream (7, "red"), 0);
  /* 100000 * (1 - (1 - 1/512)^512) = 63248 */
  assert_in_range (red_average_bytes (&red), 63240, 63256);
}

static void
an_idle_link_counts_as_small_frames_that_find_nothing (G_GNUC_UNUSED void **state)
{
  RedConfig config = quick;
  config.weight_denominator = 512;
  Red red = red_new_state ();
  red.average_scaled = INT64_C (100000) << 16;
  RedArrival arrival = finding (0);

  red_note_empty (&red, sim_time_add (SIM_TIME_ZERO, sim_us (1000)));
  arrival.when = sim_time_add (SIM_TIME_ZERO, sim_us (1511)); /* 511 and itself */
  red_decide (&red, &config, &arrival, sim_stream (7, "red"), 0);
  /* 100000 * (1 - 1/512)^512 = 36752 */
  assert_in_range (red_average_bytes (&red), 36744, 36760);

  arrival.when = sim_time_add (SIM_TIME_ZERO, sim_ms (1000000));
  red_decide (&red, &config, &arrival, sim_stream (7, "red"), 0);
  assert_int_equal (red_average_bytes (&red), 0);
}

static void
ecn_marks_what_can_be_marked_and_drops_the_rest (G_GNUC_UNUSED void **state)
{
  RedConfig config = quick;
  SimStream stream = sim_stream (7, "red");
  RedArrival arrival = finding (200 * KIB);
  Red red = red_new_state ();

  assert_int_equal (red_decide (&red, &config, &arrival, stream, 0), RED_DROP);
  arrival.can_be_marked = true;
  assert_int_equal (red_decide (&red, &config, &arrival, stream, 0), RED_DROP);
  config.ecn = true;
  assert_int_equal (red_decide (&red, &config, &arrival, stream, 0), RED_MARK);
  arrival.can_be_marked = false;
  assert_int_equal (red_decide (&red, &config, &arrival, stream, 0), RED_DROP);
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test (nothing_is_chosen_below_min_and_all_at_max),
    cmocka_unit_test (the_rate_follows_the_curve),
    cmocka_unit_test (the_average_follows_with_its_weight),
    cmocka_unit_test (an_idle_link_counts_as_small_frames_that_find_nothing),
    cmocka_unit_test (ecn_marks_what_can_be_marked_and_drops_the_rest),
  };
  return cmocka_run_group_tests (tests, NULL, NULL);
}
