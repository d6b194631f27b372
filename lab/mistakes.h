/*
 * The mistakes of a file, collected and told all at once.
 *
 * Each reads `file:line:column: what, and what to write instead`.
 *
 * Order       Told in the order of the text: files as they were first blamed, then line, column.
 * Owns        Copies all it is given.
 * Errors      Every loader of lab/ collects here and ends in lab_mistakes_to_error.  At most
 *             LAB_MISTAKES_SHOWN are told; the rest are counted.
 */
#pragma once

#include <glib.h>
#include <stdbool.h>

#include "sim/loc.h"

#define LAB_MISTAKES_SHOWN 20

typedef enum LabError {
  LAB_ERROR_SCENARIO, /* what the file says is wrong; the message starts with its place */
  LAB_ERROR_FILE,     /* the file cannot be read or written */
} LabError;

#define LAB_ERROR (lab_error_quark ())
GQuark lab_error_quark (void);

typedef struct LabMistakes LabMistakes;

LabMistakes *lab_mistakes_new (void);
void lab_mistakes_free (LabMistakes *mistakes);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LabMistakes, lab_mistakes_free)

/* lab_mistakes_add notes one mistake; the same words about the same place count once. */
void lab_mistakes_add (LabMistakes *mistakes, SimLoc loc, const char *format, ...)
    G_GNUC_PRINTF (3, 4);

unsigned lab_mistakes_count (const LabMistakes *mistakes);

/* lab_mistakes_to_error is true if there are none; else |error| tells them, one a line. */
bool lab_mistakes_to_error (const LabMistakes *mistakes, GError **error);

/* lab_nearest is the word of |known| that |word| was probably meant to be, or NULL.  The list may
 * hold NULLs; of two equally near words the first wins. */
const char *lab_nearest (const char *word, const char *const *known, size_t n_known);
