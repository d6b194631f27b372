#include "lab/outcome_map.h"

#include <string.h>

#include "lab/grid.h"
#include "lab/html.h"
#include "sim/assert.h"

#define US_DECIMALS 6 /* offsets are ps, pictures show us */
#define ROW_LABELS_MAX 24
#define ROW_HEIGHT 24
#define NO_OUTCOME UINT32_MAX

/* Colours that people with a colour vision deficiency can tell apart (Okabe and Ito 2008); what
 * comes after them shares the last. */
static const char *const colours[] = { "#0072b2", "#e69f00", "#009e73", "#d55e00", "#cc79a7",
                                       "#56b4e9", "#f0e442", "#a6761d", "#c4c4c4" };
#define COLOURS_OWN (G_N_ELEMENTS (colours) - 1)

/* One outcome, and the runs that came to it. */
typedef struct Outcome {
  const char *words;
  guint n_points;
  int64_t first_ps, last_ps;
  GHashTable *orders; /* different fingerprints of the crossings */
  const LabCell *cell;
  uint32_t replication; /* of the first one */
} Outcome;

/* Equal runs next to each other: columns and rows from first to before end. */
typedef struct Stretch {
  uint32_t column, column_end, row, row_end, outcome;
} Stretch;

struct LabOutcomeMap {
  const LabSweepResults *results;
  GArray *offsets;     /* int64_t: of the columns, in ps, and where the last one ends */
  GArray *row_offsets; /* the same of the rows, if a second event is moved; else NULL */
  uint32_t n_columns, n_rows, n_replications;
  uint32_t *at;        /* [row][column]: the outcome, or NO_OUTCOME */
  GPtrArray *outcomes; /* Outcome */
};

static const LabWindows *
windows_of (const LabOutcomeMap *map)
{
  return lab_sweep_windows (map->results->sweep);
}

/* The axis of the first or the second event that is moved. */
static const LabAxis *
axis_of (const LabOutcomeMap *map, guint event)
{
  const GPtrArray *axes = lab_sweep_axes (map->results->sweep);
  return axes->pdata[axes->len - 1 - event];
}

/* Where the values of an axis begin, and where the last one ends. */
static GArray *
edges_of (const LabAxis *axis)
{
  GArray *edges = g_array_new (FALSE, FALSE, sizeof (int64_t));
  int64_t offset = 0, before = 0, end;

  for (guint i = 0; axis->values[i] != NULL; i++) {
    g_autofree char *why = NULL;
    before = offset;
    bool ok = lab_quantity_read (axis->values[i], LAB_TIME, &offset, &why);
    SIM_ASSERT (ok);
    g_array_append_val (edges, offset);
  }
  end = edges->len > 1 ? 2 * offset - before : offset + SIM_PS_PER_NS;
  g_array_append_val (edges, end);
  return edges;
}

/* Reading */

static void
outcome_free (void *data)
{
  Outcome *outcome = data;
  g_hash_table_unref (outcome->orders);
  g_free (outcome);
}

static uint32_t
find_outcome (LabOutcomeMap *map, const char *words)
{
  for (guint i = 0; i < map->outcomes->len; i++)
    if (strcmp (((const Outcome *)map->outcomes->pdata[i])->words, words) == 0)
      return i;
  Outcome *outcome = g_new0 (Outcome, 1);
  outcome->words = words;
  outcome->first_ps = G_MAXINT64;
  outcome->orders = g_hash_table_new (g_str_hash, g_str_equal);
  g_ptr_array_add (map->outcomes, outcome);
  return map->outcomes->len - 1;
}

static uint32_t
take_point (LabOutcomeMap *map, const LabCellResult *cell, uint32_t replication, int64_t offset_ps)
{
  const LabPoint *point = replication < cell->points->len ? cell->points->pdata[replication] : NULL;

  if (point == NULL || point->outcome == NULL)
    return NO_OUTCOME;
  uint32_t number = find_outcome (map, point->outcome);
  Outcome *outcome = map->outcomes->pdata[number];
  if (outcome->n_points++ == 0) {
    outcome->cell = cell->cell;
    outcome->replication = replication;
  }
  outcome->first_ps = MIN (outcome->first_ps, offset_ps);
  outcome->last_ps = MAX (outcome->last_ps, offset_ps);
  if (point->order != NULL)
    g_hash_table_add (outcome->orders, point->order);
  return number;
}

