/*
 * Initiate: taking the state of a tree over, node by node, and telling how far it went.
 *
 * Source      Guide: traversing a state tree; returning the completion status of an initiate
 *             offload operation; partial offloads and offload failures; 802.1Q information;
 *             handling outstanding send data and buffered receive data during an offload.  Rules
 *             INIT, ISTS, IVLAN, CTX, PLC, TREE, SDATA, RBUF.
 */
#include <glib.h>

#include "models/target/adapter.h"
#include "models/tcp/state.h"

static bool
allocation_fails (Target *target, uint32_t object_id)
{
  uint32_t every = target->config.limits.allocations_failing_of;

  if (every > 0 && ++target->allocations % every == 0)
    return true;
  return sim_choose (target->sim, SITE_ALLOC_FAILURE, object_id, 2) == 1;
}

/* Gives the new context its name, here and in the trace; the slot in host memory is written at
 * success. */
static void
announce (Target *target, TargetOp *op, TargetContext *context, NDIS_TOKEN parent)
{
  const NDIS_MINIPORT_OFFLOAD_BLOCK_LIST *node = op->node;
  SimTrace *trace = target_trace (target);
  uint32_t actor = target->config.actor_id;

  context->NdisOffloadHandle = node->NdisOffloadHandle;
  context->object_id = node->model.object_id;
  context->initiate = op;
  *op->contexts_last = context;
  op->contexts_last = &context->next_in_initiate;
  op->newest = context;
  TRACE (trace, actor, TAKE, TRACE_RESOURCE_CONTEXT, (int64_t)context->token, target_layer (target),
         context->object_id);
  TRACE (trace, actor, CONTEXT_NEW, op->op_id, (int64_t)context->token, context->layer,
         context->object_id, (int64_t)parent);
}

/* Neighbors */

static NDIS_STATUS
check_vlan (Target *target, uint16_t vlan_id)
{
  const TargetConfig *config = &target->config;

  if (vlan_id == 0)
    return NDIS_STATUS_SUCCESS;
  if (config->n_vlan_ids == 0)
    return target_defect (target, TARGET_DEFECT_REFUSES_VLAN, 0) ? NDIS_STATUS_OFFLOAD_VLAN_MISMATCH
                                                                 : NDIS_STATUS_SUCCESS;
  if (target_defect (target, TARGET_DEFECT_IGNORES_VLAN, 0))
    return NDIS_STATUS_SUCCESS;
  for (uint32_t i = 0; i < config->n_vlan_ids; i++)
    if (config->vlan_ids[i] == vlan_id)
      return NDIS_STATUS_SUCCESS;
  return NDIS_STATUS_OFFLOAD_VLAN_MISMATCH;
}

/* Takes what a neighbor needs of the small tables; on failure nothing stays taken. */
static NDIS_STATUS
take_neighbor_ids (Target *target, const NEIGHBOR_OFFLOAD_STATE_CONST *constants)
{
  Contexts *contexts = &target->contexts;
  NDIS_STATUS status = check_vlan (target, constants->VlanId);

  if (status != NDIS_STATUS_SUCCESS)
    return status;
  if (constants->VlanId != 0 && !id_table_take (&contexts->vlans, constants->VlanId))
    return NDIS_STATUS_OFFLOAD_VLAN_ENTRIES;
  if (constants->DlSourceAddress == 0
      || id_table_take (&contexts->macs, constants->DlSourceAddress))
    return NDIS_STATUS_SUCCESS;
  if (constants->VlanId != 0)
    id_table_put (&contexts->vlans, constants->VlanId);
  return NDIS_STATUS_OFFLOAD_HW_ADDRESS_ENTRIES;
}

