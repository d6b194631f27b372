#include "models/host/parents.h"

#include "models/host/machine.h"
#include "models/host/manager.h"

void
parents_upload (Host *host, const HostObject *object)
{
  for (uint32_t id = 0; id < host->config.n_connections; id++) {
    Connection *c = &host->connection[id];
    if (!c->added)
      continue;
    HostPath *path = host_path_of (host, c);
    if (&path->object == object || &host_neighbor_of (host, path)->object == object)
      manager_upload_connection (host, c);
  }
}

/* What a task does to the objects that it names. */

static ObjectOperation
operation_on (const Task *task)
{
  switch (task->operation->kind) {
  case OPERATION_UPDATE:
  case OPERATION_UPDATE_PARENTS:
    return OBJECT_UPDATE;
  case OPERATION_QUERY:
  case OPERATION_QUERY_PARENTS:
    return OBJECT_QUERY;
  case OPERATION_INVALIDATE:
    return OBJECT_INVALIDATE;
  case OPERATION_OFFLOAD:
  case OPERATION_UPLOAD:
  case OPERATION_QUERY_NEIGHBOR:
  case OPERATION_RELINK:
  case OPERATION_CLEAN:
  case OPERATION_N_KINDS:
    break;
  }
  SIM_UNREACHABLE ();
}

static bool
aims_at_neighbors (const Task *task)
{
  return task->operation->aim == HOST_AIM_NEIGHBORS || task->operation->aim == HOST_AIM_ALL;
}

static bool
aims_at_paths (const Task *task)
{
  return task->operation->aim == HOST_AIM_PATHS || task->operation->aim == HOST_AIM_ALL;
}

static bool
is_free (const Task *task, const HostObject *object)
{
  return operation_on (task) == OBJECT_UPDATE ? object_may_be_updated (object)
                                              : !object_is_moving (object);
}

bool
parents_may_run (Host *host, Task *task)
{
  for (uint32_t i = 0; i < task->n_ids; i++) {
    HostPath *path = host_path_of (host, &host->connection[task->id[i]]);
    if (aims_at_paths (task) && !is_free (task, &path->object))
      return false;
    if (aims_at_neighbors (task) && !is_free (task, &host_neighbor_of (host, path)->object))
      return false;
  }
  return true;
}

/* Building */

/* What stands behind the nodes. */
TreeState
parents_state (const Task *task)
{
  switch (operation_on (task)) {
  case OBJECT_UPDATE:
    return TREE_STATE_CACHED;
  case OBJECT_QUERY:
    return TREE_STATE_ALL;
  case OBJECT_INVALIDATE:
    return TREE_STATE_NONE;
  }
  SIM_UNREACHABLE ();
}

/* Whether |object| is one to be named: what is invalid is only asked for its state. */
static bool
is_meant (const Task *task, const HostObject *object)
{
  return object->state == OBJECT_OFFLOADED
         && (!object->invalid || operation_on (task) == OBJECT_QUERY);
}

static void
name_path (Host *host, Task *task, uint32_t index)
{
  HostPath *path = &host->path[index];

  path->object.role = OBJECT_ROLE_REFERENCE;
  object_begin (&path->object, operation_on (task));
  HostNode node = state_tree_add_path (&task->builder, index);
  if (operation_on (task) == OBJECT_UPDATE)
    path_fill_cached (path, node);
}

static void
name_neighbor (Host *host, Task *task, uint32_t index)
{
  HostNeighbor *neighbor = &host->neighbor[index];

  neighbor->object.role = OBJECT_ROLE_REFERENCE;
  object_begin (&neighbor->object, operation_on (task));
  HostNode node = state_tree_add_neighbor (&task->builder, index);
  if (operation_on (task) == OBJECT_UPDATE)
    neighbor_fill_cached (neighbor, host->config.parameters.TicksPerSecond, sim_now (host->sim),
                          node);
}

