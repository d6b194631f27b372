/* FWD: segments that the host gives to the target. */
#include "models/rules/families.h"

static void
judge_return (RuleBook *book, const RuleCrossing *x)
{
  if (!rule_test (book, RULE_FWD_02, x->status == NDIS_STATUS_PENDING))
    rule_report (book, RULE_FWD_02, &(RuleProof){ .nbl = x->op, .at = { x->at, x->end_at } },
                 "%s returns %s", trace_call_name (x->call), rule_status_name (x->status));
}

static void
judge_call (RuleBook *book, const RuleCrossing *x)
{
  const RuleObject *object = rule_object_at (book, x->object, x);
  RuleProof proof = { .object = x->object, .at = { x->at } };

  for (uint32_t i = 0; i < x->n_nbls; i++)
    if (!rule_test (book, RULE_FWD_03, x->nbls[i].buffers == 1))
      rule_report (book, RULE_FWD_03,
                   &(RuleProof){ .nbl = x->nbls[i].id, .at = { x->at, x->nbls[i].at } },
                   "a forwarded buffer list has %u NET_BUFFERs", x->nbls[i].buffers);
  if (object == NULL)
    return;
  proof.at[1] = object->initiated_at;
  if (!rule_test (book, RULE_FWD_04, object->phase != RULE_OBJECT_INITIATING))
    rule_report (book, RULE_FWD_04, &proof,
                 "a segment is forwarded to object %u, which is being offloaded", x->object);
}

static void
judge_during_terminate (RuleBook *book, const RuleCrossing *x)
{
  const RuleObject *object = rule_object_at (book, x->object, x);

  if (object == NULL)
    return;
  if (!rule_test (book, RULE_FWD_06, object->phase != RULE_OBJECT_TERMINATING))
    rule_report (book, RULE_FWD_06,
                 &(RuleProof){ .object = x->object, .at = { object->terminated_at, x->at } },
                 "a segment is forwarded to object %u, which is being terminated", x->object);
}

static void
judge_completion (RuleBook *book, const RuleCrossing *x)
{
  for (uint32_t i = 0; i < x->n_nbls; i++) {
    const RuleNbl *nbl = &x->nbls[i];
    const RuleBuffer *buffer = rule_buffer_find (&book->buffers, nbl->id, x->edge);
    RuleProof proof = { .nbl = nbl->id, .at = { x->at, nbl->at } };
    if (!rule_test (book, RULE_FWD_07, buffer != NULL && buffer->verb == RULE_FORWARD))
      rule_report (book, RULE_FWD_07, &proof,
                   "buffer list %u is completed and is not an outstanding forward", nbl->id);
    bool holds = nbl->status == NDIS_STATUS_SUCCESS || nbl->status == NDIS_STATUS_UPLOAD_IN_PROGRESS
                 || nbl->status == NDIS_STATUS_REQUEST_ABORTED;
    if (!rule_test (book, RULE_FWD_08, holds))
      rule_report (book, RULE_FWD_08, &proof, "a forward ends with %s",
                   rule_status_name (nbl->status));
  }
}

/* What follows the segment that ended a connection, or urgent data, is not processed: of several forwarded
 * ones each has its own answer. */
static void
judge_processed (RuleBook *book, const SimRecord *record)
{
  const int64_t *c = record->column;
  const RuleFlow *flow = rule_flow_find (&book->flows, (uint32_t)c[TARGET_SEGMENT_CONNECTION]);
  const RuleObject *object =
      flow == NULL ? NULL
                   : rule_object_find (&book->objects, flow->object, book->crossings.target_layer);

  if (object == NULL || flow->given_up_at == 0 || c[TARGET_SEGMENT_VERDICT] != 0
      || object->pending[RULE_PENDING_FORWARD] == 0 || object->phase != RULE_OBJECT_LIVE)
    return;
  if (!rule_test (book, RULE_FWD_08, false))
    rule_report (book, RULE_FWD_08,
                 &(RuleProof){ .object = object->id,
                               .at = { object->last_call_at[RULE_PENDING_FORWARD],
                                       flow->given_up_at, book->at } },
                 "object %u processes a segment behind the one with which it has given the "
                 "connection up",
                 object->id);
}

static const RuleCallHook calls[] = {
  { RULE_SET (RULE_FORWARD), RULE_DOWN_HANDLER, RULE_AT_BEGIN, judge_call },
  { RULE_SET (RULE_FORWARD), RULE_DOWN_HANDLER, RULE_AT_END, judge_return },
  { RULE_SET (RULE_FORWARD), RULE_DOWN_CALL, RULE_AT_BEGIN, judge_during_terminate },
  { RULE_SET (RULE_FORWARD), RULE_UP_CALL, RULE_AT_BEGIN, judge_completion },
};

static const RuleRecordHook records[] = {
  { TRACE_TARGET_SEGMENT, judge_processed },
};

const RuleFamily rule_family_fwd = {
  "FWD", calls, G_N_ELEMENTS (calls), records, G_N_ELEMENTS (records), NULL
};
