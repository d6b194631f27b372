#include "lab/drill/lexer.h"

#include <string.h>

#include "lab/mistakes.h"

typedef struct Lexer {
  const char *path;
  const char *at;
  unsigned line;
  GArray *tokens;
} Lexer;

bool
drill_error (GError **error, const char *path, unsigned line, const char *format, ...)
{
  va_list args;

  va_start (args, format);
  g_autofree char *what = g_strdup_vprintf (format, args);
  va_end (args);
  g_set_error (error, LAB_ERROR, LAB_ERROR_SCENARIO, "%s:%u: %s", path, line, what);
  return false;
}

const char *
drill_defined (DrillDefines defines, const char *name, size_t name_bytes)
{
  for (size_t i = 0; defines != NULL && defines[i] != NULL; i++) {
    const char *end = strchrnul (defines[i], '=');
    if ((size_t)(end - defines[i]) == name_bytes && memcmp (defines[i], name, name_bytes) == 0)
      return *end == '=' ? end + 1 : end;
  }
  return NULL;
}

/* Words */

static bool
is_word (char c)
{
  return g_ascii_isalnum (c) || c == '_';
}

static void
add_token (Lexer *lexer, DrillTokenKind kind, const char *start, size_t bytes, unsigned line)
{
  DrillToken token = { .kind = kind, .line = line, .start = start, .bytes = bytes };
  g_array_append_val (lexer->tokens, token);
}

static DrillToken *
last_token (Lexer *lexer)
{
  return &g_array_index (lexer->tokens, DrillToken, lexer->tokens->len - 1);
}

/* From |start| to before |end|; then goes on behind |end|. */
static bool
read_enclosed (Lexer *lexer, DrillTokenKind kind, const char *begin, const char *end,
               GError **error)
{
  unsigned line = lexer->line;
  const char *start = lexer->at + strlen (begin);
  const char *p = start;

  while (*p != '\0' && strncmp (p, end, strlen (end)) != 0) {
    if (*p == '\\' && p[1] != '\0' && kind != DRILL_TOKEN_CODE)
      p++;
    lexer->line += *p == '\n';
    p++;
  }
  if (*p == '\0')
    return drill_error (error, lexer->path, line, "%s without %s", begin, end);
  add_token (lexer, kind, start, (size_t)(p - start), line);
  lexer->at = p + strlen (end);
  return true;
}

/* --name or --name=value up to a blank; quotes keep blanks in. */
static void
read_option (Lexer *lexer)
{
  const char *start = lexer->at + 2;
  const char *p = start;
  char quote = '\0';

  for (; *p != '\0' && *p != '\n' && (quote != '\0' || !g_ascii_isspace (*p)); p++)
    if (quote != '\0')
      quote = *p == quote ? '\0' : quote;
    else if (*p == '"' || *p == '`')
      quote = *p;
  add_token (lexer, DRILL_TOKEN_OPTION, start, (size_t)(p - start), lexer->line);
  lexer->at = p;
}

static bool
add_integer (Lexer *lexer, const char *start, const char *end, int base, GError **error)
{
  g_autofree char *text = g_strndup (start, (gsize)(end - start));
  gint64 value;

  add_token (lexer, DRILL_TOKEN_INTEGER, start, (size_t)(end - start), lexer->line);
  const char *digits = base == 16 ? text + 2 : text;
  if (base == 16) {
    guint64 hex;
    if (!g_ascii_string_to_unsigned (digits, 16, 0, G_MAXINT64, &hex, NULL))
      return drill_error (error, lexer->path, lexer->line, "%s is not a number that fits", text);
    value = (gint64)hex;
  } else if (!g_ascii_string_to_signed (digits, 10, G_MININT64, G_MAXINT64, &value, NULL)) {
    last_token (lexer)->kind = DRILL_TOKEN_WORD; /* a cookie of digits */
    value = 0;
  }
  last_token (lexer)->integer = value;
  lexer->at = end;
  return true;
}

/* An integer, a number with a point, or a word that begins with digits: the longest wins. */
static bool
read_number (Lexer *lexer, GError **error)
{
  const char *start = lexer->at;
  const char *p = start + (*start == '-');

  if (p[0] == '0' && (p[1] == 'x' || p[1] == 'X') && g_ascii_isxdigit (p[2])) {
    const char *end = p + 2;
    while (g_ascii_isxdigit (*end))
      end++;
    return add_integer (lexer, p, end, 16, error);
  }
  while (g_ascii_isdigit (*p))
    p++;
  if (*p == '.' && g_ascii_isdigit (p[1])) {
    p++;
    while (g_ascii_isdigit (*p))
      p++;
    add_token (lexer, DRILL_TOKEN_DECIMAL, start, (size_t)(p - start), lexer->line);
    lexer->at = p;
    return true;
  }
  if (*start != '-' && is_word (*p)) {
    while (is_word (*p))
      p++;
    add_token (lexer, DRILL_TOKEN_WORD, start, (size_t)(p - start), lexer->line);
    lexer->at = p;
    return true;
  }
  return add_integer (lexer, start, p, 10, error);
}

static void
read_word (Lexer *lexer)
{
  const char *p = lexer->at;

  while (is_word (*p))
    p++;
  add_token (lexer, DRILL_TOKEN_WORD, lexer->at, (size_t)(p - lexer->at), lexer->line);
  lexer->at = p;
}

static bool
begins_number (const char *p)
{
  p += *p == '-';
  return g_ascii_isdigit (p[0]) || (p[0] == '.' && g_ascii_isdigit (p[1]));
}

