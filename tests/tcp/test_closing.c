#include "tests/tcp/pair.h"

#include "tests/tcp/solo.h"

static void
closing_sends_the_data_and_then_fin (G_GNUC_UNUSED void **state)
{
  Solo solo;
  solo_init (&solo);
  tcp_send (&solo.tcb, 1500);

  tcp_close (&solo.tcb, solo.now);

  assert_int_equal (tcp_state (&solo.tcb), TcpConnectionFinWait1);
  assert_int_equal (solo_pull (&solo), 2);
  assert_int_equal (solo.out[0].flags & TCP_FIN, 0);
  assert_true ((solo.out[1].flags & TCP_FIN) != 0);
  assert_int_equal (solo.tcb.SndMax, SOLO_OWN + 1501);
  solo_clear (&solo);
}

static void
an_active_close_passes_fin_wait_2_and_time_wait (G_GNUC_UNUSED void **state)
{
  Solo solo;
  solo_init (&solo);
  tcp_close (&solo.tcb, solo.now);
  solo_pull (&solo);

  TcpNews news = solo_acked (&solo, SOLO_OWN + 1);
  assert_true ((news.events & TCP_NEWS_FIN_ACKED) != 0);
  assert_int_equal (news.acked_bytes, 0);
  assert_int_equal (tcp_state (&solo.tcb), TcpConnectionFinWait2);
  news = solo_fin (&solo);
  assert_int_equal (news.events, TCP_NEWS_FIN | TCP_NEWS_TIME_WAIT);
  assert_int_equal (tcp_state (&solo.tcb), TcpConnectionTimeWait);
  assert_int_equal (solo_pull (&solo), 1);
  assert_int_equal (solo.out[0].ack, SOLO_PEER + 1);

  assert_int_equal (solo_expire (&solo), 240000);
  assert_int_equal (solo.news.events, TCP_NEWS_CLOSED);
  assert_int_equal (tcp_state (&solo.tcb), TcpConnectionClosed);
  solo_clear (&solo);
}

static void
a_half_closed_connection_still_receives (G_GNUC_UNUSED void **state)
{
  Solo solo;
  solo_init (&solo);
  tcp_close (&solo.tcb, solo.now);
  solo_pull (&solo);
  solo_acked (&solo, SOLO_OWN + 1);

  TcpNews news = solo_data (&solo, 500);

  assert_true ((news.events & TCP_NEWS_DATA) != 0);
  solo_clear (&solo);
}

static void
a_passive_close_passes_close_wait_and_last_ack (G_GNUC_UNUSED void **state)
{
  Solo solo;
  solo_init (&solo);
  TcpNews news = solo_fin (&solo);
  assert_int_equal (news.events, TCP_NEWS_FIN);
  assert_int_equal (solo_pull (&solo), 1);
  assert_int_equal (tcp_state (&solo.tcb), TcpConnectionCloseWait);
  assert_int_equal (solo_send (&solo, 1), 1); /* the other half is still open */

  tcp_close (&solo.tcb, solo.now);
  assert_int_equal (tcp_state (&solo.tcb), TcpConnectionLastAck);
  assert_int_equal (solo_pull (&solo), 1);
  news = solo_acked (&solo, SOLO_OWN + 1001);

  assert_int_equal (news.acked_bytes, 1000);
  assert_true ((news.events & TCP_NEWS_FIN_ACKED) != 0);
  assert_true ((news.events & TCP_NEWS_CLOSED) != 0);
  assert_true (sim_time_is_never (tcp_deadline (&solo.tcb)));
  solo_clear (&solo);
}

static void
fins_that_cross_pass_closing (G_GNUC_UNUSED void **state)
{
  Solo solo;
  solo_init (&solo);
  tcp_close (&solo.tcb, solo.now);
  solo_pull (&solo);
  TcpSegment fin = solo_segment (&solo, SOLO_OWN, 0); /* does not know ours */
  fin.flags |= TCP_FIN;

  solo_receive (&solo, fin);
  assert_int_equal (tcp_state (&solo.tcb), TcpConnectionClosing);
  assert_int_equal (solo_pull (&solo), 1);
  TcpNews news = solo_acked (&solo, SOLO_OWN + 1);

  assert_true ((news.events & TCP_NEWS_TIME_WAIT) != 0);
  assert_int_equal (tcp_state (&solo.tcb), TcpConnectionTimeWait);
  solo_clear (&solo);
}

