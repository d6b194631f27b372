#include "tests/support.h"

#include "tests/wire/near_end.h"

#define REQUEST 512
#define RESPONSE 6000
#define THINK_US 300
#define SERVICE_US 50

typedef struct Fixture {
  Bench *bench;
  SimDist *request, *response, *think, *service;
  Traffic traffic; /* of every connection; the test makes it */
} Fixture;

static void
set_bench (Fixture *f, const BenchSpec *spec)
{
  if (f->bench != NULL)
    bench_free (f->bench);
  f->bench = bench_new (spec);
}

static int
set_up (void **state)
{
  Fixture *f = g_new0 (Fixture, 1);
  BenchSpec spec = bench_plain ();
  f->request = sim_dist_new_constant (REQUEST);
  f->response = sim_dist_new_constant (RESPONSE);
  f->think = sim_dist_new_constant (THINK_US * SIM_PS_PER_US);
  f->service = sim_dist_new_constant (SERVICE_US * SIM_PS_PER_US);
  set_bench (f, &spec);
  *state = f;
  return 0;
}

static int
tear_down (void **state)
{
  Fixture *f = *state;
  bench_free (f->bench);
  sim_dist_free (f->request);
  sim_dist_free (f->response);
  sim_dist_free (f->think);
  sim_dist_free (f->service);
  g_free (f);
  return 0;
}

static TrafficSpec
request_response (const Fixture *f)
{
  return (TrafficSpec){ .pattern = TRAFFIC_REQUEST_RESPONSE,
                        .request = f->request,
                        .response = f->response,
                        .think = f->think };
}

/* Connection 0 with |spec|, its peer started. */
static NearEnd *
start (Fixture *f, const TrafficSpec *spec)
{
  f->traffic = traffic_of (spec, 1, "web");
  NearEnd *end = bench_connect (f->bench, 0, &f->traffic);
  peers_start (f->bench->peers);
  return end;
}

static void
assert_whole (const Fixture *f, const NearEnd *end)
{
  assert_int_equal (end->broken_bytes, 0);
  assert_int_equal (peers_stats (f->bench->peers).broken_bytes, 0);
  assert_int_equal (peers_received_bytes (f->bench->peers, end->connection_id), end->written_bytes);
  assert_int_equal (peers_sent_bytes (f->bench->peers, end->connection_id), end->received_bytes);
}

static void
a_peer_answers_each_request_with_its_response (void **state)
{
  Fixture *f = *state;
  TrafficSpec spec = request_response (f);
  NearEnd *end = start (f, &spec);

  for (unsigned n = 1; n <= 20; n++) {
    bench_write (end, REQUEST);
    bench_run (f->bench, sim_ms (2));
    assert_int_equal (end->received_bytes, n * RESPONSE);
  }
  assert_whole (f, end);
}

static void
an_answer_comes_after_the_service_time (void **state)
{
  Fixture *f = *state;
  TrafficSpec spec = request_response (f);
  spec.service = f->service;
  NearEnd *end = start (f, &spec);

  bench_write (end, REQUEST);
  bench_run (f->bench, sim_ms (1));

  const SimRecord *request = bench_record (f->bench, TRACE_APP_DELIVER, 0);
  const SimRecord *response = bench_record (f->bench, TRACE_APP_SEND, 0);
  assert_non_null (request);
  assert_non_null (response);
  assert_int_equal (response->when.ps - request->when.ps, SERVICE_US * SIM_PS_PER_US);
  assert_int_equal (response->actor_id, BENCH_PEER_ACTOR);
  const int64_t columns[] = { 0, SIDE_PEER, TCP_STREAM (0, TCP_FROM_PEER), 0, RESPONSE, PATH_HOST };
  assert_memory_equal (response->column, columns, sizeof columns);
}

