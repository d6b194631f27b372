/*
 * The wire: a full-duplex link between the NIC and the peers' network.
 *
 * Each direction is a FIFO of frames before a serializer of some rate, then a propagation delay.
 * The NIC's end paces itself (wire_send says when the FIFO is full and |room| when it is not); the
 * peers' end is drop-tail, like a switch port.  Impairments (models/wire/impairment.h) can be added
 * to each direction, early detection (models/wire/red.h) to its queue.
 *
 * Order       Frames of one direction arrive in the order they were sent, unless impairments hold
 *             some back.  Arrivals and |room| are events of phase WIRE; no listener is called from
 *             within wire_send.
 * Units       Bits per second on the wire, preamble and gap included; the queue in frame bytes, of
 *             frames that wait and not of the one being serialized.
 * Owns        Segments are copied.
 * Errors      A full queue is not an error: see wire_send.
 * Invariants  One pending event per direction for the serializer and one for the arrivals, however
 *             much is in flight.  Frames back to back lose no part of a picosecond to rounding.
 *             Every frame is traced: WIRE_SEND when it starts to be serialized, WIRE_ARRIVE or
 *             WIRE_DROP at the instant it arrives or would have; WIRE_DROP alone if it never
 *             started.  A corrupted frame is a WIRE_DROP and reaches its listener all the same,
 *             with the oddity of a wrong checksum; of a duplicated one both copies arrive.  A draw
 *             of loss depends on (seed, direction, ordinal of the frame) only; the choice
 *             SITE_LOSS, asked for every frame with subject 2 * connection + direction, can add a
 *             loss and take none away.
 */
#pragma once

#include "models/tcp/segment.h"
#include "models/trace/trace.h"
#include "models/wire/impairment.h"
#include "sim/sim.h"

typedef struct Wire Wire;

typedef enum WireEnd {
  WIRE_END_NIC,
  WIRE_END_PEERS,
} WireEnd;

typedef struct WireConfig {
  uint32_t number; /* among the wires of a stack with several targets: keys its draws */
  int64_t rate_bits_per_s;
  SimDuration one_way;
  uint32_t queue_bytes;                      /* of each direction; 0: one frame at a time */
  uint64_t loss_numerator, loss_denominator; /* per frame, both directions */
  uint32_t actor_id;                         /* and actor_id + 1 for the direction from the peers */
  WireImpairment impair[2];                  /* by TcpDirection */
} WireConfig;

#define WIRE_ACTORS 2

typedef struct WireListener {
  void (*arrive) (void *data, const TcpSegment *segment); /* borrowed for the call */
  void (*room) (void *data);                              /* after a refused send; may be NULL */
  void (*link) (void *data, bool up);                     /* may be NULL */
  void *data;
} WireListener;

typedef struct WireStats {
  uint64_t frames, bytes; /* begun to be serialized; frame bytes with FCS */
  uint64_t payload_bytes;
  uint64_t lost, dropped;         /* by loss, by a full queue or a link that is down */
  uint64_t dropped_early, marked; /* by early detection */
  uint64_t corrupted, duplicated, reordered;
  SimDuration busy;
  uint32_t queue_peak_bytes;
} WireStats;

/* A frame passes an end of the wire: it leaves there (begins to be serialized) or arrives there. */
typedef struct WirePassing {
  WireEnd at;
  TcpDirection direction;
  TraceSide sender;
  const TcpSegment *segment; /* borrowed for the call */
  SimTime when;
} WirePassing;

typedef void (*WireObserver) (void *data, const WirePassing *passing);

Wire *wire_new (Sim *sim, const WireConfig *config);
void wire_free (Wire *wire);
void wire_attach (Wire *wire, WireEnd end, const WireListener *listener);

/* wire_observe has |observer| see every frame that passes either end, at the instant it does and
 * before a listener acts on it; a lost frame passes only the end it left.  NULL: nobody.  An
 * observer sends nothing. */
void wire_observe (Wire *wire, WireObserver observer, void *data);

/* wire_send puts a frame into the queue of the direction that starts at |from|.  False: no room.
 * From the NIC nothing happened and |room| will be called once there is room for such a frame; from
 * the peers the frame is dropped and counted.  On a link that is down a frame is taken and lost. */
bool wire_send (Wire *wire, WireEnd from, TraceSide sender, const TcpSegment *segment);

/* wire_clears_at is when the serializer will have sent all that is queued now at |from|; now if
 * nothing is. */
SimTime wire_clears_at (const Wire *wire, WireEnd from);

/* wire_set_link takes the link down or up: when it goes down, frames in both queues and in flight
 * are lost.  Both listeners are told; a change to what is already so changes nothing. */
void wire_set_link (Wire *wire, bool up);
bool wire_link_is_up (const Wire *wire);
/* The first of its WIRE_ACTORS actor ids: whose records are whose. */
uint32_t wire_actor_id (const Wire *wire);
/* Statistics of the direction that starts at |from|. */
WireStats wire_stats (const Wire *wire, WireEnd from);
