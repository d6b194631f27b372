#include "tests/support.h"

#include <glib/gstdio.h>
#include <string.h>

#include "lab/gnuplot.h"
#include "lab/mistakes.h"
#include "lab/plot.h"
#include "lab/scenario.h"
#include "tests/lab/sample.h"

/* A context of target 1: which target made it stands in the highest bits of a token. */
#define SECOND_TARGET_TOKEN (INT64_C (1) << (32 + 28))

typedef struct Fixture {
  char *root;
  Sample *sample;
  LabFolder *folder;
  GPtrArray *plots;
  LabScenario *scenario;
  GError *error;
  char *path;
} Fixture;

static int
setup (void **state)
{
  Fixture *fixture = g_new0 (Fixture, 1);

  fixture->root = g_dir_make_tmp ("chimsim-plots-XXXXXX", NULL);
  fixture->path = g_strdup (g_getenv ("PATH"));
  *state = fixture;
  return 0;
}

static void
remove_tree (const char *path)
{
  g_autoptr (GDir) dir = g_dir_open (path, 0, NULL);
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL) {
    g_autofree char *child = g_build_filename (path, name, NULL);
    remove_tree (child);
  }
  (void)g_remove (path);
}

static void
drop_result (Fixture *fixture)
{
  g_clear_pointer (&fixture->plots, g_ptr_array_unref);
  g_clear_pointer (&fixture->folder, lab_folder_free);
  g_clear_error (&fixture->error);
}

static int
teardown (void **state)
{
  Fixture *fixture = *state;

  drop_result (fixture);
  g_clear_pointer (&fixture->sample, sample_free);
  g_clear_pointer (&fixture->scenario, lab_scenario_free);
  g_setenv ("PATH", fixture->path, TRUE);
  remove_tree (fixture->root);
  g_free (fixture->root);
  g_free (fixture->path);
  g_free (fixture);
  return 0;
}

/* Draws |view| into a new folder. */
static void
draw (Fixture *fixture, const LabView *view, const LabSetting *chosen)
{
  drop_result (fixture);
  g_autofree char *path = g_build_filename (fixture->root, "result", NULL);
  fixture->folder = lab_folder_new (path, &fixture->error);
  assert_non_null (fixture->folder);
  fixture->plots = lab_plots_write (view, chosen, fixture->folder, &fixture->error);
}

static void
draw_sample (Fixture *fixture, uint32_t n_connections)
{
  g_clear_pointer (&fixture->sample, sample_free);
  fixture->sample = sample_new (n_connections);
  draw (fixture, &fixture->sample->view, NULL);
  assert_non_null (fixture->plots);
}

static int
setup_drawn (void **state)
{
  setup (state);
  draw_sample (*state, 30);
  return 0;
}

/* The lines of plots/|name| without the header, each cut at its commas. */
static GPtrArray *
rows_of (Fixture *fixture, const char *name)
{
  g_autofree char *path =
      g_build_filename (lab_folder_work_path (fixture->folder), "plots", name, NULL);
  g_autofree char *text = NULL;
  GPtrArray *rows = g_ptr_array_new_with_free_func ((GDestroyNotify)g_strfreev);

  assert_true (g_file_get_contents (path, &text, NULL, NULL));
  g_auto (GStrv) lines = g_strsplit (text, "\n", -1);
  for (size_t i = 1; lines[i] != NULL && *lines[i] != '\0'; i++)
    g_ptr_array_add (rows, g_strsplit (lines[i], ",", -1));
  return rows;
}

static const char *
cell (const GPtrArray *rows, guint row, guint column)
{
  char **cells = g_ptr_array_index (rows, row);
  return cells[column];
}

static double
number (const GPtrArray *rows, guint row, guint column)
{
  return g_ascii_strtod (cell (rows, row, column), NULL);
}

static bool
has_file (Fixture *fixture, const char *name, const char *suffix)
{
  g_autofree char *file = g_strdup_printf ("plots/%s.%s", name, suffix);
  const GPtrArray *files = lab_folder_files (fixture->folder);

  for (guint i = 0; i < files->len; i++)
    if (strcmp (((const LabFile *)files->pdata[i])->name, file) == 0)
      return true;
  return false;
}

static const LabPlot *
plot_called (Fixture *fixture, const char *name)
{
  for (guint i = 0; i < fixture->plots->len; i++)
    if (strcmp (((const LabPlot *)fixture->plots->pdata[i])->name, name) == 0)
      return fixture->plots->pdata[i];
  return NULL;
}

