/*
 * How often a program has asked for memory: to prove that a steady state does not.
 *
 * The header stands in for the allocator, so include it in one file of a test program only.  Under
 * sanitizers, which do the same themselves, the size of the arena has to do.
 */
#pragma once

#include <malloc.h>
#include <stdint.h>

#if defined __SANITIZE_ADDRESS__ || defined __SANITIZE_THREAD__
#define COUNT_ALLOCATIONS 0
#elif defined __has_feature
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define COUNT_ALLOCATIONS 0
#endif
#endif
#ifndef COUNT_ALLOCATIONS
#define COUNT_ALLOCATIONS 1
#endif

#if COUNT_ALLOCATIONS
void *__libc_malloc (size_t bytes);
void *__libc_calloc (size_t count, size_t bytes);
void *__libc_realloc (void *memory, size_t bytes);
void *__libc_memalign (size_t alignment, size_t bytes);
int posix_memalign (void **ret_memory, size_t alignment, size_t bytes);

static uint64_t allocation_count;

static uint64_t
allocations (void)
{
  return __atomic_load_n (&allocation_count, __ATOMIC_RELAXED);
}

static void
count_allocation (void)
{
  __atomic_add_fetch (&allocation_count, 1, __ATOMIC_RELAXED);
}

void *
malloc (size_t bytes)
{
  count_allocation ();
  return __libc_malloc (bytes);
}

void *
calloc (size_t count, size_t bytes)
{
  count_allocation ();
  return __libc_calloc (count, bytes);
}

void *
realloc (void *memory, size_t bytes)
{
  count_allocation ();
  return __libc_realloc (memory, bytes);
}

int
posix_memalign (void **ret_memory, size_t alignment, size_t bytes)
{
  count_allocation ();
  *ret_memory = __libc_memalign (alignment, bytes);
  return *ret_memory != NULL ? 0 : 12;
}
#else
static uint64_t
allocations (void)
{
  struct mallinfo2 info = mallinfo2 ();
  return info.uordblks;
}
#endif
