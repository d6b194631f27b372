#include "lab/params.h"

#include <string.h>

#include "sim/assert.h"

/* What a reader sees as the default. */
static const char *
standard_text (const LabField *field)
{
  if (field->type == LAB_SECTION || field->type == LAB_PARTS)
    return "";
  if (field->standard != NULL)
    return field->standard;
  return field->is_required ? "required" : "";
}

static bool
has_inner_rows (const LabField *field)
{
  return field->type == LAB_SECTION || field->type == LAB_PARTS
         || (field->type == LAB_LIST && field->fields[0].type == LAB_SECTION);
}

static void
append_param (void *data, const LabFieldPlace *place)
{
  GString *out = data;
  const LabField *field = place->field;
  if (has_inner_rows (field))
    return;
  g_autofree char *range = lab_field_range (field);
  const char *standard = standard_text (field);
  g_string_append_printf (out, "%s\n    %s%s", place->path, field->help,
                          field->is_later ? " (not yet there)" : "");
  if (place->word != NULL)
    g_string_append_printf (out, " (with %s)", place->word->name);
  g_string_append_printf (out, "\n    %s", range);
  if (standard[0] != '\0')
    g_string_append_printf (out, "; %s%s", field->standard != NULL ? "default " : "", standard);
  g_string_append_c (out, '\n');
}

char *
lab_params_text (const LabField *scenario)
{
  GString *out = g_string_new (NULL);
  lab_field_walk (scenario->fields, append_param, out);
  return g_string_free (out, FALSE);
}

static void
write_words (LabJson *json, const LabField *field)
{
  const LabField *holder = field->type == LAB_LIST ? &field->fields[0] : field;
  if (holder->type != LAB_CHOICE)
    return;
  lab_json_begin_array (json, "words");
  for (const LabWord *word = holder->words; word->name != NULL; word++) {
    lab_json_begin_object (json, NULL);
    lab_json_string (json, "name", word->name);
    lab_json_string (json, "help", word->help);
    lab_json_string (json, "state", word->is_later ? "later" : "there");
    lab_json_end_object (json);
  }
  lab_json_end_array (json);
}

static void
write_param (void *data, const LabFieldPlace *place)
{
  LabJson *json = data;
  const LabField *field = place->field;
  g_autofree char *range = lab_field_range (field);
  bool is_measured = field->type == LAB_QUANTITY || field->type == LAB_DISTRIBUTION;
  lab_json_begin_object (json, NULL);
  lab_json_string (json, "path", place->path);
  lab_json_string (json, "type", lab_type_name (field->type));
  if (is_measured) {
    lab_json_string (json, "dimension", lab_dimension_name (field->dimension));
    lab_json_string (json, "units", lab_dimension_units (field->dimension));
  }
  lab_json_string (json, "range", range);
  lab_json_string (json, "default", has_inner_rows (field) ? NULL : field->standard);
  lab_json_boolean (json, "required", field->is_required);
  lab_json_string (json, "help", field->help);
  lab_json_string (json, "source", field->source);
  lab_json_string (json, "only_with", place->word != NULL ? place->word->name : NULL);
  lab_json_string (json, "state", field->is_later ? "later" : "there");
  write_words (json, field);
  lab_json_end_object (json);
}

void
lab_params_json (const LabField *scenario, LabJson *json)
{
  lab_json_begin_array (json, NULL);
  lab_field_walk (scenario->fields, write_param, json);
  lab_json_end_array (json);
}
