#include "tests/tcp/solo.h"

#include "models/tcp/congestion.h"

#define MSS SOLO_MSS

static void
the_initial_window_is_the_configured_number_of_segments (G_GNUC_UNUSED void **state)
{
  Solo solo;
  solo_init (&solo);

  assert_int_equal (solo_send (&solo, 20), 4);

  assert_int_equal (solo.tcb.CWnd, 4 * MSS);
  solo_clear (&solo);
}

static void
slow_start_adds_a_segment_per_ack (G_GNUC_UNUSED void **state)
{
  Solo solo;
  solo_init (&solo);
  solo_send (&solo, 60);

  for (uint32_t i = 1; i <= 8; i++) {
    solo_acked (&solo, SOLO_OWN + i * MSS);
    assert_int_equal (solo.tcb.CWnd, (4 + i) * MSS);
    assert_int_equal (solo_pull (&solo), 2); /* one for what left, one for the growth */
  }
  solo_clear (&solo);
}

static void
an_ack_of_two_segments_still_adds_one (G_GNUC_UNUSED void **state)
{
  Solo solo;
  solo_init (&solo);
  solo_send (&solo, 20);

  solo_acked (&solo, SOLO_OWN + 2 * MSS);

  assert_int_equal (solo.tcb.CWnd, 5 * MSS);
  solo_clear (&solo);
}

static void
with_a_limit_an_ack_of_many_segments_adds_so_many (G_GNUC_UNUSED void **state)
{
  static const struct {
    uint32_t limit, acked, added;
  } rows[] = { { 0, 3, 1 }, { 1, 3, 1 }, { 2, 3, 2 }, { 3, 3, 3 }, { 8, 3, 3 } };

  for (size_t i = 0; i < G_N_ELEMENTS (rows); i++) {
    Solo solo;
    solo_init (&solo);
    solo.config.slow_start_limit_segments = rows[i].limit;
    solo_send (&solo, 20);

    solo_acked (&solo, SOLO_OWN + rows[i].acked * MSS);

    assert_int_equal (solo.tcb.CWnd, (4 + rows[i].added) * MSS);
    solo_clear (&solo);
  }
}

static void
an_ack_of_half_a_segment_adds_half (G_GNUC_UNUSED void **state)
{
  Solo solo;
  solo_init (&solo);
  solo_send (&solo, 20);

  solo_acked (&solo, SOLO_OWN + MSS / 2);

  assert_int_equal (solo.tcb.CWnd, 4 * MSS + MSS / 2);
  solo_clear (&solo);
}

static void
congestion_avoidance_adds_a_segment_per_window (G_GNUC_UNUSED void **state)
{
  Solo solo;
  solo_init (&solo);
  solo.tcb.SsThresh = 4 * MSS;
  solo_send (&solo, 60);
  uint32_t acked = SOLO_OWN;

  for (uint32_t window = 4; window < 10; window++) {
    assert_int_equal (solo.tcb.CWnd, window * MSS);
    for (uint32_t i = 0; i < window; i++) {
      assert_int_equal (solo.tcb.CWnd, window * MSS);
      acked += MSS;
      solo_acked (&solo, acked);
      solo_pull (&solo);
    }
  }
  assert_int_equal (solo.tcb.CWnd, 10 * MSS);
  solo_clear (&solo);
}

static void
a_window_that_is_not_used_does_not_grow (G_GNUC_UNUSED void **state)
{
  Solo solo;
  solo_init (&solo);

  for (uint32_t i = 1; i <= 10; i++) {
    solo_send (&solo, 1);
    solo_acked (&solo, SOLO_OWN + i * MSS);
  }

  assert_int_equal (solo.tcb.CWnd, 4 * MSS);
  solo_clear (&solo);
}

static void
the_peers_window_limits_as_well (G_GNUC_UNUSED void **state)
{
  Solo solo;
  solo_prepare (&solo, TCP_ROLE_HOST);
  solo.setup.peer_window_bytes = 2 * MSS;
  solo_establish (&solo);

  assert_int_equal (solo_send (&solo, 20), 2);
  solo_clear (&solo);
}

static void
a_pause_longer_than_the_timeout_restarts_from_the_initial_window (G_GNUC_UNUSED void **state)
{
  Solo solo;
  solo_init (&solo);
  solo_send (&solo, 40);
  uint32_t acked = SOLO_OWN;
  while (acked != SOLO_OWN + 40 * MSS) {
    acked += MSS;
    solo_acked (&solo, acked);
    solo_pull (&solo);
  }
  assert_true (solo.tcb.CWnd > 20 * MSS);
  solo_wait (&solo, 1000);
  uint32_t before = solo.tcb.CWnd;
  assert_int_equal (solo_send (&solo, 1), 1);
  assert_int_equal (solo.tcb.CWnd, before); /* not longer, just as long */
  solo_acked (&solo, acked + MSS);

  solo_wait (&solo, 1001);
  uint32_t sent = solo_send (&solo, 40);

  assert_int_equal (sent, 4);
  assert_int_equal (solo.tcb.CWnd, 4 * MSS);
  solo_clear (&solo);
}

