#include "tests/tcp/solo.h"

#define MSS SOLO_MSS

/* Ten segments in flight of twenty queued. */
static void
fly_ten (Solo *solo)
{
  solo_prepare (solo, TCP_ROLE_HOST);
  solo->config.initial_window_segments = 10;
  solo_establish (solo);
  assert_int_equal (solo_send (solo, 20), 10);
}

static void
duplicates (Solo *solo, uint32_t count)
{
  for (uint32_t i = 0; i < count; i++)
    solo_acked (solo, solo->tcb.SndUna);
}

static void
two_duplicates_send_new_data_and_leave_the_window (G_GNUC_UNUSED void **state)
{
  Solo solo;
  fly_ten (&solo);

  duplicates (&solo, 1);
  assert_int_equal (solo_pull (&solo), 1);
  assert_int_equal (solo.out[0].seq, SOLO_OWN + 10 * MSS);
  duplicates (&solo, 1);
  assert_int_equal (solo_pull (&solo), 1);

  assert_int_equal (solo.out[0].seq, SOLO_OWN + 11 * MSS);
  assert_int_equal (solo.tcb.CWnd, 10 * MSS);
  solo_clear (&solo);
}

static void
without_limited_transmit_two_duplicates_send_nothing (G_GNUC_UNUSED void **state)
{
  Solo solo;
  fly_ten (&solo);
  solo.config.limited_transmit = false;

  duplicates (&solo, 2);

  assert_int_equal (solo_pull (&solo), 0);
  solo_clear (&solo);
}

static void
the_third_duplicate_sends_the_lost_segment_again (G_GNUC_UNUSED void **state)
{
  Solo solo;
  fly_ten (&solo);
  solo.config.limited_transmit = false;

  duplicates (&solo, 3);

  assert_int_equal (solo_pull (&solo), 1);
  assert_int_equal (solo.out[0].seq, SOLO_OWN);
  assert_int_equal (solo.out[0].payload.bytes, MSS);
  assert_int_equal (solo.tcb.SsThresh, 5 * MSS);
  assert_int_equal (solo.tcb.CWnd, (5 + 3) * MSS);
  assert_int_equal (solo.tcb.SndNxt, SOLO_OWN + 10 * MSS);
  assert_int_equal (solo.tcb.DupAckCount, 3);
  solo_clear (&solo);
}

static void
the_threshold_of_duplicates_is_the_configured_one (G_GNUC_UNUSED void **state)
{
  Solo solo;
  fly_ten (&solo);
  solo.config.duplicate_ack_threshold = 5;
  solo.config.limited_transmit = false;

  duplicates (&solo, 4);
  assert_int_equal (solo_pull (&solo), 0);
  duplicates (&solo, 1);

  assert_int_equal (solo_pull (&solo), 1);
  assert_int_equal (solo.out[0].seq, SOLO_OWN);
  assert_int_equal (solo.tcb.CWnd, solo.tcb.SsThresh + 5 * MSS); /* as many have left */
  solo_clear (&solo);
}

static void
further_duplicates_inflate_the_window (G_GNUC_UNUSED void **state)
{
  Solo solo;
  fly_ten (&solo);
  solo.config.limited_transmit = false;
  duplicates (&solo, 3);
  solo_pull (&solo);

  duplicates (&solo, 2);
  assert_int_equal (solo.tcb.CWnd, 10 * MSS);
  assert_int_equal (solo_pull (&solo), 0); /* ten are still in flight */
  duplicates (&solo, 1);

  assert_int_equal (solo_pull (&solo), 1);
  assert_int_equal (solo.out[0].seq, SOLO_OWN + 10 * MSS);
  solo_clear (&solo);
}

