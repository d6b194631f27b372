#include "sim/random.h"

#include <stddef.h>

#include <Random123/philox.h>

#include "sim/assert.h"
#include "sim/mix.h"

SimStream
sim_stream (uint64_t seed, const char *name)
{
  uint64_t hash = sim_mix_name (sim_mix (seed), name);
  return (SimStream){ { (uint32_t)hash, (uint32_t)(hash >> 32) } };
}

uint64_t
sim_draw (SimStream stream, uint64_t subject, uint64_t n)
{
  philox4x32_key_t key = { { stream.key[0], stream.key[1] } };
  philox4x32_ctr_t counter = { { (uint32_t)subject, (uint32_t)(subject >> 32), (uint32_t)n,
                                 (uint32_t)(n >> 32) } };
  philox4x32_ctr_t block = philox4x32_R (10, counter, key);
  return (uint64_t)block.v[1] << 32 | block.v[0];
}

uint64_t
sim_draw_below (SimStream stream, uint64_t subject, uint64_t n, uint64_t bound)
{
  SIM_ASSERT (bound >= 1);
  return (uint64_t)(((unsigned __int128)sim_draw (stream, subject, n) * bound) >> 64);
}

bool
sim_draw_chance (SimStream stream, uint64_t subject, uint64_t n, uint64_t numerator,
                 uint64_t denominator)
{
  SIM_ASSERT (numerator <= denominator);
  return sim_draw_below (stream, subject, n, denominator) < numerator;
}
