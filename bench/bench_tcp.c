/*
 * The TCP engine against closed forms: runs of the simulator, one connection each, as a table.
 *
 *   bench_tcp FOLDER   runs every row, leaves each scenario in FOLDER for chimsim run, prints the
 *                      table; exits 1 if a row is beyond its bar
 *
 * What each row means, where its bar comes from and why the engine deviates: docs/bench.md.
 */
#include <glib.h>
#include <glib/gstdio.h>
#include <math.h>
#include <stdlib.h>

#include "bench/closed_forms.h"
#include "bench/closed_run.h"
#include "lab/crew.h"
#include "models/tcp/segment.h"

#define MSS 1448.0
#define RTO_MIN_S 0.2
#define SLOW_START_ROUNDS 40
#define SEEDS 6
#define WORKERS 2

typedef enum Form { CLEAN, WINDOW, DELAYED, BACKOFF, RENO, CUBIC, CONVERGE, RANDOM } Form;

typedef struct Row {
  Form form;
  ClosedSetup setup;
  double p;            /* of loss */
  ClosedCycles cycles; /* RENO, CUBIC, CONVERGE */
  double first_window; /* likewise: where the first loss shall be, in segments */
  double rate_bits_per_s;
  int64_t tick_ms, first_ticks, max_ticks; /* BACKOFF */
  char *parameters;
} Row;

/* What a worker tells. */
typedef struct Told {
  bool ran;
  ClosedMeasures measures;
} Told;

typedef struct Bench {
  GArray *rows; /* Row */
  GArray *jobs; /* Job */
  const char *folder;
  bool all_held;
} Bench;

typedef struct Job {
  guint row;
  uint64_t seed;
  Told told;
} Job;

/* Rows */

static void
add (Bench *bench, Row row, char *parameters)
{
  row.parameters = parameters;
  uint64_t seeds = row.form == RANDOM ? SEEDS : 1;
  for (uint64_t seed = 1; seed <= seeds; seed++) {
    Job job = { .row = bench->rows->len, .seed = seed };
    g_array_append_val (bench->jobs, job);
  }
  g_array_append_val (bench->rows, row);
}

static const char *
path_name (bool on_target)
{
  return on_target ? "target" : "host";
}

static void
add_clean_links (Bench *bench)
{
  static const struct {
    const char *text;
    double bits_per_s, seconds;
  } rates[] = { { "10 Mbit/s", 1e7, 20 }, { "100 Mbit/s", 1e8, 3 }, { "1 Gbit/s", 1e9, 0.5 } };

  for (int on_target = 0; on_target < 2; on_target++)
    for (size_t i = 0; i < G_N_ELEMENTS (rates); i++) {
      Row row = { .form = CLEAN, .rate_bits_per_s = rates[i].bits_per_s };
      row.setup = (ClosedSetup){ .rate = rates[i].text,
                                 .one_way_s = 50e-6,
                                 .window_bytes = 256 << 10,
                                 .segments_per_ack = 2,
                                 .from_s = rates[i].seconds * 0.2,
                                 .until_s = rates[i].seconds * 1.2,
                                 .on_target = on_target };
      add (bench, row, g_strdup_printf ("%s, %s", path_name (on_target), rates[i].text));
    }
}

static void
add_windows (Bench *bench)
{
  static const uint32_t segments[] = { 2, 8, 44, 400 };
  static const double rtts_s[] = { 0.01, 0.1 };

  for (int on_target = 0; on_target < 2; on_target++)
    for (size_t i = 0; i < G_N_ELEMENTS (segments); i++)
      for (size_t j = 0; j < G_N_ELEMENTS (rtts_s); j++) {
        Row row = { .form = WINDOW };
        row.setup = (ClosedSetup){ .rate = "10 Gbit/s",
                                   .one_way_s = rtts_s[j] / 2,
                                   .window_bytes = segments[i] * (uint32_t)MSS,
                                   .segments_per_ack = 1,
                                   .from_s = 20 * rtts_s[j],
                                   .until_s = 120 * rtts_s[j],
                                   .on_target = on_target };
        add (bench, row,
             g_strdup_printf ("%s, %u segments, %.0f ms", path_name (on_target), segments[i],
                              rtts_s[j] * 1e3));
      }
}

