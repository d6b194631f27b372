/* Events that are moved through their windows, and what comes of it. */
#include "tests/support.h"

#include "lab/grid.h"
#include "lab/outcome_map.h"

#include <string.h>

/* The context of web/0 becomes live soon after the initiate has begun. */
#define SCENARIO                                                                              \
  "format: chimsim/1\nname: w\nseed: 7\nstop: {at: 4 ms}\nhost: {preset: server-2008}\n"      \
  "target: {preset: toe-10g}\nstack: [host, target, wire]\n"                                  \
  "connections: {web: {count: 4, traffic: {pattern: none}}}\n"                                \
  "timeline:\n"                                                                               \
  "  - {id: down, at: 1 ms, do: offload, target: \"web/*\", batch: {tree: one}}\n"            \
  "  - id: rst\n"                                                                             \
  "    when: {between: [MiniportInitiateOffload, NdisMInitiateOffloadComplete], for: web/0, " \
  "offset: 0 ns}\n"                                                                           \
  "    do: receive\n    target: web/0\n    segment: {flags: [RST], seq: rcv_nxt}\n"           \
  "  - id: fin\n"                                                                             \
  "    when: {between: [MiniportInitiateOffload, NdisMInitiateOffloadComplete], for: web/1, " \
  "offset: 0 ns}\n"                                                                           \
  "    do: receive\n    target: web/1\n    segment: {flags: [FIN, ACK], seq: rcv_nxt}\n"

typedef struct Fixture {
  LabSweep *sweep;
  char *points; /* a folder */
} Fixture;

/* A sweep borrows its text: one at a time. */
static LabSweep *
sweep_of (const char *more, const LabWindows *windows, GError **error)
{
  static char text[4096];
  static const char *const folders[] = { "scenarios/presets", NULL };
  LabScenarioRequest request = { .path = "tests/lab/w.yaml", .preset_folders = folders };

  g_snprintf (text, sizeof text, SCENARIO "%s", more);
  request.text = text;
  request.n_bytes = strlen (text);
  return lab_sweep_new (&request, windows, error);
}

static int
set_up (void **state)
{
  Fixture *fixture = g_new0 (Fixture, 1);
  fixture->points = g_dir_make_tmp ("chimsim-window-XXXXXX", NULL);
  *state = fixture;
  return 0;
}

static int
tear_down (void **state)
{
  Fixture *fixture = *state;
  g_autofree char *remove = g_strdup_printf ("rm -rf '%s'", fixture->points);

  lab_sweep_free (fixture->sweep);
  int code = system (remove);
  g_free (fixture->points);
  g_free (fixture);
  return code;
}

static SimDuration
length_of (const LabSweep *sweep)
{
  SimDuration length[LAB_WINDOWS_MAX];
  assert_true (
      lab_windows_measure (lab_sweep_windows (sweep), lab_sweep_scenario (sweep), length, NULL));
  return length[0];
}

static void
offsets_go_from_the_windows_opening_to_its_closing (void **state)
{
  Fixture *fixture = *state;
  LabWindows windows = { { "rst" }, 1, "2us" };

  fixture->sweep = sweep_of ("", &windows, NULL);
  assert_non_null (fixture->sweep);
  const GPtrArray *cells = lab_sweep_cells (fixture->sweep);
  int64_t length = length_of (fixture->sweep).ps, step = 2 * SIM_PS_PER_US;
  assert_true (length > 10 * step);
  assert_int_equal (cells->len, (length + step - 1) / step);
  const LabCell *third = cells->pdata[2];
  assert_string_equal (third->set[0].path, "timeline.rst.when.offset");
  assert_string_equal (third->set[0].value, "4 us");
}

static void
a_step_may_be_cycles_of_the_engines_clock (void **state)
{
  Fixture *fixture = *state;
  LabWindows windows = { { "rst" }, 1, "700cycles" }; /* at 350 MHz 2 us */

  fixture->sweep = sweep_of ("sweep: {grid: {target.engine.clock: [350 MHz]}}\n", &windows, NULL);
  assert_non_null (fixture->sweep);
  const LabCell *second = lab_sweep_cells (fixture->sweep)->pdata[1];
  assert_string_equal (second->at[1], "2 us");
}

static void
two_windows_make_all_pairs_of_offsets (void **state)
{
  Fixture *fixture = *state;
  LabWindows windows = { { "rst", "fin" }, 2, "20us" };

  fixture->sweep = sweep_of ("", &windows, NULL);
  assert_non_null (fixture->sweep);
  const GPtrArray *axes = lab_sweep_axes (fixture->sweep);
  assert_int_equal (axes->len, 2);
  assert_string_equal (((const LabAxis *)axes->pdata[1])->path, "timeline.rst.when.offset");
  assert_int_equal (lab_sweep_cells (fixture->sweep)->len,
                    g_strv_length (((const LabAxis *)axes->pdata[0])->values)
                        * g_strv_length (((const LabAxis *)axes->pdata[1])->values));
}

