/* INIT: what may happen while an initiate is under way, and how it ends. */
#include "models/rules/families.h"

#include "models/tcp/offload_state.h"
#include "models/tcp/segment.h"

static void
judge_begin_of_walk (RuleBook *book, const SimRecord *record)
{
  uint32_t id = (uint32_t)record->column[CONTEXT_NEW_OP];
  const RuleOp *op = rule_op_find (&book->ops, id, book->crossings.target_layer);

  if (op != NULL && op->verb == RULE_INITIATE
      && !rule_test (book, RULE_INIT_01, op->handler_returned))
    rule_report (book, RULE_INIT_01, &(RuleProof){ .op = id, .at = { op->handled_at, book->at } },
                 "the target walks operation %u before MiniportInitiateOffload has returned", id);
}

static void
judge_data_indication (RuleBook *book, const RuleCrossing *x)
{
  const RuleObject *object = rule_object_at (book, x->object, x);

  if (object == NULL || object->phase == RULE_OBJECT_FAILED)
    return;
  if (!rule_test (book, RULE_INIT_03, object->settled))
    rule_report (
        book, RULE_INIT_03,
        &(RuleProof){ .object = x->object, .at = { object->initiated_at, object->live_at, x->at } },
        "data is indicated on object %u before the completion of its initiate has returned",
        x->object);
}

/* Data that the target took while its initiate was under way goes up the chimney, not beside it. */
static void
judge_raw_segment (RuleBook *book, const SimRecord *record)
{
  const int64_t *c = record->column;
  const RuleContext *context = rule_context_find (&book->contexts, c[TARGET_SEGMENT_CONTEXT]);
  const RuleFlow *flow = rule_flow_find (&book->flows, (uint32_t)c[TARGET_SEGMENT_CONNECTION]);
  RuleObject *object = context == NULL ? NULL
                                       : rule_object_find (&book->objects, context->object,
                                                           book->crossings.target_layer);

  if (object == NULL || object->phase != RULE_OBJECT_INITIATING || !context->is_live
      || context->live_at < object->initiated_at) /* of an offload before this one */
    return;
  if ((c[TARGET_SEGMENT_FLAGS] & TCP_URG) != 0)
    object->urgent = true;
  bool is_reset = flow != NULL && flow->target_state == TcpConnectionClosed;
  if (object->urgent || object->corrupted || is_reset || c[TARGET_SEGMENT_PAYLOAD] == 0
      || rule_object_is_under_invalid (&book->objects, object)
      || (c[TARGET_SEGMENT_FLAGS] & (TCP_SYN | TCP_RST)) != 0)
    return;
  if (!rule_test (book, RULE_INIT_04, c[TARGET_SEGMENT_VERDICT] != 1))
    rule_report (book, RULE_INIT_04,
                 &(RuleProof){ .object = object->id, .at = { context->live_at, book->at } },
                 "a segment with data is passed up raw although object %u is live in the target",
                 object->id);
}

static void
judge_new_node (RuleBook *book, const RuleCrossing *x, const RuleNode *node)
{
  const RuleObject *object = rule_object_at (book, node->object, x);

  bool holds = object == NULL
               || (object->phase != RULE_OBJECT_INITIATING && !rule_object_is_held (object))
               || (object->phase == RULE_OBJECT_INITIATING && object->initiate_op == x->op);
  if (!rule_test (book, RULE_INIT_07, holds))
    rule_report (book, RULE_INIT_07,
                 &(RuleProof){ .object = node->object,
                               .op = x->op,
                               .at = { object->initiated_at, x->at, node->at } },
                 "an initiate is called for object %u, which is %s", node->object,
                 rule_object_phase_name ((RuleObjectPhase)object->phase));
}

static bool
may_be_offloaded (int64_t state)
{
  return state >= TcpConnectionEstablished && state <= TcpConnectionLastAck;
}

