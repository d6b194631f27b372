#include "models/tcp/cubic.h"

#include "models/tcp/congestion.h"
#include "sim/assert.h"

/* C = 4/10 segments per s^3; in bytes per ms^3 with a segment of smss bytes: 4 smss / (10 *
 * 10^9). */
#define C_NUMERATOR 4
#define C_DENOMINATOR INT64_C (10000000000)
/* beta = 7/10 */
#define BETA_NUMERATOR 7
#define BETA_DENOMINATOR 10
/* Beyond this many milliseconds from K the window is past every limit. */
#define DISTANCE_MS_MAX 1000000

uint32_t
tcp_cube_root (uint64_t value)
{
  uint64_t root = 0;
  for (int shift = 63; shift >= 0; shift -= 3) {
    root <<= 1;
    uint64_t step = 3 * root * (root + 1) + 1;
    if ((value >> shift) >= step) {
      value -= step << shift;
      root++;
    }
  }
  return (uint32_t)root;
}

uint64_t
tcp_cubic_window (const Tcb *tcb, int64_t elapsed_ms)
{
  int64_t distance = elapsed_ms - tcb->cubic.k_ms;
  int64_t magnitude = distance < 0 ? -distance : distance;
  if (magnitude > DISTANCE_MS_MAX)
    magnitude = DISTANCE_MS_MAX;
  unsigned __int128 cube = (unsigned __int128)magnitude * (uint64_t)magnitude * (uint64_t)magnitude;
  uint64_t change = (uint64_t)(cube * C_NUMERATOR * tcb->smss / C_DENOMINATOR);
  if (distance >= 0)
    return tcb->cubic.w_max + change;
  return tcb->cubic.w_max > change ? tcb->cubic.w_max - change : 0;
}

static void
begin_epoch (Tcb *tcb, int64_t tick)
{
  TcpCubic *cubic = &tcb->cubic;
  cubic->epoch_tick = tick;
  cubic->age_ticks = 0;
  cubic->w_est = tcb->CWnd;
  cubic->w_est_acked = 0;
  if (cubic->w_max <= tcb->CWnd) { /* 4.8, 4.10: no reduction led here */
    cubic->w_max = tcb->CWnd;
    cubic->k_ms = 0;
    return;
  }
  /* Figure 2: K = cubic root of ((W_max - cwnd) / C), in ms: the argument times 10^9. */
  unsigned __int128 cube = (unsigned __int128)(cubic->w_max - tcb->CWnd) * (uint64_t)C_DENOMINATOR
                           / ((uint64_t)C_NUMERATOR * tcb->smss);
  cubic->k_ms = tcp_cube_root ((uint64_t)cube);
}

/* Figure 4, with alpha 9/17 until the window before the last reduction is reached, 1 from there
 * on. */
static void
grow_estimate (Tcb *tcb, uint32_t bytes)
{
  TcpCubic *cubic = &tcb->cubic;
  bool below = cubic->w_est < cubic->cwnd_prior;
  uint64_t num = ((uint64_t)bytes * (below ? 9 : 17) + cubic->w_est_acked) * tcb->smss;
  uint64_t den = (uint64_t)tcb->CWnd * 17;
  cubic->w_est += (uint32_t)(num / den);
  cubic->w_est_acked = (uint32_t)(num % den / tcb->smss);
}

void
tcp_cubic_acked (Tcb *tcb, uint32_t bytes, int64_t tick)
{
  TcpCubic *cubic = &tcb->cubic;
  if (cubic->epoch_tick == TCP_TICK_NEVER)
    begin_epoch (tcb, tick);
  SIM_ASSERT (tick >= cubic->epoch_tick);
  cubic->age_ticks = (uint32_t)(tick - cubic->epoch_tick);
  uint32_t ms_per_tick = 1000 / tcb->config->ticks_per_s;
  int64_t elapsed_ms = (tick - cubic->epoch_tick) * ms_per_tick;
  int64_t rtt_ms = (int64_t)(tcb->SRtt >> 3) * ms_per_tick;

  grow_estimate (tcb, bytes);
  if (tcp_cubic_window (tcb, elapsed_ms) < cubic->w_est) { /* 4.3: as NewReno */
    if (tcb->CWnd < cubic->w_est)
      tcp_congestion_set (tcb, cubic->w_est);
    return;
  }
  /* 4.4, 4.5: towards the window one round trip ahead, by at most a half of the present one. */
  uint64_t target = tcp_cubic_window (tcb, elapsed_ms + rtt_ms);
  uint64_t most = (uint64_t)tcb->CWnd + tcb->CWnd / 2;
  if (target > most)
    target = most;
  if (target <= tcb->CWnd)
    return;
  unsigned __int128 step = (unsigned __int128)(target - tcb->CWnd) * bytes + tcb->cwnd_acked_bytes;
  tcb->cwnd_acked_bytes = (uint32_t)(step % tcb->CWnd);
  tcp_congestion_set (tcb, tcb->CWnd + (uint64_t)(step / tcb->CWnd));
}

void
tcp_cubic_unused (Tcb *tcb, int64_t tick)
{
  TcpCubic *cubic = &tcb->cubic;
  if (cubic->epoch_tick == TCP_TICK_NEVER)
    return;
  cubic->epoch_tick = tick - cubic->age_ticks;
}

uint32_t
tcp_cubic_reduce (Tcb *tcb, uint32_t flight_bytes)
{
  TcpCubic *cubic = &tcb->cubic;
  /* 4.7, fast convergence: a flow that no longer reaches its last maximum makes room. */
  if (tcb->config->fast_convergence && tcb->CWnd < cubic->w_max)
    cubic->w_max = (uint32_t)((uint64_t)tcb->CWnd * (BETA_DENOMINATOR + BETA_NUMERATOR)
                              / (2 * BETA_DENOMINATOR));
  else
    cubic->w_max = tcb->CWnd;
  cubic->cwnd_prior = tcb->CWnd;
  cubic->epoch_tick = TCP_TICK_NEVER;
  return (uint32_t)((uint64_t)flight_bytes * BETA_NUMERATOR / BETA_DENOMINATOR);
}

void
tcp_cubic_timeout (Tcb *tcb)
{
  tcb->cubic.w_max = 0; /* the next epoch begins at its own maximum, with K = 0 */
}
