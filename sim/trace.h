/*
 * The trace: what happened, as integers, for whoever reads.
 *
 * A record is a time, an actor, a kind and the kind's columns.  Kinds are declared once, by the
 * models, in a table; the kernel knows none of them.  Readers subscribe to kinds and see each
 * record as it is made; fingerprints are readers built in, because every run has them.
 *
 * Order       Records are made in the order of the simulation; readers of one record are called in
 *             the order they were added.
 * Owns        The kind table and readers' data are borrowed for the trace's life.  A record is
 *             borrowed for the call.
 * Errors      A record with the wrong number of columns does not compile (TRACE below).
 * Invariants  A fingerprint folds the names of kinds, not their numbers: a new kind changes no
 *             other's. A reader changes nothing in the models.  A kind that nobody reads and that
 *             is in no fingerprint costs one test.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "sim/sim.h"

#define SIM_TRACE_COLUMNS_MAX 28
#define SIM_TRACE_KINDS_MAX 128

/* The ingredients of a fingerprint. */
typedef enum SimPrint {
  SIM_PRINT_ORDER,     /* which crossings, in which order */
  SIM_PRINT_TIMING,    /* the same and everything else, with their instants */
  SIM_PRINT_WIRE,      /* what the wire carried, in order */
  SIM_PRINT_OWNERSHIP, /* who owned which connection, in order */
  SIM_N_PRINTS
} SimPrint;

typedef struct SimTraceKind {
  const char *name;     /* "call-begin" */
  const char *category; /* "call": what --record and filters name */
  uint8_t n_columns;
  uint8_t prints; /* bit set of 1 << SimPrint */
  const char *columns[SIM_TRACE_COLUMNS_MAX];
} SimTraceKind;

typedef struct SimRecord {
  SimTime when;
  uint64_t number; /* of this record in its trace, from 0; counts read or printed kinds */
  uint32_t actor_id;
  uint16_t kind;
  uint16_t n_columns;
  int64_t column[SIM_TRACE_COLUMNS_MAX]; /* beyond |n_columns|: 0 */
} SimRecord;

typedef void (*SimTraceReader) (void *data, const SimRecord *record);

/* sim_trace_set_kinds declares |kinds|; once, before the first record. */
void sim_trace_set_kinds (SimTrace *trace, const SimTraceKind *kinds, uint16_t count);
const SimTraceKind *sim_trace_kind (const SimTrace *trace, uint16_t kind);
uint16_t sim_trace_n_kinds (const SimTrace *trace);

/* sim_trace_add_reader calls |reader| for every record of the kinds listed in |kinds|; NULL: all.
 */
void sim_trace_add_reader (SimTrace *trace, SimTraceReader reader, void *data,
                           const uint16_t *kinds, size_t n_kinds);

/* The part of a trace that a test for interest reads; the rest is trace.c's. */
struct SimTrace {
  uint64_t wanted[SIM_TRACE_KINDS_MAX / 64];
};

/* sim_trace_wants tells whether a record of |kind| would be seen by anyone. */
static inline bool
sim_trace_wants (const SimTrace *trace, uint16_t kind)
{
  SIM_ASSERT (kind < SIM_TRACE_KINDS_MAX);
  return trace->wanted[kind / 64] >> kind % 64 & 1;
}

/* sim_trace_emit makes a record; use TRACE. */
void sim_trace_emit (SimTrace *trace, uint32_t actor_id, uint16_t kind, const int64_t *columns,
                     uint16_t n_columns);

uint64_t sim_trace_print (const SimTrace *trace, SimPrint print);
uint64_t sim_trace_records (const SimTrace *trace);

/* TRACE (trace, actor, KIND, values...): KIND is TRACE_KIND's suffix, and TRACE_N_KIND, an enum
 * constant from the same table, is its number of columns. */
#define TRACE(trace, actor, KIND, ...)                                               \
  do {                                                                               \
    if (sim_trace_wants (trace, TRACE_##KIND)) {                                     \
      const int64_t trace_values[] = { __VA_ARGS__ };                                \
      _Static_assert(sizeof trace_values / sizeof trace_values[0] == TRACE_N_##KIND, \
                     #KIND " has another number of columns");                        \
      sim_trace_emit (trace, actor, TRACE_##KIND, trace_values, TRACE_N_##KIND);     \
    }                                                                                \
  } while (0)
