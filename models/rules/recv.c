/* RECV: receives that the host posts, and how they come back. */
#include "models/rules/families.h"

static void
judge_return (RuleBook *book, const RuleCrossing *x)
{
  if (x->station == RULE_DOWN_CALL && x->n_children == 0)
    return; /* NDIS did not pass it on */
  if (!rule_test (book, RULE_RECV_01, x->status == NDIS_STATUS_PENDING))
    rule_report (book, RULE_RECV_01, &(RuleProof){ .nbl = x->op, .at = { x->at, x->end_at } },
                 "%s returns %s", trace_call_name (x->call), rule_status_name (x->status));
}

static void
judge_post (RuleBook *book, const RuleCrossing *x)
{
  const RuleObject *object = rule_object_at (book, x->object, x);

  if (object != NULL && !rule_test (book, RULE_RECV_04, object->calls[RULE_PENDING_RECEIVE] == 0))
    rule_report (book, RULE_RECV_04,
                 &(RuleProof){ .object = x->object,
                               .at = { object->last_call_at[RULE_PENDING_RECEIVE], x->at } },
                 "a second receive call begins on object %u", x->object);
  for (uint32_t i = 0; i < x->n_nbls; i++) {
    const RuleNbl *nbl = &x->nbls[i];
    RuleProof proof = { .nbl = nbl->id, .object = nbl->object, .at = { x->at, nbl->at } };
    if (!rule_test (book, RULE_RECV_03, nbl->buffers == 1))
      rule_report (book, RULE_RECV_03, &proof, "a receive of %u NET_BUFFERs is posted",
                   nbl->buffers);
    bool is_push = (nbl->flags & RULE_NBL_NO_PUSH) == 0;
    if (!rule_test (book, RULE_RECV_11, !is_push || (nbl->flags & RULE_NBL_PREFILLED) == 0))
      rule_report (book, RULE_RECV_11, &proof, "a push-mode receive is posted with data in it");
  }
}

static bool
is_outstanding (const RuleBuffer *buffer)
{
  return buffer != NULL && buffer->verb == RULE_RECEIVE;
}

static void
judge_numbers (RuleBook *book, const RuleNbl *nbl, const RuleBuffer *buffer, const RuleProof *proof)
{
  if (!rule_test (book, RULE_RECV_19, nbl->bytes == buffer->bytes - nbl->transferred))
    rule_report (book, RULE_RECV_19, proof,
                 "in a receive of %d bytes %d were placed and %d are left", (int)buffer->bytes,
                 (int)nbl->transferred, (int)nbl->bytes);
  if ((buffer->flags & RULE_NBL_NO_PUSH) != 0 && nbl->status == NDIS_STATUS_SUCCESS
      && !rule_test (book, RULE_RECV_10, nbl->transferred == rule_buffer_room (buffer)))
    rule_report (book, RULE_RECV_10, proof,
                 "a nonpush receive of %d bytes ends with success and %d bytes", (int)buffer->bytes,
                 (int)nbl->transferred);
  if (nbl->status == NDIS_STATUS_REQUEST_ABORTED
      && !rule_test (book, RULE_RECV_16,
                     nbl->transferred >= 0 && nbl->transferred <= buffer->bytes))
    rule_report (book, RULE_RECV_16, proof, "an aborted receive of %d bytes declares %d",
                 (int)buffer->bytes, (int)nbl->transferred);
}

static void
judge_stream (RuleBook *book, const RuleNbl *nbl, const RuleBuffer *buffer,
              const RuleObject *object, uint64_t expected, const RuleProof *proof)
{
  const RuleFlow *flow = rule_flow_of_object (book, nbl->object);

  if (nbl->transferred <= 0 || nbl->stream < 0)
    return;
  uint64_t begin = (uint64_t)(nbl->offset + buffer->placed);
  uint64_t end = begin + (uint64_t)nbl->transferred;
  if (object->delivered_known && !rule_test (book, RULE_RECV_02, begin == expected))
    rule_report (book, RULE_RECV_02, proof,
                 "a receive begins with byte %" G_GUINT64_FORMAT ", not with %" G_GUINT64_FORMAT,
                 begin, expected);
  rule_judge_precedence (book, flow, object, begin, expected, proof);
  if (nbl->status == NDIS_STATUS_SUCCESS && flow != NULL && flow->side[1].base_known
      && !rule_test (book, RULE_RECV_15, end <= flow->side[1].arrived_end))
    rule_report (book, RULE_RECV_15, proof,
                 "a receive ends with byte %" G_GUINT64_FORMAT ", which has not arrived", end);
}

static void
judge_status (RuleBook *book, const RuleNbl *nbl, const RuleBuffer *buffer,
              const RuleObject *object, const RuleProof *proof)
{
  bool is_going = object->phase == RULE_OBJECT_TERMINATING || object->upload_asked
                  || book->adapter.told[object->driver].upload_all;

  if (nbl->status == NDIS_STATUS_UPLOAD_IN_PROGRESS && !rule_test (book, RULE_RECV_17, is_going))
    rule_report (book, RULE_RECV_17, proof,
                 "a receive ends with NDIS_STATUS_UPLOAD_IN_PROGRESS and no upload is under way");
  if (!buffer->after_disconnect || is_going || object->aborted || object->abortive)
    return;
  if (!rule_test (book, RULE_RECV_18, nbl->status == NDIS_STATUS_INVALID_STATE))
    rule_report (book, RULE_RECV_18, proof,
                 "a receive posted after the disconnect was indicated ends with %s",
                 rule_status_name (nbl->status));
}

