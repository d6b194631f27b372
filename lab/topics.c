/* What `chimsim list` can list; every row comes from the table that the program itself uses. */
#include <string.h>

#include "lab/counters.h"
#include "lab/listing.h"
#include "lab/preset.h"
#include "lab/scenario.h"
#include "lab/trips.h"
#include "models/rules/rule.h"

#define ADD(listing, ...) lab_listing_add (listing, (const char *const[]){ __VA_ARGS__ })

static LabListing *
list_events (void)
{
  static const char *const columns[] = { "verb", "help", NULL };
  LabListing *listing = lab_listing_new (columns);

#define TIMELINE_VERB(id, name, help) ADD (listing, #name, help);
  TIMELINE_VERBS (TIMELINE_VERB)
#undef TIMELINE_VERB
  return listing;
}

static LabListing *
list_calls (void)
{
  static const char *const columns[] = { "call", "direction", NULL };
  LabListing *listing = lab_listing_new (columns);

  for (NdisCall call = NDIS_CALL_NONE + 1; call < NDIS_N_CALLS; call++)
    ADD (listing, trace_call_name (call), trace_call_is_down (call) ? "down" : "up");
  return listing;
}

static LabListing *
list_records (void)
{
  static const char *const columns[] = { "record", "category", "columns", NULL };
  LabListing *listing = lab_listing_new (columns);

  for (int kind = 0; kind < TRACE_N_KINDS; kind++) {
    g_autoptr (GString) names = g_string_new (NULL);
    for (int c = 0; c < trace_kinds[kind].n_columns; c++)
      g_string_append_printf (names, "%s%s", c > 0 ? " " : "", trace_kinds[kind].columns[c]);
    ADD (listing, trace_kinds[kind].name, trace_kinds[kind].category, names->str);
  }
  return listing;
}

static void
list_defect (void *data, const LabDefect *defect)
{
  ADD (data, defect->name, defect->part, defect->rules, defect->text);
}

static LabListing *
list_defects (void)
{
  static const char *const columns[] = { "defect", "part", "trips", "does", NULL };
  LabListing *listing = lab_listing_new (columns);

  lab_for_each_defect (list_defect, listing);
  return listing;
}

static LabListing *
list_rules (void)
{
  static const char *const columns[] = { "id",    "state",  "severity", "strength", "binds",
                                         "trips", "source", "text",     NULL };
  LabListing *listing = lab_listing_new (columns);

  for (RuleId rule = 0; rule < RULE_N; rule++) {
    const RuleInfo *info = rule_info (rule);
    g_autofree char *trips = lab_trips_of (rule);
    ADD (listing, info->id, rule_state_name (info->state), rule_severity_name (info->severity),
         rule_strength_name (info->strength), info->binds, trips, info->source, info->text);
  }
  return listing;
}

static LabListing *
list_metrics (void)
{
  static const char *const columns[] = { "metric", "unit", "kind", NULL };
  LabListing *listing = lab_listing_new (columns);

  for (LabCounter counter = 0; counter < LAB_N_COUNTERS; counter++)
    ADD (listing, lab_counter_name (counter), lab_counter_unit (counter),
         lab_counter_is_total (counter) ? "total" : "level");
  for (LatencyClass class = 0; class < N_LATENCIES; class ++) {
    g_autofree char *name = g_strdup_printf ("latency.%s", trace_latency_name (class));
    ADD (listing, name, "us", "latency");
  }
  return listing;
}

static LabListing *
list_conditions (void)
{
  static const char *const columns[] = { "function", "gives", "is", NULL };
  LabListing *listing = lab_listing_new (columns);

  for (LabTermKind kind = 0; kind < LAB_N_TERMS; kind++) {
    const LabTermInfo *info = lab_term_info (kind);
    bool is_bytes = info->type.sort == LAB_SORT_NUMBER && info->type.dimension == LAB_BYTES;
    ADD (listing, info->example, is_bytes ? "bytes" : lab_sort_what (info->type.sort), info->help);
  }
  ADD (listing, "tables(target).tcp", "a number", "size of a table of the target");
  ADD (listing, "target.limits.path_mtu", "a quantity", "any quantity of the scenario by its path");
  ADD (listing, "min(a, b)", "a number", "the least of them; max(a, b): the greatest");
  return listing;
}

static LabListing *
list_situations (void)
{
  static const char *const columns[] = { "situation", "means", "seen", NULL };
  LabListing *listing = lab_listing_new (columns);

  for (LabSituation situation = 0; situation < LAB_N_SITUATIONS; situation++) {
    const LabSituationInfo *info = lab_situation_info (situation);
    ADD (listing, info->name, info->means, info->seen);
  }
  return listing;
}

static LabListing *
list_choices (void)
{
  static const char *const columns[] = { "site", "leaves open", NULL };
  LabListing *listing = lab_listing_new (columns);

  for (ChoiceSite site = 0; site < N_SITES; site++)
    ADD (listing, trace_site_name (site), trace_site_text (site));
  return listing;
}

static LabListing *
list_presets (void)
{
  static const char *const columns[] = { "preset", "for", "summary", NULL };
  LabListing *listing = lab_listing_new (columns);
  g_auto (GStrv) folders = lab_preset_folders ("scenarios/any.yaml");
  g_autoptr (LabPresets) presets = lab_presets_new ((const char *const *)folders);
  g_autoptr (GPtrArray) all = lab_presets_list (presets);

  for (guint i = 0; i < all->len; i++) {
    const LabPresetInfo *info = g_ptr_array_index (all, i);
    ADD (listing, info->name, info->purpose, info->summary);
  }
  return listing;
}

const LabTopic lab_topics[] = {
  { "events", "verbs of a timeline", list_events },
  { "calls", "documented functions that cross the chimney", list_calls },
  { "records", "kinds of trace records and their columns", list_records },
  { "rules", "the rule book: id, state, severity, what trips it, source, text", list_rules },
  { "defects", "wrong behaviours that a scenario can switch on", list_defects },
  { "metrics", "what is counted, sampled and timed", list_metrics },
  { "conditions", "what the conditions of checks.expect can name", list_conditions },
  { "situations", "what checks.reached can ask a run to have met", list_situations },
  { "choices", "choice sites: what a real system leaves open", list_choices },
  { "presets", "data sheets that a scenario can name", list_presets },
  { NULL, NULL, NULL },
};
