/*
 * Pictures in a page: an SVG of gnuplot's, made fit to stand among others in one HTML document.
 */
#pragma once

#include <glib.h>

/* report_svg_inline appends |svg| without its XML head and titles, its ids made unique by |name|,
 * described by |label|. */
void report_svg_inline (GString *page, const char *svg, const char *name, const char *label);
