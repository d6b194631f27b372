#include "lab/loader.h"

#include <string.h>

#include "lab/reader.h"
#include "lab/value.h"
#include "sim/assert.h"

/* A hostile file may not make us slow: more parts of one kind are refused, and after so many
 * mistakes nobody gets advice any more. */
#define PARTS_MAX 1024
#define ADVICE_MAX 1000

typedef struct Loader {
  LabLoaded *loaded;
  LabMistakes *mistakes;
} Loader;

/* Where the values of one section come from. */
typedef struct From {
  const LabNode *node;   /* in the scenario, or NULL */
  const LabNode *preset; /* in a preset, or NULL */
  const char *preset_name;
  SimLoc loc;    /* of the nearest section that is written down */
  bool is_quiet; /* the section is a mistake already: nothing in it is missed */
} From;

static void load_row (Loader *loader, const LabField *field, const From *from, LabSetting *parent);

static LabSetting *
child_new (const LabField *field, const char *name, LabSetting *parent)
{
  LabSetting *setting = lab_setting_new (field, name, parent);
  g_ptr_array_add (parent->children, setting);
  return setting;
}

static LabOrigin
origin_of (const LabNode *node)
{
  if (node->loc.line > 0)
    return (LabOrigin){ LAB_FROM_SCENARIO, node->loc, NULL };
  bool is_sweep = g_str_has_prefix (node->loc.file, "sweep ");
  return (LabOrigin){ is_sweep ? LAB_FROM_SWEEP : LAB_FROM_SET, node->loc, NULL };
}

static void
load_from_scenario (Loader *loader, LabSetting *setting, const LabNode *node)
{
  g_autofree char *path = lab_setting_path (setting);
  if (setting->field->is_later) {
    lab_mistakes_add (loader->mistakes, node->key_loc,
                      "%s is not yet there; this version cannot do it", path);
    return;
  }
  if (lab_value_read (setting->field, node, path, loader->mistakes, &setting->value))
    setting->origin = origin_of (node);
}

static LabOrigin
origin_of_cited (Loader *loader, const From *from, const LabCited *cited)
{
  g_autofree char *source =
      g_strdup_printf ("preset %s, %s: %s", from->preset_name, cited->status, cited->source);
  const char *kept = g_string_chunk_insert (loader->loaded->strings, source);
  return (LabOrigin){ LAB_FROM_PRESET, cited->value->loc, kept };
}

static void
load_from_preset (Loader *loader, LabSetting *setting, const From *from, const LabNode *node)
{
  g_autofree char *path = lab_setting_path (setting);
  LabCited cited;
  if (!lab_preset_unwrap (node, path, loader->mistakes, &cited))
    return;
  if (!lab_value_read (setting->field, cited.value, path, loader->mistakes, &setting->value))
    return;
  setting->origin = origin_of_cited (loader, from, &cited);
}

/* The default of |field| as a node.  Plain text is most of them and needs no parser. */
static LabNode *
standard_node (Loader *loader, const LabField *field, const char *path)
{
  g_autoptr (LabMistakes) mistakes = lab_mistakes_new ();
  LabTree *tree = lab_tree_parse (field->standard, strlen (field->standard), path, mistakes);
  SIM_ASSERT (tree != NULL);
  SIM_ASSERT (lab_mistakes_count (mistakes) == 0);
  g_ptr_array_add (loader->loaded->trees, tree);
  return lab_tree_root (tree);
}

static void
load_default (Loader *loader, LabSetting *setting, const From *from)
{
  const LabField *field = setting->field;
  g_autofree char *path = lab_setting_path (setting);
  if (field->standard == NULL) {
    if (field->is_required && !from->is_quiet) {
      g_autofree char *range = lab_field_range (field);
      lab_mistakes_add (loader->mistakes, from->loc, "%s is missing; write %s: ... (%s)", path,
                        setting->name, range);
    }
    return;
  }
  g_autoptr (LabMistakes) mistakes = lab_mistakes_new ();
  LabNode *node = standard_node (loader, field, path);
  bool ok = lab_value_read (field, node, path, mistakes, &setting->value);
  SIM_ASSERT (ok);
  setting->origin = (LabOrigin){ LAB_FROM_DEFAULT, { NULL, 0, 0 }, field->source };
}

