#include "models/wire/direction.h"

#include <glib.h>

#include "sim/random.h"

/* Preamble and gap around each frame. */
#define WIRE_GAP_BYTES 20
/* What the early detection takes for a small frame. */
#define SMALL_FRAME_BYTES (64 + WIRE_GAP_BYTES)

/* RFC 3168 5: either bit of this says that the transport understands, both that a queue is
 * building. */
#define TOS_CE 0x03

static WireEnd
end_of (const WireDirection *direction)
{
  return direction->recorder.direction == TCP_TO_PEER ? WIRE_END_NIC : WIRE_END_PEERS;
}

static WireEnd
far_end_of (const WireDirection *direction)
{
  return end_of (direction) == WIRE_END_NIC ? WIRE_END_PEERS : WIRE_END_NIC;
}

static void
let_observe (const WireDirection *direction, WireEnd at, const WireFrame *frame)
{
  const WireWatcher *watcher = direction->watcher;
  WirePassing passing = { at, direction->recorder.direction, frame->sender, &frame->segment,
                          sim_now (direction->sim) };

  if (watcher->observer != NULL)
    watcher->observer (watcher->data, &passing);
}

/* Draws the frame's fate; |ordinal| counts the direction's frames from 0. */
static bool
is_lost (WireDirection *direction, const TcpSegment *segment, uint64_t ordinal)
{
  const WireConfig *config = direction->config;
  uint64_t way = (uint64_t)direction->recorder.direction;

  bool lost = config->loss_numerator > 0
              && sim_draw_chance (direction->loss, way, ordinal, config->loss_numerator,
                                  config->loss_denominator);
  bool chosen =
      sim_choose (direction->sim, SITE_LOSS, 2 * (uint64_t)segment->connection_id + way, 2);
  return lost || chosen;
}

/* Frames in flight */

static SimTime
next_arrival (const WireDirection *direction)
{
  if (direction->overtakes)
    return wire_flight_next (&direction->flight);
  if (wire_frames_flying (&direction->frames) == 0)
    return SIM_TIME_NEVER;
  return wire_frames_first (&direction->frames)->arrives;
}

static WireFrame
take_arrival (WireDirection *direction)
{
  if (direction->overtakes)
    return wire_flight_take (&direction->flight);
  return wire_frames_pop (&direction->frames);
}

/* Has the next arrival come, if there is one. */
static void
await_arrival (WireDirection *direction)
{
  SimTime next = next_arrival (direction);

  if (!sim_time_is_never (next))
    sim_event_schedule (direction->sim, &direction->arrival, next);
}

/* Impairments */

/* Puts off the arrival of |frame|, which takes |time| to serialize.  With jitter alone frames keep
 * their order and arrive no closer than they could be sent. */
static void
delay_arrival (WireDirection *direction, WireFrame *frame, const WireFate *fate, SimDuration time)
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
record_fate (WireDirection *direction, const WireFrame *frame, const WireFate *fate)
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
impair (WireDirection *direction, WireFrame *frame, SimDuration time)
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
serialization (WireDirection *direction, const TcpSegment *segment)
{
  /* A break between frames starts a new count of whole picoseconds. */
  if (sim_time_before (direction->free_at, sim_now (direction->sim)))
    direction->rate.remainder = 0;
  return sim_rate_take (&direction->rate, tcp_segment_wire_bytes (segment));
}

