/*
 * The end of a connection: how it becomes Closed or waits to be uploaded.
 *
 * Source      RFC 9293 3.10; "FIN_WAIT_2 timer", "Retransmit timer", "Persist timer" (TIMER-09,
 *             TIMER-20, OID-09).
 */
#pragma once

#include "models/tcp/state.h"
#include "models/tcp/tcp.h"

/* tcp_teardown takes |event|, which must lead to Closed, stops all timers, drops what is queued and
 * reports |events| with TCP_NEWS_CLOSED. */
TcpNews tcp_teardown (Tcb *tcb, TcpStateEvent event, uint32_t events);

/* tcp_teardown_at_limit is what a limit of retransmissions or probes brings: a host closes, a
 * target leaves all as it is for the upload, with the timer run out. */
TcpNews tcp_teardown_at_limit (Tcb *tcb);

/* tcp_time_wait enters on TimeWait's timer and reports it; the state has just been taken. */
TcpNews tcp_time_wait (Tcb *tcb, int64_t tick);

/* tcp_reset_due makes an RST due with number |seq|; tcp_reset_due_with_ack one that
 * acknowledges. */
void tcp_reset_due (Tcb *tcb, uint32_t seq);
void tcp_reset_due_with_ack (Tcb *tcb, uint32_t seq, uint32_t ack);
