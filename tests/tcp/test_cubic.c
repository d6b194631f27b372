#include "tests/tcp/solo.h"

#include "models/tcp/congestion.h"
#include "models/tcp/cubic.h"

#define MSS SOLO_MSS

static void
the_cube_root_is_exact (G_GNUC_UNUSED void **state)
{
  for (uint64_t n = 0; n < 3000; n++) {
    assert_int_equal (tcp_cube_root (n * n * n), n);
    if (n > 0)
      assert_int_equal (tcp_cube_root (n * n * n - 1), n - 1);
    if (n > 0)
      assert_int_equal (tcp_cube_root (n * n * n + 1), n);
  }
  assert_int_equal (tcp_cube_root (UINT64_MAX), 2642245);
}

static void
with_cubic (Solo *solo)
{
  solo_prepare (solo, TCP_ROLE_HOST);
  solo->config.congestion = TCP_CONGESTION_CUBIC;
  solo_establish (solo);
}

static void
a_reduction_leaves_seven_tenths (G_GNUC_UNUSED void **state)
{
  Solo solo;
  with_cubic (&solo);
  solo.tcb.CWnd = 100 * MSS;

  assert_int_equal (tcp_cubic_reduce (&solo.tcb, 100 * MSS), 70 * MSS);

  assert_int_equal (solo.tcb.cubic.w_max, 100 * MSS);
  assert_int_equal (solo.tcb.cubic.epoch_tick, TCP_TICK_NEVER);
  solo_clear (&solo);
}

static void
a_second_reduction_below_the_maximum_converges_faster (G_GNUC_UNUSED void **state)
{
  Solo solo;
  with_cubic (&solo);
  solo.tcb.CWnd = 100 * MSS;
  tcp_cubic_reduce (&solo.tcb, 100 * MSS);
  solo.tcb.CWnd = 80 * MSS;

  assert_int_equal (tcp_cubic_reduce (&solo.tcb, 80 * MSS), 56 * MSS);

  assert_int_equal (solo.tcb.cubic.w_max, 68 * MSS); /* 80 (1 + 0.7) / 2 */
  solo_clear (&solo);
}

static void
without_fast_convergence_the_last_window_is_the_maximum (G_GNUC_UNUSED void **state)
{
  Solo solo;
  with_cubic (&solo);
  solo.config.fast_convergence = false;
  solo.tcb.CWnd = 100 * MSS;
  tcp_cubic_reduce (&solo.tcb, 100 * MSS);
  solo.tcb.CWnd = 80 * MSS;

  tcp_cubic_reduce (&solo.tcb, 80 * MSS);

  assert_int_equal (solo.tcb.cubic.w_max, 80 * MSS);
  solo_clear (&solo);
}

/* RFC 9438, figure 1: the definition of W_cubic in integers, 10^10 / 4 ms^3 a byte and segment. */
static void
the_window_is_the_cubic_of_figure_1 (G_GNUC_UNUSED void **state)
{
  static const uint32_t k_ms[] = { 0, 1, 999, 4217, 60000 };
  Solo solo;
  with_cubic (&solo);
  solo.tcb.cubic.w_max = 1000000000;

  for (size_t i = 0; i < G_N_ELEMENTS (k_ms); i++)
    for (int64_t ms = 0; ms < 120000; ms += 37) {
      solo.tcb.cubic.k_ms = k_ms[i];
      int64_t distance = ms - k_ms[i];
      int64_t change = (int64_t)tcp_cubic_window (&solo.tcb, ms) - 1000000000;
      if (change == -1000000000)
        continue; /* no window is less than nothing */
      __int128 exact = (__int128)4 * MSS * distance * distance * distance;
      __int128 told = (__int128)change * 10000000000;
      assert_true (distance >= 0 ? told <= exact : exact <= told);
      assert_true (exact - told < 10000000000 && told - exact < 10000000000);
    }
  solo_clear (&solo);
}

/* In congestion avoidance after a loss at 100 segments, with a round trip of 100 ms. */
static void
after_a_loss (Solo *solo)
{
  with_cubic (solo);
  solo->tcb.SRtt = 8 * 100;
  solo->tcb.CWnd = 100 * MSS;
  solo->tcb.SndMax += 100 * MSS;
  tcp_congestion_reduce (&solo->tcb);
  tcp_congestion_set (&solo->tcb, solo->tcb.SsThresh);
  solo->tcb.bits |= TCP_BIT_CWND_LIMITED;
}

/* One round trip in which the whole window is acknowledged. */
static void
round_trip (Solo *solo)
{
  uint32_t window = solo->tcb.CWnd / MSS;
  for (uint32_t i = 0; i < window; i++)
    tcp_congestion_acked (&solo->tcb, MSS, solo_tick (solo));
  solo_wait (solo, 100);
}

