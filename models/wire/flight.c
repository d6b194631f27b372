#include "models/wire/flight.h"

#include <glib.h>

#define CAPACITY_MIN 64

void
wire_flight_clear (WireFlight *flight)
{
  g_free (flight->slot);
  g_free (flight->heap);
  g_free (flight->free_slots);
  *flight = (WireFlight){ 0 };
}

static void
grow (WireFlight *flight)
{
  uint32_t capacity = MAX (2 * flight->capacity, CAPACITY_MIN);

  SIM_ASSERT (capacity <= WIRE_FRAMES_MAX);
  flight->slot = g_renew (WireFrame, flight->slot, capacity);
  flight->heap = g_renew (WireArrival, flight->heap, capacity);
  flight->free_slots = g_renew (uint32_t, flight->free_slots, capacity);
  /* All old slots are taken: the free ones are the new ones, the lowest on top. */
  for (uint32_t slot = flight->capacity; slot < capacity; slot++)
    flight->free_slots[capacity - 1 - slot] = slot;
  flight->capacity = capacity;
}

static bool
is_before (const WireArrival *a, const WireArrival *b)
{
  if (!sim_time_equal (a->when, b->when))
    return sim_time_before (a->when, b->when);
  return a->order < b->order;
}

/* Moves the hole at |i| up until |arrival| fits there. */
static void
sift_up (WireArrival *heap, uint32_t i, WireArrival arrival)
{
  while (i > 0 && is_before (&arrival, &heap[(i - 1) / 2])) {
    heap[i] = heap[(i - 1) / 2];
    i = (i - 1) / 2;
  }
  heap[i] = arrival;
}

/* Moves the hole at the top of |count| arrivals down until |arrival| fits there. */
static void
sift_down (WireArrival *heap, uint32_t count, WireArrival arrival)
{
  uint32_t i = 0;

  for (uint32_t child = 1; child < count; child = 2 * i + 1) {
    if (child + 1 < count && is_before (&heap[child + 1], &heap[child]))
      child++;
    if (is_before (&arrival, &heap[child]))
      break;
    heap[i] = heap[child];
    i = child;
  }
  heap[i] = arrival;
}

void
wire_flight_add (WireFlight *flight, const WireFrame *frame)
{
  if (flight->count == flight->capacity)
    grow (flight);
  uint32_t slot = flight->free_slots[flight->capacity - flight->count - 1];

  flight->slot[slot] = *frame;
  sift_up (flight->heap, flight->count, (WireArrival){ frame->arrives, flight->added++, slot });
  flight->count++;
}

WireFrame
wire_flight_take (WireFlight *flight)
{
  SIM_ASSERT (flight->count > 0);
  uint32_t slot = flight->heap[0].slot;

  flight->count--;
  if (flight->count > 0)
    sift_down (flight->heap, flight->count, flight->heap[flight->count]);
  flight->free_slots[flight->capacity - flight->count - 1] = slot;
  return flight->slot[slot];
}
