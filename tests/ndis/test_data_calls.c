#include "tests/ndis/fake.h"

typedef struct Fixture {
  Bench *bench;
  FakeObjects objects;
  SimDist *dispatch, *per_nbl;
} Fixture;

#define DISPATCH 50
#define PER_NBL 9

static int
setup (void **state)
{
  Fixture *fixture = g_new0 (Fixture, 1);
  fixture->dispatch = sim_dist_new_constant (DISPATCH);
  fixture->per_nbl = sim_dist_new_constant (PER_NBL);
  fixture->bench = bench_new ();
  fixture->bench->config.costs =
      (NdisCosts){ .dispatch = fixture->dispatch, .per_nbl = fixture->per_nbl };
  bench_start (fixture->bench, NULL, 0);
  fake_objects_init (fixture->bench, &fixture->objects);
  bench_offload (fixture->bench, &fixture->objects);
  *state = fixture;
  return 0;
}

static int
teardown (void **state)
{
  Fixture *fixture = *state;
  bench_free (fixture->bench);
  sim_dist_free (fixture->dispatch);
  sim_dist_free (fixture->per_nbl);
  g_free (fixture);
  return 0;
}

/* A request of the host: what it calls and what with. */
typedef struct Request {
  NDIS_STATUS (*call) (NDIS_OFFLOAD_HANDLE *, NET_BUFFER_LIST *);
  NDIS_OFFLOAD_HANDLE *handle;
  NET_BUFFER_LIST *list;
  uint32_t flags;
} Request;

static void
request_step (G_GNUC_UNUSED Bench *bench, void *what)
{
  const Request *request = what;
  NDIS_STATUS status =
      request->call != NULL
          ? request->call (request->handle, request->list)
          : NdisOffloadTcpDisconnect (request->handle, request->list, request->flags);
  assert_int_equal (status, NDIS_STATUS_PENDING);
}

static void
each_request_leads_to_its_own_handlers (void **state)
{
  static const struct {
    NDIS_STATUS (*call) (NDIS_OFFLOAD_HANDLE *, NET_BUFFER_LIST *);
    const char *crossings;
  } rows[] = {
    { NdisOffloadTcpSend, "NdisOffloadTcpSend@0( MiniportTcpOffloadSend@1())"
                          " NdisTcpOffloadSendComplete@1( ProtocolTcpOffloadSendComplete@0())" },
    { NdisOffloadTcpReceive,
      "NdisOffloadTcpReceive@0( MiniportTcpOffloadReceive@1())"
      " NdisTcpOffloadReceiveComplete@1( ProtocolTcpOffloadReceiveComplete@0())" },
    { NdisOffloadTcpForward,
      "NdisOffloadTcpForward@0( MiniportTcpOffloadForward@1())"
      " NdisTcpOffloadForwardComplete@1( ProtocolTcpOffloadForwardComplete@0())" },
    { NULL, "NdisOffloadTcpDisconnect@0( MiniportTcpOffloadDisconnect@1())"
            " NdisTcpOffloadDisconnectComplete@1( ProtocolTcpOffloadDisconnectComplete@0())" },
  };
  Fixture *fixture = *state;
  Bench *bench = fixture->bench;

  for (size_t i = 0; i < G_N_ELEMENTS (rows); i++) {
    NDIS_OFFLOAD_HANDLE *handle = &fixture->objects.tcp[1];
    Request request = { rows[i].call, handle, fake_list (bench, handle, 0, 10),
                        TCP_DISCONNECT_GRACEFUL_CLOSE };
    bench_run (bench, request_step, &request);
    assert_crossings (bench, rows[i].crossings);
    const FakeRequest *heard = heard_at (bench->target.heard, 0);
    assert_ptr_equal (heard->list, request.list);
    assert_int_equal (heard->context, handle->MiniportOffloadContext);
    assert_int_equal (heard->flags, rows[i].call == NULL ? TCP_DISCONNECT_GRACEFUL_CLOSE : 0);
    assert_ptr_equal (heard_at (bench->host.heard, 0)->list, request.list);
    ndis_nbl_put (bench->ndis, request.list);
    bench_forget (bench);
  }
}

static void
a_request_is_pending_whatever_the_handler_says (void **state)
{
  Fixture *fixture = *state;
  Bench *bench = fixture->bench;
  NDIS_OFFLOAD_HANDLE *handle = &fixture->objects.tcp[0];
  Request request = { NdisOffloadTcpSend, handle, fake_list (bench, handle, 0, 10), 0 };

  bench->target.io_return = NDIS_STATUS_SUCCESS;
  bench_run (bench, request_step, &request);
  assert_int_equal (bench_end (bench, NDIS_CALL_MiniportTcpOffloadSend, 0)->column[4],
                    NDIS_STATUS_SUCCESS);
  assert_int_equal (bench_end (bench, NDIS_CALL_NdisOffloadTcpSend, 0)->column[4],
                    NDIS_STATUS_PENDING);
  ndis_nbl_put (bench->ndis, request.list);
}

