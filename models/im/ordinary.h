/*
 * What every NDIS 6 driver in between does: frames, OIDs and status indications on their way
 * through.
 *
 * Source      OID-03 to OID-05; decision 28.
 */
#pragma once

#include "models/ndis/driver.h"

typedef struct ImDriver ImDriver;

/* im_keeps_request tells whether the driver answers |request| itself, and with what. */
bool im_keeps_request (const ImDriver *im, NDIS_OID_REQUEST *request, NDIS_STATUS *ret_status);

/* Entry points for the two driver characteristics. */
NDIS_STATUS im_oid_request (NDIS_HANDLE MiniportAdapterContext, NDIS_OID_REQUEST *request);
void im_send_frames (NDIS_HANDLE MiniportAdapterContext, NET_BUFFER_LIST *list);
void im_return_frames (NDIS_HANDLE MiniportAdapterContext, NET_BUFFER_LIST *list);
void im_oid_request_complete (NDIS_HANDLE ProtocolBindingContext, NDIS_OID_REQUEST *request,
                              NDIS_STATUS status);
void im_status (NDIS_HANDLE ProtocolBindingContext, NDIS_STATUS StatusCode,
                const void *StatusBuffer);
void im_send_frames_complete (NDIS_HANDLE ProtocolBindingContext, NET_BUFFER_LIST *list);
void im_receive_frames (NDIS_HANDLE ProtocolBindingContext, NET_BUFFER_LIST *list);
