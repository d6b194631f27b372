#include <string.h>

#include "lab/cli/cli.h"
#include "lab/events.h"
#include "lab/mistakes.h"
#include "models/rules/trace_names.h"
#include "models/trace/trace_text.h"

static const CliVerb verb = { "trace", "EVENTS", "the records of an events.bin as text",
                              verb_trace };

typedef struct Filter {
  char **kinds; /* names of kinds or categories; NULL: all */
  gint64 connection;
  GString *line;
} Filter;

/* True if each word of |names| is a kind or a category. */
static bool
check_kinds (char **names)
{
  const char *known[2 * TRACE_N_KINDS];

  for (size_t k = 0; k < TRACE_N_KINDS; k++) {
    known[2 * k] = trace_kinds[k].name;
    known[2 * k + 1] = trace_kinds[k].category;
  }
  for (size_t i = 0; names != NULL && names[i] != NULL; i++) {
    bool is_known = false;
    for (size_t k = 0; !is_known && k < G_N_ELEMENTS (known); k++)
      is_known = strcmp (known[k], names[i]) == 0;
    if (is_known)
      continue;
    const char *nearest = lab_nearest (names[i], known, G_N_ELEMENTS (known));
    cli_message ("chimsim trace: there is no kind or category %s; write %s", names[i],
                 nearest != NULL ? nearest : "one of `chimsim list records`");
    return false;
  }
  return true;
}

static bool
wants (const Filter *filter, const SimRecord *record)
{
  const SimTraceKind *kind = &trace_kinds[record->kind];
  bool named = filter->kinds == NULL;

  for (size_t i = 0; !named && filter->kinds[i] != NULL; i++)
    named = strcmp (filter->kinds[i], kind->name) == 0
            || strcmp (filter->kinds[i], kind->category) == 0;
  if (!named || filter->connection < 0)
    return named;
  for (int c = 0; c < record->n_columns; c++)
    if (strcmp (kind->columns[c], "connection") == 0)
      return record->column[c] == filter->connection;
  return false;
}

static bool
print_record (void *data, const SimRecord *record)
{
  Filter *filter = data;

  if (wants (filter, record)) {
    g_string_truncate (filter->line, 0);
    trace_text_print (filter->line, record, &rule_trace_names);
    g_string_append_c (filter->line, '\n');
    cli_print (filter->line->str);
  }
  return true;
}

CliExit
verb_trace (int argc, char **argv)
{
  Filter filter = { .connection = -1 };
  const GOptionEntry entries[] = {
    { "kind", 'k', 0, G_OPTION_ARG_STRING_ARRAY, &filter.kinds,
      "only this kind or category; may be given several times", "NAME" },
    { "connection", 'c', 0, G_OPTION_ARG_INT64, &filter.connection,
      "only this connection's records", "ID" },
    G_OPTION_ENTRY_NULL,
  };
  CliExit code = CLI_OK;
  GError *error = NULL;

  if (!cli_parse (&verb, entries, &argc, &argv, &code))
    return code;
  if (argc != 2) {
    cli_message ("chimsim trace: name one events.bin, as chimsim run --record events writes it");
    return CLI_USAGE;
  }
  if (!check_kinds (filter.kinds)) {
    g_strfreev (filter.kinds);
    return CLI_USAGE;
  }
  filter.line = g_string_new (NULL);
  if (!lab_events_read (argv[1], print_record, &filter, &error))
    code = cli_fail (error);
  g_string_free (filter.line, TRUE);
  g_strfreev (filter.kinds);
  return cli_flush () ? code : CLI_USAGE;
}
