/* The quota driver: who gets through, and what the driver above is told. */
#include "tests/im/im_bench.h"

static const ImConfig silent = { .driver = "quota", .permits_offload = true, .connections_max = 2 };
static const ImConfig telling = {
  .driver = "quota", .permits_offload = true, .connections_max = 3, .resume_at = 1
};

/* An initiate of connection |later| beneath the neighbor and the path that are offloaded. */
static PNDIS_PROTOCOL_OFFLOAD_BLOCK_LIST
one_more (ImBench *b, NDIS_OFFLOAD_HANDLE *later)
{
  uint32_t op = ndis_next_op_id (b->bench->ndis);
  PNDIS_PROTOCOL_OFFLOAD_BLOCK_LIST root = fake_node (b->bench, OFFLOAD_LAYER_NEIGHBOR, NULL, op);

  root->DependentBlockList = fake_node (b->bench, OFFLOAD_LAYER_PATH, &b->objects.path, op);
  root->DependentBlockList->DependentBlockList = fake_node (b->bench, OFFLOAD_LAYER_TCP, later, op);
  return root;
}

static void
offload_one_more (ImBench *b, NDIS_OFFLOAD_HANDLE *later)
{
  PNDIS_PROTOCOL_OFFLOAD_BLOCK_LIST root = one_more (b, later);

  bench_run (b->bench, initiate_step, root);
  block_tree_free (root);
}

static void
terminate (ImBench *b, NDIS_OFFLOAD_HANDLE *handle)
{
  PNDIS_PROTOCOL_OFFLOAD_BLOCK_LIST leaf = fake_leaf (b->bench, handle);

  bench_run (b->bench, terminate_step, leaf);
  block_tree_free (leaf);
}

/* How often the driver above has been told something. */
static unsigned
told (const ImBench *b)
{
  const SimRecord *begin;
  unsigned n = 0;

  for (unsigned i = 0;
       (begin = bench_record (b->bench, TRACE_CALL_BEGIN, 1, NDIS_CALL_ProtocolStatusEx, i))
       != NULL;
       i++)
    n += begin->column[5] == 0;
  return n;
}

static void
a_connection_beyond_the_quota_is_rejected (G_GNUC_UNUSED void **state)
{
  ImBench *b = im_bench_new (1, silent);
  NDIS_OFFLOAD_HANDLE later = fake_handle (b->bench, 9, 90);

  bench_offload (b->bench, &b->objects);
  bench_forget (b->bench);
  PNDIS_PROTOCOL_OFFLOAD_BLOCK_LIST root = one_more (b, &later);
  PNDIS_PROTOCOL_OFFLOAD_BLOCK_LIST path = root->DependentBlockList;
  bench_run (b->bench, initiate_step, root);
  assert_int_equal (b->bench->target.heard->len, 0);
  assert_int_equal (root->Status, NDIS_STATUS_SUCCESS); /* a placeholder */
  assert_int_equal (path->Status, NDIS_STATUS_FAILURE); /* a linker with nothing offloaded */
  assert_int_equal (path->DependentBlockList->Status, NDIS_STATUS_OFFLOAD_CONNECTION_REJECTED);
  assert_int_equal (later.MiniportOffloadContext, 0);
  assert_int_equal (told (b), 0);
  block_tree_free (root);
  im_bench_free (b);
}

/* The status of a policy is for connections: a new neighbor has failed, and so has what is above
 * it. */
static void
a_new_tree_with_one_connection_too_many_fails_as_a_whole (G_GNUC_UNUSED void **state)
{
  ImConfig config = silent;
  config.connections_max = 1;
  ImBench *b = im_bench_new (1, config);
  PNDIS_PROTOCOL_OFFLOAD_BLOCK_LIST tree = fake_tree (b->bench, &b->objects);

  bench_run (b->bench, initiate_step, tree);
  assert_int_equal (b->bench->target.heard->len, 0);
  assert_int_equal (tree->Status, NDIS_STATUS_FAILURE);
  assert_int_equal (tree->DependentBlockList->DependentBlockList->NextBlock->Status,
                    NDIS_STATUS_FAILURE);
  assert_int_equal (im_driver_stats (b->im[0]).entries, 0);
  assert_int_equal (im_driver_stats (b->im[0]).calls, 0);
  block_tree_free (tree);
  im_bench_free (b);
}

static void
what_leaves_and_what_the_target_refuses_makes_room (G_GNUC_UNUSED void **state)
{
  ImBench *b = im_bench_new (1, silent);
  NDIS_OFFLOAD_HANDLE refused = fake_handle (b->bench, 8, 80);
  NDIS_OFFLOAD_HANDLE later = fake_handle (b->bench, 9, 90);

  bench_offload (b->bench, &b->objects);
  terminate (b, &b->objects.tcp[0]);
  b->bench->target.status[8] = NDIS_STATUS_OFFLOAD_TCP_ENTRIES;
  b->bench->target.status[2] = NDIS_STATUS_FAILURE;
  offload_one_more (b, &refused);
  assert_int_equal (refused.MiniportOffloadContext, 0);
  offload_one_more (b, &later);
  assert_true (later.MiniportOffloadContext != 0);
  im_bench_free (b);
}

