#include "models/host/operation.h"

#include <glib.h>

#include "models/host/machine.h"

/* Dealing connections by neighbor, path and id */

uint32_t *
operation_rank_paths (const Host *host)
{
  uint32_t *begin = g_new0 (uint32_t, host->n_neighbors + 1);
  uint32_t *rank = g_new (uint32_t, host->n_paths);

  for (uint32_t p = 0; p < host->n_paths; p++)
    begin[host->path[p].setup.neighbor_index + 1]++;
  for (uint32_t n = 0; n < host->n_neighbors; n++)
    begin[n + 1] += begin[n];
  for (uint32_t p = 0; p < host->n_paths; p++)
    rank[p] = begin[host->path[p].setup.neighbor_index]++;
  g_free (begin);
  return rank;
}

/* Puts |ids| in the order of neighbors and paths; within a path they stay as they are. */
static void
deal (const Host *host, const uint32_t *ids, uint32_t n_ids, uint32_t *ret_ids)
{
  uint32_t *rank = operation_rank_paths (host);
  uint32_t *begin = g_new0 (uint32_t, host->n_paths + 1);

  for (uint32_t i = 0; i < n_ids; i++)
    begin[rank[host->connection[ids[i]].path_index] + 1]++;
  for (uint32_t p = 0; p < host->n_paths; p++)
    begin[p + 1] += begin[p];
  for (uint32_t i = 0; i < n_ids; i++)
    ret_ids[begin[rank[host->connection[ids[i]].path_index]]++] = ids[i];
  g_free (begin);
  g_free (rank);
}

void
operation_order (const Host *host, uint32_t *ids, uint32_t n_ids)
{
  g_autofree uint32_t *before = g_memdup2 (ids, n_ids * sizeof *ids);
  deal (host, before, n_ids, ids);
}

void
operation_set_ids (const Host *host, Operation *operation, const uint32_t *ids, uint32_t n_ids)
{
  g_free (operation->id);
  g_free (operation->failed_id);
  operation->n_ids = n_ids;
  operation->id = g_new (uint32_t, n_ids + 1);
  operation->failed_id = g_new (uint32_t, n_ids + 1);
  deal (host, ids, n_ids, operation->id);
}

static void
collect_ids (const Host *host, Operation *operation, HostSet set)
{
  uint32_t last = MIN (set.last, host->config.n_connections - 1);
  uint32_t n_max = set.first <= last ? last - set.first + 1 : 0;
  g_autofree uint32_t *ids = g_new (uint32_t, n_max + 1);

  for (uint32_t id = set.first; id <= last; id++)
    if (host->connection[id].added)
      ids[operation->n_ids++] = id;
  operation->id = g_new (uint32_t, operation->n_ids + 1);
  deal (host, ids, operation->n_ids, operation->id);
}

void
operation_take_failed (const Host *host, Operation *operation)
{
  deal (host, operation->failed_id, operation->n_failed, operation->id);
  operation->n_ids = operation->n_failed;
  operation->n_failed = 0;
  operation->failures = 0;
}

Operation *
operation_new (Host *host, OperationKind kind, HostSet set, const HostBatch *batch,
               HostCaller caller)
{
  Operation *operation = g_new0 (Operation, 1);

  operation->kind = kind;
  operation->n_moves = host->n_moves;
  operation->batch = batch != NULL ? *batch : host->config.offload.batch;
  operation->caller = caller;
  operation->rounds_left = kind == OPERATION_OFFLOAD ? host->config.offload.retries_max : 0;
  if (host->config.n_connections > 0)
    collect_ids (host, operation, set);
  operation->failed_id = g_new (uint32_t, operation->n_ids + 1);
  return operation;
}

static bool
is_below (Host *host, const Connection *c, OffloadLayer layer, uint32_t index)
{
  if (!c->added)
    return false;
  return layer == OFFLOAD_LAYER_PATH ? c->path_index == index
                                     : host_path_of (host, c)->setup.neighbor_index == index;
}

