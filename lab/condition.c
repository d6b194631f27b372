#include "lab/condition.h"

#include <stdbool.h>
#include <string.h>

#include "lab/quantity.h"
#include "sim/assert.h"

typedef struct Parser {
  const char *text;
  const char *at; /* the next token begins here; blanks are passed */
  unsigned depth;
  char *why; /* the first thing that was wrong */
} Parser;

static LabCondition *parse_or (Parser *parser);

static LabCondition *
condition_new (LabConditionKind kind, const char *text, size_t n_bytes)
{
  LabCondition *condition = g_new0 (LabCondition, 1);
  condition->kind = kind;
  condition->text = g_strndup (text, n_bytes);
  condition->children = g_ptr_array_new_with_free_func ((GDestroyNotify)lab_condition_free);
  return condition;
}

void
lab_condition_free (LabCondition *condition)
{
  if (condition == NULL)
    return;
  g_ptr_array_unref (condition->children);
  g_free (condition->member);
  g_free (condition->text);
  g_free (condition);
}

static LabCondition *
fail (Parser *parser, const char *expected)
{
  if (parser->why != NULL)
    return NULL;
  if (parser->at[0] == '\0')
    parser->why = g_strdup_printf ("\"%s\" ends too early; write %s", parser->text, expected);
  else
    parser->why = g_strdup_printf ("\"%s\" cannot be read at \"%s\"; write %s", parser->text,
                                   parser->at, expected);
  return NULL;
}

static void
move (Parser *parser, size_t n_bytes)
{
  parser->at += n_bytes;
  parser->at += strspn (parser->at, " \n");
}

static size_t
word_bytes (const char *at)
{
  size_t n = 0;
  while (g_ascii_isalnum (at[n]) || (at[n] != '\0' && strchr ("_./*", at[n]) != NULL)
         || (at[n] == '-' && g_ascii_isalnum (at[n + 1]) && n > 0))
    n++;
  return n;
}

/* Whether the next token is the word |word|. */
static bool
is_word (const Parser *parser, const char *word)
{
  size_t n = word_bytes (parser->at);
  return n == strlen (word) && strncmp (parser->at, word, n) == 0;
}

static bool
take (Parser *parser, const char *mark)
{
  size_t n = strlen (mark);
  if (strncmp (parser->at, mark, n) != 0)
    return false;
  move (parser, n);
  return true;
}

/* A number, and the unit that may follow it. */
static LabCondition *
parse_number (Parser *parser)
{
  const char *begin = parser->at;
  size_t n = strspn (begin, "0123456789.");
  const char *unit = begin + n + strspn (begin + n, " ");
  size_t n_unit = word_bytes (unit);
  g_autofree char *symbol = g_strndup (unit, n_unit);
  if (n_unit > 0 && lab_unit_exists (symbol))
    n = (size_t)(unit - begin) + n_unit;
  move (parser, n);
  return condition_new (LAB_CONDITION_NUMBER, begin, n);
}

static LabCondition *
parse_call (Parser *parser, const char *name, size_t n_name)
{
  g_autoptr (LabCondition) call = condition_new (LAB_CONDITION_CALL, name, n_name);
  while (!take (parser, ")")) {
    if (call->children->len > 0 && !take (parser, ","))
      return fail (parser, ", or )");
    LabCondition *argument = parse_or (parser);
    if (argument == NULL)
      return NULL;
    g_ptr_array_add (call->children, argument);
  }
  if (take (parser, ".")) {
    size_t n = word_bytes (parser->at);
    if (n == 0)
      return fail (parser, "the name of a member");
    call->member = g_strndup (parser->at, n);
    move (parser, n);
  }
  return g_steal_pointer (&call);
}

