/* Whole runs over networks that impair frames, and under attack: every rule held, every byte
 * right. */
#include "tests/support.h"

#include "lab/run.h"

#include <stdio.h>
#include <string.h>

/* Frames are lost by script, by chance and in bursts, corrupted, duplicated, reordered, delayed and
 * marked, both ways; connections are on either path and move to and fro. */
#define IMPAIRED                                                                         \
  "      counts: data\n"                                                                 \
  "      drop: 3rd, 7-9, every 1000th from 2000\n"                                       \
  "      loss: 1/1000\n"                                                                 \
  "      gilbert_elliott: {good_to_bad: 1/2000, bad_to_good: 1/5, loss_in_bad: 1/2}\n"   \
  "      corrupt: {frames: every 900th, chance: 1/500}\n"                                \
  "      duplicate: {frames: 5-6, chance: 1/500}\n"                                      \
  "      reorder: {frames: every 700th, chance: 1/200, by: {uniform: [10 us, 90 us]}}\n" \
  "      jitter: {uniform: [0 us, 20 us]}\n"                                             \
  "      red: {min: 64 KiB, max: 192 KiB, chance: 1/10}\n"

static const char impaired[] =
    "format: chimsim/1\n"
    "name: impaired\n"
    "stop: {at: 6 s}\n"
    "host: {preset: server-2008}\n"
    "im: {team0: {preset: pass-through}}\n"
    "target: {preset: toe-10g}\n"
    "wire:\n"
    "  rate: 10 Gbit/s\n"
    "  one_way: 10 us\n"
    "  queue: 1 MiB\n"
    "  impair:\n"
    "    to_peer:\n" IMPAIRED "    from_peer:\n" IMPAIRED "connections:\n"
    "  web: {count: 12, nagle: false, traffic: {pattern: request_response, request: 2 KiB,\n"
    "        response: 30 KiB, think: 1 ms, requests: 30}}\n"
    "  up: {count: 6, traffic: {pattern: send, bytes: 2 MiB}}\n"
    "  down: {count: 6, ip: 6, mss: 1428 B, traffic: {pattern: receive, bytes: 2 MiB}}\n"
    "  stay: {count: 6, traffic: {pattern: both, bytes: 1 MiB}}\n"
    "timeline:\n"
    "  - {id: a, at: 2 ms, do: offload, target: 'web/*'}\n"
    "  - {id: b, at: 3 ms, do: offload, target: 'up/*'}\n"
    "  - {id: c, at: 3 ms, do: offload, target: 'down/*'}\n"
    "  - {id: d, at: 10 ms, do: upload, target: web/0-5}\n"
    "  - {id: e, at: 12 ms, do: upload, target: up/0-2}\n"
    "  - {id: f, at: 12 ms, do: upload, target: down/0-2}\n"
    "  - {id: g, at: 20 ms, do: offload, target: down/0-1}\n"
    "  - {id: h, at: 20 ms, do: offload, target: up/0-1}\n";

static LabScenario *
load (const char *text, const char *set, const char *value)
{
  static const char *const folders[] = { "scenarios/presets", NULL };
  LabSet one = { .path = set, .value = value };
  LabScenarioRequest request = { .path = "x.yaml",
                                 .text = text,
                                 .n_bytes = strlen (text),
                                 .sets = &one,
                                 .n_sets = set != NULL,
                                 .preset_folders = folders };
  g_autoptr (GError) error = NULL;
  LabScenario *scenario = lab_scenario_load (&request, &error);

  if (scenario == NULL)
    fail_msg ("%s", error->message);
  return scenario;
}

static LabRun *
run (const LabScenario *scenario)
{
  LabRunRequest request = { .config = lab_scenario_config (scenario),
                            .rules = true,
                            .measures = true };
  return lab_run (&request);
}

static int64_t
stat (const LabRun *run_, const char *name)
{
  const LabFigure *found = lab_stats_find (run_->stats, name);
  return found != NULL ? found->value : 0;
}

static void
assert_clean (const LabRun *run_)
{
  if (rule_book_n_violations (run_->rules) > 0) {
    const RuleViolation *first = rule_book_violation (run_->rules, 0);
    fail_msg ("%s: %s", rule_info (first->rule)->id, first->text);
  }
  assert_true (apps_all_in_order (run_->apps));
  assert_int_equal (host_stats (world_host (run_->world)).broken_bytes, 0);
  assert_int_equal (peers_stats (world_peers (run_->world)).broken_bytes, 0);
}

