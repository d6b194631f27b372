/*
 * The miniport driver: registration, initialization, and the state handlers, which store and post.
 *
 * Source      Network guide: registering MiniportXxx chimney functions, initializing an offload
 *             target; rules REG, CALL.
 */
#include <glib.h>

#include "models/target/adapter.h"

static void
push_initiate (Target *target, TargetOp *op)
{
  op->next = NULL;
  if (target->initiates_first == NULL)
    target->initiates_first = op;
  else
    target->initiates_last->next = op;
  target->initiates_last = op;
}

static TargetCommand *
command_of (Target *target, TargetOp *op)
{
  TargetCommand *command = target_command_new (target, COMMAND_OP, 0);

  command->op = op;
  return command;
}

/* STS-03: paused, the target lets trees wait.  Not so when it has to become empty: the host fetches
 * nothing back that it has not finished to offload. */
static bool
is_parking (const Target *target)
{
  return target->parks_initiates && !target->power.draining && !target->pnp.is_removed;
}

/* The next tree that the NIC has room for, or NULL. */
static TargetOp *
next_initiate (Target *target)
{
  TargetOp *op = target->initiates_first;

  if (op == NULL || is_parking (target)
      || target->initiates_in_nic >= MAX (target->config.limits.initiates_outstanding_max, 1))
    return NULL;
  target->initiates_first = op->next;
  target->initiates_in_nic++;
  return op;
}

void
target_initiates_pump (Target *target, uint32_t account)
{
  TargetOp *op;

  while ((op = next_initiate (target)) != NULL)
    target_command_post (target, command_of (target, op), account);
}

void
target_status_told (Target *target, NDIS_STATUS code)
{
  if (code != NDIS_STATUS_UPLOAD_ALL && (code != NDIS_STATUS_OFFLOAD_RESUME || target->paused))
    return;
  target->parks_initiates = false;
  target_initiates_pump (target, ACCOUNT (PART_MINIPORT, WAY_STATE));
  if (target->changes)
    target_resume (target); /* OID-17: as soon as everything has been uploaded */
}

static TargetOp *
new_op (Target *target, OpKind kind, NDIS_MINIPORT_OFFLOAD_BLOCK_LIST *root)
{
  TargetOp *op = sim_pool_take (target->ops);

  op->kind = kind;
  op->root = root;
  op->op_id = root->model.op_id;
  op->fence = target->tx.frames_posted;
  op->contexts_last = &op->contexts;
  return op;
}

/* The second step of a state handler, when its cycles and those of the doorbell have passed. */
static void
post_step (SimCpu *cpu, const SimStepArgs *args)
{
  Target *target = args->self;
  TargetOp *op = args->object;
  (void)cpu;

  if (op->kind == OP_INITIATE) {
    push_initiate (target, op);
    op = next_initiate (target);
  }
  if (op != NULL)
    target_command_send (target, command_of (target, op));
}

/* Every state handler: saves the tree, posts a command and returns (CALL-01). */
static void
take_tree (Target *target, OpKind kind, NDIS_MINIPORT_OFFLOAD_BLOCK_LIST *root)
{
  TargetOp *op = new_op (target, kind, root);

  target_charge (target, TARGET_COST_HANDLER_STATE, 1, WAY_STATE);
  target_command_pay (target, ACCOUNT (PART_MINIPORT, WAY_STATE));
  if (kind == OP_TERMINATE)
    target_terminate_mark (target, op);
  sim_cpu_then (ndis_cpu (target->ndis), post_step, &(SimStepArgs){ .self = target, .object = op });
}

static void
initiate_offload (NDIS_HANDLE adapter, PNDIS_MINIPORT_OFFLOAD_BLOCK_LIST OffloadBlockList)
{
  take_tree (adapter, OP_INITIATE, OffloadBlockList);
}

static void
terminate_offload (NDIS_HANDLE adapter, PNDIS_MINIPORT_OFFLOAD_BLOCK_LIST OffloadBlockList)
{
  take_tree (adapter, OP_TERMINATE, OffloadBlockList);
}

