/*
 * The switch: which way an application's I/O goes, connection by connection.
 *
 * While the host runs a connection its I/O goes through the host's TCP, while the target has it
 * down the chimney, and in between it waits: the switch takes nothing and the application is woken
 * when the owner is settled.
 *
 * Order       Called in steps; costs are charged to the step.
 * Source      ARCH-01.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "models/ndis/types.h"
#include "models/trace/trace.h"

typedef struct Host Host;
typedef struct Connection Connection;

/* switch_send takes |bytes| from the application and gives how many it took: all or none. */
uint32_t switch_send (Host *host, Connection *c, uint32_t bytes);

/* switch_receive gives the application what the host's TCP has received. */
void switch_receive (Host *host, Connection *c);

/* switch_deliver says that |bytes| at the end of what is delivered went to the application on
 * |path|. */
void switch_deliver (Host *host, Connection *c, uint32_t bytes, TracePath path);

/* switch_close closes the send half after the data, switch_abort the connection; false: not now. */
bool switch_close (Host *host, Connection *c);
bool switch_abort (Host *host, Connection *c);

/* switch_trace_route tells the trace that I/O of the kind |call| goes by |path|. */
void switch_trace_route (Host *host, const Connection *c, NdisCall call, TracePath path);

/* switch_charge books one look of the switch. */
void switch_charge (Host *host, TracePath path);

/* The way that an application's work on |c| is booked to. */
AccountWay switch_way (const Connection *c);
