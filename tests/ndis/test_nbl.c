#include "tests/ndis/fake.h"

#define STREAM TCP_STREAM (7, TCP_FROM_PEER)

static int
setup (void **state)
{
  Bench *bench = bench_new ();
  bench->config.nbl_limit = 3;
  bench_start (bench, NULL, 0);
  bench_forget (bench);
  *state = bench;
  return 0;
}

static int
teardown (void **state)
{
  bench_free (*state);
  return 0;
}

static TcpRange
range (uint64_t offset, uint32_t bytes)
{
  return (TcpRange){ .offset = offset, .stream_id = STREAM, .bytes = bytes };
}

static void
assert_range (TcpRange actual, uint64_t offset, uint32_t bytes)
{
  assert_int_equal (actual.offset, offset);
  assert_int_equal (actual.bytes, bytes);
}

static NET_BUFFER_LIST *
take (Bench *bench)
{
  return ndis_nbl_take (bench->ndis, NDIS_HOLDER_HOST, 7, 70);
}

static void
received_data_is_placed_behind_what_is_there (void **state)
{
  Bench *bench = *state;
  NET_BUFFER_LIST *list = take (bench);

  ndis_nbl_set_space (list, 100);
  assert_int_equal (ndis_nbl_place (list, range (1000, 60)), 60);
  assert_int_equal (ndis_nbl_place (list, range (1060, 60)), 40);
  assert_int_equal (ndis_nbl_place (list, range (1100, 10)), 0);
  assert_range (list->mdl.content, 1000, 100);
  assert_int_equal (ndis_nbl_bytes (list), 100);
  ndis_nbl_put (bench->ndis, list);
}

static void
placing_data_that_does_not_continue_asserts (void **state)
{
  Bench *bench = *state;
  NET_BUFFER_LIST *list = take (bench);

  ndis_nbl_set_space (list, 100);
  ndis_nbl_place (list, range (1000, 10));
  expect_assert_failure (ndis_nbl_place (list, range (1020, 10)));
  ndis_nbl_put (bench->ndis, list);
}

static void
a_range_goes_on_over_mdls_and_buffers_while_data_continues (void **state)
{
  Bench *bench = *state;
  NET_BUFFER_LIST *list = take (bench);

  ndis_nbl_append_mdl (bench->ndis, list, range (500, 10));
  ndis_nbl_append_mdl (bench->ndis, list, range (510, 10));
  ndis_nbl_append_buffer (bench->ndis, list, range (520, 10));
  ndis_nbl_append_buffer (bench->ndis, list, range (900, 10));
  assert_int_equal (ndis_nbl_bytes (list), 40);
  assert_range (ndis_nbl_range (list, 0, 100), 500, 30);
  assert_range (ndis_nbl_range (list, 15, 8), 515, 8);
  assert_range (ndis_nbl_range (list, 32, 100), 902, 8);
  assert_int_equal (ndis_nbl_range (list, 40, 100).bytes, 0);
  ndis_nbl_put (bench->ndis, list);
}

static void
a_range_ends_where_nothing_has_been_placed (void **state)
{
  Bench *bench = *state;
  NET_BUFFER_LIST *list = take (bench);

  ndis_nbl_set_space (list, 100);
  ndis_nbl_place (list, range (1000, 30));
  assert_range (ndis_nbl_range (list, 10, 100), 1010, 20);
  assert_int_equal (ndis_nbl_range (list, 30, 100).bytes, 0);
  ndis_nbl_put (bench->ndis, list);
}

static void
advancing_moves_the_data_start_over_mdls (void **state)
{
  Bench *bench = *state;
  NET_BUFFER_LIST *list = take (bench);

  ndis_nbl_append_mdl (bench->ndis, list, range (500, 10));
  ndis_nbl_append_mdl (bench->ndis, list, range (510, 10));
  ndis_nbl_append_buffer (bench->ndis, list, range (520, 10));
  ndis_nbl_advance (list, 13);
  assert_int_equal (ndis_nbl_bytes (list), 17);
  assert_int_equal (list->buffer.DataOffset, 13);
  assert_ptr_equal (list->buffer.CurrentMdl, list->mdl.Next);
  assert_range (ndis_nbl_range (list, 0, 100), 513, 17);
  ndis_nbl_advance (list, 12);
  assert_range (ndis_nbl_range (list, 0, 100), 525, 5);
  ndis_nbl_advance (list, 5);
  assert_int_equal (ndis_nbl_bytes (list), 0);
  expect_assert_failure (ndis_nbl_advance (list, 1));
  ndis_nbl_put (bench->ndis, list);
}

