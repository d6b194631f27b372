/* DLV: the delivery algorithm, as far as it shows at the interface. */
#include "models/rules/families.h"

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
    if (!rule_test (book, RULE_DLV_18, nbl->bytes == 0))
      rule_report (book, RULE_DLV_18,
                   &(RuleProof){ .object = nbl->object, .at = { x->at, nbl->at, next->at } },
                   "receive %u is not full and is not the last one of its chain", nbl->id);
  }
}

/* Data goes to what is posted first: only when that is full is anything indicated.  Judged for bytes that arrived when
 * the receive had been posted. */
static void
judge_indication (RuleBook *book, const RuleCrossing *x)
{
  const RuleObject *object = rule_object_at (book, x->object, x);
  const RuleBuffer *receive =
      object == NULL
          ? NULL
          : rule_buffer_find (&book->buffers, object->first[RULE_PENDING_RECEIVE], x->edge);

  while (receive != NULL && receive->bytes == 0)
    receive = rule_buffer_find (&book->buffers, receive->next, x->edge);
  for (uint32_t i = 0; i < x->n_nbls; i++) {
    const RuleNbl *nbl = &x->nbls[i];
    bool holds = receive == NULL || rule_crossing_find (&book->crossings, receive->call) != NULL
                 || nbl->stream < 0 || (uint64_t)nbl->offset < receive->arrived_end;
    if (!rule_test (book, RULE_IND_01, holds))
      rule_report (book, RULE_IND_01,
                   &(RuleProof){ .object = x->object, .at = { receive->at, x->at, nbl->at } },
                   "data is indicated on object %u although receive %u is posted", x->object,
                   receive->id);
  }
}

static const RuleCallHook calls[] = {
  { RULE_SET (RULE_RECEIVE), RULE_UP_CALL, RULE_AT_BEGIN, judge_chain },
  { RULE_SET (RULE_INDICATE), RULE_UP_CALL, RULE_AT_BEGIN, judge_indication },
};

const RuleFamily rule_family_dlv = { "DLV", calls, G_N_ELEMENTS (calls), NULL, 0, NULL };
