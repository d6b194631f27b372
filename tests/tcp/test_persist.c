#include "tests/tcp/solo.h"

#define MSS SOLO_MSS

static TcpNews
window_of (Solo *solo, uint32_t ack, uint16_t window)
{
  TcpSegment s = solo_segment (solo, ack, 0);
  s.window = window;
  return solo_receive (solo, s);
}

/* All sent is acknowledged, more is queued, and the window is shut. */
static void
shut (Solo *solo, TcpRole role)
{
  solo_prepare (solo, role);
  solo_establish (solo);
  solo_send (solo, 10);
  window_of (solo, SOLO_OWN + 4 * MSS, 0);
  assert_int_equal (solo_pull (solo), 0);
}

static void
a_shut_window_starts_the_persist_timer_at_the_timeout (G_GNUC_UNUSED void **state)
{
  Solo solo;
  shut (&solo, TCP_ROLE_TARGET);
  TCP_OFFLOAD_STATE_DELEGATED d = solo_delegated (&solo);

  assert_int_equal (d.SndWndProbeCount, 0);
  assert_int_equal (d.Retransmit.Count, 0);
  assert_int_equal (d.Retransmit.TimeoutDelta, 1000);
  solo_clear (&solo);
}

static void
probes_of_a_round_are_spaced_by_doubling (G_GNUC_UNUSED void **state)
{
  static const int64_t expected[] = { 1000, 1000, 2000, 4000, 8000 };
  Solo solo;
  shut (&solo, TCP_ROLE_TARGET);

  for (uint32_t i = 0; i < G_N_ELEMENTS (expected); i++) {
    assert_int_equal (solo_expire (&solo), expected[i]);
    assert_int_equal (solo.tcb.RetransmitCount, i + 1);
    assert_int_equal (solo_pull (&solo), 1);
    assert_int_equal (solo.out[0].seq, SOLO_OWN + 4 * MSS);
    assert_int_equal (solo.out[0].payload.bytes, 1);
    assert_int_equal (solo.tcb.SndWndProbeCount, 0);
  }
  solo_clear (&solo);
}

static void
an_answer_that_keeps_it_shut_opens_the_next_round (G_GNUC_UNUSED void **state)
{
  Solo solo;
  shut (&solo, TCP_ROLE_TARGET);

  for (uint32_t round = 1; round <= 4; round++) {
    solo_expire (&solo);
    solo_pull (&solo);
    window_of (&solo, SOLO_OWN + 4 * MSS, 0);
    TCP_OFFLOAD_STATE_DELEGATED d = solo_delegated (&solo);

    assert_int_equal (d.SndWndProbeCount, round);
    assert_int_equal (d.Retransmit.Count, 0);
    assert_int_equal (d.Retransmit.TimeoutDelta, 1000 << round);
  }
  solo_clear (&solo);
}

static void
a_shut_window_said_again_before_a_probe_changes_nothing (G_GNUC_UNUSED void **state)
{
  Solo solo;
  shut (&solo, TCP_ROLE_TARGET);
  solo_wait (&solo, 300);

  window_of (&solo, SOLO_OWN + 4 * MSS, 0);

  TCP_OFFLOAD_STATE_DELEGATED d = solo_delegated (&solo);
  assert_int_equal (d.SndWndProbeCount, 0);
  assert_int_equal (d.Retransmit.TimeoutDelta, 700);
  solo_clear (&solo);
}

static void
an_opened_window_ends_it_and_sending_goes_on (G_GNUC_UNUSED void **state)
{
  Solo solo;
  shut (&solo, TCP_ROLE_TARGET);
  solo_expire (&solo);
  solo_pull (&solo);

  TcpNews news = window_of (&solo, SOLO_OWN + 4 * MSS, 3 * MSS);

  assert_true ((news.events & TCP_NEWS_WINDOW) != 0);
  assert_int_equal (solo.tcb.SndWndProbeCount, 0);
  assert_int_equal (solo.tcb.RetransmitCount, 0);
  assert_int_equal (solo_pull (&solo), 3);
  assert_int_equal (solo.out[0].seq, SOLO_OWN + 4 * MSS); /* the probed byte once more */
  solo_clear (&solo);
}

static void
a_probe_that_was_taken_counts_as_sent (G_GNUC_UNUSED void **state)
{
  Solo solo;
  shut (&solo, TCP_ROLE_TARGET);
  solo_expire (&solo);
  solo_pull (&solo);

  TcpNews news = window_of (&solo, SOLO_OWN + 4 * MSS + 1, 0);

  assert_int_equal (news.acked_bytes, 1);
  assert_int_equal (solo.tcb.SndUna, SOLO_OWN + 4 * MSS + 1);
  assert_int_equal (solo.tcb.SndNxt, SOLO_OWN + 4 * MSS + 1);
  assert_int_equal (solo.tcb.SndWndProbeCount, 1);
  solo_clear (&solo);
}

static void
too_many_probes_of_a_round_give_up (G_GNUC_UNUSED void **state)
{
  Solo solo;
  shut (&solo, TCP_ROLE_TARGET);
  for (int i = 0; i < 5; i++) {
    solo_expire (&solo);
    assert_int_equal (solo_pull (&solo), 1);
  }

  solo_expire (&solo);

  assert_int_equal (solo.news.events, TCP_NEWS_TIMED_OUT);
  assert_int_equal (solo_pull (&solo), 0);
  assert_int_equal (solo_delegated (&solo).Retransmit.TimeoutDelta, 0);
  solo_clear (&solo);
}

