#include "tests/target/target_bench.h"

/* Receiving: posted requests, indications, what comes back, what is not the target's to process. */

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
host_answers (TargetBench *b, NDIS_STATUS status, uint32_t bytes)
{
  b->bench->host.answer = (NdisResult){ status, bytes };
}

static void
return_step (Bench *bench, void *list)
{
  NdisOffloadTcpReceiveReturn (bench->host.binding, list);
}

static void
data (TargetBench *b, uint32_t offset, uint32_t bytes, uint8_t more_flags, int64_t us)
{
  peer_sends (
      b, 0, (PeerSegment){ RCV_NXT + offset, SND_UNA, (uint8_t)(TCP_ACK | more_flags), bytes }, us);
}

static const FakeRequest *
completed (const TargetBench *b, unsigned n)
{
  return host_heard (b, NDIS_CALL_ProtocolTcpOffloadReceiveComplete, n);
}

static void
posted_requests_are_filled_and_completed_in_order (void **state)
{
  TargetBench *b = *state;
  NET_BUFFER_LIST *first = receive_list (b, 0, 100);
  NET_BUFFER_LIST *second = receive_list (b, 0, 400);

  first->Next = second;
  target_bench_post (b, 0, first, 50);
  data (b, 0, 300, TCP_PSH, 50);
  assert_ptr_equal (completed (b, 0)->list, first);
  assert_ptr_equal (first->Next, second);
  assert_int_equal (first->TcpOffloadBytesTransferred, 100);
  assert_int_equal (second->TcpOffloadBytesTransferred, 200);
  assert_int_equal (first->mdl.content.offset, 0);
  assert_int_equal (second->mdl.content.offset, 100);
  assert_int_equal (second->Status, NDIS_STATUS_SUCCESS);
  assert_int_equal (ndis_nbl_bytes (second),
                    200); /* the data start was moved past what was placed */
}

static void
data_without_a_request_is_indicated_and_returned (void **state)
{
  TargetBench *b = *state;

  host_answers (b, NDIS_STATUS_SUCCESS, 300);
  data (b, 0, 300, TCP_PSH, 50);
  const FakeRequest *indicated = host_heard (b, NDIS_CALL_ProtocolTcpOffloadReceiveIndicate, 0);
  assert_int_equal (b->bench->host.last_status, NDIS_STATUS_SUCCESS);
  assert_ptr_equal (b->bench->host.last_handle, target_bench_handle (b, 20));
  assert_int_equal (ndis_nbl_bytes (indicated->list), 300);
  assert_null (indicated->list->Next);
  uint32_t id = indicated->list->id;
  target_bench_do (b, return_step, indicated->list, 50);
  assert_int_equal (bench_end (b->bench, NDIS_CALL_MiniportTcpOffloadReceiveReturn, 0)->column[4],
                    NDIS_STATUS_SUCCESS);
  assert_non_null (bench_record (b->bench, TRACE_PUT, 1, id, 0));
}

static void
refused_data_waits_for_a_request (void **state)
{
  TargetBench *b = *state;

  host_answers (b, NDIS_STATUS_OFFLOAD_DATA_NOT_ACCEPTED, 0);
  data (b, 0, 300, TCP_PSH, 50);
  data (b, 300, 100, TCP_PSH, 50);
  assert_null (host_heard (b, NDIS_CALL_ProtocolTcpOffloadReceiveIndicate, 1));
  NET_BUFFER_LIST *request = receive_list (b, 0, 1000);
  target_bench_post (b, 0, request, 50);
  assert_ptr_equal (completed (b, 0)->list, request);
  assert_int_equal (request->TcpOffloadBytesTransferred, 400);
}

static void
refused_data_is_acknowledged_all_the_same (void **state)
{
  TargetBench *b = *state;

  host_answers (b, NDIS_STATUS_OFFLOAD_DATA_NOT_ACCEPTED, 0);
  data (b, 0, 300, TCP_PSH, 25000);
  assert_int_equal (last_arrived (b)->ack, RCV_NXT + 300);
  assert_int_equal (last_arrived (b)->window, WINDOW - 300);
}

static void
data_is_not_indicated_past_a_request_that_is_posted_meanwhile (void **state)
{
  TargetConfig config = target_bench_config ();
  config.interrupts.completions_max = 100;
  config.interrupts.delay_max = sim_us (30);
  target_bench_free (*state);
  TargetBench *b = *state = target_bench_new (&config);
  target_bench_offload (b, 0);
  NET_BUFFER_LIST *request = receive_list (b, 0, 1000);

  data (b, 0, 300, TCP_PSH, 10); /* its indication waits for the interrupt */
  target_bench_post (b, 0, request, 200);
  assert_null (host_heard (b, NDIS_CALL_ProtocolTcpOffloadReceiveIndicate, 0));
  assert_ptr_equal (completed (b, 0)->list, request);
  assert_int_equal (request->TcpOffloadBytesTransferred, 300);
}

