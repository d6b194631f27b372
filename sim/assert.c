#include "sim/assert.h"

#include <stdio.h>
#include <stdlib.h>

_Noreturn void
sim_assert_fail (const char *expression, const char *file, int line, const char *function)
{
  fprintf (stderr, "%s:%d: %s: assertion failed: %s\n", file, line, function, expression);
  abort ();
}
