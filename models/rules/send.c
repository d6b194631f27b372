/* SEND: what the host posts, what goes out, what comes back. */
#include "models/rules/families.h"

#include "models/tcp/segment.h"

#define TARGET_IP_IDS_FROM 0x8000

static void
judge_return (RuleBook *book, const RuleCrossing *x)
{
  if (!rule_test (book, RULE_SEND_01, x->status == NDIS_STATUS_PENDING))
    rule_report (book, RULE_SEND_01, &(RuleProof){ .nbl = x->op, .at = { x->at, x->end_at } },
                 "%s returns %s", trace_call_name (x->call), rule_status_name (x->status));
}

/* NDIS passes on what the caller holds, and returns pending for it. */
static void
judge_ndis_return (RuleBook *book, const RuleCrossing *x)
{
  if (x->status != NDIS_STATUS_INVALID_STATE || x->n_children > 0) {
    judge_return (book, x);
    return;
  }
  rule_test (book, RULE_SEND_05, false);
  rule_report (book, RULE_SEND_05, &(RuleProof){ .nbl = x->op, .at = { x->at, x->end_at } },
               "buffer list %u is posted by a driver that does not have it", x->op);
}

static void
judge_post (RuleBook *book, const RuleCrossing *x)
{
  const RuleObject *object = rule_object_at (book, x->object, x);

  if (object != NULL && !rule_test (book, RULE_SEND_06, object->calls[RULE_PENDING_SEND] == 0))
    rule_report (book, RULE_SEND_06,
                 &(RuleProof){ .object = x->object,
                               .at = { object->last_call_at[RULE_PENDING_SEND], x->at } },
                 "a second send call begins on object %u", x->object);
  for (uint32_t i = 0; i < x->n_nbls; i++) {
    const RuleBuffer *buffer = rule_buffer_find (&book->buffers, x->nbls[i].id, x->edge);
    if (!rule_test (book, RULE_SEND_05, buffer == NULL || !buffer->handled))
      rule_report (book, RULE_SEND_05,
                   &(RuleProof){ .nbl = x->nbls[i].id, .at = { buffer->at, x->at, x->nbls[i].at } },
                   "buffer list %u is posted while it is outstanding", x->nbls[i].id);
  }
}

/* Was everything up to |offset| acknowledged? */
static bool
is_acknowledged (const RuleBook *book, const RuleBuffer *buffer, int64_t bytes)
{
  const RuleFlow *flow =
      buffer->stream < 0 ? NULL : rule_flow_find (&book->flows, (uint32_t)(buffer->stream / 2));
  return flow == NULL || bytes == 0 || !flow->side[0].base_known
         || flow->side[0].acked_end >= (uint64_t)(buffer->offset + bytes);
}

static void
judge_numbers (RuleBook *book, const RuleNbl *nbl, const RuleBuffer *buffer, const RuleProof *proof)
{
  bool holds = nbl->status == NDIS_STATUS_SUCCESS
                   ? nbl->transferred == buffer->bytes
                   : nbl->transferred >= 0 && nbl->transferred <= buffer->bytes;
  if (!rule_test (book, RULE_SEND_18, holds))
    rule_report (book, RULE_SEND_18, proof,
                 "a send of %d bytes ends with %s and TcpOffloadBytesTransferred %d",
                 (int)buffer->bytes, rule_status_name (nbl->status), (int)nbl->transferred);
  if (!rule_test (book, RULE_SEND_19, nbl->bytes == buffer->bytes - nbl->transferred))
    rule_report (book, RULE_SEND_19, proof,
                 "of a send of %d bytes %d were transferred and %d are left", (int)buffer->bytes,
                 (int)nbl->transferred, (int)nbl->bytes);
}

/* For want of memory, IM-17. */
static bool
is_refused_by_driver (int64_t status)
{
  return status == NDIS_STATUS_REQUEST_UPLOAD || status == NDIS_STATUS_UPLOAD_REQUESTED;
}

