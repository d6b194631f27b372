/* EVT: what the target tells about a connection. */
#include "models/rules/families.h"

#include "models/tcp/offload_state.h"
#include "models/tcp/segment.h"

static bool
is_mandatory (int64_t reason)
{
  return reason == ReceivedUrgentData || reason == TimeoutExpiration || reason == InvalidState
         || reason == UploadRequested || reason == HardwareFailure;
}

/* The FIN is told when everything before it was consumed. */
static void
judge_disconnect (RuleBook *book, const RuleCrossing *x, const RuleObject *object)
{
  const RuleFlow *flow = rule_flow_of_object (book, x->object);

  if (flow == NULL)
    return;
  const RuleFlowSide *from_peer = &flow->side[1];
  bool is_consumed = !object->deliver_seq_known || !from_peer->fin_sent
                     || tcp_seq_at_or_before (from_peer->fin_seq, object->deliver_seq);
  if (!rule_test (book, RULE_EVT_02, from_peer->fin_arrived && is_consumed))
    rule_report (book, RULE_EVT_02,
                 &(RuleProof){ .object = x->object,
                               .at = { from_peer->fin_at, object->last_upcall_at, x->at } },
                 from_peer->fin_arrived
                     ? "the disconnect of object %u is indicated before its data was consumed"
                     : "the disconnect of object %u is indicated and no FIN has arrived",
                 x->object);
}

static void
judge_retrieve (RuleBook *book, const RuleCrossing *x, const RuleObject *object)
{
  const RuleFlow *flow = rule_flow_of_object (book, x->object);
  RuleProof proof = { .object = x->object, .at = { x->at } };

  if (!rule_test (book, RULE_EVT_07, x->arg1 >= LowActivity && x->arg1 <= HardwareFailure))
    rule_report (book, RULE_EVT_07, &proof, "the upload reason %d does not exist", (int)x->arg1);
  if (!rule_test (book, RULE_EVT_08, object->layer == RULE_TCP))
    rule_report (book, RULE_EVT_08, &proof, "the target asks for object %u, which is no connection",
                 x->object);
  if (is_mandatory (x->arg1) || flow == NULL || flow->target_state < 0)
    return;
  bool is_half_closed = flow->target_state == TcpConnectionFinWait1
                        || flow->target_state == TcpConnectionFinWait2
                        || flow->target_state == TcpConnectionCloseWait;
  if (!rule_test (book, RULE_EVT_13, !is_half_closed))
    rule_report (book, RULE_EVT_13, &proof,
                 "the target asks for the half-closed object %u for an optional reason", x->object);
}

static void
judge_event (RuleBook *book, const RuleCrossing *x)
{
  const RuleObject *object = rule_object_at (book, x->object, x);
  RuleProof proof = { .object = x->object, .at = { x->at } };

  bool is_defined = x->arg0 >= TcpIndicateSendBacklogChange && x->arg0 <= TcpIndicateAbort;
  if (!rule_test (book, RULE_EVT_01, is_defined && x->level == 1))
    rule_report (book, RULE_EVT_01, &proof,
                 is_defined ? "event %d comes below DISPATCH_LEVEL" : "event %d does not exist",
                 (int)x->arg0);
  if (object == NULL)
    return;
  if (x->arg0 == TcpIndicateDisconnect)
    judge_disconnect (book, x, object);
  if (x->arg0 == TcpIndicateRetrieve)
    judge_retrieve (book, x, object);
}

/* Requests are completed as aborted only when the abort was told, or was asked for. */
static void
judge_aborted_request (RuleBook *book, const RuleCrossing *x)
{
  for (uint32_t i = 0; i < x->n_nbls; i++) {
    const RuleNbl *nbl = &x->nbls[i];
    const RuleObject *object = rule_object_at (book, nbl->object, x);
    const RuleFlow *flow = rule_flow_of_object (book, nbl->object);
    if (object == NULL || flow == NULL || !flow->peer_rst_arrived
        || nbl->status != NDIS_STATUS_REQUEST_ABORTED || object->abortive || object->failed
        || object->corrupted || object->phase == RULE_OBJECT_TERMINATING)
      continue;
    if (!rule_test (book, RULE_EVT_04, object->aborted))
      rule_report (book, RULE_EVT_04,
                   &(RuleProof){ .object = nbl->object,
                                 .at = { flow->peer_rst_at, x->at, nbl->at } },
                   "requests of object %u are aborted and no abort was indicated", nbl->object);
  }
}

