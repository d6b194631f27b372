#include "tests/support.h"

#include <glib/gstdio.h>
#include <string.h>

#include "lab/plot.h"
#include "lab/report.h"
#include "lab/report_svg.h"
#include "lab/summary.h"
#include "lab/verdict.h"
#include "models/trace/trace_text.h"
#include "tests/lab/sample.h"

static const char scenario_text[] = "format: chimsim/1\nname: small\nstop: {at: 100 ms}\n"
                                    "summary: what <script>alert(1)</script> & \"quotes\" do\n"
                                    "connections: {web: {count: 12}}\n";

typedef struct Fixture {
  Sample *sample;
  LabScenario *scenario;
  LabRun run;        /* borrows the sample's readers */
  GPtrArray *charts; /* of LabChart: none */
  LabReportInput input;
  GPtrArray *plots;
  char *root;
} Fixture;

static void
add_figures (LabStats *stats)
{
  static const char *const prefixes[] = { "latency.request.host_path", "latency.request.chimney",
                                          "latency.offload" };
  static const char *const percentiles[] = { "p50", "p90", "p99", "p99.9", "max" };

  lab_stats_add (stats, "Gbit/s", 3, 1234, "throughput.host_path.received");
  lab_stats_add (stats, "Gbit/s", 3, 766, "throughput.host_path.sent");
  lab_stats_add (stats, "Gbit/s", 3, 4321, "throughput.chimney.received");
  lab_stats_add (stats, "cycles/B", 3, 8000, "cycles_per_byte.host_path");
  lab_stats_add (stats, "cycles/B", 3, 2000, "cycles_per_byte.chimney");
  lab_stats_add (stats, "cycles/B", 3, 2500, "cycles_per_byte.chimney_with_state");
  lab_stats_add (stats, "cycles", 0, 777, "cycles.saved");
  for (size_t i = 0; i < G_N_ELEMENTS (prefixes); i++) {
    lab_stats_add (stats, "operations", 0, 41, "%s.count", prefixes[i]);
    for (size_t p = 0; p < G_N_ELEMENTS (percentiles); p++) {
      int64_t ns = (int64_t)(i + 1) * 10000 * (int64_t)(p + 1);
      lab_stats_add (stats, "us", 3, ns, "%s.%s", prefixes[i], percentiles[p]);
      lab_stats_add (stats, "us", 3, ns / 5, "%s.stage.team0-down.%s", prefixes[i], percentiles[p]);
    }
  }
}

