#include "models/tcp/reassembly.h"

#include <stddef.h>

#include "models/tcp/sack.h"
#include "models/tcp/state.h"
#include "sim/assert.h"

/* Cuts |bytes| off the front. */
static TcpRange
range_after (TcpRange range, uint32_t bytes)
{
  range.offset += bytes;
  range.bytes -= bytes;
  return range;
}

static void
ready_push (Tcb *tcb, TcpBlock *block)
{
  TcpDisorder *d = tcb->disorder;
  block->next = NULL;
  if (d->ready == NULL)
    d->ready = block;
  else
    d->ready_tail->next = block;
  d->ready_tail = block;
}

/* Puts |range| behind what is ready without a block, if it continues that. */
static bool
ready_extend (Tcb *tcb, TcpRange range)
{
  TcpDisorder *d = tcb->disorder;
  TcpRange *last = d != NULL && d->ready != NULL ? &d->ready_tail->range : &tcb->ready;
  if (last->bytes == 0)
    *last = range;
  else if (tcp_range_continues (*last, range))
    last->bytes += range.bytes;
  else
    return false;
  return true;
}

static void
advance (Tcb *tcb, uint32_t bytes)
{
  tcb->RcvNxt += bytes;
  tcb->rcv_held_bytes += bytes;
}

/* Moves what has become in order from the queue to the ready list. */
static bool
connect_queue (Tcb *tcb)
{
  TcpDisorder *d = tcb->disorder;
  bool push = false;
  while (d->queue != NULL && tcp_seq_at_or_before (d->queue->seq, tcb->RcvNxt)) {
    TcpBlock *block = d->queue;
    uint32_t overlap = tcb->RcvNxt - block->seq;
    d->queue = block->next;
    if (overlap >= block->range.bytes) {
      tcp_block_free (tcb, block);
      continue;
    }
    block->range = range_after (block->range, overlap);
    push = push || block->push;
    advance (tcb, block->range.bytes);
    if (ready_extend (tcb, block->range))
      tcp_block_free (tcb, block);
    else
      ready_push (tcb, block);
  }
  tcp_disorder_settle (tcb);
  return push;
}

bool
tcp_reassembly_connect (Tcb *tcb)
{
  return tcb->disorder != NULL && connect_queue (tcb);
}

static bool
block_absorbs (TcpBlock *block, uint32_t seq, TcpRange range)
{
  if (block == NULL || tcp_block_end (block) != seq || !tcp_range_continues (block->range, range))
    return false;
  block->range.bytes += range.bytes;
  return true;
}

static void
absorb_next (Tcb *tcb, TcpBlock *block)
{
  TcpDisorder *d = tcb->disorder;
  TcpBlock *next = block->next;
  if (next == NULL || !block_absorbs (block, next->seq, next->range))
    return;
  block->push = block->push || next->push;
  block->next = next->next;
  if (d->queue_tail == next)
    d->queue_tail = block;
  tcp_block_free (tcb, next);
}

/* Places one stretch that no block holds, behind |previous| (NULL: at the head); returns the block
 * that holds it now. */
static TcpBlock *
queue_stretch (Tcb *tcb, TcpBlock *previous, uint32_t seq, TcpRange range)
{
  TcpDisorder *d = tcb->disorder;
  TcpBlock *block = previous;
  if (!block_absorbs (previous, seq, range)) {
    block = tcp_block_new (tcb);
    if (block == NULL)
      return NULL;
    block->seq = seq;
    block->range = range;
    block->next = previous != NULL ? previous->next : d->queue;
    *(previous != NULL ? &previous->next : &d->queue) = block;
    if (block->next == NULL)
      d->queue_tail = block;
  }
  absorb_next (tcb, block);
  block->stamp = ++d->arrivals & INT32_MAX;
  return block;
}

static TcpBlock *
last_before (const TcpDisorder *d, uint32_t seq)
{
  if (d->queue != NULL && tcp_seq_at_or_before (d->queue_tail->seq, seq))
    return d->queue_tail;
  TcpBlock *previous = NULL;
  for (TcpBlock *b = d->queue; b != NULL && tcp_seq_at_or_before (b->seq, seq); b = b->next)
    previous = b;
  return previous;
}

