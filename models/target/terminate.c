/*
 * Terminate: handing state objects back.
 *
 * From the handler's entry on segments of the connection pass by.  The NIC flushes what it owes the
 * peer, waits until its own frames and calls are through, completes or keeps what the host has
 * outstanding, and only then takes the final picture: delegated state, unacknowledged send data as
 * the original lists, buffered receive data.
 *
 * Source      Guide: terminate offload sequence; handling segments, send data and buffered receive
 *             data during a terminate; NdisMTerminateOffloadComplete.  Rules TERM, SDATA-14 to 19,
 *             RBUF-10 to 13.
 */
#include <glib.h>

#include "models/target/adapter.h"

/* The handler's entry */

void
target_terminate_mark (Target *target, TargetOp *op)
{
  NDIS_MINIPORT_OFFLOAD_BLOCK_LIST *node;
  BlockWalk walk = block_walk_begin (op->root);

  while ((node = block_walk_next (&walk)) != NULL) {
    TargetContext *context = target_node_context (target, node);
    if (context == NULL || context->terminate != NULL)
      continue;
    context->closing = true;
    context->terminate = op;
    *op->contexts_last = context;
    op->contexts_last = &context->next_in_terminate;
    if (context->layer == OFFLOAD_LAYER_TCP)
      ((TcpContext *)context)->stage = TERMINATE_MARKED;
    TRACE (target_trace (target), target->config.actor_id, CONTEXT_CLOSING, (int64_t)context->token,
           context->object_id, op->op_id);
  }
}

/* A node in the NIC */

/* Corrupt hardware defeats the terminate: the object lives on until it is told and terminated again
 * (TERM-33).  No event tells of a path or neighbor; its status does. */
static void
fail_terminate (TargetOp *op, TargetContext *context)
{
  op->node->Status = NDIS_STATUS_FAILURE;
  context->closing = false;
  if (context->layer == OFFLOAD_LAYER_TCP)
    ((TcpContext *)context)->stage = TERMINATE_NONE;
  else
    context->failure_told = true;
}

static void
drain (Target *target, TcpContext *context)
{
  context->stage = TERMINATE_DRAINING;
  context->has_terminate_state = true;
  sim_event_cancel (target->sim, &context->timer);
  target_transmit_forget (target, context);
  if (!context->aborted && !context->head.corrupt) {
    tcp_flush_for_handover (&context->tcb, target_now (target));
    if (!target_defect (target, TARGET_DEFECT_NO_DELAYED_ACK_FLUSH, context->head.object_id))
      target_transmit_owed_ack (target, context);
  }
  if (context->abortive != NULL)
    target_transmit_owed_reset (target, context);
  target_release_held (target, context);
}

void
target_terminate_node (Target *target, TargetOp *op)
{
  TargetContext *context = target_node_context (target, op->node);

  op->node->Status = NDIS_STATUS_FAILURE;
  if (context == NULL || context->terminate != op)
    return;
  if (context->corrupt && !context->failure_told) {
    fail_terminate (op, context);
    return;
  }
  op->node->Status = NDIS_STATUS_SUCCESS;
  if (context->layer != OFFLOAD_LAYER_TCP)
    return;
  TcpContext *connection = (TcpContext *)context;
  drain (target, connection);
  connection->has_terminate_state = block_list_delegated_state (op->node) != NULL;
}

/* Waiting */

static void
complete_receives (Target *target, TcpContext *context, NDIS_STATUS status)
{
  NET_BUFFER_LIST *chain = delivery_abort (&context->delivery, status);

  if (chain == NULL)
    return;
  TargetUpcall *upcall = target_upcall_new (target, UPCALL_RECEIVES, context);
  upcall->chain = chain;
  target_upcall_queue (target, upcall, 0);
}

/* TERM-14: all of the host's requests; sends are kept to be handed back if there is room for
 * them. */
static void
complete_requests (Target *target, TcpContext *context)
{
  NDIS_STATUS status =
      context->head.corrupt ? NDIS_STATUS_REQUEST_ABORTED : NDIS_STATUS_UPLOAD_IN_PROGRESS;

  if (!target_defect (target, TARGET_DEFECT_TERMINATES_BEFORE_REQUESTS, context->head.object_id))
    complete_receives (target, context, status);
  target_reset_has_left (target, context);
  target_complete_disconnect (target, context, status);
  if (context->head.corrupt || !context->has_terminate_state)
    target_sends_abort (target, context, status);
}

/* Frames that the wire has not begun to send are still on their way: TERM-21.  During a reset nothing
 * leaves. */
static bool
has_left (Target *target, TcpContext *context)
{
  if (target->pnp.is_resetting && !context->head.corrupt && !context->aborted)
    return false;
  if (context->tx_frames > 0)
    return false;
  if (!sim_time_before (target_now (target), context->left_at))
    return true;
  sim_event_schedule (target->sim, &context->timer, context->left_at);
  return false;
}

