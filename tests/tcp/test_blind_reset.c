#include "tests/tcp/solo.h"

/* "Requirements for TCP chimney NICs for blind reset attacks": the table, and what follows a
 * challenge.  Numbers relative to RcvNxt; the window has 60000 bytes. */

#define FIVE_MINUTES 300000

static TcpNews
flagged (Solo *solo, int32_t from_next, uint8_t flags)
{
  TcpSegment s = solo_segment (solo, solo->tcb.SndUna, 0);
  s.seq += (uint32_t)from_next;
  s.flags = flags;
  return solo_receive (solo, s);
}

static void
a_target (Solo *solo)
{
  solo_prepare (solo, TCP_ROLE_TARGET);
  solo_establish (solo);
}

static void
a_reset_outside_the_window_is_dropped (G_GNUC_UNUSED void **state)
{
  static const int32_t outside[] = { -1, -1000, 60000, 70000 };
  for (size_t i = 0; i < G_N_ELEMENTS (outside); i++) {
    Solo solo;
    a_target (&solo);

    assert_int_equal (flagged (&solo, outside[i], TCP_RST).events, 0);

    assert_int_equal (solo_pull (&solo), 0);
    assert_int_equal (tcp_state (&solo.tcb), TcpConnectionEstablished);
    assert_true (sim_time_is_never (tcp_deadline (&solo.tcb)));
    solo_clear (&solo);
  }
}

static void
a_reset_at_the_next_number_is_accepted (G_GNUC_UNUSED void **state)
{
  Solo solo;
  a_target (&solo);

  assert_int_equal (flagged (&solo, 0, TCP_RST).events, TCP_NEWS_RESET | TCP_NEWS_CLOSED);

  assert_int_equal (solo_pull (&solo), 0);
  solo_clear (&solo);
}

static void
a_reset_elsewhere_in_the_window_is_challenged_once (G_GNUC_UNUSED void **state)
{
  Solo solo;
  a_target (&solo);

  assert_int_equal (flagged (&solo, 1, TCP_RST).events, 0);
  assert_int_equal (solo_pull (&solo), 1);
  assert_int_equal (solo.out[0].flags, TCP_ACK);
  assert_int_equal (solo.out[0].seq, SOLO_OWN);
  assert_int_equal (solo.out[0].ack, SOLO_PEER);
  solo_wait (&solo, 10000);
  flagged (&solo, 59999, TCP_RST);

  assert_int_equal (solo_pull (&solo), 0);
  solo_clear (&solo);
}

static void
an_acceptable_segment_allows_the_next_challenge (G_GNUC_UNUSED void **state)
{
  Solo solo;
  a_target (&solo);
  flagged (&solo, 1, TCP_RST);
  solo_pull (&solo);

  solo_acked (&solo, SOLO_OWN);
  flagged (&solo, 1, TCP_RST);

  assert_int_equal (solo_pull (&solo), 1);
  solo_clear (&solo);
}

static void
a_syn_outside_the_window_is_answered_each_time (G_GNUC_UNUSED void **state)
{
  Solo solo;
  a_target (&solo);

  for (int i = 0; i < 5; i++) {
    assert_int_equal (flagged (&solo, -1000, TCP_SYN).events, 0);
    assert_int_equal (solo_pull (&solo), 1);
    assert_int_equal (solo.out[0].flags, TCP_ACK);
  }
  assert_true (sim_time_is_never (tcp_deadline (&solo.tcb)));
  solo_clear (&solo);
}

static void
a_syn_at_the_next_number_uploads_a_closed_connection (G_GNUC_UNUSED void **state)
{
  Solo solo;
  a_target (&solo);

  TcpNews news = flagged (&solo, 0, TCP_SYN);

  assert_int_equal (news.events, TCP_NEWS_SYN_AT_NEXT | TCP_NEWS_CLOSED);
  assert_int_equal (solo_pull (&solo), 0);
  assert_int_equal (solo_delegated (&solo).State, TcpConnectionClosed);
  solo_clear (&solo);
}

