/*
 * The offload manager: which trees go down, in which order, how many at a time.
 *
 * Operations are cut into tasks, one tree each.  A worker takes the first task that may run: its
 * time has come, its connections and their parents are settled, and the limit of outstanding trees
 * leaves room.  One tree is prepared at a time, so that no two trees under preparation meet; trees
 * on their way overlap freely.
 *
 * Order       First come, first served among the tasks that may run.
 * Owns        The manager owns operations and tasks from manager_submit until their callers have
 *             been told.
 * Source      INIT-06, INIT-07, TERM-03 to TERM-06, UPD-04, STS-01, STS-07, PM-01.
 */
#pragma once

#include "models/host/misdeeds.h"
#include "models/host/operation.h"
#include "models/host/worker.h"

typedef struct HostManager HostManager;

struct HostManager {
  Task *first, *last; /* waiting */
  Task *running;      /* being prepared */
  bool is_sending;    /* a tree's call has not returned yet */
  Task *outstanding;  /* trees on their way, newest first */
  uint32_t n_outstanding[OPERATION_N_KINDS];
  bool enabled;     /* the chimney's parameters are set */
  bool unavailable; /* a driver below does not offer it: offloads fail */
  bool paused;      /* NDIS_STATUS_OFFLOAD_PAUSE, UPLOAD_ALL */
  bool asleep;      /* the device is not, or not to stay, in D0 */
  bool clean_queued;
  Misdeed last_sent; /* what a defect makes of the call that returns next */
  HostWorker worker;
  SimEvent timer;
};

/* What each kind of operation does with a task. */
typedef struct TaskVerbs {
  /* True if the task may run; takes the steps that have to come first (LEAVE). */
  bool (*may_run) (Host *host, Task *task);
  /* The first step of its preparation; ends in manager_send or manager_finish. */
  void (*begin) (Host *host, Task *task);
  /* One node of the completed tree. */
  void (*complete_node) (Host *host, Task *task, PNDIS_PROTOCOL_OFFLOAD_BLOCK_LIST node);
} TaskVerbs;

const TaskVerbs *manager_verbs (OperationKind kind);

void manager_init (Host *host);
void manager_clear (Host *host);

/* manager_submit cuts |operation| into tasks and queues them. */
void manager_submit (Host *host, Operation *operation);
/* manager_submit_for makes and submits an operation about one neighbor or path. */
void manager_submit_for (Host *host, OperationKind kind, OffloadLayer layer, uint32_t index);
/* manager_requeue lets a task wait once more, for its next tree. */
void manager_requeue (Host *host, Task *task);
/* manager_wake says that something has changed that a waiting task may have waited for. */
void manager_wake (Host *host);

/* manager_upload_connection asks for the upload of one connection; more than once is once. */
void manager_upload_connection (Host *host, Connection *c);
/* manager_clean_parents terminates paths and neighbors that nothing depends on any more. */
void manager_clean_parents (Host *host);
/* manager_cancel_offloads fails the offloads that wait. */
void manager_cancel_offloads (Host *host);

/* manager_begin_tree gives the task its operation id and opens its latency. */
void manager_begin_tree (Host *host, Task *task);
/* manager_send passes the task's tree down, the last act of the step. */
void manager_send (Host *host, Task *task);
/* manager_finish ends a task that has no tree (any more). */
void manager_finish (Host *host, Task *task);

/* manager_complete takes a completed tree back: its nodes are looked at one a step. */
void manager_complete (Host *host, PNDIS_PROTOCOL_OFFLOAD_BLOCK_LIST root);

/* Trees being prepared or on their way. */
bool manager_is_idle (const Host *host);
/* Nothing but offloads that a pause of the driver below keeps waiting. */
bool manager_is_held (const Host *host);
bool manager_has_outstanding (const Host *host, OperationKind kind);

/* manager_adopt expects the completion of a tree that was built elsewhere; nobody is told of it. */
void manager_adopt (Host *host, OperationKind kind, uint32_t op_id,
                    PNDIS_PROTOCOL_OFFLOAD_BLOCK_LIST root);
