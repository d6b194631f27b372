#include "models/tcp/segment.h"

#include "sim/assert.h"

#define TCP_HEADER_BYTES 20
#define IP4_HEADER_BYTES 20
#define IP6_HEADER_BYTES 40
#define ETHERNET_HEADER_BYTES 14
#define VLAN_TAG_BYTES 4
#define FCS_BYTES 4
#define FRAME_BYTES_MIN 64
#define PREAMBLE_AND_GAP_BYTES 20

uint32_t
tcp_segment_sequence_bytes (const TcpSegment *segment)
{
  return segment->payload.bytes + ((segment->flags & TCP_SYN) != 0 ? 1 : 0)
         + ((segment->flags & TCP_FIN) != 0 ? 1 : 0);
}

uint32_t
tcp_segment_header_bytes (const TcpSegment *segment)
{
  uint32_t bytes = TCP_HEADER_BYTES;
  if ((segment->options & TCP_OPTION_MSS) != 0)
    bytes += 4;
  if ((segment->options & TCP_OPTION_WINDOW_SCALE) != 0)
    bytes += 3;
  if ((segment->options & TCP_OPTION_SACK_PERMITTED) != 0)
    bytes += 2;
  if ((segment->options & TCP_OPTION_TIMESTAMP) != 0)
    bytes += 10;
  /* RFC 7323 Appendix A: data segments align the 4-byte members by two no-operations. */
  if ((segment->options & TCP_OPTION_TIMESTAMP) != 0 && (segment->flags & TCP_SYN) == 0)
    bytes += 2;
  if ((segment->options & TCP_OPTION_SACK) != 0)
    bytes += 4u + 8u * segment->n_sack;
  return (bytes + 3) & ~UINT32_C (3);
}

/* What a frame that is no TCP has behind its Ethernet header. */
static uint32_t
other_bytes (const TcpSegment *frame)
{
  bool is_ip6 = frame->ip_version == 6;

  switch ((TcpFrameKind)frame->kind) {
  case TCP_FRAME_ARP_REQUEST:
  case TCP_FRAME_ARP_REPLY:
    return 28;
  case TCP_FRAME_SOLICITATION:
  case TCP_FRAME_ADVERTISEMENT:
    return IP6_HEADER_BYTES + 24 + 8; /* message, and the option with the MAC */
  case TCP_FRAME_TOO_BIG:             /* quotes the IP header and the beginning of the TCP header */
    return is_ip6 ? IP6_HEADER_BYTES + 8 + IP6_HEADER_BYTES + 8
                  : IP4_HEADER_BYTES + 8 + IP4_HEADER_BYTES + 8;
  case TCP_FRAME_REDIRECT:
    return is_ip6 ? IP6_HEADER_BYTES + 40 : IP4_HEADER_BYTES + 8 + IP4_HEADER_BYTES + 8;
  case TCP_FRAME_SEGMENT:
    break;
  }
  SIM_UNREACHABLE ();
}

uint32_t
tcp_segment_frame_bytes (const TcpSegment *segment)
{
  uint32_t bytes = ETHERNET_HEADER_BYTES + FCS_BYTES;
  if ((segment->oddities & TCP_VLAN_TAGGED) != 0)
    bytes += VLAN_TAG_BYTES;
  if (segment->kind != TCP_FRAME_SEGMENT) {
    bytes += other_bytes (segment);
    return bytes < FRAME_BYTES_MIN ? FRAME_BYTES_MIN : bytes;
  }
  bytes += tcp_segment_ip_bytes (segment);
  return bytes < FRAME_BYTES_MIN ? FRAME_BYTES_MIN : bytes;
}

uint32_t
tcp_segment_ip_bytes (const TcpSegment *segment)
{
  return (segment->ip_version == 6 ? IP6_HEADER_BYTES : IP4_HEADER_BYTES)
         + tcp_segment_header_bytes (segment) + segment->payload.bytes;
}

uint32_t
tcp_segment_wire_bytes (const TcpSegment *segment)
{
  return tcp_segment_frame_bytes (segment) + PREAMBLE_AND_GAP_BYTES;
}

TcpSegment
tcp_segment_split (TcpSegment *large, uint32_t mss)
{
  SIM_ASSERT (mss > 0);
  SIM_ASSERT (large->payload.bytes > mss);

  TcpSegment piece = *large;
  piece.payload.bytes = mss;
  piece.flags &= (uint8_t) ~(TCP_PSH | TCP_FIN);

  large->seq += mss;
  large->payload.offset += mss;
  large->payload.bytes -= mss;
  large->flags &= (uint8_t)~TCP_CWR; /* RFC 3168 6.1.2: once, on the first */
  if (large->ip_version == 4)
    large->ip_id = (large->ip_id + 1) & 0xFFFF;
  return piece;
}
