/*
 * The timeline: a scenario's events as TimelineEvents, each with an anchor that can fire.
 *
 * Refused are ids used twice, events without an anchor or with two, anchors on events that do not
 * exist, circles of events that wait for each other, instants after the stop, metrics that can
 * never be reached, windows that never open, and addresses of what is not there.
 *
 * Owns        The array is the caller's, to g_free; ids are borrowed from the settings.
 * Errors      Go to LabMistakes.
 */
#pragma once

#include "lab/mistakes.h"
#include "lab/setting.h"
#include "models/world/config.h"

/* lab_timeline_build fills config->event from the list `timeline` of |scenario|; groups, drivers
 * and stop are in |config| already. */
void lab_timeline_build (const LabSetting *scenario, WorldConfig *config, LabMistakes *mistakes);
