/* TERM: the way back to the host. */
#include "models/rules/families.h"

#include "models/ndis/block_list.h"
#include "models/tcp/segment.h"

static bool
is_delegated (int64_t type)
{
  return type == NeighborOffloadDelegatedState || type == Ip4OffloadDelegatedState
         || type == Ip6OffloadDelegatedState || type == TcpOffloadDelegatedState;
}

/* An object goes alone when nothing depends on it, or together with all that does. */
static void
judge_closure (RuleBook *book, const RuleCrossing *x)
{
  RuleId rule = x->n_nodes > 1 ? RULE_TERM_04 : RULE_TERM_03;

  for (uint32_t i = 0; i < x->n_nodes; i++) {
    const RuleObject *object = rule_object_at (book, x->nodes[i].object, x);
    RuleObject *parent = object == NULL ? NULL : rule_object_at (book, object->parent, x);
    if (parent != NULL)
      parent->named++;
  }
  for (uint32_t i = 0; i < x->n_nodes; i++) {
    RuleObject *object = rule_object_at (book, x->nodes[i].object, x);
    if (object == NULL || object->layer == RULE_TCP)
      continue;
    if (!rule_test (book, rule, object->dependents <= object->named))
      rule_report (book, rule,
                   &(RuleProof){ .object = object->id,
                                 .op = x->op,
                                 .at = { object->initiated_at, x->at, x->nodes[i].at } },
                   "object %u is terminated, and of its %u dependents only %u with it", object->id,
                   object->dependents, object->named);
  }
  for (uint32_t i = 0; i < x->n_nodes; i++) {
    const RuleObject *object = rule_object_at (book, x->nodes[i].object, x);
    RuleObject *parent = object == NULL ? NULL : rule_object_at (book, object->parent, x);
    if (parent != NULL)
      parent->named = 0;
  }
}

static void
judge_request_node (RuleBook *book, const RuleCrossing *x, const RuleNode *node)
{
  const RuleObject *object = rule_object_at (book, node->object, x);
  RuleProof proof = { .object = node->object, .op = x->op, .at = { x->at, node->at } };

  if (!rule_test (book, RULE_TERM_09, !node->has_state || is_delegated (node->type)))
    rule_report (book, RULE_TERM_09, &proof, "a terminate asks for %s",
                 block_list_type_name ((OFFLOAD_STATE_TYPE)node->type));
  if (object == NULL || object->layer != RULE_TCP)
    return;
  uint32_t requests = object->queries + object->updates + object->invalidates;
  if (!rule_test (book, RULE_TERM_05, requests == 0))
    rule_report (book, RULE_TERM_05, &proof,
                 "object %u is terminated while %u operations that name it are outstanding",
                 node->object, requests);
  proof.at[2] = object->last_call_at[RULE_PENDING_RECEIVE];
  proof.at[3] = object->last_call_at[RULE_PENDING_DISCONNECT];
  if (!rule_test (book, RULE_TERM_06,
                  object->calls[RULE_PENDING_RECEIVE] == 0
                      && object->calls[RULE_PENDING_DISCONNECT] == 0))
    rule_report (book, RULE_TERM_06, &proof,
                 "object %u is terminated while a receive or disconnect call has not returned",
                 node->object);
}

static void
judge_request (RuleBook *book, const RuleCrossing *x)
{
  judge_closure (book, x);
  for (uint32_t i = 0; i < x->n_nodes; i++)
    if (x->nodes[i].role != RULE_PLACEHOLDER)
      judge_request_node (book, x, &x->nodes[i]);
}

static void
judge_later_post (RuleBook *book, const RuleCrossing *x)
{
  const RuleObject *object = rule_object_at (book, x->object, x);
  RuleId rule = x->verb == RULE_FORWARD ? RULE_TERM_19 : RULE_TERM_08;

  if (object == NULL)
    return;
  if (!rule_test (book, rule, object->phase != RULE_OBJECT_TERMINATING))
    rule_report (book, rule,
                 &(RuleProof){ .object = x->object, .at = { object->terminated_at, x->at } },
                 "%s is called for object %u, which is being terminated", trace_call_name (x->call),
                 x->object);
}

/* Is the delegated state that came up the work of somebody? */
static bool
is_filled (const RuleCrossing *x, const RuleNode *node)
{
  if (node->state < 0)
    return false;
  const int64_t *c = x->states[node->state].column;
  int64_t any = 0;
  for (unsigned i = TCP_STATE_STATE; i < TCP_STATE_N_COLUMNS; i++)
    any |= c[i];
  return any != 0;
}

