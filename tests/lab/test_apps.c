/* Applications of each kind, on the host's own path and on the target's. */
#include "tests/support.h"

#include "lab/plot.h"
#include "lab/run.h"
#include "lab/scenario.h"
#include "lab/verdict.h"

#include <glib/gstdio.h>
#include <string.h>

#define HEAD                                                                                   \
  "format: chimsim/1\nname: a\nseed: 7\nstop: {at: %s}\n"                                      \
  "host: {preset: server-2008, chimney: %s, offload: {policy: each_once, after_bytes: 0 B}}\n" \
  "target: {preset: toe-10g}\nstack: [host, target, wire]\nconnections:\n  g: {count: %u, "    \
  "nagle: false, traffic: %s}\n"

/* One group, offloaded of the host's own accord or not at all. */
typedef struct Plan {
  const char *stop;
  uint32_t count;
  const char *traffic;
} Plan;

typedef struct Outcome {
  LabScenario *scenario;
  LabRun *run;
} Outcome;

static LabScenario *
load (const char *text, GError **error)
{
  LabScenarioRequest request = { .path = "tests/lab/a.yaml",
                                 .text = text,
                                 .n_bytes = strlen (text) };
  static const char *const folders[] = { "scenarios/presets", NULL };
  request.preset_folders = folders;
  return lab_scenario_load (&request, error);
}

static Outcome
carry_out (const Plan *plan, bool chimney)
{
  g_autofree char *text =
      g_strdup_printf (HEAD, plan->stop, chimney ? "true" : "false", plan->count, plan->traffic);
  g_autoptr (GError) error = NULL;
  Outcome outcome = { .scenario = load (text, &error) };

  if (outcome.scenario == NULL)
    fail_msg ("%s", error->message);
  LabRunRequest request = { .config = lab_scenario_config (outcome.scenario),
                            .rules = true,
                            .measures = true };
  outcome.run = lab_run (&request);
  assert_int_equal (lab_verdict_of (outcome.run, NULL), LAB_VERDICT_CLEAN);
  HostStats stats = host_stats (world_host (outcome.run->world));
  assert_int_equal (stats.initiated > 0, chimney);
  assert_int_equal (stats.aborted, 0);
  return outcome;
}

static void
outcome_free (Outcome *outcome)
{
  lab_run_free (outcome->run);
  lab_scenario_free (outcome->scenario);
}

static size_t
count_of (const Outcome *outcome, LatencyClass class)
{
  g_autoptr (GArray) totals = latency_totals (outcome->run->latency, class, -1);
  return totals->len;
}

/* The sum of a class over its operations. */
static int64_t
sum_of (const Outcome *outcome, LatencyClass class, uint32_t column)
{
  g_autoptr (GArray) times = latency_stage_times (outcome->run->latency, class, -1, column);
  int64_t sum = 0;

  for (guint i = 0; i < times->len; i++)
    sum += g_array_index (times, int64_t, i);
  return sum;
}

static uint64_t
received_by_peers (const Outcome *outcome)
{
  uint64_t bytes = 0;

  for (uint32_t id = 0; id < world_config (outcome->run->world)->n_connections; id++)
    bytes += peers_received_bytes (world_peers (outcome->run->world), id);
  return bytes;
}

static uint64_t
received_by_host (const Outcome *outcome)
{
  HostStats stats = host_stats (world_host (outcome->run->world));
  return stats.delivered_bytes[PATH_HOST] + stats.delivered_bytes[PATH_CHIMNEY];
}

static void
bulk_goes_both_ways (G_GNUC_UNUSED void **state)
{
  Plan plan = { "30 ms", 2, "{pattern: both, bytes: 300 KiB, chunk: 10 KiB}" };

  for (int chimney = 0; chimney < 2; chimney++) {
    Outcome outcome = carry_out (&plan, chimney);
    assert_int_equal (received_by_host (&outcome), 2 * 300 * 1024);
    assert_int_equal (received_by_peers (&outcome), 2 * 300 * 1024);
    outcome_free (&outcome);
  }
}

static void
an_open_loop_counts_the_wait_for_ones_turn (G_GNUC_UNUSED void **state)
{
  /* Ten requests that come at once: the second waits for the first. */
  Plan plan = {
    "30 ms", 1, "{pattern: open_loop, every: 1 ns, requests: 10, request: 1 KiB, response: 20 KiB}"
  };

  for (int chimney = 0; chimney < 2; chimney++) {
    Outcome outcome = carry_out (&plan, chimney);
    g_autoptr (GArray) totals = latency_totals (outcome.run->latency, LATENCY_REQUEST, -1);
    assert_int_equal (totals->len, 10);
    int64_t first = g_array_index (totals, int64_t, 0), last = g_array_index (totals, int64_t, 9);
    assert_true (last > 4 * first);
    assert_true (sum_of (&outcome, LATENCY_REQUEST, STAGE_QUEUE) > 10 * first);
    outcome_free (&outcome);
  }
}

