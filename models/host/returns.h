/*
 * Indicated buffer lists that the host has accepted and gives back: at once, or after a delay.
 *
 * Order       First accepted, first due: the delay is one number of the configuration.
 * Owns        A buffer list belongs to its connection from its acceptance until NdisOffloadTcpReceiveReturn.
 * Source      RET-02, IND-04.
 */
#pragma once

#include "models/ndis/nbl.h"
#include "sim/pool.h"
#include "sim/sim.h"

typedef struct Host Host;
typedef struct Connection Connection;
typedef struct HostReturn HostReturn;

typedef struct HostReturns {
  HostReturn *first, *last;
  SimPool *pool;
  SimEvent event;
} HostReturns;

void returns_init (Host *host);
void returns_clear (Host *host);
/* returns_add takes |nbl|, an accepted indication on |c|. */
void returns_add (Host *host, Connection *c, NET_BUFFER_LIST *nbl);
