#include "tests/support.h"

#include "lab/scenario.h"

#include <string.h>

#include "lab/explain.h"
#include "lab/preset.h"

#define HEAD "format: chimsim/1\nname: small\nstop: {at: 100 ms}\n"

typedef struct Fixture {
  LabScenario *scenario;
  GError *error;
} Fixture;

static int
setup (void **state)
{
  *state = g_new0 (Fixture, 1);
  return 0;
}

static void
drop (Fixture *fixture)
{
  g_clear_pointer (&fixture->scenario, lab_scenario_free);
  g_clear_error (&fixture->error);
}

static int
teardown (void **state)
{
  drop (*state);
  g_free (*state);
  return 0;
}

static const WorldConfig *
load_with (Fixture *fixture, const char *text, const LabSet *sets, size_t n_sets)
{
  static const char *const folders[] = { "scenarios/presets", NULL };
  LabScenarioRequest request = { .path = "s.yaml",
                                 .text = text,
                                 .n_bytes = strlen (text),
                                 .sets = sets,
                                 .n_sets = n_sets,
                                 .preset_folders = folders };
  drop (fixture);
  fixture->scenario = lab_scenario_load (&request, &fixture->error);
  return fixture->scenario != NULL ? lab_scenario_config (fixture->scenario) : NULL;
}

static const WorldConfig *
load (Fixture *fixture, const char *text)
{
  return load_with (fixture, text, NULL, 0);
}

static const char *
told (const Fixture *fixture)
{
  return fixture->error != NULL ? fixture->error->message : "";
}

static void
a_scenario_becomes_a_configuration (void **state)
{
  Fixture *fixture = *state;

  const WorldConfig *config =
      load (fixture,
            HEAD "seed: 7\n"
                 "host: {processors: {count: 2, clock: 3 GHz}, offload: {batch: {size: 5}}}\n"
                 "target: {engine: {clock: 100 MHz}, vlans: [7, 9], on_invalidate: continue,\n"
                 "         defects: [loses-a-send]}\n"
                 "wire: {rate: 1 Gbit/s, loss: 1/1000}\n"
                 "connections:\n"
                 "  web: {count: 10, ip: 6, mtu: 1500 B, mss: 1428 B, via: {paths: 5}}\n"
                 "  bulk: {count: 3, traffic: {pattern: send, bytes: 1 MiB}}\n"
                 "freedom: {same_time: open, sites: [loss]}\n"
                 "measure: {warmup: 1 ms}\n");

  assert_string_equal (told (fixture), "");
  assert_string_equal (config->name, "small");
  assert_int_equal (config->seed, 7);
  assert_int_equal (config->stop.until.ps, INT64_C (100000000000));
  assert_int_equal (config->host.n_cpus, 2);
  assert_int_equal (config->host.clock_hz, INT64_C (3000000000));
  assert_int_equal (config->host.offload.batch.size, 5);
  assert_int_equal (config->target.engines.clock.hz, 100000000);
  assert_int_equal (config->target.n_vlan_ids, 2);
  assert_int_equal (config->target.vlan_ids[1], 9);
  assert_int_equal (config->target.knobs.on_invalidate, TARGET_INVALIDATE_CONTINUES);
  assert_int_equal (config->target.defects, UINT64_C (1) << TARGET_DEFECT_LOSES_A_SEND);
  assert_int_equal (config->wire.rate_bits_per_s, 1000000000);
  assert_int_equal (config->wire.loss_numerator, 1);
  assert_int_equal (config->wire.loss_denominator, 1000);
  assert_int_equal (config->n_groups, 2);
  assert_int_equal (config->n_connections, 13);
  assert_int_equal (config->group[0].ip_version, 6);
  assert_int_equal (config->group[0].paths, 5);
  assert_int_equal (config->group[1].first_id, 10);
  assert_int_equal (config->group[1].traffic.pattern, TRAFFIC_SEND);
  assert_int_equal (config->group[1].traffic.bulk_bytes, 1048576);
  assert_int_equal (config->open_sites, UINT64_C (1) << SITE_SAME_TIME | UINT64_C (1) << SITE_LOSS);
  assert_int_equal (config->warmup.ps, 1000000000);
}

