/*
 * Update and query of connections: operations that leave objects where they are.
 *
 * Update      writes cached TCP state, one update outstanding per connection; what the host runs
 *             itself it changes at once.  An update that fails is followed by an upload.
 * Query       asks for all state of each connection; a query that fails is followed by an upload.
 *
 * Order       A query overlaps with an update and with other queries of its connection.
 * Source      UPD-01 to UPD-19, QRY-01 to QRY-07, TERM-05.
 */
#pragma once

#include "models/host/operation.h"

bool update_may_run (Host *host, Task *task);
void update_begin (Host *host, Task *task);
void update_complete_node (Host *host, Task *task, PNDIS_PROTOCOL_OFFLOAD_BLOCK_LIST node);

bool query_may_run (Host *host, Task *task);
void query_begin (Host *host, Task *task);
void query_complete_node (Host *host, Task *task, PNDIS_PROTOCOL_OFFLOAD_BLOCK_LIST node);
