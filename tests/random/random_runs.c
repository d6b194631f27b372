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
#include <glib.h>
#include <stdio.h>
#include <string.h>

#include "lab/crew.h"
#include "lab/random_run.h"
#include "lab/random_scenario.h"

typedef struct Campaign {
  uint64_t from;
  char *write;
  char **files; /* instead of numbers */
  uint64_t count, done, failed;
  RandomTally sum;
} Campaign;

static char *
text_of (const Campaign *campaign, size_t index, GError **error)
{
  char *text = NULL;

  if (campaign->files == NULL)
    return lab_random_scenario (campaign->from + index);
  g_file_get_contents (campaign->files[index], &text, NULL, error);
  return text;
}

static char *
name_of (const Campaign *campaign, size_t index)
{
  if (campaign->files != NULL)
    return g_strdup (campaign->files[index]);
  return g_strdup_printf ("random-%" G_GUINT64_FORMAT ".yaml", campaign->from + index);
}

/* In the worker: the tally, then the complaints. */
static void
run_one (void *data, size_t index, GByteArray *bytes)
{
  const Campaign *campaign = data;
  RandomTally tally = { 0 };
  g_autoptr (GError) error = NULL;
  g_autofree char *name = name_of (campaign, index);
  g_autofree char *text = text_of (campaign, index, &error);
  g_autoptr (LabScenario) scenario = NULL;
  g_autofree char *complaints = NULL;

  if (text != NULL) {
    LabScenarioRequest request = { .path = name, .text = text, .n_bytes = strlen (text) };
    scenario = lab_scenario_load (&request, &error);
  }
  if (scenario == NULL)
    complaints = g_strdup_printf ("%s\n", error->message);
  else
    complaints = lab_random_run (lab_scenario_config (scenario), &tally);
  g_byte_array_append (bytes, (const guint8 *)&tally, sizeof tally);
  if (complaints != NULL)
    g_byte_array_append (bytes, (const guint8 *)complaints, (guint)strlen (complaints));
}

static void
keep_scenario (const Campaign *campaign, size_t index)
{
  g_autofree char *name = name_of (campaign, index);
  g_autofree char *path = g_build_filename (campaign->write, name, NULL);
  g_autofree char *text = lab_random_scenario (campaign->from + index);
  g_autoptr (GError) error = NULL;

  if (!g_file_set_contents (path, text, -1, &error))
    fprintf (stderr, "random_runs: %s\n", error->message);
}

static void
tell_failure (Campaign *campaign, size_t index, const char *complaints)
{
  g_autofree char *name = name_of (campaign, index);

  campaign->failed++;
  printf ("FAILED %s\n%s", name, complaints);
  if (campaign->files == NULL)
    printf ("reproduce: make random FROM=%" G_GUINT64_FORMAT " N=1\n", campaign->from + index);
  if (campaign->files == NULL && campaign->write != NULL)
    keep_scenario (campaign, index);
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
  random_handovers_add (&sum->handovers, &tally->handovers);
}

static void
finish_one (void *data, size_t index, const LabJobResult *result)
{
  static const uint64_t tell_every = 500;
  Campaign *campaign = data;
  g_autofree char *complaints = NULL;

  campaign->done++;
  if (result->bytes == NULL) {
    complaints = g_strdup_printf ("%s\n", result->words);
  } else {
    RandomTally tally;
    memcpy (&tally, result->bytes, sizeof tally);
    add_tally (&campaign->sum, &tally);
    complaints =
        g_strndup ((const char *)result->bytes + sizeof tally, result->n_bytes - sizeof tally);
  }
  if (complaints[0] != '\0')
    tell_failure (campaign, index, complaints);
  if (campaign->done % tell_every == 0)
    printf ("%" G_GUINT64_FORMAT " of %" G_GUINT64_FORMAT " runs, %" G_GUINT64_FORMAT " failed\n",
            campaign->done, campaign->count, campaign->failed);
  fflush (stdout);
}

static void
run_all (Campaign *campaign, int jobs, int seconds)
{
  LabCrew crew = { campaign->count, (guint)jobs, (unsigned)seconds, campaign, run_one, finish_one };
  const RandomTally *sum = &campaign->sum;

  lab_crew_run (&crew);
  printf ("random runs: %" G_GUINT64_FORMAT ", failed: %" G_GUINT64_FORMAT "\n"
          "  %" G_GUINT64_FORMAT " events, %" G_GUINT64_FORMAT " segments, %" G_GUINT64_FORMAT
          " bytes delivered\n"
          "  %" G_GUINT64_FORMAT " connections offloaded, %" G_GUINT64_FORMAT
          " refused, %" G_GUINT64_FORMAT " uploaded, %" G_GUINT64_FORMAT
          " aborted; %" G_GUINT64_FORMAT " warnings\n",
          campaign->done, campaign->failed, sum->events, sum->segments, sum->delivered_bytes,
          sum->initiated, sum->refused, sum->terminated, sum->aborted, sum->warnings);
  g_autoptr (GString) text = g_string_new (NULL);
  random_handovers_print (&sum->handovers, text);
  fputs (text->str, stdout);
}

int
main (int argc, char **argv)
{
  Campaign campaign = { 0 };
  int jobs = (int)g_get_num_processors (), seconds = 60;
  gint64 from = 0, count = 1000, print = -1;
  const GOptionEntry entries[] = {
    { "from", 0, 0, G_OPTION_ARG_INT64, &from, "first number", "N" },
    { "count", 0, 0, G_OPTION_ARG_INT64, &count, "how many", "M" },
    { "jobs", 'j', 0, G_OPTION_ARG_INT, &jobs, "at once", "JOBS" },
    { "seconds", 0, 0, G_OPTION_ARG_INT, &seconds, "for a run at most", "S" },
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
  run_all (&campaign, CLAMP (jobs, 1, LAB_WORKERS_MAX), MAX (seconds, 0));
  return campaign.failed > 0;
}
