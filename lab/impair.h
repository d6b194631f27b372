/*
 * Impairments: what is more than a value in wire.impair.
 *
 * Errors      Go to LabMistakes.
 */
#pragma once

#include "lab/mistakes.h"
#include "lab/setting.h"
#include "models/wire/wire.h"

/* lab_impair_build reads the patterns of |wire| into |config|, whose values are bound already, and
 * checks that the values of each direction fit together. */
void lab_impair_build (const LabSetting *wire, WireConfig *config, LabMistakes *mistakes);
