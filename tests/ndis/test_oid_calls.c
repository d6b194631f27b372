#include "tests/ndis/fake.h"

static int
setup (void **state)
{
  Bench *bench = bench_new ();
  bench_start (bench, NULL, 0);
  bench_forget (bench);
  *state = bench;
  return 0;
}

static int
teardown (void **state)
{
  bench_free (*state);
  return 0;
}

static void
request_step (Bench *bench, void *request)
{
  NdisOidRequest (bench->host.binding, request);
}

static NDIS_OID_REQUEST
request_of (Bench *bench, NDIS_OID oid, bool is_set)
{
  return (NDIS_OID_REQUEST){ .Oid = oid, .is_set = is_set, .id = ndis_next_op_id (bench->ndis) };
}

static void
a_request_that_is_answered_at_once_completes_afterwards (void **state)
{
  Bench *bench = *state;
  NDIS_OID_REQUEST request = request_of (bench, OID_TCP_TASK_OFFLOAD, true);

  bench->target.oid_return = NDIS_STATUS_FAILURE;
  bench_run (bench, request_step, &request);
  assert_crossings (bench, "NdisOidRequest@0( MiniportOidRequest@1())"
                           " ProtocolOidRequestComplete@0()");
  assert_int_equal (bench->host.last_status, NDIS_STATUS_FAILURE);
  assert_int_equal (bench_end (bench, NDIS_CALL_MiniportOidRequest, 0)->column[4],
                    NDIS_STATUS_FAILURE);
  const SimRecord *begin = bench_begin (bench, NDIS_CALL_MiniportOidRequest, 0);
  const int64_t expected[] = { request.id, 0, OID_TCP_TASK_OFFLOAD, 1 };
  assert_memory_equal (&begin->column[6], expected, sizeof expected);
}

static void
complete_step (Bench *bench, void *request)
{
  NdisMOidRequestComplete (bench->target.adapter, request, NDIS_STATUS_SUCCESS);
}

static void
a_pending_request_is_completed_by_the_driver (void **state)
{
  Bench *bench = *state;
  NDIS_OID_REQUEST request = request_of (bench, OID_PNP_SET_POWER, true);

  bench->target.oid_return = NDIS_STATUS_PENDING;
  bench_run (bench, request_step, &request);
  assert_crossings (bench, "NdisOidRequest@0( MiniportOidRequest@1())");
  bench_forget (bench);
  bench_run (bench, complete_step, &request);
  assert_crossings (bench, "NdisMOidRequestComplete@1( ProtocolOidRequestComplete@0())");
  assert_int_equal (bench->host.last_status, NDIS_STATUS_SUCCESS);
}

static void
ndis_answers_what_the_adapter_has_reported (void **state)
{
  static const NDIS_OID oids[] = { OID_TCP_CONNECTION_OFFLOAD_CURRENT_CONFIG,
                                   OID_TCP_CONNECTION_OFFLOAD_HARDWARE_CAPABILITIES };
  Bench *bench = *state;

  for (size_t i = 0; i < G_N_ELEMENTS (oids); i++) {
    NDIS_OID_REQUEST query = request_of (bench, oids[i], false);
    bench_run (bench, request_step, &query);
    assert_crossings (bench, "NdisOidRequest@0() ProtocolOidRequestComplete@0()");
    assert_int_equal (query.status, NDIS_STATUS_SUCCESS);
    assert_int_equal (query.data.offload.TcpConnectionOffloadCapacity, 1024);
    bench_forget (bench);

    NDIS_OID_REQUEST set = request_of (bench, oids[i], true);
    bench_run (bench, request_step, &set);
    assert_int_equal (set.status, NDIS_STATUS_NOT_SUPPORTED);
    assert_int_equal (bench->target.heard->len, 0);
    bench_forget (bench);
  }
}

static void
ndis_answers_with_the_parameters_of_the_last_set (void **state)
{
  Bench *bench = *state;
  NDIS_OID_REQUEST query = request_of (bench, OID_TCP_CONNECTION_OFFLOAD_PARAMETERS, false);
  NDIS_OID_REQUEST set = request_of (bench, OID_TCP_CONNECTION_OFFLOAD_PARAMETERS, true);

  bench_run (bench, request_step, &query);
  assert_int_equal (query.status, NDIS_STATUS_NOT_SUPPORTED);

  set.data.parameters = (NDIS_TCP_CONNECTION_OFFLOAD_PARAMETERS){
    .Header = { .Revision = NDIS_REVISION_1, .Size = sizeof set.data.parameters },
    .TicksPerSecond = 100,
  };
  bench_run (bench, request_step, &set);
  assert_int_equal (bench->target.heard->len, 1);
  bench_run (bench, request_step, &query);
  assert_int_equal (query.status, NDIS_STATUS_SUCCESS);
  assert_int_equal (query.data.parameters.TicksPerSecond, 100);
  assert_int_equal (bench->target.heard->len, 1);
}

