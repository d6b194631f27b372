/*
 * Applications: what each of them experienced, to compare with a twin run.
 *
 * A reader of APP_DELIVER and APP_EVENT records.  For each end of each connection it keeps how much
 * was delivered without a gap, and a running digest of the messages the application saw, so that
 * two runs can be compared over what they have in common however far each got.
 *
 * Owns        Its digests.
 */
#pragma once

#include <glib.h>
#include <stdbool.h>

#include "models/trace/trace.h"

typedef struct Apps Apps;

Apps *apps_new (SimTrace *trace, uint32_t n_connections);
void apps_free (Apps *apps);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Apps, apps_free)

/* How much of two runs was compared: what both got to. */
typedef struct AppsCompared {
  uint64_t messages; /* requests and responses */
  uint64_t bytes;    /* of streams */
} AppsCompared;

/* The first connection whose applications did not see the same in |apps| and |other|, over what
 * both saw: the same bytes of the same streams in order, the same messages; UINT32_MAX if there is
 * none. */
uint32_t apps_first_difference (const Apps *apps, const Apps *other, AppsCompared *ret_compared);

/* False if some byte came out of order, twice or not at all. */
bool apps_all_in_order (const Apps *apps);
