/* Attackers: what a flood sends, and what becomes of the connections it is aimed at. */
#include "tests/support.h"

#include "tests/wire/near_end.h"

#include "models/wire/attacker.h"

#define ATTACKER_ACTOR 5000

typedef struct Fixture {
  Bench *bench;
  Traffic idle, bulk;
  NearEnd *end; /* connection 0 */
  Attacker *attacker;
  SimTime done_at;
} Fixture;

static int
set_up (void **state)
{
  Fixture *f = g_new0 (Fixture, 1);
  BenchSpec bench = bench_plain ();
  TrafficSpec spec = { .pattern = TRAFFIC_NONE, .bulk_chunk_bytes = 8192 };

  bench.n_connections = 4;
  f->bench = bench_new (&bench);
  f->idle = traffic_of (&spec, 1, "idle");
  spec.pattern = TRAFFIC_RECEIVE;
  spec.bulk_bytes = 3000000;
  f->bulk = traffic_of (&spec, 1, "bulk");
  f->done_at = SIM_TIME_NEVER;
  *state = f;
  return 0;
}

static int
tear_down (void **state)
{
  Fixture *f = *state;
  attacker_free (f->attacker);
  bench_free (f->bench);
  g_free (f);
  return 0;
}

static NearEnd *
start (Fixture *f, const Traffic *traffic)
{
  f->end = bench_connect (f->bench, 0, traffic);
  peers_start (f->bench->peers);
  return f->end;
}

static void
note_end (void *data)
{
  Fixture *f = data;
  f->done_at = sim_now (f->bench->sim);
}

/* 1,000 segments to connection 0, 10 us apart. */
static AttackSpec
flood (AttackKind kind, AttackAim aim)
{
  return (AttackSpec){ .name = "flood",
                       .kind = kind,
                       .aim = aim,
                       .every = { 10 * SIM_PS_PER_US },
                       .count = 1000,
                       .payload_bytes = 100,
                       .actor_id = ATTACKER_ACTOR };
}

static void
attack (Fixture *f, const AttackSpec *spec)
{
  attacker_free (f->attacker);
  f->attacker = attacker_new (f->bench->sim, f->bench->peers, spec, note_end, f);
}

/* The attackers' segments, or the near ends' (|sender| SIDE_HOST), as records of WIRE_SEND. */
static GArray *
sent_by (const Fixture *f, TraceSide sender)
{
  GArray *sent = g_array_new (FALSE, FALSE, sizeof (SimRecord));
  for (guint i = 0; i < f->bench->records->len; i++) {
    const SimRecord *record = &g_array_index (f->bench->records, SimRecord, i);
    if (record->kind == TRACE_WIRE_SEND && record->column[1] == (int64_t)sender)
      g_array_append_vals (sent, record, 1);
  }
  return sent;
}

static const SimRecord *
nth (const GArray *records, guint n)
{
  assert_true (n < records->len);
  return &g_array_index (records, SimRecord, n);
}

static uint32_t
seq_of (const SimRecord *record)
{
  return (uint32_t)record->column[3];
}

static unsigned
count_sent (const Fixture *f, TraceSide sender)
{
  g_autoptr (GArray) sent = sent_by (f, sender);
  return sent->len;
}

static void
assert_established (const Fixture *f)
{
  assert_int_equal (tcp_state (&f->end->tcb), TcpConnectionEstablished);
  assert_int_equal (peers_state (f->bench->peers, 0), TcpConnectionEstablished);
}

/* Bulk from the peer has come whole. */
static void
assert_bulk (const Fixture *f)
{
  assert_int_equal (f->end->received_bytes, 3000000);
  assert_int_equal (f->end->broken_bytes, 0);
  assert_int_equal (peers_stats (f->bench->peers).broken_bytes, 0);
}

static void
a_flood_comes_at_its_pace_and_ends (void **state)
{
  Fixture *f = *state;
  AttackSpec spec = flood (ATTACK_RST, ATTACK_BLIND);
  start (f, &f->idle);

  attack (f, &spec);
  assert_int_equal (count_sent (f, SIDE_ATTACKER), 0); /* not from within */
  bench_run (f->bench, sim_ms (100));
  g_autoptr (GArray) sent = sent_by (f, SIDE_ATTACKER);
  assert_int_equal (sent->len, 1000);
  for (guint i = 0; i < sent->len; i++)
    assert_int_equal (nth (sent, i)->when.ps, i * 10 * SIM_PS_PER_US);
  assert_int_equal (f->done_at.ps, 999 * 10 * SIM_PS_PER_US);
}

