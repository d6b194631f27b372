/* Data and events of offloaded connections. */
#include "tests/host/bench.h"

#include "models/host/chimney_requests.h"

static const HostSet first = { 0, 0 };
static const HostSet everyone = { 0, BENCH_CONNECTIONS - 1 };

static void
start_offloaded (Bench *bench, const TrafficSpec *spec)
{
  bench_start (bench, spec, 1, 1);
  bench_run (bench, 100);
  bench_offload (bench, first, HOST_TREE_FLAT);
  bench_run (bench, 200);
  assert_int_equal (host_owner (bench->host, 0), OWNER_TARGET);
}

static void
start_silent (Bench *bench)
{
  TrafficSpec spec = bench_silence ();
  start_offloaded (bench, &spec);
}

static BenchCall *
receive_call (Bench *bench, uint32_t nth)
{
  return bench_find (bench, NDIS_CALL_MiniportTcpOffloadReceive, nth);
}

static BenchCall *
send_call (Bench *bench, uint32_t nth)
{
  return bench_find (bench, NDIS_CALL_MiniportTcpOffloadSend, nth);
}

static uint32_t
list_length (const NET_BUFFER_LIST *list)
{
  return ndis_nbl_chain_count (list);
}

/* Cuts the first request off a list that was heard and completes it with |bytes| of the stream from
 * |offset|. */
static void
complete_first (Bench *bench, BenchCall *call, uint64_t offset, uint32_t bytes)
{
  BenchCall one = *call;
  call->list = one.list->Next;
  one.list->Next = NULL;
  ndis_nbl_place (one.list, (TcpRange){ offset, TCP_STREAM (0, TCP_FROM_PEER), bytes });
  bench_complete_list (bench, &one, NDIS_STATUS_SUCCESS, bytes);
}

/* Receiving */

/* FWD-01, IPOPT-01: what the target leaves to the host of an offloaded connection. */
static void
a_segment_with_ip_options_is_forwarded_and_not_acknowledged_by_the_host (void **state)
{
  Bench *bench = *state;
  TcpSegment segment;
  TrafficSpec spec = bench_silence ();
  bench_start (bench, &spec, 1, 1);
  bench_run (bench, 100);
  bench_offload (bench, first, HOST_TREE_ONE);
  bench_run (bench, 300);
  uint32_t frames = bench->frames;
  tcp_send (&bench->peer[0].tcb, 600);
  assert_true (tcp_transmit (&bench->peer[0].tcb, 0, sim_now (bench->sim), &segment));
  segment.payload.stream_id = TCP_STREAM (0, TCP_FROM_PEER);
  segment.payload.offset = 0;
  segment.oddities = TCP_IP_HAS_OPTIONS;

  bench_fly (bench, &segment, false);
  bench_run (bench, 300);

  BenchCall *forward = bench_find (bench, NDIS_CALL_MiniportTcpOffloadForward, 0);
  assert_non_null (forward);
  assert_int_equal (forward->list->frame->seq, segment.seq);
  assert_int_equal (forward->list->frame->payload.bytes, 600);
  assert_int_equal (bench->frames, frames);
  assert_int_equal (host_delivered_bytes (bench->host, 0), 0);
  bench_complete_list (bench, forward, NDIS_STATUS_SUCCESS, 0);
  bench_run (bench, 100);
  assert_int_equal (bench->host->connection[0].forwards_posted, 0);
}

static void
requests_are_posted_before_there_is_data (void **state)
{
  Bench *bench = *state;
  bench->config.receive.posted_requests = 3;
  start_silent (bench);

  assert_int_equal (list_length (receive_call (bench, 0)->list), 3);
  assert_int_equal (ndis_nbl_bytes (receive_call (bench, 0)->list),
                    bench->config.receive.request_bytes);
  assert_false (receive_call (bench, 0)->list->TcpReceiveNoPush);
  assert_true (receive_call (bench, 0)->context != 0);
}

