/*
 * The host's own TCP path: what a segment, a timer or an acknowledgment means to a connection that
 * the host runs.
 *
 * Order       Runs in steps, at DPC level.  Transmission is a job: at most TCP_PATH_BURST segments
 *             a crossing.
 * Source      models/tcp/tcp.h; FWD-04, FWD-06 for segments that are held.
 */
#pragma once

#include "models/host/frames.h"
#include "models/tcp/tcp.h"

typedef struct Host Host;
typedef struct Connection Connection;

#define TCP_PATH_BURST 16

/* Jobs TIMER, HELD and TRANSMIT. */
void tcp_path_run_timer (Host *host, Connection *c);
void tcp_path_run_held (Host *host, Connection *c);
void tcp_path_run_transmit (Host *host, Connection *c);

/* tcp_path_receive processes one segment that came by the ordinary path, or holds it if the
 * connection is not the host's now. */
void tcp_path_receive (Host *host, Connection *c, const TcpSegment *segment);

/* tcp_path_pull appends frames for what is due on |c|, at most |limit|; false: more is due. */
bool tcp_path_pull (Host *host, Connection *c, uint32_t limit, FrameList *frames);

/* tcp_path_news acts on what an input to TCP brought about. */
void tcp_path_news (Host *host, Connection *c, TcpNews news);
