#include "tests/ndis/fake.h"

/* Cycles of the fakes are none; those of NDIS are told. */
#define DISPATCH 100
#define CONVERT 7

typedef struct Fixture {
  Bench *bench;
  FakeObjects objects;
  SimDist *dispatch, *convert;
} Fixture;

static int
setup (void **state)
{
  Fixture *fixture = g_new0 (Fixture, 1);
  fixture->dispatch = sim_dist_new_constant (DISPATCH);
  fixture->convert = sim_dist_new_constant (CONVERT);
  fixture->bench = bench_new ();
  fixture->bench->config.costs =
      (NdisCosts){ .dispatch = fixture->dispatch, .convert = fixture->convert };
  bench_start (fixture->bench, NULL, 0);
  fake_objects_init (fixture->bench, &fixture->objects);
  bench_forget (fixture->bench);
  *state = fixture;
  return 0;
}

static int
teardown (void **state)
{
  Fixture *fixture = *state;
  bench_free (fixture->bench);
  sim_dist_free (fixture->dispatch);
  sim_dist_free (fixture->convert);
  g_free (fixture);
  return 0;
}

static void
an_initiate_goes_down_and_comes_back_later (void **state)
{
  Fixture *fixture = *state;
  Bench *bench = fixture->bench;
  PNDIS_PROTOCOL_OFFLOAD_BLOCK_LIST tree = fake_tree (bench, &fixture->objects);

  bench_run (bench, initiate_step, tree);
  assert_crossings (bench, "NdisInitiateOffload@0( MiniportInitiateOffload@1())"
                           " NdisMInitiateOffloadComplete@1( ProtocolInitiateOffloadComplete@0())");
  assert_ptr_equal (heard_at (bench->target.heard, 0)->tree, tree);
  assert_ptr_equal (heard_at (bench->host.heard, 0)->tree, tree);
  assert_int_equal (tree->Status, NDIS_STATUS_SUCCESS);
  assert_ptr_equal (bench->target.handle[3], &fixture->objects.tcp[0]);
  assert_int_equal (fixture->objects.tcp[1].MiniportOffloadContext, 4);
  block_tree_free (tree);
}

typedef struct Operation {
  void (*call) (NDIS_BINDING_HANDLE, PNDIS_PROTOCOL_OFFLOAD_BLOCK_LIST);
  PNDIS_PROTOCOL_OFFLOAD_BLOCK_LIST tree;
} Operation;

static void
operation_step (Bench *bench, void *what)
{
  const Operation *operation = what;
  operation->call (bench->host.binding, operation->tree);
}

static void
each_operation_leads_to_its_own_handlers (void **state)
{
  Fixture *fixture = *state;
  Bench *bench = fixture->bench;
  static const struct {
    void (*call) (NDIS_BINDING_HANDLE, PNDIS_PROTOCOL_OFFLOAD_BLOCK_LIST);
    const char *crossings;
  } rows[] = {
    { NdisTerminateOffload,
      "NdisTerminateOffload@0( MiniportTerminateOffload@1())"
      " NdisMTerminateOffloadComplete@1( ProtocolTerminateOffloadComplete@0())" },
    { NdisUpdateOffload, "NdisUpdateOffload@0( MiniportUpdateOffload@1())"
                         " NdisMUpdateOffloadComplete@1( ProtocolUpdateOffloadComplete@0())" },
    { NdisQueryOffloadState,
      "NdisQueryOffloadState@0( MiniportQueryOffload@1())"
      " NdisMQueryOffloadStateComplete@1( ProtocolQueryOffloadComplete@0())" },
    { NdisInvalidateOffload,
      "NdisInvalidateOffload@0( MiniportInvalidateOffload@1())"
      " NdisMInvalidateOffloadComplete@1( ProtocolInvalidateOffloadComplete@0())" },
  };

  bench_offload (bench, &fixture->objects);
  for (size_t i = 0; i < G_N_ELEMENTS (rows); i++) {
    PNDIS_PROTOCOL_OFFLOAD_BLOCK_LIST leaf = fake_leaf (bench, &fixture->objects.tcp[0]);
    Operation operation = { rows[i].call, leaf };
    bench_run (bench, operation_step, &operation);
    assert_crossings (bench, rows[i].crossings);
    assert_int_equal (leaf->Status, NDIS_STATUS_SUCCESS);
    bench_forget (bench);
    block_tree_free (leaf);
  }
}

