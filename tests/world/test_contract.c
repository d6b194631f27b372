/*
 * What every implementation of the chimney's upper edge must do with state, status and OIDs: one
 * suite, run against the target and each driver and stack over it (contract_stacks.h).
 */
#include "tests/world/contract_stacks.h"

/* Initiate */

CONTRACT (a_tree_comes_back_as_it_went_with_a_context_for_each_object)
{
  Node root = connection_tree (c->b, 0);
  Node path = root->DependentBlockList;

  root->ProtocolReserved[0] = 500;
  root->ImReserved[0] = 600;
  target_bench_do (c->b, initiate_step, root, 500);
  assert_int_equal (heard (c, NDIS_CALL_ProtocolInitiateOffloadComplete), 1);
  assert_ptr_equal (host_heard (c->b, NDIS_CALL_ProtocolInitiateOffloadComplete, 0)->tree, root);
  assert_ptr_equal (root->DependentBlockList, path);
  assert_null (root->NextBlock);
  assert_int_equal (root->ProtocolReserved[0], 500);
  assert_int_equal (root->ImReserved[0], 600);
  assert_int_equal (root->model.holder, NDIS_HOLDER_HOST);
  for (Node node = root; node != NULL; node = node->DependentBlockList)
    assert_int_equal (node->Status, NDIS_STATUS_SUCCESS);
  assert_true (context_of (c, 1) != 0 && context_of (c, 2) != 0 && context_of (c, 20) != 0);
  assert_ptr_equal (tcp_of (root)->OffloadHandle, target_bench_handle (c->b, 20));
  block_tree_free (root);
}

/* One of two connections wants a window that no target has. */
CONTRACT (each_node_gets_its_own_result)
{
  Node root = connection_tree (c->b, 0);
  Node good = tcp_of (root);
  Node bad = add_dependent (root->DependentBlockList, tcp_node (c->b, 1, root->model.op_id));
  TCP_OFFLOAD_STATE_CACHED *cached = block_list_cached_state (block_list_miniport_view (bad));
  NET_BUFFER_LIST *data = send_list (c->b, 1, 0, 500);

  cached->InitialRcvWnd = UINT32_C (1) << 30;
  bad->NetBufferListChain = data;
  target_bench_do (c->b, initiate_step, root, 500);
  assert_int_equal (root->Status, NDIS_STATUS_SUCCESS);
  assert_int_equal (root->DependentBlockList->Status, NDIS_STATUS_OFFLOAD_PARTIAL_SUCCESS);
  assert_int_equal (good->Status, NDIS_STATUS_SUCCESS);
  assert_int_equal (bad->Status, NDIS_STATUS_OFFLOAD_TCP_RCV_WINDOW);
  assert_true (context_of (c, 20) != 0);
  assert_int_equal (context_of (c, 21), 0);
  assert_ptr_equal (bad->NetBufferListChain, data);
  assert_int_equal (data->holder, NDIS_HOLDER_HOST);
  assert_int_equal (heard (c, NDIS_CALL_ProtocolTcpOffloadSendComplete), 0);
  put (c, data);
  block_tree_free (root);
}

CONTRACT (new_state_below_placeholders_and_linkers_is_offloaded)
{
  target_bench_offload (c->b, 0);
  NDIS_TOKEN context = context_of (c, 2);
  uint32_t op = ndis_next_op_id (c->b->bench->ndis);
  Node root = fake_node (c->b->bench, OFFLOAD_LAYER_NEIGHBOR, NULL, op);
  Node path = add_dependent (root, path_node (c->b, 2, op));

  add_dependent (path, tcp_node (c->b, 1, op));
  target_bench_do (c->b, initiate_step, root, 500);
  assert_int_equal (root->Status, NDIS_STATUS_SUCCESS);
  assert_int_equal (path->Status, NDIS_STATUS_SUCCESS);
  assert_int_equal (tcp_of (root)->Status, NDIS_STATUS_SUCCESS);
  assert_int_equal (context_of (c, 2), context);
  assert_true (target_is_offloaded (c->b->target, 1));
  block_tree_free (root);
}