static NDIS_STATUS
offload_neighbor (Target *target, TargetOp *op)
{
  const NEIGHBOR_OFFLOAD_STATE_CONST *constants = block_list_const_state (op->node);
  const NEIGHBOR_OFFLOAD_STATE_CACHED *cached = block_list_cached_state (op->node);
  const NEIGHBOR_OFFLOAD_STATE_DELEGATED *delegated = block_list_delegated_state (op->node);
  Contexts *contexts = &target->contexts;

  if (target_context_count (contexts, OFFLOAD_LAYER_NEIGHBOR) == target->config.tables.neighbors)
    return NDIS_STATUS_OFFLOAD_NEIGHBOR_ENTRIES;
  if (allocation_fails (target, op->node->model.object_id))
    return NDIS_STATUS_RESOURCES;
  NDIS_STATUS status = take_neighbor_ids (target, constants);
  if (status != NDIS_STATUS_SUCCESS)
    return status;

  NeighborContext *neighbor =
      (NeighborContext *)target_context_new (contexts, OFFLOAD_LAYER_NEIGHBOR);
  neighbor->source_mac_id = constants->DlSourceAddress;
  neighbor->vlan_id = constants->VlanId;
  neighbor->destination_mac_id = cached->DlDestinationAddress;
  neighbor->host_reachable_tick = target_tick (target) - cached->HostReachabilityDelta;
  neighbor->nic_reachable_tick = target_tick (target) - delegated->NicReachabilityDelta;
  announce (target, op, &neighbor->head, 0);
  target_neighbor_init (target, neighbor);
  return NDIS_STATUS_SUCCESS;
}

/* Paths */

/* The context that new state is linked to: that of the node above it (PLC-06, TREE-12). */
static TargetContext *
parent_context (const Target *target, const TargetOp *op, OffloadLayer layer)
{
  const NDIS_MINIPORT_OFFLOAD_BLOCK_LIST *above = block_walk_parent (&op->walk);
  TargetContext *parent = above != NULL ? target_node_context (target, above) : NULL;

  bool is_usable = parent != NULL && parent->layer == layer && !parent->closing && !parent->corrupt;
  return is_usable ? parent : NULL;
}

static NDIS_STATUS
offload_path (Target *target, TargetOp *op)
{
  const PATH_OFFLOAD_STATE_CONST *constants = block_list_const_state (op->node);
  const PATH_OFFLOAD_STATE_CACHED *cached = block_list_cached_state (op->node);
  TargetContext *neighbor = parent_context (target, op, OFFLOAD_LAYER_NEIGHBOR);
  Contexts *contexts = &target->contexts;

  if (neighbor == NULL)
    return NDIS_STATUS_FAILURE;
  if (target_context_count (contexts, OFFLOAD_LAYER_PATH) == target->config.tables.paths)
    return NDIS_STATUS_OFFLOAD_PATH_ENTRIES;
  if (cached->PathMtu > target->config.limits.path_mtu_bytes_max)
    return NDIS_STATUS_OFFLOAD_PATH_MTU;
  if (allocation_fails (target, op->node->model.object_id))
    return NDIS_STATUS_RESOURCES;
  if (!id_table_take (&contexts->addresses, constants->SourceAddress))
    return NDIS_STATUS_OFFLOAD_IP_ADDRESS_ENTRIES;

  PathContext *path = (PathContext *)target_context_new (contexts, OFFLOAD_LAYER_PATH);
  path->source_address_id = constants->SourceAddress;
  path->destination_address_id = constants->DestinationAddress;
  path->mtu_bytes = cached->PathMtu;
  path->ip_version = op->node->Header.Type == Ip6OffloadState ? 6 : 4;
  target_path_link (path, (NeighborContext *)neighbor);
  announce (target, op, &path->head, neighbor->token);
  return NDIS_STATUS_SUCCESS;
}

/* Connections */

static bool
supports (Target *target, const PathContext *path, const TCP_OFFLOAD_STATE_CONST *constants)
{
  const TargetCapabilities *now = &target->capabilities;

  if (path->ip_version == 4 ? !now->ipv4 : !now->ipv6)
    return target_defect (target, TARGET_DEFECT_OFFLOADS_DISABLED_FAMILY, 0);
  return now->sack || (constants->Flags & TCP_FLAG_SACK_ENABLED) == 0;
}

/* Policy: every n-th connection is unsuitable. */
static bool
is_rejected (Target *target)
{
  uint32_t every = target->config.limits.connections_rejected_of;

  return every > 0 && ++target->connections_seen % every == 0;
}

