/*
 * The timeline of a random scenario: hand-overs all the time, and what disturbs them.
 */
#pragma once

#include <glib.h>

#include "lab/random_scenario.h"

/* The connections that there are: groups "g0", "g1", ... of so many each. */
#define RANDOM_GROUPS_MAX 3

typedef struct RandomGroups {
  uint32_t n;
  uint32_t count[RANDOM_GROUPS_MAX];
} RandomGroups;

/* lab_random_timeline appends the timeline of scenario |number| to |text|. */
void lab_random_timeline (GString *text, uint64_t number, const RandomGroups *groups);
