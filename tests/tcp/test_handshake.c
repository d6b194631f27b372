#include "tests/tcp/pair.h"

#include "tests/tcp/solo.h"

/* A connection under way: SynSent with its SYN out, or Listen. */
static void
connecting (Solo *solo)
{
  solo_prepare (solo, TCP_ROLE_HOST);
  solo->setup.window_scaling = true;
  solo->setup.receive_window_scale = 4;
  solo->setup.timestamps = true;
  solo->setup.sack = true;
  tcp_init_connect (&solo->tcb, &solo->config, &solo->setup, solo->now);
  assert_int_equal (solo_pull (solo), 1);
}

static void
listening (Solo *solo)
{
  solo_prepare (solo, TCP_ROLE_HOST);
  solo->setup.window_scaling = true;
  solo->setup.receive_window_scale = 4;
  solo->setup.timestamps = true;
  solo->setup.sack = true;
  tcp_init_listen (&solo->tcb, &solo->config, &solo->setup, solo->now);
  assert_int_equal (solo_pull (solo), 0);
}

static TcpSegment
peers_syn (const Solo *solo, uint8_t flags)
{
  TcpSegment s = solo_segment (solo, 0, 0);
  s.seq = SOLO_PEER - 1;
  s.flags = flags;
  s.ack = (flags & TCP_ACK) != 0 ? SOLO_OWN : 0;
  s.options =
      TCP_OPTION_MSS | TCP_OPTION_WINDOW_SCALE | TCP_OPTION_SACK_PERMITTED | TCP_OPTION_TIMESTAMP;
  s.mss = 900;
  s.window = 5000;
  s.window_scale = 3;
  s.ts_value = 4711;
  return s;
}

static void
a_syn_offers_all_options (G_GNUC_UNUSED void **state)
{
  Solo solo;
  connecting (&solo);
  const TcpSegment *syn = &solo.out[0];

  assert_int_equal (syn->flags, TCP_SYN);
  assert_int_equal (syn->seq, SOLO_OWN - 1);
  assert_int_equal (syn->options, TCP_OPTION_MSS | TCP_OPTION_WINDOW_SCALE
                                      | TCP_OPTION_SACK_PERMITTED | TCP_OPTION_TIMESTAMP);
  assert_int_equal (syn->mss, SOLO_MSS);
  assert_int_equal (syn->window_scale, 4);
  assert_int_equal (syn->window, 60000); /* not scaled */
  assert_int_equal (syn->ts_echo, 0);
  solo_clear (&solo);
}

static void
a_syn_ack_establishes_and_is_acknowledged (G_GNUC_UNUSED void **state)
{
  Solo solo;
  connecting (&solo);

  TcpNews news = solo_receive (&solo, peers_syn (&solo, TCP_SYN | TCP_ACK));

  assert_true ((news.events & TCP_NEWS_CONNECTED) != 0);
  assert_int_equal (news.acked_bytes, 0);
  assert_int_equal (tcp_state (&solo.tcb), TcpConnectionEstablished);
  assert_int_equal (solo.tcb.RcvNxt, SOLO_PEER);
  assert_int_equal (solo.tcb.SndUna, SOLO_OWN);
  assert_int_equal (solo.tcb.SndWnd, 5000); /* nor is the window of this one */
  assert_int_equal (solo.tcb.SndWindScale, 3);
  assert_int_equal (solo.tcb.smss, 900 - 12);
  assert_int_equal (solo_pull (&solo), 1);
  assert_int_equal (solo.out[0].flags, TCP_ACK);
  assert_int_equal (solo.out[0].ack, SOLO_PEER);
  assert_int_equal (solo.out[0].ts_echo, 4711);
  assert_int_equal (solo.out[0].window, 60000 >> 4);
  assert_true (sim_time_is_never (tcp_deadline (&solo.tcb)));
  solo_clear (&solo);
}

