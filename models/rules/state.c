/* STATE, TCPV, INV, UPD: which state may be behind which node. */
#include "models/rules/families.h"

#include "models/ndis/block_list.h"
#include "models/tcp/segment.h"

static bool
has_const (int64_t type)
{
  return type == NeighborOffloadConstState || type == Ip4OffloadConstState
         || type == Ip6OffloadConstState || type == TcpOffloadConstState
         || type == NeighborOffloadState || type == Ip4OffloadState || type == Ip6OffloadState
         || type == TcpOffloadState;
}

static bool
has_delegated (int64_t type)
{
  return type == NeighborOffloadDelegatedState || type == Ip4OffloadDelegatedState
         || type == Ip6OffloadDelegatedState || type == TcpOffloadDelegatedState
         || type == NeighborOffloadState || type == Ip4OffloadState || type == Ip6OffloadState
         || type == TcpOffloadState;
}

static void
judge_update (RuleBook *book, const RuleCrossing *x)
{
  for (uint32_t i = 0; i < x->n_nodes; i++) {
    const RuleNode *node = &x->nodes[i];
    RuleProof proof = { .object = node->object, .op = x->op, .at = { x->at, node->at } };
    const char *type = block_list_type_name ((OFFLOAD_STATE_TYPE)node->type);
    if (!node->has_state || node->role == RULE_PLACEHOLDER)
      continue;
    if (!rule_test (book, RULE_STATE_01, !has_const (node->type)))
      rule_report (book, RULE_STATE_01, &proof, "an update carries %s", type);
    if (!rule_test (book, RULE_STATE_03, !has_delegated (node->type)))
      rule_report (book, RULE_STATE_03, &proof, "an update carries %s", type);
  }
}

static void
judge_invalidate (RuleBook *book, const RuleCrossing *x)
{
  for (uint32_t i = 0; i < x->n_nodes; i++)
    if (!rule_test (book, RULE_INV_01, !x->nodes[i].has_state))
      rule_report (book, RULE_INV_01, &(RuleProof){ .op = x->op, .at = { x->at, x->nodes[i].at } },
                   "node %u of an invalidate carries state", i);
}

static void
judge_tcp_states (RuleBook *book, const RuleCrossing *x)
{
  for (uint32_t i = 0; i < x->n_states; i++) {
    const RuleNodeState *state = &x->states[i];
    const int64_t *c = state->column;
    if (state->kind != TRACE_TCP_STATE)
      continue;
    uint32_t una = (uint32_t)c[TCP_STATE_SND_UNA];
    uint32_t nxt = (uint32_t)c[TCP_STATE_SND_NXT];
    uint32_t max = (uint32_t)c[TCP_STATE_SND_MAX];
    RuleProof proof = { .object = (uint32_t)c[TCP_STATE_OBJECT],
                        .op = x->op,
                        .at = { x->at, state->at } };
    if (!rule_test (book, RULE_TCPV_16,
                    tcp_seq_at_or_before (una, nxt) && tcp_seq_at_or_before (nxt, max)))
      rule_report (book, RULE_TCPV_16, &proof,
                   "SndUna %u, SndNxt %u and SndMax %u are not in order", una, nxt, max);
    if (x->verb == RULE_INITIATE
        && !rule_test (book, RULE_TCPV_05,
                       c[TCP_STATE_STATE] >= TcpConnectionEstablished
                           && c[TCP_STATE_STATE] <= TcpConnectionLastAck))
      rule_report (book, RULE_TCPV_05, &proof, "a connection is offloaded in state %d",
                   (int)c[TCP_STATE_STATE]);
  }
}

/* The retransmit timer's slot: data in flight, FIN_WAIT_2, TIME_WAIT, a window that is closed. */
static void
judge_delta (RuleBook *book, const RuleCrossing *x, const RuleNode *node, RuleId rule)
{
  const int64_t *state = x->states[node->state].column;
  const int64_t *rest = x->states[node->delegated].column;
  bool is_stopped = rest[TCP_DELEGATED_RETRANSMIT_DELTA] == -1;
  bool is_outstanding = state[TCP_STATE_SND_UNA] != state[TCP_STATE_SND_MAX];
  int64_t connection_state = state[TCP_STATE_STATE];
  RuleProof proof = { .object = node->object,
                      .op = x->op,
                      .at = { x->at, x->states[node->state].at, x->states[node->delegated].at } };

  if (connection_state == TcpConnectionClosed)
    return;
  bool has_use = is_outstanding || connection_state == TcpConnectionFinWait2
                 || connection_state == TcpConnectionTimeWait || rest[TCP_DELEGATED_SND_WND] == 0;
  if (!rule_test (book, rule, is_stopped ? !is_outstanding : has_use))
    rule_report (book, rule, &proof,
                 is_stopped ? "object %u has data in flight and its retransmit timer is not running"
                            : "object %u has nothing in flight and its retransmit timer is running",
                 node->object);
}

