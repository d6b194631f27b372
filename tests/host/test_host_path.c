/* Application data over ordinary frames: nothing is offloaded. */
#include "tests/host/bench.h"

static void
a_conversation_goes_on_round_after_round (void **state)
{
  Bench *bench = *state;
  TrafficSpec spec = bench_conversation (bench);
  bench_start (bench, &spec, 1, 1);

  bench_run (bench, 10000);

  HostStats stats = host_stats (bench->host);
  assert_true (stats.rounds > 100);
  assert_int_equal (stats.broken_bytes, 0);
  assert_int_equal (stats.sent_bytes[PATH_CHIMNEY], 0);
  assert_true (stats.sent_bytes[PATH_HOST] >= stats.rounds * BENCH_REQUEST);
  assert_true (stats.delivered_bytes[PATH_HOST] >= stats.rounds * BENCH_RESPONSE);
}

static void
rounds_end_where_the_traffic_says (void **state)
{
  Bench *bench = *state;
  TrafficSpec spec = bench_conversation (bench);
  spec.requests_max = 3;
  bench_start (bench, &spec, 1, 1);

  bench_run (bench, 1000000);

  assert_int_equal (host_stats (bench->host).rounds, 3 * BENCH_CONNECTIONS);
  for (uint32_t id = 0; id < BENCH_CONNECTIONS; id++) {
    assert_int_equal (host_sent_bytes (bench->host, id), 3 * BENCH_REQUEST);
    assert_int_equal (host_delivered_bytes (bench->host, id), 3 * BENCH_RESPONSE);
  }
  assert_null (host_check_rest (bench->host));
}

static void
a_host_that_answers_reads_the_request_first (void **state)
{
  Bench *bench = *state;
  TrafficSpec spec = bench_conversation (bench);
  spec.peer_asks = true;
  bench_start (bench, &spec, 1, 1);

  bench_run (bench, 1000);
  assert_int_equal (host_sent_bytes (bench->host, 0), 0);
  tcp_send (&bench->peer[0].tcb, BENCH_REQUEST);
  bench_peer_sends (bench, 0);
  bench_run (bench, 1000);

  assert_int_equal (host_delivered_bytes (bench->host, 0), BENCH_REQUEST);
  assert_int_equal (host_sent_bytes (bench->host, 0), BENCH_RESPONSE);
  assert_int_equal (host_stats (bench->host).rounds, 1);
}

static void
a_bulk_sender_stops_at_its_end_and_everything_arrives (void **state)
{
  Bench *bench = *state;
  TrafficSpec spec = { .pattern = TRAFFIC_SEND, .bulk_bytes = 300000, .bulk_chunk_bytes = 8192 };
  bench_start (bench, &spec, 1, 2);

  bench_run (bench, 500000);

  for (uint32_t id = 0; id < BENCH_CONNECTIONS; id++) {
    assert_int_equal (host_sent_bytes (bench->host, id), 300000);
    assert_int_equal (bench->peer[id].received, 300000);
  }
}

static void
outstanding_bytes_stay_below_the_backlog (void **state)
{
  Bench *bench = *state;
  TrafficSpec spec = { .pattern = TRAFFIC_SEND, .bulk_chunk_bytes = 100000 };
  bench->config.send.backlog_bytes = 20000;
  bench_start (bench, &spec, 1, 1);

  for (uint32_t i = 0; i < 200; i++) {
    bench_run (bench, 7);
    for (uint32_t id = 0; id < BENCH_CONNECTIONS; id++)
      assert_true (connection_outstanding_bytes (&bench->host->connection[id]) <= 20000);
  }
  assert_true (host_stats (bench->host).sent_bytes[PATH_HOST] > 200000);
}

