/*
 * The TCP engine: state and an input in, news and segments out.
 *
 * One engine serves host, target and peer.  It knows no processor, no cost, no NDIS and no data: it
 * counts sequence numbers.  Its owner keeps the send queue (and maps SndNxt - SndUna onto it) and
 * the receive queue; the engine keeps the out-of-order queue as ranges.
 *
 * Use         1. Give it an input: tcp_receive, tcp_expire, tcp_send, tcp_consume, tcp_close, ...
 *             2. Act on the news it returns: complete acknowledged sends, take in-order data with
 *                tcp_take_received, report events upwards.
 *             3. Pull what is due with tcp_transmit until it answers false, filling in each
 *                segment's payload range, addresses below TCP and IP id.
 *             4. Arm one event for tcp_deadline.
 * Order       Nothing is sent or armed by the engine itself: its owner decides when to pull.
 * Units       Bytes, segments, ticks of 1 / ticks_per_s; deadlines are SimTime.  A timer runs out
 *             on a tick edge.
 * Owns        A Tcb is embedded; it borrows its TcpConfig.  tcp_clear gives back what disorder made
 *             it hold.
 * Errors      Calls that the connection's state forbids assert (see each); a hostile segment never
 *             does.
 * Source      RFC 9293, 1122, 5681, 6298, 6582, 3042, 7323, 2018, 6675, 5961, 3168; the offload
 *             documents' timer, timestamp and blind-reset topics.
 */
#pragma once

#include "models/tcp/offload_state.h"
#include "models/tcp/segment.h"
#include "models/tcp/tcb.h"
#include "sim/time.h"

/* What an input brought about. */
typedef enum TcpEvents {
  TCP_NEWS_CONNECTED = 1 << 0, /* the handshake is complete */
  TCP_NEWS_DATA = 1 << 1,      /* in-order data: take it with tcp_take_received */
  TCP_NEWS_PUSH = 1 << 2,      /* that data had PSH on its last segment */
  TCP_NEWS_FIN = 1 << 3,       /* the peer's FIN is in sequence */
  TCP_NEWS_FIN_ACKED = 1 << 4, /* our FIN and all data are acknowledged */
  TCP_NEWS_RESET = 1 << 5,     /* an acceptable RST: the connection is gone */
  TCP_NEWS_CLOSED = 1 << 6,    /* the state has become Closed */
  TCP_NEWS_TIME_WAIT = 1 << 7, /* the state has become TimeWait */
  TCP_NEWS_TIMED_OUT = 1 << 8, /* gave up: retransmission, persist, keepalive or FIN_WAIT_2 limit */
  TCP_NEWS_URGENT = 1 << 9,    /* an URG segment; a target has not processed it */
  TCP_NEWS_SYN_AT_NEXT =
      1 << 10,                 /* target: SYN at RcvNxt, the connection is to be uploaded closed */
  TCP_NEWS_PROGRESS = 1 << 11, /* the peer provably receives what we send (neighbor is reachable) */
  TCP_NEWS_WINDOW = 1 << 12,   /* the peer's window opened */
  TCP_NEWS_RETRANSMITTED = 1 << 13, /* a retransmission timeout happened */
  TCP_NEWS_DOUBT = 1 << 14,         /* TcpDoubtReachabilityRetransmissions reached */
} TcpEvents;

typedef struct TcpNews {
  uint32_t events;      /* TcpEvents */
  uint32_t acked_bytes; /* stream bytes newly acknowledged, without SYN and FIN */
} TcpNews;

/* A connection that starts established, as a scenario's "state: ESTABLISHED" asks, or the values
 * its SYN is to announce. */
typedef struct TcpSetup {
  uint32_t connection_id;
  TcpTuple tuple; /* as this end sends */
  uint8_t ip_version;
  uint32_t send_isn;
  uint32_t receive_isn; /* established only */
  uint32_t receive_window_bytes;
  uint32_t peer_window_bytes; /* established only */
  uint16_t local_mss;
  uint16_t remote_mss;       /* established only */
  uint8_t send_window_scale; /* established only */
  uint8_t receive_window_scale;
  bool timestamps, sack, window_scaling, ecn, nagle, keepalive;
  bool no_options; /* unsynchronized: the SYN goes without any */
  bool ecn_accept; /* connect: without |ecn|, agree to the offer of a SYN that crosses ours */
  uint32_t path_mtu_bytes;
} TcpSetup;

/* tcp_init_established makes |tcb| a connection in state Established with nothing in flight. */
void tcp_init_established (Tcb *tcb, const TcpConfig *config, const TcpSetup *setup, SimTime now);

/* tcp_init_connect makes it SynSent with a SYN due; tcp_init_listen makes it Listen. */
void tcp_init_connect (Tcb *tcb, const TcpConfig *config, const TcpSetup *setup, SimTime now);
void tcp_init_listen (Tcb *tcb, const TcpConfig *config, const TcpSetup *setup, SimTime now);
/* tcp_init_closed makes it Closed; tcp_connect opens it, later, as tcp_init_connect would have. */
void tcp_init_closed (Tcb *tcb, const TcpConfig *config, const TcpSetup *setup, SimTime now);
void tcp_connect (Tcb *tcb, SimTime now);
void tcp_clear (Tcb *tcb);

/* tcp_receive processes a segment that was addressed to this connection. */
TcpNews tcp_receive (Tcb *tcb, const TcpSegment *segment, SimTime now);

/* tcp_take_received gives the next range of in-order data, at most |limit_bytes| (0: no limit);
 * false: none left.  What was taken counts against the receive window until tcp_consume. */
