/*
 * A file as a tree of maps, lists and scalars in which every node knows its place.
 *
 * Scalars stay text: what `no`, `017` or `12:30` means is decided where the type is known.
 *
 * Owns        A tree owns its nodes and their strings; they are good until lab_tree_free.
 * Invariants  A node that stands for something refused has is_broken set, so that nobody complains
 *             twice.
 */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>

#include "sim/loc.h"

typedef enum LabNodeKind { LAB_NODE_SCALAR, LAB_NODE_LIST, LAB_NODE_MAP } LabNodeKind;

typedef struct LabNode LabNode;
struct LabNode {
  LabNodeKind kind;
  bool is_quoted; /* a scalar in '' or "", or a block of text */
  bool is_broken; /* stands for what has been refused already */
  SimLoc loc;
  const char *key; /* of a map's entry; NULL elsewhere */
  SimLoc key_loc;
  const char *text; /* of a scalar */
  LabNode *first;   /* entries of a map or list, in the order written */
  LabNode *last;
  LabNode *next;
  size_t n_children;
};

typedef struct LabTree LabTree;

/* lab_tree_new makes a tree without nodes for the file called |file|. */
LabTree *lab_tree_new (const char *file);
void lab_tree_free (LabTree *tree);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LabTree, lab_tree_free)

/* NULL until it was set. */
LabNode *lab_tree_root (LabTree *tree);
void lab_tree_set_root (LabTree *tree, LabNode *root);
const char *lab_tree_file (const LabTree *tree);

size_t lab_tree_n_nodes (const LabTree *tree);

/* lab_tree_new_node makes an empty node at |loc|, in no place yet. */
LabNode *lab_tree_new_node (LabTree *tree, LabNodeKind kind, SimLoc loc);

/* lab_tree_string keeps a copy of |text| as long as the tree. */
const char *lab_tree_string (LabTree *tree, const char *text, size_t n_bytes);

/* lab_tree_append makes |child| the last of |parent|'s. */
void lab_tree_append (LabNode *parent, LabNode *child);

/* lab_tree_put makes |node|, of this tree or of one that lives as long, the entry |key| of |map|,
 * in the place of the one that was there. */
void lab_tree_put (LabTree *tree, LabNode *map, const char *key, SimLoc key_loc, LabNode *node);

/* lab_node_get is the entry |key| of |map|, or NULL; NULL for no map, too. */
LabNode *lab_node_get (const LabNode *map, const char *key);

/* lab_node_is_null tells whether a scalar is plain and empty, ~ or null. */
bool lab_node_is_null (const LabNode *node);

/* "a list", "a map", "an empty value", "a value": for messages. */
const char *lab_node_what (const LabNode *node);
