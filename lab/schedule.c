#include "lab/schedule.h"

#include <string.h>

#include "lab/quantity.h"
#include "lab/reader.h"
#include "models/trace/trace.h"

#define FORMAT "chimsim-schedule/1"

static const char *const known_keys[] = { "format", "scenario", "seed", "choices" };
static const char *const choice_keys[] = { "site", "subject", "ordinal", "value", "of", "at" };

static void
refuse_unknown (const LabNode *map, const char *const *known, size_t n_known, LabMistakes *mistakes)
{
  for (const LabNode *node = map->first; node != NULL; node = node->next) {
    size_t i = 0;
    while (i < n_known && strcmp (known[i], node->key) != 0)
      i++;
    if (i == n_known)
      lab_mistakes_add (mistakes, node->key_loc, "unknown key `%s`", node->key);
  }
}

/* The scalar |key| of |map| as text; a mistake and NULL if it is not there. */
static const LabNode *
scalar_of (const LabNode *map, const char *key, LabMistakes *mistakes)
{
  const LabNode *node = lab_node_get (map, key);

  if (node != NULL && node->kind == LAB_NODE_SCALAR)
    return node;
  lab_mistakes_add (mistakes, node != NULL ? node->loc : map->loc, "`%s` is missing: write %s: ...",
                    key, key);
  return NULL;
}

static uint64_t
number_of (const LabNode *map, const char *key, uint64_t max, LabMistakes *mistakes)
{
  const LabNode *node = scalar_of (map, key, mistakes);
  guint64 value = 0;

  if (node != NULL && !g_ascii_string_to_unsigned (node->text, 10, 0, max, &value, NULL))
    lab_mistakes_add (mistakes, node->loc, "%s: `%s` is no number from 0 to %" G_GUINT64_FORMAT,
                      key, node->text, max);
  return value;
}

static SimSite
site_of (const LabNode *map, LabMistakes *mistakes)
{
  const LabNode *node = scalar_of (map, "site", mistakes);

  for (ChoiceSite site = 0; node != NULL && site < N_SITES; site++)
    if (strcmp (trace_site_name (site), node->text) == 0)
      return (SimSite)site;
  if (node != NULL)
    lab_mistakes_add (mistakes, node->loc, "`%s` is no choice site: see `chimsim list choices`",
                      node->text);
  return 0;
}

static bool
is_listed (const GArray *choices, const SimChoice *choice)
{
  for (guint i = 0; i < choices->len; i++) {
    const SimChoice *other = &g_array_index (choices, SimChoice, i);
    if (other->site == choice->site && other->subject == choice->subject
        && other->ordinal == choice->ordinal)
      return true;
  }
  return false;
}

static void
read_choices (const LabNode *list, GArray *choices, LabMistakes *mistakes)
{
  if (list == NULL)
    return;
  if (list->kind != LAB_NODE_LIST) {
    lab_mistakes_add (mistakes, list->loc, "choices: is %s: write a list", lab_node_what (list));
    return;
  }
  for (const LabNode *node = list->first; node != NULL; node = node->next) {
    SimChoice choice = { .when = SIM_TIME_NEVER };
    if (node->kind != LAB_NODE_MAP) {
      lab_mistakes_add (mistakes, node->loc,
                        "is %s: write {site: ..., subject: ..., ordinal: ..., value: ...}",
                        lab_node_what (node));
      continue;
    }
    refuse_unknown (node, choice_keys, G_N_ELEMENTS (choice_keys), mistakes);
    choice.site = site_of (node, mistakes);
    choice.subject = number_of (node, "subject", UINT64_MAX, mistakes);
    choice.ordinal = number_of (node, "ordinal", UINT64_MAX, mistakes);
    choice.value = (uint32_t)number_of (node, "value", UINT32_MAX, mistakes);
    if (is_listed (choices, &choice))
      lab_mistakes_add (mistakes, node->loc, "this choice is listed twice: keep one of them");
    g_array_append_val (choices, choice);
  }
}

LabSchedule *
lab_schedule_load (const char *path, GError **error)
{
  g_autoptr (LabMistakes) mistakes = lab_mistakes_new ();
  g_autoptr (LabTree) tree = lab_tree_load (path, mistakes);
  g_autoptr (LabSchedule) schedule = g_new0 (LabSchedule, 1);
  GArray *choices = g_array_new (FALSE, FALSE, sizeof (SimChoice));

  if (tree != NULL && lab_tree_root (tree)->kind == LAB_NODE_MAP) {
    const LabNode *root = lab_tree_root (tree);
    refuse_unknown (root, known_keys, G_N_ELEMENTS (known_keys), mistakes);
    const LabNode *format = scalar_of (root, "format", mistakes);
    if (format != NULL && strcmp (format->text, FORMAT) != 0)
      lab_mistakes_add (mistakes, format->loc, "format: `%s` is not " FORMAT, format->text);
    const LabNode *scenario = lab_node_get (root, "scenario");
    schedule->scenario = scenario != NULL ? g_strdup (scenario->text) : NULL;
    schedule->has_seed = lab_node_get (root, "seed") != NULL;
    if (schedule->has_seed)
      schedule->seed = number_of (root, "seed", UINT64_MAX, mistakes);
    read_choices (lab_node_get (root, "choices"), choices, mistakes);
  } else if (tree != NULL) {
    lab_mistakes_add (mistakes, lab_tree_root (tree)->loc, "is no schedule: write format: " FORMAT);
  }
  schedule->count = choices->len;
  schedule->choice = (SimChoice *)(void *)g_array_free (choices, FALSE);
  return lab_mistakes_to_error (mistakes, error) ? g_steal_pointer (&schedule) : NULL;
}

void
lab_schedule_free (LabSchedule *schedule)
{
  if (schedule == NULL)
    return;
  g_free (schedule->choice);
  g_free (schedule->scenario);
  g_free (schedule);
}

char *
lab_schedule_text (const SimChoice *choices, size_t count, const char *scenario_digest,
                   uint64_t seed)
{
  GString *text =
      g_string_new ("# The choices of this run that differ from the default.  Replay with "
                    "chimsim run --schedule.\nformat: " FORMAT "\n");

  g_string_append_printf (text, "scenario: %s\nseed: %" G_GUINT64_FORMAT "\n", scenario_digest,
                          seed);
  g_string_append (text, count == 0 ? "choices: []\n" : "choices:\n");
  for (size_t i = 0; i < count; i++) {
    const SimChoice *choice = &choices[i];
    g_autofree char *when = lab_quantity_text (choice->when.ps, LAB_TIME);
    g_string_append_printf (text,
                            "  - {site: %s, subject: %" G_GUINT64_FORMAT
                            ", ordinal: %" G_GUINT64_FORMAT ", value: %u, of: %u, at: %s}\n",
                            trace_site_name ((ChoiceSite)choice->site), choice->subject,
                            choice->ordinal, choice->value, choice->n, when);
  }
  return g_string_free (text, FALSE);
}

char *
lab_choice_text (const SimChoice *choice)
{
  return g_strdup_printf ("%s of %" G_GUINT64_FORMAT ", time %" G_GUINT64_FORMAT ": %u",
                          trace_site_name ((ChoiceSite)choice->site), choice->subject,
                          choice->ordinal, choice->value);
}
