/*
 * Episodes: what happened besides the traffic, and how long it lasted.
 *
 * A reader of POWER, LINK and TIMELINE records: the stretches in which a device was below D0 or the
 * link was down, and when each event of the timeline began and ended.
 *
 * Order       Spans by their begin; those of one instant as they were recorded.
 * Owns        Borrows the trace for the run; owns what it keeps.
 */
#pragma once

#include <glib.h>

#include "models/trace/trace.h"

typedef enum EpisodeKind {
  EPISODE_POWER, /* a device below D0 */
  EPISODE_LINK,  /* the link down */
} EpisodeKind;

typedef struct Episode {
  EpisodeKind kind;
  uint32_t part; /* POWER: whose */
  int64_t level; /* POWER: 1 to 3 for D1 to D3 */
  SimTime begin, end;
} Episode;

typedef enum EpisodeOutcome {
  EPISODE_NEVER, /* its anchor did not come */
  EPISODE_UNDER_WAY,
  EPISODE_DONE,
  EPISODE_FAILED,
} EpisodeOutcome;

typedef struct EpisodeEvent {
  SimTime begun, ended; /* SIM_TIME_NEVER if it did not */
  EpisodeOutcome outcome;
} EpisodeEvent;

typedef struct Episodes Episodes;

/* episodes_new listens to |trace|; the timeline has |n_events| events. */
Episodes *episodes_new (SimTrace *trace, uint32_t n_events);
void episodes_free (Episodes *episodes);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Episodes, episodes_free)

/* episodes_spans gives all spans up to |end|, made anew; free with g_array_unref.  Episode. */
GArray *episodes_spans (const Episodes *episodes, SimTime end);

uint32_t episodes_n_events (const Episodes *episodes);
EpisodeEvent episodes_event (const Episodes *episodes, uint32_t index);

/* "never", "under way", "done", "failed". */
const char *episode_outcome_name (EpisodeOutcome outcome);
