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

Traffic
traffic_of (const TrafficSpec *spec, uint64_t seed, const char *group_name)
{
  SIM_ASSERT (spec->pattern < TRAFFIC_N_PATTERNS);
  if (spec->pattern == TRAFFIC_REQUEST_RESPONSE) {
    SIM_ASSERT (spec->request != NULL);
    SIM_ASSERT (spec->response != NULL);
  }
  if (is_bulk (spec->pattern))
    SIM_ASSERT (spec->bulk_chunk_bytes >= 1);

  return (Traffic){ .spec = *spec,
                    .request = stream_of (seed, group_name, "request"),
                    .response = stream_of (seed, group_name, "response"),
                    .think = stream_of (seed, group_name, "think"),
                    .service = stream_of (seed, group_name, "service") };
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
