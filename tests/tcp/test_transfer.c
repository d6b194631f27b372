#include "tests/tcp/pair.h"

static void
everything_has_arrived (const Pair *pair, uint64_t from_0, uint64_t from_1)
{
  assert_int_equal (pair->end[1].received, from_0);
  assert_int_equal (pair->end[0].received, from_1);
  assert_int_equal (pair->end[0].acked, from_0);
  assert_int_equal (pair->end[1].acked, from_1);
}

static void
a_clean_channel_carries_every_byte_once (G_GNUC_UNUSED void **state)
{
  Pair pair;
  pair_init (&pair, 1);
  pair.end[0].to_write = 1000000;

  pair_start (&pair);
  pair_run (&pair, pair_seconds (60));

  everything_has_arrived (&pair, 1000000, 0);
  assert_int_equal (pair.end[0].segments_resent, 0);
  pair_clear (&pair);
}

static void
both_directions_at_once (G_GNUC_UNUSED void **state)
{
  Pair pair;
  pair_init (&pair, 1);
  pair.end[0].to_write = 700000;
  pair.end[1].to_write = 900000;

  pair_start (&pair);
  pair_run (&pair, pair_seconds (60));

  everything_has_arrived (&pair, 700000, 900000);
  assert_int_equal (pair.end[0].segments_resent + pair.end[1].segments_resent, 0);
  pair_clear (&pair);
}

static void
scaling_lets_a_megabyte_fly (G_GNUC_UNUSED void **state)
{
  Pair pair;
  pair_prepare (&pair, 1);
  for (int side = 0; side < 2; side++) {
    TcpSetup *setup = &pair.end[side].setup;
    setup->window_scaling = true;
    setup->send_window_scale = 7;
    setup->receive_window_scale = 7;
    setup->receive_window_bytes = 1 << 20;
    setup->peer_window_bytes = 1 << 20;
    pair.end[side].config.initial_window_segments = 1000;
  }
  pair_establish (&pair);
  pair.end[0].to_write = 200000;
  pair_start (&pair);
  uint32_t in_flight = pair.end[0].tcb.SndNxt - pair.end[0].tcb.SndUna;

  pair_run (&pair, pair_seconds (10));

  assert_int_equal (in_flight, 200000);
  everything_has_arrived (&pair, 200000, 0);
  pair_clear (&pair);
}

/* All the combinations that change how loss is mended. */
static void
lossy_transfer (uint64_t seed, bool sack, bool timestamps, TcpCongestion congestion)
{
  Pair pair;
  pair_prepare (&pair, seed);
  pair.loss_permille = 5 + (uint32_t)(seed % 5) * 10;
  pair.double_permille = 10;
  pair.delay_permille = (uint32_t)(seed % 3) * 50;
  for (int side = 0; side < 2; side++) {
    pair.end[side].setup.sack = sack;
    pair.end[side].setup.timestamps = timestamps;
    pair.end[side].config.congestion = congestion;
    pair.end[side].closes_when_written = true;
  }
  pair_establish (&pair);
  pair.end[0].to_write = 150000 + seed * 1000;
  pair.end[1].to_write = 50000 + seed * 77;

  pair_start (&pair);
  pair_run (&pair, pair_seconds (10000));

  everything_has_arrived (&pair, 150000 + seed * 1000, 50000 + seed * 77);
  assert_int_equal (tcp_state (&pair.end[0].tcb), TcpConnectionClosed);
  assert_int_equal (tcp_state (&pair.end[1].tcb), TcpConnectionClosed);
  uint32_t all = pair.end[0].events & pair.end[1].events;
  assert_true ((all & TCP_NEWS_FIN_ACKED) != 0);
  assert_true ((all & TCP_NEWS_FIN) != 0);
  assert_int_equal (
      (pair.end[0].events | pair.end[1].events) & (TCP_NEWS_RESET | TCP_NEWS_TIMED_OUT), 0);
  pair_clear (&pair);
}

static void
loss_doubling_and_reordering_lose_nothing (G_GNUC_UNUSED void **state)
{
  for (uint64_t seed = 0; seed < 60; seed++)
    lossy_transfer (seed, (seed & 1) != 0, (seed & 2) != 0,
                    (seed & 4) != 0 ? TCP_CONGESTION_CUBIC : TCP_CONGESTION_NEWRENO);
}

