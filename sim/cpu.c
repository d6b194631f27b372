#include "sim/cpu.h"

#include <glib.h>

#include "sim/machine.h"

/* Free steps in one instant after which the processor lets the event loop look at its limits. */
#define STEPS_PER_EVENT_MAX 65536

typedef struct Frame {
  SimStepFn step; /* what runs next in this frame; NULL: it ends */
  SimStepArgs args;
  SimResult result; /* what it returns itself, if |has_result| */
  bool has_result;
  SimResult callee_result;
} Frame;

/* The work of one level: a queue, and the stack of the item that runs. */
typedef struct Lane {
  SimWork *first;
  SimWork **last;
  uint32_t depth;
  bool opening;   /* frame[depth] is a callee whose frame opens next */
  bool waiting;   /* for the cycles of the last step to pass: */
  bool suspended; /* they do not pass now */
  int64_t edge;   /* they pass from this edge of the clock on */
  SimCycles left; /* and are so many from there */
  SimTime end;    /* unless suspended */
  Frame frame[SIM_CPU_DEPTH_MAX];
} Lane;

struct SimCpu {
  Sim *sim;
  SimCpuConfig config;
  SimEvent event; /* the end of the running step, or now if there is something to start */
  bool dispatching;
  bool in_step;
  bool has_called;
  SimLevel level;    /* of the running step */
  SimCycles charged; /* by the running step */
  bool busy;
  SimTime busy_since;
  SimDuration busy_before;
  SimCycles account[SIM_CPU_ACCOUNTS_MAX];
  Lane lane[SIM_N_LEVELS];
};

/* Lanes */

static bool
lane_has_work (const Lane *lane)
{
  return lane->depth > 0 || lane->first != NULL;
}

/* Starts the wait for the cycles of a step that ran at |now|. */
static void
lane_wait (Lane *lane, SimClock clock, SimTime now, SimCycles cycles)
{
  lane->waiting = true;
  lane->edge = sim_clock_first_edge (clock, now);
  lane->left = cycles;
  lane->end = sim_clock_after (clock, now, cycles);
}

/* Stops the lane's cycles at |now|.  The cycle under way is the lane's to its end. */
static void
lane_suspend (Lane *lane, SimClock clock, SimTime now)
{
  int64_t edge = sim_clock_first_edge (clock, now);

  lane->suspended = true;
  if (edge <= lane->edge)
    return;
  lane->left = sim_cycles (lane->left.count - (edge - lane->edge));
  lane->edge = edge;
  SIM_ASSERT (lane->left.count >= 0);
}

static void
lane_resume (Lane *lane, SimClock clock, SimTime now)
{
  lane->suspended = false;
  lane->edge = MAX (lane->edge, sim_clock_first_edge (clock, now));
  lane->end = sim_clock_edge (clock, lane->edge + lane->left.count);
}

static void
prepare_frame (Frame *frame, SimStepFn step, const SimStepArgs *args)
{
  frame->step = step;
  frame->args = args != NULL ? *args : (SimStepArgs){ 0 };
  frame->has_result = false;
  frame->callee_result = (SimResult){ 0 };
}

static void
open_work (Lane *lane)
{
  SimWork *work = lane->first;

  lane->first = work->next;
  if (lane->first == NULL)
    lane->last = &lane->first;
  work->next = NULL;
  work->queued = false;
  prepare_frame (&lane->frame[0], work->run, &work->args);
  lane->depth = 1;
}

static void
close_frame (Lane *lane)
{
  const Frame *frame = &lane->frame[--lane->depth];
  if (lane->depth > 0)
    lane->frame[lane->depth - 1].callee_result =
        frame->has_result ? frame->result : frame->callee_result;
}

/* The frame whose step is next, opened or laid bare; NULL if the work item has ended. */
static Frame *
next_frame (Lane *lane)
{
  if (lane->depth == 0) {
    open_work (lane);
  } else if (lane->opening) {
    lane->opening = false;
    lane->depth++;
  }
  while (lane->depth > 0 && lane->frame[lane->depth - 1].step == NULL)
    close_frame (lane);
  return lane->depth > 0 ? &lane->frame[lane->depth - 1] : NULL;
}

/* The processor */

