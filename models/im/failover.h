/*
 * The failover driver: one adapter above, several below, each with a target of its own; an 802.3ad
 * team of which one adapter is used.
 *
 * Everything is offloaded to the active port.  To change to another one the driver indicates
 * NDIS_STATUS_OFFLOAD_PAUSE, then NDIS_STATUS_UPLOAD_ALL; when the last object has left the old port
 * it makes the new one active and indicates NDIS_STATUS_OFFLOAD_RESUME.
 *
 * In between   What is in flight goes on with the old target.  An initiate that comes after the pause
 *             waits until everything is called back; then it goes to the old target, too, and is
 *             uploaded like the rest: a host may fetch nothing back while an offload of its own is
 *             outstanding.  Sends end with NDIS_STATUS_UPLOAD_IN_PROGRESS (STS-04).  Frames go by the old port while its link is
 *             up, else by the new one; those that arrive at any port go up.
 * Capabilities What all targets offer (im_common_offload); an OID request goes to each of them in
 *             turn, statistics are added up, and the first failure is the answer.
 * Members     A target that is taken out of the team is left first if it is the active one; what the
 *             team offers without it, or with it again, is indicated by
 *             NDIS_STATUS_TCP_CONNECTION_OFFLOAD_HARDWARE_CAPABILITIES, before the resume if there
 *             is one.  It stays bound: OID requests reach it, so that it is ready to come back, and
 *             what it has counted counts.
 * Status      What the active target indicates about offloading goes up; a target that is not used
 *             may pause and resume by itself.  The link is up while a port can be used.
 * Source      NDIS_STATUS_OFFLOAD_PAUSE, NDIS_STATUS_UPLOAD_ALL, NDIS_STATUS_OFFLOAD_RESUME; MUX
 *             intermediate drivers; rules STS, TERM-27, OID-18.
 */
#pragma once

#include "models/im/drivers.h"

extern const NDIS_MINIPORT_DRIVER_CHARACTERISTICS im_failover_miniport;
extern const NDIS_PROTOCOL_DRIVER_CHARACTERISTICS im_failover_protocol;

void im_failover_open (ImDriver *im);
void im_failover_close (ImDriver *im);
void im_failover_settled (ImDriver *im);
void im_team_uploaded (ImDriver *im, uint32_t port, NET_BUFFER_LIST *BufferedData);
bool im_failover_begin (ImDriver *im, uint32_t port, ImCaller caller);
bool im_failover_set_member (ImDriver *im, uint32_t port, bool is_member, ImCaller caller);
bool im_failover_can_spare (const ImDriver *im, uint32_t port);
