#include "tests/support.h"

#include "lab/params.h"

#include <string.h>

#include "lab/scenario_fields.h"
#include "lab/reader.h"

static const LabField *
rows (void)
{
  return lab_scenario_fields.fields;
}

typedef struct Survey {
  GHashTable *seen;
  unsigned n_rows;
  unsigned n_wrong;
} Survey;

static void
survey_row (void *data, const LabFieldPlace *place)
{
  Survey *survey = data;
  const LabField *field = place->field;
  const char *word = place->word != NULL ? place->word->name : "";
  bool is_new = g_hash_table_add (survey->seen, g_strdup_printf ("%s|%s", place->path, word));
  bool has_words =
      field->type != LAB_CHOICE || (field->words != NULL && field->words->name != NULL);
  bool has_inner =
      (field->type != LAB_LIST && field->type != LAB_SECTION && field->type != LAB_PARTS)
      || field->fields != NULL;
  bool is_ordered = field->min <= field->max;
  bool is_whole = field->help != NULL && is_new && has_words && has_inner && is_ordered;
  survey->n_rows++;
  survey->n_wrong += !is_whole;
  if (!is_whole)
    print_error ("row %s is not whole\n", place->path);
}

static void
every_row_has_help_words_and_a_range_and_stands_once (G_GNUC_UNUSED void **state)
{
  Survey survey = { .seen = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL) };
  lab_field_walk (rows (), survey_row, &survey);
  g_hash_table_unref (survey.seen);

  assert_int_equal (survey.n_wrong, 0);
  assert_true (survey.n_rows > 300);
}

/* Takes the place of a row that is described. */
static const LabField sample_rows[] = {
  { .name = "clock",
    LAB_IN (LAB_FREQUENCY, 1, 1000),
    .standard = "5 Hz",
    .help = "how fast",
    .source = "a table" },
  { .name = "state", .type = LAB_BOOLEAN, .is_required = true, .help = "on or not" },
  { 0 },
};

static const LabField sample = { .name = "sample", .type = LAB_SECTION, .fields = sample_rows };

static void
the_listing_tells_range_default_and_help (G_GNUC_UNUSED void **state)
{
  g_autofree char *text = lab_params_text (&sample);
  LabJson *json = lab_json_new ();
  lab_params_json (&sample, json);
  g_autofree char *list = lab_json_free_to_text (json);

  assert_string_equal (text, "clock\n    how fast\n    1 Hz to 1 kHz; default 5 Hz\n"
                             "state\n    on or not\n    true or false; required\n");
  assert_non_null (strstr (list, "\"path\": \"clock\",\n    \"type\": \"quantity\",\n"
                                 "    \"dimension\": \"frequency\",\n"
                                 "    \"units\": \"Hz, kHz, MHz, GHz\",\n"
                                 "    \"range\": \"1 Hz to 1 kHz\",\n    \"default\": \"5 Hz\",\n"
                                 "    \"required\": false,\n    \"help\": \"how fast\",\n"
                                 "    \"source\": \"a table\""));
}

static void
the_manual_has_a_section_for_each_part (G_GNUC_UNUSED void **state)
{
  g_autofree char *manual = lab_params_manual (&lab_scenario_fields);
  for (const LabField *field = rows (); field->name != NULL; field++) {
    g_autofree char *row = g_strdup_printf ("\n| `%s` |", field->name);
    assert_non_null (strstr (manual, row));
  }
  assert_non_null (strstr (manual, "\n## timeline\n"));
  assert_non_null (strstr (manual, "`target.tables.tcp`"));
  assert_non_null (strstr (manual, "- `set_power`: change the device power state of the target"));
}

/* JSON is YAML: our own reader takes the schema apart. */
static void
the_schema_is_a_tree_of_the_same_rows (G_GNUC_UNUSED void **state)
{
  g_autofree char *schema = lab_params_schema (&lab_scenario_fields);
  g_autoptr (LabMistakes) mistakes = lab_mistakes_new ();
  g_autoptr (LabTree) tree = lab_tree_parse (schema, strlen (schema), "schema", mistakes);

  assert_int_equal (lab_mistakes_count (mistakes), 0);
  const LabNode *properties = lab_node_get (lab_tree_root (tree), "properties");
  for (const LabField *field = rows (); field->name != NULL; field++)
    assert_non_null (lab_node_get (properties, field->name));
  const LabNode *target = lab_node_get (lab_node_get (properties, "target"), "properties");
  const LabNode *tables = lab_node_get (lab_node_get (target, "tables"), "properties");
  const LabNode *tcp = lab_node_get (tables, "tcp");
  assert_string_equal (lab_node_get (tcp, "type")->text, "integer");
  assert_string_equal (lab_node_get (tcp, "maximum")->text, "1048576");
  assert_string_equal (
      lab_node_get (lab_node_get (properties, "target"), "additionalProperties")->text, "false");
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test (every_row_has_help_words_and_a_range_and_stands_once),
    cmocka_unit_test (the_listing_tells_range_default_and_help),
    cmocka_unit_test (the_manual_has_a_section_for_each_part),
    cmocka_unit_test (the_schema_is_a_tree_of_the_same_rows),
  };
  return cmocka_run_group_tests (tests, NULL, NULL);
}
