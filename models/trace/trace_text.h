/*
 * Records as lines of text, and back.
 *
 *   1000 7 call-begin crossing=1 call=MiniportInitiateOffload layer=2
 *
 * Time in picoseconds, actor, kind, then column=value.  A printed line has every column; a parsed
 * one may leave columns out, they are 0 then.  Values are integers or names: calls have names here,
 * and who uses this module may name the values of further columns (a status, a block list type).
 *
 * Owns        Names are borrowed for the call.
 * Errors      A line that cannot be read gives a GError with the place in the line.
 * Invariants  What trace_text_print writes, trace_text_parse reads back into the same record,
 *             except its number.
 */
#pragma once

#include <glib.h>

#include "models/trace/trace.h"

/* The values |first| to |end| - 1 of every column called |column| have names. */
typedef struct TraceTextColumn {
  const char *column;
  const char *(*name) (int64_t value); /* NULL: this one has none */
  int64_t first;
  int64_t end;
} TraceTextColumn;

typedef struct TraceTextNames {
  const TraceTextColumn *columns;
  size_t n_columns;
} TraceTextNames;

/* trace_text_print appends |record| to |out|, without a newline; |names| may be NULL. */
void trace_text_print (GString *out, const SimRecord *record, const TraceTextNames *names);

/* trace_text_parse reads one line; text after a # is a comment.  False: a mistake, with its
 * column. */
bool trace_text_parse (const char *line, const TraceTextNames *names, SimRecord *ret_record,
                       GError **error);

#define TRACE_TEXT_ERROR (trace_text_error_quark ())
GQuark trace_text_error_quark (void);

typedef enum TraceTextError {
  TRACE_TEXT_ERROR_SYNTAX,
  TRACE_TEXT_ERROR_UNKNOWN,
} TraceTextError;
