#include "tests/target/target_bench.h"

/* FIN and RST, from either side. */

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
peer (TargetBench *b, uint32_t offset, uint32_t ack, uint8_t flags, uint32_t bytes)
{
  peer_sends (b, 0, (PeerSegment){ RCV_NXT + offset, ack, flags, bytes }, 50);
}

static const FakeRequest *
event (const TargetBench *b, unsigned n)
{
  return host_heard (b, NDIS_CALL_ProtocolTcpOffloadEvent, n);
}

static void
disconnect (TargetBench *b, NET_BUFFER_LIST *list, uint32_t flags)
{
  target_bench_io (b, NULL, 0, list, flags, 50);
}

static void
a_fin_is_told_when_no_data_is_left (void **state)
{
  TargetBench *b = *state;

  peer (b, 0, SND_UNA, TCP_ACK | TCP_FIN, 0);
  assert_non_null (event (b, 0));
  assert_int_equal (b->bench->host.last_event[0], TcpIndicateDisconnect);
  assert_int_equal (last_arrived (b)->ack, RCV_NXT + 1);
}

static void
a_fin_waits_for_refused_data_to_be_taken (void **state)
{
  TargetBench *b = *state;
  b->bench->host.answer = (NdisResult){ NDIS_STATUS_OFFLOAD_DATA_NOT_ACCEPTED, 0 };

  peer (b, 0, SND_UNA, TCP_ACK | TCP_FIN | TCP_PSH, 100);
  assert_null (event (b, 0));
  target_bench_post (b, 0, receive_list (b, 0, 40), 50);
  assert_null (event (b, 0));
  target_bench_post (b, 0, receive_list (b, 0, 100), 50);
  assert_non_null (event (b, 0));
  assert_true (bench_end (b->bench, NDIS_CALL_NdisTcpOffloadReceiveComplete, 1)->number
               < bench_begin (b->bench, NDIS_CALL_NdisTcpOffloadEventHandler, 0)->number);
}

static void
a_fin_returns_a_partly_filled_nonpush_request (void **state)
{
  TargetBench *b = *state;
  NET_BUFFER_LIST *request = receive_list (b, 0, 100);

  request->TcpReceiveNoPush = true;
  target_bench_post (b, 0, request, 50);
  peer (b, 0, SND_UNA, TCP_ACK | TCP_FIN | TCP_PSH, 40);
  assert_int_equal (request->TcpOffloadBytesTransferred, 40);
  assert_non_null (event (b, 0));
}

static void
a_receive_posted_after_the_disconnect_indication_is_refused (void **state)
{
  TargetBench *b = *state;
  NET_BUFFER_LIST *request = receive_list (b, 0, 100);

  peer (b, 0, SND_UNA, TCP_ACK | TCP_FIN, 0);
  target_bench_post (b, 0, request, 50);
  assert_int_equal (request->Status, NDIS_STATUS_INVALID_STATE);
}

static void
sending_goes_on_after_the_peers_fin (void **state)
{
  TargetBench *b = *state;
  NET_BUFFER_LIST *list = send_list (b, 0, 0, 100);

  peer (b, 0, SND_UNA, TCP_ACK | TCP_FIN, 0);
  target_bench_send (b, 0, list, 50);
  peer (b, 1, SND_UNA + 100, TCP_ACK, 0);
  assert_int_equal (list->Status, NDIS_STATUS_SUCCESS);
}

static void
an_acceptable_rst_aborts_and_completes_everything (void **state)
{
  TargetBench *b = *state;
  NET_BUFFER_LIST *sent = send_list (b, 0, 0, 100);
  NET_BUFFER_LIST *posted = receive_list (b, 0, 100);
  NET_BUFFER_LIST *closing = send_list (b, 0, 100, 0);

  target_bench_send (b, 0, sent, 50);
  target_bench_post (b, 0, posted, 50);
  disconnect (b, closing, TCP_DISCONNECT_GRACEFUL_CLOSE);
  peer (b, 0, SND_UNA, TCP_RST, 0);
  assert_int_equal (b->bench->host.last_event[0], TcpIndicateAbort);
  assert_int_equal (sent->Status, NDIS_STATUS_REQUEST_ABORTED);
  assert_int_equal (posted->Status, NDIS_STATUS_REQUEST_ABORTED);
  assert_int_equal (closing->Status, NDIS_STATUS_REQUEST_ABORTED);
  assert_true (bench_begin (b->bench, NDIS_CALL_NdisTcpOffloadEventHandler, 0)->number
               < bench_begin (b->bench, NDIS_CALL_NdisTcpOffloadSendComplete, 0)->number);
  block_tree_free (target_bench_terminate (b, 0));
}