static void
a_fin_that_acknowledges_ours_goes_straight_to_time_wait (G_GNUC_UNUSED void **state)
{
  Solo solo;
  solo_init (&solo);
  tcp_close (&solo.tcb, solo.now);
  solo_pull (&solo);

  TcpNews news = solo_fin (&solo);

  assert_true ((news.events & TCP_NEWS_FIN_ACKED) != 0);
  assert_true ((news.events & TCP_NEWS_TIME_WAIT) != 0);
  solo_clear (&solo);
}

static void
a_fin_repeated_in_time_wait_is_answered_and_restarts_it (G_GNUC_UNUSED void **state)
{
  Solo solo;
  solo_init (&solo);
  tcp_close (&solo.tcb, solo.now);
  solo_pull (&solo);
  solo_fin (&solo);
  solo_pull (&solo);
  solo_wait (&solo, 100000);
  TcpSegment again = solo_segment (&solo, SOLO_OWN + 1, 0);
  again.seq = SOLO_PEER;
  again.flags |= TCP_FIN;

  solo_receive (&solo, again);

  assert_int_equal (solo_pull (&solo), 1);
  assert_int_equal (solo_expire (&solo), 240000);
  solo_clear (&solo);
}

static void
a_lost_fin_is_sent_again (G_GNUC_UNUSED void **state)
{
  Solo solo;
  solo_init (&solo);
  tcp_close (&solo.tcb, solo.now);
  solo_pull (&solo);

  solo_expire (&solo);

  assert_int_equal (solo_pull (&solo), 1);
  assert_int_equal (solo.out[0].seq, SOLO_OWN);
  assert_true ((solo.out[0].flags & TCP_FIN) != 0);
  assert_int_equal (solo.tcb.SndMax, SOLO_OWN + 1);
  solo_clear (&solo);
}

static void
fin_wait_2_runs_out_after_its_time (G_GNUC_UNUSED void **state)
{
  Solo solo;
  solo_prepare (&solo, TCP_ROLE_TARGET);
  solo_establish (&solo);
  tcp_close (&solo.tcb, solo.now);
  solo_pull (&solo);
  solo_acked (&solo, SOLO_OWN + 1);
  assert_int_equal (solo_delegated (&solo).Retransmit.TimeoutDelta, 120000);

  assert_int_equal (solo_expire (&solo), 120000);

  assert_int_equal (solo.news.events, TCP_NEWS_TIMED_OUT | TCP_NEWS_CLOSED);
  assert_int_equal (solo_delegated (&solo).State, TcpConnectionClosed);
  solo_clear (&solo);
}

static void
only_an_acceptable_segment_restarts_fin_wait_2 (G_GNUC_UNUSED void **state)
{
  Solo solo;
  solo_prepare (&solo, TCP_ROLE_TARGET);
  solo_establish (&solo);
  tcp_close (&solo.tcb, solo.now);
  solo_pull (&solo);
  solo_acked (&solo, SOLO_OWN + 1);
  solo_wait (&solo, 50000);
  solo_data_at (&solo, SOLO_PEER - 500, 100);
  assert_int_equal (solo_delegated (&solo).Retransmit.TimeoutDelta, 70000);

  solo_data (&solo, 100);

  assert_int_equal (solo_delegated (&solo).Retransmit.TimeoutDelta, 120000);
  solo_clear (&solo);
}

static void
a_reset_at_the_next_number_ends_the_connection (G_GNUC_UNUSED void **state)
{
  Solo solo;
  solo_init (&solo);
  solo_send (&solo, 3);
  solo_data_at (&solo, SOLO_PEER + 1000, 1000);
  TcpSegment rst = solo_segment (&solo, SOLO_OWN, 0);
  rst.flags = TCP_RST;

  TcpNews news = solo_receive (&solo, rst);

  assert_int_equal (news.events, TCP_NEWS_RESET | TCP_NEWS_CLOSED);
  assert_int_equal (solo_pull (&solo), 0);
  assert_int_equal (tcp_store_connections (solo.config.store), 0);
  assert_true (sim_time_is_never (tcp_deadline (&solo.tcb)));
  solo_clear (&solo);
}

