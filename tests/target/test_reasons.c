#include "tests/target/target_bench.h"

/* Why the target asks for the upload of a connection: each of the eleven reasons, and when it may
 * not ask. */

typedef struct Cause {
  TCP_UPLOAD_REASON reason;
  bool is_mandatory;
  void (*configure) (TargetConfig *config);
  void (*bring_about) (TargetBench *b);
} Cause;

static void
peer (TargetBench *b, uint32_t offset, uint8_t flags, uint32_t bytes)
{
  peer_sends (b, 0, (PeerSegment){ RCV_NXT + offset, SND_UNA, flags, bytes }, 50);
}

static void
as_it_is (G_GNUC_UNUSED TargetConfig *config)
{
}

static void
allow_ten_idle_ticks (TargetConfig *config)
{
  config->uploads.low_activity_ticks = 10;
}

static void
wait_for_nothing (TargetBench *b)
{
  target_bench_wait (b, 20000);
}

static void
allow_one_timeout (TargetConfig *config)
{
  config->uploads.retransmissions_max = 1;
  config->tcp.rto_initial_ticks = config->tcp.rto_min_ticks = 10;
}

static void
send_into_the_void (TargetBench *b)
{
  target_bench_send (b, 0, send_list (b, 0, 0, 100), 50000);
}

static void
allow_two_small_posts (TargetConfig *config)
{
  config->uploads.small_io_count = 2;
  config->uploads.small_io_bytes = 64;
}

static void
post_little (TargetBench *b)
{
  target_bench_post (b, 0, receive_list (b, 0, 10), 50);
  target_bench_post (b, 0, receive_list (b, 0, 63), 50);
}

static void
allow_little_indicated (TargetConfig *config)
{
  config->uploads.unposted_bytes_max = 200;
}

static void
indicate_much (TargetBench *b)
{
  peer (b, 0, TCP_ACK | TCP_PSH, 100);
  peer (b, 100, TCP_ACK | TCP_PSH, 100);
}

static void
allow_one_fragment (TargetConfig *config)
{
  config->uploads.fragments_max = 1;
}

static void
receive_a_fragment (TargetBench *b)
{
  TcpSegment segment = peer_segment (0, (PeerSegment){ RCV_NXT, SND_UNA, TCP_ACK, 100 });

  segment.oddities |= TCP_IP_MORE_FRAGMENTS;
  wire_send (b->wire, WIRE_END_PEERS, SIDE_PEER, &segment);
  target_bench_wait (b, 50);
}

static void
allow_one_out_of_order (TargetConfig *config)
{
  config->uploads.out_of_order_max = 1;
}

static void
receive_out_of_order (TargetBench *b)
{
  peer (b, 100, TCP_ACK, 100);
}

static void
receive_urgent_data (TargetBench *b)
{
  peer (b, 0, TCP_ACK | TCP_URG, 100);
}

static void
give_up_soon (TargetConfig *config)
{
  config->tcp.retransmissions_max = 1;
  config->tcp.rto_initial_ticks = config->tcp.rto_min_ticks = 10;
}

static void
wait_in_vain (TargetBench *b)
{
  target_bench_send (b, 0, send_list (b, 0, 0, 100), 200000);
}

static void
invalidate_step (Bench *bench, void *tree)
{
  NdisInvalidateOffload (bench->host.binding, tree);
}

static void
invalidate_the_neighbor (TargetBench *b)
{
  PNDIS_PROTOCOL_OFFLOAD_BLOCK_LIST node =
      ndis_block_list_new (b->bench->ndis, NeighborOffloadConstState, false,
                           target_bench_handle (b, 1), ndis_next_op_id (b->bench->ndis));

  target_bench_do (b, invalidate_step, node, 100);
  block_tree_free (node);
}

static void
ask_for_it (TargetBench *b)
{
  assert_true (target_request_upload (b->target, 0, UploadRequested));
  target_bench_wait (b, 50);
}

/* Told behind an operation that fails (TERM-33). */
static void
break_the_hardware (TargetBench *b)
{
  assert_true (target_fail_hardware (b->target, OFFLOAD_LAYER_TCP, 0));
  block_tree_free (target_bench_terminate (b, 0));
}

static const Cause causes[] = {
  { LowActivity, false, allow_ten_idle_ticks, wait_for_nothing },
  { HighDropRate, false, allow_one_timeout, send_into_the_void },
  { SmallIO, false, allow_two_small_posts, post_little },
  { NoBufferPreposting, false, allow_little_indicated, indicate_much },
  { ReceivedUrgentData, true, as_it_is, receive_urgent_data },
  { HighFragmentation, false, allow_one_fragment, receive_a_fragment },
  { HighOutOfOrderPackets, false, allow_one_out_of_order, receive_out_of_order },
  { TimeoutExpiration, true, give_up_soon, wait_in_vain },
  { InvalidState, true, as_it_is, invalidate_the_neighbor },
  { UploadRequested, true, as_it_is, ask_for_it },
  { HardwareFailure, true, as_it_is, break_the_hardware },
};

static TargetBench *
bench_for (const Cause *cause)
{
  TargetConfig config = target_bench_config ();

  cause->configure (&config);
  TargetBench *b = target_bench_new (&config);
  target_bench_offload (b, 0);
  return b;
}

