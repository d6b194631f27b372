/* What a driver does not pass on: without memory, and of another VLAN. */
#include "tests/im/im_bench.h"

static void
an_initiate_without_memory_is_completed_by_the_driver (G_GNUC_UNUSED void **state)
{
  ImBench *b = im_bench_new (1, (ImConfig){ .permits_offload = true, .entries_max = 3 });
  PNDIS_PROTOCOL_OFFLOAD_BLOCK_LIST tree = fake_tree (b->bench, &b->objects);

  bench_run (b->bench, initiate_step, tree);
  assert_int_equal (b->bench->target.heard->len, 0);
  assert_ptr_equal (heard_at (b->bench->host.heard, 0)->tree, tree);
  assert_int_equal (tree->Status, NDIS_STATUS_RESOURCES);
  assert_int_equal (tree->DependentBlockList->Status, NDIS_STATUS_FAILURE);
  assert_int_equal (tree->DependentBlockList->DependentBlockList->Status, NDIS_STATUS_FAILURE);
  assert_int_equal (b->objects.neighbor.MiniportOffloadContext, 0);
  assert_int_equal (im_driver_stats (b->im[0]).entries, 0);
  assert_int_equal (im_driver_stats (b->im[0]).calls, 0);
  block_tree_free (tree);
  im_bench_free (b);
}

/* The completion does not run inside the call that asked for it. */
static void
a_refused_initiate_is_completed_after_the_call_has_returned (G_GNUC_UNUSED void **state)
{
  ImBench *b = im_bench_new (1, (ImConfig){ .permits_offload = true, .entries_max = 1 });
  PNDIS_PROTOCOL_OFFLOAD_BLOCK_LIST tree = fake_tree (b->bench, &b->objects);

  bench_run (b->bench, initiate_step, tree);
  assert_crossings (b->bench, "NdisInitiateOffload@0( MiniportInitiateOffload@1()) "
                              "NdisMInitiateOffloadComplete@1( "
                              "ProtocolInitiateOffloadComplete@0())");
  block_tree_free (tree);
  im_bench_free (b);
}

static void
a_linker_reports_what_became_of_its_dependents (G_GNUC_UNUSED void **state)
{
  ImBench *b = im_bench_new (1, (ImConfig){ .permits_offload = true, .entries_max = 4 });
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
  assert_int_equal (root->DependentBlockList->Status, NDIS_STATUS_FAILURE);
  assert_int_equal (root->DependentBlockList->DependentBlockList->Status, NDIS_STATUS_RESOURCES);
  assert_int_equal (b->objects.path.MiniportOffloadContext, context);
  block_tree_free (root);
  im_bench_free (b);
}

static NET_BUFFER_LIST *
two_lists (ImBench *b, uint64_t offset)
{
  NET_BUFFER_LIST *first = fake_list (b->bench, &b->objects.tcp[0], offset, 100);
  first->Next = fake_list (b->bench, &b->objects.tcp[0], offset + 100, 100);
  return first;
}

static void
put_two (ImBench *b, NET_BUFFER_LIST *first)
{
  NET_BUFFER_LIST *second = first->Next;
  ndis_nbl_put (b->bench->ndis, first);
  ndis_nbl_put (b->bench->ndis, second);
}

static void
a_send_without_memory_asks_for_the_upload_and_so_do_those_behind_it (G_GNUC_UNUSED void **state)
{
  ImBench *b = im_bench_new (1, (ImConfig){ .permits_offload = true, .calls_max = 1 });
  NDIS_OFFLOAD_HANDLE *handle = &b->objects.tcp[0];

  bench_offload (b->bench, &b->objects);
  b->bench->target.holds = true;
  NET_BUFFER_LIST *passed = two_lists (b, 0);
  NET_BUFFER_LIST *refused = two_lists (b, 200);
  NET_BUFFER_LIST *behind = two_lists (b, 400);
  im_bench_request (b, NdisOffloadTcpSend, handle, passed, 0);
  im_bench_request (b, NdisOffloadTcpSend, handle, refused, 0);
  assert_int_equal (refused->Status, NDIS_STATUS_REQUEST_UPLOAD);
  assert_int_equal (refused->Next->Status, NDIS_STATUS_UPLOAD_REQUESTED);
  assert_int_equal (refused->TcpOffloadBytesTransferred, 0);
  bench_complete (b->bench);
  assert_int_equal (im_driver_stats (b->im[0]).calls, 0);
  im_bench_request (b, NdisOffloadTcpSend, handle, behind, 0);
  assert_int_equal (behind->Status, NDIS_STATUS_REQUEST_UPLOAD);
  assert_int_equal (b->bench->target.heard->len, 1);
  assert_int_equal (im_driver_stats (b->im[0]).calls, 0);
  put_two (b, passed);
  put_two (b, refused);
  put_two (b, behind);
  im_bench_free (b);
}

