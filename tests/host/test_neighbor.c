/* Neighbor unreachability detection, ARP and what ICMP says about paths. */
#include "tests/host/bench.h"

#define HOP_MAC 100

static HostNeighbor *
hop (Bench *bench)
{
  return &bench->host->neighbor[0];
}

/* A host whose proofs count for 1 ms; it doubts for 200 us and asks every 100 us. */
static void
start (Bench *bench, uint32_t n_neighbors)
{
  TrafficSpec spec = bench_silence ();

  bench->config.nud = (HostNud){ .reachable = sim_us (1000),
                                 .delay_first_probe = sim_us (200),
                                 .retransmit = sim_us (100),
                                 .unicast_probes = 2,
                                 .multicast_probes = 2 };
  bench_start (bench, &spec, n_neighbors, n_neighbors);
  bench_run (bench, 100);
}

static const TcpSegment *
question (Bench *bench, guint index)
{
  assert_true (index < bench->questions->len);
  return &g_array_index (bench->questions, TcpSegment, index);
}

static TcpSegment
answer_from (uint32_t mac_id, uint8_t flags)
{
  return (TcpSegment){ .kind = TCP_FRAME_ARP_REPLY,
                       .connection_id = UINT32_MAX,
                       .ip_version = 4,
                       .flags = flags,
                       .tuple = { BENCH_HOP_ADDRESS, 1, 0, 0 },
                       .source_mac_id = mac_id,
                       .destination_mac_id = 1 };
}

static void
nothing (G_GNUC_UNUSED Sim *sim, G_GNUC_UNUSED void *data)
{
}

/* Lets 1.5 ms pass, even if nothing happens in them. */
static void
pass_time (Bench *bench)
{
  SimEvent event;

  sim_event_init (&event, SIM_PHASE_OBSERVE, 1, nothing, NULL);
  sim_event_schedule (bench->sim, &event, sim_time_add (sim_now (bench->sim), sim_us (1500)));
  bench_run (bench, 1500);
}

/* Ages the entry and lets the host send by it. */
static void
use_stale (Bench *bench)
{
  pass_time (bench);
  assert_true (neighbor_may_send (bench->host, hop (bench)));
}

static void
an_entry_in_use_is_doubted_after_its_time_and_asked_after_a_delay (void **state)
{
  Bench *bench = *state;
  start (bench, 1);

  assert_true (neighbor_may_send (bench->host, hop (bench)));
  assert_int_equal (hop (bench)->reach, HOST_REACH_REACHABLE);
  use_stale (bench);
  assert_int_equal (hop (bench)->reach, HOST_REACH_DELAY);
  assert_int_equal (bench->questions->len, 0);
  bench_run (bench, 250);

  assert_int_equal (hop (bench)->reach, HOST_REACH_PROBE);
  assert_int_equal (bench->questions->len, 1);
  assert_int_equal (question (bench, 0)->kind, TCP_FRAME_ARP_REQUEST);
  assert_int_equal (question (bench, 0)->destination_mac_id, HOP_MAC);
  assert_int_equal (question (bench, 0)->tuple.destination_address_id, BENCH_HOP_ADDRESS);
}

static void
what_tcp_hears_ends_the_doubt (void **state)
{
  Bench *bench = *state;
  start (bench, 1);

  use_stale (bench);
  neighbor_confirm (bench->host, hop (bench), sim_now (bench->sim));
  bench_run (bench, 500);

  assert_int_equal (hop (bench)->reach, HOST_REACH_REACHABLE);
  assert_int_equal (bench->questions->len, 0);
}

static void
an_answer_makes_the_entry_reachable (void **state)
{
  Bench *bench = *state;
  start (bench, 1);

  use_stale (bench);
  bench_run (bench, 250);
  TcpSegment answer = answer_from (HOP_MAC, TCP_FRAME_SOLICITED);
  bench_frame_up (bench, &answer);
  bench_run (bench, 500);

  assert_int_equal (hop (bench)->reach, HOST_REACH_REACHABLE);
  assert_int_equal (bench->questions->len, 1);
}