static void
a_target_and_a_host_speak_with_each_other (G_GNUC_UNUSED void **state)
{
  for (uint64_t seed = 100; seed < 110; seed++) {
    Pair pair;
    pair_prepare (&pair, seed);
    pair.loss_permille = 20;
    pair.end[0].config.role = TCP_ROLE_TARGET;
    pair.end[0].config.supports_sack = (seed & 1) != 0;
    pair.end[0].setup.sack = true;
    pair.end[1].setup.sack = true;
    pair_establish (&pair);
    pair.end[0].tcb.const_flags |= TCP_FLAG_SACK_ENABLED; /* agreed before the offload */
    pair.end[0].to_write = 100000;
    pair.end[1].to_write = 100000;

    pair_start (&pair);
    pair_run (&pair, pair_seconds (1000));

    everything_has_arrived (&pair, 100000, 100000);
    pair_clear (&pair);
  }
}

static void
a_store_without_room_slows_but_loses_nothing (G_GNUC_UNUSED void **state)
{
  Pair pair;
  pair_prepare (&pair, 9);
  pair.loss_permille = 50;
  tcp_store_free (pair.end[1].config.store);
  pair.end[1].config.store = tcp_store_new (1, 1);
  pair_establish (&pair);
  pair.end[0].to_write = 100000;

  pair_start (&pair);
  pair_run (&pair, pair_seconds (3000));

  everything_has_arrived (&pair, 100000, 0);
  pair_clear (&pair);
}

static void
a_reader_that_stops_and_goes_on_gets_everything (G_GNUC_UNUSED void **state)
{
  Pair pair;
  pair_init (&pair, 1);
  pair.end[0].to_write = 300000;
  pair.end[1].reads_nothing = true;
  pair_start (&pair);
  pair_run (&pair, pair_seconds (20));
  assert_int_equal (pair.end[0].tcb.SndWnd, 0);
  assert_int_equal (pair.end[0].acked, 65535);

  pair.end[1].reads_nothing = false;
  pair_settle (&pair, 1, (TcpNews){ 0 });
  pair_run (&pair, pair_seconds (200));

  everything_has_arrived (&pair, 300000, 0);
  assert_true ((pair.end[0].events & TCP_NEWS_WINDOW) != 0);
  pair_clear (&pair);
}

static PairFate
drops_two_window_updates (Pair *pair, int from, const TcpSegment *segment)
{
  bool opens = from == 1 && pair->end[0].tcb.SndWnd == 0 && segment->window > 0;
  return opens && pair->script_count++ < 2 ? PAIR_DROP : PAIR_DELIVER;
}

static void
a_lost_window_update_is_found_by_probing (G_GNUC_UNUSED void **state)
{
  Pair pair;
  pair_init (&pair, 1);
  pair.script = drops_two_window_updates;
  pair.end[0].to_write = 200000;
  pair.end[1].reads_nothing = true;
  pair_start (&pair);
  pair_run (&pair, pair_seconds (5));

  pair.end[1].reads_nothing = false;
  pair_settle (&pair, 1, (TcpNews){ 0 });
  pair_run (&pair, pair_seconds (500));

  everything_has_arrived (&pair, 200000, 0);
  assert_true (pair.script_count > 2);
  pair_clear (&pair);
}

static void
pieces_of_one_byte_arrive_in_order (G_GNUC_UNUSED void **state)
{
  Pair pair;
  pair_prepare (&pair, 4);
  pair.loss_permille = 30;
  pair.end[0].setup.nagle = false;
  pair_establish (&pair);

  for (int i = 0; i < 300; i++) {
    tcp_send (&pair.end[0].tcb, 1);
    pair_settle (&pair, 0, (TcpNews){ 0 });
    pair_run (&pair, sim_time_add (pair.now, sim_ms (3)));
  }
  pair_run (&pair, pair_seconds (2000));

  everything_has_arrived (&pair, 300, 0);
  pair_clear (&pair);
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test (a_clean_channel_carries_every_byte_once),
    cmocka_unit_test (both_directions_at_once),
    cmocka_unit_test (scaling_lets_a_megabyte_fly),
    cmocka_unit_test (loss_doubling_and_reordering_lose_nothing),
    cmocka_unit_test (a_target_and_a_host_speak_with_each_other),
    cmocka_unit_test (a_store_without_room_slows_but_loses_nothing),
    cmocka_unit_test (a_reader_that_stops_and_goes_on_gets_everything),
    cmocka_unit_test (a_lost_window_update_is_found_by_probing),
    cmocka_unit_test (pieces_of_one_byte_arrive_in_order),
  };
  return cmocka_run_group_tests_name ("transfer", tests, NULL, NULL);
}
