/*
 * A failover driver's own state, as its files know it.  Private to models/im/failover*.c.
 *
 * Owns        The driver owns its team; trees that wait are borrowed until they are completed.
 */
#pragma once

#include <glib.h>

#include "models/im/driver.h"
#include "models/im/drivers.h"

typedef enum TeamPhase {
  TEAM_STEADY,
  TEAM_PAUSING,  /* asked to change: nothing indicated yet */
  TEAM_LEAVING,  /* everything is called back from the active port */
  TEAM_RESUMING, /* the new port is active */
  TEAM_TELLING,  /* a member has come or gone */
} TeamPhase;

#define TEAM_NO_PORT UINT32_MAX

/* What is known of a port. */
typedef struct TeamPort {
  bool link_is_down;
  bool is_paused;  /* by its target */
  bool is_stopped; /* NDIS has paused the binding */
  bool is_gone;    /* and will unbind it: the adapter was removed */
} TeamPort;

/* The OID request that goes round. */
typedef struct TeamRequest {
  NDIS_OID_REQUEST *request;
  uint32_t port; /* that has it */
  uint32_t n_answers;
  NDIS_STATUS status;
  NDIS_OID_REQUEST sum; /* of the answers so far */
} TeamRequest;

typedef struct ImTeam {
  ImDriver *im;
  TeamPhase phase;
  uint32_t next;   /* the port that is to be active */
  bool loses_port; /* the active port leaves the team with the change */
  TeamPort port[IM_PORTS_MAX];
  bool told_link_is_down;
  ImCaller caller;
  GPtrArray *parked; /* of NDIS_MINIPORT_OFFLOAD_BLOCK_LIST: initiates that wait */
  SimWork work;      /* the next step of the change */
  uint32_t awaited;  /* the port that NDIS waits to see left; TEAM_NO_PORT: none */
  uint32_t resets;   /* the port whose reset was told above; TEAM_NO_PORT: none */
  TeamRequest oid;
  NDIS_TCP_CONNECTION_OFFLOAD offload; /* what was indicated last */
} ImTeam;

static inline ImTeam *
im_team (const ImDriver *im)
{
  return im->own;
}

/* Entry points that differ from those of the pass-through driver: OIDs and status
 * (failover_control.c), data and frames (failover_data.c). */
NDIS_STATUS im_team_oid_request (NDIS_HANDLE MiniportAdapterContext, NDIS_OID_REQUEST *request);
void im_team_oid_request_complete (NDIS_HANDLE ProtocolBindingContext, NDIS_OID_REQUEST *request,
                                   NDIS_STATUS status);
void im_team_status (NDIS_HANDLE ProtocolBindingContext, NDIS_STATUS StatusCode,
                     const void *StatusBuffer);
void im_team_send_frames (NDIS_HANDLE MiniportAdapterContext, NET_BUFFER_LIST *list);
void im_team_return_frames (NDIS_HANDLE MiniportAdapterContext, NET_BUFFER_LIST *list);
void im_team_receive_frames (NDIS_HANDLE ProtocolBindingContext, NET_BUFFER_LIST *list);
NDIS_STATUS im_team_receive_return (NDIS_HANDLE MiniportAdapterContext,
                                    NET_BUFFER_LIST *NetBufferList);
NDIS_STATUS im_team_receive_indicate (NDIS_OFFLOAD_HANDLE *OffloadContext,
                                      NET_BUFFER_LIST *NetBufferList, NDIS_STATUS Status,
                                      uint32_t *BytesConsumed);

/* im_team_leave lets |team| change to |port|, which its link allows. */
void im_team_leave (ImTeam *team, uint32_t port, ImCaller caller);
/* im_team_usable is another port than the active one that can be used; TEAM_NO_PORT: none. */
uint32_t im_team_usable (const ImTeam *team);
/* im_team_must_leave tells whether the active port cannot be used and the driver will not stay. */
bool im_team_must_leave (const ImTeam *team);

/* True of a port of the team that NDIS has neither paused nor taken away. */
static inline bool
im_team_port_is_there (const ImTeam *team, uint32_t port)
{
  return !team->im->port[port].is_out && !team->port[port].is_stopped && !team->port[port].is_gone;
}

static inline bool
im_team_port_is_usable (const ImTeam *team, uint32_t port)
{
  return im_team_port_is_there (team, port) && !team->port[port].link_is_down;
}

/* Plug and Play (failover_control.c). */
NDIS_STATUS im_team_net_event (NDIS_HANDLE ProtocolBindingContext, NET_PNP_EVENT_CODE NetEvent);
/* im_team_settled: a change is over, or a port can be used again. */
void im_team_settled (ImTeam *team);
