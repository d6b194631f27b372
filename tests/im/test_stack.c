/* Stacks of 0, 1, 3 and 8 pass-through drivers. */
#include "tests/im/im_bench.h"

static const uint32_t stacks[] = { 0, 1, 3, 8 };

#define EACH_STACK(i) for (size_t i = 0; i < G_N_ELEMENTS (stacks); i++)

static ImBench *
open_stack (uint32_t n_ims)
{
  return im_bench_new (n_ims, (ImConfig){ .permits_offload = true, .queue_depth = 64 });
}

/* The crossings of one way through |n_ims| drivers, each inside the one before. */
static char *
nested (uint32_t n_ims, bool down, const char *ndis_call, const char *handler)
{
  GString *text = g_string_new (NULL);

  for (uint32_t i = 0; i <= n_ims; i++) {
    uint32_t caller = down ? i : n_ims + 1 - i;
    uint32_t callee = down ? i + 1 : n_ims - i;
    g_string_append_printf (text, "%s%s@%u( %s@%u(", i > 0 ? " " : "", ndis_call, caller, handler,
                            callee);
  }
  for (uint32_t i = 0; i <= n_ims; i++)
    g_string_append (text, "))");
  return g_string_free (text, FALSE);
}

static void
assert_way_there_and_back (const ImBench *b, const char *ndis_down, const char *miniport,
                           const char *ndis_up, const char *protocol)
{
  g_autofree char *down = nested (b->n_ims, true, ndis_down, miniport);
  g_autofree char *up = nested (b->n_ims, false, ndis_up, protocol);
  g_autofree char *both = g_strconcat (down, " ", up, NULL);

  assert_crossings (b->bench, both);
}

static void
an_initiate_passes_every_driver_down_and_up (G_GNUC_UNUSED void **state)
{
  EACH_STACK (i)
  {
    ImBench *b = open_stack (stacks[i]);
    PNDIS_PROTOCOL_OFFLOAD_BLOCK_LIST tree = fake_tree (b->bench, &b->objects);

    bench_run (b->bench, initiate_step, tree);
    assert_way_there_and_back (b, "NdisInitiateOffload", "MiniportInitiateOffload",
                               "NdisMInitiateOffloadComplete", "ProtocolInitiateOffloadComplete");
    assert_ptr_equal (heard_at (b->bench->host.heard, 0)->tree, tree);
    assert_int_equal (tree->DependentBlockList->DependentBlockList->Status, NDIS_STATUS_SUCCESS);
    assert_int_equal (tree->ImReserved[0], 0);
    block_tree_free (tree);
    im_bench_free (b);
  }
}

static void
a_send_passes_every_driver_down_and_up (G_GNUC_UNUSED void **state)
{
  EACH_STACK (i)
  {
    ImBench *b = open_stack (stacks[i]);
    NDIS_OFFLOAD_HANDLE *handle = &b->objects.tcp[0];

    bench_offload (b->bench, &b->objects);
    NET_BUFFER_LIST *list = fake_list (b->bench, handle, 0, 100);
    im_bench_request (b, NdisOffloadTcpSend, handle, list, 0);
    assert_way_there_and_back (b, "NdisOffloadTcpSend", "MiniportTcpOffloadSend",
                               "NdisTcpOffloadSendComplete", "ProtocolTcpOffloadSendComplete");
    assert_ptr_equal (heard_at (b->bench->target.heard, 0)->list, list);
    assert_ptr_equal (heard_at (b->bench->host.heard, 0)->list, list);
    assert_int_equal (list->n_contexts, 0);
    assert_int_equal (bench_end (b->bench, NDIS_CALL_MiniportTcpOffloadSend, 0)->column[4],
                      NDIS_STATUS_PENDING);
    ndis_nbl_put (b->bench->ndis, list);
    im_bench_free (b);
  }
}

/* The figure: each driver's handle holds what the driver below gave, and each driver below holds
 * the handle above. */
static void
the_handle_chain_is_as_drawn (G_GNUC_UNUSED void **state)
{
  EACH_STACK (i)
  {
    ImBench *b = open_stack (stacks[i]);

    bench_offload (b->bench, &b->objects);
    NDIS_OFFLOAD_HANDLE *host = &b->objects.tcp[0];
    NDIS_OFFLOAD_HANDLE *below = b->bench->target.handle[3];
    assert_int_equal (below->MiniportOffloadContext, 3);
    assert_int_equal (below->object_id, host->object_id);
    assert_int_equal (below->connection_id, host->connection_id);
    assert_true ((below == host) == (stacks[i] == 0));
    assert_true (host->MiniportOffloadContext != 0);
    if (stacks[i] > 0) {
      assert_ptr_equal (below->owner, b->im[stacks[i] - 1]);
      assert_true (host->MiniportOffloadContext != below->MiniportOffloadContext);
    }
    im_bench_free (b);
  }
}