/* Cells come row by row, the first event's offset turning fastest. */
static void
read_cells (LabOutcomeMap *map)
{
  const GPtrArray *cells = map->results->cells;

  for (uint32_t row = 0; row < map->n_rows; row++)
    for (uint32_t column = 0; column < map->n_columns; column++)
      map->at[(size_t)row * map->n_columns + column] =
          take_point (map, cells->pdata[row / map->n_replications * map->n_columns + column],
                      row % map->n_replications, g_array_index (map->offsets, int64_t, column));
}

LabOutcomeMap *
lab_outcome_map_new (const LabSweepResults *results)
{
  LabOutcomeMap *map = g_new0 (LabOutcomeMap, 1);

  map->results = results;
  map->offsets = edges_of (axis_of (map, 0));
  if (windows_of (map)->n > 1)
    map->row_offsets = edges_of (axis_of (map, 1));
  map->outcomes = g_ptr_array_new_with_free_func (outcome_free);
  map->n_columns = map->offsets->len - 1;
  for (guint i = 0; i < results->cells->len; i++)
    map->n_replications =
        MAX (map->n_replications, ((const LabCellResult *)results->cells->pdata[i])->points->len);
  SIM_ASSERT (results->cells->len % map->n_columns == 0);
  map->n_rows = results->cells->len / map->n_columns * map->n_replications;
  map->at = g_new (uint32_t, (size_t)map->n_rows * map->n_columns);
  read_cells (map);
  return map;
}

void
lab_outcome_map_free (LabOutcomeMap *map)
{
  if (map == NULL)
    return;
  g_array_unref (map->offsets);
  if (map->row_offsets != NULL)
    g_array_unref (map->row_offsets);
  g_ptr_array_unref (map->outcomes);
  g_free (map->at);
  g_free (map);
}

/* Stretches */

static uint32_t
outcome_at (const LabOutcomeMap *map, uint32_t row, uint32_t column)
{
  return map->at[(size_t)row * map->n_columns + column];
}

/* Adds a stretch to the one above it, if that is as wide and came to the same. */
static void
add_stretch (GArray *stretches, uint32_t *above, const Stretch *one)
{
  uint32_t i = above[one->column];

  if (i < stretches->len) {
    Stretch *last = &g_array_index (stretches, Stretch, i);
    if (last->row_end == one->row && last->column == one->column
        && last->column_end == one->column_end && last->outcome == one->outcome) {
      last->row_end = one->row_end;
      return;
    }
  }
  above[one->column] = stretches->len;
  g_array_append_val (stretches, *one);
}

/* |joins|: rows that came to the same are one stretch. */
static GArray *
find_stretches (const LabOutcomeMap *map, bool joins)
{
  GArray *stretches = g_array_new (FALSE, FALSE, sizeof (Stretch));
  g_autofree uint32_t *above = g_new (uint32_t, map->n_columns);

  for (uint32_t row = 0; row < map->n_rows; row++) {
    for (uint32_t c = 0; c < map->n_columns && (row == 0 || !joins); c++)
      above[c] = UINT32_MAX;
    for (uint32_t c = 0; c < map->n_columns;) {
      Stretch one = { c, c + 1, row, row + 1, outcome_at (map, row, c) };
      while (one.column_end < map->n_columns
             && outcome_at (map, row, one.column_end) == one.outcome)
        one.column_end++;
      if (one.outcome != NO_OUTCOME)
        add_stretch (stretches, above, &one);
      c = one.column_end;
    }
  }
  return stretches;
}

static void
put_us (GString *text, int64_t ps)
{
  plot_number (text, ps, US_DECIMALS);
}

/* Where a row begins: its number, or the second event's offset. */
static void
put_row_edge (GString *csv, const LabOutcomeMap *map, uint32_t row)
{
  if (map->row_offsets != NULL && map->n_replications == 1)
    put_us (csv, g_array_index (map->row_offsets, int64_t, row));
  else
    g_string_append_printf (csv, "%u", row);
}

static void
put_place (GString *csv, const LabOutcomeMap *map, const Stretch *one)
{
  put_us (csv, g_array_index (map->offsets, int64_t, one->column));
  g_string_append_c (csv, ',');
  put_us (csv, g_array_index (map->offsets, int64_t, one->column_end));
  g_string_append_c (csv, ',');
  put_row_edge (csv, map, one->row);
  g_string_append_c (csv, ',');
  put_row_edge (csv, map, one->row_end);
}

/* What a row stands for: the cell without the first event's offset, and the seed if there are
 * several. */
