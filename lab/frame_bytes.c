#include "lab/frame_bytes.h"

#include <string.h>

#include "models/tcp/pattern.h"
#include "sim/assert.h"

#define ETHERTYPE_VLAN 0x8100
#define ETHERTYPE_IP4 0x0800
#define ETHERTYPE_IP6 0x86DD
#define ETHERTYPE_ARP 0x0806
#define FRAME_BYTES_MIN 60 /* without FCS */

#define IP4_HEADER_BYTES 20
#define IP4_OPTION_BYTES 4
#define IP4_DONT_FRAGMENT 0x4000
#define IP4_MORE_FRAGMENTS 0x2000
#define IP4_ADDRESS_ID_MAX 0xFFFFFF
#define IP6_HEADER_BYTES 40
#define IP6_EXTENSION_BYTES 8
#define IP6_PADN 1
#define IP6_VERSION UINT32_C (6)
#define IP6_VERSION_BAD UINT32_C (15)
#define NEXT_HOP_BY_HOP 0
#define NEXT_ICMP 1
#define NEXT_TCP 6
#define NEXT_FRAGMENT 44
#define NEXT_ICMP6 58
#define IP_LENGTH_MAX 65535

#define TCP_HEADER_BYTES_MAX 60
#define TCP_CHECKSUM_AT 16
#define KIND_NO_OPERATION 1
#define KIND_MSS 2
#define KIND_WINDOW_SCALE 3
#define KIND_SACK_PERMITTED 4
#define KIND_SACK 5
#define KIND_TIMESTAMP 8

#define CHECKSUM_SPOILER 0x5555 /* turns no sum into an equal one, 0 and 0xFFFF included */

/* The frame so far. */
typedef struct Frame {
  uint8_t *bytes;
  size_t count;
} Frame;

static void
put8 (Frame *frame, unsigned value)
{
  frame->bytes[frame->count++] = (uint8_t)value;
}

static void
put16 (Frame *frame, unsigned value)
{
  put8 (frame, value >> 8);
  put8 (frame, value);
}

static void
put32 (Frame *frame, uint32_t value)
{
  put16 (frame, value >> 16);
  put16 (frame, value);
}

static void
set16 (uint8_t *at, unsigned value)
{
  at[0] = (uint8_t)(value >> 8);
  at[1] = (uint8_t)value;
}

/* RFC 1071: the ones' complement sum, not yet folded. */
static uint64_t
sum (uint64_t sum_so_far, const uint8_t *bytes, size_t count)
{
  for (size_t i = 0; i + 1 < count; i += 2)
    sum_so_far += (unsigned)bytes[i] << 8 | bytes[i + 1];
  return count % 2 == 0 ? sum_so_far : sum_so_far + ((unsigned)bytes[count - 1] << 8);
}

static unsigned
checksum_of (uint64_t sum_of_all)
{
  while (sum_of_all > 0xFFFF)
    sum_of_all = (sum_of_all & 0xFFFF) + (sum_of_all >> 16);
  return ~(unsigned)sum_of_all & 0xFFFF;
}

void
lab_frame_mac (uint32_t mac_id, uint8_t ret_mac[6])
{
  Frame mac = { ret_mac, 0 };

  if (mac_id == TCP_MAC_EVERYONE) {
    memset (ret_mac, 0xFF, 6);
    return;
  }
  put16 (&mac, 0x0200);
  put32 (&mac, mac_id);
}

void
lab_frame_ip4 (uint32_t address_id, uint8_t ret_address[4])
{
  Frame address = { ret_address, 0 };

  SIM_ASSERT (address_id <= IP4_ADDRESS_ID_MAX);
  put32 (&address, UINT32_C (10) << 24 | address_id);
}

void
lab_frame_ip6 (uint32_t address_id, uint8_t ret_address[16])
{
  Frame address = { ret_address, 0 };

  put16 (&address, 0xFD63);
  put32 (&address, 0x68696D73);
  put16 (&address, 0);
  put32 (&address, 0);
  put32 (&address, address_id);
}