/* Figure 2: C K^3 is what the epoch begins below W_max, to the millisecond. */
static void
k_is_the_cubic_root_of_figure_2 (G_GNUC_UNUSED void **state)
{
  for (uint32_t segments = 4; segments < 60000; segments = segments * 3 / 2) {
    Solo solo;
    with_cubic (&solo);
    solo.tcb.cubic.w_max = segments * MSS;
    solo.tcb.CWnd = segments * MSS / 10 * 7;
    solo.tcb.SsThresh = solo.tcb.CWnd;

    tcp_cubic_acked (&solo.tcb, 1, 0);

    __int128 k = solo.tcb.cubic.k_ms, right = k + 1;
    __int128 exact = (__int128)(segments * MSS - segments * MSS / 10 * 7) * 10000000000;
    assert_true (k * k * k * 4 * MSS <= exact);
    assert_true (exact < right * right * right * 4 * MSS);
    solo_clear (&solo);
  }
}

/* 4.2, 4.4, 4.5: (target - cwnd) / cwnd for each segment acknowledged. */
static void
an_ack_brings_the_window_towards_the_target (G_GNUC_UNUSED void **state)
{
  Solo solo;
  after_a_loss (&solo);
  round_trip (&solo);
  uint64_t before = solo.tcb.CWnd, rest = solo.tcb.cwnd_acked_bytes;
  uint64_t target = tcp_cubic_window (&solo.tcb, 100 + 100);

  tcp_cubic_acked (&solo.tcb, MSS, 100);

  uint64_t step = (target - before) * MSS + rest;
  assert_int_equal (solo.tcb.CWnd, before + step / before);
  assert_int_equal (solo.tcb.cwnd_acked_bytes, step % before);
  solo_clear (&solo);
}

static void
the_target_is_at_least_the_window_and_at_most_half_as_much_again (G_GNUC_UNUSED void **state)
{
  Solo solo;
  after_a_loss (&solo);
  round_trip (&solo);
  solo.tcb.CWnd = 200 * MSS; /* beyond W_cubic */
  tcp_cubic_acked (&solo.tcb, MSS, 200);
  assert_int_equal (solo.tcb.CWnd, 200 * MSS);

  solo.tcb.cwnd_acked_bytes = 0;
  tcp_cubic_acked (&solo.tcb, 200 * MSS, 60000);
  assert_int_equal (solo.tcb.CWnd, 300 * MSS);
  solo_clear (&solo);
}

/* The growth of a round trip spreads over it, in whole bytes: the window stays within one of its
 * function. */
static void
the_window_follows_the_cubic_through_both_regions (G_GNUC_UNUSED void **state)
{
  Solo solo;
  after_a_loss (&solo);
  solo.tcb.SRtt = 8 * 200; /* long enough to stay out of NewReno's region */
  int64_t begin = solo_tick (&solo);

  for (int i = 0; i < 45; i++) {
    int64_t ms = solo_tick (&solo) - begin;
    round_trip (&solo);
    solo_wait (&solo, 100);
    assert_true (solo.tcb.CWnd + 10 >= tcp_cubic_window (&solo.tcb, ms > 0 ? ms - 200 : 0));
    assert_true (solo.tcb.CWnd <= tcp_cubic_window (&solo.tcb, ms + 200));
  }

  assert_true (solo.tcb.CWnd > 130 * MSS);
  solo_clear (&solo);
}

/* Figure 4: alpha is 9/17, and 1 from the window before the reduction on. */
static void
the_estimate_grows_by_nine_seventeenths_and_then_by_one (G_GNUC_UNUSED void **state)
{
  Solo solo;
  after_a_loss (&solo);
  tcp_cubic_acked (&solo.tcb, 1, 0);
  solo.tcb.CWnd = 120 * MSS; /* beyond the estimate and the cubic: it does not move */
  solo.tcb.cubic.w_est = 70 * MSS;
  solo.tcb.cubic.w_est_acked = 0;

  for (int i = 0; i < 34; i++)
    tcp_cubic_acked (&solo.tcb, 120 * MSS, 0);
  assert_int_equal (solo.tcb.cubic.w_est, 88 * MSS); /* 70 + 34 * 9/17 */

  solo.tcb.cubic.w_est = 100 * MSS;
  for (int i = 0; i < 5; i++)
    tcp_cubic_acked (&solo.tcb, 120 * MSS, 0);
  assert_int_equal (solo.tcb.cubic.w_est, 105 * MSS);
  assert_int_equal (solo.tcb.CWnd, 120 * MSS);
  solo_clear (&solo);
}

/* 4.2: the epoch's time stands still while the window is not used. */
static void
time_that_the_window_was_not_used_does_not_count (G_GNUC_UNUSED void **state)
{
  Solo solo;
  after_a_loss (&solo);
  for (int i = 0; i < 10; i++)
    round_trip (&solo);
  uint32_t window = solo.tcb.CWnd;
  int64_t age = solo_tick (&solo) - 100 - solo.tcb.cubic.epoch_tick;
  assert_int_equal (age, 900);

  solo.tcb.bits &= ~(uint32_t)TCP_BIT_CWND_LIMITED;
  for (int i = 0; i < 50; i++)
    round_trip (&solo);
  assert_int_equal (solo.tcb.CWnd, window);
  assert_int_equal (solo_tick (&solo) - 100 - solo.tcb.cubic.epoch_tick, age);

  solo.tcb.bits |= TCP_BIT_CWND_LIMITED;
  round_trip (&solo);
  assert_true (solo.tcb.CWnd - window < 3 * MSS);
  solo_clear (&solo);
}

