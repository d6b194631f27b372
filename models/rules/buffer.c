#include "models/rules/buffer.h"

#include "models/ndis/types.h"
#include "models/rules/columns.h"

static uint64_t
key_of (uint32_t id, unsigned edge)
{
  return (uint64_t)id << 8 | edge;
}

void
rule_buffers_init (RuleBuffers *buffers)
{
  *buffers = (RuleBuffers){ 0 };
  rule_table_init (&buffers->table, sizeof (RuleBuffer));
}

void
rule_buffers_clear (RuleBuffers *buffers)
{
  rule_table_clear (&buffers->table);
}

RuleBuffer *
rule_buffer_find (const RuleBuffers *buffers, uint32_t id, unsigned edge)
{
  return rule_table_find (&buffers->table, key_of (id, edge));
}

/* The list of the object's outstanding requests of one kind. */
static void
link_last (RuleBuffers *buffers, RuleObject *object, RulePending what, RuleBuffer *buffer)
{
  RuleBuffer *last = rule_buffer_find (buffers, object->last[what], object->edge);

  buffer->previous = object->last[what];
  if (last != NULL)
    last->next = buffer->id;
  else
    object->first[what] = buffer->id;
  object->last[what] = buffer->id;
  object->pending[what]++;
}

static void
unlink_buffer (RuleBuffers *buffers, RuleObject *object, RulePending what, const RuleBuffer *buffer)
{
  RuleBuffer *next = rule_buffer_find (buffers, buffer->next, object->edge);
  RuleBuffer *previous = rule_buffer_find (buffers, buffer->previous, object->edge);

  if (next != NULL)
    next->previous = buffer->previous;
  else
    object->last[what] = buffer->previous;
  if (previous != NULL)
    previous->next = buffer->next;
  else
    object->first[what] = buffer->next;
  object->pending[what]--;
}

static RuleBuffer *
add_buffer (RuleBuffers *buffers, RuleObject *object, const RuleCrossing *x, const RuleNbl *nbl)
{
  RulePending what = rule_pending_of (x->verb);
  RuleBuffer *buffer = rule_table_add (&buffers->table, key_of (nbl->id, x->edge));

  *buffer = (RuleBuffer){ .id = nbl->id,
                          .object = nbl->object,
                          .edge = x->edge,
                          .driver = x->driver,
                          .verb = x->verb,
                          .flags = nbl->flags,
                          .buffers = nbl->buffers,
                          .bytes = nbl->bytes,
                          .placed = nbl->transferred,
                          .stream = nbl->stream,
                          .offset = nbl->offset,
                          .arg0 = x->arg0,
                          .at = nbl->at,
                          .call_at = x->at,
                          .when = x->when,
                          .call = x->id };
  if (object == NULL || what == RULE_N_PENDING)
    return buffer;
  buffer->after_disconnect = object->disconnected && object->events == 0;
  buffer->after_upload_asked = object->upload_asked && object->events == 0;
  buffer->order = ++object->posted[what];
  link_last (buffers, object, what, buffer);
  return buffer;
}

static void
remove_buffer (RuleBuffers *buffers, RuleObjects *objects, RuleBuffer *buffer)
{
  RuleObject *object = rule_object_find (objects, buffer->object, buffer->edge);
  RulePending what = rule_pending_of (buffer->verb);

  if (object != NULL && what != RULE_N_PENDING && buffer->order != 0) {
    unlink_buffer (buffers, object, what, buffer);
    object->completed[what] = buffer->order;
    if (buffer->handed_over)
      object->handed_over--;
  }
  rule_table_remove (&buffers->table, key_of (buffer->id, buffer->edge));
}

static void
post (RuleBuffers *buffers, RuleObjects *objects, const RuleFlows *flows, const RuleCrossing *x)
{
  const RuleFlow *flow = rule_flow_find (flows, rule_object_connection (objects, x->object));

  for (uint32_t i = 0; i < x->n_nbls; i++) {
    const RuleNbl *nbl = &x->nbls[i];
    RuleObject *object = rule_object_find (objects, nbl->object, x->edge);
    RuleBuffer *buffer = rule_buffer_find (buffers, nbl->id, x->edge);
    if (buffer == NULL)
      buffer = add_buffer (buffers, object, x, nbl);
    RuleBuffer *above = rule_buffer_find (buffers, nbl->id, x->edge_above);
    if (above != NULL && above->verb == x->verb)
      above->passed_on = true;
    if (x->station == RULE_DOWN_HANDLER) {
      buffer->handled = true;
      buffer->arrived_end = flow == NULL ? 0 : flow->side[1].arrived_end;
    }
    if (object != NULL && x->verb == RULE_RECEIVE && x->station == RULE_DOWN_HANDLER)
      object->refused = false;
  }
}

