/*
 * What the parts of the drill parser share: where we are in the words, and how to go on.
 *
 * Errors      drill_parser_fail notes `path:line: what` about the present word and is false; the
 *             first mistake ends the reading.
 * Invariants  The present word is never behind DRILL_TOKEN_END.
 */
#pragma once

#include "lab/drill/lexer.h"

typedef struct DrillParser {
  const char *path;
  DrillDefines defines;
  const DrillToken *tokens;
  size_t at;
  unsigned depth;      /* of values inside one another */
  int64_t earliest_ps; /* the last event's time, or where that depends on the run, its least */
  GError **error;
} DrillParser;

static inline const DrillToken *
drill_token (const DrillParser *parser)
{
  return &parser->tokens[parser->at];
}

/* drill_token_after gives the word behind the present one, which may be the end. */
const DrillToken *drill_token_after (const DrillParser *parser);
void drill_advance (DrillParser *parser);

bool drill_is_word (const DrillToken *token, const char *word);
bool drill_is_symbol (const DrillToken *token, char symbol);

/* drill_accept_... goes on if the present word is that one, and says whether it was. */
bool drill_accept_word (DrillParser *parser, const char *word);
bool drill_accept_symbol (DrillParser *parser, char symbol);
bool drill_accept (DrillParser *parser, DrillTokenKind kind);

/* drill_expect_... does so or fails. */
bool drill_expect_symbol (DrillParser *parser, char symbol);
bool drill_expect_integer (DrillParser *parser, int64_t least, int64_t most, int64_t *ret_value);

bool drill_parser_fail (const DrillParser *parser, const char *format, ...) G_GNUC_PRINTF (2, 3);

/* drill_parse_time reads seconds with or without a point, exactly. */
bool drill_parse_time (DrillParser *parser, int64_t *ret_ps);

/* The actions, each from its first word on. */
bool drill_parse_packet (DrillParser *parser, DrillPacket *packet);
bool drill_parse_call (DrillParser *parser, DrillCall *call);
