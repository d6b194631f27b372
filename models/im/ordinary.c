#include "models/im/ordinary.h"

#include "models/im/driver.h"
#include "models/im/edges.h"

/* OIDs and status */

bool
im_keeps_request (const ImDriver *im, NDIS_OID_REQUEST *request, NDIS_STATUS *ret_status)
{
  if (request->Oid != OID_TCP_TASK_OFFLOAD)
    return false;
  if (!request->is_set && !im->config.permits_offload) {
    *ret_status = NDIS_STATUS_NOT_SUPPORTED;
    return true;
  }
  if (!request->is_set && im_misbehaves (im, IM_DEFECT_ANSWERS_CAPABILITIES, 0)) {
    request->data.offload = im_common_offload (im);
    *ret_status = NDIS_STATUS_SUCCESS;
    return true;
  }
  if (request->is_set && im_misbehaves (im, IM_DEFECT_KEEPS_OFFLOAD_SET, 0)) {
    *ret_status = NDIS_STATUS_SUCCESS;
    return true;
  }
  return false;
}

NDIS_STATUS
im_oid_request (NDIS_HANDLE MiniportAdapterContext, NDIS_OID_REQUEST *request)
{
  ImDriver *im = MiniportAdapterContext;
  NDIS_STATUS status;

  im_charge (im, NDIS_CALL_MiniportOidRequest, WAY_STATE, 0);
  if (im_keeps_request (im, request, &status))
    return status;
  NdisOidRequest (im->port[im->active].binding, request);
  return NDIS_STATUS_PENDING;
}

void
im_oid_request_complete (NDIS_HANDLE ProtocolBindingContext, NDIS_OID_REQUEST *request,
                         NDIS_STATUS status)
{
  ImDriver *im = ((const ImPort *)ProtocolBindingContext)->im;

  im_charge (im, NDIS_CALL_ProtocolOidRequestComplete, WAY_STATE, 0);
  NdisMOidRequestComplete (im->adapter, request, status);
}

void
im_status (NDIS_HANDLE ProtocolBindingContext, NDIS_STATUS StatusCode, const void *StatusBuffer)
{
  ImDriver *im = ((const ImPort *)ProtocolBindingContext)->im;

  im_charge (im, NDIS_CALL_ProtocolStatusEx, WAY_STATE, 0);
  NdisMIndicateStatusEx (im->adapter, StatusCode, StatusBuffer);
}

/* Frames */

void
im_send_frames (NDIS_HANDLE MiniportAdapterContext, NET_BUFFER_LIST *list)
{
  ImDriver *im = MiniportAdapterContext;

  im_charge (im, NDIS_CALL_MiniportSendNetBufferLists, WAY_HOST, 0);
  NdisSendNetBufferLists (im->port[im->active].binding, list);
}

void
im_return_frames (NDIS_HANDLE MiniportAdapterContext, NET_BUFFER_LIST *list)
{
  ImDriver *im = MiniportAdapterContext;

  im_charge (im, NDIS_CALL_MiniportReturnNetBufferLists, WAY_HOST, 0);
  NdisReturnNetBufferLists (im->port[im->active].binding, list);
}

void
im_send_frames_complete (NDIS_HANDLE ProtocolBindingContext, NET_BUFFER_LIST *list)
{
  ImDriver *im = ((const ImPort *)ProtocolBindingContext)->im;

  im_charge (im, NDIS_CALL_ProtocolSendNetBufferListsComplete, WAY_HOST, 0);
  NdisMSendNetBufferListsComplete (im->adapter, list);
}

void
im_receive_frames (NDIS_HANDLE ProtocolBindingContext, NET_BUFFER_LIST *list)
{
  ImDriver *im = ((const ImPort *)ProtocolBindingContext)->im;

  im_charge (im, NDIS_CALL_ProtocolReceiveNetBufferLists, WAY_HOST, 0);
  NdisMIndicateReceiveNetBufferLists (im->adapter, list);
}
