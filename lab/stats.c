#include "lab/stats.h"

#include <string.h>

#include "sim/assert.h"

struct LabStats {
  GPtrArray *figures; /* LabFigure */
};

static void
figure_free (void *data)
{
  LabFigure *figure = data;
  g_free (figure->name);
  g_free (figure);
}

LabStats *
lab_stats_new (void)
{
  LabStats *stats = g_new0 (LabStats, 1);
  stats->figures = g_ptr_array_new_with_free_func (figure_free);
  return stats;
}

void
lab_stats_free (LabStats *stats)
{
  if (stats == NULL)
    return;
  g_ptr_array_unref (stats->figures);
  g_free (stats);
}

static void
add (LabStats *stats, const char *unit, unsigned n_decimals, int64_t value, char *name)
{
  LabFigure *figure = g_new0 (LabFigure, 1);

  SIM_ASSERT (lab_stats_find (stats, name) == NULL);
  figure->name = name;
  figure->unit = unit;
  figure->value = value;
  figure->n_decimals = n_decimals;
  g_ptr_array_add (stats->figures, figure);
}

void
lab_stats_add (LabStats *stats, const char *unit, unsigned n_decimals, int64_t value,
               const char *name_format, ...)
{
  va_list args;
  va_start (args, name_format);
  add (stats, unit, n_decimals, value, g_strdup_vprintf (name_format, args));
  va_end (args);
}

void
lab_stats_add_ratio (LabStats *stats, const char *unit, unsigned n_decimals, int64_t numerator,
                     int64_t denominator, const char *name_format, ...)
{
  __int128 scaled = numerator;
  va_list args;

  if (denominator == 0)
    return;
  for (unsigned i = 0; i < n_decimals; i++)
    scaled *= 10;
  va_start (args, name_format);
  add (stats, unit, n_decimals, (int64_t)(scaled / denominator),
       g_strdup_vprintf (name_format, args));
  va_end (args);
}

size_t
lab_stats_count (const LabStats *stats)
{
  return stats->figures->len;
}

const LabFigure *
lab_stats_at (const LabStats *stats, size_t index)
{
  SIM_ASSERT (index < stats->figures->len);
  return g_ptr_array_index (stats->figures, index);
}

const LabFigure *
lab_stats_find (const LabStats *stats, const char *name)
{
  for (guint i = 0; i < stats->figures->len; i++) {
    const LabFigure *figure = g_ptr_array_index (stats->figures, i);
    if (strcmp (figure->name, name) == 0)
      return figure;
  }
  return NULL;
}

char *
lab_decimal_text (int64_t value, unsigned n_decimals)
{
  uint64_t scale = 1;
  uint64_t size = value < 0 ? -(uint64_t)value : (uint64_t)value;
  const char *sign = value < 0 ? "-" : "";

  SIM_ASSERT (n_decimals <= 18);
  if (n_decimals == 0)
    return g_strdup_printf ("%s%" G_GUINT64_FORMAT, sign, size);
  for (unsigned i = 0; i < n_decimals; i++)
    scale *= 10;
  return g_strdup_printf ("%s%" G_GUINT64_FORMAT ".%0*" G_GUINT64_FORMAT, sign, size / scale,
                          (int)n_decimals, size % scale);
}

char *
lab_figure_text (const LabFigure *figure)
{
  if (figure == NULL)
    return g_strdup ("-");
  g_autofree char *number = lab_decimal_text (figure->value, figure->n_decimals);
  return *figure->unit ? g_strdup_printf ("%s %s", number, figure->unit)
                       : g_steal_pointer (&number);
}

void
lab_stats_to_json (const LabStats *stats, LabJson *json, const char *name)
{
  lab_json_begin_object (json, name);
  for (guint i = 0; i < stats->figures->len; i++) {
    const LabFigure *figure = g_ptr_array_index (stats->figures, i);
    lab_json_begin_object (json, figure->name);
    lab_json_decimal (json, "value", figure->value, figure->n_decimals);
    lab_json_string (json, "unit", figure->unit);
    lab_json_end_object (json);
  }
  lab_json_end_object (json);
}

char *
lab_stats_to_csv (const LabStats *stats)
{
  GString *csv = g_string_new ("name,value,unit\n");

  for (guint i = 0; i < stats->figures->len; i++) {
    const LabFigure *figure = g_ptr_array_index (stats->figures, i);
    g_autofree char *number = lab_decimal_text (figure->value, figure->n_decimals);
    g_string_append_printf (csv, "%s,%s,%s\n", figure->name, number, figure->unit);
  }
  return g_string_free (csv, FALSE);
}
