#include "models/host/initiate.h"

#include "models/host/hand_over.h"
#include "models/host/machine.h"
#include "models/host/manager.h"
#include "models/host/misdeeds.h"
#include "models/host/state_tree.h"
#include "models/host/tcp_path.h"

/* Everything that is due at once goes out before the export. */
#define PREPARE_SEGMENTS_MAX 64

bool
initiate_succeeded (NDIS_STATUS status)
{
  return status == NDIS_STATUS_SUCCESS || status == NDIS_STATUS_OFFLOAD_PARTIAL_SUCCESS;
}

/* Whether */

static bool
is_settled (const Connection *c)
{
  return c->owner == OWN_HOST || c->owner == OWN_OFFLOADED;
}

static bool
parents_are_settled (Host *host, const Connection *c)
{
  HostPath *path = host_path_of (host, c);
  const HostObject *neighbor = &host_neighbor_of (host, path)->object;

  return !object_is_moving (&path->object) && !object_is_moving (neighbor) && !neighbor->invalid
         && !path->object.invalid;
}

static bool
nothing_can_go (const HostManager *manager)
{
  return manager->unavailable || manager->asleep;
}

bool
initiate_may_run (Host *host, Task *task)
{
  const HostManager *manager = host->manager;
  bool is_enabled = manager->enabled || host_has_defect (host, HOST_DEFECT_INITIATE_BEFORE_OID);

  if (nothing_can_go (manager))
    return true; /* to fail */
  if (!is_enabled || power_holds_initiates (host))
    return false;
  for (; task->settled < task->n_ids; task->settled++)
    if (!is_settled (&host->connection[task->id[task->settled]]))
      return false;
  for (uint32_t i = 0; i < task->n_ids; i++)
    if (!parents_are_settled (host, &host->connection[task->id[i]]))
      return false;
  return true;
}

static bool
may_offload (Host *host, const Connection *c)
{
  if (nothing_can_go (host->manager) || c->owner != OWN_HOST)
    return false;
  const HostPath *path = host_path_of (host, c);
  const HostNeighbor *neighbor = host_neighbor_of (host, path);
  if (neighbor->object.invalid || path->object.invalid || !neighbor_is_known (neighbor))
    return false;
  if (tcp_state_can_offload (tcp_state (&c->tcb)) && !(c->bits & CONN_ABORTED))
    return true;
  return host_strikes (host, HOST_DEFECT_OFFLOAD_WRONG_STATE, c->handle.object_id);
}

/* Preparation: one connection a step */

static void build (Host *host, Task *task);
static void prepare_next (Host *host, Task *task);

static void
build_step (SimCpu *cpu, const SimStepArgs *args)
{
  (void)cpu;
  build (args->self, args->object);
}

static void
prepare_step (SimCpu *cpu, const SimStepArgs *args)
{
  (void)cpu;
  prepare_next (args->self, args->object);
}

static void
prepare (Host *host, Task *task, Connection *c)
{
  if (!nothing_can_go (host->manager))
    c->bits &= ~(uint32_t)CONN_TRACKED; /* it has its turn */
  if (!may_offload (host, c)) {
    if (c->owner != OWN_OFFLOADED)
      operation_fail (task->operation, c->id);
    return;
  }
  processors_charge (host, HOST_COST_OFFLOAD_DECIDE, PART_OFFLOAD_MANAGER, WAY_STATE, 1);
  connection_change_owner (host, c, OWN_EV_PREPARE, task->op_id);
  tcp_flush_for_handover (&c->tcb, sim_now (host->sim));
  tcp_path_pull (host, c, PREPARE_SEGMENTS_MAX, &task->frames);
  task->id[task->n_chosen++] = c->id;
}

static void
end_preparation (Host *host, Task *task)
{
  SimStepArgs args = { .self = host, .object = task };

  task->at = 0;
  if (task->n_chosen == 0) {
    manager_finish (host, task);
    return;
  }
  FrameList frames = task->frames;
  task->frames = (FrameList){ 0 };
  if (frames.first != NULL)
    frames_send (host, &frames, build_step, &args);
  else
    processors_then (host, build_step, task);
}

