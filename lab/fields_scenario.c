/* The top of the scenario language. */
#include "lab/scenario_fields.h"

#include "models/trace/trace.h"
#include "models/world/config.h"

static const LabWord format_words[] = {
  { "chimsim/1", "this version of the language", 1, false, NULL },
  { 0 },
};

static const LabField stop_fields[] = {
  { .name = "at",
    LAB_IN (LAB_TIME, 1, INT64_C (1000000000000000000)),
    .is_required = true,
    .help = "simulated time at which the run ends",
    LAB_AT (SimLimits, until) },
  { .name = "max_events",
    LAB_IN (LAB_COUNT, 1, LAB_EVENTS_MAX),
    .standard = "1000000000",
    .help = "events after which the run ends without a verdict",
    LAB_AT (SimLimits, max_events) },
  { .name = "livelock_events",
    LAB_IN (LAB_COUNT, 0, LAB_EVENTS_MAX),
    .standard = "50000000",
    .help = "events without progress of any connection that end the run; 0: no limit",
    LAB_AT (SimLimits, livelock_events) },
  { 0 },
};

static const LabField stack_element[] = {
  { .name = "part", .type = LAB_TEXT, .help = "host, im.<name>, target or wire" },
  { 0 },
};
static const LabField event_element[] = {
  { .name = "event",
    .type = LAB_SECTION,
    .fields = lab_timeline_fields,
    .tag = "do",
    .help = "something that happens once" },
  { 0 },
};

static const LabWord same_time_words[] = {
  { "default", "events of one instant fire in the order of their actors", 0, false, NULL },
  { "open", "which of them goes first is a choice", 1, false, NULL },
  { 0 },
};
static const LabWord site_words[] = {
#define SITE(id, name_, text) { name_, text, SITE_##id, false, NULL },
#include "models/trace/sites.def"
#undef SITE
  { 0 },
};
static const LabField site_element[] = {
  { .name = "site", LAB_WORDS (site_words), .help = "a kind of choice" },
  { 0 },
};
static const LabField freedom_fields[] = {
  { .name = "same_time",
    LAB_WORDS (same_time_words),
    .standard = "default",
    .help = "which of several events of one instant goes first" },
  { .name = "sites",
    .type = LAB_LIST,
    .fields = site_element,
    .standard = "[]",
    .help = "kinds of choices that may differ from the default",
    LAB_AT (WorldConfig, open_sites) },
  { .name = "faults",
    .type = LAB_FREE,
    .is_later = true,
    .help = "how likely each kind of fault is, as n/d" },
  { 0 },
};

static const LabField fields[] = {
  { .name = "format",
    LAB_WORDS (format_words),
    .is_required = true,
    .help = "the language this file is written in" },
  { .name = "name",
    .type = LAB_NAME,
    .is_required = true,
    .help = "the scenario's name, and that of its folder of results",
    LAB_AT (WorldConfig, name) },
  { .name = "summary", .type = LAB_TEXT, .help = "what it shows, in a sentence or two" },
  { .name = "seed",
    LAB_IN (LAB_COUNT, 0, INT64_MAX),
    .standard = "20070604",
    .help = "keys every random draw",
    LAB_AT (WorldConfig, seed) },
  { .name = "stop",
    .type = LAB_SECTION,
    .fields = stop_fields,
    .is_required = true,
    .help = "when the run ends",
    LAB_AT (WorldConfig, stop) },
  { .name = "host",
    LAB_STANDING (lab_host_fields),
    .preset = "host",
    .help = "the host: processors, TCP, offload manager, applications",
    LAB_AT (WorldConfig, host) },
  { .name = "ndis", LAB_STANDING (lab_ndis_fields), .help = "the chimney boundary" },
  { .name = "im",
    .type = LAB_PARTS,
    .fields = lab_im_fields,
    .preset = "im",
    .standard = "{}",
    .help = "intermediate drivers by name" },
  { .name = "target",
    LAB_STANDING (lab_target_fields),
    .preset = "target",
    .help = "the offload target: miniport and NIC",
    LAB_AT (WorldConfig, target) },
  { .name = "wire",
    LAB_STANDING (lab_wire_fields),
    .help = "the link between the NIC and the peers",
    LAB_AT (WorldConfig, wire) },
  { .name = "peers", LAB_STANDING (lab_peers_fields), .help = "the remote hosts" },
  { .name = "stack",
    .type = LAB_LIST,
    .fields = stack_element,
    .help = "the parts from the host down; all drivers in the order of `im` if left out" },
  { .name = "connections",
    .type = LAB_PARTS,
    .fields = lab_connection_fields,
    .standard = "{}",
    .help = "groups of alike connections by name" },
  { .name = "timeline",
    .type = LAB_LIST,
    .fields = event_element,
    .standard = "[]",
    .help = "what happens besides the traffic" },
  { .name = "freedom",
    LAB_STANDING (freedom_fields),
    .help = "which choices that a real system leaves open may vary" },
  { .name = "checks", LAB_STANDING (lab_checks_fields), .help = "what must hold" },
  { .name = "measure",
    LAB_STANDING (lab_measure_fields),
    .is_inert = true,
    .help = "what is measured" },
  { .name = "output",
    LAB_STANDING (lab_output_fields),
    .is_inert = true,
    .help = "what is written" },
  { .name = "sweep",
    .type = LAB_SECTION,
    .fields = lab_sweep_fields,
    .is_inert = true,
    .help = "a grid of runs" },
  { .name = "explore",
    .type = LAB_SECTION,
    .fields = lab_explore_fields,
    .is_inert = true,
    .help = "a search through schedules and faults" },
  { 0 },
};

const LabField lab_scenario_fields = {
  .name = "scenario",
  .type = LAB_SECTION,
  .fields = fields,
  .help = "one reproducible experiment",
};
