#include "lab/value.h"

#include <string.h>

#include "sim/assert.h"

#define NAME_BYTES_MAX 63
#define TEXT_BYTES_MAX 65536

typedef struct Reading {
  const LabField *field;
  const LabNode *node;
  const char *path;
  LabMistakes *mistakes;
} Reading;

static bool
refuse (const Reading *reading, const char *why)
{
  lab_mistakes_add (reading->mistakes, reading->node->loc, "%s: %s", reading->path, why);
  return false;
}

bool
lab_name_is_valid (const char *name)
{
  size_t n_bytes = strlen (name);
  if (n_bytes == 0 || n_bytes > NAME_BYTES_MAX || !g_ascii_isalpha (name[0]))
    return false;
  for (size_t i = 1; i < n_bytes; i++)
    if (!g_ascii_isalnum (name[i]) && name[i] != '_' && name[i] != '-')
      return false;
  return true;
}

static bool
read_quantity (const Reading *reading, LabValue *value)
{
  const LabField *field = reading->field;
  g_autofree char *why = NULL;
  int64_t integer = 0;
  if (!lab_quantity_read (reading->node->text, field->dimension, &integer, &why))
    return refuse (reading, why);
  if (integer < field->min || integer > field->max) {
    g_autofree char *range = lab_field_range (field);
    lab_mistakes_add (reading->mistakes, reading->node->loc, "%s: %s is out of range; write %s",
                      reading->path, reading->node->text, range);
    return false;
  }
  value->integer = integer;
  return true;
}

static bool
read_word (const Reading *reading, LabValue *value)
{
  const LabField *field = reading->field;
  const char *text = reading->node->text;
  const LabWord *word = lab_word_find (field->words, text);
  if (word != NULL && word->is_later) {
    lab_mistakes_add (reading->mistakes, reading->node->loc,
                      "%s: %s is not yet there; this version cannot do it", reading->path, text);
    return false;
  }
  if (word != NULL) {
    value->word = word;
    value->integer = word->value;
    return true;
  }
  g_autoptr (GPtrArray) names = g_ptr_array_new ();
  for (word = field->words; word->name != NULL; word++)
    g_ptr_array_add (names, (void *)word->name);
  const char *nearest = lab_nearest (text, (const char *const *)names->pdata, names->len);
  g_autofree char *range = lab_field_range (field);
  lab_mistakes_add (reading->mistakes, reading->node->loc, "%s: \"%s\" is not known; write %s",
                    reading->path, text, nearest != NULL ? nearest : range);
  return false;
}

static bool
read_text (const Reading *reading, LabValue *value)
{
  const char *text = reading->node->text;
  if (strlen (text) > TEXT_BYTES_MAX)
    return refuse (reading, "longer than 64 KiB; write less");
  if (reading->field->type == LAB_NAME && !lab_name_is_valid (text)) {
    lab_mistakes_add (reading->mistakes, reading->node->loc,
                      "%s: \"%s\" is not a name; write a letter, then letters, digits, _ and -",
                      reading->path, text);
    return false;
  }
  value->text = text;
  return true;
}

static bool
read_scalar (const Reading *reading, LabValue *value)
{
  g_autofree char *why = NULL;
  bool truth = false;
  const char *text = reading->node->text;
  switch (reading->field->type) {
  case LAB_QUANTITY:
    return read_quantity (reading, value);
  case LAB_RATIO:
    return lab_ratio_read (text, &value->ratio, &why) || refuse (reading, why);
  case LAB_PERCENTILE:
    return lab_percentile_read (text, &value->ratio, &why) || refuse (reading, why);
  case LAB_BOOLEAN:
    if (!lab_boolean_read (text, &truth, &why))
      return refuse (reading, why);
    value->integer = truth;
    return true;
  case LAB_CHOICE:
    return read_word (reading, value);
  case LAB_NAME:
  case LAB_TEXT:
    return read_text (reading, value);
  case LAB_DISTRIBUTION:
  case LAB_SECTION:
  case LAB_PARTS:
  case LAB_LIST:
  case LAB_FLOWS:
  case LAB_FREE:
    break;
  }
  SIM_UNREACHABLE ();
}

/* A quoted scalar is a text (YAML 1.2.2, 10.3.2).  So is a number with a unit, quoted or not, but a
 * bare number and a boolean are none. */
static bool
check_quotes (const Reading *reading)
{
  const LabField *field = reading->field;
  bool is_number = field->type == LAB_PERCENTILE
                   || (field->type == LAB_QUANTITY && field->dimension == LAB_COUNT);
  if (!reading->node->is_quoted || (!is_number && field->type != LAB_BOOLEAN))
    return true;
  lab_mistakes_add (reading->mistakes, reading->node->loc,
                    "%s: \"%s\" in quotes is a text, not a %s; write %s", reading->path,
                    reading->node->text, is_number ? "number" : "boolean", reading->node->text);
  return false;
}

bool
lab_value_read (const LabField *field, const LabNode *node, const char *path, LabMistakes *mistakes,
                LabValue *ret_value)
{
  Reading reading = { field, node, path, mistakes };
  LabValue value = { .node = node };
  bool ok = false;
  if (node->is_broken)
    return false;
  if (field->type == LAB_FREE) {
    ok = true;
  } else if (lab_node_is_null (node)) {
    refuse (&reading, "has no value; write one or leave the key out");
  } else if (field->type == LAB_DISTRIBUTION) {
    LabDistBounds bounds = { field->dimension, field->min, field->max };
    value.dist = lab_dist_read (node, bounds, path, mistakes);
    ok = value.dist != NULL;
  } else if (field->type == LAB_FLOWS) {
    value.flows = lab_flows_read (node, path, mistakes);
    ok = value.flows != NULL;
  } else if (node->kind != LAB_NODE_SCALAR) {
    g_autofree char *range = lab_field_range (field);
    lab_mistakes_add (mistakes, node->loc, "%s: %s stands where a value belongs; write %s", path,
                      lab_node_what (node), range);
  } else {
    ok = read_scalar (&reading, &value) && check_quotes (&reading);
  }
  if (ok)
    *ret_value = value;
  return ok;
}
