/*
 * A server: k slots that each take one job at a time, and a bounded queue before them.
 *
 * Engines, DMA channels and buses are servers.  However many jobs wait, a server holds one pending
 * event for each busy slot at most.
 *
 * Order       First come, first served.  Jobs that end in one instant end in slot order.
 * Owns        Jobs are embedded by their owner and borrowed until |done| is called.
 * Errors      A full queue refuses the job: sim_server_submit returns false.
 */
#pragma once

#include "sim/sim.h"

typedef struct SimServer SimServer;
typedef struct SimJob SimJob;

typedef void (*SimJobFn) (Sim *sim, SimJob *job);

struct SimJob {
  SimJob *next;        /* the server's */
  SimDuration service; /* how long a slot is held */
  SimJobFn done;       /* called at the end of service; the job is the owner's again */
  void *owner;
  SimTime submitted; /* set by submit: for queueing delay */
  SimTime started;   /* set when a slot is taken */
};

typedef struct SimServerConfig {
  uint32_t slots;       /* 1 to SIM_SERVER_SLOTS_MAX */
  uint32_t queue_limit; /* jobs waiting, beyond those in service; 0: no limit */
  SimPhase phase;
  uint32_t actor_id;
} SimServerConfig;

#define SIM_SERVER_SLOTS_MAX 64

typedef struct SimServerStats {
  uint64_t jobs; /* finished */
  uint64_t refused;
  SimDuration busy; /* slot-time in service, summed over slots, up to now */
  uint32_t queue_peak;
  uint32_t queued;
} SimServerStats;

SimServer *sim_server_new (Sim *sim, SimServerConfig config);
void sim_server_free (SimServer *server);

/* sim_server_submit queues |job| or starts it at once; false: the queue is full, nothing changed.
 * Safe from within a |done|. */
bool sim_server_submit (SimServer *server, SimJob *job);

uint32_t sim_server_slots (const SimServer *server);
SimServerStats sim_server_stats (const SimServer *server);
