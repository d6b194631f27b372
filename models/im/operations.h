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

/* im_operation_down takes |root| and passes it down or lets it wait: what a MiniportXxxOffload does,
 * as its last act. */
void im_operation_down (ImDriver *im, ImRequest request, NDIS_MINIPORT_OFFLOAD_BLOCK_LIST *root);

/* im_operation_take does the same but for the passing: it gives the call entry of |root|, which now
 * carries the driver's own handles, and the number of its nodes. */
ImCall *im_operation_take (ImDriver *im, ImRequest request, NDIS_MINIPORT_OFFLOAD_BLOCK_LIST *root,
                           uint32_t *ret_nodes);

/* im_initiate_lacks gives the first node of the initiate |root| that the driver has no memory for, or
 * NULL. */
NDIS_MINIPORT_OFFLOAD_BLOCK_LIST *im_initiate_lacks (ImDriver *im,
                                                     NDIS_MINIPORT_OFFLOAD_BLOCK_LIST *root);

/* im_operation_finish completes |root| upward with |NdisMXxxComplete| of |request|. */
void im_operation_finish (ImDriver *im, ImRequest request, NDIS_MINIPORT_OFFLOAD_BLOCK_LIST *root);

/* im_operation_settled frees |call| when that completion has returned. */
void im_operation_settled (ImDriver *im, ImCall *call);

/* im_tree_port is where |root| goes: where what it refers to is offloaded, else to the active
 * port. */
uint32_t im_tree_port (const ImDriver *im, NDIS_MINIPORT_OFFLOAD_BLOCK_LIST *root);
