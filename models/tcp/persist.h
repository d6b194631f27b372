/*
 * Probing a zero window, in rounds.
 *
 * While SndWnd is 0 the retransmit slot is the persist timer's: SndWndProbeCount is the round,
 * Retransmit.Count the probes of this round, and the deadline the next probe.  A round waits
 * RTO << SndWndProbeCount, then probes at RTO, 2 RTO, 4 RTO ...; an answer that still closes the
 * window opens the next round.
 *
 * Source      RFC 9293 3.8.6.1; "Persist timer" (TIMER-14 to TIMER-21).
 */
#pragma once

#include "models/tcp/tcp.h"

/* tcp_persist_has_cause answers whether anything waits for the window. */
bool tcp_persist_has_cause (const Tcb *tcb);

/* tcp_persist_ticks is how long a round waits before its first probe. */
uint32_t tcp_persist_ticks (const Tcb *tcb);

/* The window closes, is still closed, opens. */
void tcp_persist_begin (Tcb *tcb, int64_t tick);
void tcp_persist_answered (Tcb *tcb, int64_t tick);
void tcp_persist_end (Tcb *tcb, int64_t tick);

TcpNews tcp_persist_expire (Tcb *tcb, int64_t tick);
