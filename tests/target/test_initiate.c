#include "tests/target/target_bench.h"

/* Initiate: the walk, the statuses, what is live when. */

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

/* A bench of its own for tests that need other settings: freed by tear_down all the same. */
static TargetBench *
again_with (void **state, const TargetConfig *config)
{
  target_bench_free (*state);
  *state = target_bench_new (config);
  return *state;
}

static NDIS_TOKEN
context_of (TargetBench *b, uint32_t object)
{
  return b->handle[object].MiniportOffloadContext;
}

/* The objects of new contexts, in the order they were made. */
static char *
order_of_contexts (const TargetBench *b)
{
  GString *text = g_string_new (NULL);
  const SimRecord *record;

  for (unsigned n = 0; (record = bench_record (b->bench, TRACE_CONTEXT_NEW, -1, 0, n)) != NULL; n++)
    g_string_append_printf (text, "%s%d", n > 0 ? " " : "", (int)record->column[3]);
  return g_string_free (text, FALSE);
}

/* TREE-10: N1 -> {P1 -> {T1, T2}, P2 -> {T3}}, N2 -> {P3 -> {T4, T5}}. */
static void
a_tree_is_taken_depth_first_and_breadth_next (void **state)
{
  TargetBench *b = *state;
  uint32_t op = ndis_next_op_id (b->bench->ndis);
  Node n1 = neighbor_node (b, 1, op);
  Node n2 = neighbor_node (b, 2, op);
  Node p1 = add_dependent (n1, path_node (b, 11, op));
  Node p2 = add_dependent (n1, path_node (b, 12, op));
  Node p3 = add_dependent (n2, path_node (b, 13, op));

  n1->NextBlock = n2;
  add_dependent (p1, tcp_node (b, 1, op));
  add_dependent (p1, tcp_node (b, 2, op));
  add_dependent (p2, tcp_node (b, 3, op));
  add_dependent (p3, tcp_node (b, 4, op));
  add_dependent (p3, tcp_node (b, 5, op));
  target_bench_do (b, initiate_step, n1, 300);

  g_autofree char *order = order_of_contexts (b);
  assert_string_equal (order, "1 11 21 22 12 23 2 13 24 25");
  assert_int_equal (target_offloaded (b->target), 5);
  assert_int_equal (n1->Status, NDIS_STATUS_SUCCESS);
  assert_int_equal (n2->DependentBlockList->Status, NDIS_STATUS_SUCCESS);
  block_tree_free (n1);
}

/* INIT-17: T2 lacks resources, P2 fails otherwise. */
static void
a_partial_offload_reports_the_statuses_of_the_documents (void **state)
{
  TargetBench *b = *state;
  SimChoice fails = { .site = SITE_ALLOC_FAILURE, .subject = 22, .ordinal = 1, .value = 1 };
  uint32_t op = ndis_next_op_id (b->bench->ndis);
  Node n1 = neighbor_node (b, 1, op);
  Node p1 = add_dependent (n1, path_node (b, 11, op));
  Node p2 = add_dependent (n1, path_node (b, 12, op));
  Node t1 = add_dependent (p1, tcp_node (b, 1, op));
  Node t2 = add_dependent (p1, tcp_node (b, 2, op));
  Node t3 = add_dependent (p2, tcp_node (b, 3, op));
  PATH_OFFLOAD_STATE_CACHED *cached = block_list_cached_state (block_list_miniport_view (p2));

  cached->PathMtu = 65000;
  sim_choices_load (sim_choices (b->bench->sim), &fails, 1);
  target_bench_do (b, initiate_step, n1, 300);

  assert_int_equal (n1->Status, NDIS_STATUS_OFFLOAD_PARTIAL_SUCCESS);
  assert_int_equal (p1->Status, NDIS_STATUS_OFFLOAD_PARTIAL_SUCCESS);
  assert_int_equal (t1->Status, NDIS_STATUS_SUCCESS);
  assert_int_equal (t2->Status, NDIS_STATUS_RESOURCES);
  assert_int_equal (p2->Status, NDIS_STATUS_OFFLOAD_PATH_MTU);
  assert_int_equal (t3->Status, NDIS_STATUS_FAILURE);
  assert_true (context_of (b, 1) != 0 && context_of (b, 11) != 0 && context_of (b, 21) != 0);
  assert_true (context_of (b, 22) == 0 && context_of (b, 12) == 0 && context_of (b, 23) == 0);
  block_tree_free (n1);
}

