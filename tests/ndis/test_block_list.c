#include "tests/support.h"

#include <string.h>

#include "models/ndis/block_list.h"

static NDIS_MINIPORT_OFFLOAD_BLOCK_LIST *
view (PNDIS_PROTOCOL_OFFLOAD_BLOCK_LIST list)
{
  return block_list_miniport_view (list);
}

static PNDIS_PROTOCOL_OFFLOAD_BLOCK_LIST
named (OFFLOAD_STATE_TYPE type, uint32_t object_id)
{
  PNDIS_PROTOCOL_OFFLOAD_BLOCK_LIST list = block_list_new (type, false, NULL, 1);
  list->model.object_id = object_id;
  return list;
}

/* The documents' figure: N1->{P1->{T1,T2},P2->{T3}}, N2->{P3->{T4,T5}}; layers are tens, numbers
 * ones. */
static PNDIS_PROTOCOL_OFFLOAD_BLOCK_LIST
documented_tree (void)
{
  PNDIS_PROTOCOL_OFFLOAD_BLOCK_LIST n1 = named (NeighborOffloadState, 11);
  PNDIS_PROTOCOL_OFFLOAD_BLOCK_LIST n2 = named (NeighborOffloadState, 12);
  PNDIS_PROTOCOL_OFFLOAD_BLOCK_LIST p1 = named (Ip4OffloadState, 21);
  PNDIS_PROTOCOL_OFFLOAD_BLOCK_LIST p2 = named (Ip4OffloadState, 22);
  PNDIS_PROTOCOL_OFFLOAD_BLOCK_LIST p3 = named (Ip6OffloadState, 23);

  n1->NextBlock = n2;
  n1->DependentBlockList = p1;
  p1->NextBlock = p2;
  p1->DependentBlockList = named (TcpOffloadState, 31);
  p1->DependentBlockList->NextBlock = named (TcpOffloadState, 32);
  p2->DependentBlockList = named (TcpOffloadState, 33);
  n2->DependentBlockList = p3;
  p3->DependentBlockList = named (TcpOffloadState, 34);
  p3->DependentBlockList->NextBlock = named (TcpOffloadState, 35);
  return n1;
}

static void
the_walk_follows_the_documented_order (G_GNUC_UNUSED void **state)
{
  static const uint32_t expected[] = { 11, 21, 31, 32, 22, 33, 12, 23, 34, 35 };
  static const uint32_t parents[] = { 0, 11, 21, 21, 11, 22, 0, 12, 23, 23 };
  PNDIS_PROTOCOL_OFFLOAD_BLOCK_LIST root = documented_tree ();
  NDIS_MINIPORT_OFFLOAD_BLOCK_LIST *list;
  BlockWalk walk = block_walk_begin (view (root));
  size_t n = 0;

  for (; (list = block_walk_next (&walk)) != NULL; n++) {
    const NDIS_MINIPORT_OFFLOAD_BLOCK_LIST *parent = block_walk_parent (&walk);
    assert_int_equal (list->model.object_id, expected[n]);
    assert_int_equal (parent != NULL ? parent->model.object_id : 0, parents[n]);
  }
  assert_int_equal (n, G_N_ELEMENTS (expected));
  assert_null (block_walk_next (&walk));
  assert_int_equal (block_tree_nodes (view (root)), 10);
  block_tree_free (root);
}

static void
a_walk_can_pass_over_dependents (G_GNUC_UNUSED void **state)
{
  static const uint32_t expected[] = { 11, 21, 22, 33, 12 };
  PNDIS_PROTOCOL_OFFLOAD_BLOCK_LIST root = documented_tree ();
  NDIS_MINIPORT_OFFLOAD_BLOCK_LIST *list;
  BlockWalk walk = block_walk_begin (view (root));
  size_t n = 0;

  for (; (list = block_walk_next (&walk)) != NULL; n++) {
    assert_int_equal (list->model.object_id, expected[n]);
    if (list->model.object_id == 21 || list->model.object_id == 12)
      block_walk_skip_dependents (&walk);
  }
  assert_int_equal (n, G_N_ELEMENTS (expected));
  block_tree_free (root);
}