/* After a reason that always leads to an upload the target delivers no more.  On an invalid object it may go on
 * (decision 2). */
static void
judge_delivery (RuleBook *book, const RuleCrossing *x)
{
  const RuleObject *object = rule_object_at (book, x->object, x);

  if (object == NULL || !object->upload_asked || !is_mandatory (object->upload_reason)
      || object->upload_reason == InvalidState || object->phase != RULE_OBJECT_LIVE)
    return;
  if (!rule_test (book, RULE_EVT_09, false))
    rule_report (book, RULE_EVT_09,
                 &(RuleProof){ .object = x->object, .at = { object->upload_asked_at, x->at } },
                 "object %u delivers data after its upload was asked for", x->object);
}

static void
judge_left_over (RuleBook *book, const RuleObject *object)
{
  bool is_open = object->phase == RULE_OBJECT_LIVE
                 && rule_is_overdue (book, object->called_back, book->objects.longest);

  if (object->aborted && !rule_test (book, RULE_EVT_06, !is_open))
    rule_report (book, RULE_EVT_06,
                 &(RuleProof){ .object = object->id, .at = { object->aborted_at } },
                 "object %u was aborted and never terminated", object->id);
  if (object->upload_asked && is_mandatory (object->upload_reason)
      && !rule_test (book, RULE_EVT_07, !is_open))
    rule_report (book, RULE_EVT_07,
                 &(RuleProof){ .object = object->id, .at = { object->upload_asked_at } },
                 "the upload of object %u was asked for and never came", object->id);
  if (object->upload_asked && is_mandatory (object->upload_reason)
      && !rule_test (book, RULE_TERM_26, !is_open))
    rule_report (book, RULE_TERM_26,
                 &(RuleProof){ .object = object->id, .at = { object->upload_asked_at } },
                 "the upload of object %u was asked for and never came", object->id);
  if (object->upload_asked && is_mandatory (object->upload_reason)
      && !rule_test (book, RULE_EVT_09, !is_open))
    rule_report (book, RULE_EVT_09,
                 &(RuleProof){ .object = object->id, .at = { object->upload_asked_at } },
                 "the upload of object %u was asked for and never came", object->id);
}

/* A change that was held back is told when its time has come.  It has not been told at |at|, and |late| says
 * that it should have. */
static void
judge_held (RuleBook *book, const RuleObject *object, RuleBacklog *held, uint64_t at, bool late)
{
  if (!held->is_held)
    return;
  if (!rule_test (book, RULE_EVT_15, !late))
    rule_report (book, RULE_EVT_15,
                 &(RuleProof){ .object = object->id, .at = { object->backlog_at, held->at, at } },
                 "object %u was to be told that %d bytes are preferred, and the host was left with "
                 "%d",
                 object->id, (int)held->bytes, (int)object->backlog_bytes);
  held->is_held = false;
}

/* At the end; what the target has given up, or is about to, owes no more. */
static void
judge_untold (RuleBook *book, const RuleObject *object)
{
  RuleFlow *flow = object->layer == RULE_TCP && object->edge == book->crossings.target_layer
                       ? rule_flow_of_object (book, object->id)
                       : NULL;

  if (flow == NULL || object->phase != RULE_OBJECT_LIVE || object->aborted || object->abortive
      || object->failed || object->corrupted || object->upload_asked
      || rule_object_is_under_invalid (&book->objects, object))
    return;
  judge_held (book, object, &flow->backlog, 0,
              rule_is_overdue (book, flow->backlog.due, SIM_DURATION_ZERO));
}

