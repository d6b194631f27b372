/* CALL: operations on state are asked for by one call and completed by another. */
#include "models/rules/families.h"

static void
judge_nesting (RuleBook *book, const RuleCrossing *x)
{
  const RuleCrossing *handler =
      rule_crossing_around (&book->crossings, x, RULE_SET (x->verb), RULE_DOWN_HANDLER);

  while (handler != NULL && (handler->op != x->op || handler->edge != x->edge))
    handler =
        rule_crossing_around (&book->crossings, handler, RULE_SET (x->verb), RULE_DOWN_HANDLER);
  if (!rule_test (book, RULE_CALL_01, handler == NULL))
    rule_report (book, RULE_CALL_01, &(RuleProof){ .op = x->op, .at = { handler->at, x->at } },
                 "%s is called for operation %u inside the %s that brought it",
                 trace_call_name (x->call), x->op, trace_call_name (handler->call));
}

/* NDIS hands a tree to the driver below its caller: to that adapter instance and to no other. */
static void
judge_instance (RuleBook *book, const RuleCrossing *x)
{
  const RuleCrossing *caller = rule_crossing_find (&book->crossings, x->parent);

  if (caller == NULL || caller->station != RULE_DOWN_CALL || caller->verb != x->verb)
    return;
  if (!rule_test (book, RULE_CALL_10,
                  rule_layer_above (&book->crossings, x->layer) == caller->layer))
    rule_report (book, RULE_CALL_10, &(RuleProof){ .op = x->op, .at = { caller->at, x->at } },
                 "%s of driver %u brings operation %u to driver %u", trace_call_name (caller->call),
                 caller->layer, x->op, x->layer);
}

/* A completion for which nothing is outstanding here. */
static void
judge_unknown (RuleBook *book, const RuleCrossing *x)
{
  for (unsigned edge = 1; edge <= book->crossings.target_layer; edge++) {
    const RuleOp *op = rule_op_find (&book->ops, x->op, edge);
    if (op != NULL && op->handled && !op->passed_on && edge < x->edge) {
      rule_report (book, RULE_CALL_12, &(RuleProof){ .op = x->op, .at = { op->handled_at, x->at } },
                   "driver %u completes operation %u, which was given to driver %u", x->layer,
                   x->op, edge);
      return;
    }
  }
  rule_test (book, RULE_CALL_02, false);
  rule_report (book, RULE_CALL_02, &(RuleProof){ .op = x->op, .at = { x->at } },
               x->op <= book->ops.last_id
                   ? "%s is called for operation %u, which is not outstanding any more"
                   : "%s is called for operation %u, which nobody has asked for",
               trace_call_name (x->call), x->op);
}

/* True if |x| carries the tree of |op|, by its root. */
static bool
is_same_tree (const RuleOp *op, const RuleCrossing *x)
{
  if (op->n_nodes == 0)
    return true;
  if (op->n_nodes != x->n_nodes)
    return false;
  for (uint32_t i = 0; i < x->n_nodes; i++)
    if (op->nodes[i].object != x->nodes[i].object)
      return false;
  return true;
}

static void
judge_completion (RuleBook *book, const RuleCrossing *x)
{
  const RuleOp *op = rule_op_of (book, x);

  judge_nesting (book, x);
  rule_test (book, RULE_CALL_12, true);
  if (op == NULL) {
    judge_unknown (book, x);
    return;
  }
  RuleProof proof = { .op = x->op, .at = { op->handled_at, op->completed_at, x->at } };
  if (!rule_test (book, RULE_CALL_02, op->verb == x->verb && !op->completed)) {
    rule_report (book, RULE_CALL_02, &proof, "%s is called for operation %u, %s",
                 trace_call_name (x->call), x->op,
                 op->completed ? "which is being completed" : "which is another one");
    return;
  }
  if (!rule_test (book, RULE_CALL_03, is_same_tree (op, x)))
    rule_report (book, RULE_CALL_03, &proof,
                 "operation %u comes back with another root than it went with", x->op);
}

static void
judge_statuses (RuleBook *book, const RuleCrossing *x)
{
  for (uint32_t i = 0; i < x->n_nodes; i++) {
    const RuleNode *node = &x->nodes[i];
    RuleProof proof = { .op = x->op, .at = { x->at, node->at } };
    if (!rule_test (book, RULE_CALL_05, node->status != NDIS_STATUS_NOT_WRITTEN)) {
      rule_report (book, RULE_CALL_05, &proof, "node %u of operation %u has no status", i, x->op);
      continue;
    }
    if (x->verb != RULE_INITIATE
        && !rule_test (book, RULE_CALL_06,
                       node->status == NDIS_STATUS_SUCCESS || node->status == NDIS_STATUS_FAILURE))
      rule_report (book, RULE_CALL_06, &proof, "%s reports %s for node %u",
                   trace_call_name (x->call), rule_status_name (node->status), i);
  }
}

