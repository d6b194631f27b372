#include "lab/listing.h"

#include "sim/assert.h"

struct LabListing {
  const char *const *columns;
  size_t n_columns;
  GPtrArray *texts; /* row after row */
};

LabListing *
lab_listing_new (const char *const *columns)
{
  LabListing *listing = g_new0 (LabListing, 1);

  listing->columns = columns;
  while (columns[listing->n_columns] != NULL)
    listing->n_columns++;
  SIM_ASSERT (listing->n_columns >= 1);
  SIM_ASSERT (listing->n_columns <= LAB_LISTING_COLUMNS_MAX);
  listing->texts = g_ptr_array_new_with_free_func (g_free);
  return listing;
}

void
lab_listing_free (LabListing *listing)
{
  if (listing == NULL)
    return;
  g_ptr_array_unref (listing->texts);
  g_free (listing);
}

void
lab_listing_add (LabListing *listing, const char *const *texts)
{
  for (size_t c = 0; c < listing->n_columns; c++)
    g_ptr_array_add (listing->texts, g_strdup (texts[c]));
}

size_t
lab_listing_rows (const LabListing *listing)
{
  return listing->texts->len / listing->n_columns;
}

const char *
lab_listing_at (const LabListing *listing, size_t row, size_t column)
{
  SIM_ASSERT (column < listing->n_columns);
  SIM_ASSERT (row < lab_listing_rows (listing));
  return g_ptr_array_index (listing->texts, row * listing->n_columns + column);
}

char *
lab_listing_text (const LabListing *listing)
{
  glong width[LAB_LISTING_COLUMNS_MAX] = { 0 };
  GString *text = g_string_new (NULL);

  for (size_t r = 0; r < lab_listing_rows (listing); r++)
    for (size_t c = 0; c < listing->n_columns; c++)
      width[c] = MAX (width[c], g_utf8_strlen (lab_listing_at (listing, r, c), -1));
  for (size_t r = 0; r < lab_listing_rows (listing); r++) {
    for (size_t c = 0; c < listing->n_columns; c++) {
      const char *cell = lab_listing_at (listing, r, c);
      bool is_last = c + 1 == listing->n_columns;
      int fill = is_last ? 0 : (int)(width[c] - g_utf8_strlen (cell, -1)) + 2;
      g_string_append_printf (text, "%s%*s", cell, fill, "");
    }
    g_string_append_c (text, '\n');
  }
  return g_string_free (text, FALSE);
}

void
lab_listing_json (const LabListing *listing, LabJson *json)
{
  lab_json_begin_array (json, NULL);
  for (size_t r = 0; r < lab_listing_rows (listing); r++) {
    lab_json_begin_object (json, NULL);
    for (size_t c = 0; c < listing->n_columns; c++)
      lab_json_string (json, listing->columns[c], lab_listing_at (listing, r, c));
    lab_json_end_object (json);
  }
  lab_json_end_array (json);
}
