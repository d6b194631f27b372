/* QRY, INV, NUD: questions about offloaded state, objects that are no longer valid, and neighbors
 * in doubt. */
#include "models/rules/families.h"

#include "models/ndis/block_list.h"
#include "models/tcp/segment.h"

static void
judge_query (RuleBook *book, const RuleCrossing *x)
{
  for (uint32_t i = 0; i < x->n_nodes; i++) {
    const RuleNode *node = &x->nodes[i];
    if (!rule_test (book, RULE_QRY_02, node->has_state == (node->role != RULE_PLACEHOLDER)))
      rule_report (book, RULE_QRY_02, &(RuleProof){ .op = x->op, .at = { x->at, node->at } },
                   "node %u of a query %s", i,
                   node->has_state ? "names no object and has room for state"
                                   : "names an object and has no room for its state");
  }
}

/* Failure is for hardware that is broken. */
static void
judge_failure (RuleBook *book, const RuleCrossing *x)
{
  RuleId rule = x->verb == RULE_QUERY ? RULE_QRY_06 : RULE_INV_08;

  for (uint32_t i = 0; i < x->n_nodes; i++) {
    const RuleNode *node = &x->nodes[i];
    const RuleObject *object = rule_object_at (book, node->object, x);
    bool is_broken = book->adapter.defect_at != 0 || (object != NULL && object->corrupted);
    bool holds = node->status != NDIS_STATUS_FAILURE || is_broken;
    if (node->role != RULE_PLACEHOLDER && !rule_test (book, rule, holds))
      rule_report (book, rule,
                   &(RuleProof){ .object = node->object, .op = x->op, .at = { x->at, node->at } },
                   "%s reports that object %u failed and nothing is broken",
                   trace_call_name (x->call), node->object);
  }
}

/* The answer is written after the handler has returned. */
static void
judge_moment (RuleBook *book, const RuleCrossing *x)
{
  const RuleOp *op = rule_op_of (book, x);

  if (op == NULL || !rule_is_target (book, x))
    return;
  if (!rule_test (book, RULE_QRY_04, op->handler_returned))
    rule_report (book, RULE_QRY_04, &(RuleProof){ .op = x->op, .at = { op->handled_at, x->at } },
                 "query %u is answered before MiniportQueryOffload has returned", x->op);
}

/* At most what the target had not delivered when it was asked is in its buffers.  Queries of an
 * object may overlap (QRY-05). */
static void
judge_backlog (RuleBook *book, const RuleCrossing *x, const RuleNode *node)
{
  const RuleObject *object = rule_object_at (book, node->object, x);
  const RuleNodeState *state = &x->states[node->state];
  RuleOp *op = rule_op_of (book, x);
  uint32_t asked = op == NULL ? UINT32_MAX : rule_op_node_of (op, node->object, node->index);
  int64_t backlog = state->column[TCP_STATE_BUFFERED_BYTES];

  if (object == NULL || !object->deliver_seq_known || asked == UINT32_MAX
      || !rule_is_target (book, x))
    return;
  int32_t most =
      tcp_seq_diff ((uint32_t)state->column[TCP_STATE_RCV_NXT], op->nodes[asked].deliver_seq);
  bool holds = backlog == UINT32_MAX || backlog <= most;
  RuleProof proof = { .object = node->object, .op = x->op, .at = { x->at, node->at, state->at } };
  if (!rule_test (book, RULE_QRY_09, holds))
    rule_report (book, RULE_QRY_09, &proof,
                 "object %u reports %d bytes received and not delivered, there were %d at most",
                 node->object, (int)backlog, most);
  if (!rule_test (book, RULE_TCPV_13, holds))
    rule_report (book, RULE_TCPV_13, &proof,
                 "object %u reports a ReceiveBacklogSize of %d bytes, there were %d at most",
                 node->object, (int)backlog, most);
}

