#include "models/tcp/sack.h"

#include <stddef.h>

#include "sim/assert.h"

static bool
block_is_useful (const Tcb *tcb, TcpSackBlock b)
{
  /* Below SndUna: old, or a duplicate report (RFC 2883 4.1). */
  return tcp_seq_before (b.left, b.right) && tcp_seq_at_or_before (tcb->SndUna, b.left)
         && tcp_seq_before (tcb->SndUna, b.right) && tcp_seq_at_or_before (b.right, tcb->SndMax);
}

/* Adds |left| to |right| behind |previous| (NULL: at the head), where no block is. */
static TcpBlock *
board_insert (Tcb *tcb, TcpBlock *previous, uint32_t left, uint32_t right)
{
  TcpDisorder *d = tcb->disorder;
  TcpBlock *next = previous != NULL ? previous->next : d->board;
  TcpBlock *block = previous;
  if (previous == NULL || tcp_block_end (previous) != left) {
    block = tcp_block_new (tcb);
    if (block == NULL)
      return NULL;
    block->seq = left;
    block->next = next;
    *(previous != NULL ? &previous->next : &d->board) = block;
  }
  block->range.bytes += right - left;
  d->board_bytes += right - left;
  if (next != NULL && next->seq == right) {
    block->range.bytes += next->range.bytes;
    block->next = next->next;
    tcp_block_free (tcb, next);
  }
  return block;
}

static bool
board_add (Tcb *tcb, TcpSackBlock b)
{
  TcpDisorder *d = tcb->disorder;
  uint32_t before = d->board_bytes;
  TcpBlock *previous = NULL;
  for (TcpBlock *at = d->board; at != NULL && tcp_seq_at_or_before (at->seq, b.left); at = at->next)
    previous = at;
  while (tcp_seq_before (b.left, b.right)) {
    if (previous != NULL && tcp_seq_before (b.left, tcp_block_end (previous))) {
      b.left = tcp_block_end (previous);
      continue;
    }
    TcpBlock *next = previous != NULL ? previous->next : d->board;
    uint32_t right = next != NULL && tcp_seq_before (next->seq, b.right) ? next->seq : b.right;
    if (right != b.left) {
      previous = board_insert (tcb, previous, b.left, right);
      if (previous == NULL)
        break;
    } else {
      previous = next;
    }
  }
  return d->board_bytes != before;
}

bool
tcp_sack_update (Tcb *tcb, const TcpSegment *segment)
{
  bool is_news = false;
  uint8_t n = segment->n_sack < TCP_SACK_BLOCKS_MAX ? segment->n_sack : TCP_SACK_BLOCKS_MAX;
  for (uint8_t i = 0; i < n; i++) {
    if (!block_is_useful (tcb, segment->sack[i]))
      continue;
    if (tcp_disorder_need (tcb) == NULL)
      return false;
    is_news = board_add (tcb, segment->sack[i]) || is_news;
  }
  tcp_disorder_settle (tcb);
  return is_news;
}

void
tcp_sack_acked (Tcb *tcb)
{
  TcpDisorder *d = tcb->disorder;
  if (d == NULL)
    return;
  while (d->board != NULL && tcp_seq_before (d->board->seq, tcb->SndUna)) {
    TcpBlock *block = d->board;
    uint32_t passed = tcb->SndUna - block->seq;
    if (passed < block->range.bytes) {
      block->seq += passed;
      block->range.bytes -= passed;
      d->board_bytes -= passed;
      break;
    }
    d->board_bytes -= block->range.bytes;
    d->board = block->next;
    tcp_block_free (tcb, block);
  }
  tcp_disorder_settle (tcb);
}

void
tcp_sack_forget (Tcb *tcb)
{
  TcpDisorder *d = tcb->disorder;
  if (d == NULL)
    return;
  tcp_block_free_list (tcb, &d->board);
  d->board_bytes = 0;
  d->guides = false;
  tcp_disorder_settle (tcb);
}

/* RFC 6675 4, IsLost, for a byte below all of |blocks| sacked blocks with |bytes|. */
static bool
is_lost (const Tcb *tcb, uint32_t blocks, uint32_t bytes)
{
  uint32_t threshold = tcb->config->duplicate_ack_threshold;
  return blocks >= threshold || bytes > (threshold - 1) * tcb->smss;
}

static uint32_t
count_blocks (const TcpBlock *list)
{
  uint32_t count = 0;
  for (const TcpBlock *b = list; b != NULL; b = b->next)
    count++;
  return count;
}

bool
tcp_sack_says_lost (const Tcb *tcb)
{
  const TcpDisorder *d = tcb->disorder;
  return d != NULL && d->board != NULL && is_lost (tcb, count_blocks (d->board), d->board_bytes);
}

