#include "lab/sweep.h"

#include <string.h>

#include "lab/condition.h"
#include "lab/grid.h"
#include "lab/variants.h"
#include "lab/version.h"
#include "sim/assert.h"

#define POINT_NAME_DIGITS 24

struct LabSweep {
  LabScenarioRequest request; /* borrowed */
  LabScenario *scenario;
  GPtrArray *axes;     /* LabAxis */
  GPtrArray *variants; /* LabVariant */
  GPtrArray *cells;    /* LabCell */
  LabCondition *skip;
  LabReplications replications;
  LabWindows windows; /* borrowed; n 0: none */
};

static void
cell_free (void *data)
{
  LabCell *cell = data;
  g_free ((void *)cell->at);
  g_free ((void *)cell->set);
  g_free (cell->digest);
  g_free (cell);
}

void
lab_sweep_free (LabSweep *sweep)
{
  if (sweep == NULL)
    return;
  g_ptr_array_unref (sweep->cells);
  g_ptr_array_unref (sweep->axes);
  g_ptr_array_unref (sweep->variants);
  lab_condition_free (sweep->skip);
  g_free (sweep->replications.metric);
  lab_scenario_free (sweep->scenario);
  g_free (sweep);
}

const LabScenario *
lab_sweep_scenario (const LabSweep *sweep)
{
  return sweep->scenario;
}

const GPtrArray *
lab_sweep_axes (const LabSweep *sweep)
{
  return sweep->axes;
}

bool
lab_sweep_has_variants (const LabSweep *sweep)
{
  return sweep->variants->len > 0;
}

const GPtrArray *
lab_sweep_cells (const LabSweep *sweep)
{
  return sweep->cells;
}

const LabWindows *
lab_sweep_windows (const LabSweep *sweep)
{
  return sweep->windows.n > 0 ? &sweep->windows : NULL;
}

const LabReplications *
lab_sweep_replications (const LabSweep *sweep)
{
  return &sweep->replications;
}

uint64_t
lab_sweep_seed (const LabSweep *sweep, uint32_t replication)
{
  return lab_scenario_config (sweep->scenario)->seed + replication;
}

/* Which cells are left out */

/* Where a path stands among the axes; -1: nowhere. */
static int
axis_of (const LabSweep *sweep, const char *path)
{
  for (guint i = 0; i < sweep->axes->len; i++)
    if (strcmp (((const LabAxis *)sweep->axes->pdata[i])->path, path) == 0)
      return (int)i;
  return -1;
}

static LabValue
value_of (const LabSweep *sweep, const char *path, const char *text)
{
  g_autoptr (LabMistakes) mistakes = lab_mistakes_new ();
  const LabSetting *setting = lab_scenario_find (sweep->scenario, path);
  LabValue value = { 0 };

  lab_grid_bound (setting, text, (SimLoc){ path, 0, 0 }, mistakes, &value);
  return value;
}

/* Below, at or above: -1, 0, 1. */
static int
compare (const LabSweep *sweep, const char *path, const char *left, const char *right)
{
  LabValue a = value_of (sweep, path, left), b = value_of (sweep, path, right);
  LabType type = lab_scenario_find (sweep->scenario, path)->field->type;

  switch (type) {
  case LAB_QUANTITY:
  case LAB_BOOLEAN:
  case LAB_CHOICE:
    return (a.integer > b.integer) - (a.integer < b.integer);
  case LAB_RATIO:
  case LAB_PERCENTILE: {
    __int128 l = (__int128)a.ratio.n * b.ratio.d, r = (__int128)b.ratio.n * a.ratio.d;
    return (l > r) - (l < r);
  }
  case LAB_NAME:
  case LAB_TEXT:
  case LAB_DISTRIBUTION:
  case LAB_SECTION:
  case LAB_PARTS:
  case LAB_LIST:
  case LAB_FLOWS:
  case LAB_FREE:
    break;
  }
  return strcmp (left, right);
}

static bool
holds (const char *operator_text, int order)
{
  if (operator_text[0] == '<')
    return order < 0 || (order == 0 && operator_text[1] == '=');
  if (operator_text[0] == '>')
    return order > 0 || (order == 0 && operator_text[1] == '=');
  return operator_text[0] == '=' ? order == 0 : order != 0;
}

