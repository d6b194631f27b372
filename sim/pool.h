/*
 * Pools: objects of one size, made in slabs, reused without the allocator.
 *
 * Owns        The pool owns its slabs; an object taken is the taker's until it is put back.
 * Errors      Putting back what is not out, or freeing a pool with objects out, asserts.
 * Invariants  An object's index is dense, stable and deterministic: the lowest slab position, then
 *             last put back first.  Objects do not move.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

typedef struct SimPool SimPool;

/* sim_pool_new makes a pool of objects of |object_bytes|; |limit| caps how many may be out (0: no
 * cap). */
SimPool *sim_pool_new (size_t object_bytes, uint32_t limit);
void sim_pool_free (SimPool *pool);

/* sim_pool_take gives a zeroed object, or NULL when the limit is reached. */
void *sim_pool_take (SimPool *pool);
void sim_pool_put (SimPool *pool, void *object);

/* The index of an object that is out, and back: ids for traces and handles. */
uint32_t sim_pool_index (const SimPool *pool, const void *object);
/* NULL if no object with that index is out. */
void *sim_pool_at (const SimPool *pool, uint32_t index);

uint32_t sim_pool_out (const SimPool *pool);
uint32_t sim_pool_out_peak (const SimPool *pool);
