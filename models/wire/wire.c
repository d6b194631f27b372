#include "models/wire/wire.h"

#include <glib.h>

#include "models/wire/flight.h"
#include "models/wire/frames.h"
#include "models/wire/record.h"
#include "sim/clock.h"
#include "sim/random.h"

/* One way of the link. */
typedef struct Direction {
  Wire *wire;
  WireFrames frames; /* that wait, and in flight unless they may overtake */
  WireFlight flight; /* that may overtake */
  SimRate rate;
  SimTime free_at; /* when the serializer has sent what it began */
  SimEvent free;   /* then, if anybody waits for it */
  SimEvent arrival;
  uint32_t waiting_bytes;
  uint32_t refused_bytes; /* of the frame that its sender wants to be called for; 0: none */
  WireRecorder recorder;
  WireStats stats;
  WireImpairer impairer;
  bool is_impaired;   /* |impairer| is asked */
  bool overtakes;     /* |flight| is used */
  SimTime last_comes; /* with jitter in order: when the last one arrives */
  Red red;
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
/* What the early detection takes for a small frame. */
#define SMALL_FRAME_BYTES (64 + WIRE_GAP_BYTES)

/* RFC 3168 5: either bit of this says that the transport understands, both that a queue is building. */
#define TOS_CE 0x03

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

/* Frames in flight */

static SimTime
next_arrival (const Direction *direction)
{
  if (direction->overtakes)
    return wire_flight_next (&direction->flight);
  if (wire_frames_flying (&direction->frames) == 0)
    return SIM_TIME_NEVER;
  return wire_frames_first (&direction->frames)->arrives;
}

static WireFrame
take_arrival (Direction *direction)
{
  if (direction->overtakes)
    return wire_flight_take (&direction->flight);
  return wire_frames_pop (&direction->frames);
}

/* Has the next arrival come, if there is one. */
static void
await_arrival (Direction *direction)
{
  SimTime next = next_arrival (direction);

  if (!sim_time_is_never (next))
    sim_event_schedule (direction->wire->sim, &direction->arrival, next);
}

/* Impairments */

/* Puts off the arrival of |frame|, which takes |time| to serialize.  With jitter alone frames keep
 * their order and arrive no closer than they could be sent. */
static void
delay_arrival (Direction *direction, WireFrame *frame, const WireFate *fate, SimDuration time)
{
  const WireImpairment *spec = direction->impairer.spec;

  frame->arrives = sim_time_add (frame->arrives, fate->jitter);
  if (spec->jitter != NULL && !spec->jitter_overtakes) {
    frame->arrives = sim_time_max (frame->arrives, sim_time_add (direction->last_comes, time));
    direction->last_comes = frame->arrives;
  }
  if (fate->reordered)
    frame->arrives = sim_time_add (frame->arrives, fate->held_back);
}

static void
record_fate (Direction *direction, const WireFrame *frame, const WireFate *fate)
{
  if (fate->duplicated) {
    direction->stats.duplicated++;
    wire_record_impair (&direction->recorder, frame->sender, &frame->segment,
                        WIRE_IMPAIR_DUPLICATED);
  }
  if (fate->reordered) {
    direction->stats.reordered++;
    wire_record_impair (&direction->recorder, frame->sender, &frame->segment,
                        WIRE_IMPAIR_REORDERED);
  }
}

/* Lets fate have the frame that has just begun to be serialized and takes |time| for it.  A copy
 * comes directly behind. */
static void
impair (Direction *direction, WireFrame *frame, SimDuration time)
{
  WireFate fate = wire_impairer_decide (&direction->impairer, &frame->segment);

  frame->lost = frame->lost || fate.lost;
  frame->oddity = fate.oddity;
  delay_arrival (direction, frame, &fate, time);
  if (frame->lost)
    fate.duplicated = fate.reordered = false;
  record_fate (direction, frame, &fate);
  if (!direction->overtakes)
    return;
  WireFrame flying = wire_frames_pop (&direction->frames);
  wire_flight_add (&direction->flight, &flying);
  if (fate.duplicated) {
    flying.arrives = sim_time_add (flying.arrives, time);
    wire_flight_add (&direction->flight, &flying);
  }
}

/* Serializing */

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
  SimTime awaited = next_arrival (direction);
  WireFrame *frame = wire_frames_launch (&direction->frames);
  WireStats *stats = &direction->stats;

  SimDuration time = serialization (direction, &frame->segment);
  direction->free_at = sim_time_add (sim_now (wire->sim), time);
  direction->waiting_bytes -= frame->frame_bytes;
  frame->arrives = sim_time_add (direction->free_at, wire->config.one_way);
  frame->lost = is_lost (direction, &frame->segment, stats->frames);
  frame->oddity = 0;
  if (direction->waiting_bytes == 0)
    red_note_empty (&direction->red, direction->free_at);

  stats->frames++;
  stats->bytes += frame->frame_bytes;
  stats->payload_bytes += frame->segment.payload.bytes;
  stats->busy = sim_duration_add (stats->busy, time);
  wire_record_send (&direction->recorder, frame->sender, &frame->segment);
  let_observe (direction, end_of (direction), frame);
  if (direction->is_impaired)
    impair (direction, frame, time);
  if (!sim_time_equal (next_arrival (direction), awaited))
    await_arrival (direction);
}

