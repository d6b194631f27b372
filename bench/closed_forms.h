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
