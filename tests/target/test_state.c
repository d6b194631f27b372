#include "tests/target/target_bench.h"

#include <string.h>

/* What the target keeps of its objects: lists and trees of every shape, what a query reads, what stays the
 * host's. */

typedef PNDIS_PROTOCOL_OFFLOAD_BLOCK_LIST Node;

static int
set_up (void **state)
{
  TargetConfig config = target_bench_config ();
  TargetBench *b = target_bench_new (&config);

  *state = b;
  target_bench_offload (b, 0);
  return 0;
}

static int
tear_down (void **state)
{
  target_bench_free (*state);
  return 0;
}

static void
update_step (Bench *bench, void *tree)
{
  NdisUpdateOffload (bench->host.binding, tree);
}

static void
query_step (Bench *bench, void *tree)
{
  NdisQueryOffloadState (bench->host.binding, tree);
}

static void
invalidate_step (Bench *bench, void *tree)
{
  NdisInvalidateOffload (bench->host.binding, tree);
}

static Node
node_of (TargetBench *b, OFFLOAD_STATE_TYPE type, uint32_t object)
{
  return ndis_block_list_new (b->bench->ndis, type, true, target_bench_handle (b, object),
                              ndis_next_op_id (b->bench->ndis));
}

/* Shapes */

typedef struct Operation {
  BenchStep step;
  NdisCall handler, completion;
  OFFLOAD_STATE_TYPE type[3]; /* of neighbor, path and connection */
} Operation;

static const Operation operations[] = {
  { query_step,
    NDIS_CALL_MiniportQueryOffload,
    NDIS_CALL_NdisMQueryOffloadStateComplete,
    { NeighborOffloadState, Ip4OffloadState, TcpOffloadState } },
  { update_step,
    NDIS_CALL_MiniportUpdateOffload,
    NDIS_CALL_NdisMUpdateOffloadComplete,
    { NeighborOffloadCachedState, Ip4OffloadCachedState, TcpOffloadCachedState } },
  { invalidate_step,
    NDIS_CALL_MiniportInvalidateOffload,
    NDIS_CALL_NdisMInvalidateOffloadComplete,
    { NeighborOffloadState, Ip4OffloadState, TcpOffloadState } },
  { terminate_step,
    NDIS_CALL_MiniportTerminateOffload,
    NDIS_CALL_NdisMTerminateOffloadComplete,
    { NeighborOffloadDelegatedState, Ip4OffloadDelegatedState, TcpOffloadDelegatedState } },
};

static const uint32_t objects[] = { 1, 2, 20 };

/* The list of |layer| as |operation| carries it, with cached values that the target can take. */
static Node
node_for (TargetBench *b, const Operation *operation, OffloadLayer layer)
{
  Node node = node_of (b, operation->type[layer], objects[layer]);
  void *cached = block_list_cached_state (block_list_miniport_view (node));

  if (cached != NULL && layer == OFFLOAD_LAYER_NEIGHBOR)
    ((NEIGHBOR_OFFLOAD_STATE_CACHED *)cached)->DlDestinationAddress = 101;
  if (cached != NULL && layer == OFFLOAD_LAYER_PATH)
    ((PATH_OFFLOAD_STATE_CACHED *)cached)->PathMtu = 1500;
  if (cached != NULL && layer == OFFLOAD_LAYER_TCP)
    ((TCP_OFFLOAD_STATE_CACHED *)cached)->InitialRcvWnd = WINDOW;
  return node;
}

static void
check_operation (TargetBench *b, const Operation *operation, Node root)
{
  NDIS_MINIPORT_OFFLOAD_BLOCK_LIST *node;

  target_bench_do (b, operation->step, root, 300);
  BlockWalk walk = block_walk_begin (block_list_miniport_view (root));
  while ((node = block_walk_next (&walk)) != NULL)
    assert_int_equal (node->Status, NDIS_STATUS_SUCCESS);
  const SimRecord *handler = bench_begin (b->bench, operation->handler, 0);
  const SimRecord *completion = bench_begin (b->bench, operation->completion, 0);
  assert_int_equal (handler->column[4], SIM_LEVEL_DPC);
  assert_int_equal (completion->column[4], SIM_LEVEL_DPC);
  bench_end (b->bench, operation->handler, 0);
  bench_end (b->bench, operation->completion, 0);
  block_tree_free (root);
  target_bench_forget (b);
}

