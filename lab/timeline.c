#include "lab/timeline.h"

#include <string.h>

#include "lab/anchor.h"
#include "lab/groups.h"
#include "lab/verbs.h"
#include "sim/assert.h"

typedef struct Builder {
  const LabSetting *list;
  WorldConfig *config;
  LabMistakes *mistakes;
} Builder;

static void
check_ids (const Builder *builder)
{
  g_autoptr (GHashTable) seen = g_hash_table_new (g_str_hash, g_str_equal);
  for (guint i = 0; i < builder->list->children->len; i++) {
    const LabSetting *id = lab_setting_get (builder->list->children->pdata[i], "id");
    if (!lab_setting_is_set (id))
      continue;
    const LabSetting *first = g_hash_table_lookup (seen, id->value.text);
    if (first != NULL)
      lab_mistakes_add (builder->mistakes, id->origin.loc,
                        "timeline: %s is the id of two events, first in line %u; write another",
                        id->value.text, first->origin.loc.line);
    else
      g_hash_table_insert (seen, (void *)id->value.text, (void *)id);
  }
}

static int64_t
child_integer (const LabSetting *element, const char *section, const char *name)
{
  return lab_setting_integer (lab_setting_get (element, section), name);
}

static void
build_window (const Builder *builder, const LabSetting *when, TimelineEvent *event)
{
  const LabSetting *between = lab_setting_get (when, "between");
  const LabSetting *subject = lab_setting_get (when, "for");
  ConnectionSet set;
  event->anchor = TIMELINE_BETWEEN;
  event->offset = sim_ps (lab_setting_integer (when, "offset"));
  if (between->children->len != 2)
    lab_setting_blame (between, builder->mistakes,
                       "a window has two calls; write between: [first, second]");
  else if (lab_anchor_read_window (between, event->between)
           && event->between[0] == event->between[1])
    lab_setting_blame (between, builder->mistakes,
                       "the same call twice is no window; write two calls");
  if (!lab_setting_is_set (subject))
    lab_setting_blame (when, builder->mistakes,
                       "a window is about one connection; write for: web/417");
  else if (lab_groups_resolve (builder->config, subject, builder->mistakes, &set)) {
    if (set.first != set.last)
      lab_setting_blame (subject, builder->mistakes,
                         "a window is about one connection; write one, like web/417");
    event->between_connection = set.first;
  }
}

static void
build_metric (const Builder *builder, const LabSetting *when, TimelineEvent *event)
{
  const LabSetting *reaches = lab_setting_get (when, "reaches");
  event->anchor = TIMELINE_METRIC;
  if (!lab_setting_is_set (reaches)) {
    lab_setting_blame (when, builder->mistakes, "a metric needs a value; write reaches: 200");
    return;
  }
  event->reaches = (uint64_t)reaches->value.integer;
  bool ok = lab_anchor_read_metric (builder->config, lab_setting_get (when, "metric"),
                                    builder->mistakes, event);
  uint64_t n = ok ? (uint64_t)event->metric_of.last - event->metric_of.first + 1 : 0;
  if (ok && event->metric != METRIC_DELIVERED && event->reaches > n) {
    lab_setting_blame (reaches, builder->mistakes,
                       "there are %" G_GUINT64_FORMAT
                       " connections, so this never happens; write at most %" G_GUINT64_FORMAT,
                       n, n);
  }
}

static void
build_when (const Builder *builder, const LabSetting *when, TimelineEvent *event)
{
  bool has_window = lab_setting_is_set (lab_setting_get (when, "between"));
  bool has_metric = lab_setting_is_set (lab_setting_get (when, "metric"));
  if (has_window == has_metric) {
    lab_setting_blame (when, builder->mistakes,
                       has_window ? "between and metric are two anchors; keep one"
                                  : "nothing is waited for; write between or metric");
    return;
  }
  if (has_window && lab_setting_is_set (lab_setting_get (when, "reaches")))
    lab_setting_blame (lab_setting_get (when, "reaches"), builder->mistakes,
                       "belongs to a metric; leave it out");
  if (has_metric && lab_setting_is_set (lab_setting_get (when, "for")))
    lab_setting_blame (lab_setting_get (when, "for"), builder->mistakes,
                       "belongs to a window; leave it out");
  if (has_window)
    build_window (builder, when, event);
  else
    build_metric (builder, when, event);
}

static void
build_anchor (const Builder *builder, const LabSetting *element, TimelineEvent *event)
{
  const LabSetting *at = lab_setting_get (element, "at");
  const LabSetting *after = lab_setting_get (element, "after");
  const LabSetting *when = lab_setting_get (element, "when");
  int n = lab_setting_is_set (at) + lab_setting_is_set (after) + lab_setting_is_set (when);
  if (n != 1) {
    bool is_mistaken = n == 0 && lab_anchor_is_attempted (element);
    if (!is_mistaken)
      lab_setting_blame (element, builder->mistakes,
                         n == 0 ? "has no anchor; write at, after or when"
                                : "has more than one anchor; keep one of at, after, when");
    return;
  }
  if (lab_setting_is_set (at)) {
    event->anchor = TIMELINE_AT;
    event->at = (SimTime){ at->value.integer };
  } else if (lab_setting_is_set (after)) {
    event->anchor = TIMELINE_AFTER;
    event->outcome = (TimelineOutcome)lab_setting_integer (after, "outcome");
    event->delay = sim_ps (child_integer (element, "after", "delay"));
  } else {
    build_when (builder, when, event);
  }
}

void
lab_timeline_build (const LabSetting *scenario, WorldConfig *config, LabMistakes *mistakes)
{
  const LabSetting *list = lab_setting_get (scenario, "timeline");
  Builder builder = { list, config, mistakes };
  if (list->children->len > WORLD_EVENTS_MAX) {
    lab_setting_blame (list, mistakes, "more than %d events; write fewer", WORLD_EVENTS_MAX);
    return;
  }
  check_ids (&builder);
  config->n_events = list->children->len;
  config->event = g_new0 (TimelineEvent, config->n_events + 1);
  for (uint32_t i = 0; i < config->n_events; i++) {
    const LabSetting *element = list->children->pdata[i];
    const LabSetting *verb = lab_setting_get (element, "do");
    TimelineEvent *event = &config->event[i];
    event->id = lab_setting_string (element, "id");
    build_anchor (&builder, element, event);
    if (!lab_setting_is_set (verb))
      continue;
    event->verb = (TimelineVerb)verb->value.integer;
    lab_verb_read (element, config, mistakes, event);
  }
  lab_anchor_check_order (list, config, mistakes);
}
