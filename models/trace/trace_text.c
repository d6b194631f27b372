#include "models/trace/trace_text.h"

#include <inttypes.h>
#include <string.h>

#define WORD_BYTES_MAX 128

G_DEFINE_QUARK (trace - text - error - quark, trace_text_error)

static const char *
call_name (int64_t value)
{
  return value < 0 ? NULL : trace_call_name ((NdisCall)value);
}

static const TraceTextColumn own_columns[] = {
  { "call", call_name, 1, NDIS_N_CALLS },
  { "context_call", call_name, 1, NDIS_N_CALLS },
};

static const TraceTextColumn *
find_names (const char *column, const TraceTextNames *names)
{
  for (size_t i = 0; i < G_N_ELEMENTS (own_columns); i++)
    if (strcmp (own_columns[i].column, column) == 0)
      return &own_columns[i];
  for (size_t i = 0; names != NULL && i < names->n_columns; i++)
    if (strcmp (names->columns[i].column, column) == 0)
      return &names->columns[i];
  return NULL;
}

static const char *
value_name (const TraceTextColumn *column, int64_t value)
{
  if (column == NULL || value < column->first || value >= column->end)
    return NULL;
  return column->name (value);
}

void
trace_text_print (GString *out, const SimRecord *record, const TraceTextNames *names)
{
  SIM_ASSERT (record->kind < TRACE_N_KINDS);
  const SimTraceKind *kind = &trace_kinds[record->kind];

  g_string_append_printf (out, "%" PRId64 " %" PRIu32 " %s", record->when.ps, record->actor_id,
                          kind->name);
  for (unsigned i = 0; i < kind->n_columns; i++) {
    const char *name = value_name (find_names (kind->columns[i], names), record->column[i]);
    if (name != NULL)
      g_string_append_printf (out, " %s=%s", kind->columns[i], name);
    else
      g_string_append_printf (out, " %s=%" PRId64, kind->columns[i], record->column[i]);
  }
}

/* The line being read. */
typedef struct Reading {
  const char *line;
  const char *at;
  const TraceTextNames *names;
  GError **error;
} Reading;

G_GNUC_PRINTF (3, 4)
static bool
fail (const Reading *reading, TraceTextError code, const char *format, ...)
{
  va_list arguments;
  va_start (arguments, format);
  g_autofree char *text = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  g_set_error (reading->error, TRACE_TEXT_ERROR, (int)code, "column %d: %s",
               (int)(reading->at - reading->line) + 1, text);
  return false;
}

/* Takes the next word, up to a space or |stop|. */
static bool
take_word (Reading *reading, char stop, char word[WORD_BYTES_MAX])
{
  size_t bytes = 0;

  while (*reading->at == ' ')
    reading->at++;
  while (reading->at[bytes] != '\0' && reading->at[bytes] != ' ' && reading->at[bytes] != '#'
         && reading->at[bytes] != '\n' && reading->at[bytes] != stop)
    bytes++;
  if (bytes == 0)
    return fail (reading, TRACE_TEXT_ERROR_SYNTAX, "a word is missing");
  if (bytes >= WORD_BYTES_MAX)
    return fail (reading, TRACE_TEXT_ERROR_SYNTAX, "a word is too long");
  memcpy (word, reading->at, bytes);
  word[bytes] = '\0';
  reading->at += bytes;
  return true;
}

static bool
take_integer (Reading *reading, int64_t *ret_value)
{
  char word[WORD_BYTES_MAX];
  char *end;

  if (!take_word (reading, ' ', word))
    return false;
  int64_t value = g_ascii_strtoll (word, &end, 0);
  if (*end != '\0')
    return fail (reading, TRACE_TEXT_ERROR_SYNTAX, "\"%s\" is not an integer", word);
  *ret_value = value;
  return true;
}

static bool
take_kind (Reading *reading, uint16_t *ret_kind)
{
  char word[WORD_BYTES_MAX];

  if (!take_word (reading, ' ', word))
    return false;
  for (uint16_t kind = 0; kind < TRACE_N_KINDS; kind++)
    if (strcmp (trace_kinds[kind].name, word) == 0) {
      *ret_kind = kind;
      return true;
    }
  return fail (reading, TRACE_TEXT_ERROR_UNKNOWN, "no kind is called \"%s\"", word);
}

static bool
take_value (Reading *reading, const char *column, int64_t *ret_value)
{
  const TraceTextColumn *named = find_names (column, reading->names);
  char word[WORD_BYTES_MAX];
  char *end;

  if (!take_word (reading, ' ', word))
    return false;
  for (int64_t value = named == NULL ? 0 : named->first; named != NULL && value < named->end;
       value++) {
    const char *name = named->name (value);
    if (name != NULL && strcmp (name, word) == 0) {
      *ret_value = value;
      return true;
    }
  }
  int64_t value = g_ascii_strtoll (word, &end, 0);
  if (*end != '\0')
    return fail (reading, TRACE_TEXT_ERROR_UNKNOWN, "\"%s\" is no value of %s", word, column);
  *ret_value = value;
  return true;
}

static bool
take_column (Reading *reading, SimRecord *record)
{
  const SimTraceKind *kind = &trace_kinds[record->kind];
  char word[WORD_BYTES_MAX];

  if (!take_word (reading, '=', word))
    return false;
  if (*reading->at != '=')
    return fail (reading, TRACE_TEXT_ERROR_SYNTAX, "\"%s\" has no value", word);
  reading->at++;
  for (unsigned i = 0; i < kind->n_columns; i++)
    if (strcmp (kind->columns[i], word) == 0)
      return take_value (reading, word, &record->column[i]);
  return fail (reading, TRACE_TEXT_ERROR_UNKNOWN, "%s has no column \"%s\"", kind->name, word);
}

static bool
at_end (Reading *reading)
{
  while (*reading->at == ' ')
    reading->at++;
  return *reading->at == '\0' || *reading->at == '#' || *reading->at == '\n';
}

bool
trace_text_parse (const char *line, const TraceTextNames *names, SimRecord *ret_record,
                  GError **error)
{
  Reading reading = { .line = line, .at = line, .names = names, .error = error };
  SimRecord record = { 0 };
  int64_t actor_id;

  if (!take_integer (&reading, &record.when.ps) || !take_integer (&reading, &actor_id)
      || !take_kind (&reading, &record.kind))
    return false;
  record.actor_id = (uint32_t)actor_id;
  record.n_columns = trace_kinds[record.kind].n_columns;
  while (!at_end (&reading))
    if (!take_column (&reading, &record))
      return false;
  *ret_record = record;
  return true;
}
