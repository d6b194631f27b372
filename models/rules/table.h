/*
 * A table of things by number: ids of objects, operations, buffer lists.
 *
 * Entries lie in chunks and do not move; a freed entry is the next to be used, so that a table in
 * balance allocates nothing.
 *
 * Order       Slots are numbered by first use: visiting them is the same on every run.
 * Owns        Entries, until removed.  A pointer is good until its entry is removed.
 * Errors      Adding a key that is there asserts.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct RuleTablePlace {
  uint32_t slot; /* + 1; 0: empty */
  uint32_t hash;
} RuleTablePlace;

/* What was found last: monitors ask for one thing many times over. */
typedef struct RuleTableLast {
  uint64_t key;
  void *entry; /* NULL: nothing yet */
} RuleTableLast;

typedef struct RuleTable {
  size_t entry_bytes; /* with the header */
  uint8_t **chunks;
  uint32_t n_chunks;
  uint32_t n_slots; /* ever used */
  uint32_t n_entries;
  uint32_t first_free; /* slot + 1; 0: none */
  RuleTablePlace *index;
  uint32_t index_mask;
  RuleTableLast *last;
} RuleTable;

void rule_table_init (RuleTable *table, size_t entry_bytes);
void rule_table_clear (RuleTable *table);

/* rule_table_find gives the entry of |key|, NULL if there is none. */
void *rule_table_find (const RuleTable *table, uint64_t key);
/* rule_table_add makes a zeroed entry. */
void *rule_table_add (RuleTable *table, uint64_t key);
/* rule_table_need finds it, or makes it. */
void *rule_table_need (RuleTable *table, uint64_t key);
/* rule_table_remove forgets |key|; false: it was not there. */
bool rule_table_remove (RuleTable *table, uint64_t key);

/* rule_table_at gives the entry in |slot| (below n_slots), NULL if that is free. */
void *rule_table_at (const RuleTable *table, uint32_t slot, uint64_t *ret_key);
