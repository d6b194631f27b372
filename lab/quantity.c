#include "lab/quantity.h"

#include <string.h>

#include "lab/mistakes.h"
#include "sim/assert.h"

/* The digits of INT64_MAX: so many minutes still fit 128 bits. */
#define DIGITS_MAX 19
/* Numbers of a ratio have one digit less, so that their sums fit 64 bits. */
#define RATIO_MAX INT64_C (999999999999999999)
#define PERCENT_FRACTION_MAX 15

typedef struct Unit {
  LabDimension dimension;
  const char *symbol;
  int64_t scale;   /* in base units */
  bool is_printed; /* whether lab_quantity_text uses it */
} Unit;

/* Each dimension from small to large. */
static const Unit units[] = {
  { LAB_TIME, "ps", 1, true },
  { LAB_TIME, "ns", 1000, true },
  { LAB_TIME, "us", 1000000, true },
  { LAB_TIME, "ms", 1000000000, true },
  { LAB_TIME, "s", 1000000000000, true },
  { LAB_TIME, "min", 60000000000000, false },
  { LAB_RATE, "bit/s", 1, true },
  { LAB_RATE, "kbit/s", 1000, true },
  { LAB_RATE, "Mbit/s", 1000000, true },
  { LAB_RATE, "Gbit/s", 1000000000, true },
  { LAB_FREQUENCY, "Hz", 1, true },
  { LAB_FREQUENCY, "kHz", 1000, true },
  { LAB_FREQUENCY, "MHz", 1000000, true },
  { LAB_FREQUENCY, "GHz", 1000000000, true },
  { LAB_BYTES, "B", 1, true },
  { LAB_BYTES, "kB", 1000, false },
  { LAB_BYTES, "KiB", 1024, true },
  { LAB_BYTES, "MB", 1000000, false },
  { LAB_BYTES, "MiB", 1048576, true },
  { LAB_BYTES, "GB", 1000000000, false },
  { LAB_BYTES, "GiB", 1073741824, true },
  { LAB_CYCLES, "cycle", 1, false },
  { LAB_CYCLES, "cycles", 1, true },
  { LAB_UNIT_COST, "cycles/KiB", 1, true },
  { LAB_UNIT_COST, "cycles/B", 1024, false },
  { LAB_TICKS, "tick", 1, false },
  { LAB_TICKS, "ticks", 1, true },
};

static const struct {
  const char *name;
  const char *units;
  const char *example;
  const char *whole; /* what the smallest unit counts */
} dimensions[LAB_N_DIMENSIONS] = {
  [LAB_COUNT] = { "count", "", "16", "a whole number" },
  [LAB_TIME] = { "time", "ps, ns, us, ms, s, min", "5 us", "a whole number of picoseconds" },
  [LAB_RATE] = { "rate", "bit/s, kbit/s, Mbit/s, Gbit/s", "10 Gbit/s", "a whole number of bit/s" },
  [LAB_FREQUENCY] = { "frequency", "Hz, kHz, MHz, GHz", "350 MHz", "a whole number of Hz" },
  [LAB_BYTES] = { "size", "B, kB, KiB, MB, MiB, GB, GiB", "1448 B", "a whole number of bytes" },
  [LAB_CYCLES] = { "number of cycles", "cycles", "900 cycles", "a whole number of cycles" },
  [LAB_UNIT_COST] = { "cost a byte", "cycles/B, cycles/KiB", "358 cycles/KiB",
                      "a whole number of cycles/KiB" },
  [LAB_TICKS] = { "number of ticks", "ticks", "200 ticks", "a whole number of ticks" },
};

