#include "lab/preset.h"

#include <string.h>

#include "lab/reader.h"
#include "sim/assert.h"

#define PRESET_FORMAT "chimsim-preset/1"

struct LabPresets {
  char **folders;
  GHashTable *trees; /* path -> LabTree, for lookup */
};

LabPresets *
lab_presets_new (const char *const *folders)
{
  LabPresets *presets = g_new0 (LabPresets, 1);
  presets->folders = g_strdupv ((char **)folders);
  presets->trees =
      g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify)lab_tree_free);
  return presets;
}

void
lab_presets_free (LabPresets *presets)
{
  if (presets == NULL)
    return;
  g_hash_table_unref (presets->trees);
  g_strfreev (presets->folders);
  g_free (presets);
}

static const char *
scalar (const LabNode *map, const char *key)
{
  const LabNode *node = lab_node_get (map, key);
  return node != NULL && node->kind == LAB_NODE_SCALAR ? node->text : NULL;
}

/* Looks whether |root| is a preset; says what is wrong if |mistakes| is given. */
static bool
check_head (const LabNode *root, LabMistakes *mistakes)
{
  static const char *const keys[] = { "format", "for", "summary", "values" };
  bool ok = true;
  for (size_t i = 0; i < G_N_ELEMENTS (keys); i++) {
    bool is_there = i == 3 ? lab_node_get (root, keys[i]) != NULL : scalar (root, keys[i]) != NULL;
    if (!is_there && mistakes != NULL)
      lab_mistakes_add (mistakes, root->loc,
                        "a preset needs format, for, summary and values; write %s", keys[i]);
    ok = ok && is_there;
  }
  if (ok && strcmp (scalar (root, "format"), PRESET_FORMAT) != 0) {
    if (mistakes != NULL)
      lab_mistakes_add (mistakes, lab_node_get (root, "format")->loc,
                        "\"%s\" is not a format of presets; write " PRESET_FORMAT,
                        scalar (root, "format"));
    ok = false;
  }
  return ok;
}

/* The preset's tree, loaded once; its mistakes are told once. */
static LabTree *
preset_tree (LabPresets *presets, const char *path, LabMistakes *mistakes)
{
  LabTree *tree = g_hash_table_lookup (presets->trees, path);
  if (tree != NULL)
    return tree;
  tree = lab_tree_load (path, mistakes);
  if (tree != NULL)
    g_hash_table_insert (presets->trees, g_strdup (path), tree);
  return tree;
}

/* A scenario may be called like a preset and stand in a folder that is searched. */
static bool
is_scenario (const char *path)
{
  g_autoptr (LabMistakes) unheard = lab_mistakes_new ();
  g_autoptr (LabTree) tree = lab_tree_load (path, unheard);
  const char *format = tree != NULL ? scalar (lab_tree_root (tree), "format") : NULL;
  return format != NULL && g_str_has_prefix (format, "chimsim/");
}

static char *
preset_path (const LabPresets *presets, const char *name)
{
  g_autofree char *file = g_strdup_printf ("%s.yaml", name);
  for (char **folder = presets->folders; *folder != NULL; folder++) {
    g_autofree char *path =
        strcmp (*folder, ".") == 0 ? g_strdup (file) : g_build_filename (*folder, file, NULL);
    if (g_file_test (path, G_FILE_TEST_IS_REGULAR) && !is_scenario (path))
      return g_steal_pointer (&path);
  }
  return NULL;
}

static int
info_compare (const void *left, const void *right)
{
  const LabPresetInfo *a = *(LabPresetInfo *const *)left;
  const LabPresetInfo *b = *(LabPresetInfo *const *)right;
  return strcmp (a->name, b->name);
}

/* "known are a, b" or nothing, for a message. */
static char *
known_text (const LabPresets *presets, const char *name, const char *purpose)
{
  g_autoptr (GPtrArray) list = lab_presets_list (presets);
  g_autoptr (GPtrArray) names = g_ptr_array_new ();
  g_autoptr (GString) text = g_string_new (NULL);
  for (guint i = 0; i < list->len; i++) {
    const LabPresetInfo *info = list->pdata[i];
    if (strcmp (info->purpose, purpose) != 0)
      continue;
    g_ptr_array_add (names, info->name);
    g_string_append_printf (text, "%s%s", text->len > 0 ? ", " : "one of ", info->name);
  }
  const char *nearest = lab_nearest (name, (const char *const *)names->pdata, names->len);
  if (nearest != NULL)
    return g_strdup_printf ("write %s", nearest);
  if (text->len == 0) {
    g_autofree char *folders = g_strjoinv (", ", presets->folders);
    return g_strdup_printf ("no preset for %s was found in %s", purpose, folders);
  }
  return g_strdup_printf ("write %s", text->str);
}

