#include "lab/claim.h"

#include <string.h>

#include "lab/value.h"
#include "sim/assert.h"

/* As deep as conditions may be, with a few operands a level. */
#define STACK_MAX (8 * LAB_CONDITION_DEPTH_MAX)

typedef enum ClaimOp {
  CLAIM_FIXED, /* pushes |operand| */
  CLAIM_TERM,  /* pushes the value of term |operand| */
  CLAIM_OR,    /* the others take two and push one; NOT takes one */
  CLAIM_AND,
  CLAIM_NOT,
  CLAIM_EQUAL,
  CLAIM_DIFFERENT,
  CLAIM_BELOW,
  CLAIM_AT_MOST,
  CLAIM_ABOVE,
  CLAIM_AT_LEAST,
  CLAIM_PLUS,
  CLAIM_MINUS,
  CLAIM_MIN,
  CLAIM_MAX,
} ClaimOp;

typedef struct ClaimStep {
  ClaimOp op;
  int64_t operand;
} ClaimStep;

struct LabClaim {
  GArray *steps; /* ClaimStep, operands before their operator */
  LabTerm term[LAB_CLAIM_TERMS_MAX];
  uint32_t n_terms;
};

typedef struct Compiler {
  LabClaim *claim;
  const LabSetting *scenario;
  const WorldConfig *config;
  LabSpot spot;
  int depth; /* of the stack */
} Compiler;

static const LabValueType truth = { LAB_SORT_TRUTH, LAB_COUNT };
static const LabValueType unknown = { LAB_SORT_UNKNOWN, LAB_COUNT };

static bool compile (Compiler *compiler, const LabCondition *condition, LabValueType wanted);
static LabValueType type_of (Compiler *compiler, const LabCondition *condition);

void
lab_claim_free (LabClaim *claim)
{
  if (claim == NULL)
    return;
  for (uint32_t i = 0; i < claim->n_terms; i++)
    g_free (claim->term[i].text);
  g_array_unref (claim->steps);
  g_free (claim);
}

static bool G_GNUC_PRINTF (2, 3) refuse (Compiler *compiler, const char *format, ...)
{
  va_list args;

  va_start (args, format);
  g_autofree char *why = g_strdup_vprintf (format, args);
  va_end (args);
  lab_mistakes_add (compiler->spot.mistakes, compiler->spot.loc, "%s: %s", compiler->spot.path,
                    why);
  return false;
}

static void
emit (Compiler *compiler, ClaimOp op, int64_t operand)
{
  ClaimStep step = { op, operand };

  compiler->depth += op <= CLAIM_TERM ? 1 : op == CLAIM_NOT ? 0 : -1;
  SIM_ASSERT (compiler->depth > 0);
  SIM_ASSERT (compiler->depth <= STACK_MAX);
  g_array_append_val (compiler->claim->steps, step);
}

/* A side of a comparison as it was written, or what it is. */
static char *
side_text (const LabCondition *side)
{
  bool is_simple = side->kind == LAB_CONDITION_NUMBER || side->kind == LAB_CONDITION_WORD;

  if (side->kind == LAB_CONDITION_CALL && side->children->len == 1) {
    g_autofree char *argument = side_text (side->children->pdata[0]);
    return g_strdup_printf ("%s(%s)%s%s", side->text, argument, side->member != NULL ? "." : "",
                            side->member != NULL ? side->member : "");
  }
  return side->kind == LAB_CONDITION_CALL ? g_strdup_printf ("%s(...)", side->text)
                                          : g_strdup (is_simple ? side->text : "one side");
}

/* Sorts */

static bool
is_extreme (const LabCondition *call)
{
  return strcmp (call->text, "min") == 0 || strcmp (call->text, "max") == 0;
}

