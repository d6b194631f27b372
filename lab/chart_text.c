/* A chart as text, and in the language of Mermaid. */
#include <string.h>

#include "lab/chart.h"
#include "lab/stats.h"

/* Characters between two lanes, and before the first. */
#define LANE_WIDTH 12
#define MARGIN 14

static char *
time_text (const LabChartSheet *sheet, SimTime when)
{
  return lab_decimal_text (when.ps - sheet->origin.ps, 6);
}

/* A line with nothing but the lanes; the caller frees it. */
static GString *
bare_line (const LabChartSheet *sheet)
{
  GString *line = g_string_new (NULL);

  for (int i = 0; i < MARGIN; i++)
    g_string_append_c (line, ' ');
  for (guint lane = 0; lane < sheet->lanes->len; lane++) {
    g_string_append_c (line, '|');
    for (int i = 1; i < LANE_WIDTH && lane + 1 < sheet->lanes->len; i++)
      g_string_append_c (line, ' ');
  }
  return line;
}

static guint
column_of (uint32_t lane)
{
  return MARGIN + lane * LANE_WIDTH;
}

static void
draw_arrow (GString *line, uint32_t from, uint32_t to)
{
  guint left = column_of (MIN (from, to)), right = column_of (MAX (from, to));

  for (guint i = left + 1; i < right; i++)
    line->str[i] = '-';
  if (from < to)
    line->str[right - 1] = '>';
  else
    line->str[left + 1] = '<';
}

/* A line across all lanes with a word on it. */
static void
draw_event (GString *line, char stroke)
{
  for (gsize i = MARGIN; i < line->len; i++)
    line->str[i] = stroke;
}

static void
draw_row (GString *line, const LabChartRow *row)
{
  switch (row->kind) {
  case LAB_CHART_CALL:
  case LAB_CHART_ARRIVE:
    draw_arrow (line, row->from, row->to);
    return;
  case LAB_CHART_LOST:
    draw_arrow (line, row->from, row->to);
    line->str[(column_of (row->from) + column_of (row->to)) / 2] = 'X';
    return;
  case LAB_CHART_DEPART:
    line->str[column_of (row->from)] = 'o';
    return;
  case LAB_CHART_NOTE:
    line->str[column_of (row->from)] = '*';
    return;
  case LAB_CHART_HAPPENS:
    draw_event (line, '=');
    return;
  case LAB_CHART_MARK:
    draw_event (line, '#');
    return;
  }
}

static const char *
prefix_of (LabChartRowKind kind)
{
  return kind == LAB_CHART_DEPART ? "sends " : kind == LAB_CHART_LOST ? "lost: " : "";
}

static void
append_head (GString *text, const LabChartSheet *sheet)
{
  g_autofree char *origin = lab_decimal_text (sheet->origin.ps, 9);

  g_string_append_printf (text, "%s\n%*s", sheet->title, MARGIN - 4, "us");
  g_string_append (text, "    ");
  for (guint lane = 0; lane < sheet->lanes->len; lane++)
    g_string_append_printf (text, "%-*.*s", LANE_WIDTH, LANE_WIDTH - 1,
                            (const char *)sheet->lanes->pdata[lane]);
  g_string_append_c (text, '\n');
  g_string_append_printf (text, "%*s", MARGIN, "");
  g_string_append_printf (text, "(from %s ms)%s\n", origin,
                          sheet->has_earlier ? ", earlier rows are left out" : "");
}

char *
lab_chart_text (const LabChartSheet *sheet)
{
  GString *text = g_string_new (NULL);

  append_head (text, sheet);
  for (guint i = 0; i < sheet->rows->len; i++) {
    const LabChartRow *row = &g_array_index (sheet->rows, LabChartRow, i);
    g_autofree char *time = time_text (sheet, row->when);
    GString *line = bare_line (sheet);
    draw_row (line, row);
    g_string_append_printf (text, "%*s%s   %s%s\n", MARGIN - 4, time, line->str + MARGIN - 4,
                            prefix_of (row->kind), row->label);
    g_string_free (line, TRUE);
  }
  if (sheet->has_later)
    g_string_append (text, "later rows are left out\n");
  return g_string_free (text, FALSE);
}

/* Mermaid */

/* Names of drivers are words; a label must not hold what ends a statement. */
static void
append_mermaid_label (GString *text, const char *label)
{
  for (const char *at = label; *at != '\0'; at++)
    if (*at == ';' || *at == '#')
      g_string_append_printf (text, "#%d;", *at);
    else
      g_string_append_c (text, *at);
}

static void
append_mermaid_row (GString *text, const LabChartSheet *sheet, const LabChartRow *row)
{
  g_autofree char *time = time_text (sheet, row->when);

  switch (row->kind) {
  case LAB_CHART_CALL:
    g_string_append_printf (text, "  L%u->>L%u: ", row->from, row->to);
    break;
  case LAB_CHART_ARRIVE:
    g_string_append_printf (text, "  L%u-->>L%u: ", row->from, row->to);
    break;
  case LAB_CHART_LOST:
    g_string_append_printf (text, "  L%u--xL%u: ", row->from, row->to);
    break;
  case LAB_CHART_DEPART:
    return; /* its arrival says all */
  case LAB_CHART_NOTE:
    g_string_append_printf (text, "  Note over L%u: ", row->from);
    break;
  case LAB_CHART_HAPPENS:
  case LAB_CHART_MARK:
    g_string_append_printf (text, "  Note over L0,L%u: ", sheet->lanes->len - 1);
    break;
  }
  append_mermaid_label (text, row->label);
  g_string_append_printf (text, " (%s us)\n", time);
}

char *
lab_chart_mermaid (const LabChartSheet *sheet)
{
  GString *text = g_string_new ("sequenceDiagram\n");

  for (guint lane = 0; lane < sheet->lanes->len; lane++)
    g_string_append_printf (text, "  participant L%u as %s\n", lane,
                            (const char *)sheet->lanes->pdata[lane]);
  for (guint i = 0; i < sheet->rows->len; i++)
    append_mermaid_row (text, sheet, &g_array_index (sheet->rows, LabChartRow, i));
  return g_string_free (text, FALSE);
}
