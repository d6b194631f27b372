/*
 * The application of a connection: what it writes, reads and waits for.
 *
 * A conversation is a chain of rounds.  In request/response the asking side thinks, writes a
 * request and reads the response; the answering side reads, serves and writes.  In an open loop
 * requests come by the clock, and one that comes while another is under way waits for its turn.  A
 * replay writes recorded flows, each at its time.  Bulk patterns write chunks as fast as the backlog
 * takes them.  Short flows open a connection first and close it behind their last round.  The
 * application knows nothing of owners: it gives bytes to the switch and gets bytes from it.
 *
 * Order       Runs as passive work on its connection's processor (job APP).
 * Units       Bytes of the stream; rounds count from 0.
 * Owns        Traffic is borrowed.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "models/traffic/traffic.h"

typedef struct Host Host;
typedef struct Connection Connection;

typedef enum AppPhase {
  APP_RESTING,   /* nothing to do: no traffic, or all of it is done */
  APP_UNOPENED,  /* the connection is opened later, by either side */
  APP_OPENING,   /* by this one, at the deadline */
  APP_THINKING,  /* before the next request: waits for the deadline */
  APP_READING,   /* for the rest of a message */
  APP_SERVING,   /* before the answer: waits for the deadline */
  APP_WRITING,   /* until the switch has taken the message */
  APP_STREAMING, /* bulk */
} AppPhase;

typedef struct App {
  const Traffic *traffic;
  uint64_t round;
  uint64_t to_write; /* bytes of the message, chunk or timeline send not yet taken by the switch */
  uint64_t to_read;  /* bytes of the message under way still to come */
  uint64_t read_offset; /* bytes of the stream it has processed */
  uint64_t bulk_left;   /* bytes a bulk pattern still has to write; UINT64_MAX: without end */
  SimTime arrival;      /* open loop: when the round under way, or awaited, came or comes */
  AppPhase phase;
  bool wants_close, wants_abort; /* asked for by a timeline */
  bool closed;                   /* the send half is closed, or everything is */
  bool saw_end;                  /* end of stream read */
  bool gone;                     /* reset, aborted or timed out */
  bool ended;                    /* closed in both directions, or gone, and the next was told */
  /* Of a socket. */
  bool by_hand;             /* driven from outside the host */
  bool is_child, accepted;  /* opened by a listener; given to who accepts */
  bool connected;           /* the handshake was completed */
  bool abandoned;           /* closed in both directions: nobody reads */
  bool reset, timed_out;    /* why it is gone */
  uint32_t indicated_bytes; /* the target holds at least so many for it */
  uint64_t to_take;         /* bytes it wants to read */
  uint32_t MaxRT_connected; /* to be set when the handshake is complete */
  bool limits_handshake;    /* MaxRT is the handshake's until then */
} App;

void app_init (App *app, const Traffic *traffic);
/* app_start begins the first round: the deadline of its think time is armed; or it waits for the
 * connection's opening. */
void app_start (Host *host, Connection *c);
/* app_connected says that the handshake is complete. */
void app_connected (Host *host, Connection *c);
/* Job APP. */
void app_run (Host *host, Connection *c);
/* app_expire says that the deadline of thinking or serving has come. */
void app_expire (Host *host, Connection *c);

/* Bytes still to come, of the message under way or of a bulk pattern with an end: a request that is
 * to be filled must not be larger.  APP_EXPECTS_ANY: as many as there may be. */
#define APP_EXPECTS_ANY UINT64_MAX
uint64_t app_expected_bytes (const Connection *c);
/* True if it waits for room in the send backlog, or to close behind its data. */
bool app_wants_room (const App *app);

/* What a timeline asks of it. */
void app_send (Host *host, Connection *c, uint64_t bytes);
void app_close (Host *host, Connection *c);
void app_abort (Host *host, Connection *c);
/* The connection is gone: reset by the peer, timed out, or lost with the hardware. */
void app_gone (Host *host, Connection *c);