static void
a_request_is_answered_when_its_last_byte_is_there (void **state)
{
  Fixture *f = *state;
  TrafficSpec spec = request_response (f);
  NearEnd *end = start (f, &spec);

  bench_write (end, REQUEST - 1);
  bench_run (f->bench, sim_ms (300));
  assert_int_equal (peers_received_bytes (f->bench->peers, 0), REQUEST - 1);
  assert_int_equal (end->received_bytes, 0);

  bench_write (end, 1);
  bench_run (f->bench, sim_ms (2));
  assert_int_equal (end->received_bytes, RESPONSE);
}

static void
requests_that_come_together_are_answered_in_order (void **state)
{
  Fixture *f = *state;
  TrafficSpec spec = request_response (f);
  spec.service = f->service;
  NearEnd *end = start (f, &spec);

  bench_write (end, 3 * REQUEST);
  bench_run (f->bench, sim_us (30 + 2 * SERVICE_US));
  assert_int_equal (peers_sent_bytes (f->bench->peers, 0), 2 * RESPONSE);
  bench_run (f->bench, sim_ms (2));
  assert_int_equal (end->received_bytes, 3 * RESPONSE);
  assert_whole (f, end);
}

static void
the_last_request_of_a_limited_group_is_the_last_answered (void **state)
{
  Fixture *f = *state;
  TrafficSpec spec = request_response (f);
  spec.requests_max = 2;
  NearEnd *end = start (f, &spec);

  bench_write (end, 3 * REQUEST);
  bench_run (f->bench, sim_ms (5));
  assert_int_equal (end->received_bytes, 2 * RESPONSE);
  assert_int_equal (peers_received_bytes (f->bench->peers, 0), 3 * REQUEST);
}

static void
an_answering_peer_traces_no_request_of_its_own (void **state)
{
  Fixture *f = *state;
  TrafficSpec spec = request_response (f);
  NearEnd *end = start (f, &spec);

  bench_write (end, REQUEST);
  bench_run (f->bench, sim_ms (2));
  assert_int_equal (end->received_bytes, RESPONSE);
  assert_int_equal (bench_count_app (f->bench, APP_REQUEST), 0);
  assert_int_equal (bench_count_app (f->bench, APP_RESPONSE), 0);
}

static void
an_asking_peer_thinks_asks_and_waits (void **state)
{
  Fixture *f = *state;
  TrafficSpec spec = request_response (f);
  spec.peer_asks = true;
  NearEnd *end = start (f, &spec);

  bench_run (f->bench, sim_us (THINK_US));
  assert_int_equal (bench_count_app (f->bench, APP_REQUEST), 1);
  assert_int_equal (bench_record (f->bench, TRACE_APP_EVENT, 0)->when.ps, THINK_US * SIM_PS_PER_US);
  bench_run (f->bench, sim_ms (5));
  assert_int_equal (end->received_bytes, REQUEST);
  assert_int_equal (bench_count_app (f->bench, APP_RESPONSE), 0);

  bench_write (end, RESPONSE);
  bench_run (f->bench, sim_ms (5));
  assert_int_equal (bench_count_app (f->bench, APP_RESPONSE), 1);
  assert_int_equal (bench_count_app (f->bench, APP_REQUEST), 2);
  assert_int_equal (end->received_bytes, 2 * REQUEST);
  const SimRecord *response = bench_record (f->bench, TRACE_APP_EVENT, 1);
  const SimRecord *again = bench_record (f->bench, TRACE_APP_EVENT, 2);
  assert_int_equal (again->when.ps - response->when.ps, THINK_US * SIM_PS_PER_US);
  const int64_t columns[] = { 0, SIDE_PEER, APP_REQUEST, 1, REQUEST };
  assert_memory_equal (again->column, columns, sizeof columns);
  assert_whole (f, end);
}