Operation *
operation_new_below (Host *host, OperationKind kind, OffloadLayer layer, uint32_t index)
{
  HostSet none = { .first = 1, .last = 0 };
  HostBatch batch = { .tree = HOST_TREE_ONE };
  Operation *operation = operation_new (host, kind, none, &batch, (HostCaller){ 0 });
  g_autofree uint32_t *ids = g_new (uint32_t, host->config.n_connections + 1);

  for (uint32_t id = 0; id < host->config.n_connections; id++)
    if (is_below (host, &host->connection[id], layer, index))
      ids[operation->n_ids++] = id;
  g_free (operation->id);
  g_free (operation->failed_id);
  operation->id = g_new (uint32_t, operation->n_ids + 1);
  operation->failed_id = g_new (uint32_t, operation->n_ids + 1);
  deal (host, ids, operation->n_ids, operation->id);
  operation->aim = layer == OFFLOAD_LAYER_PATH ? HOST_AIM_PATHS : HOST_AIM_NEIGHBORS;
  operation->neighbor_index = index;
  return operation;
}

void
operation_free (Operation *operation)
{
  if (operation == NULL)
    return;
  g_free (operation->id);
  g_free (operation->failed_id);
  g_free (operation);
}

/* Cutting */

/* True if |id| stands in another tree than |before|, of the same batch. */
static bool
begins_tree (const Host *host, HostTreeShape shape, uint32_t before, uint32_t id)
{
  uint32_t path_before = host->connection[before].path_index;
  uint32_t path = host->connection[id].path_index;

  switch (shape) {
  case HOST_TREE_BY_PATH:
    return path_before != path;
  case HOST_TREE_BY_NEIGHBOR:
    return host->path[path_before].setup.neighbor_index != host->path[path].setup.neighbor_index;
  case HOST_TREE_FLAT:
    return true;
  case HOST_TREE_ONE:
  case HOST_N_TREE_SHAPES:
    return false;
  }
  SIM_UNREACHABLE ();
}

static Task *
new_task (Operation *operation, uint32_t *id, SimTime ready)
{
  Task *task = g_new0 (Task, 1);

  task->operation = operation;
  task->id = id;
  task->ready = ready;
  operation->tasks_left++;
  return task;
}

Task *
operation_cut (Host *host, Operation *operation, SimTime start)
{
  uint32_t size = operation->batch.size > 0 ? operation->batch.size : UINT32_MAX;
  Task *first = new_task (operation, operation->id, start);
  Task *task = first;

  for (uint32_t i = 0; i < operation->n_ids; i++) {
    bool begins_batch = i > 0 && i % size == 0;
    if (begins_batch)
      start = sim_time_add (start, operation->batch.gap);
    if (begins_batch
        || (i > 0
            && begins_tree (host, operation->batch.tree, operation->id[i - 1], operation->id[i]))) {
      task->next = new_task (operation, &operation->id[i], start);
      task = task->next;
    }
    task->n_ids++;
  }
  return first;
}

void
operation_fail (Operation *operation, uint32_t connection_id)
{
  operation->failures++;
  if (operation->n_failed < operation->n_ids)
    operation->failed_id[operation->n_failed++] = connection_id;
}

LatencyClass
operation_latency (OperationKind kind)
{
  switch (kind) {
  case OPERATION_OFFLOAD:
    return LATENCY_OFFLOAD;
  case OPERATION_UPLOAD:
  case OPERATION_CLEAN:
    return LATENCY_UPLOAD;
  case OPERATION_UPDATE:
  case OPERATION_UPDATE_PARENTS:
  case OPERATION_RELINK:
    return LATENCY_UPDATE;
  case OPERATION_QUERY:
  case OPERATION_QUERY_PARENTS:
  case OPERATION_QUERY_NEIGHBOR:
    return LATENCY_QUERY;
  case OPERATION_INVALIDATE:
    return LATENCY_INVALIDATE;
  case OPERATION_N_KINDS:
    break;
  }
  SIM_UNREACHABLE ();
}