static void
identifications_stay_in_the_lower_half (void **state)
{
  Bench *bench = *state;
  HostPath path = { .setup = { .ip_version = 4 }, .ip_id = 0x7fff };
  HostNeighbor neighbor = { .setup = { .source_mac_id = 1, .destination_mac_id = 2 } };
  TcpSegment segment = { 0 };
  TrafficSpec spec = bench_silence ();
  bench_start (bench, &spec, 1, 1);

  path_dress_segment (bench->host, &path, &neighbor, 0, 1, &segment);
  assert_int_equal (segment.ip_id, 0x7fff);
  path_dress_segment (bench->host, &path, &neighbor, 0, 3, &segment);
  assert_int_equal (segment.ip_id, 0);
  path.ip_id = 0x7ffe;
  path_dress_segment (bench->host, &path, &neighbor, 0, 3, &segment);
  assert_int_equal (segment.ip_id, 0);

  path.setup.ip_version = 6; /* no fragments: none at all */
  for (unsigned i = 0; i < 3; i++) {
    path_dress_segment (bench->host, &path, &neighbor, 0, 1, &segment);
    assert_int_equal (segment.ip_id, 0);
  }
}

static void
a_priority_or_a_vlan_makes_a_tag (void **state)
{
  Bench *bench = *state;
  HostPath path = { .setup = { .ip_version = 4 } };
  HostNeighbor neighbor = { .setup = {
                                .source_mac_id = 1, .destination_mac_id = 2, .vlan_id = 7 } };
  TcpSegment segment = { 0 };
  TrafficSpec spec = bench_silence ();
  bench_start (bench, &spec, 1, 1);

  path_dress_segment (bench->host, &path, &neighbor, 5, 1, &segment);

  assert_true (segment.oddities & TCP_VLAN_TAGGED);
  assert_int_equal (segment.vlan_tag, 5 << 13 | 7);
}

static void
large_sends_leave_as_one_frame (void **state)
{
  Bench *bench = *state;
  TrafficSpec spec = bench_silence ();
  bench->config.stateless.lso_bytes = 65536;
  bench_start (bench, &spec, 1, 1);

  host_send (bench->host, (HostSet){ 0, 0 }, 2800);
  bench_run (bench, 15);

  assert_int_equal (bench->frames, 1);
}

static void
coalescing_costs_less_than_segment_by_segment (void **state)
{
  Bench *bench = *state;
  TrafficSpec spec = bench_silence ();
  bench->config.stateless.coalesce_packets = 16;
  bench_start (bench, &spec, 1, 1);

  NET_BUFFER_LIST *first = NULL, **link = &first;
  TcpSegment segment;
  tcp_send (&bench->peer[0].tcb, 2800);
  while (tcp_transmit (&bench->peer[0].tcb, 0, sim_now (bench->sim), &segment)) {
    segment.payload.stream_id = TCP_STREAM (0, TCP_FROM_PEER);
    segment.payload.offset = segment.seq - (BENCH_PEER_ISN + 1);
    segment.flags &= (uint8_t)~TCP_PSH;
    *link = ndis_nbl_take_frame (bench->ndis, NDIS_HOLDER_TARGET, &segment);
    link = &(*link)->Next;
  }
  bench_queue_upcall (bench, (BenchCall){ .call = NDIS_CALL_NdisMIndicateReceiveNetBufferLists,
                                          .list = first });
  bench_run (bench, 100);

  assert_int_equal (host_delivered_bytes (bench->host, 0), 2800);
  assert_int_equal (host_stats (bench->host).frames_received, 2);
  int64_t tcp = host_cost_default_cycles (HOST_COST_TCP_RECEIVE)
                + host_cost_default_cycles (HOST_COST_COALESCE);
  int64_t booked = host_cycles (bench->host, PART_HOST_TCP, WAY_HOST).count;
  assert_true (booked >= tcp);
  assert_true (booked < 2 * host_cost_default_cycles (HOST_COST_TCP_RECEIVE) + tcp);
}

