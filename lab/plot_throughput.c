/* Application data over time, by the path they took. */
#include "lab/plot_samples.h"
#include "lab/plot_time.h"

static void
append_rate (GString *csv, const PlotBin *bin, LabCounter in, LabCounter out)
{
  __int128 bytes = (__int128)plot_bin_change (bin, in) + plot_bin_change (bin, out);
  /* 1 B/ps is 8000 Gbit/s. */
  g_string_append_c (csv, ',');
  plot_number (csv, (int64_t)(bytes * 80000000 / plot_bin_ps (bin)), 4);
}

static char *
row_of (const PlotBin *bin)
{
  GString *row = g_string_new (NULL);

  append_rate (row, bin, LAB_COUNTER_DELIVERED_HOST, LAB_COUNTER_SENT_HOST);
  append_rate (row, bin, LAB_COUNTER_DELIVERED_CHIMNEY, LAB_COUNTER_SENT_CHIMNEY);
  append_rate (row, bin, LAB_COUNTER_WIRE_IN, LAB_COUNTER_WIRE_OUT);
  return g_string_free (row, FALSE);
}

static void
draw (PlotDraft *draft, const LabView *view, const PlotOrder *order)
{
  PlotFrame frame = { 430, 72, 776, PLOT_TIME_TOP, 368 };

  plot_draft_begin (draft, &frame);
  plot_time_axis (draft, view, order, &frame, false);
  plot_script (draft, "set yrange [0:*]\nset format y '%%g'\n"
                      "set ylabel 'Gbit/s, both directions' textcolor rgb '" PLOT_MUTED "'\n");
  plot_script (
      draft,
      "plot '%s.csv' skip 1 using 1:($2+$3) with filledcurves y=0 fillcolor rgb '" PLOT_CHIMNEY
      "' fillstyle solid noborder title 'chimney', \\\n",
      draft->name);
  plot_script (draft, "  '' skip 1 using 1:2 with filledcurves y=0 fillcolor rgb '" PLOT_HOST
                      "' fillstyle solid noborder title 'host path', \\\n"
                      "  '' skip 1 using 1:4 with lines linewidth 1.2 linecolor rgb '" PLOT_INK
                      "' title 'wire, with headers'\n");
  plot_draft_end (draft);
}

PlotDraft *
plot_throughput (const LabView *view, const PlotOrder *order)
{
  PlotDraft *draft =
      plot_draft_new (order->name, "Throughput, and the path that the data took",
                      "Data that the host's applications sent and received, the host path's below "
                      "and the chimney's on top; the line is what the wire carried.");
  PlotBin bins[PLOT_BINS_MAX];
  size_t n = plot_bins (view, bins);
  PlotSteps steps = { draft->csv, plot_time_of (view), NULL };

  if (n == 0) {
    plot_draft_refuse (draft, "no counters were sampled");
    return draft;
  }
  g_string_append_printf (draft->csv,
                          "time_%s,host_path_gbit_per_s,chimney_gbit_per_s,wire_gbit_per_s\n",
                          steps.time.unit);
  for (size_t i = 0; i < n; i++)
    plot_step (&steps, bins[i].from->when.ps, row_of (&bins[i]));
  plot_steps_end (&steps, bins[n - 1].to->when.ps);
  draw (draft, view, order);
  return draft;
}
