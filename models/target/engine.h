/*
 * The protocol engines: a pool that serves jobs, one job of a connection at a time.
 *
 * A job that belongs to a connection waits until the connection is free, then for its context (a
 * cache miss costs cycles, or a read of host memory), then for an engine.  What it does, it does at
 * the end of its service.
 *
 * Order       Jobs of one connection are served in the order in which they were submitted,
 *             whichever engines take them; others first come, first served.
 * Units       Cycles of the engines' clock.  A job's length is its cycles from an edge, rounded
 *             down to a picosecond.
 * Owns        A job is embedded by its owner and borrowed until |done| is called.
 */
#pragma once

#include "models/target/bus.h"
#include "sim/server.h"

typedef struct Target Target;
typedef struct TcpContext TcpContext;
typedef struct EngineJob EngineJob;

typedef void (*EngineDoneFn) (Target *target, EngineJob *job);

struct EngineJob {
  SimJob job;
  BusTransfer fetch; /* of the context, after a miss */
  EngineJob *next;   /* waiting for the connection */
  Target *target;
  TcpContext *context; /* NULL: no connection's */
  int64_t cycles;
  EngineDoneFn done;
};

/* Jobs that wait for their connection. */
typedef struct EngineQueue {
  EngineJob *first, *last;
  bool engaged; /* a job of the connection is being served */
} EngineQueue;

void target_engine_submit (Target *target, EngineJob *job, TcpContext *context, int64_t cycles,
                           EngineDoneFn done);

/* True if no job of the connection is served or waits. */
bool target_engine_is_idle (const TcpContext *context);