/* The setting that tables(target).tcp stands for; NULL if |call| is something else. */
static const LabSetting *
table_of (Compiler *compiler, const LabCondition *call)
{
  const LabCondition *argument = call->children->len == 1 ? call->children->pdata[0] : NULL;

  if (strcmp (call->text, "tables") != 0 || call->member == NULL || argument == NULL
      || argument->kind != LAB_CONDITION_WORD || strcmp (argument->text, "target") != 0)
    return NULL;
  const LabSetting *tables = lab_setting_find ((LabSetting *)compiler->scenario, "target.tables");
  return lab_setting_get (tables, call->member);
}

/* A word that is the path of a quantity of the scenario. */
static const LabSetting *
setting_of (Compiler *compiler, const LabCondition *word)
{
  const LabSetting *setting = lab_setting_find ((LabSetting *)compiler->scenario, word->text);
  bool is_quantity =
      setting != NULL && setting->field->type == LAB_QUANTITY && lab_setting_is_set (setting);

  return is_quantity ? setting : NULL;
}

static LabValueType
type_of_setting (const LabSetting *setting)
{
  return (LabValueType){ setting != NULL ? LAB_SORT_NUMBER : LAB_SORT_UNKNOWN,
                         setting != NULL ? setting->field->dimension : LAB_COUNT };
}

/* The sort of the first child that has one of its own. */
static LabValueType
type_of_children (Compiler *compiler, const LabCondition *condition)
{
  for (guint i = 0; i < condition->children->len; i++) {
    LabValueType type = type_of (compiler, condition->children->pdata[i]);
    if (type.sort != LAB_SORT_UNKNOWN)
      return type;
  }
  return (LabValueType){ LAB_SORT_NUMBER, LAB_COUNT };
}

static LabValueType
type_of (Compiler *compiler, const LabCondition *condition)
{
  LabTermKind kind;

  switch (condition->kind) {
  case LAB_CONDITION_OR:
  case LAB_CONDITION_AND:
  case LAB_CONDITION_NOT:
  case LAB_CONDITION_COMPARE:
    return truth;
  case LAB_CONDITION_SUM:
    return type_of_children (compiler, condition);
  case LAB_CONDITION_NUMBER:
    return unknown;
  case LAB_CONDITION_WORD:
    return type_of_setting (setting_of (compiler, condition));
  case LAB_CONDITION_CALL:
    if (is_extreme (condition))
      return type_of_children (compiler, condition);
    if (lab_term_find (condition->text, &kind))
      return lab_term_info (kind)->type;
    return type_of_setting (table_of (compiler, condition));
  }
  SIM_UNREACHABLE ();
}

/* Values */

static bool
compile_number (Compiler *compiler, const char *text, LabValueType wanted)
{
  g_autofree char *why = NULL;
  int64_t value;

  if (!lab_quantity_read (text, wanted.dimension, &value, &why))
    return refuse (compiler, "%s", why);
  emit (compiler, CLAIM_FIXED, value);
  return true;
}

static bool
compile_name (Compiler *compiler, const char *text, LabValueType wanted)
{
  g_autoptr (GPtrArray) names = g_ptr_array_new ();
  g_autoptr (GString) known = g_string_new (NULL);
  const char *name;

  for (int64_t i = 0; (name = lab_sort_name (wanted.sort, i)) != NULL; i++) {
    if (strcmp (name, text) == 0) {
      emit (compiler, CLAIM_FIXED, i);
      return true;
    }
    g_ptr_array_add (names, (void *)name);
    g_string_append_printf (known, "%s%s", i > 0 ? ", " : "one of ", name);
  }
  const char *nearest = lab_nearest (text, (const char *const *)names->pdata, names->len);
  if (names->len == 0)
    return refuse (compiler, "%s is not known here; write %s", text,
                   wanted.sort == LAB_SORT_NUMBER ? "a number" : "a condition");
  return refuse (compiler, "%s is not %s; write %s", text, lab_sort_what (wanted.sort),
                 nearest != NULL ? nearest : known->str);
}

static bool
same_term (const LabTerm *a, const LabTerm *b)
{
  return a->kind == b->kind && a->of.first == b->of.first && a->of.last == b->of.last
         && a->event == b->event;
}

