#include "tests/support.h"

#include "lab/trial.h"

#include "lab/scenario.h"
#include "lab/trips.h"

#include <glib/gstdio.h>
#include <string.h>

#define HEAD                                                                             \
  "format: chimsim/1\n"                                                                  \
  "name: t\n"                                                                            \
  "stop: {at: 4 ms}\n"                                                                   \
  "connections: {web: {count: 4, nagle: false, traffic: {pattern: request_response}}}\n" \
  "timeline: [{id: down, at: 1 ms, do: offload, target: web}]\n"
#define DEFECT "target: {defects: [send-complete-before-ack]}\n"

typedef struct Folder {
  char *path, *file, *golden;
} Folder;

static int
setup (void **state)
{
  Folder *folder = g_new0 (Folder, 1);

  folder->path = g_dir_make_tmp ("chimsim-trial-XXXXXX", NULL);
  folder->file = g_build_filename (folder->path, "t.yaml", NULL);
  folder->golden = g_build_filename (folder->path, "t.golden", NULL);
  *state = folder;
  return folder->path == NULL;
}

static int
teardown (void **state)
{
  Folder *folder = *state;

  g_remove (folder->file);
  g_remove (folder->golden);
  g_rmdir (folder->path);
  g_free (folder->golden);
  g_free (folder->file);
  g_free (folder->path);
  g_free (folder);
  return 0;
}

static LabTrial *
run_trial (const Folder *folder, const char *text, bool updates_golden)
{
  assert_true (g_file_set_contents (folder->file, text, -1, NULL));
  return lab_trial_run (folder->file, updates_golden);
}

/* What a scenario says of itself, and what comes of it. */
static const struct {
  const char *text;
  LabTrialOutcome outcome;
  const char *wants;
  const char *complaint; /* the beginning of the first; NULL: none */
} rows[] = {
  { HEAD, LAB_TRIAL_SILENT, NULL, NULL },
  { "a: [b\n", LAB_TRIAL_SILENT, NULL, NULL },
  { HEAD "test: {verdict: clean}\n", LAB_TRIAL_PASSED, "clean", NULL },
  { HEAD "test: {verdict: broken}\n", LAB_TRIAL_FAILED, "broken", "the verdict is clean" },
  { HEAD "test: {trips: SEND-13}\n", LAB_TRIAL_FAILED, "trips SEND-13",
    "SEND-13 was not broken (held)" },
  { HEAD DEFECT "test: {trips: SEND-13}\n", LAB_TRIAL_PASSED, "trips SEND-13", NULL },
  { HEAD DEFECT "test: {verdict: clean}\n", LAB_TRIAL_FAILED, "clean", "the verdict is broken" },
  { HEAD DEFECT "test: {}\n", LAB_TRIAL_FAILED, "no rule broken", "SEND-13 was broken at " },
  { HEAD DEFECT "test: {clean_otherwise: false, verdict: broken}\n", LAB_TRIAL_PASSED, "broken",
    NULL },
  { HEAD "checks: {rules: none}\ntest: {trips: SEND-13}\n", LAB_TRIAL_FAILED, "trips SEND-13",
    "SEND-13 was not broken (rules were not judged)" },
  { HEAD "stop: {at: 4}\ntest: {verdict: clean}\n", LAB_TRIAL_FAILED, "accepted", "" },
  { HEAD "hots: {}\ntest: {refused: \"write host\"}\n", LAB_TRIAL_PASSED, "refused", NULL },
  { HEAD "hots: {}\ntest: {refused: \"write target\"}\n", LAB_TRIAL_FAILED, "refused",
    "the message is: " },
  { HEAD "test: {refused: \"write host\"}\n", LAB_TRIAL_FAILED, "refused", "it was accepted" },
  { HEAD "test: {trips: SEND-99}\n", LAB_TRIAL_FAILED, "accepted", "" },
  { HEAD "checks: {expect: [{id: e, always: offloaded(web) == 0}]}\ntest: {verdict: broken}\n",
    LAB_TRIAL_FAILED, "broken", "expectation e: violated: offloaded(web) is " },
  { HEAD "checks: {expect: [{id: e, order: [down.failed, down.done]}]}\ntest: {verdict: clean}\n",
    LAB_TRIAL_FAILED, "clean", "expectation e: never judged: down.failed did not come" },
  { HEAD "checks: {expect: [{id: e, eventually: offloaded(web) == 4}]}\ntest: {verdict: clean}\n",
    LAB_TRIAL_PASSED, "clean", NULL },
  { HEAD "checks: {reached: [initiate_refused]}\ntest: {verdict: clean}\n", LAB_TRIAL_FAILED,
    "clean", "initiate_refused was not met" },
  { HEAD "checks: {covers: [\"calls: send, CLOSE_WAIT\"]}\ntest: {verdict: clean}\n",
    LAB_TRIAL_FAILED, "clean", "calls: send, CLOSE_WAIT was not reached" },
  { HEAD "checks: {covers: [\"operations: initiate, path, going-down, D0\"]}\n"
         "test: {verdict: clean}\n",
    LAB_TRIAL_PASSED, "clean", NULL },
};

