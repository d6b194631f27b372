#include "tests/target/target_bench.h"

/* Terminate: what is flushed, completed and handed back, in which order, and that nothing stays. */

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
data (TargetBench *b, uint32_t offset, uint32_t bytes, uint8_t more_flags, int64_t us)
{
  peer_sends (
      b, 0, (PeerSegment){ RCV_NXT + offset, SND_UNA, (uint8_t)(TCP_ACK | more_flags), bytes }, us);
}

static void
an_idle_connection_comes_back_as_it_went (void **state)
{
  TargetBench *b = *state;
  Node leaf = target_bench_terminate (b, 0);
  const TCP_OFFLOAD_STATE_DELEGATED *delegated = delegated_of (leaf);

  assert_int_equal (leaf->Status, NDIS_STATUS_SUCCESS);
  assert_int_equal (delegated->State, TcpConnectionEstablished);
  assert_int_equal (delegated->SndUna, SND_UNA);
  assert_int_equal (delegated->SndMax, SND_UNA);
  assert_int_equal (delegated->RcvNxt, RCV_NXT);
  assert_int_equal (delegated->Retransmit.TimeoutDelta, TCP_TIMER_STOPPED);
  assert_null (leaf->NetBufferListChain);
  assert_null (delegated->BufferedData);
  assert_false (target_is_offloaded (b->target, 0));
  block_tree_free (leaf);
}

static void
the_context_is_freed_after_the_completion_has_returned (void **state)
{
  TargetBench *b = *state;
  Node leaf = target_bench_terminate (b, 0);
  const SimRecord *freed = bench_record (b->bench, TRACE_CONTEXT_FREE, 3, 20, 0);
  const SimRecord *returned = bench_end (b->bench, NDIS_CALL_NdisMTerminateOffloadComplete, 0);

  assert_non_null (freed);
  assert_true (freed->number > returned->number);
  block_tree_free (leaf);
}

static void
unacknowledged_sends_are_handed_back_in_order (void **state)
{
  TargetBench *b = *state;
  NET_BUFFER_LIST *first = send_list (b, 0, 0, 1000);
  NET_BUFFER_LIST *second = send_list (b, 0, 1000, 300);

  target_bench_send (b, 0, first, 20);
  target_bench_send (b, 0, second, 50);
  peer_sends (b, 0, (PeerSegment){ RCV_NXT, SND_UNA + 400, TCP_ACK, 0 }, 50);
  Node leaf = target_bench_terminate (b, 0);
  const TCP_OFFLOAD_STATE_DELEGATED *delegated = delegated_of (leaf);

  assert_ptr_equal (leaf->NetBufferListChain, first);
  assert_ptr_equal (delegated->SendDataHead, first);
  assert_ptr_equal (delegated->SendDataTail, second);
  assert_ptr_equal (first->Next, second);
  assert_int_equal (delegated->SndUna, SND_UNA + 400);
  assert_int_equal (delegated->SndMax, SND_UNA + 1300);
  assert_int_equal (ndis_nbl_bytes (first), 600);
  assert_int_equal (ndis_nbl_range (first, 0, 10).offset, 400);
  assert_int_equal (first->holder, NDIS_HOLDER_HOST);
  assert_null (host_heard (b, NDIS_CALL_ProtocolTcpOffloadSendComplete, 0));
  block_tree_free (leaf);
}

static void
sends_are_completed_where_there_is_no_room_to_hand_them_back (void **state)
{
  TargetBench *b = *state;
  NET_BUFFER_LIST *list = send_list (b, 0, 0, 1000);
  Node leaf = ndis_block_list_new (b->bench->ndis, TcpOffloadDelegatedState, false,
                                   target_bench_handle (b, 20), ndis_next_op_id (b->bench->ndis));

  target_bench_send (b, 0, list, 50);
  target_bench_do (b, terminate_step, leaf, 200);
  assert_ptr_equal (host_heard (b, NDIS_CALL_ProtocolTcpOffloadSendComplete, 0)->list, list);
  assert_int_equal (list->Status, NDIS_STATUS_UPLOAD_IN_PROGRESS);
  assert_null (leaf->NetBufferListChain);
  block_tree_free (leaf);
}