/* One table row: how the target is made small, and the status that the failing node gets. */
typedef struct Refusal {
  void (*configure) (TargetConfig *config);
  void (*change) (TargetBench *b, Node root);
  uint32_t object;
  NDIS_STATUS status;
} Refusal;

static void
no_neighbors (TargetConfig *config)
{
  config->tables.neighbors = 0;
}

static void
no_paths (TargetConfig *config)
{
  config->tables.paths = 0;
}

static void
no_connections (TargetConfig *config)
{
  config->tables.tcp = 0;
}

static void
no_macs (TargetConfig *config)
{
  config->tables.mac_addresses = 0;
}

static void
no_addresses (TargetConfig *config)
{
  config->tables.ip_addresses = 0;
}

static void
no_vlans (TargetConfig *config)
{
  config->tables.vlans = 0;
}

static void
other_vlan (TargetConfig *config)
{
  config->vlan_ids[0] = 7;
  config->n_vlan_ids = 1;
}

static void
small_window (TargetConfig *config)
{
  config->limits.receive_window_bytes_max = WINDOW - 1;
}

static void
small_receive_buffer (TargetConfig *config)
{
  config->limits.receive_buffer_bytes = WINDOW - 1;
}

static void
no_descriptors (TargetConfig *config)
{
  config->limits.transmit_descriptors = 0;
}

static void
small_mtu (TargetConfig *config)
{
  config->limits.path_mtu_bytes_max = 1499;
}

static void
rejects_all (TargetConfig *config)
{
  config->limits.connections_rejected_of = 1;
}

static void
no_ipv4 (TargetConfig *config)
{
  config->features.ipv4 = false;
}

static void
with_mac (G_GNUC_UNUSED TargetBench *b, Node root)
{
  NEIGHBOR_OFFLOAD_STATE_CONST *constants =
      block_list_const_state (block_list_miniport_view (root));
  constants->DlSourceAddress = 9;
}

static void
with_vlan (G_GNUC_UNUSED TargetBench *b, Node root)
{
  NEIGHBOR_OFFLOAD_STATE_CONST *constants =
      block_list_const_state (block_list_miniport_view (root));
  constants->VlanId = 5;
}

static void
with_send_data (TargetBench *b, Node root)
{
  tcp_of (root)->NetBufferListChain = send_list (b, 0, 0, 100);
}

static void
in_time_wait (G_GNUC_UNUSED TargetBench *b, Node root)
{
  delegated_of (tcp_of (root))->State = TcpConnectionTimeWait;
}

static const Refusal refusals[] = {
  { no_neighbors, NULL, 1, NDIS_STATUS_OFFLOAD_NEIGHBOR_ENTRIES },
  { no_macs, with_mac, 1, NDIS_STATUS_OFFLOAD_HW_ADDRESS_ENTRIES },
  { no_vlans, with_vlan, 1, NDIS_STATUS_OFFLOAD_VLAN_ENTRIES },
  { other_vlan, with_vlan, 1, NDIS_STATUS_OFFLOAD_VLAN_MISMATCH },
  { no_paths, NULL, 2, NDIS_STATUS_OFFLOAD_PATH_ENTRIES },
  { small_mtu, NULL, 2, NDIS_STATUS_OFFLOAD_PATH_MTU },
  { no_addresses, NULL, 2, NDIS_STATUS_OFFLOAD_IP_ADDRESS_ENTRIES },
  { no_connections, NULL, 20, NDIS_STATUS_OFFLOAD_TCP_ENTRIES },
  { small_window, NULL, 20, NDIS_STATUS_OFFLOAD_TCP_RCV_WINDOW },
  { small_receive_buffer, NULL, 20, NDIS_STATUS_OFFLOAD_TCP_RCV_BUFFER },
  { no_descriptors, with_send_data, 20, NDIS_STATUS_OFFLOAD_TCP_XMIT_BUFFER },
  { rejects_all, NULL, 20, NDIS_STATUS_OFFLOAD_CONNECTION_REJECTED },
  { no_ipv4, NULL, 20, NDIS_STATUS_OFFLOAD_CONNECTION_REJECTED },
  { NULL, in_time_wait, 20, NDIS_STATUS_FAILURE },
};