static void
a_peer_that_answers_may_stay_shut_for_ever (G_GNUC_UNUSED void **state)
{
  Solo solo;
  shut (&solo, TCP_ROLE_HOST);

  for (int i = 0; i < 400; i++) {
    assert_true (solo_expire (&solo) <= 60000);
    assert_int_equal (solo_pull (&solo), 1);
    window_of (&solo, SOLO_OWN + 4 * MSS, 0);
  }

  assert_int_equal (tcp_state (&solo.tcb), TcpConnectionEstablished);
  assert_int_equal (solo.tcb.SndWndProbeCount, UINT8_MAX);
  solo_clear (&solo);
}

static void
with_nothing_to_send_nobody_probes (G_GNUC_UNUSED void **state)
{
  Solo solo;
  solo_init (&solo);
  solo_send (&solo, 2);

  window_of (&solo, SOLO_OWN + 2 * MSS, 0);

  assert_true (sim_time_is_never (tcp_deadline (&solo.tcb)));
  assert_int_equal (solo_delegated (&solo).Retransmit.TimeoutDelta, TCP_TIMER_STOPPED);
  solo_clear (&solo);
}

static void
data_queued_for_a_shut_window_starts_probing (G_GNUC_UNUSED void **state)
{
  Solo solo;
  solo_init (&solo);
  solo_send (&solo, 2);
  window_of (&solo, SOLO_OWN + 2 * MSS, 0);

  assert_int_equal (solo_send (&solo, 1), 0);

  assert_int_equal (solo_expire (&solo), 1000);
  assert_int_equal (solo_pull (&solo), 1);
  assert_int_equal (solo.out[0].payload.bytes, 1);
  solo_clear (&solo);
}

static void
a_fin_alone_is_probed_with (G_GNUC_UNUSED void **state)
{
  Solo solo;
  solo_init (&solo);
  solo_send (&solo, 2);
  window_of (&solo, SOLO_OWN + 2 * MSS, 0);
  tcp_close (&solo.tcb, solo.now);
  assert_int_equal (solo_pull (&solo), 0);

  solo_expire (&solo);

  assert_int_equal (solo_pull (&solo), 1);
  assert_true ((solo.out[0].flags & TCP_FIN) != 0);
  assert_int_equal (solo.out[0].payload.bytes, 0);
  window_of (&solo, SOLO_OWN + 2 * MSS + 1, 0);
  assert_int_equal (tcp_state (&solo.tcb), TcpConnectionFinWait2);
  assert_int_equal (solo_delegated (&solo).Retransmit.TimeoutDelta, 120000);
  solo_clear (&solo);
}

static void
a_window_taken_back_sends_from_the_first_byte_when_it_opens (G_GNUC_UNUSED void **state)
{
  Solo solo;
  solo_init (&solo);
  solo_send (&solo, 4);
  window_of (&solo, SOLO_OWN + MSS, 0); /* three in flight have no room any more */
  assert_int_equal (solo.tcb.SndNxt, SOLO_OWN + MSS);
  assert_int_equal (solo.tcb.SndMax, SOLO_OWN + 4 * MSS);

  window_of (&solo, SOLO_OWN + MSS, 2 * MSS);

  assert_int_equal (solo_pull (&solo), 2);
  assert_int_equal (solo.out[0].seq, SOLO_OWN + MSS);
  solo_clear (&solo);
}

static void
what_goes_again_after_a_shut_window_measures_nothing (G_GNUC_UNUSED void **state)
{
  Solo solo;
  solo_init (&solo);
  solo_send (&solo, 4);
  window_of (&solo, SOLO_OWN, 0);
  window_of (&solo, SOLO_OWN, 4 * MSS);
  assert_int_equal (solo_pull (&solo), 4);
  solo_wait (&solo, 30);

  solo_acked (&solo, SOLO_OWN + 4 * MSS);

  assert_int_equal (solo.tcb.SRtt, 0);
  solo_clear (&solo);
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test (a_shut_window_starts_the_persist_timer_at_the_timeout),
    cmocka_unit_test (probes_of_a_round_are_spaced_by_doubling),
    cmocka_unit_test (an_answer_that_keeps_it_shut_opens_the_next_round),
    cmocka_unit_test (a_shut_window_said_again_before_a_probe_changes_nothing),
    cmocka_unit_test (an_opened_window_ends_it_and_sending_goes_on),
    cmocka_unit_test (a_probe_that_was_taken_counts_as_sent),
    cmocka_unit_test (too_many_probes_of_a_round_give_up),
    cmocka_unit_test (a_peer_that_answers_may_stay_shut_for_ever),
    cmocka_unit_test (with_nothing_to_send_nobody_probes),
    cmocka_unit_test (data_queued_for_a_shut_window_starts_probing),
    cmocka_unit_test (a_fin_alone_is_probed_with),
    cmocka_unit_test (what_goes_again_after_a_shut_window_measures_nothing),
    cmocka_unit_test (a_window_taken_back_sends_from_the_first_byte_when_it_opens),
  };
  return cmocka_run_group_tests_name ("persist", tests, NULL, NULL);
}