CONTRACT (initiates_may_overlap)
{
  target_bench_offload (c->b, 0);
  Node path[8];

  for (uint32_t i = 0; i < G_N_ELEMENTS (path); i++) {
    path[i] = path_node (c->b, 2, ndis_next_op_id (c->b->bench->ndis));
    add_dependent (path[i], tcp_node (c->b, 1 + i, path[i]->model.op_id));
    target_bench_do (c->b, initiate_step, path[i], 1);
  }
  target_bench_wait (c->b, 2000);
  assert_int_equal (heard (c, NDIS_CALL_ProtocolInitiateOffloadComplete), 8);
  for (uint32_t i = 0; i < G_N_ELEMENTS (path); i++) {
    assert_int_equal (path[i]->DependentBlockList->Status, NDIS_STATUS_SUCCESS);
    block_tree_free (path[i]);
  }
}

/* Update, query, invalidate */

CONTRACT (an_update_is_in_force_when_it_is_completed)
{
  target_bench_offload (c->b, 0);
  Node path = node_of (c, Ip4OffloadCachedState, 2, true);
  PATH_OFFLOAD_STATE_CACHED *cached = block_list_cached_state (block_list_miniport_view (path));

  cached->PathMtu = 600;
  target_bench_do (c->b, update_step, path, 500);
  assert_int_equal (heard (c, NDIS_CALL_ProtocolUpdateOffloadComplete), 1);
  assert_int_equal (path->Status, NDIS_STATUS_SUCCESS);
  NET_BUFFER_LIST *list = send_list (c->b, 0, 0, 1000);
  target_bench_send (c->b, 0, list, 200);
  assert_int_equal (arrived_at (c->b, 0)->payload.bytes, 560);
  contract_ack (c, 0, 1000, 200);
  put (c, list);
  block_tree_free (path);
}

CONTRACT (an_update_that_is_refused_says_so_and_changes_nothing)
{
  target_bench_offload (c->b, 0);
  Node path = node_of (c, Ip4OffloadCachedState, 2, true);
  PATH_OFFLOAD_STATE_CACHED *cached = block_list_cached_state (block_list_miniport_view (path));

  cached->PathMtu = 64000;
  target_bench_do (c->b, update_step, path, 500);
  assert_int_equal (path->Status, NDIS_STATUS_FAILURE);
  block_tree_free (path);
}

CONTRACT (queries_may_overlap_and_each_tells_the_state)
{
  target_bench_offload (c->b, 0);
  c->b->bench->host.answer = (NdisResult){ NDIS_STATUS_OFFLOAD_DATA_NOT_ACCEPTED, 0 };
  contract_data (c, 0, 0, 70, 200);
  Node query[2] = { node_of (c, TcpOffloadState, 20, true),
                    node_of (c, TcpOffloadState, 20, true) };

  target_bench_do (c->b, query_step, query[0], 1);
  target_bench_do (c->b, query_step, query[1], 500);
  assert_int_equal (heard (c, NDIS_CALL_ProtocolQueryOffloadComplete), 2);
  for (int i = 0; i < 2; i++) {
    const TCP_OFFLOAD_STATE_CONST *constants =
        block_list_const_state (block_list_miniport_view (query[i]));
    assert_int_equal (query[i]->Status, NDIS_STATUS_SUCCESS);
    assert_int_equal (constants->LocalPort, 10000);
    assert_int_equal (delegated_of (query[i])->RcvNxt, RCV_NXT + 70);
    block_tree_free (query[i]);
  }
}

CONTRACT (what_hangs_from_an_invalidated_neighbor_is_asked_back)
{
  target_bench_offload (c->b, 0);
  Node node = node_of (c, NeighborOffloadState, 1, false);

  target_bench_do (c->b, invalidate_step, node, 500);
  assert_int_equal (heard (c, NDIS_CALL_ProtocolInvalidateOffloadComplete), 1);
  assert_int_equal (node->Status, NDIS_STATUS_SUCCESS);
  assert_int_equal (heard (c, NDIS_CALL_ProtocolTcpOffloadEvent), 1);
  assert_ptr_equal (c->b->bench->host.last_handle, target_bench_handle (c->b, 20));
  assert_int_equal (c->b->bench->host.last_event[0], TcpIndicateRetrieve);
  assert_int_equal (c->b->bench->host.last_event[1], InvalidState);
  block_tree_free (target_bench_terminate (c->b, 0));
  block_tree_free (node);
}

/* Terminate */

