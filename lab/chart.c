#include "lab/chart.h"

#include <string.h>

#include "lab/address.h"
#include "lab/chart_label.h"
#include "lab/columns.h"
#include "models/rules/crossing.h"
#include "models/tcp/tcp.h"
#include "models/world/branches.h"
#include "sim/assert.h"

/* The host is lane 0, the layers follow, then the peer. */
#define HOST_LANE 0
#define TO_PEER 0
/* TARGET_SEGMENT's verdicts: see kinds.def. */
enum { SEGMENT_PROCESSED, SEGMENT_PASSED_UP, SEGMENT_DROPPED };

/* A record that becomes a row, and the status that a node of it had. */
typedef struct Entry {
  SimRecord record;
  int64_t status; /* NDIS_STATUS_NOT_WRITTEN: none */
  TraceOwner owner;
  uint32_t target; /* lane of the target that had to do with the connection last */
} Entry;

struct LabChart {
  const WorldConfig *config;
  LabChartFocus focus;
  int64_t object; /* 0: not known yet */
  uint32_t target_actor[TARGETS_MAX], wire_actor[TARGETS_MAX];
  TraceOwner owner;
  uint32_t target;      /* a lane */
  SimRecord call;       /* the last call-begin that may carry a tree */
  bool waits_for_node;  /* that call is kept when a node of it is the connection's */
  int64_t first_seq[2]; /* of each direction; -1: none seen */
  GArray *entries;      /* of Entry */
  uint32_t n_after;
  bool has_earlier, has_later;
};

LabChart *
lab_chart_new (const WorldConfig *config, const LabChartFocus *focus)
{
  LabChart *chart = g_new0 (LabChart, 1);

  SIM_ASSERT (focus->connection < config->n_connections);
  chart->config = config;
  chart->target = config->n_ims + 1;
  chart->focus = *focus;
  chart->focus.name = g_strdup (focus->name);
  chart->focus.caption = g_strdup (focus->caption);
  chart->first_seq[0] = chart->first_seq[1] = -1;
  chart->entries = g_array_new (FALSE, FALSE, sizeof (Entry));
  return chart;
}

void
lab_chart_free (LabChart *chart)
{
  if (chart == NULL)
    return;
  g_array_unref (chart->entries);
  g_free ((char *)chart->focus.name);
  g_free ((char *)chart->focus.caption);
  g_free (chart);
}

const LabChartFocus *
lab_chart_focus (const LabChart *chart)
{
  return &chart->focus;
}

void
lab_chart_find_object (LabChart *chart, const World *world)
{
  chart->object = host_object_id (world_host (world), chart->focus.connection);
  for (uint32_t i = 0; i < world_n_targets (world); i++) {
    chart->target_actor[i] = target_actor_id (world_target_at (world, i));
    chart->wire_actor[i] = wire_actor_id (world_wire_at (world, i));
  }
}

/* Keeping */

/* Before the marked instant the last rows are kept, after it the first. */
static void
keep (LabChart *chart, const SimRecord *record, int64_t status)
{
  const LabChartFocus *focus = &chart->focus;
  bool has_mark = !sim_time_is_never (focus->at);
  bool is_before = has_mark && !sim_time_before (focus->at, record->when);
  Entry entry = { *record, status, chart->owner, chart->target };

  if (record->kind == TRACE_CALL_BEGIN
      && record->column[CALL_BEGIN_LAYER] > (int64_t)chart->config->n_ims)
    chart->target = entry.target = (uint32_t)record->column[CALL_BEGIN_LAYER];
  if (sim_time_before (record->when, focus->from) || sim_time_before (focus->to, record->when))
    return;
  if (is_before && chart->entries->len >= LAB_CHART_ROWS_BEFORE) {
    g_array_remove_index (chart->entries, 0);
    chart->has_earlier = true;
  }
  if (!is_before
      && chart->n_after >= LAB_CHART_ROWS_AFTER + (has_mark ? 0 : LAB_CHART_ROWS_BEFORE)) {
    chart->has_later = true;
    return;
  }
  chart->n_after += !is_before;
  g_array_append_val (chart->entries, entry);
}