static void
a_partial_ack_sends_the_next_hole_and_deflates (G_GNUC_UNUSED void **state)
{
  Solo solo;
  fly_ten (&solo);
  solo.config.limited_transmit = false;
  duplicates (&solo, 9);
  solo_pull (&solo);
  uint32_t cwnd = solo.tcb.CWnd;
  assert_int_equal (cwnd, 14 * MSS);

  solo_acked (&solo, SOLO_OWN + 4 * MSS);
  solo_pull (&solo);

  assert_int_equal (solo.out[0].seq, SOLO_OWN + 4 * MSS);
  assert_int_equal (solo.out[0].payload.bytes, MSS);
  assert_int_equal (solo.tcb.CWnd, cwnd - 4 * MSS + MSS);
  assert_true ((solo.tcb.bits & TCP_BIT_IN_RECOVERY) != 0);
  solo_clear (&solo);
}

static void
only_the_first_partial_ack_restarts_the_timer (G_GNUC_UNUSED void **state)
{
  Solo solo;
  fly_ten (&solo);
  duplicates (&solo, 3);
  solo_pull (&solo);
  solo_wait (&solo, 100);
  solo_acked (&solo, SOLO_OWN + MSS);
  solo_pull (&solo);
  assert_int_equal (solo_delegated (&solo).Retransmit.TimeoutDelta, 1000);
  solo_wait (&solo, 100);

  solo_acked (&solo, SOLO_OWN + 2 * MSS);
  solo_pull (&solo);

  assert_int_equal (solo_delegated (&solo).Retransmit.TimeoutDelta, 900);
  solo_clear (&solo);
}

static void
a_full_ack_ends_recovery_at_the_threshold (G_GNUC_UNUSED void **state)
{
  Solo solo;
  fly_ten (&solo);
  duplicates (&solo, 9);
  solo_pull (&solo);
  uint32_t recover = SOLO_OWN + 12 * MSS; /* two more by limited transmit */

  solo_acked (&solo, recover);

  assert_int_equal (solo.tcb.bits & TCP_BIT_IN_RECOVERY, 0);
  assert_int_equal (solo.tcb.DupAckCount, 0);
  assert_true (solo.tcb.CWnd <= 5 * MSS);
  solo_clear (&solo);
}

static void
a_full_ack_with_little_in_flight_allows_no_burst (G_GNUC_UNUSED void **state)
{
  Solo solo;
  fly_ten (&solo);
  solo.config.limited_transmit = false;
  duplicates (&solo, 3);
  solo_pull (&solo);

  solo_acked (&solo, SOLO_OWN + 10 * MSS);

  assert_int_equal (solo.tcb.CWnd, 2 * MSS); /* max (0, SMSS) + SMSS */
  assert_int_equal (solo_pull (&solo), 2);
  solo_clear (&solo);
}

static void
duplicates_for_the_old_loss_start_no_second_recovery (G_GNUC_UNUSED void **state)
{
  Solo solo;
  fly_ten (&solo);
  solo.config.limited_transmit = false;
  solo_expire (&solo);
  solo_pull (&solo);

  duplicates (&solo, 5);

  assert_int_equal (solo.tcb.bits & TCP_BIT_IN_RECOVERY, 0);
  assert_int_equal (solo_pull (&solo), 0);
  assert_int_equal (solo.tcb.DupAckCount, 2);
  solo_clear (&solo);
}

static void
an_ack_with_data_or_another_window_is_no_duplicate (G_GNUC_UNUSED void **state)
{
  Solo solo;
  fly_ten (&solo);

  solo_data (&solo, 100);
  assert_int_equal (solo.tcb.DupAckCount, 0);
  TcpSegment update = solo_segment (&solo, SOLO_OWN, 0);
  update.window = SOLO_WINDOW - 1;
  solo_receive (&solo, update);

  assert_int_equal (solo.tcb.DupAckCount, 0);
  solo_clear (&solo);
}

static void
an_ack_with_nothing_outstanding_is_no_duplicate (G_GNUC_UNUSED void **state)
{
  Solo solo;
  solo_init (&solo);

  duplicates (&solo, 5);

  assert_int_equal (solo.tcb.DupAckCount, 0);
  assert_int_equal (solo_pull (&solo), 0);
  solo_clear (&solo);
}