static void
what_the_peer_does_not_offer_is_not_used (G_GNUC_UNUSED void **state)
{
  Solo solo;
  connecting (&solo);
  TcpSegment bare = peers_syn (&solo, TCP_SYN | TCP_ACK);
  bare.options = 0;

  solo_receive (&solo, bare);
  solo_pull (&solo);

  TCP_OFFLOAD_STATE_CONST constants;
  tcp_export_const (&solo.tcb, &constants);
  assert_int_equal (constants.Flags, 0);
  assert_int_equal (constants.SndWindScale, 0);
  assert_int_equal (constants.RcvWindScale, 0);
  assert_int_equal (constants.RemoteMss, 536);
  assert_int_equal (solo.out[0].options, 0);
  assert_int_equal (solo.out[0].window, 60000);
  solo_clear (&solo);
}

static void
a_passive_open_answers_with_what_was_offered (G_GNUC_UNUSED void **state)
{
  Solo solo;
  listening (&solo);
  TcpSegment syn = peers_syn (&solo, TCP_SYN);
  syn.options = TCP_OPTION_MSS | TCP_OPTION_SACK_PERMITTED;

  TcpNews news = solo_receive (&solo, syn);

  assert_int_equal (news.events, 0);
  assert_int_equal (tcp_state (&solo.tcb), TcpConnectionSynRcvd);
  assert_int_equal (solo_pull (&solo), 1);
  assert_int_equal (solo.out[0].flags, TCP_SYN | TCP_ACK);
  assert_int_equal (solo.out[0].ack, SOLO_PEER);
  assert_int_equal (solo.out[0].options, TCP_OPTION_MSS | TCP_OPTION_SACK_PERMITTED);
  solo_clear (&solo);
}

static void
the_ack_of_our_syn_establishes_and_its_data_counts (G_GNUC_UNUSED void **state)
{
  Solo solo;
  listening (&solo);
  solo_receive (&solo, peers_syn (&solo, TCP_SYN));
  solo_pull (&solo);
  TcpSegment s = solo_segment (&solo, SOLO_OWN, 100);
  s.options = TCP_OPTION_TIMESTAMP;
  s.ts_value = 4712;
  s.window = 700;

  TcpNews news = solo_receive (&solo, s);

  assert_true ((news.events & TCP_NEWS_CONNECTED) != 0);
  assert_true ((news.events & TCP_NEWS_DATA) != 0);
  assert_int_equal (tcp_state (&solo.tcb), TcpConnectionEstablished);
  assert_int_equal (solo.tcb.SndWnd, 700 << 3);
  solo_clear (&solo);
}

static void
a_syn_that_comes_again_gets_its_answer_again (G_GNUC_UNUSED void **state)
{
  Solo solo;
  listening (&solo);
  solo_receive (&solo, peers_syn (&solo, TCP_SYN));
  solo_pull (&solo);

  solo_receive (&solo, peers_syn (&solo, TCP_SYN));

  assert_int_equal (solo_pull (&solo), 1);
  assert_int_equal (solo.out[0].flags, TCP_SYN | TCP_ACK);
  solo_clear (&solo);
}

static void
two_syns_that_cross_establish_both (G_GNUC_UNUSED void **state)
{
  Pair pair;
  pair_prepare (&pair, 1);
  for (int side = 0; side < 2; side++) {
    pair.end[side].setup.timestamps = true;
    tcp_init_connect (&pair.end[side].tcb, &pair.end[side].config, &pair.end[side].setup, pair.now);
  }
  pair.end[0].to_write = 5000;
  pair.end[1].to_write = 6000;

  pair_start (&pair);
  pair_run (&pair, pair_seconds (60));

  for (int side = 0; side < 2; side++) {
    assert_int_equal (tcp_state (&pair.end[side].tcb), TcpConnectionEstablished);
    assert_true ((pair.end[side].events & TCP_NEWS_CONNECTED) != 0);
    assert_int_equal (pair.end[side].resets_sent, 0);
  }
  assert_int_equal (pair.end[1].received, 5000);
  assert_int_equal (pair.end[0].received, 6000);
  pair_clear (&pair);
}

