/*
 * Path and neighbor objects as the offload sees them: a handle, a state, and how many depend on
 * them.
 *
 * Invariants  An object that is on its way down or up has one operation on it.  |dependents| counts
 *             the objects one layer up that are with the target or on their way to or from it; a
 *             tree that terminates the object contains all of them.
 * Source      TERM-03, TERM-04, INIT-07, CTX-06.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "models/ndis/types.h"

typedef enum ObjectState {
  OBJECT_HOST,
  OBJECT_INITIATING,
  OBJECT_OFFLOADED,
  OBJECT_TERMINATING,
  OBJECT_N_STATES
} ObjectState;

typedef enum ObjectEvent {
  OBJECT_EV_INITIATE,
  OBJECT_EV_INITIATE_OK,
  OBJECT_EV_INITIATE_FAIL,
  OBJECT_EV_TERMINATE,
  OBJECT_EV_TERMINATED,
  OBJECT_EV_TERMINATE_FAIL, /* it is still there, to be terminated again */
  OBJECT_N_EVENTS
} ObjectEvent;

/* What an object is in the tree that is being built. */
typedef enum ObjectRole {
  OBJECT_ROLE_NONE, /* no node */
  OBJECT_ROLE_PLACEHOLDER,
  OBJECT_ROLE_REFERENCE, /* a linker in an initiate tree */
  OBJECT_ROLE_NEW,
} ObjectRole;

/* What may be asked of an object that stays where it is. */
typedef enum ObjectOperation {
  OBJECT_QUERY,
  OBJECT_UPDATE,
  OBJECT_INVALIDATE,
} ObjectOperation;

typedef struct HostObject {
  NDIS_OFFLOAD_HANDLE handle;
  ObjectState state;
  ObjectRole role;  /* scratch of the tree being built */
  uint32_t in_tree; /* scratch: dependents that the tree being built contains */
  uint32_t dependents;
  uint32_t operations; /* outstanding queries, updates, invalidates of it */
  uint32_t n_operations[OBJECT_INVALIDATE + 1]; /* of these, of each */
  bool invalid;                                 /* invalidated, not yet terminated */
} HostObject;

bool object_next (ObjectState state, ObjectEvent event, ObjectState *ret_next);
const char *object_rule (ObjectState state, ObjectEvent event);
const char *object_state_name (ObjectState state);

void object_init (HostObject *object, void *owner, uint32_t object_id);
/* object_step asserts that there is a row. */
void object_step (HostObject *object, ObjectEvent event);

/* True while an initiate or terminate of it is under way: trees that need it wait. */
static inline bool
object_is_moving (const HostObject *object)
{
  return object->state == OBJECT_INITIATING || object->state == OBJECT_TERMINATING;
}

/* object_begin and object_end count an operation that goes down and comes back. */
void object_begin (HostObject *object, ObjectOperation what);
void object_end (HostObject *object, ObjectOperation what);
/* False while it is moving, being updated or being invalidated (UPD-03, UPD-04, UPD-06). */
bool object_may_be_updated (const HostObject *object);

void object_add_dependent (HostObject *object);
void object_remove_dependent (HostObject *object);
