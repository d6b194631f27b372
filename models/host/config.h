/*
 * Everything that a scenario may set about a host.
 *
 * Units       As each member says; "tick" is 1 / TicksPerSecond of the chimney parameters.
 * Owns        Distributions are borrowed for the run; a NULL cost takes the default of costs.def.
 * Errors      The loader checks ranges; a member out of its range asserts in host_new.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "models/host/cost.h"
#include "models/host/defect.h"
#include "models/ndis/oid.h"
#include "models/tcp/tcb.h"
#include "sim/dist.h"
#include "sim/time.h"

#define HOST_CPUS_MAX 64
#define HOST_POSTED_RECEIVES_MAX 64

/* Which connections share a state tree. */
typedef enum HostTreeShape {
  HOST_TREE_BY_PATH,     /* a tree for each path: its neighbor, the path, the connections */
  HOST_TREE_BY_NEIGHBOR, /* a tree for each neighbor, with all its paths */
  HOST_TREE_ONE,         /* one tree a batch: neighbors are siblings at the root */
  HOST_TREE_FLAT,        /* a tree for each connection */
  HOST_N_TREE_SHAPES,
} HostTreeShape;

/* How offload, upload and the other operations on many connections are cut up. */
typedef struct HostBatch {
  uint32_t size;   /* connections in a batch, 1 or more; 0: all in one */
  SimDuration gap; /* from the start of one batch to the start of the next, at least */
  HostTreeShape tree;
} HostBatch;

/* Stateless offloads of the ordinary path, to compare the chimney with. */
typedef struct HostStateless {
  bool checksum;      /* the NIC checks and makes checksums: the host books none */
  uint32_t lso_bytes; /* large send: payload of one segment handed down at most; 0: off */
  uint32_t
      coalesce_packets; /* receive coalescing: segments of one connection processed as one; 0: off */
  bool rss;             /* connections spread over the processors; off: all work on processor 0 */
} HostStateless;

/* What the host does when a target asks to upload a connection for one of the optional reasons
 * (LowActivity, HighDropRate, SmallIO, NoBufferPreposting, HighFragmentation,
 * HighOutOfOrderPackets). */
typedef enum HostOptionalRetrieve {
  HOST_OPTIONAL_UPLOAD,
  HOST_OPTIONAL_IGNORE,
} HostOptionalRetrieve;

/* Which connections the host offloads of its own accord. */
typedef enum HostChoice {
  HOST_CHOOSES_NONE,     /* events of the timeline decide */
  HOST_CHOOSES_ALL,      /* every connection, the first ones first */
  HOST_CHOOSES_BYTES,    /* those that have moved enough through the host; most first */
  HOST_CHOOSES_ACTIVITY, /* those that move enough in an interval; most first */
  HOST_CHOOSES_EACH,     /* each, once, as soon as it has moved enough, whatever the others do */
} HostChoice;

/* What makes room when the target has none. */
typedef enum HostEviction {
  HOST_EVICTS_NONE,
  HOST_EVICTS_LRU, /* those that have rested longest, for others that do not rest */
} HostEviction;

/* Units: times; bytes both ways, as applications give and get them. */
typedef struct HostChooser {
  HostChoice choice;
  HostEviction eviction;
  SimDuration interval;     /* from one look to the next */
  uint64_t after_bytes;     /* BYTES, EACH: through the host, since it had the connection last */
  uint64_t active_bytes;    /* ACTIVITY: in an interval */
  SimDuration idle_max;     /* an offloaded connection that rests so long is uploaded; 0: never */
  SimDuration back_off;     /* before a connection that came back, or was refused, is tried again */
  SimDuration back_off_max; /* it doubles each time, up to this */
} HostChooser;

typedef struct HostOffloadPolicy {
  HostChooser chooser;
  uint32_t max_outstanding_initiates;  /* trees, 1 or more; 0: no limit */
  uint32_t max_outstanding_terminates; /* trees; 0: no limit */
  HostBatch batch;                     /* where an event names none */
  HostOptionalRetrieve optional_reasons;
  bool
      offload_again; /* after RESUME or the return to D0: what an UPLOAD_ALL or a power change took away */
  SimDuration
      retry_delay;      /* before a connection is initiated again that failed; with retries_max */
  uint32_t retries_max; /* per connection and offload event; 0: never */
} HostOffloadPolicy;

