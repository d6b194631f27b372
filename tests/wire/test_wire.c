#include "tests/support.h"

#include "models/wire/record.h"
#include "models/wire/wire.h"
#include "sim/random.h"
#include "sim/time.h"

#define GBIT INT64_C (1000000000)
#define FULL_PAYLOAD 1448
#define FULL_FRAME 1518
#define FULL_WIRE 1538
#define SMALL_FRAME 64

/* What one end has seen. */
typedef struct End {
  Sim *sim;
  GArray *seq;  /* uint32_t, as they arrived */
  GArray *when; /* int64_t ps */
  unsigned rooms;
  SimTime room_at;
  int links[4];
  unsigned n_links;
  /* A sender that fills the wire: it sends until refused, and again when there is room. */
  Wire *wire;
  uint32_t next_seq;
  uint32_t frames_left;
} End;

typedef struct Fixture {
  Sim *sim;
  Wire *wire;
  End nic, peers;
  GArray *records; /* SimRecord of wire kinds and stages */
} Fixture;

static TcpSegment
segment (uint32_t seq, uint32_t payload_bytes)
{
  return (TcpSegment){
    .connection_id = 9,
    .seq = seq,
    .flags = TCP_ACK,
    .ip_version = 4,
    .options = TCP_OPTION_TIMESTAMP,
    .payload = { .stream_id = TCP_STREAM (9, TCP_TO_PEER), .offset = seq, .bytes = payload_bytes }
  };
}

static void
end_arrive (void *data, const TcpSegment *arrived)
{
  End *end = data;
  int64_t now = sim_now (end->sim).ps;
  g_array_append_val (end->seq, arrived->seq);
  g_array_append_val (end->when, now);
}

static void
fill (End *end)
{
  while (end->frames_left > 0) {
    TcpSegment next = segment (end->next_seq, FULL_PAYLOAD);
    if (!wire_send (end->wire, WIRE_END_NIC, SIDE_TARGET, &next))
      return;
    end->next_seq++;
    end->frames_left--;
  }
}

static void
end_room (void *data)
{
  End *end = data;
  end->rooms++;
  end->room_at = sim_now (end->sim);
  fill (end);
}

static void
end_link (void *data, bool up)
{
  End *end = data;
  assert_in_range (end->n_links, 0, 3);
  end->links[end->n_links++] = up;
}

static void
keep_record (void *data, const SimRecord *record)
{
  g_array_append_vals (data, record, 1);
}

static void
init_end (Fixture *f, End *end, WireEnd which)
{
  *end = (End){ .sim = f->sim,
                .seq = g_array_new (FALSE, FALSE, sizeof (uint32_t)),
                .when = g_array_new (FALSE, FALSE, sizeof (int64_t)),
                .wire = f->wire };
  wire_attach (f->wire, which,
               &(WireListener){
                   .arrive = end_arrive, .room = end_room, .link = end_link, .data = end });
}

static const WireConfig plain = { .rate_bits_per_s = 10 * GBIT,
                                  .one_way = { 10 * SIM_PS_PER_US },
                                  .queue_bytes = 256 * 1024,
                                  .loss_denominator = 1,
                                  .actor_id = 40 };

/* Makes the fixture's wire as |config| says, in place of the plain one. */
static void
rewire (Fixture *f, const WireConfig *config, uint64_t seed)
{
  static const uint16_t kinds[] = { TRACE_WIRE_SEND, TRACE_WIRE_ARRIVE, TRACE_WIRE_DROP,
                                    TRACE_STAGE, TRACE_LINK };

  f->sim = sim_new (seed);
  f->records = g_array_new (FALSE, FALSE, sizeof (SimRecord));
  sim_trace_set_kinds (sim_trace (f->sim), trace_kinds, TRACE_N_KINDS);
  sim_trace_add_reader (sim_trace (f->sim), keep_record, f->records, kinds, G_N_ELEMENTS (kinds));
  f->wire = wire_new (f->sim, config);
  init_end (f, &f->nic, WIRE_END_NIC);
  init_end (f, &f->peers, WIRE_END_PEERS);
}

