/*
 * Latency: where the time of each measured operation went.
 *
 * A reader of STAGE, APP_EVENT, APP_WAIT, APP_DELIVER and OWNER records.  An operation's time is cut at each record; each piece
 * belongs to the stage entered before it, so the stages of a row sum exactly to its total.
 *
 * Order       Rows stand in the order the operations ended.
 * Units       Picoseconds.
 * Owns        Borrows the trace for the run; owns its rows.
 * Invariants  sum of pieces == end - begin, for every row (asserted).
 */
#pragma once

#include <glib.h>

#include "models/trace/trace.h"

/* Columns of a row: the stages, with one pair for each intermediate driver. */
#define LATENCY_IMS_MAX 8
#define LATENCY_COLUMNS (N_STAGES + 2 * LATENCY_IMS_MAX)

/* How the connection's data went: all on one path, or it moved meanwhile. */
typedef enum LatencyPath {
  LATENCY_PATH_HOST,
  LATENCY_PATH_CHIMNEY,
  LATENCY_PATH_MOVED,
  LATENCY_N_PATHS,
} LatencyPath;

typedef struct LatencyPiece {
  int64_t ps;
  uint32_t column;
} LatencyPiece;

typedef struct LatencyRow {
  LatencyClass class;
  LatencyPath path; /* requests; state operations have LATENCY_PATH_CHIMNEY */
  uint64_t id;
  uint32_t connection; /* UINT32_MAX: several */
  uint32_t first_piece;
  uint32_t n_pieces;
  SimTime begin, end;
} LatencyRow;

typedef struct Latency Latency;

/* latency_new listens to |trace|; operations that begin before |from| are not kept. */
Latency *latency_new (SimTrace *trace, uint32_t n_connections, SimTime from);
void latency_free (Latency *latency);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Latency, latency_free)

const LatencyRow *latency_rows (const Latency *latency, size_t *ret_count);
const LatencyPiece *latency_pieces (const Latency *latency, const LatencyRow *row);

/* The name of a column: "host", "im.team0 down"; |im_names| from the top.  Free with g_free. */
char *latency_column_name (uint32_t column, const char *const *im_names, uint32_t n_ims);
/* True if some row has time in |column|. */
bool latency_column_is_used (const Latency *latency, uint32_t column);

/* Totals of a class (and path, or -1 for all), ascending; free with g_array_unref.  int64_t ps. */
GArray *latency_totals (const Latency *latency, LatencyClass class, int path);

/* latency_percentile of ascending totals: the smallest with at least |parts_per_million| of them at
 * or below it; 0 if there are none. */
int64_t latency_percentile (const GArray *totals, uint32_t parts_per_million);

/* latency_stage_times gives the time that each operation of the class and path spent in |column| (0
 * if it was never there), ascending; free with g_array_unref.  int64_t ps. */
GArray *latency_stage_times (const Latency *latency, LatencyClass class, int path, uint32_t column);

/* latency_breakdown is where the time of a typical operation at a percentile went: the mean of each
 * column over the operations that rank within |band_ppm| of it (at least one).  Returns how many;
 * ret_ps has LATENCY_COLUMNS places. */
size_t latency_breakdown (const Latency *latency, LatencyClass class, int path,
                          uint32_t parts_per_million, uint32_t band_ppm, int64_t *ret_ps);
