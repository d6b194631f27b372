/* Down: state trees, what they carry, and what comes of them. */
#include "tests/host/bench.h"

/* The chimney is set up */

static void
nothing_is_offloaded_before_the_parameters_are_set (void **state)
{
  Bench *bench = *state;
  TrafficSpec spec = bench_silence ();
  bench_start (bench, &spec, 1, 1);
  host_offload (bench->host, BENCH_EVERYTHING, NULL, bench_caller (bench, 0));

  bench_run (bench, 300);

  assert_int_equal (bench_heard (bench, 0)->call, NDIS_CALL_MiniportOidRequest);
  assert_int_equal (bench_heard (bench, 0)->flags, OID_TCP_TASK_OFFLOAD);
  assert_int_equal (bench_heard (bench, 0)->status, 0);
  assert_int_equal (bench_heard (bench, 1)->flags, OID_TCP_CONNECTION_OFFLOAD_PARAMETERS);
  assert_int_equal (bench_heard (bench, 1)->status, 1);
  assert_int_equal (bench_heard (bench, 2)->call, NDIS_CALL_MiniportInitiateOffload);
}

static void
an_adapter_without_chimney_makes_offloads_fail (void **state)
{
  Bench *bench = *state;
  bench->oid_status = NDIS_STATUS_NOT_SUPPORTED;
  bench_start_silent (bench, 1, 1);

  host_offload (bench->host, BENCH_EVERYTHING, NULL, bench_caller (bench, 0));
  bench_run (bench, 300);

  assert_int_equal (bench->done[0], 1);
  assert_int_equal (bench->failed[0], 1);
  assert_null (bench_nth_initiate (bench, 0));
}

static void
the_twin_offloads_nothing_and_says_it_did (void **state)
{
  Bench *bench = *state;
  bench->config.chimney = false;
  bench_start_silent (bench, 1, 1);

  host_offload (bench->host, BENCH_EVERYTHING, NULL, bench_caller (bench, 0));
  bench_run (bench, 300);

  assert_int_equal (bench->done[0], 1);
  assert_int_equal (bench->failed[0], 0);
  assert_int_equal (bench->heard->len, 0);
}

/* Trees */

static void
a_tree_by_path_brings_neighbor_path_and_connections (void **state)
{
  Bench *bench = *state;
  bench_start_silent (bench, 1, 2);
  HostBatch batch = { .tree = HOST_TREE_BY_PATH };

  host_offload (bench->host, BENCH_EVERYTHING, &batch, bench_caller (bench, 0));
  bench_run (bench, 300);

  NDIS_MINIPORT_OFFLOAD_BLOCK_LIST *root = bench_nth_initiate (bench, 0)->tree;
  assert_int_equal (root->Header.Type, NeighborOffloadState);
  assert_true (root->model.has_state);
  assert_int_equal (bench_siblings (root), 1);
  assert_int_equal (bench_dependent (root)->Header.Type, Ip4OffloadState);
  assert_int_equal (bench_siblings (bench_dependent (root)), 1);
  assert_int_equal (bench_siblings (bench_dependent (bench_dependent (root))),
                    BENCH_CONNECTIONS / 2);
  assert_null (bench_nth_initiate (bench, 1)); /* the second path waits for the neighbor */
}

static void
the_second_path_hangs_from_a_linker (void **state)
{
  Bench *bench = *state;
  bench_start_silent (bench, 1, 2);
  HostBatch batch = { .tree = HOST_TREE_BY_PATH };
  host_offload (bench->host, BENCH_EVERYTHING, &batch, bench_caller (bench, 0));
  bench_run (bench, 300);

  bench_complete_tree (bench, bench_nth_initiate (bench, 0), NDIS_STATUS_SUCCESS);
  bench_run (bench, 300);

  NDIS_MINIPORT_OFFLOAD_BLOCK_LIST *root = bench_nth_initiate (bench, 1)->tree;
  assert_int_equal (root->Header.Type, NeighborOffloadState);
  assert_false (root->model.has_state);
  assert_true (*root->MiniportOffloadContext != 0);
  assert_true (bench_dependent (root)->model.has_state);
  assert_true (*bench_dependent (root)->MiniportOffloadContext == 0);
}

