/* TREE: what may hang from what, and how the target walks it. */
#include "models/rules/families.h"

#include "models/ndis/block_list.h"

#define DEPTH_MAX 3

static unsigned
depth_of (const RuleCrossing *x, uint32_t index)
{
  unsigned depth = 0;

  for (int32_t at = x->nodes[index].parent; at >= 0 && depth <= DEPTH_MAX; at = x->nodes[at].parent)
    depth++;
  return depth;
}

/* The layer that the top of the tree is in: from the first node that tells; RULE_NO_LAYER: none
 * does. */
static int
top_layer (const RuleCrossing *x)
{
  for (uint32_t i = 0; i < x->n_nodes; i++)
    if (x->nodes[i].layer != RULE_NO_LAYER)
      return x->nodes[i].layer - (int)depth_of (x, i);
  return RULE_NO_LAYER;
}

static void
judge_walk (RuleBook *book, const RuleCrossing *x, uint32_t i)
{
  const RuleNode *node = &x->nodes[i];
  bool is_new_object = true;

  for (uint32_t j = 0; j < i && node->object != 0 && x->n_nodes <= 64; j++)
    is_new_object = is_new_object && x->nodes[j].object != node->object;
  bool holds = node->index == i && node->parent < (int32_t)i && is_new_object;
  if (!rule_test (book, RULE_TREE_06, holds))
    rule_report (book, RULE_TREE_06, &(RuleProof){ .op = x->op, .at = { x->at, node->at } },
                 "node %u of operation %u is reached twice, or not from the root", i, x->op);
}

static void
judge_layers (RuleBook *book, const RuleCrossing *x, uint32_t i, int top)
{
  const RuleNode *node = &x->nodes[i];
  const RuleNode *parent = node->parent >= 0 ? &x->nodes[node->parent] : NULL;
  int depth = (int)depth_of (x, i);
  RuleProof proof = { .op = x->op, .at = { x->at, parent == NULL ? 0 : parent->at, node->at } };

  bool fits = depth < DEPTH_MAX
              && (node->layer == RULE_NO_LAYER || (top >= 0 && node->layer == top + depth))
              && (top < 0 || top + depth <= RULE_TCP);
  if (!rule_test (book, RULE_TREE_01, fits))
    rule_report (book, RULE_TREE_01, &proof, "node %u of operation %u is out of its level", i,
                 x->op);
  if (parent == NULL)
    return;
  if (parent->layer != RULE_NO_LAYER && !rule_test (book, RULE_TREE_04, parent->layer != RULE_TCP))
    rule_report (book, RULE_TREE_04, &proof, "node %u of operation %u depends on a TCP node", i,
                 x->op);
  if (parent->layer != RULE_NO_LAYER && node->layer != RULE_NO_LAYER
      && !rule_test (book, RULE_TREE_03, node->layer == parent->layer + 1))
    rule_report (book, RULE_TREE_03, &proof, "node %u of operation %u, %s, depends on a %s", i,
                 x->op, block_list_type_name ((OFFLOAD_STATE_TYPE)node->type),
                 block_list_type_name ((OFFLOAD_STATE_TYPE)parent->type));
}

/* |last| has the last typed node of each parent so far. */
static void
judge_siblings (RuleBook *book, const RuleCrossing *x)
{
  for (uint32_t i = 1; i < x->n_nodes; i++) {
    const RuleNode *node = &x->nodes[i];
    const RuleNode *previous = NULL;
    for (uint32_t j = i; j-- > 0 && (int32_t)j > node->parent;) {
      if (x->nodes[j].parent == node->parent && x->nodes[j].layer != RULE_NO_LAYER) {
        previous = &x->nodes[j];
        break;
      }
    }
    if (node->layer != RULE_NO_LAYER && previous != NULL
        && !rule_test (book, RULE_TREE_02, node->layer == previous->layer))
      rule_report (book, RULE_TREE_02,
                   &(RuleProof){ .op = x->op, .at = { x->at, previous->at, node->at } },
                   "node %u of operation %u has a sibling of another layer", i, x->op);
  }
}

