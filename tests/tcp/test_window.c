#include "tests/tcp/solo.h"

#include "models/tcp/window.h"

#define MSS SOLO_MSS

/* Receives |segments| full ones and takes them, unread. */
static void
receive_and_keep (Solo *solo, uint32_t segments)
{
  TcpRange range;
  for (uint32_t i = 0; i < segments; i++) {
    solo_data (solo, MSS);
    solo_pull (solo);
  }
  while (tcp_take_received (&solo->tcb, 0, &range)) {
  }
}

static void
a_window_of (Solo *solo, uint32_t bytes)
{
  solo_prepare (solo, TCP_ROLE_HOST);
  solo->setup.receive_window_bytes = bytes;
  solo_establish (solo);
}

static void
unread_data_closes_the_window (G_GNUC_UNUSED void **state)
{
  Solo solo;
  a_window_of (&solo, 10 * MSS);

  receive_and_keep (&solo, 10);

  assert_int_equal (solo.out[0].window, 0);
  assert_int_equal (tcp_window_bytes (&solo.tcb), 0);
  solo_clear (&solo);
}

static void
reading_two_segments_sends_a_window_update (G_GNUC_UNUSED void **state)
{
  Solo solo;
  a_window_of (&solo, 40 * MSS);
  receive_and_keep (&solo, 20);

  tcp_consume (&solo.tcb, MSS, solo.now);
  assert_int_equal (solo_pull (&solo), 0);
  tcp_consume (&solo.tcb, MSS, solo.now);

  assert_int_equal (solo_pull (&solo), 1);
  assert_int_equal (solo.out[0].window, 22 * MSS);
  solo_clear (&solo);
}

static void
a_window_that_follows_gives_back_what_was_read_with_each_ack (G_GNUC_UNUSED void **state)
{
  const bool follows[] = { false, true };
  const uint16_t windows[] = { 40 * MSS - 10, 40 * MSS };

  for (size_t i = 0; i < 2; i++) {
    Solo solo;
    TcpRange range;
    a_window_of (&solo, 40 * MSS);
    solo.config.window_follows = follows[i];
    solo_data (&solo, 10);
    tcp_take_received (&solo.tcb, 0, &range);
    tcp_consume (&solo.tcb, 10, solo.now);

    solo_data_at (&solo, SOLO_PEER, 10); /* again: acknowledged at once */

    assert_int_equal (solo_pull (&solo), 1);
    assert_int_equal (solo.out[0].window, windows[i]);
    solo_clear (&solo);
  }
}

static void
a_shut_window_does_not_open_by_a_few_bytes (G_GNUC_UNUSED void **state)
{
  Solo solo;
  a_window_of (&solo, 10 * MSS);
  receive_and_keep (&solo, 10);

  tcp_consume (&solo.tcb, 100, solo.now);
  assert_int_equal (solo_pull (&solo), 0);
  tcp_consume (&solo.tcb, 900, solo.now);

  assert_int_equal (solo_pull (&solo), 1); /* a full segment fits again */
  assert_int_equal (solo.out[0].window, MSS);
  solo_clear (&solo);
}

static void
the_sws_timer_tells_even_a_few_bytes (G_GNUC_UNUSED void **state)
{
  Solo solo;
  a_window_of (&solo, 10 * MSS);
  receive_and_keep (&solo, 10);
  tcp_consume (&solo.tcb, 100, solo.now);

  assert_int_equal (solo_expire (&solo), 300);

  assert_int_equal (solo_pull (&solo), 1);
  assert_int_equal (solo.out[0].window, 100);
  solo_clear (&solo);
}

static void
the_right_edge_never_moves_left (G_GNUC_UNUSED void **state)
{
  Solo solo;
  a_window_of (&solo, 10 * MSS);
  uint32_t edge = solo.tcb.rcv_adv;
  TCP_OFFLOAD_STATE_CACHED cached;
  tcp_export_cached (&solo.tcb, &cached);
  cached.InitialRcvWnd = 2 * MSS;
  cached.Flags |= TCP_FLAG_UPDATE_RCV_WND;
  tcp_update_cached (&solo.tcb, &cached, solo.now);
  solo_pull (&solo);

  receive_and_keep (&solo, 4);

  assert_int_equal (solo.tcb.rcv_adv, edge);
  assert_int_equal (solo.out[0].window, 6 * MSS);
  solo_clear (&solo);
}

