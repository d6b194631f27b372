/* SDATA: send data that goes with a connection, down and up. */
#include "models/rules/families.h"

#include "models/tcp/segment.h"

/* Head, tail and chain name the same data. */
static void
judge_pointers (RuleBook *book, const RuleCrossing *x, RuleId rule)
{
  for (uint32_t i = 0; i < x->n_nodes; i++) {
    const RuleNode *node = &x->nodes[i];
    if (node->layer != RULE_TCP || node->chain_nbl == 0 || node->state < 0)
      continue;
    const RuleNodeState *state = &x->states[node->state];
    bool holds = state->column[TCP_STATE_HEAD_NBL] == node->chain_nbl
                 && state->column[TCP_STATE_TAIL_NBL] != 0;
    RuleProof proof = { .object = node->object, .op = x->op, .at = { x->at, node->at, state->at } };
    if (!rule_test (book, rule, holds))
      rule_report (book, rule, &proof,
                   "the chain of object %u begins with buffer list %u, SendDataHead with %d",
                   node->object, node->chain_nbl, (int)state->column[TCP_STATE_HEAD_NBL]);
    if (!rule_test (book, RULE_TCPV_11, holds))
      rule_report (book, RULE_TCPV_11, &proof,
                   "SendDataHead and SendDataTail of object %u do not delimit its chain",
                   node->object);
  }
}

static void
judge_hand_over (RuleBook *book, const RuleCrossing *x)
{
  judge_pointers (book, x, RULE_SDATA_02);
}

/* The first byte of a chain is the one at SndUna. */
static void
judge_first_byte (RuleBook *book, const RuleNbl *first, uint32_t snd_una, const RuleFlow *flow,
                  const RuleProof *proof)
{
  const RuleFlowSide *side = &flow->side[0];

  if (first->stream < 0 || first->bytes == 0 || !side->base_known)
    return;
  uint64_t offset = rule_flow_offset (side, snd_una);
  if (!rule_test (book, RULE_SDATA_07, (uint64_t)first->offset == offset))
    rule_report (book, RULE_SDATA_07, proof,
                 "the chain of object %u begins with byte %d, SndUna is byte %" G_GUINT64_FORMAT,
                 proof->object, (int)first->offset, offset);
}

/* All that the application gave and the peer has not acknowledged goes along. */
static void
judge_amount (RuleBook *book, const RuleObject *object, const RuleOpNode *node,
              const RuleFlow *flow, const RuleProof *proof)
{
  const RuleFlowSide *side = &flow->side[0];
  const RuleStream *stream = rule_stream_find (&book->bytes, flow->connection, 0);

  if (!side->base_known || stream == NULL || stream->hand_over_at == 0)
    return;
  uint64_t acked = rule_flow_offset (side, object->snd_una);
  uint64_t expected = stream->given_at_hand_over > acked ? stream->given_at_hand_over - acked : 0;
  if (!rule_test (book, RULE_SDATA_01, (uint64_t)node->chain_bytes == expected))
    rule_report (
        book, RULE_SDATA_01, proof,
        "object %u is handed down with %d bytes to send, outstanding are %" G_GUINT64_FORMAT,
        object->id, (int)node->chain_bytes, expected);
}

/* A connection is live in the target: its send data is judged as it was handed down. */
static void
judge_live (RuleBook *book, const SimRecord *record)
{
  uint32_t id = (uint32_t)record->column[CONTEXT_LIVE_OBJECT];
  const RuleObject *object = rule_object_find (&book->objects, id, book->crossings.target_layer);
  RuleOp *op = object == NULL ? NULL : rule_op_find (&book->ops, object->initiate_op, object->edge);
  const RuleFlow *flow =
      rule_flow_find (&book->flows, (uint32_t)record->column[CONTEXT_LIVE_CONNECTION]);
  uint32_t index = op == NULL ? UINT32_MAX : rule_op_node_of (op, id, 0);

  if (flow == NULL || index == UINT32_MAX || object->state_at == 0)
    return;
  const RuleOpNode *node = &op->nodes[index];
  RuleProof proof = { .object = id, .op = op->id, .at = { node->at, object->state_at } };
  judge_amount (book, object, node, flow, &proof);
  if (node->n_sends == 0)
    return;
  proof.at[2] = op->nbls[node->first_nbl].at;
  judge_first_byte (book, &op->nbls[node->first_nbl], object->snd_una, flow, &proof);
}

