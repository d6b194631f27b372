/*
 * The pending-event set: a radix queue over time, private to the kernel.
 *
 * Time is cut into digits of eight bits.  An entry waits at the level of the highest digit in which
 * its time differs from |base|, in the slot of that digit's value.  When the near entries have
 * gone, the first slot of the lowest level in use becomes the new base: a small slot is sorted and
 * becomes the bottom, a large one is dealt to the levels below.  So an entry moves once per digit
 * at most, whatever the distribution; slots are filled in streams, which caches like; and a timer
 * far ahead is touched a handful of times in its life.  One instant with many entries has no digit
 * left: those form a heap, the surge.
 *
 * Order       Entries leave in ascending (time, order).  Orders are unique.
 * Owns        The queue owns its memory and borrows the events that its entries name.  A buried
 *             entry's event is never looked at again.
 * Errors      None: sim_event_schedule asserts that nothing is pushed before now.
 * Invariants  base <= time of the next firing.  An entry at level l agrees with |base| in all
 *             digits above l.  Entries before |bottom_end|, and only they, are in the bottom or, if
 *             they are many of one instant, in the surge; one of the two is empty.  Buried entries
 *             are fewer than SIM_QUEUE_BURIED_MIN or than the living.
 */
#pragma once

#include <stddef.h>

#include "sim/graves.h"
#include "sim/sim.h"

#define SIM_QUEUE_DIGIT_BITS 8
#define SIM_QUEUE_LEVELS 8
#define SIM_QUEUE_SLOTS (SIM_QUEUE_LEVELS << SIM_QUEUE_DIGIT_BITS)
#define SIM_QUEUE_NEAR 8
#define SIM_QUEUE_BOTTOM_MAX 64
#define SIM_QUEUE_SORT_MAX 16 /* a slot of more is dealt to the levels below */
#define SIM_QUEUE_BURIED_MIN 256

typedef struct SimQueueEntry {
  uint64_t time;
  uint64_t order;
  SimEvent *event;
} SimQueueEntry;

typedef struct SimQueueChunk SimQueueChunk;

typedef struct SimQueue {
  uint64_t base;
  uint64_t bottom_end;
  uint32_t bottom_count;
  uint32_t bottom_level;
  size_t count; /* entries, buried ones included */
  SimGraves graves;

  /* Which slots have entries, and which words of these bits are not zero. */
  uint32_t words_used;
  uint64_t slots_used[SIM_QUEUE_SLOTS / 64];
  /* Descending: the next one is bottom[bottom_count].  bottom[0] is later than any. */
  SimQueueEntry bottom[1 + SIM_QUEUE_BOTTOM_MAX];
  SimQueueEntry unsorted[SIM_QUEUE_SORT_MAX]; /* scratch */

  /* Slot d of level l is number l << SIM_QUEUE_DIGIT_BITS | d.  It has |slot_count| entries: the
   * first few here, more in chunks, the last chunk first, which alone may be part full. */
  uint32_t slot_count[SIM_QUEUE_SLOTS];
  SimQueueEntry near[SIM_QUEUE_SLOTS][SIM_QUEUE_NEAR];
  SimQueueChunk *more[SIM_QUEUE_SLOTS];

  SimQueueEntry *surge; /* a heap */
  size_t surge_count;
  size_t surge_capacity;

  SimQueueChunk *free_chunks;
  SimQueueChunk *slabs;
  size_t slab_chunks;
} SimQueue;

/* |queue| is zeroed memory. */
void sim_queue_init (SimQueue *queue);
void sim_queue_clear (SimQueue *queue);

/* sim_queue_push adds an entry.  |now| is the current instant: no later push is before it. */
void sim_queue_push (SimQueue *queue, uint64_t time, uint64_t order, SimEvent *event, uint64_t now);

const SimQueueEntry *sim_queue_find_first (SimQueue *queue, uint64_t until);
void sim_queue_pop_surge (SimQueue *queue);

/* sim_queue_first gives the first entry that is not buried; NULL if there is none at or before
 * |until|.  Good until the next call. */
static inline const SimQueueEntry *
sim_queue_first (SimQueue *queue, uint64_t until)
{
  const SimQueueEntry *first = &queue->bottom[queue->bottom_count];
  if (queue->bottom_count == 0 || queue->graves.count != 0)
    return sim_queue_find_first (queue, until);
  return first->time <= until ? first : NULL;
}

/* sim_queue_pop removes what sim_queue_first gave. */
static inline void
sim_queue_pop (SimQueue *queue)
{
  queue->count--;
  if (queue->bottom_count > 0)
    queue->bottom_count--;
  else
    sim_queue_pop_surge (queue);
}

/* sim_queue_bury marks the entry with |order|, which is in the queue, as gone. */
void sim_queue_bury (SimQueue *queue, uint64_t order);
