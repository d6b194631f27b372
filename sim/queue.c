#include "sim/queue.h"

#include <string.h>

#include <glib.h>

#define DIGIT_BITS 8
#define CHUNK_ENTRIES 13
#define SORT_MAX 32
#define SLAB_CHUNKS_MIN 64
#define SLAB_CHUNKS_MAX 4096
#define SURGE_CAPACITY_MIN 256
#define GRAVES_CAPACITY_MIN 1024

G_STATIC_ASSERT (SIM_QUEUE_SLOTS == 1 << DIGIT_BITS);
G_STATIC_ASSERT (SIM_QUEUE_LEVELS *DIGIT_BITS == 64);
G_STATIC_ASSERT (SORT_MAX < SIM_QUEUE_BOTTOM_MAX);
G_STATIC_ASSERT (GRAVES_CAPACITY_MIN >= 2 * SIM_QUEUE_BURIED_MIN);

/* Five cache lines: an odd number, so that the first lines of chunks use every set of a cache. */
struct SimQueueChunk {
  SimQueueChunk *next;
  SimQueueEntry entry[CHUNK_ENTRIES];
};

typedef struct SimQueueChunk Chunk;
typedef SimQueueEntry Entry;
typedef SimQueueSlot Slot;

static inline bool
entry_before (const Entry *a, const Entry *b)
{
  return ((unsigned __int128)a->time << 64 | a->order)
         < ((unsigned __int128)b->time << 64 | b->order);
}

/* Chunks */

/* A slab is an array of chunks; its first links the slabs. */
static void
add_slab (SimQueue *queue)
{
  size_t chunks = queue->slab_chunks;
  Chunk *slab = g_aligned_alloc (chunks, sizeof (Chunk), 64);

  slab->next = queue->slabs;
  queue->slabs = slab;
  for (size_t i = chunks - 1; i >= 1; i--) {
    slab[i].next = queue->free_chunks;
    queue->free_chunks = &slab[i];
  }
  queue->slab_chunks = MIN (chunks * 2, SLAB_CHUNKS_MAX);
}

static Chunk *
take_chunk (SimQueue *queue)
{
  if (queue->free_chunks == NULL)
    add_slab (queue);
  Chunk *chunk = queue->free_chunks;
  queue->free_chunks = chunk->next;
  return chunk;
}

static void
put_chunk (SimQueue *queue, Chunk *chunk)
{
  chunk->next = queue->free_chunks;
  queue->free_chunks = chunk;
}

/* Graves */

static size_t
grave_home (const SimQueueGraves *graves, uint64_t order)
{
  return (size_t)((order * UINT64_C (0x9e3779b97f4a7c15)) >> 32) & (graves->capacity - 1);
}

static void
grave_add (SimQueueGraves *graves, uint64_t order)
{
  size_t i = grave_home (graves, order);
  while (graves->order[i] != 0)
    i = (i + 1) & (graves->capacity - 1);
  graves->order[i] = order;
  graves->count++;
}

static void
graves_grow (SimQueueGraves *graves)
{
  SimQueueGraves old = *graves;
  graves->capacity = MAX (old.capacity * 2, GRAVES_CAPACITY_MIN);
  graves->order = g_new0 (uint64_t, graves->capacity);
  graves->count = 0;
  for (size_t i = 0; i < old.capacity; i++)
    if (old.order[i] != 0)
      grave_add (graves, old.order[i]);
  g_free (old.order);
}

static void
graves_empty (SimQueueGraves *graves)
{
  if (graves->count != 0)
    memset (graves->order, 0, graves->capacity * sizeof graves->order[0]);
  graves->count = 0;
}

static bool
grave_holds (const SimQueueGraves *graves, uint64_t order)
{
  size_t i = grave_home (graves, order);
  while (graves->order[i] != 0) {
    if (graves->order[i] == order)
      return true;
    i = (i + 1) & (graves->capacity - 1);
  }
  return false;
}