bool tcp_take_received (Tcb *tcb, uint32_t limit_bytes, TcpRange *ret_range);

/* tcp_consume says that the reader is done with |bytes| taken before: the window opens. */
void tcp_consume (Tcb *tcb, uint32_t bytes, SimTime now);

/* tcp_send appends |bytes| to the stream to be sent. */
void tcp_send (Tcb *tcb, uint32_t bytes);

/* tcp_close sends FIN after the data; tcp_abort makes a RST due and forgets the rest. */
TcpNews tcp_close (Tcb *tcb, SimTime now);
TcpNews tcp_abort (Tcb *tcb, SimTime now);

/* tcp_transmit gives the next segment that is due, with |payload.bytes| set and the payload's range
 * otherwise empty (and UserPriority in |vlan_tag|, for an owner that tags); false: nothing is due.
 * |payload_limit| > 0 allows one large segment of up to that many bytes, for LSO; 0: at most one
 * MSS.  ret_segment->seq - SndUna before the call is where its payload stands in the owner's send
 * queue. */
bool tcp_transmit (Tcb *tcb, uint32_t payload_limit, SimTime now, TcpSegment *ret_segment);

/* tcp_transmit_is_due answers whether tcp_transmit has anything to do: give one, or set the timer
 * that a segment held back needs.  It changes nothing. */
bool tcp_transmit_is_due (const Tcb *tcb, SimTime now);

/* tcp_deadline is the next instant at which tcp_expire has something to do, or SIM_TIME_NEVER. */
SimTime tcp_deadline (const Tcb *tcb);
TcpNews tcp_expire (Tcb *tcb, SimTime now);

/* tcp_hard_error takes word from the network that the peer cannot be reached, about our segment at
 * |seq|: it ends what is not connected yet, and nothing else (RFC 1122 4.2.3.9; RFC 5927 4.1, 5.2). */
TcpNews tcp_hard_error (Tcb *tcb, uint32_t seq);

/* A host's answers where there is no connection, or hardly any more.  tcp_refuse makes the RST for
 * a segment that belongs to none; false: it gets no answer.  tcp_time_wait_yields answers whether
 * |syn| may open a new connection in place of one in TimeWait (RFC 9293 3.10.7.4, RFC 6191 2). */
bool tcp_refuse (const TcpSegment *segment, TcpSegment *ret_reset);
bool tcp_time_wait_yields (const Tcb *tcb, const TcpSegment *syn);

/* tcp_hurry_ack makes a withheld ACK due. */
void tcp_hurry_ack (Tcb *tcb);

/* Path and socket changes while running. */
void tcp_set_path_mtu (Tcb *tcb, uint32_t path_mtu_bytes);

/* Hand-over.  Export then import is the identity for every state that may be offloaded.
 * tcp_flush_for_handover drops what was only selectively acknowledged and makes a withheld ACK due;
 * the owner transmits it before the export (documents: delayed ACK sent first, both ways). */
void tcp_flush_for_handover (Tcb *tcb, SimTime now);
void tcp_export_const (const Tcb *tcb, TCP_OFFLOAD_STATE_CONST *ret_state);
void tcp_export_cached (const Tcb *tcb, TCP_OFFLOAD_STATE_CACHED *ret_state);
void tcp_export_delegated (const Tcb *tcb, SimTime now, TCP_OFFLOAD_STATE_DELEGATED *ret_state);

/* What an import needs beyond the three structures: it is found in the tree, not in the TCP
 * state. */
typedef struct TcpImport {
  uint32_t connection_id;
  TcpTuple tuple;
  uint8_t ip_version;
  uint32_t path_mtu_bytes;
  uint32_t send_queue_bytes;  /* bytes in the send data chain, from SndUna on */
  uint32_t undelivered_bytes; /* received, acknowledged, not yet consumed: the buffered data */
  bool fin_queued;            /* the host has closed: FIN follows the send queue */
} TcpImport;

void tcp_import (Tcb *tcb, const TcpConfig *config, const TCP_OFFLOAD_STATE_CONST *constants,
                 const TCP_OFFLOAD_STATE_CACHED *cached,
                 const TCP_OFFLOAD_STATE_DELEGATED *delegated, const TcpImport *import,
                 SimTime now);

/* tcp_import_delegated takes back only the delegated state: the host keeps CONST and CACHED
 * itself. */
void tcp_import_delegated (Tcb *tcb, const TCP_OFFLOAD_STATE_DELEGATED *delegated,
                           const TcpImport *import, SimTime now);

/* tcp_update_cached applies an update with its one-shot flags. */
void tcp_update_cached (Tcb *tcb, const TCP_OFFLOAD_STATE_CACHED *cached, SimTime now);

/* Reading. */
static inline TCP_OFFLOAD_CONNECTION_STATE
tcp_state (const Tcb *tcb)
{
  return (TCP_OFFLOAD_CONNECTION_STATE)tcb->State;
}

const char *tcp_state_name (TCP_OFFLOAD_CONNECTION_STATE state); /* "ESTABLISHED" */
bool tcp_state_can_offload (TCP_OFFLOAD_CONNECTION_STATE state);
bool tcp_state_can_send (TCP_OFFLOAD_CONNECTION_STATE state);
uint32_t tcp_unsent_bytes (const Tcb *tcb);
uint32_t tcp_unacked_bytes (const Tcb *tcb); /* send queue bytes from SndUna on, sent or not */
uint32_t tcp_held_bytes (const Tcb *tcb);    /* received beyond a gap */
