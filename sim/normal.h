/*
 * The tail of the normal distribution, inverted, by whole numbers alone.
 *
 * The density is integrated once from far out inwards (Simpson's rule); a probability is then found
 * among the sums and refined by the density's own series.
 *
 * Units       Probabilities are v / 2^64 (v at most 2^63); deviations are Q58.
 * Owns        SimNormal is a heap object that its maker frees.
 * Invariants  Within 10^-7 of the true deviation.
 */
#pragma once

#include <glib.h>
#include <stdint.h>

#include "sim/fixed.h"

typedef struct SimNormal SimNormal;

SimNormal *sim_normal_new (const SimRoots *roots);
void sim_normal_free (SimNormal *normal);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SimNormal, sim_normal_free)

/* sim_normal_deviation_q58 is the z >= 0 that a normal variable exceeds with probability
 * |v| / 2^64; v is 1 to 2^63. */
uint64_t sim_normal_deviation_q58 (const SimNormal *normal, uint64_t v);