static void
put_link (Frame *frame, const TcpSegment *segment)
{
  lab_frame_mac (segment->destination_mac_id, frame->bytes);
  lab_frame_mac (segment->source_mac_id, frame->bytes + 6);
  frame->count = 12;
  if ((segment->oddities & TCP_VLAN_TAGGED) != 0) {
    put16 (frame, ETHERTYPE_VLAN);
    put16 (frame, segment->vlan_tag);
  }
  if (segment->kind == TCP_FRAME_ARP_REQUEST || segment->kind == TCP_FRAME_ARP_REPLY)
    put16 (frame, ETHERTYPE_ARP);
  else
    put16 (frame, segment->ip_version == 4 ? ETHERTYPE_IP4 : ETHERTYPE_IP6);
}

static bool
is_fragment (const TcpSegment *segment)
{
  return (segment->oddities & TCP_IP_MORE_FRAGMENTS) != 0 || segment->fragment_offset != 0;
}

static unsigned
fragment_word (const TcpSegment *segment)
{
  unsigned word = segment->fragment_offset & 0x1FFF;

  if ((segment->oddities & TCP_IP_DONT_FRAGMENT) != 0)
    word |= IP4_DONT_FRAGMENT;
  if ((segment->oddities & TCP_IP_MORE_FRAGMENTS) != 0)
    word |= IP4_MORE_FRAGMENTS;
  return word;
}

/* Writes the header before |tcp_bytes| of TCP; gives the addresses' part of the pseudo header's
 * sum. */
static uint64_t
put_ip4 (Frame *frame, const TcpSegment *segment, uint32_t tcp_bytes)
{
  uint8_t *header = frame->bytes + frame->count;
  bool has_options = (segment->oddities & TCP_IP_HAS_OPTIONS) != 0;
  unsigned header_bytes = IP4_HEADER_BYTES + (has_options ? IP4_OPTION_BYTES : 0);

  SIM_ASSERT (header_bytes + tcp_bytes <= IP_LENGTH_MAX);
  put8 (frame, 4 << 4 | header_bytes / 4);
  put8 (frame, segment->tos);
  put16 (frame, header_bytes + tcp_bytes);
  put16 (frame, segment->ip_id);
  put16 (frame, fragment_word (segment));
  put8 (frame, segment->ttl);
  put8 (frame, NEXT_TCP);
  put16 (frame, 0);
  lab_frame_ip4 (segment->tuple.source_address_id, header + 12);
  lab_frame_ip4 (segment->tuple.destination_address_id, header + 16);
  frame->count += 8;
  if (has_options)
    put32 (frame, 0x01010100);
  unsigned checksum = checksum_of (sum (0, header, header_bytes));
  if ((segment->oddities & TCP_IP_BAD_HEADER) != 0)
    checksum ^= CHECKSUM_SPOILER;
  set16 (header + 10, checksum);
  return sum (0, header + 12, 8);
}

static void
put_ip6_extensions (Frame *frame, const TcpSegment *segment, bool has_options)
{
  if (has_options) {
    put8 (frame, is_fragment (segment) ? NEXT_FRAGMENT : NEXT_TCP);
    put8 (frame, 0);
    put16 (frame, IP6_PADN << 8 | 4);
    put32 (frame, 0);
  }
  if (is_fragment (segment)) {
    put8 (frame, NEXT_TCP);
    put8 (frame, 0);
    put16 (frame, (unsigned)segment->fragment_offset << 3
                      | ((segment->oddities & TCP_IP_MORE_FRAGMENTS) != 0 ? 1 : 0));
    put32 (frame, segment->ip_id);
  }
}

static uint64_t
put_ip6 (Frame *frame, const TcpSegment *segment, uint32_t tcp_bytes)
{
  uint8_t *header = frame->bytes + frame->count;
  bool has_options = (segment->oddities & TCP_IP_HAS_OPTIONS) != 0;
  bool is_bad = (segment->oddities & TCP_IP_BAD_HEADER) != 0;
  uint32_t extension_bytes =
      IP6_EXTENSION_BYTES * ((has_options ? 1u : 0u) + (is_fragment (segment) ? 1u : 0u));
  unsigned next = is_fragment (segment) ? NEXT_FRAGMENT : NEXT_TCP;

  SIM_ASSERT (extension_bytes + tcp_bytes <= IP_LENGTH_MAX);
  put32 (frame, (is_bad ? IP6_VERSION_BAD : IP6_VERSION) << 28 | (uint32_t)segment->tos << 20
                    | (segment->flow_label & 0xFFFFF));
  put16 (frame, extension_bytes + tcp_bytes);
  put8 (frame, has_options ? NEXT_HOP_BY_HOP : next);
  put8 (frame, segment->ttl);
  lab_frame_ip6 (segment->tuple.source_address_id, header + 8);
  lab_frame_ip6 (segment->tuple.destination_address_id, header + 24);
  frame->count += 32;
  put_ip6_extensions (frame, segment, has_options);
  return sum (0, header + 8, 32);
}

