#include "lab/draw.h"

#include "sim/assert.h"

LabDraw
lab_draw (uint64_t number, const char *name)
{
  return (LabDraw){ sim_stream (number, name), 0 };
}

uint64_t
lab_draw_between (LabDraw *draw, uint64_t low, uint64_t high)
{
  SIM_ASSERT (low <= high);
  return low + sim_draw_below (draw->stream, 0, draw->n++, high - low + 1);
}

uint64_t
lab_draw_scale (LabDraw *draw, uint64_t low, uint64_t high)
{
  SIM_ASSERT (low >= 1);
  SIM_ASSERT (low <= high);
  unsigned doublings = 0;
  while (high >> doublings > low)
    doublings++;
  uint64_t from = low << lab_draw_between (draw, 0, doublings > 0 ? doublings - 1 : 0);
  uint64_t to = from > high / 2 ? high : 2 * from;
  return lab_draw_between (draw, from < high ? from : high, to);
}

bool
lab_draw_one_in (LabDraw *draw, uint64_t n)
{
  return lab_draw_between (draw, 1, n) == 1;
}

const char *
lab_draw_word (LabDraw *draw, const char *const *words, size_t count)
{
  return words[lab_draw_between (draw, 0, count - 1)];
}
