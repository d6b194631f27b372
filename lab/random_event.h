/*
 * Events of a random scenario: their anchors, and whom they are about.
 *
 * Owns        A writer borrows the text that it appends to, and the groups.
 */
#pragma once

#include <glib.h>

#include "lab/draw.h"
#include "lab/random_scenario.h"

/* The connections that there are: groups "g0", "g1", ... of so many each. */
#define RANDOM_GROUPS_MAX 3

typedef struct RandomGroups {
  uint32_t n;
  uint32_t count[RANDOM_GROUPS_MAX];
  uint32_t next_hops[RANDOM_GROUPS_MAX]; /* spare ones included */
  uint32_t mtu[RANDOM_GROUPS_MAX];
  bool is_ipv6[RANDOM_GROUPS_MAX];
  uint32_t n_cpus; /* of the host */
} RandomGroups;

/* One timeline, as it is written. */
typedef struct RandomEvents {
  GString *text;
  LabDraw draw;
  uint64_t features;
  const RandomGroups *groups;
  uint64_t span_us; /* clock anchors lie within */
  uint32_t n_events;
  bool woken; /* a device that has been put to sleep is not put to sleep a second time */
} RandomEvents;

/* random_event begins event "e<n>" with an anchor, and gives its number; random_event_after begins
 * one that follows the end of event |of|.  The caller goes on with ", key: value" and "}\n". */
uint32_t random_event (RandomEvents *w, const char *verb);
uint32_t random_event_after (RandomEvents *w, const char *verb, uint32_t of);

/* One event, and one that follows it, each with the rest of its keys. */
void random_event_pair (RandomEvents *w, const char *verb, const char *rest, const char *then,
                        const char *then_rest);

/* Append a connection, or connections of one group, and give the group. */
uint32_t random_event_connection (RandomEvents *w);
uint32_t random_event_connections (RandomEvents *w);