static void
judge_status (RuleBook *book, const RuleCrossing *x, const RuleNbl *nbl, const RuleBuffer *buffer,
              const RuleObject *object, const RuleProof *proof)
{
  const RuleFlow *flow = rule_flow_of_object (book, nbl->object);
  /* by a driver that calls everything back or lacks memory, and has not heard of the abort */
  bool was_refused =
      x->edge < book->crossings.target_layer
      && (nbl->status == NDIS_STATUS_UPLOAD_IN_PROGRESS || is_refused_by_driver (nbl->status));

  if (nbl->status == NDIS_STATUS_SUCCESS) {
    RuleProof with_ack = *proof;
    if (flow != NULL)
      with_ack.at[3] = flow->side[0].acked_at;
    if (!rule_test (book, RULE_SEND_13, is_acknowledged (book, buffer, buffer->bytes)))
      rule_report (book, RULE_SEND_13, &with_ack,
                   "a send ends with success before its last byte was acknowledged");
  }
  if (object == NULL)
    return;
  bool is_over = object->aborted || object->abortive || object->failed || object->corrupted;
  if (object->phase == RULE_OBJECT_TERMINATING && !is_over) {
    bool holds =
        nbl->status == NDIS_STATUS_UPLOAD_IN_PROGRESS || nbl->status == NDIS_STATUS_SUCCESS
        || is_refused_by_driver (nbl->status)
        || (nbl->status == NDIS_STATUS_REQUEST_ABORTED && flow != NULL && flow->peer_rst_arrived);
    if (!rule_test (book, RULE_SEND_14, holds))
      rule_report (book, RULE_SEND_14, proof, "a send caught by a terminate ends with %s",
                   rule_status_name (nbl->status));
  }
  if (object->aborted
      && !rule_test (book, RULE_SEND_15,
                     nbl->status == NDIS_STATUS_REQUEST_ABORTED || was_refused
                         || (nbl->status == NDIS_STATUS_SUCCESS
                             && is_acknowledged (book, buffer, buffer->bytes))))
    rule_report (book, RULE_SEND_15, proof, "after an abort a send ends with %s",
                 rule_status_name (nbl->status));
}

/* In a chain of one connection at most one list is sent in part, and nothing succeeds after a
 * failure. */
static void
judge_chain (RuleBook *book, const RuleCrossing *x)
{
  for (uint32_t i = 1; i < x->n_nbls; i++) {
    const RuleNbl *nbl = &x->nbls[i];
    const RuleNbl *previous = &x->nbls[i - 1];
    RuleProof proof = { .object = nbl->object, .at = { x->at, previous->at, nbl->at } };
    if (previous->object != nbl->object)
      continue;
    bool holds = previous->status == NDIS_STATUS_SUCCESS || nbl->status != NDIS_STATUS_SUCCESS;
    if (!rule_test (book, RULE_SEND_16, holds))
      rule_report (book, RULE_SEND_16, &proof, "a send succeeds after one that failed");
  }
}

static void
judge_partial (RuleBook *book, const RuleCrossing *x)
{
  const RuleNbl *partial = NULL;

  for (uint32_t i = 0; i < x->n_nbls; i++) {
    const RuleNbl *nbl = &x->nbls[i];
    const RuleBuffer *buffer = rule_buffer_find (&book->buffers, nbl->id, x->edge);
    if (buffer == NULL || nbl->transferred <= 0 || nbl->transferred >= buffer->bytes)
      continue;
    bool holds =
        (partial == NULL || partial->object != nbl->object) && nbl->status != NDIS_STATUS_SUCCESS;
    if (!rule_test (book, RULE_SEND_17, holds))
      rule_report (book, RULE_SEND_17,
                   &(RuleProof){ .object = nbl->object,
                                 .at = { partial == NULL ? 0 : partial->at, x->at, nbl->at } },
                   "buffer list %u was sent in part, %s", nbl->id,
                   nbl->status == NDIS_STATUS_SUCCESS ? "and reports success"
                                                      : "and is not the only one");
    partial = nbl;
  }
}