CONTRACT (a_terminate_brings_the_state_back_as_far_as_it_came)
{
  target_bench_offload (c->b, 0);
  NET_BUFFER_LIST *sent = send_list (c->b, 0, 0, 1000);
  NET_BUFFER_LIST *posted = receive_list (c->b, 0, 300);

  target_bench_post (c->b, 0, posted, 100);
  target_bench_send (c->b, 0, sent, 100);
  contract_ack (c, 0, 1000, 100);
  contract_peer_sends (c, 0, (PeerSegment){ RCV_NXT, SND_UNA + 1000, TCP_ACK | TCP_PSH, 300 }, 300);
  Node leaf = target_bench_terminate (c->b, 0);
  assert_int_equal (leaf->Status, NDIS_STATUS_SUCCESS);
  assert_int_equal (delegated_of (leaf)->State, TcpConnectionEstablished);
  assert_int_equal (delegated_of (leaf)->SndUna, SND_UNA + 1000);
  assert_int_equal (delegated_of (leaf)->RcvNxt, RCV_NXT + 300);
  assert_null (leaf->NetBufferListChain);
  assert_null (delegated_of (leaf)->BufferedData);
  assert_false (target_is_offloaded (c->b->target, 0));
  put (c, sent);
  put (c, posted);
  block_tree_free (leaf);
}

/* Sends, receives and buffered data of one connection are under way, and a disconnect. */
CONTRACT (a_terminate_with_everything_outstanding_loses_nothing)
{
  target_bench_offload (c->b, 0);
  NET_BUFFER_LIST *sent[] = { send_list (c->b, 0, 0, 1000), send_list (c->b, 0, 1000, 300) };
  NET_BUFFER_LIST *posted[] = { receive_list (c->b, 0, 100), receive_list (c->b, 0, 100) };

  posted[0]->TcpReceiveNoPush = true;
  target_bench_post (c->b, 0, posted[0], 100);
  target_bench_post (c->b, 0, posted[1], 100);
  target_bench_send (c->b, 0, sent[0], 100);
  target_bench_send (c->b, 0, sent[1], 100);
  contract_data (c, 0, 0, 40, 100);
  Node leaf = target_bench_terminate (c->b, 0);
  target_bench_wait (c->b, 2000);
  assert_int_equal (leaf->Status, NDIS_STATUS_SUCCESS);
  assert_ptr_equal (leaf->NetBufferListChain, sent[0]);
  assert_ptr_equal (sent[0]->Next, sent[1]);
  assert_null (sent[1]->Next);
  assert_int_equal (heard (c, NDIS_CALL_ProtocolTcpOffloadSendComplete), 0);
  assert_int_equal (delegated_of (leaf)->SndUna, SND_UNA);
  assert_int_equal (delegated_of (leaf)->SndMax, SND_UNA + 1300);
  assert_int_equal (posted[0]->Status, NDIS_STATUS_UPLOAD_IN_PROGRESS);
  assert_int_equal (posted[0]->TcpOffloadBytesTransferred, 40);
  assert_int_equal (posted[1]->Status, NDIS_STATUS_UPLOAD_IN_PROGRESS);
  const FakeRequest *last = heard_at (c->b->bench->host.heard, c->b->bench->host.heard->len - 1);
  assert_int_equal (last->call, NDIS_CALL_ProtocolTerminateOffloadComplete);
  for (int i = 0; i < 2; i++) {
    assert_int_equal (sent[i]->holder, NDIS_HOLDER_HOST);
    assert_int_equal (sent[i]->n_contexts, 0);
    put (c, sent[i]);
    put (c, posted[i]);
  }
  block_tree_free (leaf);
}

CONTRACT (what_the_host_did_not_take_comes_back_with_the_terminate)
{
  target_bench_offload (c->b, 0);
  c->b->bench->host.answer = (NdisResult){ NDIS_STATUS_OFFLOAD_DATA_NOT_ACCEPTED, 0 };
  contract_data (c, 0, 0, 300, 100);
  contract_data (c, 0, 300, 50, 100);
  Node leaf = target_bench_terminate (c->b, 0);
  target_bench_wait (c->b, 1000);
  NET_BUFFER_LIST *buffered = delegated_of (leaf)->BufferedData;
  assert_non_null (buffered);
  assert_int_equal (ndis_nbl_bytes (buffered), 350);
  assert_int_equal (ndis_nbl_range (buffered, 0, 350).offset, 0);
  assert_int_equal (buffered->holder, NDIS_HOLDER_HOST);
  assert_int_equal (delegated_of (leaf)->RcvNxt, RCV_NXT + 350);
  target_bench_do (c->b, return_step, buffered, 200);
  block_tree_free (leaf);
}

