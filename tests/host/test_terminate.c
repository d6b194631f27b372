/* Up: what a terminate takes along, hands back, and leaves behind. */
#include "tests/host/bench.h"

/* Fills |node|'s delegated state with what the connection's own says. */
static TCP_OFFLOAD_STATE_DELEGATED *
give_back (Bench *bench, NDIS_MINIPORT_OFFLOAD_BLOCK_LIST *node)
{
  const Connection *c = &bench->host->connection[node->model.connection_id];
  TCP_OFFLOAD_STATE_DELEGATED *delegated = block_list_delegated_state (node);
  tcp_export_delegated (&c->tcb, sim_now (bench->sim), delegated);
  return delegated;
}

/* Up */

static void
an_upload_of_everything_takes_the_parents_along (void **state)
{
  Bench *bench = *state;
  bench_start_silent (bench, 1, 2);
  HostBatch batch = { .tree = HOST_TREE_ONE };
  bench_offload (bench, BENCH_EVERYTHING, HOST_TREE_ONE);

  host_upload (bench->host, BENCH_EVERYTHING, &batch, bench_caller (bench, 1));
  bench_run (bench, 300);

  NDIS_MINIPORT_OFFLOAD_BLOCK_LIST *root = bench_nth_terminate (bench, 0)->tree;
  assert_false (block_list_is_placeholder (root));
  assert_int_equal (root->Header.Type, NeighborOffloadDelegatedState);
  assert_false (block_list_is_placeholder (bench_dependent (root)));
  assert_int_equal (bench_siblings (bench_dependent (root)), 2);
  assert_int_equal (bench_dependent (bench_dependent (root))->Header.Type,
                    TcpOffloadDelegatedState);
  assert_int_equal (block_tree_nodes (root), 1 + 2 + 8);
}

static void
an_upload_of_some_hangs_them_from_placeholders (void **state)
{
  Bench *bench = *state;
  bench_start_silent (bench, 1, 2);
  bench_offload (bench, BENCH_EVERYTHING, HOST_TREE_ONE);
  HostBatch batch = { .tree = HOST_TREE_ONE };

  host_upload (bench->host, (HostSet){ 0, 2 }, &batch, bench_caller (bench, 1));
  bench_run (bench, 300);

  NDIS_MINIPORT_OFFLOAD_BLOCK_LIST *root = bench_nth_terminate (bench, 0)->tree;
  assert_true (block_list_is_placeholder (root));
  assert_true (block_list_is_placeholder (bench_dependent (root)));
  assert_int_equal (block_tree_nodes (root), 1 + 2 + 3);
}

static void
the_last_connection_of_a_path_takes_the_path_along (void **state)
{
  Bench *bench = *state;
  bench_start_silent (bench, 1, 2);
  bench_offload (bench, (HostSet){ 0, 2 }, HOST_TREE_ONE); /* 0 and 2 on path 0, 1 on path 1 */
  HostBatch batch = { .tree = HOST_TREE_BY_PATH };

  host_upload (bench->host, (HostSet){ 1, 1 }, &batch, bench_caller (bench, 1));
  bench_run (bench, 300);

  NDIS_MINIPORT_OFFLOAD_BLOCK_LIST *root = bench_nth_terminate (bench, 0)->tree;
  assert_int_equal (root->Header.Type, Ip4OffloadDelegatedState);
  assert_false (block_list_is_placeholder (root));
  assert_int_equal (bench->host->path[1].object.state, OBJECT_TERMINATING);
  assert_int_equal (bench->host->path[0].object.state, OBJECT_OFFLOADED);
}

static void
parents_left_alone_are_cleaned_up_in_the_end (void **state)
{
  Bench *bench = *state;
  bench_start_silent (bench, 1, 1);
  bench_offload (bench, (HostSet){ 0, 1 }, HOST_TREE_ONE);
  HostBatch batch = { .tree = HOST_TREE_FLAT };

  host_upload (bench->host, (HostSet){ 0, 1 }, &batch, bench_caller (bench, 1));
  for (uint32_t i = 0; i < 2; i++)
    bench_complete_list (bench, bench_find (bench, NDIS_CALL_MiniportTcpOffloadReceive, i),
                         NDIS_STATUS_UPLOAD_IN_PROGRESS, 0);
  for (uint32_t i = 0; i < 3; i++) {
    bench_run (bench, 300);
    BenchCall *call = bench_nth_terminate (bench, i);
    if (call == NULL)
      break;
    NDIS_MINIPORT_OFFLOAD_BLOCK_LIST *node;
    BlockWalk walk = block_walk_begin (call->tree);
    while ((node = block_walk_next (&walk)) != NULL)
      if (node->model.connection_id != UINT32_MAX)
        give_back (bench, node);
    bench_complete_tree (bench, call, NDIS_STATUS_SUCCESS);
  }
  bench_run (bench, 300);

  assert_int_equal (bench->done[1], 1);
  assert_int_equal (bench->failed[1], 0);
  assert_int_equal (bench->host->path[0].object.state, OBJECT_HOST);
  assert_int_equal (bench->host->neighbor[0].object.state, OBJECT_HOST);
  assert_null (host_check_rest (bench->host));
}

