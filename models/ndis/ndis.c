#include "models/ndis/ndis.h"

#include <glib.h>

#include "models/ndis/crossing.h"
#include "models/ndis/register.h"

Ndis *
ndis_new (Sim *sim, const NdisConfig *config, SimCpu *const *cpus, uint32_t n_cpus)
{
  SIM_ASSERT (n_cpus >= 1);

  Ndis *ndis = g_new0 (Ndis, 1);
  ndis->sim = sim;
  ndis->config = *config;
  ndis->stream = sim_stream (sim_seed (sim), "ndis");
  ndis->cpus = cpus;
  ndis->n_cpus = n_cpus;
  ndis->lanes = g_new0 (NdisLane, n_cpus * SIM_N_LEVELS);
  ndis->crossing_pool = sim_pool_new (sizeof (NdisCrossing), 0);
  ndis->block_pool = sim_pool_new (BLOCK_LIST_BYTES_MAX, 0);
  ndis->nbl_pool = sim_pool_new (sizeof (NET_BUFFER_LIST), config->nbl_limit);
  ndis->buffer_pool = sim_pool_new (sizeof (NET_BUFFER), 0);
  ndis->mdl_pool = sim_pool_new (sizeof (MDL), 0);
  ndis->frame_pool = sim_pool_new (sizeof (TcpSegment), 0);
  return ndis;
}

/* A run may end with everything under way. */
static void
free_pool (SimPool *pool)
{
  for (uint32_t index = 0; sim_pool_out (pool) > 0; index++) {
    void *object = sim_pool_at (pool, index);
    if (object != NULL)
      sim_pool_put (pool, object);
  }
  sim_pool_free (pool);
}

void
ndis_free (Ndis *ndis)
{
  if (ndis == NULL)
    return;
  free_pool (ndis->crossing_pool);
  free_pool (ndis->block_pool);
  free_pool (ndis->nbl_pool);
  free_pool (ndis->buffer_pool);
  free_pool (ndis->mdl_pool);
  free_pool (ndis->frame_pool);
  g_free (ndis->lanes);
  g_free (ndis->drawn);
  g_free (ndis->layers);
  g_free (ndis);
}

static void
make_layer (Ndis *ndis, uint32_t index, const NdisDriver *driver, NdisLayer *above)
{
  NdisLayer *layer = &ndis->layers[index];

  SIM_ASSERT ((driver->miniport != NULL) == (above != NULL));
  layer->index = index;
  layer->driver = *driver;
  layer->miniport.ndis = ndis;
  layer->miniport.layer = layer;
  layer->above = above;
  if (above != NULL)
    above->n_below++;
  if (driver->protocol == NULL && ndis->first_target == 0)
    ndis->first_target = index;
}

static void
make_layers (Ndis *ndis, const NdisDriver *drivers, const uint32_t *above, uint32_t n_drivers)
{
  ndis->n_layers = n_drivers;
  ndis->layers = g_new0 (NdisLayer, n_drivers);
  ndis->drawn = g_new0 (uint64_t, NDIS_N_CALLS * n_drivers);
  for (uint32_t i = 0; i < n_drivers; i++) {
    SIM_ASSERT (i == 0 || above[i] < i);
    make_layer (ndis, i, &drivers[i], i > 0 ? &ndis->layers[above[i]] : NULL);
  }
  SIM_ASSERT (ndis->layers[0].n_below == 1);
  for (uint32_t i = 0; i < n_drivers; i++) {
    SIM_ASSERT ((drivers[i].protocol == NULL) == (i >= ndis->first_target));
    SIM_ASSERT ((drivers[i].protocol == NULL) == (ndis->layers[i].n_below == 0));
  }
}

/* A reader takes a stack without branches for granted. */
static void
record_branches (const Ndis *ndis)
{
  if (ndis->first_target == ndis->n_layers - 1)
    return;
  for (uint32_t i = 1; i < ndis->n_layers; i++)
    TRACE (ndis_trace (ndis), ndis->config.actor_id, BRANCH, i, ndis->layers[i].above->index,
           i >= ndis->first_target);
}

