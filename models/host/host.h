/*
 * The host: applications, the switch, TCP, path and neighbor layers, the offload manager and the
 * processors they run on.
 *
 * Use         host_new; ndis_new with host_cpus; ndis_start with host_driver first; add neighbors,
 *             paths and connections; host_start.  Then the run; timeline verbs in between.
 * Order       Events of the host are of phase HOST; actors as in HOST_ACTORS: the host's own id,
 *             one for each processor, one for each connection.
 * Units       Bytes, cycles; connection ids are dense from 0 and below config->n_connections.
 * Owns        The host copies its configuration; Sim, distributions and Traffic are borrowed for
 *             its life.  Free the host before the Sim and after the run; Ndis is freed before the
 *             host's processors, that is before it.
 * Errors      A verb's outcome comes through HostDone, at once or later, exactly once.
 */
#pragma once

#include "models/host/config.h"
#include "models/host/path.h"
#include "models/ndis/driver.h"
#include "models/tcp/counters.h"
#include "models/tcp/tcp.h"
#include "models/trace/trace.h"
#include "models/traffic/traffic.h"
#include "sim/cpu.h"

typedef struct Host Host;

Host *host_new (Sim *sim, const HostConfig *config);
void host_free (Host *host);
/* The processors, for ndis_new and the measurements; config->n_cpus of them. */
SimCpu *const *host_cpus (const Host *host);
/* The host as the uppermost driver of a stack: a protocol. */
NdisDriver host_driver (Host *host);

/* Each gives its index. */
uint32_t host_add_neighbor (Host *host, const HostNeighborSetup *setup);
uint32_t host_add_path (Host *host, const HostPathSetup *setup);

typedef struct HostConnectionSetup {
  TcpSetup tcp; /* as this end sends; connection_id below config->n_connections */
  uint32_t path_index;
  const Traffic *traffic;
  const HostReceivePolicy *receive; /* NULL: the host's */
  uint8_t user_priority;
} HostConnectionSetup;
/* host_add_connection makes an established connection, or one that its traffic opens during the
 * run. */
void host_add_connection (Host *host, const HostConnectionSetup *setup);

/* host_start queries and sets the chimney's parameters by OID and lets the applications begin. */
void host_start (Host *host);

/* Connections first to last, both included; those that were never added are passed over. */
typedef struct HostSet {
  uint32_t first;
  uint32_t last;
} HostSet;

/* Which objects of the set's connections an update, query or invalidate is about. */
typedef enum HostAim {
  HOST_AIM_NEIGHBORS,
  HOST_AIM_PATHS,
  HOST_AIM_CONNECTIONS,
  HOST_AIM_ALL,          /* neighbors, paths and connections in one tree */
  HOST_AIM_PLACEHOLDERS, /* none: a tree of placeholders alone (PLC-02) */
} HostAim;

/* The outcome of a verb: |succeeded| if it holds for every connection of the set. */
typedef void (*HostDone) (void *data, uint32_t tag, bool succeeded);
typedef struct HostCaller {
  HostDone done; /* may be NULL */
  void *data;
  uint32_t tag;
} HostCaller;

/* Cached TCP state that an update can change: what |mask| names. */
enum {
  HOST_OPTION_RECEIVE_WINDOW = 1 << 0, /* InitialRcvWnd, with TCP_FLAG_UPDATE_RCV_WND */
  HOST_OPTION_NAGLE = 1 << 1,
  HOST_OPTION_KEEPALIVE = 1 << 2, /* on or off; restarts it */
  HOST_OPTION_TTL = 1 << 3,
  HOST_OPTION_TOS = 1 << 4,
  HOST_OPTION_MAX_RT = 1 << 5, /* restarts TotalRT */
  HOST_OPTION_INDICATION = 1 << 6,
  HOST_OPTION_KA_PROBES = 1 << 7,
  HOST_OPTION_KA_TIMEOUT = 1 << 8,
  HOST_OPTION_KA_INTERVAL = 1 << 9,
  HOST_OPTION_FLOW_LABEL = 1 << 10, /* IPv6 */
  HOST_OPTION_PRIORITY = 1 << 11,
  /* all three; each restarts it */
  HOST_OPTION_KEEPALIVE_TIMES =
      HOST_OPTION_KA_PROBES | HOST_OPTION_KA_TIMEOUT | HOST_OPTION_KA_INTERVAL,
};
typedef struct HostOptions {
  uint32_t mask;
  uint16_t commands; /* TCP_FLAG_UPDATE_RCV_WND, _KEEP_ALIVE_RESTART, _MAX_RT_RESTART: given
                        whether something has changed or not */
  uint32_t InitialRcvWnd;
  uint32_t RcvIndicationSize;
  uint32_t KaTimeout, KaInterval;
  uint32_t MaxRT;
  uint32_t FlowLabel;
  bool nagle, keepalive;
  uint8_t KaProbeCount;
  uint8_t TtlOrHopLimit, TosOrTrafficClass, UserPriority;
} HostOptions;

