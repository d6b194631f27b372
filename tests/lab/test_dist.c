#include "tests/support.h"

#include "lab/dist.h"

#include <string.h>

#include "lab/reader.h"

typedef struct Fixture {
  LabMistakes *mistakes;
  LabTree *tree;
  LabDist *dist;
  GError *error;
} Fixture;

static int
setup (void **state)
{
  Fixture *fixture = g_new0 (Fixture, 1);
  fixture->mistakes = lab_mistakes_new ();
  *state = fixture;
  return 0;
}

static int
teardown (void **state)
{
  Fixture *fixture = *state;
  g_clear_error (&fixture->error);
  lab_dist_free (fixture->dist);
  lab_tree_free (fixture->tree);
  lab_mistakes_free (fixture->mistakes);
  g_free (fixture);
  return 0;
}

static const LabDist *
read_text (void **state, const char *text)
{
  teardown (state);
  setup (state);
  Fixture *fixture = *state;
  LabDistBounds bounds = { LAB_CYCLES, 0, 1000000 };
  fixture->tree = lab_tree_parse (text, strlen (text), "tests/lab/d.yaml", fixture->mistakes);
  fixture->dist = lab_dist_read (lab_tree_root (fixture->tree), bounds, "cost", fixture->mistakes);
  lab_mistakes_to_error (fixture->mistakes, &fixture->error);
  return fixture->dist;
}

static void
each_kind_reads_and_prints_as_itself (void **state)
{
  static const char *const texts[] = {
    "900 cycles",
    "{uniform: [600 cycles, 1400 cycles]}",
    "{exponential: 50 cycles}",
    "{lognormal: {p50: 10 cycles, p99: 90 cycles}}",
    "{empirical: [[5 cycles, 3], [9 cycles, 1]]}",
  };
  for (size_t i = 0; i < G_N_ELEMENTS (texts); i++) {
    const LabDist *dist = read_text (state, texts[i]);
    assert_non_null (dist);
    g_autofree char *text = lab_dist_text (dist);
    assert_string_equal (text, texts[i]);
    g_autoptr (SimDist) made = lab_dist_make (dist);
    assert_true (sim_dist_min (made) <= sim_dist_max (made));
  }
}

static void
what_is_made_has_the_parameters (void **state)
{
  g_autoptr (SimDist) uniform =
      lab_dist_make (read_text (state, "{uniform: [600 cycles, 1400 cycles]}"));
  g_autoptr (SimDist) empirical =
      lab_dist_make (read_text (state, "{empirical: [[5 cycles, 3], [9 cycles, 1]]}"));

  assert_int_equal (sim_dist_min (uniform), 600);
  assert_int_equal (sim_dist_max (uniform), 1400);
  assert_int_equal (sim_dist_at (empirical, 0), 5);
  assert_int_equal (sim_dist_max (empirical), 9);
}

static void
points_come_from_a_file_beside_the_scenario (void **state)
{
  const LabDist *dist = read_text (state, "{empirical: points.csv}");

  assert_non_null (dist);
  assert_int_equal (dist->n_points, 3);
  assert_int_equal (dist->points[0].value, 100);
  assert_int_equal (dist->points[0].weight, 3);
  assert_int_equal (dist->points[1].weight, 1);
  assert_int_equal (dist->points[2].value, 300);
}

static void
what_is_no_distribution_is_refused (void **state)
{
  static const struct {
    const char *text;
    const char *message;
  } table[] = {
    { "{uniform: [1 cycles]}",
      "tests/lab/d.yaml:1:11: cost: uniform takes its two ends; write {uniform: [low, high]}" },
    { "{exponential: 0 cycles}",
      "tests/lab/d.yaml:1:15: cost: the mean of an exponential is 0; write 0 without exponential" },
    { "{lognormal: {p50: 1 cycles}}",
      "tests/lab/d.yaml:1:13: cost: lognormal takes two quantiles; write {lognormal: {p50: a, p99: "
      "b}}" },
    { "{lognormal: {p50: 0 cycles, p99: 1 cycles}}",
      "tests/lab/d.yaml:1:19: cost: the p50 of a lognormal is 0; write more than 0" },
    { "{empirical: []}",
      "tests/lab/d.yaml:1:13: cost: there is no point in it; give at least one value" },
    { "{empirical: [[1 cycles]]}",
      "tests/lab/d.yaml:1:14: cost: a point is a value and how often it was seen; write [a, 3]" },
    { "{empirical: [[1 cycles, 0]]}",
      "tests/lab/d.yaml:1:25: cost: how often: 0 is out of range; write 1 to 2147483647" },
    { "{uniform: [[1 cycles], 2 cycles]}",
      "tests/lab/d.yaml:1:12: cost: a list stands where one value belongs" },
    { "[1 cycles]", "tests/lab/d.yaml:1:1: cost: a list stands where one value belongs; write "
                    "{uniform: [a, b]}" },
    { "2000000 cycles",
      "tests/lab/d.yaml:1:1: cost: 2000000 cycles is out of range; write 0 cycles to 1000000 "
      "cycles" },
  };
  for (size_t i = 0; i < G_N_ELEMENTS (table); i++) {
    assert_null (read_text (state, table[i].text));
    assert_string_equal (((Fixture *)*state)->error->message, table[i].message);
  }
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
#define T(test) cmocka_unit_test_setup_teardown (test, setup, teardown)
    T (each_kind_reads_and_prints_as_itself),
    T (what_is_made_has_the_parameters),
    T (points_come_from_a_file_beside_the_scenario),
    T (what_is_no_distribution_is_refused),
#undef T
  };
  return cmocka_run_group_tests (tests, NULL, NULL);
}
