/* IM, IMS: an intermediate driver passes on what it gets, and remembers what it changed. */
#include "models/rules/families.h"

/* True if the caller of |x| is an intermediate driver: there are drivers above and below it. */
static bool
is_im (const RuleBook *book, const RuleCrossing *x)
{
  return x->layer > 0 && x->layer < book->crossings.target_layer;
}

/* The operation as the driver that makes the call has it, at its upper edge. */
static RuleOp *
op_above (const RuleBook *book, const RuleCrossing *x)
{
  return rule_op_find (&book->ops, x->op, x->layer);
}

/* State operations */

static void
judge_downcall (RuleBook *book, const RuleCrossing *x)
{
  const RuleOp *above = op_above (book, x);

  if (!is_im (book, x))
    return;
  bool holds = above != NULL && above->handled && above->verb == x->verb && !above->passed_on
               && !above->completed;
  if (!rule_test (book, RULE_IMS_01, holds))
    rule_report (
        book, RULE_IMS_01,
        &(RuleProof){ .op = x->op, .at = { above == NULL ? 0 : above->handled_at, x->at } },
        "driver %u calls %s for operation %u, %s", x->layer, trace_call_name (x->call), x->op,
        above == NULL            ? "which it was not given"
        : above->passed_on       ? "which it has passed on already"
        : above->verb != x->verb ? "which is another one"
                                 : "which it has completed");
}

/* What the driver has to remember of a tree is in a call entry before the tree goes on. */
static void
judge_call_entry (RuleBook *book, const RuleCrossing *x)
{
  uint32_t entries = rule_ledger_taken (&book->ledger, TRACE_RESOURCE_IM_CALL, x->layer);
  uint32_t passed_on = book->ops.passed_on[x->layer % RULE_LAYERS_MAX];
  RuleProof proof = { .op = x->op, .at = { x->at } };

  if (!is_im (book, x))
    return;
  if (!rule_test (book, RULE_IMS_04, entries > passed_on))
    rule_report (book, RULE_IMS_04, &proof,
                 "driver %u passes operation %u on, the %u before it, and has %u call entries",
                 x->layer, x->op, passed_on, entries);
  if (!rule_test (book, RULE_IM_06, entries > passed_on))
    rule_report (book, RULE_IM_06, &proof,
                 "driver %u passes operation %u on, the %u before it, and has %u call entries",
                 x->layer, x->op, passed_on, entries);
}

/* The tree below an intermediate driver is the tree above it. */
static void
judge_tree_below (RuleBook *book, const RuleCrossing *x)
{
  const RuleOp *above = rule_op_find (&book->ops, x->op, x->edge_above);
  const RuleOp *here = rule_op_of (book, x);

  if (above == NULL || x->edge < 2)
    return;
  if (!rule_test (book, RULE_IM_05, above->verb == x->verb && above->n_nodes == x->n_nodes))
    rule_report (book, RULE_IM_05,
                 &(RuleProof){
                     .op = x->op,
                     .at = { above->handled_at, here == NULL ? 0 : here->called_at, x->at } },
                 "operation %u has %u nodes above driver %u and %u below it", x->op, above->n_nodes,
                 x->edge_above, x->n_nodes);
  for (uint32_t i = 0; i < MIN (x->n_nodes, above->n_nodes); i++) {
    const RuleNode *node = &x->nodes[i];
    const RuleOpNode *sent = &above->nodes[i];
    RuleProof proof = { .op = x->op, .at = { sent->at, x->at, node->at } };
    bool holds = node->object == sent->object && node->chain_nbl == sent->chain_nbl
                 && node->chain_count == sent->chain_count && node->chain_bytes == sent->chain_bytes
                 && node->has_state == sent->has_state
                 && node->protocol_reserved == sent->protocol_reserved
                 && (node->role == RULE_PLACEHOLDER || node->type == sent->type);
    if (!rule_test (book, RULE_IMS_07, holds))
      rule_report (book, RULE_IMS_07, &proof, "driver %u changes node %u of operation %u",
                   x->edge_above, i, x->op);
    if (i == 0 && !rule_test (book, RULE_IMS_05, node->im_reserved != 0))
      rule_report (book, RULE_IMS_05, &proof,
                   "driver %u passes operation %u on without its call entry in ImReserved",
                   x->edge_above, x->op);
  }
}

/* The first member of |look| below that differs from the one above and that no driver may change;
 * RULE_LOOK_VALUES: none. */
