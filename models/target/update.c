/*
 * Update, query and invalidate: what the host may do to an offloaded object and leave it offloaded.
 *
 * Source      Guide: updating cached variables, linking path state objects to a new neighbor,
 *             querying offloaded state, handling invalidated state objects.  Rules UPD, LINK, QRY,
 *             INV.
 */
#include <glib.h>

#include "models/target/adapter.h"

/* True if the hardware has lost the object: its status tells of a path or neighbor, a connection has
 * its events. */
static bool
is_lost (TargetContext *context)
{
  context->failure_told |= context->corrupt && context->layer != OFFLOAD_LAYER_TCP;
  return context->corrupt;
}

/* Update */

static NDIS_STATUS
update_neighbor (const Target *target, const NDIS_MINIPORT_OFFLOAD_BLOCK_LIST *node,
                 NeighborContext *neighbor)
{
  const NEIGHBOR_OFFLOAD_STATE_CACHED *cached = block_list_cached_state (node);

  if (cached == NULL)
    return NDIS_STATUS_SUCCESS;
  neighbor->destination_mac_id = cached->DlDestinationAddress;
  neighbor->host_reachable_tick = target_tick (target) - cached->HostReachabilityDelta;
  return NDIS_STATUS_SUCCESS;
}

static void
set_path_mtu (Target *target, PathContext *path, uint32_t mtu_bytes)
{
  path->mtu_bytes = mtu_bytes;
  for (TcpContext *context = path->connections; context != NULL; context = context->next) {
    tcp_set_path_mtu (&context->tcb, mtu_bytes);
    target_transmit_kick (target, context);
  }
}

/* A path below a neighbor that it is not linked to moves to it (LINK-04); false: the hardware has lost
 * the neighbor. */
static bool
relink (Target *target, const TargetOp *op, PathContext *path)
{
  const NDIS_MINIPORT_OFFLOAD_BLOCK_LIST *above = block_walk_parent (&op->walk);
  TargetContext *neighbor = above != NULL ? target_node_context (target, above) : NULL;

  if (neighbor == NULL || neighbor->layer != OFFLOAD_LAYER_NEIGHBOR
      || neighbor == &path->neighbor->head)
    return true;
  if (neighbor->corrupt)
    return false;
  if (target_defect (target, TARGET_DEFECT_KEEPS_OLD_LINK, path->head.object_id))
    return true;
  target_path_unlink (path);
  target_path_link (path, (NeighborContext *)neighbor);
  TRACE (target_trace (target), target->config.actor_id, CONTEXT_LINK, op->op_id,
         (int64_t)path->head.token, (int64_t)neighbor->token);
  for (TcpContext *context = path->connections; context != NULL; context = context->next)
    target_transmit_kick (target, context);
  return true;
}

static NDIS_STATUS
update_path (Target *target, const TargetOp *op, PathContext *path)
{
  const PATH_OFFLOAD_STATE_CACHED *cached = block_list_cached_state (op->node);

  if (cached != NULL && cached->PathMtu > target->config.limits.path_mtu_bytes_max)
    return NDIS_STATUS_FAILURE;
  if (!relink (target, op, path))
    return NDIS_STATUS_FAILURE;
  if (cached != NULL && cached->PathMtu != path->mtu_bytes)
    set_path_mtu (target, path, cached->PathMtu);
  return NDIS_STATUS_SUCCESS;
}

/* Reserves memory for another window; false: there is not enough. */
static bool
reserve_window (Target *target, TcpContext *context, uint32_t bytes)
{
  const TargetLimits *limits = &target->config.limits;
  uint32_t others = target->receive_reserved_bytes - context->receive_reserved;

  if (bytes > limits->receive_window_bytes_max || bytes > limits->receive_buffer_bytes - others)
    return false;
  target->receive_reserved_bytes = others + bytes;
  context->receive_reserved = bytes;
  return true;
}

