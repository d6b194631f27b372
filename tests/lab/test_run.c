#include "tests/support.h"

#include "lab/run.h"

#include <glib/gstdio.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lab/events.h"
#include "lab/folder.h"
#include "lab/schedule.h"
#include "tests/allocations.h"

/* A stack with one driver, both paths in use, hand-overs, closes and losses. */
#define SCENARIO                                                                             \
  "format: chimsim/1\n"                                                                      \
  "name: small\n"                                                                            \
  "seed: 3\n"                                                                                \
  "stop: {at: 40 ms}\n"                                                                      \
  "host: {preset: server-2008}\n"                                                            \
  "im: {team0: {preset: pass-through}}\n"                                                    \
  "target: {preset: toe-10g}\n"                                                              \
  "wire: {rate: 10 Gbit/s, one_way: 10 us, queue: 1 MiB, loss: 1/2000}\n"                    \
  "stack: [host, im.team0, target, wire]\n"                                                  \
  "connections:\n"                                                                           \
  "  web:\n"                                                                                 \
  "    count: 60\n"                                                                          \
  "    via: {neighbors: 2, paths: 4}\n"                                                      \
  "    nagle: false\n"                                                                       \
  "    traffic: {pattern: request_response, request: 512 B, response: 6 KiB, think: 1 ms}\n" \
  "timeline:\n"                                                                              \
  "  - {id: down, at: 5 ms, do: offload, target: 'web/*', batch: {size: 8, gap: 50 us}}\n"   \
  "  - {id: up, at: 20 ms, do: upload, target: web/0-29}\n"                                  \
  "  - {id: again, after: {event: up, outcome: done, delay: 2 ms}, do: offload, target: "    \
  "web/0-9}\n"                                                                               \
  "  - {id: fin, at: 30 ms, do: close, target: web/40-44, by: peer}\n"                       \
  "  - {id: rst, at: 31 ms, do: receive, target: web/50, segment: {flags: [RST], seq: rcv_nxt}}\n"

static int
setup (void **state)
{
  static const char *const folders[] = { "scenarios/presets", NULL };
  LabScenarioRequest request = {
    .path = "small.yaml", .text = SCENARIO, .n_bytes = strlen (SCENARIO), .preset_folders = folders
  };
  GError *error = NULL;

  *state = lab_scenario_load (&request, &error);
  if (*state == NULL)
    fprintf (stderr, "%s\n", error->message);
  return *state == NULL;
}

static int
teardown (void **state)
{
  lab_scenario_free (*state);
  return 0;
}

static LabRun *
run_with (void **state, bool readers)
{
  LabRunRequest request = { .config = lab_scenario_config (*state),
                            .rules = readers,
                            .measures = readers };
  return lab_run (&request);
}

static void
assert_same_prints (const LabRun *a, const LabRun *b)
{
  for (SimPrint print = 0; print < SIM_N_PRINTS; print++)
    assert_int_equal (a->print[print], b->print[print]);
}

static void
a_run_keeps_every_rule_and_every_byte (void **state)
{
  g_autoptr (LabRun) run = run_with (state, true);

  assert_int_equal (rule_book_n_violations (run->rules), 0);
  assert_true (apps_all_in_order (run->apps));
  assert_int_equal (host_stats (world_host (run->world)).broken_bytes, 0);
  assert_int_equal (peers_stats (world_peers (run->world)).broken_bytes, 0);
  assert_true (lab_stats_find (run->stats, "requests.answered")->value > 500);
  assert_true (lab_stats_find (run->stats, "wire.lost")->value > 0);
  assert_int_equal (lab_stats_find (run->stats, "state.offloaded")->value, 70);
}

static void
the_parts_of_the_stack_sum_to_the_cycles_per_byte (void **state)
{
  g_autoptr (LabRun) run = run_with (state, true);
  int64_t sum = 0;

  for (AccountPart part = 0; part < N_PARTS; part++) {
    g_autofree char *name = g_strdup_printf ("cycles_per_byte.of.%s", trace_part_name (part));
    const LabFigure *figure = lab_stats_find (run->stats, name);
    sum += figure != NULL ? figure->value : 0;
  }
  /* Each is rounded for itself. */
  assert_in_range (lab_stats_find (run->stats, "cycles_per_byte.total")->value, sum, sum + N_PARTS);
  assert_true (sum > 0);
}