static void
ndis_takes_its_cycles_before_the_handler (void **state)
{
  Fixture *fixture = *state;
  Bench *bench = fixture->bench;
  PNDIS_PROTOCOL_OFFLOAD_BLOCK_LIST tree = fake_tree (bench, &fixture->objects);
  const int64_t each = (DISPATCH + 4 * CONVERT) * SIM_PS_PER_NS;

  bench_run (bench, initiate_step, tree);
  assert_int_equal (bench_begin (bench, NDIS_CALL_NdisInitiateOffload, 0)->when.ps, 0);
  assert_int_equal (bench_begin (bench, NDIS_CALL_MiniportInitiateOffload, 0)->when.ps, each);
  assert_int_equal (bench_end (bench, NDIS_CALL_NdisInitiateOffload, 0)->when.ps, each);
  assert_int_equal (bench_begin (bench, NDIS_CALL_NdisMInitiateOffloadComplete, 0)->when.ps, each);
  assert_int_equal (bench_begin (bench, NDIS_CALL_ProtocolInitiateOffloadComplete, 0)->when.ps,
                    2 * each);
  assert_int_equal (sim_cpu_account (bench->cpu[0], ACCOUNT (PART_NDIS, WAY_STATE)).count,
                    2 * (DISPATCH + 4 * CONVERT));
  block_tree_free (tree);
}

static void
the_trace_has_each_node_as_it_was_handed_over (void **state)
{
  Fixture *fixture = *state;
  Bench *bench = fixture->bench;
  PNDIS_PROTOCOL_OFFLOAD_BLOCK_LIST tree = fake_tree (bench, &fixture->objects);

  bench->target.status[1] = bench->target.status[2] = NDIS_STATUS_OFFLOAD_PARTIAL_SUCCESS;
  bench->target.status[4] = NDIS_STATUS_OFFLOAD_TCP_ENTRIES;
  bench_run (bench, initiate_step, tree);

  const SimRecord *down = bench_begin (bench, NDIS_CALL_MiniportInitiateOffload, 0);
  const SimRecord *node = bench_record (bench, TRACE_NODE, 0, down->column[0], 3);
  const int64_t expected_down[] = {
    down->column[0], tree->model.op_id, 3, 1, 2, TcpOffloadState, 4, 0, NDIS_STATUS_NOT_WRITTEN, 1
  };
  assert_non_null (node);
  assert_memory_equal (node->column, expected_down, sizeof expected_down);
  assert_int_equal (node->column[13], 1);

  const SimRecord *up = bench_begin (bench, NDIS_CALL_NdisMInitiateOffloadComplete, 0);
  const SimRecord *protocol = bench_begin (bench, NDIS_CALL_ProtocolInitiateOffloadComplete, 0);
  for (unsigned i = 0; i < 4; i++) {
    static const int64_t statuses[] = { NDIS_STATUS_OFFLOAD_PARTIAL_SUCCESS,
                                        NDIS_STATUS_OFFLOAD_PARTIAL_SUCCESS, NDIS_STATUS_SUCCESS,
                                        NDIS_STATUS_OFFLOAD_TCP_ENTRIES };
    static const int64_t contexts[] = { 1, 2, 3, 0 };
    const SimRecord *given = bench_record (bench, TRACE_NODE, 0, up->column[0], i);
    const SimRecord *heard = bench_record (bench, TRACE_NODE, 0, protocol->column[0], i);
    assert_int_equal (given->column[8], statuses[i]);
    assert_int_equal (given->column[7], contexts[i]);
    assert_memory_equal (&given->column[1], &heard->column[1], 15 * sizeof (int64_t));
  }
  block_tree_free (tree);
}

