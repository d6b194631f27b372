#include "models/rules/object.h"

#include <string.h>

#include <glib.h>

#include "models/ndis/types.h"
#include "models/rules/columns.h"

#define EDGES_MAX 16
#define QUEUED_PS SIM_PS_PER_S /* how long a segment may stand before the wire */

static uint64_t
key_of (uint32_t id, unsigned edge)
{
  return (uint64_t)id << 8 | edge;
}

void
rule_objects_init (RuleObjects *objects)
{
  *objects = (RuleObjects){ 0 };
  rule_table_init (&objects->table, sizeof (RuleObject));
  rule_eras_init (&objects->eras);
  rule_table_init (&objects->connections, sizeof (uint32_t));
}

void
rule_objects_clear (RuleObjects *objects)
{
  rule_table_clear (&objects->table);
  rule_eras_clear (&objects->eras);
  rule_table_clear (&objects->connections);
}

RuleObject *
rule_object_find (const RuleObjects *objects, uint32_t id, unsigned edge)
{
  return id == 0 ? NULL : rule_table_find (&objects->table, key_of (id, edge));
}

bool
rule_object_is_held (const RuleObject *object)
{
  return object != NULL
         && (object->phase == RULE_OBJECT_LIVE || object->phase == RULE_OBJECT_TERMINATING);
}

const char *
rule_object_phase_name (RuleObjectPhase phase)
{
  static const char *const names[RULE_OBJECT_N_PHASES] = {
    [RULE_OBJECT_NONE] = "never offloaded", [RULE_OBJECT_INITIATING] = "being offloaded",
    [RULE_OBJECT_LIVE] = "offloaded",       [RULE_OBJECT_TERMINATING] = "being terminated",
    [RULE_OBJECT_ENDED] = "terminated",     [RULE_OBJECT_FAILED] = "refused",
  };
  SIM_ASSERT (phase < RULE_OBJECT_N_PHASES);
  return names[phase];
}

uint32_t
rule_object_connection (const RuleObjects *objects, uint32_t id)
{
  const uint32_t *entry = id == 0 ? NULL : rule_table_find (&objects->connections, id);
  return entry == NULL ? UINT32_MAX : *entry - 1;
}

void
rule_objects_set_connection (RuleObjects *objects, uint32_t id, uint32_t connection)
{
  uint32_t *entry;

  if (id == 0 || connection == UINT32_MAX)
    return;
  entry = rule_table_need (&objects->connections, id);
  *entry = connection + 1;
}

RulePending
rule_pending_of (unsigned verb)
{
  switch (verb) {
  case RULE_SEND:
    return RULE_PENDING_SEND;
  case RULE_RECEIVE:
    return RULE_PENDING_RECEIVE;
  case RULE_DISCONNECT:
    return RULE_PENDING_DISCONNECT;
  case RULE_FORWARD:
    return RULE_PENDING_FORWARD;
  default:
    return RULE_N_PENDING;
  }
}

static void
set_phase (RuleObjects *objects, RuleObject *object, RuleObjectPhase phase)
{
  uint32_t *counts[RULE_OBJECT_N_PHASES] = {
    [RULE_OBJECT_INITIATING] = objects->initiating,
    [RULE_OBJECT_LIVE] = objects->live,
    [RULE_OBJECT_TERMINATING] = objects->terminating,
  };

  SIM_ASSERT (object->driver < EDGES_MAX);
  if (counts[object->phase] != NULL)
    counts[object->phase][object->driver]--;
  if (counts[phase] != NULL)
    counts[phase][object->driver]++;
  object->phase = (uint8_t)phase;
}

static void
let_parent_go (RuleObjects *objects, RuleObject *object)
{
  RuleObject *parent = rule_object_find (objects, object->parent, object->edge);

  if (parent != NULL && parent->dependents > 0)
    parent->dependents--;
  object->parent = 0;
}

static void
depend_on (RuleObjects *objects, RuleObject *object, uint32_t parent_id)
{
  RuleObject *parent = rule_object_find (objects, parent_id, object->edge);

  object->parent = parent_id;
  if (parent != NULL)
    parent->dependents++;
}