bool
tcp_sack_enter_recovery (Tcb *tcb)
{
  TcpDisorder *d = tcb->disorder;
  if (d == NULL || d->board == NULL)
    return false;
  d->guides = true;
  d->rescued = false;
  d->high_rxt = tcb->SndUna;
  return true;
}

void
tcp_sack_leave_recovery (Tcb *tcb)
{
  if (tcb->disorder == NULL)
    return;
  tcb->disorder->guides = false;
  tcp_disorder_settle (tcb);
}

/* The holes in ascending order: each lies before |next| (NULL: behind the last block). */
typedef struct HoleWalk {
  uint32_t seq;
  uint32_t end;
  const TcpBlock *next;
  uint32_t blocks_above;
  uint32_t bytes_above;
} HoleWalk;

static HoleWalk
walk_begin (const Tcb *tcb)
{
  const TcpDisorder *d = tcb->disorder;
  return (HoleWalk){ .seq = tcb->SndUna,
                     .end = d->board != NULL ? d->board->seq : tcb->SndMax,
                     .next = d->board,
                     .blocks_above = count_blocks (d->board),
                     .bytes_above = d->board_bytes };
}

static bool
walk_on (const Tcb *tcb, HoleWalk *walk)
{
  const TcpBlock *block = walk->next;
  if (block == NULL)
    return false;
  walk->seq = tcp_block_end (block);
  walk->next = block->next;
  walk->end = walk->next != NULL ? walk->next->seq : tcb->SndMax;
  walk->blocks_above--;
  walk->bytes_above -= block->range.bytes;
  return true;
}

/* How much of |walk|'s hole lies below |limit|. */
static uint32_t
hole_below (const HoleWalk *walk, uint32_t limit)
{
  if (tcp_seq_at_or_before (limit, walk->seq))
    return 0;
  return (tcp_seq_before (limit, walk->end) ? limit : walk->end) - walk->seq;
}

uint32_t
tcp_sack_pipe (const Tcb *tcb)
{
  uint32_t pipe = 0;
  HoleWalk walk = walk_begin (tcb);
  do {
    if (!is_lost (tcb, walk.blocks_above, walk.bytes_above))
      pipe += walk.end - walk.seq;
    pipe += hole_below (&walk, tcb->disorder->high_rxt);
  } while (walk_on (tcb, &walk));
  return pipe;
}

static TcpSackHole
hole_not_resent (const Tcb *tcb, const HoleWalk *walk)
{
  uint32_t resent = hole_below (walk, tcb->disorder->high_rxt);
  return (TcpSackHole){ .seq = walk->seq + resent, .bytes = walk->end - walk->seq - resent };
}

static TcpSackHole
next_hole (const Tcb *tcb, bool must_be_lost)
{
  HoleWalk walk = walk_begin (tcb);
  do {
    if (walk.next == NULL)
      break; /* above the highest sacked byte nothing is known */
    TcpSackHole hole = hole_not_resent (tcb, &walk);
    if (hole.bytes > 0 && (!must_be_lost || is_lost (tcb, walk.blocks_above, walk.bytes_above)))
      return hole;
  } while (walk_on (tcb, &walk));
  return (TcpSackHole){ 0 };
}

TcpSackHole
tcp_sack_next_lost (const Tcb *tcb)
{
  return next_hole (tcb, true);
}

TcpSackHole
tcp_sack_next_any (const Tcb *tcb)
{
  TcpSackHole hole = next_hole (tcb, false);
  if (hole.bytes > 0 || tcb->disorder->rescued)
    return hole;
  /* Rule 4: the last segment outstanding, once, in case the end was lost. */
  HoleWalk walk = walk_begin (tcb);
  while (walk_on (tcb, &walk)) {
  }
  uint32_t bytes = walk.end - walk.seq;
  if (bytes > tcb->smss)
    bytes = tcb->smss;
  return (TcpSackHole){ .seq = walk.end - bytes, .bytes = bytes, .is_rescue = true };
}

void
tcp_sack_resent (Tcb *tcb, TcpSackHole hole)
{
  TcpDisorder *d = tcb->disorder;
  if (hole.is_rescue)
    d->rescued = true;
  else if (tcp_seq_before (d->high_rxt, hole.seq + hole.bytes))
    d->high_rxt = hole.seq + hole.bytes;
}

TcpSackHole
tcp_sack_hole_at (const Tcb *tcb, uint32_t seq)
{
  const TcpBlock *block = tcb->disorder != NULL ? tcb->disorder->board : NULL;
  while (block != NULL && tcp_seq_at_or_before (block->seq, seq)) {
    if (tcp_seq_before (seq, tcp_block_end (block)))
      seq = tcp_block_end (block);
    block = block->next;
  }
  uint32_t end = block != NULL ? block->seq : tcb->SndMax;
  return (TcpSackHole){ .seq = seq, .bytes = tcp_seq_before (seq, end) ? end - seq : 0 };
}
