#include "models/host/terminate.h"

#include <glib.h>

#include "models/host/hand_over.h"
#include "models/host/machine.h"
#include "models/host/manager.h"
#include "models/host/state_tree.h"

/* Whether */

static bool
is_on_its_way (OwnerState owner)
{
  return owner == OWN_PREPARING || owner == OWN_INITIATING || owner == OWN_TERMINATING
         || owner == OWN_SCRAPPING;
}

/* Sends need not have returned (TERM-07); whether the host waits for them all the same is open. */
static bool
calls_have_returned (Host *host, const Connection *c)
{
  if (c->calls_open > c->sends_open)
    return false;
  return c->sends_open == 0 || sim_choose (host->sim, SITE_CALL_INTERLEAVE, c->id, 2) == 1;
}

/* True if |c| need not be waited for.  What is lost is terminated again when the target has told of it
 * (TERM-33). */
static bool
is_ready (Host *host, const Connection *c)
{
  if (c->owner != OWN_LEAVING && c->owner != OWN_LOST)
    return true;
  if (c->owner == OWN_LOST && (c->bits & CONN_LOSS_TOLD) == 0)
    return false;
  if (c->operations > 0 && !host_has_defect (host, HOST_DEFECT_TERMINATE_BEFORE_QUERY_DONE))
    return false;
  return calls_have_returned (host, c);
}

bool
terminate_may_run (Host *host, Task *task)
{
  for (; task->settled < task->n_ids; task->settled++)
    if (is_on_its_way (host->connection[task->id[task->settled]].owner))
      return false;
  for (uint32_t i = 0; i < task->n_ids; i++) {
    Connection *c = &host->connection[task->id[i]];
    if (c->owner == OWN_OFFLOADED)
      connection_change_owner (host, c, OWN_EV_LEAVE, 0);
  }
  for (uint32_t i = 0; i < task->n_ids; i++)
    if (!is_ready (host, &host->connection[task->id[i]]))
      return false;
  return true;
}

/* Choosing */

static void
choose (Host *host, Task *task)
{
  task->n_chosen = 0;
  for (uint32_t i = 0; i < task->n_ids; i++) {
    const Connection *c = &host->connection[task->id[i]];
    if (c->owner == OWN_LEAVING || c->owner == OWN_LOST)
      task->id[task->n_chosen++] = c->id;
  }
}

static bool
may_leave (const HostObject *object)
{
  return object->state == OBJECT_OFFLOADED && object->in_tree == object->dependents
         && object->operations == 0;
}

/* Counts which dependents of the paths are in the tree, and which paths of the neighbors leave with
 * it. */
static void
count_in_tree (Host *host, Task *task)
{
  for (uint32_t i = 0; i < task->n_chosen; i++) {
    HostPath *path = host_path_of (host, &host->connection[task->id[i]]);
    path->object.in_tree = 0;
    path->object.role = OBJECT_ROLE_NONE;
    host_neighbor_of (host, path)->object.in_tree = 0;
  }
  for (uint32_t i = 0; i < task->n_chosen; i++)
    host_path_of (host, &host->connection[task->id[i]])->object.in_tree++;
  for (uint32_t i = 0; i < task->n_chosen; i++) {
    HostPath *path = host_path_of (host, &host->connection[task->id[i]]);
    if (path->object.role == OBJECT_ROLE_REFERENCE || !may_leave (&path->object))
      continue;
    path->object.role = OBJECT_ROLE_REFERENCE;
    host_neighbor_of (host, path)->object.in_tree++;
  }
}

static void
set_roles (Host *host, Task *task)
{
  HostTreeShape shape = task->operation->batch.tree;
  bool wants_neighbors = shape == HOST_TREE_BY_NEIGHBOR || shape == HOST_TREE_ONE;
  bool wants_paths = shape != HOST_TREE_FLAT;

  count_in_tree (host, task);
  for (uint32_t i = 0; i < task->n_chosen; i++) {
    HostPath *path = host_path_of (host, &host->connection[task->id[i]]);
    HostObject *neighbor = &host_neighbor_of (host, path)->object;
    neighbor->role = may_leave (neighbor) ? OBJECT_ROLE_REFERENCE
                     : wants_neighbors    ? OBJECT_ROLE_PLACEHOLDER
                                          : OBJECT_ROLE_NONE;
    if (path->object.role == OBJECT_ROLE_NONE
        && (wants_paths || neighbor->role != OBJECT_ROLE_NONE))
      path->object.role = OBJECT_ROLE_PLACEHOLDER;
  }
}

/* Building: one connection a step */

static void build_next (Host *host, Task *task);

static void
build_next_step (SimCpu *cpu, const SimStepArgs *args)
{
  (void)cpu;
  build_next (args->self, args->object);
}