static void
the_window_is_back_at_its_maximum_after_k (G_GNUC_UNUSED void **state)
{
  Solo solo;
  after_a_loss (&solo);
  assert_int_equal (solo.tcb.CWnd, 70 * MSS);
  round_trip (&solo);

  /* K = cubic root of (30 / 0.4) = 4.217 s */
  assert_int_equal (solo.tcb.cubic.k_ms, 4217);
  assert_in_range (tcp_cubic_window (&solo.tcb, 4217), 100 * MSS, 100 * MSS);
  assert_in_range (tcp_cubic_window (&solo.tcb, 0), 70 * MSS, 70 * MSS + MSS / 10);
  while (solo_tick (&solo) < 4200)
    round_trip (&solo);

  assert_in_range (solo.tcb.CWnd, 98 * MSS, 101 * MSS);
  solo_clear (&solo);
}

static void
growth_is_steep_then_flat_then_steep (G_GNUC_UNUSED void **state)
{
  Solo solo;
  uint32_t at[9];
  after_a_loss (&solo);

  for (int second = 0; second < 9; second++) {
    while (solo_tick (&solo) < second * 1000)
      round_trip (&solo);
    at[second] = solo.tcb.CWnd;
  }

  assert_true (at[2] - at[1] > 2 * (at[4] - at[3]));
  assert_true (at[8] - at[7] > 2 * (at[5] - at[4]));
  for (int second = 1; second < 9; second++)
    assert_true (at[second] >= at[second - 1]);
  solo_clear (&solo);
}

static void
a_short_round_trip_grows_at_least_like_newreno (G_GNUC_UNUSED void **state)
{
  Solo solo;
  after_a_loss (&solo);
  solo.tcb.SRtt = 8;

  for (int i = 0; i < 60; i++) {
    uint32_t window = solo.tcb.CWnd / MSS;
    for (uint32_t k = 0; k < window; k++)
      tcp_congestion_acked (&solo.tcb, MSS, solo_tick (&solo));
    solo_wait (&solo, 1);
  }

  /* 60 round trips at 9/17 segment, from 100 on at a whole one; the cubic has done nearly nothing
   * in 60 ms. */
  assert_in_range (solo.tcb.CWnd, 101 * MSS, 104 * MSS);
  solo_clear (&solo);
}

static void
after_a_timeout_the_epoch_begins_at_its_own_maximum (G_GNUC_UNUSED void **state)
{
  Solo solo;
  after_a_loss (&solo);
  tcp_congestion_timeout (&solo.tcb);
  tcp_congestion_set (&solo.tcb, 40 * MSS);
  solo.tcb.SsThresh = 40 * MSS;

  round_trip (&solo);

  assert_int_equal (solo.tcb.cubic.k_ms, 0);
  assert_int_equal (solo.tcb.cubic.w_max, 40 * MSS);
  solo_clear (&solo);
}

static void
slow_start_is_that_of_newreno (G_GNUC_UNUSED void **state)
{
  Solo solo;
  with_cubic (&solo);
  solo_send (&solo, 60);

  for (uint32_t i = 1; i <= 5; i++) {
    solo_acked (&solo, SOLO_OWN + i * MSS);
    solo_pull (&solo);
  }

  assert_int_equal (solo.tcb.CWnd, 9 * MSS);
  solo_clear (&solo);
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test (the_cube_root_is_exact),
    cmocka_unit_test (a_reduction_leaves_seven_tenths),
    cmocka_unit_test (a_second_reduction_below_the_maximum_converges_faster),
    cmocka_unit_test (without_fast_convergence_the_last_window_is_the_maximum),
    cmocka_unit_test (the_window_is_the_cubic_of_figure_1),
    cmocka_unit_test (k_is_the_cubic_root_of_figure_2),
    cmocka_unit_test (an_ack_brings_the_window_towards_the_target),
    cmocka_unit_test (the_target_is_at_least_the_window_and_at_most_half_as_much_again),
    cmocka_unit_test (the_window_follows_the_cubic_through_both_regions),
    cmocka_unit_test (the_estimate_grows_by_nine_seventeenths_and_then_by_one),
    cmocka_unit_test (time_that_the_window_was_not_used_does_not_count),
    cmocka_unit_test (the_window_is_back_at_its_maximum_after_k),
    cmocka_unit_test (growth_is_steep_then_flat_then_steep),
    cmocka_unit_test (a_short_round_trip_grows_at_least_like_newreno),
    cmocka_unit_test (after_a_timeout_the_epoch_begins_at_its_own_maximum),
    cmocka_unit_test (slow_start_is_that_of_newreno),
  };
  return cmocka_run_group_tests_name ("CUBIC", tests, NULL, NULL);
}
