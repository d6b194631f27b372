/*
 * Distributions as integer quantile tables.
 *
 * A distribution is made once, at load, with integer arithmetic only (no libm), so that no compiler
 * or C library can change a result.  A draw looks up a uniform 64-bit number in the table and
 * interpolates.
 *
 * Units       Values are int64 in whatever unit the caller has (ps, cycles, bytes).
 * Owns        SimDist is a heap object; immutable once made, so it may be shared by threads.
 * Errors      Parameters that make no distribution (low > high, p50 > p99, mean < 1) assert: the
 *             loader has checked them.  sim_dist_new_empirical copies its points.
 */
#pragma once

#include <glib.h>
#include <stddef.h>
#include <stdint.h>

#include "sim/random.h"

typedef struct SimDist SimDist;

SimDist *sim_dist_new_constant (int64_t value);
/* Uniform on low to high, both included. */
SimDist *sim_dist_new_uniform (int64_t low, int64_t high);
SimDist *sim_dist_new_exponential (int64_t mean);
/* Lognormal through two of its quantiles. */
SimDist *sim_dist_new_lognormal (int64_t p50, int64_t p99);

/* A point of a cumulative distribution: |weight| observations of |value|. */
typedef struct SimDistPoint {
  int64_t value;
  uint64_t weight;
} SimDistPoint;

/* Takes each value with its weight; the points need not be sorted. */
SimDist *sim_dist_new_empirical (const SimDistPoint *points, size_t count);
void sim_dist_free (SimDist *dist);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SimDist, sim_dist_free)

/* sim_dist_at is the value at quantile u / 2^64. */
int64_t sim_dist_at (const SimDist *dist, uint64_t u);

/* sim_dist_draw is draw |n| for |subject| from |stream|. */
int64_t sim_dist_draw (const SimDist *dist, SimStream stream, uint64_t subject, uint64_t n);

int64_t sim_dist_min (const SimDist *dist);
int64_t sim_dist_max (const SimDist *dist);
/* The mean of the table, rounded down: for summaries and closed forms. */
int64_t sim_dist_mean (const SimDist *dist);
