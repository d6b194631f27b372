/*
 * Random scenarios: a number becomes an experiment that the stack must get through.
 *
 * A number first picks which features take part at all, so that some runs are crowded and others
 * bare, then their values, then a timeline of hand-overs, closes, resets and faults at random
 * instants.  All traffic has an end, a link that goes down comes up again and a device that sleeps
 * is woken, so that a run comes to rest.
 *
 * Errors      None: what is written loads.
 * Invariants  The text is a function of the number.  A feature that is added draws from a stream of
 *             its own and changes the others' draws in no run.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

/* What may take part in a run. */
#define RANDOM_FEATURES(X) \
  X (LOSS)                 \
  X (BURSTS)               \
  X (DUPLICATION)          \
  X (REORDERING)           \
  X (CORRUPTION)           \
  X (JITTER)               \
  X (EARLY_DETECTION)      \
  X (SHORT_QUEUE)          \
  X (SMALL_TABLES)         \
  X (SMALL_WINDOWS)        \
  X (SLOW_TICKS)           \
  X (SLOW_TARGET)          \
  X (CLOSES)               \
  X (ABORTS)               \
  X (CRAFTED)              \
  X (QUERIES)              \
  X (INVALIDATES)          \
  X (POWER)                \
  X (LINK)                 \
  X (PAUSES)               \
  X (UPLOAD_ALLS)          \
  X (TARGET_ASKS)          \
  X (WINDOW_ANCHORS)       \
  X (INDICATIONS)          \
  X (RETRIES)              \
  X (STATELESS)            \
  X (KEEPALIVE)            \
  X (DEEP_STACK)           \
  X (MANY)                 \
  X (WRAPS)                \
  X (FREEDOM)              \
  X (FLOODS)               \
  X (ASKED_UPLOADS)        \
  X (HARDWARE_FAILURES)    \
  X (REFUSING_LIMITS)      \
  X (SLOW_BUS)             \
  X (STRICT_COMPLETIONS)   \
  X (ADDRESSING)           \
  X (SMALL_WRITES)         \
  X (TIGHT_DRIVER)         \
  X (VLAN_DRIVER)          \
  X (TEAM)                 \
  X (QUOTA_DRIVER)         \
  X (AGING)                \
  X (UPDATES)              \
  X (OPTIONS)              \
  X (NEXT_HOPS)            \
  X (RELINKS)              \
  X (PATH_MTUS)            \
  X (RSS_TABLES)           \
  X (OIDS)                 \
  X (RESETS)               \
  X (SLEEPS)               \
  X (REMOVALS)             \
  X (MORE_MACS)            \
  X (MIXES)                \
  X (POLICIES)             \
  X (BLOCKED)              \
  X (SCARCE_MEMORY)        \
  X (SLOW_HOST)

typedef enum RandomFeature {
#define RANDOM_FEATURE(id) RANDOM_##id,
  RANDOM_FEATURES (RANDOM_FEATURE)
#undef RANDOM_FEATURE
      RANDOM_N_FEATURES
} RandomFeature;

/* The features of run |number|, as bits. */
uint64_t lab_random_features (uint64_t number);

/* How long things keep happening in run |number|. */
uint64_t lab_random_span_us (uint64_t number);

static inline bool
random_has (uint64_t features, RandomFeature feature)
{
  return (features >> feature) & 1;
}

/* lab_random_scenario is scenario |number| as YAML; the caller frees it with g_free. */
char *lab_random_scenario (uint64_t number);
