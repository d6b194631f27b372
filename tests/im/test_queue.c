#include "tests/im/im_bench.h"

#include "models/im/table.h"

#define DEPTH 2

static int
setup (void **state)
{
  ImBench *b = im_bench_new (1, (ImConfig){ .permits_offload = true, .queue_depth = DEPTH });
  bench_offload (b->bench, &b->objects);
  b->bench->target.holds = true;
  *state = b;
  return 0;
}

static int
teardown (void **state)
{
  im_bench_free (*state);
  return 0;
}

static NET_BUFFER_LIST *
send (ImBench *b, unsigned connection, uint64_t offset)
{
  NDIS_OFFLOAD_HANDLE *handle = &b->objects.tcp[connection];
  NET_BUFFER_LIST *list = fake_list (b->bench, handle, offset, 10);
  im_bench_request (b, NdisOffloadTcpSend, handle, list, 0);
  return list;
}

static void
disconnect (ImBench *b, NET_BUFFER_LIST *list, uint32_t flags)
{
  im_bench_request (b, NULL, &b->objects.tcp[0], list, flags);
}

static void
assert_heard (ImBench *b, const NdisCall *calls, NET_BUFFER_LIST *const *lists, unsigned count)
{
  assert_int_equal (b->bench->target.heard->len, count);
  for (unsigned i = 0; i < count; i++) {
    const FakeRequest *heard = heard_at (b->bench->target.heard, i);
    assert_int_equal (heard->call, calls != NULL ? calls[i] : NDIS_CALL_MiniportTcpOffloadSend);
    if (lists != NULL)
      assert_ptr_equal (heard->list, lists[i]);
  }
}

static void
put_all (ImBench *b, NET_BUFFER_LIST *const *lists, unsigned count)
{
  for (unsigned i = 0; i < count; i++)
    ndis_nbl_put (b->bench->ndis, lists[i]);
}

static void
requests_beyond_the_depth_wait_their_turn (void **state)
{
  ImBench *b = *state;
  NET_BUFFER_LIST *lists[5];

  for (unsigned i = 0; i < 5; i++)
    lists[i] = send (b, 0, 10 * i);
  assert_heard (b, NULL, lists, 2);
  assert_int_equal (im_driver_stats (b->im[0]).waiting, 3);
  for (unsigned i = 2; i < 5; i++)
    assert_int_equal (lists[i]->holder, NDIS_HOLDER_IM);
  bench_complete (b->bench);
  assert_heard (b, NULL, lists, 4);
  bench_complete (b->bench);
  assert_heard (b, NULL, lists, 5);
  bench_complete (b->bench);
  assert_int_equal (b->bench->host.heard->len, 5);
  assert_int_equal (im_driver_stats (b->im[0]).waiting, 0);
  assert_int_equal (im_driver_stats (b->im[0]).waiting_peak, 3);
  put_all (b, lists, 5);
}

static void
receives_pass_those_that_wait (void **state)
{
  ImBench *b = *state;
  NET_BUFFER_LIST *lists[] = { send (b, 0, 0), send (b, 0, 10), send (b, 0, 20), NULL };
  static const NdisCall calls[] = { NDIS_CALL_MiniportTcpOffloadSend,
                                    NDIS_CALL_MiniportTcpOffloadSend,
                                    NDIS_CALL_MiniportTcpOffloadReceive };

  lists[3] = fake_list (b->bench, &b->objects.tcp[0], 0, 10);
  im_bench_request (b, NdisOffloadTcpReceive, &b->objects.tcp[0], lists[3], 0);
  assert_heard (b, calls, NULL, 3);
  b->bench->target.holds = false;
  bench_complete (b->bench);
  put_all (b, lists, 4);
}

static void
a_graceful_disconnect_stays_behind_the_sends_before_it (void **state)
{
  ImBench *b = *state;
  NET_BUFFER_LIST *lists[] = { send (b, 0, 0), send (b, 0, 10), send (b, 0, 20), NULL };
  static const NdisCall calls[] = { NDIS_CALL_MiniportTcpOffloadSend,
                                    NDIS_CALL_MiniportTcpOffloadSend,
                                    NDIS_CALL_MiniportTcpOffloadSend,
                                    NDIS_CALL_MiniportTcpOffloadDisconnect };

  lists[3] = fake_list (b->bench, &b->objects.tcp[0], 0, 0);
  disconnect (b, lists[3], TCP_DISCONNECT_GRACEFUL_CLOSE);
  assert_heard (b, NULL, lists, 2);
  bench_complete (b->bench);
  assert_heard (b, calls, lists, 4);
  bench_complete (b->bench);
  assert_int_equal (b->bench->host.heard->len, 4);
  put_all (b, lists, 4);
}

static void
an_abortive_disconnect_takes_along_what_is_before_it (void **state)
{
  ImBench *b = *state;
  NET_BUFFER_LIST *lists[] = { send (b, 1, 0), send (b, 1, 10), send (b, 0, 0), NULL };
  static const NdisCall calls[] = { NDIS_CALL_MiniportTcpOffloadSend,
                                    NDIS_CALL_MiniportTcpOffloadSend,
                                    NDIS_CALL_MiniportTcpOffloadSend,
                                    NDIS_CALL_MiniportTcpOffloadDisconnect };

  lists[3] = fake_list (b->bench, &b->objects.tcp[0], 0, 0);
  disconnect (b, lists[3], TCP_DISCONNECT_ABORTIVE_CLOSE);
  assert_heard (b, calls, lists, 4);
  bench_complete (b->bench);
  put_all (b, lists, 4);
}