CONTRACT (after_the_terminate_of_all_nothing_is_left_and_all_may_be_offloaded_again)
{
  for (int round = 0; round < 3; round++) {
    target_bench_offload (c->b, 0);
    Node root = target_bench_terminate_tree (c->b, 0);
    target_bench_wait (c->b, 1000);
    for (Node node = root; node != NULL; node = node->DependentBlockList)
      assert_int_equal (node->Status, NDIS_STATUS_SUCCESS);
    assert_int_equal (target_offloaded (c->b->target), 0);
    for (uint32_t i = 0; i < c->stack->n_kinds; i++)
      assert_int_equal (im_driver_stats (c->im[i]).entries, 0);
    block_tree_free (root);
    target_bench_forget (c->b);
  }
}

/* Status, OIDs, frames */

static void
hear_status (Contract *c, void (*act) (Target *target), NDIS_STATUS code)
{
  unsigned before = heard (c, NDIS_CALL_ProtocolStatusEx);

  act (c->b->target);
  target_bench_wait (c->b, 200);
  assert_int_equal (heard (c, NDIS_CALL_ProtocolStatusEx), before + 1);
  assert_int_equal (c->b->bench->host.last_status, code);
}

/* STS-02, STS-03: what is offloaded goes on, and what comes too late waits for the resume. */
CONTRACT (an_initiate_after_a_pause_is_completed_after_the_resume)
{
  target_bench_offload (c->b, 0);
  hear_status (c, target_pause, NDIS_STATUS_OFFLOAD_PAUSE);
  Node path = path_node (c->b, 2, ndis_next_op_id (c->b->bench->ndis));
  NET_BUFFER_LIST *sent = send_list (c->b, 0, 0, 100);

  add_dependent (path, tcp_node (c->b, 1, path->model.op_id));
  target_bench_do (c->b, initiate_step, path, 2000);
  assert_int_equal (heard (c, NDIS_CALL_ProtocolInitiateOffloadComplete), 0);
  target_bench_send (c->b, 0, sent, 200);
  contract_ack (c, 0, 100, 200);
  assert_int_equal (sent->Status, NDIS_STATUS_SUCCESS);
  hear_status (c, target_resume, NDIS_STATUS_OFFLOAD_RESUME);
  target_bench_wait (c->b, 2000);
  assert_int_equal (heard (c, NDIS_CALL_ProtocolInitiateOffloadComplete), 1);
  assert_int_equal (path->DependentBlockList->Status, NDIS_STATUS_SUCCESS);
  put (c, sent);
  block_tree_free (path);
}

/* STS-04, STS-07 to STS-09 */
CONTRACT (after_an_upload_all_sends_say_so_and_terminates_succeed)
{
  target_bench_offload (c->b, 0);
  hear_status (c, target_pause, NDIS_STATUS_OFFLOAD_PAUSE);
  hear_status (c, target_upload_all, NDIS_STATUS_UPLOAD_ALL);
  NET_BUFFER_LIST *sent = send_list (c->b, 0, 0, 100);

  target_bench_send (c->b, 0, sent, 300);
  assert_int_equal (sent->Status, NDIS_STATUS_UPLOAD_IN_PROGRESS);
  Node root = target_bench_terminate_tree (c->b, 0);
  target_bench_wait (c->b, 1000);
  assert_int_equal (root->Status, NDIS_STATUS_SUCCESS);
  hear_status (c, target_resume, NDIS_STATUS_OFFLOAD_RESUME);
  target_bench_forget (c->b);
  target_bench_offload (c->b, 1);
  put (c, sent);
  block_tree_free (root);
}

CONTRACT (an_upload_that_the_target_asks_for_is_asked_of_the_host)
{
  target_bench_offload (c->b, 0);
  assert_true (target_request_upload (c->b->target, 0, UploadRequested));
  target_bench_wait (c->b, 200);
  assert_int_equal (heard (c, NDIS_CALL_ProtocolTcpOffloadEvent), 1);
  assert_ptr_equal (c->b->bench->host.last_handle, target_bench_handle (c->b, 20));
  assert_int_equal (c->b->bench->host.last_event[0], TcpIndicateRetrieve);
  assert_int_equal (c->b->bench->host.last_event[1], UploadRequested);
  block_tree_free (target_bench_terminate (c->b, 0));
}

