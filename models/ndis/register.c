#include <glib.h>

#include "models/ndis/crossing.h"
#include "models/ndis/register.h"

/* The trace's name of the table that NdisMGetOffloadHandlers gives: NdisOptional names the
 * others. */
#define STRUCTURE_EVENT_HANDLERS (NDIS_OPTIONAL_CLIENT_TCP + 1)

/* What a characteristics structure says, whichever of the four it is. */
typedef struct Claim {
  uint32_t size; /* documented */
  int entries;   /* entry points present */
  int needed;    /* entry points that must be */
  int have_need; /* of these, present */
  uint32_t flags;
  int64_t offload_type; /* -1: the structure has none */
} Claim;

/* Calls outside a step: at time zero, on processor 0. */

static void
begin_call (Ndis *ndis, NdisHalf *half, NdisCall call, uint32_t layer, int64_t arg0, int64_t arg1)
{
  half->call = call;
  half->layer = layer;
  ndis_half_begin (ndis, ndis_lane (ndis), half, (const int64_t[2]){ arg0, arg1 }, 0);
}

static void
end_call (Ndis *ndis, NdisHalf *half, NDIS_STATUS status)
{
  half->result.status = status;
  ndis_half_end (ndis, ndis_lane (ndis), half);
}

static void
record_structure (Ndis *ndis, uint32_t structure, const NDIS_OBJECT_HEADER *header,
                  const Claim *claim)
{
  TRACE (ndis_trace (ndis), ndis->config.actor_id, REGISTER, ndis->registering->index, structure,
         header->Revision, header->Size, claim->entries, claim->offload_type, claim->flags,
         ndis->registering_in);
}

/* The four structures */

static Claim
claim_of_provider (const NDIS_PROVIDER_CHIMNEY_OFFLOAD_GENERIC_CHARACTERISTICS *c)
{
  int entries = (c->InitiateOffloadHandler != NULL) + (c->TerminateOffloadHandler != NULL)
                + (c->UpdateOffloadHandler != NULL) + (c->InvalidateOffloadHandler != NULL)
                + (c->QueryOffloadHandler != NULL);
  return (Claim){ sizeof *c, entries, 5, entries, c->Flags, -1 };
}

static Claim
claim_of_provider_tcp (const NDIS_PROVIDER_CHIMNEY_OFFLOAD_TCP_CHARACTERISTICS *c)
{
  int entries = (c->TcpOffloadSendHandler != NULL) + (c->TcpOffloadReceiveHandler != NULL)
                + (c->TcpOffloadDisconnectHandler != NULL) + (c->TcpOffloadForwardHandler != NULL)
                + (c->TcpOffloadReceiveReturnHandler != NULL);
  return (Claim){ sizeof *c, entries, 5, entries, c->Flags, c->OffloadType };
}

/* An intermediate driver may do without the handler of neighbor events. */
static Claim
claim_of_client (const NDIS_CLIENT_CHIMNEY_OFFLOAD_GENERIC_CHARACTERISTICS *c, bool is_im)
{
  int completions =
      (c->InitiateOffloadCompleteHandler != NULL) + (c->TerminateOffloadCompleteHandler != NULL)
      + (c->UpdateOffloadCompleteHandler != NULL) + (c->InvalidateOffloadCompleteHandler != NULL)
      + (c->QueryOffloadCompleteHandler != NULL);
  int entries = completions + (c->IndicateOffloadEventHandler != NULL);
  return (Claim){ sizeof *c, entries, is_im ? 5 : 6, is_im ? completions : entries, c->Flags, -1 };
}

static Claim
claim_of_client_tcp (const NDIS_CLIENT_CHIMNEY_OFFLOAD_TCP_CHARACTERISTICS *c)
{
  int entries =
      (c->TcpOffloadSendCompleteHandler != NULL) + (c->TcpOffloadReceiveCompleteHandler != NULL)
      + (c->TcpOffloadDisconnectCompleteHandler != NULL)
      + (c->TcpOffloadForwardCompleteHandler != NULL) + (c->TcpOffloadEventHandler != NULL)
      + (c->TcpOffloadReceiveIndicateHandler != NULL);
  return (Claim){ sizeof *c, entries, 6, entries, c->Flags, c->OffloadType };
}

static Claim
claim_of (const NdisLayer *layer, NdisOptional which, const NDIS_OBJECT_HEADER *header)
{
  const void *structure = header;

  switch (which) {
  case NDIS_OPTIONAL_PROVIDER_GENERIC:
    return claim_of_provider (structure);
  case NDIS_OPTIONAL_PROVIDER_TCP:
    return claim_of_provider_tcp (structure);
  case NDIS_OPTIONAL_CLIENT_GENERIC:
    return claim_of_client (structure, layer->driver.miniport != NULL);
  case NDIS_OPTIONAL_CLIENT_TCP:
    return claim_of_client_tcp (structure);
  }
  SIM_UNREACHABLE ();
}

