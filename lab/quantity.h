/*
 * Quantities: numbers with units, as integers, and back.
 *
 * Units       Each dimension has one base unit: ps, bit/s, Hz, B, cycles.  Decimal fractions are
 *             exact (`2.4 GHz`, `0.5 us`) or refused.  Bare numbers are for counts alone.
 * Errors      *reterr_why says what is wrong and what to write instead; the caller frees it and
 *             knows the place.
 * Invariants  What lab_quantity_text prints reads back as the same integer.  No floating point.
 */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

typedef enum LabDimension {
  LAB_COUNT,     /* no unit */
  LAB_TIME,      /* ps */
  LAB_RATE,      /* bit/s */
  LAB_FREQUENCY, /* Hz */
  LAB_BYTES,     /* B */
  LAB_CYCLES,    /* cycles */
  LAB_UNIT_COST, /* cycles per KiB */
  LAB_TICKS,     /* ticks of the TCP clock */
  LAB_N_DIMENSIONS
} LabDimension;

/* A probability or a share: numerator / denominator. */
typedef struct LabRatio {
  int64_t n;
  int64_t d;
} LabRatio;

/* lab_quantity_read reads `350 MHz`; not negative. */
bool lab_quantity_read (const char *text, LabDimension dimension, int64_t *ret_value,
                        char **reterr_why);

/* lab_ratio_read reads `n/d` or `5%`: from 0 to 1. */
bool lab_ratio_read (const char *text, LabRatio *ret_ratio, char **reterr_why);

/* lab_percentile_read reads `99.9`: above 0, up to 100, as a share of 1. */
bool lab_percentile_read (const char *text, LabRatio *ret_ratio, char **reterr_why);

/* lab_boolean_read reads true or false and nothing that only looks like it. */
bool lab_boolean_read (const char *text, bool *ret_value, char **reterr_why);

/* The same values in the form the language has; the caller frees it. */
char *lab_quantity_text (int64_t value, LabDimension dimension);
char *lab_ratio_text (LabRatio ratio);
char *lab_percentile_text (LabRatio ratio);

/* "time", "rate": what a dimension is called. */
const char *lab_dimension_name (LabDimension dimension);

/* "ps, ns, us, ms, s": the units to choose from; "" for counts. */
const char *lab_dimension_units (LabDimension dimension);

/* lab_unit_exists tells whether |symbol| is a unit of any dimension. */
bool lab_unit_exists (const char *symbol);

/* "ps", "bit/s": the base unit; "" for counts. */
const char *lab_dimension_base (LabDimension dimension);

/* A regular expression (ECMA 262) of what lab_quantity_read accepts, for the JSON Schema. */
char *lab_dimension_pattern (LabDimension dimension);
