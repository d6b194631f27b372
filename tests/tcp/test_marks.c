/* Urgent data and congestion marks: what a bit in a header asks for. */
#include "tests/tcp/solo.h"

#include "models/tcp/congestion.h"

#define MSS SOLO_MSS
#define CE 3
#define ECT_0 2

static TcpSegment
urgent (const Solo *solo, uint32_t bytes)
{
  TcpSegment s = solo_segment (solo, solo->tcb.SndUna, bytes);
  s.flags |= TCP_URG;
  s.urgent_pointer = 1;
  return s;
}

static void
a_target_reports_urgent_data_and_touches_nothing (G_GNUC_UNUSED void **state)
{
  Solo solo;
  solo_prepare (&solo, TCP_ROLE_TARGET);
  solo_establish (&solo);
  solo_send (&solo, 2);
  TcpSegment s = urgent (&solo, 100);
  s.ack = SOLO_OWN + MSS;
  TCP_OFFLOAD_STATE_DELEGATED before = solo_delegated (&solo);

  TcpNews news = solo_receive (&solo, s);

  TCP_OFFLOAD_STATE_DELEGATED after = solo_delegated (&solo);
  assert_int_equal (news.events, TCP_NEWS_URGENT);
  assert_int_equal (news.acked_bytes, 0);
  assert_int_equal (after.RcvNxt, before.RcvNxt);
  assert_int_equal (after.SndUna, before.SndUna);
  assert_int_equal (solo_pull (&solo), 0);
  solo_clear (&solo);
}

static void
from_then_on_a_target_leaves_everything_to_its_owner (G_GNUC_UNUSED void **state)
{
  Solo solo;
  solo_prepare (&solo, TCP_ROLE_TARGET);
  solo_establish (&solo);
  solo_receive (&solo, urgent (&solo, 100));

  for (uint32_t i = 0; i < 5; i++) {
    TcpNews news = solo_data_at (&solo, SOLO_PEER + 100 + 100 * i, 100);
    assert_int_equal (news.events, TCP_NEWS_URGENT);
    assert_int_equal (solo_pull (&solo), 0);
  }

  assert_int_equal (solo.tcb.RcvNxt, SOLO_PEER);
  solo_clear (&solo);
}

static void
an_urgent_segment_out_of_place_is_dropped_without_news (G_GNUC_UNUSED void **state)
{
  Solo solo;
  solo_prepare (&solo, TCP_ROLE_TARGET);
  solo_establish (&solo);
  TcpSegment s = urgent (&solo, 100);
  s.seq -= 5000;
  assert_int_equal (solo_receive (&solo, s).events, 0);
  s = urgent (&solo, 100);
  s.ack = SOLO_OWN + 999;
  assert_int_equal (solo_receive (&solo, s).events, 0);

  TcpNews news = solo_data (&solo, 100);

  assert_int_equal (news.events, TCP_NEWS_DATA);
  solo_clear (&solo);
}

static void
what_was_withheld_before_is_still_acknowledged_up_to_there (G_GNUC_UNUSED void **state)
{
  Solo solo;
  solo_prepare (&solo, TCP_ROLE_TARGET);
  solo_establish (&solo);
  solo_data (&solo, 100);
  solo_receive (&solo, urgent (&solo, 100));

  solo_expire (&solo);

  assert_int_equal (solo_pull (&solo), 1);
  assert_int_equal (solo.out[0].ack, SOLO_PEER + 100);
  solo_clear (&solo);
}

static void
a_host_takes_urgent_data_in_line (G_GNUC_UNUSED void **state)
{
  Solo solo;
  solo_init (&solo);

  TcpNews news = solo_receive (&solo, urgent (&solo, 100));

  assert_int_equal (news.events, TCP_NEWS_URGENT | TCP_NEWS_DATA);
  assert_int_equal (solo.tcb.RcvNxt, SOLO_PEER + 100);
  solo_clear (&solo);
}