static void
outstanding_receives_are_completed_before_the_terminate (void **state)
{
  TargetBench *b = *state;
  NET_BUFFER_LIST *request = receive_list (b, 0, 100);
  NET_BUFFER_LIST *empty = receive_list (b, 0, 100);

  request->TcpReceiveNoPush = true;
  request->Next = empty;
  target_bench_post (b, 0, request, 50);
  data (b, 0, 40, TCP_PSH, 50);
  Node leaf = target_bench_terminate (b, 0);

  assert_ptr_equal (host_heard (b, NDIS_CALL_ProtocolTcpOffloadReceiveComplete, 0)->list, request);
  assert_int_equal (request->Status, NDIS_STATUS_UPLOAD_IN_PROGRESS);
  assert_int_equal (request->TcpOffloadBytesTransferred, 40);
  assert_int_equal (empty->Status, NDIS_STATUS_UPLOAD_IN_PROGRESS);
  assert_true (bench_end (b->bench, NDIS_CALL_NdisTcpOffloadReceiveComplete, 0)->number
               < bench_begin (b->bench, NDIS_CALL_NdisMTerminateOffloadComplete, 0)->number);
  assert_null (delegated_of (leaf)->BufferedData);
  assert_int_equal (delegated_of (leaf)->RcvNxt, RCV_NXT + 40);
  block_tree_free (leaf);
}

static void
return_step (Bench *bench, void *list)
{
  NdisOffloadTcpReceiveReturn (bench->host.binding, list);
}

static void
refused_data_comes_back_as_buffered_data_and_its_list_is_returned (void **state)
{
  TargetBench *b = *state;
  b->bench->host.answer = (NdisResult){ NDIS_STATUS_OFFLOAD_DATA_NOT_ACCEPTED, 0 };

  data (b, 0, 300, TCP_PSH, 50);
  data (b, 300, 50, TCP_PSH, 50);
  Node leaf = target_bench_terminate (b, 0);
  NET_BUFFER_LIST *buffered = delegated_of (leaf)->BufferedData;

  assert_non_null (buffered);
  assert_int_equal (ndis_nbl_bytes (buffered), 350);
  assert_int_equal (ndis_nbl_range (buffered, 0, 350).offset, 0);
  assert_int_equal (delegated_of (leaf)->RcvNxt, RCV_NXT + 350);
  assert_int_equal (buffered->holder, NDIS_HOLDER_HOST);
  target_bench_do (b, return_step, buffered, 50);
  block_tree_free (leaf);
}

static void
a_withheld_acknowledgment_is_sent_before_the_terminate_completes (void **state)
{
  TargetBench *b = *state;

  target_bench_post (b, 0, receive_list (b, 0, 100), 50);
  data (b, 0, 100, TCP_PSH, 50);
  assert_int_equal (b->arrived->len, 0);
  Node leaf = target_bench_terminate (b, 0);
  assert_int_equal (b->arrived->len, 1);
  assert_int_equal (last_arrived (b)->ack, RCV_NXT + 100);
  assert_true (bench_record (b->bench, TRACE_WIRE_SEND, 1, SIDE_TARGET, 0)->number
               < bench_begin (b->bench, NDIS_CALL_NdisMTerminateOffloadComplete, 0)->number);
  block_tree_free (leaf);
}

static void
data_known_only_out_of_order_is_forgotten (void **state)
{
  TargetBench *b = *state;

  data (b, 100, 100, TCP_PSH, 50);
  Node leaf = target_bench_terminate (b, 0);
  assert_int_equal (delegated_of (leaf)->RcvNxt, RCV_NXT);
  assert_null (delegated_of (leaf)->BufferedData);
  block_tree_free (leaf);
}

static void
segments_that_arrive_after_the_handler_was_entered_go_up_raw (void **state)
{
  TargetBench *b = *state;
  Node leaf = fake_leaf (b->bench, target_bench_handle (b, 20));
  TcpSegment late = peer_segment (0, (PeerSegment){ RCV_NXT, SND_UNA, TCP_ACK, 100 });

  target_bench_do (b, terminate_step, leaf, 2);
  assert_non_null (bench_record (b->bench, TRACE_CONTEXT_CLOSING, -1, 0, 0));
  wire_send (b->wire, WIRE_END_PEERS, SIDE_PEER, &late);
  target_bench_wait (b, 200);
  assert_int_equal (host_heard (b, NDIS_CALL_ProtocolReceiveNetBufferLists, 0)->list->frame->seq,
                    RCV_NXT);
  assert_int_equal (delegated_of (leaf)->RcvNxt, RCV_NXT);
  block_tree_free (leaf);
}

static void
a_send_that_crosses_the_terminate_is_completed_before_it (void **state)
{
  TargetBench *b = *state;
  Node leaf = fake_leaf (b->bench, target_bench_handle (b, 20));
  NET_BUFFER_LIST *late = send_list (b, 0, 0, 100);

  target_bench_do (b, terminate_step, leaf, 2);
  target_bench_send (b, 0, late, 300);
  assert_int_equal (late->Status, NDIS_STATUS_UPLOAD_IN_PROGRESS);
  assert_true (bench_end (b->bench, NDIS_CALL_NdisTcpOffloadSendComplete, 0)->number
               < bench_begin (b->bench, NDIS_CALL_NdisMTerminateOffloadComplete, 0)->number);
  block_tree_free (leaf);
}

