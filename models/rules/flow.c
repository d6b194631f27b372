#include "models/rules/flow.h"

#include <glib.h>

#include "models/rules/columns.h"
#include "models/tcp/offload_state.h"
#include "models/tcp/segment.h"

void
rule_flows_init (RuleFlows *flows)
{
  rule_table_init (&flows->table, sizeof (RuleFlow));
}

void
rule_flows_clear (RuleFlows *flows)
{
  rule_table_clear (&flows->table);
}

RuleFlow *
rule_flow_find (const RuleFlows *flows, uint32_t connection)
{
  return connection == UINT32_MAX ? NULL : rule_table_find (&flows->table, connection);
}

uint64_t
rule_flow_offset (const RuleFlowSide *side, uint32_t seq)
{
  uint32_t expected = side->base + (uint32_t)side->sent_end;
  int64_t offset = (int64_t)side->sent_end + tcp_seq_diff (seq, expected);
  return offset < 0 ? 0 : (uint64_t)offset;
}

static void
learn_base (RuleFlowSide *side, uint32_t base)
{
  side->base_known = true;
  side->base = base;
  if (side->has_claim)
    side->claimed_end = rule_flow_offset (side, side->claim_seq);
  if (side->claimed_end <= side->given_end)
    side->acked_end = side->claimed_end;
}

static void
on_send (RuleFlow *flow, const SimRecord *record, uint64_t at)
{
  const int64_t *c = record->column;
  RuleFlowSide *side = &flow->side[c[WIRE_SEND_DIRECTION] != 0];
  uint32_t seq = (uint32_t)c[WIRE_SEND_SEQ];
  uint64_t payload = (uint64_t)c[WIRE_SEND_PAYLOAD];

  if (payload > 0 && !side->base_known)
    learn_base (side, seq - (uint32_t)c[WIRE_SEND_OFFSET]);
  if (payload > 0 && (uint64_t)c[WIRE_SEND_OFFSET] + payload > side->sent_end) {
    side->sent_end = (uint64_t)c[WIRE_SEND_OFFSET] + payload;
    side->sent_at = at;
  }
  if ((c[WIRE_SEND_FLAGS] & TCP_FIN) != 0 && !side->fin_sent) {
    side->fin_sent = true;
    side->fin_seq = seq + (uint32_t)payload;
    side->fin_offset = side->base_known ? rule_flow_offset (side, side->fin_seq) : UINT64_MAX;
    side->fin_at = at;
  }
  if (c[WIRE_SEND_DIRECTION] != 0)
    return;
  if (c[WIRE_SEND_SENDER] == SIDE_TARGET)
    flow->target_wire = record->actor_id;
  /* The RST that answers a stray segment acknowledges that, and nothing of the connection. */
  if ((c[WIRE_SEND_FLAGS] & (TCP_ACK | TCP_RST)) == TCP_ACK) {
    uint32_t ack = (uint32_t)c[WIRE_SEND_ACK];
    if (!flow->ack_known || tcp_seq_at_or_before (flow->last_ack, ack)) {
      flow->last_ack = ack; /* the furthest: a queue lets ACKs overtake data */
      flow->last_ack_at = at;
    }
    flow->ack_known = true;
    flow->window_known = true;
    flow->window_end = ack + (uint32_t)c[WIRE_SEND_WINDOW];
    flow->received.is_owed =
        flow->received.is_owed && tcp_seq_before (flow->last_ack, flow->received.rcv_nxt);
  }
  if ((c[WIRE_SEND_FLAGS] & TCP_RST) != 0 && c[WIRE_SEND_SENDER] == SIDE_TARGET) {
    flow->target_sent_rst = true;
    flow->target_rst_at = at;
  }
}

/* A frame that was dropped has been sent, too, whether it got onto the wire or not. */
static void
on_drop (RuleFlow *flow, const SimRecord *record, uint64_t at)
{
  const int64_t *c = record->column;
  RuleFlowSide *side = &flow->side[c[WIRE_DROP_DIRECTION] != 0];

  if (c[WIRE_DROP_DIRECTION] == 0)
    flow->received.is_owed = false;
  if (c[WIRE_DROP_PAYLOAD] == 0 || !side->base_known)
    return;
  uint64_t end =
      rule_flow_offset (side, (uint32_t)c[WIRE_DROP_SEQ]) + (uint64_t)c[WIRE_DROP_PAYLOAD];
  if (end > side->sent_end) {
    side->sent_end = end;
    side->sent_at = at;
  }
}