const LabNode *
lab_presets_get (LabPresets *presets, const char *name, const char *purpose, SimLoc loc,
                 LabMistakes *mistakes)
{
  bool is_plain = name[0] != '\0' && name[0] != '.' && strchr (name, '/') == NULL;
  g_autofree char *path = is_plain ? preset_path (presets, name) : NULL;
  if (path == NULL) {
    g_autofree char *advice = known_text (presets, name, purpose);
    lab_mistakes_add (mistakes, loc, "there is no preset \"%s\"; %s", name, advice);
    return NULL;
  }
  LabTree *tree = preset_tree (presets, path, mistakes);
  if (tree == NULL || !check_head (lab_tree_root (tree), mistakes))
    return NULL;

  const LabNode *root = lab_tree_root (tree);
  const char *is_for = scalar (root, "for");
  if (strcmp (is_for, purpose) != 0) {
    g_autofree char *advice = known_text (presets, name, purpose);
    lab_mistakes_add (mistakes, loc, "preset \"%s\" is for %s, not for %s; %s", name, is_for,
                      purpose, advice);
    return NULL;
  }
  return lab_node_get (root, "values");
}

static bool
is_status (const char *status)
{
  static const char *const words[] = { "verified",  "abstract",   "derived",
                                       "secondary", "unverified", "assumption" };
  for (size_t i = 0; i < G_N_ELEMENTS (words); i++)
    if (strcmp (status, words[i]) == 0)
      return true;
  return false;
}

bool
lab_preset_unwrap (const LabNode *node, const char *path, LabMistakes *mistakes,
                   LabCited *ret_cited)
{
  LabCited cited = { lab_node_get (node, "value"), scalar (node, "status"),
                     scalar (node, "source") };
  bool is_whole = cited.value != NULL && cited.status != NULL && cited.source != NULL
                  && cited.source[0] != '\0' && node->n_children == 3;
  if (node->is_broken)
    return false;
  if (!is_whole) {
    lab_mistakes_add (mistakes, node->loc,
                      "%s: a value of a preset says where it comes from; write "
                      "{value: ..., status: ..., source: \"...\"}",
                      path);
    return false;
  }
  if (!is_status (cited.status)) {
    lab_mistakes_add (mistakes, lab_node_get (node, "status")->loc,
                      "%s: \"%s\" is no status; write verified, abstract, derived, secondary, "
                      "unverified or assumption",
                      path, cited.status);
    return false;
  }
  *ret_cited = cited;
  return true;
}

void
lab_preset_info_free (LabPresetInfo *info)
{
  if (info == NULL)
    return;
  g_free (info->name);
  g_free (info->purpose);
  g_free (info->summary);
  g_free (info->path);
  g_free (info);
}

/* Adds |path| to |list| if it is a preset and no preset of that name was found before. */
static void
list_add (GPtrArray *list, const char *path, const char *file)
{
  g_autofree char *name = g_strndup (file, strlen (file) - strlen (".yaml"));
  for (guint i = 0; i < list->len; i++)
    if (strcmp (((const LabPresetInfo *)list->pdata[i])->name, name) == 0)
      return;
  g_autoptr (LabMistakes) unheard = lab_mistakes_new ();
  g_autoptr (LabTree) tree = lab_tree_load (path, unheard);
  if (tree == NULL || !check_head (lab_tree_root (tree), NULL))
    return;
  const LabNode *root = lab_tree_root (tree);
  LabPresetInfo *info = g_new0 (LabPresetInfo, 1);
  info->name = g_steal_pointer (&name);
  info->purpose = g_strdup (scalar (root, "for"));
  info->summary = g_strchomp (g_strdup (scalar (root, "summary")));
  info->path = g_strdup (path);
  g_ptr_array_add (list, info);
}

GPtrArray *
lab_presets_list (const LabPresets *presets)
{
  GPtrArray *list = g_ptr_array_new_with_free_func ((GDestroyNotify)lab_preset_info_free);
  for (char **folder = presets->folders; *folder != NULL; folder++) {
    GDir *dir = g_dir_open (*folder, 0, NULL);
    if (dir == NULL)
      continue;
    const char *file;
    while ((file = g_dir_read_name (dir)) != NULL) {
      g_autofree char *path = g_build_filename (*folder, file, NULL);
      if (g_str_has_suffix (file, ".yaml") && g_file_test (path, G_FILE_TEST_IS_REGULAR))
        list_add (list, path, file);
    }
    g_dir_close (dir);
  }
  g_ptr_array_sort (list, info_compare);
  return list;
}
