/* DISC: closing, gracefully or not. */
#include "models/rules/families.h"

#include "models/tcp/segment.h"

static bool
is_abortive (int64_t flags)
{
  return (flags & TCP_DISCONNECT_ABORTIVE_CLOSE) != 0;
}

static void
judge_request (RuleBook *book, const RuleCrossing *x)
{
  RuleProof proof = { .object = x->object, .nbl = x->op, .at = { x->at } };
  bool is_defined =
      x->arg0 == TCP_DISCONNECT_ABORTIVE_CLOSE || x->arg0 == TCP_DISCONNECT_GRACEFUL_CLOSE;

  if (x->n_nbls > 0)
    proof.at[1] = x->nbls[0].at;
  bool is_single = x->n_nbls == 0 || (x->n_nbls == 1 && x->nbls[0].buffers == 1);
  if (!rule_test (book, RULE_DISC_01, is_defined && is_single))
    rule_report (book, RULE_DISC_01, &proof, "a disconnect has flags %d and %u buffer lists",
                 (int)x->arg0, x->n_nbls);
  if (is_abortive (x->arg0) && x->n_nbls > 0
      && !rule_test (book, RULE_DISC_02, x->nbls[0].bytes == 0))
    rule_report (book, RULE_DISC_02, &proof, "an abortive disconnect carries %d bytes",
                 (int)x->nbls[0].bytes);
}

static void
judge_return (RuleBook *book, const RuleCrossing *x)
{
  if (!rule_test (book, RULE_DISC_01, x->status == NDIS_STATUS_PENDING))
    rule_report (book, RULE_DISC_01, &(RuleProof){ .nbl = x->op, .at = { x->at, x->end_at } },
                 "%s returns %s", trace_call_name (x->call), rule_status_name (x->status));
}

/* One that crosses an upload is not performed: its sends go back with the terminate. */
static void
judge_abortive_end (RuleBook *book, const RuleNbl *nbl, const RuleBuffer *buffer,
                    const RuleObject *object, const RuleProof *proof)
{
  RuleFlow *flow = rule_flow_of_object (book, nbl->object);
  uint32_t sends = object->pending[RULE_PENDING_SEND];
  bool was_performed = nbl->status != NDIS_STATUS_UPLOAD_IN_PROGRESS && !object->corrupted;

  if (was_performed && !rule_test (book, RULE_DISC_04, sends == 0))
    rule_report (book, RULE_DISC_04, proof,
                 "an abortive disconnect ends while %u sends are outstanding", sends);
  if (nbl->status != NDIS_STATUS_SUCCESS || flow == NULL)
    return;
  if (flow->target_sent_rst)
    rule_test (book, RULE_DISC_08, true);
  else if (book->adapter.links_down == 0 && book->adapter.link_at < buffer->at)
    flow->owed_rst =
        (RuleOwed){ .is_owed = true, .object = nbl->object, .at = nbl->at, .since = book->now };
}

static void
report_owed_rst (RuleBook *book, RuleFlow *flow, uint64_t at)
{
  flow->owed_rst.is_owed = false;
  if (book->adapter.link_at > flow->owed_rst.at)
    return; /* it was lost in a link that went down */
  if (!rule_test (book, RULE_DISC_08, false))
    rule_report (book, RULE_DISC_08,
                 &(RuleProof){ .object = flow->owed_rst.object, .at = { flow->owed_rst.at, at } },
                 "an abortive disconnect of object %u ended with success and no RST was sent",
                 flow->owed_rst.object);
}

/* A RST that was queued when its disconnect was completed leaves before anything of the host's. */
static void
judge_sent_rst (RuleBook *book, RuleFlow *flow, const int64_t *c)
{
  if (!flow->owed_rst.is_owed)
    return;
  if (c[WIRE_SEND_SENDER] == SIDE_HOST)
    report_owed_rst (book, flow, book->at);
  else if (c[WIRE_SEND_SENDER] == SIDE_TARGET && (c[WIRE_SEND_FLAGS] & TCP_RST) != 0)
    flow->owed_rst.is_owed = !rule_test (book, RULE_DISC_08, true);
}

