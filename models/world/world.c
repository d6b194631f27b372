#include "models/world/world.h"

#include <glib.h>

#include "models/tcp/options.h"
#include "models/world/branches.h"

/* Ids of addresses: 0 is NULL, 1 the host's own; next hops and peers follow. */
#define HOST_MAC_ID 1
#define HOST_ADDRESS_ID 1
#define FIRST_OTHER_ID 2
/* Further addresses of the host's own, of either kind: beyond those of all others. */
#define FIRST_OWN_ID UINT32_C (0xc00000)
/* Next hops have addresses of their own; a MAC that one moves to is the old one and this. */
#define FIRST_HOP_ADDRESS_ID 0x800000
#define MOVED_MAC_ID 0x01000000

#define PEER_PORT 80
#define FIRST_LOCAL_PORT 1024
#define LOCAL_PORTS (65536 - FIRST_LOCAL_PORT)

/* A receive window that a 16-bit field shifted this far can announce. */
#define WINDOW_SCALE_MAX 14

struct World {
  const WorldConfig *config;
  Sim *sim;
  Traffic *traffic[WORLD_GROUPS_MAX]; /* one, or one for each member of the group's mix */
  Host *host;
  Ndis *ndis;
  ImDriver *im[WORLD_IMS_MAX];
  Target *target[TARGETS_MAX];
  Wire *wire[TARGETS_MAX];
  uint32_t n_targets;
  Peers *peers;
  Hops *hops;
  Timeline *timeline;
  GPtrArray *floods; /* of Flood */
  uint32_t first_flood_actor_id;
  uint32_t n_neighbors, n_paths; /* added so far: they number MAC and IP addresses */
  uint32_t first_neighbor[WORLD_GROUPS_MAX];
  uint32_t mac_moves; /* so far: each gives a MAC that nobody had */
};

/* A flood that a timeline's event let loose. */
typedef struct Flood {
  World *world;
  uint32_t event_index;
  Attacker *attacker;
} Flood;

static void carry_out (void *data, uint32_t index, const TimelineEvent *event);

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

static uint8_t
window_scale (const ConnectionGroup *group, uint32_t window_bytes)
{
  uint8_t scale = 0;
  while (group->window_scaling && scale < WINDOW_SCALE_MAX && window_bytes >> scale > UINT16_MAX)
    scale++;
  return scale;
}

/* How far before its wrap a sequence may begin. */
#define WRAP_BYTES 30000

static uint32_t
first_sequence (const World *world, const ConnectionGroup *group, uint32_t id, unsigned side)
{
  SimStream isn = sim_stream (world->config->seed, "initial-sequence-numbers");

  if (group->sequence_wraps)
    return UINT32_MAX - (uint32_t)sim_draw_below (isn, id, side, WRAP_BYTES);
  return (uint32_t)sim_draw (isn, id, side);
}

/* RFC 6691: what a SYN announces has options and payload to share. */
static uint16_t
announced_mss (const ConnectionGroup *group)
{
  return (uint16_t)(group->mss_bytes + (group->timestamps ? TCP_TIMESTAMP_BYTES : 0));
}

/* The two ends of connection |id|, which is number |k| of its path. */
static void
make_ends (const World *world, const ConnectionGroup *group, uint32_t id, uint32_t k,
           uint32_t own_address_id, uint32_t path_address_id, TcpSetup *ret_host,
           TcpSetup *ret_peer)
{
  uint8_t host_scale = window_scale (group, group->receive_window_bytes);
  uint8_t peer_scale = window_scale (group, group->peer_window_bytes);

  *ret_host = (TcpSetup){
    .connection_id = id,
    .tuple = { own_address_id, path_address_id, (uint16_t)(FIRST_LOCAL_PORT + k % LOCAL_PORTS),
               (uint16_t)(PEER_PORT + k / LOCAL_PORTS) },
    .ip_version = group->ip_version,
    .send_isn = first_sequence (world, group, id, 0),
    .receive_isn = first_sequence (world, group, id, 1),
    .receive_window_bytes = group->receive_window_bytes,
    .peer_window_bytes = group->peer_window_bytes,
    .local_mss = announced_mss (group),
    .remote_mss = announced_mss (group),
    .send_window_scale = peer_scale,
    .receive_window_scale = host_scale,
    .timestamps = group->timestamps,
    .sack = group->sack,
    .window_scaling = group->window_scaling,
    .ecn = group->ecn,
    .nagle = group->nagle,
    .keepalive = group->keepalive,
    .path_mtu_bytes = group->path_mtu_bytes,
  };
  *ret_peer = *ret_host;
  ret_peer->tuple = tcp_tuple_reversed (ret_host->tuple);
  ret_peer->send_isn = ret_host->receive_isn;
  ret_peer->receive_isn = ret_host->send_isn;
  ret_peer->receive_window_bytes = group->peer_window_bytes;
  ret_peer->peer_window_bytes = group->receive_window_bytes;
  ret_peer->send_window_scale = host_scale;
  ret_peer->receive_window_scale = peer_scale;
}

