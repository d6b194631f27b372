#include "models/tcp/acknowledgment.h"

#include <stddef.h>

#include "models/tcp/congestion.h"
#include "models/tcp/persist.h"
#include "models/tcp/recovery.h"
#include "models/tcp/rtt.h"
#include "models/tcp/sack.h"
#include "models/tcp/state.h"
#include "models/tcp/teardown.h"
#include "models/tcp/timer.h"
#include "sim/assert.h"

bool
tcp_ack_is_acceptable (const Tcb *tcb, uint32_t ack)
{
  return tcp_seq_at_or_before (ack, tcb->SndMax)
         && tcp_seq_at_or_before (tcb->SndUna - tcb->MaxSndWnd, ack);
}

/* RFC 2883 4: the first block tells of data that came twice. */
static bool
reports_duplicate (const TcpSegment *segment)
{
  const TcpSackBlock *block = segment->sack;

  if ((segment->options & TCP_OPTION_SACK) == 0 || segment->n_sack == 0)
    return false;
  if (tcp_seq_at_or_before (block[0].right, segment->ack))
    return true;
  return segment->n_sack > 1 && tcp_seq_at_or_before (block[1].left, block[0].left)
         && tcp_seq_at_or_before (block[0].right, block[1].right);
}

/* RFC 5681 2, before the window is taken.  What came twice says nothing of what is missing (RFC 6675
 * 2). */
static bool
is_duplicate (const Tcb *tcb, const TcpSegment *segment)
{
  return segment->payload.bytes == 0 && (segment->flags & TCP_FIN) == 0
         && tcb->SndMax != tcb->SndUna && tcb->SndWnd != 0
         && tcp_ack_window (tcb, segment) == tcb->SndWnd && !reports_duplicate (segment);
}

static void
take_window (Tcb *tcb, const TcpSegment *segment, int64_t tick, TcpNews *news)
{
  if (tcp_seq_before (segment->seq, tcb->SendWL1))
    return;
  uint32_t old = tcb->SndWnd;
  tcb->SndWnd = tcp_ack_window (tcb, segment);
  tcb->SendWL1 = segment->seq;
  if (tcb->SndWnd > tcb->MaxSndWnd)
    tcb->MaxSndWnd = tcb->SndWnd;
  if (tcb->SndWnd != 0 && old != 0)
    return;
  if (tcb->SndWnd == 0 && old != 0) {
    tcp_counters (tcb)->window_shut++;
    tcp_persist_begin (tcb, tick);
  } else if (tcb->SndWnd == 0) {
    tcp_persist_answered (tcb, tick);
  } else {
    tcp_persist_end (tcb, tick);
    news->events |= TCP_NEWS_WINDOW;
  }
}

/* RFC 3168 6.1.2: as for a loss, but at most once a window, and nothing is sent again; the window
 * may become one segment (RFC 9438 4.6), only SsThresh stays at two. */
static void
take_congestion_echo (Tcb *tcb)
{
  if ((tcb->bits & TCP_BIT_IN_RECOVERY) != 0 || !tcp_seq_before (tcb->recover, tcb->SndUna))
    return;
  tcp_counters (tcb)->congestion_echoes++;
  tcp_congestion_set (tcb, tcp_congestion_reduce (tcb));
  tcb->recover = tcb->SndMax;
  tcb->bits |= TCP_BIT_ECN_CWR | TCP_BIT_ECN_CUT;
}

/* SndUna moves.  Answers whether the retransmission timer starts anew. */
static bool
take_progress (Tcb *tcb, const TcpSegment *segment, int64_t tick, TcpNews *news)
{
  uint32_t acked = segment->ack - tcb->SndUna;
  bool acks_fin = tcp_seq_before (tcb->send_end, segment->ack);
  tcp_rtt_acked (tcb, segment, tick);
  tcb->SndUna = segment->ack;
  if (tcp_seq_before (tcb->SndNxt, tcb->SndUna))
    tcb->SndNxt = tcb->SndUna;
  if (tcb->disorder != NULL)
    tcp_sack_acked (tcb);
  bool restart = tcp_recovery_acked (tcb, acked, tick);
  if (tcb->SndWnd != 0)
    tcb->RetransmitCount = 0;
  tcb->TotalRT = 0;
  news->acked_bytes += acked - (acks_fin ? 1 : 0);
  news->events |= TCP_NEWS_PROGRESS;
  return restart;
}

static void
our_fin_is_acked (Tcb *tcb, int64_t tick, TcpNews *news)
{
  news->events |= TCP_NEWS_FIN_ACKED;
  if (tcp_state (tcb) == TcpConnectionLastAck) {
    news->events |= tcp_teardown (tcb, TCP_EVENT_FIN_ACKED, 0).events;
    return;
  }
  bool stepped = tcp_state_step (tcb, TCP_EVENT_FIN_ACKED);
  SIM_ASSERT (stepped);
  if (tcp_state (tcb) == TcpConnectionTimeWait)
    news->events |= tcp_time_wait (tcb, tick).events;
}

void
tcp_ack_receive (Tcb *tcb, const TcpSegment *segment, int64_t tick, TcpNews *news)
{
  bool sack_is_news = false;
  bool restart = false;
  if (tcp_seq_before (segment->ack, tcb->SndUna))
    return; /* old: its window and blocks are, too */
  if ((segment->options & TCP_OPTION_SACK) != 0 && tcp_sack_is_on (tcb))
    sack_is_news = tcp_sack_update (tcb, segment);

  if (segment->ack != tcb->SndUna)
    restart = take_progress (tcb, segment, tick, news);
  else if (sack_is_news || is_duplicate (tcb, segment)) {
    tcp_counters (tcb)->duplicate_acks_in++;
    tcp_recovery_duplicate_ack (tcb, tick);
  }
  take_window (tcb, segment, tick, news);
  if ((tcb->bits & TCP_BIT_ECN) != 0 && (segment->flags & TCP_ECE) != 0)
    take_congestion_echo (tcb);

  if (tcp_seq_before (tcb->send_end, tcb->SndUna) && !tcp_state_fin_is_acked (tcp_state (tcb))) {
    our_fin_is_acked (tcb, tick, news);
    if (tcp_state (tcb) == TcpConnectionClosed)
      return;
  }
  if (restart && tcp_slot_use (tcb) != TCP_SLOT_PERSIST)
    tcp_slot_restart (tcb, tick);
}