/* A terminate that fails leaves everything where it was (TERM-33). */
static void
judge_outstanding (RuleBook *book, const RuleObject *object, const RuleNode *node,
                   const RuleProof *proof)
{
  uint32_t operations = object->queries + object->updates + object->invalidates;
  uint32_t requests = object->pending[RULE_PENDING_RECEIVE]
                      + object->pending[RULE_PENDING_DISCONNECT]
                      + object->pending[RULE_PENDING_FORWARD];
  uint32_t sends = object->pending[RULE_PENDING_SEND];

  if (node->status == NDIS_STATUS_FAILURE)
    return;
  if (!rule_test (book, RULE_TERM_14, operations + requests == 0 && sends <= node->chain_count))
    rule_report (book, RULE_TERM_14, proof,
                 "object %u is terminated with %u operations, %u requests and %u sends "
                 "outstanding, of which %u are handed back",
                 object->id, operations, requests, sends, node->chain_count);
}

/* Without a link nothing leaves: what was owed then cannot be told from what was never sent. */
static bool
link_was_cut (const RuleBook *book, const RuleFlow *flow)
{
  return book->adapter.links_down > 0 || book->adapter.link_at > flow->last_ack_at;
}

static void
judge_last_ack (RuleBook *book, const RuleCrossing *x, const RuleNode *node,
                const RuleObject *object)
{
  RuleFlow *flow = rule_flow_of_object (book, object->id);

  if (flow == NULL || !flow->ack_known || node->state < 0 || object->aborted || object->abortive
      || flow->target_sent_rst || flow->peer_rst_arrived || node->status != NDIS_STATUS_SUCCESS
      || !rule_is_target (book, x) || rule_object_invalid_one (&book->objects, object) != NULL
      || link_was_cut (book, flow))
    return;
  const RuleNodeState *state = &x->states[node->state];
  uint32_t rcv_nxt = (uint32_t)state->column[TCP_STATE_RCV_NXT];
  if (tcp_seq_at_or_before (rcv_nxt, flow->last_ack)) {
    rule_test (book, RULE_TERM_21, true);
    return;
  }
  if (rcv_nxt == object->rcv_nxt)
    return; /* the target has taken nothing; the host's acknowledgment of it is on its way */
  flow->owed_ack = (RuleOwed){ .is_owed = true,
                               .ack = rcv_nxt,
                               .object = object->id,
                               .wire = flow->target_wire,
                               .at = state->at,
                               .since = x->when };
}

static void
report_owed_ack (RuleBook *book, RuleFlow *flow, uint64_t at)
{
  flow->owed_ack.is_owed = false;
  if (link_was_cut (book, flow))
    return;
  if (!rule_test (book, RULE_TERM_21, false))
    rule_report (book, RULE_TERM_21,
                 &(RuleProof){ .object = flow->owed_ack.object,
                               .at = { flow->last_ack_at, flow->owed_ack.at, at } },
                 "object %u went up with RcvNxt %u, the target has acknowledged %u",
                 flow->owed_ack.object, flow->owed_ack.ack, flow->last_ack);
}

/* An acknowledgment that was queued when the terminate was completed leaves before anything of the
 * host's.  A frame of the host's that does not acknowledge so much is older than the offload: the
 * wire was slower than that. */
static void
judge_sent_ack (RuleBook *book, const SimRecord *record)
{
  const int64_t *c = record->column;
  RuleFlow *flow = rule_flow_find (&book->flows, (uint32_t)c[WIRE_SEND_CONNECTION]);

  if (flow == NULL || !flow->owed_ack.is_owed || c[WIRE_SEND_DIRECTION] != 0)
    return;
  if (!tcp_seq_at_or_before (flow->owed_ack.ack, (uint32_t)c[WIRE_SEND_ACK]))
    return;
  /* The frames of one wire do not wait for those of another. */
  bool is_elsewhere = book->crossings.has_branches && record->actor_id != flow->owed_ack.wire;
  if (c[WIRE_SEND_SENDER] != SIDE_TARGET && is_elsewhere)
    flow->owed_ack.is_owed = false;
  else if (c[WIRE_SEND_SENDER] != SIDE_TARGET)
    report_owed_ack (book, flow, book->at);
  else
    flow->owed_ack.is_owed = !rule_test (book, RULE_TERM_21, true);
}

