#include "models/wire/peer.h"

#include <glib.h>

#include "models/tcp/store.h"
#include "models/wire/peer_app.h"
#include "models/wire/peer_state.h"

Peer *
peer_at (Peers *peers, uint32_t connection_id)
{
  SIM_ASSERT (connection_id < peers->config.n_connections);
  Peer *peer = &peers->peer[connection_id];
  SIM_ASSERT (peer->traffic != NULL);
  return peer;
}

static const Peer *
peer_at_const (const Peers *peers, uint32_t connection_id)
{
  SIM_ASSERT (connection_id < peers->config.n_connections);
  SIM_ASSERT (peers->peer[connection_id].traffic != NULL);
  return &peers->peer[connection_id];
}

static void
trace_state (Peer *peer)
{
  TCP_OFFLOAD_CONNECTION_STATE state = tcp_state (&peer->tcb);

  if (state == peer->traced_state)
    return;
  TRACE (peer_trace (peer), peer_actor_id (peer), CONNECTION_STATE, peer->connection_id, SIDE_PEER,
         peer->traced_state, state);
  peer->traced_state = (uint8_t)state;
}

static void
trace_app (const Peer *peer, TraceAppEvent what)
{
  TRACE (peer_trace (peer), peer_actor_id (peer), APP_EVENT, peer->connection_id, SIDE_PEER, what,
         peer->exchange, 0);
}

/* The connection is no more: the application learns it once. */
static void
end (Peer *peer, TraceAppEvent what)
{
  if (peer->over)
    return;
  peer->over = true;
  trace_app (peer, what);
  peer_app_ended (peer);
}

uint64_t
peer_stream_offset (const Peer *peer, uint32_t seq)
{
  uint32_t written_seq = peer->stream_seq + (uint32_t)peer->written_bytes;
  return peer->written_bytes + (uint64_t)(int64_t)tcp_seq_diff (seq, written_seq);
}

void
peer_complete_segment (Peer *peer, TcpSegment *segment)
{
  segment->connection_id = peer->connection_id;
  segment->payload.stream_id = TCP_STREAM (peer->connection_id, TCP_FROM_PEER);
  if (segment->payload.bytes > 0)
    segment->payload.offset = peer_stream_offset (peer, segment->seq);
  segment->ip_id = peer->ip_id++;
  segment->source_mac_id = peer->frame.source_mac_id;
  segment->destination_mac_id = peer->frame.destination_mac_id;
  if (peer->frame.vlan_tagged) {
    segment->oddities |= TCP_VLAN_TAGGED;
    segment->vlan_tag = peer->frame.vlan_tag;
  }
}

static void
transmit (Peer *peer)
{
  Peers *peers = peer->peers;
  TcpSegment segment;

  while (tcp_transmit (&peer->tcb, 0, sim_now (peers->sim), &segment)) {
    peer_complete_segment (peer, &segment);
    peers->stats.segments_sent++;
    peers->stats.bytes_sent += segment.payload.bytes;
    /* What the network drops TCP sends again. */
    wire_send (peers_way (peers), WIRE_END_PEERS, SIDE_PEER, &segment);
  }
}

void
peer_arm (Peer *peer)
{
  SimTime when = sim_time_min (tcp_deadline (&peer->tcb), peer->app_at);
  Sim *sim = peer->peers->sim;

  if (sim_time_is_never (when))
    sim_event_cancel (sim, &peer->event);
  else
    sim_event_schedule (sim, &peer->event, sim_time_max (when, sim_now (sim)));
}

/* Counts |range| as read, and as broken unless it is what comes next in the host's stream. */
static void
read_range (Peer *peer, TcpRange range)
{
  TcpRange next = { .offset = peer->received_bytes,
                    .stream_id = TCP_STREAM (peer->connection_id, TCP_TO_PEER) };
  PeersStats *stats = &peer->peers->stats;

  if (!tcp_range_continues (next, range))
    stats->broken_bytes += range.bytes;
  TRACE (peer_trace (peer), peer_actor_id (peer), APP_DELIVER, peer->connection_id, SIDE_PEER,
         range.stream_id, (int64_t)range.offset, range.bytes, PATH_HOST);
  stats->bytes_received += range.bytes;
  peer->received_bytes += range.bytes;
}

static void
read_all (Peer *peer)
{
  TcpRange range;

  while (tcp_take_received (&peer->tcb, 0, &range)) {
    read_range (peer, range);
    tcp_consume (&peer->tcb, range.bytes, sim_now (peer->peers->sim));
    sim_progress (peer->peers->sim);
  }
}

