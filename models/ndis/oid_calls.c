#include "models/ndis/crossing.h"

static const NdisResult no_result = { .status = NDIS_STATUS_SUCCESS };

/* Completions */

static NdisResult
run_complete (NdisCrossing *crossing)
{
  NDIS_BINDING_HANDLE binding = crossing->binding;

  binding->layer->driver.protocol->OidRequestCompleteHandler (binding->context, crossing->request,
                                                              crossing->status);
  return no_result;
}

static const NdisVerb request_complete = {
  .call = NDIS_CALL_NdisMOidRequestComplete,
  .handler = NDIS_CALL_ProtocolOidRequestComplete,
  .way = WAY_STATE,
  .load = NDIS_LOAD_NONE,
  .latency = N_LATENCIES,
  .run = run_complete,
};

static NdisCrossing *
new_crossing (const NdisVerb *verb, NDIS_BINDING_HANDLE binding, NDIS_OID_REQUEST *request)
{
  NdisCrossing *crossing = ndis_crossing_new (verb, binding);

  crossing->request = request;
  crossing->op = request->id;
  crossing->arg[0] = request->Oid;
  crossing->arg[1] = request->is_set;
  return crossing;
}

/* |request| has ended with |status| at |adapter|: NDIS keeps what it will be asked for. */
static void
note_result (NDIS_MINIPORT_HANDLE adapter, NDIS_OID_REQUEST *request, NDIS_STATUS status)
{
  request->status = status;
  if (status == NDIS_STATUS_SUCCESS && request->is_set
      && (request->Oid == OID_TCP_CONNECTION_OFFLOAD_PARAMETERS
          || request->Oid == OID_TCP_TASK_OFFLOAD))
    adapter->parameters = request->data.parameters;
}

void
NdisMOidRequestComplete (NDIS_MINIPORT_HANDLE NdisMiniportHandle, NDIS_OID_REQUEST *request,
                         NDIS_STATUS status)
{
  SIM_ASSERT (status != NDIS_STATUS_PENDING);
  note_result (NdisMiniportHandle, request, status);
  NdisCrossing *crossing = new_crossing (&request_complete, NdisMiniportHandle->upper, request);
  crossing->status = status;
  ndis_cross (crossing);
}

/* Requests that NDIS answers itself */

static NDIS_STATUS
answer_offload (NDIS_MINIPORT_HANDLE adapter, NDIS_OID_REQUEST *request)
{
  if (request->is_set || adapter->attributes.offload.Header.Size == 0)
    return NDIS_STATUS_NOT_SUPPORTED;
  request->data.offload = adapter->attributes.offload;
  return NDIS_STATUS_SUCCESS;
}

static NDIS_STATUS
answer_parameters (NDIS_MINIPORT_HANDLE adapter, NDIS_OID_REQUEST *request)
{
  if (adapter->parameters.Header.Size == 0)
    return NDIS_STATUS_NOT_SUPPORTED;
  request->data.parameters = adapter->parameters;
  return NDIS_STATUS_SUCCESS;
}

/* False: the request is the driver's to answer. */
static bool
answer (NDIS_MINIPORT_HANDLE adapter, NDIS_OID_REQUEST *request, NDIS_STATUS *ret_status)
{
  switch (request->Oid) {
  case OID_TCP_CONNECTION_OFFLOAD_CURRENT_CONFIG:
  case OID_TCP_CONNECTION_OFFLOAD_HARDWARE_CAPABILITIES:
    *ret_status = answer_offload (adapter, request);
    return true;
  case OID_TCP_CONNECTION_OFFLOAD_PARAMETERS:
    if (request->is_set)
      return false;
    *ret_status = answer_parameters (adapter, request);
    return true;
  case OID_TCP_TASK_OFFLOAD:
  case OID_IP4_OFFLOAD_STATS:
  case OID_IP6_OFFLOAD_STATS:
  case OID_TCP4_OFFLOAD_STATS:
  case OID_TCP6_OFFLOAD_STATS:
  case OID_PNP_SET_POWER:
  case OID_GEN_RECEIVE_SCALE_PARAMETERS:
    return false;
  case NDIS_N_OIDS:
    break;
  }
  SIM_UNREACHABLE ();
}

