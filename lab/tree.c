#include "lab/tree.h"

#include <string.h>

#include "sim/assert.h"

struct LabTree {
  char *file;
  GStringChunk *strings;
  GPtrArray *nodes; /* of LabNode */
  LabNode *root;
};

LabTree *
lab_tree_new (const char *file)
{
  LabTree *tree = g_new0 (LabTree, 1);
  tree->file = g_strdup (file);
  tree->strings = g_string_chunk_new (4096);
  tree->nodes = g_ptr_array_new_with_free_func (g_free);
  return tree;
}

void
lab_tree_free (LabTree *tree)
{
  if (tree == NULL)
    return;
  g_ptr_array_unref (tree->nodes);
  g_string_chunk_free (tree->strings);
  g_free (tree->file);
  g_free (tree);
}

const char *
lab_tree_string (LabTree *tree, const char *text, size_t n_bytes)
{
  return g_string_chunk_insert_len (tree->strings, text, (gssize)n_bytes);
}

size_t
lab_tree_n_nodes (const LabTree *tree)
{
  return tree->nodes->len;
}

void
lab_tree_set_root (LabTree *tree, LabNode *root)
{
  tree->root = root;
}

LabNode *
lab_tree_root (LabTree *tree)
{
  return tree->root;
}

const char *
lab_tree_file (const LabTree *tree)
{
  return tree->file;
}

LabNode *
lab_tree_new_node (LabTree *tree, LabNodeKind kind, SimLoc loc)
{
  LabNode *node = g_new0 (LabNode, 1);
  node->kind = kind;
  node->loc = loc;
  node->text = kind == LAB_NODE_SCALAR ? "" : NULL;
  g_ptr_array_add (tree->nodes, node);
  return node;
}

void
lab_tree_append (LabNode *parent, LabNode *child)
{
  SIM_ASSERT (child->next == NULL);
  if (parent->last != NULL)
    parent->last->next = child;
  else
    parent->first = child;
  parent->last = child;
  parent->n_children++;
}

void
lab_tree_put (LabTree *tree, LabNode *map, const char *key, SimLoc key_loc, LabNode *node)
{
  SIM_ASSERT (map->kind == LAB_NODE_MAP);
  SIM_ASSERT (node->next == NULL);

  node->key = g_string_chunk_insert (tree->strings, key);
  node->key_loc = key_loc;
  LabNode *old = lab_node_get (map, key);
  if (old == NULL) {
    lab_tree_append (map, node);
    return;
  }
  LabNode **link = &map->first;
  while (*link != old)
    link = &(*link)->next;
  *link = node;
  node->next = old->next;
  old->next = NULL;
  if (map->last == old)
    map->last = node;
}

LabNode *
lab_node_get (const LabNode *map, const char *key)
{
  if (map == NULL || map->kind != LAB_NODE_MAP)
    return NULL;
  for (LabNode *node = map->first; node != NULL; node = node->next)
    if (strcmp (node->key, key) == 0)
      return node;
  return NULL;
}

bool
lab_node_is_null (const LabNode *node)
{
  static const char *const nulls[] = { "", "~", "null", "Null", "NULL" };
  if (node->kind != LAB_NODE_SCALAR || node->is_quoted)
    return false;
  for (size_t i = 0; i < G_N_ELEMENTS (nulls); i++)
    if (strcmp (node->text, nulls[i]) == 0)
      return true;
  return false;
}

const char *
lab_node_what (const LabNode *node)
{
  switch (node->kind) {
  case LAB_NODE_LIST:
    return "a list";
  case LAB_NODE_MAP:
    return "a map";
  case LAB_NODE_SCALAR:
    return lab_node_is_null (node) ? "an empty value" : "a value";
  }
  SIM_UNREACHABLE ();
}
