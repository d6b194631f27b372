#include "tests/support.h"

#include <string.h>

#include "lab/situation.h"
#include "lab/trips.h"
#include "lab/witness.h"

static void
every_rule_that_is_behaviour_has_a_test_and_every_open_one_a_reason (G_GNUC_UNUSED void **state)
{
  for (RuleId rule = 0; rule < RULE_N; rule++) {
    const RuleInfo *info = rule_info (rule);
    LabWitness witness = lab_witness_of (rule);
    if (info->state == RULE_BEHAVIOUR && witness.file == NULL)
      fail_msg ("%s is behaviour: name its test in lab/witnesses.def", info->id);
    if (info->state == RULE_OPEN && witness.reason == NULL)
      fail_msg ("%s is open: say why in lab/witnesses.def", info->id);
    if (info->state == RULE_MONITORED && (witness.file != NULL || witness.reason != NULL))
      fail_msg ("%s is monitored: its row in lab/witnesses.def is of the past", info->id);
  }
}

/* A test stands as a function in its file and in its list of tests; a scenario is proven by a
 * situation that it reaches. */
static bool
is_there (const LabWitness *witness, const char *text)
{
  LabSituation situation;
  g_autofree char *listed = g_strdup_printf ("(%s)", witness->test);
  g_autofree char *defined = g_strdup_printf ("\n%s (", witness->test);
  g_autofree char *contract = g_strdup_printf ("\nCONTRACT (%s)", witness->test);

  if (g_str_has_suffix (witness->file, ".yaml"))
    return lab_situation_find (witness->test, &situation) && strstr (text, witness->test) != NULL;
  return (strstr (text, defined) != NULL || strstr (text, contract) != NULL)
         && (strstr (text, listed) != NULL || strstr (text, witness->test) != NULL);
}

static void
every_test_that_is_named_exists (G_GNUC_UNUSED void **state)
{
  for (RuleId rule = 0; rule < RULE_N; rule++) {
    LabWitness witness = lab_witness_of (rule);
    g_autofree char *text = NULL;
    if (witness.file == NULL)
      continue;
    if (!g_file_get_contents (witness.file, &text, NULL, NULL))
      fail_msg ("%s: there is no %s", rule_info (rule)->id, witness.file);
    if (!is_there (&witness, text))
      fail_msg ("%s: %s has no %s", rule_info (rule)->id, witness.file, witness.test);
  }
}

static void
check_defect (G_GNUC_UNUSED void *data, const LabDefect *defect)
{
  g_auto (GStrv) rules = g_strsplit (defect->rules, ", ", -1);

  for (char **id = rules; *id != NULL; id++) {
    RuleId rule = rule_by_name (*id);
    if (rule == RULE_N || rule_info (rule)->state != RULE_MONITORED)
      fail_msg ("%s names %s, which no monitor judges", defect->name, *id);
  }
}

static void
every_defect_names_rules_that_are_monitored (G_GNUC_UNUSED void **state)
{
  lab_for_each_defect (check_defect, NULL);
}

static void
the_state_of_the_rule_book_counts_every_rule (G_GNUC_UNUSED void **state)
{
  g_autofree char *text = lab_rules_state ();
  unsigned in_state[RULE_OPEN + 1] = { 0 };

  for (RuleId rule = 0; rule < RULE_N; rule++)
    in_state[rule_info (rule)->state]++;
  g_autofree char *line =
      g_strdup_printf ("\nall      %5u %10u %10u %6u\n", (unsigned)RULE_N, in_state[RULE_MONITORED],
                       in_state[RULE_BEHAVIOUR], in_state[RULE_OPEN]);
  assert_non_null (strstr (text, line));
  assert_non_null (strstr (text, "\nTIMER-18  tests/tcp/test_persist.c: "));
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test (every_rule_that_is_behaviour_has_a_test_and_every_open_one_a_reason),
    cmocka_unit_test (every_test_that_is_named_exists),
    cmocka_unit_test (every_defect_names_rules_that_are_monitored),
    cmocka_unit_test (the_state_of_the_rule_book_counts_every_rule),
  };
  return cmocka_run_group_tests (tests, NULL, NULL);
}
