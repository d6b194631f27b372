#include "models/tcp/timer.h"

#include "models/tcp/persist.h"
#include "models/tcp/keepalive.h"
#include "models/tcp/recovery.h"
#include "models/tcp/rtt.h"
#include "models/tcp/state.h"
#include "models/tcp/store.h"
#include "models/tcp/teardown.h"

SimTime
tcp_tick_instant (const TcpConfig *config, int64_t tick)
{
  int64_t ps;
  if (__builtin_mul_overflow (tick, SIM_PS_PER_S / config->ticks_per_s, &ps))
    return SIM_TIME_NEVER;
  return (SimTime){ ps };
}

void
tcp_timer_stop_all (Tcb *tcb)
{
  for (int i = 0; i < TCP_N_TIMERS; i++)
    tcb->timer[i] = TCP_TICK_NEVER;
  tcb->deadline_tick = TCP_TICK_NEVER;
}

uint32_t
tcp_timer_delta (const Tcb *tcb, TcpTimer timer, int64_t tick)
{
  bool has_run_out = timer == TCP_TIMER_RETRANSMIT && (tcb->bits & TCP_BIT_GAVE_UP) != 0;
  if (!tcp_timer_is_running (tcb, timer))
    return has_run_out ? 0 : TCP_TIMER_STOPPED;
  int64_t left = tcb->timer[timer] - tick;
  if (left < 0)
    return 0;
  return left < TCP_TIMER_STOPPED ? (uint32_t)left : TCP_TIMER_STOPPED - 1;
}

void
tcp_timer_resume (Tcb *tcb, TcpTimer timer, uint32_t delta, int64_t tick)
{
  tcp_timer_set (tcb, timer, delta == TCP_TIMER_STOPPED ? TCP_TICK_NEVER : tick + delta);
}

TcpSlotUse
tcp_slot_use (const Tcb *tcb)
{
  TCP_OFFLOAD_CONNECTION_STATE state = tcp_state (tcb);
  if (state == TcpConnectionTimeWait)
    return TCP_SLOT_TIME_WAIT;
  if (state == TcpConnectionFinWait2)
    return TCP_SLOT_FIN_WAIT_2;
  if (state == TcpConnectionClosed || state == TcpConnectionListen)
    return TCP_SLOT_UNUSED;
  if (tcb->SndWnd == 0 && tcp_state_is_synchronized (state))
    return tcp_persist_has_cause (tcb) ? TCP_SLOT_PERSIST : TCP_SLOT_UNUSED;
  return tcb->SndMax != tcb->SndUna ? TCP_SLOT_RETRANSMIT : TCP_SLOT_UNUSED;
}

static int64_t
slot_ticks (const Tcb *tcb)
{
  switch (tcp_slot_use (tcb)) {
  case TCP_SLOT_RETRANSMIT:
    return tcp_recovery_timeout_ticks (tcb);
  case TCP_SLOT_PERSIST:
    return tcp_persist_ticks (tcb);
  case TCP_SLOT_FIN_WAIT_2:
    return tcb->config->fin_wait_2_ticks > 0 ? tcb->config->fin_wait_2_ticks : TCP_TICK_NEVER;
  case TCP_SLOT_TIME_WAIT:
    return tcb->config->time_wait_ticks;
  case TCP_SLOT_UNUSED:
    return TCP_TICK_NEVER;
  }
  SIM_UNREACHABLE ();
}

void
tcp_slot_restart (Tcb *tcb, int64_t tick)
{
  int64_t ticks = slot_ticks (tcb);
  tcp_timer_set (tcb, TCP_TIMER_RETRANSMIT,
                 ticks == TCP_TICK_NEVER ? TCP_TICK_NEVER : tick + ticks);
}

static TcpNews
slot_expire (Tcb *tcb, int64_t tick)
{
  switch (tcp_slot_use (tcb)) {
  case TCP_SLOT_RETRANSMIT:
    return tcp_recovery_timeout (tcb, tick);
  case TCP_SLOT_PERSIST:
    return tcp_persist_expire (tcb, tick);
  case TCP_SLOT_FIN_WAIT_2:
    return tcp_teardown (tcb, TCP_EVENT_EXPIRED, TCP_NEWS_TIMED_OUT);
  case TCP_SLOT_TIME_WAIT:
    return tcp_teardown (tcb, TCP_EVENT_EXPIRED, 0);
  case TCP_SLOT_UNUSED:
    return (TcpNews){ 0 };
  }
  SIM_UNREACHABLE ();
}

static TcpNews
timer_expire (Tcb *tcb, TcpTimer timer, int64_t tick)
{
  switch (timer) {
  case TCP_TIMER_RETRANSMIT:
    return slot_expire (tcb, tick);
  case TCP_TIMER_KEEPALIVE:
    return tcp_keepalive_expire (tcb, tick);
  case TCP_TIMER_DELAYED_ACK:
    tcp_counters (tcb)->delayed_acks++;
    tcb->bits |= TCP_BIT_DUE_ACK;
    return (TcpNews){ 0 };
  case TCP_TIMER_SEND_SWS:
    tcb->bits |= TCP_BIT_FORCE_SEND;
    return (TcpNews){ 0 };
  case TCP_TIMER_RECEIVE_SWS:
    tcb->bits |= TCP_BIT_FORCE_WINDOW | TCP_BIT_DUE_ACK;
    return (TcpNews){ 0 };
  case TCP_N_TIMERS:
    break;
  }
  SIM_UNREACHABLE ();
}

SimTime
tcp_deadline (const Tcb *tcb)
{
  return tcp_tick_instant (tcb->config, tcb->deadline_tick);
}

TcpNews
tcp_expire (Tcb *tcb, SimTime now)
{
  int64_t tick = tcp_tick (tcb->config, now);
  TcpNews news = { 0 };
  for (int timer = 0; timer < TCP_N_TIMERS; timer++) {
    if (tcb->timer[timer] > tick)
      continue;
    tcp_timer_stop (tcb, (TcpTimer)timer);
    news.events |= timer_expire (tcb, (TcpTimer)timer, tick).events;
  }
  return news;
}
