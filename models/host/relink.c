#include "models/host/relink.h"

#include "models/host/initiate.h"
#include "models/host/machine.h"
#include "models/host/manager.h"
#include "models/host/parents.h"
#include "models/host/power.h"

static HostNeighbor *
new_neighbor (Host *host, const Task *task)
{
  return &host->neighbor[task->operation->neighbor_index];
}

/* A neighbor that the target does not have is initiated before a path that it has can follow. */
static bool
wants_initiate (Host *host, const Task *task)
{
  if (new_neighbor (host, task)->object.state != OBJECT_HOST)
    return false;
  for (uint32_t i = 0; i < task->n_ids; i++)
    if (host_path_of (host, &host->connection[task->id[i]])->object.state == OBJECT_OFFLOADED)
      return true;
  return false;
}

/* What hangs from the paths goes back to the host: they are moved when it has. */
static void
fetch_paths (Host *host, const Task *task)
{
  for (uint32_t i = 0; i < task->n_ids; i++) {
    const HostObject *path = &host_path_of (host, &host->connection[task->id[i]])->object;
    if (path->state == OBJECT_OFFLOADED)
      parents_upload (host, path);
  }
}

/* While nothing may be initiated the paths wait to come home; a pause may last. */
static bool
may_initiate (const Host *host)
{
  const HostManager *manager = host->manager;

  return manager->enabled && !manager->unavailable && !manager->asleep
         && !power_holds_initiates (host);
}

bool
relink_may_run (Host *host, Task *task)
{
  const HostObject *neighbor = &new_neighbor (host, task)->object;

  if (task->holds_neighbor && neighbor->invalid)
    return true; /* to let go of it */
  if (wants_initiate (host, task) && !may_initiate (host)) {
    if (host->manager->paused && !task->fetched)
      fetch_paths (host, task);
    task->fetched = host->manager->paused;
    return false;
  }
  if (!object_may_be_updated (neighbor) || neighbor->invalid)
    return false; /* UPD-04: its tree names the neighbor, too */
  for (uint32_t i = 0; i < task->n_ids; i++) {
    HostPath *path = host_path_of (host, &host->connection[task->id[i]]);
    if (!object_may_be_updated (&path->object)
        || object_is_moving (&host_neighbor_of (host, path)->object))
      return false;
  }
  return true;
}

/* The neighbors that the paths leave, as far as the target has them; true if there is one. */
static bool
invalidate_old_neighbors (Host *host, Task *task)
{
  task->stage = RELINK_INVALIDATE;
  task->invalidated = true;
  for (uint32_t i = 0; i < task->n_ids; i++) {
    HostPath *path = host_path_of (host, &host->connection[task->id[i]]);
    HostObject *neighbor = &host_neighbor_of (host, path)->object;
    if (path->setup.neighbor_index == task->operation->neighbor_index
        || path->setup.neighbor_index == task->builder.neighbor_index
        || neighbor->state != OBJECT_OFFLOADED || neighbor->invalid)
      continue;
    neighbor->role = OBJECT_ROLE_REFERENCE;
    object_begin (neighbor, OBJECT_INVALIDATE);
    state_tree_add_neighbor (&task->builder, path->setup.neighbor_index);
  }
  return task->builder.root != NULL;
}

/* Paths that the target does not have move at once; true if others are left. */
static bool
move_own_paths (Host *host, const Task *task)
{
  bool has_offloaded = false;

  for (uint32_t i = 0; i < task->n_ids; i++) {
    HostPath *path = host_path_of (host, &host->connection[task->id[i]]);
    if (path->setup.neighbor_index == task->operation->neighbor_index)
      continue;
    if (path->object.state == OBJECT_HOST)
      path_set_neighbor (host, path, task->operation->neighbor_index);
    else
      has_offloaded = true;
  }
  return has_offloaded;
}

static void
initiate_neighbor (Host *host, Task *task)
{
  HostObject *neighbor = &new_neighbor (host, task)->object;

  task->stage = RELINK_INITIATE;
  neighbor->role = OBJECT_ROLE_NEW;
  state_tree_add_neighbor (&task->builder, task->operation->neighbor_index);
  object_step (neighbor, OBJECT_EV_INITIATE);
  object_add_dependent (neighbor); /* it stays until the paths have been linked to it */
  task->holds_neighbor = true;
}

static void
release_neighbor (Host *host, Task *task)
{
  if (!task->holds_neighbor)
    return;
  object_remove_dependent (&new_neighbor (host, task)->object);
  task->holds_neighbor = false;
  host->parents_changed = true;
}

static void
end_initiate (Host *host, Task *task, bool succeeded)
{
  HostObject *neighbor = &new_neighbor (host, task)->object;

  object_step (neighbor, succeeded ? OBJECT_EV_INITIATE_OK : OBJECT_EV_INITIATE_FAIL);
  if (!succeeded)
    release_neighbor (host, task);
}

