/*
 * The words of a drill script.
 *
 * Owns        Tokens point into the text they were made from, which outlives them.
 * Errors      `file:line: what`, for text that cannot be cut into words.
 * Invariants  The last token is DRILL_TOKEN_END.  Comments and blanks are gone; #ifdef, #ifndef,
 *             #else and #endif have been obeyed; lines keep their numbers.
 */
#pragma once

#include "lab/drill/script.h"

typedef enum DrillTokenKind {
  DRILL_TOKEN_END,
  DRILL_TOKEN_INTEGER,
  DRILL_TOKEN_DECIMAL, /* with a point */
  DRILL_TOKEN_WORD,
  DRILL_TOKEN_STRING,  /* without the quotes */
  DRILL_TOKEN_COMMAND, /* without the back quotes */
  DRILL_TOKEN_CODE,    /* without %{ and }% */
  DRILL_TOKEN_OPTION,  /* --name or --name=value, without the dashes */
  DRILL_TOKEN_ELLIPSIS,
  DRILL_TOKEN_SYMBOL, /* one character */
} DrillTokenKind;

typedef struct DrillToken {
  DrillTokenKind kind;
  unsigned line;
  const char *start;
  size_t bytes;
  int64_t integer; /* of an INTEGER */
} DrillToken;

/* drill_lexer_read gives an array of DrillToken; |text| is changed: lines that are switched off
 * become blank. */
GArray *drill_lexer_read (const char *path, char *text, DrillDefines defines, GError **error);

/* drill_error sets `path:line: what`; false, for a return. */
bool drill_error (GError **error, const char *path, unsigned line, const char *format, ...)
    G_GNUC_PRINTF (4, 5);
