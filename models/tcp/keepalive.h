/*
 * Keepalive probes, and the validation that follows a suspicious RST or SYN.
 *
 * The timer runs on an idle connection if keepalive is enabled; a challenged RST or SYN starts it,
 * or hastens it, to five minutes.  Whether it is enabled tells afterwards which of the two it was.
 *
 * Source      RFC 1122 4.2.3.6; RFC 5961 3, 4; "Keepalive timer" and "Requirements for TCP chimney
 *             NICs for blind reset attacks" (TIMER-10 to TIMER-13, RST-03 to RST-11).
 */
#pragma once

#include "models/tcp/tcp.h"
#include "models/tcp/timer.h"

/* tcp_keepalive_restart begins the idle time anew, or stops the timer if keepalive is disabled. */
void tcp_keepalive_restart (Tcb *tcb, int64_t tick);

/* tcp_keepalive_heard says that an acceptable segment has arrived. */
static inline void
tcp_keepalive_heard (Tcb *tcb, int64_t tick)
{
  tcb->bits &= ~(uint32_t)TCP_BIT_CHALLENGED;
  if (tcp_timer_is_running (tcb, TCP_TIMER_KEEPALIVE))
    tcp_keepalive_restart (tcb, tick);
}

TcpNews tcp_keepalive_expire (Tcb *tcb, int64_t tick);

/* tcp_keepalive_challenge_reset and _syn make a challenge ACK due for a segment in the window but
 * not at RcvNxt, within their throttles. */
void tcp_keepalive_challenge_reset (Tcb *tcb, int64_t tick);
void tcp_keepalive_challenge_syn (Tcb *tcb, int64_t tick);
