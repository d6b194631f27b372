#include "lab/plot_time.h"

#include <limits.h>
#include <string.h>

#include "sim/assert.h"

#define MARKS_MAX 64
/* Letters of the marks' names are about this wide. */
#define LETTER_TENTHS 66

PlotTime
plot_time_of (const LabView *view)
{
  int64_t end = view->end.ps;

  if (end >= 2 * SIM_PS_PER_S)
    return (PlotTime){ "s", 12 };
  if (end >= 2 * SIM_PS_PER_MS)
    return (PlotTime){ "ms", 9 };
  return (PlotTime){ "us", 6 };
}

void
plot_time_number (GString *out, PlotTime time, int64_t ps)
{
  plot_number (out, ps, time.n_decimals);
}

static void
append_row (const PlotSteps *steps, int64_t ps)
{
  plot_time_number (steps->csv, steps->time, ps);
  g_string_append_printf (steps->csv, "%s\n", steps->values);
}

void
plot_step (PlotSteps *steps, int64_t ps, char *values)
{
  bool is_same = steps->values != NULL && strcmp (steps->values, values) == 0;

  if (steps->values != NULL && !is_same)
    append_row (steps, ps);
  g_free (steps->values);
  steps->values = values;
  if (!is_same)
    append_row (steps, ps);
}

void
plot_steps_end (PlotSteps *steps, int64_t ps)
{
  append_row (steps, ps);
  g_clear_pointer (&steps->values, g_free);
}

/* Pixels from the left at which |ps| stands. */
static int
pixel_of (const LabView *view, const PlotFrame *frame, int64_t ps)
{
  __int128 width = frame->right - frame->left;
  return frame->left + (int)(ps * width / MAX (view->end.ps, 1));
}

/* A stretch shaded over the height of the area, with a strip above that says what it is. */
static void
write_shade (PlotDraft *draft, const LabView *view, const Episode *span, bool is_covered)
{
  PlotTime time = plot_time_of (view);
  g_autoptr (GString) begin = g_string_new (NULL);
  g_autoptr (GString) end = g_string_new (NULL);
  const char *style = is_covered ? "front fillcolor rgb '" PLOT_INK
                                   "' fillstyle transparent solid 0.15 noborder"
                                 : "behind fillcolor rgb '" PLOT_SHADE "' fillstyle solid noborder";

  plot_time_number (begin, time, span->begin.ps);
  plot_time_number (end, time, span->end.ps);
  plot_script (draft, "set object rectangle from %s,graph 0 to %s,graph 1 %s\n", begin->str,
               end->str, style);
}

static void
write_strip (PlotDraft *draft, const LabView *view, const PlotFrame *frame, const Episode *span,
             int *free_from)
{
  g_autofree char *name = span->kind == EPISODE_POWER
                              ? g_strdup_printf ("D%" G_GINT64_FORMAT, span->level)
                              : g_strdup ("link down");
  int left = pixel_of (view, frame, span->begin.ps);
  int right = MAX (pixel_of (view, frame, span->end.ps), left + 1);
  int width = (int)strlen (name) * LETTER_TENTHS / 10 + 6;
  bool is_inside = width <= right - left;
  int at = is_inside ? (left + right) / 2 : right + 3;

  plot_script (draft,
               "set object rectangle from screen %d./%d,1-%d./%d to screen %d./%d,1-%d./%d front "
               "fillcolor rgb '" PLOT_STRIP "' fillstyle solid noborder\n",
               left, PLOT_WIDTH, frame->top - 2, frame->height, right, PLOT_WIDTH,
               frame->top - PLOT_STRIP_HEIGHT, frame->height);
  int begins = is_inside ? at - width / 2 : at;
  if (begins < *free_from || begins + width > frame->right + 16)
    return;
  *free_from = begins + width;
  plot_script (
      draft,
      "set label '%s' at screen %d./%d,1-%d./%d %s front font ',11' textcolor rgb '" PLOT_INK "'\n",
      name, at, PLOT_WIDTH, frame->top - PLOT_STRIP_HEIGHT / 2 - 1, frame->height,
      is_inside ? "center" : "left");
}

static void
write_shades (PlotDraft *draft, const LabView *view, const PlotFrame *frame, bool is_covered)
{
  g_autoptr (GArray) spans = episodes_spans (view->episodes, view->end);
  int free_from = 0;

  for (guint i = 0; i < MIN (spans->len, MARKS_MAX); i++) {
    const Episode *span = &g_array_index (spans, Episode, i);
    write_shade (draft, view, span, is_covered);
    write_strip (draft, view, frame, span, &free_from);
  }
}

/* Where the names of marks stand: the first pixel that is taken in each row.  They are placed from
 * the right, and a line reaches up to its name only, so that no line crosses a name. */
typedef struct MarkRows {
  int taken_from[PLOT_MARK_ROWS];
} MarkRows;