static void
judge_shape (RuleBook *book, const RuleCrossing *x)
{
  int top = top_layer (x);

  for (uint32_t i = 0; i < x->n_nodes; i++) {
    judge_walk (book, x, i);
    if (x->nodes[i].parent < (int32_t)i)
      judge_layers (book, x, i, top);
  }
  judge_siblings (book, x);
}

/* Contexts are made in the order of the walk, and hang where the tree says. */
static void
judge_new_context (RuleBook *book, const SimRecord *record)
{
  const int64_t *c = record->column;
  RuleOp *op = rule_op_find (&book->ops, (uint32_t)c[CONTEXT_NEW_OP], book->crossings.target_layer);
  uint32_t object = (uint32_t)c[CONTEXT_NEW_OBJECT];
  RuleProof proof = { .object = object, .op = (uint32_t)c[CONTEXT_NEW_OP], .at = { book->at } };

  if (c[CONTEXT_NEW_LAYER_KIND] == RULE_NEIGHBOR) {
    if (!rule_test (book, RULE_TREE_13, c[CONTEXT_NEW_PARENT] == 0))
      rule_report (book, RULE_TREE_13, &proof, "the neighbor object %u is linked to another object",
                   object);
  } else {
    const RuleContext *parent = rule_context_find (&book->contexts, c[CONTEXT_NEW_PARENT]);
    bool holds =
        parent != NULL && parent->is_made && parent->layer + 1 == c[CONTEXT_NEW_LAYER_KIND];
    if (!rule_test (book, RULE_TREE_12, holds))
      rule_report (book, RULE_TREE_12, &proof,
                   "object %u is not linked to an offloaded object of the layer below", object);
  }
  if (op == NULL)
    return;
  uint32_t index = rule_op_node_of (op, object, op->last_made < 0 ? 0 : (uint32_t)op->last_made);
  if (index == UINT32_MAX)
    return;
  if (!rule_test (book, RULE_TREE_09, (int32_t)index > op->last_made)) {
    proof.at[0] = op->nodes[op->last_made].at;
    proof.at[1] = op->nodes[index].at;
    proof.at[2] = book->at;
    rule_report (book, RULE_TREE_09, &proof, "object %u is taken out of the tree after node %d",
                 object, op->last_made);
  }
  op->last_made = (int32_t)index;
  op->nodes[index].made_context = c[CONTEXT_NEW_CONTEXT];
}

/* The walk goes on behind a placeholder: what hangs from it has a status. */
static void
judge_behind_placeholders (RuleBook *book, const RuleCrossing *x)
{
  for (uint32_t i = 0; i < x->n_nodes; i++) {
    const RuleNode *node = &x->nodes[i];
    bool is_behind = node->parent >= 0 && node->parent < (int32_t)i
                     && x->nodes[node->parent].role == RULE_PLACEHOLDER;
    if (!is_behind)
      continue;
    if (!rule_test (book, RULE_TREE_11, node->status != NDIS_STATUS_NOT_WRITTEN))
      rule_report (book, RULE_TREE_11, &(RuleProof){ .op = x->op, .at = { x->at, node->at } },
                   "node %u of operation %u, behind a placeholder, was not looked at", i, x->op);
  }
}

static const RuleCallHook calls[] = {
  { RULE_SET_STATE, RULE_DOWN_HANDLER, RULE_AT_BEGIN, judge_shape },
  { RULE_SET_STATE, RULE_UP_CALL, RULE_AT_BEGIN, judge_behind_placeholders },
};

static const RuleRecordHook records[] = {
  { TRACE_CONTEXT_NEW, judge_new_context },
};

const RuleFamily rule_family_tree = {
  "TREE", calls, G_N_ELEMENTS (calls), records, G_N_ELEMENTS (records), NULL
};
