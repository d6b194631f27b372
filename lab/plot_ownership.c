/* Who owned which connection when: a map of connections by time. */
#include "lab/plot_time.h"

#define CELLS_MAX 400
#define RECTANGLES_MAX 6000

/* The map as cells.  A row stands for |per_row| neighbouring connections. */
typedef struct Map {
  const LabView *view;
  uint32_t first, n_connections;
  uint32_t per_row, n_rows, n_columns;
  uint32_t *
      touched; /* [row][column][owner]: connections of the row that had the owner in the column's time */
} Map;

/* Cells of one owner: columns and rows from first to before end. */
typedef struct Rectangle {
  uint32_t column, column_end, row, row_end;
  TraceOwner owner;
} Rectangle;

static uint32_t *
touched (const Map *map, uint32_t row, uint32_t column)
{
  return &map->touched[((size_t)row * map->n_columns + column) * N_OWNERS];
}

static int64_t
edge_ps (const Map *map, uint32_t column)
{
  return (int64_t)((__int128)map->view->end.ps * column / map->n_columns);
}

static uint32_t
column_of (const Map *map, int64_t ps)
{
  uint32_t column = (uint32_t)((__int128)ps * map->n_columns / map->view->end.ps);

  while (column + 1 < map->n_columns && edge_ps (map, column + 1) <= ps)
    column++;
  return MIN (column, map->n_columns - 1);
}

static void
fill_map (Map *map, const GArray *spans)
{
  for (guint i = 0; i < spans->len; i++) {
    const OwnerSpan *span = &g_array_index (spans, OwnerSpan, i);
    if (span->connection < map->first || span->connection - map->first >= map->n_connections)
      continue;
    uint32_t row = (span->connection - map->first) / map->per_row;
    uint32_t last = column_of (map, span->end.ps - 1);
    for (uint32_t c = column_of (map, span->begin.ps); c <= last; c++)
      touched (map, row, c)[span->owner]++;
  }
}

/* A hand-over is short and what one looks for: it shows if a quarter of the cell's connections had
 * one. */
static TraceOwner
owner_of (const Map *map, uint32_t row, uint32_t column)
{
  const uint32_t *n = touched (map, row, column);

  if ((n[OWNER_GOING_DOWN] + n[OWNER_GOING_UP]) * 4 >= map->per_row)
    return n[OWNER_GOING_UP] > n[OWNER_GOING_DOWN] ? OWNER_GOING_UP : OWNER_GOING_DOWN;
  return n[OWNER_TARGET] >= n[OWNER_HOST] ? OWNER_TARGET : OWNER_HOST;
}

/* Adds a run of equal cells to the rectangle above it, or begins one. */
static void
add_run (GArray *rectangles, uint32_t *above, const Rectangle *run)
{
  uint32_t i = above[run->column];

  if (i < rectangles->len) {
    Rectangle *last = &g_array_index (rectangles, Rectangle, i);
    if (last->row_end == run->row && last->column == run->column
        && last->column_end == run->column_end && last->owner == run->owner) {
      last->row_end = run->row_end;
      return;
    }
  }
  above[run->column] = rectangles->len;
  g_array_append_val (rectangles, *run);
}

static GArray *
make_rectangles (const Map *map)
{
  GArray *rectangles = g_array_new (FALSE, FALSE, sizeof (Rectangle));
  g_autofree uint32_t *above = g_new (uint32_t, map->n_columns);

  for (uint32_t c = 0; c < map->n_columns; c++)
    above[c] = UINT32_MAX;
  for (uint32_t row = 0; row < map->n_rows; row++)
    for (uint32_t c = 0; c < map->n_columns;) {
      Rectangle run = { c, c + 1, row, row + 1, owner_of (map, row, c) };
      while (run.column_end < map->n_columns && owner_of (map, row, run.column_end) == run.owner)
        run.column_end++;
      add_run (rectangles, above, &run);
      c = run.column_end;
    }
  return rectangles;
}

/* The owner with most rectangles becomes one sheet that the others lie on. */
static void
lay_sheet (const Map *map, GArray *rectangles)
{
  guint n[N_OWNERS] = { 0 };
  TraceOwner most = OWNER_HOST;
  guint kept = 1;

  for (guint i = 0; i < rectangles->len; i++)
    n[g_array_index (rectangles, Rectangle, i).owner]++;
  for (TraceOwner owner = 0; owner < N_OWNERS; owner++)
    if (n[owner] > n[most])
      most = owner;
  Rectangle sheet = { 0, map->n_columns, 0, map->n_rows, most };
  g_array_prepend_val (rectangles, sheet);
  for (guint i = 1; i < rectangles->len; i++) {
    Rectangle one = g_array_index (rectangles, Rectangle, i);
    if (one.owner != most)
      g_array_index (rectangles, Rectangle, kept++) = one;
  }
  g_array_set_size (rectangles, kept);
}

