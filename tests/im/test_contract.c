/*
 * What every intermediate driver must do: one suite, run against each kind in the table that passes
 * the chimney on, alone and between two drivers of its kind; and what one that does not pass it on
 * must do.
 */
#include "tests/im/im_bench.h"

#include <string.h>

static const uint32_t depths[] = { 1, 3 };

/* What a kind cannot do without, beside what a test is about. */
static ImConfig
kind_config (const ImKind *kind, ImConfig config)
{
  config.driver = kind->name;
  config.vlan_id = strcmp (kind->name, "vlan") == 0 ? 7 : 0;
  config.connections_max = strcmp (kind->name, "quota") == 0 ? 1000 : 0;
  return config;
}

/* Runs |body| against a fresh stack of each kind and depth. */
static void
against_each (void (*body) (ImBench *b), ImConfig config)
{
  size_t n;
  const ImKind *kinds = im_kinds (&n);

  assert_true (n >= 1);
  for (size_t kind = 0; kind < n; kind++)
    for (size_t i = 0; i < G_N_ELEMENTS (depths) && kinds[kind].passes_chimney; i++) {
      ImBench *b = im_bench_new (depths[i], kind_config (&kinds[kind], config));
      body (b);
      im_bench_free (b);
    }
}

static const ImConfig permissive = { .permits_offload = true };

