#include "lab/bound.h"

#include <string.h>

#include "sim/assert.h"

typedef struct Reading {
  const WorldConfig *config;
  LabSpot spot;
} Reading;

static bool
refuse (const Reading *reading, const char *kind, const char *name, const GPtrArray *known)
{
  const char *nearest = lab_nearest (name, (const char *const *)known->pdata, known->len);

  if (nearest != NULL)
    lab_mistakes_add (reading->spot.mistakes, reading->spot.loc, "%s: there is no %s %s; write %s",
                      reading->spot.path, kind, name, nearest);
  else
    lab_mistakes_add (reading->spot.mistakes, reading->spot.loc,
                      "%s: there is no %s %s; write for instance offload.total, request.chimney or "
                      "request.host_path.host",
                      reading->spot.path, kind, name);
  return false;
}

static bool
read_class (const Reading *reading, const char *word, LatencyClass *ret_class)
{
  g_autoptr (GPtrArray) known = g_ptr_array_new ();

  for (LatencyClass class = 0; class < N_LATENCIES; class ++) {
    if (strcmp (trace_latency_name (class), word) == 0) {
      *ret_class = class;
      return true;
    }
    g_ptr_array_add (known, (void *)trace_latency_name (class));
  }
  return refuse (reading, "latency", word, known);
}

static bool
read_path (const char *word, LatencyClass class, int *ret_path)
{
  for (LatencyPath path = 0; class == LATENCY_REQUEST && path < LATENCY_N_PATHS; path++)
    if (strcmp (latency_path_name (path), word) == 0) {
      *ret_path = (int)path;
      return true;
    }
  return false;
}

static bool
read_column (const Reading *reading, const char *word, uint32_t *ret_column)
{
  g_autoptr (GPtrArray) known = g_ptr_array_new_with_free_func (g_free);
  const char *ims[WORLD_IMS_MAX];

  if (strcmp (word, "total") == 0)
    return true;
  for (uint32_t i = 0; i < reading->config->n_ims; i++)
    ims[i] = reading->config->im[i].name;
  for (uint32_t column = 0; column < N_STAGES + 2 * reading->config->n_ims; column++) {
    char *name = latency_column_name (column, ims, reading->config->n_ims);
    g_ptr_array_add (known, name);
    if (strcmp (name, word) == 0) {
      *ret_column = column;
      return true;
    }
  }
  return refuse (reading, "stage", word, known);
}

bool
lab_latency_name_read (const char *text, const WorldConfig *config, LabSpot spot,
                       LabLatencyName *ret_name)
{
  Reading reading = { config, spot };
  g_auto (GStrv) words = g_strsplit (text, ".", -1);
  LabLatencyName name = { .path = -1, .column = LATENCY_COLUMNS };
  guint n = g_strv_length (words), at = 1;

  if (!read_class (&reading, n > 0 ? words[0] : "", &name.class))
    return false;
  if (at < n && read_path (words[at], name.class, &name.path))
    at++;
  if (at < n && !read_column (&reading, words[at++], &name.column))
    return false;
  if (at < n) {
    lab_mistakes_add (spot.mistakes, spot.loc, "%s: \"%s\" goes on after its stage; write less",
                      spot.path, text);
    return false;
  }
  *ret_name = name;
  return true;
}

GArray *
lab_latency_times (const Latency *latency, LabLatencyName name)
{
  if (name.column == LATENCY_COLUMNS)
    return latency_totals (latency, name.class, name.path);
  return latency_stage_times (latency, name.class, name.path, name.column);
}

bool
lab_bound_read (const char *text, const MeasurePercentile *percentile, LabSpot spot,
                LabBound *ret_bound)
{
  static const struct {
    const char *text;
    LabBoundSense sense;
  } senses[] = { { "<=", LAB_BOUND_AT_MOST },
                 { "<", LAB_BOUND_BELOW },
                 { ">=", LAB_BOUND_AT_LEAST },
                 { ">", LAB_BOUND_ABOVE } };
  LabBound bound = { .percentile = percentile };
  g_autofree char *why = NULL;

  for (size_t i = 0; i < G_N_ELEMENTS (senses); i++) {
    if (!g_str_has_prefix (text, senses[i].text))
      continue;
    const char *quantity = text + strlen (senses[i].text);
    bound.sense = senses[i].sense;
    if (lab_quantity_read (quantity + strspn (quantity, " "), LAB_TIME, &bound.ps, &why)) {
      *ret_bound = bound;
      return true;
    }
    lab_mistakes_add (spot.mistakes, spot.loc, "%s: %s", spot.path, why);
    return false;
  }
  lab_mistakes_add (spot.mistakes, spot.loc,
                    "%s: \"%s\" is no bound; write a comparison, like \"<= 900 us\"", spot.path,
                    text);
  return false;
}

bool
lab_bound_holds (const LabBound *bound, int64_t ps)
{
  switch (bound->sense) {
  case LAB_BOUND_AT_MOST:
    return ps <= bound->ps;
  case LAB_BOUND_BELOW:
    return ps < bound->ps;
  case LAB_BOUND_AT_LEAST:
    return ps >= bound->ps;
  case LAB_BOUND_ABOVE:
    return ps > bound->ps;
  }
  SIM_UNREACHABLE ();
}
