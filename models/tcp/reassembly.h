/*
 * Reassembly: what has been received, in order or not.
 *
 * In-order ranges wait to be taken; ranges beyond a gap wait for it to close.  Bytes that are held
 * already stay as they are: a later copy of them is dropped, whatever it contains.
 *
 * Units       Sequence numbers and bytes.
 * Errors      False: no block was left; what did not fit counts as not received.
 * Source      RFC 9293 3.10.7.4 (seventh), RFC 2018 4, RFC 2883.
 */
#pragma once

#include "models/tcp/store.h"
#include "models/tcp/tcp.h"

/* tcp_reassembly_append takes |range| at RcvNxt, and whatever of the queue it connects to: RcvNxt
 * and rcv_held_bytes move.  |ret_push| is set if any of these had PSH. */
bool tcp_reassembly_append (Tcb *tcb, TcpRange range, bool *ret_push);

/* tcp_reassembly_queue keeps |range| at |seq|, beyond RcvNxt.  Some of it may be held already: the
 * first such stretch becomes the duplicate to report, if SACK is enabled. */
bool tcp_reassembly_queue (Tcb *tcb, uint32_t seq, TcpRange range, bool push);

/* tcp_reassembly_connect takes what of the queue has become next; in SynRcvd the queue may begin at
 * RcvNxt, with the text of the SYN.  The answer is whether any of it had PSH. */
bool tcp_reassembly_connect (Tcb *tcb);

/* tcp_reassembly_drop_queue forgets what is beyond RcvNxt. */
void tcp_reassembly_drop_queue (Tcb *tcb);

/* tcp_reassembly_report lists up to |max| blocks for a SACK option, the most recent first, a
 * duplicate before all; returns how many. */
uint8_t tcp_reassembly_report (const Tcb *tcb, TcpSackBlock *ret_blocks, uint8_t max);

/* tcp_reassembly_duplicate notes that [left, right) arrived again. */
void tcp_reassembly_duplicate (Tcb *tcb, uint32_t left, uint32_t right);
