/* Power, status indications, and the operations that leave objects where they are. */
#include "tests/host/bench.h"

static const HostOptions nothing;

static void
start_offloaded (Bench *bench, uint32_t n_neighbors, uint32_t n_paths, HostSet set)
{
  TrafficSpec spec = bench_silence ();
  bench_start (bench, &spec, n_neighbors, n_paths);
  bench_run (bench, 100);
  bench_offload (bench, set, HOST_TREE_ONE);
  bench_run (bench, 200);
}

/* The index of the first call heard that is an OID of that number, or UINT32_MAX. */
static uint32_t
find_oid (Bench *bench, NDIS_OID oid)
{
  for (guint i = 0; i < bench->heard->len; i++)
    if (bench_heard (bench, i)->call == NDIS_CALL_MiniportOidRequest
        && bench_heard (bench, i)->flags == oid)
      return i;
  return UINT32_MAX;
}

static void
give_everything_back (Bench *bench, BenchCall *call)
{
  NDIS_MINIPORT_OFFLOAD_BLOCK_LIST *node;
  BlockWalk walk = block_walk_begin (call->tree);

  while ((node = block_walk_next (&walk)) != NULL)
    if (node->model.connection_id != UINT32_MAX)
      tcp_export_delegated (&bench->host->connection[node->model.connection_id].tcb,
                            sim_now (bench->sim), block_list_delegated_state (node));
  bench_complete_tree (bench, call, NDIS_STATUS_SUCCESS);
}

static void
indicate_status (Bench *bench, NDIS_STATUS status)
{
  bench_queue_upcall (bench,
                      (BenchCall){ .call = NDIS_CALL_NdisMIndicateStatusEx, .status = status });
}

/* Power */

static void
everything_is_terminated_before_the_device_sleeps (void **state)
{
  Bench *bench = *state;
  start_offloaded (bench, 1, 1, BENCH_EVERYTHING);

  host_set_power (bench->host, NdisDeviceStateD3, bench_caller (bench, 1));
  bench_run (bench, 1000);

  assert_non_null (bench_nth_terminate (bench, 0));
  uint32_t oid = find_oid (bench, OID_PNP_SET_POWER);
  assert_true (oid != UINT32_MAX); /* it need not wait for the completion */
  assert_true (bench_heard (bench, oid) > bench_nth_terminate (bench, 0));
}

static void
the_power_request_waits_for_an_initiate_on_its_way (void **state)
{
  Bench *bench = *state;
  TrafficSpec spec = bench_silence ();
  bench_start (bench, &spec, 1, 1);
  bench_run (bench, 100);
  host_offload (bench->host, BENCH_EVERYTHING, NULL, bench_caller (bench, 0));
  bench_run (bench, 300);

  host_set_power (bench->host, NdisDeviceStateD3, bench_caller (bench, 1));
  bench_run (bench, 500);
  assert_int_equal (find_oid (bench, OID_PNP_SET_POWER), UINT32_MAX);
  bench_complete_tree (bench, bench_find (bench, NDIS_CALL_MiniportInitiateOffload, 0),
                       NDIS_STATUS_SUCCESS);
  bench_run (bench, 500);

  assert_non_null (bench_nth_terminate (bench, 0));
  assert_true (find_oid (bench, OID_PNP_SET_POWER) != UINT32_MAX);
}

static void
offloads_fail_while_the_device_sleeps_and_frames_do_not_leave (void **state)
{
  Bench *bench = *state;
  TrafficSpec spec = bench_silence ();
  bench_start (bench, &spec, 1, 1);
  bench_run (bench, 100);
  host_set_power (bench->host, NdisDeviceStateD3, bench_caller (bench, 1));
  bench_run (bench, 100);
  assert_int_equal (bench->done[1], 1);

  host_offload (bench->host, BENCH_EVERYTHING, NULL, bench_caller (bench, 0));
  host_send (bench->host, (HostSet){ 0, 0 }, 100);
  bench_run (bench, 300);

  assert_int_equal (bench->failed[0], 1);
  assert_int_equal (bench->frames, 0);
  assert_true (host_stats (bench->host).frames_not_sent > 0);
}

