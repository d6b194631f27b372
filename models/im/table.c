#include "models/im/table.h"

#include <glib.h>

#include "sim/assert.h"

#define SERIAL_SHIFT 32

void
im_table_init (ImTable *table, size_t record_bytes)
{
  SIM_ASSERT (record_bytes >= sizeof (uint32_t));
  *table = (ImTable){ .pool = sim_pool_new (record_bytes, 0) };
}

void
im_table_clear (ImTable *table)
{
  for (uint32_t index = 0; sim_pool_out (table->pool) > 0; index++) {
    void *record = sim_pool_at (table->pool, index);
    if (record != NULL)
      sim_pool_put (table->pool, record);
  }
  g_clear_pointer (&table->pool, sim_pool_free);
}

void *
im_table_take (ImTable *table)
{
  uint32_t *record = sim_pool_take (table->pool);

  *record = ++table->taken;
  SIM_ASSERT (table->taken != 0);
  return record;
}

void
im_table_put (ImTable *table, void *record)
{
  sim_pool_put (table->pool, record);
}

NDIS_TOKEN
im_table_token (const ImTable *table, const void *record)
{
  return (NDIS_TOKEN) * (const uint32_t *)record << SERIAL_SHIFT
         | (sim_pool_index (table->pool, record) + 1);
}

void *
im_table_find (const ImTable *table, NDIS_TOKEN token)
{
  uint32_t place = (uint32_t)token;

  if (place == 0)
    return NULL;
  uint32_t *record = sim_pool_at (table->pool, place - 1);
  return record != NULL && *record == token >> SERIAL_SHIFT ? record : NULL;
}
