#include "lab/grid.h"

#include <string.h>

#include "lab/condition.h"
#include "lab/value.h"
#include "lab/variants.h"
#include "lab/yaml_text.h"
#include "sim/assert.h"

static void
axis_free (void *data)
{
  LabAxis *axis = data;
  g_free (axis->path);
  g_strfreev (axis->values);
  g_free (axis);
}

const LabSetting *
lab_grid_setting (const LabSetting *scenario, const LabNode *node, LabMistakes *mistakes)
{
  const LabSetting *setting = lab_setting_find ((LabSetting *)scenario, node->key);
  if (setting == NULL) {
    lab_mistakes_add (mistakes, node->key_loc,
                      "sweep: there is no setting %s; write a path as `list params` has it",
                      node->key);
    return NULL;
  }
  g_auto (GStrv) steps = g_strsplit (node->key, ".", 2);
  const LabSetting *top = lab_setting_get (scenario, steps[0]);
  if (setting->children != NULL || top->field->is_inert) {
    lab_mistakes_add (mistakes, node->key_loc, "sweep: %s is no value of the run; write one",
                      node->key);
    return NULL;
  }
  return setting;
}

bool
lab_grid_value (const LabSetting *setting, const LabNode *node, LabMistakes *mistakes,
                LabValue *ret_value)
{
  g_autofree char *own = lab_setting_path (setting);
  g_autofree char *path = g_strdup_printf ("sweep: %s", own);
  bool ok = lab_value_read (setting->field, node, path, mistakes, ret_value);
  if (ok) {
    g_clear_pointer (&ret_value->dist, lab_dist_free);
    g_clear_pointer (&ret_value->flows, lab_flows_free);
  }
  return ok;
}

bool
lab_grid_bound (const LabSetting *setting, const char *text, SimLoc loc, LabMistakes *mistakes,
                LabValue *ret_value)
{
  LabNode node = { .kind = LAB_NODE_SCALAR, .text = text, .loc = loc };
  LabField field = *setting->field;
  field.min = 0;
  field.max = INT64_MAX;
  LabSetting like = { .field = &field, .name = setting->name, .parent = setting->parent };
  return lab_grid_value (&like, &node, mistakes, ret_value);
}

static void
read_list (const LabSetting *setting, const LabNode *list, GPtrArray *values, LabMistakes *mistakes)
{
  for (const LabNode *node = list->first; node != NULL; node = node->next) {
    LabValue value;
    if (lab_grid_value (setting, node, mistakes, &value))
      g_ptr_array_add (values, lab_yaml_flow (node));
  }
}

/* {from: a, to: b, step: c} */
static void
read_range (const LabSetting *setting, const LabNode *range, GPtrArray *values,
            LabMistakes *mistakes)
{
  static const char *const keys[] = { "from", "to", "step" };
  int64_t number[3] = { 0, 0, 0 };
  bool ok = setting->field->type == LAB_QUANTITY && range->n_children == 3;
  for (size_t i = 0; ok && i < G_N_ELEMENTS (keys); i++)
    ok = lab_node_get (range, keys[i]) != NULL;
  if (!ok) {
    lab_mistakes_add (mistakes, range->loc,
                      "sweep: %s: write its values as a list, or a quantity's as {from: a, to: b, "
                      "step: c}",
                      range->key);
    return;
  }
  for (size_t i = 0; i < G_N_ELEMENTS (keys); i++) {
    LabField field = *setting->field;
    field.min = i == 2 ? 1 : field.min;
    LabSetting like = { .field = &field, .name = setting->name, .parent = setting->parent };
    LabValue value;
    if (!lab_grid_value (&like, lab_node_get (range, keys[i]), mistakes, &value))
      return;
    number[i] = value.integer;
  }
  if (number[0] > number[1] || (number[1] - number[0]) / number[2] >= LAB_GRID_CELLS_MAX) {
    lab_mistakes_add (mistakes, range->loc,
                      "sweep: %s: from, to and step give no list of values; write from below to, "
                      "and a step that leads there",
                      range->key);
    return;
  }
  for (int64_t at = number[0]; at <= number[1]; at += number[2]) {
    g_ptr_array_add (values, lab_quantity_text (at, setting->field->dimension));
    if (at > number[1] - number[2])
      break;
  }
}

