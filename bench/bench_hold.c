/*
 * The hold model: the cost of one event of an empty model.
 *
 * A number of events are pending; each, when it fires, schedules itself again after an exponential
 * time.  What is measured is the kernel's public interface and nothing else: the increments come
 * from a table.
 *
 *   bench_hold                        the table: best of several rounds for each size
 *   bench_hold PENDING MEAN_PS EVENTS one size, for profiles
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include <glib.h>

#include "sim/dist.h"
#include "sim/sim.h"

enum { INCREMENTS = 8192, ROUNDS = 5 };

typedef struct Hold {
  int64_t increment[INCREMENTS];
  uint32_t cursor;
} Hold;

typedef struct Item {
  SimEvent event;
  Hold *hold;
} Item;

static inline SimDuration
next_increment (Hold *hold)
{
  return sim_ps (hold->increment[hold->cursor++ % INCREMENTS]);
}

static void
fire (Sim *sim, void *data)
{
  Item *item = data;
  sim_event_schedule (sim, &item->event, sim_time_add (sim_now (sim), next_increment (item->hold)));
}

static double
seconds (void)
{
  struct timespec now;
  clock_gettime (CLOCK_MONOTONIC, &now);
  return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

static void
fill_hold (Hold *hold, int64_t mean_ps)
{
  g_autoptr (SimDist) dist = sim_dist_new_exponential (mean_ps);
  SimStream stream = sim_stream (1, "hold");
  for (uint64_t i = 0; i < INCREMENTS; i++)
    hold->increment[i] = sim_dist_draw (dist, stream, 0, i);
  hold->cursor = 0;
}

/* The best of |rounds| rounds of |events| events, in ns an event, after a warm-up of as many as are
 * pending, three times over. */
static double
hold_ns (uint32_t pending, int64_t mean_ps, uint64_t events, unsigned rounds)
{
  Hold *hold = g_new (Hold, 1);
  Item *item = g_new (Item, pending);
  Sim *sim = sim_new (1);
  double best = 0;

  fill_hold (hold, mean_ps);
  for (uint32_t i = 0; i < pending; i++) {
    item[i].hold = hold;
    sim_event_init (&item[i].event, SIM_PHASE_DEVICE, i, fire, &item[i]);
    fire (sim, &item[i]);
  }
  sim_run (sim,
           (SimLimits){ .until = SIM_TIME_NEVER, .max_events = 3 * (uint64_t)pending + 10000 });
  for (unsigned round = 0; round < rounds; round++) {
    double start = seconds ();
    sim_run (sim,
             (SimLimits){ .until = SIM_TIME_NEVER, .max_events = sim_events_fired (sim) + events });
    double ns = (seconds () - start) * 1e9 / (double)events;
    if (round == 0 || ns < best)
      best = ns;
  }
  sim_free (sim);
  g_free (item);
  g_free (hold);
  return best;
}

static void
print_table (void)
{
  static const struct {
    uint32_t pending;
    uint64_t events;
    const char *bar;
  } rows[] = { { 100, 4000000, "26" }, { 10000, 4000000, "26" }, { 1000000, 4000000, "130" } };
  static const int64_t means[] = { SIM_PS_PER_US, SIM_PS_PER_MS, SIM_PS_PER_S };

  printf ("hold model, ns an event, best of %d     mean increment\n", ROUNDS);
  printf ("  pending     bar      1 us      1 ms       1 s\n");
  for (size_t i = 0; i < G_N_ELEMENTS (rows); i++) {
    printf ("%9" PRIu32 "%8s", rows[i].pending, rows[i].bar);
    for (size_t k = 0; k < G_N_ELEMENTS (means); k++)
      printf ("%10.1f", hold_ns (rows[i].pending, means[k], rows[i].events, ROUNDS));
    printf ("\n");
  }
}

int
main (int argc, char **argv)
{
  if (argc == 4)
    printf ("%.1f\n", hold_ns ((uint32_t)strtoul (argv[1], NULL, 10), strtoll (argv[2], NULL, 10),
                               strtoull (argv[3], NULL, 10), ROUNDS));
  else
    print_table ();
  return 0;
}