static void
an_open_loop_without_load_waits_for_nobody (G_GNUC_UNUSED void **state)
{
  Plan plan = {
    "30 ms", 1, "{pattern: open_loop, every: 2 ms, requests: 10, request: 1 KiB, response: 2 KiB}"
  };
  Outcome outcome = carry_out (&plan, true);

  assert_int_equal (count_of (&outcome, LATENCY_REQUEST), 10);
  assert_int_equal (sum_of (&outcome, LATENCY_REQUEST, STAGE_QUEUE), 0);
  outcome_free (&outcome);
}

static void
short_flows_are_set_up_used_and_ended (G_GNUC_UNUSED void **state)
{
  static const char *const traffic[] = {
    "{pattern: short_flows, concurrent: 3, pause: 10 us, requests: 4, response: 3 KiB}",
    "{pattern: short_flows, concurrent: 3, opens: peer, closes: peer, requests: 4, response: 3 "
    "KiB}",
    "{pattern: short_flows, every: 100 us, closes: peer, requests: 4, response: 3 KiB}",
    "{pattern: short_flows, every: 100 us, opens: peer, asks: peer, requests: 4, request: 3 KiB, "
    "response: 512 B}",
  };

  for (size_t i = 0; i < G_N_ELEMENTS (traffic); i++)
    for (int chimney = 0; chimney < 2; chimney++) {
      Plan plan = { "60 ms", 20, traffic[i] };
      Outcome outcome = carry_out (&plan, chimney);
      const Host *host = world_host (outcome.run->world);
      assert_int_equal (count_of (&outcome, LATENCY_CONNECT), 20);
      assert_int_equal (count_of (&outcome, LATENCY_FIRST_BYTE), 20);
      assert_int_equal (count_of (&outcome, LATENCY_FLOW), 20);
      assert_int_equal (received_by_host (&outcome), 20 * 4 * 3 * 1024);
      assert_int_equal (received_by_peers (&outcome), 20 * 4 * 512);
      assert_int_equal (host_offloaded (host, (HostSet){ 0, 19 }), 0);
      for (uint32_t id = 0; id < 20; id++) {
        bool host_closes = strstr (traffic[i], "closes: peer") == NULL;
        assert_int_equal (host_state (host, id),
                          host_closes ? TcpConnectionTimeWait : TcpConnectionClosed);
      }
      outcome_free (&outcome);
    }
}

static void
as_many_are_open_as_was_said (G_GNUC_UNUSED void **state)
{
  Plan plan = { "5 ms", 100,
                "{pattern: short_flows, concurrent: 7, requests: 1000, response: 3 KiB}" };
  Outcome outcome = carry_out (&plan, false);

  assert_int_equal (host_established (world_host (outcome.run->world), (HostSet){ 0, 99 }), 7);
  assert_int_equal (count_of (&outcome, LATENCY_CONNECT), 7);
  outcome_free (&outcome);
}

static void
a_set_up_takes_a_round_trip_at_least_and_its_parts_sum (G_GNUC_UNUSED void **state)
{
  Plan plan = { "60 ms", 10, "{pattern: short_flows, concurrent: 1, requests: 2}" };
  Outcome outcome = carry_out (&plan, false);
  g_autoptr (GArray) set_ups = latency_totals (outcome.run->latency, LATENCY_CONNECT, -1);
  g_autoptr (GArray) flows = latency_totals (outcome.run->latency, LATENCY_FLOW, -1);
  int64_t sum = 0;

  assert_true (g_array_index (set_ups, int64_t, 0) > 20 * SIM_PS_PER_US);
  for (guint i = 0; i < flows->len; i++)
    sum += g_array_index (flows, int64_t, i);
  assert_int_equal (sum, sum_of (&outcome, LATENCY_FLOW, STAGE_SETUP)
                             + sum_of (&outcome, LATENCY_FLOW, STAGE_TRANSFER)
                             + sum_of (&outcome, LATENCY_FLOW, STAGE_CLOSE));
  outcome_free (&outcome);
}

static bool
is_drawn (const GPtrArray *plots, const char *name)
{
  for (guint i = 0; i < plots->len; i++) {
    const LabPlot *plot = plots->pdata[i];
    if (strcmp (plot->name, name) == 0)
      return plot->svg != NULL;
  }
  return false;
}