/* Calls that are about everyone. */
static bool
is_for_all (const SimRecord *call)
{
  switch ((int)call->column[CALL_BEGIN_CALL]) {
  case NDIS_CALL_MiniportOidRequest:
  case NDIS_CALL_NdisMOidRequestComplete:
  case NDIS_CALL_NdisMIndicateStatusEx:
    return true;
  default:
    return false;
  }
}

/* Going down a row is the handler that runs, coming up the call that the driver below makes: where
 * trees have their nodes. */
static void
on_call (LabChart *chart, const SimRecord *record)
{
  NdisCall call = (NdisCall)record->column[CALL_BEGIN_CALL];
  RuleStation station = rule_call_station (call);
  bool is_drawn = station == RULE_DOWN_HANDLER || station == RULE_UP_CALL;
  bool is_state = (RULE_SET (rule_call_verb (call)) & RULE_SET_STATE) != 0;
  bool is_ours = chart->object != 0 && record->column[CALL_BEGIN_OBJECT] == chart->object;

  chart->call = *record;
  chart->waits_for_node = is_drawn && is_state;
  if (is_drawn && !is_state && (is_ours || is_for_all (record)))
    keep (chart, record, NDIS_STATUS_NOT_WRITTEN);
}

static void
on_node (LabChart *chart, const SimRecord *node)
{
  if (!chart->waits_for_node || node->column[NODE_OBJECT] != chart->object
      || node->column[NODE_CROSSING] != chart->call.column[CALL_BEGIN_CROSSING])
    return;
  chart->waits_for_node = false;
  keep (chart, &chart->call,
        trace_call_is_down ((NdisCall)chart->call.column[CALL_BEGIN_CALL])
            ? NDIS_STATUS_NOT_WRITTEN
            : node->column[NODE_STATUS]);
}

/* What the host answered to data that was indicated, if it did not take it all. */
static void
on_call_end (LabChart *chart, const SimRecord *record)
{
  int64_t status = record->column[CALL_END_STATUS];

  if (record->column[CALL_END_CALL] == NDIS_CALL_ProtocolTcpOffloadReceiveIndicate
      && record->column[CALL_END_LAYER] == HOST_LANE
      && record->column[CALL_END_OP] == chart->call.column[CALL_BEGIN_OP]
      && chart->call.column[CALL_BEGIN_OBJECT] == chart->object
      && (status == NDIS_STATUS_OFFLOAD_DATA_NOT_ACCEPTED
          || status == NDIS_STATUS_OFFLOAD_DATA_PARTIALLY_ACCEPTED))
    keep (chart, record, status);
}

static void
on_segment (LabChart *chart, const SimRecord *record)
{
  bool is_usual = record->column[TARGET_SEGMENT_VERDICT] == SEGMENT_PROCESSED
                      ? chart->owner == OWNER_TARGET
                      : chart->owner == OWNER_HOST;

  if (!is_usual)
    keep (chart, record, NDIS_STATUS_NOT_WRITTEN);
}

/* The column that says whose a record is; -1: everyone's. */
static int
connection_column (uint16_t kind)
{
  switch (kind) {
  case TRACE_CONTEXT_LIVE:
    return CONTEXT_LIVE_CONNECTION;
  case TRACE_TARGET_SEGMENT:
    return TARGET_SEGMENT_CONNECTION;
  case TRACE_WIRE_SEND:
    return WIRE_SEND_CONNECTION;
  case TRACE_WIRE_ARRIVE:
    return WIRE_ARRIVE_CONNECTION;
  case TRACE_WIRE_DROP:
    return WIRE_DROP_CONNECTION;
  case TRACE_OWNER:
    return OWNER_CONNECTION;
  case TRACE_CONNECTION_STATE:
    return CONNECTION_STATE_CONNECTION;
  case TRACE_APP_EVENT:
    return APP_EVENT_CONNECTION;
  default:
    return -1;
  }
}

