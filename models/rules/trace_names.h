/*
 * Names for the values that records carry as integers: statuses, block list types, owners.
 */
#pragma once

#include "models/trace/trace_text.h"

extern const TraceTextNames rule_trace_names;
