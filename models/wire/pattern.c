#include "models/wire/pattern.h"

#include <glib.h>
#include <string.h>

#include "sim/assert.h"

#define HOW_TO_WRITE "write for instance 3rd, 7-9, every 100th"

/* Takes |word| and the blanks behind it off |text|; what follows a word is not a letter. */
static bool
take_word (const char **text, const char *word)
{
  size_t n = strlen (word);

  if (strncmp (*text, word, n) != 0 || g_ascii_isalpha ((*text)[n]))
    return false;
  *text += n;
  *text += strspn (*text, " ");
  return true;
}

static const char *
suffix_of (uint64_t number)
{
  if (number / 10 % 10 == 1)
    return "th";
  switch (number % 10) {
  case 1:
    return "st";
  case 2:
    return "nd";
  case 3:
    return "rd";
  }
  return "th";
}

/* Takes a number from 1 on, an ordinal's suffix with it. */
static bool
take_number (const char **text, uint64_t *ret_number)
{
  const char *at = *text;
  uint64_t number = 0;

  for (; g_ascii_isdigit (*at); at++) {
    if (number > UINT32_MAX)
      return false;
    number = number * 10 + (uint64_t)(*at - '0');
  }
  if (number == 0)
    return false;
  if (g_ascii_isalpha (*at)) {
    if (strncmp (at, suffix_of (number), 2) != 0 || g_ascii_isalnum (at[2]))
      return false;
    at += 2;
  }
  *text = at + strspn (at, " ");
  *ret_number = number;
  return true;
}

/* N, N-M or N-. */
static bool
take_range (const char **text, WirePatternTerm *term)
{
  if (!take_number (text, &term->first))
    return false;
  term->step = 1;
  term->last = term->first;
  if (**text != '-')
    return true;
  *text += 1 + strspn (*text + 1, " ");
  if (**text == '\0') {
    term->last = UINT64_MAX;
    return true;
  }
  return take_number (text, &term->last);
}

/* What follows `every`: Nth, from N, to N. */
static bool
take_steps (const char **text, WirePatternTerm *term)
{
  if (!take_number (text, &term->step))
    return false;
  term->first = term->step;
  term->last = UINT64_MAX;
  if (take_word (text, "from") && !take_number (text, &term->first))
    return false;
  return !take_word (text, "to") || take_number (text, &term->last);
}

static bool
read_term (const char *text, WirePatternTerm *ret_term, char **reterr_why)
{
  const char *at = text;
  WirePatternTerm term;
  bool ok = take_word (&at, "every") ? take_steps (&at, &term) : take_range (&at, &term);

  if (!ok || *at != '\0') {
    *reterr_why = g_strdup_printf ("\"%s\" says no frame; " HOW_TO_WRITE, text);
    return false;
  }
  if (term.last < term.first) {
    *reterr_why =
        g_strdup_printf ("\"%s\" ends before it begins; write the smaller number first", text);
    return false;
  }
  *ret_term = term;
  return true;
}

bool
wire_pattern_read (const char *text, WirePattern *ret_pattern, char **reterr_why)
{
  g_auto (GStrv) terms = g_strsplit (text, ",", -1);
  WirePattern pattern = { .n_terms = g_strv_length (terms) };

  if (pattern.n_terms > WIRE_PATTERN_TERMS_MAX) {
    *reterr_why = g_strdup_printf ("more than %d terms; join some of them", WIRE_PATTERN_TERMS_MAX);
    return false;
  }
  if (pattern.n_terms == 0) {
    *reterr_why = g_strdup ("says no frame; " HOW_TO_WRITE);
    return false;
  }
  for (uint32_t i = 0; i < pattern.n_terms; i++)
    if (!read_term (g_strstrip (terms[i]), &pattern.term[i], reterr_why))
      return false;
  *ret_pattern = pattern;
  return true;
}

bool
wire_pattern_matches (const WirePattern *pattern, uint64_t number)
{
  SIM_ASSERT (number >= 1);
  for (uint32_t i = 0; i < pattern->n_terms; i++) {
    const WirePatternTerm *term = &pattern->term[i];
    if (number >= term->first && number <= term->last && (number - term->first) % term->step == 0)
      return true;
  }
  return false;
}
