#include "models/tcp/keepalive.h"

#include "models/tcp/state.h"
#include "models/tcp/store.h"
#include "models/tcp/teardown.h"

#define CHALLENGE_EXPIRY_S (5 * 60) /* RST-07 */
#define SYN_CHALLENGE_INTERVAL_S 3  /* RST-06 */
#define PROBES_DEFAULT 10           /* RST-08 */
#define PROBE_INTERVAL_DEFAULT_S 1  /* RST-08 */

void
tcp_keepalive_restart (Tcb *tcb, int64_t tick)
{
  tcb->KeepAliveProbeCount = 0;
  tcb->bits &= ~(uint32_t)TCP_BIT_DUE_KEEPALIVE;
  bool asks = (tcb->cached_flags & TCP_FLAG_KEEP_ALIVE_ENABLED) != 0
              && tcp_state_is_in (tcp_state (tcb), TCP_STATES_KEPT_ALIVE);
  if (asks)
    tcp_timer_set (tcb, TCP_TIMER_KEEPALIVE, tick + tcb->KaTimeout);
  else
    tcp_timer_stop (tcb, TCP_TIMER_KEEPALIVE);
}

static uint32_t
probe_interval_ticks (const Tcb *tcb)
{
  return tcb->KaInterval != 0 ? tcb->KaInterval
                              : PROBE_INTERVAL_DEFAULT_S * tcb->config->ticks_per_s;
}

TcpNews
tcp_keepalive_expire (Tcb *tcb, int64_t tick)
{
  uint32_t probes_max = tcb->KaProbeCount != 0 ? tcb->KaProbeCount : PROBES_DEFAULT;

  /* While something is outstanding the connection is not idle: retransmission decides. */
  if (tcb->SndMax != tcb->SndUna) {
    tcp_timer_set (tcb, TCP_TIMER_KEEPALIVE, tick + probe_interval_ticks (tcb));
    return (TcpNews){ 0 };
  }
  if (tcb->KeepAliveProbeCount >= probes_max)
    return tcp_teardown (tcb, TCP_EVENT_GIVE_UP, TCP_NEWS_TIMED_OUT);

  tcb->KeepAliveProbeCount++;
  tcb->bits |= TCP_BIT_DUE_KEEPALIVE;
  tcp_timer_set (tcb, TCP_TIMER_KEEPALIVE, tick + probe_interval_ticks (tcb));
  return (TcpNews){ 0 };
}

static void
challenge (Tcb *tcb, int64_t tick)
{
  int64_t deadline = tick + (int64_t)CHALLENGE_EXPIRY_S * tcb->config->ticks_per_s;
  tcb->bits |= TCP_BIT_DUE_ACK;
  if (tcb->timer[TCP_TIMER_KEEPALIVE] > deadline)
    tcp_timer_set (tcb, TCP_TIMER_KEEPALIVE, deadline);
}

void
tcp_keepalive_challenge_reset (Tcb *tcb, int64_t tick)
{
  if ((tcb->bits & TCP_BIT_CHALLENGED) != 0)
    return;
  tcb->bits |= TCP_BIT_CHALLENGED;
  tcp_counters (tcb)->challenge_resets++;
  challenge (tcb, tick);
}

void
tcp_keepalive_challenge_syn (Tcb *tcb, int64_t tick)
{
  int64_t interval = (int64_t)SYN_CHALLENGE_INTERVAL_S * tcb->config->ticks_per_s;
  if ((tcb->bits & TCP_BIT_SYN_CHALLENGED) != 0 && tick - tcb->challenge_tick < interval)
    return;
  tcb->bits |= TCP_BIT_SYN_CHALLENGED;
  tcp_counters (tcb)->challenge_syns++;
  tcb->challenge_tick = tick;
  challenge (tcb, tick);
}
