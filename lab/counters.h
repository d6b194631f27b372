/*
 * Counters: resources sampled at equal intervals.
 *
 * A sampler reads the world at each interval, in phase OBSERVE, so that it sees the finished
 * instant.  The first row is at time zero; each row holds totals since then, or levels, as COUNTERS
 * says.
 *
 * Owns        Its samples and its event; borrows the world.
 * Invariants  Reads only: a run with and without a sampler gives the same trace.
 */
#pragma once

#include <glib.h>

#include "models/world/world.h"

/* COUNTER (id, "name", "unit", what it reads): totals only grow, levels go up and down. */
#define LAB_COUNTERS(X)                                  \
  X (OFFLOADED, "offloaded", "connections", LEVEL)       \
  X (ESTABLISHED, "established", "connections", LEVEL)   \
  X (DELIVERED_HOST, "delivered.host", "B", TOTAL)       \
  X (DELIVERED_CHIMNEY, "delivered.chimney", "B", TOTAL) \
  X (SENT_HOST, "sent.host", "B", TOTAL)                 \
  X (SENT_CHIMNEY, "sent.chimney", "B", TOTAL)           \
  X (WIRE_OUT, "wire.out", "B", TOTAL)                   \
  X (WIRE_IN, "wire.in", "B", TOTAL)                     \
  X (CPU_BUSY, "cpu.busy", "ps", TOTAL)                  \
  X (ENGINE_BUSY, "engine.busy", "ps", TOTAL)            \
  X (CYCLES_HOST, "cycles.host_path", "cycles", TOTAL)   \
  X (CYCLES_CHIMNEY, "cycles.chimney", "cycles", TOTAL)  \
  X (CYCLES_STATE, "cycles.state", "cycles", TOTAL)      \
  X (POWER, "power", "D-state", LEVEL)                   \
  X (LINK, "link", "up", LEVEL)

typedef enum LabCounter {
#define COUNTER(id, name, unit, kind) LAB_COUNTER_##id,
  LAB_COUNTERS (COUNTER)
#undef COUNTER
      LAB_N_COUNTERS
} LabCounter;

typedef struct LabSample {
  SimTime when;
  int64_t value[LAB_N_COUNTERS];
  int64_t part_cycles[N_PARTS]; /* of the host, on all ways */
} LabSample;

typedef struct LabCounters LabCounters;

/* lab_counters_new begins to sample |world| every |interval|; none: only when asked
 * (lab_counters_read). */
LabCounters *lab_counters_new (const World *world, SimDuration interval);
void lab_counters_free (LabCounters *counters);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LabCounters, lab_counters_free)

/* What the world shows now. */
LabSample lab_counters_read (const World *world);

const LabSample *lab_counters_samples (const LabCounters *counters, size_t *ret_count);
const char *lab_counter_name (LabCounter counter);
const char *lab_counter_unit (LabCounter counter);
bool lab_counter_is_total (LabCounter counter);

/* time_ps and a column for each counter; free with g_free. */
char *lab_counters_to_csv (const LabCounters *counters);
