#include "lab/anchor.h"

#include <string.h>

#include "lab/groups.h"
#include "sim/assert.h"

#define NOBODY UINT32_MAX

const LabWord lab_metric_words[] = {
  { "offloaded", "connections the target owns", METRIC_OFFLOADED, false, NULL },
  { "established", "connections in ESTABLISHED, wherever they are", METRIC_ESTABLISHED, false,
    NULL },
  { "delivered", "bytes given to applications of the host", METRIC_DELIVERED, false, NULL },
  { 0 },
};

bool
lab_anchor_is_attempted (const LabSetting *element)
{
  static const char *const keys[] = { "at", "after", "when" };
  for (size_t i = 0; i < G_N_ELEMENTS (keys); i++)
    if (lab_node_get (element->value.node, keys[i]) != NULL)
      return true;
  return false;
}

bool
lab_anchor_read_window (const LabSetting *between, NdisCall ret_calls[2])
{
  SIM_ASSERT (between->children->len == 2);
  for (guint i = 0; i < 2; i++) {
    const LabSetting *call = between->children->pdata[i];
    if (!lab_setting_is_set (call))
      return false;
    ret_calls[i] = (NdisCall)call->value.integer;
  }
  return true;
}

bool
lab_anchor_read_metric (const WorldConfig *config, const LabSetting *metric, LabMistakes *mistakes,
                        TimelineEvent *event)
{
  const char *text = metric->value.text;
  g_autofree char *path = lab_setting_path (metric);
  size_t n_name = strcspn (text, "(");
  size_t n_text = strlen (text);
  bool is_call = text[n_name] == '(' && text[n_text - 1] == ')';
  g_autofree char *name = g_strndup (text, n_name);
  const LabWord *word = is_call ? lab_word_find (lab_metric_words, name) : NULL;
  if (word != NULL) {
    g_autofree char *of = g_strndup (text + n_name + 1, n_text - n_name - 2);
    event->metric = (TimelineMetric)word->value;
    return lab_groups_resolve_text (config, of, (LabSpot){ path, metric->origin.loc, mistakes },
                                    &event->metric_of);
  }
  const char *names[] = { lab_metric_words[0].name, lab_metric_words[1].name,
                          lab_metric_words[2].name };
  const char *nearest = lab_nearest (name, names, G_N_ELEMENTS (names));
  if (nearest != NULL && is_call)
    lab_mistakes_add (mistakes, metric->origin.loc, "%s: there is no metric %s; write %s", path,
                      name, nearest);
  else
    lab_mistakes_add (mistakes, metric->origin.loc,
                      "%s: \"%s\" is not a metric; write offloaded(web), established(web) or "
                      "delivered(web)",
                      path, text);
  return false;
}

typedef struct Order {
  const LabSetting *list;
  WorldConfig *config;
  LabMistakes *mistakes;
  bool *is_linked; /* an `after` whose event was found */
} Order;

static const LabSetting *
element (const Order *order, uint32_t index)
{
  return order->list->children->pdata[index];
}

static uint32_t
event_find (const Order *order, const char *id)
{
  for (uint32_t i = 0; i < order->config->n_events; i++)
    if (order->config->event[i].id != NULL && strcmp (order->config->event[i].id, id) == 0)
      return i;
  return NOBODY;
}

static void
report_unknown_event (const Order *order, const LabSetting *named)
{
  g_autoptr (GPtrArray) ids = g_ptr_array_new ();
  for (uint32_t i = 0; i < order->config->n_events; i++)
    g_ptr_array_add (ids, (void *)order->config->event[i].id);
  const char *nearest = lab_nearest (named->value.text, (const char *const *)ids->pdata, ids->len);
  g_autofree char *path = lab_setting_path (named);
  lab_mistakes_add (order->mistakes, named->origin.loc, "%s: there is no event %s; write %s", path,
                    named->value.text, nearest != NULL ? nearest : "the id of one");
}