#define CONTRACT(name, config)                  \
  static void name##_body (ImBench *b);         \
  static void name (G_GNUC_UNUSED void **state) \
  {                                             \
    against_each (name##_body, config);         \
  }                                             \
  static void name##_body (ImBench *b)

/* NODE of the root in the |n|-th crossing of |call| by |layer|. */
static const SimRecord *
root_node (const ImBench *b, NdisCall call, uint32_t layer)
{
  for (unsigned n = 0;; n++) {
    const SimRecord *begin = bench_begin (b->bench, call, n);
    if (begin->column[5] == layer)
      return bench_record (b->bench, TRACE_NODE, 0, begin->column[0], 0);
  }
}

enum { NODE_SOURCE_HANDLE = 13, NODE_IM_RESERVED = 14, NODE_PROTOCOL_RESERVED = 15 };

CONTRACT (saved_members_are_restored_for_the_driver_above, permissive)
{
  PNDIS_PROTOCOL_OFFLOAD_BLOCK_LIST tree = fake_tree (b->bench, &b->objects);

  tree->ImReserved[0] = 600;
  tree->ImReserved[1] = 601;
  bench_run (b->bench, initiate_step, tree);
  for (uint32_t layer = 1; layer <= b->n_ims; layer++) {
    const SimRecord *down = root_node (b, NDIS_CALL_MiniportInitiateOffload, layer);
    const SimRecord *up = root_node (b, NDIS_CALL_NdisMInitiateOffloadComplete, layer);
    assert_int_equal (up->column[NODE_SOURCE_HANDLE], down->column[NODE_SOURCE_HANDLE]);
    assert_int_equal (up->column[NODE_IM_RESERVED], down->column[NODE_IM_RESERVED]);
    const SimRecord *below = root_node (b, NDIS_CALL_MiniportInitiateOffload, layer + 1);
    assert_true (below->column[NODE_IM_RESERVED] != down->column[NODE_IM_RESERVED]);
    assert_true (below->column[NODE_SOURCE_HANDLE] != down->column[NODE_SOURCE_HANDLE]);
  }
  assert_int_equal (tree->ImReserved[0], 600);
  assert_int_equal (tree->ImReserved[1], 601);
  block_tree_free (tree);
}

CONTRACT (an_entry_lives_from_a_successful_initiate_to_a_successful_terminate, permissive)
{
  PNDIS_PROTOCOL_OFFLOAD_BLOCK_LIST tree = fake_tree (b->bench, &b->objects);

  b->bench->target.status[4] = NDIS_STATUS_OFFLOAD_TCP_ENTRIES;
  b->bench->target.status[1] = b->bench->target.status[2] = NDIS_STATUS_OFFLOAD_PARTIAL_SUCCESS;
  bench_run (b->bench, initiate_step, tree);
  assert_int_equal (im_driver_stats (b->im[0]).entries, 3);
  assert_int_equal (b->objects.tcp[1].MiniportOffloadContext, 0);
  assert_int_equal (tree->DependentBlockList->DependentBlockList->NextBlock->Status,
                    NDIS_STATUS_OFFLOAD_TCP_ENTRIES);
  block_tree_free (tree);

  b->bench->target.status[3] = NDIS_STATUS_FAILURE;
  PNDIS_PROTOCOL_OFFLOAD_BLOCK_LIST leaf = fake_leaf (b->bench, &b->objects.tcp[0]);
  bench_run (b->bench, terminate_step, leaf);
  assert_int_equal (leaf->Status, NDIS_STATUS_FAILURE);
  assert_int_equal (im_driver_stats (b->im[0]).entries, 3);
  block_tree_free (leaf);

  b->bench->target.status[3] = NDIS_STATUS_SUCCESS;
  leaf = fake_leaf (b->bench, &b->objects.tcp[0]);
  bench_run (b->bench, terminate_step, leaf);
  assert_int_equal (im_driver_stats (b->im[0]).entries, 2);
  block_tree_free (leaf);
}

CONTRACT (nothing_is_left_when_everything_has_ended, permissive)
{
  NDIS_OFFLOAD_HANDLE *handle = &b->objects.tcp[0];

  bench_offload (b->bench, &b->objects);
  NET_BUFFER_LIST *list = fake_list (b->bench, handle, 0, 100);
  im_bench_request (b, NdisOffloadTcpSend, handle, list, 0);
  PNDIS_PROTOCOL_OFFLOAD_BLOCK_LIST tree = fake_tree (b->bench, &b->objects);
  bench_run (b->bench, terminate_step, tree);
  for (uint32_t i = 0; i < b->n_ims; i++) {
    assert_int_equal (im_driver_stats (b->im[i]).entries, 0);
    assert_int_equal (im_driver_stats (b->im[i]).calls, 0);
    assert_int_equal (im_driver_stats (b->im[i]).waiting, 0);
  }
  block_tree_free (tree);
  ndis_nbl_put (b->bench->ndis, list);
}

CONTRACT (statuses_of_a_partial_result_pass_unchanged, permissive)
{
  PNDIS_PROTOCOL_OFFLOAD_BLOCK_LIST tree = fake_tree (b->bench, &b->objects);

  b->bench->target.status[1] = b->bench->target.status[2] = NDIS_STATUS_OFFLOAD_PARTIAL_SUCCESS;
  b->bench->target.status[3] = NDIS_STATUS_OFFLOAD_TCP_RCV_WINDOW;
  bench_run (b->bench, initiate_step, tree);
  PNDIS_PROTOCOL_OFFLOAD_BLOCK_LIST path = tree->DependentBlockList;
  assert_int_equal (tree->Status, NDIS_STATUS_OFFLOAD_PARTIAL_SUCCESS);
  assert_int_equal (path->Status, NDIS_STATUS_OFFLOAD_PARTIAL_SUCCESS);
  assert_int_equal (path->DependentBlockList->Status, NDIS_STATUS_OFFLOAD_TCP_RCV_WINDOW);
  assert_int_equal (path->DependentBlockList->NextBlock->Status, NDIS_STATUS_SUCCESS);
  block_tree_free (tree);
}

CONTRACT (new_state_under_a_linker_keeps_the_linkers_entry, permissive)
{
  NDIS_OFFLOAD_HANDLE later = fake_handle (b->bench, 9, 90);

  bench_offload (b->bench, &b->objects);
  NDIS_TOKEN context = b->objects.path.MiniportOffloadContext;
  uint32_t op = ndis_next_op_id (b->bench->ndis);
  PNDIS_PROTOCOL_OFFLOAD_BLOCK_LIST root = fake_node (b->bench, OFFLOAD_LAYER_NEIGHBOR, NULL, op);
  root->DependentBlockList = fake_node (b->bench, OFFLOAD_LAYER_PATH, &b->objects.path, op);
  root->DependentBlockList->DependentBlockList =
      fake_node (b->bench, OFFLOAD_LAYER_TCP, &later, op);
  bench_run (b->bench, initiate_step, root);
  assert_int_equal (root->Status, NDIS_STATUS_SUCCESS);
  assert_int_equal (b->objects.path.MiniportOffloadContext, context);
  assert_true (later.MiniportOffloadContext != 0);
  assert_int_equal (im_driver_stats (b->im[0]).entries, 5);
  block_tree_free (root);
}

CONTRACT (requests_keep_their_lists_and_flags, permissive)
{
  NDIS_OFFLOAD_HANDLE *handle = &b->objects.tcp[1];

  bench_offload (b->bench, &b->objects);
  NET_BUFFER_LIST *list = fake_list (b->bench, handle, 0, 0);
  im_bench_request (b, NULL, handle, list, TCP_DISCONNECT_ABORTIVE_CLOSE);
  const FakeRequest *heard = heard_at (b->bench->target.heard, 0);
  assert_ptr_equal (heard->list, list);
  assert_int_equal (heard->flags, TCP_DISCONNECT_ABORTIVE_CLOSE);
  assert_int_equal (heard->context, 4);
  assert_ptr_equal (heard_at (b->bench->host.heard, 0)->list, list);
  ndis_nbl_put (b->bench->ndis, list);
}

static void
complete_one_list (Bench *bench, void *list)
{
  bench->target.events.NdisTcpOffloadSendComplete (bench->target.adapter, list);
}

CONTRACT (lists_of_one_request_may_be_completed_one_by_one, permissive)
{
  NDIS_OFFLOAD_HANDLE *handle = &b->objects.tcp[0];

  bench_offload (b->bench, &b->objects);
  b->bench->target.holds = true;
  NET_BUFFER_LIST *first = fake_list (b->bench, handle, 0, 100);
  NET_BUFFER_LIST *second = fake_list (b->bench, handle, 100, 100);
  first->Next = second;
  im_bench_request (b, NdisOffloadTcpSend, handle, first, 0);
  assert_int_equal (first->n_contexts, b->n_ims);
  assert_int_equal (im_driver_stats (b->im[0]).calls, 2);
  first->Next = NULL;
  bench_run (b->bench, complete_one_list, first);
  assert_int_equal (im_driver_stats (b->im[0]).calls, 1);
  assert_int_equal (first->n_contexts, 0);
  bench_run (b->bench, complete_one_list, second);
  assert_int_equal (im_bench_out (b, TRACE_RESOURCE_IM_CALL), 0);
  assert_int_equal (b->bench->host.heard->len, 2);
  ndis_nbl_put (b->bench->ndis, first);
  ndis_nbl_put (b->bench->ndis, second);
}

CONTRACT (send_data_that_came_with_an_initiate_completes_like_other, permissive)
{
  PNDIS_PROTOCOL_OFFLOAD_BLOCK_LIST tree = fake_tree (b->bench, &b->objects);
  NET_BUFFER_LIST *list = fake_list (b->bench, &b->objects.tcp[0], 0, 100);

  tree->DependentBlockList->DependentBlockList->NetBufferListChain = list;
  bench_run (b->bench, initiate_step, tree);
  bench_run (b->bench, complete_one_list, list);
  assert_ptr_equal (heard_at (b->bench->host.heard, 1)->list, list);
  assert_int_equal (list->holder, NDIS_HOLDER_HOST);
  block_tree_free (tree);
  ndis_nbl_put (b->bench->ndis, list);
}

static void
complete_with_chain (Bench *bench, void *list)
{
  FakeRequest request = *heard_at (bench->target.waiting, bench->target.waiting->len - 1);
  g_array_set_size (bench->target.waiting, 0);
  request.tree->NetBufferListChain = list;
  target_complete (&bench->target, &request);
}

CONTRACT (sends_that_come_back_with_a_terminate_need_no_completion, permissive)
{
  NDIS_OFFLOAD_HANDLE *handle = &b->objects.tcp[0];

  bench_offload (b->bench, &b->objects);
  b->bench->target.holds = true;
  NET_BUFFER_LIST *list = fake_list (b->bench, handle, 0, 100);
  im_bench_request (b, NdisOffloadTcpSend, handle, list, 0);
  PNDIS_PROTOCOL_OFFLOAD_BLOCK_LIST leaf = fake_leaf (b->bench, handle);
  bench_run (b->bench, terminate_step, leaf);
  bench_run (b->bench, complete_with_chain, list);
  assert_ptr_equal (leaf->NetBufferListChain, list);
  assert_int_equal (list->holder, NDIS_HOLDER_HOST);
  assert_int_equal (list->n_contexts, 0);
  assert_int_equal (im_bench_out (b, TRACE_RESOURCE_IM_CALL), 0);
  block_tree_free (leaf);
  ndis_nbl_put (b->bench->ndis, list);
}

CONTRACT (a_request_on_a_terminated_object_is_refused, permissive)
{
  NDIS_OFFLOAD_HANDLE *handle = &b->objects.tcp[0];

  bench_offload (b->bench, &b->objects);
  PNDIS_PROTOCOL_OFFLOAD_BLOCK_LIST leaf = fake_leaf (b->bench, handle);
  bench_run (b->bench, terminate_step, leaf);
  bench_forget (b->bench);
  NET_BUFFER_LIST *list = fake_list (b->bench, handle, 0, 100);
  im_bench_request (b, NdisOffloadTcpSend, handle, list, 0);
  assert_int_equal (b->bench->target.heard->len, 0);
  assert_int_equal (list->Status, NDIS_STATUS_INVALID_STATE);
  assert_int_equal (list->holder, NDIS_HOLDER_HOST);
  assert_int_equal (im_bench_out (b, TRACE_RESOURCE_IM_CALL), 0);
  block_tree_free (leaf);
  ndis_nbl_put (b->bench->ndis, list);
}

static void
event_step (Bench *bench, G_GNUC_UNUSED void *what)
{
  bench->target.events.NdisTcpOffloadEventHandler (bench->target.handle[4], TcpIndicateRetrieve,
                                                   HardwareFailure);
}

CONTRACT (events_go_up_as_they_are, permissive)
{
  bench_offload (b->bench, &b->objects);
  bench_run (b->bench, event_step, NULL);
  assert_ptr_equal (b->bench->host.last_handle, &b->objects.tcp[1]);
  assert_int_equal (b->bench->host.last_event[0], TcpIndicateRetrieve);
  assert_int_equal (b->bench->host.last_event[1], HardwareFailure);
}

static void
return_step (Bench *bench, void *list)
{
  NdisOffloadTcpReceiveReturn (bench->host.binding, list);
}

CONTRACT (returned_lists_go_down_to_the_target, permissive)
{
  bench_offload (b->bench, &b->objects);
  b->bench->host.answer = (NdisResult){ NDIS_STATUS_SUCCESS, 100 };
  NET_BUFFER_LIST *list = im_received_list (b, 100);
  im_bench_indicate (b, list);
  bench_run (b->bench, return_step, list);
  assert_int_equal (list->holder, NDIS_HOLDER_TARGET);
  assert_ptr_equal (heard_at (b->bench->target.heard, 0)->list, list);
  ndis_nbl_put (b->bench->ndis, list);
}

/* The neighbor event */

static void
indicate_neighbor (Bench *bench, void *block)
{
  NdisMOffloadEventIndicate (bench->target.adapter, block, NeighborReachabilityQuery);
}

static PNDIS_MINIPORT_OFFLOAD_BLOCK_LIST
neighbor_block (ImBench *b)
{
  return ndis_block_list_as_miniport (ndis_block_list_new (b->bench->ndis, NeighborOffloadState,
                                                           true, b->bench->target.handle[1], 0));
}

CONTRACT (a_propagated_neighbor_event_brings_its_answer_back, permissive)
{
  bench_offload (b->bench, &b->objects);
  PNDIS_MINIPORT_OFFLOAD_BLOCK_LIST block = neighbor_block (b);
  b->bench->host.write_reachability = 12;
  bench_run (b->bench, indicate_neighbor, block);
  assert_ptr_equal (b->bench->host.last_handle, &b->objects.neighbor);
  const NEIGHBOR_OFFLOAD_STATE_CACHED *cached = block_list_cached_state (block);
  assert_int_equal (cached->HostReachabilityDelta, 12);
  assert_ptr_equal (block->NdisOffloadHandle, b->bench->target.handle[1]);
  assert_int_equal (*block->MiniportOffloadContext, 1);
  block_tree_free ((PNDIS_PROTOCOL_OFFLOAD_BLOCK_LIST)block);
}

static const ImConfig absorbing = { .permits_offload = true,
                                    .offload_event = IM_OFFLOAD_EVENT_ABSORB };

CONTRACT (an_absorbed_neighbor_event_ends_in_the_driver, absorbing)
{
  bench_offload (b->bench, &b->objects);
  PNDIS_MINIPORT_OFFLOAD_BLOCK_LIST block = neighbor_block (b);
  bench_run (b->bench, indicate_neighbor, block);
  assert_int_equal (b->bench->host.heard->len, 0);
  assert_int_equal (
      bench_count (b->bench, TRACE_CALL_BEGIN, 1, NDIS_CALL_ProtocolIndicateOffloadEvent), 1);
  block_tree_free ((PNDIS_PROTOCOL_OFFLOAD_BLOCK_LIST)block);
}

/* OIDs and status */

static void
oid_step (Bench *bench, void *request)
{
  NdisOidRequest (bench->host.binding, request);
}

static void
task_offload (ImBench *b, bool is_set, NDIS_OID_REQUEST *ret_request)
{
  *ret_request = (NDIS_OID_REQUEST){ .Oid = OID_TCP_TASK_OFFLOAD,
                                     .is_set = is_set,
                                     .id = ndis_next_op_id (b->bench->ndis) };
  bench_run (b->bench, oid_step, ret_request);
}

CONTRACT (a_driver_that_permits_offload_passes_query_and_set_on, permissive)
{
  NDIS_OID_REQUEST request;

  task_offload (b, false, &request);
  assert_int_equal (request.status, NDIS_STATUS_SUCCESS);
  task_offload (b, true, &request);
  assert_int_equal (request.status, NDIS_STATUS_SUCCESS);
  assert_int_equal (b->bench->target.heard->len, 2);
  assert_int_equal (b->bench->host.heard->len, 2);
}

static const ImConfig forbidding = { .permits_offload = false };

CONTRACT (a_driver_that_permits_none_answers_the_query_but_passes_the_set_on, forbidding)
{
  NDIS_OID_REQUEST request;

  task_offload (b, false, &request);
  assert_int_equal (request.status, NDIS_STATUS_NOT_SUPPORTED);
  assert_int_equal (b->bench->target.heard->len, 0);
  task_offload (b, true, &request);
  assert_int_equal (request.status, NDIS_STATUS_SUCCESS);
  assert_int_equal (b->bench->target.heard->len, 1);
}

CONTRACT (capabilities_of_the_target_show_through, permissive)
{
  NDIS_OID_REQUEST request = { .Oid = OID_TCP_CONNECTION_OFFLOAD_HARDWARE_CAPABILITIES };

  bench_run (b->bench, oid_step, &request);
  assert_int_equal (request.status, NDIS_STATUS_SUCCESS);
  assert_int_equal (request.data.offload.TcpConnectionOffloadCapacity, 1024);
}

static void
status_step (Bench *bench, G_GNUC_UNUSED void *what)
{
  NdisMIndicateStatusEx (bench->target.adapter, NDIS_STATUS_OFFLOAD_PAUSE, NULL);
}

CONTRACT (status_indications_go_up, permissive)
{
  bench_run (b->bench, status_step, NULL);
  assert_int_equal (b->bench->host.last_status, NDIS_STATUS_OFFLOAD_PAUSE);
  assert_int_equal (bench_count (b->bench, TRACE_CALL_BEGIN, 1, NDIS_CALL_ProtocolStatusEx),
                    b->n_ims + 1);
}

/* Frames */

static void
send_frame_step (Bench *bench, void *list)
{
  NdisSendNetBufferLists (bench->host.binding, list);
}

static void
indicate_frame_step (Bench *bench, void *list)
{
  NdisMIndicateReceiveNetBufferLists (bench->target.adapter, list);
}

static void
return_frame_step (Bench *bench, void *list)
{
  NdisReturnNetBufferLists (bench->host.binding, list);
}

CONTRACT (frames_pass_both_ways_and_come_back, permissive)
{
  TcpSegment segment = { .connection_id = 1 };
  NET_BUFFER_LIST *sent = ndis_nbl_take_frame (b->bench->ndis, NDIS_HOLDER_HOST, &segment);
  NET_BUFFER_LIST *received = ndis_nbl_take_frame (b->bench->ndis, NDIS_HOLDER_TARGET, &segment);

  bench_run (b->bench, send_frame_step, sent);
  assert_int_equal (sent->holder, NDIS_HOLDER_HOST);
  bench_run (b->bench, indicate_frame_step, received);
  assert_int_equal (received->holder, NDIS_HOLDER_HOST);
  bench_run (b->bench, return_frame_step, received);
  assert_int_equal (received->holder, NDIS_HOLDER_TARGET);
  ndis_nbl_put (b->bench->ndis, sent);
  ndis_nbl_put (b->bench->ndis, received);
}

/* A driver without chimney */

static void
a_driver_without_chimney_blocks_it_for_all_above (G_GNUC_UNUSED void **state)
{
  ImBench *b = im_bench_new (2, (ImConfig){ .driver = "unaware", .permits_offload = true });
  PNDIS_PROTOCOL_OFFLOAD_BLOCK_LIST tree = fake_tree (b->bench, &b->objects);
  NDIS_OID_REQUEST request;

  assert_false (ndis_chimney_is_open (b->bench->ndis));
  bench_run (b->bench, initiate_step, tree);
  assert_crossings (b->bench, "NdisInitiateOffload@0() ProtocolInitiateOffloadComplete@0()");
  assert_int_equal (tree->DependentBlockList->DependentBlockList->Status, NDIS_STATUS_FAILURE);
  block_tree_free (tree);

  task_offload (b, false, &request);
  assert_int_equal (request.status, NDIS_STATUS_SUCCESS);
  assert_int_equal (b->bench->target.heard->len, 1);
  frames_pass_both_ways_and_come_back_body (b);
  im_bench_free (b);
}

static void
an_unknown_kind_is_not_there (G_GNUC_UNUSED void **state)
{
  assert_null (im_kind_by_name ("passthrough"));
  assert_string_equal (im_kind_by_name ("pass-through")->name, "pass-through");
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test (saved_members_are_restored_for_the_driver_above),
    cmocka_unit_test (an_entry_lives_from_a_successful_initiate_to_a_successful_terminate),
    cmocka_unit_test (nothing_is_left_when_everything_has_ended),
    cmocka_unit_test (statuses_of_a_partial_result_pass_unchanged),
    cmocka_unit_test (new_state_under_a_linker_keeps_the_linkers_entry),
    cmocka_unit_test (requests_keep_their_lists_and_flags),
    cmocka_unit_test (lists_of_one_request_may_be_completed_one_by_one),
    cmocka_unit_test (send_data_that_came_with_an_initiate_completes_like_other),
    cmocka_unit_test (sends_that_come_back_with_a_terminate_need_no_completion),
    cmocka_unit_test (a_request_on_a_terminated_object_is_refused),
    cmocka_unit_test (events_go_up_as_they_are),
    cmocka_unit_test (returned_lists_go_down_to_the_target),
    cmocka_unit_test (a_propagated_neighbor_event_brings_its_answer_back),
    cmocka_unit_test (an_absorbed_neighbor_event_ends_in_the_driver),
    cmocka_unit_test (a_driver_that_permits_offload_passes_query_and_set_on),
    cmocka_unit_test (a_driver_that_permits_none_answers_the_query_but_passes_the_set_on),
    cmocka_unit_test (capabilities_of_the_target_show_through),
    cmocka_unit_test (status_indications_go_up),
    cmocka_unit_test (frames_pass_both_ways_and_come_back),
    cmocka_unit_test (a_driver_without_chimney_blocks_it_for_all_above),
    cmocka_unit_test (an_unknown_kind_is_not_there),
  };
  return cmocka_run_group_tests (tests, NULL, NULL);
}
