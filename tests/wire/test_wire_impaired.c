/* A wire that does more to frames than carry them. */
#include "tests/support.h"

#include "models/wire/record.h"
#include "models/wire/wire.h"
#include "sim/choice.h"

#include <glib.h>

#define GBIT INT64_C (1000000000)
#define FULL_PAYLOAD 1448
#define FULL_TIME_PS 1230400 /* 1538 bytes at 10 Gbit/s */
#define ONE_WAY_PS (10 * SIM_PS_PER_US)
#define ECT_0 2
#define CE 3

/* A frame as it arrived. */
typedef struct Arrival {
  uint32_t seq;
  int64_t when_ps;
  uint8_t oddities;
  uint8_t tos;
} Arrival;

typedef struct Fixture {
  Sim *sim;
  Wire *wire;
  WireConfig config;
  GArray *arrivals; /* Arrival, at either end */
  GArray *records;  /* SimRecord of frames */
  unsigned rooms;
} Fixture;

static void
keep_arrival (void *data, const TcpSegment *segment)
{
  Fixture *f = data;
  Arrival arrival = { segment->seq, sim_now (f->sim).ps, segment->oddities, segment->tos };
  g_array_append_val (f->arrivals, arrival);
}

static void
keep_record (void *data, const SimRecord *record)
{
  g_array_append_vals (data, record, 1);
}

static void
count_room (void *data)
{
  Fixture *f = data;
  f->rooms++;
}

static int
set_up (void **state)
{
  Fixture *f = g_new0 (Fixture, 1);
  f->config = (WireConfig){ .rate_bits_per_s = 10 * GBIT,
                            .one_way = { ONE_WAY_PS },
                            .queue_bytes = 1 << 20,
                            .loss_denominator = 1,
                            .actor_id = 40 };
  f->arrivals = g_array_new (FALSE, FALSE, sizeof (Arrival));
  f->records = g_array_new (FALSE, FALSE, sizeof (SimRecord));
  *state = f;
  return 0;
}

/* Makes the wire as f->config says. */
static void
start (Fixture *f)
{
  static const uint16_t kinds[] = { TRACE_WIRE_SEND, TRACE_WIRE_ARRIVE, TRACE_WIRE_DROP,
                                    TRACE_WIRE_IMPAIR };
  const WireListener listener = { .arrive = keep_arrival, .room = count_room, .data = f };

  f->sim = sim_new (1);
  sim_trace_set_kinds (sim_trace (f->sim), trace_kinds, TRACE_N_KINDS);
  sim_trace_add_reader (sim_trace (f->sim), keep_record, f->records, kinds, G_N_ELEMENTS (kinds));
  f->wire = wire_new (f->sim, &f->config);
  wire_attach (f->wire, WIRE_END_NIC, &listener);
  wire_attach (f->wire, WIRE_END_PEERS, &listener);
}

static void
stop (Fixture *f)
{
  wire_free (f->wire);
  sim_free (f->sim);
  f->wire = NULL;
  f->sim = NULL;
  g_array_set_size (f->arrivals, 0);
  g_array_set_size (f->records, 0);
}

static int
tear_down (void **state)
{
  Fixture *f = *state;
  stop (f);
  g_array_free (f->arrivals, TRUE);
  g_array_free (f->records, TRUE);
  g_free (f);
  return 0;
}

static WirePattern
pattern (const char *text)
{
  WirePattern result;
  char *why = NULL;
  assert_true (wire_pattern_read (text, &result, &why));
  return result;
}

static bool
send (Fixture *f, WireEnd from, uint32_t seq, uint8_t tos)
{
  TcpSegment segment = { .connection_id = 9,
                         .seq = seq,
                         .flags = TCP_ACK,
                         .ip_version = 4,
                         .tos = tos,
                         .options = TCP_OPTION_TIMESTAMP,
                         .payload = { .offset = seq, .bytes = FULL_PAYLOAD } };
  return wire_send (f->wire, from, SIDE_TARGET, &segment);
}

static void
send_count (Fixture *f, WireEnd from, uint32_t count)
{
  for (uint32_t i = 1; i <= count; i++)
    assert_true (send (f, from, i, 0));
}

