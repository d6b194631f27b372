/*
 * One value: a node of the file read as what its field says.
 *
 * Errors      Go to LabMistakes, each starting with the path of the field.
 */
#pragma once

#include "lab/field.h"
#include "lab/setting.h"
#include "lab/tree.h"

/* lab_value_read reads |node| as a value of |field| (not a section, parts or list), called |path|
 * in messages; false if there was a mistake. */
bool lab_value_read (const LabField *field, const LabNode *node, const char *path,
                     LabMistakes *mistakes, LabValue *ret_value);

/* lab_name_is_valid tells whether |name| can name a part: a letter, then letters, digits, _ and
 * -. */
bool lab_name_is_valid (const char *name);
