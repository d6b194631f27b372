/*
 * Simulated time: integer picoseconds.
 *
 * Units       Picoseconds in an int64: good for 106 days.
 * Errors      Overflow is a bug of the caller (a scenario's limits are checked at load): asserts.
 * Invariants  Instants and lengths are different types and do not add by accident.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "sim/assert.h"

typedef struct SimTime {
  int64_t ps;
} SimTime;

typedef struct SimDuration {
  int64_t ps;
} SimDuration;

#define SIM_PS_PER_NS INT64_C (1000)
#define SIM_PS_PER_US INT64_C (1000000)
#define SIM_PS_PER_MS INT64_C (1000000000)
#define SIM_PS_PER_S INT64_C (1000000000000)

#define SIM_TIME_ZERO ((SimTime){ 0 })
/* Later than every instant a run can reach: "not armed". */
#define SIM_TIME_NEVER ((SimTime){ INT64_MAX })
#define SIM_DURATION_ZERO ((SimDuration){ 0 })

static inline SimDuration
sim_ps (int64_t ps)
{
  return (SimDuration){ ps };
}

static inline SimDuration
sim_scaled (int64_t count, int64_t unit_ps)
{
  int64_t ps;
  bool overflow = __builtin_mul_overflow (count, unit_ps, &ps);
  SIM_ASSERT (!overflow);
  return (SimDuration){ ps };
}

static inline SimDuration
sim_ns (int64_t count)
{
  return sim_scaled (count, SIM_PS_PER_NS);
}

static inline SimDuration
sim_us (int64_t count)
{
  return sim_scaled (count, SIM_PS_PER_US);
}

static inline SimDuration
sim_ms (int64_t count)
{
  return sim_scaled (count, SIM_PS_PER_MS);
}

static inline SimTime
sim_time_add (SimTime t, SimDuration d)
{
  int64_t ps;
  bool overflow = __builtin_add_overflow (t.ps, d.ps, &ps);
  SIM_ASSERT (!overflow);
  return (SimTime){ ps };
}

static inline SimDuration
sim_time_diff (SimTime later, SimTime earlier)
{
  int64_t ps;
  bool overflow = __builtin_sub_overflow (later.ps, earlier.ps, &ps);
  SIM_ASSERT (!overflow);
  return (SimDuration){ ps };
}

static inline SimDuration
sim_duration_add (SimDuration a, SimDuration b)
{
  int64_t ps;
  bool overflow = __builtin_add_overflow (a.ps, b.ps, &ps);
  SIM_ASSERT (!overflow);
  return (SimDuration){ ps };
}

static inline bool
sim_time_before (SimTime a, SimTime b)
{
  return a.ps < b.ps;
}

static inline bool
sim_time_equal (SimTime a, SimTime b)
{
  return a.ps == b.ps;
}

static inline SimTime
sim_time_min (SimTime a, SimTime b)
{
  return a.ps < b.ps ? a : b;
}

static inline SimTime
sim_time_max (SimTime a, SimTime b)
{
  return a.ps > b.ps ? a : b;
}

static inline bool
sim_time_is_never (SimTime t)
{
  return t.ps == INT64_MAX;
}
