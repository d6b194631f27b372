#include "lab/golden.h"

#include <string.h>

#include "lab/mistakes.h"
#include "lab/run.h"

#define DIGITS 16

char *
lab_golden_path (const char *scenario_path)
{
  size_t n = strlen (scenario_path);

  if (g_str_has_suffix (scenario_path, ".yaml"))
    n -= strlen (".yaml");
  return g_strdup_printf ("%.*s.golden", (int)n, scenario_path);
}

/* "order 0123456789abcdef"; an empty line says nothing. */
static bool
read_line (const char *line, LabGolden *golden)
{
  g_auto (GStrv) words = g_strsplit (line, " ", -1);
  guint64 print;

  if (line[0] == '\0')
    return true;
  if (g_strv_length (words) != 2 || strlen (words[1]) != DIGITS
      || !g_ascii_string_to_unsigned (words[1], 16, 0, G_MAXUINT64, &print, NULL))
    return false;
  for (SimPrint p = 0; p < SIM_N_PRINTS; p++)
    if (strcmp (lab_print_name (p), words[0]) == 0) {
      golden->is_known[p] = true;
      golden->print[p] = print;
      return true;
    }
  return false;
}

bool
lab_golden_read (const char *path, LabGolden *ret_golden, GError **error)
{
  g_autoptr (GError) failure = NULL;
  g_autofree char *text = NULL;
  LabGolden golden = { 0 };

  if (!g_file_get_contents (path, &text, NULL, &failure)) {
    g_set_error (error, LAB_ERROR, LAB_ERROR_FILE,
                 "%s cannot be read; write it with --update-golden", path);
    return false;
  }
  g_auto (GStrv) lines = g_strsplit (text, "\n", -1);
  for (guint i = 0; lines[i] != NULL; i++)
    if (!read_line (lines[i], &golden)) {
      g_set_error (error, LAB_ERROR, LAB_ERROR_FILE,
                   "%s:%u: \"%s\" is no fingerprint; write it again with --update-golden", path,
                   i + 1, lines[i]);
      return false;
    }
  *ret_golden = golden;
  return true;
}

bool
lab_golden_write (const char *path, const LabGolden *golden, GError **error)
{
  g_autoptr (GString) text = g_string_new (NULL);
  g_autoptr (GError) failure = NULL;

  for (SimPrint p = 0; p < SIM_N_PRINTS; p++)
    if (golden->is_known[p])
      g_string_append_printf (text, "%s %016" G_GINT64_MODIFIER "x\n", lab_print_name (p),
                              golden->print[p]);
  if (g_file_set_contents (path, text->str, (gssize)text->len, &failure))
    return true;
  g_set_error (error, LAB_ERROR, LAB_ERROR_FILE, "cannot write %s: %s", path, failure->message);
  return false;
}
