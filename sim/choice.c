#include "sim/choice.h"

#include <glib.h>

#include "sim/machine.h"
#include "sim/mix.h"

/* How often a (site, subject) has been asked. */
typedef struct Counter {
  uint64_t subject;
  uint64_t ordinal; /* 0: this place in the table is free */
  SimSite site;
} Counter;

typedef struct Scheduled {
  SimChoice choice;
  bool done;
} Scheduled;

struct SimChoices {
  Sim *sim;
  uint64_t open; /* bit set of sites */
  SimChooser chooser;
  void *chooser_data;

  Counter *counters; /* open addressing, for lookup only */
  size_t counters_capacity;
  size_t counters_count;

  GArray *schedule;      /* Scheduled, as loaded */
  GHashTable *scheduled; /* SimChoice * in the schedule's copies -> index + 1 */
  GArray *taken;         /* SimChoice */
};

#define COUNTERS_CAPACITY_MIN 64

G_STATIC_ASSERT (SIM_SITES_MAX == 64);

static guint
choice_hash (gconstpointer key)
{
  const SimChoice *choice = key;
  return (guint)sim_mix (sim_mix (choice->subject ^ choice->ordinal << 32) ^ choice->site);
}

static gboolean
choice_equal (gconstpointer a, gconstpointer b)
{
  const SimChoice *left = a, *right = b;
  return left->site == right->site && left->subject == right->subject
         && left->ordinal == right->ordinal;
}

SimChoices *
sim_choices_new (Sim *sim)
{
  SimChoices *choices = g_new0 (SimChoices, 1);

  choices->sim = sim;
  choices->counters_capacity = COUNTERS_CAPACITY_MIN;
  choices->counters = g_new0 (Counter, COUNTERS_CAPACITY_MIN);
  choices->schedule = g_array_new (FALSE, FALSE, sizeof (Scheduled));
  choices->scheduled = g_hash_table_new_full (choice_hash, choice_equal, g_free, NULL);
  choices->taken = g_array_new (FALSE, FALSE, sizeof (SimChoice));
  return choices;
}

void
sim_choices_free (SimChoices *choices)
{
  if (choices == NULL)
    return;
  g_free (choices->counters);
  g_array_free (choices->schedule, TRUE);
  g_hash_table_destroy (choices->scheduled);
  g_array_free (choices->taken, TRUE);
  g_free (choices);
}

/* The counter of (site, subject), or the free place where it belongs. */
static Counter *
find_counter (Counter *counters, size_t capacity, SimSite site, uint64_t subject)
{
  size_t i = (size_t)sim_mix (sim_mix (subject) ^ site) & (capacity - 1);
  while (counters[i].ordinal != 0 && (counters[i].site != site || counters[i].subject != subject))
    i = (i + 1) & (capacity - 1);
  return &counters[i];
}

static void
grow_counters (SimChoices *choices)
{
  size_t capacity = 2 * choices->counters_capacity;
  Counter *counters = g_new0 (Counter, capacity);

  for (size_t i = 0; i < choices->counters_capacity; i++) {
    const Counter *old = &choices->counters[i];
    if (old->ordinal != 0)
      *find_counter (counters, capacity, old->site, old->subject) = *old;
  }
  g_free (choices->counters);
  choices->counters = counters;
  choices->counters_capacity = capacity;
}

static uint64_t
next_ordinal (SimChoices *choices, SimSite site, uint64_t subject)
{
  Counter *counter = find_counter (choices->counters, choices->counters_capacity, site, subject);
  if (counter->ordinal == 0) {
    if (2 * ++choices->counters_count > choices->counters_capacity) {
      grow_counters (choices);
      counter = find_counter (choices->counters, choices->counters_capacity, site, subject);
    }
    counter->site = site;
    counter->subject = subject;
  }
  return ++counter->ordinal;
}

/* What the schedule says, 0 if it says nothing or what is not possible. */
static uint32_t
scheduled_value (SimChoices *choices, const SimChoice *choice)
{
  guint index = GPOINTER_TO_UINT (g_hash_table_lookup (choices->scheduled, choice));
  if (index == 0)
    return 0;
  Scheduled *scheduled = &g_array_index (choices->schedule, Scheduled, index - 1);
  if (scheduled->choice.value >= choice->n)
    return 0;
  scheduled->done = true;
  return scheduled->choice.value;
}

uint32_t
sim_choose (Sim *sim, SimSite site, uint64_t subject, uint32_t n)
{
  SimChoices *choices = sim->choices;

  SIM_ASSERT (site < SIM_SITES_MAX);
  SIM_ASSERT (n >= 1);
  if (!sim_choices_is_open (choices, site))
    return 0;

  SimChoice choice = { .site = site,
                       .subject = subject,
                       .ordinal = next_ordinal (choices, site, subject),
                       .n = n,
                       .when = sim->now };
  choice.value = scheduled_value (choices, &choice);
  if (choices->chooser != NULL) {
    choice.value = choices->chooser (choices->chooser_data, &choice);
    SIM_ASSERT (choice.value < n);
  }
  if (choice.value != 0)
    g_array_append_val (choices->taken, choice);
  return choice.value;
}

void
sim_choices_open (SimChoices *choices, SimSite site)
{
  SIM_ASSERT (site < SIM_SITES_MAX);
  choices->open |= UINT64_C (1) << site;
  if (site == SIM_SITE_SAME_TIME)
    choices->sim->same_time_open = true;
}

bool
sim_choices_is_open (const SimChoices *choices, SimSite site)
{
  SIM_ASSERT (site < SIM_SITES_MAX);
  return choices->open >> site & 1;
}

void
sim_choices_load (SimChoices *choices, const SimChoice *schedule, size_t count)
{
  for (size_t i = 0; i < count; i++) {
    Scheduled scheduled = { schedule[i], false };
    SIM_ASSERT (scheduled.choice.ordinal >= 1);
    SIM_ASSERT (!g_hash_table_contains (choices->scheduled, &scheduled.choice));
    g_array_append_val (choices->schedule, scheduled);
    g_hash_table_insert (choices->scheduled, g_memdup2 (&schedule[i], sizeof schedule[i]),
                         GUINT_TO_POINTER (choices->schedule->len));
    sim_choices_open (choices, schedule[i].site);
  }
}

void
sim_choices_set_chooser (SimChoices *choices, SimChooser chooser, void *data)
{
  choices->chooser = chooser;
  choices->chooser_data = data;
}

const SimChoice *
sim_choices_taken (const SimChoices *choices, size_t *ret_count)
{
  *ret_count = choices->taken->len;
  return (const SimChoice *)(const void *)choices->taken->data;
}

SimChoice *
sim_choices_unused (const SimChoices *choices, size_t *ret_count)
{
  SimChoice *unused = g_new (SimChoice, MAX (choices->schedule->len, 1));
  size_t count = 0;

  for (guint i = 0; i < choices->schedule->len; i++) {
    const Scheduled *scheduled = &g_array_index (choices->schedule, Scheduled, i);
    if (!scheduled->done)
      unused[count++] = scheduled->choice;
  }
  *ret_count = count;
  return unused;
}
