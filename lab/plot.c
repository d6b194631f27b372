#include "lab/plot.h"

#include <string.h>

#include "lab/gnuplot.h"
#include "lab/mistakes.h"
#include "lab/plot_order.h"
#include "sim/assert.h"

static void
plot_free (void *data)
{
  LabPlot *plot = data;

  g_free (plot->name);
  g_free (plot->title);
  g_free (plot->caption);
  g_free (plot->svg);
  g_free (plot);
}

static PlotDraft *
make_draft (const LabView *view, const PlotOrder *order)
{
  switch (order->kind) {
  case PLOT_CDF:
    return plot_cdf (view, order);
  case PLOT_PERCENTILES:
    return plot_percentiles (view, order);
  case PLOT_BREAKDOWN:
    return plot_breakdown (view, order);
  case PLOT_THROUGHPUT:
    return plot_throughput (view, order);
  case PLOT_USE:
    return plot_use (view, order);
  case PLOT_OWNERSHIP:
    return plot_ownership (view, order);
  case PLOT_OFFLOADED:
    return plot_offloaded (view, order);
  case PLOT_N_KINDS:
    break;
  }
  SIM_UNREACHABLE ();
}

static bool
write_part (const PlotDraft *draft, const char *suffix, const GString *text, LabFolder *folder,
            GError **error)
{
  g_autofree char *name = g_strdup_printf ("plots/%s.%s", draft->name, suffix);
  return lab_folder_write (folder, name, text->str, (gssize)text->len, error);
}

/* What gnuplot drew; a picture that breaks off is an error, as on a full disk. */
static char *
read_picture (const PlotDraft *draft, LabFolder *folder, GError **error)
{
  g_autofree char *name = g_strdup_printf ("plots/%s.svg", draft->name);
  g_autofree char *path = g_build_filename (lab_folder_work_path (folder), name, NULL);
  g_autofree char *svg = NULL;

  if (!g_file_get_contents (path, &svg, NULL, error))
    return NULL;
  if (strstr (svg, "</svg>") == NULL) {
    g_set_error (error, LAB_ERROR, LAB_ERROR_FILE,
                 "%s/%s: gnuplot could not write it whole: is the disk full?",
                 lab_folder_path (folder), name);
    return NULL;
  }
  return lab_folder_add (folder, name, error) ? g_steal_pointer (&svg) : NULL;
}

static char *
draw (const PlotDraft *draft, LabFolder *folder, GError **error)
{
  g_autofree char *plots = g_build_filename (lab_folder_work_path (folder), "plots", NULL);
  g_autofree char *script = g_strdup_printf ("%s.gp", draft->name);

  if (!write_part (draft, "csv", draft->csv, folder, error)
      || !write_part (draft, "gp", draft->script, folder, error)
      || !lab_gnuplot_run (plots, script, error))
    return NULL;
  return read_picture (draft, folder, error);
}

GPtrArray *
lab_plots_new (void)
{
  return g_ptr_array_new_with_free_func (plot_free);
}

bool
lab_plots_add (GPtrArray *plots, const PlotDraft *draft, LabFolder *folder, GError **error)
{
  LabPlot *plot = g_new0 (LabPlot, 1);

  g_ptr_array_add (plots, plot);
  plot->name = g_strdup (draft->name);
  plot->title = g_strdup (draft->title);
  plot->caption = g_strdup (draft->why_not != NULL ? draft->why_not : draft->caption);
  if (draft->why_not == NULL)
    plot->svg = draw (draft, folder, error);
  return draft->why_not != NULL || plot->svg != NULL;
}

GPtrArray *
lab_plots_write (const LabView *view, const LabSetting *chosen, LabFolder *folder, GError **error)
{
  bool is_chosen = chosen != NULL && chosen->children != NULL && chosen->children->len > 0;
  g_autoptr (GPtrArray) orders =
      is_chosen ? plot_orders_chosen (view, chosen) : plot_orders_standard (view);
  g_autoptr (GPtrArray) plots = lab_plots_new ();

  if (!lab_gnuplot_available (error))
    return NULL;
  for (guint i = 0; i < orders->len; i++) {
    g_autoptr (PlotDraft) draft = make_draft (view, orders->pdata[i]);
    if (!lab_plots_add (plots, draft, folder, error))
      return NULL;
  }
  return g_steal_pointer (&plots);
}
