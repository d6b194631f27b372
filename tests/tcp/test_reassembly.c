#include "tests/tcp/solo.h"

#include <string.h>

#include "models/tcp/reassembly.h"
#include "models/tcp/window.h"
#include "sim/random.h"

#define STREAM TCP_STREAM (7, TCP_FROM_PEER)

static void
assert_taken (Solo *solo, uint64_t offset, uint32_t bytes)
{
  TcpRange range;
  assert_true (tcp_take_received (&solo->tcb, 0, &range));
  assert_int_equal (range.stream_id, STREAM);
  assert_int_equal (range.offset, offset);
  assert_int_equal (range.bytes, bytes);
}

static void
ranges_in_order_merge_into_one (G_GNUC_UNUSED void **state)
{
  Solo solo;
  TcpRange none;
  solo_init (&solo);

  for (int i = 0; i < 5; i++)
    solo_data (&solo, 100);

  assert_taken (&solo, 0, 500);
  assert_false (tcp_take_received (&solo.tcb, 0, &none));
  assert_null (solo.tcb.disorder);
  solo_clear (&solo);
}

static void
a_limit_takes_a_part (G_GNUC_UNUSED void **state)
{
  Solo solo;
  TcpRange range;
  solo_init (&solo);
  solo_data (&solo, 500);

  assert_true (tcp_take_received (&solo.tcb, 200, &range));
  assert_int_equal (range.bytes, 200);

  assert_taken (&solo, 200, 300);
  solo_clear (&solo);
}

static void
a_gap_holds_back_what_follows_until_it_closes (G_GNUC_UNUSED void **state)
{
  Solo solo;
  TcpRange none;
  solo_init (&solo);
  solo_data_at (&solo, SOLO_PEER + 1000, 1000);
  solo_data_at (&solo, SOLO_PEER + 3000, 1000);
  assert_false (tcp_take_received (&solo.tcb, 0, &none));
  assert_int_equal (tcp_store_blocks (solo.config.store), 2);

  solo_data_at (&solo, SOLO_PEER, 1000);

  assert_taken (&solo, 0, 2000);
  assert_int_equal (solo.tcb.RcvNxt, SOLO_PEER + 2000);
  solo_data_at (&solo, SOLO_PEER + 2000, 1000);
  assert_taken (&solo, 2000, 2000);
  assert_int_equal (tcp_store_connections (solo.config.store), 0);
  assert_int_equal (tcp_store_blocks (solo.config.store), 0);
  solo_clear (&solo);
}

static void
a_segment_over_several_blocks_fills_only_the_gaps (G_GNUC_UNUSED void **state)
{
  Solo solo;
  solo_init (&solo);
  solo_data_at (&solo, SOLO_PEER + 1000, 500);
  solo_data_at (&solo, SOLO_PEER + 2000, 500);

  solo_data_at (&solo, SOLO_PEER + 800, 2200);
  assert_int_equal (tcp_store_blocks (solo.config.store), 1);
  solo_data_at (&solo, SOLO_PEER, 800);

  assert_taken (&solo, 0, 3000);
  solo_clear (&solo);
}

static void
the_first_copy_of_a_byte_stays (G_GNUC_UNUSED void **state)
{
  Solo solo;
  TcpRange range;
  solo_init (&solo);
  solo_data_at (&solo, SOLO_PEER + 100, 100);
  TcpSegment forged = solo_segment (&solo, SOLO_OWN, 300);
  forged.payload = (TcpRange){ .offset = 0, .stream_id = 99, .bytes = 300 };

  solo_receive (&solo, forged);

  assert_true (tcp_take_received (&solo.tcb, 0, &range));
  assert_int_equal (range.stream_id, 99);
  assert_int_equal (range.bytes, 100);
  assert_taken (&solo, 100, 100);
  assert_true (tcp_take_received (&solo.tcb, 0, &range));
  assert_int_equal (range.stream_id, 99);
  assert_int_equal (range.offset, 200);
  assert_int_equal (range.bytes, 100);
  solo_clear (&solo);
}

static void
ranges_of_another_stream_stay_apart (G_GNUC_UNUSED void **state)
{
  Solo solo;
  TcpRange range;
  solo_init (&solo);
  solo_data (&solo, 100);
  TcpSegment forged = solo_segment (&solo, SOLO_OWN, 50);
  forged.payload.stream_id = 99;
  solo_receive (&solo, forged);
  solo_data (&solo, 100);

  assert_taken (&solo, 0, 100);
  assert_true (tcp_take_received (&solo.tcb, 0, &range));
  assert_int_equal (range.stream_id, 99);
  assert_taken (&solo, 150, 100);
  assert_int_equal (tcp_store_blocks (solo.config.store), 0);
  solo_clear (&solo);
}