static void
readers_change_nothing (void **state)
{
  g_autoptr (LabRun) watched = run_with (state, true);
  g_autoptr (LabRun) bare = run_with (state, false);

  assert_same_prints (watched, bare);
}

static void *
run_on_thread (void *data)
{
  return run_with (data, true);
}

static void
two_worlds_on_two_threads_give_what_they_give_alone (void **state)
{
  GThread *one = g_thread_new ("one", run_on_thread, state);
  GThread *two = g_thread_new ("two", run_on_thread, state);
  g_autoptr (LabRun) alone = run_with (state, true);
  g_autoptr (LabRun) first = g_thread_join (one);
  g_autoptr (LabRun) second = g_thread_join (two);

  assert_same_prints (alone, first);
  assert_same_prints (alone, second);
}

static void
with_the_chimney_off_every_application_sees_the_same (void **state)
{
  LabRunRequest request = { .config = lab_scenario_config (*state) };
  g_autoptr (LabRun) run = lab_run (&request);
  g_autoptr (LabRun) twin = lab_run_twin (&request);
  AppsCompared compared;

  assert_int_equal (apps_first_difference (run->apps, twin->apps, &compared), UINT32_MAX);
  assert_true (compared.messages > 1000);
  assert_true (compared.bytes > 1000000);
}

/* An application that saw another message is found. */
static void
a_twin_of_another_seed_is_told_apart (void **state)
{
  g_autofree WorldConfig *config = g_new (WorldConfig, 1);
  LabRunRequest request = { .config = lab_scenario_config (*state) };
  LabRunRequest other = { .config = config };
  AppsCompared compared;

  *config = *request.config;
  config->group[0].traffic.request = sim_dist_new_constant (513);
  g_autoptr (LabRun) run = lab_run (&request);
  g_autoptr (LabRun) changed = lab_run (&other);
  assert_int_not_equal (apps_first_difference (run->apps, changed->apps, &compared), UINT32_MAX);
  sim_dist_free ((SimDist *)(uintptr_t)config->group[0].traffic.request);
}

/* Receive data that goes missing in a hand-over is seen by the application it was for. */
static void
a_twin_of_a_run_with_lost_bytes_is_told_apart (void **state)
{
  g_autofree WorldConfig *config = g_new (WorldConfig, 1);
  LabRunRequest request = { .config = config };
  AppsCompared compared;

  *config = *lab_scenario_config (*state);
  config->target.defects = UINT64_C (1) << TARGET_DEFECT_WRONG_BUFFERED_DATA;
  config->group[0].receive.style = HOST_RECEIVE_INDICATE_AND_POST;
  config->group[0].traffic = (TrafficSpec){ .pattern = TRAFFIC_RECEIVE, .bulk_chunk_bytes = 16384 };
  g_autoptr (LabRun) run = lab_run (&request);
  g_autoptr (LabRun) twin = lab_run_twin (&request);
  assert_false (apps_all_in_order (run->apps));
  assert_int_not_equal (apps_first_difference (run->apps, twin->apps, &compared), UINT32_MAX);
}

/* Data flows on both paths, nothing moves: no part of the stack asks for memory any more. */
static void
the_steady_state_of_the_event_loop_allocates_nothing (void **state)
{
  WorldConfig *config = g_new (WorldConfig, 1);
  *config = *lab_scenario_config (*state);
  config->n_events = 1; /* the first offload only */
  config->event[0].target.last = 29;
  config->wire.loss_numerator = 0;
  World *world = world_new (config, NULL, NULL);
  SimLimits limits = config->stop;

  limits.until = sim_time_add (SIM_TIME_ZERO, sim_ms (20));
  world_run (world, limits);
  uint64_t events = sim_events_fired (world_sim (world));
  uint64_t before = allocations ();
  limits.until = sim_time_add (SIM_TIME_ZERO, sim_ms (40));
  world_run (world, limits);
  uint64_t after = allocations ();

  assert_int_equal (after - before, 0);
  assert_true (sim_events_fired (world_sim (world)) > events + 10000);
  assert_int_equal (host_offloaded (world_host (world), (HostSet){ 0, 59 }), 30);
  world_free (world);
  g_free (config);
}

