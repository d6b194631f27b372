#include "models/wire/red.h"

#include <glib.h>

#include "sim/assert.h"

#define SCALE 65536
#define ONE (UINT64_C (1) << 32)

Red
red_new_state (void)
{
  return (Red){ .since_mark = -1 };
}

/* (1 - weight)^n in 32 bits of fraction, by squaring. */
static uint64_t
decay (const RedConfig *config, uint64_t n)
{
  unsigned __int128 weight =
      (unsigned __int128)ONE * config->weight_numerator / config->weight_denominator;
  uint64_t base = ONE - (uint64_t)weight;
  uint64_t power = ONE;

  for (; n > 0 && power > 0; n >>= 1) {
    if (n & 1)
      power = (uint64_t)(((unsigned __int128)power * base) >> 32);
    base = (uint64_t)(((unsigned __int128)base * base) >> 32);
  }
  return power;
}

static void
update_average (Red *red, const RedConfig *config, const RedArrival *arrival)
{
  if (arrival->queue_bytes == 0) {
    int64_t idle_ps = MAX (sim_time_diff (arrival->when, red->idle_since).ps, 0);
    uint64_t missed = (uint64_t)(idle_ps / MAX (arrival->small_frame.ps, 1));
    red->average_scaled =
        (int64_t)(((__int128)red->average_scaled * (int64_t)decay (config, missed)) >> 32);
    red->idle_since = sim_time_max (red->idle_since, arrival->when);
  }
  __int128 change = (__int128)arrival->queue_bytes * SCALE - red->average_scaled;
  red->average_scaled +=
      (int64_t)(change * (int64_t)config->weight_numerator / (int64_t)config->weight_denominator);
}

/* True for the frame that is to be marked, figure 2: p_a = p_b / (1 - count * p_b). */
static bool
is_chosen (const Red *red, const RedConfig *config, SimStream stream, uint64_t subject)
{
  unsigned __int128 above =
      (unsigned __int128)(red->average_scaled - (int64_t)config->min_bytes * SCALE);
  unsigned __int128 span = (unsigned __int128)(config->max_bytes - config->min_bytes) * SCALE;
  unsigned __int128 numerator = above * config->chance_numerator;
  unsigned __int128 denominator = span * config->chance_denominator;

  while (denominator >> 63 != 0) {
    denominator >>= 1;
    numerator >>= 1;
  }
  if (denominator <= numerator * ((uint32_t)red->since_mark + 1))
    return true;
  denominator -= numerator * (uint32_t)red->since_mark;
  return sim_draw_chance (stream, subject, red->frames - 1, (uint64_t)numerator,
                          (uint64_t)denominator);
}

RedVerdict
red_decide (Red *red, const RedConfig *config, const RedArrival *arrival, SimStream stream,
            uint64_t subject)
{
  SIM_ASSERT (config->min_bytes < config->max_bytes);
  SIM_ASSERT (config->weight_numerator > 0);
  SIM_ASSERT (config->weight_numerator <= config->weight_denominator);

  RedVerdict verdict = config->ecn && arrival->can_be_marked ? RED_MARK : RED_DROP;
  red->frames++;
  update_average (red, config, arrival);
  if (red->average_scaled >= (int64_t)config->max_bytes * SCALE) {
    red->since_mark = 0;
    return verdict;
  }
  if (red->average_scaled < (int64_t)config->min_bytes * SCALE) {
    red->since_mark = -1;
    return RED_PASS;
  }
  red->since_mark++;
  if (!is_chosen (red, config, stream, subject))
    return RED_PASS;
  red->since_mark = 0;
  return verdict;
}

void
red_note_empty (Red *red, SimTime idle_since)
{
  red->idle_since = idle_since;
}

uint32_t
red_average_bytes (const Red *red)
{
  return (uint32_t)(red->average_scaled / SCALE);
}