static void
behind_a_refused_send_only_an_abortive_disconnect_passes (G_GNUC_UNUSED void **state)
{
  ImBench *b = im_bench_new (1, (ImConfig){ .permits_offload = true, .calls_max = 1 });
  NDIS_OFFLOAD_HANDLE *handle = &b->objects.tcp[0];

  bench_offload (b->bench, &b->objects);
  b->bench->target.holds = true;
  NET_BUFFER_LIST *passed = two_lists (b, 0);
  NET_BUFFER_LIST *refused = two_lists (b, 200);
  NET_BUFFER_LIST *graceful = fake_list (b->bench, handle, 400, 0);
  NET_BUFFER_LIST *abortive = fake_list (b->bench, handle, 400, 0);
  im_bench_request (b, NdisOffloadTcpSend, handle, passed, 0);
  im_bench_request (b, NdisOffloadTcpSend, handle, refused, 0);
  im_bench_request (b, NULL, handle, graceful, TCP_DISCONNECT_GRACEFUL_CLOSE);
  assert_int_equal (graceful->Status, NDIS_STATUS_UPLOAD_IN_PROGRESS);
  assert_int_equal (graceful->holder, NDIS_HOLDER_HOST);
  im_bench_request (b, NULL, handle, abortive, TCP_DISCONNECT_ABORTIVE_CLOSE);
  assert_ptr_equal (heard_at (b->bench->target.heard, 1)->list, abortive);
  bench_complete (b->bench);
  put_two (b, passed);
  put_two (b, refused);
  ndis_nbl_put (b->bench->ndis, graceful);
  ndis_nbl_put (b->bench->ndis, abortive);
  im_bench_free (b);
}

/* VLAN */

static const ImConfig seven = { .driver = "vlan", .permits_offload = true, .vlan_id = 7 };

static NEIGHBOR_OFFLOAD_STATE_CONST *
neighbor_of (PNDIS_PROTOCOL_OFFLOAD_BLOCK_LIST root)
{
  return block_list_const_state (block_list_miniport_view (root));
}

static void
a_neighbor_without_a_vlan_gets_the_drivers (G_GNUC_UNUSED void **state)
{
  ImBench *b = im_bench_new (1, seven);
  PNDIS_PROTOCOL_OFFLOAD_BLOCK_LIST tree = fake_tree (b->bench, &b->objects);

  bench_run (b->bench, initiate_step, tree);
  assert_int_equal (neighbor_of (tree)->VlanId, 7);
  assert_int_equal (tree->Status, NDIS_STATUS_SUCCESS);
  assert_int_equal (b->bench->target.heard->len, 1);
  block_tree_free (tree);
  im_bench_free (b);
}

static void
a_neighbor_of_another_vlan_is_refused (G_GNUC_UNUSED void **state)
{
  ImBench *b = im_bench_new (1, seven);
  PNDIS_PROTOCOL_OFFLOAD_BLOCK_LIST tree = fake_tree (b->bench, &b->objects);

  neighbor_of (tree)->VlanId = 9;
  bench_run (b->bench, initiate_step, tree);
  assert_int_equal (b->bench->target.heard->len, 0);
  assert_int_equal (tree->Status, NDIS_STATUS_OFFLOAD_VLAN_MISMATCH);
  assert_int_equal (tree->DependentBlockList->Status, NDIS_STATUS_FAILURE);
  assert_int_equal (neighbor_of (tree)->VlanId, 9);
  block_tree_free (tree);
  im_bench_free (b);
}

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
frames_are_tagged_on_the_way_down_and_untagged_on_the_way_up (G_GNUC_UNUSED void **state)
{
  static const struct {
    bool is_tagged;
    uint16_t tag;
    bool is_tagged_below;
    uint16_t tag_below;
    bool is_tagged_above;
    uint16_t tag_above;
  } rows[] = {
    { false, 0, true, 7, false, 0 },                     /* untagged */
    { true, 3 << 13, true, 3 << 13 | 7, true, 3 << 13 }, /* a priority alone */
    { true, 7, true, 7, false, 0 },                      /* its own */
    { true, 9, true, 9, true, 9 },                       /* another's */
  };

  for (size_t i = 0; i < G_N_ELEMENTS (rows); i++) {
    ImBench *b = im_bench_new (1, seven);
    TcpSegment segment = { .vlan_tag = rows[i].tag };
    segment.oddities = rows[i].is_tagged ? TCP_VLAN_TAGGED : 0;
    NET_BUFFER_LIST *down = ndis_nbl_take_frame (b->bench->ndis, NDIS_HOLDER_HOST, &segment);
    NET_BUFFER_LIST *up = ndis_nbl_take_frame (b->bench->ndis, NDIS_HOLDER_TARGET, &segment);
    bench_run (b->bench, send_frame_step, down);
    bench_run (b->bench, indicate_frame_step, up);
    assert_int_equal ((down->frame->oddities & TCP_VLAN_TAGGED) != 0, rows[i].is_tagged_below);
    assert_int_equal (down->frame->vlan_tag, rows[i].tag_below);
    assert_int_equal ((up->frame->oddities & TCP_VLAN_TAGGED) != 0, rows[i].is_tagged_above);
    assert_int_equal (up->frame->vlan_tag, rows[i].tag_above);
    ndis_nbl_put (b->bench->ndis, down);
    ndis_nbl_put (b->bench->ndis, up);
    im_bench_free (b);
  }
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test (an_initiate_without_memory_is_completed_by_the_driver),
    cmocka_unit_test (a_refused_initiate_is_completed_after_the_call_has_returned),
    cmocka_unit_test (a_linker_reports_what_became_of_its_dependents),
    cmocka_unit_test (a_send_without_memory_asks_for_the_upload_and_so_do_those_behind_it),
    cmocka_unit_test (behind_a_refused_send_only_an_abortive_disconnect_passes),
    cmocka_unit_test (a_neighbor_without_a_vlan_gets_the_drivers),
    cmocka_unit_test (a_neighbor_of_another_vlan_is_refused),
    cmocka_unit_test (frames_are_tagged_on_the_way_down_and_untagged_on_the_way_up),
  };
  return cmocka_run_group_tests (tests, NULL, NULL);
}