static void
check_refusal (TargetBench *b, const Refusal *refusal)
{
  Node root = connection_tree (b, 0);
  NDIS_MINIPORT_OFFLOAD_BLOCK_LIST *node;

  if (refusal->change != NULL)
    refusal->change (b, root);
  target_bench_do (b, initiate_step, root, 200);
  BlockWalk walk = block_walk_begin (block_list_miniport_view (root));
  while ((node = block_walk_next (&walk)) != NULL)
    if (node->model.object_id == refusal->object)
      assert_int_equal (node->Status, refusal->status);
    else
      assert_true (node->Status == NDIS_STATUS_FAILURE || node->Status == NDIS_STATUS_SUCCESS
                   || node->Status == NDIS_STATUS_OFFLOAD_PARTIAL_SUCCESS);
  assert_int_equal (context_of (b, refusal->object), 0);
  assert_false (target_is_offloaded (b->target, 0));
  block_tree_free (root);
}

static void
every_documented_refusal_has_its_status (void **state)
{
  for (size_t i = 0; i < G_N_ELEMENTS (refusals); i++) {
    TargetConfig config = target_bench_config ();
    if (refusals[i].configure != NULL)
      refusals[i].configure (&config);
    check_refusal (again_with (state, &config), &refusals[i]);
  }
}

static void
a_failed_root_stops_the_walk (void **state)
{
  TargetConfig config = target_bench_config ();
  config.vlan_ids[0] = 7;
  config.n_vlan_ids = 1;
  TargetBench *b = again_with (state, &config);
  uint32_t op = ndis_next_op_id (b->bench->ndis);
  Node n1 = neighbor_node (b, 1, op);
  Node n2 = neighbor_node (b, 2, op);

  with_vlan (b, n1);
  n1->NextBlock = n2;
  add_dependent (n1, path_node (b, 11, op));
  target_bench_do (b, initiate_step, n1, 200);
  assert_int_equal (n1->Status, NDIS_STATUS_OFFLOAD_VLAN_MISMATCH);
  assert_int_equal (n1->DependentBlockList->Status, NDIS_STATUS_FAILURE);
  assert_int_equal (n2->Status, NDIS_STATUS_FAILURE);
  assert_null (bench_record (b->bench, TRACE_CONTEXT_NEW, -1, 0, 0));
  block_tree_free (n1);
}

static void
placeholders_succeed_and_are_walked_through (void **state)
{
  TargetBench *b = *state;
  target_bench_offload (b, 0);
  uint32_t op = ndis_next_op_id (b->bench->ndis);
  Node root = fake_node (b->bench, OFFLOAD_LAYER_NEIGHBOR, NULL, op);
  Node linker = add_dependent (root, path_node (b, 2, op));
  Node tcp = add_dependent (linker, tcp_node (b, 1, op));

  target_bench_do (b, initiate_step, root, 200);
  assert_int_equal (root->Status, NDIS_STATUS_SUCCESS);
  assert_int_equal (linker->Status, NDIS_STATUS_SUCCESS);
  assert_int_equal (tcp->Status, NDIS_STATUS_SUCCESS);
  assert_true (target_is_offloaded (b->target, 1));
  assert_int_equal (bench_record (b->bench, TRACE_CONTEXT_NEW, -1, 0, 0)->column[4],
                    context_of (b, 2));
  block_tree_free (root);
}