/* An initiate names |node| as new: its life at this edge begins.  Segments that were made in the one
 * before may still be on their way out. */
static void
start (RuleObjects *objects, const RuleOp *op, uint32_t index, SimTime when, uint64_t at)
{
  const RuleOpNode *node = &op->nodes[index];
  RuleObject *object = rule_object_find (objects, node->object, op->edge);

  if (object != NULL && object->phase != RULE_OBJECT_ENDED && object->phase != RULE_OBJECT_FAILED
      && object->phase != RULE_OBJECT_NONE)
    return;
  if (object == NULL)
    object = rule_table_add (&objects->table, key_of (node->object, op->edge));
  rule_era_end (&objects->eras, &object->era, when);
  *object = (RuleObject){ .id = node->object,
                          .connection = UINT32_MAX,
                          .edge = op->edge,
                          .driver = op->driver,
                          .layer = node->layer,
                          .type = node->type,
                          .era = object->era,
                          .initiate_op = op->id,
                          .initiated_at = at };
  RuleObject *above = rule_object_find (objects, node->object, op->edge_above);
  if (above != NULL)
    above->edge_below = op->edge;
  set_phase (objects, object, RULE_OBJECT_INITIATING);
  depend_on (objects, object, rule_op_parent_object (op, index));
}

static void
count_request (RuleObject *object, unsigned verb, int by)
{
  uint32_t *count = verb == RULE_UPDATE  ? &object->updates
                    : verb == RULE_QUERY ? &object->queries
                                         : &object->invalidates;
  if (by > 0)
    (*count)++;
  else if (*count > 0)
    (*count)--;
}

static void
name_object (RuleObjects *objects, const RuleOp *op, RuleObject *object, SimTime when, uint64_t at)
{
  if (op->verb != RULE_TERMINATE) {
    count_request (object, op->verb, 1);
    return;
  }
  if (object->phase != RULE_OBJECT_LIVE)
    return;
  object->terminate_op = op->id;
  object->terminated_at = at;
  if ((object->aborted || object->upload_asked)
      && sim_time_diff (when, object->called_back).ps > objects->longest.ps)
    objects->longest = sim_time_diff (when, object->called_back);
  set_phase (objects, object, RULE_OBJECT_TERMINATING);
}

/* An update is on its way that hangs a path under another neighbor. */
static void
begin_relink (RuleObjects *objects, const RuleOp *op, uint32_t index, RuleObject *object)
{
  uint32_t parent = rule_op_parent_object (op, index);
  RuleObject *old = rule_object_find (objects, object->parent, object->edge);

  if (object->layer != RULE_PATH || parent == 0 || parent == object->parent)
    return;
  object->parent_next = parent;
  if (old != NULL)
    old->leaving++;
}

static void
on_down_call (RuleObjects *objects, const RuleOp *op, SimTime when, uint64_t at)
{
  for (uint32_t i = 0; i < op->n_nodes; i++) {
    const RuleOpNode *node = &op->nodes[i];
    if (node->role == RULE_PLACEHOLDER)
      continue;
    if (op->verb == RULE_INITIATE && node->role == RULE_NEW)
      start (objects, op, i, when, at);
    RuleObject *object = rule_object_find (objects, node->object, op->edge);
    if (op->verb != RULE_INITIATE && object != NULL)
      name_object (objects, op, object, when, at);
    if (op->verb == RULE_UPDATE && object != NULL)
      begin_relink (objects, op, i, object);
  }
}

/* Segments that were made under an MTU before may still be on their way out. */
static void
note_mtu (RuleObject *object, uint32_t mtu_bytes, SimTime when)
{
  if (mtu_bytes == 0 || mtu_bytes == object->mtu_bytes)
    return;
  bool follows = sim_time_diff (when, object->mtu_when).ps < QUEUED_PS;
  object->mtu_bytes_before =
      follows ? MAX (object->mtu_bytes_before, object->mtu_bytes) : object->mtu_bytes;
  object->mtu_bytes = mtu_bytes;
  object->mtu_when = when;
}

