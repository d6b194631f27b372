#include "models/tcp/window.h"

#include "models/tcp/timer.h"

static uint32_t
free_bytes (const Tcb *tcb)
{
  uint32_t max = (uint32_t)UINT16_MAX << tcb->RcvWindScale;
  uint32_t bytes =
      tcb->InitialRcvWnd > tcb->rcv_held_bytes ? tcb->InitialRcvWnd - tcb->rcv_held_bytes : 0;
  return bytes < max ? bytes : max;
}

/* By how much the edge could move right; negative while the peer has been promised more. */
static int32_t
possible_gain (const Tcb *tcb)
{
  return tcp_seq_diff (tcb->RcvNxt + free_bytes (tcb), tcb->rcv_adv);
}

static int32_t
worthwhile_gain (const Tcb *tcb)
{
  uint32_t half = tcb->InitialRcvWnd / 2;
  return half < tcb->peer_smss ? (int32_t)half : tcb->peer_smss;
}

void
tcp_window_open_first (Tcb *tcb)
{
  uint32_t bytes = free_bytes (tcb);
  tcb->rcv_adv = tcb->RcvNxt + (bytes >> tcb->RcvWindScale << tcb->RcvWindScale);
  tcb->last_ack_sent = tcb->RcvNxt;
}

uint16_t
tcp_window_advertise (Tcb *tcb, bool is_syn)
{
  uint32_t edge = tcb->rcv_adv;
  int32_t gain = possible_gain (tcb);
  if (gain > 0
      && (gain >= worthwhile_gain (tcb) || (tcb->bits & TCP_BIT_FORCE_WINDOW) != 0
          || tcb->config->window_follows)) {
    edge += (uint32_t)gain;
    tcp_timer_stop (tcb, TCP_TIMER_RECEIVE_SWS);
  }
  tcb->bits &= ~(uint32_t)TCP_BIT_FORCE_WINDOW;

  /* RFC 7323 2.2: the window of a SYN is not scaled. */
  uint8_t scale = is_syn ? 0 : tcb->RcvWindScale;
  uint32_t field = (edge - tcb->RcvNxt) >> scale;
  if (field > UINT16_MAX)
    field = UINT16_MAX;
  uint32_t told = tcb->RcvNxt + (field << scale);
  if (tcp_seq_before (tcb->rcv_adv, told))
    tcb->rcv_adv = told;
  return (uint16_t)field;
}

void
tcp_window_review (Tcb *tcb, int64_t tick)
{
  int32_t gain = possible_gain (tcb);
  if (gain <= 0)
    return;
  /* Twice the step that a segment sent anyway would take along. */
  uint32_t half = tcb->InitialRcvWnd / 2;
  uint32_t two = 2u * tcb->peer_smss;
  bool was_shut = tcp_window_bytes (tcb) < (uint32_t)worthwhile_gain (tcb);
  if ((uint32_t)gain >= (half < two ? half : two) || (was_shut && gain >= worthwhile_gain (tcb))) {
    tcb->bits |= TCP_BIT_DUE_ACK;
  } else if (was_shut && tcb->config->sws_prevention_ticks > 0
             && !tcp_timer_is_running (tcb, TCP_TIMER_RECEIVE_SWS)) {
    tcp_timer_set (tcb, TCP_TIMER_RECEIVE_SWS, tick + tcb->config->sws_prevention_ticks);
  }
}
