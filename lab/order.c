#include "lab/order.h"

#include "lab/columns.h"
#include "models/rules/crossing.h"
#include "sim/assert.h"

/* Operations whose later calls belong to the event that they were outstanding in. */
#define LASTING (RULE_SET_STATE | RULE_SET (RULE_OID))

typedef struct Moment {
  bool has_come;
  SimRecord record;
} Moment;

struct LabOrder {
  const LabMoment *moments;
  uint32_t count;
  LabOrderScope scope;
  Moment *at;
  uint32_t verbs;                 /* RULE_SET of the verbs that a moment names */
  GHashTable *open[RULE_N_VERBS]; /* op id to the number of the record that began it, plus 1 */
  bool has_begun, has_ended;
  SimTime begun;
  uint64_t ended; /* number of the record */
};

static bool
names_a_call (const LabMoment *moment)
{
  return moment->kind == LAB_MOMENT_FIRST || moment->kind == LAB_MOMENT_LAST;
}

LabOrder *
lab_order_new (const LabMoment *moments, uint32_t count, LabOrderScope scope)
{
  LabOrder *order = g_new0 (LabOrder, 1);

  order->moments = moments;
  order->count = count;
  order->scope = scope;
  order->at = g_new0 (Moment, count);
  for (uint32_t i = 0; i < count; i++) {
    if (names_a_call (&moments[i]))
      order->verbs |= RULE_SET (rule_call_verb (moments[i].call));
    else if (moments[i].kind == LAB_MOMENT_COMPLETE)
      order->verbs |= RULE_SET (RULE_OID);
  }
  for (int verb = 0; verb < RULE_N_VERBS; verb++)
    if (order->verbs & LASTING & RULE_SET (verb))
      order->open[verb] = g_hash_table_new (NULL, NULL);
  order->has_begun = scope.event == LAB_NO_EVENT;
  return order;
}

void
lab_order_free (LabOrder *order)
{
  if (order == NULL)
    return;
  for (int verb = 0; verb < RULE_N_VERBS; verb++)
    g_clear_pointer (&order->open[verb], g_hash_table_unref);
  g_free (order->at);
  g_free (order);
}

bool
lab_order_wants (const LabOrder *order, uint16_t kind)
{
  return kind == TRACE_TIMELINE || (kind == TRACE_CALL_BEGIN && order->verbs != 0);
}

/* Whether what happens now happens while the event is under way. */
static bool
is_under_way (const LabOrder *order, SimTime now)
{
  if (!order->has_begun)
    return false;
  if (order->scope.has_within)
    return sim_time_diff (now, order->begun).ps <= order->scope.within.ps;
  return !order->has_ended;
}

static void
note (Moment *moment, const SimRecord *record)
{
  moment->has_come = true;
  moment->record = *record;
}

/* Whether the operation of this call was outstanding while the event was under way. */
static bool
belongs (const LabOrder *order, GHashTable *open, int64_t op)
{
  uint64_t began = GPOINTER_TO_SIZE (g_hash_table_lookup (open, GSIZE_TO_POINTER ((gsize)op)));

  return order->has_ended && !order->scope.has_within && began > 0 && began - 1 < order->ended;
}

static bool
is_moment (const LabMoment *moment, NdisCall call, const SimRecord *record)
{
  if (names_a_call (moment))
    return moment->call == call;
  return moment->kind == LAB_MOMENT_COMPLETE && call == NDIS_CALL_ProtocolOidRequestComplete
         && record->column[CALL_BEGIN_LAYER] == 0
         && record->column[CALL_BEGIN_ARG0] == (int64_t)moment->oid;
}

static void
on_call (LabOrder *order, const SimRecord *record)
{
  NdisCall call = (NdisCall)record->column[CALL_BEGIN_CALL];
  RuleVerb verb = rule_call_verb (call);
  RuleStation station = rule_call_station (call);
  int64_t op = record->column[CALL_BEGIN_OP];
  bool is_at_host = record->column[CALL_BEGIN_LAYER] == 0;

  if ((order->verbs & RULE_SET (verb)) == 0)
    return;
  GHashTable *open = order->open[verb];
  if (open != NULL && is_at_host && station == RULE_DOWN_CALL)
    g_hash_table_insert (open, GSIZE_TO_POINTER ((gsize)op),
                         GSIZE_TO_POINTER ((gsize)record->number + 1));
  bool counts = is_under_way (order, record->when) || (open != NULL && belongs (order, open, op));
  for (uint32_t i = 0; counts && i < order->count; i++) {
    bool keeps = order->moments[i].kind == LAB_MOMENT_FIRST && order->at[i].has_come;
    if (!keeps && is_moment (&order->moments[i], call, record))
      note (&order->at[i], record);
  }
  if (open != NULL && is_at_host && station == RULE_UP_HANDLER)
    g_hash_table_remove (open, GSIZE_TO_POINTER ((gsize)op));
}

static bool
is_outcome (TimelineOutcome wanted, int64_t phase)
{
  switch (wanted) {
  case TIMELINE_BEGUN:
    return phase == 0;
  case TIMELINE_DONE:
    return phase == 1;
  case TIMELINE_FAILED:
    return phase == 2;
  case TIMELINE_ENDED:
    return phase != 0;
  }
  SIM_UNREACHABLE ();
}

static void
on_timeline (LabOrder *order, const SimRecord *record)
{
  uint32_t event = (uint32_t)record->column[TIMELINE_EVENT];
  int64_t phase = record->column[TIMELINE_PHASE];

  if (event == order->scope.event && phase == 0) {
    order->has_begun = true;
    order->begun = record->when;
  } else if (event == order->scope.event && !sim_time_equal (record->when, order->begun)) {
    order->has_ended = true;
    order->ended = record->number;
  }
  for (uint32_t i = 0; i < order->count; i++)
    if (order->moments[i].kind == LAB_MOMENT_EVENT && order->moments[i].event == event
        && is_outcome (order->moments[i].outcome, phase))
      note (&order->at[i], record);
}

void
lab_order_read (LabOrder *order, const SimRecord *record)
{
  if (record->kind == TRACE_TIMELINE)
    on_timeline (order, record);
  else if (record->kind == TRACE_CALL_BEGIN)
    on_call (order, record);
}

LabOrderResult
lab_order_result (const LabOrder *order)
{
  LabOrderResult result = { order->count, order->count };

  for (uint32_t i = order->count; i-- > 0;) {
    if (!order->at[i].has_come)
      result.missing = i;
    else if (i > 0 && order->at[i - 1].has_come
             && order->at[i].record.number < order->at[i - 1].record.number)
      result.late = i;
  }
  return result;
}

bool
lab_order_event_has_begun (const LabOrder *order)
{
  return order->has_begun;
}

const SimRecord *
lab_order_record (const LabOrder *order, uint32_t moment)
{
  SIM_ASSERT (moment < order->count);
  SIM_ASSERT (order->at[moment].has_come);
  return &order->at[moment].record;
}
