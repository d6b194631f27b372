#include "tests/support.h"

#include "models/traffic/traffic.h"

typedef struct Fixture {
  SimDist *bytes;
  SimDist *time;
} Fixture;

static int
set_up (void **state)
{
  Fixture *f = g_new0 (Fixture, 1);
  f->bytes = sim_dist_new_uniform (1, 100000);
  f->time = sim_dist_new_exponential (SIM_PS_PER_MS);
  *state = f;
  return 0;
}

static int
tear_down (void **state)
{
  Fixture *f = *state;
  sim_dist_free (f->bytes);
  sim_dist_free (f->time);
  g_free (f);
  return 0;
}

static TrafficSpec
request_response (const Fixture *f)
{
  return (TrafficSpec){ .pattern = TRAFFIC_REQUEST_RESPONSE,
                        .request = f->bytes,
                        .response = f->bytes,
                        .think = f->time,
                        .service = f->time };
}

static void
both_ends_get_the_same_answers (void **state)
{
  TrafficSpec spec = request_response (*state);
  Traffic one = traffic_of (&spec, 7, "web"), other = traffic_of (&spec, 7, "web");

  for (uint64_t n = 0; n < 100; n++) {
    assert_int_equal (traffic_request_bytes (&one, 3, n), traffic_request_bytes (&other, 3, n));
    assert_int_equal (traffic_response_bytes (&one, 3, n), traffic_response_bytes (&other, 3, n));
    assert_int_equal (traffic_think (&one, 3, n).ps, traffic_think (&other, 3, n).ps);
    assert_int_equal (traffic_service (&one, 3, n).ps, traffic_service (&other, 3, n).ps);
  }
}

static void
an_answer_does_not_depend_on_what_was_asked_before (void **state)
{
  TrafficSpec spec = request_response (*state);
  Traffic traffic = traffic_of (&spec, 7, "web");

  uint32_t bytes = traffic_response_bytes (&traffic, 5, 40);
  for (uint64_t n = 0; n < 40; n++)
    traffic_response_bytes (&traffic, 5, n);
  assert_int_equal (traffic_response_bytes (&traffic, 5, 40), bytes);
}

/* How many of 100 requests differ between two connections of two groups under two seeds. */
static unsigned
differences (const Traffic *a, uint32_t a_id, const Traffic *b, uint32_t b_id)
{
  unsigned count = 0;
  for (uint64_t n = 0; n < 100; n++)
    count += traffic_request_bytes (a, a_id, n) != traffic_request_bytes (b, b_id, n);
  return count;
}

static void
seed_group_and_connection_key_the_draws (void **state)
{
  TrafficSpec spec = request_response (*state);
  Traffic web = traffic_of (&spec, 7, "web");
  Traffic mail = traffic_of (&spec, 7, "mail");
  Traffic reseeded = traffic_of (&spec, 8, "web");

  assert_true (differences (&web, 1, &mail, 1) > 90);
  assert_true (differences (&web, 1, &reseeded, 1) > 90);
  assert_true (differences (&web, 1, &web, 2) > 90);
}

static void
request_and_response_are_drawn_apart (void **state)
{
  TrafficSpec spec = request_response (*state);
  Traffic traffic = traffic_of (&spec, 7, "web");
  unsigned count = 0;

  for (uint64_t n = 0; n < 100; n++)
    count += traffic_request_bytes (&traffic, 1, n) != traffic_response_bytes (&traffic, 1, n);
  assert_true (count > 90);
}

static void
a_message_has_one_byte_at_least (G_GNUC_UNUSED void **state)
{
  g_autoptr (SimDist) nothing = sim_dist_new_constant (0);
  g_autoptr (SimDist) too_much = sim_dist_new_constant (INT64_C (1) << 40);
  TrafficSpec spec = { .pattern = TRAFFIC_REQUEST_RESPONSE,
                       .request = nothing,
                       .response = too_much };
  Traffic traffic = traffic_of (&spec, 1, "web");

  assert_int_equal (traffic_request_bytes (&traffic, 0, 0), 1);
  assert_int_equal (traffic_response_bytes (&traffic, 0, 0), TRAFFIC_BYTES_MAX);
}

static void
no_distribution_of_time_means_at_once (void **state)
{
  TrafficSpec spec = request_response (*state);
  spec.think = NULL;
  spec.service = NULL;
  Traffic traffic = traffic_of (&spec, 1, "web");

  assert_int_equal (traffic_think (&traffic, 0, 0).ps, 0);
  assert_int_equal (traffic_service (&traffic, 0, 0).ps, 0);
}

static void
a_specification_without_what_its_pattern_needs_asserts (void **state)
{
  TrafficSpec no_response = request_response (*state);
  no_response.response = NULL;
  TrafficSpec no_chunk = { .pattern = TRAFFIC_BOTH };
  TrafficSpec no_pattern = { .pattern = TRAFFIC_N_PATTERNS };

  expect_assert_failure (traffic_of (&no_response, 1, "web"));
  expect_assert_failure (traffic_of (&no_chunk, 1, "web"));
  expect_assert_failure (traffic_of (&no_pattern, 1, "web"));
}

