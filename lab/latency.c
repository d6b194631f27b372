#include "lab/latency.h"

typedef struct OpenOperation {
  uint64_t id;
  SimTime begin, mark; /* mark: when the current stage was entered */
  uint32_t column;     /* of the current stage */
  uint32_t connection;
  LatencyClass class;
  uint8_t paths; /* bit set of TracePath seen */
  bool is_open;
  uint32_t n_pieces;
  LatencyPiece piece[LATENCY_COLUMNS];
} OpenOperation;

/* A connection that was opened during the run. */
typedef struct OpenFlow {
  SimTime opened, connected, closing;
  bool is_open, is_connected, has_byte, is_closing;
} OpenFlow;

struct Latency {
  GArray *rows;            /* LatencyRow */
  GArray *pieces;          /* LatencyPiece */
  OpenOperation **request; /* by connection; made when first needed */
  OpenFlow **flow;         /* by connection; made when it is opened */
  uint8_t *owner;          /* by connection */
  GPtrArray *operations;   /* OpenOperation: state operations, few at a time */
  uint32_t n_connections;
  SimTime from;
  bool used[LATENCY_COLUMNS];
};

static uint32_t
column_of (int64_t stage)
{
  uint32_t layer = (uint32_t)(stage >> 8);
  uint32_t base = (uint32_t)(stage & 0xff);

  if (layer == 0 || (base != STAGE_IM_DOWN && base != STAGE_IM_UP))
    return base;
  SIM_ASSERT (layer <= LATENCY_IMS_MAX);
  return N_STAGES + 2 * (layer - 1) + (base == STAGE_IM_UP);
}

static void
begin_operation (OpenOperation *operation, LatencyClass class, uint64_t id, uint32_t connection,
                 uint32_t column, SimTime now)
{
  operation->class = class;
  operation->id = id;
  operation->connection = connection;
  operation->begin = operation->mark = now;
  operation->column = column;
  operation->paths = 0;
  operation->n_pieces = 0;
  operation->is_open = true;
}

/* Books the time since the last mark to the current stage and enters |column|. */
static void
enter_stage (OpenOperation *operation, uint32_t column, SimTime now)
{
  int64_t ps = sim_time_diff (now, operation->mark).ps;
  uint32_t i = 0;

  while (i < operation->n_pieces && operation->piece[i].column != operation->column)
    i++;
  if (i == operation->n_pieces)
    operation->piece[operation->n_pieces++] = (LatencyPiece){ 0, operation->column };
  operation->piece[i].ps += ps;
  operation->mark = now;
  operation->column = column;
}

static LatencyPath
path_of (const OpenOperation *operation)
{
  if (operation->class != LATENCY_REQUEST || operation->paths == 1 << PATH_CHIMNEY)
    return LATENCY_PATH_CHIMNEY;
  return operation->paths == 1 << PATH_HOST ? LATENCY_PATH_HOST : LATENCY_PATH_MOVED;
}

static void
end_operation (Latency *latency, OpenOperation *operation, SimTime now)
{
  int64_t sum = 0;

  enter_stage (operation, STAGE_END, now);
  operation->is_open = false;
  if (sim_time_before (operation->begin, latency->from))
    return;
  LatencyRow row = { operation->class,     path_of (operation),
                     operation->id,        operation->connection,
                     latency->pieces->len, 0,
                     operation->begin,     now };
  for (uint32_t i = 0; i < operation->n_pieces; i++) {
    if (operation->piece[i].ps == 0)
      continue;
    sum += operation->piece[i].ps;
    latency->used[operation->piece[i].column] = true;
    g_array_append_val (latency->pieces, operation->piece[i]);
    row.n_pieces++;
  }
  SIM_ASSERT (sum == sim_time_diff (row.end, row.begin).ps);
  g_array_append_val (latency->rows, row);
}

/* The open state operation of that class and id; a free place if there is none. */
static OpenOperation *
find_operation (Latency *latency, LatencyClass class, uint64_t id)
{
  OpenOperation *free_place = NULL;

  for (guint i = 0; i < latency->operations->len; i++) {
    OpenOperation *operation = g_ptr_array_index (latency->operations, i);
    if (!operation->is_open)
      free_place = free_place ? free_place : operation;
    else if (operation->class == class && operation->id == id)
      return operation;
  }
  if (free_place == NULL) {
    free_place = g_new0 (OpenOperation, 1);
    g_ptr_array_add (latency->operations, free_place);
  }
  return free_place;
}