/* Blanks and comments; false: a comment has no end. */
static bool
skip_blanks (Lexer *lexer, GError **error)
{
  for (;;) {
    const char *p = lexer->at;
    if (g_ascii_isspace (*p)) {
      lexer->line += *p == '\n';
      lexer->at++;
    } else if (*p == '#' || (p[0] == '/' && p[1] == '/')) {
      lexer->at = strchrnul (p, '\n');
    } else if (p[0] == '/' && p[1] == '*') {
      const char *end = strstr (p + 2, "*/");
      if (end == NULL)
        return drill_error (error, lexer->path, lexer->line, "/* without */");
      for (; p < end; p++)
        lexer->line += *p == '\n';
      lexer->at = end + 2;
    } else {
      return true;
    }
  }
}

static bool
read_token (Lexer *lexer, GError **error)
{
  const char *p = lexer->at;

  if (p[0] == '.' && p[1] == '.' && p[2] == '.') {
    add_token (lexer, DRILL_TOKEN_ELLIPSIS, p, 3, lexer->line);
    lexer->at += 3;
    return true;
  }
  if (p[0] == '%' && p[1] == '{')
    return read_enclosed (lexer, DRILL_TOKEN_CODE, "%{", "}%", error);
  if (*p == '`')
    return read_enclosed (lexer, DRILL_TOKEN_COMMAND, "`", "`", error);
  if (*p == '"')
    return read_enclosed (lexer, DRILL_TOKEN_STRING, "\"", "\"", error);
  if (p[0] == '-' && p[1] == '-' && is_word (p[2])) {
    read_option (lexer);
    return true;
  }
  if (begins_number (p))
    return read_number (lexer, error);
  if (is_word (*p)) {
    read_word (lexer);
    return true;
  }
  if (!g_ascii_isprint (*p))
    return drill_error (error, lexer->path, lexer->line, "byte 0x%02x is no text",
                        (unsigned)(unsigned char)*p);
  add_token (lexer, DRILL_TOKEN_SYMBOL, p, 1, lexer->line);
  lexer->at++;
  return true;
}

/* Conditions: lines that are switched off become blank */

#define CONDITIONS_MAX 32

typedef struct Conditions {
  bool on[CONDITIONS_MAX]; /* of each #ifdef that is open */
  unsigned line[CONDITIONS_MAX];
  unsigned depth;
} Conditions;

static bool
all_on (const Conditions *conditions)
{
  for (unsigned i = 0; i < conditions->depth; i++)
    if (!conditions->on[i])
      return false;
  return true;
}

static bool
begins_with (const char *line, const char *word)
{
  return strncmp (line, word, strlen (word)) == 0 && !is_word (line[strlen (word)]);
}

/* Obeys the directive that |line| is; sets *ret_is_one. */
static bool
obey_line (Conditions *conditions, const char *path, unsigned number, const char *line,
           DrillDefines defines, bool *ret_is_one, GError **error)
{
  bool negated = begins_with (line, "#ifndef");

  *ret_is_one = true;
  if (negated || begins_with (line, "#ifdef")) {
    const char *name = line + strlen (negated ? "#ifndef" : "#ifdef");
    name += strspn (name, " \t");
    size_t bytes = 0;
    while (is_word (name[bytes]))
      bytes++;
    if (bytes == 0)
      return drill_error (error, path, number, "#ifdef without a name");
    if (conditions->depth == CONDITIONS_MAX)
      return drill_error (error, path, number, "more than %d #ifdef inside one another",
                          CONDITIONS_MAX);
    conditions->line[conditions->depth] = number;
    conditions->on[conditions->depth++] = (drill_defined (defines, name, bytes) != NULL) != negated;
    return true;
  }
  bool is_else = begins_with (line, "#else");
  if (!is_else && !begins_with (line, "#endif")) {
    *ret_is_one = false;
    return true;
  }
  if (conditions->depth == 0)
    return drill_error (error, path, number, "%s without #ifdef", is_else ? "#else" : "#endif");
  if (is_else)
    conditions->on[conditions->depth - 1] = !conditions->on[conditions->depth - 1];
  else
    conditions->depth--;
  return true;
}

static bool
blank_what_is_off (const char *path, char *text, DrillDefines defines, GError **error)
{
  Conditions conditions = { 0 };
  unsigned number = 1;

  for (char *line = text; *line != '\0'; number++) {
    char *end = strchrnul (line, '\n');
    bool is_directive = false;
    if (*line == '#' && !obey_line (&conditions, path, number, line, defines, &is_directive, error))
      return false;
    if (is_directive || !all_on (&conditions))
      memset (line, ' ', (size_t)(end - line));
    line = *end == '\0' ? end : end + 1;
  }
  if (conditions.depth > 0)
    return drill_error (error, path, conditions.line[conditions.depth - 1],
                        "#ifdef without #endif");
  return true;
}

GArray *
drill_lexer_read (const char *path, char *text, DrillDefines defines, GError **error)
{
  if (!blank_what_is_off (path, text, defines, error))
    return NULL;

  g_autoptr (GArray) tokens = g_array_new (FALSE, FALSE, sizeof (DrillToken));
  Lexer lexer = { .path = path, .at = text, .line = 1, .tokens = tokens };
  while (skip_blanks (&lexer, error)) {
    if (*lexer.at == '\0') {
      add_token (&lexer, DRILL_TOKEN_END, lexer.at, 0, lexer.line);
      return g_steal_pointer (&tokens);
    }
    if (!read_token (&lexer, error))
      return NULL;
  }
  return NULL;
}
