/*
 * Neighbor reachability: what the host knows of its next hops, and how it finds out.
 *
 * An entry is the one of RFC 4861 7.3, for IPv4 with ARP in place of solicitations.  The host sends
 * by a stale entry and begins to doubt it; if nothing confirms it in time it asks the next hop
 * itself, and gives the entry up if there is no answer.  What TCP hears confirms it; of an offloaded
 * neighbor the target hears, and is asked for NicReachabilityDelta.
 *
 * Units       Deltas in ticks of the chimney's parameters.
 * Order       Timers are events of phase HOST; frames and queries go out from a worker.
 * Owns        The entry is part of the HostNeighbor.
 * Invariants  An entry that is INCOMPLETE has no MAC that could be used: nothing is sent by it, and
 *             nothing is offloaded under it.
 * Source      RFC 4861 7.2, 7.3, 10; RFC 826; guide: making a NeighborReachabilityQuery indication.
 *             NUD-08 to NUD-13, UPD-15.  Ours: ReachableTime is not randomized; what waits for an
 *             address is dropped, and TCP sends it again.
 */
#pragma once

#include "models/host/path.h"
#include "models/host/worker.h"
#include "models/tcp/segment.h"

typedef struct HostNeighbors {
  HostWorker worker;
  uint32_t first_due, last_due; /* neighbors with something to do; UINT32_MAX: none */
} HostNeighbors;

void neighbors_init (Host *host);
void neighbors_clear (Host *host);
/* neighbors_start makes the entries ready; the table is complete. */
void neighbors_start (Host *host);

/* neighbor_may_send is asked before each datagram; false: the address is not known, the datagram is
 * lost. */
bool neighbor_may_send (Host *host, HostNeighbor *neighbor);
bool neighbor_is_known (const HostNeighbor *neighbor);

/* neighbor_confirm notes that it was reachable at |when|. */
void neighbor_confirm (Host *host, HostNeighbor *neighbor, SimTime when);

/* neighbor_receive takes ARP and neighbor discovery. */
void neighbor_receive (Host *host, const TcpSegment *frame);

/* neighbor_answer gives the HostReachabilityDelta that answers the target's query; |nic_delta| came
 * with it. */
uint32_t neighbor_answer (Host *host, HostNeighbor *neighbor, uint32_t nic_delta);

/* neighbor_queried brings the answer of the target to our query. */
void neighbor_queried (Host *host, HostNeighbor *neighbor, uint32_t nic_delta);

const char *neighbor_reach_name (HostReach reach);