/* A window of an odd number of segments, an ACK for two of them. */
static void
add_delayed_acks (Bench *bench)
{
  static const uint32_t segments[] = { 3, 9, 45 };

  for (size_t i = 0; i < G_N_ELEMENTS (segments); i++) {
    Row row = { .form = DELAYED };
    row.setup = (ClosedSetup){ .rate = "10 Gbit/s",
                               .one_way_s = 0.05,
                               .window_bytes = segments[i] * (uint32_t)MSS,
                               .segments_per_ack = 2,
                               .delay_ms = 20,
                               .from_s = 2,
                               .until_s = 26 };
    add (bench, row, g_strdup_printf ("host, %u segments, 100 ms + 20 ms", segments[i]));
  }
}

typedef struct Timing {
  const char *what;
  int64_t tick_ms, first_ticks, max_ticks;
  const char *tcp;
  const char *impair;
} Timing;

/* Nothing arrives: no round trip was ever measured, or the first alone (SRTT R, RTTVAR R/2: RTO 3 R,
 * RFC 6298 2.2, 2.3).  The round trip is 100 ms. */
static void
add_backoffs (Bench *bench)
{
  static const char all[] = "counts: data, loss: 1/1", second[] = "counts: data, drop: 2-1000";
  static const Timing timings[] = {
    { "initial 1 s, tick 1 ms", 1, 1000, 60000, "rto_initial: 1000 ticks", all },
    { "initial 3 s, maximum 20 s", 1, 3000, 20000, "rto_initial: 3000 ticks, rto_max: 20000 ticks",
      all },
    { "initial 1 s, tick 10 ms", 10, 100, 6000,
      "ticks_per_second: 100, rto_initial: 100 ticks, rto_min: 30 ticks, rto_max: 6000 ticks",
      all },
    { "initial 1 s, tick 100 ms", 100, 10, 600,
      "ticks_per_second: 10, rto_initial: 10 ticks, rto_min: 3 ticks, rto_max: 600 ticks", all },
    { "measured 3 R, tick 1 ms", 1, 300, 60000, "rto_min: 10 ticks", second },
    { "measured 3 R, minimum 1 s", 1, 1000, 60000, "rto_min: 1000 ticks", second },
    { "measured 3 R, tick 10 ms", 10, 30, 6000,
      "ticks_per_second: 100, rto_initial: 100 ticks, rto_min: 1 ticks, rto_max: 6000 ticks",
      second },
  };

  for (size_t i = 0; i < G_N_ELEMENTS (timings); i++) {
    const Timing *t = &timings[i];
    Row row = { .form = BACKOFF,
                .tick_ms = t->tick_ms,
                .first_ticks = t->first_ticks,
                .max_ticks = t->max_ticks };
    row.setup = (ClosedSetup){
      .rate = "1 Gbit/s",
      .impair = t->impair,
      .traffic = "pattern: request_response, request: 100 B, response: 100 B",
      .one_way_s = 0.05,
      .window_bytes = 65536,
      .segments_per_ack = 1,
      .until_s = 400,
    };
    row.setup.tcp = g_strdup_printf ("retransmissions_max: 9, %s", t->tcp);
    add (bench, row, g_strdup_printf ("host, %s", t->what));
  }
}

/* How many cycles are measured after as many to settle. */
typedef struct Cell {
  double p, rtt_s;
  int cycles;
} Cell;