static void
put_no_operations (Frame *frame, unsigned count)
{
  while (count-- > 0)
    put8 (frame, KIND_NO_OPERATION);
}

static void
put_timestamp (Frame *frame, const TcpSegment *segment)
{
  put8 (frame, KIND_TIMESTAMP);
  put8 (frame, 10);
  put32 (frame, segment->ts_value);
  put32 (frame, segment->ts_echo);
}

static void
put_sack (Frame *frame, const TcpSegment *segment)
{
  put_no_operations (frame, 2);
  put8 (frame, KIND_SACK);
  put8 (frame, 2u + 8u * segment->n_sack);
  for (unsigned i = 0; i < segment->n_sack; i++) {
    put32 (frame, segment->sack[i].left);
    put32 (frame, segment->sack[i].right);
  }
}

/* Each group is padded in front to whole words; permission goes where a timestamp's padding
 * would. */
static void
put_options (Frame *frame, const TcpSegment *segment)
{
  bool has_timestamp = (segment->options & TCP_OPTION_TIMESTAMP) != 0;
  bool permits_sack = (segment->options & TCP_OPTION_SACK_PERMITTED) != 0;

  if ((segment->options & TCP_OPTION_MSS) != 0) {
    put16 (frame, KIND_MSS << 8 | 4);
    put16 (frame, segment->mss);
  }
  if ((segment->options & TCP_OPTION_WINDOW_SCALE) != 0) {
    put_no_operations (frame, 1);
    put16 (frame, KIND_WINDOW_SCALE << 8 | 3);
    put8 (frame, segment->window_scale);
  }
  if (has_timestamp != permits_sack)
    put_no_operations (frame, 2);
  if (permits_sack)
    put16 (frame, KIND_SACK_PERMITTED << 8 | 2);
  if (has_timestamp)
    put_timestamp (frame, segment);
  if ((segment->options & TCP_OPTION_SACK) != 0)
    put_sack (frame, segment);
}

static void
put_tcp (Frame *frame, const TcpSegment *segment, uint64_t pseudo_header_sum)
{
  uint8_t *header = frame->bytes + frame->count;
  uint32_t header_bytes = tcp_segment_header_bytes (segment);
  uint32_t tcp_bytes = header_bytes + segment->payload.bytes;

  SIM_ASSERT (header_bytes <= TCP_HEADER_BYTES_MAX);
  put16 (frame, segment->tuple.source_port);
  put16 (frame, segment->tuple.destination_port);
  put32 (frame, segment->seq);
  put32 (frame, segment->ack);
  put8 (frame, header_bytes / 4 << 4);
  put8 (frame, segment->flags);
  put16 (frame, segment->window);
  put16 (frame, 0);
  put16 (frame, segment->urgent_pointer);
  put_options (frame, segment);
  /* What the length counts beyond the options is an end of list. */
  while (frame->bytes + frame->count < header + header_bytes)
    put8 (frame, 0);
  SIM_ASSERT (frame->bytes + frame->count == header + header_bytes);
  tcp_pattern_fill (segment->payload, header + header_bytes);
  frame->count += segment->payload.bytes;

  unsigned checksum =
      checksum_of (sum (pseudo_header_sum + NEXT_TCP + tcp_bytes, header, tcp_bytes));
  if ((segment->oddities & TCP_BAD_CHECKSUM) != 0)
    checksum ^= CHECKSUM_SPOILER;
  set16 (header + TCP_CHECKSUM_AT, checksum);
}

/* ARP, RFC 826 */