static void
a_scenario_is_held_against_what_it_says_of_itself (void **state)
{
  for (size_t i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_autoptr (LabTrial) trial = run_trial (*state, rows[i].text, false);
    const char *complaint = trial->complaints->len > 0 ? trial->complaints->pdata[0] : NULL;
    if (trial->outcome != rows[i].outcome || g_strcmp0 (trial->wants, rows[i].wants) != 0
        || (complaint == NULL) != (rows[i].complaint == NULL)
        || (complaint != NULL && !g_str_has_prefix (complaint, rows[i].complaint)))
      fail_msg ("row %zu: %s, wants %s: %s", i, lab_trial_outcome_name (trial->outcome),
                trial->wants, complaint);
  }
}

static void
a_limit_gives_no_verdict (void **state)
{
  g_autoptr (LabTrial) trial = run_trial (*state,
                                          "format: chimsim/1\nname: t\n"
                                          "stop: {at: 4 ms, max_events: 5}\n"
                                          "connections: {web: {count: 4, traffic: {pattern: "
                                          "request_response}}}\n"
                                          "test: {verdict: none}\n",
                                          false);

  assert_int_equal (trial->outcome, LAB_TRIAL_PASSED);
}

static void
fingerprints_are_those_of_the_golden_beside_the_scenario (void **state)
{
  static const char scenario[] = HEAD "test: {verdict: clean, golden: [order, wire]}\n";
  Folder *folder = *state;

  g_autoptr (LabTrial) missing = run_trial (folder, scenario, false);
  g_autoptr (LabTrial) written = run_trial (folder, scenario, true);
  g_autoptr (LabTrial) same = run_trial (folder, scenario, false);
  g_autoptr (LabTrial) another =
      run_trial (folder, HEAD "seed: 3\ntest: {verdict: clean, golden: [order, wire]}\n", false);
  g_autoptr (LabTrial) more =
      run_trial (folder, HEAD "test: {verdict: clean, golden: [order, wire, timing]}\n", false);

  assert_int_equal (missing->outcome, LAB_TRIAL_GOLDEN_DIFFERS);
  assert_int_equal (written->outcome, LAB_TRIAL_PASSED);
  assert_int_equal (same->outcome, LAB_TRIAL_PASSED);
  assert_int_equal (another->outcome, LAB_TRIAL_GOLDEN_DIFFERS);
  assert_int_equal (another->complaints->len, 2);
  assert_int_equal (more->outcome, LAB_TRIAL_GOLDEN_DIFFERS);
  assert_string_equal (more->complaints->pdata[0], "fingerprint timing has no golden");
}

