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
    cmocka_unit_test_setup_teardown (no_distribution_of_time_means_at_once, set_up, tear_down),
    cmocka_unit_test_setup_teardown (a_specification_without_what_its_pattern_needs_asserts, set_up,
                                     tear_down),
  };
  return cmocka_run_group_tests (tests, NULL, NULL);
}