static void
unwire (Fixture *f)
{
  wire_free (f->wire);
  sim_free (f->sim);
  g_array_free (f->records, TRUE);
  g_array_free (f->nic.seq, TRUE);
  g_array_free (f->nic.when, TRUE);
  g_array_free (f->peers.seq, TRUE);
  g_array_free (f->peers.when, TRUE);
}

static int
set_up (void **state)
{
  Fixture *f = g_new0 (Fixture, 1);
  rewire (f, &plain, 1);
  *state = f;
  return 0;
}

static int
tear_down (void **state)
{
  Fixture *f = *state;
  unwire (f);
  g_free (f);
  return 0;
}

static void
change_wire (Fixture *f, const WireConfig *config, uint64_t seed)
{
  unwire (f);
  rewire (f, config, seed);
}

static void
run (Fixture *f)
{
  assert_int_equal (sim_run (f->sim, (SimLimits){ .until = SIM_TIME_NEVER }), SIM_STOP_IDLE);
}

static void
run_until (Fixture *f, int64_t ps)
{
  sim_run (f->sim, (SimLimits){ .until = { ps } });
}

static void
send (Fixture *f, WireEnd from, uint32_t seq, uint32_t payload_bytes)
{
  TcpSegment s = segment (seq, payload_bytes);
  assert_true (wire_send (f->wire, from, SIDE_TARGET, &s));
}

static int64_t
arrived_at (const End *end, guint index)
{
  assert_true (index < end->when->len);
  return g_array_index (end->when, int64_t, index);
}

static uint32_t
arrived_seq (const End *end, guint index)
{
  assert_true (index < end->seq->len);
  return g_array_index (end->seq, uint32_t, index);
}

static unsigned
count_records (const Fixture *f, uint16_t kind)
{
  unsigned count = 0;
  for (guint i = 0; i < f->records->len; i++)
    count += g_array_index (f->records, SimRecord, i).kind == kind;
  return count;
}

static const SimRecord *
record_of (const Fixture *f, uint16_t kind, unsigned nth)
{
  for (guint i = 0; i < f->records->len; i++) {
    const SimRecord *record = &g_array_index (f->records, SimRecord, i);
    if (record->kind == kind && nth-- == 0)
      return record;
  }
  fail_msg ("no such record");
  return NULL;
}

static void
a_full_frame_takes_its_wire_bytes_and_the_delay (void **state)
{
  Fixture *f = *state;

  send (f, WIRE_END_NIC, 1, FULL_PAYLOAD);
  run (f);

  assert_int_equal (f->peers.seq->len, 1);
  assert_int_equal (arrived_at (&f->peers, 0), 1230400 + 10 * SIM_PS_PER_US);
}

static void
a_short_frame_is_padded_to_64_bytes (void **state)
{
  Fixture *f = *state;

  TcpSegment ack = { .flags = TCP_ACK, .ip_version = 4 };
  assert_true (wire_send (f->wire, WIRE_END_PEERS, SIDE_PEER, &ack));
  run (f);

  assert_int_equal (arrived_at (&f->nic, 0), (SMALL_FRAME + 20) * 800 + 10 * SIM_PS_PER_US);
  assert_int_equal (wire_stats (f->wire, WIRE_END_PEERS).bytes, SMALL_FRAME);
}

static void
frames_back_to_back_lose_nothing_to_rounding (void **state)
{
  Fixture *f = *state;
  WireConfig config = plain;
  config.rate_bits_per_s = 7 * GBIT; /* 1538 * 8 / 7e9 s = 1757714.28... ps */
  config.queue_bytes = 1 << 20;
  change_wire (f, &config, 1);

  for (uint32_t i = 0; i < 500; i++)
    send (f, WIRE_END_NIC, i, FULL_PAYLOAD);
  run (f);

  for (guint i = 0; i < 500; i++)
    assert_int_equal (arrived_at (&f->peers, i) - config.one_way.ps,
                      (int64_t)(i + 1) * FULL_WIRE * 8000 / 7);
}