static void
an_asking_peer_stops_at_its_last_request (void **state)
{
  Fixture *f = *state;
  TrafficSpec spec = request_response (f);
  spec.peer_asks = true;
  spec.requests_max = 1;
  NearEnd *end = start (f, &spec);

  bench_run (f->bench, sim_ms (1));
  bench_write (end, RESPONSE);
  bench_run (f->bench, sim_ms (20));
  assert_int_equal (bench_count_app (f->bench, APP_REQUEST), 1);
  assert_int_equal (bench_count_app (f->bench, APP_RESPONSE), 1);
}

static void
bulk_comes_whole_and_in_order (void **state)
{
  Fixture *f = *state;
  TrafficSpec spec = { .pattern = TRAFFIC_RECEIVE,
                       .bulk_bytes = 3000001,
                       .bulk_chunk_bytes = 65536 };
  NearEnd *end = start (f, &spec);

  bench_run (f->bench, sim_ms (100));
  assert_int_equal (end->received_bytes, 3000001);
  assert_int_equal (bench_count (f->bench, TRACE_APP_SEND), 3000001 / 65536 + 1);
  assert_whole (f, end);
}

static void
bulk_goes_both_ways_at_once (void **state)
{
  Fixture *f = *state;
  TrafficSpec spec = { .pattern = TRAFFIC_BOTH, .bulk_bytes = 1000000, .bulk_chunk_bytes = 10000 };
  NearEnd *end = start (f, &spec);

  bench_write (end, 1000000);
  bench_run (f->bench, sim_ms (100));
  assert_int_equal (end->received_bytes, 1000000);
  assert_int_equal (peers_received_bytes (f->bench->peers, 0), 1000000);
  assert_whole (f, end);
}

static void
bulk_to_the_peer_brings_no_byte_back (void **state)
{
  Fixture *f = *state;
  TrafficSpec spec = { .pattern = TRAFFIC_SEND, .bulk_chunk_bytes = 10000 };
  NearEnd *end = start (f, &spec);

  bench_write (end, 500000);
  bench_run (f->bench, sim_ms (100));
  assert_int_equal (end->received_bytes, 0);
  assert_whole (f, end);
}

static void
bulk_without_end_fills_the_wire (void **state)
{
  Fixture *f = *state;
  BenchSpec bench = bench_plain ();
  bench.wire.rate_bits_per_s = INT64_C (1000000000); /* the window is more than rate x delay */
  set_bench (f, &bench);
  TrafficSpec spec = { .pattern = TRAFFIC_RECEIVE, .bulk_chunk_bytes = 65536 };
  NearEnd *end = start (f, &spec);

  bench_run (f->bench, sim_ms (10)); /* slow start is over */
  uint64_t before = end->received_bytes;
  bench_run (f->bench, sim_ms (100));

  uint64_t expected = UINT64_C (100000000) / 8 * 1448 / 1538;
  assert_in_range (end->received_bytes - before, expected - expected / 200, expected + 1448);
  assert_int_equal (end->broken_bytes, 0);
}

static void
bytes_read_are_progress (void **state)
{
  Fixture *f = *state;
  TrafficSpec spec = { .pattern = TRAFFIC_SEND, .bulk_chunk_bytes = 65536 };
  NearEnd *end = start (f, &spec);
  SimLimits limits = { .until = { SIM_PS_PER_MS }, .livelock_events = 500 };

  bench_write (end, 1000000);
  assert_int_equal (sim_run (f->bench->sim, limits), SIM_STOP_TIME);
  assert_true (sim_events_fired (f->bench->sim) > 1000);
}

static void
losses_are_made_good_in_both_directions (void **state)
{
  Fixture *f = *state;
  BenchSpec bench = bench_plain ();
  bench.wire.loss_numerator = 1;
  bench.wire.loss_denominator = 40;
  set_bench (f, &bench);
  TrafficSpec spec = { .pattern = TRAFFIC_BOTH, .bulk_bytes = 500000, .bulk_chunk_bytes = 10000 };
  NearEnd *end = start (f, &spec);

  bench_write (end, 500000);
  bench_run (f->bench, sim_ms (60000));
  assert_true (wire_stats (f->bench->wire, WIRE_END_NIC).lost > 0);
  assert_true (wire_stats (f->bench->wire, WIRE_END_PEERS).lost > 0);
  assert_int_equal (end->received_bytes, 500000);
  assert_whole (f, end);
}

