/*
 * Misdeeds: what a host with a defect does that it must not do, around the calls of the offload
 * manager.
 *
 * Each is at most one further crossing in the step after a call of the manager has returned, or one
 * wrong node in a tree before it goes down.  A host without defects does none of it.
 *
 * Source      defects.def names each defect and the rules that see it.
 */
#pragma once

#include "models/host/operation.h"
#include "sim/cpu.h"

/* The connection and kind of the tree that was passed down last, while a defect may follow it. */
typedef struct Misdeed {
  bool is_due;
  OperationKind kind;
  uint32_t connection_id;
} Misdeed;

/* A linker without dependents, at the end of the tree that |task| builds; misdeeds_after_initiate lets
 * go of its object when the tree is back, or was not sent. */
void misdeeds_before_initiate (Host *host, Task *task);
void misdeeds_after_initiate (Task *task);

/* misdeeds_remember keeps what misdeeds_after_call needs: the task may be done by then. */
Misdeed misdeeds_remember (const Host *host, const Task *task);
/* In the step after the call: true if a misdeed was done, which took the step; |then| follows
 * it. */
bool misdeeds_after_call (Host *host, SimStepFn then);

/* True if segments are to be forwarded in spite of a terminate. */
bool misdeeds_forward (const Host *host, const Connection *c);
