#include "models/im/unaware.h"

#include "models/im/edges.h"
#include "models/im/ordinary.h"

const NDIS_MINIPORT_DRIVER_CHARACTERISTICS im_unaware_miniport = {
  .Header = { .Revision = NDIS_REVISION_1, .Size = sizeof (NDIS_MINIPORT_DRIVER_CHARACTERISTICS) },
  .InitializeHandlerEx = im_report_attributes,
  .OidRequestHandler = im_oid_request,
  .SendNetBufferListsHandler = im_send_frames,
  .ReturnNetBufferListsHandler = im_return_frames,
};

const NDIS_PROTOCOL_DRIVER_CHARACTERISTICS im_unaware_protocol = {
  .Header = { .Revision = NDIS_REVISION_1, .Size = sizeof (NDIS_PROTOCOL_DRIVER_CHARACTERISTICS) },
  .BindAdapterHandlerEx = im_bind_adapter,
  .OidRequestCompleteHandler = im_oid_request_complete,
  .StatusHandlerEx = im_status,
  .SendNetBufferListsCompleteHandler = im_send_frames_complete,
  .ReceiveNetBufferListsHandler = im_receive_frames,
};
