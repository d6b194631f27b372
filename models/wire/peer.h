/*
 * The peers: remote hosts at the far end of the wire, and an attacker's hand.
 *
 * A peer runs the same TCP engine as the host, on a machine without cost: it answers as fast as the
 * wire brings segments, after the traffic's service time.  Its application checks every byte it
 * receives and reads at once.  When the host's FIN has come the application finishes what it owes
 * (the answer to a complete request, bulk that has an end) and closes.
 *
 * Order       Peer timers and applications are events of phase HOST, actor per connection; segments
 *             are taken in the wire's event.
 * Owns        Peers own their connections; the wires are borrowed and must outlive them, and so must
 *             each Traffic.
 * Errors      A byte out of order, missing or twice is counted in peers_stats (broken_bytes) and
 *             traced by nothing else: it is a bug or a modelled defect, and the verdict says so.
 * Invariants  A connection holds one pending event at most.  Segments find theirs by the 4-tuple.
 *             An asking peer (peer_asks) traces its APP_EVENT requests and responses; an answering
 *             one only the end of its stream and of the connection.
 */
#pragma once

#include "models/tcp/counters.h"
#include "models/tcp/tcp.h"
#include "models/traffic/traffic.h"
#include "models/wire/hops.h"
#include "models/wire/wire.h"

typedef struct Peers Peers;

typedef struct PeersConfig {
  TcpConfig tcp; /* its store is not looked at: peers have one of their own, without limits */
  uint32_t n_connections;
  uint32_t actor_id; /* connection c is actor_id + c */
} PeersConfig;

typedef struct PeersStats {
  uint64_t bytes_sent, bytes_received;
  uint64_t broken_bytes;
  uint64_t segments_sent, segments_received, unknown_segments;
  uint64_t broken_segments; /* received with a wrong checksum, and dropped */
} PeersStats;

#define PEERS_PORTS_MAX 4

Peers *peers_new (Sim *sim, Wire *wire, const PeersConfig *config);
void peers_free (Peers *peers);

/* peers_add_wire joins a further wire to the peers' network.  Like a switch, the network sends to
 * the host by the wire that it was heard at last; while that link is down, by the first that is up.
 */
void peers_add_wire (Peers *peers, Wire *wire);
/* peers_way is the wire by which the host is reached. */
Wire *peers_way (const Peers *peers);

/* peers_add makes connection |setup->connection_id|'s far end with the application of |traffic|:
 * established, or opened during the run if its traffic does that.  It answers from now on. */
void peers_add (Peers *peers, const TcpSetup *setup, const Traffic *traffic);
/* What a peer's frames carry below IP; all zero until it is set. */
typedef struct PeerFrame {
  uint32_t source_mac_id;
  uint32_t destination_mac_id;
  uint16_t vlan_tag;
  bool vlan_tagged;
} PeerFrame;

/* peers_set_hops makes |hops| hear what is sent to them, frames that are no TCP included; they must
 * outlive the peers. */
void peers_set_hops (Peers *peers, Hops *hops);

/* peers_set_mtu puts a narrow link of |mtu_bytes| before a connection's peer; the router before it,
 * next hop |hop|, refuses what is larger. */
void peers_set_mtu (Peers *peers, uint32_t connection_id, uint32_t mtu_bytes, uint32_t hop);

void peers_set_frame (Peers *peers, uint32_t connection_id, const PeerFrame *frame);

/* peers_start lets the applications that ask or send bulk begin at their first think time; once. */
void peers_start (Peers *peers);

/* What a timeline does at the far end. */
void peers_close (Peers *peers, uint32_t connection_id);
void peers_abort (Peers *peers, uint32_t connection_id);

/* A crafted segment: what an attacker who reads along would send.  Window and timestamps are the
 * peer's; a payload has the bytes that the stream has at that place. */
typedef struct PeerCraft {
  uint8_t flags;
  int64_t seq_offset; /* from what the host expects when all that was sent has arrived: SndMax */
  int64_t ack_offset; /* from the peer's RcvNxt */
  uint32_t payload_bytes;
  uint16_t urgent_pointer;
  bool has_window; /* announces |window_bytes| and not the peer's own */
  uint32_t window_bytes;
  uint8_t oddities; /* TCP_IP_HAS_OPTIONS, TCP_IP_MORE_FRAGMENTS */
  bool has_vlan;    /* a tag with |vlan_id| (0: none), and not the peer's own */
  uint16_t vlan_id;
} PeerCraft;
/* peers_craft sends such a segment.  A bare FIN at offset 0 is the peer closing: it goes through
 * its engine, so that what follows is proper TCP; everything else is sent as it is, by the
 * attacker's hand, and the peer does not know of it. */
void peers_craft (Peers *peers, uint32_t connection_id, const PeerCraft *craft);

/* What somebody who reads along knows of the host's end. */
typedef struct PeerReach {
  uint32_t window_bytes; /* that the host announced last */
  uint32_t sent_bytes;   /* of the peer's stream, no more than 2^31 */
  uint32_t fin_bytes;    /* 1: a FIN stands behind them */
} PeerReach;

PeerReach peers_reach (const Peers *peers, uint32_t connection_id);

/* The address that a connection's peer has. */
uint32_t peers_address (const Peers *peers, uint32_t connection_id);
TCP_OFFLOAD_CONNECTION_STATE peers_state (const Peers *peers, uint32_t connection_id);
/* Stream bytes that its application wrote, and read, on a connection: for the byte check at the
 * end. */
uint64_t peers_sent_bytes (const Peers *peers, uint32_t connection_id);
uint64_t peers_received_bytes (const Peers *peers, uint32_t connection_id);
PeersStats peers_stats (const Peers *peers);
/* What their TCP has counted; good until peers_free. */
const TcpCounters *peers_tcp_counters (const Peers *peers);
