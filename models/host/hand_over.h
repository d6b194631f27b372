/*
 * Handing a connection over: its state and its data into a node of a tree, and back out of one.
 *
 * Down: everything from SndUna to the end of the send queue as a chain of buffer lists, received
 * data that the application has not taken as BufferedData, const, cached and delegated state.  Up:
 * the delegated state, the original send requests that are not done, data that the target had
 * buffered.
 *
 * Owns        On the way down the chains are the target's; hand_over_settle takes them back or
 *             forgets them when the initiate has completed.
 * Source      SDATA-01 to SDATA-19, RBUF-01 to RBUF-13, INIT-13, TERM-10.
 */
#pragma once

#include "models/host/frames.h"
#include "models/ndis/block_list.h"

typedef struct Host Host;
typedef struct Connection Connection;

/* Bytes of a buffer list of the chains at most. */
#define HAND_OVER_BYTES_MAX 65536

/* hand_over_export fills |node|, which has const, cached and delegated state behind it. */
void hand_over_export (Host *host, Connection *c, PNDIS_PROTOCOL_OFFLOAD_BLOCK_LIST node);

/* hand_over_settle: the initiate has completed; if |succeeded| the data is the target's, else the
 * host's again. */
void hand_over_settle (Host *host, Connection *c, bool succeeded);

/* hand_over_import takes the connection back from a terminated |node|; buffer lists that are the
 * target's are appended to |returns|. */
void hand_over_import (Host *host, Connection *c, PNDIS_PROTOCOL_OFFLOAD_BLOCK_LIST node,
                       FrameList *returns);

/* hand_over_bury: the state is lost; the connection is reset. */
void hand_over_bury (Host *host, Connection *c, PNDIS_PROTOCOL_OFFLOAD_BLOCK_LIST node);