static void
read_record (void *data, const SimRecord *record)
{
  LabChart *chart = data;
  int column = connection_column (record->kind);

  if (column >= 0 && record->column[column] != chart->focus.connection)
    return;
  switch (record->kind) {
  case TRACE_CALL_BEGIN:
    on_call (chart, record);
    return;
  case TRACE_CALL_END:
    on_call_end (chart, record);
    return;
  case TRACE_NODE:
    on_node (chart, record);
    return;
  case TRACE_TARGET_SEGMENT:
    on_segment (chart, record);
    return;
  case TRACE_OWNER:
    chart->owner = (TraceOwner)record->column[OWNER_OWNER];
    break;
  case TRACE_WIRE_SEND:
    if (chart->first_seq[record->column[WIRE_SEND_DIRECTION]] < 0)
      chart->first_seq[record->column[WIRE_SEND_DIRECTION]] = record->column[WIRE_SEND_SEQ];
    break;
  default:
    break;
  }
  keep (chart, record, NDIS_STATUS_NOT_WRITTEN);
}

void
lab_chart_watch (LabChart *chart, SimTrace *trace)
{
  static const uint16_t kinds[] = {
    TRACE_CALL_BEGIN,     TRACE_CALL_END,         TRACE_NODE,        TRACE_CONTEXT_LIVE,
    TRACE_TARGET_SEGMENT, TRACE_WIRE_SEND,        TRACE_WIRE_ARRIVE, TRACE_WIRE_DROP,
    TRACE_OWNER,          TRACE_CONNECTION_STATE, TRACE_APP_EVENT,   TRACE_POWER,
    TRACE_LINK,           TRACE_TIMELINE
  };

  sim_trace_add_reader (trace, read_record, chart, kinds, G_N_ELEMENTS (kinds));
}

/* Rows */

/* Sequence numbers count from the first of the direction. */
static char *
frame_label (const LabChart *chart, int64_t direction, int64_t seq, int64_t flags, int64_t payload)
{
  uint32_t relative = (uint32_t)(seq - chart->first_seq[direction]);

  return lab_chart_frame_label (relative, flags, payload);
}

/* Lanes are the layers from the host down: drivers, then the targets, then the peers. */
static uint32_t
peer_lane (const LabChart *chart)
{
  return chart->config->n_ims + 1 + chart->config->n_branches + 1;
}

/* The lane of the target whose record, or whose wire's, it is. */
static uint32_t
target_lane (const LabChart *chart, const SimRecord *record)
{
  uint32_t number = chart->config->n_branches;

  while (number > 0 && record->actor_id - chart->target_actor[number] >= TARGET_ACTORS
         && record->actor_id - chart->wire_actor[number] >= WIRE_ACTORS)
    number--;
  return chart->config->n_ims + 1 + number;
}

static LabChartRow
row_of_call (const LabChart *chart, const Entry *entry)
{
  const SimRecord *record = &entry->record;
  uint32_t layer = (uint32_t)record->column[CALL_BEGIN_LAYER];
  uint32_t above = world_layer_above (chart->config, layer);
  bool is_down = trace_call_is_down ((NdisCall)record->column[CALL_BEGIN_CALL]);

  return (LabChartRow){ .kind = LAB_CHART_CALL,
                        .from = is_down ? above : layer,
                        .to = is_down ? layer : above,
                        .label = lab_chart_call_label (record, entry->status) };
}

static LabChartRow
row_of_frame (const LabChart *chart, LabChartRowKind kind, const SimRecord *record,
              int64_t direction, char *label)
{
  uint32_t nic = target_lane (chart, record), peer = peer_lane (chart);

  return (LabChartRow){ .kind = kind,
                        .from = direction == TO_PEER ? nic : peer,
                        .to = direction == TO_PEER ? peer : nic,
                        .label = label };
}

