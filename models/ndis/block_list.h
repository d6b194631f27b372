/*
 * Offload block lists: the trees by which state crosses the chimney.
 *
 * A block list heads one node; NextBlock links siblings, DependentBlockList leads one layer up
 * (neighbor, path, TCP).  State lies directly behind its list in memory.  The two list types differ
 * in one region of equal size, so that a driver overlays one on the other.
 *
 * Owns        A tree is one allocation per node, made by the host (block_list_new from the heap,
 *             ndis_block_list_new from a pool of Ndis) and freed by it (block_tree_free); between a
 *             call and its completion it belongs to whom |model.holder| says.
 * Errors      Touching a tree that somebody else holds asserts (block_list_assert_holder).
 * Invariants  ndis_block_list_as_* convert in place, node by node, and carry everything outside the
 *             handle region over unchanged.
 * Source      ndischimney: NDIS_MINIPORT_OFFLOAD_BLOCK_LIST, NDIS_PROTOCOL_OFFLOAD_BLOCK_LIST;
 *             guide: offload block lists, comparison of types, placeholders / linkers / new
 *             offloads, traversing a state tree.
 */
#pragma once

#include "models/ndis/types.h"
#include "models/tcp/offload_state.h"
#include "sim/assert.h"
#include "sim/pool.h"

typedef enum OFFLOAD_STATE_TYPE {
  NeighborOffloadConstState,
  NeighborOffloadCachedState,
  NeighborOffloadDelegatedState,
  NeighborOffloadState,
  Ip4OffloadConstState,
  Ip4OffloadCachedState,
  Ip4OffloadDelegatedState,
  Ip4OffloadState,
  Ip6OffloadConstState,
  Ip6OffloadCachedState,
  Ip6OffloadDelegatedState,
  Ip6OffloadState,
  TcpOffloadConstState,
  TcpOffloadCachedState,
  TcpOffloadDelegatedState,
  TcpOffloadResourceState,
  TcpOffloadState,
  FilterReservedOffloadState,
  MaximumOffloadState,
} OFFLOAD_STATE_TYPE;

typedef enum OffloadLayer {
  OFFLOAD_LAYER_NEIGHBOR,
  OFFLOAD_LAYER_PATH,
  OFFLOAD_LAYER_TCP,
  OFFLOAD_N_LAYERS,
} OffloadLayer;

/* Neighbor and path state.  MAC and IP addresses are ids of the world's tables; 0 is NULL. */
typedef struct NEIGHBOR_OFFLOAD_STATE_CONST {
  OFFLOAD_STATE_HEADER Header;
  uint32_t DlSourceAddress;
  uint32_t VlanId : 12;
} NEIGHBOR_OFFLOAD_STATE_CONST;

typedef struct NEIGHBOR_OFFLOAD_STATE_CACHED {
  OFFLOAD_STATE_HEADER Header;
  uint32_t DlDestinationAddress;
  uint32_t HostReachabilityDelta; /* ticks */
} NEIGHBOR_OFFLOAD_STATE_CACHED;

typedef struct NEIGHBOR_OFFLOAD_STATE_DELEGATED {
  OFFLOAD_STATE_HEADER Header;
  uint32_t NicReachabilityDelta; /* ticks */
} NEIGHBOR_OFFLOAD_STATE_DELEGATED;

typedef struct PATH_OFFLOAD_STATE_CONST {
  OFFLOAD_STATE_HEADER Header;
  uint32_t SourceAddress;
  uint32_t DestinationAddress;
} PATH_OFFLOAD_STATE_CONST;

typedef struct PATH_OFFLOAD_STATE_CACHED {
  OFFLOAD_STATE_HEADER Header;
  uint32_t PathMtu;
} PATH_OFFLOAD_STATE_CACHED;

typedef struct PATH_OFFLOAD_STATE_DELEGATED {
  OFFLOAD_STATE_HEADER Header;
} PATH_OFFLOAD_STATE_DELEGATED;

/* Who holds a tree, a buffer list or a request. */
typedef enum NdisHolder {
  NDIS_HOLDER_FREE,
  NDIS_HOLDER_HOST,
  NDIS_HOLDER_NDIS,
  NDIS_HOLDER_IM,
  NDIS_HOLDER_TARGET,
} NdisHolder;

