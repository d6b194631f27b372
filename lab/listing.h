/*
 * Listings: the dictionary of the program, as tables.
 *
 * A listing is rows of texts under column names; it is printed as aligned lines or as a JSON array
 * of objects.
 *
 * Owns        Copies its texts.
 */
#pragma once

#include <glib.h>

#include "lab/json.h"

#define LAB_LISTING_COLUMNS_MAX 8

typedef struct LabListing LabListing;

/* lab_listing_new makes an empty one; |columns| ends with NULL and is borrowed. */
LabListing *lab_listing_new (const char *const *columns);
void lab_listing_free (LabListing *listing);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LabListing, lab_listing_free)

/* lab_listing_add adds a row: one text for each column. */
void lab_listing_add (LabListing *listing, const char *const *texts);

size_t lab_listing_rows (const LabListing *listing);
const char *lab_listing_at (const LabListing *listing, size_t row, size_t column);

/* Both are the caller's to free or to end. */
char *lab_listing_text (const LabListing *listing);
void lab_listing_json (const LabListing *listing, LabJson *json);

/* What there is to list. */
typedef struct LabTopic {
  const char *name;
  const char *help;
  LabListing *(*make) (void);
} LabTopic;
extern const LabTopic lab_topics[]; /* ended by a NULL name */
