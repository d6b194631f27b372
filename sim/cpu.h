/*
 * A processor: runs work as a stack of frames, each step charging cycles.
 *
 * A work item (a DPC or a passive-level thread step) opens a frame.  A frame's step function runs
 * at the instant the step begins, changes state at that instant, and charges cycles; its cycles
 * pass before anything else of that level runs.  A call is the last act of a step: the callee's
 * frame opens on the same processor when the charged cycles have passed, and when the callee's
 * frame has ended, the caller's continuation runs, if it left one.  So every state change has its
 * own instant, the trace is in time order, and another processor can act between any two steps.
 *
 * Order       DPC work runs before passive work; a DPC interrupts passive work in the middle of a
 *             step, whose remaining cycles pass afterwards.  Within a level first come, first
 *             served.
 * Units       Cycles of this processor's clock.
 * Owns        SimWork is embedded by its owner and borrowed from queueing until its function runs;
 *             it may be queued again from within that function.  Step arguments are copied.
 * Errors      More than one call in a step, a call or charge outside a step, and more than
 *             SIM_CPU_DEPTH_MAX frames of one level assert.
 * Invariants  An account is a caller-defined index; every cycle charged is booked to one account.
 */
#pragma once

#include "sim/clock.h"
#include "sim/sim.h"

#define SIM_CPU_DEPTH_MAX 128
#define SIM_CPU_ACCOUNTS_MAX 128
#define SIM_STEP_WORDS 6

typedef struct SimCpu SimCpu;
typedef struct SimWork SimWork;

typedef enum SimLevel { SIM_LEVEL_PASSIVE, SIM_LEVEL_DPC, SIM_N_LEVELS } SimLevel;

typedef struct SimStepArgs {
  void *self;
  void *object;
  uint64_t word[SIM_STEP_WORDS];
} SimStepArgs;

typedef void (*SimStepFn) (SimCpu *cpu, const SimStepArgs *args);

struct SimWork {
  SimWork *next; /* the processor's */
  SimStepFn run;
  SimStepArgs args;
  SimLevel level;
  bool queued; /* the processor's */
};

/* What a callee hands to its caller's continuation. */
typedef struct SimResult {
  int64_t status;
  int64_t value;
} SimResult;

typedef struct SimCpuConfig {
  SimClock clock;
  uint32_t actor_id;
  uint32_t index; /* which processor of its host */
} SimCpuConfig;

SimCpu *sim_cpu_new (Sim *sim, SimCpuConfig config);
void sim_cpu_free (SimCpu *cpu);

/* sim_work_init prepares |work| to run |run| (cpu, args) at |level|. */
void sim_work_init (SimWork *work, SimLevel level, SimStepFn run, SimStepArgs args);

/* sim_cpu_queue queues |work|; false if it is queued already (a DPC queued twice runs once). */
bool sim_cpu_queue (SimCpu *cpu, SimWork *work);

/* sim_cpu_charge books |cycles| to |account| in the current step.  All that a step charges passes
 * before what it called begins. */
void sim_cpu_charge (SimCpu *cpu, uint32_t account, SimCycles cycles);

/* sim_cpu_call opens a frame for |callee| when the charged cycles have passed: the last act of this
 * step.  |then|, if not NULL, is the next step of this frame after the callee's frame has ended,
 * with |then_args|; without it this frame ends with the callee's. */
void sim_cpu_call (SimCpu *cpu, SimStepFn callee, const SimStepArgs *args, SimStepFn then,
                   const SimStepArgs *then_args);

/* sim_cpu_then leaves a next step for this frame, without a call, after the charged cycles have
 * passed. */
void sim_cpu_then (SimCpu *cpu, SimStepFn then, const SimStepArgs *args);

/* sim_cpu_return sets what the continuation of the caller will read.  A frame that sets nothing
 * hands on what its last callee returned, {0, 0} if it called nobody. */
void sim_cpu_return (SimCpu *cpu, SimResult result);

/* sim_cpu_result is what the callee of the step before returned: good in a continuation. */
SimResult sim_cpu_result (const SimCpu *cpu);

/* sim_cpu_current is the processor of |sim| whose step is running, or NULL between steps. */
SimCpu *sim_cpu_current (const Sim *sim);

/* Where we are: level and depth (1: a work item's own frame) of the running step; outside a step
 * SIM_LEVEL_PASSIVE and 0. */
bool sim_cpu_in_step (const SimCpu *cpu);
/* True after a call or continuation was left in the running step: no further crossing is legal. */
bool sim_cpu_has_called (const SimCpu *cpu);
SimLevel sim_cpu_level (const SimCpu *cpu);
uint32_t sim_cpu_depth (const SimCpu *cpu);
/* True if no work of |level| is running, suspended or waiting. */
bool sim_cpu_rests (const SimCpu *cpu, SimLevel level);
uint32_t sim_cpu_index (const SimCpu *cpu);
SimClock sim_cpu_clock (const SimCpu *cpu);
Sim *sim_cpu_sim (const SimCpu *cpu);

/* Cycles booked to |account| so far, and time spent busy (any level). */
SimCycles sim_cpu_account (const SimCpu *cpu, uint32_t account);
SimDuration sim_cpu_busy (const SimCpu *cpu);
