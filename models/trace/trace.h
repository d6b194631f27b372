/*
 * What the models write down: calls, records, resources, stages, choice sites and accounts by name.
 *
 * Each list stands once, in a .def file; enum, names and columns are made from it.
 *
 * Invariants  Values are integers and ids; nothing in a record depends on an address.
 */
#pragma once

#include "sim/choice.h"
#include "sim/trace.h"

typedef enum NdisCall {
  NDIS_CALL_NONE,
#define CALL(id, direction) NDIS_CALL_##id,
#include "models/trace/calls.def"
#undef CALL
  NDIS_N_CALLS
} NdisCall;

typedef enum TraceKind {
#define KIND(id, name, category, prints, ...) TRACE_##id,
#include "models/trace/kinds.def"
#undef KIND
  TRACE_N_KINDS
} TraceKind;

/* Number of columns of each kind, for TRACE. */
enum {
#define KIND(id, name, category, prints, ...) \
  TRACE_N_##id = sizeof ((const char *const[]){ __VA_ARGS__ }) / sizeof (const char *),
#include "models/trace/kinds.def"
#undef KIND
};

typedef enum TraceResource {
#define RESOURCE(id, name) TRACE_RESOURCE_##id,
#include "models/trace/resources.def"
#undef RESOURCE
  TRACE_N_RESOURCES
} TraceResource;

typedef enum TraceConfigKey {
#define CONFIG_KEY(id, name) TRACE_CONFIG_##id,
#include "models/trace/config_keys.def"
#undef CONFIG_KEY
  TRACE_N_CONFIG_KEYS
} TraceConfigKey;

typedef enum LatencyClass {
#define LATENCY(id, name) LATENCY_##id,
#define STAGE(id, name)
#include "models/trace/stages.def"
#undef LATENCY
#undef STAGE
  N_LATENCIES
} LatencyClass;

typedef enum LatencyStage {
#define LATENCY(id, name)
#define STAGE(id, name) STAGE_##id,
#include "models/trace/stages.def"
#undef LATENCY
#undef STAGE
  N_STAGES
} LatencyStage;

/* A stage inside intermediate driver |layer| (1 is the topmost). */
#define STAGE_OF_IM(stage, layer) ((int64_t)(stage) | ((int64_t)(layer) << 8))

typedef enum ChoiceSite {
#define SITE(id, name, text) SITE_##id,
#include "models/trace/sites.def"
#undef SITE
  N_SITES
} ChoiceSite;

/* Host cycles are booked to ACCOUNT (part, way). */
typedef enum AccountPart {
#define PART(id, name) PART_##id,
#include "models/trace/accounts.def"
#undef PART
  N_PARTS
} AccountPart;

typedef enum AccountWay {
  WAY_HOST,    /* the host's own TCP/IP path */
  WAY_CHIMNEY, /* data and events of offloaded connections */
  WAY_STATE,   /* moving and changing state objects */
  N_WAYS
} AccountWay;

#define ACCOUNT(part, way) ((uint32_t)(part)*N_WAYS + (uint32_t)(way))
#define N_ACCOUNTS (N_PARTS * N_WAYS)

/* Who owns a connection (OWNER records). */
typedef enum TraceOwner {
  OWNER_HOST,
  OWNER_GOING_DOWN,
  OWNER_TARGET,
  OWNER_GOING_UP,
  N_OWNERS
} TraceOwner;

typedef enum TraceSide {
  SIDE_HOST,
  SIDE_TARGET,
  SIDE_PEER,
  SIDE_ATTACKER,
} TraceSide;

typedef enum TracePath {
  PATH_HOST,
  PATH_CHIMNEY,
} TracePath;

/* Codes of APP_EVENT's |what|. */
typedef enum TraceAppEvent {
  APP_REQUEST,
  APP_RESPONSE,
  APP_CLOSED,
  APP_ABORTED,
  APP_END_OF_STREAM,
  APP_CONNECTED,
  APP_OPENED,
  APP_ENDED,
} TraceAppEvent;

extern const SimTraceKind trace_kinds[TRACE_N_KINDS];

/* Names; all static strings, NULL for a value out of range. */
const char *trace_call_name (NdisCall call);
/* True for NdisXxx and MiniportXxx: the call goes down. */
bool trace_call_is_down (NdisCall call);
/* The call of that name, NDIS_CALL_NONE if there is none. */
NdisCall trace_call_by_name (const char *name);
const char *trace_resource_name (TraceResource resource);
const char *trace_latency_name (LatencyClass latency);
const char *trace_stage_name (LatencyStage stage);
const char *trace_site_name (ChoiceSite site);
const char *trace_site_text (ChoiceSite site);
const char *trace_part_name (AccountPart part);
const char *trace_owner_name (TraceOwner owner);
