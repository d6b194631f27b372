/*
 * The frames in flight of a direction on which one may overtake another.
 *
 * A heap of arrivals over frames that stay where they are: what moves are 16 bytes.
 *
 * Order       By arrival; frames that arrive in one instant in the order they were added.
 * Owns        Frames are copied in and out.
 * Errors      Asking for a frame when there is none asserts, and so do more than WIRE_FRAMES_MAX.
 * Invariants  Memory doubles when it is full and never shrinks: no allocation in a steady state.
 */
#pragma once

#include "models/wire/frames.h"

typedef struct WireArrival {
  SimTime when;
  uint64_t order; /* added as the how-many-th, from 0 */
  uint32_t slot;
} WireArrival;

typedef struct WireFlight {
  WireFrame *slot;
  WireArrival *heap; /* children of i at 2 i + 1 and 2 i + 2 */
  uint32_t *free_slots;
  uint32_t capacity;
  uint32_t count; /* in flight; capacity - count slots are free */
  uint64_t added;
} WireFlight;

void wire_flight_clear (WireFlight *flight);

/* wire_flight_add copies |frame|; it arrives at frame->arrives. */
void wire_flight_add (WireFlight *flight, const WireFrame *frame);

/* wire_flight_take takes the frame that arrives next. */
WireFrame wire_flight_take (WireFlight *flight);

/* When the next one arrives; SIM_TIME_NEVER if none is in flight. */
static inline SimTime
wire_flight_next (const WireFlight *flight)
{
  return flight->count > 0 ? flight->heap[0].when : SIM_TIME_NEVER;
}
