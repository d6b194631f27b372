/*
 * A watch: the values of terms, kept up to date while a run goes on.
 *
 * It is fed the records of a trace; each term has a place, and terms that are the same share it.
 *
 * Owns        Its values; it borrows the configuration.  A change is good until lab_watch_settle.
 * Invariants  A record that changes no term costs a look at the terms of its kind.
 */
#pragma once

#include "lab/term.h"
#include "sim/trace.h"

typedef struct LabWatch LabWatch;

LabWatch *lab_watch_new (const WorldConfig *config);
void lab_watch_free (LabWatch *watch);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LabWatch, lab_watch_free)

/* lab_watch_add gives the place of |term|; before the first record. */
uint32_t lab_watch_add (LabWatch *watch, const LabTerm *term);

/* lab_watch_wants tells whether records of |kind| can change a term. */
bool lab_watch_wants (const LabWatch *watch, uint16_t kind);

/* lab_watch_read takes a record; true if a term changed. */
bool lab_watch_read (LabWatch *watch, const SimRecord *record);

int64_t lab_watch_value (const LabWatch *watch, uint32_t place);
/* Whether it changed since lab_watch_settle. */
bool lab_watch_has_changed (const LabWatch *watch, uint32_t place);
void lab_watch_settle (LabWatch *watch);

/* lab_watch_cause is the record that changed the term last, or NULL. */
const SimRecord *lab_watch_cause (const LabWatch *watch, uint32_t place);
