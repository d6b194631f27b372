#include "lab/markdown.h"

void
lab_markdown_cell (GString *out, const char *text)
{
  g_string_append_c (out, ' ');
  for (const char *p = text; *p != '\0'; p++) {
    if (*p == '|' || *p == '<' || *p == '*')
      g_string_append_c (out, '\\');
    g_string_append_c (out, *p);
  }
  g_string_append (out, " |");
}