static void
a_whole_tree_leaves_nothing_behind (void **state)
{
  TargetBench *b = *state;
  Node root = target_bench_terminate_tree (b, 0);
  Node path = root->DependentBlockList;

  assert_int_equal (root->Status, NDIS_STATUS_SUCCESS);
  assert_int_equal (path->Status, NDIS_STATUS_SUCCESS);
  assert_int_equal (path->DependentBlockList->Status, NDIS_STATUS_SUCCESS);
  assert_int_equal (bench_count (b->bench, TRACE_CONTEXT_FREE, -1, 0), 3);
  block_tree_free (root);
}

static void
a_second_offload_gets_a_context_of_another_name (void **state)
{
  TargetBench *b = *state;
  NDIS_TOKEN before = target_bench_handle (b, 20)->MiniportOffloadContext;
  block_tree_free (target_bench_terminate (b, 0));
  target_bench_handle (b, 20)->MiniportOffloadContext = 0;
  uint32_t op = ndis_next_op_id (b->bench->ndis);
  Node path = path_node (b, 2, op);

  add_dependent (path, tcp_node (b, 0, op));
  target_bench_do (b, initiate_step, path, 200);
  NDIS_TOKEN after = target_bench_handle (b, 20)->MiniportOffloadContext;
  assert_true (after != 0 && after != before);
  block_tree_free (path);
}

static void
the_terminate_of_an_unknown_object_fails (void **state)
{
  TargetBench *b = *state;
  NDIS_OFFLOAD_HANDLE stale = *target_bench_handle (b, 20);
  block_tree_free (target_bench_terminate (b, 0));
  Node leaf = fake_leaf (b->bench, &stale);

  target_bench_do (b, terminate_step, leaf, 200);
  assert_int_equal (leaf->Status, NDIS_STATUS_FAILURE);
  block_tree_free (leaf);
}

static void
corrupt_hardware_defeats_the_first_terminate_and_not_the_second (void **state)
{
  TargetBench *b = *state;
  NET_BUFFER_LIST *request = receive_list (b, 0, 100);
  NET_BUFFER_LIST *sent = send_list (b, 0, 0, 100);

  target_bench_post (b, 0, request, 50);
  target_bench_send (b, 0, sent, 50);
  assert_true (target_fail_hardware (b->target, OFFLOAD_LAYER_TCP, 0));
  Node leaf = target_bench_terminate (b, 0);
  assert_int_equal (leaf->Status, NDIS_STATUS_FAILURE);
  assert_true (target_is_offloaded (b->target, 0));
  block_tree_free (leaf);
  const SimRecord *first = bench_begin (b->bench, NDIS_CALL_NdisTcpOffloadEventHandler, 0);
  const SimRecord *second = bench_begin (b->bench, NDIS_CALL_NdisTcpOffloadEventHandler, 1);
  assert_int_equal (first->column[8], TcpIndicateRetrieve);
  assert_int_equal (first->column[9], HardwareFailure);
  assert_int_equal (second->column[8], TcpIndicateAbort);

  leaf = target_bench_terminate (b, 0);
  assert_int_equal (leaf->Status, NDIS_STATUS_SUCCESS);
  assert_int_equal (request->Status, NDIS_STATUS_REQUEST_ABORTED);
  assert_int_equal (sent->Status, NDIS_STATUS_REQUEST_ABORTED);
  assert_false (target_is_offloaded (b->target, 0));
  block_tree_free (leaf);
}

int
main (void)
{
#define TEST(name) cmocka_unit_test_setup_teardown (name, set_up, tear_down)
  const struct CMUnitTest tests[] = {
    TEST (an_idle_connection_comes_back_as_it_went),
    TEST (the_context_is_freed_after_the_completion_has_returned),
    TEST (unacknowledged_sends_are_handed_back_in_order),
    TEST (sends_are_completed_where_there_is_no_room_to_hand_them_back),
    TEST (outstanding_receives_are_completed_before_the_terminate),
    TEST (refused_data_comes_back_as_buffered_data_and_its_list_is_returned),
    TEST (a_withheld_acknowledgment_is_sent_before_the_terminate_completes),
    TEST (data_known_only_out_of_order_is_forgotten),
    TEST (segments_that_arrive_after_the_handler_was_entered_go_up_raw),
    TEST (a_send_that_crosses_the_terminate_is_completed_before_it),
    TEST (a_whole_tree_leaves_nothing_behind),
    TEST (a_second_offload_gets_a_context_of_another_name),
    TEST (the_terminate_of_an_unknown_object_fails),
    TEST (corrupt_hardware_defeats_the_first_terminate_and_not_the_second),
  };
  return cmocka_run_group_tests (tests, NULL, NULL);
}