static void
a_completed_request_is_delivered_and_another_one_posted (void **state)
{
  Bench *bench = *state;
  start_silent (bench);

  complete_first (bench, receive_call (bench, 0), 0, 1000);
  bench_run (bench, 200);

  assert_int_equal (host_delivered_bytes (bench->host, 0), 1000);
  assert_int_equal (host_stats (bench->host).delivered_bytes[PATH_CHIMNEY], 1000);
  assert_int_equal (host_stats (bench->host).broken_bytes, 0);
  assert_int_equal (list_length (receive_call (bench, 1)->list), 1);
}

static void
data_that_does_not_continue_the_stream_is_counted (void **state)
{
  Bench *bench = *state;
  start_silent (bench);

  complete_first (bench, receive_call (bench, 0), 50, 1000);
  bench_run (bench, 200);

  assert_int_equal (host_stats (bench->host).broken_bytes, 1000);
}

static void
a_request_that_waits_to_be_filled_is_not_larger_than_the_message (void **state)
{
  Bench *bench = *state;
  TrafficSpec spec = bench_conversation (bench);
  spec.requests_max = 1;
  SimDist *think = sim_dist_new_constant (5 * SIM_PS_PER_MS);
  spec.think = think;
  bench->config.receive.push = false;
  start_offloaded (bench, &spec);
  assert_null (receive_call (bench, 0));

  bench_run (bench, 6000);

  assert_int_equal (list_length (receive_call (bench, 0)->list), 1);
  assert_int_equal (ndis_nbl_bytes (receive_call (bench, 0)->list), BENCH_RESPONSE);
  assert_true (receive_call (bench, 0)->list->TcpReceiveNoPush);
  sim_dist_free (think);
}

static void
an_accepted_indication_is_delivered_and_given_back_once (void **state)
{
  Bench *bench = *state;
  bench->config.receive.style = HOST_RECEIVE_INDICATE_AND_POST;
  start_silent (bench);
  assert_null (receive_call (bench, 0));

  bench_indicate (bench, 0, 0, 1200);
  bench_run (bench, 200);

  assert_int_equal (bench->answer, NDIS_STATUS_SUCCESS);
  assert_int_equal (bench->consumed, 1200);
  assert_int_equal (host_delivered_bytes (bench->host, 0), 1200);
  assert_int_equal (bench_count (bench, NDIS_CALL_MiniportTcpOffloadReceiveReturn), 1);
}

/* Where in the log the first record of |kind| about |call| stands. */
static guint
place_of (const Bench *bench, TraceKind kind, NdisCall call)
{
  for (guint i = 0; i < bench->log->len; i++) {
    const SimRecord *record = &g_array_index (bench->log, SimRecord, i);
    if (record->kind == kind && record->column[1] == call)
      return i;
  }
  return G_MAXUINT;
}

static void
an_accepted_list_goes_back_only_when_its_indication_has_returned (void **state)
{
  Bench *bench = *state;
  bench->config.receive.style = HOST_RECEIVE_INDICATE_AND_POST;
  TrafficSpec spec = bench_silence ();
  bench_start (bench, &spec, 1, 1);
  bench_run (bench, 100);
  bench_offload (bench, everyone, HOST_TREE_ONE);
  bench_run (bench, 200);

  for (uint32_t id = 0; id < BENCH_CONNECTIONS; id++) /* of both processors */
    bench_indicate (bench, id, 0, 1200);
  bench_run (bench, 300);

  guint returned = place_of (bench, TRACE_CALL_END, NDIS_CALL_NdisTcpOffloadReceiveHandler);
  guint given = place_of (bench, TRACE_CALL_BEGIN, NDIS_CALL_NdisOffloadTcpReceiveReturn);
  assert_true (given != G_MAXUINT);
  assert_true (returned < given);
}