static void
add_average (Bench *bench, Form form, Cell cell)
{
  double reno = closed_reno_window (cell.p);
  double w = form == RENO ? reno : closed_cubic_window (cell.p, cell.rtt_s);
  bool is_cubic_region = form == CUBIC && w > reno;
  /* CUBIC forgets a wrong W_max only slowly: the first loss is where the table's model has all of
   * them.  Fast convergence is seen from twice as high. */
  double first = is_cubic_region ? closed_cubic_peak (cell.p, cell.rtt_s)
                 : form == RENO  ? w * 4 / 3
                 : form == CUBIC ? w / 0.85
                                 : 2 * w;
  first = floor (first);
  Row row = { .form = form, .p = cell.p };
  row.cycles = (ClosedCycles){ .p = cell.p,
                               .rtt_s = cell.rtt_s,
                               .from = cell.cycles,
                               .until = 2 * cell.cycles,
                               .cubic = form != RENO,
                               .fast_convergence = form == CONVERGE };
  row.first_window = first;
  row.setup = (ClosedSetup){
    .rate = "10 Gbit/s",
    .tcp = form == RENO    ? NULL
           : form == CUBIC ? "congestion: cubic, fast_convergence: false"
                           : "congestion: cubic",
    .one_way_s = cell.rtt_s / 2,
    .window_bytes = (uint32_t)(fmax (4 * first, 50) * MSS), /* for a recovery as well */
    .segments_per_ack = 1,
    .from_cycle = cell.cycles,
    .until_cycle = 2 * cell.cycles,
    .until_s = ceil ((2 * cell.cycles + 4) * cell.rtt_s / (cell.p * w) * 1.2e3) / 1e3,
  };
  add (bench, row, g_strdup_printf ("p %.0e, RTT %.2f s", cell.p, cell.rtt_s));
}

/* RFC 9438, tables 1 and 2; and fast convergence, which these leave out. */
static void
add_averages (Bench *bench)
{
  static const Cell cells[] = { { 1e-2, 0.1, 60 },  { 1e-3, 0.1, 30 },  { 1e-4, 0.1, 25 },
                                { 1e-5, 0.1, 5 },   { 1e-2, 0.01, 60 }, { 1e-3, 0.01, 30 },
                                { 1e-4, 0.01, 25 }, { 1e-5, 0.01, 5 } };

  for (Form form = RENO; form <= CUBIC; form++)
    for (size_t i = 0; i < G_N_ELEMENTS (cells); i++)
      add_average (bench, form, cells[i]);
  add_average (bench, CONVERGE, (Cell){ 1e-4, 0.1, 12 });
  add_average (bench, CONVERGE, (Cell){ 1e-5, 0.1, 5 });
}

static void
add_random_losses (Bench *bench)
{
  static const struct {
    double p;
    const char *text;
  } losses[] = { { 0.001, "1/1000" },
                 { 0.003, "3/1000" },
                 { 0.01, "1/100" },
                 { 0.03, "3/100" },
                 { 0.05, "5/100" } };
  static const double rtts_s[] = { 0.02, 0.1 };

  for (uint32_t b = 1; b <= 2; b++)
    for (size_t j = 0; j < G_N_ELEMENTS (rtts_s); j++)
      for (size_t i = 0; i < G_N_ELEMENTS (losses); i++) {
        double rate = closed_mathis (losses[i].p, rtts_s[j], 1);
        double length_s = MAX (20000, 100 / losses[i].p) / rate;
        Row row = { .form = RANDOM, .p = losses[i].p };
        row.setup = (ClosedSetup){
          .rate = "1 Gbit/s",
          .impair = g_strdup_printf ("counts: data, loss: %s", losses[i].text),
          .tcp = "retransmissions_max: 50, rto_min: 200 ticks",
          .one_way_s = rtts_s[j] / 2,
          .window_bytes = 1 << 20,
          .segments_per_ack = b,
          .from_s = floor (length_s * 1e2) / 1e3,
          .until_s = floor (length_s * 1.1e3) / 1e3,
        };
        add (bench, row,
             g_strdup_printf ("p %.1f %%, RTT %.2f s, %s", losses[i].p * 100, rtts_s[j],
                              b == 1 ? "ACK each" : "delayed ACKs"));
      }
}