static void
judge_new_tcp_state (RuleBook *book, const RuleCrossing *x, const RuleNode *node)
{
  const RuleNodeState *state = &x->states[node->state];
  const int64_t *c = state->column;
  RuleProof proof = { .object = node->object, .op = x->op, .at = { x->at, node->at, state->at } };

  if (!rule_test (book, RULE_INIT_12, may_be_offloaded (c[TCP_STATE_STATE])))
    rule_report (book, RULE_INIT_12, &proof, "a connection is offloaded in state %d",
                 (int)c[TCP_STATE_STATE]);
  if (!rule_test (book, RULE_INIT_13,
                  tcp_seq_at_or_before ((uint32_t)c[TCP_STATE_SND_UNA],
                                        (uint32_t)c[TCP_STATE_SND_NXT])
                      && tcp_seq_at_or_before ((uint32_t)c[TCP_STATE_SND_NXT],
                                               (uint32_t)c[TCP_STATE_SND_MAX])))
    rule_report (book, RULE_INIT_13, &proof,
                 "SndUna, SndNxt and SndMax of object %u are not in order", node->object);
}

static void
judge_initiate (RuleBook *book, const RuleCrossing *x)
{
  for (uint32_t i = 0; i < x->n_nodes; i++) {
    const RuleNode *node = &x->nodes[i];
    if (node->role != RULE_NEW)
      continue;
    judge_new_node (book, x, node);
    if (node->state >= 0 && x->states[node->state].kind == TRACE_TCP_STATE)
      judge_new_tcp_state (book, x, node);
  }
}

/* Calls for a connection that is being offloaded. */
static void
judge_request (RuleBook *book, const RuleCrossing *x)
{
  const RuleObject *object = rule_object_at (book, x->object, x);
  RuleId rule = x->verb == RULE_DISCONNECT ? RULE_INIT_10 : RULE_INIT_08;

  if (object == NULL)
    return;
  if (!rule_test (book, rule, object->phase != RULE_OBJECT_INITIATING))
    rule_report (book, rule,
                 &(RuleProof){ .object = x->object, .at = { object->initiated_at, x->at } },
                 "%s is called for object %u, which is being offloaded", trace_call_name (x->call),
                 x->object);
}

static void
judge_operation (RuleBook *book, const RuleCrossing *x)
{
  for (uint32_t i = 0; i < x->n_nodes; i++) {
    const RuleNode *node = &x->nodes[i];
    const RuleObject *object = rule_object_at (book, node->object, x);
    if (object == NULL || node->role == RULE_PLACEHOLDER)
      continue;
    if (!rule_test (book, RULE_INIT_09, object->phase != RULE_OBJECT_INITIATING))
      rule_report (book, RULE_INIT_09,
                   &(RuleProof){ .object = node->object,
                                 .op = x->op,
                                 .at = { object->initiated_at, x->at, node->at } },
                   "%s names object %u, which is being offloaded", trace_call_name (x->call),
                   node->object);
  }
}

static bool
is_refused (const RuleOp *op, const RuleNode *node)
{
  return op->nodes[node->index].role != RULE_PLACEHOLDER
         && !rule_status_is_offloaded (node->status);
}

/* A failed root ends the walk. */
static void
judge_failed_root (RuleBook *book, const RuleCrossing *x, const RuleOp *op)
{
  for (uint32_t i = 1; i < x->n_nodes; i++) {
    const RuleNode *node = &x->nodes[i];
    if (op->nodes[i].role != RULE_NEW)
      continue;
    bool holds = node->context == 0 && !rule_status_is_offloaded (node->status);
    if (!rule_test (book, RULE_INIT_14, holds))
      rule_report (book, RULE_INIT_14,
                   &(RuleProof){ .op = x->op, .at = { x->at, x->nodes[0].at, node->at } },
                   "object %u was offloaded although the root of its tree failed", node->object);
  }
}

/* What a refused connection brought comes back as it went down. */
static void
judge_returned_data (RuleBook *book, const RuleCrossing *x, const RuleOp *op, uint32_t index)
{
  const RuleNode *node = &x->nodes[index];
  const RuleOpNode *sent = &op->nodes[index];

  if (rule_status_is_offloaded (node->status))
    return;
  for (uint32_t i = 0; i < MIN (node->n_sends, sent->n_sends); i++) {
    const RuleNbl *nbl = &x->nbls[node->first_nbl + i];
    const RuleNbl *before = &op->nbls[sent->first_nbl + i];
    if (!rule_test (book, RULE_INIT_18, nbl->id == before->id && nbl->status == before->status))
      rule_report (book, RULE_INIT_18,
                   &(RuleProof){ .object = node->object,
                                 .op = x->op,
                                 .at = { before->at, x->at, node->at, nbl->at } },
                   "buffer list %u of the refused object %u comes back with %s", nbl->id,
                   node->object, rule_status_name (nbl->status));
  }
}