static void
members_of_a_mix_are_dealt_by_weight (G_GNUC_UNUSED void **state)
{
  TrafficSpec specs[] = { { .weight = 7 }, { .weight = 2 }, { .weight = 1 } };
  uint32_t dealt[3] = { 0 };

  for (uint32_t id = 0; id < 10000; id++)
    dealt[traffic_member (specs, 3, 7, "web", id)]++;
  assert_in_range (dealt[0], 6800, 7200);
  assert_in_range (dealt[1], 1850, 2150);
  assert_in_range (dealt[2], 900, 1100);
}

/* Ten connections from number 100 on. */
static Traffic
short_flows (const Fixture *f, uint32_t concurrent)
{
  TrafficSpec spec = request_response (f);
  spec.pattern = TRAFFIC_SHORT_FLOWS;
  spec.requests_max = 1;
  spec.concurrent = concurrent;
  spec.every = concurrent > 0 ? NULL : f->time;
  spec.pause = concurrent > 0 ? f->time : NULL;
  Traffic traffic = traffic_of (&spec, 7, "web");
  traffic_set_group (&traffic, 100, 10);
  return traffic;
}

static void
places_are_taken_again_when_a_connection_has_ended (void **state)
{
  Traffic traffic = short_flows (*state, 4);
  uint32_t next = 0;
  SimDuration pause;

  for (uint32_t id = 100; id < 110; id++) {
    SimTime opening = traffic_opening (&traffic, id, SIM_TIME_ZERO);
    assert_int_equal (sim_time_is_never (opening), id >= 104);
    assert_false (traffic_next_by_clock (&traffic, id, &next));
    assert_int_equal (traffic_successor (&traffic, id, &next, &pause), id < 106);
    if (id < 106)
      assert_int_equal (next, id + 4);
  }
}

static void
a_clock_opens_one_after_the_other (void **state)
{
  Traffic traffic = short_flows (*state, 0);
  SimTime at = traffic_opening (&traffic, 100, SIM_TIME_ZERO);
  uint32_t id = 100, n = 1, follower;
  SimDuration pause;

  for (; traffic_next_by_clock (&traffic, id, &id); n++) {
    SimTime next = traffic_opening (&traffic, id, at);
    assert_true (sim_time_before (at, next));
    assert_false (traffic_successor (&traffic, id, &follower, &pause));
    at = next;
  }
  assert_int_equal (n, 10);
}

static void
recorded_flows_are_dealt_round (G_GNUC_UNUSED void **state)
{
  static const TrafficFlow flows[] = {
    { { 1 }, 10, false }, { { 2 }, 20, true },  { { 3 }, 30, false },
    { { 4 }, 40, true },  { { 5 }, 50, false },
  };
  TrafficSpec spec = { .pattern = TRAFFIC_REPLAY, .flows = flows, .n_flows = 5 };
  Traffic shared = traffic_of (&spec, 7, "web");
  spec.connects = true;
  Traffic own = traffic_of (&spec, 7, "web");
  traffic_set_group (&shared, 100, 2);
  traffic_set_group (&own, 100, 5);

  assert_ptr_equal (traffic_flow (&shared, 100, 0), &flows[0]);
  assert_ptr_equal (traffic_flow (&shared, 101, 1), &flows[3]);
  assert_ptr_equal (traffic_flow (&shared, 100, 2), &flows[4]);
  assert_null (traffic_flow (&shared, 101, 2));
  assert_ptr_equal (traffic_flow (&own, 104, 0), &flows[4]);
  assert_null (traffic_flow (&own, 104, 1));
  assert_true (traffic_opens (&own));
  assert_false (traffic_opens (&shared));
  assert_int_equal (traffic_opening (&own, 103, SIM_TIME_ZERO).ps, 4);
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test_setup_teardown (both_ends_get_the_same_answers, set_up, tear_down),
    cmocka_unit_test_setup_teardown (an_answer_does_not_depend_on_what_was_asked_before, set_up,
                                     tear_down),
    cmocka_unit_test_setup_teardown (seed_group_and_connection_key_the_draws, set_up, tear_down),
    cmocka_unit_test_setup_teardown (request_and_response_are_drawn_apart, set_up, tear_down),
    cmocka_unit_test (a_message_has_one_byte_at_least),
    cmocka_unit_test (members_of_a_mix_are_dealt_by_weight),
    cmocka_unit_test_setup_teardown (places_are_taken_again_when_a_connection_has_ended, set_up,
                                     tear_down),
    cmocka_unit_test_setup_teardown (a_clock_opens_one_after_the_other, set_up, tear_down),
    cmocka_unit_test (recorded_flows_are_dealt_round),
    cmocka_unit_test_setup_teardown (no_distribution_of_time_means_at_once, set_up, tear_down),
    cmocka_unit_test_setup_teardown (a_specification_without_what_its_pattern_needs_asserts, set_up,
                                     tear_down),
  };
  return cmocka_run_group_tests (tests, NULL, NULL);
}