/* What the model adds to a node: no driver's business but the trace's and the assertions'. */
typedef struct BlockListModel {
  uint32_t op_id;         /* of the operation: the same on every node, through all layers */
  uint32_t object_id;     /* offload object this node stands for; 0 for a placeholder */
  uint32_t connection_id; /* UINT32_MAX unless TCP */
  uint16_t state_bytes;   /* of the state behind the list */
  bool has_state;
  bool is_root; /* of a tree that is on its way: written by NDIS */
  NdisHolder holder;
  SimPool *pool; /* where the node came from; NULL: the heap */
} BlockListModel;

typedef struct NDIS_MINIPORT_OFFLOAD_BLOCK_LIST NDIS_MINIPORT_OFFLOAD_BLOCK_LIST;
typedef struct NDIS_PROTOCOL_OFFLOAD_BLOCK_LIST NDIS_PROTOCOL_OFFLOAD_BLOCK_LIST;

struct NDIS_MINIPORT_OFFLOAD_BLOCK_LIST {
  NDIS_OBJECT_HEADER Header; /* Type is an OFFLOAD_STATE_TYPE */
  NDIS_MINIPORT_OFFLOAD_BLOCK_LIST *NextBlock;
  NDIS_MINIPORT_OFFLOAD_BLOCK_LIST *DependentBlockList;
  NDIS_STATUS Status;
  NDIS_TOKEN NdisReserved[2];
  NDIS_TOKEN *MiniportOffloadContext; /* NULL: placeholder; *: 0: new offload */
  NDIS_OFFLOAD_HANDLE *NdisOffloadHandle;
  NDIS_TOKEN ProtocolReserved[2];
  NDIS_TOKEN MiniportReserved[2];
  NDIS_TOKEN ImReserved[2];
  NDIS_TOKEN Scratch[2];
  NDIS_TOKEN SourceHandle;
  uint32_t PortNumber;
  NET_BUFFER_LIST *NetBufferListChain;
  BlockListModel model;
};

struct NDIS_PROTOCOL_OFFLOAD_BLOCK_LIST {
  NDIS_OBJECT_HEADER Header;
  NDIS_PROTOCOL_OFFLOAD_BLOCK_LIST *NextBlock;
  NDIS_PROTOCOL_OFFLOAD_BLOCK_LIST *DependentBlockList;
  NDIS_STATUS Status;
  NDIS_TOKEN NdisReserved[3];
  NDIS_OFFLOAD_HANDLE *OffloadHandle; /* NULL: placeholder */
  NDIS_TOKEN ProtocolReserved[2];
  NDIS_TOKEN MiniportReserved[2];
  NDIS_TOKEN ImReserved[2];
  NDIS_TOKEN Scratch[2];
  NDIS_TOKEN SourceHandle;
  uint32_t PortNumber;
  NET_BUFFER_LIST *NetBufferListChain;
  BlockListModel model;
};

typedef NDIS_MINIPORT_OFFLOAD_BLOCK_LIST *PNDIS_MINIPORT_OFFLOAD_BLOCK_LIST;
typedef NDIS_PROTOCOL_OFFLOAD_BLOCK_LIST *PNDIS_PROTOCOL_OFFLOAD_BLOCK_LIST;

/* block_list_new makes a node of the host's with zeroed state of |type| behind it if |with_state|.
 * Header, Length of each state header and model are set; Status is NDIS_STATUS_NOT_WRITTEN. */
PNDIS_PROTOCOL_OFFLOAD_BLOCK_LIST block_list_new (OFFLOAD_STATE_TYPE type, bool with_state,
                                                  NDIS_OFFLOAD_HANDLE *handle, uint32_t op_id);
/* The same from |pool|, whose objects have BLOCK_LIST_BYTES_MAX: a node given back stays readable,
 * so that a driver that completes it again is found out (ndis.h: ndis_block_list_new). */
PNDIS_PROTOCOL_OFFLOAD_BLOCK_LIST block_list_take (SimPool *pool, OFFLOAD_STATE_TYPE type,
                                                   bool with_state, NDIS_OFFLOAD_HANDLE *handle,
                                                   uint32_t op_id);