static void
what_the_port_drops_is_sent_again (void **state)
{
  Fixture *f = *state;
  BenchSpec bench = bench_plain ();
  bench.wire.queue_bytes = 4 * 1518;
  set_bench (f, &bench);
  TrafficSpec spec = { .pattern = TRAFFIC_RECEIVE,
                       .bulk_bytes = 300000,
                       .bulk_chunk_bytes = 65536 };
  NearEnd *end = start (f, &spec);

  bench_run (f->bench, sim_ms (60000));
  assert_true (wire_stats (f->bench->wire, WIRE_END_PEERS).dropped > 0);
  assert_int_equal (end->received_bytes, 300000);
  assert_whole (f, end);
}

static void
a_wrong_range_trips_the_byte_check (void **state)
{
  Fixture *f = *state;
  TrafficSpec spec = { .pattern = TRAFFIC_NONE };
  NearEnd *end = start (f, &spec);

  bench_write (end, 1000);
  bench_run (f->bench, sim_ms (1));
  assert_int_equal (peers_stats (f->bench->peers).broken_bytes, 0);

  end->spoil_offset = 1;
  bench_write (end, 700);
  bench_run (f->bench, sim_ms (1));
  assert_int_equal (peers_stats (f->bench->peers).broken_bytes, 700);

  end->spoil_offset = 0;
  bench_write (end, 300);
  bench_run (f->bench, sim_ms (1));
  assert_int_equal (peers_stats (f->bench->peers).broken_bytes, 700);
  assert_int_equal (peers_received_bytes (f->bench->peers, 0), 2000);
}

static void
segments_find_their_connection_by_the_four_tuple (void **state)
{
  Fixture *f = *state;
  BenchSpec bench = bench_plain ();
  bench.n_connections = 2;
  set_bench (f, &bench);
  TrafficSpec spec = { .pattern = TRAFFIC_NONE };
  f->traffic = traffic_of (&spec, 1, "web");
  NearEnd *end = bench_connect (f->bench, 0, &f->traffic);
  bench_connect (f->bench, 1, &f->traffic);

  TcpSegment data = { .tuple = end->tcb.tuple,
                      .connection_id = 1, /* says somebody else */
                      .seq = end->tcb.SndNxt,
                      .ack = end->tcb.RcvNxt,
                      .flags = TCP_ACK | TCP_PSH,
                      .window = 1000,
                      .ip_version = 4,
                      .options = TCP_OPTION_TIMESTAMP,
                      .payload = { .stream_id = TCP_STREAM (0, TCP_TO_PEER), .bytes = 10 } };
  assert_true (wire_send (f->bench->wire, WIRE_END_NIC, SIDE_HOST, &data));
  bench_run (f->bench, sim_us (20));

  assert_int_equal (peers_received_bytes (f->bench->peers, 0), 10);
  assert_int_equal (peers_received_bytes (f->bench->peers, 1), 0);
}

static void
an_unknown_tuple_is_counted_and_no_more (void **state)
{
  Fixture *f = *state;
  TrafficSpec spec = { .pattern = TRAFFIC_NONE };
  start (f, &spec);

  TcpSegment stray = { .tuple = { 1, 2, 3, 4 }, .flags = TCP_ACK, .ip_version = 4 };
  assert_true (wire_send (f->bench->wire, WIRE_END_NIC, SIDE_HOST, &stray));
  bench_run (f->bench, sim_us (20));

  PeersStats stats = peers_stats (f->bench->peers);
  assert_int_equal (stats.unknown_segments, 1);
  assert_int_equal (stats.segments_received, 1);
  assert_int_equal (stats.segments_sent, 0);
}

