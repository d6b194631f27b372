#include "tests/target/target_bench.h"

/* The target's timers in the unit that the host has agreed on: 10, 100 or 1000 ticks a second. */

static const uint32_t rates[] = { 10, 100, 1000 };

static void
oid_step (Bench *bench, void *request)
{
  NdisOidRequest (bench->host.binding, request);
}

/* Every timer is two ticks long; neighbors are stale after |nce_stale_ticks|, or never. */
static TargetBench *
bench_with_stale_ticks (uint32_t ticks_per_s, uint32_t nce_stale_ticks)
{
  TargetConfig config = target_bench_config ();
  NDIS_OID_REQUEST request = { .Oid = OID_TCP_CONNECTION_OFFLOAD_PARAMETERS, .is_set = true };

  /* Still in the unit of the configuration. */
  config.tcp.rto_initial_ticks = config.tcp.rto_min_ticks =
      2 * config.tcp.ticks_per_s / ticks_per_s;
  TargetBench *b = target_bench_new (&config);
  request.data.parameters =
      (NDIS_TCP_CONNECTION_OFFLOAD_PARAMETERS){ .TicksPerSecond = ticks_per_s,
                                                .TcpAckFrequency = 8,
                                                .TcpDelayedAckTicks = 2,
                                                .TcpMaximumRetransmissions = 5,
                                                .TcpDoubtReachabilityRetransmissions = 5,
                                                .TcpSwsPreventionTicks = 2,
                                                .TcpDuplicateAckThreshold = 3,
                                                .TcpPushTicks = 2,
                                                .NceStaleTicks = nce_stale_ticks };
  target_bench_do (b, oid_step, &request, 100);
  assert_int_equal (request.status, NDIS_STATUS_SUCCESS);
  bench_forget (b->bench);
  target_bench_offload (b, 0);
  return b;
}

static TargetBench *
bench_with_ticks (uint32_t ticks_per_s)
{
  return bench_with_stale_ticks (ticks_per_s, 0);
}

/* Whether |when| is between one and two ticks after |since|, up to |slack_us| of work. */
static bool
is_two_ticks (SimTime since, SimTime when, uint32_t ticks_per_s, int64_t slack_us)
{
  int64_t tick_ps = SIM_PS_PER_S / ticks_per_s;
  int64_t ps = sim_time_diff (when, since).ps;

  return ps > tick_ps && ps < 2 * tick_ps + slack_us * SIM_PS_PER_US;
}

static void
wait_ticks (TargetBench *b, uint32_t ticks_per_s, unsigned ticks)
{
  target_bench_wait (b, (int64_t)ticks * 1000000 / ticks_per_s);
}

static void
a_lost_segment_is_sent_again_after_its_ticks (G_GNUC_UNUSED void **state)
{
  for (size_t i = 0; i < G_N_ELEMENTS (rates); i++) {
    TargetBench *b = bench_with_ticks (rates[i]);
    target_bench_send (b, 0, send_list (b, 0, 0, 100), 50);
    SimTime sent = bench_record (b->bench, TRACE_WIRE_SEND, 1, SIDE_TARGET, 0)->when;
    wait_ticks (b, rates[i], 3);
    assert_true (b->arrived->len >= 2);
    const SimRecord *again = bench_record (b->bench, TRACE_WIRE_SEND, 1, SIDE_TARGET, 1);
    assert_true (is_two_ticks (sent, again->when, rates[i], 50));
    target_bench_free (b);
  }
}

static void
a_withheld_acknowledgment_leaves_after_its_ticks (G_GNUC_UNUSED void **state)
{
  for (size_t i = 0; i < G_N_ELEMENTS (rates); i++) {
    TargetBench *b = bench_with_ticks (rates[i]);
    SimTime since = sim_now (b->bench->sim);
    peer_sends (b, 0, (PeerSegment){ RCV_NXT, SND_UNA, TCP_ACK, 100 }, 50);
    assert_int_equal (b->arrived->len, 0);
    wait_ticks (b, rates[i], 3);
    assert_int_equal (b->arrived->len, 1);
    const SimRecord *ack = bench_record (b->bench, TRACE_WIRE_SEND, 1, SIDE_TARGET, 0);
    assert_true (is_two_ticks (since, ack->when, rates[i], 50));
    target_bench_free (b);
  }
}

static void
the_push_timer_counts_from_the_first_byte (G_GNUC_UNUSED void **state)
{
  for (size_t i = 0; i < G_N_ELEMENTS (rates); i++) {
    TargetBench *b = bench_with_ticks (rates[i]);
    target_bench_post (b, 0, receive_list (b, 0, 200), 50);
    peer_sends (b, 0, (PeerSegment){ RCV_NXT, SND_UNA, TCP_ACK, 100 }, 50);
    wait_ticks (b, rates[i], 3);
    const SimRecord *started = bench_record (b->bench, TRACE_PUSH_TIMER, 2, 1, 0);
    const SimRecord *expired = bench_record (b->bench, TRACE_PUSH_TIMER, 2, 2, 0);
    assert_non_null (started);
    assert_non_null (expired);
    assert_true (is_two_ticks (started->when, expired->when, rates[i], 50));
    target_bench_free (b);
  }
}

