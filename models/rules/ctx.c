/* CTX: offload contexts, and who may name them. */
#include "models/rules/families.h"

static void
judge_new_context (RuleBook *book, const SimRecord *record)
{
  const RuleContext *context =
      rule_context_find (&book->contexts, record->column[CONTEXT_NEW_CONTEXT]);

  if (!rule_test (book, RULE_CTX_01, context == NULL || !context->is_made))
    rule_report (book, RULE_CTX_01,
                 &(RuleProof){ .object = (uint32_t)record->column[CONTEXT_NEW_OBJECT],
                               .at = { context->made_at, book->at } },
                 "the context of object %u is in use by object %u",
                 (uint32_t)record->column[CONTEXT_NEW_OBJECT], context->object);
}

/* A context goes only with the terminate of its object, or with an initiate that fails. */
static void
judge_free (RuleBook *book, const SimRecord *record)
{
  uint32_t id = (uint32_t)record->column[CONTEXT_FREE_OBJECT];
  const RuleObject *object = rule_object_find (&book->objects, id, book->crossings.target_layer);

  if (object == NULL)
    return;
  bool is_named = object->queries + object->updates + object->invalidates > 0;
  if (!rule_test (book, RULE_CTX_05, !is_named))
    rule_report (book, RULE_CTX_05,
                 &(RuleProof){ .object = id, .at = { object->live_at, book->at } },
                 "the context of object %u is freed while an operation names it", id);
}

static void
judge_initiated (RuleBook *book, const RuleCrossing *x, const RuleOpNode *sent,
                 const RuleNode *node)
{
  RuleProof proof = { .object = node->object, .op = x->op, .at = { sent->at, x->at, node->at } };

  if (sent->role != RULE_NEW)
    return;
  if (!rule_status_is_offloaded (node->status)) {
    if (!rule_test (book, RULE_CTX_04, node->context == 0))
      rule_report (book, RULE_CTX_04, &proof, "object %u was not offloaded (%s) and has a context",
                   node->object, rule_status_name (node->status));
    return;
  }
  RuleId rule = rule_is_target (book, x) ? RULE_CTX_03 : RULE_IM_03;
  if (!rule_test (book, rule, node->context != 0))
    rule_report (book, rule, &proof, "object %u was offloaded and has no context", node->object);
}

static void
judge_initiate_results (RuleBook *book, const RuleCrossing *x)
{
  const RuleOp *op = rule_op_of (book, x);

  for (uint32_t i = 0; op != NULL && i < MIN (x->n_nodes, op->n_nodes); i++)
    judge_initiated (book, x, &op->nodes[i], &x->nodes[i]);
}

/* A node that names an offloaded object. */
static void
judge_reference (RuleBook *book, const RuleCrossing *x, const RuleNode *node)
{
  const RuleObject *object = rule_object_at (book, node->object, x);
  RuleProof proof = { .object = node->object, .op = x->op, .at = { x->at, node->at } };

  if (object != NULL) {
    proof.at[2] = object->live_at;
    proof.at[3] = object->ended_at;
  }
  bool is_live = object != NULL && object->phase == RULE_OBJECT_LIVE;
  bool is_going = object != NULL && object->phase == RULE_OBJECT_TERMINATING
                  && x->verb == RULE_TERMINATE && object->terminate_op == x->op;
  if (!rule_test (book, RULE_CTX_06, is_live || is_going)) {
    rule_report (book, RULE_CTX_06, &proof, "%s names object %u, which is %s",
                 trace_call_name (x->call), node->object,
                 rule_object_phase_name (object == NULL ? RULE_OBJECT_NONE
                                                        : (RuleObjectPhase)object->phase));
    return;
  }
  if (!rule_test (book, RULE_CTX_09, node->context == object->context))
    rule_report (book, RULE_CTX_09, &proof,
                 "the context of object %u is not the one that its initiate left", node->object);
}

static void
judge_references (RuleBook *book, const RuleCrossing *x)
{
  for (uint32_t i = 0; i < x->n_nodes; i++)
    if (x->nodes[i].role == RULE_LINKER)
      judge_reference (book, x, &x->nodes[i]);
}

/* Indications name live TCP objects. */
static void
judge_indication (RuleBook *book, const RuleCrossing *x)
{
  const RuleObject *object = rule_object_at (book, x->object, x);
  RuleProof proof = { .object = x->object, .at = { object == NULL ? 0 : object->ended_at, x->at } };

  if (object != NULL && !rule_test (book, RULE_CTX_08, object->layer != RULE_PATH))
    rule_report (book, RULE_CTX_08, &proof, "%s names the path object %u",
                 trace_call_name (x->call), x->object);
  bool is_known =
      object != NULL && object->phase != RULE_OBJECT_NONE && object->phase != RULE_OBJECT_FAILED;
  if (!rule_test (book, RULE_CTX_07, is_known))
    rule_report (book, RULE_CTX_07, &proof, "%s names object %u, which is %s",
                 trace_call_name (x->call), x->object,
                 rule_object_phase_name (object == NULL ? RULE_OBJECT_NONE
                                                        : (RuleObjectPhase)object->phase));
}

static const RuleCallHook calls[] = {
  { RULE_SET (RULE_INITIATE), RULE_UP_CALL, RULE_AT_BEGIN, judge_initiate_results },
  { RULE_SET_STATE, RULE_DOWN_HANDLER, RULE_AT_BEGIN, judge_references },
  { RULE_SET (RULE_EVENT) | RULE_SET (RULE_INDICATE), RULE_UP_CALL, RULE_AT_BEGIN,
    judge_indication },
};

static const RuleRecordHook records[] = {
  { TRACE_CONTEXT_NEW, judge_new_context },
  { TRACE_CONTEXT_FREE, judge_free },
};

const RuleFamily rule_family_ctx = {
  "CTX", calls, G_N_ELEMENTS (calls), records, G_N_ELEMENTS (records), NULL
};
