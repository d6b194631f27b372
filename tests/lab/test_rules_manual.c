#include "tests/support.h"

#include "lab/rules_manual.h"

#include <string.h>

#include "lab/trips.h"

/* The line of the page about |id|; free with g_free. */
static char *
line_of (const char *page, const char *id)
{
  g_autofree char *begin = g_strdup_printf ("\n| %s |", id);
  const char *line = strstr (page, begin);

  if (line == NULL)
    fail_msg ("%s is not there", id);
  line++;
  assert_null (strstr (line, begin)); /* and not twice */
  return g_strndup (line, strcspn (line, "\n"));
}

static void
every_rule_stands_once_with_its_state_and_source (G_GNUC_UNUSED void **state)
{
  g_autofree char *page = lab_rules_manual ();

  for (RuleId rule = 0; rule < RULE_N; rule++) {
    const RuleInfo *info = rule_info (rule);
    g_autofree char *line = line_of (page, info->id);
    g_autofree char *end = g_strdup_printf ("| %s |", info->source);
    assert_non_null (strstr (line, rule_state_name (info->state)));
    assert_true (g_str_has_suffix (line, end));
  }
}

static void
a_monitored_rule_says_what_trips_it_and_another_why_it_is_not_judged (G_GNUC_UNUSED void **state)
{
  g_autofree char *page = lab_rules_manual ();
  g_autofree char *tripped = line_of (page, "CALL-03");
  g_autofree char *behaviour = line_of (page, "ARCH-04");

  assert_non_null (strstr (tripped, "| tripped by completes-wrong-root (target) |"));
  assert_non_null (strstr (behaviour, "| tested by tests/world/test_contract.c: "));
  for (unsigned rule = 0; rule < RULE_N; rule++) {
    const RuleInfo *info = rule_info ((RuleId)rule);
    g_autofree char *line = line_of (page, info->id);
    assert_true (info->state != RULE_OPEN || strstr (line, "| not judged: ") != NULL);
  }
}

/* Every line of a table has the same number of cells: what a text says is no border. */
static void
no_text_breaks_its_table (G_GNUC_UNUSED void **state)
{
  g_autofree char *page = lab_rules_manual ();
  g_auto (GStrv) lines = g_strsplit (page, "\n", -1);
  unsigned n_rows = 0;

  for (char **line = lines; *line != NULL; line++) {
    unsigned borders = 0;
    if (**line != '|')
      continue;
    for (const char *p = *line; *p != '\0'; p++)
      borders += *p == '|' && (p == *line || p[-1] != '\\');
    assert_int_equal (borders, 8);
    n_rows++;
  }
  assert_true (n_rows > RULE_N);
}

static void
note_rules (void *data, const LabDefect *defect)
{
  unsigned *n_defects = data;
  g_auto (GStrv) rules = g_strsplit (defect->rules, ", ", -1);

  for (char **rule = rules; *rule != NULL; rule++) {
    RuleId id = rule_by_name (*rule);
    assert_true (id < RULE_N);
    assert_int_equal (rule_info (id)->state, RULE_MONITORED);
    g_autofree char *trips = lab_trips_of (id);
    assert_non_null (strstr (trips, defect->name));
  }
  ++*n_defects;
}

static void
every_defect_trips_a_rule_that_is_monitored (G_GNUC_UNUSED void **state)
{
  unsigned n_defects = 0;

  lab_for_each_defect (note_rules, &n_defects);

  assert_true (n_defects > 50);
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test (every_rule_stands_once_with_its_state_and_source),
    cmocka_unit_test (a_monitored_rule_says_what_trips_it_and_another_why_it_is_not_judged),
    cmocka_unit_test (no_text_breaks_its_table),
    cmocka_unit_test (every_defect_trips_a_rule_that_is_monitored),
  };
  return cmocka_run_group_tests (tests, NULL, NULL);
}