static void
a_tree_of_four_layers_asserts (G_GNUC_UNUSED void **state)
{
  PNDIS_PROTOCOL_OFFLOAD_BLOCK_LIST root = documented_tree ();
  PNDIS_PROTOCOL_OFFLOAD_BLOCK_LIST tcp = root->DependentBlockList->DependentBlockList;

  tcp->DependentBlockList = named (TcpOffloadState, 40);
  expect_assert_failure (block_tree_nodes (view (root)));
  block_tree_free (tcp->DependentBlockList);
  tcp->DependentBlockList = NULL;
  block_tree_free (root);
}

static void
fill_members (PNDIS_PROTOCOL_OFFLOAD_BLOCK_LIST list)
{
  list->Status = NDIS_STATUS_OFFLOAD_PATH_MTU;
  list->NdisReserved[0] = 1;
  list->NdisReserved[1] = 2;
  list->ProtocolReserved[0] = 3;
  list->ProtocolReserved[1] = 4;
  list->MiniportReserved[0] = 5;
  list->MiniportReserved[1] = 6;
  list->ImReserved[0] = 7;
  list->ImReserved[1] = 8;
  list->Scratch[0] = 9;
  list->Scratch[1] = 10;
  list->SourceHandle = 11;
  list->PortNumber = 12;
}

static void
a_tree_comes_back_from_miniport_form_unchanged (G_GNUC_UNUSED void **state)
{
  NDIS_OFFLOAD_HANDLE handle = { .object_id = 5, .connection_id = 6 };
  PNDIS_PROTOCOL_OFFLOAD_BLOCK_LIST root = block_list_new (TcpOffloadState, true, &handle, 7);
  TCP_OFFLOAD_STATE_DELEGATED *delegated = block_list_delegated_state (view (root));
  size_t bytes = sizeof *root + root->model.state_bytes;

  fill_members (root);
  delegated->SndUna = 1234;
  g_autofree char *before = g_memdup2 (root, bytes);

  PNDIS_MINIPORT_OFFLOAD_BLOCK_LIST miniport = ndis_block_list_as_miniport (root);
  assert_ptr_equal (miniport->NdisOffloadHandle, &handle);
  assert_ptr_equal (miniport->MiniportOffloadContext, &handle.MiniportOffloadContext);
  assert_int_equal (miniport->SourceHandle, 11);
  assert_int_equal (miniport->NdisReserved[1], 2);
  assert_ptr_equal (block_list_delegated_state (miniport), delegated);

  assert_ptr_equal (ndis_block_list_as_protocol (miniport), root);
  assert_memory_equal (root, before, bytes);
  block_tree_free (root);
}

static void
conversion_reaches_every_node (G_GNUC_UNUSED void **state)
{
  NDIS_OFFLOAD_HANDLE handle = { .object_id = 5 };
  PNDIS_PROTOCOL_OFFLOAD_BLOCK_LIST root = documented_tree ();
  PNDIS_PROTOCOL_OFFLOAD_BLOCK_LIST last = root->NextBlock->DependentBlockList->DependentBlockList;

  last->OffloadHandle = &handle;
  assert_true (block_list_is_placeholder (ndis_block_list_as_miniport (root)));
  assert_false (block_list_is_placeholder (view (last)));
  ndis_block_list_as_protocol (view (root));
  assert_true (block_list_is_placeholder (view (last)));
  block_tree_free (root);
}