static void
costs_become_distributions (void **state)
{
  Fixture *fixture = *state;

  const WorldConfig *config =
      load (fixture, HEAD "host: {costs: {oid: {uniform: [10 cycles, 20 cycles]}}}\n"
                          "target: {power: {d0_to_d3: 2 ms}, costs: {doorbell: 7 cycles}}\n");

  assert_string_equal (told (fixture), "");
  assert_int_equal (sim_dist_min (config->host.cost[HOST_COST_OID]), 10);
  assert_int_equal (sim_dist_max (config->host.cost[HOST_COST_OID]), 20);
  assert_int_equal (sim_dist_mean (config->target.cost[TARGET_COST_D0_TO_D3]),
                    INT64_C (2000000000));
  assert_int_equal (sim_dist_mean (config->target.cost[TARGET_COST_DOORBELL]), 7);
  for (int i = 0; i < HOST_N_COSTS; i++)
    assert_non_null (config->host.cost[i]);
  for (int i = 0; i < TARGET_N_COSTS; i++)
    assert_non_null (config->target.cost[i]);
}

static void
drivers_stand_in_the_order_of_the_stack (void **state)
{
  Fixture *fixture = *state;

  const WorldConfig *config =
      load (fixture, HEAD "im: {a: {}, b: {preset: pass-through, queue_depth: 3}}\n"
                          "stack: [host, im.b, im.a, target, wire]\n");

  assert_string_equal (told (fixture), "");
  assert_int_equal (config->n_ims, 2);
  assert_string_equal (config->im[0].name, "b");
  assert_string_equal (config->im[0].driver, "pass-through");
  assert_int_equal (config->im[0].queue_depth, 3);
  assert_int_equal (config->im[1].layer, 2);
}

static void
all_anchors_are_read (void **state)
{
  Fixture *fixture = *state;

  const WorldConfig *config = load (
      fixture, HEAD
      "connections: {mail: {count: 5}, web: {count: 300}}\n"
      "timeline:\n"
      "  - {id: late, after: {event: early, outcome: ended, delay: 2 us}, do: upload, target: "
      "mail}\n"
      "  - {id: early, at: 5 ms, do: offload, target: web/10-19, batch: {size: 3, gap: 1 us}}\n"
      "  - id: inside\n"
      "    when: {between: [MiniportInitiateOffload, NdisMInitiateOffloadComplete], for: "
      "web/17, offset: 3 us}\n"
      "    do: receive\n"
      "    target: web/17\n"
      "    segment: {flags: [RST, ACK], seq: rcv_nxt+5, ack: snd_nxt - 1, payload: 9 B}\n"
      "  - {id: many, when: {metric: offloaded(web), reaches: 200}, do: close, target: web/*, "
      "by: peer}\n");

  assert_string_equal (told (fixture), "");
  assert_int_equal (config->n_events, 4);
  const TimelineEvent *event = config->event;
  assert_int_equal (event[0].anchor, TIMELINE_AFTER);
  assert_int_equal (event[0].after, 1);
  assert_int_equal (event[0].outcome, TIMELINE_ENDED);
  assert_int_equal (event[0].delay.ps, 2000000);
  assert_int_equal (event[0].target.last, 4);
  assert_int_equal (event[0].batch.size, 64);
  assert_int_equal (event[1].at.ps, INT64_C (5000000000));
  assert_int_equal (event[1].target.first, 15);
  assert_int_equal (event[1].target.last, 24);
  assert_int_equal (event[1].batch.size, 3);
  assert_int_equal (event[2].anchor, TIMELINE_BETWEEN);
  assert_int_equal (event[2].between[0], NDIS_CALL_MiniportInitiateOffload);
  assert_int_equal (event[2].between_connection, 22);
  assert_int_equal (event[2].segment_flags, TCP_RST | TCP_ACK);
  assert_int_equal (event[2].segment_seq_offset, 5);
  assert_int_equal (event[2].segment_ack_offset, -1);
  assert_int_equal (event[2].segment_payload_bytes, 9);
  assert_int_equal (event[3].anchor, TIMELINE_METRIC);
  assert_int_equal (event[3].metric, METRIC_OFFLOADED);
  assert_int_equal (event[3].metric_of.first, 5);
  assert_int_equal (event[3].reaches, 200);
  assert_int_equal (event[3].part, TIMELINE_PART_PEER);
  assert_int_equal (lab_scenario_event_loc (fixture->scenario, 2).line, 8);
}

static void
keys_that_begin_with_x_are_free (void **state)
{
  Fixture *fixture = *state;

  load (fixture, HEAD "x-note: {any: [thing]}\nwire: {x-why: because}\n");

  assert_string_equal (told (fixture), "");
}

static const LabSetting *
setting_at (const Fixture *fixture, const char *path)
{
  const LabSetting *setting = lab_scenario_find (fixture->scenario, path);
  assert_non_null (setting);
  return setting;
}