static void
awake_again_the_host_asks_for_capabilities_and_offloads_what_it_lost (void **state)
{
  Bench *bench = *state;
  bench->config.offload.offload_again = true;
  start_offloaded (bench, 1, 1, (HostSet){ 2, 4 });
  host_set_power (bench->host, NdisDeviceStateD3, bench_caller (bench, 1));
  bench_run (bench, 500);
  give_everything_back (bench, bench_nth_terminate (bench, 0));
  bench_run (bench, 500);
  uint32_t before = bench_count (bench, NDIS_CALL_MiniportOidRequest);

  host_set_power (bench->host, NdisDeviceStateD0, bench_caller (bench, 2));
  bench_run (bench, 500);

  assert_int_equal (bench->done[2], 1);
  assert_int_equal (bench->failed[2], 0);
  assert_int_equal (bench_count (bench, NDIS_CALL_MiniportOidRequest), before + 2);
  BenchCall *again = bench_find (bench, NDIS_CALL_MiniportInitiateOffload, 1);
  assert_int_equal (block_tree_nodes (again->tree), 2 + 3);
}

static void
sleep_and_wake (Bench *bench)
{
  host_set_power (bench->host, NdisDeviceStateD3, bench_caller (bench, 1));
  bench_run (bench, 500);
  host_set_power (bench->host, NdisDeviceStateD0, bench_caller (bench, 2));
  bench_run (bench, 500);
}

static void
what_was_offloaded_is_remembered_until_the_chimney_is_on_again (void **state)
{
  Bench *bench = *state;
  bench->config.offload.offload_again = true;
  start_offloaded (bench, 1, 1, (HostSet){ 2, 4 });
  host_set_chimney (bench->host, false, bench_caller (bench, 3));
  bench_run (bench, 500);
  give_everything_back (bench, bench_nth_terminate (bench, 0));
  bench_run (bench, 500);
  sleep_and_wake (bench);
  assert_int_equal (bench->done[2], 1);
  assert_int_equal (bench_count (bench, NDIS_CALL_MiniportInitiateOffload), 1);

  host_set_chimney (bench->host, true, bench_caller (bench, 4));
  bench_run (bench, 500);

  assert_int_equal (bench->failed[4], 0);
  BenchCall *again = bench_find (bench, NDIS_CALL_MiniportInitiateOffload, 1);
  assert_non_null (again);
  assert_int_equal (block_tree_nodes (again->tree), 2 + 3);
}

static void
an_adapter_that_does_not_answer_when_awake_gets_nothing (void **state)
{
  Bench *bench = *state;
  bench->config.offload.offload_again = true;
  start_offloaded (bench, 1, 1, (HostSet){ 2, 4 });
  host_set_power (bench->host, NdisDeviceStateD3, bench_caller (bench, 1));
  bench_run (bench, 500);
  give_everything_back (bench, bench_nth_terminate (bench, 0));
  bench_run (bench, 500);
  host_set_power (bench->host, NdisDeviceStateD0, bench_caller (bench, 2));
  while (bench->host->power.phase != POWER_ASKING)
    bench_run (bench, 1);
  bench->oid_status = NDIS_STATUS_FAILURE;

  bench_run (bench, 500);

  assert_int_equal (bench->done[2], 1);
  assert_int_equal (bench_count (bench, NDIS_CALL_MiniportInitiateOffload), 1);
  assert_true (bench->host->connection[2].bits & CONN_TRACKED);
}

static void
a_chimney_that_could_not_be_switched_off_is_on (void **state)
{
  Bench *bench = *state;
  bench->config.offload.offload_again = true;
  start_offloaded (bench, 1, 1, (HostSet){ 2, 4 });
  bench->oid_status = NDIS_STATUS_FAILURE;
  host_set_chimney (bench->host, false, bench_caller (bench, 3));
  bench_run (bench, 500);

  give_everything_back (bench, bench_nth_terminate (bench, 0));
  bench_run (bench, 500);

  assert_int_equal (bench->failed[3], 1);
  assert_true (bench->host->manager->enabled);
  assert_int_equal (bench_count (bench, NDIS_CALL_MiniportInitiateOffload), 2);
}

static void
a_second_power_request_meanwhile_is_refused (void **state)
{
  Bench *bench = *state;
  start_offloaded (bench, 1, 1, BENCH_EVERYTHING);
  host_set_power (bench->host, NdisDeviceStateD3, bench_caller (bench, 1));

  host_set_power (bench->host, NdisDeviceStateD2, bench_caller (bench, 2));

  assert_int_equal (bench->failed[2], 1);
  assert_int_equal (bench->done[1], 0);
}

static void
a_wake_waits_for_what_is_under_way (void **state)
{
  Bench *bench = *state;
  start_offloaded (bench, 1, 1, BENCH_EVERYTHING);
  host_set_power (bench->host, NdisDeviceStateD3, bench_caller (bench, 1));

  host_set_power (bench->host, NdisDeviceStateD0, bench_caller (bench, 2));

  assert_int_equal (bench->done[2] + bench->failed[2], 0);
  bench_run (bench, 500);
  assert_int_equal (bench->done[1], 1);
  assert_int_equal (bench->done[2], 1);
  assert_int_equal (bench->host->power.state, NdisDeviceStateD0);
}

