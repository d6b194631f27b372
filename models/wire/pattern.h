/*
 * A pattern of frames: a script that says which ones, readable aloud.
 *
 * "3rd, 7-9, every 100th from 500" stands for frames 3, 7, 8, 9, 500, 600, 700 and so on.
 *
 * Units       Frames count from 1.
 * Errors      wire_pattern_read says what is wrong and what to write instead; the caller frees it
 *             and knows the place.
 * Invariants  A pattern is a value.  The empty one matches nothing.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#define WIRE_PATTERN_TERMS_MAX 32

/* first, first + step, ... up to last, which is included. */
typedef struct WirePatternTerm {
  uint64_t first;
  uint64_t last; /* UINT64_MAX: without end */
  uint64_t step;
} WirePatternTerm;

typedef struct WirePattern {
  WirePatternTerm term[WIRE_PATTERN_TERMS_MAX];
  uint32_t n_terms;
} WirePattern;

/* wire_pattern_read reads terms with commas between them.  A term is a number (3, 3rd), a range
 * (7-9, 7-), or `every 100th`, which may go on `from 500` and `to 900`. */
bool wire_pattern_read (const char *text, WirePattern *ret_pattern, char **reterr_why);

bool wire_pattern_matches (const WirePattern *pattern, uint64_t number);
