#include "models/traffic/traffic.h"

#include <glib.h>

static SimStream
stream_of (uint64_t seed, const char *group_name, const char *what)
{
  g_autofree char *name = g_strconcat ("traffic/", group_name, "/", what, NULL);
  return sim_stream (seed, name);
}

static bool
is_bulk (TrafficPattern pattern)
{
  switch (pattern) {
  case TRAFFIC_NONE:
  case TRAFFIC_REQUEST_RESPONSE:
  case TRAFFIC_OPEN_LOOP:
  case TRAFFIC_SHORT_FLOWS:
  case TRAFFIC_REPLAY:
    return false;
  case TRAFFIC_SEND:
  case TRAFFIC_RECEIVE:
  case TRAFFIC_BOTH:
    return true;
  case TRAFFIC_N_PATTERNS:
    break;
  }
  SIM_UNREACHABLE ();
}

static bool
has_rounds (TrafficPattern pattern)
{
  return pattern == TRAFFIC_REQUEST_RESPONSE || pattern == TRAFFIC_OPEN_LOOP
         || pattern == TRAFFIC_SHORT_FLOWS;
}

Traffic
traffic_of (const TrafficSpec *spec, uint64_t seed, const char *group_name)
{
  SIM_ASSERT (spec->pattern < TRAFFIC_N_PATTERNS);
  if (has_rounds (spec->pattern)) {
    SIM_ASSERT (spec->request != NULL);
    SIM_ASSERT (spec->response != NULL);
  }
  if (spec->pattern == TRAFFIC_OPEN_LOOP)
    SIM_ASSERT (spec->every != NULL);
  if (spec->pattern == TRAFFIC_SHORT_FLOWS) {
    SIM_ASSERT (spec->every != NULL || spec->concurrent > 0);
    SIM_ASSERT (spec->requests_max > 0);
  }
  if (is_bulk (spec->pattern))
    SIM_ASSERT (spec->bulk_chunk_bytes >= 1);

  return (Traffic){ .spec = *spec,
                    .request = stream_of (seed, group_name, "request"),
                    .response = stream_of (seed, group_name, "response"),
                    .think = stream_of (seed, group_name, "think"),
                    .service = stream_of (seed, group_name, "service"),
                    .every = stream_of (seed, group_name, "every"),
                    .pause = stream_of (seed, group_name, "pause") };
}

void
traffic_set_group (Traffic *traffic, uint32_t first_id, uint32_t count)
{
  traffic->first_id = first_id;
  traffic->count = count;
}

uint32_t
traffic_member (const TrafficSpec *spec, uint32_t n, uint64_t seed, const char *group_name,
                uint32_t connection_id)
{
  uint64_t total = 0, drawn;
  uint32_t i = 0;

  for (uint32_t m = 0; m < n; m++)
    total += spec[m].weight;
  SIM_ASSERT (total > 0);
  drawn = sim_draw_below (stream_of (seed, group_name, "mix"), connection_id, 0, total);
  while (drawn >= spec[i].weight)
    drawn -= spec[i++].weight;
  return i;
}

bool
traffic_has_rounds (const Traffic *traffic)
{
  return has_rounds (traffic->spec.pattern);
}

/* A message has a byte at least, whatever its distribution says. */
static uint32_t
draw_bytes (const SimDist *dist, SimStream stream, uint32_t connection_id, uint64_t n)
{
  SIM_ASSERT (dist != NULL);
  return (uint32_t)CLAMP (sim_dist_draw (dist, stream, connection_id, n), 1, TRAFFIC_BYTES_MAX);
}

static SimDuration
draw_duration (const SimDist *dist, SimStream stream, uint32_t connection_id, uint64_t n)
{
  if (dist == NULL)
    return SIM_DURATION_ZERO;
  return sim_ps (MAX (sim_dist_draw (dist, stream, connection_id, n), 0));
}

/* Opening and closing */

bool
traffic_opens (const Traffic *traffic)
{
  return traffic->spec.pattern == TRAFFIC_SHORT_FLOWS
         || (traffic->spec.pattern == TRAFFIC_REPLAY && traffic->spec.connects);
}

bool
traffic_closes (const Traffic *traffic, bool is_peer)
{
  if (traffic->spec.pattern == TRAFFIC_SHORT_FLOWS)
    return traffic->spec.peer_closes == is_peer;
  return traffic_opens (traffic);
}

static bool
is_by_clock (const Traffic *traffic)
{
  return traffic->spec.pattern == TRAFFIC_REPLAY || traffic->spec.every != NULL;
}

SimTime
traffic_opening (const Traffic *traffic, uint32_t connection_id, SimTime before)
{
  uint32_t k = connection_id - traffic->first_id;

  SIM_ASSERT (traffic_opens (traffic));
  SIM_ASSERT (k < traffic->count);
  if (traffic->spec.pattern == TRAFFIC_REPLAY)
    return k < traffic->spec.n_flows ? traffic->spec.flows[k].start : SIM_TIME_NEVER;
  if (traffic->spec.every != NULL)
    return sim_time_add (before, traffic_every (traffic, connection_id, 0));
  return k < traffic->spec.concurrent ? before : SIM_TIME_NEVER;
}

bool
traffic_next_by_clock (const Traffic *traffic, uint32_t connection_id, uint32_t *ret_id)
{
  if (!is_by_clock (traffic) || connection_id + 1 - traffic->first_id >= traffic->count)
    return false;
  *ret_id = connection_id + 1;
  return true;
}

bool
traffic_successor (const Traffic *traffic, uint32_t connection_id, uint32_t *ret_id,
                   SimDuration *ret_pause)
{
  uint32_t k = connection_id - traffic->first_id;

  if (is_by_clock (traffic) || traffic->count - k <= traffic->spec.concurrent)
    return false;
  *ret_id = connection_id + traffic->spec.concurrent;
  *ret_pause = draw_duration (traffic->spec.pause, traffic->pause, *ret_id, 0);
  return true;
}

/* Flows */

const TrafficFlow *
traffic_flow (const Traffic *traffic, uint32_t connection_id, uint64_t n)
{
  uint64_t k = connection_id - traffic->first_id;

  SIM_ASSERT (traffic->spec.pattern == TRAFFIC_REPLAY);
  if (traffic->spec.connects && n > 0)
    return NULL;
  uint64_t index = k + n * traffic->count;
  return index < traffic->spec.n_flows ? &traffic->spec.flows[index] : NULL;
}

uint32_t
traffic_request_bytes (const Traffic *traffic, uint32_t connection_id, uint64_t n)
{
  return draw_bytes (traffic->spec.request, traffic->request, connection_id, n);
}

uint32_t
traffic_response_bytes (const Traffic *traffic, uint32_t connection_id, uint64_t n)
{
  return draw_bytes (traffic->spec.response, traffic->response, connection_id, n);
}

SimDuration
traffic_think (const Traffic *traffic, uint32_t connection_id, uint64_t n)
{
  return draw_duration (traffic->spec.think, traffic->think, connection_id, n);
}

SimDuration
traffic_service (const Traffic *traffic, uint32_t connection_id, uint64_t n)
{
  return draw_duration (traffic->spec.service, traffic->service, connection_id, n);
}

SimDuration
traffic_every (const Traffic *traffic, uint32_t connection_id, uint64_t n)
{
  return draw_duration (traffic->spec.every, traffic->every, connection_id, n);
}
