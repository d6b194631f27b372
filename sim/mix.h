/*
 * An integer mixer: the one hash of this house.
 *
 * Invariants  sim_mix is a bijection of 64 bits made of wrapping integer steps: every machine and
 *             every compiler gives the same.  It is part of results (stream keys, fingerprints), so
 *             changing it changes every run.
 * Source      Steele, Lea, Flood, "Fast splittable pseudorandom number generators", OOPSLA 2014:
 *             the finaliser of SplitMix64.
 */
#pragma once

#include <stdint.h>

static inline uint64_t
sim_mix (uint64_t x)
{
  x += UINT64_C (0x9e3779b97f4a7c15);
  x = (x ^ (x >> 30)) * UINT64_C (0xbf58476d1ce4e5b9);
  x = (x ^ (x >> 27)) * UINT64_C (0x94d049bb133111eb);
  return x ^ (x >> 31);
}

/* sim_mix_name folds the characters of |name| into |hash|, one by one. */
static inline uint64_t
sim_mix_name (uint64_t hash, const char *name)
{
  for (const char *c = name; *c != '\0'; c++)
    hash = sim_mix (hash ^ (unsigned char)*c);
  return hash;
}
