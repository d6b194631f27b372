#include "tests/support.h"

#include <string.h>

#include "lab/frame_bytes.h"

/* The frame is |expected| in hexadecimal; its checksums were computed by another program. */
static void
assert_is_frame (const TcpSegment *segment, const char *expected)
{
  uint8_t bytes[LAB_FRAME_BYTES_MAX];
  size_t count = lab_frame_write (segment, bytes);
  g_autoptr (GString) text = g_string_new (NULL);

  for (size_t i = 0; i < count; i++)
    g_string_append_printf (text, "%02x", bytes[i]);
  assert_string_equal (text->str, expected);
}

static TcpSegment
from_peer (uint8_t ip_version, uint8_t oddities)
{
  return (TcpSegment){ .tuple = { 2, 1, 80, 1024 },
                       .seq = 9,
                       .ack = 8,
                       .flags = TCP_ACK | TCP_PSH,
                       .window = 77,
                       .ip_version = ip_version,
                       .ttl = 63,
                       .oddities = oddities,
                       .source_mac_id = 2,
                       .destination_mac_id = 1,
                       .payload = { .stream_id = 1, .bytes = 7 } };
}

static void
a_syn_has_its_options_in_whole_words (G_GNUC_UNUSED void **state)
{
  TcpSegment syn = { .tuple = { 1, 0x010203, 1024, 80 },
                     .seq = 0xDEADBEEF,
                     .flags = TCP_SYN,
                     .window = 64240,
                     .mss = 1460,
                     .window_scale = 7,
                     .ts_value = 0x01020304,
                     .options = TCP_OPTION_MSS | TCP_OPTION_WINDOW_SCALE | TCP_OPTION_SACK_PERMITTED
                                | TCP_OPTION_TIMESTAMP,
                     .ip_version = 4,
                     .ip_id = 0x1234,
                     .ttl = 128,
                     .oddities = TCP_IP_DONT_FRAGMENT,
                     .source_mac_id = 1,
                     .destination_mac_id = 2 };

  assert_is_frame (&syn, "02000000000202000000000108004500003c123440008006d2830a0000010a01"
                         "020304000050deadbeef00000000a002faf091170000020405b4010303070402"
                         "080a0102030400000000");
}

static void
a_tagged_ip6_frame_carries_pattern_blocks_and_urgent_pointer (G_GNUC_UNUSED void **state)
{
  TcpSegment data = { .tuple = { 1, 0x12345678, 1025, 443 },
                      .seq = 5,
                      .ack = 6,
                      .flags = TCP_ACK | TCP_PSH | TCP_URG,
                      .window = 512,
                      .urgent_pointer = 2,
                      .ts_value = 7,
                      .ts_echo = 9,
                      .options = TCP_OPTION_TIMESTAMP | TCP_OPTION_SACK,
                      .n_sack = 2,
                      .sack = { { 100, 200 }, { 300, 400 } },
                      .ip_version = 6,
                      .ttl = 64,
                      .tos = 0xBA,
                      .flow_label = 0xABCDE,
                      .oddities = TCP_VLAN_TAGGED,
                      .vlan_tag = 5 << 13 | 7,
                      .source_mac_id = 1,
                      .destination_mac_id = 0x12345,
                      .payload = { .stream_id = 3, .offset = 30, .bytes = 5 } };

  assert_is_frame (&data, "0200000123450200000000018100a00786dd6baabcde00390640fd6368696d73"
                          "00000000000000000001fd6368696d7300000000000012345678040101bb0000"
                          "000500000006d0380200effa00020101080a0000000700000009010105120000"
                          "0064000000c80000012c00000190300a737472");
}

static void
a_short_frame_is_padded_to_60_bytes (G_GNUC_UNUSED void **state)
{
  TcpSegment ack = { .tuple = { 1, 2, 1024, 80 },
                     .seq = 1,
                     .ack = 2,
                     .flags = TCP_ACK,
                     .window = 1000,
                     .ip_version = 4,
                     .ip_id = 0x10007, /* the field has 16 bits */
                     .ttl = 64,
                     .tos = 0x10,
                     .oddities = TCP_IP_DONT_FRAGMENT,
                     .source_mac_id = 1,
                     .destination_mac_id = 2 };

  assert_is_frame (&ack, "02000000000202000000000108004510002800074000400626b70a0000010a00"
                         "0002040000500000000100000002501003e893970000000000000000");
}

static void
an_ip4_fragment_with_options_is_written_as_one (G_GNUC_UNUSED void **state)
{
  TcpSegment odd = from_peer (4, TCP_IP_MORE_FRAGMENTS | TCP_IP_HAS_OPTIONS);
  odd.ip_id = 1;
  odd.fragment_offset = 3;

  assert_is_frame (&odd, "020000000001020000000002080046000033000120033f0644be0a0000020a00"
                         "0001010101000050040000000009000000085018004d2fce000073747265616d"
                         "20");
}