static void
judge_propagation (RuleBook *book, const RuleCrossing *x)
{
  if (x->status == NDIS_STATUS_INVALID_STATE)
    return;
  bool holds = x->n_children == 1 && rule_call_station (x->child_call) == RULE_UP_HANDLER
               && rule_call_verb (x->child_call) == (RuleVerb)x->verb;
  if (!rule_test (book, RULE_CALL_07, holds))
    rule_report (book, RULE_CALL_07, &(RuleProof){ .op = x->op, .at = { x->at, x->end_at } },
                 "%s of operation %u leads to %u calls above, the last one %s",
                 trace_call_name (x->call), x->op, x->n_children,
                 x->n_children == 0 ? "none" : trace_call_name (x->child_call));
}

/* What the driver above is told is what the driver below wrote. */
static void
judge_report (RuleBook *book, const RuleCrossing *x)
{
  const RuleOp *op = rule_op_of (book, x);

  if (!rule_test (book, RULE_CALL_11, op != NULL))
    rule_report (book, RULE_CALL_11, &(RuleProof){ .op = x->op, .at = { x->at } },
                 "driver %u is told the completion of operation %u, which it did not ask for",
                 x->layer, x->op);
  for (uint32_t i = 0; op != NULL && i < MIN (x->n_nodes, op->n_nodes); i++) {
    if (!rule_test (book, RULE_CALL_08, op->nodes[i].status == x->nodes[i].status))
      rule_report (book, RULE_CALL_08,
                   &(RuleProof){ .op = x->op, .at = { op->completed_at, x->nodes[i].at } },
                   "node %u of operation %u was completed with %s and is reported with %s", i,
                   x->op, rule_status_name (op->nodes[i].status),
                   rule_status_name (x->nodes[i].status));
  }
}

/* The target reads a tree only while it has it. */
static void
judge_use_of_tree (RuleBook *book, const SimRecord *record)
{
  uint32_t id = (uint32_t)record->column[CONTEXT_NEW_OP];
  const RuleOp *op = rule_op_find (&book->ops, id, book->crossings.target_layer);

  if (id != 0 && !rule_test (book, RULE_CALL_04, op != NULL && op->handled && !op->completed))
    rule_report (book, RULE_CALL_04,
                 &(RuleProof){ .op = id, .at = { op == NULL ? 0 : op->completed_at, book->at } },
                 "the target takes state out of operation %u, which it does not have", id);
}

/* At the end of a run that was cut off an operation may still wait its turn: it is lost if the
 * driver has completed one that it was asked for later, long ago. */
static bool
is_lost (const RuleBook *book, const RuleOp *op)
{
  bool was_passed_over = sim_time_before (op->asked, book->ops.asked_of_completed[op->edge]);

  return !op->completed && (was_passed_over || !book->is_cut_off)
         && rule_is_overdue (book, op->asked, book->ops.longest);
}

static void
judge_end (RuleBook *book)
{
  for (uint32_t slot = 0; slot < book->ops.table.n_slots; slot++) {
    const RuleOp *op = rule_table_at (&book->ops.table, slot, NULL);
    if (op == NULL || !op->handled)
      continue;
    if (!rule_test (book, RULE_CALL_02, !is_lost (book, op)))
      rule_report (book, RULE_CALL_02, &(RuleProof){ .op = op->id, .at = { op->handled_at } },
                   "operation %u was never completed by driver %u", op->id, op->edge);
  }
}

static const RuleCallHook calls[] = {
  { RULE_SET_STATE, RULE_DOWN_HANDLER, RULE_AT_BEGIN, judge_instance },
  { RULE_SET_STATE, RULE_UP_CALL, RULE_AT_BEGIN, judge_completion },
  { RULE_SET_STATE, RULE_UP_CALL, RULE_AT_BEGIN, judge_statuses },
  { RULE_SET_STATE, RULE_UP_CALL, RULE_AT_END, judge_propagation },
  { RULE_SET_STATE, RULE_UP_HANDLER, RULE_AT_BEGIN, judge_report },
};

static const RuleRecordHook records[] = {
  { TRACE_CONTEXT_NEW, judge_use_of_tree },
  { TRACE_CONTEXT_LINK, judge_use_of_tree },
};

const RuleFamily rule_family_call = {
  "CALL", calls, G_N_ELEMENTS (calls), records, G_N_ELEMENTS (records), judge_end
};