static void
the_push_timer_returns_a_partly_filled_request (void **state)
{
  TargetBench *b = *state;
  NET_BUFFER_LIST *request = receive_list (b, 0, 1000);

  target_bench_post (b, 0, request, 50);
  data (b, 0, 300, 0, 40000);
  assert_null (completed (b, 0));
  target_bench_wait (b, 20000);
  assert_ptr_equal (completed (b, 0)->list, request);
  assert_int_equal (request->TcpOffloadBytesTransferred, 300);
}

static void
data_out_of_order_is_delivered_when_the_gap_closes (void **state)
{
  TargetBench *b = *state;
  NET_BUFFER_LIST *request = receive_list (b, 0, 200);

  target_bench_post (b, 0, request, 50);
  data (b, 100, 100, TCP_PSH, 50);
  assert_null (completed (b, 0));
  assert_int_equal (last_arrived (b)->ack, RCV_NXT); /* the duplicate ACK */
  data (b, 0, 100, 0, 50);
  assert_ptr_equal (completed (b, 0)->list, request);
  assert_int_equal (request->mdl.content.bytes, 200);
}

static void
two_full_segments_are_acknowledged_at_once (void **state)
{
  TargetBench *b = *state;
  target_bench_post (b, 0, receive_list (b, 0, 2920), 50);

  data (b, 0, 1460, 0, 2);
  data (b, 1460, 1460, 0, 50);
  assert_int_equal (b->arrived->len, 1);
  assert_int_equal (last_arrived (b)->ack, RCV_NXT + 2920);
}

static void
a_withheld_acknowledgment_goes_when_its_timer_runs_out (void **state)
{
  TargetBench *b = *state;
  target_bench_post (b, 0, receive_list (b, 0, 100), 50);

  data (b, 0, 100, TCP_PSH, 1000);
  assert_int_equal (b->arrived->len, 0);
  target_bench_wait (b, 22000);
  assert_int_equal (b->arrived->len, 1);
  assert_int_equal (last_arrived (b)->ack, RCV_NXT + 100);
}

static void
send_odd (TargetBench *b, uint8_t oddities, uint16_t fragment_offset)
{
  TcpSegment segment = peer_segment (0, (PeerSegment){ RCV_NXT, SND_UNA, TCP_ACK | TCP_PSH, 100 });

  segment.oddities = oddities;
  segment.fragment_offset = fragment_offset;
  wire_send (b->wire, WIRE_END_PEERS, SIDE_PEER, &segment);
  target_bench_wait (b, 50);
}

static void
fragments_options_and_broken_headers_are_left_to_the_host (void **state)
{
  TargetBench *b = *state;
  const uint8_t odd[] = { TCP_IP_MORE_FRAGMENTS, TCP_IP_HAS_OPTIONS, TCP_IP_BAD_HEADER,
                          TCP_BAD_CHECKSUM };

  for (size_t i = 0; i < G_N_ELEMENTS (odd); i++)
    send_odd (b, odd[i], 0);
  send_odd (b, 0, 185);
  assert_non_null (host_heard (b, NDIS_CALL_ProtocolReceiveNetBufferLists, 4));
  assert_null (host_heard (b, NDIS_CALL_ProtocolTcpOffloadReceiveIndicate, 0));
  assert_int_equal (b->arrived->len, 0);
}

static void
a_forwarded_segment_is_delivered_through_the_chimney (void **state)
{
  TargetBench *b = *state;
  TcpSegment segment = peer_segment (0, (PeerSegment){ RCV_NXT, SND_UNA, TCP_ACK | TCP_PSH, 100 });
  NET_BUFFER_LIST *forwarded = ndis_nbl_take_frame (b->bench->ndis, NDIS_HOLDER_HOST, &segment);
  NET_BUFFER_LIST *request = receive_list (b, 0, 100);

  target_bench_post (b, 0, request, 50);
  target_bench_io (b, NdisOffloadTcpForward, 0, forwarded, 0, 50);
  assert_ptr_equal (completed (b, 0)->list, request);
  assert_ptr_equal (host_heard (b, NDIS_CALL_ProtocolTcpOffloadForwardComplete, 0)->list,
                    forwarded);
  assert_int_equal (forwarded->Status, NDIS_STATUS_SUCCESS);
}