/* Units that other tools write. */
static const struct {
  const char *wrong;
  const char *right;
} habits[] = {
  { "bps", "bit/s" },    { "kbps", "kbit/s" },  { "Mbps", "Mbit/s" }, { "Gbps", "Gbit/s" },
  { "b/s", "bit/s" },    { "kb/s", "kbit/s" },  { "Mb/s", "Mbit/s" }, { "Gb/s", "Gbit/s" },
  { "\302\265s", "us" }, { "\316\274s", "us" }, { "usec", "us" },     { "msec", "ms" },
  { "nsec", "ns" },      { "sec", "s" },        { "seconds", "s" },   { "KB", "KiB or kB" },
  { "K", "KiB" },        { "k", "KiB" },        { "M", "MiB" },       { "G", "GiB" },
  { "byte", "B" },       { "bytes", "B" },      { "cyc", "cycles" },  { "cpb", "cycles/B" },
  { "c/B", "cycles/B" }, { "bits/s", "bit/s" }, { "minutes", "min" }, { "minute", "min" },
};

const char *
lab_dimension_name (LabDimension dimension)
{
  return dimensions[dimension].name;
}

const char *
lab_dimension_units (LabDimension dimension)
{
  return dimensions[dimension].units;
}

const char *
lab_dimension_base (LabDimension dimension)
{
  for (size_t i = 0; i < G_N_ELEMENTS (units); i++)
    if (units[i].dimension == dimension && units[i].is_printed && units[i].scale == 1)
      return units[i].symbol;
  return "";
}

static const Unit *
unit_find (const char *symbol)
{
  for (size_t i = 0; i < G_N_ELEMENTS (units); i++)
    if (strcmp (units[i].symbol, symbol) == 0)
      return &units[i];
  return NULL;
}

bool
lab_unit_exists (const char *symbol)
{
  return unit_find (symbol) != NULL;
}

/* The unit that |symbol| was meant to be. */
static const char *
unit_meant (const char *symbol)
{
  for (size_t i = 0; i < G_N_ELEMENTS (habits); i++)
    if (strcmp (habits[i].wrong, symbol) == 0)
      return habits[i].right;
  for (size_t i = 0; i < G_N_ELEMENTS (units); i++)
    if (g_ascii_strcasecmp (units[i].symbol, symbol) == 0)
      return units[i].symbol;
  for (size_t i = 0; i < G_N_ELEMENTS (habits); i++)
    if (g_ascii_strcasecmp (habits[i].wrong, symbol) == 0)
      return habits[i].right;
  const char *symbols[G_N_ELEMENTS (units)];
  for (size_t i = 0; i < G_N_ELEMENTS (units); i++)
    symbols[i] = units[i].symbol;
  return lab_nearest (symbol, symbols, G_N_ELEMENTS (symbols));
}

/* A decimal number as an integer and the number of its digits that stand after the point. */
typedef struct Decimal {
  int64_t digits;
  unsigned n_fraction;
} Decimal;

static bool
all_digits (const char *text, size_t n)
{
  for (size_t i = 0; i < n; i++)
    if (!g_ascii_isdigit (text[i]))
      return false;
  return n > 0;
}

/* What a number that other languages or older YAML would read was probably meant to say. */
static char *
trap_explain (const char *text, size_t n)
{
  g_autofree char *number = g_strndup (text, n);
  char prefix = n > 2 && number[0] == '0' ? g_ascii_tolower (number[1]) : '\0';
  unsigned base = prefix == 'o' ? 8 : prefix == 'x' ? 16 : prefix == 'b' ? 2 : 0;
  if (base != 0) {
    char *end = NULL;
    guint64 value = g_ascii_strtoull (number + 2, &end, base);
    if (*end == '\0')
      return g_strdup_printf ("%s is not decimal; write %" G_GUINT64_FORMAT, number, value);
  }
  if (n > 1 && number[0] == '0' && all_digits (number, n)) {
    const char *rest = number;
    while (rest[0] == '0' && rest[1] != '\0')
      rest++;
    return g_strdup_printf ("%s could be octal; write %s", number, rest);
  }
  if (strchr (number, ':') != NULL && g_ascii_isdigit (number[0]))
    return g_strdup_printf ("%s could be base 60; write one number with its unit", number);
  if (strchr (number, '_') != NULL || strchr (number, ',') != NULL)
    return g_strdup_printf ("%s has marks between its digits; write the digits alone", number);
  if (g_ascii_isdigit (number[0]) && strpbrk (number, "eE") != NULL)
    return g_strdup_printf ("%s has an exponent; write all digits or a larger unit", number);
  if (number[0] == '-' && n > 1)
    return g_strdup_printf ("%s is negative; write 0 or more", number);
  return NULL;
}

