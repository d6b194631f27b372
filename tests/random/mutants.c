/*
 * The mutation score of the rule book: each defect alone, in random runs, until its rule sees it.
 *
 *   mutants [--sample N] [--most M] [-j JOBS] [--seconds S]
 *   mutants --check FILE      whether the page that it once printed is still true
 *
 * Every defect is on in the same N runs, from number 0 on; one that none of them found goes on to M.
 * A driver's defect is on in all of a run's intermediate drivers; runs that have none do not count.
 * Prints docs/mutation.md.
 * Exit code 1 if a run broke off: wrong behaviour must never end the program.
 */
#include <glib.h>
#include <stdio.h>
#include <string.h>

#include "lab/crew.h"
#include "lab/random_mutant.h"
#include "lab/random_scenario.h"
#include "lab/trips.h"

#define PLACES_MAX 16

typedef struct Subject {
  const LabDefect *defect;
  uint64_t runs, struck, found, seen, broke_off;
  uint64_t first;  /* the number of the first run that found it; UINT64_MAX: none did */
  uint64_t stated; /* as the page says */
} Subject;

typedef struct Campaign {
  GArray *subjects;
  GArray *round; /* of uint32_t: whose turn it is */
  uint64_t from, count;
  bool is_stated; /* each subject has one run: the stated one */
} Campaign;

static void
add_subject (void *data, const LabDefect *defect)
{
  Subject subject = { .defect = g_memdup2 (defect, sizeof *defect),
                      .first = UINT64_MAX,
                      .stated = UINT64_MAX };
  g_array_append_val ((GArray *)data, subject);
}

static Subject *
subject_of (const Campaign *campaign, size_t index)
{
  uint32_t at = g_array_index (campaign->round, uint32_t, index / campaign->count);
  return &g_array_index (campaign->subjects, Subject, at);
}

static uint64_t
number_of (const Campaign *campaign, size_t index)
{
  return campaign->is_stated ? subject_of (campaign, index)->stated
                             : campaign->from + index % campaign->count;
}

/* Where a defect is switched on: at the part, or at each of the intermediate drivers that |text| has;
 * of paths that the caller frees. */
static GPtrArray *
places_of (const char *text, const char *part)
{
  GPtrArray *places = g_ptr_array_new_with_free_func (g_free);
  const char *line = strstr (text, "\nim:\n");

  if (strcmp (part, "im") != 0) {
    g_ptr_array_add (places, g_strdup_printf ("%s.defects", part));
    return places;
  }
  if (line == NULL)
    return places;
  for (line += strlen ("\nim:\n"); strncmp (line, "  ", 2) == 0; line = strchr (line, '\n') + 1)
    g_ptr_array_add (places,
                     g_strdup_printf ("im.%.*s.defects", (int)strcspn (line + 2, ":"), line + 2));
  return places;
}

/* In the worker. */
static void
run_one (void *data, size_t index, GByteArray *bytes)
{
  const Campaign *campaign = data;
  const LabDefect *defect = subject_of (campaign, index)->defect;
  uint64_t number = number_of (campaign, index);
  g_autofree char *text = lab_random_scenario (number);
  g_autofree char *value = g_strdup_printf ("[%s]", defect->name);
  g_autoptr (GPtrArray) places = places_of (text, defect->part);
  LabSet sets[PLACES_MAX];
  LabScenarioRequest request = {
    "mutant.yaml", text, strlen (text), sets, MIN (places->len, PLACES_MAX), NULL
  };
  g_autoptr (GError) error = NULL;

  if (places->len == 0) {
    g_byte_array_append (bytes, (const guint8 *)"-", 1);
    return;
  }
  for (guint i = 0; i < MIN (places->len, PLACES_MAX); i++)
    sets[i] = (LabSet){ g_ptr_array_index (places, i), value, false };
  g_autoptr (LabScenario) scenario = lab_scenario_load (&request, &error);
  if (scenario == NULL)
    g_error ("%s", error->message);
  RandomMutant mutant = lab_random_mutant (lab_scenario_config (scenario), defect->rules);
  g_byte_array_append (bytes, (const guint8 *)&mutant, sizeof mutant);
}

