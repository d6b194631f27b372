#include "sim/trace.h"

#include <glib.h>

#include "sim/machine.h"
#include "sim/mix.h"

typedef struct Reader {
  SimTraceReader read;
  void *data;
} Reader;

typedef struct Trace {
  SimTrace head; /* first: a SimTrace * is a Trace * */
  const Sim *sim;
  const SimTraceKind *kinds;
  uint16_t n_kinds;
  uint64_t records;
  uint64_t print[SIM_N_PRINTS];
  uint64_t kind_hash[SIM_TRACE_KINDS_MAX]; /* of names: a new kind changes no other's prints */
  GArray *readers[SIM_TRACE_KINDS_MAX];    /* Reader, in the order added; NULL: none */
} Trace;

G_STATIC_ASSERT (SIM_TRACE_KINDS_MAX % 64 == 0);
G_STATIC_ASSERT (SIM_TRACE_COLUMNS_MAX % 2 == 0);
G_STATIC_ASSERT (SIM_N_PRINTS <= 8);

static Trace *
whole (SimTrace *trace)
{
  return (Trace *)(void *)trace;
}

static const Trace *
whole_const (const SimTrace *trace)
{
  return (const Trace *)(const void *)trace;
}

SimTrace *
sim_trace_new (const Sim *sim)
{
  Trace *trace = g_new0 (Trace, 1);
  trace->sim = sim;
  return &trace->head;
}

void
sim_trace_free (SimTrace *trace)
{
  if (trace == NULL)
    return;
  for (unsigned kind = 0; kind < SIM_TRACE_KINDS_MAX; kind++)
    if (whole (trace)->readers[kind] != NULL)
      g_array_free (whole (trace)->readers[kind], TRUE);
  g_free (trace);
}

static void
update_wanted (Trace *trace)
{
  for (unsigned kind = 0; kind < trace->n_kinds; kind++)
    if (trace->kinds[kind].prints != 0 || trace->readers[kind] != NULL)
      trace->head.wanted[kind / 64] |= UINT64_C (1) << kind % 64;
}

void
sim_trace_set_kinds (SimTrace *trace, const SimTraceKind *kinds, uint16_t count)
{
  SIM_ASSERT (whole (trace)->kinds == NULL);
  SIM_ASSERT (count <= SIM_TRACE_KINDS_MAX);
  for (uint16_t i = 0; i < count; i++) {
    SIM_ASSERT (kinds[i].n_columns <= SIM_TRACE_COLUMNS_MAX);
    SIM_ASSERT (kinds[i].prints >> SIM_N_PRINTS == 0);
    whole (trace)->kind_hash[i] = sim_mix_name (0, kinds[i].name);
  }
  whole (trace)->kinds = kinds;
  whole (trace)->n_kinds = count;
  update_wanted (whole (trace));
}

const SimTraceKind *
sim_trace_kind (const SimTrace *trace, uint16_t kind)
{
  SIM_ASSERT (kind < whole_const (trace)->n_kinds);
  return &whole_const (trace)->kinds[kind];
}

uint16_t
sim_trace_n_kinds (const SimTrace *trace)
{
  return whole_const (trace)->n_kinds;
}

static void
add_reader_of (Trace *trace, uint16_t kind, Reader reader)
{
  SIM_ASSERT (kind < SIM_TRACE_KINDS_MAX);
  if (trace->readers[kind] == NULL)
    trace->readers[kind] = g_array_new (FALSE, FALSE, sizeof (Reader));
  g_array_append_val (trace->readers[kind], reader);
}

void
sim_trace_add_reader (SimTrace *trace, SimTraceReader read, void *data, const uint16_t *kinds,
                      size_t n_kinds)
{
  Reader reader = { read, data };

  SIM_ASSERT (read != NULL);
  if (kinds == NULL)
    for (uint16_t kind = 0; kind < SIM_TRACE_KINDS_MAX; kind++)
      add_reader_of (whole (trace), kind, reader);
  else
    for (size_t i = 0; i < n_kinds; i++)
      add_reader_of (whole (trace), kinds[i], reader);
  update_wanted (whole (trace));
}

/* Folds all of a record but its instant. */
static uint64_t
record_hash (const Trace *trace, const SimRecord *record)
{
  uint64_t hash = sim_mix (trace->kind_hash[record->kind] ^ record->actor_id);
  for (uint16_t i = 0; i < record->n_columns; i++)
    hash = sim_mix (hash ^ (uint64_t)record->column[i]);
  return hash;
}

static void
print_record (Trace *trace, const SimRecord *record, unsigned prints)
{
  uint64_t hash = record_hash (trace, record);

  for (; prints != 0; prints &= prints - 1) {
    unsigned print = (unsigned)__builtin_ctz (prints);
    if (print == SIM_PRINT_TIMING)
      trace->print[print] =
          sim_mix (trace->print[print] ^ sim_mix (hash ^ (uint64_t)record->when.ps));
    else
      trace->print[print] = sim_mix (trace->print[print] ^ hash);
  }
}

/* By pairs: few columns are copied faster so than by the string instructions that a compiler takes
 * for plain loops.  Those that are not there are 0. */
static void
copy_columns (SimRecord *record, const int64_t *columns)
{
  uint16_t n = record->n_columns, i = n % 2;

  if (i > 0)
    record->column[0] = columns[0];
  for (; i < n; i += 2) {
    record->column[i] = columns[i];
    record->column[i + 1] = columns[i + 1];
  }
  if (i % 2 > 0)
    record->column[i++] = 0;
  for (; i < SIM_TRACE_COLUMNS_MAX; i += 2) {
    record->column[i] = 0;
    record->column[i + 1] = 0;
  }
}

void
sim_trace_emit (SimTrace *head, uint32_t actor_id, uint16_t kind, const int64_t *columns,
                uint16_t n_columns)
{
  Trace *trace = whole (head);

  if (!sim_trace_wants (head, kind))
    return;
  SIM_ASSERT (n_columns == trace->kinds[kind].n_columns);

  SimRecord record;
  record.when = sim_now (trace->sim);
  record.number = trace->records++;
  record.actor_id = actor_id;
  record.kind = kind;
  record.n_columns = n_columns;
  copy_columns (&record, columns);

  if (trace->kinds[kind].prints != 0)
    print_record (trace, &record, trace->kinds[kind].prints);
  const GArray *readers = trace->readers[kind];
  for (guint i = 0; readers != NULL && i < readers->len; i++) {
    const Reader *reader = &g_array_index (readers, Reader, i);
    reader->read (reader->data, &record);
  }
}

uint64_t
sim_trace_print (const SimTrace *trace, SimPrint print)
{
  SIM_ASSERT (print < SIM_N_PRINTS);
  return whole_const (trace)->print[print];
}

uint64_t
sim_trace_records (const SimTrace *trace)
{
  return whole_const (trace)->records;
}
