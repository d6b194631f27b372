/*
 * Conditions: what `skip`, `eventually` and `always` say.
 *
 *   condition   =  side { "or" side }, sides of "and", "not", comparisons == != < <= > >=
 *   sum         =  term { "+" or "-" term }
 *   term        =  a quantity, a word, a dotted path, an address, a call f(x, y), f(x).member, or
 *                  a condition in parentheses
 *
 * Owns        The caller owns the tree, to lab_condition_free.
 * Errors      *reterr_why says what is wrong and where in the text; the caller frees it.
 * Invariants  Depth and length are capped: no text can exhaust the stack.
 */
#pragma once

#include <glib.h>

#define LAB_CONDITION_DEPTH_MAX 32
#define LAB_CONDITION_BYTES_MAX 4096

typedef enum LabConditionKind {
  LAB_CONDITION_OR,
  LAB_CONDITION_AND,
  LAB_CONDITION_NOT,
  LAB_CONDITION_COMPARE, /* |text| is the operator */
  LAB_CONDITION_SUM,     /* |text| is + or - */
  LAB_CONDITION_NUMBER,  /* |text| is a quantity */
  LAB_CONDITION_WORD,    /* |text| is a word, path or address */
  LAB_CONDITION_CALL,    /* |text| is the name, the children are its arguments */
} LabConditionKind;

typedef struct LabCondition LabCondition;
struct LabCondition {
  LabConditionKind kind;
  char *text;
  char *member;        /* of a call's result, or NULL */
  GPtrArray *children; /* of LabCondition */
};

LabCondition *lab_condition_parse (const char *text, char **reterr_why);
void lab_condition_free (LabCondition *condition);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LabCondition, lab_condition_free)