static void
prepare_next (Host *host, Task *task)
{
  if (task->at == task->n_ids) {
    end_preparation (host, task);
    return;
  }
  prepare (host, task, &host->connection[task->id[task->at++]]);
  processors_then (host, prepare_step, task);
}

void
initiate_begin (Host *host, Task *task)
{
  manager_begin_tree (host, task);
  task->n_chosen = 0;
  task->at = 0;
  prepare_next (host, task);
}

/* Building */

static void
set_role (HostObject *object)
{
  object->role = object->state == OBJECT_HOST ? OBJECT_ROLE_NEW : OBJECT_ROLE_REFERENCE;
}

/* An offloaded neighbor need not be named if no new path hangs from it: then the paths are roots,
 * or hang from a placeholder where the shape of the tree wants the level. */
static void
set_roles (Host *host, Task *task)
{
  HostTreeShape shape = task->operation->batch.tree;
  bool wants_level = shape == HOST_TREE_BY_NEIGHBOR || shape == HOST_TREE_ONE;

  for (uint32_t i = 0; i < task->n_chosen; i++) {
    HostPath *path = host_path_of (host, &host->connection[task->id[i]]);
    HostNeighbor *neighbor = host_neighbor_of (host, path);
    set_role (&path->object);
    set_role (&neighbor->object);
    neighbor->object.in_tree = 0;
  }
  for (uint32_t i = 0; i < task->n_chosen; i++) {
    HostPath *path = host_path_of (host, &host->connection[task->id[i]]);
    host_neighbor_of (host, path)->object.in_tree += path->object.role == OBJECT_ROLE_NEW;
  }
  for (uint32_t i = 0; i < task->n_chosen; i++) {
    HostObject *neighbor =
        &host_neighbor_of (host, host_path_of (host, &host->connection[task->id[i]]))->object;
    if (neighbor->role == OBJECT_ROLE_REFERENCE && neighbor->in_tree == 0)
      neighbor->role = wants_level ? OBJECT_ROLE_PLACEHOLDER : OBJECT_ROLE_NONE;
  }
}

/* The parents that the tree brings along are on their way with it. */
static void
send_parents (Host *host, const Connection *c)
{
  HostPath *path = host_path_of (host, c);
  HostNeighbor *neighbor = host_neighbor_of (host, path);

  if (neighbor->object.role == OBJECT_ROLE_NEW && neighbor->object.state == OBJECT_HOST)
    object_step (&neighbor->object, OBJECT_EV_INITIATE);
  if (path->object.role == OBJECT_ROLE_NEW && path->object.state == OBJECT_HOST)
    path_step (host, path, OBJECT_EV_INITIATE);
}

static void build_next (Host *host, Task *task);

static void
build_next_step (SimCpu *cpu, const SimStepArgs *args)
{
  (void)cpu;
  build_next (args->self, args->object);
}

static void
build (Host *host, Task *task)
{
  set_roles (host, task);
  state_tree_begin (&task->builder, host, task->op_id, TREE_STATE_NONE);
  task->at = 0;
  build_next (host, task);
}

/* A pause that came meanwhile: nothing of the tree goes down, and the task waits with the others.
 * Parents that were to be referred to may be left alone. */
static void
take_back (Host *host, Task *task)
{
  for (uint32_t i = 0; i < task->n_chosen; i++) {
    Connection *c = &host->connection[task->id[i]];
    HostPath *path = host_path_of (host, c);
    HostNeighbor *neighbor = host_neighbor_of (host, path);
    hand_over_settle (host, c, false);
    connection_change_owner (host, c, OWN_EV_INITIATE_FAIL, task->op_id);
    if (path->object.state == OBJECT_INITIATING)
      path_step (host, path, OBJECT_EV_INITIATE_FAIL);
    if (neighbor->object.state == OBJECT_INITIATING)
      object_step (&neighbor->object, OBJECT_EV_INITIATE_FAIL);
  }
  block_tree_free (task->builder.root);
  misdeeds_after_initiate (task);
  task->settled = 0;
  host->parents_changed = true;
  manager_clean_parents (host);
  manager_requeue (host, task);
}

