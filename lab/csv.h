/*
 * CSV: the lines of a file that a setting names, as fields.
 *
 * Fields are parted by commas; blanks around one do not count; one in double quotes may hold commas,
 * and a double quote as two.  Empty lines, lines that begin with #, and a byte order mark are passed
 * over.
 *
 * Owns        A reader owns its stream, path and fields; fields are borrowed until the next line.
 * Errors      A file that cannot be read is a mistake at the node that names it.
 */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stdio.h>

#include "lab/mistakes.h"
#include "lab/tree.h"

typedef struct LabCsv {
  FILE *stream;
  char *path;
  const LabNode *node;
  SimLoc loc;       /* of the line that was read last */
  GPtrArray *field; /* its fields */
} LabCsv;

/* lab_csv_open opens the file that |node| names: beside the scenario that |node| stands in.
 * |setting| is the path of the setting, for the mistake. */
bool lab_csv_open (LabCsv *csv, const LabNode *node, const char *setting, LabMistakes *mistakes);

/* lab_csv_next reads the next line that has fields; false at the end. */
bool lab_csv_next (LabCsv *csv);

/* lab_csv_field is field |i| of the line; NULL: it has fewer. */
const char *lab_csv_field (const LabCsv *csv, guint i);

/* lab_csv_close says whether all could be read; it blames the setting if not. */
bool lab_csv_close (LabCsv *csv, const char *setting, LabMistakes *mistakes);
