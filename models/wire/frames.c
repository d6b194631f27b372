#include "models/wire/frames.h"

#include <glib.h>

#define CAPACITY_MIN 64

G_STATIC_ASSERT ((CAPACITY_MIN & (CAPACITY_MIN - 1)) == 0);

static WireFrame *
frame_at (const WireFrames *frames, uint32_t place)
{
  return &frames->ring[place & (frames->capacity - 1)];
}

static void
grow (WireFrames *frames)
{
  uint32_t capacity = MAX (2 * frames->capacity, CAPACITY_MIN);
  WireFrame *ring = g_new (WireFrame, capacity);

  SIM_ASSERT (capacity <= WIRE_FRAMES_MAX);
  for (uint32_t place = frames->first; place != frames->end; place++)
    ring[place & (capacity - 1)] = *frame_at (frames, place);
  g_free (frames->ring);
  frames->ring = ring;
  frames->capacity = capacity;
}

void
wire_frames_clear (WireFrames *frames)
{
  g_free (frames->ring);
  *frames = (WireFrames){ 0 };
}

WireFrame *
wire_frames_push (WireFrames *frames)
{
  if (frames->end - frames->first == frames->capacity)
    grow (frames);
  return frame_at (frames, frames->end++);
}

WireFrame *
wire_frames_launch (WireFrames *frames)
{
  SIM_ASSERT (wire_frames_waiting (frames) > 0);
  return frame_at (frames, frames->waiting++);
}

WireFrame
wire_frames_pop (WireFrames *frames)
{
  SIM_ASSERT (frames->first != frames->end);
  if (frames->waiting == frames->first)
    frames->waiting++;
  return *frame_at (frames, frames->first++);
}