/* CALL-09, TREE-07; CALL-13: handler and completion return in a DPC, where nobody can wait. */
static void
every_operation_takes_a_lone_list_of_each_layer_and_a_tree (void **state)
{
  for (size_t i = 0; i < G_N_ELEMENTS (operations); i++) {
    const Operation *operation = &operations[i];
    if (i > 0) {
      tear_down (state);
      set_up (state);
    }
    TargetBench *b = *state;
    if (operation->step == query_step || operation->step == update_step)
      for (OffloadLayer layer = OFFLOAD_LAYER_NEIGHBOR; layer <= OFFLOAD_LAYER_TCP; layer++)
        check_operation (b, operation, node_for (b, operation, layer));
    Node root = node_for (b, operation, OFFLOAD_LAYER_NEIGHBOR);
    Node path = add_dependent (root, node_for (b, operation, OFFLOAD_LAYER_PATH));
    add_dependent (path, node_for (b, operation, OFFLOAD_LAYER_TCP));
    check_operation (b, operation, root);
  }
}

static void
lone_lists_can_be_ended_from_the_connection_down (void **state)
{
  for (size_t i = 2; i < G_N_ELEMENTS (operations); i++) {
    const Operation *operation = &operations[i];
    for (int layer = OFFLOAD_LAYER_TCP; layer >= OFFLOAD_LAYER_NEIGHBOR; layer--)
      check_operation (*state, operation, node_for (*state, operation, (OffloadLayer)layer));
  }
}

/* TREE-05 */
static void
a_tree_may_be_as_wide_as_the_host_likes (void **state)
{
  enum { PLACEHOLDERS = 2000 };
  TargetBench *b = *state;
  uint32_t op = ndis_next_op_id (b->bench->ndis);
  Node root = fake_node (b->bench, OFFLOAD_LAYER_NEIGHBOR, NULL, op);
  Node last = root;

  for (int i = 1; i < PLACEHOLDERS; i++)
    last = last->NextBlock = fake_node (b->bench, OFFLOAD_LAYER_NEIGHBOR, NULL, op);
  last = last->NextBlock = neighbor_node (b, 3, op);
  target_bench_do (b, initiate_step, root, 20000);

  assert_non_null (host_heard (b, NDIS_CALL_ProtocolInitiateOffloadComplete, 0));
  for (Node node = root; node != NULL; node = node->NextBlock)
    assert_int_equal (node->Status, NDIS_STATUS_SUCCESS);
  assert_true (target_bench_handle (b, 3)->MiniportOffloadContext != 0);
  block_tree_free (root);
}

/* Whose memory it is */

#define POISON ((NDIS_TOKEN)0xdeadbeef)

/* BLK-13, BLK-11: what the others keep in a list comes back, and what lies in the target's own words when it
 * gets the list does not matter. */
static void
reserved_words_of_others_are_left_alone (void **state)
{
  for (size_t i = 0; i < G_N_ELEMENTS (operations); i++) {
    Node node = node_for (*state, &operations[i], OFFLOAD_LAYER_TCP);
    for (size_t word = 0; word < 2; word++) {
      node->NdisReserved[word] = 11 + word;
      node->ProtocolReserved[word] = 21 + word;
      node->ImReserved[word] = 31 + word;
      node->MiniportReserved[word] = POISON;
    }
    target_bench_do (*state, operations[i].step, node, 300);
    assert_int_equal (node->Status, NDIS_STATUS_SUCCESS);
    for (size_t word = 0; word < 2; word++) {
      assert_int_equal (node->NdisReserved[word], 11 + word);
      assert_int_equal (node->ProtocolReserved[word], 21 + word);
      assert_int_equal (node->ImReserved[word], 31 + word);
    }
    block_tree_free (node);
  }
}

