/*
 * Measures: the figures of a run, from its parts, samples and latencies.
 *
 * Throughput, host cycles per byte on either path, what the chimney saved, latency percentiles as a
 * whole and by stage, and the use of every resource, over the time from the end of the warm-up to
 * the end of the run.
 *
 * Units       As each figure says.
 */
#pragma once

#include "lab/counters.h"
#include "lab/latency.h"
#include "lab/stats.h"

typedef struct MeasureInput {
  const World *world;
  const Latency *latency;
  LabSample from, to; /* the world at the end of the warm-up and at the end */
} MeasureInput;

/* measure_run fills |stats|. */
void measure_run (const MeasureInput *input, LabStats *stats);

/* The percentiles that are told everywhere: parts per million and name, ended by a NULL name. */
typedef struct MeasurePercentile {
  uint32_t parts_per_million;
  const char *name;
} MeasurePercentile;
extern const MeasurePercentile measure_percentiles[];

const char *latency_path_name (LatencyPath path); /* "host_path" */