static LabAxis *
read_axis (const LabSetting *scenario, const LabNode *node, LabMistakes *mistakes)
{
  const LabSetting *setting = lab_grid_setting (scenario, node, mistakes);
  if (setting == NULL || node->is_broken)
    return NULL;
  g_autoptr (GPtrArray) values = g_ptr_array_new_with_free_func (g_free);
  if (node->kind == LAB_NODE_LIST && node->first != NULL)
    read_list (setting, node, values, mistakes);
  else
    read_range (setting, node, values, mistakes);
  if (values->len == 0)
    return NULL;
  g_ptr_array_add (values, NULL);
  LabAxis *axis = g_new0 (LabAxis, 1);
  axis->path = g_strdup (node->key);
  g_ptr_array_set_free_func (values, NULL);
  axis->values = (char **)g_ptr_array_free (g_steal_pointer (&values), FALSE);
  return axis;
}

GPtrArray *
lab_grid_read (const LabSetting *scenario, LabMistakes *mistakes)
{
  GPtrArray *axes = g_ptr_array_new_with_free_func (axis_free);
  const LabSetting *grid = lab_setting_find ((LabSetting *)scenario, "sweep.grid");
  if (!lab_setting_is_set (grid))
    return axes;
  if (grid->value.node->kind != LAB_NODE_MAP) {
    lab_mistakes_add (mistakes, grid->origin.loc,
                      "sweep.grid: %s stands where a map belongs; write path: [values]",
                      lab_node_what (grid->value.node));
    return axes;
  }
  uint64_t n_cells = 1;
  for (const LabNode *node = grid->value.node->first; node != NULL; node = node->next) {
    LabAxis *axis = read_axis (scenario, node, mistakes);
    if (axis == NULL)
      continue;
    g_ptr_array_add (axes, axis);
    n_cells *= g_strv_length (axis->values);
    if (n_cells > LAB_GRID_CELLS_MAX) {
      lab_mistakes_add (mistakes, node->key_loc,
                        "sweep.grid: more than %d cells; write fewer values", LAB_GRID_CELLS_MAX);
      return axes;
    }
  }
  return axes;
}

static bool
has_axis (const GPtrArray *axes, const char *path)
{
  for (guint i = 0; i < axes->len; i++)
    if (strcmp (((const LabAxis *)axes->pdata[i])->path, path) == 0)
      return true;
  return false;
}

typedef struct SkipCheck {
  const LabSetting *scenario;
  const LabSetting *skip;
  const GPtrArray *axes;
  const GPtrArray *variants;
  LabMistakes *mistakes;
} SkipCheck;

static void
blame_skip (const SkipCheck *check, const char *what, const char *text)
{
  lab_mistakes_add (check->mistakes, check->skip->origin.loc, "sweep.skip: %s %s", text, what);
}

static bool
is_variant (const LabCondition *word)
{
  return strcmp (word->text, LAB_GRID_VARIANT) == 0;
}

static void
check_variant (const SkipCheck *check, const LabCondition *word)
{
  for (guint i = 0; i < check->variants->len; i++)
    if (strcmp (((const LabVariant *)check->variants->pdata[i])->name, word->text) == 0)
      return;
  blame_skip (check, "is no variant; compare variant with a name of sweep.variants", word->text);
}

/* One comparison: a path of the grid on the left, a value of its field on the right. */
static void
check_comparison (const SkipCheck *check, const LabCondition *comparison)
{
  const LabCondition *left = comparison->children->pdata[0];
  const LabCondition *right = comparison->children->pdata[1];
  bool is_known =
      has_axis (check->axes, left->text) || (is_variant (left) && check->variants->len > 0);
  if (left->kind != LAB_CONDITION_WORD || !is_known) {
    blame_skip (check, "is not in the grid; compare a path of the grid with a value", left->text);
    return;
  }
  if (right->kind != LAB_CONDITION_WORD && right->kind != LAB_CONDITION_NUMBER) {
    blame_skip (check, "is not a value; compare a path of the grid with a value", right->text);
    return;
  }
  if (is_variant (left)) {
    check_variant (check, right);
    return;
  }
  const LabSetting *setting = lab_setting_find ((LabSetting *)check->scenario, left->text);
  LabValue value;
  lab_grid_bound (setting, right->text, check->skip->origin.loc, check->mistakes, &value);
}

static void
check_condition (const SkipCheck *check, const LabCondition *condition)
{
  if (condition->kind == LAB_CONDITION_COMPARE) {
    check_comparison (check, condition);
    return;
  }
  bool is_joint = condition->kind == LAB_CONDITION_OR || condition->kind == LAB_CONDITION_AND
                  || condition->kind == LAB_CONDITION_NOT;
  if (!is_joint) {
    blame_skip (check, "is not a comparison; compare a path of the grid with a value",
                condition->text);
    return;
  }
  for (guint i = 0; i < condition->children->len; i++)
    check_condition (check, condition->children->pdata[i]);
}