/* BLK-15, SDATA-03 */
static void
without_a_chain_head_and_tail_of_the_send_data_mean_nothing (void **state)
{
  TargetBench *b = *state;
  uint32_t op = ndis_next_op_id (b->bench->ndis);
  Node path = fake_node (b->bench, OFFLOAD_LAYER_PATH, target_bench_handle (b, 2), op);
  Node tcp = add_dependent (path, tcp_node (b, 1, op));

  delegated_of (tcp)->SendDataHead = GSIZE_TO_POINTER (POISON);
  delegated_of (tcp)->SendDataTail = GSIZE_TO_POINTER (POISON);
  target_bench_offload_tree (b, path);
  assert_int_equal (b->arrived->len, 0);
  target_bench_send (b, 1, send_list (b, 1, 0, 100), 50);
  assert_int_equal (b->arrived->len, 1);
  assert_int_equal (arrived_at (b, 0)->payload.offset, 0);
  peer_sends (b, 1, (PeerSegment){ RCV_NXT, SND_UNA + 100, TCP_ACK, 0 }, 50);
  Node leaf = target_bench_terminate (b, 1);
  assert_null (leaf->NetBufferListChain);
  block_tree_free (leaf);
}

/* What a query reads */

static void
check_neighbor_state (NDIS_MINIPORT_OFFLOAD_BLOCK_LIST *node)
{
  const NEIGHBOR_OFFLOAD_STATE_CONST *constants = block_list_const_state (node);
  const NEIGHBOR_OFFLOAD_STATE_CACHED *cached = block_list_cached_state (node);
  const NEIGHBOR_OFFLOAD_STATE_DELEGATED *delegated = block_list_delegated_state (node);

  if (constants != NULL)
    assert_int_equal (constants->VlanId, 0);
  if (cached != NULL)
    assert_int_equal (cached->DlDestinationAddress, 101);
  if (delegated != NULL)
    assert_true (delegated->NicReachabilityDelta < 1000);
}

static void
check_path_state (NDIS_MINIPORT_OFFLOAD_BLOCK_LIST *node)
{
  const PATH_OFFLOAD_STATE_CONST *constants = block_list_const_state (node);
  const PATH_OFFLOAD_STATE_CACHED *cached = block_list_cached_state (node);

  if (constants != NULL) {
    assert_int_equal (constants->SourceAddress, 1);
    assert_int_equal (constants->DestinationAddress, 2);
  }
  if (cached != NULL)
    assert_int_equal (cached->PathMtu, 1500);
}

static void
check_tcp_state (NDIS_MINIPORT_OFFLOAD_BLOCK_LIST *node)
{
  const TCP_OFFLOAD_STATE_CONST *constants = block_list_const_state (node);
  const TCP_OFFLOAD_STATE_CACHED *cached = block_list_cached_state (node);
  const TCP_OFFLOAD_STATE_DELEGATED *delegated = block_list_delegated_state (node);

  if (constants != NULL)
    assert_int_equal (constants->LocalPort, 10000);
  if (cached != NULL) {
    assert_int_equal (cached->InitialRcvWnd, WINDOW);
    assert_int_equal (cached->TtlOrHopLimit, 64);
  }
  if (delegated != NULL) {
    assert_int_equal (delegated->RcvNxt, RCV_NXT);
    assert_int_equal (delegated->SndUna, SND_UNA);
  }
}

/* Everything behind the header of each state structure is made nonsense. */
static void
spoil (NDIS_MINIPORT_OFFLOAD_BLOCK_LIST *node)
{
  OFFLOAD_STATE_HEADER *structures[] = { block_list_const_state (node),
                                         block_list_cached_state (node),
                                         block_list_delegated_state (node) };

  for (size_t i = 0; i < G_N_ELEMENTS (structures); i++)
    if (structures[i] != NULL) {
      structures[i]->RecognizedOptions = 7;
      memset (structures[i] + 1, 0xaa, structures[i]->Length - sizeof *structures[i]);
    }
}

static void
check_headers (NDIS_MINIPORT_OFFLOAD_BLOCK_LIST *node, const OFFLOAD_STATE_HEADER *before[3],
               const uint16_t lengths[3])
{
  const OFFLOAD_STATE_HEADER *after[] = { block_list_const_state (node),
                                          block_list_cached_state (node),
                                          block_list_delegated_state (node) };

  for (size_t i = 0; i < G_N_ELEMENTS (after); i++) {
    assert_ptr_equal (after[i], before[i]);
    if (after[i] != NULL) {
      assert_int_equal (after[i]->Length, lengths[i]);
      assert_int_equal (after[i]->RecognizedOptions, 7);
    }
  }
}

