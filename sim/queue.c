#include "sim/queue.h"

#include <glib.h>

#define CHUNK_ENTRIES 16
#define INSERT_MAX 2 /* a slot of more is sorted by counting */
#define SLAB_CHUNKS_MIN 64
#define SLAB_CHUNKS_MAX 4096
#define SURGE_CAPACITY_MIN 256
#define LOOK_AHEAD_COUNT 4096 /* with fewer entries, events are in the cache anyway */

#define SOON_MAX 8192 /* a slot of so many will have fired before the cache has turned over */

#define DIGIT_BITS SIM_QUEUE_DIGIT_BITS
#define NEAR SIM_QUEUE_NEAR
#define SORT_MAX SIM_QUEUE_SORT_MAX

G_STATIC_ASSERT (SIM_QUEUE_LEVELS *DIGIT_BITS >= 63);
G_STATIC_ASSERT (SIM_QUEUE_SLOTS / 64 <= 32);
G_STATIC_ASSERT (SORT_MAX < SIM_QUEUE_BOTTOM_MAX);

/* Seven cache lines: an odd number, so that the first lines of chunks use every set of a cache. */
struct SimQueueChunk {
  SimQueueChunk *next;
  SimQueueEntry entry[CHUNK_ENTRIES];
} __attribute__ ((aligned (64)));

typedef struct SimQueueChunk Chunk;
typedef SimQueueEntry Entry;

static inline bool
entry_before (const Entry *a, const Entry *b)
{
  return ((unsigned __int128)a->time << 64 | a->order)
         < ((unsigned __int128)b->time << 64 | b->order);
}

/* Off the hot path: kept out of the functions on it, whose registers it would take. */
#define ASIDE __attribute__ ((noinline))

/* Chunks */

/* A slab is an array of chunks; its first links the slabs. */
static ASIDE void
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

/* The surge: a heap of entries of one instant, four children to a node */

