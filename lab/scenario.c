#include "lab/scenario.h"

#include <string.h>

#include "lab/bind.h"
#include "lab/grid.h"
#include "lab/groups.h"
#include "lab/impair.h"
#include "lab/loader.h"
#include "lab/mention.h"
#include "lab/reader.h"
#include "lab/resolved.h"
#include "lab/scenario_fields.h"
#include "lab/stack.h"
#include "lab/stateless.h"
#include "lab/timeline.h"
#include "sim/assert.h"

struct LabScenario {
  LabLoaded *loaded;
  LabStore *store;
  LabChecks *checks;
  WorldConfig config;
};

void
lab_scenario_free (LabScenario *scenario)
{
  if (scenario == NULL)
    return;
  lab_checks_free (scenario->checks);
  g_free (scenario->config.event);
  lab_store_free (scenario->store);
  lab_loaded_free (scenario->loaded);
  g_free (scenario);
}

/* What no field sets. */
static WorldConfig
config_default (void)
{
  WorldConfig config = { .host = host_config_default () };
  target_config_init (&config.target);
  config.peer_tcp.role = TCP_ROLE_HOST;
  return config;
}

/* Writes the scalar settings of the top and of its standing sections. */
static void
bind_top (LabScenario *scenario)
{
  const LabSetting *root = scenario->loaded->root;
  lab_bind (root, &scenario->config, scenario->store);
  const LabSetting *freedom = lab_setting_get (root, "freedom");
  if (lab_setting_integer (freedom, "same_time") != 0)
    scenario->config.open_sites |= UINT64_C (1) << SITE_SAME_TIME;
}

/* What is left out must leave something. */
static void
check_warmup (const LabScenario *scenario, LabMistakes *mistakes)
{
  const LabSetting *warmup = lab_setting_find (scenario->loaded->root, "measure.warmup");
  int64_t stop_ps = scenario->config.stop.until.ps;
  if (stop_ps == 0 || !lab_setting_is_set (warmup) || scenario->config.warmup.ps < stop_ps)
    return;
  g_autofree char *stop = lab_quantity_text (stop_ps, LAB_TIME);
  g_autofree char *text = lab_setting_text (warmup);
  lab_mistakes_add (mistakes, warmup->origin.loc,
                    "measure.warmup: %s is not before the stop at %s; write less", text, stop);
}

/* Every side's timers: neither the least nor the first timeout is above the greatest. */
static void
check_timeouts (const LabSetting *setting, LabMistakes *mistakes)
{
  static const char *const below[] = { "rto_min", "rto_initial" };

  if (setting->children == NULL)
    return;
  for (guint i = 0; i < setting->children->len; i++)
    check_timeouts (setting->children->pdata[i], mistakes);
  const LabSetting *max = lab_setting_get (setting, "rto_max");
  if (max == NULL || !lab_setting_is_set (max))
    return;
  for (size_t i = 0; i < G_N_ELEMENTS (below); i++) {
    const LabSetting *timer = lab_setting_get (setting, below[i]);
    if (!lab_setting_is_set (timer) || timer->value.integer <= max->value.integer)
      continue;
    bool max_is_written = max->origin.loc.file != NULL && timer->origin.loc.file == NULL;
    const LabSetting *written = max_is_written ? max : timer;
    g_autofree char *path = lab_setting_path (written);
    lab_mistakes_add (mistakes, written->origin.loc,
                      "%s: %s of %" G_GINT64_FORMAT " ticks is above rto_max of %" G_GINT64_FORMAT
                      " ticks; write %s",
                      path, below[i], timer->value.integer, max->value.integer,
                      max_is_written ? "more" : "less");
  }
}

static void
build (LabScenario *scenario, LabMistakes *mistakes)
{
  const LabSetting *root = scenario->loaded->root;
  WorldConfig *config = &scenario->config;
  *config = config_default ();
  bind_top (scenario);
  lab_impair_build (lab_setting_get (root, "wire"), &config->wire, mistakes);
  lab_stack_build (root, config, scenario->store, mistakes);
  lab_stateless_check (root, config, mistakes);
  lab_groups_build (lab_setting_get (root, "connections"), config, scenario->store, mistakes);
  lab_timeline_build (root, config, mistakes);
  scenario->checks = lab_checks_new (root, config, mistakes);
  lab_mention_check (root, config, mistakes);
  lab_grid_check (root, mistakes);
  check_warmup (scenario, mistakes);
  check_timeouts (root, mistakes);
}

