#include "lab/mention.h"

#include <string.h>

#include "models/rules/rule.h"
#include "models/trace/trace.h"
#include "sim/assert.h"

typedef struct Check {
  const WorldConfig *config;
  const LabSetting *scenario;
  LabMistakes *mistakes;
} Check;

/* Blames |setting| for a word that is none of |known|. */
static void
report (const Check *check, const LabSetting *setting, const char *kind, const GPtrArray *known)
{
  g_autofree char *path = lab_setting_path (setting);
  const char *nearest =
      lab_nearest (setting->value.text, (const char *const *)known->pdata, known->len);
  if (nearest != NULL)
    lab_mistakes_add (check->mistakes, setting->origin.loc, "%s: there is no %s %s; write %s", path,
                      kind, setting->value.text, nearest);
  else
    lab_mistakes_add (check->mistakes, setting->origin.loc, "%s: there is no %s %s; leave it out",
                      path, kind, setting->value.text);
}

static bool
is_among (const GPtrArray *known, const char *word)
{
  for (guint i = 0; i < known->len; i++)
    if (known->pdata[i] != NULL && strcmp (known->pdata[i], word) == 0)
      return true;
  return false;
}

static void
check_word (const Check *check, const LabSetting *setting, const char *kind, const GPtrArray *known)
{
  if (lab_setting_is_set (setting) && !is_among (known, setting->value.text))
    report (check, setting, kind, known);
}

static GPtrArray *
event_ids (const Check *check)
{
  GPtrArray *ids = g_ptr_array_new ();
  for (uint32_t i = 0; i < check->config->n_events; i++)
    g_ptr_array_add (ids, (void *)check->config->event[i].id);
  return ids;
}

/* What a latency may begin and end with. */
static GPtrArray *
call_names (void)
{
  GPtrArray *names = g_ptr_array_new ();
  for (int call = NDIS_CALL_NONE + 1; call < NDIS_N_CALLS; call++)
    g_ptr_array_add (names, (void *)trace_call_name ((NdisCall)call));
  g_ptr_array_add (names, (void *)"app.request");
  g_ptr_array_add (names, (void *)"app.response");
  return names;
}

/* Names of latencies: those of the scenario and those that are always measured. */
static GPtrArray *
latency_names (const Check *check)
{
  GPtrArray *names = g_ptr_array_new ();
  const LabSetting *own = lab_setting_find ((LabSetting *)check->scenario, "measure.latency");
  for (guint i = 0; i < own->children->len; i++)
    g_ptr_array_add (names, (void *)((const LabSetting *)own->children->pdata[i])->name);
  for (int latency = 0; latency < N_LATENCIES; latency++)
    g_ptr_array_add (names, (void *)trace_latency_name ((LatencyClass)latency));
  return names;
}

static void
check_plot (const Check *check, const LabSetting *plot, const GPtrArray *ids,
            const GPtrArray *latencies)
{
  const LabSetting *mark = lab_setting_get (plot, "mark");
  for (guint i = 0; lab_setting_is_set (mark) && i < mark->children->len; i++)
    check_word (check, mark->children->pdata[i], "event", ids);
  const char *kind = lab_setting_string (plot, "kind");
  const LabSetting *of = lab_setting_get (plot, "of");
  bool is_of_latencies = kind != NULL
                         && (strcmp (kind, "cdf") == 0 || strcmp (kind, "percentiles") == 0
                             || strcmp (kind, "breakdown") == 0);
  for (guint i = 0; is_of_latencies && lab_setting_is_set (of) && i < of->children->len; i++)
    check_word (check, of->children->pdata[i], "latency", latencies);
}

/* Rules that a test wants to see broken. */
static void
check_trips (const Check *check)
{
  const LabSetting *trips = lab_setting_find ((LabSetting *)check->scenario, "test.trips");
  g_autoptr (GPtrArray) rules = g_ptr_array_new ();

  for (RuleId rule = 0; rule < RULE_N; rule++)
    g_ptr_array_add (rules, (void *)rule_info (rule)->id);
  for (guint i = 0; lab_setting_is_set (trips) && i < trips->children->len; i++)
    check_word (check, trips->children->pdata[i], "rule", rules);
}

void
lab_mention_check (const LabSetting *scenario, const WorldConfig *config, LabMistakes *mistakes)
{
  Check check = { config, scenario, mistakes };
  g_autoptr (GPtrArray) ids = event_ids (&check);
  g_autoptr (GPtrArray) calls = call_names ();
  g_autoptr (GPtrArray) latencies = latency_names (&check);

  const LabSetting *own = lab_setting_find ((LabSetting *)scenario, "measure.latency");
  for (guint i = 0; i < own->children->len; i++) {
    check_word (&check, lab_setting_get (own->children->pdata[i], "from"), "call", calls);
    check_word (&check, lab_setting_get (own->children->pdata[i], "to"), "call", calls);
  }
  const LabSetting *plots = lab_setting_find ((LabSetting *)scenario, "output.plots");
  for (guint i = 0; i < plots->children->len; i++)
    check_plot (&check, plots->children->pdata[i], ids, latencies);
  const LabSetting *window = lab_setting_find ((LabSetting *)scenario, "explore.window");
  check_word (&check, lab_setting_get (window, "from"), "event", ids);
  check_word (&check, lab_setting_get (window, "to"), "event", ids);
  check_trips (&check);
}
