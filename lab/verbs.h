/*
 * Verbs: what a timeline's event takes beside its anchor, read into the event.
 *
 * A verb is a row of TIMELINE_VERBS (models/world/config.h), the keys that it takes
 * (lab/fields_timeline.c), the reader of these here and what it does (models/world/verbs.c).
 *
 * Errors  Go to LabMistakes, each with its place.
 */
#pragma once

#include "lab/mistakes.h"
#include "lab/setting.h"
#include "models/world/config.h"

/* lab_verb_read fills |event|, whose verb is set, from |element| of the timeline.  The groups,
 * targets and drivers of |config| are there already. */
void lab_verb_read (const LabSetting *element, const WorldConfig *config, LabMistakes *mistakes,
                    TimelineEvent *event);
