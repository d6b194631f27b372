#include "lab/dist.h"

#include <string.h>

#include "lab/csv.h"
#include "sim/assert.h"

typedef struct Reading {
  LabDistBounds bounds;
  const char *path;
  LabMistakes *mistakes;
} Reading;

static const char *const kind_names[] = {
  [LAB_DIST_CONSTANT] = NULL,
  [LAB_DIST_UNIFORM] = "uniform",
  [LAB_DIST_EXPONENTIAL] = "exponential",
  [LAB_DIST_LOGNORMAL] = "lognormal",
  [LAB_DIST_EMPIRICAL] = "empirical",
};

void
lab_dist_free (LabDist *dist)
{
  if (dist == NULL)
    return;
  g_free (dist->points);
  g_free (dist);
}

static bool
read_value_text (const Reading *reading, const char *text, SimLoc loc, int64_t *ret_value)
{
  LabDimension dimension = reading->bounds.dimension;
  g_autofree char *why = NULL;
  int64_t value = 0;
  if (!lab_quantity_read (text, dimension, &value, &why)) {
    lab_mistakes_add (reading->mistakes, loc, "%s: %s", reading->path, why);
    return false;
  }
  if (value < reading->bounds.min || value > reading->bounds.max) {
    g_autofree char *low = lab_quantity_text (reading->bounds.min, dimension);
    g_autofree char *high = lab_quantity_text (reading->bounds.max, dimension);
    lab_mistakes_add (reading->mistakes, loc, "%s: %s is out of range; write %s to %s",
                      reading->path, text, low, high);
    return false;
  }
  *ret_value = value;
  return true;
}

static bool
read_value (const Reading *reading, const LabNode *node, int64_t *ret_value)
{
  if (node->is_broken)
    return false;
  if (node->kind == LAB_NODE_SCALAR)
    return read_value_text (reading, node->text, node->loc, ret_value);
  lab_mistakes_add (reading->mistakes, node->loc, "%s: %s stands where one value belongs",
                    reading->path, lab_node_what (node));
  return false;
}

static bool
refuse (const Reading *reading, const LabNode *node, const char *advice)
{
  if (!node->is_broken)
    lab_mistakes_add (reading->mistakes, node->loc, "%s: %s", reading->path, advice);
  return false;
}

static bool
read_uniform (const Reading *reading, const LabNode *node, LabDist *dist)
{
  if (node->kind != LAB_NODE_LIST || node->n_children != 2)
    return refuse (reading, node, "uniform takes its two ends; write {uniform: [low, high]}");
  bool ok = read_value (reading, node->first, &dist->a);
  ok = read_value (reading, node->last, &dist->b) && ok;
  if (ok && dist->a > dist->b)
    return refuse (reading, node, "the low end is above the high end; write [low, high]");
  return ok;
}

static bool
read_exponential (const Reading *reading, const LabNode *node, LabDist *dist)
{
  bool ok = read_value (reading, node, &dist->a);
  if (ok && dist->a == 0)
    return refuse (reading, node, "the mean of an exponential is 0; write 0 without exponential");
  return ok;
}

static bool
read_lognormal (const Reading *reading, const LabNode *node, LabDist *dist)
{
  const LabNode *p50 = lab_node_get (node, "p50");
  const LabNode *p99 = lab_node_get (node, "p99");
  if (p50 == NULL || p99 == NULL || node->n_children != 2)
    return refuse (reading, node,
                   "lognormal takes two quantiles; write {lognormal: {p50: a, p99: b}}");
  bool ok = read_value (reading, p50, &dist->a);
  ok = read_value (reading, p99, &dist->b) && ok;
  if (ok && dist->a == 0)
    return refuse (reading, p50, "the p50 of a lognormal is 0; write more than 0");
  if (ok && dist->a > dist->b)
    return refuse (reading, p99, "p99 is below p50; write the larger one as p99");
  return ok;
}

