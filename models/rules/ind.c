/* IND: received data that no request waits for. */
#include "models/rules/families.h"

#include "models/tcp/segment.h"

/* RFC 1122 4.2.3.2 lets an ACK wait for half a second; as much again for what is on its way. */
#define ACK_DELAY_MAX SIM_PS_PER_S

static void
judge_list (RuleBook *book, const RuleCrossing *x)
{
  const RuleObject *object = rule_object_at (book, x->object, x);

  for (uint32_t i = 0; i < x->n_nbls; i++) {
    const RuleNbl *nbl = &x->nbls[i];
    RuleProof proof = { .nbl = nbl->id, .object = nbl->object, .at = { x->at, nbl->at } };
    if (!rule_test (book, RULE_BUF_02, nbl->buffers == 1))
      rule_report (book, RULE_BUF_02, &proof, "a received buffer list has %u NET_BUFFERs",
                   nbl->buffers);
    if (!rule_test (book, RULE_IND_02, x->n_nbls == 1 && nbl->buffers == 1))
      rule_report (book, RULE_IND_02, &proof, "%u buffer lists are indicated, one of %u buffers",
                   x->n_nbls, nbl->buffers);
    int64_t status = nbl->status != NDIS_STATUS_SUCCESS ? nbl->status : x->arg1;
    if (!rule_test (book, RULE_IND_03, status == NDIS_STATUS_SUCCESS))
      rule_report (book, RULE_IND_03, &proof, "data is indicated with %s",
                   rule_status_name (status));
    if (object == NULL || !object->delivered_known || nbl->stream < 0)
      continue;
    rule_judge_precedence (book, rule_flow_of_object (book, nbl->object), object,
                           (uint64_t)nbl->offset, object->delivered_end, &proof);
    RuleId rule = object->was_partial ? RULE_IND_06 : RULE_RBUF_08;
    if (!rule_test (book, rule, (uint64_t)nbl->offset == object->delivered_end))
      rule_report (book, rule, &proof,
                   "data is indicated from byte %d on, delivered was up to %" G_GUINT64_FORMAT,
                   (int)nbl->offset, object->delivered_end);
  }
}

static void
judge_moment (RuleBook *book, const RuleCrossing *x)
{
  const RuleObject *object = rule_object_at (book, x->object, x);
  RuleProof proof = { .object = x->object,
                      .at = { object == NULL ? 0 : object->refused_at, x->at } };

  bool is_known = object != NULL && object->layer == RULE_TCP;
  if (!rule_test (book, RULE_IND_13, is_known && x->level == 1))
    rule_report (book, RULE_IND_13, &proof, "data is indicated %s",
                 is_known ? "below DISPATCH_LEVEL" : "on what is no offloaded connection");
  if (object == NULL)
    return;
  bool must_wait = object->refused && !object->met_by_post;
  if (!rule_test (book, RULE_DLV_03, !must_wait))
    rule_report (book, RULE_DLV_03, &proof,
                 "object %u indicates although data is buffered and no receive is posted",
                 x->object);
  if (!rule_test (book, RULE_IND_07, !must_wait))
    rule_report (book, RULE_IND_07, &proof,
                 "object %u indicates again after a refusal, and no receive was posted", x->object);
}

/* What the host said about the data. */
static void
judge_result (RuleBook *book, const RuleCrossing *x)
{
  RuleProof proof = { .nbl = x->op, .object = x->object, .at = { x->at, x->end_at } };

  switch (x->status) {
  case NDIS_STATUS_SUCCESS:
    if (!rule_test (book, RULE_IND_04, x->value == x->arg0))
      rule_report (book, RULE_IND_04, &proof, "of %d bytes %d were consumed, with success",
                   (int)x->arg0, (int)x->value);
    break;
  case NDIS_STATUS_OFFLOAD_DATA_NOT_ACCEPTED:
    if (!rule_test (book, RULE_IND_05, x->value == 0))
      rule_report (book, RULE_IND_05, &proof, "data was refused and %d bytes consumed",
                   (int)x->value);
    break;
  case NDIS_STATUS_OFFLOAD_DATA_PARTIALLY_ACCEPTED:
    if (!rule_test (book, RULE_IND_06, x->value > 0 && x->value < x->arg0))
      rule_report (book, RULE_IND_06, &proof, "%d of %d bytes were accepted in part", (int)x->value,
                   (int)x->arg0);
    break;
  default:
    break;
  }
}

