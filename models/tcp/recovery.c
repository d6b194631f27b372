#include "models/tcp/recovery.h"

#include "models/tcp/congestion.h"
#include "models/tcp/rtt.h"
#include "models/tcp/sack.h"
#include "models/tcp/teardown.h"
#include "models/tcp/timer.h"

#define MAX_RT_NO_LIMIT UINT32_MAX

static bool
in_recovery (const Tcb *tcb)
{
  return (tcb->bits & TCP_BIT_IN_RECOVERY) != 0;
}

/* RFC 3168 6.1.2: a window that was cut for a mark is not cut again for a loss in it. */
static void
enter (Tcb *tcb, int64_t tick)
{
  uint32_t threshold = tcb->config->duplicate_ack_threshold;
  tcp_counters (tcb)->recoveries++;
  tcb->recover = tcb->SndMax;
  if ((tcb->bits & TCP_BIT_ECN_CUT) == 0)
    tcp_congestion_reduce (tcb);
  tcb->bits |= TCP_BIT_IN_RECOVERY | TCP_BIT_DUE_RETRANSMIT;
  tcb->bits &= ~(uint32_t)(TCP_BIT_PARTIAL_SEEN | TCP_BIT_ECN_CUT);
  if (tcp_sack_enter_recovery (tcb))
    tcp_congestion_set (tcb, tcb->SsThresh); /* RFC 6675 5 (4.2) */
  else
    tcp_congestion_set (tcb, (uint64_t)tcb->SsThresh + threshold * tcb->smss); /* RFC 6582 3.2 */
  tcp_slot_restart (tcb, tick);
}

void
tcp_recovery_duplicate_ack (Tcb *tcb, int64_t tick)
{
  uint32_t threshold = tcb->config->duplicate_ack_threshold;
  if (in_recovery (tcb)) {
    if (tcb->DupAckCount < UINT8_MAX)
      tcb->DupAckCount++;
    if (!tcp_sack_guides (tcb)) /* RFC 6582 3.2 (3): a segment has left */
      tcp_congestion_set (tcb, (uint64_t)tcb->CWnd + tcb->smss);
    return;
  }
  bool reached = tcb->DupAckCount + 1u >= threshold || tcp_sack_says_lost (tcb);
  /* RFC 6582 3.2 (1): not again for what was outstanding at the last loss. */
  if (reached && !tcp_seq_before (tcb->recover, tcb->SndUna) && (tcb->bits & TCP_BIT_ECN_CUT) == 0)
    return;
  if (tcb->DupAckCount + 1u < threshold)
    tcb->DupAckCount++;
  if (reached) {
    tcb->DupAckCount = (uint8_t)threshold;
    enter (tcb, tick);
  }
}

void
tcp_recovery_end (Tcb *tcb)
{
  tcb->DupAckCount = 0;
  tcb->bits &= ~(uint32_t)(TCP_BIT_IN_RECOVERY | TCP_BIT_PARTIAL_SEEN | TCP_BIT_DUE_RETRANSMIT);
  tcp_sack_leave_recovery (tcb);
}

static void
full_ack (Tcb *tcb)
{
  if (tcp_sack_guides (tcb)) {
    tcp_congestion_set (tcb, tcb->SsThresh);
  } else { /* RFC 6582 3.2 (3), full, first choice: no burst */
    uint32_t flight = tcb->SndMax - tcb->SndUna;
    uint64_t window = (uint64_t)(flight > tcb->smss ? flight : tcb->smss) + tcb->smss;
    tcp_congestion_set (tcb, window < tcb->SsThresh ? window : tcb->SsThresh);
  }
  tcp_recovery_end (tcb);
}

