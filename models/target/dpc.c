/*
 * The DPC: one call to the host after the other, each the last act of its step.
 */
#include "models/target/upcall.h"

#include "models/target/adapter.h"

/* Calls made before other work of the processor gets a turn. */
#define CALLS_PER_DPC 64
/* Frames that go up in one chain. */
#define FRAMES_PER_CALL 32

static void make_calls (Target *target, TargetVector *vector);

static void
free_upcall (Target *target, TargetUpcall *upcall)
{
  sim_pool_put (target->upcalls, upcall);
}

/* One call fewer of the connection is under way; a terminate may have waited for it. */
static void
end_upcall (Target *target, TargetUpcall *upcall)
{
  TcpContext *context = upcall->context;
  bool is_waited_for = upcall->of_delivery;

  free_upcall (target, upcall);
  if (context == NULL)
    return;
  SIM_ASSERT (context->upcalls > 0);
  context->upcalls--;
  if (!is_waited_for && (context->head.terminate == NULL || context->upcalls > 0))
    return;
  TargetCommand *command = target_command_new (target, COMMAND_RETURNED, context->head.token);
  command->of_delivery = is_waited_for;
  target_command_post (target, command, ACCOUNT (PART_MINIPORT, WAY_CHIMNEY));
}

/* Connections */

static void
answer (Target *target, const TargetUpcall *upcall, DeliveryAnswer given)
{
  TargetCommand *command = target_command_new (target, COMMAND_ANSWER, upcall->context->head.token);

  command->answer = given;
  target_command_post (target, command, ACCOUNT (PART_MINIPORT, WAY_CHIMNEY));
}

/* Data is not indicated past a request that the host has posted meanwhile (IND-01), nor in a
 * terminate. */
static bool
indication_is_late (const Target *target, const TargetUpcall *upcall)
{
  if (upcall->context->head.closing)
    return true;
  return upcall->context->posted_receives > 0
         && !target_has_defect (target, TARGET_DEFECT_INDICATES_WITH_RECEIVES_POSTED);
}

/* Takes the buffer list of an indication; false: it is not to be made. */
static bool
prepare_indicate (Target *target, TargetUpcall *upcall)
{
  TcpContext *context = upcall->context;

  if (!indication_is_late (target, upcall))
    upcall->chain = ndis_nbl_take (target->ndis, NDIS_HOLDER_TARGET, context->connection_id,
                                   context->head.object_id);
  if (upcall->chain == NULL) {
    answer (target, upcall, (DeliveryAnswer){ NDIS_STATUS_OFFLOAD_DATA_NOT_ACCEPTED, 0 });
    return false;
  }
  ndis_nbl_set_data (upcall->chain, upcall->range);
  target->pnp.data_up++;
  return true;
}

static void
call_indicate (Target *target, TargetUpcall *upcall)
{
  TcpContext *context = upcall->context;
  uint32_t object_id = context->head.object_id;
  NDIS_STATUS status = target_defect (target, TARGET_DEFECT_INDICATES_WITH_RESOURCES, object_id)
                           ? NDIS_STATUS_RESOURCES
                           : NDIS_STATUS_SUCCESS;

  upcall->chain->Status = status;
  target->handlers.NdisTcpOffloadReceiveHandler (context->head.NdisOffloadHandle, upcall->chain,
                                                 status);
}

static void
indicate_returned (Target *target, TargetUpcall *upcall)
{
  NdisResult result = ndis_result (target->ndis);

  if (result.status == NDIS_STATUS_SUCCESS)
    result.bytes_consumed = upcall->range.bytes;
  else {
    target->pnp.data_up--;
    ndis_nbl_put (target->ndis, upcall->chain);
    target_pause_check (target);
  }
  if (result.status == NDIS_STATUS_OFFLOAD_DATA_NOT_ACCEPTED)
    result.bytes_consumed = 0;
  answer (target, upcall, (DeliveryAnswer){ result.status, result.bytes_consumed });
}

