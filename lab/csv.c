#include "lab/csv.h"

#include <errno.h>
#include <string.h>

#include "sim/assert.h"

#define LINE_BYTES_MAX 256
#define BYTE_ORDER_MARK "\xef\xbb\xbf"

static bool
blame (const LabCsv *csv, const char *setting, int why, LabMistakes *mistakes)
{
  lab_mistakes_add (mistakes, csv->node->loc,
                    "%s: %s cannot be read: %s; write the name of a CSV file", setting, csv->path,
                    g_strerror (why));
  return false;
}

bool
lab_csv_open (LabCsv *csv, const LabNode *node, const char *setting, LabMistakes *mistakes)
{
  g_autofree char *folder = g_path_get_dirname (node->loc.line > 0 ? node->loc.file : ".");
  char *path = g_path_is_absolute (node->text) ? g_strdup (node->text)
                                               : g_build_filename (folder, node->text, NULL);

  *csv = (LabCsv){ .stream = fopen (path, "r"), .path = path, .node = node, .loc = { path, 0, 1 } };
  if (csv->stream == NULL) {
    blame (csv, setting, errno, mistakes);
    g_free (path);
    return false;
  }
  csv->field = g_ptr_array_new_with_free_func (g_free);
  return true;
}

/* Takes the field that begins at |text| off it; gives what is behind its comma, NULL at the end. */
static const char *
take_field (const char *text, GPtrArray *fields)
{
  GString *field = g_string_new (NULL);
  bool is_quoted = false;

  while (*text == ' ')
    text++;
  if (*text == '"') {
    is_quoted = true;
    text++;
  }
  for (; *text != '\0' && (is_quoted || *text != ','); text++) {
    if (!is_quoted || *text != '"')
      g_string_append_c (field, *text);
    else if (text[1] == '"')
      g_string_append_c (field, *++text);
    else
      is_quoted = false;
  }
  g_ptr_array_add (fields, g_strstrip (g_string_free (field, FALSE)));
  return *text == ',' ? text + 1 : NULL;
}

bool
lab_csv_next (LabCsv *csv)
{
  char buffer[LINE_BYTES_MAX];

  while (fgets (buffer, sizeof buffer, csv->stream) != NULL) {
    bool is_marked = csv->loc.line++ == 0 && g_str_has_prefix (buffer, BYTE_ORDER_MARK);
    const char *line = g_strstrip (is_marked ? buffer + strlen (BYTE_ORDER_MARK) : buffer);
    if (line[0] == '\0' || line[0] == '#')
      continue;
    g_ptr_array_set_size (csv->field, 0);
    while (line != NULL)
      line = take_field (line, csv->field);
    return true;
  }
  return false;
}

const char *
lab_csv_field (const LabCsv *csv, guint i)
{
  return i < csv->field->len ? csv->field->pdata[i] : NULL;
}

bool
lab_csv_close (LabCsv *csv, const char *setting, LabMistakes *mistakes)
{
  SIM_ASSERT (csv->stream != NULL);
  /* A folder can be opened, but not read. */
  int why = ferror (csv->stream) ? errno : 0;
  bool ok = why == 0 || blame (csv, setting, why, mistakes);

  fclose (csv->stream);
  g_ptr_array_unref (csv->field);
  g_free (csv->path);
  return ok;
}