static bool
partial_ack (Tcb *tcb, uint32_t bytes)
{
  bool is_first = (tcb->bits & TCP_BIT_PARTIAL_SEEN) == 0;
  tcb->bits |= TCP_BIT_PARTIAL_SEEN;
  if (tcp_sack_guides (tcb))
    return true; /* RFC 6675 5 (C) leaves the rest to the scoreboard */
  tcb->bits |= TCP_BIT_DUE_RETRANSMIT;
  uint64_t window = tcb->CWnd > bytes ? tcb->CWnd - bytes : 0;
  tcp_congestion_set (tcb, bytes >= tcb->smss ? window + tcb->smss : window);
  return is_first; /* RFC 6582 4, the impatient variant */
}

bool
tcp_recovery_acked (Tcb *tcb, uint32_t bytes, int64_t tick)
{
  if (in_recovery (tcb)) {
    bool restart = true;
    if (tcp_seq_at_or_before (tcb->recover, tcb->SndUna))
      full_ack (tcb);
    else
      restart = partial_ack (tcb, bytes);
    return restart;
  }
  tcb->DupAckCount = 0;
  tcb->bits &= ~(uint32_t)TCP_BIT_DUE_RETRANSMIT;
  if (tcp_seq_before (tcb->recover, tcb->SndUna)) {
    tcb->recover = tcb->SndUna - 1; /* keeps it comparable for ever */
    tcb->bits &= ~(uint32_t)TCP_BIT_ECN_CUT;
  }
  tcp_congestion_acked (tcb, bytes, tick);
  return true;
}

static bool
limit_is_reached (const Tcb *tcb)
{
  if (tcb->MaxRT == MAX_RT_NO_LIMIT)
    return false;
  if (tcb->MaxRT != 0)
    return tcb->TotalRT >= tcb->MaxRT;
  return tcb->RetransmitCount >= tcb->config->retransmissions_max;
}

uint32_t
tcp_recovery_timeout_ticks (const Tcb *tcb)
{
  uint32_t ticks = tcp_rto_shifted_ticks (tcb, tcb->backoff);
  if (tcb->MaxRT == 0 || tcb->MaxRT == MAX_RT_NO_LIMIT)
    return ticks;
  uint32_t left = tcb->MaxRT > tcb->TotalRT ? tcb->MaxRT - tcb->TotalRT : 0;
  return ticks < left ? ticks : left;
}

TcpNews
tcp_recovery_timeout (Tcb *tcb, int64_t tick)
{
  TcpNews news = { .events = TCP_NEWS_RETRANSMITTED };
  uint32_t waited = tcp_recovery_timeout_ticks (tcb);
  tcp_counters (tcb)->timeouts++;
  tcb->TotalRT = tcb->TotalRT < UINT32_MAX - waited ? tcb->TotalRT + waited : UINT32_MAX;
  if (limit_is_reached (tcb))
    return tcp_teardown_at_limit (tcb);

  if (tcb->RetransmitCount < UINT8_MAX)
    tcb->RetransmitCount++;
  if (tcb->backoff < UINT8_MAX)
    tcb->backoff++;
  if (tcb->RetransmitCount == tcb->config->doubt_retransmissions)
    news.events |= TCP_NEWS_DOUBT;

  if (tcp_state_is_synchronized (tcp_state (tcb)))
    tcp_congestion_timeout (tcb);
  else if (tcb->config->ecn_syns_max > 0 && tcb->RetransmitCount >= tcb->config->ecn_syns_max)
    tcb->bits &= ~(uint32_t)TCP_BIT_ECN_OFFER;
  tcp_recovery_end (tcb);
  tcp_sack_forget (tcb);
  tcb->recover = tcb->SndMax; /* RFC 6582 4 */
  tcb->bits &= ~(uint32_t)TCP_BIT_ECN_CUT;
  tcp_rtt_resent (tcb, tcb->SndUna);
  tcb->SndNxt = tcb->SndUna;
  tcp_slot_restart (tcb, tick);
  return news;
}

uint32_t
tcp_recovery_extra_bytes (const Tcb *tcb)
{
  if (tcb->DupAckCount == 0 || in_recovery (tcb) || !tcb->config->limited_transmit)
    return 0;
  return (tcb->DupAckCount < 2 ? 1u : 2u) * tcb->smss; /* RFC 3042 2 */
}
