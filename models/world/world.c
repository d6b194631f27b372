#include "models/world/world.h"

#include "models/world/branches.h"
#include "models/world/groups.h"
#include "models/world/parts.h"
#include "models/world/verbs.h"

/* Next hops have addresses of their own. */
#define FIRST_HOP_ADDRESS_ID 0x800000

/* For the timeline: the offload object that stands for a connection. */
static uint32_t
object_of (void *data, uint32_t connection_id)
{
  const World *world = data;
  return host_object_id (world->host, connection_id);
}

static Sim *
make_machine (const WorldConfig *config)
{
  Sim *sim = sim_new (config->seed);

  sim_trace_set_kinds (sim_trace (sim), trace_kinds, TRACE_N_KINDS);
  for (ChoiceSite site = 0; site < N_SITES; site++)
    if ((config->open_sites >> site) & 1)
      sim_choices_open (sim_choices (sim), (SimSite)site);
  sim_choices_load (sim_choices (sim), config->schedule, config->n_schedule);
  return sim;
}

/* Makes the next target and its wire. */
static void
make_target (World *world, const TargetConfig *target_config, const WireConfig *wire_config)
{
  uint32_t number = world->n_targets++;
  TargetConfig target = *target_config;
  WireConfig wire = *wire_config;

  if (!world->config->host.stateless.rss) /* nobody asks for it */
    target.features.stateless.rss = false;
  target.number = wire.number = number;
  target.n_connections = world->config->n_connections;
  target.interface_mac_id = HOST_MAC_ID;
  target.actor_id = world_actor_of_target (world->config, number, &wire.actor_id);
  world->wire[number] = wire_new (world->sim, &wire);
  world->target[number] = target_new (world->sim, &target);
  target_attach_wire (world->target[number], world->wire[number]);
}

static Wire *
way_to_host (void *data)
{
  return peers_way (data);
}

/* Makes the parts from the host down and joins them; actor ids follow one another. */
static void
make_parts (World *world)
{
  const WorldConfig *config = world->config;
  uint32_t actor = WORLD_HOST_ACTOR;

  NdisConfig ndis = { .costs = config->ndis_costs, .actor_id = WORLD_NDIS_ACTOR };
  HostConfig host = config->host;
  host.n_connections = config->n_connections;
  host.actor_id = actor;
  actor += HOST_ACTORS (&host);
  world->host = host_new (world->sim, &host);
  world->ndis = ndis_new (world->sim, &ndis, host_cpus (world->host), host.n_cpus);

  for (uint32_t i = 0; i < config->n_ims; i++) {
    ImConfig im = config->im[i];
    im.actor_id = actor + i;
    im.layer = i + 1;
    im.n_below = world_ports_below (config, im.layer, im.below);
    world->im[i] = im_driver_new (world->ndis, &im);
  }
  actor +=
      WORLD_IMS_MAX; /* whatever their number: the ids of the parts below do not depend on it */

  make_target (world, &config->target, &config->wire);
  actor += TARGET_ACTORS + WIRE_ACTORS;
  PeersConfig peers = { config->peer_tcp, config->n_connections, actor };
  world->peers = peers_new (world->sim, world->wire[0], &peers);
  HopsConfig hops = { FIRST_HOP_ADDRESS_ID, HOST_ADDRESS_ID, HOST_MAC_ID };
  world->hops = hops_new (&hops, way_to_host, world->peers);
  peers_set_hops (world->peers, world->hops);
  world->first_flood_actor_id = actor + config->n_connections;
  for (uint32_t i = 0; i < config->n_branches; i++) {
    make_target (world, &config->branch[i].target, &config->branch[i].wire);
    peers_add_wire (world->peers, world->wire[i + 1]);
  }
}

static void
start_drivers (World *world)
{
  const WorldConfig *config = world->config;
  NdisDriver drivers[WORLD_LAYERS_MAX];
  uint32_t above[WORLD_LAYERS_MAX] = { 0 };
  uint32_t n = 0;

  drivers[n++] = host_driver (world->host);
  for (uint32_t i = 0; i < config->n_ims; i++) {
    above[n] = world_layer_above (config, n);
    drivers[n++] = im_driver_as_ndis (world->im[i]);
  }
  for (uint32_t i = 0; i < world->n_targets; i++) {
    above[n] = world_layer_above (config, n);
    drivers[n++] = target_driver (world->target[i]);
  }
  ndis_start_tree (world->ndis, drivers, above, n);
}

World *
world_new (const WorldConfig *config, WorldObserve observe, void *data)
{
  World *world = g_new0 (World, 1);

  world->config = config;
  world->floods = g_ptr_array_new_with_free_func (verbs_free_flood);
  world->sim = make_machine (config);
  world->timeline = timeline_new (world->sim, config, verbs_carry_out, world);
  if (observe != NULL)
    observe (data, world->sim);
  groups_make_traffic (world);
  make_parts (world);
  start_drivers (world);
  groups_add (world);
  host_start (world->host);
  timeline_start (world->timeline, object_of);
  peers_start (world->peers);
  return world;
}

void
world_free (World *world)
{
  if (world == NULL)
    return;
  timeline_free (world->timeline);
  g_ptr_array_unref (world->floods);
  peers_free (world->peers);
  hops_free (world->hops);
  for (uint32_t i = 0; i < world->config->n_ims; i++)
    im_driver_free (world->im[i]);
  for (uint32_t i = 0; i < world->n_targets; i++)
    target_free (world->target[i]);
  ndis_free (world->ndis);
  host_free (world->host);
  for (uint32_t i = 0; i < world->n_targets; i++)
    wire_free (world->wire[i]);
  sim_free (world->sim);
  groups_free_traffic (world);
  g_free (world);
}

SimStop
world_run (World *world, SimLimits limits)
{
  return sim_run (world->sim, limits);
}

Sim *
world_sim (const World *world)
{
  return world->sim;
}

const WorldConfig *
world_config (const World *world)
{
  return world->config;
}

Host *
world_host (const World *world)
{
  return world->host;
}

uint32_t
world_n_targets (const World *world)
{
  return world->n_targets;
}

Target *
world_target_at (const World *world, uint32_t number)
{
  SIM_ASSERT (number < world->n_targets);
  return world->target[number];
}

Wire *
world_wire_at (const World *world, uint32_t number)
{
  SIM_ASSERT (number < world->n_targets);
  return world->wire[number];
}

Target *
world_target (const World *world)
{
  return world->target[0];
}

Wire *
world_wire (const World *world)
{
  return world->wire[0];
}

Peers *
world_peers (const World *world)
{
  return world->peers;
}

Timeline *
world_timeline (const World *world)
{
  return world->timeline;
}
