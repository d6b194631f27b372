#include "tests/target/target_bench.h"

/* Ordinary frames, both ways. */

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

static void
send_frames_step (Bench *bench, void *list)
{
  NdisSendNetBufferLists (bench->host.binding, list);
}

static void
return_frames_step (Bench *bench, void *list)
{
  NdisReturnNetBufferLists (bench->host.binding, list);
}

static NET_BUFFER_LIST *
frame (TargetBench *b, uint32_t seq, uint32_t bytes, uint16_t mss)
{
  TcpSegment segment = { .connection_id = 3, .seq = seq, .ip_version = 4, .mss = mss };
  segment.payload = (TcpRange){ seq, TCP_STREAM (3, TCP_TO_PEER), bytes };
  return ndis_nbl_take_frame (b->bench->ndis, NDIS_HOLDER_HOST, &segment);
}

static void
frames_go_out_in_order_and_come_back (void **state)
{
  TargetBench *b = *state;
  NET_BUFFER_LIST *first = frame (b, 0, 1000, 0);
  NET_BUFFER_LIST *second = frame (b, 1000, 500, 0);

  first->Next = second;
  target_bench_do (b, send_frames_step, first, 50);
  assert_int_equal (b->arrived->len, 2);
  assert_int_equal (arrived_at (b, 0)->seq, 0);
  assert_int_equal (arrived_at (b, 1)->seq, 1000);
  unsigned back = 0;
  const FakeRequest *heard;
  for (unsigned n = 0;
       (heard = host_heard (b, NDIS_CALL_ProtocolSendNetBufferListsComplete, n)) != NULL; n++)
    back += ndis_nbl_chain_count (heard->list);
  assert_int_equal (back, 2);
  assert_int_equal (second->Status, NDIS_STATUS_SUCCESS);
}

static void
a_large_send_is_cut_by_the_nic (void **state)
{
  TargetBench *b = *state;
  NET_BUFFER_LIST *large = frame (b, 0, 3000, 1460);

  target_bench_do (b, send_frames_step, large, 50);
  assert_int_equal (b->arrived->len, 3);
  assert_int_equal (arrived_at (b, 2)->payload.bytes, 80);
  assert_int_equal (arrived_at (b, 2)->seq, 2920);
  assert_non_null (host_heard (b, NDIS_CALL_ProtocolSendNetBufferListsComplete, 0));
}

static void
frames_sent_before_an_offload_leave_before_its_segments (void **state)
{
  TargetConfig config = target_bench_config ();
  config.mac_transmit_buffer_bytes = 1600;
  target_bench_free (*state);
  TargetBench *b = *state = target_bench_new (&config);
  PNDIS_PROTOCOL_OFFLOAD_BLOCK_LIST root = connection_tree (b, 0);
  NET_BUFFER_LIST *chain = NULL;

  for (uint32_t i = 40; i > 0; i--) {
    NET_BUFFER_LIST *one = frame (b, 1000 * (i - 1), 1000, 0);
    one->Next = chain;
    chain = one;
  }
  tcp_of (root)->NetBufferListChain = send_list (b, 0, 0, 1000);
  target_bench_do (b, send_frames_step, chain, 1);
  target_bench_do (b, initiate_step, root, 500);
  assert_int_equal (b->arrived->len, 41);
  assert_int_equal (last_arrived (b)->connection_id, 0);
  block_tree_free (root);
}

static void
segments_of_unknown_connections_go_up_raw_and_come_back (void **state)
{
  TargetBench *b = *state;

  peer_sends (b, 5, (PeerSegment){ RCV_NXT, SND_UNA, TCP_ACK, 100 }, 50);
  const FakeRequest *heard = host_heard (b, NDIS_CALL_ProtocolReceiveNetBufferLists, 0);
  assert_non_null (heard);
  assert_int_equal (heard->list->frame->seq, RCV_NXT);
  target_bench_do (b, return_frames_step, heard->list, 50);
  assert_non_null (bench_record (b->bench, TRACE_PUT, 0, TRACE_RESOURCE_NBL, 0));
}

