/*
 * Connections that are opened during the run: when, what it costs, and what follows them.
 *
 * A short flow, or a recorded one, is a connection of its own: its end is closed, or listens, until
 * its time has come.  The side that opens sees to the next: by the clock, or when one has ended.
 *
 * Order       The opening is passive work on the connection's processor (job APP).
 * Owns        Nothing.
 * Errors      None: a connection that cannot be opened is gone, like any other, and the next one
 *             follows.
 */
#pragma once

typedef struct Host Host;
typedef struct Connection Connection;

/* opening_start arms the connections that are opened first. */
void opening_start (Host *host, Connection *c);
/* opening_due says that the connection's time has come. */
void opening_due (Host *host, Connection *c);
/* opening_run connects; in a work item. */
void opening_run (Host *host, Connection *c);
/* opening_heard says that the peer's SYN is here; in a step. */
void opening_heard (Host *host, Connection *c);
/* opening_ended says that the connection is closed in both directions, or broken. */
void opening_ended (Host *host, Connection *c);