static void
a_pause_starts_a_new_count_of_picoseconds (void **state)
{
  Fixture *f = *state;
  WireConfig config = plain;
  config.rate_bits_per_s = 7 * GBIT;
  change_wire (f, &config, 1);

  for (uint32_t i = 0; i < 8; i++) {
    run_until (f, i * 5 * SIM_PS_PER_US);
    send (f, WIRE_END_NIC, i, FULL_PAYLOAD);
  }
  run (f);

  for (guint i = 1; i < 8; i++)
    assert_int_equal (arrived_at (&f->peers, i) - arrived_at (&f->peers, i - 1), 5 * SIM_PS_PER_US);
}

static void
a_paced_sender_fills_the_link_exactly (void **state)
{
  Fixture *f = *state;
  WireConfig config = plain;
  config.queue_bytes = 4 * FULL_FRAME;
  change_wire (f, &config, 1);

  f->nic.frames_left = UINT32_MAX;
  fill (&f->nic);
  run_until (f, SIM_PS_PER_MS);

  /* A million ns at 10 Gbit/s are 1250000 bytes: 812 frames and a part. */
  int64_t last = config.one_way.ps + 1230400 * (int64_t)f->peers.when->len;
  assert_int_equal (arrived_at (&f->peers, f->peers.when->len - 1), last);
  assert_int_equal (f->peers.seq->len, (SIM_PS_PER_MS - config.one_way.ps) / 1230400);
  assert_int_equal (wire_stats (f->wire, WIRE_END_NIC).frames, SIM_PS_PER_MS / 1230400 + 1);
  assert_int_equal (wire_stats (f->wire, WIRE_END_NIC).payload_bytes,
                    (SIM_PS_PER_MS / 1230400 + 1) * FULL_PAYLOAD);
  assert_int_equal (wire_stats (f->wire, WIRE_END_NIC).dropped, 0);
  assert_int_equal (wire_stats (f->wire, WIRE_END_NIC).queue_peak_bytes, 4 * FULL_FRAME);
  assert_int_equal (wire_stats (f->wire, WIRE_END_NIC).busy.ps,
                    (SIM_PS_PER_MS / 1230400 + 1) * 1230400);
}

static void
frames_arrive_in_the_order_they_were_sent (void **state)
{
  Fixture *f = *state;

  for (uint32_t i = 0; i < 150; i++)
    send (f, WIRE_END_NIC, i, i % 7 * 200);
  run (f);

  assert_int_equal (f->peers.seq->len, 150);
  for (guint i = 0; i < 150; i++)
    assert_int_equal (arrived_seq (&f->peers, i), i);
}

static void
the_directions_do_not_share_the_rate (void **state)
{
  Fixture *f = *state;

  send (f, WIRE_END_NIC, 1, FULL_PAYLOAD);
  send (f, WIRE_END_PEERS, 2, FULL_PAYLOAD);
  run (f);

  assert_int_equal (arrived_at (&f->peers, 0), arrived_at (&f->nic, 0));
}

static void
a_link_holds_two_events_a_direction_at_most (void **state)
{
  Fixture *f = *state;

  for (uint32_t i = 0; i < 100; i++) {
    send (f, WIRE_END_NIC, i, FULL_PAYLOAD);
    send (f, WIRE_END_PEERS, i, FULL_PAYLOAD);
  }
  for (int64_t at = 1; at < 100; at++) {
    assert_true (sim_events_pending (f->sim) <= 4);
    run_until (f, at * SIM_PS_PER_US);
  }
  assert_true (f->peers.seq->len > 50);
}

static void
the_nic_is_refused_and_called_when_there_is_room (void **state)
{
  Fixture *f = *state;
  WireConfig config = plain;
  config.queue_bytes = 2 * FULL_FRAME;
  change_wire (f, &config, 1);

  f->nic.frames_left = 10;
  fill (&f->nic);
  assert_int_equal (f->nic.frames_left, 7); /* one is being serialized, two wait */
  assert_int_equal (f->nic.rooms, 0);
  run_until (f, 1230399);
  assert_int_equal (f->nic.rooms, 0);
  run_until (f, 1230400);
  assert_int_equal (f->nic.rooms, 1);
  assert_int_equal (f->nic.frames_left, 6);

  run (f);
  assert_int_equal (f->peers.seq->len, 10);
  assert_int_equal (wire_stats (f->wire, WIRE_END_NIC).dropped, 0);
  assert_int_equal (count_records (f, TRACE_WIRE_DROP), 0);
}