static void
a_larger_receive_buffer_is_advertised_at_once (G_GNUC_UNUSED void **state)
{
  Solo solo;
  a_window_of (&solo, 10 * MSS);
  TCP_OFFLOAD_STATE_CACHED cached;
  tcp_export_cached (&solo.tcb, &cached);
  cached.InitialRcvWnd = 10 * MSS + 1;
  cached.Flags |= TCP_FLAG_UPDATE_RCV_WND;

  tcp_update_cached (&solo.tcb, &cached, solo.now);

  assert_int_equal (solo_pull (&solo), 1);
  assert_int_equal (solo.out[0].window, 10 * MSS + 1);
  solo_clear (&solo);
}

/* TCPV-08, UPD-09 */
static void
an_update_advertises_a_window_that_differs_if_its_flag_is_set (G_GNUC_UNUSED void **state)
{
  static const struct {
    uint32_t bytes;
    bool has_flag, is_advertised;
  } rows[] = {
    { 12 * MSS, true, true },
    { 12 * MSS, false, false },
    { 10 * MSS, true, false },
  };
  for (size_t i = 0; i < G_N_ELEMENTS (rows); i++) {
    Solo solo;
    TCP_OFFLOAD_STATE_CACHED cached;
    a_window_of (&solo, 10 * MSS);
    tcp_export_cached (&solo.tcb, &cached);
    cached.InitialRcvWnd = rows[i].bytes;
    if (rows[i].has_flag)
      cached.Flags |= TCP_FLAG_UPDATE_RCV_WND;

    tcp_update_cached (&solo.tcb, &cached, solo.now);

    assert_int_equal (solo_pull (&solo), rows[i].is_advertised);
    if (rows[i].is_advertised)
      assert_int_equal (solo.out[0].window, rows[i].bytes);
    solo_clear (&solo);
  }
}

static void
the_field_is_shifted_by_the_scale (G_GNUC_UNUSED void **state)
{
  Solo solo;
  solo_prepare (&solo, TCP_ROLE_HOST);
  solo.setup.window_scaling = true;
  solo.setup.receive_window_scale = 5;
  solo.setup.send_window_scale = 3;
  solo.setup.receive_window_bytes = 1 << 20;
  solo_establish (&solo);

  solo_send (&solo, 1);
  assert_int_equal (solo.out[0].window, (1 << 20) >> 5);
  TcpSegment s = solo_segment (&solo, SOLO_OWN + MSS, 0);
  s.window = 1000;
  solo_receive (&solo, s);

  assert_int_equal (solo.tcb.SndWnd, 8000);
  solo_clear (&solo);
}

static void
without_scaling_the_window_is_at_most_64_kilobytes (G_GNUC_UNUSED void **state)
{
  Solo solo;
  a_window_of (&solo, 1 << 20);

  solo_send (&solo, 1);

  assert_int_equal (solo.out[0].window, 65535);
  solo_clear (&solo);
}

/* STATE-15, STATE-16, TCPV-06 */
static void
the_flags_alone_decide_about_scaling_and_sack (G_GNUC_UNUSED void **state)
{
  for (int flags = 0; flags < 4; flags++) {
    bool scales = (flags & 1) != 0;
    bool has_sack = (flags & 2) != 0;
    Solo solo;
    solo_prepare (&solo, TCP_ROLE_TARGET);
    solo.setup.window_scaling = scales;
    solo.setup.sack = has_sack;
    solo.setup.receive_window_scale = 5;
    solo.setup.send_window_scale = 3;
    solo.setup.receive_window_bytes = 1 << 20;
    solo_establish (&solo);
    solo_send (&solo, 2);
    assert_int_equal (solo.out[0].window, scales ? (1 << 20) >> 5 : 65535);

    TcpSegment s = solo_segment (&solo, SOLO_OWN, 100);
    s.seq += 100; /* behind a gap */
    s.payload.offset = 100;
    s.window = 1000;
    s.options |= TCP_OPTION_SACK;
    s.n_sack = 1;
    s.sack[0] = (TcpSackBlock){ SOLO_OWN + MSS, SOLO_OWN + 2 * MSS };
    solo_receive (&solo, s);
    assert_int_equal (solo.tcb.SndWnd, scales ? 8000 : 1000);
    assert_true (solo_pull (&solo) >= 1);
    assert_int_equal ((solo.out[0].options & TCP_OPTION_SACK) != 0, has_sack);
    solo_clear (&solo);
  }
}