static void
an_operation_s_stages_sum_to_its_time (void **state)
{
  g_autoptr (LabRun) run = run_with (state, true);
  size_t n_rows;
  const LatencyRow *rows = latency_rows (run->latency, &n_rows);
  size_t of[N_LATENCIES] = { 0 };

  for (size_t i = 0; i < n_rows; i++) {
    const LatencyPiece *piece = latency_pieces (run->latency, &rows[i]);
    int64_t sum = 0;
    for (uint32_t p = 0; p < rows[i].n_pieces; p++)
      sum += piece[p].ps;
    assert_int_equal (sum, sim_time_diff (rows[i].end, rows[i].begin).ps);
    of[rows[i].class]++;
  }
  assert_true (of[LATENCY_REQUEST] > 500);
  assert_true (of[LATENCY_OFFLOAD] > 5);
  assert_true (of[LATENCY_UPLOAD] > 1);
}

static void
each_driver_has_a_share_of_requests_and_offloads (void **state)
{
  g_autoptr (LabRun) run = run_with (state, true);

  assert_non_null (lab_stats_find (run->stats, "latency.request.chimney.stage.team0-down.p50"));
  assert_non_null (lab_stats_find (run->stats, "latency.request.host_path.stage.team0-up.p50"));
  assert_non_null (lab_stats_find (run->stats, "latency.offload.stage.team0-down.p50"));
  assert_non_null (lab_stats_find (run->stats, "latency.offload.stage.team0-up.p50"));
}

static void
owners_of_a_connection_follow_one_another_without_a_gap (void **state)
{
  g_autoptr (LabRun) run = run_with (state, true);
  SimTime end = sim_now (world_sim (run->world));
  g_autoptr (GArray) spans = ownership_spans (run->ownership, end);

  for (guint i = 0; i < spans->len; i++) {
    const OwnerSpan *span = &g_array_index (spans, OwnerSpan, i);
    const OwnerSpan *next = i + 1 < spans->len ? span + 1 : NULL;
    if (next != NULL && next->connection == span->connection)
      assert_int_equal (span->end.ps, next->begin.ps);
    else
      assert_int_equal (span->end.ps, end.ps);
  }
  assert_true (spans->len > 60 * 3);
}

typedef struct Count {
  uint64_t records;
  SimTime last;
} Count;

static bool
count_record (void *data, const SimRecord *record)
{
  Count *count = data;

  assert_true (record->when.ps >= count->last.ps);
  assert_int_equal (record->n_columns, trace_kinds[record->kind].n_columns);
  count->records++;
  count->last = record->when;
  return true;
}

typedef struct Recording {
  char *path;
  LabEvents *events;
} Recording;

static void
record_events (void *data, Sim *sim)
{
  Recording *recording = data;
  recording->events =
      lab_events_new (recording->path, sim_trace (sim), SIM_TIME_ZERO, SIM_TIME_NEVER, NULL);
}