static void
aborting_sends_one_reset_and_forgets_the_rest (G_GNUC_UNUSED void **state)
{
  Solo solo;
  solo_prepare (&solo, TCP_ROLE_TARGET);
  solo_establish (&solo);
  solo_send (&solo, 3);

  TcpNews news = tcp_abort (&solo.tcb, solo.now);

  assert_int_equal (news.events, TCP_NEWS_CLOSED);
  assert_int_equal (solo_pull (&solo), 1);
  assert_int_equal (solo.out[0].flags, TCP_RST | TCP_ACK);
  assert_int_equal (solo.out[0].seq, SOLO_OWN + 3000);
  assert_int_equal (solo.out[0].ack, SOLO_PEER);
  assert_int_equal (solo_pull (&solo), 0);
  solo_clear (&solo);
}

static void
in_last_ack_an_aborting_target_resets_and_a_host_does_not (G_GNUC_UNUSED void **state)
{
  for (int role = 0; role < 2; role++) {
    Solo solo;
    solo_prepare (&solo, role == 0 ? TCP_ROLE_HOST : TCP_ROLE_TARGET);
    solo_establish (&solo);
    TcpSegment fin = solo_segment (&solo, SOLO_OWN, 0);
    fin.flags = TCP_FIN | TCP_ACK;
    solo_receive (&solo, fin);
    tcp_close (&solo.tcb, solo.now);
    solo_pull (&solo);
    assert_int_equal (tcp_state (&solo.tcb), TcpConnectionLastAck);

    tcp_abort (&solo.tcb, solo.now);

    assert_int_equal (solo_pull (&solo), role == 0 ? 0 : 1);
    assert_int_equal (tcp_state (&solo.tcb), TcpConnectionClosed);
    solo_clear (&solo);
  }
}

static void
aborting_after_a_timeout_resets_at_the_last_number_sent (G_GNUC_UNUSED void **state)
{
  Solo solo;
  solo_init (&solo);
  solo_send (&solo, 3);
  solo_expire (&solo);

  tcp_abort (&solo.tcb, solo.now);

  assert_int_equal (solo_pull (&solo), 1);
  assert_int_equal (solo.out[0].seq, SOLO_OWN + 3000);
  solo_clear (&solo);
}

static void
a_closed_host_resets_what_comes_and_a_target_does_not (G_GNUC_UNUSED void **state)
{
  for (int role = 0; role < 2; role++) {
    Solo solo;
    solo_prepare (&solo, role == 0 ? TCP_ROLE_HOST : TCP_ROLE_TARGET);
    solo_establish (&solo);
    tcp_abort (&solo.tcb, solo.now);
    solo_pull (&solo);

    solo_data (&solo, 100);

    assert_int_equal (solo_pull (&solo), role == 0 ? 1 : 0);
    if (role == 0)
      assert_int_equal (solo.out[0].flags, TCP_RST);
    if (role == 0)
      assert_int_equal (solo.out[0].seq, SOLO_OWN);
    solo_clear (&solo);
  }
}

static void
a_reset_is_never_answered_with_one (G_GNUC_UNUSED void **state)
{
  Solo solo;
  solo_init (&solo);
  tcp_abort (&solo.tcb, solo.now);
  solo_pull (&solo);
  TcpSegment rst = solo_segment (&solo, SOLO_OWN, 0);
  rst.flags = TCP_RST | TCP_ACK;

  solo_receive (&solo, rst);

  assert_int_equal (solo_pull (&solo), 0);
  solo_clear (&solo);
}

