/* Who owned which connection when: a map of connections by time. */
#include "lab/part.h"
#include "lab/plot_time.h"

#define CELLS_MAX 400
#define RECTANGLES_MAX 6000
#define KEY_COLUMNS 4

/* The map as cells.  A row stands for |per_row| neighbouring connections. */
typedef struct Map {
  const LabView *view;
  uint32_t first, n_connections;
  uint32_t per_row, n_rows, n_columns;
  uint32_t n_holders;
  uint32_t *touched; /* [row][column][holder]: connections of the row that it had in the column's
                        time */
} Map;

/* Who holds a connection: a TraceOwner, where OWNER_TARGET is the first target, and then the further
 * targets by number. */
typedef uint32_t Holder;

/* Cells of one holder: columns and rows from first to before end. */
typedef struct Rectangle {
  uint32_t column, column_end, row, row_end;
  Holder holder;
} Rectangle;

static Holder
holder_of (const OwnerSpan *span)
{
  if (span->owner != OWNER_TARGET || span->target == 0)
    return span->owner;
  return N_OWNERS + span->target - 1;
}

/* The further targets' holders begin there. */
static bool
is_target (Holder holder)
{
  return holder == OWNER_TARGET || holder >= N_OWNERS;
}

static char *
holder_name (const Map *map, Holder holder)
{
  if (holder < N_OWNERS)
    return g_strdup (trace_owner_name (holder));
  return lab_part_target_name (map->view->config, holder - N_OWNERS + 1);
}

static uint32_t *
touched (const Map *map, uint32_t row, uint32_t column)
{
  return &map->touched[((size_t)row * map->n_columns + column) * map->n_holders];
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
      touched (map, row, c)[holder_of (span)]++;
  }
}

/* The target that had most of the cell's connections; |ret_all| counts those of any. */
static Holder
largest_target (const Map *map, const uint32_t *n, uint32_t *ret_all)
{
  Holder largest = OWNER_TARGET;

  *ret_all = 0;
  for (Holder holder = 0; holder < map->n_holders; holder++) {
    if (!is_target (holder))
      continue;
    *ret_all += n[holder];
    if (n[holder] > n[largest])
      largest = holder;
  }
  return largest;
}

/* A hand-over is short and what one looks for: it shows if a quarter of the cell's connections had
 * one. */
static Holder
shown_holder (const Map *map, uint32_t row, uint32_t column)
{
  const uint32_t *n = touched (map, row, column);
  uint32_t of_targets;
  Holder target = largest_target (map, n, &of_targets);

  if ((n[OWNER_GOING_DOWN] + n[OWNER_GOING_UP]) * 4 >= map->per_row)
    return n[OWNER_GOING_UP] > n[OWNER_GOING_DOWN] ? OWNER_GOING_UP : OWNER_GOING_DOWN;
  return of_targets >= n[OWNER_HOST] ? target : OWNER_HOST;
}

/* Adds a run of equal cells to the rectangle above it, or begins one. */
static void
add_run (GArray *rectangles, uint32_t *above, const Rectangle *run)
{
  uint32_t i = above[run->column];

  if (i < rectangles->len) {
    Rectangle *last = &g_array_index (rectangles, Rectangle, i);
    if (last->row_end == run->row && last->column == run->column
        && last->column_end == run->column_end && last->holder == run->holder) {
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
      Rectangle run = { c, c + 1, row, row + 1, shown_holder (map, row, c) };
      while (run.column_end < map->n_columns
             && shown_holder (map, row, run.column_end) == run.holder)
        run.column_end++;
      add_run (rectangles, above, &run);
      c = run.column_end;
    }
  return rectangles;
}

/* The holder with most rectangles becomes one sheet that the others lie on. */
static void
lay_sheet (const Map *map, GArray *rectangles)
{
  g_autofree guint *n = g_new0 (guint, map->n_holders);
  Holder most = OWNER_HOST;
  guint kept = 1;

  for (guint i = 0; i < rectangles->len; i++)
    n[g_array_index (rectangles, Rectangle, i).holder]++;
  for (Holder holder = 0; holder < map->n_holders; holder++)
    if (n[holder] > n[most])
      most = holder;
  Rectangle sheet = { 0, map->n_columns, 0, map->n_rows, most };
  g_array_prepend_val (rectangles, sheet);
  for (guint i = 1; i < rectangles->len; i++) {
    Rectangle one = g_array_index (rectangles, Rectangle, i);
    if (one.holder != most)
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
    map->touched = g_new0 (uint32_t, (size_t)map->n_rows * map->n_columns * map->n_holders);
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
  g_autofree char *name = holder_name (map, one->holder);

  plot_time_number (csv, time, edge_ps (map, one->column));
  g_string_append_c (csv, ',');
  plot_time_number (csv, time, edge_ps (map, one->column_end));
  g_string_append_printf (csv, ",%u,%u,%s\n", one->row * map->per_row,
                          MIN (one->row_end * map->per_row, map->n_connections), name);
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

/* Shades of one colour tell targets apart; the legend names them where there are several. */
static const char *
holder_colour (Holder holder)
{
  static const char *const shades[] = { PLOT_CHIMNEY, "#56b4e9", "#004770", "#a3d4f2" };

  if (is_target (holder))
    return shades[(holder < N_OWNERS ? 0 : holder - N_OWNERS + 1) % G_N_ELEMENTS (shades)];
  return holder == OWNER_HOST ? PLOT_HOST_AREA : holder == OWNER_GOING_DOWN ? PLOT_DOWN : PLOT_UP;
}

static char *
holder_title (const Map *map, Holder holder)
{
  if (holder == OWNER_GOING_DOWN)
    return g_strdup ("on the way down");
  return holder == OWNER_GOING_UP ? g_strdup ("on the way up") : holder_name (map, holder);
}

/* A function of the script: a holder's name to its colour. */
static void
write_colours (PlotDraft *draft, const Map *map)
{
  plot_script (draft, "colour(owner) = ");
  for (Holder holder = OWNER_HOST + 1; holder < map->n_holders; holder++) {
    g_autofree char *name = holder_name (map, holder);
    plot_script (draft, "owner eq '%s' ? 0x%s : ", name, holder_colour (holder) + 1);
  }
  plot_script (draft, "0x%s\n", holder_colour (OWNER_HOST) + 1);
}

static void
draw (PlotDraft *draft, const Map *map, const PlotOrder *order)
{
  int more = PLOT_KEY_ROW * (int)((map->n_holders - 1) / KEY_COLUMNS);
  PlotFrame frame = { 490 + more, 72, 776, PLOT_TIME_TOP + more, 428 + more };

  plot_draft_begin (draft, &frame);
  plot_script (draft, "set key maxcols %d\n", KEY_COLUMNS);
  plot_time_axis (draft, map->view, order, &frame, true);
  write_connection_axis (draft, map);
  write_colours (draft, map);
  /* Drawn in the order of the file: the sheet first. */
  plot_script (
      draft,
      "plot '%s.csv' skip 1 using (($1+$2)/2):(($3+$4)/2):1:2:3:4:(colour(strcol(5))) with "
      "boxxyerror linecolor rgb variable fillstyle solid noborder notitle",
      draft->name);
  for (Holder holder = 0; holder < map->n_holders; holder++) {
    g_autofree char *title = holder_title (map, holder);
    plot_script (
        draft, ", \\\n  keyentry with boxes fillcolor rgb '%s' fillstyle solid noborder title '%s'",
        holder_colour (holder), title);
  }
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
              .n_holders = N_OWNERS + view->config->n_branches,
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
