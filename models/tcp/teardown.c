#include "models/tcp/teardown.h"

#include "models/tcp/store.h"
#include "models/tcp/timer.h"
#include "sim/assert.h"

TcpNews
tcp_teardown (Tcb *tcb, TcpStateEvent event, uint32_t events)
{
  bool stepped = tcp_state_step (tcb, event);
  SIM_ASSERT (stepped);
  SIM_ASSERT (tcp_state (tcb) == TcpConnectionClosed);

  tcp_timer_stop_all (tcb);
  tcp_disorder_clear (tcb);
  tcb->bits &=
      ~(uint32_t)(TCP_BITS_DUE | TCP_BIT_FORCE_SEND | TCP_BIT_FORCE_WINDOW | TCP_BIT_TIMING_RTT);
  return (TcpNews){ .events = events | TCP_NEWS_CLOSED };
}

TcpNews
tcp_teardown_at_limit (Tcb *tcb)
{
  if (tcb->config->role == TCP_ROLE_HOST)
    return tcp_teardown (tcb, TCP_EVENT_GIVE_UP, TCP_NEWS_TIMED_OUT);

  /* TIMER-13: the host gets TimeoutDelta 0 (tcp_timer_delta), lets the timer run out and closes. */
  tcp_timer_stop_all (tcb);
  tcb->bits |= TCP_BIT_GAVE_UP;
  return (TcpNews){ .events = TCP_NEWS_TIMED_OUT };
}

TcpNews
tcp_time_wait (Tcb *tcb, int64_t tick)
{
  SIM_ASSERT (tcp_state (tcb) == TcpConnectionTimeWait);
  tcp_timer_stop (tcb, TCP_TIMER_KEEPALIVE);
  tcp_slot_restart (tcb, tick);
  return (TcpNews){ .events = TCP_NEWS_TIME_WAIT };
}

void
tcp_reset_due (Tcb *tcb, uint32_t seq)
{
  SIM_ASSERT (tcb->config->role == TCP_ROLE_HOST || tcp_state (tcb) == TcpConnectionClosed);
  tcb->reset_seq = seq;
  tcb->bits |= TCP_BIT_DUE_RESET;
  tcb->bits &= ~(uint32_t)TCP_BIT_RESET_HAS_ACK;
}

void
tcp_reset_due_with_ack (Tcb *tcb, uint32_t seq, uint32_t ack)
{
  tcp_reset_due (tcb, seq);
  tcb->reset_ack = ack;
  tcb->bits |= TCP_BIT_RESET_HAS_ACK;
}
