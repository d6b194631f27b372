/* DLV: the delivery algorithm, as far as it shows at the interface. */
#include "models/rules/families.h"

#include "models/tcp/segment.h"

/* The receive that data of an object goes into; NULL: none, or one of no bytes. */
static const RuleBuffer *
first_receive (const RuleBook *book, const RuleObject *object)
{
  const RuleBuffer *receive =
      rule_buffer_find (&book->buffers, object->first[RULE_PENDING_RECEIVE], object->edge);

  while (receive != NULL && receive->bytes == 0)
    receive = rule_buffer_find (&book->buffers, receive->next, object->edge);
  return receive;
}

/* What is left of a full receive is what it held when it was posted. */
static bool
is_filled (const RuleBuffer *buffer, const RuleNbl *nbl)
{
  return nbl->bytes == (buffer != NULL ? buffer->placed : 0);
}

/* In one completion call the receives of a connection are full, but for the last one. */
static void
judge_chain (RuleBook *book, const RuleCrossing *x)
{
  for (uint32_t i = 0; i + 1 < x->n_nbls; i++) {
    const RuleNbl *nbl = &x->nbls[i];
    const RuleNbl *next = &x->nbls[i + 1];
    if (nbl->object != next->object || nbl->status != NDIS_STATUS_SUCCESS
        || next->status != NDIS_STATUS_SUCCESS)
      continue;
    const RuleBuffer *buffer = rule_buffer_find (&book->buffers, nbl->id, x->edge);
    if (!rule_test (book, RULE_DLV_18, is_filled (buffer, nbl)))
      rule_report (book, RULE_DLV_18,
                   &(RuleProof){ .object = nbl->object, .at = { x->at, nbl->at, next->at } },
                   "receive %u is not full and is not the last one of its chain", nbl->id);
  }
}

/* Data goes to what is posted first: only when that is full is anything indicated.  Judged for
 * bytes that arrived when the receive had reached the target: on its way down through other drivers
 * it may pass an indication on its way up. */
static void
judge_indication (RuleBook *book, const RuleCrossing *x)
{
  const RuleObject *object = rule_object_at (book, x->object, x);
  const RuleBuffer *receive = object == NULL ? NULL : first_receive (book, object);

  for (uint32_t i = 0; i < x->n_nbls; i++) {
    const RuleNbl *nbl = &x->nbls[i];
    const RuleBuffer *in_target = receive == NULL ? NULL
                                                  : rule_buffer_find (&book->buffers, receive->id,
                                                                      book->crossings.target_layer);
    bool holds = in_target == NULL || rule_crossing_find (&book->crossings, receive->call) != NULL
                 || nbl->stream < 0 || (uint64_t)nbl->offset < in_target->arrived_end;
    if (!rule_test (book, RULE_IND_01, holds))
      rule_report (book, RULE_IND_01,
                   &(RuleProof){ .object = x->object, .at = { receive->at, x->at, nbl->at } },
                   "data is indicated on object %u although receive %u is posted", x->object,
                   receive->id);
  }
}

/* What came back full or pushed put the rules to the test that say when it has to. */
static void
note_completion (RuleBook *book, const RuleCrossing *x)
{
  for (uint32_t i = 0; i < x->n_nbls; i++) {
    const RuleNbl *nbl = &x->nbls[i];
    if (nbl->transferred <= 0 || nbl->status != NDIS_STATUS_SUCCESS || !rule_is_target (book, x))
      continue;
    const RuleObject *object = rule_object_at (book, nbl->object, x);
    const RuleBuffer *buffer = rule_buffer_find (&book->buffers, nbl->id, x->edge);
    bool is_full = is_filled (buffer, nbl);
    if (object != NULL && buffer != NULL && buffer->at > object->indicated_at
        && buffer->at < object->refused_at)
      rule_test (book, RULE_DLV_14, true);
    rule_test (book, is_full ? RULE_RECV_08 : RULE_RECV_09, true);
    rule_test (book, is_full ? RULE_DLV_05 : RULE_DLV_09, true);
  }
}

static void
note_indication (RuleBook *book, const RuleCrossing *x)
{
  if (rule_is_target (book, x))
    rule_test (book, RULE_DLV_04, true);
}

