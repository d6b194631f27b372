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
void random_write_choice (RandomWriter *w, const char *key);

/* A side's own TCP: `tcp: {...`, to be closed by the caller. */
void random_write_tcp (RandomWriter *w);

/* `target: ...`, `wire: ...` with `peers: ...`. */
void random_write_target (RandomWriter *w);
void random_write_wire (RandomWriter *w);
