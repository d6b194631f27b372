#include "tests/support.h"

#include "sim/assert.h"

void
sim_assert_fail (const char *expression, const char *file, int line,
                 G_GNUC_UNUSED const char *function)
{
  mock_assert (0, expression, file, line);
  g_error ("%s:%d: %s", file, line, expression);
}
