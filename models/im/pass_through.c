#include "models/im/pass_through.h"

#include "models/im/driver.h"
#include "models/im/operations.h"
#include "models/im/ordinary.h"
#include "models/im/requests.h"

static void
miniport_set_options (G_GNUC_UNUSED void *DriverContext, Ndis *ndis)
{
  NdisSetOptionalHandlers (ndis, NDIS_OPTIONAL_PROVIDER_GENERIC, &im_provider.Header);
  NdisSetOptionalHandlers (ndis, NDIS_OPTIONAL_PROVIDER_TCP, &im_provider_tcp.Header);
}

static void
protocol_set_options (G_GNUC_UNUSED void *DriverContext, Ndis *ndis)
{
  NdisSetOptionalHandlers (ndis, NDIS_OPTIONAL_CLIENT_GENERIC, &im_client.Header);
  NdisSetOptionalHandlers (ndis, NDIS_OPTIONAL_CLIENT_TCP, &im_client_tcp.Header);
}

static void
bind_adapter (void *DriverContext, Ndis *ndis, NDIS_MINIPORT_HANDLE adapter)
{
  ImDriver *im = DriverContext;

  im->lower = adapter;
  NDIS_STATUS status = NdisOpenAdapterEx (ndis, adapter, im, &im->binding);
  SIM_ASSERT (status == NDIS_STATUS_SUCCESS);
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

/* The virtual miniport offers what the adapter below offers, if the driver lets it. */
static NDIS_STATUS
initialize (NDIS_MINIPORT_HANDLE NdisMiniportHandle, void *DriverContext)
{
  ImDriver *im = DriverContext;
  NDIS_MINIPORT_ATTRIBUTES attributes = { .MiniportAdapterContext = im };

  im->adapter = NdisMiniportHandle;
  if (im->config.permits_offload)
    attributes.offload = *ndis_adapter_offload (im->lower);
  NdisMSetMiniportAttributes (NdisMiniportHandle, &attributes);
  take_handlers (im);
  return NDIS_STATUS_SUCCESS;
}

const NDIS_MINIPORT_DRIVER_CHARACTERISTICS im_pass_through_miniport = {
  .Header = { .Revision = NDIS_REVISION_1, .Size = sizeof (NDIS_MINIPORT_DRIVER_CHARACTERISTICS) },
  .SetOptionsHandler = miniport_set_options,
  .InitializeHandlerEx = initialize,
  .OidRequestHandler = im_oid_request,
  .SendNetBufferListsHandler = im_send_frames,
  .ReturnNetBufferListsHandler = im_return_frames,
};

const NDIS_PROTOCOL_DRIVER_CHARACTERISTICS im_pass_through_protocol = {
  .Header = { .Revision = NDIS_REVISION_1, .Size = sizeof (NDIS_PROTOCOL_DRIVER_CHARACTERISTICS) },
  .SetOptionsHandler = protocol_set_options,
  .BindAdapterHandlerEx = bind_adapter,
  .OidRequestCompleteHandler = im_oid_request_complete,
  .StatusHandlerEx = im_status,
  .SendNetBufferListsCompleteHandler = im_send_frames_complete,
  .ReceiveNetBufferListsHandler = im_receive_frames,
};
