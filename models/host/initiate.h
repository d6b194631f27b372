/*
 * Initiating: from connections of the host to a tree on its way, and what its completion says.
 *
 * Order       1. Each connection is prepared: from here on its segments are held, and what it owes
 *             goes out (the
 *                delayed ACK among it).
 *             2. Its state is exported into a node; parents that are not yet offloaded come along as new nodes.
 *             3. NdisInitiateOffload.
 *             4. At the completion each node's status makes it the target's or the host's again.
 * Source      INIT-07, INIT-12, INIT-13; PLC-01 to PLC-08; guide: delayed acknowledgement timer.
 */
#pragma once

#include "models/host/operation.h"

bool initiate_may_run (Host *host, Task *task);
void initiate_begin (Host *host, Task *task);
void initiate_complete_node (Host *host, Task *task, PNDIS_PROTOCOL_OFFLOAD_BLOCK_LIST node);

/* True for the statuses that leave the node's own object with the target. */
bool initiate_succeeded (NDIS_STATUS status);