static NDIS_STATUS
check_connection (Target *target, const TargetOp *op, const PathContext *path)
{
  const TCP_OFFLOAD_STATE_CONST *constants = block_list_const_state (op->node);
  const TCP_OFFLOAD_STATE_CACHED *cached = block_list_cached_state (op->node);
  const TCP_OFFLOAD_STATE_DELEGATED *delegated = block_list_delegated_state (op->node);
  const TargetLimits *limits = &target->config.limits;
  uint32_t descriptors = ndis_nbl_chain_count (op->node->NetBufferListChain);

  if (!tcp_state_can_offload (delegated->State))
    return NDIS_STATUS_FAILURE;
  if (!supports (target, path, constants) || is_rejected (target))
    return NDIS_STATUS_OFFLOAD_CONNECTION_REJECTED;
  if (target_context_count (&target->contexts, OFFLOAD_LAYER_TCP)
      >= target->capabilities.connections)
    return target_defect (target, TARGET_DEFECT_UNKNOWN_INITIATE_STATUS, op->node->model.object_id)
               ? NDIS_STATUS_PAUSED
               : NDIS_STATUS_OFFLOAD_TCP_ENTRIES;
  if (cached->InitialRcvWnd > limits->receive_window_bytes_max)
    return NDIS_STATUS_OFFLOAD_TCP_RCV_WINDOW;
  if (cached->InitialRcvWnd > limits->receive_buffer_bytes - target->receive_reserved_bytes)
    return NDIS_STATUS_OFFLOAD_TCP_RCV_BUFFER;
  if (descriptors > limits->transmit_descriptors - target->transmit_descriptors_used)
    return NDIS_STATUS_OFFLOAD_TCP_XMIT_BUFFER;
  if (allocation_fails (target, op->node->model.object_id))
    return NDIS_STATUS_RESOURCES;
  return NDIS_STATUS_SUCCESS;
}

/* Copies the buffered receive data; it stays until a receive is posted (RBUF-03, RBUF-06). */
static void
take_buffered (Target *target, TcpContext *context, const NET_BUFFER_LIST *chain)
{
  uint32_t bytes = chain != NULL ? ndis_nbl_chain_bytes (chain) : 0;

  if (bytes == 0)
    return;
  bus_post (&target->reads, bytes);
  delivery_keep (&context->delivery, ndis_nbl_chain_range (chain, 0, bytes));
  if (target_defect (target, TARGET_DEFECT_DELIVERS_BUFFERED_UNASKED, context->head.object_id))
    context->delivery.kept = false;
}

static TcpImport
import_of (const TcpContext *context, const NDIS_MINIPORT_OFFLOAD_BLOCK_LIST *node)
{
  const TCP_OFFLOAD_STATE_CONST *constants = block_list_const_state (node);
  const TCP_OFFLOAD_STATE_DELEGATED *delegated = block_list_delegated_state (node);
  const PathContext *path = context->path;

  return (TcpImport){
    .connection_id = node->model.connection_id,
    .tuple = { .source_address_id = path->source_address_id,
               .destination_address_id = path->destination_address_id,
               .source_port = constants->LocalPort,
               .destination_port = constants->RemotePort },
    .ip_version = path->ip_version,
    .path_mtu_bytes = path->mtu_bytes,
    .send_queue_bytes =
        node->NetBufferListChain != NULL ? ndis_nbl_chain_bytes (node->NetBufferListChain) : 0,
    .undelivered_bytes =
        delegated->BufferedData != NULL ? ndis_nbl_chain_bytes (delegated->BufferedData) : 0,
    .fin_queued =
        tcp_state_has_sent_fin (delegated->State) && !tcp_state_fin_is_acked (delegated->State),
  };
}

static void
fill_connection (Target *target, TargetOp *op, TcpContext *context)
{
  NDIS_MINIPORT_OFFLOAD_BLOCK_LIST *node = op->node;
  const TCP_OFFLOAD_STATE_CACHED *cached = block_list_cached_state (node);
  const TCP_OFFLOAD_STATE_DELEGATED *delegated = block_list_delegated_state (node);
  TcpImport import = import_of (context, node);

  tcp_import (&context->tcb, &target->tcp, block_list_const_state (node), cached, delegated,
              &import, target_now (target));
  context->target = target;
  context->tx_fence = op->fence;
  context->connection_id = node->model.connection_id;
  context->delegated_flags = delegated->Flags;
  context->traced_state = (uint8_t)TcpConnectionClosed;
  context->held_last = &context->held_first;
  context->held_frames_last = &context->held_frames;
  context->vector = target_vector_of (target, context->tcb.HashValue);
  context->last_segment = target_now (target);
  delivery_init (&context->delivery, &target_delivery_ops, context);
  context->delivery.indication_bytes = cached->RcvIndicationSize;
  context->delivery.strict = target->config.knobs.receive_completions == TARGET_RECEIVES_STRICT;
  /* A FIN that the host had is told only if data before it came along. */
  context->fin_received = !tcp_state_can_receive (delegated->State);
  context->disconnect_told = context->fin_received && delegated->BufferedData == NULL;
  take_buffered (target, context, delegated->BufferedData);
  target_sends_append (context, node->NetBufferListChain);
  context->receive_reserved = cached->InitialRcvWnd;
  target->receive_reserved_bytes += context->receive_reserved;
  target->transmit_descriptors_used += context->send_count;
}