static LabCondition *
parse_term (Parser *parser)
{
  if (take (parser, "(")) {
    g_autoptr (LabCondition) inner = parse_or (parser);
    if (inner != NULL && !take (parser, ")"))
      return fail (parser, ")");
    return g_steal_pointer (&inner);
  }
  if (g_ascii_isdigit (parser->at[0]))
    return parse_number (parser);
  const char *name = parser->at;
  size_t n = word_bytes (name);
  if (n == 0 || is_word (parser, "and") || is_word (parser, "or"))
    return fail (parser, "a name or a value");
  move (parser, n);
  if (take (parser, "("))
    return parse_call (parser, name, n);
  return condition_new (LAB_CONDITION_WORD, name, n);
}

/* |left| and what |right| gives, under a new node. */
static LabCondition *
join (LabConditionKind kind, const char *text, LabCondition *left, LabCondition *right)
{
  if (right == NULL) {
    lab_condition_free (left);
    return NULL;
  }
  LabCondition *node = condition_new (kind, text, strlen (text));
  g_ptr_array_add (node->children, left);
  g_ptr_array_add (node->children, right);
  return node;
}

static LabCondition *
parse_sum (Parser *parser)
{
  LabCondition *left = parse_term (parser);
  while (left != NULL && (parser->at[0] == '+' || parser->at[0] == '-')) {
    const char *sign = parser->at[0] == '+' ? "+" : "-";
    move (parser, 1);
    left = join (LAB_CONDITION_SUM, sign, left, parse_term (parser));
  }
  return left;
}

static LabCondition *
parse_comparison (Parser *parser)
{
  static const char *const operators[] = { "==", "!=", "<=", ">=", "<", ">" };
  LabCondition *left = parse_sum (parser);
  for (size_t i = 0; left != NULL && i < G_N_ELEMENTS (operators); i++)
    if (take (parser, operators[i]))
      return join (LAB_CONDITION_COMPARE, operators[i], left, parse_sum (parser));
  return left;
}

static LabCondition *
parse_not (Parser *parser)
{
  if (!is_word (parser, "not"))
    return parse_comparison (parser);
  if (parser->depth == LAB_CONDITION_DEPTH_MAX)
    return fail (parser, "less in parentheses");
  move (parser, strlen ("not"));
  parser->depth++;
  LabCondition *inner = parse_not (parser);
  parser->depth--;
  if (inner == NULL)
    return NULL;
  LabCondition *node = condition_new (LAB_CONDITION_NOT, "not", strlen ("not"));
  g_ptr_array_add (node->children, inner);
  return node;
}

static LabCondition *
parse_and (Parser *parser)
{
  LabCondition *left = parse_not (parser);
  while (left != NULL && is_word (parser, "and")) {
    move (parser, strlen ("and"));
    left = join (LAB_CONDITION_AND, "and", left, parse_not (parser));
  }
  return left;
}

static LabCondition *
parse_or (Parser *parser)
{
  if (parser->depth == LAB_CONDITION_DEPTH_MAX)
    return fail (parser, "less in parentheses");
  parser->depth++;
  LabCondition *left = parse_and (parser);
  while (left != NULL && is_word (parser, "or")) {
    move (parser, strlen ("or"));
    left = join (LAB_CONDITION_OR, "or", left, parse_and (parser));
  }
  parser->depth--;
  return left;
}

LabCondition *
lab_condition_parse (const char *text, char **reterr_why)
{
  if (strlen (text) > LAB_CONDITION_BYTES_MAX) {
    *reterr_why = g_strdup_printf ("longer than %d bytes; write less", LAB_CONDITION_BYTES_MAX);
    return NULL;
  }
  Parser parser = { .text = text, .at = text };
  move (&parser, 0);
  g_autoptr (LabCondition) condition = parse_or (&parser);
  if (condition != NULL && parser.at[0] != '\0') {
    fail (&parser, "and, or, or nothing more");
    g_clear_pointer (&condition, lab_condition_free);
  }
  if (condition == NULL) {
    SIM_ASSERT (parser.why != NULL);
    *reterr_why = parser.why;
  }
  return g_steal_pointer (&condition);
}
