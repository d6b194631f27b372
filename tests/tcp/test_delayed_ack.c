#include "tests/tcp/solo.h"

static void
the_first_segment_waits_and_the_second_is_acknowledged (G_GNUC_UNUSED void **state)
{
  Solo solo;
  solo_init (&solo);

  solo_data (&solo, 1000);
  assert_int_equal (solo_pull (&solo), 0);
  solo_data (&solo, 1000);

  assert_int_equal (solo_pull (&solo), 1);
  assert_int_equal (solo.out[0].ack, SOLO_PEER + 2000);
  assert_int_equal (solo.out[0].flags, TCP_ACK);
  assert_int_equal (solo.out[0].payload.bytes, 0);
  solo_clear (&solo);
}

static void
never_more_segments_wait_than_the_frequency_allows (G_GNUC_UNUSED void **state)
{
  for (uint32_t frequency = 1; frequency <= 5; frequency++) {
    Solo solo;
    solo_prepare (&solo, TCP_ROLE_TARGET);
    solo.config.ack_frequency = frequency;
    solo_establish (&solo);
    solo.config.delayed_ack_ticks = 170;
    for (uint32_t i = 1; i <= 60; i++) {
      solo_data (&solo, 100);
      assert_int_equal (solo_pull (&solo), i % frequency == 0);
    }
    if (frequency > 1) {
      solo_data (&solo, 100);
      assert_int_equal (solo_pull (&solo), 0);
      assert_int_equal (solo_expire (&solo), 170);
      assert_int_equal (solo_pull (&solo), 1);
    }
    solo_clear (&solo);
  }
}

static void
the_delay_counts_from_the_first_segment_withheld (G_GNUC_UNUSED void **state)
{
  Solo solo;
  solo_prepare (&solo, TCP_ROLE_HOST);
  solo.config.ack_frequency = 4;
  solo_establish (&solo);
  solo_data (&solo, 100);
  solo_wait (&solo, 150);
  solo_data (&solo, 100);

  assert_int_equal (solo_expire (&solo), 50);

  assert_int_equal (solo_pull (&solo), 1);
  assert_int_equal (solo.out[0].ack, SOLO_PEER + 200);
  assert_true (sim_time_is_never (tcp_deadline (&solo.tcb)));
  solo_clear (&solo);
}

static void
data_carries_the_ack_and_stops_the_timer (G_GNUC_UNUSED void **state)
{
  Solo solo;
  solo_init (&solo);
  solo_data (&solo, 1000);

  assert_int_equal (solo_send (&solo, 1), 1);

  assert_int_equal (solo.out[0].ack, SOLO_PEER + 1000);
  assert_int_equal (solo_expire (&solo), 1000); /* the retransmission timer, no other */
  assert_true ((solo.news.events & TCP_NEWS_RETRANSMITTED) != 0);
  solo_clear (&solo);
}

static void
no_delay_acknowledges_each (G_GNUC_UNUSED void **state)
{
  Solo solo;
  solo_prepare (&solo, TCP_ROLE_HOST);
  solo.config.delayed_ack_ticks = 0;
  solo_establish (&solo);

  solo_data (&solo, 1);

  assert_int_equal (solo_pull (&solo), 1);
  solo_clear (&solo);
}

static void
what_comes_out_of_order_is_answered_each_time (G_GNUC_UNUSED void **state)
{
  Solo solo;
  solo_init (&solo);

  for (uint32_t i = 1; i <= 3; i++) {
    TcpNews news = solo_data_at (&solo, SOLO_PEER + i * 1000, 1000);
    assert_int_equal (news.events & TCP_NEWS_DATA, 0);
    assert_int_equal (solo_pull (&solo), 1);
    assert_int_equal (solo.out[0].ack, SOLO_PEER);
  }
  TcpNews news = solo_data (&solo, 1000);

  assert_true ((news.events & TCP_NEWS_DATA) != 0);
  assert_int_equal (solo_pull (&solo), 1);
  assert_int_equal (solo.out[0].ack, SOLO_PEER + 4000);
  solo_clear (&solo);
}

static void
old_data_is_answered_at_once (G_GNUC_UNUSED void **state)
{
  Solo solo;
  solo_init (&solo);
  solo_data (&solo, 1000);
  solo_data (&solo, 1000);
  solo_pull (&solo);

  TcpNews news = solo_data_at (&solo, SOLO_PEER, 1000);

  assert_int_equal (news.events, 0);
  assert_int_equal (solo_pull (&solo), 1);
  assert_int_equal (solo.out[0].ack, SOLO_PEER + 2000);
  solo_clear (&solo);
}

static void
a_coalesced_segment_counts_as_what_it_was_made_of (G_GNUC_UNUSED void **state)
{
  Solo solo;
  solo_init (&solo);

  solo_data (&solo, 2 * SOLO_MSS);

  assert_int_equal (solo_pull (&solo), 1);
  solo_clear (&solo);
}

static void
a_push_is_reported_with_its_data (G_GNUC_UNUSED void **state)
{
  Solo solo;
  solo_init (&solo);
  TcpSegment s = solo_segment (&solo, SOLO_OWN, 10);
  assert_int_equal (solo_receive (&solo, s).events, TCP_NEWS_DATA);

  s = solo_segment (&solo, SOLO_OWN, 10);
  s.flags |= TCP_PSH;

  assert_int_equal (solo_receive (&solo, s).events, TCP_NEWS_DATA | TCP_NEWS_PUSH);
  solo_clear (&solo);
}

static void
the_first_segments_may_be_acknowledged_at_once (G_GNUC_UNUSED void **state)
{
  Solo solo;
  solo_prepare (&solo, TCP_ROLE_HOST);
  solo.config.quick_acks = 3;
  solo_establish (&solo);

  for (int i = 0; i < 4; i++) {
    solo_data (&solo, 1000);
    assert_int_equal (solo_pull (&solo), i < 3);
  }
  solo_clear (&solo);
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test (the_first_segment_waits_and_the_second_is_acknowledged),
    cmocka_unit_test (never_more_segments_wait_than_the_frequency_allows),
    cmocka_unit_test (the_delay_counts_from_the_first_segment_withheld),
    cmocka_unit_test (data_carries_the_ack_and_stops_the_timer),
    cmocka_unit_test (no_delay_acknowledges_each),
    cmocka_unit_test (what_comes_out_of_order_is_answered_each_time),
    cmocka_unit_test (old_data_is_answered_at_once),
    cmocka_unit_test (a_coalesced_segment_counts_as_what_it_was_made_of),
    cmocka_unit_test (a_push_is_reported_with_its_data),
    cmocka_unit_test (the_first_segments_may_be_acknowledged_at_once),
  };
  return cmocka_run_group_tests_name ("delayed ACK", tests, NULL, NULL);
}