static void
a_damaged_segment_is_not_looked_at (void **state)
{
  Fixture *f = *state;
  TrafficSpec spec = { .pattern = TRAFFIC_NONE };
  NearEnd *end = start (f, &spec);

  TcpSegment reset = { .tuple = end->tcb.tuple,
                       .seq = end->tcb.SndNxt,
                       .flags = TCP_RST,
                       .ip_version = 4,
                       .oddities = TCP_BAD_CHECKSUM };
  assert_true (wire_send (f->bench->wire, WIRE_END_NIC, SIDE_HOST, &reset));
  bench_run (f->bench, sim_us (20));
  assert_int_equal (peers_state (f->bench->peers, 0), TcpConnectionEstablished);

  reset.oddities = 0;
  assert_true (wire_send (f->bench->wire, WIRE_END_NIC, SIDE_HOST, &reset));
  bench_run (f->bench, sim_us (20));
  assert_int_equal (peers_state (f->bench->peers, 0), TcpConnectionClosed);
}

static void
a_peer_completes_what_tcp_leaves_open (void **state)
{
  Fixture *f = *state;
  TrafficSpec spec = request_response (f);
  NearEnd *end = start (f, &spec);
  peers_set_frame (
      f->bench->peers, 0,
      &(PeerFrame){
          .source_mac_id = 5, .destination_mac_id = 6, .vlan_tag = 0x6064, .vlan_tagged = true });

  bench_write (end, REQUEST);
  bench_run (f->bench, sim_ms (1));
  assert_int_equal (end->received_bytes, RESPONSE);

  unsigned n = 0;
  int64_t ip_id = -1;
  for (const SimRecord *r; (r = bench_record (f->bench, TRACE_WIRE_SEND, n)) != NULL; n++)
    if (r->column[2] == TCP_FROM_PEER) {
      assert_int_equal (r->column[1], SIDE_PEER);
      assert_int_equal (r->column[9], ++ip_id);
    }
  assert_true (ip_id >= RESPONSE / 1448);
  /* 4 bytes of tag on each frame */
  WireStats stats = wire_stats (f->bench->wire, WIRE_END_PEERS);
  assert_int_equal (stats.bytes, stats.payload_bytes + stats.frames * (14 + 4 + 20 + 32 + 4));
}

static void
payload_marks_the_stage_at_the_peer (void **state)
{
  Fixture *f = *state;
  TrafficSpec spec = request_response (f);
  spec.service = f->service;
  NearEnd *end = start (f, &spec);

  bench_write (end, REQUEST);
  bench_run (f->bench, sim_us (200));

  static const int64_t stages[] = { STAGE_WIRE, STAGE_PEER, STAGE_WIRE_BACK };
  assert_true (bench_count (f->bench, TRACE_STAGE) > 3);
  for (unsigned i = 0; i < 3; i++) {
    const SimRecord *record = bench_record (f->bench, TRACE_STAGE, i);
    const int64_t columns[] = { LATENCY_REQUEST, 0, stages[i], 0 };
    assert_memory_equal (record->column, columns, sizeof columns);
  }
  assert_int_equal (bench_record (f->bench, TRACE_STAGE, 2)->when.ps
                        - bench_record (f->bench, TRACE_STAGE, 1)->when.ps,
                    SERVICE_US * SIM_PS_PER_US);
}

/* Sixteen connections that ask and answer for 50 ms over a lossy wire. */
static Bench *
crowd (Fixture *f, uint64_t seed)
{
  BenchSpec bench = bench_plain ();
  bench.seed = seed;
  bench.n_connections = BENCH_CONNECTIONS_MAX;
  bench.wire.loss_numerator = 1;
  bench.wire.loss_denominator = 100;
  set_bench (f, &bench);

  TrafficSpec spec = { .pattern = TRAFFIC_BOTH, .bulk_bytes = 40000, .bulk_chunk_bytes = 4000 };
  f->traffic = traffic_of (&spec, seed, "web");
  for (uint32_t i = 0; i < BENCH_CONNECTIONS_MAX; i++)
    bench_connect (f->bench, i, &f->traffic);
  peers_start (f->bench->peers);
  for (uint32_t i = 0; i < BENCH_CONNECTIONS_MAX; i++)
    bench_write (&f->bench->end[i], 40000);
  return f->bench;
}