static void
without_an_answer_the_entry_is_given_up_and_everybody_is_asked (void **state)
{
  Bench *bench = *state;
  start (bench, 1);

  use_stale (bench);
  bench_run (bench, 600);
  assert_int_equal (hop (bench)->reach, HOST_REACH_INCOMPLETE);
  assert_int_equal (bench->questions->len, 2); /* unicast_probes */
  assert_false (neighbor_may_send (bench->host, hop (bench)));
  bench_run (bench, 50);

  assert_int_equal (question (bench, 2)->destination_mac_id, TCP_MAC_EVERYONE);
  TcpSegment answer = answer_from (HOP_MAC + 50, TCP_FRAME_SOLICITED);
  bench_frame_up (bench, &answer);
  bench_run (bench, 50);
  assert_true (neighbor_may_send (bench->host, hop (bench)));
  assert_int_equal (hop (bench)->setup.destination_mac_id, HOP_MAC + 50);
}

static void
nothing_is_offloaded_under_a_next_hop_that_is_not_known (void **state)
{
  Bench *bench = *state;
  start (bench, 1);

  use_stale (bench);
  bench_run (bench, 600);
  host_offload (bench->host, BENCH_EVERYTHING, NULL, bench_caller (bench, 1));
  bench_run (bench, 300);

  assert_int_equal (bench->failed[1], 1);
  assert_null (bench_find (bench, NDIS_CALL_MiniportInitiateOffload, 0));
}

static void
the_target_knows_of_progress_and_nobody_is_asked (void **state)
{
  Bench *bench = *state;
  start (bench, 1);
  bench_offload (bench, BENCH_EVERYTHING, HOST_TREE_ONE);
  bench_run (bench, 200);

  use_stale (bench);
  bench_run (bench, 300);
  BenchCall *call = bench_find (bench, NDIS_CALL_MiniportQueryOffload, 0);
  assert_int_equal (call->tree->Header.Type, NeighborOffloadDelegatedState);
  NEIGHBOR_OFFLOAD_STATE_DELEGATED *delegated = block_list_delegated_state (call->tree);
  delegated->NicReachabilityDelta = 0;
  bench_complete_tree (bench, call, NDIS_STATUS_SUCCESS);
  bench_run (bench, 300);

  assert_int_equal (hop (bench)->reach, HOST_REACH_REACHABLE);
  assert_int_equal (bench->questions->len, 0);
}

static void
a_next_hop_that_is_gone_is_invalidated (void **state)
{
  Bench *bench = *state;
  start (bench, 1);
  bench_offload (bench, BENCH_EVERYTHING, HOST_TREE_ONE);
  bench_run (bench, 200);

  use_stale (bench);
  bench_run (bench, 300);
  BenchCall *call = bench_find (bench, NDIS_CALL_MiniportQueryOffload, 0);
  NEIGHBOR_OFFLOAD_STATE_DELEGATED *delegated = block_list_delegated_state (call->tree);
  delegated->NicReachabilityDelta = 1000;
  bench_complete_tree (bench, call, NDIS_STATUS_SUCCESS);
  bench_run (bench, 700);

  assert_int_equal (bench->questions->len, 2);
  call = bench_find (bench, NDIS_CALL_MiniportInvalidateOffload, 0);
  assert_int_equal (call->tree->model.object_id, hop (bench)->object.handle.object_id);
}

static void
a_fresh_entry_answers_the_targets_query_with_its_age_and_a_stale_one_with_nothing (void **state)
{
  Bench *bench = *state;
  bench->config.parameters.NceStaleTicks = 1;
  start (bench, 1);

  assert_int_equal (neighbor_answer (bench->host, hop (bench), 7), 1);
  assert_int_equal (hop (bench)->reach, HOST_REACH_REACHABLE);
  pass_time (bench);
  assert_int_equal (neighbor_answer (bench->host, hop (bench), 7), 0);
  assert_int_equal (hop (bench)->reach, HOST_REACH_DELAY);

  neighbor_queried (bench->host, hop (bench), 7); /* as indicated: no progress */
  assert_int_equal (hop (bench)->reach, HOST_REACH_PROBE);
}

static void
a_smaller_delta_than_the_one_indicated_is_progress (void **state)
{
  Bench *bench = *state;
  start (bench, 1);

  pass_time (bench);
  neighbor_answer (bench->host, hop (bench), 7);
  neighbor_queried (bench->host, hop (bench), 1);

  assert_int_equal (hop (bench)->reach, HOST_REACH_REACHABLE);
}

