#include "models/world/branches.h"

uint32_t
world_layer_above (const WorldConfig *config, uint32_t layer)
{
  SIM_ASSERT (layer >= 1);
  if (config->n_branches == 0)
    return layer - 1;
  if (layer <= config->n_ims)
    return config->im_above[layer - 1];
  uint32_t number = layer - config->n_ims - 1;
  return number == 0 ? config->target_above : config->branch[number - 1].above;
}

/* The layer below driver |layer| on the way to target |number|; 0: it is not on that way. */
static uint32_t
way_to (const WorldConfig *config, uint32_t layer, uint32_t number)
{
  uint32_t at = config->n_ims + 1 + number;
  uint32_t above = world_layer_above (config, at);

  while (above > layer) {
    at = above;
    above = world_layer_above (config, at);
  }
  return above == layer ? at : 0;
}

static uint32_t
place_of (uint32_t layer, const uint32_t *below, uint32_t n)
{
  for (uint32_t i = 0; i < n; i++)
    if (below[i] == layer)
      return i;
  return UINT32_MAX;
}

uint32_t
world_ports_below (const WorldConfig *config, uint32_t layer, uint32_t ret_below[IM_PORTS_MAX])
{
  uint32_t n = 0;

  for (uint32_t number = 0; config->n_branches > 0 && number <= config->n_branches; number++) {
    uint32_t below = way_to (config, layer, number);
    if (below != 0 && place_of (below, ret_below, n) == UINT32_MAX)
      ret_below[n++] = below;
  }
  return n;
}

uint32_t
world_port_to (const WorldConfig *config, uint32_t layer, uint32_t number)
{
  uint32_t below[IM_PORTS_MAX];
  uint32_t n = world_ports_below (config, layer, below);

  return n > 0 ? place_of (way_to (config, layer, number), below, n) : UINT32_MAX;
}

uint32_t
world_target_of_layer (const WorldConfig *config, uint32_t layer)
{
  return config->n_branches > 0 ? layer - config->n_ims - 1 : 0;
}

/* Target 0 stands where it stands without branches; the others come last, so that they move nobody
 * else's id. */
uint32_t
world_actor_of_target (const WorldConfig *config, uint32_t number, uint32_t *ret_wire)
{
  HostConfig host = config->host;
  host.n_connections = config->n_connections;
  uint32_t first = WORLD_HOST_ACTOR + HOST_ACTORS (&host) + WORLD_IMS_MAX;
  uint32_t peers = first + TARGET_ACTORS + WIRE_ACTORS;
  uint32_t branches = peers + config->n_connections + config->n_events;
  uint32_t actor =
      number == 0 ? first : branches + (number - 1) * (uint32_t)(TARGET_ACTORS + WIRE_ACTORS);

  *ret_wire = actor + TARGET_ACTORS;
  return actor;
}

uint32_t
world_target_of_wire (const WorldConfig *config, uint32_t actor_id)
{
  if (config->n_branches == 0)
    return 0;
  for (uint32_t number = 0; number <= config->n_branches; number++) {
    uint32_t wire;
    world_actor_of_target (config, number, &wire);
    if (actor_id >= wire && actor_id < wire + WIRE_ACTORS)
      return number;
  }
  return UINT32_MAX;
}
