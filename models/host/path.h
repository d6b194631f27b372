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
#include "sim/sim.h"

typedef struct HostNeighborSetup {
  uint32_t source_mac_id; /* of our interface */
  uint32_t
      configured_source_mac_id; /* DlSourceAddress: another one to send from; 0: the interface's */
  uint32_t destination_mac_id;  /* of the next hop */
  uint16_t vlan_id;             /* 0: none */
  uint8_t ip_version;           /* of its address */
  uint32_t address_id;          /* of the next hop */
  uint32_t source_address_id;   /* ours, as it knows us */
} HostNeighborSetup;

/* What is known of a next hop, RFC 4861 7.3.2. */
typedef enum HostReach {
  HOST_REACH_REACHABLE,
  HOST_REACH_STALE,
  HOST_REACH_DELAY,      /* used while stale: a sign is waited for */
  HOST_REACH_PROBE,      /* asked */
  HOST_REACH_INCOMPLETE, /* its MAC is not known */
  HOST_N_REACHES
} HostReach;

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
  HostReach reach;
  SimEvent timer;
  SimTime doubted;          /* DELAY: since then */
  uint32_t indicated_delta; /* NicReachabilityDelta of the query that began it */
  uint32_t next_due;        /* the worker's list */
  uint8_t probes;           /* sent and not answered */
  bool is_due;
  bool asked_by_target; /* DELAY: the target's query began it */
} HostNeighbor;

typedef struct HostPath {
  HostObject object;
  HostPathSetup setup;
  uint32_t left_index; /* the neighbor that it is being taken from, which stays until it has gone */
  uint32_t next_index; /* the neighbor that it moves to when it is home; UINT32_MAX: none */
  uint32_t ip_id;      /* of the next datagram: the lower half of the space is the host's */
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
 * NIC for it.  False: the next hop's MAC is not known, and the frame is lost. */
bool path_dress_segment (Host *host, HostPath *path, HostNeighbor *neighbor, uint8_t user_priority,
                         uint32_t pieces, TcpSegment *segment);

/* path_learn_mtu believes a router that something was too big for a path, path_follow_redirect that
 * its next hop is another one. */
void path_learn_mtu (Host *host, const TcpSegment *message);
void path_follow_redirect (Host *host, const TcpSegment *message);

/* path_fill_state and neighbor_fill_state write const, cached and delegated state behind a new
 * block list. */
void path_fill_state (const HostPath *path, PNDIS_PROTOCOL_OFFLOAD_BLOCK_LIST list);
void neighbor_fill_state (const HostNeighbor *neighbor, uint32_t ticks_per_s, SimTime now,
                          PNDIS_PROTOCOL_OFFLOAD_BLOCK_LIST list);
/* path_fill_cached and neighbor_fill_cached write cached state alone. */
void path_fill_cached (const HostPath *path, PNDIS_PROTOCOL_OFFLOAD_BLOCK_LIST list);
void neighbor_fill_cached (const HostNeighbor *neighbor, uint32_t ticks_per_s, SimTime now,
                           PNDIS_PROTOCOL_OFFLOAD_BLOCK_LIST list);
/* Ticks since the neighbor was last confirmed, at least 1: a reachable neighbor's
 * HostReachabilityDelta. */
uint32_t neighbor_reachability_delta (const HostNeighbor *neighbor, uint32_t ticks_per_s,
                                      SimTime now);