static unsigned
changed_value (RuleLayer layer, const RuleLook *above, const RuleLook *below)
{
  for (unsigned i = 0; i < RULE_LOOK_VALUES; i++) {
    bool may_change = (layer == RULE_NEIGHBOR && i == RULE_LOOK_VLAN)
                      || (layer == RULE_TCP && i == RULE_LOOK_PRIORITY);
    if (!may_change && above->value[i] != below->value[i])
      return i;
  }
  return RULE_LOOK_VALUES;
}

/* INIT-20: of what the host filled in a driver in between changes VlanId and UserPriority, and nothing
 * else.  At the end of the handler both edges are known. */
static void
judge_state_below (RuleBook *book, const RuleCrossing *x)
{
  const RuleOp *op = rule_op_of (book, x);

  for (uint32_t i = 0; x->edge >= 2 && op != NULL && i < op->n_nodes; i++) {
    const RuleObject *below = rule_object_find (&book->objects, op->nodes[i].object, x->edge);
    const RuleObject *above = rule_object_find (&book->objects, op->nodes[i].object, x->edge_above);
    if (op->nodes[i].role != RULE_NEW || below == NULL || above == NULL || !below->era.is_known
        || !above->era.is_known || below->era.op != x->op || above->era.op != x->op)
      continue;
    bool holds = changed_value ((RuleLayer)op->nodes[i].layer, &above->era.look, &below->era.look)
                     == RULE_LOOK_VALUES
                 && above->snd_una == below->snd_una && above->snd_nxt == below->snd_nxt
                 && above->snd_max == below->snd_max && above->rcv_nxt == below->rcv_nxt
                 && above->mtu_bytes == below->mtu_bytes;
    if (!rule_test (book, RULE_INIT_20, holds))
      rule_report (book, RULE_INIT_20,
                   &(RuleProof){
                       .object = below->id, .op = x->op, .at = { above->era.at, below->era.at } },
                   "driver %u changes state of object %u that is not VlanId or UserPriority",
                   x->edge_above, below->id);
  }
}

/* The driver below has the caller's handle: what it left there at the initiate is there, and not in
 * the handle of the driver above the caller. */
static void
judge_handles_below (RuleBook *book, const RuleCrossing *x)
{
  for (uint32_t i = 0; i < x->n_nodes; i++) {
    const RuleNode *node = &x->nodes[i];
    const RuleObject *object = rule_object_at (book, node->object, x);
    if (node->role != RULE_LINKER || object == NULL || !rule_object_is_held (object))
      continue;
    if (!rule_test (book, RULE_IM_04, node->context == object->context))
      rule_report (book, RULE_IM_04,
                   &(RuleProof){ .object = node->object,
                                 .op = x->op,
                                 .at = { object->live_at, x->at, node->at } },
                   "driver %u does not get its caller's handle of object %u", x->layer,
                   node->object);
  }
}

/* The object as the driver below the caller of |x| has it. */
static const RuleObject *
below_of (const RuleBook *book, uint32_t id, const RuleCrossing *x)
{
  const RuleObject *object = rule_object_at (book, id, x);

  return object == NULL ? NULL : rule_object_find (&book->objects, id, object->edge_below);
}

static void
judge_handles_above (RuleBook *book, const RuleCrossing *x)
{
  if (!is_im (book, x))
    return;
  for (uint32_t i = 0; i < x->n_nodes; i++) {
    const RuleNode *node = &x->nodes[i];
    const RuleObject *below = below_of (book, node->object, x);
    if (node->role != RULE_NEW || below == NULL || !rule_object_is_held (below)
        || node->context == 0)
      continue;
    if (!rule_test (book, RULE_IM_02, node->context != below->context))
      rule_report (book, RULE_IM_02,
                   &(RuleProof){ .object = node->object,
                                 .op = x->op,
                                 .at = { below->live_at, x->at, node->at } },
                   "driver %u offloads object %u with the handle of the driver above it", x->layer,
                   node->object);
  }
}

