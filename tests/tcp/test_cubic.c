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
    cmocka_unit_test (the_window_is_back_at_its_maximum_after_k),
    cmocka_unit_test (growth_is_steep_then_flat_then_steep),
    cmocka_unit_test (a_short_round_trip_grows_at_least_like_newreno),
    cmocka_unit_test (after_a_timeout_the_epoch_begins_at_its_own_maximum),
    cmocka_unit_test (slow_start_is_that_of_newreno),
  };
  return cmocka_run_group_tests_name ("CUBIC", tests, NULL, NULL);
}
