#include "models/ndis/crossing.h"

/* The ordinary path: frames go down and up whole, and come back when they are done with. */

static const NdisResult no_result = { .status = NDIS_STATUS_SUCCESS };

static NDIS_HANDLE
adapter_context (const NdisCrossing *crossing)
{
  return crossing->binding->adapter->attributes.MiniportAdapterContext;
}

static NdisResult
run_send (NdisCrossing *crossing)
{
  crossing->binding->adapter->layer->driver.miniport->SendNetBufferListsHandler (
      adapter_context (crossing), crossing->buffers);
  return no_result;
}

static NdisResult
run_return (NdisCrossing *crossing)
{
  crossing->binding->adapter->layer->driver.miniport->ReturnNetBufferListsHandler (
      adapter_context (crossing), crossing->buffers);
  return no_result;
}

static NdisResult
run_send_complete (NdisCrossing *crossing)
{
  crossing->binding->layer->driver.protocol->SendNetBufferListsCompleteHandler (
      crossing->binding->context, crossing->buffers);
  return no_result;
}

static NdisResult
run_receive (NdisCrossing *crossing)
{
  crossing->binding->layer->driver.protocol->ReceiveNetBufferListsHandler (
      crossing->binding->context, crossing->buffers);
  return no_result;
}

#define FRAME_VERB(ndis_call, handler_call, run_)                                        \
  {                                                                                      \
    .call = NDIS_CALL_##ndis_call, .handler = NDIS_CALL_##handler_call, .way = WAY_HOST, \
    .load = NDIS_LOAD_BUFFERS, .latency = N_LATENCIES, .run = run_                       \
  }

static const NdisVerb send =
    FRAME_VERB (NdisSendNetBufferLists, MiniportSendNetBufferLists, run_send);
static const NdisVerb send_complete =
    FRAME_VERB (NdisMSendNetBufferListsComplete, ProtocolSendNetBufferListsComplete,
                run_send_complete);
static const NdisVerb receive =
    FRAME_VERB (NdisMIndicateReceiveNetBufferLists, ProtocolReceiveNetBufferLists, run_receive);
static const NdisVerb put_back =
    FRAME_VERB (NdisReturnNetBufferLists, MiniportReturnNetBufferLists, run_return);

static void
cross (const NdisVerb *verb, NDIS_BINDING_HANDLE binding, NET_BUFFER_LIST *list)
{
  SIM_ASSERT (list != NULL);
  NdisCrossing *crossing = ndis_crossing_new (verb, binding);
  crossing->buffers = list;
  ndis_cross (crossing);
}

void
NdisSendNetBufferLists (NDIS_BINDING_HANDLE NdisBindingHandle, NET_BUFFER_LIST *list)
{
  cross (&send, NdisBindingHandle, list);
}

void
NdisMSendNetBufferListsComplete (NDIS_MINIPORT_HANDLE NdisMiniportHandle, NET_BUFFER_LIST *list)
{
  cross (&send_complete, NdisMiniportHandle->upper, list);
}

void
NdisMIndicateReceiveNetBufferLists (NDIS_MINIPORT_HANDLE NdisMiniportHandle, NET_BUFFER_LIST *list)
{
  cross (&receive, NdisMiniportHandle->upper, list);
}

void
NdisReturnNetBufferLists (NDIS_BINDING_HANDLE NdisBindingHandle, NET_BUFFER_LIST *list)
{
  cross (&put_back, NdisBindingHandle, list);
}