/* A tree that has reached the driver below says what |next| has: a look, a parent, its record. */
static void
begin_era (RuleObjects *objects, RuleObject *object, const RuleCrossing *x, const RuleEra *next)
{
  RuleEra era = *next;

  era.op = x->op;
  era.since = x->when;
  rule_era_begin (&objects->eras, &object->era, &era);
}

/* An update brings no constants. */
static void
note_neighbor (RuleObjects *objects, RuleObject *object, const RuleCrossing *x,
               const RuleNodeState *state)
{
  const int64_t *c = state->column;
  RuleEra era = { .look = object->era.look, .at = state->at };

  if (x->verb == RULE_INITIATE) {
    object->vlan_id = (uint16_t)c[NEIGHBOR_STATE_VLAN];
    object->vlan_is_known = true;
    era.look.value[RULE_LOOK_SOURCE_MAC] = c[NEIGHBOR_STATE_SOURCE_MAC];
    era.look.value[RULE_LOOK_VLAN] = c[NEIGHBOR_STATE_VLAN];
  }
  era.look.value[RULE_LOOK_DESTINATION_MAC] = c[NEIGHBOR_STATE_DESTINATION_MAC];
  begin_era (objects, object, x, &era);
}

static void
note_path (RuleObjects *objects, RuleObject *object, const RuleCrossing *x,
           const RuleNodeState *state)
{
  const int64_t *c = state->column;

  note_mtu (object, (uint32_t)c[PATH_STATE_MTU], x->when);
  if (x->verb != RULE_INITIATE)
    return;
  RuleEra era = { .look = { { c[PATH_STATE_SOURCE], c[PATH_STATE_DESTINATION] } },
                  .parent = object->parent,
                  .at = state->at };
  begin_era (objects, object, x, &era);
}

/* LINK-04: an update hangs a path under another neighbor. */
static void
note_link (RuleObjects *objects, const RuleOp *op, const RuleCrossing *x, uint32_t index)
{
  const RuleNode *node = &x->nodes[index];
  RuleObject *object = rule_object_find (objects, node->object, x->edge);
  uint32_t parent = rule_op_parent_object (op, index);

  if (object == NULL || node->role == RULE_PLACEHOLDER || object->layer != RULE_PATH || parent == 0
      || !object->era.is_known)
    return;
  RuleEra era = { .look = object->era.look, .parent = parent, .at = node->at };
  begin_era (objects, object, x, &era);
}

static void
note_cached (RuleObjects *objects, const RuleCrossing *x, const RuleNode *node)
{
  RuleObject *object = rule_object_find (objects, node->object, x->edge);
  const RuleNodeState *state = &x->states[node->cached];
  const int64_t *c = state->column;

  if (object == NULL)
    return;
  RuleEra era = { .look = { { c[TCP_CACHED_FLOW_LABEL], c[TCP_CACHED_HOP_LIMIT], c[TCP_CACHED_TOS],
                              c[TCP_CACHED_USER_PRIORITY] } },
                  .parent = object->parent,
                  .at = state->at };
  begin_era (objects, object, x, &era);
}

/* Where the streams stand when a connection is handed down. */
static void
note_state (RuleObjects *objects, const RuleCrossing *x, const RuleNode *node)
{
  RuleObject *object = rule_object_find (objects, node->object, x->edge);
  const int64_t *c = x->states[node->state].column;

  if (object == NULL)
    return;
  if (x->states[node->state].kind == TRACE_PATH_STATE)
    note_path (objects, object, x, &x->states[node->state]);
  if (x->states[node->state].kind == TRACE_NEIGHBOR_STATE)
    note_neighbor (objects, object, x, &x->states[node->state]);
  if (x->verb != RULE_INITIATE || object->initiate_op != x->op
      || x->states[node->state].kind != TRACE_TCP_STATE)
    return;
  object->buffered_bytes = c[TCP_STATE_BUFFERED_BYTES];
  object->deliver_seq = (uint32_t)(c[TCP_STATE_RCV_NXT] - c[TCP_STATE_BUFFERED_BYTES]);
  object->deliver_seq_known = true;
  object->rcv_nxt = (uint32_t)c[TCP_STATE_RCV_NXT];
  object->state_at = x->states[node->state].at;
  object->snd_una = (uint32_t)c[TCP_STATE_SND_UNA];
  object->snd_nxt = (uint32_t)c[TCP_STATE_SND_NXT];
  object->snd_max = (uint32_t)c[TCP_STATE_SND_MAX];
  object->is_first_data = true;
}