static void
judge_completion (RuleBook *book, const RuleCrossing *x)
{
  const RuleOp *above = rule_op_of (book, x);
  const RuleOp *below = above == NULL ? NULL : rule_op_find (&book->ops, x->op, above->edge_below);

  if (!is_im (book, x) || above == NULL)
    return;
  if (!rule_test (book, RULE_IMS_02, !above->passed_on || above->came_back))
    rule_report (book, RULE_IMS_02, &(RuleProof){ .op = x->op, .at = { above->handled_at, x->at } },
                 "driver %u completes operation %u, which has not come back from below", x->layer,
                 x->op);
  if (!rule_test (book, RULE_IM_07, above->verb == x->verb))
    rule_report (book, RULE_IM_07, &(RuleProof){ .op = x->op, .at = { above->handled_at, x->at } },
                 "driver %u completes operation %u by %s", x->layer, x->op,
                 trace_call_name (x->call));
  for (uint32_t i = 0; below != NULL && below->completed && i < MIN (x->n_nodes, below->n_nodes);
       i++) {
    bool holds = x->nodes[i].status == below->nodes[i].status
                 && x->nodes[i].chain_nbl == below->nodes[i].result_chain_nbl
                 && x->nodes[i].chain_count == below->nodes[i].result_chain_count;
    if (!rule_test (book, RULE_IMS_07, holds))
      rule_report (book, RULE_IMS_07,
                   &(RuleProof){ .op = x->op,
                                 .at = { below->completed_at, x->at, x->nodes[i].at } },
                   "driver %u changes the result of node %u of operation %u", x->layer, i, x->op);
  }
}

/* Requests with buffer lists */

/* A request brings the context that its driver left in the caller's handle at the initiate. */
static void
judge_request_context (RuleBook *book, const RuleCrossing *x)
{
  const RuleObject *object = rule_object_at (book, x->object, x);

  if (x->context == 0 || !rule_object_is_held (object))
    return;
  if (!rule_test (book, RULE_IM_09, x->context == object->context))
    rule_report (book, RULE_IM_09,
                 &(RuleProof){ .object = x->object, .at = { object->live_at, x->at } },
                 "%s brings driver %u another context of object %u than it left there",
                 trace_call_name (x->call), x->layer, x->object);
}

static void
judge_request_below (RuleBook *book, const RuleCrossing *x)
{
  if (x->edge < 2)
    return;
  for (uint32_t i = 0; i < x->n_nbls; i++) {
    const RuleBuffer *above = rule_buffer_find (&book->buffers, x->nbls[i].id, x->edge_above);
    bool holds = above != NULL && above->verb == x->verb && !above->passed_on
                 && above->object == x->nbls[i].object
                 && (x->verb != RULE_DISCONNECT || above->arg0 == x->arg0);
    if (!rule_test (book, RULE_IM_10, holds))
      rule_report (book, RULE_IM_10,
                   &(RuleProof){
                       .nbl = x->nbls[i].id,
                       .at = { above == NULL ? 0 : above->call_at, x->at, x->nbls[i].at } },
                   "driver %u passes on buffer list %u, %s", x->edge_above, x->nbls[i].id,
                   above == NULL      ? "which it was not given"
                   : above->passed_on ? "a second time"
                                      : "with other arguments than it was given with");
  }
}

/* An intermediate driver without memory refuses a chain of sends whole. */
static void
judge_refused_send (RuleBook *book, const RuleCrossing *x, uint32_t i, const RuleBuffer *buffer)
{
  const RuleNbl *nbl = &x->nbls[i];

  if (x->verb != RULE_SEND || buffer->passed_on)
    return;
  /* One that has called everything back answers like a target (STS-04). */
  int64_t expected = i == 0 ? NDIS_STATUS_REQUEST_UPLOAD : NDIS_STATUS_UPLOAD_REQUESTED;
  if (book->adapter.told[x->driver].upload_all && nbl->status == NDIS_STATUS_UPLOAD_IN_PROGRESS)
    return;
  if (!rule_test (book, RULE_IM_17, nbl->status == expected))
    rule_report (book, RULE_IM_17,
                 &(RuleProof){ .nbl = nbl->id, .at = { buffer->call_at, x->at, nbl->at } },
                 "driver %u did not pass on a send and completes list %u of its chain with %s",
                 x->layer, i, rule_status_name (nbl->status));
}

static void
judge_request_completion (RuleBook *book, const RuleCrossing *x)
{
  if (!is_im (book, x))
    return;
  for (uint32_t i = 0; i < x->n_nbls; i++) {
    const RuleNbl *nbl = &x->nbls[i];
    const RuleBuffer *buffer = rule_buffer_find (&book->buffers, nbl->id, x->edge);
    if (buffer == NULL)
      continue;
    judge_refused_send (book, x, i, buffer);
    if (!buffer->passed_on)
      continue;
    bool holds = buffer->came_back && buffer->status_below == nbl->status;
    if (!rule_test (book, RULE_IM_11, holds))
      rule_report (book, RULE_IM_11,
                   &(RuleProof){ .nbl = nbl->id, .at = { buffer->call_at, x->at, nbl->at } },
                   "driver %u completes buffer list %u, %s", x->layer, nbl->id,
                   buffer->came_back ? "with another status than it came with"
                                     : "which has not come back from below");
  }
}

