#include "tests/tcp/solo.h"

#include "models/tcp/sack.h"

#define MSS SOLO_MSS

static void
with_sack (Solo *solo)
{
  solo_prepare (solo, TCP_ROLE_HOST);
  solo->setup.sack = true;
  solo->config.initial_window_segments = 10;
  solo_establish (solo);
}

/* A duplicate ACK that reports segments |first| to |last| - 1 of ours. */
static TcpNews
reported (Solo *solo, uint32_t first, uint32_t last)
{
  TcpSegment s = solo_segment (solo, solo->tcb.SndUna, 0);
  s.options |= TCP_OPTION_SACK;
  s.n_sack = 1;
  s.sack[0] = (TcpSackBlock){ SOLO_OWN + first * MSS, SOLO_OWN + last * MSS };
  return solo_receive (solo, s);
}

static void
the_block_that_grew_last_is_reported_first (G_GNUC_UNUSED void **state)
{
  Solo solo;
  with_sack (&solo);
  solo_data_at (&solo, SOLO_PEER + 1000, 1000);
  solo_pull (&solo);
  solo_data_at (&solo, SOLO_PEER + 5000, 1000);
  solo_pull (&solo);
  solo_data_at (&solo, SOLO_PEER + 3000, 1000);

  assert_int_equal (solo_pull (&solo), 1);

  assert_true ((solo.out[0].options & TCP_OPTION_SACK) != 0);
  assert_int_equal (solo.out[0].n_sack, 3);
  assert_int_equal (solo.out[0].sack[0].left, SOLO_PEER + 3000);
  assert_int_equal (solo.out[0].sack[0].right, SOLO_PEER + 4000);
  assert_int_equal (solo.out[0].sack[1].left, SOLO_PEER + 5000);
  assert_int_equal (solo.out[0].sack[2].left, SOLO_PEER + 1000);
  solo_clear (&solo);
}

static void
beside_timestamps_three_blocks_fit_and_data_leaves_them_room (G_GNUC_UNUSED void **state)
{
  Solo solo;
  solo_prepare (&solo, TCP_ROLE_HOST);
  solo.setup.sack = true;
  solo.setup.timestamps = true;
  solo_establish (&solo);
  for (uint32_t i = 1; i <= 9; i += 2) {
    TcpSegment s = solo_segment (&solo, SOLO_OWN, 500);
    s.seq += i * 1000;
    s.options |= TCP_OPTION_TIMESTAMP;
    s.ts_value = 5;
    solo_receive (&solo, s);
  }

  tcp_send (&solo.tcb, 5000);
  solo_pull (&solo);

  assert_int_equal (solo.out[0].n_sack, 3);
  assert_int_equal (solo.out[0].payload.bytes, MSS - 12 - 28);
  assert_true (tcp_segment_header_bytes (&solo.out[0]) <= 60);
  solo_clear (&solo);
}

/* With an MTU of 68 B a segment has 28 B: one block is 12 B of them, two would be 20 B. */
static void
blocks_leave_half_of_a_small_segment_to_data (G_GNUC_UNUSED void **state)
{
  static const struct {
    uint32_t mtu_bytes, blocks;
  } links[] = { { 40 + 8, 0 },  { 40 + 23, 0 }, { 40 + 24, 1 }, { 68, 1 },
                { 40 + 40, 2 }, { 40 + 71, 3 }, { 40 + 72, 4 } };

  for (size_t i = 0; i < G_N_ELEMENTS (links); i++) {
    Solo solo;
    solo_prepare (&solo, TCP_ROLE_HOST);
    solo.setup.sack = true;
    solo.setup.path_mtu_bytes = links[i].mtu_bytes;
    solo_establish (&solo);
    for (uint32_t k = 1; k <= 9; k += 2)
      solo_data_at (&solo, SOLO_PEER + k * 1000, 500);

    tcp_send (&solo.tcb, 500);
    solo_pull (&solo);

    uint32_t option_bytes = links[i].blocks > 0 ? 4 + 8 * links[i].blocks : 0;
    assert_int_equal (solo.out[0].n_sack, links[i].blocks);
    assert_int_equal (solo.out[0].payload.bytes, links[i].mtu_bytes - 40 - option_bytes);
    assert_true (2 * solo.out[0].payload.bytes >= solo.tcb.smss);
    solo_clear (&solo);
  }
}

static void
without_sack_nothing_is_reported (G_GNUC_UNUSED void **state)
{
  Solo solo;
  solo_init (&solo);

  solo_data_at (&solo, SOLO_PEER + 1000, 1000);
  solo_pull (&solo);

  assert_int_equal (solo.out[0].options & TCP_OPTION_SACK, 0);
  solo_clear (&solo);
}