static void
recorded_events_read_back_in_order_and_whole (void **state)
{
  g_autofree char *folder = g_dir_make_tmp ("chimsim-XXXXXX", NULL);
  Recording recording = { .path = g_build_filename (folder, "events.bin", NULL) };
  LabRunRequest request = { .config = lab_scenario_config (*state),
                            .observe = record_events,
                            .observe_data = &recording };
  Count count = { 0 };

  g_autoptr (LabRun) run = lab_run (&request);
  assert_true (lab_events_close (recording.events, NULL));
  assert_true (lab_events_read (recording.path, count_record, &count, NULL));
  assert_int_equal (count.records, sim_trace_records (sim_trace (world_sim (run->world))));

  /* Cut short, it says so. */
  struct stat whole;
  assert_int_equal (stat (recording.path, &whole), 0);
  assert_int_equal (truncate (recording.path, whole.st_size - 1), 0);
  GError *error = NULL;
  assert_false (lab_events_read (recording.path, count_record, &(Count){ 0 }, &error));
  assert_non_null (strstr (error->message, "cut short or broken after record"));
  g_error_free (error);
  lab_events_free (recording.events);
  g_unlink (recording.path);
  g_rmdir (folder);
  g_free (recording.path);
}

static void
a_schedule_reads_back_as_it_was_written (G_GNUC_UNUSED void **state)
{
  const SimChoice choices[] = {
    { .site = SITE_DPC_PROCESSOR, .subject = 3, .ordinal = 2, .value = 1, .n = 4 },
    { .site = SITE_LOSS, .subject = 834, .ordinal = 7, .value = 1, .n = 2 }
  };
  g_autofree char *folder = g_dir_make_tmp ("chimsim-XXXXXX", NULL);
  g_autofree char *path = g_build_filename (folder, "schedule.yaml", NULL);
  g_autofree char *text = lab_schedule_text (choices, 2, "abc", 9);

  assert_true (g_file_set_contents (path, text, -1, NULL));
  g_autoptr (LabSchedule) schedule = lab_schedule_load (path, NULL);
  assert_non_null (schedule);
  assert_int_equal (schedule->count, 2);
  assert_int_equal (schedule->seed, 9);
  assert_string_equal (schedule->scenario, "abc");
  for (size_t i = 0; i < 2; i++) {
    assert_int_equal (schedule->choice[i].site, choices[i].site);
    assert_int_equal (schedule->choice[i].subject, choices[i].subject);
    assert_int_equal (schedule->choice[i].ordinal, choices[i].ordinal);
    assert_int_equal (schedule->choice[i].value, choices[i].value);
  }
  g_unlink (path);
  g_rmdir (folder);
}

/* Another order of a choice gives another run, and the same one each time. */
static void
a_scheduled_choice_changes_the_run_and_repeats (void **state)
{
  g_autofree WorldConfig *config = g_new (WorldConfig, 1);
  SimChoice choice = { .site = SITE_DPC_PROCESSOR, .subject = 0, .ordinal = 5, .value = 1 };
  LabRunRequest request = { .config = config };

  *config = *lab_scenario_config (*state);
  config->open_sites = UINT64_C (1) << SITE_DPC_PROCESSOR;
  g_autoptr (LabRun) plain = lab_run (&request);
  config->schedule = &choice;
  config->n_schedule = 1;
  g_autoptr (LabRun) first = lab_run (&request);
  g_autoptr (LabRun) second = lab_run (&request);

  assert_same_prints (first, second);
  assert_int_not_equal (plain->print[SIM_PRINT_TIMING], first->print[SIM_PRINT_TIMING]);
  size_t count;
  sim_choices_taken (sim_choices (world_sim (first->world)), &count);
  assert_int_equal (count, 1);
  g_free (sim_choices_unused (sim_choices (world_sim (first->world)), &count));
  assert_int_equal (count, 0);
}

static void
a_folder_takes_its_place_only_when_it_is_whole (G_GNUC_UNUSED void **state)
{
  g_autofree char *parent = g_dir_make_tmp ("chimsim-XXXXXX", NULL);
  g_autofree char *path = g_build_filename (parent, "result", NULL);
  g_autofree char *manifest = g_build_filename (path, "manifest.json", NULL);
  g_autofree char *content = NULL;
  LabFolder *folder = lab_folder_new (path, NULL);

  assert_true (lab_folder_write (folder, "manifest.json", "one", -1, NULL));
  assert_false (g_file_test (path, G_FILE_TEST_EXISTS));
  assert_true (lab_folder_commit (folder, NULL));
  lab_folder_free (folder);

  folder = lab_folder_new (path, NULL);
  assert_true (lab_folder_write (folder, "manifest.json", "two", -1, NULL));
  lab_folder_free (folder); /* given up: the earlier one is as it was */
  assert_true (g_file_get_contents (manifest, &content, NULL, NULL));
  assert_string_equal (content, "one");
  g_unlink (manifest);
  g_rmdir (path);
  assert_int_equal (g_rmdir (parent), 0); /* nothing else was left behind */
}

