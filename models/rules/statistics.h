/*
 * What the counters of offloaded traffic should be: kept from the trace beside what the target says
 * of them.
 *
 * Units       Index 0 is IP version 4, 1 is version 6.  Counters are compared modulo their width.
 * Order       The monitors of STAT bring it up to date themselves.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

/* One IP version. */
typedef struct RuleStatistics {
  uint64_t in_receives, in_segments; /* as they were told last, or began */
  uint64_t out_requests, out_segments, out_resets, retransmitted;
  /* since then, by what the target did */
  uint64_t processed[2]; /* certainly counted, by ip-stats and by tcp-stats */
  uint64_t passed_up[2]; /* perhaps counted */
  /* since the beginning */
  uint64_t told_requests, told_segments, told_resets; /* sums of what was told */
  uint64_t wire_segments, wire_resets;                /* of the target, on the wire */
} RuleStatistics;