/* Each application has been given what the one at the other end has written, and all has been
 * written. */
static void
assert_complete (const LabRun *run_)
{
  const WorldConfig *config = world_config (run_->world);
  const Host *host = world_host (run_->world);
  const Peers *peers = world_peers (run_->world);

  for (uint32_t id = 0; id < config->n_connections; id++) {
    const TrafficSpec *spec = &world_group_of (run_->world, id)->traffic;
    uint64_t sent = host_sent_bytes (host, id), received = peers_sent_bytes (peers, id);
    assert_int_equal (peers_received_bytes (peers, id), sent);
    assert_int_equal (host_delivered_bytes (host, id), received);
    if (spec->pattern == TRAFFIC_SEND || spec->pattern == TRAFFIC_BOTH)
      assert_int_equal (sent, spec->bulk_bytes);
    if (spec->pattern == TRAFFIC_RECEIVE || spec->pattern == TRAFFIC_BOTH)
      assert_int_equal (received, spec->bulk_bytes);
  }
}

static void
every_byte_comes_through_a_network_with_every_impairment (G_GNUC_UNUSED void **state)
{
  for (unsigned seed = 1; seed <= 4; seed++) {
    g_autofree char *value = g_strdup_printf ("%u", seed);
    LabScenario *scenario = load (impaired, "seed", value);
    g_autoptr (LabRun) run_ = run (scenario);

    assert_clean (run_);
    assert_complete (run_);
    assert_int_equal (stat (run_, "requests.answered"), 12 * 30);
    assert_true (stat (run_, "wire.lost") > 50);
    assert_true (stat (run_, "wire.corrupted") > 20);
    assert_true (stat (run_, "wire.duplicated") > 20);
    assert_true (stat (run_, "wire.reordered") > 20);
    assert_true (stat (run_, "wire.dropped_early") > 0);
    assert_int_equal (stat (run_, "connections.aborted"), 0);
    assert_true (host_stats (world_host (run_->world)).broken_frames > 0);
    lab_run_free (g_steal_pointer (&run_));
    lab_scenario_free (scenario);
  }
}

static void
an_impaired_run_repeats_itself (G_GNUC_UNUSED void **state)
{
  LabScenario *scenario = load (impaired, NULL, NULL);
  LabRun *first = run (scenario);
  LabRun *second = run (scenario);

  for (SimPrint print = 0; print < SIM_N_PRINTS; print++)
    assert_int_equal (first->print[print], second->print[print]);
  lab_run_free (first);
  lab_run_free (second);
  lab_scenario_free (scenario);
}

/* Frames may overtake by far more than a round trip. */
static void
every_byte_comes_through_a_network_without_order (G_GNUC_UNUSED void **state)
{
  LabScenario *scenario =
      load ("format: chimsim/1\n"
            "name: shuffled\n"
            "stop: {at: 6 s}\n"
            "host: {preset: server-2008}\n"
            "target: {preset: toe-10g}\n"
            "wire:\n"
            "  impair:\n"
            "    to_peer: {jitter: {exponential: 30 us}, jitter_overtakes: true}\n"
            "    from_peer: {jitter: {exponential: 30 us}, jitter_overtakes: true}\n"
            "connections:\n"
            "  moved: {count: 4, traffic: {pattern: both, bytes: 1 MiB}}\n"
            "  still: {count: 4, sack: false, timestamps: false, mss: 1460 B,\n"
            "         traffic: {pattern: both, bytes: 1 MiB}}\n"
            "timeline:\n"
            "  - {id: a, at: 1 ms, do: offload, target: 'moved/*'}\n",
            NULL, NULL);
  LabRun *run_ = run (scenario);

  assert_clean (run_);
  assert_complete (run_);
  lab_run_free (run_);
  lab_scenario_free (scenario);
}