/* Takes |order| out, closing the gap: what follows moves up unless that is before its home. */
static bool
grave_take (SimQueueGraves *graves, uint64_t order)
{
  size_t mask = graves->capacity - 1;
  size_t gap = grave_home (graves, order);
  while (graves->order[gap] != order) {
    if (graves->order[gap] == 0)
      return false;
    gap = (gap + 1) & mask;
  }
  for (size_t i = (gap + 1) & mask; graves->order[i] != 0; i = (i + 1) & mask) {
    size_t home = grave_home (graves, graves->order[i]);
    if (((i - home) & mask) >= ((i - gap) & mask)) {
      graves->order[gap] = graves->order[i];
      gap = i;
    }
  }
  graves->order[gap] = 0;
  graves->count--;
  return true;
}

/* The surge: a binary heap of entries of one instant */

static void
surge_sift_down (SimQueue *queue, size_t hole, Entry entry)
{
  Entry *heap = queue->surge;
  size_t count = queue->surge_count;
  for (size_t child = 2 * hole + 1; child < count; child = 2 * hole + 1) {
    child += child + 1 < count && heap[child + 1].order < heap[child].order;
    if (entry.order < heap[child].order)
      break;
    heap[hole] = heap[child];
    hole = child;
  }
  heap[hole] = entry;
}

static void
surge_reserve (SimQueue *queue, size_t count)
{
  if (count <= queue->surge_capacity)
    return;
  queue->surge_capacity = MAX (MAX (count, 2 * queue->surge_capacity), SURGE_CAPACITY_MIN);
  queue->surge = g_renew (Entry, queue->surge, queue->surge_capacity);
}

static void
surge_push (SimQueue *queue, Entry entry)
{
  surge_reserve (queue, queue->surge_count + 1);
  size_t hole = queue->surge_count++;
  while (hole > 0 && entry.order < queue->surge[(hole - 1) / 2].order) {
    queue->surge[hole] = queue->surge[(hole - 1) / 2];
    hole = (hole - 1) / 2;
  }
  queue->surge[hole] = entry;
}

static void
surge_heapify (SimQueue *queue)
{
  for (size_t i = queue->surge_count / 2; i-- > 0;)
    surge_sift_down (queue, i, queue->surge[i]);
}

static void
surge_pop (SimQueue *queue)
{
  Entry last = queue->surge[--queue->surge_count];
  if (queue->surge_count > 0)
    surge_sift_down (queue, 0, last);
}

/* Levels */

static inline void
place (SimQueue *queue, Entry entry)
{
  unsigned level = (63u - (unsigned)__builtin_clzll ((entry.time ^ queue->base) | 1)) / DIGIT_BITS;
  unsigned digit = (unsigned)(entry.time >> (level * DIGIT_BITS)) % SIM_QUEUE_SLOTS;
  Slot *slot = &queue->slot[level][digit];

  if (slot->chunk_used == CHUNK_ENTRIES) {
    Chunk *chunk = take_chunk (queue);
    chunk->next = slot->chunk;
    slot->chunk = chunk;
    slot->chunk_used = 0;
    queue->slots_used[level][digit / 64] |= UINT64_C (1) << digit % 64;
    queue->words_used[level] = (uint8_t)(queue->words_used[level] | 1u << digit / 64);
    queue->levels_used |= 1u << level;
  }
  slot->chunk->entry[slot->chunk_used++] = entry;
  slot->count++;
}

static inline unsigned
first_digit (const SimQueue *queue, unsigned level)
{
  unsigned word = (unsigned)__builtin_ctz (queue->words_used[level]);
  return word * 64 + (unsigned)__builtin_ctzll (queue->slots_used[level][word]);
}

static inline uint64_t
slot_start (const SimQueue *queue, unsigned level, unsigned digit)
{
  unsigned shift = level * DIGIT_BITS;
  uint64_t above = level + 1 == SIM_QUEUE_LEVELS ? 0 : queue->base >> shift >> DIGIT_BITS;
  return (above << DIGIT_BITS | digit) << shift;
}

static inline Slot
take_slot (SimQueue *queue, unsigned level, unsigned digit)
{
  Slot slot = queue->slot[level][digit];

  queue->slot[level][digit] = (Slot){ NULL, CHUNK_ENTRIES, 0 };
  queue->slots_used[level][digit / 64] &= ~(UINT64_C (1) << digit % 64);
  if (queue->slots_used[level][digit / 64] == 0) {
    queue->words_used[level] = (uint8_t)(queue->words_used[level] & ~(1u << digit / 64));
    if (queue->words_used[level] == 0)
      queue->levels_used &= ~(1u << level);
  }
  return slot;
}

