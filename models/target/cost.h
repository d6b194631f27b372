/*
 * Costs: what one step of the target takes, drawn from the scenario's distributions.
 *
 * Units       As costs.def says of each cost; target_cost_draw gives the bare number.
 * Owns        A TargetCosts owns the constants it made for costs that the scenario left alone.
 * Invariants  Draw n of a cost for a connection does not depend on other connections.
 */
#pragma once

#include "models/target/config.h"
#include "sim/sim.h"

#define TARGET_NO_SUBJECT UINT32_MAX

typedef struct TargetCosts {
  const SimDist *dist[TARGET_N_COSTS];
  SimDist *own[TARGET_N_COSTS]; /* NULL: the scenario's */
  SimStream stream[TARGET_N_COSTS];
  bool constant[TARGET_N_COSTS];
  uint32_t *draws; /* by subject; the last is for no subject */
  uint32_t n_subjects;
} TargetCosts;

void target_costs_init (TargetCosts *costs, const TargetConfig *config, uint64_t seed);
void target_costs_clear (TargetCosts *costs);

/* target_cost_draw is the next value of |cost| for |subject|, a connection id or
 * TARGET_NO_SUBJECT. */
int64_t target_cost_draw (TargetCosts *costs, TargetCost cost, uint32_t subject);

const SimDist *target_cost_dist (const TargetCosts *costs, TargetCost cost);
