#include "tests/support.h"

#include "lab/run.h"

#include <stdio.h>
#include <string.h>

/* Forty calm connections before ten busy ones, and twelve places. */
#define SCENARIO                                                                             \
  "format: chimsim/1\n"                                                                      \
  "name: policies\n"                                                                         \
  "seed: 9\n"                                                                                \
  "stop: {at: 40 ms}\n"                                                                      \
  "host: {preset: server-2008, offload: {%s}}\n"                                             \
  "target: {preset: toe-10g, tables: {tcp: 12}, limits: {reject_every: %s}}\n"               \
  "wire: {rate: 10 Gbit/s, one_way: 10 us, queue: 1 MiB}\n"                                  \
  "connections:\n"                                                                           \
  "  calm: {count: 40, via: {paths: 4}, nagle: false, traffic: {pattern: request_response, " \
  "request: 512 B, response: 4 KiB, think: {exponential: 40 ms}}}\n"                         \
  "  busy: {count: 10, via: {paths: 2}, nagle: false, traffic: {pattern: request_response, " \
  "request: 512 B, response: 16 KiB, think: {exponential: 300 us}}}\n"                       \
  "timeline: []\n"

#define CALM ((HostSet){ 0, 39 })
#define BUSY ((HostSet){ 40, 49 })

/* What a policy comes to. */
typedef struct Outcome {
  uint32_t calm, busy; /* offloaded at the end */
  uint64_t broken;     /* rules */
  HostStats host;
  TargetStats target;
} Outcome;

static Outcome
outcome_with (const char *offload, const char *reject_every)
{
  static const char *const folders[] = { "scenarios/presets", NULL };
  g_autofree char *text = g_strdup_printf (SCENARIO, offload, reject_every);
  LabScenarioRequest wanted = {
    .path = "policies.yaml", .text = text, .n_bytes = strlen (text), .preset_folders = folders
  };
  GError *error = NULL;
  LabScenario *scenario = lab_scenario_load (&wanted, &error);

  if (scenario == NULL)
    fprintf (stderr, "%s\n", error->message);
  assert_non_null (scenario);
  LabRunRequest request = { .config = lab_scenario_config (scenario), .rules = true };
  LabRun *run = lab_run (&request);
  const Host *host = world_host (run->world);
  Outcome outcome = {
    .calm = host_offloaded (host, CALM),
    .busy = host_offloaded (host, BUSY),
    .broken = rule_book_n_broken (run->rules, RULE_VIOLATION),
    .host = host_stats (host),
    .target = target_stats (world_target (run->world)),
  };
  lab_run_free (run);
  lab_scenario_free (scenario);
  return outcome;
}

static Outcome
outcome_of (const char *offload)
{
  return outcome_with (offload, "0");
}

static void
nothing_is_offloaded_if_the_timeline_decides (G_GNUC_UNUSED void **state)
{
  Outcome outcome = outcome_of ("policy: timeline");

  assert_int_equal (outcome.host.initiate_trees, 0);
}

static void
all_at_once_gives_the_places_to_the_first (G_GNUC_UNUSED void **state)
{
  Outcome outcome = outcome_of ("policy: all_at_once");

  assert_int_equal (outcome.calm, 12);
  assert_int_equal (outcome.busy, 0);
  assert_int_equal (outcome.target.initiates_refused, 0);
  assert_int_equal (outcome.broken, 0);
}

static void
eviction_keeps_the_active (G_GNUC_UNUSED void **state)
{
  Outcome without = outcome_of ("policy: all_at_once");
  Outcome with = outcome_of ("policy: all_at_once, evict: lru, back_off: 20 ms");

  assert_true (with.busy >= 9);
  assert_true (with.calm + with.busy <= 12);
  assert_true (with.host.delivered_bytes[PATH_CHIMNEY]
               > 4 * without.host.delivered_bytes[PATH_CHIMNEY]);
  assert_int_equal (with.target.initiates_refused, 0);
  assert_int_equal (with.broken, 0);
}

static void
by_bytes_waits_for_the_bytes (G_GNUC_UNUSED void **state)
{
  Outcome many = outcome_of ("policy: by_bytes, after_bytes: 64 KiB");
  Outcome more = outcome_of ("policy: by_bytes, after_bytes: 64 MiB");

  assert_int_equal (many.busy, 10);
  assert_int_equal (more.busy + more.calm, 0);
  assert_int_equal (many.broken, 0);
}

static void
by_activity_prefers_who_moves_most (G_GNUC_UNUSED void **state)
{
  Outcome outcome = outcome_of ("policy: by_activity, active_bytes: 16 KiB");

  assert_int_equal (outcome.busy, 10);
  assert_int_equal (outcome.calm, 0);
  assert_int_equal (outcome.broken, 0);
}

static void
who_rests_is_uploaded (G_GNUC_UNUSED void **state)
{
  Outcome stays = outcome_of ("policy: all_at_once");
  Outcome goes = outcome_of ("policy: all_at_once, idle_upload: 4 ms, back_off: 40 ms");

  assert_int_equal (stays.host.terminated, 0);
  assert_true (goes.host.terminated > 12);
  assert_int_equal (goes.busy, 10);
  assert_int_equal (goes.broken, 0);
}

static void
backing_off_spares_initiates (G_GNUC_UNUSED void **state)
{
  Outcome eager = outcome_with ("policy: by_activity, back_off: 0 ps", "1");
  Outcome patient = outcome_with ("policy: by_activity, back_off: 8 ms", "1");

  assert_true (eager.target.initiates_refused > 0);
  assert_true (patient.target.initiates_refused > 0);
  assert_true (4 * patient.target.initiates_refused < eager.target.initiates_refused);
  assert_int_equal (patient.broken, 0);
}

static void
the_same_seed_gives_the_same_choices (G_GNUC_UNUSED void **state)
{
  Outcome one = outcome_of ("policy: by_activity, evict: lru");
  Outcome other = outcome_of ("policy: by_activity, evict: lru");

  assert_memory_equal (&one.host, &other.host, sizeof one.host);
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test (nothing_is_offloaded_if_the_timeline_decides),
    cmocka_unit_test (all_at_once_gives_the_places_to_the_first),
    cmocka_unit_test (eviction_keeps_the_active),
    cmocka_unit_test (by_bytes_waits_for_the_bytes),
    cmocka_unit_test (by_activity_prefers_who_moves_most),
    cmocka_unit_test (who_rests_is_uploaded),
    cmocka_unit_test (backing_off_spares_initiates),
    cmocka_unit_test (the_same_seed_gives_the_same_choices),
  };

  return cmocka_run_group_tests (tests, NULL, NULL);
}