static void
a_flood_is_dealt_over_its_connections (void **state)
{
  Fixture *f = *state;
  AttackSpec spec = flood (ATTACK_RST, ATTACK_BLIND);
  unsigned of[4] = { 0 };
  spec.first = 1;
  spec.last = 3;
  for (uint32_t id = 0; id < 4; id++)
    bench_connect (f->bench, id, &f->idle);

  attack (f, &spec);
  bench_run (f->bench, sim_ms (100));
  g_autoptr (GArray) sent = sent_by (f, SIDE_ATTACKER);
  for (guint i = 0; i < sent->len; i++)
    of[nth (sent, i)->column[0]]++;
  assert_int_equal (of[0], 0);
  for (unsigned id = 1; id < 4; id++)
    assert_in_range (of[id], 333 - 75, 333 + 75); /* five standard deviations */
}

/* Blind numbers are uniform; as often in each quarter of the sequence space, within five standard
 * deviations. */
static void
blind_numbers_are_any_numbers (void **state)
{
  Fixture *f = *state;
  AttackSpec spec = flood (ATTACK_SYN, ATTACK_BLIND);
  unsigned quarter[4] = { 0 };
  start (f, &f->idle);

  attack (f, &spec);
  bench_run (f->bench, sim_ms (100));
  g_autoptr (GArray) sent = sent_by (f, SIDE_ATTACKER);
  for (guint i = 0; i < sent->len; i++)
    quarter[seq_of (nth (sent, i)) >> 30]++;
  for (unsigned q = 0; q < 4; q++)
    assert_in_range (quarter[q], 250 - 69, 250 + 69);
}

static void
floods_repeat_by_name (void **state)
{
  Fixture *f = *state;
  AttackSpec spec = flood (ATTACK_RST, ATTACK_BLIND);
  start (f, &f->idle);

  attack (f, &spec);
  bench_run (f->bench, sim_ms (100));
  attack (f, &spec);
  bench_run (f->bench, sim_ms (100));
  spec.name = "another";
  attack (f, &spec);
  bench_run (f->bench, sim_ms (100));
  g_autoptr (GArray) sent = sent_by (f, SIDE_ATTACKER);
  unsigned same = 0;
  assert_int_equal (sent->len, 3000);
  for (guint i = 0; i < 1000; i++) {
    assert_int_equal (seq_of (nth (sent, i)), seq_of (nth (sent, i + 1000)));
    same += seq_of (nth (sent, i)) == seq_of (nth (sent, i + 2000));
  }
  assert_true (same < 3);
}

/* RFC 5961 3.2 and RST-01: what is outside the window is not even answered. */
static void
a_blind_rst_flood_does_nothing (void **state)
{
  Fixture *f = *state;
  AttackSpec spec = flood (ATTACK_RST, ATTACK_BLIND);
  start (f, &f->idle);

  attack (f, &spec);
  bench_run (f->bench, sim_ms (100));
  assert_established (f);
  assert_int_equal (count_sent (f, SIDE_HOST), 0);
  assert_int_equal (count_sent (f, SIDE_PEER), 0);
}

/* RST-03: one challenge ACK until an acceptable segment has come. */
static void
rsts_in_the_window_are_challenged_once (void **state)
{
  Fixture *f = *state;
  AttackSpec spec = flood (ATTACK_RST, ATTACK_WINDOW);
  start (f, &f->idle);

  attack (f, &spec);
  bench_run (f->bench, sim_ms (100));
  assert_established (f);
  assert_int_equal (count_sent (f, SIDE_ATTACKER), 1000);
  assert_int_equal (count_sent (f, SIDE_HOST), 1);

  bench_write (f->end,
               1000); /* its ACK is an acceptable segment: the next RST is challenged again */
  bench_run (f->bench, sim_ms (100));
  assert_int_equal (count_sent (f, SIDE_HOST), 2);
  attack (f, &spec);
  bench_run (f->bench, sim_ms (100));
  assert_int_equal (count_sent (f, SIDE_HOST), 3);
  assert_established (f);
}