static void
judge_end (RuleBook *book)
{
  for (uint32_t slot = 0; slot < book->flows.table.n_slots; slot++) {
    RuleFlow *flow = rule_table_at (&book->flows.table, slot, NULL);
    if (flow != NULL && flow->owed_ack.is_owed
        && rule_is_overdue (book, flow->owed_ack.since, SIM_DURATION_ZERO))
      report_owed_ack (book, flow, 0);
  }
}

/* Failure is for hardware that lost the state. */
static void
judge_failure (RuleBook *book, const RuleCrossing *x, const RuleNode *node)
{
  const RuleObject *object = rule_object_at (book, node->object, x);
  bool is_broken = book->adapter.defect_at != 0 || (object != NULL && object->corrupted);
  bool holds = node->status != NDIS_STATUS_FAILURE || is_broken;

  if (!rule_test (book, RULE_TERM_13, holds))
    rule_report (book, RULE_TERM_13,
                 &(RuleProof){ .object = node->object, .op = x->op, .at = { x->at, node->at } },
                 "the terminate of object %u fails and nothing is broken", node->object);
}

/* What comes up fits what the wire has seen: SndMax what was sent, SndUna what was acknowledged,
 * RcvNxt the acknowledgments that were sent. */
static void
judge_values (RuleBook *book, const RuleCrossing *x, const RuleNode *node, const RuleObject *object)
{
  const RuleFlow *flow = rule_flow_of_object (book, object->id);

  if (flow == NULL || node->state < 0 || node->status != NDIS_STATUS_SUCCESS
      || !rule_is_target (book, x) || object->aborted || object->abortive)
    return;
  const RuleNodeState *state = &x->states[node->state];
  const RuleFlowSide *side = &flow->side[0];
  RuleProof proof = { .object = object->id,
                      .op = x->op,
                      .at = { side->sent_at, side->acked_at, x->at, state->at } };
  if (flow->ack_known
      && !rule_test (book, RULE_TERM_10,
                     tcp_seq_at_or_before (flow->last_ack,
                                           (uint32_t)state->column[TCP_STATE_RCV_NXT])))
    rule_report (book, RULE_TERM_10, &proof, "object %u comes up with RcvNxt before an ACK it sent",
                 object->id);
  const RuleReceived *received = &flow->received;
  if (received->is_known
      && !rule_test (book, RULE_TERM_22,
                     tcp_seq_at_or_before ((uint32_t)state->column[TCP_STATE_RCV_NXT],
                                           received->rcv_nxt)))
    rule_report (book, RULE_TERM_22,
                 &(RuleProof){
                     .object = object->id, .op = x->op, .at = { received->at, state->at } },
                 "object %u comes up with RcvNxt %u, in order it has %u bytes fewer", object->id,
                 (uint32_t)state->column[TCP_STATE_RCV_NXT],
                 (uint32_t)state->column[TCP_STATE_RCV_NXT] - received->rcv_nxt);
  if (!side->base_known)
    return;
  uint64_t snd_max = rule_flow_offset (side, (uint32_t)state->column[TCP_STATE_SND_MAX]);
  uint64_t snd_una = rule_flow_offset (side, (uint32_t)state->column[TCP_STATE_SND_UNA]);
  uint64_t fin_bytes = side->fin_acked ? 1 : 0;
  uint64_t acked_end = MAX (side->acked_end + fin_bytes, side->claimed_end);
  bool holds = snd_max >= side->sent_end && snd_una <= acked_end;
  if (!rule_test (book, RULE_TERM_10, holds))
    rule_report (book, RULE_TERM_10, &proof,
                 "object %u comes up with SndUna at byte %" G_GUINT64_FORMAT
                 " and SndMax at byte %" G_GUINT64_FORMAT "; acknowledged are %" G_GUINT64_FORMAT
                 ", sent %" G_GUINT64_FORMAT,
                 object->id, snd_una, snd_max, side->acked_end, side->sent_end);
}

