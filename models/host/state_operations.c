#include "models/host/state_operations.h"

#include "models/host/initiate.h"
#include "models/host/machine.h"
#include "models/host/manager.h"
#include "models/host/options.h"
#include "models/host/parents.h"

/* What update and query have in common: a node for each connection that the target has */

static bool
is_settled (const Connection *c)
{
  return c->owner == OWN_HOST || c->owner == OWN_OFFLOADED;
}

/* Those before the one that was waited for last may have set out again by now. */
static bool
all_settled (const Host *host, Task *task)
{
  for (; task->settled < task->n_ids; task->settled++)
    if (!is_settled (&host->connection[task->id[task->settled]]))
      return false;
  for (task->settled = 0; task->settled < task->n_ids; task->settled++)
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
  state_tree_begin (&task->builder, host, task->op_id, parents_state (task));
  task->at = 0;
  build_next (host, task);
}

static void
build_next (Host *host, Task *task)
{
  Connection *c = &host->connection[task->id[task->at++]];

  if (task->operation->aim == HOST_AIM_ALL)
    parents_add (host, task, c->path_index);
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
  c->updates += task->operation->kind == OPERATION_UPDATE;
  if (task->at < task->n_chosen) {
    processors_then (host, build_next_step, task);
    return;
  }
  task->root = task->builder.root;
  manager_send (host, task);
}

static void
complete_node (Host *host, Task *task, PNDIS_PROTOCOL_OFFLOAD_BLOCK_LIST node)
{
  if (block_list_layer ((OFFLOAD_STATE_TYPE)node->Header.Type) != OFFLOAD_LAYER_TCP) {
    parents_complete_node (host, task, node);
    return;
  }
  Connection *c = host_connection (host, node->OffloadHandle->connection_id);

  SIM_ASSERT (c->operations > 0);
  c->operations--;
  c->updates -= task->operation->kind == OPERATION_UPDATE;
  if (node->Status == NDIS_STATUS_SUCCESS)
    return;
  operation_fail (task->operation, c->id);
  /* Hardware that defeats a query is told of by events, and then terminated (TERM-33). */
  if (task->operation->kind != OPERATION_QUERY)
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
  if (!all_settled (host, task) || !parents_may_run (host, task))
    return false;
  for (uint32_t i = 0; i < task->n_ids; i++)
    if (host->connection[task->id[i]].updates > 0)
      return false; /* UPD-04 */
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
  complete_node (host, task, node);
}

/* Query */

bool
query_may_run (Host *host, Task *task)
{
  return all_settled (host, task) && parents_may_run (host, task);
}

void
query_begin (Host *host, Task *task)
{
  begin_on_connections (host, task);
}

void
query_complete_node (Host *host, Task *task, PNDIS_PROTOCOL_OFFLOAD_BLOCK_LIST node)
{
  complete_node (host, task, node);
}