void
parents_add (Host *host, Task *task, uint32_t path_index)
{
  HostPath *path = &host->path[path_index];
  HostObject *neighbor = &host_neighbor_of (host, path)->object;
  bool is_new = task->builder.neighbor_index != path->setup.neighbor_index;

  if (is_new && aims_at_neighbors (task) && is_meant (task, neighbor))
    name_neighbor (host, task, path->setup.neighbor_index);
  else if (is_new)
    neighbor->role = OBJECT_ROLE_PLACEHOLDER; /* of what hangs from it, if anything does */
  if (task->builder.path_index == path_index)
    return;
  path->object.role = OBJECT_ROLE_PLACEHOLDER;
  if (aims_at_paths (task) && is_meant (task, &path->object))
    name_path (host, task, path_index);
  else if (task->operation->aim == HOST_AIM_PLACEHOLDERS)
    state_tree_add_path (&task->builder, path_index);
}

/* Connections come by neighbor and path, so that each parent's are together. */
void
parents_begin (Host *host, Task *task)
{
  manager_begin_tree (host, task);
  state_tree_begin (&task->builder, host, task->op_id, parents_state (task));
  for (uint32_t i = 0; i < task->n_ids; i++)
    parents_add (host, task, host->connection[task->id[i]].path_index);
  task->root = task->builder.root;
  if (task->root != NULL)
    manager_send (host, task);
  else
    manager_finish (host, task);
}

/* Completion */

void
parents_complete_node (Host *host, Task *task, PNDIS_PROTOCOL_OFFLOAD_BLOCK_LIST node)
{
  uint32_t id = node->OffloadHandle->object_id;
  ObjectOperation what = operation_on (task);
  OffloadLayer layer = block_list_layer ((OFFLOAD_STATE_TYPE)node->Header.Type);
  HostObject *object = layer == OFFLOAD_LAYER_PATH ? &host_path_by_object (host, id)->object
                                                   : &host_neighbor_by_object (host, id)->object;

  object_end (object, what);
  object->invalid |= what == OBJECT_INVALIDATE;
  if (node->Status != NDIS_STATUS_SUCCESS && task->n_ids > 0)
    operation_fail (task->operation, task->id[0]);
  if (node->Status != NDIS_STATUS_SUCCESS || what == OBJECT_INVALIDATE)
    parents_upload (host, object); /* UPD-19, QRY-07, INV-06 */
}

/* Query of a neighbor's reachability */

bool
ask_may_run (Host *host, Task *task)
{
  return !object_is_moving (&host->neighbor[task->operation->neighbor_index].object);
}

void
ask_begin (Host *host, Task *task)
{
  HostNeighbor *neighbor = &host->neighbor[task->operation->neighbor_index];

  manager_begin_tree (host, task);
  if (neighbor->object.state != OBJECT_OFFLOADED) {
    neighbor_queried (host, neighbor, UINT32_MAX); /* the target does not have it any more */
    manager_finish (host, task);
    return;
  }
  state_tree_begin (&task->builder, host, task->op_id, TREE_STATE_DELEGATED);
  neighbor->object.role = OBJECT_ROLE_REFERENCE;
  object_begin (&neighbor->object, OBJECT_QUERY);
  state_tree_add_neighbor (&task->builder, task->operation->neighbor_index);
  task->root = task->builder.root;
  manager_send (host, task);
}

void
ask_complete_node (Host *host, Task *task, PNDIS_PROTOCOL_OFFLOAD_BLOCK_LIST node)
{
  HostNeighbor *neighbor = &host->neighbor[task->operation->neighbor_index];
  const NEIGHBOR_OFFLOAD_STATE_DELEGATED *delegated =
      block_list_delegated_state (block_list_miniport_view (node));
  bool is_told = node->Status == NDIS_STATUS_SUCCESS && delegated != NULL;

  object_end (&neighbor->object, OBJECT_QUERY);
  neighbor_queried (host, neighbor, is_told ? delegated->NicReachabilityDelta : UINT32_MAX);
}
