/* NUD-01, NUD-07, NUD-10, NUD-11, NUD-12, NM-01: reachability of neighbors, and what is not for the target. */
#include "models/rules/families.h"

#include "models/tcp/segment.h"

/* REACHABILITY's states. */
enum { REACH_REACHABLE, REACH_STALE, REACH_DELAY, REACH_PROBE, REACH_INCOMPLETE };

/* The host's side of the stack. */
#define HOST_EDGE 1
#define FROM_PEERS 1

static void
judge_initiate (RuleBook *book, const RuleCrossing *x)
{
  for (uint32_t i = 0; i < x->n_nodes; i++) {
    const RuleNode *node = &x->nodes[i];
    if (node->role != RULE_NEW || node->state < 0
        || x->states[node->state].kind != TRACE_NEIGHBOR_STATE)
      continue;
    const int64_t *c = x->states[node->state].column;
    RuleProof proof = { .object = node->object, .op = x->op, .at = { x->at, node->at } };
    if (!rule_test (book, RULE_NUD_01, c[NEIGHBOR_STATE_HOST_DELTA] == c[NEIGHBOR_STATE_NIC_DELTA]))
      rule_report (book, RULE_NUD_01, &proof,
                   "neighbor %u is offloaded with HostReachabilityDelta %d and "
                   "NicReachabilityDelta %d",
                   node->object, (int)c[NEIGHBOR_STATE_HOST_DELTA],
                   (int)c[NEIGHBOR_STATE_NIC_DELTA]);
  }
}

/* Only a query of reachability names a neighbor. */
static void
judge_event (RuleBook *book, const RuleCrossing *x)
{
  bool holds = x->arg0 == NeighborReachabilityQuery || x->n_nodes == 0;

  if (!rule_test (book, RULE_NUD_07, holds))
    rule_report (book, RULE_NUD_07, &(RuleProof){ .object = x->object, .at = { x->at } },
                 "an indication with code %d brings a block list", (int)x->arg0);
}

static void
note_query (RuleBook *book, const RuleCrossing *x)
{
  for (uint32_t i = 0; x->edge == HOST_EDGE && i < x->n_nodes; i++) {
    RuleObject *object = rule_object_find (&book->objects, x->nodes[i].object, x->edge);
    if (object != NULL && x->nodes[i].role != RULE_PLACEHOLDER)
      object->asked_at = x->at;
  }
}

/* The target asks about a neighbor, with its view of when there was progress last. */
static void
note_event (RuleBook *book, const RuleCrossing *x)
{
  RuleObject *object = rule_object_at (book, x->n_nodes > 0 ? x->nodes[0].object : 0, x);

  if (object == NULL || x->edge != HOST_EDGE || x->nodes[0].state < 0)
    return;
  object->told_at = x->at;
  object->told_delta = x->states[x->nodes[0].state].column[NEIGHBOR_STATE_NIC_DELTA];
}

static void
end_event (RuleBook *book, const RuleCrossing *x)
{
  RuleObject *object = rule_object_at (book, x->object, x);

  if (object != NULL && x->edge == HOST_EDGE)
    object->told_at = 0;
}

static void
note_answer (RuleBook *book, const RuleCrossing *x)
{
  for (uint32_t i = 0; x->edge == HOST_EDGE && i < x->n_nodes; i++) {
    RuleObject *object = rule_object_at (book, x->nodes[i].object, x);
    if (object == NULL || x->nodes[i].state < 0 || object->layer != RULE_NEIGHBOR
        || x->nodes[i].status != NDIS_STATUS_SUCCESS)
      continue;
    object->answered_at = x->at;
    object->answered_delta = x->states[x->nodes[i].state].column[NEIGHBOR_STATE_NIC_DELTA];
  }
}

/* NUD-10: a smaller delta than the one indicated is progress: no probe is due.  What the documents do
 * not say is what an equal one is. */
static void
judge_comparison (RuleBook *book, const RuleObject *object)
{
  RuleProof proof = { .object = object->id,
                      .at = { object->doubted_at, object->answered_at, book->at } };

  if (!object->told_in_doubt || object->answered_at < object->doubted_at)
    return;
  if (!rule_test (book, RULE_NUD_10, object->answered_delta >= object->doubted_delta))
    rule_report (book, RULE_NUD_10, &proof,
                 "the host probes neighbor %u, whose delta was %d and is %d", object->id,
                 (int)object->doubted_delta, (int)object->answered_delta);
}

