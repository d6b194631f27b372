/*
 * Neighbors and paths: what segments of a connection have in common below TCP, and the objects that
 * are offloaded for it.
 *
 * Units       Bytes; MAC and IP addresses are ids of the world's tables.
 * Owns        The host owns both tables; indices are stable.
 * Source      NEIGHBOR_OFFLOAD_STATE_*, PATH_OFFLOAD_STATE_*; SEND-22 for identifications.
 */
#pragma once

#include "models/host/object.h"
#include "models/ndis/block_list.h"
#include "models/tcp/segment.h"
#include "sim/time.h"

typedef struct HostNeighborSetup {
  uint32_t source_mac_id; /* of our interface */
  uint32_t
      configured_source_mac_id; /* DlSourceAddress: another one to send from; 0: the interface's */
  uint32_t destination_mac_id;  /* of the next hop */
  uint16_t vlan_id;             /* 0: none */
} HostNeighborSetup;

typedef struct HostPathSetup {
  uint32_t neighbor_index;
  uint8_t ip_version; /* 4 or 6 */
  uint32_t source_address_id;
  uint32_t destination_address_id;
  uint32_t path_mtu_bytes;
} HostPathSetup;

typedef struct HostNeighbor {
  HostObject object;
  HostNeighborSetup setup;
  SimTime confirmed; /* last proof that the next hop is reachable */
} HostNeighbor;

typedef struct HostPath {
  HostObject object;
  HostPathSetup setup;
  uint32_t ip_id; /* of the next datagram: the lower half of the space is the host's */
} HostPath;

typedef struct Host Host;

/* A connection begins or ends to need the path; the path's neighbor is counted along: a path counts
 * as its dependent while it is needed, or on its way, or with the target. */
void path_add_dependent (Host *host, HostPath *path);
void path_remove_dependent (Host *host, HostPath *path);
void path_step (Host *host, HostPath *path, ObjectEvent event);
/* path_set_neighbor moves the path, and the count, to another neighbor. */
void path_set_neighbor (Host *host, HostPath *path, uint32_t neighbor_index);

/* The part of a frame below TCP: addresses, VLAN tag, identification.  |pieces| datagrams leave the
 * NIC for it. */
void path_dress_segment (Host *host, HostPath *path, const HostNeighbor *neighbor,
                         uint8_t user_priority, uint32_t pieces, TcpSegment *segment);

/* path_fill_state and neighbor_fill_state write const, cached and delegated state behind a new
 * block list. */
void path_fill_state (const HostPath *path, PNDIS_PROTOCOL_OFFLOAD_BLOCK_LIST list);
void neighbor_fill_state (const HostNeighbor *neighbor, uint32_t ticks_per_s, SimTime now,
                          PNDIS_PROTOCOL_OFFLOAD_BLOCK_LIST list);
/* Ticks since the neighbor was last confirmed, at least 1: a reachable neighbor's
 * HostReachabilityDelta. */
uint32_t neighbor_reachability_delta (const HostNeighbor *neighbor, uint32_t ticks_per_s,
                                      SimTime now);