static void
a_lone_placeholder_succeeds (void **state)
{
  TargetBench *b = *state;
  Node root = fake_node (b->bench, OFFLOAD_LAYER_NEIGHBOR, NULL, 77);

  target_bench_do (b, initiate_step, root, 200);
  assert_int_equal (root->Status, NDIS_STATUS_SUCCESS);
  assert_non_null (host_heard (b, NDIS_CALL_ProtocolInitiateOffloadComplete, 0));
  block_tree_free (root);
}

static void
a_linker_fails_when_all_that_is_new_below_it_fails (void **state)
{
  TargetConfig config = target_bench_config ();
  config.tables.tcp = 1;
  TargetBench *b = again_with (state, &config);
  target_bench_offload (b, 0);
  uint32_t op = ndis_next_op_id (b->bench->ndis);
  Node path = path_node (b, 2, op);

  add_dependent (path, tcp_node (b, 1, op));
  target_bench_do (b, initiate_step, path, 200);
  assert_int_equal (path->Status, NDIS_STATUS_FAILURE);
  assert_int_equal (path->DependentBlockList->Status, NDIS_STATUS_OFFLOAD_TCP_ENTRIES);
  block_tree_free (path);
}

static void
after_the_first_failure_the_walk_may_be_told_to_stop (void **state)
{
  TargetConfig config = target_bench_config ();
  config.knobs.on_node_failure = TARGET_FAILURE_STOPS;
  config.limits.connections_rejected_of = 2;
  TargetBench *b = again_with (state, &config);
  Node root = connection_tree (b, 0);

  add_dependent (root->DependentBlockList, tcp_node (b, 1, root->model.op_id));
  add_dependent (root->DependentBlockList, tcp_node (b, 2, root->model.op_id));
  target_bench_do (b, initiate_step, root, 300);
  assert_true (target_is_offloaded (b->target, 0));
  assert_false (target_is_offloaded (b->target, 1));
  assert_false (target_is_offloaded (b->target, 2));
  block_tree_free (root);
}

static void
a_failed_connection_leaves_its_send_data_with_the_host (void **state)
{
  TargetConfig config = target_bench_config ();
  config.tables.tcp = 0;
  TargetBench *b = again_with (state, &config);
  Node root = connection_tree (b, 0);
  NET_BUFFER_LIST *data = send_list (b, 0, 0, 500);

  data->Status = NDIS_STATUS_NOT_WRITTEN;
  tcp_of (root)->NetBufferListChain = data;
  target_bench_do (b, initiate_step, root, 300);
  assert_ptr_equal (tcp_of (root)->NetBufferListChain, data);
  assert_int_equal (data->Status, NDIS_STATUS_NOT_WRITTEN);
  assert_int_equal (data->holder, NDIS_HOLDER_HOST);
  assert_null (host_heard (b, NDIS_CALL_ProtocolTcpOffloadSendComplete, 0));
  ndis_nbl_put (b->bench->ndis, data);
  block_tree_free (root);
}

