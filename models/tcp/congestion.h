/*
 * Congestion control: how CWnd and SsThresh move.
 *
 * NewReno by itself; with TCP_CONGESTION_CUBIC the growth in congestion avoidance and the reduction
 * are CUBIC's (models/tcp/cubic.h).
 *
 * Units       Bytes.
 * Source      RFC 5681 3, 4.1; RFC 6582; RFC 3168 6.1.2; RFC 9438.
 */
#pragma once

#include "models/tcp/tcp.h"

/* tcp_congestion_open sets the initial window; |syn_lost| makes it one segment (RFC 5681 3.1). */
void tcp_congestion_open (Tcb *tcb, bool syn_lost);

/* tcp_congestion_acked grows CWnd for |bytes| of data newly acknowledged outside recovery. */
void tcp_congestion_acked (Tcb *tcb, uint32_t bytes, int64_t tick);

/* tcp_congestion_reduce answers to a loss or an ECN mark: SsThresh falls to what is answered, or
 * to two segments.  What becomes of CWnd is the caller's. */
uint32_t tcp_congestion_reduce (Tcb *tcb);

/* tcp_congestion_timeout answers to a retransmission timeout: one segment from here. */
void tcp_congestion_timeout (Tcb *tcb);

/* tcp_congestion_idle shrinks CWnd to the restart window after a pause longer than the RTO. */
void tcp_congestion_idle (Tcb *tcb, int64_t tick);

/* tcp_congestion_set enforces the bounds of CWnd. */
void tcp_congestion_set (Tcb *tcb, uint64_t cwnd_bytes);

/* What is believed to be in the network. */
uint32_t tcp_congestion_flight (const Tcb *tcb);
