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

/* Where the stream from the peer ends that RcvNxt stands for: a FIN counts there, and is no
 * byte. */
static uint64_t
received_end (const RuleFlow *flow, uint32_t rcv_nxt)
{
  const RuleFlowSide *side = &flow->side[1];
  uint64_t end = rule_flow_offset (side, rcv_nxt);

  return side->fin_arrived && rcv_nxt == side->fin_seq + 1 ? end - 1 : end;
}

/* Buffered data is one piece that ends right before RcvNxt. */
static void
judge_piece (RuleBook *book, RuleId rule, const RuleNbl *nbls, uint32_t n_nbls, uint64_t end,
             RuleProof *proof)
{
  for (uint32_t i = 0; i < n_nbls; i++) {
    bool is_last = i + 1 == n_nbls;
    uint64_t next = is_last ? end : (uint64_t)nbls[i + 1].offset;
    bool holds = nbls[i].stream < 0 || (uint64_t)(nbls[i].offset + nbls[i].bytes) == next;
    proof->at[3] = nbls[i].at;
    proof->at[4] = is_last ? 0 : nbls[i + 1].at;
    if (!rule_test (book, rule, holds))
      rule_report (book, rule, proof,
                   "buffered data of object %u goes up to byte %d, what follows begins at "
                   "%" G_GUINT64_FORMAT,
                   proof->object, (int)(nbls[i].offset + nbls[i].bytes), next);
  }
}

/* All that was received and not delivered goes along. */
static void
judge_amount (RuleBook *book, const RuleObject *object, const RuleFlow *flow,
              const RuleProof *proof)
{
  const RuleStream *stream = rule_stream_find (&book->bytes, flow->connection, 1);

  if (stream == NULL || stream->hand_over_at == 0)
    return;
  uint64_t end = received_end (flow, object->rcv_nxt);
  uint64_t buffered = (uint64_t)object->buffered_bytes;
  if (!rule_test (book, RULE_RBUF_01, stream->delivered_at_hand_over + buffered == end))
    rule_report (book, RULE_RBUF_01, proof,
                 "object %u is handed down with %" G_GUINT64_FORMAT
                 " bytes received; %" G_GUINT64_FORMAT " of %" G_GUINT64_FORMAT " were delivered",
                 object->id, buffered, stream->delivered_at_hand_over, end);
}

/* A connection is live in the target: its buffered data is judged as it was handed down. */
static void
judge_live (RuleBook *book, const SimRecord *record)
{
  uint32_t id = (uint32_t)record->column[CONTEXT_LIVE_OBJECT];
  const RuleObject *object = rule_object_find (&book->objects, id, book->crossings.target_layer);
  RuleOp *op = object == NULL ? NULL : rule_op_find (&book->ops, object->initiate_op, object->edge);
  const RuleFlow *flow =
      rule_flow_find (&book->flows, (uint32_t)record->column[CONTEXT_LIVE_CONNECTION]);
  uint32_t index = op == NULL ? UINT32_MAX : rule_op_node_of (op, id, 0);

  if (flow == NULL || !flow->side[1].base_known || index == UINT32_MAX || object->state_at == 0)
    return;
  const RuleOpNode *node = &op->nodes[index];
  RuleProof proof = { .object = id, .op = op->id, .at = { node->at, object->state_at } };
  judge_amount (book, object, flow, &proof);
  if (node->n_buffered > 0)
    judge_piece (book, RULE_RBUF_02, &op->nbls[node->first_nbl + node->n_sends], node->n_buffered,
                 received_end (flow, object->rcv_nxt), &proof);
}

/* What a terminate brings up is one piece, too, and its lists are not with the host already. */
static void
judge_brought_up (RuleBook *book, const RuleCrossing *x, const RuleNode *node,
                  const RuleNodeState *state)
{
  const RuleFlow *flow = rule_flow_of_object (book, node->object);
  const RuleNbl *nbls = &x->nbls[node->first_nbl + node->n_sends];
  RuleProof proof = { .object = node->object, .op = x->op, .at = { x->at, node->at, state->at } };

  if (flow != NULL && flow->side[1].base_known && rule_is_target (book, x))
    judge_piece (book, RULE_RBUF_13, nbls, node->n_buffered,
                 received_end (flow, (uint32_t)state->column[TCP_STATE_RCV_NXT]), &proof);
}

/* What the host has from a terminate is nobody else's: it comes up no second time. */
static void
judge_use (RuleBook *book, const RuleCrossing *x)
{
  for (uint32_t i = 0; i < x->n_nbls; i++) {
    const RuleNbl *nbl = &x->nbls[i];
    const RuleBuffer *buffer = rule_buffer_find (&book->buffers, nbl->id, x->edge);
    if (buffer == NULL || !buffer->uploaded)
      continue;
    bool is_returned = x->verb == RULE_RETURN;
    if (!rule_test (book, RULE_RBUF_11, is_returned))
      rule_report (book, RULE_RBUF_11,
                   &(RuleProof){ .nbl = nbl->id, .at = { buffer->at, x->at, nbl->at } },
                   "buffer list %u comes up although the host has it from a terminate", nbl->id);
  }
}