/* OID-13: the push timer counts from the first byte, the age of a neighbor from the last proof. */
static void
the_push_timer_and_stale_neighbors_follow_their_ticks (G_GNUC_UNUSED void **state)
{
  for (size_t i = 0; i < G_N_ELEMENTS (rates); i++) {
    TargetBench *b = bench_with_stale_ticks (rates[i], 4);
    target_bench_post (b, 0, receive_list (b, 0, 200), 50);
    peer_sends (b, 0, (PeerSegment){ RCV_NXT, SND_UNA, TCP_ACK, 100 }, 50);
    wait_ticks (b, rates[i], 3);
    target_bench_send (b, 0, send_list (b, 0, 0, 10), 50);
    peer_sends (b, 0, (PeerSegment){ RCV_NXT + 100, SND_UNA + 10, TCP_ACK, 0 }, 50);
    const SimRecord *started = bench_record (b->bench, TRACE_PUSH_TIMER, 2, 1, 0);
    const SimRecord *expired = bench_record (b->bench, TRACE_PUSH_TIMER, 2, 2, 0);
    assert_true (is_two_ticks (started->when, expired->when, rates[i], 50));

    wait_ticks (b, rates[i], 3);
    target_bench_send (b, 0, send_list (b, 0, 10, 10), 50);
    peer_sends (b, 0, (PeerSegment){ RCV_NXT + 100, SND_UNA + 20, TCP_ACK, 0 }, 50);
    assert_null (host_heard (b, NDIS_CALL_ProtocolIndicateOffloadEvent, 0));
    wait_ticks (b, rates[i], 6);
    target_bench_send (b, 0, send_list (b, 0, 20, 10), 50);
    assert_non_null (host_heard (b, NDIS_CALL_ProtocolIndicateOffloadEvent, 0));
    target_bench_free (b);
  }
}

static void
a_closed_window_is_probed_after_its_ticks (G_GNUC_UNUSED void **state)
{
  for (size_t i = 0; i < G_N_ELEMENTS (rates); i++) {
    TargetBench *b = bench_with_ticks (rates[i]);
    TcpSegment shut = peer_segment (0, (PeerSegment){ RCV_NXT, SND_UNA, TCP_ACK, 0 });
    shut.window = 0;
    wire_send (b->wire, WIRE_END_PEERS, SIDE_PEER, &shut);
    target_bench_wait (b, 50);
    SimTime since = sim_now (b->bench->sim);
    target_bench_send (b, 0, send_list (b, 0, 0, 100), 50);
    assert_int_equal (b->arrived->len, 0);
    wait_ticks (b, rates[i], 3);
    assert_true (b->arrived->len >= 1);
    assert_int_equal (arrived_at (b, 0)->payload.bytes, 1);
    const SimRecord *probe = bench_record (b->bench, TRACE_WIRE_SEND, 1, SIDE_TARGET, 0);
    assert_true (is_two_ticks (since, probe->when, rates[i], 50));
    target_bench_free (b);
  }
}

/* Each connection keeps its own timers: what runs for one does not touch another. */
static void
connections_have_timers_of_their_own (G_GNUC_UNUSED void **state)
{
  TargetBench *b = bench_with_ticks (100);
  PNDIS_PROTOCOL_OFFLOAD_BLOCK_LIST second = tcp_node (b, 1, ndis_next_op_id (b->bench->ndis));
  PNDIS_PROTOCOL_OFFLOAD_BLOCK_LIST path =
      ndis_block_list_new (b->bench->ndis, Ip4OffloadState, false, target_bench_handle (b, 2),
                           ndis_next_op_id (b->bench->ndis));

  add_dependent (path, second);
  target_bench_offload_tree (b, path);
  target_bench_send (b, 0, send_list (b, 0, 0, 100), 50);
  target_bench_post (b, 1, receive_list (b, 1, 200), 50);
  peer_sends (b, 1, (PeerSegment){ RCV_NXT, SND_UNA, TCP_ACK, 100 }, 50);
  wait_ticks (b, 100, 3);
  assert_non_null (bench_record (b->bench, TRACE_PUSH_TIMER, 1, 1, 0));
  assert_null (bench_record (b->bench, TRACE_PUSH_TIMER, 1, 0, 0));
  assert_int_equal (arrived_at (b, 0)->connection_id, 0);
  target_bench_free (b);
}

static void
the_push_timer_is_half_a_second_unless_the_host_says_otherwise (G_GNUC_UNUSED void **state)
{
  TargetConfig config;

  target_config_init (&config);
  assert_int_equal (config.push_ticks * 1000 / config.tcp.ticks_per_s, 500);
}

static void
a_unit_that_is_not_of_the_three_is_refused (G_GNUC_UNUSED void **state)
{
  TargetConfig config = target_bench_config ();
  TargetBench *b = target_bench_new (&config);
  NDIS_OID_REQUEST request = { .Oid = OID_TCP_CONNECTION_OFFLOAD_PARAMETERS, .is_set = true };

  assert_int_equal (config.tcp.ticks_per_s, 1000); /* unless the host says otherwise */
  for (uint32_t rate = 0; rate <= 1100; rate++) {
    request.data.parameters = (NDIS_TCP_CONNECTION_OFFLOAD_PARAMETERS){ .TicksPerSecond = rate };
    target_bench_do (b, oid_step, &request, 20);
    assert_int_equal (request.status == NDIS_STATUS_SUCCESS,
                      rate == 10 || rate == 100 || rate == 1000);
  }
  target_bench_free (b);
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test (a_lost_segment_is_sent_again_after_its_ticks),
    cmocka_unit_test (a_withheld_acknowledgment_leaves_after_its_ticks),
    cmocka_unit_test (the_push_timer_counts_from_the_first_byte),
    cmocka_unit_test (the_push_timer_and_stale_neighbors_follow_their_ticks),
    cmocka_unit_test (a_closed_window_is_probed_after_its_ticks),
    cmocka_unit_test (connections_have_timers_of_their_own),
    cmocka_unit_test (the_push_timer_is_half_a_second_unless_the_host_says_otherwise),
    cmocka_unit_test (a_unit_that_is_not_of_the_three_is_refused),
  };
  return cmocka_run_group_tests (tests, NULL, NULL);
}
