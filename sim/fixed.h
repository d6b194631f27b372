/*
 * Logarithm and power of two in fixed point, by whole numbers alone.
 *
 * Units       Qn is an integer that stands for its value times 2^n.
 * Invariants  Within 2^-56 of the true value, and the same on every machine: there is no libm here.
 */
#pragma once

#include <stdint.h>

#define SIM_LN2_Q64 UINT64_C (0xb17217f7d1cf79ac)
#define SIM_LOG2E_Q63 UINT64_C (0xb8aa3b295c17f0bc)

/* The square roots of 2, again and again: 2^(1/2), 2^(1/4), ... in Q63. */
typedef struct SimRoots {
  uint64_t root[63];
} SimRoots;

void sim_roots_init (SimRoots *roots);

/* sim_log2_q57 is the logarithm of |x| >= 1. */
uint64_t sim_log2_q57 (uint64_t x);

/* sim_exp2_q63 is 2 to the |fraction| (Q63, below 1): 1 to 2, in Q63. */
uint64_t sim_exp2_q63 (const SimRoots *roots, uint64_t fraction);