/* An acknowledgment that arrived at the end that sends |side|. */
static void
on_ack (RuleFlowSide *side, uint32_t ack, SimTime when, uint64_t at)
{
  if (side->fin_sent && ack == side->fin_seq + 1)
    side->fin_acked = true;
  if (!side->base_known) {
    side->claim_seq =
        side->has_claim && tcp_seq_before (ack, side->claim_seq) ? side->claim_seq : ack;
    side->has_claim = true;
    return;
  }
  uint64_t offset = rule_flow_offset (side, ack);
  side->claimed_end = MAX (side->claimed_end, offset);
  if (offset > side->given_end)
    offset = MIN (offset, side->sent_end);
  if (offset > side->acked_end) {
    side->acked_end = offset;
    side->acked_at = at;
    side->acked_when = when;
  }
}

/* A segment that brings nothing new is answered and dropped, its acknowledgment unread (RFC 9293
 * 3.10.7.4). */
static bool
is_stale (const RuleFlow *flow, const SimRecord *record)
{
  const int64_t *c = record->column;
  uint32_t seq = (uint32_t)c[WIRE_ARRIVE_SEQ];
  uint32_t payload = (uint32_t)c[WIRE_ARRIVE_PAYLOAD];

  if ((!flow->received.is_known && !flow->ack_known) || c[WIRE_ARRIVE_DIRECTION] == 0)
    return false;
  uint32_t next = flow->received.is_known ? flow->received.rcv_nxt : flow->last_ack;
  if (flow->ack_known && tcp_seq_before (next, flow->last_ack))
    next = flow->last_ack; /* the host's, before the offload */
  return payload > 0 ? tcp_seq_at_or_before (seq + payload, next) : tcp_seq_before (seq, next);
}

static void
on_arrive (RuleFlow *flow, const SimRecord *record, uint64_t at)
{
  const int64_t *c = record->column;
  unsigned direction = c[WIRE_ARRIVE_DIRECTION] != 0;
  RuleFlowSide *side = &flow->side[direction];
  uint64_t payload = (uint64_t)c[WIRE_ARRIVE_PAYLOAD];

  if (side->base_known) {
    uint64_t offset = rule_flow_offset (side, (uint32_t)c[WIRE_ARRIVE_SEQ]);
    if (payload > 0 && offset + payload > side->arrived_end) {
      side->arrived_end = offset + payload;
      side->arrived_at = at;
    }
  }
  if ((c[WIRE_ARRIVE_FLAGS] & TCP_FIN) != 0)
    side->fin_arrived = true;
  if ((c[WIRE_ARRIVE_FLAGS] & TCP_ACK) != 0)
    on_ack (&flow->side[!direction], (uint32_t)c[WIRE_ARRIVE_ACK], record->when, at);
  if (flow->side[!direction].acked_at == at)
    flow->side[!direction].acked_by_stale = is_stale (flow, record);
  if (direction == 1 && (c[WIRE_ARRIVE_ODDITIES] & TCP_VLAN_TAGGED) != 0
      && c[WIRE_ARRIVE_VLAN_TAG] >> 13 != 0)
    flow->prioritized_at = at;
  if (direction == 1 && (c[WIRE_ARRIVE_FLAGS] & TCP_RST) != 0) {
    flow->peer_rst_arrived = true;
    flow->peer_rst_at = at;
  }
  if (direction == 1 && (c[WIRE_ARRIVE_FLAGS] & TCP_URG) != 0)
    flow->urgent_arrived = true;
  if (direction == 1 && payload > 0) {
    flow->last_arrival = record->when;
    if ((c[WIRE_ARRIVE_FLAGS] & TCP_PSH) != 0) {
      flow->push_seq = (uint32_t)(c[WIRE_ARRIVE_SEQ] + c[WIRE_ARRIVE_PAYLOAD]);
      if (!flow->has_push || tcp_seq_before (flow->push_end, flow->push_seq))
        flow->push_end = flow->push_seq;
      flow->has_push = true;
    }
  }
}

static void
on_give (RuleFlow *flow, const SimRecord *record)
{
  const int64_t *c = record->column;
  RuleFlowSide *side = &flow->side[c[APP_SEND_STREAM] & 1];

  side->given_end = MAX (side->given_end, (uint64_t)(c[APP_SEND_OFFSET] + c[APP_SEND_BYTES]));
}

static RuleFlow *
need_flow (RuleFlows *flows, uint32_t connection)
{
  RuleFlow *flow = rule_flow_find (flows, connection);

  if (flow != NULL)
    return flow;
  flow = rule_table_add (&flows->table, connection);
  flow->connection = connection;
  flow->target_state = -1;
  return flow;
}

void
rule_flows_set_object (RuleFlows *flows, uint32_t connection, uint32_t object)
{
  if (connection == UINT32_MAX)
    return;
  RuleFlow *flow = need_flow (flows, connection);
  flow->object = object;
  flow->push = (RulePush){ 0 };
  flow->received = (RuleReceived){ 0 };
  flow->backlog = (RuleBacklog){ 0 };
  flow->given_up_at = 0;
  flow->urgent = (RuleUrgent){ 0 };
  flow->unusual = (RuleUnusual){ 0 };
  flow->time_wait_at = 0;
  flow->cpu_known = false;
}

