#include "tests/support.h"

#include "lab/reader.h"

#include <string.h>

typedef struct Fixture {
  LabMistakes *mistakes;
  LabTree *tree;
  GError *error;
} Fixture;

static int
setup (void **state)
{
  Fixture *fixture = g_new0 (Fixture, 1);
  fixture->mistakes = lab_mistakes_new ();
  *state = fixture;
  return 0;
}

static int
teardown (void **state)
{
  Fixture *fixture = *state;
  g_clear_error (&fixture->error);
  lab_tree_free (fixture->tree);
  lab_mistakes_free (fixture->mistakes);
  g_free (fixture);
  return 0;
}

static LabNode *
parse (Fixture *fixture, const char *text)
{
  fixture->tree = lab_tree_parse (text, strlen (text), "s.yaml", fixture->mistakes);
  lab_mistakes_to_error (fixture->mistakes, &fixture->error);
  return fixture->tree != NULL ? lab_tree_root (fixture->tree) : NULL;
}

static const char *
told (const Fixture *fixture)
{
  return fixture->error != NULL ? fixture->error->message : "";
}

static void
every_node_knows_its_line_and_column (void **state)
{
  Fixture *fixture = *state;

  LabNode *root = parse (fixture, "host:\n  clock: 2.4 GHz\nlist: [a, {b: c}]\n");

  assert_string_equal (told (fixture), "");
  LabNode *clock = lab_node_get (lab_node_get (root, "host"), "clock");
  assert_string_equal (clock->text, "2.4 GHz");
  assert_int_equal (clock->loc.line, 2);
  assert_int_equal (clock->loc.column, 10);
  assert_int_equal (clock->key_loc.column, 3);
  LabNode *second = lab_node_get (root, "list")->first->next;
  assert_int_equal (second->loc.line, 3);
  assert_int_equal (second->loc.column, 11);
}

static void
columns_count_characters_not_bytes (void **state)
{
  Fixture *fixture = *state;

  LabNode *root = parse (fixture, "{\"\303\251\303\251\": 1, b: 2}");

  assert_int_equal (lab_node_get (root, "b")->loc.column, 14);
}

static void
scalars_stay_text (void **state)
{
  Fixture *fixture = *state;

  LabNode *root = parse (fixture, "a: no\nb: 017\nc: 12:30\nd:\ne: \"\"\n");

  assert_string_equal (lab_node_get (root, "a")->text, "no");
  assert_string_equal (lab_node_get (root, "b")->text, "017");
  assert_string_equal (lab_node_get (root, "c")->text, "12:30");
  assert_true (lab_node_is_null (lab_node_get (root, "d")));
  assert_false (lab_node_is_null (lab_node_get (root, "e")));
}

static void
put_replaces_in_place_and_appends_what_is_new (void **state)
{
  Fixture *fixture = *state;
  LabNode *root = parse (fixture, "a: 1\nb: 2\nc: 3\n");
  SimLoc loc = { "--set", 0, 0 };

  lab_tree_put (fixture->tree, root, "c", loc,
                lab_tree_new_node (fixture->tree, LAB_NODE_MAP, loc));
  lab_tree_put (fixture->tree, root, "d", loc,
                lab_tree_new_node (fixture->tree, LAB_NODE_MAP, loc));

  assert_int_equal (root->n_children, 4);
  assert_int_equal (lab_node_get (root, "c")->kind, LAB_NODE_MAP);
  assert_ptr_equal (root->last, lab_node_get (root, "d"));
}