static void
a_terminate_takes_along_what_is_before_it (void **state)
{
  ImBench *b = *state;
  NET_BUFFER_LIST *lists[] = { send (b, 0, 0), send (b, 0, 10), send (b, 0, 20) };
  PNDIS_PROTOCOL_OFFLOAD_BLOCK_LIST leaf = fake_leaf (b->bench, &b->objects.tcp[0]);
  static const NdisCall calls[] = { NDIS_CALL_MiniportTcpOffloadSend,
                                    NDIS_CALL_MiniportTcpOffloadSend,
                                    NDIS_CALL_MiniportTcpOffloadSend,
                                    NDIS_CALL_MiniportTerminateOffload };

  bench_run (b->bench, terminate_step, leaf);
  assert_heard (b, calls, NULL, 4);
  bench_complete (b->bench);
  assert_int_equal (b->bench->host.heard->len, 4);
  assert_int_equal (im_bench_out (b, TRACE_RESOURCE_IM_CALL), 0);
  put_all (b, lists, 3);
  block_tree_free (leaf);
}

static void
query_leaf (Bench *bench, void *tree)
{
  NdisQueryOffloadState (bench->host.binding, tree);
}

/* A terminate waits for the query, and may be what ends the sends. */
static void
a_query_takes_along_what_is_before_it (void **state)
{
  ImBench *b = *state;
  NET_BUFFER_LIST *lists[] = { send (b, 0, 0), send (b, 0, 10), send (b, 1, 0) };
  PNDIS_PROTOCOL_OFFLOAD_BLOCK_LIST leaf = fake_leaf (b->bench, &b->objects.tcp[1]);
  static const NdisCall calls[] = { NDIS_CALL_MiniportTcpOffloadSend,
                                    NDIS_CALL_MiniportTcpOffloadSend,
                                    NDIS_CALL_MiniportTcpOffloadSend,
                                    NDIS_CALL_MiniportQueryOffload };

  bench_run (b->bench, query_leaf, leaf);
  assert_heard (b, calls, NULL, 4);
  bench_complete (b->bench);
  put_all (b, lists, 3);
  block_tree_free (leaf);
}

static void
operations_and_requests_are_counted_apart (void **state)
{
  ImBench *b = *state;
  NET_BUFFER_LIST *lists[] = { send (b, 0, 0), send (b, 0, 10) };
  NDIS_OFFLOAD_HANDLE later[3];
  PNDIS_PROTOCOL_OFFLOAD_BLOCK_LIST trees[3];

  for (uint32_t i = 0; i < 3; i++) {
    later[i] = fake_handle (b->bench, 10 + i, 100 + i);
    trees[i] = fake_node (b->bench, OFFLOAD_LAYER_NEIGHBOR, &later[i], i + 50);
    bench_run (b->bench, initiate_step, trees[i]);
  }
  assert_int_equal (b->bench->target.heard->len, 4);
  assert_int_equal (im_driver_stats (b->im[0]).waiting, 1);
  bench_complete (b->bench);
  bench_complete (b->bench);
  assert_int_equal (b->bench->host.heard->len, 5);
  assert_true (later[2].MiniportOffloadContext != 0);
  put_all (b, lists, 2);
  for (uint32_t i = 0; i < 3; i++)
    block_tree_free (trees[i]);
}

/* The table behind contexts and call entries */

static void
a_stale_token_finds_nothing (G_GNUC_UNUSED void **state)
{
  ImTable table;

  im_table_init (&table, 3, 16);
  void *first = im_table_take (&table);
  NDIS_TOKEN token = im_table_token (&table, first);
  assert_ptr_equal (im_table_find (&table, token), first);
  assert_null (im_table_find (&table, 0));
  im_table_put (&table, first);
  assert_null (im_table_find (&table, token));
  void *second = im_table_take (&table);
  assert_ptr_equal (second, first);
  assert_true (im_table_token (&table, second) != token);
  assert_null (im_table_find (&table, token));

  ImTable other;
  im_table_init (&other, 4, 16);
  im_table_take (&other);
  assert_null (im_table_find (&other, im_table_token (&table, second)));
  im_table_clear (&table);
  im_table_clear (&other);
}

int
main (void)
{
#define TEST(name) cmocka_unit_test_setup_teardown (name, setup, teardown)
  const struct CMUnitTest tests[] = {
    TEST (requests_beyond_the_depth_wait_their_turn),
    TEST (receives_pass_those_that_wait),
    TEST (a_graceful_disconnect_stays_behind_the_sends_before_it),
    TEST (an_abortive_disconnect_takes_along_what_is_before_it),
    TEST (a_terminate_takes_along_what_is_before_it),
    TEST (a_query_takes_along_what_is_before_it),
    TEST (operations_and_requests_are_counted_apart),
    cmocka_unit_test (a_stale_token_finds_nothing),
  };
  return cmocka_run_group_tests (tests, NULL, NULL);
}
