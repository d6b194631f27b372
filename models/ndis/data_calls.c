#include <glib.h>

#include "models/ndis/crossing.h"

static const NdisResult no_result = { .status = NDIS_STATUS_SUCCESS };

static NdisCrossing *
new_data_crossing (const NdisVerb *verb, NDIS_BINDING_HANDLE binding, NET_BUFFER_LIST *list)
{
  SIM_ASSERT (list != NULL);
  NdisCrossing *crossing = ndis_crossing_new (verb, binding);
  crossing->buffers = list;
  return crossing;
}

/* A disconnect and a receive indication count otherwise than a list of requests. */
static void
measure_disconnect (NdisCrossing *crossing)
{
  crossing->arg[0] = crossing->word[0];
}

static void
measure_indicated (NdisCrossing *crossing)
{
  crossing->arg[0] = crossing->arg[1];
  crossing->arg[1] = crossing->status;
}

/* Up: completions */

#define COMPLETION(verb, ndis_call, protocol_call, handler_member)                   \
  static NdisResult run_##verb (NdisCrossing *crossing)                              \
  {                                                                                  \
    NDIS_BINDING_HANDLE binding = crossing->binding;                                 \
    binding->layer->client_tcp.handler_member (binding->context, crossing->buffers); \
    return no_result;                                                                \
  }                                                                                  \
  static const NdisVerb verb = { .call = NDIS_CALL_##ndis_call,                      \
                                 .handler = NDIS_CALL_##protocol_call,               \
                                 .way = WAY_CHIMNEY,                                 \
                                 .load = NDIS_LOAD_BUFFERS,                          \
                                 .latency = N_LATENCIES,                             \
                                 .run = run_##verb }

COMPLETION (send_complete, NdisTcpOffloadSendComplete, ProtocolTcpOffloadSendComplete,
            TcpOffloadSendCompleteHandler);
COMPLETION (receive_complete, NdisTcpOffloadReceiveComplete, ProtocolTcpOffloadReceiveComplete,
            TcpOffloadReceiveCompleteHandler);
COMPLETION (disconnect_complete, NdisTcpOffloadDisconnectComplete,
            ProtocolTcpOffloadDisconnectComplete, TcpOffloadDisconnectCompleteHandler);
COMPLETION (forward_complete, NdisTcpOffloadForwardComplete, ProtocolTcpOffloadForwardComplete,
            TcpOffloadForwardCompleteHandler);

static void
complete (const NdisVerb *verb, NDIS_MINIPORT_HANDLE adapter, NET_BUFFER_LIST *list)
{
  ndis_cross (new_data_crossing (verb, adapter->upper, list));
}

static void
tcp_send_complete (NDIS_MINIPORT_HANDLE NdisMiniportHandle, NET_BUFFER_LIST *NetBufferList)
{
  complete (&send_complete, NdisMiniportHandle, NetBufferList);
}

static void
tcp_receive_complete (NDIS_MINIPORT_HANDLE NdisMiniportHandle, NET_BUFFER_LIST *NetBufferList)
{
  complete (&receive_complete, NdisMiniportHandle, NetBufferList);
}

static void
tcp_disconnect_complete (NDIS_MINIPORT_HANDLE NdisMiniportHandle, NET_BUFFER_LIST *NetBufferList)
{
  complete (&disconnect_complete, NdisMiniportHandle, NetBufferList);
}

static void
tcp_forward_complete (NDIS_MINIPORT_HANDLE NdisMiniportHandle, NET_BUFFER_LIST *NetBufferList)
{
  complete (&forward_complete, NdisMiniportHandle, NetBufferList);
}

/* Down: requests */

/* NDIS takes the context out of the caller's handle.  A handle without one names nothing that is
 * offloaded: the request fails, later. */
static bool
admit_request (NdisCrossing *crossing, const NdisVerb *completion_verb)
{
  crossing->context = crossing->handle->MiniportOffloadContext;
  if (crossing->context != 0)
    return true;

  for (NET_BUFFER_LIST *nbl = crossing->buffers; nbl != NULL; nbl = nbl->Next) {
    nbl->Status = NDIS_STATUS_INVALID_STATE;
    nbl->TcpOffloadBytesTransferred = 0;
  }
  ndis_cross_later (new_data_crossing (completion_verb, crossing->binding, crossing->buffers));
  return false;
}

static NDIS_HANDLE
adapter_context (const NdisCrossing *crossing)
{
  return crossing->binding->adapter->attributes.MiniportAdapterContext;
}

#define REQUEST(verb, ndis_call, miniport_call, completion, run_, measure_) \
  static bool admit_##verb (NdisCrossing *crossing)                         \
  {                                                                         \
    return admit_request (crossing, &completion);                           \
  }                                                                         \
  static const NdisVerb verb = { .call = NDIS_CALL_##ndis_call,             \
                                 .handler = NDIS_CALL_##miniport_call,      \
                                 .way = WAY_CHIMNEY,                        \
                                 .load = NDIS_LOAD_BUFFERS,                 \
                                 .returns = NDIS_RETURNS_PENDING,           \
                                 .latency = N_LATENCIES,                    \
                                 .measure = measure_,                       \
                                 .admit = admit_##verb,                     \
                                 .run = run_ }

static NdisResult
run_send (NdisCrossing *crossing)
{
  return (NdisResult){ .status =
                           crossing->binding->adapter->layer->provider_tcp.TcpOffloadSendHandler (
                               adapter_context (crossing), crossing->context, crossing->buffers) };
}

static NdisResult
run_receive (NdisCrossing *crossing)
{
  return (NdisResult){
    .status = crossing->binding->adapter->layer->provider_tcp.TcpOffloadReceiveHandler (
        adapter_context (crossing), crossing->context, crossing->buffers)
  };
}

static NdisResult
run_forward (NdisCrossing *crossing)
{
  return (NdisResult){
    .status = crossing->binding->adapter->layer->provider_tcp.TcpOffloadForwardHandler (
        adapter_context (crossing), crossing->context, crossing->buffers)
  };
}

static NdisResult
run_disconnect (NdisCrossing *crossing)
{
  return (NdisResult){
    .status = crossing->binding->adapter->layer->provider_tcp.TcpOffloadDisconnectHandler (
        adapter_context (crossing), crossing->context, crossing->buffers, crossing->word[0])
  };
}

REQUEST (send, NdisOffloadTcpSend, MiniportTcpOffloadSend, send_complete, run_send, NULL);
REQUEST (receive, NdisOffloadTcpReceive, MiniportTcpOffloadReceive, receive_complete, run_receive,
         NULL);
REQUEST (forward, NdisOffloadTcpForward, MiniportTcpOffloadForward, forward_complete, run_forward,
         NULL);
REQUEST (disconnect, NdisOffloadTcpDisconnect, MiniportTcpOffloadDisconnect, disconnect_complete,
         run_disconnect, measure_disconnect);

static NDIS_STATUS
request_data (const NdisVerb *verb, NDIS_OFFLOAD_HANDLE *handle, NET_BUFFER_LIST *list,
              uint32_t flags)
{
  NdisCrossing *crossing = new_data_crossing (verb, handle->NdisReserved, list);

  crossing->handle = handle;
  crossing->word[0] = flags;
  ndis_cross (crossing);
  return NDIS_STATUS_PENDING;
}

NDIS_STATUS
NdisOffloadTcpSend (NDIS_OFFLOAD_HANDLE *NdisOffloadHandle, NET_BUFFER_LIST *NetBufferList)
{
  return request_data (&send, NdisOffloadHandle, NetBufferList, 0);
}

NDIS_STATUS
NdisOffloadTcpReceive (NDIS_OFFLOAD_HANDLE *NdisOffloadHandle, NET_BUFFER_LIST *NetBufferList)
{
  return request_data (&receive, NdisOffloadHandle, NetBufferList, 0);
}

NDIS_STATUS
NdisOffloadTcpForward (NDIS_OFFLOAD_HANDLE *NdisOffloadHandle, NET_BUFFER_LIST *NetBufferList)
{
  return request_data (&forward, NdisOffloadHandle, NetBufferList, 0);
}

NDIS_STATUS
NdisOffloadTcpDisconnect (NDIS_OFFLOAD_HANDLE *NdisOffloadHandle, NET_BUFFER_LIST *NetBufferList,
                          uint32_t Flags)
{
  return request_data (&disconnect, NdisOffloadHandle, NetBufferList, Flags);
}

/* Down: the return of indicated buffers */

static NdisResult
run_return (NdisCrossing *crossing)
{
  return (NdisResult){
    .status = crossing->binding->adapter->layer->provider_tcp.TcpOffloadReceiveReturnHandler (
        adapter_context (crossing), crossing->buffers)
  };
}

static const NdisVerb receive_return = {
  .call = NDIS_CALL_NdisOffloadTcpReceiveReturn,
  .handler = NDIS_CALL_MiniportTcpOffloadReceiveReturn,
  .way = WAY_CHIMNEY,
  .load = NDIS_LOAD_BUFFERS,
  .returns = NDIS_RETURNS_SUCCESS,
  .latency = N_LATENCIES,
  .run = run_return,
};

NDIS_STATUS
NdisOffloadTcpReceiveReturn (NDIS_BINDING_HANDLE NdisBindingHandle, NET_BUFFER_LIST *NetBufferList)
{
  ndis_cross (new_data_crossing (&receive_return, NdisBindingHandle, NetBufferList));
  return NDIS_STATUS_SUCCESS;
}

/* Up: indications */

static NdisResult
run_receive_indicate (NdisCrossing *crossing)
{
  NdisResult result = { 0 };

  result.status = crossing->binding->layer->client_tcp.TcpOffloadReceiveIndicateHandler (
      crossing->handle, crossing->buffers, crossing->status, &result.bytes_consumed);
  return result;
}

/* Unless all of it was taken, the buffer list is the indicating driver's again (IND-04 to
 * IND-06). */
static void
after_receive_indicate (NdisCrossing *crossing)
{
  SIM_ASSERT (crossing->handler_half.result.status != NDIS_STATUS_PENDING);
  if (crossing->handler_half.result.status == NDIS_STATUS_SUCCESS)
    return;
  ndis_nbl_chain_set_holder (crossing->buffers,
                             ndis_holder_of_layer (crossing->ndis,
                                                   ndis_crossing_caller (crossing)->index));
}

static const NdisVerb receive_indicate = {
  .call = NDIS_CALL_NdisTcpOffloadReceiveHandler,
  .handler = NDIS_CALL_ProtocolTcpOffloadReceiveIndicate,
  .way = WAY_CHIMNEY,
  .load = NDIS_LOAD_BUFFERS,
  .returns = NDIS_RETURNS_RESULT,
  .latency = N_LATENCIES,
  .measure = measure_indicated,
  .run = run_receive_indicate,
  .after = after_receive_indicate,
};

static void
tcp_receive_indicate (NDIS_OFFLOAD_HANDLE *NdisOffloadHandle, NET_BUFFER_LIST *NetBufferList,
                      NDIS_STATUS Status)
{
  NdisCrossing *crossing =
      new_data_crossing (&receive_indicate, NdisOffloadHandle->NdisReserved, NetBufferList);

  crossing->handle = NdisOffloadHandle;
  crossing->status = Status;
  ndis_cross (crossing);
}

static NdisResult
run_event (NdisCrossing *crossing)
{
  crossing->binding->layer->client_tcp.TcpOffloadEventHandler (crossing->handle, crossing->word[0],
                                                               crossing->word[1]);
  return no_result;
}

static const NdisVerb event = {
  .call = NDIS_CALL_NdisTcpOffloadEventHandler,
  .handler = NDIS_CALL_ProtocolTcpOffloadEvent,
  .way = WAY_CHIMNEY,
  .load = NDIS_LOAD_NONE,
  .latency = N_LATENCIES,
  .run = run_event,
};

static void
tcp_event (NDIS_OFFLOAD_HANDLE *NdisOffloadHandle, uint32_t EventType,
           uint32_t EventSpecificInformation)
{
  NdisCrossing *crossing = ndis_crossing_new (&event, NdisOffloadHandle->NdisReserved);

  crossing->handle = NdisOffloadHandle;
  crossing->word[0] = EventType;
  crossing->word[1] = EventSpecificInformation;
  crossing->object = NdisOffloadHandle->object_id;
  crossing->connection = NdisOffloadHandle->connection_id;
  crossing->arg[0] = EventType;
  crossing->arg[1] = EventSpecificInformation;
  ndis_cross (crossing);
}

const NDIS_TCP_OFFLOAD_EVENT_HANDLERS ndis_tcp_event_handlers = {
  .Header = { .Type = NdisTcpChimneyOffload,
              .Revision = NDIS_REVISION_1,
              .Size = sizeof (NDIS_TCP_OFFLOAD_EVENT_HANDLERS) },
  .NdisTcpOffloadEventHandler = tcp_event,
  .NdisTcpOffloadReceiveHandler = tcp_receive_indicate,
  .NdisTcpOffloadSendComplete = tcp_send_complete,
  .NdisTcpOffloadReceiveComplete = tcp_receive_complete,
  .NdisTcpOffloadDisconnectComplete = tcp_disconnect_complete,
  .NdisTcpOffloadForwardComplete = tcp_forward_complete,
};
