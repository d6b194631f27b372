#include "models/host/state_tree.h"

#include "models/host/machine.h"

#define NONE UINT32_MAX

void
state_tree_begin (TreeBuilder *builder, Host *host, uint32_t op_id, TreeState parent_state)
{
  *builder = (TreeBuilder){ .host = host,
                            .op_id = op_id,
                            .parent_state = parent_state,
                            .neighbor_index = NONE,
                            .path_index = NONE };
}

static OFFLOAD_STATE_TYPE
type_of (OffloadLayer layer, uint8_t ip_version, TreeState state)
{
  OFFLOAD_STATE_TYPE delegated = block_list_delegated_type (layer, ip_version);

  switch (state) {
  case TREE_STATE_NONE:
  case TREE_STATE_ALL:
    return block_list_aggregate_type (layer, ip_version);
  case TREE_STATE_CACHED:
    return delegated - 1;
  case TREE_STATE_DELEGATED:
    return delegated;
  }
  SIM_UNREACHABLE ();
}

static HostNode
make_node (TreeBuilder *builder, OffloadLayer layer, uint8_t ip_version, TreeState state,
           NDIS_OFFLOAD_HANDLE *handle)
{
  Host *host = builder->host;
  HostNode node = ndis_block_list_new (host->ndis, type_of (layer, ip_version, state),
                                       state != TREE_STATE_NONE, handle, builder->op_id);

  builder->n_nodes++;
  processors_charge (host, HOST_COST_OFFLOAD_BUILD, PART_OFFLOAD_MANAGER, WAY_STATE, 1);
  if (host_strikes (host, HOST_DEFECT_UNKNOWN_REVISION, node->model.object_id))
    node->Header.Revision++;
  if (host_strikes (host, HOST_DEFECT_WRONG_PORT, node->model.object_id))
    node->PortNumber = 1;
  return node;
}

/* Appends |node| to the siblings that end with |*last|, below |parent|; without parent it is a
 * root. */
static void
hang (TreeBuilder *builder, HostNode parent, HostNode *last, HostNode node)
{
  if (parent != NULL && parent->DependentBlockList == NULL) {
    parent->DependentBlockList = node;
  } else if (parent != NULL) {
    (*last)->NextBlock = node;
  } else if (builder->root == NULL) {
    builder->root = builder->last_root = node;
  } else {
    builder->last_root->NextBlock = node;
    builder->last_root = node;
  }
  *last = node;
}

static HostNode
make_parent (TreeBuilder *builder, HostObject *object, OffloadLayer layer, uint8_t ip_version)
{
  switch (object->role) {
  case OBJECT_ROLE_NONE:
    return NULL;
  case OBJECT_ROLE_PLACEHOLDER:
    return make_node (builder, layer, ip_version, TREE_STATE_NONE, NULL);
  case OBJECT_ROLE_REFERENCE:
    return make_node (builder, layer, ip_version, builder->parent_state, &object->handle);
  case OBJECT_ROLE_NEW:
    return make_node (builder, layer, ip_version, TREE_STATE_ALL, &object->handle);
  }
  SIM_UNREACHABLE ();
}

HostNode
state_tree_add_neighbor (TreeBuilder *builder, uint32_t neighbor_index)
{
  Host *host = builder->host;
  HostNeighbor *neighbor = &host->neighbor[neighbor_index];
  HostNode node = make_parent (builder, &neighbor->object, OFFLOAD_LAYER_NEIGHBOR, 4);
  HostNode last = NULL;

  builder->neighbor_index = neighbor_index;
  builder->neighbor_node = node;
  builder->last_path = NULL;
  if (node == NULL)
    return NULL;
  if (neighbor->object.role == OBJECT_ROLE_NEW)
    neighbor_fill_state (neighbor, host->config.parameters.TicksPerSecond, sim_now (host->sim),
                         node);
  hang (builder, NULL, &last, node);
  return node;
}

HostNode
state_tree_add_path (TreeBuilder *builder, uint32_t path_index)
{
  HostPath *path = &builder->host->path[path_index];

  if (builder->neighbor_index != path->setup.neighbor_index)
    state_tree_add_neighbor (builder, path->setup.neighbor_index);
  builder->path_index = path_index;
  builder->last_tcp = NULL;
  HostNode node = make_parent (builder, &path->object, OFFLOAD_LAYER_PATH, path->setup.ip_version);
  builder->path_node = node;
  if (node == NULL)
    return NULL;
  if (path->object.role == OBJECT_ROLE_NEW)
    path_fill_state (path, node);
  hang (builder, builder->neighbor_node, &builder->last_path, node);
  return node;
}

HostNode
state_tree_add (TreeBuilder *builder, Connection *c, TreeState state)
{
  if (builder->path_index != c->path_index)
    state_tree_add_path (builder, c->path_index);
  HostNode node =
      make_node (builder, OFFLOAD_LAYER_TCP, builder->host->path[c->path_index].setup.ip_version,
                 state, &c->handle);
  node->ProtocolReserved[0] = (NDIS_TOKEN)c->id + 1;
  hang (builder, builder->path_node, &builder->last_tcp, node);
  return node;
}