static void
check_skip (const LabSetting *scenario, const GPtrArray *axes, const GPtrArray *variants,
            LabMistakes *mistakes)
{
  const LabSetting *skip = lab_setting_find ((LabSetting *)scenario, "sweep.skip");
  if (!lab_setting_is_set (skip))
    return;
  SkipCheck check = { scenario, skip, axes, variants, mistakes };
  g_autofree char *why = NULL;
  g_autoptr (LabCondition) condition = lab_condition_parse (skip->value.text, &why);
  if (condition == NULL)
    lab_mistakes_add (mistakes, skip->origin.loc, "sweep.skip: %s", why);
  else
    check_condition (&check, condition);
}

static void
check_baseline_variant (const LabNode *node, const GPtrArray *variants, LabMistakes *mistakes)
{
  for (guint i = 0; i < variants->len && node->kind == LAB_NODE_SCALAR; i++)
    if (strcmp (((const LabVariant *)variants->pdata[i])->name, node->text) == 0)
      return;
  lab_mistakes_add (mistakes, node->loc,
                    "sweep.baseline: that is no variant; write a name of sweep.variants");
}

static void
check_baseline (const LabSetting *scenario, const GPtrArray *axes, const GPtrArray *variants,
                LabMistakes *mistakes)
{
  const LabSetting *baseline = lab_setting_find ((LabSetting *)scenario, "sweep.baseline");
  if (!lab_setting_is_set (baseline))
    return;
  if (baseline->value.node->kind != LAB_NODE_MAP) {
    lab_mistakes_add (mistakes, baseline->origin.loc,
                      "sweep.baseline: %s stands where a map belongs; write path: value",
                      lab_node_what (baseline->value.node));
    return;
  }
  for (const LabNode *node = baseline->value.node->first; node != NULL; node = node->next) {
    if (strcmp (node->key, LAB_GRID_VARIANT) == 0) {
      check_baseline_variant (node, variants, mistakes);
      continue;
    }
    const LabSetting *setting = lab_grid_setting (scenario, node, mistakes);
    LabValue value;
    if (setting != NULL && !has_axis (axes, node->key))
      lab_mistakes_add (mistakes, node->key_loc,
                        "sweep.baseline: %s is not in the grid; write a path of the grid",
                        node->key);
    else if (setting != NULL)
      lab_grid_value (setting, node, mistakes, &value);
  }
}

/* min is not above max, if that is written; else it is as much as min. */
static void
check_replications (const LabSetting *scenario, LabMistakes *mistakes)
{
  const LabSetting *replications = lab_setting_find ((LabSetting *)scenario, "sweep.replications");
  if (replications == NULL)
    return;
  const LabSetting *min = lab_setting_get (replications, "min");
  const LabSetting *max = lab_setting_get (replications, "max");
  bool is_said = lab_setting_is_set (max) && max->origin.kind != LAB_FROM_DEFAULT;
  if (is_said && min->value.integer > max->value.integer)
    lab_mistakes_add (mistakes, min->origin.loc.file != NULL ? min->origin.loc : max->origin.loc,
                      "sweep.replications: min %" G_GINT64_FORMAT " is above max %" G_GINT64_FORMAT
                      "; write more as max",
                      min->value.integer, max->value.integer);
}

/* There is something to vary, and not too much. */
static void
check_cells (const LabSetting *sweep, const GPtrArray *axes, const GPtrArray *variants,
             LabMistakes *mistakes)
{
  uint64_t n_cells = MAX (variants->len, 1);

  if (sweep == NULL || !lab_setting_is_set (sweep))
    return;
  if (!lab_setting_is_set (lab_setting_get (sweep, "grid"))
      && !lab_setting_is_set (lab_setting_get (sweep, "variants")))
    lab_mistakes_add (mistakes, sweep->origin.loc,
                      "sweep: there is nothing to vary; write grid or variants");
  for (guint i = 0; i < axes->len; i++)
    n_cells *= g_strv_length (((const LabAxis *)axes->pdata[i])->values);
  if (n_cells > LAB_GRID_CELLS_MAX)
    lab_mistakes_add (mistakes, sweep->origin.loc, "sweep: more than %d cells; write fewer values",
                      LAB_GRID_CELLS_MAX);
}

void
lab_grid_check (const LabSetting *scenario, LabMistakes *mistakes)
{
  unsigned before = lab_mistakes_count (mistakes);
  g_autoptr (GPtrArray) axes = lab_grid_read (scenario, mistakes);
  g_autoptr (GPtrArray) variants = lab_variants_read (scenario, mistakes);
  const LabSetting *sweep = lab_setting_get (scenario, "sweep");
  check_replications (scenario, mistakes);
  check_cells (sweep, axes, variants, mistakes);
  if (lab_mistakes_count (mistakes) > before)
    return;
  check_skip (scenario, axes, variants, mistakes);
  check_baseline (scenario, axes, variants, mistakes);
}
