#include "lab/plot_order.h"

#include <string.h>

#include "lab/address.h"
#include "sim/assert.h"

static const char *const kind_names[PLOT_N_KINDS] = { "cdf",        "percentiles", "breakdown",
                                                      "throughput", "use",         "ownership",
                                                      "offloaded" };

static void
order_free (void *data)
{
  PlotOrder *order = data;

  g_free (order->name);
  if (order->marks != NULL)
    g_array_unref (order->marks);
  g_free (order);
}

static void
add_percentile (PlotOrder *order, uint32_t ppm)
{
  if (order->n_ppm < PLOT_PERCENTILES_MAX)
    order->ppm[order->n_ppm++] = ppm;
}

/* An order called after its kind and |of|, in letters that gnuplot takes in a name; one that is
 * taken gets a number. */
static PlotOrder *
add_order (GPtrArray *orders, const LabView *view, PlotKind kind, const char *of)
{
  PlotOrder *order = g_new0 (PlotOrder, 1);
  g_autofree char *base =
      *of != '\0' ? g_strdup_printf ("%s_%s", kind_names[kind], of) : g_strdup (kind_names[kind]);
  unsigned number = 1;

  g_strcanon (base, G_CSET_a_2_z G_CSET_A_2_Z G_CSET_DIGITS, '_');
  while (g_str_has_suffix (base, "_"))
    base[strlen (base) - 1] = '\0';
  order->name = g_strdup (base);
  for (guint i = 0; i < orders->len; i++)
    if (strcmp (((PlotOrder *)orders->pdata[i])->name, order->name) == 0) {
      g_free (order->name);
      order->name = g_strdup_printf ("%s_%u", base, ++number);
      i = 0;
    }
  order->kind = kind;
  order->of = (ConnectionSet){ 0, MAX (view->config->n_connections, 1) - 1 };
  g_ptr_array_add (orders, order);
  return order;
}

static PlotOrder *
add_latency_order (GPtrArray *orders, const LabView *view, PlotKind kind, LatencyClass class)
{
  PlotOrder *order = add_order (orders, view, kind, trace_latency_name (class));
  order->class = class;
  return order;
}

GPtrArray *
plot_orders_standard (const LabView *view)
{
  static const LatencyClass classes[] = { LATENCY_REQUEST, LATENCY_OFFLOAD, LATENCY_UPLOAD,
                                          LATENCY_UPDATE,  LATENCY_QUERY,   LATENCY_INVALIDATE,
                                          LATENCY_SEND,    LATENCY_CONNECT, LATENCY_FIRST_BYTE,
                                          LATENCY_FLOW };
  static const uint32_t marked[] = { 500000, 900000, 990000, 999000, 1000000 };
  static const PlotKind over_time[] = { PLOT_THROUGHPUT, PLOT_USE, PLOT_OFFLOADED, PLOT_OWNERSHIP };
  GPtrArray *orders = g_ptr_array_new_with_free_func (order_free);

  G_STATIC_ASSERT (G_N_ELEMENTS (classes) == N_LATENCIES);
  for (size_t i = 0; i < G_N_ELEMENTS (over_time); i++)
    add_order (orders, view, over_time[i], "");
  for (size_t i = 0; i < G_N_ELEMENTS (classes); i++) {
    add_latency_order (orders, view, PLOT_CDF, classes[i]);
    PlotOrder *tail = add_latency_order (orders, view, PLOT_PERCENTILES, classes[i]);
    for (size_t p = 0; p < G_N_ELEMENTS (marked); p++)
      add_percentile (tail, marked[p]);
    PlotOrder *breakdown = add_latency_order (orders, view, PLOT_BREAKDOWN, classes[i]);
    add_percentile (breakdown, 500000);
    add_percentile (breakdown, 990000);
  }
  return orders;
}

/* The elements of list |name| of |plot|; an empty list if it is not set. */
static GPtrArray *
list_of (const LabSetting *plot, const char *name)
{
  const LabSetting *list = lab_setting_get (plot, name);
  return list != NULL && lab_setting_is_set (list) && list->children != NULL
             ? g_ptr_array_ref (list->children)
             : g_ptr_array_new ();
}

static void
take_percentiles (PlotOrder *order, const LabSetting *plot)
{
  g_autoptr (GPtrArray) at = list_of (plot, "at");

  for (guint i = 0; i < at->len; i++) {
    LabRatio ratio = ((const LabSetting *)at->pdata[i])->value.ratio;
    add_percentile (order, (uint32_t)((__int128)ratio.n * 1000000 / ratio.d));
  }
}

static void
take_marks (PlotOrder *order, const LabView *view, const LabSetting *plot)
{
  g_autoptr (GPtrArray) marks = list_of (plot, "mark");

  if (marks->len == 0)
    return;
  order->marks = g_array_new (FALSE, FALSE, sizeof (uint32_t));
  for (guint m = 0; m < marks->len; m++)
    for (uint32_t i = 0; i < view->config->n_events; i++)
      if (strcmp (((const LabSetting *)marks->pdata[m])->value.text, view->config->event[i].id)
          == 0)
        g_array_append_val (order->marks, i);
}

/* The connections that |text| addresses; all if it addresses none. */
static void
take_connections (PlotOrder *order, const LabView *view, const char *text)
{
  g_autofree char *why = NULL;
  LabAddress address;

  if (!lab_address_read (text, &address, &why))
    return;
  for (uint32_t i = 0; i < view->config->n_groups; i++) {
    const ConnectionGroup *group = &view->config->group[i];
    if (strcmp (group->name, address.group) != 0 || group->count == 0)
      continue;
    uint32_t last = group->count - 1;
    order->of.first = group->first_id + (address.is_all ? 0 : MIN (address.first, last));
    order->of.last = group->first_id + (address.is_all ? last : MIN (address.last, last));
  }
}

static void
add_chosen_latencies (GPtrArray *orders, const LabView *view, PlotKind kind, const LabSetting *plot)
{
  g_autoptr (GPtrArray) of = list_of (plot, "of");

  for (LatencyClass class = 0; class < N_LATENCIES; class ++) {
    bool is_wanted = of->len == 0;
    for (guint i = 0; i < of->len; i++)
      is_wanted |=
          strcmp (((const LabSetting *)of->pdata[i])->value.text, trace_latency_name (class)) == 0;
    if (!is_wanted)
      continue;
    PlotOrder *order = add_latency_order (orders, view, kind, class);
    order->is_linear = kind == PLOT_CDF && lab_setting_integer (plot, "scale") == 0;
    take_percentiles (order, plot);
  }
}

static void
add_chosen (GPtrArray *orders, const LabView *view, const LabSetting *plot)
{
  PlotKind kind = (PlotKind)lab_setting_integer (plot, "kind");
  g_autoptr (GPtrArray) of = list_of (plot, "of");

  if (kind <= PLOT_BREAKDOWN) {
    add_chosen_latencies (orders, view, kind, plot);
    return;
  }
  for (guint i = 0; i < of->len; i++) {
    const char *text = ((const LabSetting *)of->pdata[i])->value.text;
    PlotOrder *order = add_order (orders, view, kind, text);
    take_connections (order, view, text);
    take_marks (order, view, plot);
  }
  if (of->len == 0)
    take_marks (add_order (orders, view, kind, ""), view, plot);
}

GPtrArray *
plot_orders_chosen (const LabView *view, const LabSetting *chosen)
{
  GPtrArray *orders = g_ptr_array_new_with_free_func (order_free);

  for (guint i = 0; i < chosen->children->len; i++)
    add_chosen (orders, view, chosen->children->pdata[i]);
  return orders;
}
