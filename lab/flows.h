/*
 * Recorded flows as a scenario has them: a CSV file, or the flows themselves.
 *
 * A line of such a file is `start,bytes,direction`: two quantities with their units and send (from
 * the host) or receive; empty lines, lines that begin with # and a first line that says just these
 * three words are passed over.  In the place of the file the flows may stand themselves:
 * [[0 us, 64 KiB, send], [1 ms, 2 KiB, receive]].  Starts ascend.
 *
 * Owns        A LabFlows owns its flows.
 * Errors      Go to LabMistakes with their place, those in the CSV file, too.
 */
#pragma once

#include <glib.h>
#include <stdint.h>

#include "lab/mistakes.h"
#include "lab/tree.h"
#include "models/traffic/traffic.h"

#define LAB_FLOWS_MAX 1000000

typedef struct LabFlows {
  TrafficFlow *flow;
  uint32_t n_flows;
} LabFlows;

/* lab_flows_read reads |node|, called |path| in messages; NULL if there were mistakes. */
LabFlows *lab_flows_read (const LabNode *node, const char *path, LabMistakes *mistakes);
void lab_flows_free (LabFlows *flows);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LabFlows, lab_flows_free)

/* lab_flows_text is the flows as YAML in one line; the caller frees it. */
char *lab_flows_text (const LabFlows *flows);
