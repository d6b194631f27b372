/*
 * What waits in an intermediate driver: requests beyond its depth.
 *
 * Order       First in, first out, over all kinds of request, so that a disconnect stays behind the
 *             sends before it. State operations and data requests are counted apart, each up to the
 *             depth: trees, and buffer lists of sends and forwards (a chain is admitted whole).
 *             Receives pass at once, since they end when the peer likes; disconnects wait their
 *             turn but take no place. A terminate and an abortive disconnect do not wait for
 *             places: what is before them goes down with them, because a send of a connection that
 *             the peer has left may end by nothing else.  Nor do updates, queries and invalidates,
 *             because a terminate of their objects waits for them (TERM-05).  A terminate stays behind
 *             the sends and forwards of its connections that are on their way down when it comes,
 *             too: their calls may be executing on other processors (TERM-07), and what they come to
 *             is told before its completion (TERM-14).
 * Owns        Call entries that wait are the queue's.
 */
#pragma once

#include "models/im/call.h"

typedef enum ImPlaces {
  IM_PLACES_STATE,
  IM_PLACES_DATA,
  IM_N_PLACES,
} ImPlaces;

typedef struct ImQueue {
  ImCall *first;
  ImCall **last;
  uint32_t waiting;
  uint32_t waiting_peak;
  uint32_t urgent;             /* of those that wait */
  uint32_t taken[IM_N_PLACES]; /* places */
  bool is_pumping;             /* the work item is queued or running */
  SimWork pump;
} ImQueue;

void im_queue_init (ImDriver *im);

/* im_queue_submit passes |call| down as the last act of this step (im_pass_down), or lets it
 * wait. */
void im_queue_submit (ImDriver *im, ImCall *call);

/* im_queue_append lets |call| wait its turn in any case: this step may do something else. */
void im_queue_append (ImDriver *im, ImCall *call);

/* im_queue_finish frees the call entries |calls|, linked by |next|, of what has been completed, and
 * lets others go. */
void im_queue_finish (ImDriver *im, ImCall *calls);
