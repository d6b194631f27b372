/*
 * The machine: a clock, the pending events, and the loop that fires them.
 *
 * Order       Events fire in ascending (time, phase, actor, sequence).  The key is a total order:
 *             no two pending events compare equal, and nothing depends on addresses or on the shape
 *             of the queue.  Sequence counts armings; re-arming an event is a new arming.
 * Owns        A Sim owns its queue, choices, streams and trace.  It borrows each SimEvent: whoever
 *             embeds one keeps it alive until it has fired or was cancelled.
 * Errors      Scheduling in the past asserts.
 * Invariants  No state outside a Sim: many run in one process, one a thread, and give the bytes
 *             they give alone.
 */
#pragma once

#include <stddef.h>

#include "sim/time.h"

typedef struct Sim Sim;
typedef struct SimEvent SimEvent;
typedef struct SimTrace SimTrace;
typedef struct SimChoices SimChoices;

/* Who goes first among events of one instant. */
typedef enum SimPhase {
  SIM_PHASE_WIRE,    /* arrivals first: a frame that is there is seen by everyone */
  SIM_PHASE_DEVICE,  /* then the NIC: bus, engines, device timers */
  SIM_PHASE_HOST,    /* then processors, applications, host timers */
  SIM_PHASE_OBSERVE, /* samples and checks see the finished instant */
  SIM_N_PHASES
} SimPhase;

/* Actor ids come from the scenario, in the order it names the parts. */
#define SIM_ACTORS_MAX (UINT32_C (1) << 28)

typedef void (*SimEventFn) (Sim *sim, void *data);

/* Something that will happen at most once at a time: embed it, init it, schedule it.  The members
 * are the kernel's; models use the functions below. */
struct SimEvent {
  SimEventFn fire;
  void *data;
  SimTime when;       /* SIM_TIME_NEVER while not pending */
  uint64_t order;     /* phase, actor and sequence of the current arming */
  SimTime entry_when; /* the queue's entry: never later than |when|, which may have moved on */
  uint64_t entry_order;
};

/* sim_event_init prepares |event| to call |fire| (sim, |data|); it is not pending. */
void sim_event_init (SimEvent *event, SimPhase phase, uint32_t actor_id, SimEventFn fire,
                     void *data);

/* sim_event_schedule arms |event| for |when|, or moves it there if it is pending.  Moving a pending
 * event later costs a store. */
void sim_event_schedule (Sim *sim, SimEvent *event, SimTime when);

/* sim_event_cancel disarms |event|; a no-op if it is not pending.  Afterwards the queue holds no
 * reference to it. */
void sim_event_cancel (Sim *sim, SimEvent *event);

static inline bool
sim_event_is_pending (const SimEvent *event)
{
  return !sim_time_is_never (event->when);
}

/* Why a run ended. */
typedef enum SimStop {
  SIM_STOP_IDLE,     /* nothing is pending */
  SIM_STOP_TIME,     /* the time limit */
  SIM_STOP_EVENTS,   /* the event limit */
  SIM_STOP_LIVELOCK, /* livelock_events events without sim_progress */
  SIM_STOP_REQUEST,  /* sim_request_stop: a model or an interrupt asked for it */
} SimStop;

typedef struct SimLimits {
  SimTime until;            /* events after this instant do not fire; SIM_TIME_NEVER: no limit */
  uint64_t max_events;      /* fired since sim_new; 0: no limit */
  uint64_t livelock_events; /* 0: no limit */
} SimLimits;

/* sim_new makes an empty machine at time zero.  |seed| keys every random draw. */
Sim *sim_new (uint64_t seed);
void sim_free (Sim *sim);

SimTime sim_now (const Sim *sim);
uint64_t sim_seed (const Sim *sim);
uint64_t sim_events_fired (const Sim *sim);
size_t sim_events_pending (const Sim *sim);

/* sim_run fires events until a limit is met; it may be called again with later limits.  On
 * SIM_STOP_TIME now is the limit; otherwise it is the instant of the last event. */
SimStop sim_run (Sim *sim, SimLimits limits);

/* sim_progress says that a connection has got on: it resets the livelock count. */
void sim_progress (Sim *sim);

/* sim_request_stop ends the run after the current event.  Safe from a signal handler. */
void sim_request_stop (Sim *sim);

const char *sim_stop_name (SimStop stop);

/* The named choices (sim/choice.h) and the trace (sim/trace.h) of this machine. */
SimChoices *sim_choices (Sim *sim);
SimTrace *sim_trace (Sim *sim);
