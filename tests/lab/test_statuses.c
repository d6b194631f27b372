#include "tests/support.h"

#include "lab/run.h"

#include <stdio.h>
#include <string.h>

#include "lab/columns.h"
#include "models/rules/crossing.h"

/* Every documented status of an initiate, for every kind of object, as a scenario reaches it: alone
 * and through intermediate drivers, below its parents and below placeholders. */

/* How a status comes about. */
typedef struct Way {
  NDIS_STATUS status;
  RuleLayer layer;
  const char *target;     /* settings of the target */
  const char *group;      /* and of the connections */
  const char *timeline;   /* before the initiates */
  bool below_placeholder; /* can come up there: only connections hang from placeholders */
} Way;

static const Way ways[] = {
  { NDIS_STATUS_SUCCESS, RULE_NEIGHBOR, "", "", "", false },
  { NDIS_STATUS_SUCCESS, RULE_PATH, "", "", "", false },
  { NDIS_STATUS_SUCCESS, RULE_TCP, "", "", "", true },
  { NDIS_STATUS_OFFLOAD_PARTIAL_SUCCESS, RULE_NEIGHBOR, "tables: {path: 2}", "", "", false },
  { NDIS_STATUS_OFFLOAD_PARTIAL_SUCCESS, RULE_PATH, "limits: {reject_every: 3}", "", "", true },
  { NDIS_STATUS_FAILURE, RULE_PATH, "tables: {neighbor: 1}", "", "", false },
  { NDIS_STATUS_FAILURE, RULE_TCP, "tables: {path: 2}", "", "", false },
  { NDIS_STATUS_FAILURE, RULE_NEIGHBOR, "", "",
    "  - {id: gone, when: {between: [MiniportInitiateOffload, NdisMInitiateOffloadComplete], for: "
    "web/0}, do: surprise_remove, target: target}\n",
    false },
  { NDIS_STATUS_RESOURCES, RULE_NEIGHBOR, "limits: {fail_allocation_every: 1}", "", "", false },
  { NDIS_STATUS_RESOURCES, RULE_PATH, "limits: {fail_allocation_every: 2}", "", "", false },
  { NDIS_STATUS_RESOURCES, RULE_TCP, "limits: {fail_allocation_every: 11}", "", "", true },
  { NDIS_STATUS_OFFLOAD_NEIGHBOR_ENTRIES, RULE_NEIGHBOR, "tables: {neighbor: 1}", "", "", false },
  { NDIS_STATUS_OFFLOAD_HW_ADDRESS_ENTRIES, RULE_NEIGHBOR, "tables: {mac: 1}",
    "via: {neighbors: 2, paths: 4, own_macs: 2}", "", false },
  { NDIS_STATUS_OFFLOAD_VLAN_ENTRIES, RULE_NEIGHBOR, "tables: {vlan: 1}", "vlan: 5", "", false },
  { NDIS_STATUS_OFFLOAD_VLAN_MISMATCH, RULE_NEIGHBOR, "vlans: [6]", "vlan: 5", "", false },
  { NDIS_STATUS_OFFLOAD_PATH_ENTRIES, RULE_PATH, "tables: {path: 2}", "", "", false },
  { NDIS_STATUS_OFFLOAD_IP_ADDRESS_ENTRIES, RULE_PATH, "tables: {ip: 1}",
    "via: {neighbors: 2, paths: 4, addresses: 2}", "", false },
  { NDIS_STATUS_OFFLOAD_PATH_MTU, RULE_PATH, "limits: {path_mtu: 1000 B}", "", "", false },
  { NDIS_STATUS_OFFLOAD_TCP_ENTRIES, RULE_TCP, "tables: {tcp: 5}", "", "", true },
  { NDIS_STATUS_OFFLOAD_TCP_RCV_WINDOW, RULE_TCP, "limits: {receive_window: 32 KiB}", "", "",
    false },
  { NDIS_STATUS_OFFLOAD_TCP_RCV_BUFFER, RULE_TCP, "limits: {receive_buffer: 320 KiB}", "", "",
    true },
  { NDIS_STATUS_OFFLOAD_TCP_XMIT_BUFFER, RULE_TCP, "limits: {transmit_descriptors: 9}",
    "traffic: {pattern: send, bytes: 1 MiB}", "", true },
  { NDIS_STATUS_OFFLOAD_CONNECTION_REJECTED, RULE_TCP, "limits: {reject_every: 3}", "", "", true },
};

/* The second group keeps a VLAN of its own, so that there are two. */
#define SCENARIO                                                                           \
  "format: chimsim/1\n"                                                                    \
  "name: statuses\n"                                                                       \
  "seed: 5\n"                                                                              \
  "stop: {at: 20 ms}\n"                                                                    \
  "host: {preset: server-2008}\n"                                                          \
  "im: {%s}\n"                                                                             \
  "target: {preset: toe-10g, %s}\n"                                                        \
  "wire: {rate: 10 Gbit/s, one_way: 200 us, queue: 1 MiB}\n"                               \
  "connections:\n"                                                                         \
  "  web: {count: 16, nagle: false, %s}\n"                                                 \
  "  lan: {count: 2, vlan: 7}\n"                                                           \
  "timeline:\n"                                                                            \
  "%s"                                                                                     \
  "  - {id: few, at: 1 ms, do: offload, target: web/0-3}\n"                                \
  "  - {id: rest, after: {event: few, outcome: ended, delay: 1 ms}, do: offload, target: " \
  "web/4-15, batch: {tree: %s}}\n"                                                         \
  "  - {id: lan, after: {event: rest, outcome: ended}, do: offload, target: lan}\n"