static void
by_the_other_reading_and_at_a_host_it_is_challenged (G_GNUC_UNUSED void **state)
{
  for (int role = 0; role < 2; role++) {
    Solo solo;
    solo_prepare (&solo, role == 0 ? TCP_ROLE_HOST : TCP_ROLE_TARGET);
    solo.config.challenges_syn_at_next = true;
    solo_establish (&solo);

    assert_int_equal (flagged (&solo, 0, TCP_SYN).events, 0);

    assert_int_equal (solo_pull (&solo), 1);
    assert_int_equal (tcp_state (&solo.tcb), TcpConnectionEstablished);
    solo_clear (&solo);
  }
}

static void
a_syn_elsewhere_in_the_window_is_challenged_every_three_seconds (G_GNUC_UNUSED void **state)
{
  Solo solo;
  a_target (&solo);
  flagged (&solo, 100, TCP_SYN);
  assert_int_equal (solo_pull (&solo), 1);
  solo_wait (&solo, 2999);
  flagged (&solo, 100, TCP_SYN);
  assert_int_equal (solo_pull (&solo), 0);

  solo_wait (&solo, 1);
  flagged (&solo, 100, TCP_SYN);

  assert_int_equal (solo_pull (&solo), 1);
  solo_clear (&solo);
}

static void
a_challenge_starts_keepalive_at_five_minutes (G_GNUC_UNUSED void **state)
{
  static const uint8_t flags[] = { TCP_RST, TCP_SYN };
  for (size_t i = 0; i < G_N_ELEMENTS (flags); i++) {
    Solo solo;
    a_target (&solo);
    flagged (&solo, 1, flags[i]);
    solo_pull (&solo);

    assert_int_equal (solo_delegated (&solo).KeepAlive.TimeoutDelta, FIVE_MINUTES);
    assert_int_equal (solo_expire (&solo), FIVE_MINUTES);
    assert_int_equal (solo_pull (&solo), 1);
    assert_int_equal (solo.out[0].seq, SOLO_OWN - 1);
    solo_clear (&solo);
  }
}

static void
a_challenge_hastens_a_keepalive_that_is_further_away_only (G_GNUC_UNUSED void **state)
{
  Solo solo;
  solo_prepare (&solo, TCP_ROLE_TARGET);
  solo.setup.keepalive = true;
  solo_establish (&solo);
  flagged (&solo, 1, TCP_RST);
  assert_int_equal (solo_delegated (&solo).KeepAlive.TimeoutDelta, FIVE_MINUTES);
  solo_clear (&solo);

  solo_prepare (&solo, TCP_ROLE_TARGET);
  solo.setup.keepalive = true;
  solo.config.keepalive_timeout_ticks = 1000;
  solo_establish (&solo);
  flagged (&solo, 1, TCP_RST);
  assert_int_equal (solo_delegated (&solo).KeepAlive.TimeoutDelta, 1000);
  solo_clear (&solo);
}

static void
unanswered_probes_end_in_a_closed_connection (G_GNUC_UNUSED void **state)
{
  Solo solo;
  solo_prepare (&solo, TCP_ROLE_TARGET);
  solo.config.keepalive_probes = 0; /* ten of a second, RST-08 */
  solo.config.keepalive_interval_ticks = 0;
  solo_establish (&solo);
  flagged (&solo, 1, TCP_RST);
  solo_pull (&solo);

  assert_int_equal (solo_expire (&solo), FIVE_MINUTES);
  for (uint32_t probe = 1; probe <= 10; probe++) {
    assert_int_equal (solo_pull (&solo), 1);
    assert_int_equal (solo_delegated (&solo).KeepAlive.ProbeCount, probe);
    assert_int_equal (solo_expire (&solo), 1000);
  }

  assert_int_equal (solo.news.events, TCP_NEWS_TIMED_OUT | TCP_NEWS_CLOSED);
  assert_int_equal (solo_pull (&solo), 0);
  solo_clear (&solo);
}

static void
probes_that_came_with_the_offload_count (G_GNUC_UNUSED void **state)
{
  Solo solo;
  solo_prepare (&solo, TCP_ROLE_TARGET);
  solo.config.keepalive_probes = 4;
  solo_establish (&solo);
  flagged (&solo, 1, TCP_RST);
  solo_pull (&solo);
  solo.tcb.KeepAliveProbeCount = 3;

  solo_expire (&solo);
  assert_int_equal (solo_pull (&solo), 1);
  solo_expire (&solo);

  assert_true ((solo.news.events & TCP_NEWS_TIMED_OUT) != 0);
  solo_clear (&solo);
}

