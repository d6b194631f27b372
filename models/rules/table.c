#include "models/rules/table.h"

#include <string.h>

#include <glib.h>

#include "sim/assert.h"

#define CHUNK_ENTRIES 64
#define INDEX_MIN 64

/* Before each entry. */
typedef struct Header {
  uint64_t key;
  uint32_t next_free; /* slot + 1 */
  uint32_t used;
} Header;

void
rule_table_init (RuleTable *table, size_t entry_bytes)
{
  *table = (RuleTable){ .entry_bytes = sizeof (Header) + (entry_bytes + 7) / 8 * 8 };
  table->index = g_new0 (RuleTablePlace, INDEX_MIN);
  table->index_mask = INDEX_MIN - 1;
  table->last = g_new0 (RuleTableLast, 1);
}

void
rule_table_clear (RuleTable *table)
{
  for (uint32_t i = 0; i < table->n_chunks; i++)
    g_free (table->chunks[i]);
  g_free (table->chunks);
  g_free (table->index);
  g_free (table->last);
  *table = (RuleTable){ 0 };
}

static Header *
header_at (const RuleTable *table, uint32_t slot)
{
  uint8_t *chunk = table->chunks[slot / CHUNK_ENTRIES];
  return (Header *)(void *)(chunk + slot % CHUNK_ENTRIES * table->entry_bytes);
}

static uint32_t
hash_of (uint64_t key)
{
  return (uint32_t)(key * UINT64_C (0x9e3779b97f4a7c15) >> 32);
}

/* The position of |key| in the index, or the empty one where it would be. */
static uint32_t
position_of (const RuleTable *table, uint64_t key)
{
  uint32_t hash = hash_of (key);
  uint32_t at = hash & table->index_mask;

  while (table->index[at].slot != 0
         && (table->index[at].hash != hash
             || header_at (table, table->index[at].slot - 1)->key != key))
    at = (at + 1) & table->index_mask;
  return at;
}

void *
rule_table_find (const RuleTable *table, uint64_t key)
{
  if (table->last->entry != NULL && table->last->key == key)
    return table->last->entry;
  uint32_t slot = table->index[position_of (table, key)].slot;
  if (slot == 0)
    return NULL;
  *table->last = (RuleTableLast){ key, header_at (table, slot - 1) + 1 };
  return table->last->entry;
}

static void
grow_index (RuleTable *table)
{
  RuleTablePlace *old = table->index;
  uint32_t old_mask = table->index_mask;

  table->index_mask = 2 * old_mask + 1;
  table->index = g_new0 (RuleTablePlace, (size_t)table->index_mask + 1);
  for (uint32_t i = 0; i <= old_mask; i++) {
    uint32_t at = old[i].hash & table->index_mask;
    if (old[i].slot == 0)
      continue;
    while (table->index[at].slot != 0)
      at = (at + 1) & table->index_mask;
    table->index[at] = old[i];
  }
  g_free (old);
}

static uint32_t
take_slot (RuleTable *table)
{
  if (table->first_free != 0) {
    uint32_t slot = table->first_free - 1;
    table->first_free = header_at (table, slot)->next_free;
    return slot;
  }
  if (table->n_slots == table->n_chunks * CHUNK_ENTRIES) {
    table->chunks = g_renew (uint8_t *, table->chunks, table->n_chunks + 1);
    table->chunks[table->n_chunks++] = g_malloc0_n (CHUNK_ENTRIES, table->entry_bytes);
  }
  return table->n_slots++;
}

void *
rule_table_add (RuleTable *table, uint64_t key)
{
  if (2 * (table->n_entries + 1) > table->index_mask)
    grow_index (table);
  uint32_t at = position_of (table, key);
  SIM_ASSERT (table->index[at].slot == 0);

  uint32_t slot = take_slot (table);
  Header *header = header_at (table, slot);
  memset (header, 0, table->entry_bytes);
  header->key = key;
  header->used = 1;
  table->index[at] = (RuleTablePlace){ slot + 1, hash_of (key) };
  table->n_entries++;
  *table->last = (RuleTableLast){ key, header + 1 };
  return header + 1;
}

void *
rule_table_need (RuleTable *table, uint64_t key)
{
  void *entry = rule_table_find (table, key);
  return entry != NULL ? entry : rule_table_add (table, key);
}

/* Closes the gap at |hole|, so that no search stops short. */
static void
close_gap (RuleTable *table, uint32_t hole)
{
  uint32_t at = hole;

  for (;;) {
    at = (at + 1) & table->index_mask;
    if (table->index[at].slot == 0)
      break;
    uint32_t home = table->index[at].hash & table->index_mask;
    if (((at - home) & table->index_mask) >= ((at - hole) & table->index_mask)) {
      table->index[hole] = table->index[at];
      hole = at;
    }
  }
  table->index[hole] = (RuleTablePlace){ 0 };
}

bool
rule_table_remove (RuleTable *table, uint64_t key)
{
  uint32_t at = position_of (table, key);
  uint32_t slot = table->index[at].slot;

  if (slot == 0)
    return false;
  Header *header = header_at (table, slot - 1);
  header->used = 0;
  header->next_free = table->first_free;
  table->first_free = slot;
  table->n_entries--;
  if (table->last->key == key)
    table->last->entry = NULL;
  close_gap (table, at);
  return true;
}

void *
rule_table_at (const RuleTable *table, uint32_t slot, uint64_t *ret_key)
{
  SIM_ASSERT (slot < table->n_slots);
  Header *header = header_at (table, slot);
  if (header->used == 0)
    return NULL;
  if (ret_key != NULL)
    *ret_key = header->key;
  return header + 1;
}