/* From here on the target processes the connection's segments (INIT-02). */
static void
go_live (Target *target, TcpContext *context)
{
  target_timer_init (target, context);
  target_lookup_add (&target->contexts, context);
  if (context->connection_id < target->config.n_connections)
    target->token_of[context->connection_id] = context->head.token;
  TRACE (target_trace (target), target->config.actor_id, CONTEXT_LIVE, (int64_t)context->head.token,
         context->head.object_id, context->connection_id);
  target_note_state (target, context);
  if (target_defect (target, TARGET_DEFECT_INDICATES_BEFORE_INITIATE_COMPLETE,
                     context->head.object_id)) {
    target_upcall_release (target, context);
    delivery_returned (&context->delivery);
  }
  target_transmit_kick (target, context);
  target_timer_arm (target, context);
}

static NDIS_STATUS
offload_connection (Target *target, TargetOp *op)
{
  const TCP_OFFLOAD_STATE_DELEGATED *delegated = block_list_delegated_state (op->node);
  PathContext *path = (PathContext *)parent_context (target, op, OFFLOAD_LAYER_PATH);

  if (path == NULL)
    return NDIS_STATUS_FAILURE;
  NDIS_STATUS status = check_connection (target, op, path);
  if (status != NDIS_STATUS_SUCCESS)
    return status;
  if (delegated->BufferedData != NULL && allocation_fails (target, op->node->model.object_id))
    return NDIS_STATUS_FAILURE; /* RBUF-04 */

  TcpContext *context = (TcpContext *)target_context_new (&target->contexts, OFFLOAD_LAYER_TCP);
  target_tcp_link (context, path);
  announce (target, op, &context->head, path->head.token);
  fill_connection (target, op, context);
  go_live (target, context);
  return NDIS_STATUS_SUCCESS;
}

/* Nodes */

static NDIS_STATUS
offload (Target *target, TargetOp *op)
{
  if (!target_is_up (target) || target->power.draining)
    return NDIS_STATUS_FAILURE;
  if (block_list_const_state (op->node) == NULL)
    return NDIS_STATUS_FAILURE; /* a linker whose object has been terminated meanwhile */
  switch (block_list_layer ((OFFLOAD_STATE_TYPE)op->node->Header.Type)) {
  case OFFLOAD_LAYER_NEIGHBOR:
    return offload_neighbor (target, op);
  case OFFLOAD_LAYER_PATH:
    return offload_path (target, op);
  case OFFLOAD_LAYER_TCP:
    return offload_connection (target, op);
  case OFFLOAD_N_LAYERS:
    break;
  }
  SIM_UNREACHABLE ();
}

/* The nodes below one that failed are not attempted (INIT-15); after a failed root nothing is
 * (INIT-14). */
static void
pass_over (Target *target, TargetOp *op, bool everything)
{
  BlockWalk walk = op->walk;
  int level = op->walk.level;
  NDIS_MINIPORT_OFFLOAD_BLOCK_LIST *node;

  while ((node = block_walk_next (&walk)) != NULL && (everything || walk.level > level)) {
    node->Status = block_list_is_placeholder (node) ? NDIS_STATUS_SUCCESS : NDIS_STATUS_FAILURE;
    op->nodes++;
  }
  if (everything)
    op->walk = walk;
  else
    block_walk_skip_dependents (&op->walk);
  (void)target;
}