static void
an_ip6_fragment_with_options_has_two_extension_headers (G_GNUC_UNUSED void **state)
{
  TcpSegment odd = from_peer (6, TCP_IP_MORE_FRAGMENTS | TCP_IP_HAS_OPTIONS);
  odd.ip_id = 0x89ABCDEF;
  odd.fragment_offset = 3;

  assert_is_frame (&odd, "02000000000102000000000286dd60000000002b003ffd6368696d7300000000"
                         "000000000002fd6368696d73000000000000000000012c000104000000000600"
                         "001989abcdef0050040000000009000000085018004d9d4c000073747265616d"
                         "20");
}

/* Positions at which the frames of two segments differ; -1 ends the list. */
static void
differences (const TcpSegment *a, const TcpSegment *b, int ret_at[8])
{
  uint8_t first[LAB_FRAME_BYTES_MAX], second[LAB_FRAME_BYTES_MAX];
  size_t count = lab_frame_write (a, first);
  unsigned n = 0;

  assert_int_equal (lab_frame_write (b, second), count);
  for (size_t i = 0; i < count; i++)
    if (first[i] != second[i]) {
      assert_in_range (n, 0, 6);
      ret_at[n++] = (int)i;
    }
  ret_at[n] = -1;
}

static void
a_bad_checksum_is_all_that_is_wrong (G_GNUC_UNUSED void **state)
{
  TcpSegment good = from_peer (4, 0), bad = from_peer (4, TCP_BAD_CHECKSUM);
  int at[8];

  differences (&good, &bad, at);

  assert_int_equal (at[0], 14 + 20 + 16);
  assert_int_equal (at[1], 14 + 20 + 17);
  assert_int_equal (at[2], -1);
}

static void
a_bad_ip_header_is_a_wrong_checksum_or_version (G_GNUC_UNUSED void **state)
{
  TcpSegment good = from_peer (4, 0), bad = from_peer (4, TCP_IP_BAD_HEADER);
  TcpSegment good6 = from_peer (6, 0), bad6 = from_peer (6, TCP_IP_BAD_HEADER);
  int at[8];

  differences (&good, &bad, at);
  assert_int_equal (at[0], 14 + 10);
  assert_int_equal (at[1], 14 + 11);
  assert_int_equal (at[2], -1);
  differences (&good6, &bad6, at);
  assert_int_equal (at[0], 14);
  assert_int_equal (at[1], -1);
}

/* Walks the options of a TCP header: each has its length, together they fill it; gives which there
 * were. */
static unsigned
walk_options (const uint8_t *options, size_t count)
{
  static const unsigned bits[] = {
    0, 0, TCP_OPTION_MSS,      TCP_OPTION_WINDOW_SCALE, TCP_OPTION_SACK_PERMITTED, TCP_OPTION_SACK,
    0, 0, TCP_OPTION_TIMESTAMP
  };
  unsigned seen = 0;
  size_t at = 0;

  while (at < count && options[at] != 0) {
    assert_in_range (options[at], 1, 8);
    unsigned bit = bits[options[at]];
    assert_int_equal (seen & bit, 0);
    seen |= bit;
    at += options[at] == 1 ? 1 : options[at + 1];
  }
  for (; at < count; at++)
    assert_int_equal (options[at], 0);
  assert_int_equal (at, count);
  return seen;
}

static void
any_set_of_options_fills_its_header_as_the_model_counts_it (G_GNUC_UNUSED void **state)
{
  uint8_t bytes[LAB_FRAME_BYTES_MAX];
  unsigned tried = 0;

  for (unsigned options = 0; options < 32; options++)
    for (uint8_t n_sack = 1; n_sack <= 4; n_sack++)
      for (unsigned syn = 0; syn < 2; syn++) {
        TcpSegment segment = from_peer (4, 0);
        segment.options = (uint8_t)options;
        segment.n_sack = n_sack;
        segment.flags = syn != 0 ? TCP_SYN : TCP_ACK;
        segment.payload.bytes = 100;
        if (tcp_segment_header_bytes (&segment) > 60)
          continue;
        tried++;
        size_t count = lab_frame_write (&segment, bytes);
        assert_int_equal (count + 4, tcp_segment_frame_bytes (&segment));
        const uint8_t *tcp = bytes + 14 + 20;
        size_t header = tcp[12] / 16 * 4u;
        assert_int_equal (header, tcp_segment_header_bytes (&segment));
        assert_int_equal (walk_options (tcp + 20, header - 20), options);
      }
  assert_int_equal (tried, 218);
}