static void
each_list_beyond_the_first_costs_and_has_its_record (void **state)
{
  Fixture *fixture = *state;
  Bench *bench = fixture->bench;
  NDIS_OFFLOAD_HANDLE *handle = &fixture->objects.tcp[0];
  Request request = { NdisOffloadTcpSend, handle, fake_list (bench, handle, 100, 10), 0 };
  SimTime begun = sim_now (bench->sim);

  request.list->Next = fake_list (bench, handle, 110, 20);
  request.list->Next->Next = fake_list (bench, handle, 130, 0);
  bench_run (bench, request_step, &request);

  const SimRecord *handler = bench_begin (bench, NDIS_CALL_MiniportTcpOffloadSend, 0);
  assert_int_equal (sim_time_diff (handler->when, begun).ps,
                    (DISPATCH + 2 * PER_NBL) * SIM_PS_PER_NS);
  assert_int_equal (handler->column[6], request.list->id);
  assert_int_equal (handler->column[8], 3);
  assert_int_equal (handler->column[9], 30);
  assert_int_equal (bench_count (bench, TRACE_NBL, 0, handler->column[0]), 3);
  const SimRecord *second = bench_record (bench, TRACE_NBL, 1, request.list->Next->id, 0);
  const int64_t expected[] = { handler->column[0],
                               request.list->Next->id,
                               1,
                               3,
                               20,
                               NDIS_STATUS_SUCCESS,
                               0,
                               0,
                               1,
                               TCP_STREAM (70, TCP_TO_PEER),
                               110 };
  assert_memory_equal (second->column, expected, sizeof expected);
  const SimRecord *third = bench_record (bench, TRACE_NBL, 1, request.list->Next->Next->id, 0);
  assert_int_equal (third->column[7], 4);
  assert_int_equal (third->column[9], -1);
  for (NET_BUFFER_LIST *list = request.list, *next; list != NULL; list = next) {
    next = list->Next;
    ndis_nbl_put (bench->ndis, list);
  }
}

static void
a_request_on_a_handle_without_context_fails_later (void **state)
{
  Fixture *fixture = *state;
  Bench *bench = fixture->bench;
  NDIS_OFFLOAD_HANDLE *handle = &fixture->objects.tcp[0];
  Request request = { NdisOffloadTcpSend, handle, fake_list (bench, handle, 0, 10), 0 };

  handle->MiniportOffloadContext = 0;
  bench_run (bench, request_step, &request);
  assert_crossings (bench, "NdisOffloadTcpSend@0() ProtocolTcpOffloadSendComplete@0()");
  assert_int_equal (request.list->Status, NDIS_STATUS_INVALID_STATE);
  assert_int_equal (request.list->holder, NDIS_HOLDER_HOST);
  ndis_nbl_put (bench->ndis, request.list);
}

/* Indications */

typedef struct Indication {
  NET_BUFFER_LIST *list;
  NdisResult result;
  SimTime returned;
} Indication;

static void
indication_returned (SimCpu *cpu, const SimStepArgs *args)
{
  Bench *bench = args->self;
  Indication *indication = args->object;
  indication->result = ndis_result (bench->ndis);
  indication->returned = sim_now (sim_cpu_sim (cpu));
}

static void
indicate_step (Bench *bench, void *what)
{
  Indication *indication = what;
  ndis_then (bench->ndis, indication_returned, (SimStepArgs){ .self = bench, .object = what });
  bench->target.events.NdisTcpOffloadReceiveHandler (bench->target.handle[3], indication->list,
                                                     NDIS_STATUS_SUCCESS);
}

static NET_BUFFER_LIST *
received (Bench *bench, uint32_t bytes)
{
  NET_BUFFER_LIST *list = ndis_nbl_take (bench->ndis, NDIS_HOLDER_TARGET, 70, 3);
  ndis_nbl_set_data (list, (TcpRange){ 0, TCP_STREAM (70, TCP_FROM_PEER), bytes });
  return list;
}

static void
the_answer_to_an_indication_comes_back (void **state)
{
  static const struct {
    NdisResult answer;
    NdisHolder holder;
  } rows[] = {
    { { NDIS_STATUS_SUCCESS, 100 }, NDIS_HOLDER_HOST },
    { { NDIS_STATUS_OFFLOAD_DATA_NOT_ACCEPTED, 0 }, NDIS_HOLDER_TARGET },
    { { NDIS_STATUS_OFFLOAD_DATA_PARTIALLY_ACCEPTED, 40 }, NDIS_HOLDER_TARGET },
  };
  Fixture *fixture = *state;
  Bench *bench = fixture->bench;

  for (size_t i = 0; i < G_N_ELEMENTS (rows); i++) {
    Indication indication = { .list = received (bench, 100) };
    bench->host.answer = rows[i].answer;
    bench_run (bench, indicate_step, &indication);
    assert_crossings (bench,
                      "NdisTcpOffloadReceiveHandler@1( ProtocolTcpOffloadReceiveIndicate@0())");
    assert_ptr_equal (bench->host.last_handle, &fixture->objects.tcp[0]);
    assert_int_equal (indication.result.status, rows[i].answer.status);
    assert_int_equal (indication.result.bytes_consumed, rows[i].answer.bytes_consumed);
    assert_int_equal (indication.list->holder, rows[i].holder);
    const SimRecord *end = bench_end (bench, NDIS_CALL_NdisTcpOffloadReceiveHandler, 0);
    assert_int_equal (end->column[4], rows[i].answer.status);
    assert_int_equal (end->column[5], rows[i].answer.bytes_consumed);
    assert_int_equal (bench_begin (bench, NDIS_CALL_NdisTcpOffloadReceiveHandler, 0)->column[8],
                      100);
    ndis_nbl_put (bench->ndis, indication.list);
    bench_forget (bench);
  }
}

