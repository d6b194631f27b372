#include "tests/support.h"

#include "lab/estimate.h"
#include "lab/sweep.h"
#include "lab/sweep_point.h"
#include "lab/sweep_report.h"

#include <glib/gstdio.h>
#include <string.h>

#define HEAD                                                                                   \
  "format: chimsim/1\nname: s\nseed: 7\nstop: {at: 3 ms}\nhost: {preset: server-2008}\n"       \
  "target: {preset: toe-10g}\nstack: [host, target, wire]\n"                                   \
  "connections: {web: {count: 2, nagle: false, traffic: {pattern: request_response, request: " \
  "512 B, response: 2 KiB}}}\n"                                                                \
  "timeline: [{id: down, at: 1 ms, do: offload, target: \"web/*\"}]\n"

static LabSweep *
sweep_of (const char *text, GError **error)
{
  LabScenarioRequest request = { .path = "scenarios/s.yaml",
                                 .text = text,
                                 .n_bytes = strlen (text) };
  return lab_sweep_new (&request, NULL, error);
}

static LabSweep *
good_sweep (const char *text)
{
  g_autoptr (GError) error = NULL;
  LabSweep *sweep = sweep_of (text, &error);
  if (error != NULL)
    fail_msg ("%s", error->message);
  assert_non_null (sweep);
  return sweep;
}

/* "a, 1 | a, 2": the cells' names. */
static char *
names_of (const LabSweep *sweep)
{
  GString *names = g_string_new (NULL);
  const GPtrArray *cells = lab_sweep_cells (sweep);

  for (guint i = 0; i < cells->len; i++) {
    g_autofree char *words = lab_cell_words (cells->pdata[i], sweep);
    g_string_append_printf (names, "%s%s", i > 0 ? " | " : "", words);
  }
  return g_string_free (names, FALSE);
}

static void
cells_stand_in_the_order_of_the_file_and_skipped_ones_are_left_out (G_GNUC_UNUSED void **state)
{
  static const struct {
    const char *sweep, *cells;
  } table[] = {
    { "{grid: {target.tables.tcp: [8, 4], target.engine.count: [1, 2]}}",
      "8, 1 | 8, 2 | 4, 1 | 4, 2" },
    { "{grid: {target.tables.tcp: {from: 2, to: 6, step: 2}}, skip: \"target.tables.tcp > 4\"}",
      "2 | 4" },
    { "{variants: {off: {host.chimney: false}, on: {host.chimney: true}}, grid: "
      "{target.tables.tcp: [4, 8]}, skip: \"variant == off and target.tables.tcp != 4\"}",
      "off, 4 | on, 4 | on, 8" },
    { "{variants: {off: {host.chimney: false}, on: {}}}", "off | on" },
    { "{grid: {wire.rate: [1 Gbit/s, 10 Gbit/s]}, skip: \"not wire.rate > 1000 Mbit/s\"}",
      "10 Gbit/s" },
    { "{grid: {connections.web.traffic.think: [5 us, {exponential: 5 us}]}}",
      "5 us | {exponential: 5 us}" },
  };
  for (size_t i = 0; i < G_N_ELEMENTS (table); i++) {
    g_autofree char *text = g_strdup_printf (HEAD "sweep: %s\n", table[i].sweep);
    g_autoptr (LabSweep) sweep = good_sweep (text);
    g_autofree char *names = names_of (sweep);
    assert_string_equal (names, table[i].cells);
  }
}

static void
what_cannot_be_swept_is_refused (G_GNUC_UNUSED void **state)
{
  static const struct {
    const char *sweep, *words;
  } table[] = {
    { "", "has no section sweep" },
    { "sweep: {skip: \"a == b\"}\n", "there is nothing to vary; write grid or variants" },
    { "sweep: {grid: {target.tables.tcp: [4]}, skip: \"target.tables.tcp == 4\"}\n",
      "leaves out every cell" },
    { "sweep: {variants: {a: {host.chimny: false}}}\n", "there is no setting host.chimny" },
    { "sweep: {variants: {a: {host.chimney: 1}}}\n", "host.chimney" },
    { "sweep: {variants: [a]}\n", "sweep.variants: a list stands where a map belongs" },
    { "sweep: {variants: {a: {}, b: {}}, skip: \"variant == c\"}\n", "is no variant" },
    { "sweep: {variants: {a: {}, b: {}}, baseline: {variant: c}}\n", "that is no variant" },
    { "sweep: {grid: {connections.web.traffic.requests: [1]}, replications: {min: 3, max: 2}}\n",
      "min 3 is above max 2" },
    { "sweep: {grid: {connections.web.mtu: [1500 B, 100 B]}}\n", "do not fit an MTU" },
  };
  for (size_t i = 0; i < G_N_ELEMENTS (table); i++) {
    g_autofree char *text = g_strdup_printf (HEAD "%s", table[i].sweep);
    g_autoptr (GError) error = NULL;
    g_autoptr (LabSweep) sweep = sweep_of (text, &error);
    assert_null (sweep);
    if (strstr (error->message, table[i].words) == NULL)
      fail_msg ("%s: %s", table[i].sweep, error->message);
  }
}

static void
every_cell_runs_under_the_same_seeds (G_GNUC_UNUSED void **state)
{
  g_autoptr (LabSweep) sweep =
      good_sweep (HEAD "sweep: {grid: {target.tables.tcp: [4, 8]}, replications: {min: 3}}\n");

  for (guint c = 0; c < 2; c++)
    for (uint32_t r = 0; r < 3; r++) {
      g_autoptr (LabScenario) scenario =
          lab_sweep_load (sweep, lab_sweep_cells (sweep)->pdata[c], r, NULL);
      assert_int_equal (lab_scenario_config (scenario)->seed, 7 + r);
      assert_int_equal (lab_scenario_config (scenario)->target.tables.tcp, c == 0 ? 4 : 8);
    }
}

