#include "lab/report_svg.h"

#include <string.h>

#include "lab/html.h"

/* What an id or a reference to one begins with; |name| goes behind it. */
static const char *const id_marks[] = { " id=\"", " id='", "href='#", "href=\"#", "url(#" };

/* Elements that a browser shows as a tip, or that say who drew it. */
static const char *const dropped[][2] = { { "<title>", "</title>" }, { "<desc>", "</desc>" } };

/* The end of what is to be left out at |at|; NULL if nothing is. */
static const char *
dropped_end (const char *at)
{
  for (size_t i = 0; i < G_N_ELEMENTS (dropped); i++)
    if (g_str_has_prefix (at, dropped[i][0])) {
      const char *end = strstr (at, dropped[i][1]);
      return end != NULL ? end + strlen (dropped[i][1]) : NULL;
    }
  return NULL;
}

static const char *
id_mark (const char *at)
{
  for (size_t i = 0; i < G_N_ELEMENTS (id_marks); i++)
    if (g_str_has_prefix (at, id_marks[i]))
      return id_marks[i];
  return NULL;
}

void
report_svg_inline (GString *page, const char *svg, const char *name, const char *label)
{
  const char *at = strstr (svg, "<svg");

  if (at == NULL)
    return;
  html_put (page, "<svg role=\"img\" aria-label=\"%s\"", label);
  at += strlen ("<svg");
  while (*at != '\0') {
    const char *end = dropped_end (at);
    const char *mark = id_mark (at);
    if (end != NULL) {
      at = end;
    } else if (mark != NULL) {
      g_string_append_printf (page, "%s%s-", mark, name);
      at += strlen (mark);
    } else {
      g_string_append_c (page, *at++);
    }
  }
}
