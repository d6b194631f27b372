#include "models/tcp/congestion.h"

#include "models/tcp/cubic.h"
#include "models/tcp/rtt.h"

/* RFC 7323 2.3: no window is larger. */
#define CWND_BYTES_MAX (UINT32_C (1) << 30)
#define SSTHRESH_INITIAL_BYTES CWND_BYTES_MAX

static uint32_t
initial_window (const Tcb *tcb)
{
  return tcb->config->initial_window_segments * (uint32_t)tcb->smss;
}

void
tcp_congestion_set (Tcb *tcb, uint64_t cwnd_bytes)
{
  if (cwnd_bytes < tcb->smss)
    cwnd_bytes = tcb->smss;
  tcb->CWnd = cwnd_bytes < CWND_BYTES_MAX ? (uint32_t)cwnd_bytes : CWND_BYTES_MAX;
}

void
tcp_congestion_open (Tcb *tcb, bool syn_lost)
{
  tcb->SsThresh = SSTHRESH_INITIAL_BYTES;
  tcb->cwnd_acked_bytes = 0;
  tcb->cubic = (TcpCubic){ .epoch_tick = TCP_TICK_NEVER };
  tcp_congestion_set (tcb, syn_lost ? tcb->smss : initial_window (tcb));
}

uint32_t
tcp_congestion_flight (const Tcb *tcb)
{
  /* Never more than CWnd: what limited transmit sent on top does not count (RFC 3042 3). */
  uint32_t sent = tcb->SndMax - tcb->SndUna;
  return sent < tcb->CWnd ? sent : tcb->CWnd;
}

static uint32_t
slow_start_limit (const Tcb *tcb)
{
  uint32_t segments = tcb->config->slow_start_limit_segments;
  return (segments > 0 ? segments : 1) * (uint32_t)tcb->smss;
}

/* RFC 9438 5.8 and common sense: a window that was not used proves nothing. */
static bool
window_was_used (const Tcb *tcb)
{
  if ((tcb->bits & TCP_BIT_CWND_LIMITED) != 0)
    return true;
  return tcb->config->half_window_counts && tcb->CWnd < tcb->SsThresh
         && tcb->CWnd / 2 < tcb->flight_at_send;
}

void
tcp_congestion_acked (Tcb *tcb, uint32_t bytes, int64_t tick)
{
  if (!window_was_used (tcb)) {
    tcp_cubic_unused (tcb, tick);
    return;
  }
  if (tcb->CWnd < tcb->SsThresh) { /* RFC 5681 (2), RFC 3465 2.2 */
    uint32_t limit = slow_start_limit (tcb);
    tcp_congestion_set (tcb, (uint64_t)tcb->CWnd + (bytes < limit ? bytes : limit));
    return;
  }
  if (tcb->config->congestion == TCP_CONGESTION_CUBIC) {
    tcp_cubic_acked (tcb, bytes, tick);
    return;
  }
  /* RFC 5681 3.1: count the bytes, and grow by a segment per window. */
  tcb->cwnd_acked_bytes += bytes;
  if (tcb->cwnd_acked_bytes >= tcb->CWnd) {
    tcb->cwnd_acked_bytes -= tcb->CWnd;
    tcp_congestion_set (tcb, (uint64_t)tcb->CWnd + tcb->smss);
  }
}

uint32_t
tcp_congestion_reduce (Tcb *tcb)
{
  uint32_t flight = tcp_congestion_flight (tcb);
  uint32_t least = 2u * tcb->smss;
  uint32_t reduced =
      tcb->config->congestion == TCP_CONGESTION_CUBIC ? tcp_cubic_reduce (tcb, flight) : flight / 2;
  tcb->SsThresh = reduced > least ? reduced : least; /* RFC 5681 (4) */
  tcb->cwnd_acked_bytes = 0;
  return reduced;
}

void
tcp_congestion_timeout (Tcb *tcb)
{
  /* RFC 5681 3.1: a segment that times out again does not count twice. */
  if (tcb->RetransmitCount <= 1)
    tcp_congestion_reduce (tcb);
  tcp_cubic_timeout (tcb);
  tcp_congestion_set (tcb, tcb->smss);
}

void
tcp_congestion_idle (Tcb *tcb, int64_t tick)
{
  if (tcb->config->keeps_window_when_idle)
    return;
  if (tcb->SndMax != tcb->SndUna || tick - tcb->last_send_tick <= tcp_rto_ticks (tcb))
    return;
  uint32_t restart = initial_window (tcb);
  if (tcb->CWnd > restart)
    tcp_congestion_set (tcb, restart);
  tcb->cubic.epoch_tick = TCP_TICK_NEVER;
}