static void
state_is_written_down_where_it_crosses (void **state)
{
  Fixture *fixture = *state;
  Bench *bench = fixture->bench;
  PNDIS_PROTOCOL_OFFLOAD_BLOCK_LIST tree = fake_tree (bench, &fixture->objects);
  PNDIS_PROTOCOL_OFFLOAD_BLOCK_LIST tcp = tree->DependentBlockList->DependentBlockList;
  TCP_OFFLOAD_STATE_DELEGATED *delegated =
      block_list_delegated_state (block_list_miniport_view (tcp));
  TCP_OFFLOAD_STATE_CACHED *cached = block_list_cached_state (block_list_miniport_view (tcp));
  PATH_OFFLOAD_STATE_CACHED *path =
      block_list_cached_state (block_list_miniport_view (tree->DependentBlockList));

  delegated->SndUna = 500;
  cached->InitialRcvWnd = 65536;
  path->PathMtu = 1500;
  bench_run (bench, initiate_step, tree);
  assert_int_equal (bench_count (bench, TRACE_TCP_STATE, -1, 0), 2);
  const SimRecord *record = bench_record (bench, TRACE_TCP_STATE, 2, 3, 0);
  assert_int_equal (record->column[0],
                    bench_begin (bench, NDIS_CALL_MiniportInitiateOffload, 0)->column[0]);
  assert_int_equal (record->column[4], 500);
  assert_int_equal (record->column[9], 65536);
  assert_int_equal (bench_record (bench, TRACE_PATH_STATE, 2, 2, 0)->column[5], 1500);
  assert_int_equal (bench_count (bench, TRACE_NEIGHBOR_STATE, -1, 0), 1);
  block_tree_free (tree);

  bench_forget (bench);
  PNDIS_PROTOCOL_OFFLOAD_BLOCK_LIST leaf = fake_leaf (bench, &fixture->objects.tcp[0]);
  bench_run (bench, terminate_step, leaf);
  assert_int_equal (bench_count (bench, TRACE_TCP_STATE, -1, 0), 2);
  assert_int_equal (bench_record (bench, TRACE_TCP_STATE, -1, 0, 0)->column[0],
                    bench_begin (bench, NDIS_CALL_NdisMTerminateOffloadComplete, 0)->column[0]);
  block_tree_free (leaf);
}

static void
what_is_in_scratch_is_gone_when_a_tree_changes_hands (void **state)
{
  Fixture *fixture = *state;
  Bench *bench = fixture->bench;

  bench_offload (bench, &fixture->objects);
  PNDIS_PROTOCOL_OFFLOAD_BLOCK_LIST leaf = fake_leaf (bench, &fixture->objects.tcp[1]);
  leaf->Scratch[0] = leaf->Scratch[1] = 5;
  bench_run (bench, terminate_step, leaf);
  assert_int_not_equal (leaf->Scratch[0], 5);
  assert_int_not_equal (leaf->Scratch[1], 5);
  assert_int_equal (leaf->Status, NDIS_STATUS_SUCCESS);
  block_tree_free (leaf);
}

static void
a_crossing_says_what_it_is_about (void **state)
{
  Fixture *fixture = *state;
  Bench *bench = fixture->bench;

  bench_offload (bench, &fixture->objects);
  PNDIS_PROTOCOL_OFFLOAD_BLOCK_LIST leaf = fake_leaf (bench, &fixture->objects.tcp[1]);
  uint32_t op = leaf->model.op_id;
  bench_run (bench, terminate_step, leaf);
  const SimRecord *begin = bench_begin (bench, NDIS_CALL_MiniportTerminateOffload, 0);
  const SimRecord *outer = bench_begin (bench, NDIS_CALL_NdisTerminateOffload, 0);
  const int64_t expected[] = { begin->column[0],
                               NDIS_CALL_MiniportTerminateOffload,
                               outer->column[0],
                               0,
                               SIM_LEVEL_DPC,
                               1,
                               op,
                               4,
                               1,
                               0 };
  assert_memory_equal (begin->column, expected, sizeof expected);
  assert_int_equal (outer->column[2], 0);
  block_tree_free (leaf);
}