static void
judge_completion (RuleBook *book, const RuleCrossing *x)
{
  for (uint32_t i = 0; i < x->n_nbls; i++) {
    const RuleNbl *nbl = &x->nbls[i];
    const RuleBuffer *buffer = rule_buffer_find (&book->buffers, nbl->id, x->edge);
    const RuleObject *object = rule_object_at (book, nbl->object, x);
    RuleProof proof = { .nbl = nbl->id, .object = nbl->object, .at = { x->at, nbl->at } };
    if (!rule_test (book, RULE_SEND_12, buffer != NULL && buffer->verb == RULE_SEND)) {
      rule_report (book, RULE_SEND_12, &proof,
                   "buffer list %u is completed and is not an outstanding send", nbl->id);
      continue;
    }
    proof.at[2] = buffer->at;
    judge_numbers (book, nbl, buffer, &proof);
    judge_status (book, x, nbl, buffer, object, &proof);
  }
  judge_chain (book, x);
  judge_partial (book, x);
}

/* NDIS passed the completion to nobody: the caller did not hold the list. */
static void
judge_unheard_completion (RuleBook *book, const RuleCrossing *x)
{
  const RuleObject *object = rule_object_at (book, x->object, x);

  if (x->status != NDIS_STATUS_INVALID_STATE
      || (object != NULL && object->phase == RULE_OBJECT_FAILED))
    return;
  rule_test (book, RULE_SEND_12, false);
  rule_report (book, RULE_SEND_12,
               &(RuleProof){ .nbl = x->op, .object = x->object, .at = { x->at, x->end_at } },
               "buffer list %u is completed and is not an outstanding send", x->op);
}

/* New data goes out in the order in which it was posted, without a gap. */
static void
judge_wire_order (RuleBook *book, const RuleFlow *flow, const SimRecord *record)
{
  const int64_t *c = record->column;
  const RuleFlowSide *side = &flow->side[0];
  uint64_t offset = (uint64_t)c[WIRE_SEND_OFFSET];
  uint64_t sent_end = rule_sent_end (book, flow);

  if (c[WIRE_SEND_PAYLOAD] == 0 || !side->base_known)
    return;
  const RuleObject *object =
      rule_object_find (&book->objects, flow->object, book->crossings.target_layer);
  RuleProof proof = { .connection_plus_1 = flow->connection + 1,
                      .at = { side->sent_at, book->at } };
  if (!rule_test (book, RULE_SEND_04, offset <= sent_end))
    rule_report (book, RULE_SEND_04, &proof,
                 "bytes %" G_GUINT64_FORMAT " to %" G_GUINT64_FORMAT " were passed over", sent_end,
                 offset);
  const RuleBuffer *oldest =
      object == NULL
          ? NULL
          : rule_buffer_find (&book->buffers, object->first[RULE_PENDING_SEND], object->edge);
  if (oldest == NULL || oldest->stream < 0)
    return;
  bool holds = offset <= sent_end || offset >= (uint64_t)(oldest->offset + oldest->bytes);
  if (!rule_test (book, RULE_SEND_03, holds))
    rule_report (book, RULE_SEND_03, &proof, "bytes of buffer list %u were passed over",
                 oldest->id);
}

