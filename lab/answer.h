/*
 * Answers: figures of a run looked up and worded, for the summary and the report alike.
 *
 * Owns        Texts are freed with g_free; "-" stands for a figure that the run does not have.
 */
#pragma once

#include "lab/latency.h"
#include "lab/stats.h"

/* A time figure, in microseconds with three decimals, for people: "48.2 µs". */
char *lab_answer_time (const LabStats *stats, const char *name_format, ...) G_GNUC_PRINTF (2, 3);

/* The sum of two figures of one unit and precision, of which one may be missing, without its
 * unit. */
char *lab_answer_sum (const LabStats *stats, const char *one, const char *other);

/* By how many percent figure |to| differs from figure |from|: "-74 %"; "" if one is missing. */
char *lab_answer_change (const LabStats *stats, const char *from, const char *to);

/* The figure of that name with its unit, and without. */
char *lab_answer (const LabStats *stats, const char *name_format, ...) G_GNUC_PRINTF (2, 3);
char *lab_answer_number (const LabStats *stats, const char *name);

/* A group of operations of which latencies are told: requests of a path, or a class. */
typedef struct LabAnswerGroup {
  const char *name;   /* "chimney", "offload" */
  const char *prefix; /* of its figures: "latency.request.chimney" */
  const char *style;  /* of the report: "chimney" */
} LabAnswerGroup;

/* The groups of requests, and those of state operations and connections, that have operations; ret_groups has room
 * for N_LATENCIES. */
size_t lab_answer_requests (const LabStats *stats, LabAnswerGroup *ret_groups);
size_t lab_answer_operations (const LabStats *stats, LabAnswerGroup *ret_groups);