/* Makes the finest map that is small enough to draw. */
static GArray *
draw_cells (Map *map, const GArray *spans)
{
  uint32_t cells = CELLS_MAX;

  for (;;) {
    map->per_row = (map->n_connections + cells - 1) / cells;
    map->n_rows = (map->n_connections + map->per_row - 1) / map->per_row;
    map->n_columns = (uint32_t)MIN (cells, map->view->end.ps);
    map->touched = g_new0 (uint32_t, (size_t)map->n_rows * map->n_columns * N_OWNERS);
    fill_map (map, spans);
    GArray *rectangles = make_rectangles (map);
    lay_sheet (map, rectangles);
    g_clear_pointer (&map->touched, g_free);
    if (rectangles->len <= RECTANGLES_MAX || cells <= 50)
      return rectangles;
    g_array_unref (rectangles);
    cells /= 2;
  }
}

static void
append_rectangle (GString *csv, const Map *map, const Rectangle *one)
{
  PlotTime time = plot_time_of (map->view);

  plot_time_number (csv, time, edge_ps (map, one->column));
  g_string_append_c (csv, ',');
  plot_time_number (csv, time, edge_ps (map, one->column_end));
  g_string_append_printf (csv, ",%u,%u,%s\n", one->row * map->per_row,
                          MIN (one->row_end * map->per_row, map->n_connections),
                          trace_owner_name (one->owner));
}

/* Groups by name where there are several, else numbers. */
static void
write_connection_axis (PlotDraft *draft, const Map *map)
{
  const WorldConfig *config = map->view->config;
  bool is_first = true;

  plot_script (draft, "set yrange [0:%u]\nunset grid\n", map->n_connections);
  if (config->n_groups == 1) {
    g_autofree char *label = g_strdup_printf ("connection of %s", config->group[0].name);
    g_autofree char *quoted = plot_quoted (label);
    plot_script (draft, "set format y '%%g'\nset ylabel %s textcolor rgb '" PLOT_MUTED "'\n",
                 quoted);
    return;
  }
  plot_script (draft, "set ylabel 'connections' textcolor rgb '" PLOT_MUTED "'\nset ytics (");
  for (uint32_t i = 0; i < config->n_groups; i++) {
    const ConnectionGroup *group = &config->group[i];
    if (group->first_id < map->first || group->first_id - map->first >= map->n_connections)
      continue;
    plot_script (draft, "%s'%s/0' %u", is_first ? "" : ", ", group->name,
                 group->first_id - map->first);
    is_first = false;
  }
  plot_script (draft, ")\n");
}

static void
draw (PlotDraft *draft, const Map *map, const PlotOrder *order)
{
  static const struct {
    TraceOwner owner;
    const char *word, *colour;
  } owners[] = { { OWNER_HOST, "host", PLOT_HOST_AREA },
                 { OWNER_GOING_DOWN, "on the way down", PLOT_DOWN },
                 { OWNER_TARGET, "target", PLOT_CHIMNEY },
                 { OWNER_GOING_UP, "on the way up", PLOT_UP } };
  PlotFrame frame = { 490, 72, 776, PLOT_TIME_TOP, 428 };

  plot_draft_begin (draft, &frame);
  plot_time_axis (draft, map->view, order, &frame, true);
  write_connection_axis (draft, map);
  /* Drawn in the order of the file: the sheet first. */
  plot_script (draft,
               "colour(owner) = owner eq 'host' ? 0x%s : owner eq 'going-down' ? 0x%s : "
               "owner eq 'target' ? 0x%s : 0x%s\n",
               owners[0].colour + 1, owners[1].colour + 1, owners[2].colour + 1,
               owners[3].colour + 1);
  plot_script (
      draft,
      "plot '%s.csv' skip 1 using (($1+$2)/2):(($3+$4)/2):1:2:3:4:(colour(strcol(5))) with "
      "boxxyerror linecolor rgb variable fillstyle solid noborder notitle",
      draft->name);
  for (size_t i = 0; i < G_N_ELEMENTS (owners); i++)
    plot_script (
        draft, ", \\\n  keyentry with boxes fillcolor rgb '%s' fillstyle solid noborder title '%s'",
        owners[i].colour, owners[i].word);
  plot_script (draft, "\n");
  plot_draft_end (draft);
}

PlotDraft *
plot_ownership (const LabView *view, const PlotOrder *order)
{
  PlotDraft *draft =
      plot_draft_new (order->name, "Who owned which connection when",
                      "Each row is a connection, or some neighbours where there are many; its "
                      "colour is its owner. A "
                      "hand-over is drawn at least a four-hundredth of the run wide.");
  Map map = { .view = view,
              .first = order->of.first,
              .n_connections = order->of.last - order->of.first + 1 };

  if (view->ownership == NULL || view->end.ps == 0 || view->config->n_connections == 0) {
    plot_draft_refuse (draft, view->ownership == NULL ? "ownership was not recorded"
                                                      : "there was nothing to own");
    return draft;
  }
  g_autoptr (GArray) spans = ownership_spans (view->ownership, view->end);
  g_autoptr (GArray) rectangles = draw_cells (&map, spans);
  g_string_append_printf (draft->csv, "from_%s,to_%s,from_connection,before_connection,owner\n",
                          plot_time_of (view).unit, plot_time_of (view).unit);
  for (guint i = 0; i < rectangles->len; i++)
    append_rectangle (draft->csv, &map, &g_array_index (rectangles, Rectangle, i));
  draw (draft, &map, order);
  return draft;
}
