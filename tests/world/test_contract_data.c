/*
 * What every implementation of the chimney's upper edge must do with the data of a connection: one
 * suite, run against the target and each driver and stack over it (contract_stacks.h).
 */
#include "tests/world/contract_stacks.h"

/* The host has heard of |n| lists by |call|, one behind the other. */
static void
assert_completed_in_order (const Contract *c, NdisCall call, NET_BUFFER_LIST *const *lists,
                           uint32_t n)
{
  uint32_t k = 0;

  for (unsigned i = 0; host_heard (c->b, call, i) != NULL; i++)
    for (NET_BUFFER_LIST *nbl = host_heard (c->b, call, i)->list; nbl != NULL; nbl = nbl->Next) {
      assert_true (k < n);
      assert_ptr_equal (nbl, lists[k++]);
    }
  assert_int_equal (k, n);
}

/* Sends */

CONTRACT (sends_are_completed_once_and_in_order_when_they_are_acknowledged)
{
  NET_BUFFER_LIST *sent[4];

  target_bench_offload (c->b, 0);
  for (uint32_t i = 0; i < G_N_ELEMENTS (sent); i++) {
    sent[i] = send_list (c->b, 0, 1000 * i, 1000);
    target_bench_send (c->b, 0, sent[i], 5);
  }
  target_bench_wait (c->b, 200);
  assert_int_equal (heard (c, NDIS_CALL_ProtocolTcpOffloadSendComplete), 0);
  for (uint32_t i = 1; i <= G_N_ELEMENTS (sent); i++) /* a driver may hold the later ones back */
    contract_ack (c, 0, 1000 * i, 200);
  assert_completed_in_order (c, NDIS_CALL_ProtocolTcpOffloadSendComplete, sent, 4);
  for (uint32_t i = 0; i < G_N_ELEMENTS (sent); i++) {
    assert_int_equal (sent[i]->Status, NDIS_STATUS_SUCCESS);
    assert_int_equal (sent[i]->TcpOffloadBytesTransferred, 1000);
    assert_int_equal (sent[i]->holder, NDIS_HOLDER_HOST);
    assert_int_equal (sent[i]->n_contexts, 0);
    put (c, sent[i]);
  }
}

CONTRACT (the_lists_of_one_send_are_each_completed)
{
  target_bench_offload (c->b, 0);
  NET_BUFFER_LIST *sent[] = { send_list (c->b, 0, 0, 700), send_list (c->b, 0, 700, 800) };

  sent[0]->Next = sent[1];
  target_bench_send (c->b, 0, sent[0], 200);
  contract_ack (c, 0, 700, 200);
  contract_ack (c, 0, 1500, 200);
  assert_completed_in_order (c, NDIS_CALL_ProtocolTcpOffloadSendComplete, sent, 2);
  put (c, sent[0]);
  put (c, sent[1]);
}

CONTRACT (send_data_that_came_with_the_initiate_is_sent_and_completed)
{
  Node root = connection_tree (c->b, 0);
  NET_BUFFER_LIST *data = send_list (c->b, 0, 0, 500);

  tcp_of (root)->NetBufferListChain = data;
  target_bench_do (c->b, initiate_step, root, 500);
  assert_int_equal (root->Status, NDIS_STATUS_SUCCESS);
  assert_int_equal (last_arrived (c->b)->payload.bytes, 500);
  contract_ack (c, 0, 500, 300);
  assert_completed_in_order (c, NDIS_CALL_ProtocolTcpOffloadSendComplete, &data, 1);
  assert_int_equal (data->Status, NDIS_STATUS_SUCCESS);
  put (c, data);
  block_tree_free (root);
}

/* Received data */

CONTRACT (posted_receives_are_filled_in_order)
{
  target_bench_offload (c->b, 0);
  NET_BUFFER_LIST *posted[] = { receive_list (c->b, 0, 100), receive_list (c->b, 0, 200) };

  target_bench_post (c->b, 0, posted[0], 20);
  target_bench_post (c->b, 0, posted[1], 100);
  contract_data (c, 0, 0, 300, 300);
  assert_completed_in_order (c, NDIS_CALL_ProtocolTcpOffloadReceiveComplete, posted, 2);
  assert_int_equal (heard (c, NDIS_CALL_ProtocolTcpOffloadReceiveIndicate), 0);
  assert_int_equal (posted[0]->TcpOffloadBytesTransferred, 100);
  assert_int_equal (posted[0]->mdl.content.offset, 0);
  assert_int_equal (posted[1]->TcpOffloadBytesTransferred, 200);
  assert_int_equal (posted[1]->mdl.content.offset, 100);
  put (c, posted[0]);
  put (c, posted[1]);
}

