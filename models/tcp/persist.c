#include "models/tcp/persist.h"

#include "models/tcp/recovery.h"
#include "models/tcp/rtt.h"
#include "models/tcp/sack.h"
#include "models/tcp/teardown.h"
#include "models/tcp/timer.h"

bool
tcp_persist_has_cause (const Tcb *tcb)
{
  if (tcb->SndMax != tcb->SndUna || tcb->send_end != tcb->SndUna)
    return !tcp_state_fin_is_acked (tcp_state (tcb));
  return (tcb->bits & TCP_BIT_FIN_QUEUED) != 0;
}

uint32_t
tcp_persist_ticks (const Tcb *tcb)
{
  return tcp_rto_shifted_ticks (tcb, tcb->SndWndProbeCount);
}

void
tcp_persist_begin (Tcb *tcb, int64_t tick)
{
  tcb->SndWndProbeCount = 0;
  tcb->RetransmitCount = 0;
  tcp_recovery_end (tcb);
  tcp_sack_forget (tcb);
  tcb->SndNxt = tcb->SndUna; /* what the peer had no room for goes again when it has */
  tcp_timer_stop (tcb, TCP_TIMER_SEND_SWS);
  tcp_slot_restart (tcb, tick);
}

void
tcp_persist_answered (Tcb *tcb, int64_t tick)
{
  if (tcb->RetransmitCount == 0) {
    /* No probe is out: this says nothing new, except that there may be nothing left to send. */
    if (!tcp_timer_is_running (tcb, TCP_TIMER_RETRANSMIT) || !tcp_persist_has_cause (tcb))
      tcp_slot_restart (tcb, tick);
    return;
  }
  if (tcb->SndWndProbeCount < UINT8_MAX)
    tcb->SndWndProbeCount++;
  tcb->RetransmitCount = 0;
  tcb->bits &= ~(uint32_t)TCP_BIT_DUE_PROBE;
  tcp_slot_restart (tcb, tick);
}

void
tcp_persist_end (Tcb *tcb, int64_t tick)
{
  tcb->SndWndProbeCount = 0;
  tcb->RetransmitCount = 0;
  tcb->bits &= ~(uint32_t)TCP_BIT_DUE_PROBE;
  tcp_slot_restart (tcb, tick);
}

TcpNews
tcp_persist_expire (Tcb *tcb, int64_t tick)
{
  if (tcb->RetransmitCount >= tcb->config->retransmissions_max)
    return tcp_teardown_at_limit (tcb);

  tcb->bits |= TCP_BIT_DUE_PROBE;
  tcp_timer_set (tcb, TCP_TIMER_RETRANSMIT,
                 tick + tcp_rto_shifted_ticks (tcb, tcb->RetransmitCount));
  if (tcb->RetransmitCount < UINT8_MAX)
    tcb->RetransmitCount++;
  return (TcpNews){ 0 };
}
