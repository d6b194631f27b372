/*
 * What the connections of one side share: counters, and what each holds only while segments are out
 * of order.
 *
 * A connection in order needs its Tcb and nothing else.  One with a gap takes a TcpDisorder, and a
 * TcpBlock for each stretch beyond the gap: received ones (the out-of-order queue) and those of
 * ours that the peer holds (the SACK scoreboard).
 *
 * Order       Lists ascend by sequence number and do not overlap.
 * Owns        The store owns all; a Tcb gives back what it holds as soon as it is in order again.
 * Errors      A full store is legal: a segment that finds no block is dropped, as by a NIC without
 *             reassembly buffers left.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "models/tcp/counters.h"
#include "models/tcp/tcb.h"
#include "sim/pool.h"

struct TcpStore {
  TcpCounters counters;
  SimPool *disorders;
  SimPool *blocks;
};

/* tcp_counters is where |tcb| is counted. */
static inline TcpCounters *
tcp_counters (const Tcb *tcb)
{
  return &tcb->config->store->counters;
}

typedef struct TcpBlock TcpBlock;

struct TcpBlock {
  TcpBlock *next;
  uint32_t seq;
  uint32_t stamp : 31; /* which arrival extended it last, RFC 2018 4 */
  uint32_t push : 1;
  TcpRange range; /* scoreboard: |bytes| alone counts */
};

static inline uint32_t
tcp_block_end (const TcpBlock *block)
{
  return block->seq + block->range.bytes;
}

struct TcpDisorder {
  TcpBlock *ready; /* in order, not yet taken, behind Tcb.ready which it does not continue */
  TcpBlock *ready_tail;
  TcpBlock *queue; /* beyond RcvNxt */
  TcpBlock *queue_tail;
  TcpBlock *board; /* beyond SndUna: what the peer has selectively acknowledged */
  uint32_t board_bytes;
  uint32_t arrivals; /* stamps the blocks */
  uint32_t fin_seq;
  uint32_t high_rxt;      /* RFC 6675: one past the highest byte retransmitted in this recovery */
  TcpSackBlock duplicate; /* RFC 2883: to be reported in the next ACK */
  bool has_fin;           /* at fin_seq, beyond RcvNxt */
  bool has_duplicate;
  bool guides;  /* this recovery follows the scoreboard */
  bool rescued; /* and has had its rescue retransmission */
};

/* tcp_store_new makes an empty store; a limit of 0 is none. */
TcpStore *tcp_store_new (uint32_t connections_limit, uint32_t blocks_limit);

/* tcp_store_free asserts that every connection has been cleared. */
void tcp_store_free (TcpStore *store);

/* How much is held now: connections in disorder, and their blocks. */
uint32_t tcp_store_connections (const TcpStore *store);
uint32_t tcp_store_blocks (const TcpStore *store);

/* tcp_disorder_need gives |tcb| its TcpDisorder; NULL: the store is full. */
TcpDisorder *tcp_disorder_need (Tcb *tcb);

/* tcp_disorder_settle gives it back if nothing is out of order any more. */
void tcp_disorder_settle (Tcb *tcb);

/* tcp_disorder_clear gives everything back. */
void tcp_disorder_clear (Tcb *tcb);

/* tcp_block_new gives a zeroed block or NULL. */
TcpBlock *tcp_block_new (Tcb *tcb);
void tcp_block_free (Tcb *tcb, TcpBlock *block);
void tcp_block_free_list (Tcb *tcb, TcpBlock **list);