/* How the host answers what is indicated to it. */
static void
host_answers (Contract *c, NDIS_STATUS status, uint32_t bytes)
{
  c->b->bench->host.answer = (NdisResult){ status, bytes };
}

static NET_BUFFER_LIST *
indicated (Contract *c, unsigned n)
{
  const FakeRequest *request = host_heard (c->b, NDIS_CALL_ProtocolTcpOffloadReceiveIndicate, n);

  assert_non_null (request);
  return request->list;
}

CONTRACT (data_without_a_request_is_indicated_in_order_and_its_lists_are_taken_back)
{
  target_bench_offload (c->b, 0);
  for (uint32_t i = 0; i < 3; i++) {
    host_answers (c, NDIS_STATUS_SUCCESS, 100 + i);
    contract_data (c, 0, i == 0 ? 0 : i == 1 ? 100 : 201, 100 + i, 200);
  }
  assert_int_equal (heard (c, NDIS_CALL_ProtocolTcpOffloadReceiveIndicate), 3);
  assert_ptr_equal (c->b->bench->host.last_handle, target_bench_handle (c->b, 20));
  for (uint32_t i = 0, offset = 0; i < 3; offset += 100 + i, i++) {
    NET_BUFFER_LIST *list = indicated (c, i);
    assert_int_equal (ndis_nbl_bytes (list), 100 + i);
    assert_int_equal (ndis_nbl_range (list, 0, 1000).offset, offset);
    assert_int_equal (list->holder, NDIS_HOLDER_HOST);
    target_bench_do (c->b, return_step, list, 100);
  }
  Node leaf = target_bench_terminate (c->b, 0);
  assert_int_equal (delegated_of (leaf)->RcvNxt, RCV_NXT + 303);
  assert_null (delegated_of (leaf)->BufferedData);
  block_tree_free (leaf);
}

CONTRACT (what_the_host_refuses_waits_for_its_request)
{
  target_bench_offload (c->b, 0);
  host_answers (c, NDIS_STATUS_OFFLOAD_DATA_NOT_ACCEPTED, 0);
  contract_data (c, 0, 0, 300, 200);
  contract_data (c, 0, 300, 100, 200);
  assert_int_equal (heard (c, NDIS_CALL_ProtocolTcpOffloadReceiveIndicate), 1);
  NET_BUFFER_LIST *posted = receive_list (c->b, 0, 400);
  target_bench_post (c->b, 0, posted, 300);
  assert_completed_in_order (c, NDIS_CALL_ProtocolTcpOffloadReceiveComplete, &posted, 1);
  assert_int_equal (posted->TcpOffloadBytesTransferred, 400);
  assert_int_equal (posted->mdl.content.offset, 0);
  put (c, posted);
}

CONTRACT (what_the_host_takes_in_part_goes_on_where_it_left_off)
{
  target_bench_offload (c->b, 0);
  host_answers (c, NDIS_STATUS_OFFLOAD_DATA_PARTIALLY_ACCEPTED, 120);
  contract_data (c, 0, 0, 300, 200);
  NET_BUFFER_LIST *posted = receive_list (c->b, 0, 180);
  target_bench_post (c->b, 0, posted, 300);
  assert_completed_in_order (c, NDIS_CALL_ProtocolTcpOffloadReceiveComplete, &posted, 1);
  assert_int_equal (posted->TcpOffloadBytesTransferred, 180);
  assert_int_equal (posted->mdl.content.offset, 120);
  put (c, posted);
}

CONTRACT (a_forwarded_segment_is_delivered_and_completed)
{
  TcpSegment segment = peer_segment (0, (PeerSegment){ RCV_NXT, SND_UNA, TCP_ACK | TCP_PSH, 100 });

  target_bench_offload (c->b, 0);
  NET_BUFFER_LIST *forwarded = ndis_nbl_take_frame (c->b->bench->ndis, NDIS_HOLDER_HOST, &segment);
  NET_BUFFER_LIST *posted = receive_list (c->b, 0, 100);
  forwarded->object_id = 20;
  target_bench_post (c->b, 0, posted, 100);
  target_bench_io (c->b, NdisOffloadTcpForward, 0, forwarded, 0, 300);
  assert_completed_in_order (c, NDIS_CALL_ProtocolTcpOffloadForwardComplete, &forwarded, 1);
  assert_completed_in_order (c, NDIS_CALL_ProtocolTcpOffloadReceiveComplete, &posted, 1);
  assert_int_equal (forwarded->Status, NDIS_STATUS_SUCCESS);
  put (c, forwarded);
  put (c, posted);
}