static void
an_exact_rst_ends_the_connection (void **state)
{
  Fixture *f = *state;
  AttackSpec spec = flood (ATTACK_RST, ATTACK_EXACT);
  spec.count = 1;
  start (f, &f->idle);

  attack (f, &spec);
  bench_run (f->bench, sim_ms (1));
  assert_int_equal (tcp_state (&f->end->tcb), TcpConnectionClosed);
  assert_true (f->end->events & TCP_NEWS_RESET);
}

/* RST-06: at most one challenge in 3 seconds. */
static void
syns_in_the_window_are_challenged_every_three_seconds (void **state)
{
  Fixture *f = *state;
  AttackSpec spec = flood (ATTACK_SYN, ATTACK_WINDOW);
  spec.every = sim_ms (10);
  start (f, &f->idle);

  attack (f, &spec); /* 10 seconds of it */
  bench_run (f->bench, sim_ms (11000));
  assert_established (f);
  g_autoptr (GArray) sent = sent_by (f, SIDE_HOST);
  assert_int_equal (sent->len, 4);
  for (guint i = 1; i < 4; i++)
    assert_true (nth (sent, i)->when.ps - nth (sent, i - 1)->when.ps >= 3000 * SIM_PS_PER_MS);
}

/* RST-04: outside the window each is answered. */
static void
blind_syns_are_answered_one_by_one (void **state)
{
  Fixture *f = *state;
  AttackSpec spec = flood (ATTACK_SYN, ATTACK_BLIND);
  start (f, &f->idle);

  attack (f, &spec);
  bench_run (f->bench, sim_ms (100));
  assert_established (f);
  assert_int_equal (count_sent (f, SIDE_HOST), 1000);
}

/* Whatever an attacker who does not see the stream sends in the middle of bulk: it comes whole. */
static void
no_blind_flood_harms_bulk (void **state)
{
  static const AttackKind kinds[] = { ATTACK_RST,  ATTACK_SYN,         ATTACK_ACK,
                                      ATTACK_DATA, ATTACK_ZERO_WINDOW, ATTACK_URGENT };
  for (size_t i = 0; i < G_N_ELEMENTS (kinds); i++) {
    Fixture *f = *state;
    AttackSpec spec = flood (kinds[i], ATTACK_BLIND);
    start (f, &f->bulk);

    attack (f, &spec);
    bench_run (f->bench, sim_ms (2000));
    assert_int_equal (count_sent (f, SIDE_ATTACKER), 1000);
    assert_bulk (f);
    assert_established (f);
    tear_down (state);
    set_up (state);
  }
}

/* RFC 5961 5.2, 7: what has not been sent cannot be acknowledged, and is answered ten times in five
 * seconds. */
static void
acks_of_what_was_not_sent_are_answered_and_free_nothing (void **state)
{
  Fixture *f = *state;
  AttackSpec spec = flood (ATTACK_ACK, ATTACK_WINDOW);
  start (f, &f->idle);

  attack (f, &spec);
  bench_run (f->bench, sim_ms (100));
  assert_established (f);
  assert_int_equal (count_sent (f, SIDE_HOST), 10);
  assert_int_equal (f->end->tcb.SndUna, BENCH_HOST_ISN + 1);
}

/* They grow the window of a sender that believes them; on a wire without loss the stream is
 * whole. */
static void
acks_of_what_is_on_the_way_lose_nothing_by_themselves (void **state)
{
  Fixture *f = *state;
  AttackSpec spec = flood (ATTACK_ACK, ATTACK_WINDOW);
  start (f, &f->idle);

  attack (f, &spec);
  bench_write (f->end, 2000000);
  bench_run (f->bench, sim_ms (2000));
  assert_int_equal (peers_received_bytes (f->bench->peers, 0), 2000000);
  assert_int_equal (peers_stats (f->bench->peers).broken_bytes, 0);
  assert_int_equal (tcp_unacked_bytes (&f->end->tcb), 0);
}

static void
data_that_overlaps_is_taken_once (void **state)
{
  Fixture *f = *state;
  AttackSpec spec = flood (ATTACK_DATA, ATTACK_WINDOW);
  unsigned overlapping = 0;
  spec.payload_bytes = 1000;
  start (f, &f->bulk);

  attack (f, &spec);
  bench_run (f->bench, sim_ms (2000));
  assert_bulk (f);
  assert_established (f);
  g_autoptr (GArray) sent = sent_by (f, SIDE_ATTACKER);
  for (guint i = 0; i < sent->len; i++) {
    const int64_t *c = nth (sent, i)->column;
    assert_true (c[8] + c[7] <= 3000000); /* offset, payload: of what the stream has */
    overlapping += c[7] == 1000;
  }
  assert_true (overlapping > 990);
}