static void
connections_are_drawn_like_other_operations (G_GNUC_UNUSED void **state)
{
  Plan plan = { "20 ms", 10, "{pattern: short_flows, concurrent: 2, requests: 2}" };
  Outcome outcome = carry_out (&plan, true);
  LabView view = lab_run_view (outcome.run);
  g_autofree char *root = g_dir_make_tmp ("chimsim-apps-XXXXXX", NULL);
  g_autofree char *path = g_build_filename (root, "r", NULL);
  LabFolder *folder = lab_folder_new (path, NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) plots = lab_plots_write (&view, NULL, folder, &error);

  if (plots == NULL)
    fail_msg ("%s", error->message);
  assert_true (is_drawn (plots, "breakdown_flow"));
  assert_true (is_drawn (plots, "cdf_connect"));
  assert_true (is_drawn (plots, "percentiles_first_byte"));
  lab_folder_free (folder);
  (void)g_rmdir (root);
  outcome_free (&outcome);
}

static void
a_mix_deals_each_connection_one_pattern (G_GNUC_UNUSED void **state)
{
  Plan plan = {
    "30 ms", 40,
    "{pattern: mix, of: {up: {weight: 3, pattern: send, bytes: 10 KiB}, down: {pattern: "
    "receive, bytes: 7 KiB}}}"
  };

  for (int chimney = 0; chimney < 2; chimney++) {
    Outcome outcome = carry_out (&plan, chimney);
    uint64_t n_up = received_by_peers (&outcome) / 10240;
    uint64_t n_down = received_by_host (&outcome) / 7168;
    assert_int_equal (received_by_peers (&outcome), n_up * 10240);
    assert_int_equal (n_up + n_down, 40);
    assert_true (n_up > 20);
    assert_true (n_down > 2);
    outcome_free (&outcome);
  }
}

static void
a_replay_moves_what_was_recorded (G_GNUC_UNUSED void **state)
{
  static const char flows[] = "flows: [[0 us, 5 KiB, send], [10 us, 60 KiB, receive], [1 ms, 1 B, "
                              "receive], [1 ms, 100 KiB, "
                              "send]]}";
  g_autofree char *shared = g_strdup_printf ("{pattern: replay, %s", flows);
  g_autofree char *own = g_strdup_printf ("{pattern: replay, connect: true, %s", flows);

  for (int chimney = 0; chimney < 2; chimney++) {
    Outcome two = carry_out (&(Plan){ "30 ms", 2, shared }, chimney);
    Outcome four = carry_out (&(Plan){ "30 ms", 4, own }, chimney);
    assert_int_equal (received_by_host (&two), 60 * 1024 + 1);
    assert_int_equal (received_by_peers (&two), 105 * 1024);
    assert_int_equal (received_by_host (&four), 60 * 1024 + 1);
    assert_int_equal (received_by_peers (&four), 105 * 1024);
    assert_int_equal (count_of (&two, LATENCY_FLOW), 0);
    assert_int_equal (count_of (&four, LATENCY_FLOW), 4);
    outcome_free (&two);
    outcome_free (&four);
  }
}

static void
the_policy_waits_until_a_connection_is_worth_it (G_GNUC_UNUSED void **state)
{
  static const struct {
    const char *after;
    uint64_t offloaded;
  } table[] = { { "0 B", 3 }, { "30 KiB", 3 }, { "90 KiB", 0 } };

  for (size_t i = 0; i < G_N_ELEMENTS (table); i++) {
    g_autofree char *text =
        g_strdup_printf (HEAD, "20 ms", "true", 3, "{pattern: receive, bytes: 60 KiB}");
    g_autoptr (GError) error = NULL;
    g_autofree char *set = g_strdup_printf ("after_bytes: %s", table[i].after);
    g_auto (GStrv) parts = g_strsplit (text, "after_bytes: 0 B", 2);
    g_autofree char *with = g_strjoin (set, parts[0], parts[1], NULL);
    g_autoptr (LabScenario) scenario = load (with, &error);
    LabRunRequest request = { .config = lab_scenario_config (scenario) };
    g_autoptr (LabRun) run = lab_run (&request);
    assert_int_equal (host_stats (world_host (run->world)).initiated, table[i].offloaded);
  }
}