static void
an_operation_leaves_its_stages (void **state)
{
  Fixture *fixture = *state;
  Bench *bench = fixture->bench;
  static const int64_t stages[] = { STAGE_NDIS_DOWN, STAGE_MINIPORT, STAGE_NDIS_UP, STAGE_HOST_UP };

  bench_offload (bench, &fixture->objects);
  PNDIS_PROTOCOL_OFFLOAD_BLOCK_LIST leaf = fake_leaf (bench, &fixture->objects.tcp[1]);
  bench_run (bench, terminate_step, leaf);
  assert_int_equal (bench_count (bench, TRACE_STAGE, -1, 0), 4);
  for (unsigned i = 0; i < 4; i++) {
    const SimRecord *record = bench_record (bench, TRACE_STAGE, -1, 0, i);
    const int64_t expected[] = { LATENCY_UPLOAD, leaf->model.op_id, stages[i], 71 };
    assert_memory_equal (record->column, expected, sizeof expected);
  }
  block_tree_free (leaf);
}

static void
a_tree_belongs_to_who_has_it (void **state)
{
  Fixture *fixture = *state;
  Bench *bench = fixture->bench;
  PNDIS_PROTOCOL_OFFLOAD_BLOCK_LIST tree = fake_tree (bench, &fixture->objects);

  bench->target.holds = true;
  bench_run (bench, initiate_step, tree);
  assert_int_equal (tree->DependentBlockList->model.holder, NDIS_HOLDER_TARGET);
  bench_complete (bench);
  assert_int_equal (tree->DependentBlockList->model.holder, NDIS_HOLDER_HOST);
  block_tree_free (tree);
}

static void
send_data_of_an_initiate_stays_below_only_where_it_succeeded (void **state)
{
  Fixture *fixture = *state;
  Bench *bench = fixture->bench;
  PNDIS_PROTOCOL_OFFLOAD_BLOCK_LIST tree = fake_tree (bench, &fixture->objects);
  PNDIS_PROTOCOL_OFFLOAD_BLOCK_LIST tcp = tree->DependentBlockList->DependentBlockList;
  NET_BUFFER_LIST *sent = fake_list (bench, &fixture->objects.tcp[0], 0, 10);
  NET_BUFFER_LIST *failed = fake_list (bench, &fixture->objects.tcp[1], 0, 20);

  tcp->NetBufferListChain = sent;
  tcp->NextBlock->NetBufferListChain = failed;
  bench->target.status[4] = NDIS_STATUS_RESOURCES;
  bench->target.holds = true;
  bench_run (bench, initiate_step, tree);
  assert_int_equal (sent->holder, NDIS_HOLDER_TARGET);
  assert_int_equal (failed->holder, NDIS_HOLDER_TARGET);
  bench_complete (bench);
  assert_int_equal (sent->holder, NDIS_HOLDER_TARGET);
  assert_int_equal (failed->holder, NDIS_HOLDER_HOST);
  ndis_nbl_put (bench->ndis, sent);
  ndis_nbl_put (bench->ndis, failed);
  block_tree_free (tree);
}

/* The columns nbl, index, object, bytes, status and flags of the record |n| of |crossing|. */
static void
assert_list (const Bench *bench, int64_t crossing, unsigned n, const int64_t expected[6])
{
  const SimRecord *record = bench_record (bench, TRACE_NBL, 0, crossing, n);

  assert_non_null (record);
  assert_memory_equal (&record->column[1], expected, 5 * sizeof (int64_t));
  assert_int_equal (record->column[7], expected[5]);
}

