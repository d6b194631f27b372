#include "models/world/groups.h"

#include "models/tcp/options.h"
#include "models/world/branches.h"
#include "models/world/parts.h"

/* Further addresses of the host's own, of either kind: beyond those of all others. */
#define FIRST_OWN_ID UINT32_C (0xc00000)

#define PEER_PORT 80
#define FIRST_LOCAL_PORT 1024
#define LOCAL_PORTS (65536 - FIRST_LOCAL_PORT)

/* A receive window that a 16-bit field shifted this far can announce. */
#define WINDOW_SCALE_MAX 14

/* How far before its wrap a sequence may begin. */
#define WRAP_BYTES 30000

static uint8_t
window_scale (const ConnectionGroup *group, uint32_t window_bytes)
{
  uint8_t scale = 0;
  while (group->window_scaling && scale < WINDOW_SCALE_MAX && window_bytes >> scale > UINT16_MAX)
    scale++;
  return scale;
}

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
  uint16_t vlan_tag = (uint16_t)(vlan_id | (uint32_t)group->user_priority << 13);

  for (uint32_t i = 0; i < group->count; i++) {
    const Traffic *traffic = traffic_for (world, group_index, group->first_id + i);
    uint32_t path = first_path + i % group->paths;
    uint32_t neighbor = first_neighbor + (path - first_path) % group->neighbors;
    HostConnectionSetup host = { .path_index = path,
                                 .traffic = traffic,
                                 .receive = &group->receive,
                                 .user_priority = group->user_priority };
    TcpSetup peer;
    uint32_t mac = own_mac (group, neighbor - first_neighbor);
    make_ends (world, group, group->first_id + i, i / group->paths,
               own_address (group, i % group->paths), FIRST_OTHER_ID + path, &host.tcp, &peer);
    host_add_connection (world->host, &host);
    peers_add (world->peers, &peer, traffic);
    PeerFrame frame = { .source_mac_id = FIRST_OTHER_ID + neighbor,
                        .destination_mac_id = mac != 0 ? mac : HOST_MAC_ID,
                        .vlan_tag = vlan_tag,
                        .vlan_tagged = vlan_tag != 0 };
    peers_set_frame (world->peers, group->first_id + i, &frame);
  }
}

void
groups_make_traffic (World *world)
{
  for (uint32_t i = 0; i < world->config->n_groups; i++)
    world->traffic[i] = make_traffic (world->config, &world->config->group[i]);
}

void
groups_free_traffic (World *world)
{
  for (uint32_t i = 0; i < world->config->n_groups; i++)
    g_free (world->traffic[i]);
}

void
groups_add (World *world)
{
  for (uint32_t i = 0; i < world->config->n_groups; i++)
    add_group (world, i);
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

uint32_t
groups_neighbor (const World *world, uint32_t connection_id, uint32_t place)
{
  const ConnectionGroup *group = world_group_of (world, connection_id);

  SIM_ASSERT (place < group->neighbors + group->spare_neighbors);
  return world->first_neighbor[group - world->config->group] + place;
}

uint32_t
groups_path (const World *world, uint32_t connection_id)
{
  const ConnectionGroup *group = world_group_of (world, connection_id);
  return (connection_id - group->first_id) % group->paths;
}

uint32_t
groups_hop (const World *world, uint32_t connection_id)
{
  const ConnectionGroup *group = world_group_of (world, connection_id);
  return groups_neighbor (world, connection_id,
                          groups_path (world, connection_id) % group->neighbors);
}
