/*
 * A run that is to come to rest, and what was wrong with it.
 *
 * All monitors are on.  Beside the rules: every byte is delivered once and in order, nothing that
 * an application gave away is missing at rest unless its connection was aborted, the host has
 * nothing outstanding, and nothing that was taken is still out.
 *
 * Errors      None: complaints are the result.
 */
#pragma once

#include <stdint.h>

#include "lab/random_handover.h"
#include "lab/scenario.h"

/* What a run was like, so that a campaign can say what it covered. */
typedef struct RandomTally {
  uint64_t events, segments;
  uint64_t initiated, refused, terminated, aborted;
  uint64_t delivered_bytes;
  uint64_t warnings;
  RandomHandovers handovers;
} RandomTally;

/* lab_random_run runs |config|; NULL if nothing is wrong, else a line for each complaint; the
 * caller frees it with g_free. */
char *lab_random_run (const WorldConfig *config, RandomTally *ret_tally);