static void
finish_one (void *data, size_t index, const LabJobResult *result)
{
  Campaign *campaign = data;
  Subject *subject = subject_of (campaign, index);
  uint64_t number = number_of (campaign, index);
  RandomMutant mutant;

  if (result->bytes == NULL) {
    subject->broke_off++;
    fprintf (stderr, "%s, run %" G_GUINT64_FORMAT ": %s\n", subject->defect->name, number,
             result->words);
    return;
  }
  if (result->n_bytes != sizeof mutant)
    return;
  memcpy (&mutant, result->bytes, sizeof mutant);
  subject->runs++;
  subject->struck += mutant.struck;
  subject->found += mutant.found;
  subject->seen += mutant.seen;
  if (mutant.found && subject->first == UINT64_MAX)
    subject->first = number;
}

/* Whoever nobody has found yet. */
static void
choose_round (Campaign *campaign)
{
  g_array_set_size (campaign->round, 0);
  for (uint32_t i = 0; i < campaign->subjects->len; i++)
    if (g_array_index (campaign->subjects, Subject, i).first == UINT64_MAX)
      g_array_append_val (campaign->round, i);
}

static void
run_rounds (Campaign *campaign, uint64_t most, guint jobs, unsigned seconds)
{
  for (campaign->from = 0; campaign->from < most; campaign->from += campaign->count) {
    choose_round (campaign);
    LabCrew crew = {
      campaign->round->len * campaign->count, jobs, seconds, campaign, run_one, finish_one
    };
    if (crew.n_jobs == 0)
      return;
    lab_crew_run (&crew);
  }
}

/* So many runs are enough, from number 0 on: what the page promises. */
static uint64_t
enough_for (uint64_t first)
{
  static const uint64_t steps[] = { 10, 20, 50, 100, 200, 500, 1000, 2000, 5000 };

  for (size_t i = 0; i < G_N_ELEMENTS (steps); i++)
    if (first < steps[i])
      return steps[i];
  return first + 1;
}

static void
print_row (const Subject *subject)
{
  const LabDefect *defect = subject->defect;

  printf ("| %s | %s | %s | ", defect->name, defect->part, defect->rules);
  if (subject->first == UINT64_MAX)
    printf ("not found | -");
  else
    printf ("%" G_GUINT64_FORMAT " | %" G_GUINT64_FORMAT, subject->first,
            enough_for (subject->first));
  printf (" | %" G_GUINT64_FORMAT " | %" G_GUINT64_FORMAT " | %" G_GUINT64_FORMAT
          " | %" G_GUINT64_FORMAT " |\n",
          subject->runs, subject->struck, subject->found, subject->seen);
}

static uint64_t
print_page (const Campaign *campaign, uint64_t most)
{
  uint64_t found = 0, broke_off = 0;
  guint n = campaign->subjects->len;

  for (guint i = 0; i < n; i++)
    found += g_array_index (campaign->subjects, Subject, i).first != UINT64_MAX;
  printf (
      "# Mutation score of the rule book\n\n"
      "This page is made by `make mutation`; do not edit it.\n\n"
      "Each defect (`chimsim list defects`) is switched on alone in random runs, from number 0 "
      "on. It\n"
      "is found when a rule that it is listed with is broken. All run the same first "
      "%" G_GUINT64_FORMAT " numbers;\none that is not found by then goes on to %" G_GUINT64_FORMAT
      ".\n`make test-mutation` sees that the page is true: each defect in its first run, or in as "
      "many as are\nstated. One that is not found needs a situation that these runs hardly meet: "
      "the page says in how\nmany of them it struck, and a scenario of its own brings it about "
      "(`scenarios/defects/`).\n\n"
      "Found: **%" G_GUINT64_FORMAT " of %u**.\n\n"
      "| defect | part | rules | first found in run | found within | runs | it struck in | found "
      "in | any rule broken in |\n"
      "|---|---|---|--:|--:|--:|--:|--:|--:|\n",
      campaign->count, most, found, n);
  for (guint i = 0; i < n; i++) {
    const Subject *subject = &g_array_index (campaign->subjects, Subject, i);
    print_row (subject);
    broke_off += subject->broke_off;
  }
  return broke_off;
}

/* The page against the runs */

/* A row begins with "| name | part | rules | number |". */
static void
read_row (Campaign *campaign, const char *line)
{
  g_auto (GStrv) cell = g_strsplit (line, "|", -1);
  char *end = NULL;

  if (g_strv_length (cell) < 6)
    return;
  uint64_t number = g_ascii_strtoull (g_strstrip (cell[4]), &end, 10);
  for (guint i = 0; end != cell[4] && i < campaign->subjects->len; i++) {
    Subject *subject = &g_array_index (campaign->subjects, Subject, i);
    if (strcmp (subject->defect->name, g_strstrip (cell[1])) == 0)
      subject->stated = number;
  }
}