/* Status */

static void
a_pause_holds_new_offloads_until_the_resume (void **state)
{
  Bench *bench = *state;
  TrafficSpec spec = bench_silence ();
  bench_start (bench, &spec, 1, 1);
  bench_run (bench, 100);
  indicate_status (bench, NDIS_STATUS_OFFLOAD_PAUSE);
  bench_run (bench, 100);
  host_offload (bench->host, BENCH_EVERYTHING, NULL, bench_caller (bench, 0));
  bench_run (bench, 1000);
  assert_null (bench_find (bench, NDIS_CALL_MiniportInitiateOffload, 0));
  assert_int_equal (bench->done[0], 0);

  indicate_status (bench, NDIS_STATUS_OFFLOAD_RESUME);
  bench_run (bench, 1000);

  assert_non_null (bench_find (bench, NDIS_CALL_MiniportInitiateOffload, 0));
}

static bool
somebody_is_on_the_way (const Bench *bench)
{
  for (uint32_t id = 0; id < BENCH_CONNECTIONS; id++)
    if (bench->host->connection[id].owner == OWN_INITIATING)
      return true;
  return false;
}

/* STS-06 */
static void
a_pause_without_a_resume_leaves_what_is_offloaded_at_work (void **state)
{
  Bench *bench = *state;
  start_offloaded (bench, 1, 1, (HostSet){ 0, 0 });
  indicate_status (bench, NDIS_STATUS_OFFLOAD_PAUSE);
  bench_run (bench, 100);
  host_offload (bench->host, BENCH_EVERYTHING, NULL, bench_caller (bench, 1));

  for (uint32_t i = 0; i < 20; i++) {
    host_send (bench->host, (HostSet){ 0, 0 }, 500);
    bench_run (bench, 1000);
    BenchCall *send = bench_find (bench, NDIS_CALL_MiniportTcpOffloadSend, i);
    assert_non_null (send);
    bench_complete_list (bench, send, NDIS_STATUS_SUCCESS, 500);
    bench_indicate (bench, 0, (uint64_t)i * 100, 100);
    bench_run (bench, 1000);
    assert_int_equal (host_delivered_bytes (bench->host, 0), (i + 1) * 100);
  }
  assert_int_equal (bench_count (bench, NDIS_CALL_MiniportInitiateOffload), 1);
  assert_int_equal (bench->done[1], 0);
}

static void
a_pause_takes_a_tree_back_that_is_being_prepared (void **state)
{
  Bench *bench = *state;
  TrafficSpec spec = bench_silence ();
  bench_start (bench, &spec, 1, 1);
  bench_run (bench, 100);
  host_offload (bench->host, BENCH_EVERYTHING, NULL, bench_caller (bench, 0));
  while (!somebody_is_on_the_way (bench))
    bench_run (bench, 1);
  assert_null (bench_find (bench, NDIS_CALL_MiniportInitiateOffload, 0));

  indicate_status (bench, NDIS_STATUS_OFFLOAD_PAUSE);
  bench_run (bench, 300);
  assert_null (bench_find (bench, NDIS_CALL_MiniportInitiateOffload, 0));
  for (uint32_t id = 0; id < BENCH_CONNECTIONS; id++)
    assert_int_equal (bench->host->connection[id].owner, OWN_HOST);
  assert_int_equal (bench->host->path[0].object.state, OBJECT_HOST);
  assert_int_equal (bench->host->path[0].object.dependents, 0);

  indicate_status (bench, NDIS_STATUS_OFFLOAD_RESUME);
  bench_run (bench, 300);
  BenchCall *call = bench_find (bench, NDIS_CALL_MiniportInitiateOffload, 0);
  assert_int_equal (block_tree_nodes (call->tree), 2 + BENCH_CONNECTIONS);
}

static void
upload_all_brings_connections_paths_and_neighbors_home (void **state)
{
  Bench *bench = *state;
  start_offloaded (bench, 2, 4, BENCH_EVERYTHING);
  indicate_status (bench, NDIS_STATUS_UPLOAD_ALL);

  for (uint32_t i = 0; i < 16; i++) {
    bench_run (bench, 500);
    if (bench_nth_terminate (bench, i) == NULL)
      break;
    give_everything_back (bench, bench_nth_terminate (bench, i));
  }

  assert_int_equal (host_offloaded (bench->host, BENCH_EVERYTHING), 0);
  for (uint32_t p = 0; p < 4; p++)
    assert_int_equal (bench->host->path[p].object.state, OBJECT_HOST);
  for (uint32_t n = 0; n < 2; n++)
    assert_int_equal (bench->host->neighbor[n].object.state, OBJECT_HOST);
}