static void
a_connection_is_live_before_its_tree_is_completed (void **state)
{
  TargetBench *b = *state;
  Node root = connection_tree (b, 0);
  for (uint32_t c = 1; c < 8; c++)
    add_dependent (root->DependentBlockList, tcp_node (b, c, root->model.op_id));
  target_bench_do (b, initiate_step, root, 25);
  const SimRecord *live = bench_record (b->bench, TRACE_CONTEXT_LIVE, 1, 20, 0);
  assert_non_null (live);
  assert_null (host_heard (b, NDIS_CALL_ProtocolInitiateOffloadComplete, 0));

  peer_sends (b, 0, (PeerSegment){ RCV_NXT, SND_UNA, TCP_ACK | TCP_PSH, 100 }, 10);
  const SimRecord *segment = bench_record (b->bench, TRACE_TARGET_SEGMENT, -1, 0, 0);
  assert_non_null (segment);
  assert_int_equal (segment->column[5], 0);
  assert_null (host_heard (b, NDIS_CALL_ProtocolTcpOffloadReceiveIndicate, 0));

  b->bench->host.answer = (NdisResult){ NDIS_STATUS_SUCCESS, 100 };
  target_bench_wait (b, 300);
  const SimRecord *indicated = bench_begin (b->bench, NDIS_CALL_NdisTcpOffloadReceiveHandler, 0);
  const SimRecord *completed = bench_end (b->bench, NDIS_CALL_NdisMInitiateOffloadComplete, 0);
  assert_true (indicated->when.ps > completed->when.ps);
  block_tree_free (root);
}

static void
many_initiates_are_worked_on_in_turn (void **state)
{
  TargetConfig config = target_bench_config ();
  config.limits.initiates_outstanding_max = 1;
  TargetBench *b = again_with (state, &config);
  target_bench_offload (b, 0);
  Node tree[4];

  for (uint32_t i = 0; i < 4; i++) {
    uint32_t op = ndis_next_op_id (b->bench->ndis);
    tree[i] = path_node (b, 2, op);
    add_dependent (tree[i], tcp_node (b, 1 + i, op));
    target_bench_do (b, initiate_step, tree[i], 8);
  }
  target_bench_wait (b, 400);
  assert_int_equal (target_offloaded (b->target), 5);
  for (uint32_t i = 0; i < 4; i++)
    block_tree_free (tree[i]);
}

static void
finished_initiates_are_completed_in_the_order_that_is_chosen (void **state)
{
  TargetConfig config = target_bench_config ();
  config.interrupts.completions_max = 100;
  config.interrupts.delay_max = sim_us (150);
  config.engines.count = 4;
  TargetBench *b = again_with (state, &config);
  SimChoice second = {
    .site = SITE_INITIATE_COMPLETION_ORDER, .subject = 0, .ordinal = 1, .value = 1
  };
  Node tree[2];
  uint32_t op[2];

  sim_choices_load (sim_choices (b->bench->sim), &second, 1);
  for (uint32_t i = 0; i < 2; i++) {
    op[i] = ndis_next_op_id (b->bench->ndis);
    tree[i] = neighbor_node (b, 1 + i, op[i]);
    target_bench_do (b, initiate_step, tree[i], 10);
  }
  target_bench_wait (b, 400);
  assert_int_equal (bench_begin (b->bench, NDIS_CALL_NdisMInitiateOffloadComplete, 0)->column[6],
                    op[1]);
  assert_int_equal (bench_begin (b->bench, NDIS_CALL_NdisMInitiateOffloadComplete, 1)->column[6],
                    op[0]);
  block_tree_free (tree[0]);
  block_tree_free (tree[1]);
}

int
main (void)
{
#define TEST(name) cmocka_unit_test_setup_teardown (name, set_up, tear_down)
  const struct CMUnitTest tests[] = {
    TEST (a_tree_is_taken_depth_first_and_breadth_next),
    TEST (a_partial_offload_reports_the_statuses_of_the_documents),
    TEST (every_documented_refusal_has_its_status),
    TEST (a_failed_root_stops_the_walk),
    TEST (placeholders_succeed_and_are_walked_through),
    TEST (a_lone_placeholder_succeeds),
    TEST (a_linker_fails_when_all_that_is_new_below_it_fails),
    TEST (after_the_first_failure_the_walk_may_be_told_to_stop),
    TEST (a_failed_connection_leaves_its_send_data_with_the_host),
    TEST (a_connection_is_live_before_its_tree_is_completed),
    TEST (many_initiates_are_worked_on_in_turn),
    TEST (finished_initiates_are_completed_in_the_order_that_is_chosen),
  };
  return cmocka_run_group_tests (tests, NULL, NULL);
}