/* QRY-01 */
static void
a_query_of_each_type_reads_what_the_type_says (void **state)
{
  static const struct {
    OFFLOAD_STATE_TYPE first; /* constants; then cached, delegated and all three */
    OFFLOAD_STATE_TYPE all;
    uint32_t object;
    void (*check) (NDIS_MINIPORT_OFFLOAD_BLOCK_LIST *node);
    uint16_t lengths[3];
  } rows[] = {
    { NeighborOffloadConstState,
      NeighborOffloadState,
      1,
      check_neighbor_state,
      { sizeof (NEIGHBOR_OFFLOAD_STATE_CONST), sizeof (NEIGHBOR_OFFLOAD_STATE_CACHED),
        sizeof (NEIGHBOR_OFFLOAD_STATE_DELEGATED) } },
    { Ip4OffloadConstState,
      Ip4OffloadState,
      2,
      check_path_state,
      { sizeof (PATH_OFFLOAD_STATE_CONST), sizeof (PATH_OFFLOAD_STATE_CACHED),
        sizeof (PATH_OFFLOAD_STATE_DELEGATED) } },
    { TcpOffloadConstState,
      TcpOffloadState,
      20,
      check_tcp_state,
      { sizeof (TCP_OFFLOAD_STATE_CONST), sizeof (TCP_OFFLOAD_STATE_CACHED),
        sizeof (TCP_OFFLOAD_STATE_DELEGATED) } },
  };

  for (size_t i = 0; i < G_N_ELEMENTS (rows); i++)
    for (unsigned n = 0; n < 4; n++) {
      Node node = node_of (*state, n < 3 ? rows[i].first + n : rows[i].all, rows[i].object);
      NDIS_MINIPORT_OFFLOAD_BLOCK_LIST *view = block_list_miniport_view (node);
      spoil (view);
      const OFFLOAD_STATE_HEADER *before[] = { block_list_const_state (view),
                                               block_list_cached_state (view),
                                               block_list_delegated_state (view) };
      target_bench_do (*state, query_step, node, 100);
      assert_int_equal (node->Status, NDIS_STATUS_SUCCESS);
      check_headers (view, before, rows[i].lengths);
      rows[i].check (view);
      block_tree_free (node);
    }
}

/* Data both ways, out of order too, with losses that time out; the rest waits for Nagle. */
static void
live_a_little (TargetBench *b)
{
  b->bench->host.answer = (NdisResult){ NDIS_STATUS_SUCCESS, 100 };
  peer_sends (b, 0, (PeerSegment){ RCV_NXT + 100, SND_UNA, TCP_ACK, 100 }, 500);
  peer_sends (b, 0, (PeerSegment){ RCV_NXT, SND_UNA, TCP_ACK | TCP_PSH, 100 }, 500);
  target_bench_send (b, 0, send_list (b, 0, 0, 5000), 1500000);
  peer_sends (b, 0, (PeerSegment){ RCV_NXT + 200, SND_UNA + 4380, TCP_ACK, 0 }, 500);
}

/* STATE-02, TCPV-01, TCPV-02 */
static void
what_the_host_has_given_stays_as_it_gave_it (void **state)
{
  TargetBench *b = *state;
  block_tree_free (target_bench_terminate_tree (b, 0));
  target_bench_forget (b);
  Node root = connection_tree (b, 0);
  NDIS_MINIPORT_OFFLOAD_BLOCK_LIST *given = block_list_miniport_view (tcp_of (root));
  TCP_OFFLOAD_STATE_CONST constants = *(TCP_OFFLOAD_STATE_CONST *)block_list_const_state (given);
  TCP_OFFLOAD_STATE_CACHED *cached = block_list_cached_state (given);
  cached->Flags = TCP_FLAG_NAGLING_ENABLED | TCP_FLAG_KEEP_ALIVE_ENABLED;
  cached->InitialRcvWnd = WINDOW - 5;
  cached->RcvIndicationSize = 77;
  cached->KaProbeCount = 3;
  cached->KaTimeout = 90000;
  cached->KaInterval = 800;
  cached->MaxRT = 70000;
  cached->TtlOrHopLimit = 33;
  cached->TosOrTrafficClass = 8;
  TCP_OFFLOAD_STATE_CACHED wanted = *cached;
  target_bench_offload_tree (b, root);

  live_a_little (b);
  Node node = node_of (b, TcpOffloadState, 20);
  target_bench_do (b, query_step, node, 100);
  NDIS_MINIPORT_OFFLOAD_BLOCK_LIST *view = block_list_miniport_view (node);
  assert_memory_equal (block_list_const_state (view), &constants, sizeof constants);
  assert_memory_equal (block_list_cached_state (view), &wanted, sizeof wanted);
  assert_int_equal (delegated_of (node)->RcvNxt, RCV_NXT + 200);
  assert_int_equal (delegated_of (node)->SndUna, SND_UNA + 4380);
  block_tree_free (node);
}