static void
a_connection_of_an_offloaded_path_hangs_from_the_path_alone (void **state)
{
  Bench *bench = *state;
  bench_start_silent (bench, 1, 1);
  bench_offload (bench, (HostSet){ 0, 0 }, HOST_TREE_BY_PATH);

  HostBatch batch = { .tree = HOST_TREE_BY_PATH };
  host_offload (bench->host, (HostSet){ 1, 2 }, &batch, bench_caller (bench, 1));
  bench_run (bench, 300);

  NDIS_MINIPORT_OFFLOAD_BLOCK_LIST *root = bench_nth_initiate (bench, 1)->tree;
  assert_int_equal (root->Header.Type, Ip4OffloadState);
  assert_false (root->model.has_state);
  assert_int_equal (bench_siblings (bench_dependent (root)), 2);
}

static void
a_neighbor_with_nothing_new_below_is_a_placeholder (void **state)
{
  Bench *bench = *state;
  bench_start_silent (bench, 1, 1);
  bench_offload (bench, (HostSet){ 0, 0 }, HOST_TREE_BY_PATH);

  HostBatch batch = { .tree = HOST_TREE_BY_NEIGHBOR };
  host_offload (bench->host, (HostSet){ 1, 1 }, &batch, bench_caller (bench, 1));
  bench_run (bench, 300);

  NDIS_MINIPORT_OFFLOAD_BLOCK_LIST *root = bench_nth_initiate (bench, 1)->tree;
  assert_true (block_list_is_placeholder (root));
  assert_false (block_list_is_placeholder (bench_dependent (root)));
  assert_true (*bench_dependent (root)->MiniportOffloadContext != 0);
}

static void
one_tree_a_batch_has_neighbors_as_siblings (void **state)
{
  Bench *bench = *state;
  bench_start_silent (bench, 2, 4);
  HostBatch batch = { .tree = HOST_TREE_ONE };

  host_offload (bench->host, BENCH_EVERYTHING, &batch, bench_caller (bench, 0));
  bench_run (bench, 300);

  NDIS_MINIPORT_OFFLOAD_BLOCK_LIST *root = bench_nth_initiate (bench, 0)->tree;
  assert_int_equal (bench_siblings (root), 2);
  assert_int_equal (bench_siblings (bench_dependent (root)), 2);
  assert_int_equal (bench_siblings (bench_dependent (bench_dependent (root))), 2);
  assert_int_equal (block_tree_nodes (root), 2 + 4 + 8);
}

static void
a_flat_tree_carries_one_connection (void **state)
{
  Bench *bench = *state;
  bench_start_silent (bench, 1, 1);

  bench_offload (bench, (HostSet){ 0, 2 }, HOST_TREE_FLAT);

  assert_int_equal (bench_count (bench, NDIS_CALL_MiniportInitiateOffload), 3);
  assert_int_equal (host_offloaded (bench->host, BENCH_EVERYTHING), 3);
  assert_int_equal (bench->done[0], 1);
}

static void
batches_keep_their_distance (void **state)
{
  Bench *bench = *state;
  bench_start_silent (bench, 4, 4);
  HostBatch batch = { .size = 2, .gap = sim_us (500), .tree = HOST_TREE_ONE };
  host_offload (bench->host, BENCH_EVERYTHING, &batch, bench_caller (bench, 0));

  bench_run (bench, 400);
  assert_int_equal (bench_count (bench, NDIS_CALL_MiniportInitiateOffload), 1);
  bench_run (bench, 500);
  assert_int_equal (bench_count (bench, NDIS_CALL_MiniportInitiateOffload), 2);
}