static LabChartRow
note (uint32_t lane, char *label)
{
  return (LabChartRow){ .kind = LAB_CHART_NOTE, .from = lane, .to = lane, .label = label };
}

static uint32_t
lane_of_side (const LabChart *chart, const SimRecord *record, int64_t side)
{
  return side == SIDE_HOST     ? HOST_LANE
         : side == SIDE_TARGET ? target_lane (chart, record)
                               : peer_lane (chart);
}

static LabChartRow
row_of (const LabChart *chart, const Entry *entry)
{
  static const char *const verdicts[] = { "processes the segment", "passes the segment up",
                                          "drops the segment" };
  const SimRecord *record = &entry->record;
  const int64_t *column = record->column;

  switch (record->kind) {
  case TRACE_CALL_BEGIN:
    return row_of_call (chart, entry);
  case TRACE_CALL_END:
    return note (HOST_LANE, g_strdup_printf ("answers %s", lab_chart_status (entry->status)));
  case TRACE_CONTEXT_LIVE:
    return note (target_lane (chart, record), g_strdup ("context is live"));
  case TRACE_TARGET_SEGMENT:
    return note (target_lane (chart, record), g_strdup (verdicts[column[TARGET_SEGMENT_VERDICT]]));
  case TRACE_WIRE_SEND:
    return row_of_frame (chart, LAB_CHART_DEPART, record, column[WIRE_SEND_DIRECTION],
                         frame_label (chart, column[WIRE_SEND_DIRECTION], column[WIRE_SEND_SEQ],
                                      column[WIRE_SEND_FLAGS], column[WIRE_SEND_PAYLOAD]));
  case TRACE_WIRE_ARRIVE:
    return row_of_frame (chart, LAB_CHART_ARRIVE, record, column[WIRE_ARRIVE_DIRECTION],
                         frame_label (chart, column[WIRE_ARRIVE_DIRECTION], column[WIRE_ARRIVE_SEQ],
                                      column[WIRE_ARRIVE_FLAGS], column[WIRE_ARRIVE_PAYLOAD]));
  case TRACE_WIRE_DROP:
    return row_of_frame (chart, LAB_CHART_LOST, record, column[WIRE_DROP_DIRECTION],
                         frame_label (chart, column[WIRE_DROP_DIRECTION], column[WIRE_DROP_SEQ],
                                      column[WIRE_DROP_FLAGS], column[WIRE_DROP_PAYLOAD]));
  case TRACE_OWNER:
    return note (HOST_LANE, g_strdup_printf ("owner: %s", trace_owner_name (entry->owner)));
  case TRACE_CONNECTION_STATE:
    return note (lane_of_side (chart, record, column[CONNECTION_STATE_SIDE]),
                 g_strdup_printf (
                     "%s, was %s",
                     tcp_state_name ((TCP_OFFLOAD_CONNECTION_STATE)column[CONNECTION_STATE_TO]),
                     tcp_state_name ((TCP_OFFLOAD_CONNECTION_STATE)column[CONNECTION_STATE_FROM])));
  case TRACE_APP_EVENT:
    return note (lane_of_side (chart, record, column[APP_EVENT_SIDE]),
                 lab_chart_app_label (record));
  case TRACE_POWER:
    return note (target_lane (chart, record),
                 g_strdup_printf ("D%d, was D%d", (int)column[POWER_TO], (int)column[POWER_FROM]));
  case TRACE_LINK:
    return note (target_lane (chart, record),
                 g_strdup (column[LINK_UP] != 0 ? "link up" : "link down"));
  case TRACE_TIMELINE:
    return (LabChartRow){ .kind = LAB_CHART_HAPPENS,
                          .label = lab_chart_timeline_label (chart->config, record) };
  default:
    SIM_UNREACHABLE ();
  }
}