/* Running */

static const char *const form_names[] = { "clean link",      "window-limited", "delayed ACK",
                                          "RTO back-off",    "Reno window",    "CUBIC window",
                                          "CUBIC converges", "random loss" };
static const char *const form_files[] = { "clean", "window", "delayed",  "backoff",
                                          "reno",  "cubic",  "converge", "random" };

/* The window in which the loss of data segment |number| is noticed, the only one. */
static double
window_at_loss (const Row *row, uint64_t number)
{
  ClosedSetup setup = row->setup;
  ClosedMeasures measures = { 0 };
  g_autofree char *impair = g_strdup_printf ("counts: data, drop: %" G_GUINT64_FORMAT, number);
  setup.name = "first_loss";
  setup.impair = impair;
  setup.until_s = SLOW_START_ROUNDS * 2 * setup.one_way_s;
  g_autofree char *text = closed_scenario (&setup);
  if (!closed_run (&setup, text, &measures))
    g_error ("%s: refused", setup.name);
  return measures.first_window;
}

/* One loss in slow start where the window has reached what it shall be, and every 1/p segments from
 * there on. */
static char *
losses_of (const Row *row)
{
  uint64_t low = 1, high = (uint64_t)(16 * row->first_window);
  uint64_t every = (uint64_t)round (1 / row->p);
  while (low + 1 < high) {
    uint64_t middle = (low + high) / 2;
    if (window_at_loss (row, middle) < row->first_window)
      low = middle;
    else
      high = middle;
  }
  return g_strdup_printf ("counts: data, drop: \"%" G_GUINT64_FORMAT ", every %" G_GUINT64_FORMAT
                          "th from %" G_GUINT64_FORMAT "\"",
                          high, every, high + every);
}

static void
job (void *data, size_t index, GByteArray *bytes)
{
  Bench *bench = data;
  const Job *job = &g_array_index (bench->jobs, Job, index);
  const Row *row = &g_array_index (bench->rows, Row, job->row);
  ClosedSetup setup = row->setup;
  g_autofree char *name = g_strdup_printf ("%s_%02u_%" G_GUINT64_FORMAT, form_files[row->form],
                                           job->row + 1, job->seed);
  g_autofree char *file = g_strdup_printf ("%s/%s.yaml", bench->folder, name);

  setup.name = name;
  setup.seed = job->seed;
  g_autofree char *impair = row->first_window > 0 ? losses_of (row) : NULL;
  if (impair != NULL)
    setup.impair = impair;
  g_autofree char *text = closed_scenario (&setup);
  Told told = { 0 };
  told.ran =
      g_file_set_contents (file, text, -1, NULL) && closed_run (&setup, text, &told.measures);
  g_byte_array_append (bytes, (const guint8 *)&told, sizeof told);
}

static void
each (void *data, size_t index, const LabJobResult *result)
{
  Bench *bench = data;
  Job *job = &g_array_index (bench->jobs, Job, index);

  if (result->n_bytes == sizeof job->told)
    memcpy (&job->told, result->bytes, sizeof job->told);
  else
    g_printerr ("row %u: %s\n", job->row + 1, result->words);
}

/* Telling */

static void
print (Bench *bench, const Row *row, const char *measured, const char *formula,
       const char *deviation, const char *bar, bool holds)
{
  g_print ("%-15s %-34s %14s %18s %10s %12s  %s\n", form_names[row->form], row->parameters,
           measured, formula, deviation, bar, holds ? "holds" : "BEYOND");
  bench->all_held = bench->all_held && holds;
}