static void
judge_result_node (RuleBook *book, const RuleCrossing *x, const RuleNode *node)
{
  const RuleObject *object = rule_object_at (book, node->object, x);
  RuleProof proof = { .object = node->object, .op = x->op, .at = { x->at, node->at } };

  judge_failure (book, x, node);
  if (object == NULL || object->layer != RULE_TCP)
    return;
  judge_values (book, x, node, object);
  proof.at[2] = object->terminated_at;
  proof.at[3] = object->last_upcall_at;
  if (node->has_state && node->status == NDIS_STATUS_SUCCESS
      && !rule_test (book, RULE_TERM_12, is_filled (x, node)))
    rule_report (book, RULE_TERM_12, &proof, "the delegated state of object %u is not filled",
                 node->object);
  judge_outstanding (book, object, node, &proof);
  uint32_t status_calls = book->adapter.status_calls[x->edge % RULE_LAYERS_MAX];
  if (!rule_test (book, RULE_TERM_15, object->indications + object->events + status_calls == 0))
    rule_report (book, RULE_TERM_15, &proof,
                 "the terminate of object %u is completed while an indication has not returned",
                 node->object);
  judge_last_ack (book, x, node, object);
  /* One that is defeated, too, leaves the object where it is, to be told of. */
  if (object->failed && node->status == NDIS_STATUS_SUCCESS
      && !rule_test (book, RULE_TERM_33, object->upload_asked && object->aborted))
    rule_report (book, RULE_TERM_33, &proof,
                 "object %u failed in hardware and was not retrieved and aborted before its "
                 "terminate was completed",
                 node->object);
}

static void
judge_result (RuleBook *book, const RuleCrossing *x)
{
  for (uint32_t i = 0; i < x->n_nodes; i++)
    if (x->nodes[i].role != RULE_PLACEHOLDER)
      judge_result_node (book, x, &x->nodes[i]);
}

/* Nothing names a connection after its terminate. */
static void
judge_afterwards (RuleBook *book, const RuleCrossing *x)
{
  const RuleObject *object = rule_object_at (book, x->object, x);
  RuleId rule = x->verb == RULE_INDICATE ? RULE_TERM_20 : RULE_TERM_17;

  if (object == NULL)
    return;
  if (!rule_test (book, rule, object->phase != RULE_OBJECT_ENDED))
    rule_report (book, rule, &(RuleProof){ .object = x->object, .at = { object->ended_at, x->at } },
                 "%s names object %u after its terminate was completed", trace_call_name (x->call),
                 x->object);
}

/* A connection that has come to its end is given back for that, link or no link. */
static bool
is_at_its_end (const RuleBook *book, const RuleCrossing *x)
{
  const RuleFlow *flow = rule_flow_of_object (book, x->object);

  return flow != NULL
         && (flow->target_state == TcpConnectionTimeWait
             || flow->target_state == TcpConnectionClosed);
}

static void
judge_event (RuleBook *book, const RuleCrossing *x)
{
  const RuleObject *object = rule_object_at (book, x->object, x);
  RuleProof proof = { .object = x->object, .at = { x->at } };

  judge_afterwards (book, x);
  if (x->arg0 == TcpIndicateRetrieve && book->adapter.links_down > 0 && rule_is_target (book, x)) {
    RuleProof cut = { .object = x->object, .at = { book->adapter.link_at, x->at } };
    bool holds = x->arg1 != UploadRequested || is_at_its_end (book, x);
    if (!rule_test (book, RULE_TERM_29, holds))
      rule_report (book, RULE_TERM_29, &cut, "the upload of object %u is asked for without a link",
                   x->object);
  }
  if (x->arg0 == TcpIndicateRetrieve) {
    if (!rule_test (book, RULE_TERM_24, x->arg1 >= LowActivity && x->arg1 <= HardwareFailure))
      rule_report (book, RULE_TERM_24, &proof, "the upload reason %d does not exist", (int)x->arg1);
    bool names_one = object != NULL && object->layer == RULE_TCP;
    if (!rule_test (book, RULE_TERM_25, names_one))
      rule_report (book, RULE_TERM_25, &proof, "an upload is asked for of object %u, %s", x->object,
                   object == NULL ? "which is unknown" : "which is no connection");
  }
  if (object == NULL || !object->failed)
    return;
  bool in_order = x->arg0 != TcpIndicateAbort || object->upload_asked;
  proof.at[0] = object->failed_at;
  proof.at[1] = x->at;
  if (!rule_test (book, RULE_TERM_33, in_order))
    rule_report (book, RULE_TERM_33, &proof,
                 "after a hardware failure object %u is aborted before its upload was asked for",
                 x->object);
}

