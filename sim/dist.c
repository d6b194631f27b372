#include "sim/dist.h"

#include <string.h>

#include "sim/assert.h"
#include "sim/fixed.h"
#include "sim/normal.h"

/*
 * A table has two halves, each dense towards its end: a quantile is found by its distance v from
 * the nearer end.  The scaled distance w = v * 25 / 32 is cut by octave and 32 steps in each, so
 * that 1/2 and 1/100 of the whole fall on a step.  Below 32 each w is a step.
 */
#define STEP_BITS 5
#define STEPS (1 << STEP_BITS)
#define SCALE_TIMES 25
#define SCALE_SHIFT 5
#define SCALED_END (UINT64_C (25) << 58) /* of v = 2^63 */
#define N_POINTS 1875                    /* the last one at SCALED_END */
#define HALVES 2

typedef unsigned __int128 Wide;
typedef __int128 SignedWide;

typedef enum DistKind { DIST_UNIFORM, DIST_TABLE, DIST_EMPIRICAL } DistKind;

typedef enum Half { HALF_LOW, HALF_HIGH } Half;

typedef struct Point {
  int64_t value;
  uint64_t weight_until; /* of this and all lower values */
} Point;

struct SimDist {
  DistKind kind;
  int64_t min;
  int64_t max;
  int64_t mean;
  size_t n_points;            /* empirical */
  Point *point;               /* empirical, ascending */
  int64_t (*table)[N_POINTS]; /* by half, from its end to the middle */
};

static SimDist *
new_dist (DistKind kind)
{
  SimDist *dist = g_new0 (SimDist, 1);
  dist->kind = kind;
  return dist;
}

void
sim_dist_free (SimDist *dist)
{
  if (dist == NULL)
    return;
  g_free (dist->point);
  g_free (dist->table);
  g_free (dist);
}

/* Tables */

/* The scaled distance at which point |i| of a half stands. */
static uint64_t
point_scaled (size_t i)
{
  if (i < STEPS)
    return i;
  return (uint64_t)(STEPS + i % STEPS) << (i / STEPS - 1);
}

/* The distance at which point |i| stands, at least 1: there is no end of the tail. */
static uint64_t
point_distance (size_t i)
{
  Wide distance = ((Wide)point_scaled (i) << SCALE_SHIFT) / SCALE_TIMES;
  return MAX ((uint64_t)distance, 1);
}

static int64_t
table_at (const SimDist *dist, uint64_t u)
{
  Half half = u >> 63 ? HALF_HIGH : HALF_LOW;
  uint64_t distance = half == HALF_HIGH ? ~u : u;
  uint64_t scaled = (uint64_t)((Wide)distance * SCALE_TIMES >> SCALE_SHIFT);
  const int64_t *table = dist->table[half];

  if (scaled < STEPS)
    return table[scaled];
  unsigned shift = 63u - STEP_BITS - (unsigned)__builtin_clzll (scaled);
  size_t i = (size_t)shift * STEPS + (size_t)(scaled >> shift);
  SignedWide span = (SignedWide)table[i + 1] - table[i];
  uint64_t fraction = scaled & ((UINT64_C (1) << shift) - 1);
  SignedWide half_step = ((SignedWide)1 << shift) >> 1;
  return table[i] + (int64_t)((span * fraction + half_step) >> shift);
}

/* Rounding may leave a point below its neighbour by one: lift it. */
static void
make_monotone (SimDist *dist)
{
  int64_t *low = dist->table[HALF_LOW], *high = dist->table[HALF_HIGH];

  for (size_t i = 1; i < N_POINTS; i++)
    low[i] = MAX (low[i], low[i - 1]);
  high[N_POINTS - 1] = low[N_POINTS - 1];
  for (size_t i = N_POINTS - 1; i-- > 0;)
    high[i] = MAX (high[i], high[i + 1]);
}

static int64_t
table_mean (const SimDist *dist)
{
  Wide sum = 0; /* of twice the value times scaled distance */

  for (unsigned half = 0; half < HALVES; half++)
    for (size_t i = 0; i + 1 < N_POINTS; i++)
      sum += ((Wide)dist->table[half][i] + (Wide)dist->table[half][i + 1])
             * (point_scaled (i + 1) - point_scaled (i));
  return (int64_t)(sum / ((Wide)2 * HALVES * SCALED_END));
}

