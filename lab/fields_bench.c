/* checks, and what never changes a run: measure, output, sweep, explore. */
#include "lab/scenario_fields.h"

#include "lab/verdict.h"
#include "models/world/config.h"

static const LabWord rules_words[] = {
  { "all", "every rule of the rule book", 1, false, NULL },
  { "none", "no rule", 0, false, NULL },
  { 0 },
};
static const LabField reached_element[] = {
  { .name = "situation", .type = LAB_NAME, .help = "a situation" },
  { 0 },
};
static const LabField covers_element[] = {
  { .name = "place", .type = LAB_TEXT, .help = "its table, a colon, its name" },
  { 0 },
};
static const LabField moment_element[] = {
  { .name = "moment",
    .type = LAB_TEXT,
    .help = "first(CALL), last(CALL), complete(OID) or EVENT.begun, .done, .failed, .ended" },
  { 0 },
};
#define BOUND_ROW(name_)                                                             \
  {                                                                                  \
    .name = name_, .type = LAB_TEXT, .help = "a bound of that percentile: <= 900 us" \
  }
static const LabField expect_fields[] = {
  { .name = "id", .type = LAB_NAME, .help = "what results call it; its number if left out" },
  { .name = "eventually",
    .type = LAB_TEXT,
    .help = "a condition that must become true; see `list conditions`" },
  { .name = "always", .type = LAB_TEXT, .help = "a condition that must not become false" },
  { .name = "order",
    .type = LAB_LIST,
    .fields = moment_element,
    .help = "moments that must come in this order" },
  { .name = "latency",
    .type = LAB_TEXT,
    .help = "offload.total, request.chimney, request.host_path.host: what is bounded" },
  { .name = "within",
    LAB_IN (LAB_TIME, 0, LAB_TIME_PS_MAX),
    .help = "for how long from the begin of its event, or of the run; to the end if left out" },
  { .name = "of",
    .type = LAB_NAME,
    .help = "the event of the timeline that it is about; the whole run if left out" },
  BOUND_ROW ("p50"),
  BOUND_ROW ("p90"),
  BOUND_ROW ("p99"),
  BOUND_ROW ("p99.9"),
  BOUND_ROW ("max"),
  { 0 },
};
static const LabField expect_element[] = {
  { .name = "expectation",
    .type = LAB_SECTION,
    .fields = expect_fields,
    .help = "one of eventually, always, order and latency" },
  { 0 },
};
const LabField lab_checks_fields[] = {
  { .name = "rules", LAB_WORDS (rules_words), .standard = "all", .help = "the rule book" },
  { .name = "twin",
    .type = LAB_BOOLEAN,
    .standard = "false",
    .help = "run again with the chimney off; every application must get the same bytes" },
  { .name = "expect",
    .type = LAB_LIST,
    .fields = expect_element,
    .standard = "[]",
    .help = "expectations of one's own" },
  { .name = "reached",
    .type = LAB_LIST,
    .fields = reached_element,
    .standard = "[]",
    .help = "situations that a run must have met; see `list situations`" },
  { .name = "covers",
    .type = LAB_LIST,
    .fields = covers_element,
    .standard = "[]",
    .help = "places of coverage where a run must have been: \"calls: send, CLOSE_WAIT\"; see "
            "`chimsim coverage --all`" },
  { 0 },
};

static const LabField latency_fields[] = {
  { .name = "from", .type = LAB_TEXT, .is_required = true, .help = "call or event that begins it" },
  { .name = "to", .type = LAB_TEXT, .is_required = true, .help = "call or event that ends it" },
  { 0 },
};
const LabField lab_measure_fields[] = {
  { .name = "warmup",
    LAB_IN (LAB_TIME, 0, INT64_C (1000000000000000000)),
    .standard = "0 ps",
    .help = "statistics leave out what began earlier",
    LAB_AT (WorldConfig, warmup) },
  { .name = "sample_every",
    LAB_IN (LAB_TIME, 0, INT64_C (1000000000000000000)),
    .standard = "100 us",
    .help = "distance of the samples of counters; 0 ps: none",
    LAB_AT (WorldConfig, sample_every) },
  { .name = "latency",
    .type = LAB_PARTS,
    .fields = latency_fields,
    .standard = "{}",
    .help = "operations to measure, by name" },
  { 0 },
};