static void
an_acceptable_segment_stops_what_the_challenge_started (G_GNUC_UNUSED void **state)
{
  Solo solo;
  a_target (&solo);
  flagged (&solo, 1, TCP_RST);
  solo_pull (&solo);
  solo_expire (&solo);

  solo_acked (&solo, SOLO_OWN);

  assert_int_equal (solo_delegated (&solo).KeepAlive.TimeoutDelta, TCP_TIMER_STOPPED);
  assert_int_equal (solo_delegated (&solo).KeepAlive.ProbeCount, 0);
  assert_int_equal (solo_pull (&solo), 0);
  solo_clear (&solo);
}

static void
with_keepalive_enabled_it_goes_back_to_its_idle_time (G_GNUC_UNUSED void **state)
{
  Solo solo;
  solo_prepare (&solo, TCP_ROLE_TARGET);
  solo.setup.keepalive = true;
  solo_establish (&solo);
  flagged (&solo, 1, TCP_RST);
  solo_pull (&solo);

  solo_acked (&solo, SOLO_OWN);

  assert_int_equal (solo_delegated (&solo).KeepAlive.TimeoutDelta, 7200000);
  solo_clear (&solo);
}

static void
an_ack_of_what_was_never_sent_or_long_ago_is_answered_and_dropped (G_GNUC_UNUSED void **state)
{
  static const int32_t wrong[] = { 1, 1000000, -60001 };
  for (size_t i = 0; i < G_N_ELEMENTS (wrong); i++) {
    Solo solo;
    a_target (&solo);
    TcpSegment s = solo_segment (&solo, SOLO_OWN + (uint32_t)wrong[i], 1000);

    TcpNews news = solo_receive (&solo, s);

    assert_int_equal (news.events, 0);
    assert_int_equal (solo.tcb.RcvNxt, SOLO_PEER);
    assert_int_equal (solo_pull (&solo), 1);
    assert_int_equal (solo.out[0].ack, SOLO_PEER);
    solo_clear (&solo);
  }
}

static void
an_old_ack_within_the_window_is_taken_with_its_data (G_GNUC_UNUSED void **state)
{
  Solo solo;
  a_target (&solo);

  TcpNews news = solo_receive (&solo, solo_segment (&solo, SOLO_OWN - 60000, 1000));

  assert_true ((news.events & TCP_NEWS_DATA) != 0);
  solo_clear (&solo);
}

/* RFC 5961 7 */
static void
nonsense_gets_ten_acks_in_five_seconds (G_GNUC_UNUSED void **state)
{
  static const struct {
    int32_t seq, ack;
  } rows[] = { { 70000, 0 }, { -1000, 0 }, { 0, 100000 } };

  for (size_t i = 0; i < G_N_ELEMENTS (rows); i++) {
    Solo solo;
    uint32_t answers = 0;
    a_target (&solo);
    TcpSegment s = solo_segment (&solo, SOLO_OWN + (uint32_t)rows[i].ack, 0);
    s.seq += (uint32_t)rows[i].seq;

    for (int n = 0; n < 30; n++) {
      solo_receive (&solo, s);
      answers += solo_pull (&solo);
      solo_wait (&solo, 100);
    }
    assert_int_equal (answers, 10);
    solo_wait (&solo, 2000);
    solo_receive (&solo, s);

    assert_int_equal (solo_pull (&solo), 1);
    solo_clear (&solo);
  }
}

static void
what_a_peer_repeats_until_it_is_answered_is_answered (G_GNUC_UNUSED void **state)
{
  static const struct {
    int32_t seq;
    uint32_t bytes;
    uint8_t flags;
  } rows[] = { { -1, 0, TCP_ACK }, { -1000, 1000, TCP_ACK }, { -1, 0, TCP_ACK | TCP_FIN } };

  for (size_t i = 0; i < G_N_ELEMENTS (rows); i++) {
    Solo solo;
    a_target (&solo);
    TcpSegment s = solo_segment (&solo, SOLO_OWN, rows[i].bytes);
    s.seq += (uint32_t)rows[i].seq;
    s.flags = rows[i].flags;

    for (int n = 0; n < 30; n++) {
      solo_receive (&solo, s);
      assert_int_equal (solo_pull (&solo), 1);
    }
    solo_clear (&solo);
  }
}