static void
a_handshake_survives_loss_and_the_data_follows (G_GNUC_UNUSED void **state)
{
  for (uint64_t seed = 0; seed < 40; seed++) {
    Pair pair;
    pair_prepare (&pair, seed);
    pair.loss_permille = 250;
    pair.double_permille = 50;
    for (int side = 0; side < 2; side++) {
      TcpSetup *setup = &pair.end[side].setup;
      setup->timestamps = (seed & 1) != 0;
      setup->sack = (seed & 2) != 0;
      setup->window_scaling = (seed & 4) != 0;
      setup->receive_window_scale = setup->window_scaling ? 6 : 0;
      setup->receive_window_bytes = setup->window_scaling ? 300000 : 65535;
      pair.end[side].closes_when_written = true;
      pair.end[side].config.retransmissions_max = 100;
      pair.end[side].config.fin_wait_2_ticks = 0; /* patience */
    }
    tcp_init_connect (&pair.end[0].tcb, &pair.end[0].config, &pair.end[0].setup, pair.now);
    tcp_init_listen (&pair.end[1].tcb, &pair.end[1].config, &pair.end[1].setup, pair.now);
    pair.end[0].to_write = 20000;
    pair.end[1].to_write = 10000;

    pair_start (&pair);
    pair_run (&pair, pair_seconds (50000));

    assert_int_equal (pair.end[1].received, 20000);
    assert_int_equal (pair.end[0].received, 10000);
    assert_int_equal (tcp_state (&pair.end[0].tcb), TcpConnectionClosed);
    pair_clear (&pair);
  }
}

static void
a_syn_is_sent_again_with_doubling_and_then_given_up (G_GNUC_UNUSED void **state)
{
  static const int64_t expected[] = { 1000, 2000, 4000, 8000, 16000 };
  Solo solo;
  connecting (&solo);

  for (size_t i = 0; i < G_N_ELEMENTS (expected); i++) {
    assert_int_equal (solo_expire (&solo), expected[i]);
    assert_int_equal (solo_pull (&solo), 1);
    assert_int_equal (solo.out[0].flags, TCP_SYN);
    assert_int_equal (solo.out[0].seq, SOLO_OWN - 1);
  }
  solo_expire (&solo);

  assert_int_equal (solo.news.events, TCP_NEWS_TIMED_OUT | TCP_NEWS_CLOSED);
  solo_clear (&solo);
}

static void
a_lost_syn_means_one_segment_and_three_seconds (G_GNUC_UNUSED void **state)
{
  Solo solo;
  connecting (&solo);
  solo_expire (&solo);
  solo_pull (&solo);
  TcpSegment answer = peers_syn (&solo, TCP_SYN | TCP_ACK);
  answer.options = TCP_OPTION_MSS; /* no timestamps: no sample either */

  solo_receive (&solo, answer);
  tcp_send (&solo.tcb, 5000);
  solo_pull (&solo);

  assert_int_equal (solo.tcb.CWnd, 900);
  assert_int_equal (solo_delegated (&solo).TotalRT, 0);
  assert_int_equal (solo_delegated (&solo).Retransmit.Count, 0);
  assert_int_equal (solo_delegated (&solo).Retransmit.TimeoutDelta, 3000);
  solo_clear (&solo);
}

static void
a_refused_connection_reports_the_reset (G_GNUC_UNUSED void **state)
{
  Solo solo;
  connecting (&solo);
  TcpSegment rst = solo_segment (&solo, SOLO_OWN, 0);
  rst.seq = 0;
  rst.flags = TCP_RST | TCP_ACK;

  TcpNews news = solo_receive (&solo, rst);

  assert_int_equal (news.events, TCP_NEWS_RESET | TCP_NEWS_CLOSED);
  solo_clear (&solo);
}

static void
a_reset_that_acknowledges_nothing_of_ours_is_dropped (G_GNUC_UNUSED void **state)
{
  Solo solo;
  connecting (&solo);
  TcpSegment rst = solo_segment (&solo, SOLO_OWN, 0);
  rst.flags = TCP_RST;
  assert_int_equal (solo_receive (&solo, rst).events, 0);
  rst.flags = TCP_RST | TCP_ACK;
  rst.ack = SOLO_OWN + 5;
  assert_int_equal (solo_receive (&solo, rst).events, 0);

  assert_int_equal (tcp_state (&solo.tcb), TcpConnectionSynSent);
  assert_int_equal (solo_pull (&solo), 0);
  solo_clear (&solo);
}