static const LabWord record_words[] = {
  { "latency", "latency.csv: a row for each operation", 0, false, NULL },
  { "counters", "counters.csv: sampled resources", 1, false, NULL },
  { "ownership", "ownership.csv: who owned which connection when", 2, false, NULL },
  { "events", "events.bin: the whole trace", 3, false, NULL },
  { "pcapng", "capture.pcapng: frames and crossings", 4, false, NULL },
  { "perfetto", "events.perfetto.json: for ui.perfetto.dev", 5, true, NULL },
  { "sequence", "sequence charts", 6, true, NULL },
  { 0 },
};
static const LabField record_element[] = {
  { .name = "recording", LAB_WORDS (record_words), .help = "a recording" },
  { 0 },
};
static const LabWord scale_words[] = {
  { "linear", "even steps", 0, false, NULL },
  { "log", "powers of ten", 1, false, NULL },
  { 0 },
};
static const LabField name_element[] = {
  { .name = "name", .type = LAB_TEXT, .help = "a latency, a group or an address" },
  { 0 },
};
static const LabField percentile_element[] = {
  { .name = "percentile", .type = LAB_PERCENTILE, .help = "a percentile" },
  { 0 },
};
static const LabField mark_element[] = {
  { .name = "event", .type = LAB_NAME, .help = "an event of the timeline" },
  { 0 },
};

static const LabField scale_fields[] = {
  { .name = "scale", LAB_WORDS (scale_words), .standard = "linear", .help = "of the axis" },
  { 0 },
};
static const LabField at_fields[] = {
  { .name = "at",
    .type = LAB_LIST,
    .fields = percentile_element,
    .takes_one = true,
    .standard = "[50, 99]",
    .help = "percentiles" },
  { 0 },
};
static const LabField mark_fields[] = {
  { .name = "mark",
    .type = LAB_LIST,
    .fields = mark_element,
    .takes_one = true,
    .standard = "[]",
    .help = "events drawn as lines" },
  { 0 },
};
static const LabWord plot_words[] = {
  { "cdf", "cumulative distribution", 0, false, scale_fields },
  { "percentiles", "percentiles side by side", 1, false, at_fields },
  { "breakdown", "stages at percentiles", 2, false, at_fields },
  { "throughput", "bytes over time", 3, false, mark_fields },
  { "use", "processors and engines over time", 4, false, mark_fields },
  { "ownership", "connections over time, coloured by owner", 5, false, mark_fields },
  { 0 },
};
static const LabField plot_fields[] = {
  { .name = "kind", LAB_WORDS (plot_words), .is_required = true, .help = "what is drawn" },
  { .name = "of",
    .type = LAB_LIST,
    .fields = name_element,
    .takes_one = true,
    .standard = "[]",
    .help = "of what; everything if left out" },
  { 0 },
};
static const LabField plot_element[] = {
  { .name = "plot",
    .type = LAB_SECTION,
    .fields = plot_fields,
    .tag = "kind",
    .help = "one picture" },
  { 0 },
};
const LabField lab_output_fields[] = {
  { .name = "record",
    .type = LAB_LIST,
    .fields = record_element,
    .takes_one = true,
    .standard = "[latency, counters, ownership]",
    .help = "what is written besides the summary" },
  { .name = "plots",
    .type = LAB_LIST,
    .fields = plot_element,
    .standard = "[]",
    .help = "pictures; a standard set if left out" },
  { 0 },
};