/* The host's MAC address towards neighbor |i| of a group that has its own ones; 0: the
 * interface's. */
static uint32_t
own_mac (const ConnectionGroup *group, uint32_t i)
{
  return group->own_macs > 0 ? FIRST_OWN_ID + i % group->own_macs : 0;
}

static uint32_t
own_address (const ConnectionGroup *group, uint32_t i)
{
  uint32_t n = i % group->addresses;
  return n > 0 ? FIRST_OWN_ID + n : HOST_ADDRESS_ID;
}

/* Neighbors and paths of a group: paths are dealt over neighbors; gives the index of the group's
 * first path. */
static uint32_t
add_paths (World *world, const ConnectionGroup *group)
{
  uint32_t first_neighbor = world->n_neighbors, first_path = world->n_paths;

  for (uint32_t i = 0; i < group->neighbors + group->spare_neighbors; i++) {
    HopSetup hop = { .mac_id = FIRST_OTHER_ID + world->n_neighbors,
                     .ip_version = group->ip_version,
                     .vlan_tagged = group->vlan_id != 0,
                     .vlan_tag = group->vlan_id };
    uint32_t index = hops_add (world->hops, &hop);
    SIM_ASSERT (index == world->n_neighbors);
    HostNeighborSetup setup = { .source_mac_id = HOST_MAC_ID,
                                .configured_source_mac_id = own_mac (group, i),
                                .destination_mac_id = hop.mac_id,
                                .vlan_id = group->vlan_id,
                                .ip_version = group->ip_version,
                                .address_id = hops_address (world->hops, index),
                                .source_address_id = HOST_ADDRESS_ID };
    host_add_neighbor (world->host, &setup);
    world->n_neighbors++;
  }
  for (uint32_t i = 0; i < group->paths; i++) {
    HostPathSetup setup = { .neighbor_index = first_neighbor + i % group->neighbors,
                            .ip_version = group->ip_version,
                            .source_address_id = own_address (group, i),
                            .destination_address_id = FIRST_OTHER_ID + world->n_paths++,
                            .path_mtu_bytes = group->path_mtu_bytes };
    host_add_path (world->host, &setup);
  }
  return first_path;
}

/* The draws of a group; members of a mix have streams of their own. */
static Traffic *
make_traffic (const WorldConfig *config, const ConnectionGroup *group)
{
  uint32_t n = MAX (group->n_mix, 1);
  Traffic *traffic = g_new (Traffic, n);

  for (uint32_t i = 0; i < n; i++) {
    g_autofree char *name =
        group->n_mix > 0 ? g_strdup_printf ("%s/%u", group->name, i) : g_strdup (group->name);
    const TrafficSpec *spec = group->n_mix > 0 ? &group->mix[i] : &group->traffic;
    traffic[i] = traffic_of (spec, config->seed, name);
    traffic_set_group (&traffic[i], group->first_id, group->count);
  }
  return traffic;
}

static const Traffic *
traffic_for (const World *world, uint32_t group_index, uint32_t connection_id)
{
  const ConnectionGroup *group = &world->config->group[group_index];

  if (group->n_mix == 0)
    return world->traffic[group_index];
  return &world->traffic[group_index][traffic_member (group->mix, group->n_mix, world->config->seed,
                                                      group->name, connection_id)];
}

/* The VLAN in which a group's frames are on the wire: the host's own, or that of the topmost VLAN
 * driver above target 0. */
static uint16_t
vlan_on_the_wire (const WorldConfig *config, const ConnectionGroup *group)
{
  uint16_t vlan_id = 0;

  for (uint32_t layer = world_layer_above (config, config->n_ims + 1); layer > 0;
       layer = world_layer_above (config, layer))
    if (config->im[layer - 1].vlan_id != 0)
      vlan_id = config->im[layer - 1].vlan_id;
  return group->vlan_id != 0 ? group->vlan_id : vlan_id;
}

