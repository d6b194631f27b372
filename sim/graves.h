/*
 * Graves: the orders of queue entries that were cancelled and have not surfaced yet.
 *
 * The queue asks for the order of each entry it brings up, so that it never has to look at the
 * event of a cancelled one.
 *
 * Owns        A SimGraves is embedded; it owns its table, which grows and does not shrink.
 * Errors      The order 0 asserts: it marks a free place.
 */
#pragma once

#include <stddef.h>

#include "sim/sim.h"

typedef struct SimGraves {
  uint64_t *order; /* open addressing */
  size_t capacity; /* power of two */
  size_t count;
} SimGraves;

void sim_graves_init (SimGraves *graves);
void sim_graves_clear (SimGraves *graves);

void sim_graves_add (SimGraves *graves, uint64_t order);
bool sim_graves_hold (const SimGraves *graves, uint64_t order);

/* sim_graves_take takes |order| out; false if it is not there. */
bool sim_graves_take (SimGraves *graves, uint64_t order);
void sim_graves_empty (SimGraves *graves);
