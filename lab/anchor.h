/*
 * Anchors: what the events of a timeline wait for, and whether it can come.
 *
 * Errors      Go to LabMistakes.
 */
#pragma once

#include "lab/mistakes.h"
#include "lab/setting.h"
#include "models/world/config.h"

/* The metrics that an event can wait for; values are TimelineMetrics. */
extern const LabWord lab_metric_words[];

/* lab_anchor_is_attempted tells whether |element| has an anchor written down, even a wrong one. */
bool lab_anchor_is_attempted (const LabSetting *element);

/* lab_anchor_read_window takes the two calls of `between`; false if one had a mistake. */
bool lab_anchor_read_window (const LabSetting *between, NdisCall ret_calls[2]);

/* lab_anchor_read_metric reads `offloaded(web)` into |event|; false with a mistake. */
bool lab_anchor_read_metric (const WorldConfig *config, const LabSetting *metric,
                             LabMistakes *mistakes, TimelineEvent *event);

/* lab_anchor_check_order links `after` anchors to their events and refuses those that can never
 * fire: unknown ids, circles, instants after the stop. */
void lab_anchor_check_order (const LabSetting *list, WorldConfig *config, LabMistakes *mistakes);
