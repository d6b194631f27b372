/* docs/scenario.md: the field table as a page a section. */
#include "lab/params.h"

#include <string.h>

#include "lab/markdown.h"

static char *
default_cell (const LabField *field)
{
  if (field->is_required)
    return g_strdup ("required");
  if (field->standard == NULL || strcmp (field->standard, "{}") == 0)
    return g_strdup ("");
  if (field->source != NULL)
    return g_strdup_printf ("%s (%s)", field->standard, field->source);
  return g_strdup (field->standard);
}

static void
append_row (GString *out, const LabFieldPlace *place)
{
  const LabField *field = place->field;
  g_autofree char *range = lab_field_range (field);
  g_autofree char *standard = default_cell (field);
  g_autofree char *help =
      g_strdup_printf ("%s%s%s%s", field->help, place->word != NULL ? "; with " : "",
                       place->word != NULL ? place->word->name : "",
                       field->is_later ? "; not yet there" : "");
  g_string_append_printf (out, "| `%s` |", place->path);
  lab_markdown_cell (out, range);
  lab_markdown_cell (out, standard);
  lab_markdown_cell (out, help);
  g_string_append_c (out, '\n');
}

static void
append_words (GString *out, const LabFieldPlace *place)
{
  const LabField *field = place->field->type == LAB_LIST ? &place->field->fields[0] : place->field;
  if (field->type != LAB_CHOICE)
    return;
  g_string_append_printf (out, "\n`%s`:\n\n", place->path);
  for (const LabWord *word = field->words; word->name != NULL; word++)
    g_string_append_printf (out, "- `%s`: %s%s\n", word->name, word->help,
                            word->is_later ? " (not yet there)" : "");
}

static void
visit_row (void *data, const LabFieldPlace *place)
{
  append_row (data, place);
}

static void
visit_words (void *data, const LabFieldPlace *place)
{
  append_words (data, place);
}

static void
append_heading (GString *out)
{
  g_string_append (out, "\n| key | takes | default | what it is |\n|---|---|---|---|\n");
}

/* One top-level section: a heading, a table, the words of its choices. */
static void
append_section (GString *out, const LabField *field)
{
  const LabField alone[] = { *field, { 0 } };
  g_string_append_printf (out, "\n## %s\n\n%c%s.", field->name, g_ascii_toupper (field->help[0]),
                          field->help + 1);
  if (field->preset != NULL)
    g_string_append (out, " `preset:` names a data sheet that fills what is left out.");
  if (field->is_inert)
    g_string_append (out, " Never changes a run.");
  g_string_append_c (out, '\n');
  append_heading (out);
  lab_field_walk (alone, visit_row, out);
  lab_field_walk (alone, visit_words, out);
}

static bool
is_section (const LabField *field)
{
  return field->type == LAB_SECTION || field->type == LAB_PARTS || field->type == LAB_LIST;
}

static const char introduction[] =
    "# The scenario language\n\n"
    "This page is made from the field table of the program (`make docs`); do not edit it.\n\n"
    "A scenario is one YAML 1.2 file. Quantities carry units; bare numbers are counts, and in\n"
    "quotes they are texts. Keys that begin with `x-` are free. Where a distribution is\n"
    "taken, write a quantity,\n"
    "`{uniform: [a, b]}`, `{exponential: mean}`, `{lognormal: {p50: a, p99: b}}` or\n"
    "`{empirical: file.csv}`. `<name>` stands for a name of your own, `[]` for the elements of a\n"
    "list. A default says in brackets where it comes from: `A2.5` is a row of\n"
    "[calibration.md](calibration.md), `decision 5` one of\n"
    "[0001](decisions/0001-where-the-documents-conflict.md), `rule OID-03` one of "
    "[rules.md](rules.md).\n\n"
    "## The top\n";

char *
lab_params_manual (const LabField *scenario)
{
  GString *out = g_string_new (introduction);

  append_heading (out);
  for (const LabField *field = scenario->fields; field->name != NULL; field++) {
    LabFieldPlace place = { field->name, field, NULL, 0 };
    append_row (out, &place);
  }
  for (const LabField *field = scenario->fields; field->name != NULL; field++)
    if (is_section (field))
      append_section (out, field);
  return g_string_free (out, FALSE);
}