static void
a_closed_host_acknowledges_what_it_refuses (G_GNUC_UNUSED void **state)
{
  Solo solo;
  solo_init (&solo);
  tcp_abort (&solo.tcb, solo.now);
  solo_pull (&solo);
  TcpSegment syn = solo_segment (&solo, 0, 10);
  syn.flags = TCP_SYN;
  syn.seq = 999;
  TcpSegment reset;

  solo_receive (&solo, syn);
  assert_int_equal (solo_pull (&solo), 1);
  assert_true (tcp_refuse (&syn, &reset));

  assert_int_equal (solo.out[0].flags, TCP_RST | TCP_ACK);
  assert_int_equal (solo.out[0].seq, 0);
  assert_int_equal (solo.out[0].ack, 999 + 11);
  assert_int_equal (reset.flags, TCP_RST | TCP_ACK);
  assert_int_equal (reset.ack, 999 + 11);
  assert_true (tcp_tuple_equal (reset.tuple, solo.tcb.tuple));
  assert_false (tcp_refuse (&reset, &syn));
  solo_clear (&solo);
}

static void
time_wait_yields_to_a_newer_syn_only (G_GNUC_UNUSED void **state)
{
  Solo solo;
  solo_init (&solo);
  tcp_close (&solo.tcb, solo.now);
  solo_pull (&solo);
  TcpSegment syn = solo_segment (&solo, 0, 0);
  syn.flags = TCP_SYN;
  syn.seq = SOLO_PEER + 5000;
  assert_false (tcp_time_wait_yields (&solo.tcb, &syn)); /* not there yet */
  solo_fin (&solo);

  assert_true (tcp_time_wait_yields (&solo.tcb, &syn));
  syn.seq = SOLO_PEER - 5000;
  assert_false (tcp_time_wait_yields (&solo.tcb, &syn));
  solo.tcb.const_flags |= TCP_FLAG_TIMESTAMP_ENABLED;
  solo.tcb.TsRecent = 100;
  syn.options = TCP_OPTION_TIMESTAMP;
  syn.ts_value = 101;
  assert_true (tcp_time_wait_yields (&solo.tcb, &syn));
  syn.ts_value = 99;
  syn.seq = SOLO_PEER + 5000;
  assert_false (tcp_time_wait_yields (&solo.tcb, &syn));
  solo_clear (&solo);
}

static void
sending_or_closing_twice_after_close_is_a_bug (G_GNUC_UNUSED void **state)
{
  Solo solo;
  solo_init (&solo);
  tcp_close (&solo.tcb, solo.now);

  expect_assert_failure (tcp_send (&solo.tcb, 1));
  expect_assert_failure (tcp_close (&solo.tcb, solo.now));
  solo_clear (&solo);
}

/* Both ends write and close in every combination of who closes when, under loss. */
static void
every_way_of_closing_ends_closed_with_all_bytes (G_GNUC_UNUSED void **state)
{
  for (uint64_t seed = 0; seed < 48; seed++) {
    Pair pair;
    pair_prepare (&pair, seed);
    pair.loss_permille = (uint32_t)(seed % 4) * 60;
    pair.double_permille = 20;
    pair.delay_permille = 50;
    pair.end[0].closes_when_written = (seed & 4) != 0;
    pair.end[1].closes_when_written = (seed & 8) != 0;
    pair.end[0].closes_after_fin = true;
    pair.end[1].closes_after_fin = true;
    if ((seed & 12) == 0)
      pair.end[0].closes_when_written = true;
    pair_establish (&pair);
    pair.end[0].to_write = seed % 3 * 7000;
    pair.end[1].to_write = seed % 5 * 9000;
    uint64_t from_0 = pair.end[0].to_write;
    uint64_t from_1 = pair.end[1].to_write;

    pair_start (&pair);
    pair_run (&pair, pair_seconds (10000));

    for (int side = 0; side < 2; side++) {
      assert_int_equal (tcp_state (&pair.end[side].tcb), TcpConnectionClosed);
      assert_true ((pair.end[side].events & TCP_NEWS_FIN) != 0);
      assert_true ((pair.end[side].events & TCP_NEWS_FIN_ACKED) != 0
                   || (pair.end[side].events & TCP_NEWS_TIMED_OUT) != 0);
    }
    assert_int_equal (pair.end[1].received, from_0);
    assert_int_equal (pair.end[0].received, from_1);
    pair_clear (&pair);
  }
}

static void
in_time_wait (Solo *solo)
{
  tcp_close (&solo->tcb, solo->now);
  solo_pull (solo);
  solo_fin (solo);
  solo_pull (solo);
  assert_int_equal (tcp_state (&solo->tcb), TcpConnectionTimeWait);
}