static void
a_peer_that_closes_is_answered_and_the_stream_ends (void **state)
{
  Bench *bench = *state;
  TrafficSpec spec = bench_silence ();
  bench_start (bench, &spec, 1, 1);

  tcp_close (&bench->peer[3].tcb, sim_now (bench->sim));
  bench_peer_sends (bench, 3);
  bench_run (bench, 100000);

  assert_true (bench->host->connection[3].app.saw_end);
  assert_int_equal (host_state (bench->host, 3), TcpConnectionClosed);
  assert_int_equal (tcp_state (&bench->peer[3].tcb), TcpConnectionTimeWait);
  assert_int_equal (host_stats (bench->host).aborted, 0);
}

static void
a_reset_ends_the_application (void **state)
{
  Bench *bench = *state;
  TrafficSpec spec = bench_conversation (bench);
  bench_start (bench, &spec, 1, 1);

  tcp_abort (&bench->peer[1].tcb, sim_now (bench->sim));
  bench_peer_sends (bench, 1);
  bench_run (bench, 5000);

  assert_true (bench->host->connection[1].app.gone);
  assert_int_equal (host_state (bench->host, 1), TcpConnectionClosed);
  assert_int_equal (host_stats (bench->host).aborted, 1);
}

static void
an_unknown_segment_is_counted_and_dropped (void **state)
{
  Bench *bench = *state;
  TcpSegment segment = { .tuple = { 77, 78, 79, 80 }, .ip_version = 4, .flags = TCP_ACK };
  TrafficSpec spec = bench_silence ();
  bench_start (bench, &spec, 1, 1);

  bench_frame_up (bench, &segment);
  bench_run (bench, 100);

  assert_int_equal (host_stats (bench->host).unknown_frames, 1);
}

/* The next data of the stream, if its checksum were right. */
static void
a_segment_with_a_wrong_checksum_is_dropped (void **state)
{
  static const uint8_t oddities[] = { TCP_BAD_CHECKSUM, TCP_IP_BAD_HEADER };
  Bench *bench = *state;
  TrafficSpec spec = bench_silence ();
  bench_start (bench, &spec, 1, 1);
  const Tcb *tcb = &bench->host->connection[0].tcb;
  TcpSegment segment = { .tuple = tcp_tuple_reversed (tcb->tuple),
                         .seq = tcb->RcvNxt,
                         .ack = tcb->SndUna,
                         .flags = TCP_ACK | TCP_PSH,
                         .ip_version = 4,
                         .payload = { .stream_id = TCP_STREAM (0, TCP_FROM_PEER), .bytes = 100 } };

  for (size_t i = 0; i < G_N_ELEMENTS (oddities); i++) {
    segment.oddities = oddities[i];
    bench_frame_up (bench, &segment);
    bench_run (bench, 100);
  }
  assert_int_equal (host_stats (bench->host).broken_frames, 2);
  assert_int_equal (host_delivered_bytes (bench->host, 0), 0);

  segment.oddities = 0;
  segment.options = TCP_OPTION_TIMESTAMP;
  segment.ts_value = tcb->TsRecent;
  bench_frame_up (bench, &segment);
  bench_run (bench, 100);
  assert_int_equal (host_delivered_bytes (bench->host, 0), 100);
}

int
main (void)
{
#define TEST(name) cmocka_unit_test_setup_teardown (name, bench_setup, bench_teardown)
  const struct CMUnitTest tests[] = {
    TEST (a_conversation_goes_on_round_after_round),
    TEST (rounds_end_where_the_traffic_says),
    TEST (a_host_that_answers_reads_the_request_first),
    TEST (a_bulk_sender_stops_at_its_end_and_everything_arrives),
    TEST (outstanding_bytes_stay_below_the_backlog),
    TEST (identifications_stay_in_the_lower_half),
    TEST (a_priority_or_a_vlan_makes_a_tag),
    TEST (large_sends_leave_as_one_frame),
    TEST (coalescing_costs_less_than_segment_by_segment),
    TEST (a_peer_that_closes_is_answered_and_the_stream_ends),
    TEST (a_reset_ends_the_application),
    TEST (an_unknown_segment_is_counted_and_dropped),
    TEST (a_segment_with_a_wrong_checksum_is_dropped),
  };
  return cmocka_run_group_tests (tests, NULL, NULL);
}