/* The preferred send backlog is a number, or the word for a target that has none. */
static void
judge_send_backlog (RuleBook *book, const RuleCrossing *x, const RuleNode *node)
{
  const RuleObject *object = rule_object_at (book, node->object, x);
  const RuleNodeState *rest = &x->states[node->delegated];
  int64_t bytes = rest->column[TCP_DELEGATED_SEND_BACKLOG];

  if (object == NULL || !rule_is_target (book, x))
    return;
  bool holds = bytes > 0 && (bytes < UINT32_MAX || object->backlog_bytes == 0);
  RuleProof proof = { .object = node->object,
                      .op = x->op,
                      .at = { object->backlog_at, x->at, node->at, rest->at } };
  if (!rule_test (book, RULE_QRY_08, holds))
    rule_report (book, RULE_QRY_08, &proof,
                 bytes == 0 ? "object %u would like to have 0 send bytes outstanding"
                            : "object %u has no send backlog to report, and has indicated one",
                 node->object);
  if (!rule_test (book, RULE_TCPV_12, holds))
    rule_report (book, RULE_TCPV_12, &proof, "the SendBacklogSize of object %u is %u", node->object,
                 (unsigned)bytes);
}

/* An answer has something in it: all zeros are nobody's TCP state. */
static void
judge_answer (RuleBook *book, const RuleCrossing *x)
{
  for (uint32_t i = 0; i < x->n_nodes; i++) {
    const RuleNode *node = &x->nodes[i];
    int64_t any = 0;
    if (node->layer != RULE_TCP || node->state < 0 || node->status != NDIS_STATUS_SUCCESS)
      continue;
    for (unsigned c = TCP_STATE_STATE; c < TCP_STATE_N_COLUMNS; c++)
      any |= x->states[node->state].column[c];
    if (any != 0)
      judge_backlog (book, x, node);
    if (any != 0 && node->delegated >= 0)
      judge_send_backlog (book, x, node);
    if (!rule_test (book, RULE_QRY_03, any != 0))
      rule_report (book, RULE_QRY_03,
                   &(RuleProof){ .object = node->object, .op = x->op, .at = { x->at, node->at } },
                   "the query of object %u is complete and its state is not filled in",
                   node->object);
  }
}

/* Invalid objects */

static void
judge_invalidate (RuleBook *book, const RuleCrossing *x)
{
  for (uint32_t i = 0; i < x->n_nodes; i++) {
    const RuleNode *node = &x->nodes[i];
    const RuleObject *object = rule_object_at (book, node->object, x);
    if (object != NULL && !rule_test (book, RULE_INV_10, object->layer != RULE_TCP))
      rule_report (book, RULE_INV_10,
                   &(RuleProof){ .object = node->object, .op = x->op, .at = { x->at, node->at } },
                   "an invalidate names the connection %u", node->object);
  }
}

static void
judge_segment (RuleBook *book, const SimRecord *record)
{
  const int64_t *c = record->column;
  const RuleFlow *flow = rule_flow_find (&book->flows, (uint32_t)c[WIRE_SEND_CONNECTION]);

  if (flow == NULL || c[WIRE_SEND_SENDER] != SIDE_TARGET || c[WIRE_SEND_PAYLOAD] == 0)
    return;
  const RuleObject *object =
      rule_object_find (&book->objects, flow->object, book->crossings.target_layer);
  if (object == NULL || !rule_object_is_held (object))
    return;
  const RuleObject *invalid = rule_object_invalid_one (&book->objects, object);
  bool affected =
      invalid != NULL && sim_time_diff (book->now, invalid->invalidated).ps > RULE_DRAIN;
  RuleProof proof = { .object = object->id, .at = { book->at } };
  if (!rule_test (book, RULE_INV_03, !affected))
    rule_report (book, RULE_INV_03, &proof,
                 "data of object %u is sent after it, or what it depends on, was invalidated",
                 object->id);
  if (!rule_test (book, RULE_INV_07, !affected))
    rule_report (book, RULE_INV_07, &proof, "data of object %u is sent by invalid state",
                 object->id);
}

static void
judge_free (RuleBook *book, const SimRecord *record)
{
  uint32_t id = (uint32_t)record->column[CONTEXT_FREE_OBJECT];
  const RuleObject *object = rule_object_find (&book->objects, id, book->crossings.target_layer);

  if (object == NULL || !object->invalid)
    return;
  if (!rule_test (book, RULE_INV_05, object->phase != RULE_OBJECT_LIVE))
    rule_report (book, RULE_INV_05, &(RuleProof){ .object = id, .at = { book->at } },
                 "the context of the invalid object %u is freed without a terminate", id);
}