static void
judge_frame (RuleBook *book, const SimRecord *record)
{
  const int64_t *c = record->column;
  const RuleFlow *flow = rule_flow_find (&book->flows, (uint32_t)c[WIRE_SEND_CONNECTION]);
  uint32_t ip_id = (uint32_t)c[WIRE_SEND_IP_ID] & 0xffff;
  RuleProof proof = { .connection_plus_1 = (uint32_t)c[WIRE_SEND_CONNECTION] + 1,
                      .at = { book->at } };

  if (c[WIRE_SEND_SENDER] == SIDE_TARGET) {
    if (c[WIRE_SEND_IP_ID] != 0 && !rule_test (book, RULE_SEND_21, ip_id >= TARGET_IP_IDS_FROM))
      rule_report (book, RULE_SEND_21, &proof, "the target sends with IP identification %u", ip_id);
    if (!rule_test (book, RULE_SEND_10, (c[WIRE_SEND_FLAGS] & TCP_URG) == 0))
      rule_report (book, RULE_SEND_10, &proof, "the target sends urgent data");
    if (flow != NULL)
      judge_wire_order (book, flow, record);
  }
  if (c[WIRE_SEND_SENDER] == SIDE_HOST && c[WIRE_SEND_IP_ID] != 0 && rule_any_at_target (book)
      && !rule_test (book, RULE_SEND_22, ip_id < TARGET_IP_IDS_FROM))
    rule_report (book, RULE_SEND_22, &proof, "the host sends with IP identification %u", ip_id);
}

/* With its context a connection's last send is gone. */
static void
judge_free (RuleBook *book, const SimRecord *record)
{
  uint32_t id = (uint32_t)record->column[CONTEXT_FREE_OBJECT];
  const RuleObject *object = rule_object_find (&book->objects, id, book->crossings.target_layer);

  if (object == NULL || object->layer != RULE_TCP || object->phase == RULE_OBJECT_FAILED
      || object->phase == RULE_OBJECT_INITIATING)
    return;
  uint32_t sends = object->pending[RULE_PENDING_SEND];
  if (!rule_test (book, RULE_SDATA_06, object->handed_over == 0))
    rule_report (book, RULE_SDATA_06, &(RuleProof){ .object = id, .at = { book->at } },
                 "object %u is freed, and %u lists that came with its initiate are not complete",
                 id, object->handed_over);
  if (!rule_test (book, RULE_SEND_20, sends == 0))
    rule_report (book, RULE_SEND_20, &(RuleProof){ .object = id, .at = { book->at } },
                 "object %u is freed with %u sends outstanding", id, sends);
}

/* A send that was passed over by a later one is lost, even if the run was cut off. */
static void
judge_end (RuleBook *book)
{
  for (uint32_t slot = 0; slot < book->buffers.table.n_slots; slot++) {
    const RuleBuffer *buffer = rule_table_at (&book->buffers.table, slot, NULL);
    if (buffer == NULL || buffer->verb != RULE_SEND)
      continue;
    const RuleObject *object = rule_object_find (&book->objects, buffer->object, buffer->edge);
    bool was_passed_over = object != NULL && object->completed[RULE_PENDING_SEND] > buffer->order;
    if (!rule_test (book, RULE_SEND_02, book->is_cut_off && !was_passed_over))
      rule_report (book, RULE_SEND_02,
                   &(RuleProof){ .nbl = buffer->id,
                                 .object = buffer->object,
                                 .at = { buffer->call_at, buffer->at } },
                   "buffer list %u was never completed%s", buffer->id,
                   was_passed_over ? ", though later ones were" : "");
  }
}

static const RuleCallHook calls[] = {
  { RULE_SET (RULE_SEND), RULE_DOWN_HANDLER, RULE_AT_BEGIN, judge_post },
  { RULE_SET (RULE_SEND), RULE_DOWN_HANDLER, RULE_AT_END, judge_return },
  { RULE_SET (RULE_SEND), RULE_DOWN_CALL, RULE_AT_END, judge_ndis_return },
  { RULE_SET (RULE_SEND), RULE_UP_CALL, RULE_AT_BEGIN, judge_completion },
  { RULE_SET (RULE_SEND), RULE_UP_CALL, RULE_AT_END, judge_unheard_completion },
};

static const RuleRecordHook records[] = {
  { TRACE_WIRE_SEND, judge_frame },
  { TRACE_CONTEXT_FREE, judge_free },
};

const RuleFamily rule_family_send = {
  "SEND", calls, G_N_ELEMENTS (calls), records, G_N_ELEMENTS (records), judge_end
};
