#include "models/rules/trace_names.h"

#include "models/ndis/block_list.h"

static const char *
status_name (int64_t value)
{
  return ndis_status_name ((NDIS_STATUS)value);
}

static const char *
type_name (int64_t value)
{
  return block_list_type_name ((OFFLOAD_STATE_TYPE)value);
}

static const char *
owner_name (int64_t value)
{
  return trace_owner_name ((TraceOwner)value);
}

static const TraceTextColumn columns[] = {
  { "status", status_name, NDIS_STATUS_NOT_WRITTEN, NDIS_N_STATUSES },
  { "type", type_name, 0, MaximumOffloadState },
  { "owner", owner_name, 0, N_OWNERS },
};

const TraceTextNames rule_trace_names = { columns, sizeof columns / sizeof columns[0] };