static void
a_fin_that_comes_early_waits_for_the_data (G_GNUC_UNUSED void **state)
{
  Solo solo;
  solo_init (&solo);
  TcpSegment s = solo_segment (&solo, SOLO_OWN, 100);
  s.seq += 100;
  s.payload.offset += 100;
  s.flags |= TCP_FIN;
  TcpNews news = solo_receive (&solo, s);
  assert_int_equal (news.events & TCP_NEWS_FIN, 0);

  news = solo_data (&solo, 100);

  assert_true ((news.events & TCP_NEWS_FIN) != 0);
  assert_int_equal (tcp_state (&solo.tcb), TcpConnectionCloseWait);
  assert_int_equal (solo.tcb.RcvNxt, SOLO_PEER + 201);
  assert_taken (&solo, 0, 200);
  solo_clear (&solo);
}

static void
data_beyond_an_early_fin_voids_it (G_GNUC_UNUSED void **state)
{
  Solo solo;
  solo_init (&solo);
  TcpSegment fin = solo_segment (&solo, SOLO_OWN, 0);
  fin.seq += 100;
  fin.flags |= TCP_FIN;
  solo_receive (&solo, fin);

  TcpNews news = solo_data (&solo, 300);

  assert_int_equal (news.events & TCP_NEWS_FIN, 0);
  assert_int_equal (tcp_state (&solo.tcb), TcpConnectionEstablished);
  solo_pull (&solo);
  assert_int_equal (tcp_store_connections (solo.config.store), 0);
  solo_clear (&solo);
}

static void
a_push_held_back_is_reported_when_the_gap_closes (G_GNUC_UNUSED void **state)
{
  Solo solo;
  solo_init (&solo);
  TcpSegment s = solo_segment (&solo, SOLO_OWN, 100);
  s.seq += 100;
  s.payload.offset += 100;
  s.flags |= TCP_PSH;
  assert_int_equal (solo_receive (&solo, s).events & TCP_NEWS_PUSH, 0);

  assert_true ((solo_data (&solo, 100).events & TCP_NEWS_PUSH) != 0);
  solo_clear (&solo);
}

static void
a_full_store_drops_what_is_early (G_GNUC_UNUSED void **state)
{
  Solo solo;
  solo_prepare (&solo, TCP_ROLE_HOST);
  tcp_store_free (solo.config.store);
  solo.config.store = tcp_store_new (0, 1);
  solo_establish (&solo);
  solo_data_at (&solo, SOLO_PEER + 1000, 1000);

  solo_data_at (&solo, SOLO_PEER + 3000, 1000);
  solo_data_at (&solo, SOLO_PEER, 1000);

  assert_taken (&solo, 0, 2000);
  assert_int_equal (tcp_store_blocks (solo.config.store), 0);
  solo_clear (&solo);
}

/* What a reader may know of a byte: its place once. */
static void
any_order_of_overlapping_pieces_gives_the_stream (G_GNUC_UNUSED void **state)
{
  enum { TOTAL = 4000 };
  SimStream stream = sim_stream (5, "pieces");
  for (uint64_t run = 0; run < 300; run++) {
    Solo solo;
    TcpRange range;
    uint64_t received = 0;
    solo_prepare (&solo, TCP_ROLE_HOST);
    solo.setup.receive_isn = UINT32_MAX - 2000 - 1; /* wraps in the middle */
    solo_establish (&solo);
    uint32_t first = solo.tcb.RcvNxt;
    for (uint64_t n = 0; received < TOTAL; n++) {
      assert_true (n < 5000);
      uint32_t at = (uint32_t)sim_draw_below (stream, run, 2 * n, TOTAL + 400);
      at = at < 400 ? 0 : at - 400;
      uint32_t bytes = 1 + (uint32_t)sim_draw_below (stream, run, 2 * n + 1, 400);
      if (at + bytes > TOTAL)
        bytes = TOTAL - at;
      TcpSegment s = solo_segment (&solo, SOLO_OWN, bytes);
      s.seq = first + at;
      s.payload.offset = at;
      solo_receive (&solo, s);
      solo_pull (&solo);
      while (tcp_take_received (&solo.tcb, 0, &range)) {
        assert_int_equal (range.offset, received);
        received += range.bytes;
        tcp_consume (&solo.tcb, range.bytes, solo.now);
      }
      assert_int_equal (solo.tcb.RcvNxt, first + (uint32_t)received);
    }
    solo_pull (&solo);
    assert_int_equal (tcp_store_connections (solo.config.store), 0);
    solo_clear (&solo);
  }
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test (ranges_in_order_merge_into_one),
    cmocka_unit_test (a_limit_takes_a_part),
    cmocka_unit_test (a_gap_holds_back_what_follows_until_it_closes),
    cmocka_unit_test (a_segment_over_several_blocks_fills_only_the_gaps),
    cmocka_unit_test (the_first_copy_of_a_byte_stays),
    cmocka_unit_test (ranges_of_another_stream_stay_apart),
    cmocka_unit_test (a_fin_that_comes_early_waits_for_the_data),
    cmocka_unit_test (data_beyond_an_early_fin_voids_it),
    cmocka_unit_test (a_push_held_back_is_reported_when_the_gap_closes),
    cmocka_unit_test (a_full_store_drops_what_is_early),
    cmocka_unit_test (any_order_of_overlapping_pieces_gives_the_stream),
  };
  return cmocka_run_group_tests_name ("reassembly", tests, NULL, NULL);
}