static void
the_nearest_source_of_a_value_wins_and_is_remembered (void **state)
{
  Fixture *fixture = *state;
  const LabSet sets[] = { { "target.engine.count", "7", false },
                          { "wire.rate", "2 Gbit/s", true } };

  const WorldConfig *config =
      load_with (fixture, HEAD "target: {preset: toe-1g, engine: {count: 5, clock: 5 MHz}}\n", sets,
                 2);

  assert_string_equal (told (fixture), "");
  assert_int_equal (config->target.engines.count, 7);
  assert_int_equal (config->target.engines.clock.hz, 5000000);
  assert_int_equal (config->target.cache.context_bytes, 616);
  assert_int_equal (setting_at (fixture, "target.engine.count")->origin.kind, LAB_FROM_SET);
  assert_int_equal (setting_at (fixture, "target.engine.clock")->origin.kind, LAB_FROM_SCENARIO);
  assert_int_equal (setting_at (fixture, "target.cache.context")->origin.kind, LAB_FROM_PRESET);
  assert_int_equal (setting_at (fixture, "target.mailbox")->origin.kind, LAB_FROM_DEFAULT);
  assert_int_equal (setting_at (fixture, "wire.rate")->origin.kind, LAB_FROM_SWEEP);
  g_autofree char *place = lab_origin_text (&setting_at (fixture, "target.engine.clock")->origin);
  assert_string_equal (place, "s.yaml:4:52");
}

static void
set_reaches_into_lists_and_makes_what_is_missing (void **state)
{
  Fixture *fixture = *state;
  const LabSet sets[] = { { "timeline.b.at", "9 ms", false },
                          { "timeline.0.at", "2 ms", false },
                          { "im.fresh.queue_depth", "4", false },
                          { "host.costs.oid", "{uniform: [1 cycles, 2 cycles]}", false } };

  const WorldConfig *config = load_with (fixture,
                                         HEAD "connections: {web: {count: 3}}\n"
                                              "timeline:\n"
                                              "  - {at: 1 ms, id: \"a\", do: abort, target: web}\n"
                                              "  - {id: b, at: 1 ms, do: abort, target: web}\n",
                                         sets, 1);
  assert_string_equal (told (fixture), "");
  assert_int_equal (config->event[1].at.ps, INT64_C (9000000000));

  config = load_with (fixture, HEAD, &sets[2], 2);
  assert_string_equal (told (fixture), "");
  assert_int_equal (config->im[0].queue_depth, 4);
  assert_int_equal (sim_dist_max (config->host.cost[HOST_COST_OID]), 2);
}

static void
a_wrong_set_names_the_argument (void **state)
{
  Fixture *fixture = *state;
  static const struct {
    LabSet set;
    const char *message;
  } table[] = {
    { { "target.engine.clock", "350", false },
      "--set target.engine.clock=350: target.engine.clock: 350 has no unit; write one of Hz, kHz, "
      "MHz, GHz, for instance 350 MHz" },
    { { "target.engine.clok", "350 MHz", false },
      "--set target.engine.clok=350 MHz: target.engine has no key clok; write clock" },
    { { "name.x", "1", false },
      "--set name.x=1: name is a value and has no keys; end the path there" },
    { { "timeline.nobody.at", "1 ms", false },
      "--set timeline.nobody.at=1 ms: there is no element nobody in that list; write its id or "
      "number" },
    { { "a..b", "1", false },
      "--set a..b=1: \"a..b\" is not a path; write for instance target.tables.tcp" },
    { { "seed", "[", false }, "--set seed=[: \"[\" is not a value; write path=value" },
    { { "seed", "", false }, "--set seed=: \"\" is not a value; write path=value" },
    { { "wire.rate", "x", true },
      "sweep wire.rate=x: wire.rate: \"x\" is not a rate; write for instance 10 Gbit/s" },
  };
  for (size_t i = 0; i < G_N_ELEMENTS (table); i++) {
    load_with (fixture, HEAD "timeline: []\n", &table[i].set, 1);
    assert_string_equal (told (fixture), table[i].message);
  }
}

static const char full[] =
    HEAD "summary: \"one: two\"\n"
         "host: {preset: server-2020}\n"
         "im: {a: {call_cost: {lognormal: {p50: 5 cycles, p99: 50 cycles}}}}\n"
         "target: {preset: toe-flex}\n"
         "connections: {web: {count: 40, traffic: {pattern: request_response,\n"
         "  response: {empirical: [[1 KiB, 3], [2 KiB, 1]]}, think: {exponential: 4 ms}}}}\n"
         "timeline: [{id: a, at: 5 ms, do: offload, target: \"web/*\"},\n"
         "  {id: b, when: {metric: offloaded(web), reaches: 3}, do: abort, target: web/1}]\n"
         "output: {plots: [{kind: percentiles, of: request, at: [50, 99.9]}]}\n"
         "sweep: {grid: {target.tables.tcp: [1, 2]}}\n"
         "explore: {budget: {wall: 30 min}}\n";