static void
a_rst_outside_the_window_is_dropped_and_one_inside_is_challenged (void **state)
{
  TargetBench *b = *state;

  peer (b, 100000, SND_UNA, TCP_RST, 0);
  assert_int_equal (b->arrived->len, 0);
  peer (b, 100, SND_UNA, TCP_RST, 0);
  assert_int_equal (b->arrived->len, 1);
  assert_int_equal (last_arrived (b)->flags, TCP_ACK);
  assert_null (event (b, 0));
}

static void
requests_after_an_abort_are_aborted (void **state)
{
  TargetBench *b = *state;
  NET_BUFFER_LIST *sent = send_list (b, 0, 0, 100);
  NET_BUFFER_LIST *posted = receive_list (b, 0, 100);

  peer (b, 0, SND_UNA, TCP_RST, 0);
  target_bench_send (b, 0, sent, 50);
  target_bench_post (b, 0, posted, 50);
  assert_int_equal (sent->Status, NDIS_STATUS_REQUEST_ABORTED);
  assert_int_equal (posted->Status, NDIS_STATUS_REQUEST_ABORTED);
}

static void
a_graceful_disconnect_sends_its_data_and_fin_and_waits_for_their_ack (void **state)
{
  TargetBench *b = *state;
  NET_BUFFER_LIST *sent = send_list (b, 0, 0, 100);
  NET_BUFFER_LIST *closing = send_list (b, 0, 100, 50);

  target_bench_send (b, 0, sent, 50);
  disconnect (b, closing, TCP_DISCONNECT_GRACEFUL_CLOSE);
  assert_true ((last_arrived (b)->flags & TCP_FIN) != 0);
  assert_int_equal (last_arrived (b)->seq + last_arrived (b)->payload.bytes, SND_UNA + 150);
  peer (b, 0, SND_UNA + 150, TCP_ACK, 0);
  assert_int_equal (sent->Status, NDIS_STATUS_SUCCESS);
  assert_null (host_heard (b, NDIS_CALL_ProtocolTcpOffloadDisconnectComplete, 0));
  peer (b, 0, SND_UNA + 151, TCP_ACK, 0);
  assert_ptr_equal (host_heard (b, NDIS_CALL_ProtocolTcpOffloadDisconnectComplete, 0)->list,
                    closing);
  assert_int_equal (closing->Status, NDIS_STATUS_SUCCESS);
  assert_int_equal (closing->TcpOffloadBytesTransferred, 50);
}

static void
data_is_delivered_after_our_fin (void **state)
{
  TargetBench *b = *state;
  NET_BUFFER_LIST *request = receive_list (b, 0, 100);

  target_bench_post (b, 0, request, 50);
  disconnect (b, send_list (b, 0, 0, 0), TCP_DISCONNECT_GRACEFUL_CLOSE);
  peer (b, 0, SND_UNA + 1, TCP_ACK | TCP_PSH, 60);
  assert_int_equal (request->TcpOffloadBytesTransferred, 60);
}

static void
an_abortive_disconnect_sends_a_rst_and_aborts_the_sends_first (void **state)
{
  TargetBench *b = *state;
  NET_BUFFER_LIST *sent = send_list (b, 0, 0, 100);
  NET_BUFFER_LIST *closing = send_list (b, 0, 0, 0);

  target_bench_send (b, 0, sent, 50);
  disconnect (b, closing, TCP_DISCONNECT_ABORTIVE_CLOSE);
  assert_true ((last_arrived (b)->flags & TCP_RST) != 0);
  assert_int_equal (sent->Status, NDIS_STATUS_REQUEST_ABORTED);
  assert_int_equal (closing->Status, NDIS_STATUS_SUCCESS);
  assert_true (bench_begin (b->bench, NDIS_CALL_NdisTcpOffloadSendComplete, 0)->number
               < bench_begin (b->bench, NDIS_CALL_NdisTcpOffloadDisconnectComplete, 0)->number);
  guint sent_segments = b->arrived->len;
  peer (b, 0, SND_UNA + 100, TCP_ACK, 500);
  assert_int_equal (b->arrived->len, sent_segments);
  block_tree_free (target_bench_terminate (b, 0));
}