/* Two groups with |host| and |group| in the host's and the first group's place. */
static char *
text_of_styles (const char *host, const char *group)
{
  return g_strdup_printf (
      "format: chimsim/1\nname: r\nseed: 7\nstop: {at: 6 ms}\nhost: {preset: server-2008%s}\n"
      "target: {preset: toe-10g}\nconnections:\n  g: {count: 2, nagle: false%s, traffic: {pattern: "
      "request_response, asks: peer, request: 3 KiB, response: 64 B}}\n  h: {count: 1, traffic: "
      "{pattern: none}}\ntimeline: [{id: down, at: 1 ms, do: offload, target: \"g/*\"}]\n",
      host, group);
}

/* The fingerprint of the crossings of that. */
static uint64_t
crossings_of (const char *host, const char *group)
{
  g_autofree char *text = text_of_styles (host, group);
  g_autoptr (GError) error = NULL;
  g_autoptr (LabScenario) scenario = load (text, &error);
  if (scenario == NULL)
    fail_msg ("%s", error->message);
  const ConnectionGroup *other = &lab_scenario_config (scenario)->group[1];
  assert_int_equal (other->receive.style, lab_scenario_config (scenario)->host.receive.style);
  LabRunRequest request = { .config = lab_scenario_config (scenario), .rules = true };
  g_autoptr (LabRun) run = lab_run (&request);
  assert_int_equal (lab_verdict_of (run, NULL), LAB_VERDICT_CLEAN);
  return run->print[SIM_PRINT_ORDER];
}

static void
a_group_receives_in_its_own_style (G_GNUC_UNUSED void **state)
{
  uint64_t plain = crossings_of ("", "");
  uint64_t of_group = crossings_of ("", ", receive: {style: indicate_and_post, accept: 1 KiB}");
  uint64_t of_host = crossings_of (", receive: {style: indicate_and_post, accept: 1 KiB}", "");
  uint64_t of_both =
      crossings_of (", receive: {accept: 1 KiB}", ", receive: {style: indicate_and_post}");

  assert_true (of_group != plain);
  assert_true (of_group == of_host);
  assert_true (of_group == of_both);
}

static void
what_makes_no_sense_is_refused_with_its_place (G_GNUC_UNUSED void **state)
{
  static const struct {
    uint32_t count;
    const char *traffic, *words;
  } table[] = {
    { 2, "{pattern: short_flows}", "a.yaml:9:40:" },
    { 2, "{pattern: short_flows}", "write concurrent or every, one of them" },
    { 2, "{pattern: short_flows, every: 1 ms, concurrent: 2}", "write concurrent or every" },
    { 2, "{pattern: short_flows, every: 1 ms, pause: 2 us}", "pause goes with concurrent" },
    { 2, "{pattern: open_loop}", "traffic.every is missing" },
    { 2, "{pattern: open_loop, every: 0 us}", "0 us is out of range; write 1 ns to" },
    { 2, "{pattern: mix, of: {}}", "0 patterns; write 1 to 16" },
    { 2, "{pattern: mix, of: {a: {pattern: short_flows, every: 1 ms}}}", "short_flows" },
    { 2, "{pattern: mix, of: {a: {weight: 3}}}", "pattern is missing" },
    { 2, "{pattern: replay, flows: [[0 us, 1 B, send]], connect: true}",
      "2 connections for 1 flows; with connect write count: 1" },
    { 2, "{pattern: replay, flows: nowhere.csv}", "tests/lab/nowhere.csv cannot be read" },
    { 2, "{pattern: replay, flows: refused}", "tests/lab/refused cannot be read: Is a directory" },
    { 2, "{pattern: replay, flows: []}", "has no flow in it" },
    { 2, "{pattern: replay, flows: [[1 us, 1 B]]}", "write [1 ms, 2 KiB, send]" },
    { 2, "{pattern: replay, flows: refused/flows.csv}",
      "tests/lab/refused/flows.csv:3:1: connections.g.traffic.flows: \"sideways\" is no "
      "direction" },
    { 2, "{pattern: replay, flows: refused/flows.csv}",
      "tests/lab/refused/flows.csv:5:1: connections.g.traffic.flows: starts before the flow "
      "above" },
    { 2, "{pattern: replay, flows: refused/flows.csv}",
      "tests/lab/refused/flows.csv:6:1: connections.g.traffic.flows: 7 has no unit" },
    { 2, "{pattern: replay, flows: refused/flows.csv}",
      "tests/lab/refused/flows.csv:7:1: connections.g.traffic.flows: a flow is "
      "start,bytes,direction" },
    { 2, "{pattern: replay, flows: refused/flows.csv}",
      "tests/lab/refused/flows.csv:8:1: connections.g.traffic.flows: the bytes of a flow are out "
      "of "
      "range" },
  };
  for (size_t i = 0; i < G_N_ELEMENTS (table); i++) {
    g_autofree char *text =
        g_strdup_printf (HEAD, "5 ms", "true", table[i].count, table[i].traffic);
    g_autoptr (GError) error = NULL;
    g_autoptr (LabScenario) scenario = load (text, &error);
    assert_null (scenario);
    if (strstr (error->message, table[i].words) == NULL)
      fail_msg ("%s: %s", table[i].traffic, error->message);
  }
}

