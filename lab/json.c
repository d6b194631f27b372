#include "lab/json.h"

#include <string.h>

#include "sim/assert.h"

struct LabJson {
  GString *text;
  unsigned depth;
  bool is_object[LAB_JSON_DEPTH_MAX + 1];
  unsigned n_values[LAB_JSON_DEPTH_MAX + 1];
};

LabJson *
lab_json_new (void)
{
  LabJson *json = g_new0 (LabJson, 1);
  json->text = g_string_new (NULL);
  return json;
}

void
lab_json_free (LabJson *json)
{
  if (json == NULL)
    return;
  if (json->text != NULL)
    g_string_free (json->text, TRUE);
  g_free (json);
}

char *
lab_json_free_to_text (LabJson *json)
{
  SIM_ASSERT (json->depth == 0);
  SIM_ASSERT (json->n_values[0] == 1);
  g_string_append_c (json->text, '\n');
  char *text = g_string_free (g_steal_pointer (&json->text), FALSE);
  lab_json_free (json);
  return text;
}

static void
new_line (LabJson *json)
{
  g_string_append_c (json->text, '\n');
  for (unsigned i = 0; i < json->depth; i++)
    g_string_append (json->text, "  ");
}

static void
append_escaped (GString *text, const char *value)
{
  for (const char *p = value; *p != '\0'; p++) {
    unsigned char c = (unsigned char)*p;
    if (c == '"' || c == '\\')
      g_string_append_printf (text, "\\%c", c);
    else if (c == '\n')
      g_string_append (text, "\\n");
    else if (c == '\t')
      g_string_append (text, "\\t");
    else if (c < 0x20 || c == 0x7F)
      g_string_append_printf (text, "\\u%04x", c);
    else
      g_string_append_c (text, *p);
  }
}

static void
append_quoted (GString *text, const char *value)
{
  g_autofree char *valid = g_utf8_make_valid (value, -1);
  g_string_append_c (text, '"');
  append_escaped (text, valid);
  g_string_append_c (text, '"');
}

/* Comma, line and name before a value. */
static void
begin_value (LabJson *json, const char *name)
{
  SIM_ASSERT (json->is_object[json->depth] == (name != NULL));
  SIM_ASSERT (json->depth > 0 || json->n_values[0] == 0);
  if (json->n_values[json->depth]++ > 0)
    g_string_append_c (json->text, ',');
  if (json->depth > 0)
    new_line (json);
  if (name != NULL) {
    append_quoted (json->text, name);
    g_string_append (json->text, ": ");
  }
}

static void
begin_container (LabJson *json, const char *name, bool is_object)
{
  SIM_ASSERT (json->depth < LAB_JSON_DEPTH_MAX);
  begin_value (json, name);
  g_string_append_c (json->text, is_object ? '{' : '[');
  json->depth++;
  json->is_object[json->depth] = is_object;
  json->n_values[json->depth] = 0;
}

static void
end_container (LabJson *json, bool is_object)
{
  SIM_ASSERT (json->depth > 0);
  SIM_ASSERT (json->is_object[json->depth] == is_object);
  bool is_empty = json->n_values[json->depth] == 0;
  json->depth--;
  if (!is_empty)
    new_line (json);
  g_string_append_c (json->text, is_object ? '}' : ']');
}

void
lab_json_begin_object (LabJson *json, const char *name)
{
  begin_container (json, name, true);
}

void
lab_json_end_object (LabJson *json)
{
  end_container (json, true);
}

void
lab_json_begin_array (LabJson *json, const char *name)
{
  begin_container (json, name, false);
}

void
lab_json_end_array (LabJson *json)
{
  end_container (json, false);
}

void
lab_json_string (LabJson *json, const char *name, const char *value)
{
  begin_value (json, name);
  if (value == NULL)
    g_string_append (json->text, "null");
  else
    append_quoted (json->text, value);
}

void
lab_json_integer (LabJson *json, const char *name, int64_t value)
{
  begin_value (json, name);
  g_string_append_printf (json->text, "%" G_GINT64_FORMAT, value);
}

void
lab_json_unsigned (LabJson *json, const char *name, uint64_t value)
{
  begin_value (json, name);
  g_string_append_printf (json->text, "%" G_GUINT64_FORMAT, value);
}

void
lab_json_boolean (LabJson *json, const char *name, bool value)
{
  begin_value (json, name);
  g_string_append (json->text, value ? "true" : "false");
}

void
lab_json_null (LabJson *json, const char *name)
{
  begin_value (json, name);
  g_string_append (json->text, "null");
}

void
lab_json_decimal (LabJson *json, const char *name, int64_t value, unsigned n_decimals)
{
  SIM_ASSERT (n_decimals <= 18);
  begin_value (json, name);
  uint64_t magnitude = value < 0 ? -(uint64_t)value : (uint64_t)value;
  uint64_t scale = 1;
  for (unsigned i = 0; i < n_decimals; i++)
    scale *= 10;
  g_string_append_printf (json->text, "%s%" G_GUINT64_FORMAT, value < 0 ? "-" : "",
                          magnitude / scale);
  if (n_decimals > 0)
    g_string_append_printf (json->text, ".%0*" G_GUINT64_FORMAT, (int)n_decimals,
                            magnitude % scale);
}

void
lab_json_hex (LabJson *json, const char *name, uint64_t value)
{
  begin_value (json, name);
  g_string_append_printf (json->text, "\"%016" G_GINT64_MODIFIER "x\"", value);
}