static void
an_abortive_disconnect_caught_by_a_terminate_still_resets (void **state)
{
  TargetConfig config = target_bench_config ();
  config.engines.clock.hz = 10000000;
  target_bench_free (*state);
  TargetBench *b = *state = target_bench_new (&config);
  PNDIS_PROTOCOL_OFFLOAD_BLOCK_LIST root = connection_tree (b, 0);
  NET_BUFFER_LIST *closing = send_list (b, 0, 0, 0);
  IoStep step = { NULL, target_bench_handle (b, 20), closing, TCP_DISCONNECT_ABORTIVE_CLOSE };

  target_bench_do (b, initiate_step, root, 2000);
  target_bench_do (b, io_step, &step, 2);
  while (bench_record (b->bench, TRACE_CONNECTION_STATE, 3, TcpConnectionClosed, 0) == NULL)
    target_bench_wait (b, 1);
  assert_int_equal (b->arrived->len, 0); /* an engine still works on the RST */
  PNDIS_PROTOCOL_OFFLOAD_BLOCK_LIST leaf = fake_leaf (b->bench, target_bench_handle (b, 20));
  target_bench_do (b, terminate_step, leaf, 2000);
  assert_true ((last_arrived (b)->flags & TCP_RST) != 0);
  assert_int_equal (closing->Status, NDIS_STATUS_SUCCESS);
  assert_int_equal (leaf->Status, NDIS_STATUS_SUCCESS);
  block_tree_free (root);
  block_tree_free (leaf);
}

static void
an_abortive_disconnect_that_comes_too_late_is_left_to_the_host (void **state)
{
  TargetBench *b = *state;
  NET_BUFFER_LIST *closing = send_list (b, 0, 0, 0);
  PNDIS_PROTOCOL_OFFLOAD_BLOCK_LIST leaf = fake_leaf (b->bench, target_bench_handle (b, 20));
  IoStep step = { NULL, target_bench_handle (b, 20), closing, TCP_DISCONNECT_ABORTIVE_CLOSE };

  target_bench_do (b, io_step, &step, 1);
  target_bench_do (b, terminate_step, leaf, 200);
  assert_int_equal (b->arrived->len, 0);
  assert_int_equal (closing->Status, NDIS_STATUS_UPLOAD_IN_PROGRESS);
  assert_int_equal (delegated_of (leaf)->State, TcpConnectionEstablished);
  block_tree_free (leaf);
}

static void
a_graceful_disconnect_caught_by_a_terminate_is_handed_back (void **state)
{
  TargetBench *b = *state;
  NET_BUFFER_LIST *closing = send_list (b, 0, 0, 50);

  disconnect (b, closing, TCP_DISCONNECT_GRACEFUL_CLOSE);
  peer (b, 0, SND_UNA + 20, TCP_ACK, 0);
  PNDIS_PROTOCOL_OFFLOAD_BLOCK_LIST leaf = target_bench_terminate (b, 0);
  assert_int_equal (closing->Status, NDIS_STATUS_UPLOAD_IN_PROGRESS);
  assert_int_equal (closing->TcpOffloadBytesTransferred, 20);
  assert_int_equal (delegated_of (leaf)->State, TcpConnectionFinWait1);
  assert_null (leaf->NetBufferListChain);
  block_tree_free (leaf);
}

static void
time_wait_asks_for_an_upload (void **state)
{
  TargetBench *b = *state;

  disconnect (b, send_list (b, 0, 0, 0), TCP_DISCONNECT_GRACEFUL_CLOSE);
  peer (b, 0, SND_UNA + 1, TCP_ACK, 0);
  peer (b, 0, SND_UNA + 1, TCP_ACK | TCP_FIN, 0);
  bool asked = false;
  const SimRecord *record;
  for (unsigned n = 0; (record = bench_record (b->bench, TRACE_CALL_BEGIN, 1,
                                               NDIS_CALL_NdisTcpOffloadEventHandler, n))
                       != NULL;
       n++)
    asked |= record->column[8] == TcpIndicateRetrieve;
  assert_true (asked);
  assert_int_equal (last_arrived (b)->ack, RCV_NXT + 1);
  PNDIS_PROTOCOL_OFFLOAD_BLOCK_LIST leaf = target_bench_terminate (b, 0);
  assert_int_equal (delegated_of (leaf)->State, TcpConnectionTimeWait);
  block_tree_free (leaf);
}