static NDIS_STATUS
update_connection (Target *target, const NDIS_MINIPORT_OFFLOAD_BLOCK_LIST *node,
                   TcpContext *context)
{
  const TCP_OFFLOAD_STATE_CACHED *cached = block_list_cached_state (node);

  if (cached == NULL)
    return NDIS_STATUS_SUCCESS;
  if ((cached->Flags & TCP_FLAG_UPDATE_RCV_WND) != 0
      && !reserve_window (target, context, cached->InitialRcvWnd))
    return NDIS_STATUS_FAILURE;
  if (target_defect (target, TARGET_DEFECT_KEEPS_OLD_HEADERS, context->head.object_id))
    return NDIS_STATUS_SUCCESS;
  tcp_update_cached (&context->tcb, cached, target_now (target));
  context->delivery.indication_bytes = cached->RcvIndicationSize;
  target_transmit_kick (target, context);
  target_timer_arm (target, context);
  return NDIS_STATUS_SUCCESS;
}

static NDIS_STATUS
update (Target *target, const TargetOp *op, TargetContext *context)
{
  if (context == NULL || context->closing || is_lost (context))
    return NDIS_STATUS_FAILURE;
  switch (context->layer) {
  case OFFLOAD_LAYER_NEIGHBOR:
    return update_neighbor (target, op->node, (NeighborContext *)context);
  case OFFLOAD_LAYER_PATH:
    return update_path (target, op, (PathContext *)context);
  case OFFLOAD_LAYER_TCP:
    return update_connection (target, op->node, (TcpContext *)context);
  case OFFLOAD_N_LAYERS:
    break;
  }
  SIM_UNREACHABLE ();
}

void
target_update_node (Target *target, TargetOp *op)
{
  op->node->Status = update (target, op, target_node_context (target, op->node));
  if (target_defect (target, TARGET_DEFECT_UPDATE_STATUS_RESOURCES, op->node->model.object_id))
    op->node->Status = NDIS_STATUS_RESOURCES;
}

/* Query */

static void
query_neighbor (const Target *target, const NDIS_MINIPORT_OFFLOAD_BLOCK_LIST *node,
                const NeighborContext *neighbor)
{
  NEIGHBOR_OFFLOAD_STATE_CONST *constants = block_list_const_state (node);
  NEIGHBOR_OFFLOAD_STATE_CACHED *cached = block_list_cached_state (node);
  NEIGHBOR_OFFLOAD_STATE_DELEGATED *delegated = block_list_delegated_state (node);

  if (constants != NULL) {
    constants->DlSourceAddress = neighbor->source_mac_id;
    constants->VlanId = neighbor->vlan_id & 0xfffU;
  }
  if (cached != NULL) {
    cached->DlDestinationAddress = neighbor->destination_mac_id;
    cached->HostReachabilityDelta = target_tick (target) - neighbor->host_reachable_tick;
  }
  if (delegated != NULL)
    delegated->NicReachabilityDelta = target_tick (target) - neighbor->nic_reachable_tick;
}

static void
query_path (const NDIS_MINIPORT_OFFLOAD_BLOCK_LIST *node, const PathContext *path)
{
  PATH_OFFLOAD_STATE_CONST *constants = block_list_const_state (node);
  PATH_OFFLOAD_STATE_CACHED *cached = block_list_cached_state (node);

  if (constants != NULL) {
    constants->SourceAddress = path->source_address_id;
    constants->DestinationAddress = path->destination_address_id;
  }
  if (cached != NULL)
    cached->PathMtu = path->mtu_bytes;
}

/* The defect: a timer that is not running looks like one that runs out now. */
static void
report_stopped_timers (Target *target, const TcpContext *context,
                       TCP_OFFLOAD_STATE_DELEGATED *delegated)
{
  if (!target_defect (target, TARGET_DEFECT_STOPPED_TIMERS_AT_ZERO, context->head.object_id))
    return;
  if (delegated->KeepAlive.TimeoutDelta == TCP_TIMER_STOPPED)
    delegated->KeepAlive.TimeoutDelta = 0;
  if (delegated->Retransmit.TimeoutDelta == TCP_TIMER_STOPPED)
    delegated->Retransmit.TimeoutDelta = 0;
}