/* RFC 9293 3.10.7.4 (fifth, eighth) */
static void
in_time_wait_all_but_an_ack_in_place_is_answered (G_GNUC_UNUSED void **state)
{
  static const struct {
    int32_t from_next;
    uint32_t bytes;
    uint8_t flags;
    bool answered, restarts;
  } rows[] = {
    { 0, 0, TCP_ACK, false, false },           { 1, 0, TCP_ACK, true, false },
    { 0, 0, TCP_ACK | TCP_FIN, true, true },   { -1, 0, TCP_ACK | TCP_FIN, true, true },
    { 100, 0, TCP_ACK | TCP_FIN, true, true }, { 0, 10, TCP_ACK, true, false },
  };

  for (size_t i = 0; i < G_N_ELEMENTS (rows); i++) {
    Solo solo;
    solo_init (&solo);
    in_time_wait (&solo);
    solo_wait (&solo, 1000);
    TcpSegment s = solo_segment (&solo, solo.tcb.SndNxt, rows[i].bytes);
    s.seq += (uint32_t)rows[i].from_next;
    s.flags = rows[i].flags;

    solo_receive (&solo, s);

    assert_int_equal (solo_pull (&solo), rows[i].answered);
    assert_int_equal (solo_expire (&solo), rows[i].restarts ? 240000 : 239000);
    assert_int_equal (tcp_state (&solo.tcb), TcpConnectionClosed);
    solo_clear (&solo);
  }
}

/* RFC 1337 3, F1 */
static void
time_wait_may_be_deaf_to_resets (G_GNUC_UNUSED void **state)
{
  for (int deaf = 0; deaf < 2; deaf++) {
    Solo solo;
    solo_prepare (&solo, TCP_ROLE_HOST);
    solo.config.ignores_reset_in_time_wait = deaf;
    solo_establish (&solo);
    in_time_wait (&solo);
    TcpSegment s = solo_segment (&solo, solo.tcb.SndNxt, 0);
    s.flags = TCP_RST;

    solo_receive (&solo, s);

    assert_int_equal (tcp_state (&solo.tcb), deaf ? TcpConnectionTimeWait : TcpConnectionClosed);
    solo_clear (&solo);
  }
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test (closing_sends_the_data_and_then_fin),
    cmocka_unit_test (an_active_close_passes_fin_wait_2_and_time_wait),
    cmocka_unit_test (a_half_closed_connection_still_receives),
    cmocka_unit_test (a_passive_close_passes_close_wait_and_last_ack),
    cmocka_unit_test (fins_that_cross_pass_closing),
    cmocka_unit_test (a_fin_that_acknowledges_ours_goes_straight_to_time_wait),
    cmocka_unit_test (a_fin_repeated_in_time_wait_is_answered_and_restarts_it),
    cmocka_unit_test (a_lost_fin_is_sent_again),
    cmocka_unit_test (fin_wait_2_runs_out_after_its_time),
    cmocka_unit_test (only_an_acceptable_segment_restarts_fin_wait_2),
    cmocka_unit_test (a_reset_at_the_next_number_ends_the_connection),
    cmocka_unit_test (aborting_sends_one_reset_and_forgets_the_rest),
    cmocka_unit_test (in_last_ack_an_aborting_target_resets_and_a_host_does_not),
    cmocka_unit_test (aborting_after_a_timeout_resets_at_the_last_number_sent),
    cmocka_unit_test (a_closed_host_resets_what_comes_and_a_target_does_not),
    cmocka_unit_test (a_reset_is_never_answered_with_one),
    cmocka_unit_test (a_closed_host_acknowledges_what_it_refuses),
    cmocka_unit_test (time_wait_yields_to_a_newer_syn_only),
    cmocka_unit_test (sending_or_closing_twice_after_close_is_a_bug),
    cmocka_unit_test (every_way_of_closing_ends_closed_with_all_bytes),
    cmocka_unit_test (in_time_wait_all_but_an_ack_in_place_is_answered),
    cmocka_unit_test (time_wait_may_be_deaf_to_resets),
  };
  return cmocka_run_group_tests_name ("closing", tests, NULL, NULL);
}
