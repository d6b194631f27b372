/*
 * Sockets: connections that are opened, driven and closed by hand.
 *
 * The connections of host_add_connection begin established and their applications follow a traffic
 * pattern.  A socket's application is outside the host: it connects or listens, writes, reads when
 * it likes, shuts down and closes.  Otherwise a socket is a connection like any other: it goes
 * through the host's processors and its switch, and can be offloaded.
 *
 * Use         host_socket_watch once, before host_start; then host_socket_connect, or
 *             host_socket_listen and host_socket_accept.
 * Order       What is asked for is done by a work item of the connection's processor, soon, not at
 *             once.
 * Units       Bytes.  Sockets take the connection ids that host_add_connection has left, upwards.
 * Owns        Nothing is given away; |changed| must not call back into the host.
 * Errors      No id is left: HOST_NO_SOCKET.  A call that the socket's state forbids asserts.
 * Source      RFC 9293 3.9.1; RFC 1122 4.2.2.13 for data that arrives behind a close.
 */
#pragma once

#include "models/host/host.h"

#define HOST_NO_SOCKET UINT32_MAX
#define HOST_LISTENERS_MAX 64

/* Something about the connection may have changed: state, bytes to read, room to write. */
typedef void (*HostSocketChanged) (void *data, uint32_t connection_id);

/* host_socket_watch makes the host answer for all its ports: segments that belong to no connection
 * open one, if somebody listens, or are refused. */
void host_socket_watch (Host *host, HostSocketChanged changed, void *data);

typedef struct HostSocketSetup {
  TcpSetup
      tcp; /* connection_id and send_isn are given by the host; a listener's tuple has only its own port */
  uint32_t path_index;
  HostOptions options;      /* what |mask| names is set at the opening */
  uint32_t handshake_ticks; /* connect: how long the peer may leave the SYN unanswered, RFC 1122
                               4.2.3.5; 0: as for data */
} HostSocketSetup;

/* host_socket_connect opens actively. */
uint32_t host_socket_connect (Host *host, const HostSocketSetup *setup);
/* host_socket_listen opens passively at setup->tcp.tuple.source_port; up to |backlog| connections
 * wait there. */
void host_socket_listen (Host *host, const HostSocketSetup *setup, uint32_t backlog);
/* host_socket_unlisten ends that and resets those who wait. */
void host_socket_unlisten (Host *host, uint16_t port);
/* host_socket_accept gives the connection that has waited longest, or HOST_NO_SOCKET. */
uint32_t host_socket_accept (Host *host, uint16_t port);

void host_socket_write (Host *host, uint32_t connection_id, uint32_t bytes);
/* host_socket_read asks for |bytes|, fewer if fewer come; host_socket_stop_reading asks for no
 * more.  What has been read is in the status. */
void host_socket_read (Host *host, uint32_t connection_id, uint32_t bytes);
void host_socket_stop_reading (Host *host, uint32_t connection_id);
/* host_socket_shutdown ends the send half.  host_socket_close ends both: unread data, or data that
 * still comes, reset the connection.  host_socket_abort resets it. */
void host_socket_shutdown (Host *host, uint32_t connection_id);
void host_socket_close (Host *host, uint32_t connection_id);
void host_socket_abort (Host *host, uint32_t connection_id);

/* host_socket_hard_error brings an ICMP message of an error that will not pass, about the host's
 * segment at |seq| to the peer that sends as |tuple| says. */
void host_socket_hard_error (Host *host, TcpTuple tuple, uint32_t seq);

typedef enum HostSocketError {
  HOST_SOCKET_OK,
  HOST_SOCKET_REFUSED,   /* reset before it was connected, or out of reach */
  HOST_SOCKET_RESET,     /* and afterwards */
  HOST_SOCKET_TIMED_OUT, /* the peer does not answer */
} HostSocketError;

typedef struct HostSocketStatus {
  TCP_OFFLOAD_CONNECTION_STATE state; /* while the target has it, as of the offload */
  HostSocketError error;
  bool connected;     /* the handshake has been completed, once */
  bool is_shut;       /* the send half is closed, or will be behind the data */
  bool end_of_stream; /* the peer's FIN is behind what is readable */
  uint32_t readable;  /* bytes; the target may hold more than it has indicated */
  uint64_t read;      /* bytes, so far */
  uint64_t queued;    /* bytes written and not yet acknowledged */
  uint64_t written;   /* bytes, so far */
  const Tcb *tcb;     /* borrowed until the next event */
} HostSocketStatus;

HostSocketStatus host_socket_status (const Host *host, uint32_t connection_id);
/* host_socket_find gives the connection that a segment of |tuple|, as the peer sends it, belongs
 * to, or HOST_NO_SOCKET. */
uint32_t host_socket_find (Host *host, TcpTuple tuple);