static void
what_the_language_leaves_out_is_refused_with_its_place (void **state)
{
  Fixture *fixture = *state;
  static const struct {
    const char *text;
    const char *message;
  } table[] = {
    { "a: 1\nb: 2\na: 3\n", "s.yaml:3:1: a is written twice, first in line 1; keep one of them" },
    { "a: &x 1\n",
      "s.yaml:1:4: anchors are not read: leave out &x and write the value where it is needed" },
    { "a: *x\n", "s.yaml:1:4: aliases are not read: write the value in the place of *x" },
    { "a: !!int 1\n", "s.yaml:1:4: tags are not read: leave out !!int" },
    { "a:\t1\n", "s.yaml:1:3: a tab; write blanks" },
    { "<<: {a: 1}\n", "s.yaml:1:1: merge keys are not read; write the keys out" },
    { "? [a]\n: 1\n", "s.yaml:1:3: a key must be a word; write key: value" },
    { "a: 1\n---\nb: 1\n", "s.yaml:2:1: a second document begins here; write one a file" },
    { "%YAML 1.1\n---\na: 1\n", "s.yaml:1:1: this is read as YAML 1.2; leave out %YAML 1.1" },
    { "", "s.yaml:1:1: the file is empty; write key: value" },
    { "a: b: c\n", "s.yaml:1:5: this is not YAML (mapping values are not allowed in this context); "
                   "put a value that contains \": \" in quotes, or start a new line" },
    { "a: {b: 1\n", "s.yaml:2:1: this is not YAML (did not find expected ',' or '}'); "
                    "close the map with } or put a comma" },
    { "a: \"x\\0y\"\n", "s.yaml:1:4: a text may not contain \\0; leave it out" },
    { "a: \377\n", "s.yaml:1:4: not UTF-8 text; save the file as UTF-8" },
  };
  for (size_t i = 0; i < G_N_ELEMENTS (table); i++) {
    parse (fixture, table[i].text);
    assert_string_equal (told (fixture), table[i].message);
    teardown (state);
    setup (state);
    fixture = *state;
  }
}

static void
several_mistakes_are_told_at_once_in_the_order_of_the_text (void **state)
{
  Fixture *fixture = *state;

  parse (fixture, "a: &x 1\nb: *x\nb: 2\n");

  assert_string_equal (
      told (fixture),
      "s.yaml:1:4: anchors are not read: leave out &x and write the value where it is needed\n"
      "s.yaml:2:4: aliases are not read: write the value in the place of *x\n"
      "s.yaml:3:1: b is written twice, first in line 2; keep one of them");
}

static void
depth_and_count_and_size_are_capped (void **state)
{
  Fixture *fixture = *state;
  g_autoptr (GString) text = g_string_new (NULL);

  for (unsigned i = 0; i <= LAB_TREE_DEPTH_MAX; i++)
    g_string_append_c (text, '[');
  parse (fixture, text->str);
  assert_string_equal (told (fixture), "s.yaml:1:33: nested deeper than 32; flatten it");

  teardown (state);
  setup (state);
  fixture = *state;
  g_string_assign (text, "- 1\n");
  for (unsigned i = 0; i < LAB_TREE_NODES_MAX; i++)
    g_string_append (text, "- 1\n");
  parse (fixture, text->str);
  assert_string_equal (told (fixture), "s.yaml:100000:3: more than 100000 values; split the file");

  teardown (state);
  setup (state);
  fixture = *state;
  g_string_set_size (text, LAB_TREE_BYTES_MAX + 1);
  memset (text->str, ' ', text->len);
  fixture->tree = lab_tree_parse (text->str, text->len, "s.yaml", fixture->mistakes);
  lab_mistakes_to_error (fixture->mistakes, &fixture->error);
  assert_string_equal (told (fixture), "s.yaml:1:1: larger than 1 MiB; split the file");
}

static void
a_file_that_is_not_there_is_a_mistake_without_a_line (void **state)
{
  Fixture *fixture = *state;

  fixture->tree = lab_tree_load ("no/such.yaml", fixture->mistakes);
  lab_mistakes_to_error (fixture->mistakes, &fixture->error);

  assert_null (fixture->tree);
  assert_string_equal (told (fixture), "no/such.yaml: cannot be read: No such file or directory");
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
#define T(test) cmocka_unit_test_setup_teardown (test, setup, teardown)
    T (every_node_knows_its_line_and_column),
    T (columns_count_characters_not_bytes),
    T (scalars_stay_text),
    T (put_replaces_in_place_and_appends_what_is_new),
    T (what_the_language_leaves_out_is_refused_with_its_place),
    T (several_mistakes_are_told_at_once_in_the_order_of_the_text),
    T (depth_and_count_and_size_are_capped),
    T (a_file_that_is_not_there_is_a_mistake_without_a_line),
#undef T
  };
  return cmocka_run_group_tests (tests, NULL, NULL);
}