static void
judge_timers (RuleBook *book, const RuleCrossing *x)
{
  for (uint32_t i = 0; i < x->n_nodes; i++) {
    const RuleNode *node = &x->nodes[i];
    const RuleObject *object = rule_object_at (book, node->object, x);
    if (node->layer != RULE_TCP || node->state < 0 || node->delegated < 0)
      continue;
    if (x->verb == RULE_INITIATE) {
      judge_delta (book, x, node, RULE_TCPV_15);
      judge_delta (book, x, node, RULE_STATE_26);
      continue;
    }
    if (node->status != NDIS_STATUS_SUCCESS || !rule_is_target (book, x) || object == NULL
        || object->aborted || object->abortive || object->upload_asked)
      continue;
    judge_delta (book, x, node, RULE_QRY_10);
    judge_delta (book, x, node, RULE_TIMER_13);
  }
}

/* Reserved flags come back as they went. */
static void
judge_flags (RuleBook *book, const RuleCrossing *x)
{
  for (uint32_t i = 0; i < x->n_nodes; i++) {
    const RuleNode *node = &x->nodes[i];
    const RuleObject *object = rule_object_at (book, node->object, x);
    if (node->delegated < 0 || node->status != NDIS_STATUS_SUCCESS || object == NULL
        || object->flags_at == 0)
      continue;
    const RuleNodeState *rest = &x->states[node->delegated];
    int64_t flags = rest->column[TCP_DELEGATED_FLAGS];
    if (!rule_test (book, RULE_STATE_28, flags == object->reserved_flags))
      rule_report (book, RULE_STATE_28,
                   &(RuleProof){ .object = node->object,
                                 .op = x->op,
                                 .at = { object->flags_at, x->at, node->at, rest->at } },
                   "object %u was handed over with reserved flags %d and has %d", node->object,
                   (int)object->reserved_flags, (int)flags);
  }
}

/* Invalid objects are all terminated in the end. */
static void
judge_end (RuleBook *book)
{
  for (uint32_t slot = 0; slot < book->objects.table.n_slots; slot++) {
    const RuleObject *object = rule_table_at (&book->objects.table, slot, NULL);
    if (object == NULL || !object->invalid)
      continue;
    bool is_open = object->phase == RULE_OBJECT_LIVE
                   && rule_is_overdue (book, object->invalidated, book->objects.longest);
    if (!rule_test (book, RULE_INV_06, !is_open))
      rule_report (book, RULE_INV_06,
                   &(RuleProof){ .object = object->id, .at = { object->live_at } },
                   "object %u was invalidated and never terminated", object->id);
  }
}

static const RuleCallHook calls[] = {
  { RULE_SET (RULE_INITIATE), RULE_DOWN_HANDLER, RULE_AT_BEGIN, judge_timers },
  { RULE_SET (RULE_TERMINATE) | RULE_SET (RULE_QUERY), RULE_UP_CALL, RULE_AT_BEGIN, judge_timers },
  { RULE_SET (RULE_TERMINATE) | RULE_SET (RULE_QUERY), RULE_UP_CALL, RULE_AT_BEGIN, judge_flags },
  { RULE_SET (RULE_UPDATE), RULE_DOWN_HANDLER, RULE_AT_BEGIN, judge_update },
  { RULE_SET (RULE_INVALIDATE), RULE_DOWN_HANDLER, RULE_AT_BEGIN, judge_invalidate },
  { RULE_SET (RULE_INITIATE), RULE_DOWN_HANDLER, RULE_AT_BEGIN, judge_tcp_states },
  { RULE_SET (RULE_TERMINATE) | RULE_SET (RULE_QUERY), RULE_UP_CALL, RULE_AT_BEGIN,
    judge_tcp_states },
};

const RuleFamily rule_family_state = { "STATE", calls, G_N_ELEMENTS (calls), NULL, 0, judge_end };
