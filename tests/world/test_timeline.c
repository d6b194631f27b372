#include "tests/support.h"

#include "models/world/timeline.h"

#include "models/trace/trace.h"

#define ACTOR 7

/* A timeline of one event on a metric of connections 0 to 3, fed with records by hand. */
typedef struct Fixture {
  Sim *sim;
  WorldConfig *config;
  TimelineEvent event;
  Timeline *timeline;
} Fixture;

static void
carry_out (void *data, uint32_t index, G_GNUC_UNUSED const TimelineEvent *event)
{
  Fixture *fixture = data;
  timeline_finish (fixture->timeline, index, true);
}

static uint32_t
object_of (G_GNUC_UNUSED void *data, uint32_t connection_id)
{
  return 100 + connection_id;
}

static int
setup (void **state)
{
  Fixture *fixture = g_new0 (Fixture, 1);

  fixture->sim = sim_new (1);
  sim_trace_set_kinds (sim_trace (fixture->sim), trace_kinds, TRACE_N_KINDS);
  fixture->config = g_new0 (WorldConfig, 1);
  fixture->config->event = &fixture->event;
  fixture->config->n_events = 1;
  fixture->config->n_connections = 4;
  fixture->event.id = "one";
  *state = fixture;
  return 0;
}

static int
teardown (void **state)
{
  Fixture *fixture = *state;

  timeline_free (fixture->timeline);
  sim_free (fixture->sim);
  g_free (fixture->config);
  g_free (fixture);
  return 0;
}

static SimTrace *
start (Fixture *fixture)
{
  fixture->timeline = timeline_new (fixture->sim, fixture->config, carry_out, fixture);
  timeline_start (fixture->timeline, object_of);
  return sim_trace (fixture->sim);
}

static void
await_metric (Fixture *fixture, TimelineMetric metric, uint64_t reaches)
{
  fixture->event.anchor = TIMELINE_METRIC;
  fixture->event.metric = metric;
  fixture->event.metric_of = (ConnectionSet){ 0, 3 };
  fixture->event.reaches = reaches;
}

static bool
has_fired (Fixture *fixture)
{
  sim_run (fixture->sim, (SimLimits){ .until = SIM_TIME_NEVER });
  return timeline_state (fixture->timeline, 0) == TIMELINE_SUCCEEDED;
}

static void
offloaded_connections_are_those_that_the_target_owns_now (void **state)
{
  Fixture *fixture = *state;

  await_metric (fixture, METRIC_OFFLOADED, 2);
  SimTrace *trace = start (fixture);
  TRACE (trace, ACTOR, OWNER, 0, OWNER_TARGET, 1);
  TRACE (trace, ACTOR, OWNER, 0, OWNER_HOST, 2);
  TRACE (trace, ACTOR, OWNER, 1, OWNER_TARGET, 3);
  assert_false (has_fired (fixture));
  TRACE (trace, ACTOR, OWNER, 2, OWNER_TARGET, 4);
  assert_true (has_fired (fixture));
}

static void
what_the_target_said_of_a_connection_ends_with_its_upload (void **state)
{
  Fixture *fixture = *state;

  await_metric (fixture, METRIC_ESTABLISHED, 2);
  SimTrace *trace = start (fixture);
  TRACE (trace, ACTOR, CONNECTION_STATE, 0, SIDE_HOST, 0, TcpConnectionEstablished);
  TRACE (trace, ACTOR, CONNECTION_STATE, 0, SIDE_TARGET, 0, TcpConnectionEstablished);
  TRACE (trace, ACTOR, OWNER, 0, OWNER_HOST, 2);
  TRACE (trace, ACTOR, CONNECTION_STATE, 0, SIDE_HOST, TcpConnectionEstablished,
         TcpConnectionClosed);
  TRACE (trace, ACTOR, CONNECTION_STATE, 1, SIDE_HOST, 0, TcpConnectionEstablished);
  assert_false (has_fired (fixture));
  TRACE (trace, ACTOR, CONNECTION_STATE, 2, SIDE_PEER, 0, TcpConnectionEstablished);
  assert_false (has_fired (fixture));
  TRACE (trace, ACTOR, CONNECTION_STATE, 2, SIDE_HOST, 0, TcpConnectionEstablished);
  assert_true (has_fired (fixture));
}

static void
delivered_bytes_are_those_of_the_hosts_applications (void **state)
{
  Fixture *fixture = *state;

  await_metric (fixture, METRIC_DELIVERED, 1000);
  SimTrace *trace = start (fixture);
  TRACE (trace, ACTOR, APP_DELIVER, 0, SIDE_PEER, 0, 0, 5000, PATH_HOST);
  TRACE (trace, ACTOR, APP_DELIVER, 0, SIDE_HOST, 1, 0, 999, PATH_HOST);
  assert_false (has_fired (fixture));
  TRACE (trace, ACTOR, APP_DELIVER, 3, SIDE_HOST, 7, 0, 1, PATH_CHIMNEY);
  assert_true (has_fired (fixture));
}

static void
a_window_opens_with_a_call_about_several_objects (void **state)
{
  Fixture *fixture = *state;

  fixture->event.anchor = TIMELINE_BETWEEN;
  fixture->event.between[0] = NDIS_CALL_NdisTerminateOffload;
  fixture->event.between[1] = NDIS_CALL_MiniportTerminateOffload;
  fixture->event.between_connection = 2;
  SimTrace *trace = start (fixture);
  TRACE (trace, ACTOR, OWNER, 1, OWNER_GOING_UP, 5);
  TRACE (trace, ACTOR, OWNER, 2, OWNER_GOING_UP, 6);
  TRACE (trace, ACTOR, CALL_BEGIN, 11, NDIS_CALL_NdisTerminateOffload, 0, 0, 0, 0, 5, 0, 3, 0);
  assert_false (has_fired (fixture));
  TRACE (trace, ACTOR, CALL_BEGIN, 12, NDIS_CALL_NdisTerminateOffload, 0, 0, 0, 0, 6, 0, 3, 0);
  assert_true (has_fired (fixture));
}

static void
an_event_on_the_clock_fires_at_its_instant (void **state)
{
  Fixture *fixture = *state;

  fixture->event.anchor = TIMELINE_AT;
  fixture->event.at = (SimTime){ 1234 };
  start (fixture);
  assert_true (has_fired (fixture));
  assert_int_equal (timeline_begun (fixture->timeline, 0).ps, 1234);
  assert_int_equal (timeline_ended (fixture->timeline, 0).ps, 1234);
}

int
main (void)
{
#define TEST(name) cmocka_unit_test_setup_teardown (name, setup, teardown)
  const struct CMUnitTest tests[] = {
    TEST (offloaded_connections_are_those_that_the_target_owns_now),
    TEST (what_the_target_said_of_a_connection_ends_with_its_upload),
    TEST (delivered_bytes_are_those_of_the_hosts_applications),
    TEST (a_window_opens_with_a_call_about_several_objects),
    TEST (an_event_on_the_clock_fires_at_its_instant),
  };
#undef TEST
  return cmocka_run_group_tests (tests, NULL, NULL);
}