static bool
comparison_holds (const LabSweep *sweep, const LabCell *cell, const LabCondition *condition)
{
  const char *path = ((const LabCondition *)condition->children->pdata[0])->text;
  const char *bound = ((const LabCondition *)condition->children->pdata[1])->text;

  if (strcmp (path, LAB_GRID_VARIANT) == 0)
    return holds (condition->text, strcmp (cell->variant, bound));
  int axis = axis_of (sweep, path);
  SIM_ASSERT (axis >= 0);
  return holds (condition->text, compare (sweep, path, cell->at[axis], bound));
}

/* The condition has been checked: comparisons, and what joins them. */
static bool
condition_holds (const LabSweep *sweep, const LabCell *cell, const LabCondition *condition)
{
  const GPtrArray *children = condition->children;

  if (condition->kind == LAB_CONDITION_COMPARE)
    return comparison_holds (sweep, cell, condition);
  bool first = condition_holds (sweep, cell, children->pdata[0]);
  if (condition->kind == LAB_CONDITION_NOT)
    return !first;
  bool second = condition_holds (sweep, cell, children->pdata[1]);
  return condition->kind == LAB_CONDITION_OR ? first || second : first && second;
}

/* Cells */

static LabCell *
cell_new (const LabSweep *sweep, const LabVariant *variant, const guint *digit)
{
  LabCell *cell = g_new0 (LabCell, 1);
  guint n_axes = sweep->axes->len, n_fixed = variant != NULL ? variant->n_sets : 0;
  const char **at = g_new0 (const char *, n_axes + 1);
  LabSet *set = g_new0 (LabSet, n_fixed + n_axes + 1);

  for (guint i = 0; i < n_fixed; i++)
    set[i] = variant->set[i];
  for (guint i = 0; i < n_axes; i++) {
    const LabAxis *axis = sweep->axes->pdata[i];
    at[i] = axis->values[digit[i]];
    set[n_fixed + i] = (LabSet){ axis->path, axis->values[digit[i]], true };
  }
  cell->number = sweep->cells->len;
  cell->variant = variant != NULL ? variant->name : NULL;
  cell->at = at;
  cell->set = set;
  cell->n_sets = n_fixed + n_axes;
  return cell;
}

/* The next place in the grid; false: that was the last. */
static bool
turn (const LabSweep *sweep, guint *digit)
{
  for (guint i = sweep->axes->len; i > 0; i--) {
    const LabAxis *axis = sweep->axes->pdata[i - 1];
    if (++digit[i - 1] < g_strv_length (axis->values))
      return true;
    digit[i - 1] = 0;
  }
  return false;
}

static bool
add_cell (LabSweep *sweep, const LabVariant *variant, const guint *digit, GError **error)
{
  LabCell *cell = cell_new (sweep, variant, digit);

  if (sweep->skip != NULL && condition_holds (sweep, cell, sweep->skip)) {
    cell_free (cell);
    return true;
  }
  g_ptr_array_add (sweep->cells, cell);
  g_autoptr (LabScenario) scenario = lab_sweep_load (sweep, cell, 0, error);
  if (scenario == NULL)
    return false;
  cell->digest = lab_scenario_digest (scenario);
  return true;
}

static bool
add_cells (LabSweep *sweep, const LabVariant *variant, GError **error)
{
  g_autofree guint *digit = g_new0 (guint, sweep->axes->len + 1);

  do
    if (!add_cell (sweep, variant, digit, error))
      return false;
  while (turn (sweep, digit));
  return true;
}

static bool
make_cells (LabSweep *sweep, GError **error)
{
  if (sweep->variants->len == 0)
    return add_cells (sweep, NULL, error);
  for (guint i = 0; i < sweep->variants->len; i++)
    if (!add_cells (sweep, sweep->variants->pdata[i], error))
      return false;
  return true;
}

/* Windows */

/* The longest that each window is in any cell. */
static bool
measure_windows (const LabSweep *sweep, SimDuration ret_length[LAB_WINDOWS_MAX], GError **error)
{
  for (guint i = 0; i < LAB_WINDOWS_MAX; i++)
    ret_length[i] = SIM_DURATION_ZERO;
  for (guint c = 0; c < sweep->cells->len; c++) {
    SimDuration length[LAB_WINDOWS_MAX];
    g_autoptr (LabScenario) scenario = lab_sweep_load (sweep, sweep->cells->pdata[c], 0, error);
    if (scenario == NULL || !lab_windows_measure (&sweep->windows, scenario, length, error))
      return false;
    for (guint i = 0; i < sweep->windows.n; i++)
      ret_length[i] = sim_ps (MAX (ret_length[i].ps, length[i].ps));
  }
  return true;
}