static void
node_failed (Target *target, TargetOp *op, NDIS_STATUS status)
{
  NDIS_MINIPORT_OFFLOAD_BLOCK_LIST *node = op->node;
  bool is_root = node == op->root;
  bool stops = is_root || target->config.knobs.on_node_failure == TARGET_FAILURE_STOPS;

  node->Status = status;
  if (target_defect (target, TARGET_DEFECT_WRITES_CONTEXT_FOR_FAILED_NODE, node->model.object_id))
    *node->MiniportOffloadContext = 1;
  if (node->NetBufferListChain != NULL
      && target_defect (target, TARGET_DEFECT_COMPLETES_SENDS_OF_FAILED_NODE,
                        node->model.object_id)) {
    op->failed_sends = node->NetBufferListChain;
    op->failed_sends_id = op->failed_sends->id;
  }
  if (is_root
      && target_defect (target, TARGET_DEFECT_WALKS_PAST_FAILED_ROOT, node->model.object_id))
    stops = false;
  pass_over (target, op, stops);
}

static void
offload_new (Target *target, TargetOp *op)
{
  NDIS_MINIPORT_OFFLOAD_BLOCK_LIST *node = op->node;
  OffloadLayer layer = block_list_layer ((OFFLOAD_STATE_TYPE)node->Header.Type);
  NDIS_STATUS status = offload (target, op);

  if (layer == OFFLOAD_LAYER_TCP) {
    target->stats.initiates++;
    target->stats.initiates_refused += status != NDIS_STATUS_SUCCESS;
  }
  if (status != NDIS_STATUS_SUCCESS) {
    node_failed (target, op, status);
    return;
  }
  node->Status = NDIS_STATUS_SUCCESS;
  *node->MiniportOffloadContext = op->newest->token;
}

/* The defect forgets the last node: it is not offloaded, and nobody says so. */
static bool
is_forgotten (Target *target, const TargetOp *op)
{
  BlockWalk rest = op->walk;

  return target_has_defect (target, TARGET_DEFECT_SKIPS_STATUS_OF_LAST_NODE)
         && block_walk_next (&rest) == NULL
         && target_defect (target, TARGET_DEFECT_SKIPS_STATUS_OF_LAST_NODE,
                           op->node->model.object_id);
}

void
target_initiate_node (Target *target, TargetOp *op)
{
  NDIS_MINIPORT_OFFLOAD_BLOCK_LIST *node = op->node;

  if (is_forgotten (target, op))
    return;
  if (*node->MiniportOffloadContext == 0)
    offload_new (target, op);
  else if (target_node_context (target, node) != NULL)
    node->Status = NDIS_STATUS_SUCCESS; /* a linker: its dependents decide */
  else
    node_failed (target, op, NDIS_STATUS_FAILURE);
}

void
target_initiate_end (Target *target, TargetOp *op)
{
  target_initiate_statuses (target, op);
  target_op_report (target, op);
}

/* NdisMInitiateOffloadComplete has returned: what was held back goes up (INIT-03, INIT-05). */
static void
open_connection (Target *target, TcpContext *context)
{
  if (!context->open) {
    target_upcall_release (target, context);
    delivery_returned (&context->delivery);
  }
  target_ask_if_invalid (target, context);
  target_after_delivery (target, context);
  target_transmit_kick (target, context);
  target_timer_arm (target, context);
  target_terminate_advance (target, context);
}

/* The defect hands up what is the host's again: NDIS lets nobody hear of it.  What has become
 * another request by now is not what the defect means. */
static void
complete_failed_sends (Target *target, const TargetOp *op)
{
  if (op->failed_sends == NULL || op->failed_sends->id != op->failed_sends_id)
    return;
  TargetUpcall *upcall = target_upcall_new (target, UPCALL_SENDS, NULL);
  upcall->chain = op->failed_sends;
  upcall->chain_id = op->failed_sends_id;
  target_upcall_queue (target, upcall, 0);
}

void
target_initiate_opened (Target *target, TargetOp *op)
{
  TargetContext *context = op->contexts;

  while (context != NULL) {
    TargetContext *next = context->next_in_initiate;
    context->initiate = NULL;
    context->next_in_initiate = NULL;
    if (context->layer == OFFLOAD_LAYER_TCP)
      open_connection (target, (TcpContext *)context);
    if (context->terminate != NULL)
      target_terminate_try_end (target, context->terminate);
    context = next;
  }
  complete_failed_sends (target, op);
  sim_pool_put (target->ops, op);
  target_power_check (target);
}
