#include "models/target/cost.h"

#include <glib.h>

void
target_costs_init (TargetCosts *costs, const TargetConfig *config, uint64_t seed)
{
  *costs = (TargetCosts){ .n_subjects = config->n_connections };
  costs->draws = g_new0 (uint32_t, (size_t)config->n_connections + 1);
  for (TargetCost cost = 0; cost < TARGET_N_COSTS; cost++) {
    g_autofree char *name = g_strdup_printf ("target %s", target_cost_name (cost));
    if (config->cost[cost] == NULL)
      costs->own[cost] = sim_dist_new_constant (target_cost_default (cost));
    costs->dist[cost] = config->cost[cost] != NULL ? config->cost[cost] : costs->own[cost];
    costs->constant[cost] = sim_dist_min (costs->dist[cost]) == sim_dist_max (costs->dist[cost]);
    costs->stream[cost] = sim_stream (seed, name);
  }
}

void
target_costs_clear (TargetCosts *costs)
{
  for (TargetCost cost = 0; cost < TARGET_N_COSTS; cost++)
    sim_dist_free (costs->own[cost]);
  g_free (costs->draws);
}

int64_t
target_cost_draw (TargetCosts *costs, TargetCost cost, uint32_t subject)
{
  const SimDist *dist = costs->dist[cost];

  if (costs->constant[cost])
    return sim_dist_min (dist);

  uint32_t index = subject < costs->n_subjects ? subject : costs->n_subjects;
  int64_t value = sim_dist_draw (dist, costs->stream[cost], index, costs->draws[index]++);
  SIM_ASSERT (value >= 0);
  return value;
}

const SimDist *
target_cost_dist (const TargetCosts *costs, TargetCost cost)
{
  return costs->dist[cost];
}