/* Update, query, invalidate, relink */

static void
an_update_writes_cached_state_and_changes_what_the_host_runs_at_once (void **state)
{
  Bench *bench = *state;
  start_offloaded (bench, 1, 1, (HostSet){ 0, 1 });
  HostOptions options = { .mask = HOST_OPTION_TTL | HOST_OPTION_KEEPALIVE,
                          .TtlOrHopLimit = 9,
                          .keepalive = true };

  host_update (bench->host, (HostSet){ 0, 2 }, HOST_AIM_CONNECTIONS, &options,
               bench_caller (bench, 1));
  bench_run (bench, 300);

  BenchCall *call = bench_find (bench, NDIS_CALL_MiniportUpdateOffload, 0);
  NDIS_MINIPORT_OFFLOAD_BLOCK_LIST *node = call->tree;
  while (node->DependentBlockList != NULL)
    node = node->DependentBlockList;
  assert_int_equal (node->Header.Type, TcpOffloadCachedState);
  const TCP_OFFLOAD_STATE_CACHED *cached = block_list_cached_state (node);
  assert_int_equal (cached->TtlOrHopLimit, 9);
  assert_true (cached->Flags & TCP_FLAG_KEEP_ALIVE_ENABLED);
  assert_true (cached->Flags & TCP_FLAG_KEEP_ALIVE_RESTART);
  assert_non_null (node->NextBlock);
  assert_null (node->NextBlock->NextBlock);
  assert_int_equal (bench->host->connection[2].tcb.ttl, 9);
}

static void
an_update_waits_for_the_one_before_it (void **state)
{
  Bench *bench = *state;
  start_offloaded (bench, 1, 1, (HostSet){ 0, 0 });
  HostOptions options = { .mask = HOST_OPTION_TTL, .TtlOrHopLimit = 9 };
  host_update (bench->host, (HostSet){ 0, 0 }, HOST_AIM_CONNECTIONS, &options,
               bench_caller (bench, 1));
  host_update (bench->host, (HostSet){ 0, 0 }, HOST_AIM_CONNECTIONS, &options,
               bench_caller (bench, 2));
  bench_run (bench, 300);
  assert_int_equal (bench_count (bench, NDIS_CALL_MiniportUpdateOffload), 1);

  bench_complete_tree (bench, bench_find (bench, NDIS_CALL_MiniportUpdateOffload, 0),
                       NDIS_STATUS_SUCCESS);
  bench_run (bench, 300);

  assert_int_equal (bench->done[1], 1);
  assert_int_equal (bench_count (bench, NDIS_CALL_MiniportUpdateOffload), 2);
}

static void
a_failed_update_is_followed_by_an_upload (void **state)
{
  Bench *bench = *state;
  start_offloaded (bench, 1, 1, (HostSet){ 0, 0 });
  HostOptions options = { .mask = HOST_OPTION_TTL, .TtlOrHopLimit = 9 };
  host_update (bench->host, (HostSet){ 0, 0 }, HOST_AIM_CONNECTIONS, &options,
               bench_caller (bench, 1));
  bench_run (bench, 300);

  bench_complete_tree (bench, bench_find (bench, NDIS_CALL_MiniportUpdateOffload, 0),
                       NDIS_STATUS_FAILURE);
  bench_run (bench, 300);

  assert_int_equal (bench->failed[1], 1);
  assert_non_null (bench_nth_terminate (bench, 0));
}

static void
queries_of_one_connection_may_overlap_and_hold_back_a_terminate (void **state)
{
  Bench *bench = *state;
  start_offloaded (bench, 1, 1, (HostSet){ 0, 0 });
  host_query (bench->host, (HostSet){ 0, 0 }, HOST_AIM_CONNECTIONS, bench_caller (bench, 1));
  host_query (bench->host, (HostSet){ 0, 0 }, HOST_AIM_CONNECTIONS, bench_caller (bench, 2));
  bench_run (bench, 300);
  assert_int_equal (bench_count (bench, NDIS_CALL_MiniportQueryOffload), 2);

  host_upload (bench->host, (HostSet){ 0, 0 }, NULL, bench_caller (bench, 3));
  bench_run (bench, 300);
  assert_null (bench_nth_terminate (bench, 0));
  for (uint32_t i = 0; i < 2; i++)
    bench_complete_tree (bench, bench_find (bench, NDIS_CALL_MiniportQueryOffload, i),
                         NDIS_STATUS_SUCCESS);
  bench_run (bench, 300);

  assert_int_equal (bench->done[1] + bench->done[2], 2);
  assert_non_null (bench_nth_terminate (bench, 0));
}