static void
no_driver_keeps_anything_of_what_has_ended (G_GNUC_UNUSED void **state)
{
  EACH_STACK (i)
  {
    ImBench *b = open_stack (stacks[i]);

    PNDIS_PROTOCOL_OFFLOAD_BLOCK_LIST tree = fake_tree (b->bench, &b->objects);
    bench_run (b->bench, initiate_step, tree);
    assert_int_equal (im_bench_out (b, TRACE_RESOURCE_IM_CALL), 0);
    assert_int_equal (im_bench_out (b, TRACE_RESOURCE_IM_ENTRY), 4 * stacks[i]);
    block_tree_free (tree);

    tree = fake_tree (b->bench, &b->objects);
    bench_run (b->bench, terminate_step, tree);
    assert_int_equal (im_bench_out (b, TRACE_RESOURCE_IM_CALL), 0);
    assert_int_equal (im_bench_out (b, TRACE_RESOURCE_IM_ENTRY), 0);
    for (uint32_t k = 0; k < stacks[i]; k++) {
      assert_int_equal (im_driver_stats (b->im[k]).entries, 0);
      assert_int_equal (im_driver_stats (b->im[k]).entries_peak, 4);
      assert_int_equal (im_driver_stats (b->im[k]).calls, 0);
    }
    block_tree_free (tree);
    im_bench_free (b);
  }
}

static void
the_answer_to_an_indication_passes_every_driver (G_GNUC_UNUSED void **state)
{
  static const NdisResult answers[] = {
    { NDIS_STATUS_SUCCESS, 100 },
    { NDIS_STATUS_OFFLOAD_DATA_NOT_ACCEPTED, 0 },
    { NDIS_STATUS_OFFLOAD_DATA_PARTIALLY_ACCEPTED, 30 },
  };
  EACH_STACK (i)
  for (size_t k = 0; k < G_N_ELEMENTS (answers); k++) {
    ImBench *b = open_stack (stacks[i]);
    bool taken = answers[k].status == NDIS_STATUS_SUCCESS;

    bench_offload (b->bench, &b->objects);
    b->bench->host.answer = answers[k];
    NET_BUFFER_LIST *list = im_received_list (b, 100);
    NdisResult result = im_bench_indicate (b, list);
    assert_int_equal (result.status, answers[k].status);
    assert_int_equal (result.bytes_consumed, answers[k].bytes_consumed);
    assert_ptr_equal (b->bench->host.last_handle, &b->objects.tcp[0]);
    assert_int_equal (list->holder, taken ? NDIS_HOLDER_HOST : NDIS_HOLDER_TARGET);
    for (uint32_t layer = 0; layer <= stacks[i]; layer++) {
      const SimRecord *end =
          bench_end (b->bench, NDIS_CALL_ProtocolTcpOffloadReceiveIndicate, layer);
      assert_int_equal (end->column[4], answers[k].status);
      assert_int_equal (end->column[5], answers[k].bytes_consumed);
    }
    g_autofree char *expected = nested (stacks[i], false, "NdisTcpOffloadReceiveHandler",
                                        "ProtocolTcpOffloadReceiveIndicate");
    assert_crossings (b->bench, expected);
    ndis_nbl_put (b->bench->ndis, list);
    im_bench_free (b);
  }
}

/* Each driver's share of an operation's latency has its own name. */
static void
each_driver_has_its_own_stage (G_GNUC_UNUSED void **state)
{
  ImBench *b = open_stack (3);
  PNDIS_PROTOCOL_OFFLOAD_BLOCK_LIST tree = fake_tree (b->bench, &b->objects);
  static const int64_t expected[] = {
    STAGE_NDIS_DOWN, STAGE_OF_IM (STAGE_IM_DOWN, 1),
    STAGE_NDIS_DOWN, STAGE_OF_IM (STAGE_IM_DOWN, 2),
    STAGE_NDIS_DOWN, STAGE_OF_IM (STAGE_IM_DOWN, 3),
    STAGE_NDIS_DOWN, STAGE_MINIPORT,
    STAGE_NDIS_UP,   STAGE_OF_IM (STAGE_IM_UP, 3),
    STAGE_NDIS_UP,   STAGE_OF_IM (STAGE_IM_UP, 2),
    STAGE_NDIS_UP,   STAGE_OF_IM (STAGE_IM_UP, 1),
    STAGE_NDIS_UP,   STAGE_HOST_UP,
  };

  bench_run (b->bench, initiate_step, tree);
  assert_int_equal (bench_count (b->bench, TRACE_STAGE, -1, 0), G_N_ELEMENTS (expected));
  for (unsigned i = 0; i < G_N_ELEMENTS (expected); i++)
    assert_int_equal (bench_record (b->bench, TRACE_STAGE, -1, 0, i)->column[2], expected[i]);
  block_tree_free (tree);
  im_bench_free (b);
}

