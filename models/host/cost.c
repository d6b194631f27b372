#include "models/host/cost.h"

#include <stddef.h>

#include "sim/assert.h"

typedef struct CostRow {
  const char *name;
  int64_t cycles;
  HostCostPer per;
  const char *source;
} CostRow;

static const CostRow rows[HOST_N_COSTS] = {
#define COST(id, name, cycles, per, source) \
  [HOST_COST_##id] = { name, cycles, HOST_PER_##per, source },
#include "models/host/costs.def"
#undef COST
};

const char *
host_cost_name (HostCost cost)
{
  return cost < HOST_N_COSTS ? rows[cost].name : NULL;
}

int64_t
host_cost_default_cycles (HostCost cost)
{
  return cost < HOST_N_COSTS ? rows[cost].cycles : 0;
}

HostCostPer
host_cost_per (HostCost cost)
{
  SIM_ASSERT (cost < HOST_N_COSTS);
  return rows[cost].per;
}

const char *
host_cost_source (HostCost cost)
{
  return cost < HOST_N_COSTS ? rows[cost].source : NULL;
}

const char *
host_cost_per_name (HostCostPer per)
{
  switch (per) {
  case HOST_PER_CALL:
    return "call";
  case HOST_PER_PACKET:
    return "packet";
  case HOST_PER_NODE:
    return "node";
  case HOST_PER_CONNECTION:
    return "connection";
  case HOST_PER_KIB:
    return "1024 bytes";
  }
  return NULL;
}
