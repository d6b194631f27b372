#include "models/tcp/plan.h"

#include <stddef.h>

#include "models/tcp/reassembly.h"
#include "models/tcp/recovery.h"
#include "models/tcp/sack.h"
#include "models/tcp/state.h"

static uint32_t
min_u32 (uint32_t a, uint32_t b)
{
  return a < b ? a : b;
}

static uint32_t
minus_or_zero (uint32_t a, uint32_t b)
{
  return a > b ? a - b : 0;
}

static uint32_t
sack_option_bytes (uint8_t n_blocks)
{
  return n_blocks > 0 ? 4u + 8u * n_blocks : 0;
}

uint8_t
tcp_plan_sack_blocks (const Tcb *tcb, TcpSackBlock *ret_blocks)
{
  if (tcb->disorder == NULL || !tcp_sack_is_on (tcb))
    return 0;
  /* RFC 2018 3: beside a timestamp the header has room for three. */
  uint8_t max = (tcb->const_flags & TCP_FLAG_TIMESTAMP_ENABLED) != 0 ? 3 : TCP_SACK_BLOCKS_MAX;
  /* Blocks take half of a segment at most, so that data goes on however small a segment is. */
  while (max > 0 && sack_option_bytes (max) > tcb->smss / 2u)
    max--;
  return tcp_reassembly_report (tcb, ret_blocks, max);
}

uint32_t
tcp_plan_signal_seq (const Tcb *tcb)
{
  return tcb->SndWnd == 0 ? tcb->SndNxt : tcb->SndMax;
}

uint32_t
tcp_plan_payload_max (const Tcb *tcb)
{
  if (tcb->disorder == NULL)
    return tcb->smss;
  TcpSackBlock blocks[TCP_SACK_BLOCKS_MAX];
  return tcb->smss - sack_option_bytes (tcp_plan_sack_blocks (tcb, blocks));
}

/* Data bytes from |seq| to the end of the queue. */
static uint32_t
data_from (const Tcb *tcb, uint32_t seq)
{
  int32_t left = tcp_seq_diff (tcb->send_end, seq);
  return left > 0 ? (uint32_t)left : 0;
}

/* What is sent again of [seq, seq + limit): FIN included if it was sent before. */
static TcpPlan
resend (const Tcb *tcb, uint32_t seq, uint32_t limit)
{
  TcpPlan plan = { .kind = TCP_PLAN_RETRANSMIT, .seq = seq };
  uint32_t reach = min_u32 (limit, tcb->SndMax - seq);
  plan.bytes = min_u32 (min_u32 (data_from (tcb, seq), reach), tcp_plan_payload_max (tcb));
  plan.fin = seq + plan.bytes == tcb->send_end && plan.bytes < reach;
  if (plan.bytes == 0 && !plan.fin)
    plan.kind = TCP_PLAN_NOTHING;
  return plan;
}

/* A segment smaller than a full one goes only for a reason. */
static TcpPlanBlock
small_segment_block (const Tcb *tcb, const TcpPlan *plan, uint32_t left, bool peer_limits)
{
  if (tcp_seq_before (plan->seq, tcb->SndMax))
    return TCP_PLAN_NOT_BLOCKED; /* it was sent before */
  if (plan->bytes == left) {
    bool nagle = (tcb->cached_flags & TCP_FLAG_NAGLING_ENABLED) != 0;
    if (plan->fin || !nagle || tcb->SndMax == tcb->SndUna)
      return TCP_PLAN_NOT_BLOCKED;
  }
  if ((tcb->bits & TCP_BIT_FORCE_SEND) != 0)
    return TCP_PLAN_NOT_BLOCKED;
  if (plan->bytes == left)
    return TCP_PLAN_BLOCKED_BY_NAGLE;
  if (!peer_limits)
    return TCP_PLAN_BLOCKED_BY_CWND;
  if (tcb->config->sws_prevention_ticks == 0 || plan->bytes >= tcb->MaxSndWnd - tcb->MaxSndWnd / 2)
    return TCP_PLAN_NOT_BLOCKED;
  return TCP_PLAN_BLOCKED_BY_SWS;
}