/* UPD-05 */
static void
updates_of_two_objects_may_overlap (void **state)
{
  TargetBench *b = *state;
  Node path = node_for (b, &operations[1], OFFLOAD_LAYER_PATH);
  Node tcp = node_for (b, &operations[1], OFFLOAD_LAYER_TCP);

  ((PATH_OFFLOAD_STATE_CACHED *)block_list_cached_state (block_list_miniport_view (path)))
      ->PathMtu = 600;
  ((TCP_OFFLOAD_STATE_CACHED *)block_list_cached_state (block_list_miniport_view (tcp)))
      ->TtlOrHopLimit = 9;
  target_bench_do (b, update_step, path, 1);
  target_bench_do (b, update_step, tcp, 100);
  assert_true (bench_begin (b->bench, NDIS_CALL_MiniportUpdateOffload, 1)->number
               < bench_begin (b->bench, NDIS_CALL_NdisMUpdateOffloadComplete, 0)->number);
  assert_int_equal (path->Status, NDIS_STATUS_SUCCESS);
  assert_int_equal (tcp->Status, NDIS_STATUS_SUCCESS);
  target_bench_send (b, 0, send_list (b, 0, 0, 1000), 100);
  assert_int_equal (arrived_at (b, 0)->payload.bytes, 560);
  assert_int_equal (arrived_at (b, 0)->ttl, 9);
  block_tree_free (path);
  block_tree_free (tcp);
}

/* STS-02, STS-06: it never resumes. */
static void
a_paused_target_serves_what_it_has (void **state)
{
  TargetBench *b = *state;
  NET_BUFFER_LIST *sent = send_list (b, 0, 0, 3000);
  NET_BUFFER_LIST *posted = receive_list (b, 0, 100);

  target_pause (b->target);
  target_bench_wait (b, 5000);
  assert_int_equal (b->bench->host.last_status, NDIS_STATUS_OFFLOAD_PAUSE);
  target_bench_post (b, 0, posted, 50);
  target_bench_send (b, 0, sent, 50);
  assert_int_equal (b->arrived->len, 3);
  peer_sends (b, 0, (PeerSegment){ RCV_NXT, SND_UNA + 3000, TCP_ACK | TCP_PSH, 100 }, 100);
  assert_int_equal (sent->Status, NDIS_STATUS_SUCCESS);
  assert_int_equal (posted->Status, NDIS_STATUS_SUCCESS);
  assert_int_equal (posted->TcpOffloadBytesTransferred, 100);
  assert_true (target_is_offloaded (b->target, 0));
}

int
main (void)
{
#define TEST(name) cmocka_unit_test_setup_teardown (name, set_up, tear_down)
  const struct CMUnitTest tests[] = {
    TEST (every_operation_takes_a_lone_list_of_each_layer_and_a_tree),
    TEST (lone_lists_can_be_ended_from_the_connection_down),
    TEST (a_tree_may_be_as_wide_as_the_host_likes),
    TEST (reserved_words_of_others_are_left_alone),
    TEST (without_a_chain_head_and_tail_of_the_send_data_mean_nothing),
    TEST (a_query_of_each_type_reads_what_the_type_says),
    TEST (what_the_host_has_given_stays_as_it_gave_it),
    TEST (updates_of_two_objects_may_overlap),
    TEST (a_paused_target_serves_what_it_has),
  };
  return cmocka_run_group_tests (tests, NULL, NULL);
}
