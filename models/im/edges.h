/*
 * The two edges of an intermediate driver at initialization: bound to the adapter below, an adapter
 * to the driver above.
 */
#pragma once

#include "models/ndis/driver.h"

/* im_bind_adapter opens the adapter below: a BindAdapterHandlerEx. */
void im_bind_adapter (void *DriverContext, Ndis *ndis, NDIS_MINIPORT_HANDLE adapter);

typedef struct ImDriver ImDriver;

/* im_common_offload is what all adapters below offer that are not out of the team; zeroed if one of
 * them offers no chimney. */
NDIS_TCP_CONNECTION_OFFLOAD im_common_offload (const ImDriver *im);

/* im_report_attributes reports what the adapters below offer, if the driver permits offload: an
 * InitializeHandlerEx, or the first half of one. */
NDIS_STATUS im_report_attributes (NDIS_MINIPORT_HANDLE NdisMiniportHandle, void *DriverContext);

/* im_register_client registers the lower edge for the chimney, all handlers as in operations.h and
 * requests.h: a ProtocolSetOptions. */
void im_register_client (void *DriverContext, Ndis *ndis);

/* im_initialize reports attributes and copies the event handlers: an InitializeHandlerEx for a driver
 * that knows the chimney. */
NDIS_STATUS im_initialize (NDIS_MINIPORT_HANDLE NdisMiniportHandle, void *DriverContext);