static void
surge_sift_down (SimQueue *queue, size_t hole, Entry entry)
{
  Entry *heap = queue->surge;
  size_t count = queue->surge_count;

  for (size_t child = 4 * hole + 1; child < count; child = 4 * hole + 1) {
    size_t least = child;
    for (size_t i = child + 1; i < MIN (child + 4, count); i++)
      least = heap[i].order < heap[least].order ? i : least;
    if (entry.order < heap[least].order)
      break;
    heap[hole] = heap[least];
    hole = least;
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
surge_push (SimQueue *queue, const Entry *entry)
{
  surge_reserve (queue, queue->surge_count + 1);
  size_t hole = queue->surge_count++;
  while (hole > 0 && entry->order < queue->surge[(hole - 1) / 4].order) {
    queue->surge[hole] = queue->surge[(hole - 1) / 4];
    hole = (hole - 1) / 4;
  }
  queue->surge[hole] = *entry;
}

static void
surge_heapify (SimQueue *queue)
{
  for (size_t i = (queue->surge_count + 2) / 4; i-- > 0;)
    surge_sift_down (queue, i, queue->surge[i]);
}

static void
surge_add (SimQueue *queue, const Entry *entry)
{
  queue->surge[queue->surge_count++] = *entry;
}

/* Slots */

static ASIDE void
put_in_new_chunk (SimQueue *queue, unsigned slot, uint64_t time, uint64_t order, SimEvent *event)
{
  Chunk *chunk = take_chunk (queue);

  chunk->next = queue->more[slot];
  queue->more[slot] = chunk;
  chunk->entry[0] = (Entry){ time, order, event };
}

static inline void
put_in_slot (SimQueue *queue, uint64_t time, uint64_t order, SimEvent *event)
{
  unsigned level = (63u - (unsigned)__builtin_clzll ((time ^ queue->base) | 1)) / DIGIT_BITS;
  unsigned digit = (unsigned)(time >> (level * DIGIT_BITS)) % (1u << DIGIT_BITS);
  unsigned slot = level << DIGIT_BITS | digit;
  uint32_t count = queue->slot_count[slot]++;

  queue->slots_used[slot / 64] |= UINT64_C (1) << slot % 64;
  queue->words_used |= UINT32_C (1) << slot / 64;
  if (count < NEAR)
    queue->near[slot][count] = (Entry){ time, order, event };
  else if ((count - NEAR) % CHUNK_ENTRIES == 0)
    put_in_new_chunk (queue, slot, time, order, event);
  else
    queue->more[slot]->entry[(count - NEAR) % CHUNK_ENTRIES] = (Entry){ time, order, event };
}

static inline void
place (SimQueue *queue, const Entry *entry)
{
  put_in_slot (queue, entry->time, entry->order, entry->event);
}

static inline unsigned
first_slot (const SimQueue *queue)
{
  unsigned word = (unsigned)__builtin_ctz (queue->words_used);
  return word * 64 + (unsigned)__builtin_ctzll (queue->slots_used[word]);
}

static inline uint64_t
slot_start (const SimQueue *queue, unsigned slot)
{
  unsigned shift = slot / (1u << DIGIT_BITS) * DIGIT_BITS;
  uint64_t above = queue->base >> shift >> DIGIT_BITS << DIGIT_BITS;
  return (above | slot % (1u << DIGIT_BITS)) << shift;
}

static uint32_t
entries_in_last_chunk (uint32_t slot_count)
{
  return slot_count > NEAR ? (slot_count - NEAR - 1) % CHUNK_ENTRIES + 1 : 0;
}

static inline void
mark_unused (SimQueue *queue, unsigned slot)
{
  queue->slots_used[slot / 64] &= ~(UINT64_C (1) << slot % 64);
  if (queue->slots_used[slot / 64] == 0)
    queue->words_used &= ~(UINT32_C (1) << slot / 64);
}

static inline void
fetch_chunk (const Chunk *chunk)
{
  for (size_t line = 0; line < sizeof *chunk; line += 64)
    __builtin_prefetch ((const char *)chunk + line, 1);
}

/* Empties |slot|: shows each entry to |visit|, which may place entries, and frees the chunks. */
static inline __attribute__ ((always_inline)) void
empty_slot (SimQueue *queue, unsigned slot, void (*visit) (SimQueue *queue, const Entry *entry))
{
  uint32_t count = queue->slot_count[slot];

  queue->slot_count[slot] = 0;
  mark_unused (queue, slot);
  if (count <= NEAR) {
    for (uint32_t i = 0; i < count; i++)
      visit (queue, &queue->near[slot][i]);
    return;
  }
  Chunk *chunk = queue->more[slot];
  queue->more[slot] = NULL;
  for (uint32_t i = 0; i < NEAR; i++)
    visit (queue, &queue->near[slot][i]);
  for (uint32_t used = entries_in_last_chunk (count); chunk != NULL; used = CHUNK_ENTRIES) {
    Chunk *seen = chunk;
    chunk = chunk->next;
    if (chunk != NULL)
      fetch_chunk (chunk);
    for (uint32_t i = 0; i < used; i++)
      visit (queue, &seen->entry[i]);
    put_chunk (queue, seen);
  }
}

/* Asks for the memory of an event that fires soon: it may lie across two cache lines. */
static inline void
fetch_event (const Entry *entry)
{
  __builtin_prefetch (entry->event, 1);
  __builtin_prefetch (entry->event + 1, 1);
}

static void
place_soon (SimQueue *queue, const Entry *entry)
{
  fetch_event (entry);
  place (queue, entry);
}

/* Asks for the events of the first slot ahead of time. */
static ASIDE void
look_ahead (const SimQueue *queue)
{
  if (queue->words_used == 0)
    return;
  unsigned slot = first_slot (queue);
  uint32_t count = queue->slot_count[slot];
  for (uint32_t i = 0; i < MIN (count, NEAR); i++)
    fetch_event (&queue->near[slot][i]);
  for (uint32_t i = 0; i < entries_in_last_chunk (count); i++)
    fetch_event (&queue->more[slot]->entry[i]);
}

/* The bottom */

static inline void
bottom_insert (SimQueue *queue, const Entry *entry)
{
  Entry *at = &queue->bottom[++queue->bottom_count];
  for (; entry_before (at - 1, entry); at--)
    at[0] = at[-1];
  *at = *entry;
}

static inline void
gather (SimQueue *queue, const Entry *entry)
{
  queue->unsorted[queue->bottom_count++] = *entry;
}

/* Puts each entry gathered where the number of entries before it says: more comparisons than
 * insertion, but none that a processor has to guess. */
static inline void
sort_gathered (SimQueue *queue)
{
  uint32_t count = queue->bottom_count;
  const Entry *entry = queue->unsorted;

  for (uint32_t i = 0; i < count; i++) {
    uint32_t before = 0;
    for (uint32_t k = 0; k < count; k++)
      before += entry_before (&entry[k], &entry[i]);
    queue->bottom[count - before] = entry[i];
  }
}

static inline void
slot_to_bottom (SimQueue *queue, unsigned slot)
{
  if (queue->slot_count[slot] <= INSERT_MAX) {
    empty_slot (queue, slot, bottom_insert);
  } else {
    empty_slot (queue, slot, gather);
    sort_gathered (queue);
  }
  if (queue->count > LOOK_AHEAD_COUNT)
    look_ahead (queue);
}

/* The bottom is full.  If it spans more than an instant it goes to the levels below its own, which
 * are empty, seen from |now|; otherwise it becomes the surge. */
static void
empty_bottom (SimQueue *queue, uint64_t now)
{
  uint32_t count = queue->bottom_count;

  queue->bottom_count = 0;
  if (queue->bottom_level > 0) {
    queue->base = MAX (now, queue->base);
    queue->bottom_end = queue->base;
  }
  for (uint32_t i = 1; i <= count; i++)
    if (queue->bottom_level > 0)
      place (queue, &queue->bottom[i]);
    else
      surge_push (queue, &queue->bottom[i]);
}

/* Empties a large slot, whose start is the base: to the levels below or, if it is one instant, to
 * the surge. */
static ASIDE void
deal_slot (SimQueue *queue, unsigned slot)
{
  uint32_t count = queue->slot_count[slot];

  if (queue->bottom_level == 0) {
    queue->bottom_end = queue->base + 1;
    surge_reserve (queue, count);
    empty_slot (queue, slot, surge_add);
    surge_heapify (queue);
    return;
  }
  queue->bottom_end = queue->base;
  if (count <= SOON_MAX)
    empty_slot (queue, slot, place_soon);
  else
    empty_slot (queue, slot, place);
}

/* Fills the bottom or the surge from the levels; false if nothing there starts by |until|.  With
 * nothing pending any base will do, but it must not be later than what comes next. */
static inline bool
refill (SimQueue *queue, uint64_t until)
{
  if (queue->words_used == 0) {
    queue->base = 0;
    queue->bottom_end = 0;
    return false;
  }
  unsigned slot = first_slot (queue);
  uint64_t start = slot_start (queue, slot);
  if (start > until)
    return false;

  queue->base = start;
  queue->bottom_level = slot >> DIGIT_BITS;
  if (queue->slot_count[slot] <= SORT_MAX) {
    queue->bottom_end = start + (UINT64_C (1) << (queue->bottom_level * DIGIT_BITS));
    slot_to_bottom (queue, slot);
  } else {
    deal_slot (queue, slot);
  }
  return true;
}

void
sim_queue_init (SimQueue *queue)
{
  queue->slab_chunks = SLAB_CHUNKS_MIN;
  queue->bottom[0] = (Entry){ UINT64_MAX, UINT64_MAX, NULL };
  sim_graves_init (&queue->graves);
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
  sim_graves_clear (&queue->graves);
}

/* Adds an entry that comes before |bottom_end|. */
static ASIDE void
push_near (SimQueue *queue, uint64_t time, uint64_t order, SimEvent *event, uint64_t now)
{
  Entry entry = { time, order, event };

  if (queue->bottom_count == SIM_QUEUE_BOTTOM_MAX)
    empty_bottom (queue, now);
  if (time >= queue->bottom_end)
    place (queue, &entry);
  else if (queue->surge_count > 0)
    surge_push (queue, &entry);
  else
    bottom_insert (queue, &entry);
}

void
sim_queue_push (SimQueue *queue, uint64_t time, uint64_t order, SimEvent *event, uint64_t now)
{
  queue->count++;
  if (time < queue->bottom_end)
    push_near (queue, time, order, event, now);
  else
    put_in_slot (queue, time, order, event);
}

/* What the inline sim_queue_first does not see at a glance. */
const SimQueueEntry *
sim_queue_find_first (SimQueue *queue, uint64_t until)
{
  for (;;) {
    const Entry *first;
    if (queue->bottom_count > 0)
      first = &queue->bottom[queue->bottom_count];
    else if (queue->surge_count > 0)
      first = &queue->surge[0];
    else if (refill (queue, until))
      continue;
    else
      return NULL;

    if (first->time > until)
      return NULL;
    if (queue->graves.count == 0 || !sim_graves_take (&queue->graves, first->order))
      return first;
    sim_queue_pop (queue);
  }
}

void
sim_queue_pop_surge (SimQueue *queue)
{
  Entry last = queue->surge[--queue->surge_count];
  if (queue->surge_count == 0)
    return;
  surge_sift_down (queue, 0, last);
  for (size_t i = 1; i < MIN (5, queue->surge_count); i++)
    fetch_event (&queue->surge[i]); /* one of these is next but one */
}

/* The living of |count| entries from |entry| on, moved together. */
static size_t
keep_living (const SimQueue *queue, Entry *entry, size_t count)
{
  size_t kept = 0;
  for (size_t i = 0; i < count; i++)
    if (!sim_graves_hold (&queue->graves, entry[i].order))
      entry[kept++] = entry[i];
  return kept;
}

static void
place_living (SimQueue *queue, const Entry *entry)
{
  if (sim_graves_hold (&queue->graves, entry->order))
    queue->count--;
  else
    place (queue, entry);
}

/* Drops every buried entry wherever it is. */
static void
exhume (SimQueue *queue)
{
  queue->count -= queue->bottom_count + queue->surge_count;
  queue->bottom_count = (uint32_t)keep_living (queue, &queue->bottom[1], queue->bottom_count);
  queue->surge_count = keep_living (queue, queue->surge, queue->surge_count);
  surge_heapify (queue);
  queue->count += queue->bottom_count + queue->surge_count;

  for (unsigned slot = 0; slot < SIM_QUEUE_SLOTS; slot++)
    if (queue->slot_count[slot] > 0)
      empty_slot (queue, slot, place_living);
  sim_graves_empty (&queue->graves);
}

void
sim_queue_bury (SimQueue *queue, uint64_t order)
{
  sim_graves_add (&queue->graves, order);
  if (queue->graves.count >= SIM_QUEUE_BURIED_MIN && 2 * queue->graves.count > queue->count)
    exhume (queue);
}
