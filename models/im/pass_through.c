#include "models/im/pass_through.h"

#include "models/im/driver.h"
#include "models/im/edges.h"
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

static NDIS_STATUS
initialize (NDIS_MINIPORT_HANDLE NdisMiniportHandle, void *DriverContext)
{
  NDIS_STATUS status = im_report_attributes (NdisMiniportHandle, DriverContext);

  take_handlers (DriverContext);
  return status;
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
  .BindAdapterHandlerEx = im_bind_adapter,
  .OidRequestCompleteHandler = im_oid_request_complete,
  .StatusHandlerEx = im_status,
  .SendNetBufferListsCompleteHandler = im_send_frames_complete,
  .ReceiveNetBufferListsHandler = im_receive_frames,
};
