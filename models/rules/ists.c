/* ISTS, IVLAN: which status an initiate may report for which node. */
#include "models/rules/families.h"

#define LAYER(l) (1u << (l))

/* A status that only nodes of certain layers may have, and the rule that says so. */
static const struct {
  NDIS_STATUS status;
  RuleId rule;
  unsigned layers;
} codes[] = {
  { NDIS_STATUS_OFFLOAD_TCP_ENTRIES, RULE_ISTS_06, LAYER (RULE_TCP) },
  { NDIS_STATUS_OFFLOAD_PATH_ENTRIES, RULE_ISTS_07, LAYER (RULE_PATH) },
  { NDIS_STATUS_OFFLOAD_NEIGHBOR_ENTRIES, RULE_ISTS_08, LAYER (RULE_NEIGHBOR) },
  { NDIS_STATUS_OFFLOAD_HW_ADDRESS_ENTRIES, RULE_ISTS_09, LAYER (RULE_NEIGHBOR) },
  { NDIS_STATUS_OFFLOAD_IP_ADDRESS_ENTRIES, RULE_ISTS_10, LAYER (RULE_PATH) },
  { NDIS_STATUS_OFFLOAD_TCP_XMIT_BUFFER, RULE_ISTS_11, LAYER (RULE_TCP) },
  { NDIS_STATUS_OFFLOAD_TCP_RCV_BUFFER, RULE_ISTS_12, LAYER (RULE_TCP) },
  { NDIS_STATUS_OFFLOAD_TCP_RCV_WINDOW, RULE_ISTS_13, LAYER (RULE_TCP) },
  { NDIS_STATUS_OFFLOAD_PATH_MTU, RULE_ISTS_14, LAYER (RULE_PATH) | LAYER (RULE_TCP) },
  { NDIS_STATUS_OFFLOAD_CONNECTION_REJECTED, RULE_ISTS_15, LAYER (RULE_TCP) },
  { NDIS_STATUS_OFFLOAD_VLAN_ENTRIES, RULE_IVLAN_01, LAYER (RULE_NEIGHBOR) },
  { NDIS_STATUS_OFFLOAD_VLAN_MISMATCH, RULE_IVLAN_04, LAYER (RULE_NEIGHBOR) },
};

static bool
is_documented (int64_t status)
{
  if (rule_status_is_offloaded (status) || status == NDIS_STATUS_FAILURE
      || status == NDIS_STATUS_RESOURCES)
    return true;
  for (size_t i = 0; i < G_N_ELEMENTS (codes); i++)
    if (codes[i].status == status)
      return true;
  return false;
}

static void
judge_code (RuleBook *book, const RuleCrossing *x, const RuleNode *node)
{
  RuleProof proof = { .object = node->object, .op = x->op, .at = { x->at, node->at } };

  if (node->status != NDIS_STATUS_NOT_WRITTEN
      && !rule_test (book, RULE_ISTS_16, is_documented (node->status)))
    rule_report (book, RULE_ISTS_16, &proof, "node %u of an initiate reports %s", node->index,
                 rule_status_name (node->status));
  if (node->layer == RULE_NO_LAYER)
    return;
  for (size_t i = 0; i < G_N_ELEMENTS (codes); i++) {
    if (codes[i].status != node->status)
      continue;
    if (!rule_test (book, codes[i].rule, (codes[i].layers & LAYER (node->layer)) != 0))
      rule_report (book, codes[i].rule, &proof, "node %u reports %s, which is not for its layer",
                   node->index, rule_status_name (node->status));
  }
}

/* The immediate dependents of node |index| that were not offloaded. */
static uint32_t
refused_dependents (const RuleCrossing *x, const RuleOp *op, uint32_t index)
{
  uint32_t refused = 0;

  for (uint32_t i = index + 1; i < x->n_nodes && x->nodes[i].parent >= (int32_t)index; i++)
    refused += rule_node_is_child_of (&x->nodes[i], index) && op->nodes[i].role != RULE_PLACEHOLDER
               && !rule_status_is_offloaded (x->nodes[i].status);
  return refused;
}

static void
judge_new_node (RuleBook *book, const RuleCrossing *x, const RuleOp *op, uint32_t index)
{
  const RuleNode *node = &x->nodes[index];
  uint32_t refused = refused_dependents (x, op, index);
  RuleProof proof = { .object = node->object, .op = x->op, .at = { x->at, node->at } };

  if (node->status == NDIS_STATUS_SUCCESS) {
    RuleId rule = refused > 0 ? RULE_ISTS_03 : RULE_ISTS_01;
    if (!rule_test (book, rule, refused == 0))
      rule_report (book, rule, &proof, "node %u reports success, %u of its dependents were refused",
                   index, refused);
    if (!rule_test (book, RULE_ISTS_01, node->context != 0))
      rule_report (book, RULE_ISTS_01, &proof, "node %u reports success and has no context", index);
  } else if (node->status == NDIS_STATUS_OFFLOAD_PARTIAL_SUCCESS) {
    if (!rule_test (book, RULE_ISTS_03, refused > 0))
      rule_report (book, RULE_ISTS_03, &proof,
                   "node %u reports partial success and none of its dependents was refused", index);
  } else if (node->status == NDIS_STATUS_FAILURE) {
    if (!rule_test (book, RULE_ISTS_04, node->context == 0))
      rule_report (book, RULE_ISTS_04, &proof, "node %u reports failure and has a context", index);
  }
}

/* A neighbor without a VLAN fits every interface. */
static void
judge_vlan (RuleBook *book, const RuleCrossing *x, const RuleNode *node)
{
  const RuleObject *object = rule_object_at (book, node->object, x);

  if (object == NULL || !object->vlan_is_known || object->vlan_id != 0)
    return;
  bool holds = node->status != NDIS_STATUS_OFFLOAD_VLAN_MISMATCH
               && node->status != NDIS_STATUS_OFFLOAD_VLAN_ENTRIES;
  if (!rule_test (book, RULE_IVLAN_03, holds))
    rule_report (book, RULE_IVLAN_03,
                 &(RuleProof){ .object = node->object,
                               .op = x->op,
                               .at = { object->initiated_at, x->at, node->at } },
                 "neighbor %u has no VLAN and is refused with %s", node->object,
                 rule_status_name (node->status));
}

static void
judge_results (RuleBook *book, const RuleCrossing *x)
{
  const RuleOp *op = rule_op_of (book, x);

  for (uint32_t i = 0; op != NULL && i < MIN (x->n_nodes, op->n_nodes); i++) {
    judge_code (book, x, &x->nodes[i]);
    if (op->nodes[i].role != RULE_NEW)
      continue;
    judge_new_node (book, x, op, i);
    judge_vlan (book, x, &x->nodes[i]);
  }
}

static const RuleCallHook calls[] = {
  { RULE_SET (RULE_INITIATE), RULE_UP_CALL, RULE_AT_BEGIN, judge_results },
};

const RuleFamily rule_family_ists = { "ISTS", calls, G_N_ELEMENTS (calls), NULL, 0, NULL };