static void
each_picture_comes_with_its_numbers_and_its_script (void **state)
{
  Fixture *fixture = *state;
  static const char *const names[] = { "throughput",          "use",
                                       "offloaded",           "ownership",
                                       "cdf_request",         "cdf_offload",
                                       "percentiles_request", "breakdown_request",
                                       "breakdown_upload" };

  for (size_t i = 0; i < G_N_ELEMENTS (names); i++) {
    const LabPlot *plot = plot_called (fixture, names[i]);
    assert_non_null (plot);
    assert_non_null (strstr (plot->svg, "</svg>"));
    assert_true (has_file (fixture, names[i], "csv"));
    assert_true (has_file (fixture, names[i], "gp"));
    assert_true (has_file (fixture, names[i], "svg"));
  }
}

static void
what_did_not_happen_has_no_picture_and_says_so (void **state)
{
  Fixture *fixture = *state;

  const LabPlot *plot = plot_called (fixture, "cdf_query");
  assert_null (plot->svg);
  assert_string_equal (plot->caption, "no such operation ended");
  assert_false (has_file (fixture, "cdf_query", "csv"));
}

static void
a_view_without_measures_draws_nothing (void **state)
{
  Fixture *fixture = *state;
  WorldConfig config = { .name = "empty", .n_connections = 1 };
  LabView view = { .config = &config, .end = { SIM_PS_PER_MS } };

  draw (fixture, &view, NULL);
  assert_non_null (fixture->plots);
  for (guint i = 0; i < fixture->plots->len; i++)
    assert_null (((const LabPlot *)fixture->plots->pdata[i])->svg);
  assert_int_equal (lab_folder_files (fixture->folder)->len, 0);
}

static void
a_rerun_gives_the_same_bytes (void **state)
{
  Fixture *fixture = *state;

  draw_sample (fixture, 20);
  g_autoptr (GPtrArray) sums = g_ptr_array_new_with_free_func (g_free);
  const GPtrArray *files = lab_folder_files (fixture->folder);
  for (guint i = 0; i < files->len; i++)
    g_ptr_array_add (sums, g_strdup (((const LabFile *)files->pdata[i])->sha256));
  draw_sample (fixture, 20);
  files = lab_folder_files (fixture->folder);
  assert_int_equal (files->len, sums->len);
  for (guint i = 0; i < files->len; i++)
    assert_string_equal (((const LabFile *)files->pdata[i])->sha256, sums->pdata[i]);
}

static void
a_script_run_by_hand_draws_the_same_picture (void **state)
{
  Fixture *fixture = *state;

  g_autofree char *plots = g_build_filename (lab_folder_work_path (fixture->folder), "plots", NULL);
  g_autofree char *svg = g_build_filename (plots, "ownership.svg", NULL);
  g_autofree char *again = NULL;
  assert_int_equal (g_remove (svg), 0);
  char *arguments[] = { "gnuplot", "ownership.gp", NULL };
  assert_true (g_spawn_sync (plots, arguments, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, NULL, NULL,
                             NULL, NULL));
  assert_true (g_file_get_contents (svg, &again, NULL, NULL));
  assert_string_equal (again, plot_called (fixture, "ownership")->svg);
}

static void
each_curve_of_a_distribution_climbs_from_nothing_to_all (void **state)
{
  Fixture *fixture = *state;

  g_autoptr (GPtrArray) rows = rows_of (fixture, "cdf_request.csv");
  assert_string_equal (cell (rows, 0, 2), "0");
  assert_string_equal (cell (rows, rows->len - 1, 2), "100");
  for (guint i = 1; i < rows->len; i++) {
    if (strcmp (cell (rows, i, 0), cell (rows, i - 1, 0)) != 0) {
      assert_string_equal (cell (rows, i - 1, 2), "100");
      assert_string_equal (cell (rows, i, 2), "0");
      continue;
    }
    assert_true (number (rows, i, 1) >= number (rows, i - 1, 1));
    assert_true (number (rows, i, 2) > number (rows, i - 1, 2));
  }
}

