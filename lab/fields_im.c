/* im and ndis: intermediate drivers, and the boundary they stand at. */
#include "lab/scenario_fields.h"

#include "models/im/config.h"
#include "models/im/defect.h"
#include "models/world/config.h"

static const LabField vlan_fields[] = {
  { .name = "vlan",
    LAB_IN (LAB_COUNT, 1, 4094),
    .is_required = true,
    .help = "the VLAN that the adapter above it is in",
    LAB_AT (ImConfig, vlan_id) },
  { 0 },
};

static const LabWord link_loss_words[] = {
  { "fail_over", "change to a target whose link is up", 0, false, NULL },
  { "stay", "change only when the timeline says so", 1, false, NULL },
  { 0 },
};
static const LabField failover_fields[] = {
  { .name = "on_link_loss",
    LAB_WORDS (link_loss_words),
    .standard = "fail_over",
    .help = "what it does when the link of the target in use goes down",
    LAB_AT (ImConfig, stays_on_link_loss) },
  { 0 },
};

static const LabField quota_fields[] = {
  { .name = "connections",
    LAB_IN (LAB_COUNT, 1, 16777216),
    .is_required = true,
    .help = "offloaded through it at once; an initiate beyond ends with "
            "NDIS_STATUS_OFFLOAD_CONNECTION_REJECTED",
    .source = "rule ISTS-15",
    LAB_AT (ImConfig, connections_max) },
  { .name = "resume_at",
    LAB_IN (LAB_COUNT, 1, 16777216),
    .help = "connections left when it indicates NDIS_STATUS_OFFLOAD_RESUME, having indicated "
            "NDIS_STATUS_OFFLOAD_PAUSE when it was full; left out, it indicates neither",
    .source = "rules STS-01, STS-05",
    LAB_AT (ImConfig, resume_at) },
  { 0 },
};

/* lab/stack.c takes the word itself as the driver's kind. */
static const LabWord driver_words[] = {
  { "pass-through", "hands everything on", 0, false, NULL },
  { "vlan", "sets VlanId and refuses what does not match", 1, false, vlan_fields },
  { "failover", "802.3ad: uses one of several targets, and changes to another", 2, false,
    failover_fields },
  { "unaware", "registers nothing: blocks the chimney", 3, false, NULL },
  { "quota", "lets so many connections through at once, and refuses more", 4, false, quota_fields },
  { 0 },
};

static const LabField memory_fields[] = {
  { .name = "entries",
    LAB_IN (LAB_COUNT, 1, 16777216),
    .help = "IM offload entries at once; without one an initiate ends with NDIS_STATUS_RESOURCES; "
            "no limit if left out",
    LAB_AT (ImConfig, entries_max) },
  { .name = "sends",
    LAB_IN (LAB_COUNT, 1, 16777216),
    .help = "IM call entries at once; without one a send ends with NDIS_STATUS_REQUEST_UPLOAD; no "
            "limit if left out",
    .source = "rule IM-17",
    LAB_AT (ImConfig, calls_max) },
  { 0 },
};

static const LabWord event_words[] = {
  { "propagate", "hand NdisMOffloadEventIndicate on", IM_OFFLOAD_EVENT_PROPAGATE, false, NULL },
  { "absorb", "let it end here", IM_OFFLOAD_EVENT_ABSORB, false, NULL },
  { 0 },
};

static const LabWord defect_words[] = {
#define DEFECT(id, name_, rule, text) { name_, text, IM_DEFECT_##id, false, NULL },
#include "models/im/defects.def"
#undef DEFECT
  { 0 },
};
static const LabField defect_element[] = {
  { .name = "defect", LAB_WORDS (defect_words), .help = "a documented wrong behaviour" },
  { 0 },
};

const LabField lab_im_fields[] = {
  { .name = "driver",
    LAB_WORDS (driver_words),
    .standard = "pass-through",
    .help = "the kind of driver" },
  { .name = "call_cost",
    LAB_DIST_IN (LAB_CYCLES, 0, LAB_COST_CYCLES_MAX),
    .standard = "300 cycles",
    .help = "of each crossing through the driver",
    .source = "assumption: an entry found, a structure overlaid, a call made",
    LAB_AT (ImConfig, call_cost) },
  { .name = "node_cost",
    LAB_DIST_IN (LAB_CYCLES, 0, LAB_COST_CYCLES_MAX),
    .standard = "120 cycles",
    .help = "and of each node of a state tree",
    .source = "assumption: an IM offload entry filled or found",
    LAB_AT (ImConfig, node_cost) },
  { .name = "queue_depth",
    LAB_IN (LAB_COUNT, 1, 1048576),
    .standard = "64",
    .help = "operations and requests it carries at once; more wait in order",
    LAB_AT (ImConfig, queue_depth) },
  { .name = "memory", LAB_STANDING (memory_fields), .help = "what it has memory for" },
  { .name = "offload_event",
    LAB_WORDS (event_words),
    .standard = "propagate",
    .help = "what it does with NdisMOffloadEventIndicate",
    .source = "decision 31",
    LAB_AT (ImConfig, offload_event) },
  { .name = "permits_offload",
    .type = LAB_BOOLEAN,
    .standard = "true",
    .help = "false: answers the capability query itself",
    .source = "rule OID-03",
    LAB_AT (ImConfig, permits_offload) },
  { .name = "defects",
    .type = LAB_LIST,
    .fields = defect_element,
    .standard = "[]",
    .help = "wrong behaviours switched on from the start",
    LAB_AT (ImConfig, defects) },
  { 0 },
};

static const LabField ndis_cost_fields[] = {
  { .name = "dispatch",
    LAB_DIST_IN (LAB_CYCLES, 0, LAB_COST_CYCLES_MAX),
    .standard = "100 cycles",
    .help = "of any crossing",
    .source = "assumption: a handle followed, an indirect call",
    LAB_AT (NdisCosts, dispatch) },
  { .name = "convert",
    LAB_DIST_IN (LAB_CYCLES, 0, LAB_COST_CYCLES_MAX),
    .standard = "60 cycles",
    .help = "of each node of a block list that is converted",
    .source = "assumption: a few members rewritten in place",
    LAB_AT (NdisCosts, convert) },
  { .name = "per_nbl",
    LAB_DIST_IN (LAB_CYCLES, 0, LAB_COST_CYCLES_MAX),
    .standard = "10 cycles",
    .help = "of each buffer list beyond the first",
    .source = "assumption: one look at it",
    LAB_AT (NdisCosts, per_nbl) },
  { 0 },
};

const LabField lab_ndis_fields[] = {
  { .name = "costs",
    LAB_STANDING (ndis_cost_fields),
    .help = "what NDIS itself costs, on the processor that crosses",
    LAB_AT (WorldConfig, ndis_costs) },
  { 0 },
};