static void
judge_end (RuleBook *book)
{
  for (uint32_t slot = 0; slot < book->objects.table.n_slots; slot++) {
    const RuleObject *object = rule_table_at (&book->objects.table, slot, NULL);
    if (object == NULL)
      continue;
    judge_left_over (book, object);
    judge_untold (book, object);
  }
}

/* What still arrives for an aborted connection is the host's. */
static void
judge_segment (RuleBook *book, const SimRecord *record)
{
  const int64_t *c = record->column;
  const RuleContext *context = rule_context_find (&book->contexts, c[TARGET_SEGMENT_CONTEXT]);
  const RuleObject *object = context == NULL ? NULL
                                             : rule_object_find (&book->objects, context->object,
                                                                 book->crossings.target_layer);

  if (object == NULL || !object->aborted || c[TARGET_SEGMENT_PAYLOAD] == 0)
    return;
  if (!rule_test (book, RULE_EVT_18, c[TARGET_SEGMENT_VERDICT] != 0))
    rule_report (book, RULE_EVT_18,
                 &(RuleProof){ .object = object->id, .at = { object->aborted_at, book->at } },
                 "data that arrives for the aborted object %u is processed", object->id);
}

/* An abort is told of a connection that was reset, or whose hardware failed. */
static void
judge_abort (RuleBook *book, const RuleCrossing *x)
{
  const RuleObject *object = rule_object_at (book, x->object, x);
  const RuleFlow *flow = rule_flow_of_object (book, x->object);

  if (x->arg0 != TcpIndicateAbort || object == NULL || flow == NULL || !flow->has_traffic)
    return;
  if (!rule_test (book, RULE_RST_02, flow->peer_rst_arrived || object->failed || object->corrupted))
    rule_report (book, RULE_RST_02, &(RuleProof){ .object = x->object, .at = { x->at } },
                 "an abort of object %u is indicated and no RST has arrived", x->object);
}

/* What was asked for when a path hung from an invalid neighbor may be told when it does no more. */
static bool
was_under_invalid (const RuleBook *book, const RuleObject *object)
{
  const RuleObject *path = rule_object_find (&book->objects, object->parent, object->edge);

  for (const RuleEra *era = path == NULL ? NULL : &path->era; era != NULL;
       era = rule_era_older (&book->objects.eras, era)) {
    const RuleObject *neighbor = rule_object_find (&book->objects, era->parent, path->edge);
    if (neighbor != NULL && (neighbor->invalid || neighbor->invalidates > 0))
      return true;
  }
  return false;
}

/* A reason that says what happened is given when it has. */
static void
judge_reason (RuleBook *book, const RuleCrossing *x)
{
  const RuleObject *object = rule_object_at (book, x->object, x);
  const RuleFlow *flow = rule_flow_of_object (book, x->object);
  bool holds = true;

  if (x->arg0 != TcpIndicateRetrieve || object == NULL || !rule_is_target (book, x))
    return;
  if (x->arg1 == HardwareFailure)
    holds = object->failed || object->corrupted || book->adapter.defect_at != 0;
  if (x->arg1 == InvalidState)
    holds =
        rule_object_is_under_invalid (&book->objects, object) || was_under_invalid (book, object);
  if (x->arg1 == ReceivedUrgentData)
    holds = flow == NULL || flow->urgent_arrived;
  if (!rule_test (book, RULE_EVT_11, holds))
    rule_report (book, RULE_EVT_11, &(RuleProof){ .object = x->object, .at = { x->at } },
                 "the upload of object %u is asked for with reason %d, which has not happened",
                 x->object, (int)x->arg1);
}

/* The preferred send backlog: a number, told now and then. */
#define STORM (SIM_PS_PER_MS)