static void
judge_end (RuleBook *book)
{
  for (uint32_t slot = 0; slot < book->flows.table.n_slots; slot++) {
    RuleFlow *flow = rule_table_at (&book->flows.table, slot, NULL);
    if (flow != NULL && flow->owed_rst.is_owed
        && rule_is_overdue (book, flow->owed_rst.since, SIM_DURATION_ZERO))
      report_owed_rst (book, flow, 0);
  }
}

static void
judge_graceful_end (RuleBook *book, const RuleNbl *nbl, const RuleBuffer *buffer,
                    const RuleObject *object, const RuleProof *proof)
{
  const RuleFlow *flow = rule_flow_of_object (book, nbl->object);
  const RuleBuffer *oldest =
      rule_buffer_find (&book->buffers, object->first[RULE_PENDING_SEND], object->edge);
  bool is_going = object->phase == RULE_OBJECT_TERMINATING || object->upload_asked
                  || object->send_refused || book->adapter.told[object->driver].upload_all;
  bool is_over = object->aborted || object->abortive || object->failed || object->corrupted
                 || (flow != NULL && flow->peer_rst_arrived);

  bool sends_before = object->handed_over > 0 || (oldest != NULL && oldest->at < buffer->at);
  if (!rule_test (book, RULE_DISC_12, !sends_before || is_going))
    rule_report (book, RULE_DISC_12, proof,
                 "a graceful disconnect ends while earlier sends are outstanding");
  bool is_acked = flow == NULL || flow->side[0].fin_acked || !flow->side[0].fin_sent;
  bool was_sent = flow == NULL || flow->side[0].fin_sent;
  bool holds = nbl->status == NDIS_STATUS_SUCCESS              ? is_acked && was_sent
               : nbl->status == NDIS_STATUS_UPLOAD_IN_PROGRESS ? is_going
                                                               : true;
  if (!rule_test (book, RULE_DISC_13, holds))
    rule_report (book, RULE_DISC_13, proof, "a graceful disconnect ends with %s, %s",
                 rule_status_name (nbl->status),
                 nbl->status == NDIS_STATUS_SUCCESS ? "before its FIN was acknowledged"
                                                    : "and no upload is under way");
  if (!rule_test (book, RULE_DISC_14, nbl->bytes == buffer->bytes - nbl->transferred))
    rule_report (book, RULE_DISC_14, proof,
                 "of a disconnect with %d bytes %d were transferred and %d are left",
                 (int)buffer->bytes, (int)nbl->transferred, (int)nbl->bytes);
  if (nbl->status != NDIS_STATUS_SUCCESS && !rule_test (book, RULE_DISC_16, is_going || is_over))
    rule_report (book, RULE_DISC_16, proof,
                 "a disconnect fails with %s and the connection is neither uploaded nor aborted",
                 rule_status_name (nbl->status));
}

static void
judge_completion (RuleBook *book, const RuleCrossing *x)
{
  for (uint32_t i = 0; i < x->n_nbls; i++) {
    const RuleNbl *nbl = &x->nbls[i];
    const RuleBuffer *buffer = rule_buffer_find (&book->buffers, nbl->id, x->edge);
    const RuleObject *object = rule_object_at (book, nbl->object, x);
    RuleProof proof = { .nbl = nbl->id, .object = nbl->object, .at = { x->at, nbl->at } };
    if (!rule_test (book, RULE_DISC_15, buffer != NULL && buffer->verb == RULE_DISCONNECT)) {
      rule_report (book, RULE_DISC_15, &proof,
                   "buffer list %u is completed and is not an outstanding disconnect", nbl->id);
      continue;
    }
    if (object == NULL)
      continue;
    proof.at[2] = buffer->call_at;
    if (is_abortive (buffer->arg0))
      judge_abortive_end (book, nbl, buffer, object, &proof);
    else
      judge_graceful_end (book, nbl, buffer, object, &proof);
  }
}

static void
judge_unheard_completion (RuleBook *book, const RuleCrossing *x)
{
  if (x->status != NDIS_STATUS_INVALID_STATE)
    return;
  rule_test (book, RULE_DISC_15, false);
  rule_report (book, RULE_DISC_15, &(RuleProof){ .nbl = x->op, .at = { x->at, x->end_at } },
               "buffer list %u is completed and is not an outstanding disconnect", x->op);
}