static void
a_segment_that_comes_twice_is_reported_as_duplicate (G_GNUC_UNUSED void **state)
{
  Solo solo;
  with_sack (&solo);
  solo_data (&solo, 1000);
  solo_data (&solo, 1000);
  solo_pull (&solo);

  solo_data_at (&solo, SOLO_PEER, 1000);

  assert_int_equal (solo_pull (&solo), 1);
  assert_int_equal (solo.out[0].n_sack, 1);
  assert_int_equal (solo.out[0].ack, SOLO_PEER + 2000);
  assert_int_equal (solo.out[0].sack[0].left, SOLO_PEER); /* below the ACK: RFC 2883 4.1.1 */
  assert_int_equal (solo.out[0].sack[0].right, SOLO_PEER + 1000);
  assert_int_equal (tcp_store_connections (solo.config.store), 0);
  solo_clear (&solo);
}

static void
of_several_repeated_stretches_the_first_is_told (G_GNUC_UNUSED void **state)
{
  Solo solo;
  with_sack (&solo);
  solo_data (&solo, 100);
  solo_data_at (&solo, SOLO_PEER + 200, 100);
  solo_pull (&solo);

  solo_data_at (&solo, SOLO_PEER, 800);
  solo_pull (&solo);

  assert_int_equal (solo.out[0].ack, SOLO_PEER + 800);
  assert_int_equal (solo.out[0].n_sack, 1); /* RFC 2883 4 */
  assert_int_equal (solo.out[0].sack[0].left, SOLO_PEER);
  assert_int_equal (solo.out[0].sack[0].right, SOLO_PEER + 100);
  solo_clear (&solo);
}

static void
a_duplicate_above_a_gap_comes_before_the_block_around_it (G_GNUC_UNUSED void **state)
{
  Solo solo;
  with_sack (&solo);
  solo_data_at (&solo, SOLO_PEER + 1000, 1000);
  solo_data_at (&solo, SOLO_PEER + 2000, 1000);
  solo_pull (&solo);

  solo_data_at (&solo, SOLO_PEER + 1000, 1000);
  solo_pull (&solo);

  assert_int_equal (solo.out[0].n_sack, 2); /* RFC 2883 4.2 */
  assert_int_equal (solo.out[0].sack[0].left, SOLO_PEER + 1000);
  assert_int_equal (solo.out[0].sack[0].right, SOLO_PEER + 2000);
  assert_int_equal (solo.out[0].sack[1].left, SOLO_PEER + 1000);
  assert_int_equal (solo.out[0].sack[1].right, SOLO_PEER + 3000);
  solo_clear (&solo);
}

static void
the_board_merges_what_is_reported (G_GNUC_UNUSED void **state)
{
  Solo solo;
  with_sack (&solo);
  solo_send (&solo, 10);

  reported (&solo, 2, 3);
  reported (&solo, 4, 5);
  assert_int_equal (tcp_store_blocks (solo.config.store), 2);
  reported (&solo, 1, 6);

  assert_int_equal (tcp_store_blocks (solo.config.store), 1);
  assert_int_equal (solo.tcb.disorder->board_bytes, 5 * MSS);
  solo_clear (&solo);
}

static void
blocks_that_cannot_be_are_ignored (G_GNUC_UNUSED void **state)
{
  Solo solo;
  with_sack (&solo);
  solo_send (&solo, 10);
  static const struct {
    int32_t left, right;
  } row[] = {
    { 2000, 2000 },   /* empty */
    { 3000, 2000 },   /* backwards */
    { 9000, 11000 },  /* beyond what was sent */
    { -5000, -4000 }, /* below SndUna: a duplicate report */
    { -1000, 1000 },  /* across it */
  };

  for (size_t i = 0; i < G_N_ELEMENTS (row); i++) {
    TcpSegment s = solo_segment (&solo, SOLO_OWN, 0);
    s.options |= TCP_OPTION_SACK;
    s.n_sack = 1;
    s.sack[0] =
        (TcpSackBlock){ SOLO_OWN + (uint32_t)row[i].left, SOLO_OWN + (uint32_t)row[i].right };
    s.window = (uint16_t)(s.window - 1 - i); /* no duplicate ACK by the old definition either */
    solo_receive (&solo, s);
    assert_null (solo.tcb.disorder);
  }
  assert_int_equal (solo.tcb.DupAckCount, 0);
  solo_clear (&solo);
}

