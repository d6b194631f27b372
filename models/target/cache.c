#include "models/target/cache.h"

#include <stddef.h>

#include "sim/assert.h"

static void
take_out (ConnectionCache *cache, CacheEntry *entry)
{
  if (entry->newer != NULL)
    entry->newer->older = entry->older;
  else
    cache->newest = entry->older;
  if (entry->older != NULL)
    entry->older->newer = entry->newer;
  else
    cache->oldest = entry->newer;
  entry->newer = entry->older = NULL;
  entry->cached = false;
  cache->entries--;
}

static void
put_in (ConnectionCache *cache, CacheEntry *entry)
{
  SIM_ASSERT (!entry->cached);
  entry->older = cache->newest;
  if (cache->newest != NULL)
    cache->newest->newer = entry;
  else
    cache->oldest = entry;
  cache->newest = entry;
  entry->cached = true;
  cache->entries++;
}

bool
target_cache_touch (ConnectionCache *cache, CacheEntry *entry)
{
  bool hit = entry->cached;

  if (cache->entries_max == 0) {
    cache->misses++;
    return false;
  }
  if (hit)
    take_out (cache, entry);
  else if (cache->entries == cache->entries_max)
    take_out (cache, cache->oldest);
  put_in (cache, entry);
  if (hit)
    cache->hits++;
  else
    cache->misses++;
  return hit;
}

void
target_cache_forget (ConnectionCache *cache, CacheEntry *entry)
{
  if (entry->cached)
    take_out (cache, entry);
}