static void
a_segment_larger_than_a_datagram_is_a_bug (G_GNUC_UNUSED void **state)
{
  uint8_t bytes[LAB_FRAME_BYTES_MAX];
  TcpSegment large = from_peer (4, 0);

  large.payload.bytes = 65535 - 40;
  assert_int_equal (lab_frame_write (&large, bytes), 14 + 65535);
  large.payload.bytes++;
  expect_assert_failure (lab_frame_write (&large, bytes));
}

static void
a_question_by_arp_is_broadcast (G_GNUC_UNUSED void **state)
{
  TcpSegment question = { .kind = TCP_FRAME_ARP_REQUEST,
                          .ip_version = 4,
                          .tuple = { 1, 0x800002, 0, 0 },
                          .source_mac_id = 1,
                          .destination_mac_id = TCP_MAC_EVERYONE };

  assert_is_frame (&question, "ffffffffffff0200000000010806000108000604000102000000000"
                              "10a0000010000000000000a800002"
                              "000000000000000000000000000000000000");
}

static void
a_question_by_neighbor_discovery_goes_to_the_solicited_node (G_GNUC_UNUSED void **state)
{
  uint8_t bytes[LAB_FRAME_BYTES_MAX];
  TcpSegment question = { .kind = TCP_FRAME_SOLICITATION,
                          .ip_version = 6,
                          .ttl = 255,
                          .tuple = { 1, 0x800002, 0, 0 },
                          .source_mac_id = 1,
                          .destination_mac_id = TCP_MAC_EVERYONE };
  static const uint8_t mac[6] = { 0x33, 0x33, 0xFF, 0x80, 0x00, 0x02 };
  static const uint8_t address[16] = { 0xFF, 0x02, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0xFF, 0x80, 0, 2 };

  assert_int_equal (lab_frame_write (&question, bytes), 14 + 40 + 32);
  assert_memory_equal (bytes, mac, sizeof mac);
  assert_memory_equal (bytes + 14 + 24, address, sizeof address);
  assert_int_equal (bytes[14 + 6], 58);
  assert_int_equal (bytes[14 + 40], 135);
}

/* What the wire takes for a frame's length is what a capture writes, padding and FCS apart. */
static void
every_kind_of_frame_is_as_long_as_the_model_counts_it (G_GNUC_UNUSED void **state)
{
  static const struct {
    TcpFrameKind kind;
    uint8_t ip_version;
  } kinds[] = { { TCP_FRAME_ARP_REQUEST, 4 },  { TCP_FRAME_ARP_REPLY, 4 },
                { TCP_FRAME_SOLICITATION, 6 }, { TCP_FRAME_ADVERTISEMENT, 6 },
                { TCP_FRAME_TOO_BIG, 4 },      { TCP_FRAME_TOO_BIG, 6 },
                { TCP_FRAME_REDIRECT, 4 },     { TCP_FRAME_REDIRECT, 6 } };
  uint8_t bytes[LAB_FRAME_BYTES_MAX];

  for (size_t i = 0; i < G_N_ELEMENTS (kinds); i++) {
    TcpSegment frame = { .kind = (uint8_t)kinds[i].kind,
                         .ip_version = kinds[i].ip_version,
                         .tuple = { 2, 1, 0, 0 },
                         .source_mac_id = 2,
                         .destination_mac_id = 1 };
    assert_int_equal (lab_frame_write (&frame, bytes) + 4, tcp_segment_frame_bytes (&frame));
  }
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test (a_syn_has_its_options_in_whole_words),
    cmocka_unit_test (a_tagged_ip6_frame_carries_pattern_blocks_and_urgent_pointer),
    cmocka_unit_test (a_short_frame_is_padded_to_60_bytes),
    cmocka_unit_test (an_ip4_fragment_with_options_is_written_as_one),
    cmocka_unit_test (an_ip6_fragment_with_options_has_two_extension_headers),
    cmocka_unit_test (a_bad_checksum_is_all_that_is_wrong),
    cmocka_unit_test (a_bad_ip_header_is_a_wrong_checksum_or_version),
    cmocka_unit_test (any_set_of_options_fills_its_header_as_the_model_counts_it),
    cmocka_unit_test (a_question_by_arp_is_broadcast),
    cmocka_unit_test (a_question_by_neighbor_discovery_goes_to_the_solicited_node),
    cmocka_unit_test (every_kind_of_frame_is_as_long_as_the_model_counts_it),
    cmocka_unit_test (a_segment_larger_than_a_datagram_is_a_bug),
  };
  return cmocka_run_group_tests (tests, NULL, NULL);
}