/* The FIN comes after all the data that was posted before it. */
static void
judge_fin (RuleBook *book, const SimRecord *record, const RuleFlow *flow, const RuleObject *object)
{
  const RuleBuffer *disconnect =
      rule_buffer_find (&book->buffers, object->first[RULE_PENDING_DISCONNECT], object->edge);

  if (disconnect == NULL || disconnect->stream < 0 || disconnect->bytes == 0
      || !flow->side[0].base_known)
    return;
  const int64_t *c = record->column;
  uint64_t offset = rule_flow_offset (&flow->side[0], (uint32_t)c[WIRE_SEND_SEQ])
                    + (uint64_t)c[WIRE_SEND_PAYLOAD];
  uint64_t expected = (uint64_t)(disconnect->offset + disconnect->bytes);
  if (!rule_test (book, RULE_DISC_09, offset == expected))
    rule_report (book, RULE_DISC_09,
                 &(RuleProof){ .object = object->id, .at = { disconnect->at, book->at } },
                 "the FIN follows byte %" G_GUINT64_FORMAT
                 ", the disconnect's data ends at %" G_GUINT64_FORMAT,
                 offset, expected);
}

static void
judge_segment (RuleBook *book, const SimRecord *record)
{
  const int64_t *c = record->column;
  RuleFlow *flow = rule_flow_find (&book->flows, (uint32_t)c[WIRE_SEND_CONNECTION]);

  if (flow == NULL)
    return;
  judge_sent_rst (book, flow, c);
  if (c[WIRE_SEND_SENDER] != SIDE_TARGET)
    return;
  const RuleObject *object =
      rule_object_find (&book->objects, flow->object, book->crossings.target_layer);
  bool is_rst = (c[WIRE_SEND_FLAGS] & TCP_RST) != 0;
  RuleProof proof = { .object = flow->object, .at = { flow->target_rst_at, book->at } };
  if (is_rst && !rule_test (book, RULE_DISC_03, object != NULL && object->abortive))
    rule_report (book, RULE_DISC_03, &proof,
                 "the target sends RST and no abortive disconnect was asked for");
  if (flow->target_sent_rst && object != NULL && object->abortive
      && !rule_test (book, RULE_DISC_07, is_rst))
    rule_report (book, RULE_DISC_07, &proof,
                 "the target goes on sending after the RST of an abortive disconnect");
  if ((c[WIRE_SEND_FLAGS] & TCP_FIN) != 0 && object != NULL)
    judge_fin (book, record, flow, object);
}

/* What arrives after the RST is handled no more. */
static void
judge_segment_in (RuleBook *book, const SimRecord *record)
{
  const int64_t *c = record->column;
  const RuleContext *context = rule_context_find (&book->contexts, c[TARGET_SEGMENT_CONTEXT]);
  const RuleObject *object = context == NULL ? NULL
                                             : rule_object_find (&book->objects, context->object,
                                                                 book->crossings.target_layer);
  const RuleFlow *flow = object == NULL ? NULL : rule_flow_of_object (book, object->id);

  if (flow == NULL || !object->abortive || !flow->target_sent_rst)
    return;
  if (!rule_test (book, RULE_DISC_07, c[TARGET_SEGMENT_VERDICT] != 0))
    rule_report (book, RULE_DISC_07,
                 &(RuleProof){ .object = object->id, .at = { flow->target_rst_at, book->at } },
                 "a segment is handled after the RST of an abortive disconnect of object %u",
                 object->id);
}

static const RuleCallHook calls[] = {
  { RULE_SET (RULE_DISCONNECT), RULE_DOWN_HANDLER, RULE_AT_BEGIN, judge_request },
  { RULE_SET (RULE_DISCONNECT), RULE_DOWN_HANDLER, RULE_AT_END, judge_return },
  { RULE_SET (RULE_DISCONNECT), RULE_UP_CALL, RULE_AT_BEGIN, judge_completion },
  { RULE_SET (RULE_DISCONNECT), RULE_UP_CALL, RULE_AT_END, judge_unheard_completion },
};

static const RuleRecordHook records[] = {
  { TRACE_WIRE_SEND, judge_segment },
  { TRACE_TARGET_SEGMENT, judge_segment_in },
};

const RuleFamily rule_family_disc = {
  "DISC", calls, G_N_ELEMENTS (calls), records, G_N_ELEMENTS (records), judge_end
};