static void
what_has_no_window_or_no_step_is_refused (G_GNUC_UNUSED void **state)
{
  static const struct {
    const char *more, *event, *second, *step, *words;
  } table[] = {
    { "", "rsd", NULL, "1us", "there is no event rsd that fires in a window; write rst" },
    { "", "down", NULL, "1us", "there is no event down that fires in a window" },
    { "", "rst", NULL, "0 ns", "is no step" },
    { "", "rst", NULL, "fast", "write for instance 100 ns or 1 cycle" },
    { "", "rst", NULL, "1 ps", "more than 1000000 steps" },
    { "sweep: {grid: {target.engine.count: [1, 2]}}\n", "rst", "fin", "9us", "make no map" },
    { "sweep: {grid: {host.chimney: [false]}}\n", "rst", NULL, "9us", "does not open and close" },
  };
  for (size_t i = 0; i < G_N_ELEMENTS (table); i++) {
    LabWindows windows = { { table[i].event, table[i].second },
                           table[i].second != NULL ? 2 : 1,
                           table[i].step };
    g_autoptr (GError) error = NULL;
    g_autoptr (LabSweep) sweep = sweep_of (table[i].more, &windows, &error);
    assert_null (sweep);
    if (strstr (error->message, table[i].words) == NULL)
      fail_msg ("%s: %s", table[i].words, error->message);
  }
}

/* Runs every point and reads what came of them. */
static LabSweepResults *
results_of (const Fixture *fixture)
{
  const GPtrArray *cells = lab_sweep_cells (fixture->sweep);
  g_autofree guint *wanted = g_new (guint, cells->len);

  for (guint i = 0; i < cells->len; i++) {
    LabPointPlace place = { fixture->sweep, cells->pdata[i], 0, fixture->points };
    assert_int_equal (lab_point_run (&place, NULL, NULL, NULL), LAB_POINT_DONE);
    wanted[i] = 1;
  }
  return lab_sweep_results_read (fixture->sweep, fixture->points, wanted);
}

static void
the_map_shows_where_one_outcome_ends_and_the_next_begins (void **state)
{
  Fixture *fixture = *state;
  LabWindows windows = { { "rst" }, 1, "1us" };

  fixture->sweep = sweep_of ("checks: {reached: [rst_before_context_live, "
                             "rst_after_context_live]}\n",
                             &windows, NULL);
  g_autoptr (LabSweepResults) results = results_of (fixture);
  g_autoptr (LabOutcomeMap) map = lab_outcome_map_new (results);
  g_autofree char *csv = lab_outcome_map_csv (map);
  g_autofree char *text = lab_outcome_map_text (map);
  const char *before = strstr (csv, "rst_before_context_live; web/0 host CLOSED\n");
  const char *after = strstr (csv, "rst_after_context_live; web/0 host CLOSED\n");

  assert_true (g_str_has_prefix (csv, "row,from_us,to_us,runs,outcome\n,0,"));
  assert_non_null (before);
  assert_non_null (after);
  assert_true (before < after);
  assert_non_null (strstr (text, "rst_after_context_live; web/0 host CLOSED\n"));
}

static void
an_outcome_names_the_rules_that_were_broken_and_the_events_that_failed (void **state)
{
  Fixture *fixture = *state;
  LabWindows windows = { { "rst" }, 1, "900us" };

  fixture->sweep = sweep_of ("  - {id: bad, at: 0 ns, do: defect, target: target, name: "
                             "completes-initiate-twice}\n"
                             "  - {id: back, at: 2 ms, do: ask_upload, target: web/0}\n",
                             &windows, NULL);
  assert_non_null (fixture->sweep);
  g_autoptr (LabSweepResults) results = results_of (fixture);
  const LabCellResult *cell = results->cells->pdata[0];
  const LabPoint *point = cell->points->pdata[0];
  assert_non_null (strstr (point->outcome, "back failed; web/0 host CLOSED"));
  assert_true (g_str_has_prefix (point->outcome, "breaks CALL-02"));
  assert_null (strchr (point->outcome, ','));
}

static void
equal_rows_are_one_stretch_of_the_picture (void **state)
{
  Fixture *fixture = *state;
  LabWindows windows = { { "rst", "fin" }, 2, "30us" };

  fixture->sweep = sweep_of ("checks: {reached: [rst_after_context_live]}\n", &windows, NULL);
  g_autoptr (LabSweepResults) results = results_of (fixture);
  g_autoptr (LabOutcomeMap) map = lab_outcome_map_new (results);
  g_autoptr (PlotDraft) draft = lab_outcome_map_plot (map);
  g_auto (GStrv) rows = g_strsplit (draft->csv->str, "\n", -1);
  g_autofree char *csv = lab_outcome_map_csv (map);
  g_auto (GStrv) stretches = g_strsplit (csv, "\n", -1);

  assert_null (draft->why_not);
  assert_true (g_strv_length (rows) < g_strv_length (stretches));
  assert_non_null (strstr (draft->script->str, "offset of fin in its window (us)"));
}

#define TEST(name) cmocka_unit_test_setup_teardown (name, set_up, tear_down)

int
main (void)
{
  const struct CMUnitTest tests[] = {
    TEST (offsets_go_from_the_windows_opening_to_its_closing),
    TEST (a_step_may_be_cycles_of_the_engines_clock),
    TEST (two_windows_make_all_pairs_of_offsets),
    TEST (what_has_no_window_or_no_step_is_refused),
    TEST (the_map_shows_where_one_outcome_ends_and_the_next_begins),
    TEST (an_outcome_names_the_rules_that_were_broken_and_the_events_that_failed),
    TEST (equal_rows_are_one_stretch_of_the_picture),
  };
  return cmocka_run_group_tests (tests, NULL, NULL);
}