/* What came up to the host. */
typedef struct Seen {
  uint64_t statuses[3]; /* bits of 1 << NDIS_STATUS, by layer */
  bool placeholder;     /* one came with it */
  int64_t crossing;     /* of a completion at the host */
} Seen;

static void
read_record (void *data, const SimRecord *record)
{
  Seen *seen = data;

  if (record->kind == TRACE_CALL_BEGIN) {
    bool is_completion =
        record->column[CALL_BEGIN_CALL] == NDIS_CALL_ProtocolInitiateOffloadComplete
        && record->column[CALL_BEGIN_LAYER] == 0;
    seen->crossing = is_completion ? record->column[CALL_BEGIN_CROSSING] : -1;
    return;
  }
  if (record->column[NODE_CROSSING] != seen->crossing)
    return;
  RuleLayer layer = rule_type_layer (record->column[NODE_TYPE]);
  if (record->column[NODE_ROLE] == RULE_PLACEHOLDER) {
    seen->placeholder = true;
    assert_int_equal (record->column[NODE_STATUS], NDIS_STATUS_SUCCESS);
  } else {
    assert_true (layer >= RULE_NEIGHBOR);
    seen->statuses[layer] |= UINT64_C (1) << record->column[NODE_STATUS];
  }
}

static void
observe (void *data, Sim *sim)
{
  static const uint16_t kinds[] = { TRACE_CALL_BEGIN, TRACE_NODE };
  sim_trace_add_reader (sim_trace (sim), read_record, data, kinds, G_N_ELEMENTS (kinds));
}

static Seen
run_way (const Way *way, const char *drivers, const char *tree)
{
  static const char *const folders[] = { "scenarios/presets", NULL };
  const char *group = strstr (way->group, "via") != NULL ? "" : "via: {neighbors: 2, paths: 4}, ";
  g_autofree char *connections = g_strconcat (group, way->group, NULL);
  g_autofree char *text =
      g_strdup_printf (SCENARIO, drivers, way->target, connections, way->timeline, tree);
  LabScenarioRequest wanted = {
    .path = "statuses.yaml", .text = text, .n_bytes = strlen (text), .preset_folders = folders
  };
  GError *error = NULL;
  Seen seen = { .crossing = -1 };
  g_autoptr (LabScenario) scenario = lab_scenario_load (&wanted, &error);

  if (scenario == NULL)
    fprintf (stderr, "%s\n", error->message);
  assert_non_null (scenario);
  LabRunRequest request = { .config = lab_scenario_config (scenario),
                            .rules = true,
                            .observe = observe,
                            .observe_data = &seen };
  LabRun *run = lab_run (&request);
  for (uint32_t i = 0; i < rule_book_n_violations (run->rules); i++)
    fprintf (stderr, "%s: %s\n", ndis_status_name (way->status),
             rule_book_violation (run->rules, i)->text);
  assert_int_equal (rule_book_n_broken (run->rules, RULE_VIOLATION), 0);
  lab_run_free (run);
  return seen;
}

static void
walk (const char *drivers)
{
  for (size_t i = 0; i < G_N_ELEMENTS (ways); i++) {
    Seen seen = run_way (&ways[i], drivers, "by_path");
    if ((seen.statuses[ways[i].layer] >> ways[i].status & 1) == 0)
      fail_msg ("%s is not reached on layer %d", ndis_status_name (ways[i].status), ways[i].layer);
  }
}

static void
each_status_is_reached (G_GNUC_UNUSED void **state)
{
  walk ("");
}

static void
each_status_comes_up_through_drivers (G_GNUC_UNUSED void **state)
{
  walk ("a: {preset: pass-through}, b: {preset: pass-through}");
}

static void
each_status_of_a_connection_is_reached_below_placeholders (G_GNUC_UNUSED void **state)
{
  for (size_t i = 0; i < G_N_ELEMENTS (ways); i++) {
    if (!ways[i].below_placeholder)
      continue;
    Seen seen = run_way (&ways[i], "a: {preset: pass-through}", "one");
    if (!seen.placeholder)
      fail_msg ("%s comes without a placeholder", ndis_status_name (ways[i].status));
    if ((seen.statuses[ways[i].layer] >> ways[i].status & 1) == 0)
      fail_msg ("%s is not reached below a placeholder", ndis_status_name (ways[i].status));
  }
}

/* The documents' list, and what each may be reported for. */
static void
the_walk_leaves_no_documented_status_out (G_GNUC_UNUSED void **state)
{
  uint64_t walked = 0, documented = 0;

  for (size_t i = 0; i < G_N_ELEMENTS (ways); i++)
    walked |= UINT64_C (1) << ways[i].status;
  documented |= UINT64_C (1) << NDIS_STATUS_SUCCESS | UINT64_C (1) << NDIS_STATUS_FAILURE
                | UINT64_C (1) << NDIS_STATUS_RESOURCES;
  for (int status = NDIS_STATUS_OFFLOAD_PARTIAL_SUCCESS;
       status <= NDIS_STATUS_OFFLOAD_CONNECTION_REJECTED; status++)
    documented |= UINT64_C (1) << status;
  assert_int_equal (walked, documented);
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test (each_status_is_reached),
    cmocka_unit_test (each_status_comes_up_through_drivers),
    cmocka_unit_test (each_status_of_a_connection_is_reached_below_placeholders),
    cmocka_unit_test (the_walk_leaves_no_documented_status_out),
  };

  return cmocka_run_group_tests (tests, NULL, NULL);
}
