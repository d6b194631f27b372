#include "tests/support.h"

#include "models/wire/pattern.h"

#include <glib.h>

#define NUMBERS 12

typedef struct Row {
  const char *text;
  const char *matched; /* of the numbers 1 to NUMBERS, an x for each that matches */
} Row;

static const Row rows[] = {
  { "3", "..x........." },
  { "1st, 2nd, 3rd, 4th, 11th, 12th", "xxxx......xx" },
  { "3rd, 7-9", "..x...xxx..." },
  { "3rd,7-9", "..x...xxx..." },
  { " 3rd , 7 - 9 ", "..x...xxx..." },
  { "7th-9th", "......xxx..." },
  { "10-", ".........xxx" },
  { "10th- ", ".........xxx" },
  { "5-5", "....x......." },
  { "every 4th", "...x...x...x" },
  { "every 1", "xxxxxxxxxxxx" },
  { "every 4th from 2nd", ".x...x...x.." },
  { "every 4th from 2 to 9", ".x...x......" },
  { "every 3rd to 6", "..x..x......" },
  { "1, every 5th, 11-", "x...x....xxx" },
  { "13, 100-200", "............" },
  { "2, 2, 1-3", "xxx........." },
};

static void
a_pattern_matches_the_frames_it_names (G_GNUC_UNUSED void **state)
{
  for (size_t i = 0; i < G_N_ELEMENTS (rows); i++) {
    WirePattern pattern;
    char *why = NULL;
    char matched[NUMBERS + 1] = { 0 };

    if (!wire_pattern_read (rows[i].text, &pattern, &why))
      fail_msg ("\"%s\": %s", rows[i].text, why);
    for (unsigned n = 1; n <= NUMBERS; n++)
      matched[n - 1] = wire_pattern_matches (&pattern, n) ? 'x' : '.';
    assert_string_equal (matched, rows[i].matched);
  }
}

static const char *const refused[][2] = {
  { "", "says no frame; write for instance 3rd, 7-9, every 100th" },
  { " ", "\"\" says no frame; write for instance 3rd, 7-9, every 100th" },
  { "3rd,", "\"\" says no frame; write for instance 3rd, 7-9, every 100th" },
  { "0", "\"0\" says no frame; write for instance 3rd, 7-9, every 100th" },
  { "0th", "\"0th\" says no frame; write for instance 3rd, 7-9, every 100th" },
  { "-3", "\"-3\" says no frame; write for instance 3rd, 7-9, every 100th" },
  { "3th", "\"3th\" says no frame; write for instance 3rd, 7-9, every 100th" },
  { "11st", "\"11st\" says no frame; write for instance 3rd, 7-9, every 100th" },
  { "3rdly", "\"3rdly\" says no frame; write for instance 3rd, 7-9, every 100th" },
  { "3 4", "\"3 4\" says no frame; write for instance 3rd, 7-9, every 100th" },
  { "7-8-9", "\"7-8-9\" says no frame; write for instance 3rd, 7-9, every 100th" },
  { "all", "\"all\" says no frame; write for instance 3rd, 7-9, every 100th" },
  { "every", "\"every\" says no frame; write for instance 3rd, 7-9, every 100th" },
  { "every 0", "\"every 0\" says no frame; write for instance 3rd, 7-9, every 100th" },
  { "every 3rd from",
    "\"every 3rd from\" says no frame; write for instance 3rd, 7-9, every 100th" },
  { "every 2-3", "\"every 2-3\" says no frame; write for instance 3rd, 7-9, every 100th" },
  { "99999999999999999999",
    "\"99999999999999999999\" says no frame; write for instance 3rd, 7-9, every 100th" },
  { "9-7", "\"9-7\" ends before it begins; write the smaller number first" },
  { "every 5th to 4", "\"every 5th to 4\" ends before it begins; write the smaller number first" },
};

static void
what_is_no_pattern_is_refused_with_advice (G_GNUC_UNUSED void **state)
{
  for (size_t i = 0; i < G_N_ELEMENTS (refused); i++) {
    WirePattern pattern = { .n_terms = 77 };
    g_autofree char *why = NULL;

    if (wire_pattern_read (refused[i][0], &pattern, &why))
      fail_msg ("\"%s\" was read", refused[i][0]);
    assert_string_equal (why, refused[i][1]);
    assert_int_equal (pattern.n_terms, 77); /* untouched */
  }
}

static void
a_pattern_has_a_bounded_number_of_terms (G_GNUC_UNUSED void **state)
{
  g_autoptr (GString) text = g_string_new ("1");
  WirePattern pattern;
  g_autofree char *why = NULL;

  for (unsigned n = 2; n <= WIRE_PATTERN_TERMS_MAX; n++)
    g_string_append_printf (text, ",%u", n);
  assert_true (wire_pattern_read (text->str, &pattern, &why));
  assert_int_equal (pattern.n_terms, WIRE_PATTERN_TERMS_MAX);
  g_string_append (text, ",99");
  assert_false (wire_pattern_read (text->str, &pattern, &why));
  assert_string_equal (why, "more than 32 terms; join some of them");
}

static void
the_empty_pattern_matches_nothing (G_GNUC_UNUSED void **state)
{
  const WirePattern empty = { .n_terms = 0 };

  assert_false (wire_pattern_matches (&empty, 1));
  expect_assert_failure (wire_pattern_matches (&empty, 0)); /* frames count from 1 */
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test (a_pattern_matches_the_frames_it_names),
    cmocka_unit_test (what_is_no_pattern_is_refused_with_advice),
    cmocka_unit_test (a_pattern_has_a_bounded_number_of_terms),
    cmocka_unit_test (the_empty_pattern_matches_nothing),
  };
  return cmocka_run_group_tests (tests, NULL, NULL);
}