/* The length of the part of |text| that is a number or a trap that looks like one. */
static size_t
number_span (const char *text)
{
  size_t n = strspn (text, "0123456789.");
  bool is_trap = n > 0 && strchr ("_,:xXoObeE", text[n]) != NULL && text[n] != '\0'
                 && g_ascii_isalnum (text[n + 1]);
  if (is_trap && g_ascii_isalpha (text[n]))
    is_trap = (n == 1 && text[0] == '0' && strchr ("xob", g_ascii_tolower (text[1])) != NULL)
              || (g_ascii_tolower (text[n]) == 'e' && g_ascii_isdigit (text[n + 1]));
  return is_trap ? strcspn (text, " ") : n;
}

static bool
decimal_read (const char *text, size_t n, Decimal *ret_decimal)
{
  Decimal decimal = { 0, 0 };
  const char *point = memchr (text, '.', n);
  size_t n_whole = point != NULL ? (size_t)(point - text) : n;
  if (!all_digits (text, n_whole) || (n_whole > 1 && text[0] == '0'))
    return false;
  if (point != NULL && !all_digits (point + 1, n - n_whole - 1))
    return false;
  while (point != NULL && text[n - 1] == '0')
    n--;
  unsigned n_digits = 0;
  for (size_t i = 0; i < n; i++) {
    if (text[i] == '.')
      continue;
    if (++n_digits > DIGITS_MAX)
      return false;
    if (__builtin_mul_overflow (decimal.digits, 10, &decimal.digits)
        || __builtin_add_overflow (decimal.digits, text[i] - '0', &decimal.digits))
      return false;
    decimal.n_fraction += i > n_whole;
  }
  *ret_decimal = decimal;
  return true;
}

static bool
scale_decimal (Decimal decimal, int64_t scale, int64_t *ret_value, bool *reterr_is_fraction)
{
  __int128 value = (__int128)decimal.digits * scale;
  for (unsigned i = 0; i < decimal.n_fraction; i++) {
    if (value % 10 != 0) {
      *reterr_is_fraction = true;
      return false;
    }
    value /= 10;
  }
  *reterr_is_fraction = false;
  if (value > INT64_MAX)
    return false;
  *ret_value = (int64_t)value;
  return true;
}

static char *
explain_no_number (const char *text, LabDimension dimension)
{
  size_t span = number_span (text);
  char *trap =
      span > 0 || text[0] == '-' ? trap_explain (text, span > 0 ? span : strlen (text)) : NULL;
  if (trap != NULL)
    return trap;
  bool is_long = strspn (text, "0123456789.") >= DIGITS_MAX;
  if (is_long && dimension == LAB_COUNT)
    return g_strdup_printf ("%s is too large to be counted; write less", text);
  if (is_long)
    return g_strdup_printf ("%s has too many digits; write fewer and a larger unit", text);
  return g_strdup_printf ("\"%s\" is not a %s; write for instance %s", text,
                          dimensions[dimension].name, dimensions[dimension].example);
}

static char *
explain_unit (const char *text, const char *symbol, size_t n_number, LabDimension dimension)
{
  const Unit *unit = unit_find (symbol);
  if (unit != NULL && dimension == LAB_COUNT)
    return g_strdup_printf ("\"%s\" has a unit, but this is a count; write %.*s", text,
                            (int)n_number, text);
  if (unit != NULL)
    return g_strdup_printf ("\"%s\" is a %s, not a %s; write it in %s", text,
                            dimensions[unit->dimension].name, dimensions[dimension].name,
                            dimensions[dimension].units);
  const char *meant = unit_meant (symbol);
  if (meant != NULL && dimension != LAB_COUNT)
    return g_strdup_printf ("\"%s\" is not a unit; write %.*s %s", symbol, (int)n_number, text,
                            meant);
  if (dimension == LAB_COUNT)
    return g_strdup_printf ("\"%s\" is not a count; write a whole number", text);
  return g_strdup_printf ("\"%s\" is not a unit; write one of %s", symbol,
                          dimensions[dimension].units);
}