/* What is returned to an intermediate driver goes on down at once. */
static void
judge_return (RuleBook *book, const RuleCrossing *x)
{
  if (!is_im (book, x))
    return;
  /* To each adapter that they came from. */
  bool holds = (x->n_children == 1 || (book->crossings.has_branches && x->n_children > 1))
               && rule_call_verb (x->child_call) == RULE_RETURN;
  if (!rule_test (book, RULE_IM_13, holds))
    rule_report (book, RULE_IM_13, &(RuleProof){ .nbl = x->op, .at = { x->at, x->end_at } },
                 "driver %u does not pass on buffer lists that were returned", x->layer);
}

/* Indications */

static void
judge_repeated_indication (RuleBook *book, const RuleCrossing *x)
{
  const RuleCrossing *heard =
      rule_crossing_around (&book->crossings, x, RULE_SET (x->verb), RULE_UP_HANDLER);

  if (!is_im (book, x) || heard == NULL || heard->layer != x->layer)
    return;
  bool holds = heard->object == x->object && heard->arg0 == x->arg0 && heard->arg1 == x->arg1
               && (x->verb != RULE_INDICATE || heard->op == x->op);
  if (!rule_test (book, RULE_IM_15, holds))
    rule_report (book, RULE_IM_15, &(RuleProof){ .object = x->object, .at = { heard->at, x->at } },
                 "driver %u repeats an indication with other arguments", x->layer);
}

static void
judge_indication_heard (RuleBook *book, const RuleCrossing *x)
{
  if (x->status == NDIS_STATUS_INVALID_STATE && x->n_children == 0)
    return;
  bool holds = x->n_children == 1 && rule_call_verb (x->child_call) == (RuleVerb)x->verb
               && rule_call_station (x->child_call) == RULE_UP_HANDLER;
  if (!rule_test (book, RULE_IM_14, holds))
    rule_report (book, RULE_IM_14, &(RuleProof){ .object = x->object, .at = { x->at, x->end_at } },
                 "%s leads to %u calls above", trace_call_name (x->call), x->n_children);
}

static void
judge_result_passed_back (RuleBook *book, const RuleCrossing *x)
{
  if (!is_im (book, x) || x->n_children != 1 || rule_call_verb (x->child_call) != RULE_INDICATE)
    return;
  if (!rule_test (book, RULE_IM_16, x->status == x->child_status && x->value == x->child_value))
    rule_report (book, RULE_IM_16, &(RuleProof){ .nbl = x->op, .at = { x->at, x->end_at } },
                 "driver %u gets %s and %d bytes from above and returns %s and %d", x->layer,
                 rule_status_name (x->child_status), (int)x->child_value,
                 rule_status_name (x->status), (int)x->value);
}

/* Entries */

static void
judge_entry_put (RuleBook *book, const SimRecord *record)
{
  const int64_t *c = record->column;
  const RuleObject *object =
      rule_object_find (&book->objects, (uint32_t)c[PUT_OBJECT], (unsigned)c[PUT_LAYER]);

  if (c[PUT_WHAT] != TRACE_RESOURCE_IM_ENTRY || object == NULL)
    return;
  const RuleObject *below = rule_object_find (&book->objects, object->id, object->edge_below);
  if (!rule_test (book, RULE_IM_01, below == NULL || below->phase != RULE_OBJECT_LIVE))
    rule_report (book, RULE_IM_01,
                 &(RuleProof){ .object = object->id, .at = { below->live_at, book->at } },
                 "driver %d gives up the entry of object %u, which is offloaded", (int)c[PUT_LAYER],
                 object->id);
}

/* What driver |layer| has under way: operations and requests. */
static uint32_t
under_way (const RuleBook *book, unsigned layer)
{
  uint32_t n = 0;

  for (uint32_t slot = 0; slot < book->ops.table.n_slots; slot++) {
    const RuleOp *op = rule_table_at (&book->ops.table, slot, NULL);
    n += op != NULL && op->edge == layer;
  }
  for (uint32_t slot = 0; slot < book->buffers.table.n_slots; slot++) {
    const RuleBuffer *buffer = rule_table_at (&book->buffers.table, slot, NULL);
    n += buffer != NULL && buffer->edge == layer && buffer->verb != RULE_INDICATE;
  }
  return n;
}

