/*
 * The connection cache: which contexts an engine finds close by, least recently used first out.
 *
 * Owns        Entries are embedded in the contexts; the cache borrows them until
 *             target_cache_forget.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

typedef struct CacheEntry CacheEntry;

struct CacheEntry {
  CacheEntry *newer, *older;
  bool cached;
};

typedef struct ConnectionCache {
  CacheEntry *newest, *oldest;
  uint32_t entries, entries_max;
  uint64_t hits, misses;
} ConnectionCache;

/* target_cache_touch answers whether |entry| was there; afterwards it is, as the newest. */
bool target_cache_touch (ConnectionCache *cache, CacheEntry *entry);
void target_cache_forget (ConnectionCache *cache, CacheEntry *entry);
