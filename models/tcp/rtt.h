/*
 * Round-trip time: samples, smoothing, and the retransmission timeout.
 *
 * SRtt is in ticks x 8 and RttVar in ticks x 4, so that both fit 16 bits and the smoothing is
 * shifts (RFC 6298 2 with alpha 1/8, beta 1/4, K 4).  SRtt 0 means that there is no sample yet.  A
 * sample below the tick counts as one tick.
 *
 * Units       Ticks.
 * Source      RFC 6298; RFC 7323 4; "Calculating the merged round-trip time" (MRTT-01, TS-08).
 */
#pragma once

#include "models/tcp/tcp.h"

/* tcp_timestamp is this side's clock with the connection's delta: what the next TSval says. */
static inline uint32_t
tcp_timestamp (const Tcb *tcb, int64_t tick)
{
  return (uint32_t)tick + tcb->config->timestamp_clock_offset + tcb->ts_delta;
}

/* tcp_rtt_sample takes a measurement and ends Karn's back-off. */
void tcp_rtt_sample (Tcb *tcb, uint32_t rtt_ticks);

/* tcp_rtt_acked looks for a measurement in an ACK that advances SndUna to |ack|. */
void tcp_rtt_acked (Tcb *tcb, const TcpSegment *segment, int64_t tick);

/* tcp_rtt_sent starts timing new data; tcp_rtt_resent spoils a measurement of what is sent
 * again. */
void tcp_rtt_sent (Tcb *tcb, uint32_t seq, int64_t tick);
void tcp_rtt_resent (Tcb *tcb, uint32_t seq);

/* tcp_rto_ticks is the timeout of RFC 6298 2, within its bounds; tcp_rto_shifted_ticks doubles it
 * |doublings| times, up to the maximum. */
uint32_t tcp_rto_ticks (const Tcb *tcb);
uint32_t tcp_rto_shifted_ticks (const Tcb *tcb, uint32_t doublings);
