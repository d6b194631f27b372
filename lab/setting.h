/*
 * Settings: the resolved values of a scenario, each with its origin.
 *
 * A setting is one row of the field table with the value it got; a section, a named part or a list
 * has the settings in it as children, in the order of the table or of the file.
 *
 * Owns        A setting owns its children, its distribution and its flows.  Texts, nodes and places are
 *             borrowed from the trees that were loaded.
 * Invariants  Every row of a section that is there has a setting, also one that nobody set.
 */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

#include "lab/dist.h"
#include "lab/field.h"
#include "lab/flows.h"
#include "lab/mistakes.h"
#include "lab/quantity.h"
#include "lab/tree.h"

typedef enum LabOriginKind {
  LAB_FROM_NOWHERE, /* not set: optional and without default */
  LAB_FROM_DEFAULT,
  LAB_FROM_PRESET,
  LAB_FROM_SCENARIO,
  LAB_FROM_SET,   /* --set */
  LAB_FROM_SWEEP, /* one cell of a sweep */
  LAB_N_ORIGINS
} LabOriginKind;

typedef struct LabOrigin {
  LabOriginKind kind;
  SimLoc loc;         /* file NULL: the field table */
  const char *source; /* what a preset or the table cites; or NULL */
} LabOrigin;

typedef struct LabValue {
  int64_t integer; /* quantity; boolean; what a word stands for */
  LabRatio ratio;
  const LabWord *word;
  const char *text;
  LabDist *dist;
  LabFlows *flows;
  const LabNode *node; /* LAB_FREE */
} LabValue;

typedef struct LabSetting LabSetting;
struct LabSetting {
  const LabField *field;
  const char *name; /* its key; a part's name; an element's id, or its number from 0 */
  LabSetting *parent;
  GPtrArray *children; /* of LabSetting; NULL for a value */
  const char *preset;  /* the preset that fills this section, or NULL */
  LabOrigin origin;
  LabValue value;
};

LabSetting *lab_setting_new (const LabField *field, const char *name, LabSetting *parent);
void lab_setting_free (LabSetting *setting);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LabSetting, lab_setting_free)

/* lab_setting_is_set tells whether it has a value. */
bool lab_setting_is_set (const LabSetting *setting);

/* lab_setting_get is the child |name|, or NULL. */
LabSetting *lab_setting_get (const LabSetting *setting, const char *name);

/* lab_setting_find follows a dotted path below |setting|; NULL if it leads nowhere. */
LabSetting *lab_setting_find (LabSetting *setting, const char *path);

/* lab_setting_path is the dotted path from the top; the caller frees it. */
char *lab_setting_path (const LabSetting *setting);

/* lab_setting_blame notes a mistake where |setting| was written: "path: what". */
void lab_setting_blame (const LabSetting *setting, LabMistakes *mistakes, const char *format, ...)
    G_GNUC_PRINTF (3, 4);

/* lab_setting_text is the value as YAML in one line: of a list of values, too.  "" if it has none;
 * the caller frees it. */
char *lab_setting_text (const LabSetting *setting);

/* lab_origin_text says where a value comes from: "scenarios/x.yaml:12:3", "default: ..."; the
 * caller frees it. */
char *lab_origin_text (const LabOrigin *origin);

/* "default", "preset", "scenario", "--set", "sweep". */
const char *lab_origin_name (LabOriginKind kind);

/* The value of a child as what it is; 0, false, NULL if it is not set. */
int64_t lab_setting_integer (const LabSetting *setting, const char *name);
const char *lab_setting_string (const LabSetting *setting, const char *name);