/* What is handed back is what is outstanding, in its order. */
static void
judge_order (RuleBook *book, const RuleCrossing *x, const RuleNode *node, const RuleObject *object)
{
  uint32_t expected = object->first[RULE_PENDING_SEND];

  for (uint32_t i = 0; i < node->n_sends; i++) {
    const RuleNbl *nbl = &x->nbls[node->first_nbl + i];
    const RuleBuffer *given = rule_buffer_find (&book->buffers, nbl->id, x->edge);
    const RuleBuffer *due = rule_buffer_find (&book->buffers, expected, x->edge);
    RuleProof proof = { .object = node->object, .op = x->op, .at = { x->at, node->at, nbl->at } };
    bool is_known = given != NULL && given->verb == RULE_SEND && given->object == node->object;
    if (!rule_test (book, RULE_SDATA_14, is_known)) {
      rule_report (book, RULE_SDATA_14, &proof,
                   "object %u hands back buffer list %u, which is not outstanding", node->object,
                   nbl->id);
      return;
    }
    proof.at[3] = given->at;
    RuleId rule =
        given->handed_over || (due != NULL && due->handed_over) ? RULE_SDATA_16 : RULE_SDATA_15;
    if (!rule_test (book, rule, given == due)) {
      rule_report (book, rule, &proof,
                   "object %u hands back buffer list %u, the next to come is %u", node->object,
                   nbl->id, expected);
      return;
    }
    expected = given->next;
  }
}

static void
judge_hand_back_node (RuleBook *book, const RuleCrossing *x, const RuleNode *node)
{
  const RuleObject *object = rule_object_at (book, node->object, x);
  RuleProof proof = { .object = node->object, .op = x->op, .at = { x->at, node->at } };

  if (object == NULL || object->layer != RULE_TCP || node->status != NDIS_STATUS_SUCCESS)
    return;
  uint32_t sends = object->pending[RULE_PENDING_SEND];
  if (sends == 0 && !rule_test (book, RULE_SDATA_19, node->chain_nbl == 0))
    rule_report (book, RULE_SDATA_19, &proof,
                 "object %u has no send outstanding and hands back a chain", node->object);
  if (sends > 0)
    judge_order (book, x, node, object);
}

static void
judge_hand_back (RuleBook *book, const RuleCrossing *x)
{
  judge_pointers (book, x, RULE_SDATA_17);
  for (uint32_t i = 0; i < x->n_nodes; i++) {
    const RuleNode *node = &x->nodes[i];
    judge_hand_back_node (book, x, node);
    if (node->chain_nbl == 0 || node->state < 0)
      continue;
    const RuleFlow *flow = rule_flow_of_object (book, node->object);
    if (node->n_sends > 0 && flow != NULL) {
      const RuleNodeState *state = &x->states[node->state];
      const RuleNbl *first = &x->nbls[node->first_nbl];
      judge_first_byte (book, first, (uint32_t)state->column[TCP_STATE_SND_UNA], flow,
                        &(RuleProof){ .object = node->object,
                                      .op = x->op,
                                      .at = { x->at, node->at, state->at, first->at } });
    }
    const int64_t *c = x->states[node->state].column;
    bool holds =
        tcp_seq_at_or_before ((uint32_t)c[TCP_STATE_SND_UNA], (uint32_t)c[TCP_STATE_SND_NXT])
        && tcp_seq_at_or_before ((uint32_t)c[TCP_STATE_SND_NXT], (uint32_t)c[TCP_STATE_SND_MAX]);
    if (!rule_test (book, RULE_SDATA_18, holds))
      rule_report (book, RULE_SDATA_18,
                   &(RuleProof){ .object = node->object, .op = x->op, .at = { x->at, node->at } },
                   "object %u hands back send data without valid SndUna, SndNxt and SndMax",
                   node->object);
  }
}

/* Is |seq| no further on than where the target has to begin: at SndNxt, or at what the peer has
 * acknowledged since. */
static bool
begins_in_time (const RuleFlowSide *side, const RuleObject *object, uint32_t seq)
{
  if (tcp_seq_at_or_before (seq, object->snd_nxt))
    return true;
  return side->base_known && rule_flow_offset (side, seq) <= side->acked_end;
}