static bool
is_free (const Direction *direction)
{
  return !sim_time_before (sim_now (direction->wire->sim), direction->free_at);
}

static uint32_t
queue_limit_bytes (const Direction *direction)
{
  const WireConfig *config = &direction->wire->config;
  uint32_t own = config->impair[direction->recorder.direction].queue_bytes;
  return own > 0 ? own : config->queue_bytes;
}

/* True if a frame may join those that wait.  A free serializer takes it whatever the limit. */
static bool
has_room (const Direction *direction, uint32_t frame_bytes)
{
  uint32_t limit = queue_limit_bytes (direction);

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
  WireStats *stats = &direction->stats;

  switch (reason) {
  case WIRE_DROP_LOSS:
    stats->lost++;
    break;
  case WIRE_DROP_CORRUPTED:
    stats->corrupted++;
    break;
  case WIRE_DROP_EARLY:
    stats->dropped_early++;
    break;
  case WIRE_DROP_FULL:
  case WIRE_DROP_DOWN:
    stats->dropped++;
    break;
  }
  wire_record_drop (&direction->recorder, sender, segment, reason);
}

static void
deliver (Direction *direction, WireFrame *frame)
{
  const WireListener *receiver = receiver_of (direction);

  if (frame->lost) {
    drop_frame (direction, frame->sender, &frame->segment, WIRE_DROP_LOSS);
    return;
  }
  SIM_ASSERT (receiver->arrive != NULL);
  if (frame->oddity != 0)
    drop_frame (direction, frame->sender, &frame->segment, WIRE_DROP_CORRUPTED);
  else
    wire_record_arrive (&direction->recorder, frame->sender, &frame->segment);
  frame->segment.oddities |= frame->oddity;
  let_observe (direction, far_end_of (direction), frame);
  receiver->arrive (receiver->data, &frame->segment);
}

static void
arrive (Sim *sim, void *data)
{
  Direction *direction = data;
  WireFrame frame = take_arrival (direction);

  SIM_ASSERT (sim_time_equal (frame.arrives, sim_now (sim)));
  await_arrival (direction);
  deliver (direction, &frame);
}

static void
init_direction (Wire *wire, WireEnd from)
{
  Direction *direction = &wire->direction[from];
  uint32_t actor_id = wire->config.actor_id + (uint32_t)from;
  TcpDirection way = from == WIRE_END_NIC ? TCP_TO_PEER : TCP_FROM_PEER;
  const WireImpairment *spec = &wire->config.impair[way];

  direction->wire = wire;
  direction->rate = sim_rate (wire->config.rate_bits_per_s);
  direction->recorder = (WireRecorder){ sim_trace (wire->sim), actor_id, way };
  direction->impairer = wire_impairer (spec, sim_seed (wire->sim), way);
  direction->is_impaired = wire_impairment_is_active (spec);
  direction->overtakes = wire_impairment_overtakes (spec);
  direction->red = red_new_state ();
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
    wire_flight_clear (&wire->direction[i].flight);
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
             uint32_t frame_bytes, RedVerdict verdict)
{
  WireFrame *frame = wire_frames_push (&direction->frames);

  frame->segment = *segment;
  frame->frame_bytes = frame_bytes;
  frame->sender = sender;
  direction->waiting_bytes += frame_bytes;
  wire_record_stage (&direction->recorder, segment);
  if (verdict == RED_MARK) {
    frame->segment.tos |= TOS_CE;
    direction->stats.marked++;
    wire_record_impair (&direction->recorder, sender, segment, WIRE_IMPAIR_MARKED);
  }
}

static RedVerdict
detect_early (Direction *direction, const TcpSegment *segment)
{
  const RedConfig *config = &direction->impairer.spec->red;
  if (config->max_bytes == 0)
    return RED_PASS;

  SimRate rate = sim_rate (direction->wire->config.rate_bits_per_s);
  RedArrival arrival = { .queue_bytes = direction->waiting_bytes,
                         .when = sim_now (direction->wire->sim),
                         .small_frame = sim_rate_take (&rate, SMALL_FRAME_BYTES),
                         .can_be_marked = (segment->tos & TOS_CE) != 0 };
  return red_decide (&direction->red, config, &arrival, direction->impairer.red,
                     direction->impairer.way);
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
  RedVerdict verdict = detect_early (direction, segment);
  if (verdict == RED_DROP) {
    drop_frame (direction, sender, segment, WIRE_DROP_EARLY);
    return true;
  }
  queue_frame (direction, sender, segment, frame_bytes, verdict);
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
  while (!sim_time_is_never (next_arrival (direction))) {
    WireFrame frame = take_arrival (direction);
    drop_frame (direction, frame.sender, &frame.segment, WIRE_DROP_DOWN);
  }
  while (wire_frames_waiting (frames) > 0) {
    WireFrame frame = wire_frames_pop (frames);
    drop_frame (direction, frame.sender, &frame.segment, WIRE_DROP_DOWN);
  }
  direction->waiting_bytes = 0;
  direction->last_comes = sim_now (direction->wire->sim);
  red_note_empty (&direction->red, sim_now (direction->wire->sim));
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
