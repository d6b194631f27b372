#include "models/host/path.h"

#include <glib.h>

#include "models/host/machine.h"
#include "models/host/manager.h"

/* The lower half of the space: the upper one is the target's, SEND-22. */
#define IP_IDS UINT32_C (0x8000)

/* RFC 791, RFC 8200 5. */
#define PATH_MTU_MIN_IP4 68
#define PATH_MTU_MIN_IP6 1280

static uint32_t
take_ip_ids (HostPath *path, uint32_t pieces)
{
  uint32_t id = path->ip_id;

  if (id + pieces > IP_IDS)
    id = 0;
  path->ip_id = id + pieces;
  return id;
}

/* IPv6 has an identification in fragments only, RFC 8200 4.5, and there are none. */
static uint32_t
ip_id (Host *host, HostPath *path, uint32_t pieces)
{
  if (path->setup.ip_version != 4)
    return 0;
  uint32_t id = take_ip_ids (path, pieces);
  return host_strikes (host, HOST_DEFECT_IP_ID_UPPER_HALF, path->object.handle.object_id)
             ? id | IP_IDS
             : id;
}

bool
path_dress_segment (Host *host, HostPath *path, HostNeighbor *neighbor, uint8_t user_priority,
                    uint32_t pieces, TcpSegment *segment)
{
  if (!neighbor_may_send (host, neighbor))
    return false;
  segment->ip_id = ip_id (host, path, pieces);
  segment->source_mac_id = neighbor->setup.configured_source_mac_id != 0
                               ? neighbor->setup.configured_source_mac_id
                               : neighbor->setup.source_mac_id;
  segment->destination_mac_id = neighbor->setup.destination_mac_id;
  if (path->setup.ip_version == 4)
    segment->oddities |= TCP_IP_DONT_FRAGMENT;
  if (neighbor->setup.vlan_id != 0 || user_priority != 0) {
    segment->oddities |= TCP_VLAN_TAGGED;
    segment->vlan_tag = (uint16_t)(neighbor->setup.vlan_id | (uint32_t)user_priority << 13);
  }
  return true;
}

void
path_fill_state (const HostPath *path, PNDIS_PROTOCOL_OFFLOAD_BLOCK_LIST list)
{
  const NDIS_MINIPORT_OFFLOAD_BLOCK_LIST *view = block_list_miniport_view (list);
  PATH_OFFLOAD_STATE_CONST *constants = block_list_const_state (view);

  constants->SourceAddress = path->setup.source_address_id;
  constants->DestinationAddress = path->setup.destination_address_id;
  path_fill_cached (path, list);
}

void
path_fill_cached (const HostPath *path, PNDIS_PROTOCOL_OFFLOAD_BLOCK_LIST list)
{
  PATH_OFFLOAD_STATE_CACHED *cached = block_list_cached_state (block_list_miniport_view (list));

  cached->PathMtu = path->setup.path_mtu_bytes;
}

uint32_t
neighbor_reachability_delta (const HostNeighbor *neighbor, uint32_t ticks_per_s, SimTime now)
{
  int64_t tick_ps = SIM_PS_PER_S / ticks_per_s;
  int64_t ticks = sim_time_diff (now, neighbor->confirmed).ps / tick_ps;

  return ticks > 0 ? (uint32_t)ticks : 1;
}

void
neighbor_fill_state (const HostNeighbor *neighbor, uint32_t ticks_per_s, SimTime now,
                     PNDIS_PROTOCOL_OFFLOAD_BLOCK_LIST list)
{
  const NDIS_MINIPORT_OFFLOAD_BLOCK_LIST *view = block_list_miniport_view (list);
  NEIGHBOR_OFFLOAD_STATE_CONST *constants = block_list_const_state (view);
  NEIGHBOR_OFFLOAD_STATE_DELEGATED *delegated = block_list_delegated_state (view);

  constants->DlSourceAddress = neighbor->setup.configured_source_mac_id;
  constants->VlanId = neighbor->setup.vlan_id & 0xfffu;
  neighbor_fill_cached (neighbor, ticks_per_s, now, list);
  /* NUD-01: equal at the offload */
  delegated->NicReachabilityDelta = neighbor_reachability_delta (neighbor, ticks_per_s, now);
}

void
neighbor_fill_cached (const HostNeighbor *neighbor, uint32_t ticks_per_s, SimTime now,
                      PNDIS_PROTOCOL_OFFLOAD_BLOCK_LIST list)
{
  NEIGHBOR_OFFLOAD_STATE_CACHED *cached = block_list_cached_state (block_list_miniport_view (list));

  cached->DlDestinationAddress = neighbor->setup.destination_mac_id;
  cached->HostReachabilityDelta = neighbor_reachability_delta (neighbor, ticks_per_s, now);
}