static void
call_receives (Target *target, TargetUpcall *upcall)
{
  TcpContext *context = upcall->context;

  for (const NET_BUFFER_LIST *nbl = upcall->chain; context != NULL && nbl != NULL; nbl = nbl->Next)
    if (ndis_nbl_bytes (nbl) + nbl->TcpOffloadBytesTransferred > 0 && context->posted_receives > 0)
      context->posted_receives--;
  target->handlers.NdisTcpOffloadReceiveComplete (target->NdisMiniportHandle, upcall->chain);
}

/* Objects */

static void
call_op (Target *target, TargetOp *op)
{
  NDIS_MINIPORT_HANDLE handle = target->NdisMiniportHandle;

  switch (op->kind) {
  case OP_INITIATE:
    NdisMInitiateOffloadComplete (handle, op->root);
    return;
  case OP_TERMINATE:
    NdisMTerminateOffloadComplete (handle, op->root);
    return;
  case OP_UPDATE:
    NdisMUpdateOffloadComplete (handle, op->root);
    return;
  case OP_QUERY:
    NdisMQueryOffloadStateComplete (handle, op->root);
    return;
  case OP_INVALIDATE:
    NdisMInvalidateOffloadComplete (handle, op->root);
    return;
  case N_OP_KINDS:
    break;
  }
  SIM_UNREACHABLE ();
}

/* False: the terminate waits until other calls about its objects have returned (TERM-15). */
static bool
prepare_completion (Target *target, TargetUpcall *upcall)
{
  TargetOp *op = upcall->op;

  if (op->kind != OP_TERMINATE)
    return true;
  op->parked = target_terminate_must_wait (op);
  if (!op->parked
      && target_defect (target, TARGET_DEFECT_FREES_CONTEXT_EARLY, op->root->model.object_id))
    target_terminate_returned (target, op);
  return !op->parked;
}

/* The completion proper comes second, where a defect makes a wrong one first. */
static void
call_completion (Target *target, TargetOp *op)
{
  uint32_t object_id = op->root->model.object_id;

  if (op->kind == OP_INITIATE && op->root->DependentBlockList != NULL
      && target_defect (target, TARGET_DEFECT_COMPLETES_WRONG_ROOT, object_id)) {
    op->again = true;
    NdisMInitiateOffloadComplete (target->NdisMiniportHandle, op->root->DependentBlockList);
    return;
  }
  op->again = op->kind == OP_INITIATE
              && target_defect (target, TARGET_DEFECT_COMPLETES_INITIATE_TWICE, object_id);
  call_op (target, op);
}

static void
op_returned (Target *target, TargetOp *op)
{
  const uint32_t account = ACCOUNT (PART_MINIPORT, WAY_STATE);

  switch (op->kind) {
  case OP_INITIATE: {
    TargetCommand *command = target_command_new (target, COMMAND_OPENED, 0);
    command->op = op;
    target->initiates_in_nic--;
    target_command_post (target, command, account);
    target_initiates_pump (target, account);
    return;
  }
  case OP_TERMINATE:
    target_terminate_returned (target, op);
    break;
  case OP_QUERY:
  case OP_INVALIDATE:
    if (op->corrupt)
      target_tell_failures (target);
    break;
  case OP_UPDATE:
    break;
  case N_OP_KINDS:
    SIM_UNREACHABLE ();
  }
  sim_pool_put (target->ops, op);
  target_power_check (target);
}

/* Frames */

static NET_BUFFER_LIST *
frame_of (Target *target, const TargetUpcall *upcall)
{
  target_charge (target, TARGET_COST_DPC_FRAME, 1, WAY_HOST);
  return ndis_nbl_take_frame (target->ndis, NDIS_HOLDER_TARGET, &upcall->segment);
}