/* FWD-05: what came behind it was there long before, and a part of it has come again. */
static void
a_segment_forwarded_late_fills_its_gap (void **state)
{
  TargetBench *b = *state;
  TcpSegment late = peer_segment (0, (PeerSegment){ RCV_NXT, SND_UNA, TCP_ACK | TCP_PSH, 100 });
  NET_BUFFER_LIST *forwarded = ndis_nbl_take_frame (b->bench->ndis, NDIS_HOLDER_HOST, &late);
  NET_BUFFER_LIST *again = ndis_nbl_take_frame (b->bench->ndis, NDIS_HOLDER_HOST, &late);
  NET_BUFFER_LIST *request = receive_list (b, 0, 300);

  target_bench_post (b, 0, request, 50);
  peer_sends (b, 0, (PeerSegment){ RCV_NXT + 100, SND_UNA, TCP_ACK | TCP_PSH, 200 }, 5000000);
  assert_null (host_heard (b, NDIS_CALL_ProtocolTcpOffloadReceiveComplete, 0));
  target_bench_io (b, NdisOffloadTcpForward, 0, forwarded, 0, 50);
  assert_ptr_equal (completed (b, 0)->list, request);
  assert_int_equal (request->TcpOffloadBytesTransferred, 300);
  assert_int_equal (forwarded->Status, NDIS_STATUS_SUCCESS);

  target_bench_io (b, NdisOffloadTcpForward, 0, again, 0, 50);
  assert_non_null (host_heard (b, NDIS_CALL_ProtocolTcpOffloadForwardComplete, 1));
  assert_null (host_heard (b, NDIS_CALL_ProtocolTcpOffloadReceiveIndicate, 0));
  assert_int_equal (last_arrived (b)->ack, RCV_NXT + 300);
}

/* Forwards |first| and 100 bytes behind it as one chain. */
static NET_BUFFER_LIST *
forward_two (TargetBench *b, PeerSegment first)
{
  PeerSegment second = { first.seq + first.bytes, SND_UNA, TCP_ACK | TCP_PSH, 100 };
  TcpSegment segments[] = { peer_segment (0, first), peer_segment (0, second) };
  NET_BUFFER_LIST *chain = ndis_nbl_take_frame (b->bench->ndis, NDIS_HOLDER_HOST, &segments[0]);

  chain->Next = ndis_nbl_take_frame (b->bench->ndis, NDIS_HOLDER_HOST, &segments[1]);
  target_bench_io (b, NdisOffloadTcpForward, 0, chain, 0, 50);
  return chain;
}

static void
what_is_forwarded_behind_urgent_data_comes_back_with_it (void **state)
{
  TargetBench *b = *state;
  NET_BUFFER_LIST *chain =
      forward_two (b, (PeerSegment){ RCV_NXT, SND_UNA, TCP_ACK | TCP_PSH | TCP_URG, 8 });

  const SimRecord *told =
      bench_record (b->bench, TRACE_CALL_BEGIN, 1, NDIS_CALL_NdisTcpOffloadEventHandler, 0);
  assert_non_null (told);
  assert_int_equal (told->column[8], TcpIndicateRetrieve);
  assert_int_equal (told->column[9], ReceivedUrgentData);
  assert_null (
      bench_record (b->bench, TRACE_CALL_BEGIN, 1, NDIS_CALL_NdisTcpOffloadEventHandler, 1));
  assert_int_equal (chain->Status, NDIS_STATUS_UPLOAD_IN_PROGRESS);
  assert_int_equal (chain->Next->Status, NDIS_STATUS_UPLOAD_IN_PROGRESS);
  block_tree_free (target_bench_terminate (b, 0));
  assert_null (host_heard (b, NDIS_CALL_ProtocolReceiveNetBufferLists, 0));
}

static void
what_is_forwarded_behind_a_reset_is_aborted (void **state)
{
  TargetBench *b = *state;
  NET_BUFFER_LIST *chain = forward_two (b, (PeerSegment){ RCV_NXT, SND_UNA, TCP_ACK | TCP_RST, 0 });

  const SimRecord *told =
      bench_record (b->bench, TRACE_CALL_BEGIN, 1, NDIS_CALL_NdisTcpOffloadEventHandler, 0);
  assert_non_null (told);
  assert_int_equal (told->column[8], TcpIndicateAbort);
  assert_int_equal (chain->Status, NDIS_STATUS_SUCCESS);
  assert_int_equal (chain->Next->Status, NDIS_STATUS_REQUEST_ABORTED);
  assert_null (bench_record (b->bench, TRACE_TARGET_SEGMENT, 0, 0, 1));
}

