/*
 * The objects of a trace: what a record that names an offload object, or follows a call, is about.
 *
 * Readers that judge calls, nodes and states share one of these: it knows the connection of an
 * offload object, the owner of a connection, and the call that nodes and states belong to.
 *
 * Order       It must hear a record before the readers that ask it: make it first.
 * Owns        Borrows the trace and the configuration for the run.
 * Invariants  Reads only.
 */
#pragma once

#include <glib.h>
#include <stdbool.h>

#include "models/trace/trace.h"
#include "models/world/config.h"

typedef struct LabObjects {
  const WorldConfig *config;
  SimRecord call; /* the last call-begin: nodes, buffers and states that follow are its */
  uint8_t *owner; /* of each connection, a TraceOwner */
  uint32_t n_owned[N_OWNERS]; /* connections by owner */
  GArray *connection_of;      /* uint32_t plus 1, by offload object; 0: not told */
} LabObjects;

LabObjects *lab_objects_new (SimTrace *trace, const WorldConfig *config);
void lab_objects_free (LabObjects *objects);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LabObjects, lab_objects_free)

/* lab_objects_connection is the connection whose TCP object that is; UINT32_MAX: none, or the trace
 * has not told. */
uint32_t lab_objects_connection (const LabObjects *objects, int64_t object);

/* lab_objects_at_target tells whether |call|, a call-begin, is one that a target makes or that
 * reaches it. */
bool lab_objects_at_target (const LabObjects *objects, const SimRecord *call);

/* lab_objects_of_target_call tells whether what belongs to |crossing| belongs to the last call, and
 * that is at a target. */
bool lab_objects_of_target_call (const LabObjects *objects, int64_t crossing);
