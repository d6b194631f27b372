#include "tests/support.h"

#include "lab/json.h"

static void
members_come_in_the_order_written (G_GNUC_UNUSED void **state)
{
  LabJson *json = lab_json_new ();
  lab_json_begin_object (json, NULL);
  lab_json_string (json, "z", "last letter");
  lab_json_integer (json, "a", -5);
  lab_json_begin_array (json, "list");
  lab_json_boolean (json, NULL, true);
  lab_json_null (json, NULL);
  lab_json_end_array (json);
  lab_json_begin_object (json, "empty");
  lab_json_end_object (json);
  lab_json_end_object (json);
  g_autofree char *text = lab_json_free_to_text (json);

  assert_string_equal (text,
                       "{\n  \"z\": \"last letter\",\n  \"a\": -5,\n  \"list\": [\n    true,\n"
                       "    null\n  ],\n  \"empty\": {}\n}\n");
}

static char *
one_string (const char *value)
{
  LabJson *json = lab_json_new ();
  lab_json_string (json, NULL, value);
  return lab_json_free_to_text (json);
}

static void
strings_are_escaped_and_made_valid (G_GNUC_UNUSED void **state)
{
  g_autofree char *escaped = one_string ("a\"b\\c\nd\te\001f \303\251");
  g_autofree char *mended = one_string ("x\377y");

  assert_string_equal (escaped, "\"a\\\"b\\\\c\\nd\\te\\u0001f \303\251\"\n");
  assert_string_equal (mended, "\"x\357\277\275y\"\n");
}

static void
numbers_are_exact (G_GNUC_UNUSED void **state)
{
  LabJson *json = lab_json_new ();
  lab_json_begin_array (json, NULL);
  lab_json_unsigned (json, NULL, UINT64_MAX);
  lab_json_decimal (json, NULL, 1234, 3);
  lab_json_decimal (json, NULL, -5, 3);
  lab_json_decimal (json, NULL, INT64_MIN, 0);
  lab_json_hex (json, NULL, UINT64_C (0xABC));
  lab_json_end_array (json);
  g_autofree char *text = lab_json_free_to_text (json);

  assert_string_equal (text, "[\n  18446744073709551615,\n  1.234,\n  -0.005,\n"
                             "  -9223372036854775808,\n  \"0000000000000abc\"\n]\n");
}

static void
a_member_without_a_name_is_a_bug (G_GNUC_UNUSED void **state)
{
  g_autoptr (LabJson) json = lab_json_new ();
  lab_json_begin_object (json, NULL);
  expect_assert_failure (lab_json_integer (json, NULL, 1));
  expect_assert_failure (lab_json_end_array (json));
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test (members_come_in_the_order_written),
    cmocka_unit_test (strings_are_escaped_and_made_valid),
    cmocka_unit_test (numbers_are_exact),
    cmocka_unit_test (a_member_without_a_name_is_a_bug),
  };
  return cmocka_run_group_tests (tests, NULL, NULL);
}