/* Closing */

CONTRACT (a_graceful_disconnect_is_completed_when_its_fin_is_acknowledged)
{
  target_bench_offload (c->b, 0);
  NET_BUFFER_LIST *sent = send_list (c->b, 0, 0, 100);
  NET_BUFFER_LIST *closing = send_list (c->b, 0, 100, 0);

  target_bench_send (c->b, 0, sent, 50);
  target_bench_io (c->b, NULL, 0, closing, TCP_DISCONNECT_GRACEFUL_CLOSE, 200);
  assert_true ((last_arrived (c->b)->flags & TCP_FIN) != 0);
  contract_ack (c, 0, 100, 200);
  assert_int_equal (heard (c, NDIS_CALL_ProtocolTcpOffloadDisconnectComplete), 0);
  contract_ack (c, 0, 101, 200);
  assert_completed_in_order (c, NDIS_CALL_ProtocolTcpOffloadDisconnectComplete, &closing, 1);
  assert_int_equal (sent->Status, NDIS_STATUS_SUCCESS);
  assert_int_equal (closing->Status, NDIS_STATUS_SUCCESS);
  put (c, sent);
  put (c, closing);
}

CONTRACT (an_abortive_disconnect_aborts_the_sends_and_succeeds)
{
  target_bench_offload (c->b, 0);
  NET_BUFFER_LIST *sent = send_list (c->b, 0, 0, 100);
  NET_BUFFER_LIST *closing = send_list (c->b, 0, 0, 0);

  target_bench_send (c->b, 0, sent, 100);
  target_bench_io (c->b, NULL, 0, closing, TCP_DISCONNECT_ABORTIVE_CLOSE, 300);
  assert_true ((last_arrived (c->b)->flags & TCP_RST) != 0);
  assert_int_equal (sent->Status, NDIS_STATUS_REQUEST_ABORTED);
  assert_int_equal (closing->Status, NDIS_STATUS_SUCCESS);
  assert_int_equal (heard (c, NDIS_CALL_ProtocolTcpOffloadEvent), 0);
  Node leaf = target_bench_terminate (c->b, 0);
  assert_int_equal (leaf->Status, NDIS_STATUS_SUCCESS);
  block_tree_free (leaf);
  put (c, sent);
  put (c, closing);
}

CONTRACT (a_fin_of_the_peer_is_told_once_and_sending_goes_on)
{
  target_bench_offload (c->b, 0);
  NET_BUFFER_LIST *sent = send_list (c->b, 0, 0, 100);

  contract_peer_sends (c, 0, (PeerSegment){ RCV_NXT, SND_UNA, TCP_ACK | TCP_FIN, 0 }, 300);
  assert_int_equal (heard (c, NDIS_CALL_ProtocolTcpOffloadEvent), 1);
  assert_ptr_equal (c->b->bench->host.last_handle, target_bench_handle (c->b, 20));
  assert_int_equal (c->b->bench->host.last_event[0], TcpIndicateDisconnect);
  target_bench_send (c->b, 0, sent, 200);
  contract_peer_sends (c, 0, (PeerSegment){ RCV_NXT + 1, SND_UNA + 100, TCP_ACK, 0 }, 200);
  assert_int_equal (sent->Status, NDIS_STATUS_SUCCESS);
  put (c, sent);
}

CONTRACT (a_rst_is_told_once_and_ends_everything_that_is_outstanding)
{
  target_bench_offload (c->b, 0);
  NET_BUFFER_LIST *sent = send_list (c->b, 0, 0, 100);
  NET_BUFFER_LIST *posted = receive_list (c->b, 0, 100);
  NET_BUFFER_LIST *closing = send_list (c->b, 0, 100, 0);

  target_bench_send (c->b, 0, sent, 100);
  target_bench_post (c->b, 0, posted, 100);
  target_bench_io (c->b, NULL, 0, closing, TCP_DISCONNECT_GRACEFUL_CLOSE, 100);
  contract_peer_sends (c, 0, (PeerSegment){ RCV_NXT, SND_UNA, TCP_RST, 0 }, 300);
  assert_int_equal (heard (c, NDIS_CALL_ProtocolTcpOffloadEvent), 1);
  assert_int_equal (c->b->bench->host.last_event[0], TcpIndicateAbort);
  assert_int_equal (sent->Status, NDIS_STATUS_REQUEST_ABORTED);
  assert_int_equal (posted->Status, NDIS_STATUS_REQUEST_ABORTED);
  assert_int_equal (closing->Status, NDIS_STATUS_REQUEST_ABORTED);
  Node leaf = target_bench_terminate (c->b, 0);
  assert_int_equal (leaf->Status, NDIS_STATUS_SUCCESS);
  assert_null (leaf->NetBufferListChain);
  block_tree_free (leaf);
  put (c, sent);
  put (c, posted);
  put (c, closing);
}