static void
urgent_data_asks_for_an_upload_and_is_held (void **state)
{
  TargetBench *b = *state;

  data (b, 0, 100, TCP_URG | TCP_PSH, 50);
  data (b, 100, 100, TCP_PSH, 25000);
  assert_int_equal (b->bench->host.last_event[0], TcpIndicateRetrieve);
  assert_int_equal (b->bench->host.last_event[1], ReceivedUrgentData);
  assert_int_equal (b->arrived->len, 0);
  assert_null (host_heard (b, NDIS_CALL_ProtocolReceiveNetBufferLists, 0));

  block_tree_free (target_bench_terminate (b, 0));
  const FakeRequest *raw = host_heard (b, NDIS_CALL_ProtocolReceiveNetBufferLists, 0);
  assert_int_equal (raw->list->frame->seq, RCV_NXT);
  assert_int_equal (raw->list->Next->frame->seq, RCV_NXT + 100);
}

static void
an_acknowledgment_owed_before_urgent_data_is_sent_first (void **state)
{
  TargetBench *b = *state;

  target_bench_post (b, 0, receive_list (b, 0, 100), 50);
  data (b, 0, 100, TCP_PSH, 50);
  assert_int_equal (b->arrived->len, 0);
  data (b, 100, 100, TCP_URG | TCP_PSH, 50);
  assert_int_equal (b->arrived->len, 1);
  assert_int_equal (last_arrived (b)->ack, RCV_NXT + 100);
}

static void
segments_of_another_vlan_are_dropped (void **state)
{
  TargetConfig config = target_bench_config ();
  target_bench_free (*state);
  TargetBench *b = *state = target_bench_new (&config);
  PNDIS_PROTOCOL_OFFLOAD_BLOCK_LIST root = connection_tree (b, 0);
  NEIGHBOR_OFFLOAD_STATE_CONST *constants =
      block_list_const_state (block_list_miniport_view (root));
  constants->VlanId = 5;
  target_bench_offload_tree (b, root);

  data (b, 0, 100, TCP_PSH, 50);
  assert_int_equal (bench_record (b->bench, TRACE_TARGET_SEGMENT, -1, 0, 0)->column[5], 2);
  TcpSegment tagged = peer_segment (0, (PeerSegment){ RCV_NXT, SND_UNA, TCP_ACK | TCP_PSH, 100 });
  tagged.oddities = TCP_VLAN_TAGGED;
  tagged.vlan_tag = 5;
  wire_send (b->wire, WIRE_END_PEERS, SIDE_PEER, &tagged);
  target_bench_wait (b, 50);
  assert_int_equal (bench_record (b->bench, TRACE_TARGET_SEGMENT, -1, 0, 1)->column[5], 0);
  target_bench_send (b, 0, send_list (b, 0, 0, 10), 50);
  assert_true ((last_arrived (b)->oddities & TCP_VLAN_TAGGED) != 0);
  assert_int_equal (last_arrived (b)->vlan_tag, 5);
}

/* RBUF-04: the host keeps what could not be copied. */
static void
a_connection_whose_buffered_data_cannot_be_copied_fails (void **state)
{
  TargetBench *b = *state;
  uint32_t op = ndis_next_op_id (b->bench->ndis);
  PNDIS_PROTOCOL_OFFLOAD_BLOCK_LIST path = path_node (b, 2, op);
  PNDIS_PROTOCOL_OFFLOAD_BLOCK_LIST tcp = add_dependent (path, tcp_node (b, 1, op));
  NET_BUFFER_LIST *buffered = send_list (b, 1, 0, 0);
  SimChoice fails = { .site = SITE_ALLOC_FAILURE, .subject = 21, .ordinal = 2, .value = 1 };

  sim_choices_load (sim_choices (b->bench->sim), &fails, 1);
  ndis_nbl_set_data (buffered, (TcpRange){ 0, TCP_STREAM (1, TCP_FROM_PEER), 80 });
  delegated_of (tcp)->BufferedData = buffered;
  delegated_of (tcp)->RcvNxt = RCV_NXT + 80;
  target_bench_do (b, initiate_step, path, 200);
  assert_int_equal (tcp->Status, NDIS_STATUS_FAILURE);
  assert_ptr_equal (delegated_of (tcp)->BufferedData, buffered);
  assert_int_equal (buffered->holder, NDIS_HOLDER_HOST);
  assert_false (target_is_offloaded (b->target, 1));
  ndis_nbl_put (b->bench->ndis, buffered);
  block_tree_free (path);
}

