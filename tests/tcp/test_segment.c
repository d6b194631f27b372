#include "tests/support.h"

#include "models/tcp/segment.h"

static void
a_plain_header_has_twenty_bytes (G_GNUC_UNUSED void **state)
{
  TcpSegment s = { .flags = TCP_ACK, .ip_version = 4 };

  assert_int_equal (tcp_segment_header_bytes (&s), 20);
}

static void
options_are_padded_to_words (G_GNUC_UNUSED void **state)
{
  static const struct {
    uint8_t flags, options, n_sack;
    uint32_t bytes;
  } row[] = {
    { TCP_SYN, TCP_OPTION_MSS, 0, 24 },
    { TCP_SYN, TCP_OPTION_MSS | TCP_OPTION_WINDOW_SCALE, 0, 28 },
    { TCP_SYN, TCP_OPTION_MSS | TCP_OPTION_WINDOW_SCALE | TCP_OPTION_SACK_PERMITTED, 0, 32 },
    { TCP_SYN,
      TCP_OPTION_MSS | TCP_OPTION_WINDOW_SCALE | TCP_OPTION_SACK_PERMITTED | TCP_OPTION_TIMESTAMP,
      0, 40 },
    { TCP_ACK, TCP_OPTION_TIMESTAMP, 0, 32 },
    { TCP_ACK, TCP_OPTION_SACK, 1, 32 },
    { TCP_ACK, TCP_OPTION_SACK, 4, 56 },
    { TCP_ACK, TCP_OPTION_TIMESTAMP | TCP_OPTION_SACK, 3, 60 },
  };
  for (size_t i = 0; i < G_N_ELEMENTS (row); i++) {
    TcpSegment s = { .flags = row[i].flags, .options = row[i].options, .n_sack = row[i].n_sack };

    assert_int_equal (tcp_segment_header_bytes (&s), row[i].bytes);
  }
}

static void
syn_and_fin_take_a_number_each (G_GNUC_UNUSED void **state)
{
  TcpSegment s = { .flags = TCP_ACK | TCP_FIN, .payload = { .bytes = 10 } };
  TcpSegment syn = { .flags = TCP_SYN };
  TcpSegment ack = { .flags = TCP_ACK };

  assert_int_equal (tcp_segment_sequence_bytes (&s), 11);
  assert_int_equal (tcp_segment_sequence_bytes (&syn), 1);
  assert_int_equal (tcp_segment_sequence_bytes (&ack), 0);
}

static void
a_full_frame_is_1518_bytes_and_1538_on_the_wire (G_GNUC_UNUSED void **state)
{
  TcpSegment s = {
    .flags = TCP_ACK, .options = TCP_OPTION_TIMESTAMP, .ip_version = 4, .payload = { .bytes = 1448 }
  };
  assert_int_equal (tcp_segment_frame_bytes (&s), 1518);
  assert_int_equal (tcp_segment_wire_bytes (&s), 1538);

  s.oddities |= TCP_VLAN_TAGGED;
  assert_int_equal (tcp_segment_frame_bytes (&s), 1522);

  s.oddities = 0;
  s.ip_version = 6;
  s.payload.bytes = 1428;
  assert_int_equal (tcp_segment_frame_bytes (&s), 1518);
}

static void
a_bare_ack_is_padded_to_the_least_frame (G_GNUC_UNUSED void **state)
{
  TcpSegment s = { .flags = TCP_ACK, .ip_version = 4 };

  assert_int_equal (tcp_segment_frame_bytes (&s), 64);
  assert_int_equal (tcp_segment_wire_bytes (&s), 84);
}

static void
splitting_keeps_every_byte_and_puts_push_and_fin_last (G_GNUC_UNUSED void **state)
{
  TcpSegment rest = { .seq = UINT32_MAX - 999,
                      .flags = TCP_ACK | TCP_PSH | TCP_FIN,
                      .ip_version = 4,
                      .ip_id = 0xFFFF,
                      .payload = { .offset = 500, .stream_id = 3, .bytes = 2500 } };

  TcpSegment first = tcp_segment_split (&rest, 1000);
  TcpSegment second = tcp_segment_split (&rest, 1000);

  assert_int_equal (first.seq, UINT32_MAX - 999);
  assert_int_equal (first.payload.offset, 500);
  assert_int_equal (first.payload.bytes, 1000);
  assert_int_equal (first.flags, TCP_ACK);
  assert_int_equal (first.ip_id, 0xFFFF);
  assert_int_equal (second.seq, 0);
  assert_int_equal (second.ip_id, 0);
  assert_true (tcp_range_continues (first.payload, second.payload));
  assert_true (tcp_range_continues (second.payload, rest.payload));
  assert_int_equal (rest.seq, 1000);
  assert_int_equal (rest.payload.bytes, 500);
  assert_int_equal (rest.flags, TCP_ACK | TCP_PSH | TCP_FIN);
}

static void
only_the_first_piece_says_cwr (G_GNUC_UNUSED void **state)
{
  TcpSegment rest = { .flags = TCP_ACK | TCP_CWR, .payload = { .bytes = 2000 } };

  TcpSegment first = tcp_segment_split (&rest, 1000);

  assert_int_equal (first.flags, TCP_ACK | TCP_CWR);
  assert_int_equal (rest.flags, TCP_ACK);
}

static void
splitting_what_fits_is_a_bug (G_GNUC_UNUSED void **state)
{
  TcpSegment s = { .payload = { .bytes = 1000 } };

  expect_assert_failure (tcp_segment_split (&s, 1000));
}

static void
numbers_compare_across_the_wrap (G_GNUC_UNUSED void **state)
{
  assert_true (tcp_seq_before (UINT32_MAX, 0));
  assert_false (tcp_seq_before (0, UINT32_MAX));
  assert_false (tcp_seq_before (5, 5));
  assert_true (tcp_seq_at_or_before (5, 5));
  assert_int_equal (tcp_seq_diff (2, UINT32_MAX), 3);
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test (a_plain_header_has_twenty_bytes),
    cmocka_unit_test (options_are_padded_to_words),
    cmocka_unit_test (syn_and_fin_take_a_number_each),
    cmocka_unit_test (a_full_frame_is_1518_bytes_and_1538_on_the_wire),
    cmocka_unit_test (a_bare_ack_is_padded_to_the_least_frame),
    cmocka_unit_test (splitting_keeps_every_byte_and_puts_push_and_fin_last),
    cmocka_unit_test (only_the_first_piece_says_cwr),
    cmocka_unit_test (splitting_what_fits_is_a_bug),
    cmocka_unit_test (numbers_compare_across_the_wrap),
  };
  return cmocka_run_group_tests_name ("segment", tests, NULL, NULL);
}
