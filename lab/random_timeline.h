/*
 * The timeline of a random scenario: hand-overs all the time, and what disturbs them.
 */
#pragma once

#include "lab/random_event.h"

/* lab_random_timeline appends the timeline of scenario |number| to |text|. */
void lab_random_timeline (GString *text, uint64_t number, const RandomGroups *groups);
