#include "tests/target/target_bench.h"

/* Update, query, invalidate, OIDs, power, reachability, and what a timeline does. */

typedef PNDIS_PROTOCOL_OFFLOAD_BLOCK_LIST Node;

static int
set_up (void **state)
{
  TargetConfig config = target_bench_config ();
  TargetBench *b = target_bench_new (&config);

  *state = b;
  target_bench_offload (b, 0);
  return 0;
}

static int
tear_down (void **state)
{
  target_bench_free (*state);
  return 0;
}

static void
update_step (Bench *bench, void *tree)
{
  NdisUpdateOffload (bench->host.binding, tree);
}

static void
query_step (Bench *bench, void *tree)
{
  NdisQueryOffloadState (bench->host.binding, tree);
}

static void
invalidate_step (Bench *bench, void *tree)
{
  NdisInvalidateOffload (bench->host.binding, tree);
}

static void
oid_step (Bench *bench, void *request)
{
  NdisOidRequest (bench->host.binding, request);
}

static Node
node_of (TargetBench *b, OFFLOAD_STATE_TYPE type, uint32_t object, bool with_state)
{
  return ndis_block_list_new (b->bench->ndis, type, with_state, target_bench_handle (b, object),
                              ndis_next_op_id (b->bench->ndis));
}

static void
an_updated_path_mtu_cuts_later_segments (void **state)
{
  TargetBench *b = *state;
  Node path = node_of (b, Ip4OffloadCachedState, 2, true);
  PATH_OFFLOAD_STATE_CACHED *cached = block_list_cached_state (block_list_miniport_view (path));

  cached->PathMtu = 600;
  target_bench_do (b, update_step, path, 100);
  assert_int_equal (path->Status, NDIS_STATUS_SUCCESS);
  target_bench_send (b, 0, send_list (b, 0, 0, 1000), 100);
  assert_int_equal (arrived_at (b, 0)->payload.bytes, 560);
  block_tree_free (path);
}

static void
an_mtu_beyond_the_limit_fails_the_update_and_the_old_one_stays (void **state)
{
  TargetBench *b = *state;
  Node path = node_of (b, Ip4OffloadCachedState, 2, true);
  PATH_OFFLOAD_STATE_CACHED *cached = block_list_cached_state (block_list_miniport_view (path));

  cached->PathMtu = 64000;
  target_bench_do (b, update_step, path, 100);
  assert_int_equal (path->Status, NDIS_STATUS_FAILURE);
  target_bench_send (b, 0, send_list (b, 0, 0, 2000), 100);
  assert_int_equal (arrived_at (b, 0)->payload.bytes, 1460);
  block_tree_free (path);
}

static void
a_neighbor_that_answers_from_another_mac_gets_later_frames_there (void **state)
{
  TargetBench *b = *state;
  Node node = node_of (b, NeighborOffloadCachedState, 1, true);
  NEIGHBOR_OFFLOAD_STATE_CACHED *cached = block_list_cached_state (block_list_miniport_view (node));

  cached->DlDestinationAddress = 555;
  target_bench_do (b, update_step, node, 100);
  target_bench_send (b, 0, send_list (b, 0, 0, 10), 100);
  assert_int_equal (last_arrived (b)->destination_mac_id, 555);
  block_tree_free (node);
}

static void
a_path_moves_to_another_neighbor (void **state)
{
  TargetBench *b = *state;
  target_bench_offload_tree (b, neighbor_node (b, 3, ndis_next_op_id (b->bench->ndis)));
  Node root = node_of (b, NeighborOffloadState, 3, false);
  Node path = add_dependent (root, node_of (b, Ip4OffloadState, 2, false));

  target_bench_do (b, update_step, root, 100);
  assert_int_equal (path->Status, NDIS_STATUS_SUCCESS);
  assert_non_null (bench_record (b->bench, TRACE_CONTEXT_LINK, -1, 0, 0));
  target_bench_send (b, 0, send_list (b, 0, 0, 10), 100);
  assert_int_equal (last_arrived (b)->destination_mac_id, 103);
  block_tree_free (root);
}