/* Begins to serialize the first waiting frame: the serializer is free. */
static void
begin_frame (WireDirection *direction)
{
  SimTime awaited = next_arrival (direction);
  WireFrame *frame = wire_frames_launch (&direction->frames);
  WireStats *stats = &direction->stats;

  SimDuration time = serialization (direction, &frame->segment);
  direction->free_at = sim_time_add (sim_now (direction->sim), time);
  direction->waiting_bytes -= frame->frame_bytes;
  frame->arrives = sim_time_add (direction->free_at, direction->config->one_way);
  frame->lost = is_lost (direction, &frame->segment, stats->frames) || frame->is_early;
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
is_free (const WireDirection *direction)
{
  return !sim_time_before (sim_now (direction->sim), direction->free_at);
}

static uint32_t
queue_limit_bytes (const WireDirection *direction)
{
  const WireConfig *config = direction->config;
  uint32_t own = config->impair[direction->recorder.direction].queue_bytes;
  return own > 0 ? own : config->queue_bytes;
}

/* True if a frame may join those that wait.  A free serializer takes it whatever the limit. */
static bool
has_room (const WireDirection *direction, uint32_t frame_bytes)
{
  uint32_t limit = queue_limit_bytes (direction);

  if (wire_frames_waiting (&direction->frames) == 0 && is_free (direction))
    return true;
  return frame_bytes <= limit && direction->waiting_bytes <= limit - frame_bytes;
}

/* Begins the next frame if the serializer is free. */
static void
serve (WireDirection *direction)
{
  if (is_free (direction) && wire_frames_waiting (&direction->frames) > 0)
    begin_frame (direction);
}

/* Has the serializer call when it is free, if anybody waits for it.  A call that comes too early
 * arms itself again. */
static void
arm (WireDirection *direction)
{
  if (sim_event_is_pending (&direction->free))
    return;
  if (wire_frames_waiting (&direction->frames) > 0 || direction->refused_bytes > 0)
    sim_event_schedule (direction->sim, &direction->free, direction->free_at);
}

static void
call_for_room (WireDirection *direction)
{
  if (direction->refused_bytes == 0 || !has_room (direction, direction->refused_bytes))
    return;
  direction->refused_bytes = 0;
  direction->sender->room (direction->sender->data);
}

static void
become_free (G_GNUC_UNUSED Sim *sim, void *data)
{
  WireDirection *direction = data;

  serve (direction);
  call_for_room (direction);
  arm (direction);
}

static void
drop_frame (WireDirection *direction, TraceSide sender, const TcpSegment *segment, WireDrop reason)
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
deliver (WireDirection *direction, WireFrame *frame)
{
  const WireListener *receiver = direction->receiver;

  if (frame->lost) {
    drop_frame (direction, frame->sender, &frame->segment,
                frame->is_early ? WIRE_DROP_EARLY : WIRE_DROP_LOSS);
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
  WireDirection *direction = data;
  WireFrame frame = take_arrival (direction);

  SIM_ASSERT (sim_time_equal (frame.arrives, sim_now (sim)));
  await_arrival (direction);
  deliver (direction, &frame);
}

void
wire_direction_init (WireDirection *direction, TcpDirection way)
{
  uint64_t seed = sim_seed (direction->sim) ^ (uint64_t)direction->config->number << 32;
  uint32_t actor_id = direction->config->actor_id + (uint32_t)way;
  const WireImpairment *spec = &direction->config->impair[way];

  direction->rate = sim_rate (direction->config->rate_bits_per_s);
  direction->recorder = (WireRecorder){ sim_trace (direction->sim), actor_id, way };
  direction->loss = sim_stream (seed, "wire/loss");
  direction->impairer = wire_impairer (spec, seed, way);
  direction->is_impaired = wire_impairment_is_active (spec);
  direction->overtakes = wire_impairment_overtakes (spec);
  direction->red = red_new_state ();
  sim_event_init (&direction->free, SIM_PHASE_WIRE, actor_id, become_free, direction);
  sim_event_init (&direction->arrival, SIM_PHASE_WIRE, actor_id, arrive, direction);
}

void
wire_direction_clear (WireDirection *direction)
{
  sim_event_cancel (direction->sim, &direction->free);
  sim_event_cancel (direction->sim, &direction->arrival);
  wire_frames_clear (&direction->frames);
  wire_flight_clear (&direction->flight);
}

/* Sending */

static void
queue_frame (WireDirection *direction, TraceSide sender, const TcpSegment *segment,
             uint32_t frame_bytes, RedVerdict verdict)
{
  WireFrame *frame = wire_frames_push (&direction->frames);

  frame->segment = *segment;
  frame->frame_bytes = frame_bytes;
  frame->sender = sender;
  direction->waiting_bytes += frame_bytes;
  frame->is_early = verdict == RED_DROP;
  wire_record_stage (&direction->recorder, segment);
  if (verdict == RED_MARK) {
    frame->segment.tos |= TOS_CE;
    direction->stats.marked++;
    wire_record_impair (&direction->recorder, sender, segment, WIRE_IMPAIR_MARKED);
  }
}

static RedVerdict
detect_early (WireDirection *direction, const TcpSegment *segment)
{
  const RedConfig *config = &direction->impairer.spec->red;
  if (config->max_bytes == 0)
    return RED_PASS;

  SimRate rate = sim_rate (direction->config->rate_bits_per_s);
  RedArrival arrival = { .queue_bytes = direction->waiting_bytes,
                         .when = sim_now (direction->sim),
                         .small_frame = sim_rate_take (&rate, SMALL_FRAME_BYTES),
                         .can_be_marked = (segment->tos & TOS_CE) != 0 };
  return red_decide (&direction->red, config, &arrival, direction->impairer.red,
                     direction->impairer.way);
}

/* The queue is full: the peers' end drops, the NIC's end keeps its frame and may be called. */
static void
refuse (WireDirection *direction, TraceSide sender, const TcpSegment *segment, uint32_t frame_bytes)
{
  if (end_of (direction) == WIRE_END_PEERS) {
    drop_frame (direction, sender, segment, WIRE_DROP_FULL);
  } else if (direction->sender->room != NULL) {
    direction->refused_bytes = frame_bytes;
    arm (direction);
  }
}

bool
wire_direction_send (WireDirection *direction, TraceSide sender, const TcpSegment *segment)
{
  uint32_t frame_bytes = tcp_segment_frame_bytes (segment);

  if (!has_room (direction, frame_bytes)) {
    refuse (direction, sender, segment, frame_bytes);
    return false;
  }
  RedVerdict verdict = detect_early (direction, segment);
  /* At the NIC's end the queue that drops is thought of behind the NIC: the frame leaves all the
   * same. */
  if (verdict == RED_DROP && end_of (direction) == WIRE_END_PEERS) {
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
wire_direction_clears_at (const WireDirection *direction)
{
  SimRate rate = sim_rate (direction->config->rate_bits_per_s);
  int64_t bytes = (int64_t)direction->waiting_bytes
                  + (int64_t)WIRE_GAP_BYTES * wire_frames_waiting (&direction->frames);
  SimTime free_at = sim_time_max (direction->free_at, sim_now (direction->sim));

  return bytes == 0 ? free_at : sim_time_add (free_at, sim_rate_take (&rate, bytes));
}

void
wire_direction_lose (WireDirection *direction, TraceSide sender, const TcpSegment *segment)
{
  drop_frame (direction, sender, segment, WIRE_DROP_DOWN);
}

void
wire_direction_flush (WireDirection *direction)
{
  WireFrames *frames = &direction->frames;

  sim_event_cancel (direction->sim, &direction->arrival);
  sim_event_cancel (direction->sim, &direction->free);
  while (!sim_time_is_never (next_arrival (direction))) {
    WireFrame frame = take_arrival (direction);
    drop_frame (direction, frame.sender, &frame.segment, WIRE_DROP_DOWN);
  }
  while (wire_frames_waiting (frames) > 0) {
    WireFrame frame = wire_frames_pop (frames);
    drop_frame (direction, frame.sender, &frame.segment, WIRE_DROP_DOWN);
  }
  direction->waiting_bytes = 0;
  direction->last_comes = sim_now (direction->sim);
  red_note_empty (&direction->red, sim_now (direction->sim));
  direction->free_at = sim_now (direction->sim);
  direction->rate.remainder = 0;
  arm (direction); /* whoever was refused has room now */
}
