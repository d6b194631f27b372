#include "lab/plot_draft.h"

#include <string.h>

#include "lab/stats.h"
#include "sim/assert.h"
#include "sim/time.h"

PlotDraft *
plot_draft_new (const char *name, const char *title, const char *caption)
{
  PlotDraft *draft = g_new0 (PlotDraft, 1);

  draft->name = g_strdup (name);
  draft->title = g_strdup (title);
  draft->caption = g_strdup (caption);
  draft->csv = g_string_new (NULL);
  draft->script = g_string_new (NULL);
  return draft;
}

void
plot_draft_free (PlotDraft *draft)
{
  if (draft == NULL)
    return;
  g_free (draft->name);
  g_free (draft->title);
  g_free (draft->caption);
  g_free (draft->why_not);
  g_string_free (draft->csv, TRUE);
  g_string_free (draft->script, TRUE);
  g_free (draft);
}

void
plot_draft_refuse (PlotDraft *draft, const char *why)
{
  SIM_ASSERT (draft->why_not == NULL);
  draft->why_not = g_strdup (why);
}

void
plot_script (PlotDraft *draft, const char *format, ...)
{
  va_list args;
  va_start (args, format);
  g_string_append_vprintf (draft->script, format, args);
  va_end (args);
}

char *
plot_quoted (const char *text)
{
  GString *quoted = g_string_new ("'");

  for (const char *c = text; *c != '\0'; c++) {
    if (*c == '\'')
      g_string_append_c (quoted, '\'');
    g_string_append_c (quoted, g_ascii_iscntrl (*c) ? ' ' : *c);
  }
  g_string_append_c (quoted, '\'');
  return g_string_free (quoted, FALSE);
}

void
plot_number (GString *out, int64_t value, unsigned n_decimals)
{
  g_autofree char *text = lab_decimal_text (value, n_decimals);
  size_t n = strlen (text);

  while (n_decimals > 0 && text[n - 1] == '0')
    n--;
  if (n_decimals > 0 && text[n - 1] == '.')
    n--;
  g_string_append_len (out, text, (gssize)n);
}

void
plot_draft_begin (PlotDraft *draft, const PlotFrame *frame)
{
  g_autofree char *title = plot_quoted (draft->title);

  plot_script (draft,
               "# Draws %s.svg from %s.csv: run `gnuplot %s.gp` in this folder.\n"
               "reset session\n"
               "set encoding utf8\n"
               "set datafile separator ','\n"
               "set terminal svg size %d,%d fixed noenhanced font 'sans-serif,13' background '%s' "
               "name '%s'\n"
               "set output '%s.svg'\n",
               draft->name, draft->name, draft->name, PLOT_WIDTH, frame->height, PLOT_PAPER,
               draft->name, draft->name);
  plot_script (draft,
               "set lmargin at screen %d./%d\nset rmargin at screen %d./%d\n"
               "set tmargin at screen 1-%d./%d\nset bmargin at screen 1-%d./%d\n",
               frame->left, PLOT_WIDTH, frame->right, PLOT_WIDTH, frame->top, frame->height,
               frame->bottom, frame->height);
  plot_script (draft,
               "set border 3 linecolor rgb '" PLOT_AXIS "' linewidth 1\n"
               "set tics nomirror out scale 0.4 offset 0,0.25 textcolor rgb '" PLOT_MUTED
               "' font ',12'\n"
               "set ytics offset 0.6,0\n"
               "set grid y linetype 1 linecolor rgb '" PLOT_GRID "' linewidth 0.7\n"
               "set key at screen 10./%d,1-%d./%d left top horizontal Left reverse samplen 1.4 "
               "font ',12' textcolor rgb '" PLOT_INK "'\n",
               PLOT_WIDTH, PLOT_KEY_TOP, frame->height);
  plot_script (draft,
               "set label %s at screen 10./%d,1-20./%d left font ',17' textcolor rgb '" PLOT_INK
               "'\n",
               title, PLOT_WIDTH, frame->height);
}

void
plot_draft_end (PlotDraft *draft)
{
  plot_script (draft, "unset output\n");
}

/* A length of 10^|exponent| us times |digit|, with its unit: "200 ns". */
static char *
tic_text (int digit, int exponent)
{
  static const char *const units[] = { "ps", "ns", "µs", "ms", "s" };
  int place = exponent + 6; /* from ps */
  int unit = MIN (place / 3, 4);
  int64_t value = digit;

  for (int i = unit * 3; i < place; i++)
    value *= 10;
  return g_strdup_printf ("%" G_GINT64_FORMAT " %s", value, units[unit]);
}

/* Marks at 1, 2 .. 9 of each power of ten from 1 ps to 10^7 s; |labels| of them with text. */
static void
write_log_tics (PlotDraft *draft, char axis, bool labels_two_and_five)
{
  plot_script (draft, "set logscale %c\nset %ctics (", axis, axis);
  for (int exponent = -6; exponent <= 12; exponent++)
    for (int digit = 1; digit <= 9; digit++) {
      g_autofree char *text = tic_text (digit, exponent);
      bool is_named =
          digit == 1 || (labels_two_and_five && (digit == 2 || digit == 3 || digit == 5));
      plot_script (draft, "%s'%s' %de%d %d", exponent == -6 && digit == 1 ? "" : ",",
                   is_named ? text : "", digit, exponent, is_named ? 0 : 1);
    }
  plot_script (draft, ")\n");
}

void
plot_length_axis (PlotDraft *draft, char axis, int64_t least_ps, int64_t most_ps, bool wants_log)
{
  bool is_log = wants_log && least_ps > 0 && most_ps / 2 >= least_ps;

  if (is_log) {
    g_autoptr (GString) range = g_string_new (NULL);
    plot_number (range, least_ps - least_ps / 10, 6);
    g_string_append_c (range, ':');
    plot_number (range, most_ps + most_ps / 8, 6);
    write_log_tics (draft, axis, most_ps / 40 < least_ps);
    plot_script (draft, "set %crange [%s]\n", axis, range->str);
  } else {
    plot_script (draft, "set %crange [0:*]\nset format %c '%%g µs'\n", axis, axis);
  }
}

const char *
plot_path_key (LatencyPath path)
{
  static const char *const keys[LATENCY_N_PATHS] = { "host_path", "chimney", "moved" };
  return keys[path];
}

const char *
plot_path_word (LatencyPath path)
{
  static const char *const words[LATENCY_N_PATHS] = { "host path", "chimney", "moved meanwhile" };
  return words[path];
}

const char *
plot_path_colour (LatencyPath path)
{
  static const char *const colours[LATENCY_N_PATHS] = { PLOT_HOST, PLOT_CHIMNEY, PLOT_MOVED };
  return colours[path];
}