/* Before the host asks the next hop itself it asks the target that has the neighbor. */
static void
judge_probe (RuleBook *book, const RuleObject *object)
{
  RuleProof proof = { .object = object->id, .at = { object->doubted_at, book->at } };

  if (object->phase != RULE_OBJECT_LIVE || object->invalid)
    return;
  if (!rule_test (book, RULE_NUD_12, object->asked_at > object->doubted_at))
    rule_report (book, RULE_NUD_12, &proof,
                 "the host probes neighbor %u and has not asked the target for progress",
                 object->id);
}

static void
judge_reachability (RuleBook *book, const SimRecord *record)
{
  const int64_t *c = record->column;
  RuleObject *object =
      rule_object_find (&book->objects, (uint32_t)c[REACHABILITY_OBJECT], HOST_EDGE);

  if (object == NULL)
    return;
  if (c[REACHABILITY_TO] == REACH_DELAY) {
    object->doubted_at = book->at;
    object->told_in_doubt = object->told_at != 0;
    object->doubted_delta = object->told_delta; /* what is told later does not count */
  }
  if (c[REACHABILITY_TO] == REACH_PROBE && c[REACHABILITY_FROM] == REACH_DELAY) {
    judge_probe (book, object);
    judge_comparison (book, object);
  }
  object->given_up_at = 0;
  if (c[REACHABILITY_TO] != REACH_INCOMPLETE || object->phase != RULE_OBJECT_LIVE)
    return;
  object->given_up_at = book->at;
  object->given_up = record->when;
}

static void
note_arrival (RuleBook *book, const SimRecord *record)
{
  const int64_t *c = record->column;

  if (c[WIRE_ARRIVE_DIRECTION] != FROM_PEERS || c[WIRE_ARRIVE_WHAT] == TCP_FRAME_SEGMENT)
    return;
  book->adapter.has_management = true;
  if (c[WIRE_ARRIVE_WHAT] == TCP_FRAME_ARP_REPLY || c[WIRE_ARRIVE_WHAT] == TCP_FRAME_ADVERTISEMENT)
    rule_table_need (&book->adapter.announced, (uint64_t)c[WIRE_ARRIVE_SOURCE_MAC]);
}

static void
judge_frame (RuleBook *book, const SimRecord *record)
{
  const int64_t *c = record->column;

  if (c[WIRE_SEND_SENDER] != SIDE_TARGET || !book->adapter.has_management)
    return;
  if (!rule_test (book, RULE_NM_01, c[WIRE_SEND_WHAT] == TCP_FRAME_SEGMENT))
    rule_report (book, RULE_NM_01, &(RuleProof){ .at = { book->at } },
                 "the target sends a frame of network management");
}

/* What was given up is invalidated. */
static void
judge_end (RuleBook *book)
{
  for (uint32_t slot = 0; slot < book->objects.table.n_slots; slot++) {
    const RuleObject *object = rule_table_at (&book->objects.table, slot, NULL);
    if (object == NULL || object->given_up_at == 0)
      continue;
    bool is_kept = object->phase == RULE_OBJECT_LIVE && !object->invalid
                   && rule_is_overdue (book, object->given_up, book->objects.longest);
    if (!rule_test (book, RULE_NUD_11, !is_kept))
      rule_report (book, RULE_NUD_11,
                   &(RuleProof){ .object = object->id, .at = { object->given_up_at } },
                   "neighbor %u did not answer and was not invalidated", object->id);
  }
}

static const RuleCallHook calls[] = {
  { RULE_SET (RULE_INITIATE), RULE_DOWN_HANDLER, RULE_AT_BEGIN, judge_initiate },
  { RULE_SET (RULE_QUERY), RULE_DOWN_HANDLER, RULE_AT_BEGIN, note_query },
  { RULE_SET (RULE_QUERY), RULE_UP_HANDLER, RULE_AT_BEGIN, note_answer },
  { RULE_SET (RULE_NEIGHBOR_EVENT), RULE_UP_CALL, RULE_AT_BEGIN, judge_event },
  { RULE_SET (RULE_NEIGHBOR_EVENT), RULE_UP_HANDLER, RULE_AT_BEGIN, note_event },
  { RULE_SET (RULE_NEIGHBOR_EVENT), RULE_UP_HANDLER, RULE_AT_END, end_event },
};

static const RuleRecordHook records[] = {
  { TRACE_REACHABILITY, judge_reachability },
  { TRACE_WIRE_ARRIVE, note_arrival },
  { TRACE_WIRE_SEND, judge_frame },
};

const RuleFamily rule_family_nud = {
  "NUD", calls, G_N_ELEMENTS (calls), records, G_N_ELEMENTS (records), judge_end
};