static void
an_invalidated_neighbor_loses_its_connections (void **state)
{
  Bench *bench = *state;
  start_offloaded (bench, 2, 2, BENCH_EVERYTHING);

  host_invalidate (bench->host, (HostSet){ 0, 0 }, HOST_AIM_NEIGHBORS, bench_caller (bench, 1));
  bench_run (bench, 300);
  BenchCall *call = bench_find (bench, NDIS_CALL_MiniportInvalidateOffload, 0);
  assert_int_equal (call->tree->Header.Type, NeighborOffloadState);
  assert_false (call->tree->model.has_state);
  assert_int_equal (block_tree_nodes (call->tree), 1);
  bench_complete_tree (bench, call, NDIS_STATUS_SUCCESS);
  bench_run (bench, 500);

  assert_true (bench->host->neighbor[0].object.invalid);
  assert_non_null (bench_nth_terminate (bench, 0));
}

static void
a_relink_offloads_the_new_neighbor_moves_the_paths_and_drops_the_old_one (void **state)
{
  Bench *bench = *state;
  TrafficSpec spec = bench_silence ();
  bench_start (bench, &spec, 2, 2); /* path 0 on neighbor 0: even connections */
  bench_run (bench, 100);
  bench_offload (bench, (HostSet){ 0, 0 }, HOST_TREE_ONE);
  bench_run (bench, 200);

  host_relink (bench->host, (HostSet){ 0, 0 }, 1, false, bench_caller (bench, 1));
  bench_run (bench, 300);
  BenchCall *call = bench_find (bench, NDIS_CALL_MiniportInitiateOffload, 1);
  assert_int_equal (block_tree_nodes (call->tree), 1);
  bench_complete_tree (bench, call, NDIS_STATUS_SUCCESS);
  bench_run (bench, 300);
  call = bench_find (bench, NDIS_CALL_MiniportUpdateOffload, 0);
  assert_true (*call->tree->MiniportOffloadContext != 0);
  assert_int_equal (call->tree->model.object_id, bench->host->neighbor[1].object.handle.object_id);
  assert_int_equal (call->tree->DependentBlockList->model.object_id,
                    bench->host->path[0].object.handle.object_id);
  bench_complete_tree (bench, call, NDIS_STATUS_SUCCESS);
  bench_run (bench, 300);

  assert_int_equal (bench->done[1], 1);
  assert_int_equal (bench->failed[1], 0);
  assert_int_equal (bench->host->path[0].setup.neighbor_index, 1);
  assert_int_equal (bench->host->neighbor[1].object.dependents, 1);
  BenchCall *clean = bench_nth_terminate (bench, 0);
  assert_int_equal (clean->tree->model.object_id, bench->host->neighbor[0].object.handle.object_id);
}

/* The next tree of a relink that goes to the adapter as |call|. */
static BenchCall *
relink_step (Bench *bench, NdisCall call, uint32_t nth)
{
  bench_run (bench, 300);
  BenchCall *heard = bench_find (bench, call, nth);
  assert_non_null (heard);
  return heard;
}

static void
the_old_neighbor_stays_until_the_relinking_update_is_complete (void **state)
{
  Bench *bench = *state;
  TrafficSpec spec = bench_silence ();
  bench_start (bench, &spec, 2, 2);
  bench_run (bench, 100);
  bench_offload (bench, (HostSet){ 0, 1 }, HOST_TREE_ONE); /* both neighbors */
  bench_run (bench, 200);

  host_relink (bench->host, (HostSet){ 0, 0 }, 1, false, bench_caller (bench, 1));
  BenchCall *update = relink_step (bench, NDIS_CALL_MiniportUpdateOffload, 0);
  assert_int_equal (bench->host->neighbor[0].object.dependents, 1);
  host_query (bench->host, (HostSet){ 1, 1 }, HOST_AIM_CONNECTIONS,
              bench_caller (bench, 2)); /* its end would clean */
  bench_complete_tree (bench, relink_step (bench, NDIS_CALL_MiniportQueryOffload, 0),
                       NDIS_STATUS_SUCCESS);
  bench_run (bench, 300);
  assert_null (bench_nth_terminate (bench, 0));
  bench_complete_tree (bench, update, NDIS_STATUS_SUCCESS);
  bench_run (bench, 300);

  assert_int_equal (bench->host->neighbor[0].object.dependents, 0);
  assert_int_equal (bench_nth_terminate (bench, 0)->tree->model.object_id,
                    bench->host->neighbor[0].object.handle.object_id);
}

