#include <glib.h>

#include "models/wire/peer_state.h"

/* True for what the connection's own peer would send to close. */
static bool
is_close (const PeerCraft *craft)
{
  return (craft->flags & TCP_FIN) && (craft->flags & ~(TCP_FIN | TCP_ACK | TCP_PSH)) == 0
         && craft->seq_offset == 0 && craft->ack_offset == 0 && craft->payload_bytes == 0;
}

static uint16_t
window_field (uint32_t bytes, uint8_t scale)
{
  return (uint16_t)MIN (bytes >> scale, UINT16_MAX);
}

/* A segment as the connection would look to somebody who reads along. */
static TcpSegment
forge (Peer *peer, const PeerCraft *craft)
{
  const Tcb *tcb = &peer->tcb;
  TCP_OFFLOAD_STATE_DELEGATED state;

  tcp_export_delegated (tcb, sim_now (peer->peers->sim), &state);
  TcpSegment segment = { .tuple = tcb->tuple,
                         .seq = state.SndMax + (uint32_t)craft->seq_offset,
                         .flags = craft->flags,
                         .ip_version = tcb->ip_version,
                         .ttl = tcb->ttl,
                         .oddities = TCP_IP_DONT_FRAGMENT,
                         .urgent_pointer = craft->urgent_pointer };
  segment.window =
      window_field (craft->has_window ? craft->window_bytes : state.RcvWnd, tcb->RcvWindScale);
  segment.payload.bytes = craft->payload_bytes;
  if (craft->flags & TCP_ACK)
    segment.ack = state.RcvNxt + (uint32_t)craft->ack_offset;
  if (tcb->const_flags & TCP_FLAG_TIMESTAMP_ENABLED) {
    segment.options = TCP_OPTION_TIMESTAMP;
    segment.ts_value = state.TsTime;
    segment.ts_echo = state.TsRecent;
  }
  return segment;
}

void
peers_craft (Peers *peers, uint32_t connection_id, const PeerCraft *craft)
{
  Peer *peer = peer_at (peers, connection_id);

  if (is_close (craft)) {
    peers_close (peers, connection_id);
    return;
  }
  TcpSegment segment = forge (peer, craft);
  peer_complete_segment (peer, &segment);
  segment.oddities |= craft->oddities;
  if (craft->oddities & TCP_IP_MORE_FRAGMENTS)
    segment.oddities &= (uint8_t)~TCP_IP_DONT_FRAGMENT;
  if (craft->has_vlan) {
    segment.oddities &= (uint8_t)~TCP_VLAN_TAGGED;
    segment.oddities |= craft->vlan_id != 0 ? TCP_VLAN_TAGGED : 0;
    segment.vlan_tag = craft->vlan_id;
  }
  wire_send (peers_way (peers), WIRE_END_PEERS, SIDE_ATTACKER, &segment);
}

PeerReach
peers_reach (const Peers *peers, uint32_t connection_id)
{
  SIM_ASSERT (connection_id < peers->config.n_connections);
  const Peer *peer = &peers->peer[connection_id];
  uint64_t sequence_bytes = peer_stream_offset (peer, peer->tcb.SndMax);
  uint64_t sent = MIN (sequence_bytes, peer->written_bytes);

  return (PeerReach){ peer->tcb.SndWnd, (uint32_t)MIN (sent, INT32_MAX),
                      (uint32_t)(sequence_bytes - sent) };
}
