/*
 * Traffic: what the applications at the two ends of a connection do, as a function of its number.
 *
 * Both ends ask the same questions (how many bytes has request n of connection c, how long is the
 * think time before it) and get the same answers, since each answer is a keyed draw: no message has
 * to carry them.
 *
 * Units       Bytes and picoseconds.  Requests count from 0.
 * Owns        Distributions are borrowed for the run.
 * Errors      A specification that lacks what its pattern needs asserts: the loader has checked it.
 * Invariants  An answer depends on (seed, group name, connection, n) only.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "sim/dist.h"
#include "sim/random.h"
#include "sim/time.h"

typedef enum TrafficPattern {
  TRAFFIC_NONE,             /* idle: timeline events do everything */
  TRAFFIC_REQUEST_RESPONSE, /* closed loop: think, request, response, and again */
  TRAFFIC_OPEN_LOOP,        /* requests come by the clock; one waits while another is under way */
  TRAFFIC_SEND,             /* bulk from the host to the peer */
  TRAFFIC_RECEIVE,          /* bulk from the peer to the host */
  TRAFFIC_BOTH,             /* bulk both ways at once */
  TRAFFIC_SHORT_FLOWS,      /* connections opened during the run: a few requests, and closed */
  TRAFFIC_REPLAY,           /* a recorded list of flows */
  TRAFFIC_N_PATTERNS,
} TrafficPattern;

/* One flow of a recorded list. */
typedef struct TrafficFlow {
  SimTime start;
  uint32_t bytes; /* 1 to TRAFFIC_BYTES_MAX */
  bool to_host;
} TrafficFlow;

typedef struct TrafficSpec {
  TrafficPattern pattern;
  bool peer_asks;            /* request_response: the peer sends requests and the host answers */
  const SimDist *request;    /* bytes, at least 1 */
  const SimDist *response;   /* bytes, at least 1 */
  const SimDist *think;      /* ps before each request, the first included; NULL: none */
  const SimDist *service;    /* ps the answering side takes; NULL: none */
  uint64_t bulk_bytes;       /* bulk patterns: bytes each way; 0: without end */
  uint32_t bulk_chunk_bytes; /* bulk patterns: bytes an application writes at a time */
  uint32_t requests_max;     /* 0: without end */
  const SimDist *every;      /* open_loop: ps from request to request; short_flows: from opening to
                           opening, NULL: |concurrent| decides */
  uint32_t concurrent;  /* short_flows: as many are open, each followed by another after |pause| */
  const SimDist *pause; /* short_flows: ps from the end of one to the opening of the next */
  bool peer_opens, peer_closes; /* short_flows: whose TCP opens; who closes first */
  const TrafficFlow *flows;     /* replay: by ascending start */
  uint32_t n_flows;
  bool connects;   /* replay: flow n is a connection of its own, the n-th of its group */
  uint32_t weight; /* in a mix */
} TrafficSpec;

/* The longest message: a stream's share of the sequence space stays unambiguous. */
#define TRAFFIC_BYTES_MAX (INT32_C (1) << 30)

/* The draws of one connection group. */
typedef struct Traffic {
  TrafficSpec spec;
  SimStream request, response, think, service, every, pause;
  uint32_t first_id, count; /* connections of the group */
} Traffic;

/* traffic_of makes the draws of a group without connections; traffic_set_group says which are
 * its. */
Traffic traffic_of (const TrafficSpec *spec, uint64_t seed, const char *group_name);
void traffic_set_group (Traffic *traffic, uint32_t first_id, uint32_t count);

/* traffic_member deals connection |connection_id| of a group one of |n| specifications by their
 * weights. */
uint32_t traffic_member (const TrafficSpec *spec, uint32_t n, uint64_t seed, const char *group_name,
                         uint32_t connection_id);

/* True for patterns of requests and responses. */
bool traffic_has_rounds (const Traffic *traffic);
/* True if its connections are opened during the run. */
bool traffic_opens (const Traffic *traffic);
/* True if the application of that side closes when its rounds or flows are done. */
bool traffic_closes (const Traffic *traffic, bool is_peer);

/* When a connection is opened: |before| is when the one before it was, or the begin of the run.
 * SIM_TIME_NEVER: when another one ends, or never. */
SimTime traffic_opening (const Traffic *traffic, uint32_t connection_id, SimTime before);
/* The connection that is opened when |connection_id| has ended, after *|ret_pause|; false: none. */
bool traffic_successor (const Traffic *traffic, uint32_t connection_id, uint32_t *ret_id,
                        SimDuration *ret_pause);
/* The connection whose opening follows that of |connection_id| by the clock; false: none. */
bool traffic_next_by_clock (const Traffic *traffic, uint32_t connection_id, uint32_t *ret_id);

/* traffic_flow is flow |n| of a connection in a replay; NULL: it has no more. */
const TrafficFlow *traffic_flow (const Traffic *traffic, uint32_t connection_id, uint64_t n);

SimDuration traffic_every (const Traffic *traffic, uint32_t connection_id, uint64_t n);

uint32_t traffic_request_bytes (const Traffic *traffic, uint32_t connection_id, uint64_t n);
uint32_t traffic_response_bytes (const Traffic *traffic, uint32_t connection_id, uint64_t n);
SimDuration traffic_think (const Traffic *traffic, uint32_t connection_id, uint64_t n);
SimDuration traffic_service (const Traffic *traffic, uint32_t connection_id, uint64_t n);