static void
complete_in_handler (Target *target, NDIS_MINIPORT_OFFLOAD_BLOCK_LIST *root)
{
  NDIS_MINIPORT_OFFLOAD_BLOCK_LIST *node;
  BlockWalk walk = block_walk_begin (root);

  while ((node = block_walk_next (&walk)) != NULL)
    node->Status = NDIS_STATUS_SUCCESS;
  NdisMUpdateOffloadComplete (target->NdisMiniportHandle, root);
}

static void
update_offload (NDIS_HANDLE adapter, PNDIS_MINIPORT_OFFLOAD_BLOCK_LIST OffloadBlockList)
{
  Target *target = adapter;

  if (target_defect (target, TARGET_DEFECT_COMPLETES_INSIDE_HANDLER,
                     OffloadBlockList->model.object_id))
    complete_in_handler (target, OffloadBlockList);
  else
    take_tree (target, OP_UPDATE, OffloadBlockList);
}

static void
query_offload (NDIS_HANDLE adapter, PNDIS_MINIPORT_OFFLOAD_BLOCK_LIST OffloadBlockList)
{
  take_tree (adapter, OP_QUERY, OffloadBlockList);
}

static void
invalidate_offload (NDIS_HANDLE adapter, PNDIS_MINIPORT_OFFLOAD_BLOCK_LIST OffloadBlockList)
{
  take_tree (adapter, OP_INVALIDATE, OffloadBlockList);
}

/* Registration */

static const NDIS_PROVIDER_CHIMNEY_OFFLOAD_GENERIC_CHARACTERISTICS generic_provider = {
  .Header = { .Revision = NDIS_REVISION_1,
              .Size = sizeof (NDIS_PROVIDER_CHIMNEY_OFFLOAD_GENERIC_CHARACTERISTICS) },
  .InitiateOffloadHandler = initiate_offload,
  .TerminateOffloadHandler = terminate_offload,
  .UpdateOffloadHandler = update_offload,
  .InvalidateOffloadHandler = invalidate_offload,
  .QueryOffloadHandler = query_offload,
};

static const NDIS_PROVIDER_CHIMNEY_OFFLOAD_TCP_CHARACTERISTICS tcp_provider = {
  .Header = { .Revision = NDIS_REVISION_1,
              .Size = sizeof (NDIS_PROVIDER_CHIMNEY_OFFLOAD_TCP_CHARACTERISTICS) },
  .OffloadType = NdisTcpChimneyOffload,
  .TcpOffloadSendHandler = target_io_send,
  .TcpOffloadReceiveHandler = target_io_receive,
  .TcpOffloadDisconnectHandler = target_io_disconnect,
  .TcpOffloadForwardHandler = target_io_forward,
  .TcpOffloadReceiveReturnHandler = target_io_receive_return,
};

static void
set_options (void *DriverContext, Ndis *ndis)
{
  Target *target = DriverContext;

  target->ndis = ndis;
  if (!target->config.features.chimney)
    return;
  NdisSetOptionalHandlers (ndis, NDIS_OPTIONAL_PROVIDER_GENERIC, &generic_provider.Header);
  NdisSetOptionalHandlers (ndis, NDIS_OPTIONAL_PROVIDER_TCP, &tcp_provider.Header);
}

static NDIS_TCP_CONNECTION_OFFLOAD
capabilities (const Target *target)
{
  const TargetCapabilities *now = &target->capabilities;

  return (NDIS_TCP_CONNECTION_OFFLOAD){
    .Header = { .Type = NDIS_OBJECT_TYPE_DEFAULT,
                .Revision = NDIS_REVISION_1,
                .Size = sizeof (NDIS_TCP_CONNECTION_OFFLOAD) },
    .Encapsulation = NDIS_ENCAPSULATION_IEEE_802_3,
    .SupportIPv4 = now->ipv4,
    .SupportIPv6 = now->ipv6,
    .SupportSack = now->sack,
    .TcpConnectionOffloadCapacity = now->connections,
  };
}