static void
no_more_trees_are_outstanding_than_allowed (void **state)
{
  Bench *bench = *state;
  bench->config.offload.max_outstanding_initiates = 2;
  bench_start_silent (bench, 8, 8);
  HostBatch batch = { .tree = HOST_TREE_BY_PATH };
  host_offload (bench->host, BENCH_EVERYTHING, &batch, bench_caller (bench, 0));

  bench_run (bench, 1000);
  assert_int_equal (bench_count (bench, NDIS_CALL_MiniportInitiateOffload), 2);
  bench_complete_tree (bench, bench_nth_initiate (bench, 0), NDIS_STATUS_SUCCESS);
  bench_run (bench, 1000);
  assert_int_equal (bench_count (bench, NDIS_CALL_MiniportInitiateOffload), 3);
}

/* What goes down with a connection */

static void
unacknowledged_and_unsent_data_goes_down_as_a_chain (void **state)
{
  Bench *bench = *state;
  bench_start_silent (bench, 1, 1);
  host_send (bench->host, (HostSet){ 0, 0 }, 100000);
  bench_run (bench, 12); /* in flight: nothing is acknowledged yet */

  HostBatch batch = { .tree = HOST_TREE_FLAT };
  host_offload (bench->host, (HostSet){ 0, 0 }, &batch, bench_caller (bench, 0));
  bench_run (bench, 1);
  for (uint32_t i = 0; i < 200 && bench_nth_initiate (bench, 0) == NULL; i++)
    bench_run (bench, 1);

  const Connection *c = &bench->host->connection[0];
  NDIS_MINIPORT_OFFLOAD_BLOCK_LIST *node =
      bench_dependent (bench_dependent (bench_nth_initiate (bench, 0)->tree));
  const TCP_OFFLOAD_STATE_DELEGATED *delegated = block_list_delegated_state (node);
  assert_true (delegated->SndMax != delegated->SndUna);
  assert_ptr_equal (delegated->SendDataHead, node->NetBufferListChain);
  assert_ptr_equal (delegated->SendDataTail, ndis_nbl_chain_last (node->NetBufferListChain));
  assert_int_equal (ndis_nbl_chain_bytes (node->NetBufferListChain),
                    c->send_offset - c->una_offset);
  TcpRange head = ndis_nbl_chain_range (node->NetBufferListChain, 0, 1);
  assert_int_equal (head.offset, (uint32_t)(delegated->SndUna - (BENCH_ISN + 1)));
  assert_int_equal (c->posted_offset, c->send_offset);
}

/* Keeps the passive level of processor 0 busy for a millisecond. */
static void
dawdle (SimCpu *cpu, G_GNUC_UNUSED const SimStepArgs *args)
{
  sim_cpu_charge (cpu, ACCOUNT (PART_APP, WAY_HOST), sim_cycles (2400000));
}

/* A connection of processor 0: the offload manager works on the other one. */
static uint32_t
on_first_cpu (const Bench *bench)
{
  uint32_t id = 0;
  while (bench->host->connection[id].cpu_index != 0)
    id++;
  return id;
}

static void
data_the_application_has_not_taken_goes_down_and_is_delivered_below (void **state)
{
  Bench *bench = *state;
  static SimWork work;
  bench_start_silent (bench, 1, 1);
  uint32_t id = on_first_cpu (bench);
  Connection *c = &bench->host->connection[id];
  sim_work_init (&work, SIM_LEVEL_PASSIVE, dawdle, (SimStepArgs){ 0 });
  sim_cpu_queue (host_cpus (bench->host)[0], &work);
  tcp_send (&bench->peer[id].tcb, 700);
  bench_peer_sends (bench, id);
  bench_run (bench, 50);
  assert_int_equal (c->received_offset, 700);
  assert_int_equal (c->delivered_offset, 0);

  HostBatch batch = { .tree = HOST_TREE_FLAT };
  host_offload (bench->host, (HostSet){ id, id }, &batch, bench_caller (bench, 0));
  bench_run (bench, 100);
  NDIS_MINIPORT_OFFLOAD_BLOCK_LIST *node =
      bench_dependent (bench_dependent (bench_nth_initiate (bench, 0)->tree));
  const TCP_OFFLOAD_STATE_DELEGATED *delegated = block_list_delegated_state (node);
  assert_int_equal (ndis_nbl_chain_bytes (delegated->BufferedData), 700);
  assert_int_equal (delegated->RcvNxt, BENCH_PEER_ISN + 1 + 700);
  assert_true (bench->peer[id].tcb.SndUna == BENCH_PEER_ISN + 1 + 700); /* acknowledged first */

  bench_complete_tree (bench, bench_nth_initiate (bench, 0), NDIS_STATUS_SUCCESS);
  bench_run (bench, 3000);
  assert_int_equal (c->received_offset, 0);
  BenchCall *posted = bench_find (bench, NDIS_CALL_MiniportTcpOffloadReceive, 0);
  TcpRange data = { .offset = 0, .stream_id = TCP_STREAM (id, TCP_FROM_PEER), .bytes = 700 };
  ndis_nbl_place (posted->list, data);
  posted->list->Next->Status = NDIS_STATUS_SUCCESS;
  bench_complete_list (bench, posted, NDIS_STATUS_SUCCESS, 0);
  posted->list->TcpOffloadBytesTransferred = 700;
  bench_run (bench, 100);
  assert_int_equal (host_delivered_bytes (bench->host, id), 700);
  assert_int_equal (host_stats (bench->host).broken_bytes, 0);
}