static void
judge_backlog (RuleBook *book, const RuleCrossing *x)
{
  const RuleObject *object = rule_object_at (book, x->object, x);
  RuleFlow *flow = rule_flow_of_object (book, x->object);

  if (x->arg0 != TcpIndicateSendBacklogChange || object == NULL || !rule_is_target (book, x))
    return;
  RuleProof proof = { .object = x->object, .at = { object->backlog_at, x->at } };
  if (!rule_test (book, RULE_EVT_15, x->arg1 > 0))
    rule_report (book, RULE_EVT_15, &proof, "object %u prefers to have no bytes outstanding",
                 x->object);
  if (flow != NULL)
    judge_held (book, object, &flow->backlog, x->at,
                sim_time_diff (x->when, flow->backlog.due).ps > RULE_PATIENCE);
  if (object->backlog_bytes == 0)
    return;
  int64_t change = ABS (x->arg1 - object->backlog_bytes);
  bool is_storm = sim_time_diff (x->when, object->backlog_when).ps < STORM
                  || change * 16 < object->backlog_bytes;
  if (!rule_test (book, RULE_EVT_17, !is_storm))
    rule_report (book, RULE_EVT_17, &proof,
                 "the backlog of object %u goes from %d to %d bytes: too soon, or too little",
                 x->object, (int)object->backlog_bytes, (int)x->arg1);
}

/* The handlers have returned: the host knows. */
static void
note_pace (RuleBook *book, const RuleCrossing *x)
{
  RuleObject *object = rule_object_find (&book->objects, x->object, x->edge);

  if (object != NULL && x->arg0 == TcpIndicateSendBacklogChange && x->edge == 1)
    object->paced_bytes = x->arg1;
}

/* What the application gives down the chimney stays within the backlog that the host was told. */
static void
judge_pace (RuleBook *book, const SimRecord *record)
{
  const int64_t *c = record->column;
  const RuleFlow *flow = rule_flow_find (&book->flows, (uint32_t)c[APP_SEND_CONNECTION]);

  if (flow == NULL || !flow->side[0].base_known || c[APP_SEND_SIDE] != SIDE_HOST
      || c[APP_SEND_PATH] != PATH_CHIMNEY)
    return;
  const RuleObject *object = rule_object_find (&book->objects, flow->object, 1);
  if (object == NULL || object->paced_bytes == 0 || object->phase != RULE_OBJECT_LIVE)
    return;
  int64_t outstanding = c[APP_SEND_OFFSET] + c[APP_SEND_BYTES] - (int64_t)flow->side[0].acked_end;
  /* While the event is under way the host may go by either number. */
  int64_t most = MAX (object->paced_bytes, object->backlog_bytes);
  if (!rule_test (book, RULE_EVT_15, outstanding <= most))
    rule_report (book, RULE_EVT_15,
                 &(RuleProof){ .object = object->id, .at = { object->backlog_at, book->at } },
                 "object %u prefers %d bytes outstanding and the host makes it %d", object->id,
                 (int)most, (int)outstanding);
}

static const RuleCallHook calls[] = {
  { RULE_SET (RULE_EVENT), RULE_UP_CALL, RULE_AT_BEGIN, judge_backlog },
  { RULE_SET (RULE_EVENT), RULE_UP_CALL, RULE_AT_END, note_pace },
  { RULE_SET (RULE_EVENT), RULE_UP_CALL, RULE_AT_BEGIN, judge_reason },
  { RULE_SET (RULE_EVENT), RULE_UP_CALL, RULE_AT_BEGIN, judge_abort },
  { RULE_SET (RULE_EVENT), RULE_UP_CALL, RULE_AT_BEGIN, judge_event },
  { RULE_SET (RULE_SEND) | RULE_SET (RULE_DISCONNECT), RULE_UP_CALL, RULE_AT_BEGIN,
    judge_aborted_request },
  { RULE_SET (RULE_INDICATE), RULE_UP_CALL, RULE_AT_BEGIN, judge_delivery },
};

static const RuleRecordHook records[] = {
  { TRACE_APP_SEND, judge_pace },
  { TRACE_TARGET_SEGMENT, judge_segment },
};

const RuleFamily rule_family_evt = {
  "EVT", calls, G_N_ELEMENTS (calls), records, G_N_ELEMENTS (records), judge_end
};
