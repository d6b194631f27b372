/*
 * Bounds of latency: {latency: offload.total, p99: "<= 900 us"}.
 *
 *   latency  =  class [. path] [. total | . stage]      offload, request.chimney, request.host_path.engine
 *
 * Classes, paths and stages are those of latency.csv; a path is of requests only.
 *
 * Units       Picoseconds.
 * Errors      Go to LabMistakes.
 */
#pragma once

#include "lab/groups.h"
#include "lab/latency.h"
#include "lab/measure.h"

typedef struct LabLatencyName {
  LatencyClass class;
  int path;        /* LatencyPath, -1: all */
  uint32_t column; /* LATENCY_COLUMNS: the total */
} LabLatencyName;

/* lab_latency_name_read reads |text|, which stands at |spot|; false with a mistake. */
bool lab_latency_name_read (const char *text, const WorldConfig *config, LabSpot spot,
                            LabLatencyName *ret_name);

/* lab_latency_times gives the times of that name, ascending; free with g_array_unref.  int64_t
 * ps. */
GArray *lab_latency_times (const Latency *latency, LabLatencyName name);

typedef enum LabBoundSense {
  LAB_BOUND_AT_MOST,
  LAB_BOUND_BELOW,
  LAB_BOUND_AT_LEAST,
  LAB_BOUND_ABOVE,
} LabBoundSense;

/* A percentile and what it is held against. */
typedef struct LabBound {
  const MeasurePercentile *percentile;
  LabBoundSense sense;
  int64_t ps;
} LabBound;

/* lab_bound_read reads "<= 900 us" of |percentile|; false with a mistake. */
bool lab_bound_read (const char *text, const MeasurePercentile *percentile, LabSpot spot,
                     LabBound *ret_bound);

bool lab_bound_holds (const LabBound *bound, int64_t ps);
