/*
 * What the files of the peers share: a connection's far end and all of them.  Private to
 * models/wire.
 *
 * Units       Stream bytes count from 0 behind the SYN.
 * Owns        Peers owns its array of Peer, which never moves: events are embedded.
 * Invariants  A Peer takes 512 bytes at most: a million of them are half a gigabyte.
 */
#pragma once

#include "models/wire/peer.h"
#include "models/wire/peer_table.h"

/* What the application at the far end does. */
typedef enum PeerAppState {
  PEER_APP_IDLE,     /* reads what comes, writes nothing */
  PEER_APP_UNOPENED, /* the connection is opened later, by either side */
  PEER_APP_OPENING,  /* by this one, at app_at */
  PEER_APP_THINKING, /* asks or begins to write at app_at */
  PEER_APP_AWAITING, /* reads on to message_end */
  PEER_APP_SERVING,  /* answers at app_at */
  PEER_APP_WRITING,  /* bulk */
} PeerAppState;

typedef struct Peer {
  Tcb tcb;
  SimEvent event; /* the earlier of TCP's deadline and app_at */
  Peers *peers;
  const Traffic *traffic;  /* NULL: no connection has been added here */
  SimTime app_at;          /* SIM_TIME_NEVER: the application waits for TCP */
  SimTime arrival;         /* open loop: when the request under way, or awaited, comes */
  uint64_t written_bytes;  /* of our stream, by the application */
  uint64_t received_bytes; /* of the host's stream */
  uint64_t message_end;    /* received_bytes when the awaited message is complete */
  uint32_t exchange;       /* the request being asked or answered */
  uint32_t connection_id;
  uint32_t mtu_bytes;  /* of a narrow link before it; 0: none */
  uint32_t hop;        /* that stands before the narrow link */
  uint32_t stream_seq; /* sequence number of our stream's byte 0 */
  PeerFrame frame;
  uint16_t ip_id;
  uint8_t app_state;    /* PeerAppState */
  uint8_t traced_state; /* TCP_OFFLOAD_CONNECTION_STATE as the trace knows it */
  bool host_is_done;    /* its FIN is here: the application closes when it owes nothing */
  bool finished;        /* we have closed or aborted: nothing more is written */
  bool over;            /* and so has the other end, or the connection broke */
} Peer;

_Static_assert(sizeof (Peer) <= 512, "a peer has outgrown eight cache lines");

/* A port of the network that the peers are in. */
typedef struct PeerPort {
  Peers *peers;
  Wire *wire;
} PeerPort;

struct Peers {
  Sim *sim;
  PeerPort port[PEERS_PORTS_MAX];
  uint32_t n_ports;
  uint32_t learned; /* the port that the host was heard at last */
  PeersConfig config;
  PeerTable *table;
  Hops *hops; /* NULL: whoever is spoken to hears */
  PeersStats stats;
  bool started;
  Peer peer[]; /* by connection id */
};

/* The connection's far end; it has been added. */
Peer *peer_at (Peers *peers, uint32_t connection_id);

/* What the application asks of its end of the connection. */
void peer_write (Peer *peer, uint32_t bytes);
void peer_finish (Peer *peer);

/* peer_connect sends the SYN of a connection that is closed still. */
void peer_connect (Peer *peer);
/* peer_arm arms the event for what is due next. */
void peer_arm (Peer *peer);

/* peer_stream_offset is where |seq| stands in the peer's stream: it is within 2 GiB of what the
 * application has written, since no more can be unacknowledged. */
uint64_t peer_stream_offset (const Peer *peer, uint32_t seq);

/* peer_complete_segment fills in what TCP leaves to its owner: payload, IP id, frame. */
void peer_complete_segment (Peer *peer, TcpSegment *segment);

static inline uint32_t
peer_actor_id (const Peer *peer)
{
  return peer->peers->config.actor_id + peer->connection_id;
}

static inline SimTrace *
peer_trace (const Peer *peer)
{
  return sim_trace (peer->peers->sim);
}
