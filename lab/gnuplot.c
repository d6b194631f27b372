#include "lab/gnuplot.h"

#include "lab/mistakes.h"

#define WHAT_TO_DO "install it (apt-get install gnuplot-nox), or run with --no-plots"

bool
lab_gnuplot_available (GError **error)
{
  g_autofree char *program = g_find_program_in_path ("gnuplot");

  if (program == NULL)
    g_set_error (error, LAB_ERROR, LAB_ERROR_FILE, "plots need gnuplot, which is not there: %s",
                 WHAT_TO_DO);
  return program != NULL;
}

/* What gnuplot said, in one line. */
static char *
one_line (char *text)
{
  g_autofree char *stripped = g_strdup (g_strstrip (text));
  GString *line = g_string_new (NULL);

  for (const char *c = stripped; *c != '\0'; c++)
    if (!g_ascii_isspace (*c))
      g_string_append_c (line, *c);
    else if (line->len > 0 && line->str[line->len - 1] != ' ')
      g_string_append_c (line, ' ');
  return g_string_free (line, FALSE);
}

bool
lab_gnuplot_run (const char *folder, const char *script, GError **error)
{
  const char *path = g_getenv ("PATH");
  g_autofree char *path_variable = g_strdup_printf ("PATH=%s", path != NULL ? path : "");
  /* -d: no start-up files of the user or the machine. */
  char *arguments[] = { "gnuplot", "-d", (char *)script, NULL };
  char *environment[] = { path_variable, "LC_ALL=C.UTF-8", NULL };
  g_autofree char *said = NULL;
  g_autoptr (GError) cause = NULL;
  int status = 0;

  if (!lab_gnuplot_available (error))
    return false;
  if (g_spawn_sync (folder, arguments, environment,
                    G_SPAWN_SEARCH_PATH | G_SPAWN_STDOUT_TO_DEV_NULL, NULL, NULL, NULL, &said,
                    &status, &cause)
      && g_spawn_check_wait_status (status, &cause))
    return true;
  g_autofree char *line = one_line (said != NULL ? said : g_strdup (""));
  g_set_error (error, LAB_ERROR, LAB_ERROR_FILE, "gnuplot fails on %s: %s%s%s; run with --no-plots",
               script, cause->message, *line != '\0' ? ": " : "", line);
  return false;
}
