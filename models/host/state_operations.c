#include "models/host/state_operations.h"

#include "models/host/initiate.h"
#include "models/host/machine.h"
#include "models/host/manager.h"
#include "models/host/options.h"

/* What update and query have in common: a node for each connection that the target has */

static bool
is_settled (const Connection *c)
{
  return c->owner == OWN_HOST || c->owner == OWN_OFFLOADED;
}

static bool
all_settled (const Host *host, Task *task)
{
  for (; task->settled < task->n_ids; task->settled++)
    if (!is_settled (&host->connection[task->id[task->settled]]))
      return false;
  return true;
}

static void
choose_offloaded (Host *host, Task *task)
{
  task->n_chosen = 0;
  for (uint32_t i = 0; i < task->n_ids; i++)
    if (host->connection[task->id[i]].owner == OWN_OFFLOADED)
      task->id[task->n_chosen++] = task->id[i];
}

/* Connections hang from placeholders, or from nothing in a flat tree: their parents are not
 * meant. */
static void
set_roles (Host *host, const Task *task)
{
  HostTreeShape shape = task->operation->batch.tree;
  bool wants_neighbors = shape == HOST_TREE_BY_NEIGHBOR || shape == HOST_TREE_ONE;

  for (uint32_t i = 0; i < task->n_chosen; i++) {
    HostPath *path = host_path_of (host, &host->connection[task->id[i]]);
    path->object.role = shape == HOST_TREE_FLAT ? OBJECT_ROLE_NONE : OBJECT_ROLE_PLACEHOLDER;
    host_neighbor_of (host, path)->object.role =
        wants_neighbors ? OBJECT_ROLE_PLACEHOLDER : OBJECT_ROLE_NONE;
  }
}

static void build_next (Host *host, Task *task);

static void
build_next_step (SimCpu *cpu, const SimStepArgs *args)
{
  (void)cpu;
  build_next (args->self, args->object);
}

static void
begin_on_connections (Host *host, Task *task)
{
  manager_begin_tree (host, task);
  choose_offloaded (host, task);
  if (task->n_chosen == 0) {
    manager_finish (host, task);
    return;
  }
  set_roles (host, task);
  state_tree_begin (&task->builder, host, task->op_id, TREE_STATE_NONE);
  task->at = 0;
  build_next (host, task);
}

static void
build_next (Host *host, Task *task)
{
  Connection *c = &host->connection[task->id[task->at++]];

  if (task->operation->kind == OPERATION_UPDATE) {
    HostNode node = state_tree_add (&task->builder, c, TREE_STATE_CACHED);
    TCP_OFFLOAD_STATE_CACHED *cached = block_list_cached_state (block_list_miniport_view (node));
    OFFLOAD_STATE_HEADER header = cached->Header;
    tcp_export_cached (&c->tcb, cached);
    cached->Header = header;
    cached->UserPriority = c->user_priority & 0x7u;
    cached->Flags |= options_commands (&task->operation->options);
  } else {
    state_tree_add (&task->builder, c, TREE_STATE_ALL);
  }
  c->operations++;
  if (task->at < task->n_chosen) {
    processors_then (host, build_next_step, task);
    return;
  }
  task->root = task->builder.root;
  manager_send (host, task);
}

static void
complete_connection (Host *host, Task *task, PNDIS_PROTOCOL_OFFLOAD_BLOCK_LIST node)
{
  Connection *c = host_connection (host, node->OffloadHandle->connection_id);

  SIM_ASSERT (c->operations > 0);
  c->operations--;
  if (node->Status == NDIS_STATUS_SUCCESS)
    return;
  operation_fail (task->operation, c->id);
  manager_upload_connection (host, c);
}

/* Update */

static void
apply_options (Host *host, const Task *task)
{
  for (uint32_t i = 0; i < task->n_ids; i++)
    options_apply (host, &host->connection[task->id[i]], &task->operation->options);
}

bool
update_may_run (Host *host, Task *task)
{
  if (!all_settled (host, task))
    return false;
  for (uint32_t i = 0; i < task->n_ids; i++)
    if (host->connection[task->id[i]].operations > 0)
      return false;
  return true;
}

void
update_begin (Host *host, Task *task)
{
  apply_options (host, task);
  begin_on_connections (host, task);
}

void
update_complete_node (Host *host, Task *task, PNDIS_PROTOCOL_OFFLOAD_BLOCK_LIST node)
{
  complete_connection (host, task, node);
}

/* Who hangs from |object|, a path or a neighbor, goes back to the host; the object follows when
 * nothing depends on it any more. */
static void
upload_dependents (Host *host, const HostObject *object)
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

/* Update of neighbors or paths */

static HostObject *
parent_of (Host *host, const Task *task, uint32_t connection_id)
{
  HostPath *path = host_path_of (host, &host->connection[connection_id]);

  return task->operation->layer == OFFLOAD_LAYER_PATH ? &path->object
                                                      : &host_neighbor_of (host, path)->object;
}

