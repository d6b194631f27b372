/*
 * Closed forms that runs are held against.
 *
 * The only floating point about TCP in the project: reference arithmetic of benchmarks and tests.
 *
 * Units       Segments, seconds, segments per second; p is a loss probability.
 * Source      RFC 9438 5.1, 5.2; Mathis, Semke, Mahdavi, Ott, "The macroscopic behavior of the TCP
 *             congestion avoidance algorithm", 1997; Padhye, Firoiu, Towsley, Kurose, "Modeling TCP
 *             throughput", 1998 (PFTK); RFC 6298 2, 5.5.
 */
#pragma once

#include <math.h>
#include <stdbool.h>
#include <stdint.h>

/* Payload of a frame of |wire_bytes| on the wire, preamble and gap included: 1448 of 1538. */
static inline double
closed_clean_bits_per_s (double rate_bits_per_s)
{
  return rate_bits_per_s * 1448 / 1538;
}

static inline double
closed_window_bits_per_s (double window_bytes, double rtt_s)
{
  return window_bytes * 8 / rtt_s;
}

/* With an ACK for two segments (RFC 9293 3.8.6.3) and a window of an odd number of them, one in each
 * round finds no partner: its ACK waits for the timer. */
static inline double
closed_delayed_window_bits_per_s (double window_bytes, double segment_bytes, double rtt_s,
                                  double delay_s)
{
  return (window_bytes - segment_bytes) * 8 / rtt_s + segment_bytes * 8 / (rtt_s + delay_s);
}

/* RFC 9438 5.1, column Reno of tables 1 and 2 (from RFC 3649 5). */
static inline double
closed_reno_window (double p)
{
  return 1.2 / sqrt (p);
}

/* RFC 9438 5, figure 6: C 0.4, beta 0.7; column CUBIC (C=0.4): never below Reno's (4.3). */
static inline double
closed_cubic_window (double p, double rtt_s)
{
  double cubic = pow (0.4 * 3.7 / 1.2, 0.25) * pow (rtt_s / p, 0.75);
  double reno = closed_reno_window (p);
  return cubic > reno ? cubic : reno;
}

/* The window at the end of such a cycle, W_max, where CUBIC's own region is at work: RFC 9438,
 * appendix A, where the average is (3 + beta) / 4 of it. */
static inline double
closed_cubic_peak (double p, double rtt_s)
{
  return closed_cubic_window (p, rtt_s) * 4 / 3.7;
}

typedef struct ClosedCycles {
  double p, rtt_s;
  double first_window; /* at the first loss, in segments */
  int from, until;     /* which cycles, from 0, the first begins with the first loss */
  bool cubic, fast_convergence;
} ClosedCycles;

/* One cycle: from a loss at |cwnd| to the next. */
typedef struct ClosedCycle {
  double cwnd;  /* at its end */
  double w_max; /* CUBIC's */
  double sent, rounds;
} ClosedCycle;

/* What the engine does and the averages of RFC 9438 5 leave out is a round of recovery at the
 * reduced window (RFC 6675 5), the growth of a segment each round in NewReno's region, and fast
 * convergence (4.7).  Round by round, windows not cut to whole segments. */
static inline ClosedCycle
closed_cycle (const ClosedCycles *c, ClosedCycle last)
{
  double left = 1 / c->p, t = 0, cwnd = last.cwnd * (c->cubic ? 0.7 : 0.5);
  double w_max = c->fast_convergence && last.cwnd < last.w_max ? last.cwnd * 0.85 : last.cwnd;
  ClosedCycle next = { .w_max = w_max > cwnd ? w_max : cwnd };
  double w_est = cwnd, k = cbrt ((next.w_max - cwnd) / 0.4);

  for (bool recovers = true; left > 1e-6; recovers = false) {
    double share = left < cwnd ? left / cwnd : 1;
    next.sent += share * cwnd;
    next.rounds += share;
    left -= share * cwnd;
    if (recovers)
      continue;
    t += share * c->rtt_s;
    w_est += share * (c->cubic && w_est < last.cwnd ? 9.0 / 17 : 1);
    double w = c->cubic ? next.w_max + 0.4 * pow (t - k, 3) : 0;
    cwnd = fmax (cwnd, fmax (w, w_est));
  }
  next.cwnd = cwnd;
  return next;
}

/* The average window of cycles |from| to |until| - 1. */
static inline double
closed_cycles_window (const ClosedCycles *c)
{
  ClosedCycle cycle = { .cwnd = c->first_window };
  double sent = 0, rounds = 0;
  for (int i = 0; i < c->until; i++) {
    cycle = closed_cycle (c, cycle);
    sent += i >= c->from ? cycle.sent : 0;
    rounds += i >= c->from ? cycle.rounds : 0;
  }
  return sent / rounds;
}

/* Mathis et al.: segments per second, without timeouts, C / (RTT sqrt (p)); C for
 * random losses is 1.31 with an ACK for each segment, 0.93 with one for two. */
static inline double
closed_mathis (double p, double rtt_s, int segments_per_ack)
{
  return (segments_per_ack == 1 ? 1.31 : 0.93) / (rtt_s * sqrt (p));
}

/* The chance that a loss in a window of |w| ends in a timeout: Q of PFTK. */
static inline double
closed_pftk_timeout_chance (double p, double w)
{
  double q3 = pow (1 - p, 3);
  double chance = (1 - q3) * (1 + q3 * (1 - pow (1 - p, w - 3))) / (1 - pow (1 - p, w));
  return chance < 1 ? chance : 1;
}

/* The full model of PFTK, T(p): segments that arrive per second, timeouts of |t0_s| included, no
 * limit by the receiver.  After a loss it takes the rest of the round for lost. */
static inline double
closed_pftk (double p, double rtt_s, double t0_s, int b)
{
  double half = (2.0 + b) / (3.0 * b);
  double w = half + sqrt (8 * (1 - p) / (3 * b * p) + half * half);
  double q = closed_pftk_timeout_chance (p, w);
  double f =
      1 + p + 2 * pow (p, 2) + 4 * pow (p, 3) + 8 * pow (p, 4) + 16 * pow (p, 5) + 32 * pow (p, 6);
  double sent = (1 - p) / p + w / 2 + q;
  double taken = rtt_s * (b * w / 2 + 1) + q * t0_s * f / (1 - p);
  return sent / taken;
}

/* RFC 6298 5.5 with a maximum: the timeout before retransmission |n|, from 0. */
static inline int64_t
closed_rto_ticks (int64_t first_ticks, int64_t max_ticks, int n)
{
  int64_t ticks = first_ticks;
  for (int i = 0; i < n && ticks < max_ticks; i++)
    ticks *= 2;
  return ticks < max_ticks ? ticks : max_ticks;
}
