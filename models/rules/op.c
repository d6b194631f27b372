#include "models/rules/op.h"

#include <glib.h>

#include "models/ndis/types.h"

#define EDGES_MAX 16
#define NEAR_NODES 4 /* looked at before an index is made */

static uint64_t
key_of (uint32_t id, unsigned edge)
{
  return (uint64_t)id << 8 | edge;
}

void
rule_ops_init (RuleOps *ops)
{
  *ops = (RuleOps){ 0 };
  rule_table_init (&ops->table, sizeof (RuleOp));
}

static void
free_tree (RuleOp *op)
{
  g_free (op->nodes);
  g_free (op->nbls);
  g_free (op->by_object);
  op->by_object = NULL;
}

void
rule_ops_clear (RuleOps *ops)
{
  for (uint32_t slot = 0; slot < ops->table.n_slots; slot++) {
    RuleOp *op = rule_table_at (&ops->table, slot, NULL);
    if (op != NULL)
      free_tree (op);
  }
  rule_table_clear (&ops->table);
}

RuleOp *
rule_op_find (const RuleOps *ops, uint32_t id, unsigned edge)
{
  return rule_table_find (&ops->table, key_of (id, edge));
}

/* Keeps what the tree looked like on its way down. */
static void
keep_nodes (RuleOp *op, const RuleCrossing *x)
{
  if (x->n_nodes == 0)
    return;
  free_tree (op);
  op->nodes = g_new0 (RuleOpNode, x->n_nodes);
  op->nbls = x->n_nbls == 0 ? NULL : g_memdup2 (x->nbls, x->n_nbls * sizeof *x->nbls);
  op->n_nodes = x->n_nodes;
  op->last_made = -1;
  for (uint32_t i = 0; i < x->n_nodes; i++) {
    const RuleNode *node = &x->nodes[i];
    op->nodes[i] = (RuleOpNode){
      .at = node->at,
      .object = node->object,
      .parent = node->parent < (int32_t)i ? node->parent : -1,
      .type = node->type,
      .layer = node->layer,
      .role = node->role,
      .has_state = node->has_state,
      .context = node->context,
      .source_handle = node->source_handle,
      .im_reserved = node->im_reserved,
      .protocol_reserved = node->protocol_reserved,
      .chain_nbl = node->chain_nbl,
      .chain_count = node->chain_count,
      .chain_bytes = node->chain_bytes,
      .first_nbl = node->first_nbl,
      .n_sends = node->n_sends,
      .n_buffered = node->n_buffered,
      .status = NDIS_STATUS_NOT_WRITTEN,
    };
  }
}

static void
keep_results (RuleOp *op, const RuleCrossing *x)
{
  for (uint32_t i = 0; i < MIN (x->n_nodes, op->n_nodes); i++) {
    op->nodes[i].status = x->nodes[i].status;
    op->nodes[i].result_context = x->nodes[i].context;
    op->nodes[i].result_chain_nbl = x->nodes[i].chain_nbl;
    op->nodes[i].result_chain_count = x->nodes[i].chain_count;
    op->nodes[i].result_chain_bytes = x->nodes[i].chain_bytes;
  }
}

static RuleOp *
need_op (RuleOps *ops, const RuleCrossing *x)
{
  RuleOp *op = rule_op_find (ops, x->op, x->edge);

  if (op != NULL)
    return op;
  op = rule_table_add (&ops->table, key_of (x->op, x->edge));
  op->id = x->op;
  op->edge = x->edge;
  op->edge_above = x->edge_above;
  op->driver = x->driver;
  op->verb = x->verb;
  op->last_made = -1;
  ops->last_id = MAX (ops->last_id, x->op);
  return op;
}

static void
going_down (RuleOps *ops, const RuleCrossing *x)
{
  RuleOp *op = need_op (ops, x);

  if (x->station == RULE_DOWN_CALL) {
    op->called = true;
    op->called_at = x->at;
    RuleOp *above = rule_op_find (ops, x->op, x->edge_above);
    if (above != NULL && !above->passed_on) {
      above->passed_on = true;
      above->edge_below = x->edge;
      ops->passed_on[above->edge % EDGES_MAX]++;
    }
  } else {
    op->handled = true;
    op->handled_at = x->at;
    op->asked = x->when;
  }
  keep_nodes (op, x);
}

