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
make_layers (Ndis *ndis, const NdisDriver *drivers, uint32_t n_drivers)
{
  ndis->n_layers = n_drivers;
  ndis->layers = g_new0 (NdisLayer, n_drivers);
  ndis->drawn = g_new0 (uint64_t, NDIS_N_CALLS * n_drivers);
  for (uint32_t i = 0; i < n_drivers; i++) {
    NdisLayer *layer = &ndis->layers[i];
    SIM_ASSERT ((drivers[i].miniport != NULL) == (i > 0));
    SIM_ASSERT ((drivers[i].protocol != NULL) == (i < n_drivers - 1));
    layer->index = i;
    layer->driver = drivers[i];
    layer->miniport.ndis = ndis;
    layer->miniport.layer = layer;
  }
}

void
ndis_start (Ndis *ndis, const NdisDriver *drivers, uint32_t n_drivers)
{
  SIM_ASSERT (n_drivers >= 2);
  SIM_ASSERT (ndis->layers == NULL);

  make_layers (ndis, drivers, n_drivers);
  for (uint32_t i = n_drivers; i-- > 0;)
    ndis_register_driver (ndis, &ndis->layers[i]);
  for (uint32_t i = n_drivers - 1; i > 0; i--) {
    ndis_initialize_adapter (ndis, &ndis->layers[i]);
    ndis_bind_adapter (ndis, &ndis->layers[i - 1], &ndis->layers[i].miniport);
  }
  ndis->chimney_is_open = true;
  for (uint32_t i = 0; i < n_drivers; i++)
    if (!ndis_layer_is_open (ndis, &ndis->layers[i]))
      ndis->chimney_is_open = false;
}

uint32_t
ndis_layers (const Ndis *ndis)
{
  return ndis->n_layers;
}

bool
ndis_chimney_is_open (const Ndis *ndis)
{
  return ndis->chimney_is_open;
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
