#include "lab/answer.h"

#include "lab/human.h"
#include "sim/time.h"

static const LabFigure *
find (const LabStats *stats, const char *format, va_list args)
{
  g_autofree char *name = g_strdup_vprintf (format, args);
  return lab_stats_find (stats, name);
}

char *
lab_answer (const LabStats *stats, const char *name_format, ...)
{
  va_list args;
  va_start (args, name_format);
  const LabFigure *figure = find (stats, name_format, args);
  va_end (args);
  return lab_figure_text (figure);
}

char *
lab_answer_time (const LabStats *stats, const char *name_format, ...)
{
  va_list args;
  va_start (args, name_format);
  const LabFigure *figure = find (stats, name_format, args);
  va_end (args);
  return figure != NULL ? lab_human_time (figure->value * SIM_PS_PER_NS) : g_strdup ("-");
}

static char *
number_text (const LabFigure *figure)
{
  return figure != NULL ? lab_decimal_text (figure->value, figure->n_decimals) : g_strdup ("-");
}

char *
lab_answer_number (const LabStats *stats, const char *name)
{
  return number_text (lab_stats_find (stats, name));
}

char *
lab_answer_sum (const LabStats *stats, const char *one, const char *other)
{
  const LabFigure *left = lab_stats_find (stats, one), *right = lab_stats_find (stats, other);

  if (left == NULL || right == NULL)
    return number_text (left != NULL ? left : right);
  SIM_ASSERT (left->n_decimals == right->n_decimals);
  LabFigure sum = *left;
  sum.value += right->value;
  return number_text (&sum);
}

char *
lab_answer_change (const LabStats *stats, const char *from, const char *to)
{
  const LabFigure *before = lab_stats_find (stats, from), *after = lab_stats_find (stats, to);

  if (before == NULL || after == NULL || before->value <= 0)
    return g_strdup ("");
  int64_t change = after->value - before->value;
  int64_t percent = (int64_t)((__int128)change * 100 / before->value);
  return g_strdup_printf ("%s%" G_GINT64_FORMAT " %%", percent > 0 ? "+" : "", percent);
}

static size_t
keep_used (const LabStats *stats, const LabAnswerGroup *groups, size_t n_groups,
           LabAnswerGroup *ret_groups)
{
  size_t n = 0;

  for (size_t i = 0; i < n_groups; i++) {
    g_autofree char *count = g_strdup_printf ("%s.count", groups[i].prefix);
    if (lab_stats_find (stats, count) != NULL)
      ret_groups[n++] = groups[i];
  }
  return n;
}

size_t
lab_answer_requests (const LabStats *stats, LabAnswerGroup *ret_groups)
{
  static const LabAnswerGroup groups[] = {
    { "host path", "latency.request.host_path", "host" },
    { "chimney", "latency.request.chimney", "chimney" },
    { "moved", "latency.request.moved", "moved" },
  };
  return keep_used (stats, groups, G_N_ELEMENTS (groups), ret_groups);
}

size_t
lab_answer_operations (const LabStats *stats, LabAnswerGroup *ret_groups)
{
  static const LabAnswerGroup groups[] = {
    { "offload", "latency.offload", "" },       { "upload", "latency.upload", "" },
    { "update", "latency.update", "" },         { "query", "latency.query", "" },
    { "invalidate", "latency.invalidate", "" }, { "connect", "latency.connect", "" },
    { "first byte", "latency.first_byte", "" }, { "connection, in all", "latency.flow", "" },
  };
  return keep_used (stats, groups, G_N_ELEMENTS (groups), ret_groups);
}
