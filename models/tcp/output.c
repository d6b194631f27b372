#include "models/tcp/tcp.h"

#include <glib.h>

#include "models/tcp/congestion.h"
#include "models/tcp/options.h"
#include "models/tcp/plan.h"
#include "models/tcp/rtt.h"
#include "models/tcp/sack.h"
#include "models/tcp/state.h"
#include "models/tcp/store.h"
#include "models/tcp/timer.h"
#include "models/tcp/window.h"
#include "sim/assert.h"

#define TOS_ECN_MASK 0x03
#define TOS_ECT_0 0x02

/* The part that every segment of the connection shares. */
static void
fill_header (const Tcb *tcb, uint32_t seq, TcpSegment *s)
{
  *s = (TcpSegment){ .tuple = tcb->tuple,
                     .connection_id = tcb->connection_id,
                     .seq = seq,
                     .ip_version = tcb->ip_version,
                     .ttl = tcb->ttl,
                     .tos = tcb->tos & (uint8_t)~TOS_ECN_MASK,
                     .vlan_tag = (uint16_t)(tcb->user_priority << 13),
                     .flow_label = tcb->FlowLabel };
  if (tcb->ip_version == 4)
    s->oddities = TCP_IP_DONT_FRAGMENT; /* RFC 1191 */
}

/* RFC 7323 3.2: before the peer's SYN nothing is negotiated, and only our SYN makes the offer. */
static bool
timestamps_are_known (const Tcb *tcb, const TcpSegment *s)
{
  return tcp_state (tcb) != TcpConnectionSynSent || (s->flags & TCP_SYN) != 0;
}

static void
fill_timestamp (const Tcb *tcb, int64_t tick, TcpSegment *s)
{
  if ((tcb->const_flags & TCP_FLAG_TIMESTAMP_ENABLED) == 0 || !timestamps_are_known (tcb, s))
    return;
  s->options |= TCP_OPTION_TIMESTAMP;
  s->ts_value = tcp_timestamp (tcb, tick);
  s->ts_echo = (s->flags & TCP_ACK) != 0 ? tcb->TsRecent : 0;
}

/* Acknowledges all that has been received, and so ends what withheld that. */
static void
fill_acknowledgment (Tcb *tcb, TcpSegment *s)
{
  s->flags |= TCP_ACK;
  s->ack = tcb->RcvNxt;
  s->window = tcp_window_advertise (tcb, (s->flags & TCP_SYN) != 0);
  if ((tcb->bits & TCP_BIT_ECN_ECHO) != 0)
    s->flags |= TCP_ECE;
  if (tcb->disorder != NULL && tcp_state_is_synchronized (tcp_state (tcb))) {
    s->n_sack = tcp_plan_sack_blocks (tcb, s->sack);
    if (s->n_sack > 0)
      s->options |= TCP_OPTION_SACK;
    tcb->disorder->has_duplicate = false;
    tcp_disorder_settle (tcb);
  }
  tcb->last_ack_sent = tcb->RcvNxt;
  tcb->delayed_segments = 0;
  tcb->bits &= ~(uint32_t)(TCP_BIT_DUE_ACK | TCP_BIT_FIRST_ACK);
  tcp_timer_stop (tcb, TCP_TIMER_DELAYED_ACK);
}

/* ECT marks new data only, RFC 3168 6.1.5; CWR goes with the first of it. */
static void
fill_ecn (Tcb *tcb, TcpSegment *s)
{
  if ((tcb->bits & TCP_BIT_ECN) == 0 || s->payload.bytes == 0)
    return;
  s->tos |= TOS_ECT_0;
  if ((tcb->bits & TCP_BIT_ECN_CWR) != 0)
    s->flags |= TCP_CWR;
  tcb->bits &= ~(uint32_t)TCP_BIT_ECN_CWR;
}

static void
fill_payload (const Tcb *tcb, const TcpPlan *plan, TcpSegment *s)
{
  s->payload.bytes = plan->bytes;
  if (plan->fin)
    s->flags |= TCP_FIN;
  if (plan->bytes > 0 && plan->seq + plan->bytes == tcb->send_end)
    s->flags |= TCP_PSH;
}

static void
slot_needed (Tcb *tcb, int64_t tick)
{
  if (!tcp_timer_is_running (tcb, TCP_TIMER_RETRANSMIT))
    tcp_slot_restart (tcb, tick);
}