static void
costs_of_drivers_pass_exactly (G_GNUC_UNUSED void **state)
{
  g_autoptr (SimDist) call_cost = sim_dist_new_constant (1000);
  g_autoptr (SimDist) node_cost = sim_dist_new_constant (10);
  ImBench *b = im_bench_new (3, (ImConfig){ .call_cost = call_cost, .node_cost = node_cost });
  PNDIS_PROTOCOL_OFFLOAD_BLOCK_LIST tree = fake_tree (b->bench, &b->objects);

  bench_run (b->bench, initiate_step, tree);
  /* The driver's cycles pass between its handler and its own call. */
  for (uint32_t layer = 1; layer <= 3; layer++)
    assert_int_equal (bench_begin (b->bench, NDIS_CALL_NdisInitiateOffload, layer)->when.ps,
                      layer * 1040 * SIM_PS_PER_NS);
  assert_int_equal (bench_begin (b->bench, NDIS_CALL_ProtocolInitiateOffloadComplete, 3)->when.ps,
                    6 * 1040 * SIM_PS_PER_NS);
  assert_int_equal (sim_cpu_account (b->bench->cpu[0], ACCOUNT (PART_IM, WAY_STATE)).count,
                    6 * 1040);
  block_tree_free (tree);
  im_bench_free (b);
}

static void
draws_of_a_driver_do_not_depend_on_the_others (G_GNUC_UNUSED void **state)
{
  g_autoptr (SimDist) call_cost = sim_dist_new_uniform (600, 1400);
  int64_t first[2];

  for (uint32_t k = 0; k < 2; k++) {
    ImBench *b = im_bench_new (k == 0 ? 1 : 3, (ImConfig){ .call_cost = call_cost });
    PNDIS_PROTOCOL_OFFLOAD_BLOCK_LIST tree = fake_tree (b->bench, &b->objects);
    bench_run (b->bench, initiate_step, tree);
    first[k] = bench_begin (b->bench, NDIS_CALL_NdisInitiateOffload, 1)->when.ps;
    block_tree_free (tree);
    im_bench_free (b);
  }
  assert_true (first[0] >= 600 * SIM_PS_PER_NS && first[0] <= 1400 * SIM_PS_PER_NS);
  assert_int_equal (first[0], first[1]);
}

static void
the_target_sees_what_the_host_filled_in (G_GNUC_UNUSED void **state)
{
  ImBench *b = open_stack (8);
  PNDIS_PROTOCOL_OFFLOAD_BLOCK_LIST tree = fake_tree (b->bench, &b->objects);
  PNDIS_PROTOCOL_OFFLOAD_BLOCK_LIST tcp = tree->DependentBlockList->DependentBlockList;
  TCP_OFFLOAD_STATE_DELEGATED *delegated =
      block_list_delegated_state (block_list_miniport_view (tcp));

  tcp->ProtocolReserved[0] = 55;
  tcp->PortNumber = 3;
  delegated->RcvNxt = 4711;
  b->bench->target.holds = true;
  bench_run (b->bench, initiate_step, tree);
  const NDIS_MINIPORT_OFFLOAD_BLOCK_LIST *seen =
      heard_at (b->bench->target.heard, 0)->tree->DependentBlockList->DependentBlockList;
  assert_int_equal (seen->ProtocolReserved[0], 55);
  assert_int_equal (seen->PortNumber, 3);
  assert_ptr_equal (block_list_delegated_state (seen), delegated);
  assert_int_equal (*seen->MiniportOffloadContext, 0);
  assert_true (seen->NdisOffloadHandle != &b->objects.tcp[0]);
  bench_complete (b->bench);
  assert_ptr_equal (tcp->OffloadHandle, &b->objects.tcp[0]);
  assert_int_equal (delegated->RcvNxt, 4711);
  block_tree_free (tree);
  im_bench_free (b);
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test (an_initiate_passes_every_driver_down_and_up),
    cmocka_unit_test (a_send_passes_every_driver_down_and_up),
    cmocka_unit_test (the_handle_chain_is_as_drawn),
    cmocka_unit_test (no_driver_keeps_anything_of_what_has_ended),
    cmocka_unit_test (the_answer_to_an_indication_passes_every_driver),
    cmocka_unit_test (each_driver_has_its_own_stage),
    cmocka_unit_test (costs_of_drivers_pass_exactly),
    cmocka_unit_test (draws_of_a_driver_do_not_depend_on_the_others),
    cmocka_unit_test (the_target_sees_what_the_host_filled_in),
  };
  return cmocka_run_group_tests (tests, NULL, NULL);
}
