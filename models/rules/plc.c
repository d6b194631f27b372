/* PLC: placeholders, linkers and new offloads. */
#include "models/rules/families.h"

#include "models/ndis/block_list.h"

static bool
has_dependents (const RuleCrossing *x, uint32_t index)
{
  return index + 1 < x->n_nodes && rule_node_is_child_of (&x->nodes[index + 1], index);
}

static bool
is_aggregate (int64_t type)
{
  return type == NeighborOffloadState || type == Ip4OffloadState || type == Ip6OffloadState
         || type == TcpOffloadState;
}

static void
judge_placeholder (RuleBook *book, const RuleCrossing *x, const RuleNode *node)
{
  if (!rule_test (book, RULE_PLC_01, !node->has_state && node->object == 0 && node->context == 0))
    rule_report (book, RULE_PLC_01, &(RuleProof){ .op = x->op, .at = { x->at, node->at } },
                 "placeholder %u of operation %u carries state or names an object", node->index,
                 x->op);
}

static void
judge_linker (RuleBook *book, const RuleCrossing *x, const RuleNode *node)
{
  const RuleObject *object = rule_object_at (book, node->object, x);
  RuleProof proof = { .op = x->op, .at = { x->at, node->at } };

  bool names_one = object != NULL && rule_object_is_held (object) && object->layer == node->layer
                   && node->context != 0;
  if (!rule_test (book, RULE_PLC_04, names_one && !node->has_state))
    rule_report (book, RULE_PLC_04, &proof, "linker %u of operation %u names object %u, %s",
                 node->index, x->op, node->object,
                 node->has_state ? "and carries state"
                 : object == NULL
                     ? "which was never offloaded"
                     : "which is not an offloaded object of the layer that its type says");
  if (!rule_test (book, RULE_PLC_05, has_dependents (x, node->index)))
    rule_report (book, RULE_PLC_05, &proof, "linker %u of operation %u has no dependents",
                 node->index, x->op);
}

static void
judge_new (RuleBook *book, const RuleCrossing *x, const RuleNode *node)
{
  if (!rule_test (book, RULE_PLC_08,
                  node->has_state && node->context == 0 && is_aggregate (node->type)))
    rule_report (book, RULE_PLC_08, &(RuleProof){ .op = x->op, .at = { x->at, node->at } },
                 "new offload %u of operation %u %s", node->index, x->op,
                 node->context != 0 ? "has a context already" : "does not carry its whole state");
}

static void
judge_roles (RuleBook *book, const RuleCrossing *x)
{
  for (uint32_t i = 0; i < x->n_nodes; i++) {
    const RuleNode *node = &x->nodes[i];
    if (node->role == RULE_PLACEHOLDER)
      judge_placeholder (book, x, node);
    else if (x->verb == RULE_INITIATE && node->role == RULE_LINKER)
      judge_linker (book, x, node);
    else if (x->verb == RULE_INITIATE)
      judge_new (book, x, node);
  }
}

/* What a linker has to report for the |failed| of its |n| dependents. */
static int64_t
linker_status (uint32_t n, uint32_t failed)
{
  if (failed == 0)
    return NDIS_STATUS_SUCCESS;
  return failed == n ? NDIS_STATUS_FAILURE : NDIS_STATUS_OFFLOAD_PARTIAL_SUCCESS;
}

static void
judge_linker_status (RuleBook *book, const RuleCrossing *x, const RuleOp *op, uint32_t index)
{
  const RuleNode *node = &x->nodes[index];
  uint32_t n = 0, failed = 0;

  for (uint32_t i = index + 1; i < x->n_nodes && x->nodes[i].parent >= (int32_t)index; i++) {
    if (!rule_node_is_child_of (&x->nodes[i], index))
      continue;
    n++;
    failed += !rule_status_is_offloaded (x->nodes[i].status);
  }
  RuleProof proof = { .op = x->op, .at = { op->handled_at, x->at, node->at } };
  if (!rule_test (book, RULE_PLC_04, node->context == op->nodes[index].context))
    rule_report (book, RULE_PLC_04, &proof, "the context of linker %u of operation %u has changed",
                 index, x->op);
  if (!rule_test (book, RULE_PLC_07, n == 0 || node->status == linker_status (n, failed)))
    rule_report (book, RULE_PLC_07, &proof,
                 "linker %u reports %s, of its %u dependents %u were refused", index,
                 rule_status_name (node->status), n, failed);
}

static void
judge_results (RuleBook *book, const RuleCrossing *x)
{
  const RuleOp *op = rule_op_of (book, x);

  for (uint32_t i = 0; op != NULL && i < MIN (x->n_nodes, op->n_nodes); i++) {
    const RuleNode *node = &x->nodes[i];
    RuleProof proof = { .op = x->op, .at = { x->at, node->at } };
    if (op->nodes[i].role == RULE_PLACEHOLDER) {
      bool holds = node->status == NDIS_STATUS_SUCCESS;
      if (!has_dependents (x, i) && !rule_test (book, RULE_PLC_02, holds))
        rule_report (book, RULE_PLC_02, &proof, "placeholder %u without dependents reports %s", i,
                     rule_status_name (node->status));
      if (!rule_test (book, RULE_PLC_03, holds))
        rule_report (book, RULE_PLC_03, &proof, "placeholder %u reports %s", i,
                     rule_status_name (node->status));
    }
    if (x->verb == RULE_INITIATE && op->nodes[i].role == RULE_LINKER)
      judge_linker_status (book, x, op, i);
  }
}

/* New state is linked to what its linker names. */
static void
judge_new_context (RuleBook *book, const SimRecord *record)
{
  const int64_t *c = record->column;
  RuleOp *op = rule_op_find (&book->ops, (uint32_t)c[CONTEXT_NEW_OP], book->crossings.target_layer);
  uint32_t object = (uint32_t)c[CONTEXT_NEW_OBJECT];

  if (op == NULL)
    return;
  uint32_t index = rule_op_node_of (op, object, op->last_made < 0 ? 0 : (uint32_t)op->last_made);
  if (index == UINT32_MAX || op->nodes[index].parent < 0)
    return;
  const RuleOpNode *parent = &op->nodes[op->nodes[index].parent];
  if (parent->role == RULE_LINKER
      && !rule_test (book, RULE_PLC_06, c[CONTEXT_NEW_PARENT] == parent->context))
    rule_report (book, RULE_PLC_06,
                 &(RuleProof){ .object = object, .op = op->id, .at = { parent->at, book->at } },
                 "object %u is linked to another object than its linker names", object);
}

static const RuleCallHook calls[] = {
  { RULE_SET_STATE, RULE_DOWN_HANDLER, RULE_AT_BEGIN, judge_roles },
  { RULE_SET_STATE, RULE_UP_CALL, RULE_AT_BEGIN, judge_results },
};

static const RuleRecordHook records[] = {
  { TRACE_CONTEXT_NEW, judge_new_context },
};

const RuleFamily rule_family_plc = {
  "PLC", calls, G_N_ELEMENTS (calls), records, G_N_ELEMENTS (records), NULL
};