/* Operations on state.  |batch| NULL takes the policy's. */
void host_offload (Host *host, HostSet set, const HostBatch *batch, HostCaller caller);
void host_upload (Host *host, HostSet set, const HostBatch *batch, HostCaller caller);
/* host_update tells the target the cached state of what |aim| says: |options| change that of the
 * connections first, and are of no matter for neighbors and paths.  host_query asks for all of the
 * state; host_invalidate is about neighbors and paths. */
void host_update (Host *host, HostSet set, HostAim aim, const HostOptions *options,
                  HostCaller caller);
void host_query (Host *host, HostSet set, HostAim aim, HostCaller caller);
void host_invalidate (Host *host, HostSet set, HostAim aim, HostCaller caller);
/* host_relink moves the paths of the set's connections to another neighbor; |is_failed|: the ones
 * that they use now are invalidated first. */
void host_relink (Host *host, HostSet set, uint32_t neighbor_index, bool is_failed,
                  HostCaller caller);
/* host_statistics asks for the four statistics of the target by OID, or with |reset| sets them. */
void host_statistics (Host *host, bool reset, HostCaller caller);
/* host_set_power terminates what is offloaded if the device leaves D0, then sends
 * OID_PNP_SET_POWER. */
void host_set_power (Host *host, NDIS_DEVICE_POWER_STATE state, HostCaller caller);
/* host_set_system puts the whole system to sleep, its device in |state|, or wakes it (D0). */
void host_set_system (Host *host, NDIS_DEVICE_POWER_STATE state, HostCaller caller);
/* host_set_chimney uploads everything and switches the chimney off, or switches it on again. */
void host_set_chimney (Host *host, bool on, HostCaller caller);

/* host_set_rss_table deals the RSS indirection table out over |n| processors, in their order. */
void host_set_rss_table (Host *host, const uint32_t *cpu, uint32_t n, HostCaller caller);

/* What applications are asked to do; each answers at once. */
void host_send (Host *host, HostSet set, uint64_t bytes);
/* host_post_receive posts a request of |bytes|, beside those of the receive policy, on each
 * connection that the target has; on the host's own path it changes nothing. */
void host_post_receive (Host *host, HostSet set, uint32_t bytes);
void host_close (Host *host, HostSet set);
void host_abort (Host *host, HostSet set);
/* host_set_defect switches a defect on or off. */
void host_set_defect (Host *host, HostDefect defect, bool on);

/* Measurements. */
typedef struct HostStats {
  uint64_t delivered_bytes[2]; /* to applications, by TracePath */
  uint64_t sent_bytes[2];      /* from applications, by TracePath */
  uint64_t broken_bytes;       /* out of order, missing or twice: a bug or a defect */
  uint64_t rounds;             /* requests answered */
  uint64_t frames_sent, frames_received, unknown_frames, frames_not_sent;
  uint64_t broken_frames; /* received with a wrong checksum, and dropped */
  uint64_t segments_held, segments_forwarded;
  uint64_t initiate_trees, terminate_trees, update_trees, query_trees, invalidate_trees;
  uint64_t initiated, initiate_failures; /* TCP connections */
  uint64_t terminated, terminate_failures;
  uint64_t neighbor_questions, neighbor_answers; /* of ARP and neighbor discovery */
  uint64_t too_big, redirects;                   /* ICMP messages believed */
  uint64_t aborted; /* connections that ended by RST, timeout or hardware failure */
} HostStats;

HostStats host_stats (const Host *host);
/* What the host's own TCP has counted; good until host_free. */
const TcpCounters *host_tcp_counters (const Host *host);
uint32_t host_offloaded (const Host *host, HostSet set);
uint32_t host_established (const Host *host, HostSet set);
TCP_OFFLOAD_CONNECTION_STATE host_state (const Host *host, uint32_t connection_id);
TraceOwner host_owner (const Host *host, uint32_t connection_id);
/* The offload object that stands for a connection, as the trace names it; after host_start. */
uint32_t host_object_id (const Host *host, uint32_t connection_id);
/* Stream bytes of a connection: taken from its application, and given to it. */
uint64_t host_sent_bytes (const Host *host, uint32_t connection_id);
uint64_t host_delivered_bytes (const Host *host, uint32_t connection_id);
/* Cycles booked to ACCOUNT (part, way) on all processors. */
SimCycles host_cycles (const Host *host, AccountPart part, AccountWay way);

/* What must hold at the end of a run that was let come to rest; a line for each breach, NULL if
 * there is none.  The caller frees it with g_free.  HOST_HELD_AT_REST is a breach unless the driver below
 * may pause the host for good. */
char *host_check_rest (const Host *host);
#define HOST_HELD_AT_REST "offloads wait for NDIS_STATUS_OFFLOAD_RESUME\n"
