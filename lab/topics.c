/* What `chimsim list` can list; every row comes from the table that the program itself uses. */
#include <string.h>

#include "lab/counters.h"
#include "lab/listing.h"
#include "lab/preset.h"
#include "lab/scenario.h"
#include "models/host/defect.h"
#include "models/im/defect.h"
#include "models/rules/rule.h"
#include "models/target/config.h"

#define ADD(listing, ...) lab_listing_add (listing, (const char *const[]){ __VA_ARGS__ })

static LabListing *
list_events (void)
{
  static const char *const columns[] = { "verb", "help", NULL };
  LabListing *listing = lab_listing_new (columns);

#define TIMELINE_VERB(id, name, help) ADD (listing, name, help);
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

/* Calls |each| with the part, name, rules and text of every defect there is. */
typedef void (*DefectFn) (void *data, const char *part, const char *name, const char *rules,
                          const char *text);

static void
for_each_defect (DefectFn each, void *data)
{
  for (HostDefect d = 0; d < HOST_N_DEFECTS; d++)
    each (data, "host", host_defect_name (d), host_defect_rules (d), host_defect_what (d));
  for (ImDefect d = 0; d < IM_N_DEFECTS; d++)
    each (data, "im", im_defect_name (d), im_defect_rule (d), im_defect_text (d));
  for (TargetDefect d = 0; d < TARGET_N_DEFECTS; d++)
    each (data, "target", target_defect_name (d), target_defect_rule (d), target_defect_text (d));
}

static void
list_defect (void *data, const char *part, const char *name, const char *rules, const char *text)
{
  ADD (data, name, part, rules, text);
}

static LabListing *
list_defects (void)
{
  static const char *const columns[] = { "defect", "part", "trips", "does", NULL };
  LabListing *listing = lab_listing_new (columns);

  for_each_defect (list_defect, listing);
  return listing;
}

typedef struct Trips {
  const char *rule;
  GString *names;
} Trips;

/* True if |rules| ("INIT-08, TERM-03") names |rule|. */
static bool
names_rule (const char *rules, const char *rule)
{
  g_auto (GStrv) each = g_strsplit_set (rules, ", ", -1);
  return g_strv_contains ((const char *const *)each, rule);
}

static void
note_trip (void *data, const char *part, const char *name, const char *rules,
           G_GNUC_UNUSED const char *text)
{
  Trips *trips = data;

  if (names_rule (rules, trips->rule))
    g_string_append_printf (trips->names, "%s%s (%s)", trips->names->len > 0 ? ", " : "", name,
                            part);
}

static LabListing *
list_rules (void)
{
  static const char *const columns[] = { "id",    "state",  "severity", "strength", "binds",
                                         "trips", "source", "text",     NULL };
  LabListing *listing = lab_listing_new (columns);

  for (RuleId rule = 0; rule < RULE_N; rule++) {
    const RuleInfo *info = rule_info (rule);
    Trips trips = { info->id, g_string_new (NULL) };
    for_each_defect (note_trip, &trips);
    if (trips.names->len == 0 && info->state == RULE_MONITORED)
      g_string_append (trips.names, "a fragment of trace");
    ADD (listing, info->id, rule_state_name (info->state), rule_severity_name (info->severity),
         rule_strength_name (info->strength), info->binds, trips.names->str, info->source,
         info->text);
    g_string_free (trips.names, TRUE);
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
  { "choices", "choice sites: what a real system leaves open", list_choices },
  { "presets", "data sheets that a scenario can name", list_presets },
  { NULL, NULL, NULL },
};