/* RFC 793 3.4, 3.9 */
static void
an_older_stack_believes_a_reset_and_resets_at_a_syn_in_the_window (G_GNUC_UNUSED void **state)
{
  static const uint8_t flags[] = { TCP_RST, TCP_SYN };
  static const struct {
    int32_t from_next;
    bool ends;
  } rows[] = { { -1, false }, { 0, true }, { 59999, true }, { 60000, false } };

  for (size_t i = 0; i < G_N_ELEMENTS (flags); i++)
    for (size_t k = 0; k < G_N_ELEMENTS (rows); k++) {
      Solo solo;
      solo_prepare (&solo, TCP_ROLE_HOST);
      solo.config.believes_reset_in_window = solo.config.resets_at_syn_in_window = true;
      solo_establish (&solo);

      TcpNews news = flagged (&solo, rows[k].from_next, flags[i]);

      assert_int_equal (news.events, rows[k].ends ? TCP_NEWS_RESET | TCP_NEWS_CLOSED : 0);
      assert_int_equal (solo_pull (&solo), flags[i] == TCP_SYN);
      if (flags[i] == TCP_SYN && rows[k].ends) {
        assert_int_equal (solo.out[0].flags, TCP_RST | TCP_ACK);
        assert_int_equal (solo.out[0].seq, SOLO_OWN);
        assert_int_equal (solo.out[0].ack, SOLO_PEER);
      }
      solo_clear (&solo);
    }
}

static void
a_syn_with_fin_may_be_dropped_unanswered (G_GNUC_UNUSED void **state)
{
  for (int drops = 0; drops < 2; drops++) {
    Solo solo;
    solo_prepare (&solo, TCP_ROLE_HOST);
    solo.config.drops_syn_fin = drops;
    solo_establish (&solo);

    flagged (&solo, -1000, TCP_SYN | TCP_FIN);

    assert_int_equal (solo_pull (&solo), !drops);
    solo_clear (&solo);
  }
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test (a_reset_outside_the_window_is_dropped),
    cmocka_unit_test (a_reset_at_the_next_number_is_accepted),
    cmocka_unit_test (a_reset_elsewhere_in_the_window_is_challenged_once),
    cmocka_unit_test (an_acceptable_segment_allows_the_next_challenge),
    cmocka_unit_test (a_syn_outside_the_window_is_answered_each_time),
    cmocka_unit_test (a_syn_at_the_next_number_uploads_a_closed_connection),
    cmocka_unit_test (by_the_other_reading_and_at_a_host_it_is_challenged),
    cmocka_unit_test (a_syn_elsewhere_in_the_window_is_challenged_every_three_seconds),
    cmocka_unit_test (a_challenge_starts_keepalive_at_five_minutes),
    cmocka_unit_test (a_challenge_hastens_a_keepalive_that_is_further_away_only),
    cmocka_unit_test (unanswered_probes_end_in_a_closed_connection),
    cmocka_unit_test (probes_that_came_with_the_offload_count),
    cmocka_unit_test (an_acceptable_segment_stops_what_the_challenge_started),
    cmocka_unit_test (with_keepalive_enabled_it_goes_back_to_its_idle_time),
    cmocka_unit_test (an_ack_of_what_was_never_sent_or_long_ago_is_answered_and_dropped),
    cmocka_unit_test (an_old_ack_within_the_window_is_taken_with_its_data),
    cmocka_unit_test (nonsense_gets_ten_acks_in_five_seconds),
    cmocka_unit_test (what_a_peer_repeats_until_it_is_answered_is_answered),
    cmocka_unit_test (an_older_stack_believes_a_reset_and_resets_at_a_syn_in_the_window),
    cmocka_unit_test (a_syn_with_fin_may_be_dropped_unanswered),
  };
  return cmocka_run_group_tests_name ("blind reset", tests, NULL, NULL);
}
