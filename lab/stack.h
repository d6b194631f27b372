/*
 * The stack: which intermediate drivers stand between host and target, in which order.
 *
 * Errors      Go to LabMistakes.
 */
#pragma once

#include "lab/bind.h"
#include "lab/mistakes.h"
#include "lab/setting.h"
#include "models/world/config.h"

/* lab_stack_build fills config->im from the parts `im` of |scenario|, in the order of its `stack`.
 */
void lab_stack_build (const LabSetting *scenario, WorldConfig *config, LabStore *store,
                      LabMistakes *mistakes);
