/*
 * Explaining: the resolved scenario, each value with its unit and where it comes from.
 *
 * Owns        Texts are the caller's to free.
 */
#pragma once

#include "lab/json.h"
#include "lab/setting.h"

/* lab_explain_text lists |setting| and all values in it, one a line: path, value, origin. */
char *lab_explain_text (const LabSetting *setting);

/* lab_explain_json writes the same as a JSON array of objects: path, value, type, unit, origin,
 * place, source. */
void lab_explain_json (const LabSetting *setting, LabJson *json);