static void
room_means_room_for_the_frame_that_was_refused (void **state)
{
  Fixture *f = *state;
  WireConfig config = plain;
  config.queue_bytes = 2 * FULL_FRAME;
  change_wire (f, &config, 1);

  /* Frames of 70 bytes: one is being serialized and 23 wait, so that two have to start first. */
  for (uint32_t i = 0; i < 24; i++)
    send (f, WIRE_END_NIC, i, 0);
  TcpSegment large = segment (99, FULL_PAYLOAD);
  assert_false (wire_send (f->wire, WIRE_END_NIC, SIDE_TARGET, &large));
  run_until (f, 2 * (70 + 20) * 800 - 1);
  assert_int_equal (f->nic.rooms, 0);
  run_until (f, 2 * (70 + 20) * 800);
  assert_int_equal (f->nic.rooms, 1);
  assert_true (wire_send (f->wire, WIRE_END_NIC, SIDE_TARGET, &large));
}

static void
a_queue_of_nothing_takes_one_frame_at_a_time (void **state)
{
  Fixture *f = *state;
  WireConfig config = plain;
  config.queue_bytes = 0;
  change_wire (f, &config, 1);

  f->nic.frames_left = 3;
  fill (&f->nic);
  assert_int_equal (f->nic.frames_left, 2);
  run (f);

  assert_int_equal (f->peers.seq->len, 3);
  assert_int_equal (arrived_at (&f->peers, 2), 3 * 1230400 + config.one_way.ps);
}

static void
the_peers_end_drops_what_does_not_fit (void **state)
{
  Fixture *f = *state;
  WireConfig config = plain;
  config.queue_bytes = 2 * FULL_FRAME;
  change_wire (f, &config, 1);

  TcpSegment s = segment (0, FULL_PAYLOAD);
  unsigned taken = 0;
  for (s.seq = 0; s.seq < 5; s.seq++)
    taken += wire_send (f->wire, WIRE_END_PEERS, SIDE_PEER, &s);
  run (f);

  assert_int_equal (taken, 3);
  assert_int_equal (f->nic.seq->len, 3);
  assert_int_equal (f->peers.rooms, 0);
  assert_int_equal (wire_stats (f->wire, WIRE_END_PEERS).dropped, 2);
  assert_int_equal (count_records (f, TRACE_WIRE_DROP), 2);
  assert_int_equal (record_of (f, TRACE_WIRE_DROP, 0)->column[3], 3); /* the fourth frame */
  assert_int_equal (record_of (f, TRACE_WIRE_DROP, 0)->column[6], WIRE_DROP_FULL);
}

static void
link_down_loses_what_waits_and_what_flies (void **state)
{
  Fixture *f = *state;

  for (uint32_t i = 0; i < 20; i++) {
    send (f, WIRE_END_NIC, i, FULL_PAYLOAD);
    send (f, WIRE_END_PEERS, i, FULL_PAYLOAD);
  }
  run_until (f, 12 * SIM_PS_PER_US); /* one has arrived: 10 us and 1.2304 us */
  wire_set_link (f->wire, false);
  assert_false (wire_link_is_up (f->wire));
  run (f);

  assert_int_equal (f->peers.seq->len, 1);
  assert_int_equal (f->nic.seq->len, 1);
  assert_int_equal (wire_stats (f->wire, WIRE_END_NIC).dropped, 19);
  assert_int_equal (count_records (f, TRACE_WIRE_DROP), 38);
  assert_int_equal (record_of (f, TRACE_WIRE_DROP, 0)->column[3], 1);
  assert_int_equal (record_of (f, TRACE_WIRE_DROP, 0)->column[6], WIRE_DROP_DOWN);
}