/* Bytes that the target has acknowledged and not delivered; 0 also if it may keep them. */
static int32_t
undelivered (const RuleBook *book, const RuleObject *object, const RuleFlow *flow)
{
  bool is_over = object->aborted || object->abortive || object->failed || object->corrupted
                 || object->upload_asked
                 || rule_object_invalid_one (&book->objects, object) != NULL;
  uint32_t upcalls = object->completions[RULE_PENDING_RECEIVE] + object->indications;

  if (is_over || upcalls > 0 || !flow->ack_known || !object->deliver_seq_known)
    return 0;
  bool has_fin = flow->side[1].fin_arrived && flow->last_ack == flow->side[1].fin_seq + 1;
  return MAX (0, tcp_seq_diff (flow->last_ack, object->deliver_seq) - (has_fin ? 1 : 0));
}

/* True if a segment that said to push ends among the bytes that are acknowledged and not
 * delivered. */
static bool
is_pushed (const RuleObject *object, const RuleFlow *flow)
{
  return flow->has_push && tcp_seq_before (object->deliver_seq, flow->push_seq)
         && tcp_seq_at_or_before (flow->push_seq, flow->last_ack);
}

static void
report_stuck (RuleBook *book, RuleId rule, const RuleObject *object, const RuleFlow *flow,
              const RuleBuffer *receive)
{
  rule_test (book, rule, false);
  rule_report (book, rule,
               &(RuleProof){ .object = object->id,
                             .at = { receive == NULL ? 0 : receive->at, flow->side[1].arrived_at,
                                     object->last_upcall_at } },
               "%d bytes of object %u are acknowledged and stay in the target%s",
               undelivered (book, object, flow), object->id,
               receive == NULL ? ", though it may indicate" : ", though a receive waits for them");
}

/* Data that meets a receive fills it, or is pushed through it; data that meets none is
 * indicated. */
static void
judge_stuck (RuleBook *book, const RuleObject *object, const RuleFlow *flow)
{
  const RuleBuffer *receive = first_receive (book, object);
  int32_t bytes = undelivered (book, object, flow);
  bool must_wait = object->refused || (object->buffered_bytes > 0 && !object->has_posted);
  /* A target that is still indicating, piece by piece, is not stuck. */
  SimTime since =
      sim_time_max (sim_time_max (flow->last_arrival, object->posted_when), object->last_data_when);

  if (bytes == 0 || !rule_is_overdue (book, since, SIM_DURATION_ZERO))
    return;
  if (receive == NULL) {
    if (!must_wait)
      report_stuck (book, RULE_DLV_04, object, flow, NULL);
    return;
  }
  bool is_full = bytes >= rule_buffer_room (receive);
  bool is_push = (receive->flags & RULE_NBL_NO_PUSH) == 0;
  if (!is_full && !(is_push && is_pushed (object, flow)))
    return;
  report_stuck (book, is_full ? RULE_RECV_08 : RULE_RECV_09, object, flow, receive);
  report_stuck (book, is_full ? RULE_DLV_05 : RULE_DLV_09, object, flow, receive);
  if (sim_time_diff (receive->when, flow->last_arrival).ps > 0)
    report_stuck (book, object->refused_at != 0 ? RULE_DLV_15 : RULE_DLV_12, object, flow, receive);
}

/* A receive that is posted when data waits puts two rules to the test. */
static void
note_post (RuleBook *book, const RuleCrossing *x)
{
  const RuleObject *object = rule_object_at (book, x->object, x);
  const RuleFlow *flow = rule_flow_of_object (book, x->object);

  if (object == NULL || flow == NULL || !rule_is_target (book, x)
      || undelivered (book, object, flow) == 0)
    return;
  rule_test (book, object->refused ? RULE_DLV_15 : RULE_DLV_12, true);
}

/* The push timer */

