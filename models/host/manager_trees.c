/* The offload manager's trees: on their way down, and back. */
#include "models/host/manager.h"

#include "models/host/machine.h"
#include "models/host/misdeeds.h"
#include "models/host/power.h"
#include "models/host/relink.h"

static void
trace_stage (Host *host, const Task *task, LatencyStage stage)
{
  int64_t connection = task->n_ids > 0 ? task->id[0] : UINT32_MAX;
  TRACE (host->trace, host->config.actor_id, STAGE, operation_latency (task->operation->kind),
         task->op_id, stage, connection);
}

void
manager_begin_tree (Host *host, Task *task)
{
  task->op_id = ndis_next_op_id (host->ndis);
  if (host->n_moves != task->operation->n_moves)
    operation_order (host, task->id, task->n_ids);
  trace_stage (host, task, STAGE_HOST);
}

/* The call has returned.  Its tree may have been completed meanwhile: |task| need not exist. */
static void
sent (SimCpu *cpu, const SimStepArgs *args)
{
  (void)cpu;
  Host *host = args->self;

  if (misdeeds_after_call (host, sent))
    return;
  host->manager->is_sending = false;
  power_look (host);
  manager_wake (host);
}

static void
pass_relink_down (Host *host, const Task *task)
{
  switch ((RelinkStage)task->stage) {
  case RELINK_INVALIDATE:
    host->stats.invalidate_trees++;
    NdisInvalidateOffload (host->binding, task->root);
    return;
  case RELINK_INITIATE:
    host->stats.initiate_trees++;
    NdisInitiateOffload (host->binding, task->root);
    return;
  case RELINK_UPDATE:
    host->stats.update_trees++;
    NdisUpdateOffload (host->binding, task->root);
    return;
  }
  SIM_UNREACHABLE ();
}

static void
pass_down (Host *host, const Task *task)
{
  switch (task->operation->kind) {
  case OPERATION_OFFLOAD:
    host->stats.initiate_trees++;
    NdisInitiateOffload (host->binding, task->root);
    return;
  case OPERATION_UPLOAD:
  case OPERATION_CLEAN:
    host->stats.terminate_trees++;
    NdisTerminateOffload (host->binding, task->root);
    return;
  case OPERATION_RELINK:
    pass_relink_down (host, task);
    return;
  case OPERATION_UPDATE:
  case OPERATION_UPDATE_PARENTS:
    host->stats.update_trees++;
    NdisUpdateOffload (host->binding, task->root);
    return;
  case OPERATION_QUERY:
  case OPERATION_QUERY_PARENTS:
  case OPERATION_QUERY_NEIGHBOR:
    host->stats.query_trees++;
    NdisQueryOffloadState (host->binding, task->root);
    return;
  case OPERATION_INVALIDATE:
    host->stats.invalidate_trees++;
    NdisInvalidateOffload (host->binding, task->root);
    return;
  case OPERATION_N_KINDS:
    break;
  }
  SIM_UNREACHABLE ();
}

void
manager_send (Host *host, Task *task)
{
  HostManager *manager = host->manager;
  SimStepArgs args = { .self = host };

  SIM_ASSERT (task->root != NULL);
  manager->running = NULL;
  manager->is_sending = true;
  task->next = manager->outstanding;
  manager->outstanding = task;
  manager->n_outstanding[task->operation->kind]++;
  manager->last_sent = misdeeds_remember (host, task);
  ndis_then (host->ndis, sent, args);
  pass_down (host, task);
}

void
manager_adopt (Host *host, OperationKind kind, uint32_t op_id,
               PNDIS_PROTOCOL_OFFLOAD_BLOCK_LIST root)
{
  HostManager *manager = host->manager;
  HostSet none = { .first = 1, .last = 0 };
  Operation *operation = operation_new (host, kind, none, NULL, (HostCaller){ 0 });
  Task *task = operation_cut (host, operation, sim_now (host->sim));

  task->op_id = op_id;
  task->root = root;
  task->next = manager->outstanding;
  manager->outstanding = task;
  manager->n_outstanding[kind]++;
}

static Task *
take_outstanding (HostManager *manager, uint32_t op_id)
{
  Task **link = &manager->outstanding;

  while (*link != NULL && (*link)->op_id != op_id)
    link = &(*link)->next;
  Task *task = *link;
  if (task != NULL)
    *link = task->next;
  return task;
}

static void complete_step (SimCpu *cpu, const SimStepArgs *args);

static void
end_tree (Host *host, Task *task)
{
  trace_stage (host, task, STAGE_END);
  block_tree_free (task->root);
  task->root = NULL;
  misdeeds_after_initiate (task);
  host->manager->n_outstanding[task->operation->kind]--;
  host->parents_changed = true;
  if (!task->again) {
    manager_finish (host, task);
    return;
  }
  task->again = false;
  manager_requeue (host, task);
}

static void
end_step (SimCpu *cpu, const SimStepArgs *args)
{
  (void)cpu;
  end_tree (args->self, args->object);
}

/* What a terminated connection had buffered goes back to the driver that indicated it. */
static void
return_buffered (Host *host, Task *task)
{
  SimStepArgs args = { .self = host, .object = task };
  NET_BUFFER_LIST *list = task->frames.first;

  task->frames = (FrameList){ 0 };
  ndis_then (host->ndis, end_step, args);
  NdisOffloadTcpReceiveReturn (host->binding, list);
}

static void
complete_next (Host *host, Task *task)
{
  NDIS_MINIPORT_OFFLOAD_BLOCK_LIST *node = block_walk_next (&task->walk);

  if (node == NULL) {
    if (task->frames.first != NULL)
      return_buffered (host, task);
    else
      end_tree (host, task);
    return;
  }
  processors_charge (host, HOST_COST_OFFLOAD_COMPLETE, PART_OFFLOAD_MANAGER, WAY_STATE, 1);
  PNDIS_PROTOCOL_OFFLOAD_BLOCK_LIST list = (PNDIS_PROTOCOL_OFFLOAD_BLOCK_LIST)node;
  if (list->OffloadHandle != NULL)
    manager_verbs (task->operation->kind)->complete_node (host, task, list);
  processors_then (host, complete_step, task);
}

static void
complete_step (SimCpu *cpu, const SimStepArgs *args)
{
  (void)cpu;
  complete_next (args->self, args->object);
}

void
manager_complete (Host *host, PNDIS_PROTOCOL_OFFLOAD_BLOCK_LIST root)
{
  Task *task = take_outstanding (host->manager, root->model.op_id);

  SIM_ASSERT (task != NULL);
  SIM_ASSERT (task->root == root);
  task->walk = block_walk_begin (block_list_miniport_view (root));
  complete_next (host, task);
}
