#include "models/host/owner.h"

#include <stddef.h>

#include "sim/assert.h"

/* One row per (state, event) that may happen. */
/* clang-format off */
#define OWNER_TRANSITIONS(X)                               \
  /* state         event           next         rule */    \
  X (HOST,        PREPARE,        PREPARING,   "FWD-04")   \
  X (PREPARING,   INITIATE,       INITIATING,  "INIT-07")  \
  X (INITIATING,  INITIATE_OK,    OFFLOADED,   "ISTS-01")  \
  X (INITIATING,  INITIATE_FAIL,  HOST,        "INIT-19")  \
  X (OFFLOADED,   LEAVE,          LEAVING,     "TERM-06")  \
  X (LEAVING,     TERMINATE,      TERMINATING, "TERM-01")  \
  X (TERMINATING, TERMINATE_OK,   HOST,        "TERM-12")  \
  X (TERMINATING, TERMINATE_FAIL, LOST,        "TERM-13")  \
  X (LOST,        TERMINATE,      SCRAPPING,   "TERM-33")  \
  X (SCRAPPING,   TERMINATE_OK,   HOST,        "TERM-33")  \
  X (SCRAPPING,   TERMINATE_FAIL, HOST,        "TERM-13")
/* clang-format on */

typedef struct OwnerRow {
  const char *rule; /* NULL: no such row */
  OwnerState next;
} OwnerRow;

static const OwnerRow rows[OWN_N_STATES][OWN_N_EVENTS] = {
#define X(st, ev, nx, rl) [OWN_##st][OWN_EV_##ev] = { rl, OWN_##nx },
  OWNER_TRANSITIONS (X)
#undef X
};

static const char *const state_names[OWN_N_STATES] = {
  [OWN_HOST] = "host",           [OWN_PREPARING] = "preparing", [OWN_INITIATING] = "initiating",
  [OWN_OFFLOADED] = "offloaded", [OWN_LEAVING] = "leaving",     [OWN_TERMINATING] = "terminating",
  [OWN_LOST] = "lost",           [OWN_SCRAPPING] = "scrapping",
};

static const char *const event_names[OWN_N_EVENTS] = {
  [OWN_EV_PREPARE] = "prepare",
  [OWN_EV_INITIATE] = "initiate",
  [OWN_EV_INITIATE_OK] = "initiate-ok",
  [OWN_EV_INITIATE_FAIL] = "initiate-fail",
  [OWN_EV_LEAVE] = "leave",
  [OWN_EV_TERMINATE] = "terminate",
  [OWN_EV_TERMINATE_OK] = "terminate-ok",
  [OWN_EV_TERMINATE_FAIL] = "terminate-fail",
};

/* What each state means to the others: trace owner, then the predicates. */
typedef struct OwnerTraits {
  TraceOwner owner;
  bool host_runs, holds_segments, has_context, uses_parents;
} OwnerTraits;

static const OwnerTraits traits[OWN_N_STATES] = {
  [OWN_HOST] = { OWNER_HOST, true, false, false, false },
  [OWN_PREPARING] = { OWNER_HOST, false, true, false, true },
  [OWN_INITIATING] = { OWNER_GOING_DOWN, false, true, false, true },
  [OWN_OFFLOADED] = { OWNER_TARGET, false, true, true, true },
  [OWN_LEAVING] = { OWNER_TARGET, false, true, true, true },
  [OWN_TERMINATING] = { OWNER_GOING_UP, false, true, true, true },
  [OWN_LOST] = { OWNER_TARGET, false, true, true, true },
  [OWN_SCRAPPING] = { OWNER_GOING_UP, false, true, true, true },
};

bool
owner_next (OwnerState state, OwnerEvent event, OwnerState *ret_next)
{
  SIM_ASSERT (state < OWN_N_STATES);
  SIM_ASSERT (event < OWN_N_EVENTS);
  if (rows[state][event].rule == NULL)
    return false;
  *ret_next = rows[state][event].next;
  return true;
}

const char *
owner_rule (OwnerState state, OwnerEvent event)
{
  SIM_ASSERT (state < OWN_N_STATES);
  SIM_ASSERT (event < OWN_N_EVENTS);
  return rows[state][event].rule;
}

const char *
owner_state_name (OwnerState state)
{
  return state < OWN_N_STATES ? state_names[state] : NULL;
}

const char *
owner_event_name (OwnerEvent event)
{
  return event < OWN_N_EVENTS ? event_names[event] : NULL;
}

TraceOwner
owner_of_state (OwnerState state)
{
  SIM_ASSERT (state < OWN_N_STATES);
  return traits[state].owner;
}

bool
owner_host_runs (OwnerState state)
{
  SIM_ASSERT (state < OWN_N_STATES);
  return traits[state].host_runs;
}

bool
owner_holds_segments (OwnerState state)
{
  SIM_ASSERT (state < OWN_N_STATES);
  return traits[state].holds_segments;
}

bool
owner_has_context (OwnerState state)
{
  SIM_ASSERT (state < OWN_N_STATES);
  return traits[state].has_context;
}

bool
owner_uses_parents (OwnerState state)
{
  SIM_ASSERT (state < OWN_N_STATES);
  return traits[state].uses_parents;
}
