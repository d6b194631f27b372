#include "lab/drill/script.h"

#include <string.h>

#include "lab/drill/parser.h"
#include "lab/mistakes.h"
#include "sim/time.h"

#define SCRIPT_BYTES_MAX (1 << 22)
#define SECONDS_MAX 1000000

/* Words */

const DrillToken *
drill_token_after (const DrillParser *parser)
{
  const DrillToken *token = drill_token (parser);
  return token->kind == DRILL_TOKEN_END ? token : token + 1;
}

void
drill_advance (DrillParser *parser)
{
  if (drill_token (parser)->kind != DRILL_TOKEN_END)
    parser->at++;
}

bool
drill_is_word (const DrillToken *token, const char *word)
{
  return token->kind == DRILL_TOKEN_WORD && token->bytes == strlen (word)
         && memcmp (token->start, word, token->bytes) == 0;
}

bool
drill_is_symbol (const DrillToken *token, char symbol)
{
  return token->kind == DRILL_TOKEN_SYMBOL && *token->start == symbol;
}

bool
drill_accept_word (DrillParser *parser, const char *word)
{
  bool is_it = drill_is_word (drill_token (parser), word);
  if (is_it)
    drill_advance (parser);
  return is_it;
}

bool
drill_accept_symbol (DrillParser *parser, char symbol)
{
  bool is_it = drill_is_symbol (drill_token (parser), symbol);
  if (is_it)
    drill_advance (parser);
  return is_it;
}

bool
drill_accept (DrillParser *parser, DrillTokenKind kind)
{
  bool is_it = drill_token (parser)->kind == kind;
  if (is_it)
    drill_advance (parser);
  return is_it;
}

bool
drill_parser_fail (const DrillParser *parser, const char *format, ...)
{
  const DrillToken *token = drill_token (parser);
  va_list args;

  va_start (args, format);
  g_autofree char *what = g_strdup_vprintf (format, args);
  va_end (args);
  if (token->kind == DRILL_TOKEN_END)
    return drill_error (parser->error, parser->path, token->line, "%s, not the end", what);
  return drill_error (parser->error, parser->path, token->line, "%s, not `%.*s`", what,
                      (int)MIN (token->bytes, 40), token->start);
}

bool
drill_expect_symbol (DrillParser *parser, char symbol)
{
  return drill_accept_symbol (parser, symbol)
         || drill_parser_fail (parser, "expected `%c`", symbol);
}

bool
drill_expect_integer (DrillParser *parser, int64_t least, int64_t most, int64_t *ret_value)
{
  const DrillToken *token = drill_token (parser);

  if (token->kind != DRILL_TOKEN_INTEGER || token->integer < least || token->integer > most)
    return drill_parser_fail (
        parser, "expected a number from %" G_GINT64_FORMAT " to %" G_GINT64_FORMAT, least, most);
  *ret_value = token->integer;
  drill_advance (parser);
  return true;
}

/* Times */

bool
drill_parse_time (DrillParser *parser, int64_t *ret_ps)
{
  const DrillToken *token = drill_token (parser);
  int64_t whole = 0, part = 0, unit = SIM_PS_PER_S;
  const char *p = token->start, *end = token->start + token->bytes;

  if (token->kind != DRILL_TOKEN_INTEGER && token->kind != DRILL_TOKEN_DECIMAL)
    return drill_parser_fail (parser, "expected a time in seconds");
  bool is_hex = token->bytes > 1 && (p[1] == 'x' || p[1] == 'X');
  if (*p == '-' || is_hex)
    return drill_parser_fail (parser, "expected a time in seconds");
  for (; p < end && *p != '.'; p++)
    if ((whole = whole * 10 + (*p - '0')) > SECONDS_MAX)
      return drill_parser_fail (parser, "expected a time below %d s", SECONDS_MAX);
  for (p++; p < end && unit > 1; p++) {
    unit /= 10;
    part += (*p - '0') * unit;
  }
  drill_advance (parser);
  *ret_ps = whole * SIM_PS_PER_S + part;
  return true;
}

static bool
parse_when (DrillParser *parser, DrillWhen *when)
{
  if (drill_accept_symbol (parser, '*')) {
    when->kind = DRILL_WHEN_ANY;
    return true;
  }
  bool is_relative = drill_accept_symbol (parser, '+');
  when->kind = is_relative ? DRILL_WHEN_RELATIVE : DRILL_WHEN_ABSOLUTE;
  if (!drill_parse_time (parser, &when->from_ps))
    return false;
  when->to_ps = when->from_ps;
  if (!drill_accept_symbol (parser, '~'))
    return true;
  when->is_range = true;
  if (is_relative && !drill_expect_symbol (parser, '+'))
    return false;
  if (!drill_parse_time (parser, &when->to_ps))
    return false;
  if (when->to_ps < when->from_ps)
    return drill_error (parser->error, parser->path, drill_token (parser)->line,
                        "a range of times that ends before it begins");
  return true;
}

/* Events */

static DrillEvent *
add_event (DrillScript *script, unsigned line)
{
  DrillEvent *event = g_new0 (DrillEvent, 1);

  event->line = line;
  g_ptr_array_add (script->events, event);
  return event;
}

static void
take_text (DrillParser *parser, DrillEvent *event, DrillActionKind kind)
{
  const DrillToken *token = drill_token (parser);

  event->kind = kind;
  event->text = g_strndup (token->start, token->bytes);
  drill_advance (parser);
}

