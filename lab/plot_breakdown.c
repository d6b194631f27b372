/* Where the time of a typical operation goes: the stages of its way, side by side, at some
 * percentiles. */
#include <string.h>

#include "lab/human.h"
#include "lab/plot_kinds.h"
#include "lab/plot_series.h"

/* Operations this near to a percentile stand for it. */
#define BAND_PPM 10000
#define BAR_HEIGHT 40
#define KEY_SWATCH_WIDTH 18
#define KEY_ROW_HEIGHT 19

typedef struct StageStyle {
  const char *fill, *ink;
} StageStyle;

/* Down in blue, the NIC in green, the wire and beyond in grey, up in orange and purple; neighbours
 * differ in lightness. */
static const StageStyle stage_styles[N_STAGES] = {
  [STAGE_APP] = { "#c5b0d5", PLOT_DARK_INK },
  [STAGE_HOST] = { "#08519c", PLOT_PAPER },
  [STAGE_NDIS_DOWN] = { "#9ecae1", PLOT_DARK_INK },
  [STAGE_IM_DOWN] = { "#2f7fbc", PLOT_PAPER },
  [STAGE_MINIPORT] = { "#c6dbef", PLOT_DARK_INK },
  [STAGE_MAILBOX] = { "#00604a", PLOT_PAPER },
  [STAGE_DMA] = { "#66c2a4", PLOT_DARK_INK },
  [STAGE_ENGINE] = { "#1a8a5f", PLOT_PAPER },
  [STAGE_NIC_TX] = { "#b2dfcb", PLOT_DARK_INK },
  [STAGE_WIRE] = { "#7f7f7f", PLOT_PAPER },
  [STAGE_PEER] = { "#d4d4d4", PLOT_DARK_INK },
  [STAGE_WIRE_BACK] = { "#9c9c9c", PLOT_DARK_INK },
  [STAGE_NIC_RX] = { "#a6480a", PLOT_PAPER },
  [STAGE_INTERRUPT] = { "#fdd0a2", PLOT_DARK_INK },
  [STAGE_COMPLETION] = { "#e6812f", PLOT_DARK_INK },
  [STAGE_IM_UP] = { "#8c4a9e", PLOT_PAPER },
  [STAGE_NDIS_UP] = { "#e3c4ea", PLOT_DARK_INK },
  [STAGE_HOST_UP] = { "#5b2a75", PLOT_PAPER },
  [STAGE_QUEUE] = { "#f0e6a8", PLOT_DARK_INK },
  [STAGE_SETUP] = { "#08519c", PLOT_PAPER },
  [STAGE_TRANSFER] = { "#66c2a4", PLOT_DARK_INK },
  [STAGE_CLOSE] = { "#a6480a", PLOT_PAPER },
  [STAGE_END] = { "#000000", PLOT_PAPER },
};

static StageStyle
style_of (uint32_t column)
{
  static const StageStyle down[2] = { { "#2f7fbc", PLOT_PAPER }, { "#6aaed6", PLOT_DARK_INK } };
  static const StageStyle up[2] = { { "#8c4a9e", PLOT_PAPER }, { "#bd8bcb", PLOT_DARK_INK } };

  if (column < N_STAGES) {
    SIM_ASSERT (stage_styles[column].fill != NULL);
    return stage_styles[column];
  }
  uint32_t im = (column - N_STAGES) / 2;
  return (column - N_STAGES) % 2 == 0 ? down[im % 2] : up[im % 2];
}

/* One bar: the operations near a percentile of a series. */
typedef struct Bar {
  const PlotSeries *series;
  char *percentile; /* "p99" */
  size_t n_operations;
  int64_t total_ps;
  int64_t ps[LATENCY_COLUMNS];
} Bar;

static void
bar_clear (void *data)
{
  Bar *bar = data;
  g_free (bar->percentile);
}