static void
a_failed_router_is_invalidated_before_its_paths_move (void **state)
{
  Bench *bench = *state;
  TrafficSpec spec = bench_silence ();
  bench_start (bench, &spec, 2, 2);
  bench_run (bench, 100);
  bench_offload (bench, (HostSet){ 0, 0 }, HOST_TREE_ONE);
  bench_run (bench, 200);

  host_relink (bench->host, (HostSet){ 0, 0 }, 1, true, bench_caller (bench, 1));
  BenchCall *call = relink_step (bench, NDIS_CALL_MiniportInvalidateOffload, 0);
  assert_int_equal (call->tree->model.object_id, bench->host->neighbor[0].object.handle.object_id);
  assert_null (bench_find (bench, NDIS_CALL_MiniportInitiateOffload, 1));
  bench_complete_tree (bench, call, NDIS_STATUS_SUCCESS);
  call = relink_step (bench, NDIS_CALL_MiniportInitiateOffload, 1);
  bench_complete_tree (bench, call, NDIS_STATUS_SUCCESS);
  call = relink_step (bench, NDIS_CALL_MiniportUpdateOffload, 0);
  bench_complete_tree (bench, call, NDIS_STATUS_SUCCESS);
  bench_run (bench, 300);

  assert_int_equal (bench->done[1], 1);
  assert_int_equal (bench_nth_terminate (bench, 0)->tree->model.object_id,
                    bench->host->neighbor[0].object.handle.object_id);
  assert_int_equal (host_offloaded (bench->host, (HostSet){ 0, 0 }), 1);
}

static void
an_update_of_paths_names_each_once_with_its_cached_state (void **state)
{
  Bench *bench = *state;
  start_offloaded (bench, 4, 2, BENCH_EVERYTHING);

  host_update (bench->host, BENCH_EVERYTHING, HOST_AIM_PATHS, &nothing, bench_caller (bench, 1));
  BenchCall *call = relink_step (bench, NDIS_CALL_MiniportUpdateOffload, 0);
  uint32_t n_paths = 0;
  NDIS_MINIPORT_OFFLOAD_BLOCK_LIST *node;
  BlockWalk walk = block_walk_begin (call->tree);
  while ((node = block_walk_next (&walk)) != NULL)
    if (node->model.has_state) {
      const PATH_OFFLOAD_STATE_CACHED *cached = block_list_cached_state (node);
      assert_int_equal (node->Header.Type, Ip4OffloadCachedState);
      assert_int_equal (cached->PathMtu, bench->host->path[0].setup.path_mtu_bytes);
      n_paths++;
    }
  assert_int_equal (n_paths, bench->host->n_paths);
  bench_complete_tree (bench, call, NDIS_STATUS_SUCCESS);
  bench_run (bench, 300);
  assert_int_equal (bench->done[1], 1);
}

static void
a_query_of_a_path_overlaps_with_its_update_and_a_second_update_waits (void **state)
{
  Bench *bench = *state;
  start_offloaded (bench, 2, 1, BENCH_EVERYTHING);

  host_update (bench->host, BENCH_EVERYTHING, HOST_AIM_PATHS, &nothing, bench_caller (bench, 1));
  host_update (bench->host, BENCH_EVERYTHING, HOST_AIM_PATHS, &nothing, bench_caller (bench, 2));
  host_query (bench->host, BENCH_EVERYTHING, HOST_AIM_PATHS, bench_caller (bench, 3));
  BenchCall *update = relink_step (bench, NDIS_CALL_MiniportUpdateOffload, 0);
  BenchCall *query = relink_step (bench, NDIS_CALL_MiniportQueryOffload, 0);
  assert_true (block_list_is_placeholder (query->tree));
  assert_int_equal (query->tree->DependentBlockList->Header.Type, Ip4OffloadState);
  bench_complete_tree (bench, query, NDIS_STATUS_SUCCESS);
  bench_run (bench, 300);
  assert_int_equal (bench->done[3], 1);
  assert_null (bench_find (bench, NDIS_CALL_MiniportUpdateOffload, 1));

  bench_complete_tree (bench, update, NDIS_STATUS_SUCCESS);
  bench_complete_tree (bench, relink_step (bench, NDIS_CALL_MiniportUpdateOffload, 1),
                       NDIS_STATUS_SUCCESS);
  bench_run (bench, 300);
  assert_int_equal (bench->done[1], 1);
  assert_int_equal (bench->done[2], 1);
}

