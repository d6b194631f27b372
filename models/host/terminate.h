/*
 * Terminating: connections, paths and neighbors come back from the target.
 *
 * Order       1. LEAVE: nothing new is posted; data calls that are under way have to return
 *             (TERM-06), state
 *                operations to complete (TERM-05).
 *             2. NdisTerminateOffload, with delegated state behind each node.
 *             3. At the completion the host takes over what the nodes hand back.
 *             A path or neighbor comes along when everything that depends on it is in the tree; one that is left alone
 *             is cleaned up by a tree of its own.
 * Source      TERM-01 to TERM-20, TERM-33.
 */
#pragma once

#include "models/host/operation.h"

bool terminate_may_run (Host *host, Task *task);
void terminate_begin (Host *host, Task *task);
void terminate_complete_node (Host *host, Task *task, PNDIS_PROTOCOL_OFFLOAD_BLOCK_LIST node);

/* Parents that nothing depends on. */
bool clean_is_due (Host *host);
bool clean_may_run (Host *host, Task *task);
void clean_begin (Host *host, Task *task);
