#include "models/im/requests.h"

#include "models/im/driver.h"

/* Completions */

void
im_request_finish (ImDriver *im, ImRequest request, NET_BUFFER_LIST *list)
{
  switch ((int)request) {
  case IM_SEND:
    im->events.NdisTcpOffloadSendComplete (im->adapter, list);
    return;
  case IM_RECEIVE:
    im->events.NdisTcpOffloadReceiveComplete (im->adapter, list);
    return;
  case IM_DISCONNECT:
    im->events.NdisTcpOffloadDisconnectComplete (im->adapter, list);
    return;
  case IM_FORWARD:
    im->events.NdisTcpOffloadForwardComplete (im->adapter, list);
    return;
  }
  SIM_UNREACHABLE ();
}

/* The completion upward has returned. */
static void
request_completed (G_GNUC_UNUSED SimCpu *cpu, const SimStepArgs *args)
{
  im_queue_finish (args->self, args->object);
}

static void
request_up (ImDriver *im, ImRequest request, NdisCall handler, NET_BUFFER_LIST *list)
{
  ImCall *calls = im_call_pop (im, list);

  im_charge (im, handler, WAY_CHIMNEY, 0);
  ndis_then (im->ndis, request_completed, (SimStepArgs){ .self = im, .object = calls });
  im_request_finish (im, request, list);
}

/* Requests */

/* Completes a chain that cannot be passed on. */
static void
refuse (ImDriver *im, ImRequest request, NET_BUFFER_LIST *list, NDIS_STATUS status)
{
  for (NET_BUFFER_LIST *nbl = list; nbl != NULL; nbl = nbl->Next) {
    nbl->Status = status;
    nbl->TcpOffloadBytesTransferred = 0;
  }
  im_request_finish (im, request, list);
}

static void
pass_to (ImDriver *im, const ImCall *call, NDIS_OFFLOAD_HANDLE *handle)
{
  uint32_t flags = call->flags;

  switch ((int)call->request) {
  case IM_SEND:
    NdisOffloadTcpSend (handle, call->list);
    return;
  case IM_RECEIVE:
    NdisOffloadTcpReceive (handle, call->list);
    return;
  case IM_FORWARD:
    NdisOffloadTcpForward (handle, call->list);
    return;
  case IM_DISCONNECT:
    if ((flags & TCP_DISCONNECT_ABORTIVE_CLOSE) != 0
        && im_misbehaves (im, IM_DEFECT_GRACEFUL_ABORTS, call->object_id))
      flags = TCP_DISCONNECT_GRACEFUL_CLOSE;
    NdisOffloadTcpDisconnect (handle, call->list, flags);
    return;
  }
  SIM_UNREACHABLE ();
}

void
im_request_pass (ImDriver *im, ImCall *call)
{
  ImEntry *entry = im_entry_find (im, call->context);

  if (entry != NULL) {
    pass_to (im, call, &entry->handle);
    return;
  }
  ImRequest request = call->request;
  NET_BUFFER_LIST *list = call->list;
  im_queue_finish (im, im_call_pop (im, list));
  refuse (im, request, list, NDIS_STATUS_INVALID_STATE);
}

/* The two ends of NDIS_STATUS_XXX that a chain of refused sends gets: its first list, the others. */
typedef struct Refusal {
  NDIS_STATUS first, others;
} Refusal;

/* Decides about a send: refused without memory, while everything is called back, and behind another
 * that was. */
static bool
refuses_send (ImDriver *im, ImEntry *entry, const NET_BUFFER_LIST *list, Refusal *ret_refusal)
{
  uint32_t calls = sim_pool_out (im->calls.pool);

  *ret_refusal = (Refusal){ NDIS_STATUS_UPLOAD_IN_PROGRESS, NDIS_STATUS_UPLOAD_IN_PROGRESS };
  if (entry == NULL)
    return false; /* im_request_pass finds out */
  if (im->calls_back) {
    entry->refuses = true;
    return true;
  }
  *ret_refusal = (Refusal){ NDIS_STATUS_REQUEST_UPLOAD, NDIS_STATUS_UPLOAD_REQUESTED };
  if (im_allocation_fails (im, list->object_id, calls, im->config.calls_max))
    entry->refuses = true;
  if (entry->refuses && im_misbehaves (im, IM_DEFECT_RESOURCES_FOR_SENDS, list->object_id))
    *ret_refusal = (Refusal){ NDIS_STATUS_RESOURCES, NDIS_STATUS_RESOURCES };
  return entry->refuses;
}

