/*
 * What the counters of offloaded traffic should be: kept from the trace beside what the target says
 * of them.
 *
 * Units       Per target; index 0 is IP version 4, 1 is version 6.  Counters are compared modulo their width.
 * Order       The monitors of STAT bring it up to date themselves.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

/* One IP version. */
typedef struct RuleStatistics {
  uint64_t in_receives, in_segments; /* as they were told last, or began */
  uint64_t out_requests, out_segments, out_resets, retransmitted;
  uint32_t in_header_errors, in_truncated, in_discards, out_discards, out_no_routes, in_errors;
  /* since then, by what the target did */
  uint64_t processed[2];                       /* certainly counted, by ip-stats and by tcp-stats */
  uint64_t passed_up[2];                       /* perhaps counted */
  uint32_t bad_headers, bad_checksums;         /* segments with errors */
  uint32_t dropped_headers, dropped_checksums; /* of these */
  uint32_t no_room;                            /* dropped for want of room */
  /* since the beginning */
  uint64_t told_requests, told_segments, told_resets; /* sums of what was told */
  uint64_t wire_segments, wire_resets;                /* of the target, on the wire */
} RuleStatistics;

/* What the host was told by tcp-stats records since it said last what the sum is. */
typedef struct RuleTotals {
  uint64_t told_in, told_out;
} RuleTotals;