static void
put_arp (Frame *frame, const TcpSegment *segment)
{
  bool is_request = segment->kind == TCP_FRAME_ARP_REQUEST;
  uint32_t asked_mac = is_request ? 0 : segment->destination_mac_id;

  put16 (frame, 1); /* Ethernet */
  put16 (frame, ETHERTYPE_IP4);
  put8 (frame, 6);
  put8 (frame, 4);
  put16 (frame, is_request ? 1 : 2);
  lab_frame_mac (segment->source_mac_id, frame->bytes + frame->count);
  lab_frame_ip4 (segment->tuple.source_address_id, frame->bytes + frame->count + 6);
  frame->count += 10;
  if (is_request)
    memset (frame->bytes + frame->count, 0, 6);
  else
    lab_frame_mac (asked_mac, frame->bytes + frame->count);
  lab_frame_ip4 (segment->tuple.destination_address_id, frame->bytes + frame->count + 6);
  frame->count += 10;
}

/* ICMP */

/* The IPv6 destination: of a question to everybody the solicited-node address, RFC 4291 2.7.1. */
static void
put_ip6_destination (const TcpSegment *segment, uint8_t *ret_address)
{
  uint8_t asked[16];

  lab_frame_ip6 (segment->tuple.destination_address_id, asked);
  if (segment->destination_mac_id != TCP_MAC_EVERYONE) {
    memcpy (ret_address, asked, sizeof asked);
    return;
  }
  static const uint8_t prefix[16] = { 0xFF, 0x02, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0xFF };
  memcpy (ret_address, prefix, sizeof prefix);
  memcpy (ret_address + 13, asked + 13, 3);
}

/* Its Ethernet destination, RFC 2464 7. */
static void
set_multicast_mac (const TcpSegment *segment, uint8_t *frame_bytes)
{
  uint8_t address[16];

  put_ip6_destination (segment, address);
  frame_bytes[0] = frame_bytes[1] = 0x33;
  memcpy (frame_bytes + 2, address + 12, 4);
}

/* The header that an ICMP message quotes: of a datagram from the host to |about_address_id|. */
static void
put_quotation (Frame *frame, const TcpSegment *segment)
{
  TcpSegment quoted = { .tuple = { .source_address_id = segment->tuple.destination_address_id,
                                   .destination_address_id = segment->about_address_id },
                        .ip_version = segment->ip_version,
                        .ttl = segment->ttl,
                        .oddities = TCP_IP_DONT_FRAGMENT };

  if (segment->ip_version == 4)
    put_ip4 (frame, &quoted, 20);
  else
    put_ip6 (frame, &quoted, 20);
  put16 (frame, segment->tuple.source_port);
  put16 (frame, segment->tuple.destination_port);
  put32 (frame, segment->seq);
}

static void
put_icmp4_body (Frame *frame, const TcpSegment *segment)
{
  bool is_redirect = segment->kind == TCP_FRAME_REDIRECT;

  put8 (frame, is_redirect ? 5 : 3);
  put8 (frame, is_redirect ? 1 : 4); /* for the host; fragmentation needed */
  put16 (frame, 0);
  if (is_redirect) {
    lab_frame_ip4 (segment->ack, frame->bytes + frame->count);
    frame->count += 4;
  } else {
    put32 (frame, segment->mss);
  }
  put_quotation (frame, segment);
}

static void
put_ip6_address (Frame *frame, uint32_t address_id)
{
  lab_frame_ip6 (address_id, frame->bytes + frame->count);
  frame->count += 16;
}

