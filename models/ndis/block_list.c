#include "models/ndis/block_list.h"

#include <glib.h>
#include <string.h>

/* BLK-21: the two list types differ in four pointer slots and in nothing else. */
#define SAME_PLACE(member)                                             \
  G_STATIC_ASSERT (offsetof (NDIS_MINIPORT_OFFLOAD_BLOCK_LIST, member) \
                   == offsetof (NDIS_PROTOCOL_OFFLOAD_BLOCK_LIST, member))

G_STATIC_ASSERT (sizeof (NDIS_MINIPORT_OFFLOAD_BLOCK_LIST)
                 == sizeof (NDIS_PROTOCOL_OFFLOAD_BLOCK_LIST));
SAME_PLACE (Header);
SAME_PLACE (NextBlock);
SAME_PLACE (DependentBlockList);
SAME_PLACE (Status);
SAME_PLACE (NdisReserved);
SAME_PLACE (ProtocolReserved);
SAME_PLACE (MiniportReserved);
SAME_PLACE (ImReserved);
SAME_PLACE (Scratch);
SAME_PLACE (SourceHandle);
SAME_PLACE (PortNumber);
SAME_PLACE (NetBufferListChain);
SAME_PLACE (model);
G_STATIC_ASSERT (offsetof (NDIS_MINIPORT_OFFLOAD_BLOCK_LIST, NdisOffloadHandle)
                 == offsetof (NDIS_PROTOCOL_OFFLOAD_BLOCK_LIST, OffloadHandle));
G_STATIC_ASSERT (offsetof (NDIS_MINIPORT_OFFLOAD_BLOCK_LIST, MiniportOffloadContext)
                 == offsetof (NDIS_PROTOCOL_OFFLOAD_BLOCK_LIST, NdisReserved)
                        + 2 * sizeof (NDIS_TOKEN));

/* Structures behind a list start where a pointer may. */
#define STATE_ALIGNMENT 8
#define STATE_BYTES(type) \
  ((sizeof (type) + STATE_ALIGNMENT - 1) / STATE_ALIGNMENT * STATE_ALIGNMENT)

typedef enum StateClass {
  STATE_CONST,
  STATE_CACHED,
  STATE_DELEGATED,
  N_STATE_CLASSES,
} StateClass;

typedef struct StateSize {
  uint16_t length; /* of the structure */
  uint16_t bytes;  /* up to the next */
} StateSize;

#define SIZE_OF(type)                                     \
  {                                                       \
    (uint16_t)sizeof (type), (uint16_t)STATE_BYTES (type) \
  }

static const StateSize state_sizes[OFFLOAD_N_LAYERS][N_STATE_CLASSES] = {
  [OFFLOAD_LAYER_NEIGHBOR] = { SIZE_OF (NEIGHBOR_OFFLOAD_STATE_CONST),
                               SIZE_OF (NEIGHBOR_OFFLOAD_STATE_CACHED),
                               SIZE_OF (NEIGHBOR_OFFLOAD_STATE_DELEGATED) },
  [OFFLOAD_LAYER_PATH] = { SIZE_OF (PATH_OFFLOAD_STATE_CONST), SIZE_OF (PATH_OFFLOAD_STATE_CACHED),
                           SIZE_OF (PATH_OFFLOAD_STATE_DELEGATED) },
  [OFFLOAD_LAYER_TCP] = { SIZE_OF (TCP_OFFLOAD_STATE_CONST), SIZE_OF (TCP_OFFLOAD_STATE_CACHED),
                          SIZE_OF (TCP_OFFLOAD_STATE_DELEGATED) },
};

G_STATIC_ASSERT (sizeof (NDIS_PROTOCOL_OFFLOAD_BLOCK_LIST) % STATE_ALIGNMENT == 0);
G_STATIC_ASSERT (sizeof (NDIS_PROTOCOL_OFFLOAD_BLOCK_LIST) + STATE_BYTES (TCP_OFFLOAD_STATE_CONST)
                     + STATE_BYTES (TCP_OFFLOAD_STATE_CACHED)
                     + STATE_BYTES (TCP_OFFLOAD_STATE_DELEGATED)
                 <= BLOCK_LIST_BYTES_MAX);