static bool
compile_term (Compiler *compiler, LabTermKind kind, const LabCondition *call)
{
  LabClaim *claim = compiler->claim;
  uint32_t index = 0;
  LabTerm term;

  if (!lab_term_read (kind, call, compiler->config, compiler->spot, &term))
    return false;
  while (index < claim->n_terms && !same_term (&claim->term[index], &term))
    index++;
  if (index == LAB_CLAIM_TERMS_MAX) {
    g_free (term.text);
    return refuse (compiler, "more than %d different things are named; name fewer",
                   LAB_CLAIM_TERMS_MAX);
  }
  if (index == claim->n_terms)
    claim->term[claim->n_terms++] = term;
  else
    g_free (term.text);
  emit (compiler, CLAIM_TERM, index);
  return true;
}

static bool
compile_extreme (Compiler *compiler, const LabCondition *call, LabValueType wanted)
{
  ClaimOp op = strcmp (call->text, "min") == 0 ? CLAIM_MIN : CLAIM_MAX;

  if (call->children->len == 0 || call->member != NULL)
    return refuse (compiler, "%s takes numbers in parentheses; write %s(a, b)", call->text,
                   call->text);
  for (guint i = 0; i < call->children->len; i++) {
    if (!compile (compiler, call->children->pdata[i], wanted))
      return false;
    if (i > 0)
      emit (compiler, op, 0);
  }
  return true;
}

static bool
refuse_function (Compiler *compiler, const LabCondition *call)
{
  const char *names[LAB_N_TERMS + 3] = { "min", "max", "tables" };
  const LabSetting *tables = lab_setting_find ((LabSetting *)compiler->scenario, "target.tables");
  g_autoptr (GPtrArray) members = g_ptr_array_new ();

  for (LabTermKind kind = 0; kind < LAB_N_TERMS; kind++)
    names[3 + kind] = lab_term_info (kind)->name;
  if (strcmp (call->text, "tables") != 0) {
    const char *nearest = lab_nearest (call->text, names, G_N_ELEMENTS (names));
    return refuse (compiler, "there is no function %s; write %s", call->text,
                   nearest != NULL ? nearest : "one of `list conditions`");
  }
  for (guint i = 0; i < tables->children->len; i++)
    g_ptr_array_add (members, (void *)((const LabSetting *)tables->children->pdata[i])->name);
  const char *nearest =
      call->member == NULL
          ? NULL
          : lab_nearest (call->member, (const char *const *)members->pdata, members->len);
  g_autofree char *text = side_text (call);
  return refuse (compiler, "%s: there is no such table; write tables(target).%s", text,
                 nearest != NULL ? nearest : "tcp");
}

static bool
compile_call (Compiler *compiler, const LabCondition *call, LabValueType wanted)
{
  const LabSetting *table = table_of (compiler, call);
  LabTermKind kind;

  if (is_extreme (call))
    return compile_extreme (compiler, call, wanted);
  if (lab_term_find (call->text, &kind))
    return compile_term (compiler, kind, call);
  if (table == NULL)
    return refuse_function (compiler, call);
  emit (compiler, CLAIM_FIXED, table->value.integer);
  return true;
}

/* Conditions */

static ClaimOp
operator_of (const char *text)
{
  static const char *const texts[] = { "==", "!=", "<", "<=", ">", ">=" };

  for (size_t i = 0; i < G_N_ELEMENTS (texts); i++)
    if (strcmp (text, texts[i]) == 0)
      return (ClaimOp)(CLAIM_EQUAL + i);
  SIM_UNREACHABLE ();
}