static bool
is_drained (Target *target, TcpContext *context)
{
  return context->head.initiate == NULL && context->upcalls == 0 && !context->delivery.busy
         && target_engine_is_idle (context) && has_left (target, context);
}

void
target_terminate_unpark (Target *target, TargetOp *op)
{
  if (!op->parked || target_terminate_must_wait (op))
    return;
  op->parked = false;
  target_op_report (target, op);
}

void
target_terminate_advance (Target *target, TcpContext *context)
{
  if (context->stage == TERMINATE_DRAINING && is_drained (target, context)) {
    context->stage = TERMINATE_COMPLETING;
    complete_requests (target, context);
  }
  if (context->stage == TERMINATE_COMPLETING && context->upcalls == 0
      && target_engine_is_idle (context)) {
    context->stage = TERMINATE_QUIET;
    target_terminate_try_end (target, context->head.terminate);
  } else if (context->stage == TERMINATE_QUIET
             || (context->stage == TERMINATE_NONE && context->head.terminate != NULL)) {
    target_terminate_unpark (target, context->head.terminate);
  }
}

void
target_terminate_resume (Target *target)
{
  for (uint32_t i = 0; i < target->config.tables.tcp; i++) {
    TcpContext *context = (TcpContext *)target_context_at (&target->contexts, OFFLOAD_LAYER_TCP, i);
    if (context == NULL || context->stage != TERMINATE_DRAINING)
      continue;
    if (!context->aborted && !context->head.corrupt)
      target_transmit_owed_ack (target, context);
    target_terminate_advance (target, context);
  }
}

bool
target_terminate_must_wait (const TargetOp *op)
{
  for (const TargetContext *c = op->contexts; c != NULL; c = c->next_in_terminate) {
    if (c->layer == OFFLOAD_LAYER_TCP && ((const TcpContext *)c)->upcalls > 0)
      return true;
    if (c->layer == OFFLOAD_LAYER_NEIGHBOR && ((const NeighborContext *)c)->querying)
      return true;
  }
  return false;
}

/* The final picture */

static NET_BUFFER_LIST *
hand_back_buffered (Target *target, TcpContext *context)
{
  TcpRange range = delivery_take_buffered (&context->delivery);

  if (range.bytes > 1
      && target_defect (target, TARGET_DEFECT_WRONG_BUFFERED_DATA, context->head.object_id))
    range.bytes--;
  if (range.bytes == 0)
    return NULL;
  NET_BUFFER_LIST *nbl = ndis_nbl_take (target->ndis, NDIS_HOLDER_TARGET, context->connection_id,
                                        context->head.object_id);
  SIM_ASSERT (nbl != NULL);
  ndis_nbl_set_data (nbl, range);
  target->pnp.data_up++;
  bus_post (&target->writes, range.bytes);
  return nbl;
}

void
target_export_delegated (const Target *target, const TcpContext *context,
                         TCP_OFFLOAD_STATE_DELEGATED *ret_state)
{
  uint32_t options = ret_state->Header.RecognizedOptions; /* NDIS's (BLK-09) */

  tcp_export_delegated (&context->tcb, target_now (target), ret_state);
  ret_state->Header.RecognizedOptions = options;
  ret_state->Flags = context->delegated_flags;
}

static void
export_connection (Target *target, NDIS_MINIPORT_OFFLOAD_BLOCK_LIST *node, TcpContext *context)
{
  TCP_OFFLOAD_STATE_DELEGATED *delegated = block_list_delegated_state (node);

  node->NetBufferListChain = NULL;
  if (delegated == NULL)
    return;
  target_export_delegated (target, context, delegated);
  if (target_defect (target, TARGET_DEFECT_CLEARS_RESERVED_FLAGS, context->head.object_id))
    delegated->Flags ^= 1;
  NET_BUFFER_LIST *sends = target_sends_hand_back (target, context);
  node->NetBufferListChain = sends;
  delegated->SendDataHead = sends;
  delegated->SendDataTail = sends != NULL ? ndis_nbl_chain_last (sends) : NULL;
  delegated->BufferedData = context->head.corrupt ? NULL : hand_back_buffered (target, context);
}

static void
export_neighbor (const Target *target, const NDIS_MINIPORT_OFFLOAD_BLOCK_LIST *node,
                 const NeighborContext *neighbor)
{
  NEIGHBOR_OFFLOAD_STATE_DELEGATED *delegated = block_list_delegated_state (node);

  if (delegated != NULL)
    delegated->NicReachabilityDelta = target_tick (target) - neighbor->nic_reachable_tick;
}