static void
an_update_of_the_window_is_advertised (void **state)
{
  TargetBench *b = *state;
  Node node = node_of (b, TcpOffloadCachedState, 20, true);
  TCP_OFFLOAD_STATE_CACHED *cached = block_list_cached_state (block_list_miniport_view (node));

  cached->InitialRcvWnd = 20000;
  cached->TtlOrHopLimit = 9;
  cached->Flags = TCP_FLAG_UPDATE_RCV_WND;
  target_bench_do (b, update_step, node, 100);
  assert_int_equal (node->Status, NDIS_STATUS_SUCCESS);
  assert_true (b->arrived->len >= 1);
  assert_int_equal (last_arrived (b)->ttl, 9);
  block_tree_free (node);

  /* What was promised is taken before the window is the new one. */
  b->bench->host.answer = (NdisResult){ NDIS_STATUS_SUCCESS, 1460 };
  for (uint32_t i = 0; i < 40; i++)
    peer_sends (b, 0, (PeerSegment){ RCV_NXT + 1460 * i, SND_UNA, TCP_ACK | TCP_PSH, 1460 }, 100);
  assert_int_equal (last_arrived (b)->ack, RCV_NXT + 40 * 1460);
  assert_int_equal (last_arrived (b)->window, 20000 - 1460); /* told before the host has it */
}

static void
a_query_writes_all_that_is_asked_for (void **state)
{
  TargetBench *b = *state;
  b->bench->host.answer = (NdisResult){ NDIS_STATUS_OFFLOAD_DATA_NOT_ACCEPTED, 0 };
  peer_sends (b, 0, (PeerSegment){ RCV_NXT, SND_UNA, TCP_ACK | TCP_PSH, 70 }, 50);
  Node node = node_of (b, TcpOffloadState, 20, true);
  NDIS_MINIPORT_OFFLOAD_BLOCK_LIST *view = block_list_miniport_view (node);
  const TCP_OFFLOAD_STATE_CONST *constants = block_list_const_state (view);
  const TCP_OFFLOAD_STATE_CACHED *cached = block_list_cached_state (view);
  const TCP_OFFLOAD_STATE_DELEGATED *delegated = block_list_delegated_state (view);

  target_bench_do (b, query_step, node, 100);
  assert_int_equal (node->Status, NDIS_STATUS_SUCCESS);
  assert_int_equal (constants->LocalPort, 10000);
  assert_int_equal (cached->InitialRcvWnd, WINDOW);
  assert_int_equal (delegated->RcvNxt, RCV_NXT + 70);
  assert_int_equal (delegated->ReceiveBacklogSize, 70);
  assert_int_equal (delegated->SendBacklogSize, TCP_BACKLOG_UNSUPPORTED);
  block_tree_free (node);
}

static void
two_queries_of_one_object_may_overlap (void **state)
{
  TargetBench *b = *state;
  Node first = node_of (b, TcpOffloadDelegatedState, 20, true);
  Node second = node_of (b, TcpOffloadDelegatedState, 20, true);

  target_bench_do (b, query_step, first, 2);
  target_bench_do (b, query_step, second, 100);
  assert_true (bench_begin (b->bench, NDIS_CALL_MiniportQueryOffload, 1)->number
               < bench_begin (b->bench, NDIS_CALL_NdisMQueryOffloadStateComplete, 0)->number);
  assert_int_equal (first->Status, NDIS_STATUS_SUCCESS);
  assert_int_equal (second->Status, NDIS_STATUS_SUCCESS);
  block_tree_free (first);
  block_tree_free (second);
}

static void
an_invalidated_neighbor_stops_its_connections_and_asks_for_their_upload (void **state)
{
  TargetBench *b = *state;
  Node node = node_of (b, NeighborOffloadState, 1, false);
  NET_BUFFER_LIST *list = send_list (b, 0, 0, 10);

  target_bench_do (b, invalidate_step, node, 100);
  assert_int_equal (node->Status, NDIS_STATUS_SUCCESS);
  assert_int_equal (b->bench->host.last_event[1], InvalidState);
  target_bench_send (b, 0, list, 100);
  assert_int_equal (b->arrived->len, 0);
  assert_int_equal (list->Status, NDIS_STATUS_UPLOAD_IN_PROGRESS);
  block_tree_free (node);
}

