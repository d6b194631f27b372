#include "sim/pool.h"

#include <string.h>

#include <glib.h>

#include "sim/assert.h"

#define ALIGNMENT 16
#define SLAB_BYTES 65536
#define SLAB_SHIFT_MIN 3
#define NONE UINT32_MAX

/* Before each object. */
typedef struct Header {
  uint32_t index;
  uint32_t out;       /* 1 while the object is out */
  uint32_t next_free; /* index, while it is not */
  uint32_t spare;
} Header;

G_STATIC_ASSERT (sizeof (Header) % ALIGNMENT == 0);

struct SimPool {
  size_t object_bytes;
  size_t stride;
  unsigned slab_shift; /* a slab holds 1 << slab_shift objects */
  uint32_t limit;
  uint32_t made;
  uint32_t out;
  uint32_t out_peak;
  uint32_t free_head;
  GPtrArray *slabs;
};

SimPool *
sim_pool_new (size_t object_bytes, uint32_t limit)
{
  SIM_ASSERT (object_bytes >= 1);

  SimPool *pool = g_new0 (SimPool, 1);
  pool->object_bytes = object_bytes;
  pool->stride = sizeof (Header) + (object_bytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
  pool->limit = limit == 0 ? NONE : limit;
  pool->free_head = NONE;
  pool->slabs = g_ptr_array_new_with_free_func (g_aligned_free);
  pool->slab_shift = SLAB_SHIFT_MIN;
  while (((size_t)2 << pool->slab_shift) * pool->stride <= SLAB_BYTES)
    pool->slab_shift++;
  return pool;
}

void
sim_pool_free (SimPool *pool)
{
  if (pool == NULL)
    return;
  SIM_ASSERT (pool->out == 0);
  g_ptr_array_free (pool->slabs, TRUE);
  g_free (pool);
}

static Header *
header_at (const SimPool *pool, uint32_t index)
{
  char *slab = g_ptr_array_index (pool->slabs, index >> pool->slab_shift);
  size_t place = index & ((UINT32_C (1) << pool->slab_shift) - 1);
  return (Header *)(void *)(slab + place * pool->stride);
}

static Header *
header_of (const SimPool *pool, const void *object)
{
  SIM_ASSERT (object != NULL);
  Header *header = (Header *)(uintptr_t)((const char *)object - sizeof (Header));
  SIM_ASSERT (header->index < pool->made);
  SIM_ASSERT (header_at (pool, header->index) == header);
  SIM_ASSERT (header->out == 1);
  return header;
}

static Header *
make_object (SimPool *pool)
{
  uint32_t index = pool->made++;
  if (index >> pool->slab_shift == pool->slabs->len)
    g_ptr_array_add (pool->slabs,
                     g_aligned_alloc (pool->stride, (gsize)1 << pool->slab_shift, ALIGNMENT));
  Header *header = header_at (pool, index);
  header->index = index;
  return header;
}

void *
sim_pool_take (SimPool *pool)
{
  Header *header;

  if (pool->out == pool->limit)
    return NULL;
  if (pool->free_head != NONE) {
    header = header_at (pool, pool->free_head);
    pool->free_head = header->next_free;
  } else {
    header = make_object (pool);
  }
  header->out = 1;
  pool->out++;
  pool->out_peak = MAX (pool->out_peak, pool->out);
  return memset (header + 1, 0, pool->object_bytes);
}

void
sim_pool_put (SimPool *pool, void *object)
{
  Header *header = header_of (pool, object);

  header->out = 0;
  header->next_free = pool->free_head;
  pool->free_head = header->index;
  pool->out--;
}

uint32_t
sim_pool_index (const SimPool *pool, const void *object)
{
  return header_of (pool, object)->index;
}

void *
sim_pool_at (const SimPool *pool, uint32_t index)
{
  if (index >= pool->made)
    return NULL;
  Header *header = header_at (pool, index);
  return header->out == 1 ? header + 1 : NULL;
}

uint32_t
sim_pool_out (const SimPool *pool)
{
  return pool->out;
}

uint32_t
sim_pool_out_peak (const SimPool *pool)
{
  return pool->out_peak;
}