static NDIS_STATUS
request_down (ImDriver *im, ImRequest request, NdisCall handler, NDIS_TOKEN context,
              NET_BUFFER_LIST *list, uint32_t flags)
{
  Refusal refusal;

  im_charge (im, handler, WAY_CHIMNEY, 0);
  if (request == IM_SEND && refuses_send (im, im_entry_find (im, context), list, &refusal)) {
    im_refuse_requests (im, request, list, refusal.first, refusal.others);
    return NDIS_STATUS_PENDING;
  }
  ImCall *call = im_call_push (im, request, list);
  SIM_ASSERT (list->holder == NDIS_HOLDER_IM);
  call->context = context;
  call->flags = flags;
  if (request == IM_RECEIVE)
    im_pass_down (im, call);
  else
    im_queue_submit (im, call);
  return NDIS_STATUS_PENDING;
}

/* The entry points */

#define ENTRY_POINTS(name, request, Name)                                                     \
  static NDIS_STATUS name##_down (NDIS_HANDLE MiniportAdapterContext,                         \
                                  NDIS_TOKEN MiniportOffloadContext,                          \
                                  NET_BUFFER_LIST *NetBufferList)                             \
  {                                                                                           \
    return request_down (MiniportAdapterContext, request, NDIS_CALL_MiniportTcpOffload##Name, \
                         MiniportOffloadContext, NetBufferList, 0);                           \
  }                                                                                           \
  static void name##_up (NDIS_HANDLE ProtocolBindingContext, NET_BUFFER_LIST *NetBufferList)  \
  {                                                                                           \
    request_up (((const ImPort *)ProtocolBindingContext)->im, request,                        \
                NDIS_CALL_ProtocolTcpOffload##Name##Complete, NetBufferList);                 \
  }

ENTRY_POINTS (send, IM_SEND, Send)
ENTRY_POINTS (receive, IM_RECEIVE, Receive)
ENTRY_POINTS (forward, IM_FORWARD, Forward)

static NDIS_STATUS
disconnect_down (NDIS_HANDLE MiniportAdapterContext, NDIS_TOKEN MiniportOffloadContext,
                 NET_BUFFER_LIST *NetBufferList, uint32_t Flags)
{
  ImDriver *im = MiniportAdapterContext;
  const ImEntry *entry = im_entry_find (im, MiniportOffloadContext);

  if ((Flags & TCP_DISCONNECT_ABORTIVE_CLOSE) == 0 && entry != NULL && entry->refuses) {
    im_charge (im, NDIS_CALL_MiniportTcpOffloadDisconnect, WAY_CHIMNEY, 0);
    im_refuse_requests (im, IM_DISCONNECT, NetBufferList, NDIS_STATUS_UPLOAD_IN_PROGRESS,
                        NDIS_STATUS_UPLOAD_IN_PROGRESS);
    return NDIS_STATUS_PENDING;
  }
  return request_down (MiniportAdapterContext, IM_DISCONNECT,
                       NDIS_CALL_MiniportTcpOffloadDisconnect, MiniportOffloadContext,
                       NetBufferList, Flags);
}

static void
disconnect_up (NDIS_HANDLE ProtocolBindingContext, NET_BUFFER_LIST *NetBufferList)
{
  request_up (((const ImPort *)ProtocolBindingContext)->im, IM_DISCONNECT,
              NDIS_CALL_ProtocolTcpOffloadDisconnectComplete, NetBufferList);
}

/* Returned buffers have no completion: they are merely passed on. */
static NDIS_STATUS
receive_return (NDIS_HANDLE MiniportAdapterContext, NET_BUFFER_LIST *NetBufferList)
{
  ImDriver *im = MiniportAdapterContext;

  im_charge (im, NDIS_CALL_MiniportTcpOffloadReceiveReturn, WAY_CHIMNEY, 0);
  return NdisOffloadTcpReceiveReturn (im->port[im->active].binding, NetBufferList);
}

/* Indications */

static void
event_up (NDIS_OFFLOAD_HANDLE *OffloadContext, uint32_t EventType,
          uint32_t EventSpecificInformation)
{
  ImDriver *im = OffloadContext->owner;
  ImEntry *entry = im_entry_of_handle (OffloadContext);

  im_charge (im, NDIS_CALL_ProtocolTcpOffloadEvent, WAY_CHIMNEY, 0);
  if (EventType == TcpIndicateRetrieve
      && im_misbehaves (im, IM_DEFECT_FORGETS_EVENT_INFORMATION, OffloadContext->object_id))
    EventSpecificInformation = 0;
  im->events.NdisTcpOffloadEventHandler (entry->upper, EventType, EventSpecificInformation);
}

/* What the defect makes of the result from above: all |word[0]| bytes taken. */
static void
indication_returned (G_GNUC_UNUSED SimCpu *cpu, const SimStepArgs *args)
{
  const ImDriver *im = args->self;

  ndis_return (im->ndis, (NdisResult){ .status = NDIS_STATUS_SUCCESS,
                                       .bytes_consumed = (uint32_t)args->word[0] });
}

/* The driver above decides: its answer is this call's (ndis.h, tail calls). */
static NDIS_STATUS
receive_indicate (NDIS_OFFLOAD_HANDLE *OffloadContext, NET_BUFFER_LIST *NetBufferList,
                  NDIS_STATUS Status, G_GNUC_UNUSED uint32_t *BytesConsumed)
{
  ImDriver *im = OffloadContext->owner;
  ImEntry *entry = im_entry_of_handle (OffloadContext);

  im_charge (im, NDIS_CALL_ProtocolTcpOffloadReceiveIndicate, WAY_CHIMNEY, 0);
  if (im_misbehaves (im, IM_DEFECT_ACCEPTS_INDICATIONS, OffloadContext->object_id))
    ndis_then (im->ndis, indication_returned,
               (SimStepArgs){ .self = im, .word = { ndis_nbl_bytes (NetBufferList) } });
  im->events.NdisTcpOffloadReceiveHandler (entry->upper, NetBufferList, Status);
  return NDIS_STATUS_PENDING;
}

const NDIS_PROVIDER_CHIMNEY_OFFLOAD_TCP_CHARACTERISTICS im_provider_tcp = {
  .Header = { .Revision = NDIS_REVISION_1,
              .Size = sizeof (NDIS_PROVIDER_CHIMNEY_OFFLOAD_TCP_CHARACTERISTICS) },
  .OffloadType = NdisTcpChimneyOffload,
  .TcpOffloadSendHandler = send_down,
  .TcpOffloadReceiveHandler = receive_down,
  .TcpOffloadDisconnectHandler = disconnect_down,
  .TcpOffloadForwardHandler = forward_down,
  .TcpOffloadReceiveReturnHandler = receive_return,
};

const NDIS_CLIENT_CHIMNEY_OFFLOAD_TCP_CHARACTERISTICS im_client_tcp = {
  .Header = { .Revision = NDIS_REVISION_1,
              .Size = sizeof (NDIS_CLIENT_CHIMNEY_OFFLOAD_TCP_CHARACTERISTICS) },
  .OffloadType = NdisTcpChimneyOffload,
  .TcpOffloadSendCompleteHandler = send_up,
  .TcpOffloadReceiveCompleteHandler = receive_up,
  .TcpOffloadDisconnectCompleteHandler = disconnect_up,
  .TcpOffloadForwardCompleteHandler = forward_up,
  .TcpOffloadEventHandler = event_up,
  .TcpOffloadReceiveIndicateHandler = receive_indicate,
};