static void
coming_up (RuleOps *ops, const RuleCrossing *x)
{
  RuleOp *op = rule_op_find (ops, x->op, x->edge);

  if (op == NULL)
    return;
  if (x->station == RULE_UP_CALL) {
    if (x->n_nodes == 0 && op->n_nodes > 0)
      return; /* not this tree: NDIS passes it to nobody */
    op->completed = true;
    op->completed_at = x->at;
    if (op->handled && sim_time_diff (x->when, op->asked).ps > ops->longest.ps)
      ops->longest = sim_time_diff (x->when, op->asked);
    if (op->handled)
      ops->asked_of_completed[op->edge] =
          sim_time_max (ops->asked_of_completed[op->edge], op->asked);
    keep_results (op, x);
    return;
  }
  op->reported = true;
  RuleOp *above = rule_op_find (ops, x->op, x->edge_above);
  if (above != NULL)
    above->came_back = true;
}

void
rule_ops_on_begin (RuleOps *ops, const RuleCrossing *x)
{
  if ((RULE_SET (x->verb) & RULE_SET_STATE) == 0)
    return;
  if (x->station == RULE_DOWN_CALL || x->station == RULE_DOWN_HANDLER)
    going_down (ops, x);
  else
    coming_up (ops, x);
}

void
rule_ops_on_end (RuleOps *ops, const RuleCrossing *x)
{
  RuleOp *op;

  if ((RULE_SET (x->verb) & RULE_SET_STATE) == 0)
    return;
  op = rule_op_find (ops, x->op, x->edge);
  if (op == NULL)
    return;
  if (x->station == RULE_DOWN_HANDLER)
    op->handler_returned = true;
  if (x->station == RULE_UP_CALL && x->at == op->completed_at) {
    if (op->passed_on)
      ops->passed_on[op->edge % EDGES_MAX]--;
    free_tree (op);
    rule_table_remove (&ops->table, key_of (op->id, op->edge));
  }
}

uint32_t
rule_op_parent_object (const RuleOp *op, uint32_t node)
{
  for (int32_t at = op->nodes[node].parent; at >= 0; at = op->nodes[at].parent)
    if (op->nodes[at].role != RULE_PLACEHOLDER)
      return op->nodes[at].object;
  return 0;
}

/* The index of nodes by object: n_nodes heads of chains, by object modulo n_nodes, then the next
 * node of each; node + 1, 0 ends.  Ids are serial numbers: chains are short. */
static void
index_nodes (RuleOp *op)
{
  op->by_object = g_new0 (uint32_t, 2 * (size_t)op->n_nodes);
  uint32_t *next = op->by_object + op->n_nodes;

  for (uint32_t i = 0; i < op->n_nodes; i++) {
    uint32_t *head = &op->by_object[op->nodes[i].object % op->n_nodes];
    next[i] = *head;
    *head = i + 1;
  }
}

/* A tree may name an object more than once: the node that a search from |near| on meets first. */
static uint32_t
look_up (const RuleOp *op, uint32_t object, uint32_t near)
{
  const uint32_t *next = op->by_object + op->n_nodes;
  uint32_t nearest = UINT32_MAX, way = UINT32_MAX;

  for (uint32_t i = op->by_object[object % op->n_nodes]; i != 0; i = next[i - 1]) {
    uint32_t node = i - 1;
    uint32_t steps = node >= near ? node - near : node + (op->n_nodes - near);
    if (op->nodes[node].object == object && steps < way) {
      nearest = node;
      way = steps;
    }
  }
  return nearest;
}

uint32_t
rule_op_node_of (RuleOp *op, uint32_t object, uint32_t near)
{
  for (uint32_t n = 0; n < MIN (op->n_nodes, NEAR_NODES); n++) {
    uint32_t i = (near + n) % op->n_nodes;
    if (op->nodes[i].object == object)
      return i;
  }
  if (op->n_nodes <= NEAR_NODES)
    return UINT32_MAX;
  if (op->by_object == NULL)
    index_nodes (op);
  return look_up (op, object, near % op->n_nodes);
}

bool
rule_status_is_offloaded (int64_t status)
{
  return status == NDIS_STATUS_SUCCESS || status == NDIS_STATUS_OFFLOAD_PARTIAL_SUCCESS;
}