/* RFC 4861 4.3 to 4.5; RFC 4443 3.2. */
static void
put_icmp6_body (Frame *frame, const TcpSegment *segment)
{
  switch ((TcpFrameKind)segment->kind) {
  case TCP_FRAME_SOLICITATION:
  case TCP_FRAME_ADVERTISEMENT: {
    bool is_question = segment->kind == TCP_FRAME_SOLICITATION;
    bool is_solicited = (segment->flags & TCP_FRAME_SOLICITED) != 0;
    put8 (frame, is_question ? 135 : 136);
    put8 (frame, 0);
    put16 (frame, 0);
    put32 (frame, is_question ? 0 : is_solicited ? 0xE0000000 : 0xA0000000); /* R, S, O */
    put_ip6_address (frame, is_question ? segment->tuple.destination_address_id
                                        : segment->tuple.source_address_id);
    put8 (frame, is_question ? 1 : 2);
    put8 (frame, 1);
    lab_frame_mac (segment->source_mac_id, frame->bytes + frame->count);
    frame->count += 6;
    return;
  }
  case TCP_FRAME_REDIRECT:
    put8 (frame, 137);
    put8 (frame, 0);
    put16 (frame, 0);
    put32 (frame, 0);
    put_ip6_address (frame, segment->ack);
    put_ip6_address (frame, segment->about_address_id);
    return;
  case TCP_FRAME_TOO_BIG:
    put8 (frame, 2);
    put8 (frame, 0);
    put16 (frame, 0);
    put32 (frame, segment->mss);
    put_quotation (frame, segment);
    return;
  case TCP_FRAME_SEGMENT:
  case TCP_FRAME_ARP_REQUEST:
  case TCP_FRAME_ARP_REPLY:
    break;
  }
  SIM_UNREACHABLE ();
}

/* The body is written behind the room for its header, whose length it decides. */
static void
put_icmp (Frame *frame, const TcpSegment *segment)
{
  bool is_ip4 = segment->ip_version == 4;
  uint8_t *header = frame->bytes + frame->count;
  uint8_t *body = header + (is_ip4 ? IP4_HEADER_BYTES : IP6_HEADER_BYTES);
  Frame rest = { body, 0 };
  TcpSegment message = *segment;

  if (is_ip4)
    put_icmp4_body (&rest, segment);
  else
    put_icmp6_body (&rest, segment);
  message.oddities = 0;
  uint64_t pseudo_header_sum = is_ip4 ? put_ip4 (frame, &message, (uint32_t)rest.count)
                                      : put_ip6 (frame, &message, (uint32_t)rest.count);
  uint8_t next = is_ip4 ? NEXT_ICMP : NEXT_ICMP6;
  if (is_ip4) {
    header[9] = next;
    set16 (header + 10, 0);
    set16 (header + 10, checksum_of (sum (0, header, IP4_HEADER_BYTES)));
  } else {
    header[6] = next;
    put_ip6_destination (segment, header + 24);
    pseudo_header_sum = sum (0, header + 8, 32);
  }
  uint64_t sum_before = is_ip4 ? 0 : pseudo_header_sum + next + rest.count;
  set16 (body + 2, checksum_of (sum (sum_before, body, rest.count)));
  frame->count += rest.count;
}

static void
put_other (Frame *frame, const TcpSegment *segment)
{
  if (segment->kind == TCP_FRAME_ARP_REQUEST || segment->kind == TCP_FRAME_ARP_REPLY) {
    put_arp (frame, segment);
    return;
  }
  if (segment->kind == TCP_FRAME_SOLICITATION && segment->destination_mac_id == TCP_MAC_EVERYONE)
    set_multicast_mac (segment, frame->bytes);
  put_icmp (frame, segment);
}

static void
put_datagram (Frame *frame, const TcpSegment *segment)
{
  uint32_t tcp_bytes = tcp_segment_header_bytes (segment) + segment->payload.bytes;
  uint64_t pseudo_header_sum = segment->ip_version == 4 ? put_ip4 (frame, segment, tcp_bytes)
                                                        : put_ip6 (frame, segment, tcp_bytes);

  put_tcp (frame, segment, pseudo_header_sum);
}

size_t
lab_frame_write (const TcpSegment *segment, uint8_t *bytes)
{
  Frame frame = { bytes, 0 };

  SIM_ASSERT (segment->ip_version == 4 || segment->ip_version == 6);
  put_link (&frame, segment);
  if (segment->kind == TCP_FRAME_SEGMENT)
    put_datagram (&frame, segment);
  else
    put_other (&frame, segment);
  if (frame.count < FRAME_BYTES_MIN) {
    memset (bytes + frame.count, 0, FRAME_BYTES_MIN - frame.count);
    frame.count = FRAME_BYTES_MIN;
  }
  SIM_ASSERT (frame.count <= LAB_FRAME_BYTES_MAX);
  return frame.count;
}