static void
what_comes_along_with_the_syn_is_received (G_GNUC_UNUSED void **state)
{
  Solo solo;
  connecting (&solo);
  TcpSegment s = peers_syn (&solo, TCP_SYN | TCP_ACK);
  s.payload = (TcpRange){ .bytes = 300 };

  TcpNews news = solo_receive (&solo, s);

  TcpRange range;
  assert_true ((news.events & TCP_NEWS_CONNECTED) != 0);
  assert_true ((news.events & TCP_NEWS_DATA) != 0);
  assert_true (tcp_take_received (&solo.tcb, 0, &range));
  assert_int_equal (range.bytes, 300);
  assert_int_equal (solo_pull (&solo), 1);
  assert_int_equal (solo.out[0].ack, SOLO_PEER + 300);
  solo_clear (&solo);
}

static void
a_fin_along_with_the_syn_closes_the_peers_half (G_GNUC_UNUSED void **state)
{
  Solo solo;
  connecting (&solo);

  solo_receive (&solo, peers_syn (&solo, TCP_SYN | TCP_ACK | TCP_FIN));

  assert_int_equal (tcp_state (&solo.tcb), TcpConnectionCloseWait);
  assert_int_equal (solo_pull (&solo), 1);
  assert_int_equal (solo.out[0].ack, SOLO_PEER + 1);
  solo_clear (&solo);
}

static void
nobody_who_closed_before_the_peers_syn_sends_timestamps (G_GNUC_UNUSED void **state)
{
  Solo solo;
  connecting (&solo);
  tcp_close (&solo.tcb, solo.now);

  solo_receive (&solo, peers_syn (&solo, TCP_SYN | TCP_ACK));

  assert_int_equal (solo_pull (&solo), 1);
  assert_int_equal (solo.out[0].flags, TCP_RST);
  assert_int_equal (solo.out[0].options, 0);
  solo_clear (&solo);
}

static void
an_ack_of_something_else_is_reset (G_GNUC_UNUSED void **state)
{
  Solo solo;
  connecting (&solo);
  TcpSegment stale = solo_segment (&solo, SOLO_OWN + 500, 0);

  solo_receive (&solo, stale);

  assert_int_equal (solo_pull (&solo), 1);
  assert_int_equal (solo.out[0].flags, TCP_RST);
  assert_int_equal (solo.out[0].options, 0); /* RFC 7323 3.2: nothing is negotiated yet */
  assert_int_equal (solo.out[0].seq, SOLO_OWN + 500);
  assert_int_equal (tcp_state (&solo.tcb), TcpConnectionSynSent);
  solo_clear (&solo);

  listening (&solo);
  solo_receive (&solo, peers_syn (&solo, TCP_SYN));
  solo_pull (&solo);
  stale = solo_segment (&solo, SOLO_OWN + 500, 0);
  stale.options = TCP_OPTION_TIMESTAMP;
  stale.ts_value = 4712;
  solo_receive (&solo, stale);
  assert_int_equal (solo_pull (&solo), 1);
  assert_int_equal (solo.out[0].flags, TCP_RST);
  assert_int_equal (tcp_state (&solo.tcb), TcpConnectionSynRcvd);
  solo_clear (&solo);
}

static void
a_listener_resets_an_ack_and_ignores_the_rest (G_GNUC_UNUSED void **state)
{
  Solo solo;
  listening (&solo);
  TcpSegment s = solo_segment (&solo, 1234, 0);
  s.flags = TCP_RST;
  solo_receive (&solo, s);
  s.flags = TCP_FIN;
  solo_receive (&solo, s);
  assert_int_equal (solo_pull (&solo), 0);

  s.flags = TCP_ACK;
  solo_receive (&solo, s);

  assert_int_equal (solo_pull (&solo), 1);
  assert_int_equal (solo.out[0].flags, TCP_RST);
  assert_int_equal (solo.out[0].seq, 1234);
  assert_int_equal (tcp_state (&solo.tcb), TcpConnectionListen);
  solo_clear (&solo);
}

static void
closing_before_the_handshake_ends_it_or_waits (G_GNUC_UNUSED void **state)
{
  Solo solo;
  connecting (&solo);
  assert_int_equal (tcp_close (&solo.tcb, solo.now).events, TCP_NEWS_CLOSED);
  solo_clear (&solo);

  listening (&solo);
  solo_receive (&solo, peers_syn (&solo, TCP_SYN));
  solo_pull (&solo);
  assert_int_equal (tcp_close (&solo.tcb, solo.now).events, 0);
  assert_int_equal (tcp_state (&solo.tcb), TcpConnectionSynRcvd);
  TcpSegment s = solo_segment (&solo, SOLO_OWN, 0);
  s.options = TCP_OPTION_TIMESTAMP;
  s.ts_value = 4712;
  solo_receive (&solo, s);

  assert_int_equal (tcp_state (&solo.tcb), TcpConnectionFinWait1);
  assert_int_equal (solo_pull (&solo), 1);
  assert_true ((solo.out[0].flags & TCP_FIN) != 0);
  solo_clear (&solo);
}

