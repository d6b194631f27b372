/*
 * Indicated buffer lists that the host has accepted and gives back: soon, or after a delay.
 *
 * A list is the host's only when its handler has returned.  So it is put aside on the processor of
 * the indication and looked at by passive work there, which cannot run before.
 *
 * Order       First accepted, first due: the delay is one number of the configuration.
 * Owns        A buffer list belongs to its connection from its acceptance until
 *             NdisOffloadTcpReceiveReturn.
 * Source      RET-02, IND-04.
 */
#pragma once

#include "models/ndis/nbl.h"
#include "sim/cpu.h"
#include "sim/pool.h"
#include "sim/sim.h"

typedef struct Host Host;
typedef struct Connection Connection;
typedef struct HostReturn HostReturn;

typedef struct HostReturnList {
  HostReturn *first, *last;
} HostReturnList;

/* What was accepted on one processor. */
typedef struct HostReturnDesk {
  HostReturnList fresh;
  SimWork work;
} HostReturnDesk;

typedef struct HostReturns {
  HostReturnDesk *desk; /* one for each processor */
  HostReturnList delayed;
  SimPool *pool;
  SimEvent event;
} HostReturns;

void returns_init (Host *host);
void returns_clear (Host *host);
/* returns_add takes |nbl|, an indication on |c| that the running handler accepts. */
void returns_add (Host *host, Connection *c, NET_BUFFER_LIST *nbl);