static void
a_chain_is_one_send_queue (void **state)
{
  Bench *bench = *state;
  NET_BUFFER_LIST *first = take (bench);
  NET_BUFFER_LIST *second = take (bench);
  NET_BUFFER_LIST *third = take (bench);

  first->Next = second;
  second->Next = third;
  ndis_nbl_set_data (first, range (0, 100));
  ndis_nbl_set_data (second, range (100, 0));
  ndis_nbl_set_data (third, range (100, 50));
  ndis_nbl_advance (first, 20);
  assert_int_equal (ndis_nbl_chain_bytes (first), 130);
  assert_int_equal (ndis_nbl_chain_count (first), 3);
  assert_ptr_equal (ndis_nbl_chain_last (first), third);
  assert_range (ndis_nbl_chain_range (first, 0, 1000), 20, 130);
  assert_range (ndis_nbl_chain_range (first, 70, 20), 90, 20);
  for (NET_BUFFER_LIST *list = first, *next; list != NULL; list = next) {
    next = list->Next;
    ndis_nbl_put (bench->ndis, list);
  }
}

static void
a_frame_carries_a_copy_of_its_segment (void **state)
{
  Bench *bench = *state;
  TcpSegment segment = { .connection_id = 7, .seq = 99, .payload = range (40, 1000) };
  NET_BUFFER_LIST *list = ndis_nbl_take_frame (bench->ndis, NDIS_HOLDER_TARGET, &segment);

  segment.seq = 0;
  assert_int_equal (list->frame->seq, 99);
  assert_true (list->counts_as_frame);
  assert_int_equal (list->connection_id, 7);
  assert_range (ndis_nbl_range (list, 0, 5000), 40, 1000);
  ndis_nbl_put (bench->ndis, list);
}

static void
a_pool_at_its_limit_gives_nothing (void **state)
{
  Bench *bench = *state;
  NET_BUFFER_LIST *lists[] = { take (bench), take (bench), take (bench) };

  assert_null (take (bench));
  ndis_nbl_put (bench->ndis, lists[1]);
  NET_BUFFER_LIST *again = take (bench);
  assert_non_null (again);
  assert_int_equal (again->id, 4);
  ndis_nbl_put (bench->ndis, lists[0]);
  ndis_nbl_put (bench->ndis, again);
  ndis_nbl_put (bench->ndis, lists[2]);
}

static void
each_list_is_taken_and_put_in_the_trace (void **state)
{
  Bench *bench = *state;
  NET_BUFFER_LIST *list = take (bench);

  ndis_nbl_put (bench->ndis, list);
  const SimRecord *taken = bench_record (bench, TRACE_TAKE, 0, TRACE_RESOURCE_NBL, 0);
  const SimRecord *put = bench_record (bench, TRACE_PUT, 0, TRACE_RESOURCE_NBL, 0);
  assert_non_null (taken);
  assert_non_null (put);
  assert_int_equal (taken->column[1], put->column[1]);
  assert_int_equal (taken->column[3], 70);
  expect_assert_failure (ndis_nbl_put (bench->ndis, list));
}

int
main (void)
{
#define TEST(name) cmocka_unit_test_setup_teardown (name, setup, teardown)
  const struct CMUnitTest tests[] = {
    TEST (received_data_is_placed_behind_what_is_there),
    TEST (placing_data_that_does_not_continue_asserts),
    TEST (a_range_goes_on_over_mdls_and_buffers_while_data_continues),
    TEST (a_range_ends_where_nothing_has_been_placed),
    TEST (advancing_moves_the_data_start_over_mdls),
    TEST (a_chain_is_one_send_queue),
    TEST (a_frame_carries_a_copy_of_its_segment),
    TEST (a_pool_at_its_limit_gives_nothing),
    TEST (each_list_is_taken_and_put_in_the_trace),
  };
  return cmocka_run_group_tests (tests, NULL, NULL);
}