static void
keep (NdisLayer *layer, NdisOptional which, const NDIS_OBJECT_HEADER *header)
{
  const void *structure = header;

  switch (which) {
  case NDIS_OPTIONAL_PROVIDER_GENERIC:
    layer->provider = *(const NDIS_PROVIDER_CHIMNEY_OFFLOAD_GENERIC_CHARACTERISTICS *)structure;
    break;
  case NDIS_OPTIONAL_PROVIDER_TCP:
    layer->provider_tcp = *(const NDIS_PROVIDER_CHIMNEY_OFFLOAD_TCP_CHARACTERISTICS *)structure;
    break;
  case NDIS_OPTIONAL_CLIENT_GENERIC:
    layer->client = *(const NDIS_CLIENT_CHIMNEY_OFFLOAD_GENERIC_CHARACTERISTICS *)structure;
    break;
  case NDIS_OPTIONAL_CLIENT_TCP:
    layer->client_tcp = *(const NDIS_CLIENT_CHIMNEY_OFFLOAD_TCP_CHARACTERISTICS *)structure;
    break;
  }
  layer->registered |= 1U << which;
}

static bool
is_acceptable (const Ndis *ndis, NdisOptional which, const NDIS_OBJECT_HEADER *header,
               const Claim *claim)
{
  bool is_provider = which == NDIS_OPTIONAL_PROVIDER_GENERIC || which == NDIS_OPTIONAL_PROVIDER_TCP;
  NdisCall place = is_provider ? NDIS_CALL_MiniportSetOptions : NDIS_CALL_ProtocolSetOptions;

  return ndis->registering_in == place && header->Revision == NDIS_REVISION_1
         && header->Size == claim->size && claim->have_need == claim->needed && claim->flags == 0
         && (claim->offload_type == -1 || claim->offload_type == NdisTcpChimneyOffload)
         && (ndis->registering->registered & (1U << which)) == 0;
}

NDIS_STATUS
NdisSetOptionalHandlers (Ndis *ndis, NdisOptional which, const NDIS_OBJECT_HEADER *OptionalHandlers)
{
  NdisHalf half = { 0 };
  NDIS_STATUS status = NDIS_STATUS_FAILURE;

  SIM_ASSERT (ndis->registering != NULL);
  Claim claim = claim_of (ndis->registering, which, OptionalHandlers);
  begin_call (ndis, &half, NDIS_CALL_NdisSetOptionalHandlers, ndis->registering->index, which,
              OptionalHandlers->Size);
  record_structure (ndis, which, OptionalHandlers, &claim);
  if (is_acceptable (ndis, which, OptionalHandlers, &claim)) {
    keep (ndis->registering, which, OptionalHandlers);
    status = NDIS_STATUS_SUCCESS;
  }
  end_call (ndis, &half, status);
  return status;
}

/* Adapters and bindings */

NDIS_STATUS
NdisMSetMiniportAttributes (NDIS_MINIPORT_HANDLE NdisMiniportHandle,
                            const NDIS_MINIPORT_ATTRIBUTES *attributes)
{
  Ndis *ndis = NdisMiniportHandle->ndis;
  NdisHalf half = { 0 };

  SIM_ASSERT (ndis->registering == NdisMiniportHandle->layer);
  begin_call (ndis, &half, NDIS_CALL_NdisMSetMiniportAttributes, ndis->registering->index, 0,
              attributes->offload.Header.Size);
  NdisMiniportHandle->attributes = *attributes;
  NdisMiniportHandle->has_attributes = true;
  end_call (ndis, &half, NDIS_STATUS_SUCCESS);
  return NDIS_STATUS_SUCCESS;
}

NDIS_STATUS
NdisMGetOffloadHandlers (NDIS_MINIPORT_HANDLE NdisMiniportHandle,
                         NDIS_CHIMNEY_OFFLOAD_TYPE ChimneyType,
                         const NDIS_TCP_OFFLOAD_EVENT_HANDLERS **OffloadHandlers)
{
  Ndis *ndis = NdisMiniportHandle->ndis;
  NdisHalf half = { 0 };
  NDIS_STATUS status = NDIS_STATUS_NOT_SUPPORTED;
  const NDIS_OBJECT_HEADER *header = &NdisMiniportHandle->handed_out.Header;

  SIM_ASSERT (ndis->registering == NdisMiniportHandle->layer);
  begin_call (ndis, &half, NDIS_CALL_NdisMGetOffloadHandlers, ndis->registering->index, ChimneyType,
              0);
  if (ChimneyType == NdisTcpChimneyOffload) {
    NdisMiniportHandle->handed_out = ndis_tcp_event_handlers;
    record_structure (ndis, STRUCTURE_EVENT_HANDLERS, header,
                      &(Claim){ .entries = 6, .offload_type = ChimneyType });
    *OffloadHandlers = &NdisMiniportHandle->handed_out;
    status = NDIS_STATUS_SUCCESS;
  }
  end_call (ndis, &half, status);
  return status;
}