static void
a_return_can_be_delayed (void **state)
{
  Bench *bench = *state;
  bench->config.receive.style = HOST_RECEIVE_INDICATE_AND_POST;
  bench->config.receive.return_delay = sim_us (1000);
  start_silent (bench);

  bench_indicate (bench, 0, 0, 1200);
  bench_run (bench, 900);
  assert_int_equal (bench_count (bench, NDIS_CALL_MiniportTcpOffloadReceiveReturn), 0);
  bench_run (bench, 300);
  assert_int_equal (bench_count (bench, NDIS_CALL_MiniportTcpOffloadReceiveReturn), 1);
}

static void
a_refused_indication_is_followed_by_a_request (void **state)
{
  Bench *bench = *state;
  bench->config.receive.style = HOST_RECEIVE_INDICATE_AND_POST;
  bench->config.receive.accept_indications = false;
  start_silent (bench);

  bench_indicate (bench, 0, 0, 1200);
  bench_run (bench, 200);

  assert_int_equal (bench->answer, NDIS_STATUS_OFFLOAD_DATA_NOT_ACCEPTED);
  assert_int_equal (bench->consumed, 0);
  assert_int_equal (host_delivered_bytes (bench->host, 0), 0);
  assert_int_equal (list_length (receive_call (bench, 0)->list), 1);
  assert_int_equal (bench_count (bench, NDIS_CALL_MiniportTcpOffloadReceiveReturn), 0);
  ndis_nbl_put (bench->ndis, bench->indicated);
}

static void
a_partly_accepted_indication_leaves_the_tail_to_a_request (void **state)
{
  Bench *bench = *state;
  bench->config.receive.style = HOST_RECEIVE_INDICATE_AND_POST;
  bench->config.receive.accept_bytes = 500;
  start_silent (bench);

  bench_indicate (bench, 0, 0, 1200);
  bench_run (bench, 200);
  assert_int_equal (bench->answer, NDIS_STATUS_OFFLOAD_DATA_PARTIALLY_ACCEPTED);
  assert_int_equal (bench->consumed, 500);
  assert_int_equal (host_delivered_bytes (bench->host, 0), 500);

  complete_first (bench, receive_call (bench, 0), 500, 700);
  bench_run (bench, 200);
  assert_int_equal (host_delivered_bytes (bench->host, 0), 1200);
  assert_int_equal (host_stats (bench->host).broken_bytes, 0);
  ndis_nbl_put (bench->ndis, bench->indicated);
}

static void
a_request_of_no_bytes_asks_for_the_indication_that_is_taken (void **state)
{
  Bench *bench = *state;
  bench->config.receive.style = HOST_RECEIVE_INDICATE_AND_POST;
  bench->config.receive.zero_length = true;
  start_silent (bench);

  bench_indicate (bench, 0, 0, 1200);
  bench_run (bench, 200);
  assert_int_equal (bench->answer, NDIS_STATUS_OFFLOAD_DATA_NOT_ACCEPTED);
  assert_int_equal (list_length (receive_call (bench, 0)->list), 1);
  assert_int_equal (ndis_nbl_bytes (receive_call (bench, 0)->list), 0);
  ndis_nbl_put (bench->ndis, bench->indicated);

  bench_complete_list (bench, receive_call (bench, 0), NDIS_STATUS_SUCCESS, 0);
  bench_indicate (bench, 0, 0, 1200);
  bench_run (bench, 200);
  assert_int_equal (bench->answer, NDIS_STATUS_SUCCESS);
  assert_int_equal (host_delivered_bytes (bench->host, 0), 1200);
  assert_int_equal (bench_count (bench, NDIS_CALL_MiniportTcpOffloadReceive), 1);
}