/* How applications wait for data.  A group of connections may have its own, but for |return_delay|,
 * which is the host's. */
typedef enum HostReceiveStyle {
  HOST_RECEIVE_PRE_POST,          /* requests are always posted */
  HOST_RECEIVE_INDICATE_AND_POST, /* nothing is posted until data has been indicated */
} HostReceiveStyle;

typedef struct HostReceivePolicy {
  HostReceiveStyle style;
  uint32_t posted_requests; /* pre-post: requests kept posted, 1 to HOST_POSTED_RECEIVES_MAX */
  uint32_t request_bytes;   /* memory of each request, 1 or more */
  bool push;        /* push mode: a PSH or the push timer completes a partly filled request */
  bool prefilled;   /* nonpush: a request that the host has begun to fill goes down as it is */
  bool zero_length; /* indicate-and-post: a request of no bytes asks for a second indication */
  bool
      accept_indications; /* indicate-and-post: take the indicated data as it is; false: refuse it and post */
  uint32_t
      accept_bytes; /* with accept_indications: take this much of an indication and post for the rest; 0: all */
  SimDuration
      return_delay; /* before an accepted indication's buffer list is given back; rounded to the next work item */
  uint32_t RcvIndicationSize; /* bytes; 0: no wish */
} HostReceivePolicy;

typedef struct HostSendPolicy {
  uint32_t backlog_bytes; /* outstanding bytes at which an application stops writing, 1 or more */
  bool nagle;             /* false: off, whatever a connection's group says */
  bool with_disconnect; /* what is left when an application closes goes down with the disconnect */
} HostSendPolicy;

/* Keepalive as an application asks for it; it becomes cached TCP state. */
typedef struct HostKeepalive {
  bool enabled;
  uint32_t KaTimeout, KaInterval; /* ticks */
  uint8_t KaProbeCount;
  uint32_t MaxRT; /* ticks; 0: TcpMaximumRetransmissions; 0xFFFFFFFF: no limit */
} HostKeepalive;

/* Neighbor unreachability detection, RFC 4861 10. */
typedef struct HostNud {
  SimDuration reachable;         /* how long a proof counts; 0: for ever */
  SimDuration delay_first_probe; /* in doubt, before the next hop is asked */
  SimDuration retransmit;        /* from one question to the next */
  uint32_t unicast_probes, multicast_probes;
} HostNud;

typedef struct HostConfig {
  uint32_t n_cpus; /* 1 to HOST_CPUS_MAX */
  int64_t clock_hz;
  const SimDist *cost[HOST_N_COSTS]; /* cycles, see costs.def */
  HostStateless stateless;
  TcpConfig tcp; /* of the host's own TCP */
  bool chimney;  /* false: nothing is ever offloaded (the twin); offload events end as done */
  NDIS_TCP_CONNECTION_OFFLOAD_PARAMETERS parameters; /* set by OID before the first initiate */
  NDIS_OID parameters_oid; /* OID_TCP_CONNECTION_OFFLOAD_PARAMETERS, or its older name */
  HostOffloadPolicy offload;
  HostReceivePolicy receive;
  HostSendPolicy send;
  HostKeepalive keepalive;
  HostNud nud;
  uint8_t TtlOrHopLimit, TosOrTrafficClass, UserPriority;
  uint32_t defects;       /* HOST_DEFECT_BIT set */
  uint32_t n_connections; /* ids are below this */
  uint32_t actor_id;      /* of the host; HOST_ACTORS follow it */
} HostConfig;

/* Actor ids used: the host's, one for each processor, one for each connection. */
#define HOST_ACTORS(config) (1 + (config)->n_cpus + (config)->n_connections)

/* host_config_default is a host of the chimney era with everything set, ready to be changed. */
HostConfig host_config_default (void);
