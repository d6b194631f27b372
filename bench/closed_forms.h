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

/* Average window of Reno, one loss in 1/p segments, RFC 9438 5.1 with its constant. */
static inline double
closed_reno_window (double p)
{
  return 1.2 / sqrt (p);
}

/* Average window of CUBIC, C 0.4 and beta 0.7; never below Reno's (its region, 4.3). */
static inline double
closed_cubic_window (double p, double rtt_s)
{
  double cubic = pow (0.4 * 3.7 / 1.2, 0.25) * pow (rtt_s / p, 0.75);
  double reno = closed_reno_window (p);
  return cubic > reno ? cubic : reno;
}

/* The same by the equations of RFC 9438, round by round, with what the average of 5.1 leaves out:
 * fast convergence (4.7), one round of recovery after each loss.  Exact in steady state, so it is
 * told beside the table's value where CUBIC's own region is at work. */
static inline double
closed_cubic_rounds (double p, double rtt_s)
{
  double cwnd = closed_cubic_window (p, rtt_s), w_max = cwnd;
  double sent = 0, rounds = 0;
  for (int cycle = 0; cycle < 600; cycle++) {
    double prior = cwnd, left = 1 / p, t = 0;
    w_max = cwnd < w_max ? cwnd * 0.85 : cwnd;
    cwnd *= 0.7;
    double w_est = cwnd, k = cbrt ((w_max > cwnd ? w_max - cwnd : 0) / 0.4);
    if (w_max < cwnd)
      w_max = cwnd;
    for (bool recovers = true; left > 1e-6; recovers = false) {
      double share = left < cwnd ? left / cwnd : 1;
      if (cycle >= 200) {
        sent += share * cwnd;
        rounds += share;
      }
      left -= share * cwnd;
      if (recovers)
        continue;
      t += share * rtt_s;
      w_est += share * (w_est < prior ? 9.0 / 17 : 1);
      double w = w_max + 0.4 * pow (t - k, 3);
      w = w > w_est ? w : w_est;
      cwnd = w > cwnd ? w : cwnd;
    }
  }
  return sent / rounds;
}

/* Mathis et al., random losses: segments per second, without timeouts.  Their constants: 1.31 with
 * an ACK for each segment, 0.93 with one for two. */
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
