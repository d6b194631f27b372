#include "lab/human.h"

#include <glib.h>
#include <string.h>

#include "lab/stats.h"
#include "sim/time.h"

char *
lab_human_time (int64_t ps)
{
  static const struct {
    const char *name;
    int64_t ps;
  } units[] = { { "s", SIM_PS_PER_S },
                { "ms", SIM_PS_PER_MS },
                { "µs", SIM_PS_PER_US },
                { "ns", SIM_PS_PER_NS },
                { "ps", 1 } };
  const char *sign = ps < 0 ? "-" : "";
  __int128 size = ps < 0 ? -(__int128)ps : ps;
  size_t u = 0;

  while (u + 1 < G_N_ELEMENTS (units) && size * 2000 < (__int128)units[u].ps * 1999)
    u++;
  /* As many decimals as make three digits; rounding up may add a digit, which does no harm. */
  unsigned n_decimals = size < 10 * units[u].ps ? 2 : size < 100 * units[u].ps ? 1 : 0;
  int64_t scale = n_decimals == 2 ? 100 : n_decimals == 1 ? 10 : 1;
  if (units[u].ps == 1)
    n_decimals = 0, scale = 1;
  g_autofree char *number =
      lab_decimal_text ((int64_t)((size * scale * 2 + units[u].ps) / (2 * units[u].ps)),
                        n_decimals);
  return g_strdup_printf ("%s%s %s", sign, number, units[u].name);
}

char *
lab_human_count (int64_t count)
{
  g_autofree char *digits = lab_decimal_text (count, 0);
  GString *text = g_string_new (NULL);
  size_t n = strlen (digits);

  for (size_t i = 0; i < n; i++) {
    if (i > 0 && (n - i) % 3 == 0 && digits[i - 1] != '-')
      g_string_append (text, "\u202f");
    g_string_append_c (text, digits[i]);
  }
  return g_string_free (text, FALSE);
}
