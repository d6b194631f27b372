#include "lab/explain.h"

#include <string.h>

typedef void (*Visitor) (void *data, const LabSetting *setting, const char *path);

/* Visits every value below |setting|; a list of plain values is one value. */
static void
walk (const LabSetting *setting, Visitor visitor, void *data)
{
  if (!lab_setting_is_set (setting))
    return;
  bool is_plain_list =
      setting->field->type == LAB_LIST
      && (setting->children->len == 0 || setting->field->fields[0].type != LAB_SECTION);
  if (setting->children == NULL || is_plain_list) {
    g_autofree char *path = lab_setting_path (setting);
    visitor (data, setting, path);
    return;
  }
  for (guint i = 0; i < setting->children->len; i++)
    walk (setting->children->pdata[i], visitor, data);
}

typedef struct Widths {
  int path;
  int value;
} Widths;

/* Longer entries push their line to the right instead of all lines. */
#define WIDTH_MAX 44

static void
measure (void *data, const LabSetting *setting, const char *path)
{
  Widths *widths = data;
  g_autofree char *value = lab_setting_text (setting);
  int n_path = (int)strlen (path);
  int n_value = (int)strlen (value);
  if (n_path > widths->path && n_path <= WIDTH_MAX)
    widths->path = n_path;
  if (n_value > widths->value && n_value <= WIDTH_MAX)
    widths->value = n_value;
}

typedef struct Listing {
  GString *out;
  Widths widths;
} Listing;

static void
append_line (void *data, const LabSetting *setting, const char *path)
{
  Listing *listing = data;
  g_autofree char *value = lab_setting_text (setting);
  g_autofree char *origin = lab_origin_text (&setting->origin);
  g_string_append_printf (listing->out, "%-*s  %-*s  %s\n", listing->widths.path, path,
                          listing->widths.value, value, origin);
}

char *
lab_explain_text (const LabSetting *setting)
{
  Listing listing = { g_string_new (NULL), { 0, 0 } };
  walk (setting, measure, &listing.widths);
  walk (setting, append_line, &listing);
  return g_string_free (listing.out, FALSE);
}

static void
write_value (LabJson *json, const LabSetting *setting)
{
  const LabValue *value = &setting->value;
  switch (setting->field->type) {
  case LAB_QUANTITY:
    lab_json_integer (json, "number", value->integer);
    lab_json_string (json, "unit", lab_dimension_base (setting->field->dimension));
    return;
  case LAB_BOOLEAN:
    lab_json_boolean (json, "number", value->integer != 0);
    return;
  case LAB_RATIO:
  case LAB_PERCENTILE:
  case LAB_CHOICE:
  case LAB_NAME:
  case LAB_TEXT:
  case LAB_DISTRIBUTION:
  case LAB_SECTION:
  case LAB_PARTS:
  case LAB_LIST:
  case LAB_FLOWS:
  case LAB_FREE:
    return;
  }
}

static void
write_object (void *data, const LabSetting *setting, const char *path)
{
  LabJson *json = data;
  const LabOrigin *origin = &setting->origin;
  g_autofree char *value = lab_setting_text (setting);
  g_autofree char *place = lab_origin_text (&(LabOrigin){ origin->kind, origin->loc, NULL });
  lab_json_begin_object (json, NULL);
  lab_json_string (json, "path", path);
  lab_json_string (json, "value", value);
  lab_json_string (json, "type", lab_type_name (setting->field->type));
  write_value (json, setting);
  lab_json_string (json, "origin", lab_origin_name (origin->kind));
  lab_json_string (json, "place", origin->loc.file != NULL ? place : NULL);
  lab_json_string (json, "source", origin->source);
  lab_json_end_object (json);
}

void
lab_explain_json (const LabSetting *setting, LabJson *json)
{
  lab_json_begin_array (json, NULL);
  walk (setting, write_object, json);
  lab_json_end_array (json);
}