/* The lowest row with room for |text| at |x|, or at its left at the right end; PLOT_MARK_ROWS if
 * there is none. */
static unsigned
place_name (MarkRows *rows, const PlotFrame *frame, int x, const char *text, bool *ret_is_left)
{
  int width = (int)strlen (text) * LETTER_TENTHS / 10 + 6;
  unsigned row = 0;

  *ret_is_left = x + width > frame->right + 16;
  int begin = *ret_is_left ? x - width : x;
  while (row < PLOT_MARK_ROWS && begin + width > rows->taken_from[row])
    row++;
  if (row < PLOT_MARK_ROWS)
    rows->taken_from[row] = begin;
  return row;
}

static void
write_mark (PlotDraft *draft, const LabView *view, const PlotFrame *frame, uint32_t index,
            MarkRows *rows)
{
  const char *id = view->config->event[index].id;
  int64_t begun = episodes_event (view->episodes, index).begun.ps;
  int x = pixel_of (view, frame, begun);
  g_autoptr (GString) at = g_string_new (NULL);
  g_autofree char *name = plot_quoted (id);
  bool is_left;

  plot_time_number (at, plot_time_of (view), begun);
  unsigned row = place_name (rows, frame, x, id, &is_left);
  /* The line reaches up to its name. */
  int top = frame->top - PLOT_STRIP_HEIGHT
            - (row < PLOT_MARK_ROWS ? (int)row * PLOT_MARK_ROW_HEIGHT + 12 : 0);
  /* White under it, to be seen on dark areas. */
  plot_script (
      draft,
      "set arrow from %s,graph 0 to %s,screen 1-%d./%d nohead front linewidth 1.6 linecolor "
      "rgb '" PLOT_PAPER "'\n",
      at->str, at->str, top, frame->height);
  plot_script (
      draft,
      "set arrow from %s,graph 0 to %s,screen 1-%d./%d nohead front linewidth 0.9 dashtype "
      "(4,3) linecolor rgb '" PLOT_INK "'\n",
      at->str, at->str, top, frame->height);
  if (row < PLOT_MARK_ROWS)
    plot_script (draft,
                 "set label %s at %s,screen 1-%d./%d %s offset screen %d./%d,0 front font ',11' "
                 "textcolor rgb '" PLOT_INK "'\n",
                 name, at->str, top + 2, frame->height, is_left ? "right" : "left",
                 is_left ? -3 : 3, PLOT_WIDTH);
}

static gint
compare_begun (gconstpointer a, gconstpointer b, gpointer data)
{
  const Episodes *episodes = data;
  uint32_t left = *(const uint32_t *)a, right = *(const uint32_t *)b;
  int64_t left_ps = episodes_event (episodes, left).begun.ps;
  int64_t right_ps = episodes_event (episodes, right).begun.ps;

  if (left_ps != right_ps)
    return left_ps < right_ps ? -1 : 1;
  return (left > right) - (left < right);
}

static bool
is_wanted (const PlotOrder *order, uint32_t index)
{
  for (guint i = 0; order->marks != NULL && i < order->marks->len; i++)
    if (g_array_index (order->marks, uint32_t, i) == index)
      return true;
  return order->marks == NULL;
}

static void
write_marks (PlotDraft *draft, const LabView *view, const PlotOrder *order, const PlotFrame *frame)
{
  g_autoptr (GArray) events = g_array_new (FALSE, FALSE, sizeof (uint32_t));
  MarkRows rows;

  for (uint32_t i = 0; i < episodes_n_events (view->episodes); i++)
    if (!sim_time_is_never (episodes_event (view->episodes, i).begun) && is_wanted (order, i))
      g_array_append_val (events, i);
  g_array_sort_with_data (events, compare_begun, (void *)view->episodes);
  for (unsigned row = 0; row < PLOT_MARK_ROWS; row++)
    rows.taken_from[row] = INT_MAX;
  for (guint i = MIN (events->len, MARKS_MAX); i-- > 0;)
    write_mark (draft, view, frame, g_array_index (events, uint32_t, i), &rows);
}

void
plot_time_axis (PlotDraft *draft, const LabView *view, const PlotOrder *order,
                const PlotFrame *frame, bool is_covered)
{
  PlotTime time = plot_time_of (view);
  g_autoptr (GString) end = g_string_new (NULL);

  plot_time_number (end, time, MAX (view->end.ps, 1));
  plot_script (
      draft,
      "set xrange [0:%s]\nset xlabel 'simulated time (%s)' offset 0,0.2 textcolor rgb '" PLOT_MUTED
      "'\n",
      end->str, strcmp (time.unit, "us") == 0 ? "µs" : time.unit);
  if (view->episodes != NULL) {
    write_shades (draft, view, frame, is_covered);
    write_marks (draft, view, order, frame);
  }
}
