#include "models/wire/wire.h"

#include <glib.h>

#include "models/wire/frames.h"
#include "models/wire/record.h"
#include "sim/clock.h"
#include "sim/random.h"

/* One way of the link. */
typedef struct Direction {
  Wire *wire;
  WireFrames frames;
  SimRate rate;
  SimTime free_at; /* when the serializer has sent what it began */
  SimEvent free;   /* then, if anybody waits for it */
  SimEvent arrival;
  uint32_t waiting_bytes;
  uint32_t refused_bytes; /* of the frame that its sender wants to be called for; 0: none */
  WireRecorder recorder;
  WireStats stats;
} Direction;

struct Wire {
  Sim *sim;
  WireConfig config;
  SimStream loss;
  bool up;
  WireListener listener[2]; /* by WireEnd */
  WireObserver observer;    /* may be NULL */
  void *observer_data;
  Direction direction[2]; /* by the end it starts at */
};

/* Preamble and gap around each frame. */
#define WIRE_GAP_BYTES 20

G_STATIC_ASSERT (WIRE_ACTORS == 2);
G_STATIC_ASSERT ((int)WIRE_END_NIC == (int)TCP_TO_PEER);
G_STATIC_ASSERT ((int)WIRE_END_PEERS == (int)TCP_FROM_PEER);

static WireEnd
end_of (const Direction *direction)
{
  return direction->recorder.direction == TCP_TO_PEER ? WIRE_END_NIC : WIRE_END_PEERS;
}

static WireEnd
far_end_of (const Direction *direction)
{
  return end_of (direction) == WIRE_END_NIC ? WIRE_END_PEERS : WIRE_END_NIC;
}

static const WireListener *
receiver_of (const Direction *direction)
{
  return &direction->wire->listener[far_end_of (direction)];
}

static void
let_observe (const Direction *direction, WireEnd at, const WireFrame *frame)
{
  const Wire *wire = direction->wire;
  WirePassing passing = { at, direction->recorder.direction, frame->sender, &frame->segment,
                          sim_now (wire->sim) };

  if (wire->observer != NULL)
    wire->observer (wire->observer_data, &passing);
}

/* Draws the frame's fate; |ordinal| counts the direction's frames from 0. */
static bool
is_lost (Direction *direction, const TcpSegment *segment, uint64_t ordinal)
{
  Wire *wire = direction->wire;
  uint64_t way = (uint64_t)direction->recorder.direction;

  bool lost = wire->config.loss_numerator > 0
              && sim_draw_chance (wire->loss, way, ordinal, wire->config.loss_numerator,
                                  wire->config.loss_denominator);
  bool chosen = sim_choose (wire->sim, SITE_LOSS, 2 * (uint64_t)segment->connection_id + way, 2);
  return lost || chosen;
}

static SimDuration
serialization (Direction *direction, const TcpSegment *segment)
{
  /* A break between frames starts a new count of whole picoseconds. */
  if (sim_time_before (direction->free_at, sim_now (direction->wire->sim)))
    direction->rate.remainder = 0;
  return sim_rate_take (&direction->rate, tcp_segment_wire_bytes (segment));
}

/* Begins to serialize the first waiting frame: the serializer is free. */
static void
begin_frame (Direction *direction)
{
  Wire *wire = direction->wire;
  WireFrame *frame = wire_frames_launch (&direction->frames);
  WireStats *stats = &direction->stats;

  SimDuration time = serialization (direction, &frame->segment);
  direction->free_at = sim_time_add (sim_now (wire->sim), time);
  direction->waiting_bytes -= frame->frame_bytes;
  frame->arrives = sim_time_add (direction->free_at, wire->config.one_way);
  frame->lost = is_lost (direction, &frame->segment, stats->frames);
  if (wire_frames_flying (&direction->frames) == 1)
    sim_event_schedule (wire->sim, &direction->arrival, frame->arrives);

  stats->frames++;
  stats->bytes += frame->frame_bytes;
  stats->payload_bytes += frame->segment.payload.bytes;
  stats->busy = sim_duration_add (stats->busy, time);
  wire_record_send (&direction->recorder, frame->sender, &frame->segment);
  let_observe (direction, end_of (direction), frame);
}

static bool
is_free (const Direction *direction)
{
  return !sim_time_before (sim_now (direction->wire->sim), direction->free_at);
}