/* A receive that comes back delivers what was placed in it. */
static void
deliver (RuleObject *object, const RuleNbl *nbl, const RuleBuffer *buffer)
{
  if (nbl->transferred <= 0)
    return;
  object->deliver_seq += (uint32_t)nbl->transferred;
  if (nbl->stream < 0)
    return;
  object->delivered_known = true;
  object->delivered_end =
      (uint64_t)(nbl->offset + nbl->transferred + (buffer == NULL ? 0 : buffer->placed));
}

static void
complete (RuleBuffers *buffers, RuleObjects *objects, const RuleCrossing *x)
{
  for (uint32_t i = 0; i < x->n_nbls; i++) {
    RuleBuffer *buffer = rule_buffer_find (buffers, x->nbls[i].id, x->edge);
    RuleBuffer *above = rule_buffer_find (buffers, x->nbls[i].id, x->edge_above);
    if (above != NULL && above->verb == x->verb) {
      above->came_back = true;
      above->status_below = x->nbls[i].status;
    }
    RuleObject *object = rule_object_find (objects, x->nbls[i].object, x->edge);
    if (object != NULL && x->verb == RULE_SEND
        && (x->nbls[i].status == NDIS_STATUS_REQUEST_UPLOAD
            || x->nbls[i].status == NDIS_STATUS_UPLOAD_IN_PROGRESS))
      object->send_refused = true;
    if (object != NULL && x->verb == RULE_RECEIVE)
      deliver (object, &x->nbls[i], buffer);
    if (buffer != NULL && buffer->verb == x->verb)
      remove_buffer (buffers, objects, buffer);
  }
}

static void
indicate (RuleBuffers *buffers, const RuleObjects *objects, const RuleCrossing *x)
{
  for (uint32_t i = 0; i < x->n_nbls; i++) {
    const RuleNbl *nbl = &x->nbls[i];
    RuleObject *object = rule_object_find (objects, nbl->object, x->edge);
    if (object != NULL && nbl->stream >= 0) {
      object->delivered_known = true;
      object->delivered_end = (uint64_t)nbl->offset;
    }
    if (rule_buffer_find (buffers, nbl->id, x->edge) == NULL)
      add_buffer (buffers, NULL, x, nbl);
  }
}

static void
give_back (RuleBuffers *buffers, RuleObjects *objects, const RuleCrossing *x)
{
  for (uint32_t i = 0; i < x->n_nbls; i++) {
    RuleBuffer *buffer = rule_buffer_find (buffers, x->nbls[i].id, x->edge);
    if (buffer == NULL)
      continue;
    if (buffer->uploaded && sim_time_diff (x->when, buffer->when).ps > buffers->longest.ps)
      buffers->longest = sim_time_diff (x->when, buffer->when);
    remove_buffer (buffers, objects, buffer);
  }
}

/* Send data that came with a successful initiate is outstanding like any other. */
static void
take_over (RuleBuffers *buffers, RuleObjects *objects, const RuleOp *op, const RuleCrossing *x)
{
  for (uint32_t i = 0; i < op->n_nodes; i++) {
    const RuleOpNode *node = &op->nodes[i];
    RuleObject *object = rule_object_find (objects, node->object, op->edge);
    if (object == NULL || node->role != RULE_NEW || !rule_status_is_offloaded (node->status))
      continue;
    for (uint32_t n = 0; n < node->n_sends; n++) {
      const RuleNbl *nbl = &op->nbls[node->first_nbl + n];
      if (rule_buffer_find (buffers, nbl->id, op->edge) != NULL)
        continue;
      RuleBuffer *buffer = add_buffer (buffers, object, x, nbl);
      buffer->verb = RULE_SEND;
      buffer->handed_over = true;
      buffer->handled = true;
      buffer->passed_on = op->passed_on;
      buffer->came_back =
          !op->passed_on || rule_buffer_find (buffers, nbl->id, op->edge_below) == NULL;
      buffer->order = ++object->posted[RULE_PENDING_SEND];
      link_last (buffers, object, RULE_PENDING_SEND, buffer);
      object->handed_over++;
    }
  }
}

/* The driver above has the buffered data of a terminate until it returns it. */
static void
bring_up (RuleBuffers *buffers, const RuleCrossing *x)
{
  for (uint32_t i = 0; i < x->n_nbls; i++) {
    const RuleNbl *nbl = &x->nbls[i];
    if ((nbl->flags & RULE_NBL_BUFFERED) == 0
        || rule_buffer_find (buffers, nbl->id, x->edge) != NULL)
      continue;
    RuleBuffer *buffer = add_buffer (buffers, NULL, x, nbl);
    buffer->verb = RULE_INDICATE;
    buffer->accepted = true;
    buffer->uploaded = true;
  }
}

