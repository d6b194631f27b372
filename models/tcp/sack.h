/*
 * The SACK scoreboard: what of ours the peer holds beyond SndUna, and what that tells.
 *
 * A target without SACK support ignores the option even where it was negotiated.
 *
 * Units       Sequence numbers and bytes.
 * Invariants  Blocks lie within SndUna to SndMax; |board_bytes| is their sum.
 * Source      RFC 2018 5, 8; RFC 6675; RFC 2883 4 (a duplicate report changes nothing here);
 *             RFC-07.
 */
#pragma once

#include <stddef.h>

#include "models/tcp/store.h"
#include "models/tcp/tcp.h"

/* tcp_sack_is_on answers whether SACK was negotiated and this side does it. */
static inline bool
tcp_sack_is_on (const Tcb *tcb)
{
  return (tcb->const_flags & TCP_FLAG_SACK_ENABLED) != 0 && tcb->config->supports_sack;
}

/* tcp_sack_update takes the blocks of |segment|; true: it reported something new. */
bool tcp_sack_update (Tcb *tcb, const TcpSegment *segment);

/* tcp_sack_acked drops what SndUna has passed. */
void tcp_sack_acked (Tcb *tcb);

/* tcp_sack_forget empties the board: the peer may renege (RFC 2018 8). */
void tcp_sack_forget (Tcb *tcb);

/* tcp_sack_says_lost is IsLost (SndUna) of RFC 6675. */
bool tcp_sack_says_lost (const Tcb *tcb);

/* tcp_sack_enter_recovery makes the board guide the recovery that begins; false: it is empty. */
bool tcp_sack_enter_recovery (Tcb *tcb);
void tcp_sack_leave_recovery (Tcb *tcb);

static inline bool
tcp_sack_guides (const Tcb *tcb)
{
  return tcb->disorder != NULL && tcb->disorder->guides;
}

/* tcp_sack_pipe is the estimate of RFC 6675 of what is in the network. */
uint32_t tcp_sack_pipe (const Tcb *tcb);

/* A stretch to be retransmitted; no bytes: none. */
typedef struct TcpSackHole {
  uint32_t seq;
  uint32_t bytes;
  bool is_rescue;
} TcpSackHole;

/* tcp_sack_next_lost is NextSeg's rule 1: the first stretch that is lost and not yet sent again.
 * tcp_sack_next_any is its rules 3 and 4, for when there is no new data. */
TcpSackHole tcp_sack_next_lost (const Tcb *tcb);
TcpSackHole tcp_sack_next_any (const Tcb *tcb);

/* tcp_sack_resent notes what was retransmitted. */
void tcp_sack_resent (Tcb *tcb, TcpSackHole hole);

/* tcp_sack_hole_at moves |seq| out of what the peer holds and says how far the hole goes. */
TcpSackHole tcp_sack_hole_at (const Tcb *tcb, uint32_t seq);
