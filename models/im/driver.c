#include "models/im/driver.h"

#include "models/im/operations.h"
#include "models/im/requests.h"

static int64_t
draw (const ImDriver *im, const SimDist *dist, NdisCall handler, unsigned which)
{
  uint64_t subject = (uint64_t)handler << 1 | which;

  return dist != NULL ? sim_dist_draw (dist, im->stream, subject, im->drawn[handler]) : 0;
}

void
im_charge (ImDriver *im, NdisCall handler, AccountWay way, uint32_t nodes)
{
  int64_t cycles = draw (im, im->config.call_cost, handler, 0);

  if (nodes > 0)
    cycles += draw (im, im->config.node_cost, handler, 1) * nodes;
  im->drawn[handler]++;
  sim_cpu_charge (ndis_cpu (im->ndis), ACCOUNT (PART_IM, way), sim_cycles (cycles));
}

bool
im_misbehaves (const ImDriver *im, ImDefect defect, uint32_t object_id)
{
  if ((im->config.defects >> defect & 1) == 0)
    return false;
  TRACE (im_trace (im), im->config.actor_id, DEFECT, defect, object_id);
  return true;
}

void
im_pass_down (ImDriver *im, ImCall *call)
{
  if (call->tree != NULL)
    im_operation_pass (im, call);
  else
    im_request_pass (im, call);
}
