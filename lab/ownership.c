#include "lab/ownership.h"

#include "lab/columns.h"
#include "models/target/target.h"

/* One change of owner; spans are made of them at the end. */
typedef struct Change {
  uint32_t connection;
  uint32_t owner;
  uint32_t target;
  SimTime when;
} Change;

struct Ownership {
  GArray *changes; /* in time order */
  uint32_t n_connections;
  uint8_t *target; /* of each connection: the last that made a context for it */
};

static void
read_record (void *data, const SimRecord *record)
{
  Ownership *ownership = data;

  if (record->kind == TRACE_CONTEXT_LIVE) {
    if (record->column[CONTEXT_LIVE_CONNECTION] >= ownership->n_connections)
      return;
    ownership->target[record->column[CONTEXT_LIVE_CONNECTION]] =
        (uint8_t)target_of_context ((NDIS_TOKEN)record->column[CONTEXT_LIVE_CONTEXT]);
    return;
  }
  uint32_t connection = (uint32_t)record->column[OWNER_CONNECTION];
  Change change = { connection, (uint32_t)record->column[OWNER_OWNER],
                    ownership->target[connection], record->when };
  g_array_append_val (ownership->changes, change);
}

Ownership *
ownership_new (SimTrace *trace, uint32_t n_connections)
{
  static const uint16_t kinds[] = { TRACE_OWNER, TRACE_CONTEXT_LIVE };
  Ownership *ownership = g_new0 (Ownership, 1);

  ownership->changes = g_array_new (FALSE, FALSE, sizeof (Change));
  ownership->n_connections = n_connections;
  ownership->target = g_new0 (uint8_t, MAX (n_connections, 1));
  sim_trace_add_reader (trace, read_record, ownership, kinds, G_N_ELEMENTS (kinds));
  return ownership;
}

void
ownership_free (Ownership *ownership)
{
  if (ownership == NULL)
    return;
  g_array_unref (ownership->changes);
  g_free (ownership->target);
  g_free (ownership);
}

static gint
compare_spans (gconstpointer a, gconstpointer b)
{
  const OwnerSpan *left = a, *right = b;
  if (left->connection != right->connection)
    return left->connection < right->connection ? -1 : 1;
  return (left->begin.ps > right->begin.ps) - (left->begin.ps < right->begin.ps);
}

GArray *
ownership_spans (const Ownership *ownership, SimTime end)
{
  GArray *spans = g_array_new (FALSE, FALSE, sizeof (OwnerSpan));
  g_autofree OwnerSpan *open = g_new0 (OwnerSpan, MAX (ownership->n_connections, 1));

  for (uint32_t i = 0; i < ownership->n_connections; i++)
    open[i].connection = i;
  for (guint i = 0; i < ownership->changes->len; i++) {
    const Change *change = &g_array_index (ownership->changes, Change, i);
    OwnerSpan *span = &open[change->connection];
    span->end = change->when;
    if (sim_time_before (span->begin, span->end))
      g_array_append_val (spans, *span);
    span->begin = change->when;
    span->owner = (TraceOwner)change->owner;
    span->target = change->target;
  }
  for (uint32_t i = 0; i < ownership->n_connections; i++) {
    open[i].end = end;
    if (sim_time_before (open[i].begin, end))
      g_array_append_val (spans, open[i]);
  }
  g_array_sort (spans, compare_spans);
  return spans;
}
