/*
 * Costs of the host's own work, by name.
 *
 * Units   Cycles; what one draw pays for is told by host_cost_per.
 * Source  costs.def, each with its own.
 */
#pragma once

#include <stdint.h>

typedef enum HostCost {
#define COST(id, name, cycles, per, source) HOST_COST_##id,
#include "models/host/costs.def"
#undef COST
  HOST_N_COSTS
} HostCost;

typedef enum HostCostPer {
  HOST_PER_CALL,
  HOST_PER_PACKET,
  HOST_PER_NODE,
  HOST_PER_CONNECTION,
  HOST_PER_KIB, /* cycles per 1,024 bytes */
} HostCostPer;

/* What there is to know of a cost; static strings, NULL or 0 for a value out of range. */
const char *host_cost_name (HostCost cost);
int64_t host_cost_default_cycles (HostCost cost);
HostCostPer host_cost_per (HostCost cost);
const char *host_cost_per_name (HostCostPer per); /* "packet" */
const char *host_cost_source (HostCost cost);
