/*
 * Segments and the bytes in them.
 *
 * Payload is a pattern, not bytes: byte k of a stream is a function of (stream, k), so a range
 * stands for its bytes.  Whoever moves data moves ranges; whoever delivers them checks that they
 * continue the stream.  A segment carries real header fields, in host order; a capture writes them
 * out.
 *
 * Units       Bytes; sequence numbers modulo 2^32.
 * Owns        Both are values: copy them.
 * Source      RFC 9293 3.1 (header), RFC 7323 2-3, RFC 2018 3, RFC 3168; IEEE 802.1Q for the tag.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

/* Bytes offset to offset + bytes - 1 of a stream. */
typedef struct TcpRange {
  uint64_t offset;
  uint32_t stream_id; /* 2 * connection id + direction, see TCP_STREAM */
  uint32_t bytes;
} TcpRange;

typedef enum TcpDirection {
  TCP_TO_PEER,
  TCP_FROM_PEER,
} TcpDirection;

#define TCP_STREAM(connection_id, direction) ((uint32_t)(2 * (connection_id) + (direction)))

/* True if |next| begins where |range| ends. */
static inline bool
tcp_range_continues (TcpRange range, TcpRange next)
{
  return range.stream_id == next.stream_id && range.offset + range.bytes == next.offset;
}

/* Addresses are ids into the world's tables; a capture and the trace turn them into bytes. */
typedef struct TcpTuple {
  uint32_t source_address_id;
  uint32_t destination_address_id;
  uint16_t source_port;
  uint16_t destination_port;
} TcpTuple;

static inline TcpTuple
tcp_tuple_reversed (TcpTuple t)
{
  return (TcpTuple){ t.destination_address_id, t.source_address_id, t.destination_port,
                     t.source_port };
}

static inline bool
tcp_tuple_equal (TcpTuple a, TcpTuple b)
{
  return a.source_address_id == b.source_address_id
         && a.destination_address_id == b.destination_address_id && a.source_port == b.source_port
         && a.destination_port == b.destination_port;
}

/* Header flags, as on the wire. */
enum {
  TCP_FIN = 0x01,
  TCP_SYN = 0x02,
  TCP_RST = 0x04,
  TCP_PSH = 0x08,
  TCP_ACK = 0x10,
  TCP_URG = 0x20,
  TCP_ECE = 0x40,
  TCP_CWR = 0x80,
};

/* Which options the header carries. */
enum {
  TCP_OPTION_MSS = 0x01,
  TCP_OPTION_WINDOW_SCALE = 0x02,
  TCP_OPTION_SACK_PERMITTED = 0x04,
  TCP_OPTION_TIMESTAMP = 0x08,
  TCP_OPTION_SACK = 0x10,
};

/* What is unusual about the datagram or frame. */
enum {
  TCP_IP_DONT_FRAGMENT = 0x01,
  TCP_IP_MORE_FRAGMENTS = 0x02,
  TCP_IP_HAS_OPTIONS = 0x04,
  TCP_IP_BAD_HEADER = 0x08, /* IP checksum or format */
  TCP_BAD_CHECKSUM = 0x10,  /* TCP checksum */
  TCP_VLAN_TAGGED = 0x20,
};

/* What a frame is.  The wire carries more than TCP: of the others only the addresses, the MACs, the
 * VLAN tag and what the comment names are meaningful. */
typedef enum TcpFrameKind {
  TCP_FRAME_SEGMENT,
  TCP_FRAME_ARP_REQUEST, /* RFC 826; the tuple holds sender's and target's protocol address */
  TCP_FRAME_ARP_REPLY,
  TCP_FRAME_SOLICITATION,  /* RFC 4861 4.3; the target is the tuple's destination */
  TCP_FRAME_ADVERTISEMENT, /* RFC 4861 4.4; the target is the tuple's source */
  /* RFC 1191 4, RFC 8201: |mss| is the MTU; |about_address_id|, the ports and |seq| are those of
   * what was too big */
  TCP_FRAME_TOO_BIG,
  /* RFC 792, RFC 4861 4.5: |about_address_id| is reached by the next hop with address |ack| */
  TCP_FRAME_REDIRECT,
} TcpFrameKind;