static void
a_nonpush_request_goes_down_with_what_the_application_has_got_of_it (void **state)
{
  Bench *bench = *state;
  bench->config.receive = (HostReceivePolicy){ .style = HOST_RECEIVE_INDICATE_AND_POST,
                                               .posted_requests = 1,
                                               .request_bytes = 1000,
                                               .prefilled = true,
                                               .accept_indications = true,
                                               .accept_bytes = 300 };
  start_silent (bench);

  bench_indicate (bench, 0, 0, 1200);
  bench_run (bench, 200);
  const NET_BUFFER_LIST *request = receive_call (bench, 0)->list;
  assert_true (request->TcpReceiveNoPush);
  assert_int_equal (ndis_nbl_bytes (request), 1000);
  assert_int_equal (request->TcpReceiveBytesTransferred, 300);
  ndis_nbl_put (bench->ndis, bench->indicated);

  bench_indicate (bench, 0, 300, 900); /* it crossed the request: what comes belongs in there */
  bench_run (bench, 200);
  assert_int_equal (bench->answer, NDIS_STATUS_OFFLOAD_DATA_NOT_ACCEPTED);
  ndis_nbl_put (bench->ndis, bench->indicated);

  complete_first (bench, receive_call (bench, 0), 300, 700);
  bench_run (bench, 200);
  assert_int_equal (host_delivered_bytes (bench->host, 0), 1000);
  assert_int_equal (host_stats (bench->host).broken_bytes, 0);
}

static void
a_request_is_posted_when_it_is_asked_for (void **state)
{
  static const uint32_t sizes[] = { 0, 700 };
  Bench *bench = *state;
  bench->config.receive.style = HOST_RECEIVE_INDICATE_AND_POST;
  start_silent (bench);

  for (uint32_t i = 0; i < G_N_ELEMENTS (sizes); i++) {
    host_post_receive (bench->host, first, sizes[i]);
    bench_run (bench, 200);
    assert_int_equal (bench_count (bench, NDIS_CALL_MiniportTcpOffloadReceive), i + 1);
    assert_int_equal (ndis_nbl_bytes (receive_call (bench, i)->list), sizes[i]);
  }
}

static void
a_schedule_may_post_from_another_processor (void **state)
{
  Bench *bench = *state;
  SimChoice other = { .site = SITE_APP_PROCESSOR, .subject = 0, .ordinal = 3, .value = 1 };
  bench->config.receive.style = HOST_RECEIVE_INDICATE_AND_POST;
  start_silent (bench);
  uint32_t home = bench->host->connection[0].cpu_index;

  sim_choices_load (sim_choices (bench->sim), &other, 1);
  for (uint32_t i = 1; i <= 5; i++) {
    host_post_receive (bench->host, first, 100 * i);
    bench_run (bench, 200);
    assert_int_equal (bench_count (bench, NDIS_CALL_MiniportTcpOffloadReceive), i);
  }
  size_t n_taken;
  const SimChoice *taken = sim_choices_taken (sim_choices (bench->sim), &n_taken);
  assert_int_equal (n_taken, 1);
  assert_int_equal (taken[0].site, SITE_APP_PROCESSOR);
  assert_int_equal (bench->host->connection[0].app_cpu_index, home); /* and home again */
}

static void
on_the_host_path_a_request_that_is_asked_for_changes_nothing (void **state)
{
  Bench *bench = *state;
  TrafficSpec spec = bench_silence ();
  bench->config.receive.style = HOST_RECEIVE_INDICATE_AND_POST;
  bench_start (bench, &spec, 1, 1);
  bench_run (bench, 100);

  host_post_receive (bench->host, first, 700);
  bench_offload (bench, first, HOST_TREE_FLAT);
  bench_run (bench, 300);
  assert_int_equal (host_owner (bench->host, 0), OWNER_TARGET);
  assert_int_equal (bench_count (bench, NDIS_CALL_MiniportTcpOffloadReceive), 0);
}

/* Sending */