/* The cells so far get an axis for each event that is moved. */
static bool
add_windows (LabSweep *sweep, GError **error)
{
  SimDuration length[LAB_WINDOWS_MAX];

  if (sweep->windows.n > 1 && sweep->cells->len > 1) {
    g_set_error (error, LAB_ERROR, LAB_ERROR_SCENARIO,
                 "--window: two events and the cells of section sweep make no map; move one event, "
                 "or leave the section out");
    return false;
  }
  if (!measure_windows (sweep, length, error))
    return false;
  for (guint i = sweep->windows.n; i > 0; i--) {
    char **offsets = lab_windows_offsets (&sweep->windows, sweep->scenario, length[i - 1], error);
    if (offsets == NULL)
      return false;
    LabAxis *axis = g_new0 (LabAxis, 1);
    axis->path = lab_windows_path (sweep->windows.event[i - 1]);
    axis->values = offsets;
    g_ptr_array_add (sweep->axes, axis);
  }
  g_ptr_array_set_size (sweep->cells, 0);
  return make_cells (sweep, error);
}

/* How often */

static double
ratio_of (const LabSetting *section, const char *name)
{
  LabRatio ratio = lab_setting_get (section, name)->value.ratio;
  return (double)ratio.n / (double)ratio.d;
}

static void
read_replications (LabSweep *sweep)
{
  const LabSetting *setting = lab_scenario_find (sweep->scenario, "sweep.replications");
  const LabSetting *until = lab_setting_get (setting, "until");
  LabReplications *replications = &sweep->replications;

  replications->min = MAX ((uint32_t)lab_setting_integer (setting, "min"), 1);
  replications->max = MAX (replications->min, (uint32_t)lab_setting_integer (setting, "max"));
  if (!lab_setting_is_set (until))
    return;
  replications->metric = g_strdup (lab_setting_string (until, "metric"));
  replications->confidence = ratio_of (until, "confidence");
  replications->half_width = ratio_of (until, "half_width");
}

/* Loading */

static bool
has_sweep (const LabSweep *sweep, GError **error)
{
  if (sweep->windows.n > 0 || lab_setting_is_set (lab_scenario_find (sweep->scenario, "sweep")))
    return true;
  g_set_error (error, LAB_ERROR, LAB_ERROR_SCENARIO,
               "%s:1:1: has no section sweep; write for instance sweep: {grid: "
               "{target.tables.tcp: [256, 512, 1024]}}",
               sweep->request.path);
  return false;
}

LabSweep *
lab_sweep_new (const LabScenarioRequest *request, const LabWindows *windows, GError **error)
{
  g_autoptr (LabSweep) sweep = g_new0 (LabSweep, 1);
  g_autoptr (LabMistakes) none = lab_mistakes_new ();

  sweep->request = *request;
  if (windows != NULL)
    sweep->windows = *windows;
  sweep->cells = g_ptr_array_new_with_free_func (cell_free);
  sweep->axes = g_ptr_array_new ();
  sweep->variants = g_ptr_array_new ();
  sweep->scenario = lab_scenario_load (request, error);
  if (sweep->scenario == NULL || !has_sweep (sweep, error))
    return NULL;
  const LabSetting *root = lab_scenario_settings (sweep->scenario);
  g_ptr_array_unref (sweep->axes);
  g_ptr_array_unref (sweep->variants);
  sweep->axes = lab_grid_read (root, none);
  sweep->variants = lab_variants_read (root, none);
  SIM_ASSERT (lab_mistakes_count (none) == 0);
  const char *skip = lab_setting_string (lab_setting_get (root, "sweep"), "skip");
  g_autofree char *why = NULL;
  if (skip != NULL)
    sweep->skip = lab_condition_parse (skip, &why);
  read_replications (sweep);
  if (!make_cells (sweep, error))
    return NULL;
  if (sweep->cells->len == 0) {
    g_set_error (error, LAB_ERROR, LAB_ERROR_SCENARIO,
                 "%s:1:1: sweep.skip leaves out every cell; write a narrower condition",
                 request->path);
    return NULL;
  }
  if (sweep->windows.n > 0 && !add_windows (sweep, error))
    return NULL;
  return g_steal_pointer (&sweep);
}