static void
add_group (World *world, uint32_t group_index)
{
  const ConnectionGroup *group = &world->config->group[group_index];
  world->first_neighbor[group_index] = world->n_neighbors;
  uint32_t first_path = add_paths (world, group);
  uint32_t first_neighbor = world->first_neighbor[group_index];
  uint16_t vlan_id = vlan_on_the_wire (world->config, group);

  for (uint32_t i = 0; i < group->count; i++) {
    const Traffic *traffic = traffic_for (world, group_index, group->first_id + i);
    uint32_t path = first_path + i % group->paths;
    uint32_t neighbor = first_neighbor + (path - first_path) % group->neighbors;
    HostConnectionSetup host = { .path_index = path,
                                 .traffic = traffic,
                                 .user_priority = group->user_priority };
    TcpSetup peer;
    uint32_t mac = own_mac (group, neighbor - first_neighbor);
    make_ends (world, group, group->first_id + i, i / group->paths,
               own_address (group, i % group->paths), FIRST_OTHER_ID + path, &host.tcp, &peer);
    host_add_connection (world->host, &host);
    peers_add (world->peers, &peer, traffic);
    PeerFrame frame = { .source_mac_id = FIRST_OTHER_ID + neighbor,
                        .destination_mac_id = mac != 0 ? mac : HOST_MAC_ID,
                        .vlan_tag = vlan_id,
                        .vlan_tagged = vlan_id != 0 };
    peers_set_frame (world->peers, group->first_id + i, &frame);
  }
}

static void
flood_free (void *data)
{
  Flood *flood = data;
  attacker_free (flood->attacker);
  g_free (flood);
}

World *
world_new (const WorldConfig *config, WorldObserve observe, void *data)
{
  World *world = g_new0 (World, 1);

  world->config = config;
  world->floods = g_ptr_array_new_with_free_func (flood_free);
  world->sim = make_machine (config);
  world->timeline = timeline_new (world->sim, config, carry_out, world);
  if (observe != NULL)
    observe (data, world->sim);
  for (uint32_t i = 0; i < config->n_groups; i++)
    world->traffic[i] = make_traffic (config, &config->group[i]);
  make_parts (world);
  start_drivers (world);
  for (uint32_t i = 0; i < config->n_groups; i++)
    add_group (world, i);
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
  for (uint32_t i = 0; i < world->config->n_groups; i++)
    g_free (world->traffic[i]);
  g_free (world);
}

SimStop
world_run (World *world, SimLimits limits)
{
  return sim_run (world->sim, limits);
}

/* A verb that takes time has its outcome. */
static void
verb_done (void *data, uint32_t tag, bool succeeded)
{
  World *world = data;
  timeline_finish (world->timeline, tag, succeeded);
}

static void
receive_crafted (World *world, const TimelineEvent *event)
{
  PeerCraft craft = { .flags = event->segment_flags,
                      .seq_offset = event->segment_seq_offset,
                      .ack_offset = event->segment_ack_offset,
                      .payload_bytes = event->segment_payload_bytes,
                      .urgent_pointer = event->segment_urgent_pointer,
                      .has_window = event->segment_has_window,
                      .window_bytes = event->segment_window_bytes };
  for (uint32_t id = event->target.first; id <= event->target.last; id++)
    peers_craft (world->peers, id, &craft);
}

static void
flood_done (void *data)
{
  Flood *flood = data;
  timeline_finish (flood->world->timeline, flood->event_index, true);
}

static void
let_loose (World *world, uint32_t index, const TimelineEvent *event)
{
  Flood *flood = g_new0 (Flood, 1);
  AttackSpec spec = event->attack;

  spec.name = event->id;
  spec.first = event->target.first;
  spec.last = event->target.last;
  spec.actor_id = world->first_flood_actor_id + index;
  flood->world = world;
  flood->event_index = index;
  flood->attacker = attacker_new (world->sim, world->peers, &spec, flood_done, flood);
  g_ptr_array_add (world->floods, flood);
}

static void
close_side (World *world, const TimelineEvent *event, void (*host) (Host *, HostSet),
            void (*peer) (Peers *, uint32_t))
{
  HostSet set = { event->target.first, event->target.last };

  if (event->part == TIMELINE_PART_HOST)
    host (world->host, set);
  else
    for (uint32_t id = set.first; id <= set.last; id++)
      peer (world->peers, id);
}