static int
setup (void **state)
{
  Fixture *fixture = g_new0 (Fixture, 1);
  LabScenarioRequest request = { .path = "small.yaml",
                                 .text = scenario_text,
                                 .n_bytes = strlen (scenario_text) };

  fixture->root = g_dir_make_tmp ("chimsim-report-XXXXXX", NULL);
  fixture->sample = sample_new (12);
  fixture->scenario = lab_scenario_load (&request, NULL);
  fixture->run = (LabRun){ .rules = rule_book_new (NULL, NULL),
                           .apps = fixture->sample->apps,
                           .stats = lab_stats_new (),
                           .stop = SIM_STOP_TIME };
  add_figures (fixture->run.stats);
  fixture->charts = g_ptr_array_new ();
  fixture->input = (LabReportInput){ .run = &fixture->run,
                                     .scenario = fixture->scenario,
                                     .view = &fixture->sample->view,
                                     .charts = fixture->charts,
                                     .file = "small.yaml",
                                     .arguments = " --seed 3" };
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

static int
teardown (void **state)
{
  Fixture *fixture = *state;

  g_clear_pointer (&fixture->plots, g_ptr_array_unref);
  g_ptr_array_unref (fixture->charts);
  rule_book_free (fixture->run.rules);
  lab_stats_free (fixture->run.stats);
  lab_scenario_free (fixture->scenario);
  sample_free (fixture->sample);
  remove_tree (fixture->root);
  g_free (fixture->root);
  g_free (fixture);
  return 0;
}

/* The page, with pictures if |with_plots|. */
static char *
page_of (Fixture *fixture, bool with_plots)
{
  g_autofree char *path = g_build_filename (fixture->root, "small", NULL);
  g_autoptr (LabFolder) folder = lab_folder_new (path, NULL);
  char *page = NULL;

  assert_non_null (folder);
  g_clear_pointer (&fixture->plots, g_ptr_array_unref);
  if (with_plots)
    fixture->plots = lab_plots_write (fixture->input.view, NULL, folder, NULL);
  fixture->input.plots = fixture->plots;
  assert_true (lab_report_write (&fixture->input, folder, NULL));
  g_autofree char *file = g_build_filename (lab_folder_work_path (folder), "report.html", NULL);
  assert_true (g_file_get_contents (file, &page, NULL, NULL));
  return page;
}

/* Lets the rules read lines of a trace. */
static void
read_trace (Fixture *fixture, const char *const *lines)
{
  for (size_t i = 0; lines[i] != NULL; i++) {
    SimRecord record;
    assert_true (trace_text_parse (lines[i], NULL, &record, NULL));
    rule_book_read (fixture->run.rules, &record);
  }
}

static void
break_a_rule (Fixture *fixture)
{
  /* To the target without having been on the way. */
  read_trace (fixture, (const char *const[]){ "1500000 7 owner connection=3 owner=2 op=1", NULL });
  rule_book_finish (fixture->run.rules, true);
}

static size_t
count_of (const char *text, const char *word)
{
  size_t n = 0;
  for (const char *at = strstr (text, word); at != NULL; at = strstr (at + 1, word))
    n++;
  return n;
}

static void
the_page_needs_nothing_from_elsewhere (void **state)
{
  g_autofree char *page = page_of (*state, true);

  assert_int_equal (count_of (page, "<script"), 0);
  assert_int_equal (count_of (page, " src="), 0);
  assert_int_equal (count_of (page, "<link"), 0);
  assert_int_equal (count_of (page, "@import"), 0);
  /* Names of name spaces are not fetched; references stay inside the page. */
  assert_int_equal (count_of (page, "http"), count_of (page, "http://www.w3.org/"));
  assert_int_equal (count_of (page, "href="), count_of (page, "href='#"));
  assert_int_equal (count_of (page, "url("), count_of (page, "url(#"));
}

static void
ids_of_different_pictures_differ (void **state)
{
  g_autofree char *page = page_of (*state, true);
  g_autoptr (GHashTable) ids = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  size_t n = 0;

  for (const char *at = strstr (page, " id="); at != NULL; at = strstr (at + 1, " id=")) {
    const char *end = strchr (at + 5, at[4]);
    assert_true (g_hash_table_add (ids, g_strndup (at + 5, (size_t)(end - at - 5))));
    n++;
  }
  assert_true (n > 100);
}

static void
texts_of_the_scenario_stay_texts (void **state)
{
  g_autofree char *page = page_of (*state, false);

  assert_non_null (strstr (page, "what &lt;script&gt;alert(1)&lt;/script&gt; &amp;"));
}

static void
a_rerun_gives_the_same_page (void **state)
{
  g_autofree char *once = page_of (*state, true);
  g_autofree char *again = page_of (*state, true);

  assert_string_equal (once, again);
}

static void
the_page_says_what_was_not_drawn (void **state)
{
  g_autofree char *page = page_of (*state, true);

  assert_non_null (strstr (page, "Not drawn, since no such operation ended: cdf_update, "));
}

static void
a_run_that_kept_its_rules_is_clean (void **state)
{
  Fixture *fixture = *state;

  rule_book_finish (fixture->run.rules, true);
  assert_int_equal (lab_verdict_of (&fixture->run, NULL), LAB_VERDICT_CLEAN);
  g_autofree char *page = page_of (fixture, false);
  assert_non_null (strstr (page, "<strong>Clean</strong>"));
}

static void
a_broken_rule_is_told_with_its_proof_and_how_to_see_it_again (void **state)
{
  Fixture *fixture = *state;

  break_a_rule (fixture);
  assert_int_equal (lab_verdict_of (&fixture->run, NULL), LAB_VERDICT_BROKEN);
  g_autofree char *page = page_of (fixture, false);
  assert_non_null (strstr (page, "<strong>Broken</strong>"));
  assert_non_null (strstr (page, "<b>LEDGER-01</b> at 0.001500000 ms, connection web/3"));
  assert_non_null (strstr (page, "1500000 7 owner connection=3 owner=2 op=1\n</pre>"));
  assert_non_null (strstr (page, "<code>./chimsim run small.yaml --seed 3</code>"));
}

static void
a_run_that_a_limit_ended_has_no_verdict (void **state)
{
  Fixture *fixture = *state;

  rule_book_finish (fixture->run.rules, true);
  fixture->run.stop = SIM_STOP_LIVELOCK;
  assert_int_equal (lab_verdict_of (&fixture->run, NULL), LAB_VERDICT_NONE);
  fixture->run.stop = SIM_STOP_TIME;
  fixture->run.interrupted = true;
  assert_int_equal (lab_verdict_of (&fixture->run, NULL), LAB_VERDICT_NONE);
}

static void
a_twin_that_saw_other_messages_breaks_the_verdict (void **state)
{
  Fixture *fixture = *state;
  Sample *other = sample_new (12);
  LabRun same = { .apps = other->apps }, twin = { .apps = NULL };
  Sim *sim = sim_new (1);

  sim_trace_set_kinds (sim_trace (sim), trace_kinds, TRACE_N_KINDS);
  twin.apps = apps_new (sim_trace (sim), 12);
  TRACE (sim_trace (sim), 0, APP_EVENT, 5, SIDE_HOST, APP_RESPONSE, 77, 4096);
  rule_book_finish (fixture->run.rules, true);
  bool is_equal = lab_verdict_twin (&fixture->run, &same).is_equal;
  LabTwin result = lab_verdict_twin (&fixture->run, &twin);
  LabVerdict verdict = lab_verdict_of (&fixture->run, &twin);
  apps_free (twin.apps);
  sim_free (sim);
  sample_free (other);

  assert_true (is_equal);
  assert_false (result.is_equal);
  assert_int_equal (result.first_difference, 5);
  assert_int_equal (verdict, LAB_VERDICT_BROKEN);
}

static void
the_verdict_lists_each_monitored_rule_and_each_proof (void **state)
{
  Fixture *fixture = *state;

  break_a_rule (fixture);
  g_autofree char *json = lab_verdict_json (&fixture->run, NULL);
  LabRuleCounts counts = lab_verdict_counts (&fixture->run);

  assert_non_null (strstr (json, "\"verdict\": \"broken\""));
  assert_non_null (strstr (json, "\"1500000 7 owner connection=3 owner=2 op=1\""));
  assert_int_equal (count_of (json, "\"tested\":"), RULE_N - counts.of[RULE_NOT_MONITORED]);
  assert_int_equal (counts.of[RULE_BROKEN], 1);
}

static void
the_summary_fits_a_terminal_and_answers_the_first_question (void **state)
{
  Fixture *fixture = *state;

  rule_book_finish (fixture->run.rules, true);
  g_autofree char *text = lab_summary_text (&fixture->input);
  g_auto (GStrv) lines = g_strsplit (text, "\n", -1);

  assert_true (g_strv_length (lines) <= LAB_SUMMARY_LINES_MAX);
  assert_true (g_str_is_ascii (text));
  for (size_t i = 0; lines[i] != NULL; i++)
    assert_true (strlen (lines[i]) <= 100);
  assert_non_null (
      strstr (text, "host cycles per byte          8.000 cycles/B    2.000 cycles/B\n"));
  assert_non_null (strstr (text, "  team0-down                 2.0         6.0         8.0"));
  assert_non_null (strstr (text, "\nverdict    clean: "));
}

static void
the_summary_names_the_events_that_did_not_do_what_they_were_to_do (void **state)
{
  Fixture *fixture = *state;

  rule_book_finish (fixture->run.rules, true);
  g_autofree char *text = lab_summary_text (&fixture->input);

  assert_non_null (strstr (text, "\ntimeline   again did not end\n"));
}

#define MANY_EVENTS 9

/* None happened: two are named, the line stays within its width. */
static void
of_many_such_events_the_summary_names_as_many_as_a_line_holds (void **state)
{
  Fixture *fixture = *state;
  TimelineEvent events[MANY_EVENTS] = { 0 };
  WorldConfig config = { .name = "many", .n_events = MANY_EVENTS, .event = events };
  g_autoptr (Episodes) episodes = episodes_new (sim_trace (fixture->sample->sim), MANY_EVENTS);
  LabView view = fixture->sample->view;

  for (size_t i = 0; i < MANY_EVENTS; i++)
    events[i].id = "twenty_letters_there";
  view.config = &config;
  view.episodes = episodes;
  fixture->input.view = &view;
  rule_book_finish (fixture->run.rules, true);
  g_autofree char *text = lab_summary_text (&fixture->input);

  assert_non_null (strstr (text, "\ntimeline   twenty_letters_there did not happen, "
                                 "twenty_letters_there did not happen and 7 more\n"));
}

static void
an_empty_run_still_gets_a_page_and_a_summary (void **state)
{
  Fixture *fixture = *state;
  WorldConfig config = { .name = "empty" };
  LabView view = { .config = &config };

  fixture->input.view = &view;
  lab_stats_free (fixture->run.stats);
  fixture->run.stats = lab_stats_new ();
  rule_book_free (g_steal_pointer (&fixture->run.rules));
  g_autofree char *page = page_of (fixture, true);
  g_autofree char *text = lab_summary_text (&fixture->input);
  g_autofree char *json = lab_verdict_json (&fixture->run, NULL);

  assert_non_null (strstr (page, "No rule was judged"));
  assert_non_null (strstr (text, "\n\nbusy   "));
  assert_null (strstr (text, "host cycles per byte"));
  assert_null (strstr (text, "\n\n\n"));
  assert_null (strstr (text, " \n"));
  assert_non_null (strstr (json, "\"rules_judged\": false"));
}

static void
a_picture_loses_its_titles_when_it_joins_others (G_GNUC_UNUSED void **state)
{
  g_autoptr (GString) page = g_string_new (NULL);

  report_svg_inline (page,
                     "<?xml version=\"1.0\"?>\n<svg width=\"8\"><title>t</title><g id='a'>"
                     "<use xlink:href='#a'/><rect filter='url(#b)'/></g></svg>\n",
                     "cdf", "A \"title\"");
  assert_string_equal (
      page->str, "<svg role=\"img\" aria-label=\"A &quot;title&quot;\" width=\"8\"><g id='cdf-a'>"
                 "<use xlink:href='#cdf-a'/><rect filter='url(#cdf-b)'/></g></svg>\n");
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown (name, setup, teardown)
    TEST (the_page_needs_nothing_from_elsewhere),
    TEST (ids_of_different_pictures_differ),
    TEST (texts_of_the_scenario_stay_texts),
    TEST (a_rerun_gives_the_same_page),
    TEST (the_page_says_what_was_not_drawn),
    TEST (a_run_that_kept_its_rules_is_clean),
    TEST (a_broken_rule_is_told_with_its_proof_and_how_to_see_it_again),
    TEST (a_run_that_a_limit_ended_has_no_verdict),
    TEST (a_twin_that_saw_other_messages_breaks_the_verdict),
    TEST (the_verdict_lists_each_monitored_rule_and_each_proof),
    TEST (the_summary_fits_a_terminal_and_answers_the_first_question),
    TEST (the_summary_names_the_events_that_did_not_do_what_they_were_to_do),
    TEST (of_many_such_events_the_summary_names_as_many_as_a_line_holds),
    TEST (an_empty_run_still_gets_a_page_and_a_summary),
    cmocka_unit_test (a_picture_loses_its_titles_when_it_joins_others),
#undef TEST
  };
  return cmocka_run_group_tests (tests, NULL, NULL);
}