static void
note_flags (RuleObjects *objects, const RuleCrossing *x, const RuleNode *node)
{
  RuleObject *object = rule_object_find (objects, node->object, x->edge);

  if (object == NULL)
    return;
  object->reserved_flags = x->states[node->delegated].column[TCP_DELEGATED_FLAGS];
  object->flags_at = x->states[node->delegated].at;
}

static void
note_states (RuleObjects *objects, const RuleCrossing *x, const RuleNode *node)
{
  if (node->role == RULE_PLACEHOLDER)
    return;
  if (node->state >= 0)
    note_state (objects, x, node);
  if (node->cached >= 0)
    note_cached (objects, x, node);
  if (node->delegated >= 0 && x->verb == RULE_INITIATE)
    note_flags (objects, x, node);
}

static void
finish_initiate (RuleObjects *objects, const RuleOp *op, const RuleOpNode *node, RuleObject *object,
                 uint64_t at)
{
  if (node->role != RULE_NEW || object->initiate_op != op->id
      || object->phase != RULE_OBJECT_INITIATING)
    return;
  if (rule_status_is_offloaded (node->status)) {
    object->context = node->result_context;
    object->live_at = at;
    set_phase (objects, object, RULE_OBJECT_LIVE);
    return;
  }
  object->ended_at = at;
  set_phase (objects, object, RULE_OBJECT_FAILED);
  let_parent_go (objects, object);
}

static void
finish_terminate (RuleObjects *objects, const RuleOp *op, const RuleOpNode *node,
                  RuleObject *object, uint64_t at)
{
  if (object->phase != RULE_OBJECT_TERMINATING || object->terminate_op != op->id)
    return;
  if (node->status != NDIS_STATUS_SUCCESS) {
    object->failed = true;
    object->failed_at = at;
    object->terminate_handled = false;
    set_phase (objects, object, RULE_OBJECT_LIVE);
    return;
  }
  object->ended_at = at;
  set_phase (objects, object, RULE_OBJECT_ENDED);
  let_parent_go (objects, object);
}

/* An update that hangs a path under another neighbor links it anew. */
static void
relink (RuleObjects *objects, const RuleOp *op, uint32_t index, RuleObject *object)
{
  uint32_t parent = rule_op_parent_object (op, index);

  RuleObject *old = rule_object_find (objects, object->parent, object->edge);

  if (object->parent_next != 0 && parent == object->parent_next) {
    object->parent_next = 0;
    if (old != NULL && old->leaving > 0)
      old->leaving--;
  }
  if (parent == 0 || parent == object->parent || op->nodes[index].status != NDIS_STATUS_SUCCESS)
    return;
  let_parent_go (objects, object);
  depend_on (objects, object, parent);
}

/* What an update has changed counts, or does not. */
static void
finish_era (RuleObjects *objects, RuleObject *object, bool succeeded, SimTime when)
{
  if (succeeded)
    rule_era_settle (&objects->eras, &object->era, when);
  else
    rule_era_undo (&objects->eras, &object->era);
}

static void
note_failure (RuleObject *object, unsigned verb, SimTime when, uint64_t at)
{
  object->failed_at = at;
  object->update_failed = object->update_failed || verb == RULE_UPDATE;
  object->query_failed = object->query_failed || verb == RULE_QUERY;
  object->failed = object->failed || verb != RULE_UPDATE;
  if (!object->aborted && !object->upload_asked)
    object->called_back = when;
}