#define BLOCK_LIST_BYTES_MAX (sizeof (NDIS_PROTOCOL_OFFLOAD_BLOCK_LIST) + 256)
/* block_tree_free frees the tree at |root|, siblings and dependents included. */
void block_tree_free (PNDIS_PROTOCOL_OFFLOAD_BLOCK_LIST root);

OffloadLayer block_list_layer (OFFLOAD_STATE_TYPE type);
/* The aggregate type of a layer; |ip_version| matters for paths. */
OFFLOAD_STATE_TYPE block_list_aggregate_type (OffloadLayer layer, uint8_t ip_version);
OFFLOAD_STATE_TYPE block_list_delegated_type (OffloadLayer layer, uint8_t ip_version);
const char *block_list_type_name (OFFLOAD_STATE_TYPE type);

/* The state behind a list: NULL if its type does not announce that structure or nothing is behind
 * it. */
void *block_list_const_state (const NDIS_MINIPORT_OFFLOAD_BLOCK_LIST *list);
void *block_list_cached_state (const NDIS_MINIPORT_OFFLOAD_BLOCK_LIST *list);
void *block_list_delegated_state (const NDIS_MINIPORT_OFFLOAD_BLOCK_LIST *list);

static inline NDIS_MINIPORT_OFFLOAD_BLOCK_LIST *
block_list_miniport_view (PNDIS_PROTOCOL_OFFLOAD_BLOCK_LIST list)
{
  return (NDIS_MINIPORT_OFFLOAD_BLOCK_LIST *)list;
}

/* Roles in an initiate tree; elsewhere a non-placeholder references an object. */
static inline bool
block_list_is_placeholder (const NDIS_MINIPORT_OFFLOAD_BLOCK_LIST *list)
{
  return list->MiniportOffloadContext == NULL;
}

/* Depth first, breadth next: own node, dependents, then siblings.
 * 
 *   BlockWalk walk = block_walk_begin (root);
 *   while ((list = block_walk_next (&walk)) != NULL)
 * 
 * The first block_walk_next gives the root, and NULL follows the last node.  Trees are three layers
 * deep, so a walk needs no allocation and no recursion; it reads each node's links before returning
 * it, so that the caller may free it. */
typedef struct BlockWalk {
  NDIS_MINIPORT_OFFLOAD_BLOCK_LIST *pending[OFFLOAD_N_LAYERS + 1]; /* next sibling of each level */
  NDIS_MINIPORT_OFFLOAD_BLOCK_LIST *parent[OFFLOAD_N_LAYERS + 1];
  NDIS_MINIPORT_OFFLOAD_BLOCK_LIST *current;
  int level;
} BlockWalk;

BlockWalk block_walk_begin (NDIS_MINIPORT_OFFLOAD_BLOCK_LIST *root);
NDIS_MINIPORT_OFFLOAD_BLOCK_LIST *block_walk_next (BlockWalk *walk);
/* The node that the current one depends on, NULL at the root's level. */
NDIS_MINIPORT_OFFLOAD_BLOCK_LIST *block_walk_parent (const BlockWalk *walk);
/* block_walk_skip_dependents passes over everything that depends on the current node. */
void block_walk_skip_dependents (BlockWalk *walk);

uint32_t block_tree_nodes (NDIS_MINIPORT_OFFLOAD_BLOCK_LIST *root);

/* ndis_block_list_as_miniport turns a protocol tree into a miniport tree, in place: OffloadHandle
 * becomes NdisOffloadHandle, MiniportOffloadContext points into it.  ndis_block_list_as_protocol is
 * its inverse.  NDIS does both; an intermediate driver overlays with the same rules after
 * exchanging the handle. */
PNDIS_MINIPORT_OFFLOAD_BLOCK_LIST
ndis_block_list_as_miniport (PNDIS_PROTOCOL_OFFLOAD_BLOCK_LIST root);
PNDIS_PROTOCOL_OFFLOAD_BLOCK_LIST
ndis_block_list_as_protocol (PNDIS_MINIPORT_OFFLOAD_BLOCK_LIST root);

void block_tree_set_holder (NDIS_MINIPORT_OFFLOAD_BLOCK_LIST *root, NdisHolder holder);

static inline void
block_list_assert_holder (const NDIS_MINIPORT_OFFLOAD_BLOCK_LIST *list, NdisHolder holder)
{
  SIM_ASSERT (list->model.holder == holder);
}