static void
buffered_data_of_an_initiate_waits_for_a_receive (void **state)
{
  TargetBench *b = *state;
  uint32_t op = ndis_next_op_id (b->bench->ndis);
  PNDIS_PROTOCOL_OFFLOAD_BLOCK_LIST path = path_node (b, 2, op);
  PNDIS_PROTOCOL_OFFLOAD_BLOCK_LIST tcp = add_dependent (path, tcp_node (b, 1, op));
  NET_BUFFER_LIST *buffered = send_list (b, 1, 0, 0);
  ndis_nbl_set_data (buffered, (TcpRange){ 0, TCP_STREAM (1, TCP_FROM_PEER), 80 });
  delegated_of (tcp)->BufferedData = buffered;
  delegated_of (tcp)->RcvNxt = RCV_NXT + 80;
  target_bench_offload_tree (b, path);
  /* What the host writes there now is nothing to the target. */
  ndis_nbl_set_data (buffered, (TcpRange){ 999, TCP_STREAM (1, TCP_TO_PEER), 7 });

  peer_sends (b, 1, (PeerSegment){ RCV_NXT + 80, SND_UNA, TCP_ACK | TCP_PSH, 20 }, 50);
  assert_null (host_heard (b, NDIS_CALL_ProtocolTcpOffloadReceiveIndicate, 0));
  NET_BUFFER_LIST *request = receive_list (b, 1, 50);
  host_answers (b, NDIS_STATUS_SUCCESS, 50);
  target_bench_post (b, 1, request, 100);
  assert_int_equal (request->TcpOffloadBytesTransferred, 50);
  assert_int_equal (request->mdl.content.offset, 0);
  const FakeRequest *indicated = host_heard (b, NDIS_CALL_ProtocolTcpOffloadReceiveIndicate, 0);
  assert_int_equal (indicated->list->mdl.content.offset, 50);
  assert_int_equal (ndis_nbl_bytes (indicated->list), 50);
}

static void
strict_completions_wait_for_each_other (void **state)
{
  TargetConfig config = target_bench_config ();
  config.knobs.receive_completions = TARGET_RECEIVES_STRICT;
  target_bench_free (*state);
  TargetBench *b = *state = target_bench_new (&config);
  target_bench_offload (b, 0);

  for (unsigned i = 0; i < 4; i++)
    target_bench_post (b, 0, receive_list (b, 0, 100), 10);
  for (uint32_t i = 0; i < 4; i++)
    data (b, 100 * i, 100, TCP_PSH, 1);
  target_bench_wait (b, 200);
  uint32_t n = 0;
  for (unsigned i = 0; completed (b, i) != NULL; i++)
    n += ndis_nbl_chain_count (completed (b, i)->list);
  assert_int_equal (n, 4);
}

int
main (void)
{
#define TEST(name) cmocka_unit_test_setup_teardown (name, set_up, tear_down)
  const struct CMUnitTest tests[] = {
    TEST (posted_requests_are_filled_and_completed_in_order),
    TEST (data_without_a_request_is_indicated_and_returned),
    TEST (refused_data_waits_for_a_request),
    TEST (refused_data_is_acknowledged_all_the_same),
    TEST (data_is_not_indicated_past_a_request_that_is_posted_meanwhile),
    TEST (the_push_timer_returns_a_partly_filled_request),
    TEST (data_out_of_order_is_delivered_when_the_gap_closes),
    TEST (two_full_segments_are_acknowledged_at_once),
    TEST (a_withheld_acknowledgment_goes_when_its_timer_runs_out),
    TEST (fragments_options_and_broken_headers_are_left_to_the_host),
    TEST (a_forwarded_segment_is_delivered_through_the_chimney),
    TEST (a_segment_forwarded_late_fills_its_gap),
    TEST (what_is_forwarded_behind_urgent_data_comes_back_with_it),
    TEST (what_is_forwarded_behind_a_reset_is_aborted),
    TEST (urgent_data_asks_for_an_upload_and_is_held),
    TEST (an_acknowledgment_owed_before_urgent_data_is_sent_first),
    TEST (segments_of_another_vlan_are_dropped),
    TEST (a_connection_whose_buffered_data_cannot_be_copied_fails),
    TEST (buffered_data_of_an_initiate_waits_for_a_receive),
    TEST (strict_completions_wait_for_each_other),
  };
  return cmocka_run_group_tests (tests, NULL, NULL);
}
