/*
 * YAML to write: scalars quoted where they need it, nodes in one line.
 *
 * Invariants  What is written reads back as the same text.
 */
#pragma once

#include "lab/tree.h"

/* lab_yaml_scalar is |text| plain if it stays that way, otherwise in double quotes; the caller
 * frees it. */
char *lab_yaml_scalar (const char *text);

/* lab_yaml_flow is |node| in one line: {a: 1, b: [2, 3]}; the caller frees it. */
char *lab_yaml_flow (const LabNode *node);
