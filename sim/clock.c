#include "sim/clock.h"

typedef __int128 Wide;

static void
check_clock (SimClock clock)
{
  SIM_ASSERT (clock.hz >= 1);
  SIM_ASSERT (clock.hz <= SIM_PS_PER_S);
}

SimTime
sim_clock_edge (SimClock clock, int64_t n)
{
  check_clock (clock);
  SIM_ASSERT (n >= 0);
  Wide ps = (Wide)n * SIM_PS_PER_S / clock.hz;
  SIM_ASSERT (ps < INT64_MAX);
  return (SimTime){ (int64_t)ps };
}

int64_t
sim_clock_last_edge (SimClock clock, SimTime t)
{
  check_clock (clock);
  SIM_ASSERT (t.ps >= 0);
  /* The last n with n * S < (t + 1) * f. */
  return (int64_t)((((Wide)t.ps + 1) * clock.hz - 1) / SIM_PS_PER_S);
}

int64_t
sim_clock_first_edge (SimClock clock, SimTime t)
{
  check_clock (clock);
  SIM_ASSERT (t.ps >= 0);
  /* The least n with floor (n * S / f) >= t: as t is whole, the least n with n * S >= t * f. */
  return (int64_t)(((Wide)t.ps * clock.hz + SIM_PS_PER_S - 1) / SIM_PS_PER_S);
}

SimTime
sim_clock_after (SimClock clock, SimTime t, SimCycles cycles)
{
  check_clock (clock);
  SIM_ASSERT (cycles.count >= 0);
  if (cycles.count == 0)
    return t;

  int64_t n;
  bool overflow = __builtin_add_overflow (sim_clock_first_edge (clock, t), cycles.count, &n);
  SIM_ASSERT (!overflow);
  return sim_clock_edge (clock, n);
}

SimCycles
sim_clock_elapsed (SimClock clock, SimTime from, SimTime to)
{
  SIM_ASSERT (from.ps <= to.ps);
  return sim_cycles (sim_clock_last_edge (clock, to) - sim_clock_last_edge (clock, from));
}

SimDuration
sim_rate_take (SimRate *rate, int64_t bytes)
{
  SIM_ASSERT (rate->bits_per_s >= 1);
  SIM_ASSERT (bytes >= 0);
  SIM_ASSERT (rate->remainder >= 0);
  SIM_ASSERT (rate->remainder < rate->bits_per_s);

  Wide total = (Wide)bytes * 8 * SIM_PS_PER_S + rate->remainder;
  Wide ps = total / rate->bits_per_s;
  SIM_ASSERT (ps < INT64_MAX);
  rate->remainder = (int64_t)(total - ps * rate->bits_per_s);
  return sim_ps ((int64_t)ps);
}