static void
set_defect (World *world, const TimelineEvent *event)
{
  switch (event->part) {
  case TIMELINE_PART_HOST:
    host_set_defect (world->host, (HostDefect)event->defect, true);
    return;
  case TIMELINE_PART_TARGET:
    target_set_defects (world->target[event->part_index], UINT64_C (1) << event->defect);
    return;
  case TIMELINE_PART_IM:
    im_driver_set_defect (world->im[event->part_index], (ImDefect)event->defect, true);
    return;
  case TIMELINE_PART_SYSTEM:
  case TIMELINE_PART_PEER:
    break;
  }
  SIM_UNREACHABLE ();
}

static bool
ask_upload (World *world, const TimelineEvent *event)
{
  bool any = false;

  for (uint32_t i = 0; i < world->n_targets; i++)
    for (uint32_t id = event->target.first; id <= event->target.last; id++)
      any |= target_request_upload (world->target[i], id, (TCP_UPLOAD_REASON)event->reason);
  return any;
}

static bool
fail_hardware (World *world, const TimelineEvent *event)
{
  bool any = false;

  for (uint32_t i = 0; i < world->n_targets; i++)
    for (uint32_t id = event->target.first; id <= event->target.last; id++)
      any |= target_fail_hardware (world->target[i], id);
  return any;
}

/* The hardware goes at once; NDIS hears of it by the bus driver. */
static void
remove_adapter (World *world, uint32_t index)
{
  target_remove (world->target[0]);
  wire_set_link (world->wire[0], false);
  ndis_pnp (world->ndis, NDIS_PNP_REMOVE, verb_done, world, index);
}

static void
update (World *world, const TimelineEvent *event, HostCaller caller)
{
  HostSet set = { event->target.first, event->target.last };

  if (event->layer == OFFLOAD_LAYER_TCP)
    host_update (world->host, set, &event->options, caller);
  else
    host_update_parents (world->host, set, event->layer, caller);
}

/* The host's number of a neighbor that an event names by its place in the group. */
static uint32_t
neighbor_of (const World *world, const TimelineEvent *event)
{
  const ConnectionGroup *group = world_group_of (world, event->target.first);

  SIM_ASSERT (event->neighbor < group->neighbors + group->spare_neighbors);
  return world->first_neighbor[group - world->config->group] + event->neighbor;
}

/* The next hop that was dealt to a connection's path at the start. */
static uint32_t
hop_of (const World *world, uint32_t connection_id)
{
  const ConnectionGroup *group = world_group_of (world, connection_id);
  uint32_t path = (connection_id - group->first_id) % group->paths;

  return world->first_neighbor[group - world->config->group] + path % group->neighbors;
}

static void
move_hop (World *world, uint32_t hop, bool announces)
{
  world->mac_moves++;
  hops_move (world->hops, hop, FIRST_OTHER_ID + hop + world->mac_moves * MOVED_MAC_ID, announces);
}

/* What happens to the next hops of the set's connections, each once. */
static void
change_hops (World *world, const TimelineEvent *event)
{
  g_autofree bool *seen = g_new0 (bool, world->n_neighbors);

  for (uint32_t id = event->target.first; id <= event->target.last; id++) {
    uint32_t hop = hop_of (world, id);
    if (seen[hop])
      continue;
    seen[hop] = true;
    if (event->hop == TIMELINE_HOP_MOVES)
      move_hop (world, hop, event->announces);
    else
      hops_silence (world->hops, hop, event->hop == TIMELINE_HOP_GOES);
  }
}

/* The routers that the set's paths began with say that another one is better; once for a path. */
static void
redirect (World *world, const TimelineEvent *event)
{
  const ConnectionGroup *group = world_group_of (world, event->target.first);
  g_autofree bool *seen = g_new0 (bool, group->paths);

  for (uint32_t id = event->target.first; id <= event->target.last; id++) {
    uint32_t path = (id - group->first_id) % group->paths;
    if (seen[path])
      continue;
    seen[path] = true;
    hops_redirect (world->hops, hop_of (world, id), peers_address (world->peers, id),
                   neighbor_of (world, event));
  }
}

/* A narrow link before the peers: its router says so to whoever sends too much. */
static void
narrow (World *world, const TimelineEvent *event)
{
  for (uint32_t id = event->target.first; id <= event->target.last; id++)
    peers_set_mtu (world->peers, id, (uint32_t)event->bytes, hop_of (world, id));
}