static void
data_beyond_the_window_is_cut_off (G_GNUC_UNUSED void **state)
{
  Solo solo;
  TcpRange range;
  a_window_of (&solo, 1500);

  TcpNews news = solo_data (&solo, 2000);

  assert_true ((news.events & TCP_NEWS_DATA) != 0);
  assert_true (tcp_take_received (&solo.tcb, 0, &range));
  assert_int_equal (range.bytes, 1500);
  assert_int_equal (solo_pull (&solo), 1);
  assert_int_equal (solo.out[0].ack, SOLO_PEER + 1500);
  solo_clear (&solo);
}

static void
a_probe_of_our_closed_window_is_answered (G_GNUC_UNUSED void **state)
{
  Solo solo;
  a_window_of (&solo, 2 * MSS);
  receive_and_keep (&solo, 2);

  TcpNews news = solo_data (&solo, 1);

  assert_int_equal (news.events & TCP_NEWS_DATA, 0);
  assert_int_equal (solo_pull (&solo), 1);
  assert_int_equal (solo.out[0].ack, SOLO_PEER + 2 * MSS);
  assert_int_equal (solo.out[0].window, 0);
  solo_clear (&solo);
}

static void
an_old_segment_does_not_change_the_send_window (G_GNUC_UNUSED void **state)
{
  Solo solo;
  solo_init (&solo);
  TcpSegment late = solo_segment (&solo, SOLO_OWN, 1000);
  late.window = 100;
  solo_data_at (&solo, SOLO_PEER + 1000, 1000); /* overtakes |late| with another window */
  assert_int_equal (solo.tcb.SndWnd, SOLO_WINDOW);

  solo_receive (&solo, late);

  assert_int_equal (solo.tcb.SndWnd, SOLO_WINDOW);
  solo_clear (&solo);
}

static void
small_pieces_wait_for_the_ack_by_nagle (G_GNUC_UNUSED void **state)
{
  Solo solo;
  solo_prepare (&solo, TCP_ROLE_HOST);
  solo.setup.nagle = true;
  solo_establish (&solo);
  tcp_send (&solo.tcb, 10);
  assert_int_equal (solo_pull (&solo), 1);
  tcp_send (&solo.tcb, 10);
  tcp_send (&solo.tcb, 10);
  assert_int_equal (solo_pull (&solo), 0);

  solo_acked (&solo, SOLO_OWN + 10);

  assert_int_equal (solo_pull (&solo), 1);
  assert_int_equal (solo.out[0].payload.bytes, 20);
  solo_clear (&solo);
}

static void
without_nagle_each_piece_goes (G_GNUC_UNUSED void **state)
{
  Solo solo;
  solo_init (&solo);

  tcp_send (&solo.tcb, 10);
  assert_int_equal (solo_pull (&solo), 1);
  tcp_send (&solo.tcb, 10);

  assert_int_equal (solo_pull (&solo), 1);
  solo_clear (&solo);
}