/* A connection is asked for because of what it depends on: that is what the two rules want. */
static void
note_asked (RuleBook *book, const RuleCrossing *x)
{
  const RuleObject *object = rule_object_at (book, x->object, x);

  if (object == NULL || x->arg0 != TcpIndicateRetrieve || x->arg1 != InvalidState
      || !rule_is_target (book, x))
    return;
  const RuleObject *invalid = rule_object_invalid_one (&book->objects, object);
  rule_test (book, RULE_INV_04, true);
  if (invalid != NULL && invalid->layer == RULE_NEIGHBOR)
    rule_test (book, RULE_INV_09, true);
}

/* Each connection that cannot go on is asked for. */
static void
judge_end (RuleBook *book)
{
  for (uint32_t slot = 0; slot < book->objects.table.n_slots; slot++) {
    const RuleObject *object = rule_table_at (&book->objects.table, slot, NULL);
    if (object == NULL || object->layer != RULE_TCP || object->phase != RULE_OBJECT_LIVE
        || object->edge != book->crossings.target_layer)
      continue;
    const RuleObject *invalid = rule_object_invalid_one (&book->objects, object);
    if (invalid == NULL)
      continue;
    bool is_open = !object->upload_asked
                   && rule_is_overdue (book, invalid->invalidated, book->objects.longest);
    RuleProof proof = { .object = object->id, .at = { object->live_at } };
    if (invalid->layer == RULE_NEIGHBOR && !rule_test (book, RULE_INV_09, !is_open))
      rule_report (book, RULE_INV_09, &proof,
                   "connection %u is linked through the invalid neighbor %u and its upload was "
                   "never asked for",
                   object->id, invalid->id);
    if (!rule_test (book, RULE_INV_04, !is_open))
      rule_report (book, RULE_INV_04, &proof,
                   "connection %u depends on invalid state and its upload was never asked for",
                   object->id);
  }
}

/* Neighbors in doubt */

static void
judge_neighbor_event (RuleBook *book, const RuleCrossing *x)
{
  RuleProof proof = { .subject = x->id, .at = { x->at, x->n_nodes > 0 ? x->nodes[0].at : 0 } };

  if (x->arg0 != NeighborReachabilityQuery)
    return;
  bool is_one = x->n_nodes == 1 && x->level == 1;
  if (!rule_test (book, RULE_NUD_05, is_one))
    rule_report (book, RULE_NUD_05, &proof, "NeighborReachabilityQuery carries %u block lists%s",
                 x->n_nodes, x->level == 1 ? "" : ", below DISPATCH_LEVEL");
  if (x->n_nodes == 0)
    return;
  bool is_filled = x->nodes[0].type == NeighborOffloadState
                   && x->nodes[0].status == NDIS_STATUS_SUCCESS && x->nodes[0].parent < 0;
  if (!rule_test (book, RULE_NUD_06, is_filled))
    rule_report (book, RULE_NUD_06, &proof,
                 "the block list of NeighborReachabilityQuery is of type %d with %s",
                 x->nodes[0].type, rule_status_name (x->nodes[0].status));
}

static const RuleCallHook calls[] = {
  { RULE_SET (RULE_QUERY), RULE_DOWN_HANDLER, RULE_AT_BEGIN, judge_query },
  { RULE_SET (RULE_QUERY), RULE_UP_CALL, RULE_AT_BEGIN, judge_answer },
  { RULE_SET (RULE_QUERY), RULE_UP_CALL, RULE_AT_BEGIN, judge_moment },
  { RULE_SET (RULE_QUERY) | RULE_SET (RULE_INVALIDATE), RULE_UP_CALL, RULE_AT_BEGIN,
    judge_failure },
  { RULE_SET (RULE_INVALIDATE), RULE_DOWN_HANDLER, RULE_AT_BEGIN, judge_invalidate },
  { RULE_SET (RULE_EVENT), RULE_UP_CALL, RULE_AT_BEGIN, note_asked },
  { RULE_SET (RULE_NEIGHBOR_EVENT), RULE_UP_CALL, RULE_AT_BEGIN, judge_neighbor_event },
};

static const RuleRecordHook records[] = {
  { TRACE_WIRE_SEND, judge_segment },
  { TRACE_CONTEXT_FREE, judge_free },
};

const RuleFamily rule_family_qry = {
  "QRY", calls, G_N_ELEMENTS (calls), records, G_N_ELEMENTS (records), judge_end
};