static void
link_events (const Order *order)
{
  for (uint32_t i = 0; i < order->config->n_events; i++) {
    TimelineEvent *event = &order->config->event[i];
    const LabSetting *after = lab_setting_get (element (order, i), "after");
    const LabSetting *named = lab_setting_get (after, "event");
    if (event->anchor != TIMELINE_AFTER || !lab_setting_is_set (named))
      continue;
    uint32_t other = event_find (order, named->value.text);
    if (other == NOBODY) {
      report_unknown_event (order, named);
      continue;
    }
    event->after = other;
    order->is_linked[i] = true;
  }
}

/* Follows the chain that |first| waits in.  True if it comes back to |first|. */
static bool
is_circle (const Order *order, uint32_t first)
{
  uint32_t at = first;
  for (uint32_t n = 0; n <= order->config->n_events && order->is_linked[at]; n++) {
    at = order->config->event[at].after;
    if (at == first)
      return true;
  }
  return false;
}

static void
check_circles (const Order *order)
{
  for (uint32_t i = 0; i < order->config->n_events; i++) {
    if (!order->is_linked[i] || !is_circle (order, i))
      continue;
    const LabSetting *named = lab_setting_find ((LabSetting *)element (order, i), "after.event");
    g_autoptr (GString) way = g_string_new (order->config->event[i].id);
    uint32_t at = i;
    do {
      at = order->config->event[at].after;
      g_string_append_printf (way, " after %s", order->config->event[at].id);
    } while (at != i);
    lab_mistakes_add (order->mistakes, named->origin.loc,
                      "timeline: %s: that never happens; anchor one of them to something else",
                      way->str);
    do { /* one message a circle */
      uint32_t next = order->config->event[at].after;
      order->is_linked[at] = false;
      at = next;
    } while (order->is_linked[at]);
  }
}

/* The earliest instant at which event |index| can fire; -1 if it cannot be told or overflows. */
static int64_t
earliest_ps (const Order *order, uint32_t index)
{
  int64_t ps = 0;
  for (uint32_t n = 0; n <= order->config->n_events; n++) {
    const TimelineEvent *event = &order->config->event[index];
    int64_t step = event->anchor == TIMELINE_AT        ? event->at.ps
                   : event->anchor == TIMELINE_AFTER   ? event->delay.ps
                   : event->anchor == TIMELINE_BETWEEN ? event->offset.ps
                                                       : 0;
    if (__builtin_add_overflow (ps, step, &ps))
      return INT64_MAX;
    if (event->anchor != TIMELINE_AFTER || !order->is_linked[index])
      return ps;
    index = event->after;
  }
  return ps;
}

static void
check_times (const Order *order)
{
  int64_t stop_ps = order->config->stop.until.ps;
  for (uint32_t i = 0; stop_ps > 0 && i < order->config->n_events; i++) {
    int64_t ps = earliest_ps (order, i);
    bool is_follower =
        order->is_linked[i] && earliest_ps (order, order->config->event[i].after) > stop_ps;
    if (ps <= stop_ps || is_follower)
      continue;
    g_autofree char *when = lab_quantity_text (ps, LAB_TIME);
    g_autofree char *stop = lab_quantity_text (stop_ps, LAB_TIME);
    const LabSetting *event = element (order, i);
    const LabSetting *at = lab_setting_get (event, "at");
    g_autofree char *path = lab_setting_path (event);
    lab_mistakes_add (order->mistakes, lab_setting_is_set (at) ? at->origin.loc : event->origin.loc,
                      "%s: %s is after the stop at %s; write an earlier time, or stop later", path,
                      when, stop);
  }
}

void
lab_anchor_check_order (const LabSetting *list, WorldConfig *config, LabMistakes *mistakes)
{
  g_autofree bool *is_linked = g_new0 (bool, config->n_events + 1);
  Order order = { list, config, mistakes, is_linked };
  link_events (&order);
  check_circles (&order);
  check_times (&order);
}