/* True if a frame may join those that wait.  A free serializer takes it whatever the limit. */
static bool
has_room (const Direction *direction, uint32_t frame_bytes)
{
  uint32_t limit = direction->wire->config.queue_bytes;

  if (wire_frames_waiting (&direction->frames) == 0 && is_free (direction))
    return true;
  return frame_bytes <= limit && direction->waiting_bytes <= limit - frame_bytes;
}

/* Begins the next frame if the serializer is free. */
static void
serve (Direction *direction)
{
  if (is_free (direction) && wire_frames_waiting (&direction->frames) > 0)
    begin_frame (direction);
}

/* Has the serializer call when it is free, if anybody waits for it.  A call that comes too early
 * arms itself again. */
static void
arm (Direction *direction)
{
  if (sim_event_is_pending (&direction->free))
    return;
  if (wire_frames_waiting (&direction->frames) > 0 || direction->refused_bytes > 0)
    sim_event_schedule (direction->wire->sim, &direction->free, direction->free_at);
}

static void
call_for_room (Direction *direction)
{
  const WireListener *sender = &direction->wire->listener[end_of (direction)];

  if (direction->refused_bytes == 0 || !has_room (direction, direction->refused_bytes))
    return;
  direction->refused_bytes = 0;
  sender->room (sender->data);
}

static void
become_free (G_GNUC_UNUSED Sim *sim, void *data)
{
  Direction *direction = data;

  serve (direction);
  call_for_room (direction);
  arm (direction);
}

static void
drop_frame (Direction *direction, TraceSide sender, const TcpSegment *segment, WireDrop reason)
{
  if (reason == WIRE_DROP_LOSS)
    direction->stats.lost++;
  else
    direction->stats.dropped++;
  wire_record_drop (&direction->recorder, sender, segment, reason);
}

static void
deliver (Direction *direction, const WireFrame *frame)
{
  const WireListener *receiver = receiver_of (direction);

  if (frame->lost) {
    drop_frame (direction, frame->sender, &frame->segment, WIRE_DROP_LOSS);
    return;
  }
  SIM_ASSERT (receiver->arrive != NULL);
  wire_record_arrive (&direction->recorder, frame->sender, &frame->segment);
  let_observe (direction, far_end_of (direction), frame);
  receiver->arrive (receiver->data, &frame->segment);
}

static void
arrive (Sim *sim, void *data)
{
  Direction *direction = data;
  WireFrame frame = wire_frames_pop (&direction->frames);

  SIM_ASSERT (sim_time_equal (frame.arrives, sim_now (sim)));
  if (wire_frames_flying (&direction->frames) > 0)
    sim_event_schedule (sim, &direction->arrival, wire_frames_first (&direction->frames)->arrives);
  deliver (direction, &frame);
}

static void
init_direction (Wire *wire, WireEnd from)
{
  Direction *direction = &wire->direction[from];
  uint32_t actor_id = wire->config.actor_id + (uint32_t)from;

  direction->wire = wire;
  direction->rate = sim_rate (wire->config.rate_bits_per_s);
  direction->recorder = (WireRecorder){ sim_trace (wire->sim), actor_id,
                                        from == WIRE_END_NIC ? TCP_TO_PEER : TCP_FROM_PEER };
  sim_event_init (&direction->free, SIM_PHASE_WIRE, actor_id, become_free, direction);
  sim_event_init (&direction->arrival, SIM_PHASE_WIRE, actor_id, arrive, direction);
}

Wire *
wire_new (Sim *sim, const WireConfig *config)
{
  SIM_ASSERT (config->rate_bits_per_s >= 1);
  SIM_ASSERT (config->one_way.ps >= 0);
  SIM_ASSERT (config->loss_numerator <= config->loss_denominator);

  Wire *wire = g_new0 (Wire, 1);
  wire->sim = sim;
  wire->config = *config;
  wire->loss = sim_stream (sim_seed (sim), "wire/loss");
  wire->up = true;
  init_direction (wire, WIRE_END_NIC);
  init_direction (wire, WIRE_END_PEERS);
  return wire;
}