static void
recovery_sends_what_is_lost_and_nothing_that_arrived (G_GNUC_UNUSED void **state)
{
  Solo solo;
  with_sack (&solo);
  solo.config.limited_transmit = false;
  solo_send (&solo, 10);

  /* 0, 3 and 4 are lost; the third report makes the first certain. */
  reported (&solo, 1, 2);
  reported (&solo, 1, 3);
  reported (&solo, 5, 6);
  solo_pull (&solo);
  assert_int_equal (solo.n_out, 1);
  assert_int_equal (solo.out[0].seq, SOLO_OWN);
  assert_int_equal (solo.tcb.CWnd, 5 * MSS); /* half of the ten, not inflated */
  reported (&solo, 5, 7);
  reported (&solo, 5, 8);
  reported (&solo, 5, 9);
  reported (&solo, 5, 10);
  uint32_t resent = 0;
  solo_pull (&solo);

  for (uint32_t i = 0; i < solo.n_out; i++) {
    uint32_t index = (solo.out[i].seq - SOLO_OWN) / MSS;
    assert_true (index == 3 || index == 4 || index >= 10);
    resent += index < 10;
  }
  assert_int_equal (resent, 2);
  solo_clear (&solo);
}

static void
the_pipe_counts_what_may_still_be_under_way (G_GNUC_UNUSED void **state)
{
  Solo solo;
  with_sack (&solo);
  solo.config.limited_transmit = false;
  solo_send (&solo, 10);
  reported (&solo, 1, 4); /* three segments above: 0 is lost */
  assert_true (tcp_sack_guides (&solo.tcb));

  assert_int_equal (tcp_sack_pipe (&solo.tcb), 6 * MSS); /* 4 to 9 */
  solo_pull (&solo);

  assert_int_equal (tcp_sack_pipe (&solo.tcb), 7 * MSS); /* and 0, sent again */
  solo_clear (&solo);
}

static void
new_data_goes_when_nothing_more_is_lost (G_GNUC_UNUSED void **state)
{
  Solo solo;
  with_sack (&solo);
  solo.config.limited_transmit = false;
  solo_send (&solo, 20);
  assert_int_equal (solo.n_out, 10);

  reported (&solo, 1, 9); /* pipe: 9, and 0 again: 2 of 5 */
  solo_pull (&solo);

  assert_int_equal (solo.n_out, 4);
  assert_int_equal (solo.out[0].seq, SOLO_OWN);
  for (uint32_t i = 1; i < 4; i++)
    assert_int_equal (solo.out[i].seq, SOLO_OWN + (9 + i) * MSS);
  solo_clear (&solo);
}

static void
a_timeout_forgets_the_board (G_GNUC_UNUSED void **state)
{
  Solo solo;
  with_sack (&solo);
  solo_send (&solo, 10);
  reported (&solo, 1, 9);

  solo_expire (&solo);

  assert_null (solo.tcb.disorder);
  assert_int_equal (solo.tcb.SndNxt, SOLO_OWN);
  solo_clear (&solo);
}

static void
after_a_timeout_what_is_reported_anew_is_skipped (G_GNUC_UNUSED void **state)
{
  Solo solo;
  with_sack (&solo);
  solo_send (&solo, 10);
  solo_expire (&solo);
  solo_pull (&solo);
  TcpSegment s = solo_segment (&solo, SOLO_OWN + MSS, 0);
  s.options |= TCP_OPTION_SACK;
  s.n_sack = 1;
  s.sack[0] = (TcpSackBlock){ SOLO_OWN + 2 * MSS, SOLO_OWN + 8 * MSS };

  solo_receive (&solo, s);
  solo_pull (&solo);

  assert_int_equal (solo.out[0].seq, SOLO_OWN + MSS);
  assert_int_equal (solo.out[0].payload.bytes, MSS);
  assert_int_equal (solo.out[1].seq, SOLO_OWN + 8 * MSS);
  solo_acked (&solo, SOLO_OWN + 8 * MSS);
  solo_pull (&solo);
  assert_int_equal (solo.out[0].seq, SOLO_OWN + 9 * MSS);
  solo_clear (&solo);
}

static void
the_tail_is_rescued_once (G_GNUC_UNUSED void **state)
{
  Solo solo;
  with_sack (&solo);
  solo.config.limited_transmit = false;
  solo_send (&solo, 10);

  reported (&solo, 1, 8); /* 8 and 9 are lost as well, but nothing above tells */
  solo_pull (&solo);
  assert_int_equal (solo.n_out, 2);
  assert_int_equal (solo.out[0].seq, SOLO_OWN);
  assert_int_equal (solo.out[1].seq, SOLO_OWN + 9 * MSS);
  reported (&solo, 1, 8);

  assert_int_equal (solo_pull (&solo), 0);
  solo_clear (&solo);
}

