/* RSS: received data stays in order when connections move to other processors. */
#include "models/rules/families.h"

#include "models/ndis/oid.h"

static void
note_table (RuleBook *book, const RuleCrossing *x)
{
  if (x->arg0 == OID_GEN_RECEIVE_SCALE_PARAMETERS && x->arg1 != 0)
    book->adapter.rss_table_at = x->at;
}

static void
judge_order (RuleBook *book, const RuleCrossing *x, const RuleObject *object, const RuleNbl *nbl,
             uint64_t begin)
{
  if (!object->delivered_known || book->adapter.rss_table_at < object->live_at)
    return;
  if (!rule_test (book, RULE_RSS_02, begin == object->delivered_end))
    rule_report (book, RULE_RSS_02,
                 &(RuleProof){
                     .object = object->id,
                     .at = { book->adapter.rss_table_at, object->last_upcall_at, x->at, nbl->at } },
                 "object %u delivers from byte %" G_GUINT64_FORMAT
                 " on, not from %" G_GUINT64_FORMAT ", after the RSS table has changed",
                 object->id, begin, object->delivered_end);
}

/* The first data of a call follows what was delivered last. */
static void
judge_completion (RuleBook *book, const RuleCrossing *x)
{
  const RuleNbl *nbl = x->n_nbls > 0 ? &x->nbls[0] : NULL;
  const RuleBuffer *buffer =
      nbl == NULL ? NULL : rule_buffer_find (&book->buffers, nbl->id, x->edge);
  const RuleObject *object = nbl == NULL ? NULL : rule_object_at (book, nbl->object, x);

  if (buffer == NULL || object == NULL || !rule_is_target (book, x) || nbl->transferred <= 0
      || nbl->stream < 0)
    return;
  judge_order (book, x, object, nbl, (uint64_t)(nbl->offset + buffer->placed));
}

static void
judge_indication (RuleBook *book, const RuleCrossing *x)
{
  const RuleNbl *nbl = x->n_nbls > 0 ? &x->nbls[0] : NULL;
  const RuleObject *object = rule_object_at (book, x->object, x);

  if (nbl == NULL || object == NULL || !rule_is_target (book, x) || nbl->stream < 0)
    return;
  judge_order (book, x, object, nbl, (uint64_t)nbl->offset);
}

/* All data of a connection goes up on one processor, which changes with the table alone. */
static void
judge_processor (RuleBook *book, const RuleCrossing *x)
{
  const RuleNbl *nbl = x->n_nbls > 0 ? &x->nbls[0] : NULL;
  RuleFlow *flow = nbl == NULL ? NULL : rule_flow_of_object (book, nbl->object);

  if (flow == NULL || !rule_is_target (book, x) || nbl->status != NDIS_STATUS_SUCCESS)
    return;
  bool holds = !flow->cpu_known || flow->cpu == x->cpu || book->adapter.rss_table_at > flow->cpu_at;
  if (flow->cpu_known && !rule_test (book, RULE_RSS_01, holds))
    rule_report (book, RULE_RSS_01,
                 &(RuleProof){ .object = nbl->object, .at = { flow->cpu_at, x->at } },
                 "data of object %u goes up on processor %u, before on %u", nbl->object, x->cpu,
                 flow->cpu);
  if (!flow->cpu_known || flow->cpu != x->cpu)
    flow->cpu_at = x->at;
  flow->cpu_known = true;
  flow->cpu = x->cpu;
}

static const RuleCallHook calls[] = {
  { RULE_SET (RULE_RECEIVE) | RULE_SET (RULE_INDICATE), RULE_UP_CALL, RULE_AT_BEGIN,
    judge_processor },
  { RULE_SET (RULE_OID), RULE_DOWN_HANDLER, RULE_AT_BEGIN, note_table },
  { RULE_SET (RULE_RECEIVE), RULE_UP_CALL, RULE_AT_BEGIN, judge_completion },
  { RULE_SET (RULE_INDICATE), RULE_UP_CALL, RULE_AT_BEGIN, judge_indication },
};

const RuleFamily rule_family_rss = { "RSS", calls, G_N_ELEMENTS (calls), NULL, 0, NULL };
