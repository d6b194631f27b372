#include "lab/crossing_bytes.h"

#include <string.h>

#include "models/ndis/types.h"
#include "models/trace/trace.h"
#include "sim/assert.h"

#define FORMAT_VERSION 1

enum {
  FLAG_END = 1,
  FLAG_UP = 2,
};

/* Columns of the two kinds. */
enum {
  BEGIN_CROSSING,
  BEGIN_CALL,
  BEGIN_PARENT,
  BEGIN_CPU,
  BEGIN_LEVEL,
  BEGIN_LAYER,
  BEGIN_OP,
  BEGIN_OBJECT,
  BEGIN_ARG0,
  BEGIN_ARG1,
};
enum {
  END_CROSSING,
  END_CALL,
  END_LAYER,
  END_OP,
  END_STATUS,
  END_VALUE,
};
_Static_assert(TRACE_N_CALL_BEGIN == BEGIN_ARG1 + 1, "CALL_BEGIN has other columns");
_Static_assert(TRACE_N_CALL_END == END_VALUE + 1, "CALL_END has other columns");

/* What both kinds come to. */
typedef struct Crossing {
  NdisCall call;
  uint8_t flags;
  int64_t cpu, level, layer, crossing, parent, op, object, argument[2];
  const char *status; /* "" at the begin */
} Crossing;

static Crossing
crossing_of (const SimRecord *record)
{
  const int64_t *column = record->column;

  if (record->kind == TRACE_CALL_BEGIN)
    return (Crossing){ .call = (NdisCall)column[BEGIN_CALL],
                       .cpu = column[BEGIN_CPU],
                       .level = column[BEGIN_LEVEL],
                       .layer = column[BEGIN_LAYER],
                       .crossing = column[BEGIN_CROSSING],
                       .parent = column[BEGIN_PARENT],
                       .op = column[BEGIN_OP],
                       .object = column[BEGIN_OBJECT],
                       .argument = { column[BEGIN_ARG0], column[BEGIN_ARG1] },
                       .status = "" };
  SIM_ASSERT (record->kind == TRACE_CALL_END);
  const char *status = ndis_status_name ((NDIS_STATUS)column[END_STATUS]);
  return (Crossing){ .call = (NdisCall)column[END_CALL],
                     .flags = FLAG_END,
                     .layer = column[END_LAYER],
                     .crossing = column[END_CROSSING],
                     .op = column[END_OP],
                     .argument = { column[END_STATUS], column[END_VALUE] },
                     .status = status != NULL ? status : "" };
}

static uint8_t *
put (uint8_t *at, unsigned count, int64_t value)
{
  for (unsigned i = count; i-- > 0; value >>= 8)
    at[i] = (uint8_t)value;
  return at + count;
}

static uint8_t *
put_name (uint8_t *at, const char *name)
{
  size_t count = strlen (name);

  SIM_ASSERT (count <= UINT8_MAX);
  at = put (at, 1, (int64_t)count);
  memcpy (at, name, count);
  return at + count;
}

size_t
lab_crossing_write (const SimRecord *record, uint8_t bytes[LAB_CROSSING_BYTES_MAX])
{
  Crossing crossing = crossing_of (record);
  uint8_t *at = bytes;

  if (!trace_call_is_down (crossing.call))
    crossing.flags |= FLAG_UP;
  at = put (at, 1, FORMAT_VERSION);
  at = put (at, 1, crossing.flags);
  at = put (at, 2, crossing.call);
  at = put (at, 2, crossing.cpu);
  at = put (at, 1, crossing.level);
  at = put (at, 1, crossing.layer);
  at = put (at, 8, crossing.crossing);
  at = put (at, 8, crossing.parent);
  at = put (at, 8, crossing.op);
  at = put (at, 8, crossing.object);
  at = put (at, 8, crossing.argument[0]);
  at = put (at, 8, crossing.argument[1]);
  at = put_name (at, trace_call_name (crossing.call));
  at = put_name (at, crossing.status);
  return (size_t)(at - bytes);
}
