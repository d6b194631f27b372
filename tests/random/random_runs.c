/*
 * Many random runs, each in a process of its own, on all processors.
 *
 *   random_runs [--from N] [--count M] [-j JOBS] [--seconds S] [--write DIR]
 *   random_runs --print N     the scenario of a number, as YAML
 *   random_runs FILE...       scenarios that were kept
 *
 * A run that fails is told with the command that repeats it; --write keeps its scenario.  A run
 * that asserts or takes longer than its seconds has failed, too.  Exit code 1 if any failed.
 */
#include <errno.h>
#include <glib.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lab/random_run.h"
#include "lab/random_scenario.h"

#define JOBS_MAX 256
/* What a pipe takes without a reader. */
#define REPORT_BYTES_MAX 60000

/* What a child tells. */
typedef struct Report {
  RandomTally tally;
  char complaints[REPORT_BYTES_MAX]; /* "" if there are none */
} Report;

typedef struct Slot {
  pid_t pid; /* 0: free */
  int fd;
  uint64_t number;
} Slot;

typedef struct Campaign {
  uint64_t from, count;
  int jobs, seconds;
  char *write;
  char **files; /* instead of numbers */
  Slot slot[JOBS_MAX];
  uint64_t done, failed;
  RandomTally sum;
} Campaign;

static char *
text_of (const Campaign *campaign, uint64_t number, GError **error)
{
  char *text = NULL;

  if (campaign->files == NULL)
    return lab_random_scenario (number);
  g_file_get_contents (campaign->files[number], &text, NULL, error);
  return text;
}

static char *
name_of (const Campaign *campaign, uint64_t number)
{
  if (campaign->files != NULL)
    return g_strdup (campaign->files[number]);
  return g_strdup_printf ("random-%" G_GUINT64_FORMAT ".yaml", number);
}

/* In the child. */
static void
run_number (const Campaign *campaign, uint64_t number, Report *report)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *name = name_of (campaign, number);
  g_autofree char *text = text_of (campaign, number, &error);
  g_autoptr (LabScenario) scenario = NULL;
  g_autofree char *complaints = NULL;

  if (text != NULL) {
    LabScenarioRequest request = { .path = name, .text = text, .n_bytes = strlen (text) };
    scenario = lab_scenario_load (&request, &error);
  }
  if (scenario == NULL)
    complaints = g_strdup (error->message);
  else
    complaints = lab_random_run (lab_scenario_config (scenario), &report->tally);
  if (complaints != NULL)
    g_strlcpy (report->complaints, complaints, sizeof report->complaints);
}

static G_NORETURN void
be_child (const Campaign *campaign, uint64_t number, int fd)
{
  Report *report = g_new0 (Report, 1);
  size_t left = offsetof (Report, complaints) + 1, at = 0;

  alarm ((unsigned)campaign->seconds);
  run_number (campaign, number, report);
  left += strlen (report->complaints);
  while (left > 0) {
    ssize_t n = write (fd, (const char *)report + at, left);
    if (n < 0)
      _exit (1);
    at += (size_t)n;
    left -= (size_t)n;
  }
  _exit (0);
}

static void
start (Campaign *campaign, Slot *slot, uint64_t number)
{
  int fds[2];

  fflush (NULL);
  if (pipe (fds) != 0 || (slot->pid = fork ()) < 0) {
    perror ("random_runs");
    exit (2);
  }
  if (slot->pid == 0)
    be_child (campaign, number, fds[1]);
  close (fds[1]);
  slot->fd = fds[0];
  slot->number = number;
}

static void
keep_scenario (const Campaign *campaign, uint64_t number)
{
  g_autofree char *name = g_strdup_printf ("random-%" G_GUINT64_FORMAT ".yaml", number);
  g_autofree char *path = g_build_filename (campaign->write, name, NULL);
  g_autofree char *text = lab_random_scenario (number);
  g_autoptr (GError) error = NULL;

  if (!g_file_set_contents (path, text, -1, &error))
    fprintf (stderr, "random_runs: %s\n", error->message);
}

static void
tell_failure (Campaign *campaign, const Slot *slot, int status, const Report *report)
{
  g_autofree char *name = name_of (campaign, slot->number);

  campaign->failed++;
  printf ("FAILED %s", name);
  if (WIFSIGNALED (status))
    printf (": %s",
            WTERMSIG (status) == SIGALRM ? "takes too long" : strsignal (WTERMSIG (status)));
  printf ("\n%s", report->complaints);
  if (campaign->files == NULL)
    printf ("reproduce: make random FROM=%" G_GUINT64_FORMAT " N=1\n", slot->number);
  if (campaign->files == NULL && campaign->write != NULL)
    keep_scenario (campaign, slot->number);
}

