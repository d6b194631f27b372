#include "tests/tcp/solo.h"

static const TcpCounters *
counters_of (const Solo *solo)
{
  return &solo->config.store->counters;
}

static void
a_segment_sent_again_is_counted_by_its_cause (G_GNUC_UNUSED void **state)
{
  Solo solo;
  solo_init (&solo);
  solo_send (&solo, 4);

  for (int i = 0; i < 3; i++)
    solo_acked (&solo, SOLO_OWN);
  solo_pull (&solo);
  solo_expire (&solo);
  solo_pull (&solo);

  const TcpCounters *c = counters_of (&solo);
  assert_int_equal (c->duplicate_acks_in, 3);
  assert_int_equal (c->recoveries, 1);
  assert_int_equal (c->resent_fast, 1);
  assert_int_equal (c->timeouts, 1);
  assert_int_equal (c->resent_timeout, 1);
  assert_int_equal (c->segments_out, c->data_out);
  assert_int_equal (c->data_out, 6);
  solo_clear (&solo);
}

static void
what_is_sent_for_the_first_duplicates_is_limited_transmit (G_GNUC_UNUSED void **state)
{
  Solo solo;
  solo_init (&solo);
  tcp_send (&solo.tcb, 10 * SOLO_MSS);
  solo_pull (&solo);

  solo_acked (&solo, SOLO_OWN);
  solo_pull (&solo);

  assert_int_equal (counters_of (&solo)->limited_transmits, 1);
  assert_int_equal (counters_of (&solo)->resent_fast, 0);
  solo_clear (&solo);
}

static void
what_comes_behind_a_gap_or_twice_is_counted (G_GNUC_UNUSED void **state)
{
  Solo solo;
  solo_init (&solo);

  solo_data_at (&solo, SOLO_PEER + 1000, 1000);
  solo_pull (&solo);
  solo_data_at (&solo, SOLO_PEER + 2000, 1000);
  solo_pull (&solo);
  solo_data (&solo, 1000);
  solo_pull (&solo);
  solo_data_at (&solo, SOLO_PEER, 1000);
  solo_pull (&solo);

  const TcpCounters *c = counters_of (&solo);
  assert_int_equal (c->out_of_order_in, 2);
  assert_int_equal (c->old_in, 1);
  assert_int_equal (c->unacceptable_in, 1);
  assert_int_equal (c->duplicate_acks_out, 3);
  assert_int_equal (c->data_in, 4);
  solo_clear (&solo);
}

static void
a_shut_window_its_probe_and_its_opening_are_counted (G_GNUC_UNUSED void **state)
{
  Solo solo;
  solo_init (&solo);
  solo_send (&solo, 1);
  TcpSegment shut = solo_segment (&solo, SOLO_OWN + 1000, 0);
  shut.window = 0;
  tcp_send (&solo.tcb, 500);

  solo_receive (&solo, shut);
  solo_pull (&solo);
  solo_expire (&solo);
  solo_pull (&solo);

  assert_int_equal (counters_of (&solo)->window_shut, 1);
  assert_int_equal (counters_of (&solo)->zero_windows_in, 1);
  assert_int_equal (counters_of (&solo)->persist_probes, 1);
  assert_int_equal (counters_of (&solo)->resent_timeout, 0);
  solo_clear (&solo);
}

static void
challenges_are_counted_by_what_provoked_them (G_GNUC_UNUSED void **state)
{
  Solo solo;
  solo_init (&solo);
  TcpSegment reset = solo_segment (&solo, SOLO_OWN, 0);
  TcpSegment early = solo_segment (&solo, SOLO_OWN + 5000, 0);
  reset.seq += 10;
  reset.flags = TCP_RST;

  solo_receive (&solo, reset);
  solo_receive (&solo, early);

  assert_int_equal (counters_of (&solo)->challenge_resets, 1);
  assert_int_equal (counters_of (&solo)->challenge_acks, 1);
  assert_int_equal (counters_of (&solo)->resets_in, 1);
  solo_clear (&solo);
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test (a_segment_sent_again_is_counted_by_its_cause),
    cmocka_unit_test (what_is_sent_for_the_first_duplicates_is_limited_transmit),
    cmocka_unit_test (what_comes_behind_a_gap_or_twice_is_counted),
    cmocka_unit_test (a_shut_window_its_probe_and_its_opening_are_counted),
    cmocka_unit_test (challenges_are_counted_by_what_provoked_them),
  };
  return cmocka_run_group_tests_name ("counters", tests, NULL, NULL);
}