/* Carries a verb out; those of the host end later, the others at once. */
static void
carry_out (void *data, uint32_t index, const TimelineEvent *event)
{
  World *world = data;
  HostSet set = { event->target.first, event->target.last };
  HostCaller caller = { verb_done, world, index };

  switch (event->verb) {
  case TIMELINE_OFFLOAD:
    host_offload (world->host, set, &event->batch, caller);
    return;
  case TIMELINE_UPLOAD:
    host_upload (world->host, set, &event->batch, caller);
    return;
  case TIMELINE_UPDATE:
    update (world, event, caller);
    return;
  case TIMELINE_ARP:
    change_hops (world, event);
    break;
  case TIMELINE_REDIRECT:
    redirect (world, event);
    break;
  case TIMELINE_PATH_MTU:
    narrow (world, event);
    break;
  case TIMELINE_RELINK:
    host_relink (world->host, set, neighbor_of (world, event), event->is_failed, caller);
    return;
  case TIMELINE_SET_OPTION:
    host_update (world->host, set, &event->options, caller);
    return;
  case TIMELINE_QUERY:
    host_query (world->host, set, caller);
    return;
  case TIMELINE_INVALIDATE:
    host_invalidate (world->host, set, caller);
    return;
  case TIMELINE_STATISTICS:
    host_statistics (world->host, event->reset, caller);
    return;
  case TIMELINE_SET_CHIMNEY:
    host_set_chimney (world->host, event->chimney_on, caller);
    return;
  case TIMELINE_SURPRISE_REMOVE:
    remove_adapter (world, index);
    return;
  case TIMELINE_RESET:
    ndis_pnp (world->ndis, NDIS_PNP_RESET, verb_done, world, index);
    return;
  case TIMELINE_PAUSE_STACK:
    ndis_pnp (world->ndis, NDIS_PNP_PAUSE, verb_done, world, index);
    return;
  case TIMELINE_RESTART_STACK:
    ndis_pnp (world->ndis, NDIS_PNP_RESTART, verb_done, world, index);
    return;
  case TIMELINE_SET_POWER:
    if (event->part == TIMELINE_PART_SYSTEM)
      host_set_system (world->host, (NDIS_DEVICE_POWER_STATE)event->power, caller);
    else
      host_set_power (world->host, (NDIS_DEVICE_POWER_STATE)event->power, caller);
    return;
  case TIMELINE_RSS_TABLE:
    host_set_rss_table (world->host, event->cpu, event->n_cpus, caller);
    return;
  case TIMELINE_FLOOD:
    let_loose (world, index, event);
    return;
  case TIMELINE_ASK_UPLOAD:
    timeline_finish (world->timeline, index, ask_upload (world, event));
    return;
  case TIMELINE_FAIL_HARDWARE:
    timeline_finish (world->timeline, index, fail_hardware (world, event));
    return;
  case TIMELINE_SEND:
    host_send (world->host, set, event->bytes);
    break;
  case TIMELINE_CLOSE:
    close_side (world, event, host_close, peers_close);
    break;
  case TIMELINE_ABORT:
    close_side (world, event, host_abort, peers_abort);
    break;
  case TIMELINE_RECEIVE:
    receive_crafted (world, event);
    break;
  case TIMELINE_LINK:
    wire_set_link (world->wire[event->part_index], event->link_up);
    break;
  case TIMELINE_PAUSE:
    target_pause (world->target[event->part_index]);
    break;
  case TIMELINE_RESUME:
    target_resume (world->target[event->part_index]);
    break;
  case TIMELINE_UPLOAD_ALL:
    target_upload_all (world->target[event->part_index]);
    break;
  case TIMELINE_DEFECT:
    set_defect (world, event);
    break;
  case TIMELINE_FAIL_OVER:
    im_driver_fail_over (world->im[event->part_index], event->port,
                         (ImCaller){ verb_done, world, index });
    return;
  case TIMELINE_N_VERBS:
    SIM_UNREACHABLE (); /* the loader refuses what this program does not do yet */
  }
  timeline_finish (world->timeline, index, true);
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

const ConnectionGroup *
world_group_of (const World *world, uint32_t connection_id)
{
  const WorldConfig *config = world->config;

  for (uint32_t i = 0; i < config->n_groups; i++)
    if (connection_id - config->group[i].first_id < config->group[i].count)
      return &config->group[i];
  SIM_UNREACHABLE ();
}