static bool
read_weight (const Reading *reading, const char *text, SimLoc loc, uint64_t *ret_weight)
{
  g_autofree char *why = NULL;
  int64_t weight = 0;
  if (!lab_quantity_read (text, LAB_COUNT, &weight, &why)) {
    lab_mistakes_add (reading->mistakes, loc, "%s: how often: %s", reading->path, why);
    return false;
  }
  if (weight < 1 || weight > INT32_MAX) {
    lab_mistakes_add (reading->mistakes, loc, "%s: how often: %s is out of range; write 1 to %d",
                      reading->path, text, INT32_MAX);
    return false;
  }
  *ret_weight = (uint64_t)weight;
  return true;
}

static bool
read_points (const Reading *reading, const LabNode *node, GArray *points)
{
  bool ok = true;
  for (const LabNode *pair = node->first; pair != NULL; pair = pair->next) {
    SimDistPoint point = { 0, 1 };
    if (pair->kind != LAB_NODE_LIST || pair->n_children != 2
        || pair->last->kind != LAB_NODE_SCALAR) {
      ok = refuse (reading, pair, "a point is a value and how often it was seen; write [a, 3]");
      continue;
    }
    ok = read_value (reading, pair->first, &point.value) && ok;
    ok = read_weight (reading, pair->last->text, pair->last->loc, &point.weight) && ok;
    g_array_append_val (points, point);
  }
  return ok;
}

static bool
read_line (const Reading *reading, const LabCsv *csv, GArray *points)
{
  const char *weight = lab_csv_field (csv, 1);
  SimDistPoint point = { 0, 1 };

  if (csv->field->len > 2) {
    lab_mistakes_add (reading->mistakes, csv->loc,
                      "%s: a point is a value and how often it was seen; write for instance %s,3",
                      reading->path, lab_csv_field (csv, 0));
    return false;
  }
  if (points->len == LAB_DIST_POINTS_MAX) {
    lab_mistakes_add (reading->mistakes, csv->loc, "%s: more than %d points; merge equal ones",
                      reading->path, LAB_DIST_POINTS_MAX);
    return false;
  }
  bool ok = read_value_text (reading, lab_csv_field (csv, 0), csv->loc, &point.value);
  ok = (weight == NULL || read_weight (reading, weight, csv->loc, &point.weight)) && ok;
  g_array_append_val (points, point);
  return ok;
}

static bool
read_csv (const Reading *reading, const LabNode *node, GArray *points)
{
  LabCsv csv;
  bool ok = true;

  if (!lab_csv_open (&csv, node, reading->path, reading->mistakes))
    return false;
  while (csv.loc.line <= 2 * LAB_DIST_POINTS_MAX && points->len <= LAB_DIST_POINTS_MAX
         && lab_csv_next (&csv))
    ok = read_line (reading, &csv, points) && ok;
  return lab_csv_close (&csv, reading->path, reading->mistakes) && ok;
}

static bool
read_empirical (const Reading *reading, const LabNode *node, LabDist *dist)
{
  g_autoptr (GArray) points = g_array_new (FALSE, FALSE, sizeof (SimDistPoint));
  bool ok = false;
  if (node->kind == LAB_NODE_LIST)
    ok = read_points (reading, node, points);
  else if (node->kind == LAB_NODE_SCALAR && node->text[0] != '\0')
    ok = read_csv (reading, node, points);
  else
    return refuse (reading, node, "empirical takes a file; write {empirical: file.csv}");
  if (ok && points->len == 0)
    return refuse (reading, node, "there is no point in it; give at least one value");
  dist->n_points = points->len;
  dist->points = (SimDistPoint *)(void *)g_array_free (g_steal_pointer (&points), FALSE);
  return ok;
}

