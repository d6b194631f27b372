/*
 * Update, query, invalidate and relink: operations that leave objects where they are.
 *
 * Update      writes cached TCP state, one update outstanding per connection; what the host runs
 *             itself it changes at once.  An update that fails is followed by an upload.
 * Query       asks for all state of each connection; a query that fails is followed by an upload.
 * Invalidate  marks the neighbors of the connections invalid; the connections are uploaded
 *             afterwards.
 * Relink      offloads the new neighbor if it is not, then moves the paths with an update tree; the
 *             old neighbor goes when nothing depends on it.
 *
 * Source      UPD-01 to UPD-19, QRY-01 to QRY-07, INV-01 to INV-06, LINK-01 to LINK-05, TERM-05.
 */
#pragma once

#include "models/host/operation.h"

bool update_may_run (Host *host, Task *task);
void update_begin (Host *host, Task *task);
void update_complete_node (Host *host, Task *task, PNDIS_PROTOCOL_OFFLOAD_BLOCK_LIST node);

bool query_may_run (Host *host, Task *task);
void query_begin (Host *host, Task *task);
void query_complete_node (Host *host, Task *task, PNDIS_PROTOCOL_OFFLOAD_BLOCK_LIST node);

bool invalidate_may_run (Host *host, Task *task);
void invalidate_begin (Host *host, Task *task);
void invalidate_complete_node (Host *host, Task *task, PNDIS_PROTOCOL_OFFLOAD_BLOCK_LIST node);

bool relink_may_run (Host *host, Task *task);
void relink_begin (Host *host, Task *task);
void relink_complete_node (Host *host, Task *task, PNDIS_PROTOCOL_OFFLOAD_BLOCK_LIST node);