/* INV-02: the mark outlives the operation. */
static void
what_comes_to_an_invalid_neighbor_later_is_asked_back_too (void **state)
{
  TargetBench *b = *state;
  Node node = node_of (b, NeighborOffloadState, 1, false);
  target_bench_do (b, invalidate_step, node, 100);
  block_tree_free (node);
  target_bench_forget (b);
  Node path = fake_node (b->bench, OFFLOAD_LAYER_PATH, target_bench_handle (b, 2),
                         ndis_next_op_id (b->bench->ndis));
  Node tcp = add_dependent (path, tcp_node (b, 1, path->model.op_id));

  target_bench_do (b, initiate_step, path, 300);
  assert_int_equal (tcp->Status, NDIS_STATUS_SUCCESS);
  assert_non_null (host_heard (b, NDIS_CALL_ProtocolTcpOffloadEvent, 0));
  assert_ptr_equal (b->bench->host.last_handle, target_bench_handle (b, 21));
  assert_int_equal (b->bench->host.last_event[1], InvalidState);
  block_tree_free (path);
}

static void
under_the_other_reading_an_invalidated_neighbor_is_still_sent_to (void **state)
{
  TargetConfig config = target_bench_config ();
  config.knobs.on_invalidate = TARGET_INVALIDATE_CONTINUES;
  target_bench_free (*state);
  TargetBench *b = *state = target_bench_new (&config);
  target_bench_offload (b, 0);
  Node node = node_of (b, NeighborOffloadState, 1, false);

  target_bench_do (b, invalidate_step, node, 100);
  assert_int_equal (b->bench->host.last_event[1], InvalidState);
  target_bench_send (b, 0, send_list (b, 0, 0, 10), 100);
  assert_int_equal (b->arrived->len, 1);
  block_tree_free (node);
}

static void
a_query_of_a_corrupt_object_fails_and_the_failure_is_told_after_it (void **state)
{
  TargetBench *b = *state;
  Node node = node_of (b, TcpOffloadDelegatedState, 20, true);

  target_fail_hardware (b->target, OFFLOAD_LAYER_TCP, 0);
  target_bench_do (b, query_step, node, 200);
  assert_int_equal (node->Status, NDIS_STATUS_FAILURE);
  assert_true (bench_end (b->bench, NDIS_CALL_NdisMQueryOffloadStateComplete, 0)->number
               < bench_begin (b->bench, NDIS_CALL_NdisTcpOffloadEventHandler, 0)->number);
  assert_int_equal (b->bench->host.last_event[0], TcpIndicateAbort);
  block_tree_free (node);
}

static void
a_neighbor_that_is_lost_fails_its_query_and_the_events_are_of_what_hangs_from_it (void **state)
{
  TargetBench *b = *state;
  Node node = node_of (b, NeighborOffloadState, 1, true);

  assert_true (target_fail_hardware (b->target, OFFLOAD_LAYER_NEIGHBOR, 0));
  assert_false (target_fail_hardware (b->target, OFFLOAD_LAYER_PATH, 0));
  target_bench_do (b, query_step, node, 200);
  assert_int_equal (node->Status, NDIS_STATUS_FAILURE);
  assert_int_equal (b->bench->host.last_event[0], TcpIndicateAbort);
  block_tree_free (node);
}

/* OIDs */

static void
set_power (TargetBench *b, NDIS_OID_REQUEST *request, NDIS_DEVICE_POWER_STATE to, int64_t us)
{
  *request = (NDIS_OID_REQUEST){ .Oid = OID_PNP_SET_POWER, .is_set = true, .id = 900 };
  request->data.power = to;
  request->status = NDIS_STATUS_PENDING;
  target_bench_do (b, oid_step, request, us);
}

static void
set_power_waits_for_the_last_terminate (void **state)
{
  TargetBench *b = *state;
  NDIS_OID_REQUEST request;

  set_power (b, &request, NdisDeviceStateD3, 100);
  assert_int_equal (request.status, NDIS_STATUS_PENDING);
  block_tree_free (target_bench_terminate_tree (b, 0));
  target_bench_wait (b, 5000);
  assert_int_equal (request.status, NDIS_STATUS_SUCCESS);
  assert_int_equal (target_power (b->target), NdisDeviceStateD3);
  assert_true (bench_end (b->bench, NDIS_CALL_NdisMTerminateOffloadComplete, 0)->number
               < bench_begin (b->bench, NDIS_CALL_NdisMOidRequestComplete, 0)->number);
}

