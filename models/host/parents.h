/*
 * Update, query and invalidate of neighbors and paths, named by the connections that hang from them.
 *
 * Parents     writes the cached state of neighbors or paths, asks for all of their state, or marks
 *             them invalid.  When an update or a query fails, and after an invalidate, everything
 *             that hangs from the object is uploaded, and the object goes.
 * Ask         queries a neighbor's NicReachabilityDelta alone.
 *
 * Order       Operations on one object overlap, but for updates: one at a time, and none while the
 *             object is being invalidated or is invalid.
 * Source      UPD-01 to UPD-07, UPD-19, QRY-01 to QRY-07, INV-01 to INV-06, NUD-12.
 */
#pragma once

#include "models/host/operation.h"

/* parents_upload gives everything that hangs from |object|, a path or a neighbor, back to the host;
 * the object follows when nothing depends on it any more. */
void parents_upload (Host *host, const HostObject *object);

/* parents_add adds what a task names of a path and its neighbor, if the tree does not have it yet. */
void parents_add (Host *host, Task *task, uint32_t path_index);
/* parents_state is what stands behind the nodes of a task. */
TreeState parents_state (const Task *task);

bool parents_may_run (Host *host, Task *task);
void parents_begin (Host *host, Task *task);
void parents_complete_node (Host *host, Task *task, PNDIS_PROTOCOL_OFFLOAD_BLOCK_LIST node);

/* Query of a neighbor's reachability. */
bool ask_may_run (Host *host, Task *task);
void ask_begin (Host *host, Task *task);
void ask_complete_node (Host *host, Task *task, PNDIS_PROTOCOL_OFFLOAD_BLOCK_LIST node);