static void
fetch_path (Host *host, HostPath *path)
{
  HostObject *neighbor = &host_neighbor_of (host, path)->object;

  if (path->object.role == OBJECT_ROLE_REFERENCE && path->object.state == OBJECT_OFFLOADED)
    path_step (host, path, OBJECT_EV_TERMINATE);
  if (neighbor->role == OBJECT_ROLE_REFERENCE && neighbor->state == OBJECT_OFFLOADED)
    object_step (neighbor, OBJECT_EV_TERMINATE);
}

void
terminate_begin (Host *host, Task *task)
{
  manager_begin_tree (host, task);
  choose (host, task);
  if (task->n_chosen == 0) {
    manager_finish (host, task);
    return;
  }
  set_roles (host, task);
  state_tree_begin (&task->builder, host, task->op_id, TREE_STATE_DELEGATED);
  task->at = 0;
  build_next (host, task);
}

static void
build_next (Host *host, Task *task)
{
  Connection *c = &host->connection[task->id[task->at++]];

  processors_charge (host, HOST_COST_OFFLOAD_DECIDE, PART_OFFLOAD_MANAGER, WAY_STATE, 1);
  if (c->operations > 0)
    host_strikes (host, HOST_DEFECT_TERMINATE_BEFORE_QUERY_DONE, c->handle.object_id);
  state_tree_add (&task->builder, c, TREE_STATE_DELEGATED);
  fetch_path (host, host_path_of (host, c));
  c->bits &= ~(uint32_t)CONN_LOSS_TOLD;
  connection_change_owner (host, c, OWN_EV_TERMINATE, task->op_id);
  if (task->at < task->n_chosen) {
    processors_then (host, build_next_step, task);
    return;
  }
  task->root = task->builder.root;
  manager_send (host, task);
}

/* Completion */

static void
complete_connection (Host *host, Task *task, Connection *c, PNDIS_PROTOCOL_OFFLOAD_BLOCK_LIST node)
{
  bool succeeded = node->Status == NDIS_STATUS_SUCCESS;

  if (c->owner == OWN_TERMINATING && succeeded) {
    host->stats.terminated++;
    hand_over_import (host, c, node, &task->frames);
    connection_change_owner (host, c, OWN_EV_TERMINATE_OK, task->op_id);
  } else if (c->owner == OWN_TERMINATING) {
    /* The state is lost in the target; it says so by events, or has on another processor before the
     * completion came to here, and the host terminates once more. */
    host->stats.terminate_failures++;
    operation_fail (task->operation, c->id);
    c->bits &= ~(uint32_t)CONN_UPLOAD_WANTED;
    app_gone (host, c);
    connection_change_owner (host, c, OWN_EV_TERMINATE_FAIL, task->op_id);
    if ((c->bits & CONN_LOSS_TOLD) != 0)
      manager_upload_connection (host, c);
  } else {
    hand_over_bury (host, c, node);
    connection_change_owner (host, c, succeeded ? OWN_EV_TERMINATE_OK : OWN_EV_TERMINATE_FAIL,
                             task->op_id);
  }
}

/* A path or neighbor whose terminate fails is terminated once more, when nothing depends on it. */
static ObjectEvent
end_of (const NDIS_PROTOCOL_OFFLOAD_BLOCK_LIST *node)
{
  return node->Status == NDIS_STATUS_SUCCESS ? OBJECT_EV_TERMINATED : OBJECT_EV_TERMINATE_FAIL;
}

static void
complete_neighbor (Host *host, HostNeighbor *neighbor, PNDIS_PROTOCOL_OFFLOAD_BLOCK_LIST node)
{
  const NEIGHBOR_OFFLOAD_STATE_DELEGATED *delegated =
      block_list_delegated_state (block_list_miniport_view (node));
  int64_t tick_ps = SIM_PS_PER_S / host->config.parameters.TicksPerSecond;
  SimTime now = sim_now (host->sim);

  if (node->Status == NDIS_STATUS_SUCCESS && delegated != NULL
      && delegated->NicReachabilityDelta < now.ps / tick_ps) {
    SimTime confirmed = { now.ps - delegated->NicReachabilityDelta * tick_ps };
    neighbor_confirm (host, neighbor, confirmed);
  }
  object_step (&neighbor->object, end_of (node));
}

