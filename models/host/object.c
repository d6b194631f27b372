#include "models/host/object.h"

#include "sim/assert.h"

/* clang-format off */
#define OBJECT_TRANSITIONS(X)                             \
  /* state         event          next         rule */    \
  X (HOST,        INITIATE,      INITIATING,  "INIT-07")  \
  X (INITIATING,  INITIATE_OK,   OFFLOADED,   "ISTS-01")  \
  X (INITIATING,  INITIATE_FAIL, HOST,        "ISTS-04")  \
  X (OFFLOADED,   TERMINATE,     TERMINATING, "TERM-03")  \
  X (TERMINATING, TERMINATED,    HOST,        "TERM-12")  \
  X (TERMINATING, TERMINATE_FAIL, OFFLOADED,  "TERM-33")
/* clang-format on */

typedef struct ObjectRow {
  const char *rule; /* NULL: no such row */
  ObjectState next;
} ObjectRow;

static const ObjectRow rows[OBJECT_N_STATES][OBJECT_N_EVENTS] = {
#define X(st, ev, nx, rl) [OBJECT_##st][OBJECT_EV_##ev] = { rl, OBJECT_##nx },
  OBJECT_TRANSITIONS (X)
#undef X
};

static const char *const names[OBJECT_N_STATES] = {
  [OBJECT_HOST] = "host",
  [OBJECT_INITIATING] = "initiating",
  [OBJECT_OFFLOADED] = "offloaded",
  [OBJECT_TERMINATING] = "terminating",
};

bool
object_next (ObjectState state, ObjectEvent event, ObjectState *ret_next)
{
  SIM_ASSERT (state < OBJECT_N_STATES);
  SIM_ASSERT (event < OBJECT_N_EVENTS);
  if (rows[state][event].rule == NULL)
    return false;
  *ret_next = rows[state][event].next;
  return true;
}

const char *
object_rule (ObjectState state, ObjectEvent event)
{
  SIM_ASSERT (state < OBJECT_N_STATES);
  SIM_ASSERT (event < OBJECT_N_EVENTS);
  return rows[state][event].rule;
}

const char *
object_state_name (ObjectState state)
{
  return state < OBJECT_N_STATES ? names[state] : NULL;
}

void
object_init (HostObject *object, void *owner, uint32_t object_id)
{
  *object = (HostObject){
    .handle = { .owner = owner, .object_id = object_id, .connection_id = UINT32_MAX },
  };
}

void
object_step (HostObject *object, ObjectEvent event)
{
  bool allowed = object_next (object->state, event, &object->state);
  SIM_ASSERT (allowed);
  if (object->state == OBJECT_HOST) {
    object->handle.MiniportOffloadContext = 0;
    object->invalid = false;
  }
}

void
object_begin (HostObject *object, ObjectOperation what)
{
  SIM_ASSERT (what != OBJECT_UPDATE || object_may_be_updated (object));
  object->operations++;
  object->n_operations[what]++;
}

void
object_end (HostObject *object, ObjectOperation what)
{
  SIM_ASSERT (object->n_operations[what] > 0);
  object->operations--;
  object->n_operations[what]--;
}

bool
object_may_be_updated (const HostObject *object)
{
  return !object_is_moving (object) && object->n_operations[OBJECT_UPDATE] == 0
         && object->n_operations[OBJECT_INVALIDATE] == 0;
}

void
object_add_dependent (HostObject *object)
{
  object->dependents++;
}

void
object_remove_dependent (HostObject *object)
{
  SIM_ASSERT (object->dependents > 0);
  object->dependents--;
}