static void
a_round_of_a_conversation_goes_down_the_chimney (void **state)
{
  Bench *bench = *state;
  TrafficSpec spec = bench_conversation (bench);
  SimDist *think = sim_dist_new_constant (2 * SIM_PS_PER_MS);
  spec.think = think;
  spec.requests_max = 1;
  start_offloaded (bench, &spec);
  bench_run (bench, 2000);

  TcpRange request = ndis_nbl_range (send_call (bench, 0)->list, 0, UINT32_MAX);
  assert_int_equal (request.bytes, BENCH_REQUEST);
  assert_int_equal (request.offset, 0);
  assert_int_equal (request.stream_id, TCP_STREAM (0, TCP_TO_PEER));
  bench_complete_list (bench, send_call (bench, 0), NDIS_STATUS_SUCCESS, BENCH_REQUEST);
  complete_first (bench, receive_call (bench, 0), 0, BENCH_RESPONSE);
  bench_run (bench, 500);

  assert_int_equal (bench->host->connection[0].una_offset, BENCH_REQUEST);
  assert_int_equal (bench->host->connection[0].app.round, 1);
  sim_dist_free (think);
}

static void
a_large_write_becomes_requests_of_limited_size (void **state)
{
  Bench *bench = *state;
  bench->config.send.backlog_bytes = 400000;
  start_silent (bench);

  host_send (bench->host, first, 200000);
  bench_run (bench, 300);

  NET_BUFFER_LIST *list = send_call (bench, 0)->list;
  assert_int_equal (list_length (list), 4);
  assert_int_equal (ndis_nbl_bytes (list), CHIMNEY_SEND_BYTES_MAX);
  assert_int_equal (ndis_nbl_chain_bytes (list), 200000);
}

static void
the_backlog_that_the_target_prefers_is_obeyed (void **state)
{
  Bench *bench = *state;
  start_silent (bench);
  bench_event (bench, 0, TcpIndicateSendBacklogChange, 3000);
  bench_run (bench, 100);

  host_send (bench->host, first, 10000);
  bench_run (bench, 300);

  assert_int_equal (connection_outstanding_bytes (&bench->host->connection[0]), 3000);
  bench_complete_list (bench, send_call (bench, 0), NDIS_STATUS_SUCCESS, 3000);
  bench_run (bench, 300);
  assert_int_equal (host_sent_bytes (bench->host, 0), 6000);
}

static void
a_send_that_a_driver_had_no_memory_for_is_sent_after_an_upload (void **state)
{
  Bench *bench = *state;
  start_silent (bench);
  host_send (bench->host, first, 5000);
  bench_run (bench, 300);

  bench_complete_list (bench, send_call (bench, 0), NDIS_STATUS_REQUEST_UPLOAD, 0);
  bench_run (bench, 300);
  BenchCall *up = bench_find (bench, NDIS_CALL_MiniportTerminateOffload, 0);
  assert_non_null (up);
  bench_complete_list (bench, receive_call (bench, 0), NDIS_STATUS_UPLOAD_IN_PROGRESS, 0);
  NDIS_MINIPORT_OFFLOAD_BLOCK_LIST *node = up->tree;
  while (node->DependentBlockList != NULL)
    node = node->DependentBlockList;
  tcp_export_delegated (&bench->host->connection[0].tcb, sim_now (bench->sim),
                        block_list_delegated_state (node));
  bench_complete_tree (bench, up, NDIS_STATUS_SUCCESS);
  bench_run (bench, 3000);

  assert_int_equal (bench->peer[0].received, 5000);
}

static void
every_io_takes_the_way_of_the_owner (void **state)
{
  Bench *bench = *state;
  bool seen[2] = { false, false };
  TrafficSpec spec = bench_silence ();
  bench_start (bench, &spec, 1, 1);
  bench_run (bench, 100);
  host_send (bench->host, first, 100);
  bench_run (bench, 300);
  bench_offload (bench, first, HOST_TREE_FLAT);
  host_send (bench->host, first, 100);
  bench_run (bench, 300);

  for (guint i = 0; i < bench->log->len; i++) {
    const SimRecord *record = &g_array_index (bench->log, SimRecord, i);
    if (record->kind != TRACE_IO_ROUTE)
      continue;
    assert_int_equal (record->column[2] == PATH_CHIMNEY, record->column[3] == OWNER_TARGET);
    seen[record->column[2]] = true;
  }
  assert_true (seen[PATH_HOST]);
  assert_true (seen[PATH_CHIMNEY]);
}

/* Closing */