/* What is partly filled and pushed through by nothing waits for the push timer. */
static void
judge_untimed (RuleBook *book, const SimRecord *record)
{
  const int64_t *c = record->column;
  const RuleFlow *flow = rule_flow_find (&book->flows, (uint32_t)c[PARTLY_FILLED_CONNECTION]);

  if (flow == NULL || c[PARTLY_FILLED_NO_PUSH])
    return;
  RuleProof proof = { .object = flow->object,
                      .nbl = (uint32_t)c[PARTLY_FILLED_NBL],
                      .at = { flow->push.at, flow->side[1].arrived_at, book->at } };
  if (!rule_test (book, RULE_DLV_10, flow->push.is_running))
    rule_report (book, RULE_DLV_10, &proof, "%d bytes are in receive %u and no push timer runs",
                 (int)c[PARTLY_FILLED_FILLED], (uint32_t)c[PARTLY_FILLED_NBL]);
  if (!rule_test (book, RULE_RECV_07, flow->push.is_running))
    rule_report (book, RULE_RECV_07, &proof,
                 "receive %u has its first bytes and no push timer was started",
                 (uint32_t)c[PARTLY_FILLED_NBL]);
}

static void
judge_push_timer (RuleBook *book, const SimRecord *record)
{
  const int64_t *c = record->column;
  const RuleFlow *flow = rule_flow_find (&book->flows, (uint32_t)c[PUSH_TIMER_CONNECTION]);
  uint32_t nbl = (uint32_t)c[PUSH_TIMER_NBL];
  bool is_partial = nbl != 0 && c[PUSH_TIMER_FILLED] > 0;
  uint64_t before = flow == NULL ? 0 : flow->push.due_at;

  if (c[PUSH_TIMER_WHAT] == RULE_PUSH_STARTED) {
    if (!rule_test (book, RULE_DLV_08, is_partial && !c[PUSH_TIMER_NO_PUSH]))
      rule_report (book, RULE_DLV_08, &(RuleProof){ .nbl = nbl, .at = { book->at } },
                   is_partial ? "the push timer is started for the nonpush receive %u"
                              : "the push timer is started and receive %u is not partly filled",
                   nbl);
  }
  if (c[PUSH_TIMER_WHAT] == RULE_PUSH_EXPIRED
      && !rule_test (book, RULE_DLV_16, flow == NULL || nbl == 0 || flow->push.due_nbl != nbl))
    rule_report (book, RULE_DLV_16, &(RuleProof){ .nbl = nbl, .at = { before, book->at } },
                 "the push timer runs out a second time on receive %u", nbl);
}

/* Before another segment comes in, the last one has been dealt with. */
static void
judge_arrival (RuleBook *book, const SimRecord *record)
{
  const int64_t *c = record->column;
  const RuleFlow *flow = rule_flow_find (&book->flows, (uint32_t)c[WIRE_ARRIVE_CONNECTION]);
  const RuleObject *object =
      flow == NULL ? NULL
                   : rule_object_find (&book->objects, flow->object, book->crossings.target_layer);

  if (c[WIRE_ARRIVE_DIRECTION] == 0 || c[WIRE_ARRIVE_PAYLOAD] == 0 || object == NULL
      || object->phase != RULE_OBJECT_LIVE)
    return;
  if (object->completions[RULE_PENDING_RECEIVE] + object->indications > 0)
    rule_test (book, RULE_DLV_02, true);
}

/* What comes back needs no push timer any more. */
static void
judge_timed (RuleBook *book, const RuleCrossing *x)
{
  for (uint32_t i = 0; i < x->n_nbls; i++) {
    const RuleNbl *nbl = &x->nbls[i];
    RuleFlow *flow = rule_flow_of_object (book, nbl->object);
    if (flow == NULL || !rule_is_target (book, x))
      continue;
    bool runs_on = flow->push.is_running && flow->push.nbl == nbl->id;
    if (!rule_test (book, RULE_DLV_06, !runs_on))
      rule_report (book, RULE_DLV_06,
                   &(RuleProof){ .nbl = nbl->id, .at = { flow->push.at, x->at, nbl->at } },
                   "receive %u comes back and its push timer is still running", nbl->id);
    if (flow->push.due_nbl == nbl->id && rule_test (book, RULE_DLV_16, true))
      flow->push.due_nbl = 0;
  }
}