static void
an_initiate_during_power_down_fails (void **state)
{
  TargetBench *b = *state;
  NDIS_OID_REQUEST request;
  Node path = path_node (b, 2, ndis_next_op_id (b->bench->ndis));

  set_power (b, &request, NdisDeviceStateD3, 100);
  add_dependent (path, tcp_node (b, 1, path->model.op_id));
  target_bench_do (b, initiate_step, path, 200);
  assert_int_equal (path->DependentBlockList->Status, NDIS_STATUS_FAILURE);
  assert_false (target_is_offloaded (b->target, 1));
  block_tree_free (path);
  block_tree_free (target_bench_terminate_tree (b, 0));
  target_bench_wait (b, 5000);
  assert_int_equal (request.status, NDIS_STATUS_SUCCESS);
}

static void
after_the_return_to_d0_connections_are_offloaded_again (void **state)
{
  TargetBench *b = *state;
  NDIS_OID_REQUEST request;

  block_tree_free (target_bench_terminate_tree (b, 0));
  set_power (b, &request, NdisDeviceStateD3, 5000);
  assert_int_equal (request.status, NDIS_STATUS_SUCCESS);
  set_power (b, &request, NdisDeviceStateD0, 20000);
  assert_int_equal (request.status, NDIS_STATUS_SUCCESS);
  assert_int_equal (target_power (b->target), NdisDeviceStateD0);
  target_bench_forget (b);
  target_bench_offload (b, 1);
}

static void
statistics_count_offloaded_traffic_and_a_set_clears_them (void **state)
{
  TargetBench *b = *state;
  NDIS_OID_REQUEST request = { .Oid = OID_TCP4_OFFLOAD_STATS, .id = 901 };

  target_bench_send (b, 0, send_list (b, 0, 0, 2000), 50);
  peer_sends (b, 0, (PeerSegment){ RCV_NXT, SND_UNA + 2000, TCP_ACK, 0 }, 50);
  peer_sends (b, 9, (PeerSegment){ RCV_NXT, SND_UNA, TCP_ACK, 0 }, 50);
  target_bench_do (b, oid_step, &request, 50);
  assert_int_equal (request.data.tcp_stats.OutSegments, 2);
  assert_int_equal (request.data.tcp_stats.InSegments, 1);
  assert_int_equal (request.data.tcp_stats.CurrentlyEstablished, 1);
  request.is_set = true;
  target_bench_do (b, oid_step, &request, 50);
  request.is_set = false;
  target_bench_do (b, oid_step, &request, 50);
  assert_int_equal (request.data.tcp_stats.OutSegments, 0);
  assert_int_equal (request.data.tcp_stats.CurrentlyEstablished, 1);
}

static void
parameters_set_the_unit_of_ticks (void **state)
{
  TargetConfig config = target_bench_config ();
  target_bench_free (*state);
  TargetBench *b = *state = target_bench_new (&config);
  NDIS_OID_REQUEST request = { .Oid = OID_TCP_CONNECTION_OFFLOAD_PARAMETERS,
                               .is_set = true,
                               .id = 902 };
  request.data.parameters = (NDIS_TCP_CONNECTION_OFFLOAD_PARAMETERS){
    .TicksPerSecond = 100,
    .TcpAckFrequency = 2,
    .TcpDelayedAckTicks = 1,
    .TcpMaximumRetransmissions = 5,
    .TcpDuplicateAckThreshold = 3,
    .TcpPushTicks = 50,
    .NceStaleTicks = 0,
  };
  target_bench_do (b, oid_step, &request, 50);
  assert_int_equal (request.status, NDIS_STATUS_SUCCESS);
  target_bench_forget (b);
  target_bench_offload (b, 0);
  target_bench_post (b, 0, receive_list (b, 0, 100), 50);
  peer_sends (b, 0, (PeerSegment){ RCV_NXT, SND_UNA, TCP_ACK | TCP_PSH, 100 }, 11000);
  assert_int_equal (b->arrived->len, 1); /* after one tick of 10 ms */

  request.data.parameters.TicksPerSecond = 7;
  target_bench_do (b, oid_step, &request, 50);
  assert_int_equal (request.status, NDIS_STATUS_FAILURE);
}

/* Reachability */