/* Completion of the initiate */

static void
a_refused_connection_goes_on_with_the_host (void **state)
{
  Bench *bench = *state;
  TrafficSpec spec = bench_conversation (bench);
  bench_start (bench, &spec, 1, 1);
  bench_run (bench, 500);
  host_offload (bench->host, BENCH_EVERYTHING, NULL, bench_caller (bench, 0));
  bench_run (bench, 500);
  uint64_t rounds = host_stats (bench->host).rounds;

  bench_complete_tree (bench, bench_nth_initiate (bench, 0), NDIS_STATUS_RESOURCES);
  bench_run (bench, 3000);

  HostStats stats = host_stats (bench->host);
  assert_int_equal (bench->failed[0], 1);
  assert_int_equal (stats.initiate_failures, BENCH_CONNECTIONS);
  assert_true (stats.rounds > rounds + BENCH_CONNECTIONS);
  assert_int_equal (stats.broken_bytes, 0);
  assert_int_equal (bench->host->path[0].object.state, OBJECT_HOST);
  assert_int_equal (bench->host->path[0].object.dependents, 0);
  assert_int_equal (bench->host->neighbor[0].object.dependents, 0);
}

static void
failed_connections_are_tried_again_if_the_policy_says (void **state)
{
  Bench *bench = *state;
  bench->config.offload.retries_max = 1;
  bench->config.offload.retry_delay = sim_us (1000);
  bench_start_silent (bench, 1, 1);
  host_offload (bench->host, BENCH_EVERYTHING, NULL, bench_caller (bench, 0));
  bench_run (bench, 300);

  bench_complete_tree (bench, bench_nth_initiate (bench, 0), NDIS_STATUS_RESOURCES);
  bench_run (bench, 900);
  assert_null (bench_nth_initiate (bench, 1));
  assert_int_equal (bench->done[0], 0);
  bench_run (bench, 500);
  bench_complete_tree (bench, bench_nth_initiate (bench, 1), NDIS_STATUS_SUCCESS);
  bench_run (bench, 300);

  assert_int_equal (bench->done[0], 1);
  assert_int_equal (bench->failed[0], 0);
  assert_int_equal (host_offloaded (bench->host, BENCH_EVERYTHING), BENCH_CONNECTIONS);
}

static void
segments_of_the_meantime_are_held_and_forwarded (void **state)
{
  Bench *bench = *state;
  bench_start_silent (bench, 1, 1);
  host_offload (bench->host, (HostSet){ 0, 0 }, NULL, bench_caller (bench, 0));
  bench_run (bench, 300);
  tcp_send (&bench->peer[0].tcb, 500);
  bench_peer_sends (bench, 0);
  bench_run (bench, 200);
  assert_int_equal (bench_count (bench, NDIS_CALL_MiniportTcpOffloadForward), 0);

  bench_complete_tree (bench, bench_nth_initiate (bench, 0), NDIS_STATUS_SUCCESS);
  bench_run (bench, 200);

  BenchCall *forward = bench_find (bench, NDIS_CALL_MiniportTcpOffloadForward, 0);
  assert_int_equal (forward->list->frame->payload.bytes, 500);
  assert_int_equal (host_delivered_bytes (bench->host, 0), 0);
  bench_complete_list (bench, forward, NDIS_STATUS_SUCCESS, 0);
  bench_run (bench, 100);
  assert_int_equal (bench->host->connection[0].forwards_posted, 0);
}