static void
a_reduction_halves_what_was_in_flight_but_leaves_two_segments (G_GNUC_UNUSED void **state)
{
  Solo solo;
  solo_init (&solo);
  solo_send (&solo, 4);
  tcp_congestion_reduce (&solo.tcb);
  assert_int_equal (solo.tcb.SsThresh, 2 * MSS);
  solo_acked (&solo, SOLO_OWN + 3 * MSS);

  tcp_congestion_reduce (&solo.tcb);

  assert_int_equal (solo.tcb.SsThresh, 2 * MSS);
  solo_clear (&solo);
}

static void
bytes_beyond_a_window_count_for_the_next (G_GNUC_UNUSED void **state)
{
  Solo solo;
  solo_init (&solo);
  solo.tcb.SsThresh = 4 * MSS;
  solo.tcb.bits |= TCP_BIT_CWND_LIMITED;

  tcp_congestion_acked (&solo.tcb, 3 * MSS, 0);
  tcp_congestion_acked (&solo.tcb, 3 * MSS, 0);
  assert_int_equal (solo.tcb.CWnd, 5 * MSS);
  tcp_congestion_acked (&solo.tcb, 3 * MSS, 0); /* 2 + 3 of 5 */

  assert_int_equal (solo.tcb.CWnd, 6 * MSS);
  solo_clear (&solo);
}

static void
not_a_byte_goes_beyond_either_window (G_GNUC_UNUSED void **state)
{
  for (uint32_t short_by = 0; short_by < 2; short_by++) {
    Solo solo;
    solo_prepare (&solo, TCP_ROLE_HOST);
    solo.setup.peer_window_bytes = 3 * MSS - short_by;
    solo_establish (&solo);
    solo_send (&solo, 20);
    assert_true (solo.tcb.SndMax - solo.tcb.SndUna <= 3 * MSS - short_by);
    solo_clear (&solo);

    solo_init (&solo);
    solo.tcb.CWnd = 3 * MSS - short_by;
    assert_int_equal (solo_send (&solo, 20), 3 - short_by);
    solo_clear (&solo);
  }
}

static void
a_window_that_is_half_used_may_count (G_GNUC_UNUSED void **state)
{
  static const struct {
    uint32_t segments, grown;
  } rows[] = { { 2, 0 }, { 3, 2 } }; /* 6 segments are not less than twice 3 */

  for (size_t i = 0; i < G_N_ELEMENTS (rows); i++) {
    Solo solo;
    solo_prepare (&solo, TCP_ROLE_HOST);
    solo.config.half_window_counts = true;
    solo_establish (&solo);
    solo_send (&solo, rows[i].segments);
    for (uint32_t k = 1; k <= rows[i].segments; k++)
      solo_acked (&solo, SOLO_OWN + k * MSS);

    assert_int_equal (solo.tcb.CWnd, (4 + rows[i].grown) * MSS);
    solo_clear (&solo);
  }
}

static void
a_pause_may_leave_the_window_as_it_is (G_GNUC_UNUSED void **state)
{
  Solo solo;
  solo_prepare (&solo, TCP_ROLE_HOST);
  solo.config.keeps_window_when_idle = true;
  solo_establish (&solo);
  solo_send (&solo, 4);
  solo_acked (&solo, SOLO_OWN + 4 * MSS);
  uint32_t before = solo.tcb.CWnd;
  assert_true (before > 4 * MSS);

  solo_wait (&solo, 5000);
  solo_send (&solo, 1);

  assert_int_equal (solo.tcb.CWnd, before);
  solo_clear (&solo);
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test (the_initial_window_is_the_configured_number_of_segments),
    cmocka_unit_test (slow_start_adds_a_segment_per_ack),
    cmocka_unit_test (an_ack_of_two_segments_still_adds_one),
    cmocka_unit_test (with_a_limit_an_ack_of_many_segments_adds_so_many),
    cmocka_unit_test (an_ack_of_half_a_segment_adds_half),
    cmocka_unit_test (congestion_avoidance_adds_a_segment_per_window),
    cmocka_unit_test (bytes_beyond_a_window_count_for_the_next),
    cmocka_unit_test (a_window_that_is_not_used_does_not_grow),
    cmocka_unit_test (the_peers_window_limits_as_well),
    cmocka_unit_test (not_a_byte_goes_beyond_either_window),
    cmocka_unit_test (a_pause_longer_than_the_timeout_restarts_from_the_initial_window),
    cmocka_unit_test (a_reduction_halves_what_was_in_flight_but_leaves_two_segments),
    cmocka_unit_test (a_window_that_is_half_used_may_count),
    cmocka_unit_test (a_pause_may_leave_the_window_as_it_is),
  };
  return cmocka_run_group_tests_name ("congestion", tests, NULL, NULL);
}