static void
a_query_of_all_names_every_object_once_in_one_tree (void **state)
{
  Bench *bench = *state;
  uint32_t named[OFFLOAD_N_LAYERS] = { 0 };
  start_offloaded (bench, 2, 4, BENCH_EVERYTHING);

  host_query (bench->host, BENCH_EVERYTHING, HOST_AIM_ALL, bench_caller (bench, 1));
  BenchCall *call = relink_step (bench, NDIS_CALL_MiniportQueryOffload, 0);
  NDIS_MINIPORT_OFFLOAD_BLOCK_LIST *node;
  BlockWalk walk = block_walk_begin (call->tree);
  while ((node = block_walk_next (&walk)) != NULL) {
    assert_true (node->model.has_state);
    named[block_list_layer ((OFFLOAD_STATE_TYPE)node->Header.Type)]++;
  }
  assert_int_equal (named[OFFLOAD_LAYER_NEIGHBOR], bench->host->n_neighbors);
  assert_int_equal (named[OFFLOAD_LAYER_PATH], bench->host->n_paths);
  assert_int_equal (named[OFFLOAD_LAYER_TCP], host_offloaded (bench->host, BENCH_EVERYTHING));
  bench_complete_tree (bench, call, NDIS_STATUS_SUCCESS);
  bench_run (bench, 300);
  assert_int_equal (bench->done[1], 1);
  assert_int_equal (bench->host->path[0].object.operations, 0);
}

static void
an_invalidate_of_placeholders_names_nothing (void **state)
{
  Bench *bench = *state;
  start_offloaded (bench, 2, 2, BENCH_EVERYTHING);

  host_invalidate (bench->host, BENCH_EVERYTHING, HOST_AIM_PLACEHOLDERS, bench_caller (bench, 1));
  BenchCall *call = relink_step (bench, NDIS_CALL_MiniportInvalidateOffload, 0);
  NDIS_MINIPORT_OFFLOAD_BLOCK_LIST *node;
  BlockWalk walk = block_walk_begin (call->tree);
  while ((node = block_walk_next (&walk)) != NULL)
    assert_true (block_list_is_placeholder (node));
  bench_complete_tree (bench, call, NDIS_STATUS_SUCCESS);
  bench_run (bench, 300);
  assert_int_equal (bench->done[1], 1);
  assert_false (bench->host->neighbor[0].object.invalid);
}

static void
an_update_of_a_neighbor_that_fails_takes_everything_below_it_back (void **state)
{
  Bench *bench = *state;
  start_offloaded (bench, 2, 2, BENCH_EVERYTHING);

  host_update (bench->host, BENCH_EVERYTHING, HOST_AIM_NEIGHBORS, &nothing,
               bench_caller (bench, 1));
  BenchCall *call = relink_step (bench, NDIS_CALL_MiniportUpdateOffload, 0);
  const NEIGHBOR_OFFLOAD_STATE_CACHED *cached = block_list_cached_state (call->tree);
  assert_int_equal (cached->DlDestinationAddress,
                    bench->host->neighbor[0].setup.destination_mac_id);
  bench_complete_tree (bench, call, NDIS_STATUS_FAILURE);
  bench_run (bench, 500);

  assert_int_equal (bench->failed[1], 1);
  assert_non_null (bench_nth_terminate (bench, 0));
}

/* Misdeeds */

static uint32_t
strikes (Bench *bench, HostDefect defect)
{
  uint32_t n = 0;

  for (guint i = 0; i < bench->log->len; i++) {
    const SimRecord *record = &g_array_index (bench->log, SimRecord, i);
    n += record->kind == TRACE_DEFECT && record->column[0] == defect;
  }
  return n;
}

static void
a_host_without_defects_does_nothing_wrong (void **state)
{
  Bench *bench = *state;
  start_offloaded (bench, 1, 2, BENCH_EVERYTHING);
  for (HostDefect defect = 0; defect < HOST_N_DEFECTS; defect++)
    assert_int_equal (strikes (bench, defect), 0);
}

static void
a_linker_without_dependents_ends_the_tree_if_asked_for (void **state)
{
  Bench *bench = *state;
  bench->config.defects = HOST_DEFECT_BIT (LINKER_WITHOUT_DEPENDENTS);
  start_offloaded (bench, 2, 2, (HostSet){ 0, 0 });

  bench_offload (bench, (HostSet){ 1, 1 }, HOST_TREE_ONE);

  assert_int_equal (strikes (bench, HOST_DEFECT_LINKER_WITHOUT_DEPENDENTS), 1);
}

static void
an_abort_is_ignored_if_asked_for (void **state)
{
  Bench *bench = *state;
  bench->config.defects = HOST_DEFECT_BIT (KEEP_ABORTED);
  start_offloaded (bench, 1, 1, (HostSet){ 0, 0 });

  bench_event (bench, 0, TcpIndicateAbort, 0);
  bench_run (bench, 500);

  assert_int_equal (strikes (bench, HOST_DEFECT_KEEP_ABORTED), 1);
  assert_null (bench_nth_terminate (bench, 0));
}

