/*
 * A scenario: one reproducible experiment, loaded, checked and ready to run.
 *
 * Owns        A LabScenario owns its WorldConfig and all it points to, settings and texts, until
 *             lab_scenario_free; worlds made from the configuration are freed before.
 * Errors      GError of LAB_ERROR: each line of its message is `file:line:column: what, and what to
 *             write instead`, at most twenty of them.
 * Invariants  The same text, sets and presets give the same configuration.
 */
#pragma once

#include <glib.h>

#include "lab/checks.h"
#include "lab/override.h"
#include "lab/setting.h"
#include "models/world/config.h"

typedef struct LabScenario LabScenario;

typedef struct LabScenarioRequest {
  const char *path; /* of the file; what messages call |text| */
  const char *text; /* NULL: read the file */
  size_t n_bytes;   /* of |text| */
  const LabSet *sets;
  size_t n_sets;
  const char *const *preset_folders; /* NULL-terminated; NULL: lab_preset_folders of |path| */
} LabScenarioRequest;

LabScenario *lab_scenario_load (const LabScenarioRequest *request, GError **error);
void lab_scenario_free (LabScenario *scenario);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LabScenario, lab_scenario_free)

const WorldConfig *lab_scenario_config (const LabScenario *scenario);

/* lab_scenario_settings is the resolved scenario with its origins, for explaining and writing. */
const LabSetting *lab_scenario_settings (const LabScenario *scenario);

/* lab_scenario_find is the setting at a dotted path, or NULL. */
const LabSetting *lab_scenario_find (const LabScenario *scenario, const char *path);

/* Where timeline event |index| stands. */
SimLoc lab_scenario_event_loc (const LabScenario *scenario, uint32_t index);

/* Top-level settings that are not the world's. */
const char *lab_scenario_summary (const LabScenario *scenario); /* "" if there is none */
bool lab_scenario_wants_rules (const LabScenario *scenario);
bool lab_scenario_wants_twin (const LabScenario *scenario);
const LabChecks *lab_scenario_checks (const LabScenario *scenario);
/* Whether output.record names |recording|. */
bool lab_scenario_records (const LabScenario *scenario, const char *recording);

/* lab_scenario_resolved is the complete scenario as YAML: runnable without presets, giving the same
 * fingerprints.  The caller frees it. */
char *lab_scenario_resolved (const LabScenario *scenario);

/* lab_scenario_digest is the SHA-256 of what can change a run: of the resolved scenario without
 * measure, output, sweep, explore, name and summary.  The caller frees it. */
char *lab_scenario_digest (const LabScenario *scenario);

/* lab_preset_folders lists where presets are looked for when the scenario |path| names one: in
 * `presets` beside it, beside it, and in scenarios/presets here or of the program's tree or
 * installation.  The caller
 * frees it with g_strfreev. */
char **lab_preset_folders (const char *path);