static void
judge_completion (RuleBook *book, const RuleCrossing *x)
{
  const RuleObject *same = NULL;
  uint64_t last_order = 0;
  uint64_t expected = 0;

  for (uint32_t i = 0; i < x->n_nbls; i++) {
    const RuleNbl *nbl = &x->nbls[i];
    const RuleBuffer *buffer = rule_buffer_find (&book->buffers, nbl->id, x->edge);
    const RuleObject *object = rule_object_at (book, nbl->object, x);
    RuleProof proof = { .nbl = nbl->id, .object = nbl->object, .at = { x->at, nbl->at } };
    if (!is_outstanding (buffer) || object == NULL) {
      rule_test (book, RULE_RECV_12, false);
      rule_report (book, RULE_RECV_12, &proof,
                   "buffer list %u is completed and is not an outstanding receive", nbl->id);
      continue;
    }
    if (object != same) {
      same = object;
      last_order = object->completed[RULE_PENDING_RECEIVE];
      expected = object->delivered_end;
    }
    proof.at[2] = buffer->at;
    if (!rule_test (book, RULE_RECV_12, buffer->order == last_order + 1))
      rule_report (book, RULE_RECV_12, &proof,
                   "receive %" G_GUINT64_FORMAT
                   " of object %u comes back after receive %" G_GUINT64_FORMAT,
                   buffer->order, nbl->object, last_order);
    last_order = buffer->order;
    judge_numbers (book, nbl, buffer, &proof);
    judge_stream (book, nbl, buffer, object, expected, &proof);
    if (nbl->transferred > 0 && nbl->stream >= 0)
      expected = (uint64_t)(nbl->offset + buffer->placed + nbl->transferred);
    judge_status (book, nbl, buffer, object, &proof);
  }
}

static void
judge_unheard_completion (RuleBook *book, const RuleCrossing *x)
{
  if (x->status != NDIS_STATUS_INVALID_STATE)
    return;
  rule_test (book, RULE_RECV_12, false);
  rule_report (book, RULE_RECV_12,
               &(RuleProof){ .nbl = x->op, .object = x->object, .at = { x->at, x->end_at } },
               "buffer list %u is completed and is not an outstanding receive", x->op);
}

/* Completions and indications of one connection exclude each other. */
static void
judge_overlap (RuleBook *book, const RuleCrossing *x)
{
  const RuleObject *object = rule_object_at (book, x->object, x);
  const RuleCrossing *outer =
      rule_crossing_around (&book->crossings, x, RULE_SET (RULE_RECEIVE), RULE_UP_CALL);

  if (object == NULL)
    return;
  RuleProof proof = { .object = x->object, .at = { object->last_upcall_at, x->at } };
  uint32_t upcalls = object->completions[RULE_PENDING_RECEIVE] + object->indications;
  bool is_nested = outer != NULL && outer->object == x->object && outer->edge == x->edge;
  if (x->verb == RULE_RECEIVE && !rule_test (book, RULE_DLV_11, !is_nested))
    rule_report (
        book, RULE_DLV_11, &proof,
        "a receive of object %u that was posted in a completion is used before that returns",
        x->object);
  if (x->verb == RULE_RECEIVE && !rule_test (book, RULE_RECV_14, !is_nested)) {
    rule_report (book, RULE_RECV_14, &proof,
                 "a receive of object %u is completed inside a receive completion", x->object);
    return;
  }
  if (!rule_test (book, RULE_DLV_13, x->verb != RULE_INDICATE || upcalls == 0))
    rule_report (book, RULE_DLV_13, &proof,
                 "data of object %u is indicated while a completion or indication has not returned",
                 x->object);
  if (!rule_test (book, RULE_RECV_13, upcalls == 0))
    rule_report (book, RULE_RECV_13, &proof,
                 "%s of object %u begins while a completion or indication has not returned",
                 trace_call_name (x->call), x->object);
}

static void
judge_free (RuleBook *book, const SimRecord *record)
{
  uint32_t id = (uint32_t)record->column[CONTEXT_FREE_OBJECT];
  const RuleObject *object = rule_object_find (&book->objects, id, book->crossings.target_layer);

  if (object == NULL || object->layer != RULE_TCP || object->phase == RULE_OBJECT_FAILED
      || object->phase == RULE_OBJECT_INITIATING)
    return;
  if (!rule_test (book, RULE_RECV_20, object->pending[RULE_PENDING_RECEIVE] == 0))
    rule_report (book, RULE_RECV_20, &(RuleProof){ .object = id, .at = { book->at } },
                 "object %u is freed with %u receives outstanding", id,
                 object->pending[RULE_PENDING_RECEIVE]);
}

static const RuleCallHook calls[] = {
  { RULE_SET (RULE_RECEIVE), RULE_DOWN_HANDLER, RULE_AT_BEGIN, judge_post },
  { RULE_SET (RULE_RECEIVE), RULE_DOWN_HANDLER, RULE_AT_END, judge_return },
  { RULE_SET (RULE_RECEIVE), RULE_DOWN_CALL, RULE_AT_END, judge_return },
  { RULE_SET (RULE_RECEIVE) | RULE_SET (RULE_INDICATE), RULE_UP_CALL, RULE_AT_BEGIN,
    judge_overlap },
  { RULE_SET (RULE_RECEIVE), RULE_UP_CALL, RULE_AT_BEGIN, judge_completion },
  { RULE_SET (RULE_RECEIVE), RULE_UP_CALL, RULE_AT_END, judge_unheard_completion },
};

static const RuleRecordHook records[] = {
  { TRACE_CONTEXT_FREE, judge_free },
};

const RuleFamily rule_family_recv = {
  "RECV", calls, G_N_ELEMENTS (calls), records, G_N_ELEMENTS (records), NULL
};
