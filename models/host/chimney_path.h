/*
 * The chimney path: an offloaded connection's data, requests, indications and events.
 *
 * Order       Everything that goes down is one job a connection (CHIMNEY), passive, one crossing a
 *             step: so calls of one connection never overlap.  What comes up is handled in the
 *             frame of the handler, at DPC level.
 * Owns        Requests are the host's again at their completion; indicated lists until they are
 *             returned.
 * Source      SEND-06, RECV-04, IND-04 to IND-08, DISC-01, FWD-01, EVT-06 to EVT-15, RET-02.
 */
#pragma once

#include <stdbool.h>

#include "models/ndis/nbl.h"
#include "models/ndis/types.h"

typedef struct Host Host;
typedef struct Connection Connection;

/* Job CHIMNEY. */
void chimney_path_run (Host *host, Connection *c);

/* Completions: lists that may mix connections. */
void chimney_path_send_complete (Host *host, NET_BUFFER_LIST *list);
void chimney_path_receive_complete (Host *host, NET_BUFFER_LIST *list);
void chimney_path_disconnect_complete (Host *host, NET_BUFFER_LIST *list);
void chimney_path_forward_complete (Host *host, NET_BUFFER_LIST *list);

/* Indications and events of one connection. */
NDIS_STATUS chimney_path_indicate (Host *host, Connection *c, NET_BUFFER_LIST *nbl,
                                   uint32_t *ret_bytes_consumed);
void chimney_path_event (Host *host, Connection *c, TCP_OFFLOAD_EVENT_TYPE type,
                         uint32_t information);
