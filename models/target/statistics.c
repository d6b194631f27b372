/*
 * Statistics of offloaded traffic, for each IP version.
 *
 * Units       Octets are those of IP datagrams, headers included.
 * Source      IP_OFFLOAD_STATS, TCP_OFFLOAD_STATS.  Rules STAT.
 */
#include "models/target/adapter.h"

static uint32_t
ip_bytes (const TcpSegment *segment)
{
  uint32_t ip_header = segment->ip_version == 4 ? 20 : 40;

  return ip_header + tcp_segment_header_bytes (segment) + segment->payload.bytes;
}

void
target_count_received (Target *target, const TcpSegment *segment)
{
  unsigned family = target_family (segment->ip_version);
  IP_OFFLOAD_STATS *ip = &target->ip_stats[family];

  ip->InReceives++;
  ip->InOctets += ip_bytes (segment);
  ip->InDelivers++;
  target->tcp_stats[family].InSegments++;
}

void
target_count_sent (Target *target, const TcpSegment *segment, bool repeats, bool is_new)
{
  unsigned family = target_family (segment->ip_version);
  IP_OFFLOAD_STATS *ip = &target->ip_stats[family];
  TCP_OFFLOAD_STATS *tcp = &target->tcp_stats[family];

  ip->OutRequests++;
  ip->OutOctets += ip_bytes (segment);
  tcp->OutSegments += is_new;
  tcp->RetransmittedSegments += repeats;
  tcp->OutResets += (segment->flags & TCP_RST) != 0;
}
