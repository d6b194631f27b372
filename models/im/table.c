#include "models/im/table.h"

#include <glib.h>

#include "sim/assert.h"

/* Serial number, owner, index plus one. */
#define SERIAL_SHIFT 32
#define OWNER_SHIFT 28
#define OWNER_MAX 15
#define PLACE_MASK ((UINT32_C (1) << OWNER_SHIFT) - 1)

void
im_table_init (ImTable *table, uint32_t owner, size_t record_bytes)
{
  SIM_ASSERT (record_bytes >= sizeof (uint32_t));
  SIM_ASSERT (owner >= 1 && owner <= OWNER_MAX);
  *table = (ImTable){ .pool = sim_pool_new (record_bytes, PLACE_MASK), .owner = owner };
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

  SIM_ASSERT (record != NULL);
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
  const uint32_t *serial = record;
  uint32_t place = sim_pool_index (table->pool, record) + 1;

  return (NDIS_TOKEN)*serial << SERIAL_SHIFT | table->owner << OWNER_SHIFT | place;
}

void *
im_table_find (const ImTable *table, NDIS_TOKEN token)
{
  uint32_t place = (uint32_t)token & PLACE_MASK;

  if (place == 0 || (uint32_t)token >> OWNER_SHIFT != table->owner)
    return NULL;
  uint32_t *serial = sim_pool_at (table->pool, place - 1);
  return serial != NULL && *serial == token >> SERIAL_SHIFT ? serial : NULL;
}