/* One measured number, one of the formula, and how far apart they may be. */
static void
print_ratio (Bench *bench, const Row *row, const char *format, double measured, double formula,
             double bar)
{
  double deviation = measured / formula - 1;
  char texts[4][32];
  g_snprintf (texts[0], sizeof texts[0], format, measured);
  g_snprintf (texts[1], sizeof texts[1], format, formula);
  g_snprintf (texts[2], sizeof texts[2], "%+.2f %%", deviation * 100);
  g_snprintf (texts[3], sizeof texts[3], "%.1f %%", bar * 100);
  print (bench, row, texts[0], texts[1], texts[2], texts[3], fabs (deviation) <= bar);
}

static double
megabits (const ClosedMeasures *m)
{
  return m->received_bytes * 8 / m->seconds / 1e6;
}

/* What rounds that can be cut anywhere leave out.  Everything goes in the bursts of the ACK clock, so
 * that a cycle lasts a whole number of rounds: up to one more.  Only whole segments go: half of one
 * stays unsent on average, and what has not gone does not make the window grow. */
static double
rounds_bar (double p, double window)
{
  return window * p + 1 / window;
}

/* Against the table, which leaves the recovery and NewReno's whole growth out; against the same
 * equations round by round, which do not. */
static void
tell_average (Bench *bench, const Row *row, const ClosedMeasures *m)
{
  double rtt_s = row->setup.one_way_s * 2;
  double window = m->cycle_segments * rtt_s / m->cycle_seconds;
  ClosedCycles cycles = row->cycles;
  cycles.first_window = m->first_window;
  double rounds = closed_cycles_window (&cycles);
  if (row->form == CONVERGE) {
    print_ratio (bench, row, "%.1f", window, rounds, rounds_bar (row->p, rounds));
    return;
  }
  double table =
      row->form == CUBIC ? closed_cubic_window (row->p, rtt_s) : closed_reno_window (row->p);
  double bar = fabs (rounds / table - 1) + rounds_bar (row->p, rounds);
  print_ratio (bench, row, "%.1f", window, table, bar);
  g_print ("%-15s  round by round %.1f: %+.2f %%\n", "", rounds, (window / rounds - 1) * 100);
}

static void
tell_backoff (Bench *bench, const Row *row, const ClosedMeasures *m)
{
  g_autoptr (GString) measured = g_string_new (NULL);
  g_autoptr (GString) formula = g_string_new (NULL);
  int64_t tick_ps = row->tick_ms * SIM_PS_PER_MS;
  bool holds = m->n_resent == 10;
  for (int i = 0; i + 1 < m->n_resent; i++) {
    int64_t ticks = m->resent_ps[i + 1] / tick_ps - m->resent_ps[i] / tick_ps;
    int64_t expected = closed_rto_ticks (row->first_ticks, row->max_ticks, i);
    g_string_append_printf (measured, " %" G_GINT64_FORMAT, ticks);
    g_string_append_printf (formula, " %" G_GINT64_FORMAT, expected);
    holds = holds && ticks == expected;
  }
  char count[32];
  g_snprintf (count, sizeof count, "%d in a row", m->n_resent - 1);
  print (bench, row, count, "to the tick", holds ? "0" : "not", "0", holds);
  g_print ("%-15s  %s ticks%s%s\n", "", measured->str + 1, holds ? "" : ", not",
           holds ? "" : formula->str);
}

/* Between what assumes that a loss takes the rest of its round along, and what knows no timeout.
 * The window grows by bytes acknowledged (RFC 5681 3.1), so that delayed ACKs do not slow it down:
 * b is 1 in either formula. */