bool
tcp_reassembly_queue (Tcb *tcb, uint32_t seq, TcpRange range, bool push)
{
  SIM_ASSERT (tcp_seq_before (tcb->RcvNxt, seq) || tcp_state (tcb) == TcpConnectionSynRcvd);
  TcpDisorder *d = tcp_disorder_need (tcb);
  if (d == NULL)
    return false;

  TcpBlock *at = last_before (d, seq);
  bool duplicate_noted = false;
  while (range.bytes > 0) {
    uint32_t held = 0;
    if (at != NULL && tcp_seq_before (seq, tcp_block_end (at)))
      held = tcp_block_end (at) - seq;
    if (held > range.bytes)
      held = range.bytes;
    if (held > 0) {
      if (!duplicate_noted)
        tcp_reassembly_duplicate (tcb, seq, seq + held);
      duplicate_noted = true;
      at->stamp = ++d->arrivals & INT32_MAX;
      seq += held;
      range = range_after (range, held);
      continue;
    }
    const TcpBlock *next = at != NULL ? at->next : d->queue;
    TcpRange stretch = range;
    if (next != NULL && next->seq - seq < stretch.bytes)
      stretch.bytes = next->seq - seq;
    if (stretch.bytes > 0) {
      at = queue_stretch (tcb, at, seq, stretch);
      if (at == NULL) {
        tcp_disorder_settle (tcb);
        return false;
      }
      seq += stretch.bytes;
      range = range_after (range, stretch.bytes);
    } else {
      at = at != NULL ? at->next : d->queue;
    }
  }
  if (at != NULL && push)
    at->push = true;
  return true;
}

/* What of |range| at RcvNxt lies before the queue; the rest goes into its gaps. */
static TcpRange
before_queue (Tcb *tcb, TcpRange range)
{
  const TcpDisorder *d = tcb->disorder;
  if (d == NULL || d->queue == NULL || d->queue->seq - tcb->RcvNxt >= range.bytes)
    return range;
  TcpRange first = range;
  first.bytes = d->queue->seq - tcb->RcvNxt;
  tcp_reassembly_queue (tcb, d->queue->seq, range_after (range, first.bytes), false);
  return first;
}

bool
tcp_reassembly_append (Tcb *tcb, TcpRange range, bool *ret_push)
{
  range = before_queue (tcb, range);
  if (!ready_extend (tcb, range)) {
    TcpDisorder *d = tcp_disorder_need (tcb);
    TcpBlock *block = d != NULL ? tcp_block_new (tcb) : NULL;
    if (block == NULL) {
      if (d != NULL)
        tcp_disorder_settle (tcb);
      return false;
    }
    block->range = range;
    ready_push (tcb, block);
  }
  advance (tcb, range.bytes);
  *ret_push = tcb->disorder != NULL && connect_queue (tcb);
  return true;
}

void
tcp_reassembly_drop_queue (Tcb *tcb)
{
  TcpDisorder *d = tcb->disorder;
  if (d == NULL)
    return;
  tcp_block_free_list (tcb, &d->queue);
  d->queue_tail = NULL;
  d->has_fin = false;
  d->has_duplicate = false;
}

void
tcp_reassembly_duplicate (Tcb *tcb, uint32_t left, uint32_t right)
{
  if (!tcp_sack_is_on (tcb))
    return;
  TcpDisorder *d = tcp_disorder_need (tcb);
  if (d == NULL)
    return;
  d->has_duplicate = true;
  d->duplicate = (TcpSackBlock){ left, right };
}

/* The block with the highest stamp below |limit|. */
static const TcpBlock *
most_recent (const TcpDisorder *d, uint32_t limit)
{
  const TcpBlock *best = NULL;
  for (const TcpBlock *b = d->queue; b != NULL; b = b->next)
    if (b->stamp < limit && (best == NULL || b->stamp > best->stamp))
      best = b;
  return best;
}

uint8_t
tcp_reassembly_report (const Tcb *tcb, TcpSackBlock *ret_blocks, uint8_t max)
{
  const TcpDisorder *d = tcb->disorder;
  uint8_t count = 0;
  if (d == NULL)
    return 0;
  if (d->has_duplicate && count < max)
    ret_blocks[count++] = d->duplicate;
  uint32_t limit = UINT32_MAX;
  while (count < max) {
    const TcpBlock *block = most_recent (d, limit);
    if (block == NULL)
      break;
    limit = block->stamp;
    ret_blocks[count++] = (TcpSackBlock){ block->seq, tcp_block_end (block) };
  }
  return count;
}

uint32_t
tcp_held_bytes (const Tcb *tcb)
{
  uint32_t bytes = 0;

  if (tcb->disorder != NULL)
    for (const TcpBlock *block = tcb->disorder->queue; block != NULL; block = block->next)
      bytes += block->range.bytes;
  return bytes;
}