/* What each type announces: its layer and a bit set of 1 << StateClass. */
#define ONLY(class) (1 << STATE_##class)
#define ALL (ONLY (CONST) | ONLY (CACHED) | ONLY (DELEGATED))

static const struct {
  const char *name;
  OffloadLayer layer;
  unsigned classes;
} types[MaximumOffloadState] = {
#define TYPE(type, layer, classes) [type] = { #type, OFFLOAD_LAYER_##layer, classes }
  TYPE (NeighborOffloadConstState, NEIGHBOR, ONLY (CONST)),
  TYPE (NeighborOffloadCachedState, NEIGHBOR, ONLY (CACHED)),
  TYPE (NeighborOffloadDelegatedState, NEIGHBOR, ONLY (DELEGATED)),
  TYPE (NeighborOffloadState, NEIGHBOR, ALL),
  TYPE (Ip4OffloadConstState, PATH, ONLY (CONST)),
  TYPE (Ip4OffloadCachedState, PATH, ONLY (CACHED)),
  TYPE (Ip4OffloadDelegatedState, PATH, ONLY (DELEGATED)),
  TYPE (Ip4OffloadState, PATH, ALL),
  TYPE (Ip6OffloadConstState, PATH, ONLY (CONST)),
  TYPE (Ip6OffloadCachedState, PATH, ONLY (CACHED)),
  TYPE (Ip6OffloadDelegatedState, PATH, ONLY (DELEGATED)),
  TYPE (Ip6OffloadState, PATH, ALL),
  TYPE (TcpOffloadConstState, TCP, ONLY (CONST)),
  TYPE (TcpOffloadCachedState, TCP, ONLY (CACHED)),
  TYPE (TcpOffloadDelegatedState, TCP, ONLY (DELEGATED)),
  TYPE (TcpOffloadResourceState, TCP, 0),
  TYPE (TcpOffloadState, TCP, ALL),
  TYPE (FilterReservedOffloadState, TCP, 0),
#undef TYPE
};

/* Bytes before the structure of |class| among those that |type| announces; N_STATE_CLASSES: all of
 * them. */
static size_t
state_offset (OFFLOAD_STATE_TYPE type, StateClass class)
{
  size_t offset = 0;

  for (StateClass c = STATE_CONST; c < class; c++)
    if ((types[type].classes & (1U << c)) != 0)
      offset += state_sizes[types[type].layer][c].bytes;
  return offset;
}

static void *
state_of (const NDIS_MINIPORT_OFFLOAD_BLOCK_LIST *list, StateClass class)
{
  OFFLOAD_STATE_TYPE type = (OFFLOAD_STATE_TYPE)list->Header.Type;

  if (!list->model.has_state || (types[type].classes & (1U << class)) == 0)
    return NULL;
  return (char *)(uintptr_t)(list + 1) + state_offset (type, class);
}

void *
block_list_const_state (const NDIS_MINIPORT_OFFLOAD_BLOCK_LIST *list)
{
  return state_of (list, STATE_CONST);
}

void *
block_list_cached_state (const NDIS_MINIPORT_OFFLOAD_BLOCK_LIST *list)
{
  return state_of (list, STATE_CACHED);
}

void *
block_list_delegated_state (const NDIS_MINIPORT_OFFLOAD_BLOCK_LIST *list)
{
  return state_of (list, STATE_DELEGATED);
}

static size_t
list_bytes (OFFLOAD_STATE_TYPE type, bool with_state)
{
  SIM_ASSERT (type < MaximumOffloadState);
  return sizeof (NDIS_PROTOCOL_OFFLOAD_BLOCK_LIST)
         + (with_state ? state_offset (type, N_STATE_CLASSES) : 0);
}