static void
on_up_call (RuleObjects *objects, const RuleOp *op, SimTime when, uint64_t at)
{
  for (uint32_t i = 0; i < op->n_nodes; i++) {
    const RuleOpNode *node = &op->nodes[i];
    RuleObject *object = rule_object_find (objects, node->object, op->edge);
    if (object == NULL || node->role == RULE_PLACEHOLDER)
      continue;
    if (op->verb == RULE_INITIATE) {
      finish_initiate (objects, op, node, object, at);
      continue;
    }
    if (op->verb == RULE_TERMINATE) {
      finish_terminate (objects, op, node, object, at);
      continue;
    }
    count_request (object, op->verb, -1);
    if (op->verb == RULE_UPDATE)
      relink (objects, op, i, object);
    if (op->verb == RULE_UPDATE && object->era.op == op->id)
      finish_era (objects, object, node->status == NDIS_STATUS_SUCCESS, when);
    if (op->verb == RULE_INVALIDATE && node->status == NDIS_STATUS_SUCCESS) {
      object->invalid = true;
      object->invalidated = when;
    }
    if (node->status == NDIS_STATUS_FAILURE)
      note_failure (object, op->verb, when, at);
  }
}

static void
on_event (RuleObject *object, const RuleCrossing *x)
{
  bool calls_back = x->arg0 == TcpIndicateAbort || x->arg0 == TcpIndicateRetrieve;

  if (calls_back && !object->aborted && !object->upload_asked)
    object->called_back = x->when;
  object->events++;
  object->last_upcall_at = x->at;
  switch (x->arg0) {
  case TcpIndicateDisconnect:
    object->disconnected = true;
    object->disconnected_at = x->at;
    break;
  case TcpIndicateSendBacklogChange:
    object->backlog_bytes = x->arg1;
    object->backlog_when = x->when;
    object->backlog_at = x->at;
    break;
  case TcpIndicateAbort:
    object->aborted = true;
    object->aborted_at = x->at;
    break;
  case TcpIndicateRetrieve:
    object->upload_asked = true;
    object->upload_asked_at = x->at;
    object->upload_reason = (uint8_t)x->arg1;
    break;
  default:
    break;
  }
}

/* The object that a data call is about: the crossing's, or the first buffer list's. */
static RuleObject *
object_of (const RuleObjects *objects, const RuleCrossing *x)
{
  return rule_object_find (objects, x->object, x->edge);
}

static void
on_data_begin (RuleObject *object, const RuleCrossing *x)
{
  RulePending what = rule_pending_of (x->verb);

  if (x->verb == RULE_EVENT && x->station == RULE_UP_CALL)
    on_event (object, x);
  if (x->verb == RULE_INDICATE && x->station == RULE_UP_CALL) {
    object->indications++;
    object->indicated_at = x->at;
    object->last_upcall_at = x->at;
    object->last_data_when = x->when;
  }
  if (what == RULE_N_PENDING)
    return;
  if (x->station == RULE_DOWN_HANDLER) {
    if (what == RULE_PENDING_DISCONNECT && (x->arg0 & TCP_DISCONNECT_ABORTIVE_CLOSE) != 0)
      object->abortive = true;
    if (what == RULE_PENDING_RECEIVE) {
      object->has_posted = true;
      object->posted_when = x->when;
      object->posted_at = x->at;
    }
    object->calls[what]++;
    object->last_call_at[what] = x->at;
  }
  if (x->station == RULE_UP_CALL) {
    object->completions[what]++;
    object->last_upcall_at = x->at;
    if (what == RULE_PENDING_RECEIVE)
      object->last_data_when = x->when;
  }
}

const RuleObject *
rule_object_invalid_one (const RuleObjects *objects, const RuleObject *object)
{
  for (unsigned depth = 0; object != NULL && depth < 3; depth++) {
    if (object->invalid)
      return object;
    object = rule_object_find (objects, object->parent, object->edge);
  }
  return NULL;
}

bool
rule_object_is_under_invalid (const RuleObjects *objects, const RuleObject *object)
{
  for (unsigned depth = 0; object != NULL && depth < 3; depth++) {
    if (object->invalid || object->invalidates > 0)
      return true;
    object = rule_object_find (objects, object->parent, object->edge);
  }
  return false;
}

