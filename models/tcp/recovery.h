/*
 * Loss: duplicate ACKs, fast retransmit and recovery, timeouts.
 *
 * Without SACK, NewReno: recovery lasts until what was outstanding at its start is acknowledged,
 * and each partial ACK retransmits the next hole.  With SACK the scoreboard says what is missing
 * (models/tcp/sack.h).
 *
 * Source      RFC 5681 3.2; RFC 6582; RFC 3042; RFC 6298 5; "Retransmit timer" (TIMER-25 to
 *             TIMER-27, OID-09, OID-10, OID-12).
 */
#pragma once

#include "models/tcp/tcp.h"

/* tcp_recovery_duplicate_ack counts one and starts recovery at the threshold. */
void tcp_recovery_duplicate_ack (Tcb *tcb, int64_t tick);

/* tcp_recovery_acked handles an ACK of |bytes| new sequence numbers; SndUna has moved.  Answers
 * whether the retransmission timer starts anew. */
bool tcp_recovery_acked (Tcb *tcb, uint32_t bytes, int64_t tick);

/* tcp_recovery_end forgets about a recovery without touching CWnd. */
void tcp_recovery_end (Tcb *tcb);

/* tcp_recovery_timeout retransmits from SndUna on, or gives up. */
TcpNews tcp_recovery_timeout (Tcb *tcb, int64_t tick);

/* tcp_recovery_timeout_ticks is how long to wait for it: the backed-off RTO, cut by MaxRT. */
uint32_t tcp_recovery_timeout_ticks (const Tcb *tcb);

/* tcp_recovery_extra_bytes is what limited transmit allows beyond CWnd. */
uint32_t tcp_recovery_extra_bytes (const Tcb *tcb);