static void
on_stage (Latency *latency, const SimRecord *record)
{
  LatencyClass class = (LatencyClass)record->column[0];
  uint64_t id = (uint64_t)record->column[1];
  int64_t stage = record->column[2];

  if (class == LATENCY_REQUEST) {
    OpenOperation *request = id < latency->n_connections ? latency->request[id] : NULL;
    if (request != NULL && request->is_open)
      enter_stage (request, column_of (stage), record->when);
    return;
  }
  OpenOperation *operation = find_operation (latency, class, id);
  if (!operation->is_open && stage != STAGE_END)
    begin_operation (operation, class, id, (uint32_t)record->column[3], column_of (stage),
                     record->when);
  else if (operation->is_open && stage == STAGE_END)
    end_operation (latency, operation, record->when);
  else if (operation->is_open)
    enter_stage (operation, column_of (stage), record->when);
}

static void
note_path (Latency *latency, uint32_t connection)
{
  OpenOperation *request = latency->request[connection];
  uint8_t owner = latency->owner[connection];

  if (request == NULL || !request->is_open)
    return;
  if (owner == OWNER_HOST)
    request->paths |= 1 << PATH_HOST;
  else if (owner == OWNER_TARGET)
    request->paths |= 1 << PATH_CHIMNEY;
  else
    request->paths |= 1 << PATH_HOST | 1 << PATH_CHIMNEY;
}

/* Flows: cut where the connection was established, and where it began to close */

typedef struct FlowPiece {
  LatencyStage stage;
  SimTime until;
} FlowPiece;

static void
add_flow_row (Latency *latency, LatencyClass class, uint32_t connection, const FlowPiece *piece,
              size_t n_pieces)
{
  SimTime begin = latency->flow[connection]->opened, mark = begin;

  if (sim_time_before (begin, latency->from))
    return;
  LatencyRow row = { class,      LATENCY_PATH_CHIMNEY,     connection,
                     connection, latency->pieces->len,     0,
                     begin,      piece[n_pieces - 1].until };
  for (size_t i = 0; i < n_pieces; i++) {
    LatencyPiece one = { sim_time_diff (piece[i].until, mark).ps, piece[i].stage };
    mark = piece[i].until;
    if (one.ps == 0)
      continue;
    latency->used[one.column] = true;
    g_array_append_val (latency->pieces, one);
    row.n_pieces++;
  }
  g_array_append_val (latency->rows, row);
}

static void
on_flow_end (Latency *latency, OpenFlow *flow, uint32_t connection, SimTime now)
{
  FlowPiece pieces[] = { { STAGE_SETUP, flow->connected },
                         { STAGE_TRANSFER, flow->closing },
                         { STAGE_CLOSE, now } };

  if (flow->is_connected && flow->is_closing)
    add_flow_row (latency, LATENCY_FLOW, connection, pieces, G_N_ELEMENTS (pieces));
  flow->is_open = false;
}

static void
on_flow_event (Latency *latency, uint32_t connection, int64_t what, SimTime now)
{
  OpenFlow *flow = latency->flow[connection];

  if (what == APP_OPENED && flow == NULL) {
    flow = latency->flow[connection] = g_new0 (OpenFlow, 1);
    flow->opened = now;
    flow->is_open = true;
  }
  if (flow == NULL || !flow->is_open)
    return;
  if (what == APP_CONNECTED) {
    flow->connected = now;
    flow->is_connected = true;
    add_flow_row (latency, LATENCY_CONNECT, connection, &(FlowPiece){ STAGE_SETUP, now }, 1);
  } else if ((what == APP_CLOSED || what == APP_END_OF_STREAM) && !flow->is_closing) {
    flow->closing = now;
    flow->is_closing = true;
  } else if (what == APP_ENDED) {
    on_flow_end (latency, flow, connection, now);
  } else if (what == APP_ABORTED) {
    flow->is_open = false;
  }
}

static void
on_deliver (Latency *latency, const SimRecord *record)
{
  uint32_t connection = (uint32_t)record->column[0];
  OpenFlow *flow = connection < latency->n_connections ? latency->flow[connection] : NULL;

  if (flow == NULL || record->column[1] != SIDE_HOST || !flow->is_open || !flow->is_connected
      || flow->has_byte)
    return;
  FlowPiece pieces[] = { { STAGE_SETUP, flow->connected }, { STAGE_TRANSFER, record->when } };
  flow->has_byte = true;
  add_flow_row (latency, LATENCY_FIRST_BYTE, connection, pieces, G_N_ELEMENTS (pieces));
}