static bool
parse_action (DrillParser *parser, DrillEvent *event)
{
  const DrillToken *token = drill_token (parser);

  event->line = token->line;
  if (token->kind == DRILL_TOKEN_COMMAND || token->kind == DRILL_TOKEN_CODE) {
    take_text (parser, event, token->kind == DRILL_TOKEN_CODE ? DRILL_CODE : DRILL_COMMAND);
    return true;
  }
  if (drill_is_symbol (token, '<') || drill_is_symbol (token, '>')) {
    event->kind = DRILL_PACKET;
    return drill_parse_packet (parser, &event->packet);
  }
  if (token->kind == DRILL_TOKEN_WORD || token->kind == DRILL_TOKEN_ELLIPSIS) {
    event->kind = DRILL_CALL;
    return drill_parse_call (parser, &event->call);
  }
  return drill_parser_fail (parser, "expected a packet, a socket call, a command or code");
}

/* Keeps how early the script can be at |event|: at the start of each range, and after calls and
 * packets at any time that take none. */
static bool
moves_on (DrillParser *parser, const DrillEvent *event)
{
  const DrillWhen *when = &event->when;

  if (when->kind == DRILL_WHEN_RELATIVE)
    parser->earliest_ps += when->from_ps;
  if (when->kind != DRILL_WHEN_ABSOLUTE)
    return true;
  if (when->to_ps < parser->earliest_ps)
    return drill_error (parser->error, parser->path, event->line,
                        "a time before that of the event before");
  parser->earliest_ps = MAX (parser->earliest_ps, when->from_ps);
  return true;
}

static bool
parse_event (DrillParser *parser, DrillScript *script)
{
  const DrillToken *token = drill_token (parser);
  DrillEvent *event = add_event (script, token->line);

  if (token->kind == DRILL_TOKEN_COMMAND) {
    take_text (parser, event, DRILL_COMMAND);
    return true;
  }
  return parse_when (parser, &event->when) && moves_on (parser, event)
         && parse_action (parser, event);
}

static void
parse_option (DrillParser *parser, DrillScript *script)
{
  const DrillToken *token = drill_token (parser);
  DrillOption *option = g_new0 (DrillOption, 1);
  const char *equals = memchr (token->start, '=', token->bytes);
  size_t name_bytes = equals == NULL ? token->bytes : (size_t)(equals - token->start);

  option->line = token->line;
  option->name = g_strndup (token->start, name_bytes);
  if (equals != NULL)
    option->value = g_strndup (equals + 1, token->bytes - name_bytes - 1);
  g_ptr_array_add (script->options, option);
  drill_advance (parser);
}

static bool
parse_script (DrillParser *parser, DrillScript *script)
{
  while (drill_token (parser)->kind == DRILL_TOKEN_OPTION)
    parse_option (parser, script);
  while (drill_token (parser)->kind != DRILL_TOKEN_END)
    if (!parse_event (parser, script))
      return false;
  if (script->events->len == 0)
    return drill_error (parser->error, parser->path, drill_token (parser)->line, "no events");
  return true;
}

/* Life */

void
drill_value_free (DrillValue *value)
{
  if (value == NULL)
    return;
  g_free (value->text);
  g_clear_pointer (&value->items, g_ptr_array_unref);
  g_free (value);
}

static void
free_event (gpointer data)
{
  DrillEvent *event = data;

  g_clear_pointer (&event->packet.foreign, g_ptr_array_unref);
  g_free (event->call.name);
  g_clear_pointer (&event->call.arguments, g_ptr_array_unref);
  drill_value_free (event->call.result);
  g_free (event->call.error);
  g_free (event->text);
  g_free (event);
}

static void
free_option (gpointer data)
{
  DrillOption *option = data;

  g_free (option->name);
  g_free (option->value);
  g_free (option);
}

void
drill_script_free (DrillScript *script)
{
  if (script == NULL)
    return;
  g_free (script->path);
  g_ptr_array_unref (script->options);
  g_ptr_array_unref (script->events);
  g_free (script);
}

DrillScript *
drill_script_parse (const char *path, const char *text, size_t n_bytes, DrillDefines defines,
                    GError **error)
{
  if (n_bytes > SCRIPT_BYTES_MAX || memchr (text, '\0', n_bytes) != NULL) {
    drill_error (error, path, 1, "no script: longer than 4 MiB, or with bytes of zero");
    return NULL;
  }
  g_autofree char *copy = g_strndup (text, n_bytes);
  g_autoptr (GArray) tokens = drill_lexer_read (path, copy, defines, error);
  if (tokens == NULL)
    return NULL;

  g_autoptr (DrillScript) script = g_new0 (DrillScript, 1);
  script->path = g_strdup (path);
  script->options = g_ptr_array_new_with_free_func (free_option);
  script->events = g_ptr_array_new_with_free_func (free_event);
  DrillParser parser = {
    .path = path,
    .defines = defines,
    .tokens = (const DrillToken *)(const void *)tokens->data,
    .error = error,
  };
  return parse_script (&parser, script) ? g_steal_pointer (&script) : NULL;
}

DrillScript *
drill_script_load (const char *path, DrillDefines defines, GError **error)
{
  g_autofree char *text = NULL;
  g_autoptr (GError) reason = NULL;
  gsize n_bytes;

  if (!g_file_get_contents (path, &text, &n_bytes, &reason)) {
    g_set_error (error, LAB_ERROR, LAB_ERROR_FILE, "%s", reason->message);
    return NULL;
  }
  return drill_script_parse (path, text, n_bytes, defines, error);
}