static void
set_busy (SimCpu *cpu, bool busy)
{
  if (busy == cpu->busy)
    return;
  cpu->busy = busy;
  if (busy)
    cpu->busy_since = sim_now (cpu->sim);
  else
    cpu->busy_before =
        sim_duration_add (cpu->busy_before, sim_time_diff (sim_now (cpu->sim), cpu->busy_since));
}

static void
run_step (SimCpu *cpu, Lane *lane)
{
  Frame *frame = next_frame (lane);
  if (frame == NULL)
    return;

  /* Copied, because the step may leave its next step in the same frame. */
  SimStepFn step = frame->step;
  SimStepArgs args = frame->args;
  frame->step = NULL;

  cpu->level = lane == &cpu->lane[SIM_LEVEL_DPC] ? SIM_LEVEL_DPC : SIM_LEVEL_PASSIVE;
  cpu->charged = SIM_CYCLES_ZERO;
  cpu->has_called = false;
  cpu->in_step = true;
  cpu->sim->running_cpu = cpu;
  step (cpu, &args);
  cpu->sim->running_cpu = NULL;
  cpu->in_step = false;
  if (cpu->charged.count > 0)
    lane_wait (lane, cpu->config.clock, sim_now (cpu->sim), cpu->charged);
}

/* True if the lane's next step may run now; otherwise arms for when it may. */
static bool
lane_is_due (SimCpu *cpu, Lane *lane)
{
  SimTime now = sim_now (cpu->sim);

  if (!lane->waiting)
    return true;
  if (lane->suspended)
    lane_resume (lane, cpu->config.clock, now);
  if (sim_time_before (now, lane->end)) {
    sim_event_schedule (cpu->sim, &cpu->event, lane->end);
    return false;
  }
  lane->waiting = false;
  return true;
}

static Lane *
pick_lane (SimCpu *cpu)
{
  Lane *dpc = &cpu->lane[SIM_LEVEL_DPC];
  Lane *passive = &cpu->lane[SIM_LEVEL_PASSIVE];

  if (!lane_has_work (dpc))
    return lane_has_work (passive) ? passive : NULL;
  if (passive->waiting && !passive->suspended)
    lane_suspend (passive, cpu->config.clock, sim_now (cpu->sim));
  return dpc;
}

static void
dispatch (Sim *sim, void *data)
{
  SimCpu *cpu = data;
  Lane *lane;

  cpu->dispatching = true;
  for (uint32_t steps = 0; (lane = pick_lane (cpu)) != NULL; steps++) {
    set_busy (cpu, true);
    if (!lane_is_due (cpu, lane))
      break;
    if (steps == STEPS_PER_EVENT_MAX) {
      sim_event_schedule (sim, &cpu->event, sim_now (sim));
      break;
    }
    run_step (cpu, lane);
  }
  cpu->dispatching = false;
  if (lane == NULL)
    set_busy (cpu, false);
}

SimCpu *
sim_cpu_new (Sim *sim, SimCpuConfig config)
{
  SimCpu *cpu = g_new0 (SimCpu, 1);

  cpu->sim = sim;
  cpu->config = config;
  for (unsigned level = 0; level < SIM_N_LEVELS; level++)
    cpu->lane[level].last = &cpu->lane[level].first;
  sim_event_init (&cpu->event, SIM_PHASE_HOST, config.actor_id, dispatch, cpu);
  return cpu;
}

void
sim_cpu_free (SimCpu *cpu)
{
  if (cpu == NULL)
    return;
  sim_event_cancel (cpu->sim, &cpu->event);
  g_free (cpu);
}

void
sim_work_init (SimWork *work, SimLevel level, SimStepFn run, SimStepArgs args)
{
  SIM_ASSERT (level < SIM_N_LEVELS);
  SIM_ASSERT (run != NULL);
  *work = (SimWork){ .run = run, .args = args, .level = level };
}