/* Tells whether |node| is a |kind|, and complains if it is not. */
static bool
expect_kind (Loader *loader, const LabSetting *setting, const LabNode *node, LabNodeKind kind)
{
  if (node->is_broken || node->kind == kind)
    return !node->is_broken;
  g_autofree char *path = lab_setting_path (setting);
  if (lab_node_is_null (node))
    lab_mistakes_add (loader->mistakes, node->loc,
                      "%s: has no value; write one or leave the key out", path);
  else
    lab_mistakes_add (loader->mistakes, node->loc, "%s: %s stands where %s belongs; write %s", path,
                      lab_node_what (node), kind == LAB_NODE_MAP ? "a map" : "a list",
                      kind == LAB_NODE_MAP ? "{key: value, ...}" : "[value, ...]");
  return false;
}

/* The keys a section takes: its own and those its tag's word adds. */
typedef struct Keys {
  const LabField *own;
  const LabField *added;
  const LabWord *word;
  bool is_open; /* the tag is missing or wrong: any key may be meant */
} Keys;

static bool
key_is_known (const LabField *holder, const Keys *keys, const char *key)
{
  bool is_known = lab_field_find (keys->own, key) != NULL
                  || lab_field_find (keys->added, key) != NULL || g_str_has_prefix (key, "x-")
                  || (holder->preset != NULL && strcmp (key, "preset") == 0);
  return is_known || keys->is_open;
}

static void
collect_names (const LabField *fields, GPtrArray *names)
{
  for (const LabField *field = fields; field != NULL && field->name != NULL; field++)
    g_ptr_array_add (names, (void *)field->name);
}

static void
report_unknown_key (Loader *loader, const LabSetting *section, const Keys *keys,
                    const LabNode *entry)
{
  g_autoptr (GPtrArray) names = g_ptr_array_new ();
  collect_names (keys->own, names);
  collect_names (keys->added, names);
  if (section->field->preset != NULL)
    g_ptr_array_add (names, (void *)"preset");
  g_autoptr (GString) advice = g_string_new (NULL);
  bool is_late = lab_mistakes_count (loader->mistakes) > ADVICE_MAX;
  const char *nearest =
      is_late ? NULL : lab_nearest (entry->key, (const char *const *)names->pdata, names->len);
  if (nearest != NULL)
    g_string_append_printf (advice, "write %s", nearest);
  for (guint i = 0; nearest == NULL && i < names->len; i++)
    g_string_append_printf (advice, "%s%s", i == 0 ? "known are " : ", ",
                            (const char *)names->pdata[i]);

  g_autofree char *path = section->parent != NULL ? lab_setting_path (section) : NULL;
  g_autofree char *with =
      keys->word != NULL ? g_strdup_printf (" with %s: %s", section->field->tag, keys->word->name)
                         : g_strdup ("");
  lab_mistakes_add (loader->mistakes, entry->key_loc, "%s%s has no key %s; %s",
                    path != NULL ? path : "a scenario", with, entry->key, advice->str);
}

static void
check_keys (Loader *loader, const LabSetting *section, const Keys *keys, const LabNode *node)
{
  if (node == NULL)
    return;
  for (const LabNode *entry = node->first; entry != NULL; entry = entry->next)
    if (!key_is_known (section->field, keys, entry->key))
      report_unknown_key (loader, section, keys, entry);
}

/* Finds the preset that fills |section|, if it takes one. */
static void
find_preset (Loader *loader, LabSetting *section, From *from)
{
  const char *purpose = section->field->preset;
  if (purpose == NULL)
    return;
  const LabNode *named = lab_node_get (from->node, "preset");
  if (named == NULL || named->is_broken)
    return;
  if (named->kind != LAB_NODE_SCALAR || lab_node_is_null (named)) {
    lab_mistakes_add (loader->mistakes, named->loc, "preset: write the name of a preset for %s",
                      purpose);
    return;
  }
  from->preset =
      lab_presets_get (loader->loaded->presets, named->text, purpose, named->loc, loader->mistakes);
  from->preset_name = named->text;
  section->preset = named->text;
}

/* Loads the tag of |section| and sees which further keys it brings. */
static Keys
load_tag (Loader *loader, LabSetting *section, const From *from)
{
  Keys keys = { .own = section->field->fields };
  if (section->field->tag == NULL)
    return keys;
  const LabField *chooser = lab_field_find (keys.own, section->field->tag);
  SIM_ASSERT (chooser != NULL);
  load_row (loader, chooser, from, section);
  const LabSetting *tag = section->children->pdata[section->children->len - 1];
  keys.word = tag->value.word;
  keys.added = keys.word != NULL ? keys.word->fields : NULL;
  keys.is_open = keys.word == NULL;
  return keys;
}

