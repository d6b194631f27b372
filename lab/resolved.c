#include "lab/resolved.h"

#include <string.h>

#include "lab/yaml_text.h"

/* Sections with at most this many columns of text go in one line. */
#define LINE_COLUMNS 96

static void append_map (GString *out, const LabSetting *map, unsigned depth);

static void
indent (GString *out, unsigned depth)
{
  for (unsigned i = 0; i < depth; i++)
    g_string_append (out, "  ");
}

static bool
is_list_of_maps (const LabSetting *setting)
{
  return setting->field->type == LAB_LIST && setting->field->fields[0].type == LAB_SECTION;
}

static void
append_elements (GString *out, const LabSetting *list, unsigned depth)
{
  g_string_append_c (out, '\n');
  for (guint i = 0; i < list->children->len; i++) {
    g_autofree char *text = lab_setting_text (list->children->pdata[i]);
    indent (out, depth + 1);
    g_string_append_printf (out, "- %s\n", text);
  }
}

static void
append_setting (GString *out, const LabSetting *setting, unsigned depth)
{
  if (!lab_setting_is_set (setting))
    return;
  g_autofree char *key = lab_yaml_scalar (setting->name);
  g_autofree char *text = lab_setting_text (setting);
  bool is_empty = setting->children != NULL && setting->children->len == 0;
  bool is_long = strlen (key) + strlen (text) + 2 * depth > LINE_COLUMNS;
  indent (out, depth);
  g_string_append_printf (out, "%s:", key);
  if (!is_empty && is_list_of_maps (setting))
    append_elements (out, setting, depth);
  else if (!is_empty && is_long && setting->children != NULL && setting->field->type != LAB_LIST)
    append_map (out, setting, depth);
  else
    g_string_append_printf (out, " %s\n", text);
}

static void
append_map (GString *out, const LabSetting *map, unsigned depth)
{
  g_string_append_c (out, '\n');
  for (guint i = 0; i < map->children->len; i++)
    append_setting (out, map->children->pdata[i], depth + 1);
}

static bool
can_change_run (const LabSetting *setting)
{
  return !setting->field->is_inert && strcmp (setting->name, "name") != 0
         && strcmp (setting->name, "summary") != 0;
}

char *
lab_resolved_text (const LabSetting *scenario, LabResolvedPart part)
{
  GString *out = g_string_new (NULL);
  for (guint i = 0; i < scenario->children->len; i++) {
    const LabSetting *setting = scenario->children->pdata[i];
    if (part == LAB_RESOLVED_ALL || can_change_run (setting))
      append_setting (out, setting, 0);
  }
  return g_string_free (out, FALSE);
}