static void
data_that_goes_with_a_connection_is_written_down_list_by_list (void **state)
{
  Fixture *fixture = *state;
  Bench *bench = fixture->bench;
  PNDIS_PROTOCOL_OFFLOAD_BLOCK_LIST tree = fake_tree (bench, &fixture->objects);
  PNDIS_PROTOCOL_OFFLOAD_BLOCK_LIST tcp = tree->DependentBlockList->DependentBlockList;
  NET_BUFFER_LIST *first = fake_list (bench, &fixture->objects.tcp[1], 0, 10);
  NET_BUFFER_LIST *second = fake_list (bench, &fixture->objects.tcp[1], 10, 20);
  NET_BUFFER_LIST *buffered = fake_list (bench, &fixture->objects.tcp[1], 0, 7);
  TCP_OFFLOAD_STATE_DELEGATED *delegated =
      block_list_delegated_state (block_list_miniport_view (tcp->NextBlock));

  first->Next = second;
  tcp->NextBlock->NetBufferListChain = first;
  delegated->BufferedData = buffered;
  bench->target.status[4] = NDIS_STATUS_RESOURCES;
  bench_run (bench, initiate_step, tree);

  uint32_t object = tcp->NextBlock->model.object_id;
  NdisCall calls[] = { NDIS_CALL_MiniportInitiateOffload, NDIS_CALL_NdisMInitiateOffloadComplete };
  for (size_t i = 0; i < G_N_ELEMENTS (calls); i++) {
    int64_t crossing = bench_begin (bench, calls[i], 0)->column[0];
    assert_int_equal (bench_count (bench, TRACE_NBL, 0, crossing), 3);
    assert_list (bench, crossing, 0, (int64_t[]){ first->id, 0, object, 10, first->Status, 0 });
    assert_list (bench, crossing, 1, (int64_t[]){ second->id, 1, object, 20, second->Status, 0 });
    assert_list (bench, crossing, 2,
                 (int64_t[]){ buffered->id, 0, object, 7, buffered->Status, 16 });
  }
  ndis_nbl_put (bench->ndis, first);
  ndis_nbl_put (bench->ndis, second);
  ndis_nbl_put (bench->ndis, buffered);
  block_tree_free (tree);
}

/* Misbehaviour */

static void
complete_again (Bench *bench, void *tree)
{
  NdisMInitiateOffloadComplete (bench->target.adapter, tree);
}

static void
a_second_completion_is_written_down_and_goes_nowhere (void **state)
{
  Fixture *fixture = *state;
  Bench *bench = fixture->bench;
  PNDIS_PROTOCOL_OFFLOAD_BLOCK_LIST tree = fake_tree (bench, &fixture->objects);
  uint32_t op = tree->model.op_id;

  bench_run (bench, initiate_step, tree);
  block_tree_free (tree);
  bench_forget (bench);
  bench_run (bench, complete_again, tree);
  assert_crossings (bench, "NdisMInitiateOffloadComplete@1()");
  assert_int_equal (bench_begin (bench, NDIS_CALL_NdisMInitiateOffloadComplete, 0)->column[6], op);
  assert_int_equal (bench_end (bench, NDIS_CALL_NdisMInitiateOffloadComplete, 0)->column[4],
                    NDIS_STATUS_INVALID_STATE);
  assert_int_equal (bench->host.heard->len, 0);
}

static void
an_inner_node_cannot_be_completed (void **state)
{
  Fixture *fixture = *state;
  Bench *bench = fixture->bench;
  PNDIS_PROTOCOL_OFFLOAD_BLOCK_LIST tree = fake_tree (bench, &fixture->objects);

  bench->target.holds = true;
  bench_run (bench, initiate_step, tree);
  bench_forget (bench);
  bench_run (bench, complete_again, tree->DependentBlockList);
  assert_crossings (bench, "NdisMInitiateOffloadComplete@1()");
  bench_complete (bench);
  assert_int_equal (bench->host.heard->len, 1);
  block_tree_free (tree);
}

