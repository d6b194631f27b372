#include "tests/target/target_bench.h"

/* Sending: the host's buffer lists become segments, and come back when they are acknowledged. */

typedef PNDIS_PROTOCOL_OFFLOAD_BLOCK_LIST Node;

static int
set_up (void **state)
{
  TargetConfig config = target_bench_config ();
  *state = target_bench_new (&config);
  return 0;
}

static int
tear_down (void **state)
{
  target_bench_free (*state);
  return 0;
}

static void
peer_acks (TargetBench *b, uint32_t ack, int64_t us)
{
  peer_sends (b, 0, (PeerSegment){ RCV_NXT, ack, TCP_ACK, 0 }, us);
}

static void
sent_data_is_cut_at_the_mss_and_carries_its_bytes (void **state)
{
  TargetBench *b = *state;
  target_bench_offload (b, 0);

  target_bench_send (b, 0, send_list (b, 0, 0, 3000), 100);
  assert_int_equal (b->arrived->len, 3);
  assert_int_equal (arrived_at (b, 0)->payload.bytes, 1460);
  assert_int_equal (arrived_at (b, 1)->payload.offset, 1460);
  assert_int_equal (arrived_at (b, 2)->payload.bytes, 80);
  assert_int_equal (arrived_at (b, 2)->seq, SND_UNA + 2920);
  assert_true ((arrived_at (b, 2)->flags & TCP_PSH) != 0);
}

static void
headers_come_from_path_and_neighbor (void **state)
{
  TargetBench *b = *state;
  target_bench_offload (b, 0);

  target_bench_send (b, 0, send_list (b, 0, 0, 10), 100);
  const TcpSegment *segment = arrived_at (b, 0);
  assert_int_equal (segment->destination_mac_id, 101);
  assert_int_equal (segment->source_mac_id, 1);
  assert_int_equal (segment->tuple.source_address_id, 1);
  assert_int_equal (segment->tuple.destination_address_id, 2);
  assert_int_equal (segment->tuple.source_port, 10000);
  assert_int_equal (segment->tuple.destination_port, 80);
  assert_int_equal (segment->ttl, 64);
  assert_true (segment->ip_id >= 0x8000 && segment->ip_id <= 0xffff);
  assert_true ((segment->oddities & TCP_IP_DONT_FRAGMENT) != 0);
  assert_true ((segment->oddities & TCP_VLAN_TAGGED) == 0);
}

static void
a_send_is_completed_when_all_its_bytes_are_acknowledged (void **state)
{
  TargetBench *b = *state;
  target_bench_offload (b, 0);
  NET_BUFFER_LIST *list = send_list (b, 0, 0, 1000);

  target_bench_send (b, 0, list, 100);
  assert_null (host_heard (b, NDIS_CALL_ProtocolTcpOffloadSendComplete, 0));
  peer_acks (b, SND_UNA + 400, 50);
  assert_null (host_heard (b, NDIS_CALL_ProtocolTcpOffloadSendComplete, 0));
  peer_acks (b, SND_UNA + 1000, 50);
  assert_ptr_equal (host_heard (b, NDIS_CALL_ProtocolTcpOffloadSendComplete, 0)->list, list);
  assert_int_equal (list->Status, NDIS_STATUS_SUCCESS);
  assert_int_equal (list->TcpOffloadBytesTransferred, 1000);
  assert_int_equal (ndis_nbl_bytes (list), 0);
  ndis_nbl_put (b->bench->ndis, list);
}

static void
one_acknowledgment_completes_several_sends_in_order (void **state)
{
  TargetBench *b = *state;
  target_bench_offload (b, 0);
  NET_BUFFER_LIST *first = send_list (b, 0, 0, 100);
  NET_BUFFER_LIST *second = send_list (b, 0, 100, 100);
  NET_BUFFER_LIST *third = send_list (b, 0, 200, 100);

  first->Next = second;
  target_bench_send (b, 0, first, 50);
  target_bench_send (b, 0, third, 50);
  peer_acks (b, SND_UNA + 300, 50);
  const FakeRequest *completed = host_heard (b, NDIS_CALL_ProtocolTcpOffloadSendComplete, 0);
  assert_ptr_equal (completed->list, first);
  assert_ptr_equal (first->Next, second);
  assert_ptr_equal (second->Next, third);
  assert_null (third->Next);
}

