#include "lab/flows.h"

#include <string.h>

#include "lab/csv.h"
#include "lab/quantity.h"

#define N_COLUMNS 3

typedef struct Reading {
  const char *path;
  LabMistakes *mistakes;
  GArray *flows; /* TrafficFlow */
} Reading;

static const char *const directions[] = { "send", "receive" };

void
lab_flows_free (LabFlows *flows)
{
  if (flows == NULL)
    return;
  g_free (flows->flow);
  g_free (flows);
}

static bool
refuse (const Reading *reading, SimLoc loc, const char *advice)
{
  lab_mistakes_add (reading->mistakes, loc, "%s: %s", reading->path, advice);
  return false;
}

static bool
read_quantity (const Reading *reading, const char *text, LabDimension dimension, SimLoc loc,
               int64_t *ret_value)
{
  g_autofree char *why = NULL;
  return lab_quantity_read (text, dimension, ret_value, &why) || refuse (reading, loc, why);
}

/* One flow from its three texts. */
static bool
read_flow (const Reading *reading, const char *const text[N_COLUMNS], SimLoc loc)
{
  int64_t start = 0, bytes = 0;
  bool ok = read_quantity (reading, text[0], LAB_TIME, loc, &start);

  ok = read_quantity (reading, text[1], LAB_BYTES, loc, &bytes) && ok;
  if (ok && (bytes < 1 || bytes > TRAFFIC_BYTES_MAX))
    ok = refuse (reading, loc, "the bytes of a flow are out of range; write 1 B to 1 GiB");
  bool to_host = strcmp (text[2], directions[1]) == 0;
  if (!to_host && strcmp (text[2], directions[0]) != 0) {
    lab_mistakes_add (reading->mistakes, loc,
                      "%s: \"%s\" is no direction; write send (from the host) or receive",
                      reading->path, text[2]);
    return false;
  }
  const GArray *flows = reading->flows;
  if (ok && flows->len > 0 && start < g_array_index (flows, TrafficFlow, flows->len - 1).start.ps)
    ok = refuse (reading, loc, "starts before the flow above it; sort them by their start");
  if (!ok)
    return false;
  TrafficFlow flow = { { start }, (uint32_t)bytes, to_host };
  g_array_append_val (reading->flows, flow);
  return true;
}

/* A list of lists. */
static void
read_list (const Reading *reading, const LabNode *list)
{
  for (const LabNode *node = list->first; node != NULL; node = node->next) {
    const char *text[N_COLUMNS] = { NULL };
    size_t n = 0;
    for (const LabNode *child = node->first; child != NULL && n < N_COLUMNS; child = child->next)
      text[n++] = child->kind == LAB_NODE_SCALAR ? child->text : "";
    if (node->kind != LAB_NODE_LIST || node->n_children != N_COLUMNS)
      refuse (reading, node->loc,
              "a flow is its start, bytes and direction; write [1 ms, 2 KiB, send]");
    else
      read_flow (reading, text, node->loc);
  }
}

static bool
is_header (const LabCsv *csv)
{
  static const char *const names[N_COLUMNS] = { "start", "bytes", "direction" };

  for (guint i = 0; i < N_COLUMNS; i++)
    if (g_strcmp0 (lab_csv_field (csv, i), names[i]) != 0)
      return false;
  return csv->loc.line == 1 && csv->field->len == N_COLUMNS;
}

static void
read_csv (const Reading *reading, const LabNode *node)
{
  LabCsv csv;

  if (!lab_csv_open (&csv, node, reading->path, reading->mistakes))
    return;
  while (reading->flows->len <= LAB_FLOWS_MAX && lab_csv_next (&csv)) {
    if (is_header (&csv))
      continue;
    if (csv.field->len != N_COLUMNS)
      refuse (reading, csv.loc,
              "a flow is start,bytes,direction; write for instance 1 ms,2 KiB,send");
    else
      read_flow (reading, (const char *const *)csv.field->pdata, csv.loc);
  }
  lab_csv_close (&csv, reading->path, reading->mistakes);
}

LabFlows *
lab_flows_read (const LabNode *node, const char *path, LabMistakes *mistakes)
{
  g_autoptr (GArray) array = g_array_new (FALSE, FALSE, sizeof (TrafficFlow));
  Reading reading = { path, mistakes, array };
  unsigned before = lab_mistakes_count (mistakes);

  if (node->kind == LAB_NODE_LIST)
    read_list (&reading, node);
  else if (node->kind == LAB_NODE_SCALAR)
    read_csv (&reading, node);
  else
    refuse (&reading, node->loc, "takes a file or a list; write flows: file.csv");
  if (array->len > LAB_FLOWS_MAX)
    refuse (&reading, node->loc, "has more than 1000000 flows; write fewer");
  if (array->len == 0 && lab_mistakes_count (mistakes) == before)
    refuse (&reading, node->loc, "has no flow in it; give at least one");
  if (lab_mistakes_count (mistakes) > before)
    return NULL;
  LabFlows *flows = g_new0 (LabFlows, 1);
  flows->n_flows = array->len;
  flows->flow = (TrafficFlow *)(void *)g_array_free (g_steal_pointer (&array), FALSE);
  return flows;
}

char *
lab_flows_text (const LabFlows *flows)
{
  GString *text = g_string_new ("[");

  for (uint32_t i = 0; i < flows->n_flows; i++) {
    const TrafficFlow *flow = &flows->flow[i];
    g_autofree char *start = lab_quantity_text (flow->start.ps, LAB_TIME);
    g_autofree char *bytes = lab_quantity_text (flow->bytes, LAB_BYTES);
    g_string_append_printf (text, "%s[%s, %s, %s]", i > 0 ? ", " : "", start, bytes,
                            directions[flow->to_host]);
  }
  g_string_append_c (text, ']');
  return g_string_free (text, FALSE);
}