static void
write_lengths (const NDIS_MINIPORT_OFFLOAD_BLOCK_LIST *list)
{
  for (StateClass class = STATE_CONST; class < N_STATE_CLASSES; class ++) {
    OFFLOAD_STATE_HEADER *header = state_of (list, class);
    if (header != NULL)
      header->Length = state_sizes[types[list->Header.Type].layer][class].length;
  }
}

/* Fills in |list|, whose memory is zeroed. */
static PNDIS_PROTOCOL_OFFLOAD_BLOCK_LIST
prepare_list (PNDIS_PROTOCOL_OFFLOAD_BLOCK_LIST list, OFFLOAD_STATE_TYPE type,
              NDIS_OFFLOAD_HANDLE *handle, BlockListModel model)
{
  list->Header = (NDIS_OBJECT_HEADER){ .Type = (uint8_t)type,
                                       .Revision = NDIS_REVISION_1,
                                       .Size = sizeof *list };
  list->Status = NDIS_STATUS_NOT_WRITTEN;
  list->OffloadHandle = handle;
  list->model = model;
  list->model.object_id = handle != NULL ? handle->object_id : 0;
  list->model.connection_id = handle != NULL ? handle->connection_id : UINT32_MAX;
  list->model.holder = NDIS_HOLDER_HOST;
  write_lengths (block_list_miniport_view (list));
  return list;
}

static BlockListModel
model_of (OFFLOAD_STATE_TYPE type, bool with_state, uint32_t op_id, SimPool *pool)
{
  return (BlockListModel){
    .op_id = op_id,
    .state_bytes = (uint16_t)(list_bytes (type, with_state) - list_bytes (type, false)),
    .has_state = with_state,
    .pool = pool,
  };
}

PNDIS_PROTOCOL_OFFLOAD_BLOCK_LIST
block_list_new (OFFLOAD_STATE_TYPE type, bool with_state, NDIS_OFFLOAD_HANDLE *handle,
                uint32_t op_id)
{
  return prepare_list (g_malloc0 (list_bytes (type, with_state)), type, handle,
                       model_of (type, with_state, op_id, NULL));
}

PNDIS_PROTOCOL_OFFLOAD_BLOCK_LIST
block_list_take (SimPool *pool, OFFLOAD_STATE_TYPE type, bool with_state,
                 NDIS_OFFLOAD_HANDLE *handle, uint32_t op_id)
{
  return prepare_list (sim_pool_take (pool), type, handle,
                       model_of (type, with_state, op_id, pool));
}

void
block_tree_free (PNDIS_PROTOCOL_OFFLOAD_BLOCK_LIST root)
{
  NDIS_MINIPORT_OFFLOAD_BLOCK_LIST *list;
  BlockWalk walk = block_walk_begin (block_list_miniport_view (root));

  while ((list = block_walk_next (&walk)) != NULL) {
    list->model.holder = NDIS_HOLDER_FREE;
    if (list->model.pool != NULL)
      sim_pool_put (list->model.pool, list);
    else
      g_free (list);
  }
}

OffloadLayer
block_list_layer (OFFLOAD_STATE_TYPE type)
{
  SIM_ASSERT (type < MaximumOffloadState);
  return types[type].layer;
}

/* |neighbor| and the types of the other layers that mean the same. */
static OFFLOAD_STATE_TYPE
type_in_layer (OFFLOAD_STATE_TYPE neighbor, OffloadLayer layer, uint8_t ip_version)
{
  OFFLOAD_STATE_TYPE among = neighbor - NeighborOffloadConstState;

  switch (layer) {
  case OFFLOAD_LAYER_NEIGHBOR:
    return neighbor;
  case OFFLOAD_LAYER_PATH:
    SIM_ASSERT (ip_version == 4 || ip_version == 6);
    return (ip_version == 4 ? Ip4OffloadConstState : Ip6OffloadConstState) + among;
  case OFFLOAD_LAYER_TCP:
    return neighbor == NeighborOffloadState ? TcpOffloadState : TcpOffloadConstState + among;
  case OFFLOAD_N_LAYERS:
    break;
  }
  SIM_UNREACHABLE ();
}