static void
a_target_without_sack_ignores_the_option (G_GNUC_UNUSED void **state)
{
  Solo solo;
  solo_prepare (&solo, TCP_ROLE_TARGET);
  solo.setup.sack = true;
  solo_establish (&solo);
  solo.config.supports_sack = false;
  solo.tcb.const_flags |= TCP_FLAG_SACK_ENABLED;
  solo_send (&solo, 10);

  reported (&solo, 1, 2);
  solo_data_at (&solo, SOLO_PEER + 1000, 1000);
  solo_pull (&solo);

  assert_int_equal (solo.tcb.DupAckCount, 1); /* as any duplicate ACK */
  assert_int_equal (solo.out[solo.n_out - 1].options & TCP_OPTION_SACK, 0);
  solo_clear (&solo);
}

static void
a_full_store_falls_back_to_newreno (G_GNUC_UNUSED void **state)
{
  Solo solo;
  solo_prepare (&solo, TCP_ROLE_HOST);
  tcp_store_free (solo.config.store);
  solo.config.store = tcp_store_new (1, 1);
  solo.setup.sack = true;
  solo.config.initial_window_segments = 10;
  solo.config.limited_transmit = false;
  solo_establish (&solo);
  solo.tcb.disorder = NULL;
  Tcb other = solo.tcb;
  assert_non_null (tcp_disorder_need (&other)); /* the only one */
  solo_send (&solo, 10);

  for (uint32_t i = 1; i <= 3; i++)
    reported (&solo, 1, 1 + i);
  solo_pull (&solo);

  assert_int_equal (solo.n_out, 1);
  assert_int_equal (solo.out[0].seq, SOLO_OWN);
  assert_int_equal (solo.tcb.CWnd, 8 * MSS);
  tcp_disorder_clear (&other);
  solo_clear (&solo);
}

static void
three_blocks_however_small_tell_a_loss (G_GNUC_UNUSED void **state)
{
  Solo solo;
  with_sack (&solo);
  solo.config.limited_transmit = false;
  solo_send (&solo, 10);
  TcpSegment s = solo_segment (&solo, SOLO_OWN, 0);
  s.options |= TCP_OPTION_SACK;
  s.n_sack = 2;
  s.sack[0] = (TcpSackBlock){ SOLO_OWN + 2000, SOLO_OWN + 2100 };
  s.sack[1] = (TcpSackBlock){ SOLO_OWN + 4000, SOLO_OWN + 4100 };
  solo_receive (&solo, s);
  assert_int_equal (solo_pull (&solo), 0);
  s.sack[0] = (TcpSackBlock){ SOLO_OWN + 6000, SOLO_OWN + 6100 };

  solo_receive (&solo, s); /* the second duplicate only */

  assert_true (tcp_sack_guides (&solo.tcb));
  solo_pull (&solo);
  assert_int_equal (solo.out[0].seq, SOLO_OWN);
  solo_clear (&solo);
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test (the_block_that_grew_last_is_reported_first),
    cmocka_unit_test (beside_timestamps_three_blocks_fit_and_data_leaves_them_room),
    cmocka_unit_test (blocks_leave_half_of_a_small_segment_to_data),
    cmocka_unit_test (without_sack_nothing_is_reported),
    cmocka_unit_test (a_segment_that_comes_twice_is_reported_as_duplicate),
    cmocka_unit_test (of_several_repeated_stretches_the_first_is_told),
    cmocka_unit_test (a_duplicate_above_a_gap_comes_before_the_block_around_it),
    cmocka_unit_test (the_board_merges_what_is_reported),
    cmocka_unit_test (blocks_that_cannot_be_are_ignored),
    cmocka_unit_test (recovery_sends_what_is_lost_and_nothing_that_arrived),
    cmocka_unit_test (the_pipe_counts_what_may_still_be_under_way),
    cmocka_unit_test (three_blocks_however_small_tell_a_loss),
    cmocka_unit_test (new_data_goes_when_nothing_more_is_lost),
    cmocka_unit_test (a_timeout_forgets_the_board),
    cmocka_unit_test (after_a_timeout_what_is_reported_anew_is_skipped),
    cmocka_unit_test (the_tail_is_rescued_once),
    cmocka_unit_test (a_target_without_sack_ignores_the_option),
    cmocka_unit_test (a_full_store_falls_back_to_newreno),
  };
  return cmocka_run_group_tests_name ("SACK", tests, NULL, NULL);
}