/* Requests */

static void
complete_later (const NdisCrossing *crossing, NDIS_STATUS status)
{
  NdisCrossing *completion = new_crossing (&request_complete, crossing->binding, crossing->request);

  note_result (crossing->binding->adapter, crossing->request, status);
  completion->status = status;
  ndis_cross_later (completion);
}

static bool
admit_request (NdisCrossing *crossing)
{
  NDIS_STATUS status;

  if (!answer (crossing->binding->adapter, crossing->request, &status))
    return true;
  complete_later (crossing, status);
  return false;
}

static NdisResult
run_request (NdisCrossing *crossing)
{
  NDIS_MINIPORT_HANDLE adapter = crossing->binding->adapter;

  return (NdisResult){ .status = adapter->layer->driver.miniport->OidRequestHandler (
                           adapter->attributes.MiniportAdapterContext, crossing->request) };
}

static void
after_request (NdisCrossing *crossing)
{
  if (crossing->handler_half.result.status != NDIS_STATUS_PENDING)
    complete_later (crossing, crossing->handler_half.result.status);
}

static const NdisVerb oid_request = {
  .call = NDIS_CALL_NdisOidRequest,
  .handler = NDIS_CALL_MiniportOidRequest,
  .way = WAY_STATE,
  .load = NDIS_LOAD_NONE,
  .latency = N_LATENCIES,
  .admit = admit_request,
  .run = run_request,
  .after = after_request,
};

static void
record_parameters (const Ndis *ndis, const NDIS_OID_REQUEST *request)
{
  const NDIS_TCP_CONNECTION_OFFLOAD_PARAMETERS *parameters = &request->data.parameters;

  TRACE (ndis_trace (ndis), ndis->config.actor_id, PARAMETERS, request->id, parameters->Header.Type,
         parameters->Header.Revision, parameters->Header.Size, parameters->Encapsulation,
         parameters->CongestionAlgorithm);
}

void
NdisOidRequest (NDIS_BINDING_HANDLE NdisBindingHandle, NDIS_OID_REQUEST *request)
{
  bool is_parameters =
      request->Oid == OID_TCP_CONNECTION_OFFLOAD_PARAMETERS || request->Oid == OID_TCP_TASK_OFFLOAD;

  if (request->is_set && is_parameters && NdisBindingHandle->layer->index == 0)
    record_parameters (NdisBindingHandle->ndis, request);
  ndis_cross (new_crossing (&oid_request, NdisBindingHandle, request));
}

/* Status indications */

static NdisResult
run_status (NdisCrossing *crossing)
{
  NDIS_BINDING_HANDLE binding = crossing->binding;

  binding->layer->driver.protocol->StatusHandlerEx (binding->context, crossing->status,
                                                    crossing->status_buffer);
  return no_result;
}

static const NdisVerb indicate_status = {
  .call = NDIS_CALL_NdisMIndicateStatusEx,
  .handler = NDIS_CALL_ProtocolStatusEx,
  .way = WAY_STATE,
  .load = NDIS_LOAD_NONE,
  .latency = N_LATENCIES,
  .run = run_status,
};

void
NdisMIndicateStatusEx (NDIS_MINIPORT_HANDLE NdisMiniportHandle, NDIS_STATUS StatusCode,
                       const void *StatusBuffer)
{
  NdisCrossing *crossing = ndis_crossing_new (&indicate_status, NdisMiniportHandle->upper);

  /* New capabilities replace what was reported at initialization (OID-18). */
  if (StatusCode == NDIS_STATUS_TCP_CONNECTION_OFFLOAD_HARDWARE_CAPABILITIES
      && StatusBuffer != NULL)
    NdisMiniportHandle->attributes.offload = *(const NDIS_TCP_CONNECTION_OFFLOAD *)StatusBuffer;
  crossing->status = StatusCode;
  crossing->status_buffer = StatusBuffer;
  crossing->arg[0] = StatusCode;
  crossing->arg[1] = StatusBuffer != NULL;
  ndis_cross (crossing);
}