static void
event_step (Bench *bench, G_GNUC_UNUSED void *what)
{
  bench->target.events.NdisTcpOffloadEventHandler (bench->target.handle[4], TcpIndicateRetrieve,
                                                   TimeoutExpiration);
}

static void
an_event_reaches_the_owner_of_the_handle (void **state)
{
  Fixture *fixture = *state;
  Bench *bench = fixture->bench;

  bench_run (bench, event_step, NULL);
  assert_crossings (bench, "NdisTcpOffloadEventHandler@1( ProtocolTcpOffloadEvent@0())");
  assert_ptr_equal (bench->host.last_handle, &fixture->objects.tcp[1]);
  assert_int_equal (bench->host.last_event[0], TcpIndicateRetrieve);
  assert_int_equal (bench->host.last_event[1], TimeoutExpiration);
  const SimRecord *begin = bench_begin (bench, NDIS_CALL_ProtocolTcpOffloadEvent, 0);
  const int64_t expected[] = { 0, 4, TcpIndicateRetrieve, TimeoutExpiration };
  assert_memory_equal (&begin->column[6], expected, sizeof expected);
}

static void
return_step (Bench *bench, void *list)
{
  assert_int_equal (NdisOffloadTcpReceiveReturn (bench->host.binding, list), NDIS_STATUS_SUCCESS);
}

static void
an_indicated_list_is_returned_once (void **state)
{
  Fixture *fixture = *state;
  Bench *bench = fixture->bench;
  Indication indication = { .list = received (bench, 100) };

  bench->host.answer = (NdisResult){ NDIS_STATUS_SUCCESS, 100 };
  bench_run (bench, indicate_step, &indication);
  bench_forget (bench);
  bench_run (bench, return_step, indication.list);
  assert_crossings (bench, "NdisOffloadTcpReceiveReturn@0( MiniportTcpOffloadReceiveReturn@1())");
  assert_int_equal (bench_end (bench, NDIS_CALL_NdisOffloadTcpReceiveReturn, 0)->column[4],
                    NDIS_STATUS_SUCCESS);
  bench_forget (bench);
  bench_run (bench, return_step, indication.list);
  assert_crossings (bench, "NdisOffloadTcpReceiveReturn@0()");
  assert_int_equal (bench_end (bench, NDIS_CALL_NdisOffloadTcpReceiveReturn, 0)->column[4],
                    NDIS_STATUS_INVALID_STATE);
  ndis_nbl_put (bench->ndis, indication.list);
}

/* Steps */

static void
indicate_without_continuation (Bench *bench, void *list)
{
  bench->target.events.NdisTcpOffloadReceiveHandler (bench->target.handle[3], list,
                                                     NDIS_STATUS_SUCCESS);
}

static void
two_crossings_step (Bench *bench, void *list)
{
  indicate_without_continuation (bench, list);
  expect_assert_failure (event_step (bench, NULL));
}

static void
a_second_crossing_in_a_step_asserts (void **state)
{
  Fixture *fixture = *state;
  Bench *bench = fixture->bench;
  NET_BUFFER_LIST *list = received (bench, 10);

  bench->host.answer = (NdisResult){ NDIS_STATUS_SUCCESS, 10 };
  bench_run (bench, two_crossings_step, list);
  assert_int_equal (bench_count (bench, TRACE_CALL_BEGIN, -1, 0), 2);
  ndis_nbl_put (bench->ndis, list);
}

static void
a_crossing_outside_a_step_asserts (void **state)
{
  Fixture *fixture = *state;

  expect_assert_failure (event_step (fixture->bench, NULL));
}

int
main (void)
{
#define TEST(name) cmocka_unit_test_setup_teardown (name, setup, teardown)
  const struct CMUnitTest tests[] = {
    TEST (each_request_leads_to_its_own_handlers),
    TEST (a_request_is_pending_whatever_the_handler_says),
    TEST (each_list_beyond_the_first_costs_and_has_its_record),
    TEST (a_request_on_a_handle_without_context_fails_later),
    TEST (the_answer_to_an_indication_comes_back),
    TEST (an_event_reaches_the_owner_of_the_handle),
    TEST (an_indicated_list_is_returned_once),
    TEST (a_second_crossing_in_a_step_asserts),
    TEST (a_crossing_outside_a_step_asserts),
  };
  return cmocka_run_group_tests (tests, NULL, NULL);
}
