/*
 * The columns of records that checks read, by name, beside those that rules read.
 *
 * Invariants  Each list is as long as its kind (kinds.def), or this does not compile.
 */
#pragma once

#include "models/rules/columns.h"

#define COLUMNS(kind, ...)                \
  enum { __VA_ARGS__, kind##_N_COLUMNS }; \
  _Static_assert((int)kind##_N_COLUMNS == (int)TRACE_N_##kind, #kind " has other columns")

/* clang-format off */
COLUMNS (CALL_BEGIN, CALL_BEGIN_CROSSING, CALL_BEGIN_CALL, CALL_BEGIN_PARENT, CALL_BEGIN_CPU, CALL_BEGIN_LEVEL,
         CALL_BEGIN_LAYER, CALL_BEGIN_OP, CALL_BEGIN_OBJECT, CALL_BEGIN_ARG0, CALL_BEGIN_ARG1);
COLUMNS (CALL_END, CALL_END_CROSSING, CALL_END_CALL, CALL_END_LAYER, CALL_END_OP, CALL_END_STATUS, CALL_END_VALUE);
COLUMNS (NODE, NODE_CROSSING, NODE_OP, NODE_INDEX, NODE_PARENT, NODE_ROLE, NODE_TYPE, NODE_OBJECT, NODE_CONTEXT,
         NODE_STATUS, NODE_FLAGS, NODE_CHAIN_NBL, NODE_CHAIN_COUNT, NODE_CHAIN_BYTES, NODE_SOURCE_HANDLE,
         NODE_IM_RESERVED, NODE_PROTOCOL_RESERVED);
COLUMNS (LINK, LINK_UP);
COLUMNS (TIMELINE, TIMELINE_EVENT, TIMELINE_PHASE);
COLUMNS (APP_EVENT, APP_EVENT_CONNECTION, APP_EVENT_SIDE, APP_EVENT_WHAT, APP_EVENT_NUMBER, APP_EVENT_BYTES);
/* clang-format on */

#undef COLUMNS