void
wire_free (Wire *wire)
{
  if (wire == NULL)
    return;
  for (int i = 0; i < 2; i++) {
    sim_event_cancel (wire->sim, &wire->direction[i].free);
    sim_event_cancel (wire->sim, &wire->direction[i].arrival);
    wire_frames_clear (&wire->direction[i].frames);
  }
  g_free (wire);
}

void
wire_attach (Wire *wire, WireEnd end, const WireListener *listener)
{
  SIM_ASSERT (listener->arrive != NULL);
  wire->listener[end] = *listener;
}

void
wire_observe (Wire *wire, WireObserver observer, void *data)
{
  wire->observer = observer;
  wire->observer_data = data;
}

static void
queue_frame (Direction *direction, TraceSide sender, const TcpSegment *segment,
             uint32_t frame_bytes)
{
  WireFrame *frame = wire_frames_push (&direction->frames);

  frame->segment = *segment;
  frame->frame_bytes = frame_bytes;
  frame->sender = sender;
  direction->waiting_bytes += frame_bytes;
  wire_record_stage (&direction->recorder, segment);
}

/* The queue is full: the peers' end drops, the NIC's end keeps its frame and may be called. */
static void
refuse (Direction *direction, TraceSide sender, const TcpSegment *segment, uint32_t frame_bytes)
{
  if (end_of (direction) == WIRE_END_PEERS) {
    drop_frame (direction, sender, segment, WIRE_DROP_FULL);
  } else if (direction->wire->listener[WIRE_END_NIC].room != NULL) {
    direction->refused_bytes = frame_bytes;
    arm (direction);
  }
}

bool
wire_send (Wire *wire, WireEnd from, TraceSide sender, const TcpSegment *segment)
{
  Direction *direction = &wire->direction[from];
  uint32_t frame_bytes = tcp_segment_frame_bytes (segment);

  if (!wire->up) {
    drop_frame (direction, sender, segment, WIRE_DROP_DOWN);
    return true;
  }
  if (!has_room (direction, frame_bytes)) {
    refuse (direction, sender, segment, frame_bytes);
    return false;
  }
  queue_frame (direction, sender, segment, frame_bytes);
  serve (direction);
  arm (direction);
  direction->stats.queue_peak_bytes =
      MAX (direction->stats.queue_peak_bytes, direction->waiting_bytes);
  return true;
}

SimTime
wire_clears_at (const Wire *wire, WireEnd from)
{
  const Direction *direction = &wire->direction[from];
  SimRate rate = sim_rate (wire->config.rate_bits_per_s);
  int64_t bytes = (int64_t)direction->waiting_bytes
                  + (int64_t)WIRE_GAP_BYTES * wire_frames_waiting (&direction->frames);
  SimTime free_at = sim_time_max (direction->free_at, sim_now (wire->sim));

  return bytes == 0 ? free_at : sim_time_add (free_at, sim_rate_take (&rate, bytes));
}

/* Loses every frame of the direction, oldest first. */
static void
flush (Direction *direction)
{
  WireFrames *frames = &direction->frames;

  sim_event_cancel (direction->wire->sim, &direction->arrival);
  sim_event_cancel (direction->wire->sim, &direction->free);
  while (wire_frames_flying (frames) + wire_frames_waiting (frames) > 0) {
    WireFrame frame = wire_frames_pop (frames);
    drop_frame (direction, frame.sender, &frame.segment, WIRE_DROP_DOWN);
  }
  direction->waiting_bytes = 0;
  direction->free_at = sim_now (direction->wire->sim);
  direction->rate.remainder = 0;
  arm (direction); /* whoever was refused has room now */
}

static void
tell_link (const WireListener *listener, bool up)
{
  if (listener->link != NULL)
    listener->link (listener->data, up);
}

void
wire_set_link (Wire *wire, bool up)
{
  if (wire->up == up)
    return;
  wire->up = up;
  TRACE (sim_trace (wire->sim), wire->config.actor_id, LINK, up);
  if (!up) {
    flush (&wire->direction[WIRE_END_NIC]);
    flush (&wire->direction[WIRE_END_PEERS]);
  }
  tell_link (&wire->listener[WIRE_END_NIC], up);
  tell_link (&wire->listener[WIRE_END_PEERS], up);
}

bool
wire_link_is_up (const Wire *wire)
{
  return wire->up;
}

WireStats
wire_stats (const Wire *wire, WireEnd from)
{
  return wire->direction[from].stats;
}