static SimDist *
new_table (void)
{
  SimDist *dist = new_dist (DIST_TABLE);
  dist->table = g_malloc0 (HALVES * sizeof dist->table[0]);
  return dist;
}

static SimDist *
finish_table (SimDist *dist)
{
  SIM_ASSERT (point_scaled (N_POINTS - 1) == SCALED_END);
  make_monotone (dist);
  dist->min = dist->table[HALF_LOW][0];
  dist->max = dist->table[HALF_HIGH][0];
  dist->mean = table_mean (dist);
  return dist;
}

/* The value whose upper tail is |tail| / 2^64: mean * ln (2^64 / tail). */
static int64_t
exponential_value (int64_t mean, uint64_t tail)
{
  uint64_t log2_q57 = (UINT64_C (64) << 57) - sim_log2_q57 (tail);
  uint64_t ln_q57 = (uint64_t)((Wide)log2_q57 * SIM_LN2_Q64 >> 64);
  Wide value = ((Wide)ln_q57 * (uint64_t)mean + (UINT64_C (1) << 56)) >> 57;
  return (int64_t)MIN (value, (Wide)INT64_MAX);
}

SimDist *
sim_dist_new_exponential (int64_t mean)
{
  SIM_ASSERT (mean >= 1);

  SimDist *dist = new_table ();
  for (size_t i = 0; i < N_POINTS; i++) {
    uint64_t distance = point_distance (i);
    dist->table[HALF_LOW][i] = i == 0 ? 0 : exponential_value (mean, -distance);
    dist->table[HALF_HIGH][i] = exponential_value (mean, distance);
  }
  return finish_table (dist);
}

/* |value| times 2 to the |exponent| (Q57), rounded to the nearest. */
static int64_t
times_exp2 (const SimRoots *roots, int64_t value, SignedWide exponent_q57)
{
  int64_t whole = (int64_t)(exponent_q57 >> 57);
  uint64_t fraction = (uint64_t)(exponent_q57 & ((INT64_C (1) << 57) - 1)) << 6;
  Wide product = (Wide)(uint64_t)value * sim_exp2_q63 (roots, fraction); /* Q63 */

  if (whole >= 63)
    return INT64_MAX;
  if (whole < -64)
    return 0;
  unsigned shift = (unsigned)(63 - whole);
  Wide rounded = shift == 127 ? product >> 127 : (product + ((Wide)1 << shift >> 1)) >> shift;
  return (int64_t)MIN (rounded, (Wide)INT64_MAX);
}

SimDist *
sim_dist_new_lognormal (int64_t p50, int64_t p99)
{
  SIM_ASSERT (p50 >= 1);
  SIM_ASSERT (p50 <= p99);

  SimRoots roots;
  sim_roots_init (&roots);
  g_autoptr (SimNormal) normal = sim_normal_new (&roots);
  uint64_t spread = sim_log2_q57 ((uint64_t)p99) - sim_log2_q57 ((uint64_t)p50);
  uint64_t z99 = 0;

  SimDist *dist = new_table ();
  for (size_t i = N_POINTS; i-- > 0;) {
    uint64_t z = sim_normal_deviation_q58 (normal, point_distance (i));
    if (point_scaled (i) == UINT64_C (1) << 57)
      z99 = z;
    dist->table[HALF_LOW][i] = (int64_t)z;
  }
  for (size_t i = 0; i < N_POINTS; i++) {
    uint64_t z = (uint64_t)dist->table[HALF_LOW][i];
    SignedWide exponent = (SignedWide)((Wide)spread * z / z99);
    dist->table[HALF_LOW][i] = times_exp2 (&roots, p50, -exponent);
    dist->table[HALF_HIGH][i] = times_exp2 (&roots, p50, exponent);
  }
  return finish_table (dist);
}

/* The others */

SimDist *
sim_dist_new_constant (int64_t value)
{
  return sim_dist_new_uniform (value, value);
}