static void
a_link_that_is_down_takes_frames_and_loses_them (void **state)
{
  Fixture *f = *state;

  wire_set_link (f->wire, false);
  send (f, WIRE_END_NIC, 1, 100);
  send (f, WIRE_END_PEERS, 2, 100);
  wire_set_link (f->wire, true);
  send (f, WIRE_END_NIC, 3, 100);
  run (f);

  assert_int_equal (f->peers.seq->len, 1);
  assert_int_equal (arrived_seq (&f->peers, 0), 3);
  assert_int_equal (f->nic.seq->len, 0);
}

static void
both_ends_are_told_of_the_link_once_per_change (void **state)
{
  Fixture *f = *state;

  wire_set_link (f->wire, true);
  wire_set_link (f->wire, false);
  wire_set_link (f->wire, false);
  wire_set_link (f->wire, true);

  assert_int_equal (f->nic.n_links, 2);
  assert_int_equal (f->nic.links[0], false);
  assert_int_equal (f->nic.links[1], true);
  assert_int_equal (f->peers.n_links, 2);
  assert_int_equal (count_records (f, TRACE_LINK), 2);
  assert_int_equal (record_of (f, TRACE_LINK, 0)->column[0], 0);
}

static void
a_refused_nic_is_called_when_the_link_went_down (void **state)
{
  Fixture *f = *state;
  WireConfig config = plain;
  config.queue_bytes = FULL_FRAME;
  change_wire (f, &config, 1);

  f->nic.frames_left = 5;
  fill (&f->nic);
  run_until (f, 1000);
  wire_set_link (f->wire, false);
  assert_int_equal (f->nic.rooms, 0); /* not from within the call */
  run (f);

  assert_int_equal (f->nic.rooms, 1);
  assert_int_equal (f->nic.room_at.ps, 1000);
  assert_int_equal (f->nic.frames_left, 0);
  assert_int_equal (f->peers.seq->len, 0);
}

/* Which of 2000 frames of |seed| arrive, as their number and a digest of which. */
static unsigned
arrivals (Fixture *f, uint64_t seed, WireEnd from, GArray **ret_seq)
{
  WireConfig config = plain;
  config.queue_bytes = 1 << 22;
  config.loss_numerator = 1;
  config.loss_denominator = 10;
  change_wire (f, &config, seed);

  for (uint32_t i = 0; i < 2000; i++)
    send (f, from, i, 100);
  run (f);
  End *end = from == WIRE_END_NIC ? &f->peers : &f->nic;
  *ret_seq = g_array_copy (end->seq);
  return end->seq->len;
}

static bool
same (GArray *a, GArray *b)
{
  bool equal = a->len == b->len && memcmp (a->data, b->data, a->len * sizeof (uint32_t)) == 0;
  g_array_free (b, TRUE);
  return equal;
}

static void
losses_are_drawn_by_seed_direction_and_ordinal (void **state)
{
  Fixture *f = *state;
  GArray *first, *again, *other_seed, *other_way;

  unsigned count = arrivals (f, 5, WIRE_END_NIC, &first);
  assert_in_range (count, 1740, 1860); /* 1800, five standard deviations */
  assert_int_equal (wire_stats (f->wire, WIRE_END_NIC).lost, 2000 - count);
  assert_int_equal (count_records (f, TRACE_WIRE_DROP), 2000 - count);
  assert_int_equal (record_of (f, TRACE_WIRE_DROP, 0)->column[6], WIRE_DROP_LOSS);
  arrivals (f, 5, WIRE_END_NIC, &again);
  arrivals (f, 6, WIRE_END_NIC, &other_seed);
  arrivals (f, 5, WIRE_END_PEERS, &other_way);

  assert_true (same (first, again));
  assert_false (same (first, other_seed));
  assert_false (same (first, other_way));
  g_array_free (first, TRUE);
}

static void
a_schedule_loses_the_frame_it_names (void **state)
{
  Fixture *f = *state;
  SimChoice third = { .site = SITE_LOSS, .subject = 2 * 9 + TCP_TO_PEER, .ordinal = 3, .value = 1 };

  sim_choices_load (sim_choices (f->sim), &third, 1);
  for (uint32_t i = 0; i < 5; i++) {
    send (f, WIRE_END_NIC, i, 100);
    send (f, WIRE_END_PEERS, i, 100);
  }
  run (f);

  assert_int_equal (f->nic.seq->len, 5);
  assert_int_equal (f->peers.seq->len, 4);
  assert_int_equal (arrived_seq (&f->peers, 1), 1);
  assert_int_equal (arrived_seq (&f->peers, 2), 3);
}

