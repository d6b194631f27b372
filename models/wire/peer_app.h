/*
 * The application at the far end of a connection: it asks, answers, or moves bulk.
 *
 * Use         peer_app_begin when the connection is added, peer_app_start when the applications
 *             begin, peer_app_run after every input of the connection and at app_at.
 * Order       Requests are answered one after the other, in order, each after its service time.
 * Invariants  The application acts through peer_write and peer_finish only, and only in
 *             peer_app_run.
 * Source      The closing behaviour is ours: after the host's FIN the application answers what it
 *             has been asked completely, or writes its bulk to the end, and closes; it closes at
 *             once if it owes nothing or its bulk has no end.
 */
#pragma once

#include "models/wire/peer_state.h"

void peer_app_begin (Peer *peer);
void peer_app_start (Peer *peer);
void peer_app_run (Peer *peer);

/* peer_app_connected says that the handshake is complete, peer_app_ended that the connection is no
 * more. */
void peer_app_connected (Peer *peer);
void peer_app_ended (Peer *peer);

/* peer_app_stop ends the application where it is: it will write nothing more. */
void peer_app_stop (Peer *peer);
