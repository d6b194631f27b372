/*
 * Impairments: what a network does to the frames of one direction, as scripts and as draws.
 *
 * A script names frames (models/wire/pattern.h), a draw has a chance for each; both may stand side
 * by side. Bursts of losses are drawn from the model of Gilbert and Elliott: a channel that is good
 * or bad, changes over before a frame with one chance, and loses the frame with another.
 *
 * Order       wire_impairer_decide once for each frame of the direction, in the order they are
 *             sent.
 * Owns        Distributions are borrowed for the run.
 * Errors      A chance above 1 asserts: the loader has checked it.
 * Invariants  Each kind draws from a stream of its own, subject the direction, n the frame's
 *             ordinal: switching a kind on or off shifts nobody's draws.  A frame that is lost is
 *             nothing else.  The channel begins good.
 * Source      Gilbert, "Capacity of a Burst-Noise Channel", BSTJ 39, 1960; Elliott, "Estimates of
 *             Error Rates for Codes on Burst-Noise Channels", BSTJ 42, 1963.
 */
#pragma once

#include "models/tcp/segment.h"
#include "models/wire/pattern.h"
#include "models/wire/red.h"
#include "sim/dist.h"

/* A probability; all zero: never. */
typedef struct WireChance {
  uint64_t numerator, denominator;
} WireChance;

/* Frames by number, and others by chance. */
typedef struct WireScript {
  WirePattern frames;
  WireChance chance;
} WireScript;

typedef struct WireBursts {
  WireChance good_to_bad, bad_to_good; /* before each frame */
  WireChance loss_in_good, loss_in_bad;
} WireBursts;

/* All zero: nothing happens to a frame. */
typedef struct WireImpairment {
  bool counts_data; /* patterns count frames with payload only */
  WireScript loss;
  WireBursts bursts;
  WireScript corruption; /* frames arrive with a wrong checksum */
  WireScript duplication;
  WireScript reordering;     /* frames are held back ... */
  const SimDist *reorder_by; /* ... so long; ps */
  const SimDist *jitter;     /* ps for each frame; NULL: none */
  bool jitter_overtakes;     /* a frame with less jitter passes one with more */
  RedConfig red;
  uint32_t queue_bytes; /* of this direction; 0: the wire's */
} WireImpairment;

/* What becomes of a frame. */
typedef struct WireFate {
  bool lost;
  bool duplicated;
  bool reordered;
  uint8_t oddity;        /* TCP_BAD_CHECKSUM or TCP_IP_BAD_HEADER: corrupted; 0: whole */
  SimDuration held_back; /* reordered: later than all others by so much */
  SimDuration jitter;
} WireFate;

/* One direction's draws and what they depend on. */
typedef struct WireImpairer {
  const WireImpairment *spec;
  uint64_t way; /* TcpDirection: the subject of all draws */
  SimStream loss, change, burst_loss, corruption, corruption_place, duplication, reordering,
      held_back, jitter, red;
  uint64_t frames;  /* decided so far */
  uint64_t counted; /* of these, what patterns count */
  bool is_bad;      /* the channel */
} WireImpairer;

WireImpairer wire_impairer (const WireImpairment *spec, uint64_t seed, TcpDirection direction);

WireFate wire_impairer_decide (WireImpairer *impairer, const TcpSegment *segment);

/* True if a frame may arrive before one that was sent earlier, or twice. */
bool wire_impairment_overtakes (const WireImpairment *spec);

/* True if anything but the queue is impaired. */
bool wire_impairment_is_active (const WireImpairment *spec);