static GArray *
make_bars (const LabView *view, const PlotOrder *order, const PlotSeries *series, size_t n_series)
{
  GArray *bars = g_array_new (FALSE, TRUE, sizeof (Bar));

  g_array_set_clear_func (bars, bar_clear);
  for (size_t s = 0; s < n_series; s++)
    for (uint32_t i = 0; i < order->n_ppm; i++) {
      Bar bar = { .series = &series[s] };
      GString *name = g_string_new (order->ppm[i] == 1000000 ? "max" : "p");
      if (order->ppm[i] < 1000000)
        plot_number (name, order->ppm[i], 4);
      bar.percentile = g_string_free (name, FALSE);
      bar.n_operations = latency_breakdown (view->latency, order->class, series[s].path,
                                            order->ppm[i], BAND_PPM, bar.ps);
      for (uint32_t c = 0; c < LATENCY_COLUMNS; c++)
        bar.total_ps += bar.ps[c];
      g_array_append_val (bars, bar);
    }
  return bars;
}

static bool
is_in_bars (const GArray *bars, uint32_t column)
{
  for (guint b = 0; b < bars->len; b++)
    if (g_array_index (bars, Bar, b).ps[column] > 0)
      return true;
  return false;
}

static void
append_bar (GString *csv, const LabView *view, const Bar *bar, guint index, const uint32_t *way)
{
  __int128 from_ps = 0;

  for (uint32_t i = 0; i < LAB_WAY_COLUMNS; i++) {
    int64_t ps = bar->ps[way[i]];
    if (ps == 0)
      continue;
    g_autofree char *stage = lab_view_stage (view, way[i]);
    g_string_append_printf (csv, "%u,%s,%s,%zu,%s,", index + 1, bar->series->key, bar->percentile,
                            bar->n_operations, stage);
    plot_number (csv, ps, 6);
    g_string_append_c (csv, ',');
    plot_number (csv, (int64_t)(from_ps * 1000000 / bar->total_ps), 4);
    from_ps += ps;
    g_string_append_c (csv, ',');
    plot_number (csv, (int64_t)(from_ps * 1000000 / bar->total_ps), 4);
    g_string_append_c (csv, '\n');
  }
}

/* What each bar is, at its left, and how long it is in all, at its right. */
static void
write_bar_names (PlotDraft *draft, const GArray *bars)
{
  plot_script (draft, "set ytics (");
  for (guint b = 0; b < bars->len; b++) {
    const Bar *bar = &g_array_index (bars, Bar, b);
    plot_script (draft, "%s'%s  %s' %u", b > 0 ? ", " : "",
                 bar->series->path < 0 ? bar->series->word
                                       : plot_path_word ((LatencyPath)bar->series->path),
                 bar->percentile, b + 1);
  }
  plot_script (draft, ") scale 0 textcolor rgb '" PLOT_INK "'\n");
  for (guint b = 0; b < bars->len; b++) {
    const Bar *bar = &g_array_index (bars, Bar, b);
    g_autofree char *total = lab_human_time (bar->total_ps);
    plot_script (draft,
                 "set label '%s' at 100,%u left offset screen 8./%d,0 textcolor rgb '" PLOT_INK
                 "'\n",
                 total, b + 1, PLOT_WIDTH);
  }
}

/* The pieces of |stage| in all bars, with its name in those that have room for it. */
static void
draw_stage (PlotDraft *draft, const char *stage, StageStyle style, bool is_first)
{
  plot_script (draft,
               "%s'%s.csv' skip 1 using (strcol(5) eq '%s' ? ($7+$8)/2 : NaN):1:7:8:($1-0.36):"
               "($1+0.36) with boxxyerror fillcolor rgb '%s' fillstyle solid border linecolor rgb "
               "'" PLOT_PAPER "' notitle",
               is_first ? "plot " : ", \\\n  ", draft->name, stage, style.fill);
  plot_script (draft,
               ", \\\n  '' skip 1 using (strcol(5) eq '%s' && $8-$7 > %zu ? ($7+$8)/2 : NaN):1:"
               "('%s') with labels font ',11' textcolor rgb '%s' notitle",
               stage, strlen (stage) * 4 / 3 + 2, stage, style.ink);
}

/* The columns that some bar has, in the order of the way, and their names. */
typedef struct Stages {
  size_t n;
  uint32_t column[LAB_WAY_COLUMNS];
  char *name[LAB_WAY_COLUMNS];
  int name_width; /* of the longest, in pixels */
} Stages;

