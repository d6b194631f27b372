/* UPD, LINK: updates of cached state, and of the links from paths to neighbors. */
#include "models/rules/families.h"

#include "models/ndis/block_list.h"

#define HOST_EDGE 1

static bool
is_cached (int64_t type)
{
  return type == NeighborOffloadCachedState || type == Ip4OffloadCachedState
         || type == Ip6OffloadCachedState || type == TcpOffloadCachedState;
}

/* The nearest object above a node of a tree on its way down; 0: none. */
static uint32_t
parent_object (const RuleCrossing *x, const RuleNode *node)
{
  for (int32_t at = node->parent; at >= 0; at = x->nodes[at].parent)
    if (x->nodes[at].role != RULE_PLACEHOLDER)
      return x->nodes[at].object;
  return 0;
}

static void
judge_object (RuleBook *book, const RuleNode *node, const RuleObject *object,
              const RuleProof *proof)
{
  if (!rule_test (book, RULE_UPD_03, object->phase != RULE_OBJECT_INITIATING))
    rule_report (book, RULE_UPD_03, proof, "an update names object %u, which is being offloaded",
                 node->object);
  if (!rule_test (book, RULE_UPD_04, object->updates == 0))
    rule_report (book, RULE_UPD_04, proof, "an update names object %u, which is being updated",
                 node->object);
  if (!rule_test (book, RULE_UPD_06, !object->invalid || object->layer == RULE_PATH))
    rule_report (book, RULE_UPD_06, proof, "an update names object %u, which is invalid",
                 node->object);
}

/* A path under a neighbor is moved there; a TCP object stays where it is. */
static void
judge_link (RuleBook *book, const RuleCrossing *x, const RuleNode *node, const RuleObject *object,
            const RuleProof *proof)
{
  uint32_t parent_id = parent_object (x, node);
  const RuleObject *parent = rule_object_at (book, parent_id, x);

  if (parent_id == 0)
    return;
  if (object->layer == RULE_TCP
      && !rule_test (book, RULE_UPD_07, object->parent == 0 || object->parent == parent_id))
    rule_report (book, RULE_UPD_07, proof, "an update hangs connection %u under another path",
                 node->object);
  if (object->layer != RULE_PATH)
    return;
  bool is_neighbor = parent != NULL && parent->layer == RULE_NEIGHBOR;
  if (!rule_test (book, RULE_LINK_03, is_neighbor))
    rule_report (book, RULE_LINK_03, proof, "an update hangs path %u under what is no neighbor",
                 node->object);
  if (!rule_test (book, RULE_LINK_05, parent != NULL && parent->phase == RULE_OBJECT_LIVE))
    rule_report (book, RULE_LINK_05, proof,
                 "an update hangs path %u under object %u, whose initiate is not complete",
                 node->object, parent_id);
}

/* UPD-15: another MAC is known from somewhere. */
static void
judge_mac (RuleBook *book, const RuleCrossing *x, const RuleNode *node, const RuleObject *object)
{
  if (node->state < 0 || x->states[node->state].kind != TRACE_NEIGHBOR_STATE
      || !object->era.is_known)
    return;
  int64_t mac = x->states[node->state].column[NEIGHBOR_STATE_DESTINATION_MAC];
  RuleProof proof = { .object = node->object, .op = x->op, .at = { x->at, node->at } };
  if (mac == object->era.look.value[RULE_LOOK_DESTINATION_MAC])
    return;
  if (!rule_test (book, RULE_UPD_15,
                  rule_table_find (&book->adapter.announced, (uint64_t)mac) != NULL))
    rule_report (book, RULE_UPD_15, &proof,
                 "an update gives neighbor %u MAC %d, of which nobody has told the host",
                 node->object, (int)mac);
}

static void
judge_update (RuleBook *book, const RuleCrossing *x)
{
  for (uint32_t i = 0; i < x->n_nodes; i++) {
    const RuleNode *node = &x->nodes[i];
    const RuleObject *object = rule_object_at (book, node->object, x);
    RuleProof proof = { .object = node->object, .op = x->op, .at = { x->at, node->at } };
    if (node->role == RULE_PLACEHOLDER)
      continue;
    if (node->has_state && !rule_test (book, RULE_UPD_01, is_cached (node->type)))
      rule_report (book, RULE_UPD_01, &proof, "an update carries %s",
                   block_list_type_name ((OFFLOAD_STATE_TYPE)node->type));
    if (object == NULL)
      continue;
    judge_object (book, node, object, &proof);
    judge_link (book, x, node, object, &proof);
    judge_mac (book, x, node, object);
  }
}

/* UPD-02: what the host has changed it tells, in an update that begins later. */
static void
note_change (RuleBook *book, const SimRecord *record)
{
  RuleObject *object =
      rule_object_find (&book->objects, (uint32_t)record->column[CHANGED_OBJECT], HOST_EDGE);

  if (object == NULL
      || (object->phase != RULE_OBJECT_LIVE && object->phase != RULE_OBJECT_INITIATING))
    return;
  object->changed_at = book->at;
  object->changed = record->when;
}