static void
a_timeout_goes_back_to_the_first_byte_and_remembers_the_last (G_GNUC_UNUSED void **state)
{
  Solo solo;
  fly_ten (&solo);

  assert_int_equal (solo_expire (&solo), 1000);

  assert_true ((solo.news.events & TCP_NEWS_RETRANSMITTED) != 0);
  assert_int_equal (solo.tcb.SndUna, SOLO_OWN);
  assert_int_equal (solo.tcb.SndNxt, SOLO_OWN);
  assert_int_equal (solo.tcb.SndMax, SOLO_OWN + 10 * MSS);
  assert_int_equal (solo.tcb.CWnd, MSS);
  assert_int_equal (solo.tcb.SsThresh, 5 * MSS);
  assert_int_equal (solo_pull (&solo), 1);
  assert_int_equal (solo.out[0].seq, SOLO_OWN);
  solo_clear (&solo);
}

static void
after_a_timeout_what_was_sent_before_goes_first (G_GNUC_UNUSED void **state)
{
  Solo solo;
  fly_ten (&solo);
  solo_expire (&solo);
  solo_pull (&solo);
  uint32_t next = SOLO_OWN + MSS;
  uint32_t acked = SOLO_OWN;

  while (next != SOLO_OWN + 20 * MSS) {
    acked += MSS;
    solo_acked (&solo, acked);
    solo_pull (&solo);
    for (uint32_t i = 0; i < solo.n_out; i++) {
      assert_int_equal (solo.out[i].seq, next);
      next += MSS;
    }
  }
  solo_clear (&solo);
}

static void
an_ack_beyond_what_was_sent_again_moves_on (G_GNUC_UNUSED void **state)
{
  Solo solo;
  fly_ten (&solo);
  solo_expire (&solo);
  solo_pull (&solo);

  solo_acked (&solo, SOLO_OWN + 10 * MSS);

  assert_int_equal (solo.tcb.SndNxt, SOLO_OWN + 10 * MSS);
  assert_int_equal (solo_pull (&solo), 2);
  assert_int_equal (solo.out[0].seq, SOLO_OWN + 10 * MSS);
  solo_clear (&solo);
}

static void
timeouts_double_to_the_tick_and_the_sixth_gives_up (G_GNUC_UNUSED void **state)
{
  static const int64_t expected[] = { 1000, 2000, 4000, 8000, 16000, 32000 };
  Solo solo;
  solo_init (&solo);
  solo_wait (&solo, 37);
  solo_send (&solo, 1);

  for (uint32_t i = 0; i < 5; i++) {
    assert_int_equal (solo_expire (&solo), expected[i]);
    assert_int_equal (solo.news.events & ~(uint32_t)TCP_NEWS_DOUBT, TCP_NEWS_RETRANSMITTED);
    assert_int_equal (solo.tcb.RetransmitCount, i + 1);
    assert_int_equal (solo_pull (&solo), 1);
  }
  assert_int_equal (solo_expire (&solo), expected[5]);

  assert_int_equal (solo.news.events, TCP_NEWS_TIMED_OUT | TCP_NEWS_CLOSED);
  assert_int_equal (solo_pull (&solo), 0);
  assert_true (sim_time_is_never (tcp_deadline (&solo.tcb)));
  solo_clear (&solo);
}

static void
the_third_timeout_reports_doubt_once (G_GNUC_UNUSED void **state)
{
  Solo solo;
  solo_init (&solo);
  solo_send (&solo, 1);

  for (int i = 1; i <= 5; i++) {
    solo_expire (&solo);
    solo_pull (&solo);
    assert_int_equal ((solo.news.events & TCP_NEWS_DOUBT) != 0, i == 3);
  }
  solo_clear (&solo);
}

static void
a_second_timeout_of_a_segment_leaves_the_threshold (G_GNUC_UNUSED void **state)
{
  Solo solo;
  fly_ten (&solo);
  solo_expire (&solo);
  solo_pull (&solo);
  uint32_t threshold = solo.tcb.SsThresh;

  solo_expire (&solo);

  assert_int_equal (solo.tcb.SsThresh, threshold);
  solo_clear (&solo);
}

