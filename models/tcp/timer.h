/*
 * Timers of a connection: deadlines in ticks.
 *
 * A timer of n ticks runs out on the n-th tick edge after it was set, whatever fraction of a tick
 * is left at the time; 0 runs out at once.
 *
 * Units       Ticks of 1 / ticks_per_s since time zero.
 * Invariants  Tcb.deadline_tick is the earliest of Tcb.timer.
 * Source      "Overview of TCP timers" (TIMER-01, TIMER-02); RFC 9293 3.8.
 */
#pragma once

#include "models/tcp/tcp.h"
#include "sim/assert.h"
#include "sim/time.h"

/* What the retransmit slot is used for now. */
typedef enum TcpSlotUse {
  TCP_SLOT_RETRANSMIT,
  TCP_SLOT_PERSIST,
  TCP_SLOT_FIN_WAIT_2,
  TCP_SLOT_TIME_WAIT,
  TCP_SLOT_UNUSED,
} TcpSlotUse;

/* tcp_tick is the last tick edge at or before |now|. */
static inline int64_t
tcp_tick (const TcpConfig *config, SimTime now)
{
  switch (config->ticks_per_s) {
  case 1000:
    return now.ps / SIM_PS_PER_MS;
  case 100:
    return now.ps / (10 * SIM_PS_PER_MS);
  case 10:
    return now.ps / (100 * SIM_PS_PER_MS);
  }
  SIM_UNREACHABLE ();
}

/* tcp_tick_instant is the edge itself; a tick beyond all time is never. */
SimTime tcp_tick_instant (const TcpConfig *config, int64_t tick);

/* tcp_timer_set makes |timer| run out at |deadline_tick|; TCP_TICK_NEVER stops it. */
static inline void
tcp_timer_set (Tcb *tcb, TcpTimer timer, int64_t deadline_tick)
{
  int64_t old = tcb->timer[timer];
  tcb->timer[timer] = deadline_tick;
  if (deadline_tick <= tcb->deadline_tick) {
    tcb->deadline_tick = deadline_tick;
  } else if (old == tcb->deadline_tick) {
    int64_t min = tcb->timer[0];
    for (int i = 1; i < TCP_N_TIMERS; i++)
      min = tcb->timer[i] < min ? tcb->timer[i] : min;
    tcb->deadline_tick = min;
  }
}

static inline bool
tcp_timer_is_running (const Tcb *tcb, TcpTimer timer)
{
  return tcb->timer[timer] != TCP_TICK_NEVER;
}

static inline void
tcp_timer_stop (Tcb *tcb, TcpTimer timer)
{
  if (tcp_timer_is_running (tcb, timer))
    tcp_timer_set (tcb, timer, TCP_TICK_NEVER);
}

void tcp_timer_stop_all (Tcb *tcb);

/* tcp_timer_delta is TimeoutDelta: ticks left, or TCP_TIMER_STOPPED; tcp_timer_resume its
 * inverse. */
uint32_t tcp_timer_delta (const Tcb *tcb, TcpTimer timer, int64_t tick);
void tcp_timer_resume (Tcb *tcb, TcpTimer timer, uint32_t delta, int64_t tick);

/* tcp_slot_use answers what the retransmit slot serves in the present state. */
TcpSlotUse tcp_slot_use (const Tcb *tcb);

/* tcp_slot_restart sets the slot anew for its present use, or stops it. */
void tcp_slot_restart (Tcb *tcb, int64_t tick);