static void
a_send_without_bytes_is_completed (void **state)
{
  TargetBench *b = *state;
  target_bench_offload (b, 0);
  NET_BUFFER_LIST *list = send_list (b, 0, 0, 0);

  target_bench_send (b, 0, list, 100);
  assert_ptr_equal (host_heard (b, NDIS_CALL_ProtocolTcpOffloadSendComplete, 0)->list, list);
  assert_int_equal (list->Status, NDIS_STATUS_SUCCESS);
}

static void
a_send_returns_pending_and_completes_in_no_frame_of_its_own (void **state)
{
  TargetBench *b = *state;
  target_bench_offload (b, 0);

  target_bench_send (b, 0, send_list (b, 0, 0, 100), 100);
  peer_acks (b, SND_UNA + 100, 50);
  assert_int_equal (bench_end (b->bench, NDIS_CALL_MiniportTcpOffloadSend, 0)->column[4],
                    NDIS_STATUS_PENDING);
  assert_true (bench_end (b->bench, NDIS_CALL_NdisOffloadTcpSend, 0)->when.ps
               < bench_begin (b->bench, NDIS_CALL_NdisTcpOffloadSendComplete, 0)->when.ps);
}

/* The worked example of the mapping: MDL lengths 200, 400 | 400, 400 | 400, 200. */
static NET_BUFFER_LIST *
worked_example (TargetBench *b)
{
  static const uint32_t lengths[3][2] = { { 200, 400 }, { 400, 400 }, { 400, 200 } };
  const uint32_t stream = TCP_STREAM (0, TCP_TO_PEER);
  NET_BUFFER_LIST *chain = NULL;
  NET_BUFFER_LIST **last = &chain;
  uint64_t offset = 0;

  for (unsigned i = 0; i < 3; i++) {
    *last = send_list (b, 0, offset, lengths[i][0]);
    offset += lengths[i][0];
    ndis_nbl_append_mdl (b->bench->ndis, *last, (TcpRange){ offset, stream, lengths[i][1] });
    offset += lengths[i][1];
    last = &(*last)->Next;
  }
  return chain;
}

/* SDATA-08 to 12: what was sent and may be lost first, then the unsent rest, then what is
 * posted. */
static void
data_of_an_initiate_is_sent_from_snd_nxt_on (void **state)
{
  TargetBench *b = *state;
  Node root = connection_tree (b, 0);
  TCP_OFFLOAD_STATE_DELEGATED *delegated = delegated_of (tcp_of (root));
  NET_BUFFER_LIST *chain = worked_example (b);

  tcp_of (root)->NetBufferListChain = chain;
  delegated->SendDataHead = chain;
  delegated->SendDataTail = ndis_nbl_chain_last (chain);
  delegated->SndNxt = SND_UNA + 1000;
  delegated->SndMax = SND_UNA + 1600;
  delegated->Retransmit.TimeoutDelta = 1000;
  target_bench_do (b, initiate_step, root, 200);

  assert_true (b->arrived->len >= 1);
  const TcpSegment *first = arrived_at (b, 0);
  assert_int_equal (first->seq, SND_UNA + 1000);
  assert_int_equal (first->payload.offset, 1000); /* the first byte of the fourth MDL */
  uint32_t covered = 0;
  for (guint i = 0; i < b->arrived->len; i++) {
    assert_int_equal (arrived_at (b, i)->payload.offset, 1000 + covered);
    covered += arrived_at (b, i)->payload.bytes;
  }
  assert_int_equal (covered, 1000);

  target_bench_send (b, 0, send_list (b, 0, 2000, 50), 100);
  assert_int_equal (last_arrived (b)->payload.offset, 2000);
  peer_acks (b, SND_UNA + 2050, 100);
  const FakeRequest *completed = host_heard (b, NDIS_CALL_ProtocolTcpOffloadSendComplete, 0);
  assert_ptr_equal (completed->list, chain);
  assert_int_equal (ndis_nbl_chain_count (chain), 4);
  block_tree_free (root);
}

