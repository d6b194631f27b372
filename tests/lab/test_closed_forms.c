/* Short runs against the closed forms of bench/; the table is make bench-tcp. */
#include "tests/support.h"

#include "bench/closed_forms.h"
#include "bench/closed_run.h"

#define MSS 1448

static ClosedMeasures
measures_of (ClosedSetup setup)
{
  ClosedMeasures measures;
  setup.name = "closed_form";
  setup.seed = 1;
  g_autofree char *text = closed_scenario (&setup);
  assert_true (closed_run (&setup, text, &measures));
  return measures;
}

static void
assert_near (double measured, double expected, double bar)
{
  double deviation = measured / expected - 1;
  if (deviation < -bar || deviation > bar)
    fail_msg ("%g is %+.2f %% off %g", measured, deviation * 100, expected);
}

static void
a_clean_link_carries_its_rate_less_headers_on_either_path (G_GNUC_UNUSED void **state)
{
  for (int on_target = 0; on_target < 2; on_target++) {
    ClosedMeasures m = measures_of ((ClosedSetup){ .rate = "100 Mbit/s",
                                                   .one_way_s = 50e-6,
                                                   .window_bytes = 256 << 10,
                                                   .segments_per_ack = 2,
                                                   .from_s = 0.1,
                                                   .until_s = 0.6,
                                                   .on_target = on_target });
    assert_near (m.received_bytes * 8 / m.seconds, closed_clean_bits_per_s (1e8), 0.005);
  }
}

static void
a_window_goes_once_a_round_trip_on_either_path (G_GNUC_UNUSED void **state)
{
  for (int on_target = 0; on_target < 2; on_target++) {
    ClosedMeasures m = measures_of ((ClosedSetup){ .rate = "10 Gbit/s",
                                                   .one_way_s = 0.005,
                                                   .window_bytes = 8 * MSS,
                                                   .segments_per_ack = 1,
                                                   .from_s = 0.2,
                                                   .until_s = 1.2,
                                                   .on_target = on_target });
    assert_near (m.received_bytes * 8 / m.seconds, closed_window_bits_per_s (8 * MSS, 0.01), 0.01);
  }
}

static void
the_timeout_doubles_to_the_tick (G_GNUC_UNUSED void **state)
{
  ClosedMeasures m = measures_of (
      (ClosedSetup){ .rate = "1 Gbit/s",
                     .impair = "counts: data, drop: 2-1000",
                     .tcp = "retransmissions_max: 9, rto_min: 10 ticks",
                     .traffic = "pattern: request_response, request: 100 B, response: 100 B",
                     .one_way_s = 0.05,
                     .window_bytes = 65536,
                     .segments_per_ack = 1,
                     .until_s = 400 });

  assert_int_equal (m.n_resent, 10);
  for (int i = 0; i + 1 < m.n_resent; i++)
    assert_int_equal (m.resent_ps[i + 1] / SIM_PS_PER_MS - m.resent_ps[i] / SIM_PS_PER_MS,
                      closed_rto_ticks (300, 60000, i)); /* 3 R after the first sample R */
}

static void
a_loss_in_a_thousand_gives_the_average_window_of_the_rfc (G_GNUC_UNUSED void **state)
{
  static const char *const tcp[] = { NULL, "congestion: cubic" };
  for (size_t i = 0; i < G_N_ELEMENTS (tcp); i++) {
    ClosedMeasures m = measures_of ((ClosedSetup){ .rate = "10 Gbit/s",
                                                   .impair = "counts: data, drop: every 1000th",
                                                   .tcp = tcp[i],
                                                   .one_way_s = 0.05,
                                                   .window_bytes = 128 * MSS,
                                                   .segments_per_ack = 1,
                                                   .from_s = 20,
                                                   .until_s = 80 });
    assert_near (m.data_segments * 0.1 / m.seconds, closed_cubic_window (1e-3, 0.1), 0.075);
    assert_true (m.recoveries > 10);
  }
}

static void
random_loss_is_between_pftk_and_mathis (G_GNUC_UNUSED void **state)
{
  ClosedMeasures m =
      measures_of ((ClosedSetup){ .rate = "1 Gbit/s",
                                  .impair = "counts: data, loss: 1/100",
                                  .tcp = "retransmissions_max: 50, rto_min: 200 ticks",
                                  .one_way_s = 0.01,
                                  .window_bytes = 1 << 20,
                                  .segments_per_ack = 1,
                                  .from_s = 1,
                                  .until_s = 41 });
  double rate = m.received_bytes / MSS / m.seconds;

  assert_true (rate > closed_pftk (0.01, 0.02, 0.2, 1));
  assert_true (rate < closed_mathis (0.01, 0.02, 1));
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test (a_clean_link_carries_its_rate_less_headers_on_either_path),
    cmocka_unit_test (a_window_goes_once_a_round_trip_on_either_path),
    cmocka_unit_test (the_timeout_doubles_to_the_tick),
    cmocka_unit_test (a_loss_in_a_thousand_gives_the_average_window_of_the_rfc),
    cmocka_unit_test (random_loss_is_between_pftk_and_mathis),
  };
  return cmocka_run_group_tests_name ("closed_forms", tests, NULL, NULL);
}