/* The request that has just begun came earlier. */
static void
on_wait (Latency *latency, const SimRecord *record)
{
  uint32_t connection = (uint32_t)record->column[0];

  if (record->column[1] != SIDE_HOST || connection >= latency->n_connections)
    return;
  OpenOperation *request = latency->request[connection];
  if (request == NULL || !request->is_open)
    return;
  request->begin = (SimTime){ request->begin.ps - record->column[3] };
  request->piece[request->n_pieces++] = (LatencyPiece){ record->column[3], STAGE_QUEUE };
}

/* Requests that the host asks: opened and closed by its application. */
static void
on_app_event (Latency *latency, const SimRecord *record)
{
  uint32_t connection = (uint32_t)record->column[0];

  if (record->column[1] != SIDE_HOST || connection >= latency->n_connections)
    return;
  on_flow_event (latency, connection, record->column[2], record->when);
  OpenOperation *request = latency->request[connection];
  if (record->column[2] == APP_REQUEST) {
    if (request == NULL)
      request = latency->request[connection] = g_new0 (OpenOperation, 1);
    begin_operation (request, LATENCY_REQUEST, (uint64_t)record->column[3], connection, STAGE_APP,
                     record->when);
    note_path (latency, connection);
  } else if (record->column[2] == APP_RESPONSE && request != NULL && request->is_open) {
    end_operation (latency, request, record->when);
  } else if (record->column[2] == APP_CLOSED || record->column[2] == APP_ABORTED) {
    if (request != NULL)
      request->is_open = false;
  }
}

static void
read_record (void *data, const SimRecord *record)
{
  Latency *latency = data;

  if (record->kind == TRACE_STAGE) {
    on_stage (latency, record);
  } else if (record->kind == TRACE_APP_EVENT) {
    on_app_event (latency, record);
  } else if (record->kind == TRACE_APP_WAIT) {
    on_wait (latency, record);
  } else if (record->kind == TRACE_APP_DELIVER) {
    on_deliver (latency, record);
  } else if (record->column[0] < (int64_t)latency->n_connections) {
    latency->owner[record->column[0]] = (uint8_t)record->column[1];
    note_path (latency, (uint32_t)record->column[0]);
  }
}

Latency *
latency_new (SimTrace *trace, uint32_t n_connections, SimTime from)
{
  static const uint16_t kinds[] = { TRACE_STAGE, TRACE_APP_EVENT, TRACE_APP_WAIT, TRACE_APP_DELIVER,
                                    TRACE_OWNER };
  Latency *latency = g_new0 (Latency, 1);

  latency->rows = g_array_new (FALSE, FALSE, sizeof (LatencyRow));
  latency->pieces = g_array_new (FALSE, FALSE, sizeof (LatencyPiece));
  latency->request = g_new0 (OpenOperation *, MAX (n_connections, 1));
  latency->flow = g_new0 (OpenFlow *, MAX (n_connections, 1));
  latency->owner = g_new0 (uint8_t, MAX (n_connections, 1));
  latency->operations = g_ptr_array_new_with_free_func (g_free);
  latency->n_connections = n_connections;
  latency->from = from;
  sim_trace_add_reader (trace, read_record, latency, kinds, G_N_ELEMENTS (kinds));
  return latency;
}

void
latency_free (Latency *latency)
{
  if (latency == NULL)
    return;
  for (uint32_t i = 0; i < latency->n_connections; i++)
    g_free (latency->request[i]);
  for (uint32_t i = 0; i < latency->n_connections; i++)
    g_free (latency->flow[i]);
  g_free (latency->request);
  g_free (latency->flow);
  g_free (latency->owner);
  g_ptr_array_unref (latency->operations);
  g_array_unref (latency->rows);
  g_array_unref (latency->pieces);
  g_free (latency);
}

const LatencyRow *
latency_rows (const Latency *latency, size_t *ret_count)
{
  *ret_count = latency->rows->len;
  return (const LatencyRow *)(void *)latency->rows->data;
}

const LatencyPiece *
latency_pieces (const Latency *latency, const LatencyRow *row)
{
  return &g_array_index (latency->pieces, LatencyPiece, row->first_piece);
}

char *
latency_column_name (uint32_t column, const char *const *im_names, uint32_t n_ims)
{
  SIM_ASSERT (column < LATENCY_COLUMNS);
  if (column < N_STAGES)
    return g_strdup (trace_stage_name ((LatencyStage)column));
  uint32_t im = (column - N_STAGES) / 2;
  return g_strdup_printf ("%s-%s", im < n_ims ? im_names[im] : "im",
                          (column - N_STAGES) % 2 ? "up" : "down");
}

