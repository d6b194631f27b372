/*
 * Update, query and invalidate: operations that leave objects where they are.
 *
 * Update      writes cached TCP state, one update outstanding per connection; what the host runs
 *             itself it changes at once.  An update that fails is followed by an upload.
 * Parents     writes the cached state of neighbors or paths; when one fails, everything that hangs
 *             from it is uploaded, and the object goes.
 * Query       asks for all state of each connection; a query that fails is followed by an upload.
 * Ask         queries a neighbor's NicReachabilityDelta alone.
 * Invalidate  marks the neighbors of the connections invalid; the connections are uploaded
 *             afterwards.
 *
 * Source      UPD-01 to UPD-19, QRY-01 to QRY-07, INV-01 to INV-06, TERM-05.
 */
#pragma once

#include "models/host/operation.h"

bool update_may_run (Host *host, Task *task);
void update_begin (Host *host, Task *task);
void update_complete_node (Host *host, Task *task, PNDIS_PROTOCOL_OFFLOAD_BLOCK_LIST node);

bool parents_may_run (Host *host, Task *task);
void parents_begin (Host *host, Task *task);
void parents_complete_node (Host *host, Task *task, PNDIS_PROTOCOL_OFFLOAD_BLOCK_LIST node);

bool query_may_run (Host *host, Task *task);
void query_begin (Host *host, Task *task);
void query_complete_node (Host *host, Task *task, PNDIS_PROTOCOL_OFFLOAD_BLOCK_LIST node);

/* Query of a neighbor's reachability. */
bool ask_may_run (Host *host, Task *task);
void ask_begin (Host *host, Task *task);
void ask_complete_node (Host *host, Task *task, PNDIS_PROTOCOL_OFFLOAD_BLOCK_LIST node);

bool invalidate_may_run (Host *host, Task *task);
void invalidate_begin (Host *host, Task *task);
void invalidate_complete_node (Host *host, Task *task, PNDIS_PROTOCOL_OFFLOAD_BLOCK_LIST node);
