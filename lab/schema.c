/* The JSON Schema of the scenario language, for editors. */
#include "lab/params.h"

#include <string.h>

#include "sim/assert.h"

static void write_field (LabJson *json, const char *name, const LabField *field);

static void
write_pattern (LabJson *json, const char *pattern)
{
  lab_json_string (json, "type", "string");
  lab_json_string (json, "pattern", pattern);
}

static void
write_quantity (LabJson *json, const LabField *field)
{
  if (field->dimension == LAB_COUNT) {
    lab_json_string (json, "type", "integer");
    lab_json_integer (json, "minimum", field->min);
    lab_json_integer (json, "maximum", field->max);
    return;
  }
  g_autofree char *pattern = lab_dimension_pattern (field->dimension);
  write_pattern (json, pattern);
}

static void
begin_schema_of (LabJson *json, const char *name, const char *type)
{
  lab_json_begin_object (json, name);
  lab_json_string (json, "type", type);
}

/* One property of an object that has exactly this one. */
static void
write_kind (LabJson *json, const char *key)
{
  begin_schema_of (json, NULL, "object");
  lab_json_begin_array (json, "required");
  lab_json_string (json, NULL, key);
  lab_json_end_array (json);
  lab_json_integer (json, "maxProperties", 1);
  lab_json_end_object (json);
}

static void
write_distribution (LabJson *json, const LabField *field)
{
  static const char *const kinds[] = { "uniform", "exponential", "lognormal", "empirical" };
  lab_json_begin_array (json, "anyOf");
  lab_json_begin_object (json, NULL);
  write_quantity (json, field);
  lab_json_end_object (json);
  for (size_t i = 0; i < G_N_ELEMENTS (kinds); i++)
    write_kind (json, kinds[i]);
  lab_json_end_array (json);
}

/* A word that looks like a number is a number to an editor. */
static bool
is_number (const char *word)
{
  return strspn (word, "0123456789") == strlen (word);
}

static void
write_words (LabJson *json, const LabField *field)
{
  lab_json_begin_array (json, "enum");
  for (const LabWord *word = field->words; word->name != NULL; word++) {
    if (is_number (word->name))
      lab_json_integer (json, NULL, word->value);
    else
      lab_json_string (json, NULL, word->name);
  }
  lab_json_end_array (json);
}

static void
write_extension (LabJson *json)
{
  lab_json_begin_object (json, "patternProperties");
  lab_json_begin_object (json, "^x-");
  lab_json_end_object (json);
  lab_json_end_object (json);
}

/* The rows that any word of the tag adds, each name once. */
static void
write_variant_fields (LabJson *json, const LabField *section)
{
  if (section->tag == NULL)
    return;
  const LabField *chooser = lab_field_find (section->fields, section->tag);
  g_autoptr (GHashTable) seen = g_hash_table_new (g_str_hash, g_str_equal);
  for (const LabWord *word = chooser->words; word->name != NULL; word++)
    for (const LabField *field = word->fields; field != NULL && field->name != NULL; field++)
      if (g_hash_table_add (seen, (void *)field->name))
        write_field (json, field->name, field);
}

static void
write_required (LabJson *json, const LabField *section)
{
  bool is_open = false;
  for (const LabField *field = section->fields; field->name != NULL; field++) {
    /* a preset may bring what is required */
    if (!field->is_required || section->preset != NULL)
      continue;
    if (!is_open)
      lab_json_begin_array (json, "required");
    is_open = true;
    lab_json_string (json, NULL, field->name);
  }
  if (is_open)
    lab_json_end_array (json);
}

static void
write_map (LabJson *json, const LabField *section)
{
  lab_json_string (json, "type", "object");
  lab_json_begin_object (json, "properties");
  if (section->preset != NULL) {
    begin_schema_of (json, "preset", "string");
    lab_json_end_object (json);
  }
  for (const LabField *field = section->fields; field->name != NULL; field++)
    write_field (json, field->name, field);
  write_variant_fields (json, section);
  lab_json_end_object (json);
  write_extension (json);
  lab_json_boolean (json, "additionalProperties", false);
  write_required (json, section);
}

static void
write_list (LabJson *json, const LabField *field)
{
  if (field->takes_one) {
    lab_json_begin_array (json, "anyOf");
    write_field (json, NULL, &field->fields[0]);
    lab_json_begin_object (json, NULL);
  }
  lab_json_string (json, "type", "array");
  write_field (json, "items", &field->fields[0]);
  if (field->takes_one) {
    lab_json_end_object (json);
    lab_json_end_array (json);
  }
}

static void
write_type (LabJson *json, const LabField *field)
{
  switch (field->type) {
  case LAB_QUANTITY:
    write_quantity (json, field);
    return;
  case LAB_RATIO:
    write_pattern (json, "^([0-9]+/[0-9]+|[0-9]+([.][0-9]+)?%)$");
    return;
  case LAB_PERCENTILE:
    lab_json_string (json, "type", "number");
    lab_json_integer (json, "exclusiveMinimum", 0);
    lab_json_integer (json, "maximum", 100);
    return;
  case LAB_BOOLEAN:
    lab_json_string (json, "type", "boolean");
    return;
  case LAB_CHOICE:
    write_words (json, field);
    return;
  case LAB_NAME:
    write_pattern (json, "^[A-Za-z][A-Za-z0-9_-]{0,62}$");
    return;
  case LAB_TEXT:
    lab_json_string (json, "type", "string");
    return;
  case LAB_DISTRIBUTION:
    write_distribution (json, field);
    return;
  case LAB_SECTION:
    write_map (json, field);
    return;
  case LAB_PARTS: {
    LabField part = *field;
    part.type = LAB_SECTION;
    lab_json_string (json, "type", "object");
    write_field (json, "additionalProperties", &part);
    return;
  }
  case LAB_LIST:
    write_list (json, field);
    return;
  case LAB_FLOWS:
  case LAB_FREE:
    return;
  }
  SIM_UNREACHABLE ();
}

static void
write_field (LabJson *json, const char *name, const LabField *field)
{
  lab_json_begin_object (json, name);
  g_autofree char *range = lab_field_range (field);
  g_autofree char *text =
      field->standard != NULL && strcmp (field->standard, "{}") != 0
          ? g_strdup_printf ("%s (%s; default %s)", field->help, range, field->standard)
          : g_strdup_printf ("%s (%s)", field->help, range);
  lab_json_string (json, "description", text);
  write_type (json, field);
  lab_json_end_object (json);
}

char *
lab_params_schema (const LabField *scenario)
{
  LabJson *json = lab_json_new ();
  lab_json_begin_object (json, NULL);
  lab_json_string (json, "$schema", "http://json-schema.org/draft-07/schema#");
  lab_json_string (json, "title", "chimsim scenario, format chimsim/1");
  write_map (json, scenario);
  lab_json_end_object (json);
  return lab_json_free_to_text (json);
}