static void
data_queued_before_the_handshake_follows_it (G_GNUC_UNUSED void **state)
{
  Solo solo;
  connecting (&solo);
  tcp_send (&solo.tcb, 300);
  assert_int_equal (tcp_unacked_bytes (&solo.tcb), 300);
  assert_int_equal (solo_pull (&solo), 0);

  solo_receive (&solo, peers_syn (&solo, TCP_SYN | TCP_ACK));

  assert_int_equal (solo_pull (&solo), 1);
  assert_int_equal (solo.out[0].payload.bytes, 300);
  assert_int_equal (solo.out[0].seq, SOLO_OWN);
  assert_int_equal (tcp_unacked_bytes (&solo.tcb), 300);
  assert_int_equal (tcp_unsent_bytes (&solo.tcb), 0);
  solo_clear (&solo);
}

static void
a_window_scale_beyond_14_counts_as_14 (G_GNUC_UNUSED void **state)
{
  Solo solo;
  connecting (&solo);
  TcpSegment s = peers_syn (&solo, TCP_SYN | TCP_ACK);
  s.window_scale = 200;

  solo_receive (&solo, s);

  assert_int_equal (solo.tcb.SndWindScale, 14);
  solo_clear (&solo);
}

/* RFC 9293 3.10.7.3 */
static void
text_and_fin_of_a_syn_that_crosses_ours_wait_for_the_connection (G_GNUC_UNUSED void **state)
{
  Solo solo;
  TcpRange range;
  connecting (&solo);
  TcpSegment syn = peers_syn (&solo, TCP_SYN | TCP_FIN);
  syn.payload = (TcpRange){ .bytes = 300 };

  assert_int_equal (solo_receive (&solo, syn).events, 0);
  assert_int_equal (tcp_state (&solo.tcb), TcpConnectionSynRcvd);
  assert_int_equal (solo_pull (&solo), 1);
  assert_int_equal (solo.out[0].ack, SOLO_PEER);
  assert_false (tcp_take_received (&solo.tcb, 0, &range));
  TcpSegment ack = solo_segment (&solo, SOLO_OWN, 0);
  ack.seq = SOLO_PEER + 301;
  ack.options = TCP_OPTION_TIMESTAMP;
  ack.ts_value = syn.ts_value;
  TcpNews news = solo_receive (&solo, ack);

  assert_int_equal (news.events & (TCP_NEWS_CONNECTED | TCP_NEWS_DATA | TCP_NEWS_FIN),
                    TCP_NEWS_CONNECTED | TCP_NEWS_DATA | TCP_NEWS_FIN);
  assert_int_equal (tcp_state (&solo.tcb), TcpConnectionCloseWait);
  assert_true (tcp_take_received (&solo.tcb, 0, &range));
  assert_int_equal (range.bytes, 300);
  assert_int_equal (solo_pull (&solo), 1);
  assert_int_equal (solo.out[0].ack, SOLO_PEER + 301);
  solo_clear (&solo);
}

static void
text_of_a_syn_that_a_listener_hears_comes_again (G_GNUC_UNUSED void **state)
{
  Solo solo;
  listening (&solo);
  TcpSegment syn = peers_syn (&solo, TCP_SYN);
  syn.payload = (TcpRange){ .bytes = 300 };

  solo_receive (&solo, syn);
  solo_pull (&solo);
  assert_int_equal (solo.out[0].ack, SOLO_PEER);
  TcpSegment data = solo_segment (&solo, SOLO_OWN, 300);
  data.options = TCP_OPTION_TIMESTAMP;
  data.ts_value = syn.ts_value;
  TcpNews news = solo_receive (&solo, data);

  TcpRange range;
  assert_true ((news.events & TCP_NEWS_DATA) != 0);
  assert_true (tcp_take_received (&solo.tcb, 0, &range));
  assert_int_equal (range.bytes, 300);
  solo_clear (&solo);
}