static void
frames_that_came_together_go_up_in_one_chain (void **state)
{
  TargetConfig config = target_bench_config ();
  config.interrupts.completions_max = 64;
  config.interrupts.delay_max = sim_us (20);
  target_bench_free (*state);
  TargetBench *b = *state = target_bench_new (&config);

  for (uint32_t i = 0; i < 4; i++)
    peer_sends (b, 5, (PeerSegment){ RCV_NXT + 100 * i, SND_UNA, TCP_ACK, 100 }, 1);
  target_bench_wait (b, 50);
  const FakeRequest *heard = host_heard (b, NDIS_CALL_ProtocolReceiveNetBufferLists, 0);
  assert_int_equal (ndis_nbl_chain_count (heard->list), 4);
  assert_int_equal (heard->list->Next->frame->seq, RCV_NXT + 100);
  assert_int_equal (bench_count (b->bench, TRACE_INTERRUPT, -1, 0), 1);
}

static void
moderation_interrupts_at_the_count_or_after_the_delay (void **state)
{
  TargetConfig config = target_bench_config ();
  config.interrupts.completions_max = 2;
  config.interrupts.delay_max = sim_us (100);
  target_bench_free (*state);
  TargetBench *b = *state = target_bench_new (&config);

  peer_sends (b, 5, (PeerSegment){ RCV_NXT, SND_UNA, TCP_ACK, 100 }, 50);
  assert_int_equal (bench_count (b->bench, TRACE_INTERRUPT, -1, 0), 0);
  peer_sends (b, 5, (PeerSegment){ RCV_NXT + 100, SND_UNA, TCP_ACK, 100 }, 10);
  assert_int_equal (bench_count (b->bench, TRACE_INTERRUPT, -1, 0), 1);
  peer_sends (b, 5, (PeerSegment){ RCV_NXT + 200, SND_UNA, TCP_ACK, 100 }, 90);
  assert_int_equal (bench_count (b->bench, TRACE_INTERRUPT, -1, 0), 1);
  target_bench_wait (b, 30);
  assert_int_equal (bench_count (b->bench, TRACE_INTERRUPT, -1, 0), 2);
}

static void
a_schedule_may_run_the_dpc_on_another_processor (void **state)
{
  TargetBench *b = *state;
  SimChoice other = { .site = SITE_DPC_PROCESSOR, .subject = 0, .ordinal = 1, .value = 1 };

  sim_choices_load (sim_choices (b->bench->sim), &other, 1);
  peer_sends (b, 5, (PeerSegment){ RCV_NXT, SND_UNA, TCP_ACK, 100 }, 50);
  assert_int_equal (bench_record (b->bench, TRACE_INTERRUPT, -1, 0, 0)->column[1], 1);
  assert_int_equal (
      bench_begin (b->bench, NDIS_CALL_NdisMIndicateReceiveNetBufferLists, 0)->column[3], 1);
}

static void
link_changes_are_told_and_no_upload_is_asked_for (void **state)
{
  TargetBench *b = *state;

  target_bench_offload (b, 0);
  wire_set_link (b->wire, false);
  target_bench_wait (b, 50);
  assert_int_equal (b->bench->host.last_status, NDIS_STATUS_MEDIA_DISCONNECT);
  wire_set_link (b->wire, true);
  target_bench_wait (b, 50);
  assert_int_equal (b->bench->host.last_status, NDIS_STATUS_MEDIA_CONNECT);
  assert_null (host_heard (b, NDIS_CALL_ProtocolTcpOffloadEvent, 0));
}

int
main (void)
{
#define TEST(name) cmocka_unit_test_setup_teardown (name, set_up, tear_down)
  const struct CMUnitTest tests[] = {
    TEST (frames_go_out_in_order_and_come_back),
    TEST (a_large_send_is_cut_by_the_nic),
    TEST (frames_sent_before_an_offload_leave_before_its_segments),
    TEST (segments_of_unknown_connections_go_up_raw_and_come_back),
    TEST (frames_that_came_together_go_up_in_one_chain),
    TEST (moderation_interrupts_at_the_count_or_after_the_delay),
    TEST (a_schedule_may_run_the_dpc_on_another_processor),
    TEST (link_changes_are_told_and_no_upload_is_asked_for),
  };
  return cmocka_run_group_tests (tests, NULL, NULL);
}
