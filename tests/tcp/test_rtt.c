#include "tests/tcp/solo.h"

#include "models/tcp/rtt.h"

static void
before_any_sample_the_timeout_is_the_initial_one (G_GNUC_UNUSED void **state)
{
  Solo solo;
  solo_init (&solo);

  assert_int_equal (tcp_rto_ticks (&solo.tcb), 1000);
  solo_clear (&solo);
}

static void
the_first_sample_is_taken_whole (G_GNUC_UNUSED void **state)
{
  Solo solo;
  solo_prepare (&solo, TCP_ROLE_HOST);
  solo.config.rto_min_ticks = 1;
  solo_establish (&solo);

  tcp_rtt_sample (&solo.tcb, 100);

  assert_int_equal (solo.tcb.SRtt, 8 * 100);
  assert_int_equal (solo.tcb.RttVar, 4 * 50);
  assert_int_equal (tcp_rto_ticks (&solo.tcb), 100 + 4 * 50); /* RFC 6298 2.2: R + 4 R/2 */
  solo_clear (&solo);
}

static void
further_samples_are_smoothed_by_an_eighth_and_a_quarter (G_GNUC_UNUSED void **state)
{
  Solo solo;
  solo_prepare (&solo, TCP_ROLE_HOST);
  solo.config.rto_min_ticks = 1;
  solo_establish (&solo);
  tcp_rtt_sample (&solo.tcb, 100);

  tcp_rtt_sample (&solo.tcb, 180);

  /* SRTT = 100 + 80/8 = 110; RTTVAR = 50 + (80 - 50)/4 = 57.5. */
  assert_int_equal (solo.tcb.SRtt, 8 * 110);
  assert_int_equal (solo.tcb.RttVar, 230);
  assert_int_equal (solo_delegated (&solo).SRtt, 8 * 110);
  assert_int_equal (solo_delegated (&solo).RttVar, 4 * 57 + 2);
  assert_int_equal (tcp_rto_ticks (&solo.tcb), 110 + 230);
  solo_clear (&solo);
}

static void
a_steady_round_trip_leaves_one_tick_of_variance (G_GNUC_UNUSED void **state)
{
  Solo solo;
  solo_prepare (&solo, TCP_ROLE_HOST);
  solo.config.rto_min_ticks = 1;
  solo_establish (&solo);

  for (int i = 0; i < 100; i++)
    tcp_rtt_sample (&solo.tcb, 50);

  assert_int_equal (solo.tcb.SRtt, 8 * 50);
  assert_true (solo.tcb.RttVar <= 3);            /* what the shift leaves of a quarter */
  assert_true (tcp_rto_ticks (&solo.tcb) >= 51); /* RFC 6298 2.3: at least the granularity */
  solo_clear (&solo);
}

static void
a_sample_below_the_tick_counts_as_a_tick (G_GNUC_UNUSED void **state)
{
  Solo solo;
  solo_init (&solo);

  tcp_rtt_sample (&solo.tcb, 0);

  assert_int_equal (solo.tcb.SRtt, 8);
  solo_clear (&solo);
}

static void
the_widths_of_the_documents_are_not_exceeded (G_GNUC_UNUSED void **state)
{
  Solo solo;
  solo_init (&solo);

  tcp_rtt_sample (&solo.tcb, UINT32_MAX);
  tcp_rtt_sample (&solo.tcb, 1);
  tcp_rtt_sample (&solo.tcb, UINT32_MAX);

  assert_in_range (solo.tcb.SRtt >> 3, 7000, 8191);
  assert_true (tcp_rto_ticks (&solo.tcb) <= 60000);
  solo_clear (&solo);
}

static void
the_timeout_keeps_within_its_bounds (G_GNUC_UNUSED void **state)
{
  Solo solo;
  solo_init (&solo);

  tcp_rtt_sample (&solo.tcb, 10);
  assert_int_equal (tcp_rto_ticks (&solo.tcb), 1000);
  assert_int_equal (tcp_rto_shifted_ticks (&solo.tcb, 3), 8000);
  assert_int_equal (tcp_rto_shifted_ticks (&solo.tcb, 6), 60000);
  assert_int_equal (tcp_rto_shifted_ticks (&solo.tcb, 255), 60000);
  solo_clear (&solo);
}