void
terminate_complete_node (Host *host, Task *task, PNDIS_PROTOCOL_OFFLOAD_BLOCK_LIST node)
{
  const NDIS_OFFLOAD_HANDLE *handle = node->OffloadHandle;

  switch (block_list_layer ((OFFLOAD_STATE_TYPE)node->Header.Type)) {
  case OFFLOAD_LAYER_NEIGHBOR:
    complete_neighbor (host, host_neighbor_by_object (host, handle->object_id), node);
    return;
  case OFFLOAD_LAYER_PATH:
    path_step (host, host_path_by_object (host, handle->object_id), end_of (node));
    return;
  case OFFLOAD_LAYER_TCP:
    complete_connection (host, task, host_connection (host, handle->connection_id), node);
    return;
  case OFFLOAD_N_LAYERS:
    break;
  }
  SIM_UNREACHABLE ();
}

/* Parents left alone */

static bool
is_idle (const HostObject *object)
{
  return object->state == OBJECT_OFFLOADED && object->dependents == 0 && object->operations == 0;
}

/* A path that is torn from its connections too early, if the host is told to do wrong. */
static bool
is_torn (const Host *host, const HostObject *object)
{
  return host_has_defect (host, HOST_DEFECT_TERMINATE_PARENT_EARLY)
         && !manager_has_outstanding (host, OPERATION_OFFLOAD) && object->state == OBJECT_OFFLOADED
         && object->dependents > 0;
}

bool
clean_is_due (Host *host)
{
  if (!host->parents_changed)
    return false;
  host->parents_changed = host_has_defect (host, HOST_DEFECT_TERMINATE_PARENT_EARLY);
  for (uint32_t p = 0; p < host->n_paths; p++)
    if (is_idle (&host->path[p].object) || is_torn (host, &host->path[p].object))
      return true;
  for (uint32_t n = 0; n < host->n_neighbors; n++)
    if (is_idle (&host->neighbor[n].object))
      return true;
  return false;
}

bool
clean_may_run (Host *host, Task *task)
{
  (void)host;
  (void)task;
  return true;
}

/* Gives every idle parent its role; true if there is one. */
static bool
set_clean_roles (Host *host)
{
  bool found = false;

  for (uint32_t n = 0; n < host->n_neighbors; n++)
    host->neighbor[n].object.in_tree = 0;
  for (uint32_t p = 0; p < host->n_paths; p++) {
    HostPath *path = &host->path[p];
    bool leaves = is_idle (&path->object) || is_torn (host, &path->object);
    path->object.role = leaves ? OBJECT_ROLE_REFERENCE : OBJECT_ROLE_NONE;
    host_neighbor_of (host, path)->object.in_tree += leaves;
    found |= leaves;
  }
  for (uint32_t n = 0; n < host->n_neighbors; n++) {
    HostObject *neighbor = &host->neighbor[n].object;
    bool leaves = may_leave (neighbor);
    neighbor->role = leaves ? OBJECT_ROLE_REFERENCE : OBJECT_ROLE_PLACEHOLDER;
    found |= leaves;
  }
  return found;
}

/* Adds what leaves of the neighbor that |path| hangs from, and the path itself. */
static void
add_clean_path (Host *host, Task *task, uint32_t path_index)
{
  HostPath *path = &host->path[path_index];
  HostObject *neighbor = &host_neighbor_of (host, path)->object;

  if (path->object.role != OBJECT_ROLE_REFERENCE)
    return;
  if (path->object.dependents > 0)
    host_strikes (host, HOST_DEFECT_TERMINATE_PARENT_EARLY, path->object.handle.object_id);
  state_tree_add_path (&task->builder, path_index);
  path_step (host, path, OBJECT_EV_TERMINATE);
  if (neighbor->role == OBJECT_ROLE_REFERENCE && neighbor->state == OBJECT_OFFLOADED)
    object_step (neighbor, OBJECT_EV_TERMINATE);
}

static void
build_clean_tree (Host *host, Task *task)
{
  g_autofree uint32_t *rank = operation_rank_paths (host);
  g_autofree uint32_t *order = g_new (uint32_t, host->n_paths + 1);

  for (uint32_t p = 0; p < host->n_paths; p++)
    order[rank[p]] = p;
  for (uint32_t i = 0; i < host->n_paths; i++)
    add_clean_path (host, task, order[i]);
  for (uint32_t n = 0; n < host->n_neighbors; n++) {
    HostObject *neighbor = &host->neighbor[n].object;
    if (neighbor->role != OBJECT_ROLE_REFERENCE || neighbor->state != OBJECT_OFFLOADED)
      continue;
    state_tree_add_neighbor (&task->builder, n);
    object_step (neighbor, OBJECT_EV_TERMINATE);
  }
}

void
clean_begin (Host *host, Task *task)
{
  manager_begin_tree (host, task);
  if (!set_clean_roles (host)) {
    manager_finish (host, task);
    return;
  }
  state_tree_begin (&task->builder, host, task->op_id, TREE_STATE_DELEGATED);
  build_clean_tree (host, task);
  task->root = task->builder.root;
  manager_send (host, task);
}