void
rule_objects_on_hardware (RuleObjects *objects, uint32_t id)
{
  for (unsigned edge = 1; edge <= RULE_EDGES_MAX; edge++) {
    RuleObject *object = rule_object_find (objects, id, edge);
    if (object != NULL)
      object->corrupted = true;
  }
}

void
rule_objects_on_begin (RuleObjects *objects, RuleOps *ops, const RuleCrossing *x)
{
  if ((RULE_SET (x->verb) & RULE_SET_STATE) == 0) {
    RuleObject *object = object_of (objects, x);
    if (object != NULL)
      on_data_begin (object, x);
    return;
  }
  RuleOp *op = rule_op_find (ops, x->op, x->edge);
  if (op == NULL)
    return;
  if (!op->counted && (x->station == RULE_DOWN_CALL || x->station == RULE_DOWN_HANDLER)) {
    on_down_call (objects, op, x->when, x->at);
    op->counted = op->n_nodes > 0;
  }
  for (uint32_t i = 0; (x->verb == RULE_INITIATE || x->verb == RULE_UPDATE)
                       && x->station == RULE_DOWN_HANDLER && i < x->n_nodes;
       i++)
    note_states (objects, x, &x->nodes[i]);
  for (uint32_t i = 0; x->verb == RULE_UPDATE && x->station == RULE_DOWN_HANDLER && i < op->n_nodes
                       && i < x->n_nodes;
       i++)
    note_link (objects, op, x, i);
  for (uint32_t i = 0; x->station == RULE_DOWN_HANDLER && i < op->n_nodes; i++) {
    RuleObject *object = rule_object_find (objects, op->nodes[i].object, op->edge);
    if (object != NULL && x->verb == RULE_TERMINATE)
      object->terminate_handled = true;
    if (object != NULL && x->verb == RULE_QUERY)
      op->nodes[i].deliver_seq = object->deliver_seq;
  }
  if (x->station == RULE_UP_CALL && op->completed_at == x->at)
    on_up_call (objects, op, x->when, x->at);
}

static void
on_data_end (RuleObject *object, const RuleCrossing *x)
{
  RulePending what = rule_pending_of (x->verb);

  if (x->verb == RULE_EVENT && x->station == RULE_UP_CALL && object->events > 0)
    object->events--;
  if (x->verb == RULE_INDICATE && x->station == RULE_UP_CALL) {
    if (object->indications > 0)
      object->indications--;
    object->refused = x->status == NDIS_STATUS_OFFLOAD_DATA_NOT_ACCEPTED
                      && object->posted_at < object->indicated_at;
    object->met_by_post = object->pending[RULE_PENDING_RECEIVE] > 0;
    object->was_partial = x->status == NDIS_STATUS_OFFLOAD_DATA_PARTIALLY_ACCEPTED;
    object->refused_at = x->end_at;
    object->deliver_seq += (uint32_t)x->value;
    object->delivered_end += (uint64_t)x->value;
  }
  if (what == RULE_N_PENDING)
    return;
  if (x->station == RULE_DOWN_HANDLER && object->calls[what] > 0)
    object->calls[what]--;
  if (x->station == RULE_UP_CALL && object->completions[what] > 0)
    object->completions[what]--;
}

void
rule_objects_on_end (RuleObjects *objects, const RuleOps *ops, const RuleCrossing *x)
{
  if ((RULE_SET (x->verb) & RULE_SET_STATE) == 0) {
    RuleObject *object = object_of (objects, x);
    if (object != NULL)
      on_data_end (object, x);
    return;
  }
  if (x->verb != RULE_INITIATE || x->station != RULE_UP_CALL)
    return;
  const RuleOp *op = rule_op_find (ops, x->op, x->edge);
  for (uint32_t i = 0; op != NULL && i < op->n_nodes; i++) {
    RuleObject *object = rule_object_find (objects, op->nodes[i].object, op->edge);
    if (object != NULL && object->initiate_op == op->id)
      object->settled = true;
  }
}
