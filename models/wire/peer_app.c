#include "models/wire/peer_app.h"

#include <glib.h>

static const TrafficSpec *
spec_of (const Peer *peer)
{
  return &peer->traffic->spec;
}

static void
trace_event (const Peer *peer, TraceAppEvent what, uint32_t bytes)
{
  TRACE (peer_trace (peer), peer_actor_id (peer), APP_EVENT, peer->connection_id, SIDE_PEER, what,
         peer->exchange, bytes);
}

/* Goes into |state| and acts there after |wait|. */
static void
act_after (Peer *peer, PeerAppState state, SimDuration wait)
{
  peer->app_state = (uint8_t)state;
  peer->app_at = sim_time_add (sim_now (peer->peers->sim), wait);
}

static void
await (Peer *peer, uint32_t message_bytes)
{
  peer->app_state = PEER_APP_AWAITING;
  peer->app_at = SIM_TIME_NEVER;
  peer->message_end += message_bytes;
}

void
peer_app_stop (Peer *peer)
{
  peer->app_state = PEER_APP_IDLE;
  peer->app_at = SIM_TIME_NEVER;
}

static bool
has_next_exchange (const Peer *peer)
{
  return spec_of (peer)->requests_max == 0 || peer->exchange < spec_of (peer)->requests_max;
}

static void
await_request (Peer *peer)
{
  if (has_next_exchange (peer))
    await (peer, traffic_request_bytes (peer->traffic, peer->connection_id, peer->exchange));
  else
    peer_app_stop (peer);
}

static void
think (Peer *peer)
{
  if (has_next_exchange (peer))
    act_after (peer, PEER_APP_THINKING,
               traffic_think (peer->traffic, peer->connection_id, peer->exchange));
  else
    peer_app_stop (peer);
}

void
peer_app_begin (Peer *peer)
{
  peer_app_stop (peer);
  if (spec_of (peer)->pattern == TRAFFIC_REQUEST_RESPONSE && !spec_of (peer)->peer_asks)
    await_request (peer);
}

void
peer_app_start (Peer *peer)
{
  switch (spec_of (peer)->pattern) {
  case TRAFFIC_NONE:
  case TRAFFIC_SEND:
    return;
  case TRAFFIC_REQUEST_RESPONSE:
    if (spec_of (peer)->peer_asks)
      think (peer);
    return;
  case TRAFFIC_RECEIVE:
  case TRAFFIC_BOTH:
    act_after (peer, PEER_APP_THINKING, traffic_think (peer->traffic, peer->connection_id, 0));
    return;
  case TRAFFIC_N_PATTERNS:
    break;
  }
  SIM_UNREACHABLE ();
}

static void
ask (Peer *peer)
{
  uint32_t bytes = traffic_request_bytes (peer->traffic, peer->connection_id, peer->exchange);

  trace_event (peer, APP_REQUEST, bytes);
  peer_write (peer, bytes);
  await (peer, traffic_response_bytes (peer->traffic, peer->connection_id, peer->exchange));
}

static void
answer (Peer *peer)
{
  peer_write (peer, traffic_response_bytes (peer->traffic, peer->connection_id, peer->exchange));
  peer->exchange++;
  await_request (peer);
}

static void
take_response (Peer *peer)
{
  trace_event (peer, APP_RESPONSE,
               traffic_response_bytes (peer->traffic, peer->connection_id, peer->exchange));
  peer->exchange++;
  think (peer);
}

/* What is left of the bulk, at most a chunk. */
static uint32_t
next_chunk (const Peer *peer)
{
  const TrafficSpec *spec = spec_of (peer);
  if (spec->bulk_bytes == 0)
    return spec->bulk_chunk_bytes;
  return (uint32_t)MIN (spec->bulk_bytes - peer->written_bytes, spec->bulk_chunk_bytes);
}

/* Keeps a chunk ahead of what TCP has sent. */
static void
write_bulk (Peer *peer)
{
  while (tcp_unsent_bytes (&peer->tcb) < spec_of (peer)->bulk_chunk_bytes && next_chunk (peer) > 0)
    peer_write (peer, next_chunk (peer));
  if (next_chunk (peer) == 0)
    peer_app_stop (peer);
}

/* One thing that the application can do now; false: nothing. */
static bool
act (Peer *peer)
{
  bool is_time = !sim_time_before (sim_now (peer->peers->sim), peer->app_at);

  switch ((PeerAppState)peer->app_state) {
  case PEER_APP_IDLE:
    return false;
  case PEER_APP_THINKING:
    if (!is_time)
      return false;
    if (spec_of (peer)->pattern == TRAFFIC_REQUEST_RESPONSE)
      ask (peer);
    else
      peer->app_state = PEER_APP_WRITING;
    return true;
  case PEER_APP_AWAITING:
    if (peer->received_bytes < peer->message_end)
      return false;
    if (spec_of (peer)->peer_asks)
      take_response (peer);
    else
      act_after (peer, PEER_APP_SERVING,
                 traffic_service (peer->traffic, peer->connection_id, peer->exchange));
    return true;
  case PEER_APP_SERVING:
    if (is_time)
      answer (peer);
    return is_time;
  case PEER_APP_WRITING:
    peer->app_at = SIM_TIME_NEVER;
    write_bulk (peer);
    return false;
  }
  SIM_UNREACHABLE ();
}

/* True if the application would still write, though the host will send nothing more. */
static bool
owes (const Peer *peer)
{
  switch ((PeerAppState)peer->app_state) {
  case PEER_APP_IDLE:
  case PEER_APP_AWAITING:
    return false;
  case PEER_APP_THINKING:
  case PEER_APP_WRITING:
    return spec_of (peer)->pattern != TRAFFIC_REQUEST_RESPONSE && spec_of (peer)->bulk_bytes > 0;
  case PEER_APP_SERVING:
    return true;
  }
  SIM_UNREACHABLE ();
}

void
peer_app_run (Peer *peer)
{
  if (peer->finished || peer->over)
    return;
  while (act (peer))
    continue;
  if (peer->host_is_done && !owes (peer)) {
    peer_app_stop (peer);
    peer_finish (peer);
  }
}