static void
update_links (Host *host, Task *task)
{
  HostObject *neighbor = &new_neighbor (host, task)->object;

  task->stage = RELINK_UPDATE;
  neighbor->role = OBJECT_ROLE_REFERENCE;
  state_tree_add_neighbor (&task->builder, task->operation->neighbor_index);
  object_begin (neighbor, OBJECT_UPDATE);
  for (uint32_t i = 0; i < task->n_ids; i++) {
    uint32_t index = host->connection[task->id[i]].path_index;
    HostPath *path = &host->path[index];
    if (path->setup.neighbor_index == task->operation->neighbor_index
        || path->object.state != OBJECT_OFFLOADED)
      continue;
    path->object.role = OBJECT_ROLE_REFERENCE;
    object_begin (&path->object, OBJECT_UPDATE);
    path->left_index = path->setup.neighbor_index;
    path->next_index = UINT32_MAX;
    object_add_dependent (&host->neighbor[path->left_index].object);
    path_set_neighbor (host, path, task->operation->neighbor_index);
    state_tree_add_path (&task->builder, index);
  }
}

/* The tree has been paid for.  A pause that came meanwhile: no initiate goes down, and the task
 * waits with the others. */
static void
send_step (SimCpu *cpu, const SimStepArgs *args)
{
  (void)cpu;
  Host *host = args->self;
  Task *task = args->object;

  if (task->stage == RELINK_INITIATE && !may_initiate (host)) {
    end_initiate (host, task, false);
    block_tree_free (task->builder.root);
    manager_requeue (host, task);
    return;
  }
  task->root = task->builder.root;
  manager_send (host, task);
}

/* The new neighbor was invalidated before a path could be linked to it. */
static void
give_up (Host *host, Task *task)
{
  operation_fail (task->operation, task->id[0]);
  release_neighbor (host, task);
  manager_finish (host, task);
}

void
relink_begin (Host *host, Task *task)
{
  manager_begin_tree (host, task);
  if (new_neighbor (host, task)->object.invalid) {
    give_up (host, task);
    return;
  }
  if (!move_own_paths (host, task)) {
    release_neighbor (host, task);
    manager_finish (host, task);
    return;
  }
  state_tree_begin (&task->builder, host, task->op_id, TREE_STATE_NONE);
  bool invalidates =
      task->operation->is_failed && !task->invalidated && invalidate_old_neighbors (host, task);
  if (invalidates)
    task->stage = RELINK_INVALIDATE;
  else if (new_neighbor (host, task)->object.state == OBJECT_HOST)
    initiate_neighbor (host, task);
  else
    update_links (host, task);
  processors_then (host, send_step, task);
}

/* Connections of the invalid neighbor whose paths stay have no way any more. */
static void
upload_others (Host *host, const Task *task, const HostObject *neighbor)
{
  for (uint32_t p = 0; p < host->n_paths; p++)
    host->path[p].object.in_tree = 0;
  for (uint32_t i = 0; i < task->n_ids; i++)
    host_path_of (host, &host->connection[task->id[i]])->object.in_tree = 1;
  for (uint32_t id = 0; id < host->config.n_connections; id++) {
    Connection *c = &host->connection[id];
    HostPath *path = c->added ? host_path_of (host, c) : NULL;
    if (path != NULL && path->object.in_tree == 0
        && &host_neighbor_of (host, path)->object == neighbor)
      manager_upload_connection (host, c);
  }
}

static void
complete_invalidate (Host *host, Task *task, PNDIS_PROTOCOL_OFFLOAD_BLOCK_LIST node)
{
  HostObject *neighbor = &host_neighbor_by_object (host, node->OffloadHandle->object_id)->object;

  object_end (neighbor, OBJECT_INVALIDATE);
  neighbor->invalid = true;
  upload_others (host, task, neighbor);
  task->again = true;
}

static void
complete_new_neighbor (Host *host, Task *task, NDIS_STATUS status)
{
  bool succeeded = initiate_succeeded (status);

  end_initiate (host, task, succeeded);
  task->again = succeeded; /* the paths follow */
  if (!succeeded)
    operation_fail (task->operation, task->id[0]);
}

static void
complete_path (Host *host, Task *task, PNDIS_PROTOCOL_OFFLOAD_BLOCK_LIST node)
{
  HostPath *path = host_path_by_object (host, node->OffloadHandle->object_id);

  object_end (&path->object, OBJECT_UPDATE);
  if (node->Status == NDIS_STATUS_SUCCESS) {
    object_remove_dependent (&host->neighbor[path->left_index].object);
    return;
  }
  /* With the target it hangs where it did, until it has been fetched. */
  path->next_index = path->setup.neighbor_index;
  path_set_neighbor (host, path, path->left_index);
  object_remove_dependent (&host->neighbor[path->left_index].object);
  for (uint32_t i = 0; i < task->n_ids; i++) {
    Connection *c = &host->connection[task->id[i]];
    if (host_path_of (host, c) == path) {
      operation_fail (task->operation, c->id);
      manager_upload_connection (host, c);
    }
  }
}

void
relink_complete_node (Host *host, Task *task, PNDIS_PROTOCOL_OFFLOAD_BLOCK_LIST node)
{
  HostObject *neighbor = &new_neighbor (host, task)->object;

  if (task->stage == RELINK_INVALIDATE) {
    complete_invalidate (host, task, node);
  } else if (task->stage == RELINK_INITIATE) {
    complete_new_neighbor (host, task, node->Status);
  } else if (block_list_layer ((OFFLOAD_STATE_TYPE)node->Header.Type) == OFFLOAD_LAYER_NEIGHBOR) {
    object_end (neighbor, OBJECT_UPDATE);
    if (node->Status != NDIS_STATUS_SUCCESS)
      parents_upload (host, neighbor); /* UPD-19 */
    release_neighbor (host, task);
  } else {
    complete_path (host, task, node);
  }
}