/* Four bulk connections through a queue with early detection that can mark, with ECN or without. */
static LabRun *
run_marked (const char *pattern, bool ecn, LabScenario **ret_scenario)
{
  g_autofree char *text = g_strdup_printf (
      "format: chimsim/1\n"
      "name: ecn\n"
      "stop: {at: 1 s}\n"
      "host: {preset: server-2008, tcp: {ecn: true}}\n"
      "target: {preset: toe-10g}\n"
      "peers: {tcp: {ecn: true}}\n"
      "wire:\n"
      "  rate: 1 Gbit/s\n"
      "  one_way: 100 us\n"
      "  impair:\n"
      "    to_peer: {red: {min: 30 KiB, max: 120 KiB, chance: 1/10, weight: 1/100}}\n"
      "    from_peer: {red: {min: 30 KiB, max: 120 KiB, chance: 1/10, weight: 1/100}}\n"
      "connections:\n"
      "  bulk: {count: 4, ecn: %s, receive_window: 256 KiB, peer_window: 256 KiB,\n"
      "         traffic: {pattern: %s}}\n",
      ecn ? "true" : "false", pattern);
  *ret_scenario = load (text, NULL, NULL);
  return run (*ret_scenario);
}

/* Marks take the place of drops, both ways, and senders answer to them: the queue stays below its
 * limit. */
static void
ecn_keeps_queues_short_without_losses (G_GNUC_UNUSED void **state)
{
  static const char *const patterns[] = { "receive", "send" };

  for (int i = 0; i < 2; i++) {
    LabScenario *with, *without;
    LabRun *marked = run_marked (patterns[i], true, &with);
    LabRun *dropped = run_marked (patterns[i], false, &without);
    const Wire *wire = world_wire (marked->world);

    assert_clean (marked);
    assert_clean (dropped);
    assert_true (stat (marked, "wire.marked") > 200);
    assert_int_equal (stat (marked, "wire.dropped_early"), 0);
    assert_int_equal (stat (marked, "wire.dropped"), 0);
    assert_int_equal (stat (dropped, "wire.marked"), 0);
    assert_true (stat (dropped, "wire.dropped_early") > 100);
    assert_true (wire_stats (wire, i == 0 ? WIRE_END_PEERS : WIRE_END_NIC).queue_peak_bytes
                 < 200 * 1024);
    lab_run_free (marked);
    lab_run_free (dropped);
    lab_scenario_free (with);
    lab_scenario_free (without);
  }
}

/* Whom a flood leaves as he was. */
typedef struct AttackRow {
  const char *kind, *aim;
  int64_t uploaded, aborted;
  bool is_done; /* every request is answered */
} AttackRow;

/* Ten connections on the target and ten on the host's path. */
static const AttackRow attack_rows[] = {
  { "rst", "blind", 0, 0, true },         { "rst", "window", 0, 0, true },
  { "rst", "exact", 10, 20, false }, /* it reads along: all are reset */
  { "syn", "blind", 0, 0, true },         { "syn", "window", 0, 0, true },
  { "syn", "exact", 10, 10, false }, /* RST-05: the target gives up its own, as the documents want */
  { "ack", "blind", 0, 0, true },         { "ack", "window", 0, 0, true },
  { "ack", "exact", 0, 0, true },         { "data", "blind", 0, 0, true },
  { "data", "window", 0, 0, true },       { "zero_window", "blind", 0, 0, true },
  { "zero_window", "exact", 0, 0, true }, { "urgent", "blind", 0, 0, true },
  { "urgent", "exact", 10, 0, true }, /* they come back to the host, and go on */
};

static char *
attack_text (const AttackRow *row)
{
  return g_strdup_printf (
      "format: chimsim/1\n"
      "name: attacked\n"
      "stop: {at: 3 s}\n"
      "host: {preset: server-2008}\n"
      "target: {preset: toe-10g}\n"
      "connections:\n"
      "  web: {count: 20, nagle: false, traffic: {pattern: request_response, request: 2 KiB,\n"
      "        response: 20 KiB, think: 1 ms, requests: 100}}\n"
      "timeline:\n"
      "  - {id: down, at: 2 ms, do: offload, target: web/0-9}\n"
      "  - {id: flood, at: 10 ms, do: flood, target: 'web/*', kind: %s, aim: %s, count: 2000,\n"
      "     every: 20 us}\n"
      "  - {id: after, after: {event: flood}, do: send, target: web/0, bytes: 1 B}\n",
      row->kind, row->aim);
}