NDIS_STATUS
NdisOpenAdapterEx (Ndis *ndis, NDIS_MINIPORT_HANDLE adapter, NDIS_HANDLE ProtocolBindingContext,
                   NDIS_BINDING_HANDLE *NdisBindingHandle)
{
  NdisHalf half = { 0 };
  NdisLayer *layer = ndis->registering;

  SIM_ASSERT (layer != NULL);
  SIM_ASSERT (adapter->layer->above == layer);
  SIM_ASSERT (adapter->upper == NULL);
  begin_call (ndis, &half, NDIS_CALL_NdisOpenAdapterEx, layer->index, 0, 0);
  struct NdisBinding *binding = &adapter->layer->binding;
  *binding = (struct NdisBinding){
    .ndis = ndis, .layer = layer, .context = ProtocolBindingContext, .adapter = adapter
  };
  adapter->upper = binding;
  *NdisBindingHandle = binding;
  end_call (ndis, &half, NDIS_STATUS_SUCCESS);
  return NDIS_STATUS_SUCCESS;
}

const NDIS_TCP_CONNECTION_OFFLOAD *
ndis_adapter_offload (NDIS_MINIPORT_HANDLE adapter)
{
  return &adapter->attributes.offload;
}

/* The order of things at the start */

static void
enter (Ndis *ndis, NdisLayer *layer, NdisHalf *half, NdisCall call)
{
  ndis->registering = layer;
  ndis->registering_in = call;
  if (call != NDIS_CALL_NONE)
    begin_call (ndis, half, call, layer->index, 0, 0);
}

static void
leave (Ndis *ndis, NdisHalf *half, NDIS_STATUS status)
{
  if (ndis->registering_in != NDIS_CALL_NONE)
    end_call (ndis, half, status);
  ndis->registering = NULL;
}

void
ndis_register_driver (Ndis *ndis, NdisLayer *layer)
{
  const NdisDriver *driver = &layer->driver;
  NdisHalf half = { 0 };

  if (driver->miniport != NULL && driver->miniport->SetOptionsHandler != NULL) {
    enter (ndis, layer, &half, NDIS_CALL_MiniportSetOptions);
    driver->miniport->SetOptionsHandler (driver->context, ndis);
    leave (ndis, &half, NDIS_STATUS_SUCCESS);
  }
  if (driver->protocol != NULL && driver->protocol->SetOptionsHandler != NULL) {
    enter (ndis, layer, &half, NDIS_CALL_ProtocolSetOptions);
    driver->protocol->SetOptionsHandler (driver->context, ndis);
    leave (ndis, &half, NDIS_STATUS_SUCCESS);
  }
}

void
ndis_initialize_adapter (Ndis *ndis, NdisLayer *layer)
{
  NDIS_MINIPORT_HANDLE adapter = &layer->miniport;
  NdisHalf half = { 0 };

  enter (ndis, layer, &half, NDIS_CALL_MiniportInitializeEx);
  NDIS_STATUS status = layer->driver.miniport->InitializeHandlerEx (adapter, layer->driver.context);
  SIM_ASSERT (status == NDIS_STATUS_SUCCESS);
  SIM_ASSERT (adapter->has_attributes);
  leave (ndis, &half, status);
  /* Drivers have copied what they need. */
  adapter->handed_out = (NDIS_TCP_OFFLOAD_EVENT_HANDLERS){ 0 };
}

void
ndis_bind_adapter (Ndis *ndis, NdisLayer *layer, NDIS_MINIPORT_HANDLE adapter)
{
  NdisHalf half = { 0 };

  enter (ndis, layer, &half, NDIS_CALL_NONE);
  layer->driver.protocol->BindAdapterHandlerEx (layer->driver.context, ndis, adapter);
  leave (ndis, &half, NDIS_STATUS_SUCCESS);
  SIM_ASSERT (adapter->upper != NULL);
}

bool
ndis_layer_is_open (const NdisLayer *layer)
{
  uint32_t needed = 0;

  if (layer->driver.miniport != NULL)
    needed |= 1U << NDIS_OPTIONAL_PROVIDER_GENERIC | 1U << NDIS_OPTIONAL_PROVIDER_TCP;
  if (layer->driver.protocol != NULL)
    needed |= 1U << NDIS_OPTIONAL_CLIENT_GENERIC | 1U << NDIS_OPTIONAL_CLIENT_TCP;
  return (layer->registered & needed) == needed;
}