/* The documents' structures by layer: what NDIS writes as their Length (BLK-09, TCPV-04). */
static const uint32_t lengths[][3] = {
  [OFFLOAD_LAYER_NEIGHBOR] = { sizeof (NEIGHBOR_OFFLOAD_STATE_CONST),
                               sizeof (NEIGHBOR_OFFLOAD_STATE_CACHED),
                               sizeof (NEIGHBOR_OFFLOAD_STATE_DELEGATED) },
  [OFFLOAD_LAYER_PATH] = { sizeof (PATH_OFFLOAD_STATE_CONST), sizeof (PATH_OFFLOAD_STATE_CACHED),
                           sizeof (PATH_OFFLOAD_STATE_DELEGATED) },
  [OFFLOAD_LAYER_TCP] = { sizeof (TCP_OFFLOAD_STATE_CONST), sizeof (TCP_OFFLOAD_STATE_CACHED),
                          sizeof (TCP_OFFLOAD_STATE_DELEGATED) },
};

static void
check_structures (PNDIS_PROTOCOL_OFFLOAD_BLOCK_LIST list, bool has_const, bool has_cached,
                  bool has_delegated)
{
  const OFFLOAD_STATE_HEADER *header[] = { block_list_const_state (view (list)),
                                           block_list_cached_state (view (list)),
                                           block_list_delegated_state (view (list)) };
  const bool wanted[] = { has_const, has_cached, has_delegated };
  OffloadLayer layer = block_list_layer ((OFFLOAD_STATE_TYPE)list->Header.Type);

  for (size_t i = 0; i < G_N_ELEMENTS (header); i++) {
    assert_int_equal (header[i] != NULL, wanted[i]);
    if (header[i] != NULL) {
      assert_int_equal (header[i]->Length, lengths[layer][i]);
      assert_int_equal (header[i]->RecognizedOptions, 0);
    }
  }
}

static void
state_lies_behind_its_list_in_the_documented_order (G_GNUC_UNUSED void **state)
{
  static const OFFLOAD_STATE_TYPE types[] = { NeighborOffloadState, Ip4OffloadState,
                                              Ip6OffloadState, TcpOffloadState };
  for (size_t i = 0; i < G_N_ELEMENTS (types); i++) {
    PNDIS_PROTOCOL_OFFLOAD_BLOCK_LIST list = block_list_new (types[i], true, NULL, 1);
    OFFLOAD_STATE_HEADER *constant = block_list_const_state (view (list));
    OFFLOAD_STATE_HEADER *cached = block_list_cached_state (view (list));
    OFFLOAD_STATE_HEADER *delegated = block_list_delegated_state (view (list));
    assert_ptr_equal (constant, list + 1);
    assert_true ((char *)cached >= (char *)constant + constant->Length);
    assert_true ((char *)delegated >= (char *)cached + cached->Length);
    assert_true ((char *)delegated + delegated->Length
                 <= (char *)(list + 1) + list->model.state_bytes);
    assert_int_equal (list->Header.Size, sizeof *list);
    check_structures (list, true, true, true);
    block_tree_free (list);
  }
}

static void
a_list_of_one_class_has_that_structure_only (G_GNUC_UNUSED void **state)
{
  PNDIS_PROTOCOL_OFFLOAD_BLOCK_LIST cached = block_list_new (TcpOffloadCachedState, true, NULL, 1);
  PNDIS_PROTOCOL_OFFLOAD_BLOCK_LIST bare = block_list_new (TcpOffloadState, false, NULL, 1);

  assert_null (block_list_const_state (view (cached)));
  assert_ptr_equal (block_list_cached_state (view (cached)), cached + 1);
  assert_null (block_list_delegated_state (view (cached)));
  assert_null (block_list_delegated_state (view (bare)));
  assert_int_equal (((OFFLOAD_STATE_HEADER *)block_list_cached_state (view (cached)))->Length,
                    sizeof (TCP_OFFLOAD_STATE_CACHED));
  block_tree_free (cached);
  block_tree_free (bare);
}

/* BLK-03; STATE-13: a path has no delegated state but the header. */
static void
each_type_of_one_class_announces_that_structure_of_its_layer (G_GNUC_UNUSED void **state)
{
  static const OFFLOAD_STATE_TYPE first[] = { NeighborOffloadConstState, Ip4OffloadConstState,
                                              Ip6OffloadConstState, TcpOffloadConstState };
  for (size_t i = 0; i < G_N_ELEMENTS (first); i++)
    for (unsigned n = 0; n < 3; n++) {
      PNDIS_PROTOCOL_OFFLOAD_BLOCK_LIST list = block_list_new (first[i] + n, true, NULL, 1);
      check_structures (list, n == 0, n == 1, n == 2);
      block_tree_free (list);
    }
  assert_int_equal (sizeof (PATH_OFFLOAD_STATE_DELEGATED), sizeof (OFFLOAD_STATE_HEADER));
}