bool
latency_column_is_used (const Latency *latency, uint32_t column)
{
  SIM_ASSERT (column < LATENCY_COLUMNS);
  return latency->used[column];
}

static bool
is_of (const LatencyRow *row, LatencyClass class, int path)
{
  return row->class == class && (path < 0 || row->path == (LatencyPath)path);
}

static int64_t
row_total (const LatencyRow *row)
{
  return sim_time_diff (row->end, row->begin).ps;
}

static gint
compare_ps (gconstpointer a, gconstpointer b)
{
  int64_t left = *(const int64_t *)a, right = *(const int64_t *)b;
  return (left > right) - (left < right);
}

GArray *
latency_totals (const Latency *latency, LatencyClass class, int path)
{
  GArray *totals = g_array_new (FALSE, FALSE, sizeof (int64_t));

  for (guint i = 0; i < latency->rows->len; i++) {
    const LatencyRow *row = &g_array_index (latency->rows, LatencyRow, i);
    int64_t ps = sim_time_diff (row->end, row->begin).ps;
    if (row->class == class && (path < 0 || row->path == (LatencyPath)path))
      g_array_append_val (totals, ps);
  }
  g_array_sort (totals,
                compare_ps); /* equal totals are the same bytes: stability does not matter */
  return totals;
}

int64_t
latency_percentile (const GArray *totals, uint32_t parts_per_million)
{
  SIM_ASSERT (parts_per_million <= 1000000);
  if (totals->len == 0)
    return 0;
  uint64_t rank = ((uint64_t)totals->len * parts_per_million + 999999) / 1000000;
  return g_array_index (totals, int64_t, rank > 0 ? rank - 1 : 0);
}

GArray *
latency_stage_times (const Latency *latency, LatencyClass class, int path, uint32_t column)
{
  GArray *times = g_array_new (FALSE, FALSE, sizeof (int64_t));

  for (guint i = 0; i < latency->rows->len; i++) {
    const LatencyRow *row = &g_array_index (latency->rows, LatencyRow, i);
    if (!is_of (row, class, path))
      continue;
    const LatencyPiece *piece = latency_pieces (latency, row);
    int64_t ps = 0;
    for (uint32_t p = 0; p < row->n_pieces; p++)
      ps += piece[p].column == column ? piece[p].ps : 0;
    g_array_append_val (times, ps);
  }
  g_array_sort (times, compare_ps);
  return times;
}

/* Rows in ascending order of their totals; equal ones as they ended. */
static gint
compare_rows (gconstpointer a, gconstpointer b)
{
  const LatencyRow *left = *(const LatencyRow *const *)a, *right = *(const LatencyRow *const *)b;
  int64_t left_ps = row_total (left), right_ps = row_total (right);

  if (left_ps != right_ps)
    return left_ps < right_ps ? -1 : 1;
  return (left > right) - (left < right);
}

size_t
latency_breakdown (const Latency *latency, LatencyClass class, int path, uint32_t parts_per_million,
                   uint32_t band_ppm, int64_t *ret_ps)
{
  g_autoptr (GPtrArray) rows = g_ptr_array_new ();

  for (uint32_t c = 0; c < LATENCY_COLUMNS; c++)
    ret_ps[c] = 0;
  for (guint i = 0; i < latency->rows->len; i++) {
    LatencyRow *row = &g_array_index (latency->rows, LatencyRow, i);
    if (is_of (row, class, path))
      g_ptr_array_add (rows, row);
  }
  if (rows->len == 0)
    return 0;
  g_ptr_array_sort (rows, compare_rows);
  uint64_t centre = (uint64_t)(rows->len - 1) * parts_per_million / 1000000;
  uint64_t half = (uint64_t)rows->len * band_ppm / 1000000;
  uint64_t first = centre > half ? centre - half : 0;
  uint64_t last = MIN (centre + half, rows->len - 1);
  for (uint64_t i = first; i <= last; i++) {
    const LatencyRow *row = g_ptr_array_index (rows, i);
    const LatencyPiece *piece = latency_pieces (latency, row);
    for (uint32_t p = 0; p < row->n_pieces; p++)
      ret_ps[piece[p].column] += piece[p].ps;
  }
  size_t count = (size_t)(last - first + 1);
  for (uint32_t c = 0; c < LATENCY_COLUMNS; c++)
    ret_ps[c] /= (int64_t)count;
  return count;
}