static void
the_tail_ends_with_the_slowest (void **state)
{
  Fixture *fixture = *state;

  g_autoptr (GPtrArray) rows = rows_of (fixture, "percentiles_offload.csv");
  g_autoptr (GArray) totals = latency_totals (fixture->sample->latency, LATENCY_OFFLOAD, -1);
  int64_t slowest = g_array_index (totals, int64_t, totals->len - 1);

  assert_string_equal (cell (rows, rows->len - 1, 3), "max");
  assert_int_equal ((int64_t)(number (rows, rows->len - 1, 2) * 1e6 + 0.5), slowest);
  assert_int_equal ((int64_t)number (rows, rows->len - 1, 1), totals->len);
}

static void
the_pieces_of_a_bar_lie_end_to_end (void **state)
{
  Fixture *fixture = *state;

  g_autoptr (GPtrArray) rows = rows_of (fixture, "breakdown_request.csv");
  assert_string_equal (cell (rows, 0, 4), "app");
  assert_string_equal (cell (rows, 0, 6), "0");
  assert_string_equal (cell (rows, rows->len - 1, 7), "100");
  bool names_the_driver = false;
  for (guint i = 1; i < rows->len; i++) {
    bool is_next_bar = strcmp (cell (rows, i, 0), cell (rows, i - 1, 0)) != 0;
    assert_string_equal (cell (rows, i - 1, 7), is_next_bar ? "100" : cell (rows, i, 6));
    names_the_driver |= strcmp (cell (rows, i, 4), "team0-down") == 0;
  }
  assert_true (names_the_driver);
}

static void
the_owners_of_an_instant_sum_to_all_connections (void **state)
{
  Fixture *fixture = *state;

  g_autoptr (GPtrArray) rows = rows_of (fixture, "offloaded.csv");
  assert_string_equal (cell (rows, 0, 0), "0");
  assert_string_equal (cell (rows, rows->len - 1, 0), "100");
  for (guint i = 0; i < rows->len; i++) {
    double sum = 0;
    for (guint owner = 1; owner <= N_OWNERS; owner++)
      sum += number (rows, i, owner);
    assert_true (sum > 29.99 && sum < 30.01);
  }
}

static void
the_map_of_owners_starts_with_a_sheet_under_all_of_it (void **state)
{
  Fixture *fixture = *state;
  const char *owners[] = { "host", "going-down", "target", "going-up" };

  g_autoptr (GPtrArray) rows = rows_of (fixture, "ownership.csv");
  assert_string_equal (cell (rows, 0, 0), "0");
  assert_string_equal (cell (rows, 0, 1), "100");
  assert_string_equal (cell (rows, 0, 2), "0");
  assert_string_equal (cell (rows, 0, 3), "30");
  for (size_t owner = 0; owner < G_N_ELEMENTS (owners); owner++) {
    guint i = 0;
    while (i < rows->len && strcmp (cell (rows, i, 4), owners[owner]) != 0)
      i++;
    assert_true (i < rows->len);
  }
}

/* All connections go to the second target at the end of the sample's story. */
static void
the_map_of_owners_tells_targets_apart (void **state)
{
  Fixture *fixture = *state;

  draw_sample (fixture, 30);
  Sample *sample = fixture->sample;
  SimTrace *trace = sim_trace (sample->sim);

  sample->config.n_branches = 1;
  sample->config.branch[0].target.name = "second";
  for (uint32_t connection = 0; connection < sample->config.n_connections; connection++) {
    TRACE (trace, 1, CONTEXT_LIVE, SECOND_TARGET_TOKEN, 0, connection);
    TRACE (trace, 1, OWNER, connection, OWNER_TARGET, 0);
  }
  sample->view.end = (SimTime){ 2 * SAMPLE_END_PS };
  draw (fixture, &sample->view, NULL);
  g_autoptr (GPtrArray) rows = rows_of (fixture, "ownership.csv");
  bool is_first = false, is_second = false;
  for (guint i = 0; i < rows->len; i++) {
    is_first = is_first || strcmp (cell (rows, i, 4), "target") == 0;
    is_second = is_second || strcmp (cell (rows, i, 4), "targets.second") == 0;
  }
  assert_true (is_first && is_second);
  const char *svg = plot_called (fixture, "ownership")->svg;
  assert_non_null (strstr (svg, "targets.second"));
  assert_non_null (strstr (svg, "rgb( 86, 180, 233)"));
}

