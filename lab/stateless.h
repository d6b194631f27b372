/*
 * Stateless offloads: the host may use what every target can do.
 *
 * Errors      Go to LabMistakes, at the host's setting: a checksum that nobody makes, a large send
 *             that nobody cuts, or one that is too large.
 */
#pragma once

#include "lab/mistakes.h"
#include "lab/setting.h"
#include "models/world/config.h"

void lab_stateless_check (const LabSetting *scenario, const WorldConfig *config,
                          LabMistakes *mistakes);
