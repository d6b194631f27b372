/*
 * The timeline: the scenario's events, each at its anchor.
 *
 * An event is anchored to the clock, to another event's outcome, to a window between two crossings
 * about one connection, or to a metric.  The timeline watches the trace for the last two and
 * schedules its own events; it changes no model itself but asks its world to (TimelineDo).
 *
 * Order       Timeline events are of phase WIRE, actor 0: what the scenario does comes first in its
 *             instant.
 * Owns        Borrows the configuration and the Sim.
 * Invariants  Each event fires at most once.  A window event that the window's end overtakes waits
 *             for the next window.
 */
#pragma once

#include "models/world/config.h"

typedef struct Timeline Timeline;

#define TIMELINE_ACTOR 0

typedef enum TimelineState {
  TIMELINE_WAITING, /* its anchor has not come */
  TIMELINE_RUNNING, /* begun, outcome open */
  TIMELINE_SUCCEEDED,
  TIMELINE_FAILED_STATE,
} TimelineState;

/* Carries event |index| out.  The world answers with timeline_finish, at once or later. */
typedef void (*TimelineDo) (void *world, uint32_t index, const TimelineEvent *event);

/* timeline_new begins to watch the trace: make it before the parts whose records it is to see. */
Timeline *timeline_new (Sim *sim, const WorldConfig *config, TimelineDo carry_out, void *world);
void timeline_free (Timeline *timeline);

/* timeline_start arms the clock anchors.  |object_of| tells by which offload object the trace names
 * a connection; it is asked at once, with |world|. */
typedef uint32_t (*TimelineObjectOf) (void *world, uint32_t connection_id);
void timeline_start (Timeline *timeline, TimelineObjectOf object_of);

/* timeline_finish gives the outcome of event |index|. */
void timeline_finish (Timeline *timeline, uint32_t index, bool succeeded);

TimelineState timeline_state (const Timeline *timeline, uint32_t index);
/* When it began and ended; SIM_TIME_NEVER if it did not. */
SimTime timeline_begun (const Timeline *timeline, uint32_t index);
SimTime timeline_ended (const Timeline *timeline, uint32_t index);
/* timeline_window tells how long the first window of event |index| was open, if the event waited
 * for its end; false: it did not open and close while the event waited. */
bool timeline_window (const Timeline *timeline, uint32_t index, SimDuration *ret_length);