static void
with_ecn (Solo *solo)
{
  solo_prepare (solo, TCP_ROLE_HOST);
  solo->setup.ecn = true;
  solo->config.initial_window_segments = 10;
  solo_establish (solo);
}

static void
new_data_is_marked_capable_and_nothing_else (G_GNUC_UNUSED void **state)
{
  Solo solo;
  with_ecn (&solo);
  solo_send (&solo, 2);
  assert_int_equal (solo.out[0].tos & 3, ECT_0);
  solo_expire (&solo);
  assert_int_equal (solo_pull (&solo), 1);
  assert_int_equal (solo.out[0].tos & 3, 0); /* sent again */

  solo_data (&solo, MSS);
  solo_data (&solo, MSS);
  solo_pull (&solo);

  assert_int_equal (solo.out[0].payload.bytes, 0);
  assert_int_equal (solo.out[0].tos & 3, 0);
  solo_clear (&solo);
}

static void
a_mark_is_echoed_until_the_peer_says_it_has_reduced (G_GNUC_UNUSED void **state)
{
  Solo solo;
  with_ecn (&solo);
  TcpSegment s = solo_segment (&solo, SOLO_OWN, 2 * MSS);
  s.tos = CE;
  solo_receive (&solo, s);
  solo_pull (&solo);
  assert_true ((solo.out[0].flags & TCP_ECE) != 0);
  solo_data (&solo, 2 * MSS);
  solo_pull (&solo);
  assert_true ((solo.out[0].flags & TCP_ECE) != 0);

  s = solo_segment (&solo, SOLO_OWN, 2 * MSS);
  s.flags |= TCP_CWR;
  solo_receive (&solo, s);
  solo_pull (&solo);

  assert_int_equal (solo.out[0].flags & TCP_ECE, 0);
  solo_clear (&solo);
}

static TcpNews
echoed (Solo *solo, uint32_t ack)
{
  TcpSegment s = solo_segment (solo, ack, 0);
  s.flags |= TCP_ECE;
  return solo_receive (solo, s);
}

static void
an_echo_halves_the_window_once_per_window_of_data (G_GNUC_UNUSED void **state)
{
  Solo solo;
  with_ecn (&solo);
  solo_send (&solo, 30);
  assert_int_equal (solo.n_out, 10);

  echoed (&solo, SOLO_OWN + MSS);
  uint32_t reduced = solo.tcb.CWnd;
  assert_int_equal (reduced, solo.tcb.SsThresh);
  assert_in_range (reduced, 4 * MSS, 5 * MSS);
  echoed (&solo, SOLO_OWN + 2 * MSS);
  echoed (&solo, SOLO_OWN + 9 * MSS);
  assert_true (solo.tcb.CWnd >= reduced);
  solo_pull (&solo);
  assert_true ((solo.out[0].flags & TCP_CWR) != 0);
  assert_int_equal (solo.out[1].flags & TCP_CWR, 0);
  assert_int_equal (solo.tcb.RetransmitCount, 0);

  solo_acked (&solo, SOLO_OWN + 11 * MSS);
  uint32_t before = solo.tcb.CWnd;
  echoed (&solo, SOLO_OWN + 12 * MSS);

  assert_true (solo.tcb.CWnd < before);
  solo_clear (&solo);
}

static void
an_echo_may_reduce_the_window_to_one_segment (G_GNUC_UNUSED void **state)
{
  Solo solo;
  with_ecn (&solo);
  tcp_congestion_set (&solo.tcb, 2 * MSS);
  solo_send (&solo, 10);

  echoed (&solo, SOLO_OWN);

  assert_int_equal (solo.tcb.CWnd, MSS);
  assert_int_equal (solo.tcb.SsThresh, 2 * MSS);
  solo_clear (&solo);
}

