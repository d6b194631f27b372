/*
 * What an offloaded connection has to pass down next, as buffer lists.
 *
 * Order       Returns before forwards before receives before sends before a disconnect.
 * Owns        The caller passes the lists down; counters of what is posted are kept here.
 * Source      decision 9 (no returns during an initiate); FWD-01, RECV-03, RECV-11, IND-08,
 *             DISC-01, DISC-09.
 */
#pragma once

#include "models/ndis/nbl.h"

typedef struct Host Host;
typedef struct Connection Connection;

/* Bytes of one send request at most, and requests of one call. */
#define CHIMNEY_SEND_BYTES_MAX 65536
#define CHIMNEY_SENDS_MAX 8

typedef enum ChimneyKind {
  CHIMNEY_NOTHING,
  CHIMNEY_RETURNS,
  CHIMNEY_FORWARDS,
  CHIMNEY_RECEIVES,
  CHIMNEY_SENDS,
  CHIMNEY_DISCONNECT,
} ChimneyKind;

/* chimney_plan tells what comes next, and of how many requests it consists; it changes nothing. */
ChimneyKind chimney_plan (Host *host, const Connection *c, uint32_t *ret_count);

/* chimney_take gives the list that was planned; NULL if there is no memory.  |ret_flags| is of a
 * disconnect. */
NET_BUFFER_LIST *chimney_take (Host *host, Connection *c, ChimneyKind kind, uint32_t *ret_flags);