/* An entry for each operation and request under way, and no more.  A run that was cut off inside a
 * call says nothing: its caller is yet to free what the call was for. */
static void
judge_call_entries (RuleBook *book)
{
  if (book->is_cut_off && book->crossings.open.n_entries > 0)
    return;
  for (unsigned layer = 1; layer < book->crossings.target_layer; layer++) {
    uint32_t entries = rule_ledger_taken (&book->ledger, TRACE_RESOURCE_IM_CALL, layer);
    uint32_t requests = under_way (book, layer);
    if (!rule_test (book, RULE_IMS_03, entries <= requests))
      rule_report (book, RULE_IMS_03, &(RuleProof){ .subject = layer },
                   "driver %u ends with %u call entries for %u operations and requests", layer,
                   entries, requests);
    if (!rule_test (book, RULE_IM_12, entries <= requests))
      rule_report (book, RULE_IM_12, &(RuleProof){ .subject = layer },
                   "driver %u ends with %u call entries for %u operations and requests", layer,
                   entries, requests);
  }
}

/* The entry of an object goes when the object has gone: at the end none is left without one. */
static void
judge_object_entries (RuleBook *book)
{
  const RuleTable *entries = &book->ledger.taken[TRACE_RESOURCE_IM_ENTRY];

  for (uint32_t slot = 0; slot < entries->n_slots; slot++) {
    const RuleOutstanding *entry = rule_table_at (entries, slot, NULL);
    const RuleObject *object =
        entry == NULL ? NULL : rule_object_find (&book->objects, entry->object_id, entry->layer);
    if (object == NULL)
      continue;
    bool has_gone = (object->phase == RULE_OBJECT_ENDED
                     && rule_op_find (&book->ops, object->terminate_op, object->edge) == NULL)
                    || (object->phase == RULE_OBJECT_FAILED
                        && rule_op_find (&book->ops, object->initiate_op, object->edge) == NULL);
    if (!rule_test (book, RULE_IM_01, !has_gone))
      rule_report (book, RULE_IM_01,
                   &(RuleProof){ .object = object->id, .at = { object->ended_at } },
                   "driver %u keeps its entry of object %u, which is %s", entry->layer, object->id,
                   rule_object_phase_name ((RuleObjectPhase)object->phase));
  }
}

static void
judge_end (RuleBook *book)
{
  judge_call_entries (book);
  judge_object_entries (book);
}

static const RuleCallHook calls[] = {
  { RULE_SET_STATE & ~RULE_SET (RULE_INITIATE), RULE_DOWN_HANDLER, RULE_AT_BEGIN,
    judge_handles_below },
  { RULE_SET (RULE_INITIATE), RULE_UP_CALL, RULE_AT_BEGIN, judge_handles_above },
  { RULE_SET_STATE, RULE_DOWN_CALL, RULE_AT_BEGIN, judge_downcall },
  { RULE_SET_STATE, RULE_DOWN_CALL, RULE_AT_BEGIN, judge_call_entry },
  { RULE_SET_STATE, RULE_DOWN_HANDLER, RULE_AT_BEGIN, judge_tree_below },
  { RULE_SET (RULE_INITIATE), RULE_DOWN_HANDLER, RULE_AT_END, judge_state_below },
  { RULE_SET_STATE, RULE_UP_CALL, RULE_AT_BEGIN, judge_completion },
  { RULE_SET_IO, RULE_DOWN_HANDLER, RULE_AT_BEGIN, judge_request_context },
  { RULE_SET_IO, RULE_DOWN_HANDLER, RULE_AT_BEGIN, judge_request_below },
  { RULE_SET_IO, RULE_UP_CALL, RULE_AT_BEGIN, judge_request_completion },
  { RULE_SET (RULE_RETURN), RULE_DOWN_HANDLER, RULE_AT_END, judge_return },
  { RULE_SET (RULE_EVENT) | RULE_SET (RULE_INDICATE), RULE_UP_CALL, RULE_AT_BEGIN,
    judge_repeated_indication },
  { RULE_SET (RULE_EVENT) | RULE_SET (RULE_INDICATE), RULE_UP_CALL, RULE_AT_END,
    judge_indication_heard },
  { RULE_SET (RULE_INDICATE), RULE_UP_HANDLER, RULE_AT_END, judge_result_passed_back },
};

static const RuleRecordHook records[] = {
  { TRACE_PUT, judge_entry_put },
};

const RuleFamily rule_family_im = {
  "IM", calls, G_N_ELEMENTS (calls), records, G_N_ELEMENTS (records), judge_end
};