SimDist *
sim_dist_new_uniform (int64_t low, int64_t high)
{
  SIM_ASSERT (low <= high);

  SimDist *dist = new_dist (DIST_UNIFORM);
  dist->min = low;
  dist->max = high;
  dist->mean = (int64_t)(((SignedWide)low + high) >> 1);
  return dist;
}

static int64_t
uniform_at (const SimDist *dist, uint64_t u)
{
  Wide count = (Wide)((SignedWide)dist->max - dist->min) + 1;
  Wide offset = count >> 64 ? (Wide)u : count * u >> 64;
  return (int64_t)((SignedWide)dist->min + (SignedWide)offset);
}

static int
compare_points (gconstpointer a, gconstpointer b, G_GNUC_UNUSED gpointer data)
{
  int64_t left = ((const SimDistPoint *)a)->value, right = ((const SimDistPoint *)b)->value;
  return left < right ? -1 : left > right;
}

static uint64_t
total_weight (const SimDistPoint *points, size_t count)
{
  uint64_t weight = 0;
  for (size_t i = 0; i < count; i++) {
    bool overflow = __builtin_add_overflow (weight, points[i].weight, &weight);
    SIM_ASSERT (!overflow);
  }
  return weight;
}

/* Rounded down, which for a negative sum is not what division does. */
static int64_t
floor_divide (SignedWide sum, uint64_t by)
{
  SignedWide quotient = sum / (SignedWide)by;
  return (int64_t)(quotient - (quotient * (SignedWide)by > sum));
}

SimDist *
sim_dist_new_empirical (const SimDistPoint *points, size_t count)
{
  SIM_ASSERT (count >= 1);
  SIM_ASSERT (count <= INT32_MAX);
  uint64_t total = total_weight (points, count);
  SIM_ASSERT (total >= 1);
  SIM_ASSERT (total <= INT64_MAX);

  g_autofree SimDistPoint *sorted = g_memdup2 (points, count * sizeof points[0]);
  g_qsort_with_data (sorted, (int)count, sizeof sorted[0], compare_points, NULL);
  SimDist *dist = new_dist (DIST_EMPIRICAL);
  dist->point = g_new (Point, count);
  uint64_t weight = 0;
  SignedWide sum = 0;
  for (size_t i = 0; i < count; i++) {
    if (sorted[i].weight == 0)
      continue;
    weight += sorted[i].weight;
    sum += (SignedWide)sorted[i].value * sorted[i].weight;
    dist->point[dist->n_points++] = (Point){ sorted[i].value, weight };
  }
  dist->min = dist->point[0].value;
  dist->max = dist->point[dist->n_points - 1].value;
  dist->mean = floor_divide (sum, total);
  return dist;
}

/* The first point whose observations reach past the one that |u| names. */
static int64_t
empirical_at (const SimDist *dist, uint64_t u)
{
  uint64_t total = dist->point[dist->n_points - 1].weight_until;
  uint64_t observation = (uint64_t)((Wide)total * u >> 64);
  size_t low = 0, high = dist->n_points - 1;

  while (low < high) {
    size_t middle = (low + high) / 2;
    if (dist->point[middle].weight_until > observation)
      high = middle;
    else
      low = middle + 1;
  }
  return dist->point[low].value;
}

int64_t
sim_dist_at (const SimDist *dist, uint64_t u)
{
  switch (dist->kind) {
  case DIST_UNIFORM:
    return uniform_at (dist, u);
  case DIST_TABLE:
    return table_at (dist, u);
  case DIST_EMPIRICAL:
    return empirical_at (dist, u);
  }
  SIM_UNREACHABLE ();
}

int64_t
sim_dist_draw (const SimDist *dist, SimStream stream, uint64_t subject, uint64_t n)
{
  return sim_dist_at (dist, sim_draw (stream, subject, n));
}

int64_t
sim_dist_min (const SimDist *dist)
{
  return dist->min;
}

int64_t
sim_dist_max (const SimDist *dist)
{
  return dist->max;
}

int64_t
sim_dist_mean (const SimDist *dist)
{
  return dist->mean;
}
