/*
 * The dictionary: what can be named in a scenario, beside its parameters.
 *
 * Owns        Texts are the caller's to free.
 */
#pragma once

#include "lab/json.h"
#include "lab/preset.h"

typedef enum LabTopic {
  LAB_TOPIC_EVENTS,     /* verbs of the timeline */
  LAB_TOPIC_CALLS,      /* documented functions that cross the chimney */
  LAB_TOPIC_DEFECTS,    /* wrong behaviours of host, intermediate drivers and target */
  LAB_TOPIC_METRICS,    /* what an event can wait for */
  LAB_TOPIC_CHOICES,    /* what a real system leaves open */
  LAB_TOPIC_STRATEGIES, /* of explore */
  LAB_N_TOPICS
} LabTopic;

/* "events": what `list` calls a topic. */
const char *lab_topic_name (LabTopic topic);
/* lab_topic_find is the topic of that name, LAB_N_TOPICS if there is none. */
LabTopic lab_topic_find (const char *name);

/* lab_dictionary_text lists a topic, one entry a line. */
char *lab_dictionary_text (LabTopic topic);

/* lab_dictionary_json writes it as an array of objects: name, help, and state (there / later); a
 * defect has part and rules besides, a call direction, an event keys. */
void lab_dictionary_json (LabTopic topic, LabJson *json);

/* The same for presets: name, for, summary, path. */
char *lab_dictionary_presets_text (const LabPresets *presets);
void lab_dictionary_presets_json (const LabPresets *presets, LabJson *json);