/* TCPV-07, UPD-14 */
static void
an_update_switches_nagle_on_and_off (G_GNUC_UNUSED void **state)
{
  Solo solo;
  TCP_OFFLOAD_STATE_CACHED cached;
  solo_prepare (&solo, TCP_ROLE_TARGET);
  solo_establish (&solo);
  tcp_export_cached (&solo.tcb, &cached);
  tcp_send (&solo.tcb, 10);
  assert_int_equal (solo_pull (&solo), 1);

  cached.Flags |= TCP_FLAG_NAGLING_ENABLED;
  tcp_update_cached (&solo.tcb, &cached, solo.now);
  tcp_send (&solo.tcb, 10);
  assert_int_equal (solo_pull (&solo), 0);

  cached.Flags &= (uint16_t)~TCP_FLAG_NAGLING_ENABLED;
  tcp_update_cached (&solo.tcb, &cached, solo.now);
  assert_int_equal (solo_pull (&solo), 1);
  tcp_send (&solo.tcb, 10);
  assert_int_equal (solo_pull (&solo), 1);
  solo_clear (&solo);
}

static void
nagle_lets_a_full_segment_and_a_last_one_with_fin_go (G_GNUC_UNUSED void **state)
{
  Solo solo;
  solo_prepare (&solo, TCP_ROLE_HOST);
  solo.setup.nagle = true;
  solo_establish (&solo);
  tcp_send (&solo.tcb, MSS + 10);
  assert_int_equal (solo_pull (&solo), 1); /* the tail waits */
  assert_int_equal (solo.out[0].payload.bytes, MSS);

  tcp_close (&solo.tcb, solo.now);

  assert_int_equal (solo_pull (&solo), 1);
  assert_int_equal (solo.out[0].payload.bytes, 10);
  assert_true ((solo.out[0].flags & TCP_FIN) != 0);
  solo_clear (&solo);
}

static void
a_sliver_of_the_peers_window_is_left_until_the_sws_timer (G_GNUC_UNUSED void **state)
{
  Solo solo;
  solo_prepare (&solo, TCP_ROLE_TARGET);
  solo.setup.peer_window_bytes = 10 * MSS;
  solo.config.initial_window_segments = 20;
  solo_establish (&solo);
  solo_send (&solo, 20);
  TcpSegment s = solo_segment (&solo, SOLO_OWN + 10 * MSS, 0);
  s.window = 400; /* less than a segment, than the queue and than half of the largest window */
  solo_receive (&solo, s);
  assert_int_equal (solo_pull (&solo), 0);

  assert_int_equal (solo_expire (&solo), 300);

  assert_int_equal (solo_pull (&solo), 1);
  assert_int_equal (solo.out[0].payload.bytes, 400);
  solo_clear (&solo);
}

/* OID-11: what either timer releases, after the ticks that were set. */
static void
the_ticks_of_sws_prevention_hold_for_sender_and_receiver (G_GNUC_UNUSED void **state)
{
  for (int64_t ticks = 40; ticks <= 900; ticks += 430) {
    Solo solo;
    solo_prepare (&solo, TCP_ROLE_TARGET);
    solo.setup.receive_window_bytes = 10 * MSS;
    solo.config.sws_prevention_ticks = (uint32_t)ticks;
    solo_establish (&solo);
    receive_and_keep (&solo, 10);
    tcp_consume (&solo.tcb, 100, solo.now);
    assert_int_equal (solo_pull (&solo), 0);
    assert_int_equal (solo_expire (&solo), ticks);
    assert_int_equal (solo_pull (&solo), 1);
    assert_int_equal (solo.out[0].payload.bytes, 0);
    assert_int_equal (solo.out[0].window, 100);

    TcpSegment s = solo_segment (&solo, SOLO_OWN, 0);
    s.window = 400;
    solo_receive (&solo, s);
    tcp_send (&solo.tcb, MSS);
    assert_int_equal (solo_pull (&solo), 0);
    assert_int_equal (solo_expire (&solo), ticks);
    assert_int_equal (solo_pull (&solo), 1);
    assert_int_equal (solo.out[0].payload.bytes, 400);
    solo_clear (&solo);
  }
}

static void
half_of_the_largest_window_is_no_sliver (G_GNUC_UNUSED void **state)
{
  Solo solo;
  solo_prepare (&solo, TCP_ROLE_TARGET);
  solo.setup.peer_window_bytes = 800;
  solo_establish (&solo);
  solo_send (&solo, 3);
  assert_int_equal (solo.out[0].payload.bytes, 800);
  TcpSegment s = solo_segment (&solo, SOLO_OWN + 800, 0);
  s.window = 400;

  solo_receive (&solo, s);

  assert_int_equal (solo_pull (&solo), 1);
  assert_int_equal (solo.out[0].payload.bytes, 400);
  solo_clear (&solo);
}