static char *
explain_no_unit (const char *number, LabDimension dimension)
{
  const char *first = strchr (dimensions[dimension].example, ' ') + 1;
  if (strcmp (first, dimensions[dimension].units) == 0)
    return g_strdup_printf ("%s has no unit; write %s %s", number, number, first);
  return g_strdup_printf ("%s has no unit; write one of %s, for instance %s %s", number,
                          dimensions[dimension].units, number, first);
}

static char *
explain_scale (const char *text, bool is_fraction, LabDimension dimension)
{
  if (is_fraction)
    return g_strdup_printf ("%s is not %s; write fewer digits", text, dimensions[dimension].whole);
  return g_strdup_printf ("%s is too large to be counted; write less", text);
}

bool
lab_quantity_read (const char *text, LabDimension dimension, int64_t *ret_value, char **reterr_why)
{
  size_t n_number = number_span (text);
  Decimal decimal;
  if (!decimal_read (text, n_number, &decimal)) {
    *reterr_why = explain_no_number (text, dimension);
    return false;
  }
  const char *symbol = text + n_number + strspn (text + n_number, " ");
  int64_t scale = 1;
  if (symbol[0] != '\0') {
    const Unit *unit = unit_find (symbol);
    if (unit == NULL || unit->dimension != dimension) {
      *reterr_why = explain_unit (text, symbol, n_number, dimension);
      return false;
    }
    scale = unit->scale;
  } else if (dimension != LAB_COUNT) {
    *reterr_why = explain_no_unit (text, dimension);
    return false;
  }
  bool is_fraction = false;
  if (!scale_decimal (decimal, scale, ret_value, &is_fraction)) {
    *reterr_why = explain_scale (text, is_fraction, dimension);
    return false;
  }
  return true;
}

static int64_t
power_of_ten (unsigned exponent)
{
  int64_t power = 1;
  while (exponent-- > 0)
    power *= 10;
  return power;
}

static bool
percent_read (const char *text, size_t n, LabRatio *ret_ratio)
{
  Decimal decimal;
  if (!decimal_read (text, n, &decimal) || decimal.n_fraction > PERCENT_FRACTION_MAX)
    return false;
  LabRatio ratio = { decimal.digits, 100 * power_of_ten (decimal.n_fraction) };
  if (ratio.n > ratio.d)
    return false;
  *ret_ratio = ratio;
  return true;
}

bool
lab_ratio_read (const char *text, LabRatio *ret_ratio, char **reterr_why)
{
  size_t n_bytes = strlen (text);
  if (n_bytes > 1 && text[n_bytes - 1] == '%' && percent_read (text, n_bytes - 1, ret_ratio))
    return true;

  const char *slash = strchr (text, '/');
  Decimal n, d;
  bool ok = slash != NULL && decimal_read (text, (size_t)(slash - text), &n)
            && decimal_read (slash + 1, strlen (slash + 1), &d) && n.n_fraction == 0
            && d.n_fraction == 0 && n.digits <= RATIO_MAX && d.digits <= RATIO_MAX;
  if (ok && d.digits > 0 && n.digits <= d.digits) {
    *ret_ratio = (LabRatio){ n.digits, d.digits };
    return true;
  }
  if (ok)
    *reterr_why = g_strdup_printf ("%s is not between 0 and 1; write for instance 1/1000", text);
  else
    *reterr_why = g_strdup_printf ("\"%s\" is not a ratio; write n/d, for instance 1/1000", text);
  return false;
}

bool
lab_percentile_read (const char *text, LabRatio *ret_ratio, char **reterr_why)
{
  if (percent_read (text, strlen (text), ret_ratio) && ret_ratio->n > 0)
    return true;
  *reterr_why = g_strdup_printf (
      "\"%s\" is not a percentile; write a number above 0 up to 100, for instance 99.9", text);
  return false;
}

