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

/* All of them, whoever named the neighbor: it must be terminated in the end (INV-06). */
static void
upload_dependents (Host *host, const HostNeighbor *neighbor)
{
  for (uint32_t id = 0; id < host->config.n_connections; id++) {
    Connection *c = &host->connection[id];
    if (c->added && host_neighbor_of (host, host_path_of (host, c)) == neighbor)
      manager_upload_connection (host, c);
  }
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
  upload_dependents (host, neighbor);
}

/* Relink */

static HostNeighbor *
new_neighbor (Host *host, const Task *task)
{
  return &host->neighbor[task->operation->neighbor_index];
}

bool
relink_may_run (Host *host, Task *task)
{
  if (object_is_moving (&new_neighbor (host, task)->object))
    return false;
  for (uint32_t i = 0; i < task->n_ids; i++)
    if (object_is_moving (&host_path_of (host, &host->connection[task->id[i]])->object))
      return false;
  return true;
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

  task->stage = 0;
  neighbor->role = OBJECT_ROLE_NEW;
  state_tree_add_neighbor (&task->builder, task->operation->neighbor_index);
  object_step (neighbor, OBJECT_EV_INITIATE);
  object_add_dependent (neighbor); /* it stays until the paths have been linked to it */
  task->holds_neighbor = true;
}

static void
release_neighbor (Host *host, Task *task)
{
  if (task->holds_neighbor)
    object_remove_dependent (&new_neighbor (host, task)->object);
  task->holds_neighbor = false;
}

static void
update_links (Host *host, Task *task)
{
  HostObject *neighbor = &new_neighbor (host, task)->object;

  task->stage = 1;
  neighbor->role = OBJECT_ROLE_REFERENCE;
  state_tree_add_neighbor (&task->builder, task->operation->neighbor_index);
  neighbor->operations++;
  for (uint32_t i = 0; i < task->n_ids; i++) {
    uint32_t index = host->connection[task->id[i]].path_index;
    HostPath *path = &host->path[index];
    if (path->setup.neighbor_index == task->operation->neighbor_index
        || path->object.state != OBJECT_OFFLOADED)
      continue;
    path->object.role = OBJECT_ROLE_REFERENCE;
    path->object.operations++;
    path_set_neighbor (host, path, task->operation->neighbor_index);
    state_tree_add_path (&task->builder, index);
  }
}

void
relink_begin (Host *host, Task *task)
{
  manager_begin_tree (host, task);
  if (!move_own_paths (host, task)) {
    release_neighbor (host, task);
    manager_finish (host, task);
    return;
  }
  state_tree_begin (&task->builder, host, task->op_id, TREE_STATE_NONE);
  if (new_neighbor (host, task)->object.state == OBJECT_HOST)
    initiate_neighbor (host, task);
  else
    update_links (host, task);
  task->root = task->builder.root;
  manager_send (host, task);
}

static void
complete_new_neighbor (Host *host, Task *task, NDIS_STATUS status)
{
  HostObject *neighbor = &new_neighbor (host, task)->object;

  if (initiate_succeeded (status)) {
    object_step (neighbor, OBJECT_EV_INITIATE_OK);
    task->again = true; /* the paths follow */
    return;
  }
  object_step (neighbor, OBJECT_EV_INITIATE_FAIL);
  release_neighbor (host, task);
  operation_fail (task->operation, task->id[0]);
}

static void
complete_path (Host *host, Task *task, PNDIS_PROTOCOL_OFFLOAD_BLOCK_LIST node)
{
  HostPath *path = host_path_by_object (host, node->OffloadHandle->object_id);

  SIM_ASSERT (path->object.operations > 0);
  path->object.operations--;
  if (node->Status == NDIS_STATUS_SUCCESS)
    return;
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

  if (task->stage == 0) {
    complete_new_neighbor (host, task, node->Status);
  } else if (block_list_layer ((OFFLOAD_STATE_TYPE)node->Header.Type) == OFFLOAD_LAYER_NEIGHBOR) {
    SIM_ASSERT (neighbor->operations > 0);
    neighbor->operations--;
    release_neighbor (host, task);
  } else {
    complete_path (host, task, node);
  }
}
