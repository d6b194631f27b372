/*
 * Mentions: names of events, calls and rules in what does not change a run (measure, output,
 * explore, test).
 *
 * Errors      Go to LabMistakes.
 */
#pragma once

#include "lab/mistakes.h"
#include "lab/setting.h"
#include "models/world/config.h"

/* lab_mention_check refuses names that |scenario| does not have. */
void lab_mention_check (const LabSetting *scenario, const WorldConfig *config,
                        LabMistakes *mistakes);
