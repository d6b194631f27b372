/*
 * Markdown: text in the cells of a table, for the pages of docs/ that the program writes itself.
 */
#pragma once

#include <glib.h>

/* lab_markdown_cell appends |text| as one cell, with what Markdown would read as a sign of its own
 * escaped. */
void lab_markdown_cell (GString *out, const char *text);
