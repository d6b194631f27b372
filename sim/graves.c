#include "sim/graves.h"

#include <string.h>

#include <glib.h>

#define CAPACITY_MIN 1024

static size_t
home_of (const SimGraves *graves, uint64_t order)
{
  return (size_t)((order * UINT64_C (0x9e3779b97f4a7c15)) >> 32) & (graves->capacity - 1);
}

static void
put (SimGraves *graves, uint64_t order)
{
  size_t i = home_of (graves, order);
  while (graves->order[i] != 0)
    i = (i + 1) & (graves->capacity - 1);
  graves->order[i] = order;
  graves->count++;
}

static void
grow (SimGraves *graves)
{
  SimGraves old = *graves;
  graves->capacity = MAX (old.capacity * 2, CAPACITY_MIN);
  graves->order = g_new0 (uint64_t, graves->capacity);
  graves->count = 0;
  for (size_t i = 0; i < old.capacity; i++)
    if (old.order[i] != 0)
      put (graves, old.order[i]);
  g_free (old.order);
}

void
sim_graves_empty (SimGraves *graves)
{
  if (graves->count != 0)
    memset (graves->order, 0, graves->capacity * sizeof graves->order[0]);
  graves->count = 0;
}

bool
sim_graves_hold (const SimGraves *graves, uint64_t order)
{
  size_t i = home_of (graves, order);
  while (graves->order[i] != 0) {
    if (graves->order[i] == order)
      return true;
    i = (i + 1) & (graves->capacity - 1);
  }
  return false;
}

/* Takes |order| out, closing the gap: what follows moves up unless that is before its home. */
bool
sim_graves_take (SimGraves *graves, uint64_t order)
{
  size_t mask = graves->capacity - 1;
  size_t gap = home_of (graves, order);
  while (graves->order[gap] != order) {
    if (graves->order[gap] == 0)
      return false;
    gap = (gap + 1) & mask;
  }
  for (size_t i = (gap + 1) & mask; graves->order[i] != 0; i = (i + 1) & mask) {
    size_t home = home_of (graves, graves->order[i]);
    if (((i - home) & mask) >= ((i - gap) & mask)) {
      graves->order[gap] = graves->order[i];
      gap = i;
    }
  }
  graves->order[gap] = 0;
  graves->count--;
  return true;
}

void
sim_graves_add (SimGraves *graves, uint64_t order)
{
  SIM_ASSERT (order != 0);
  if (2 * (graves->count + 1) > graves->capacity)
    grow (graves);
  put (graves, order);
}

void
sim_graves_init (SimGraves *graves)
{
  *graves = (SimGraves){ 0 };
  grow (graves);
}

void
sim_graves_clear (SimGraves *graves)
{
  g_free (graves->order);
}
