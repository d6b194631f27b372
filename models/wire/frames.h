/*
 * The frames of one direction: those in flight, then those waiting, in one ring.
 *
 * A frame enters at the end, moves from waiting to flying when it begins to be serialized, and
 * leaves at the front when it arrives.  It is not copied on its way.
 *
 * Order       First in, first out.
 * Owns        Segments are copied in.  A frame's address is good until the next push.
 * Errors      Asking for a frame that is not there asserts, and so do more than WIRE_FRAMES_MAX.
 * Invariants  The ring doubles when it is full and never shrinks: no allocation in a steady state.
 */
#pragma once

#include "models/tcp/segment.h"
#include "models/trace/trace.h"
#include "sim/time.h"

#define WIRE_FRAMES_MAX (UINT32_C (1) << 24)

typedef struct WireFrame {
  TcpSegment segment;
  SimTime arrives; /* while flying */
  uint32_t frame_bytes;
  TraceSide sender;
  bool is_early;  /* chosen by early detection, to be lost */
  bool lost;      /* while flying: the wire will not deliver it */
  uint8_t oddity; /* while flying: what corruption adds to the segment's; 0: it is whole */
} WireFrame;

typedef struct WireFrames {
  WireFrame *ring;
  uint32_t capacity; /* a power of two, or 0 */
  uint32_t first;    /* flying from here, modulo 2^32 */
  uint32_t waiting;  /* waiting from here */
  uint32_t end;
} WireFrames;

void wire_frames_clear (WireFrames *frames);

/* wire_frames_push adds a waiting frame and gives its address, to be filled in. */
WireFrame *wire_frames_push (WireFrames *frames);

/* wire_frames_launch makes the first waiting frame the last flying one. */
WireFrame *wire_frames_launch (WireFrames *frames);

/* wire_frames_pop takes the first frame away, flying ones first. */
WireFrame wire_frames_pop (WireFrames *frames);

static inline uint32_t
wire_frames_flying (const WireFrames *frames)
{
  return frames->waiting - frames->first;
}

static inline uint32_t
wire_frames_waiting (const WireFrames *frames)
{
  return frames->end - frames->waiting;
}

/* The frame that arrives next; there is one. */
static inline const WireFrame *
wire_frames_first (const WireFrames *frames)
{
  SIM_ASSERT (wire_frames_flying (frames) > 0);
  return &frames->ring[frames->first & (frames->capacity - 1)];
}