static void
choose_stated (Campaign *campaign)
{
  g_array_set_size (campaign->round, 0);
  for (uint32_t i = 0; i < campaign->subjects->len; i++)
    if (g_array_index (campaign->subjects, Subject, i).stated != UINT64_MAX)
      g_array_append_val (campaign->round, i);
}

/* A defect that its stated run does not find any more is looked for in all that the page allows. */
static void
look_further (Campaign *campaign, uint32_t at, guint jobs, unsigned seconds)
{
  const Subject *subject = &g_array_index (campaign->subjects, Subject, at);

  if (subject->stated == UINT64_MAX || subject->first != UINT64_MAX)
    return;
  campaign->is_stated = false;
  campaign->from = 0;
  campaign->count = enough_for (subject->stated);
  g_array_set_size (campaign->round, 0);
  g_array_append_val (campaign->round, at);
  LabCrew crew = { campaign->count, jobs, seconds, campaign, run_one, finish_one };
  lab_crew_run (&crew);
}

/* How many defects the page claims to be found and are not. */
static uint64_t
check_page (Campaign *campaign, const char *page, guint jobs, unsigned seconds)
{
  g_auto (GStrv) lines = g_strsplit (page, "\n", -1);
  uint64_t n_checked, n_false = 0;

  for (guint i = 0; lines[i] != NULL; i++)
    read_row (campaign, lines[i]);
  choose_stated (campaign);
  campaign->is_stated = true;
  campaign->count = 1;
  n_checked = campaign->round->len;
  LabCrew crew = { n_checked, jobs, seconds, campaign, run_one, finish_one };
  lab_crew_run (&crew);
  for (uint32_t i = 0; i < campaign->subjects->len; i++) {
    const Subject *subject = &g_array_index (campaign->subjects, Subject, i);
    look_further (campaign, i, jobs, seconds);
    if (subject->stated == UINT64_MAX || subject->first != UINT64_MAX)
      continue;
    n_false++;
    printf ("%s: not found within %" G_GUINT64_FORMAT " runs; make mutation\n",
            subject->defect->name, enough_for (subject->stated));
  }
  printf ("%" G_GUINT64_FORMAT " of %u defects are found as docs/mutation.md says\n",
          n_checked - n_false, campaign->subjects->len);
  return n_false;
}

int
main (int argc, char **argv)
{
  g_autofree char *check = NULL, *page = NULL;
  gint64 sample = 100, most = 2000;
  int jobs = (int)g_get_num_processors (), seconds = 60;
  const GOptionEntry entries[] = {
    { "sample", 0, 0, G_OPTION_ARG_INT64, &sample, "runs for every defect", "N" },
    { "most", 0, 0, G_OPTION_ARG_INT64, &most, "and for one that is not found", "M" },
    { "check", 0, 0, G_OPTION_ARG_FILENAME, &check, "only see whether a page is true", "FILE" },
    { "jobs", 'j', 0, G_OPTION_ARG_INT, &jobs, "at once", "JOBS" },
    { "seconds", 0, 0, G_OPTION_ARG_INT, &seconds, "for a run at most", "S" },
    G_OPTION_ENTRY_NULL,
  };
  g_autoptr (GOptionContext) context = g_option_context_new (NULL);
  g_autoptr (GError) error = NULL;

  g_option_context_add_main_entries (context, entries, NULL);
  if (!g_option_context_parse (context, &argc, &argv, &error)) {
    fprintf (stderr, "mutants: %s\n", error->message);
    return 2;
  }
  Campaign campaign = { .subjects = g_array_new (FALSE, TRUE, sizeof (Subject)),
                        .round = g_array_new (FALSE, FALSE, sizeof (uint32_t)),
                        .count = (uint64_t)MAX (sample, 1) };
  lab_for_each_defect (add_subject, campaign.subjects);
  if (check != NULL) {
    if (!g_file_get_contents (check, &page, NULL, &error)) {
      fprintf (stderr, "mutants: %s\n", error->message);
      return 2;
    }
    return check_page (&campaign, page, (guint)CLAMP (jobs, 1, LAB_WORKERS_MAX),
                       (unsigned)MAX (seconds, 0))
           > 0;
  }
  run_rounds (&campaign, (uint64_t)MAX (most, sample), (guint)CLAMP (jobs, 1, LAB_WORKERS_MAX),
              (unsigned)MAX (seconds, 0));
  return print_page (&campaign, (uint64_t)MAX (most, sample)) > 0;
}
