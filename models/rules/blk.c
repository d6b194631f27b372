/* BLK: the members of a block list, and whose they are. */
#include "models/rules/families.h"

#include "models/ndis/block_list.h"

static void
judge_types (RuleBook *book, const RuleCrossing *x)
{
  for (uint32_t i = 0; i < x->n_nodes; i++) {
    const RuleNode *node = &x->nodes[i];
    RuleProof proof = { .op = x->op, .at = { x->at, node->at } };
    if (node->role == RULE_PLACEHOLDER)
      continue;
    if (!rule_test (book, RULE_BLK_01, node->type >= 0 && node->type < MaximumOffloadState))
      rule_report (book, RULE_BLK_01, &proof, "node %u is of type %d", i, node->type);
    if (!rule_test (book, RULE_BLK_05,
                    node->type != TcpOffloadResourceState
                        && node->type != FilterReservedOffloadState))
      rule_report (book, RULE_BLK_05, &proof, "node %u is of the reserved type %d", i, node->type);
  }
}

/* Send data travels with TCP nodes only, down with an initiate and up with a terminate. */
static void
judge_chains (RuleBook *book, const RuleCrossing *x)
{
  bool may = (x->verb == RULE_INITIATE && x->station == RULE_DOWN_HANDLER)
             || (x->verb == RULE_TERMINATE && x->station == RULE_UP_CALL);

  for (uint32_t i = 0; i < x->n_nodes; i++) {
    const RuleNode *node = &x->nodes[i];
    if (node->chain_nbl == 0 || (x->verb == RULE_INITIATE && x->station == RULE_UP_CALL))
      continue;
    if (!rule_test (book, RULE_BLK_18, may && node->layer == RULE_TCP))
      rule_report (book, RULE_BLK_18, &(RuleProof){ .op = x->op, .at = { x->at, node->at } },
                   "node %u of %s carries buffer lists", i, trace_call_name (x->call));
  }
}

/* Members that the driver below has to leave alone. */
static void
judge_members (RuleBook *book, const RuleCrossing *x)
{
  const RuleOp *op = rule_op_of (book, x);
  RuleId rule = rule_is_target (book, x) ? RULE_BLK_10 : RULE_IMS_06;

  for (uint32_t i = 0; op != NULL && i < MIN (x->n_nodes, op->n_nodes); i++) {
    const RuleNode *node = &x->nodes[i];
    const RuleOpNode *sent = &op->nodes[i];
    bool holds = node->source_handle == sent->source_handle
                 && node->im_reserved == sent->im_reserved
                 && (rule == RULE_IMS_06 || node->protocol_reserved == sent->protocol_reserved);
    if (!rule_test (book, rule, holds))
      rule_report (book, rule, &(RuleProof){ .op = x->op, .at = { sent->at, x->at, node->at } },
                   "SourceHandle, ImReserved or ProtocolReserved of node %u of operation %u has "
                   "changed",
                   i, x->op);
  }
}

static const RuleCallHook calls[] = {
  { RULE_SET_STATE, RULE_DOWN_HANDLER, RULE_AT_BEGIN, judge_types },
  { RULE_SET_STATE, RULE_DOWN_HANDLER, RULE_AT_BEGIN, judge_chains },
  { RULE_SET_STATE, RULE_UP_CALL, RULE_AT_BEGIN, judge_chains },
  { RULE_SET_STATE, RULE_UP_CALL, RULE_AT_BEGIN, judge_members },
};

const RuleFamily rule_family_blk = { "BLK", calls, G_N_ELEMENTS (calls), NULL, 0, NULL };
