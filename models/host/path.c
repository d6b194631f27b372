#include "models/host/path.h"

#include "models/host/machine.h"

/* The lower half of the space: the upper one is the target's, SEND-22. */
#define IP_IDS UINT32_C (0x8000)

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

void
path_dress_segment (Host *host, HostPath *path, const HostNeighbor *neighbor, uint8_t user_priority,
                    uint32_t pieces, TcpSegment *segment)
{
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
}

void
path_fill_state (const HostPath *path, PNDIS_PROTOCOL_OFFLOAD_BLOCK_LIST list)
{
  const NDIS_MINIPORT_OFFLOAD_BLOCK_LIST *view = block_list_miniport_view (list);
  PATH_OFFLOAD_STATE_CONST *constants = block_list_const_state (view);
  PATH_OFFLOAD_STATE_CACHED *cached = block_list_cached_state (view);

  constants->SourceAddress = path->setup.source_address_id;
  constants->DestinationAddress = path->setup.destination_address_id;
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
  NEIGHBOR_OFFLOAD_STATE_CACHED *cached = block_list_cached_state (view);
  NEIGHBOR_OFFLOAD_STATE_DELEGATED *delegated = block_list_delegated_state (view);
  uint32_t delta = neighbor_reachability_delta (neighbor, ticks_per_s, now);

  constants->DlSourceAddress = neighbor->setup.configured_source_mac_id;
  constants->VlanId = neighbor->setup.vlan_id & 0xfffu;
  cached->DlDestinationAddress = neighbor->setup.destination_mac_id;
  cached->HostReachabilityDelta = delta;
  delegated->NicReachabilityDelta = delta; /* NUD-01: equal at the offload */
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
}
