/*
 * Terms: what a condition can ask of a run while it goes on.
 *
 * A term is a function of the language with its argument resolved: state(web/417),
 * offloaded(target).  Its value is an integer at every instant: a number, or the number of a name.
 *
 * Owns        A LabTerm owns its text; the rest is static or the configuration's.
 * Errors      Go to LabMistakes: unknown functions, names and addresses, with what to write
 *             instead.
 */
#pragma once

#include "lab/condition.h"
#include "lab/groups.h"
#include "lab/quantity.h"
#include "models/world/config.h"

/* What a term or a fixed value is: two values can be compared if they are of one sort, numbers of
 * one dimension. */
typedef enum LabSort {
  LAB_SORT_UNKNOWN, /* a fixed value whose sort the other side says */
  LAB_SORT_TRUTH,
  LAB_SORT_NUMBER,
  LAB_SORT_STATE,
  LAB_SORT_OWNER,
  LAB_SORT_POWER,
  LAB_SORT_LINK,
  LAB_SORT_OUTCOME,
} LabSort;

typedef struct LabValueType {
  LabSort sort;
  LabDimension dimension; /* of numbers */
} LabValueType;

/* The functions: id, name, example, sort, dimension, what it is. */
#define LAB_TERMS(X)                                                                         \
  X (STATE, "state", "state(web/417)", LAB_SORT_STATE, LAB_COUNT,                            \
     "TCP state of a connection: the target's while the target has it, else the host's")     \
  X (OWNER, "owner", "owner(web/417)", LAB_SORT_OWNER, LAB_COUNT, "who has a connection")    \
  X (OFFLOADED, "offloaded", "offloaded(web)", LAB_SORT_NUMBER, LAB_COUNT,                   \
     "connections that the target owns, of a group, of some, or of all: offloaded(target), " \
     "offloaded(targets.b)")                                                                 \
  X (ESTABLISHED, "established", "established(web)", LAB_SORT_NUMBER, LAB_COUNT,             \
     "connections whose state is ESTABLISHED, wherever they are")                            \
  X (DELIVERED, "delivered", "delivered(web)", LAB_SORT_NUMBER, LAB_BYTES,                   \
     "bytes given to applications of the host")                                              \
  X (POWER, "power", "power(target)", LAB_SORT_POWER, LAB_COUNT, "device power state")       \
  X (LINK, "link", "link(wire)", LAB_SORT_LINK, LAB_COUNT, "whether frames pass")            \
  X (EVENT, "event", "event(rst)", LAB_SORT_OUTCOME, LAB_COUNT, "how far a timeline event has come")

typedef enum LabTermKind {
#define LAB_TERM(id, ...) LAB_TERM_##id,
  LAB_TERMS (LAB_TERM)
#undef LAB_TERM
      LAB_N_TERMS
} LabTermKind;

typedef struct LabTermInfo {
  const char *name;
  const char *example;
  LabValueType type;
  const char *help;
} LabTermInfo;

const LabTermInfo *lab_term_info (LabTermKind kind);
/* lab_term_find tells whether |name| is a function of the language. */
bool lab_term_find (const char *name, LabTermKind *ret_kind);

typedef struct LabTerm {
  LabTermKind kind;
  ConnectionSet of; /* STATE, OWNER: one connection */
  uint32_t event;   /* EVENT: its index */
  uint32_t part;    /* POWER, LINK: which target's; OFFLOADED: UINT32_MAX for any */
  char *text;       /* "offloaded(web)" */
} LabTerm;

/* lab_term_read resolves a call of the function |kind|; false with a mistake.  |ret_term|'s text is
 * the caller's. */
bool lab_term_read (LabTermKind kind, const LabCondition *call, const WorldConfig *config,
                    LabSpot spot, LabTerm *ret_term);

/* The names of a sort's values: "ESTABLISHED"; NULL past the last, and for numbers. */
const char *lab_sort_name (LabSort sort, int64_t value);
/* "a TCP state", "a number", "a condition". */
const char *lab_sort_what (LabSort sort);

/* lab_value_text is a value as the language writes it; the caller frees it. */
char *lab_value_text (LabValueType type, int64_t value);
