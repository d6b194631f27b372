/* STS: pausing, resuming, and calling everything back. */
#include "models/rules/families.h"

static void
judge_initiate (RuleBook *book, const RuleCrossing *x)
{
  const RuleRestraint *heard = &book->adapter.heard;
  RuleProof proof = { .op = x->op, .at = { heard->paused_at, heard->upload_all_at, x->at } };

  if (x->layer != 0)
    return;
  if (!rule_test (book, RULE_STS_01, !heard->is_paused))
    rule_report (book, RULE_STS_01, &proof, "an initiate is called while offloading is paused");
  if (!rule_test (book, RULE_STS_07, !heard->upload_all))
    rule_report (book, RULE_STS_07, &proof,
                 "an initiate is called while everything is being called back");
  if (heard->resumed_at == 0)
    return;
  proof.at[0] = heard->resumed_at;
  if (!rule_test (book, RULE_STS_05, heard->queried_since))
    rule_report (book, RULE_STS_05, &proof,
                 "an initiate follows a resume and the capabilities were not asked for");
}

/* A driver calls for new offloads only when the old ones are gone. */
static void
judge_resume (RuleBook *book, const RuleCrossing *x)
{
  const RuleRestraint *told = &book->adapter.told[x->driver];

  if (x->arg0 != NDIS_STATUS_OFFLOAD_RESUME || !told->upload_all)
    return;
  uint32_t objects = book->objects.live[x->driver] + book->objects.terminating[x->driver];
  RuleProof proof = {
    .subject = 1, .at = { told->upload_all_at, book->adapter.last_terminate_complete_at, x->at }
  };
  if (!rule_test (book, RULE_STS_09, objects == 0))
    rule_report (book, RULE_STS_09, &proof,
                 "offloading is resumed while %u objects are still offloaded", objects);
  if (!rule_test (book, RULE_TERM_28, objects == 0))
    rule_report (book, RULE_TERM_28, &proof,
                 "offloading is resumed while %u objects are still offloaded", objects);
}

static void
judge_send_completion (RuleBook *book, const RuleCrossing *x)
{
  const RuleRestraint *told = &book->adapter.told[x->driver];

  for (uint32_t i = 0; told->is_paused && i < x->n_nbls; i++) {
    const RuleNbl *nbl = &x->nbls[i];
    if (!rule_test (book, RULE_STS_04, nbl->status != NDIS_STATUS_PAUSED))
      rule_report (book, RULE_STS_04,
                   &(RuleProof){ .nbl = nbl->id, .at = { told->paused_at, x->at, nbl->at } },
                   "a send ends with NDIS_STATUS_PAUSED");
  }
}

static bool
takes_something_in (const RuleCrossing *x)
{
  for (uint32_t i = 0; i < x->n_nodes; i++)
    if (x->nodes[i].role == RULE_NEW && rule_status_is_offloaded (x->nodes[i].status))
      return true;
  return false;
}

/* An initiate that reaches the target while it is paused waits there, and is completed.  One that
 * has called everything back, or that refuses, need not wait. */
static void
judge_parked (RuleBook *book, const RuleCrossing *x)
{
  const RuleOp *op = rule_op_of (book, x);
  const RuleRestraint *told = &book->adapter.told[x->driver];

  if (op == NULL || !op->is_parked || !rule_is_target (book, x))
    return;
  bool is_still_paused = told->is_paused && !told->upload_all && told->resumed_at < op->handled_at;
  if (!rule_test (book, RULE_STS_03, !is_still_paused || !takes_something_in (x)))
    rule_report (book, RULE_STS_03,
                 &(RuleProof){ .op = x->op, .at = { told->paused_at, op->handled_at, x->at } },
                 "initiate %u came while the target was paused and did not wait for the resume",
                 x->op);
}

static void
note_parked (RuleBook *book, const RuleCrossing *x)
{
  RuleOp *op = rule_op_of (book, x);

  if (op != NULL && rule_is_target (book, x))
    op->is_parked = book->adapter.told[x->driver].is_paused;
}

static void
judge_never_completed (RuleBook *book)
{
  for (uint32_t slot = 0; slot < book->ops.table.n_slots; slot++) {
    const RuleOp *op = rule_table_at (&book->ops.table, slot, NULL);
    if (op == NULL || !op->is_parked || op->completed || book->adapter.told[op->driver].is_paused)
      continue;
    bool is_open = rule_is_overdue (book, op->asked, book->ops.longest);
    if (!rule_test (book, RULE_STS_03, !is_open))
      rule_report (book, RULE_STS_03, &(RuleProof){ .op = op->id, .at = { op->handled_at } },
                   "initiate %u came while the target was paused and was never completed", op->id);
  }
}

/* What is terminated while everything is being called back is what the rules want. */
static void
note_fetched (RuleBook *book, const RuleCrossing *x)
{
  for (uint32_t i = 0; book->adapter.heard.upload_all && i < x->n_nodes; i++) {
    const RuleNode *node = &x->nodes[i];
    if (node->role == RULE_PLACEHOLDER)
      continue;
    bool is_connection = rule_type_layer (node->type) == RULE_TCP;
    rule_test (book, is_connection ? RULE_TERM_27 : RULE_STS_08, true);
  }
}

/* In the end everything was terminated that was called back. */
static void
judge_end (RuleBook *book)
{
  judge_never_completed (book);
  if (book->is_cut_off || !book->adapter.heard.upload_all)
    return;
  for (uint32_t slot = 0; slot < book->objects.table.n_slots; slot++) {
    const RuleObject *object = rule_table_at (&book->objects.table, slot, NULL);
    if (object == NULL || object->edge != 1)
      continue;
    RuleId rule = object->layer == RULE_TCP ? RULE_STS_07 : RULE_STS_08;
    RuleProof proof = { .object = object->id,
                        .at = { object->live_at, book->adapter.heard.upload_all_at } };
    if (!rule_test (book, rule, object->phase != RULE_OBJECT_LIVE))
      rule_report (book, rule, &proof, "object %u was not terminated after NDIS_STATUS_UPLOAD_ALL",
                   object->id);
    if (object->layer == RULE_TCP
        && !rule_test (book, RULE_TERM_27, object->phase != RULE_OBJECT_LIVE))
      rule_report (book, RULE_TERM_27, &proof,
                   "object %u was not terminated after NDIS_STATUS_UPLOAD_ALL", object->id);
  }
}

static const RuleCallHook calls[] = {
  { RULE_SET (RULE_INITIATE), RULE_DOWN_HANDLER, RULE_AT_END, note_parked },
  { RULE_SET (RULE_INITIATE), RULE_UP_CALL, RULE_AT_BEGIN, judge_parked },
  { RULE_SET (RULE_INITIATE), RULE_DOWN_CALL, RULE_AT_BEGIN, judge_initiate },
  { RULE_SET (RULE_TERMINATE), RULE_DOWN_HANDLER, RULE_AT_BEGIN, note_fetched },
  { RULE_SET (RULE_STATUS), RULE_UP_CALL, RULE_AT_BEGIN, judge_resume },
  { RULE_SET (RULE_SEND), RULE_UP_CALL, RULE_AT_BEGIN, judge_send_completion },
};

const RuleFamily rule_family_sts = { "STS", calls, G_N_ELEMENTS (calls), NULL, 0, judge_end };
