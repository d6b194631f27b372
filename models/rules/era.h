/*
 * Eras: what segments show of an object, and from when to when they could be made to show it.
 *
 * An era begins when what brings it reaches the driver below, and is over when what brings the next
 * is complete: in between segments of both are made.  Since segments wait before the wire, what is
 * over is remembered for as long as one can wait there.
 *
 * Order   From the newest to the oldest.
 * Owns    An object has its newest era, the store the older ones.  What rule_era_older gives is
 *         good until the next era begins.
 */
#pragma once

#include <glib.h>

#include "sim/time.h"

/* How long a segment may stand before the wire. */
#define RULE_QUEUED_PS (2 * SIM_PS_PER_S)

/* What a segment shows of an object: a neighbor's source MAC (0: the interface's), destination MAC
 * and VLAN; a path's source and destination; a connection's flow label, hop limit, TOS and
 * priority. */
#define RULE_LOOK_VALUES 4

typedef struct RuleLook {
  int64_t value[RULE_LOOK_VALUES];
} RuleLook;

enum { RULE_LOOK_SOURCE_MAC, RULE_LOOK_DESTINATION_MAC, RULE_LOOK_VLAN };
enum { RULE_LOOK_SOURCE, RULE_LOOK_DESTINATION };
enum { RULE_LOOK_FLOW_LABEL, RULE_LOOK_HOP_LIMIT, RULE_LOOK_TOS, RULE_LOOK_PRIORITY };

typedef struct RuleEra {
  RuleLook look;
  uint32_t parent; /* the object it is linked to; 0: none */
  uint32_t op;     /* the operation that brought it */
  uint32_t older;  /* the store's; 0: there was none, or it is forgotten */
  bool is_known;
  uint64_t at;   /* the record that brought it */
  SimTime since; /* segments that show it were made from here */
  SimTime until; /* to here; SIM_TIME_NEVER: it is not over */
} RuleEra;

typedef struct RuleEras {
  GArray *past;  /* of RuleEra */
  uint32_t free; /* the first place that is free, by |older|; 0: none */
} RuleEras;

void rule_eras_init (RuleEras *eras);
void rule_eras_clear (RuleEras *eras);

/* rule_era_older gives the era before |era|, NULL if none is remembered. */
const RuleEra *rule_era_older (const RuleEras *eras, const RuleEra *era);
/* rule_era_begin makes |next| the newest era, after |now|.  One that shows the same goes on. */
void rule_era_begin (RuleEras *eras, RuleEra *now, const RuleEra *next);
/* rule_era_settle: what brought |now| is complete: older eras are over. */
void rule_era_settle (RuleEras *eras, RuleEra *now, SimTime when);
/* rule_era_undo: what brought |now| has failed: the era before it goes on. */
void rule_era_undo (RuleEras *eras, RuleEra *now);
/* rule_era_end: segments of the object are no longer made. */
void rule_era_end (RuleEras *eras, RuleEra *now, SimTime when);