static void
a_golden_that_cannot_be_read_is_told (void **state)
{
  Folder *folder = *state;

  assert_true (g_file_set_contents (folder->golden, "order 12\n", -1, NULL));
  g_autoptr (LabTrial) trial =
      run_trial (folder, HEAD "test: {verdict: clean, golden: order}\n", false);

  assert_int_equal (trial->outcome, LAB_TRIAL_GOLDEN_DIFFERS);
  assert_true (strstr (trial->complaints->pdata[0], "t.golden:1: \"order 12\"") != NULL);
}

static void
files_are_found_below_a_folder_in_order (void **state)
{
  Folder *folder = *state;
  g_autofree char *below = g_build_filename (folder->path, "a", NULL);
  g_autofree char *inner = g_build_filename (below, "z.yaml", NULL);
  g_autofree char *other = g_build_filename (below, "z.txt", NULL);
  char *nowhere = "/no/such/folder";
  g_autoptr (GError) error = NULL;

  assert_int_equal (g_mkdir (below, 0700), 0);
  assert_true (g_file_set_contents (inner, HEAD, -1, NULL));
  assert_true (g_file_set_contents (other, HEAD, -1, NULL));
  assert_true (g_file_set_contents (folder->file, HEAD, -1, NULL));
  g_autoptr (GPtrArray) files = lab_trial_files (&folder->path, 1, &error);
  g_autoptr (GPtrArray) nothing = lab_trial_files (&nowhere, 1, &error);
  g_remove (inner);
  g_remove (other);
  g_rmdir (below);

  assert_int_equal (files->len, 2);
  assert_string_equal (files->pdata[0], inner);
  assert_string_equal (files->pdata[1], folder->file);
  assert_null (nothing);
  assert_non_null (error);
}

/* True if the scenario wants a rule broken that |rules| names. */
static bool
wants_one_of (const LabScenario *scenario, const char *rules)
{
  const LabSetting *trips = lab_scenario_find (scenario, "test.trips");
  g_auto (GStrv) names = g_strsplit_set (rules, ", ", -1);

  for (guint i = 0; trips != NULL && i < trips->children->len; i++)
    if (g_strv_contains ((const char *const *)names,
                         ((const LabSetting *)trips->children->pdata[i])->value.text))
      return true;
  return false;
}

static void
check_defect (void *data, const LabDefect *defect)
{
  g_autofree char *path = g_strdup_printf ("scenarios/defects/%s.yaml", defect->name);
  g_autofree char *key =
      g_strdup_printf (strcmp (defect->part, "im") == 0 ? "im.mid.defects" : "%s.defects",
                       defect->part);
  bool is_there = g_file_test (path, G_FILE_TEST_EXISTS);
  guint *n_scenarios = data;

  if (!is_there)
    fail_msg ("%s is missing", path);
  LabScenarioRequest request = { .path = path };
  g_autoptr (LabScenario) scenario = lab_scenario_load (&request, NULL);
  assert_non_null (scenario);
  const LabSetting *defects = lab_scenario_find (scenario, key);
  if (defects->children->len != 1
      || strcmp (((const LabSetting *)defects->children->pdata[0])->value.word->name, defect->name)
             != 0
      || !wants_one_of (scenario, defect->rules))
    fail_msg ("%s does not show %s with %s", path, defect->name, defect->rules);
  (*n_scenarios)++;
}

static void
each_defect_has_a_scenario_that_trips_its_rule (G_GNUC_UNUSED void **state)
{
  guint n_scenarios = 0;

  lab_for_each_defect (check_defect, &n_scenarios);
  assert_true (n_scenarios > 50);
}

#define TEST(name) cmocka_unit_test_setup_teardown (name, setup, teardown)

int
main (void)
{
  const struct CMUnitTest tests[] = {
    TEST (a_scenario_is_held_against_what_it_says_of_itself),
    TEST (a_limit_gives_no_verdict),
    TEST (fingerprints_are_those_of_the_golden_beside_the_scenario),
    TEST (a_golden_that_cannot_be_read_is_told),
    TEST (files_are_found_below_a_folder_in_order),
    cmocka_unit_test (each_defect_has_a_scenario_that_trips_its_rule),
  };
  return cmocka_run_group_tests (tests, NULL, NULL);
}