static void
another_mac_is_told_to_the_target (void **state)
{
  Bench *bench = *state;
  start (bench, 1);
  bench_offload (bench, BENCH_EVERYTHING, HOST_TREE_ONE);
  bench_run (bench, 200);

  TcpSegment news = answer_from (HOP_MAC + 50, 0);
  bench_frame_up (bench, &news);
  bench_run (bench, 300);

  BenchCall *call = bench_find (bench, NDIS_CALL_MiniportUpdateOffload, 0);
  const NEIGHBOR_OFFLOAD_STATE_CACHED *cached = block_list_cached_state (call->tree);
  assert_int_equal (call->tree->Header.Type, NeighborOffloadCachedState);
  assert_int_equal (cached->DlDestinationAddress, HOP_MAC + 50);
  assert_int_equal (hop (bench)->reach, HOST_REACH_STALE);
}

/* ICMP */

static TcpSegment
message (TcpFrameKind kind)
{
  return (TcpSegment){ .kind = (uint8_t)kind,
                       .connection_id = UINT32_MAX,
                       .ip_version = 4,
                       .tuple = { BENCH_HOP_ADDRESS, 1, 0, 0 },
                       .about_address_id = 10 };
}

static void
a_smaller_mtu_is_believed_and_told_to_the_target (void **state)
{
  Bench *bench = *state;
  start (bench, 1);
  bench_offload (bench, (HostSet){ 0, 0 }, HOST_TREE_ONE);
  bench_run (bench, 200);

  TcpSegment icmp = message (TCP_FRAME_TOO_BIG);
  icmp.mss = 1000;
  bench_frame_up (bench, &icmp);
  bench_run (bench, 300);

  BenchCall *call = bench_find (bench, NDIS_CALL_MiniportUpdateOffload, 0);
  const NDIS_MINIPORT_OFFLOAD_BLOCK_LIST *path = call->tree->DependentBlockList;
  const PATH_OFFLOAD_STATE_CACHED *cached = block_list_cached_state (path);
  assert_int_equal (cached->PathMtu, 1000);
  assert_int_equal (bench->host->connection[1].tcb.path_mtu_bytes, 1000);
}

static void
a_larger_mtu_is_not_believed (void **state)
{
  Bench *bench = *state;
  start (bench, 1);

  TcpSegment icmp = message (TCP_FRAME_TOO_BIG);
  icmp.mss = 9000;
  bench_frame_up (bench, &icmp);
  bench_run (bench, 300);

  assert_int_equal (bench->host->path[0].setup.path_mtu_bytes, 1500);
  assert_int_equal (host_stats (bench->host).too_big, 0);
}

static void
only_the_next_hop_in_use_redirects (void **state)
{
  Bench *bench = *state;
  start (bench, 2);

  TcpSegment icmp = message (TCP_FRAME_REDIRECT);
  icmp.ack = BENCH_HOP_ADDRESS + 1;
  icmp.tuple.source_address_id = BENCH_HOP_ADDRESS + 1;
  bench_frame_up (bench, &icmp);
  bench_run (bench, 300);
  assert_int_equal (bench->host->path[0].setup.neighbor_index, 0);

  icmp.tuple.source_address_id = BENCH_HOP_ADDRESS;
  bench_frame_up (bench, &icmp);
  bench_run (bench, 300);
  assert_int_equal (bench->host->path[0].setup.neighbor_index, 1);
  assert_int_equal (host_stats (bench->host).redirects, 1);
}

int
main (void)
{
#define TEST(name) cmocka_unit_test_setup_teardown (name, bench_setup, bench_teardown)
  const struct CMUnitTest tests[] = {
    TEST (an_entry_in_use_is_doubted_after_its_time_and_asked_after_a_delay),
    TEST (what_tcp_hears_ends_the_doubt),
    TEST (an_answer_makes_the_entry_reachable),
    TEST (without_an_answer_the_entry_is_given_up_and_everybody_is_asked),
    TEST (nothing_is_offloaded_under_a_next_hop_that_is_not_known),
    TEST (the_target_knows_of_progress_and_nobody_is_asked),
    TEST (a_next_hop_that_is_gone_is_invalidated),
    TEST (a_fresh_entry_answers_the_targets_query_with_its_age_and_a_stale_one_with_nothing),
    TEST (a_smaller_delta_than_the_one_indicated_is_progress),
    TEST (another_mac_is_told_to_the_target),
    TEST (a_smaller_mtu_is_believed_and_told_to_the_target),
    TEST (a_larger_mtu_is_not_believed),
    TEST (only_the_next_hop_in_use_redirects),
  };
  return cmocka_run_group_tests (tests, NULL, NULL);
}
