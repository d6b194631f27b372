/*
 * CUBIC: the window as a cubic function of the time since the last reduction.
 *
 * C is 0.4 segments/s^3, beta 0.7, alpha 9/17.  Time is taken in milliseconds and windows in bytes,
 * in 64-bit integers, so that every compiler computes the same window.
 *
 * Source      RFC 9438 4; figures 1 to 5 there.  Our differences: CWnd at SsThresh is congestion
 *             avoidance (RFC 5681 3.1 leaves that open, RFC 9438 4.10 has slow start).
 */
#pragma once

#include "models/tcp/tcp.h"

/* tcp_cubic_acked grows CWnd in congestion avoidance. */
void tcp_cubic_acked (Tcb *tcb, uint32_t bytes, int64_t tick);

/* tcp_cubic_unused takes the time up to |tick| out of the epoch: the window was not used (4.2). */
void tcp_cubic_unused (Tcb *tcb, int64_t tick);

/* tcp_cubic_reduce notes a reduction at CWnd and returns beta times |flight_bytes|. */
uint32_t tcp_cubic_reduce (Tcb *tcb, uint32_t flight_bytes);

/* tcp_cubic_timeout follows a reduction by a retransmission timeout (4.8). */
void tcp_cubic_timeout (Tcb *tcb);

/* tcp_cube_root is the largest integer whose cube does not exceed |value|. */
uint32_t tcp_cube_root (uint64_t value);

/* tcp_cubic_window is W_cubic in bytes |elapsed_ms| after the epoch began. */
uint64_t tcp_cubic_window (const Tcb *tcb, int64_t elapsed_ms);