static void
a_map_of_many_connections_stays_small (void **state)
{
  Fixture *fixture = *state;

  draw_sample (fixture, 3000);
  g_autoptr (GPtrArray) rows = rows_of (fixture, "ownership.csv");
  assert_true (rows->len <= 6000);
  assert_true (strlen (plot_called (fixture, "ownership")->svg) < 1000000);
}

static void
the_scenario_may_choose_its_pictures (void **state)
{
  Fixture *fixture = *state;
  static const char text[] = "format: chimsim/1\nname: small\nstop: {at: 100 ms}\n"
                             "connections: {web: {count: 12}}\n"
                             "output:\n  plots:\n"
                             "    - {kind: breakdown, of: [offload, request], at: [50, 90, 100]}\n"
                             "    - {kind: ownership, of: web/2-5}\n"
                             "    - {kind: ownership, of: web/2-5}\n";
  LabScenarioRequest request = { .path = "small.yaml", .text = text, .n_bytes = strlen (text) };

  fixture->scenario = lab_scenario_load (&request, &fixture->error);
  assert_non_null (fixture->scenario);
  fixture->sample = sample_new (12);
  draw (fixture, &fixture->sample->view, lab_scenario_find (fixture->scenario, "output.plots"));
  assert_int_equal (fixture->plots->len, 4);
  assert_non_null (plot_called (fixture, "ownership_web_2_5"));
  assert_non_null (plot_called (fixture, "ownership_web_2_5_2"));
  g_autoptr (GPtrArray) bars = rows_of (fixture, "breakdown_offload.csv");
  assert_string_equal (cell (bars, bars->len - 1, 0), "3");
  assert_string_equal (cell (bars, bars->len - 1, 2), "max");
  g_autoptr (GPtrArray) map = rows_of (fixture, "ownership_web_2_5.csv");
  assert_string_equal (cell (map, 0, 3), "4");
}

static void
without_gnuplot_the_message_says_what_to_do (void **state)
{
  Fixture *fixture = *state;

  fixture->sample = sample_new (2);
  g_setenv ("PATH", "/nowhere", TRUE);
  assert_false (lab_gnuplot_available (NULL));
  draw (fixture, &fixture->sample->view, NULL);
  assert_null (fixture->plots);
  assert_true (g_error_matches (fixture->error, LAB_ERROR, LAB_ERROR_FILE));
  assert_string_equal (fixture->error->message,
                       "plots need gnuplot, which is not there: install it (apt-get install "
                       "gnuplot-nox), or run with --no-plots");
}

static void
a_script_that_fails_is_told_with_what_gnuplot_said (void **state)
{
  Fixture *fixture = *state;
  g_autofree char *script = g_build_filename (fixture->root, "bad.gp", NULL);

  assert_true (g_file_set_contents (script, "no such command\n", -1, NULL));
  assert_false (lab_gnuplot_run (fixture->root, "bad.gp", &fixture->error));
  assert_true (g_str_has_prefix (fixture->error->message, "gnuplot fails on bad.gp: "));
  assert_non_null (strstr (fixture->error->message, "invalid command"));
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    /* These look at one result, drawn once. */
    cmocka_unit_test (each_picture_comes_with_its_numbers_and_its_script),
    cmocka_unit_test (what_did_not_happen_has_no_picture_and_says_so),
    cmocka_unit_test (a_script_run_by_hand_draws_the_same_picture),
    cmocka_unit_test (each_curve_of_a_distribution_climbs_from_nothing_to_all),
    cmocka_unit_test (the_tail_ends_with_the_slowest),
    cmocka_unit_test (the_pieces_of_a_bar_lie_end_to_end),
    cmocka_unit_test (the_owners_of_an_instant_sum_to_all_connections),
    cmocka_unit_test (the_map_of_owners_starts_with_a_sheet_under_all_of_it),
  /* These draw their own. */
#define TEST(name) cmocka_unit_test_setup_teardown (name, setup, teardown)
    TEST (a_view_without_measures_draws_nothing),
    TEST (a_rerun_gives_the_same_bytes),
    TEST (the_map_of_owners_tells_targets_apart),
    TEST (a_map_of_many_connections_stays_small),
    TEST (the_scenario_may_choose_its_pictures),
    TEST (without_gnuplot_the_message_says_what_to_do),
    TEST (a_script_that_fails_is_told_with_what_gnuplot_said),
#undef TEST
  };
  return cmocka_run_group_tests (tests, setup_drawn, teardown);
}