static void
commit_data (Tcb *tcb, const TcpPlan *plan, int64_t tick)
{
  uint32_t end = plan->seq + plan->bytes + (plan->fin ? 1 : 0);
  if (tcp_seq_before (plan->seq, tcb->SndMax)) {
    tcp_rtt_resent (tcb, plan->seq);
    tcp_counters (tcb)->resent_timeout++;
  } else if (tcb->DupAckCount != 0 && !tcp_sack_guides (tcb) && end - tcb->SndUna > tcb->CWnd) {
    tcp_counters (tcb)->limited_transmits++;
  }
  if (tcp_seq_before (tcb->SndMax, end)) {
    if (tcb->SndMax == plan->seq && (tcb->const_flags & TCP_FLAG_TIMESTAMP_ENABLED) == 0)
      tcp_rtt_sent (tcb, plan->seq, tick);
    tcb->SndMax = end;
  }
  tcb->SndNxt = end;
  tcb->last_send_tick = tick;
  tcb->bits &= ~(uint32_t)(TCP_BIT_FORCE_SEND | TCP_BIT_CWND_LIMITED);
  tcb->flight_at_send = tcb->SndNxt - tcb->SndUna;
  if (tcb->flight_at_send + tcb->smss > tcb->CWnd)
    tcb->bits |= TCP_BIT_CWND_LIMITED;
  tcp_timer_stop (tcb, TCP_TIMER_SEND_SWS);
  slot_needed (tcb, tick);
}

static void
count_retransmit (const Tcb *tcb, const TcpPlan *plan)
{
  TcpCounters *counters = tcp_counters (tcb);
  if ((tcb->bits & TCP_BIT_DUE_RETRANSMIT) == 0)
    *(plan->is_rescue ? &counters->resent_rescue : &counters->resent_sack) += 1;
  else if ((tcb->bits & TCP_BIT_PARTIAL_SEEN) != 0)
    counters->resent_partial++;
  else
    counters->resent_fast++;
}

static void
commit_retransmit (Tcb *tcb, const TcpPlan *plan, int64_t tick)
{
  count_retransmit (tcb, plan);
  tcb->bits &= ~(uint32_t)TCP_BIT_DUE_RETRANSMIT;
  tcp_rtt_resent (tcb, plan->seq);
  if (tcp_sack_guides (tcb))
    tcp_sack_resent (tcb, (TcpSackHole){ .seq = plan->seq,
                                         .bytes = plan->bytes + (plan->fin ? 1 : 0),
                                         .is_rescue = plan->is_rescue });
  tcb->last_send_tick = tick;
  slot_needed (tcb, tick);
}

static void
commit_probe (Tcb *tcb, const TcpPlan *plan)
{
  /* The byte counts as sent, but SndNxt stays: the peer has most likely no room for it. */
  uint32_t end = plan->seq + plan->bytes + (plan->fin ? 1 : 0);
  if (tcp_seq_before (tcb->SndMax, end))
    tcb->SndMax = end;
  tcp_rtt_resent (tcb, plan->seq);
  tcb->bits &= ~(uint32_t)TCP_BIT_DUE_PROBE;
  tcp_counters (tcb)->persist_probes++;
}

static void
commit_syn (Tcb *tcb, int64_t tick)
{
  if (tcb->SndMax == tcb->SndUna) {
    tcp_rtt_sent (tcb, tcb->SndUna, tick);
    tcb->SndMax = tcb->SndUna + 1;
  } else {
    tcp_counters (tcb)->resent_syn++;
  }
  tcb->SndNxt = tcb->SndUna + 1;
  slot_needed (tcb, tick);
}

static void
make_reset (Tcb *tcb, const TcpPlan *plan, int64_t tick, TcpSegment *s)
{
  s->flags = TCP_RST;
  if ((tcb->bits & TCP_BIT_RESET_HAS_ACK) != 0) {
    s->flags |= TCP_ACK;
    s->ack = tcb->reset_ack;
  }
  s->seq = plan->seq;
  tcp_counters (tcb)->resets_out++;
  tcb->bits &= ~(uint32_t)(TCP_BIT_DUE_RESET | TCP_BIT_RESET_HAS_ACK);
  fill_timestamp (tcb, tick, s);
}

static void
make_syn (Tcb *tcb, int64_t tick, TcpSegment *s)
{
  s->flags = TCP_SYN;
  if (tcp_state (tcb) == TcpConnectionSynRcvd)
    fill_acknowledgment (tcb, s);
  else
    s->window = tcp_window_advertise (tcb, true);
  tcp_options_offer (tcb, s);
  fill_timestamp (tcb, tick, s);
  commit_syn (tcb, tick);
}

static void
make_payload (Tcb *tcb, const TcpPlan *plan, int64_t tick, TcpSegment *s)
{
  bool is_new = plan->kind == TCP_PLAN_DATA && !tcp_seq_before (plan->seq, tcb->SndMax);
  tcb->bits &= ~(uint32_t)TCP_BIT_DUE_KEEPALIVE; /* this asks the peer as well */
  fill_payload (tcb, plan, s);
  fill_acknowledgment (tcb, s);
  fill_timestamp (tcb, tick, s);
  if (is_new)
    fill_ecn (tcb, s);
  if (plan->kind == TCP_PLAN_DATA)
    commit_data (tcb, plan, tick);
  else if (plan->kind == TCP_PLAN_RETRANSMIT)
    commit_retransmit (tcb, plan, tick);
  else
    commit_probe (tcb, plan);
}