OFFLOAD_STATE_TYPE
block_list_aggregate_type (OffloadLayer layer, uint8_t ip_version)
{
  return type_in_layer (NeighborOffloadState, layer, ip_version);
}

OFFLOAD_STATE_TYPE
block_list_delegated_type (OffloadLayer layer, uint8_t ip_version)
{
  return type_in_layer (NeighborOffloadDelegatedState, layer, ip_version);
}

const char *
block_list_type_name (OFFLOAD_STATE_TYPE type)
{
  return type < MaximumOffloadState ? types[type].name : NULL;
}

/* Walks */

BlockWalk
block_walk_begin (NDIS_MINIPORT_OFFLOAD_BLOCK_LIST *root)
{
  /* As if the root were the dependent of a node above it. */
  return (BlockWalk){ .pending = { root }, .level = -1 };
}

NDIS_MINIPORT_OFFLOAD_BLOCK_LIST *
block_walk_next (BlockWalk *walk)
{
  int level = walk->level + 1;

  if (walk->pending[level] != NULL) {
    SIM_ASSERT (level < OFFLOAD_N_LAYERS);
    walk->parent[level] = walk->current;
  } else {
    while (level > 0 && walk->pending[level] == NULL)
      level--;
  }

  NDIS_MINIPORT_OFFLOAD_BLOCK_LIST *list = walk->pending[level];
  walk->level = level;
  walk->current = list;
  walk->pending[level] = NULL;
  walk->pending[level + 1] = NULL;
  if (list != NULL) {
    walk->pending[level] = list->NextBlock;
    walk->pending[level + 1] = list->DependentBlockList;
  }
  return list;
}

NDIS_MINIPORT_OFFLOAD_BLOCK_LIST *
block_walk_parent (const BlockWalk *walk)
{
  SIM_ASSERT (walk->current != NULL);
  return walk->parent[walk->level];
}

void
block_walk_skip_dependents (BlockWalk *walk)
{
  SIM_ASSERT (walk->current != NULL);
  walk->pending[walk->level + 1] = NULL;
}

uint32_t
block_tree_nodes (NDIS_MINIPORT_OFFLOAD_BLOCK_LIST *root)
{
  uint32_t nodes = 0;
  BlockWalk walk = block_walk_begin (root);

  while (block_walk_next (&walk) != NULL)
    nodes++;
  return nodes;
}

void
block_tree_set_holder (NDIS_MINIPORT_OFFLOAD_BLOCK_LIST *root, NdisHolder holder)
{
  NDIS_MINIPORT_OFFLOAD_BLOCK_LIST *list;
  BlockWalk walk = block_walk_begin (root);

  while ((list = block_walk_next (&walk)) != NULL)
    list->model.holder = holder;
}

/* Conversion */

PNDIS_MINIPORT_OFFLOAD_BLOCK_LIST
ndis_block_list_as_miniport (PNDIS_PROTOCOL_OFFLOAD_BLOCK_LIST root)
{
  NDIS_MINIPORT_OFFLOAD_BLOCK_LIST *list;
  BlockWalk walk = block_walk_begin (block_list_miniport_view (root));

  while ((list = block_walk_next (&walk)) != NULL) {
    NDIS_OFFLOAD_HANDLE *handle = list->NdisOffloadHandle;
    list->MiniportOffloadContext = handle != NULL ? &handle->MiniportOffloadContext : NULL;
  }
  return block_list_miniport_view (root);
}

PNDIS_PROTOCOL_OFFLOAD_BLOCK_LIST
ndis_block_list_as_protocol (PNDIS_MINIPORT_OFFLOAD_BLOCK_LIST root)
{
  NDIS_MINIPORT_OFFLOAD_BLOCK_LIST *list;
  BlockWalk walk = block_walk_begin (root);

  while ((list = block_walk_next (&walk)) != NULL)
    list->MiniportOffloadContext = NULL;
  return (PNDIS_PROTOCOL_OFFLOAD_BLOCK_LIST)root;
}
