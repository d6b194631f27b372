#include "models/im/drivers.h"

#include <glib.h>
#include <string.h>

#include "models/im/driver.h"
#include "models/im/pass_through.h"
#include "models/im/unaware.h"

static const ImKind kinds[] = {
  { "pass-through", "hands everything on", true, &im_pass_through_miniport,
    &im_pass_through_protocol },
  { "unaware", "registers no chimney structure: blocks the chimney", false, &im_unaware_miniport,
    &im_unaware_protocol },
};

const ImKind *
im_kinds (size_t *ret_count)
{
  *ret_count = G_N_ELEMENTS (kinds);
  return kinds;
}

const ImKind *
im_kind_by_name (const char *name)
{
  for (size_t i = 0; i < G_N_ELEMENTS (kinds); i++)
    if (strcmp (kinds[i].name, name) == 0)
      return &kinds[i];
  return NULL;
}

static SimStream
stream_of (const Ndis *ndis, const ImConfig *config)
{
  g_autofree char *name = g_strconcat ("im.", config->name, NULL);

  return sim_stream (sim_seed (ndis_sim (ndis)), name);
}

ImDriver *
im_driver_new (Ndis *ndis, const ImConfig *config)
{
  const ImKind *kind = config->driver != NULL ? im_kind_by_name (config->driver) : &kinds[0];

  SIM_ASSERT (kind != NULL);
  SIM_ASSERT (config->name != NULL);
  SIM_ASSERT (config->layer >= 1);

  ImDriver *im = g_new0 (ImDriver, 1);
  im->kind = kind;
  im->ndis = ndis;
  im->config = *config;
  im->stream = stream_of (ndis, config);
  im_table_init (&im->entries, config->layer, sizeof (ImEntry));
  im_table_init (&im->calls, config->layer, sizeof (ImCall));
  im_queue_init (im);
  return im;
}

void
im_driver_free (ImDriver *im)
{
  if (im == NULL)
    return;
  im_table_clear (&im->entries);
  im_table_clear (&im->calls);
  g_free (im);
}

NdisDriver
im_driver_as_ndis (ImDriver *im)
{
  return (NdisDriver){ .name = im->config.name,
                       .miniport = im->kind->miniport,
                       .protocol = im->kind->protocol,
                       .context = im };
}

void
im_driver_set_defect (ImDriver *im, ImDefect defect, bool on)
{
  uint64_t bit = UINT64_C (1) << defect;

  SIM_ASSERT (defect < IM_N_DEFECTS);
  im->config.defects = on ? im->config.defects | bit : im->config.defects & ~bit;
}

ImStats
im_driver_stats (const ImDriver *im)
{
  return (ImStats){
    .entries = sim_pool_out (im->entries.pool),
    .entries_peak = sim_pool_out_peak (im->entries.pool),
    .calls = sim_pool_out (im->calls.pool),
    .calls_peak = sim_pool_out_peak (im->calls.pool),
    .waiting = im->queue.waiting,
    .waiting_peak = im->queue.waiting_peak,
  };
}
