/*
 * The receive window: what we let the peer send.
 *
 * The right edge never moves left.  It moves right only by a worthwhile step (silly window
 * syndrome), unless the SWS timer has run out.
 *
 * Units       Bytes, sequence numbers.
 * Source      RFC 9293 3.8.6.2.2; RFC 7323 2; OID-11, TIMER-28 to TIMER-30.
 */
#pragma once

#include "models/tcp/tcp.h"

/* tcp_window_open_first offers InitialRcvWnd for the first time, from RcvNxt on. */
void tcp_window_open_first (Tcb *tcb);

/* tcp_window_advertise is the window field of a segment sent now; it moves rcv_adv. */
uint16_t tcp_window_advertise (Tcb *tcb, bool is_syn);

/* tcp_window_review makes a window update due if it has become worthwhile, or sets the SWS
 * timer. */
void tcp_window_review (Tcb *tcb, int64_t tick);

/* The bytes between RcvNxt and the right edge offered. */
static inline uint32_t
tcp_window_bytes (const Tcb *tcb)
{
  return tcb->rcv_adv - tcb->RcvNxt;
}