static void
a_syn_may_go_without_any_option (G_GNUC_UNUSED void **state)
{
  Solo solo;
  solo_prepare (&solo, TCP_ROLE_HOST);
  solo.setup.timestamps = solo.setup.sack = solo.setup.window_scaling = true;
  solo.setup.no_options = true;
  tcp_init_connect (&solo.tcb, &solo.config, &solo.setup, solo.now);

  assert_int_equal (solo_pull (&solo), 1);
  assert_int_equal (solo.out[0].options, 0);
  solo_receive (&solo, peers_syn (&solo, TCP_SYN | TCP_ACK));
  assert_int_equal (solo_pull (&solo), 1);

  assert_int_equal (solo.out[0].options, 0);
  assert_int_equal (solo.tcb.SndWindScale, 0);
  solo_clear (&solo);
}

/* RFC 1122 4.2.3.9, RFC 5927 4.1, 5.2 */
static void
a_hard_error_about_our_syn_ends_only_what_is_not_connected (G_GNUC_UNUSED void **state)
{
  Solo solo;
  connecting (&solo);

  assert_int_equal (tcp_hard_error (&solo.tcb, SOLO_OWN - 2).events, 0);
  assert_int_equal (tcp_hard_error (&solo.tcb, SOLO_OWN).events, 0);
  assert_int_equal (tcp_state (&solo.tcb), TcpConnectionSynSent);
  assert_int_equal (tcp_hard_error (&solo.tcb, SOLO_OWN - 1).events,
                    TCP_NEWS_RESET | TCP_NEWS_CLOSED);
  assert_int_equal (tcp_state (&solo.tcb), TcpConnectionClosed);
  assert_int_equal (solo_pull (&solo), 0);
  solo_clear (&solo);

  solo_init (&solo);
  solo_send (&solo, 1);
  assert_int_equal (tcp_hard_error (&solo.tcb, SOLO_OWN).events, 0);
  assert_int_equal (tcp_state (&solo.tcb), TcpConnectionEstablished);
  solo_clear (&solo);
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test (a_syn_offers_all_options),
    cmocka_unit_test (a_syn_ack_establishes_and_is_acknowledged),
    cmocka_unit_test (what_the_peer_does_not_offer_is_not_used),
    cmocka_unit_test (a_passive_open_answers_with_what_was_offered),
    cmocka_unit_test (the_ack_of_our_syn_establishes_and_its_data_counts),
    cmocka_unit_test (a_syn_that_comes_again_gets_its_answer_again),
    cmocka_unit_test (two_syns_that_cross_establish_both),
    cmocka_unit_test (a_handshake_survives_loss_and_the_data_follows),
    cmocka_unit_test (a_syn_is_sent_again_with_doubling_and_then_given_up),
    cmocka_unit_test (a_lost_syn_means_one_segment_and_three_seconds),
    cmocka_unit_test (a_refused_connection_reports_the_reset),
    cmocka_unit_test (a_reset_that_acknowledges_nothing_of_ours_is_dropped),
    cmocka_unit_test (what_comes_along_with_the_syn_is_received),
    cmocka_unit_test (a_fin_along_with_the_syn_closes_the_peers_half),
    cmocka_unit_test (nobody_who_closed_before_the_peers_syn_sends_timestamps),
    cmocka_unit_test (an_ack_of_something_else_is_reset),
    cmocka_unit_test (a_listener_resets_an_ack_and_ignores_the_rest),
    cmocka_unit_test (closing_before_the_handshake_ends_it_or_waits),
    cmocka_unit_test (data_queued_before_the_handshake_follows_it),
    cmocka_unit_test (a_window_scale_beyond_14_counts_as_14),
    cmocka_unit_test (text_and_fin_of_a_syn_that_crosses_ours_wait_for_the_connection),
    cmocka_unit_test (text_of_a_syn_that_a_listener_hears_comes_again),
    cmocka_unit_test (a_syn_may_go_without_any_option),
    cmocka_unit_test (a_hard_error_about_our_syn_ends_only_what_is_not_connected),
  };
  return cmocka_run_group_tests_name ("handshake", tests, NULL, NULL);
}
