/*
 * A place in a file that a person wrote: where a fault found at t = 3 s still points.
 *
 * Units       Line and column count from 1; column counts characters.  Line 0: the text has no
 *             lines (an argument of the command line), |file| says all there is to say.
 * Owns        |file| is borrowed from whoever loaded it; the loaded scenario outlives its world.
 */
#pragma once

#include <stdint.h>

typedef struct SimLoc {
  const char *file;
  uint32_t line;
  uint32_t column;
} SimLoc;