static void
one_segment_at_a_time_is_timed (G_GNUC_UNUSED void **state)
{
  Solo solo;
  solo_init (&solo);
  solo_send (&solo, 1);
  solo_wait (&solo, 10);
  solo_send (&solo, 1); /* its own round trip is not measured */
  solo_wait (&solo, 30);

  solo_acked (&solo, SOLO_OWN + 2000);

  assert_int_equal (solo.tcb.SRtt, 8 * 40);
  solo_clear (&solo);
}

static void
an_ack_of_what_was_sent_twice_measures_nothing (G_GNUC_UNUSED void **state)
{
  Solo solo;
  solo_init (&solo);
  solo_send (&solo, 1);
  solo_expire (&solo);
  solo_pull (&solo);
  solo_wait (&solo, 5);

  solo_acked (&solo, SOLO_OWN + 1000);

  assert_int_equal (solo.tcb.SRtt, 0);
  solo_clear (&solo);
}

static void
a_timeout_stays_doubled_until_a_sample_comes (G_GNUC_UNUSED void **state)
{
  Solo solo;
  solo_init (&solo);
  solo_send (&solo, 1);
  solo_expire (&solo);
  solo_pull (&solo);
  solo_acked (&solo, SOLO_OWN + 1000);
  assert_int_equal (solo.tcb.RetransmitCount, 0);

  solo_send (&solo, 1);
  assert_int_equal (solo_delegated (&solo).Retransmit.TimeoutDelta, 2000); /* Karn */
  solo_wait (&solo, 50);
  solo_acked (&solo, SOLO_OWN + 2000);
  solo_send (&solo, 1);

  assert_int_equal (solo_delegated (&solo).Retransmit.TimeoutDelta, 1000);
  solo_clear (&solo);
}

static void
a_target_with_coarse_ticks_counts_in_them (G_GNUC_UNUSED void **state)
{
  Solo solo;
  solo_prepare (&solo, TCP_ROLE_TARGET);
  solo.config.ticks_per_s = 10;
  solo.config.rto_initial_ticks = 10;
  solo.config.rto_min_ticks = 2;
  solo.config.rto_max_ticks = 600;
  solo_establish (&solo);
  solo_send (&solo, 1);
  solo_wait (&solo, 250);

  solo_acked (&solo, SOLO_OWN + 1000);

  assert_int_equal (solo.tcb.SRtt, 8 * 2); /* edges at 100 and 200 ms */
  assert_int_equal (tcp_rto_ticks (&solo.tcb), 2 + 4);
  solo_clear (&solo);
}

/* RFC 6298 2.3 */
static void
the_variance_has_a_floor_of_its_own (G_GNUC_UNUSED void **state)
{
  Solo solo;
  solo_prepare (&solo, TCP_ROLE_HOST);
  solo.config.rto_min_ticks = 200;
  solo.config.rto_variance_min_ticks = 200;
  solo_establish (&solo);

  tcp_rtt_sample (&solo.tcb, 150);
  assert_int_equal (tcp_rto_ticks (&solo.tcb), 150 + 300);
  for (int i = 0; i < 30; i++)
    tcp_rtt_sample (&solo.tcb, 150);

  assert_int_equal (tcp_rto_ticks (&solo.tcb), 150 + 200);
  solo_clear (&solo);
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test (before_any_sample_the_timeout_is_the_initial_one),
    cmocka_unit_test (the_first_sample_is_taken_whole),
    cmocka_unit_test (further_samples_are_smoothed_by_an_eighth_and_a_quarter),
    cmocka_unit_test (a_steady_round_trip_leaves_one_tick_of_variance),
    cmocka_unit_test (a_sample_below_the_tick_counts_as_a_tick),
    cmocka_unit_test (the_widths_of_the_documents_are_not_exceeded),
    cmocka_unit_test (the_timeout_keeps_within_its_bounds),
    cmocka_unit_test (one_segment_at_a_time_is_timed),
    cmocka_unit_test (an_ack_of_what_was_sent_twice_measures_nothing),
    cmocka_unit_test (a_timeout_stays_doubled_until_a_sample_comes),
    cmocka_unit_test (a_target_with_coarse_ticks_counts_in_them),
    cmocka_unit_test (the_variance_has_a_floor_of_its_own),
  };
  return cmocka_run_group_tests_name ("rtt", tests, NULL, NULL);
}
