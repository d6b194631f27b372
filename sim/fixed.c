#include "sim/fixed.h"

#include "sim/assert.h"

typedef unsigned __int128 Wide;

/* The whole square root, a bit at a time. */
static uint64_t
square_root (Wide x)
{
  uint64_t root = 0;
  for (uint64_t bit = UINT64_C (1) << 63; bit != 0; bit >>= 1)
    if ((Wide)(root | bit) * (root | bit) <= x)
      root |= bit;
  return root;
}

void
sim_roots_init (SimRoots *roots)
{
  Wide square = (Wide)1 << 127;
  for (unsigned i = 0; i < 63; i++) {
    roots->root[i] = square_root (square);
    square = (Wide)roots->root[i] << 63;
  }
}

/* Squaring a number of 1 to 2 doubles its logarithm: whether it passes 2 is the next bit. */
uint64_t
sim_log2_q57 (uint64_t x)
{
  SIM_ASSERT (x >= 1);
  unsigned shift = (unsigned)__builtin_clzll (x);
  uint64_t mantissa = x << shift; /* Q63 */
  uint64_t log = 63 - shift;

  for (unsigned bit = 0; bit < 57; bit++) {
    Wide square = (Wide)mantissa * mantissa; /* Q126 */
    uint64_t carry = (uint64_t)(square >> 127);
    mantissa = (uint64_t)(square >> (63 + carry));
    log = log << 1 | carry;
  }
  return log;
}

uint64_t
sim_exp2_q63 (const SimRoots *roots, uint64_t fraction)
{
  SIM_ASSERT (fraction >> 63 == 0);
  uint64_t power = UINT64_C (1) << 63;

  for (unsigned i = 0; i < 63; i++)
    if (fraction >> (62 - i) & 1)
      power = (uint64_t)((Wide)power * roots->root[i] >> 63);
  return power;
}
