#include "lab/setting.h"

#include <string.h>

#include "lab/yaml_text.h"
#include "sim/assert.h"

LabSetting *
lab_setting_new (const LabField *field, const char *name, LabSetting *parent)
{
  LabSetting *setting = g_new0 (LabSetting, 1);
  setting->field = field;
  setting->name = name;
  setting->parent = parent;
  bool has_children =
      field->type == LAB_SECTION || field->type == LAB_PARTS || field->type == LAB_LIST;
  if (has_children)
    setting->children = g_ptr_array_new_with_free_func ((GDestroyNotify)lab_setting_free);
  return setting;
}

void
lab_setting_free (LabSetting *setting)
{
  if (setting == NULL)
    return;
  if (setting->children != NULL)
    g_ptr_array_unref (setting->children);
  lab_dist_free (setting->value.dist);
  lab_flows_free (setting->value.flows);
  g_free (setting);
}

bool
lab_setting_is_set (const LabSetting *setting)
{
  return setting != NULL && setting->origin.kind != LAB_FROM_NOWHERE;
}

LabSetting *
lab_setting_get (const LabSetting *setting, const char *name)
{
  if (setting == NULL || setting->children == NULL)
    return NULL;
  for (guint i = 0; i < setting->children->len; i++) {
    LabSetting *child = setting->children->pdata[i];
    if (strcmp (child->name, name) == 0)
      return child;
  }
  return NULL;
}

LabSetting *
lab_setting_find (LabSetting *setting, const char *path)
{
  g_auto (GStrv) steps = g_strsplit (path, ".", -1);
  for (char **step = steps; *step != NULL && setting != NULL; step++)
    setting = lab_setting_get (setting, *step);
  return setting;
}

char *
lab_setting_path (const LabSetting *setting)
{
  if (setting->parent == NULL || setting->parent->parent == NULL)
    return g_strdup (setting->name);
  g_autofree char *above = lab_setting_path (setting->parent);
  return g_strdup_printf ("%s.%s", above, setting->name);
}

void
lab_setting_blame (const LabSetting *setting, LabMistakes *mistakes, const char *format, ...)
{
  g_autofree char *path = lab_setting_path (setting);
  va_list args;

  va_start (args, format);
  g_autofree char *what = g_strdup_vprintf (format, args);
  va_end (args);
  lab_mistakes_add (mistakes, setting->origin.loc, "%s: %s", path, what);
}

static void
append_list (GString *text, const LabSetting *list)
{
  g_string_append_c (text, '[');
  for (guint i = 0; i < list->children->len; i++) {
    g_autofree char *element = lab_setting_text (list->children->pdata[i]);
    g_string_append_printf (text, "%s%s", i > 0 ? ", " : "", element);
  }
  g_string_append_c (text, ']');
}

static void
append_map (GString *text, const LabSetting *map)
{
  bool is_first = true;
  g_string_append_c (text, '{');
  for (guint i = 0; i < map->children->len; i++) {
    const LabSetting *child = map->children->pdata[i];
    if (!lab_setting_is_set (child))
      continue;
    g_autofree char *key = lab_yaml_scalar (child->name);
    g_autofree char *value = lab_setting_text (child);
    g_string_append_printf (text, "%s%s: %s", is_first ? "" : ", ", key, value);
    is_first = false;
  }
  g_string_append_c (text, '}');
}

static void
append_value (GString *text, const LabSetting *setting)
{
  const LabValue *value = &setting->value;
  g_autofree char *one = NULL;
  switch (setting->field->type) {
  case LAB_QUANTITY:
    one = lab_quantity_text (value->integer, setting->field->dimension);
    break;
  case LAB_RATIO:
    one = lab_ratio_text (value->ratio);
    break;
  case LAB_PERCENTILE:
    one = lab_percentile_text (value->ratio);
    break;
  case LAB_BOOLEAN:
    one = g_strdup (value->integer != 0 ? "true" : "false");
    break;
  case LAB_CHOICE:
    one = lab_yaml_scalar (value->word->name);
    break;
  case LAB_NAME:
  case LAB_TEXT:
    one = lab_yaml_scalar (value->text);
    break;
  case LAB_DISTRIBUTION:
    one = lab_dist_text (value->dist);
    break;
  case LAB_FLOWS:
    one = lab_flows_text (value->flows);
    break;
  case LAB_FREE:
    one = lab_yaml_flow (value->node);
    break;
  case LAB_SECTION:
  case LAB_PARTS:
    append_map (text, setting);
    return;
  case LAB_LIST:
    append_list (text, setting);
    return;
  }
  g_string_append (text, one);
}

char *
lab_setting_text (const LabSetting *setting)
{
  GString *text = g_string_new (NULL);
  if (lab_setting_is_set (setting))
    append_value (text, setting);
  return g_string_free (text, FALSE);
}

const char *
lab_origin_name (LabOriginKind kind)
{
  static const char *const names[LAB_N_ORIGINS] = {
    [LAB_FROM_NOWHERE] = "not set",   [LAB_FROM_DEFAULT] = "default", [LAB_FROM_PRESET] = "preset",
    [LAB_FROM_SCENARIO] = "scenario", [LAB_FROM_SET] = "--set",       [LAB_FROM_SWEEP] = "sweep",
  };
  return names[kind];
}

char *
lab_origin_text (const LabOrigin *origin)
{
  GString *text = g_string_new (NULL);
  if (origin->loc.file == NULL)
    g_string_append (text, lab_origin_name (origin->kind));
  else if (origin->loc.line == 0)
    g_string_append (text, origin->loc.file);
  else
    g_string_append_printf (text, "%s:%u:%u", origin->loc.file, origin->loc.line,
                            origin->loc.column);
  if (origin->source != NULL)
    g_string_append_printf (text, ": %s", origin->source);
  return g_string_free (text, FALSE);
}

int64_t
lab_setting_integer (const LabSetting *setting, const char *name)
{
  const LabSetting *child = lab_setting_get (setting, name);
  return lab_setting_is_set (child) ? child->value.integer : 0;
}

const char *
lab_setting_string (const LabSetting *setting, const char *name)
{
  const LabSetting *child = lab_setting_get (setting, name);
  if (!lab_setting_is_set (child))
    return NULL;
  return child->value.word != NULL ? child->value.word->name : child->value.text;
}
