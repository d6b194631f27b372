/*
 * What random runs hand over: in which states, and that a query tells what a terminate then brings.
 *
 * A state counts as it passes the host: going down with an initiate, coming up with a terminate, or
 * as a query's answer.  If nothing was sent, received or taken by the application between a query
 * and a terminate, both must have brought the same.
 *
 * Owns        A reader borrows what it is given; it is good as long as the run.
 * Errors      None: differences are complaints.
 */
#pragma once

#include <glib.h>
#include <stdint.h>

#include "sim/sim.h"

typedef enum RandomWay { RANDOM_DOWN, RANDOM_UP, RANDOM_ASKED, RANDOM_N_WAYS } RandomWay;

#define RANDOM_SITUATIONS(X)                            \
  X (UNACKED, "sent and not acknowledged")              \
  X (SENT_AGAIN, "SndNxt before SndMax")                \
  X (DUPLICATE_ACKS, "duplicate ACKs counted")          \
  X (RETRANSMITTED, "retransmissions counted")          \
  X (TOTAL_RT, "unacknowledged for a while")            \
  X (ZERO_WINDOW, "the peer's window is zero")          \
  X (WINDOW_PROBED, "window probes counted")            \
  X (SHUT_WINDOW, "the own window is zero")             \
  X (OUT_OF_ORDER, "data behind a gap was held")        \
  X (BUFFERED, "buffered receive data")                 \
  X (SENDS, "send data")                                \
  X (SEND_WRAP, "sent data across the wrap")            \
  X (RECEIVE_WRAP, "a window across the wrap")          \
  X (RETRANSMIT_STOPPED, "retransmit timer at -1")      \
  X (RETRANSMIT_DUE, "retransmit timer at 0")           \
  X (RETRANSMIT_RUNNING, "retransmit timer at n ticks") \
  X (KEEPALIVE_STOPPED, "keepalive timer at -1")        \
  X (KEEPALIVE_DUE, "keepalive timer at 0")             \
  X (KEEPALIVE_RUNNING, "keepalive timer at n ticks")   \
  X (KEEPALIVE_PROBED, "keepalive probes counted")      \
  X (TIMESTAMPS, "a timestamp of the peer")             \
  X (TIMESTAMP_WRAP, "the own timestamps close to their wrap")

typedef enum RandomSituation {
#define RANDOM_SITUATION(id, text) RANDOM_WAS_##id,
  RANDOM_SITUATIONS (RANDOM_SITUATION)
#undef RANDOM_SITUATION
      RANDOM_N_SITUATIONS
} RandomSituation;

#define RANDOM_TCP_STATES 11 /* from TcpConnectionClosed on */

/* Counts only. */
typedef struct RandomHandovers {
  uint64_t state[RANDOM_TCP_STATES][RANDOM_N_WAYS];
  uint64_t situation[RANDOM_N_SITUATIONS][RANDOM_N_WAYS];
  uint64_t compared; /* queries with the terminate after them */
} RandomHandovers;

typedef struct RandomHandoverReader RandomHandoverReader;

RandomHandoverReader *random_handover_reader_new (uint32_t n_connections);
void random_handover_reader_free (RandomHandoverReader *reader);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (RandomHandoverReader, random_handover_reader_free)

void random_handover_watch (RandomHandoverReader *reader, Sim *sim);

/* What was counted, and what differed: "" if nothing did. */
const RandomHandovers *random_handovers (const RandomHandoverReader *reader);
const char *random_handover_complaints (const RandomHandoverReader *reader);

/* random_handovers_add adds |more| to |sum|; random_handovers_print appends the table. */
void random_handovers_add (RandomHandovers *sum, const RandomHandovers *more);
void random_handovers_print (const RandomHandovers *handovers, GString *text);
