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

static HostObject *
parent_of (Host *host, const Task *task, uint32_t connection_id)
{
  HostPath *path = host_path_of (host, &host->connection[connection_id]);

  return task->operation->layer == OFFLOAD_LAYER_PATH ? &path->object
                                                      : &host_neighbor_of (host, path)->object;
}

static ObjectOperation
operation_on (const Task *task)
{
  switch (task->operation->kind) {
  case OPERATION_UPDATE_PARENTS:
    return OBJECT_UPDATE;
  case OPERATION_QUERY_PARENTS:
    return OBJECT_QUERY;
  case OPERATION_INVALIDATE:
    return OBJECT_INVALIDATE;
  case OPERATION_OFFLOAD:
  case OPERATION_UPLOAD:
  case OPERATION_UPDATE:
  case OPERATION_QUERY:
  case OPERATION_QUERY_NEIGHBOR:
  case OPERATION_RELINK:
  case OPERATION_CLEAN:
  case OPERATION_N_KINDS:
    break;
  }
  SIM_UNREACHABLE ();
}

bool
parents_may_run (Host *host, Task *task)
{
  bool updates = operation_on (task) == OBJECT_UPDATE;

  for (uint32_t i = 0; i < task->n_ids; i++) {
    const HostObject *object = parent_of (host, task, task->id[i]);
    if (object_is_moving (object) || (updates && !object_may_be_updated (object)))
      return false;
  }
  return true;
}

/* Whether |object| is one to be named: what is invalid is only asked for its state. */
static bool
is_meant (const Task *task, const HostObject *object)
{
  return object->state == OBJECT_OFFLOADED
         && (!object->invalid || operation_on (task) == OBJECT_QUERY);
}

static void
add_path (Host *host, Task *task, uint32_t index)
{
  HostPath *path = &host->path[index];

  host_neighbor_of (host, path)->object.role = OBJECT_ROLE_PLACEHOLDER;
  path->object.role = OBJECT_ROLE_REFERENCE;
  object_begin (&path->object, operation_on (task));
  HostNode node = state_tree_add_path (&task->builder, index);
  if (operation_on (task) == OBJECT_UPDATE)
    path_fill_cached (path, node);
}

static void
add_neighbor (Host *host, Task *task, uint32_t index)
{
  HostNeighbor *neighbor = &host->neighbor[index];

  neighbor->object.role = OBJECT_ROLE_REFERENCE;
  object_begin (&neighbor->object, operation_on (task));
  HostNode node = state_tree_add_neighbor (&task->builder, index);
  if (operation_on (task) == OBJECT_UPDATE)
    neighbor_fill_cached (neighbor, host->config.parameters.TicksPerSecond, sim_now (host->sim),
                          node);
}

/* What stands behind the nodes. */
static TreeState
state_of (const Task *task)
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

/* Connections come by neighbor and path, so that each parent's are together. */
void
parents_begin (Host *host, Task *task)
{
  const HostObject *last = NULL;

  manager_begin_tree (host, task);
  state_tree_begin (&task->builder, host, task->op_id, state_of (task));
  for (uint32_t i = 0; i < task->n_ids; i++) {
    uint32_t path = host->connection[task->id[i]].path_index;
    const HostObject *object = parent_of (host, task, task->id[i]);
    if (object == last || !is_meant (task, object))
      continue;
    last = object;
    if (task->operation->layer == OFFLOAD_LAYER_PATH)
      add_path (host, task, path);
    else
      add_neighbor (host, task, host->path[path].setup.neighbor_index);
  }
  task->root = task->builder.root;
  if (task->root != NULL)
    manager_send (host, task);
  else
    manager_finish (host, task);
}

void
parents_complete_node (Host *host, Task *task, PNDIS_PROTOCOL_OFFLOAD_BLOCK_LIST node)
{
  uint32_t id = node->OffloadHandle->object_id;
  ObjectOperation what = operation_on (task);
  HostObject *object = task->operation->layer == OFFLOAD_LAYER_PATH
                           ? &host_path_by_object (host, id)->object
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
