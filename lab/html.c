#include "lab/html.h"

void
html_put (GString *page, const char *format, ...)
{
  va_list args;
  va_start (args, format);
  g_autofree char *text = g_markup_vprintf_escaped (format, args);
  va_end (args);
  g_string_append (page, text);
}

void
html_raw (GString *page, const char *html)
{
  g_string_append (page, html);
}
