/* ISTS, IVLAN: which status an initiate may report for which node. */
#include "models/rules/families.h"

#include "models/ndis/block_list.h"

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

static bool
is_interface_vlan (const RuleTargetConfig *target, int64_t vlan_id)
{
  for (uint32_t i = 0; i < target->n_interface_vlans; i++)
    if (target->interface_vlans[i] == vlan_id)
      return true;
  return false;
}

/* What the VLANs of the interface say to a neighbor with a VLAN. */
static void
judge_membership (RuleBook *book, const RuleCrossing *x, const RuleNode *node,
                  const RuleObject *object)
{
  const RuleTargetConfig *target = rule_target_config (&book->adapter, x->driver);
  bool is_mismatch = node->status == NDIS_STATUS_OFFLOAD_VLAN_MISMATCH;
  RuleProof proof = { .object = node->object,
                      .op = x->op,
                      .at = { object->initiated_at, x->at, node->at } };

  if (target == NULL)
    return;
  if (target->n_interface_vlans == 0) {
    if (!rule_test (book, RULE_IVLAN_02, !is_mismatch))
      rule_report (book, RULE_IVLAN_02, &proof,
                   "neighbor %u does not match the interface, which has no VLAN", node->object);
  } else if (is_interface_vlan (target, object->vlan_id)) {
    if (!rule_test (book, RULE_IVLAN_03, !is_mismatch))
      rule_report (book, RULE_IVLAN_03, &proof,
                   "neighbor %u does not match the interface, which has its VLAN", node->object);
  } else if (!rule_test (book, RULE_IVLAN_04, !rule_status_is_offloaded (node->status))) {
    rule_report (book, RULE_IVLAN_04, &proof,
                 "neighbor %u is offloaded and the interface has not its VLAN", node->object);
  }
}

/* A neighbor without a VLAN fits every interface. */
static void
judge_vlan (RuleBook *book, const RuleCrossing *x, const RuleNode *node)
{
  const RuleObject *object = rule_object_at (book, node->object, x);

  /* Above a VLAN driver a neighbor has another VLAN than the target sees. */
  if (object == NULL || !object->vlan_is_known || !rule_is_target (book, x))
    return;
  if (object->vlan_id != 0) {
    judge_membership (book, x, node, object);
    return;
  }
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

/* A family that is switched off is not offloaded. */
static void
judge_version (RuleBook *book, const RuleCrossing *x, const RuleNode *node)
{
  const RuleTargetConfig *target = rule_target_config (&book->adapter, x->driver);
  const RuleObject *object = rule_object_at (book, node->object, x);
  const RuleObject *path = object != NULL ? rule_object_at (book, object->parent, x) : NULL;

  if (node->layer != RULE_TCP || path == NULL || target == NULL || !rule_is_target (book, x))
    return;
  bool is_6 = path->type >= Ip6OffloadConstState && path->type <= Ip6OffloadState;
  bool is_on = target->value[is_6 ? TRACE_CONFIG_IPV6 : TRACE_CONFIG_IPV4] != 0;
  if (!rule_test (book, RULE_OID_19, is_on || !rule_status_is_offloaded (node->status)))
    rule_report (book, RULE_OID_19,
                 &(RuleProof){ .object = node->object, .op = x->op, .at = { x->at, node->at } },
                 "connection %u of IPv%d is offloaded, which is switched off", node->object,
                 is_6 ? 6 : 4);
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
    judge_version (book, x, &x->nodes[i]);
  }
}

static const RuleCallHook calls[] = {
  { RULE_SET (RULE_INITIATE), RULE_UP_CALL, RULE_AT_BEGIN, judge_results },
};

const RuleFamily rule_family_ists = { "ISTS", calls, G_N_ELEMENTS (calls), NULL, 0, NULL };