static void
a_window_that_is_closed_opens_again (void **state)
{
  Fixture *f = *state;
  AttackSpec spec = flood (ATTACK_ZERO_WINDOW, ATTACK_EXACT);
  unsigned closed = 0;
  start (f, &f->idle);

  attack (f, &spec);
  bench_write (f->end, 2000000);
  bench_run (f->bench, sim_ms (8));
  assert_true (peers_received_bytes (f->bench->peers, 0) < 1000000); /* it would be there by now */
  bench_run (f->bench, sim_ms (10000));
  assert_int_equal (peers_received_bytes (f->bench->peers, 0), 2000000);
  g_autoptr (GArray) sent = sent_by (f, SIDE_ATTACKER);
  for (guint i = 0; i < sent->len; i++)
    closed += nth (sent, i)->column[6] == 0;
  assert_int_equal (closed, 1000);
}

/* A target has no use for urgent data: it keeps the segment for the host (rules URG). */
static void
urgent_data_takes_a_connection_off_a_target (void **state)
{
  Fixture *f = *state;
  AttackSpec spec = flood (ATTACK_URGENT, ATTACK_EXACT);
  spec.count = 1;
  f->bench->tcp.role = TCP_ROLE_TARGET;
  start (f, &f->idle);

  attack (f, &spec);
  bench_run (f->bench, sim_ms (1));
  assert_true (f->end->events & TCP_NEWS_URGENT);
}

static void
a_crafted_window_and_pointer_are_on_the_wire (void **state)
{
  Fixture *f = *state;
  start (f, &f->idle);

  peers_craft (f->bench->peers, 0,
               &(PeerCraft){ .flags = TCP_ACK, .has_window = true, .window_bytes = 1234 });
  peers_craft (f->bench->peers, 0, &(PeerCraft){ .flags = TCP_ACK });
  peers_craft (f->bench->peers, 0,
               &(PeerCraft){ .flags = TCP_ACK, .has_window = true, .window_bytes = 1 << 20 });
  bench_run (f->bench, sim_ms (1));
  g_autoptr (GArray) sent = sent_by (f, SIDE_ATTACKER);
  assert_int_equal (nth (sent, 0)->column[6], 1234);
  assert_int_equal (nth (sent, 1)->column[6], BENCH_WINDOW_BYTES);
  assert_int_equal (nth (sent, 2)->column[6], UINT16_MAX); /* as much as fits unscaled */
}

static void
a_flood_of_nothing_is_a_bug (void **state)
{
  Fixture *f = *state;
  AttackSpec spec = flood (ATTACK_RST, ATTACK_BLIND);

  spec.count = 0;
  expect_assert_failure (attack (f, &spec));
  spec.count = 1;
  spec.every = SIM_DURATION_ZERO;
  expect_assert_failure (attack (f, &spec));
}

int
main (void)
{
#define TEST(name) cmocka_unit_test_setup_teardown (name, set_up, tear_down)
  const struct CMUnitTest tests[] = {
    TEST (a_flood_comes_at_its_pace_and_ends),
    TEST (a_flood_is_dealt_over_its_connections),
    TEST (blind_numbers_are_any_numbers),
    TEST (floods_repeat_by_name),
    TEST (a_blind_rst_flood_does_nothing),
    TEST (rsts_in_the_window_are_challenged_once),
    TEST (an_exact_rst_ends_the_connection),
    TEST (syns_in_the_window_are_challenged_every_three_seconds),
    TEST (blind_syns_are_answered_one_by_one),
    TEST (no_blind_flood_harms_bulk),
    TEST (acks_of_what_was_not_sent_are_answered_and_free_nothing),
    TEST (acks_of_what_is_on_the_way_lose_nothing_by_themselves),
    TEST (data_that_overlaps_is_taken_once),
    TEST (a_window_that_is_closed_opens_again),
    TEST (urgent_data_takes_a_connection_off_a_target),
    TEST (a_crafted_window_and_pointer_are_on_the_wire),
    TEST (a_flood_of_nothing_is_a_bug),
  };
#undef TEST
  return cmocka_run_group_tests (tests, NULL, NULL);
}
