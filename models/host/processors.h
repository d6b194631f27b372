/*
 * The host's processors: which connection runs where, what it has to do there, and what that costs.
 *
 * A connection belongs to one processor (by its RSS hash).  What it has to do is a set of jobs; a
 * processor works its connections off first come, first served, DPC jobs before passive ones, one
 * job a work item.
 *
 * Order       A job runs at the begin of its frame and may go on in further steps; the connection's
 *             next passive job starts after that frame has ended.
 * Owns        Processors are the host's; queues are links through the connections.
 */
#pragma once

#include "models/host/connection.h"
#include "models/host/cost.h"
#include "models/ndis/oid.h"
#include "models/trace/trace.h"
#include "sim/cpu.h"

typedef struct Processor {
  Host *host;
  SimCpu *cpu;
  SimWork work[SIM_N_LEVELS];
  uint32_t first[SIM_N_LEVELS], last[SIM_N_LEVELS]; /* connection ids; UINT32_MAX: none */
} Processor;

typedef struct Processors {
  Processor *processor;
  SimCpu **cpu;
  uint32_t n;
  uint8_t table[NDIS_RSS_TABLE_ENTRIES]; /* processor of each hash bucket */
} Processors;

void processors_init (Host *host);
void processors_clear (Host *host);

/* The hash of a connection's tuple, and the processor it lands on. */
uint32_t processors_hash (TcpTuple tuple);
uint8_t processors_of_hash (const Host *host, uint32_t hash);

/* processors_defer gives |c| a job; a job it has already is not given twice. */
void processors_defer (Host *host, Connection *c, HostJob job);

/* processors_thaw gives out the jobs that were kept while their kind was frozen. */
void processors_thaw (Host *host);

/* processors_charge books |units| of |cost| on the processor whose step is running.  For costs per
 * KiB, |units| are bytes. */
void processors_charge (Host *host, HostCost cost, AccountPart part, AccountWay way,
                        uint64_t units);

/* processors_then leaves |step| as the next step of the running frame, with the host and
 * |object|. */
void processors_then (Host *host, SimStepFn step, void *object);
