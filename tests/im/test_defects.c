/* Each defect shows in the trace, and only while it is on. */
#include "tests/im/im_bench.h"

/* Runs |body| with |defect| off and on. */
static void
off_and_on (ImDefect defect, void (*body) (ImBench *b, bool on))
{
  for (int on = 0; on <= 1; on++) {
    ImBench *b = im_bench_new (1, (ImConfig){ .permits_offload = true });
    if (on)
      im_driver_set_defect (b->im[0], defect, true);
    body (b, on);
    assert_int_equal (bench_count (b->bench, TRACE_DEFECT, 0, defect) > 0, on);
    im_bench_free (b);
  }
}

#define DEFECT_TEST(name, defect)                 \
  static void name##_body (ImBench *b, bool on);  \
  static void name (G_GNUC_UNUSED void **state)   \
  {                                               \
    off_and_on (IM_DEFECT_##defect, name##_body); \
  }                                               \
  static void name##_body (ImBench *b, bool on)

DEFECT_TEST (keeps_source_handle, KEEPS_SOURCE_HANDLE)
{
  PNDIS_PROTOCOL_OFFLOAD_BLOCK_LIST tree = fake_tree (b->bench, &b->objects);

  bench_run (b->bench, initiate_step, tree);
  const SimRecord *down = bench_begin (b->bench, NDIS_CALL_MiniportInitiateOffload, 0);
  const SimRecord *up = bench_begin (b->bench, NDIS_CALL_NdisMInitiateOffloadComplete, 1);
  int64_t before = bench_record (b->bench, TRACE_NODE, 0, down->column[0], 0)->column[13];
  int64_t after = bench_record (b->bench, TRACE_NODE, 0, up->column[0], 0)->column[13];
  assert_int_equal (before != after, on);
  block_tree_free (tree);
}

DEFECT_TEST (leaks_call_entry, LEAKS_CALL_ENTRY)
{
  PNDIS_PROTOCOL_OFFLOAD_BLOCK_LIST tree = fake_tree (b->bench, &b->objects);

  bench_run (b->bench, initiate_step, tree);
  assert_int_equal (im_bench_out (b, TRACE_RESOURCE_IM_CALL), on ? 1 : 0);
  block_tree_free (tree);
}

DEFECT_TEST (keeps_offload_entry, KEEPS_OFFLOAD_ENTRY)
{
  bench_offload (b->bench, &b->objects);
  PNDIS_PROTOCOL_OFFLOAD_BLOCK_LIST leaf = fake_leaf (b->bench, &b->objects.tcp[0]);
  bench_run (b->bench, terminate_step, leaf);
  assert_int_equal (bench_count (b->bench, TRACE_PUT, 0, TRACE_RESOURCE_IM_ENTRY), on ? 0 : 1);
  block_tree_free (leaf);
}

static void
complete_with_chain (Bench *bench, void *list)
{
  FakeRequest request = *heard_at (bench->target.waiting, 0);
  g_array_set_size (bench->target.waiting, 0);
  request.tree->NetBufferListChain = list;
  target_complete (&bench->target, &request);
}

DEFECT_TEST (loses_send_data, LOSES_SEND_DATA)
{
  bench_offload (b->bench, &b->objects);
  b->bench->target.holds = true;
  PNDIS_PROTOCOL_OFFLOAD_BLOCK_LIST leaf = fake_leaf (b->bench, &b->objects.tcp[0]);
  NET_BUFFER_LIST *list = im_received_list (b, 10);
  bench_run (b->bench, terminate_step, leaf);
  bench_run (b->bench, complete_with_chain, list);
  assert_int_equal (leaf->NetBufferListChain == NULL, on);
  ndis_nbl_put (b->bench->ndis, list);
  block_tree_free (leaf);
}

DEFECT_TEST (accepts_indications, ACCEPTS_INDICATIONS)
{
  bench_offload (b->bench, &b->objects);
  b->bench->host.answer = (NdisResult){ NDIS_STATUS_OFFLOAD_DATA_NOT_ACCEPTED, 0 };
  NET_BUFFER_LIST *list = im_received_list (b, 100);
  NdisResult result = im_bench_indicate (b, list);
  assert_int_equal (result.status,
                    on ? NDIS_STATUS_SUCCESS : NDIS_STATUS_OFFLOAD_DATA_NOT_ACCEPTED);
  assert_int_equal (result.bytes_consumed, on ? 100 : 0);
  ndis_nbl_put (b->bench->ndis, list);
}

DEFECT_TEST (graceful_aborts, GRACEFUL_ABORTS)
{
  bench_offload (b->bench, &b->objects);
  NET_BUFFER_LIST *list = fake_list (b->bench, &b->objects.tcp[0], 0, 0);
  im_bench_request (b, NULL, &b->objects.tcp[0], list, TCP_DISCONNECT_ABORTIVE_CLOSE);
  assert_int_equal (heard_at (b->bench->target.heard, 0)->flags,
                    on ? TCP_DISCONNECT_GRACEFUL_CLOSE : TCP_DISCONNECT_ABORTIVE_CLOSE);
  ndis_nbl_put (b->bench->ndis, list);
}

static void
event_step (Bench *bench, G_GNUC_UNUSED void *what)
{
  bench->target.events.NdisTcpOffloadEventHandler (bench->target.handle[4], TcpIndicateRetrieve,
                                                   HardwareFailure);
}

DEFECT_TEST (forgets_event_information, FORGETS_EVENT_INFORMATION)
{
  bench_offload (b->bench, &b->objects);
  bench_run (b->bench, event_step, NULL);
  assert_int_equal (b->bench->host.last_event[1], on ? 0 : HardwareFailure);
}

static void
oid_step (Bench *bench, void *request)
{
  NdisOidRequest (bench->host.binding, request);
}

DEFECT_TEST (keeps_offload_set, KEEPS_OFFLOAD_SET)
{
  NDIS_OID_REQUEST request = { .Oid = OID_TCP_TASK_OFFLOAD, .is_set = true, .id = 1 };

  bench_run (b->bench, oid_step, &request);
  assert_int_equal (request.status, NDIS_STATUS_SUCCESS);
  assert_int_equal (b->bench->target.heard->len, on ? 0 : 1);
}

static void
defects_are_found_by_name (G_GNUC_UNUSED void **state)
{
  for (ImDefect defect = 0; defect < IM_N_DEFECTS; defect++) {
    assert_int_equal (im_defect_by_name (im_defect_name (defect)), defect);
    assert_non_null (im_defect_rule (defect));
    assert_non_null (im_defect_text (defect));
  }
  assert_int_equal (im_defect_by_name ("no-such-defect"), IM_N_DEFECTS);
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test (keeps_source_handle),       cmocka_unit_test (leaks_call_entry),
    cmocka_unit_test (keeps_offload_entry),       cmocka_unit_test (loses_send_data),
    cmocka_unit_test (accepts_indications),       cmocka_unit_test (graceful_aborts),
    cmocka_unit_test (forgets_event_information), cmocka_unit_test (keeps_offload_set),
    cmocka_unit_test (defects_are_found_by_name),
  };
  return cmocka_run_group_tests (tests, NULL, NULL);
}
