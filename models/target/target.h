/*
 * An offload target: a miniport driver on the host's processors and the NIC that it drives.
 *
 * Use         target_new, then target_driver for the driver table of ndis_start, target_attach_wire
 *             before the run.  Everything else reaches the target by the calls of its driver, or is
 *             something that a timeline does to it.
 * Order       The miniport half runs in frames of the host's processors; the NIC half in events of
 *             phase DEVICE.  The two meet in the mailbox (down) and in the completion rings (up),
 *             which always take time.
 * Owns        A Target borrows its configuration's distributions and the wire; the Ndis that it was
 *             started by outlives it until target_free, which asserts nothing about what the host
 *             has not given back.
 * Errors      What a host may do wrong is answered by status; what this target does wrong on
 *             purpose is a defect.
 * Source      Windows driver documentation, "TCP chimney offload"; ndischimney reference; rules
 *             that bind the target. Readings where the documents differ: spec of decisions;
 *             TargetKnobs holds those an architect may choose.
 */
#pragma once

#include "models/ndis/driver.h"
#include "models/target/config.h"
#include "models/tcp/counters.h"
#include "models/wire/wire.h"
#include "sim/server.h"

typedef struct Target Target;

/* target_new copies |config| except its distributions. */
Target *target_new (Sim *sim, const TargetConfig *config);
void target_free (Target *target);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Target, target_free)

/* The driver for ndis_start; called "target". */
NdisDriver target_driver (Target *target);

/* target_attach_wire makes the NIC the end WIRE_END_NIC of |wire|. */
void target_attach_wire (Target *target, Wire *wire);

/* What a timeline does.  The indications go up as soon as interrupt and DPC allow. */
void target_pause (Target *target);
void target_resume (Target *target);
void target_upload_all (Target *target);
/* target_set_capabilities lets the target offer something else (OID-17): it asks the host to pause and to
 * upload everything, changes, says so with NDIS_STATUS_TCP_CONNECTION_OFFLOAD_HARDWARE_CAPABILITIES
 * and resumes.  False: it is not up. */
bool target_set_capabilities (Target *target, const TargetCapabilities *capabilities);
/* target_request_upload indicates TcpIndicateRetrieve with |reason| for a connection; false: it is
 * not offloaded. */
bool target_request_upload (Target *target, uint32_t connection_id, TCP_UPLOAD_REASON reason);
/* target_fail_hardware corrupts the state of a connection, or of its path or neighbor and of all that
 * depends on it; the target notices at the next segment, timer, request, query, invalidate or
 * terminate.  False: nothing was offloaded. */
bool target_fail_hardware (Target *target, OffloadLayer layer, uint32_t connection_id);
/* target_remove takes the hardware out of the machine: nothing passes the wire any more, and what it
 * knew is lost.  The miniport hears of it by MiniportDevicePnPEventNotify. */
void target_remove (Target *target);
/* target_set_defects switches |defects| (bits of 1 << TargetDefect) on, besides those that are. */
void target_set_defects (Target *target, uint64_t defects);

/* The number of the target that made the context |token|. */
uint32_t target_of_context (NDIS_TOKEN token);

/* Reading. */
bool target_is_offloaded (const Target *target, uint32_t connection_id);
/* target_tcb is the state of an offloaded connection, or NULL; borrowed until the next event. */
const Tcb *target_tcb (const Target *target, uint32_t connection_id);
uint32_t target_offloaded (const Target *target); /* TCP objects */
NDIS_DEVICE_POWER_STATE target_power (const Target *target);

typedef struct TargetStats {
  uint64_t segments_in, segments_out; /* of offloaded connections */
  uint64_t payload_in, payload_out;
  uint64_t raw_up;                /* segments of offloaded connections passed up unprocessed */
  uint64_t frames_in, frames_out; /* ordinary path, after segmentation */
  uint64_t frames_dropped;        /* no room in the receive buffer, or no power */
  uint64_t interrupts, upcalls;
  uint64_t cache_hits, cache_misses;
  uint64_t initiates, initiates_refused; /* TCP objects */
  uint64_t uploads;                      /* TCP objects terminated */
  uint32_t contexts, contexts_peak;      /* TCP objects now, at most */
  uint32_t mailbox_peak;                 /* commands in the NIC and waiting for it */
  uint32_t receive_buffer_peak_bytes;    /* frames before the engines */
  SimServerStats engines;
  SimDuration bus_read_busy, bus_write_busy;
  uint64_t bus_read_bytes, bus_write_bytes;
} TargetStats;

/* The first of its TARGET_ACTORS actor ids: whose records are whose. */
uint32_t target_actor_id (const Target *target);
TargetStats target_stats (const Target *target);
/* What the target's TCP has counted; good until target_free. */
const TcpCounters *target_tcp_counters (const Target *target);
