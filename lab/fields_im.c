/* im: intermediate drivers. */
#include "lab/scenario_fields.h"

#include "models/im/config.h"

/* lab/stack.c takes the word itself as the driver's kind. */
static const LabWord driver_words[] = {
  { "pass-through", "hands everything on", 0, false, NULL },
  { "vlan", "sets VlanId and refuses what does not match", 1, true, NULL },
  { "failover", "802.3ad over two or more targets", 2, true, NULL },
  { "unaware", "registers nothing: blocks the chimney", 3, true, NULL },
  { 0 },
};

static const LabWord event_words[] = {
  { "propagate", "hand NdisMOffloadEventIndicate on", IM_OFFLOAD_EVENT_PROPAGATE, false, NULL },
  { "absorb", "let it end here", IM_OFFLOAD_EVENT_ABSORB, false, NULL },
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
  { 0 },
};