static void
a_graceful_close_goes_down_behind_the_data (void **state)
{
  Bench *bench = *state;
  start_silent (bench);
  host_send (bench->host, first, 500);
  host_close (bench->host, first);
  bench_run (bench, 300);

  BenchCall *call = bench_find (bench, NDIS_CALL_MiniportTcpOffloadDisconnect, 0);
  assert_int_equal (call->flags, TCP_DISCONNECT_GRACEFUL_CLOSE);
  assert_int_equal (ndis_nbl_bytes (call->list), 0);
  assert_non_null (send_call (bench, 0));
  assert_null (call->list->Next);
}

/* Connections are counted as they change: together they are as many as one by one. */
static uint32_t
established (Bench *bench)
{
  uint32_t n = 0;

  for (uint32_t id = 0; id < BENCH_CONNECTIONS; id++)
    n += host_established (bench->host, (HostSet){ id, id });
  assert_int_equal (host_established (bench->host, BENCH_EVERYTHING), n);
  return n;
}

static void
a_connection_that_closes_is_no_longer_counted_as_established (void **state)
{
  Bench *bench = *state;
  start_silent (bench);
  assert_int_equal (established (bench), BENCH_CONNECTIONS);

  host_close (bench->host, first); /* offloaded */
  host_close (bench->host, (HostSet){ 1, 1 });
  host_abort (bench->host, (HostSet){ 2, 2 });
  bench_run (bench, 300);

  assert_int_equal (established (bench), BENCH_CONNECTIONS - 3);
}

static void
a_connection_that_the_target_tells_the_end_of_is_no_longer_counted_as_established (void **state)
{
  Bench *bench = *state;
  start_silent (bench);
  bench_event (bench, 0, TcpIndicateDisconnect, 0);
  bench_run (bench, 300);

  assert_int_equal (established (bench), BENCH_CONNECTIONS - 1);
}

static void
a_connection_closed_both_ways_is_uploaded (void **state)
{
  Bench *bench = *state;
  start_silent (bench);
  host_close (bench->host, first);
  bench_run (bench, 300);
  bench_complete_list (bench, bench_find (bench, NDIS_CALL_MiniportTcpOffloadDisconnect, 0),
                       NDIS_STATUS_SUCCESS, 0);
  bench_run (bench, 300);
  assert_null (bench_find (bench, NDIS_CALL_MiniportTerminateOffload, 0));

  bench_event (bench, 0, TcpIndicateDisconnect, 0);
  bench_run (bench, 300);

  assert_true (bench->host->connection[0].app.saw_end);
  assert_non_null (bench_find (bench, NDIS_CALL_MiniportTerminateOffload, 0));
}

static void
what_is_left_at_the_close_goes_down_with_the_disconnect (void **state)
{
  Bench *bench = *state;
  bench->config.send.with_disconnect = true;
  start_silent (bench);

  host_send (bench->host, first, 700);
  host_close (bench->host, first);
  bench_run (bench, 300);
  BenchCall *call = bench_find (bench, NDIS_CALL_MiniportTcpOffloadDisconnect, 0);
  assert_int_equal (call->flags, TCP_DISCONNECT_GRACEFUL_CLOSE);
  assert_int_equal (ndis_nbl_bytes (call->list), 700);
  assert_null (send_call (bench, 0));

  bench_complete_list (bench, call, NDIS_STATUS_SUCCESS, 700);
  bench_run (bench, 300);
  assert_int_equal (bench->host->connection[0].una_offset, 700);
}

static void
after_the_disconnect_indication_nothing_is_posted_and_sending_goes_on (void **state)
{
  Bench *bench = *state;
  start_silent (bench);
  bench_event (bench, 0, TcpIndicateDisconnect, 0);
  bench->host->connection[0].app.closed = true; /* this application keeps its half open */
  bench_run (bench, 300);
  uint32_t posted = bench_count (bench, NDIS_CALL_MiniportTcpOffloadReceive);

  complete_first (bench, receive_call (bench, 0), 0, 0);
  host_send (bench->host, first, 100);
  bench_run (bench, 300);

  assert_int_equal (bench_count (bench, NDIS_CALL_MiniportTcpOffloadReceive), posted);
  assert_non_null (send_call (bench, 0));
}

