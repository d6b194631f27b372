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

  if (ip->InReceives + 1 == 0 && target_defect (target, TARGET_DEFECT_STATISTICS_STOP, 0))
    return;
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

/* A segment that was dropped for an error: received, and not delivered (STAT-07, STAT-11). */
void
target_count_broken (Target *target, const TcpSegment *segment, TargetFrameWhy why)
{
  unsigned family = target_family (segment->ip_version);
  IP_OFFLOAD_STATS *ip = &target->ip_stats[family];
  TCP_OFFLOAD_STATS *tcp = &target->tcp_stats[family];

  ip->InReceives++;
  ip->InOctets += ip_bytes (segment);
  bool counts = !target_defect (target, TARGET_DEFECT_DROPS_UNCOUNTED, 0);
  if (why == FRAME_BAD_HEADER) {
    ip->InHeaderErrors += counts;
    return;
  }
  ip->InDelivers++;
  tcp->InSegments++;
  tcp->InErrors += counts;
}

/* Counters that wrap soon, for those who want to see it (STAT-04). */
void
target_statistics_init (Target *target)
{
  uint32_t below = target->config.statistics_before_wrap;
  uint64_t wide = UINT64_C (0) - below;
  uint32_t narrow = UINT32_C (0) - below;

  for (unsigned family = 0; family < 2; family++) {
    target->ip_stats[family] = (IP_OFFLOAD_STATS){ .InReceives = wide,
                                                   .InOctets = wide,
                                                   .InDelivers = wide,
                                                   .OutRequests = wide,
                                                   .OutOctets = wide };
    target->tcp_stats[family] = (TCP_OFFLOAD_STATS){
      .InSegments = wide, .OutSegments = wide, .RetransmittedSegments = narrow, .OutResets = narrow
    };
  }
}

void
target_trace_ip_statistics (const Target *target, unsigned family, bool is_set)
{
  const IP_OFFLOAD_STATS *ip = &target->ip_stats[family];

  TRACE (target_trace (target), target->config.actor_id, IP_STATS, family == 0 ? 4 : 6, is_set,
         (int64_t)ip->InReceives, (int64_t)ip->InOctets, (int64_t)ip->InDelivers,
         (int64_t)ip->OutRequests, (int64_t)ip->OutOctets, ip->InHeaderErrors,
         ip->InTruncatedPackets, ip->InDiscards, ip->OutDiscards, ip->OutNoRoutes);
}

void
target_trace_tcp_statistics (const Target *target, unsigned family, bool is_set)
{
  const TCP_OFFLOAD_STATS *tcp = &target->tcp_stats[family];

  TRACE (target_trace (target), target->config.actor_id, TCP_STATS, family == 0 ? 4 : 6, is_set,
         (int64_t)tcp->InSegments, (int64_t)tcp->OutSegments, tcp->CurrentlyEstablished,
         tcp->ResetEstablished, tcp->RetransmittedSegments, tcp->InErrors, tcp->OutResets);
}