/* What the host lent with an initiate it puts away when that has succeeded. */
static void
judge_lent (RuleBook *book, uint32_t id)
{
  const RuleBuffer *buffer = rule_buffer_find (&book->buffers, id, RULE_EDGE_OF_LENT);

  if (buffer != NULL && !rule_test (book, RULE_RBUF_05, buffer->accepted))
    rule_report (book, RULE_RBUF_05, &(RuleProof){ .nbl = id, .at = { buffer->at, book->at } },
                 "the host puts buffer list %u away before the initiate that took it down is "
                 "complete",
                 id);
}

/* Nor is it put away. */
static void
judge_put (RuleBook *book, const SimRecord *record)
{
  const int64_t *c = record->column;
  uint32_t layer = (uint32_t)c[PUT_LAYER];

  if (c[PUT_WHAT] == TRACE_RESOURCE_NBL && layer == 0)
    judge_lent (book, (uint32_t)c[PUT_ID]);
  if (c[PUT_WHAT] != TRACE_RESOURCE_NBL || layer != book->crossings.target_layer)
    return;
  const RuleBuffer *buffer = rule_buffer_find (&book->buffers, (uint32_t)c[PUT_ID], layer);
  if (buffer != NULL && buffer->uploaded && !rule_test (book, RULE_RBUF_11, false))
    rule_report (book, RULE_RBUF_11,
                 &(RuleProof){ .nbl = buffer->id, .at = { buffer->at, book->at } },
                 "the target puts buffer list %u away, which the host has from a terminate",
                 buffer->id);
}

static void
judge_return (RuleBook *book, const RuleCrossing *x)
{
  judge_use (book, x);
  for (uint32_t i = 0; i < x->n_nbls; i++) {
    const RuleBuffer *buffer = rule_buffer_find (&book->buffers, x->nbls[i].id, x->edge);
    if (buffer != NULL && buffer->uploaded)
      rule_test (book, RULE_RBUF_12, true);
  }
}

/* Posted receives took what they could: the rest of the buffered data is indicated. */
static void
judge_left_over (RuleBook *book, const RuleObject *object)
{
  int32_t left = tcp_seq_diff (object->rcv_nxt, object->deliver_seq);

  if (object->layer != RULE_TCP || object->buffered_bytes == 0 || !object->has_posted
      || object->edge != book->crossings.target_layer || object->phase != RULE_OBJECT_LIVE)
    return;
  bool is_stuck =
      left > 0 && object->pending[RULE_PENDING_RECEIVE] == 0 && !object->refused && !object->aborted
      && !object->upload_asked
      && rule_is_overdue (book, sim_time_max (object->posted_when, object->last_data_when),
                          SIM_DURATION_ZERO);
  if (!rule_test (book, RULE_RBUF_07, !is_stuck))
    rule_report (book, RULE_RBUF_07,
                 &(RuleProof){ .object = object->id,
                               .at = { object->initiated_at, object->last_upcall_at } },
                 "%d bytes of the buffered data of object %u were never indicated", left,
                 object->id);
}

static void
judge_end (RuleBook *book)
{
  for (uint32_t slot = 0; slot < book->objects.table.n_slots; slot++) {
    const RuleObject *object = rule_table_at (&book->objects.table, slot, NULL);
    if (object != NULL)
      judge_left_over (book, object);
  }
  for (uint32_t slot = 0; slot < book->buffers.table.n_slots; slot++) {
    const RuleBuffer *buffer = rule_table_at (&book->buffers.table, slot, NULL);
    if (buffer != NULL && buffer->verb == RULE_INITIATE && buffer->accepted
        && !rule_test (book, RULE_RBUF_05,
                       !rule_is_overdue (book, buffer->when, SIM_DURATION_ZERO)))
      rule_report (book, RULE_RBUF_05, &(RuleProof){ .nbl = buffer->id, .at = { buffer->at } },
                   "the initiate that took buffer list %u down has succeeded, and the host never "
                   "put it away",
                   buffer->id);
    if (buffer == NULL || !buffer->uploaded)
      continue;
    bool is_open = rule_is_overdue (book, buffer->when, book->buffers.longest);
    if (!rule_test (book, RULE_RBUF_12, !is_open))
      rule_report (book, RULE_RBUF_12, &(RuleProof){ .nbl = buffer->id, .at = { buffer->at } },
                   "buffer list %u came up with a terminate and was never returned", buffer->id);
  }
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
    judge_brought_up (book, x, node, state);
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
  { RULE_SET (RULE_INDICATE) | RULE_SET (RULE_TERMINATE), RULE_UP_CALL, RULE_AT_BEGIN, judge_use },
  { RULE_SET (RULE_TERMINATE), RULE_UP_CALL, RULE_AT_BEGIN, judge_hand_back },
  { RULE_SET (RULE_RETURN), RULE_DOWN_HANDLER, RULE_AT_BEGIN, judge_return },
};

static const RuleRecordHook records[] = {
  { TRACE_CONTEXT_LIVE, judge_live },
  { TRACE_PUT, judge_put },
};

const RuleFamily rule_family_rbuf = {
  "RBUF", calls, G_N_ELEMENTS (calls), records, G_N_ELEMENTS (records), judge_end
};