/* Dependents */

static bool
path_is_needed (const HostPath *path)
{
  return path->object.dependents > 0 || path->object.state != OBJECT_HOST;
}

static void
recount (Host *host, HostPath *path, bool was_needed)
{
  HostObject *neighbor = &host->neighbor[path->setup.neighbor_index].object;

  if (!was_needed && path_is_needed (path))
    object_add_dependent (neighbor);
  if (was_needed && !path_is_needed (path))
    object_remove_dependent (neighbor);
}

void
path_add_dependent (Host *host, HostPath *path)
{
  bool was_needed = path_is_needed (path);
  object_add_dependent (&path->object);
  recount (host, path, was_needed);
}

void
path_remove_dependent (Host *host, HostPath *path)
{
  bool was_needed = path_is_needed (path);
  object_remove_dependent (&path->object);
  recount (host, path, was_needed);
}

void
path_step (Host *host, HostPath *path, ObjectEvent event)
{
  bool was_needed = path_is_needed (path);
  object_step (&path->object, event);
  recount (host, path, was_needed);
  if (path->object.state != OBJECT_HOST || path->next_index == UINT32_MAX)
    return;
  path_set_neighbor (host, path, path->next_index);
  path->next_index = UINT32_MAX;
}

void
path_set_neighbor (Host *host, HostPath *path, uint32_t neighbor_index)
{
  SIM_ASSERT (neighbor_index < host->n_neighbors);
  if (path_is_needed (path)) {
    object_remove_dependent (&host->neighbor[path->setup.neighbor_index].object);
    object_add_dependent (&host->neighbor[neighbor_index].object);
  }
  path->setup.neighbor_index = neighbor_index;
  host->n_moves++;
}

/* ICMP */

/* The path that a message is about; UINT32_MAX: none. */
static uint32_t
path_index_of (const Host *host, const TcpSegment *message)
{
  for (uint32_t p = 0; p < host->n_paths; p++)
    if (host->path[p].setup.destination_address_id == message->about_address_id
        && host->path[p].setup.ip_version == message->ip_version)
      return p;
  return UINT32_MAX;
}

/* The host's own connections send smaller segments at once, those of the target by its update. */
static void
tell_connections (Host *host, uint32_t path_index)
{
  uint32_t mtu_bytes = host->path[path_index].setup.path_mtu_bytes;

  for (uint32_t id = 0; id < host->config.n_connections; id++) {
    Connection *c = &host->connection[id];
    if (!c->added || c->path_index != path_index)
      continue;
    tcp_set_path_mtu (&c->tcb, mtu_bytes);
    if (owner_host_runs (c->owner))
      connection_settle (host, c);
  }
}

void
path_learn_mtu (Host *host, const TcpSegment *message)
{
  uint32_t index = path_index_of (host, message);
  uint32_t least = message->ip_version == 4 ? PATH_MTU_MIN_IP4 : PATH_MTU_MIN_IP6;

  if (index == UINT32_MAX)
    return;
  HostPath *path = &host->path[index];
  uint32_t mtu_bytes = MAX (message->mss, least);
  if (mtu_bytes >= path->setup.path_mtu_bytes)
    return; /* RFC 8201 4: never larger */
  host->stats.too_big++;
  path->setup.path_mtu_bytes = mtu_bytes;
  TRACE (host->trace, host->config.actor_id, CHANGED, path->object.handle.object_id);
  tell_connections (host, index);
  manager_submit_for (host, OPERATION_UPDATE_PARENTS, OFFLOAD_LAYER_PATH, index);
}

void
path_follow_redirect (Host *host, const TcpSegment *message)
{
  uint32_t index = path_index_of (host, message);
  uint32_t n = 0;

  while (n < host->n_neighbors && host->neighbor[n].setup.address_id != message->ack)
    n++;
  if (index == UINT32_MAX || n == host->n_neighbors)
    return;
  /* RFC 1122 3.2.2.2: only the next hop in use may say so. */
  const HostNeighbor *now = host_neighbor_of (host, &host->path[index]);
  if (now->setup.address_id != message->tuple.source_address_id || now == &host->neighbor[n])
    return;
  host->stats.redirects++;
  Operation *operation = operation_new_below (host, OPERATION_RELINK, OFFLOAD_LAYER_PATH, index);
  operation->neighbor_index = n;
  manager_submit (host, operation);
}
