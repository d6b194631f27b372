#include "lab/drill/parser.h"

#define VALUE_DEPTH_MAX 32

static DrillValue *parse_value (DrillParser *parser);

static void
free_item (gpointer data)
{
  drill_value_free (data);
}

static DrillValue *
value_new (const DrillParser *parser, DrillValueKind kind)
{
  DrillValue *value = g_new0 (DrillValue, 1);

  value->kind = kind;
  value->line = drill_token (parser)->line;
  return value;
}

/* Values up to |end|, with commas between them; the opening bracket has been read. */
static GPtrArray *
parse_items (DrillParser *parser, char end)
{
  g_autoptr (GPtrArray) items = g_ptr_array_new_with_free_func (free_item);

  if (drill_accept_symbol (parser, end))
    return g_steal_pointer (&items);
  do {
    DrillValue *item = parse_value (parser);
    if (item == NULL)
      return NULL;
    g_ptr_array_add (items, item);
  } while (drill_accept_symbol (parser, ','));
  return drill_expect_symbol (parser, end) ? g_steal_pointer (&items) : NULL;
}

static DrillValue *
parse_bracketed (DrillParser *parser, DrillValueKind kind, char end)
{
  g_autoptr (DrillValue) value = value_new (parser, kind);

  drill_advance (parser);
  value->items = parse_items (parser, end);
  return value->items == NULL ? NULL : g_steal_pointer (&value);
}

/* A word may stand alone, have arguments, and name a value. */
static DrillValue *
parse_word (DrillParser *parser)
{
  const DrillToken *token = drill_token (parser);
  g_autoptr (DrillValue) value = value_new (parser, DRILL_VALUE_WORD);
  const char *defined = drill_defined (parser->defines, token->start, token->bytes);

  if (defined != NULL && *defined != '\0')
    value->text = g_strdup (defined);
  else
    value->text = g_strndup (token->start, token->bytes);
  drill_advance (parser);
  if (drill_accept_symbol (parser, '(')) {
    value->kind = DRILL_VALUE_APPLIED;
    value->items = parse_items (parser, ')');
    if (value->items == NULL)
      return NULL;
  }
  if (!drill_accept_symbol (parser, '='))
    return g_steal_pointer (&value);
  value->kind = DRILL_VALUE_NAMED;
  g_clear_pointer (&value->items, g_ptr_array_unref);
  DrillValue *named = parse_value (parser);
  if (named == NULL)
    return NULL;
  value->items = g_ptr_array_new_with_free_func (free_item);
  g_ptr_array_add (value->items, named);
  return g_steal_pointer (&value);
}

static DrillValue *
parse_string (DrillParser *parser)
{
  DrillValue *value = value_new (parser, DRILL_VALUE_STRING);
  GString *text = g_string_new (NULL);

  for (; drill_token (parser)->kind == DRILL_TOKEN_STRING; drill_advance (parser))
    g_string_append_len (text, drill_token (parser)->start, (gssize)drill_token (parser)->bytes);
  drill_accept (parser, DRILL_TOKEN_ELLIPSIS); /* and so on: the bytes are not looked at */
  value->text = g_string_free (text, FALSE);
  return value;
}

static DrillValue *
parse_simple (DrillParser *parser)
{
  const DrillToken *token = drill_token (parser);

  if (drill_is_symbol (token, '['))
    return parse_bracketed (parser, DRILL_VALUE_LIST, ']');
  if (drill_is_symbol (token, '{'))
    return parse_bracketed (parser, DRILL_VALUE_RECORD, '}');
  if (token->kind == DRILL_TOKEN_WORD)
    return parse_word (parser);
  if (token->kind == DRILL_TOKEN_STRING)
    return parse_string (parser);
  if (token->kind != DRILL_TOKEN_ELLIPSIS && token->kind != DRILL_TOKEN_INTEGER) {
    drill_parser_fail (parser, "expected a value");
    return NULL;
  }
  bool is_any = token->kind == DRILL_TOKEN_ELLIPSIS;
  DrillValue *value = value_new (parser, is_any ? DRILL_VALUE_ANY : DRILL_VALUE_INTEGER);
  value->integer = token->integer;
  drill_advance (parser);
  return value;
}

static DrillValue *
parse_value (DrillParser *parser)
{
  if (parser->depth == VALUE_DEPTH_MAX) {
    drill_parser_fail (parser, "expected at most %d values inside one another", VALUE_DEPTH_MAX);
    return NULL;
  }
  parser->depth++;
  DrillValue *left = parse_simple (parser);
  while (left != NULL && drill_accept_symbol (parser, '|')) {
    DrillValue *either = value_new (parser, DRILL_VALUE_EITHER);
    either->items = g_ptr_array_new_with_free_func (free_item);
    g_ptr_array_add (either->items, left);
    left = either;
    DrillValue *right = parse_simple (parser);
    if (right == NULL) {
      drill_value_free (either);
      left = NULL;
    } else {
      g_ptr_array_add (either->items, right);
    }
  }
  parser->depth--;
  return left;
}

/* ( words ): what the number means to a reader. */
static bool
skip_note (DrillParser *parser)
{
  if (!drill_accept_symbol (parser, '('))
    return true;
  while (!drill_is_symbol (drill_token (parser), ')')) {
    if (drill_token (parser)->kind == DRILL_TOKEN_END)
      return drill_parser_fail (parser, "expected `)`");
    drill_advance (parser);
  }
  return drill_expect_symbol (parser, ')');
}

bool
drill_parse_call (DrillParser *parser, DrillCall *call)
{
  if (drill_accept (parser, DRILL_TOKEN_ELLIPSIS)) {
    call->blocks = true;
    if (!drill_parse_time (parser, &call->end_ps))
      return false;
  }
  const DrillToken *name = drill_token (parser);
  if (name->kind != DRILL_TOKEN_WORD)
    return drill_parser_fail (parser, "expected the name of a socket call");
  call->name = g_strndup (name->start, name->bytes);
  drill_advance (parser);
  if (!drill_expect_symbol (parser, '('))
    return false;
  call->arguments = parse_items (parser, ')');
  if (call->arguments == NULL || !drill_expect_symbol (parser, '='))
    return false;
  call->result = parse_value (parser);
  if (call->result == NULL)
    return false;
  const DrillToken *error = drill_token (parser);
  if (error->kind == DRILL_TOKEN_WORD) {
    call->error = g_strndup (error->start, error->bytes);
    drill_advance (parser);
  }
  return skip_note (parser);
}
