/*
 * The peers: remote hosts at the far end of the wire, and an attacker's hand.
 *
 * A peer runs the same TCP engine as the host, on a machine without cost: it answers as fast as the wire brings segments, after
 * the traffic's service time.  Its application checks every byte it receives.
 *
 * Order       Peer timers and applications are events of phase HOST, actor per connection.
 * Owns        Peers own their connections; the wire is borrowed.
 * Errors      A byte out of order, missing or twice is counted in peer_stats (broken_bytes) and traced by nothing else:
 *             it is a bug or a modelled defect, and the verdict says so.
 */
#pragma once

#include "models/tcp/tcp.h"
#include "models/traffic/traffic.h"
#include "models/wire/wire.h"

typedef struct Peers Peers;

typedef struct PeersConfig {
  TcpConfig tcp;
  uint32_t n_connections;
  uint32_t actor_id; /* connection c is actor_id + c */
} PeersConfig;

typedef struct PeersStats {
  uint64_t bytes_sent, bytes_received;
  uint64_t broken_bytes;
  uint64_t segments_sent, segments_received, unknown_segments;
} PeersStats;

Peers *peers_new (Sim *sim, Wire *wire, const PeersConfig *config);
void peers_free (Peers *peers);

/* peers_add makes connection |setup->connection_id|'s far end, established, with the application of |traffic| (borrowed). */
void peers_add (Peers *peers, const TcpSetup *setup, const Traffic *traffic);
/* peers_start lets the applications begin at their first think time. */
void peers_start (Peers *peers);

/* What a timeline does at the far end. */
void peers_close (Peers *peers, uint32_t connection_id);
void peers_abort (Peers *peers, uint32_t connection_id);

/* Sends a crafted segment on a connection: flags, and a sequence number relative to the peer's SndNxt (what the host's side
 * expects next is offset 0) or to what the host last acknowledged. */
typedef struct PeerCraft {
  uint8_t flags;
  int64_t seq_offset; /* from the receiving side's RcvNxt as the peer knows it: its SndNxt */
  int64_t ack_offset; /* from the peer's RcvNxt */
  uint32_t payload_bytes;
  uint16_t urgent_pointer;
} PeerCraft;
/* A FIN crafted at offset 0 by the connection's own peer is the peer closing: it goes through its engine, so that what follows is
 * proper TCP; everything else is sent as it is, by the attacker's hand. */
void peers_craft (Peers *peers, uint32_t connection_id, const PeerCraft *craft);

TCP_OFFLOAD_CONNECTION_STATE peers_state (const Peers *peers, uint32_t connection_id);
/* Stream bytes sent, and received in order, on a connection: for the byte check at the end. */
uint64_t peers_sent_bytes (const Peers *peers, uint32_t connection_id);
uint64_t peers_received_bytes (const Peers *peers, uint32_t connection_id);
PeersStats peers_stats (const Peers *peers);
