/*
 * Numbers for people: few digits, with the unit that suits them.
 *
 * Invariants  Integer arithmetic only: the same text everywhere.  Texts are UTF-8 and freed with
 *             g_free.
 */
#pragma once

#include <stdint.h>

/* lab_human_time is |ps| with three digits, rounded: "48.2 µs", "1.03 ms". */
char *lab_human_time (int64_t ps);
/* lab_human_count sets off thousands by a narrow space: "12 345". */
char *lab_human_count (int64_t count);