bool
lab_boolean_read (const char *text, bool *ret_value, char **reterr_why)
{
  static const struct {
    const char *text;
    bool value;
    bool is_trap;
  } table[] = {
    { "true", true, false }, { "false", false, false }, { "yes", true, true },
    { "no", false, true },   { "on", true, true },      { "off", false, true },
    { "y", true, true },     { "n", false, true },      { "1", true, true },
    { "0", false, true },
  };
  for (size_t i = 0; i < G_N_ELEMENTS (table); i++) {
    if (g_ascii_strcasecmp (text, table[i].text) != 0)
      continue;
    bool is_exact = strcmp (text, table[i].text) == 0;
    if (is_exact && !table[i].is_trap) {
      *ret_value = table[i].value;
      return true;
    }
    *reterr_why =
        g_strdup_printf ("%s is not a boolean; write %s", text, table[i].value ? "true" : "false");
    return false;
  }
  *reterr_why = g_strdup_printf ("\"%s\" is not a boolean; write true or false", text);
  return false;
}

/* |value| / |scale| with up to three decimals, if that is exact; NULL if not. */
static char *
decimal_text (int64_t value, int64_t scale)
{
  int64_t rest = value % scale;
  if (rest == 0)
    return g_strdup_printf ("%" G_GINT64_FORMAT, value / scale);
  if (scale % 1000 != 0 || rest % (scale / 1000) != 0)
    return NULL;
  unsigned thousandths = (unsigned)(rest / (scale / 1000));
  char *text = g_strdup_printf ("%" G_GINT64_FORMAT ".%03u", value / scale, thousandths);
  for (size_t n = strlen (text); text[n - 1] == '0'; n--)
    text[n - 1] = '\0';
  return text;
}

char *
lab_quantity_text (int64_t value, LabDimension dimension)
{
  SIM_ASSERT (value >= 0);
  if (dimension == LAB_COUNT)
    return g_strdup_printf ("%" G_GINT64_FORMAT, value);

  char *best = NULL;
  for (size_t i = 0; i < G_N_ELEMENTS (units); i++) {
    const Unit *unit = &units[i];
    bool is_smallest = best == NULL;
    if (unit->dimension != dimension || !unit->is_printed || (!is_smallest && value < unit->scale))
      continue;
    g_autofree char *number = decimal_text (value, unit->scale);
    if (number == NULL)
      continue;
    g_free (best);
    best = g_strdup_printf ("%s %s", number, unit->symbol);
  }
  SIM_ASSERT (best != NULL);
  return best;
}

char *
lab_ratio_text (LabRatio ratio)
{
  return g_strdup_printf ("%" G_GINT64_FORMAT "/%" G_GINT64_FORMAT, ratio.n, ratio.d);
}

char *
lab_percentile_text (LabRatio ratio)
{
  int64_t scale = ratio.d / 100;
  GString *text = g_string_new (NULL);
  g_string_append_printf (text, "%" G_GINT64_FORMAT, ratio.n / scale);
  int64_t rest = ratio.n % scale;
  if (rest > 0)
    g_string_append_c (text, '.');
  for (; rest > 0; rest %= scale) {
    scale /= 10;
    g_string_append_c (text, (char)('0' + rest / scale));
  }
  return g_string_free (text, FALSE);
}

char *
lab_dimension_pattern (LabDimension dimension)
{
  if (dimension == LAB_COUNT)
    return g_strdup ("^(0|[1-9][0-9]*)$");
  g_autoptr (GString) symbols = g_string_new (NULL);
  for (size_t i = 0; i < G_N_ELEMENTS (units); i++)
    if (units[i].dimension == dimension)
      g_string_append_printf (symbols, "%s%s", symbols->len > 0 ? "|" : "", units[i].symbol);
  return g_strdup_printf ("^(0|[1-9][0-9]*)([.][0-9]+)? *(%s)$", symbols->str);
}