/* Loads what is in the section |setting| stands for, a map in the file. */
static void
load_section (Loader *loader, LabSetting *section, From from)
{
  find_preset (loader, section, &from);
  Keys keys = load_tag (loader, section, &from);
  for (const LabField *field = keys.own; field->name != NULL; field++)
    if (section->field->tag == NULL || strcmp (field->name, section->field->tag) != 0)
      load_row (loader, field, &from, section);
  for (const LabField *field = keys.added; field != NULL && field->name != NULL; field++)
    load_row (loader, field, &from, section);
  check_keys (loader, section, &keys, from.node);
  check_keys (loader, section, &keys, from.preset);
}

/* |setting| stands for something that is no map: it is not set, but the rows in it are there. */
static From
mistaken (LabSetting *setting, const From *from)
{
  setting->origin.kind = LAB_FROM_NOWHERE; /* its place stays */
  return (From){ .loc = from->loc, .is_quiet = true };
}

static void
load_parts (Loader *loader, LabSetting *parts, const From *from)
{
  for (const LabNode *entry = from->node != NULL ? from->node->first : NULL; entry != NULL;
       entry = entry->next) {
    if (g_str_has_prefix (entry->key, "x-"))
      continue;
    if (parts->children->len == PARTS_MAX) {
      lab_mistakes_add (loader->mistakes, entry->key_loc, "%s: more than %d; write fewer",
                        parts->name, PARTS_MAX);
      return;
    }
    LabSetting *part = lab_setting_new (parts->field, entry->key, parts);
    g_ptr_array_add (parts->children, part);
    part->origin = origin_of (entry);
    if (!lab_name_is_valid (entry->key))
      lab_mistakes_add (loader->mistakes, entry->key_loc,
                        "\"%s\" is not a name; write a letter, then letters, digits, _ and -",
                        entry->key);
    From inner = { .node = entry, .loc = entry->loc };
    if (!expect_kind (loader, part, entry, LAB_NODE_MAP))
      inner = mistaken (part, from);
    load_section (loader, part, inner);
  }
}

static const char *
element_name (Loader *loader, const LabNode *node, unsigned number)
{
  const LabNode *id = lab_node_get (node, "id");
  if (id != NULL && id->kind == LAB_NODE_SCALAR && lab_name_is_valid (id->text))
    return id->text;
  g_autofree char *text = g_strdup_printf ("%u", number);
  return g_string_chunk_insert (loader->loaded->strings, text);
}

static void
load_element (Loader *loader, LabSetting *list, const LabNode *node, const LabOrigin *origin)
{
  const LabField *field = &list->field->fields[0];
  const char *name = element_name (loader, node, list->children->len);
  LabSetting *element = child_new (field, name, list);
  g_autofree char *path = lab_setting_path (element);
  LabOrigin own = *origin;
  element->value.node = node;
  if (own.kind != LAB_FROM_DEFAULT)
    own.loc = node->loc;
  if (field->type == LAB_SECTION) {
    From inner = { .node = node, .loc = node->loc };
    element->origin = own;
    if (!expect_kind (loader, element, node, LAB_NODE_MAP))
      inner = mistaken (element, &inner);
    load_section (loader, element, inner);
  } else if (lab_value_read (field, node, path, loader->mistakes, &element->value)) {
    element->origin = own;
  }
}

static void
load_elements (Loader *loader, LabSetting *list, const LabNode *node, LabOrigin origin)
{
  list->origin = origin;
  list->value.node = node;
  bool is_one = list->field->takes_one && node->kind != LAB_NODE_LIST && !lab_node_is_null (node);
  if (is_one)
    load_element (loader, list, node, &origin);
  else if (expect_kind (loader, list, node, LAB_NODE_LIST))
    for (const LabNode *child = node->first; child != NULL; child = child->next)
      load_element (loader, list, child, &origin);
}

