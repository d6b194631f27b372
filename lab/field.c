#include "lab/field.h"

#include <string.h>

#include "sim/assert.h"

const LabField *
lab_field_find (const LabField *fields, const char *name)
{
  for (const LabField *field = fields; field != NULL && field->name != NULL; field++)
    if (strcmp (field->name, name) == 0)
      return field;
  return NULL;
}

const LabWord *
lab_word_find (const LabWord *words, const char *name)
{
  for (const LabWord *word = words; word != NULL && word->name != NULL; word++)
    if (strcmp (word->name, name) == 0)
      return word;
  return NULL;
}

typedef struct Walk {
  LabFieldVisitor visitor;
  void *data;
} Walk;

/* Where a walk stands. */
typedef struct Spot {
  const char *prefix;
  const LabWord *word;
  unsigned depth;
} Spot;

static void walk_fields (const Walk *walk, const LabField *fields, Spot spot);

static char *
path_below (const LabField *field, const char *path)
{
  if (field->type == LAB_PARTS)
    return g_strdup_printf ("%s.<name>", path);
  if (field->type == LAB_LIST)
    return g_strdup_printf ("%s[]", path);
  return g_strdup (path);
}

/* The rows that the words of |field|'s tag add. */
static void
walk_variants (const Walk *walk, const LabField *fields, const char *tag, Spot spot)
{
  const LabField *chooser = lab_field_find (fields, tag);
  SIM_ASSERT (chooser != NULL);
  for (const LabWord *word = chooser->words; word->name != NULL; word++)
    if (word->fields != NULL) {
      spot.word = word;
      walk_fields (walk, word->fields, spot);
    }
}

static void
walk_inner (const Walk *walk, const LabField *field, Spot spot)
{
  /* A list of scalars has no rows of its own; a list of maps has those of the map. */
  const LabField *holder = field;
  if (field->type == LAB_LIST)
    holder = &field->fields[0];
  if (holder->type != LAB_SECTION && holder->type != LAB_PARTS)
    return;
  g_autofree char *below = path_below (field, spot.prefix);
  Spot inner = { below, spot.word, spot.depth + 1 };
  walk_fields (walk, holder->fields, inner);
  if (holder->tag != NULL)
    walk_variants (walk, holder->fields, holder->tag, inner);
}

static void
walk_fields (const Walk *walk, const LabField *fields, Spot spot)
{
  for (const LabField *field = fields; field->name != NULL; field++) {
    g_autofree char *path = spot.prefix[0] != '\0'
                                ? g_strdup_printf ("%s.%s", spot.prefix, field->name)
                                : g_strdup (field->name);
    LabFieldPlace place = { path, field, spot.word, spot.depth };
    walk->visitor (walk->data, &place);
    walk_inner (walk, field, (Spot){ path, spot.word, spot.depth });
  }
}

void
lab_field_walk (const LabField *fields, LabFieldVisitor visitor, void *data)
{
  Walk walk = { visitor, data };
  walk_fields (&walk, fields, (Spot){ "", NULL, 0 });
}

const char *
lab_type_name (LabType type)
{
  static const char *const names[] = {
    [LAB_QUANTITY] = "quantity",
    [LAB_RATIO] = "ratio",
    [LAB_PERCENTILE] = "percentile",
    [LAB_BOOLEAN] = "boolean",
    [LAB_CHOICE] = "choice",
    [LAB_NAME] = "name",
    [LAB_TEXT] = "text",
    [LAB_DISTRIBUTION] = "distribution",
    [LAB_SECTION] = "section",
    [LAB_PARTS] = "parts",
    [LAB_LIST] = "list",
    [LAB_FLOWS] = "flows",
    [LAB_FREE] = "map",
  };
  return names[type];
}

static char *
words_text (const LabWord *words)
{
  GString *text = g_string_new ("one of");
  for (const LabWord *word = words; word->name != NULL; word++)
    g_string_append_printf (text, "%s %s", word == words ? "" : ",", word->name);
  return g_string_free (text, FALSE);
}

char *
lab_field_range (const LabField *field)
{
  switch (field->type) {
  case LAB_QUANTITY:
  case LAB_DISTRIBUTION: {
    g_autofree char *low = lab_quantity_text (field->min, field->dimension);
    g_autofree char *high = lab_quantity_text (field->max, field->dimension);
    return g_strdup_printf ("%s to %s%s", low, high,
                            field->type == LAB_DISTRIBUTION ? ", or a distribution" : "");
  }
  case LAB_RATIO:
    return g_strdup ("n/d or a percentage, 0 to 1");
  case LAB_PERCENTILE:
    return g_strdup ("above 0, up to 100");
  case LAB_BOOLEAN:
    return g_strdup ("true or false");
  case LAB_CHOICE:
    return words_text (field->words);
  case LAB_NAME:
    return g_strdup ("a name");
  case LAB_TEXT:
    return g_strdup ("a text");
  case LAB_LIST: {
    g_autofree char *element = lab_field_range (&field->fields[0]);
    return g_strdup_printf ("a list: %s", element);
  }
  case LAB_SECTION:
    return g_strdup ("a map");
  case LAB_PARTS:
    return g_strdup ("a map of named maps");
  case LAB_FLOWS:
    return g_strdup ("a CSV file of start,bytes,direction, or a list of such lists");
  case LAB_FREE:
    return g_strdup ("see its section");
  }
  SIM_UNREACHABLE ();
}
