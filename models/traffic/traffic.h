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
#include "sim/time.h"

typedef enum TrafficPattern {
  TRAFFIC_NONE,             /* idle: timeline events do everything */
  TRAFFIC_REQUEST_RESPONSE, /* closed loop: think, request, response, and again */
  TRAFFIC_SEND,             /* bulk from the host to the peer */
  TRAFFIC_RECEIVE,          /* bulk from the peer to the host */
  TRAFFIC_BOTH,             /* bulk both ways at once */
  TRAFFIC_N_PATTERNS,
} TrafficPattern;

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
} TrafficSpec;

/* The longest message: a stream's share of the sequence space stays unambiguous. */
#define TRAFFIC_BYTES_MAX (INT32_C (1) << 30)

/* The draws of one connection group. */
typedef struct Traffic {
  TrafficSpec spec;
  SimStream request, response, think, service;
} Traffic;

Traffic traffic_of (const TrafficSpec *spec, uint64_t seed, const char *group_name);

uint32_t traffic_request_bytes (const Traffic *traffic, uint32_t connection_id, uint64_t n);
uint32_t traffic_response_bytes (const Traffic *traffic, uint32_t connection_id, uint64_t n);
SimDuration traffic_think (const Traffic *traffic, uint32_t connection_id, uint64_t n);
SimDuration traffic_service (const Traffic *traffic, uint32_t connection_id, uint64_t n);