static void
the_last_segment_of_the_queue_is_pushed (G_GNUC_UNUSED void **state)
{
  Solo solo;
  solo_init (&solo);

  assert_int_equal (solo_send (&solo, 3), 3);

  assert_int_equal (solo.out[0].flags, TCP_ACK);
  assert_int_equal (solo.out[1].flags, TCP_ACK);
  assert_int_equal (solo.out[2].flags, TCP_ACK | TCP_PSH);
  solo_clear (&solo);
}

static void
a_large_segment_takes_whole_ones_and_what_is_left_at_the_end (G_GNUC_UNUSED void **state)
{
  Solo solo;
  TcpSegment s;
  solo_prepare (&solo, TCP_ROLE_HOST);
  solo.config.initial_window_segments = 20;
  solo_establish (&solo);
  tcp_send (&solo.tcb, 7 * MSS + 300);

  assert_true (tcp_transmit (&solo.tcb, 4500, solo.now, &s));
  assert_int_equal (s.payload.bytes, 4 * MSS);
  assert_true (tcp_transmit (&solo.tcb, 4500, solo.now, &s));
  assert_int_equal (s.payload.bytes, 3 * MSS + 300);
  assert_true ((s.flags & TCP_PSH) != 0);
  assert_false (tcp_transmit (&solo.tcb, 4500, solo.now, &s));
  solo_clear (&solo);
}

static void
timestamps_and_the_path_make_segments_smaller (G_GNUC_UNUSED void **state)
{
  Solo solo;
  solo_prepare (&solo, TCP_ROLE_HOST);
  solo.setup.timestamps = true;
  solo.setup.remote_mss = 1460;
  solo.setup.path_mtu_bytes = 1400;
  solo_establish (&solo);
  assert_int_equal (solo.tcb.smss, 1400 - 40 - 12);

  solo.setup.ip_version = 6;
  solo_establish (&solo);
  assert_int_equal (solo.tcb.smss, 1400 - 60 - 12);

  solo.setup.remote_mss = 536;
  solo_establish (&solo);
  assert_int_equal (solo.tcb.smss, 536 - 12);
  solo_clear (&solo);
}

static void
a_smaller_path_sends_what_was_too_large_again_without_a_reduction (G_GNUC_UNUSED void **state)
{
  Solo solo;
  solo_init (&solo);
  solo_send (&solo, 4);
  uint32_t cwnd = solo.tcb.CWnd;

  tcp_set_path_mtu (&solo.tcb, 540);

  assert_int_equal (solo.tcb.CWnd, cwnd);
  assert_int_equal (solo_pull (&solo), 8);
  assert_int_equal (solo.out[0].seq, SOLO_OWN);
  assert_int_equal (solo.out[0].payload.bytes, 500);
  assert_int_equal (solo.tcb.SndMax, SOLO_OWN + 4 * MSS);
  solo_clear (&solo);
}

static void
a_larger_path_only_makes_new_segments_larger (G_GNUC_UNUSED void **state)
{
  Solo solo;
  solo_prepare (&solo, TCP_ROLE_HOST);
  solo.setup.path_mtu_bytes = 540;
  solo_establish (&solo);
  solo_send (&solo, 4);

  tcp_set_path_mtu (&solo.tcb, 1500);

  assert_int_equal (solo_pull (&solo), 0);
  solo_acked (&solo, SOLO_OWN + 2000);
  solo_pull (&solo);
  assert_int_equal (solo.out[0].payload.bytes, MSS);
  solo_clear (&solo);
}

static void
a_segment_sent_anyway_does_not_tell_a_few_bytes (G_GNUC_UNUSED void **state)
{
  Solo solo;
  a_window_of (&solo, 10 * MSS);
  receive_and_keep (&solo, 10);
  tcp_consume (&solo.tcb, 100, solo.now);

  assert_int_equal (solo_send (&solo, 1), 1);

  assert_int_equal (solo.out[0].window, 0);
  solo_clear (&solo);
}

