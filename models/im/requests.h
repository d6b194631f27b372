/*
 * Data requests and indications on their way through an intermediate driver.
 *
 * A request goes down with the same buffer lists under the driver's own handle, an indication goes
 * up with the same arguments under the upper handle, and a result comes back down as it is.
 *
 * Errors      A request on a context that is no longer offloaded is completed upward with
 *             NDIS_STATUS_INVALID_STATE.
 * Source      Network guide: propagating an I/O operation, its completion, an indication (IM-09 to
 *             IM-16).
 */
#pragma once

#include "models/im/call.h"
#include "models/ndis/driver.h"

extern const NDIS_PROVIDER_CHIMNEY_OFFLOAD_TCP_CHARACTERISTICS im_provider_tcp;
extern const NDIS_CLIENT_CHIMNEY_OFFLOAD_TCP_CHARACTERISTICS im_client_tcp;

/* im_request_finish completes |list| upward. */
void im_request_finish (ImDriver *im, ImRequest request, NET_BUFFER_LIST *list);

/* im_request_pass calls the NdisOffloadTcpXxx of |call|'s chain. */
void im_request_pass (ImDriver *im, ImCall *call);