static void
the_resolved_scenario_resolves_to_itself (void **state)
{
  Fixture *fixture = *state;

  load (fixture, full);
  assert_string_equal (told (fixture), "");
  g_autofree char *once = lab_scenario_resolved (fixture->scenario);
  g_autofree char *digest = lab_scenario_digest (fixture->scenario);
  load (fixture, once);
  assert_string_equal (told (fixture), "");
  g_autofree char *twice = lab_scenario_resolved (fixture->scenario);
  g_autofree char *digest_twice = lab_scenario_digest (fixture->scenario);

  assert_string_equal (twice, once);
  assert_string_equal (digest_twice, digest);
  assert_null (strstr (once, "preset"));
}

static void
only_what_can_change_a_run_changes_the_digest (void **state)
{
  Fixture *fixture = *state;
  static const struct {
    const char *text;
    bool is_same;
  } table[] = {
    { HEAD, true },
    { HEAD "summary: another\nmeasure: {warmup: 1 ms}\n", true },
    { HEAD "sweep: {grid: {seed: [1, 2]}}\nx-a: b\n", true },
    { "stop: {at: 0.1 s}\nname: other\nformat: chimsim/1\n", true },
    { HEAD "seed: 5\n", false },
    { HEAD "target: {engine: {clock: 351 MHz}}\n", false },
  };
  load (fixture, HEAD);
  g_autofree char *digest = lab_scenario_digest (fixture->scenario);
  for (size_t i = 0; i < G_N_ELEMENTS (table); i++) {
    load (fixture, table[i].text);
    assert_string_equal (told (fixture), "");
    g_autofree char *other = lab_scenario_digest (fixture->scenario);
    assert_true ((strcmp (digest, other) == 0) == table[i].is_same);
  }
}

static void
every_preset_loads_and_fills_its_section (void **state)
{
  Fixture *fixture = *state;
  static const char *const texts[] = {
    HEAD "host: {preset: server-2008}\n",     HEAD "host: {preset: server-2020}\n",
    HEAD "target: {preset: toe-1g}\n",        HEAD "target: {preset: toe-10g}\n",
    HEAD "target: {preset: toe-flex}\n",      HEAD "target: {preset: nic-stateless}\n",
    HEAD "im: {a: {preset: pass-through}}\n",
  };
  for (size_t i = 0; i < G_N_ELEMENTS (texts); i++) {
    load (fixture, texts[i]);
    assert_string_equal (told (fixture), "");
    g_autofree char *explained = lab_explain_text (lab_scenario_settings (fixture->scenario));
    assert_non_null (strstr (explained, ": preset "));
  }
}

/* Counts the rows below |section| whose default differs from what the model has. */
static unsigned
count_differences (const LabSetting *section, const char *loaded, const char *model)
{
  unsigned n = 0;
  for (guint i = 0; i < section->children->len; i++) {
    const LabSetting *setting = section->children->pdata[i];
    const LabField *field = setting->field;
    if (field->type == LAB_SECTION)
      n += count_differences (setting, loaded + field->offset, model + field->offset);
    else if (field->type != LAB_DISTRIBUTION && field->size > 0
             && memcmp (loaded + field->offset, model + field->offset, field->size) != 0) {
      g_autofree char *path = lab_setting_path (setting);
      print_error ("%s has another default in the model\n", path);
      n++;
    }
  }
  return n;
}

static void
the_defaults_of_the_table_are_those_of_the_models (void **state)
{
  Fixture *fixture = *state;
  const WorldConfig *config = load (fixture, HEAD);
  assert_string_equal (told (fixture), "");
  HostConfig host = host_config_default ();
  TargetConfig target;
  target_config_init (&target);

  unsigned n_host = count_differences (setting_at (fixture, "host"), (const char *)&config->host,
                                       (const char *)&host);
  unsigned n_target = count_differences (setting_at (fixture, "target"),
                                         (const char *)&config->target, (const char *)&target);

  assert_int_equal (n_host, 0);
  assert_int_equal (n_target, 0);
}