static void
judge_due (RuleBook *book, const RuleObject *object, const RuleFlow *flow)
{
  if (flow->push.due_nbl == 0 || !rule_is_overdue (book, flow->push.due_when, SIM_DURATION_ZERO))
    return;
  if (!rule_test (book, RULE_DLV_16, object->aborted || object->abortive || object->failed))
    rule_report (book, RULE_DLV_16,
                 &(RuleProof){ .nbl = flow->push.due_nbl, .at = { flow->push.due_at } },
                 "the push timer has run out on receive %u, which never comes back",
                 flow->push.due_nbl);
}

/* A run that begins while a call is executing: what arrived, or was posted, meanwhile waits. */
static void
judge_overlap (RuleBook *book, const RuleCrossing *x)
{
  const RuleObject *object = rule_object_at (book, x->object, x);
  const RuleFlow *flow = rule_flow_of_object (book, x->object);

  if (object == NULL || flow == NULL || !rule_is_target (book, x)
      || object->completions[RULE_PENDING_RECEIVE] + object->indications == 0)
    return;
  bool holds = flow->side[1].arrived_at < object->last_upcall_at;
  if (!rule_test (book, RULE_DLV_02, holds))
    rule_report (book, RULE_DLV_02,
                 &(RuleProof){ .object = x->object,
                               .at = { object->last_upcall_at, flow->side[1].arrived_at, x->at } },
                 "what arrived during a call of object %u goes up before it has returned",
                 x->object);
}

/* What was posted while an indication was executing that was then accepted is used before another
 * one is made. */
static void
judge_next_indication (RuleBook *book, const RuleCrossing *x)
{
  const RuleObject *object = rule_object_at (book, x->object, x);
  const RuleBuffer *receive = object == NULL ? NULL : first_receive (book, object);

  if (receive == NULL || !rule_is_target (book, x) || object->refused || object->was_partial
      || receive->at < object->indicated_at || receive->at > object->refused_at
      || rule_crossing_find (&book->crossings, receive->call) != NULL)
    return;
  if (!rule_test (book, RULE_DLV_14, false))
    rule_report (book, RULE_DLV_14,
                 &(RuleProof){ .object = x->object,
                               .at = { object->indicated_at, receive->at, x->at } },
                 "object %u indicates again, receive %u was posted during the last indication",
                 x->object, receive->id);
}

static void
judge_end (RuleBook *book)
{
  for (uint32_t slot = 0; slot < book->objects.table.n_slots; slot++) {
    const RuleObject *object = rule_table_at (&book->objects.table, slot, NULL);
    if (object == NULL || object->layer != RULE_TCP || object->phase != RULE_OBJECT_LIVE
        || object->edge != book->crossings.target_layer)
      continue;
    const RuleFlow *flow = rule_flow_of_object (book, object->id);
    if (flow == NULL || !flow->side[1].base_known)
      continue;
    judge_stuck (book, object, flow);
    judge_due (book, object, flow);
  }
}

static const RuleCallHook calls[] = {
  { RULE_SET (RULE_RECEIVE), RULE_UP_CALL, RULE_AT_BEGIN, note_completion },
  { RULE_SET (RULE_RECEIVE), RULE_UP_CALL, RULE_AT_BEGIN, judge_timed },
  { RULE_SET (RULE_INDICATE) | RULE_SET (RULE_RECEIVE), RULE_UP_CALL, RULE_AT_BEGIN,
    judge_overlap },
  { RULE_SET (RULE_INDICATE), RULE_UP_CALL, RULE_AT_BEGIN, judge_next_indication },
  { RULE_SET (RULE_RECEIVE), RULE_DOWN_HANDLER, RULE_AT_BEGIN, note_post },
  { RULE_SET (RULE_INDICATE), RULE_UP_CALL, RULE_AT_BEGIN, note_indication },
  { RULE_SET (RULE_RECEIVE), RULE_UP_CALL, RULE_AT_BEGIN, judge_chain },
  { RULE_SET (RULE_INDICATE), RULE_UP_CALL, RULE_AT_BEGIN, judge_indication },
};

static const RuleRecordHook records[] = {
  { TRACE_PUSH_TIMER, judge_push_timer },
  { TRACE_PARTLY_FILLED, judge_untimed },
  { TRACE_WIRE_ARRIVE, judge_arrival },
};

const RuleFamily rule_family_dlv = {
  "DLV", calls, G_N_ELEMENTS (calls), records, G_N_ELEMENTS (records), judge_end
};
