#include "lab/tables.h"

#include "lab/part.h"

/* The columns that are used, in the order of the way. */
static uint32_t
used_columns (const LabView *view, uint32_t ret_columns[LAB_WAY_COLUMNS])
{
  uint32_t way[LAB_WAY_COLUMNS];
  uint32_t n = 0;

  lab_view_way (way);
  for (uint32_t i = 0; i < LAB_WAY_COLUMNS; i++)
    if (latency_column_is_used (view->latency, way[i]))
      ret_columns[n++] = way[i];
  return n;
}

static const char *
path_name (const LatencyRow *row)
{
  static const char *const names[LATENCY_N_PATHS] = { "host_path", "chimney", "moved" };
  return row->class == LATENCY_REQUEST ? names[row->path] : "";
}

static void
append_row (GString *csv, const LabView *view, const LatencyRow *row, const uint32_t *columns,
            uint32_t n_columns)
{
  const LatencyPiece *piece = latency_pieces (view->latency, row);
  g_autofree char *address = lab_view_address (view, row->connection);
  int64_t ps[LATENCY_COLUMNS] = { 0 };

  for (uint32_t i = 0; i < row->n_pieces; i++)
    ps[piece[i].column] += piece[i].ps;
  g_string_append_printf (csv,
                          "%s,%" G_GUINT64_FORMAT ",%s,%s,%" G_GINT64_FORMAT ",%" G_GINT64_FORMAT,
                          trace_latency_name (row->class), row->id, address, path_name (row),
                          row->begin.ps, row->end.ps);
  for (uint32_t i = 0; i < n_columns; i++)
    g_string_append_printf (csv, ",%" G_GINT64_FORMAT, ps[columns[i]]);
  g_string_append_printf (csv, ",%" G_GINT64_FORMAT "\n", sim_time_diff (row->end, row->begin).ps);
}

char *
lab_latency_csv (const LabView *view)
{
  GString *csv = g_string_new ("class,id,connection,path,begin_ps,end_ps");
  uint32_t columns[LAB_WAY_COLUMNS];
  uint32_t n_columns = used_columns (view, columns);
  size_t n_rows;
  const LatencyRow *row = latency_rows (view->latency, &n_rows);

  for (uint32_t i = 0; i < n_columns; i++) {
    g_autofree char *name = lab_view_stage (view, columns[i]);
    g_string_append_printf (csv, ",%s_ps", name);
  }
  g_string_append (csv, ",total_ps\n");
  for (size_t i = 0; i < n_rows; i++)
    append_row (csv, view, &row[i], columns, n_columns);
  return g_string_free (csv, FALSE);
}

char *
lab_ownership_csv (const LabView *view)
{
  g_autoptr (GArray) spans = ownership_spans (view->ownership, view->end);
  GString *csv = g_string_new ("connection,owner,begin_ps,end_ps\n");

  for (guint i = 0; i < spans->len; i++) {
    const OwnerSpan *span = &g_array_index (spans, OwnerSpan, i);
    g_autofree char *address = lab_view_address (view, span->connection);
    g_autofree char *target = lab_part_target_name (view->config, span->target);
    g_string_append_printf (csv, "%s,%s,%" G_GINT64_FORMAT ",%" G_GINT64_FORMAT "\n", address,
                            span->owner == OWNER_TARGET ? target : trace_owner_name (span->owner),
                            span->begin.ps, span->end.ps);
  }
  return g_string_free (csv, FALSE);
}
