/*
 * Who has a connection: the way down to the target and back, as rows.
 *
 * Invariants  Nobody else assigns a connection's owner.  A pair without a row is refused:
 *             owner_next answers false.
 * Source      Offload documents: initiate, terminate and forward sequences; each row names its
 *             rule.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "models/trace/trace.h"

typedef enum OwnerState {
  OWN_HOST,
  OWN_PREPARING,   /* segments are held, owed ACKs go out, then the state is exported */
  OWN_INITIATING,  /* its tree is on the way down */
  OWN_OFFLOADED,   /* the target's; I/O goes down the chimney */
  OWN_LEAVING,     /* still the target's: nothing new is posted, calls are awaited to return */
  OWN_TERMINATING, /* its tree is on the way down to fetch it */
  OWN_LOST,        /* the target's, but its state is gone: waits for a second terminate */
  OWN_SCRAPPING,   /* that terminate is on its way */
  OWN_N_STATES
} OwnerState;

typedef enum OwnerEvent {
  OWN_EV_PREPARE,
  OWN_EV_INITIATE,
  OWN_EV_INITIATE_OK,
  OWN_EV_INITIATE_FAIL,
  OWN_EV_LEAVE,
  OWN_EV_TERMINATE,
  OWN_EV_TERMINATE_OK,
  OWN_EV_TERMINATE_FAIL,
  OWN_N_EVENTS
} OwnerEvent;

/* owner_next looks the row up; false: there is none. */
bool owner_next (OwnerState state, OwnerEvent event, OwnerState *ret_next);
/* The rule a row stands on, or NULL. */
const char *owner_rule (OwnerState state, OwnerEvent event);
const char *owner_state_name (OwnerState state);
const char *owner_event_name (OwnerEvent event);

/* What the trace calls the owner in this state. */
TraceOwner owner_of_state (OwnerState state);

/* Sets of states. */
bool owner_host_runs (OwnerState state);      /* the host's TCP processes segments and timers */
bool owner_holds_segments (OwnerState state); /* segments of the ordinary path are kept */
bool owner_has_context (OwnerState state);    /* the target knows the object */
bool owner_uses_parents (OwnerState state);   /* path and neighbor must stay */
