/*
 * Relink: paths move to another neighbor, their connections with them.
 *
 * The new neighbor is offloaded if it is not; then an update tree moves the paths that the target
 * has; the host moves its own.  The old neighbor goes when nothing depends on it.  After a router's
 * failure the old neighbors are invalidated first.
 *
 * Source      LINK-01 to LINK-05; guide: linking path state objects to a new neighbor state object.
 */
#pragma once

#include "models/host/operation.h"

/* What the tree of a relink does: Task.stage. */
typedef enum RelinkStage {
  RELINK_INVALIDATE,
  RELINK_INITIATE,
  RELINK_UPDATE,
} RelinkStage;

bool relink_may_run (Host *host, Task *task);
void relink_begin (Host *host, Task *task);
void relink_complete_node (Host *host, Task *task, PNDIS_PROTOCOL_OFFLOAD_BLOCK_LIST node);