static void
an_abort_of_the_host_is_an_abortive_disconnect_and_then_an_upload (void **state)
{
  Bench *bench = *state;
  start_silent (bench);
  host_abort (bench->host, first);
  bench_run (bench, 300);
  BenchCall *call = bench_find (bench, NDIS_CALL_MiniportTcpOffloadDisconnect, 0);
  assert_int_equal (call->flags, TCP_DISCONNECT_ABORTIVE_CLOSE);
  assert_true (bench->host->connection[0].app.gone);

  bench_complete_list (bench, call, NDIS_STATUS_SUCCESS, 0);
  bench_run (bench, 300);

  assert_non_null (bench_find (bench, NDIS_CALL_MiniportTerminateOffload, 0));
}

static void
an_abort_indication_ends_the_application_and_leads_to_an_upload (void **state)
{
  Bench *bench = *state;
  start_silent (bench);

  bench_event (bench, 0, TcpIndicateAbort, 0);
  bench_event (bench, 0, TcpIndicateAbort, 0);
  bench_run (bench, 300);

  assert_true (bench->host->connection[0].app.gone);
  assert_int_equal (host_stats (bench->host).aborted, 1);
  assert_int_equal (bench_count (bench, NDIS_CALL_MiniportTerminateOffload), 1);
}

/* Retrieve */

static void
mandatory_reasons_are_always_followed (void **state)
{
  Bench *bench = *state;
  bench->config.offload.optional_reasons = HOST_OPTIONAL_IGNORE;
  static const TCP_UPLOAD_REASON mandatory[] = { ReceivedUrgentData, TimeoutExpiration,
                                                 InvalidState, UploadRequested, HardwareFailure };
  TrafficSpec spec = bench_silence ();
  bench_start (bench, &spec, 1, 1);
  bench_run (bench, 100);
  bench_offload (bench, (HostSet){ 0, 4 }, HOST_TREE_ONE);

  for (uint32_t id = 0; id < G_N_ELEMENTS (mandatory); id++)
    bench_event (bench, id, TcpIndicateRetrieve, mandatory[id]);
  bench_run (bench, 500);

  assert_int_equal (bench_count (bench, NDIS_CALL_MiniportTerminateOffload),
                    G_N_ELEMENTS (mandatory));
}

static void
optional_reasons_follow_the_policy (void **state)
{
  Bench *bench = *state;
  bench->config.offload.optional_reasons = HOST_OPTIONAL_IGNORE;
  static const TCP_UPLOAD_REASON optional[] = { LowActivity,       HighDropRate,
                                                SmallIO,           NoBufferPreposting,
                                                HighFragmentation, HighOutOfOrderPackets };
  start_silent (bench);

  for (uint32_t i = 0; i < G_N_ELEMENTS (optional); i++)
    bench_event (bench, 0, TcpIndicateRetrieve, optional[i]);
  bench_run (bench, 300);
  assert_int_equal (bench_count (bench, NDIS_CALL_MiniportTerminateOffload), 0);

  bench->host->config.offload.optional_reasons = HOST_OPTIONAL_UPLOAD;
  bench_event (bench, 0, TcpIndicateRetrieve, LowActivity);
  bench_run (bench, 300);
  assert_int_equal (bench_count (bench, NDIS_CALL_MiniportTerminateOffload), 1);
}