static const LabField until_fields[] = {
  { .name = "metric", .type = LAB_TEXT, .is_required = true, .help = "for instance offload.p99" },
  { .name = "confidence", .type = LAB_RATIO, .standard = "95%", .help = "of the interval" },
  { .name = "half_width", .type = LAB_RATIO, .is_required = true, .help = "of the interval" },
  { 0 },
};
static const LabField replication_fields[] = {
  { .name = "min", LAB_IN (LAB_COUNT, 1, 1000000), .standard = "1", .help = "runs of each cell" },
  { .name = "max",
    LAB_IN (LAB_COUNT, 1, 1000000),
    .standard = "1",
    .help = "runs of each cell at most; never fewer than min" },
  { .name = "until",
    .type = LAB_SECTION,
    .fields = until_fields,
    .help = "go on until an interval is this narrow" },
  { 0 },
};
const LabField lab_sweep_fields[] = {
  { .name = "variants",
    .type = LAB_FREE,
    .help = "designs by name, each some paths with a value: {a: {path: value, ...}, ...}" },
  { .name = "grid",
    .type = LAB_FREE,
    .help = "paths with their values: a list, or {from: a, to: b, step: c}" },
  { .name = "skip",
    .type = LAB_TEXT,
    .help = "cells to leave out: a condition on paths of the grid and on variant" },
  { .name = "baseline",
    .type = LAB_FREE,
    .help = "what others are compared with: {variant: name, path: value}; what it leaves out "
            "stays as in the cell that is compared" },
  { .name = "replications",
    LAB_STANDING (replication_fields),
    .help = "how often each cell is run" },
  { 0 },
};

static const LabWord verdict_words[] = {
  { "clean", "every check held", LAB_VERDICT_CLEAN, false, NULL },
  { "broken", "a check failed", LAB_VERDICT_BROKEN, false, NULL },
  { "none", "a limit came first", LAB_VERDICT_NONE, false, NULL },
  { 0 },
};
static const LabField trip_element[] = {
  { .name = "rule", .type = LAB_NAME, .help = "a rule of `list rules`" },
  { 0 },
};
static const LabWord print_words[] = {
  { "order", "which crossings, in which order", SIM_PRINT_ORDER, false, NULL },
  { "timing", "everything, with its instants", SIM_PRINT_TIMING, false, NULL },
  { "wire", "what the wire carried", SIM_PRINT_WIRE, false, NULL },
  { "ownership", "who owned which connection", SIM_PRINT_OWNERSHIP, false, NULL },
  { 0 },
};
static const LabField print_element[] = {
  { .name = "fingerprint", LAB_WORDS (print_words), .help = "a fingerprint" },
  { 0 },
};
const LabField lab_test_fields[] = {
  { .name = "verdict", LAB_WORDS (verdict_words), .help = "the verdict that the run must have" },
  { .name = "trips",
    .type = LAB_LIST,
    .fields = trip_element,
    .takes_one = true,
    .standard = "[]",
    .help = "rules that the run must break" },
  { .name = "clean_otherwise",
    .type = LAB_BOOLEAN,
    .standard = "true",
    .help = "it must break no others" },
  { .name = "refused",
    .type = LAB_TEXT,
    .help = "the scenario must be refused, with this in the message" },
  { .name = "golden",
    .type = LAB_LIST,
    .fields = print_element,
    .takes_one = true,
    .standard = "[]",
    .help = "fingerprints that must be those in NAME.golden beside the scenario" },
  { 0 },
};

static const LabWord strategy_words[] = {
  { "random", "choices at random", 0, false, NULL },
  { "pct", "probabilistic concurrency testing", 1, false, NULL },
  { "delay", "few delays", 2, false, NULL },
  { "dfs", "all schedules in order", 3, false, NULL },
  { "portfolio", "all of these in turn", 4, false, NULL },
  { 0 },
};
static const LabField window_fields[] = {
  { .name = "from", .type = LAB_NAME, .is_required = true, .help = "event at which it opens" },
  { .name = "to", .type = LAB_NAME, .is_required = true, .help = "event at which it closes" },
  { 0 },
};
static const LabField budget_fields[] = {
  { .name = "schedules",
    LAB_IN (LAB_COUNT, 1, LAB_EVENTS_MAX),
    .standard = "10000",
    .help = "schedules to try at most" },
  { .name = "wall",
    LAB_IN (LAB_TIME, 1, INT64_MAX),
    .help = "time of the clock on the wall to spend at most" },
  { 0 },
};
const LabField lab_explore_fields[] = {
  { .name = "strategy",
    LAB_WORDS (strategy_words),
    .standard = "portfolio",
    .help = "how schedules are chosen" },
  { .name = "depth",
    LAB_IN (LAB_COUNT, 1, 64),
    .standard = "3",
    .help = "ordering constraints of the races looked for" },
  { .name = "window",
    .type = LAB_SECTION,
    .fields = window_fields,
    .help = "only choices between these events vary" },
  { .name = "budget", LAB_STANDING (budget_fields), .help = "when to give up" },
  { 0 },
};