static void
floods_do_what_the_documents_say_and_no_more (G_GNUC_UNUSED void **state)
{
  for (size_t i = 0; i < G_N_ELEMENTS (attack_rows); i++) {
    const AttackRow *row = &attack_rows[i];
    g_autofree char *text = attack_text (row);
    LabScenario *scenario = load (text, NULL, NULL);
    LabRun *run_ = run (scenario);

    assert_clean (run_);
    if (stat (run_, "state.uploaded") != row->uploaded
        || stat (run_, "connections.aborted") != row->aborted
        || (stat (run_, "requests.answered") == 2000) != row->is_done)
      fail_msg ("%s %s: %d uploaded, %d aborted, %d answered", row->kind, row->aim,
                (int)stat (run_, "state.uploaded"), (int)stat (run_, "connections.aborted"),
                (int)stat (run_, "requests.answered"));
    /* The last segment is the flood's end. */
    assert_int_equal (timeline_ended (world_timeline (run_->world), 1).ps,
                      (10000 + 1999 * 20) * SIM_PS_PER_US);
    assert_int_equal (timeline_begun (world_timeline (run_->world), 2).ps,
                      (10000 + 1999 * 20) * SIM_PS_PER_US);
    lab_run_free (run_);
    lab_scenario_free (scenario);
  }
}

/* The fields reach the wire: a direction's own, and nothing of the other's. */
static void
the_fields_of_an_impairment_fill_it (G_GNUC_UNUSED void **state)
{
  LabScenario *scenario = load ("format: chimsim/1\n"
                                "name: x\n"
                                "stop: {at: 1 ms}\n"
                                "wire:\n"
                                "  impair:\n"
                                "    from_peer:\n"
                                "      counts: data\n"
                                "      drop: 3rd, 7-9\n"
                                "      loss: 1%\n"
                                "      gilbert_elliott: {good_to_bad: 1/1000}\n"
                                "      corrupt: {frames: 5}\n"
                                "      duplicate: {chance: 1/7}\n"
                                "      reorder: {frames: 6-, by: 30 us}\n"
                                "      jitter: 2 us\n"
                                "      jitter_overtakes: true\n"
                                "      queue: 64 KiB\n"
                                "      red: {min: 10 KiB, max: 20 KiB}\n",
                                NULL, NULL);
  const WireConfig *wire = &lab_scenario_config (scenario)->wire;
  const WireImpairment *spec = &wire->impair[TCP_FROM_PEER];

  assert_true (spec->counts_data);
  assert_int_equal (spec->loss.frames.n_terms, 2);
  assert_true (wire_pattern_matches (&spec->loss.frames, 8));
  assert_int_equal (spec->loss.chance.numerator * 100, spec->loss.chance.denominator);
  assert_int_equal (spec->bursts.good_to_bad.denominator, 1000);
  assert_int_equal (spec->bursts.bad_to_good.numerator, 1); /* the default */
  assert_int_equal (spec->bursts.loss_in_bad.numerator, 1);
  assert_int_equal (spec->bursts.loss_in_good.numerator, 0);
  assert_true (wire_pattern_matches (&spec->corruption.frames, 5));
  assert_int_equal (spec->duplication.chance.denominator, 7);
  assert_true (wire_pattern_matches (&spec->reordering.frames, 1000));
  assert_int_equal (sim_dist_min (spec->reorder_by), 30 * SIM_PS_PER_US);
  assert_int_equal (sim_dist_max (spec->jitter), 2 * SIM_PS_PER_US);
  assert_true (spec->jitter_overtakes);
  assert_int_equal (spec->queue_bytes, 64 * 1024);
  assert_int_equal (spec->red.max_bytes, 20 * 1024);
  assert_int_equal (spec->red.weight_denominator, 500);
  assert_true (spec->red.ecn);
  assert_false (wire_impairment_is_active (&wire->impair[TCP_TO_PEER]));
  assert_int_equal (wire->impair[TCP_TO_PEER].red.max_bytes, 0);
  lab_scenario_free (scenario);
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test (the_fields_of_an_impairment_fill_it),
    cmocka_unit_test (every_byte_comes_through_a_network_with_every_impairment),
    cmocka_unit_test (an_impaired_run_repeats_itself),
    cmocka_unit_test (every_byte_comes_through_a_network_without_order),
    cmocka_unit_test (ecn_keeps_queues_short_without_losses),
    cmocka_unit_test (floods_do_what_the_documents_say_and_no_more),
  };
  return cmocka_run_group_tests (tests, NULL, NULL);
}
