/*
 * An operation on the state of many connections, and the trees it is cut into.
 *
 * Order       Connections are dealt by neighbor, path and id, cut into batches, and each batch into
 *             trees by its shape.
 * Owns        An operation owns its tasks' ids and lives until its last task is done; then the
 *             caller is told.
 */
#pragma once

#include "models/host/frames.h"
#include "models/host/host.h"
#include "models/host/state_tree.h"
#include "models/ndis/block_list.h"

typedef struct Operation Operation;
typedef struct Task Task;

typedef enum OperationKind {
  OPERATION_OFFLOAD,
  OPERATION_UPLOAD,
  OPERATION_UPDATE,
  OPERATION_UPDATE_PARENTS, /* of neighbors or paths */
  OPERATION_QUERY,
  OPERATION_QUERY_PARENTS,  /* of neighbors or paths */
  OPERATION_QUERY_NEIGHBOR, /* the delegated state of neighbor_index */
  OPERATION_INVALIDATE,     /* neighbors or paths */
  OPERATION_RELINK,         /* first the new neighbor, then the paths */
  OPERATION_CLEAN,          /* terminates parents that nothing depends on */
  OPERATION_N_KINDS
} OperationKind;

struct Operation {
  OperationKind kind;
  uint32_t *id; /* connections, in the order of their tasks */
  uint32_t n_ids;
  HostBatch batch;
  HostOptions options;     /* update */
  HostAim aim;             /* update, query, invalidate */
  uint32_t neighbor_index; /* relink */
  uint64_t n_moves;        /* paths had changed their neighbors so often when |id| was dealt */
  bool is_failed;          /* relink: the old neighbors are to be invalidated */
  HostCaller caller;
  uint32_t tasks_left;
  uint32_t failures;
  uint32_t rounds_left; /* offload: how often failed ones are tried again */
  uint32_t *failed_id;  /* those that failed in this round */
  uint32_t n_failed;
};

/* One tree. */
struct Task {
  Task *next;
  Operation *operation;
  uint32_t *id; /* into the operation's */
  uint32_t n_ids;
  uint32_t n_chosen; /* of these, moved to the front: what is in the tree */
  uint32_t settled;  /* ids before this one need not be waited for */
  SimTime ready;     /* not before */
  uint32_t op_id;
  uint32_t at;      /* the next of |id| or of the walk */
  FrameList frames; /* to send first, or to return last */
  TreeBuilder builder;
  PNDIS_PROTOCOL_OFFLOAD_BLOCK_LIST root;
  BlockWalk walk;
  uint32_t stage;      /* relink: what its tree does */
  bool fetched;        /* relink: its paths are called home */
  bool invalidated;    /* relink: the old neighbors have been */
  bool again;          /* when its tree is done it waits for its next one */
  HostObject *linked;  /* a misdeed: what the tree names without need */
  bool holds_neighbor; /* relink: the new neighbor must not be cleaned up */
};

/* operation_new makes one for the connections of |set| that there are; |batch| NULL takes the
 * policy's. */
Operation *operation_new (Host *host, OperationKind kind, HostSet set, const HostBatch *batch,
                          HostCaller caller);
void operation_free (Operation *operation);

/* operation_new_below makes one for the connections of a neighbor or a path. */
Operation *operation_new_below (Host *host, OperationKind kind, OffloadLayer layer, uint32_t index);

/* operation_cut makes the tasks, first to last, the first batch ready at |start|.  There is at
 * least one. */
Task *operation_cut (Host *host, Operation *operation, SimTime start);

/* operation_fail counts one connection that the operation did not bring about. */
void operation_fail (Operation *operation, uint32_t connection_id);

/* operation_set_ids makes it about |ids| instead, which are copied. */
void operation_set_ids (const Host *host, Operation *operation, const uint32_t *ids,
                        uint32_t n_ids);
/* operation_take_failed leaves the operation with those that failed, in the order of their trees. */
void operation_take_failed (const Host *host, Operation *operation);

/* operation_order puts |ids| in the order of neighbors and paths again: a path may have moved since
 * the operation was cut. */
void operation_order (const Host *host, uint32_t *ids, uint32_t n_ids);

/* operation_rank_paths gives each path's place in the order of neighbors; the caller frees it with
 * g_free. */
uint32_t *operation_rank_paths (const Host *host);

LatencyClass operation_latency (OperationKind kind);