static void
run (Fixture *f)
{
  assert_int_equal (sim_run (f->sim, (SimLimits){ .until = SIM_TIME_NEVER }), SIM_STOP_IDLE);
}

static const Arrival *
arrival (const Fixture *f, guint index)
{
  assert_true (index < f->arrivals->len);
  return &g_array_index (f->arrivals, Arrival, index);
}

static void
assert_order (const Fixture *f, const char *expected)
{
  g_autoptr (GString) order = g_string_new (NULL);
  for (guint i = 0; i < f->arrivals->len; i++)
    g_string_append_printf (order, "%s%u", i > 0 ? " " : "", arrival (f, i)->seq);
  assert_string_equal (order->str, expected);
}

/* Records of |kind| whose reason (or what was done) is |code|: column 6 of both kinds. */
static unsigned
count_records (const Fixture *f, uint16_t kind, int64_t code)
{
  unsigned count = 0;
  for (guint i = 0; i < f->records->len; i++) {
    const SimRecord *record = &g_array_index (f->records, SimRecord, i);
    count += record->kind == kind && record->column[6] == code;
  }
  return count;
}

static unsigned
count_kind (const Fixture *f, uint16_t kind)
{
  unsigned count = 0;
  for (guint i = 0; i < f->records->len; i++)
    count += g_array_index (f->records, SimRecord, i).kind == kind;
  return count;
}

/* Back to back frames arrive one serialization time apart. */
static int64_t
due_ps (uint32_t number)
{
  return ONE_WAY_PS + (int64_t)number * FULL_TIME_PS;
}

static void
a_script_of_losses_is_played (void **state)
{
  Fixture *f = *state;
  f->config.impair[TCP_TO_PEER].loss.frames = pattern ("3rd, 7-9");
  start (f);

  send_count (f, WIRE_END_NIC, 10);
  run (f);
  assert_order (f, "1 2 4 5 6 10");
  assert_int_equal (count_records (f, TRACE_WIRE_DROP, WIRE_DROP_LOSS), 4);
  assert_int_equal (wire_stats (f->wire, WIRE_END_NIC).lost, 4);

  send_count (f, WIRE_END_PEERS, 10); /* the other direction is whole */
  run (f);
  assert_int_equal (f->arrivals->len, 16);
}

static void
a_frame_that_is_held_back_is_overtaken (void **state)
{
  Fixture *f = *state;
  g_autoptr (SimDist) by = sim_dist_new_constant (3 * FULL_TIME_PS + 1);
  f->config.impair[TCP_FROM_PEER].reordering.frames = pattern ("2nd");
  f->config.impair[TCP_FROM_PEER].reorder_by = by;
  start (f);

  send_count (f, WIRE_END_PEERS, 7);
  run (f);
  assert_order (f, "1 3 4 5 2 6 7");
  assert_int_equal (arrival (f, 4)->when_ps, due_ps (2) + 3 * FULL_TIME_PS + 1);
  assert_int_equal (arrival (f, 6)->when_ps, due_ps (7));
  assert_int_equal (count_records (f, TRACE_WIRE_IMPAIR, WIRE_IMPAIR_REORDERED), 1);
  assert_int_equal (wire_stats (f->wire, WIRE_END_PEERS).reordered, 1);
}

static void
frames_that_come_in_one_instant_keep_their_order (void **state)
{
  Fixture *f = *state;
  g_autoptr (SimDist) by = sim_dist_new_constant (2 * FULL_TIME_PS);
  f->config.impair[TCP_TO_PEER].reordering.frames = pattern ("2nd");
  f->config.impair[TCP_TO_PEER].reorder_by = by;
  start (f);

  send_count (f, WIRE_END_NIC, 5);
  run (f);
  assert_order (f, "1 3 2 4 5");
  assert_int_equal (arrival (f, 2)->when_ps, arrival (f, 3)->when_ps);
}