static void
types_belong_to_layers (G_GNUC_UNUSED void **state)
{
  assert_int_equal (block_list_aggregate_type (OFFLOAD_LAYER_NEIGHBOR, 4), NeighborOffloadState);
  assert_int_equal (block_list_aggregate_type (OFFLOAD_LAYER_PATH, 4), Ip4OffloadState);
  assert_int_equal (block_list_aggregate_type (OFFLOAD_LAYER_PATH, 6), Ip6OffloadState);
  assert_int_equal (block_list_aggregate_type (OFFLOAD_LAYER_TCP, 6), TcpOffloadState);
  assert_int_equal (block_list_delegated_type (OFFLOAD_LAYER_NEIGHBOR, 4),
                    NeighborOffloadDelegatedState);
  assert_int_equal (block_list_delegated_type (OFFLOAD_LAYER_PATH, 6), Ip6OffloadDelegatedState);
  assert_int_equal (block_list_delegated_type (OFFLOAD_LAYER_TCP, 4), TcpOffloadDelegatedState);
  assert_int_equal (block_list_layer (Ip6OffloadCachedState), OFFLOAD_LAYER_PATH);
  assert_string_equal (block_list_type_name (TcpOffloadState), "TcpOffloadState");
  assert_null (block_list_type_name (MaximumOffloadState));
  expect_assert_failure (block_list_layer (MaximumOffloadState));
}

static void
a_node_of_a_pool_goes_back_to_it (G_GNUC_UNUSED void **state)
{
  SimPool *pool = sim_pool_new (BLOCK_LIST_BYTES_MAX, 0);
  PNDIS_PROTOCOL_OFFLOAD_BLOCK_LIST list = block_list_take (pool, TcpOffloadState, true, NULL, 9);

  assert_int_equal (sim_pool_out (pool), 1);
  assert_int_equal (list->Status, NDIS_STATUS_NOT_WRITTEN);
  block_tree_free (list);
  assert_int_equal (sim_pool_out (pool), 0);
  assert_int_equal (list->model.holder, NDIS_HOLDER_FREE);
  assert_int_equal (list->model.op_id, 9);
  sim_pool_free (pool);
}

static void
touching_a_tree_that_another_holds_asserts (G_GNUC_UNUSED void **state)
{
  PNDIS_PROTOCOL_OFFLOAD_BLOCK_LIST root = documented_tree ();

  block_tree_set_holder (view (root), NDIS_HOLDER_TARGET);
  block_list_assert_holder (view (root->NextBlock), NDIS_HOLDER_TARGET);
  expect_assert_failure (block_list_assert_holder (view (root->NextBlock), NDIS_HOLDER_HOST));
  block_tree_free (root);
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test (the_walk_follows_the_documented_order),
    cmocka_unit_test (a_walk_can_pass_over_dependents),
    cmocka_unit_test (a_tree_of_four_layers_asserts),
    cmocka_unit_test (a_tree_comes_back_from_miniport_form_unchanged),
    cmocka_unit_test (conversion_reaches_every_node),
    cmocka_unit_test (state_lies_behind_its_list_in_the_documented_order),
    cmocka_unit_test (a_list_of_one_class_has_that_structure_only),
    cmocka_unit_test (each_type_of_one_class_announces_that_structure_of_its_layer),
    cmocka_unit_test (types_belong_to_layers),
    cmocka_unit_test (a_node_of_a_pool_goes_back_to_it),
    cmocka_unit_test (touching_a_tree_that_another_holds_asserts),
  };
  return cmocka_run_group_tests (tests, NULL, NULL);
}