/* The tree of the scenario: from |request|'s text or file. */
static LabTree *
read_tree (const LabScenarioRequest *request, LabMistakes *mistakes)
{
  if (request->text != NULL)
    return lab_tree_parse (request->text, request->n_bytes, request->path, mistakes);
  return lab_tree_load (request->path, mistakes);
}

LabScenario *
lab_scenario_load (const LabScenarioRequest *request, GError **error)
{
  SIM_ASSERT (request->path != NULL);

  g_autoptr (LabMistakes) mistakes = lab_mistakes_new ();
  g_auto (GStrv) folders = lab_preset_folders (request->path);
  LabSource source = {
    .tree = read_tree (request, mistakes),
    .sets = request->sets,
    .n_sets = request->n_sets,
    .preset_folders =
        request->preset_folders != NULL ? request->preset_folders : (const char *const *)folders,
  };
  if (source.tree == NULL) {
    lab_mistakes_to_error (mistakes, error);
    return NULL;
  }
  g_autoptr (LabScenario) scenario = g_new0 (LabScenario, 1);
  scenario->store = lab_store_new ();
  scenario->loaded = lab_load (&lab_scenario_fields, source, mistakes);
  if (scenario->loaded->root->children->len > 0)
    build (scenario, mistakes);
  return lab_mistakes_to_error (mistakes, error) ? g_steal_pointer (&scenario) : NULL;
}

const WorldConfig *
lab_scenario_config (const LabScenario *scenario)
{
  return &scenario->config;
}

const LabSetting *
lab_scenario_settings (const LabScenario *scenario)
{
  return scenario->loaded->root;
}

const LabSetting *
lab_scenario_find (const LabScenario *scenario, const char *path)
{
  return lab_setting_find (scenario->loaded->root, path);
}

SimLoc
lab_scenario_event_loc (const LabScenario *scenario, uint32_t index)
{
  const LabSetting *list = lab_setting_get (scenario->loaded->root, "timeline");
  SIM_ASSERT (index < list->children->len);
  return ((const LabSetting *)list->children->pdata[index])->origin.loc;
}

const char *
lab_scenario_summary (const LabScenario *scenario)
{
  const char *summary = lab_setting_string (scenario->loaded->root, "summary");
  return summary != NULL ? summary : "";
}

bool
lab_scenario_wants_rules (const LabScenario *scenario)
{
  return lab_setting_integer (lab_setting_get (scenario->loaded->root, "checks"), "rules") != 0;
}

bool
lab_scenario_wants_twin (const LabScenario *scenario)
{
  return lab_setting_integer (lab_setting_get (scenario->loaded->root, "checks"), "twin") != 0;
}

const LabChecks *
lab_scenario_checks (const LabScenario *scenario)
{
  return scenario->checks;
}

bool
lab_scenario_records (const LabScenario *scenario, const char *recording)
{
  const LabSetting *record = lab_setting_find (scenario->loaded->root, "output.record");
  for (guint i = 0; i < record->children->len; i++) {
    const LabSetting *element = record->children->pdata[i];
    if (strcmp (element->value.word->name, recording) == 0)
      return true;
  }
  return false;
}

char *
lab_scenario_resolved (const LabScenario *scenario)
{
  return lab_resolved_text (scenario->loaded->root, LAB_RESOLVED_ALL);
}

char *
lab_scenario_digest (const LabScenario *scenario)
{
  g_autofree char *text = lab_resolved_text (scenario->loaded->root, LAB_RESOLVED_RUN);
  return g_compute_checksum_for_string (G_CHECKSUM_SHA256, text, -1);
}

/* Where the program is, for the presets that came with it. */
static char *
program_folder (void)
{
  g_autofree char *program = g_file_read_link ("/proc/self/exe", NULL);
  return program != NULL ? g_path_get_dirname (program) : g_strdup (".");
}

char **
lab_preset_folders (const char *path)
{
  static const char *const below_program[] = { "scenarios/presets", "../scenarios/presets",
                                               "../share/chimsim/presets" };
  g_autoptr (GPtrArray) folders = g_ptr_array_new ();
  g_autofree char *folder = g_path_get_dirname (path);
  g_autofree char *program = program_folder ();
  g_ptr_array_add (folders, g_build_filename (folder, "presets", NULL));
  g_ptr_array_add (folders, g_strdup (folder));
  g_ptr_array_add (folders, g_strdup ("scenarios/presets"));
  for (size_t i = 0; i < G_N_ELEMENTS (below_program); i++)
    g_ptr_array_add (folders, g_build_filename (program, below_program[i], NULL));
  g_ptr_array_add (folders, NULL);
  return (char **)g_ptr_array_free (g_steal_pointer (&folders), FALSE);
}
