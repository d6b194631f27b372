/*
 * Which connection a segment is for: a hash table by tuple.
 *
 * Owns        The table is the host's.
 * Invariants  A tuple is added once, or again by the socket that follows another there.  Order of
 *             buckets reaches no result: a look-up has one answer.
 */
#pragma once

#include "models/tcp/segment.h"

typedef struct Host Host;
typedef struct Connection Connection;

void demux_init (Host *host);
void demux_clear (Host *host);
/* demux_add makes |c| the one for segments that come to its tuple; a socket that is over gives
 * way. */
void demux_add (Host *host, const Connection *c);
/* demux_find gives the connection a received segment is for, or NULL. */
Connection *demux_find (Host *host, TcpTuple received);
