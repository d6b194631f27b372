/*
 * Random draws: a function of what is drawn, not of who drew before.
 *
 * Draw n of a stream is Philox4x32-10 (package librandom123-dev) keyed by the seed and the stream's
 * name, at counter (subject, n).  A new consumer shifts nobody's draws.
 *
 * Errors      None.
 * Source      Salmon, Moraes, Dror, Shaw, "Parallel random numbers: as easy as 1, 2, 3", SC 2011.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

typedef struct SimStream {
  uint32_t key[2];
} SimStream;

/* sim_stream derives the stream called |name| under |seed|. */
SimStream sim_stream (uint64_t seed, const char *name);

/* sim_draw is draw |n| for |subject|: 64 uniform bits. */
uint64_t sim_draw (SimStream stream, uint64_t subject, uint64_t n);

/* sim_draw_below is uniform on 0 to |bound| - 1 (bound >= 1), without modulo bias beyond 2^-64. */
uint64_t sim_draw_below (SimStream stream, uint64_t subject, uint64_t n, uint64_t bound);

/* sim_draw_chance is true with probability |numerator| / |denominator|. */
bool sim_draw_chance (SimStream stream, uint64_t subject, uint64_t n, uint64_t numerator,
                      uint64_t denominator);