/* Makes a chain of this frame and of those right behind it; false: no memory for any. */
static bool
prepare_frames (Target *target, TargetVector *vector, TargetUpcall *upcall)
{
  NET_BUFFER_LIST **last = &upcall->chain;
  uint32_t n = 0;

  for (TargetUpcall *more = upcall; more != NULL;
       more = ++n < FRAMES_PER_CALL ? target_vector_take_more (vector, UPCALL_FRAME) : NULL) {
    *last = frame_of (target, more);
    if (*last != NULL)
      last = &(*last)->Next;
    else {
      target->stats.frames_dropped++;
      target->pnp.frames_up--;
    }
    if (more != upcall)
      free_upcall (target, more);
  }
  if (upcall->chain == NULL)
    target_pause_check (target);
  return upcall->chain != NULL;
}

static bool
prepare_frames_sent (Target *target, TargetVector *vector, const TargetUpcall *upcall)
{
  NET_BUFFER_LIST *last = upcall->chain;
  TargetUpcall *more;

  while ((more = target_vector_take_more (vector, UPCALL_FRAMES_SENT)) != NULL) {
    last->Next = more->chain;
    last = more->chain;
    free_upcall (target, more);
  }
  return true;
}

/* Makes ready what the call needs; false: there is no call to make. */
static bool
prepare (Target *target, TargetVector *vector, TargetUpcall *upcall)
{
  if (upcall->kind == UPCALL_OP)
    return prepare_completion (target, upcall);
  if (upcall->kind == UPCALL_INDICATE)
    return prepare_indicate (target, upcall);
  if (upcall->kind == UPCALL_FRAME)
    return prepare_frames (target, vector, upcall);
  if (upcall->kind == UPCALL_FRAMES_SENT)
    return prepare_frames_sent (target, vector, upcall);
  if (upcall->kind == UPCALL_EVENT && upcall->event == TcpIndicateRetrieve)
    return !target_retrieve_is_late (upcall->context, (TCP_UPLOAD_REASON)upcall->info);
  if (upcall->chain_id != 0)
    return upcall->chain->id == upcall->chain_id;
  return true;
}

/* What comes with an indication: the new capabilities. */
static const void *
buffer_of_status (const Target *target, NDIS_STATUS status)
{
  return status == NDIS_STATUS_TCP_CONNECTION_OFFLOAD_HARDWARE_CAPABILITIES
             ? &target->capabilities_told
             : NULL;
}

static void
call (Target *target, TargetUpcall *upcall)
{
  NDIS_MINIPORT_HANDLE handle = target->NdisMiniportHandle;
  const NDIS_TCP_OFFLOAD_EVENT_HANDLERS *handlers = &target->handlers;

  switch (upcall->kind) {
  case UPCALL_OP:
    call_completion (target, upcall->op);
    return;
  case UPCALL_SENDS:
    handlers->NdisTcpOffloadSendComplete (handle, upcall->chain);
    return;
  case UPCALL_RECEIVES:
    call_receives (target, upcall);
    return;
  case UPCALL_DISCONNECT:
    handlers->NdisTcpOffloadDisconnectComplete (handle, upcall->chain);
    return;
  case UPCALL_FORWARDS:
    handlers->NdisTcpOffloadForwardComplete (handle, upcall->chain);
    return;
  case UPCALL_INDICATE:
    call_indicate (target, upcall);
    return;
  case UPCALL_EVENT:
    handlers->NdisTcpOffloadEventHandler (upcall->context->head.NdisOffloadHandle, upcall->event,
                                          upcall->info);
    return;
  case UPCALL_REACHABILITY:
    NdisMOffloadEventIndicate (handle, &upcall->neighbor->block.list, NeighborReachabilityQuery);
    return;
  case UPCALL_STATUS:
    NdisMIndicateStatusEx (handle, upcall->status, buffer_of_status (target, upcall->status));
    return;
  case UPCALL_OID:
    NdisMOidRequestComplete (handle, upcall->request, upcall->status);
    return;
  case UPCALL_PAUSED:
    NdisMPauseComplete (handle);
    return;
  case UPCALL_RESET:
    NdisMResetComplete (handle, NDIS_STATUS_SUCCESS);
    return;
  case UPCALL_FRAME:
    NdisMIndicateReceiveNetBufferLists (handle, upcall->chain);
    return;
  case UPCALL_FRAMES_SENT:
    target->pnp.frames_down -= ndis_nbl_chain_count (upcall->chain);
    NdisMSendNetBufferListsComplete (handle, upcall->chain);
    return;
  }
  SIM_UNREACHABLE ();
}