static void
a_connection_holds_one_event_at_most (void **state)
{
  Fixture *f = *state;
  Bench *bench = crowd (f, 1);

  for (unsigned i = 0; i < 2000; i++) {
    bench_run (bench, sim_us (1));
    /* one for each near end, one for each peer, two for each direction of the wire */
    assert_true (sim_events_pending (bench->sim) <= 2 * BENCH_CONNECTIONS_MAX + 4);
  }
}

static void
the_same_seed_gives_the_same_run (void **state)
{
  Fixture *f = *state;
  uint64_t print[3];
  static const uint64_t seeds[] = { 3, 3, 4 };

  for (unsigned i = 0; i < 3; i++) {
    bench_run (crowd (f, seeds[i]), sim_ms (5000));
    for (uint32_t c = 0; c < BENCH_CONNECTIONS_MAX; c++) {
      assert_int_equal (f->bench->end[c].received_bytes, 40000);
      assert_whole (f, &f->bench->end[c]);
    }
    print[i] = sim_trace_print (sim_trace (f->bench->sim), SIM_PRINT_TIMING);
  }
  assert_int_equal (print[0], print[1]);
  assert_int_not_equal (print[0], print[2]);
}

static void
what_a_peer_cannot_be_asserts (void **state)
{
  Fixture *f = *state;
  TrafficSpec spec = { .pattern = TRAFFIC_NONE };
  TcpSetup setup = { .connection_id = 1, .ip_version = 4 };

  expect_assert_failure (peers_state (f->bench->peers, 0)); /* not added yet */
  start (f, &spec);
  expect_assert_failure (peers_start (f->bench->peers));                    /* once */
  expect_assert_failure (peers_add (f->bench->peers, &setup, &f->traffic)); /* one too many */
  setup.connection_id = 0;
  expect_assert_failure (peers_add (f->bench->peers, &setup, &f->traffic)); /* twice */
}

#define TEST(name) cmocka_unit_test_setup_teardown (name, set_up, tear_down)

int
main (void)
{
  const struct CMUnitTest tests[] = {
    TEST (a_peer_answers_each_request_with_its_response),
    TEST (an_answer_comes_after_the_service_time),
    TEST (a_request_is_answered_when_its_last_byte_is_there),
    TEST (requests_that_come_together_are_answered_in_order),
    TEST (the_last_request_of_a_limited_group_is_the_last_answered),
    TEST (an_answering_peer_traces_no_request_of_its_own),
    TEST (an_asking_peer_thinks_asks_and_waits),
    TEST (an_asking_peer_stops_at_its_last_request),
    TEST (bulk_comes_whole_and_in_order),
    TEST (bulk_goes_both_ways_at_once),
    TEST (bulk_to_the_peer_brings_no_byte_back),
    TEST (bulk_without_end_fills_the_wire),
    TEST (bytes_read_are_progress),
    TEST (losses_are_made_good_in_both_directions),
    TEST (what_the_port_drops_is_sent_again),
    TEST (a_wrong_range_trips_the_byte_check),
    TEST (segments_find_their_connection_by_the_four_tuple),
    TEST (an_unknown_tuple_is_counted_and_no_more),
    TEST (a_damaged_segment_is_not_looked_at),
    TEST (a_peer_completes_what_tcp_leaves_open),
    TEST (payload_marks_the_stage_at_the_peer),
    TEST (a_connection_holds_one_event_at_most),
    TEST (the_same_seed_gives_the_same_run),
    TEST (what_a_peer_cannot_be_asserts),
  };
  return cmocka_run_group_tests (tests, NULL, NULL);
}