static void
add_tally (RandomTally *sum, const RandomTally *tally)
{
  sum->events += tally->events;
  sum->segments += tally->segments;
  sum->initiated += tally->initiated;
  sum->refused += tally->refused;
  sum->terminated += tally->terminated;
  sum->aborted += tally->aborted;
  sum->delivered_bytes += tally->delivered_bytes;
  sum->warnings += tally->warnings;
}

static void
read_report (int fd, Report *report)
{
  size_t at = 0;
  ssize_t n;

  while ((n = read (fd, (char *)report + at, sizeof *report - at)) > 0)
    at += (size_t)n;
  close (fd);
}

/* Waits for one child to end; its slot is free again. */
static void
finish_one (Campaign *campaign)
{
  static const uint64_t tell_every = 500;
  g_autofree Report *report = g_new0 (Report, 1);
  int status;
  pid_t pid = wait (&status);
  Slot *slot = campaign->slot;

  while (slot->pid != pid)
    slot++;
  slot->pid = 0;
  read_report (slot->fd, report);
  campaign->done++;
  if (!WIFEXITED (status) || WEXITSTATUS (status) != 0 || report->complaints[0] != '\0')
    tell_failure (campaign, slot, status, report);
  add_tally (&campaign->sum, &report->tally);
  if (campaign->done % tell_every == 0)
    printf ("%" G_GUINT64_FORMAT " of %" G_GUINT64_FORMAT " runs, %" G_GUINT64_FORMAT " failed\n",
            campaign->done, campaign->count, campaign->failed);
  fflush (stdout);
}

static Slot *
free_slot (Campaign *campaign)
{
  for (int i = 0; i < campaign->jobs; i++)
    if (campaign->slot[i].pid == 0)
      return &campaign->slot[i];
  return NULL;
}

static void
run_all (Campaign *campaign)
{
  const RandomTally *sum = &campaign->sum;

  for (uint64_t i = 0; i < campaign->count; i++) {
    while (free_slot (campaign) == NULL)
      finish_one (campaign);
    start (campaign, free_slot (campaign), campaign->from + i);
  }
  while (campaign->done < campaign->count)
    finish_one (campaign);
  printf ("random runs: %" G_GUINT64_FORMAT ", failed: %" G_GUINT64_FORMAT "\n"
          "  %" G_GUINT64_FORMAT " events, %" G_GUINT64_FORMAT " segments, %" G_GUINT64_FORMAT
          " bytes delivered\n"
          "  %" G_GUINT64_FORMAT " connections offloaded, %" G_GUINT64_FORMAT
          " refused, %" G_GUINT64_FORMAT " uploaded, %" G_GUINT64_FORMAT
          " aborted; %" G_GUINT64_FORMAT " warnings\n",
          campaign->done, campaign->failed, sum->events, sum->segments, sum->delivered_bytes,
          sum->initiated, sum->refused, sum->terminated, sum->aborted, sum->warnings);
}

int
main (int argc, char **argv)
{
  Campaign campaign = { .seconds = 60, .jobs = (int)g_get_num_processors () };
  gint64 from = 0, count = 1000, print = -1;
  const GOptionEntry entries[] = {
    { "from", 0, 0, G_OPTION_ARG_INT64, &from, "first number", "N" },
    { "count", 0, 0, G_OPTION_ARG_INT64, &count, "how many", "M" },
    { "jobs", 'j', 0, G_OPTION_ARG_INT, &campaign.jobs, "at once", "JOBS" },
    { "seconds", 0, 0, G_OPTION_ARG_INT, &campaign.seconds, "for a run at most", "S" },
    { "write", 0, 0, G_OPTION_ARG_FILENAME, &campaign.write, "where scenarios that fail go",
      "DIR" },
    { "print", 0, 0, G_OPTION_ARG_INT64, &print, "print a number's scenario", "N" },
    G_OPTION_ENTRY_NULL,
  };
  g_autoptr (GOptionContext) context = g_option_context_new ("[FILE...]");
  g_autoptr (GError) error = NULL;

  g_option_context_add_main_entries (context, entries, NULL);
  if (!g_option_context_parse (context, &argc, &argv, &error)) {
    fprintf (stderr, "random_runs: %s\n", error->message);
    return 2;
  }
  if (print >= 0) {
    g_autofree char *text = lab_random_scenario ((uint64_t)print);
    fputs (text, stdout);
    return 0;
  }
  campaign.from = argc > 1 ? 0 : (uint64_t)from;
  campaign.count = argc > 1 ? (uint64_t)argc - 1 : (uint64_t)count;
  campaign.files = argc > 1 ? argv + 1 : NULL;
  campaign.jobs = CLAMP (campaign.jobs, 1, JOBS_MAX);
  run_all (&campaign);
  return campaign.failed > 0;
}
