#include "tests/support.h"

#include "models/wire/flight.h"

#include <glib.h>

#include "sim/random.h"

static void
add (WireFlight *flight, int64_t arrives_ps, uint32_t seq)
{
  WireFrame frame = { .arrives = { arrives_ps }, .segment = { .seq = seq } };
  wire_flight_add (flight, &frame);
}

static void
frames_leave_in_the_order_of_their_arrival (G_GNUC_UNUSED void **state)
{
  static const int64_t arrivals[] = { 50, 20, 70, 10, 60, 30, 40 };
  WireFlight flight = { 0 };

  assert_true (sim_time_is_never (wire_flight_next (&flight)));
  for (uint32_t i = 0; i < G_N_ELEMENTS (arrivals); i++)
    add (&flight, arrivals[i], i);
  for (int64_t when = 10; when <= 70; when += 10) {
    assert_int_equal (wire_flight_next (&flight).ps, when);
    WireFrame frame = wire_flight_take (&flight);
    assert_int_equal (frame.arrives.ps, when);
    assert_int_equal (arrivals[frame.segment.seq], when);
  }
  assert_true (sim_time_is_never (wire_flight_next (&flight)));
  wire_flight_clear (&flight);
}

static void
frames_of_one_instant_leave_as_they_came (G_GNUC_UNUSED void **state)
{
  WireFlight flight = { 0 };

  for (uint32_t i = 0; i < 100; i++)
    add (&flight, i % 2 == 0 ? 7 : 5, i);
  for (uint32_t i = 0; i < 50; i++)
    assert_int_equal (wire_flight_take (&flight).segment.seq, 2 * i + 1);
  for (uint32_t i = 0; i < 50; i++)
    assert_int_equal (wire_flight_take (&flight).segment.seq, 2 * i);
  wire_flight_clear (&flight);
}

/* Against a list that is searched: 20,000 steps of adding and taking. */
static void
it_agrees_with_a_list_that_is_searched (G_GNUC_UNUSED void **state)
{
  SimStream stream = sim_stream (1, "flight");
  WireFlight flight = { 0 };
  g_autoptr (GArray) list = g_array_new (FALSE, FALSE, sizeof (WireFrame));

  for (uint32_t n = 0; n < 20000; n++) {
    if (list->len == 0 || sim_draw_below (stream, 0, n, 100) < 52) {
      WireFrame frame = { .arrives = { (int64_t)sim_draw_below (stream, 1, n, 50) },
                          .segment = { .seq = n } };
      wire_flight_add (&flight, &frame);
      g_array_append_val (list, frame);
    } else {
      guint first = 0;
      for (guint i = 1; i < list->len; i++)
        if (g_array_index (list, WireFrame, i).arrives.ps
            < g_array_index (list, WireFrame, first).arrives.ps)
          first = i;
      uint32_t expected = g_array_index (list, WireFrame, first).segment.seq;
      g_array_remove_index (list, first);
      assert_int_equal (wire_flight_take (&flight).segment.seq, expected);
    }
    assert_int_equal (flight.count, list->len);
  }
  assert_true (list->len > 100);
  wire_flight_clear (&flight);
}

static void
taking_what_is_not_there_is_a_bug (G_GNUC_UNUSED void **state)
{
  WireFlight flight = { 0 };
  expect_assert_failure (wire_flight_take (&flight));
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test (frames_leave_in_the_order_of_their_arrival),
    cmocka_unit_test (frames_of_one_instant_leave_as_they_came),
    cmocka_unit_test (it_agrees_with_a_list_that_is_searched),
    cmocka_unit_test (taking_what_is_not_there_is_a_bug),
  };
  return cmocka_run_group_tests (tests, NULL, NULL);
}