/* The n-th event that was indicated, or NULL. */
static const SimRecord *
event_record (const TargetBench *b, unsigned n)
{
  return bench_record (b->bench, TRACE_CALL_BEGIN, 1, NDIS_CALL_NdisTcpOffloadEventHandler, n);
}

/* The n-th retrieve that was indicated, or NULL. */
static const SimRecord *
retrieve (const TargetBench *b, unsigned n)
{
  for (unsigned i = 0;; i++) {
    const SimRecord *record = event_record (b, i);
    if (record == NULL || (record->column[8] == TcpIndicateRetrieve && n-- == 0))
      return record;
  }
}

static void
each_of_the_eleven_reasons_is_given_when_it_has_come_about (G_GNUC_UNUSED void **state)
{
  bool seen[HardwareFailure + 1] = { false };

  for (size_t i = 0; i < G_N_ELEMENTS (causes); i++) {
    TargetBench *b = bench_for (&causes[i]);
    assert_null (retrieve (b, 0));
    causes[i].bring_about (b);
    const SimRecord *told = retrieve (b, 0);
    if (told == NULL || told->column[9] != causes[i].reason)
      fail_msg ("reason %d: %d was told", causes[i].reason,
                told == NULL ? -1 : (int)told->column[9]);
    assert_null (retrieve (b, 1));
    seen[causes[i].reason] = true;
    target_bench_free (b);
  }
  for (TCP_UPLOAD_REASON reason = LowActivity; reason <= HardwareFailure; reason++)
    assert_true (seen[reason]);
}

static void
after_an_optional_reason_the_connection_is_served_and_after_another_it_is_not (
    G_GNUC_UNUSED void **state)
{
  for (size_t i = 0; i < G_N_ELEMENTS (causes); i++) {
    if (causes[i].reason == HardwareFailure || causes[i].reason == HighDropRate)
      continue; /* the one fails everything, the other has a send outstanding */
    TargetBench *b = bench_for (&causes[i]);
    causes[i].bring_about (b);
    NET_BUFFER_LIST *list = send_list (b, 0, 0, 10);
    guint before = b->arrived->len;
    target_bench_send (b, 0, list, 200);
    if (causes[i].is_mandatory) {
      if (causes[i].reason == TimeoutExpiration || causes[i].reason == InvalidState)
        assert_int_equal (b->arrived->len, before);
      else
        assert_int_equal (list->Status, NDIS_STATUS_UPLOAD_IN_PROGRESS);
    } else {
      assert_int_equal (last_arrived (b)->payload.bytes, 10);
    }
    target_bench_free (b);
  }
}

/* EVT-13 */
static void
a_half_closed_connection_is_not_asked_for_without_need (G_GNUC_UNUSED void **state)
{
  for (size_t i = 0; i < G_N_ELEMENTS (causes); i++) {
    if (causes[i].is_mandatory || causes[i].reason == SmallIO
        || causes[i].reason == NoBufferPreposting || causes[i].reason == HighOutOfOrderPackets)
      continue; /* they need data after the peer's FIN */
    TargetBench *b = bench_for (&causes[i]);
    peer (b, 0, TCP_ACK | TCP_FIN, 0);
    causes[i].bring_about (b);
    if (retrieve (b, 0) != NULL)
      fail_msg ("reason %d was told in CLOSE_WAIT", causes[i].reason);
    target_bench_free (b);
  }
}

static void
a_closing_connection_is_not_asked_for (G_GNUC_UNUSED void **state)
{
  for (size_t i = 0; i < G_N_ELEMENTS (causes); i++) {
    if (causes[i].reason != HighOutOfOrderPackets && causes[i].reason != ReceivedUrgentData
        && causes[i].reason != HighFragmentation)
      continue;
    TargetBench *b = bench_for (&causes[i]);
    PNDIS_PROTOCOL_OFFLOAD_BLOCK_LIST leaf = target_bench_terminate (b, 0);
    causes[i].bring_about (b);
    assert_null (retrieve (b, 0));
    block_tree_free (leaf);
    target_bench_free (b);
  }
}

/* URG-01 */
static void
an_urgent_segment_outside_the_window_asks_for_nothing (G_GNUC_UNUSED void **state)
{
  TargetConfig config = target_bench_config ();
  TargetBench *b = target_bench_new (&config);

  target_bench_offload (b, 0);
  peer (b, 2 * WINDOW, TCP_ACK | TCP_URG, 100);
  assert_null (retrieve (b, 0));
  peer (b, 0, TCP_ACK | TCP_PSH, 100);
  assert_non_null (host_heard (b, NDIS_CALL_ProtocolTcpOffloadReceiveIndicate, 0));
  target_bench_free (b);
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test (each_of_the_eleven_reasons_is_given_when_it_has_come_about),
    cmocka_unit_test (
        after_an_optional_reason_the_connection_is_served_and_after_another_it_is_not),
    cmocka_unit_test (a_half_closed_connection_is_not_asked_for_without_need),
    cmocka_unit_test (a_closing_connection_is_not_asked_for),
    cmocka_unit_test (an_urgent_segment_outside_the_window_asks_for_nothing),
  };
  return cmocka_run_group_tests (tests, NULL, NULL);
}
