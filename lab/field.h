/*
 * The field table: what a scenario may say, once.
 *
 * A row is one key: its name, type, unit, range, default, help, where the default comes from, and
 * the member of the configuration it fills.  Loading, --set, sweeps, `list params`, `explain`,
 * docs/scenario.md and the JSON Schema are readers of these rows, so they cannot drift.
 *
 * Units       min and max are in the base unit of the row's dimension.
 * Owns        Rows are static and constant.
 * Invariants  A table ends with a row without a name.  The default is text as a scenario would have
 *             it, so that it passes through the same checks.
 */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lab/quantity.h"

typedef struct LabField LabField;

typedef enum LabType {
  LAB_QUANTITY,     /* a number of |dimension|, from |min| to |max| */
  LAB_RATIO,        /* n/d or a percentage */
  LAB_PERCENTILE,   /* 99.9 */
  LAB_BOOLEAN,      /* true or false */
  LAB_CHOICE,       /* one of |words| */
  LAB_NAME,         /* letters, digits, _ and - */
  LAB_TEXT,         /* any text */
  LAB_DISTRIBUTION, /* a LAB_QUANTITY or a distribution of them */
  LAB_SECTION,      /* a map of |fields| */
  LAB_PARTS,        /* a map of named maps of |fields| */
  LAB_LIST,         /* a list; its elements are what |fields|[0] says */
  LAB_FLOWS,        /* recorded flows; counted by the uint32_t at |count_offset| */
  LAB_FREE,         /* read by code of its own */
} LabType;

/* A word that a LAB_CHOICE takes, and the fields that come with it. */
typedef struct LabWord {
  const char *name;
  const char *help;
  int value;              /* what the configuration gets */
  bool is_later;          /* part of the language, not yet of the program */
  const LabField *fields; /* further keys of the section, if this word is its |tag|; or NULL */
} LabWord;

struct LabField {
  const char *name;
  LabType type;
  LabDimension dimension;
  int64_t min;
  int64_t max;
  const char *standard; /* the default; NULL: none */
  const char *help;
  const char *source; /* where the default comes from; NULL: this project chose it */
  const LabWord *words;
  const LabField *fields;
  const char *tag;    /* LAB_SECTION, LAB_PARTS: the key whose word adds keys */
  const char *preset; /* the section takes `preset:`; what presets for it are for */
  bool is_required;
  bool is_later;  /* part of the language, not yet of the program */
  bool is_inert;  /* never changes a run */
  bool takes_one; /* LAB_LIST: a single element may stand without brackets */

  /* Where the value goes in the configuration of the section; size 0: nowhere.  A list of words
   * becomes a set of bits; a list of quantities becomes an array of up to |capacity| elements of
   * |element_size| bytes, counted by the uint32_t at |count_offset|. */
  size_t offset;
  size_t size;
  size_t element_size;
  size_t count_offset;
  size_t capacity;
};

/* |member| of |type| as the place of a row. */
#define LAB_AT(type, member) \
  .offset = offsetof (type, member), .size = sizeof (((type *)NULL)->member)
/* Two neighbours of 64 bits as the place of a ratio. */
#define LAB_RATIO_AT(type, numerator) \
  .offset = offsetof (type, numerator), .size = sizeof (LabRatio)
/* Array |member| of |type|, counted by |count|. */
#define LAB_ARRAY_AT(type, member, count)                                                         \
  LAB_AT (type, member),                                                                          \
      .element_size = sizeof (((type *)NULL)->member[0]), .count_offset = offsetof (type, count), \
      .capacity = sizeof (((type *)NULL)->member) / sizeof (((type *)NULL)->member[0])

/* The usual beginnings of rows. */
#define LAB_IN(dimension_, min_, max_) \
  .type = LAB_QUANTITY, .dimension = dimension_, .min = min_, .max = max_
#define LAB_DIST_IN(dimension_, min_, max_) \
  .type = LAB_DISTRIBUTION, .dimension = dimension_, .min = min_, .max = max_
#define LAB_WORDS(words_) .type = LAB_CHOICE, .words = words_
/* A section that is there even if nobody writes it. */
#define LAB_STANDING(fields_) .type = LAB_SECTION, .fields = fields_, .standard = "{}"

/* lab_field_find is the row called |name|, or NULL. */
const LabField *lab_field_find (const LabField *fields, const char *name);
const LabWord *lab_word_find (const LabWord *words, const char *name);

/* One row as the readers of the table see it, with its full path. */
typedef struct LabFieldPlace {
  const char *path; /* im.<name>.queue_depth, timeline[].do */
  const LabField *field;
  const LabWord *word; /* of the section's tag, under which the row exists; NULL: always */
  unsigned depth;
} LabFieldPlace;

typedef void (*LabFieldVisitor) (void *data, const LabFieldPlace *place);

/* lab_field_walk visits every row below |fields|, sections before what is in them. */
void lab_field_walk (const LabField *fields, LabFieldVisitor visitor, void *data);

/* "quantity", "choice": for listings. */
const char *lab_type_name (LabType type);

/* lab_field_range says what values a row takes: "1 to 64", "1 Hz to 10 GHz", "true or false",
 * "one of a, b"; the caller frees it. */
char *lab_field_range (const LabField *field);
