#include "sim/normal.h"

#include "sim/assert.h"

#define CELLS_PER_UNIT 256
#define DEVIATION_MAX 12
#define N_CELLS (CELLS_PER_UNIT * DEVIATION_MAX)
#define CELL_BITS 50 /* of a cell's width in Q58 */

G_STATIC_ASSERT (CELLS_PER_UNIT == 1 << (58 - CELL_BITS));

typedef unsigned __int128 Wide;
typedef __int128 SignedWide;

struct SimNormal {
  Wide density[N_CELLS + 1]; /* exp (-z^2 / 2) at the cells' lower ends, Q112 */
  Wide tail[N_CELLS + 1];    /* its integral from there on, in units of a sixth of a cell, Q112 */
};

/* exp (-z^2 / 2) at z = |half_cells| / 512, Q112. */
static Wide
density_at (const SimRoots *roots, uint64_t half_cells)
{
  Wide exponent = (Wide)(half_cells * half_cells) * SIM_LOG2E_Q63 >> 19;
  unsigned whole = (unsigned)(exponent >> 63);
  uint64_t fraction = (uint64_t)exponent & (UINT64_MAX >> 1);

  /* 2^-(whole + fraction) = 2^(1 - fraction) / 2^(whole + 1) */
  if (fraction == 0)
    return (Wide)1 << 112 >> whole;
  return (Wide)sim_exp2_q63 (roots, (UINT64_C (1) << 63) - fraction) << 49 >> (whole + 1);
}

SimNormal *
sim_normal_new (const SimRoots *roots)
{
  SimNormal *normal = g_new (SimNormal, 1);

  normal->density[N_CELLS] = density_at (roots, 2 * N_CELLS);
  normal->tail[N_CELLS] = 0;
  for (unsigned i = N_CELLS; i-- > 0;) {
    normal->density[i] = density_at (roots, 2 * i);
    normal->tail[i] = normal->tail[i + 1] + normal->density[i] + 4 * density_at (roots, 2 * i + 1)
                      + normal->density[i + 1];
  }
  return normal;
}

void
sim_normal_free (SimNormal *normal)
{
  g_free (normal);
}

/* The last cell whose tail is at least |tail|. */
static unsigned
find_cell (const SimNormal *normal, Wide tail)
{
  unsigned low = 0, high = N_CELLS;
  while (high - low > 1) {
    unsigned middle = (low + high) / 2;
    if (normal->tail[middle] >= tail)
      low = middle;
    else
      high = middle;
  }
  return low;
}

/* How far into cell |cell| the density has to be followed to have |area| behind: s with
 * s * (1 - z s / 2 + (z^2 - 1) s^2 / 6) = area / density. */
static uint64_t
offset_in_cell (const SimNormal *normal, unsigned cell, Wide area)
{
  Wide density = normal->density[cell];
  unsigned shift = 0;
  while (density >> shift >> 60 != 0)
    shift++;
  SignedWide one = (SignedWide)1 << 58;
  SignedWide z = (SignedWide)cell << CELL_BITS;
  SignedWide ratio =
      (SignedWide)((area >> shift << 58) / (6 * CELLS_PER_UNIT * (density >> shift)));
  SignedWide s = ratio;

  for (unsigned i = 0; i < 4; i++) {
    SignedWide zs = z * s >> 58;
    SignedWide square = (zs * zs >> 58) - (s * s >> 58);
    s = (ratio << 58) / (one - zs / 2 + square / 6);
  }
  return (uint64_t)s;
}

uint64_t
sim_normal_deviation_q58 (const SimNormal *normal, uint64_t v)
{
  SIM_ASSERT (v >= 1);
  SIM_ASSERT (v <= UINT64_C (1) << 63);

  /* The whole tail is one half: tail = whole * v / 2^63. */
  Wide whole = normal->tail[0];
  Wide tail = ((whole >> 64) * v << 1) + ((whole & UINT64_MAX) * v >> 63);
  unsigned cell = find_cell (normal, tail);
  return ((uint64_t)cell << CELL_BITS) + offset_in_cell (normal, cell, normal->tail[cell] - tail);
}
