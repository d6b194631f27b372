/*
 * Acknowledgments received: SndUna, the send window, duplicates.
 *
 * Source      RFC 9293 3.10.7.4 (fifth); RFC 5681 2, 3.2; RFC 5961 5; RFC 3168 6.1.2; TIMER-14 to
 *             TIMER-19.  Of SND.WL1 and SND.WL2 only the first is kept: an ACK below SndUna updates
 *             nothing, and above it the second always agrees.
 */
#pragma once

#include "models/tcp/tcp.h"

/* tcp_ack_is_acceptable answers whether |ack| could be the peer's (RFC 5961 5.2). */
bool tcp_ack_is_acceptable (const Tcb *tcb, uint32_t ack);

/* tcp_ack_window is the window that |segment| offers, in bytes. */
static inline uint32_t
tcp_ack_window (const Tcb *tcb, const TcpSegment *segment)
{
  return (uint32_t)segment->window << tcb->SndWindScale;
}

/* tcp_ack_receive takes the acknowledgment, window and SACK blocks of an acceptable segment.  The
 * state may become FinWait2, TimeWait or Closed. */
void tcp_ack_receive (Tcb *tcb, const TcpSegment *segment, int64_t tick, TcpNews *news);
