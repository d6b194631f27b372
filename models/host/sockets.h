/*
 * What the host's files know of sockets: private to models/host/.
 *
 * Owns        The listeners and the idle traffic pattern that all sockets share.
 * Source      RFC 9293 3.10.7.1, 3.10.7.2; RFC 6191 2.
 */
#pragma once

#include "models/host/frames.h"
#include "models/host/socket.h"

typedef struct Connection Connection;
typedef struct HostListener HostListener;

typedef struct HostSockets {
  HostSocketChanged changed; /* NULL: nobody uses sockets */
  void *data;
  Traffic idle;
  HostListener *listener;
  uint32_t n_listeners;
  uint32_t next_id;
} HostSockets;

void sockets_init (Host *host);
void sockets_clear (Host *host);

/* sockets_find gives the connection for a segment; it may be new.  NULL: there is none, and
 * *ret_refused says whether *ret_reset is to be sent in answer. */
Connection *sockets_find (Host *host, const TcpSegment *segment, TcpSegment *ret_reset,
                          bool *ret_refused);
/* sockets_news hears what an input to TCP brought about; the connection is one of ours or not. */
void sockets_news (Host *host, Connection *c, TcpNews news);
/* sockets_indicated hears that the target has data for which nothing was posted. */
void sockets_indicated (Host *host, Connection *c);
/* sockets_changed tells the watcher. */
void sockets_changed (Host *host, const Connection *c);
/* sockets_close closes the send half, also before the handshake is complete; false: not now. */
bool sockets_close (Host *host, Connection *c);
/* sockets_take gives the application what it has asked to read; for app_run. */
void sockets_take (Host *host, Connection *c);