static void
tell_random (Bench *bench, const Row *row, guint first)
{
  double sum = 0, squares = 0, timeouts = 0;
  double rtt_s = row->setup.one_way_s * 2;
  for (guint i = 0; i < SEEDS; i++) {
    const ClosedMeasures *m = &g_array_index (bench->jobs, Job, first + i).told.measures;
    double rate = m->received_bytes / MSS / m->seconds;
    sum += rate;
    squares += rate * rate;
    timeouts += m->timeouts;
  }
  double mean = sum / SEEDS;
  double spread = sqrt (MAX (squares / SEEDS - mean * mean, 0) * SEEDS / (SEEDS - 1));
  double margin = 2 * spread / sqrt (SEEDS);
  double low = closed_pftk (row->p, rtt_s, RTO_MIN_S, 1);
  double high = closed_mathis (row->p, rtt_s, 1);
  char texts[4][32];
  g_snprintf (texts[0], sizeof texts[0], "%.1f +- %.1f/s", mean, spread);
  g_snprintf (texts[1], sizeof texts[1], "%.1f to %.1f/s", low, high);
  g_snprintf (texts[2], sizeof texts[2], "%+.0f, %+.0f %%", (mean / low - 1) * 100,
              (mean / high - 1) * 100);
  g_snprintf (texts[3], sizeof texts[3], "between");
  print (bench, row, texts[0], texts[1], texts[2], texts[3],
         mean + margin >= low && mean - margin <= high);
}

static void
tell (Bench *bench, const Row *row, guint first)
{
  const ClosedMeasures *m = &g_array_index (bench->jobs, Job, first).told.measures;
  double rtt_s = row->setup.one_way_s * 2;
  switch (row->form) {
  case CLEAN:
    print_ratio (bench, row, "%.3f Mb/s", megabits (m),
                 closed_clean_bits_per_s (row->rate_bits_per_s) / 1e6, 0.005);
    return;
  case WINDOW:
    print_ratio (bench, row, "%.3f Mb/s", megabits (m),
                 closed_window_bits_per_s (row->setup.window_bytes, rtt_s) / 1e6, 0.01);
    return;
  case DELAYED:
    print_ratio (bench, row, "%.3f Mb/s", megabits (m),
                 closed_delayed_window_bits_per_s (row->setup.window_bytes, MSS, rtt_s, 0.02) / 1e6,
                 0.01);
    return;
  case BACKOFF:
    tell_backoff (bench, row, m);
    return;
  case RENO:
  case CUBIC:
  case CONVERGE:
    tell_average (bench, row, m);
    return;
  case RANDOM:
    tell_random (bench, row, first);
    return;
  }
}

static void
tell_all (Bench *bench)
{
  g_print ("%-15s %-34s %14s %18s %10s %12s  verdict\n", "what", "parameters", "measured",
           "formula", "deviation", "bar");
  for (guint i = 0; i < bench->jobs->len; i++) {
    const Job *job = &g_array_index (bench->jobs, Job, i);
    const Row *row = &g_array_index (bench->rows, Row, job->row);
    if (job->seed > 1)
      continue;
    if (job->told.ran)
      tell (bench, row, i);
    else
      print (bench, row, "-", "-", "-", "did not run", false);
  }
}

int
main (int argc, char **argv)
{
  Bench bench = { .rows = g_array_new (FALSE, TRUE, sizeof (Row)),
                  .jobs = g_array_new (FALSE, TRUE, sizeof (Job)),
                  .all_held = true };
  if (argc != 2) {
    g_printerr ("usage: bench_tcp FOLDER\n");
    return 2;
  }
  bench.folder = argv[1];
  g_mkdir_with_parents (bench.folder, 0777);
  add_clean_links (&bench);
  add_windows (&bench);
  add_delayed_acks (&bench);
  add_backoffs (&bench);
  add_averages (&bench);
  add_random_losses (&bench);
  LabCrew crew = { .n_jobs = bench.jobs->len,
                   .n_workers = WORKERS,
                   .seconds = 300,
                   .data = &bench,
                   .job = job,
                   .each = each };
  lab_crew_run (&crew);
  tell_all (&bench);
  return bench.all_held ? 0 : 1;
}
