/* RBUF: received data that goes with a connection, down and up. */
#include "models/rules/families.h"

#include "models/tcp/segment.h"

/* What came with the initiate waits for a receive. */
static void
judge_indication (RuleBook *book, const RuleCrossing *x)
{
  const RuleObject *object = rule_object_at (book, x->object, x);

  if (object == NULL || object->buffered_bytes == 0)
    return;
  if (!rule_test (book, RULE_RBUF_06, object->has_posted))
    rule_report (book, RULE_RBUF_06,
                 &(RuleProof){ .object = x->object, .at = { object->initiated_at, x->at } },
                 "buffered data of object %u is indicated before a receive was posted", x->object);
}

/* Delivered up to here, the rest handed back: together they reach RcvNxt. */
static void
judge_hand_back (RuleBook *book, const RuleCrossing *x)
{
  for (uint32_t i = 0; i < x->n_nodes; i++) {
    const RuleNode *node = &x->nodes[i];
    const RuleObject *object = rule_object_at (book, node->object, x);
    const RuleFlow *flow = rule_flow_of_object (book, node->object);
    if (object == NULL || !object->deliver_seq_known || node->state < 0
        || node->status != NDIS_STATUS_SUCCESS || object->aborted || object->abortive)
      continue;
    const RuleNodeState *state = &x->states[node->state];
    uint32_t rcv_nxt = (uint32_t)state->column[TCP_STATE_RCV_NXT];
    uint32_t buffered = (uint32_t)state->column[TCP_STATE_BUFFERED_BYTES];
    int32_t missing = tcp_seq_diff (rcv_nxt, object->deliver_seq + buffered);
    bool has_fin = flow != NULL && flow->side[1].fin_arrived;
    RuleProof proof = { .object = node->object,
                        .op = x->op,
                        .at = { object->initiated_at, object->last_upcall_at, x->at, state->at } };
    if (!rule_test (book, RULE_RBUF_10, missing <= (has_fin ? 1 : 0)))
      rule_report (
          book, RULE_RBUF_10, &proof,
          "%d bytes that object %u had acknowledged were neither delivered nor handed back",
          missing, node->object);
    if (!rule_test (book, RULE_DLV_07, missing <= (has_fin ? 1 : 0)))
      rule_report (book, RULE_DLV_07, &proof, "%d bytes that object %u had taken are lost", missing,
                   node->object);
    if (!rule_test (book, RULE_TCPV_14, missing >= 0 && missing <= (has_fin ? 1 : 0)))
      rule_report (book, RULE_TCPV_14, &proof,
                   "object %u hands back %d bytes fewer than it has not delivered", node->object,
                   missing);
    if (!rule_test (book, RULE_RBUF_13, missing >= 0))
      rule_report (book, RULE_RBUF_13, &proof,
                   "%d bytes that object %u hands back were delivered before", -missing,
                   node->object);
  }
}

static const RuleCallHook calls[] = {
  { RULE_SET (RULE_INDICATE), RULE_UP_CALL, RULE_AT_BEGIN, judge_indication },
  { RULE_SET (RULE_TERMINATE), RULE_UP_CALL, RULE_AT_BEGIN, judge_hand_back },
};

const RuleFamily rule_family_rbuf = { "RBUF", calls, G_N_ELEMENTS (calls), NULL, 0, NULL };