static void
a_target_that_gave_up_waits_with_its_timer_at_zero (G_GNUC_UNUSED void **state)
{
  Solo solo;
  solo_prepare (&solo, TCP_ROLE_TARGET);
  solo_establish (&solo);
  solo_send (&solo, 1);
  for (int i = 0; i < 5; i++) {
    solo_expire (&solo);
    solo_pull (&solo);
  }

  solo_expire (&solo);

  assert_int_equal (solo.news.events, TCP_NEWS_TIMED_OUT);
  assert_int_equal (solo_pull (&solo), 0);
  assert_true (sim_time_is_never (tcp_deadline (&solo.tcb)));
  TCP_OFFLOAD_STATE_DELEGATED up = solo_delegated (&solo);
  assert_int_equal (up.State, TcpConnectionEstablished);
  assert_int_equal (up.Retransmit.Count, 5);
  assert_int_equal (up.Retransmit.TimeoutDelta, 0);
  solo_clear (&solo);
}

static void
progress_clears_the_count (G_GNUC_UNUSED void **state)
{
  Solo solo;
  fly_ten (&solo);
  solo_expire (&solo);
  solo_expire (&solo);
  solo_pull (&solo);
  assert_int_equal (solo.tcb.RetransmitCount, 2);
  assert_int_equal (solo.tcb.TotalRT, 3000);

  TcpNews news = solo_acked (&solo, SOLO_OWN + MSS);

  assert_true ((news.events & TCP_NEWS_PROGRESS) != 0);
  assert_int_equal (solo.tcb.RetransmitCount, 0);
  assert_int_equal (solo.tcb.TotalRT, 0);
  solo_clear (&solo);
}

static void
max_rt_limits_the_time_instead_of_the_count (G_GNUC_UNUSED void **state)
{
  Solo solo;
  solo_init (&solo);
  solo.tcb.MaxRT = 4500;
  solo_send (&solo, 1);

  assert_int_equal (solo_expire (&solo), 1000);
  assert_int_equal (solo_expire (&solo), 2000);
  assert_int_equal (solo_expire (&solo), 1500);

  assert_int_equal (solo.news.events, TCP_NEWS_TIMED_OUT | TCP_NEWS_CLOSED);
  solo_clear (&solo);
}

static void
max_rt_of_all_ones_never_gives_up (G_GNUC_UNUSED void **state)
{
  Solo solo;
  solo_init (&solo);
  solo.tcb.MaxRT = UINT32_MAX;
  solo_send (&solo, 1);

  for (int i = 0; i < 300; i++) {
    int64_t ticks = solo_expire (&solo);
    assert_true (ticks <= 60000);
    assert_int_equal (solo_pull (&solo), 1);
  }
  assert_int_equal (tcp_state (&solo.tcb), TcpConnectionEstablished);
  solo_clear (&solo);
}

/* STATE-19: the count of five, the time, or neither. */
static void
max_rt_decides_when_a_segment_is_given_up (G_GNUC_UNUSED void **state)
{
  static const struct {
    uint32_t MaxRT;
    int64_t gives_up_after; /* 0: never */
  } rows[] = { { 0, 63000 }, { 4500, 4500 }, { 100000, 100000 }, { UINT32_MAX, 0 } };
  for (size_t i = 0; i < G_N_ELEMENTS (rows); i++) {
    Solo solo;
    int64_t ticks = 0;
    solo_init (&solo);
    solo.tcb.MaxRT = rows[i].MaxRT;
    solo_send (&solo, 1);
    for (int n = 0; n < 50 && (solo.news.events & TCP_NEWS_TIMED_OUT) == 0; n++) {
      ticks += solo_expire (&solo);
      solo_pull (&solo);
    }
    bool has_given_up = (solo.news.events & TCP_NEWS_TIMED_OUT) != 0;
    assert_int_equal (has_given_up, rows[i].gives_up_after != 0);
    if (has_given_up)
      assert_int_equal (ticks, rows[i].gives_up_after);
    solo_clear (&solo);
  }
}