static char *
row_words (const LabOutcomeMap *map, uint32_t row)
{
  const LabSweep *sweep = map->results->sweep;
  const LabCellResult *cell =
      map->results->cells->pdata[row / map->n_replications * map->n_columns];
  GString *words = g_string_new (cell->cell->variant);

  for (guint i = 0; i + 1 < lab_sweep_axes (sweep)->len; i++)
    g_string_append_printf (words, "%s%s", words->len > 0 ? " " : "", cell->cell->at[i]);
  if (map->n_replications > 1)
    g_string_append_printf (words, "%sseed %" G_GUINT64_FORMAT, words->len > 0 ? " " : "",
                            lab_sweep_seed (sweep, row % map->n_replications));
  return g_string_free (words, FALSE);
}

char *
lab_outcome_map_csv (const LabOutcomeMap *map)
{
  GString *csv = g_string_new ("row,from_us,to_us,runs,outcome\n");
  g_autoptr (GArray) stretches = find_stretches (map, false);

  for (guint i = 0; i < stretches->len; i++) {
    const Stretch *one = &g_array_index (stretches, Stretch, i);
    const Outcome *outcome = map->outcomes->pdata[one->outcome];
    g_autofree char *words = row_words (map, one->row);
    g_string_append_printf (csv, "%s,", words);
    put_us (csv, g_array_index (map->offsets, int64_t, one->column));
    g_string_append_c (csv, ',');
    put_us (csv, g_array_index (map->offsets, int64_t, one->column_end));
    g_string_append_printf (csv, ",%u,%s\n", one->column_end - one->column, outcome->words);
  }
  return g_string_free (csv, FALSE);
}

/* The picture */

static guint
n_keys (const LabOutcomeMap *map)
{
  return MIN (map->outcomes->len, G_N_ELEMENTS (colours));
}

static void
put_label (PlotDraft *draft, char axis, const char *event)
{
  g_autofree char *text = g_strdup_printf ("offset of %s in its window (us)", event);
  g_autofree char *quoted = plot_quoted (text);

  plot_script (draft, "set %clabel %s textcolor rgb '" PLOT_MUTED "'\n", axis, quoted);
}

/* Rows by name, where there are several and they have room. */
static void
put_row_names (PlotDraft *draft, const LabOutcomeMap *map)
{
  plot_script (draft, "set yrange [0:%u]\n", map->n_rows);
  if (map->n_rows == 1 || map->n_rows > ROW_LABELS_MAX) {
    plot_script (draft, "unset ytics\n");
    return;
  }
  plot_script (draft, "set ytics (");
  for (uint32_t row = 0; row < map->n_rows; row++) {
    g_autofree char *words = row_words (map, row);
    g_autofree char *quoted = plot_quoted (words);
    plot_script (draft, "%s%s %u.5", row == 0 ? "" : ", ", quoted, row);
  }
  plot_script (draft, ")\n");
}

static void
put_axes (PlotDraft *draft, const LabOutcomeMap *map)
{
  g_autoptr (GString) right = g_string_new (NULL);
  g_autoptr (GString) top = g_string_new (NULL);

  put_us (right, g_array_index (map->offsets, int64_t, map->n_columns));
  plot_script (draft, "set xrange [0:%s]\nunset grid\n", right->str);
  put_label (draft, 'x', windows_of (map)->event[0]);
  if (map->row_offsets == NULL || map->n_replications > 1) {
    put_row_names (draft, map);
    return;
  }
  put_us (top, g_array_index (map->row_offsets, int64_t, map->n_rows));
  plot_script (draft, "set yrange [0:%s]\n", top->str);
  put_label (draft, 'y', windows_of (map)->event[1]);
}

static const char *
colour_of (uint32_t outcome)
{
  return colours[MIN (outcome, COLOURS_OWN)];
}

static void
put_colours (PlotDraft *draft, guint n)
{
  plot_script (draft, "colour(outcome) = ");
  for (guint i = 0; i + 1 < n; i++)
    plot_script (draft, "outcome == %u ? 0x%s : ", i, colour_of (i) + 1);
  plot_script (draft, "0x%s\n", colour_of (n - 1) + 1);
}

static void
put_keys (PlotDraft *draft, const LabOutcomeMap *map)
{
  for (guint i = 0; i < n_keys (map); i++) {
    bool is_rest = i == COLOURS_OWN && map->outcomes->len > G_N_ELEMENTS (colours);
    const Outcome *outcome = map->outcomes->pdata[i];
    g_autofree char *quoted = plot_quoted (is_rest ? "others" : outcome->words);
    plot_script (draft,
                 ", \\\n  keyentry with boxes fillcolor rgb '%s' fillstyle solid noborder title %s",
                 colour_of (i), quoted);
  }
}

