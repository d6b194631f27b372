#include "models/wire/peer_table.h"

#include "sim/assert.h"
#include "sim/mix.h"

#define FREE UINT32_MAX

typedef struct Place {
  TcpTuple tuple;
  uint32_t index; /* FREE: nobody's */
} Place;

struct PeerTable {
  uint32_t mask;
  uint32_t count;
  uint32_t count_max;
  Place place[];
};

PeerTable *
peer_table_new (uint32_t n_connections)
{
  uint32_t capacity = 2;

  SIM_ASSERT (n_connections <= UINT32_C (1) << 30);
  while (capacity < 2 * n_connections)
    capacity *= 2;

  PeerTable *table = g_malloc (sizeof *table + capacity * sizeof table->place[0]);
  table->mask = capacity - 1;
  table->count = 0;
  table->count_max = n_connections;
  for (uint32_t i = 0; i < capacity; i++)
    table->place[i].index = FREE;
  return table;
}

void
peer_table_free (PeerTable *table)
{
  g_free (table);
}

/* The place of |tuple|, or the free one where it belongs. */
static uint32_t
find_place (const PeerTable *table, TcpTuple tuple)
{
  uint64_t addresses = (uint64_t)tuple.source_address_id << 32 | tuple.destination_address_id;
  uint64_t ports = (uint64_t)tuple.source_port << 16 | tuple.destination_port;
  uint32_t i = (uint32_t)sim_mix (sim_mix (addresses) ^ ports) & table->mask;

  while (table->place[i].index != FREE && !tcp_tuple_equal (table->place[i].tuple, tuple))
    i = (i + 1) & table->mask;
  return i;
}

void
peer_table_add (PeerTable *table, TcpTuple tuple, uint32_t index)
{
  Place *place = &table->place[find_place (table, tuple)];

  SIM_ASSERT (index != FREE);
  SIM_ASSERT (place->index == FREE);
  SIM_ASSERT (table->count < table->count_max);
  *place = (Place){ tuple, index };
  table->count++;
}

bool
peer_table_find (const PeerTable *table, TcpTuple tuple, uint32_t *ret_index)
{
  const Place *place = &table->place[find_place (table, tuple)];

  if (place->index == FREE)
    return false;
  *ret_index = place->index;
  return true;
}