static void
make_signal (Tcb *tcb, const TcpPlan *plan, int64_t tick, TcpSegment *s)
{
  TcpCounters *counters = tcp_counters (tcb);
  uint32_t edge = tcb->rcv_adv;
  bool says_again = plan->kind == TCP_PLAN_ACK && tcb->last_ack_sent == tcb->RcvNxt
                    && (tcb->bits & TCP_BIT_FIRST_ACK) == 0;
  tcb->bits &= ~(uint32_t)TCP_BIT_DUE_KEEPALIVE;
  fill_acknowledgment (tcb, s);
  fill_timestamp (tcb, tick, s);
  counters->keepalives += plan->kind == TCP_PLAN_KEEPALIVE;
  counters->duplicate_acks_out += says_again && edge == tcb->rcv_adv && s->window != 0;
}

/* Timers that a segment held back needs, so that something happens even if nothing arrives. */
static bool
needs_sws_timer (const Tcb *tcb, const TcpPlan *plan)
{
  return plan->blocked == TCP_PLAN_BLOCKED_BY_SWS
         && !tcp_timer_is_running (tcb, TCP_TIMER_SEND_SWS);
}

static bool
needs_slot (const Tcb *tcb)
{
  if (tcp_timer_is_running (tcb, TCP_TIMER_RETRANSMIT) || (tcb->bits & TCP_BIT_GAVE_UP) != 0)
    return false;
  TcpSlotUse use = tcp_slot_use (tcb);
  return use == TCP_SLOT_PERSIST || use == TCP_SLOT_RETRANSMIT;
}

static void
hold_back (Tcb *tcb, const TcpPlan *plan, int64_t tick)
{
  if (needs_sws_timer (tcb, plan))
    tcp_timer_set (tcb, TCP_TIMER_SEND_SWS, tick + tcb->config->sws_prevention_ticks);
  if (needs_slot (tcb))
    tcp_slot_restart (tcb, tick);
}

/* Established or so, nothing due, nothing queued, nothing outstanding: the receiving end of a bulk
 * transfer, most of the time. */
static bool
is_silent (const Tcb *tcb)
{
  return (tcb->bits & (TCP_BITS_DUE | TCP_BIT_FIN_QUEUED)) == 0 && tcb->send_end == tcb->SndUna
         && tcb->SndMax == tcb->SndUna;
}

static void
make (Tcb *tcb, const TcpPlan *plan, int64_t tick, TcpSegment *s)
{
  fill_header (tcb, plan->seq, s);
  switch (plan->kind) {
  case TCP_PLAN_RESET:
    make_reset (tcb, plan, tick, s);
    return;
  case TCP_PLAN_SYN:
    make_syn (tcb, tick, s);
    return;
  case TCP_PLAN_RETRANSMIT:
  case TCP_PLAN_PROBE:
  case TCP_PLAN_DATA:
    make_payload (tcb, plan, tick, s);
    return;
  case TCP_PLAN_ACK:
  case TCP_PLAN_KEEPALIVE:
    make_signal (tcb, plan, tick, s);
    return;
  case TCP_PLAN_NOTHING:
    break;
  }
  SIM_UNREACHABLE ();
}

static void
count (TcpCounters *counters, const TcpSegment *s)
{
  counters->segments_out++;
  counters->data_out += s->payload.bytes > 0;
  counters->zero_windows_out += s->window == 0 && (s->flags & (TCP_SYN | TCP_RST | TCP_FIN)) == 0;
}

bool
tcp_transmit (Tcb *tcb, uint32_t payload_limit, SimTime now, TcpSegment *ret_segment)
{
  if (is_silent (tcb))
    return false;
  int64_t tick = tcp_tick (tcb->config, now);
  if (tcb->SndMax == tcb->SndUna && tcb->send_end != tcb->SndUna)
    tcp_congestion_idle (tcb, tick);

  TcpPlan plan = tcp_plan (tcb, payload_limit);
  if (plan.kind == TCP_PLAN_NOTHING) {
    hold_back (tcb, &plan, tick);
    return false;
  }
  make (tcb, &plan, tick, ret_segment);
  count (tcp_counters (tcb), ret_segment);
  return true;
}

bool
tcp_transmit_is_due (const Tcb *tcb, G_GNUC_UNUSED SimTime now)
{
  if (is_silent (tcb))
    return false;
  TcpPlan plan = tcp_plan (tcb, 0);
  return plan.kind != TCP_PLAN_NOTHING || needs_sws_timer (tcb, &plan) || needs_slot (tcb);
}