static bool
compile_comparison (Compiler *compiler, const LabCondition *comparison)
{
  const LabCondition *left = comparison->children->pdata[0];
  const LabCondition *right = comparison->children->pdata[1];
  ClaimOp op = operator_of (comparison->text);
  LabValueType type = type_of_children (compiler, comparison);
  bool has_order = type.sort == LAB_SORT_NUMBER;

  if (!has_order && op != CLAIM_EQUAL && op != CLAIM_DIFFERENT) {
    g_autofree char *text = side_text (left);
    return refuse (compiler, "%s %s: %s has no order; write == or !=", text, comparison->text,
                   lab_sort_what (type.sort));
  }
  bool ok = compile (compiler, left, type);
  ok = ok && compile (compiler, right, type);
  if (ok)
    emit (compiler, op, 0);
  return ok;
}

static bool
compile_joint (Compiler *compiler, const LabCondition *condition, LabValueType type, ClaimOp op)
{
  bool ok = compile (compiler, condition->children->pdata[0], type);

  ok = ok && compile (compiler, condition->children->pdata[1], type);
  if (ok)
    emit (compiler, op, 0);
  return ok;
}

/* Refuses what is of another sort than the place asks for. */
static bool
check_sort (Compiler *compiler, const LabCondition *condition, LabValueType wanted)
{
  LabValueType type = type_of (compiler, condition);
  g_autofree char *text = side_text (condition);

  if (type.sort == LAB_SORT_UNKNOWN && wanted.sort != LAB_SORT_TRUTH)
    return true;
  if (type.sort == LAB_SORT_UNKNOWN && condition->kind == LAB_CONDITION_CALL)
    return true; /* an unknown function: told when it is compiled */
  if (type.sort == wanted.sort && type.dimension == wanted.dimension)
    return true;
  if (wanted.sort == LAB_SORT_TRUTH)
    return refuse (compiler, "%s is %s, not a condition; compare it with something", text,
                   lab_sort_what (type.sort));
  if (type.sort == wanted.sort)
    return refuse (compiler, "%s is a %s and is compared with a %s; write quantities of one kind",
                   text, lab_dimension_name (type.dimension),
                   lab_dimension_name (wanted.dimension));
  return refuse (compiler, "%s is %s; write %s", text, lab_sort_what (type.sort),
                 lab_sort_what (wanted.sort));
}

static bool
compile_word (Compiler *compiler, const LabCondition *word, LabValueType wanted)
{
  const LabSetting *setting = setting_of (compiler, word);

  if (setting == NULL)
    return compile_name (compiler, word->text, wanted);
  emit (compiler, CLAIM_FIXED, setting->value.integer);
  return true;
}

static bool
compile_value (Compiler *compiler, const LabCondition *condition, LabValueType wanted)
{
  bool is_number = wanted.sort == LAB_SORT_NUMBER;

  if (condition->kind == LAB_CONDITION_CALL)
    return compile_call (compiler, condition, wanted);
  if (condition->kind == LAB_CONDITION_WORD)
    return compile_word (compiler, condition, wanted);
  if (is_number && condition->kind == LAB_CONDITION_NUMBER)
    return compile_number (compiler, condition->text, wanted);
  if (is_number && condition->kind == LAB_CONDITION_SUM)
    return compile_joint (compiler, condition, wanted,
                          condition->text[0] == '+' ? CLAIM_PLUS : CLAIM_MINUS);
  g_autofree char *text = side_text (condition);
  return refuse (compiler, "%s is not %s; write one", text, lab_sort_what (wanted.sort));
}

static bool
compile (Compiler *compiler, const LabCondition *condition, LabValueType wanted)
{
  if (!check_sort (compiler, condition, wanted))
    return false;
  switch (condition->kind) {
  case LAB_CONDITION_OR:
    return compile_joint (compiler, condition, truth, CLAIM_OR);
  case LAB_CONDITION_AND:
    return compile_joint (compiler, condition, truth, CLAIM_AND);
  case LAB_CONDITION_NOT:
    if (!compile (compiler, condition->children->pdata[0], truth))
      return false;
    emit (compiler, CLAIM_NOT, 0);
    return true;
  case LAB_CONDITION_COMPARE:
    return compile_comparison (compiler, condition);
  case LAB_CONDITION_SUM:
  case LAB_CONDITION_NUMBER:
  case LAB_CONDITION_WORD:
  case LAB_CONDITION_CALL:
    return compile_value (compiler, condition, wanted);
  }
  SIM_UNREACHABLE ();
}

