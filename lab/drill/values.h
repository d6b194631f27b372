/*
 * Reading the values of a call.
 */
#pragma once

#include "lab/drill/script.h"

/* drill_argument gives an argument, or NULL if there are not so many. */
const DrillValue *drill_argument (const DrillCall *call, guint index);
/* drill_value_integer reads a number, also one alone in a list; false: it is none. */
bool drill_value_integer (const DrillValue *value, int64_t *ret_number);
int64_t drill_value_integer_or (const DrillValue *value, int64_t otherwise);
/* drill_value_is answers whether the value is |word|; drill_value_mentions whether it is, or is one
 * of those with | between. */
bool drill_value_is (const DrillValue *value, const char *word);
bool drill_value_mentions (const DrillValue *value, const char *word);
/* drill_value_member gives |name| = value of a record, or NULL. */
const DrillValue *drill_value_member (const DrillValue *record, const char *name);
/* drill_value_text writes the value as a script has it; the caller frees it. */
char *drill_value_text (const DrillValue *value);