static void
a_duplicate_comes_directly_behind (void **state)
{
  Fixture *f = *state;
  f->config.impair[TCP_TO_PEER].duplication.frames = pattern ("1, 4th");
  start (f);

  send_count (f, WIRE_END_NIC, 4);
  run (f);
  assert_order (f, "1 1 2 3 4 4");
  assert_int_equal (arrival (f, 5)->when_ps, due_ps (5));
  assert_int_equal (count_kind (f, TRACE_WIRE_SEND), 4);
  assert_int_equal (count_kind (f, TRACE_WIRE_ARRIVE), 6);
  assert_int_equal (count_records (f, TRACE_WIRE_IMPAIR, WIRE_IMPAIR_DUPLICATED), 2);
  assert_int_equal (wire_stats (f->wire, WIRE_END_NIC).duplicated, 2);
  assert_int_equal (wire_stats (f->wire, WIRE_END_NIC).frames, 4);
}

/* It reaches the listener, who is to throw it away; for the trace it did not arrive. */
static void
a_corrupted_frame_arrives_with_a_wrong_checksum (void **state)
{
  Fixture *f = *state;
  f->config.impair[TCP_TO_PEER].corruption.frames = pattern ("2nd");
  start (f);

  send_count (f, WIRE_END_NIC, 3);
  run (f);
  assert_order (f, "1 2 3");
  assert_int_equal (arrival (f, 0)->oddities, 0);
  assert_true (arrival (f, 1)->oddities == TCP_BAD_CHECKSUM
               || arrival (f, 1)->oddities == TCP_IP_BAD_HEADER);
  assert_int_equal (arrival (f, 2)->oddities, 0);
  assert_int_equal (count_kind (f, TRACE_WIRE_ARRIVE), 2);
  assert_int_equal (count_records (f, TRACE_WIRE_DROP, WIRE_DROP_CORRUPTED), 1);
  assert_int_equal (wire_stats (f->wire, WIRE_END_NIC).corrupted, 1);
}

static void
jitter_keeps_the_order_and_the_distance (void **state)
{
  Fixture *f = *state;
  g_autoptr (SimDist) jitter = sim_dist_new_uniform (0, 20 * SIM_PS_PER_US);
  f->config.impair[TCP_TO_PEER].jitter = jitter;
  start (f);

  send_count (f, WIRE_END_NIC, 500);
  run (f);
  assert_int_equal (f->arrivals->len, 500);
  unsigned late = 0;
  for (guint i = 0; i < 500; i++) {
    int64_t delay = arrival (f, i)->when_ps - due_ps (i + 1);
    assert_int_equal (arrival (f, i)->seq, i + 1);
    assert_in_range (delay, 0, 20 * SIM_PS_PER_US);
    late += delay > 0;
    if (i > 0)
      assert_true (arrival (f, i)->when_ps - arrival (f, i - 1)->when_ps >= FULL_TIME_PS);
  }
  assert_true (late > 490);
}

static void
jitter_may_overtake (void **state)
{
  Fixture *f = *state;
  g_autoptr (SimDist) jitter = sim_dist_new_uniform (0, 20 * SIM_PS_PER_US);
  f->config.impair[TCP_TO_PEER].jitter = jitter;
  f->config.impair[TCP_TO_PEER].jitter_overtakes = true;
  start (f);

  send_count (f, WIRE_END_NIC, 500);
  run (f);
  g_autofree unsigned *seen = g_new0 (unsigned, 501);
  unsigned overtaken = 0;
  assert_int_equal (f->arrivals->len, 500);
  for (guint i = 0; i < 500; i++) {
    uint32_t seq = arrival (f, i)->seq;
    seen[seq]++;
    overtaken += i > 0 && seq < arrival (f, i - 1)->seq;
    assert_in_range (arrival (f, i)->when_ps - due_ps (seq), 0, 20 * SIM_PS_PER_US);
  }
  for (uint32_t seq = 1; seq <= 500; seq++)
    assert_int_equal (seen[seq], 1); /* none lost, none twice */
  assert_true (overtaken > 100);
}