/* New data, or what a timeout has put back before SndNxt, within |cwnd_room|. */
static TcpPlan
send_on (const Tcb *tcb, uint32_t cwnd_room, uint32_t payload_limit)
{
  TcpPlan plan = { .kind = TCP_PLAN_NOTHING, .seq = tcb->SndNxt };
  uint32_t hole_bytes = UINT32_MAX;
  if (tcb->SndNxt != tcb->SndMax && tcb->disorder != NULL) {
    TcpSackHole hole = tcp_sack_hole_at (tcb, tcb->SndNxt);
    plan.seq = hole.seq;
    if (hole.seq != tcb->SndMax)
      hole_bytes = hole.bytes;
  }
  bool fin_is_left =
      (tcb->bits & TCP_BIT_FIN_QUEUED) != 0 && tcp_seq_at_or_before (plan.seq, tcb->send_end);
  uint32_t left = data_from (tcb, plan.seq);
  if (left == 0 && !fin_is_left)
    return plan;

  uint32_t peer_room = minus_or_zero (tcb->SndWnd, plan.seq - tcb->SndUna);
  uint32_t full = tcp_plan_payload_max (tcb);
  uint32_t room = min_u32 (min_u32 (peer_room, cwnd_room), hole_bytes);
  plan.bytes = min_u32 (min_u32 (left, room), payload_limit > full ? payload_limit : full);
  plan.fin = fin_is_left && plan.bytes == left && peer_room > plan.bytes && hole_bytes > plan.bytes;
  if (plan.bytes == 0 && !plan.fin) {
    plan.blocked = peer_room == 0 ? TCP_PLAN_BLOCKED_BY_PEER : TCP_PLAN_BLOCKED_BY_CWND;
    return plan;
  }
  uint32_t tail = plan.bytes == full ? 0 : plan.bytes % full;
  if (tail != 0 || plan.bytes == 0) {
    bool cuts_at_hole = plan.bytes == hole_bytes;
    TcpPlanBlock block = cuts_at_hole
                             ? TCP_PLAN_NOT_BLOCKED
                             : small_segment_block (tcb, &plan, left, peer_room <= cwnd_room);
    /* Behind full segments of the same send the line is no longer idle: Nagle holds the tail. */
    if (block == TCP_PLAN_NOT_BLOCKED && plan.bytes > full && !plan.fin
        && (tcb->cached_flags & TCP_FLAG_NAGLING_ENABLED) != 0)
      block = TCP_PLAN_BLOCKED_BY_NAGLE;
    if (block != TCP_PLAN_NOT_BLOCKED && plan.bytes > full) {
      plan.bytes -= tail;
      plan.fin = false;
    } else if (block != TCP_PLAN_NOT_BLOCKED) {
      plan.blocked = block;
      return plan;
    }
  }
  plan.kind = TCP_PLAN_DATA;
  return plan;
}

/* RFC 6675 5 (C): one segment at a time while the pipe has room. */
static TcpPlan
send_by_board (const Tcb *tcb)
{
  TcpPlan blocked = { .blocked = TCP_PLAN_BLOCKED_BY_CWND };
  uint32_t pipe = tcp_sack_pipe (tcb);
  if (tcb->CWnd < pipe + tcb->smss)
    return blocked;
  TcpSackHole hole = tcp_sack_next_lost (tcb);
  if (hole.bytes == 0) {
    TcpPlan plan = send_on (tcb, tcb->CWnd - pipe, 0);
    if (plan.kind != TCP_PLAN_NOTHING)
      return plan;
    hole = tcp_sack_next_any (tcb);
    if (hole.bytes == 0)
      return plan;
  }
  TcpPlan plan = resend (tcb, hole.seq, hole.bytes);
  plan.is_rescue = hole.is_rescue;
  return plan;
}

static TcpPlan
probe (const Tcb *tcb)
{
  bool has_data = data_from (tcb, tcb->SndUna) > 0;
  return (TcpPlan){ .kind = TCP_PLAN_PROBE,
                    .seq = tcb->SndUna,
                    .bytes = has_data ? 1 : 0,
                    .fin = !has_data && (tcb->bits & TCP_BIT_FIN_QUEUED) != 0 };
}

