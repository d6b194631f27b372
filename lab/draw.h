/*
 * Draws one after the other: what a generator asks for while it writes.
 *
 * Invariants  The n-th answer depends on the number, the name and n only.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sim/random.h"

typedef struct LabDraw {
  SimStream stream;
  uint64_t n; /* drawn so far */
} LabDraw;

LabDraw lab_draw (uint64_t number, const char *name);

/* From |low| to |high|, both included, all alike. */
uint64_t lab_draw_between (LabDraw *draw, uint64_t low, uint64_t high);

/* From |low| (at least 1) to |high|, each doubling alike: small numbers are as likely as large
 * ones. */
uint64_t lab_draw_scale (LabDraw *draw, uint64_t low, uint64_t high);

/* True one time in |n|. */
bool lab_draw_one_in (LabDraw *draw, uint64_t n);

const char *lab_draw_word (LabDraw *draw, const char *const *words, size_t count);
#define LAB_DRAW_WORD(draw, ...)                             \
  lab_draw_word (draw, (const char *const[]){ __VA_ARGS__ }, \
                 sizeof ((const char *const[]){ __VA_ARGS__ }) / sizeof (const char *))
