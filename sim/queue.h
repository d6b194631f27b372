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
 * Errors      Pushing before the time of the last popped entry asserts.
 * Invariants  base <= time of the next firing.  An entry at level l agrees with |base| in all
 *             digits above l.  Entries before |bottom_end|, and only they, are in the bottom or the
 *             surge.  Buried entries are fewer than SIM_QUEUE_BURIED_MIN or than the live ones.
 */
#pragma once

#include <stddef.h>

#include "sim/sim.h"

#define SIM_QUEUE_LEVELS 8
#define SIM_QUEUE_SLOTS 256
#define SIM_QUEUE_BOTTOM_MAX 64
#define SIM_QUEUE_BURIED_MIN 256

typedef struct SimQueueEntry {
  uint64_t time;
  uint64_t order;
  SimEvent *event;
} SimQueueEntry;

typedef struct SimQueueChunk SimQueueChunk;

typedef struct SimQueueSlot {
  SimQueueChunk *chunk; /* the last one, which alone may be part full */
  uint32_t chunk_used;  /* as many as fit also when there is no chunk */
  uint32_t count;
} SimQueueSlot;

/* Orders of entries that were cancelled but have not surfaced: open addressing, 0 is free. */
typedef struct SimQueueGraves {
  uint64_t *order;
  size_t capacity; /* power of two */
  size_t count;
} SimQueueGraves;

typedef struct SimQueue {
  uint64_t base;
  uint64_t bottom_end;
  uint32_t bottom_level;
  uint32_t bottom_count;
  size_t count; /* entries, buried ones included */
  SimQueueGraves graves;

  SimQueueEntry *surge;
  size_t surge_count;
  size_t surge_capacity;

  uint32_t levels_used;
  uint8_t words_used[SIM_QUEUE_LEVELS];
  uint64_t slots_used[SIM_QUEUE_LEVELS][SIM_QUEUE_SLOTS / 64];
  SimQueueEntry bottom[SIM_QUEUE_BOTTOM_MAX]; /* descending: the next one last */
  SimQueueSlot slot[SIM_QUEUE_LEVELS][SIM_QUEUE_SLOTS];

  SimQueueChunk *free_chunks;
  SimQueueChunk *slabs;
  size_t slab_chunks;
} SimQueue;

void sim_queue_init (SimQueue *queue);
void sim_queue_clear (SimQueue *queue);

/* sim_queue_push adds an entry.  |now| is the current instant: no later push is before it. */
void sim_queue_push (SimQueue *queue, SimQueueEntry entry, uint64_t now);

/* sim_queue_first brings the first entry that is not buried to the bottom or surge and gives it;
 * NULL if there is none at or before |until|.  Good until the next call. */
const SimQueueEntry *sim_queue_first (SimQueue *queue, uint64_t until);

/* sim_queue_pop removes what sim_queue_first gave. */
void sim_queue_pop (SimQueue *queue);

/* sim_queue_bury marks the entry with |order|, which is in the queue, as gone. */
void sim_queue_bury (SimQueue *queue, uint64_t order);

/* sim_queue_take_all empties the queue into a new array, buried entries dropped, in no order; the
 * caller frees it with g_free.  The queue starts over at |now|. */
SimQueueEntry *sim_queue_take_all (SimQueue *queue, uint64_t now, size_t *ret_count);