static void
a_stale_neighbor_is_asked_about_once_before_a_datagram (void **state)
{
  TargetConfig config = target_bench_config ();
  config.nce_stale_ticks = 10;
  target_bench_free (*state);
  TargetBench *b = *state = target_bench_new (&config);
  target_bench_offload (b, 0);

  target_bench_wait (b, 30000);
  b->bench->host.write_reachability = 0;
  target_bench_send (b, 0, send_list (b, 0, 0, 3000), 100);
  const FakeRequest *asked = host_heard (b, NDIS_CALL_ProtocolIndicateOffloadEvent, 0);
  assert_non_null (asked);
  assert_null (host_heard (b, NDIS_CALL_ProtocolIndicateOffloadEvent, 1));
  assert_ptr_equal (b->bench->host.last_handle, target_bench_handle (b, 1));
  target_bench_send (b, 0, send_list (b, 0, 3000, 10), 100);
  assert_null (host_heard (b, NDIS_CALL_ProtocolIndicateOffloadEvent, 1));
}

static TargetBench *
bench_with_stale_ticks (void **state, uint32_t ticks)
{
  TargetConfig config = target_bench_config ();
  config.nce_stale_ticks = ticks;
  target_bench_free (*state);
  return *state = target_bench_new (&config);
}

/* STATE-10, NUD-04: neither confirmation may be younger. */
static void
a_neighbor_is_stale_when_both_confirmations_are_old (void **state)
{
  static const struct {
    uint32_t HostReachabilityDelta, NicReachabilityDelta;
    bool is_asked;
  } rows[] = { { 20, 20, true }, { 20, 0, false }, { 0, 20, false }, { 9, 9, false } };

  for (size_t i = 0; i < G_N_ELEMENTS (rows); i++) {
    TargetBench *b = bench_with_stale_ticks (state, 10);
    Node root = connection_tree (b, 0);
    NDIS_MINIPORT_OFFLOAD_BLOCK_LIST *neighbor = block_list_miniport_view (root);
    NEIGHBOR_OFFLOAD_STATE_CACHED *cached = block_list_cached_state (neighbor);
    NEIGHBOR_OFFLOAD_STATE_DELEGATED *delegated = block_list_delegated_state (neighbor);
    cached->HostReachabilityDelta = rows[i].HostReachabilityDelta;
    delegated->NicReachabilityDelta = rows[i].NicReachabilityDelta;
    target_bench_offload_tree (b, root);
    target_bench_send (b, 0, send_list (b, 0, 0, 100), 100);
    assert_int_equal (host_heard (b, NDIS_CALL_ProtocolIndicateOffloadEvent, 0) != NULL,
                      rows[i].is_asked);
  }
}

/* NUD-08, NUD-09: 0 is "now"; anything else is that long ago. */
static void
the_hosts_answer_says_how_old_its_confirmation_is (void **state)
{
  static const struct {
    uint32_t answer;
    int64_t wait_us;
    bool is_asked;
  } rows[] = { { 0, 8000, false }, { 0, 13000, true }, { 7, 2000, false }, { 7, 8000, true } };

  for (size_t i = 0; i < G_N_ELEMENTS (rows); i++) {
    TargetBench *b = bench_with_stale_ticks (state, 10);
    target_bench_offload (b, 0);
    target_bench_wait (b, 30000);
    b->bench->host.write_reachability = rows[i].answer;
    target_bench_send (b, 0, send_list (b, 0, 0, 100), 100);
    assert_non_null (host_heard (b, NDIS_CALL_ProtocolIndicateOffloadEvent, 0));
    target_bench_wait (b, rows[i].wait_us);
    target_bench_send (b, 0, send_list (b, 0, 100, 100), 100);
    assert_int_equal (host_heard (b, NDIS_CALL_ProtocolIndicateOffloadEvent, 1) != NULL,
                      rows[i].is_asked);
  }
}

/* STATE-11 */
static void
a_neighbor_comes_back_with_the_age_of_its_last_proof (void **state)
{
  TargetBench *b = *state;

  target_bench_wait (b, 40000);
  target_bench_send (b, 0, send_list (b, 0, 0, 10), 100);
  peer_sends (b, 0, (PeerSegment){ RCV_NXT, SND_UNA + 10, TCP_ACK, 0 }, 15000);
  Node root = target_bench_terminate_tree (b, 0);
  const NEIGHBOR_OFFLOAD_STATE_DELEGATED *delegated =
      block_list_delegated_state (block_list_miniport_view (root));
  assert_true (delegated->NicReachabilityDelta >= 15 && delegated->NicReachabilityDelta <= 16);
  block_tree_free (root);
}

