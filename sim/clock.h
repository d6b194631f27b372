/*
 * Clocks and rates: exact conversion between cycles or bits and time.
 *
 * Units       Cycles belong to a clock; only a clock turns them into time.  Edge n of a clock of f
 *             Hz stands at floor (n * 10^12 / f) ps.
 * Invariants  Rounding never accumulates: an edge is computed from its number; a rate carries the
 *             remainder of each division into the next.
 * Errors      A clock of 0 Hz or a negative count asserts.
 */
#pragma once

#include "sim/time.h"

typedef struct SimCycles {
  int64_t count;
} SimCycles;

typedef struct SimClock {
  int64_t hz; /* 1 Hz to 10^12 Hz */
} SimClock;

#define SIM_CYCLES_ZERO ((SimCycles){ 0 })

static inline SimCycles
sim_cycles (int64_t count)
{
  return (SimCycles){ count };
}

static inline SimCycles
sim_cycles_add (SimCycles a, SimCycles b)
{
  int64_t count;
  bool overflow = __builtin_add_overflow (a.count, b.count, &count);
  SIM_ASSERT (!overflow);
  return (SimCycles){ count };
}

/* sim_clock_edge is the instant of edge number |n| (n >= 0). */
SimTime sim_clock_edge (SimClock clock, int64_t n);

/* The number of the last edge at or before |t|, and of the first at or after it. */
int64_t sim_clock_last_edge (SimClock clock, SimTime t);
int64_t sim_clock_first_edge (SimClock clock, SimTime t);

/* sim_clock_after is the instant |cycles| edges after the first edge at or after |t|; with no
 * cycles it is |t| itself, so that a free step costs no alignment. */
SimTime sim_clock_after (SimClock clock, SimTime t, SimCycles cycles);

/* sim_clock_elapsed is the number of whole edges in (from, to]. */
SimCycles sim_clock_elapsed (SimClock clock, SimTime from, SimTime to);

/* A rate in bits per second that turns bytes into time and keeps the remainder. */
typedef struct SimRate {
  int64_t bits_per_s;
  int64_t remainder; /* of the last division, in units of ps * bits_per_s */
} SimRate;

static inline SimRate
sim_rate (int64_t bits_per_s)
{
  return (SimRate){ bits_per_s, 0 };
}

/* sim_rate_take is the time |bytes| need on |rate|; the remainder goes into the next call. */
SimDuration sim_rate_take (SimRate *rate, int64_t bytes);