static void
a_points_name_tells_designs_seeds_and_measures_apart_and_nothing_else (G_GNUC_UNUSED void **state)
{
  g_autoptr (LabSweep) sweep = good_sweep (
      HEAD "sweep: {variants: {a: {}, b: {host.chimney: true}, c: {host.chimney: false}}}\n");
  g_autoptr (LabSweep) warm =
      good_sweep (HEAD "measure: {warmup: 1 ms}\nsweep: {variants: {a: {}}}\n");
  const GPtrArray *cells = lab_sweep_cells (sweep);
  g_autofree char *a = lab_sweep_point (sweep, cells->pdata[0], 0);
  g_autofree char *b = lab_sweep_point (sweep, cells->pdata[1], 0);
  g_autofree char *c = lab_sweep_point (sweep, cells->pdata[2], 0);
  g_autofree char *later = lab_sweep_point (sweep, cells->pdata[0], 1);
  g_autofree char *warmer = lab_sweep_point (warm, lab_sweep_cells (warm)->pdata[0], 0);

  assert_string_equal (a, b); /* true is the default */
  assert_string_not_equal (a, c);
  assert_string_not_equal (a, later);
  assert_string_not_equal (a, warmer);
}

static void
a_baseline_is_compared_with_cells_alike_in_what_it_leaves_out (G_GNUC_UNUSED void **state)
{
  g_autoptr (LabSweep) sweep =
      good_sweep (HEAD "sweep: {variants: {a: {}, b: {host.chimney: false}}, grid: "
                       "{target.tables.tcp: [4, 8]}, baseline: {variant: b}}\n");
  const GPtrArray *cells = lab_sweep_cells (sweep);

  assert_ptr_equal (lab_sweep_baseline (sweep, cells->pdata[0]), cells->pdata[2]);
  assert_ptr_equal (lab_sweep_baseline (sweep, cells->pdata[1]), cells->pdata[3]);
  assert_null (lab_sweep_baseline (sweep, cells->pdata[2]));
}

static void
estimates_have_the_intervals_of_students_t (G_GNUC_UNUSED void **state)
{
  static const double values[] = { 1, 2, 3, 4, 5 };
  /* Means 3, s = 1.5811; t(0.975, 4) = 2.77645, t(0.995, 4) = 4.60409, t(0.975, 1) = 12.7062. */
  LabEstimate five = lab_estimate_of (values, 5, 0.95), narrow = lab_estimate_of (values, 5, 0.99);
  LabEstimate two = lab_estimate_of (values, 2, 0.95), one = lab_estimate_of (values, 1, 0.95);

  assert_float_equal (five.mean, 3, 1e-9);
  assert_float_equal (five.half_width, 1.963243, 1e-4);
  assert_float_equal (narrow.half_width, 3.255583, 1e-3);
  assert_float_equal (two.half_width, 6.353102, 1e-2);
  assert_float_equal (one.half_width, 0, 0);
  assert_true (lab_estimate_differs (&five));
  assert_false (lab_estimate_differs (&two));
  assert_false (lab_estimate_differs (&one));
}

static void
a_point_is_read_back_as_it_was_written (G_GNUC_UNUSED void **state)
{
  g_autoptr (LabSweep) sweep = good_sweep (HEAD "sweep: {grid: {target.tables.tcp: [1, 2]}}\n");
  g_autofree char *points = g_dir_make_tmp ("chimsim-points-XXXXXX", NULL);
  LabPointPlace place = { sweep, lab_sweep_cells (sweep)->pdata[0], 0, points };
  g_autoptr (GError) error = NULL;

  assert_null (lab_point_read (&place));
  assert_int_equal (lab_point_run (&place, NULL, NULL, &error), LAB_POINT_DONE);
  g_autoptr (LabPoint) point = lab_point_read (&place);
  assert_non_null (point);
  assert_int_equal (point->verdict, LAB_VERDICT_CLEAN);
  assert_false (point->hit_limit);
  double requests = 0, failures = 0;
  assert_true (lab_point_figure (point, "requests.answered", &requests));
  assert_true (lab_point_figure (point, "state.offload_failures", &failures));
  assert_true (requests > 10);
  assert_float_equal (failures, 1, 0); /* of two, one fits the table */

  g_autofree char *name = lab_sweep_point (sweep, place.cell, 0);
  g_autofree char *csv = g_build_filename (points, name, "point.csv", NULL);
  assert_true (g_file_set_contents (csv, "name,value,unit\npoint.verdict,cl", -1, NULL));
  assert_null (lab_point_read (&place)); /* cut short by hand: not there */

  guint wanted[] = { 1, 1 };
  g_autoptr (LabSweepResults) results = lab_sweep_results_read (sweep, points, wanted);
  assert_int_equal (results->n_there, 0);
  assert_int_equal (results->n_wanted, 2);
  g_autofree char *remove = g_strdup_printf ("rm -rf '%s'", points);
  assert_int_equal (system (remove), 0);
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test (cells_stand_in_the_order_of_the_file_and_skipped_ones_are_left_out),
    cmocka_unit_test (what_cannot_be_swept_is_refused),
    cmocka_unit_test (every_cell_runs_under_the_same_seeds),
    cmocka_unit_test (a_points_name_tells_designs_seeds_and_measures_apart_and_nothing_else),
    cmocka_unit_test (a_baseline_is_compared_with_cells_alike_in_what_it_leaves_out),
    cmocka_unit_test (estimates_have_the_intervals_of_students_t),
    cmocka_unit_test (a_point_is_read_back_as_it_was_written),
  };
  return cmocka_run_group_tests (tests, NULL, NULL);
}