static void
query_connection (Target *target, const NDIS_MINIPORT_OFFLOAD_BLOCK_LIST *node,
                  const TcpContext *context)
{
  const TargetFeatures *features = &target->config.features;
  TCP_OFFLOAD_STATE_CONST *constants = block_list_const_state (node);
  TCP_OFFLOAD_STATE_CACHED *cached = block_list_cached_state (node);
  TCP_OFFLOAD_STATE_DELEGATED *delegated = block_list_delegated_state (node);

  if (constants != NULL) {
    uint32_t options = constants->Header.RecognizedOptions; /* NDIS's (BLK-09) */
    tcp_export_const (&context->tcb, constants);
    constants->Header.RecognizedOptions = options;
  }
  if (cached != NULL) {
    uint32_t options = cached->Header.RecognizedOptions;
    tcp_export_cached (&context->tcb, cached);
    cached->Header.RecognizedOptions = options;
  }
  if (delegated == NULL)
    return;
  target_export_delegated (target, context, delegated);
  report_stopped_timers (target, context, delegated);
  delegated->SendDataHead = NULL; /* the union's other half */
  delegated->SendBacklogSize = target_send_backlog (target, context);
  if (target_defect (target, TARGET_DEFECT_NO_SEND_BACKLOG, context->head.object_id))
    delegated->SendBacklogSize = 0;
  delegated->BufferedData = NULL;
  delegated->ReceiveBacklogSize = features->receive_backlog
                                      ? delivery_kept_bytes (&context->delivery)
                                      : TCP_BACKLOG_UNSUPPORTED;
}

void
target_query_node (Target *target, TargetOp *op)
{
  TargetContext *context = target_node_context (target, op->node);

  op->node->Status = NDIS_STATUS_FAILURE;
  op->corrupt |= context != NULL && context->corrupt;
  if (context == NULL || is_lost (context))
    return;
  if (context->layer == OFFLOAD_LAYER_NEIGHBOR)
    query_neighbor (target, op->node, (const NeighborContext *)context);
  else if (context->layer == OFFLOAD_LAYER_PATH)
    query_path (op->node, (const PathContext *)context);
  else
    query_connection (target, op->node, (const TcpContext *)context);
  op->node->Status = NDIS_STATUS_SUCCESS;
}

/* Invalidate */

static void
ask_for_upload (Target *target, TcpContext *context)
{
  if (context->head.closing || (context->reasons_told >> InvalidState & 1) != 0)
    return;
  context->reasons_told |= 1U << InvalidState;
  target_retrieve (target, context, InvalidState);
}

void
target_ask_if_invalid (Target *target, TcpContext *context)
{
  if (target_tcp_neighbor (context) != NULL && target_tcp_is_invalid (context))
    ask_for_upload (target, context);
}

static void
invalidate_path (Target *target, PathContext *path)
{
  for (TcpContext *context = path->connections; context != NULL; context = context->next)
    ask_for_upload (target, context);
}

/* Everything that depends on the object is affected, named or not (INV-09). */
static void
invalidate (Target *target, TargetContext *context)
{
  context->invalid = true;
  if (context->layer == OFFLOAD_LAYER_TCP)
    ask_for_upload (target, (TcpContext *)context);
  else if (context->layer == OFFLOAD_LAYER_PATH)
    invalidate_path (target, (PathContext *)context);
  else
    for (PathContext *path = ((NeighborContext *)context)->paths; path != NULL; path = path->next)
      invalidate_path (target, path);
}

void
target_invalidate_node (Target *target, TargetOp *op)
{
  TargetContext *context = target_node_context (target, op->node);

  op->node->Status = NDIS_STATUS_FAILURE;
  op->corrupt |= context != NULL && context->corrupt;
  if (context == NULL || is_lost (context))
    return;
  invalidate (target, context);
  op->node->Status = NDIS_STATUS_SUCCESS;
}
