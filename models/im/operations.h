/*
 * State operations on their way through an intermediate driver.
 *
 * Down: a call entry saves what the root holds, each object's entry is made or found, and the tree
 * goes on under the driver's own handles.  Up: handles and saved members are put back, entries live
 * or die by the result, and the tree goes on to the driver above.
 *
 * Source      Network guide: propagating a state manipulation operation, and its completion (IMS-01
 *             to IMS-07, IM-01 to IM-08); IM-19 for the neighbor event.
 */
#pragma once

#include "models/im/call.h"
#include "models/ndis/driver.h"

extern const NDIS_PROVIDER_CHIMNEY_OFFLOAD_GENERIC_CHARACTERISTICS im_provider;
extern const NDIS_CLIENT_CHIMNEY_OFFLOAD_GENERIC_CHARACTERISTICS im_client;

/* im_operation_pass calls the NdisXxxOffload of |call|'s operation. */
void im_operation_pass (ImDriver *im, ImCall *call);