static void
unacknowledged_data_of_an_initiate_is_retransmitted_when_its_timer_runs_out (void **state)
{
  TargetBench *b = *state;
  Node root = connection_tree (b, 0);
  TCP_OFFLOAD_STATE_DELEGATED *delegated = delegated_of (tcp_of (root));

  tcp_of (root)->NetBufferListChain = send_list (b, 0, 0, 700);
  delegated->SndNxt = delegated->SndMax = SND_UNA + 700;
  delegated->Retransmit.TimeoutDelta = 5;
  target_bench_do (b, initiate_step, root, 200);
  assert_int_equal (b->arrived->len, 0);
  target_bench_wait (b, 8000);
  assert_int_equal (b->arrived->len, 1);
  assert_int_equal (arrived_at (b, 0)->seq, SND_UNA);
  assert_int_equal (arrived_at (b, 0)->payload.bytes, 700);
  assert_int_equal (arrived_at (b, 0)->payload.offset, 0);
  block_tree_free (root);
}

static void
sends_of_two_connections_share_the_engine_in_turn (void **state)
{
  TargetBench *b = *state;
  Node root = connection_tree (b, 0);
  add_dependent (root->DependentBlockList, tcp_node (b, 1, root->model.op_id));
  target_bench_offload_tree (b, root);

  target_bench_send (b, 0, send_list (b, 0, 0, 7300), 1);
  target_bench_send (b, 0, send_list (b, 0, 7300, 7300), 1);
  target_bench_send (b, 1, send_list (b, 1, 0, 14600), 300);
  bool other_between = false;
  for (guint i = 1; i + 1 < b->arrived->len; i++)
    other_between |= arrived_at (b, i)->connection_id != arrived_at (b, i + 1)->connection_id;
  assert_int_equal (b->arrived->len, 20);
  assert_true (other_between);
}

static void
a_full_transmit_buffer_paces_the_engine (void **state)
{
  TargetConfig config = target_bench_config ();
  config.mac_transmit_buffer_bytes = 3000;
  target_bench_free (*state);
  TargetBench *b = *state = target_bench_new (&config);
  target_bench_offload (b, 0);

  target_bench_send (b, 0, send_list (b, 0, 0, 14600), 300);
  assert_int_equal (b->arrived->len, 10);
}

static void
a_late_send_is_completed_although_its_context_is_gone (void **state)
{
  TargetBench *b = *state;
  target_bench_offload (b, 0);
  NDIS_OFFLOAD_HANDLE stale = *target_bench_handle (b, 20);
  Node leaf = target_bench_terminate (b, 0);
  NET_BUFFER_LIST *list = send_list (b, 0, 0, 10);
  IoStep step = { NdisOffloadTcpSend, &stale, list, 0 };

  target_bench_do (b, io_step, &step, 100);
  assert_ptr_equal (host_heard (b, NDIS_CALL_ProtocolTcpOffloadSendComplete, 0)->list, list);
  assert_int_equal (list->Status, NDIS_STATUS_UPLOAD_IN_PROGRESS);
  block_tree_free (leaf);
}

int
main (void)
{
#define TEST(name) cmocka_unit_test_setup_teardown (name, set_up, tear_down)
  const struct CMUnitTest tests[] = {
    TEST (sent_data_is_cut_at_the_mss_and_carries_its_bytes),
    TEST (headers_come_from_path_and_neighbor),
    TEST (a_send_is_completed_when_all_its_bytes_are_acknowledged),
    TEST (one_acknowledgment_completes_several_sends_in_order),
    TEST (a_send_without_bytes_is_completed),
    TEST (a_send_returns_pending_and_completes_in_no_frame_of_its_own),
    TEST (data_of_an_initiate_is_sent_from_snd_nxt_on),
    TEST (unacknowledged_data_of_an_initiate_is_retransmitted_when_its_timer_runs_out),
    TEST (sends_of_two_connections_share_the_engine_in_turn),
    TEST (a_full_transmit_buffer_paces_the_engine),
    TEST (a_late_send_is_completed_although_its_context_is_gone),
  };
  return cmocka_run_group_tests (tests, NULL, NULL);
}