/* The row in which the frame of |arrival| left, marked as taken. */
static uint32_t
departure_of (const GArray *rows, const LabChartRow *arrival, bool *taken)
{
  for (uint32_t i = 0; i < rows->len; i++) {
    const LabChartRow *row = &g_array_index (rows, LabChartRow, i);
    if (row->kind == LAB_CHART_DEPART && !taken[i] && row->from == arrival->from
        && strcmp (row->label, arrival->label) == 0) {
      taken[i] = true;
      return i;
    }
  }
  return LAB_CHART_NO_ROW;
}

static void
put_rows (const LabChart *chart, LabChartSheet *sheet)
{
  guint n = chart->entries->len;
  g_autofree bool *taken = g_new0 (bool, n + 2);
  bool is_marked = sim_time_is_never (chart->focus.at);

  for (guint i = 0; i < n; i++) {
    const Entry *entry = &g_array_index (chart->entries, Entry, i);
    if (!is_marked && sim_time_before (chart->focus.at, entry->record.when)) {
      LabChartRow mark = { .target = entry->target,
                           .kind = LAB_CHART_MARK,
                           .when = chart->focus.at,
                           .departed = LAB_CHART_NO_ROW,
                           .owner = i > 0 ? g_array_index (chart->entries, Entry, i - 1).owner
                                          : entry->owner,
                           .label = g_strdup (chart->focus.name) };
      g_array_append_val (sheet->rows, mark);
      is_marked = true;
    }
    LabChartRow row = row_of (chart, entry);
    row.when = entry->record.when;
    row.owner = entry->owner;
    row.target = entry->target;
    row.departed = row.kind == LAB_CHART_ARRIVE || row.kind == LAB_CHART_LOST
                       ? departure_of (sheet->rows, &row, taken)
                       : LAB_CHART_NO_ROW;
    g_array_append_val (sheet->rows, row);
  }
}

static void
clear_row (void *row)
{
  g_free (((LabChartRow *)row)->label);
}

static char *
target_name (const TargetConfig *target)
{
  return g_strdup (target->name != NULL ? target->name : "target");
}

LabChartSheet *
lab_chart_sheet (const LabChart *chart)
{
  LabChartSheet *sheet = g_new0 (LabChartSheet, 1);
  g_autofree char *address = lab_address_of (chart->config, chart->focus.connection);

  sheet->lanes = g_ptr_array_new_with_free_func (g_free);
  g_ptr_array_add (sheet->lanes, g_strdup ("host"));
  for (uint32_t i = 0; i < chart->config->n_ims; i++)
    g_ptr_array_add (sheet->lanes, g_strdup (chart->config->im[i].name));
  g_ptr_array_add (sheet->lanes, target_name (&chart->config->target));
  for (uint32_t i = 0; i < chart->config->n_branches; i++)
    g_ptr_array_add (sheet->lanes, target_name (&chart->config->branch[i].target));
  g_ptr_array_add (sheet->lanes, g_strdup ("peer"));
  sheet->rows = g_array_new (FALSE, FALSE, sizeof (LabChartRow));
  g_array_set_clear_func (sheet->rows, clear_row);
  sheet->has_earlier = chart->has_earlier;
  sheet->has_later = chart->has_later;
  sheet->title = g_strdup_printf ("%s: %s", address, chart->focus.caption);
  sheet->origin = chart->entries->len > 0 ? g_array_index (chart->entries, Entry, 0).record.when
                                          : chart->focus.from;
  put_rows (chart, sheet);
  return sheet;
}

void
lab_chart_sheet_free (LabChartSheet *sheet)
{
  if (sheet == NULL)
    return;
  g_ptr_array_unref (sheet->lanes);
  g_array_unref (sheet->rows);
  g_free (sheet->title);
  g_free (sheet);
}