static TcpPlan
plan_data (const Tcb *tcb, uint32_t payload_limit)
{
  if ((tcb->bits & TCP_BIT_DUE_RETRANSMIT) != 0) {
    TcpSackHole hole = tcp_sack_hole_at (tcb, tcb->SndUna);
    TcpPlan plan = resend (tcb, tcb->SndUna, hole.bytes);
    if (plan.kind != TCP_PLAN_NOTHING)
      return plan;
  }
  if (tcb->SndWnd == 0)
    return (tcb->bits & TCP_BIT_DUE_PROBE) != 0 ? probe (tcb)
                                                : (TcpPlan){ .blocked = TCP_PLAN_BLOCKED_BY_PEER };
  if (tcp_sack_guides (tcb))
    return send_by_board (tcb);
  uint32_t window = tcb->CWnd + tcp_recovery_extra_bytes (tcb);
  return send_on (tcb, minus_or_zero (window, tcb->SndNxt - tcb->SndUna), payload_limit);
}

static TcpPlan
plan_signals (const Tcb *tcb, TcpPlanBlock blocked)
{
  TcpPlan plan = { .kind = TCP_PLAN_NOTHING, .blocked = blocked };
  if ((tcb->bits & TCP_BIT_DUE_ACK) != 0) {
    plan.kind = TCP_PLAN_ACK;
    plan.seq = tcp_plan_signal_seq (tcb);
  } else if ((tcb->bits & TCP_BIT_DUE_KEEPALIVE) != 0) {
    plan.kind = TCP_PLAN_KEEPALIVE;
    plan.seq = tcb->SndUna - 1;
  }
  return plan;
}

/* The case of a bulk transfer, decided at once: a full segment, more behind it, room for it, and
 * nothing unusual. */
static bool
full_segment_goes (const Tcb *tcb, uint32_t payload_limit)
{
  const uint32_t unusual =
      (TCP_BITS_DUE & ~TCP_BIT_DUE_ACK) | TCP_BIT_IN_RECOVERY | TCP_BIT_GAVE_UP;
  uint32_t flight = tcb->SndNxt - tcb->SndUna;
  uint32_t window = tcb->CWnd < tcb->SndWnd ? tcb->CWnd : tcb->SndWnd;
  return tcb->State == TcpConnectionEstablished && (tcb->bits & unusual) == 0
         && tcb->disorder == NULL && payload_limit <= tcb->smss
         && tcp_seq_diff (tcb->send_end, tcb->SndNxt) > tcb->smss && flight + tcb->smss <= window;
}

TcpPlan
tcp_plan (const Tcb *tcb, uint32_t payload_limit)
{
  TcpPlan plan = { .kind = TCP_PLAN_NOTHING };
  if (full_segment_goes (tcb, payload_limit))
    return (TcpPlan){ .kind = TCP_PLAN_DATA, .seq = tcb->SndNxt, .bytes = tcb->smss };
  if ((tcb->bits & TCP_BIT_DUE_RESET) != 0)
    return (TcpPlan){ .kind = TCP_PLAN_RESET, .seq = tcb->reset_seq };
  if (tcp_state_is_synchronized (tcp_state (tcb))) {
    if (tcb->send_end != tcb->SndNxt || tcb->SndMax != tcb->SndUna
        || (tcb->bits & TCP_BIT_FIN_QUEUED) != 0) {
      if ((tcb->bits & TCP_BIT_GAVE_UP) == 0 && !tcp_state_fin_is_acked (tcp_state (tcb)))
        plan = plan_data (tcb, payload_limit);
    }
    return plan.kind != TCP_PLAN_NOTHING ? plan : plan_signals (tcb, plan.blocked);
  }
  bool awaits_syn =
      tcp_state (tcb) == TcpConnectionSynSent || tcp_state (tcb) == TcpConnectionSynRcvd;
  if (awaits_syn && tcb->SndNxt == tcb->SndUna)
    return (TcpPlan){ .kind = TCP_PLAN_SYN, .seq = tcb->SndUna };
  if (tcp_state (tcb) == TcpConnectionSynRcvd)
    return plan_signals (tcb, TCP_PLAN_NOT_BLOCKED);
  return plan;
}