static AccountWay
way_of (const TargetUpcall *upcall)
{
  switch (upcall->kind) {
  case UPCALL_OP:
  case UPCALL_STATUS:
  case UPCALL_OID:
  case UPCALL_REACHABILITY:
  case UPCALL_PAUSED:
  case UPCALL_RESET:
    return WAY_STATE;
  case UPCALL_FRAME:
  case UPCALL_FRAMES_SENT:
    return WAY_HOST;
  case UPCALL_SENDS:
  case UPCALL_RECEIVES:
  case UPCALL_DISCONNECT:
  case UPCALL_FORWARDS:
  case UPCALL_INDICATE:
  case UPCALL_EVENT:
    return WAY_CHIMNEY;
  }
  SIM_UNREACHABLE ();
}

/* The continuation of a call: what its return means to us, and then the next one. */
static void
returned (SimCpu *cpu, const SimStepArgs *args)
{
  TargetVector *vector = args->self;
  TargetUpcall *upcall = args->object;
  Target *target = vector->target;
  (void)cpu;

  if (upcall->kind == UPCALL_OP && upcall->op->again) {
    upcall->op->again = false;
    ndis_then (target->ndis, returned, *args);
    call_op (target, upcall->op);
    return;
  }
  if (upcall->kind == UPCALL_OP)
    op_returned (target, upcall->op);
  else if (upcall->kind == UPCALL_INDICATE)
    indicate_returned (target, upcall);
  else if (upcall->kind == UPCALL_REACHABILITY)
    target_neighbor_answered (target, upcall->neighbor);
  else if (upcall->kind == UPCALL_FRAMES_SENT)
    target_pause_check (target);
  else if (upcall->kind == UPCALL_STATUS)
    target_status_told (target, upcall->status);
  end_upcall (target, upcall);
  make_calls (target, vector);
}

/* Makes the next call of the ring, or ends the DPC. */
static void
make_calls (Target *target, TargetVector *vector)
{
  for (;;) {
    if (vector->run >= CALLS_PER_DPC) {
      vector->run = 1; /* no interrupt brings it back */
      sim_cpu_queue (ndis_cpu (target->ndis), &vector->work);
      return;
    }
    TargetUpcall *upcall = target_vector_take (target, vector);
    if (upcall == NULL)
      break;
    /* The interrupt is booked to what it was first for. */
    if (vector->run == 0)
      target_charge (target, TARGET_COST_INTERRUPT_ENTRY, 1, way_of (upcall));
    vector->run++;
    target_charge (target, TARGET_COST_DPC_COMPLETION, 1, way_of (upcall));
    if (prepare (target, vector, upcall)) {
      target->stats.upcalls++;
      ndis_then (target->ndis, returned, (SimStepArgs){ .self = vector, .object = upcall });
      call (target, upcall);
      return;
    }
    end_upcall (target, upcall);
  }
  if (vector->run == 0) /* it came for nothing, and is paid all the same */
    target_charge (target, TARGET_COST_INTERRUPT_ENTRY, 1, WAY_STATE);
  target_vector_rest (target, vector);
}

void
target_dpc (SimCpu *cpu, const SimStepArgs *args)
{
  TargetVector *vector = args->self;
  (void)cpu;

  make_calls (vector->target, vector);
}