static void
export_all (Target *target, TargetOp *op)
{
  NDIS_MINIPORT_OFFLOAD_BLOCK_LIST *node;
  BlockWalk walk = block_walk_begin (op->root);

  while ((node = block_walk_next (&walk)) != NULL) {
    TargetContext *context = target_node_context (target, node);
    if (context == NULL || context->terminate != op || !context->closing)
      continue;
    if (context->layer == OFFLOAD_LAYER_TCP)
      export_connection (target, node, (TcpContext *)context);
    else if (context->layer == OFFLOAD_LAYER_NEIGHBOR)
      export_neighbor (target, node, (const NeighborContext *)context);
  }
}

static bool
is_quiet (const TargetContext *context)
{
  if (context->initiate != NULL)
    return false;
  return context->layer != OFFLOAD_LAYER_TCP || !context->closing
         || ((const TcpContext *)context)->stage == TERMINATE_QUIET;
}

void
target_terminate_try_end (Target *target, TargetOp *op)
{
  if (!op->walked || op->exported)
    return;
  for (const TargetContext *c = op->contexts; c != NULL; c = c->next_in_terminate)
    if (!is_quiet (c))
      return;
  op->exported = true;
  export_all (target, op);
  target_op_report (target, op);
}

void
target_terminate_end (Target *target, TargetOp *op)
{
  op->walked = true;
  target_terminate_try_end (target, op);
}

/* After the completion */

static void
survive (Target *target, TargetContext *context)
{
  context->terminate = NULL;
  context->next_in_terminate = NULL;
  if (context->layer == OFFLOAD_LAYER_TCP)
    target_tell_failure (target, (TcpContext *)context);
}

/* Frees the contexts of |layer|; connections go first, what they depend on last. */
static void
retire_layer (Target *target, TargetOp *op, OffloadLayer layer)
{
  TargetContext **link = &op->contexts;

  while (*link != NULL) {
    TargetContext *context = *link;
    if (context->layer != layer) {
      link = &context->next_in_terminate;
      continue;
    }
    *link = context->next_in_terminate;
    if (context->closing)
      target_context_retire (target, context, op->op_id);
    else
      survive (target, context);
  }
}

void
target_terminate_returned (Target *target, TargetOp *op)
{
  retire_layer (target, op, OFFLOAD_LAYER_TCP);
  retire_layer (target, op, OFFLOAD_LAYER_PATH);
  retire_layer (target, op, OFFLOAD_LAYER_NEIGHBOR);
  target_resume_if_empty (target);
}

/* Requests that a defect has left behind: their connection is gone when they are completed. */
static void
complete_late (Target *target, TcpContext *context)
{
  NET_BUFFER_LIST *chain = delivery_abort (&context->delivery, NDIS_STATUS_UPLOAD_IN_PROGRESS);

  if (chain == NULL)
    return;
  TargetUpcall *upcall = target_upcall_new (target, UPCALL_RECEIVES, NULL);
  upcall->chain = chain;
  target_upcall_queue (target, upcall, 0);
}

static void
retire_connection (Target *target, TcpContext *context)
{
  complete_late (target, context);
  target->stats.uploads++;
  target->receive_reserved_bytes -= context->receive_reserved;
  target->transmit_descriptors_used -= context->send_count;
  if (context->connection_id < target->config.n_connections)
    target->token_of[context->connection_id] = 0;
  sim_event_cancel (target->sim, &context->timer);
  target_transmit_forget (target, context);
  target_lookup_remove (&target->contexts, context);
  target_cache_forget (&target->cache, &context->cache);
  target_forget_state (target, context);
  target_tcp_unlink (context);
  tcp_clear (&context->tcb);
}

static void
retire_path (Target *target, PathContext *path)
{
  while (path->connections != NULL)
    target_tcp_unlink (path->connections);
  target_path_unlink (path);
  id_table_put (&target->contexts.addresses, path->source_address_id);
}

static void
retire_neighbor (Target *target, NeighborContext *neighbor)
{
  while (neighbor->paths != NULL)
    target_path_unlink (neighbor->paths);
  if (neighbor->vlan_id != 0)
    id_table_put (&target->contexts.vlans, neighbor->vlan_id);
  if (neighbor->source_mac_id != 0)
    id_table_put (&target->contexts.macs, neighbor->source_mac_id);
}

void
target_context_retire (Target *target, TargetContext *context, uint32_t op_id)
{
  SimTrace *trace = target_trace (target);
  uint32_t actor = target->config.actor_id;

  if (context->layer == OFFLOAD_LAYER_TCP)
    retire_connection (target, (TcpContext *)context);
  else if (context->layer == OFFLOAD_LAYER_PATH)
    retire_path (target, (PathContext *)context);
  else
    retire_neighbor (target, (NeighborContext *)context);
  TRACE (trace, actor, CONTEXT_FREE, op_id, (int64_t)context->token, context->layer,
         context->object_id);
  TRACE (trace, actor, PUT, TRACE_RESOURCE_CONTEXT, (int64_t)context->token, target_layer (target),
         context->object_id);
  target_context_free (&target->contexts, context);
}