static void
take_news (Peer *peer, TcpNews news)
{
  trace_state (peer);
  if (news.events & TCP_NEWS_CONNECTED)
    peer_app_connected (peer);
  if (news.events & TCP_NEWS_DATA)
    read_all (peer);
  if (news.events & TCP_NEWS_FIN) {
    peer->host_is_done = true;
    trace_app (peer, APP_END_OF_STREAM);
  }
  if (news.events & (TCP_NEWS_RESET | TCP_NEWS_TIMED_OUT))
    end (peer, APP_ABORTED);
  else if (news.events & (TCP_NEWS_CLOSED | TCP_NEWS_TIME_WAIT))
    end (peer, APP_CLOSED);
}

/* After an input of whatever kind: the application, what is to be sent, the next deadline. */
static void
settle (Peer *peer, TcpNews news)
{
  take_news (peer, news);
  peer_app_run (peer);
  transmit (peer);
  peer_arm (peer);
}

void
peer_write (Peer *peer, uint32_t bytes)
{
  TRACE (peer_trace (peer), peer_actor_id (peer), APP_SEND, peer->connection_id, SIDE_PEER,
         TCP_STREAM (peer->connection_id, TCP_FROM_PEER), (int64_t)peer->written_bytes, bytes,
         PATH_HOST);
  peer->written_bytes += bytes;
  tcp_send (&peer->tcb, bytes);
}

void
peer_finish (Peer *peer)
{
  if (peer->finished || peer->over)
    return;
  peer->finished = true;
  take_news (peer, tcp_close (&peer->tcb, sim_now (peer->peers->sim)));
}

void
peer_connect (Peer *peer)
{
  tcp_connect (&peer->tcb, sim_now (peer->peers->sim));
  trace_state (peer);
}

static void
fire (Sim *sim, void *data)
{
  Peer *peer = data;
  TcpNews news = { 0 };

  if (!sim_time_before (sim_now (sim), tcp_deadline (&peer->tcb)))
    news = tcp_expire (&peer->tcb, sim_now (sim));
  settle (peer, news);
}

/* True for a segment that gets beyond the next hop. */
static bool
is_heard (Peers *peers, const TcpSegment *segment)
{
  if (segment->kind == TCP_FRAME_SEGMENT)
    return peers->hops == NULL || hops_hear (peers->hops, segment->destination_mac_id);
  if (peers->hops != NULL)
    hops_take (peers->hops, segment);
  return false;
}

static void
arrive (void *data, const TcpSegment *segment)
{
  const PeerPort *port = data;
  Peers *peers = port->peers;
  uint32_t index;

  peers->learned = (uint32_t)(port - peers->port);
  peers->stats.segments_received++;
  if (segment->oddities & (TCP_IP_BAD_HEADER | TCP_BAD_CHECKSUM)) {
    peers->stats.broken_segments++;
    return;
  }
  if (!is_heard (peers, segment))
    return;
  if (!peer_table_find (peers->table, tcp_tuple_reversed (segment->tuple), &index)) {
    peers->stats.unknown_segments++;
    return;
  }

  Peer *peer = &peers->peer[index];
  if (peer->mtu_bytes > 0 && tcp_segment_ip_bytes (segment) > peer->mtu_bytes) {
    hops_refuse (peers->hops, peer->hop, segment, peer->mtu_bytes);
    return;
  }
  if (segment->payload.bytes > 0)
    TRACE (peer_trace (peer), peer_actor_id (peer), STAGE, LATENCY_REQUEST, peer->connection_id,
           STAGE_PEER, peer->connection_id);
  settle (peer, tcp_receive (&peer->tcb, segment, sim_now (peers->sim)));
}

Peers *
peers_new (Sim *sim, Wire *wire, const PeersConfig *config)
{
  Peers *peers = g_malloc0 (sizeof *peers + config->n_connections * sizeof peers->peer[0]);

  peers->sim = sim;
  peers->config = *config;
  peers->config.tcp.store = tcp_store_new (0, 0);
  peers->table = peer_table_new (config->n_connections);
  peers_add_wire (peers, wire);
  return peers;
}

void
peers_add_wire (Peers *peers, Wire *wire)
{
  SIM_ASSERT (peers->n_ports < PEERS_PORTS_MAX);
  PeerPort *port = &peers->port[peers->n_ports++];

  *port = (PeerPort){ peers, wire };
  wire_attach (wire, WIRE_END_PEERS, &(WireListener){ .arrive = arrive, .data = port });
}

Wire *
peers_way (const Peers *peers)
{
  Wire *learned = peers->port[peers->learned].wire;

  if (peers->n_ports == 1 || wire_link_is_up (learned))
    return learned;
  for (uint32_t i = 0; i < peers->n_ports; i++)
    if (wire_link_is_up (peers->port[i].wire))
      return peers->port[i].wire;
  return learned;
}