/* A setting of the host counts for each group that does not have its own; it is told where it was
 * written. */
static void
a_receive_setting_without_effect_is_refused (G_GNUC_UNUSED void **state)
{
  static const struct {
    const char *of_host, *of_group, *words;
  } table[] = {
    { "", ", receive: {prefilled: true}", "write receive.push: false" },
    { "", ", receive: {prefilled: true}", "a.yaml:8:" },
    { ", receive: {prefilled: true}", ", receive: {push: false}", "a.yaml:5:" },
    { "", ", receive: {zero_length: true}", "write receive.style: indicate_and_post" },
    { ", receive: {style: indicate_and_post, zero_length: true}", ", receive: {style: pre_post}",
      "connections.g: receive.zero_length has no effect" },
    { "", ", receive: {push: false, prefilled: true}", NULL },
    { "", ", receive: {style: indicate_and_post, zero_length: true}", NULL },
  };
  for (size_t i = 0; i < G_N_ELEMENTS (table); i++) {
    g_autofree char *text = text_of_styles (table[i].of_host, table[i].of_group);
    g_autoptr (GError) error = NULL;
    g_autoptr (LabScenario) scenario = load (text, &error);
    assert_int_equal (scenario == NULL, table[i].words != NULL);
    if (scenario == NULL && strstr (error->message, table[i].words) == NULL)
      fail_msg ("%s", error->message);
  }
}

static void
a_list_of_a_spreadsheet_is_read (G_GNUC_UNUSED void **state)
{
  g_autofree char *text =
      g_strdup_printf (HEAD, "5 ms", "true", 2u, "{pattern: replay, flows: spreadsheet.csv}");
  g_autoptr (GError) error = NULL;
  g_autoptr (LabScenario) scenario = load (text, &error);

  if (scenario == NULL)
    fail_msg ("%s", error->message);
  const TrafficSpec *spec = &lab_scenario_config (scenario)->group[0].traffic;
  assert_int_equal (spec->n_flows, 2);
  assert_int_equal (spec->flows[0].bytes, 5);
  assert_true (spec->flows[1].to_host);
}

static void
recorded_flows_resolve_to_themselves (G_GNUC_UNUSED void **state)
{
  g_autofree char *text =
      g_strdup_printf (HEAD, "5 ms", "true", 2u, "{pattern: replay, flows: flows.csv}");
  g_autoptr (GError) error = NULL;
  g_autoptr (LabScenario) scenario = load (text, &error);
  if (scenario == NULL)
    fail_msg ("%s", error->message);
  const LabSetting *flows = lab_scenario_find (scenario, "connections.g.traffic.flows");
  g_autofree char *resolved = lab_setting_text (flows);

  assert_string_equal (resolved, "[[0 ps, 4 KiB, send], [1.5 ms, 1 MiB, receive]]");
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test (bulk_goes_both_ways),
    cmocka_unit_test (an_open_loop_counts_the_wait_for_ones_turn),
    cmocka_unit_test (an_open_loop_without_load_waits_for_nobody),
    cmocka_unit_test (short_flows_are_set_up_used_and_ended),
    cmocka_unit_test (as_many_are_open_as_was_said),
    cmocka_unit_test (a_set_up_takes_a_round_trip_at_least_and_its_parts_sum),
    cmocka_unit_test (connections_are_drawn_like_other_operations),
    cmocka_unit_test (a_mix_deals_each_connection_one_pattern),
    cmocka_unit_test (a_replay_moves_what_was_recorded),
    cmocka_unit_test (the_policy_waits_until_a_connection_is_worth_it),
    cmocka_unit_test (a_group_receives_in_its_own_style),
    cmocka_unit_test (what_makes_no_sense_is_refused_with_its_place),
    cmocka_unit_test (a_receive_setting_without_effect_is_refused),
    cmocka_unit_test (a_list_of_a_spreadsheet_is_read),
    cmocka_unit_test (recorded_flows_resolve_to_themselves),
  };
  return cmocka_run_group_tests (tests, NULL, NULL);
}
