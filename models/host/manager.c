#include "models/host/manager.h"

#include <glib.h>

#include "models/host/initiate.h"
#include "models/host/machine.h"
#include "models/host/parents.h"
#include "models/host/power.h"
#include "models/host/relink.h"
#include "models/host/state_operations.h"
#include "models/host/terminate.h"

static const TaskVerbs verbs[OPERATION_N_KINDS] = {
  [OPERATION_OFFLOAD] = { initiate_may_run, initiate_begin, initiate_complete_node },
  [OPERATION_UPLOAD] = { terminate_may_run, terminate_begin, terminate_complete_node },
  [OPERATION_UPDATE] = { update_may_run, update_begin, update_complete_node },
  [OPERATION_UPDATE_PARENTS] = { parents_may_run, parents_begin, parents_complete_node },
  [OPERATION_QUERY] = { query_may_run, query_begin, query_complete_node },
  [OPERATION_QUERY_PARENTS] = { parents_may_run, parents_begin, parents_complete_node },
  [OPERATION_QUERY_NEIGHBOR] = { ask_may_run, ask_begin, ask_complete_node },
  [OPERATION_INVALIDATE] = { parents_may_run, parents_begin, parents_complete_node },
  [OPERATION_RELINK] = { relink_may_run, relink_begin, relink_complete_node },
  [OPERATION_CLEAN] = { clean_may_run, clean_begin, terminate_complete_node },
};

const TaskVerbs *
manager_verbs (OperationKind kind)
{
  SIM_ASSERT (kind < OPERATION_N_KINDS);
  return &verbs[kind];
}

/* The queue */

static void
enqueue (HostManager *manager, Task *task)
{
  task->next = NULL;
  if (manager->first == NULL)
    manager->first = task;
  else
    manager->last->next = task;
  manager->last = task;
}

static void
unlink_waiting (HostManager *manager, Task *before, const Task *task)
{
  if (before == NULL)
    manager->first = task->next;
  else
    before->next = task->next;
  if (manager->last == task)
    manager->last = before;
}

static bool
has_room (const Host *host, const Task *task)
{
  const HostManager *manager = host->manager;
  uint32_t limit = 0;
  OperationKind kind = task->operation->kind;

  if (kind == OPERATION_OFFLOAD)
    limit = host->config.offload.max_outstanding_initiates;
  else if (kind == OPERATION_UPLOAD)
    limit = host->config.offload.max_outstanding_terminates;
  return limit == 0 || manager->n_outstanding[kind] < limit;
}

static bool
may_run (Host *host, Task *task)
{
  if (sim_time_before (sim_now (host->sim), task->ready) || !has_room (host, task))
    return false;
  return verbs[task->operation->kind].may_run (host, task);
}

/* Takes the first task that may run out of the queue; NULL: none may. */
static Task *
take_task (Host *host)
{
  HostManager *manager = host->manager;
  Task *before = NULL;

  for (Task *task = manager->first; task != NULL; before = task, task = task->next)
    if (may_run (host, task)) {
      unlink_waiting (manager, before, task);
      task->next = NULL;
      return task;
    }
  return NULL;
}

static void
arm_timer (Host *host)
{
  SimTime now = sim_now (host->sim);
  SimTime when = SIM_TIME_NEVER;

  for (const Task *task = host->manager->first; task != NULL; task = task->next)
    if (sim_time_before (now, task->ready))
      when = sim_time_min (when, task->ready);
  if (!sim_time_is_never (when))
    sim_event_schedule (host->sim, &host->manager->timer, when);
}

static void
work (Host *host)
{
  HostManager *manager = host->manager;

  if (manager->running != NULL || manager->is_sending)
    return;
  Task *task = take_task (host);
  if (task == NULL) {
    arm_timer (host);
    return;
  }
  manager->running = task;
  verbs[task->operation->kind].begin (host, task);
}

void
manager_wake (Host *host)
{
  const HostManager *manager = host->manager;
  if (manager->first != NULL && manager->running == NULL && !manager->is_sending)
    worker_wake (&host->manager->worker);
}

static void
timer_fired (Sim *sim, void *data)
{
  (void)sim;
  manager_wake (data);
}

/* Operations */

static void
queue_tasks (Host *host, Operation *operation, SimTime start)
{
  Task *task = operation_cut (host, operation, start);

  while (task != NULL) {
    Task *next = task->next;
    enqueue (host->manager, task);
    task = next;
  }
  manager_wake (host);
}

void
manager_requeue (Host *host, Task *task)
{
  if (host->manager->running == task)
    host->manager->running = NULL;
  enqueue (host->manager, task);
  manager_wake (host);
}

