#include "lab/checks.h"

#include <string.h>

void
lab_checks_free (LabChecks *checks)
{
  if (checks == NULL)
    return;
  g_ptr_array_unref (checks->expectations);
  g_array_unref (checks->covers);
  g_free (checks);
}

static void
check_id (const LabSetting *list, guint index, LabMistakes *mistakes)
{
  const LabSetting *element = list->children->pdata[index];
  const LabSetting *id = lab_setting_get (element, "id");

  for (guint i = 0; lab_setting_is_set (id) && i < index; i++) {
    const LabSetting *other = list->children->pdata[i];
    if (strcmp (other->name, element->name) != 0)
      continue;
    lab_mistakes_add (mistakes, id->origin.loc,
                      "checks.expect: there is a %s already; write another id", element->name);
    return;
  }
}

static void
read_reached (const LabSetting *list, LabChecks *checks, LabMistakes *mistakes)
{
  const char *names[LAB_N_SITUATIONS];

  for (LabSituation s = 0; s < LAB_N_SITUATIONS; s++)
    names[s] = lab_situation_info (s)->name;
  for (guint i = 0; i < list->children->len; i++) {
    const LabSetting *element = list->children->pdata[i];
    LabSituation situation;
    if (!lab_setting_is_set (element))
      continue;
    if (lab_situation_find (element->value.text, &situation)) {
      checks->reached |= LAB_SITUATION_BIT (situation);
      continue;
    }
    const char *nearest = lab_nearest (element->value.text, names, LAB_N_SITUATIONS);
    lab_mistakes_add (mistakes, element->origin.loc,
                      "checks.reached: there is no situation %s; write %s", element->value.text,
                      nearest != NULL ? nearest : "one of `list situations`");
  }
}

static void
read_covers (const LabSetting *list, LabChecks *checks, LabMistakes *mistakes)
{
  for (guint i = 0; i < list->children->len; i++) {
    const LabSetting *element = list->children->pdata[i];
    LabPlace place;
    if (!lab_setting_is_set (element))
      continue;
    if (!lab_place_find (element->value.text, &place)) {
      lab_mistakes_add (mistakes, element->origin.loc,
                        "checks.covers: there is no place %s; write one that "
                        "`chimsim coverage --all` prints behind its table and a colon",
                        element->value.text);
      continue;
    }
    const char *excuse = lab_coverage_excuse (place.table, place.place);
    if (excuse != NULL)
      lab_mistakes_add (mistakes, element->origin.loc, "checks.covers: nothing reaches %s: %s",
                        element->value.text, excuse);
    else
      g_array_append_val (checks->covers, place);
  }
}

LabChecks *
lab_checks_new (const LabSetting *root, const WorldConfig *config, LabMistakes *mistakes)
{
  const LabSetting *section = lab_setting_get (root, "checks");
  const LabSetting *expect = lab_setting_get (section, "expect");
  LabChecks *checks = g_new0 (LabChecks, 1);

  checks->expectations = g_ptr_array_new_with_free_func ((GDestroyNotify)lab_expectation_free);
  for (guint i = 0; i < expect->children->len; i++) {
    const LabSetting *element = expect->children->pdata[i];
    check_id (expect, i, mistakes);
    if (!lab_setting_is_set (element))
      continue;
    LabExpectation *expectation = lab_expectation_read (element, root, config, mistakes);
    if (expectation != NULL)
      g_ptr_array_add (checks->expectations, expectation);
  }
  read_reached (lab_setting_get (section, "reached"), checks, mistakes);
  checks->covers = g_array_new (FALSE, FALSE, sizeof (LabPlace));
  read_covers (lab_setting_get (section, "covers"), checks, mistakes);
  return checks;
}