/* Whole: calls of every kind cross each other at every instant between call and completion. */

typedef struct Crossing {
  Contract *c;
  NET_BUFFER_LIST *sent, *posted, *closing;
  Node query, leaf;
} Crossing;

static void
crossing_begin (Crossing *x, Contract *c)
{
  *x = (Crossing){ .c = c };
  target_bench_offload (c->b, 0);
  x->sent = send_list (c->b, 0, 0, 500);
  x->posted = receive_list (c->b, 0, 200);
  x->closing = send_list (c->b, 0, 500, 0);
  x->query = node_of (c, TcpOffloadDelegatedState, 20, true);
  x->leaf = fake_leaf (c->b->bench, target_bench_handle (c->b, 20));
}

/* Lets |us| pass between one call and the next. */
static void
crossing_run (Crossing *x, int64_t us)
{
  TargetBench *b = x->c->b;

  target_bench_post (b, 0, x->posted, us);
  target_bench_send (b, 0, x->sent, us);
  contract_data (x->c, 0, 0, 50, us);
  target_bench_do (b, query_step, x->query, us);
  target_bench_io (b, NULL, 0, x->closing, TCP_DISCONNECT_GRACEFUL_CLOSE, us);
  contract_ack (x->c, 0, 250, us);
  while (heard (x->c, NDIS_CALL_ProtocolQueryOffloadComplete) == 0)
    target_bench_wait (b, 1);
  target_bench_do (b, terminate_step, x->leaf, 3000);
}

static void
crossing_end (Crossing *x)
{
  Contract *c = x->c;

  assert_int_equal (x->leaf->Status, NDIS_STATUS_SUCCESS);
  assert_int_equal (x->sent->holder, NDIS_HOLDER_HOST);
  assert_int_equal (x->posted->holder, NDIS_HOLDER_HOST);
  assert_int_equal (x->closing->holder, NDIS_HOLDER_HOST);
  for (NET_BUFFER_LIST *nbl = delegated_of (x->leaf)->BufferedData; nbl != NULL;) {
    NET_BUFFER_LIST *next = nbl->Next;
    nbl->Next = NULL;
    target_bench_do (c->b, return_step, nbl, 100);
    nbl = next;
  }
  block_tree_free (x->leaf);
  block_tree_free (x->query);
  put (c, x->sent);
  put (c, x->posted);
  put (c, x->closing);
  x->c->b->handle[20].MiniportOffloadContext = 0;
  x->c->b->handle[1].MiniportOffloadContext = x->c->b->handle[2].MiniportOffloadContext = 0;
}

/* A call each |us| microseconds, so that completions, indications and calls of every kind cross. */
static void
calls_may_cross_at_any_instant (G_GNUC_UNUSED void **state)
{
  g_autofree Stacks *stacks = g_new (Stacks, 1);

  stacks_init (stacks);
  for (uint32_t i = 0; i < stacks->n; i++)
    for (int64_t us = 0; us < 16; us++) {
      Contract *c = contract_open (&stacks->stack[i]);
      Crossing x;
      contract_enable (c);
      crossing_begin (&x, c);
      crossing_run (&x, us);
      crossing_end (&x);
      contract_close (c);
    }
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test (sends_are_completed_once_and_in_order_when_they_are_acknowledged),
    cmocka_unit_test (the_lists_of_one_send_are_each_completed),
    cmocka_unit_test (send_data_that_came_with_the_initiate_is_sent_and_completed),
    cmocka_unit_test (posted_receives_are_filled_in_order),
    cmocka_unit_test (data_without_a_request_is_indicated_in_order_and_its_lists_are_taken_back),
    cmocka_unit_test (what_the_host_refuses_waits_for_its_request),
    cmocka_unit_test (what_the_host_takes_in_part_goes_on_where_it_left_off),
    cmocka_unit_test (a_forwarded_segment_is_delivered_and_completed),
    cmocka_unit_test (a_graceful_disconnect_is_completed_when_its_fin_is_acknowledged),
    cmocka_unit_test (an_abortive_disconnect_aborts_the_sends_and_succeeds),
    cmocka_unit_test (a_fin_of_the_peer_is_told_once_and_sending_goes_on),
    cmocka_unit_test (a_rst_is_told_once_and_ends_everything_that_is_outstanding),
    cmocka_unit_test (calls_may_cross_at_any_instant),
  };
  return cmocka_run_group_tests (tests, NULL, NULL);
}