static void
on_push_timer (RuleFlow *flow, const SimRecord *record, uint64_t at)
{
  const int64_t *c = record->column;
  RulePush *push = &flow->push;
  bool is_partial = c[PUSH_TIMER_NBL] != 0 && c[PUSH_TIMER_FILLED] > 0 && !c[PUSH_TIMER_NO_PUSH];

  push->is_running = c[PUSH_TIMER_WHAT] == RULE_PUSH_STARTED;
  push->at = at;
  push->nbl = (uint32_t)c[PUSH_TIMER_NBL];
  push->is_unserved = push->is_unserved || c[PUSH_TIMER_WHAT] == RULE_PUSH_EXPIRED;
  if (c[PUSH_TIMER_WHAT] != RULE_PUSH_EXPIRED || !is_partial)
    return;
  push->due_nbl = push->nbl;
  push->due_at = at;
  push->due_when = record->when;
}

static void
on_received (RuleFlow *flow, const SimRecord *record, uint64_t at)
{
  const int64_t *c = record->column;
  RuleReceived *received = &flow->received;
  uint32_t rcv_nxt = (uint32_t)c[RECEIVED_RCV_NXT];
  bool is_unacked = flow->ack_known && tcp_seq_before (flow->last_ack, rcv_nxt);

  if (is_unacked && !received->is_owed)
    received->owed_when = record->when;
  received->is_owed = is_unacked;
  received->is_known = true;
  received->rcv_nxt = rcv_nxt;
  received->held = (uint32_t)c[RECEIVED_HELD];
  received->snd_una = (uint32_t)c[RECEIVED_SND_UNA];
  received->at = at;
}

static void
on_backlog (RuleFlow *flow, const SimRecord *record, uint64_t at)
{
  const int64_t *c = record->column;

  flow->backlog = (RuleBacklog){ .is_held = c[BACKLOG_DUE] >= 0,
                                 .bytes = c[BACKLOG_BYTES],
                                 .due = { MAX (c[BACKLOG_DUE], 0) },
                                 .at = at };
}

/* From a reset that was taken, and from urgent data that was left to the host, on the target processes
 * no more. */
static void
on_target_segment (RuleFlow *flow, const SimRecord *record, uint64_t at)
{
  const int64_t *c = record->column;
  bool is_raw = c[TARGET_SEGMENT_VERDICT] == 1;
  bool is_reset =
      (c[TARGET_SEGMENT_FLAGS] & TCP_RST) != 0 && flow->target_state == TcpConnectionClosed;

  if (flow->given_up_at == 0 && (is_reset || (is_raw && (c[TARGET_SEGMENT_FLAGS] & TCP_URG) != 0)))
    flow->given_up_at = at;
}

void
rule_flows_on_delivery (RuleFlows *flows, const SimRecord *record, uint64_t at)
{
  uint32_t connection = (uint32_t)record->column[1];

  if (connection == UINT32_MAX)
    return;
  if (record->kind == TRACE_PUSH_TIMER)
    on_push_timer (need_flow (flows, connection), record, at);
  else if (record->kind == TRACE_TARGET_SEGMENT)
    on_target_segment (need_flow (flows, connection), record, at);
  else if (record->kind == TRACE_BACKLOG)
    on_backlog (need_flow (flows, connection), record, at);
  else
    on_received (need_flow (flows, connection), record, at);
}

static void
on_state (RuleFlow *flow, const SimRecord *record, uint64_t at)
{
  flow->target_state = (int8_t)record->column[CONNECTION_STATE_TO];
  flow->time_wait_at = flow->target_state == TcpConnectionTimeWait ? at : 0;
  flow->time_wait_when = record->when;
}

void
rule_flows_on_record (RuleFlows *flows, const SimRecord *record, uint64_t at)
{
  uint32_t connection = (uint32_t)record->column[0];

  if (connection == UINT32_MAX)
    return;
  RuleFlow *flow = need_flow (flows, connection);
  if (record->kind == TRACE_APP_SEND) {
    on_give (flow, record);
    return;
  }
  flow->has_traffic = flow->has_traffic || record->kind != TRACE_CONNECTION_STATE;
  if (record->kind == TRACE_WIRE_SEND)
    on_send (flow, record, at);
  else if (record->kind == TRACE_WIRE_ARRIVE)
    on_arrive (flow, record, at);
  else if (record->kind == TRACE_WIRE_DROP)
    on_drop (flow, record, at);
  else if (record->column[CONNECTION_STATE_SIDE] == SIDE_TARGET)
    on_state (flow, record, at);
}
