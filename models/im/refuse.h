/*
 * Refusals: what an intermediate driver does not pass on.
 *
 * A request that is refused is completed upward in a work item of its own, since a completion never
 * runs inside the call that asked for it.
 *
 * Order       Refusals of a driver are completed in the order in which they were made.
 *             Once a send has been refused, so are the sends and the graceful disconnect after it:
 *             what follows a gap must not be sent.
 * Owns        A refused request has a call entry until it has been completed.
 * Source      Sends without memory: rule IM-17.  The documents say what a target answers for want
 *             of memory or of a VLAN (ISTS-05, IVLAN-04); a driver in between answers as the target
 *             would.  A tree goes down whole or not at all: what stays behind with the node that is
 *             refused is reported as failed, a placeholder as a success.  Where the node hangs from
 *             a new one, that has the reason: below what failed there are but failures
 *             (INIT-15).  NDIS_STATUS_OFFLOAD_CONNECTION_REJECTED is for connections alone: such a
 *             new one reports NDIS_STATUS_FAILURE.
 */
#pragma once

#include "models/im/call.h"

typedef struct ImRefusals {
  ImCall *first;
  ImCall **last;
  bool is_running; /* the work item is queued or running */
  SimWork work;
} ImRefusals;

void im_refusals_init (ImDriver *im);

/* im_refuse_tree completes the initiate |root| later: |node| with |status|, the rest as said
 * above. */
void im_refuse_tree (ImDriver *im, NDIS_MINIPORT_OFFLOAD_BLOCK_LIST *root,
                     NDIS_MINIPORT_OFFLOAD_BLOCK_LIST *node, NDIS_STATUS status);

/* im_refuse_requests completes |chain| later: its first list with |first|, the others with
 * |others|. */
void im_refuse_requests (ImDriver *im, ImRequest request, NET_BUFFER_LIST *chain, NDIS_STATUS first,
                         NDIS_STATUS others);

/* im_refusals_precede puts the completion of the terminate |root|, whose entry is |call|, behind the
 * refusals that are still on their way: a send's completion may not come after its connection's
 * (TERM-17).  False if there are none. */
bool im_refusals_precede (ImDriver *im, ImCall *call, NDIS_MINIPORT_OFFLOAD_BLOCK_LIST *root);

/* im_allocation_fails tells whether the driver gets no memory for an entry about |object_id| while
 * |taken| of at most |limit| (0: no limit) are out: a freedom that a schedule may use. */
bool im_allocation_fails (ImDriver *im, uint32_t object_id, uint32_t taken, uint32_t limit);