void
target_report_capabilities (const Target *target, NDIS_TCP_CONNECTION_OFFLOAD *ret_offload)
{
  *ret_offload = capabilities (target);
}

/* The table that NDIS gives out is good until we return (REG-12, REG-13). */
static NDIS_STATUS
copy_handlers (Target *target)
{
  const NDIS_TCP_OFFLOAD_EVENT_HANDLERS *handlers = NULL;
  NDIS_STATUS status =
      NdisMGetOffloadHandlers (target->NdisMiniportHandle, NdisTcpChimneyOffload, &handlers);

  if (status != NDIS_STATUS_SUCCESS)
    return status;
  if (handlers->Header.Type != NdisTcpChimneyOffload || handlers->Header.Revision != NDIS_REVISION_1
      || handlers->Header.Size < sizeof target->handlers)
    return NDIS_STATUS_NOT_SUPPORTED;
  target->handlers = *handlers;
  return NDIS_STATUS_SUCCESS;
}

static void
say (const Target *target, TraceConfigKey key, int64_t index, int64_t value)
{
  TRACE (target_trace (target), target->config.actor_id, CONFIG, key, index, value);
}

void
target_say_families (const Target *target)
{
  say (target, TRACE_CONFIG_IPV4, 0, target->capabilities.ipv4);
  say (target, TRACE_CONFIG_IPV6, 0, target->capabilities.ipv6);
}

/* What has been configured, for those who read the trace. */
static void
say_configuration (const Target *target)
{
  const TargetConfig *config = &target->config;

  say (target, TRACE_CONFIG_LAYER, 0, ndis_adapter_layer (target->NdisMiniportHandle));
  for (uint32_t i = 0; i < config->n_vlan_ids; i++)
    say (target, TRACE_CONFIG_INTERFACE_VLAN, i, config->vlan_ids[i]);
  say (target, TRACE_CONFIG_VLAN_ENTRIES, 0, config->tables.vlans);
  say (target, TRACE_CONFIG_RECEIVE_WINDOW_MAX, 0, config->limits.receive_window_bytes_max);
  say (target, TRACE_CONFIG_PATH_MTU_MAX, 0, config->limits.path_mtu_bytes_max);
  target_say_families (target);
  say (target, TRACE_CONFIG_STATISTICS_BEFORE_WRAP, 0, config->statistics_before_wrap);
}

static NDIS_STATUS
initialize (NDIS_MINIPORT_HANDLE NdisMiniportHandle, void *DriverContext)
{
  Target *target = DriverContext;
  NDIS_MINIPORT_ATTRIBUTES attributes = { .MiniportAdapterContext = target };

  target->NdisMiniportHandle = NdisMiniportHandle;
  say_configuration (target);
  if (target->config.features.chimney)
    attributes.offload = capabilities (target);
  NDIS_STATUS status = NdisMSetMiniportAttributes (NdisMiniportHandle, &attributes);
  if (status != NDIS_STATUS_SUCCESS || !target->config.features.chimney)
    return status;
  return copy_handlers (target);
}

const NDIS_MINIPORT_DRIVER_CHARACTERISTICS target_miniport = {
  .Header = { .Revision = NDIS_REVISION_1, .Size = sizeof (NDIS_MINIPORT_DRIVER_CHARACTERISTICS) },
  .SetOptionsHandler = set_options,
  .InitializeHandlerEx = initialize,
  .OidRequestHandler = target_oid_request,
  .SendNetBufferListsHandler = target_send_frames,
  .ReturnNetBufferListsHandler = target_return_frames,
  .DevicePnPEventNotifyHandler = target_device_event,
  .PauseHandler = target_pause_adapter,
  .RestartHandler = target_restart_adapter,
  .ResetHandlerEx = target_reset_adapter,
  .HaltHandlerEx = target_halt,
};
