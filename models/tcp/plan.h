/*
 * What is due: the decision which segment goes next, apart from making it.
 *
 * Order       RST; SYN; retransmission of SndUna; window probe; data and FIN; ACK; keepalive.
 * Units       Sequence numbers, bytes.
 * Source      RFC 9293 3.8.6.2.1 (sender's SWS avoidance, Nagle); RFC 5681 3.1; RFC 6675 5;
 *             TIMER-28, TIMER-29, SDATA-11 to SDATA-13, TCPV-07.
 */
#pragma once

#include "models/tcp/tcp.h"

typedef enum TcpPlanKind {
  TCP_PLAN_NOTHING,
  TCP_PLAN_RESET,
  TCP_PLAN_SYN,
  TCP_PLAN_RETRANSMIT, /* one hole, SndNxt stays */
  TCP_PLAN_PROBE,
  TCP_PLAN_DATA, /* SndNxt moves on */
  TCP_PLAN_ACK,
  TCP_PLAN_KEEPALIVE,
} TcpPlanKind;

/* What held data back. */
typedef enum TcpPlanBlock {
  TCP_PLAN_NOT_BLOCKED,
  TCP_PLAN_BLOCKED_BY_CWND,
  TCP_PLAN_BLOCKED_BY_PEER,
  TCP_PLAN_BLOCKED_BY_NAGLE,
  TCP_PLAN_BLOCKED_BY_SWS,
} TcpPlanBlock;

typedef struct TcpPlan {
  TcpPlanKind kind;
  TcpPlanBlock blocked;
  uint32_t seq;
  uint32_t bytes;
  bool fin;
  bool is_rescue;
} TcpPlan;

/* tcp_plan decides.  It changes nothing: asked twice, it answers the same. */
TcpPlan tcp_plan (const Tcb *tcb, uint32_t payload_limit);

/* tcp_plan_payload_max is the payload of a full segment sent now: smss less SACK blocks. */
uint32_t tcp_plan_payload_max (const Tcb *tcb);

/* tcp_plan_signal_seq numbers a segment that takes no sequence space, so that the peer finds it in
 * its window: SndMax, not an SndNxt that a timeout has put back, but nothing beyond a closed
 * window. */
uint32_t tcp_plan_signal_seq (const Tcb *tcb);

/* How many SACK blocks the next segment carries. */
uint8_t tcp_plan_sack_blocks (const Tcb *tcb, TcpSackBlock *ret_blocks);
