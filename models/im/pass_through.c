#include "models/im/pass_through.h"

#include "models/im/edges.h"
#include "models/im/operations.h"
#include "models/im/ordinary.h"
#include "models/im/requests.h"

static void
set_options (void *DriverContext, Ndis *ndis)
{
  (void)DriverContext;
  NdisSetOptionalHandlers (ndis, NDIS_OPTIONAL_PROVIDER_GENERIC, &im_provider.Header);
  NdisSetOptionalHandlers (ndis, NDIS_OPTIONAL_PROVIDER_TCP, &im_provider_tcp.Header);
}

const NDIS_MINIPORT_DRIVER_CHARACTERISTICS im_pass_through_miniport = {
  .Header = { .Revision = NDIS_REVISION_1, .Size = sizeof (NDIS_MINIPORT_DRIVER_CHARACTERISTICS) },
  .SetOptionsHandler = set_options,
  .InitializeHandlerEx = im_initialize,
  .OidRequestHandler = im_oid_request,
  .SendNetBufferListsHandler = im_send_frames,
  .ReturnNetBufferListsHandler = im_return_frames,
};

const NDIS_PROTOCOL_DRIVER_CHARACTERISTICS im_pass_through_protocol = {
  .Header = { .Revision = NDIS_REVISION_1, .Size = sizeof (NDIS_PROTOCOL_DRIVER_CHARACTERISTICS) },
  .SetOptionsHandler = im_register_client,
  .BindAdapterHandlerEx = im_bind_adapter,
  .OidRequestCompleteHandler = im_oid_request_complete,
  .StatusHandlerEx = im_status,
  .SendNetBufferListsCompleteHandler = im_send_frames_complete,
  .ReceiveNetBufferListsHandler = im_receive_frames,
};