static void
judge_results (RuleBook *book, const RuleCrossing *x)
{
  const RuleOp *op = rule_op_of (book, x);

  if (op == NULL || x->n_nodes != op->n_nodes || x->n_nodes == 0)
    return;
  if (op->nodes[0].role == RULE_NEW && is_refused (op, &x->nodes[0]))
    judge_failed_root (book, x, op);
  for (uint32_t i = 0; i < x->n_nodes; i++)
    judge_returned_data (book, x, op, i);
  for (uint32_t i = 1; i < x->n_nodes; i++) {
    const RuleNode *node = &x->nodes[i];
    if (node->parent < 0 || op->nodes[i].role == RULE_PLACEHOLDER || node->parent >= (int32_t)i)
      continue;
    const RuleNode *parent = &x->nodes[node->parent];
    if (op->nodes[node->parent].role != RULE_NEW || !is_refused (op, parent))
      continue;
    if (!rule_test (book, RULE_INIT_15, node->status == NDIS_STATUS_FAILURE && node->context == 0))
      rule_report (book, RULE_INIT_15,
                   &(RuleProof){ .op = x->op, .at = { x->at, parent->at, node->at } },
                   "node %u depends on a node that failed and reports %s", i,
                   rule_status_name (node->status));
  }
}

/* The send data of a connection that was refused stays the host's. */
static void
judge_send_completion (RuleBook *book, const RuleCrossing *x)
{
  for (uint32_t i = 0; i < x->n_nbls; i++) {
    const RuleNbl *nbl = &x->nbls[i];
    const RuleObject *object = rule_object_at (book, nbl->object, x);
    if (object == NULL)
      continue;
    if (!rule_test (book, RULE_INIT_19, object->phase != RULE_OBJECT_FAILED))
      rule_report (book, RULE_INIT_19,
                   &(RuleProof){ .object = nbl->object,
                                 .at = { object->ended_at, x->at, nbl->at } },
                   "send data of object %u is completed although its offload failed", nbl->object);
  }
}

/* NDIS let nobody hear of it: the caller did not hold what it completed. */
static void
judge_unheard_completion (RuleBook *book, const RuleCrossing *x)
{
  const RuleObject *object = rule_object_at (book, x->object, x);

  if (x->status != NDIS_STATUS_INVALID_STATE || object == NULL
      || object->phase != RULE_OBJECT_FAILED)
    return;
  rule_test (book, RULE_INIT_19, false);
  rule_report (book, RULE_INIT_19,
               &(RuleProof){ .object = x->object, .at = { object->ended_at, x->at } },
               "send data of object %u is completed although its offload failed", x->object);
}

static const RuleCallHook calls[] = {
  { RULE_SET (RULE_INITIATE), RULE_DOWN_HANDLER, RULE_AT_BEGIN, judge_initiate },
  { RULE_SET (RULE_INITIATE), RULE_UP_CALL, RULE_AT_BEGIN, judge_results },
  { RULE_SET (RULE_INDICATE), RULE_UP_CALL, RULE_AT_BEGIN, judge_data_indication },
  { RULE_SET_IO, RULE_DOWN_CALL, RULE_AT_BEGIN, judge_request },
  { RULE_SET_IO, RULE_DOWN_HANDLER, RULE_AT_BEGIN, judge_request },
  { RULE_SET_STATE & ~RULE_SET (RULE_INITIATE), RULE_DOWN_HANDLER, RULE_AT_BEGIN, judge_operation },
  { RULE_SET (RULE_SEND), RULE_UP_CALL, RULE_AT_BEGIN, judge_send_completion },
  { RULE_SET (RULE_SEND), RULE_UP_CALL, RULE_AT_END, judge_unheard_completion },
};

static const RuleRecordHook records[] = {
  { TRACE_CONTEXT_NEW, judge_begin_of_walk },
  { TRACE_TARGET_SEGMENT, judge_raw_segment },
};

const RuleFamily rule_family_init = {
  "INIT", calls, G_N_ELEMENTS (calls), records, G_N_ELEMENTS (records), NULL
};
