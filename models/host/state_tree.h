/*
 * Building a state tree: nodes for connections, and for what they hang from.
 *
 * Connections are added in the order of neighbors and paths; the nodes of their parents are made on
 * the way, as the parents' roles say: none, a placeholder, a reference (a linker in an initiate
 * tree) or a new object with its state.
 *
 * Use         1. Set the roles of the parents (object.role) for every connection that will be
 *             added. 2. state_tree_begin, then state_tree_add for each, or state_tree_add_path and
 *             _add_neighbor for
 *                parents alone.
 *             3. builder.root is the tree.
 * Owns        Nodes come from Ndis and go back with block_tree_free.
 * Source      TREE-01 to TREE-06, PLC-01 to PLC-08, BLK-01 to BLK-06.
 */
#pragma once

#include "models/host/path.h"
#include "models/ndis/block_list.h"

typedef struct Connection Connection;
typedef PNDIS_PROTOCOL_OFFLOAD_BLOCK_LIST HostNode;

/* Which structures stand behind the nodes of existing objects. */
typedef enum TreeState {
  TREE_STATE_NONE,
  TREE_STATE_CACHED,
  TREE_STATE_DELEGATED,
  TREE_STATE_ALL,
} TreeState;

typedef struct TreeBuilder {
  Host *host;
  uint32_t op_id;
  TreeState parent_state; /* behind references to parents */
  HostNode root;
  HostNode last_root;                           /* of the topmost level in use */
  HostNode neighbor_node, path_node, last_path; /* where the next node hangs */
  HostNode last_tcp;
  uint32_t neighbor_index, path_index; /* UINT32_MAX before the first */
  uint32_t n_nodes;
} TreeBuilder;

void state_tree_begin (TreeBuilder *builder, Host *host, uint32_t op_id, TreeState parent_state);

/* state_tree_add makes |c|'s node, and its parents' if it is the first of theirs. */
HostNode state_tree_add (TreeBuilder *builder, Connection *c, TreeState state);
/* The same for a path, and for a neighbor, without anything that depends on it. */
HostNode state_tree_add_path (TreeBuilder *builder, uint32_t path_index);
HostNode state_tree_add_neighbor (TreeBuilder *builder, uint32_t neighbor_index);
