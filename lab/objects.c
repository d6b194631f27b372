#include "lab/objects.h"

#include "lab/columns.h"

static void
on_owner (LabObjects *objects, const SimRecord *record)
{
  int64_t connection = record->column[OWNER_CONNECTION];
  int64_t owner = record->column[OWNER_OWNER];

  if (connection >= (int64_t)objects->config->n_connections)
    return;
  objects->n_owned[objects->owner[connection]]--;
  objects->owner[connection] = (uint8_t)owner;
  objects->n_owned[owner]++;
}

static void
on_live (LabObjects *objects, const SimRecord *record)
{
  int64_t object = record->column[CONTEXT_LIVE_OBJECT];
  int64_t connection = record->column[CONTEXT_LIVE_CONNECTION];

  if (connection >= (int64_t)objects->config->n_connections)
    return;
  if (object >= (int64_t)objects->connection_of->len)
    g_array_set_size (objects->connection_of, (guint)object + 1);
  g_array_index (objects->connection_of, uint32_t, object) = (uint32_t)connection + 1;
}

static void
read_record (void *data, const SimRecord *record)
{
  LabObjects *objects = data;

  if (record->kind == TRACE_CALL_BEGIN)
    objects->call = *record;
  else if (record->kind == TRACE_OWNER)
    on_owner (objects, record);
  else
    on_live (objects, record);
}

LabObjects *
lab_objects_new (SimTrace *trace, const WorldConfig *config)
{
  static const uint16_t kinds[] = { TRACE_CALL_BEGIN, TRACE_OWNER, TRACE_CONTEXT_LIVE };
  LabObjects *objects = g_new0 (LabObjects, 1);

  objects->config = config;
  objects->owner = g_new0 (uint8_t, MAX (config->n_connections, 1));
  objects->n_owned[OWNER_HOST] = config->n_connections;
  objects->connection_of = g_array_new (FALSE, TRUE, sizeof (uint32_t));
  sim_trace_add_reader (trace, read_record, objects, kinds, G_N_ELEMENTS (kinds));
  return objects;
}

void
lab_objects_free (LabObjects *objects)
{
  if (objects == NULL)
    return;
  g_array_unref (objects->connection_of);
  g_free (objects->owner);
  g_free (objects);
}

uint32_t
lab_objects_connection (const LabObjects *objects, int64_t object)
{
  if (object < 0 || object >= (int64_t)objects->connection_of->len)
    return UINT32_MAX;
  return g_array_index (objects->connection_of, uint32_t, object) - 1;
}

bool
lab_objects_at_target (const LabObjects *objects, const SimRecord *call)
{
  return call->column[CALL_BEGIN_LAYER] > (int64_t)objects->config->n_ims;
}

bool
lab_objects_of_target_call (const LabObjects *objects, int64_t crossing)
{
  return lab_objects_at_target (objects, &objects->call)
         && crossing == objects->call.column[CALL_BEGIN_CROSSING];
}
