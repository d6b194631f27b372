/*
 * The verbs of a random timeline that came after the first ones.
 *
 * Invariants  Draws of their own: a run in which none of their features takes part is not changed.
 */
#pragma once

#include "lab/random_event.h"

/* random_write_verbs appends them behind the other events. */
void random_write_verbs (RandomEvents *w);
