#include "models/im/edges.h"

#include "models/im/driver.h"

void
im_bind_adapter (void *DriverContext, Ndis *ndis, NDIS_MINIPORT_HANDLE adapter)
{
  ImDriver *im = DriverContext;

  im->lower = adapter;
  NDIS_STATUS status = NdisOpenAdapterEx (ndis, adapter, im, &im->binding);
  SIM_ASSERT (status == NDIS_STATUS_SUCCESS);
}

NDIS_STATUS
im_report_attributes (NDIS_MINIPORT_HANDLE NdisMiniportHandle, void *DriverContext)
{
  ImDriver *im = DriverContext;
  NDIS_MINIPORT_ATTRIBUTES attributes = { .MiniportAdapterContext = im };

  im->adapter = NdisMiniportHandle;
  if (im->config.permits_offload)
    attributes.offload = *ndis_adapter_offload (im->lower);
  return NdisMSetMiniportAttributes (NdisMiniportHandle, &attributes);
}