/* 3,000 frames through everything at once: each arrives as often as the trace says it should. */
static void
every_frame_is_accounted_for (void **state)
{
  Fixture *f = *state;
  g_autoptr (SimDist) time = sim_dist_new_uniform (1, 50 * SIM_PS_PER_US);
  f->config.queue_bytes = 8 << 20;
  f->config.impair[TCP_TO_PEER] =
      (WireImpairment){ .loss.chance = { 1, 20 },
                        .bursts = { { 1, 50 }, { 1, 5 }, { 0, 1 }, { 1, 2 } },
                        .corruption.chance = { 1, 20 },
                        .duplication.chance = { 1, 20 },
                        .reordering.chance = { 1, 20 },
                        .reorder_by = time,
                        .jitter = time };
  start (f);

  send_count (f, WIRE_END_NIC, 3000);
  run (f);
  WireStats stats = wire_stats (f->wire, WIRE_END_NIC);
  assert_int_equal (stats.frames, 3000);
  assert_int_equal (f->arrivals->len, 3000 + stats.duplicated - stats.lost);
  assert_int_equal (count_kind (f, TRACE_WIRE_ARRIVE),
                    3000 + stats.duplicated - stats.lost - stats.corrupted);
  assert_int_equal (count_kind (f, TRACE_WIRE_DROP), stats.lost + stats.corrupted);
  assert_int_equal (sim_events_pending (f->sim), 0);
  assert_true (stats.lost > 100);
  assert_true (stats.corrupted > 100);
  assert_true (stats.duplicated > 100);
  assert_true (stats.reordered > 100);
}

static void
what_is_in_flight_holds_one_event (void **state)
{
  Fixture *f = *state;
  g_autoptr (SimDist) jitter = sim_dist_new_uniform (0, 20 * SIM_PS_PER_US);
  f->config.impair[TCP_TO_PEER].jitter = jitter;
  f->config.impair[TCP_TO_PEER].jitter_overtakes = true;
  start (f);

  send_count (f, WIRE_END_NIC, 100);
  sim_run (f->sim, (SimLimits){ .until = { ONE_WAY_PS } });
  assert_int_equal (sim_events_pending (f->sim), 2); /* the serializer, and the next arrival */
}

static void
a_link_that_goes_down_loses_what_may_overtake_too (void **state)
{
  Fixture *f = *state;
  g_autoptr (SimDist) by = sim_dist_new_constant (50 * SIM_PS_PER_US);
  f->config.impair[TCP_TO_PEER].reordering.frames = pattern ("every 2nd");
  f->config.impair[TCP_TO_PEER].reorder_by = by;
  start (f);

  send_count (f, WIRE_END_NIC, 20);
  sim_run (f->sim, (SimLimits){ .until = { due_ps (4) } }); /* 1 and 3 are there */
  wire_set_link (f->wire, false);
  run (f);
  assert_order (f, "1 3");
  assert_int_equal (count_records (f, TRACE_WIRE_DROP, WIRE_DROP_DOWN), 18);

  wire_set_link (f->wire, true);
  send_count (f, WIRE_END_NIC, 1);
  run (f);
  assert_int_equal (f->arrivals->len, 3);
}

static void
a_scheduled_loss_comes_on_top (void **state)
{
  Fixture *f = *state;
  const SimChoice third = { SITE_LOSS, 2 * 9 + TCP_TO_PEER, 3, 1, 2, SIM_TIME_ZERO };
  f->config.impair[TCP_TO_PEER].loss.frames = pattern ("2nd");
  start (f);
  sim_choices_load (sim_choices (f->sim), &third, 1);

  send_count (f, WIRE_END_NIC, 5);
  run (f);
  assert_order (f, "1 4 5");
}

static void
a_direction_may_have_a_queue_of_its_own (void **state)
{
  Fixture *f = *state;
  f->config.impair[TCP_FROM_PEER].queue_bytes = 2 * 1518;
  start (f);

  for (uint32_t i = 1; i <= 5; i++)
    assert_int_equal (send (f, WIRE_END_PEERS, i, 0), i <= 3); /* one is being sent */
  send_count (f, WIRE_END_NIC, 5);
  run (f);
  assert_int_equal (f->arrivals->len, 8);
  assert_int_equal (wire_stats (f->wire, WIRE_END_PEERS).dropped, 2);
}

/* All that waits is counted at once: the fifth finds three full frames. */
static const RedConfig strict = { .min_bytes = 3 * 1518 - 1,
                                  .max_bytes = 3 * 1518,
                                  .chance_numerator = 1,
                                  .chance_denominator = 1,
                                  .weight_numerator = 1,
                                  .weight_denominator = 1,
                                  .ecn = true };