/* What a terminate hands back is no longer outstanding. */
static void
hand_back_chains (RuleBuffers *buffers, RuleObjects *objects, const RuleOp *op)
{
  for (uint32_t i = 0; i < op->n_nodes; i++) {
    RuleObject *object = rule_object_find (objects, op->nodes[i].object, op->edge);
    if (object == NULL || object->phase != RULE_OBJECT_ENDED)
      continue;
    for (unsigned what = 0; what < RULE_N_PENDING; what++)
      while (object->first[what] != 0)
        remove_buffer (buffers, objects, rule_buffer_find (buffers, object->first[what], op->edge));
  }
}

/* Buffered data goes down with |op|. */
static void
lend (RuleBuffers *buffers, const RuleCrossing *x)
{
  for (uint32_t i = 0; i < x->n_nbls; i++) {
    const RuleNbl *nbl = &x->nbls[i];
    if ((nbl->flags & RULE_NBL_BUFFERED) == 0
        || rule_buffer_find (buffers, nbl->id, RULE_EDGE_OF_LENT) != NULL)
      continue;
    RuleBuffer *buffer = rule_table_add (&buffers->table, key_of (nbl->id, RULE_EDGE_OF_LENT));
    *buffer = (RuleBuffer){
      .id = nbl->id, .object = nbl->object, .verb = RULE_INITIATE, .at = nbl->at, .when = x->when
    };
  }
}

/* ... which is complete. */
static void
settle_lent (RuleBuffers *buffers, const RuleOp *op, const RuleCrossing *x)
{
  for (uint32_t i = 0; i < op->n_nodes; i++) {
    const RuleOpNode *node = &op->nodes[i];
    for (uint32_t n = 0; n < node->n_buffered; n++) {
      const RuleNbl *nbl = &op->nbls[node->first_nbl + node->n_sends + n];
      RuleBuffer *buffer = rule_buffer_find (buffers, nbl->id, RULE_EDGE_OF_LENT);
      if (buffer == NULL)
        continue;
      buffer->accepted = rule_status_is_offloaded (node->status);
      buffer->when = x->when;
      if (!buffer->accepted)
        rule_table_remove (&buffers->table, key_of (nbl->id, RULE_EDGE_OF_LENT));
    }
  }
}

void
rule_buffers_on_put (RuleBuffers *buffers, const SimRecord *record)
{
  if (record->column[PUT_WHAT] == TRACE_RESOURCE_NBL && record->column[PUT_LAYER] == 0)
    rule_table_remove (&buffers->table,
                       key_of ((uint32_t)record->column[PUT_ID], RULE_EDGE_OF_LENT));
}

static void
on_state_op (RuleBuffers *buffers, RuleObjects *objects, const RuleOps *ops, const RuleCrossing *x)
{
  const RuleOp *op = rule_op_find (ops, x->op, x->edge);

  if (x->station == RULE_DOWN_HANDLER && x->verb == RULE_INITIATE && x->edge == 1)
    lend (buffers, x);
  if (x->station != RULE_UP_CALL || op == NULL || op->completed_at != x->at)
    return;
  if (x->verb == RULE_INITIATE && x->edge == 1)
    settle_lent (buffers, op, x);
  if (x->verb == RULE_INITIATE)
    take_over (buffers, objects, op, x);
  if (x->verb != RULE_TERMINATE)
    return;
  hand_back_chains (buffers, objects, op);
  bring_up (buffers, x);
}

void
rule_buffers_on_begin (RuleBuffers *buffers, RuleObjects *objects, const RuleOps *ops,
                       const RuleFlows *flows, const RuleCrossing *x)
{
  uint32_t set = RULE_SET (x->verb);

  if ((set & RULE_SET_STATE) != 0)
    on_state_op (buffers, objects, ops, x);
  if ((set & RULE_SET_IO) != 0) {
    if (x->station == RULE_DOWN_CALL || x->station == RULE_DOWN_HANDLER)
      post (buffers, objects, flows, x);
    else if (x->station == RULE_UP_CALL)
      complete (buffers, objects, x);
  }
  if (x->verb == RULE_INDICATE && x->station == RULE_UP_CALL)
    indicate (buffers, objects, x);
  if (x->verb == RULE_RETURN && (x->station == RULE_DOWN_CALL || x->station == RULE_DOWN_HANDLER))
    give_back (buffers, objects, x);
}

void
rule_buffers_on_end (RuleBuffers *buffers, RuleObjects *objects, const RuleCrossing *x)
{
  if (x->verb != RULE_INDICATE || x->station != RULE_UP_CALL)
    return;
  RuleBuffer *buffer = rule_buffer_find (buffers, x->op, x->edge);
  if (buffer == NULL || buffer->verb != RULE_INDICATE)
    return;
  if (x->status == NDIS_STATUS_SUCCESS)
    buffer->accepted = true;
  else
    remove_buffer (buffers, objects, buffer);
}
