/*
 * The two edges of an intermediate driver at initialization: bound to the adapter below, an adapter
 * to the driver above.
 */
#pragma once

#include "models/ndis/driver.h"

/* im_bind_adapter opens the adapter below: a BindAdapterHandlerEx. */
void im_bind_adapter (void *DriverContext, Ndis *ndis, NDIS_MINIPORT_HANDLE adapter);

/* im_report_attributes reports what the adapter below offers, if the driver permits offload: an
 * InitializeHandlerEx, or the first half of one. */
NDIS_STATUS im_report_attributes (NDIS_MINIPORT_HANDLE NdisMiniportHandle, void *DriverContext);