/* A request that arrived after the target had asked for the upload. */
static void
judge_refused_request (RuleBook *book, const RuleCrossing *x)
{
  for (uint32_t i = 0; i < x->n_nbls; i++) {
    const RuleBuffer *buffer = rule_buffer_find (&book->buffers, x->nbls[i].id, x->edge);
    const RuleObject *object = rule_object_at (book, x->nbls[i].object, x);
    if (buffer == NULL || object == NULL || !buffer->after_upload_asked
        || object->upload_reason != UploadRequested)
      continue;
    int64_t status = x->nbls[i].status;
    if (status == NDIS_STATUS_REQUEST_UPLOAD || status == NDIS_STATUS_UPLOAD_REQUESTED)
      continue; /* it never reached the target, IM-17 */
    if (!rule_test (book, RULE_TERM_32, status == NDIS_STATUS_UPLOAD_IN_PROGRESS))
      rule_report (book, RULE_TERM_32,
                   &(RuleProof){ .nbl = x->nbls[i].id,
                                 .object = x->nbls[i].object,
                                 .at = { object->upload_asked_at, buffer->at, x->nbls[i].at } },
                   "a request that came after the upload was asked for ends with %s",
                   rule_status_name (x->nbls[i].status));
  }
}

static void
judge_segment (RuleBook *book, const SimRecord *record)
{
  const int64_t *c = record->column;
  const RuleContext *context = rule_context_find (&book->contexts, c[TARGET_SEGMENT_CONTEXT]);

  if (context == NULL || !context->is_closing)
    return;
  if (!rule_test (book, RULE_TERM_18, c[TARGET_SEGMENT_VERDICT] != 0))
    rule_report (book, RULE_TERM_18,
                 &(RuleProof){ .object = context->object, .at = { context->closing_at, book->at } },
                 "a segment of object %u is processed while it is being terminated",
                 context->object);
}

static void
judge_free (RuleBook *book, const SimRecord *record)
{
  uint32_t id = (uint32_t)record->column[CONTEXT_FREE_OBJECT];
  const RuleObject *object = rule_object_find (&book->objects, id, book->crossings.target_layer);
  RuleProof proof = { .object = id, .at = { book->at } };

  if (object == NULL || object->phase == RULE_OBJECT_INITIATING
      || object->phase == RULE_OBJECT_FAILED)
    return;
  proof.at[1] = object->live_at;
  proof.at[2] = object->terminated_at;
  RuleId rule =
      object->aborted || object->disconnected || object->posted[RULE_PENDING_DISCONNECT] > 0
          ? RULE_DISC_17
          : RULE_TERM_01;
  if (!rule_test (book, rule, object->phase != RULE_OBJECT_LIVE))
    rule_report (book, rule, &proof, "the context of object %u is freed without a terminate", id);
  if (!rule_test (book, RULE_TERM_11, object->phase != RULE_OBJECT_TERMINATING))
    rule_report (book, RULE_TERM_11, &proof,
                 "the context of object %u is freed before its terminate is completed", id);
}

/* The loss of the link is told to the host, who decides. */
static void
judge_link_status (RuleBook *book, const RuleCrossing *x)
{
  if (x->arg0 == NDIS_STATUS_MEDIA_DISCONNECT && rule_is_target (book, x))
    rule_test (book, RULE_TERM_29, true);
}

static const RuleCallHook calls[] = {
  { RULE_SET (RULE_STATUS), RULE_UP_CALL, RULE_AT_BEGIN, judge_link_status },
  { RULE_SET (RULE_TERMINATE), RULE_DOWN_HANDLER, RULE_AT_BEGIN, judge_request },
  { RULE_SET (RULE_SEND) | RULE_SET (RULE_RECEIVE) | RULE_SET (RULE_FORWARD), RULE_DOWN_CALL,
    RULE_AT_BEGIN, judge_later_post },
  { RULE_SET (RULE_TERMINATE), RULE_UP_CALL, RULE_AT_BEGIN, judge_result },
  { RULE_SET_IO | RULE_SET (RULE_INDICATE), RULE_UP_CALL, RULE_AT_BEGIN, judge_afterwards },
  { RULE_SET_IO, RULE_UP_CALL, RULE_AT_BEGIN, judge_refused_request },
  { RULE_SET (RULE_EVENT), RULE_UP_CALL, RULE_AT_BEGIN, judge_event },
};

static const RuleRecordHook records[] = {
  { TRACE_TARGET_SEGMENT, judge_segment },
  { TRACE_CONTEXT_FREE, judge_free },
  { TRACE_WIRE_SEND, judge_sent_ack },
};

const RuleFamily rule_family_term = {
  "TERM", calls, G_N_ELEMENTS (calls), records, G_N_ELEMENTS (records), judge_end
};
