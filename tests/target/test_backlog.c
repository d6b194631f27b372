#include "tests/target/target_bench.h"

/* The preferred send backlog: what it is, and when a change is told. */

static void
query_step (Bench *bench, void *tree)
{
  NdisQueryOffloadState (bench->host.binding, tree);
}

/* The n-th event that was indicated, or NULL. */
static const SimRecord *
event_record (const TargetBench *b, unsigned n)
{
  return bench_record (b->bench, TRACE_CALL_BEGIN, 1, NDIS_CALL_NdisTcpOffloadEventHandler, n);
}

static TargetBench *
bench_with (bool has_backlog, int64_t interval_ms)
{
  TargetConfig config = target_bench_config ();

  config.features.send_backlog = has_backlog;
  config.backlog =
      (TargetBacklog){ .interval_min = { interval_ms * SIM_PS_PER_MS }, .change_percent = 25 };
  TargetBench *b = target_bench_new (&config);
  target_bench_offload (b, 0);
  return b;
}

static int
tear_down (void **state)
{
  target_bench_free (*state);
  return 0;
}

/* Sends |bytes| from |offset| on and has them acknowledged. */
static void
transfer (TargetBench *b, uint32_t offset, uint32_t bytes)
{
  target_bench_send (b, 0, send_list (b, 0, offset, bytes), 100);
  peer_sends (b, 0, (PeerSegment){ RCV_NXT, SND_UNA + offset + bytes, TCP_ACK, 0 }, 50);
}

static unsigned
n_told (const TargetBench *b)
{
  unsigned n = 0;

  while (event_record (b, n) != NULL)
    n++;
  return n;
}

static uint32_t
queried_backlog (TargetBench *b)
{
  PNDIS_PROTOCOL_OFFLOAD_BLOCK_LIST node =
      ndis_block_list_new (b->bench->ndis, TcpOffloadDelegatedState, true,
                           target_bench_handle (b, 20), ndis_next_op_id (b->bench->ndis));

  target_bench_do (b, query_step, node, 100);
  uint32_t bytes = delegated_of (node)->SendBacklogSize;
  block_tree_free (node);
  return bytes;
}

static void
an_acknowledgment_that_opens_the_window_tells_the_new_backlog (void **state)
{
  TargetBench *b = *state = bench_with (true, 10);

  transfer (b, 0, 14600);
  const SimRecord *told = event_record (b, 0);
  assert_non_null (told);
  assert_int_equal (told->column[8], TcpIndicateSendBacklogChange);
  assert_int_equal (told->column[9], queried_backlog (b));
}

static void
the_backlog_does_not_depend_on_what_is_posted (void **state)
{
  TargetBench *b = *state = bench_with (true, 10);
  uint32_t before = queried_backlog (b);

  target_bench_send (b, 0, send_list (b, 0, 0, 60000), 20);
  assert_int_equal (queried_backlog (b), before);
  assert_true (before > 0 && before < TCP_BACKLOG_UNSUPPORTED);
}

static void
changes_are_not_told_more_often_than_the_interval_allows (void **state)
{
  TargetBench *b = *state = bench_with (true, 1000);

  for (uint32_t i = 0; i < 5; i++)
    transfer (b, i * 14600, 14600);
  assert_int_equal (n_told (b), 1);
}

static void
a_change_after_the_interval_is_told (void **state)
{
  TargetBench *b = *state = bench_with (true, 1);

  transfer (b, 0, 14600);
  target_bench_send (b, 0, send_list (b, 0, 14600, 60000), 2000);
  for (uint32_t acked = 14600; acked < 60000; acked += 7300)
    peer_sends (b, 0, (PeerSegment){ RCV_NXT, SND_UNA + acked, TCP_ACK, 0 }, 500);
  assert_true (n_told (b) > 1);
}

static void
a_change_that_came_too_soon_is_told_when_the_interval_is_over (void **state)
{
  TargetBench *b = *state = bench_with (true, 10);

  transfer (b, 0, 14600);
  target_bench_send (b, 0, send_list (b, 0, 14600, 60000), 100);
  for (uint32_t acked = 21900; acked < 60000; acked += 7300)
    peer_sends (b, 0, (PeerSegment){ RCV_NXT, SND_UNA + acked, TCP_ACK, 0 }, 500);
  assert_int_equal (n_told (b), 1);
  assert_true (queried_backlog (b) > event_record (b, 0)->column[9]);
  target_bench_wait (b, 10000);
  assert_int_equal (n_told (b), 2);
  assert_int_equal (event_record (b, 1)->column[9], queried_backlog (b));
  target_bench_wait (b, 30000);
  assert_int_equal (n_told (b), 2);
}

static void
a_change_too_small_to_matter_is_not_told (void **state)
{
  TargetBench *b = *state = bench_with (true, 1);

  transfer (b, 0, 100);
  target_bench_wait (b, 2000);
  transfer (b, 100, 100);
  assert_int_equal (n_told (b), 1);
}

static void
a_target_without_the_feature_tells_nothing_and_says_so (void **state)
{
  TargetBench *b = *state = bench_with (false, 1);

  transfer (b, 0, 14600);
  assert_int_equal (n_told (b), 0);
  assert_int_equal (queried_backlog (b), TCP_BACKLOG_UNSUPPORTED);
}

int
main (void)
{
#define TEST(name) cmocka_unit_test_teardown (name, tear_down)
  const struct CMUnitTest tests[] = {
    TEST (an_acknowledgment_that_opens_the_window_tells_the_new_backlog),
    TEST (the_backlog_does_not_depend_on_what_is_posted),
    TEST (changes_are_not_told_more_often_than_the_interval_allows),
    TEST (a_change_after_the_interval_is_told),
    TEST (a_change_that_came_too_soon_is_told_when_the_interval_is_over),
    TEST (a_change_too_small_to_matter_is_not_told),
    TEST (a_target_without_the_feature_tells_nothing_and_says_so),
  };
  return cmocka_run_group_tests (tests, NULL, NULL);
}
