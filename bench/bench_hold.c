/*
 * The hold model: the cost of one event of an empty model.
 *
 * A number of events are pending; each, when it fires, schedules itself again after some time.
 * What is measured is the kernel's public interface and nothing else: the increments come from a
 * table. The bars are for exponential increments.  Beside them, two shapes that queues fear:
 * bursts, where all increments are whole multiples of a twentieth of their mean, so that many
 * events share an instant; and mixed, where one in eight increments is a timer of 200 s.
 *
 *   bench_hold                        the table: the best of many rounds, taken in turns
 *   bench_hold PENDING MEAN_PS EVENTS one exponential cell, for profiles
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include <glib.h>

#include "sim/dist.h"
#include "sim/sim.h"

enum { INCREMENTS = 8192, ROUNDS = 24, EVENTS = 500000 };

typedef enum Shape { EXPONENTIAL, BURSTS, MIXED } Shape;

typedef struct Item Item;

/* One cell of the table. */
typedef struct Hold {
  Sim *sim;
  Item *item;
  int64_t increment[INCREMENTS];
  uint32_t cursor;
  double best_ns;
} Hold;

struct Item {
  SimEvent event;
  Hold *hold;
};

static void
fire (Sim *sim, void *data)
{
  Item *item = data;
  Hold *hold = item->hold;
  SimDuration increment = sim_ps (hold->increment[hold->cursor++ % INCREMENTS]);
  sim_event_schedule (sim, &item->event, sim_time_add (sim_now (sim), increment));
}

static int64_t
shaped (Shape shape, int64_t increment, int64_t mean_ps, uint64_t i)
{
  int64_t step = mean_ps / 20;
  switch (shape) {
  case EXPONENTIAL:
    return increment;
  case BURSTS:
    return (increment + step - 1) / step * step;
  case MIXED:
    return i % 8 == 0 ? 200 * SIM_PS_PER_S : increment;
  }
  SIM_UNREACHABLE ();
}

static void
run_events (Hold *hold, uint64_t events)
{
  sim_run (hold->sim, (SimLimits){ .until = SIM_TIME_NEVER,
                                   .max_events = sim_events_fired (hold->sim) + events });
}

/* A hold that has run for a while. */
static Hold *
new_hold (uint32_t pending, Shape shape, int64_t mean_ps)
{
  Hold *hold = g_new0 (Hold, 1);
  SimStream stream = sim_stream (1, "hold");
  g_autoptr (SimDist) dist = sim_dist_new_exponential (mean_ps);

  for (uint64_t i = 0; i < INCREMENTS; i++)
    hold->increment[i] = shaped (shape, sim_dist_draw (dist, stream, 0, i), mean_ps, i);
  hold->sim = sim_new (1);
  hold->item = g_new (Item, pending);
  for (uint32_t i = 0; i < pending; i++) {
    hold->item[i].hold = hold;
    sim_event_init (&hold->item[i].event, SIM_PHASE_DEVICE, i, fire, &hold->item[i]);
    fire (hold->sim, &hold->item[i]);
  }
  run_events (hold, 3 * (uint64_t)pending + 10000);
  return hold;
}

static void
free_hold (Hold *hold)
{
  sim_free (hold->sim);
  g_free (hold->item);
  g_free (hold);
}

static double
seconds (void)
{
  struct timespec now;
  clock_gettime (CLOCK_MONOTONIC, &now);
  return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

static void
measure_round (Hold *hold, uint64_t events)
{
  double start = seconds ();
  run_events (hold, events);
  double ns = (seconds () - start) * 1e9 / (double)events;
  if (hold->best_ns == 0 || ns < hold->best_ns)
    hold->best_ns = ns;
}

static void
print_table (void)
{
  static const struct {
    uint32_t pending;
    const char *bar;
  } rows[] = { { 100, "26" }, { 10000, "26" }, { 1000000, "130" } };
  static const struct {
    Shape shape;
    int64_t mean_ps;
  } columns[] = { { EXPONENTIAL, SIM_PS_PER_US },
                  { EXPONENTIAL, SIM_PS_PER_MS },
                  { EXPONENTIAL, SIM_PS_PER_S },
                  { BURSTS, SIM_PS_PER_MS },
                  { MIXED, SIM_PS_PER_MS } };
  enum { ROWS = G_N_ELEMENTS (rows), COLUMNS = G_N_ELEMENTS (columns) };
  Hold *cell[ROWS][COLUMNS];

  for (unsigned i = 0; i < ROWS * COLUMNS; i++)
    cell[i / COLUMNS][i % COLUMNS] =
        new_hold (rows[i / COLUMNS].pending, columns[i % COLUMNS].shape,
                  columns[i % COLUMNS].mean_ps);
  for (unsigned round = 0; round < ROUNDS; round++)
    for (unsigned i = 0; i < ROWS * COLUMNS; i++)
      measure_round (cell[i / COLUMNS][i % COLUMNS], EVENTS);

  printf ("hold model, ns an event, best of %d\n", ROUNDS);
  printf ("             exponential, by mean increment\n");
  printf ("  pending   bar     1 us     1 ms      1 s   bursts    mixed\n");
  for (unsigned row = 0; row < ROWS; row++) {
    printf ("%9" PRIu32 "%6s", rows[row].pending, rows[row].bar);
    for (unsigned column = 0; column < COLUMNS; column++) {
      printf ("%9.1f", cell[row][column]->best_ns);
      free_hold (cell[row][column]);
    }
    printf ("\n");
  }
}

int
main (int argc, char **argv)
{
  if (argc == 4) {
    Hold *hold =
        new_hold ((uint32_t)strtoul (argv[1], NULL, 10), EXPONENTIAL, strtoll (argv[2], NULL, 10));
    for (unsigned round = 0; round < ROUNDS; round++)
      measure_round (hold, strtoull (argv[3], NULL, 10));
    printf ("%.1f\n", hold->best_ns);
    free_hold (hold);
  } else {
    print_table ();
  }
  return 0;
}
