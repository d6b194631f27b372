#include "lab/view.h"

#include "lab/address.h"

uint32_t
lab_view_ims (const LabView *view, const char *ret_names[LATENCY_IMS_MAX])
{
  G_STATIC_ASSERT (WORLD_IMS_MAX <= LATENCY_IMS_MAX);

  for (uint32_t i = 0; i < view->config->n_ims; i++)
    ret_names[i] = view->config->im[i].name;
  return view->config->n_ims;
}

char *
lab_view_address (const LabView *view, uint32_t connection_id)
{
  return lab_address_of (view->config, connection_id);
}

/* The columns of a stage: its own, and for the stages of intermediate drivers one for each, in the
 * order of the way. */
static uint32_t
put_columns (LatencyStage stage, uint32_t *ret_columns)
{
  uint32_t n = 0;

  if (stage == STAGE_IM_DOWN)
    for (uint32_t im = 0; im < LATENCY_IMS_MAX; im++)
      ret_columns[n++] = N_STAGES + 2 * im;
  if (stage == STAGE_IM_UP)
    for (uint32_t im = LATENCY_IMS_MAX; im-- > 0;)
      ret_columns[n++] = N_STAGES + 2 * im + 1;
  ret_columns[n++] = stage;
  return n;
}

void
lab_view_way (uint32_t ret_columns[LAB_WAY_COLUMNS])
{
  uint32_t n = put_columns (STAGE_QUEUE, ret_columns);

  n += put_columns (STAGE_APP, ret_columns + n);
  for (LatencyStage stage = 0; stage < N_STAGES; stage++)
    if (stage != STAGE_QUEUE && stage != STAGE_APP && stage != STAGE_END)
      n += put_columns (stage, ret_columns + n);
  n += put_columns (STAGE_END, ret_columns + n);
  SIM_ASSERT (n == LAB_WAY_COLUMNS);
}

char *
lab_view_stage (const LabView *view, uint32_t column)
{
  const char *names[LATENCY_IMS_MAX];
  uint32_t n = lab_view_ims (view, names);
  return latency_column_name (column, names, n);
}