static void
a_full_quota_pauses_the_driver_above_and_resumes_it_when_few_are_left (G_GNUC_UNUSED void **state)
{
  ImBench *b = im_bench_new (1, telling);
  NDIS_OFFLOAD_HANDLE third = fake_handle (b->bench, 9, 90);

  bench_offload (b->bench, &b->objects);
  bench_forget (b->bench);
  assert_int_equal (told (b), 0);
  offload_one_more (b, &third);
  assert_int_equal (b->bench->host.last_status, NDIS_STATUS_OFFLOAD_PAUSE);
  assert_int_equal (told (b), 1);
  terminate (b, &third);
  assert_int_equal (told (b), 1);
  terminate (b, &b->objects.tcp[0]);
  assert_int_equal (b->bench->host.last_status, NDIS_STATUS_OFFLOAD_RESUME);
  assert_int_equal (told (b), 2);
  im_bench_free (b);
}

/* One place is left, and two ask for it. */
static void
a_refusal_pauses_the_driver_above_too (G_GNUC_UNUSED void **state)
{
  ImBench *b = im_bench_new (1, telling);
  NDIS_OFFLOAD_HANDLE later[] = { fake_handle (b->bench, 8, 80), fake_handle (b->bench, 9, 90) };

  bench_offload (b->bench, &b->objects);
  bench_forget (b->bench);
  PNDIS_PROTOCOL_OFFLOAD_BLOCK_LIST root = one_more (b, &later[0]);
  PNDIS_PROTOCOL_OFFLOAD_BLOCK_LIST leaf = root->DependentBlockList->DependentBlockList;
  leaf->NextBlock = fake_node (b->bench, OFFLOAD_LAYER_TCP, &later[1], root->model.op_id);
  bench_run (b->bench, initiate_step, root);
  assert_int_equal (leaf->Status, NDIS_STATUS_FAILURE);
  assert_int_equal (leaf->NextBlock->Status, NDIS_STATUS_OFFLOAD_CONNECTION_REJECTED);
  assert_int_equal (b->bench->host.last_status, NDIS_STATUS_OFFLOAD_PAUSE);
  terminate (b, &b->objects.tcp[0]);
  assert_int_equal (b->bench->host.last_status, NDIS_STATUS_OFFLOAD_RESUME);
  assert_int_equal (told (b), 2);
  block_tree_free (root);
  im_bench_free (b);
}

static void
indicate_step (Bench *bench, void *code)
{
  NdisMIndicateStatusEx (bench->target.adapter, *(NDIS_STATUS *)code, NULL);
}

static void
target_indicates (ImBench *b, NDIS_STATUS code)
{
  bench_run (b->bench, indicate_step, &code);
}

static void
a_target_that_resumes_does_not_resume_a_full_quota (G_GNUC_UNUSED void **state)
{
  ImBench *b = im_bench_new (1, telling);
  NDIS_OFFLOAD_HANDLE third = fake_handle (b->bench, 9, 90);

  bench_offload (b->bench, &b->objects);
  target_indicates (b, NDIS_STATUS_OFFLOAD_PAUSE);
  offload_one_more (b, &third);
  assert_int_equal (told (b), 2);
  target_indicates (b, NDIS_STATUS_OFFLOAD_RESUME);
  assert_int_equal (b->bench->host.last_status, NDIS_STATUS_OFFLOAD_PAUSE);
  terminate (b, &third);
  terminate (b, &b->objects.tcp[0]);
  assert_int_equal (b->bench->host.last_status, NDIS_STATUS_OFFLOAD_RESUME);
  assert_int_equal (told (b), 3);
  im_bench_free (b);
}

static void
a_quota_with_room_again_leaves_a_paused_target_paused (G_GNUC_UNUSED void **state)
{
  ImBench *b = im_bench_new (1, telling);
  NDIS_OFFLOAD_HANDLE third = fake_handle (b->bench, 9, 90);

  bench_offload (b->bench, &b->objects);
  offload_one_more (b, &third);
  target_indicates (b, NDIS_STATUS_UPLOAD_ALL);
  terminate (b, &third);
  terminate (b, &b->objects.tcp[0]);
  terminate (b, &b->objects.tcp[1]);
  assert_int_equal (b->bench->host.last_status, NDIS_STATUS_UPLOAD_ALL);
  target_indicates (b, NDIS_STATUS_OFFLOAD_RESUME);
  assert_int_equal (b->bench->host.last_status, NDIS_STATUS_OFFLOAD_RESUME);
  im_bench_free (b);
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test (a_connection_beyond_the_quota_is_rejected),
    cmocka_unit_test (a_new_tree_with_one_connection_too_many_fails_as_a_whole),
    cmocka_unit_test (what_leaves_and_what_the_target_refuses_makes_room),
    cmocka_unit_test (a_full_quota_pauses_the_driver_above_and_resumes_it_when_few_are_left),
    cmocka_unit_test (a_refusal_pauses_the_driver_above_too),
    cmocka_unit_test (a_target_that_resumes_does_not_resume_a_full_quota),
    cmocka_unit_test (a_quota_with_room_again_leaves_a_paused_target_paused),
  };
  return cmocka_run_group_tests (tests, NULL, NULL);
}
