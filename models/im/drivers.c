#include "models/im/drivers.h"

#include <glib.h>
#include <string.h>

#include "models/im/driver.h"
#include "models/im/failover.h"
#include "models/im/pass_through.h"
#include "models/im/quota.h"
#include "models/im/unaware.h"
#include "models/im/vlan.h"

static const ImKind kinds[] = {
  { .name = "pass-through",
    .text = "hands everything on",
    .passes_chimney = true,
    .miniport = &im_pass_through_miniport,
    .protocol = &im_pass_through_protocol },
  { .name = "vlan",
    .text = "puts everything into one VLAN, and refuses what is in another",
    .passes_chimney = true,
    .miniport = &im_vlan_miniport,
    .protocol = &im_vlan_protocol },
  { .name = "failover",
    .text = "802.3ad: uses one of several targets, and changes to another",
    .passes_chimney = true,
    .miniport = &im_failover_miniport,
    .protocol = &im_failover_protocol,
    .open = im_failover_open,
    .close = im_failover_close,
    .settled = im_failover_settled,
    .uploaded = im_team_uploaded,
    .fail_over = im_failover_begin,
    .set_member = im_failover_set_member,
    .can_spare = im_failover_can_spare },
  { .name = "quota",
    .text = "lets so many connections through at once, and refuses more",
    .passes_chimney = true,
    .miniport = &im_quota_miniport,
    .protocol = &im_quota_protocol,
    .open = im_quota_open,
    .close = im_quota_close,
    .settled = im_quota_settled },
  { .name = "unaware",
    .text = "registers no chimney structure: blocks the chimney",
    .miniport = &im_unaware_miniport,
    .protocol = &im_unaware_protocol },
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
  im_refusals_init (im);
  if (kind->open != NULL)
    kind->open (im);
  return im;
}

void
im_driver_free (ImDriver *im)
{
  if (im == NULL)
    return;
  if (im->kind->close != NULL)
    im->kind->close (im);
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

void
im_driver_fail_over (ImDriver *im, uint32_t port, ImCaller caller)
{
  if (im->kind->fail_over == NULL || !im->kind->fail_over (im, port, caller))
    caller.done (caller.data, caller.tag, false);
}

void
im_driver_set_member (ImDriver *im, uint32_t port, bool is_member, ImCaller caller)
{
  if (im->kind->set_member == NULL || !im->kind->set_member (im, port, is_member, caller))
    caller.done (caller.data, caller.tag, false);
}

bool
im_driver_can_spare (const ImDriver *im, uint32_t port)
{
  return im->kind->can_spare == NULL || im->kind->can_spare (im, port);
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