static void
segments_of_the_meantime_are_processed_if_the_initiate_fails (void **state)
{
  Bench *bench = *state;
  bench_start_silent (bench, 1, 1);
  host_offload (bench->host, (HostSet){ 0, 0 }, NULL, bench_caller (bench, 0));
  bench_run (bench, 300);
  tcp_send (&bench->peer[0].tcb, 500);
  bench_peer_sends (bench, 0);
  bench_run (bench, 200);

  bench_complete_tree (bench, bench_nth_initiate (bench, 0), NDIS_STATUS_FAILURE);
  bench_run (bench, 200);

  assert_int_equal (host_delivered_bytes (bench->host, 0), 500);
  assert_int_equal (bench_count (bench, NDIS_CALL_MiniportTcpOffloadForward), 0);
}

static void
a_path_that_fails_takes_its_connections_along_and_the_neighbor_is_cleaned_up (void **state)
{
  Bench *bench = *state;
  bench_start_silent (bench, 1, 1);
  host_offload (bench->host, (HostSet){ 0, 1 }, NULL, bench_caller (bench, 0));
  bench_run (bench, 300);
  NDIS_MINIPORT_OFFLOAD_BLOCK_LIST *root = bench_nth_initiate (bench, 0)->tree;
  bench_complete_tree (bench, bench_nth_initiate (bench, 0), NDIS_STATUS_FAILURE);
  root->Status = NDIS_STATUS_OFFLOAD_PARTIAL_SUCCESS;
  *root->MiniportOffloadContext = 77;

  bench_run (bench, 300);

  BenchCall *clean = bench_nth_terminate (bench, 0);
  assert_int_equal (clean->tree->Header.Type, NeighborOffloadDelegatedState);
  assert_null (clean->tree->DependentBlockList);
  bench_complete_tree (bench, clean, NDIS_STATUS_SUCCESS);
  bench_run (bench, 300);
  assert_int_equal (bench->host->neighbor[0].object.state, OBJECT_HOST);
  assert_null (host_check_rest (bench->host));
}

int
main (void)
{
#define TEST(name) cmocka_unit_test_setup_teardown (name, bench_setup, bench_teardown)
  const struct CMUnitTest tests[] = {
    TEST (nothing_is_offloaded_before_the_parameters_are_set),
    TEST (an_adapter_without_chimney_makes_offloads_fail),
    TEST (the_twin_offloads_nothing_and_says_it_did),
    TEST (a_tree_by_path_brings_neighbor_path_and_connections),
    TEST (the_second_path_hangs_from_a_linker),
    TEST (a_connection_of_an_offloaded_path_hangs_from_the_path_alone),
    TEST (a_neighbor_with_nothing_new_below_is_a_placeholder),
    TEST (one_tree_a_batch_has_neighbors_as_siblings),
    TEST (a_flat_tree_carries_one_connection),
    TEST (batches_keep_their_distance),
    TEST (no_more_trees_are_outstanding_than_allowed),
    TEST (unacknowledged_and_unsent_data_goes_down_as_a_chain),
    TEST (data_the_application_has_not_taken_goes_down_and_is_delivered_below),
    TEST (a_refused_connection_goes_on_with_the_host),
    TEST (failed_connections_are_tried_again_if_the_policy_says),
    TEST (segments_of_the_meantime_are_held_and_forwarded),
    TEST (segments_of_the_meantime_are_processed_if_the_initiate_fails),
    TEST (a_path_that_fails_takes_its_connections_along_and_the_neighbor_is_cleaned_up),
  };
  return cmocka_run_group_tests (tests, NULL, NULL);
}
