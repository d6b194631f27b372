/* A chart as SVG.  Colours are attributes that every reader of SVG knows; on a dark screen the style
 * of the report takes their place. */
#include "lab/chart.h"
#include "lab/html.h"
#include "lab/plot_draft.h"
#include "lab/stats.h"

/* In pixels. */
enum {
  MARGIN = 96,
  LANE = 248,
  RIGHT = 60,
  HEAD = 64,
  ROW = 23,
  FOOT = 24,
  BAR = 7, /* the owner's */
  ARROW = 7,
};

static int
x_of (uint32_t lane)
{
  return MARGIN + LANE / 3 + (int)lane * LANE;
}

static int
y_of (guint row)
{
  return HEAD + ROW / 2 + (int)row * ROW;
}

static int
width_of (const LabChartSheet *sheet)
{
  return x_of (sheet->lanes->len - 1) + LANE / 3 + RIGHT;
}

static void
put_text (GString *svg, int x, int y, const char *anchor, const char *colour, const char *text)
{
  html_put (svg,
            "<text x=\"%d\" y=\"%d\" text-anchor=\"%s\" fill=\"%s\" stroke=\"" PLOT_PAPER
            "\" stroke-width=\"3\" paint-order=\"stroke\" stroke-linejoin=\"round\">%s</text>\n",
            x, y, anchor, colour, text);
}

static void
put_line (GString *svg, int x1, int y1, int x2, int y2, const char *colour, const char *extra)
{
  g_string_append_printf (
      svg, "<line x1=\"%d\" y1=\"%d\" x2=\"%d\" y2=\"%d\" stroke=\"%s\" stroke-width=\"1.4\"%s/>\n",
      x1, y1, x2, y2, colour, extra);
}

/* The head of an arrow that ends at |x|, |y| and points right or left. */
static void
put_tip (GString *svg, int x, int y, bool points_right, const char *colour)
{
  int back = points_right ? x - ARROW : x + ARROW;

  g_string_append_printf (svg, "<polygon points=\"%d,%d %d,%d %d,%d\" fill=\"%s\"/>\n", x, y, back,
                          y - ARROW / 2, back, y + ARROW / 2, colour);
}

/* Lanes, with a bar where the owner is: full on host or target, half on both while it moves. */
static void
put_owner_bar (GString *svg, uint32_t lane, guint from, guint to, const char *colour, bool moves)
{
  if (to <= from)
    return;
  g_string_append_printf (svg,
                          "<rect x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\" "
                          "fill=\"%s\" opacity=\"%s\"/>\n",
                          x_of (lane) - BAR / 2, HEAD + (int)from * ROW, BAR,
                          (int)(to - from) * ROW, colour, moves ? "0.35" : "0.9");
}

static void
put_owner (GString *svg, const LabChartRow *row, guint from, guint to)
{
  TraceOwner owner = row->owner;
  bool moves = owner == OWNER_GOING_DOWN || owner == OWNER_GOING_UP;

  if (owner != OWNER_TARGET)
    put_owner_bar (svg, 0, from, to, PLOT_HOST, moves);
  if (owner != OWNER_HOST)
    put_owner_bar (svg, row->target, from, to, PLOT_CHIMNEY, moves);
}

static void
put_owners (GString *svg, const LabChartSheet *sheet)
{
  const LabChartRow *rows = (const LabChartRow *)(const void *)sheet->rows->data;
  guint begun = 0;

  for (guint i = 1; i <= sheet->rows->len; i++) {
    if (i < sheet->rows->len && rows[i].owner == rows[begun].owner
        && rows[i].target == rows[begun].target)
      continue;
    put_owner (svg, &rows[begun], begun, i);
    begun = i;
  }
}

static void
put_lanes (GString *svg, const LabChartSheet *sheet)
{
  for (guint lane = 0; lane < sheet->lanes->len; lane++) {
    put_line (svg, x_of (lane), HEAD - 6, x_of (lane), HEAD + (int)sheet->rows->len * ROW,
              PLOT_MUTED, " opacity=\"0.6\"");
    html_put (svg,
              "<text x=\"%d\" y=\"%d\" text-anchor=\"middle\" "
              "fill=\"" PLOT_INK "\" font-weight=\"600\" font-size=\"13\">%s</text>\n",
              x_of (lane), HEAD - 14, (const char *)sheet->lanes->pdata[lane]);
  }
}

/* An arrow between lanes, with its label over the middle. */
static void
put_arrow (GString *svg, const LabChartRow *row, int y_from, int y_to, const char *colour)
{
  int from = x_of (row->from), to = x_of (row->to);

  put_line (svg, from, y_from, to, y_to, colour, "");
  put_tip (svg, to, y_to, from < to, colour);
  put_text (svg, (from + to) / 2, (y_from + y_to) / 2 - 4, "middle", PLOT_INK, row->label);
}

