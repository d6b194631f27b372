/*
 * What the two SYNs settle: segment sizes, scaling, timestamps, SACK, ECN.
 *
 * Units       Bytes.
 * Source      RFC 9293 3.7.1; RFC 6691; RFC 7323 2.2, 3.2; RFC 2018 2; RFC 3168 6.1.1.
 */
#pragma once

#include "models/tcp/tcp.h"

/* RFC 9293 3.7.1: what a peer takes that says nothing. */
#define TCP_MSS_DEFAULT_IP4 536
#define TCP_MSS_DEFAULT_IP6 1220
#define TCP_WINDOW_SCALE_MAX 14

/* RFC 7323 Appendix A: the option aligned, on every segment but SYNs. */
#define TCP_TIMESTAMP_BYTES 12

/* tcp_options_mss_of_mtu is the MSS that fills |path_mtu_bytes|. */
uint16_t tcp_options_mss_of_mtu (uint32_t path_mtu_bytes, uint8_t ip_version);

/* tcp_options_size_segments computes smss from RemoteMss, the path MTU and the options in use, and
 * peer_smss from local_mss. */
void tcp_options_size_segments (Tcb *tcb);

/* tcp_options_offer writes the options of our SYN or SYN+ACK: after the peer's SYN only what it
 * offered, too. */
void tcp_options_offer (const Tcb *tcb, TcpSegment *syn);

/* tcp_options_agree settles them by the peer's SYN or SYN+ACK. */
void tcp_options_agree (Tcb *tcb, const TcpSegment *syn);
