/*
 * Connections on the wire: what was sent, what arrived, what was acknowledged, by stream offset.
 *
 * Direction   0 to the peer, 1 from it.
 * Order       The reader runs after the monitors.
 * Invariants  The sequence number of a stream's byte 0 is learned from the first segment with
 *             payload; before that, offsets are not known.
 */
#pragma once

#include "models/rules/table.h"
#include "sim/trace.h"

typedef struct RuleFlowSide {
  bool base_known;
  bool fin_sent;
  bool fin_arrived;
  bool acked_by_stale;  /* the furthest acknowledgment came with a segment that has nothing new */
  bool fin_acked;       /* the acknowledgment has arrived at this side's end */
  uint32_t base;        /* sequence number of offset 0 */
  uint64_t sent_end;    /* first transmissions reach to here */
  uint64_t arrived_end; /* the highest byte that arrived at the other end */
  uint64_t given_end;   /* what the application gave to send, whether it has left or not */
  /* Acknowledgments that arrived at this side reach to here.  Its end may take for sent what still
   * waits before the wire, and an attacker acknowledge that, but nothing beyond |given_end|. */
  uint64_t acked_end;
  uint64_t claimed_end; /* and to here, if nothing is left out */
  bool has_claim;       /* while the base is not known: the highest acknowledgment that arrived */
  uint32_t claim_seq;
  uint64_t fin_offset; /* of the FIN, if the base was known */
  uint32_t fin_seq;
  SimTime acked_when;
  uint64_t sent_at; /* records */
  uint64_t arrived_at;
  uint64_t acked_at;
  uint64_t fin_at;
} RuleFlowSide;

/* A segment that somebody said was sent and that has not been seen: it may still be in a queue
 * before the wire. */
typedef struct RuleOwed {
  bool is_owed;
  uint32_t ack; /* of an acknowledgment */
  uint32_t object;
  uint32_t wire; /* it leaves by, its actor */
  uint64_t at;
  SimTime since;
} RuleOwed;

/* Values of a push-timer record's |what|. */
enum { RULE_PUSH_STOPPED, RULE_PUSH_STARTED, RULE_PUSH_EXPIRED };

/* The push timer of the target's end, and what an expiry leaves to do. */
typedef struct RulePush {
  bool is_running;
  uint32_t nbl;     /* the receive it was started for */
  uint32_t due_nbl; /* the partly filled push receive on which it ran out, until that comes back */
  bool is_unserved; /* it ran out, and no partly filled receive has come back since */
  uint64_t at, due_at;
  SimTime due_when;
} RulePush;

/* The unusual segment that the connection's next target-segment is about. */
typedef struct RuleUnusual {
  bool is_next;
  bool is_fragment;
  bool is_forwarded;
  uint32_t seq, ack;
  int64_t flags, oddities, vlan_tag;
  uint64_t at;
} RuleUnusual;

/* Urgent data that the target holds, and what follows it. */
#define RULE_HELD_MAX 32
typedef struct RuleUrgent {
  bool is_held;
  bool is_unclear; /* something that was no segment for the target came as well */
  uint32_t limit;  /* no ACK goes beyond */
  uint64_t at;
  SimTime when;
  uint32_t n_held, n_up; /* segments with data: held, and passed up since */
  uint64_t offset[RULE_HELD_MAX];
} RuleUrgent;

/* What the target's end has received. */
typedef struct RuleReceived {
  bool is_known;
  bool is_owed; /* no acknowledgment has reached |rcv_nxt|, since |owed_when| */
  uint32_t rcv_nxt;
  uint32_t held; /* bytes beyond a gap */
  uint32_t snd_una;
  uint64_t at;
  SimTime owed_when;
} RuleReceived;

/* A change of the send backlog that the target holds, to tell it at |due|. */
typedef struct RuleBacklog {
  bool is_held;
  int64_t bytes;
  SimTime due;
  uint64_t at;
} RuleBacklog;

typedef struct RuleFlow {
  uint32_t connection;
  uint32_t object;     /* its TCP object in the target; 0: none yet */
  int8_t target_state; /* TCP_OFFLOAD_CONNECTION_STATE of the target's end; -1: not known */
  RuleFlowSide side[2];
  int8_t timestamps; /* of the target's segments: 1 with, -1 without, 0 not known */
  uint32_t ts_value; /* the last timestamp sent to the peer, by host or target; ts_at 0: none */
  uint32_t ts_seq;   /* of that segment */
  uint32_t ts_wire;  /* and of its wire the actor */
  uint64_t ts_at;
  uint32_t target_wire; /* the actor of the wire by which the target's last segment left */
  bool has_traffic;
  SimTime
      made_since[3]; /* by layer: what the target's last segment shows of it began; so does what */
  uint32_t outdated; /* the next does; and segments since that showed what was over already */
  bool ack_known;
  uint32_t last_ack; /* the furthest sent to the peer, by host or target */
  uint64_t last_ack_at;
  uint64_t prioritized_at; /* a frame with a priority has arrived; 0: none */
  bool target_sent_rst;
  bool peer_rst_arrived;
  bool urgent_arrived;
  uint64_t target_rst_at;
  uint64_t peer_rst_at;
  RuleOwed owed_ack;
  RuleOwed owed_rst;
  SimTime last_arrival; /* of payload from the peer */
  uint32_t push_seq;    /* after the last segment that said to push; valid if one did */
  bool has_push;
  uint32_t push_end;     /* after the furthest that did */
  uint64_t time_wait_at; /* the target's end entered TIME_WAIT; 0: no, or it has been dealt with */
  SimTime time_wait_when;
  bool window_known;
  uint32_t window_end; /* at least to here the last window reaches that was sent to the peer */
  bool cpu_known; /* the processor on which the target delivered last, and where that changed */
  uint32_t cpu;
  uint64_t cpu_at;
  RuleUnusual unusual;
  RuleUrgent urgent;
  RulePush push;
  RuleReceived received;
  RuleBacklog backlog;
  uint64_t given_up_at; /* the target met the segment that ended the connection, or an urgent one */
} RuleFlow;

typedef struct RuleFlows {
  RuleTable table;
} RuleFlows;

void rule_flows_init (RuleFlows *flows);
void rule_flows_clear (RuleFlows *flows);

RuleFlow *rule_flow_find (const RuleFlows *flows, uint32_t connection);
void rule_flows_on_record (RuleFlows *flows, const SimRecord *record, uint64_t at);

/* push-timer, received, backlog and target-segment. */
void rule_flows_on_delivery (RuleFlows *flows, const SimRecord *record, uint64_t at);

/* rule_flows_set_object: the connection is the target's, as |object|. */
void rule_flows_set_object (RuleFlows *flows, uint32_t connection, uint32_t object);

/* rule_flow_offset gives the stream offset of |seq|, near what was sent.  The base must be
 * known. */
uint64_t rule_flow_offset (const RuleFlowSide *side, uint32_t seq);