static void
ecn_is_negotiated_in_the_syns (G_GNUC_UNUSED void **state)
{
  Solo solo;
  solo_prepare (&solo, TCP_ROLE_HOST);
  solo.setup.ecn = true;
  tcp_init_connect (&solo.tcb, &solo.config, &solo.setup, solo.now);
  solo_pull (&solo);
  assert_int_equal (solo.out[0].flags, TCP_SYN | TCP_ECE | TCP_CWR);
  TcpSegment s = solo_segment (&solo, SOLO_OWN, 0);
  s.seq = SOLO_PEER - 1;
  s.flags = TCP_SYN | TCP_ACK | TCP_ECE;
  solo_receive (&solo, s);
  assert_true ((solo.tcb.bits & TCP_BIT_ECN) != 0);
  solo_clear (&solo);

  solo_prepare (&solo, TCP_ROLE_HOST);
  solo.setup.ecn = true;
  tcp_init_listen (&solo.tcb, &solo.config, &solo.setup, solo.now);
  s.flags = TCP_SYN;
  solo_receive (&solo, s);
  solo_pull (&solo);
  assert_int_equal (solo.out[0].flags, TCP_SYN | TCP_ACK);
  assert_int_equal (solo.tcb.bits & TCP_BIT_ECN, 0);
  solo_clear (&solo);
}

static void
ecn_that_is_not_offered_is_agreed_to_when_syns_cross (G_GNUC_UNUSED void **state)
{
  for (int accepts = 0; accepts < 2; accepts++) {
    Solo solo;
    solo_prepare (&solo, TCP_ROLE_HOST);
    solo.setup.ecn_accept = accepts;
    tcp_init_connect (&solo.tcb, &solo.config, &solo.setup, solo.now);
    solo_pull (&solo);
    assert_int_equal (solo.out[0].flags, TCP_SYN);
    TcpSegment s = solo_segment (&solo, 0, 0);
    s.seq = SOLO_PEER - 1;
    s.flags = TCP_SYN | TCP_ECE | TCP_CWR;

    solo_receive (&solo, s);

    assert_int_equal (solo_pull (&solo), 1);
    assert_int_equal (solo.out[0].flags, TCP_SYN | TCP_ACK | (accepts ? TCP_ECE : 0));
    assert_int_equal ((solo.tcb.bits & TCP_BIT_ECN) != 0, accepts);
    solo_clear (&solo);
  }
}

/* RFC 3168 6.1.1.1 */
static void
a_syn_that_is_not_answered_is_repeated_without_ecn (G_GNUC_UNUSED void **state)
{
  Solo solo;
  solo_prepare (&solo, TCP_ROLE_HOST);
  solo.setup.ecn = true;
  solo.config.ecn_syns_max = 2;
  tcp_init_connect (&solo.tcb, &solo.config, &solo.setup, solo.now);

  for (int i = 0; i < 4; i++) {
    assert_int_equal (solo_pull (&solo), 1);
    assert_int_equal (solo.out[0].flags, i < 2 ? TCP_SYN | TCP_ECE | TCP_CWR : TCP_SYN);
    solo_expire (&solo);
  }
  solo_clear (&solo);
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test (a_target_reports_urgent_data_and_touches_nothing),
    cmocka_unit_test (from_then_on_a_target_leaves_everything_to_its_owner),
    cmocka_unit_test (an_urgent_segment_out_of_place_is_dropped_without_news),
    cmocka_unit_test (what_was_withheld_before_is_still_acknowledged_up_to_there),
    cmocka_unit_test (a_host_takes_urgent_data_in_line),
    cmocka_unit_test (new_data_is_marked_capable_and_nothing_else),
    cmocka_unit_test (a_mark_is_echoed_until_the_peer_says_it_has_reduced),
    cmocka_unit_test (an_echo_halves_the_window_once_per_window_of_data),
    cmocka_unit_test (an_echo_may_reduce_the_window_to_one_segment),
    cmocka_unit_test (ecn_is_negotiated_in_the_syns),
    cmocka_unit_test (ecn_that_is_not_offered_is_agreed_to_when_syns_cross),
    cmocka_unit_test (a_syn_that_is_not_answered_is_repeated_without_ecn),
  };
  return cmocka_run_group_tests_name ("marks", tests, NULL, NULL);
}
