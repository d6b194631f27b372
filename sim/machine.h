/*
 * What the kernel's files know of a Sim: private to sim/.
 *
 * Owns        A Sim owns its choices, its trace and its queue.
 */
#pragma once

#include "sim/cpu.h"
#include "sim/queue.h"
#include "sim/sim.h"

struct Sim {
  SimTime now;
  uint64_t sequence; /* of the next arming */
  uint64_t fired;
  uint64_t fired_at_progress;
  uint64_t fired_check; /* look at the limits when this many have fired */
  bool stop_requested;
  bool same_time_open; /* SIM_SITE_SAME_TIME */
  uint64_t seed;
  SimCpu *running_cpu; /* whose step is running */
  SimChoices *choices;
  SimTrace *trace;
  SimQueueEntry *tied; /* scratch: what is pending at one instant and phase */
  size_t tied_capacity;
  SimQueue queue;
};

SimChoices *sim_choices_new (Sim *sim);
void sim_choices_free (SimChoices *choices);

SimTrace *sim_trace_new (const Sim *sim);
void sim_trace_free (SimTrace *trace);

/* sim_skip_sequence lets the next arming have |sequence|: for the test of their renumbering. */
void sim_skip_sequence (Sim *sim, uint64_t sequence);