static void
take_stages (const LabView *view, const GArray *bars, Stages *ret_stages)
{
  uint32_t way[LAB_WAY_COLUMNS];

  *ret_stages = (Stages){ 0 };
  lab_view_way (way);
  for (uint32_t i = 0; i < LAB_WAY_COLUMNS; i++) {
    if (!is_in_bars (bars, way[i]))
      continue;
    char *name = lab_view_stage (view, way[i]);
    ret_stages->column[ret_stages->n] = way[i];
    ret_stages->name[ret_stages->n++] = name;
    ret_stages->name_width = MAX (ret_stages->name_width, (int)strlen (name) * 7);
  }
}

/* Which stage has which colour: column by column, |n_rows| each. */
static void
write_key (PlotDraft *draft, const Stages *stages, int height, int top, int n_rows)
{
  plot_script (draft, "unset key\n");
  for (size_t i = 0; i < stages->n; i++) {
    int left = 10 + (int)i / n_rows * (stages->name_width + KEY_SWATCH_WIDTH + 24);
    int y = top + (int)i % n_rows * KEY_ROW_HEIGHT;
    g_autofree char *name = plot_quoted (stages->name[i]);
    plot_script (draft,
                 "set object rectangle from screen %d./%d,1-%d./%d to screen %d./%d,1-%d./%d "
                 "fillcolor rgb '%s' fillstyle solid noborder\n",
                 left, PLOT_WIDTH, y + 5, height, left + KEY_SWATCH_WIDTH, PLOT_WIDTH, y - 5,
                 height, style_of (stages->column[i]).fill);
    plot_script (draft,
                 "set label %s at screen %d./%d,1-%d./%d left font ',12' textcolor rgb '" PLOT_INK
                 "'\n",
                 name, left + KEY_SWATCH_WIDTH + 6, PLOT_WIDTH, y, height);
  }
}

static void
draw (PlotDraft *draft, const LabView *view, const GArray *bars)
{
  Stages stages;

  take_stages (view, bars, &stages);
  int n_columns = MAX ((PLOT_WIDTH - 20) / (stages.name_width + KEY_SWATCH_WIDTH + 24), 1);
  int n_rows = ((int)stages.n + n_columns - 1) / n_columns;
  int bottom = 44 + BAR_HEIGHT * (int)bars->len;
  int key_top = bottom + 68;
  PlotFrame frame = { key_top + KEY_ROW_HEIGHT * n_rows, 158, 716, 44, bottom };

  plot_draft_begin (draft, &frame);
  plot_script (
      draft,
      "set xrange [0:100]\nset xtics 0,25,100 format '%%g %%%%'\nunset grid\nset border 1\n"
      "set xlabel 'share of the time' offset 0,0.4 textcolor rgb '" PLOT_MUTED "'\n"
      "set yrange [%u.5:0.5]\n",
      bars->len);
  write_bar_names (draft, bars);
  write_key (draft, &stages, frame.height, key_top, n_rows);
  for (size_t i = 0; i < stages.n; i++) {
    draw_stage (draft, stages.name[i], style_of (stages.column[i]), i == 0);
    g_free (stages.name[i]);
  }
  plot_script (draft, "\n");
  plot_draft_end (draft);
}

PlotDraft *
plot_breakdown (const LabView *view, const PlotOrder *order)
{
  const char *words = plot_class_words (order->class);
  g_autofree char *title = g_strdup_printf ("Where the time of %s goes", words);
  g_autofree char *caption =
      g_strdup_printf ("Each bar is the mean of the %s within one percent of that percentile, cut "
                       "into the stages of "
                       "their way from left to right; its whole length is at its right.",
                       words);
  PlotDraft *draft = plot_draft_new (order->name, title, caption);
  PlotSeries series[LATENCY_N_PATHS];
  uint32_t way[LAB_WAY_COLUMNS];
  size_t n_series = plot_series_collect (view, order->class, series);

  if (n_series == 0) {
    plot_draft_refuse (draft, view->latency == NULL ? "latencies were not measured"
                                                    : "no such operation ended");
    return draft;
  }
  lab_view_way (way);
  g_autoptr (GArray) bars = make_bars (view, order, series, n_series);
  g_string_append (draft->csv,
                   "bar,series,percentile,operations,stage,time_us,from_percent,to_percent\n");
  for (guint b = 0; b < bars->len; b++)
    append_bar (draft->csv, view, &g_array_index (bars, Bar, b), b, way);
  draw (draft, view, bars);
  plot_series_clear (series, n_series);
  return draft;
}
