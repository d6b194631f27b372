/*
 * A crossing: one call of a driver, through NDIS, to a handler of its neighbour.  Private to
 * models/ndis.
 *
 * It has two halves, each a begin and an end in the trace: the NdisXxx function in the caller's
 * layer, and the handler it leads to in the callee's.  A verb says what is special about one
 * documented function.
 *
 * Order       1. ndis_cross, in the caller's step: asks the processor for the Ndis frame. 2. When
 *             the caller's cycles have passed, the Ndis half begins; NDIS's cycles are charged,
 *             lists converted. 3. When those have passed, the handler half begins and the handler
 *             runs its first step. 4. When the handler's frame has ended, both halves end, the
 *             inner one first; then the caller's
 *                continuation runs.
 * Owns        Crossings come from a pool of Ndis and go back at 4.
 * Errors      A caller that hands over what it does not hold (completes twice, returns twice) gets
 *             its Ndis half only, ended with NDIS_STATUS_INVALID_STATE: a rule can see it and
 *             nobody is harmed.
 */
#pragma once

#include "models/ndis/stack.h"

typedef struct NdisCrossing NdisCrossing;

typedef enum NdisLoad {
  NDIS_LOAD_TREE,    /* an operation's tree */
  NDIS_LOAD_BLOCK,   /* a block that stays the caller's */
  NDIS_LOAD_BUFFERS, /* buffer lists */
  NDIS_LOAD_NONE,
} NdisLoad;

typedef enum NdisReturns {
  NDIS_RETURNS_NOTHING,
  NDIS_RETURNS_PENDING,
  NDIS_RETURNS_SUCCESS,
  NDIS_RETURNS_RESULT, /* what the handler returned */
} NdisReturns;

typedef struct NdisVerb {
  NdisCall call;
  NdisCall handler;
  AccountWay way;
  NdisLoad load;
  NdisReturns returns;
  LatencyClass latency; /* of the operation, which leaves STAGE records; N_LATENCIES: none */
  void (*measure) (NdisCrossing *crossing); /* columns that differ from the load's own */
  /* At the Ndis half, before conversion; false: there will be no handler half.  NULL: always
   * true. */
  bool (*admit) (NdisCrossing *crossing);
  NdisResult (*run) (NdisCrossing *crossing);
  void (*after) (
      NdisCrossing *crossing); /* the handler's frame has ended; its half has its result */
} NdisVerb;

struct NdisCrossing {
  Ndis *ndis;
  const NdisVerb *verb;
  NDIS_BINDING_HANDLE binding; /* the edge */
  NdisLane *lane;
  NdisHalf ndis_half;
  NdisHalf handler_half;
  bool is_down;
  bool is_tail;   /* no continuation: a result becomes the caller's */
  bool was_heard; /* the handler half took place */
  /* What is handed over. */
  NDIS_MINIPORT_OFFLOAD_BLOCK_LIST *tree;
  NET_BUFFER_LIST *buffers;
  NDIS_OFFLOAD_HANDLE *handle;
  NDIS_TOKEN context; /* MiniportOffloadContext, taken out of the handle */
  NDIS_OID_REQUEST *request;
  const void *status_buffer;
  NDIS_STATUS status;
  uint32_t word[2]; /* flags; event type and information; indication code */
  /* Columns of the trace. */
  uint32_t op;
  uint32_t object;
  uint32_t connection;
  int64_t arg[2];
  uint32_t count; /* nodes or buffer lists */
  SimWork work;   /* when NDIS itself makes the call, later */
};

/* ndis_crossing_new takes a crossing of |binding|'s edge. */
NdisCrossing *ndis_crossing_new (const NdisVerb *verb, NDIS_BINDING_HANDLE binding);

/* ndis_cross makes the crossing, as the last act of the running step. */
void ndis_cross (NdisCrossing *crossing);

/* ndis_cross_later makes a crossing of NDIS's own, without Ndis half, in a work item on the running
 * processor. */
void ndis_cross_later (NdisCrossing *crossing);
/* ndis_cross_on makes it on |cpu| at |level|; no step need be running. */
void ndis_cross_on (NdisCrossing *crossing, SimCpu *cpu, SimLevel level);

/* Layers of the two sides. */
NdisLayer *ndis_crossing_caller (const NdisCrossing *crossing);
NdisLayer *ndis_crossing_callee (const NdisCrossing *crossing);

/* A half by itself: registration is traced with it. */
void ndis_half_begin (Ndis *ndis, NdisLane *lane, NdisHalf *half, const int64_t arg[2],
                      uint32_t object);
void ndis_half_end (Ndis *ndis, NdisLane *lane, const NdisHalf *half);