static void
a_syn_in_time_wait_is_left_to_the_host (void **state)
{
  TargetBench *b = *state;

  disconnect (b, send_list (b, 0, 0, 0), TCP_DISCONNECT_GRACEFUL_CLOSE);
  peer (b, 0, SND_UNA + 1, TCP_ACK | TCP_FIN, 0);
  peer (b, 5000, 0, TCP_SYN, 0);
  const FakeRequest *raw = host_heard (b, NDIS_CALL_ProtocolReceiveNetBufferLists, 0);
  assert_non_null (raw);
  assert_int_equal (raw->list->frame->flags, TCP_SYN);
}

static void
a_challenge_goes_up_with_its_keepalive_timer (void **state)
{
  TargetBench *b = *state;

  peer (b, 100, SND_UNA, TCP_RST, 0);
  assert_int_equal (b->arrived->len, 1);
  PNDIS_PROTOCOL_OFFLOAD_BLOCK_LIST leaf = target_bench_terminate (b, 0);
  uint32_t left = delegated_of (leaf)->KeepAlive.TimeoutDelta;
  assert_true (left > 299000 && left <= 300000);
  assert_int_equal (delegated_of (leaf)->KeepAlive.ProbeCount, 0);
  block_tree_free (leaf);
}

static void
a_syn_at_the_next_byte_uploads_the_connection_closed (void **state)
{
  TargetBench *b = *state;

  peer (b, 0, SND_UNA, TCP_SYN, 0);
  assert_int_equal (b->bench->host.last_event[0], TcpIndicateRetrieve);
  PNDIS_PROTOCOL_OFFLOAD_BLOCK_LIST leaf = target_bench_terminate (b, 0);
  assert_int_equal (delegated_of (leaf)->State, TcpConnectionClosed);
  block_tree_free (leaf);
}

static void
a_connection_nobody_answers_is_given_up_and_handed_back (void **state)
{
  TargetConfig config = target_bench_config ();
  config.tcp.retransmissions_max = 2;
  config.tcp.rto_initial_ticks = config.tcp.rto_min_ticks = 10;
  target_bench_free (*state);
  TargetBench *b = *state = target_bench_new (&config);
  target_bench_offload (b, 0);
  NET_BUFFER_LIST *list = send_list (b, 0, 0, 100);

  target_bench_send (b, 0, list, 200000);
  assert_int_equal (b->bench->host.last_event[0], TcpIndicateRetrieve);
  assert_int_equal (b->bench->host.last_event[1], TimeoutExpiration);
  PNDIS_PROTOCOL_OFFLOAD_BLOCK_LIST leaf = target_bench_terminate (b, 0);
  assert_ptr_equal (leaf->NetBufferListChain, list);
  block_tree_free (leaf);
}

int
main (void)
{
#define TEST(name) cmocka_unit_test_setup_teardown (name, set_up, tear_down)
  const struct CMUnitTest tests[] = {
    TEST (a_fin_is_told_when_no_data_is_left),
    TEST (a_fin_waits_for_refused_data_to_be_taken),
    TEST (a_fin_returns_a_partly_filled_nonpush_request),
    TEST (a_receive_posted_after_the_disconnect_indication_is_refused),
    TEST (sending_goes_on_after_the_peers_fin),
    TEST (an_acceptable_rst_aborts_and_completes_everything),
    TEST (a_rst_outside_the_window_is_dropped_and_one_inside_is_challenged),
    TEST (requests_after_an_abort_are_aborted),
    TEST (a_graceful_disconnect_sends_its_data_and_fin_and_waits_for_their_ack),
    TEST (data_is_delivered_after_our_fin),
    TEST (an_abortive_disconnect_sends_a_rst_and_aborts_the_sends_first),
    TEST (an_abortive_disconnect_caught_by_a_terminate_still_resets),
    TEST (an_abortive_disconnect_that_comes_too_late_is_left_to_the_host),
    TEST (a_graceful_disconnect_caught_by_a_terminate_is_handed_back),
    TEST (time_wait_asks_for_an_upload),
    TEST (a_syn_in_time_wait_is_left_to_the_host),
    TEST (a_challenge_goes_up_with_its_keepalive_timer),
    TEST (a_syn_at_the_next_byte_uploads_the_connection_closed),
    TEST (a_connection_nobody_answers_is_given_up_and_handed_back),
  };
  return cmocka_run_group_tests (tests, NULL, NULL);
}