void
peers_free (Peers *peers)
{
  if (peers == NULL)
    return;
  for (uint32_t i = 0; i < peers->config.n_connections; i++)
    if (peers->peer[i].traffic != NULL) {
      sim_event_cancel (peers->sim, &peers->peer[i].event);
      tcp_clear (&peers->peer[i].tcb);
    }
  tcp_store_free (peers->config.tcp.store);
  peer_table_free (peers->table);
  g_free (peers);
}

void
peers_add (Peers *peers, const TcpSetup *setup, const Traffic *traffic)
{
  SIM_ASSERT (traffic != NULL);
  SIM_ASSERT (setup->connection_id < peers->config.n_connections);
  Peer *peer = &peers->peer[setup->connection_id];
  SIM_ASSERT (peer->traffic == NULL);

  peer->peers = peers;
  peer->traffic = traffic;
  peer->connection_id = setup->connection_id;
  if (!traffic_opens (traffic))
    tcp_init_established (&peer->tcb, &peers->config.tcp, setup, sim_now (peers->sim));
  else if (traffic->spec.peer_opens)
    tcp_init_closed (&peer->tcb, &peers->config.tcp, setup, sim_now (peers->sim));
  else
    tcp_init_listen (&peer->tcb, &peers->config.tcp, setup, sim_now (peers->sim));
  peer->stream_seq = setup->send_isn + 1;
  peer->traced_state = (uint8_t)tcp_state (&peer->tcb);
  sim_event_init (&peer->event, SIM_PHASE_HOST, peer_actor_id (peer), fire, peer);
  peer_table_add (peers->table, setup->tuple, setup->connection_id);
  peer_app_begin (peer);
  peer_arm (peer);
}

void
peers_set_frame (Peers *peers, uint32_t connection_id, const PeerFrame *frame)
{
  peer_at (peers, connection_id)->frame = *frame;
}

void
peers_set_hops (Peers *peers, Hops *hops)
{
  peers->hops = hops;
}

void
peers_set_mtu (Peers *peers, uint32_t connection_id, uint32_t mtu_bytes, uint32_t hop)
{
  Peer *peer = peer_at (peers, connection_id);

  SIM_ASSERT (peers->hops != NULL);
  peer->mtu_bytes = mtu_bytes;
  peer->hop = hop;
}

void
peers_start (Peers *peers)
{
  SIM_ASSERT (!peers->started);
  peers->started = true;
  for (uint32_t i = 0; i < peers->config.n_connections; i++) {
    Peer *peer = &peers->peer[i];
    if (peer->traffic == NULL || peer->finished || peer->over)
      continue;
    peer_app_start (peer);
    settle (peer, (TcpNews){ 0 });
  }
}

/* Its connection is opened later, by either side: there is nothing to close. */
static bool
is_unopened (const Peer *peer)
{
  return peer->app_state == PEER_APP_UNOPENED || peer->app_state == PEER_APP_OPENING;
}

void
peers_close (Peers *peers, uint32_t connection_id)
{
  Peer *peer = peer_at (peers, connection_id);

  if (is_unopened (peer))
    return;
  peer_app_stop (peer);
  peer_finish (peer);
  settle (peer, (TcpNews){ 0 });
}

void
peers_abort (Peers *peers, uint32_t connection_id)
{
  Peer *peer = peer_at (peers, connection_id);

  if (tcp_state (&peer->tcb) == TcpConnectionClosed || is_unopened (peer))
    return;
  end (peer, APP_ABORTED);
  settle (peer, tcp_abort (&peer->tcb, sim_now (peers->sim)));
}

uint32_t
peers_address (const Peers *peers, uint32_t connection_id)
{
  return peer_at_const (peers, connection_id)->tcb.tuple.source_address_id;
}

TCP_OFFLOAD_CONNECTION_STATE
peers_state (const Peers *peers, uint32_t connection_id)
{
  return tcp_state (&peer_at_const (peers, connection_id)->tcb);
}

uint64_t
peers_sent_bytes (const Peers *peers, uint32_t connection_id)
{
  return peer_at_const (peers, connection_id)->written_bytes;
}

uint64_t
peers_received_bytes (const Peers *peers, uint32_t connection_id)
{
  return peer_at_const (peers, connection_id)->received_bytes;
}

PeersStats
peers_stats (const Peers *peers)
{
  return peers->stats;
}

const TcpCounters *
peers_tcp_counters (const Peers *peers)
{
  return &peers->config.tcp.store->counters;
}
