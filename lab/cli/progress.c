#include "lab/cli/progress.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define TELL_TERMINAL_US (100 * 1000)
#define TELL_PLAIN_US (5 * 1000 * 1000)
#define BAR_WIDTH 24

bool
cli_progress_mode (const char *text, CliProgressMode *ret_mode)
{
  static const char *const names[] = { "auto", "plain", "none" };

  if (text == NULL) {
    *ret_mode = CLI_PROGRESS_AUTO;
    return true;
  }
  for (CliProgressMode mode = CLI_PROGRESS_AUTO; mode <= CLI_PROGRESS_NONE; mode++)
    if (strcmp (names[mode], text) == 0) {
      *ret_mode = mode;
      return true;
    }
  return false;
}

void
cli_progress_begin (CliProgress *progress, const char *what, CliProgressMode mode)
{
  *progress = (CliProgress){ .what = what, .mode = mode };
  progress->is_terminal = mode == CLI_PROGRESS_AUTO && isatty (STDERR_FILENO);
  progress->begun_us = progress->told_us = g_get_monotonic_time ();
}

void
cli_progress_tell (CliProgress *progress, SimTime now, SimTime until, uint64_t events)
{
  gint64 clock_us = g_get_monotonic_time ();
  gint64 every_us = progress->is_terminal ? TELL_TERMINAL_US : TELL_PLAIN_US;

  if (progress->mode == CLI_PROGRESS_NONE || clock_us - progress->told_us < every_us)
    return;
  progress->told_us = clock_us;
  int percent =
      sim_time_is_never (until) || until.ps == 0 ? 0 : (int)((__int128)now.ps * 100 / until.ps);
  gint64 elapsed_us = MAX (clock_us - progress->begun_us, 1);
  guint64 rate = events * 1000 / (guint64)MAX (elapsed_us / 1000, 1);
  char bar[BAR_WIDTH + 1] = { 0 };
  for (int i = 0; i < BAR_WIDTH; i++)
    bar[i] = i * 100 < percent * BAR_WIDTH ? '#' : '.';
  if (progress->is_terminal)
    fprintf (stderr, "\r%s [%s] %3d %%  %.3f ms  %.1f M events  %.2f M/s ", progress->what, bar,
             percent, (double)now.ps / 1e9, (double)events / 1e6, (double)rate / 1e6);
  else
    fprintf (stderr, "%s: %d %%, %.3f ms simulated, %.1f M events\n", progress->what, percent,
             (double)now.ps / 1e9, (double)events / 1e6);
  progress->has_line = progress->is_terminal;
}

void
cli_progress_count (CliProgress *progress, guint n_done, guint n_all)
{
  gint64 clock_us = g_get_monotonic_time ();

  if (progress->mode == CLI_PROGRESS_NONE)
    return;
  if (!progress->is_terminal && clock_us - progress->told_us < TELL_PLAIN_US && n_done < n_all)
    return;
  progress->told_us = clock_us;
  fprintf (stderr, "%s%s: %u of %u points%s", progress->is_terminal ? "\r" : "", progress->what,
           n_done, n_all, progress->is_terminal ? "  " : "\n");
  progress->has_line = progress->is_terminal;
}

gint64
cli_progress_end (CliProgress *progress)
{
  if (progress->has_line)
    fprintf (stderr, "\r%*s\r", 100, "");
  return (g_get_monotonic_time () - progress->begun_us) / 1000;
}