/* The tree has been paid for: it goes down at once, or not at all. */
static void
send_step (SimCpu *cpu, const SimStepArgs *args)
{
  (void)cpu;
  Host *host = args->self;
  Task *task = args->object;

  if (power_holds_initiates (host)) {
    take_back (host, task);
    return;
  }
  task->root = task->builder.root;
  manager_send (host, task);
}

static void
end_building (Host *host, Task *task)
{
  misdeeds_before_initiate (host, task);
  processors_then (host, send_step, task);
}

static void
build_next (Host *host, Task *task)
{
  Connection *c = &host->connection[task->id[task->at++]];

  send_parents (host, c);
  HostNode node = state_tree_add (&task->builder, c, TREE_STATE_ALL);
  hand_over_export (host, c, node);
  connection_change_owner (host, c, OWN_EV_INITIATE, task->op_id);
  if (task->at < task->n_chosen)
    processors_then (host, build_next_step, task);
  else
    end_building (host, task);
}

/* Completion */

static ObjectEvent
event_of (NDIS_STATUS status)
{
  return initiate_succeeded (status) ? OBJECT_EV_INITIATE_OK : OBJECT_EV_INITIATE_FAIL;
}

/* A parent that was offloaded before is only referred to. */
static void
complete_neighbor (HostNeighbor *neighbor, NDIS_STATUS status)
{
  if (neighbor->object.state == OBJECT_INITIATING)
    object_step (&neighbor->object, event_of (status));
}

static void
complete_path (Host *host, HostPath *path, NDIS_STATUS status)
{
  if (path->object.state == OBJECT_INITIATING)
    path_step (host, path, event_of (status));
}

static void
complete_connection (Host *host, Task *task, Connection *c, NDIS_STATUS status)
{
  bool succeeded = status == NDIS_STATUS_SUCCESS || c->bits & CONN_TWICE_OK;

  SIM_ASSERT (c->owner == OWN_INITIATING);
  if (c->bits & CONN_TWICE) {
    c->bits &= ~(uint32_t)CONN_TWICE;
    c->bits |= succeeded ? CONN_TWICE_OK : 0;
    return;
  }
  c->bits &= ~(uint32_t)CONN_TWICE_OK;
  hand_over_settle (host, c, succeeded);
  if (succeeded) {
    host->stats.initiated++;
    connection_change_owner (host, c, OWN_EV_INITIATE_OK, task->op_id);
    return;
  }
  host->stats.initiate_failures++;
  operation_fail (task->operation, c->id);
  c->bits &= ~(uint32_t)CONN_UPLOAD_WANTED;
  c->handle.MiniportOffloadContext = 0;
  connection_change_owner (host, c, OWN_EV_INITIATE_FAIL, task->op_id);
}

void
initiate_complete_node (Host *host, Task *task, PNDIS_PROTOCOL_OFFLOAD_BLOCK_LIST node)
{
  NDIS_OFFLOAD_HANDLE *handle = node->OffloadHandle;

  switch (block_list_layer ((OFFLOAD_STATE_TYPE)node->Header.Type)) {
  case OFFLOAD_LAYER_NEIGHBOR:
    complete_neighbor (host_neighbor_by_object (host, handle->object_id), node->Status);
    return;
  case OFFLOAD_LAYER_PATH:
    complete_path (host, host_path_by_object (host, handle->object_id), node->Status);
    return;
  case OFFLOAD_LAYER_TCP:
    complete_connection (host, task, host_connection (host, handle->connection_id), node->Status);
    return;
  case OFFLOAD_N_LAYERS:
    break;
  }
  SIM_UNREACHABLE ();
}