static void
a_forward_that_meets_an_upload_is_processed_by_the_host (void **state)
{
  Bench *bench = *state;
  TrafficSpec spec = bench_silence ();
  bench_start (bench, &spec, 1, 1);
  bench_run (bench, 100);
  host_offload (bench->host, first, NULL, bench_caller (bench, 0));
  bench_run (bench, 300);
  tcp_send (&bench->peer[0].tcb, 600);
  bench_peer_sends (bench, 0);
  bench_run (bench, 100);
  bench_complete_tree (bench, bench_find (bench, NDIS_CALL_MiniportInitiateOffload, 0),
                       NDIS_STATUS_SUCCESS);
  bench_run (bench, 200);
  host_upload (bench->host, first, NULL, bench_caller (bench, 1));
  bench_run (bench, 200);

  bench_complete_list (bench, bench_find (bench, NDIS_CALL_MiniportTcpOffloadForward, 0),
                       NDIS_STATUS_UPLOAD_IN_PROGRESS, 0);
  bench_complete_list (bench, receive_call (bench, 0), NDIS_STATUS_UPLOAD_IN_PROGRESS, 0);
  BenchCall *up = bench_find (bench, NDIS_CALL_MiniportTerminateOffload, 0);
  NDIS_MINIPORT_OFFLOAD_BLOCK_LIST *node = up->tree;
  while (node->DependentBlockList != NULL)
    node = node->DependentBlockList;
  tcp_export_delegated (&bench->host->connection[0].tcb, sim_now (bench->sim),
                        block_list_delegated_state (node));
  bench_complete_tree (bench, up, NDIS_STATUS_SUCCESS);
  bench_run (bench, 300);

  assert_int_equal (host_delivered_bytes (bench->host, 0), 600);
  assert_null (host_check_rest (bench->host));
}

int
main (void)
{
#define TEST(name) cmocka_unit_test_setup_teardown (name, bench_setup, bench_teardown)
  const struct CMUnitTest tests[] = {
    TEST (a_segment_with_ip_options_is_forwarded_and_not_acknowledged_by_the_host),
    TEST (requests_are_posted_before_there_is_data),
    TEST (a_completed_request_is_delivered_and_another_one_posted),
    TEST (data_that_does_not_continue_the_stream_is_counted),
    TEST (a_request_that_waits_to_be_filled_is_not_larger_than_the_message),
    TEST (an_accepted_indication_is_delivered_and_given_back_once),
    TEST (an_accepted_list_goes_back_only_when_its_indication_has_returned),
    TEST (a_return_can_be_delayed),
    TEST (a_refused_indication_is_followed_by_a_request),
    TEST (a_request_of_no_bytes_asks_for_the_indication_that_is_taken),
    TEST (a_nonpush_request_goes_down_with_what_the_application_has_got_of_it),
    TEST (a_request_is_posted_when_it_is_asked_for),
    TEST (a_schedule_may_post_from_another_processor),
    TEST (on_the_host_path_a_request_that_is_asked_for_changes_nothing),
    TEST (a_partly_accepted_indication_leaves_the_tail_to_a_request),
    TEST (a_round_of_a_conversation_goes_down_the_chimney),
    TEST (a_large_write_becomes_requests_of_limited_size),
    TEST (the_backlog_that_the_target_prefers_is_obeyed),
    TEST (a_send_that_a_driver_had_no_memory_for_is_sent_after_an_upload),
    TEST (every_io_takes_the_way_of_the_owner),
    TEST (a_graceful_close_goes_down_behind_the_data),
    TEST (a_connection_that_closes_is_no_longer_counted_as_established),
    TEST (a_connection_that_the_target_tells_the_end_of_is_no_longer_counted_as_established),
    TEST (a_connection_closed_both_ways_is_uploaded),
    TEST (what_is_left_at_the_close_goes_down_with_the_disconnect),
    TEST (after_the_disconnect_indication_nothing_is_posted_and_sending_goes_on),
    TEST (an_abort_of_the_host_is_an_abortive_disconnect_and_then_an_upload),
    TEST (an_abort_indication_ends_the_application_and_leads_to_an_upload),
    TEST (mandatory_reasons_are_always_followed),
    TEST (optional_reasons_follow_the_policy),
    TEST (a_forward_that_meets_an_upload_is_processed_by_the_host),
  };
  return cmocka_run_group_tests (tests, NULL, NULL);
}