/* A driver without chimney closes it for everything above that has no other way down. */
static void
open_chimney (Ndis *ndis)
{
  for (uint32_t i = ndis->n_layers; i-- > 0;) {
    NdisLayer *layer = &ndis->layers[i];
    bool leads_on = i >= ndis->first_target || layer->miniport.is_open;
    layer->miniport.is_open = leads_on && ndis_layer_is_open (layer);
    if (layer->above != NULL && layer->miniport.is_open)
      layer->above->miniport.is_open = true;
  }
}

void
ndis_start_tree (Ndis *ndis, const NdisDriver *drivers, const uint32_t *above, uint32_t n_drivers)
{
  SIM_ASSERT (n_drivers >= 2);
  SIM_ASSERT (ndis->layers == NULL);

  make_layers (ndis, drivers, above, n_drivers);
  record_branches (ndis);
  for (uint32_t i = n_drivers; i-- > 0;)
    ndis_register_driver (ndis, &ndis->layers[i]);
  for (uint32_t i = n_drivers - 1; i > 0; i--) {
    ndis_initialize_adapter (ndis, &ndis->layers[i]);
    ndis_bind_adapter (ndis, ndis->layers[i].above, &ndis->layers[i].miniport);
  }
  open_chimney (ndis);
}

void
ndis_start (Ndis *ndis, const NdisDriver *drivers, uint32_t n_drivers)
{
  uint32_t above[NDIS_LAYERS_MAX] = { 0 };

  SIM_ASSERT (n_drivers <= NDIS_LAYERS_MAX);
  for (uint32_t i = 1; i < n_drivers; i++)
    above[i] = i - 1;
  ndis_start_tree (ndis, drivers, above, n_drivers);
}

uint32_t
ndis_adapter_layer (NDIS_MINIPORT_HANDLE adapter)
{
  return adapter->layer->index;
}

bool
ndis_chimney_is_open (const Ndis *ndis)
{
  return ndis->layers[0].miniport.is_open;
}

/* Steps */

void
ndis_then (Ndis *ndis, SimStepFn then, SimStepArgs args)
{
  SIM_ASSERT (then != NULL);
  SIM_ASSERT (ndis->then.run == NULL);
  ndis->then.run = then;
  ndis->then.args = args;
}

NdisResult
ndis_result (Ndis *ndis)
{
  return ndis_lane (ndis)->last_result;
}

void
ndis_return (Ndis *ndis, NdisResult result)
{
  NdisHalf *half = ndis_lane (ndis)->inner;

  SIM_ASSERT (half != NULL);
  half->result = result;
}

/* Reading */

Sim *
ndis_sim (const Ndis *ndis)
{
  return ndis->sim;
}

SimCpu *
ndis_cpu (const Ndis *ndis)
{
  SimCpu *cpu = sim_cpu_current (ndis->sim);

  SIM_ASSERT (cpu != NULL);
  SIM_ASSERT (ndis_cpu_at (ndis, sim_cpu_index (cpu)) == cpu);
  return cpu;
}

SimCpu *
ndis_cpu_at (const Ndis *ndis, uint32_t index)
{
  SIM_ASSERT (index < ndis->n_cpus);
  return ndis->cpus[index];
}

uint32_t
ndis_n_cpus (const Ndis *ndis)
{
  return ndis->n_cpus;
}

uint32_t
ndis_next_op_id (Ndis *ndis)
{
  return ++ndis->operations;
}

PNDIS_PROTOCOL_OFFLOAD_BLOCK_LIST
ndis_block_list_new (Ndis *ndis, OFFLOAD_STATE_TYPE type, bool with_state,
                     NDIS_OFFLOAD_HANDLE *handle, uint32_t op_id)
{
  return block_list_take (ndis->block_pool, type, with_state, handle, op_id);
}