/* What was to be sent again goes first; if nothing was, what was never sent does. */
static void
judge_first_data (RuleBook *book, const SimRecord *record)
{
  const int64_t *c = record->column;
  const RuleFlow *flow = rule_flow_find (&book->flows, (uint32_t)c[WIRE_SEND_CONNECTION]);

  if (flow == NULL || c[WIRE_SEND_SENDER] != SIDE_TARGET || c[WIRE_SEND_PAYLOAD] == 0)
    return;
  RuleObject *object =
      rule_object_find (&book->objects, flow->object, book->crossings.target_layer);
  if (object == NULL)
    return;
  uint32_t seq = (uint32_t)c[WIRE_SEND_SEQ];
  RuleProof proof = { .object = object->id, .at = { object->initiated_at, book->at } };
  RuleId rule = object->snd_nxt == object->snd_max ? RULE_SDATA_13 : RULE_SDATA_11;
  if (book->adapter.link_at > object->initiated_at)
    return; /* what was lost in a link that was down is not seen */
  if (object->is_first_data
      && !rule_test (book, rule, begins_in_time (&flow->side[0], object, seq)))
    rule_report (book, rule, &proof, "the first segment of object %u is at %u, SndNxt was %u",
                 object->id, seq, object->snd_nxt);
  const RuleFlowSide *side = &flow->side[0];
  if (object->is_first_data && object->handed_over > 0 && side->base_known
      && !rule_test (book, RULE_SDATA_08,
                     (uint64_t)c[WIRE_SEND_OFFSET] == rule_flow_offset (side, seq)))
    rule_report (book, RULE_SDATA_08, &proof,
                 "the first segment of object %u carries byte %d, where byte %" G_GUINT64_FORMAT
                 " belongs",
                 object->id, (int)c[WIRE_SEND_OFFSET], rule_flow_offset (side, seq));
  object->is_first_data = false;
  if (object->handed_over == 0 || !side->base_known)
    return;
  if (!rule_test (book, RULE_SDATA_12, (uint64_t)c[WIRE_SEND_OFFSET] <= rule_sent_end (book, flow)))
    rule_report (book, RULE_SDATA_12, &proof,
                 "data of object %u is sent ahead of what came with its initiate", object->id);
}

/* The peer's acknowledgments of what the host had sent count with the target. */
static void
judge_end (RuleBook *book)
{
  for (uint32_t slot = 0; slot < book->flows.table.n_slots; slot++) {
    const RuleFlow *flow = rule_table_at (&book->flows.table, slot, NULL);
    const RuleObject *object = flow == NULL ? NULL
                                            : rule_object_find (&book->objects, flow->object,
                                                                book->crossings.target_layer);
    if (object == NULL || object->phase != RULE_OBJECT_LIVE || !flow->received.is_known
        || object->snd_nxt == object->snd_una || !flow->side[0].base_known
        || flow->side[0].acked_at < object->live_at || flow->side[0].acked_by_stale
        || object->aborted || object->abortive || object->failed || object->upload_asked
        || flow->peer_rst_arrived
        || !rule_is_overdue (book, flow->side[0].acked_when, SIM_DURATION_ZERO))
      continue;
    uint64_t handed_over = rule_flow_offset (&flow->side[0], object->snd_nxt);
    uint64_t acked = MIN (flow->side[0].acked_end, handed_over);
    bool holds = rule_flow_offset (&flow->side[0], flow->received.snd_una) >= acked;
    if (!rule_test (book, RULE_SDATA_10, holds))
      rule_report (book, RULE_SDATA_10,
                   &(RuleProof){
                       .object = object->id,
                       .at = { object->state_at, flow->side[0].acked_at, flow->received.at } },
                   "the peer has acknowledged what the host sent on object %u, SndUna is still %u",
                   object->id, flow->received.snd_una);
  }
}

static const RuleCallHook calls[] = {
  { RULE_SET (RULE_INITIATE), RULE_DOWN_HANDLER, RULE_AT_BEGIN, judge_hand_over },
  { RULE_SET (RULE_TERMINATE), RULE_UP_CALL, RULE_AT_BEGIN, judge_hand_back },
};

static const RuleRecordHook records[] = {
  { TRACE_WIRE_SEND, judge_first_data },
  { TRACE_CONTEXT_LIVE, judge_live },
};

const RuleFamily rule_family_sdata = {
  "SDATA", calls, G_N_ELEMENTS (calls), records, G_N_ELEMENTS (records), judge_end
};