static void
early_detection_drops_before_the_queue_is_full (void **state)
{
  Fixture *f = *state;
  f->config.impair[TCP_FROM_PEER].red = strict;
  start (f);

  send_count (f, WIRE_END_PEERS, 7);
  assert_int_equal (count_records (f, TRACE_WIRE_DROP, WIRE_DROP_EARLY), 3); /* at once */
  run (f);
  assert_order (f, "1 2 3 4");
  assert_int_equal (count_kind (f, TRACE_WIRE_SEND), 4);
  assert_int_equal (wire_stats (f->wire, WIRE_END_PEERS).dropped_early, 3);
  assert_int_equal (wire_stats (f->wire, WIRE_END_PEERS).dropped, 0);
}

static void
early_detection_marks_what_understands_marks (void **state)
{
  static const uint8_t expected[] = { ECT_0, ECT_0, ECT_0, ECT_0, CE, CE, CE };
  Fixture *f = *state;
  f->config.impair[TCP_FROM_PEER].red = strict;
  start (f);

  for (uint32_t i = 1; i <= 7; i++)
    assert_true (send (f, WIRE_END_PEERS, i, ECT_0));
  run (f);
  assert_int_equal (f->arrivals->len, 7);
  for (guint i = 0; i < 7; i++)
    assert_int_equal (arrival (f, i)->tos, expected[i]);
  assert_int_equal (wire_stats (f->wire, WIRE_END_PEERS).marked, 3);
  assert_int_equal (count_records (f, TRACE_WIRE_IMPAIR, WIRE_IMPAIR_MARKED), 3);
}

/* The NIC has no such queue: what is lost has left it. */
static void
early_detection_behind_the_nic_lets_the_frame_leave (void **state)
{
  Fixture *f = *state;
  f->config.impair[TCP_TO_PEER].red = strict;
  start (f);

  send_count (f, WIRE_END_NIC, 5);
  run (f);
  assert_order (f, "1 2 3 4");
  assert_int_equal (count_kind (f, TRACE_WIRE_SEND), 5);
  assert_int_equal (count_records (f, TRACE_WIRE_DROP, WIRE_DROP_EARLY), 1);
  assert_int_equal (wire_stats (f->wire, WIRE_END_NIC).dropped_early, 1);
}

/* The same frames at the same instants, whatever runs beside. */
static void
a_wire_repeats_itself (void **state)
{
  Fixture *f = *state;
  g_autoptr (SimDist) time = sim_dist_new_uniform (1, 50 * SIM_PS_PER_US);
  f->config.impair[TCP_TO_PEER] = (WireImpairment){ .loss.chance = { 1, 20 },
                                                    .duplication.chance = { 1, 20 },
                                                    .jitter = time,
                                                    .jitter_overtakes = true };
  uint64_t print[2];
  for (int i = 0; i < 2; i++) {
    if (i > 0)
      stop (f);
    start (f);
    send_count (f, WIRE_END_NIC, 500);
    run (f);
    print[i] = sim_trace_print (sim_trace (f->sim), SIM_PRINT_TIMING);
  }
  assert_int_equal (print[0], print[1]);
}

int
main (void)
{
#define TEST(name) cmocka_unit_test_setup_teardown (name, set_up, tear_down)
  const struct CMUnitTest tests[] = {
    TEST (a_script_of_losses_is_played),
    TEST (a_frame_that_is_held_back_is_overtaken),
    TEST (frames_that_come_in_one_instant_keep_their_order),
    TEST (a_duplicate_comes_directly_behind),
    TEST (a_corrupted_frame_arrives_with_a_wrong_checksum),
    TEST (jitter_keeps_the_order_and_the_distance),
    TEST (jitter_may_overtake),
    TEST (every_frame_is_accounted_for),
    TEST (what_is_in_flight_holds_one_event),
    TEST (a_link_that_goes_down_loses_what_may_overtake_too),
    TEST (a_scheduled_loss_comes_on_top),
    TEST (a_direction_may_have_a_queue_of_its_own),
    TEST (early_detection_drops_before_the_queue_is_full),
    TEST (early_detection_marks_what_understands_marks),
    TEST (early_detection_behind_the_nic_lets_the_frame_leave),
    TEST (a_wire_repeats_itself),
  };
#undef TEST
  return cmocka_run_group_tests (tests, NULL, NULL);
}