void
manager_submit (Host *host, Operation *operation)
{
  queue_tasks (host, operation, sim_now (host->sim));
}

void
manager_submit_for (Host *host, OperationKind kind, OffloadLayer layer, uint32_t index)
{
  manager_submit (host, operation_new_below (host, kind, layer, index));
}

/* The connections that failed are tried again. */
static void
try_again (Host *host, Operation *operation)
{
  operation_take_failed (host, operation);
  operation->rounds_left--;
  queue_tasks (host, operation,
               sim_time_add (sim_now (host->sim), host->config.offload.retry_delay));
}

static void
end_operation (Host *host, Operation *operation)
{
  HostCaller caller = operation->caller;
  bool succeeded = operation->failures == 0;

  if (!succeeded && operation->rounds_left > 0 && !host->manager->asleep) {
    try_again (host, operation);
    return;
  }
  if (operation->kind == OPERATION_CLEAN)
    host->manager->clean_queued = false;
  operation_free (operation);
  if (caller.done != NULL)
    caller.done (caller.data, caller.tag, succeeded);
}

void
manager_finish (Host *host, Task *task)
{
  HostManager *manager = host->manager;
  Operation *operation = task->operation;

  if (manager->running == task)
    manager->running = NULL;
  g_free (task);
  SIM_ASSERT (operation->tasks_left > 0);
  if (--operation->tasks_left == 0)
    end_operation (host, operation);
  manager_clean_parents (host);
  power_look (host);
  manager_wake (host);
}

void
manager_upload_connection (Host *host, Connection *c)
{
  HostCaller nobody = { 0 };
  HostBatch batch = { .tree = HOST_TREE_BY_PATH };

  if (c->bits & CONN_UPLOAD_WANTED || c->owner == OWN_HOST)
    return;
  c->bits |= CONN_UPLOAD_WANTED;
  manager_submit (host, operation_new (host, OPERATION_UPLOAD, (HostSet){ c->id, c->id }, &batch,
                                       nobody));
}

void
manager_clean_parents (Host *host)
{
  if (host->manager->clean_queued || !clean_is_due (host))
    return;
  host->manager->clean_queued = true;
  HostCaller nobody = { 0 };
  HostBatch batch = { .tree = HOST_TREE_ONE };
  HostSet none = { .first = 1, .last = 0 };
  manager_submit (host, operation_new (host, OPERATION_CLEAN, none, &batch, nobody));
}

void
manager_cancel_offloads (Host *host)
{
  HostManager *manager = host->manager;
  Task *task = manager->first;

  manager->first = manager->last = NULL;
  while (task != NULL) {
    Task *next = task->next;
    if (task->operation->kind == OPERATION_OFFLOAD) {
      for (uint32_t i = 0; i < task->n_ids; i++)
        operation_fail (task->operation, task->id[i]);
      manager_finish (host, task);
    } else {
      enqueue (manager, task);
    }
    task = next;
  }
  manager_wake (host);
}

bool
manager_is_idle (const Host *host)
{
  const HostManager *manager = host->manager;
  return manager->running == NULL && !manager->is_sending && manager->outstanding == NULL
         && manager->first == NULL;
}

bool
manager_is_held (const Host *host)
{
  const HostManager *manager = host->manager;

  if (manager->running != NULL || manager->is_sending || manager->outstanding != NULL)
    return false;
  for (const Task *task = manager->first; task != NULL; task = task->next)
    if (task->operation->kind != OPERATION_OFFLOAD)
      return false;
  return manager->paused;
}

bool
manager_has_outstanding (const Host *host, OperationKind kind)
{
  return host->manager->n_outstanding[kind] > 0;
}

void
manager_init (Host *host)
{
  host->manager = g_new0 (HostManager, 1);
  worker_init (&host->manager->worker, host, work);
  sim_event_init (&host->manager->timer, SIM_PHASE_HOST, host->config.actor_id, timer_fired, host);
}

/* Trees go with Ndis's pools. */
static void
free_tasks (Task *task)
{
  while (task != NULL) {
    Task *next = task->next;
    Operation *operation = task->operation;
    g_free (task);
    if (--operation->tasks_left == 0)
      operation_free (operation);
    task = next;
  }
}

void
manager_clear (Host *host)
{
  HostManager *manager = host->manager;

  sim_event_cancel (host->sim, &manager->timer);
  worker_clear (&manager->worker);
  free_tasks (manager->running);
  free_tasks (manager->first);
  free_tasks (manager->outstanding);
  g_free (manager);
}