/* A receive of no bytes asks for indications; it takes none itself. */
static void
judge_zero_length (RuleBook *book, const RuleCrossing *x)
{
  for (uint32_t i = 0; i < x->n_nbls; i++) {
    const RuleBuffer *buffer = rule_buffer_find (&book->buffers, x->nbls[i].id, x->edge);
    if (buffer == NULL || (buffer->flags & RULE_NBL_ZERO_LENGTH) == 0)
      continue;
    if (!rule_test (book, RULE_IND_08, x->nbls[i].transferred == 0))
      rule_report (book, RULE_IND_08,
                   &(RuleProof){ .nbl = buffer->id, .at = { buffer->at, x->at, x->nbls[i].at } },
                   "a receive of no bytes comes back with %d", (int)x->nbls[i].transferred);
  }
}

/* What is in order is acknowledged, whatever the application does: within the time that an ACK may
 * be delayed for. */
static void
judge_acknowledged (RuleBook *book, const RuleFlow *flow)
{
  const RuleObject *object =
      rule_object_find (&book->objects, flow->object, book->crossings.target_layer);

  if (object == NULL || object->phase != RULE_OBJECT_LIVE || !flow->received.is_known
      || object->aborted || object->abortive || object->failed || object->upload_asked
      || flow->peer_rst_arrived || flow->urgent_arrived || book->adapter.link_at != 0
      || rule_object_invalid_one (&book->objects, object) != NULL)
    return;
  bool is_late = flow->received.is_owed
                 && sim_time_diff (book->now, flow->received.owed_when).ps > ACK_DELAY_MAX;
  if (!rule_test (book, RULE_IND_09, !is_late))
    rule_report (book, RULE_IND_09,
                 &(RuleProof){ .object = object->id,
                               .at = { flow->last_ack_at, flow->received.at, book->at } },
                 "object %u has received up to %u and acknowledged %u", object->id,
                 flow->received.rcv_nxt, flow->last_ack);
}

static void
judge_received (RuleBook *book, const SimRecord *record)
{
  const RuleFlow *flow =
      rule_flow_find (&book->flows, (uint32_t)record->column[RECEIVED_CONNECTION]);

  if (flow != NULL)
    judge_acknowledged (book, flow);
}

static void
judge_end (RuleBook *book)
{
  for (uint32_t slot = 0; slot < book->flows.table.n_slots; slot++) {
    const RuleFlow *flow = rule_table_at (&book->flows.table, slot, NULL);
    if (flow != NULL)
      judge_acknowledged (book, flow);
  }
}

static const RuleRecordHook records[] = {
  { TRACE_RECEIVED, judge_received },
};

static const RuleCallHook calls[] = {
  { RULE_SET (RULE_INDICATE), RULE_UP_CALL, RULE_AT_BEGIN, judge_list },
  { RULE_SET (RULE_INDICATE), RULE_UP_CALL, RULE_AT_BEGIN, judge_moment },
  { RULE_SET (RULE_INDICATE), RULE_UP_CALL, RULE_AT_END, judge_result },
  { RULE_SET (RULE_RECEIVE), RULE_UP_CALL, RULE_AT_BEGIN, judge_zero_length },
};

const RuleFamily rule_family_ind = {
  "IND", calls, G_N_ELEMENTS (calls), records, G_N_ELEMENTS (records), judge_end
};