static void
an_ack_restarts_the_timer_and_the_last_one_stops_it (G_GNUC_UNUSED void **state)
{
  Solo solo;
  solo_init (&solo);
  solo_send (&solo, 2);
  solo_wait (&solo, 400);
  solo_acked (&solo, SOLO_OWN + MSS);
  assert_int_equal (solo_delegated (&solo).Retransmit.TimeoutDelta, 1200); /* 400 + 4 x 200 */

  solo_acked (&solo, SOLO_OWN + 2 * MSS);

  assert_int_equal (solo_delegated (&solo).Retransmit.TimeoutDelta, TCP_TIMER_STOPPED);
  solo_clear (&solo);
}

static void
duplicates_work_across_the_wrap_of_numbers (G_GNUC_UNUSED void **state)
{
  Solo solo;
  solo_prepare (&solo, TCP_ROLE_HOST);
  solo.config.initial_window_segments = 10;
  solo.config.limited_transmit = false;
  solo.setup.send_isn = UINT32_MAX - 1500;
  solo_establish (&solo);
  uint32_t first = solo.tcb.SndUna;
  solo_send (&solo, 10);

  duplicates (&solo, 3);
  solo_pull (&solo);
  assert_int_equal (solo.out[0].seq, first);
  solo_acked (&solo, first + 10 * MSS);

  assert_int_equal (solo.tcb.SndUna, first + 10 * MSS);
  assert_int_equal (solo.tcb.bits & TCP_BIT_IN_RECOVERY, 0);
  solo_clear (&solo);
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test (two_duplicates_send_new_data_and_leave_the_window),
    cmocka_unit_test (without_limited_transmit_two_duplicates_send_nothing),
    cmocka_unit_test (the_third_duplicate_sends_the_lost_segment_again),
    cmocka_unit_test (the_threshold_of_duplicates_is_the_configured_one),
    cmocka_unit_test (further_duplicates_inflate_the_window),
    cmocka_unit_test (a_partial_ack_sends_the_next_hole_and_deflates),
    cmocka_unit_test (only_the_first_partial_ack_restarts_the_timer),
    cmocka_unit_test (a_full_ack_ends_recovery_at_the_threshold),
    cmocka_unit_test (a_full_ack_with_little_in_flight_allows_no_burst),
    cmocka_unit_test (duplicates_for_the_old_loss_start_no_second_recovery),
    cmocka_unit_test (an_ack_with_data_or_another_window_is_no_duplicate),
    cmocka_unit_test (an_ack_with_nothing_outstanding_is_no_duplicate),
    cmocka_unit_test (a_timeout_goes_back_to_the_first_byte_and_remembers_the_last),
    cmocka_unit_test (after_a_timeout_what_was_sent_before_goes_first),
    cmocka_unit_test (an_ack_beyond_what_was_sent_again_moves_on),
    cmocka_unit_test (timeouts_double_to_the_tick_and_the_sixth_gives_up),
    cmocka_unit_test (the_third_timeout_reports_doubt_once),
    cmocka_unit_test (a_second_timeout_of_a_segment_leaves_the_threshold),
    cmocka_unit_test (a_target_that_gave_up_waits_with_its_timer_at_zero),
    cmocka_unit_test (progress_clears_the_count),
    cmocka_unit_test (max_rt_limits_the_time_instead_of_the_count),
    cmocka_unit_test (max_rt_of_all_ones_never_gives_up),
    cmocka_unit_test (max_rt_decides_when_a_segment_is_given_up),
    cmocka_unit_test (an_ack_restarts_the_timer_and_the_last_one_stops_it),
    cmocka_unit_test (duplicates_work_across_the_wrap_of_numbers),
  };
  return cmocka_run_group_tests_name ("recovery", tests, NULL, NULL);
}
