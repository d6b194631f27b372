#include "models/im/edges.h"

#include "models/im/driver.h"
#include "models/im/operations.h"
#include "models/im/requests.h"

static uint32_t
port_for (const ImDriver *im, NDIS_MINIPORT_HANDLE adapter)
{
  for (uint32_t i = 0; i < im->config.n_below; i++)
    if (im->config.below[i] == ndis_adapter_layer (adapter))
      return i;
  SIM_ASSERT (im->n_ports < IM_PORTS_MAX);
  return im->n_ports;
}

void
im_bind_adapter (void *DriverContext, Ndis *ndis, NDIS_MINIPORT_HANDLE adapter)
{
  ImDriver *im = DriverContext;
  ImPort *port = &im->port[port_for (im, adapter)];

  SIM_ASSERT (port->im == NULL);
  port->im = im;
  port->lower = adapter;
  im->n_ports++;
  NDIS_STATUS status = NdisOpenAdapterEx (ndis, adapter, port, &port->binding);
  SIM_ASSERT (status == NDIS_STATUS_SUCCESS);
}

NDIS_TCP_CONNECTION_OFFLOAD
im_common_offload (const ImDriver *im)
{
  uint32_t first = 0;

  while (im->port[first].is_out)
    first++;
  NDIS_TCP_CONNECTION_OFFLOAD common = *ndis_adapter_offload (im->port[first].lower);
  for (uint32_t i = first + 1; i < im->n_ports; i++) {
    const NDIS_TCP_CONNECTION_OFFLOAD *other = ndis_adapter_offload (im->port[i].lower);
    if (im->port[i].is_out)
      continue;
    if (other->Header.Size == 0 || common.Header.Size == 0)
      return (NDIS_TCP_CONNECTION_OFFLOAD){ 0 };
    common.Encapsulation &= other->Encapsulation;
    common.SupportIPv4 = common.SupportIPv4 && other->SupportIPv4;
    common.SupportIPv6 = common.SupportIPv6 && other->SupportIPv6;
    common.SupportIPv6ExtensionHeaders =
        common.SupportIPv6ExtensionHeaders && other->SupportIPv6ExtensionHeaders;
    common.SupportSack = common.SupportSack && other->SupportSack;
    common.CongestionAlgorithmSupported =
        common.CongestionAlgorithmSupported && other->CongestionAlgorithmSupported;
    common.TcpConnectionOffloadCapacity =
        MIN (common.TcpConnectionOffloadCapacity, other->TcpConnectionOffloadCapacity);
  }
  return common;
}

NDIS_STATUS
im_report_attributes (NDIS_MINIPORT_HANDLE NdisMiniportHandle, void *DriverContext)
{
  ImDriver *im = DriverContext;
  NDIS_MINIPORT_ATTRIBUTES attributes = { .MiniportAdapterContext = im };

  im->adapter = NdisMiniportHandle;
  if (im->config.permits_offload)
    attributes.offload = im_common_offload (im);
  return NdisMSetMiniportAttributes (NdisMiniportHandle, &attributes);
}

void
im_register_client (G_GNUC_UNUSED void *DriverContext, Ndis *ndis)
{
  NdisSetOptionalHandlers (ndis, NDIS_OPTIONAL_CLIENT_GENERIC, &im_client.Header);
  NdisSetOptionalHandlers (ndis, NDIS_OPTIONAL_CLIENT_TCP, &im_client_tcp.Header);
}

/* Copies the handlers if this driver knows their revision (REG-12, REG-13). */
static void
take_handlers (ImDriver *im)
{
  const NDIS_TCP_OFFLOAD_EVENT_HANDLERS *handlers = NULL;
  NDIS_STATUS status = NdisMGetOffloadHandlers (im->adapter, NdisTcpChimneyOffload, &handlers);

  if (status == NDIS_STATUS_SUCCESS && handlers->Header.Type == NdisTcpChimneyOffload
      && handlers->Header.Revision == NDIS_REVISION_1 && handlers->Header.Size == sizeof *handlers)
    im->events = *handlers;
}

NDIS_STATUS
im_initialize (NDIS_MINIPORT_HANDLE NdisMiniportHandle, void *DriverContext)
{
  NDIS_STATUS status = im_report_attributes (NdisMiniportHandle, DriverContext);

  take_handlers (DriverContext);
  return status;
}
