#include "tests/support.h"

#include <string.h>

#include "models/rules/rule.h"

static void
the_book_has_all_rules_of_the_documents (G_GNUC_UNUSED void **state)
{
  assert_int_equal (RULE_N_BOOK, 574);
}

static void
every_rule_is_found_by_its_id_and_says_what_it_is (G_GNUC_UNUSED void **state)
{
  for (unsigned rule = 0; rule < RULE_N; rule++) {
    const RuleInfo *info = rule_info ((RuleId)rule);
    assert_int_equal (rule_by_name (info->id), rule);
    assert_true (strlen (info->text) > 20);
    assert_true (strlen (info->check) > 3);
    assert_true (strlen (info->source) > 3);
    assert_true (strlen (info->binds) > 1);
    assert_non_null (info->race);
    assert_non_null (info->note);
  }
}

static void
a_name_that_is_no_rule_is_not_found (G_GNUC_UNUSED void **state)
{
  assert_int_equal (rule_by_name ("CALL-99"), RULE_N);
  assert_int_equal (rule_by_name (""), RULE_N);
}

static unsigned
count_state (RuleState state)
{
  unsigned n = 0;
  for (unsigned rule = 0; rule < RULE_N_BOOK; rule++)
    n += rule_info ((RuleId)rule)->state == state;
  return n;
}

/* What is monitored stays so: the first number only grows, the last only shrinks. */
static void
no_monitor_is_given_up (G_GNUC_UNUSED void **state)
{
  assert_true (count_state (RULE_MONITORED) >= 309);
  assert_true (count_state (RULE_OPEN) <= 184);
  assert_int_equal (
      count_state (RULE_MONITORED) + count_state (RULE_BEHAVIOUR) + count_state (RULE_OPEN), 574);
}

static void
every_name_of_a_property_is_a_word (G_GNUC_UNUSED void **state)
{
  assert_string_equal (rule_state_name (RULE_BEHAVIOUR), "behaviour");
  assert_string_equal (rule_strength_name (RULE_SHOULD), "should");
  assert_string_equal (rule_severity_name (RULE_WARNING), "warning");
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test (the_book_has_all_rules_of_the_documents),
    cmocka_unit_test (every_rule_is_found_by_its_id_and_says_what_it_is),
    cmocka_unit_test (a_name_that_is_no_rule_is_not_found),
    cmocka_unit_test (no_monitor_is_given_up),
    cmocka_unit_test (every_name_of_a_property_is_a_word),
  };
  return cmocka_run_group_tests_name ("rule", tests, NULL, NULL);
}
