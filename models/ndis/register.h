/*
 * The start of a stack: what ndis_start does for each layer.  Private to models/ndis.
 *
 * Order       All drivers register, from the bottom up; then each adapter initializes and the
 *             protocol above binds to it, from the bottom up.
 */
#pragma once

#include "models/ndis/stack.h"

void ndis_register_driver (Ndis *ndis, NdisLayer *layer);
void ndis_initialize_adapter (Ndis *ndis, NdisLayer *layer);
void ndis_bind_adapter (Ndis *ndis, NdisLayer *layer, NDIS_MINIPORT_HANDLE adapter);

/* True if |layer| registered the chimney structures of all its edges. */
bool ndis_layer_is_open (const NdisLayer *layer);

/* What NdisMGetOffloadHandlers hands out. */
extern const NDIS_TCP_OFFLOAD_EVENT_HANDLERS ndis_tcp_event_handlers;
