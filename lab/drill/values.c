#include "lab/drill/values.h"

#include <string.h>

const DrillValue *
drill_argument (const DrillCall *call, guint index)
{
  return index < call->arguments->len ? call->arguments->pdata[index] : NULL;
}

bool
drill_value_integer (const DrillValue *value, int64_t *ret_number)
{
  if (value == NULL)
    return false;
  if (value->kind == DRILL_VALUE_LIST && value->items->len == 1)
    return drill_value_integer (value->items->pdata[0], ret_number);
  if (value->kind != DRILL_VALUE_INTEGER)
    return false;
  *ret_number = value->integer;
  return true;
}

int64_t
drill_value_integer_or (const DrillValue *value, int64_t otherwise)
{
  int64_t number;
  return drill_value_integer (value, &number) ? number : otherwise;
}

bool
drill_value_is (const DrillValue *value, const char *word)
{
  return value != NULL && value->kind == DRILL_VALUE_WORD && strcmp (value->text, word) == 0;
}

bool
drill_value_mentions (const DrillValue *value, const char *word)
{
  if (value == NULL)
    return false;
  if (value->kind != DRILL_VALUE_EITHER)
    return drill_value_is (value, word);
  for (guint i = 0; i < value->items->len; i++)
    if (drill_value_mentions (value->items->pdata[i], word))
      return true;
  return false;
}

const DrillValue *
drill_value_member (const DrillValue *record, const char *name)
{
  if (record == NULL || record->items == NULL)
    return NULL;
  for (guint i = 0; i < record->items->len; i++) {
    const DrillValue *item = record->items->pdata[i];
    if (item->kind == DRILL_VALUE_NAMED && strcmp (item->text, name) == 0)
      return item->items->pdata[0];
  }
  return NULL;
}

static void append_value (GString *text, const DrillValue *value);

static void
append_items (GString *text, const DrillValue *value, const char *separator)
{
  for (guint i = 0; i < value->items->len; i++) {
    if (i > 0)
      g_string_append (text, separator);
    append_value (text, value->items->pdata[i]);
  }
}

static void
append_value (GString *text, const DrillValue *value)
{
  switch (value->kind) {
  case DRILL_VALUE_ANY:
    g_string_append (text, "...");
    return;
  case DRILL_VALUE_INTEGER:
    g_string_append_printf (text, "%" G_GINT64_FORMAT, value->integer);
    return;
  case DRILL_VALUE_WORD:
    g_string_append (text, value->text);
    return;
  case DRILL_VALUE_STRING:
    g_string_append_printf (text, "\"%s\"", value->text);
    return;
  case DRILL_VALUE_LIST:
    g_string_append_c (text, '[');
    append_items (text, value, ", ");
    g_string_append_c (text, ']');
    return;
  case DRILL_VALUE_RECORD:
    g_string_append_c (text, '{');
    append_items (text, value, ", ");
    g_string_append_c (text, '}');
    return;
  case DRILL_VALUE_EITHER:
    append_items (text, value, " | ");
    return;
  case DRILL_VALUE_APPLIED:
    g_string_append_printf (text, "%s(", value->text);
    append_items (text, value, ", ");
    g_string_append_c (text, ')');
    return;
  case DRILL_VALUE_NAMED:
    g_string_append_printf (text, "%s=", value->text);
    append_items (text, value, "");
    return;
  }
}

char *
drill_value_text (const DrillValue *value)
{
  GString *text = g_string_new (NULL);

  append_value (text, value);
  return g_string_free (text, FALSE);
}
