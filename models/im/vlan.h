/*
 * The VLAN driver: an adapter that is in one VLAN, over one that is in none.
 *
 * It sets VlanId of the neighbors that come down with an initiate, so that the target tags and
 * filters for it, and puts the tag into frames of the ordinary path and takes it out of them.  A
 * neighbor of another VLAN is not this adapter's: it is refused as a target refuses it.  Frames that
 * carry the tag of another VLAN pass as they are.
 *
 * Source      802.1Q and 802.1p information supplied to an offload target; determining whether to
 *             fail an offload request because of 802.1Q information (VLAN-02, IVLAN-04).
 */
#pragma once

#include "models/ndis/driver.h"

extern const NDIS_MINIPORT_DRIVER_CHARACTERISTICS im_vlan_miniport;
extern const NDIS_PROTOCOL_DRIVER_CHARACTERISTICS im_vlan_protocol;