/* The bottom */

static inline void
bottom_insert (SimQueue *queue, Entry entry)
{
  size_t i = queue->bottom_count++;
  for (; i > 0 && entry_before (&queue->bottom[i - 1], &entry); i--)
    queue->bottom[i] = queue->bottom[i - 1];
  queue->bottom[i] = entry;
}

/* The bottom is full.  If it spans more than an instant it goes to the levels below its own, which
 * are empty, seen from |now|; otherwise it becomes the surge. */
static void
empty_bottom (SimQueue *queue, uint64_t now)
{
  uint32_t count = queue->bottom_count;

  queue->bottom_count = 0;
  if (queue->bottom_level == 0) {
    for (uint32_t i = 0; i < count; i++)
      surge_push (queue, queue->bottom[i]);
    return;
  }
  queue->base = MAX (now, queue->base);
  queue->bottom_end = queue->base;
  for (uint32_t i = 0; i < count; i++)
    place (queue, queue->bottom[i]);
}

/* Calls for a slot's chunks, each with how many entries it holds, and frees them. */
#define FOR_EACH_CHUNK(queue, slot, at, used)                                                \
  for (Chunk *at = (slot).chunk, *at##_next = NULL; at != NULL && (at##_next = at->next, 1); \
       put_chunk (queue, at), at = at##_next, used = CHUNK_ENTRIES)

static void
slot_to_bottom (SimQueue *queue, Slot slot)
{
  uint32_t used = slot.chunk_used;
  FOR_EACH_CHUNK (queue, slot, chunk, used)
  for (uint32_t i = 0; i < used; i++) {
    __builtin_prefetch (chunk->entry[i].event, 1);
    bottom_insert (queue, chunk->entry[i]);
  }
}

static void
slot_to_surge (SimQueue *queue, Slot slot)
{
  uint32_t used = slot.chunk_used;
  surge_reserve (queue, slot.count);
  FOR_EACH_CHUNK (queue, slot, chunk, used)
  for (uint32_t i = 0; i < used; i++)
    queue->surge[queue->surge_count++] = chunk->entry[i];
  surge_heapify (queue);
}

static void
deal_slot (SimQueue *queue, Slot slot)
{
  uint32_t used = slot.chunk_used;
  FOR_EACH_CHUNK (queue, slot, chunk, used)
  for (uint32_t i = 0; i < used; i++)
    place (queue, chunk->entry[i]);
}

/* Fills the bottom or the surge from the levels; false if nothing there starts by |until|. */
static bool
refill (SimQueue *queue, uint64_t until)
{
  while (queue->levels_used != 0) {
    unsigned level = (unsigned)__builtin_ctz (queue->levels_used);
    unsigned digit = first_digit (queue, level);
    uint64_t start = slot_start (queue, level, digit);
    if (start > until)
      return false;

    Slot slot = take_slot (queue, level, digit);
    queue->base = start;
    queue->bottom_level = level;
    if (slot.count <= SORT_MAX || level == 0) {
      queue->bottom_end = start + (UINT64_C (1) << (level * DIGIT_BITS));
      if (slot.count <= SORT_MAX)
        slot_to_bottom (queue, slot);
      else
        slot_to_surge (queue, slot);
      return true;
    }
    queue->bottom_end = start;
    deal_slot (queue, slot);
  }
  return false;
}

static void
start_over (SimQueue *queue, uint64_t now)
{
  queue->base = now;
  queue->bottom_end = now;
  queue->bottom_level = 0;
}

void
sim_queue_init (SimQueue *queue)
{
  *queue = (SimQueue){ .slab_chunks = SLAB_CHUNKS_MIN };
  for (unsigned level = 0; level < SIM_QUEUE_LEVELS; level++)
    for (unsigned digit = 0; digit < SIM_QUEUE_SLOTS; digit++)
      queue->slot[level][digit].chunk_used = CHUNK_ENTRIES;
  graves_grow (&queue->graves);
}

void
sim_queue_clear (SimQueue *queue)
{
  while (queue->slabs != NULL) {
    Chunk *slab = queue->slabs;
    queue->slabs = slab->next;
    g_aligned_free (slab);
  }
  g_free (queue->surge);
  g_free (queue->graves.order);
}

void
sim_queue_push (SimQueue *queue, SimQueueEntry entry, uint64_t now)
{
  if (queue->count++ == 0)
    start_over (queue, now);
  if (entry.time >= queue->bottom_end) {
    place (queue, entry);
    return;
  }
  if (queue->bottom_count == SIM_QUEUE_BOTTOM_MAX) {
    empty_bottom (queue, now);
    queue->count--;
    sim_queue_push (queue, entry, now);
    return;
  }
  if (queue->surge_count > 0)
    surge_push (queue, entry);
  else
    bottom_insert (queue, entry);
}

const SimQueueEntry *
sim_queue_first (SimQueue *queue, uint64_t until)
{
  for (;;) {
    const Entry *first;
    if (queue->surge_count > 0)
      first = &queue->surge[0];
    else if (queue->bottom_count > 0)
      first = &queue->bottom[queue->bottom_count - 1];
    else if (refill (queue, until))
      continue;
    else
      return NULL;

    if (first->time > until)
      return NULL;
    if (queue->graves.count == 0 || !grave_take (&queue->graves, first->order))
      return first;
    sim_queue_pop (queue);
  }
}

void
sim_queue_pop (SimQueue *queue)
{
  if (queue->surge_count > 0)
    surge_pop (queue);
  else
    queue->bottom_count--;
  queue->count--;
}

static size_t
copy_living (const SimQueue *queue, Entry *to, const Entry *from, size_t count)
{
  size_t kept = 0;
  for (size_t i = 0; i < count; i++)
    if (queue->graves.count == 0 || !grave_holds (&queue->graves, from[i].order))
      to[kept++] = from[i];
  return kept;
}

static size_t
exhume_slot (SimQueue *queue, unsigned level, unsigned digit)
{
  Slot slot = take_slot (queue, level, digit);
  uint32_t used = slot.chunk_used;
  FOR_EACH_CHUNK (queue, slot, chunk, used)
  {
    size_t kept = copy_living (queue, chunk->entry, chunk->entry, used);
    for (size_t i = 0; i < kept; i++)
      place (queue, chunk->entry[i]);
  }
  return queue->slot[level][digit].count;
}

/* Drops every buried entry wherever it is. */
static void
exhume (SimQueue *queue)
{
  queue->bottom_count =
      (uint32_t)copy_living (queue, queue->bottom, queue->bottom, queue->bottom_count);
  queue->surge_count = copy_living (queue, queue->surge, queue->surge, queue->surge_count);
  surge_heapify (queue);
  queue->count = queue->bottom_count + queue->surge_count;
  for (unsigned level = 0; level < SIM_QUEUE_LEVELS; level++)
    for (unsigned digit = 0; digit < SIM_QUEUE_SLOTS; digit++)
      if (queue->slot[level][digit].count > 0)
        queue->count += exhume_slot (queue, level, digit);
  graves_empty (&queue->graves);
}

void
sim_queue_bury (SimQueue *queue, uint64_t order)
{
  SimQueueGraves *graves = &queue->graves;

  if (2 * (graves->count + 1) > graves->capacity)
    graves_grow (graves);
  grave_add (graves, order);
  if (graves->count >= SIM_QUEUE_BURIED_MIN && 2 * graves->count > queue->count)
    exhume (queue);
}

SimQueueEntry *
sim_queue_take_all (SimQueue *queue, uint64_t now, size_t *ret_count)
{
  Entry *all = g_new (Entry, MAX (queue->count, 1));
  size_t count = copy_living (queue, all, queue->bottom, queue->bottom_count);
  count += copy_living (queue, all + count, queue->surge, queue->surge_count);

  while (queue->levels_used != 0) {
    unsigned level = (unsigned)__builtin_ctz (queue->levels_used);
    Slot slot = take_slot (queue, level, first_digit (queue, level));
    uint32_t used = slot.chunk_used;
    FOR_EACH_CHUNK (queue, slot, chunk, used)
    count += copy_living (queue, all + count, chunk->entry, used);
  }
  graves_empty (&queue->graves);
  queue->bottom_count = 0;
  queue->surge_count = 0;
  queue->count = 0;
  start_over (queue, now);
  *ret_count = count;
  return all;
}