LabClaim *
lab_claim_new (const char *text, const LabSetting *scenario, const WorldConfig *config,
               LabSpot spot)
{
  g_autofree char *why = NULL;
  g_autoptr (LabCondition) condition = lab_condition_parse (text, &why);

  if (condition == NULL) {
    lab_mistakes_add (spot.mistakes, spot.loc, "%s: %s", spot.path, why);
    return NULL;
  }
  g_autoptr (LabClaim) claim = g_new0 (LabClaim, 1);
  claim->steps = g_array_new (FALSE, FALSE, sizeof (ClaimStep));
  Compiler compiler = { claim, scenario, config, spot, 0 };
  if (!compile (&compiler, condition, truth))
    return NULL;
  if (claim->n_terms == 0) {
    refuse (&compiler,
            "\"%s\" names nothing that a run changes; name something of `list conditions`", text);
    return NULL;
  }
  return g_steal_pointer (&claim);
}

const LabTerm *
lab_claim_terms (const LabClaim *claim, uint32_t *ret_count)
{
  *ret_count = claim->n_terms;
  return claim->term;
}

/* Evaluation */

static int64_t
saturate (int64_t a, int64_t b, bool is_sum)
{
  int64_t result;
  bool overflows =
      is_sum ? __builtin_add_overflow (a, b, &result) : __builtin_sub_overflow (a, b, &result);

  return !overflows ? result : a > 0 ? INT64_MAX : INT64_MIN;
}

static int64_t
apply (ClaimOp op, int64_t a, int64_t b)
{
  switch (op) {
  case CLAIM_OR:
    return a != 0 || b != 0;
  case CLAIM_AND:
    return a != 0 && b != 0;
  case CLAIM_EQUAL:
    return a == b;
  case CLAIM_DIFFERENT:
    return a != b;
  case CLAIM_BELOW:
    return a < b;
  case CLAIM_AT_MOST:
    return a <= b;
  case CLAIM_ABOVE:
    return a > b;
  case CLAIM_AT_LEAST:
    return a >= b;
  case CLAIM_PLUS:
  case CLAIM_MINUS:
    return saturate (a, b, op == CLAIM_PLUS);
  case CLAIM_MIN:
    return MIN (a, b);
  case CLAIM_MAX:
    return MAX (a, b);
  case CLAIM_FIXED:
  case CLAIM_TERM:
  case CLAIM_NOT:
    break;
  }
  SIM_UNREACHABLE ();
}

bool
lab_claim_holds (const LabClaim *claim, const int64_t *values)
{
  int64_t stack[STACK_MAX];
  uint32_t n = 0;

  stack[0] = 0;
  for (guint i = 0; i < claim->steps->len; i++) {
    const ClaimStep *step = &g_array_index (claim->steps, ClaimStep, i);
    if (step->op == CLAIM_FIXED)
      stack[n++] = step->operand;
    else if (step->op == CLAIM_TERM)
      stack[n++] = values[step->operand];
    else if (step->op == CLAIM_NOT)
      stack[n - 1] = stack[n - 1] == 0;
    else {
      stack[n - 2] = apply (step->op, stack[n - 2], stack[n - 1]);
      n--;
    }
  }
  SIM_ASSERT (n == 1);
  return stack[0] != 0;
}

char *
lab_claim_values (const LabClaim *claim, const int64_t *values)
{
  GString *text = g_string_new (NULL);

  for (uint32_t i = 0; i < claim->n_terms; i++) {
    g_autofree char *value = lab_value_text (lab_term_info (claim->term[i].kind)->type, values[i]);
    g_string_append_printf (text, "%s%s is %s", i > 0 ? ", " : "", claim->term[i].text, value);
  }
  return g_string_free (text, FALSE);
}