static void
a_frame_is_traced_where_it_starts_and_where_it_ends (void **state)
{
  Fixture *f = *state;

  send (f, WIRE_END_NIC, 7, FULL_PAYLOAD);
  send (f, WIRE_END_NIC, 8, FULL_PAYLOAD);
  run (f);

  const SimRecord *sent = record_of (f, TRACE_WIRE_SEND, 1);
  assert_int_equal (sent->when.ps, 1230400); /* when the first has left */
  assert_int_equal (sent->actor_id, 40);
  const int64_t columns[] = { 9, SIDE_TARGET, TCP_TO_PEER,         8, 0, TCP_ACK, 0, FULL_PAYLOAD,
                              8, 0,           TCP_OPTION_TIMESTAMP };
  assert_memory_equal (sent->column, columns, sizeof columns);
  assert_int_equal (record_of (f, TRACE_WIRE_ARRIVE, 1)->when.ps, 2 * 1230400 + plain.one_way.ps);
  assert_int_equal (count_records (f, TRACE_WIRE_ARRIVE), 2);
}

static void
payload_marks_the_stage_of_its_request (void **state)
{
  Fixture *f = *state;

  send (f, WIRE_END_NIC, 1, 100);
  send (f, WIRE_END_PEERS, 2, 100);
  send (f, WIRE_END_NIC, 3, 0);
  run (f);

  assert_int_equal (count_records (f, TRACE_STAGE), 2);
  const int64_t there[] = { LATENCY_REQUEST, 9, STAGE_WIRE, 9 };
  const int64_t back[] = { LATENCY_REQUEST, 9, STAGE_WIRE_BACK, 9 };
  assert_memory_equal (record_of (f, TRACE_STAGE, 0)->column, there, sizeof there);
  assert_memory_equal (record_of (f, TRACE_STAGE, 1)->column, back, sizeof back);
}