static void
a_terminate_overtakes_a_query_if_asked_for (void **state)
{
  Bench *bench = *state;
  bench->config.defects = HOST_DEFECT_BIT (TERMINATE_BEFORE_QUERY_DONE);
  start_offloaded (bench, 1, 1, (HostSet){ 0, 0 });
  host_query (bench->host, (HostSet){ 0, 0 }, HOST_AIM_CONNECTIONS, bench_caller (bench, 1));
  bench_run (bench, 300);

  host_upload (bench->host, (HostSet){ 0, 0 }, NULL, bench_caller (bench, 2));
  bench_run (bench, 300);

  assert_non_null (bench_nth_terminate (bench, 0));
  assert_int_equal (bench->done[1], 0);
  assert_int_equal (strikes (bench, HOST_DEFECT_TERMINATE_BEFORE_QUERY_DONE), 1);
}

static void
defects_and_costs_are_found_by_name (void **state)
{
  (void)state;
  HostDefect defect;

  assert_true (host_defect_by_name ("host-return-twice", &defect));
  assert_int_equal (defect, HOST_DEFECT_RETURN_TWICE);
  assert_false (host_defect_by_name ("nothing of the kind", &defect));
  assert_null (host_defect_name (HOST_N_DEFECTS));
  for (HostDefect d = 0; d < HOST_N_DEFECTS; d++) {
    assert_non_null (host_defect_what (d));
    assert_non_null (host_defect_rules (d));
  }
  assert_string_equal (host_cost_name (HOST_COST_TCP_RECEIVE), "tcp_receive");
  assert_int_equal (host_cost_default_cycles (HOST_COST_TCP_RECEIVE), 4452);
  assert_string_equal (host_cost_per_name (host_cost_per (HOST_COST_COPY_SEND)), "1024 bytes");
  for (HostCost cost = 0; cost < HOST_N_COSTS; cost++)
    assert_non_null (host_cost_source (cost));
}

int
main (void)
{
#define TEST(name) cmocka_unit_test_setup_teardown (name, bench_setup, bench_teardown)
  const struct CMUnitTest tests[] = {
    TEST (everything_is_terminated_before_the_device_sleeps),
    TEST (the_power_request_waits_for_an_initiate_on_its_way),
    TEST (offloads_fail_while_the_device_sleeps_and_frames_do_not_leave),
    TEST (awake_again_the_host_asks_for_capabilities_and_offloads_what_it_lost),
    TEST (what_was_offloaded_is_remembered_until_the_chimney_is_on_again),
    TEST (an_adapter_that_does_not_answer_when_awake_gets_nothing),
    TEST (a_chimney_that_could_not_be_switched_off_is_on),
    TEST (a_second_power_request_meanwhile_is_refused),
    TEST (a_wake_waits_for_what_is_under_way),
    TEST (a_pause_holds_new_offloads_until_the_resume),
    TEST (a_pause_without_a_resume_leaves_what_is_offloaded_at_work),
    TEST (a_pause_takes_a_tree_back_that_is_being_prepared),
    TEST (upload_all_brings_connections_paths_and_neighbors_home),
    TEST (an_update_writes_cached_state_and_changes_what_the_host_runs_at_once),
    TEST (an_update_waits_for_the_one_before_it),
    TEST (a_failed_update_is_followed_by_an_upload),
    TEST (queries_of_one_connection_may_overlap_and_hold_back_a_terminate),
    TEST (an_invalidated_neighbor_loses_its_connections),
    TEST (a_relink_offloads_the_new_neighbor_moves_the_paths_and_drops_the_old_one),
    TEST (the_old_neighbor_stays_until_the_relinking_update_is_complete),
    TEST (a_failed_router_is_invalidated_before_its_paths_move),
    TEST (an_update_of_paths_names_each_once_with_its_cached_state),
    TEST (a_query_of_a_path_overlaps_with_its_update_and_a_second_update_waits),
    TEST (a_query_of_all_names_every_object_once_in_one_tree),
    TEST (an_invalidate_of_placeholders_names_nothing),
    TEST (an_update_of_a_neighbor_that_fails_takes_everything_below_it_back),
    TEST (a_host_without_defects_does_nothing_wrong),
    TEST (a_linker_without_dependents_ends_the_tree_if_asked_for),
    TEST (an_abort_is_ignored_if_asked_for),
    TEST (a_terminate_overtakes_a_query_if_asked_for),
    cmocka_unit_test (defects_and_costs_are_found_by_name),
  };
  return cmocka_run_group_tests (tests, NULL, NULL);
}