CONTRACT (requests_for_information_are_answered_once)
{
  NDIS_OID_REQUEST request = ask (c, OID_TCP_TASK_OFFLOAD);

  assert_int_equal (request.status, NDIS_STATUS_SUCCESS);
  assert_int_equal (request.data.offload.TcpConnectionOffloadCapacity,
                    target_bench_config ().tables.tcp);
  target_bench_forget (c->b);
  target_bench_offload (c->b, 0);
  request = ask (c, OID_TCP4_OFFLOAD_STATS);
  assert_int_equal (request.status, NDIS_STATUS_SUCCESS);
  assert_int_equal (request.data.tcp_stats.CurrentlyEstablished, 1);
}

CONTRACT (power_goes_when_everything_is_back_and_comes_again)
{
  NDIS_OID_REQUEST request = { .Oid = OID_PNP_SET_POWER, .is_set = true, .id = 900 };

  target_bench_offload (c->b, 0);
  request.data.power = NdisDeviceStateD3;
  request.status = NDIS_STATUS_PENDING;
  target_bench_do (c->b, oid_step, &request, 300);
  assert_int_equal (request.status, NDIS_STATUS_PENDING);
  block_tree_free (target_bench_terminate_tree (c->b, 0));
  target_bench_wait (c->b, 5000);
  assert_int_equal (request.status, NDIS_STATUS_SUCCESS);
  request.data.power = NdisDeviceStateD0;
  target_bench_do (c->b, oid_step, &request, 20000);
  assert_int_equal (request.status, NDIS_STATUS_SUCCESS);
  target_bench_forget (c->b);
  target_bench_offload (c->b, 1);
}

static void
send_frame_step (Bench *bench, void *list)
{
  NdisSendNetBufferLists (bench->host.binding, list);
}

static void
return_frame_step (Bench *bench, void *list)
{
  NdisReturnNetBufferLists (bench->host.binding, list);
}

CONTRACT (frames_of_the_ordinary_path_pass_both_ways)
{
  TcpSegment segment = peer_segment (5, (PeerSegment){ RCV_NXT, SND_UNA, TCP_ACK, 100 });
  NET_BUFFER_LIST *sent = ndis_nbl_take_frame (c->b->bench->ndis, NDIS_HOLDER_HOST, &segment);

  target_bench_do (c->b, send_frame_step, sent, 300);
  assert_int_equal (heard (c, NDIS_CALL_ProtocolSendNetBufferListsComplete), 1);
  assert_int_equal (sent->holder, NDIS_HOLDER_HOST);
  assert_int_equal (c->b->arrived->len, 1);
  contract_data (c, 5, 0, 100, 300);
  const FakeRequest *received = host_heard (c->b, NDIS_CALL_ProtocolReceiveNetBufferLists, 0);
  assert_non_null (received);
  assert_int_equal (received->list->frame->payload.bytes, 100);
  assert_int_equal (received->list->frame->oddities & TCP_VLAN_TAGGED, 0);
  target_bench_do (c->b, return_frame_step, received->list, 200);
  put (c, sent);
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test (a_tree_comes_back_as_it_went_with_a_context_for_each_object),
    cmocka_unit_test (each_node_gets_its_own_result),
    cmocka_unit_test (new_state_below_placeholders_and_linkers_is_offloaded),
    cmocka_unit_test (initiates_may_overlap),
    cmocka_unit_test (an_update_is_in_force_when_it_is_completed),
    cmocka_unit_test (an_update_that_is_refused_says_so_and_changes_nothing),
    cmocka_unit_test (queries_may_overlap_and_each_tells_the_state),
    cmocka_unit_test (what_hangs_from_an_invalidated_neighbor_is_asked_back),
    cmocka_unit_test (a_terminate_brings_the_state_back_as_far_as_it_came),
    cmocka_unit_test (a_terminate_with_everything_outstanding_loses_nothing),
    cmocka_unit_test (what_the_host_did_not_take_comes_back_with_the_terminate),
    cmocka_unit_test (after_the_terminate_of_all_nothing_is_left_and_all_may_be_offloaded_again),
    cmocka_unit_test (an_initiate_after_a_pause_is_completed_after_the_resume),
    cmocka_unit_test (after_an_upload_all_sends_say_so_and_terminates_succeed),
    cmocka_unit_test (an_upload_that_the_target_asks_for_is_asked_of_the_host),
    cmocka_unit_test (requests_for_information_are_answered_once),
    cmocka_unit_test (power_goes_when_everything_is_back_and_comes_again),
    cmocka_unit_test (frames_of_the_ordinary_path_pass_both_ways),
  };
  return cmocka_run_group_tests (tests, NULL, NULL);
}
