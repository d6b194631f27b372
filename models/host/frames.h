/*
 * Frames: the ordinary path through NDIS, below the host's TCP.
 *
 * Owns        A frame to send is the host's again at its completion; a received one is the
 *             miniport's and goes back when its list has been worked off.
 * Source      NdisSendNetBufferLists, ProtocolReceiveNetBufferLists, NdisReturnNetBufferLists.
 */
#pragma once

#include "models/ndis/nbl.h"
#include "sim/cpu.h"

typedef struct Host Host;
typedef struct Connection Connection;

typedef struct FrameList {
  NET_BUFFER_LIST *first, *last;
} FrameList;

/* frames_append makes a frame of |segment|; |c| NULL: of no connection. */
void frames_append (Host *host, FrameList *frames, const Connection *c, const TcpSegment *segment);

/* frames_send passes the list down, the last act of the step; then |then| runs.  While the device
 * is down the frames are lost and |then| runs at once after this step. */
void frames_send (Host *host, FrameList *frames, SimStepFn then, const SimStepArgs *args);

/* ProtocolSendNetBufferListsComplete and ProtocolReceiveNetBufferLists. */
void frames_complete (Host *host, NET_BUFFER_LIST *list);
void frames_receive (Host *host, NET_BUFFER_LIST *list);