static void
a_folder_that_is_no_result_is_not_replaced (G_GNUC_UNUSED void **state)
{
  g_autofree char *path = g_dir_make_tmp ("chimsim-XXXXXX", NULL);
  g_autofree char *precious = g_build_filename (path, "thesis.txt", NULL);
  GError *error = NULL;

  assert_true (g_file_set_contents (precious, "words", -1, NULL));
  assert_null (lab_folder_new (path, &error));
  assert_non_null (strstr (error->message, "is not a result of chimsim"));
  g_error_free (error);
  g_unlink (precious);
  g_rmdir (path);
}

/* No frame of a large send is larger than the path allows: the NIC has cut it. */
static void
a_large_send_leaves_in_pieces (void **state)
{
  g_autofree WorldConfig *config = g_new (WorldConfig, 1);
  LabRunRequest request = { .config = config, .measures = true };

  *config = *lab_scenario_config (*state);
  config->host.stateless.lso_bytes = 65536;
  config->host.chimney = false;
  config->wire.loss_numerator = 0;
  config->group[0].traffic = (TrafficSpec){ .pattern = TRAFFIC_SEND, .bulk_chunk_bytes = 65536 };
  g_autoptr (LabRun) run = lab_run (&request);
  WireStats out = wire_stats (world_wire (run->world), WIRE_END_NIC);

  assert_true (out.payload_bytes > 10000000);
  assert_true (out.bytes / out.frames <= config->group[0].path_mtu_bytes + 18);
  assert_true (out.payload_bytes / out.frames > 1000);
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test_setup_teardown (a_run_keeps_every_rule_and_every_byte, setup, teardown),
    cmocka_unit_test_setup_teardown (the_parts_of_the_stack_sum_to_the_cycles_per_byte, setup,
                                     teardown),
    cmocka_unit_test_setup_teardown (readers_change_nothing, setup, teardown),
    cmocka_unit_test_setup_teardown (two_worlds_on_two_threads_give_what_they_give_alone, setup,
                                     teardown),
    cmocka_unit_test_setup_teardown (with_the_chimney_off_every_application_sees_the_same, setup,
                                     teardown),
    cmocka_unit_test_setup_teardown (a_twin_of_another_seed_is_told_apart, setup, teardown),
    cmocka_unit_test_setup_teardown (a_twin_of_a_run_with_lost_bytes_is_told_apart, setup,
                                     teardown),
    cmocka_unit_test_setup_teardown (the_steady_state_of_the_event_loop_allocates_nothing, setup,
                                     teardown),
    cmocka_unit_test_setup_teardown (an_operation_s_stages_sum_to_its_time, setup, teardown),
    cmocka_unit_test_setup_teardown (each_driver_has_a_share_of_requests_and_offloads, setup,
                                     teardown),
    cmocka_unit_test_setup_teardown (owners_of_a_connection_follow_one_another_without_a_gap, setup,
                                     teardown),
    cmocka_unit_test_setup_teardown (recorded_events_read_back_in_order_and_whole, setup, teardown),
    cmocka_unit_test_setup_teardown (a_large_send_leaves_in_pieces, setup, teardown),
    cmocka_unit_test (a_schedule_reads_back_as_it_was_written),
    cmocka_unit_test_setup_teardown (a_scheduled_choice_changes_the_run_and_repeats, setup,
                                     teardown),
    cmocka_unit_test (a_folder_takes_its_place_only_when_it_is_whole),
    cmocka_unit_test (a_folder_that_is_no_result_is_not_replaced),
  };
  return cmocka_run_group_tests (tests, NULL, NULL);
}
