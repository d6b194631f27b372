/*
 * Reading YAML into trees.
 *
 * What a scenario may use of YAML is small: one document of maps, lists and scalars.  Anchors,
 * aliases, tags, merge keys, tabs, keys that are not words and keys written twice are mistakes.
 *
 * Errors      Go to LabMistakes.  Reading carries on past what can be passed over.
 * Invariants  Size, depth and count are capped: no file can exhaust stack or memory.
 * Source      YAML 1.2.2; libyaml counts lines and columns from 0, we from 1.
 */
#pragma once

#include "lab/mistakes.h"
#include "lab/tree.h"

#define LAB_TREE_BYTES_MAX ((size_t)1024 * 1024)
#define LAB_TREE_DEPTH_MAX 32
#define LAB_TREE_NODES_MAX 100000

/* lab_tree_parse reads |text|, called |file| in messages.  NULL when nothing usable was there;
 * otherwise look at |mistakes|, too. */
LabTree *lab_tree_parse (const char *text, size_t n_bytes, const char *file, LabMistakes *mistakes);

/* lab_tree_load reads the file |path|.  A file that cannot be read is a mistake of its own. */
LabTree *lab_tree_load (const char *path, LabMistakes *mistakes);
