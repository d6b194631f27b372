/*
 * HTML: text put into a page so that it stays text.
 */
#pragma once

#include <glib.h>

/* html_put appends |format|, with every %s escaped. */
void html_put (GString *page, const char *format, ...) G_GNUC_PRINTF (2, 3);

/* html_raw appends what is HTML already. */
void html_raw (GString *page, const char *html);
