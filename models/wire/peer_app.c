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
may_close (const Peer *peer)
{
  return traffic_closes (peer->traffic, true);
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
  if (has_next_exchange (peer) && spec_of (peer)->pattern == TRAFFIC_OPEN_LOOP) {
    SimDuration every = traffic_every (peer->traffic, peer->connection_id, peer->exchange);
    peer->arrival = sim_time_add (peer->arrival, every);
    peer->app_state = PEER_APP_THINKING;
    peer->app_at = sim_time_max (peer->arrival, sim_now (peer->peers->sim));
  } else if (has_next_exchange (peer))
    act_after (peer, PEER_APP_THINKING,
               traffic_think (peer->traffic, peer->connection_id, peer->exchange));
  else
    peer_app_stop (peer);
}

void
peer_app_begin (Peer *peer)
{
  peer_app_stop (peer);
  if (traffic_opens (peer->traffic))
    peer->app_state = PEER_APP_UNOPENED;
  else if (traffic_has_rounds (peer->traffic) && !spec_of (peer)->peer_asks)
    await_request (peer);
}

/* The next recorded flow that is ours to send. */
static void
await_flow (Peer *peer)
{
  const TrafficFlow *flow;

  peer_app_stop (peer);
  do
    flow = traffic_flow (peer->traffic, peer->connection_id, peer->exchange);
  while (flow != NULL && !flow->to_host && ++peer->exchange > 0);
  if (flow == NULL)
    return;
  peer->app_state = PEER_APP_THINKING;
  peer->app_at = sim_time_max (flow->start, sim_now (peer->peers->sim));
}

static void
begin_traffic (Peer *peer)
{
  peer->arrival = sim_now (peer->peers->sim);
  switch (spec_of (peer)->pattern) {
  case TRAFFIC_NONE:
  case TRAFFIC_SEND:
    return;
  case TRAFFIC_REQUEST_RESPONSE:
  case TRAFFIC_OPEN_LOOP:
  case TRAFFIC_SHORT_FLOWS:
    if (spec_of (peer)->peer_asks)
      think (peer);
    else if (traffic_opens (peer->traffic))
      await_request (peer);
    return;
  case TRAFFIC_RECEIVE:
  case TRAFFIC_BOTH:
    act_after (peer, PEER_APP_THINKING, traffic_think (peer->traffic, peer->connection_id, 0));
    return;
  case TRAFFIC_REPLAY:
    await_flow (peer);
    return;
  case TRAFFIC_N_PATTERNS:
    break;
  }
  SIM_UNREACHABLE ();
}

/* Opening */

static void
arm_opening (Peer *peer, SimTime when)
{
  if (sim_time_is_never (when) || peer->app_state != PEER_APP_UNOPENED)
    return;
  peer->app_state = PEER_APP_OPENING;
  peer->app_at = when;
}

static void
start_opening (Peer *peer)
{
  const Traffic *traffic = peer->traffic;
  uint32_t next;
  bool is_by_clock = traffic_next_by_clock (traffic, traffic->first_id, &next);

  if (spec_of (peer)->peer_opens && (!is_by_clock || peer->connection_id == traffic->first_id))
    arm_opening (peer, traffic_opening (traffic, peer->connection_id, sim_now (peer->peers->sim)));
}

static void
open_now (Peer *peer)
{
  uint32_t next;

  if (traffic_next_by_clock (peer->traffic, peer->connection_id, &next)) {
    Peer *follower = peer_at (peer->peers, next);
    arm_opening (follower, traffic_opening (peer->traffic, next, peer->app_at));
    peer_arm (follower);
  }
  peer_app_stop (peer);
  peer_connect (peer);
}

void
peer_app_connected (Peer *peer)
{
  begin_traffic (peer);
}

void
peer_app_ended (Peer *peer)
{
  SimDuration pause;
  uint32_t next;

  peer_app_stop (peer);
  if (!traffic_opens (peer->traffic) || !spec_of (peer)->peer_opens
      || !traffic_successor (peer->traffic, peer->connection_id, &next, &pause))
    return;
  Peer *follower = peer_at (peer->peers, next);
  arm_opening (follower, sim_time_add (sim_now (peer->peers->sim), pause));
  peer_arm (follower);
}

void
peer_app_start (Peer *peer)
{
  if (traffic_opens (peer->traffic))
    start_opening (peer);
  else
    begin_traffic (peer);
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

/* The whole flow at once: TCP sends it as the window allows.  The next one waits until all has gone
 * out once. */
static bool
write_flow (Peer *peer)
{
  if (tcp_unsent_bytes (&peer->tcb) > 0) {
    peer->app_at = SIM_TIME_NEVER;
    return false;
  }
  peer_write (peer, traffic_flow (peer->traffic, peer->connection_id, peer->exchange)->bytes);
  peer->exchange++;
  await_flow (peer);
  return true;
}

/* One thing that the application can do now; false: nothing. */
static bool
act (Peer *peer)
{
  bool is_time = !sim_time_before (sim_now (peer->peers->sim), peer->app_at);

  switch ((PeerAppState)peer->app_state) {
  case PEER_APP_IDLE:
  case PEER_APP_UNOPENED:
    return false;
  case PEER_APP_OPENING:
    if (is_time)
      open_now (peer);
    return is_time;
  case PEER_APP_THINKING:
    if (!is_time && !sim_time_is_never (peer->app_at))
      return false;
    if (spec_of (peer)->pattern == TRAFFIC_REPLAY)
      return write_flow (peer);
    if (!is_time)
      return false;
    if (traffic_has_rounds (peer->traffic))
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
  case PEER_APP_UNOPENED:
  case PEER_APP_OPENING:
  case PEER_APP_AWAITING:
    return false;
  case PEER_APP_THINKING:
  case PEER_APP_WRITING:
    return !traffic_has_rounds (peer->traffic) && spec_of (peer)->bulk_bytes > 0;
  case PEER_APP_SERVING:
    return true;
  }
  SIM_UNREACHABLE ();
}

/* It has done all that it came for, and is the one that closes. */
static bool
is_through (const Peer *peer)
{
  if (peer->app_state != PEER_APP_IDLE || !may_close (peer)
      || !tcp_state_can_send (tcp_state (&peer->tcb)))
    return false;
  return traffic_has_rounds (peer->traffic)
             ? !has_next_exchange (peer)
             : traffic_flow (peer->traffic, peer->connection_id, 0)->to_host;
}

void
peer_app_run (Peer *peer)
{
  if (peer->finished || peer->over)
    return;
  while (act (peer))
    continue;
  if (is_through (peer))
    peer_finish (peer);
  else if (peer->host_is_done && !owes (peer)) {
    peer_app_stop (peer);
    peer_finish (peer);
  }
}