static bool
read_kind (const Reading *reading, const LabNode *node, LabDist *dist)
{
  const LabNode *inner = node->first;
  const char *const *last = kind_names + G_N_ELEMENTS (kind_names);
  for (const char *const *name = kind_names + 1; inner != NULL && name < last; name++)
    if (strcmp (inner->key, *name) == 0)
      dist->kind = (LabDistKind)(name - kind_names);
  if (node->n_children != 1)
    dist->kind = LAB_DIST_CONSTANT;

  switch (dist->kind) {
  case LAB_DIST_UNIFORM:
    return read_uniform (reading, inner, dist);
  case LAB_DIST_EXPONENTIAL:
    return read_exponential (reading, inner, dist);
  case LAB_DIST_LOGNORMAL:
    return read_lognormal (reading, inner, dist);
  case LAB_DIST_EMPIRICAL:
    return read_empirical (reading, inner, dist);
  case LAB_DIST_CONSTANT:
    return refuse (reading, node,
                   "this is no distribution; write one of {uniform: [a, b]}, {exponential: mean}, "
                   "{lognormal: {p50: a, p99: b}}, {empirical: file.csv}");
  }
  SIM_UNREACHABLE ();
}

LabDist *
lab_dist_read (const LabNode *node, LabDistBounds bounds, const char *path, LabMistakes *mistakes)
{
  Reading reading = { bounds, path, mistakes };
  g_autoptr (LabDist) dist = g_new0 (LabDist, 1);
  dist->dimension = bounds.dimension;
  if (node->kind == LAB_NODE_SCALAR)
    return read_value (&reading, node, &dist->a) ? g_steal_pointer (&dist) : NULL;

  if (reading.bounds.max > LAB_DIST_VALUE_MAX)
    reading.bounds.max = LAB_DIST_VALUE_MAX;
  if (node->kind == LAB_NODE_LIST) {
    refuse (&reading, node, "a list stands where one value belongs; write {uniform: [a, b]}");
    return NULL;
  }
  return read_kind (&reading, node, dist) ? g_steal_pointer (&dist) : NULL;
}

static void
append_points (GString *text, const LabDist *dist)
{
  g_string_append (text, "{empirical: [");
  for (size_t i = 0; i < dist->n_points; i++) {
    g_autofree char *value = lab_quantity_text (dist->points[i].value, dist->dimension);
    g_string_append_printf (text, "%s[%s, %" G_GUINT64_FORMAT "]", i > 0 ? ", " : "", value,
                            dist->points[i].weight);
  }
  g_string_append (text, "]}");
}

char *
lab_dist_text (const LabDist *dist)
{
  g_autofree char *a = lab_quantity_text (dist->a, dist->dimension);
  g_autofree char *b = lab_quantity_text (dist->b, dist->dimension);
  switch (dist->kind) {
  case LAB_DIST_CONSTANT:
    return g_steal_pointer (&a);
  case LAB_DIST_UNIFORM:
    return g_strdup_printf ("{uniform: [%s, %s]}", a, b);
  case LAB_DIST_EXPONENTIAL:
    return g_strdup_printf ("{exponential: %s}", a);
  case LAB_DIST_LOGNORMAL:
    return g_strdup_printf ("{lognormal: {p50: %s, p99: %s}}", a, b);
  case LAB_DIST_EMPIRICAL: {
    GString *text = g_string_new (NULL);
    append_points (text, dist);
    return g_string_free (text, FALSE);
  }
  }
  SIM_UNREACHABLE ();
}

SimDist *
lab_dist_make (const LabDist *dist)
{
  switch (dist->kind) {
  case LAB_DIST_CONSTANT:
    return sim_dist_new_constant (dist->a);
  case LAB_DIST_UNIFORM:
    return sim_dist_new_uniform (dist->a, dist->b);
  case LAB_DIST_EXPONENTIAL:
    return sim_dist_new_exponential (dist->a);
  case LAB_DIST_LOGNORMAL:
    return sim_dist_new_lognormal (dist->a, dist->b);
  case LAB_DIST_EMPIRICAL:
    return sim_dist_new_empirical (dist->points, dist->n_points);
  }
  SIM_UNREACHABLE ();
}
