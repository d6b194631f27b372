/*
 * What the parts of a random scenario are written with, and the parts.
 *
 * Owns        A writer borrows the text that it appends to.
 */
#pragma once

#include <glib.h>

#include "lab/draw.h"
#include "lab/random_scenario.h"

/* One scenario, as it is written. */
typedef struct RandomWriter {
  GString *text;
  uint64_t number;
  LabDraw draw;     /* of the part that is written */
  LabDraw requests; /* of how requests are posted, besides */
  uint64_t features;
  uint64_t span_us; /* how long things keep happening */
} RandomWriter;

static inline bool
random_takes (const RandomWriter *w, RandomFeature feature)
{
  return random_has (w->features, feature);
}

/* `, key: n unit` with n from |low| to |high|, each doubling alike. */
void random_write_scale (RandomWriter *w, const char *key, uint64_t low, uint64_t high,
                         const char *unit);
/* `, key: true`, or false. */
bool random_write_choice (RandomWriter *w, const char *key);

/* A side's own TCP: `tcp: {...`, to be closed by the caller. */
void random_write_tcp (RandomWriter *w);

/* `, key: {exponential: n us}`, with a mean of up to |mean_us_max|. */
void random_write_exponential (RandomWriter *w, const char *key, uint64_t mean_us_max);

/* The same writer, with draws of its own: what it writes shifts no other draw. */
RandomWriter random_writer_of (const RandomWriter *w, const char *topic);

/* Who keeps the chimney closed, where anybody does. */
typedef enum RandomBlocker {
  RANDOM_BLOCKED_BY_NOBODY,
  RANDOM_BLOCKED_BY_HOST,
  RANDOM_BLOCKED_BY_DRIVER,
  RANDOM_BLOCKED_BY_NIC
} RandomBlocker;

RandomBlocker random_blocker (uint64_t number);

/* How many processors the host of run |number| has. */
uint32_t random_cpus (uint64_t number);

/* `host: ...`, `target: ...`, `wire: ...` with `peers: ...`. */
void random_write_host (RandomWriter *w);
void random_write_target (RandomWriter *w);
void random_write_wire (RandomWriter *w);

/* `traffic: {...}` of |count| connections whose smaller window is |window_bytes|. */
void random_write_traffic (RandomWriter *w, uint64_t window_bytes, uint32_t count);