static void
put_lost (GString *svg, const LabChartRow *row, int y_from, int y)
{
  int from = x_of (row->from), middle = (x_of (row->from) + x_of (row->to)) / 2;

  put_line (svg, from, y_from, middle, y, PLOT_MARK, "");
  put_line (svg, middle - 5, y - 5, middle + 5, y + 5, PLOT_MARK, "");
  put_line (svg, middle - 5, y + 5, middle + 5, y - 5, PLOT_MARK, "");
  put_text (svg, middle + 10, y + 4, "start", PLOT_MARK, row->label);
}

static void
put_across (GString *svg, const LabChartSheet *sheet, const LabChartRow *row, int y,
            const char *colour)
{
  put_line (svg, MARGIN - 6, y, width_of (sheet) - RIGHT / 2, y, colour,
            " stroke-dasharray=\"5 3\"");
  put_text (svg, (MARGIN + width_of (sheet)) / 2, y + 4, "middle", colour, row->label);
}

static void
put_row (GString *svg, const LabChartSheet *sheet, guint index)
{
  const LabChartRow *row = &g_array_index (sheet->rows, LabChartRow, index);
  int y = y_of (index);
  int y_from = row->departed != LAB_CHART_NO_ROW ? y_of (row->departed) : y;

  switch (row->kind) {
  case LAB_CHART_CALL:
    put_arrow (svg, row, y, y, PLOT_INK);
    return;
  case LAB_CHART_ARRIVE:
    put_arrow (svg, row, y_from, y, PLOT_MUTED);
    return;
  case LAB_CHART_LOST:
    put_lost (svg, row, y_from, y);
    return;
  case LAB_CHART_DEPART:
    g_string_append_printf (svg,
                            "<circle cx=\"%d\" cy=\"%d\" r=\"2.6\" fill=\"" PLOT_MUTED "\"/>\n",
                            x_of (row->from), y);
    return;
  case LAB_CHART_NOTE:
    g_string_append_printf (svg, "<circle cx=\"%d\" cy=\"%d\" r=\"4\" fill=\"" PLOT_INK "\"/>\n",
                            x_of (row->from), y);
    put_text (svg, x_of (row->from) + 9, y + 4, "start", PLOT_MUTED, row->label);
    return;
  case LAB_CHART_HAPPENS:
    put_across (svg, sheet, row, y, PLOT_MOVED);
    return;
  case LAB_CHART_MARK:
    put_across (svg, sheet, row, y, PLOT_MARK);
    return;
  }
}

/* The instant, unless the row before has the same. */
static void
put_time (GString *svg, const LabChartSheet *sheet, guint index)
{
  SimTime when = g_array_index (sheet->rows, LabChartRow, index).when;

  if (index > 0 && sim_time_equal (g_array_index (sheet->rows, LabChartRow, index - 1).when, when))
    return;
  g_autofree char *text = lab_decimal_text ((when.ps - sheet->origin.ps) / 1000, 3);
  put_text (svg, MARGIN - 14, y_of (index) + 4, "end", PLOT_MUTED, text);
}

char *
lab_chart_svg (const LabChartSheet *sheet)
{
  GString *svg = g_string_new (NULL);
  int width = width_of (sheet), height = HEAD + (int)sheet->rows->len * ROW + FOOT;
  g_autofree char *origin = lab_decimal_text (sheet->origin.ps / 1000, 6);
  g_autofree char *foot = g_strdup_printf ("µs from %s ms%s%s", origin,
                                           sheet->has_earlier ? "; earlier rows left out" : "",
                                           sheet->has_later ? "; later rows left out" : "");

  g_string_append_printf (
      svg,
      "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" width=\"%d\" height=\"%d\" "
      "font-family=\"system-ui,-apple-system,'Segoe UI',Arial,sans-serif\" font-size=\"11\">\n"
      "<rect width=\"%d\" height=\"%d\" fill=\"" PLOT_PAPER "\"/>\n",
      width, height, width, height, width, height);
  put_text (svg, 8, 18, "start", PLOT_INK, sheet->title);
  put_text (svg, 8, height - 8, "start", PLOT_MUTED, foot);
  put_lanes (svg, sheet);
  put_owners (svg, sheet);
  for (guint i = 0; i < sheet->rows->len; i++) {
    put_time (svg, sheet, i);
    put_row (svg, sheet, i);
  }
  g_string_append (svg, "</svg>\n");
  return g_string_free (svg, FALSE);
}
