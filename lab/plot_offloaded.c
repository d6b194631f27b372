/* How many connections the target owns, and how many are on their way, over time. */
#include "lab/plot_time.h"

#define BINS 400

/* For each owner and bin, the time that its connections spent there.  Whole bins are counted where
 * a stretch of them begins and taken off where it ends, so that a span costs the same however long
 * it is. */
typedef struct Shares {
  int64_t edge_ps[BINS + 1]; /* bin i is from edge i to edge i + 1 */
  int64_t whole[N_OWNERS][BINS + 1];
  __int128 part_ps[N_OWNERS][BINS];
} Shares;

static int64_t
edge_ps (const LabView *view, unsigned i)
{
  return (int64_t)((__int128)view->end.ps * i / BINS);
}

static unsigned
bin_of (const Shares *shares, const LabView *view, int64_t ps)
{
  unsigned i = (unsigned)((__int128)ps * BINS / view->end.ps);

  while (i > 0 && shares->edge_ps[i] > ps)
    i--;
  while (i + 1 < BINS && shares->edge_ps[i + 1] <= ps)
    i++;
  return MIN (i, BINS - 1);
}

static void
add_span (Shares *shares, const LabView *view, const OwnerSpan *span)
{
  unsigned first = bin_of (shares, view, span->begin.ps);
  unsigned last = bin_of (shares, view, span->end.ps - 1);

  if (first == last) {
    shares->part_ps[span->owner][first] += span->end.ps - span->begin.ps;
    return;
  }
  shares->part_ps[span->owner][first] += shares->edge_ps[first + 1] - span->begin.ps;
  shares->part_ps[span->owner][last] += span->end.ps - shares->edge_ps[last];
  shares->whole[span->owner][first + 1]++;
  shares->whole[span->owner][last]--;
}

static Shares *
make_shares (const LabView *view)
{
  g_autoptr (GArray) spans = ownership_spans (view->ownership, view->end);
  Shares *shares = g_new0 (Shares, 1);

  for (unsigned i = 0; i <= BINS; i++)
    shares->edge_ps[i] = edge_ps (view, i);
  for (guint i = 0; i < spans->len; i++)
    add_span (shares, view, &g_array_index (spans, OwnerSpan, i));
  return shares;
}

/* The mean number of connections of |owner| in bin |i|, in thousandths. */
static int64_t
mean (const Shares *shares, TraceOwner owner, unsigned i, int64_t n_whole)
{
  int64_t width = shares->edge_ps[i + 1] - shares->edge_ps[i];
  return n_whole * 1000 + (int64_t)(shares->part_ps[owner][i] * 1000 / MAX (width, 1));
}

static void
append_rows (GString *csv, const LabView *view, const Shares *shares)
{
  PlotSteps steps = { csv, plot_time_of (view), NULL };
  int64_t n_whole[N_OWNERS] = { 0 };

  for (unsigned i = 0; i < BINS; i++) {
    GString *row = g_string_new (NULL);
    for (TraceOwner owner = 0; owner < N_OWNERS; owner++) {
      n_whole[owner] += shares->whole[owner][i];
      g_string_append_c (row, ',');
      plot_number (row, mean (shares, owner, i, n_whole[owner]), 3);
    }
    plot_step (&steps, shares->edge_ps[i], g_string_free (row, FALSE));
  }
  plot_steps_end (&steps, shares->edge_ps[BINS]);
}

static void
draw (PlotDraft *draft, const LabView *view, const PlotOrder *order)
{
  PlotFrame frame = { 430, 72, 776, PLOT_TIME_TOP, 368 };

  plot_draft_begin (draft, &frame);
  plot_time_axis (draft, view, order, &frame, false);
  plot_script (draft, "set yrange [0:*]\nset format y '%%g'\n"
                      "set ylabel 'connections' textcolor rgb '" PLOT_MUTED "'\n");
  plot_script (draft,
               "plot '%s.csv' skip 1 using 1:4 with filledcurves y=0 fillcolor rgb '" PLOT_CHIMNEY
               "' fillstyle solid noborder title 'owned by the target', \\\n"
               "  '' skip 1 using 1:3 with filledcurves y=0 fillcolor rgb '" PLOT_DOWN
               "' fillstyle solid noborder title 'on the way down', \\\n"
               "  '' skip 1 using 1:5 with filledcurves y=0 fillcolor rgb '" PLOT_UP
               "' fillstyle solid noborder title 'on the way up'\n",
               draft->name);
  plot_draft_end (draft);
}

PlotDraft *
plot_offloaded (const LabView *view, const PlotOrder *order)
{
  PlotDraft *draft = plot_draft_new (
      order->name, "Connections offloaded, and on their way",
      "How many connections the target owned, and how many were being handed over: the mean over "
      "each four-hundredth of the run.");

  if (view->ownership == NULL || view->end.ps < BINS) {
    plot_draft_refuse (draft, view->ownership == NULL ? "ownership was not recorded"
                                                      : "the run is too short");
    return draft;
  }
  g_autofree Shares *shares = make_shares (view);
  g_string_append_printf (draft->csv, "time_%s,host,going_down,target,going_up\n",
                          plot_time_of (view).unit);
  append_rows (draft->csv, view, shares);
  draw (draft, view, order);
  return draft;
}