static void
status_step (Bench *bench, void *capabilities)
{
  NdisMIndicateStatusEx (bench->target.adapter,
                         capabilities != NULL
                             ? NDIS_STATUS_TCP_CONNECTION_OFFLOAD_HARDWARE_CAPABILITIES
                             : NDIS_STATUS_UPLOAD_ALL,
                         capabilities);
}

static void
a_status_indication_reaches_the_protocol (void **state)
{
  Bench *bench = *state;

  bench_run (bench, status_step, NULL);
  assert_crossings (bench, "NdisMIndicateStatusEx@1( ProtocolStatusEx@0())");
  assert_int_equal (bench->host.last_status, NDIS_STATUS_UPLOAD_ALL);
  assert_int_equal (bench_begin (bench, NDIS_CALL_ProtocolStatusEx, 0)->column[8],
                    NDIS_STATUS_UPLOAD_ALL);
}

static void
indicated_capabilities_are_what_ndis_answers (void **state)
{
  Bench *bench = *state;
  NDIS_TCP_CONNECTION_OFFLOAD fewer = *ndis_adapter_offload (bench->target.adapter);
  NDIS_OID_REQUEST query =
      request_of (bench, OID_TCP_CONNECTION_OFFLOAD_HARDWARE_CAPABILITIES, false);

  fewer.TcpConnectionOffloadCapacity = 16;
  bench_run (bench, status_step, &fewer);
  bench_run (bench, request_step, &query);
  assert_int_equal (query.data.offload.TcpConnectionOffloadCapacity, 16);
}

/* Frames */

static void
send_step (Bench *bench, void *list)
{
  NdisSendNetBufferLists (bench->host.binding, list);
}

static void
indicate_step (Bench *bench, void *list)
{
  NdisMIndicateReceiveNetBufferLists (bench->target.adapter, list);
}

static void
return_step (Bench *bench, void *list)
{
  NdisReturnNetBufferLists (bench->host.binding, list);
}

static NET_BUFFER_LIST *
frame (Bench *bench, NdisHolder holder)
{
  TcpSegment segment = { .connection_id = 4, .payload = { 0, TCP_STREAM (4, TCP_TO_PEER), 100 } };
  return ndis_nbl_take_frame (bench->ndis, holder, &segment);
}

static void
a_sent_frame_comes_back_when_it_is_done_with (void **state)
{
  Bench *bench = *state;
  NET_BUFFER_LIST *list = frame (bench, NDIS_HOLDER_HOST);

  bench_run (bench, send_step, list);
  assert_crossings (bench, "NdisSendNetBufferLists@0( MiniportSendNetBufferLists@1())"
                           " NdisMSendNetBufferListsComplete@1("
                           " ProtocolSendNetBufferListsComplete@0())");
  assert_int_equal (list->holder, NDIS_HOLDER_HOST);
  assert_int_equal (bench_record (bench, TRACE_NBL, 1, list->id, 0)->column[7], 8);
  ndis_nbl_put (bench->ndis, list);
}

static void
a_received_frame_is_returned (void **state)
{
  Bench *bench = *state;
  NET_BUFFER_LIST *list = frame (bench, NDIS_HOLDER_TARGET);

  bench_run (bench, indicate_step, list);
  assert_int_equal (list->holder, NDIS_HOLDER_HOST);
  bench_run (bench, return_step, list);
  assert_crossings (bench,
                    "NdisMIndicateReceiveNetBufferLists@1( ProtocolReceiveNetBufferLists@0())"
                    " NdisReturnNetBufferLists@0( MiniportReturnNetBufferLists@1())");
  assert_int_equal (list->holder, NDIS_HOLDER_TARGET);
  ndis_nbl_put (bench->ndis, list);
}

int
main (void)
{
#define TEST(name) cmocka_unit_test_setup_teardown (name, setup, teardown)
  const struct CMUnitTest tests[] = {
    TEST (a_request_that_is_answered_at_once_completes_afterwards),
    TEST (a_pending_request_is_completed_by_the_driver),
    TEST (ndis_answers_what_the_adapter_has_reported),
    TEST (ndis_answers_with_the_parameters_of_the_last_set),
    TEST (a_status_indication_reaches_the_protocol),
    TEST (indicated_capabilities_are_what_ndis_answers),
    TEST (a_sent_frame_comes_back_when_it_is_done_with),
    TEST (a_received_frame_is_returned),
  };
  return cmocka_run_group_tests (tests, NULL, NULL);
}