static void
presets_are_listed_by_name (G_GNUC_UNUSED void **state)
{
  static const char *const folders[] = { "scenarios/presets", "no/such/folder", NULL };
  g_autoptr (LabPresets) presets = lab_presets_new (folders);
  g_autoptr (GPtrArray) list = lab_presets_list (presets);

  bool has_toe = false;
  for (guint i = 0; i < list->len; i++) {
    const LabPresetInfo *info = list->pdata[i];
    const LabPresetInfo *before = i > 0 ? list->pdata[i - 1] : NULL;
    has_toe =
        has_toe || (strcmp (info->name, "toe-10g") == 0 && strcmp (info->purpose, "target") == 0);
    assert_true (before == NULL || strcmp (before->name, info->name) < 0);
    assert_true (strlen (info->summary) > 10);
  }
  assert_true (has_toe);
}

static void
an_explanation_names_value_and_origin (void **state)
{
  Fixture *fixture = *state;
  load (fixture, HEAD "wire: {rate: 1000 Mbit/s}\n");

  g_autofree char *wire = lab_explain_text (lab_scenario_find (fixture->scenario, "wire"));
  LabJson *json = lab_json_new ();
  lab_explain_json (lab_scenario_find (fixture->scenario, "wire.rate"), json);
  g_autofree char *rate = lab_json_free_to_text (json);

  assert_string_equal (wire, "wire.rate                               1 Gbit/s  s.yaml:4:14\n"
                             "wire.one_way                            10 us     default\n"
                             "wire.queue                              256 KiB   default\n"
                             "wire.loss                               0/1       default\n"
                             "wire.impair.to_peer.counts              frames    default\n"
                             "wire.impair.to_peer.loss                0/1       default\n"
                             "wire.impair.to_peer.jitter_overtakes    false     default\n"
                             "wire.impair.from_peer.counts            frames    default\n"
                             "wire.impair.from_peer.loss              0/1       default\n"
                             "wire.impair.from_peer.jitter_overtakes  false     default\n");
  assert_string_equal (rate, "[\n  {\n    \"path\": \"wire.rate\",\n    \"value\": \"1 Gbit/s\",\n"
                             "    \"type\": \"quantity\",\n    \"number\": 1000000000,\n"
                             "    \"unit\": \"bit/s\",\n    \"origin\": \"scenario\",\n"
                             "    \"place\": \"s.yaml:4:14\",\n    \"source\": null\n  }\n]\n");
}

/* A small generator of its own: the same mutations everywhere. */
static uint32_t
next_random (uint64_t *seed)
{
  *seed = *seed * UINT64_C (6364136223846793005) + UINT64_C (1442695040888963407);
  return (uint32_t)(*seed >> 33);
}

static void
damaged_files_are_refused_or_accepted_but_never_break_the_loader (void **state)
{
  Fixture *fixture = *state;
  static const char bytes[] = "{}[]:,-#&*!|>'\"%@ \n0123/abcx\t.~";
  uint64_t seed = 20070604;
  unsigned n_refused = 0;
  for (unsigned i = 0; i < 1500; i++) {
    g_autofree char *text = g_strdup (full);
    size_t n = strlen (text);
    for (unsigned k = 0; k <= i % 4; k++)
      text[next_random (&seed) % n] = bytes[next_random (&seed) % (sizeof bytes - 1)];
    if (i % 5 == 0)
      text[next_random (&seed) % n] = '\0';
    load (fixture, text);
    n_refused += fixture->scenario == NULL;
    assert_true ((fixture->scenario == NULL) == (fixture->error != NULL));
  }
  assert_true (n_refused > 500);
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
#define T(test) cmocka_unit_test_setup_teardown (test, setup, teardown)
    T (a_scenario_becomes_a_configuration),
    T (costs_become_distributions),
    T (drivers_stand_in_the_order_of_the_stack),
    T (all_anchors_are_read),
    T (keys_that_begin_with_x_are_free),
    T (the_nearest_source_of_a_value_wins_and_is_remembered),
    T (set_reaches_into_lists_and_makes_what_is_missing),
    T (a_wrong_set_names_the_argument),
    T (the_resolved_scenario_resolves_to_itself),
    T (only_what_can_change_a_run_changes_the_digest),
    T (every_preset_loads_and_fills_its_section),
    T (the_defaults_of_the_table_are_those_of_the_models),
    T (presets_are_listed_by_name),
    T (an_explanation_names_value_and_origin),
    T (damaged_files_are_refused_or_accepted_but_never_break_the_loader),
#undef T
  };
  return cmocka_run_group_tests (tests, NULL, NULL);
}