static void
draw (PlotDraft *draft, const LabOutcomeMap *map)
{
  int top = PLOT_KEY_TOP + PLOT_KEY_ROW * (int)n_keys (map) + 14;
  int height = map->row_offsets != NULL ? 400 : CLAMP (ROW_HEIGHT * (int)map->n_rows, 60, 400);
  PlotFrame frame = { top + height + 60, map->n_rows > 1 ? 132 : 24, 776, top, top + height };

  plot_draft_begin (draft, &frame);
  plot_script (draft, "set key vertical maxcols 1\n");
  put_axes (draft, map);
  put_colours (draft, n_keys (map));
  plot_script (draft,
               "plot '%s.csv' skip 1 using (($1+$2)/2):(($3+$4)/2):1:2:3:4:(colour($5)) with "
               "boxxyerror linecolor rgb variable fillstyle solid noborder notitle",
               draft->name);
  put_keys (draft, map);
  plot_script (draft, "\n");
  plot_draft_end (draft);
}

PlotDraft *
lab_outcome_map_plot (const LabOutcomeMap *map)
{
  PlotDraft *draft = plot_draft_new (
      "outcome_map", "What came of it, over the instants of what was moved",
      "Each place is a run; its colour is what that came to. Places without a run are white.");
  g_autoptr (GArray) stretches = find_stretches (map, true);

  if (stretches->len == 0) {
    plot_draft_refuse (draft, "no run is there");
    return draft;
  }
  g_string_append (draft->csv, "from_us,to_us,from_row,to_row,outcome\n");
  for (guint i = 0; i < stretches->len; i++) {
    const Stretch *one = &g_array_index (stretches, Stretch, i);
    put_place (draft->csv, map, one);
    g_string_append_printf (draft->csv, ",%u\n", one->outcome);
  }
  draw (draft, map);
  return draft;
}

/* Words */

static char *
offset_text (int64_t ps)
{
  GString *text = g_string_new (NULL);
  put_us (text, ps);
  g_string_append (text, " us");
  return g_string_free (text, FALSE);
}

char *
lab_outcome_map_text (const LabOutcomeMap *map)
{
  GString *text = g_string_new (NULL);

  g_string_append_printf (text, "%6s  %14s  %14s  %6s  %s\n", "runs", "first offset", "last offset",
                          "orders", "outcome");
  for (guint i = 0; i < map->outcomes->len; i++) {
    const Outcome *outcome = map->outcomes->pdata[i];
    g_autofree char *first = offset_text (outcome->first_ps);
    g_autofree char *last = offset_text (outcome->last_ps);
    g_string_append_printf (text, "%6u  %14s  %14s  %6u  %s\n", outcome->n_points, first, last,
                            g_hash_table_size (outcome->orders), outcome->words);
  }
  return g_string_free (text, FALSE);
}

void
lab_outcome_map_html (const LabOutcomeMap *map, const char *command, GString *page)
{
  const LabSweep *sweep = map->results->sweep;

  html_raw (page, "<h2>Outcomes</h2>\n<div class=scroll><table><thead><tr><th>outcome</th>"
                  "<th class=n>runs</th><th class=n>first offset</th><th class=n>last offset</th>"
                  "<th class=n>orders of crossings</th><th>one of them</th></tr></thead><tbody>\n");
  for (guint i = 0; i < map->outcomes->len; i++) {
    const Outcome *outcome = map->outcomes->pdata[i];
    g_autofree char *first = offset_text (outcome->first_ps);
    g_autofree char *last = offset_text (outcome->last_ps);
    g_autofree char *arguments = lab_cell_arguments (outcome->cell, sweep, outcome->replication);
    html_put (page,
              "<tr><td>%s</td><td class=n>%u</td><td class=n>%s</td><td class=n>%s</td>"
              "<td class=n>%u</td><td class=mono>%s%s</td></tr>\n",
              outcome->words, outcome->n_points, first, last, g_hash_table_size (outcome->orders),
              command, arguments);
  }
  html_raw (page, "</tbody></table></div>\n"
                  "<p class=muted>A run that fires past its window's end does not fire at all. "
                  "<span class=mono>outcomes.csv</span> has each stretch of equal outcomes.</p>\n");
}