static void
what_the_target_did_not_send_is_sent_by_the_host (void **state)
{
  Bench *bench = *state;
  bench_start_silent (bench, 1, 1);
  bench_offload (bench, (HostSet){ 0, 0 }, HOST_TREE_FLAT);
  host_send (bench->host, (HostSet){ 0, 0 }, 5000);
  bench_run (bench, 200);
  BenchCall *send = bench_find (bench, NDIS_CALL_MiniportTcpOffloadSend, 0);
  assert_int_equal (ndis_nbl_chain_bytes (send->list), 5000);

  host_upload (bench->host, (HostSet){ 0, 0 }, NULL, bench_caller (bench, 1));
  bench_run (bench, 300);
  BenchCall *receive = bench_find (bench, NDIS_CALL_MiniportTcpOffloadReceive, 0);
  bench_complete_list (bench, receive, NDIS_STATUS_UPLOAD_IN_PROGRESS, 0);
  NDIS_MINIPORT_OFFLOAD_BLOCK_LIST *node =
      bench_dependent (bench_dependent (bench_nth_terminate (bench, 0)->tree));
  TCP_OFFLOAD_STATE_DELEGATED *delegated = give_back (bench, node);
  node->NetBufferListChain = delegated->SendDataHead = delegated->SendDataTail = send->list;
  bench_complete_tree (bench, bench_nth_terminate (bench, 0), NDIS_STATUS_SUCCESS);
  bench_run (bench, 5000);

  assert_int_equal (bench->peer[0].received, 5000);
  assert_int_equal (host_owner (bench->host, 0), OWNER_HOST);
  assert_int_equal (host_stats (bench->host).broken_bytes, 0);
  assert_null (host_check_rest (bench->host));
}

static void
what_the_target_had_buffered_is_delivered_and_given_back (void **state)
{
  Bench *bench = *state;
  bench_start_silent (bench, 1, 1);
  bench_offload (bench, (HostSet){ 0, 0 }, HOST_TREE_FLAT);
  host_upload (bench->host, (HostSet){ 0, 0 }, NULL, bench_caller (bench, 1));
  bench_run (bench, 300);
  bench_complete_list (bench, bench_find (bench, NDIS_CALL_MiniportTcpOffloadReceive, 0),
                       NDIS_STATUS_UPLOAD_IN_PROGRESS, 0);
  NDIS_MINIPORT_OFFLOAD_BLOCK_LIST *node =
      bench_dependent (bench_dependent (bench_nth_terminate (bench, 0)->tree));
  TCP_OFFLOAD_STATE_DELEGATED *delegated = give_back (bench, node);
  NET_BUFFER_LIST *buffered = ndis_nbl_take (bench->ndis, NDIS_HOLDER_TARGET, 0, 3);
  ndis_nbl_set_data (buffered, (TcpRange){ 0, TCP_STREAM (0, TCP_FROM_PEER), 900 });
  delegated->BufferedData = buffered;
  delegated->RcvNxt += 900;
  bench_complete_tree (bench, bench_nth_terminate (bench, 0), NDIS_STATUS_SUCCESS);

  bench_run (bench, 500);

  assert_int_equal (host_delivered_bytes (bench->host, 0), 900);
  assert_int_equal (bench_count (bench, NDIS_CALL_MiniportTcpOffloadReceiveReturn), 1);
  assert_int_equal (bench->host->connection[0].tcb.RcvNxt, BENCH_PEER_ISN + 1 + 900);
  assert_int_equal (host_stats (bench->host).broken_bytes, 0);
}

static void
raw_segments_of_a_terminate_are_processed_afterwards (void **state)
{
  Bench *bench = *state;
  bench_start_silent (bench, 1, 1);
  bench_offload (bench, (HostSet){ 0, 0 }, HOST_TREE_FLAT);
  host_upload (bench->host, (HostSet){ 0, 0 }, NULL, bench_caller (bench, 1));
  bench_run (bench, 300);
  tcp_send (&bench->peer[0].tcb, 400);
  bench_peer_sends (bench, 0);
  bench_run (bench, 100);
  assert_int_equal (host_delivered_bytes (bench->host, 0), 0);

  bench_complete_list (bench, bench_find (bench, NDIS_CALL_MiniportTcpOffloadReceive, 0),
                       NDIS_STATUS_UPLOAD_IN_PROGRESS, 0);
  give_back (bench, bench_dependent (bench_dependent (bench_nth_terminate (bench, 0)->tree)));
  bench_complete_tree (bench, bench_nth_terminate (bench, 0), NDIS_STATUS_SUCCESS);
  bench_run (bench, 300);

  assert_int_equal (host_delivered_bytes (bench->host, 0), 400);
  assert_int_equal (bench_count (bench, NDIS_CALL_MiniportTcpOffloadForward), 0);
}

