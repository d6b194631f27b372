/* BLK: the members of a block list, and whose they are. */
#include "models/rules/families.h"

#include "models/ndis/block_list.h"

/* There is one revision, and an adapter here has its default port only. */
static void
judge_header (RuleBook *book, const RuleCrossing *x)
{
  for (uint32_t i = 0; i < x->n_nodes; i++) {
    const RuleNode *node = &x->nodes[i];
    RuleProof proof = { .op = x->op, .at = { x->at, node->at } };
    if (!rule_test (book, RULE_BLK_07, node->revision == NDIS_REVISION_1))
      rule_report (book, RULE_BLK_07, &proof, "node %u of operation %u is of revision %d", i, x->op,
                   node->revision);
    if (!rule_test (book, RULE_BLK_14, node->port == 0))
      rule_report (book, RULE_BLK_14, &proof, "node %u of operation %u is for port %u", i, x->op,
                   node->port);
  }
}

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

/* Each list of a node's data has one buffer. */
static void
judge_buffers (RuleBook *book, const RuleCrossing *x)
{
  for (uint32_t i = 0; i < x->n_nbls; i++) {
    const RuleNbl *nbl = &x->nbls[i];
    if (!rule_test (book, RULE_BLK_16, nbl->buffers == 1))
      rule_report (book, RULE_BLK_16,
                   &(RuleProof){ .nbl = nbl->id, .op = x->op, .at = { x->at, nbl->at } },
                   "buffer list %u of operation %u has %u NET_BUFFERs", nbl->id, x->op,
                   nbl->buffers);
  }
}

static bool
keeps_handles (const RuleNode *node, const RuleOpNode *sent)
{
  return node->source_handle == sent->source_handle && node->im_reserved == sent->im_reserved;
}

/* Members that the driver below has to leave alone, or to restore. */
static void
judge_members (RuleBook *book, const RuleCrossing *x)
{
  const RuleOp *op = rule_op_of (book, x);
  bool is_target = rule_is_target (book, x);

  for (uint32_t i = 0; op != NULL && i < MIN (x->n_nodes, op->n_nodes); i++) {
    const RuleNode *node = &x->nodes[i];
    const RuleOpNode *sent = &op->nodes[i];
    RuleProof proof = { .op = x->op, .at = { sent->at, x->at, node->at } };
    bool keeps_protocol = node->protocol_reserved == sent->protocol_reserved;
    if (!rule_test (book, RULE_BLK_20, keeps_protocol))
      rule_report (book, RULE_BLK_20, &proof,
                   "ProtocolReserved of node %u of operation %u has changed", i, x->op);
    bool holds = keeps_handles (node, sent) && (!is_target || keeps_protocol);
    RuleId rule = is_target ? RULE_BLK_10 : RULE_IMS_06;
    if (!rule_test (book, rule, holds))
      rule_report (book, rule, &proof,
                   "SourceHandle, ImReserved or ProtocolReserved of node %u of operation %u has "
                   "changed",
                   i, x->op);
    bool is_restored = node->source_handle == sent->source_handle;
    if (!is_target && !rule_test (book, RULE_BLK_19, is_restored))
      rule_report (book, RULE_BLK_19, &proof,
                   "driver %u gives back node %u of operation %u with another SourceHandle",
                   x->layer, i, x->op);
    if (!is_target && !rule_test (book, RULE_IM_08, holds))
      rule_report (book, RULE_IM_08, &proof,
                   "SourceHandle or ImReserved of node %u of operation %u was not restored", i,
                   x->op);
  }
}

/* NDIS turns one list type into the other and changes nothing else. */
static void
judge_conversion (RuleBook *book, const RuleCrossing *x)
{
  const RuleOp *op = rule_op_of (book, x);

  for (uint32_t i = 0; op != NULL && i < MIN (x->n_nodes, op->n_nodes); i++) {
    const RuleNode *node = &x->nodes[i];
    const RuleOpNode *sent = &op->nodes[i];
    bool holds = node->object == sent->object && node->type == sent->type
                 && node->chain_nbl == sent->result_chain_nbl
                 && node->chain_count == sent->result_chain_count
                 && node->has_state == sent->has_state;
    if (!rule_test (book, RULE_BLK_21, holds))
      rule_report (book, RULE_BLK_21,
                   &(RuleProof){ .op = x->op, .at = { op->completed_at, x->at, node->at } },
                   "node %u of operation %u is another one after conversion", i, x->op);
  }
}

static bool
is_ip6 (int64_t type)
{
  return type >= Ip6OffloadConstState && type <= Ip6OffloadState;
}

/* A path keeps its address family. */
static void
judge_family (RuleBook *book, const RuleCrossing *x)
{
  for (uint32_t i = 0; i < x->n_nodes; i++) {
    const RuleNode *node = &x->nodes[i];
    const RuleObject *object = rule_object_at (book, node->object, x);
    if (node->layer != RULE_PATH || object == NULL || object->layer != RULE_PATH
        || node->role == RULE_NEW)
      continue;
    if (!rule_test (book, RULE_BLK_04, is_ip6 (node->type) == is_ip6 (object->type)))
      rule_report (book, RULE_BLK_04,
                   &(RuleProof){ .object = node->object,
                                 .op = x->op,
                                 .at = { object->initiated_at, x->at, node->at } },
                   "path %u was offloaded as %s and is named as %s", node->object,
                   is_ip6 (object->type) ? "IPv6" : "IPv4", is_ip6 (node->type) ? "IPv6" : "IPv4");
  }
}

static const RuleCallHook calls[] = {
  { RULE_SET_STATE, RULE_DOWN_HANDLER, RULE_AT_BEGIN, judge_types },
  { RULE_SET_STATE, RULE_DOWN_HANDLER, RULE_AT_BEGIN, judge_header },
  { RULE_SET_STATE, RULE_DOWN_HANDLER, RULE_AT_BEGIN, judge_chains },
  { RULE_SET_STATE, RULE_UP_CALL, RULE_AT_BEGIN, judge_chains },
  { RULE_SET_STATE, RULE_DOWN_HANDLER, RULE_AT_BEGIN, judge_buffers },
  { RULE_SET_STATE, RULE_UP_CALL, RULE_AT_BEGIN, judge_buffers },
  { RULE_SET_STATE, RULE_DOWN_HANDLER, RULE_AT_BEGIN, judge_family },
  { RULE_SET_STATE, RULE_UP_CALL, RULE_AT_BEGIN, judge_members },
  { RULE_SET_STATE, RULE_UP_HANDLER, RULE_AT_BEGIN, judge_conversion },
};

const RuleFamily rule_family_blk = { "BLK", calls, G_N_ELEMENTS (calls), NULL, 0, NULL };
