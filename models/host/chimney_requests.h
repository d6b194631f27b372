/*
 * What an offloaded connection has to pass down next, as buffer lists.
 *
 * Owns        The caller passes the lists down; counters of what is posted are kept here.
 */
#pragma once

#include "models/ndis/nbl.h"

typedef struct Host Host;
typedef struct Connection Connection;

/* Each gives a list, or NULL if there is nothing of its kind to pass down. */
NET_BUFFER_LIST *chimney_next_returns (Host *host, Connection *c);
NET_BUFFER_LIST *chimney_next_forwards (Host *host, Connection *c);
NET_BUFFER_LIST *chimney_next_receives (Host *host, Connection *c);
NET_BUFFER_LIST *chimney_next_sends (Host *host, Connection *c);
NET_BUFFER_LIST *chimney_next_disconnect (Host *host, Connection *c, uint32_t *ret_flags);
