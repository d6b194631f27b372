/*
 * A flow: one connection as the script sees it, and what its numbers are on the wire.
 *
 * A script counts the host's sequence numbers from its own first SYN and names timestamps as it
 * likes; the wire has other numbers.  A flow learns the difference from what it sees.
 *
 * Units       Sequence numbers modulo 2^32.
 * Owns        A flow owns its stamps: drill_flow_clear.
 */
#pragma once

#include "lab/drill/rig.h"

typedef struct DrillFlow {
  TcpTuple tuple;         /* as the host sends */
  uint32_t connection_id; /* HOST_NO_SOCKET: none yet, or none any more */
  uint32_t local_offset;  /* wire - script, of the host's numbers */
  bool is_local_known;
  uint32_t local_isn;  /* on the wire */
  uint32_t remote_isn; /* of the last SYN that the script sent */
  bool is_offloaded;   /* has been, once */
  GArray *stamps;      /* DrillStamp: timestamps of the host */
} DrillFlow;

typedef struct DrillStamp {
  uint32_t script, wire;
} DrillStamp;

void drill_flow_init (DrillFlow *flow, uint16_t local_port, uint16_t remote_port);
void drill_flow_clear (DrillFlow *flow);

/* drill_flow_inbound is what the script sends, as it goes onto the wire. */
TcpSegment drill_flow_inbound (DrillFlow *flow, const DrillPacket *packet, uint8_t ip_version);

/* drill_flow_learn takes what |segment| tells about numbers if it is the one that |expected|
 * describes. */
void drill_flow_learn (DrillFlow *flow, const DrillPacket *expected, const TcpSegment *segment);

/* drill_flow_push_is_free answers whether |segment| is in the midst of the |written| bytes of its
 * stream, where PSH is the sender's choice (RFC 9293 3.9.1). */
bool drill_flow_push_is_free (const DrillFlow *flow, const TcpSegment *segment, uint64_t written);

/* drill_flow_compare gives the words for what differs between a segment of the host and the packet
 * that is expected, or NULL.  The caller frees it. */
char *drill_flow_compare (const DrillFlow *flow, const DrillPacket *expected,
                          const TcpSegment *segment, const DrillSettings *settings);

/* Packets in the notation of scripts; of a segment in the script's numbers.  The caller frees
 * them. */
char *drill_packet_text (const DrillPacket *packet);
char *drill_segment_text (const DrillFlow *flow, const TcpSegment *segment);
