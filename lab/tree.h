/*
 * A YAML file as a tree in which every node knows its place.
 *
 * What a scenario may use of YAML is small: one document of maps, lists and scalars.  Anchors,
 * aliases, tags, merge keys, tabs, keys that are not words and keys written twice are mistakes.
 * Scalars stay text: what `no`, `017` or `12:30` means is decided where the type is known.
 *
 * Owns        A tree owns its nodes and their strings; they are good until lab_tree_free.
 * Errors      Go to LabMistakes.  Reading carries on past what can be passed over; a node that
 *             stands for something refused has is_broken set, so that nobody complains twice.
 * Invariants  Size, depth and count are capped: no file can exhaust stack or memory.
 * Source      YAML 1.2.2; libyaml counts lines and columns from 0, we from 1.
 */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>

#include "lab/mistakes.h"

#define LAB_TREE_BYTES_MAX ((size_t)1024 * 1024)
#define LAB_TREE_DEPTH_MAX 32
#define LAB_TREE_NODES_MAX 100000

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

/* lab_tree_parse reads |text|, called |file| in messages.  NULL when nothing usable was there;
 * otherwise look at |mistakes|, too. */
LabTree *lab_tree_parse (const char *text, size_t n_bytes, const char *file, LabMistakes *mistakes);

/* lab_tree_load reads the file |path|.  A file that cannot be read is a mistake of its own. */
LabTree *lab_tree_load (const char *path, LabMistakes *mistakes);

void lab_tree_free (LabTree *tree);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LabTree, lab_tree_free)

LabNode *lab_tree_root (LabTree *tree);
const char *lab_tree_file (const LabTree *tree);

/* lab_tree_new_map makes an empty map at |loc|, in no place yet. */
LabNode *lab_tree_new_map (LabTree *tree, SimLoc loc);

/* lab_tree_put makes |node|, of this tree or of one that lives as long, the entry |key| of |map|,
 * in the place of the one that was there. */
void lab_tree_put (LabTree *tree, LabNode *map, const char *key, SimLoc key_loc, LabNode *node);

/* lab_node_get is the entry |key| of |map|, or NULL; NULL for no map, too. */
LabNode *lab_node_get (const LabNode *map, const char *key);

/* lab_node_is_null tells whether a scalar is plain and empty, ~ or null. */
bool lab_node_is_null (const LabNode *node);

/* "a list", "a map", "an empty value", "a value": for messages. */
const char *lab_node_what (const LabNode *node);
