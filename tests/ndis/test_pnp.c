#include "tests/ndis/fake.h"

/* How a sequence ended. */
typedef struct Outcome {
  uint32_t n;
  bool succeeded;
} Outcome;

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
told (void *data, G_GNUC_UNUSED uint32_t tag, bool succeeded)
{
  Outcome *outcome = data;
  outcome->n++;
  outcome->succeeded = succeeded;
}

static void
pause_step (Bench *bench, void *outcome)
{
  ndis_pnp (bench->ndis, NDIS_PNP_PAUSE, 0, (NdisPnpCaller){ told, outcome, 0 });
}

static void
reset_step (Bench *bench, void *outcome)
{
  ndis_pnp (bench->ndis, NDIS_PNP_RESET, 0, (NdisPnpCaller){ told, outcome, 0 });
}

static void
remove_step (Bench *bench, void *outcome)
{
  ndis_pnp (bench->ndis, NDIS_PNP_REMOVE, 0, (NdisPnpCaller){ told, outcome, 0 });
}

static void
complete_event_step (Bench *bench, G_GNUC_UNUSED void *data)
{
  NdisCompleteNetPnPEvent (bench->host.binding);
}

static void
complete_reset_step (Bench *bench, G_GNUC_UNUSED void *data)
{
  NdisMResetComplete (bench->target.adapter, NDIS_STATUS_SUCCESS);
}

static void
a_stack_is_paused_from_the_top (void **state)
{
  Bench *bench = *state;
  Outcome outcome = { 0 };

  bench_run (bench, pause_step, &outcome);
  assert_crossings (bench, "ProtocolNetPnPEvent@0() MiniportPause@1()");
  assert_int_equal (bench->host.last_event[0], NetEventPause);
  assert_int_equal (outcome.n, 1);
  assert_true (outcome.succeeded);
}

static void
the_miniport_is_paused_when_the_protocol_has_completed_the_event (void **state)
{
  Bench *bench = *state;
  Outcome outcome = { 0 };

  bench->host.pnp_return = NDIS_STATUS_PENDING;
  bench_run (bench, pause_step, &outcome);
  assert_crossings (bench, "ProtocolNetPnPEvent@0()");
  assert_int_equal (outcome.n, 0);
  bench_forget (bench);
  bench_run (bench, complete_event_step, NULL);
  assert_crossings (bench, "NdisCompleteNetPnPEvent@0() MiniportPause@1()");
  assert_int_equal (outcome.n, 1);
}

static void
a_reset_is_announced_and_its_end_too (void **state)
{
  Bench *bench = *state;
  Outcome outcome = { 0 };

  bench->target.pnp_return = NDIS_STATUS_PENDING;
  bench_run (bench, reset_step, &outcome);
  assert_crossings (bench, "ProtocolStatusEx@0() MiniportResetEx@1()");
  assert_int_equal (bench->host.last_status, NDIS_STATUS_RESET_START);
  bench_forget (bench);
  bench_run (bench, complete_reset_step, NULL);
  assert_crossings (bench, "NdisMResetComplete@1() ProtocolStatusEx@0()");
  assert_int_equal (bench->host.last_status, NDIS_STATUS_RESET_END);
  assert_int_equal (outcome.n, 1);
}

static void
a_removed_adapter_is_paused_unbound_and_halted (void **state)
{
  Bench *bench = *state;
  Outcome outcome = { 0 };

  bench_run (bench, remove_step, &outcome);
  assert_crossings (bench, "ProtocolNetPnPEvent@0() MiniportDevicePnPEventNotify@1()"
                           " ProtocolNetPnPEvent@0() MiniportPause@1()"
                           " ProtocolUnbindAdapterEx@0() MiniportHaltEx@1()");
  assert_true (outcome.succeeded);
}

static void
one_sequence_runs_at_a_time (void **state)
{
  Bench *bench = *state;
  Outcome first = { 0 }, second = { 0 };

  bench->host.pnp_return = NDIS_STATUS_PENDING;
  bench_run (bench, pause_step, &first);
  bench_run (bench, reset_step, &second);
  assert_int_equal (second.n, 1);
  assert_false (second.succeeded);
  assert_int_equal (first.n, 0);
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown (name, setup, teardown)
    TEST (a_stack_is_paused_from_the_top),
    TEST (the_miniport_is_paused_when_the_protocol_has_completed_the_event),
    TEST (a_reset_is_announced_and_its_end_too),
    TEST (a_removed_adapter_is_paused_unbound_and_halted),
    TEST (one_sequence_runs_at_a_time),
  };

  return cmocka_run_group_tests (tests, NULL, NULL);
}