static void
lost_state_costs_the_connection_and_a_second_terminate_ends_it (void **state)
{
  Bench *bench = *state;
  bench_start_silent (bench, 1, 1);
  bench_offload (bench, (HostSet){ 0, 0 }, HOST_TREE_FLAT);
  host_upload (bench->host, (HostSet){ 0, 0 }, NULL, bench_caller (bench, 1));
  bench_run (bench, 300);
  bench_complete_tree (bench, bench_nth_terminate (bench, 0), NDIS_STATUS_FAILURE);
  bench_run (bench, 300);
  assert_int_equal (bench->host->connection[0].owner, OWN_LOST);
  assert_int_equal (bench->failed[1], 1);

  bench_event (bench, 0, TcpIndicateRetrieve, HardwareFailure);
  bench_event (bench, 0, TcpIndicateAbort, 0);
  bench_run (bench, 300);
  bench_complete_list (bench, bench_find (bench, NDIS_CALL_MiniportTcpOffloadReceive, 0),
                       NDIS_STATUS_REQUEST_ABORTED, 0);
  bench_complete_tree (bench, bench_nth_terminate (bench, 1), NDIS_STATUS_SUCCESS);
  bench_run (bench, 300);

  assert_int_equal (bench_count (bench, NDIS_CALL_MiniportTerminateOffload), 2);
  assert_int_equal (host_owner (bench->host, 0), OWNER_HOST);
  assert_true (bench->host->connection[0].app.gone);
  assert_int_equal (host_state (bench->host, 0), TcpConnectionClosed);
}

static void
an_upload_asked_for_on_the_way_down_waits_for_the_outcome (void **state)
{
  Bench *bench = *state;
  bench_start_silent (bench, 1, 1);
  host_offload (bench->host, (HostSet){ 0, 0 }, NULL, bench_caller (bench, 0));
  bench_run (bench, 300);

  host_upload (bench->host, (HostSet){ 0, 0 }, NULL, bench_caller (bench, 1));
  bench_run (bench, 300);
  assert_null (bench_nth_terminate (bench, 0));
  bench_complete_tree (bench, bench_nth_initiate (bench, 0), NDIS_STATUS_SUCCESS);
  bench_run (bench, 300);

  assert_non_null (bench_nth_terminate (bench, 0));
  assert_int_equal (bench->done[0], 1);
}

static void
owners_are_told_in_order (void **state)
{
  Bench *bench = *state;
  int64_t owners[4];
  uint32_t n = 0;
  bench_start_silent (bench, 1, 1);
  bench_offload (bench, (HostSet){ 0, 0 }, HOST_TREE_FLAT);
  host_upload (bench->host, (HostSet){ 0, 0 }, NULL, bench_caller (bench, 1));
  bench_run (bench, 300);
  give_back (bench, bench_dependent (bench_dependent (bench_nth_terminate (bench, 0)->tree)));
  bench_complete_tree (bench, bench_nth_terminate (bench, 0), NDIS_STATUS_SUCCESS);
  bench_run (bench, 300);

  for (guint i = 0; i < bench->log->len; i++) {
    const SimRecord *record = &g_array_index (bench->log, SimRecord, i);
    if (record->kind == TRACE_OWNER && n < 4)
      owners[n++] = record->column[1];
  }
  assert_int_equal (n, 4);
  assert_int_equal (owners[0], OWNER_GOING_DOWN);
  assert_int_equal (owners[1], OWNER_TARGET);
  assert_int_equal (owners[2], OWNER_GOING_UP);
  assert_int_equal (owners[3], OWNER_HOST);
}

int
main (void)
{
#define TEST(name) cmocka_unit_test_setup_teardown (name, bench_setup, bench_teardown)
  const struct CMUnitTest tests[] = {
    TEST (an_upload_of_everything_takes_the_parents_along),
    TEST (an_upload_of_some_hangs_them_from_placeholders),
    TEST (the_last_connection_of_a_path_takes_the_path_along),
    TEST (parents_left_alone_are_cleaned_up_in_the_end),
    TEST (what_the_target_did_not_send_is_sent_by_the_host),
    TEST (what_the_target_had_buffered_is_delivered_and_given_back),
    TEST (raw_segments_of_a_terminate_are_processed_afterwards),
    TEST (lost_state_costs_the_connection_and_a_second_terminate_ends_it),
    TEST (an_upload_asked_for_on_the_way_down_waits_for_the_outcome),
    TEST (owners_are_told_in_order),
  };
  return cmocka_run_group_tests (tests, NULL, NULL);
}
