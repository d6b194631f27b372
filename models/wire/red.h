/*
 * Random early detection: a queue that answers before it is full.
 *
 * The average queue is an exponentially weighted mean of what each frame finds when it comes; while
 * the queue is empty it falls as if small frames had come and found nothing.  Between |min| and
 * |max| a frame is marked with a probability that rises to |chance|, spread so that marks come
 * evenly; at |max| and above every frame is.  To mark is to set CE where the transport understands
 * it, and to drop where not.
 *
 * Order       red_decide once for each frame, in the order they come; red_note_empty when the queue
 *             has run empty.
 * Units       Bytes that wait; the average in 1/65536 byte.
 * Errors      A configuration with min >= max, or a weight of 0, asserts: the loader has checked
 *             it.
 * Invariants  A decision depends on the configuration, the frames so far, and draw n of a stream
 *             for the subject, with n the frame's ordinal.  No floating point.
 * Source      Floyd, Jacobson, "Random Early Detection Gateways for Congestion Avoidance", IEEE/ACM
 *             ToN 1(4), 1993: section 4 and figure 2, packets counted alike whatever their size.
 *             RFC 3168 5: a frame that can be marked is marked instead of dropped.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "sim/random.h"
#include "sim/time.h"

typedef struct RedConfig {
  uint32_t min_bytes;                            /* average below which nothing happens */
  uint32_t max_bytes;                            /* 0: no early detection */
  uint64_t chance_numerator, chance_denominator; /* as the average nears max */
  uint64_t weight_numerator, weight_denominator; /* of a new sample */
  bool ecn;                                      /* marks what can be marked */
} RedConfig;

typedef struct Red {
  int64_t average_scaled; /* 65536ths of a byte */
  int32_t since_mark;     /* frames since the last mark or drop; -1: below min */
  SimTime idle_since;     /* of an empty queue */
  uint64_t frames;        /* decided so far */
} Red;

typedef enum RedVerdict {
  RED_PASS,
  RED_MARK,
  RED_DROP,
} RedVerdict;

/* A frame that comes. */
typedef struct RedArrival {
  uint32_t queue_bytes; /* that wait before it */
  SimTime when;
  SimDuration small_frame; /* how long a small frame takes on the link */
  bool can_be_marked;
} RedArrival;

Red red_new_state (void);

RedVerdict red_decide (Red *red, const RedConfig *config, const RedArrival *arrival,
                       SimStream stream, uint64_t subject);

/* red_note_empty says that nothing waits any more; the link is idle from |idle_since| on, unless a
 * frame comes before. */
void red_note_empty (Red *red, SimTime idle_since);

/* The average queue in whole bytes. */
uint32_t red_average_bytes (const Red *red);