static void
note_told (RuleBook *book, const RuleCrossing *x)
{
  for (uint32_t i = 0; x->edge == HOST_EDGE && i < x->n_nodes; i++) {
    RuleObject *object = rule_object_at (book, x->nodes[i].object, x);
    if (object == NULL || object->changed_at == 0 || !x->nodes[i].has_state)
      continue;
    rule_test (book, RULE_UPD_02, true);
    if (object->layer == RULE_PATH)
      rule_test (book, RULE_UPD_16, true);
    object->changed_at = 0;
  }
}

static void
judge_untold (RuleBook *book, const RuleObject *object)
{
  bool is_going = object->phase != RULE_OBJECT_LIVE || object->aborted || object->upload_asked
                  || object->failed || rule_object_is_under_invalid (&book->objects, object);

  if (object->changed_at == 0 || is_going)
    return;
  RuleProof proof = { .object = object->id, .at = { object->changed_at } };
  bool is_told = !rule_is_overdue (book, object->changed, book->objects.longest);
  if (!rule_test (book, RULE_UPD_02, is_told))
    rule_report (book, RULE_UPD_02, &proof,
                 "the host has changed cached state of object %u and not told the target",
                 object->id);
  if (object->layer == RULE_PATH && !rule_test (book, RULE_UPD_16, is_told))
    rule_report (book, RULE_UPD_16, &proof,
                 "the host has learned another PathMtu of path %u and not told the target",
                 object->id);
}

/* LINK-02: a neighbor goes after the updates that take its paths away. */
static void
judge_terminate (RuleBook *book, const RuleCrossing *x)
{
  for (uint32_t i = 0; i < x->n_nodes; i++) {
    const RuleNode *node = &x->nodes[i];
    const RuleObject *object = rule_object_at (book, node->object, x);
    RuleProof proof = { .object = node->object, .op = x->op, .at = { x->at, node->at } };
    if (node->role == RULE_PLACEHOLDER || object == NULL || object->layer != RULE_NEIGHBOR)
      continue;
    if (!rule_test (book, RULE_LINK_02, object->leaving == 0))
      rule_report (book, RULE_LINK_02, &proof,
                   "neighbor %u is terminated while %u of its paths are being relinked",
                   node->object, object->leaving);
  }
}

/* LINK-04: when the update is complete the target's path hangs from the new neighbor. */
static void
judge_completion (RuleBook *book, const RuleCrossing *x)
{
  for (uint32_t i = 0; x->layer == book->crossings.target_layer && i < x->n_nodes; i++) {
    const RuleNode *node = &x->nodes[i];
    const RuleObject *object = rule_object_at (book, node->object, x);
    if (node->role == RULE_PLACEHOLDER || object == NULL || object->parent_next == 0
        || node->status != NDIS_STATUS_SUCCESS)
      continue;
    const RuleObject *neighbor = rule_object_at (book, object->parent_next, x);
    const RuleContext *context = rule_context_find (&book->contexts, object->context);
    RuleProof proof = { .object = node->object, .op = x->op, .at = { x->at, node->at } };
    if (neighbor == NULL || context == NULL)
      continue;
    if (!rule_test (book, RULE_LINK_04, context->parent == neighbor->context))
      rule_report (book, RULE_LINK_04, &proof,
                   "path %u is said to be relinked and hangs where it did", node->object);
  }
}

/* What could not be updated or queried is terminated. */
static void
judge_end (RuleBook *book)
{
  for (uint32_t slot = 0; slot < book->objects.table.n_slots; slot++) {
    const RuleObject *object = rule_table_at (&book->objects.table, slot, NULL);
    if (object != NULL)
      judge_untold (book, object);
    if (object == NULL || (!object->update_failed && !object->query_failed))
      continue;
    bool is_open = object->phase == RULE_OBJECT_LIVE
                   && rule_is_overdue (book, object->called_back, book->objects.longest);
    RuleProof proof = { .object = object->id, .at = { object->failed_at } };
    if (object->update_failed && !rule_test (book, RULE_UPD_19, !is_open))
      rule_report (book, RULE_UPD_19, &proof,
                   "the update of object %u failed and it stays offloaded", object->id);
    if (object->query_failed && !rule_test (book, RULE_QRY_07, !is_open))
      rule_report (book, RULE_QRY_07, &proof,
                   "the query of object %u failed and it stays offloaded", object->id);
  }
}

static const RuleCallHook calls[] = {
  { RULE_SET (RULE_UPDATE), RULE_DOWN_HANDLER, RULE_AT_BEGIN, judge_update },
  { RULE_SET (RULE_UPDATE), RULE_DOWN_HANDLER, RULE_AT_BEGIN, note_told },
  { RULE_SET (RULE_UPDATE), RULE_UP_CALL, RULE_AT_BEGIN, judge_completion },
  { RULE_SET (RULE_TERMINATE), RULE_DOWN_HANDLER, RULE_AT_BEGIN, judge_terminate },
};

static const RuleRecordHook records[] = {
  { TRACE_CHANGED, note_change },
};

const RuleFamily rule_family_upd = {
  "UPD", calls, G_N_ELEMENTS (calls), records, G_N_ELEMENTS (records), judge_end
};