bool
parents_may_run (Host *host, Task *task)
{
  for (uint32_t i = 0; i < task->n_ids; i++) {
    const HostObject *object = parent_of (host, task, task->id[i]);
    if (object_is_moving (object) || object->operations > 0)
      return false;
  }
  return true;
}

static void
add_path_update (Host *host, Task *task, uint32_t index)
{
  HostPath *path = &host->path[index];
  HostObject *neighbor = &host_neighbor_of (host, path)->object;

  neighbor->role = OBJECT_ROLE_PLACEHOLDER;
  path->object.role = OBJECT_ROLE_REFERENCE;
  path->object.operations++;
  path_fill_cached (path, state_tree_add_path (&task->builder, index));
}

static void
add_neighbor_update (Host *host, Task *task, uint32_t index)
{
  HostNeighbor *neighbor = &host->neighbor[index];

  neighbor->object.role = OBJECT_ROLE_REFERENCE;
  neighbor->object.operations++;
  neighbor_fill_cached (neighbor, host->config.parameters.TicksPerSecond, sim_now (host->sim),
                        state_tree_add_neighbor (&task->builder, index));
}

/* Connections come by neighbor and path, so that each parent's are together. */
void
parents_begin (Host *host, Task *task)
{
  const HostObject *last = NULL;

  manager_begin_tree (host, task);
  state_tree_begin (&task->builder, host, task->op_id, TREE_STATE_CACHED);
  for (uint32_t i = 0; i < task->n_ids; i++) {
    uint32_t path = host->connection[task->id[i]].path_index;
    const HostObject *object = parent_of (host, task, task->id[i]);
    if (object == last || object->state != OBJECT_OFFLOADED || object->invalid)
      continue;
    last = object;
    if (task->operation->layer == OFFLOAD_LAYER_PATH)
      add_path_update (host, task, path);
    else
      add_neighbor_update (host, task, host->path[path].setup.neighbor_index);
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
  HostObject *object = task->operation->layer == OFFLOAD_LAYER_PATH
                           ? &host_path_by_object (host, id)->object
                           : &host_neighbor_by_object (host, id)->object;

  SIM_ASSERT (object->operations > 0);
  object->operations--;
  if (node->Status == NDIS_STATUS_SUCCESS)
    return;
  operation_fail (task->operation, task->id[0]);
  upload_dependents (host, object); /* UPD-19 */
}

/* Query */

bool
query_may_run (Host *host, Task *task)
{
  return all_settled (host, task);
}

void
query_begin (Host *host, Task *task)
{
  begin_on_connections (host, task);
}

void
query_complete_node (Host *host, Task *task, PNDIS_PROTOCOL_OFFLOAD_BLOCK_LIST node)
{
  complete_connection (host, task, node);
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
  neighbor->object.operations++;
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

  SIM_ASSERT (neighbor->object.operations > 0);
  neighbor->object.operations--;
  neighbor_queried (host, neighbor, is_told ? delegated->NicReachabilityDelta : UINT32_MAX);
}

/* Invalidate */

bool
invalidate_may_run (Host *host, Task *task)
{
  for (uint32_t i = 0; i < task->n_ids; i++) {
    HostPath *path = host_path_of (host, &host->connection[task->id[i]]);
    if (object_is_moving (&host_neighbor_of (host, path)->object))
      return false;
  }
  return true;
}

void
invalidate_begin (Host *host, Task *task)
{
  manager_begin_tree (host, task);
  state_tree_begin (&task->builder, host, task->op_id, TREE_STATE_NONE);
  for (uint32_t i = 0; i < task->n_ids; i++) {
    HostPath *path = host_path_of (host, &host->connection[task->id[i]]);
    HostObject *neighbor = &host_neighbor_of (host, path)->object;
    if (path->setup.neighbor_index == task->builder.neighbor_index
        || neighbor->state != OBJECT_OFFLOADED)
      continue;
    neighbor->role = OBJECT_ROLE_REFERENCE;
    neighbor->operations++;
    state_tree_add_neighbor (&task->builder, path->setup.neighbor_index);
  }
  task->root = task->builder.root;
  if (task->root != NULL)
    manager_send (host, task);
  else
    manager_finish (host, task);
}

void
invalidate_complete_node (Host *host, Task *task, PNDIS_PROTOCOL_OFFLOAD_BLOCK_LIST node)
{
  HostNeighbor *neighbor = host_neighbor_by_object (host, node->OffloadHandle->object_id);

  SIM_ASSERT (neighbor->object.operations > 0);
  neighbor->object.operations--;
  neighbor->object.invalid = true;
  if (node->Status != NDIS_STATUS_SUCCESS && task->n_ids > 0)
    operation_fail (task->operation, task->id[0]);
  upload_dependents (host, &neighbor->object); /* INV-06 */
}
