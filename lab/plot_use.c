/* How busy the host's processors and the target's engines are. */
#include "lab/plot_samples.h"
#include "lab/plot_time.h"

static void
append_share (GString *csv, const PlotBin *bin, LabCounter busy, uint32_t n_units)
{
  __int128 room = (__int128)plot_bin_ps (bin) * MAX (n_units, 1);
  g_string_append_c (csv, ',');
  plot_number (csv, (int64_t)((__int128)plot_bin_change (bin, busy) * 10000 / room), 2);
}

static char *
row_of (const LabView *view, const PlotBin *bin)
{
  GString *row = g_string_new (NULL);

  append_share (row, bin, LAB_COUNTER_CPU_BUSY, view->config->host.n_cpus);
  append_share (row, bin, LAB_COUNTER_ENGINE_BUSY, view->config->target.engines.count);
  return g_string_free (row, FALSE);
}

static void
draw (PlotDraft *draft, const LabView *view, const PlotOrder *order)
{
  PlotFrame frame = { 430, 72, 776, PLOT_TIME_TOP, 368 };
  uint32_t n_cpus = view->config->host.n_cpus;
  uint32_t n_engines = view->config->target.engines.count;

  plot_draft_begin (draft, &frame);
  plot_time_axis (draft, view, order, &frame, false);
  plot_script (draft, "set yrange [0:*]\nset format y '%%g %%%%'\n"
                      "set ylabel 'busy' textcolor rgb '" PLOT_MUTED "'\n");
  plot_script (draft,
               "plot '%s.csv' skip 1 using 1:2 with lines linewidth 1.6 linecolor rgb '" PLOT_HOST
               "' title 'host: %u processor%s', \\\n"
               "  '' skip 1 using 1:3 with lines linewidth 1.6 linecolor rgb '" PLOT_CHIMNEY
               "' title 'target: %u engine%s'\n",
               draft->name, n_cpus, n_cpus == 1 ? "" : "s", n_engines, n_engines == 1 ? "" : "s");
  plot_draft_end (draft);
}

PlotDraft *
plot_use (const LabView *view, const PlotOrder *order)
{
  PlotDraft *draft = plot_draft_new (
      order->name, "How busy the processors and the engines are",
      "The share of each interval in which the host's processors and the target's engines were at "
      "work, all of a kind together; at 100 % the line is the bottleneck.");
  PlotBin bins[PLOT_BINS_MAX];
  size_t n = plot_bins (view, bins);
  PlotSteps steps = { draft->csv, plot_time_of (view), NULL };

  if (n == 0) {
    plot_draft_refuse (draft, "no counters were sampled");
    return draft;
  }
  g_string_append_printf (draft->csv, "time_%s,processors_percent,engines_percent\n",
                          plot_time_of (view).unit);
  for (size_t i = 0; i < n; i++)
    plot_step (&steps, bins[i].from->when.ps, row_of (view, &bins[i]));
  plot_steps_end (&steps, bins[n - 1].to->when.ps);
  draw (draft, view, order);
  return draft;
}
