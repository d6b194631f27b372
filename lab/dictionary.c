#include "lab/dictionary.h"

#include <string.h>

#include "lab/anchor.h"
#include "lab/scenario_fields.h"
#include "models/host/defect.h"
#include "models/im/defect.h"
#include "models/target/config.h"
#include "sim/assert.h"

/* One line of the dictionary; what a topic does not have is NULL. */
typedef struct Entry {
  const char *name;
  const char *help;
  const char *part;
  const char *rules;
  const char *direction;
  const LabField *keys;
  bool is_later;
} Entry;

typedef void (*Visitor) (void *data, const Entry *entry);

const char *
lab_topic_name (LabTopic topic)
{
  static const char *const names[LAB_N_TOPICS] = {
    [LAB_TOPIC_EVENTS] = "events",   [LAB_TOPIC_CALLS] = "calls",
    [LAB_TOPIC_DEFECTS] = "defects", [LAB_TOPIC_METRICS] = "metrics",
    [LAB_TOPIC_CHOICES] = "choices", [LAB_TOPIC_STRATEGIES] = "strategies",
  };
  return names[topic];
}

LabTopic
lab_topic_find (const char *name)
{
  for (int topic = 0; topic < LAB_N_TOPICS; topic++)
    if (strcmp (lab_topic_name ((LabTopic)topic), name) == 0)
      return (LabTopic)topic;
  return LAB_N_TOPICS;
}

static void
visit_words (const LabWord *words, Visitor visitor, void *data)
{
  for (const LabWord *word = words; word->name != NULL; word++) {
    Entry entry = {
      .name = word->name, .help = word->help, .keys = word->fields, .is_later = word->is_later
    };
    visitor (data, &entry);
  }
}

static void
visit_calls (Visitor visitor, void *data)
{
  for (int i = NDIS_CALL_NONE + 1; i < NDIS_N_CALLS; i++) {
    NdisCall call = (NdisCall)i;
    Entry entry = { .name = trace_call_name (call),
                    .help = "",
                    .direction = trace_call_is_down (call) ? "down" : "up" };
    visitor (data, &entry);
  }
}

static void
visit_defects (Visitor visitor, void *data)
{
  for (int i = 0; i < HOST_N_DEFECTS; i++) {
    HostDefect defect = (HostDefect)i;
    visitor (data, &(Entry){ .name = host_defect_name (defect),
                             .help = host_defect_what (defect),
                             .part = "host",
                             .rules = host_defect_rules (defect) });
  }
  for (int i = 0; i < IM_N_DEFECTS; i++) {
    ImDefect defect = (ImDefect)i;
    visitor (data, &(Entry){ .name = im_defect_name (defect),
                             .help = im_defect_text (defect),
                             .part = "im",
                             .rules = im_defect_rule (defect) });
  }
  for (int i = 0; i < TARGET_N_DEFECTS; i++) {
    TargetDefect defect = (TargetDefect)i;
    visitor (data, &(Entry){ .name = target_defect_name (defect),
                             .help = target_defect_text (defect),
                             .part = "target",
                             .rules = target_defect_rule (defect) });
  }
}

static void
visit_choices (Visitor visitor, void *data)
{
  for (int i = 0; i < N_SITES; i++) {
    ChoiceSite site = (ChoiceSite)i;
    visitor (data, &(Entry){ .name = trace_site_name (site), .help = trace_site_text (site) });
  }
}

static void
visit_topic (LabTopic topic, Visitor visitor, void *data)
{
  switch (topic) {
  case LAB_TOPIC_EVENTS:
    visit_words (lab_field_find (lab_timeline_fields, "do")->words, visitor, data);
    return;
  case LAB_TOPIC_CALLS:
    visit_calls (visitor, data);
    return;
  case LAB_TOPIC_DEFECTS:
    visit_defects (visitor, data);
    return;
  case LAB_TOPIC_METRICS:
    visit_words (lab_metric_words, visitor, data);
    return;
  case LAB_TOPIC_CHOICES:
    visit_choices (visitor, data);
    return;
  case LAB_TOPIC_STRATEGIES:
    visit_words (lab_field_find (lab_explore_fields, "strategy")->words, visitor, data);
    return;
  case LAB_N_TOPICS:
    break;
  }
  SIM_UNREACHABLE ();
}

static void
append_entry (void *data, const Entry *entry)
{
  GString *out = data;
  g_string_append_printf (out, "%-34s", entry->name);
  if (entry->part != NULL)
    g_string_append_printf (out, "  %-6s", entry->part);
  if (entry->direction != NULL)
    g_string_append_printf (out, "  %s", entry->direction);
  if (entry->help[0] != '\0')
    g_string_append_printf (out, "  %s", entry->help);
  if (entry->rules != NULL)
    g_string_append_printf (out, " (%s)", entry->rules);
  g_string_append_printf (out, "%s\n", entry->is_later ? " (not yet there)" : "");
}

char *
lab_dictionary_text (LabTopic topic)
{
  GString *out = g_string_new (NULL);
  visit_topic (topic, append_entry, out);
  return g_string_free (out, FALSE);
}

static void
write_keys (LabJson *json, const LabField *keys)
{
  lab_json_begin_array (json, "keys");
  for (const LabField *field = keys; field->name != NULL; field++)
    lab_json_string (json, NULL, field->name);
  lab_json_end_array (json);
}

static void
write_entry (void *data, const Entry *entry)
{
  LabJson *json = data;
  lab_json_begin_object (json, NULL);
  lab_json_string (json, "name", entry->name);
  lab_json_string (json, "help", entry->help);
  if (entry->part != NULL)
    lab_json_string (json, "part", entry->part);
  if (entry->rules != NULL)
    lab_json_string (json, "rules", entry->rules);
  if (entry->direction != NULL)
    lab_json_string (json, "direction", entry->direction);
  if (entry->keys != NULL)
    write_keys (json, entry->keys);
  lab_json_string (json, "state", entry->is_later ? "later" : "there");
  lab_json_end_object (json);
}

void
lab_dictionary_json (LabTopic topic, LabJson *json)
{
  lab_json_begin_array (json, NULL);
  visit_topic (topic, write_entry, json);
  lab_json_end_array (json);
}

char *
lab_dictionary_presets_text (const LabPresets *presets)
{
  GString *out = g_string_new (NULL);
  g_autoptr (GPtrArray) list = lab_presets_list (presets);
  for (guint i = 0; i < list->len; i++) {
    const LabPresetInfo *info = list->pdata[i];
    g_string_append_printf (out, "%-16s  %-6s  %s\n", info->name, info->purpose,
                            g_strchomp (info->summary));
  }
  return g_string_free (out, FALSE);
}

void
lab_dictionary_presets_json (const LabPresets *presets, LabJson *json)
{
  g_autoptr (GPtrArray) list = lab_presets_list (presets);
  lab_json_begin_array (json, NULL);
  for (guint i = 0; i < list->len; i++) {
    const LabPresetInfo *info = list->pdata[i];
    lab_json_begin_object (json, NULL);
    lab_json_string (json, "name", info->name);
    lab_json_string (json, "for", info->purpose);
    lab_json_string (json, "summary", g_strchomp (info->summary));
    lab_json_string (json, "path", info->path);
    lab_json_end_object (json);
  }
  lab_json_end_array (json);
}