LabScenario *
lab_sweep_load (const LabSweep *sweep, const LabCell *cell, uint32_t replication, GError **error)
{
  LabScenarioRequest request = sweep->request;
  g_autoptr (GArray) sets = g_array_new (FALSE, FALSE, sizeof (LabSet));
  g_autofree char *seed =
      g_strdup_printf ("%" G_GUINT64_FORMAT, lab_sweep_seed (sweep, replication));
  LabSet seed_set = { "seed", seed, true };

  if (request.n_sets > 0)
    g_array_append_vals (sets, request.sets, (guint)request.n_sets);
  if (cell->n_sets > 0)
    g_array_append_vals (sets, cell->set, cell->n_sets);
  g_array_append_val (sets, seed_set);
  request.sets = (const LabSet *)(void *)sets->data;
  request.n_sets = sets->len;
  return lab_scenario_load (&request, error);
}

/* What a resolved scenario says of measuring is no part of its digest, and changes figures. */
char *
lab_sweep_point (const LabSweep *sweep, const LabCell *cell, uint32_t replication)
{
  const WorldConfig *config = lab_scenario_config (sweep->scenario);
  g_autofree char *text =
      g_strdup_printf ("%s %s %" G_GUINT64_FORMAT " %" G_GINT64_FORMAT " %" G_GINT64_FORMAT "%s",
                       LAB_VERSION, cell->digest, lab_sweep_seed (sweep, replication),
                       config->warmup.ps, config->sample_every.ps,
                       sweep->windows.n > 0 ? " outcome" : "");
  g_autofree char *digest = g_compute_checksum_for_string (G_CHECKSUM_SHA256, text, -1);

  return g_strndup (digest, POINT_NAME_DIGITS);
}

/* Baseline */

/* Whether |cell| has what the baseline names, and otherwise what |other| has. */
static bool
is_baseline_of (const LabSweep *sweep, const LabNode *baseline, const LabCell *cell,
                const LabCell *other)
{
  const LabNode *variant = lab_node_get (baseline, LAB_GRID_VARIANT);

  if (g_strcmp0 (cell->variant, variant != NULL ? variant->text : other->variant) != 0)
    return false;
  for (guint i = 0; i < sweep->axes->len; i++) {
    const LabAxis *axis = sweep->axes->pdata[i];
    const LabNode *named = lab_node_get (baseline, axis->path);
    const char *wanted = named != NULL ? named->text : other->at[i];
    if (wanted == NULL || compare (sweep, axis->path, cell->at[i], wanted) != 0)
      return false;
  }
  return true;
}

const LabCell *
lab_sweep_baseline (const LabSweep *sweep, const LabCell *cell)
{
  const LabSetting *setting = lab_scenario_find (sweep->scenario, "sweep.baseline");

  if (!lab_setting_is_set (setting))
    return NULL;
  for (guint i = 0; i < sweep->cells->len; i++) {
    const LabCell *candidate = sweep->cells->pdata[i];
    if (is_baseline_of (sweep, setting->value.node, candidate, cell))
      return candidate == cell ? NULL : candidate;
  }
  return NULL;
}

/* Words */

char *
lab_cell_words (const LabCell *cell, const LabSweep *sweep)
{
  GString *words = g_string_new (cell->variant);

  for (guint i = 0; i < sweep->axes->len; i++)
    g_string_append_printf (words, "%s%s", words->len > 0 ? ", " : "", cell->at[i]);
  return g_string_free (words, FALSE);
}

char *
lab_cell_arguments (const LabCell *cell, const LabSweep *sweep, uint32_t replication)
{
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < cell->n_sets; i++) {
    g_autofree char *set = g_strdup_printf ("%s=%s", cell->set[i].path, cell->set[i].value);
    g_autofree char *quoted = g_shell_quote (set);
    g_string_append_printf (text, " --set %s", quoted);
  }
  g_string_append_printf (text, " --seed %" G_GUINT64_FORMAT, lab_sweep_seed (sweep, replication));
  return g_string_free (text, FALSE);
}
