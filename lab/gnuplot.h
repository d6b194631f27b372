/*
 * gnuplot: the program that turns a script into a picture.
 *
 * Errors      GError of LAB_ERROR, LAB_ERROR_FILE: it is not there, or a script fails; the message
 *             says what to do.
 * Invariants  The user's settings, locale and environment do not reach the picture: two runs give
 *             the same bytes.
 */
#pragma once

#include <glib.h>
#include <stdbool.h>

/* lab_gnuplot_available tells whether there is a gnuplot, to be asked before a long run. */
bool lab_gnuplot_available (GError **error);

/* lab_gnuplot_run runs |script|, a file in |folder|, inside that folder. */
bool lab_gnuplot_run (const char *folder, const char *script, GError **error);
