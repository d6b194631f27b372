/*
 * What the host's files know of a Host: private to models/host/.
 *
 * Owns        The host owns everything here except the Sim, Ndis and the traffic of its
 *             applications.
 */
#pragma once

#include "models/host/chooser.h"
#include "models/host/config.h"
#include "models/host/connection.h"
#include "models/host/control.h"
#include "models/host/host.h"
#include "models/host/neighbor.h"
#include "models/host/path.h"
#include "models/host/power.h"
#include "models/host/processors.h"
#include "models/host/returns.h"
#include "models/host/sockets.h"
#include "models/ndis/ndis.h"
#include "sim/pool.h"

typedef struct HostManager HostManager;

struct Host {
  Sim *sim;
  SimTrace *trace;
  HostConfig config;
  Ndis *ndis;                  /* known from the registration on */
  NDIS_BINDING_HANDLE binding; /* known from the binding on */
  Processors processors;
  Connection *connection; /* n_connections of the configuration */
  HostPath *path;
  HostNeighbor *neighbor;
  uint32_t n_paths, n_neighbors;
  uint32_t *bucket; /* by tuple hash: connection id or UINT32_MAX */
  uint32_t n_buckets;
  SimPool *held_segments;
  TcpStore *tcp_store;
  HostReturns returns;
  HostManager *manager;
  SimStream cost_stream[HOST_N_COSTS]; /* by name: a new cost shifts nobody's draws */
  uint64_t cost_draws[HOST_N_COSTS];
  HostPower power;
  Chooser chooser;
  HostControl control;
  HostNeighbors neighbors;
  HostSockets sockets;
  uint32_t n_owner[OWN_N_STATES]; /* connections in each state */
  uint32_t n_established;         /* connections that are */
  uint32_t frames_out;            /* ordinary frames with the drivers below */
  bool started;
  uint64_t n_moves;     /* how often a path has changed its neighbor */
  bool parents_changed; /* a path or neighbor may have been left alone with the target */
  HostStats stats;
};

static inline Connection *
host_connection (Host *host, uint32_t id)
{
  SIM_ASSERT (id < host->config.n_connections);
  SIM_ASSERT (host->connection[id].added);
  return &host->connection[id];
}

static inline HostPath *
host_path_of (Host *host, const Connection *c)
{
  return &host->path[c->path_index];
}

static inline HostNeighbor *
host_neighbor_of (Host *host, const HostPath *path)
{
  return &host->neighbor[path->setup.neighbor_index];
}

static inline bool
host_has_defect (const Host *host, HostDefect defect)
{
  return host->config.defects >> defect & 1;
}

/* Object ids: neighbors from 1, paths behind them, connections behind those.  They are fixed when
 * the host starts. */
HostNeighbor *host_neighbor_by_object (Host *host, uint32_t object_id);
HostPath *host_path_by_object (Host *host, uint32_t object_id);

/* host_init_connection makes the connection, its TCP and its place in the demultiplexer
 * excepted. */
void host_init_connection (Host *host, Connection *c, const HostConnectionSetup *setup);

/* host_strikes tells the trace that a defect has struck; true if it is switched on. */
bool host_strikes (Host *host, HostDefect defect, uint32_t object_id);