/* In |flags| of an ARP reply or an advertisement: somebody asked for it. */
#define TCP_FRAME_SOLICITED 0x40

/* The destination of a question to everybody: the broadcast address of ARP, the solicited-node
 * multicast address of neighbor discovery. */
#define TCP_MAC_EVERYONE UINT32_MAX

#define TCP_SACK_BLOCKS_MAX 4

typedef struct TcpSackBlock {
  uint32_t left;
  uint32_t right; /* exclusive */
} TcpSackBlock;

typedef struct TcpSegment {
  TcpTuple tuple;
  uint32_t connection_id; /* whom it is about, for trace and report; nobody demultiplexes by it */
  uint32_t seq;
  uint32_t ack;
  uint32_t ts_value;
  uint32_t ts_echo;
  TcpRange payload;
  uint16_t window; /* as on the wire: not scaled */
  uint16_t urgent_pointer;
  uint16_t mss;
  uint8_t flags;
  uint8_t options;
  uint8_t window_scale;
  uint8_t n_sack;
  uint8_t kind;       /* TcpFrameKind */
  uint8_t ip_version; /* 4 or 6 */
  uint8_t ttl;
  uint8_t tos; /* with the ECN bits */
  uint8_t oddities;
  uint16_t fragment_offset; /* as on the wire: in units of 8 bytes */
  uint16_t vlan_tag;        /* priority in bits 13-15, id in 0-11; meaningful if TCP_VLAN_TAGGED */
  uint32_t ip_id;
  uint32_t flow_label;
  uint32_t source_mac_id;
  uint32_t destination_mac_id;
  uint32_t about_address_id; /* of an ICMP message: whom its subject was sent to */
  TcpSackBlock sack[TCP_SACK_BLOCKS_MAX];
} TcpSegment;

static inline bool
tcp_segment_is_syn_fin (const TcpSegment *segment)
{
  return (segment->flags & (TCP_SYN | TCP_FIN)) == (TCP_SYN | TCP_FIN);
}

/* tcp_segment_sequence_bytes is the sequence space used: payload, SYN and FIN. */
uint32_t tcp_segment_sequence_bytes (const TcpSegment *segment);

/* tcp_segment_header_bytes is the TCP header with its options padded to 4 bytes. */
uint32_t tcp_segment_header_bytes (const TcpSegment *segment);

/* tcp_segment_frame_bytes is the Ethernet frame with FCS, padded to 64, without preamble and gap;
 * tcp_segment_wire_bytes adds these 20 bytes. */
uint32_t tcp_segment_frame_bytes (const TcpSegment *segment);
uint32_t tcp_segment_wire_bytes (const TcpSegment *segment);

/* tcp_segment_ip_bytes is the datagram: IP header, TCP header and payload. */
uint32_t tcp_segment_ip_bytes (const TcpSegment *segment);

/* tcp_segment_split cuts the first |mss| payload bytes off |large| (as LSO hardware does): PSH and
 * FIN stay with the last piece, the IPv4 id counts up.  Returns the piece; |large| is the rest. */
TcpSegment tcp_segment_split (TcpSegment *large, uint32_t mss);

/* Sequence arithmetic, RFC 9293 3.4. */
static inline int32_t
tcp_seq_diff (uint32_t a, uint32_t b)
{
  return (int32_t)(a - b);
}

static inline bool
tcp_seq_before (uint32_t a, uint32_t b)
{
  return tcp_seq_diff (a, b) < 0;
}

static inline bool
tcp_seq_at_or_before (uint32_t a, uint32_t b)
{
  return tcp_seq_diff (a, b) <= 0;
}
