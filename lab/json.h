/*
 * A JSON writer: members in the order they are written, the same bytes everywhere.
 *
 * Values are written into a text that grows.  Inside an object each value needs a name; inside an
 * array and at the top it has none (NULL).
 *
 * Owns        The writer owns its text until lab_json_free_to_text.
 * Errors      Misuse (a value without a name in an object, an end without a begin, more than one
 *             value at the top) is a bug and asserts.  Text that is not UTF-8 is written with
 *             U+FFFD in the place of each bad byte.
 * Source      RFC 8259.
 */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

#define LAB_JSON_DEPTH_MAX 32

typedef struct LabJson LabJson;

LabJson *lab_json_new (void);
void lab_json_free (LabJson *json);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LabJson, lab_json_free)

/* lab_json_free_to_text ends the document with a newline and hands its text to the caller. */
char *lab_json_free_to_text (LabJson *json);

void lab_json_begin_object (LabJson *json, const char *name);
void lab_json_end_object (LabJson *json);
void lab_json_begin_array (LabJson *json, const char *name);
void lab_json_end_array (LabJson *json);

/* NULL is written as null. */
void lab_json_string (LabJson *json, const char *name, const char *value);
void lab_json_integer (LabJson *json, const char *name, int64_t value);
void lab_json_unsigned (LabJson *json, const char *name, uint64_t value);
void lab_json_boolean (LabJson *json, const char *name, bool value);
void lab_json_null (LabJson *json, const char *name);

/* lab_json_decimal writes |value| / 10^|n_decimals| exactly: 1234 with 3 is 1.234. */
void lab_json_decimal (LabJson *json, const char *name, int64_t value, unsigned n_decimals);

/* lab_json_hex writes 64 bits as a string of sixteen hexadecimal digits: JSON's numbers have 53. */
void lab_json_hex (LabJson *json, const char *name, uint64_t value);