static void
progress_keeps_a_neighbor_fresh (void **state)
{
  TargetConfig config = target_bench_config ();
  config.nce_stale_ticks = 10;
  target_bench_free (*state);
  TargetBench *b = *state = target_bench_new (&config);
  target_bench_offload (b, 0);

  for (uint32_t i = 0; i < 6; i++) {
    target_bench_send (b, 0, send_list (b, 0, 10 * i, 10), 5000);
    peer_sends (b, 0, (PeerSegment){ RCV_NXT, SND_UNA + 10 * (i + 1), TCP_ACK, 0 }, 100);
  }
  assert_null (host_heard (b, NDIS_CALL_ProtocolIndicateOffloadEvent, 0));
}

/* NUD-02: 30 ms are 30 ticks, whatever the counter says before and after them. */
static void
the_age_of_a_neighbor_is_right_across_the_wrap_of_the_tick_counter (void **state)
{
  static const struct {
    uint32_t ticks_before_wrap, nce_stale_ticks;
    bool is_asked;
  } rows[] = {
    { 1, 20, true },   { 1, 40, false },         { 15, 20, true },
    { 15, 40, false }, { UINT32_MAX, 20, true },
  };

  for (size_t i = 0; i < G_N_ELEMENTS (rows); i++) {
    TargetConfig config = target_bench_config ();
    config.nce_stale_ticks = rows[i].nce_stale_ticks;
    config.ticks_before_wrap = rows[i].ticks_before_wrap;
    target_bench_free (*state);
    TargetBench *b = *state = target_bench_new (&config);
    target_bench_offload (b, 0);

    target_bench_wait (b, 30000);
    target_bench_send (b, 0, send_list (b, 0, 0, 3000), 100);

    assert_int_equal (host_heard (b, NDIS_CALL_ProtocolIndicateOffloadEvent, 0) != NULL,
                      rows[i].is_asked);
  }
}

/* The timeline */

static void
capabilities_change_when_everything_has_been_uploaded (void **state)
{
  TargetBench *b = *state;
  const TargetCapabilities none = { .connections = 0, .ipv4 = true };

  assert_true (target_set_capabilities (b->target, &none));
  target_bench_wait (b, 200);
  assert_int_equal (b->bench->host.last_status, NDIS_STATUS_UPLOAD_ALL);
  assert_null (bench_record (b->bench, TRACE_CAPABILITIES, -1, 0, 0));

  block_tree_free (target_bench_terminate_tree (b, 0));
  target_bench_wait (b, 200);
  assert_int_equal (bench_record (b->bench, TRACE_CAPABILITIES, -1, 0, 0)->column[1], 0);
  assert_int_equal (b->bench->host.last_status, NDIS_STATUS_OFFLOAD_RESUME);
}

static void
pause_resume_and_upload_all_are_indicated (void **state)
{
  TargetBench *b = *state;

  target_pause (b->target);
  target_bench_wait (b, 50);
  assert_int_equal (b->bench->host.last_status, NDIS_STATUS_OFFLOAD_PAUSE);
  target_resume (b->target);
  target_bench_wait (b, 50);
  assert_int_equal (b->bench->host.last_status, NDIS_STATUS_OFFLOAD_RESUME);
  target_upload_all (b->target);
  target_bench_wait (b, 50);
  assert_int_equal (b->bench->host.last_status, NDIS_STATUS_UPLOAD_ALL);
}

static void
a_requested_upload_stops_the_connection_and_turns_posts_away (void **state)
{
  TargetBench *b = *state;
  NET_BUFFER_LIST *sent = send_list (b, 0, 0, 10);
  NET_BUFFER_LIST *posted = receive_list (b, 0, 10);

  assert_true (target_request_upload (b->target, 0, UploadRequested));
  target_bench_send (b, 0, sent, 0);
  assert_null (host_heard (b, NDIS_CALL_ProtocolTcpOffloadEvent, 0)); /* not asked yet */
  target_bench_wait (b, 50);
  assert_non_null (host_heard (b, NDIS_CALL_ProtocolTcpOffloadEvent, 0));
  target_bench_post (b, 0, posted, 50);
  assert_int_equal (sent->Status, NDIS_STATUS_UPLOAD_IN_PROGRESS);
  assert_int_equal (posted->Status, NDIS_STATUS_UPLOAD_IN_PROGRESS);
  peer_sends (b, 0, (PeerSegment){ RCV_NXT, SND_UNA, TCP_ACK, 10 }, 50);
  assert_non_null (host_heard (b, NDIS_CALL_ProtocolReceiveNetBufferLists, 0));
  assert_false (target_request_upload (b->target, 9, UploadRequested));
}

