/*
 * Segments before a connection is established, and those for none.
 *
 * Source      RFC 9293 3.10.7.1 to 3.10.7.3, 3.10.7.4 for SynRcvd; RFC 6298 5.7; RFC 5681 3.1.
 */
#pragma once

#include "models/tcp/tcp.h"

TcpNews tcp_handshake_closed (Tcb *tcb, const TcpSegment *segment);
TcpNews tcp_handshake_listen (Tcb *tcb, const TcpSegment *segment, int64_t tick);
TcpNews tcp_handshake_syn_sent (Tcb *tcb, const TcpSegment *segment, int64_t tick);

/* tcp_handshake_acked takes the ACK of our SYN in SynRcvd; false: it acknowledges something else,
 * and a host answers with RST. */
bool tcp_handshake_acked (Tcb *tcb, const TcpSegment *segment, int64_t tick, TcpNews *news);

/* tcp_handshake_begin puts the send side at |send_isn|, nothing sent. */
void tcp_handshake_begin (Tcb *tcb, uint32_t send_isn);