static void
an_ack_from_the_edge_of_our_window_counts (G_GNUC_UNUSED void **state)
{
  Solo solo;
  a_window_of (&solo, 10 * MSS);
  solo_send (&solo, 2);
  TcpSegment s = solo_segment (&solo, SOLO_OWN + 2 * MSS, 0);
  s.seq += 10 * MSS; /* the peer has filled the window, and the first segment is lost */

  TcpNews news = solo_receive (&solo, s);

  assert_int_equal (news.acked_bytes, 2 * MSS);
  solo_clear (&solo);
}

static void
fin_waits_for_room_in_the_window (G_GNUC_UNUSED void **state)
{
  Solo solo;
  solo_prepare (&solo, TCP_ROLE_HOST);
  solo.setup.peer_window_bytes = 2 * MSS;
  solo_establish (&solo);
  tcp_send (&solo.tcb, 2 * MSS);
  tcp_close (&solo.tcb, solo.now);
  assert_int_equal (solo_pull (&solo), 2);
  assert_int_equal (solo.out[1].flags & TCP_FIN, 0);

  TcpSegment s = solo_segment (&solo, SOLO_OWN + MSS, 0);
  s.window = 2 * MSS;
  solo_receive (&solo, s);

  assert_int_equal (solo_pull (&solo), 1);
  assert_true ((solo.out[0].flags & TCP_FIN) != 0);
  assert_int_equal (solo.out[0].payload.bytes, 0);
  solo_clear (&solo);
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test (unread_data_closes_the_window),
    cmocka_unit_test (reading_two_segments_sends_a_window_update),
    cmocka_unit_test (a_window_that_follows_gives_back_what_was_read_with_each_ack),
    cmocka_unit_test (a_shut_window_does_not_open_by_a_few_bytes),
    cmocka_unit_test (the_sws_timer_tells_even_a_few_bytes),
    cmocka_unit_test (a_segment_sent_anyway_does_not_tell_a_few_bytes),
    cmocka_unit_test (an_ack_from_the_edge_of_our_window_counts),
    cmocka_unit_test (fin_waits_for_room_in_the_window),
    cmocka_unit_test (the_right_edge_never_moves_left),
    cmocka_unit_test (a_larger_receive_buffer_is_advertised_at_once),
    cmocka_unit_test (an_update_advertises_a_window_that_differs_if_its_flag_is_set),
    cmocka_unit_test (the_field_is_shifted_by_the_scale),
    cmocka_unit_test (without_scaling_the_window_is_at_most_64_kilobytes),
    cmocka_unit_test (the_flags_alone_decide_about_scaling_and_sack),
    cmocka_unit_test (data_beyond_the_window_is_cut_off),
    cmocka_unit_test (a_probe_of_our_closed_window_is_answered),
    cmocka_unit_test (an_old_segment_does_not_change_the_send_window),
    cmocka_unit_test (small_pieces_wait_for_the_ack_by_nagle),
    cmocka_unit_test (without_nagle_each_piece_goes),
    cmocka_unit_test (an_update_switches_nagle_on_and_off),
    cmocka_unit_test (nagle_lets_a_full_segment_and_a_last_one_with_fin_go),
    cmocka_unit_test (a_sliver_of_the_peers_window_is_left_until_the_sws_timer),
    cmocka_unit_test (the_ticks_of_sws_prevention_hold_for_sender_and_receiver),
    cmocka_unit_test (half_of_the_largest_window_is_no_sliver),
    cmocka_unit_test (the_last_segment_of_the_queue_is_pushed),
    cmocka_unit_test (a_large_segment_takes_whole_ones_and_what_is_left_at_the_end),
    cmocka_unit_test (timestamps_and_the_path_make_segments_smaller),
    cmocka_unit_test (a_smaller_path_sends_what_was_too_large_again_without_a_reduction),
    cmocka_unit_test (a_larger_path_only_makes_new_segments_larger),
  };
  return cmocka_run_group_tests_name ("windows", tests, NULL, NULL);
}
