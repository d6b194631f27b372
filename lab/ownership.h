/*
 * Ownership: who had which connection when.
 *
 * A reader of OWNER records: one span for each stretch with one owner.
 *
 * Order       Spans by connection, then time.
 * Owns        Its spans.
 */
#pragma once

#include <glib.h>

#include "models/trace/trace.h"

typedef struct OwnerSpan {
  uint32_t connection;
  TraceOwner owner;
  uint32_t target; /* OWNER_TARGET, OWNER_GOING_UP: the number of the one that has it */
  SimTime begin, end;
} OwnerSpan;

typedef struct Ownership Ownership;

Ownership *ownership_new (SimTrace *trace, uint32_t n_connections);
void ownership_free (Ownership *ownership);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Ownership, ownership_free)

/* ownership_spans gives all spans up to |end|, made anew; free with g_array_unref. */
GArray *ownership_spans (const Ownership *ownership, SimTime end);