#define CHANGED(member, value_)                        \
  do {                                                 \
    TcpSegment other = base;                           \
    other.member = (value_);                           \
    if (wire_digest (&other) == wire_digest (&base))   \
      fail_msg ("the digest does not cover " #member); \
  } while (0)

static void
the_digest_covers_every_field_without_a_column (G_GNUC_UNUSED void **state)
{
  TcpSegment base = segment (1, 2);
  base.n_sack = 2;

  CHANGED (tuple.source_port, 1);
  CHANGED (tuple.destination_port, 1);
  CHANGED (payload.stream_id, 1);
  CHANGED (urgent_pointer, 1);
  CHANGED (mss, 1);
  CHANGED (window_scale, 1);
  CHANGED (n_sack, 1);
  CHANGED (sack[0].left, 1);
  CHANGED (sack[1].right, 1);
  CHANGED (fragment_offset, 1);
  assert_in_range (wire_digest (&base), 0, (INT64_C (1) << 48) - 1);
}

static void
a_digest_does_not_see_what_is_not_in_the_segment (G_GNUC_UNUSED void **state)
{
  TcpSegment one = segment (1, 2), other = one;
  other.sack[0] = (TcpSackBlock){ 5, 6 }; /* n_sack is 0 */
  other.connection_id = 77;

  assert_int_equal (wire_digest (&one), wire_digest (&other));
}

typedef struct Sightings {
  struct {
    int64_t when_ps;
    WireEnd at;
    TcpDirection direction;
    TraceSide sender;
    uint32_t seq;
  } seen[8];
  unsigned count;
} Sightings;

static void
see (void *data, const WirePassing *passing)
{
  Sightings *sightings = data;
  assert_in_range (sightings->count, 0, 7);
  unsigned i = sightings->count++;
  sightings->seen[i].when_ps = passing->when.ps;
  sightings->seen[i].at = passing->at;
  sightings->seen[i].direction = passing->direction;
  sightings->seen[i].sender = passing->sender;
  sightings->seen[i].seq = passing->segment->seq;
}

static void
an_observer_sees_a_frame_leave_one_end_and_arrive_at_the_other (void **state)
{
  Fixture *f = *state;
  Sightings sightings = { .count = 0 };
  TcpSegment down = segment (1, 0), up = segment (2, 0);
  int64_t frame_ps = tcp_segment_wire_bytes (&down) * 800;

  wire_observe (f->wire, see, &sightings);
  wire_send (f->wire, WIRE_END_NIC, SIDE_TARGET, &down);
  wire_send (f->wire, WIRE_END_NIC, SIDE_HOST, &up);
  run (f);

  assert_int_equal (sightings.count, 4);
  for (unsigned i = 0; i < 4; i++) {
    assert_int_equal (sightings.seen[i].direction, TCP_TO_PEER);
    assert_int_equal (sightings.seen[i].at, i < 2 ? WIRE_END_NIC : WIRE_END_PEERS);
    assert_int_equal (sightings.seen[i].sender, i % 2 == 0 ? SIDE_TARGET : SIDE_HOST);
    assert_int_equal (sightings.seen[i].seq, 1 + i % 2);
  }
  assert_int_equal (sightings.seen[0].when_ps, 0);
  assert_int_equal (sightings.seen[1].when_ps, frame_ps);
  assert_int_equal (sightings.seen[2].when_ps, frame_ps + plain.one_way.ps);
  assert_int_equal (sightings.seen[3].when_ps, 2 * frame_ps + plain.one_way.ps);
}

static void
an_observer_sees_a_lost_frame_leave_only (void **state)
{
  Fixture *f = *state;
  WireConfig lossy = plain;
  lossy.loss_numerator = 1;
  unwire (f);
  rewire (f, &lossy, 1);
  Sightings sightings = { .count = 0 };
  TcpSegment lost = segment (1, 0);

  wire_observe (f->wire, see, &sightings);
  wire_send (f->wire, WIRE_END_PEERS, SIDE_PEER, &lost);
  run (f);

  assert_int_equal (sightings.count, 1);
  assert_int_equal (sightings.seen[0].at, WIRE_END_PEERS);
  assert_int_equal (sightings.seen[0].direction, TCP_FROM_PEER);
}

#define TEST(name) cmocka_unit_test_setup_teardown (name, set_up, tear_down)

int
main (void)
{
  const struct CMUnitTest tests[] = {
    TEST (a_full_frame_takes_its_wire_bytes_and_the_delay),
    TEST (a_short_frame_is_padded_to_64_bytes),
    TEST (frames_back_to_back_lose_nothing_to_rounding),
    TEST (a_pause_starts_a_new_count_of_picoseconds),
    TEST (a_paced_sender_fills_the_link_exactly),
    TEST (frames_arrive_in_the_order_they_were_sent),
    TEST (the_directions_do_not_share_the_rate),
    TEST (a_link_holds_two_events_a_direction_at_most),
    TEST (the_nic_is_refused_and_called_when_there_is_room),
    TEST (room_means_room_for_the_frame_that_was_refused),
    TEST (a_queue_of_nothing_takes_one_frame_at_a_time),
    TEST (the_peers_end_drops_what_does_not_fit),
    TEST (link_down_loses_what_waits_and_what_flies),
    TEST (a_link_that_is_down_takes_frames_and_loses_them),
    TEST (both_ends_are_told_of_the_link_once_per_change),
    TEST (a_refused_nic_is_called_when_the_link_went_down),
    TEST (losses_are_drawn_by_seed_direction_and_ordinal),
    TEST (a_schedule_loses_the_frame_it_names),
    TEST (a_frame_is_traced_where_it_starts_and_where_it_ends),
    TEST (an_observer_sees_a_frame_leave_one_end_and_arrive_at_the_other),
    TEST (an_observer_sees_a_lost_frame_leave_only),
    TEST (payload_marks_the_stage_of_its_request),
    TEST (the_digest_covers_every_field_without_a_column),
    TEST (a_digest_does_not_see_what_is_not_in_the_segment),
  };
  return cmocka_run_group_tests (tests, NULL, NULL);
}