bool
sim_cpu_queue (SimCpu *cpu, SimWork *work)
{
  if (work->queued)
    return false;

  Lane *lane = &cpu->lane[work->level];
  bool lane_was_idle = !lane_has_work (lane);
  work->queued = true;
  work->next = NULL;
  *lane->last = work;
  lane->last = &work->next;

  /* A DPC cuts into passive work; passive work waits for whatever is there. */
  SimTime now = sim_now (cpu->sim);
  bool starts = work->level == SIM_LEVEL_DPC ? lane_was_idle : !cpu->busy;
  if (starts && !cpu->dispatching && !sim_time_equal (cpu->event.when, now))
    sim_event_schedule (cpu->sim, &cpu->event, now);
  return true;
}

static Lane *
running_lane (SimCpu *cpu)
{
  SIM_ASSERT (cpu->in_step);
  return &cpu->lane[cpu->level];
}

void
sim_cpu_charge (SimCpu *cpu, uint32_t account, SimCycles cycles)
{
  SIM_ASSERT (cpu->in_step);
  SIM_ASSERT (account < SIM_CPU_ACCOUNTS_MAX);
  SIM_ASSERT (cycles.count >= 0);
  cpu->charged = sim_cycles_add (cpu->charged, cycles);
  cpu->account[account] = sim_cycles_add (cpu->account[account], cycles);
}

void
sim_cpu_then (SimCpu *cpu, SimStepFn then, const SimStepArgs *args)
{
  Lane *lane = running_lane (cpu);
  Frame *frame = &lane->frame[lane->depth - 1];

  SIM_ASSERT (!cpu->has_called);
  SIM_ASSERT (then != NULL);
  cpu->has_called = true;
  frame->step = then;
  frame->args = args != NULL ? *args : (SimStepArgs){ 0 };
}

void
sim_cpu_call (SimCpu *cpu, SimStepFn callee, const SimStepArgs *args, SimStepFn then,
              const SimStepArgs *then_args)
{
  Lane *lane = running_lane (cpu);

  SIM_ASSERT (!cpu->has_called);
  SIM_ASSERT (callee != NULL);
  SIM_ASSERT (lane->depth < SIM_CPU_DEPTH_MAX);
  if (then != NULL)
    sim_cpu_then (cpu, then, then_args);
  cpu->has_called = true;
  lane->opening = true;
  prepare_frame (&lane->frame[lane->depth], callee, args);
}

void
sim_cpu_return (SimCpu *cpu, SimResult result)
{
  Lane *lane = running_lane (cpu);
  Frame *frame = &lane->frame[lane->depth - 1];

  frame->result = result;
  frame->has_result = true;
}

SimResult
sim_cpu_result (const SimCpu *cpu)
{
  SIM_ASSERT (cpu->in_step);
  const Lane *lane = &cpu->lane[cpu->level];
  return lane->frame[lane->depth - 1].callee_result;
}

SimCpu *
sim_cpu_current (const Sim *sim)
{
  return sim->running_cpu;
}

bool
sim_cpu_in_step (const SimCpu *cpu)
{
  return cpu->in_step;
}

bool
sim_cpu_has_called (const SimCpu *cpu)
{
  return cpu->in_step && cpu->has_called;
}

SimLevel
sim_cpu_level (const SimCpu *cpu)
{
  return cpu->in_step ? cpu->level : SIM_LEVEL_PASSIVE;
}

uint32_t
sim_cpu_depth (const SimCpu *cpu)
{
  return cpu->in_step ? cpu->lane[cpu->level].depth : 0;
}

bool
sim_cpu_rests (const SimCpu *cpu, SimLevel level)
{
  SIM_ASSERT (level < SIM_N_LEVELS);
  return !lane_has_work (&cpu->lane[level]);
}

uint32_t
sim_cpu_index (const SimCpu *cpu)
{
  return cpu->config.index;
}

SimClock
sim_cpu_clock (const SimCpu *cpu)
{
  return cpu->config.clock;
}

Sim *
sim_cpu_sim (const SimCpu *cpu)
{
  return cpu->sim;
}

SimCycles
sim_cpu_account (const SimCpu *cpu, uint32_t account)
{
  SIM_ASSERT (account < SIM_CPU_ACCOUNTS_MAX);
  return cpu->account[account];
}

SimDuration
sim_cpu_busy (const SimCpu *cpu)
{
  if (!cpu->busy)
    return cpu->busy_before;
  return sim_duration_add (cpu->busy_before, sim_time_diff (sim_now (cpu->sim), cpu->busy_since));
}
