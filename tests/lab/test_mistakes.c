#include "tests/support.h"

#include "lab/mistakes.h"

static int
setup (void **state)
{
  *state = lab_mistakes_new ();
  return 0;
}

static int
teardown (void **state)
{
  lab_mistakes_free (*state);
  return 0;
}

static void
no_mistake_is_no_error (void **state)
{
  g_autoptr (GError) error = NULL;
  assert_true (lab_mistakes_to_error (*state, &error));
  assert_null (error);
}

static void
mistakes_are_told_in_the_order_of_the_text_and_once (void **state)
{
  lab_mistakes_add (*state, (SimLoc){ "b.yaml", 7, 1 }, "seven");
  lab_mistakes_add (*state, (SimLoc){ "a.yaml", 1, 1 }, "other file");
  lab_mistakes_add (*state, (SimLoc){ "b.yaml", 2, 9 }, "two-nine");
  lab_mistakes_add (*state, (SimLoc){ "b.yaml", 2, 3 }, "two-%s", "three");
  lab_mistakes_add (*state, (SimLoc){ "b.yaml", 2, 3 }, "two-%s", "three");

  GError *error = NULL;
  bool ok = lab_mistakes_to_error (*state, &error);
  g_autofree char *message = g_strdup (error->message);
  bool is_ours = g_error_matches (error, LAB_ERROR, LAB_ERROR_SCENARIO);
  g_clear_error (&error);

  assert_false (ok);
  assert_true (is_ours);
  assert_string_equal (message, "b.yaml:2:3: two-three\nb.yaml:2:9: two-nine\n"
                                "b.yaml:7:1: seven\na.yaml:1:1: other file");
}

static void
twenty_are_told_and_the_rest_counted (void **state)
{
  for (unsigned i = 1; i <= 23; i++)
    lab_mistakes_add (*state, (SimLoc){ "s.yaml", i, 1 }, "wrong");

  GError *error = NULL;
  lab_mistakes_to_error (*state, &error);
  g_auto (GStrv) lines = g_strsplit (error->message, "\n", -1);
  g_clear_error (&error);

  assert_int_equal (g_strv_length (lines), 21);
  assert_string_equal (lines[19], "s.yaml:20:1: wrong");
  assert_string_equal (lines[20], "... and 3 more");
}

static void
the_nearest_word_is_found_or_none (G_GNUC_UNUSED void **state)
{
  static const char *const known[] = { "clock", "count", NULL, "queue_depth", "one_way" };
  static const struct {
    const char *word;
    const char *nearest;
  } table[] = {
    { "clok", "clock" },
    { "colck", "clock" },
    { "CLOCK", "clock" },
    { "coun", "count" },
    { "queue_dept", "queue_depth" },
    { "queuedepth", "queue_depth" },
    { "oneway", "one_way" },
    { "banana", NULL },
    { "x", NULL },
    { "", NULL },
  };
  for (size_t i = 0; i < G_N_ELEMENTS (table); i++) {
    const char *nearest = lab_nearest (table[i].word, known, G_N_ELEMENTS (known));
    if (table[i].nearest == NULL)
      assert_null (nearest);
    else
      assert_string_equal (nearest, table[i].nearest);
  }
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test_setup_teardown (no_mistake_is_no_error, setup, teardown),
    cmocka_unit_test_setup_teardown (mistakes_are_told_in_the_order_of_the_text_and_once, setup,
                                     teardown),
    cmocka_unit_test_setup_teardown (twenty_are_told_and_the_rest_counted, setup, teardown),
    cmocka_unit_test (the_nearest_word_is_found_or_none),
  };
  return cmocka_run_group_tests (tests, NULL, NULL);
}
