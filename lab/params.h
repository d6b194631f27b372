/*
 * The field table told: `list params`, docs/scenario.md, and the JSON Schema for editors.
 *
 * Owns        |scenario| is borrowed: the section that holds all rows, like lab_scenario_fields.
 *             Texts are the caller's to free.
 * Invariants  All three come from the rows that load a scenario; no file or time goes in.
 */
#pragma once

#include "lab/field.h"
#include "lab/json.h"

/* lab_params_text lists every parameter: path, range, default, help. */
char *lab_params_text (const LabField *scenario);

/* lab_params_json writes them as an array of objects: path, type, dimension, unit, range, default,
 * required, help, source, only_with, state (there / later). */
void lab_params_json (const LabField *scenario, LabJson *json);

/* lab_params_manual is docs/scenario.md. */
char *lab_params_manual (const LabField *scenario);

/* lab_params_schema is the JSON Schema (draft 7) of |scenario|. */
char *lab_params_schema (const LabField *scenario);