static void
an_optional_reason_leaves_the_connection_working (void **state)
{
  TargetConfig config = target_bench_config ();
  config.uploads.out_of_order_max = 2;
  target_bench_free (*state);
  TargetBench *b = *state = target_bench_new (&config);
  target_bench_offload (b, 0);

  for (uint32_t i = 1; i < 5; i++)
    peer_sends (b, 0, (PeerSegment){ RCV_NXT + 100 * i, SND_UNA, TCP_ACK, 100 }, 20);
  assert_non_null (host_heard (b, NDIS_CALL_ProtocolTcpOffloadEvent, 0));
  assert_null (host_heard (b, NDIS_CALL_ProtocolTcpOffloadEvent, 1));
  assert_int_equal (b->bench->host.last_event[1], HighOutOfOrderPackets);
  target_bench_send (b, 0, send_list (b, 0, 0, 10), 50);
  assert_int_equal (last_arrived (b)->payload.bytes, 10);
}

static void
a_cache_miss_in_host_memory_costs_a_read (void **state)
{
  TargetConfig config = target_bench_config ();
  config.cache.entries = 0;
  config.cache.memory = TARGET_CONTEXT_IN_HOST;
  target_bench_free (*state);
  TargetBench *b = *state = target_bench_new (&config);
  target_bench_offload (b, 0);
  uint64_t before = target_stats (b->target).bus_read_bytes;

  peer_sends (b, 0, (PeerSegment){ RCV_NXT, SND_UNA, TCP_ACK, 0 }, 50);
  assert_int_equal (target_stats (b->target).bus_read_bytes - before, config.cache.context_bytes);
  assert_int_equal (target_stats (b->target).cache_hits, 0);
}

int
main (void)
{
#define TEST(name) cmocka_unit_test_setup_teardown (name, set_up, tear_down)
  const struct CMUnitTest tests[] = {
    TEST (an_updated_path_mtu_cuts_later_segments),
    TEST (an_mtu_beyond_the_limit_fails_the_update_and_the_old_one_stays),
    TEST (a_neighbor_that_answers_from_another_mac_gets_later_frames_there),
    TEST (a_path_moves_to_another_neighbor),
    TEST (an_update_of_the_window_is_advertised),
    TEST (a_query_writes_all_that_is_asked_for),
    TEST (two_queries_of_one_object_may_overlap),
    TEST (an_invalidated_neighbor_stops_its_connections_and_asks_for_their_upload),
    TEST (what_comes_to_an_invalid_neighbor_later_is_asked_back_too),
    TEST (under_the_other_reading_an_invalidated_neighbor_is_still_sent_to),
    TEST (a_query_of_a_corrupt_object_fails_and_the_failure_is_told_after_it),
    TEST (a_neighbor_that_is_lost_fails_its_query_and_the_events_are_of_what_hangs_from_it),
    TEST (set_power_waits_for_the_last_terminate),
    TEST (an_initiate_during_power_down_fails),
    TEST (after_the_return_to_d0_connections_are_offloaded_again),
    TEST (statistics_count_offloaded_traffic_and_a_set_clears_them),
    TEST (parameters_set_the_unit_of_ticks),
    TEST (a_stale_neighbor_is_asked_about_once_before_a_datagram),
    TEST (the_age_of_a_neighbor_is_right_across_the_wrap_of_the_tick_counter),
    TEST (a_neighbor_is_stale_when_both_confirmations_are_old),
    TEST (the_hosts_answer_says_how_old_its_confirmation_is),
    TEST (a_neighbor_comes_back_with_the_age_of_its_last_proof),
    TEST (progress_keeps_a_neighbor_fresh),
    TEST (capabilities_change_when_everything_has_been_uploaded),
    TEST (pause_resume_and_upload_all_are_indicated),
    TEST (a_requested_upload_stops_the_connection_and_turns_posts_away),
    TEST (an_optional_reason_leaves_the_connection_working),
    TEST (a_cache_miss_in_host_memory_costs_a_read),
  };
  return cmocka_run_group_tests (tests, NULL, NULL);
}