static void
a_completion_inside_the_handler_is_let_through (void **state)
{
  Fixture *fixture = *state;
  Bench *bench = fixture->bench;
  PNDIS_PROTOCOL_OFFLOAD_BLOCK_LIST tree = fake_tree (bench, &fixture->objects);

  bench->target.completes_inside = true;
  bench_run (bench, initiate_step, tree);
  assert_crossings (bench,
                    "NdisInitiateOffload@0( MiniportInitiateOffload@1("
                    " NdisMInitiateOffloadComplete@1( ProtocolInitiateOffloadComplete@0())))");
  assert_int_equal (bench_begin (bench, NDIS_CALL_NdisMInitiateOffloadComplete, 0)->column[2],
                    bench_begin (bench, NDIS_CALL_MiniportInitiateOffload, 0)->column[0]);
  block_tree_free (tree);
}

/* The neighbor event */

static void
indicate_neighbor (Bench *bench, void *block)
{
  NdisMOffloadEventIndicate (bench->target.adapter, block, NeighborReachabilityQuery);
}

static void
a_neighbor_event_lends_its_block_for_the_call (void **state)
{
  Fixture *fixture = *state;
  Bench *bench = fixture->bench;

  bench_offload (bench, &fixture->objects);
  PNDIS_PROTOCOL_OFFLOAD_BLOCK_LIST block =
      ndis_block_list_new (bench->ndis, NeighborOffloadState, true, bench->target.handle[1], 0);
  NDIS_MINIPORT_OFFLOAD_BLOCK_LIST *miniport = ndis_block_list_as_miniport (block);
  bench->host.write_reachability = 77;
  bench_run (bench, indicate_neighbor, miniport);
  assert_crossings (bench, "NdisMOffloadEventIndicate@1( ProtocolIndicateOffloadEvent@0())");
  assert_ptr_equal (bench->host.last_handle, &fixture->objects.neighbor);
  assert_int_equal (bench->host.last_event[0], NeighborReachabilityQuery);
  const NEIGHBOR_OFFLOAD_STATE_CACHED *cached = block_list_cached_state (miniport);
  assert_int_equal (cached->HostReachabilityDelta, 77);
  assert_ptr_equal (miniport->MiniportOffloadContext,
                    &fixture->objects.neighbor.MiniportOffloadContext);
  assert_int_equal (miniport->model.holder, NDIS_HOLDER_TARGET);
  block_tree_free (block);
}

int
main (void)
{
#define TEST(name) cmocka_unit_test_setup_teardown (name, setup, teardown)
  const struct CMUnitTest tests[] = {
    TEST (an_initiate_goes_down_and_comes_back_later),
    TEST (each_operation_leads_to_its_own_handlers),
    TEST (ndis_takes_its_cycles_before_the_handler),
    TEST (the_trace_has_each_node_as_it_was_handed_over),
    TEST (state_is_written_down_where_it_crosses),
    TEST (what_is_in_scratch_is_gone_when_a_tree_changes_hands),
    TEST (a_crossing_says_what_it_is_about),
    TEST (an_operation_leaves_its_stages),
    TEST (a_tree_belongs_to_who_has_it),
    TEST (send_data_of_an_initiate_stays_below_only_where_it_succeeded),
    TEST (data_that_goes_with_a_connection_is_written_down_list_by_list),
    TEST (a_second_completion_is_written_down_and_goes_nowhere),
    TEST (an_inner_node_cannot_be_completed),
    TEST (a_completion_inside_the_handler_is_let_through),
    TEST (a_neighbor_event_lends_its_block_for_the_call),
  };
  return cmocka_run_group_tests (tests, NULL, NULL);
}
