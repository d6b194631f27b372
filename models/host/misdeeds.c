#include "models/host/misdeeds.h"

#include "models/host/hand_over.h"
#include "models/host/machine.h"
#include "models/host/manager.h"

/* Before */

static bool
is_in_tree (HostNode root, uint32_t object_id)
{
  const NDIS_MINIPORT_OFFLOAD_BLOCK_LIST *node;
  BlockWalk walk = block_walk_begin (block_list_miniport_view (root));

  while ((node = block_walk_next (&walk)) != NULL)
    if (node->model.object_id == object_id)
      return true;
  return false;
}

/* An offloaded path or neighbor that the tree does not name, or NULL. */
static HostObject *
find_idle (Host *host, OffloadLayer layer, HostNode root)
{
  uint32_t count = layer == OFFLOAD_LAYER_PATH ? host->n_paths : host->n_neighbors;

  if (layer == OFFLOAD_LAYER_TCP)
    return NULL;
  for (uint32_t i = 0; i < count; i++) {
    HostObject *object =
        layer == OFFLOAD_LAYER_PATH ? &host->path[i].object : &host->neighbor[i].object;
    if (object->state == OBJECT_OFFLOADED && !is_in_tree (root, object->handle.object_id))
      return object;
  }
  return NULL;
}

void
misdeeds_before_initiate (Host *host, Task *task)
{
  TreeBuilder *builder = &task->builder;
  OFFLOAD_STATE_TYPE type = (OFFLOAD_STATE_TYPE)builder->root->Header.Type;

  if (!host_has_defect (host, HOST_DEFECT_LINKER_WITHOUT_DEPENDENTS))
    return;
  HostObject *object = find_idle (host, block_list_layer (type), builder->root);
  if (object == NULL)
    return;
  host_strikes (host, HOST_DEFECT_LINKER_WITHOUT_DEPENDENTS, object->handle.object_id);
  builder->last_root->NextBlock =
      ndis_block_list_new (host->ndis, type, false, &object->handle, task->op_id);
  builder->last_root = builder->last_root->NextBlock;
  object_add_dependent (object); /* one wrong is enough: it stays until the tree is back */
  task->linked = object;
}

void
misdeeds_after_initiate (Task *task)
{
  if (task->linked != NULL)
    object_remove_dependent (task->linked);
  task->linked = NULL;
}

/* After */

Misdeed
misdeeds_remember (const Host *host, const Task *task)
{
  OperationKind kind = task->operation->kind;
  HostDefect defect = HOST_N_DEFECTS;

  if (kind == OPERATION_OFFLOAD && host_has_defect (host, HOST_DEFECT_IO_DURING_INITIATE))
    defect = HOST_DEFECT_IO_DURING_INITIATE;
  else if (kind == OPERATION_OFFLOAD && host_has_defect (host, HOST_DEFECT_INITIATE_TWICE))
    defect = HOST_DEFECT_INITIATE_TWICE;
  else if (kind == OPERATION_UPLOAD && host_has_defect (host, HOST_DEFECT_SEND_DURING_TERMINATE))
    defect = HOST_DEFECT_SEND_DURING_TERMINATE;
  if (defect == HOST_N_DEFECTS || task->n_chosen == 0)
    return (Misdeed){ 0 };
  return (Misdeed){ .is_due = true, .kind = kind, .connection_id = task->id[0] };
}

static NET_BUFFER_LIST *
take_request (Host *host, const Connection *c)
{
  NET_BUFFER_LIST *nbl = ndis_nbl_take (host->ndis, NDIS_HOLDER_HOST, c->id, c->handle.object_id);
  SIM_ASSERT (nbl != NULL);
  return nbl;
}

static bool
receive_during_initiate (Host *host, Connection *c, SimStepFn then)
{
  SimStepArgs args = { .self = host };

  if (c->owner != OWN_INITIATING)
    return false;
  if (c->handle.MiniportOffloadContext == 0) {
    /* NDIS would not let it through: look again until the driver below has left its context. */
    host->manager->last_sent = (Misdeed){ true, OPERATION_OFFLOAD, c->id };
    processors_charge (host, HOST_COST_SWITCH_IO, PART_SWITCH, WAY_CHIMNEY, 1);
    sim_cpu_then (sim_cpu_current (host->sim), then, &args);
    return true;
  }
  host_strikes (host, HOST_DEFECT_IO_DURING_INITIATE, c->handle.object_id);
  NET_BUFFER_LIST *nbl = take_request (host, c);
  ndis_nbl_set_space (nbl, c->receive->request_bytes);
  c->receives_posted++;
  c->receive_bytes_posted += c->receive->request_bytes;
  ndis_then (host->ndis, then, args);
  NdisOffloadTcpReceive (&c->handle, nbl);
  return true;
}

/* A second tree for a connection without data on the way, below its path, which is offloaded
 * already. */
static bool
initiate_again (Host *host, Connection *c, SimStepFn then)
{
  HostPath *path = host_path_of (host, c);
  SimStepArgs args = { .self = host };

  if (c->owner != OWN_INITIATING || path->object.state != OBJECT_OFFLOADED
      || c->una_offset != c->send_offset || c->delivered_offset != c->received_offset
      || !host_strikes (host, HOST_DEFECT_INITIATE_TWICE, c->handle.object_id))
    return false;
  TreeBuilder builder;
  uint32_t op_id = ndis_next_op_id (host->ndis);
  path->object.role = OBJECT_ROLE_REFERENCE;
  host_neighbor_of (host, path)->object.role = OBJECT_ROLE_NONE;
  state_tree_begin (&builder, host, op_id, TREE_STATE_NONE);
  HostNode node = state_tree_add (&builder, c, TREE_STATE_ALL);
  hand_over_export (host, c, node);
  manager_adopt (host, OPERATION_OFFLOAD, op_id, builder.root);
  c->bits |= CONN_TWICE;
  ndis_then (host->ndis, then, args);
  NdisInitiateOffload (host->binding, builder.root);
  return true;
}

/* One byte behind what the application has written. */
static bool
send_during_terminate (Host *host, Connection *c, SimStepFn then)
{
  SimStepArgs args = { .self = host };

  if (c->owner != OWN_TERMINATING
      || !host_strikes (host, HOST_DEFECT_SEND_DURING_TERMINATE, c->handle.object_id))
    return false;
  NET_BUFFER_LIST *nbl = take_request (host, c);
  ndis_nbl_set_data (nbl, (TcpRange){ .offset = c->send_offset,
                                      .stream_id = TCP_STREAM (c->id, TCP_TO_PEER),
                                      .bytes = 1 });
  c->sends_posted++;
  ndis_then (host->ndis, then, args);
  NdisOffloadTcpSend (&c->handle, nbl);
  return true;
}

bool
misdeeds_after_call (Host *host, SimStepFn then)
{
  Misdeed misdeed = host->manager->last_sent;

  host->manager->last_sent = (Misdeed){ 0 };
  if (!misdeed.is_due)
    return false;
  Connection *c = &host->connection[misdeed.connection_id];
  if (misdeed.kind == OPERATION_UPLOAD)
    return send_during_terminate (host, c, then);
  if (host_has_defect (host, HOST_DEFECT_IO_DURING_INITIATE))
    return receive_during_initiate (host, c, then);
  return initiate_again (host, c, then);
}

bool
misdeeds_forward (const Host *host, const Connection *c)
{
  return host_has_defect (host, HOST_DEFECT_FORWARD_DURING_TERMINATE) && c->owner == OWN_TERMINATING
         && c->held_first != NULL;
}
