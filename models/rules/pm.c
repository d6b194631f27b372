/* PM: power goes down when nothing is offloaded any more. */
#include "models/rules/families.h"

#include "models/ndis/oid.h"

static bool
is_set_power (int64_t oid)
{
  return oid == OID_PNP_SET_POWER;
}

/* Objects that the target of |x| still has. */
static uint32_t
offloaded (const RuleBook *book, const RuleCrossing *x)
{
  return book->objects.live[x->driver] + book->objects.terminating[x->driver]
         + book->objects.initiating[x->driver];
}

/* Objects of the host for which it has never called a terminate.  One that was defeated by hardware
 * is called again later: the target answers no sooner (PM-02). */
static uint32_t
never_terminated (const RuleObjects *objects)
{
  uint32_t count = 0;

  for (uint32_t slot = 0; objects->live[1] > 0 && slot < objects->table.n_slots; slot++) {
    const RuleObject *object = rule_table_at (&objects->table, slot, NULL);
    count += object != NULL && object->driver == 1 && object->phase == RULE_OBJECT_LIVE
             && object->terminated_at == 0;
  }
  return count;
}

static void
judge_request (RuleBook *book, const RuleCrossing *x)
{
  if (!is_set_power (x->arg0) || x->layer != 0)
    return;
  uint32_t left = never_terminated (&book->objects);
  if (!rule_test (book, RULE_PM_01, left == 0))
    rule_report (book, RULE_PM_01, &(RuleProof){ .op = x->op, .at = { x->at } },
                 "OID_PNP_SET_POWER is sent while %u objects are offloaded", left);
}

static void
judge_answer (RuleBook *book, const RuleCrossing *x)
{
  if (!is_set_power (x->arg0) || !rule_is_target (book, x) || x->status == NDIS_STATUS_PENDING)
    return;
  bool holds = x->status != NDIS_STATUS_SUCCESS || offloaded (book, x) == 0;
  if (!rule_test (book, RULE_PM_02, holds))
    rule_report (book, RULE_PM_02, &(RuleProof){ .op = x->op, .at = { x->at, x->end_at } },
                 "OID_PNP_SET_POWER succeeds while %u objects are offloaded", offloaded (book, x));
}

static void
judge_completion (RuleBook *book, const RuleCrossing *x)
{
  const RuleOid *oid = rule_oid_find (&book->adapter, x->op);

  /* An adapter that was torn out completes what is left with failure. */
  if (oid == NULL || !is_set_power (oid->number) || !rule_is_target (book, x)
      || book->pnp[x->layer % RULE_LAYERS_MAX].removed_at != 0)
    return;
  RuleProof proof = { .op = x->op,
                      .at = { oid->called_at, book->adapter.last_terminate_complete_at, x->at } };
  if (!rule_test (book, RULE_PM_03, offloaded (book, x) == 0))
    rule_report (book, RULE_PM_03, &proof,
                 "OID_PNP_SET_POWER is completed while %u objects are offloaded",
                 offloaded (book, x));
  if (!rule_test (book, RULE_PM_02, offloaded (book, x) == 0))
    rule_report (book, RULE_PM_02, &proof,
                 "OID_PNP_SET_POWER is completed while %u objects are offloaded",
                 offloaded (book, x));
}

static const RuleCallHook calls[] = {
  { RULE_SET (RULE_OID), RULE_DOWN_CALL, RULE_AT_BEGIN, judge_request },
  { RULE_SET (RULE_OID), RULE_DOWN_HANDLER, RULE_AT_END, judge_answer },
  { RULE_SET (RULE_OID), RULE_UP_CALL, RULE_AT_BEGIN, judge_completion },
};

const RuleFamily rule_family_pm = { "PM", calls, G_N_ELEMENTS (calls), NULL, 0, NULL };
