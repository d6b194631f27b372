#include "lab/override.h"

#include <string.h>

#include "lab/reader.h"
#include "sim/assert.h"

bool
lab_set_parse (const char *argument, char **ret_path, char **ret_value)
{
  const char *equals = strchr (argument, '=');
  if (equals == NULL || equals == argument)
    return false;
  g_autofree char *path = g_strndup (argument, (size_t)(equals - argument));
  *ret_path = g_strdup (g_strstrip (path));
  *ret_value = g_strdup (equals + 1);
  return true;
}

/* All of |node| stands in the argument, which has no lines. */
static void
forget_lines (LabNode *node)
{
  node->loc.line = node->loc.column = 0;
  node->key_loc.line = node->key_loc.column = 0;
  for (LabNode *child = node->first; child != NULL; child = child->next)
    forget_lines (child);
}

static LabNode *
list_element (const LabNode *list, const char *step)
{
  unsigned number = 0;
  for (LabNode *node = list->first; node != NULL; node = node->next, number++) {
    const LabNode *id = lab_node_get (node, "id");
    g_autofree char *index = g_strdup_printf ("%u", number);
    bool is_it = id != NULL && id->kind == LAB_NODE_SCALAR ? strcmp (id->text, step) == 0
                                                           : strcmp (index, step) == 0;
    if (is_it)
      return node;
  }
  return NULL;
}

/* One step down from |node|, making a map where there is nothing. */
static LabNode *
descend (LabTree *tree, LabNode *node, const char *step, SimLoc loc, LabMistakes *mistakes)
{
  LabNode *child =
      node->kind == LAB_NODE_LIST ? list_element (node, step) : lab_node_get (node, step);
  bool is_hollow = node->kind == LAB_NODE_MAP && (child == NULL || lab_node_is_null (child));
  if (is_hollow) {
    child = lab_tree_new_node (tree, LAB_NODE_MAP, loc);
    lab_tree_put (tree, node, step, loc, child);
  } else if (child == NULL) {
    lab_mistakes_add (mistakes, loc, "there is no element %s in that list; write its id or number",
                      step);
  } else if (child->kind == LAB_NODE_SCALAR) {
    lab_mistakes_add (mistakes, loc, "%s is a value and has no keys; end the path there", step);
    child = NULL;
  }
  return child;
}

static bool
put (LabTree *tree, const LabSet *set, LabNode *value, LabMistakes *mistakes)
{
  SimLoc loc = value->loc;
  g_auto (GStrv) steps = g_strsplit (set->path, ".", -1);
  LabNode *node = lab_tree_root (tree);
  guint n_steps = g_strv_length (steps);
  for (guint i = 0; i < n_steps; i++)
    if (steps[i][0] == '\0') {
      lab_mistakes_add (mistakes, loc, "\"%s\" is not a path; write for instance target.tables.tcp",
                        set->path);
      return false;
    }
  if (node->kind != LAB_NODE_MAP)
    return false;
  for (guint i = 0; i + 1 < n_steps && node != NULL; i++)
    node = descend (tree, node, steps[i], loc, mistakes);
  if (node == NULL)
    return false;
  if (node->kind != LAB_NODE_MAP) {
    lab_mistakes_add (mistakes, loc, "a path cannot end in a list; set the whole list instead");
    return false;
  }
  lab_tree_put (tree, node, steps[n_steps - 1], loc, value);
  return true;
}

LabTree *
lab_override_apply (const LabSet *set, LabTree *scenario, LabMistakes *mistakes)
{
  g_autofree char *label =
      g_strdup_printf ("%s %s=%s", set->is_sweep ? "sweep" : "--set", set->path, set->value);
  g_autoptr (LabMistakes) inner = lab_mistakes_new ();
  g_autoptr (LabTree) tree = lab_tree_parse (set->value, strlen (set->value), label, inner);
  SimLoc loc = { label, 0, 0 };
  if (tree == NULL || lab_mistakes_count (inner) > 0) {
    lab_mistakes_add (mistakes, loc, "\"%s\" is not a value; write path=value", set->value);
    return NULL;
  }
  LabNode *value = lab_tree_root (tree);
  forget_lines (value);
  put (scenario, set, value, mistakes);
  return g_steal_pointer (&tree); /* maps on the way borrow its name even if the put failed */
}