static void
load_list (Loader *loader, LabSetting *list, const From *from)
{
  const LabNode *node = lab_node_get (from->node, list->name);
  const LabNode *preset = lab_node_get (from->preset, list->name);
  g_autofree char *path = lab_setting_path (list);
  LabCited cited;
  if (node != NULL)
    load_elements (loader, list, node, origin_of (node));
  else if (preset != NULL && lab_preset_unwrap (preset, path, loader->mistakes, &cited))
    load_elements (loader, list, cited.value, origin_of_cited (loader, from, &cited));
  else if (preset == NULL && list->field->standard != NULL)
    load_elements (loader, list, standard_node (loader, list->field, path),
                   (LabOrigin){ LAB_FROM_DEFAULT, { NULL, 0, 0 }, list->field->source });
  else if (preset == NULL && list->field->is_required && !from->is_quiet)
    lab_mistakes_add (loader->mistakes, from->loc, "%s is missing; write %s: [...]", path,
                      list->name);
}

/* A section or parts: there if someone wrote it, or if the table says it always is. */
static void
load_map (Loader *loader, LabSetting *setting, const From *from)
{
  const LabField *field = setting->field;
  const LabNode *node = lab_node_get (from->node, setting->name);
  const LabNode *preset = lab_node_get (from->preset, setting->name);
  bool is_standing = field->standard != NULL;
  if (node == NULL && preset == NULL && !is_standing) {
    g_autofree char *path = lab_setting_path (setting);
    if (field->is_required && !from->is_quiet)
      lab_mistakes_add (loader->mistakes, from->loc, "%s is missing; write %s: {...}", path,
                        setting->name);
    return;
  }
  From inner = { node, preset, from->preset_name, from->loc, from->is_quiet };
  setting->origin = (LabOrigin){ LAB_FROM_DEFAULT, { NULL, 0, 0 }, NULL };
  if (preset != NULL)
    setting->origin = (LabOrigin){ LAB_FROM_PRESET, preset->loc, NULL };
  if (node != NULL) {
    setting->origin = origin_of (node);
    inner.loc = node->loc;
  }
  bool ok = node == NULL || expect_kind (loader, setting, node, LAB_NODE_MAP);
  ok = (preset == NULL || expect_kind (loader, setting, preset, LAB_NODE_MAP)) && ok;
  if (!ok)
    inner = mistaken (setting, from);
  if (field->type == LAB_PARTS)
    load_parts (loader, setting, &inner);
  else
    load_section (loader, setting, inner);
}

static void
load_row (Loader *loader, const LabField *field, const From *from, LabSetting *parent)
{
  LabSetting *setting = child_new (field, field->name, parent);
  const LabNode *node = lab_node_get (from->node, field->name);
  bool is_map = field->type == LAB_SECTION || field->type == LAB_PARTS;
  if (field->is_later && node != NULL)
    load_from_scenario (loader, setting, node); /* says so */
  else if (is_map)
    load_map (loader, setting, from);
  else if (field->type == LAB_LIST)
    load_list (loader, setting, from);
  else if (node != NULL)
    load_from_scenario (loader, setting, node);
  else if (lab_node_get (from->preset, field->name) != NULL)
    load_from_preset (loader, setting, from, lab_node_get (from->preset, field->name));
  else
    load_default (loader, setting, from);
}

LabLoaded *
lab_load (const LabField *root, LabSource source, LabMistakes *mistakes)
{
  SIM_ASSERT (root->type == LAB_SECTION);

  LabLoaded *loaded = g_new0 (LabLoaded, 1);
  loaded->trees = g_ptr_array_new_with_free_func ((GDestroyNotify)lab_tree_free);
  loaded->strings = g_string_chunk_new (1024);
  loaded->presets = lab_presets_new (source.preset_folders);
  loaded->root = lab_setting_new (root, root->name, NULL);
  g_ptr_array_add (loaded->trees, source.tree);

  for (size_t i = 0; i < source.n_sets; i++) {
    LabTree *tree = lab_override_apply (&source.sets[i], source.tree, mistakes);
    if (tree != NULL)
      g_ptr_array_add (loaded->trees, tree);
  }
  Loader loader = { loaded, mistakes };
  const LabNode *node = lab_tree_root (source.tree);
  loaded->root->origin = origin_of (node);
  if (node->kind == LAB_NODE_MAP)
    load_section (&loader, loaded->root, (From){ .node = node, .loc = node->loc });
  else
    lab_mistakes_add (mistakes, node->loc, "%s stands where a scenario belongs; write key: value",
                      lab_node_what (node));
  return loaded;
}

void
lab_loaded_free (LabLoaded *loaded)
{
  if (loaded == NULL)
    return;
  lab_setting_free (loaded->root);
  lab_presets_free (loaded->presets);
  g_string_chunk_free (loaded->strings);
  g_ptr_array_unref (loaded->trees);
  g_free (loaded);
}
